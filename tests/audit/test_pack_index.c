/* pack_index: written, believed only when whole, and done without. */
#include "engine/audit/pack.h"

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

#define RECORDS 16
#define INDEX "blob/00000003.index"
#define INDEX_BYTES (12 + RECORDS * 36 + 32)

static struct world *w;
static struct pack_shelf s;
static struct pack p;

static struct str body_of(uint32_t i)
{
	static char body[8];

	memset(body, (int)('a' + i), sizeof(body));
	return str_slice(body, sizeof(body));
}

static uint32_t offset_of(uint32_t i)
{
	return PACK_MAGIC_BYTES + i * (PACK_HEADER_BYTES + 8);
}

/* Pack 3 is full, and has its index. */
static void setup(void)
{
	const struct blob_shape shape = { 100000, RECORDS };
	struct buf text;

	cr_assert_eq(crypto_start(), OK);
	w = sim_open(1, 0);
	cr_assert_eq(world_mkdir(w, "blob"), OK);
	cr_assert_eq(pack_shelf_init(&s, w, "blob", true, shape), OK);
	pack_init(&p, false);
	buf_init(&text, 1u << 16);
	buf_add(&text, STR(PACK_MAGIC));
	for (uint32_t i = 0; i < RECORDS; i++) {
		const struct pack_record r = { sha256(body_of(i)), BODY_PLAIN, false, 8, 8,
					       pack_sum(body_of(i)) };

		pack_write_header((unsigned char *)buf_grow(&text, PACK_HEADER_BYTES), &r);
		buf_add(&text, body_of(i));
	}
	cr_assert_eq(sim_poke(w, "blob/00000003.pack", buf_view(&text)), OK);
	buf_fini(&text);
	cr_assert_eq(pack_begin(&s, &p, 3), OK);
	cr_assert_eq(pack_scan(&s, &p, true), OK);
	cr_assert_eq(pack_index_write(&s, &p), OK);
	pack_reset(&s, &p);
}

static void teardown(void)
{
	pack_fini(&s, &p);
	pack_shelf_fini(&s);
	sim_close(w);
}

TestSuite(pack_index, .init = setup, .fini = teardown);

static void expect_loaded(void)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		struct digest d = sha256(body_of(i));
		uint32_t offset = 0;

		cr_assert(pack_find(&p, &d, &offset) && offset == offset_of(i), "%u", i);
	}
}

Test(pack_index, finds_every_record_and_no_other)
{
	struct digest other = sha256(STR("other"));
	enum pack_index state = INDEX_UNCHECKED;
	uint32_t offset = 0;

	cr_assert_eq(pack_index_check(&s, 3, &p, &state), OK);
	cr_assert_eq(state, INDEX_GOOD);
	for (uint32_t i = 0; i < RECORDS; i++) {
		struct digest d = sha256(body_of(i));

		cr_assert_eq(pack_index_search(&s, 3, &d, &offset), OK);
		cr_assert_eq(offset, offset_of(i));
	}
	cr_assert_eq(pack_index_search(&s, 3, &other, &offset), ERR_MISS);
	cr_assert_eq(pack_index_load(&s, 3, state, &p), OK);
	expect_loaded();
}

Test(pack_index, is_not_believed_when_a_bit_is_wrong)
{
	static char copy[INDEX_BYTES];

	cr_assert_eq(sim_peek(w, INDEX).len, INDEX_BYTES);
	memcpy(copy, sim_peek(w, INDEX).ptr, INDEX_BYTES);
	s.write = false;
	for (size_t at = 0; at < INDEX_BYTES; at++) {
		enum pack_index state = INDEX_UNCHECKED;

		copy[at] ^= 4;
		cr_assert_eq(sim_poke(w, INDEX, str_slice(copy, INDEX_BYTES)), OK);
		cr_assert_eq(pack_index_check(&s, 3, &p, &state), OK);
		cr_assert_eq(state, INDEX_BAD, "byte %zu", at);
		cr_assert_eq(pack_index_judge(&s, 3, NULL), ERR_TAMPERED, "byte %zu", at);
		copy[at] ^= 4;
	}
	cr_assert_eq(pack_index_load(&s, 3, INDEX_BAD, &p), OK, "the pack is walked instead");
	cr_assert_eq(world_unlink(w, INDEX), OK);
	cr_assert_eq(pack_index_judge(&s, 3, NULL), OK, "none is no wrong one");
	expect_loaded();
}

/* The sum is right, and the digests are not in order: a binary search would go astray. */
Test(pack_index, is_not_believed_out_of_order)
{
	enum pack_index state = INDEX_UNCHECKED;
	static char copy[INDEX_BYTES];
	struct digest sum;

	memcpy(copy, sim_peek(w, INDEX).ptr, INDEX_BYTES);
	memcpy(copy + 12, sim_peek(w, INDEX).ptr + 12 + 36, 36);
	memcpy(copy + 12 + 36, sim_peek(w, INDEX).ptr + 12, 36);
	sum = sha256(str_slice(copy, INDEX_BYTES - 32));
	memcpy(copy + INDEX_BYTES - 32, sum.bytes, 32);
	cr_assert_eq(sim_poke(w, INDEX, str_slice(copy, INDEX_BYTES)), OK);
	s.write = false;
	cr_assert_eq(pack_index_check(&s, 3, &p, &state), OK);
	cr_assert_eq(state, INDEX_BAD);
}

Test(pack_index, is_made_anew_by_a_writer)
{
	enum pack_index state = INDEX_UNCHECKED;
	static char before[INDEX_BYTES];

	memcpy(before, sim_peek(w, INDEX).ptr, INDEX_BYTES);
	cr_assert_eq(world_unlink(w, INDEX), OK);
	cr_assert_eq(pack_index_check(&s, 3, &p, &state), OK);
	cr_assert(state == INDEX_GOOD && !p.held);
	cr_assert_arr_eq(sim_peek(w, INDEX).ptr, before, INDEX_BYTES);
	cr_assert_eq(sim_poke(w, INDEX, STR("bad")), OK);
	cr_assert_eq(pack_index_check(&s, 3, &p, &state), OK);
	cr_assert(str_is(sim_peek(w, INDEX), "bad"), "looked at once");
}

Test(pack_index, reports_every_failing_allocation)
{
	bool hit = true;

	for (uint64_t at = 1; hit; at++) {
		enum pack_index state = INDEX_UNCHECKED;
		enum err e;

		fail_alloc_at(at);
		e = pack_index_check(&s, 3, &p, &state);
		if (e == OK)
			e = pack_index_load(&s, 3, state, &p);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK, "at %d: %s", (int)at, err_name(e));
		pack_reset(&s, &p);
	}
}
