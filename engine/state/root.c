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
 * All tables climb together, because SHA-256 of two independent nodes costs little more than that
 * of one; where a level has an odd number of nodes the last one waits and shares its lane with the
 * first node of the next level.
 *
 *   root = SHA-256("trammel/state/v1\n" || SHA-256(schema)
 *                  || for each table: rows as u32, root of its tree)
 */
#include "engine/state/inside.h"

#define BATCH_NODES 16
#define ROOT_TAG "trammel/state/v1\n"
#define ROOT_TAG_BYTES (sizeof(ROOT_TAG) - 1)

/* Nodes whose children are known, waiting to be hashed together. */
struct batch {
	size_t count;
	struct digest *to[BATCH_NODES];
	struct digest in[2 * BATCH_NODES], out[BATCH_NODES];
};

/*
 * The way up of one table: t->dirty holds `count` heap indexes of a level of `width`, of which
 * `used` exist.
 */
struct climb {
	struct table *t;
	uint32_t count, width, used;
};

/* Hash all but the last `keep` (0 or 1) waiting nodes. */
static void batch_flush(struct batch *b, size_t keep)
{
	size_t count = b->count - keep;

	sha256_nodes(b->in, count, b->out);
	for (size_t i = 0; i < count; i++)
		*b->to[i] = b->out[i];
	if (keep > 0 && count > 0) {
		b->to[0] = b->to[count];
		b->in[0] = b->in[2 * count];
		b->in[1] = b->in[2 * count + 1];
	}
	b->count = keep;
}

/* Only the first waiting node can be of the level below: see the head of the file. */
static void batch_need(struct batch *b, const struct digest *child)
{
	if (b->count > 0 && b->to[0] == child)
		batch_flush(b, 0);
}

static void batch_add(struct batch *b, const struct digest *children, struct digest *to)
{
	batch_need(b, &children[0]);
	batch_need(b, &children[1]);
	b->in[2 * b->count] = children[0];
	b->in[2 * b->count + 1] = children[1];
	b->to[b->count++] = to;
	if (b->count == BATCH_NODES)
		batch_flush(b, 0);
}

/* Sorted dirty rows that still exist; nothing is dirty afterwards. */
static uint32_t collect_dirty(struct table *t)
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

/* Hash the leaves and turn row numbers into heap indexes. */
static struct climb hash_leaves(struct table *t)
{
	struct climb c = { t, collect_dirty(t), t->room, t->rows };
	struct str texts[BATCH_NODES];
	struct digest leaves[BATCH_NODES];

	for (uint32_t done = 0; done < c.count; ) {
		uint32_t n = c.count - done < BATCH_NODES ? c.count - done : BATCH_NODES;

		for (uint32_t i = 0; i < n; i++)
			texts[i] = str_slice(table_row(t, t->dirty[done + i]), t->row_bytes);
		sha256_leaves(texts, n, leaves);
		for (uint32_t i = 0; i < n; i++) {
			t->dirty[done + i] += t->room;
			t->nodes[t->dirty[done + i]] = leaves[i];
		}
		done += n;
	}
	return c;
}

/* One level up. */
static void climb_level(struct climb *c, struct batch *b)
{
	struct digest *nodes = c->t->nodes;
	uint32_t *list = c->t->dirty, count = 0;

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
	struct batch b;

	b.count = 0;
	for (unsigned i = 0; i < s->table_count; i++) {
		climbs[open] = hash_leaves(&s->tables[i]);
		open += climbs[open].count > 0;
	}
	while (open > 0) {
		unsigned kept = 0;

		for (unsigned i = 0; i < open; i++) {
			climb_level(&climbs[i], &b);
			if (climbs[i].width > 1)
				climbs[kept++] = climbs[i];
		}
		open = kept;
		batch_flush(&b, b.count % 2);
	}
	batch_flush(&b, 0);
}

static struct digest hash_tables(const struct state *s)
{
	struct digest none = sha256(STR_NONE);
	uint8_t text[ROOT_TAG_BYTES + DIGEST_BYTES + LIMIT_TABLES * (4 + DIGEST_BYTES)], *at = text;

	memcpy(at, ROOT_TAG, ROOT_TAG_BYTES);
	at += ROOT_TAG_BYTES;
	memcpy(at, s->schema_digest.bytes, DIGEST_BYTES);
	at += DIGEST_BYTES;
	for (unsigned i = 0; i < s->table_count; i++) {
		const struct table *t = &s->tables[i];

		put_u32(at, t->rows);
		memcpy(at + 4, t->rows > 0 ? t->nodes[1].bytes : none.bytes, DIGEST_BYTES);
		at += 4 + DIGEST_BYTES;
	}
	return sha256(str_slice(text, (size_t)(at - text)));
}

enum err state_root(struct state *s, struct digest *ret)
{
	if (!s->root_ready) {
		update_trees(s);
		s->root = hash_tables(s);
		s->root_ready = true;
	}
	*ret = s->root;
	return OK;
}
