/*
 * demotion: agents whose score fell are in a worse ring until it has risen again. A part of the
 * door of engine/runtime.
 *
 * A rule of a ring sets a latch when the score is below `below`, and takes it away when it is
 * `until` or more; between the two it stays as it was, so that a score on the border does not let
 * an agent in and out with every action. An agent is in the worst ring of its latches, or in its
 * own if that is a worse one. Latches are set by actions: a score that fell and rose unseen between
 * two of them leaves none.
 */
#ifndef TRAMMEL_RUNTIME_DEMOTION_H
#define TRAMMEL_RUNTIME_DEMOTION_H

#include "engine/base/limits.h"
#include "engine/runtime/ring.h"

/* Of one ring; below < until, or both 0: there is none. */
struct demotion_rule {
	uint32_t below, until;                /* points */
};

/* By ring; those of ring 0 and 1 are never there. */
struct demotion_rules {
	struct demotion_rule ring[RING_LEAST + 1];
};

/* One row of the demotions table; little-endian, no padding. `agent` is the key, NUL-padded. */
struct demotion_row {
	char agent[LIMIT_NAME_BYTES];
	uint8_t latches, zero[7];             /* bit r: it is demoted to ring r */
	int64_t since_ns;                     /* of the last change */
};

_Static_assert(sizeof(struct demotion_row) == LIMIT_NAME_BYTES + 16, "no padding");

/* The demotions table as the state opens it. */
struct table_schema demotion_table(void);
/* The latches of an agent as they were left. */
uint8_t demotion_latches(const struct state *s, unsigned table, struct str agent);
/* What that score makes of them. */
uint8_t demotion_next(const struct demotion_rules *rules, uint8_t latches, uint32_t score);
/* The worst ring of the latches, RING_MOST without any. */
unsigned demotion_ring(uint8_t latches);
/* Keep them. ERR_RANGE for what is no name; ERR_LIMIT, ERR_MEMORY. */
enum err demotion_keep(struct state *s, unsigned table, struct str agent, uint8_t latches,
		       int64_t at_ns) NODISCARD;

#endif
