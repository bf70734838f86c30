/*
 * Any bytes as a delta: refused and nothing changed, or taken; then they are the one encoding of
 * the change they made, and going back gives the state of before.
 */
#include <stdlib.h>

#include "engine/base/limits.h"
#include "engine/state/state.h"

#define TABLES 3
#define ROWS 5

static const struct table_schema schema[TABLES] = {
	{ "wide", 200, 0 }, { "keyed", 20, 4 }, { "narrow", 1, 0 },
};

/* Two states with the same few rows. */
static struct state *start(void)
{
	struct state *s;
	uint8_t row[200] = { 0 };
	uint32_t number;

	MUST(state_open(schema, TABLES, &s) == OK);
	for (unsigned t = 0; t < TABLES; t++)
		for (uint8_t i = 0; i < ROWS; i++) {
			row[0] = i;
			row[schema[t].row_bytes - 1] = i;
			MUST(state_insert(s, t, row, &number) == OK);
		}
	state_begin(s);
	return s;
}

static struct digest root_of(struct state *s)
{
	struct digest root;

	root = state_root(s);
	return root;
}

/* Make `s` equal to `after` row by row. */
static void make_changes(struct state *s, const struct state *after)
{
	uint32_t number;

	for (unsigned t = 0; t < TABLES; t++) {
		for (uint32_t i = 0; i < state_rows(s, t); i++)
			MUST(state_update(s, t, i, state_row(after, t, i)) == OK);
		for (uint32_t i = state_rows(s, t); i < state_rows(after, t); i++)
			MUST(state_insert(s, t, state_row(after, t, i), &number) == OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str delta = str_slice(data, size), again;
	struct state *s = start(), *other = start();
	struct digest before = root_of(s), after;

	if (state_apply(s, delta) == OK) {
		after = root_of(s);
		make_changes(other, s);
		MUST(state_delta(other, &again) == OK);
		MUST(str_eq(again, delta));
		MUST(memcmp(root_of(other).bytes, after.bytes, DIGEST_BYTES) == 0);
		MUST(state_revert(s, delta) == OK);
	} else if (state_revert(s, delta) == OK) {
		MUST(state_apply(s, delta) == OK);
	}
	MUST(memcmp(root_of(s).bytes, before.bytes, DIGEST_BYTES) == 0);
	state_close(other);
	state_close(s);
	return 0;
}
