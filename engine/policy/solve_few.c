/*
 * solve_few: questions about few rules of large bundles.
 *
 * A solver is made for the rules of one question and forgotten with the answer. Its paths have the
 * candidates that these rules tell apart and no others, so what else a bundle holds costs nothing
 * and spoils nothing.
 */
#include "engine/policy/solve.h"

static enum err add_goals(struct solver *s, const struct few_goal *few, size_t count,
			  struct solve_goal *goals)
{
	for (size_t i = 0; i < count; i++) {
		goals[i].wanted = few[i].wanted;
		TRY(solver_add(s, few[i].plan, few[i].rule, &goals[i].goal));
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
	e = add_goals(s, few, count, goals);
	sealed = solver_seal(s);
	TRY(e);
	TRY(sealed);
	ask.goals = goals;
	ask.count = count;
	return solver_ask(s, &ask, a, ret, witness);
}
