/*
 * supervise: a program runs as long as the log lets it.
 *
 *   not started --- may go on, and can be executed ---> runs --- ended ----------> over
 *                                                        |                          ^
 *                                                        +--- stopped: SIGTERM,     |
 *                                                             grace, SIGKILL -------+
 *
 * It is stopped when the log says that its agent or session may act no more, when the log cannot be
 * read, and when trammel is told to end. Over is when nothing that it started is left.
 */
#ifndef TRAMMEL_TUI_SUPERVISE_H
#define TRAMMEL_TUI_SUPERVISE_H

#include "engine/process/process.h"
#include "engine/space/space.h"

struct program {
	const char *dir;                      /* of the workspace */
	uint64_t entry;                       /* of the action that is its start */
	const char *path;                     /* where it was found, absolute */
	enum err found;                       /* OK, or why it was not */
	char *const *argv;                    /* NULL-ended */
	uint32_t grace_ms;
};

/* What came of it. */
struct supervised {
	bool started, in_cgroup;
	struct process_end end;               /* when it was started */
	struct note stopped;                  /* why it was ended, or not started; or empty */
	enum err failed;                      /* it could not be started, and why, or OK */
	struct note story;
	int64_t took_ns;                      /* from its start to the certain end */
};

void supervise(struct world *w, struct process *p, const struct program *what,
	       struct supervised *ret);

#endif
