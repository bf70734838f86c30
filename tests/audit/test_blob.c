#include "engine/audit/blob.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/audit/inside.h"
#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

#define RECORDS 8
#define BODIES 40
#define BODY_BYTES 3000

static const struct blob_shape shape = { 20000, RECORDS };

static struct world *w;
static struct blob_store *b;
static struct note n;
static char bytes[BODY_BYTES];

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	w = sim_open(3, 0);
	b = NULL;
	n = (struct note){ 0 };
}

static void teardown(void)
{
	sim_close(w);
}

TestSuite(blob, .init = setup, .fini = teardown);

static enum err open_store(bool write)
{
	return blob_open_shaped(w, "blob", write, shape, &b, &n);
}

/* Body number i, always the same: short, compressible or noise, in turn. */
static struct str body_of(uint32_t i)
{
	uint64_t noise = i + 1;
	size_t len = i % 3 == 0 ? 10 + i : 256 + (i * 97) % (BODY_BYTES - 256);

	for (size_t at = 0; at < len; at++) {
		noise ^= noise << 13;
		noise ^= noise >> 7;
		noise ^= noise << 17;
		bytes[at] = i % 3 == 1 ? (char)('a' + i % 26) : (char)noise;
	}
	return str_slice(bytes, len);
}

static enum err put(uint32_t i)
{
	struct str body = body_of(i);
	struct digest d = { { 0 } }, expected = sha256(body);
	enum err e = blob_put(b, body, &d);

	if (e == OK)
		cr_assert(digest_eq(&d, &expected));
	return e;
}

static enum err put_all(uint32_t from, uint32_t to)
{
	for (; from < to; from++)
		TRY(put(from));
	return OK;
}

/* What the store says of body i; when it gives one, it is the right one. */
static enum err get(uint32_t i)
{
	struct digest d = sha256(body_of(i));
	struct body found;
	enum err e = blob_get(b, &d, &found);

	if (e == OK)
		cr_assert(str_eq(found.text, body_of(i)), "body %u", i);
	return e;
}

static void make(uint32_t count)
{
	cr_assert_eq(open_store(true), OK, "%s", n.text);
	cr_assert_eq(put_all(0, count), OK);
	cr_assert_eq(blob_commit(b, true), OK);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, bodies_come_back_in_any_order)
{
	make(BODIES);
	cr_assert_eq(open_store(false), OK);
	for (uint32_t i = 0; i < BODIES; i++)
		cr_assert_eq(get(i), OK, "%u", i);
	for (uint32_t i = BODIES; i-- > 0;)
		cr_assert_eq(get(i), OK, "%u", i);
	for (uint32_t i = 0; i < 1000; i++)
		cr_assert_eq(get(i * 17 % BODIES), OK);
	cr_assert_eq(get(BODIES), ERR_MISS);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_writer_reads_what_it_has_not_committed)
{
	cr_assert_eq(open_store(true), OK);
	for (uint32_t i = 0; i < BODIES; i++) {
		cr_assert_eq(put(i), OK);
		cr_assert_eq(get(i), OK);
		cr_assert_eq(get(i / 2), OK);
	}
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_body_is_stored_once_per_pack)
{
	size_t len;

	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(2), OK);
	cr_assert_eq(blob_commit(b, false), OK);
	len = sim_peek(w, "blob/00000000.pack").len;
	cr_assert_eq(put(2), OK);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(2), OK);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(sim_peek(w, "blob/00000000.pack").len, len);
}

