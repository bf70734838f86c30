/* reach_rules: what which ring may reach, and by what it is named. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit k;
static const struct bundle *b;

static void setup(void)
{
	policy_kit_init(&k);
	b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD "rings:\n  reach:\n"
				"    - {ring: 2, resources: [data/*, public/*]}\n"
				"    - {ring: 3, tools: [fetch], of: args.to.url,\n"
				"       resources: [h/*]}\n",
		NULL);
}

static void teardown(void)
{
	policy_kit_fini(&k);
}

TestSuite(reach_rules, .init = setup, .fini = teardown);

Test(reach_rules, bound_their_ring_and_those_of_less_privilege)
{
	cr_assert_eq(bundle_reaches(b), 2);
	cr_expect(!bundle_reach_holds(b, 0, 1, STR("pay")));
	cr_expect(bundle_reach_holds(b, 0, 2, STR("pay")));
	cr_expect(bundle_reach_holds(b, 0, 3, STR("pay")));
	cr_expect(!bundle_reach_holds(b, 1, 2, STR("fetch")));
	cr_expect(bundle_reach_holds(b, 1, 3, STR("fetch")));
	cr_expect(!bundle_reach_holds(b, 1, 3, STR("pay")));
}

static struct reach_terms reach(size_t number, const char *args, struct str resource)
{
	struct value tree;
	struct reach_terms ret;

	cr_assert_eq(json_read(str_view(args), 1, &k.memory, &tree, NULL), OK);
	cr_assert_eq(bundle_reach(b, number, &tree, resource, &k.memory, &ret), OK);
	return ret;
}

Test(reach_rules, ask_the_resource)
{
	cr_expect(reach(0, "{}", STR("data/x")).may);
	cr_expect(reach(0, "{}", STR("public/")).may);
	cr_expect(!reach(0, "{}", STR("prod/x")).may);
	cr_expect(!reach(0, "{}", STR_NONE).may, "nobody can tell what that reaches");
	cr_expect(str_is(reach(0, "{}", STR_NONE).of, "resource"));
}

Test(reach_rules, ask_the_argument_that_is_named)
{
	cr_expect(reach(1, "{\"to\":{\"url\":\"h/x\"}}", STR("other")).may);
	cr_expect(!reach(1, "{\"to\":{\"url\":\"g/x\"}}", STR("h/x")).may);
	cr_expect(!reach(1, "{\"to\":{\"url\":5}}", STR("h/x")).may);
	cr_expect(!reach(1, "{\"to\":{}}", STR("h/x")).may);
	cr_expect(str_is(reach(1, "{}", STR_NONE).of, "args.to.url"));
}

Test(reach_rules, are_none_where_nothing_is_said)
{
	cr_expect_eq(bundle_reaches(policy_kit_load(&k, POLICY_KIT_HEAD "rings: {}\n", NULL)), 0);
}
