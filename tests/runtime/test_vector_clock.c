/* vector_clock: an order that is partial, and a merge that is its least upper bound. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"

/* Three slots of 0 .. 2: all 27 clocks against all. */
static struct vector_clock clock_of(unsigned n)
{
	return (struct vector_clock){ { n % 3, n / 3 % 3, n / 9 } };
}

Test(vector_clock, the_order_is_reflexive_antisymmetric_and_transitive)
{
	for (unsigned i = 0; i < 27 * 27 * 27; i++) {
		struct vector_clock a = clock_of(i % 27), b = clock_of(i / 27 % 27);
		struct vector_clock c = clock_of(i / 729);

		cr_assert(clock_within(&a, &a));
		if (clock_within(&a, &b) && clock_within(&b, &a))
			cr_assert(memcmp(&a, &b, sizeof(a)) == 0);
		if (clock_within(&a, &b) && clock_within(&b, &c))
			cr_assert(clock_within(&a, &c));
		cr_assert_eq(clock_concurrent(&a, &b),
			     !clock_within(&a, &b) && !clock_within(&b, &a));
	}
}

Test(vector_clock, a_merge_is_the_least_that_knows_both)
{
	for (unsigned i = 0; i < 27 * 27 * 27; i++) {
		struct vector_clock a = clock_of(i % 27), b = clock_of(i / 27 % 27);
		struct vector_clock c = clock_of(i / 729), m = a;

		clock_merge(&m, &b);
		cr_assert(clock_within(&a, &m) && clock_within(&b, &m));
		if (clock_within(&a, &c) && clock_within(&b, &c))
			cr_assert(clock_within(&m, &c));
		clock_merge(&m, &m);
		cr_assert(clock_within(&a, &m));
	}
}

Test(vector_clock, a_tick_is_known_to_nobody_else_and_never_wraps)
{
	struct vector_clock a = { { 1, 1 } }, b = a;

	cr_assert(clock_tick(&a, 0) && clock_tick(&b, 1));
	cr_assert(clock_concurrent(&a, &b));
	cr_assert(!clock_tick(&a, CLOCK_SLOTS));
	a.at[0] = UINT32_MAX;
	cr_assert(!clock_tick(&a, 0));
	cr_assert_eq(a.at[0], UINT32_MAX);
}
