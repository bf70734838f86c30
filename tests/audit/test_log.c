#include "engine/audit/log.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 16
#define FAULT_ENTRIES 40

static struct scribe s;
static struct log *l;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	l = NULL;
	n = (struct note){ 0 };
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(log, .init = setup, .fini = teardown);

static void make_open(uint64_t count)
{
	scribe_make(&s, count);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
}

static uint64_t lines_in(struct str text)
{
	uint64_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	return count;
}

/* How many entries from 0 on, before `to`, are stored byte for byte. */
static uint64_t whole_entries(uint64_t to)
{
	struct log_reader *r;
	struct str line;
	uint64_t i;

	cr_assert_eq(log_reader_open_at(&s.place, 0, to, &r, NULL), OK);
	for (i = 0; i < to; i++) {
		cr_assert_eq(log_reader_next(r, &line), OK);
		if (!line.ptr || !str_eq(line, scribe_line(&s, i)))
			break;
	}
	log_reader_close(r);
	return i;
}

static void expect_entries(uint64_t to)
{
	cr_assert_eq(whole_entries(to), to);
}

Test(log, a_new_log_is_empty_and_signed)
{
	struct digest root, empty = sha256(STR_NONE);
	struct log_report report;

	make_open(0);
	cr_assert_eq(log_size(l), 0);
	cr_assert_eq(log_signed_size(l), 0);
	log_root(l, &root);
	cr_assert(digest_eq(&root, &empty));
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	cr_assert_eq(report.entries, 0);
}

Test(log, creating_twice_is_refused)
{
	scribe_make(&s, 3);
	cr_assert_eq(log_create_at(&s.place, STR(SCRIBE_ORIGIN), s.key), ERR_EXISTS);
	scribe_remove(&s, "checkpoint");
	cr_assert_eq(log_create_at(&s.place, STR(SCRIBE_ORIGIN), s.key), ERR_EXISTS,
		     "there are entries");
}

Test(log, an_origin_must_be_a_name)
{
	char longer[LIMIT_ORIGIN_BYTES + 1];

	memset(longer, 'a', sizeof(longer));
	cr_assert_eq(log_create_at(&s.place, STR(""), s.key), ERR_SYNTAX);
	cr_assert_eq(log_create_at(&s.place, STR("a b"), s.key), ERR_SYNTAX);
	cr_assert_eq(log_create_at(&s.place, str_slice(longer, sizeof(longer)), s.key), ERR_LIMIT);
}

Test(log, creation_can_be_repeated_after_any_crash)
{
	for (int power = 0; power < 2; power++) {
		for (uint64_t at = 1;; at++) {
			enum err e;

			teardown();
			setup();
			sim_fail_at(s.w, at, SIM_CRASH);
			e = log_create_at(&s.place, STR(SCRIBE_ORIGIN), s.key);
			if (!sim_was_hit(s.w))
				break;
			cr_assert_neq(e, OK);
			sim_reboot(s.w, power);
			e = log_create_at(&s.place, STR(SCRIBE_ORIGIN), s.key);
			cr_assert(e == OK || e == ERR_EXISTS, "%d: %s", (int)at, err_text(e));
			cr_assert_eq(scribe_open(&s, &l, &n), OK, "%d: %s", (int)at, n.text);
			cr_assert_eq(log_close(l), OK);
		}
	}
}

Test(log, entries_come_back_in_segments_of_equal_length)
{
	make_open(2 * SEGMENT + 5);
	cr_assert_eq(log_size(l), 2 * SEGMENT + 5);
	expect_entries(log_size(l));
	cr_assert_eq(lines_in(scribe_peek(&s, "segment/00000000.jsonl")), SEGMENT);
	cr_assert_eq(lines_in(scribe_peek(&s, "segment/00000001.jsonl")), SEGMENT);
	cr_assert_eq(lines_in(scribe_peek(&s, "segment/00000002.jsonl")), 5);
	cr_assert_eq(log_close(l), OK);
}

