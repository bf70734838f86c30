#include "engine/audit/log_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "engine/base/world_real.h"
#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 8
#define ENTRIES 20
#define FIRST "segment/00000000.jsonl"
#define SECOND "segment/00000001.jsonl"
#define THIRD "segment/00000002.jsonl"

static struct scribe s;
static struct note n;
static struct log_report report;
static struct buf text;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	n = (struct note){ 0 };
	buf_init(&text, 64u << 20);
}

static void teardown(void)
{
	buf_fini(&text);
	scribe_fini(&s);
}

TestSuite(log_verify, .init = setup, .fini = teardown);

static void expect(enum err e, const char *file, uint32_t line, const char *part)
{
	enum err found;

	n = (struct note){ 0 };
	found = scribe_verify(&s, &report, &n);
	cr_assert_eq(found, e, "%s instead of %s: %s: %s", err_name(found), err_name(e), n.file,
		     n.text);
	cr_assert_str_eq(n.file, file, "%s", n.text);
	cr_assert_eq(n.line, line, "line %u: %s", n.line, n.text);
	cr_assert(str_has(str_view(n.text), str_view(part)), "%s", n.text);
}

/* A copy of a file, to change and to put back. */
static void load(const char *name)
{
	buf_clear(&text);
	buf_add(&text, scribe_peek(&s, name));
	cr_assert_eq(text.err, OK);
	cr_assert_gt(text.len, 0, "%s", name);
}

static void store(const char *name)
{
	scribe_poke(&s, name, buf_view(&text));
}

/* Write a segment anew from these entries. */
static void rewrite(const char *name, const uint64_t *seqs, size_t count)
{
	buf_clear(&text);
	for (size_t i = 0; i < count; i++) {
		buf_add(&text, scribe_line(&s, seqs[i]));
		buf_add_byte(&text, '\n');
	}
	store(name);
}

/* Change the resource of an entry: the line stays canonical. */
static void edit(const char *name, uint64_t line)
{
	char *at;

	load(name);
	at = text.ptr;
	for (; line > 1; line--)
		at = strchr(at, '\n') + 1;
	at = strstr(at, "\"resource\":\"/");
	at[13] ^= 1;
	store(name);
}

Test(log_verify, a_whole_log_is_reported)
{
	uint64_t bytes;

	scribe_make(&s, ENTRIES);
	bytes = scribe_peek(&s, FIRST).len + scribe_peek(&s, SECOND).len +
		scribe_peek(&s, THIRD).len;
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	cr_assert_eq(report.entries, ENTRIES);
	cr_assert_eq(report.checkpoint.size, ENTRIES);
	cr_assert_eq(report.tail_entries, 0);
	cr_assert_eq(report.segments, 3);
	cr_assert_eq(report.tiles, 1);
	cr_assert_eq(report.bytes, bytes);
	cr_assert(!report.torn);
	cr_assert(digest_eq(&report.root, &report.checkpoint.root));
	cr_assert(str_is(report.checkpoint.origin, SCRIBE_ORIGIN));
}

Test(log_verify, logs_around_tile_boundaries_are_whole)
{
	static const uint64_t sizes[] = { 0, 1, 7, 8, 9, 255, 256, 257, 511, 512, 700 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		teardown();
		setup();
		scribe_make(&s, sizes[i]);
		cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%d: %s", (int)sizes[i], n.text);
		cr_assert_eq(report.entries, sizes[i]);
	}
}

/* 65,537 entries are the first to need a third level. */
Test(log_verify, three_levels_of_tiles_are_compared)
{
	teardown();
	scribe_init(&s, LOG_SEGMENT_ENTRIES);
	buf_init(&text, 64u << 20);
	scribe_make(&s, 65537);
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	cr_assert_eq(report.tiles, 256 + 1 + 1 + 1);
	cr_assert_eq(report.segments, 2);
	load("tile/1/000");
	text.ptr[8191] ^= 1;
	store("tile/1/000");
	expect(ERR_TAMPERED, "tile/1/000", 0, "hash 255");
}

/* --- one attack each --- */

Test(log_verify, an_edited_entry_is_named)
{
	scribe_make(&s, ENTRIES);
	edit(THIRD, 2);
	expect(ERR_TAMPERED, THIRD, 2, "entry 17: it was changed after it was signed");
}

