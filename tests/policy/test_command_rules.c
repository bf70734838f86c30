/* command_rules: what may run, by name. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

static struct policy_kit k;

static void setup(void)
{
	policy_kit_init(&k);
}

static void teardown(void)
{
	policy_kit_fini(&k);
}

TestSuite(command_rules, .init = setup, .fini = teardown);

Test(command_rules, a_name_passes_when_it_is_allowed_and_not_denied)
{
	struct bundle *b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD "commands:\n"
				"  - {tools: [shell.run], of: args.command, deny: [curl, gcc]}\n"
				"  - {tools: [git.*], agents: [a-*], of: args.argv,\n"
				"     allow: [git]}\n",
		NULL);
	struct str matched;

	cr_assert_eq(bundle_commands(b), 2);
	cr_expect(bundle_command_holds(b, 0, STR("x"), STR("shell.run")));
	cr_expect(!bundle_command_holds(b, 0, STR("x"), STR("git.x")));
	cr_expect(!bundle_command_holds(b, 1, STR("x"), STR("git.x")));
	cr_expect(bundle_command_passes(b, 0, STR("ls"), &matched));
	cr_expect(!bundle_command_passes(b, 0, STR("gcc-12"), &matched));
	cr_expect(str_is(matched, "gcc"));
	cr_expect(bundle_command_passes(b, 1, STR("git"), &matched));
	cr_expect(!bundle_command_passes(b, 1, STR("git2"), &matched) && !matched.ptr);
	cr_expect(!bundle_command_passes(b, 1, STR("GIT"), &matched));
	cr_expect_null(bundle_command_text(b, 0, NULL));
}

Test(command_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
	} cases[] = {
		{ "commands: {}\n", "expected a list of rules of commands" },
		{ "commands: [5]\n", "expected a mapping" },
		{ "commands: [{of: args.c, deny: [x]}]\n", "has no 'tools'" },
		{ "commands: [{tools: [t], deny: [x]}]\n", "has no 'of'" },
		{ "commands: [{tools: [t], of: args.c}]\n", "neither 'deny' nor 'allow'" },
		{ "commands: [{tools: [t], of: agent.id, deny: [x]}]\n", "is no argument" },
		{ "commands: [{tools: [t], of: args.c, deny: [/bin/x]}]\n", "is no name" },
		{ "commands: [{tools: [t], of: args.c, deny: ['x y']}]\n", "is no name" },
		{ "commands: [{tools: [t], of: args.c, deny: ['x*']}]\n", "is no name" },
		{ "commands: [{tools: [t], of: args.c, denny: [x]}]\n", "'deny'?" },
		{ "commands: [{tools: [t], of: args.c, deny: [x], from: [bin]}]\n",
		  "is no folder" },
		{ "commands: [{tools: [t], of: args.c, deny: [x], from: [/bin/]}]\n",
		  "is no folder" },
		{ "commands: [{tools: [t], of: args.c, deny: [x], from: []}]\n",
		  "no program could be found" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		struct policy_file file = { .name = STR("p.yaml") };
		struct note n = { .column = 0 };
		struct bundle *b;

		(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", cases[i].keys);
		file.content = str_view(text);
		cr_assert_neq(bundle_load(&file, 1, &k.memory, &b, &n), OK, "%s", cases[i].keys);
		cr_expect(strstr(n.text, cases[i].text), "%s: %s", cases[i].keys, n.text);
		cr_expect_eq(n.line, 3);
	}
}
