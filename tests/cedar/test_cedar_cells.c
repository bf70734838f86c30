/* cedar_cells: what is one cell and what is not, and how conditions come apart. */
#include <criterion/criterion.h>

#include "engine/cedar/cells.h"
#include "tests/kit/cedar_scene.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_scene kit;
static struct cedar_cells cells;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_cells, .init = start, .fini = stop);

static void make(const char *policies)
{
	cedar_scene_policies(&kit, policies);
	cr_assert_eq(cedar_cells_make(kit.policies, &kit.memory, &cells), OK);
	cr_assert_eq(cells.covered, cedar_count(kit.policies));
}

#define ANY "permit(principal, action, resource)"

static uint32_t test_of(size_t policy, uint32_t number)
{
	cr_assert_lt(number, cells.tracks[policy].count, "policy %zu", policy);
	return cells.tests[cells.tracks[policy].first + number];
}

static bool are_one(const char *left, const char *right)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, ANY " when { %s }; " ANY " when { %s };", left, right);
	buf_add_byte(&b, '\0');
	make(b.ptr);
	buf_fini(&b);
	return test_of(0, 0) == test_of(1, 0);
}

Test(cedar_cells, the_same_expression_is_one_cell)
{
	cr_assert(are_one("context.a == 1", "context . a==1"));
	cr_assert(are_one("[1, \"b\"].contains(context.a)", "[1,\"b\"].contains(context[\"a\"])"));
	cr_assert(are_one("!(context has a.b)", "!(context has a.b)"));
}

Test(cedar_cells, what_differs_in_anything_is_two)
{
	static const char *const pairs[][2] = {
		{ "context.a", "context.b" },
		{ "context.a", "context has a" },
		{ "context.a == 1", "context.a == 2" },
		{ "context.a == 1", "context.a != 1" },
		{ "context.a == 1", "1 == context.a" },
		{ "context.a == true", "context.a == false" },
		{ "context.a == \"1\"", "context.a == 1" },
		{ "context.a == \"x\"", "context.a == \"y\"" },
		{ "context.a == U::\"x\"", "context.a == G::\"x\"" },
		{ "context.a == U::\"x\"", "context.a == U::\"y\"" },
		{ "principal == U::\"x\"", "resource == U::\"x\"" },
		{ "context has a.b", "context has b.a" },
		{ "context has ab", "context has a.b" },
		{ "context.a like \"a*\"", "context.a like \"*a\"" },
		{ "context.a like \"a*\"", "context.a like \"a\\*\"" },
		{ "principal is U", "principal is G" },
		{ "context.a.isIpv4()", "context.a.isIpv6()" },
		{ "{a: context.a}.a", "{b: context.a}.a" },
		{ "[context.a].contains(1)", "[context.a, 1].contains(1)" },
		{ "[1, 2].contains(context.a)", "[2, 1].contains(context.a)" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		cr_assert_not(are_one(pairs[i][0], pairs[i][1]), "%s", pairs[i][0]);
}

Test(cedar_cells, conditions_are_taken_apart_at_their_top)
{
	make(ANY ";" ANY " when { context.a && (context.b && context.c) && context.d };" ANY
	     " when { principal is U in G::\"x\" } unless { context.a && context.b };"
	     "permit(principal, action == Action::\"a\", resource) when { context.b || context.a "
	     "};");
	cr_assert_eq(cells.tracks[0].count, 0);
	cr_assert_eq(cells.tracks[1].count, 4);
	cr_assert_eq(cells.tracks[2].count, 3);
	cr_assert_eq(cells.tracks[3].count, 1);
	cr_assert_eq(cells.cells[test_of(2, 0)].op, EXPR_IS);
	cr_assert_eq(cells.cells[test_of(2, 1)].op, EXPR_IN);
	cr_assert_eq(cells.cells[test_of(2, 2)].op, EXPR_NOT);
	cr_assert(cells.tracks[0].open && cells.tracks[2].open);
	cr_assert_not(cells.tracks[3].open);
}

Test(cedar_cells, only_what_is_asked_twice_is_remembered)
{
	make(ANY " when { context.a == 1 && context.b == 2 };" ANY " when { context.a == 3 };" ANY
		 " when { context.b == 2 };");
	cr_assert_eq(cells.cells[test_of(0, 0)].memory, 0);
	cr_assert_neq(cells.cells[test_of(0, 1)].memory, 0);
	cr_assert_eq(test_of(0, 1), test_of(2, 0));
	/* context.a and the test of b: what stands below that is asked for once. */
	cr_assert_eq(cells.memories, 2);
}

Test(cedar_cells, links_have_the_tests_of_their_template)
{
	struct cedar_uid ann = { STR("User"), STR("ann") };

	cedar_scene_policies(&kit, "permit(principal == ?principal, action, resource) when { "
				   "context.a };");
	cr_assert_eq(cedar_link(kit.policies, STR("policy0"), STR("one"), &ann, NULL, &kit.memory,
				NULL),
		     OK);
	cr_assert_eq(cedar_link(kit.policies, STR("policy0"), STR("two"), &ann, NULL, &kit.memory,
				NULL),
		     OK);
	cr_assert_eq(cedar_cells_make(kit.policies, &kit.memory, &cells), OK);
	cr_assert_eq(cells.tracks[0].count, 1);
	cr_assert_eq(cells.tracks[0].first, cells.tracks[1].first);
	cr_assert_eq(cells.tracks[1].count, 1);
}

Test(cedar_cells, memory_that_ends_is_an_error)
{
	struct cedar_cells made = { .covered = 7 };
	struct arena a;
	enum err e;

	cedar_scene_policies(&kit, ANY " when { context.a == 1 && {a: 2} == {a: context.b} };" ANY
				       " unless { principal is U in G::\"x\" };");
	for (uint64_t n = 1;; n++) {
		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = cedar_cells_make(kit.policies, &a, &made);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "%llu", (unsigned long long)n);
		cr_assert_eq(made.covered, 7);
	}
	cr_assert_eq(e, OK);
	for (size_t cap = 0; made.covered; cap += 64) {
		made.covered = 7;
		arena_init(&a, cap);
		e = cedar_cells_make(kit.policies, &a, &made);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(made.covered, 7);
	}
}
