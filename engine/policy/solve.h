/*
 * solve: is there a request for which these rules have these truths? Finite-domain reasoning.
 *
 * Every path that the rules compare gets a finite set of candidate values that stands for all
 * values: a number at, between and beyond the bounds it is compared with; a text for each way in
 * which its comparisons can come out; each other type; and missing. A set is exact when no value
 * behaves unlike all of its candidates. The answer is
 *
 *   YES      and a request, which the caller's own check has accepted
 *   NO       all candidates were tried, or were seen not to matter, and those that were needed
 *            are exact
 *   UNKNOWN  otherwise: opaque patterns, comparisons of two paths, too many combinations
 *
 * The truth of a comparison for a candidate is always the evaluator's.
 */
#ifndef TRAMMEL_SOLVE_H
#define TRAMMEL_SOLVE_H

#include "engine/policy/trace.h"

/* --- sample: a text that a pattern matches --- */

/*
 * A text for which regex_match is true, in the arena; ptr NULL when none was found. `seed` chooses
 * among ways of trying.
 */
enum err sample_regex(const struct matcher *m, unsigned seed, struct arena *a,
		      struct str *ret) NODISCARD;
#define SAMPLE_SEEDS 4
/* Likewise for a glob. */
enum err sample_glob(const struct pattern *p, struct arena *a, struct str *ret) NODISCARD;

/* --- domain: the candidates of one path --- */

struct domain {
	const struct value **values; /* NULL: missing */
	size_t count;
	bool exact;
};

/* What a path may be at all. */
enum domain_kind {
	DOMAIN_ANY = 0,
	DOMAIN_NAME,         /* agent.id, action.type: always there */
	DOMAIN_FLAG,         /* agent.registered, agent.signed: likewise */
	DOMAIN_ORIGIN,
	DOMAIN_COUNT,
	DOMAIN_SESSION_NAME,
	DOMAIN_TEXT,         /* resource, agent.tier */
	DOMAIN_RING,         /* agent.ring, where there are rings */
	DOMAIN_OBJECT,       /* agent, action: always there */
	DOMAIN_MAYBE_OBJECT, /* session */
	DOMAIN_MAYBE_FLAG,   /* what a lookback is answered with, agent.regime_changed */
	DOMAIN_MAYBE_COUNT,  /* how often, agent.trust */
};

enum domain_kind domain_kind_of(const struct slots *slots, uint32_t slot);
/*
 * Candidates for the slot `x`, which is an operand of each of these steps. `further` are literals
 * that it meets by way of other paths.
 */
enum err domain_fill(enum domain_kind kind, uint32_t x, const struct step *const *steps,
		     size_t step_count, const struct value *const *further, size_t further_count,
		     struct arena *a, struct domain *ret) NODISCARD;

/* --- witness: a request made of values at paths --- */

struct witness_change {
	uint32_t slot;
	const struct value *value; /* NULL: missing */
};

/*
 * The base (NULL: the plainest request there is) with these changes, as the gate could say it:
 * facts of agents and sessions come and go together. The text of the base is borrowed.
 */
enum err witness_make(const struct slots *slots, const struct question *base,
		      enum policy_stage stage, const struct witness_change *changes, size_t count,
		      struct arena *a, struct question *ret) NODISCARD;

/* Likewise with facts as the changes leave them, which may be less than the gate says. */
enum err witness_put(const struct slots *slots, const struct value *base,
		     const struct witness_change *changes, size_t count, struct arena *a,
		     struct value *ret) NODISCARD;

/* --- solve --- */

enum answer { ANSWER_UNKNOWN = 0, ANSWER_YES, ANSWER_NO };

struct solver;

struct solve_goal {
	uint32_t goal;   /* as solver_add numbered it */
	unsigned wanted; /* set of 1 << enum truth */
};

struct solve_ask {
	const struct solve_goal *goals;
	size_t count;
	enum policy_stage stage;
	bool registered;             /* only agents that are registered */
	const struct question *base; /* NULL: any request will do */
	unsigned changes;            /* at most so many paths differ from the base */
	bool keep_names;             /* agent.id and action.type are those of the base */
	/* Is the request what is looked for? The evaluator's word. An error ends the search. */
	enum err (*accept)(void *self, const struct question *q, bool *ret);
	void *self;
	bool trial;                  /* what was not accepted spoils no "no": there is a next try */
};

enum err solver_open(struct arena *memory, struct solver **ret) NODISCARD;
/*
 * A rule whose truths can be asked for: that of its condition, false for agents for whom its
 * document does not hold. Rules of several plans may be mixed.
 */
enum err solver_add(struct solver *s, const struct plan *p, const struct rule *rule,
		    uint32_t *goal) NODISCARD;
/*
 * A Cedar policy of a plan at a stage, by its number among all of them: true, false, or an error as
 * Cedar joins errors.
 */
enum err solver_add_cedar(struct solver *s, const struct plan *p, size_t number,
			  enum policy_stage stage, uint32_t *goal) NODISCARD;
/* Does some Cedar policy mean something else at another stage? */
enum err cedar_tells_stages(const struct cedar_rules *r, struct arena *a, bool *ret) NODISCARD;
/* No more rules will come. */
enum err solver_seal(struct solver *s) NODISCARD;
/* The witness lives in `a`; it is written only with ANSWER_YES. */
enum err solver_ask(struct solver *s, const struct solve_ask *ask, struct arena *a,
		    enum answer *ret, struct question *witness) NODISCARD;
/* "yes", "no", "unknown" */
const char *answer_name(enum answer answer);

/* --- solve_few: a question about few rules, in a solver of its own --- */

struct few_goal {
	const struct plan *plan; /* of two plans at most */
	const struct rule *rule; /* NULL: a Cedar policy, asked at the stage of the question */
	unsigned wanted;         /* as of a goal */
	size_t policy;
};

/* Everything is made in `a`. The goals of the frame are not looked at. */
enum err solve_few(const struct few_goal *few, size_t count, const struct solve_ask *frame,
		   struct arena *a, enum answer *ret, struct question *witness) NODISCARD;

#endif
