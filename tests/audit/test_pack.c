/* pack: names, records, and a pack in memory. What a store makes of them is in test_blob.c. */
#include "engine/audit/pack.h"

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"

#define RECORDS 4

static struct world *w;
static struct pack_shelf s;
static struct pack p;

static void setup(void)
{
	const struct blob_shape shape = { 100000, RECORDS };

	cr_assert_eq(crypto_start(), OK);
	w = sim_open(1, 0);
	cr_assert_eq(world_mkdir(w, "blob"), OK);
	cr_assert_eq(pack_shelf_init(&s, w, "blob", false, shape), OK);
	pack_init(&p, false);
}

static void teardown(void)
{
	pack_fini(&s, &p);
	pack_shelf_fini(&s);
	sim_close(w);
}

TestSuite(pack, .init = setup, .fini = teardown);

static const struct str bodies[] = { STR("one"), STR("two"), STR(""), STR("four"), STR("five") };

/* Pack 7 with the first `count` bodies; `end` is where each record ends. */
static void write_pack(size_t count, size_t *end)
{
	static char text[4096];
	size_t len = PACK_MAGIC_BYTES;

	memcpy(text, PACK_MAGIC, PACK_MAGIC_BYTES);
	for (size_t i = 0; i < count; i++) {
		const struct pack_record r = {
			.digest = sha256(bodies[i]), .raw_bytes = (uint32_t)bodies[i].len,
			.stored_bytes = (uint32_t)bodies[i].len, .sum = pack_sum(bodies[i]),
		};

		pack_write_header((unsigned char *)text + len, &r);
		memcpy(text + len + PACK_HEADER_BYTES, bodies[i].ptr, bodies[i].len);
		len += PACK_HEADER_BYTES + bodies[i].len;
		if (end)
			end[i] = len;
	}
	cr_assert_eq(sim_poke(w, "blob/00000007.pack", str_slice(text, len)), OK);
}

static bool has(size_t i, uint32_t *offset)
{
	struct digest d = sha256(bodies[i]);

	return pack_find(&p, &d, offset);
}