Test(blob, a_second_writer_overwrites_nothing)
{
	struct blob_store *first;

	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(0), OK);
	cr_assert_eq(blob_commit(b, true), OK);
	first = b;
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(blob_put(first, body_of(1), &(struct digest){ { 0 } }), OK);
	cr_assert_eq(blob_commit(first, true), OK);
	cr_assert_eq(put(2), OK);
	cr_assert_eq(blob_commit(b, true), ERR_LOCKED);
	(void)blob_close(b);
	cr_assert_eq(blob_close(first), OK);
	cr_assert_eq(open_store(false), OK);
	cr_assert_eq(get(0), OK);
	cr_assert_eq(get(1), OK);
	cr_assert_eq(get(2), ERR_MISS);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, the_shorter_form_is_stored)
{
	struct digest d;

	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(1), OK);
	cr_assert_eq(blob_commit(b, false), OK);
	cr_assert_lt(sim_peek(w, "blob/00000000.pack").len, 8 + 52 + 100, "353 equal bytes shrink");
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(world_unlink(w, "blob/00000000.pack"), OK);
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(2), OK);
	cr_assert_eq(blob_put(b, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &d),
		     OK);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(sim_peek(w, "blob/00000000.pack").len, 8 + 52 + body_of(2).len + 52 + 52,
		     "these do not");
}

Test(blob, the_empty_body_is_a_body)
{
	struct digest d;
	struct body found = { .text = STR("x") };

	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(blob_put(b, STR_NONE, &d), OK);
	cr_assert_eq(blob_get(b, &d, &found), OK);
	cr_assert_eq(found.text.len, 0);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_salted_body_is_found_by_its_commitment)
{
	const struct body_seed seed = { { 7 } }, other = { { 8 } };
	struct str text = STR("{\"a\":1,\"b\":[true]}");
	struct digest d, again, want = body_commit(text, &seed);
	struct body found;

	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(blob_put_salted(b, text, &seed, &d), OK);
	cr_assert(digest_eq(&d, &want));
	cr_assert_eq(blob_put_salted(b, text, &other, &again), OK);
	cr_assert(!digest_eq(&d, &again), "what is said twice is not seen to be the same");
	cr_assert_eq(blob_get(b, &d, &found), OK);
	cr_assert(found.form == BODY_SALTED && str_eq(found.text, text));
	cr_assert_eq(blob_get(b, &again, &found), OK);
	cr_assert(str_eq(found.text, text));
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, bodies_have_a_limit)
{
	static char large[LIMIT_BODY_BYTES + 1];
	struct digest d;
	struct body found;

	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(blob_put(b, str_slice(large, sizeof(large)), &d), ERR_LIMIT);
	cr_assert_eq(blob_put(b, str_slice(large, sizeof(large) - 1), &d), OK);
	cr_assert_eq(blob_get(b, &d, &found), OK);
	cr_assert_eq(found.text.len, LIMIT_BODY_BYTES);
	cr_assert_eq(blob_put_salted(b, str_slice(large, LIMIT_BODY_BYTES - BODY_SALT_BYTES + 1),
				     &(struct body_seed){ { 1 } }, &d), ERR_LIMIT);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, packs_are_sealed_by_count_and_by_size)
{
	make(BODIES);
	for (int i = 0; i < BODIES / RECORDS - 1; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "blob/%08d.index", i);
		cr_assert_eq(sim_peek(w, name).len, 12 + RECORDS * 36 + 32, "%s", name);
	}
	cr_assert_null(sim_peek(w, "blob/00000004.index").ptr, "the last pack is open");
}

Test(blob, a_store_that_is_not_there_is_empty)
{
	cr_assert_eq(open_store(false), OK);
	cr_assert_eq(get(0), ERR_MISS);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_reader_sees_what_a_writer_added_since)
{
	struct blob_store *writer, *reader;

	cr_assert_eq(open_store(true), OK);
	writer = b;
	cr_assert_eq(put_all(0, 3), OK);
	cr_assert_eq(blob_commit(b, false), OK);
	cr_assert_eq(open_store(false), OK);
	reader = b;
	cr_assert_eq(get(2), OK);
	cr_assert_eq(get(3), ERR_MISS);
	b = writer;
	cr_assert_eq(put_all(3, BODIES), OK);
	cr_assert_eq(blob_commit(b, false), OK);
	b = reader;
	for (uint32_t i = 0; i < BODIES; i++)
		cr_assert_eq(get(i), OK, "%u", i);
	cr_assert_eq(blob_close(reader), OK);
	cr_assert_eq(blob_close(writer), OK);
}

