/* score: the formulas of docs/formats/trust.md, and what holds whatever the signals are. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "engine/trust/trust.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/page.h"

#define PAGE "docs/formats/trust.md"
#define HOUR INT64_C(3600000000000)
#define MINUTE (HOUR / 60)

static struct arena memory;
static struct trust_terms terms;
static struct trust_row row;

static void setup(void)
{
	arena_init(&memory, 8u << 20);
	terms = trust_terms_default;
	score_begin(&terms, STR("ann"), 0, &row);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(score, .init = setup, .fini = teardown);

static int64_t number(struct str cell)
{
	bool negative = str_starts(cell, STR("-"));
	uint64_t n;

	cr_assert_eq(str_to_u64(str_slice(cell.ptr + negative, cell.len - negative), &n), OK);
	return negative ? -(int64_t)n : (int64_t)n;
}

/* The same sequence for the same seed, which a failure prints. */
static uint32_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static enum trust_signal any_signal(uint64_t *seed)
{
	return (enum trust_signal)(next(seed) % TRUST_LATENCY);
}

Test(score, time_takes_what_the_page_says)
{
	struct page_row *rows;
	size_t count = page_rows(PAGE, "decay", &memory, &rows);

	for (size_t i = 0; i < count; i++) {
		const struct str *c = rows[i].cells;

		score_set(&terms, &row, (uint32_t)number(c[0]), 0);
		terms.decay_per_hour = (uint32_t)number(c[1]);
		terms.decay_floor = (uint32_t)number(c[2]);
		cr_expect_eq(score_now(&terms, &row, number(c[3]) * MINUTE), number(c[4]),
			     "row %zu gives %u", i, score_now(&terms, &row, number(c[3]) * MINUTE));
	}
}

Test(score, a_signal_moves_a_tenth_of_the_way)
{
	struct page_row *rows;
	size_t count = page_rows(PAGE, "moves", &memory, &rows);

	for (size_t i = 0; i < count; i++) {
		const struct str *c = rows[i].cells;
		int64_t says = number(c[1]);

		row.dimensions[TRUST_COMPLIANCE] = (uint32_t)number(c[0]);
		score_signal(&terms, &row,
			     says == 1000 ? TRUST_ALLOWED : says ? TRUST_APPROVAL : TRUST_VIOLATION,
			     0);
		cr_expect_eq(row.dimensions[TRUST_COMPLIANCE], number(c[2]), "row %zu gives %u", i,
			     row.dimensions[TRUST_COMPLIANCE]);
	}
}

Test(score, signals_say_what_the_page_says)
{
	struct page_row *rows;
	size_t count = page_rows(PAGE, "signals", &memory, &rows);
	unsigned found = 0;

	for (unsigned s = 0; s < TRUST_SIGNALS; s++)
		for (size_t i = 0; i < count; i++) {
			if (!str_is(rows[i].cells[0], trust_signal_name((enum trust_signal)s)))
				continue;
			found++;
			for (unsigned d = 0; d < TRUST_DIMENSIONS; d++) {
				struct str cell = rows[i].cells[1 + d];
				int64_t says = str_is(cell, "-") ? -1 : number(cell);

				cr_expect_eq(trust_signal_value((enum trust_signal)s,
								(enum trust_dimension)d), says,
					     "%s", trust_signal_name((enum trust_signal)s));
			}
		}
	cr_expect_eq(found, count);
	for (unsigned s = 0; s < TRUST_SIGNALS; s++) {
		bool speaks = false;

		for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
			speaks |= trust_signal_value((enum trust_signal)s,
						     (enum trust_dimension)d) >= 0;
		found -= speaks;
	}
	cr_expect_eq(found, 0, "a signal is missing on the page");
}

Test(score, dimensions_arrive_at_both_ends)
{
	for (unsigned i = 0; i < 400; i++)
		score_signal(&terms, &row, TRUST_ALLOWED, 0);
	cr_expect_eq(row.dimensions[TRUST_SECURITY], TRUST_TOP * TRUST_POINT);
	for (unsigned i = 0; i < 400; i++)
		score_signal(&terms, &row, TRUST_VIOLATION, 0);
	cr_expect_eq(row.dimensions[TRUST_SECURITY], 0);
}

