/* table: rows, steps, undo. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/kit/fail_alloc.h"

Test(table, rows_are_numbered_from_zero_and_keep_their_bytes)
{
	struct state *s = history_open();
	uint32_t number = 99;

	state_begin(s);
	for (uint32_t i = 0; i < 1000; i++) {
		uint8_t row[3] = { (uint8_t)i, (uint8_t)(i >> 8), 7 };

		cr_assert_eq(state_insert(s, 1, row, &number), OK);
		cr_assert_eq(number, i);
	}
	cr_assert_eq(state_rows(s, 1), 1000);
	cr_assert_eq(state_rows(s, 0), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		const uint8_t *row = state_row(s, 1, i);

		cr_assert_eq(row[0] | row[1] << 8, (int)i);
		cr_assert_eq(row[2], 7);
	}
	state_close(s);
}

Test(table, a_schema_beyond_the_limits_or_with_a_name_twice_is_refused)
{
	static const char long_name[] = "a name of more than thirty-two bytes";
	struct table_schema many[LIMIT_TABLES + 1];
	struct table_schema twice[] = { { "a", 1, 0 }, { "b", 1, 0 }, { "a", 2, 0 } };
	struct table_schema bad[] = {
		{ "", 1, 0 }, { long_name, 1, 0 }, { "a", 0, 0 },
		{ "a", LIMIT_ROW_BYTES + 1, 0 }, { "a", 4, 5 },
	};
	struct state *s = NULL;

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = (struct table_schema){ &long_name[i], 1, 0 };
	cr_assert_eq(state_open(many, 0, &s), ERR_LIMIT);
	cr_assert_eq(state_open(many, LIMIT_TABLES + 1, &s), ERR_LIMIT);
	cr_assert_eq(state_open(twice, 3, &s), ERR_DUPLICATE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(state_open(&bad[i], 1, &s), ERR_LIMIT);
	cr_assert_null(s);
	state_close(s);
}

Test(table, undo_takes_the_whole_step_back)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct dice d = dice_from(seed);
		struct state *s = history_open(), *before;

		for (int i = 0; i < 20; i++)
			history_step(s, &d, 12);
		state_begin(s);
		before = history_copy(s);
		history_step(s, &d, 40);
		if (dice_roll(&d, 2))
			(void)state_root(s);
		state_undo(s);
		history_expect_equal(s, before);
		state_undo(s);
		history_expect_equal(s, before);
		history_step(s, &d, 40);
		history_step(before, &d, 0);
		state_close(before);
		before = history_copy(s);
		history_expect_equal(s, before);
		state_close(before);
		state_close(s);
	}
}

Test(table, a_row_changed_twice_comes_back_as_it_was_first)
{
	struct state *s = history_open();
	uint32_t number;

	state_begin(s);
	cr_assert_eq(state_insert(s, 1, "abc", &number), OK);
	state_begin(s);
	cr_assert_eq(state_update(s, 1, 0, "abd"), OK);
	cr_assert_eq(state_update(s, 1, 0, "xyz"), OK);
	cr_assert_eq(state_insert(s, 1, "new", &number), OK);
	cr_assert_eq(state_update(s, 1, 1, "old"), OK);
	cr_assert_arr_eq(state_row(s, 1, 1), "old", 3);
	state_undo(s);
	cr_assert_eq(state_rows(s, 1), 1);
	cr_assert_arr_eq(state_row(s, 1, 0), "abc", 3);
	state_close(s);
}

Test(table, reset_leaves_an_empty_state_of_the_same_schema)
{
	struct dice d = dice_from(5);
	struct state *s = history_open(), *empty = history_open();

	for (int i = 0; i < 30; i++)
		history_step(s, &d, 30);
	state_reset(s);
	history_expect_equal(s, empty);
	state_undo(s);
	history_expect_equal(s, empty);
	for (int i = 0; i < 3; i++)
		history_step(s, &d, 30);
	state_close(empty);
	empty = history_copy(s);
	history_expect_equal(s, empty);
	state_close(empty);
	state_close(s);
}

Test(table, a_step_has_a_limit_and_stays_undoable_at_it)
{
	struct state *s = history_open(), *empty = history_open();
	uint32_t number;

	state_begin(s);
	for (uint32_t i = 0; i < LIMIT_STEP_ROWS; i++)
		cr_assert_eq(state_insert(s, 1, "row", &number), OK);
	cr_assert_eq(state_insert(s, 1, "row", &number), ERR_LIMIT);
	cr_assert_eq(state_update(s, 1, 3, "its"), OK, "a row of this step costs nothing more");
	state_undo(s);
	history_expect_equal(s, empty);
	state_close(empty);
	state_close(s);
}

/* Everything that can allocate in a step; the answer of the first failure. */
static enum err live(struct state *s)
{
	uint8_t row[LIMIT_ROW_BYTES];
	struct str delta;
	uint32_t number;

	for (uint32_t i = 0; i < 70; i++) {
		memset(row, (int)i + 1, sizeof(row));
		TRY(state_update(s, 0, i, row));
		TRY(state_insert(s, 0, row, &number));
		TRY(state_insert(s, 2, row, &number));
	}
	TRY(state_delta(s, &delta));
	(void)state_root(s);
	return OK;
}

Test(table, a_failed_allocation_leaves_a_step_that_undo_takes_back)
{
	uint8_t row[LIMIT_ROW_BYTES] = { 0 };

	for (uint64_t n = 1; ; n++) {
		struct state *s = history_open(), *before;
		uint32_t number;
		enum err e;

		for (uint32_t i = 0; i < 70; i++)
			cr_assert_eq(state_insert(s, 0, row, &number), OK);
		state_begin(s);
		before = history_copy(s);
		fail_alloc_at(n);
		e = live(s);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert_gt(n, 5);
			state_close(before);
			state_close(s);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		state_undo(s);
		history_expect_equal(s, before);
		cr_assert_eq(live(s), OK, "and the state goes on living");
		state_close(before);
		state_close(s);
	}
}

Test(table, opening_without_memory_gives_nothing)
{
	struct state *s = NULL;

	fail_alloc_at(1);
	cr_assert_eq(state_open(history_schema, HISTORY_TABLES, &s), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	cr_assert_null(s);
}
