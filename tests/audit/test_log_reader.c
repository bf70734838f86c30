#include "engine/audit/log.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 8
#define ENTRIES 20
#define THIRD "segment/00000002.jsonl"

static struct scribe s;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(log_reader, .init = setup, .fini = teardown);

static struct log_reader *open_at(uint64_t from, uint64_t end)
{
	struct log_reader *r;

	cr_assert_eq(log_reader_open_at(&s.place, from, end, &r, NULL), OK);
	return r;
}

/* Exactly the entries `from` up to `to`, then the end. */
static void expect_run(struct log_reader *r, uint64_t from, uint64_t to)
{
	struct str line;

	for (; from < to; from++) {
		cr_assert_eq(log_reader_next(r, &line), OK);
		cr_assert(line.ptr && str_eq(line, scribe_line(&s, from)), "entry %d", (int)from);
	}
	cr_assert_eq(log_reader_next(r, &line), OK);
	cr_assert_null(line.ptr);
	cr_assert_eq(log_reader_next(r, &line), OK, "the end stays the end");
	cr_assert_null(line.ptr);
	log_reader_close(r);
}

Test(log_reader, every_range_gives_its_entries)
{
	scribe_make(&s, ENTRIES);
	for (uint64_t from = 0; from <= ENTRIES; from++)
		for (uint64_t end = from; end <= ENTRIES; end++)
			expect_run(open_at(from, end), from, end);
	expect_run(open_at(3, UINT64_MAX), 3, ENTRIES);
}

Test(log_reader, beyond_the_end_there_is_nothing)
{
	scribe_make(&s, ENTRIES);
	expect_run(open_at(ENTRIES + 1, UINT64_MAX), 0, 0);
	expect_run(open_at(10 * ENTRIES, UINT64_MAX), 0, 0);
}

Test(log_reader, the_public_door_reads_the_same)
{
	struct log_reader *r;

	s.place.segment_entries = LOG_SEGMENT_ENTRIES;
	scribe_make(&s, ENTRIES);
	cr_assert_eq(log_reader_open(s.w, "log", 5, UINT64_MAX, &r), OK);
	expect_run(r, 5, ENTRIES);
}

/* From anywhere to anywhere, by any entry before it in its segment, and at the end too. */
Test(log_reader, goes_where_it_is_sent)
{
	struct log_spot spots[ENTRIES];
	struct log_reader *r;
	uint64_t offset = 0;

	scribe_make(&s, ENTRIES);
	for (uint64_t entry = 0; entry < ENTRIES; entry++) {
		offset = entry % SEGMENT ? offset : 0;
		spots[entry] = (struct log_spot){ entry, offset };
		offset += scribe_line(&s, entry).len + 1;
	}
	for (uint64_t from = 0; from < ENTRIES; from++) {
		for (uint64_t near = from - from % SEGMENT; near <= from; near++) {
			r = open_at((from * 7 + near * 3) % (ENTRIES + 2), UINT64_MAX);
			cr_assert_eq(log_reader_seek(r, &spots[near], from, NULL), OK);
			cr_assert_eq(log_reader_index(r), from);
			expect_run(r, from, ENTRIES);
		}
	}
}

Test(log_reader, the_place_of_an_entry_is_known)
{
	struct log_reader *r;
	struct note n = { 0 };
	struct str line;

	scribe_make(&s, ENTRIES);
	r = open_at(17, UINT64_MAX);
	cr_assert_eq(log_reader_next(r, &line), OK);
	cr_assert_eq(log_reader_index(r), 18);
	log_reader_place(r, 17, &n);
	cr_assert_str_eq(n.file, "log/" THIRD);
	cr_assert_eq(n.line, 2);
	log_reader_close(r);
}

/* Put `tail` behind the last line. */
static void add_tail(struct str tail)
{
	struct buf b;

	buf_init(&b, 64u << 20);
	buf_add(&b, scribe_peek(&s, THIRD));
	buf_add(&b, tail);
	scribe_poke(&s, THIRD, buf_view(&b));
	buf_fini(&b);
}

static void expect_torn(bool torn)
{
	struct log_reader *r = open_at(0, UINT64_MAX);
	struct str line;

	for (uint64_t i = 0; i < ENTRIES; i++) {
		cr_assert(!log_reader_torn(r));
		cr_assert_eq(log_reader_next(r, &line), OK);
	}
	cr_assert_eq(log_reader_next(r, &line), OK);
	cr_assert_null(line.ptr);
	cr_assert_eq(log_reader_torn(r), torn);
	log_reader_close(r);
}

Test(log_reader, bytes_without_newline_are_torn)
{
	scribe_make(&s, ENTRIES);
	expect_torn(false);
	add_tail(STR("{"));
	expect_torn(true);
}

Test(log_reader, more_bytes_than_an_entry_may_have_are_torn)
{
	static char zeroes[LIMIT_ENTRY_BYTES + 2];

	scribe_make(&s, ENTRIES);
	zeroes[sizeof(zeroes) - 1] = '\n';
	add_tail(str_slice(zeroes, sizeof(zeroes)));
	expect_torn(true);
}

Test(log_reader, lines_of_every_length_cross_the_window)
{
	static char line[LIMIT_ENTRY_BYTES];
	uint64_t count = 0;
	struct log_reader *r;
	struct log *l;
	struct str found;

	s.place.segment_entries = 1000;
	scribe_make(&s, 0);
	cr_assert_eq(scribe_open(&s, &l, NULL), OK);
	memset(line, 'x', sizeof(line));
	for (size_t len = 1; len < sizeof(line); len += 1777, count++)
		cr_assert_eq(log_append(l, str_slice(line, len)), OK);
	cr_assert_eq(log_append(l, str_slice(line, sizeof(line))), OK);
	cr_assert_eq(log_close(l), OK);
	r = open_at(0, UINT64_MAX);
	for (uint64_t i = 0; i < count; i++) {
		cr_assert_eq(log_reader_next(r, &found), OK);
		cr_assert_eq(found.len, 1 + i * 1777);
		cr_assert_arr_eq(found.ptr, line, found.len);
	}
	cr_assert_eq(log_reader_next(r, &found), OK);
	cr_assert_eq(found.len, sizeof(line));
	log_reader_close(r);
}

Test(log_reader, an_overfull_segment_is_tampering)
{
	struct log_reader *r;
	struct str line;

	scribe_make(&s, ENTRIES);
	s.place.segment_entries = 7;
	r = open_at(0, UINT64_MAX);
	for (int i = 0; i < 7; i++)
		cr_assert_eq(log_reader_next(r, &line), OK);
	cr_assert_eq(log_reader_next(r, &line), ERR_TAMPERED);
	log_reader_close(r);
}

Test(log_reader, a_short_segment_ends_the_log)
{
	scribe_make(&s, ENTRIES);
	s.place.segment_entries = 9;
	expect_run(open_at(0, UINT64_MAX), 0, 8);
}

Test(log_reader, a_log_that_is_not_there_is_empty)
{
	expect_run(open_at(0, UINT64_MAX), 0, 0);
}

Test(log_reader, without_memory_nothing_is_opened)
{
	struct log_reader *r = NULL;

	scribe_make(&s, ENTRIES);
	fail_alloc_at(1);
	cr_assert_eq(log_reader_open_at(&s.place, 0, 1, &r, NULL), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	cr_assert_null(r);
}
