/* rule_span: a walk finds the spans that a scan finds, in their order. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/policy/inside.h"
#include "tests/kit/fail_alloc.h"

#define MOST 70

static uint32_t state = 5;

static uint32_t pick(uint32_t below)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % below;
}

static struct span some_span(void)
{
	double low = (double)pick(20), high = (double)pick(20);

	return (struct span){ pick(5) ? low : -INFINITY, pick(5) ? high : INFINITY };
}

Test(rule_span, finds_what_a_scan_finds)
{
	for (unsigned round = 0; round < 2000; round++) {
		struct span spans[MOST];
		uint32_t places[MOST], count = pick(MOST + 1);
		struct span_tree tree;
		struct arena a;

		arena_init(&a, 1 << 20);
		for (uint32_t i = 0; i < count; i++) {
			spans[i] = some_span();
			places[i] = i * 3;
		}
		cr_assert_eq(span_tree_build(spans, places, count, &a, &tree), OK);
		for (int x = -1; x < 21; x++) {
			struct value v = { .kind = VALUE_INT, .integer = x };
			struct span number = span_of_number(&v);
			struct span_walk w;

			span_walk_open(&tree, number, &w);
			for (uint32_t i = 0; i < count; i++) {
				if (spans[i].low > number.high || spans[i].high < number.low)
					continue;
				cr_assert(w.at == i && tree.places[i] == i * 3, "round %u", round);
				span_walk_on(&w);
			}
			cr_assert_eq(w.at, count);
		}
		arena_fini(&a);
	}
}

Test(rule_span, a_number_is_inside_its_span)
{
	static const int64_t integers[] = { 0,		1,	   -1,	      (1LL << 53) + 1,
					    INT64_MAX, INT64_MIN, 1LL << 62 };

	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		struct value v = { .kind = VALUE_INT, .integer = integers[i] };
		struct span s = span_of_number(&v);

		cr_expect((long double)s.low < (long double)integers[i] &&
			  (long double)integers[i] < (long double)s.high);
	}
}

Test(rule_span, no_memory_is_an_error)
{
	struct span spans[3] = { { 0, 1 }, { 1, 2 }, { 2, 3 } };
	uint32_t places[3] = { 0, 1, 2 };
	struct span_tree tree;
	struct arena a;

	arena_init(&a, 1 << 20);
	fail_alloc_at(1);
	cr_assert_eq(span_tree_build(spans, places, 3, &a, &tree), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	arena_fini(&a);
}
