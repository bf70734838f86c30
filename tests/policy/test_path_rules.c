/* path_rules: folders are absolute and written in one way; what is wrong is said with its place. */
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

TestSuite(path_rules, .init = setup, .fini = teardown);

Test(path_rules, a_rule_names_an_argument_and_its_folders)
{
	struct bundle *b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD "paths:\n  - {tools: [read], of: args.file, below: [/srv, /]}\n",
		POLICY_KIT_OTHER "paths: [{tools: [w*], agents: [a], of: args.to, below: [/o]}]\n");
	struct member file = { .key = STR("file"), .value = value_string(STR("x")) };
	struct value args = { .kind = VALUE_OBJECT, .object = { &file, 1 } };
	struct path_terms terms;

	cr_assert_eq(bundle_paths(b), 2);
	cr_expect(bundle_path_holds(b, 0, STR("x"), STR("read")));
	cr_expect(!bundle_path_holds(b, 1, STR("x"), STR("write")));
	cr_expect(bundle_path_holds(b, 1, STR("a"), STR("write")));
	cr_assert_eq(bundle_path(b, 0, &args, &k.memory, &terms), OK);
	cr_expect(terms.value && str_is(terms.value->string, "x") && str_is(terms.of, "args.file"));
	cr_assert_eq(terms.root_count, 2);
	cr_expect(str_is(terms.roots[0], "/srv") && str_is(terms.roots[1], "/"));
	cr_assert_eq(bundle_path(b, 1, NULL, &k.memory, &terms), OK);
	cr_expect(!terms.value);
}

Test(path_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
	} cases[] = {
		{ "paths: {}\n", "expected a list of rules of paths" },
		{ "paths: [5]\n", "expected a mapping" },
		{ "paths: [{of: args.f, below: [/a]}]\n", "has no 'tools'" },
		{ "paths: [{tools: [t], below: [/a]}]\n", "has no 'of'" },
		{ "paths: [{tools: [t], of: args.f}]\n", "has no 'below'" },
		{ "paths: [{tools: [t], of: args.f, below: []}]\n", "which allows nothing" },
		{ "paths: [{tools: [t], of: args.f, below: [a]}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: [/a/]}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: [//a]}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: [/a//b]}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: [/a/../b]}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: [/a/.]}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: ['//']}]\n", "is no folder" },
		{ "paths: [{tools: [t], of: args.f, below: [\"/a\\0\"]}]\n", "" },
		{ "paths: [{tools: [t], of: resource, below: [/a]}]\n", "is no argument" },
		{ "paths: [{tools: [t], off: args.f, below: [/a]}]\n", "did you mean 'of'?" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		struct policy_file file = { .name = STR("a.yaml") };
		struct note n = { .text = "" };
		struct bundle *b;

		(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", cases[i].keys);
		file.content = str_view(text);
		cr_expect_neq(bundle_load(&file, 1, &k.memory, &b, &n), OK, "%s", cases[i].keys);
		cr_expect(strstr(n.text, cases[i].text), "%s: %s", cases[i].keys, n.text);
		cr_expect_eq(n.line, 3);
	}
}