Test(log, the_root_is_that_of_the_definition_at_every_size)
{
	make_open(0);
	for (uint64_t size = 1; size <= 300; size++) {
		struct digest root, expected = scribe_root(&s, size);

		cr_assert_eq(scribe_append(&s, l, size - 1, size), OK);
		cr_assert_eq(log_size(l), size);
		cr_assert_eq(log_commit(l, false), OK);
		log_root(l, &root);
		cr_assert(digest_eq(&root, &expected), "size %d", (int)size);
	}
	cr_assert_eq(log_close(l), OK);
}

Test(log, a_log_can_be_closed_and_opened_at_every_size)
{
	make_open(0);
	for (uint64_t size = 1; size <= 270; size++) {
		cr_assert_eq(scribe_append(&s, l, size - 1, size), OK);
		cr_assert_eq(log_close(l), OK);
		cr_assert_eq(scribe_open(&s, &l, &n), OK, "%d: %s", (int)size, n.text);
		cr_assert_eq(log_size(l), size);
		cr_assert_eq(log_signed_size(l), size);
		cr_assert_eq(log_tail(l), 0);
	}
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log, the_second_writer_is_locked_out)
{
	struct log *other;

	make_open(1);
	cr_assert_eq(scribe_open(&s, &other, &n), ERR_LOCKED);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_open(&s, &other, &n), OK);
	cr_assert_eq(log_close(other), OK);
}

/* Someone took the lock's file for a stale one and removed it. */
Test(log, a_second_writer_past_the_lock_overwrites_nothing)
{
	struct log *second;

	make_open(20);
	scribe_remove(&s, "lock");
	cr_assert_eq(scribe_open(&s, &second, &n), OK, "%s", n.text);
	cr_assert_eq(scribe_append(&s, l, 20, 30), OK);
	cr_assert_eq(log_commit(l, true), OK);
	cr_assert_eq(scribe_append(&s, second, 20, 21), OK);
	cr_assert_eq(log_commit(second, true), ERR_LOCKED);
	cr_assert_eq(log_close(second), ERR_CLOSED);
	cr_assert_eq(log_close(l), OK);
	expect_entries(30);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log, there_is_no_log_in_an_empty_folder)
{
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_NOT_FOUND);
	cr_assert(n.text[0]);
}

Test(log, lines_that_cannot_be_stored_change_nothing)
{
	static char line[LIMIT_ENTRY_BYTES + 1];

	memset(line, 'x', sizeof(line));
	make_open(2);
	cr_assert_eq(log_append(l, str_slice(line, sizeof(line))), ERR_LIMIT);
	cr_assert_eq(log_append(l, STR("a\nb")), ERR_SYNTAX);
	cr_assert_eq(log_append(l, STR("")), ERR_SYNTAX);
	cr_assert_eq(log_size(l), 2);
	cr_assert_eq(log_append(l, str_slice(line, LIMIT_ENTRY_BYTES)), OK,
		     "the longest line fits");
	cr_assert_eq(log_size(l), 3);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_close(l), OK);
}

Test(log, a_full_batch_is_handed_on_without_a_commit)
{
	static char line[LIMIT_ENTRY_BYTES];
	uint64_t count = LIMIT_BATCH_BYTES / sizeof(line) + 2;

	memset(line, 'x', sizeof(line));
	s.place.segment_entries = 1000;
	make_open(0);
	for (uint64_t i = 0; i < count; i++)
		cr_assert_eq(log_append(l, str_slice(line, sizeof(line))), OK);
	cr_assert_gt(scribe_peek(&s, "segment/00000000.jsonl").len, 0);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(lines_in(scribe_peek(&s, "segment/00000000.jsonl")), count);
}

Test(log, only_a_synced_commit_survives_power_loss)
{
	make_open(0);
	cr_assert_eq(scribe_append(&s, l, 0, 20), OK);
	cr_assert_eq(log_commit(l, true), OK);
	cr_assert_eq(scribe_append(&s, l, 20, 25), OK);
	cr_assert_eq(log_commit(l, false), OK);
	sim_fail_at(s.w, 1, SIM_CRASH);
	cr_assert_neq(log_close(l), OK);
	sim_reboot(s.w, true);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_tail(l), 20);
	cr_assert_eq(log_cut_tail(l, log_tail(l)), OK);
	cr_assert_eq(log_close(l), OK);
}

/*
 * A writer that was killed: `signed_size` entries published, up to `size` committed, nothing closed
 * in order.
 */
