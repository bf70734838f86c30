/*
 * sqlite_file: table b-trees, walked from left to right.
 *
 *   page 1  header | schema b-tree:  type, name, table, root page, sql
 *   root    interior page:  child, key; child, key; ... right-most child
 *   leaf    cells:  payload size, row id, payload (rest in a chain of overflow pages)
 *   payload header size, a serial type for each column | the columns
 *
 * The cells of a page are named by 16-bit offsets that may lead anywhere: whatever is read is
 * checked against the end of its page, or of its payload, first.
 */
#include "replay/sqlite_file.h"

#include <stdlib.h>

#include "engine/base/limits.h"

#define HEADER_BYTES 100
#define PAGE_MIN 512
#define PAGE_MAX 65536
#define DEPTH_MAX 20                           /* SQLite's BTCURSOR_MAX_DEPTH */
#define INTERIOR 0x05
#define LEAF 0x0d
#define UTF8 1
#define WAL 2
#define SCHEMA_COLUMNS 5
#define PAYLOAD_BYTES LIMIT_LINE_BYTES

static const char magic[] = "SQLite format 3";

struct scan {
	struct world *world;
	int fd;
	struct note *note;
	size_t page_bytes, usable;
	uint64_t pages, visited;
	struct buf payload;
	/* Of the table that is walked. */
	size_t column_of[CELLS_MAX], count;
	sqlite_row *each;
	void *self;
};

/* A page that is being read, or a payload. */
struct bytes {
	const unsigned char *ptr;
	size_t len, at;
};

static enum err malformed(struct scan *s, uint64_t page, const char *story)
{
	return note_set(s->note, ERR_TAMPERED, 0, 0,
			"the database is malformed: page %llu %s", (unsigned long long)page,
			story);
}

static uint32_t big16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t big32(const unsigned char *p)
{
	return big16(p) << 16 | big16(p + 2);
}

/* One to nine bytes, seven bits each, eight in the ninth. */
static bool read_varint(struct bytes *b, uint64_t *ret)
{
	uint64_t v = 0;

	for (int i = 0; i < 9; i++) {
		unsigned char c;

		if (b->at >= b->len)
			return false;
		c = b->ptr[b->at++];
		v = i == 8 ? v << 8 | c : v << 7 | (c & 0x7f);
		if (i == 8 || !(c & 0x80))
			break;
	}
	*ret = v;
	return true;
}

static enum err read_page(struct scan *s, uint64_t page, unsigned char *room)
{
	size_t got;

	if (page == 0 || page > s->pages)
		return malformed(s, page, "is named, and is not in the file");
	/* A tree visits a page once; who comes twice goes round in circles. */
	if (++s->visited > 2 * s->pages + DEPTH_MAX)
		return malformed(s, page, "is in a circle");
	TRY(world_read_at(s->world, s->fd, (page - 1) * s->page_bytes, room, s->page_bytes, &got));
	return got == s->page_bytes ? OK : malformed(s, page, "is cut short");
}

/* --- records --- */

static size_t serial_bytes(uint64_t type)
{
	static const unsigned char sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };

	return type < sizeof(sizes) ? sizes[type] : (size_t)((type - 12) / 2);
}