/* However often one asks in between, and whatever time one asks of, nothing changes. */
Test(score, asking_changes_nothing)
{
	for (uint64_t run = 1; run <= 200; run++) {
		uint64_t seed = run;
		struct trust_row asked = row;
		int64_t now = 0;

		for (unsigned i = 0; i < 50; i++) {
			enum trust_signal s = any_signal(&seed);

			now += next(&seed) % (10 * 60) * MINUTE;
			for (unsigned p = 0; p < next(&seed) % 4; p++)
				(void)score_now(&terms, &asked, now - (int64_t)p * HOUR);
			score_signal(&terms, &row, s, now);
			score_signal(&terms, &asked, s, now);
			cr_assert_eq(memcmp(&row, &asked, sizeof(row)), 0, "seed %llu",
				     (unsigned long long)run);
		}
	}
}

/* Time charged by a signal that says nothing new is time charged once. */
Test(score, settling_on_the_way_costs_no_more_than_rounding)
{
	for (uint64_t run = 1; run <= 200; run++) {
		uint64_t seed = run;
		struct trust_row settled;
		int64_t end = (int64_t)(next(&seed) % 400) * HOUR;
		uint32_t once, often;

		for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
			row.dimensions[d] = next(&seed) % (TRUST_TOP * TRUST_POINT);
		settled = row;
		for (int64_t at = 0; at < end; at += end / 7 + 1)
			score_settle(&terms, &settled, at);
		once = score_exact(&terms, &row, end);
		often = score_exact(&terms, &settled, end);
		cr_assert(often >= once && often - once <= 16, "seed %llu: %u and %u",
			  (unsigned long long)run, once, often);
	}
}

Test(score, time_never_raises_and_never_runs_back)
{
	uint32_t last = score_exact(&terms, &row, 0);

	for (int64_t at = 0; at < 300 * HOUR; at += 7 * MINUTE) {
		uint32_t now = score_exact(&terms, &row, at);

		cr_assert_leq(now, last);
		last = now;
	}
	score_signal(&terms, &row, TRUST_APPROVAL, 100 * HOUR);
	score_signal(&terms, &row, TRUST_APPROVAL, -100 * HOUR);
	cr_expect_eq(row.at_ns, 100 * HOUR);
	cr_expect_eq(score_exact(&terms, &row, INT64_MIN), score_exact(&terms, &row, 100 * HOUR));
	row.at_ns = INT64_MIN;
	cr_expect_eq(score_now(&terms, &row, INT64_MAX), 100);
}

/* Of two agents with the same past, the one with the better signal is never worth less. */
Test(score, is_bounded_and_monotone_in_signals)
{
	static const struct {
		enum trust_signal worse, better;
	} pairs[] = {
		{ TRUST_VIOLATION, TRUST_APPROVAL }, { TRUST_VIOLATION, TRUST_WARNED },
		{ TRUST_WARNED, TRUST_ALLOWED }, { TRUST_FAILED, TRUST_COMPLETED },
		{ TRUST_CLASHED, TRUST_JOINED },
	};

	for (uint64_t run = 1; run <= 500; run++) {
		uint64_t seed = run;
		struct trust_row worse = row, better = row;
		int64_t now = 0;

		for (unsigned i = 0; i < 60; i++) {
			unsigned pair = next(&seed) % 5;
			bool differ = next(&seed) % 2;

			now += next(&seed) % 3000 * MINUTE;
			score_signal(&terms, &worse, pairs[pair].worse, now);
			score_signal(&terms, &better,
				     differ ? pairs[pair].better : pairs[pair].worse, now);
			cr_assert_leq(score_now(&terms, &worse, now),
				      score_now(&terms, &better, now), "seed %llu",
				      (unsigned long long)run);
			cr_assert_leq(score_now(&terms, &better, now), TRUST_TOP);
		}
	}
}