Test(log_verify, the_first_of_several_edited_entries_is_named)
{
	scribe_make(&s, 600);
	edit("segment/00000040.jsonl", 1);
	edit("segment/00000034.jsonl", 3);
	expect(ERR_TAMPERED, "segment/00000034.jsonl", 3, "entry 274:");
}

Test(log_verify, an_edit_before_a_broken_line_is_named)
{
	scribe_make(&s, ENTRIES);
	edit(FIRST, 2);
	load(SECOND);
	text.ptr[0] = '!';
	store(SECOND);
	expect(ERR_TAMPERED, FIRST, 2, "entry 1:");
}

Test(log_verify, a_broken_line_is_named)
{
	scribe_make(&s, ENTRIES);
	load(SECOND);
	text.ptr[0] = '!';
	store(SECOND);
	expect(ERR_TAMPERED, SECOND, 1, "entry 8: not a canonical entry");
}

Test(log_verify, an_edited_entry_with_an_edited_tile_is_named)
{
	scribe_make(&s, ENTRIES);
	edit(THIRD, 2);
	load("tile/0/000.p/20");
	text.ptr[0] ^= 1;
	store("tile/0/000.p/20");
	expect(ERR_TAMPERED, FIRST, 1, "both were changed");
}

Test(log_verify, swapped_entries_are_named)
{
	static const uint64_t seqs[] = { 0, 1, 2, 4, 3, 5, 6, 7 };

	scribe_make(&s, ENTRIES);
	rewrite(FIRST, seqs, 8);
	expect(ERR_TAMPERED, FIRST, 4, "its number is 4: entries before it were removed or moved");
}

Test(log_verify, a_removed_entry_is_named)
{
	static const uint64_t seqs[] = { 16, 18, 19 };

	scribe_make(&s, ENTRIES);
	rewrite(THIRD, seqs, 3);
	expect(ERR_TAMPERED, THIRD, 2, "its number is 18: entries before it were removed or moved");
}

Test(log_verify, a_repeated_entry_is_named)
{
	static const uint64_t seqs[] = { 16, 17, 17, 18, 19 };

	scribe_make(&s, ENTRIES);
	rewrite(THIRD, seqs, 5);
	expect(ERR_TAMPERED, THIRD, 3, "its number is 17: it repeats or was moved");
}

Test(log_verify, a_cut_log_is_told_apart)
{
	static const uint64_t seqs[] = { 16, 17, 18 };

	scribe_make(&s, ENTRIES);
	rewrite(THIRD, seqs, 3);
	expect(ERR_TAMPERED, THIRD, 4,
	       "was cut: the checkpoint signs 20 entries, whole lines end after 19");
}

Test(log_verify, a_missing_segment_is_named)
{
	scribe_make(&s, ENTRIES);
	scribe_remove(&s, SECOND);
	expect(ERR_TAMPERED, SECOND, 0, "is missing");
}

Test(log_verify, an_overfull_segment_is_named)
{
	static const uint64_t seqs[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

	scribe_make(&s, ENTRIES);
	rewrite(FIRST, seqs, 9);
	expect(ERR_TAMPERED, FIRST, SEGMENT + 1, "bytes follow the last one");
}

Test(log_verify, foreign_files_among_the_segments_are_named)
{
	scribe_make(&s, ENTRIES);
	scribe_poke(&s, "segment/00000000.jsonl.old", STR(""));
	expect(ERR_TAMPERED, "segment/00000000.jsonl.old", 0, "does not belong here");
}

Test(log_verify, garbage_after_the_end_is_told_apart)
{
	scribe_make(&s, ENTRIES);
	load(THIRD);
	buf_add_c(&text, "half a line");
	store(THIRD);
	expect(ERR_UNSIGNED, "", 0, "bytes that are no entry");
	cr_assert(report.torn);
	cr_assert_eq(report.tail_entries, 0);
	buf_add_byte(&text, '\n');
	store(THIRD);
	expect(ERR_TAMPERED, THIRD, 5, "entry 20:");
}

/* As a power loss leaves them that took the end of the segment before. */
Test(log_verify, segments_behind_the_end_are_told_apart)
{
	scribe_make(&s, ENTRIES);
	scribe_poke(&s, "segment/00000003.jsonl", STR("{}\n"));
	expect(ERR_UNSIGNED, "", 0, "bytes that are no entry");
	cr_assert(report.torn);
	cr_assert_eq(report.segments, 3);
}

/* --- beside a writer --- */

Test(log_verify, a_writer_that_goes_on_is_no_tampering)
{
	static const char *const moments[] = { "tile/0/", FIRST, THIRD };
	enum err e;

	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		scribe_fini(&s);
		scribe_init(&s, SEGMENT);
		scribe_make(&s, ENTRIES);
		scribe_meddle(&s, moments[i], ENTRIES, ENTRIES + 5);
		n = (struct note){ 0 };
		e = scribe_verify(&s, &report, &n);
		cr_assert(scribe_meddled(&s), "%s", moments[i]);
		cr_assert(e == OK || e == ERR_UNSIGNED, "%s: %s", moments[i], n.text);
		cr_assert_eq(report.entries, ENTRIES + 5);
	}
}