static void crash_with_tail(uint64_t signed_size, uint64_t size)
{
	make_open(signed_size);
	cr_assert_eq(scribe_append(&s, l, signed_size, size), OK);
	cr_assert_eq(log_commit(l, true), OK);
	sim_fail_at(s.w, 1, SIM_CRASH);
	cr_assert_neq(log_close(l), OK);
	sim_reboot(s.w, false);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
}

Test(log, the_root_does_not_depend_on_how_entries_are_batched)
{
	static const uint64_t steps[] = { 7, TILE_WIDTH - 1, TILE_WIDTH, TILE_WIDTH + 1, 700 };
	struct digest root, expected = scribe_root(&s, 700);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		teardown();
		setup();
		make_open(0);
		for (uint64_t from = 0, to; from < 700; from = to) {
			to = from + steps[i] < 700 ? from + steps[i] : 700;
			cr_assert_eq(scribe_append(&s, l, from, to), OK);
			cr_assert_eq(log_commit(l, true), OK);
		}
		log_root(l, &root);
		cr_assert(digest_eq(&root, &expected), "steps of %d", (int)steps[i]);
		cr_assert_eq(log_close(l), OK);
		cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	}
}

/* Lines wait for the tree where the pen holds them, and it lets them go when it is full. */
Test(log, a_batch_larger_than_memory_for_it_leads_to_the_same_root)
{
	enum { LINES = LIMIT_BATCH_BYTES / LIMIT_ENTRY_BYTES + 30 };
	static char line[LIMIT_ENTRY_BYTES];
	struct merkle_range expected;
	struct digest root, wanted;

	teardown();
	scribe_init(&s, LOG_SEGMENT_ENTRIES);
	make_open(0);
	merkle_init(&expected);
	for (int i = 0; i < LINES; i++) {
		struct str text = str_slice(line, sizeof(line));
		struct digest leaf;

		memset(line, 'a' + i % 26, sizeof(line));
		leaf = sha256_prefixed(0, text);
		merkle_add(&expected, &leaf);
		cr_assert_eq(log_append(l, text), OK);
	}
	cr_assert_eq(log_commit(l, true), OK);
	log_root(l, &root);
	merkle_root(&expected, &wanted);
	cr_assert(digest_eq(&root, &wanted));
	cr_assert_eq(log_close(l), OK);
}

Test(log, a_tail_must_be_judged_before_anything_else)
{
	struct digest root, expected = scribe_root(&s, 10);

	crash_with_tail(10, 50);
	cr_assert_eq(log_tail(l), 40);
	cr_assert_eq(log_size(l), 50);
	cr_assert_eq(log_signed_size(l), 10);
	log_root(l, &root);
	cr_assert(digest_eq(&root, &expected));
	cr_assert_eq(log_append(l, STR("x")), ERR_UNSIGNED);
	cr_assert_eq(log_commit(l, true), ERR_UNSIGNED);
	cr_assert_eq(log_publish(l), ERR_UNSIGNED);
	cr_assert_eq(log_cut_tail(l, 41), ERR_RANGE);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(log_tail(l), 40, "closing without a judgement changes nothing");
	cr_assert_eq(log_close(l), OK);
}

Test(log, an_accepted_tail_is_signed)
{
	struct digest root, expected = scribe_root(&s, 50);

	crash_with_tail(10, 50);
	cr_assert_eq(log_cut_tail(l, log_tail(l)), OK);
	cr_assert_eq(log_tail(l), 0);
	cr_assert_eq(log_size(l), 50);
	log_root(l, &root);
	cr_assert(digest_eq(&root, &expected));
	cr_assert_eq(log_publish(l), OK);
	cr_assert_eq(log_signed_size(l), 50);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log, a_tail_can_be_cut_at_every_length)
{
	for (uint64_t keep = 0; keep <= 30; keep++) {
		teardown();
		setup();
		crash_with_tail(10, 40);
		cr_assert_eq(log_cut_tail(l, keep), OK);
		cr_assert_eq(log_size(l), 10 + keep);
		cr_assert_eq(scribe_append(&s, l, 10 + keep, 45), OK);
		cr_assert_eq(log_close(l), OK);
		expect_entries(45);
		cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	}
}

