/*
 * map: open addressing with linear probing over an array of indexes; entries stay in insertion
 * order.
 *
 * Half of the slots are empty, so honest keys stand near their home: of 2^30 of them, the furthest
 * is expected about a hundred slots off. A key that has to go further was chosen to. Then all
 * change places under another seed, which costs the chooser another LONG_WALK keys each time.
 */
#include "engine/base/map.h"

#include <stdlib.h>

#define FIRST_ROOM 16
#define LONG_WALK 256

/*
 * A short multiply-and-fold hash in the family of wyhash. It only spreads keys over slots; nothing
 * is proved by it and no output depends on it.
 */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t map_hash(struct str key, uint64_t seed)
{
	uint64_t h = seed ^ UINT64_C(0x9E3779B97F4A7C15), word;
	size_t i = 0;

	for (; i + 8 <= key.len; i += 8) {
		memcpy(&word, key.ptr + i, 8);
		h = fold(h ^ word, UINT64_C(0xD6E8FEB86659FD93));
	}
	word = 0;
	if (i < key.len)
		memcpy(&word, key.ptr + i, key.len - i);
	h = fold(h ^ word, UINT64_C(0xA0761D6478BD642F));
	return fold(h ^ key.len, UINT64_C(0xE7037ED1A0B428DB));
}

void map_init(struct map *m, uint64_t seed)
{
	*m = (struct map){ .seed = seed };
}

void map_fini(struct map *m)
{
	free(m->entries);
	free(m->slots);
	*m = (struct map){ 0 };
}

void map_clear(struct map *m)
{
	if (m->slots)
		memset(m->slots, 0, m->slot_count * sizeof(*m->slots));
	m->count = 0;
}

/* The slot that holds the key, or the empty slot where it would go. */
static uint32_t slot_of(const struct map *m, struct str key, uint64_t hash)
{
	uint32_t mask = m->slot_count - 1, at = (uint32_t)hash & mask;

	while (m->slots[at]) {
		const struct map_entry *e = &m->entries[m->slots[at] - 1];

		if (e->hash == hash && str_eq(e->key, key))
			break;
		at = (at + 1) & mask;
	}
	return at;
}

bool map_get(const struct map *m, struct str key, uint32_t *ret)
{
	uint32_t at;

	if (m->count == 0)
		return false;
	at = slot_of(m, key, map_hash(key, m->seed));
	if (!m->slots[at])
		return false;
	*ret = m->entries[m->slots[at] - 1].value;
	return true;
}

static void place_all(struct map *m)
{
	for (uint32_t i = 0; i < m->count; i++)
		m->slots[slot_of(m, m->entries[i].key, m->entries[i].hash)] = i + 1;
}

static enum err grow(struct map *m)
{
	uint32_t room = m->room ? m->room * 2 : FIRST_ROOM, slot_count = room * 2;
	struct map_entry *entries;
	uint32_t *slots;

	if (m->room >= MAP_MAX_ENTRIES)
		return ERR_LIMIT;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		return ERR_MEMORY;
	entries = realloc(m->entries, room * sizeof(*entries));
	if (!entries) {
		free(slots);
		return ERR_MEMORY;
	}
	free(m->slots);
	m->entries = entries;
	m->slots = slots;
	m->room = room;
	m->slot_count = slot_count;
	place_all(m);
	return OK;
}

static bool is_far(const struct map *m, uint32_t at, uint64_t hash)
{
	return ((at - (uint32_t)hash) & (m->slot_count - 1)) > LONG_WALK;
}

static void change_seed(struct map *m)
{
	m->seed = map_hash(STR("another seed"), m->seed);
	memset(m->slots, 0, m->slot_count * sizeof(*m->slots));
	for (uint32_t i = 0; i < m->count; i++)
		m->entries[i].hash = map_hash(m->entries[i].key, m->seed);
	place_all(m);
}

enum err map_put(struct map *m, struct str key, uint32_t value)
{
	uint64_t hash = map_hash(key, m->seed);
	uint32_t at = m->slots ? slot_of(m, key, hash) : 0;

	if (m->slots && m->slots[at])
		return ERR_DUPLICATE;
	if (m->count == m->room) {
		TRY(grow(m));
		at = slot_of(m, key, hash);
	}
	if (is_far(m, at, hash)) {
		change_seed(m);
		hash = map_hash(key, m->seed);
		at = slot_of(m, key, hash);
	}
	m->entries[m->count] = (struct map_entry){ key, hash, value };
	m->slots[at] = ++m->count;
	return OK;
}
