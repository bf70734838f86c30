/*
 * history: random lives of a state, and its root by definition, for the tests of this room.
 *
 * The naive root follows docs/formats/state.md and shares no code with engine/state but SHA-256
 * itself.
 */
#ifndef TRAMMEL_TESTS_HISTORY_H
#define TRAMMEL_TESTS_HISTORY_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

/*
 * Small and large rows, one length that is no multiple of a word, and a table that stays empty for
 * long.
 */
#define HISTORY_TABLES 4
extern const struct table_schema history_schema[HISTORY_TABLES];

struct dice {
	uint64_t x;
};

/* The seed is printed so that a failing history can be lived again. */
struct dice dice_from(uint64_t seed);
uint64_t dice_roll(struct dice *d, uint64_t sides);

struct state *history_open(void);
/*
 * Begin a step and make up to `changes` random changes: inserts, updates in few bytes, updates that
 * change nothing.
 */
void history_step(struct state *s, struct dice *d, unsigned changes);

struct digest history_root(const struct state *s);
bool history_same_rows(const struct state *a, const struct state *b);
/* Same rows, the same root in both, and that root is the naive one. */
void history_expect_equal(struct state *a, struct state *b);
/* An independent copy of the rows. */
struct state *history_copy(const struct state *s);

#endif
