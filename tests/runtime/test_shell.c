/* shell: texts are split as a shell splits them, and what cannot be followed is refused. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

static struct arena memory;

static void setup(void)
{
	arena_init(&memory, 64u << 20);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(shell, .init = setup, .fini = teardown);

/* The names with blanks between, or what refuses the text behind "!". */
static struct str read(const char *text)
{
	struct shell_names names = { .count = 0 };
	struct str why = STR_NONE, got;
	struct buf b;
	enum err e = shell_read(str_view(text), &memory, &names, &why);

	buf_init(&b, 4096);
	if (e != OK) {
		buf_add_c(&b, "!");
		buf_add(&b, why);
	}
	for (size_t i = 0; e == OK && i < names.count; i++) {
		buf_add_c(&b, i ? " " : "");
		buf_add(&b, names.list[i]);
	}
	cr_assert_eq(arena_copy(&memory, buf_view(&b), &got), OK);
	buf_fini(&b);
	return got;
}

Test(shell, every_command_is_found_wherever_it_stands)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "ls -la", "ls" },
		{ "  curl x", "curl" },
		{ "/usr/bin/curl x", "curl" },
		{ "./curl", "curl" },
		{ "\"curl\" x", "curl" },
		{ "'curl' x", "curl" },
		{ "cu\\rl x", "curl" },
		{ "c'u'\"r\"l x", "curl" },
		{ "cu\\\nrl x", "curl" },
		{ ";curl", "curl" },
		{ "a;b&c&&d||e|f\ng", "a b c d e f g" },
		{ "cURL;;;&&|", "cURL" },
		{ "A=1 B=2 curl x", "curl" },
		{ "(a; b) | { c; }", "a b c" },
		{ "echo $(curl x)", "curl echo" },
		{ "echo \"a $(curl \"$x\") b\"", "curl echo" },
		{ "echo `curl x`", "curl echo" },
		{ "echo `echo \\`curl\\``", "curl echo echo" },
		{ "echo '$(curl)'", "echo" },
		{ "echo \\$(curl)", "echo curl" },
		{ "cat <(curl x) >(tee y)", "curl tee cat" },
		{ ">out 2>&1 curl x <in", "curl" },
		{ "ls 2>/dev/null >$(curl)", "curl ls" },
		{ "if a; then b; elif c; then d; else e; fi", "a b c d e" },
		{ "while a; do b; done; until ! c; do d; done", "a b c d" },
		{ "for x in curl wget; do ls $x; done", "ls" },
		{ "f() { curl; }; f", "curl f" },
		{ "ls # curl", "ls" },
		{ "ls x#y; curl", "ls curl" },
		{ "ls # x\ncurl", "ls curl" },
		{ "ls ${HOME} $x $? \"$@\"", "ls" },
		{ "! curl", "curl" },
		{ "ls &>out; curl", "ls curl" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = read(cases[i].text);

		cr_expect(str_is(got, cases[i].names), "%s: %.*s", cases[i].text, STR_ARG(got));
	}
}

Test(shell, what_cannot_be_followed_is_refused)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "it holds no command" },
		{ " \t\n", "it holds no command" },
		{ "A=1", "it holds no command" },
		{ "'curl", "a quote is not closed" },
		{ "\"curl", "a quote is not closed" },
		{ "echo `curl", "a backtick is not closed" },
		{ "echo $(curl", "a parenthesis is not closed" },
		{ "(curl", "a parenthesis is not closed" },
		{ "curl)", "a parenthesis stands where none may" },
		{ "x=(curl)", "a parenthesis stands where none may" },
		{ "curl \\", "it ends in a backslash" },
		{ "$x y", "it hides which command runs" },
		{ "$(curl x)", "it hides which command runs" },
		{ "`curl x`", "it hides which command runs" },
		{ "c${x}url", "it hides which command runs" },
		{ "cur?", "it hides which command runs" },
		{ "/usr/bin/c*l", "it hides which command runs" },
		{ "{curl,x}", "it hides which command runs" },
		{ "'curl x'", "it hides which command runs" },
		{ "\xD1\x81url", "it hides which command runs" },
		{ "echo $((1+1))", "arithmetic cannot be followed" },
		{ "echo ${x:-$(curl)}", "an expansion within ${}" },
		{ "$'\\x63url'", "a $ before a quote" },
		{ "sh <<EOF\ncurl\nEOF", "a document in the text" },
		{ "sh <<<curl", "a document in the text" },
		{ "case x in x) curl;; esac", "a compound command cannot be followed" },
		{ "ls >", "a redirection leads nowhere" },
		{ "curl\r", "it holds a control character" },
		{ "./", "a folder is no command" },
		{ "PATH=/evil ls", "it changes what names mean" },
		{ "LD_PRELOAD=x ls", "it changes what programs do" },
		{ "((((((((((((((((((a))))))))))))))))))", "it nests too deep" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = read(cases[i].text);

		cr_expect(got.len > 0 && got.ptr[0] == '!' && str_has(got, str_view(cases[i].why)),
			  "%s: %.*s", cases[i].text, STR_ARG(got));
	}
}

Test(shell, a_text_has_a_longest)
{
	char text[LIMIT_COMMAND_BYTES + 2];

	memset(text, ' ', sizeof(text));
	text[0] = 'a';
	text[sizeof(text) - 1] = '\0';
	cr_expect(str_has(read(text), STR("it is too long")));
	text[LIMIT_COMMAND_BYTES] = '\0';
	cr_expect_eq(read(text).ptr[0], 'a');
}

Test(shell, arguments_that_no_shell_splits_are_not_split)
{
	static const struct str argv[] = { { "env", 3 }, { "curl", 4 }, { "x; wget", 7 } };
	struct shell_names names;
	struct str why;

	cr_assert_eq(shell_read_argv(argv, 3, &memory, &names, &why), OK);
	cr_expect_eq(names.count, 2);
	cr_expect(str_is(names.list[1], "curl"));
	cr_expect_eq(shell_read_argv(argv, 0, &memory, &names, &why), ERR_SYNTAX);
	cr_expect_eq(shell_read_argv(argv + 2, 1, &memory, &names, &why), ERR_SYNTAX);
}

Test(shell, reading_survives_every_failing_allocation)
{
	static const char text[] = "a | env -u x b $(c `d`) 'e f' \"g $h\" && sh -c 'i; j'";

	for (uint64_t i = 1;; i++) {
		struct arena a;
		struct shell_names names;
		struct str why;
		enum err e;

		arena_init(&a, 1u << 20);
		fail_alloc_at(i);
		e = shell_read(str_view(text), &a, &names, &why);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert_eq(names.count, 8);
			arena_fini(&a);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "%s", err_name(e));
		arena_fini(&a);
	}
}
