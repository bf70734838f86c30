/* cedar_track: cells come to what the expressions come to, and are computed once. */
#include <criterion/criterion.h>

#include "engine/cedar/cells.h"
#include "tests/cedar/cedar_random.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
	cedar_random_world(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_track, .init = start, .fini = stop);

#define ANY "permit(principal, action, resource)"

static struct cedar_cells cells;
static struct cedar_run run;

static void begin(void)
{
	cr_assert_eq(cedar_cells_make(kit.policies, &kit.memory, &cells), OK);
	cedar_run_init(&run, kit.entities, &kit.request, &kit.memory);
	cr_assert_eq(cedar_track_begin(&run, &cells), OK);
}

/* One condition with itself and with others of its kind, so that much is shared. */
Test(cedar_track, random_conditions_come_to_what_they_are_as_written)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (unsigned seed = 1; seed <= 600; seed++) {
		struct cedar_random r = { .state = seed };
		struct arena_mark mark = arena_mark(&kit.memory);

		buf_clear(&b);
		for (int i = 0; i < 8; i++) {
			buf_addf(&b, ANY " %s { ", i % 3 ? "when" : "unless");
			cedar_random_condition(&r, &b, 3);
			buf_add_c(&b, " };\n");
		}
		buf_add_byte(&b, '\0');
		cedar_scene_policies(&kit, b.ptr);
		cedar_random_request(&r, &kit);
		begin();
		for (size_t i = 0; i < 16; i++) {
			enum cedar_truth truth = cedar_track_follow(&run, i % 8), expected;

			cr_assert_eq(run.failure, OK);
			cr_assert_eq(cedar_evaluate(kit.policies, i % 8, kit.entities,
						    &kit.request, &kit.memory, &expected, NULL),
				     OK);
			cr_assert_eq(truth, expected, "seed %u, policy %zu:\n%s", seed, i % 8,
				     b.ptr);
		}
		arena_rewind(&kit.memory, mark);
	}
	buf_fini(&b);
}

Test(cedar_track, a_computed_value_lasts_as_long_as_the_decision)
{
	cedar_scene_context(&kit, "{'n':2,'m':5}");
	cedar_scene_policies(&kit, ANY " when { context.n + 1 == 3 };" ANY
				       " when { context.m * 2 == 10 && context.n + 1 == 3 };" ANY
				       " when { context.m * 2 == context.n + 1 };" ANY
				       " when { {a: context.n + 1}.a == 3 };");
	begin();
	cr_assert_eq(cedar_track_follow(&run, 0), CEDAR_YES);
	cr_assert_eq(cedar_track_follow(&run, 1), CEDAR_YES);
	cr_assert_eq(cedar_track_follow(&run, 2), CEDAR_NO);
	cr_assert_eq(cedar_track_follow(&run, 3), CEDAR_YES);
}

static uint32_t remembered(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < cells.memories; i++)
		count += run.outcomes[i] != NULL;
	return count;
}

Test(cedar_track, what_is_left_out_is_not_computed_and_an_error_is_an_outcome)
{
	cedar_scene_context(&kit, "{'n':2}");
	cedar_scene_policies(&kit, ANY " when { context.n == 1 && context.x };" ANY
				       " when { context.x };");
	begin();
	cr_assert_eq(cells.memories, 1);
	cr_assert_eq(cedar_track_follow(&run, 0), CEDAR_NO);
	cr_assert_eq(remembered(), 0);
	cr_assert_eq(cedar_track_follow(&run, 1), CEDAR_ERROR);
	cr_assert_eq(remembered(), 1);
	cr_assert_eq(cedar_track_follow(&run, 1), CEDAR_ERROR);
	cr_assert_null(run.error.ptr, "a track says nothing of an error");
}

Test(cedar_track, memory_that_ends_is_a_failure_and_no_truth)
{
	struct arena a;
	enum err e = ERR_MEMORY;

	cedar_scene_context(&kit, "{'n':2}");
	cedar_scene_policies(&kit, ANY " when { context.n + 1 == 3 && [context.n] == [2] };" ANY
				       " when { context.n + 1 < 4 };");
	cr_assert_eq(cedar_cells_make(kit.policies, &kit.memory, &cells), OK);
	for (size_t cap = 0; e != OK; cap += 16) {
		arena_init(&a, cap);
		cedar_run_init(&run, kit.entities, &kit.request, &a);
		e = cedar_track_begin(&run, &cells);
		if (e == OK) {
			enum cedar_truth truth = cedar_track_follow(&run, 0);

			e = run.failure;
			cr_assert_eq(truth, e == OK ? CEDAR_YES : CEDAR_ERROR);
		}
		cr_assert(e == OK || e == ERR_MEMORY);
		arena_fini(&a);
	}
}