Test(score, no_score_is_above_the_ceiling)
{
	const struct trust_bound ceilings[] = { { STR("a*"), 600 }, { STR("ann"), 400 },
						{ STR("b"), 1 } };

	terms.ceilings = ceilings;
	terms.ceiling_count = 3;
	cr_expect_eq(score_ceiling(&terms, STR("ann")), 400);
	cr_expect_eq(score_ceiling(&terms, STR("amy")), 600);
	cr_expect_eq(score_ceiling(&terms, STR("cho")), 1000);
	cr_expect_eq(score_now(&terms, &row, 0), 400, "it began with 500");
	for (unsigned i = 0; i < 100; i++)
		score_signal(&terms, &row, TRUST_ALLOWED, 0);
	cr_expect_eq(score_now(&terms, &row, 0), 400);
	cr_expect_eq(score_now(&terms, &row, HOUR), 398, "time counts from the ceiling");
}

Test(score, minimum_is_the_highest_that_matches)
{
	const struct trust_bound minimum[] = { { STR("*"), 300 }, { STR("pay"), 700 } };

	terms.minimum = minimum;
	terms.minimum_count = 2;
	cr_expect_eq(score_needed(&terms, STR("pay")), 700);
	cr_expect_eq(score_needed(&terms, STR("get")), 300);
}

Test(score, lowering_takes_points_and_never_gives_any)
{
	row.dimensions[TRUST_QUALITY] = 0;
	score_lower(&terms, &row, TRUST_INCIDENT, 100 * TRUST_POINT, 0);
	cr_expect_eq(score_now(&terms, &row, 0), 320, "of the 20 percent there was nothing left");
	cr_expect_eq(row.dimensions[TRUST_QUALITY], 0);
	score_lower(&terms, &row, TRUST_INCIDENT, TRUST_TOP * TRUST_POINT, 0);
	cr_expect_eq(score_now(&terms, &row, 0), 0);
	score_lower(&terms, &row, TRUST_INCIDENT, 1, 0);
	cr_expect_eq(score_now(&terms, &row, 0), 0);
}

Test(score, tiers_begin_where_they_say)
{
	cr_expect(str_is(score_tier(&terms, 1000)->name, "verified_partner"));
	cr_expect(str_is(score_tier(&terms, 900)->name, "verified_partner"));
	cr_expect(str_is(score_tier(&terms, 899)->name, "trusted"));
	cr_expect(str_is(score_tier(&terms, 300)->name, "probationary"));
	cr_expect(str_is(score_tier(&terms, 299)->name, "untrusted"));
	cr_expect(str_is(score_tier(&terms, 0)->name, "untrusted"));
}

Test(score, latency_is_budget_over_what_it_took)
{
	cr_expect_eq(score_ratio(100, 0), 1000);
	cr_expect_eq(score_ratio(100, 100), 1000);
	cr_expect_eq(score_ratio(100, 400), 250);
	cr_expect_eq(score_ratio(0, 10), 0);
	cr_expect_eq(score_ratio(UINT32_MAX, UINT64_C(1) << 32), 999);
	cr_expect_eq(score_ratio(1000, UINT64_MAX), 0);
	score_measure(&terms, &row, TRUST_LATENCY, TRUST_RESOURCE, score_ratio(1000, 4000), 0);
	cr_expect_eq(row.dimensions[TRUST_RESOURCE], 475 * TRUST_POINT);
	cr_expect_eq(row.signals, 1u << TRUST_LATENCY);
}

Test(score, rows_are_found_by_their_whole_name)
{
	const struct table_schema table = score_table();
	struct trust_row found;
	struct state *s;
	uint32_t at;

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	cr_assert_eq(state_insert(s, 0, &row, &at), OK);
	cr_expect(score_find(s, 0, STR("ann"), &at, &found));
	cr_expect(str_is(score_agent(&found), "ann"));
	cr_expect_not(score_find(s, 0, STR("ann\0"), &at, &found));
	cr_expect_not(score_find(s, 0, STR(""), &at, &found));
	cr_expect_eq(score_of(&terms, s, 0, STR("bob"), HOUR), 500);
	cr_expect_eq(score_of(&terms, s, 0, STR("ann"), HOUR), 498);
	state_close(s);
}
