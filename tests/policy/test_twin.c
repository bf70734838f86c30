/* twin: rules that say the same are twins, whatever they are called; others never are. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/twin.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(twin, .init = start, .fini = stop);

static bool twins(const char *one, const char *other)
{
	const struct plan *plans[2];
	const char *const rules[] = { one, other };
	const uint32_t *found;

	for (size_t i = 0; i < 2; i++) {
		char text[1024];

		/* What stands before gives paths other numbers. */
		(void)snprintf(text, sizeof(text),
			       POLICY_KIT_HEAD "%s\nrules: [{name: z%zu, action: deny, condition: "
					       "args.q%zu == 1}, {name: r%zu, %s}]\n",
			       i ? "" : "description: first", i, i, i, rules[i]);
		plans[i] = bundle_plan(policy_kit_load(&kit, text, NULL));
	}
	cr_assert_eq(twin_find(plans[0], &plans[0]->queues[0], plans[1], &plans[1]->queues[0],
			       &kit.memory, &found),
		     OK);
	cr_expect_eq(found[0], 2);
	return found[1] == 1;
}

Test(twin, by_what_a_rule_says)
{
	static const struct {
		const char *one, *other;
		bool twins;
	} rows[] = {
		{ "action: allow, condition: args.n < 5", "action: allow, condition: args.n  <  5",
		  true },
		{ "action: allow, condition: args.n < 5",
		  "action: warn, limit: 1/day, condition: args.n < 5", true },
		{ "action: allow, condition: args.n < 5", "action: deny, condition: args.n < 5",
		  false },
		{ "action: allow, condition: args.n < 5", "action: allow, condition: args.n < 6",
		  false },
		{ "action: allow, condition: args.n < 5", "action: allow, condition: args.n <= 5",
		  false },
		{ "action: allow, condition: args.n < 5", "action: allow, condition: args.m < 5",
		  false },
		{ "action: allow, condition: args.n.a", "action: allow, condition: args.a.n",
		  false },
		{ "action: allow, condition: args.a and args.b",
		  "action: allow, condition: args.a or args.b", false },
		{ "action: allow, condition: \"args.a == 'b'\"",
		  "action: allow, condition: args.a == args.b", false },
		{ "action: allow, condition: \"args.a == '1'\"",
		  "action: allow, condition: args.a == 1", false },
		{ "action: allow, tools: [a, b]", "action: allow, tools: [a, b]", true },
		{ "action: allow, tools: [a, b]", "action: allow, tools: [ab]", false },
		{ "action: allow, tools: [a]", "action: allow", false },
		{ "action: allow, condition: \"args.a matches '^x'\"",
		  "action: allow, condition: \"args.a matches '^y'\"", false },
		{ "action: allow, condition: 'true'", "action: allow, condition: 'false'", false },
		{ "action: allow, condition: 'args.l[0] == 1'",
		  "action: allow, condition: 'args.l[1] == 1'", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(twins(rows[i].one, rows[i].other), rows[i].twins, "%s, %s",
			     rows[i].one, rows[i].other);
		cr_expect(twins(rows[i].one, rows[i].one));
	}
}

Test(twin, other_agents_are_no_twins)
{
	const struct plan *a = bundle_plan(policy_kit_load(&kit,
							   POLICY_KIT_HEAD
							   "rules: [{name: r, action: deny}]\n",
							   NULL)),
			  *b = bundle_plan(policy_kit_load(
				  &kit,
				  POLICY_KIT_HEAD
				  "agents: [ann]\nrules: [{name: r, action: deny}]\n",
				  NULL));
	const uint32_t *found;

	cr_assert_eq(twin_find(a, &a->queues[0], b, &b->queues[0], &kit.memory, &found), OK);
	cr_expect_eq(found[0], 1);
}

Test(twin, the_first_of_several_is_found)
{
	const struct plan *p = bundle_plan(
		policy_kit_load(&kit,
				POLICY_KIT_HEAD
				"rules: [{name: a, action: deny, tools: [x]}, {name: b, action: "
				"deny}, {name: c, action: deny}]\n",
				NULL));
	const uint32_t *found;

	cr_assert_eq(twin_find(p, &p->queues[0], p, &p->queues[0], &kit.memory, &found), OK);
	cr_expect(found[0] == 0 && found[1] == 1 && found[2] == 1);
}
