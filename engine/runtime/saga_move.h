/* saga_move: what may happen to a saga, and what is due. A part of the door: see saga.h. */
#ifndef TRAMMEL_RUNTIME_SAGA_MOVE_H
#define TRAMMEL_RUNTIME_SAGA_MOVE_H

#include "engine/runtime/saga.h"

/* "running", "rolled back"; "step", "asked", "killed"; "all"; "waiting"; "no compensation". */
const char *saga_state_name(enum saga_state state);
const char *saga_cause_name(enum saga_cause cause);
const char *saga_join_name(enum saga_join join);
const char *saga_step_name(enum saga_step_state state);
const char *saga_event_name(enum saga_event event);
const char *saga_open_name(enum saga_open open);

/* Does one state of a saga lead to the other, in one move? */
bool saga_leads(enum saga_state from, enum saga_state to);
/* Nothing changes any more. */
bool saga_over(const struct saga *g);
/* Where an event leads, with `again` when there may be another attempt. False: nowhere. */
bool saga_way(enum saga_step_state from, enum saga_event event, bool again,
	      enum saga_step_state *ret);

/* Apply the timeouts and ends of windows up to a time, each at its own. */
void saga_settle(struct saga *g, int64_t now_ns);
/*
 * Whoever acted for it was killed, by that entry: what is in flight is cut off, and nothing more is
 * done but undone.
 */
void saga_kill(struct saga *g, uint64_t entry, int64_t at_ns);

/*
 * What follows changes a saga that was settled, or says why it cannot be (ERR_RANGE) and changes
 * nothing.
 *
 * May the attempt begin now, that of a compensation with `undo`? And: its action was allowed.
 */
enum err saga_check(const struct saga *g, unsigned step, bool undo, int64_t now_ns,
		    struct note *why) NODISCARD;
void saga_begin(struct saga *g, unsigned step, bool undo, uint64_t entry, int64_t now_ns);
/* What came of an attempt. */
enum err saga_end(struct saga *g, const struct saga_attempt *attempt, bool ok, int64_t now_ns,
		  struct note *why) NODISCARD;
/* Do no more, undo what was done. */
enum err saga_compensate(struct saga *g, int64_t now_ns, struct note *why) NODISCARD;
/*
 * Another agent acts for it from `entry` on; what is in flight is cut off: its outcome is not
 * waited for. `session` may be empty: any.
 */
enum err saga_hand_over(struct saga *g, struct str agent, struct str session, uint64_t entry,
			int64_t now_ns, struct note *why) NODISCARD;

/* One thing that is due, or waited for. */
struct saga_due {
	enum saga_due_kind {
		DUE_STEP = 0, DUE_UNDO,       /* may begin at `at_ns`, and until `until_ns` */
		DUE_OUTCOME, DUE_UNDO_OUTCOME /* is in flight, and given up at `until_ns` */
	} kind;
	unsigned step;
	int64_t at_ns, until_ns;              /* until_ns INT64_MAX: no end */
};

/* All of them, in the order of the steps; how many. */
size_t saga_due(const struct saga *g, struct saga_due list[LIMIT_SAGA_STEPS]);
/* Would somebody be in time? */
bool saga_due_now(const struct saga_due *d, int64_t now_ns);

#endif
