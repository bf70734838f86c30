/*
 * vector_clock: what somebody knows of everybody's work. A part of the door of engine/runtime.
 *
 * One number for each slot of a session: how many of that participant's commits are known. A clock
 * is before another when it knows nothing that the other does not; two that each know something of
 * their own are concurrent, which is what a conflict is.
 */
#ifndef TRAMMEL_RUNTIME_VECTOR_CLOCK_H
#define TRAMMEL_RUNTIME_VECTOR_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_SLOTS 32

struct vector_clock {
	uint32_t at[CLOCK_SLOTS];
};

/* Is everything that `a` knows known to `b`? Equal clocks know the same. */
bool clock_within(const struct vector_clock *a, const struct vector_clock *b);
/* Each knows something that the other does not. */
bool clock_concurrent(const struct vector_clock *a, const struct vector_clock *b);
/* `into` comes to know what `from` knows; the two may be one. */
void clock_merge(struct vector_clock *into, const struct vector_clock *from);
/* One commit of its own. False, and nothing changes, when there are no more numbers. */
bool clock_tick(struct vector_clock *c, uint32_t slot);

#endif