Test(log, a_torn_line_is_cut_off_and_counted)
{
	struct buf torn;

	scribe_make(&s, 20);
	buf_init(&torn, 1u << 20);
	buf_add(&torn, scribe_peek(&s, "segment/00000001.jsonl"));
	buf_add_c(&torn, "{\"half\":");
	scribe_poke(&s, "segment/00000001.jsonl", buf_view(&torn));
	buf_fini(&torn);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(log_cut_bytes(l), 8);
	cr_assert_eq(log_size(l), 20);
	cr_assert_eq(scribe_append(&s, l, 20, 21), OK);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log, a_cut_log_is_not_opened)
{
	struct str text;

	scribe_make(&s, 20);
	text = scribe_peek(&s, "segment/00000001.jsonl");
	scribe_poke(&s, "segment/00000001.jsonl", str_slice(text.ptr, text.len - 1));
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "segment/00000001.jsonl");
	cr_assert_eq(n.line, 4);
	scribe_remove(&s, "segment/00000000.jsonl");
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TAMPERED);
}

Test(log, a_missing_segment_is_not_passed_over)
{
	scribe_make(&s, 40);
	scribe_remove(&s, "segment/00000000.jsonl");
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "segment/00000000.jsonl");
}

/* A power loss may leave a later segment and lose the end of an earlier one that was not synced. */
Test(log, segments_behind_a_torn_one_are_removed)
{
	struct str text;

	crash_with_tail(10, 50);
	cr_assert_eq(log_close(l), OK);
	text = scribe_peek(&s, "segment/00000001.jsonl");
	scribe_poke(&s, "segment/00000001.jsonl", str_slice(text.ptr, text.len - 1));
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_tail(l), 21);
	cr_assert(!scribe_has(&s, "segment/00000002.jsonl"));
	cr_assert(!scribe_has(&s, "segment/00000003.jsonl"));
	cr_assert_eq(log_cut_tail(l, log_tail(l)), OK);
	cr_assert_eq(scribe_append(&s, l, 31, 40), OK);
	cr_assert_eq(log_close(l), OK);
	expect_entries(40);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

/*
 * Killed without a sync, then signed, then without power: what the checkpoint covers must be there.
 */
Test(log, an_accepted_tail_is_made_durable_before_it_is_signed)
{
	make_open(10);
	cr_assert_eq(scribe_append(&s, l, 10, 50), OK);
	cr_assert_eq(log_commit(l, false), OK);
	sim_fail_at(s.w, 1, SIM_CRASH);
	cr_assert_neq(log_close(l), OK);
	sim_reboot(s.w, false);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(log_cut_tail(l, log_tail(l)), OK);
	cr_assert_eq(log_publish(l), OK);
	sim_reboot(s.w, true);
	(void)log_close(l);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log, tiles_that_do_not_lead_to_the_root_are_made_again)
{
	char copy[20 * DIGEST_BYTES];
	struct buf before;

	scribe_make(&s, 20);
	buf_init(&before, sizeof(copy));
	buf_add(&before, scribe_peek(&s, "tile/0/000.p/20"));
	memcpy(copy, before.ptr, sizeof(copy));
	copy[100] ^= 1;
	scribe_poke(&s, "tile/0/000.p/20", str_slice(copy, sizeof(copy)));
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_close(l), OK);
	cr_assert(str_eq(scribe_peek(&s, "tile/0/000.p/20"), buf_view(&before)));
	buf_fini(&before);
}

Test(log, lost_tiles_are_made_again)
{
	static const char *const names[] = { "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1" };
	struct buf before[3];

	scribe_make(&s, 300);
	for (int i = 0; i < 3; i++) {
		buf_init(&before[i], 1u << 20);
		buf_add(&before[i], scribe_peek(&s, names[i]));
		cr_assert_gt(before[i].len, 0);
		scribe_poke(&s, names[i], STR("damaged"));
	}
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_close(l), OK);
	for (int i = 0; i < 3; i++) {
		cr_assert(str_eq(scribe_peek(&s, names[i]), buf_view(&before[i])), "%s", names[i]);
		scribe_remove(&s, names[i]);
	}
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_close(l), OK);
	for (int i = 0; i < 3; i++) {
		cr_assert(str_eq(scribe_peek(&s, names[i]), buf_view(&before[i])), "%s", names[i]);
		buf_fini(&before[i]);
	}
}

