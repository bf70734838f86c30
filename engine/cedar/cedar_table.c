/*
 * cedar_table: a fixed table of named things, found by slot and uid.
 *
 *   hash:    | top bits | ................ |
 *                 |
 *   first:   [0, 2, 2, 3, ...]               where the keys with these top bits begin
 *                 |
 *   keys:    sorted by hash, then by slot and uid
 *
 * Honest keys are one or two to a place. Keys that were chosen to collide stand in one place, and
 * there the search is binary, so nothing they do makes it worse than logarithmic.
 */
#include "engine/cedar/inside.h"

#include <stdlib.h>

/* How many of the hash's 64 bits `first` is indexed by, at most. */
#define MAX_BITS 24

static uint64_t hash_of(uint32_t slot, const struct cedar_uid *uid)
{
	return map_hash(uid->id, map_hash(uid->type, slot));
}

struct cedar_key cedar_key(uint32_t slot, struct cedar_uid uid)
{
	return (struct cedar_key){ .hash = hash_of(slot, &uid), .slot = slot, .uid = uid };
}

int cedar_key_cmp(const struct cedar_key *a, const struct cedar_key *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return cedar_uid_cmp(&a->uid, &b->uid);
}

static int compare(const void *a, const void *b)
{
	return cedar_key_cmp(a, b);
}

static void fill_places(struct cedar_table *t, uint32_t *first)
{
	size_t places = (size_t)1 << t->bits;
	uint32_t at = 0;

	for (size_t place = 0; place <= places; place++) {
		while (at < t->count && t->keys[at].hash >> (64 - t->bits) < place)
			at++;
		first[place] = at;
	}
}

enum err cedar_table_build(struct cedar_key *keys, size_t count, struct arena *memory,
			   struct cedar_table *ret)
{
	struct cedar_table t = { .bits = 1 };
	uint32_t kept = count > 0;
	uint32_t *first;

	if (count >= UINT32_MAX)
		return ERR_LIMIT;
	if (count)
		qsort(keys, count, sizeof(*keys), compare);
	for (size_t i = 1; i < count; i++)
		if (cedar_key_cmp(&keys[i], &keys[kept - 1]) != 0)
			keys[kept++] = keys[i];
	while (t.bits < MAX_BITS && (uint32_t)1 << t.bits < kept)
		t.bits++;
	first = arena_array(memory, ((size_t)1 << t.bits) + 1, sizeof(*first));
	if (!first)
		return ERR_MEMORY;
	t.keys = keys;
	t.count = kept;
	t.first = first;
	fill_places(&t, first);
	*ret = t;
	return OK;
}

uint32_t cedar_table_find(const struct cedar_table *t, uint32_t slot, const struct cedar_uid *uid)
{
	struct cedar_key key = { .slot = slot, .uid = *uid };
	uint32_t low, high;
	uint64_t place;

	if (t->count == 0)
		return CEDAR_NOWHERE;
	key.hash = hash_of(slot, uid);
	place = key.hash >> (64 - t->bits);
	low = t->first[place];
	high = t->first[place + 1];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = cedar_key_cmp(&t->keys[middle], &key);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return CEDAR_NOWHERE;
}
