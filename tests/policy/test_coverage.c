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

/* --- Cedar --- */

static struct bundle *load_cedar(const char *text)
{
	struct policy_file file = { STR("c.cedar"), str_view(text) };
	struct bundle *b;
	struct note n = { .line = 0 };

	cr_assert_eq(bundle_load(&file, 1, &kit.memory, &b, &n), OK, "%u:%u: %s", n.line, n.column,
		     n.text);
	return b;
}

#define YES   (1u << TRUTH_TRUE)
#define NO    (1u << TRUTH_FALSE)
#define ERROR (1u << TRUTH_ERROR)

Test(coverage, policies_of_cedar_hold_or_never_do)
{
	struct bundle *b = load_cedar(
		"permit(principal, action, resource);\n"
		"@id(\"never\")\nforbid(principal, action == Action::\"x\", resource);\n"
		"permit(principal, action == Action::\"t\", resource);");
	struct coverage c;

	cr_assert_eq(coverage_open(b, &kit.memory, &c), OK);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\"}");
	cr_assert_eq(c.count, 3);
	cr_expect(c.rules[0].decided == 1 && c.rules[0].matched == 1);
	cr_expect(c.rules[1].decided == 0 && c.rules[1].matched == 0);
	cr_expect(c.rules[2].decided == 0 && c.rules[2].matched == 1);
	cr_expect(str_is(c.rules[1].rule, "c.cedar/never") && str_is(c.rules[1].file, "c.cedar"));
	cr_expect_eq(c.rules[1].line, 2);
}

Test(coverage, clauses_of_cedar_are_seen_where_they_are_asked)
{
	struct bundle *b = load_cedar(
		"permit(principal, action == Action::\"t\", resource)\n"
		"when { context.args.a && (context.args.b || context.args.c) }\n"
		"unless { if context.args.d then context.args.e else context.args.f };");
	struct coverage c;
	const struct coverage_clause *seen;

	cr_assert_eq(coverage_open(b, &kit.memory, &c), OK);
	seen = c.rules[0].clauses;
	cr_assert_eq(c.rules[0].clause_count, 7);
	cr_expect(str_is(seen[0].text, "action == Action::\"t\"") && seen[0].line == 1);
	cr_expect(str_is(seen[2].text, "context.args.b") && seen[2].line == 2);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"u\",\"args\":{\"a\":true}}");
	cr_expect(seen[0].seen == NO && seen[1].seen == 0);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"a\":false,\"b\":true}}");
	cr_expect(seen[0].seen == (YES | NO) && seen[1].seen == NO && seen[2].seen == 0);
	cover(&c, b,
	      "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"a\":true,\"b\":true,\"d\":false,"
	      "\"e\":true,\"f\":true}}");
	cr_expect(seen[2].seen == YES && seen[3].seen == 0);
	cr_expect(seen[4].seen == NO && seen[5].seen == 0 && seen[6].seen == YES);
	cr_expect_eq(c.rules[0].matched, 0);
	cover(&c, b,
	      "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"a\":true,\"b\":false,\"c\":true,"
	      "\"d\":true,\"e\":false}}");
	cr_expect(seen[3].seen == YES && seen[5].seen == NO && c.rules[0].matched == 1);
	cover(&c, b, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"a\":true,\"b\":1}}");
	cr_expect(seen[2].seen == (YES | NO | ERROR) && seen[3].seen == YES);
}

Test(coverage, no_memory_for_cedar_is_an_error)
{
	struct bundle *b = load_cedar(
		"permit(principal, action, resource) when { context.args.a };");
	struct question q = policy_kit_ask(&kit, "{\"agent\":\"a\",\"action\":\"t\"}");
	struct ruling r;

	cr_assert_eq(question_decide(b, &q, &kit.memory, &r), OK);
	for (size_t cap = 0;; cap += 64) {
		struct coverage c;
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = coverage_open(b, &a, &c);
		if (e == OK)
			e = coverage_add(&c, b, &q, &r, &a);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
}
