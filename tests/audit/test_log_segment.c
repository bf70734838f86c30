/* log_segment: a segment reads the same in every form. */
#include "engine/audit/sealed.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 600
#define ENTRIES 1300
#define PLAIN "segment/00000000.jsonl"
#define SEALED "segment/00000000.zst"

static struct scribe s;
static struct segment plain, other;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	scribe_make(&s, ENTRIES);
	segment_init(&plain, &s.place);
	segment_init(&other, &s.place);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	segment_fini(&plain);
	segment_fini(&other);
	scribe_fini(&s);
}

TestSuite(log_segment, .init = setup, .fini = teardown);

static void seal(void)
{
	struct log_seal_report report;

	cr_assert_eq(log_seal_at(&s.place, &s.known, 1, &report, &n), OK, "%s", n.text);
}

Test(log_segment, any_piece_reads_the_same_sealed)
{
	static const size_t rooms[] = { 1, 7, 1000, 300000 };
	static char a[300000], b[300000];

	cr_assert_eq(segment_open(&plain, 0, &n), OK);
	seal();
	cr_assert(!scribe_has(&s, PLAIN));
	cr_assert_eq(segment_open(&other, 0, &n), OK, "%s", n.text);
	cr_assert(other.whole && !plain.whole);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
		uint64_t at = 0;

		for (size_t step = 0;; step++) {
			size_t got, want;

			cr_assert_eq(segment_read(&other, at, b, rooms[i], &got, &n), OK);
			cr_assert_eq(segment_read(&plain, at, a, got ? got : 1, &want, &n), OK);
			cr_assert_eq(got, want);
			cr_assert_arr_eq(a, b, got);
			if (got == 0)
				break;
			at += got + (rooms[i] < 100 ? step * 13 : 0);
		}
	}
}

Test(log_segment, the_nearest_known_line_is_that_of_a_frame)
{
	struct log_reader *r;
	struct str line;
	uint64_t at;

	cr_assert_eq(segment_open(&plain, 0, &n), OK);
	cr_assert_eq(segment_near(&plain, 599, &at), 0);
	cr_assert_eq(at, 0);
	seal();
	cr_assert_eq(segment_open(&other, 0, &n), OK);
	cr_assert_eq(segment_near(&other, 255, &at), 0);
	cr_assert_eq(segment_near(&other, 599, &at), 512);
	cr_assert(segment_fits(&other, 512, at));
	cr_assert(!segment_fits(&other, 256, at));
	cr_assert_eq(segment_piece(&other, 511), 1);
	for (uint64_t i = 0; i < ENTRIES; i += 37) {
		cr_assert_eq(log_reader_open_at(&s.place, i, UINT64_MAX, &r, &n), OK);
		cr_assert_eq(log_reader_next(r, &line), OK);
		cr_assert(str_eq(line, scribe_line(&s, i)), "%d", (int)i);
		log_reader_close(r);
	}
}

Test(log_segment, the_plain_one_goes_before_the_sealed_one)
{
	char name[LOG_NAME_BYTES];
	struct buf copy;

	buf_init(&copy, 1u << 20);
	buf_add(&copy, scribe_peek(&s, PLAIN));
	seal();
	segment_name(&s.place, 0, name);
	cr_assert_str_eq(name, SEALED);
	scribe_poke(&s, PLAIN, buf_view(&copy));
	scribe_poke(&s, SEALED, STR("nonsense"));
	segment_name(&s.place, 0, name);
	cr_assert_str_eq(name, PLAIN);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	scribe_remove(&s, PLAIN);
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, SEALED);
	buf_fini(&copy);
}

Test(log_segment, a_segment_that_is_not_there_has_its_plain_name)
{
	char name[LOG_NAME_BYTES];

	segment_name(&s.place, 9, name);
	cr_assert_str_eq(name, "segment/00000009.jsonl");
	cr_assert_eq(segment_open(&plain, 9, &n), ERR_NOT_FOUND);
	cr_assert(!segment_is_open(&plain));
}

/* A sealed segment of these lines, with `first` of them in the first frame. */
static void forge(uint64_t first, uint64_t changed)
{
	static struct sealed_table t;
	struct buf file, raw, head, table;
	struct squash squash;

	squash_init(&squash);
	buf_init(&file, 1u << 20);
	buf_init(&raw, 1u << 20);
	buf_init(&head, 1u << 20);
	buf_init(&table, 1u << 20);
	t = (struct sealed_table){ .entries = SEGMENT,
				   .packed_at = { sealed_begin(0, sealed_frames(SEGMENT)) } };
	cr_assert_not_null(buf_grow(&file, (size_t)t.packed_at[0]));
	for (uint64_t i = 0; i < SEGMENT; i++) {
		buf_add(&raw, scribe_line(&s, i == changed ? 99999 : i));
		buf_add_byte(&raw, '\n');
		if (i + 1 != first && i + 1 != 2 * TILE_WIDTH && i + 1 != SEGMENT)
			continue;
		cr_assert_eq(squash_pack(&squash, buf_view(&raw), &file), OK);
		t.packed_at[t.frames + 1] = file.len;
		t.sums[t.frames] = sealed_sum(
			str_slice(file.ptr + t.packed_at[t.frames],
				  file.len - (size_t)t.packed_at[t.frames]));
		t.raw_at[t.frames + 1] = t.raw_at[t.frames] + raw.len;
		t.frames++;
		buf_clear(&raw);
	}
	sealed_ends(&t, STR_NONE, &head, &table);
	cr_assert_eq(head.len, t.packed_at[0]);
	memcpy(file.ptr, head.ptr, head.len);
	buf_add(&file, buf_view(&table));
	scribe_poke(&s, SEALED, buf_view(&file));
	buf_fini(&table);
	buf_fini(&head);
	buf_fini(&raw);
	buf_fini(&file);
	squash_fini(&squash);
}

Test(log_segment, well_formed_is_not_believed)
{
	scribe_remove(&s, PLAIN);
	forge(TILE_WIDTH, SEGMENT);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	forge(TILE_WIDTH, 300);
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, SEALED);
	cr_assert_eq(n.line, 301);
}

/* The same lines, but not where their numbers say: they would not be found. */
Test(log_segment, frames_that_are_cut_elsewhere_are_refused)
{
	scribe_remove(&s, PLAIN);
	forge(TILE_WIDTH - 1, SEGMENT);
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, SEALED);
	cr_assert_eq(n.line, 256);
	cr_assert(str_has(str_view(n.text), STR("every frame holds 256")), "%s", n.text);
	forge(TILE_WIDTH + 1, SEGMENT);
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED);
	cr_assert_eq(n.line, 256);
}

Test(log_segment, without_memory_nothing_is_opened)
{
	seal();
	for (unsigned i = 1;; i++) {
		enum err e;

		fail_alloc_at(i);
		e = segment_open(&other, 0, &n);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "%u: %s", i, err_name(e));
		cr_assert(!segment_is_open(&other));
		segment_close(&other);
	}
	cr_assert(segment_is_open(&other));
}
