/*
 * contest: rule by rule the same answers as the slow way, which asks for the rule and against all
 * that come before it at once; a "yes" is the evaluator's; many rivals end in "unknown".
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/contest.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

#define ROUNDS 150
#define RULES  7
#define ALL_TRUTHS 7u

static struct policy_kit kit;
static uint64_t seed;

static void start(void)
{
	policy_kit_init(&kit);
	seed = 20261122;
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(contest, .init = start, .fini = stop);

static unsigned pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % below;
}

static struct bundle *random_bundle(void)
{
	static const char *const conditions[] = {
		"args.n < 3",	   "args.n >= 3",      "not has(args.n)", "args.n == 3",
		"args.s == 'x'",   "args.s != 'x'",    "has(args.s) or args.n > 1",
		"args.s startsWith 'x'", "agent.actions > 1", "args.k", "not args.k",
		"args.s contains 'ab'", "args.n == args.m", "args.s matches '^[0-9]+$'", "true",
	};
	static const char *const tools[] = { "[pay]", "[look]", "['p*']", "['*']", "[pay, look]" };
	char text[4096] = POLICY_KIT_HEAD "rules:\n";

	for (int i = 0; i < RULES; i++) {
		size_t len = strlen(text);

		(void)snprintf(text + len, sizeof(text) - len,
			       "- {name: r%d, tools: %s, action: %s, priority: %u, condition: "
			       "\"%s %s (%s)\"}\n",
			       i, tools[pick(5)], pick(2) ? "allow" : "deny", pick(3),
			       conditions[pick(15)], pick(2) ? "and" : "or", conditions[pick(15)]);
	}
	return policy_kit_load(&kit, text, NULL);
}

static struct contest contest_for(const struct bundle *b, uint32_t at)
{
	return (struct contest){ .sides = { { b, at } },
				 .count = 1,
				 .frame = { .registered = true },
				 .accept = contest_is_won };
}

struct slow {
	const struct bundle *b;
	const struct contest *c;
};

static enum err decides(void *self, const struct question *q, bool *ret)
{
	const struct slow *s = self;
	struct ruling r;

	TRY(question_decide(s->b, q, &kit.memory, &r));
	*ret = contest_decides(s->c, 0, &r);
	return OK;
}

static enum answer ask_slowly(const struct contest *c)
{
	struct slow slow = { c->sides[0].bundle, c };
	const struct plan *p = bundle_plan(slow.b);
	const struct queue *q = &p->queues[POLICY_PRE_TOOL];
	uint32_t at = c->sides[0].at;
	struct few_goal goals[RULES + 1];
	struct solve_ask frame = c->frame;
	struct question witness;
	enum answer answer;
	size_t count = 0;

	if (at < q->count)
		goals[count++] = (struct few_goal){ p, q->rules[at],
						    contest_matching(q->rules[at]), 0 };
	for (uint32_t i = 0; i < at; i++)
		goals[count++] = (struct few_goal){
			p, q->rules[i], ALL_TRUTHS & ~contest_matching(q->rules[i]), 0
		};
	frame.accept = decides;
	frame.self = &slow;
	cr_assert_eq(solve_few(goals, count, &frame, &kit.memory, &answer, &witness), OK);
	return answer;
}

Test(contest, answers_as_the_slow_way_does)
{
	unsigned counts[3] = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		const struct bundle *b = random_bundle();

		for (uint32_t at = 0; at <= RULES; at++) {
			const struct contest c = contest_for(b, at);
			enum answer slow = ask_slowly(&c), fast;
			struct question witness;
			struct ruling ruling, again;

			cr_assert_eq(contest_ask(&c, &kit.memory, &fast, &witness, &ruling), OK);
			counts[fast]++;
			if (slow != ANSWER_UNKNOWN)
				cr_expect_eq(fast, slow, "round %d, place %u", round, at);
			if (fast != ANSWER_YES)
				continue;
			cr_assert_eq(question_decide(b, &witness, &kit.memory, &again), OK);
			cr_expect(contest_decides(&c, 0, &again));
			cr_expect(contest_decides(&c, 0, &ruling));
		}
		arena_rewind(&kit.memory, mark);
	}
	cr_expect(counts[ANSWER_YES] > ROUNDS && counts[ANSWER_NO] > ROUNDS, "%u yes, %u no",
		  counts[ANSWER_YES], counts[ANSWER_NO]);
}

/* `count` rules for one tool each, then one for all of them: so many stand in its way. */
static enum answer behind(unsigned count, const char *last)
{
	struct question witness;
	struct ruling ruling;
	enum answer answer;
	struct contest c;
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_add_c(&b, POLICY_KIT_HEAD "rules:\n");
	for (unsigned i = 0; i < count; i++)
		buf_addf(&b, "- {name: r%u, action: deny, tools: [t%u]}\n", i, i);
	buf_addf(&b, "- {name: last, action: allow, tools: [%s", last);
	for (unsigned i = 0; i < count; i++)
		buf_addf(&b, ", t%u", i);
	buf_add_c(&b, "]}\n");
	buf_add_byte(&b, '\0');
	c = contest_for(policy_kit_load(&kit, b.ptr, NULL), count);
	cr_assert_eq(contest_ask(&c, &kit.memory, &answer, &witness, &ruling), OK);
	buf_fini(&b);
	return answer;
}

