/* capability_rules: whom a rule of capabilities holds for, and what it leaves them. */
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

TestSuite(capability_rules, .init = setup, .fini = teardown);

Test(capability_rules, a_rule_holds_for_the_agents_it_names)
{
	struct bundle *b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD "capabilities:\n"
				"  - {agents: [a-*], may: [look, \"db:*\", -db:secrets, look]}\n"
				"  - {may: []}\n",
		NULL);

	cr_assert_eq(bundle_capabilities(b), 2);
	cr_expect(str_is(bundle_capability(b, 0, STR("a-1")), "db:*,look,-db:secrets"));
	cr_expect_null(bundle_capability(b, 0, STR("b")).ptr);
	cr_expect(bundle_capability(b, 1, STR("b")).ptr && !bundle_capability(b, 1, STR("b")).len);
}

Test(capability_rules, without_the_key_nobody_is_bound)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD "rules: []\n", NULL);

	cr_expect_eq(bundle_capabilities(b), 0);
	cr_expect(!bundle_wants_credential(b));
	b = policy_kit_load(&k, POLICY_KIT_HEAD "require_credential: true\n", NULL);
	cr_expect(bundle_wants_credential(b));
}

Test(capability_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
		unsigned line, column;
	} cases[] = {
		{ "capabilities: {}\n", "expected a list of rules of capabilities", 3, 15 },
		{ "capabilities: [5]\n", "expected a mapping", 3, 16 },
		{ "capabilities: [{agents: [a]}]\n", "has no 'may'", 3, 16 },
		{ "capabilities: [{may: look}]\n", "expected a list of capabilities", 3, 22 },
		{ "capabilities: [{may: [a, 'b c']}]\n", "'b c' is no capability", 3, 26 },
		{ "capabilities: [{may: [a, 5]}]\n", "a capability is a string", 3, 26 },
		{ "capabilities: [{mey: [a]}]\n", "did you mean 'may'?", 3, 17 },
		{ "capabilities: [{may: [], agents: []}]\n", "leave the key out to mean all", 3,
		  34 },
		{ "require_credential: 1\n", "expected true or false", 3, 21 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_file file = { STR("p.yaml"), STR_NONE };
		struct bundle *b;
		struct note n;
		char text[256];

		(void)snprintf(text, sizeof(text), "%s%s", POLICY_KIT_HEAD, cases[i].keys);
		file.content = str_view(text);
		n = (struct note){ .text = "" };
		cr_expect_neq(bundle_load(&file, 1, &k.memory, &b, &n), OK, "%s", text);
		cr_expect(str_has(str_view(n.text), str_view(cases[i].text)), "%s: %s", text,
			  n.text);
		cr_expect_eq(n.line, cases[i].line, "%s: line %u", text, n.line);
		cr_expect_eq(n.column, cases[i].column, "%s: column %u", text, n.column);
	}
}
