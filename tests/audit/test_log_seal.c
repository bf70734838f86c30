/* log_seal: whatever happens, each entry stays readable, and only what was signed is sealed. */
#include "engine/audit/log_seal.h"

#include <criterion/criterion.h>

#include "engine/audit/sealed.h"
#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 8
#define ENTRIES 20
#define FIRST "segment/00000000.jsonl"
#define SECOND "segment/00000001.jsonl"
#define FIRST_SEALED "segment/00000000.zst"
#define SECOND_SEALED "segment/00000001.zst"
#define THIRD "segment/00000002.jsonl"

static struct scribe s;
static struct log_seal_report report;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	report = (struct log_seal_report){ 0 };
	n = (struct note){ 0 };
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(log_seal, .init = setup, .fini = teardown);

static enum err seal(void)
{
	n = (struct note){ 0 };
	return log_seal_at(&s.place, &s.known, 1, &report, &n);
}

static void expect_whole(uint64_t entries)
{
	struct log_report found;

	n = (struct note){ 0 };
	cr_assert_eq(scribe_verify(&s, &found, &n), OK, "%s: %s", n.file, n.text);
	cr_assert_eq(found.entries, entries);
}

Test(log_seal, full_segments_under_the_checkpoint_are_sealed)
{
	struct log *l;

	scribe_make(&s, ENTRIES);
	cr_assert_eq(seal(), OK, "%s", n.text);
	cr_assert_eq(report.sealed, 2);
	cr_assert_eq(report.before, 0);
	cr_assert(!scribe_has(&s, FIRST) && !scribe_has(&s, SECOND) && scribe_has(&s, THIRD));
	cr_assert(scribe_has(&s, FIRST_SEALED) && scribe_has(&s, SECOND_SEALED));
	cr_assert(!scribe_has(&s, "seal.new"));
	expect_whole(ENTRIES);
	cr_assert_eq(seal(), OK);
	cr_assert_eq(report.sealed, 0);
	cr_assert_eq(report.before, 2);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(scribe_append(&s, l, ENTRIES, 3 * SEGMENT), OK);
	cr_assert_eq(log_commit(l, true), OK);
	cr_assert_eq(seal(), OK, "the third segment is full but not signed");
	cr_assert_eq(report.sealed, 0);
	cr_assert_eq(log_publish(l), OK);
	cr_assert_eq(seal(), OK, "beside a writer");
	cr_assert_eq(report.sealed, 1);
	cr_assert_eq(scribe_append(&s, l, 3 * SEGMENT, 40), OK);
	cr_assert_eq(log_close(l), OK);
	expect_whole(40);
}

/* It stands behind the last signed segment, which was sealed since. */
Test(log_seal, a_writer_opens_and_goes_on_behind_sealed_segments)
{
	struct buf proof;
	struct log *l;

	scribe_make(&s, 2 * SEGMENT);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(seal(), OK, "%s", n.text);
	cr_assert_eq(report.sealed, 2);
	cr_assert_eq(scribe_append(&s, l, 2 * SEGMENT, 17), OK);
	cr_assert_eq(log_commit(l, true), OK);
	log_abandon(l);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_tail(l), 1);
	cr_assert_eq(log_cut_tail(l, 0), OK);
	cr_assert_eq(scribe_append(&s, l, 16, 19), OK);
	cr_assert_eq(log_close(l), OK);
	expect_whole(19);
	buf_init(&proof, LIMIT_PROOF_BYTES);
	for (uint64_t i = 0; i < 19; i++)
		cr_assert_eq(log_prove_at(&s.place, i, &s.known, 1, &proof, &n), OK, "%s", n.text);
	buf_fini(&proof);
}

Test(log_seal, tiles_are_made_again_out_of_sealed_segments)
{
	struct log *l;

	scribe_make(&s, ENTRIES);
	cr_assert_eq(seal(), OK);
	scribe_remove(&s, "tile/0/000.p/20");
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_close(l), OK);
	cr_assert(scribe_has(&s, "tile/0/000.p/20"));
	expect_whole(ENTRIES);
}

