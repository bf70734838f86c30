/*
 * cedar_clause: a policy taken apart, for tools that reason about it. Opened by cedar.h.
 *
 * A formula is the policy as connectives over clauses: the three parts of the scope, and what
 * stands in the conditions between `&&`, `||`, `!` and `if`. Its truth is that of the policy:
 * false, true, or an error, joined in the order of the text, as Cedar does: what an error or a
 * settled truth leaves out is not looked at. The truth of a clause is the evaluator's own.
 *
 * Of each clause is told what it reads of a request, and what it compares that with. Whoever puts
 * candidates in its place needs no others, where a path is exact: no value behaves unlike all of
 *
 *   missing, null, true, a string and a number that stand nowhere, an empty object,
 *   the values it meets, and lists with and without the elements it meets
 */
#ifndef TRAMMEL_CEDAR_CLAUSE_H
#define TRAMMEL_CEDAR_CLAUSE_H

#include "engine/cedar/cedar.h"

/* The stack that joining a formula takes. */
#define CEDAR_FORMULA_STACK 128

enum cedar_meet_kind {
	CEDAR_MEETS_VALUE = 0, /* is compared by ==, or is one of many */
	CEDAR_MEETS_ORDER,     /* by < and the like: a number */
	CEDAR_MEETS_ELEMENT,   /* may be an element of the list at the path */
	CEDAR_MEETS_START,     /* a text that the one at the path may begin with */
	CEDAR_MEETS_END,
	CEDAR_MEETS_PART,
	CEDAR_MEETS_GLOB,   /* a pattern of match_glob */
	CEDAR_MEETS_SAMPLE, /* the text of an ip, a decimal and so on: see `read_as` */
};

struct cedar_meet {
	enum cedar_meet_kind kind;
	struct value value;
};

/* A member of the context, by its path: {"args", "amount"}. */
struct cedar_path {
	const struct str *names; /* at least one */
	size_t count;
	const struct cedar_meet *meets;
	size_t meet_count;
	bool whole; /* its value is looked at, and not only what lies below it */
	bool exact;
	/*
	 * The name of the function that reads it, "ip" for example, ptr NULL when none does.
	 * Samples are complete only where all clauses that read the path read it as the same.
	 */
	struct str read_as;
};

struct cedar_expr;
struct cedar_scope;

struct cedar_clause {
	struct str text; /* as Cedar writes it */
	uint32_t line, column;
	bool principal, action, resource; /* it reads them */
	bool opaque;                      /* it reads more of the context than paths say */
	const struct cedar_path *paths;
	size_t path_count;
	const struct cedar_expr *expr; /* NULL: a part of the scope */
	const struct cedar_scope *scope;
};

enum cedar_node_op {
	CEDAR_NODE_ASK = 0, /* push the truth of a clause */
	CEDAR_NODE_NOT,
	CEDAR_NODE_AND,
	CEDAR_NODE_OR, /* pop the right one, then the left one */
	CEDAR_NODE_IF, /* pop else, then, condition */
};

struct cedar_node {
	enum cedar_node_op op;
	uint32_t clause;
};

struct cedar_formula {
	const struct cedar_node *nodes; /* postfix */
	size_t node_count;
	const struct cedar_clause *clauses;
	size_t clause_count;
};

/* In the arena; texts are the policies'. ERR_MEMORY. */
enum err cedar_formula_make(const struct cedar_policies *p, size_t number, struct arena *a,
			    struct cedar_formula *ret) NODISCARD;
/* Sets of 1 << enum cedar_truth: what a node makes of those of its arguments, args[0] first. */
unsigned cedar_node_join(enum cedar_node_op op, const unsigned args[3]);
/* The truths of the formula where clause i has one of leaves[i]. */
unsigned cedar_formula_sets(const struct cedar_formula *f, const uint8_t *leaves);
/* The evaluator's word. ERR_MEMORY, ERR_LIMIT. */
enum err cedar_clause_truth(const struct cedar_clause *c, const struct cedar_entities *e,
			    const struct cedar_request *r, struct arena *a,
			    enum cedar_truth *ret) NODISCARD;

/* --- ids (cedar_ids) --- */

/*
 * The ids of one type that stand in policies and entities: an id that does not is like any other
 * that does not.
 */
struct cedar_ids {
	struct str type;
	struct str *items;
	size_t count;
	bool cut; /* there are more than CEDAR_IDS_MAX */
};

#define CEDAR_IDS_MAX 1024

/* Append those that are not listed yet. `items` has room for CEDAR_IDS_MAX. */
void cedar_policies_ids(const struct cedar_policies *p, struct cedar_ids *ids);
void cedar_entities_ids(const struct cedar_entities *e, struct cedar_ids *ids);

/* --- for the files of engine/cedar --- */

/* Fill in what the clause reads and meets. */
enum err cedar_clause_read(struct cedar_clause *c, struct arena *a) NODISCARD;

#endif
