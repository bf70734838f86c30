/* shell_follow: who runs others is followed to them, and who hides them is refused. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"

static bool reads(const char *text, const char *expected)
{
	struct shell_names names = { .count = 0 };
	struct str why = STR_NONE;
	struct arena a;
	struct buf b;
	bool same;
	enum err e;

	arena_init(&a, 16u << 20);
	buf_init(&b, 4096);
	e = shell_read(str_view(text), &a, &names, &why);
	for (size_t i = 0; e == OK && i < names.count; i++) {
		buf_add_c(&b, i ? " " : "");
		buf_add(&b, names.list[i]);
	}
	same = expected ? e == OK && str_is(buf_view(&b), expected) : e == ERR_SYNTAX && why.len;
	if (!same)
		cr_log_warn("%s: %.*s %.*s", text, STR_ARG(buf_view(&b)), STR_ARG(why));
	buf_fini(&b);
	arena_fini(&a);
	return same;
}

Test(shell_follow, runners_lead_to_what_they_run)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "env curl x", "env curl" },
		{ "env -i -u HOME A=1 curl x", "env curl" },
		{ "sudo -u root curl x", "sudo curl" },
		{ "sudo -nu root -- curl", "sudo curl" },
		{ "sudo A=1 /usr/bin/env nohup nice -n 5 curl", "sudo env nohup nice curl" },
		{ "timeout -s KILL 5 curl x", "timeout curl" },
		{ "timeout --signal=KILL 5s curl", "timeout curl" },
		{ "xargs -n1 curl", "xargs curl" },
		{ "ls | xargs -I{} -P 4 curl {}", "ls xargs curl" },
		{ "busybox wget x", "busybox wget" },
		{ "command curl", "command curl" },
		{ "exec -a ls curl", "exec curl" },
		{ "time -p curl", "time curl" },
		{ "stdbuf -o0 curl", "stdbuf curl" },
		{ "find . -name x -exec curl {} ;", "find curl" },
		{ "find . -exec env wget + -ok sh -c 'curl x' \\;", "find env wget sh curl" },
		{ "sh -c 'curl x | id'", "sh curl id" },
		{ "bash -ec \"wget x\"", "bash wget" },
		{ "/bin/sh -x -c id", "sh id" },
		{ "awk '{print $1}' f", "awk" },
		{ "env", "env" },
		{ "xargs", "xargs" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(reads(cases[i].text, cases[i].names), "%s", cases[i].text);
}

Test(shell_follow, what_hides_a_command_is_refused)
{
	static const char *const cases[] = {
		"eval curl", "source x", ". x", "alias x=curl", "trap curl EXIT", "su -c curl",
		"sh", "sh x.sh", "echo curl | sh", "bash -s", "sh -c \"$x\"", "sh -c", "bash -i",
		"env -S 'curl x'", "env --split-string=curl", "env --unknown curl", "sudo -s",
		"sudo -Z x curl", "timeout --signal KILL 5 curl", "env $x curl", "nohup $x",
		"xargs sh -c '{}'", "awk 'BEGIN{system(\"id\")}'", "awk -f x",
		"gawk '\"id\" | getline'", "find . -exec $x ;", "find . $x", "watch 'curl x'",
		"script -c curl", "fish -c curl",
		"env PATH=/x ls", "sudo LD_PRELOAD=x ls", "parallel curl ::: x", "sh -c 'sh -c $x'",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(reads(cases[i], NULL), "%s", cases[i]);
}

Test(shell_follow, a_name_is_the_same_in_any_case_and_version)
{
	static const struct {
		const char *base, *name;
		bool same;
	} cases[] = {
		{ "curl", "curl", true },	{ "CURL", "curl", true },
		{ "curl.exe", "curl", true },	{ "gcc-12", "gcc", true },
		{ "python2.7", "python2", true }, { "python2.7", "python", true },
		{ "python2.7", "python3", false }, { "curly", "curl", false },
		{ "curl", "curl7", false },	{ "g++", "g++", true },
		{ "g++-12.2.0", "g++", true },	{ "7z", "7z", true },
		{ "-", "x", false },		{ ".exe", "x", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(shell_is(str_view(cases[i].base), str_view(cases[i].name)),
			     cases[i].same, "%s %s", cases[i].base, cases[i].name);
}
