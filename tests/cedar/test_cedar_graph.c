/* cedar_graph: reachability, beside a naive closure. */
#include <criterion/criterion.h>

#include "tests/cedar/judged.h"
#include "tests/kit/fail_alloc.h"

#define NODES 12

static void close_naively(bool reach[NODES][NODES])
{
	for (int k = 0; k < NODES; k++)
		for (int i = 0; i < NODES; i++)
			for (int j = 0; j < NODES; j++)
				reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
}

Test(cedar_graph, agrees_with_a_naive_closure)
{
	uint32_t seed = 1;

	for (int round = 0; round < 500; round++) {
		bool reach[NODES][NODES] = { { false } };
		uint32_t first[NODES + 1] = { 0 }, targets[NODES * 3];
		struct cedar_graph g = { NODES, first, targets };
		struct cedar_reach ret[NODES];
		uint32_t edges = 0;

		for (uint32_t i = 0; i < NODES; i++) {
			for (int k = 0; k < 3; k++) {
				seed = seed * 1664525 + 1013904223;
				if ((seed >> 16) % 3 > (uint32_t)round % 3)
					continue;
				targets[edges] = (seed >> 20) % NODES;
				reach[i][targets[edges++]] = true;
			}
			first[i + 1] = edges;
		}
		close_naively(reach);
		cr_assert_eq(cedar_graph_close(&g, judged_memory(), ret), OK);
		for (uint32_t i = 0; i < NODES; i++) {
			size_t at = 0;

			for (uint32_t j = 0; j < NODES; j++)
				if (reach[i][j])
					cr_assert_eq(ret[i].nodes[at++], j, "round %d", round);
			cr_assert_eq(ret[i].count, at, "round %d", round);
		}
	}
}

/* Everything in everything: more edges to walk than any schema has. */
Test(cedar_graph, too_much_work_is_a_limit)
{
	enum { MANY = 800 };
	uint32_t *first = arena_array(judged_memory(), MANY + 1, sizeof(*first));
	uint32_t *targets = arena_array(judged_memory(), MANY * MANY, sizeof(*targets));
	struct cedar_reach *ret = arena_array(judged_memory(), MANY, sizeof(*ret));
	struct cedar_graph g = { MANY, first, targets };

	for (uint32_t i = 0; i < MANY; i++) {
		for (uint32_t k = 0; k < MANY; k++)
			targets[i * MANY + k] = k;
		first[i + 1] = (i + 1) * MANY;
	}
	cr_assert_eq(cedar_graph_close(&g, judged_memory(), ret), ERR_LIMIT);
}

Test(cedar_graph, no_memory_is_an_error)
{
	uint32_t first[] = { 0, 1, 1 }, targets[] = { 1 };
	struct cedar_graph g = { 2, first, targets };
	struct cedar_reach ret[2];
	struct arena a;

	arena_init(&a, 1 << 20);
	fail_alloc_at(1);
	cr_expect_eq(cedar_graph_close(&g, &a, ret), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	arena_fini(&a);
}