Test(blob, lost_and_damaged_indexes_are_done_without)
{
	make(BODIES);
	cr_assert_eq(world_unlink(w, "blob/00000001.index"), OK);
	cr_assert_eq(sim_poke(w, "blob/00000002.index", STR("damaged")), OK);
	cr_assert_eq(open_store(false), OK);
	for (uint32_t i = BODIES; i-- > 0;)
		cr_assert_eq(get(i), OK, "%u", i);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_null(sim_peek(w, "blob/00000001.index").ptr, "a reader writes nothing");
}

Test(blob, an_index_out_of_order_is_done_without)
{
	static char index[12 + RECORDS * 36 + 32], first[36];
	struct digest sum;

	make(BODIES);
	memcpy(index, sim_peek(w, "blob/00000001.index").ptr, sizeof(index));
	memcpy(first, index + 12, 36);
	memmove(index + 12, index + 12 + 36, (RECORDS - 1) * 36);
	memcpy(index + 12 + (RECORDS - 1) * 36, first, 36);
	sum = sha256(str_slice(index, sizeof(index) - 32));
	memcpy(index + sizeof(index) - 32, sum.bytes, 32);
	cr_assert_eq(sim_poke(w, "blob/00000001.index", str_slice(index, sizeof(index))), OK);
	cr_assert_eq(open_store(false), OK);
	for (uint32_t i = BODIES; i-- > 0;)
		cr_assert_eq(get(i), OK, "%u", i);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_writer_makes_indexes_again)
{
	static char before[2][12 + RECORDS * 36 + 32];

	make(BODIES);
	memcpy(before[0], sim_peek(w, "blob/00000001.index").ptr, sizeof(before[0]));
	memcpy(before[1], sim_peek(w, "blob/00000002.index").ptr, sizeof(before[1]));
	cr_assert_eq(world_unlink(w, "blob/00000001.index"), OK);
	cr_assert_eq(sim_poke(w, "blob/00000002.index", STR("damaged")), OK);
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(get(BODIES + 1), ERR_MISS);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_arr_eq(sim_peek(w, "blob/00000001.index").ptr, before[0], sizeof(before[0]));
	cr_assert_arr_eq(sim_peek(w, "blob/00000002.index").ptr, before[1], sizeof(before[1]));
}

Test(blob, a_pruned_pack_is_missed_but_hurts_no_other)
{
	make(BODIES);
	cr_assert_eq(world_unlink(w, "blob/00000000.pack"), OK);
	cr_assert_eq(world_unlink(w, "blob/00000000.index"), OK);
	cr_assert_eq(open_store(true), OK);
	for (uint32_t i = 0; i < BODIES; i++)
		cr_assert_eq(get(i), i < RECORDS ? ERR_MISS : OK, "%u", i);
	cr_assert_eq(put(0), OK);
	cr_assert_eq(get(0), OK);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_torn_record_is_cut_off_by_the_writer_only)
{
	struct str pack;
	size_t len;

	make(5);
	pack = sim_peek(w, "blob/00000000.pack");
	len = pack.len;
	cr_assert_eq(sim_poke(w, "blob/00000000.pack", str_slice(pack.ptr, len - 1)), OK);
	cr_assert_eq(open_store(false), OK);
	cr_assert_eq(get(3), OK);
	cr_assert_eq(get(4), ERR_MISS);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(sim_peek(w, "blob/00000000.pack").len, len - 1);
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(4), OK);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(sim_peek(w, "blob/00000000.pack").len, len);
	cr_assert_eq(open_store(false), OK);
	cr_assert_eq(get(4), OK);
	cr_assert_eq(blob_close(b), OK);
}

Test(blob, a_short_record_leaves_nothing_of_a_longer_torn_one)
{
	struct str pack;

	make(3);
	pack = sim_peek(w, "blob/00000000.pack");
	cr_assert_eq(sim_poke(w, "blob/00000000.pack", str_slice(pack.ptr, pack.len - 1)), OK);
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(3), OK);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(2), OK);
	cr_assert_eq(blob_close(b), OK);
	cr_assert_null(sim_peek(w, "blob/00000001.pack").ptr, "the pack is whole");
}

