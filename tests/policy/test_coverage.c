/* coverage: rules that decide, match or never do; clauses seen both ways, only where asked. */
#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(coverage, .init = start, .fini = stop);

static void cover(struct coverage *c, const struct bundle *b, const char *json)
{
	struct question q = policy_kit_ask(&kit, json);
	struct ruling r;

	cr_assert_eq(question_decide(b, &q, &kit.memory, &r), OK);
	cr_assert_eq(coverage_add(c, b, &q, &r, &kit.memory), OK);
}

Test(coverage, tells_deciding_from_matching_from_never)
{
	struct bundle *b = policy_kit_load(
		&kit,
		POLICY_KIT_HEAD "rules:\n"
				"- {name: first, action: deny, condition: args.n > 1, "
				"priority: 1}\n"
				"- {name: second, action: allow, condition: args.n > 0}\n"
				"- {name: third, action: deny, tools: [other]}\n",
		NULL);
	struct coverage c;

	cr_assert_eq(coverage_open(b, &kit.memory, &c), OK);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"n\":2}}");
	cr_assert_eq(c.count, 3);
	cr_expect(c.rules[0].decided == 1 && c.rules[0].matched == 1);
	cr_expect(c.rules[1].decided == 0 && c.rules[1].matched == 1);
	cr_expect(c.rules[2].decided == 0 && c.rules[2].matched == 0);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"n\":1}}");
	cr_expect_eq(c.rules[1].decided, 1);
	cr_expect_eq(c.rules[0].clauses[0].seen, 1u << TRUTH_TRUE | 1u << TRUTH_FALSE);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\"}");
	cr_expect_eq(c.rules[0].decided, 2, "a denying rule decides when it is undecidable");
	cr_expect_eq(c.rules[0].clauses[0].seen,
		     1u << TRUTH_TRUE | 1u << TRUTH_FALSE | 1u << TRUTH_ERROR);
}

Test(coverage, a_clause_that_was_skipped_was_not_seen)
{
	struct bundle *b = policy_kit_load(&kit,
					   POLICY_KIT_HEAD
					   "rules: [{name: r, action: allow, tools: [t], "
					   "condition: args.a and not (args.b or args.c)}]\n",
					   NULL);
	struct coverage c;

	cr_assert_eq(coverage_open(b, &kit.memory, &c), OK);
	cr_assert_eq(c.rules[0].clause_count, 4);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"u\",\"args\":{\"a\":true}}");
	cr_expect_eq(c.rules[0].clauses[1].seen, 0);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"a\":true,\"b\":true}}");
	cr_expect_eq(c.rules[0].clauses[2].seen, 1u << TRUTH_TRUE);
	cr_expect_eq(c.rules[0].clauses[3].seen, 0);
	cr_expect(str_is(c.rules[0].clauses[0].text, "action.type is one of t"));
	cr_expect(str_is(c.rules[0].clauses[3].text, "args.c"));
	cr_expect_eq(c.rules[0].clauses[3].column, 27);
}
