/* solve_search: few changes to a given request, and what excludes itself without a candidate. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/solve.h"
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

TestSuite(solve_search, .init = start, .fini = stop);

static enum err take_any(void *self, const struct question *q, bool *ret)
{
	(void)self;
	(void)q;
	*ret = true;
	return OK;
}

static enum err take_none(void *self, const struct question *q, bool *ret)
{
	(void)take_any(self, q, ret);
	*ret = false;
	return OK;
}

/* Can the condition be true when at most so many paths of `base` (NULL: any) are changed? */
static enum answer ask(const char *condition, const char *base, unsigned changes,
		       enum err (*accept)(void *self, const struct question *q, bool *ret))
{
	char policy[1024];
	const struct plan *p;
	struct solve_goal goal = { 0, 1u << TRUTH_TRUE };
	struct solve_ask ask = { .goals = &goal, .count = 1, .registered = true,
				 .changes = changes, .accept = accept };
	struct question q, witness;
	struct solver *s;
	enum answer answer;

	(void)snprintf(policy, sizeof(policy),
		       POLICY_KIT_HEAD "rules:\n- name: a\n  action: allow\n  condition: >-\n    "
				       "%s\n",
		       condition);
	p = bundle_plan(policy_kit_load(&kit, policy, NULL));
	if (base) {
		q = policy_kit_ask(&kit, base);
		ask.base = &q;
	}
	cr_assert_eq(solver_open(&kit.memory, &s), OK);
	cr_assert_eq(solver_add(s, p, &p->documents[0].rules[0], &goal.goal), OK);
	cr_assert_eq(solver_seal(s), OK);
	cr_assert_eq(solver_ask(s, &ask, &kit.memory, &answer, &witness), OK);
	return answer;
}

#define BASE "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"n\":1,\"m\":1}}"

Test(solve_search, changes_no_more_than_it_may)
{
	cr_expect_eq(ask("args.n == 1", BASE, 0, take_any), ANSWER_YES);
	cr_expect_eq(ask("args.n == 2", BASE, 0, take_any), ANSWER_NO);
	cr_expect_eq(ask("args.n == 2", BASE, 1, take_any), ANSWER_YES);
	cr_expect_eq(ask("args.n == 2 and args.m == 2", BASE, 1, take_any), ANSWER_NO);
	cr_expect_eq(ask("args.n == 2 and args.m == 2", BASE, 2, take_any), ANSWER_YES);
	cr_expect_eq(ask("args.n == 2 and args.m == 1", BASE, 1, take_any), ANSWER_YES);
}

Test(solve_search, what_is_not_accepted_is_unknown)
{
	cr_expect_eq(ask("args.n == 1", NULL, 0, take_none), ANSWER_UNKNOWN);
	cr_expect_eq(ask("args.n == 1 and args.n == 2", NULL, 0, take_none), ANSWER_NO);
}

Test(solve_search, what_excludes_itself_needs_no_candidate)
{
	cr_expect_eq(ask("args.q matches \"^[a-z]+$\" and args.x == args.y and not (args.q "
			 "matches \"^[a-z]+$\")",
			 NULL, 0, take_any),
		     ANSWER_NO);
	cr_expect_eq(ask("args.x == args.y and args.k == 1 and (args.k == 2 or not (args.x == "
			 "args.y))",
			 NULL, 0, take_any),
		     ANSWER_NO);
	cr_expect_eq(ask("args.q matches \"^[a-z]+$\" and args.q matches \"^[0-9]+$\"", NULL, 0,
			 take_any),
		     ANSWER_UNKNOWN);
}
