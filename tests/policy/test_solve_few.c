/* solve_few: what a bundle holds besides the rules that are asked about spoils no answer. */
#include <criterion/criterion.h>

#include "engine/policy/contest.h"
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

TestSuite(solve_few, .init = start, .fini = stop);

static enum err accept(void *self, const struct question *q, bool *ret)
{
	(void)q;
	*ret = true;
	(*(unsigned *)self)++;
	return OK;
}

/* More opaque patterns and bounds on the same paths than one set of candidates can hold. */
Test(solve_few, other_rules_do_not_matter)
{
	struct few_goal goals[2];
	struct question witness;
	enum answer answer;
	unsigned asked = 0;
	struct bundle *b;
	struct buf text;
	const struct solve_ask frame = { .registered = true, .accept = accept, .self = &asked };

	buf_init(&text, 1 << 20);
	buf_add_c(&text, POLICY_KIT_HEAD "rules:\n");
	for (unsigned i = 0; i < 3000; i++)
		buf_addf(&text,
			 "- {name: r%u, action: allow, condition: \"args.s contains 'x%u' and "
			 "args.n < %u\"}\n",
			 i, i, i);
	buf_add_byte(&text, '\0');
	b = policy_kit_load(&kit, text.ptr, NULL);
	for (size_t i = 0; i < 2; i++)
		goals[i] = (struct few_goal){ bundle_plan(b),
					      bundle_plan(b)->queues[0].rules[100 * i],
					      1u << (i ? TRUTH_FALSE : TRUTH_TRUE), 0 };
	cr_assert_eq(solve_few(goals, 2, &frame, &kit.memory, &answer, &witness), OK);
	cr_expect(answer == ANSWER_YES && asked == 1);
	/* Nothing is below zero and above a hundred. */
	goals[1].rule = bundle_plan(b)->queues[0].rules[0];
	cr_assert_eq(solve_few(goals, 2, &frame, &kit.memory, &answer, &witness), OK);
	cr_expect_eq(answer, ANSWER_NO);
	buf_fini(&text);
}