/* One that opening does not look at, and what `verify` says is then to be done. */
Test(log, an_inner_tile_comes_back_when_all_are_removed)
{
	struct str names[128];
	struct arena a;
	size_t count;

	scribe_make(&s, 3 * TILE_WIDTH + 20);
	scribe_remove(&s, "tile/0/001");
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "tile/0/001");
	cr_assert(strstr(n.text, "remove the folder \"tile\""), "%s", n.text);
	arena_init(&a, 1u << 20);
	count = scribe_files(&s, &a, names, sizeof(names) / sizeof(*names));
	for (size_t i = 0; i < count; i++)
		if (str_starts(names[i], STR("tile/")))
			scribe_remove(&s, names[i].ptr);
	arena_fini(&a);
	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log, what_stands_in_the_way_of_a_writer_is_named)
{
	char path[LIMIT_PATH_BYTES];

	scribe_make(&s, 20);
	scribe_remove(&s, "tile/0/000.p/20");
	cr_assert_eq(log_place_path(&s.place, "tile/0/000.p/20", path), OK);
	cr_assert_eq(world_mkdir(s.w, path), OK);
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TYPE);
	cr_assert_str_eq(n.file, "tile");
	cr_assert(n.text[0]);
	n = (struct note){ 0 };
	scribe_remove(&s, "lock");
	cr_assert_eq(log_place_path(&s.place, "lock", path), OK);
	cr_assert_eq(world_mkdir(s.w, path), OK);
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TYPE);
	cr_assert_str_eq(n.file, "lock");
	cr_assert(n.text[0]);
}

Test(log, tiles_and_segments_that_both_fail_the_root_are_named)
{
	struct buf edited;

	scribe_make(&s, 20);
	scribe_poke(&s, "tile/0/000.p/20", STR("damaged"));
	buf_init(&edited, 1u << 20);
	buf_add(&edited, scribe_peek(&s, "segment/00000000.jsonl"));
	edited.ptr[40] ^= 1;
	scribe_poke(&s, "segment/00000000.jsonl", buf_view(&edited));
	buf_fini(&edited);
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "segment/00000000.jsonl");
	cr_assert(str_eq(scribe_peek(&s, "tile/0/000.p/20"), STR("damaged")),
		  "evidence is not written over");
}

/* It carries the state a gate goes on from: tiles that are as they were do not vouch for it. */
Test(log, an_edited_last_line_is_not_gone_on_from)
{
	static const uint64_t sizes[] = { 1, 20, 255, 256, 257, 512 };
	char name[LOG_NAME_BYTES];
	struct buf edited;

	buf_init(&edited, 1u << 20);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		scribe_fini(&s);
		scribe_init(&s, SEGMENT);
		scribe_make(&s, sizes[i]);
		log_place_segment((sizes[i] - 1) / SEGMENT, name);
		buf_clear(&edited);
		buf_add(&edited, scribe_peek(&s, name));
		edited.ptr[edited.len - 10] ^= 1;
		scribe_poke(&s, name, buf_view(&edited));
		n = (struct note){ 0 };
		cr_assert_eq(scribe_open(&s, &l, &n), ERR_TAMPERED, "size %d", (int)sizes[i]);
		cr_assert_str_eq(n.file, name);
		cr_assert_eq(n.line, (sizes[i] - 1) % SEGMENT + 1);
	}
	buf_fini(&edited);
}

Test(log, only_the_partial_tiles_of_the_last_checkpoint_stay)
{
	make_open(200);
	cr_assert(scribe_has(&s, "tile/0/000.p/200"));
	cr_assert_eq(scribe_append(&s, l, 200, 250), OK);
	cr_assert_eq(log_publish(l), OK);
	cr_assert(!scribe_has(&s, "tile/0/000.p/200"));
	cr_assert(scribe_has(&s, "tile/0/000.p/250"));
	cr_assert_eq(scribe_append(&s, l, 250, 300), OK);
	cr_assert_eq(log_publish(l), OK);
	cr_assert(!scribe_has(&s, "tile/0/000.p/250"));
	cr_assert(scribe_has(&s, "tile/0/000"));
	cr_assert(scribe_has(&s, "tile/1/000.p/1"));
	cr_assert_eq(log_close(l), OK);
}

