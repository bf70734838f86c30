/*
 * turns: a workspace that is open for writing for long lets others write in between. A part of the
 * door of engine/space; see engine/audit/log_turn.h for how turns are taken.
 *
 *   open ----> writing ---- space_pause ----> paused ----> closed
 *                 ^                             |
 *                 +------- space_resume --------+
 */
#ifndef TRAMMEL_SPACE_TURNS_H
#define TRAMMEL_SPACE_TURNS_H

#include "engine/base/world.h"

struct space;

/*
 * Publish what was submitted, and let others write. Until it is resumed a paused workspace may only
 * be closed, which needs no lock.
 */
enum err space_pause(struct space *s) NODISCARD;
/*
 * Take the lock again. Where nobody opened the workspace for writing meanwhile this costs next to
 * nothing and changes nothing; else it is opened anew, policies included, `*s` is another handle
 * then and the old one is gone. After an error, ERR_LOCKED among them, `*s` is paused as before.
 */
enum err space_resume(struct space **s, struct note *n) NODISCARD;

/*
 * Who finds the workspace in `dir` locked waits best as the first in the queue: until the
 * descriptor is closed (world_close). ERR_LOCKED: somebody else is the first.
 */
enum err space_queue(struct world *w, const char *dir, int *ret) NODISCARD;
/* Does somebody wait for this workspace? */
bool space_awaited(const struct space *s);

#endif
