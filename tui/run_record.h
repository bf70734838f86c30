/* run_record: how a program ended, on its way into the log. */
#ifndef TRAMMEL_TUI_RUN_RECORD_H
#define TRAMMEL_TUI_RUN_RECORD_H

#include "tui/command.h"
#include "tui/supervise.h"

/* Whose program it was. */
struct run_of {
	uint64_t entry;                       /* of the action that is its start */
	struct str agent, session;            /* session: ptr NULL for none */
};

struct run_recorded {
	uint64_t entry;                       /* that holds the end */
	bool refused;                         /* a notice, because the outcome was refused */
};

/* It ended with status 0, and nobody had it ended. */
bool run_went_well(const struct supervised *s);
/* The end as one JSON object: the result of the outcome (docs/formats/run.md). */
void run_write_end(struct buf *b, const struct supervised *s);
/*
 * Record it as the action's outcome; and where that is refused, as after a kill, as a notice behind
 * the refusal. Waits for another writer to finish, but not when `p` is told to end: ERR_LOCKED.
 */
enum err run_record(const struct invocation *in, struct process *p, const struct run_of *of,
		    const struct supervised *s, struct run_recorded *ret, struct note *n) NODISCARD;

#endif