Test(log_seal, what_was_not_signed_is_not_sealed)
{
	struct buf b;

	scribe_make(&s, ENTRIES);
	buf_init(&b, 1u << 20);
	buf_add(&b, scribe_peek(&s, SECOND));
	*strstr(strstr(b.ptr, "\"seq\":13,"), "time") ^= 1;
	scribe_poke(&s, SECOND, buf_view(&b));
	cr_assert_eq(seal(), ERR_TAMPERED);
	cr_assert_str_eq(n.file, SECOND);
	cr_assert_eq(n.line, 1);
	cr_assert(scribe_has(&s, SECOND) && !scribe_has(&s, SECOND_SEALED));
	cr_assert(scribe_has(&s, FIRST_SEALED) && !scribe_has(&s, "seal.new"));
	buf_fini(&b);
}

Test(log_seal, a_short_segment_is_not_sealed)
{
	scribe_make(&s, ENTRIES);
	scribe_poke(&s, FIRST, STR("one line\n"));
	cr_assert_eq(seal(), ERR_TAMPERED);
	cr_assert_str_eq(n.file, FIRST);
	cr_assert_eq(n.line, 2);
	cr_assert(scribe_has(&s, FIRST));
}

Test(log_seal, without_good_tiles_nothing_is_sealed)
{
	struct buf b;

	scribe_make(&s, ENTRIES);
	buf_init(&b, 1u << 20);
	buf_add(&b, scribe_peek(&s, "tile/0/000.p/20"));
	b.ptr[19 * 32] ^= 1;
	scribe_poke(&s, "tile/0/000.p/20", buf_view(&b));
	cr_assert_eq(seal(), ERR_TAMPERED);
	cr_assert(scribe_has(&s, FIRST) && scribe_has(&s, SECOND));
	buf_fini(&b);
}

Test(log_seal, a_checkpoint_that_was_set_back_does_not_unseal)
{
	struct buf old;
	struct log *l;

	scribe_make(&s, 6);
	buf_init(&old, 1u << 20);
	buf_add(&old, scribe_peek(&s, "checkpoint"));
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(scribe_append(&s, l, 6, ENTRIES), OK);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(seal(), OK);
	scribe_poke(&s, "checkpoint", buf_view(&old));
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, FIRST_SEALED);
	cr_assert(str_has(str_view(n.text), STR("set back")), "%s", n.text);
	buf_fini(&old);
}

/* --- beside a writer --- */

/* The partial tiles of the checkpoint that was read are gone then. */
Test(log_seal, a_writer_that_publishes_is_no_tampering)
{
	static const char *const moments[] = { "tile/0/", FIRST, "seal.new", SECOND };

	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		teardown();
		setup();
		scribe_make(&s, ENTRIES);
		scribe_meddle(&s, moments[i], ENTRIES, ENTRIES + 5);
		cr_assert_eq(seal(), OK, "%s: %s: %s", moments[i], n.file, n.text);
		cr_assert(scribe_meddled(&s), "%s", moments[i]);
		cr_assert(!scribe_has(&s, "tile/0/000.p/20"), "%s", moments[i]);
		/* What was published before the tiles were read is sealed with the rest. */
		cr_assert_eq(report.sealed, i == 0 ? 3 : 2, "%s", moments[i]);
		expect_whole(ENTRIES + 5);
	}
}

Test(log_seal, a_tile_that_is_missing_without_a_writer_is_noticed)
{
	scribe_make(&s, ENTRIES);
	scribe_remove(&s, "tile/0/000.p/20");
	cr_assert_eq(seal(), ERR_TAMPERED);
	cr_assert(scribe_has(&s, FIRST) && scribe_has(&s, SECOND));
}

Test(log_seal, only_one_at_a_time)
{
	int lock;

	scribe_make(&s, ENTRIES);
	cr_assert_eq(log_place_lock(&s.place, LOG_UPKEEP, &lock), OK);
	cr_assert_eq(seal(), ERR_LOCKED);
	cr_assert(n.text[0]);
	world_close(s.w, lock);
	cr_assert_eq(seal(), OK);
}

