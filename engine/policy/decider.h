/*
 * decider: who decides a request at a stage, in one line of places: the rules of the queue, the
 * Cedar policies of all files, the default. That one of them decides is a list of goals:
 *
 *   a rule        it matches where none before it does; where it allows, no forbid holds
 *   a forbid      it holds where none before it does; and no rule denies
 *   a permit      it holds where no rule matches, no forbid holds and no permit before it
 *   the default   nothing matches, nothing holds
 *
 * "No rule denies" cannot be said by one list, since a rule that denies may stand behind one that
 * allows. So a forbid decides in several ways: one where no denial matches at all, which is enough
 * to find a request, and one that does not look at rules, which is enough to prove that there is
 * none. The evaluator has the last word on what is found.
 */
#ifndef TRAMMEL_DECIDER_H
#define TRAMMEL_DECIDER_H

#include "engine/policy/solve.h"

struct deciders {
	const struct plan *plan;
	const struct queue *queue;
	uint32_t rule_count, policy_count;
	const uint32_t *goals; /* of the rules, then of the policies */
	const struct cedar_one *policies;
	bool error_denies, denials; /* a forbid that errs forbids; some rule denies */
};

/* Adds goals to the solver, which may hold those of another plan too. Lists live in `memory`. */
enum err deciders_add(struct solver *s, const struct plan *p, enum policy_stage stage,
		      struct arena *memory, struct deciders *ret) NODISCARD;
/* Places: the default is the last one. */
uint32_t deciders_count(const struct deciders *d);
/* NULL: it is no Cedar policy. */
const struct cedar_one *decider_policy(const struct deciders *d, uint32_t at);
/* "a/b"; ptr NULL: the default. */
struct str decider_identity(const struct deciders *d, uint32_t at);
bool decider_may_allow(const struct deciders *d, uint32_t at);
bool decider_may_deny(const struct deciders *d, uint32_t at);
bool decider_decided(const struct deciders *d, uint32_t at, const struct ruling *r);
/* The truths with which it matches. */
unsigned decider_matching(const struct deciders *d, uint32_t at);

/* How many ways there are; what one of them wants; whether a "no" to it is one. */
uint32_t decider_ways(const struct deciders *d, uint32_t at);
/* Written from goals[0] on, at most deciders_count of them; returns their number. */
size_t decider_goals(const struct deciders *d, uint32_t at, uint32_t way, struct solve_goal *goals);
bool decider_proves(const struct deciders *d, uint32_t at, uint32_t way);

#endif
