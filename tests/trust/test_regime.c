/* regime: a change is found, and none where there is none but once in a hundred windows. */
#include <criterion/criterion.h>

#include "engine/trust/trust.h"

static struct regime r;

static void setup(void)
{
	memset(&r, 0, sizeof(r));
}

TestSuite(regime, .init = setup);

static void act(const char *action, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		regime_count(&r, str_view(action));
}

static uint32_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

Test(regime, another_kind_of_work_is_a_change)
{
	act("read", 96);
	cr_expect_eq(r.changed, 0);
	act("exec", 31);
	cr_expect_eq(r.changed, 0, "the window is not over");
	act("exec", 1);
	cr_expect_eq(r.changed, 1);
}

Test(regime, a_finding_holds_for_one_window)
{
	act("read", 512);
	act("exec", 32);
	cr_expect_eq(r.changed, 1);
	act("read", 32);
	cr_expect_eq(r.changed, 0);
}

Test(regime, too_short_a_past_says_nothing)
{
	act("read", 32);
	act("exec", 32);
	cr_expect_eq(r.changed, 0);
}

/* 32 recent and 64 earlier, half and half before: the sum is 32 r^2 / ... by hand. */
Test(regime, the_edge_of_the_test_is_where_the_table_says)
{
	/* r = 24 of 32 against 32 of 64: 5.486 for one degree; r = 25: 6.967. Tabled: 6.635. */
	act("a", 32);
	act("b", 32);
	act("a", 24);
	act("b", 8);
	cr_expect_eq(r.changed, 0);
	setup();
	act("a", 32);
	act("b", 32);
	act("a", 25);
	act("b", 7);
	cr_expect_eq(r.changed, 1);
}

Test(regime, a_rare_newcomer_is_no_change)
{
	act("read", 96);
	act("read", 31);
	act("exec", 1);
	cr_expect_eq(r.changed, 0);
}

/* Under one regime about one window in a hundred is taken for a change. */
Test(regime, false_findings_are_about_as_rare_as_stated)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	unsigned windows = 0, found = 0;

	for (uint64_t run = 1; run <= 200; run++) {
		uint64_t seed = run;
		unsigned kinds = 2 + (unsigned)(run % 8);

		setup();
		for (unsigned i = 0; i < 32 * 52; i++) {
			/* The lower of two draws: the first kinds are more frequent. */
			uint32_t one = next(&seed) % kinds, other = next(&seed) % kinds;

			act(names[one < other ? one : other], 1);
			if (r.recent == 0 && i >= 32 * 3) {
				windows++;
				found += r.changed;
			}
		}
	}
	cr_expect_gt(found, 0);
	cr_expect_lt(found * 100, windows * 3 / 2, "%u of %u windows", found, windows);
}

Test(regime, counts_stay_bounded_whatever_the_names)
{
	char name[8];

	for (unsigned i = 0; i < 100000; i++) {
		unsigned sum = 0;

		name[0] = (char)(i % 251);
		name[1] = (char)(i / 251 % 251);
		regime_count(&r, str_slice(name, 2));
		for (unsigned k = 0; k < REGIME_KINDS; k++)
			sum += r.kinds[k].baseline;
		cr_assert_eq(sum, r.baseline);
		cr_assert_leq(r.baseline, 512);
		cr_assert_lt(r.recent, 32);
	}
	cr_expect_eq(r.kinds[REGIME_KINDS - 1].kind, 0);
}
