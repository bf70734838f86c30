/*
 * log_reader: lines out of segments, front to back, through one window. In which form a segment
 * lies is the matter of log_segment.
 *
 *   block   [ given out | start: whole lines, one cut line :fill | free ]
 *
 * Lines borrow from the window, so it moves only when asked for more. Invariants: `next` is the
 * number of the entry that starts at `start`; file_at is the offset in the segment of the byte that
 * `fill` will take; while no segment is open the window is empty.
 *
 * The whole lines of a log end at the first segment that has fewer of them than a segment holds.
 * What follows there without a newline (or runs on for longer than any entry may be) is torn: a
 * write that a crash cut short. Nothing but zero bytes up to the end is the room that a writer made
 * for its next lines, and means nothing. A sealed segment is never short, and each of its frames
 * holds the lines that its number says, or an entry could not be found without reading all before
 * it.
 */
#include "engine/audit/inside.h"

#include <inttypes.h>
#include <stdlib.h>

#define BLOCK_BYTES (256u << 10)
#define FIRST_BYTES (8u << 10)       /* what is read first where a reader was sent */

_Static_assert(BLOCK_BYTES >= 2 * (LIMIT_ENTRY_BYTES + 1), "the window holds the longest line");

struct log_reader {
	struct log_place place;
	uint64_t next, end;
	uint64_t number, file_at;    /* of the segment, and in it */
	struct segment segment;
	bool done, torn;
	size_t start, fill;
	size_t ahead;                /* how much to read next: little where it was just sent */
	char block[BLOCK_BYTES];
};

/* The line of the segment that would come next, from 0. */
static uint64_t line_in_segment(const struct log_reader *r)
{
	return r->next - r->number * r->place.segment_entries;
}

static enum err open_segment(struct log_reader *r, struct note *n)
{
	enum err e;

	r->start = r->fill = 0;
	e = segment_open(&r->segment, r->number, n);
	if (e == ERR_NOT_FOUND) {
		r->done = true;
		return OK;
	}
	return e;
}

/* Move the cut line to the front and read behind it. `*got` 0: the file ends here. */
static enum err refill(struct log_reader *r, size_t *got, struct note *n)
{
	size_t kept = r->fill - r->start, room = BLOCK_BYTES - kept;

	memmove(r->block, r->block + r->start, kept);
	r->start = 0;
	r->fill = kept;
	room = room < r->ahead ? room : r->ahead;
	r->ahead = 2 * r->ahead < BLOCK_BYTES ? 2 * r->ahead : BLOCK_BYTES;
	TRY(segment_read(&r->segment, r->file_at, r->block + kept, room, got, n));
	r->fill += *got;
	r->file_at += *got;
	return OK;
}

/*
 * Are the bytes behind the last line, up to the end of the segment, zeros, or none? Where the next
 * line would be is known as before.
 */
static enum err only_room(struct log_reader *r, bool *ret, struct note *n)
{
	uint64_t line_at = r->file_at - (r->fill - r->start);
	bool zeros = true;
	size_t got;

	do {
		for (; r->start < r->fill && zeros; r->start++)
			zeros = r->block[r->start] == 0;
		TRY(refill(r, &got, n));
	} while (zeros && got > 0);
	r->start = r->fill = 0;
	r->file_at = line_at;
	*ret = zeros;
	return OK;
}

/* Is there a segment behind this one? */
static bool goes_on(const struct log_reader *r)
{
	char name[LOG_NAME_BYTES];
	enum world_kind kind;

	segment_name(&r->place, r->number + 1, name);
	return log_place_kind(&r->place, name, &kind) != OK || kind != WORLD_NOTHING;
}

/*
 * All lines of the segment were given; nothing may follow them, but room in the last segment of
 * all.
 */
static enum err next_segment(struct log_reader *r, struct note *n)
{
	size_t got = r->fill - r->start;
	bool room = false;

	if (got == 0)
		TRY(refill(r, &got, n));
	if (got > 0 && !r->segment.whole && !goes_on(r)) {
		TRY(only_room(r, &room, n));
		r->done = room;
	}
	if (room)
		return OK;
	if (got > 0) {
		log_place_entry(&r->place, r->next - 1, n);
		return note_set(n, ERR_TAMPERED, (uint32_t)r->place.segment_entries + 1, 0,
				"a segment holds %" PRIu64
				" entries, but bytes follow the last one",
				r->place.segment_entries);
	}
	segment_close(&r->segment);
	r->number++;
	r->file_at = 0;
	return OK;
}

/* Whole lines that lie in the window, at most `room`. */
static size_t take_lines(struct log_reader *r, struct str *lines, size_t room)
{
	size_t count = 0;

	while (count < room) {
		const char *line = r->block + r->start;
		const char *end = memchr(line, '\n', r->fill - r->start);

		if (!end || end - line > LIMIT_ENTRY_BYTES)
			break;
		lines[count++] = str_slice(line, (size_t)(end - line));
		r->start += (size_t)(end - line) + 1;
	}
	r->next += count;
	return count;
}

