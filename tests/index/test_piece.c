/* piece: the index of some entries, by itself. */
#include "engine/index/inside.h"

#include <criterion/criterion.h>

#include "tests/index/stacks.h"

#define PATH "piece.sqlite"

static const struct span slice = { 0, PIECE_SLICE };
static const struct log_spot front = { 0, 0 };

struct scene {
	struct stacks stacks;
	struct lines lines;
	struct piece *piece;
};

static void begin(struct scene *s)
{
	struct note n = { .line = 0 };

	stacks_init(&s->stacks, 5);
	stacks_add(&s->stacks, PIECE_SLICE + 10);
	lines_init(&s->lines, s->stacks.w, STACKS_LOG, STR(STACKS_ORIGIN));
	cr_assert_eq(piece_make(s->stacks.w, PATH, &s->lines, slice, &front, &n), OK, "%s", n.text);
	cr_assert_eq(piece_open(s->stacks.w, PATH, STR(STACKS_ORIGIN), slice, &s->piece), OK);
}

static void end(struct scene *s)
{
	piece_close(s->piece);
	lines_fini(&s->lines);
	stacks_fini(&s->stacks);
}

Test(piece, has_a_name_and_the_name_is_read)
{
	static const char *const wrong[] = {
		"", ".sqlite", "1.sqlite", "000000001.sqlite", "00000001-16.sqlite",
		"00000001-1.sqlite", "00000001-.sqlite", "00000001.sqlite.new", "new", "lock",
		"-00000001.sqlite", "18446744073709551615.sqlite",
	};
	const struct span spans[] = {
		{ 0, PIECE_SLICE }, { 15 * PIECE_SLICE, PIECE_SLICE }, { 0, LOG_SEGMENT_ENTRIES },
		{ UINT64_C(123456789) * LOG_SEGMENT_ENTRIES, LOG_SEGMENT_ENTRIES },
	};
	char name[PIECE_NAME_BYTES];
	struct span got;

	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
		piece_name(spans[i], name);
		cr_assert(piece_span(str_view(name), &got), "%s", name);
		cr_assert_eq(got.first, spans[i].first);
		cr_assert_eq(got.count, spans[i].count);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_assert_not(piece_span(str_view(wrong[i]), &got), "%s", wrong[i]);
}

Test(piece, knows_where_each_line_begins)
{
	struct log_spot spot;
	struct scene s;
	struct str line;
	uint64_t offset = 0;

	begin(&s);
	for (uint64_t seq = 0; seq < PIECE_SLICE; seq++) {
		cr_assert_eq(piece_spot(s.piece, seq, &spot), OK);
		cr_assert_eq(spot.entry, seq - seq % PIECE_MARK);
		cr_assert(seq % PIECE_MARK != 0 || spot.offset == offset);
		cr_assert_eq(lines_get(&s.lines, seq, NULL, &line), OK);
		offset += line.len + 1;
	}
	cr_assert_eq(piece_face(s.piece)->ended, offset);
	end(&s);
}

Test(piece, proposes_in_order_and_within_what_was_asked)
{
	struct filter f = filter_any();
	struct scene s;
	uint64_t seq, last = 99;
	unsigned count = 0;
	bool more;

	begin(&s);
	f.names[FILTER_TOOL] = STR("get_*");
	cr_assert_eq(piece_ask(s.piece, &f, 100, 500, false), OK);
	while (piece_next(s.piece, &seq, &more) == OK && more) {
		cr_assert(seq > last && seq < 500);
		last = seq;
		count++;
	}
	cr_assert_gt(count, 50);
	cr_assert_eq(piece_ask(s.piece, &f, 100, 500, true), OK);
	for (last = 500; piece_next(s.piece, &seq, &more) == OK && more; last = seq, count--)
		cr_assert(seq < last && seq >= 100);
	cr_assert_eq(count, 0);
	f.names[FILTER_TOOL] = STR("no such tool");
	cr_assert_eq(piece_ask(s.piece, &f, 0, PIECE_SLICE, false), OK);
	cr_assert_eq(piece_next(s.piece, &seq, &more), OK);
	cr_assert_not(more);
	end(&s);
}

Test(piece, knows_outcomes_and_their_actions)
{
	struct scene s;
	uint64_t seq, of;
	unsigned count = 0;
	bool more;

	begin(&s);
	cr_assert_eq(piece_ask_outcomes(s.piece, STR("fail*")), OK);
	while (piece_next_outcome(s.piece, &seq, &of, &more) == OK && more) {
		struct arena a;
		struct str line, status;
		struct entry e;
		uint64_t link;

		arena_init(&a, 1 << 20);
		cr_assert_eq(lines_get(&s.lines, seq, NULL, &line), OK);
		cr_assert_eq(lines_read(&s.lines, seq, line, &a, &e, NULL), OK);
		cr_assert(filter_outcome(&e, &status, &link));
		cr_assert(str_is(status, "failed"));
		cr_assert_eq(link, of);
		arena_fini(&a);
		count++;
	}
	cr_assert_gt(count, 50);
	end(&s);
}

Test(piece, is_of_one_log_and_one_span)
{
	const struct span other = { PIECE_SLICE, PIECE_SLICE };
	struct piece *p = NULL;
	struct scene s;

	begin(&s);
	cr_assert_eq(piece_open(s.stacks.w, PATH, STR("example.com/other"), slice, &p),
		     ERR_TAMPERED);
	cr_assert_eq(piece_open(s.stacks.w, PATH, STR(STACKS_ORIGIN), other, &p), ERR_TAMPERED);
	cr_assert_eq(piece_open(s.stacks.w, "none", STR(STACKS_ORIGIN), slice, &p), ERR_NOT_FOUND);
	end(&s);
}

Test(piece, is_not_made_of_entries_that_are_not_there)
{
	const struct span beyond = { PIECE_SLICE, PIECE_SLICE };
	struct log_spot spot;
	struct scene s;

	begin(&s);
	spot = (struct log_spot){ PIECE_SLICE, piece_face(s.piece)->ended };
	cr_assert_eq(piece_make(s.stacks.w, "beyond", &s.lines, beyond, &spot, NULL),
		     ERR_NOT_FOUND);
	end(&s);
}
