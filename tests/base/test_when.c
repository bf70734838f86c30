/* when: instants against their text. */
#include "engine/base/when.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"

static struct str text_of(struct buf *b, int64_t ns)
{
	buf_clear(b);
	when_write(b, ns);
	cr_assert_eq(b->err, OK);
	return buf_view(b);
}

static void check_both_ways(int64_t ns, const char *text)
{
	struct buf b;
	int64_t read = 0;

	buf_init(&b, 64);
	cr_assert(str_is(text_of(&b, ns), text), "%lld is written %.*s, expected %s", (long long)ns,
		  STR_ARG(buf_view(&b)), text);
	cr_assert_eq(when_read(str_view(text), &read), OK, "%s", text);
	cr_assert_eq(read, ns, "%s is read as %lld", text, (long long)read);
	buf_fini(&b);
}

static void check_read(const char *text, int64_t expected)
{
	int64_t ns = 0;

	cr_assert_eq(when_read(str_view(text), &ns), OK, "%s", text);
	cr_assert_eq(ns, expected, "%s is read as %lld", text, (long long)ns);
}

static void check_refused(const char *text, enum err expected)
{
	int64_t ns = 42;
	enum err e = when_read(str_view(text), &ns);

	cr_assert_eq(e, expected, "\"%s\": %s, expected %s", text, err_name(e), err_name(expected));
	cr_assert_eq(ns, 42, "\"%s\" wrote an instant though it was refused", text);
}

Test(when, known_instants_read_and_write_back)
{
	check_both_ways(0, "1970-01-01T00:00:00.000000000Z");
	check_both_ways(-1, "1969-12-31T23:59:59.999999999Z");
	check_both_ways(1, "1970-01-01T00:00:00.000000001Z");
	check_both_ways(INT64_C(951782400) * WHEN_SECOND_NS, "2000-02-29T00:00:00.000000000Z");
	check_both_ways(INT64_C(1767323045) * WHEN_SECOND_NS, "2026-01-02T03:04:05.000000000Z");
	check_both_ways(INT64_C(4107542400) * WHEN_SECOND_NS, "2100-03-01T00:00:00.000000000Z");
}

