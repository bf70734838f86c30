/* considered: the record of a trial, by hand; test_naive holds it to random bundles. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/json.h"
#include "engine/base/runs.h"
#include "engine/policy/policy.h"
#include "tests/kit/policy_kit.h"
#include "tests/policy/naive.h"

static struct policy_kit k;

static void start(void)
{
	policy_kit_init(&k);
}

static void stop(void)
{
	policy_kit_fini(&k);
}

TestSuite(considered, .init = start, .fini = stop);

static struct ruling decide(const struct bundle *b, const char *agent, const char *request)
{
	struct ruling r;
	struct value v;

	cr_assert_eq(json_read(str_view(request), 1, &k.memory, &v, NULL), OK);
	cr_assert_eq(bundle_decide(b, POLICY_PRE_TOOL, str_view(agent), &v, &k.memory, &r), OK);
	return r;
}

static void expect(struct ruling r, const char *considered, uint64_t cost)
{
	cr_expect(str_is(r.considered, considered), "%.*s is not %s", STR_ARG(r.considered),
		  considered);
	cr_expect_eq(r.cost, cost, "%s: %d", considered, (int)r.cost);
}

#define PAY "{\"action\":{\"type\":\"pay\"},\"args\":{\"n\":5}}"

static const char five[] = POLICY_KIT_HEAD
	"rules:\n"
	"  - {name: a, tools: [x], action: deny}\n"
	"  - {name: b, condition: 'args.missing > 1 or args.n > 9', action: allow}\n"
	"  - {name: c, condition: args.n == 5, action: allow}\n"
	"  - {name: d, action: deny}\n";

/* Behind the first match nothing is considered; a rule costs one, and so does each comparison. */
Test(considered, goes_to_the_first_match)
{
	struct bundle *b = policy_kit_load(&k, five, NULL);

	expect(decide(b, "x", PAY), "fet", 2 + 3 + 2);
	expect(decide(b, "x", "{\"action\":{\"type\":\"x\"}}"), "t", 2);
	expect(decide(b, "x", "{\"action\":{\"type\":\"y\"},\"args\":{\"n\":10}}"), "ft", 2 + 3);
	expect(decide(b, "x", "{\"action\":{\"type\":\"y\"},\"args\":{\"n\":\"\"}}"), "feft", 8);
	cr_expect_eq(decide(b, "x", PAY).floor_count, 0);
}

Test(considered, is_all_rules_when_none_matches)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD
					   "rules:\n"
					   "  - {name: a, tools: [x], action: deny}\n"
					   "  - {name: b, tools: [x], action: deny}\n", NULL);

	expect(decide(b, "x", PAY), "f2", 4);
	expect(decide(policy_kit_load(&k, POLICY_KIT_HEAD "rules: []\n", NULL), "x", PAY), "", 0);
}

/* A rule that denies and cannot be decided matches: the trial ends there, with its error. */
Test(considered, an_undecidable_denial_ends_it)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD
					   "rules:\n"
					   "  - {name: a, condition: args.q == 1, action: deny}\n"
					   "  - {name: b, action: allow}\n", NULL);

	expect(decide(b, "x", PAY), "e", 2);
}

/* For whom a policy is belongs to what its rules ask. */
Test(considered, rules_for_other_agents_are_false)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD
					   "agents: [ann]\nrules:\n"
					   "  - {name: a, action: deny, priority: 1}\n",
					   POLICY_KIT_OTHER "rules:\n"
					   "  - {name: b, action: allow}\n");

	expect(decide(b, "x", PAY), "ft", 2);
	expect(decide(b, "ann", PAY), "t", 1);
}

/* What a floor was tried for behind the first match is its own record. */
Test(considered, floors_go_on_behind_the_match)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD
					   "rules:\n"
					   "  - {name: hi, tools: [x], action: deny, priority: 9}\n"
					   "  - {name: odd, condition: args.q > 1, action: log}\n"
					   "  - {name: low, tools: [y], action: deny}\n"
					   "  - {name: last, tools: [pay], action: log}\n"
					   "  - {name: never, action: deny}\n",
					   POLICY_KIT_OTHER "extends: [a.yaml]\nrules:\n"
					   "  - {name: ours, action: allow, priority: 5}\n"
					   "  - {name: more, action: deny, priority: 4}\n");
	struct ruling r = decide(b, "x", PAY);

	expect(r, "ft", 2 + 1 + 3 * 2);
	cr_assert_eq(r.floor_count, 1);
	cr_expect(str_is(r.floors[0].policy, "p"));
	cr_expect(str_is(r.floors[0].considered, "eft"));
	cr_expect(str_is(r.rule, "q/ours"));
	r = decide(b, "x", "{\"action\":{\"type\":\"y\"},\"args\":{\"q\":0}}");
	cr_expect(str_is(r.floors[0].considered, "ft"), "%.*s", STR_ARG(r.floors[0].considered));
	cr_expect(str_is(r.rule, "p/low"));
}

