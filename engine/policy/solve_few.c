/*
 * solve_few: questions about few rules of large bundles.
 *
 * A solver is made for the rules and policies of one question and forgotten with the answer. Its
 * paths have the candidates that these tell apart and no others, so what else a bundle holds costs
 * nothing and spoils nothing.
 */
#include "engine/policy/solve.h"

static enum err add_goals(struct solver *s, const struct few_goal *few, size_t count,
			  enum policy_stage stage, struct solve_goal *goals)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t *goal = &goals[i].goal;

		goals[i].wanted = few[i].wanted;
		TRY(few[i].rule ? solver_add(s, few[i].plan, few[i].rule, goal)
				: solver_add_cedar(s, few[i].plan, few[i].policy, stage, goal));
	}
	return OK;
}

enum err solve_few(const struct few_goal *few, size_t count, const struct solve_ask *frame,
		   struct arena *a, enum answer *ret, struct question *witness)
{
	struct solve_goal *goals = arena_array(a, count, sizeof(*goals));
	struct solve_ask ask = *frame;
	struct solver *s;
	enum err e, sealed;

	if (!goals)
		return ERR_MEMORY;
	TRY(solver_open(a, &s));
	e = add_goals(s, few, count, frame->stage, goals);
	sealed = solver_seal(s);
	TRY(e);
	TRY(sealed);
	ask.goals = goals;
	ask.count = count;
	return solver_ask(s, &ask, a, ret, witness);
}