Test(when, the_ends_of_64_bits_have_their_text)
{
	check_both_ways(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
	check_both_ways(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
	check_refused("1677-09-21T00:12:43.145224191Z", ERR_RANGE);
	check_refused("2262-04-11T23:47:16.854775808Z", ERR_RANGE);
	check_refused("0000-01-01T00:00:00Z", ERR_RANGE);
	check_refused("9999-12-31T23:59:59Z", ERR_RANGE);
}

Test(when, fractions_have_one_to_nine_digits)
{
	check_read("1970-01-01T00:00:01Z", WHEN_SECOND_NS);
	check_read("1970-01-01T00:00:00.5Z", 500000000);
	check_read("1970-01-01T00:00:00.000001Z", 1000);
	check_read("1970-01-01T00:00:00.123456789Z", 123456789);
	check_read("1969-12-31T23:59:59.25Z", -750000000);
	check_refused("1970-01-01T00:00:00.Z", ERR_SYNTAX);
	check_refused("1970-01-01T00:00:00.1234567890Z", ERR_SYNTAX);
}

Test(when, offsets_name_the_same_instant)
{
	check_read("1970-01-01T00:00:00+00:00", 0);
	check_read("1970-01-01T00:00:00-00:00", 0);
	check_read("1970-01-01T01:30:00+01:30", 0);
	check_read("1969-12-31T19:00:00-05:00", 0);
	check_read("1970-01-01t00:00:00z", 0);
	check_read("1970-01-01T23:59:00+23:59", 0);
	/* An offset may lead out of what fits, and back into it. */
	check_read("2262-04-12T00:47:16.854775807+01:00", INT64_MAX);
	check_refused("2262-04-11T23:47:16.854775807-00:01", ERR_RANGE);
}

Test(when, dates_and_times_that_do_not_exist_are_refused)
{
	static const char *const texts[] = {
		"2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
		"2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2016-12-31T23:59:60Z", "2026-01-01T00:00:00+24:00",
		"2026-01-01T00:00:00+00:60",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_refused(texts[i], ERR_RANGE);
}

Test(when, other_spellings_are_refused)
{
	static const char *const texts[] = {
		"", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z",
		"2026-01-01T00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00Zx",
		" 2026-01-01T00:00:00Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01",
		"2026-01-01T00:00:00 Z", "2026-01-01T00:00:00,5Z", "+2026-01-01T00:00:00Z",
		"20260101T000000Z", "2026-01-01T0a:00:00Z", "2026-01-01T00:00:00\xC2\xA0Z",
		"-026-01-01T00:00:00Z", "2026-01-01\02400:00:00Z", "2026-01-01T00:00:00\x0EZ",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_refused(texts[i], ERR_SYNTAX);
}

Test(when, every_prefix_of_an_instant_is_refused)
{
	const char *text = "2026-01-02T03:04:05.678901234+00:00";
	int64_t ns;

	for (size_t len = 0; len < strlen(text); len++)
		cr_assert_eq(when_read(str_slice(text, len), &ns), ERR_SYNTAX, "%zu bytes", len);
	cr_assert_eq(when_read(str_view(text), &ns), OK);
}

/* The naive calendar: one day after the other. */
struct naive {
	int year, month, day;
};

static int naive_month_days(const struct naive *n)
{
	switch (n->month) {
	case 2:
		if (n->year % 400 == 0)
			return 29;
		if (n->year % 100 == 0)
			return 28;
		return n->year % 4 == 0 ? 29 : 28;
	case 4: case 6: case 9: case 11:
		return 30;
	default:
		return 31;
	}
}

static void naive_tomorrow(struct naive *n)
{
	if (++n->day <= naive_month_days(n))
		return;
	n->day = 1;
	if (++n->month <= 12)
		return;
	n->month = 1;
	n->year++;
}

Test(when, every_day_agrees_with_a_calendar_that_counts_days)
{
	struct naive n = { 1678, 1, 1 };
	int64_t ns, expected;
	struct buf b;
	char text[64];

	buf_init(&b, 64);
	cr_assert_eq(when_read(STR("1678-01-01T00:00:00Z"), &expected), OK);
	for (; n.year < 2262; naive_tomorrow(&n), expected += 86400 * WHEN_SECOND_NS) {
		int second = (n.day * 7919 + n.year) % 86400;

		(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.000000007Z",
			       n.year, n.month, n.day, second / 3600, second / 60 % 60,
			       second % 60);
		cr_assert_eq(when_read(str_view(text), &ns), OK, "%s", text);
		cr_assert_eq(ns, expected + second * WHEN_SECOND_NS + 7, "%s", text);
		cr_assert(str_is(text_of(&b, ns), text), "%s", text);
	}
	cr_assert_eq(when_read(STR("2262-01-01T00:00:00Z"), &ns), OK);
	cr_assert_eq(ns, expected);
	cr_assert_eq(n.year, 2262);
	buf_fini(&b);
}

Test(when, any_instant_reads_back_as_it_was_written)
{
	uint64_t seed = UINT64_C(0x9E3779B97F4A7C15), x = seed;
	struct buf b;
	int64_t ns;

	buf_init(&b, 64);
	for (int i = 0; i < 200000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		cr_assert_eq(when_read(text_of(&b, (int64_t)x), &ns), OK, "seed %llx, %lld",
			     (unsigned long long)seed, (long long)x);
		cr_assert_eq(ns, (int64_t)x, "seed %llx", (unsigned long long)seed);
	}
	buf_fini(&b);
}

Test(when, a_buffer_without_room_or_memory_says_so)
{
	struct buf b;

	buf_init(&b, WHEN_TEXT_BYTES - 1);
	when_write(&b, 0);
	cr_assert_eq(b.err, ERR_LIMIT);
	cr_assert_eq(b.len, 0);
	buf_fini(&b);
	buf_init(&b, WHEN_TEXT_BYTES);
	fail_alloc_at(1);
	when_write(&b, 0);
	cr_assert(fail_alloc_was_hit());
	cr_assert_eq(b.err, ERR_MEMORY);
	buf_fini(&b);
}
