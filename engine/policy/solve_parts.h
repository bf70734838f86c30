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

struct atom {
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

struct node {
	uint8_t op;                  /* STEP_NAMED: the atom; STEP_CONST, NOT, AND, OR */
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
};

/* The evaluator's word on one comparison of these values; NULL: missing. */
enum truth solve_compare(const struct solver *s, const struct atom *a, const struct value *left,
			 const struct value *right);
/* Likewise for an atom with one variable, which has this value. */
enum truth solve_truth(const struct solver *s, const struct atom *a, const struct value *v);
bool solve_asks_of(const struct atom *a, uint32_t var);
/* Is `above` the slot itself or an ancestor of it? */
bool solve_is_below(const struct slots *slots, uint32_t slot, uint32_t above);

#endif
