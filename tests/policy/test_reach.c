/* reach: rules that are kept apart never match one request; what is not apart is not claimed. */
#include <criterion/criterion.h>

#include "engine/policy/reach.h"
#include "tests/kit/policy_kit.h"

#define POLICY                                                                                   \
	POLICY_KIT_HEAD                                                                          \
	"agents: ['bot-*', ann]\nrules:\n"                                                       \
	"- {name: a, action: allow, tools: [pay]}\n"                                             \
	"- {name: b, action: allow, tools: ['pay*']}\n"                                          \
	"- {name: c, action: allow, tools: [look], condition: args.n < 5}\n"                     \
	"- {name: d, action: allow, condition: \"action.type in ['look', 'find'] and "           \
	"agent.id == 'bot-7'\"}\n"                                                               \
	"- {name: e, action: deny}\n"                                                            \
	"- {name: f, action: deny, condition: not (action.type == 'pay')}\n"

static struct policy_kit kit;
static const struct reach *reaches;

static void start(void)
{
	struct bundle *b;

	policy_kit_init(&kit);
	b = policy_kit_load(&kit, POLICY,
			    POLICY_KIT_OTHER "agents: [eve]\nrules: [{name: g, action: deny}]\n");
	cr_assert_eq(reach_find(bundle_plan(b), &bundle_plan(b)->queues[POLICY_PRE_TOOL],
				&kit.memory, &reaches),
		     OK);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(reach, .init = start, .fini = stop);

Test(reach, tools_and_agents_keep_rules_apart)
{
	static const char *const rows[] = {
		/* by first rule, whom it is apart from: */
		"..11..1", "..11..1", "11....1", "11....1", "......1", "......1", "111111.",
	};

	for (size_t i = 0; i < 7; i++)
		for (size_t k = 0; k < 7; k++)
			cr_expect_eq(reach_apart(&reaches[i], &reaches[k]), rows[i][k] == '1',
				     "%zu %zu", i, k);
}

Test(reach, of_one_request)
{
	cr_expect(reach_has(&reaches[0], STR("bot-1"), STR("pay")));
	cr_expect_not(reach_has(&reaches[0], STR("bot-1"), STR("payroll")));
	cr_expect(reach_has(&reaches[1], STR("ann"), STR("payroll")));
	cr_expect_not(reach_has(&reaches[1], STR("eve"), STR("payroll")));
	cr_expect(reach_has(&reaches[6], STR("eve"), STR("anything")));
	cr_expect_not(reach_has(&reaches[3], STR("bot-8"), STR("look")));
	cr_expect(reach_has(&reaches[5], STR("bot-8"), STR("pay")));
}
