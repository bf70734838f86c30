/* limit: windows of one period, and keys that no two rules share. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

#define HOUR INT64_C(3600000000000)

static struct state *s;

static void setup(void)
{
	const struct table_schema table = limit_table();

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(limit, .init = setup, .fini = teardown);

static void charge(int64_t period_ns, int64_t at_ns)
{
	cr_assert_eq(limit_charge(s, 0, STR("ann"), STR("p/r"), period_ns, at_ns), OK);
}

static uint64_t used(int64_t period_ns, int64_t at_ns, int64_t *ends_ns)
{
	return limit_used(s, 0, STR("ann"), STR("p/r"), period_ns, at_ns, ends_ns);
}

Test(limit, a_window_begins_with_the_first_and_lasts_one_period)
{
	int64_t ends;

	cr_expect_eq(used(HOUR, 1000, &ends), 0);
	cr_expect_eq(ends, 1000 + HOUR);
	charge(HOUR, 1000);
	charge(HOUR, 1000 + HOUR - 1);
	cr_expect_eq(used(HOUR, 1000 + HOUR - 1, &ends), 2);
	cr_expect_eq(ends, 1000 + HOUR);
	cr_expect_eq(used(HOUR, 1000 + HOUR, &ends), 0, "the next window");
	cr_expect_eq(ends, 1000 + 2 * HOUR);
	charge(HOUR, 1000 + HOUR);
	cr_expect_eq(used(HOUR, 1000 + HOUR + 5, &ends), 1);
	cr_expect_eq(state_rows(s, 0), 1);
}

Test(limit, a_clock_that_runs_back_stays_in_the_window)
{
	int64_t ends;

	charge(HOUR, 5 * HOUR);
	cr_expect_eq(used(HOUR, 0, &ends), 1);
	cr_expect_eq(ends, 6 * HOUR);
	charge(HOUR, -HOUR);
	cr_expect_eq(used(HOUR, 5 * HOUR, &ends), 2);
	cr_expect_eq(ends, 6 * HOUR);
}

Test(limit, another_period_begins_another_window)
{
	int64_t ends;

	charge(HOUR, 0);
	charge(HOUR, 1);
	cr_expect_eq(used(24 * HOUR, 2, &ends), 0);
	charge(24 * HOUR, 2);
	cr_expect_eq(used(24 * HOUR, 3, &ends), 1);
	cr_expect_eq(used(HOUR, 3, &ends), 0, "the other one is gone");
	cr_expect_eq(state_rows(s, 0), 1);
}

Test(limit, the_ends_of_time_are_no_trap)
{
	int64_t ends;

	charge(24 * HOUR, INT64_MAX);
	cr_expect_eq(used(24 * HOUR, INT64_MIN, &ends), 1);
	cr_expect_eq(ends, INT64_MAX);
	state_reset(s);
	state_begin(s);
	charge(HOUR, INT64_MIN);
	cr_expect_eq(used(HOUR, INT64_MAX, &ends), 0);
	cr_expect_eq(used(HOUR, INT64_MIN + HOUR - 1, &ends), 1);
}

/* Agent, policy and rule are told apart however they are cut. */
Test(limit, every_agent_and_every_rule_has_its_own)
{
	static const struct {
		struct str agent, rule;
	} keys[] = {
		{ { "a", 1 }, { "p/r", 3 } },	{ { "b", 1 }, { "p/r", 3 } },
		{ { "a", 1 }, { "p/r/r", 5 } }, { { "a", 1 }, { "q/r", 3 } },
		{ { "ap", 2 }, { "p/r", 3 } },	{ { "a", 1 }, { "pp/r", 4 } },
	};
	char longest[2 * LIMIT_NAME_BYTES + 2], name[RULE_NAME_BYTES];
	struct str rule = str_slice(longest, RULE_NAME_BYTES);
	struct limit_row row;
	int64_t ends;

	for (size_t i = 0; i < 6; i++)
		cr_assert_eq(limit_charge(s, 0, keys[i].agent, keys[i].rule, HOUR, 0), OK);
	cr_assert_eq(state_rows(s, 0), 6);
	for (uint32_t i = 0; i < 6; i++) {
		cr_expect_eq(limit_used(s, 0, keys[i].agent, keys[i].rule, HOUR, 1, &ends), 1);
		memcpy(&row, state_row(s, 0, i), sizeof(row));
		cr_expect(str_eq(limit_agent(&row), keys[i].agent));
		cr_expect(str_eq(str_slice(name, limit_rule(&row, name)), keys[i].rule));
	}
	memset(longest, 'x', sizeof(longest));
	longest[LIMIT_NAME_BYTES] = '/';
	cr_assert_eq(limit_charge(s, 0, STR("a"), rule, HOUR, 0), OK);
	memcpy(&row, state_row(s, 0, 6), sizeof(row));
	cr_expect(str_eq(str_slice(name, limit_rule(&row, name)), rule));
}

Test(limit, what_is_no_name_counts_nothing)
{
	char longest[LIMIT_NAME_BYTES + 3];
	struct str bad[] = { STR(""), STR("r"), STR("/r"), STR("p/"), STR("p/r\0"),
			     str_slice(longest, sizeof(longest)) };
	int64_t ends;

	memset(longest, 'x', sizeof(longest));
	longest[1] = '/';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(limit_charge(s, 0, STR("a"), bad[i], HOUR, 0), ERR_RANGE);
		cr_expect_eq(limit_used(s, 0, STR("a"), bad[i], HOUR, 0, &ends), 0);
	}
	cr_expect_eq(limit_charge(s, 0, STR(""), STR("p/r"), HOUR, 0), ERR_RANGE);
	cr_expect_eq(state_rows(s, 0), 0);
}

Test(limit, charging_survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(i);
		e = limit_charge(s, 0, STR("a"), STR("p/r"), HOUR, 0);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(state_rows(s, 0), 0);
	}
}