Test(log, a_checkpoint_of_another_log_is_refused)
{
	struct scribe other;
	static const uint8_t seed[SEED_BYTES] = { 9 };

	scribe_make(&s, 5);
	cr_assert_eq(log_open_at(&s.place, STR("example.com/other"), s.key, &l, &n), ERR_SIGNATURE);
	scribe_init(&other, SEGMENT);
	sign_key_close(other.key);
	cr_assert_eq(sign_key_open(seed, &other.key), OK);
	scribe_make(&other, 5);
	scribe_poke(&s, "checkpoint", scribe_peek(&other, "checkpoint"));
	cr_assert_eq(scribe_open(&s, &l, &n), ERR_SIGNATURE);
	cr_assert_str_eq(n.file, "checkpoint");
	scribe_fini(&other);
}

Test(log, after_a_failed_write_nothing_more_is_acknowledged)
{
	make_open(5);
	cr_assert_eq(scribe_append(&s, l, 5, 6), OK);
	sim_fail_at(s.w, 1, SIM_EIO);
	cr_assert_eq(log_commit(l, true), ERR_IO);
	cr_assert_eq(log_commit(l, true), ERR_CLOSED);
	cr_assert_eq(scribe_append(&s, l, 6, 7), ERR_CLOSED);
	cr_assert_eq(log_publish(l), ERR_CLOSED);
	cr_assert_eq(log_cut_tail(l, log_tail(l)), ERR_CLOSED);
	cr_assert_eq(log_close(l), ERR_CLOSED);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(log_size(l), 5);
	cr_assert_eq(log_close(l), OK);
}

Test(log, every_failed_allocation_leaves_the_log_as_it_was)
{
	for (uint64_t at = 1;; at++) {
		enum err e;

		teardown();
		setup();
		scribe_make(&s, 20);
		(void)scribe_line(&s, 20);
		fail_alloc_at(at);
		e = scribe_open(&s, &l, &n);
		if (e == OK) {
			e = scribe_append(&s, l, 20, 23);
			if (e == OK)
				e = log_publish(l);
			(void)log_close(l);
		}
		if (!fail_alloc_was_hit())
			break;
		cr_assert(e == ERR_MEMORY || e == OK, "%d: %s", (int)at, err_text(e));
		cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
		cr_assert_eq(log_cut_tail(l, log_tail(l)), OK);
		cr_assert_geq(log_size(l), 20);
		expect_entries(log_size(l));
		cr_assert_eq(log_close(l), OK);
	}
}

/* --- the n-th operation fails, for every n --- */

struct seen {
	uint64_t acknowledged;
	uint64_t sizes[FAULT_ENTRIES];
	struct digest roots[FAULT_ENTRIES];
	size_t count;
};

static void see(struct seen *seen)
{
	seen->acknowledged = log_size(l);
	seen->sizes[seen->count] = log_signed_size(l);
	log_root(l, &seen->roots[seen->count++]);
}

/* Appends, commits of three entries, a publish now and then; stops at the first failure. */
static enum err work(struct seen *seen)
{
	for (uint64_t i = log_size(l); i < FAULT_ENTRIES; i++) {
		TRY(scribe_append(&s, l, i, i + 1));
		if (i % 3 == 2) {
			TRY(log_commit(l, true));
			seen->acknowledged = i + 1;
		}
		if (i % 11 == 10) {
			TRY(log_publish(l));
			see(seen);
		}
	}
	return OK;
}

static void expect_consistent(const struct seen *seen)
{
	uint64_t size = log_signed_size(l);
	struct digest root, proof[MERKLE_MAX_LEVELS];
	size_t count;

	log_root(l, &root);
	for (size_t i = 0; i < seen->count; i++) {
		cr_assert_leq(seen->sizes[i], size, "a checkpoint was taken back");
		cr_assert_eq(log_prove_consistency_at(&s.place, seen->sizes[i], size, &s.known, 1,
						      proof, &count, &n),
			     OK, "%s", n.text);
		cr_assert_eq(merkle_check_consistency(seen->sizes[i], &seen->roots[i], size, &root,
						      proof, count),
			     OK);
	}
}

