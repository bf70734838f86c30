/* bucket: tokens come back exactly, whatever the rate, and time that runs back changes nothing. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"

#define SECOND INT64_C(1000000000)

static bool ask(struct bucket *b, const struct rate *r, int64_t at_ns)
{
	bucket_fill(b, r, at_ns);
	return bucket_take(b, r);
}

Test(bucket, a_burst_and_then_the_rate)
{
	const struct rate r = { .count = 5, .burst = 10, .period_ns = SECOND };
	struct bucket b = { .period_ns = 0 };

	for (int i = 0; i < 10; i++)
		cr_expect(ask(&b, &r, 0));
	cr_expect(!ask(&b, &r, 0));
	cr_expect_eq(bucket_ready(&b, &r), SECOND / 5);
	cr_expect(!ask(&b, &r, SECOND / 5 - 1));
	cr_expect(ask(&b, &r, SECOND / 5));
	cr_expect(!ask(&b, &r, SECOND / 5));
	for (int i = 0; i < 10; i++)
		cr_expect(ask(&b, &r, 1000 * SECOND), "never more than the burst");
	cr_expect(!ask(&b, &r, 1000 * SECOND));
}

/* A third of a second is no whole number of nanoseconds: over a day nothing is lost or won. */
Test(bucket, nothing_is_rounded)
{
	struct rate r = { .count = 3, .burst = 2, .period_ns = SECOND };
	struct bucket b = { .period_ns = 0 };
	unsigned taken = 0;

	(void)ask(&b, &r, 0);
	for (int64_t at = 1; at <= 1000 * SECOND; at += 9999991)
		taken += ask(&b, &r, at);
	cr_expect_eq(taken, 3000, "2,999 came back, one was left: %u", taken);
	r.burst = 1;
	b = (struct bucket){ .period_ns = 0 };
	(void)ask(&b, &r, 0);
	for (taken = 0; taken < 3000; taken++) {
		int64_t ready = bucket_ready(&b, &r);

		cr_assert(!ask(&b, &r, ready - 1));
		cr_assert(ask(&b, &r, ready));
		bucket_fill(&b, &r, ready);
	}
	cr_expect_geq(b.at_ns, 1000 * SECOND);
	cr_expect_lt(b.at_ns, 1000 * SECOND + 3000);
}

Test(bucket, time_that_runs_back_neither_fills_nor_drains)
{
	const struct rate r = { .count = 1, .burst = 2, .period_ns = SECOND };
	struct bucket b = { .period_ns = 0 };

	cr_expect(ask(&b, &r, 100 * SECOND));
	cr_expect(ask(&b, &r, 0));
	cr_expect(!ask(&b, &r, INT64_MIN));
	cr_expect(!ask(&b, &r, 100 * SECOND));
	cr_expect_eq(b.at_ns, 100 * SECOND);
	cr_expect(ask(&b, &r, 101 * SECOND));
}

Test(bucket, another_rate_keeps_whole_tokens)
{
	struct rate r = { .count = 10, .burst = 10, .period_ns = SECOND };
	struct bucket b = { .period_ns = 0 };

	for (int i = 0; i < 7; i++)
		cr_expect(ask(&b, &r, 0));
	r = (struct rate){ .count = 10, .burst = 100, .period_ns = 3600 * SECOND };
	for (int i = 0; i < 3; i++)
		cr_expect(ask(&b, &r, 0), "the three that were left");
	cr_expect(!ask(&b, &r, 0));
	r = (struct rate){ .count = 1, .burst = 1, .period_ns = SECOND };
	cr_expect(!ask(&b, &r, 0), "a change fills nothing");
	cr_expect(ask(&b, &r, SECOND));
	r.burst = 1;
	cr_expect(!ask(&b, &r, SECOND + 1));
}

Test(bucket, the_ends_of_time_and_of_range_are_no_trap)
{
	const struct rate most = { BUCKET_BURST_MAX, BUCKET_BURST_MAX, BUCKET_PERIOD_MAX_NS };
	const struct rate least = { 1, 1, BUCKET_PERIOD_MAX_NS };
	struct bucket b = { .period_ns = 0 };

	for (unsigned i = 0; i < BUCKET_BURST_MAX; i++)
		cr_assert(ask(&b, &most, INT64_MIN));
	cr_expect(!ask(&b, &most, INT64_MIN));
	cr_expect(ask(&b, &most, INT64_MAX));
	b = (struct bucket){ .period_ns = 0 };
	cr_expect(ask(&b, &least, INT64_MAX));
	cr_expect_eq(bucket_ready(&b, &least), INT64_MAX);
	cr_expect(!ask(&b, &least, INT64_MAX));
}

/* By the definition: the level grows by dt * count / period, up to the burst. */
Test(bucket, a_naive_bucket_says_the_same)
{
	for (unsigned seed = 1; seed < 2000; seed++) {
		const struct rate r = { 1 + seed % 7, 1 + seed % 5, 10 + seed % 13 };
		struct bucket b = { .period_ns = 0 };
		int64_t at = 0, last = 0, level = (int64_t)r.burst * r.period_ns;
		unsigned random = seed;

		for (int i = 0; i < 50; i++) {
			bool expected;

			random = random * 1103515245u + 12345u;
			at += (int64_t)(random >> 16) % 9 - 2;
			last = i == 0 ? at : last;
			if (at > last) {
				level += (at - last) * r.count;
				last = at;
			}
			if (level > (int64_t)r.burst * r.period_ns)
				level = (int64_t)r.burst * r.period_ns;
			expected = level >= r.period_ns;
			level -= expected ? r.period_ns : 0;
			cr_assert_eq(ask(&b, &r, at), expected, "seed %u step %d", seed, i);
		}
	}
}