/* Do the lines given out end where a frame does, when their number says so? */
static enum err check_spot(const struct log_reader *r, struct note *n)
{
	if (segment_fits(&r->segment, line_in_segment(r), r->file_at - (r->fill - r->start)))
		return OK;
	log_place_entry(&r->place, r->next - 1, n);
	return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
			"a frame of the sealed segment does not end behind this line, but every "
			"frame holds %u lines",
			TILE_WIDTH);
}

/* The lines of the segment end here, or bytes follow that are none. */
static enum err end_lines(struct log_reader *r, struct note *n)
{
	bool room;

	r->done = true;
	if (!r->segment.whole) {
		TRY(only_room(r, &room, n));
		r->torn = !room;
		return OK;
	}
	log_place_entry(&r->place, r->next, n);
	return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
			"a sealed segment holds all of its lines, but this one is missing or "
			"longer than an entry may be");
}

/* Lines that may be taken from where the reader stands: within the segment, and one frame. */
static size_t lines_wanted(const struct log_reader *r, size_t room)
{
	uint64_t line = line_in_segment(r), want = r->place.segment_entries - line;
	uint64_t piece = segment_piece(&r->segment, line);

	if (want > piece)
		want = piece;
	if (want > r->end - r->next)
		want = r->end - r->next;
	return want < room ? (size_t)want : room;
}

enum err log_reader_batch(struct log_reader *r, struct str *lines, size_t room, size_t *count,
			  struct note *n)
{
	size_t got;

	*count = 0;
	while (!r->done && r->next < r->end) {
		if (!segment_is_open(&r->segment))
			TRY(open_segment(r, n));
		if (r->done)
			break;
		if (line_in_segment(r) == r->place.segment_entries) {
			TRY(next_segment(r, n));
			continue;
		}
		*count = take_lines(r, lines, lines_wanted(r, room));
		if (*count > 0)
			return check_spot(r, n);
		if (r->fill - r->start > LIMIT_ENTRY_BYTES)
			got = 0;
		else
			TRY(refill(r, &got, n));
		if (got == 0)
			TRY(end_lines(r, n));
	}
	return OK;
}

/*
 * Step over the lines before `from` in its segment; fewer of them than that leave the reader at
 * their end.
 */
static enum err skip_to(struct log_reader *r, uint64_t from, struct note *n)
{
	struct str lines[64];
	uint64_t end = r->end;
	size_t count;

	r->end = from;
	do
		TRY(log_reader_batch(r, lines, sizeof(lines) / sizeof(*lines), &count, n));
	while (count > 0);
	r->end = end;
	return OK;
}

/* From the front of a segment to where lines are known to begin without reading those before. */
static enum err go_near(struct log_reader *r, uint64_t from, struct note *n)
{
	if (r->next == from)
		return OK;
	TRY(open_segment(r, n));
	if (!r->done)
		r->next += segment_near(&r->segment, from - r->next, &r->file_at);
	return OK;
}

enum err log_reader_open_at(const struct log_place *p, uint64_t from, uint64_t end,
			    struct log_reader **ret, struct note *n)
{
	struct log_reader *r = malloc(sizeof(*r));
	enum err e;

	if (!r)
		return ERR_MEMORY;
	r->place = *p;
	segment_init(&r->segment, &r->place);
	r->number = from / p->segment_entries;
	r->next = r->number * p->segment_entries;
	r->end = p->published && p->size < end ? p->size : end;
	r->file_at = 0;
	r->done = r->torn = false;
	r->start = r->fill = 0;
	r->ahead = BLOCK_BYTES;
	e = go_near(r, from, n);
	if (e == OK)
		e = skip_to(r, from, n);
	if (e != OK) {
		log_reader_close(r);
		return e;
	}
	*ret = r;
	return OK;
}

enum err log_reader_seek(struct log_reader *r, const struct log_spot *spot, uint64_t from,
			 struct note *n)
{
	uint64_t number = spot->entry / r->place.segment_entries;

	MUST(spot->entry <= from && number == from / r->place.segment_entries);
	if (number != r->number)
		segment_close(&r->segment);
	r->number = number;
	r->next = spot->entry;
	r->file_at = spot->offset;
	r->done = r->torn = false;
	r->start = r->fill = 0;
	r->ahead = FIRST_BYTES;
	return skip_to(r, from, n);
}

enum err log_reader_open(struct world *w, const char *folder, uint64_t from, uint64_t end,
			 struct log_reader **ret)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_reader_open_at(&p, from, end, ret, NULL);
}

void log_reader_close(struct log_reader *r)
{
	if (r)
		segment_fini(&r->segment);
	free(r);
}

enum err log_reader_next(struct log_reader *r, struct str *line)
{
	struct str found;
	size_t count;

	TRY(log_reader_batch(r, &found, 1, &count, NULL));
	*line = count ? found : STR_NONE;
	return OK;
}

uint64_t log_reader_index(const struct log_reader *r)
{
	return r->next;
}

bool log_reader_torn(const struct log_reader *r)
{
	return r->torn;
}

void log_reader_place(const struct log_reader *r, uint64_t entry, struct note *n)
{
	log_place_entry(&r->place, entry, n);
	(void)log_place_told(&r->place, ERR_TAMPERED, n);
}

void log_reader_spot(const struct log_reader *r, uint64_t *segment, uint64_t *offset)
{
	*segment = r->number;
	*offset = r->file_at - (r->fill - r->start);
}
