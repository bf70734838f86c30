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
#include "engine/state/inside.h"

/* Multiply and fold, as in the family of wyhash: it only spreads keys, and proves nothing. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const uint8_t *key)
{
	uint64_t word;

	memcpy(&word, key, sizeof(word));
	return word;
}

static uint64_t turned(uint64_t word)
{
	return word << 32 | word >> 32;
}

#define BLOCK (4 * sizeof(uint64_t))

/* What a block adds; one of zeros, which names of a length have in the same places, nothing. */
static uint64_t add_block(const uint8_t *at, uint64_t x, uint64_t y)
{
	uint64_t a = word_at(at), b = word_at(at + 8), c = word_at(at + 16), d = word_at(at + 24);

	if ((a | b | c | d) == 0)
		return 0;
	return fold(a ^ x, b ^ y) + fold(c ^ turned(x), d ^ turned(y));
}

/*
 * Keys are mostly names filled up with zeros, and the long ones, of three names, are those that
 * cost. A product takes a processor longer than what else there is to do, so each pair of words has
 * one of its own that waits for no other, by factors that depend on the seed and on the place.
 */
static uint64_t hash_of(const struct state *s, const struct table *t, const void *key)
{
	const uint8_t *bytes = key, *end = bytes + t->key_bytes;
	uint64_t x = s->seed ^ UINT64_C(0xD6E8FEB86659FD93);
	uint64_t y = s->seed ^ UINT64_C(0xA0761D6478BD642F);
	uint8_t rest[BLOCK] = { 0 };
	uint64_t sum = 0;

	for (; (size_t)(end - bytes) >= BLOCK; bytes += BLOCK) {
		sum += add_block(bytes, x, y);
		x += UINT64_C(0x9E3779B97F4A7C15);
		y += UINT64_C(0xC2B2AE3D27D4EB4F);
	}
	/* The rest of a long key is read with some of what was before: that spares a copy. */
	if (bytes < end && t->key_bytes >= BLOCK) {
		sum += add_block(end - BLOCK, x, y);
	} else if (bytes < end) {
		memcpy(rest, bytes, (size_t)(end - bytes));
		sum += add_block(rest, x, y);
	}
	return fold(sum ^ x, y ^ UINT64_C(0xE7037ED1A0B428DB));
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
