/* ring: what tools need, and elevations that end. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

static struct state *s;
static struct note why;
static const struct public_key ops = { { 1 } }, other = { { 2 } };

static void setup(void)
{
	const struct table_schema table = elevation_table();

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(ring, .init = setup, .fini = teardown);

Test(ring, a_tool_needs_a_ring_by_what_it_does)
{
	for (int r = 0; r < REVERSIBILITIES; r++)
		for (int ro = 0; ro < 2; ro++) {
			enum reversibility how = (enum reversibility)r;

			cr_expect_eq(ring_required(how, ro, true), 0);
			cr_expect_eq(ring_required(how, ro, false),
				     ro ? 3u : r == REVERSIBLE_NOT ? 1u : 2u);
		}
}

static bool lifted(const struct public_key *sponsor, int64_t at_ns)
{
	struct elevation_row row;

	return elevation_find(s, 0, STR("ann"), sponsor, at_ns, &row);
}

static enum err begin(unsigned ring, int64_t at_ns, int64_t until_ns)
{
	return elevation_begin(s, 0, STR("ann"), ring, &ops, at_ns, until_ns, &why);
}

Test(ring, an_elevation_is_by_its_sponsor_and_ends)
{
	cr_assert_eq(begin(1, 5, 10), OK);
	cr_expect(lifted(&ops, 5) && lifted(&ops, 9));
	cr_expect(!lifted(&ops, 10) && !lifted(&other, 6));
	cr_expect_eq(begin(2, 6, 20), ERR_EXISTS);
	cr_expect_str_eq(why.text, "agent 'ann' is lifted to ring 1 already");
	cr_expect_eq(begin(2, 10, 20), OK);
	cr_expect_eq(elevation_end(s, 0, STR("ann"), 11, &why), OK);
	cr_expect(!lifted(&ops, 11));
	cr_expect_eq(elevation_end(s, 0, STR("ann"), 11, &why), ERR_NOT_FOUND);
	cr_expect_eq(elevation_end(s, 0, STR("bob"), 11, &why), ERR_NOT_FOUND);
	cr_expect_eq(state_rows(s, 0), 1);
}

Test(ring, nobody_is_lifted_to_ring_0_nor_for_longer_than_an_hour)
{
	cr_expect_eq(begin(0, 5, 10), ERR_RANGE);
	cr_expect(strstr(why.text, "does not pass the gate"));
	cr_expect_eq(begin(3, 5, 10), ERR_RANGE);
	cr_expect_eq(begin(1, 5, 5), ERR_RANGE);
	cr_expect_eq(begin(1, 5, 6 + LIMIT_ELEVATION_NS), ERR_RANGE);
	cr_expect_eq(begin(1, INT64_MIN, INT64_MAX), ERR_RANGE);
	cr_expect_eq(begin(1, 5, 5 + LIMIT_ELEVATION_NS), OK);
	cr_expect_eq(elevation_begin(s, 0, STR(""), 1, &ops, 5, 10, &why), ERR_RANGE);
	cr_expect_eq(elevation_begin(s, 0, STR("a\0"), 1, &ops, 5, 10, &why), ERR_RANGE);
}

Test(ring, what_a_sponsor_signs_has_one_text)
{
	struct buf b;

	buf_init(&b, 256);
	elevation_text(&b, STR("example.org/log"), STR("a\"b"), 1, 0);
	cr_expect(str_is(buf_view(&b), "trammel/elevation/v2\n{\"agent\":\"a\\\"b\","
				       "\"log\":\"example.org/log\",\"ring\":1,"
				       "\"until\":\"1970-01-01T00:00:00.000000000Z\"}"));
	buf_fini(&b);
}

Test(ring, lifting_survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(i);
		e = begin(1, 5, 10);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(state_rows(s, 0), 0);
	}
}