Test(log_verify, unsigned_entries_are_told_apart)
{
	scribe_make(&s, ENTRIES);
	load(THIRD);
	buf_add(&text, scribe_line(&s, 20));
	buf_add_byte(&text, '\n');
	store(THIRD);
	expect(ERR_UNSIGNED, "", 0, "1 more follow");
	cr_assert_eq(report.tail_entries, 1);
	cr_assert_eq(report.entries, ENTRIES + 1);
}

Test(log_verify, a_rewritten_log_is_told_apart)
{
	static const char *const names[] = { FIRST, SECOND, THIRD, "tile/0/000.p/20" };
	struct scribe other;
	struct log *l;

	/* The same history but for one entry, hashed anew, under the old checkpoint. */
	scribe_make(&s, ENTRIES);
	scribe_init(&other, SEGMENT);
	scribe_make(&other, 0);
	cr_assert_eq(scribe_open(&other, &l, NULL), OK);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		struct str line = scribe_line(&other, i);

		if (i == 5)
			*strstr(other.line.ptr, "1970") = '2';
		cr_assert_eq(log_append(l, line), OK);
	}
	cr_assert_eq(log_close(l), OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		scribe_poke(&s, names[i], scribe_peek(&other, names[i]));
	expect(ERR_TAMPERED, "checkpoint", 0, "all of them were rewritten");
	scribe_fini(&other);
}

Test(log_verify, entries_of_another_log_are_named)
{
	scribe_make(&s, ENTRIES);
	load(THIRD);
	memcpy(strstr(text.ptr, "example.com/log"), "example.com/lag", 15);
	store(THIRD);
	expect(ERR_TAMPERED, THIRD, 1, "another log, example.com/lag");
}

Test(log_verify, a_damaged_tile_is_named)
{
	scribe_make(&s, 300);
	load("tile/0/000");
	text.ptr[33] ^= 4;
	store("tile/0/000");
	expect(ERR_TAMPERED, "tile/0/000", 0, "hash 1 of this tile is not that of the entries");
	buf_add_byte(&text, 'x');
	store("tile/0/000");
	expect(ERR_TAMPERED, "tile/0/000", 0, "8193 bytes");
	scribe_remove(&s, "tile/0/000");
	expect(ERR_TAMPERED, "tile/0/000", 0, "missing");
}

Test(log_verify, an_older_checkpoint_leaves_unsigned_entries)
{
	struct log *l;

	scribe_make(&s, 10);
	load("checkpoint");
	cr_assert_eq(scribe_open(&s, &l, NULL), OK);
	cr_assert_eq(scribe_append(&s, l, 10, ENTRIES), OK);
	cr_assert_eq(log_close(l), OK);
	store("checkpoint");
	expect(ERR_TAMPERED, "tile/0/000.p/10", 0, "missing");
}

Test(log_verify, other_checkpoints_are_refused)
{
	struct note_key key = s.known;

	scribe_make(&s, ENTRIES);
	key.key.bytes[0] ^= 1;
	cr_assert_eq(log_verify_at(&s.place, STR(SCRIBE_ORIGIN), &key, 1, NULL, &report, &n),
		     ERR_SIGNATURE);
	cr_assert_eq(log_verify_at(&s.place, STR(SCRIBE_ORIGIN), NULL, 0, NULL, &report, &n),
		     ERR_SIGNATURE);
	n = (struct note){ 0 };
	cr_assert_eq(log_verify_at(&s.place, STR("example.com/other"), &s.known, 1, NULL, &report,
				   &n),
		     ERR_TAMPERED);
	cr_assert_str_eq(n.file, "checkpoint");
	scribe_poke(&s, "checkpoint", STR("nonsense"));
	expect(ERR_TAMPERED, "checkpoint", 0, "not a signed checkpoint");
	scribe_remove(&s, "checkpoint");
	expect(ERR_TAMPERED, "checkpoint", 0, "it was removed");
}

