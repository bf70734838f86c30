/*
 * root: one digest over everything, at the cost of what changed.
 *
 * Every table has a hash tree of the shape of RFC 6962 section 2.1: leaf SHA-256(0x00 || row), node
 * SHA-256(0x01 || left || right), a node without right sibling is taken over unchanged by its
 * parent, no rows SHA-256(""). All levels are kept. Bringing a tree up to date hashes the leaves of
 * the dirty rows and then climbs: the dirty nodes of a level are a sorted list of heap indexes, the
 * parents' list is made from it in place, neighbours merge.
 *
 *          1                 width 1        dirty: 4 6 7 -> 2 3 -> 1
 *      2       3             width 2
 *    4   5   6   7           width 4        rows 0 .. 3 are 4 .. 7 where room is 4
 *
 * All tables are hashed and climb together, because SHA-256 of two independent texts costs little
 * more than that of one; where a level has an odd number of nodes the last one waits and shares its
 * lane with the first node of the next level.
 *
 * Where a level has one node, all above it are taken over unchanged. So the climb ends there, and
 * the top is set; what lies between is not read before a second node on such a level is made, and
 * the way to it passes by (and sets) all that it needs.
 *
 *   root = SHA-256("trammel/state/v2\n"
 *                  || for each table that has rows: its part of the schema, rows as u32, its tree)
 *
 * Tables without rows are left out: what is not used costs nothing, and a table that a later
 * version adds changes no root of before.
 */
#include "engine/state/inside.h"

/* Rows waiting to be hashed together. */
struct leaves {
	size_t count;
	struct str text[BATCH_NODES];
	struct digest *to[BATCH_NODES];
};

void root_flush(struct batch *b, size_t keep)
{
	struct digest out[BATCH_NODES];
	size_t count = b->count - keep;

	sha256_nodes(b->from, count, out);
	for (size_t i = 0; i < count; i++)
		*b->to[i] = out[i];
	if (keep > 0 && count > 0) {
		b->to[0] = b->to[count];
		memcpy(b->from, &b->from[2 * count], 2 * sizeof(*b->from));
	}
	b->count = keep;
}

/* Only the first waiting node can be of the level below: see the head of the file. */
static void batch_need(struct batch *b, const struct digest *child)
{
	if (b->count > 0 && b->to[0] == child)
		root_flush(b, 0);
}

static void batch_add(struct batch *b, const struct digest *children, struct digest *to)
{
	batch_need(b, &children[0]);
	batch_need(b, &children[1]);
	memcpy(&b->from[2 * b->count], children, 2 * sizeof(*children));
	b->to[b->count++] = to;
	if (b->count == BATCH_NODES)
		root_flush(b, 0);
}

uint32_t root_take_dirty(struct table *t)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < t->dirty_count; i++) {
		uint32_t row = t->dirty[i];

		t->dirty_bits[row / 64] &= ~(UINT64_C(1) << (row % 64));
		if (row < t->rows)
			t->dirty[count++] = row;
	}
	t->dirty_count = 0;
	table_sort(t->dirty, count);
	return count;
}

static void leaves_flush(struct leaves *l)
{
	struct digest out[BATCH_NODES];

	if (l->count == 0)
		return;
	sha256_leaves(l->text, l->count, out);
	for (size_t i = 0; i < l->count; i++)
		*l->to[i] = out[i];
	l->count = 0;
}

/* Have the leaves hashed and turn row numbers into heap indexes. */
static struct climb begin_climb(struct table *t, struct leaves *l)
{
	struct climb c = { t, t->dirty, root_take_dirty(t), t->room, t->rows };

	for (uint32_t i = 0; i < c.count; i++) {
		if (l->count == BATCH_NODES)
			leaves_flush(l);
		l->text[l->count] = str_slice(table_row(t, t->dirty[i]), t->row_bytes);
		t->dirty[i] += t->room;
		l->to[l->count++] = &t->nodes[t->dirty[i]];
	}
	return c;
}

