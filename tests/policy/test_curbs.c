/* curbs: they hold where their document's rules hold, and take what the arguments say. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit k;

static void setup(void)
{
	policy_kit_init(&k);
}

static void teardown(void)
{
	policy_kit_fini(&k);
}

TestSuite(curbs, .init = setup, .fini = teardown);

#define ONE "quotas: [{name: a, per: agent, rate: 1/day}]\n"
#define SPEND "budgets: [{name: s, per: agent, unit: money, amount: 100, of: args.a.b}]\n"

Test(curbs, hold_for_the_agents_of_their_document_and_of_those_that_extend_it)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD "agents: [x-*]\n" ONE,
					   POLICY_KIT_OTHER "agents: [y-*]\nextends: a.yaml\n");

	cr_assert_eq(bundle_quotas(b), 1);
	cr_expect_not_null(bundle_quota(b, 0, STR("x-1"), STR("t")));
	cr_expect_not_null(bundle_quota(b, 0, STR("y-1"), STR("t")), "its floor holds for it");
	cr_expect_null(bundle_quota(b, 0, STR("z-1"), STR("t")));
}

Test(curbs, of_all_documents_are_one_list)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD ONE SPEND, POLICY_KIT_OTHER ONE);

	cr_assert_eq(bundle_quotas(b), 3);
	cr_expect(str_is(bundle_quota(b, 0, STR("x"), STR("t"))->policy, "p"));
	cr_expect(str_is(bundle_quota(b, 2, STR("x"), STR("t"))->policy, "q"));
	cr_assert_eq(bundle_quotas(policy_kit_load(&k, POLICY_KIT_HEAD, NULL)), 0);
}

Test(curbs, take_exactly_what_the_argument_says)
{
	static const struct {
		const char *args;
		enum err e;
		int64_t cost;
	} cases[] = {
		{ "{\"a\":{\"b\":5}}", OK, 5 * MICROS },
		{ "{\"a\":{\"b\":0.1}}", OK, 100000 },
		{ "{\"a\":{\"b\":5.0}}", OK, 5 * MICROS },
		{ "{\"a\":{\"b\":\"12.50\"}}", OK, 12500000 },
		{ "{\"a\":{\"b\":1e2}}", OK, 100 * MICROS },
		{ "{\"a\":{\"b\":0}}", ERR_RANGE, 0 },
		{ "{\"a\":{\"b\":-1}}", ERR_RANGE, 0 },
		{ "{\"a\":{\"b\":0.0000001}}", ERR_TYPE, 0 },
		{ "{\"a\":{\"b\":0.1234567}}", ERR_RANGE, 0 },
		{ "{\"a\":{\"b\":1e300}}", ERR_TYPE, 0 },
		{ "{\"a\":{\"b\":99999999999999999999}}", ERR_RANGE, 0 },
		{ "{\"a\":{\"b\":true}}", ERR_TYPE, 0 },
		{ "{\"a\":{\"b\":\"five\"}}", ERR_TYPE, 0 },
		{ "{\"a\":{\"b\":null}}", ERR_TYPE, 0 },
		{ "{\"a\":{}}", ERR_NOT_FOUND, 0 },
		{ "{\"a\":5}", ERR_NOT_FOUND, 0 },
	};
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD SPEND, NULL);
	struct str path;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct value args;
		int64_t cost = 0;

		cr_assert_eq(json_read(str_view(cases[i].args), 1, &k.memory, &args, NULL), OK);
		cr_expect_eq(bundle_quota_cost(b, 0, &args, &k.memory, &cost, &path), cases[i].e,
			     "%s", cases[i].args);
		cr_expect_eq(cost, cases[i].cost, "%s", cases[i].args);
		cr_expect(str_is(path, "args.a.b"));
	}
	cr_expect_eq(bundle_quota_cost(b, 0, NULL, &k.memory, &(int64_t){ 0 }, &path),
		     ERR_NOT_FOUND);
}
