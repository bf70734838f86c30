/* quota_rules: quotas and budgets are read strictly, with the place of what is wrong. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

static struct arena memory;

static void setup(void)
{
	arena_init(&memory, 64u << 20);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(quota_rules, .init = setup, .fini = teardown);

static enum err load(const char *keys, struct bundle **ret, struct note *n)
{
	char text[2048];
	struct policy_file file = { .name = STR("p.yaml") };

	(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", keys);
	file.content = str_view(text);
	*n = (struct note){ .column = 0 };
	return bundle_load(&file, 1, &memory, ret, n);
}

static struct bundle *loaded(const char *keys)
{
	struct bundle *b = NULL;
	struct note n;

	cr_assert_eq(load(keys, &b, &n), OK, "%u:%u %s", n.line, n.column, n.text);
	return b;
}

Test(quota_rules, say_everything_a_quota_is)
{
	struct bundle *b = loaded("quotas:\n"
				  "  - {name: a, tools: [get_*], per: agent, rate: 20/second,\n"
				  "     burst: 40}\n"
				  "  - {name: b, agents: [x-*], per: session, rate: 7/hour}\n"
				  "budgets:\n"
				  "  - {name: c, per: tool, unit: money, amount: 12.5,\n"
				  "     of: args.amount, window: day}\n"
				  "  - {name: d, per: agent, unit: calls, amount: 3}\n");
	const struct quota *q;

	cr_assert_eq(bundle_quotas(b), 4);
	q = bundle_quota(b, 0, STR("ann"), STR("get_it"));
	cr_assert_not_null(q);
	cr_expect(str_is(q->policy, "p") && str_is(q->name, "a") && q->kind == QUOTA_RATE);
	cr_expect(q->rate.count == 20 && q->rate.burst == 40 && q->rate.period_ns == 1000000000);
	cr_expect_null(bundle_quota(b, 0, STR("ann"), STR("put_it")));
	q = bundle_quota(b, 1, STR("x-1"), STR("put_it"));
	cr_assert_not_null(q);
	cr_expect(q->per == QUOTA_SESSION && q->rate.count == 7 && q->rate.burst == 7);
	cr_expect_null(bundle_quota(b, 1, STR("ann"), STR("put_it")));
	q = bundle_quota(b, 2, STR("ann"), STR("t"));
	cr_expect(q->kind == QUOTA_BUDGET && q->per == QUOTA_TOOL && q->daily);
	cr_expect(q->unit == QUOTA_MONEY && q->amount == 12500000);
	q = bundle_quota(b, 3, STR("ann"), STR("t"));
	cr_expect(q->unit == QUOTA_CALLS && !q->daily && q->amount == 3 * MICROS);
}

Test(quota_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
	} cases[] = {
		{ "quotas: 5\n", "'quotas' is integer here; expected a list of quotas" },
		{ "quotas: [5]\n", "'quotas' is integer here" },
		{ "quotas: [{per: agent, rate: 1/day}]\n", "this quota has no name" },
		{ "quotas: [{name: a, rate: 1/day}]\n", "does not say whose it is" },
		{ "quotas: [{name: a, per: agents, rate: 1/day}]\n", "did you mean 'agent'?" },
		{ "quotas: [{name: a, per: agent, ring: 0, rate: 1/day}]\n", "expected 1 to 3" },
		{ "quotas: [{name: a, per: agent}]\n", "this quota has no 'rate'" },
		{ "quotas: [{name: a, per: agent, rate: 0/day}]\n", "is no rate" },
		{ "quotas: [{name: a, per: agent, rate: 1/week}]\n", "is no rate" },
		{ "quotas: [{name: a, per: agent, rate: 100001/day}]\n", "is no rate" },
		{ "quotas: [{name: a, per: agent, rate: 1/day, burst: 0}]\n", "1 to 100000" },
		{ "quotas: [{name: a, per: agent, rate: 1/day, brust: 2}]\n", "'burst'?" },
		{ "quotas: [{name: a, per: agent, rate: 1/day, tools: []}]\n", "hold for nothing" },
		{ "quotas: [{name: a, per: agent, rate: 1/day, tools: ['[a]']}]\n",
		  "the pattern" },
		{ "quotas: [{name: a, per: agent, rate: 1/day}]\n"
		  "budgets: [{name: a, per: agent, unit: calls, amount: 1}]\n", "given twice" },
		{ "budgets: [{name: a, per: agent, amount: 1}]\n", "has no 'unit'" },
		{ "budgets: [{name: a, per: agent, unit: calls}]\n", "has no 'amount'" },
		{ "budgets: [{name: a, per: agent, unit: calls, amount: 0}]\n", "above zero" },
		{ "budgets: [{name: a, per: agent, unit: calls, amount: 1e30}]\n", "above zero" },
		{ "budgets: [{name: a, per: agent, unit: calls, amount: 0.0000001}]\n", "six" },
		{ "budgets: [{name: a, per: agent, unit: money, amount: 1}]\n",
		  "what an action takes" },
		{ "budgets: [{name: a, per: agent, unit: calls, amount: 1, of: args.n}]\n",
		  "each takes one" },
		{ "budgets: [{name: a, per: agent, unit: money, amount: 1, of: agent.id}]\n",
		  "is no argument" },
		{ "budgets: [{name: a, per: agent, unit: money, amount: 1, of: args}]\n",
		  "is no argument" },
		{ "budgets: [{name: a, per: agent, unit: money, amount: 1, of: 'args.'}]\n",
		  "expected a name after the '.'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bundle *b;
		struct note n;

		cr_assert_neq(load(cases[i].keys, &b, &n), OK, "%s", cases[i].keys);
		cr_expect(strstr(n.text, cases[i].text), "%s: %s", cases[i].keys, n.text);
		cr_expect(n.line >= 3 && n.column > 0, "%s: %u:%u", cases[i].keys, n.line,
			  n.column);
	}
}
