/* snapshot: an image brings everything back; a damaged one brings nothing. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/kit/fail_alloc.h"

static struct state *lived(uint64_t seed, int steps)
{
	struct dice d = dice_from(seed);
	struct state *s = history_open();

	for (int i = 0; i < steps; i++)
		history_step(s, &d, 30);
	return s;
}

static struct buf image_of(struct state *s)
{
	struct buf b;

	buf_init(&b, 64u << 20);
	cr_assert_eq(state_snapshot(s, &b), OK);
	return b;
}

Test(snapshot, an_image_brings_everything_back)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct state *s = lived(seed, (int)seed * 3 - 3), *other = lived(seed + 100, 10);
		struct buf image = image_of(s);

		cr_assert_eq(state_restore(other, buf_view(&image)), OK);
		history_expect_equal(s, other);
		state_undo(other);
		history_expect_equal(s, other);
		buf_fini(&image);
		state_close(other);
		state_close(s);
	}
}

Test(snapshot, a_table_of_many_chunks_comes_back)
{
	struct state *s = history_open(), *other = history_open();
	uint8_t row[1024];
	struct buf image;
	uint32_t number;

	for (uint32_t i = 0; i < 3000; i++) {
		memset(row, (int)i, sizeof(row));
		cr_assert_eq(state_insert(s, 3, row, &number), OK);
	}
	image = image_of(s);
	cr_assert_eq(state_restore(other, buf_view(&image)), OK);
	history_expect_equal(s, other);
	buf_fini(&image);
	state_close(other);
	state_close(s);
}

Test(snapshot, no_flipped_bit_and_no_cut_brings_another_state)
{
	struct state *s = lived(1, 3), *other = lived(2, 2), *before = history_copy(other);
	struct buf image = image_of(s);

	for (size_t bit = 0; bit < image.len * 8; bit++) {
		enum err e;

		image.ptr[bit / 8] = (char)(image.ptr[bit / 8] ^ 1 << bit % 8);
		e = state_restore(other, buf_view(&image));
		if (e == OK) {
			cr_assert(history_same_rows(other, s), "bit %zu", bit);
			state_close(other);
			other = history_copy(before);
		} else {
			cr_assert(e == ERR_TAMPERED || e == ERR_VERSION, "bit %zu", bit);
		}
		image.ptr[bit / 8] = (char)(image.ptr[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t len = 0; len < image.len; len++)
		cr_assert_neq(state_restore(other, str_slice(image.ptr, len)), OK);
	buf_add_byte(&image, 0);
	cr_assert_eq(state_restore(other, buf_view(&image)), ERR_TAMPERED);
	history_expect_equal(other, before);
	buf_fini(&image);
	state_close(before);
	state_close(other);
	state_close(s);
}

Test(snapshot, rows_that_do_not_have_the_root_are_refused)
{
	struct state *s = lived(1, 3), *other = lived(2, 2), *before = history_copy(other);
	struct buf image = image_of(s);
	size_t head = 8 + 4 + 4, root_at;

	for (unsigned i = 0; i < HISTORY_TABLES; i++)
		head += 1 + strlen(history_schema[i].name) + 4 + 4;
	root_at = head + (size_t)HISTORY_TABLES * 4;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		image.ptr[root_at + i] ^= 1;
		cr_assert_eq(state_restore(other, buf_view(&image)), ERR_TAMPERED);
		image.ptr[root_at + i] ^= 1;
	}
	history_expect_equal(other, before);
	cr_assert_eq(state_restore(other, buf_view(&image)), OK);
	buf_fini(&image);
	state_close(before);
	state_close(other);
	state_close(s);
}

Test(snapshot, another_schema_is_refused)
{
	const struct table_schema schema[] = { { "agents", 64, 0 } };
	struct state *s = NULL, *other = history_open();
	struct buf image;

	cr_assert_eq(state_open(schema, 1, &s), OK);
	image = image_of(s);
	cr_assert_eq(state_restore(other, buf_view(&image)), ERR_VERSION);
	buf_fini(&image);
	state_close(other);
	state_close(s);
}

Test(snapshot, claimed_rows_that_are_not_there_ask_for_no_memory)
{
	struct state *s = history_open();
	struct buf image = image_of(s);
	size_t rows_at = image.len - DIGEST_BYTES - HISTORY_TABLES * 4;

	memset(image.ptr + rows_at, 0xFF, HISTORY_TABLES * 4);
	cr_assert_eq(state_restore(s, buf_view(&image)), ERR_TAMPERED);
	buf_fini(&image);
	state_close(s);
}

Test(snapshot, a_full_buffer_is_left_as_it_was)
{
	struct state *s = lived(1, 5);
	struct buf b;

	buf_init(&b, 200);
	buf_add_c(&b, "before");
	cr_assert_eq(state_snapshot(s, &b), ERR_LIMIT);
	cr_assert(str_eq(buf_view(&b), STR("before")));
	buf_fini(&b);
	state_close(s);
}

Test(snapshot, without_memory_nothing_changes)
{
	struct state *s = lived(1, 20), *before = lived(2, 5);

	for (uint64_t n = 1; ; n++) {
		struct state *other = history_copy(before);
		struct buf image;
		enum err e;

		buf_init(&image, 1 << 20);
		fail_alloc_at(n);
		e = state_snapshot(s, &image);
		if (e == OK)
			e = state_restore(other, buf_view(&image));
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert_gt(n, 10);
			history_expect_equal(other, s);
		} else {
			cr_assert_eq(e, ERR_MEMORY);
			history_expect_equal(other, before);
		}
		buf_fini(&image);
		state_close(other);
		if (e == OK)
			break;
	}
	state_close(before);
	state_close(s);
}
