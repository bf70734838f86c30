/*
 * csv_reader: a state for each place in a record.
 *
 *   START --"--> QUOTED <--"--> QUOTE        START, PLAIN, QUOTE --comma--> START
 *     \---- any other --> PLAIN              START, PLAIN, QUOTE --line end--> the record is whole
 */
#include "replay/csv_reader.h"

#include "engine/base/limits.h"

#define READ_BYTES (64u << 10)

enum place { START, PLAIN, QUOTED, QUOTE };

void csv_init(struct csv_reader *r, struct world *w, int fd)
{
	*r = (struct csv_reader){ .world = w, .fd = fd, .line = 1 };
	buf_init(&r->bytes, (size_t)LIMIT_LINE_BYTES + READ_BYTES);
}

void csv_fini(struct csv_reader *r)
{
	buf_fini(&r->bytes);
}

/* More bytes behind those that are there; what is used up goes. */
static enum err refill(struct csv_reader *r)
{
	size_t got;
	char *room;

	if (r->at > 0) {
		memmove(r->bytes.ptr, r->bytes.ptr + r->at, r->bytes.len - r->at);
		r->bytes.len -= r->at;
		r->at = 0;
	}
	room = buf_grow(&r->bytes, READ_BYTES);
	if (!room)
		return r->bytes.err;
	TRY(world_read(r->world, r->fd, room, READ_BYTES, &got));
	r->bytes.len -= READ_BYTES - got;
	r->ended = got == 0;
	return OK;
}

static enum err wrong(const struct csv_reader *r, enum err e, struct note *n, const char *story)
{
	return note_set(n, e, r->line, 0, "%s", story);
}

/* How long the next record is, its line end included; 0: there is none. */
static enum err find_end(struct csv_reader *r, size_t *ret, struct note *n)
{
	enum place at = START;
	uint32_t line = r->line;

	for (size_t i = 0;; i++) {
		char c;

		while (r->at + i == r->bytes.len && !r->ended) {
			enum err e = refill(r);

			if (e == ERR_LIMIT)
				return note_set(n, e, r->line, 0, "a record of more than %u bytes",
						LIMIT_LINE_BYTES);
			TRY(e);
		}
		if (r->at + i == r->bytes.len) {
			*ret = i;
			return i == 0 ? OK : wrong(r, ERR_TRUNCATED, n,
						   "the last record does not end in a line break");
		}
		c = r->bytes.ptr[r->at + i];
		line += c == '\n';
		if (c == '"')
			at = at == START ? QUOTED : at == QUOTED ? QUOTE :
			     at == QUOTE ? QUOTED : PLAIN;
		else if (c == ',' && at != QUOTED)
			at = START;
		else if (c == '\n' && at != QUOTED) {
			*ret = i + 1;
			r->record_line = r->line;
			r->line = line;
			return OK;
		} else if (at == START)
			at = PLAIN;
	}
}

/* One cell off the front of `rest`; its content is unquoted in place. */
static enum err cut_cell(struct csv_reader *r, char **rest, char *end, struct str *ret,
			 struct note *n)
{
	char *from = *rest, *to = from, *p = from;

	if (p < end && *p == '"') {
		for (p++; p < end && (*p != '"' || (p + 1 < end && p[1] == '"')); p++) {
			p += *p == '"';
			*to++ = *p;
		}
		if (p == end || (p + 1 < end && p[1] != ','))
			return note_set(n, ERR_SYNTAX, r->record_line, 0,
					"bytes behind the closing quote of a cell");
		p++;
	} else {
		for (; p < end && *p != ','; p++) {
			if (*p == '"')
				return note_set(n, ERR_SYNTAX, r->record_line, 0,
						"a quote inside a cell that begins with none");
			to++;
		}
	}
	*ret = str_slice(from, (size_t)(to - from));
	*rest = p < end ? p + 1 : NULL;
	return OK;
}

enum err csv_next(struct csv_reader *r, struct arena *a, struct str cells[CSV_CELLS_MAX],
		  size_t *count, struct note *n)
{
	struct str record;
	size_t len = 0;
	char *rest, *end;

	*count = 0;
	TRY(find_end(r, &len, n));
	if (len == 0)
		return OK;
	TRY(arena_copy(a, str_slice(r->bytes.ptr + r->at, len), &record));
	r->at += len;
	if (!str_utf8_ok(record))
		return note_set(n, ERR_ENCODING, r->record_line, 0, "this is not valid UTF-8");
	len -= 1 + (len > 1 && record.ptr[len - 2] == '\r');
	rest = (char *)(uintptr_t)record.ptr;
	for (end = rest + len; rest; (*count)++) {
		if (*count == CSV_CELLS_MAX)
			return note_set(n, ERR_LIMIT, r->record_line, 0,
					"a record of more than %d cells", CSV_CELLS_MAX);
		TRY(cut_cell(r, &rest, end, &cells[*count], n));
	}
	return OK;
}