/* One log of full size: the dictionary of the first sealed segment is that of the second. */
Test(log_seal, one_dictionary_is_trained_for_a_log)
{
	struct sealed a, b;

	teardown();
	scribe_init(&s, 4096);
	scribe_make(&s, 3 * 4096);
	cr_assert_eq(seal(), OK, "%s", n.text);
	cr_assert_eq(report.sealed, 3);
	cr_assert_lt(report.packed_bytes * 4, report.raw_bytes);
	sealed_init(&a, s.w);
	sealed_init(&b, s.w);
	cr_assert_eq(sealed_open(&a, &s.place, FIRST_SEALED, &n), OK, "%s", n.text);
	cr_assert_eq(sealed_open(&b, &s.place, SECOND_SEALED, &n), OK, "%s", n.text);
	cr_assert_gt(a.dictionary.len, 0);
	cr_assert(str_eq(buf_view(&a.dictionary), buf_view(&b.dictionary)));
	sealed_fini(&a);
	sealed_fini(&b);
	expect_whole(3 * 4096);
}

/* --- what fails on the way --- */

static void expect_all_there(const char *when, uint64_t step)
{
	struct log_reader *r;
	struct str line;

	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s %d: %s: %s", when, (int)step, n.file,
		     n.text);
	cr_assert_eq(log_reader_open_at(&s.place, 0, UINT64_MAX, &r, &n), OK);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		cr_assert_eq(log_reader_next(r, &line), OK);
		cr_assert(line.ptr && str_eq(line, scribe_line(&s, i)), "%s %d", when, (int)step);
	}
	log_reader_close(r);
	cr_assert_eq(seal(), OK, "%s %d: %s: %s", when, (int)step, n.file, n.text);
	cr_assert(!scribe_has(&s, FIRST) && !scribe_has(&s, SECOND));
	expect_whole(ENTRIES);
}

static void fail_each(enum sim_fault fault, bool power_lost)
{
	for (uint64_t i = 1;; i++) {
		enum err e;
		bool hit;

		teardown();
		scribe_init(&s, SEGMENT);
		scribe_make(&s, ENTRIES);
		sim_fail_at(s.w, i, fault);
		e = seal();
		hit = sim_was_hit(s.w);
		sim_fail_at(s.w, 0, SIM_NONE);
		if (fault == SIM_CRASH || power_lost)
			sim_reboot(s.w, power_lost);
		expect_all_there("fault", i);
		if (!hit) {
			cr_assert_eq(e, OK);
			cr_assert_gt(i, 20);
			break;
		}
	}
}

Test(log_seal, no_failure_and_no_crash_loses_an_entry)
{
	fail_each(SIM_EIO, false);
	fail_each(SIM_ENOSPC, false);
	fail_each(SIM_SHORT, false);
	fail_each(SIM_CRASH, false);
	fail_each(SIM_CRASH, true);
}

Test(log_seal, no_torn_power_loss_loses_an_entry)
{
	for (uint64_t seed = 1; seed < 200; seed++) {
		teardown();
		scribe_init(&s, SEGMENT);
		scribe_make(&s, ENTRIES);
		sim_fail_at(s.w, 1 + seed % 45, SIM_CRASH);
		if (seal() != OK)
			sim_tear(s.w, seed);
		sim_fail_at(s.w, 0, SIM_NONE);
		expect_all_there("seed", seed);
	}
}

Test(log_seal, without_memory_nothing_is_lost)
{
	for (unsigned i = 1;; i++) {
		enum err e;
		bool hit;

		teardown();
		scribe_init(&s, SEGMENT);
		scribe_make(&s, ENTRIES);
		fail_alloc_at(i);
		e = seal();
		hit = fail_alloc_was_hit();
		fail_alloc_at(0);
		cr_assert_eq(e, hit ? ERR_MEMORY : OK, "%u: %s: %s", i, err_name(e), n.text);
		expect_all_there("allocation", i);
		if (!hit)
			break;
	}
}
