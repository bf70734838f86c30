/* spread: who met whom, and what an incident takes from whom. */
#include <criterion/criterion.h>

#include "engine/trust/trust.h"
#include "tests/kit/fail_alloc.h"

#define AGENTS 12

static struct state *s;
static struct trust_terms terms;

static void setup(void)
{
	const struct table_schema table = score_table();

	terms = trust_terms_default;
	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(spread, .init = setup, .fini = teardown);

/* Agents "a", "b" ... as rows 0, 1 ... */
static void add_agents(unsigned count)
{
	struct trust_row row;
	uint32_t at;

	for (unsigned i = 0; i < count; i++) {
		char name[2] = { (char)('a' + (int)(i % 26)), (char)('A' + (int)(i / 26)) };

		score_begin(&terms, str_slice(name, 2), 0, &row);
		cr_assert_eq(state_insert(s, 0, &row, &at), OK);
	}
}

static void meet(uint32_t a, uint32_t b, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		cr_assert_eq(spread_meet(s, 0, a, b), OK);
}

static uint32_t score(uint32_t row)
{
	struct trust_row r;

	memcpy(&r, state_row(s, 0, row), sizeof(r));
	return score_exact(&terms, &r, 0);
}

static void strike(uint32_t row, uint32_t severity)
{
	cr_assert_eq(spread_incident(&terms, s, 0, row, severity, 0), OK);
}

Test(spread, effects_shrink_with_distance)
{
	add_agents(4);
	meet(0, 1, 100);
	meet(1, 2, 100);
	meet(2, 3, 100);
	strike(0, 1000);
	cr_expect_eq(score(0), 400 * TRUST_POINT);
	cr_expect_eq(score(1), 470 * TRUST_POINT);
	cr_expect_eq(score(2), 485 * TRUST_POINT);
	cr_expect_eq(score(3), 500 * TRUST_POINT, "beyond the depth");
}

Test(spread, strangers_lose_less_than_familiars)
{
	add_agents(3);
	meet(0, 1, 50);
	meet(0, 2, 250);
	strike(0, 500);
	cr_expect_eq(score(1), 492500000);
	cr_expect_eq(score(2), 485 * TRUST_POINT);
}

Test(spread, each_loses_the_largest_effect_once)
{
	add_agents(3);
	meet(0, 1, 100);
	meet(1, 2, 100);
	meet(0, 2, 10);
	strike(0, 1000);
	cr_expect_eq(score(1), 470 * TRUST_POINT);
	cr_expect_eq(score(2), 485 * TRUST_POINT, "by way of b, not the 3 of its own meetings");
}

Test(spread, changed_rows_say_why)
{
	struct trust_row r;

	add_agents(2);
	meet(0, 1, 1);
	strike(0, 1000);
	memcpy(&r, state_row(s, 0, 0), sizeof(r));
	cr_expect_eq(r.signals, 1u << TRUST_INCIDENT);
	memcpy(&r, state_row(s, 0, 1), sizeof(r));
	cr_expect_eq(r.signals, 1u << TRUST_CONTAGION);
}

static uint32_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

/* The same meetings in another order, and agents under other numbers, end in the same scores. */
Test(spread, does_not_depend_on_the_order_of_meetings)
{
	for (uint64_t run = 1; run <= 60; run++) {
		uint32_t pairs[40][2], places[AGENTS], scores[AGENTS];
		uint64_t seed = run;
		uint32_t severity;

		for (unsigned i = 0; i < 40; i++) {
			pairs[i][0] = next(&seed) % AGENTS;
			pairs[i][1] = (pairs[i][0] + 1 + next(&seed) % (AGENTS - 1)) % AGENTS;
		}
		severity = next(&seed) % 1001;
		terms.depth = next(&seed) % (TRUST_DEPTH + 1);
		for (unsigned i = 0; i < AGENTS; i++)
			places[i] = i;
		for (unsigned round = 0; round < 2; round++) {
			state_reset(s);
			state_begin(s);
			add_agents(AGENTS);
			for (unsigned i = 0; i < 40; i++)
				meet(places[pairs[i][0]], places[pairs[i][1]], 9);
			strike(places[0], severity);
			for (unsigned i = 0; i < AGENTS; i++) {
				uint32_t now = score(places[i]);

				cr_assert_leq(now, 500 * TRUST_POINT, "nothing rises");
				cr_assert(round == 0 || now == scores[i], "seed %llu, agent %u",
					  (unsigned long long)run, i);
				scores[i] = now;
			}
			for (unsigned i = 0; i < 40; i++) {
				unsigned j = next(&seed) % 40;
				uint32_t kept[2] = { pairs[i][0], pairs[i][1] };

				memcpy(pairs[i], pairs[j], sizeof(kept));
				memcpy(pairs[j], kept, sizeof(kept));
			}
			for (unsigned i = 0; i < AGENTS; i++) {
				unsigned j = next(&seed) % AGENTS;
				uint32_t kept = places[i];

				places[i] = places[j];
				places[j] = kept;
			}
		}
	}
}

Test(spread, remembers_those_met_most)
{
	struct trust_row r;
	bool known = false;

	add_agents(TRUST_PEERS + 2);
	for (uint32_t i = 1; i <= TRUST_PEERS; i++)
		meet(0, i, i);
	meet(0, TRUST_PEERS + 1, 1);
	memcpy(&r, state_row(s, 0, 0), sizeof(r));
	for (unsigned i = 0; i < TRUST_PEERS; i++) {
		cr_expect_neq(r.peers[i].row, 1 + 1, "met once, and longest ago");
		known |= r.peers[i].row == TRUST_PEERS + 2;
	}
	cr_expect(known);
}

Test(spread, a_dense_crowd_stays_within_the_bounds)
{
	terms.depth = TRUST_DEPTH;
	terms.share = terms.hop = 100;
	add_agents(120);
	for (uint32_t i = 0; i < 120; i++)
		for (uint32_t j = 1; j <= 8; j++)
			meet(i, (i * 7 + j * 13 + 1) % 120 == i ? (i + 1) % 120
								: (i * 7 + j * 13 + 1) % 120, 3);
	strike(5, 1000);
	for (uint32_t i = 0; i < 120; i++)
		cr_expect_leq(score(i), 500 * TRUST_POINT);
}

Test(spread, survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		enum err e;

		state_reset(s);
		state_begin(s);
		add_agents(3);
		meet(0, 1, 1);
		fail_alloc_at(i);
		e = spread_meet(s, 0, 1, 2);
		if (e == OK)
			e = spread_incident(&terms, s, 0, 0, 1000, 0);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
