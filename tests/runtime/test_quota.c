/* quota: rows of rates and budgets, and who has one of his own. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

static struct state *s;

static void setup(void)
{
	const struct table_schema table = quota_table();

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(quota, .init = setup, .fini = teardown);

static const struct quota rate = {
	.policy = { "p", 1 }, .name = { "q", 1 }, .kind = QUOTA_RATE,
	.rate = { .count = 1, .burst = 2, .period_ns = SECOND },
};
static const struct quota budget = {
	.policy = { "p", 1 }, .name = { "q", 1 }, .kind = QUOTA_BUDGET, .amount = 100 * MICROS,
	.daily = true,
};

static struct quota_view look(const struct quota *q, const char *who, int64_t at, int64_t cost)
{
	struct quota_view view = { .enough = false };

	cr_assert_eq(quota_look(s, 0, q, str_view(who), at, cost, &view), OK);
	return view;
}

static void charge(const struct quota *q, const char *who, int64_t at, int64_t cost)
{
	cr_assert_eq(quota_charge(s, 0, q, str_view(who), at, cost), OK);
}

Test(quota, looking_takes_nothing_and_charging_takes_one)
{
	cr_expect(look(&rate, "ann", 0, 1).enough);
	cr_expect(look(&rate, "ann", 0, 1).enough);
	cr_expect_eq(state_rows(s, 0), 0);
	charge(&rate, "ann", 0, 1);
	charge(&rate, "ann", 0, 1);
	cr_expect(!look(&rate, "ann", 0, 1).enough);
	cr_expect_eq(look(&rate, "ann", 0, 1).refills_ns, SECOND);
	charge(&rate, "ann", SECOND / 2, 1);
	cr_expect(look(&rate, "ann", SECOND, 1).enough, "what was not there was not taken");
	cr_expect(look(&rate, "bob", 0, 1).enough);
	cr_expect_eq(state_rows(s, 0), 1);
}

Test(quota, a_daily_budget_begins_anew_at_midnight)
{
	cr_expect(look(&budget, "ann", DAY + 5, 100 * MICROS).enough);
	cr_expect(!look(&budget, "ann", DAY + 5, 100 * MICROS + 1).enough);
	charge(&budget, "ann", DAY + 5, 60 * MICROS);
	cr_expect_eq(look(&budget, "ann", DAY + 5, 1).used, 60 * MICROS);
	cr_expect(!look(&budget, "ann", 2 * DAY - 1, 40 * MICROS + 1).enough);
	cr_expect(look(&budget, "ann", 2 * DAY - 1, 40 * MICROS).enough);
	cr_expect_eq(look(&budget, "ann", 2 * DAY - 1, 1).refills_ns, 2 * DAY);
	cr_expect_eq(look(&budget, "ann", 0, 1).used, 60 * MICROS, "yesterday does not return");
	cr_expect_eq(look(&budget, "ann", 2 * DAY, 1).used, 0);
	charge(&budget, "ann", 2 * DAY, 1);
	cr_expect_eq(look(&budget, "ann", DAY, 1).used, 1);
}

Test(quota, a_budget_for_good_is_never_filled)
{
	struct quota q = budget;

	q.daily = false;
	charge(&q, "ann", -5 * DAY, 100 * MICROS);
	cr_expect(!look(&q, "ann", INT64_MAX, 1).enough);
	cr_expect(!look(&q, "ann", INT64_MAX, 1).refills);
	q.amount = 50 * MICROS;
	cr_expect(!look(&q, "ann", 0, 1).enough, "less than what is spent already");
}

Test(quota, days_before_1970_are_days_too)
{
	charge(&budget, "ann", -1, MICROS);
	cr_expect_eq(look(&budget, "ann", -DAY, 1).refills_ns, 0);
	cr_expect_eq(look(&budget, "ann", -1, 1).used, MICROS);
	cr_expect_eq(look(&budget, "ann", 0, 1).used, 0);
	charge(&budget, "bob", INT64_MIN, MICROS);
	cr_expect_eq(look(&budget, "bob", INT64_MIN + 1, 1).used, MICROS);
	charge(&budget, "eve", INT64_MAX, MICROS);
	cr_expect_eq(look(&budget, "eve", INT64_MAX, 1).refills_ns, INT64_MAX);
}

Test(quota, each_name_subject_and_kind_has_its_own)
{
	struct quota q[5] = { rate, rate, rate, rate, budget };

	q[1].policy = STR("pp");
	q[2].name = STR("qq");
	q[3].per = QUOTA_SESSION;
	for (int i = 0; i < 5; i++)
		charge(&q[i], "x", 0, 1);
	cr_expect_eq(state_rows(s, 0), 5);
	charge(&q[0], "y", 0, 1);
	cr_expect_eq(state_rows(s, 0), 6);
}

Test(quota, what_is_no_subject_or_no_cost_is_refused)
{
	char longest[LIMIT_NAME_BYTES + 1];
	struct str bad[] = { STR(""), STR("a\0"), str_slice(longest, sizeof(longest)) };
	struct quota_view view;

	memset(longest, 'x', sizeof(longest));
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(quota_look(s, 0, &rate, bad[i], 0, 1, &view), ERR_RANGE);
		cr_expect_eq(quota_charge(s, 0, &rate, bad[i], 0, 1), ERR_RANGE);
	}
	for (int64_t cost = -1; cost < 1; cost++) {
		cr_expect_eq(quota_look(s, 0, &budget, STR("a"), 0, cost, &view), ERR_RANGE);
		cr_expect_eq(quota_charge(s, 0, &budget, STR("a"), 0, cost), ERR_RANGE);
		cr_expect_eq(quota_charge(s, 0, &rate, STR("a"), 0, cost), ERR_RANGE);
	}
	charge(&budget, "a", 0, INT64_MAX);
	cr_expect_eq(quota_charge(s, 0, &budget, STR("a"), 0, 1), ERR_RANGE);
	cr_expect_eq(state_rows(s, 0), 1);
}

Test(quota, charging_survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(i);
		e = quota_charge(s, 0, &rate, STR("a"), 0, 1);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(state_rows(s, 0), 0);
	}
}
