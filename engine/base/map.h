/*
 * map: an insertion-ordered hash map from byte strings to 32-bit numbers.
 *
 * Iteration order is insertion order, so nothing depends on how the hash falls. Keys are borrowed:
 * they must outlive the map (arenas and state rows do). There is no removal; a map is built, used
 * and thrown away whole. The hash is keyed by `seed`, which the map changes when it meets keys that
 * were chosen to collide; such keys make it slower, but never quadratic. Results never depend on
 * the seed.
 */
#ifndef TRAMMEL_BASE_MAP_H
#define TRAMMEL_BASE_MAP_H

#include "engine/base/str.h"

struct map_entry {
	struct str key;
	uint64_t hash;
	uint32_t value;
};

struct map {
	struct map_entry *entries;   /* in order of insertion */
	uint32_t *slots;             /* index + 1 into entries, 0 = empty; at most half full */
	uint32_t count, room, slot_count;
	uint64_t seed;
};

#define MAP_MAX_ENTRIES (UINT32_C(1) << 30)

/*
 * The hash the map spreads keys by, for other tables of keys. Not a promise: nothing stored may
 * depend on it.
 */
uint64_t map_hash(struct str key, uint64_t seed);

void map_init(struct map *m, uint64_t seed);
void map_fini(struct map *m);
/* Forget all entries, keep the blocks. */
void map_clear(struct map *m);
/* True and the value when the key is there. */
bool map_get(const struct map *m, struct str key, uint32_t *ret);
/* ERR_DUPLICATE when the key is there already (the old value stays), ERR_LIMIT, ERR_MEMORY. */
enum err map_put(struct map *m, struct str key, uint32_t value) NODISCARD;

#endif
