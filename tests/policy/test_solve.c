/*
 * solve: a "yes" is a request for which the evaluator agrees, and for a "no" there is none among
 * thousands of random requests.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/solve.h"
#include "tests/kit/policy_kit.h"

#define ROUNDS 400
#define REQUESTS 300

static struct policy_kit kit;
static uint64_t seed;

static void start(void)
{
	policy_kit_init(&kit);
	seed = 20261121;
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(solve, .init = start, .fini = stop);

static unsigned pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % below;
}

static const struct rule *rule_at(const struct bundle *b, size_t at)
{
	return &bundle_plan(b)->documents[0].rules[at];
}

static enum truth truth_of(const struct bundle *b, size_t at, const struct question *q)
{
	struct sight s;

	cr_assert_eq(trace_sight(bundle_plan(b), &q->request, &kit.memory, &s), OK);
	return trace_rule(rule_at(b, at), &s);
}

struct wanted {
	const struct bundle *b;
	unsigned truths[2];
};

static bool both(void *self, const struct question *q)
{
	const struct wanted *w = self;

	return w->truths[0] >> truth_of(w->b, 0, q) & 1 && w->truths[1] >> truth_of(w->b, 1, q) & 1;
}

static enum err accept(void *self, const struct question *q, bool *ret)
{
	*ret = both(self, q);
	return OK;
}

/* Two conditions over few paths, so that they often meet. */
static void write_condition(struct buf *b)
{
	static const char *const atoms[] = {
		"args.a < 3",	  "args.a >= 3",     "args.a == 3",
		"args.a > 2",	  "args.a in [1,5]", "args.b == \"x\"",
		"args.b != \"x\"", "args.b startsWith \"ab\"", "args.b startsWith \"a\"",
		"args.b endsWith \"z\"", "args.b in [\"x\",\"abz\"]", "args.b contains \"c\"",
		"args.c",	  "not args.c",	     "has(args.a)",
		"has(args)",	  "args.a == args.b", "agent.actions > 1",
		"session.actions <= 1", "has(session)", "args.l contains 1",
		"2 in args.l",	  "args.b matches \"^[0-9]+$\"", "agent.signed",
	};
	unsigned parts = 1 + pick(3);

	for (unsigned i = 0; i < parts; i++) {
		if (i)
			buf_add_c(b, pick(3) ? " and " : " or ");
		buf_addf(b, "%s(%s)", pick(4) ? "" : "not ",
			 atoms[pick(sizeof(atoms) / sizeof(atoms[0]))]);
	}
}

static struct bundle *random_bundle(void)
{
	struct bundle *bundle;
	struct str text;
	struct buf b;

