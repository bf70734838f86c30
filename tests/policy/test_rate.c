/* rate: one way to say so many in a period, and back. */
#include <criterion/criterion.h>

#include "engine/policy/rules.h"

Test(rate, reads_what_it_writes)
{
	static const struct {
		const char *text, *again;
		uint32_t count;
		int64_t seconds;
	} rows[] = {
		{ "10/hour", "10/hour", 10, 3600 },
		{ "1/second", "1/second", 1, 1 },
		{ "2147483647/minute", "2147483647/minute", 2147483647, 60 },
		{ "0/day", "0/day", 0, 86400 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_limit limit;
		struct buf b;

		buf_init(&b, 64);
		cr_assert_eq(rate_read(str_view(rows[i].text), &limit), OK, "%s", rows[i].text);
		cr_expect_eq(limit.count, rows[i].count);
		cr_expect_eq(limit.period_ns, rows[i].seconds * 1000000000);
		rate_write(&b, &limit);
		cr_expect(str_is(buf_view(&b), rows[i].again));
		buf_fini(&b);
	}
}

Test(rate, anything_else_is_refused)
{
	static const char *const texts[] = {
		"", "/", "10", "10/", "/hour", "10/Hour", "10/hours", "10 per hour", "010/hour",
		"-1/hour", "+1/hour", "1e3/hour", "1.5/hour", "0x10/hour", "10/hour/day",
		"10/60s", "ten/hour", " 1/day", "1/day ", "1 /day", "1/ day", "1 0/hour",
		"10/h our", "10/week",
	};
	struct policy_limit limit;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_eq(rate_read(str_view(texts[i]), &limit), ERR_SYNTAX, "%s", texts[i]);
	cr_expect_eq(rate_read(STR("2147483648/day"), &limit), ERR_RANGE);
	cr_expect_neq(rate_read(STR("99999999999999999999999/day"), &limit), OK);
}
