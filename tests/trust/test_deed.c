/* deed: what is remembered of actions, and for how long. */
#include <criterion/criterion.h>

#include "engine/trust/trust.h"
#include "tests/kit/fail_alloc.h"

static struct state *s;

static void setup(void)
{
	const struct table_schema tables[] = { deed_table(), deed_session_table() };

	cr_assert_eq(state_open(tables, 2, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(deed, .init = setup, .fini = teardown);

Test(deed, an_action_is_remembered_until_its_slot_is_taken)
{
	uint32_t row;

	cr_assert_eq(deed_put(s, 0, 5, 7), OK);
	cr_expect(deed_find(s, 0, 5, &row));
	cr_expect_eq(row, 7);
	cr_expect_not(deed_find(s, 0, 6, &row));
	cr_expect_not(deed_find(s, 0, 5 + 65536, &row), "another entry of that slot");
	cr_assert_eq(deed_put(s, 0, 5 + 65536, 8), OK);
	cr_expect_not(deed_find(s, 0, 5, &row));
	cr_expect_eq(state_rows(s, 0), 1);
}

Test(deed, a_session_knows_who_acted_last)
{
	uint32_t before;

	cr_assert_eq(deed_in_session(s, 1, STR("x"), 3, &before), OK);
	cr_expect_eq(before, 3, "nobody");
	cr_assert_eq(deed_in_session(s, 1, STR("x"), 3, &before), OK);
	cr_expect_eq(before, 3, "itself");
	cr_assert_eq(deed_in_session(s, 1, STR("x"), 4, &before), OK);
	cr_expect_eq(before, 3);
	cr_assert_eq(deed_in_session(s, 1, STR("y"), 4, &before), OK);
	cr_expect_eq(before, 4);
	cr_assert_eq(deed_in_session(s, 1, STR("x"), 3, &before), OK);
	cr_expect_eq(before, 4);
	cr_expect_eq(deed_in_session(s, 1, STR(""), 3, &before), ERR_RANGE);
	cr_expect_eq(deed_in_session(s, 1, STR("x\0"), 3, &before), ERR_RANGE);
}

Test(deed, survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		uint32_t before;
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(i);
		e = deed_put(s, 0, 1, 1);
		if (e == OK)
			e = deed_in_session(s, 1, STR("x"), 3, &before);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
