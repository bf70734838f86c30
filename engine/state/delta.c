/*
 * delta: what a step changed, as bytes.
 *
 *   delta  = { group }                      by ascending table, nothing for tables without a change
 *   group  = gap updates inserts [first] { update } { insert }
 *   update = gap spans                      by ascending row, at least one span
 *   insert = spans                          rows first, first + 1, ...; against a row of zeros
 *   spans  = { length gap byte... } 0
 *
 * Every number is an unsigned LEB128 of the shortest length. A gap counts what lies between two
 * neighbours, so it cannot express a wrong order. The bytes of a span are old XOR new; a span
 * starts and ends with a byte that is not zero and holds no run of SPLIT_ZEROS zeros, while between
 * two spans there are at least that many. So one change has exactly one encoding, and the decoder
 * refuses everything else. Specified in docs/formats/state.md.
 *
 * Applying makes the changes through the step journal: what fails half-way is undone, which is how
 * both directions are whole or nothing. Reverting cuts inserted rows off last, when nothing can
 * fail any more.
 */
#include "engine/state/inside.h"

/*
 * A gap of this many zeros splits a span: a new span costs two bytes, so shorter gaps are cheaper
 * kept.
 */
#define SPLIT_ZEROS 3
#define VARINT_MAX_BYTES 5

static const uint8_t zeros[LIMIT_ROW_BYTES];

static uint8_t *put_varint(uint8_t *at, uint32_t v)
{
	while (v >= 0x80) {
		*at++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*at++ = (uint8_t)v;
	return at;
}

/* The first byte from `i` on in which the rows differ, or `len`. */
static uint32_t next_difference(const uint8_t *a, const uint8_t *b, uint32_t i, uint32_t len)
{
	uint64_t x, y;

	for (; len - i >= sizeof(x); i += (uint32_t)sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		if (x != y)
			break;
	}
	while (i < len && a[i] == b[i])
		i++;
	return i;
}

/* The end of the span that starts at the difference `i`. */
static uint32_t span_end(const uint8_t *a, const uint8_t *b, uint32_t i, uint32_t len)
{
	uint32_t end = i + 1;

	for (i = end; i < len && i - end < SPLIT_ZEROS; i++)
		if (a[i] != b[i])
			end = i + 1;
	return end;
}

static uint8_t *put_spans(uint8_t *at, const uint8_t *old, const uint8_t *new, uint32_t len)
{
	uint32_t done = 0, i = 0;

	while ((i = next_difference(old, new, i, len)) < len) {
		uint32_t end = span_end(old, new, i, len);

		at = put_varint(at, end - i);
		at = put_varint(at, i - done);
		for (; i < end; i++)
			*at++ = old[i] ^ new[i];
		done = end;
	}
	*at++ = 0;
	return at;
}

/* Old bytes of an overwritten row. */
static const uint8_t *old_row(const struct table *t, uint32_t row)
{
	return t->old + (size_t)t->mark[row] * t->row_bytes;
}

/* The overwritten rows whose bytes differ in the end, sorted, in t->order. */
static uint32_t collect_updates(struct table *t)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < t->changed_count; i++) {
		uint32_t row = t->changed[i];

		if (memcmp(table_row(t, row), old_row(t, row), t->row_bytes) != 0)
			t->order[count++] = row;
	}
	table_sort(t->order, count);
	return count;
}

/* Room for one head or row; NULL sets the buffer's error. trim gives back what was not used. */
static uint8_t *take_room(struct buf *b)
{
	if (b->err == OK && b->len > LIMIT_DELTA_BYTES)
		b->err = ERR_LIMIT;
	return (uint8_t *)buf_grow(b, DELTA_ROW_MAX_BYTES);
}

static void trim(struct buf *b, const uint8_t *end)
{
	b->len = (size_t)((const char *)end - b->ptr);
}

/* False when nothing of the table changed. */
static bool put_group(struct buf *b, struct table *t, unsigned table_gap)
{
	uint32_t updates = collect_updates(t), inserts = t->rows - t->rows_before, next = 0;
	uint8_t *at;

	if (updates == 0 && inserts == 0)
		return false;
	at = take_room(b);
	if (!at)
		return true;
	at = put_varint(at, table_gap);
	at = put_varint(at, updates);
	at = put_varint(at, inserts);
	if (inserts > 0)
		at = put_varint(at, t->rows_before);
	trim(b, at);
	for (uint32_t i = 0; i < updates && (at = take_room(b)); i++) {
		uint32_t row = t->order[i];

		at = put_varint(at, row - next);
		trim(b, put_spans(at, old_row(t, row), table_row(t, row), t->row_bytes));
		next = row + 1;
	}
	for (uint32_t row = t->rows_before; row < t->rows && (at = take_room(b)); row++)
		trim(b, put_spans(at, zeros, table_row(t, row), t->row_bytes));
	return true;
}

enum err state_delta(struct state *s, struct str *ret)
{
	struct buf *b = &s->delta;
	unsigned next = 0;

	if (!s->delta_ready) {
		buf_clear(b);
		for (unsigned i = 0; i < s->table_count; i++)
			if (put_group(b, &s->tables[i], i - next))
				next = i + 1;
		TRY(b->err);
		if (b->len > LIMIT_DELTA_BYTES)
			return ERR_LIMIT;
		s->delta_ready = true;
	}
	*ret = buf_view(b);
	return OK;
}

