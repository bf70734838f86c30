/* cedar_table: what was put in is found, whatever the keys. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/cedar/inside.h"

#define KEYS 2000

static struct arena arena;

static void start(void)
{
	arena_init(&arena, 64 << 20);
}

static void stop(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_table, .init = start, .fini = stop);

static struct cedar_uid uid(const char *type, size_t number)
{
	char text[32];
	struct cedar_uid made = { str_view(type), STR_NONE };

	(void)snprintf(text, sizeof(text), "id-%zu", number);
	cr_assert_eq(arena_copy(&arena, str_view(text), &made.id), OK);
	return made;
}

static struct cedar_table build(size_t count)
{
	struct cedar_key *keys = arena_array(&arena, 2 * count, sizeof(*keys));
	struct cedar_table t;

	for (size_t i = 0; i < count; i++) {
		keys[2 * i] = cedar_key(i % 3, uid("T", i));
		keys[2 * i + 1] = cedar_key(i % 3, uid("T", i));
	}
	cr_assert_eq(cedar_table_build(keys, 2 * count, &arena, &t), OK);
	return t;
}

Test(cedar_table, keys_are_found_by_slot_and_uid)
{
	for (size_t count = 0; count <= KEYS; count = count * 3 + 1) {
		struct cedar_table t = build(count);

		cr_assert_eq(t.count, count, "doubles are one key");
		for (size_t i = 0; i < count; i++) {
			struct cedar_uid wanted = uid("T", i), other = uid("U", i);
			uint32_t at = cedar_table_find(&t, i % 3, &wanted);

			cr_assert_neq(at, CEDAR_NOWHERE, "%zu of %zu", i, count);
			cr_assert(cedar_uid_eq(&t.keys[at].uid, &wanted));
			cr_assert_eq(cedar_table_find(&t, i % 3 + 1, &wanted), CEDAR_NOWHERE);
			cr_assert_eq(cedar_table_find(&t, i % 3, &other), CEDAR_NOWHERE);
		}
	}
}

/* A hash that says nothing leaves the order by slot and uid: the search stays logarithmic. */
Test(cedar_table, keys_that_collide_are_found_too)
{
	struct cedar_key keys[KEYS];
	struct cedar_table t = build(1);
	struct cedar_uid wanted = uid("T", 0), absent = uid("T", KEYS + 1);
	uint64_t hash = cedar_key(0, wanted).hash;

	for (size_t i = 0; i < KEYS; i++) {
		keys[i] = cedar_key(0, uid("T", i));
		keys[i].hash = hash;
	}
	cr_assert_eq(cedar_table_build(keys, KEYS, &arena, &t), OK);
	cr_assert_eq(t.count, KEYS);
	for (size_t i = 1; i < KEYS; i++)
		cr_assert_lt(cedar_key_cmp(&t.keys[i - 1], &t.keys[i]), 0);
	cr_assert_neq(cedar_table_find(&t, 0, &wanted), CEDAR_NOWHERE);
	keys[1] = keys[0];
	keys[1].slot++;
	cr_assert_lt(cedar_key_cmp(&keys[0], &keys[1]), 0, "a slot tells keys of one hash apart");
	cr_assert_eq(cedar_table_find(&t, 0, &absent), CEDAR_NOWHERE);
}

Test(cedar_table, an_empty_table_has_nothing)
{
	struct cedar_table none = { .count = 0 }, built = build(0);
	struct cedar_uid any = uid("T", 0);

	cr_assert_eq(cedar_table_find(&none, 0, &any), CEDAR_NOWHERE);
	cr_assert_eq(cedar_table_find(&built, 0, &any), CEDAR_NOWHERE);
}
