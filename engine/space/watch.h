/*
 * watch: whether what was allowed may go on, told from the log while others write it. A part of the
 * door of engine/space.
 *
 * It reads only and takes no lock. The state is kept beside the log: each entry that comes is
 * re-run, as in a replay, so an entry that no gate has written is noticed here and not believed.
 */
#ifndef TRAMMEL_SPACE_WATCH_H
#define TRAMMEL_SPACE_WATCH_H

#include "engine/gate/gate.h"

struct watch;

/* Entry `entry` of the workspace in `dir` is an action that was allowed. */
enum err watch_open(struct world *w, const char *dir, uint64_t entry, struct watch **ret,
		    struct note *n) NODISCARD;
/*
 * Look what was recorded since; asked now and then, as a quarantine or an agent's time begins and
 * ends without an entry. `*why` says what stops the action; ptr NULL: nothing; it lives until the
 * next look. An error says that it cannot be told: that is no permission to go on.
 */
enum err watch_look(struct watch *w, int64_t now_ns, struct str *why, struct note *n) NODISCARD;
/* Safe on NULL. */
void watch_close(struct watch *w);

#endif
