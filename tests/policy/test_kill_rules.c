/* kill_rules: what counts, whom it kills, and what is refused at load. */
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

TestSuite(kill_rules, .init = setup, .fini = teardown);

Test(kill_rules, a_rule_counts_denials_or_lasts)
{
	struct bundle *b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD
		"kill_on:\n  - {name: a, stages: [ring], denials: 5/minute, kill: agent}\n"
		"  - {name: b, tools: [pay], denials: 1/day, kill: session}\n",
		POLICY_KIT_OTHER "kill_on: [{name: a, after: 60, kill: session}]\n");
	const struct kill_terms *terms;

	cr_assert_eq(bundle_kills(b), 3);
	terms = bundle_kill(b, 0, STR("x"), STR("y"));
	cr_assert(terms && terms->scope == HALT_AGENT && terms->denials.count == 5);
	cr_expect(str_is(terms->key, "p/kill_on/a"));
	cr_expect(bundle_kill_counts(b, 0, STR("ring")) && !bundle_kill_counts(b, 0, STR("quota")));
	cr_expect_null(bundle_kill(b, 1, STR("x"), STR("look")));
	cr_expect(bundle_kill_counts(b, 1, STR("quota")) && bundle_kill_counts(b, 1, STR("trust")));
	cr_expect(!bundle_kill_counts(b, 1, STR("identify")));
	terms = bundle_kill(b, 2, STR("x"), STR("y"));
	cr_expect(terms && terms->after_ns == INT64_C(60000000000) && terms->scope == HALT_SESSION);
	cr_expect(str_is(terms->key, "q/kill_on/a"));
}

Test(kill_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
	} cases[] = {
		{ "kill_on: {}\n", "expected a list of mappings" },
		{ "kill_on: [5]\n", "expected a mapping" },
		{ "kill_on: [{denials: 1/day, kill: agent}]\n", "name" },
		{ "kill_on: [{name: a, denials: 1/day}]\n", "has no 'kill'" },
		{ "kill_on: [{name: a, kill: agent}]\n", "has no 'denials'" },
		{ "kill_on: [{name: a, denials: 0/day, kill: agent}]\n",
		  "is no number in a period" },
		{ "kill_on: [{name: a, denials: 5, kill: agent}]\n", "'denials' is integer" },
		{ "kill_on: [{name: a, denials: 1/day, kill: all}]\n", "unknown kill 'all'" },
		{ "kill_on: [{name: a, denials: 1/day, kill: agent, stages: [read]}]\n",
		  "unknown stage 'read'" },
		{ "kill_on: [{name: a, after: 60, kill: agent}]\n", "belongs to kill: session" },
		{ "kill_on: [{name: a, after: 60, denials: 1/day, kill: session}]\n",
		  "belongs to" },
		{ "kill_on: [{name: a, after: 0, kill: session}]\n", "expected 1 to 604800" },
		{ "kill_on: [{name: a, after: 9, kill: session}, {name: a, after: 8, kill: "
		  "session}]\n",
		  "have one name" },
		{ "kill_on: [{name: a, denial: 1/day, kill: agent}]\n", "did you mean 'denials'?" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
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