Test(log_verify, where_there_is_no_log_none_is_verified)
{
	cr_assert_eq(scribe_verify(&s, &report, &n), ERR_NOT_FOUND);
}

/* --- all bytes --- */

/* Where in a segment an offset lies, counted as lines from 1. */
static uint32_t line_of(struct str file, size_t at)
{
	uint32_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += file.ptr[i] == '\n';
	return line;
}

static void flip_everywhere(const char *name)
{
	struct str original;

	load(name);
	original = buf_view(&text);
	for (size_t i = 0; i < original.len; i++) {
		for (int bit = 0; bit < 8; bit += 1 + (int)(i % 3)) {
			uint32_t line = line_of(original, i);

			text.ptr[i] ^= (char)(1 << bit);
			store(name);
			n = (struct note){ 0 };
			cr_assert_neq(scribe_verify(&s, &report, &n), OK, "%s byte %zu bit %d",
				      name, i, bit);
			cr_assert_str_eq(n.file, name, "%s byte %zu bit %d: %s", name, i, bit,
					 n.text);
			cr_assert(n.text[0]);
			text.ptr[i] ^= (char)(1 << bit);
			if (strstr(name, "segment"))
				cr_assert_eq(n.line, line, "byte %zu bit %d: line %u, %s", i, bit,
					     n.line, n.text);
		}
	}
	store(name);
	cr_assert_eq(scribe_verify(&s, &report, &n), OK);
}

Test(log_verify, every_flipped_bit_is_found_and_its_place_named)
{
	struct str names[64];
	struct arena a;
	size_t count;

	scribe_make(&s, ENTRIES);
	arena_init(&a, 1u << 20);
	count = scribe_files(&s, &a, names, 64);
	cr_assert_eq(count, 5, "checkpoint, three segments, one tile");
	for (size_t i = 0; i < count; i++)
		flip_everywhere(names[i].ptr);
	arena_fini(&a);
}

Test(log_verify, every_removed_file_is_missed)
{
	struct str names[64];
	struct arena a;
	size_t count;

	scribe_make(&s, 300);
	arena_init(&a, 1u << 20);
	count = scribe_files(&s, &a, names, 64);
	for (size_t i = 0; i < count; i++) {
		load(names[i].ptr);
		scribe_remove(&s, names[i].ptr);
		n = (struct note){ 0 };
		cr_assert_eq(scribe_verify(&s, &report, &n), ERR_TAMPERED, "%s", names[i].ptr);
		cr_assert_str_eq(n.file, names[i].ptr);
		store(names[i].ptr);
	}
	arena_fini(&a);
}

/* --- links, which only the machine has --- */

Test(log_verify, a_link_in_place_of_a_file_is_refused)
{
	static const char *const names[] = { "checkpoint", "tile/0/000.p/20", "tile/0/000.p",
					     "tile/0",
					     FIRST, "segment", "tile" };
	char folder[] = "/tmp/trammel-log-XXXXXX", from[LIMIT_PATH_BYTES], to[LIMIT_PATH_BYTES];
	struct world *simulated = s.w, real = world_real();

	cr_assert_not_null(mkdtemp(folder));
	s.w = &real;
	cr_assert_eq(world_join(to, sizeof(to), folder, "log"), OK);
	cr_assert_eq(log_place_init(&s.place, s.w, to), OK);
	s.place.segment_entries = SEGMENT;
	scribe_make(&s, ENTRIES);
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		cr_assert_eq(log_place_path(&s.place, names[i], from), OK);
		(void)snprintf(to, sizeof(to), "%s/moved", folder);
		cr_assert_eq(rename(from, to), 0);
		cr_assert_eq(symlink(to, from), 0);
		expect(ERR_TAMPERED, names[i], 0, "");
		cr_assert_eq(unlink(from), 0);
		cr_assert_eq(rename(to, from), 0);
	}
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	(void)snprintf(from, sizeof(from), "rm -r %s", folder);
	cr_assert_eq(system(from), 0);
	s.w = simulated;
}

Test(log_verify, every_failed_allocation_is_reported)
{
	scribe_make(&s, 300);
	for (uint64_t at = 1;; at++) {
		enum err e;

		fail_alloc_at(at);
		e = scribe_verify(&s, &report, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "%d: %s", (int)at, err_text(e));
	}
}
