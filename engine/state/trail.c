/*
 * trail: changed rows handed from one state to another, so that hashing them is another's work.
 *
 *   trail = { group }             for each table with changed rows
 *   group = table count { row }   u32 each, in the order of the machine
 *   row   = number bytes          ascending, so rows that are new come in the order they have
 *
 * What is dirty for the tree is what the follower has not seen: the trail is the list of dirty
 * rows, and takes the place of hashing them. Nothing here reads what a stranger wrote.
 */
#include "engine/state/inside.h"

static char *put_u32(char *at, uint32_t v)
{
	memcpy(at, &v, sizeof(v));
	return at + sizeof(v);
}

static void put_group(struct buf *out, unsigned table, struct table *t)
{
	uint32_t count = t->dirty_count > 0 ? root_take_dirty(t) : 0;
	char *at;

	if (count == 0)
		return;
	at = buf_grow(out, 8 + (size_t)count * (4 + t->row_bytes));
	if (!at)
		return;
	at = put_u32(put_u32(at, table), count);
	for (uint32_t i = 0; i < count; i++) {
		at = put_u32(at, t->dirty[i]);
		memcpy(at, table_row(t, t->dirty[i]), t->row_bytes);
		at += t->row_bytes;
	}
}

enum err state_trail(struct state *s, struct buf *out)
{
	s->trailed = true;
	for (unsigned i = 0; i < s->table_count; i++)
		put_group(out, i, &s->tables[i]);
	return out->err;
}

static const char *take(struct str *trail, size_t len)
{
	const char *at = trail->ptr;

	MUST(trail->len >= len);
	*trail = str_slice(at + len, trail->len - len);
	return at;
}

static uint32_t take_u32(struct str *trail)
{
	uint32_t v;

	memcpy(&v, take(trail, sizeof(v)), sizeof(v));
	return v;
}

static enum err take_row(struct state *s, unsigned table, struct str *trail)
{
	const struct table *t = &s->tables[table];
	uint32_t row = take_u32(trail), at;
	const char *bytes = take(trail, t->row_bytes);

	if (row < t->rows)
		return state_update(s, table, row, bytes);
	MUST(row == t->rows);
	return state_insert(s, table, bytes, &at);
}

enum err state_follow(struct state *s, struct str trail)
{
	state_begin(s);
	while (trail.len > 0) {
		unsigned table = take_u32(&trail);

		MUST(table < s->table_count);
		for (uint32_t left = take_u32(&trail); left > 0; left--)
			TRY(take_row(s, table, &trail));
	}
	return OK;
}
