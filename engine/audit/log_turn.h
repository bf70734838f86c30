/*
 * log_turn: one writer at a time, and everybody's turn. A part of the door of engine/audit.
 *
 *   writer A   holds `lock` ---- pause ..... resume: queues, holds `lock` --->
 *   writer B   queues, tries ------- holds `lock`, close
 *
 * Who finds the lock held queues: it holds `waiting` until it has the lock. A writer that lives
 * long asks now and then whether somebody does, pauses, and queues itself before it goes on, so
 * that whoever came first is first. Both files are advisory locks that die with their holders, so
 * nobody who was killed keeps others waiting.
 *
 * A pausing writer leaves a ticket in `lock`, 16 random bytes, and whoever opens the log for
 * writing empties it. The same ticket again means that nobody did, and all that the writer knew in
 * memory is still so.
 */
#ifndef TRAMMEL_LOG_TURN_H
#define TRAMMEL_LOG_TURN_H

#include "engine/audit/log.h"

/* Publish, and let go of the lock. Until it is resumed the log takes nothing (ERR_CLOSED). */
enum err log_pause(struct log *l) NODISCARD;
/*
 * Take the lock again, if all is as it was left: `*same` is false when another writer opened the
 * log meanwhile. Then, and after an error (ERR_LOCKED), it is paused as before.
 */
enum err log_resume(struct log *l, bool *same) NODISCARD;

/*
 * Be the one who waits, until the descriptor is closed. ERR_LOCKED: somebody else is.
 * ERR_NOT_FOUND: there is no such folder.
 */
enum err log_queue(struct world *w, const char *folder, int *ret) NODISCARD;
/* Does somebody wait? */
bool log_awaited(struct world *w, const char *folder);

#endif
