/* my_turn: a workspace for writing, when whoever writes there now lets go of it. */
#ifndef TRAMMEL_TUI_MY_TURN_H
#define TRAMMEL_TUI_MY_TURN_H

#include "engine/process/process.h"
#include "engine/space/space.h"
#include "tui/command.h"

/* How long an order waits. */
#define MY_TURN_SECONDS 10

struct my_turn {
	const struct invocation *in;
	struct process *process;     /* when it is told to end, nothing is waited for; NULL: none */
	unsigned seconds;            /* as long is waited; 0: as long as it takes */
	const char *story;           /* what is said after a second; NULL: that we wait */
};

/*
 * `*s` is opened where it is NULL, else resumed: see space_resume. ERR_LOCKED: it was waited for as
 * long as may be, or until we were told to end.
 */
enum err my_turn_take(const struct my_turn *t, struct space **s, struct note *n) NODISCARD;

#endif