static int64_t read_integer(const unsigned char *p, size_t len)
{
	uint64_t v = len && p[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

static struct sqlite_cell cell_of(uint64_t type, const unsigned char *p, size_t len)
{
	struct sqlite_cell c = { .kind = CELL_INT };
	uint64_t bits;

	if (type == 0) {
		c.kind = CELL_NULL;
	} else if (type <= 6) {
		c.integer = read_integer(p, len);
	} else if (type == 7) {
		bits = (uint64_t)read_integer(p, len);
		c.kind = CELL_REAL;
		memcpy(&c.real, &bits, sizeof(c.real));
	} else if (type <= 9) {
		c.integer = type == 9;
	} else {
		c.kind = type % 2 ? CELL_TEXT : CELL_BLOB;
		c.bytes = str_slice(p, len);
	}
	return c;
}

/*
 * The columns of a record that were asked for; those that the record is too short for are NULL, as
 * in rows that are older than a column.
 */
static enum err read_record(struct scan *s, uint64_t page, struct bytes payload,
			    struct sqlite_cell *cells)
{
	struct bytes head = payload, body = payload;
	uint64_t head_bytes, type;

	for (size_t i = 0; i < s->count; i++)
		cells[i] = (struct sqlite_cell){ .kind = CELL_NULL };
	if (!read_varint(&head, &head_bytes) || head_bytes > payload.len || head_bytes < head.at)
		return malformed(s, page, "holds a record without a header");
	head.len = (size_t)head_bytes;
	body.at = (size_t)head_bytes;
	for (size_t column = 0; head.at < head.len; column++) {
		if (!read_varint(&head, &type) || type == 10 || type == 11 ||
		    type > 2 * (uint64_t)PAYLOAD_BYTES + 13 ||
		    serial_bytes(type) > body.len - body.at)
			return malformed(s, page, "holds a record that ends beyond its end");
		for (size_t i = 0; i < s->count; i++)
			if (s->column_of[i] == column)
				cells[i] = cell_of(type, body.ptr + body.at, serial_bytes(type));
		body.at += serial_bytes(type);
	}
	return OK;
}

/* --- pages --- */

/* How much of a payload lies in its cell (section 1.6). */
static size_t local_bytes(const struct scan *s, uint64_t payload)
{
	size_t most = s->usable - 35, least = (s->usable - 12) * 32 / 255 - 23, rest;

	if (payload <= most)
		return (size_t)payload;
	rest = least + (size_t)((payload - least) % (s->usable - 4));
	return rest <= most ? rest : least;
}

/* The rest of a payload: pages that each begin with the number of the next. */
static enum err read_overflow(struct scan *s, uint32_t page, uint64_t payload)
{
	unsigned char *room = malloc(s->page_bytes);
	enum err e = OK;

	if (!room)
		return ERR_MEMORY;
	while (e == OK && s->payload.len < payload) {
		size_t rest = (size_t)payload - s->payload.len;

		e = read_page(s, page, room);
		if (e != OK)
			break;
		buf_add(&s->payload, str_slice(room + 4, rest < s->usable - 4 ? rest
									      : s->usable - 4));
		e = s->payload.err;
		page = big32(room);
	}
	free(room);
	return e;
}

static enum err read_cell(struct scan *s, uint64_t page, struct bytes cell)
{
	struct sqlite_cell cells[CELLS_MAX];
	uint64_t payload, rowid;
	size_t local;

	if (!read_varint(&cell, &payload) || !read_varint(&cell, &rowid))
		return malformed(s, page, "holds a cell that is cut short");
	if (payload > PAYLOAD_BYTES)
		return note_set(s->note, ERR_LIMIT, 0, 0,
				"a row of the database has %llu bytes; at most %u are read",
				(unsigned long long)payload, PAYLOAD_BYTES);
	local = local_bytes(s, payload);
	if (local > cell.len - cell.at ||
	    (local < payload && cell.len - cell.at - local < 4))
		return malformed(s, page, "holds a cell that ends beyond the page");
	buf_clear(&s->payload);
	buf_add(&s->payload, str_slice(cell.ptr + cell.at, local));
	if (local < payload)
		TRY(read_overflow(s, big32(cell.ptr + cell.at + local), payload));
	TRY(s->payload.err);
	TRY(read_record(s, page, (struct bytes){ (const unsigned char *)s->payload.ptr,
						 s->payload.len, 0 }, cells));
	return s->each(s->self, (int64_t)rowid, cells);
}

static enum err walk(struct scan *s, uint64_t page, unsigned depth);

/* The header of a page is behind that of the file on page 1. */
static enum err walk_page(struct scan *s, uint64_t page, const unsigned char *room,
			  unsigned depth)
{
	size_t at = page == 1 ? HEADER_BYTES : 0;
	unsigned char kind = room[at];
	size_t cells = big16(room + at + 3), first = at + (kind == INTERIOR ? 12 : 8);

	if (kind != INTERIOR && kind != LEAF)
		return malformed(s, page, "is no page of a table");
	if (first + 2 * cells > s->usable)
		return malformed(s, page, "has more cells than room");
	for (size_t i = 0; i < cells; i++) {
		struct bytes cell = { room, s->usable, big16(room + first + 2 * i) };

		if (cell.at < first + 2 * cells || cell.at + 4 > s->usable)
			return malformed(s, page, "has a cell that is not on it");
		if (kind == LEAF)
			TRY(read_cell(s, page, cell));
		else
			TRY(walk(s, big32(room + cell.at), depth + 1));
	}
	return kind == LEAF ? OK : walk(s, big32(room + at + 8), depth + 1);
}

static enum err walk(struct scan *s, uint64_t page, unsigned depth)
{
	unsigned char *room;
	enum err e;

	if (depth > DEPTH_MAX)
		return malformed(s, page, "is deeper than any tree is");
	room = malloc(s->page_bytes);
	if (!room)
		return ERR_MEMORY;
	e = read_page(s, page, room);
	if (e == OK)
		e = walk_page(s, page, room, depth);
	free(room);
	return e;
}

/* --- the schema --- */

struct wanted {
	struct scan *scan;
	const struct sqlite_table *table;
	bool found;
	uint64_t root;
	size_t column_of[CELLS_MAX], count;
};

static bool same_name(struct str a, const char *b)
{
	if (a.len != strlen(b))
		return false;
	for (size_t i = 0; i < a.len; i++) {
		char c = a.ptr[i] >= 'A' && a.ptr[i] <= 'Z' ? (char)(a.ptr[i] + 32) : a.ptr[i];

		if (c != b[i])
			return false;
	}
	return true;
}

static size_t skip_blanks(struct str sql, size_t at)
{
	while (at < sql.len && strchr(" \t\r\n\f", sql.ptr[at]) && sql.ptr[at])
		at++;
	return at;
}

/* Behind what begins with a quote; a quote inside is doubled. */
static size_t skip_quoted(struct str sql, size_t at)
{
	char end = sql.ptr[at] == '[' ? ']' : sql.ptr[at];

	for (at++; at < sql.len; at++) {
		if (sql.ptr[at] != end)
			continue;
		if (end == ']' || at + 1 == sql.len || sql.ptr[at + 1] != end)
			return at + 1;
		at++;
	}
	return at;
}

/* The first word of a column's definition: its name, without quotes. */
static struct str word_at(struct str sql, size_t at, size_t *behind)
{
	size_t begin = at;

	if (at < sql.len && strchr("\"'`[", sql.ptr[at]) && sql.ptr[at]) {
		*behind = skip_quoted(sql, at);
		return *behind < at + 2 ? STR("") : str_slice(sql.ptr + at + 1, *behind - at - 2);
	}
	while (at < sql.len && !strchr(" \t\r\n\f(),\"'`[;", sql.ptr[at]))
		at++;
	*behind = at;
	return str_slice(sql.ptr + begin, at - begin);
}

/* The comma or closing bracket that ends a definition; the length of the text if none does. */
static size_t skip_definition(struct str sql, size_t at)
{
	size_t depth = 0;

	while (at < sql.len) {
		char c = sql.ptr[at];

		if (strchr("\"'`[", c) && c) {
			at = skip_quoted(sql, at);
			continue;
		}
		if (depth == 0 && (c == ',' || c == ')'))
			return at;
		depth += c == '(';
		depth -= c == ')';
		at++;
	}
	return at;
}

/* Where the columns that are wanted stand, from the text that made the table. */
static void find_columns(struct wanted *w, struct str sql)
{
	const char *open = memchr(sql.ptr, '(', sql.len);
	size_t at = open ? (size_t)(open - sql.ptr) + 1 : sql.len, behind;

	for (size_t i = 0; i < w->count; i++)
		w->column_of[i] = SIZE_MAX;
	for (size_t column = 0; at < sql.len; column++) {
		struct str name = word_at(sql, skip_blanks(sql, at), &behind);

		for (size_t i = 0; i < w->count; i++)
			if (same_name(name, w->table->columns[i]))
				w->column_of[i] = column;
		at = skip_definition(sql, behind);
		if (at == sql.len || sql.ptr[at] == ')')
			return;
		at++;
	}
}

static enum err see_schema(void *self, int64_t rowid, const struct sqlite_cell *cells)
{
	struct wanted *w = self;

	(void)rowid;
	if (w->found || !str_is(cells[0].bytes, "table") || cells[0].kind != CELL_TEXT ||
	    cells[1].kind != CELL_TEXT || !same_name(cells[1].bytes, w->table->name))
		return OK;
	if (cells[3].kind != CELL_INT || cells[3].integer < 1 || cells[4].kind != CELL_TEXT)
		return malformed(w->scan, 1, "describes the table in a way that none is made");
	w->found = true;
	w->root = (uint64_t)cells[3].integer;
	find_columns(w, cells[4].bytes);
	return OK;
}

static enum err find_table(struct scan *s, const struct sqlite_table *table, struct wanted *w)
{
	*w = (struct wanted){ .scan = s, .table = table };
	while (table->columns[w->count])
		w->count++;
	MUST(w->count <= CELLS_MAX && table->needed <= w->count);
	s->count = SCHEMA_COLUMNS;
	for (size_t i = 0; i < SCHEMA_COLUMNS; i++)
		s->column_of[i] = i;
	s->each = see_schema;
	s->self = w;
	TRY(walk(s, 1, 0));
	if (!w->found)
		return note_set(s->note, ERR_NOT_FOUND, 0, 0,
				"the database has no table '%s'", table->name);
	for (size_t i = 0; i < table->needed; i++)
		if (w->column_of[i] == SIZE_MAX)
			return note_set(s->note, ERR_NOT_FOUND, 0, 0,
					"table '%s' has no column '%s'", table->name,
					table->columns[i]);
	return OK;
}

/* --- the file --- */

static enum err read_header(struct scan *s, struct sqlite_told *told)
{
	unsigned char h[HEADER_BYTES];
	uint64_t size;
	size_t got;

	TRY(world_read_at(s->world, s->fd, 0, h, sizeof(h), &got));
	if (got < sizeof(h) || memcmp(h, magic, sizeof(magic)) != 0)
		return note_set(s->note, ERR_TYPE, 0, 0, "this is not an SQLite 3 database");
	s->page_bytes = big16(h + 16) == 1 ? PAGE_MAX : big16(h + 16);
	if (s->page_bytes < PAGE_MIN || s->page_bytes & (s->page_bytes - 1) ||
	    s->page_bytes - h[20] < PAGE_MIN - 32 || h[21] != 64 || h[22] != 32 || h[23] != 32)
		return malformed(s, 1, "has a header that no database has");
	if (big32(h + 56) != UTF8)
		return note_set(s->note, ERR_TYPE, 0, 0,
				"the database keeps its texts in UTF-16; only UTF-8 is read");
	s->usable = s->page_bytes - h[20];
	told->wal = h[19] == WAL;
	TRY(world_size(s->world, s->fd, &size));
	s->pages = size / s->page_bytes;
	return OK;
}

enum err sqlite_file_scan(struct world *w, int fd, const struct sqlite_table *table,
			  sqlite_row *each, void *self, struct sqlite_told *told, struct note *n)
{
	struct scan s = { .world = w, .fd = fd, .note = n };
	struct wanted wanted;
	enum err e;

	*told = (struct sqlite_told){ .wal = false };
	TRY(read_header(&s, told));
	buf_init(&s.payload, PAYLOAD_BYTES);
	e = find_table(&s, table, &wanted);
	if (e == OK) {
		s.each = each;
		s.self = self;
		s.count = wanted.count;
		s.visited = 0;
		memcpy(s.column_of, wanted.column_of, sizeof(s.column_of));
		e = walk(&s, wanted.root, 0);
	}
	buf_fini(&s.payload);
	return e;
}
