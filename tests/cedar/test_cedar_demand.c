/* cedar_demand: what policies are filed by, and what must be so for that to be right. */
#include <criterion/criterion.h>

#include "engine/cedar/cells.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_demand, .init = start, .fini = stop);

static const char *const subjects[CEDAR_SUBJECTS] = {
	[P_EQ] = "p==",   [P_IN] = "p in",        [P_IS] = "p is",        [A_EQ] = "a==",
	[A_IN] = "a in",  [R_EQ] = "r==",         [R_IN] = "r in",        [R_IS] = "r is",
	[PATH_IS] = "is", [PATH_HOLDS] = "holds", [PATH_STARTS] = "starts", [TEST_HOLDS] = "test",
};

static void write_way(struct buf *b, const struct cedar_way *way)
{
	buf_addf(b, "%s%s", b->len ? "; " : "", subjects[way->subject]);
	for (size_t i = 0; i < way->count; i++)
		if (way->subject == P_IS || way->subject == R_IS)
			buf_addf(b, " %.*s", STR_ARG(way->values[i].type));
		else if (way->values[i].type.ptr && str_is(way->values[i].type, "1"))
			buf_addf(b, " %d", way->values[i].id.ptr[0]);
		else
			buf_addf(b, " %.*s", STR_ARG(way->values[i].id));
	if (way->need_count)
		buf_addf(b, " /%u", way->need_count);
}

static void check_policy(const char *policy, const char *expected)
{
	struct cedar_way ways[DEMAND_WAYS];
	struct cedar_cells cells;
	size_t count;
	struct buf b;

	cedar_scene_policies(&kit, policy);
	cr_assert_eq(cedar_cells_make(kit.policies, &kit.memory, &cells), OK);
	cr_assert_eq(cedar_demand_find(kit.policies, &cells, 0, &kit.memory, ways, &count), OK);
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < count; i++)
		write_way(&b, &ways[i]);
	cr_assert(str_is(buf_view(&b), expected), "%s: %.*s", policy, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

static void check(const char *condition, const char *expected)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_addf(&b, "permit(principal, action, resource) when { %s };", condition);
	buf_add_byte(&b, '\0');
	check_policy(b.ptr, expected);
	buf_fini(&b);
}

Test(cedar_demand, scopes_come_first)
{
	check_policy("permit(principal, action, resource);", "");
	check_policy("permit(principal == U::\"a\", action, resource is R in F::\"f\");",
		     "p== a; r in f");
	check_policy("permit(principal is U, action in [Action::\"x\", Action::\"y\"], "
		     "resource) when { context.t == \"t\" };",
		     "p is U; a in x y; is t");
	check_policy("permit(principal, action in [], resource);", "a in");
}

Test(cedar_demand, conditions_that_compare_with_what_is_known)
{
	check("context.a == \"x\"", "is x");
	check("\"x\" == context.a.b", "is x");
	check("context.a == 7", "is 7");
	check("context.a == true", "is t");
	check("context.a == U::\"u\"", "is u");
	check("context.a == context.b", "");
	check("context.a == [1]", "");
	check("context.a != \"x\"", "");
	check("!(context.a == \"x\")", "");
	check("principal == U::\"u\"", "p== u");
	check("principal == \"u\"", "");
	check("action == Action::\"x\"", "a== x");
	check("R::\"r\" == resource", "r== r");
	check("principal in G::\"g\"", "p in g");
	check("resource in [G::\"g\", G::\"h\"]", "r in g h");
	check("resource in [G::\"g\", 1]", "");
	check("principal in []", "");
	check("context.a in G::\"g\"", "");
	check("principal is U", "p is U");
	check("principal is U in G::\"g\"", "p is U; p in g");
	check("action is U", "");
	check("context.a like \"ab*\"", "starts ab");
	check("context.a like \"*b\"", "");
	check("[\"x\", \"y\"].contains(context.a)", "is x y");
	check("[\"x\", [1]].contains(context.a)", "");
	check("[Action::\"x\", Action::\"y\"].contains(action)", "a== x y");
	check("context.l.contains(\"x\")", "holds x");
	check("context.a == \"x\" || context.a == \"y\" || [\"z\"].contains(context.a)",
	      "is x y z");
	check("context.a == \"x\" || context.b == \"y\"", "");
	check("context.a == \"x\" || context.a like \"y*\"", "");
}

Test(cedar_demand, tests_before_name_what_they_need)
{
	check("context.n < 5 && context.a == \"x\"", "is x /1");
	check("context.n < 5 && context.n > 1 && context.m && context.a == \"x\"", "is x /2");
	check("context has a && context.a == \"x\" && context.b == \"y\"", "is x; is y /1");
	check("principal is U && context.a == \"x\"", "p is U; is x");
	check("(context.b || !context.c) && principal == U::\"u\"", "p== u /2");
	check("context.s like \"*x\" && resource is R", "r is R /1");
	check("context.l.containsAny([1]) && resource is R", "r is R /1");
	check("context.a == 1 && context.b == 1 && context.c == 1 && context.d == 1 && "
	      "context.e == 1 && context.f == 1 && context.g == 1 && context.h == 1 && "
	      "context.i == 1",
	      "is 1; is 1 /1; is 1 /2; is 1 /3; is 1 /4; is 1 /5; is 1 /6; is 1 /7");
}

Test(cedar_demand, what_may_err_for_other_reasons_ends_the_walk)
{
	check("context.n + 1 < 5 && context.a == \"x\"", "");
	check("ip(context.i).isIpv4() && context.a == \"x\"", "");
	check("principal.getTag(\"t\") == 1 && context.a == \"x\"", "");
	check("context has a.b && context.a == \"x\"", "");
	check("\"x\" < \"y\" && context.a == \"x\"", "");
	check("1 && context.a == \"x\"", "");
	check("context.x in [1, G::\"g\"] && context.a == \"x\"", "");
	check("principal.hasTag(\"t\") && context.a == \"x\"", "is x");
}

Test(cedar_demand, a_test_of_many_policies_is_a_way)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	for (int i = 0; i < 7; i++)
		buf_add_c(&b, "permit(principal, action, resource) when { context.n > 5 };");
	buf_add_byte(&b, '\0');
	check_policy(b.ptr, "");
	b.len--;
	buf_add_c(&b, "permit(principal, action, resource) when { context.n > 5 };");
	buf_add_byte(&b, '\0');
	check_policy(b.ptr, "test t");
	buf_fini(&b);
}