/* After the fault: what was acknowledged is there, and the log goes on from the last good line. */
static void expect_recovery(const struct seen *seen, uint64_t at, bool torn)
{
	uint64_t whole;

	cr_assert_eq(scribe_open(&s, &l, &n), OK, "operation %d: %s: %s", (int)at, n.file, n.text);
	cr_assert_leq(log_size(l), FAULT_ENTRIES);
	whole = whole_entries(log_size(l));
	cr_assert_geq(whole, seen->acknowledged, "operation %d", (int)at);
	cr_assert_geq(whole, log_signed_size(l));
	cr_assert(torn || whole == log_size(l));
	cr_assert_eq(log_cut_tail(l, whole - log_signed_size(l)), OK);
	cr_assert_eq(log_publish(l), OK);
	if (log_signed_size(l) > 0)
		expect_consistent(seen);
	cr_assert_eq(scribe_append(&s, l, log_size(l), FAULT_ENTRIES + 5), OK);
	cr_assert_eq(log_close(l), OK);
	expect_entries(FAULT_ENTRIES + 5);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "operation %d: %s", (int)at, n.text);
}

/* With `torn` the power goes, and that seed decides what of the unsynced survives. */
static void fault_everywhere(enum sim_fault fault, bool reboot, bool power_lost, uint64_t torn)
{
	for (uint64_t at = 1;; at++) {
		struct seen seen = { 0 };
		bool hit;

		teardown();
		setup();
		make_open(0);
		sim_fail_at(s.w, at, fault);
		if (work(&seen) == OK && log_publish(l) == OK)
			see(&seen);
		hit = sim_was_hit(s.w);
		(void)log_close(l);
		if (torn)
			sim_tear(s.w, torn + at);
		else if (reboot)
			sim_reboot(s.w, power_lost);
		else
			sim_fail_at(s.w, 0, SIM_NONE);
		expect_recovery(&seen, at, torn);
		if (!hit)
			break;
		cr_assert_lt(at, 10000);
	}
}

Test(log, every_refused_operation_can_be_recovered_from)
{
	fault_everywhere(SIM_EIO, false, false, 0);
	fault_everywhere(SIM_EIO, true, true, 0);
}

Test(log, every_full_disk_can_be_recovered_from)
{
	fault_everywhere(SIM_ENOSPC, false, false, 0);
	fault_everywhere(SIM_ENOSPC, true, true, 0);
}

Test(log, every_short_write_can_be_recovered_from)
{
	fault_everywhere(SIM_SHORT, false, false, 0);
	fault_everywhere(SIM_SHORT, true, true, 0);
}

Test(log, every_crash_can_be_recovered_from)
{
	fault_everywhere(SIM_CRASH, true, false, 0);
}

Test(log, every_power_loss_can_be_recovered_from)
{
	fault_everywhere(SIM_CRASH, true, true, 0);
}

Test(log, every_torn_disk_can_be_recovered_from)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		fault_everywhere(SIM_CRASH, true, true, seed * 1000);
		fault_everywhere(SIM_EIO, true, true, seed * 1000);
	}
}

/* The recovery is a workload of its own: a fault in it must not make things worse. */
Test(log, a_crash_during_recovery_can_be_recovered_from)
{
	for (int power = 0; power < 2; power++) {
		for (uint64_t at = 1;; at++) {
			struct seen seen = { 0 };
			bool hit;

			teardown();
			setup();
			make_open(10);
			cr_assert_eq(scribe_append(&s, l, 10, 38), OK);
			cr_assert_eq(log_commit(l, true), OK);
			sim_fail_at(s.w, 1, SIM_CRASH);
			(void)log_close(l);
			sim_reboot(s.w, power);
			scribe_remove(&s, "tile/0/000.p/10");
			seen.acknowledged = 38;
			sim_fail_at(s.w, at, SIM_CRASH);
			if (scribe_open(&s, &l, NULL) == OK) {
				if (log_cut_tail(l, log_tail(l)) == OK && log_publish(l) == OK)
					see(&seen);
				(void)log_close(l);
			}
			hit = sim_was_hit(s.w);
			sim_reboot(s.w, power);
			expect_recovery(&seen, at, false);
			if (!hit)
				break;
		}
	}
}