/*
 * A flipped byte may lose bodies, but no wrong one ever comes out, and a writer can store them
 * again.
 */
static void flip_everywhere(const char *name)
{
	static char copy[1 << 16];
	struct str file = sim_peek(w, name);
	size_t len = file.len;

	cr_assert(len > 0 && len <= sizeof(copy));
	memcpy(copy, file.ptr, len);
	for (size_t at = 0; at < len; at += 1 + at % 5) {
		copy[at] ^= 0x10;
		cr_assert_eq(sim_poke(w, name, str_slice(copy, len)), OK);
		cr_assert_eq(open_store(false), OK);
		for (uint32_t i = 0; i < 12; i++) {
			enum err e = get(i);

			cr_assert(e == OK || e == ERR_TAMPERED, "%s byte %zu body %u: %s", name, at,
				  i, err_text(e));
			cr_assert(e == OK || strstr(name, "pack"),
				  "%s byte %zu: an index is not needed", name, at);
		}
		cr_assert_eq(blob_close(b), OK);
		copy[at] ^= 0x10;
	}
	cr_assert_eq(sim_poke(w, name, str_slice(copy, len)), OK);
}

Test(blob, no_flipped_bit_gives_a_wrong_body)
{
	make(12);
	flip_everywhere("blob/00000000.pack");
	flip_everywhere("blob/00000000.index");
	flip_everywhere("blob/00000001.pack");
}

Test(blob, what_was_damaged_in_the_open_pack_is_stored_again)
{
	static char copy[1 << 16];
	struct str pack;
	size_t len;

	make(5);
	pack = sim_peek(w, "blob/00000000.pack");
	len = pack.len;
	memcpy(copy, pack.ptr, len);
	for (size_t at = 8; at < len; at += 61) {
		copy[at] ^= 1;
		cr_assert_eq(sim_poke(w, "blob/00000000.pack", str_slice(copy, len)), OK);
		cr_assert_eq(open_store(true), OK);
		cr_assert_eq(put_all(0, 5), OK);
		cr_assert_eq(blob_commit(b, true), OK);
		for (uint32_t i = 0; i < 5; i++)
			cr_assert_eq(get(i), OK, "byte %zu body %u", at, i);
		cr_assert_eq(blob_close(b), OK);
		copy[at] ^= 1;
		cr_assert_eq(world_unlink(w, "blob/00000000.index"), OK);
		cr_assert_eq(world_unlink(w, "blob/00000001.pack"), OK);
	}
}

Test(blob, after_a_failed_write_the_store_is_closed)
{
	cr_assert_eq(open_store(true), OK);
	cr_assert_eq(put(1), OK);
	sim_fail_at(w, 1, SIM_EIO);
	cr_assert_eq(blob_commit(b, true), ERR_IO);
	cr_assert_eq(put(2), ERR_CLOSED);
	cr_assert_eq(blob_commit(b, true), ERR_CLOSED);
	cr_assert_eq(get(1), ERR_CLOSED);
	cr_assert_eq(blob_close(b), ERR_CLOSED);
}

/* Put, commit every third; gives how many bodies were acknowledged. */
static uint32_t work(void)
{
	uint32_t acknowledged = 0;

	for (uint32_t i = 0; i < BODIES; i++) {
		if (put(i) != OK)
			break;
		if (i % 3 == 2) {
			if (blob_commit(b, true) != OK)
				break;
			acknowledged = i + 1;
		}
	}
	return acknowledged;
}