Test(pack, a_name_is_a_number_in_one_way)
{
	static const char *const wrong[] = {
		"0000001.pack", "000000001.pack", "00000001.index", "00000001", "0000000a.pack",
		"00000001.pack.new", "4294967295.pack", "", ".pack",
	};
	char path[LIMIT_PATH_BYTES];
	uint32_t number = 9;

	cr_assert(pack_number(STR("00000000.pack"), &number) && number == 0);
	cr_assert(pack_number(STR("00000120.pack"), &number) && number == 120);
	cr_assert(pack_number(STR("4294967294.pack"), &number) && number == UINT32_MAX - 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(!pack_number(str_view(wrong[i]), &number), "%s", wrong[i]);
	cr_assert_eq(pack_path(&s, 120, "index", path), OK);
	cr_assert_str_eq(path, "blob/00000120.index");
}

Test(pack, a_walk_finds_every_whole_record)
{
	size_t end[RECORDS];
	uint32_t offset = 0;
	struct body body;

	write_pack(3, end);
	cr_assert_eq(pack_begin(&s, &p, 7), OK);
	cr_assert_eq(pack_scan(&s, &p, true), OK);
	cr_assert(p.count == 3 && p.bytes == end[2] && !p.damaged);
	for (int sorted = 0; sorted < 2; sorted++) {
		for (size_t i = 0; i < 3; i++) {
			struct digest d = sha256(bodies[i]);

			cr_assert(has(i, &offset));
			cr_assert_eq(offset, i ? end[i - 1] : PACK_MAGIC_BYTES);
			cr_assert_eq(pack_read(&s, 7, p.fd, offset, &d, &body), OK);
			cr_assert(str_eq(body.text, bodies[i]));
		}
		cr_assert(!has(3, &offset));
		pack_sort(&p);
	}
}

Test(pack, a_walk_goes_on_where_the_last_one_ended)
{
	size_t end[RECORDS];
	uint32_t offset;

	write_pack(2, NULL);
	cr_assert_eq(pack_begin(&s, &p, 7), OK);
	cr_assert_eq(pack_scan(&s, &p, false), OK);
	cr_assert(p.count == 2 && !has(2, &offset));
	write_pack(4, end);
	cr_assert_eq(pack_scan(&s, &p, false), OK);
	cr_assert(p.count == 4 && has(3, &offset) && p.bytes == end[3]);
}

Test(pack, a_torn_record_is_not_there_and_no_damage)
{
	struct str whole;
	size_t end[RECORDS];
	char copy[512];

	write_pack(2, end);
	whole = sim_peek(w, "blob/00000007.pack");
	memcpy(copy, whole.ptr, whole.len);
	for (size_t len = end[0]; len < end[1]; len++) {
		cr_assert_eq(sim_poke(w, "blob/00000007.pack", str_slice(copy, len)), OK);
		cr_assert_eq(pack_begin(&s, &p, 7), OK);
		cr_assert_eq(pack_scan(&s, &p, true), OK);
		cr_assert(p.count == 1 && p.bytes == end[0] && !p.damaged, "%zu", len);
	}
}

Test(pack, what_is_no_record_is_damage)
{
	uint32_t offset;

	cr_assert_eq(sim_poke(w, "blob/00000007.pack", STR("TRMPACK1")), OK);
	cr_assert_eq(pack_begin(&s, &p, 7), OK);
	cr_assert_eq(pack_scan(&s, &p, false), OK);
	cr_assert(p.damaged && p.count == 0 && p.bytes == 0);
	write_pack(RECORDS + 1, NULL);
	cr_assert_eq(pack_begin(&s, &p, 7), OK);
	cr_assert_eq(pack_scan(&s, &p, false), OK);
	cr_assert(p.damaged && p.count == RECORDS && !has(RECORDS, &offset), "one too many");
}

Test(pack, a_record_is_read_under_its_own_digest_only)
{
	struct digest one = sha256(bodies[0]), two = sha256(bodies[1]);
	struct body body = { .text = STR("untouched") };
	char copy[512];
	size_t len;

	write_pack(2, NULL);
	cr_assert_eq(pack_begin(&s, &p, 7), OK);
	cr_assert_eq(pack_open(&s, &p), OK);
	cr_assert_eq(pack_read(&s, 7, p.fd, PACK_MAGIC_BYTES, &two, &body), ERR_TAMPERED);
	cr_assert_eq(pack_read(&s, 7, p.fd, PACK_MAGIC_BYTES + 1, &one, &body), ERR_TAMPERED);
	cr_assert_eq(pack_read(&s, 7, p.fd, 4000, &one, &body), ERR_TAMPERED);
	len = sim_peek(w, "blob/00000007.pack").len;
	memcpy(copy, sim_peek(w, "blob/00000007.pack").ptr, len);
	copy[PACK_MAGIC_BYTES + PACK_HEADER_BYTES] ^= 1;
	cr_assert_eq(sim_poke(w, "blob/00000007.pack", str_slice(copy, len)), OK);
	windows_forget(&s.windows);
	cr_assert_eq(pack_read(&s, 7, p.fd, PACK_MAGIC_BYTES, &one, &body), ERR_TAMPERED);
	cr_assert(str_is(body.text, "untouched"));
}

Test(pack, holds_as_many_as_it_may_and_each_once)
{
	uint32_t offset = 0;

	cr_assert_eq(pack_begin(&s, &p, 7), OK);
	for (uint32_t i = 0; i < RECORDS; i++) {
		struct digest d = sha256(bodies[i]);

		cr_assert_eq(pack_add(&s, &p, &d, i), OK);
		if (i + 1 < RECORDS)
			cr_assert_eq(pack_add(&s, &p, &d, 99), OK, "the first place counts");
		cr_assert(has(i, &offset) && offset == i && p.count == i + 1);
	}
	cr_assert_eq(pack_add(&s, &p, &(struct digest){ { 9 } }, 0), ERR_LIMIT);
	pack_reset(&s, &p);
	cr_assert(!has(0, &offset) && !p.held);
}
