#include "engine/runtime/runtime.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"

static struct state *s;

static void setup(void)
{
	const struct table_schema table = session_table();

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(session, .init = setup, .fini = teardown);

Test(session, begins_when_it_is_first_touched)
{
	struct session_row row;
	uint32_t at;

	cr_assert(!session_find(s, 0, STR("s"), &at, &row));
	cr_assert_eq(session_touch(s, 0, STR("s"), 5, 1, 0), OK);
	cr_assert_eq(session_touch(s, 0, STR("s"), 9, 1, 1), OK);
	cr_assert_eq(session_touch(s, 0, STR("s"), 7, 0, 0), OK);
	cr_assert_eq(session_touch(s, 0, STR("other"), 1, 0, 0), OK);
	cr_assert(session_find(s, 0, STR("s"), &at, &row));
	cr_assert(str_is(session_id(&row), "s"));
	cr_assert_eq(row.began_ns, 5);
	cr_assert_eq(row.last_ns, 7);
	cr_assert_eq(row.actions, 2);
	cr_assert_eq(row.denials, 1);
	cr_assert_eq(state_rows(s, 0), 2);
}

Test(session, ids_fill_a_row_and_no_more)
{
	char longest[LIMIT_NAME_BYTES + 1];
	struct session_row row;
	uint32_t at;

	memset(longest, 'x', sizeof(longest));
	cr_assert_eq(session_touch(s, 0, str_slice(longest, LIMIT_NAME_BYTES), 1, 1, 0), OK);
	cr_assert(session_find(s, 0, str_slice(longest, LIMIT_NAME_BYTES), &at, &row));
	cr_assert_eq(session_id(&row).len, LIMIT_NAME_BYTES);
	cr_assert_eq(session_touch(s, 0, str_slice(longest, sizeof(longest)), 1, 1, 0), ERR_RANGE);
	cr_assert(!session_find(s, 0, str_slice(longest, sizeof(longest)), &at, &row));
	cr_assert_eq(state_rows(s, 0), 1);
}

Test(session, two_ids_never_share_a_row)
{
	struct session_row row;
	uint32_t at;

	cr_assert_eq(session_touch(s, 0, STR("s"), 1, 1, 0), OK);
	cr_assert_eq(session_touch(s, 0, STR("s\0"), 1, 1, 0), ERR_RANGE);
	cr_assert_eq(session_touch(s, 0, STR(""), 1, 1, 0), ERR_RANGE);
	cr_assert(!session_find(s, 0, STR("s\0"), &at, &row));
	cr_assert(!session_find(s, 0, STR(""), &at, &row));
	cr_assert(!session_find(s, 0, STR_NONE, &at, &row));
}

Test(session, survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		enum err e;
		bool hit;

		fail_alloc_at(n);
		e = session_touch(s, 0, STR("s"), 1, 1, 0);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		if (!hit)
			break;
		cr_assert_eq(state_rows(s, 0), 0);
	}
}
