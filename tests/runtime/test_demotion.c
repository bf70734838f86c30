/* demotion: two thresholds, and what happens between them depends on where one came from. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

static const struct demotion_rules rules = {
	{ [2] = { .below = 700, .until = 750 }, [3] = { .below = 500, .until = 600 } }
};

Test(demotion, between_its_thresholds_a_latch_stays_as_it_was)
{
	static const struct {
		uint32_t score;
		unsigned ring;
	} walk[] = {
		{ 1000, 1 }, { 700, 1 }, { 699, 2 }, { 749, 2 }, { 750, 1 }, { 700, 1 }, { 499, 3 },
		{ 500, 3 }, { 599, 3 }, { 600, 2 }, { 749, 2 }, { 751, 1 }, { 0, 3 }, { 1000, 1 },
	};
	uint8_t latches = 0;

	for (size_t i = 0; i < sizeof(walk) / sizeof(walk[0]); i++) {
		latches = demotion_next(&rules, latches, walk[i].score);
		cr_assert_eq(demotion_ring(latches), walk[i].ring, "step %zu", i);
	}
}

/* Below is demoted, from until on it is not, and asking twice changes nothing. */
Test(demotion, every_score_from_every_set_of_latches)
{
	for (unsigned latches = 0; latches < 256; latches++)
		for (uint32_t score = 0; score <= 1000; score++) {
			uint8_t next = demotion_next(&rules, (uint8_t)latches, score);

			cr_assert(score >= 500 || next >> 3 & 1);
			cr_assert(score < 600 || !(next >> 3 & 1));
			cr_assert(score >= 700 || next >> 2 & 1);
			cr_assert(score < 750 || next == 0);
			cr_assert_eq(demotion_next(&rules, next, score), next);
		}
}

Test(demotion, without_rules_nobody_is_demoted)
{
	const struct demotion_rules none = { .ring = { { 0, 0 } } };

	cr_assert_eq(demotion_next(&none, 0xff, 0), 0);
	cr_assert_eq(demotion_ring(0), RING_MOST);
}

Test(demotion, latches_are_kept_by_agent)
{
	const struct table_schema table = demotion_table();
	struct state *s;

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	cr_assert_eq(demotion_keep(s, 0, STR("ann"), 0, 1), OK);
	cr_assert_eq(demotion_latches(s, 0, STR("ann")), 0);
	cr_assert_eq(demotion_keep(s, 0, STR("ann"), 8, 2), OK);
	cr_assert_eq(demotion_keep(s, 0, STR("ann"), 12, 3), OK);
	cr_assert_eq(demotion_latches(s, 0, STR("ann")), 12);
	cr_assert_eq(demotion_latches(s, 0, STR("bob")), 0);
	cr_assert_eq(demotion_keep(s, 0, STR(""), 4, 3), ERR_RANGE);
	cr_assert_eq(demotion_latches(s, 0, STR("")), 0);
	cr_assert_eq(state_rows(s, 0), 1);
	state_close(s);
}

Test(demotion, survives_every_failing_allocation)
{
	const struct table_schema table = demotion_table();

	for (uint64_t n = 1;; n++) {
		struct state *s;
		enum err e;

		cr_assert_eq(state_open(&table, 1, &s), OK);
		state_begin(s);
		fail_alloc_at(n);
		e = demotion_keep(s, 0, STR("ann"), 8, 2);
		state_close(s);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
