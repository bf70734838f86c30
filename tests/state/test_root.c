/* root: equal to the definition after every history; the tree of every size. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(root, it_follows_the_definition_through_random_histories)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct dice d = dice_from(seed);
		struct state *s = history_open();
		unsigned changes = 1 + (unsigned)dice_roll(&d, 60);

		for (int i = 0; i < 60; i++) {
			struct digest root, naive;

			history_step(s, &d, changes);
			if (dice_roll(&d, 5) == 0)
				state_undo(s);
			if (dice_roll(&d, 3) == 0)
				continue;
			naive = history_root(s);
			root = state_root(s);
			cr_assert(digest_eq(&root, &naive));
			if (dice_roll(&d, 5) == 0)
				state_undo(s);
			naive = history_root(s);
			root = state_root(s);
			cr_assert(digest_eq(&root, &naive));
		}
		state_close(s);
	}
}

Test(root, it_is_right_at_every_number_of_rows_up_and_down)
{
	struct state *s = history_open();
	struct digest root, naive;
	uint32_t number;

	for (uint32_t i = 0; i < 200; i++) {
		uint8_t row[3] = { (uint8_t)i, 1, 2 };

		state_begin(s);
		cr_assert_eq(state_insert(s, 1, row, &number), OK);
		naive = history_root(s);
		root = state_root(s);
		cr_assert(digest_eq(&root, &naive), "%u rows", i + 1);
		for (uint32_t more = 0; more < i; more++)
			cr_assert_eq(state_insert(s, 1, row, &number), OK);
		root = state_root(s);
		state_undo(s);
		naive = history_root(s);
		root = state_root(s);
		cr_assert(digest_eq(&root, &naive), "back to %u rows", i);
		cr_assert_eq(state_insert(s, 1, row, &number), OK);
	}
	state_close(s);
}

Test(root, names_sizes_keys_and_order_of_tables_are_part_of_it)
{
	static const struct table_schema schemas[][2] = {
		{ { "a", 8, 0 }, { "b", 8, 0 } }, { { "b", 8, 0 }, { "a", 8, 0 } },
		{ { "a", 8, 0 }, { "b", 9, 0 } }, { { "a", 8, 0 }, { "c", 8, 0 } },
		{ { "a", 8, 0 }, { "b", 8, 8 } },
	};
	struct digest roots[5];

	for (size_t i = 0; i < 5; i++) {
		struct state *s;
		uint32_t row;

		cr_assert_eq(state_open(schemas[i], 2, &s), OK);
		state_begin(s);
		cr_assert_eq(state_insert(s, 0, "12345678", &row), OK);
		cr_assert_eq(state_insert(s, 1, "123456789", &row), OK);
		roots[i] = state_root(s);
		for (size_t j = 0; j < i; j++)
			cr_assert(!digest_eq(&roots[i], &roots[j]));
		state_close(s);
	}
}

Test(root, a_table_without_rows_is_not)
{
	static const struct table_schema few[] = { { "a", 8, 0 } },
					 more[] = { { "z", 4, 0 }, { "a", 8, 0 }, { "b", 8, 0 } };
	struct digest one, other;
	struct state *s;
	uint32_t row;

	cr_assert_eq(state_open(few, 1, &s), OK);
	state_begin(s);
	cr_assert_eq(state_insert(s, 0, "12345678", &row), OK);
	one = state_root(s);
	state_close(s);
	cr_assert_eq(state_open(more, 3, &s), OK);
	state_begin(s);
	cr_assert_eq(state_insert(s, 1, "12345678", &row), OK);
	other = state_root(s);
	cr_assert(digest_eq(&one, &other));
	state_close(s);
}

Test(root, the_number_of_rows_is_part_of_it)
{
	struct state *s = history_open();
	struct digest one, other;
	uint32_t number;

	one = state_root(s);
	cr_assert_eq(state_insert(s, 1, "\0\0\0", &number), OK);
	other = state_root(s);
	cr_assert(!digest_eq(&one, &other));
	state_close(s);
}
