/*
 * contest: is there a request that this rule decides, or that one rule decides in one bundle and
 * another in another one?
 *
 * A rule decides where it matches and none before it does. Of those before it hardly any matters,
 * so they are let in one by one: a request is found at which the rules match, the evaluator says
 * what decides it, and where that is an earlier rule, that one must not match from then on. So a
 * question costs what the few rules cost that stand in the way, whatever the bundle holds.
 *
 * Cedar policies decide and stand in the way like rules do. Only this is not said by "must not
 * match": a forbid yields to the first rule that matches where it denies, and a rule that denies
 * may match behind one that allows. A request is found all the same; a "no" that hangs on it is
 * unknown.
 *
 *   NO       no request can be: the rules let in leave none
 *   YES      with a request and how it is decided, the evaluator's word
 *   UNKNOWN  otherwise, also when more stand in the way than are let in
 */
#ifndef TRAMMEL_CONTEST_H
#define TRAMMEL_CONTEST_H

#include "engine/policy/solve.h"

/* Rules that may be let in; beyond that the answer is unknown. */
#define CONTEST_RIVALS 64

struct contest_side {
	const struct bundle *bundle;
	/* place in the queue of the stage; its count: the default; from there on Cedar policies */
	uint32_t at;
};

struct contest {
	struct contest_side sides[2];
	size_t count; /* 1 or 2 */
	/* stage, registered, base, changes and keep_names, as in a question to a solver */
	struct solve_ask frame;
	/* Is it what is looked for, decided so by the sides? */
	bool (*accept)(void *self, const struct contest *c, const struct ruling *rulings);
	void *self;
};

/* How many places there are: rules, the default, Cedar policies. */
uint32_t contest_places(const struct bundle *b, enum policy_stage stage);
/* The policy at a place; false when it is none. */
bool contest_policy(const struct contest_side *s, enum policy_stage stage, struct cedar_one *ret);
/* The truths of its condition with which a rule matches. */
unsigned contest_matching(const struct rule *rule);
/* Is the ruling that of the rule, or the default, at the side's place? */
bool contest_decides(const struct contest *c, size_t side, const struct ruling *r);
/* The same for all sides: the usual `accept`. */
bool contest_is_won(void *self, const struct contest *c, const struct ruling *rulings);
/* Everything is made in `a`; witness and rulings (one for each side) only with ANSWER_YES. */
enum err contest_ask(const struct contest *c, struct arena *a, enum answer *ret,
		     struct question *witness, struct ruling *rulings) NODISCARD;

#endif
