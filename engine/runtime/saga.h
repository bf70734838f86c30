/*
 * saga: steps that are all done, or undone. A part of the door of engine/runtime.
 *
 * A saga is a list of groups of steps; the groups come one after the other, the steps of a group in
 * any order or at once. A group has enough when all, the majority or any of its steps committed.
 * One that cannot have enough any more turns the saga: what was done is undone, the last first.
 *
 *   running ----- all groups have enough, nothing is left over -----> completed
 *      |  \---------------------------------- something is -----+
 *      | a group falls short, asked, killed                      v
 *   compensating ------- something could not be undone --------> escalated
 *      \---------------- all is undone ------------------------> rolled back
 *
 * An attempt that timed out, or whose maker was killed, may have done its work all the same: such a
 * step is in doubt and is undone like one that committed. Only "failed" means that nothing was
 * done.
 *
 * Nothing here runs anything. Whoever executes asks what is due (saga_due) and reports; all that
 * passes with time (timeouts, windows in which a step can be undone) is applied when somebody
 * looks, at the time at which it was due. docs/formats/saga.md has every state and event.
 */
#ifndef TRAMMEL_RUNTIME_SAGA_H
#define TRAMMEL_RUNTIME_SAGA_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

enum saga_state {
	SAGA_RUNNING = 0, SAGA_COMPENSATING, SAGA_COMPLETED, SAGA_ROLLED_BACK, SAGA_ESCALATED,
	SAGA_STATES
};
/* Why it turned. */
enum saga_cause { SAGA_NO_CAUSE = 0, SAGA_SHORT, SAGA_ASKED, SAGA_KILLED, SAGA_CAUSES };
/* How many steps of a group are enough. */
enum saga_join { SAGA_ALL = 0, SAGA_MAJORITY, SAGA_ANY, SAGA_JOINS };

enum saga_step_state {
	STEP_WAITING = 0,                     /* not begun, or its retry is due: nothing is done */
	STEP_UNSURE,                          /* its retry is due; it may be done */
	STEP_RUNNING, STEP_RERUNNING,         /* an attempt is in flight; likewise */
	STEP_COMMITTED,
	STEP_FAILED,                          /* given up: nothing is done */
	STEP_DOUBTED,                         /* given up: it may be done */
	STEP_SKIPPED,                         /* not needed */
	STEP_OWED,                            /* is to be undone */
	STEP_UNDOING, STEP_UNDONE,
	STEP_OPEN,                            /* cannot be undone; `open` says why */
	STEP_STATES
};
enum saga_event {
	STEP_BEGIN = 0, STEP_OK, STEP_FAIL, STEP_TIMEOUT, STEP_CUT, STEP_ENOUGH, STEP_TURN,
	STEP_UNDO, STEP_NOTHING, STEP_LAPSE, STEP_EVENTS
};
enum saga_open { OPEN_NOT = 0, OPEN_NO_UNDO, OPEN_LATE, OPEN_FAILED, OPENS };

/* Rows; little-endian, no padding; texts are NUL-padded. The key of a saga is its id. */
struct saga_row {
	char id[LIMIT_NAME_BYTES];
	char agent[LIMIT_NAME_BYTES], session[LIMIT_NAME_BYTES];      /* whose it is now */
	uint64_t entry, since;                /* that began it; that it last changed hands by */
	int64_t began_ns, latest_ns;          /* latest_ns: of its last change, so of its end */
	uint32_t first, steps;                /* its rows among the plans and the steps */
	uint32_t orders;                      /* how many steps were committed or doubted so far */
	uint8_t state, cause, cause_step, zero;
};

/* What a step is; never changes. */
struct saga_plan {
	char name[LIMIT_NAME_BYTES], key[LIMIT_NAME_BYTES];           /* key: for its executor */
	char action[LIMIT_NAME_BYTES], undo[LIMIT_NAME_BYTES];        /* undo: may be empty */
	char resource[LIMIT_SAGA_RESOURCE_BYTES], undo_resource[LIMIT_SAGA_RESOURCE_BYTES];
	int64_t timeout_ns, delay_ns, window_ns;                      /* window_ns 0: no end */
	uint32_t retries;
	uint8_t group, join, read_only, zero;
};

/* Where it stands. */
struct saga_step {
	uint64_t entry;                       /* of the last attempt's action */
	int64_t due_ns;                       /* waiting, unsure, owed: not before */
	int64_t until_ns;                     /* in flight: timeout; owed: end of the window */
	int64_t done_ns;                      /* when it was committed or doubted */
	uint32_t order;                       /* in which it was, from 1 */
	uint32_t attempts, undos, failures;   /* failures: since the last change of direction */
	uint8_t state, open, zero[6];
};

/* An attempt, by the entry of its action; and whose step a key is. */
struct saga_attempt {
	uint64_t entry;
	uint32_t saga;
	uint8_t step, undo, zero[2];
};
struct saga_key {
	char key[LIMIT_NAME_BYTES];
	uint32_t saga, step;
};

_Static_assert(sizeof(struct saga_row) == 3 * LIMIT_NAME_BYTES + 48, "no padding");
_Static_assert(sizeof(struct saga_plan) ==
		       4 * LIMIT_NAME_BYTES + 2 * LIMIT_SAGA_RESOURCE_BYTES + 32, "no padding");
_Static_assert(sizeof(struct saga_plan) % 16 == 0, "rows are read where they lie");
_Static_assert(sizeof(struct saga_step) == 56 && sizeof(struct saga_attempt) == 16 &&
		       sizeof(struct saga_key) == LIMIT_NAME_BYTES + 8, "no padding");

/* A saga as a whole, in memory. The plans belong to whoever made it: to a state, mostly. */
struct saga {
	uint32_t at;                          /* its row */
	struct saga_row row;
	struct saga_step steps[LIMIT_SAGA_STEPS];
	const struct saga_plan *plans[LIMIT_SAGA_STEPS];
};

#include "engine/runtime/saga_rows.h"
#include "engine/runtime/saga_move.h"

#endif
