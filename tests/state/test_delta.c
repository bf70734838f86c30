/* delta: goes forward and backward, one encoding per change, nothing else is taken. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/kit/fail_alloc.h"

static struct str bytes_of(const void *bytes, size_t len)
{
	return str_slice(bytes, len);
}
#define BYTES(...)                                                                                \
	bytes_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* A copy on the heap. */
static struct str kept(struct str s)
{
	char *copy = malloc(s.len + 1);

	cr_assert_not_null(copy);
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return str_slice(copy, s.len);
}

/* One table of 16-byte rows holding `rows` rows of zeros. */
static struct state *plain(uint32_t rows)
{
	const struct table_schema schema[] = { { "first", 4, 0 }, { "plain", 16, 0 } };
	const uint8_t zeros[16] = { 0 };
	struct state *s = NULL;
	uint32_t number;

	cr_assert_eq(state_open(schema, 2, &s), OK);
	while (rows-- > 0)
		cr_assert_eq(state_insert(s, 1, zeros, &number), OK);
	state_begin(s);
	return s;
}

static void expect_delta(struct state *s, struct str want)
{
	struct str delta;

	cr_assert_eq(state_delta(s, &delta), OK);
	cr_assert_eq(delta.len, want.len);
	cr_assert(str_eq(delta, want));
}

Test(delta, an_update_is_written_as_documented)
{
	struct state *s = plain(3);
	uint8_t row[16] = { 0 };

	row[2] = 0xAA;
	row[5] = 0xBB;      /* two zeros between: one span */
	row[9] = 0xCC;      /* three: another */
	cr_assert_eq(state_update(s, 1, 2, row), OK);
	expect_delta(s, BYTES(1, 1, 0, 2, 4, 2, 0xAA, 0, 0, 0xBB, 1, 3, 0xCC, 0));
	state_close(s);
}

Test(delta, inserts_carry_their_first_number)
{
	struct state *s = plain(200);
	uint8_t row[16] = { 0 };
	uint32_t number;

	cr_assert_eq(state_insert(s, 1, row, &number), OK);
	row[15] = 1;
	cr_assert_eq(state_insert(s, 1, row, &number), OK);
	cr_assert_eq(state_insert(s, 0, row, &number), OK);
	expect_delta(s, BYTES(0, 0, 1, 0, 0, 0, 0, 2, 0xC8, 0x01, 0, 1, 15, 1, 0));
	state_close(s);
}

Test(delta, what_changes_nothing_in_the_end_is_no_change)
{
	struct state *s = plain(2);
	uint8_t row[16] = { 0 };

	cr_assert_eq(state_update(s, 1, 0, row), OK);
	expect_delta(s, STR_NONE);
	row[0] = 1;
	cr_assert_eq(state_update(s, 1, 0, row), OK);
	row[0] = 0;
	cr_assert_eq(state_update(s, 1, 0, row), OK);
	expect_delta(s, STR_NONE);
	cr_assert_eq(state_apply(s, STR_NONE), OK);
	state_close(s);
}

Test(delta, a_copy_follows_and_goes_back_through_random_histories)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct dice d = dice_from(seed);
		struct state *s = history_open(), *follower = history_open();
		struct str deltas[30];

		for (int i = 0; i < 30; i++) {
			struct str delta;

			history_step(s, &d, 1 + (unsigned)dice_roll(&d, 30));
			cr_assert_eq(state_delta(s, &delta), OK);
			deltas[i] = kept(delta);
			cr_assert_eq(state_apply(follower, delta), OK);
			history_expect_equal(s, follower);
		}
		for (int i = 30; i-- > 0; ) {
			struct state *before = history_copy(follower);

			cr_assert_eq(state_revert(follower, deltas[i]), OK);
			cr_assert_eq(state_apply(follower, deltas[i]), OK);
			history_expect_equal(follower, before);
			cr_assert_eq(state_revert(follower, deltas[i]), OK);
			state_close(before);
			free((void *)(uintptr_t)deltas[i].ptr);
		}
		state_close(s);
		s = history_open();
		history_expect_equal(follower, s);
		state_close(s);
		state_close(follower);
	}
}

