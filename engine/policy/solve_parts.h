/*
 * solve_parts: what building a solver and searching with it share.
 *
 *   goal       a rule, as a list of atoms and connectives
 *   atom       one comparison, known by its meaning: it stands in many rules
 *   variable   a path that atoms compare
 */
#ifndef TRAMMEL_SOLVE_PARTS_H
#define TRAMMEL_SOLVE_PARTS_H

#include "engine/policy/solve.h"

#define NO_VAR UINT32_MAX

/* What ties a path to others. */
enum role { ROLE_NONE = 0, ROLE_REGISTERED, ROLE_FACT, ROLE_SESSION };

/*
 * What a clause of a Cedar policy asks. With one variable it is an atom like any other; with more,
 * they are all here and none in the atom.
 */
#define CLAUSE_VARS 6

struct clause {
	const struct cedar_clause *text;
	const struct cedar_rules *rules;
	enum policy_stage stage;     /* at which it is asked, where that matters */
	bool staged;
	bool opaque;                 /* not all that it reads is a variable */
	uint32_t vars[CLAUSE_VARS], var_count;
	const struct cedar_path *paths[CLAUSE_VARS]; /* NULL: an entity's name */
	uint32_t world;              /* alike where entities, schema and mapping are */
	uint32_t atom, next;         /* the next clause of the same hash */
};

struct atom {
	const struct clause *clause; /* NULL: the step is what is asked */
	struct step step;
	uint32_t left, right;        /* variables; NO_VAR: a literal, or nothing */
	uint8_t *truths;             /* by candidate, where there is one variable only */
	uint32_t next;               /* the next atom of the same variable on the left */
};

struct var {
	uint32_t slot, first;        /* its first atom, by the left or only variable */
	bool exact, is_name;         /* is_name: of the agent, or the tool */
	enum role role;
	struct domain domain;
};

/* What joins the clauses of a Cedar policy, in the order of the text. */
enum { NODE_AND = STEP_SKIP_TRUE + 1, NODE_OR, NODE_IF };

struct node {
	uint8_t op;                  /* STEP_NAMED: the atom; STEP_CONST, NOT, AND, OR; NODE_* */
	bool constant;
	uint32_t atom;
};

struct goal {
	struct node *nodes;
	uint32_t count;
};

struct origin {
	const struct plan *plan;
	uint32_t *slots;             /* its slots, as numbered here; 0: not asked for yet */
};

struct solver {
	struct arena *memory;
	struct slots slots;
	struct atom *atoms;
	uint32_t atom_count, atom_room;
	struct var *vars;
	uint32_t var_count, var_room;
	uint32_t *var_of;            /* by slot; grown with the slots */
	uint32_t var_of_room;
	struct goal *goals;
	uint32_t goal_count, goal_room;
	struct origin origins[2];
	size_t origin_count;
	/* two members of an object: how single comparisons are put to the evaluator */
	struct slots pair;
	struct clause *clauses;
	uint32_t clause_count, clause_room;
	uint32_t *clause_first;      /* by hash; NULL: no Cedar policies yet */
	const struct cedar_rules *worlds[2];
	bool tells_tools[2];         /* of a world: which tool it is matters */
	uint32_t world_count;
	enum err failed;             /* of the evaluator, where no error could be told */
};

/* The evaluator's word on one comparison of these values; NULL: missing. */
enum truth solve_compare(const struct solver *s, const struct atom *a, const struct value *left,
			 const struct value *right);
/* Likewise for an atom with one variable, which has this value. */
enum truth solve_truth(struct solver *s, const struct atom *a, const struct value *v);
bool solve_asks_of(const struct atom *a, uint32_t var);
/* All variables of an atom. */
uint32_t solve_vars(const struct atom *a, uint32_t vars[CLAUSE_VARS]);
/* The variable of a path. */
enum err solve_var(struct solver *s, uint32_t slot, uint32_t *ret) NODISCARD;
/* An atom and a goal, appended. */
enum err solve_add_atom(struct solver *s, const struct atom *atom, uint32_t *ret) NODISCARD;
enum err solve_add_goal(struct solver *s, const struct goal *goal, uint32_t *ret) NODISCARD;
/* The list, with room for one more; NULL is no memory. */
void *solve_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size);
/* Is `above` the slot itself or an ancestor of it? */
bool solve_is_below(const struct slots *slots, uint32_t slot, uint32_t above);

/* --- cedar_goal --- */

/* What the clauses that ask of a variable compare it with. */
struct met {
	const struct step **steps;
	const struct value **values;
	size_t step_count, value_count;
	bool whole;                  /* its value is looked at, not only whether it is there */
	bool exact;
};

enum err clause_meets(const struct solver *s, uint32_t var, struct met *ret) NODISCARD;
/* The evaluator's word, where the variables have these values. */
enum truth clause_truth(struct solver *s, const struct clause *c,
			const struct value *const *values);

#endif
