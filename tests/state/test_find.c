/* find: rows by key, also after rows have left again. */
#include "tests/state/history.h"

#include <criterion/criterion.h>

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