Test(delta, every_other_encoding_is_refused)
{
	static const struct {
		const char *why;
		enum err e;
		uint8_t len, bytes[24];
	} cases[] = {
		{ "no such table", ERR_RANGE, 6, { 2, 1, 0, 0, 1, 0 } },
		{ "a table far away", ERR_RANGE, 5, { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F } },
		{ "a group of nothing", ERR_SYNTAX, 3, { 1, 0, 0 } },
		{ "no such row", ERR_RANGE, 8, { 1, 1, 0, 3, 1, 0, 9, 0 } },
		{ "a second row behind the end", ERR_RANGE, 12,
		  { 1, 2, 0, 2, 1, 0, 9, 0, 0, 1, 0, 9 } },
		{ "an update of nothing", ERR_SYNTAX, 5, { 1, 1, 0, 0, 0 } },
		{ "a span of zeros", ERR_SYNTAX, 8, { 1, 1, 0, 0, 1, 0, 0, 0 } },
		{ "a span that starts with zero", ERR_SYNTAX, 9, { 1, 1, 0, 0, 2, 0, 0, 9, 0 } },
		{ "a span that ends with zero", ERR_SYNTAX, 9, { 1, 1, 0, 0, 2, 0, 9, 0, 0 } },
		{ "three zeros in a span", ERR_SYNTAX, 12, { 1, 1, 0, 0, 5, 0, 9, 0, 0, 0, 9, 0 } },
		{ "two spans that are one", ERR_SYNTAX, 11, { 1, 1, 0, 0, 1, 0, 9, 1, 2, 9, 0 } },
		{ "a span behind the row", ERR_RANGE, 8, { 1, 1, 0, 0, 1, 16, 9, 0 } },
		{ "a span longer than the row", ERR_RANGE, 9, { 1, 1, 0, 0, 2, 15, 9, 9, 0 } },
		{ "a number longer than needed", ERR_SYNTAX, 9, { 0x81, 0, 1, 0, 0, 1, 0, 9, 0 } },
		{ "a number beyond 32 bits", ERR_SYNTAX, 5, { 0xFF, 0xFF, 0xFF, 0xFF, 0x1F } },
		{ "a number of six bytes", ERR_SYNTAX, 6, { 0x80, 0x80, 0x80, 0x80, 0x80, 1 } },
		{ "an insert with a hole before it", ERR_RANGE, 5, { 1, 0, 1, 4, 0 } },
		{ "an insert over a row", ERR_RANGE, 5, { 1, 0, 1, 2, 0 } },
		{ "an update of a row of this delta", ERR_RANGE, 9, { 1, 1, 1, 3, 3, 1, 0, 9, 0 } },
		{ "an insert that is missing", ERR_SYNTAX, 4, { 1, 0, 1, 3 } },
		{ "bytes behind the last group", ERR_RANGE, 9, { 1, 1, 0, 0, 1, 0, 9, 0, 0 } },
	};
	struct state *s = plain(3), *before = plain(3);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct digest a, b;

		cr_expect_eq(state_apply(s, bytes_of(cases[i].bytes, cases[i].len)), cases[i].e,
			     "%s", cases[i].why);
		a = state_root(s);
		b = state_root(before);
		cr_assert(digest_eq(&a, &b), "%s", cases[i].why);
	}
	state_close(before);
	state_close(s);
}

Test(delta, going_back_refuses_rows_that_are_not_those_inserted)
{
	struct state *s = plain(3);
	uint8_t row[16] = { 7 };
	uint32_t number;

	cr_assert_eq(state_insert(s, 1, row, &number), OK);
	cr_assert_eq(state_revert(s, BYTES(1, 0, 1, 3, 1, 0, 8, 0)), ERR_RANGE, "other bytes");
	cr_assert_eq(state_revert(s, BYTES(1, 0, 1, 2, 1, 0, 7, 0)), ERR_RANGE, "another row");
	cr_assert_eq(state_revert(s, BYTES(1, 0, 2, 3, 1, 0, 7, 0, 0)), ERR_RANGE, "too many rows");
	cr_assert_eq(state_revert(s, BYTES(1, 1, 1, 3, 3, 1, 9, 7, 0, 1, 0, 7, 1, 8, 7, 0)),
		     ERR_RANGE, "an update of a row that leaves");
	cr_assert_eq(state_rows(s, 1), 4);
	cr_assert_eq(state_revert(s, BYTES(1, 0, 1, 3, 1, 0, 7, 0)), OK);
	cr_assert_eq(state_rows(s, 1), 3);
	state_close(s);
}

