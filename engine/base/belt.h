/*
 * belt: work done ahead of who needs it, by a thread of its own where there can be one.
 *
 *   maker: fill slot 0, slot 1, ...  -->  | 4 | 5 |   | 3 |  -->  taker: next, next, ...
 *
 * The taker sees the same slots in the same order with a thread and without: nothing is filled but
 * by `fill`, one slot after the other, and only who fills and when is different. The thread lives
 * from belt_open to belt_close and takes no signals. This is the only place that makes one.
 */
#ifndef TRAMMEL_BASE_BELT_H
#define TRAMMEL_BASE_BELT_H

#include "engine/base/err.h"

struct belt;

/*
 * Fill a slot, which may hold what it held before; false when it is the last one. Failures are told
 * inside the slot. Runs beside the taker: it shares nothing with it but slots that changed hands.
 */
typedef bool belt_fill(void *self, void *slot);

/* `slots` is `count` (at least 2) blocks of `slot_bytes`, the caller's as long as the belt runs. */
struct belt_plan {
	belt_fill *fill;
	void *self, *slots;
	size_t slot_bytes, count;
	/* May another thread fill? Where the system refuses one, the taker's own does. */
	bool ahead;
};

enum err belt_open(const struct belt_plan *plan, struct belt **ret) NODISCARD;
/* The next slot, the caller's until the next call; NULL behind the last one. */
void *belt_next(struct belt *b);
/* Also before the last slot; waits for the slot that is being filled. Safe on NULL. */
void belt_close(struct belt *b);

#endif
