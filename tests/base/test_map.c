/* map: the insertion-ordered hash map. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/map.h"
#include "tests/kit/fail_alloc.h"

#define KEYS 5000

static char texts[KEYS][16];

static struct str key(uint32_t i)
{
	(void)snprintf(texts[i], sizeof(texts[i]), "key-%u", i * 7919u);
	return str_view(texts[i]);
}

Test(map, an_empty_map_holds_nothing)
{
	uint32_t v = 9;
	struct map m;

	map_init(&m, 1);
	cr_assert_not(map_get(&m, STR("a"), &v));
	cr_assert_eq(v, 9);
	map_clear(&m);
	map_fini(&m);
}

Test(map, entries_keep_their_order_and_values_for_every_seed)
{
	for (uint64_t seed = 0; seed < 5; seed++) {
		struct map m;
		uint32_t v;

		map_init(&m, seed * UINT64_C(0x123456789ABCDEF));
		for (uint32_t i = 0; i < KEYS; i++)
			cr_assert_eq(map_put(&m, key(i), i * 3), OK);
		cr_assert_eq(m.count, KEYS);
		for (uint32_t i = 0; i < KEYS; i++) {
			cr_assert(map_get(&m, key(i), &v) && v == i * 3);
			cr_assert(str_eq(m.entries[i].key, key(i)) && m.entries[i].value == v);
		}
		cr_assert_not(map_get(&m, STR("key-1"), &v));
		map_fini(&m);
	}
}

Test(map, a_key_given_twice_keeps_its_first_value)
{
	struct map m;
	uint32_t v;

	map_init(&m, 3);
	cr_assert_eq(map_put(&m, STR("a"), 1), OK);
	cr_assert_eq(map_put(&m, STR("a"), 2), ERR_DUPLICATE);
	cr_assert(map_get(&m, STR("a"), &v) && v == 1 && m.count == 1);
	map_fini(&m);
}

Test(map, a_duplicate_is_one_also_when_the_map_is_full)
{
	struct map m;

	map_init(&m, 3);
	for (uint32_t i = 0; i < 16; i++)
		cr_assert_eq(map_put(&m, key(i), i), OK);
	cr_assert_eq(m.count, m.room);
	fail_alloc_at(1);
	cr_assert_eq(map_put(&m, key(5), 1), ERR_DUPLICATE);
	cr_assert_not(fail_alloc_was_hit());
	map_fini(&m);
}

Test(map, keys_are_bytes_of_any_length)
{
	static const char zeros[64];
	struct map m;
	uint32_t v;

	map_init(&m, 0);
	for (uint32_t len = 0; len < 64; len++)
		cr_assert_eq(map_put(&m, str_slice(zeros, len), len), OK);
	for (uint32_t len = 0; len < 64; len++)
		cr_assert(map_get(&m, str_slice(zeros, len), &v) && v == len);
	cr_assert(map_get(&m, STR_NONE, &v) && v == 0);
	map_fini(&m);
}

Test(map, a_cleared_map_starts_again_in_the_same_blocks)
{
	struct map m;
	uint32_t v, room;

	map_init(&m, 3);
	for (uint32_t i = 0; i < 100; i++)
		cr_assert_eq(map_put(&m, key(i), i), OK);
	room = m.room;
	map_clear(&m);
	cr_assert_not(map_get(&m, key(1), &v));
	for (uint32_t i = 0; i < 100; i++)
		cr_assert_eq(map_put(&m, key(i), i + 1), OK);
	cr_assert(map_get(&m, key(1), &v) && v == 2);
	cr_assert_eq(m.room, room);
	map_fini(&m);
}

Test(map, survives_every_failing_allocation)
{
	for (uint64_t n = 1; ; n++) {
		enum err e = OK;
		struct map m;
		uint32_t i, v;

		map_init(&m, 1);
		fail_alloc_at(n);
		for (i = 0; i < 200 && e == OK; i++)
			e = map_put(&m, key(i), i);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			map_fini(&m);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(m.count, i - 1);
		for (uint32_t k = 0; k < m.count; k++)
			cr_assert(map_get(&m, key(k), &v) && v == k);
		cr_assert_eq(map_put(&m, key(i - 1), i - 1), OK, "the next try succeeds");
		map_fini(&m);
	}
}

/* Keys of two words, the second of which cancels the hash of the first under seed 0. */
static struct str colliding_key(char *text, uint64_t first)
{
	unsigned __int128 product = (first ^ UINT64_C(0x9E3779B97F4A7C15)) *
				    (unsigned __int128)UINT64_C(0xD6E8FEB86659FD93);
	uint64_t second = (uint64_t)product ^ (uint64_t)(product >> 64);

	memcpy(text, &first, 8);
	memcpy(text + 8, &second, 8);
	return str_slice(text, 16);
}

Test(map, keys_that_were_chosen_to_collide_stand_near_their_home)
{
	static char colliding[KEYS][16];
	uint32_t furthest = 0, value;
	struct map m;

	cr_assert_eq(map_hash(colliding_key(colliding[0], 1), 0),
		     map_hash(colliding_key(colliding[1], 2), 0), "the keys must collide");
	map_init(&m, 0);
	for (uint32_t i = 0; i < KEYS; i++)
		cr_assert_eq(map_put(&m, colliding_key(colliding[i], i), i), OK);
	for (uint32_t at = 0; at < m.slot_count; at++) {
		uint32_t home = m.slots[at] ? (uint32_t)m.entries[m.slots[at] - 1].hash : at;
		uint32_t walk = (at - home) & (m.slot_count - 1);

		furthest = walk > furthest ? walk : furthest;
	}
	cr_expect_lt(furthest, 600);
	for (uint32_t i = 0; i < KEYS; i++) {
		cr_assert(map_get(&m, str_slice(colliding[i], 16), &value) && value == i);
		cr_assert_eq(map_put(&m, str_slice(colliding[i], 16), 0), ERR_DUPLICATE);
		cr_assert(str_eq(m.entries[i].key, str_slice(colliding[i], 16)));
	}
	map_fini(&m);
}