Test(contest, more_rivals_than_are_let_in_are_unknown)
{
	cr_expect_eq(behind(CONTEST_RIVALS, "t0"), ANSWER_NO);
	cr_expect_eq(behind(CONTEST_RIVALS + 1, "t0"), ANSWER_UNKNOWN);
	cr_expect_eq(behind(1000, "free"), ANSWER_YES);
}

Test(contest, two_bundles_decide_one_request)
{
	const char *const texts[] = {
		POLICY_KIT_HEAD "rules: [{name: a, action: allow, condition: args.n < 5}]\n",
		POLICY_KIT_HEAD "rules: [{name: b, action: allow, condition: args.n < 4}]\n",
	};
	struct contest c = contest_for(policy_kit_load(&kit, texts[0], NULL), 0);
	struct question witness;
	struct ruling rulings[2];
	enum answer answer;

	c.count = 2;
	c.sides[1] = (struct contest_side){ policy_kit_load(&kit, texts[1], NULL), 1 };
	cr_assert_eq(contest_ask(&c, &kit.memory, &answer, &witness, rulings), OK);
	cr_assert_eq(answer, ANSWER_YES);
	cr_expect(str_is(rulings[0].rule, "p/a") && rulings[1].rule.ptr == NULL);
	c.sides[0].at = 1;
	c.sides[1].at = 0;
	cr_assert_eq(contest_ask(&c, &kit.memory, &answer, &witness, rulings), OK);
	cr_expect_eq(answer, ANSWER_NO);
}

Test(contest, no_memory_is_an_error)
{
	const struct contest c = contest_for(random_bundle(), RULES - 1);

	for (uint64_t n = 1;; n++) {
		struct question witness;
		struct ruling ruling;
		enum answer answer;
		struct arena a;
		enum err e;

		arena_init(&a, (size_t)64 << 20);
		fail_alloc_at(n);
		e = contest_ask(&c, &a, &answer, &witness, &ruling);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
	}
}

/* --- Cedar policies --- */

static enum answer policy_contest(const char *cedar, const char *yaml, uint32_t policy)
{
	const struct policy_file files[] = { { STR("c.cedar"), str_view(cedar) },
					     { STR("p.yaml"), str_view(yaml) } };
	struct contest c = { .count = 1, .accept = contest_is_won };
	struct question witness;
	struct ruling ruling;
	enum answer answer;
	struct bundle *b;

	cr_assert_eq(bundle_load(files, 2, &kit.memory, &b, NULL), OK);
	c.sides[0] = (struct contest_side){ b, bundle_plan(b)->queues[0].count + 1 + policy };
	cr_assert_eq(contest_ask(&c, &kit.memory, &answer, &witness, &ruling), OK);
	return answer;
}

#define ANYTHING "(principal, action, resource)"

Test(contest, cedar_policies_decide_where_nothing_is_before_them)
{
	cr_expect_eq(policy_contest("permit" ANYTHING "; forbid" ANYTHING ";", POLICY_KIT_HEAD, 0),
		     ANSWER_NO);
	cr_expect_eq(policy_contest("permit" ANYTHING "; forbid" ANYTHING ";", POLICY_KIT_HEAD, 1),
		     ANSWER_YES);
	cr_expect_eq(policy_contest("permit" ANYTHING ";",
				    POLICY_KIT_HEAD
				    "rules:\n- {name: r, action: allow, tools: [a]}\n",
				    0),
		     ANSWER_YES);
	cr_expect_eq(policy_contest("permit" ANYTHING ";",
				    POLICY_KIT_HEAD "rules:\n- {name: r, action: allow}\n", 0),
		     ANSWER_NO);
}

/* The denial of everything stands behind a permit of a little, where the forbid counts. */
Test(contest, a_denial_behind_a_permit_proves_nothing_of_a_forbid)
{
	cr_expect_neq(policy_contest("forbid" ANYTHING ";",
				     POLICY_KIT_HEAD
				     "rules:\n- {name: r, action: allow, tools: [a]}\n"
				     "- {name: s, action: deny}\n",
				     0),
		      ANSWER_NO);
}

/* What is opaque may hide that a policy does not hold: a later one is no rival then. */
Test(contest, a_later_policy_is_no_rival)
{
	cr_expect_neq(policy_contest("permit(principal, action, resource) when { context == {} };"
				     "permit(principal, action == Action::\"a\", resource);"
				     "permit(principal, action, resource);",
				     POLICY_KIT_HEAD, 0),
		      ANSWER_NO);
}