/* Ten thousand rules of which every other one errs: no more bytes than rules. */
Test(considered, stays_small)
{
	struct policy_file file = { STR("a.yaml"), STR_NONE };
	struct bundle *b;
	struct ruling r;
	struct note n;
	struct buf text;

	buf_init(&text, 1u << 20);
	buf_add_c(&text, POLICY_KIT_HEAD "rules:\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&text, " - {name: r%d, %s, action: allow}\n", i,
			 i % 2 ? "condition: args.q > 1" : "tools: [x]");
	file.content = buf_view(&text);
	cr_assert_eq(bundle_load(&file, 1, &k.memory, &b, &n), OK, "%s", n.text);
	r = decide(b, "x", PAY);
	cr_expect_eq(r.considered.len, 10000);
	r = decide(b, "x", "{\"action\":{\"type\":\"pay\"},\"args\":{\"q\":1}}");
	expect(r, "f10000", 20000);
	buf_fini(&text);
}

/* --- beside the naive evaluator --- */

static void expect_row(struct str runs, const char *letters, const char *what)
{
	uint32_t count;
	char letter;

	while (runs_next(&runs, &letter, &count))
		for (; count > 0; count--)
			cr_assert_eq(*letters++, letter, "%s", what);
	cr_assert_eq(*letters, '\0', "%s", what);
}

static void expect_same(const struct naive_bundle *b, const struct ruling *r,
			const struct naive_answer *want, const char *what)
{
	size_t floors = 0;

	cr_assert(str_is(r->rule, want->rule), "%s: %.*s, not %s", what, STR_ARG(r->rule),
		  want->rule);
	cr_assert_eq(r->allow, want->allow, "%s", what);
	cr_assert_eq(r->obligations, want->obligations, "%s", what);
	cr_assert_eq(r->limit.period_ns ? r->limit.count : 0, want->limit, "%s", what);
	expect_row(r->considered, want->considered, what);
	for (unsigned d = 0; d < b->count; d++) {
		char name[8];

		if (!want->floors[d][0])
			continue;
		(void)snprintf(name, sizeof(name), "p%u", d);
		cr_assert_lt(floors, r->floor_count, "%s", what);
		cr_assert(str_is(r->floors[floors].policy, name), "%s", what);
		expect_row(r->floors[floors++].considered, want->floors[d], what);
	}
	cr_assert_eq(floors, r->floor_count, "%s", what);
	cr_assert_eq(r->cost, want->cost, "%s", what);
	cr_assert_eq(r->error_count, want->error_count, "%s", what);
	for (size_t i = 0; i < r->error_count; i++)
		cr_assert(str_is(r->erring[i], want->errors[i]), "%s", what);
}

/*
 * Effect, rule, obligations, limit, and what was considered. A few bundles are large, so that the
 * index leaves most of their rules out.
 */
Test(considered, is_what_a_naive_evaluator_says)
{
	unsigned refused = 0, floored = 0, erred = 0, defaulted = 0;
	uint64_t seed = 2026;

	for (unsigned round = 0; round < 3000; round++) {
		struct arena_mark mark = arena_mark(&k.memory);
		struct naive_bundle naive;
		struct bundle *b;
		struct note n;

		naive_make(&seed, round % 10 ? 4 : NAIVE_RULES, &naive);
		b = naive_load(&naive, &k.memory, &n);
		refused += b == NULL;
		for (unsigned i = 0; b && i < 6; i++) {
			struct naive_request q;
			struct naive_answer want;
			struct ruling r;
			char what[32];

			naive_ask(&seed, &q);
			naive_decide(&naive, &q, &want);
			r = naive_decide_really(b, &q, &k.memory);
			(void)snprintf(what, sizeof(what), "round %u, request %u", round, i);
			expect_same(&naive, &r, &want, what);
			floored += r.floor_count > 0;
			erred += r.error_count > 0;
			defaulted += !r.rule.ptr;
		}
		arena_rewind(&k.memory, mark);
	}
	cr_assert_lt(refused, 300, "%u bundles do not load", refused);
	cr_assert(floored > 500 && erred > 2000 && defaulted > 2000, "%u, %u, %u", floored, erred,
		  defaulted);
}