/* A delta being read and worked into a state. */
struct walk {
	struct state *s;
	const uint8_t *at, *end;
	bool back;
	uint32_t keep[LIMIT_TABLES];   /* going back: rows that stay */
};

static size_t left(const struct walk *w)
{
	return (size_t)(w->end - w->at);
}

static enum err take_varint(struct walk *w, uint32_t *ret)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX_BYTES && w->at < w->end; i++) {
		uint8_t byte = *w->at++;

		v |= (uint64_t)(byte & 0x7F) << (7 * i);
		if (byte & 0x80)
			continue;
		if ((i > 0 && byte == 0) || v > UINT32_MAX)
			return ERR_SYNTAX;
		*ret = (uint32_t)v;
		return OK;
	}
	return ERR_SYNTAX;
}

static bool is_span(const uint8_t *bytes, uint32_t len)
{
	uint32_t run = 0;

	for (uint32_t i = 0; i < len && run < SPLIT_ZEROS; i++)
		run = bytes[i] ? 0 : run + 1;
	return bytes[0] != 0 && run == 0;
}

/* Exclusive-or the spans that come next into the row. `any` tells whether there was one. */
static enum err take_spans(struct walk *w, uint8_t *row, uint32_t row_bytes, bool *any)
{
	uint32_t done = 0, len, gap;

	for (;;) {
		TRY(take_varint(w, &len));
		if (len == 0)
			break;
		TRY(take_varint(w, &gap));
		if (gap > row_bytes - done || len > row_bytes - done - gap)
			return ERR_RANGE;
		if (left(w) < len || !is_span(w->at, len) || (done > 0 && gap < SPLIT_ZEROS))
			return ERR_SYNTAX;
		for (uint32_t i = 0; i < len; i++)
			row[done + gap + i] ^= w->at[i];
		w->at += len;
		done += gap + len;
	}
	*any = done > 0;
	return OK;
}

static enum err take_update(struct walk *w, unsigned table, uint32_t row)
{
	struct table *t = &w->s->tables[table];
	uint8_t bytes[LIMIT_ROW_BYTES];
	bool any;

	memcpy(bytes, table_row(t, row), t->row_bytes);
	TRY(take_spans(w, bytes, t->row_bytes, &any));
	if (!any)
		return ERR_SYNTAX;
	if (memcmp(bytes, table_row(t, row), t->key_bytes) != 0)
		return ERR_RANGE;
	return state_update(w->s, table, row, bytes);
}

/* Forward the row is made; backward it must be exactly what was made. */
static enum err take_insert(struct walk *w, unsigned table, uint32_t row)
{
	struct table *t = &w->s->tables[table];
	uint8_t bytes[LIMIT_ROW_BYTES];
	bool any;

	memcpy(bytes, w->back ? table_row(t, row) : zeros, t->row_bytes);
	TRY(take_spans(w, bytes, t->row_bytes, &any));
	if (w->back)
		return memcmp(bytes, zeros, t->row_bytes) == 0 ? OK : ERR_RANGE;
	return state_insert(w->s, table, bytes, &row);
}

static enum err take_group(struct walk *w, unsigned table)
{
	struct table *t = &w->s->tables[table];
	uint32_t updates, inserts, base = t->rows, next = 0, gap;

	TRY(take_varint(w, &updates));
	TRY(take_varint(w, &inserts));
	if (updates == 0 && inserts == 0)
		return ERR_SYNTAX;
	if (inserts > 0) {
		TRY(take_varint(w, &base));
		if (base > t->rows || t->rows - base != (w->back ? inserts : 0))
			return ERR_RANGE;
	}
	for (; updates > 0; updates--) {
		TRY(take_varint(w, &gap));
		if (next >= base || gap >= base - next)
			return ERR_RANGE;
		next += gap;
		TRY(take_update(w, table, next++));
	}
	for (uint32_t i = 0; i < inserts; i++)
		TRY(take_insert(w, table, base + i));
	w->keep[table] = base;
	return OK;
}

static enum err take_groups(struct walk *w)
{
	unsigned table = 0;
	uint32_t gap;

	for (; w->at < w->end; table++) {
		TRY(take_varint(w, &gap));
		if (table >= w->s->table_count || gap >= w->s->table_count - table)
			return ERR_RANGE;
		table += gap;
		TRY(take_group(w, table));
	}
	return OK;
}

static enum err work_in(struct state *s, struct str delta, bool back)
{
	const uint8_t *bytes = (const uint8_t *)delta.ptr;
	struct walk w = { .s = s, .at = bytes, .end = bytes + delta.len, .back = back };
	enum err e;

	if (delta.len > LIMIT_DELTA_BYTES)
		return ERR_LIMIT;
	for (unsigned i = 0; i < s->table_count; i++)
		w.keep[i] = s->tables[i].rows;
	state_begin(s);
	e = take_groups(&w);
	if (e != OK) {
		state_undo(s);
		return e;
	}
	for (unsigned i = 0; back && i < s->table_count; i++)
		table_cut(s, &s->tables[i], w.keep[i]);
	state_begin(s);
	return OK;
}

enum err state_apply(struct state *s, struct str delta)
{
	return work_in(s, delta, false);
}

enum err state_revert(struct state *s, struct str delta)
{
	return work_in(s, delta, true);
}