	buf_init(&b, 8192);
	buf_add_c(&b, POLICY_KIT_HEAD "rules:\n");
	for (int i = 0; i < 2; i++) {
		buf_addf(&b, "- {name: r%d, action: allow, condition: '", i);
		write_condition(&b);
		buf_add_c(&b, "'}\n");
	}
	cr_assert_eq(arena_copy(&kit.memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	bundle = policy_kit_load(&kit, text.ptr, NULL);
	return bundle;
}

static struct question random_question(void)
{
	static const char *const values[] = {
		"1", "2", "3", "4", "2.5", "5", "-1", "\"x\"", "\"ab\"", "\"abz\"", "\"abcz\"",
		"\"a\"", "\"12\"", "\"cz\"", "true", "false", "null", "[1]", "[2]", "[1,2]", "[]",
		"{}",
	};
	static const char *const keys[] = { "a", "b", "c", "l" };
	struct question q;
	struct str text;
	struct buf b;
	bool any = false;

	buf_init(&b, 8192);
	buf_addf(&b, "{\"agent\":{\"id\":\"x\",\"actions\":%u,\"signed\":%s},\"action\":\"t\"",
		 pick(4), pick(2) ? "true" : "false");
	if (pick(2))
		buf_addf(&b, ",\"session\":{\"id\":\"s\",\"actions\":%u}", pick(4));
	if (pick(8)) {
		buf_add_c(&b, ",\"args\":{");
		for (int i = 0; i < 4; i++) {
			if (!pick(3))
				continue;
			buf_addf(&b, "%s\"%s\":%s", any ? "," : "", keys[i],
				 values[pick(sizeof(values) / sizeof(values[0]))]);
			any = true;
		}
		buf_add_byte(&b, '}');
	}
	buf_add_byte(&b, '}');
	cr_assert_eq(arena_copy(&kit.memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	q = policy_kit_ask(&kit, text.ptr);
	return q;
}

static enum answer ask(const struct bundle *b, struct wanted *w, struct question *witness)
{
	struct solve_goal goals[2];
	struct solve_ask ask = { .goals = goals, .count = 2, .registered = true,
				 .accept = accept, .self = w };
	struct solver *s;
	enum answer answer;

	cr_assert_eq(solver_open(&kit.memory, &s), OK);
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(solver_add(s, bundle_plan(b), rule_at(b, i), &goals[i].goal), OK);
		goals[i].wanted = w->truths[i];
	}
	cr_assert_eq(solver_seal(s), OK);
	cr_assert_eq(solver_ask(s, &ask, &kit.memory, &answer, witness), OK);
	return answer;
}

Test(solve, a_no_is_never_refuted_by_random_requests)
{
	unsigned counts[3] = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		struct bundle *b = random_bundle();
		struct wanted w = { b, { 1 + pick(7), 1 + pick(7) } };
		struct question witness;
		enum answer answer = ask(b, &w, &witness);

		counts[answer]++;
		if (answer == ANSWER_YES)
			cr_expect(both(&w, &witness));
		for (int i = 0; i < REQUESTS && answer == ANSWER_NO; i++) {
			struct arena_mark inner = arena_mark(&kit.memory);
			struct question q = random_question();

			if (both(&w, &q)) {
				struct str text = policy_kit_text(&kit, &q);

				cr_assert_fail("round %d: %.*s", round, STR_ARG(text));
			}
			arena_rewind(&kit.memory, inner);
		}
		arena_rewind(&kit.memory, mark);
	}
	cr_expect_gt(counts[ANSWER_YES], ROUNDS / 3);
	cr_expect_gt(counts[ANSWER_NO], ROUNDS / 40);
	cr_expect_lt(counts[ANSWER_UNKNOWN], ROUNDS / 5, "%u of %d", counts[ANSWER_UNKNOWN],
		     ROUNDS);
}

static enum answer can_hold(const char *condition, const char *other, struct str *text)
{
	char policy[1024];
	struct question witness;
	struct bundle *b;
	struct wanted w = { .truths = { 1u << TRUTH_TRUE, 1u << TRUTH_TRUE } };
	enum answer answer;

	(void)snprintf(policy, sizeof(policy),
		       POLICY_KIT_HEAD "rules:\n- name: a\n  action: allow\n  condition: >-\n    "
				       "%s\n- name: b\n  action: allow\n  condition: >-\n    %s\n",
		       condition, other);
	w.b = b = policy_kit_load(&kit, policy, NULL);
	answer = ask(b, &w, &witness);
	if (answer == ANSWER_YES)
		*text = policy_kit_text(&kit, &witness);
	return answer;
}

Test(solve, finds_the_gap_between_two_bounds)
{
	struct str text = STR_NONE;

	cr_assert_eq(can_hold("args.n > 5", "args.n < 6", &text), ANSWER_YES);
	cr_expect(str_has(text, STR("5.5")), "%.*s", STR_ARG(text));
	cr_expect_eq(can_hold("agent.actions > 5", "agent.actions < 6", &text), ANSWER_NO);
	cr_expect_eq(can_hold("args.n > 5", "args.n < 5", &text), ANSWER_NO);
}

Test(solve, knows_that_facts_come_together)
{
	struct str text;

	cr_expect_eq(can_hold("has(session.id)", "not has(session.actions)", &text), ANSWER_NO);
	cr_expect_eq(can_hold("has(args.a.b)", "not has(args.a)", &text), ANSWER_NO);
	cr_expect_eq(can_hold("not agent.registered", "true", &text), ANSWER_NO);
	cr_expect_eq(can_hold("has(args.a.b)", "has(args.a.c)", &text), ANSWER_YES);
}

Test(solve, calls_opaque_patterns_unknown_unless_it_finds_a_text)
{
	struct str text = STR_NONE;

	cr_expect_eq(can_hold("args.q matches \"^[A-Z]{2}[0-9]+$\"", "args.q contains \"7\"",
			      &text),
		     ANSWER_YES);
	cr_expect_eq(can_hold("args.q matches \"^[a-z]+$\"", "args.q matches \"^[0-9]+$\"", &text),
		     ANSWER_UNKNOWN);
	cr_expect_eq(can_hold("args.q matches \"^x\"", "not (args.q matches \"^x\")", &text),
		     ANSWER_NO);
}

Test(solve, knows_prefixes_and_suffixes)
{
	struct str text;

	cr_expect_eq(can_hold("args.p startsWith \"/tmp/a\"", "not (args.p startsWith \"/tmp/\")",
			      &text),
		     ANSWER_NO);
	cr_expect_eq(can_hold("args.p startsWith \"/tmp/\"", "args.p startsWith \"/etc/\"", &text),
		     ANSWER_NO);
	cr_expect_eq(can_hold("args.p startsWith \"/tmp/\"", "args.p endsWith \".sh\"", &text),
		     ANSWER_YES);
}
