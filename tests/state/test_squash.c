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

/* --- dictionaries --- */

#define SAMPLES 400

/* One sample of many that are alike. */
static void add_sample(struct buf *b, unsigned i)
{
	buf_addf(b, "{\"action\":\"look\",\"agent\":\"agent-%u\",\"amount\":%u,\"kind\":\"one\"}",
		 i % 7, i * 2654435761u);
}

static void train(struct buf *dictionary)
{
	static size_t sizes[SAMPLES];
	struct buf samples;

	buf_init(&samples, 1 << 20);
	for (unsigned i = 0; i < SAMPLES; i++) {
		size_t before = samples.len;

		add_sample(&samples, i);
		sizes[i] = samples.len - before;
	}
	cr_assert_eq(squash_train(buf_view(&samples), sizes, SAMPLES, 4096, dictionary), OK);
	buf_fini(&samples);
}

Test(squash, a_dictionary_makes_small_things_smaller)
{
	struct buf dictionary, raw, plain, packed, out;

	buf_init(&dictionary, 4096);
	buf_init(&raw, 1000);
	buf_init(&packed, 1000);
	buf_init(&out, 1000);
	train(&dictionary);
	cr_assert_gt(dictionary.len, 0);
	add_sample(&raw, SAMPLES + 1);
	plain = packed_of(buf_view(&raw));
	cr_assert_eq(squash_packs_with(&squash, buf_view(&dictionary)), OK);
	cr_assert_eq(squash_pack(&squash, buf_view(&raw), &packed), OK);
	cr_assert_lt(packed.len, plain.len);
	cr_assert_neq(squash_unpack(&squash, buf_view(&packed), 1000, &out), OK,
		      "without the dictionary");
	cr_assert_eq(squash_unpacks_with(&squash, buf_view(&dictionary)), OK);
	cr_assert_eq(squash_unpack(&squash, buf_view(&packed), 1000, &out), OK);
	cr_assert(str_eq(buf_view(&out), buf_view(&raw)));
	cr_assert_eq(squash_unpacks_with(&squash, STR("")), OK);
	cr_assert_neq(squash_unpack(&squash, buf_view(&packed), 1000, &out), OK);
	buf_fini(&out);
	buf_fini(&packed);
	buf_fini(&plain);
	buf_fini(&raw);
	buf_fini(&dictionary);
}

Test(squash, too_few_samples_teach_nothing)
{
	size_t size = 3;
	struct buf out;

	buf_init(&out, 4096);
	cr_assert_eq(squash_train(STR("abc"), &size, 1, 4096, &out), OK);
	cr_assert_eq(out.len, 0);
	buf_fini(&out);
}

Test(squash, what_only_looks_like_a_dictionary_is_refused)
{
	cr_assert_eq(squash_unpacks_with(&squash, STR("\x37\xA4\x30\xEC" "11111111")),
		     ERR_TAMPERED);
}

Test(squash, content_of_exactly_the_size_that_was_asked_for)
{
	struct buf packed = packed_of(STR("four"));
	char raw[8];

	cr_assert_eq(squash_unpack_at(&squash, buf_view(&packed), raw, 4), OK);
	cr_assert_arr_eq(raw, "four", 4);
	cr_assert_eq(squash_unpack_at(&squash, buf_view(&packed), raw, 3), ERR_TAMPERED);
	cr_assert_eq(squash_unpack_at(&squash, buf_view(&packed), raw, 5), ERR_TAMPERED);
	buf_fini(&packed);
}