void root_climb(struct climb *c, struct batch *b)
{
	struct digest *nodes = c->t->nodes;
	uint32_t *list = c->list, count = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		uint32_t parent = list[i] / 2, left = parent * 2;

		if (count > 0 && list[count - 1] == parent)
			continue;
		list[count++] = parent;
		if (left + 1 - c->width < c->used) {
			batch_add(b, &nodes[left], &nodes[parent]);
		} else {
			batch_need(b, &nodes[left]);
			nodes[parent] = nodes[left];
		}
	}
	c->count = count;
	c->width /= 2;
	c->used = (c->used + 1) / 2;
}

static void update_trees(struct state *s)
{
	struct climb climbs[LIMIT_TABLES];
	unsigned open = 0;
	struct leaves l;
	struct batch b;

	l.count = b.count = 0;
	for (unsigned i = 0; i < s->table_count; i++) {
		climbs[open] = begin_climb(&s->tables[i], &l);
		open += climbs[open].count > 0;
	}
	leaves_flush(&l);
	while (open > 0) {
		unsigned kept = 0;

		for (unsigned i = 0; i < open; i++) {
			struct climb *c = &climbs[i];

			if (c->used > 1) {
				root_climb(c, &b);
				if (kept != i)
					climbs[kept] = *c;
				kept++;
			} else {
				batch_need(&b, &c->t->nodes[c->width]);
				c->t->nodes[1] = c->t->nodes[c->width];
			}
		}
		open = kept;
		root_flush(&b, b.count % 2);
	}
	root_flush(&b, 0);
}

void root_tops(const struct state *s, struct top tops[LIMIT_TABLES])
{
	for (unsigned i = 0; i < s->table_count; i++) {
		tops[i].rows = s->tables[i].rows;
		if (tops[i].rows > 0)
			tops[i].node = s->tables[i].nodes[1];
	}
}

struct str root_text(const struct state *s, const struct top tops[LIMIT_TABLES],
		     uint8_t text[ROOT_TEXT_BYTES])
{
	uint8_t *at = text;

	memcpy(at, ROOT_TAG, sizeof(ROOT_TAG) - 1);
	at += sizeof(ROOT_TAG) - 1;
	for (unsigned i = 0; i < s->table_count; i++) {
		const struct table *t = &s->tables[i];

		if (tops[i].rows == 0)
			continue;
		memcpy(at, s->schema + t->schema_at, t->schema_len);
		at += t->schema_len;
		little_put32(at, tops[i].rows);
		memcpy(at + 4, tops[i].node.bytes, DIGEST_BYTES);
		at += 4 + DIGEST_BYTES;
	}
	return str_slice(text, (size_t)(at - text));
}

static struct str text_now(struct state *s, uint8_t text[ROOT_TEXT_BYTES])
{
	struct top tops[LIMIT_TABLES];

	if (!s->root_ready)
		update_trees(s);
	root_tops(s, tops);
	return root_text(s, tops, text);
}

enum err state_root(struct state *s, struct digest *ret)
{
	uint8_t text[ROOT_TEXT_BYTES];

	MUST(!s->trailed);
	if (!s->root_ready) {
		s->root = sha256(text_now(s, text));
		s->root_ready = true;
	}
	*ret = s->root;
	return OK;
}

/* The text takes the second lane, which the root would leave empty. */
enum err state_root_beside(struct state *s, struct str text, struct digest *of_text,
			   struct digest *ret)
{
	uint8_t own[ROOT_TEXT_BYTES];
	struct str both[] = { STR_NONE, text };
	struct digest digests[2];

	MUST(!s->trailed);
	both[0] = text_now(s, own);
	sha256_each(both, 2, digests);
	s->root = digests[0];
	s->root_ready = true;
	*of_text = digests[1];
	*ret = s->root;
	return OK;
}
