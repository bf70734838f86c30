/*
 * cells: a set's conditions made compact, so that many policies are decided in little time.
 *
 *   policies --> cedar_cells --> cells and tracks --> cedar_demand --> ways --> cedar_index
 *                                      |                                            |
 *                                 cedar_track  <------- candidates of a request ----+
 *
 * An expression that stands in many policies is one cell, whose outcome is remembered within a
 * decision. A track is a policy's conditions taken apart at their top: tests that must hold one
 * after the other. Cells know no places in a text and report no error: where a test has no truth,
 * the policy is evaluated as it is written (cedar_authorize.c), and what that says is the answer.
 * For the files of engine/cedar only.
 */
#ifndef TRAMMEL_CEDAR_CELLS_H
#define TRAMMEL_CEDAR_CELLS_H

#include "engine/cedar/inside.h"

#define CELL_ARGS 3

struct cedar_cell {
	enum cedar_op op;            /* never `is` with `in`: that is two of them and && */
	uint32_t memory;             /* where its outcome is remembered, from 1; 0: nowhere */
	uint32_t args[CELL_ARGS];    /* cells; of sets, records and wrong calls not kept */
	uint32_t uses;               /* cells and tests that ask for it */
	const struct cedar_value *value;             /* what it always is, or NULL */
	const struct cedar_expr *expr;               /* one of those it is; NULL: !, of `unless` */
};

struct cedar_track {
	uint32_t first, count;       /* among the tests */
	bool open;                   /* the scope matches whatever is asked */
};

struct cedar_cells {
	const struct cedar_cell *cells;
	uint32_t count;
	uint32_t memories;
	const uint32_t *tests;       /* numbers of cells */
	const struct cedar_track *tracks;            /* of each policy */
	size_t covered;              /* policies that have a track: the first ones */
};

/* --- cedar_cells --- */

/* Of the policies that decide. ERR_MEMORY. */
enum err cedar_cells_make(const struct cedar_policies *p, struct arena *memory,
			  struct cedar_cells *ret) NODISCARD;

/* --- cedar_track --- */

/* What the run needs to follow tracks, in its arena; no cells: nothing. */
enum err cedar_track_begin(struct cedar_run *r, const struct cedar_cells *cells) NODISCARD;
/* NULL: it errs, or `r->failure` is set. */
const struct cedar_value *cedar_cell_value(struct cedar_run *r, uint32_t cell,
					   struct cedar_value *room);
/* Do the policy's conditions hold? CEDAR_ERROR: one errs, or `r->failure` is set. */
enum cedar_truth cedar_track_follow(struct cedar_run *r, size_t policy);

/* --- cedar_demand --- */

/* What a policy can be filed by. The first are of its scope, all may be of its conditions. */
enum cedar_subject {
	ALWAYS = 0,
	P_EQ, P_IN, P_IS, A_EQ, A_IN, R_EQ, R_IN, R_IS,
	PATH_IS,                     /* a cell has the value */
	PATH_HOLDS,                  /* a cell is a set that contains it */
	PATH_STARTS,                 /* a cell is a string that starts so */
	TEST_HOLDS,                  /* a cell that many policies test is true */
	CEDAR_SUBJECTS
};

#define DEMAND_NEEDS 8
#define DEMAND_WAYS 8
#define DEMAND_PREFIX 63             /* bytes of a prefix that count */

/* A cell must have a value of one of the kinds, a bit for each. */
struct cedar_need {
	uint32_t cell, kinds;
};

/*
 * A policy that can hold only when the subject is one of these values; none: it never can. That is
 * said of requests in which the needs are met; in others the policy may err before it is asked.
 */
struct cedar_way {
	enum cedar_subject subject;
	uint32_t cell;               /* of paths and tests, else 0 */
	struct cedar_need needs[DEMAND_NEEDS];
	uint32_t need_count;
	const struct cedar_uid *values;
	size_t count;
};

/* At most DEMAND_WAYS, none when any request may do; the values are in `memory`. */
enum err cedar_demand_find(const struct cedar_policies *p, const struct cedar_cells *cells,
			   size_t policy, struct arena *memory, struct cedar_way *ways,
			   size_t *count) NODISCARD;
/* A value as the index files it; false: of its kind none is filed. Borrows from the value. */
bool cedar_demand_value(const struct cedar_value *v, struct cedar_uid *ret);

#endif
