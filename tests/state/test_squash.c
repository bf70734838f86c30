/* squash: what goes in comes out; nothing but one frame of ours is read. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/kit/fail_alloc.h"

static struct squash squash;

static void end(void)
{
	squash_fini(&squash);
}

TestSuite(squash, .fini = end);

static struct buf packed_of(struct str raw)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	cr_assert_eq(squash_pack(&squash, raw, &b), OK);
	return b;
}

Test(squash, what_goes_in_comes_out)
{
	struct dice d = dice_from(9);

	for (size_t len = 0; len < 300000; len = len * 3 + 1) {
		char *raw = malloc(len + 1);
		struct buf packed, out;

		for (size_t i = 0; i < len; i++)
			raw[i] = (char)dice_roll(&d, i % 7 ? 2 : 256);
		packed = packed_of(str_slice(raw, len));
		buf_init(&out, len + 5);
		buf_add_c(&out, "head:");
		cr_assert_eq(squash_unpack(&squash, buf_view(&packed), len, &out), OK);
		cr_assert_eq(out.len, len + 5);
		cr_assert(memcmp(out.ptr, "head:", 5) == 0 && memcmp(out.ptr + 5, raw, len) == 0);
		if (len > 0)
			cr_assert_eq(squash_unpack(&squash, buf_view(&packed), len - 1, &out),
				     ERR_LIMIT);
		cr_assert_eq(out.len, len + 5);
		buf_fini(&out);
		buf_fini(&packed);
		free(raw);
	}
}

Test(squash, what_was_packed_before_leaves_no_mark)
{
	struct dice d = dice_from(3);

	for (int i = 0; i < 2000; i++) {
		struct squash fresh;
		struct buf first, second;
		char raw[3000];
		size_t len = dice_roll(&d, sizeof(raw));

		for (size_t at = 0; at < len; at++)
			raw[at] = (char)dice_roll(&d, i % 5 ? 4 : 256);
		first = packed_of(str_slice(raw, len));
		buf_init(&second, 10000);
		squash_init(&fresh);
		cr_assert_eq(squash_pack(&fresh, str_slice(raw, len), &second), OK);
		squash_fini(&fresh);
		cr_assert(str_eq(buf_view(&first), buf_view(&second)));
		buf_fini(&first);
		buf_fini(&second);
	}
}

/* A few bits of a zstd frame mean nothing; they may flip, the content may not. */
Test(squash, no_flipped_bit_and_no_cut_changes_the_content)
{
	const struct str raw = STR("the quick brown fox, the quick brown fox, the quick brown dog");
	struct buf packed = packed_of(raw), out;

	buf_init(&out, 1 << 20);
	for (size_t bit = 0; bit < packed.len * 8; bit++) {
		enum err e;

		packed.ptr[bit / 8] = (char)(packed.ptr[bit / 8] ^ 1 << bit % 8);
		e = squash_unpack(&squash, buf_view(&packed), 1 << 20, &out);
		if (e == OK)
			cr_assert(str_eq(buf_view(&out), raw), "bit %zu", bit);
		else
			cr_assert((e == ERR_TAMPERED || e == ERR_LIMIT) && out.len == 0);
		buf_clear(&out);
		packed.ptr[bit / 8] = (char)(packed.ptr[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t len = 0; len < packed.len; len++)
		cr_assert_eq(squash_unpack(&squash, str_slice(packed.ptr, len), 100, &out),
			     ERR_TAMPERED);
	buf_fini(&out);
	buf_fini(&packed);
}

Test(squash, bytes_behind_a_second_frame_and_skippable_frames_are_refused)
{
	struct buf packed = packed_of(STR("one")), out;
	size_t len = packed.len;

	buf_init(&out, 100);
	buf_add_byte(&packed, 0);
	cr_assert_eq(squash_unpack(&squash, buf_view(&packed), 100, &out), ERR_TAMPERED);
	packed.len = len;
	cr_assert_eq(squash_pack(&squash, STR("two"), &packed), OK);
	cr_assert_eq(squash_unpack(&squash, buf_view(&packed), 100, &out), ERR_TAMPERED);
	packed.len = len;
	cr_assert_eq(squash_pack(&squash, STR_NONE, &packed), OK);
	cr_assert_eq(squash_unpack(&squash, buf_view(&packed), 100, &out), ERR_TAMPERED);
	cr_assert_eq(squash_unpack(&squash, STR("\x50\x2A\x4D\x18\0\0\0\0"), 100, &out),
		     ERR_TAMPERED);
	cr_assert_eq(out.len, 0);
	buf_fini(&out);
	buf_fini(&packed);
}

Test(squash, a_size_that_the_bytes_cannot_give_asks_for_no_memory)
{
	/* A frame of one empty raw block that claims 2^40 bytes of content. */
	const struct str claim = STR("\x28\xB5\x2F\xFD\xE4\0\0\0\0\0\1\0\0\1\0\0\0\0\0\0");
	struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	cr_assert_eq(squash_unpack(&squash, claim, SIZE_MAX / 2, &out), ERR_TAMPERED);
	cr_assert_eq(out.room, 0);
	buf_fini(&out);
}

Test(squash, a_full_buffer_is_left_as_it_was)
{
	struct buf b;
	char raw[1000];

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (char)(i * i * 31 >> 3);
	buf_init(&b, 20);
	buf_add_c(&b, "before");
	cr_assert_eq(squash_pack(&squash, str_slice(raw, sizeof(raw)), &b), ERR_LIMIT);
	cr_assert(str_eq(buf_view(&b), STR("before")));
	buf_fini(&b);
}

Test(squash, no_memory_is_told)
{
	struct buf b;

	buf_init(&b, 1000);
	fail_alloc_at(1);
	cr_assert_eq(squash_pack(&squash, STR("text"), &b), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	cr_assert_eq(b.len, 0);
	buf_fini(&b);
}