/* With `torn` the power goes, and that seed decides what of the unsynced survives. */
static void fault_everywhere(enum sim_fault fault, bool reboot, bool power_lost, uint64_t torn)
{
	for (uint64_t at = 1;; at++) {
		uint32_t acknowledged = 0;
		bool hit;

		teardown();
		setup();
		sim_fail_at(w, at, fault);
		if (open_store(true) == OK) {
			acknowledged = work();
			(void)blob_close(b);
		}
		hit = sim_was_hit(w);
		if (torn)
			sim_tear(w, torn + at);
		else if (reboot)
			sim_reboot(w, power_lost);
		else
			sim_fail_at(w, 0, SIM_NONE);
		for (int write = 0; write < 2; write++) {
			cr_assert_eq(open_store(write), OK, "operation %d: %s", (int)at, n.text);
			for (uint32_t i = 0; i < acknowledged; i++)
				cr_assert_eq(get(i), OK, "operation %d body %u", (int)at, i);
			if (write)
				cr_assert_eq(put_all(0, BODIES), OK);
			cr_assert_eq(blob_close(b), OK);
		}
		cr_assert_eq(open_store(false), OK);
		for (uint32_t i = 0; i < BODIES; i++)
			cr_assert_eq(get(i), OK, "operation %d body %u", (int)at, i);
		cr_assert_eq(blob_close(b), OK);
		if (!hit)
			break;
		cr_assert_lt(at, 10000);
	}
}

Test(blob, every_refused_operation_can_be_recovered_from)
{
	fault_everywhere(SIM_EIO, false, false, 0);
	fault_everywhere(SIM_ENOSPC, false, false, 0);
	fault_everywhere(SIM_SHORT, false, false, 0);
}

Test(blob, every_crash_can_be_recovered_from)
{
	fault_everywhere(SIM_CRASH, true, false, 0);
}

Test(blob, every_torn_disk_can_be_recovered_from)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		fault_everywhere(SIM_CRASH, true, true, seed * 1000);
		fault_everywhere(SIM_EIO, true, true, seed * 1000);
	}
}

Test(blob, every_power_loss_can_be_recovered_from)
{
	fault_everywhere(SIM_CRASH, true, true, 0);
	fault_everywhere(SIM_EIO, true, true, 0);
}

/*
 * Crash at work, then at every operation of the recovery. The second pack is full and has no index,
 * so recovery writes one.
 */
Test(blob, a_crash_during_recovery_can_be_recovered_from)
{
	for (int power = 0; power < 2; power++) {
		for (uint64_t at = 1;; at++) {
			bool hit;

			teardown();
			setup();
			make(2 * RECORDS + 3);
			cr_assert_eq(world_unlink(w, "blob/00000001.index"), OK);
			cr_assert_eq(open_store(true), OK);
			cr_assert_eq(put_all(2 * RECORDS + 3, 2 * RECORDS + 5), OK);
			sim_fail_at(w, 1, SIM_CRASH);
			(void)blob_close(b);
			sim_reboot(w, power);
			sim_fail_at(w, at, SIM_CRASH);
			if (open_store(true) == OK) {
				if (put_all(0, BODIES) == OK && blob_commit(b, true) == OK)
					cr_assert_eq(get(BODIES - 1), OK);
				(void)blob_close(b);
			}
			hit = sim_was_hit(w);
			sim_reboot(w, power);
			cr_assert_eq(open_store(true), OK, "operation %d: %s", (int)at, n.text);
			for (uint32_t i = 0; i < 2 * RECORDS + 3; i++)
				cr_assert_eq(get(i), OK, "operation %d body %u", (int)at, i);
			cr_assert_eq(put_all(0, BODIES), OK);
			cr_assert_eq(blob_close(b), OK);
			if (!hit)
				break;
			cr_assert_lt(at, 1000);
		}
	}
}

Test(blob, every_failed_allocation_is_reported)
{
	for (uint64_t at = 1;; at++) {
		enum err e;

		teardown();
		setup();
		make(RECORDS + 2);
		(void)body_of(30);
		fail_alloc_at(at);
		e = open_store(true);
		if (e == OK) {
			struct digest d;
			struct body found;

			e = blob_put(b, str_slice(bytes, 400), &d);
			if (e == OK)
				e = blob_get(b, &d, &found);
			(void)blob_close(b);
		}
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert(e == ERR_MEMORY || e == OK, "%d: %s", (int)at, err_text(e));
		cr_assert_eq(open_store(true), OK);
		for (uint32_t i = 0; i < RECORDS + 2; i++)
			cr_assert_eq(get(i), OK);
		cr_assert_eq(blob_close(b), OK);
	}
}
