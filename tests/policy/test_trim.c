/* trim: the first rules are kept, and every rule has a request that it matches. */
#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

#define POLICY                                                                                   \
	POLICY_KIT_HEAD                                                                          \
	"rules:\n- {name: late, action: allow, tools: [t]}\n"                                    \
	"- {name: first, action: deny, condition: args.n > 3, priority: 2}\n"                    \
	"- {name: second, action: deny, condition: args.s == 'x', priority: 1}\n"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(trim, .init = start, .fini = stop);

Test(trim, keeps_the_first_rules_in_the_order_of_trial)
{
	static const char *const deciders[] = { NULL, NULL, NULL, "p/late", "p/late" };
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	struct question q = policy_kit_ask(&kit, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{"
						 "\"n\":1,\"s\":\"y\"}}");

	for (size_t n = 0; n < 5; n++) {
		const struct trimmed *t;
		struct ruling r;

		cr_assert_eq(trim_open(b, n, &kit.memory, &t), OK);
		cr_expect_eq(trim_rules(t), n < 3 ? n : 3);
		cr_assert_eq(trim_decide(t, &q, &kit.memory, &r), OK);
		cr_expect(deciders[n] ? str_is(r.rule, deciders[n]) : r.rule.ptr == NULL);
	}
}

static void count(void *self, const struct question *q)
{
	cr_expect(q->agent.len > 0);
	(*(int *)self)++;
}

Test(trim, every_rule_has_a_request)
{
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	int found = 0;

	cr_assert_eq(trim_requests(b, &kit.memory, &kit.memory, count, &found), OK);
	cr_expect_eq(found, 3);
}
