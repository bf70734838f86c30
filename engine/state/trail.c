/*
 * trail: changed rows handed from one state to another, so that hashing them is another's work.
 *
 *   trail = { group }             for each table with changed rows
 *   group = table count { row }   u32 each, in the order of the machine
 *   row   = number bytes          ascending, so rows that are new come in the order they have
 *
 * What is dirty for the tree is what the follower has not seen: the trail is the list of dirty
 * rows, and takes the place of hashing them. trail_follow.c reads it, and no stranger writes it.
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
