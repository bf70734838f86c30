/*
 * find: rows by key.
 *
 * Open addressing with linear probing over 2 * room slots, so at most half are taken. A slot is 0
 * (free) or hash high half << 32 | row + 1; comparing the half hash first spares most looks at
 * rows. Rows only ever leave from the end, the youngest first. A younger key never stands before an
 * older one in its probe sequence, so dropping the youngest is emptying its slot: there are no
 * tombstones.
 *
 * The slots are derived from the rows and appear in no root, delta or image.
 */
#include "engine/base/map.h"
#include "engine/state/inside.h"

/*
 * Keys are mostly names filled up with zeros. Whole words of those at the end tell nothing apart.
 */
static uint64_t hash_of(const struct state *s, const struct table *t, const void *key)
{
	uint32_t len = t->key_bytes;
	uint64_t word;

	for (; len >= sizeof(word); len -= (uint32_t)sizeof(word)) {
		memcpy(&word, (const char *)key + len - sizeof(word), sizeof(word));
		if (word)
			break;
	}
	return map_hash(str_slice(key, len), s->seed);
}

static uint64_t slot_for(uint64_t hash, uint32_t row)
{
	return (hash & ~UINT64_C(0xFFFFFFFF)) | (row + 1);
}

/* The slot that holds the key, or the free one where it would go. The table has room. */
static uint64_t *look(const struct table *t, const void *key, uint64_t hash)
{
	uint32_t mask = t->room * 2 - 1, at = (uint32_t)hash & mask;

	for (; t->slots[at]; at = (at + 1) & mask) {
		uint32_t row = (uint32_t)t->slots[at] - 1;

		if (t->slots[at] == slot_for(hash, row) &&
		    memcmp(table_row(t, row), key, t->key_bytes) == 0)
			break;
	}
	return &t->slots[at];
}

bool find_has(const struct state *s, const struct table *t, const void *key)
{
	return t->rows > 0 && *look(t, key, hash_of(s, t, key)) != 0;
}

void find_add(struct state *s, struct table *t, uint32_t row)
{
	uint64_t hash = hash_of(s, t, table_row(t, row)), *slot = look(t, table_row(t, row), hash);

	MUST(*slot == 0);
	*slot = slot_for(hash, row);
}

void find_drop(struct state *s, struct table *t, uint32_t row)
{
	uint64_t hash = hash_of(s, t, table_row(t, row)), *slot = look(t, table_row(t, row), hash);

	MUST(*slot == slot_for(hash, row));
	*slot = 0;
}

void find_rebuild(struct state *s, struct table *t)
{
	memset(t->slots, 0, (size_t)t->room * 2 * sizeof(*t->slots));
	for (uint32_t row = 0; row < t->rows; row++)
		find_add(s, t, row);
}

void state_seed(struct state *s, uint64_t seed)
{
	s->seed = seed;
	for (unsigned i = 0; i < s->table_count; i++)
		if (s->tables[i].slots)
			find_rebuild(s, &s->tables[i]);
}

bool state_find(const struct state *s, unsigned table, const void *key, uint32_t *ret)
{
	const struct table *t;
	uint64_t slot;

	MUST(table < s->table_count);
	t = &s->tables[table];
	MUST(t->key_bytes > 0);
	if (t->rows == 0)
		return false;
	slot = *look(t, key, hash_of(s, t, key));
	if (slot == 0)
		return false;
	*ret = (uint32_t)slot - 1;
	return true;
}