Test(delta, a_key_is_neither_changed_nor_given_twice)
{
	const struct table_schema schema[] = { { "keyed", 4, 2 } };
	struct state *s = NULL;
	uint32_t number;

	cr_assert_eq(state_open(schema, 1, &s), OK);
	cr_assert_eq(state_insert(s, 0, "ab12", &number), OK);
	cr_assert_eq(state_apply(s, BYTES(0, 1, 0, 0, 1, 1, 9, 0)), ERR_RANGE);
	cr_assert_eq(state_apply(s, BYTES(0, 0, 1, 1, 4, 0, 'a', 'b', '3', '4', 0)), ERR_EXISTS);
	cr_assert_eq(state_apply(s, BYTES(0, 1, 0, 0, 1, 2, 9, 0)), OK);
	cr_assert_eq(state_rows(s, 0), 1);
	state_close(s);
}

Test(delta, every_cut_and_every_flipped_bit_is_refused_or_another_change)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct dice d = dice_from(seed);
		struct state *s = history_open(), *before;
		struct str delta;
		char copy[4096];

		for (int i = 0; i < 5; i++)
			history_step(s, &d, 10);
		state_begin(s);
		before = history_copy(s);
		history_step(s, &d, 10);
		cr_assert_eq(state_delta(s, &delta), OK);
		cr_assert_leq(delta.len, sizeof(copy));
		for (size_t bit = 0; bit < delta.len * 8; bit++) {
			struct str again;

			memcpy(copy, delta.ptr, delta.len);
			copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
			if (state_apply(before, str_slice(copy, delta.len)) != OK)
				continue;
			cr_assert_eq(state_revert(before, str_slice(copy, delta.len)), OK);
			cr_assert_eq(state_delta(before, &again), OK);
			cr_assert_eq(again.len, 0, "a step that is over has no delta");
		}
		for (size_t len = 1; len < delta.len; len++)
			if (state_apply(before, str_slice(delta.ptr, len)) == OK)
				cr_assert_eq(state_revert(before, str_slice(delta.ptr, len)), OK);
		cr_assert_eq(state_apply(before, delta), OK);
		history_expect_equal(s, before);
		state_close(before);
		state_close(s);
	}
}

Test(delta, a_delta_beyond_the_limit_is_neither_written_nor_read)
{
	const struct table_schema schema[] = { { "wide", 1024, 0 } };
	struct state *s = NULL;
	uint8_t row[1024];
	char *big = calloc(1, LIMIT_DELTA_BYTES + 1);
	struct str delta;
	uint32_t number;

	memset(row, 0xEE, sizeof(row));
	cr_assert_eq(state_open(schema, 1, &s), OK);
	for (int i = 0; i < 1024; i++)
		cr_assert_eq(state_insert(s, 0, row, &number), OK);
	cr_assert_eq(state_delta(s, &delta), ERR_LIMIT);
	state_undo(s);
	cr_assert_eq(state_delta(s, &delta), OK);
	cr_assert_eq(delta.len, 0);
	cr_assert_eq(state_apply(s, str_slice(big, LIMIT_DELTA_BYTES + 1)), ERR_LIMIT);
	free(big);
	state_close(s);
}

Test(delta, applying_without_memory_changes_nothing)
{
	struct dice d = dice_from(3);
	struct state *s = history_open(), *before;
	struct str delta;

	for (int i = 0; i < 4; i++)
		history_step(s, &d, 40);
	state_begin(s);
	before = history_copy(s);
	history_step(s, &d, 400);
	for (uint64_t n = 1; ; n++) {
		struct state *copy = history_copy(before);
		enum err e;

		fail_alloc_at(n);
		e = state_delta(s, &delta);
		if (e == OK)
			e = state_apply(copy, delta);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert_gt(n, 3);
			history_expect_equal(copy, s);
			state_close(copy);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		history_expect_equal(copy, before);
		state_close(copy);
	}
	state_close(before);
	state_close(s);
}
