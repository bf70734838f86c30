/* find: rows by key, also after rows have left again. */
#include "tests/state/history.h"

#include <criterion/criterion.h>

#include "engine/base/map.h"

static const struct table_schema keyed[] = { { "keyed", 12, 8 } };

static enum err insert(struct state *s, uint64_t key, uint32_t *number)
{
	uint8_t row[12] = { 0 };

	memcpy(row, &key, 8);
	return state_insert(s, 0, row, number);
}

Test(find, every_row_is_found_by_its_key_and_no_other_key_is)
{
	struct state *s = NULL;
	uint32_t number, found;

	cr_assert_eq(state_open(keyed, 1, &s), OK);
	cr_assert(!state_find(s, 0, &(uint64_t){ 0 }, &found));
	for (uint64_t key = 0; key < 5000; key++)
		cr_assert_eq(insert(s, key * 3, &number), OK);
	for (int seed = 0; seed < 3; seed++) {
		for (uint64_t key = 0; key < 15000; key++) {
			cr_assert_eq(state_find(s, 0, &key, &found), key % 3 == 0);
			cr_assert(key % 3 != 0 || found == key / 3);
		}
		state_seed(s, (uint64_t)seed + 77);
	}
	state_close(s);
}

Test(find, a_key_that_is_there_is_not_inserted_again)
{
	struct state *s = NULL;
	uint32_t number = 9;

	cr_assert_eq(state_open(keyed, 1, &s), OK);
	cr_assert_eq(insert(s, 5, &number), OK);
	number = 9;
	cr_assert_eq(insert(s, 5, &number), ERR_EXISTS);
	cr_assert_eq(number, 9);
	cr_assert_eq(state_rows(s, 0), 1);
	state_close(s);
}

Test(find, undone_rows_are_found_no_more_and_the_others_still_are)
{
	struct dice d = dice_from(4);
	struct state *s = NULL;
	uint32_t number, found;
	uint64_t next = 0;

	cr_assert_eq(state_open(keyed, 1, &s), OK);
	for (int round = 0; round < 200; round++) {
		uint64_t many = dice_roll(&d, 40);
		bool stay = dice_roll(&d, 2);

		state_begin(s);
		for (uint64_t i = 0; i < many; i++)
			cr_assert_eq(insert(s, next + i, &number), OK);
		if (stay)
			next += many;
		else
			state_undo(s);
		cr_assert_eq(state_rows(s, 0), next);
		for (uint64_t key = 0; key < next + 40; key++)
			cr_assert_eq(state_find(s, 0, &key, &found), key < next);
	}
	state_close(s);
}

Test(find, two_keys_that_hash_alike_are_told_apart)
{
	/* Found by search: equal in the half that a slot keeps and in the 7 bits that choose it. */
	const uint64_t one = 33192, two = 1712708;
	const uint64_t kept = ~UINT64_C(0xFFFFFFFF) | 127;
	struct state *s = NULL;
	uint32_t number, found;

	cr_assert_eq(map_hash(str_slice(&one, 8), 0) & kept, map_hash(str_slice(&two, 8), 0) & kept,
		     "the hash was changed: search again");
	cr_assert_eq(state_open(keyed, 1, &s), OK);
	cr_assert_eq(insert(s, one, &number), OK);
	cr_assert(!state_find(s, 0, &two, &found));
	cr_assert_eq(insert(s, two, &number), OK);
	cr_assert(state_find(s, 0, &one, &found) && found == 0);
	cr_assert(state_find(s, 0, &two, &found) && found == 1);
	state_undo(s);
	cr_assert(!state_find(s, 0, &one, &found) && !state_find(s, 0, &two, &found));
	state_close(s);
}
