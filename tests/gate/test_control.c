/* control: what operators change is recorded and replayed; what cannot be applied did not happen.
 */
#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/gate_kit.h"

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(control, .init = setup, .fini = teardown);

static enum err submit(const char *verb, const char *agent, const char *reason)
{
	struct member member = { .key = STR("reason"), .value = value_string(str_view(reason)) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = str_view(verb),
		.agent = agent ? str_view(agent) : STR_NONE, .data = reason ? &data : NULL,
	};
	struct verdict v;

	return gate_submit(&k.gate, &e, &k.memory, &v);
}

static struct verdict act(void)
{
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	return v;
}

Test(control, a_suspended_agent_is_denied_until_it_is_reactivated)
{
	struct verdict v;

	cr_assert_eq(act().effect, EFFECT_ALLOW);
	cr_assert_eq(submit("agent.suspend", "ann", "odd calls"), OK);
	cr_assert(str_is(value_text(gate_kit_last(&k).data, "reason"), "odd calls"));
	v = act();
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "standing"));
	cr_assert(str_is(v.decision.reasons[0], "agent 'ann' is suspended"));
	cr_assert_eq(submit("agent.reactivate", "ann", "explained"), OK);
	cr_assert_eq(act().effect, EFFECT_ALLOW);
}

Test(control, nothing_leads_out_of_revoked)
{
	cr_assert_eq(submit("agent.revoke", "ann", "stolen key"), OK);
	cr_assert_eq(submit("agent.reactivate", "ann", "please"), ERR_RANGE);
	cr_assert_eq(submit("agent.suspend", "ann", "please"), ERR_RANGE);
	cr_assert(str_is(act().decision.reasons[0], "agent 'ann' is revoked"));
}

Test(control, what_cannot_be_applied_is_not_recorded)
{
	size_t lines = k.line_count;
	struct digest before, after;

	cr_assert_eq(state_root(k.state, &before), OK);
	cr_assert_eq(submit("agent.suspend", "bob", "x"), ERR_NOT_FOUND);
	cr_assert_str_eq(k.gate.why.text, "agent 'bob' is not registered");
	cr_assert_eq(submit("agent.promote", "ann", "x"), ERR_SYNTAX);
	cr_assert_eq(submit("agent.suspend", NULL, "x"), ERR_SYNTAX);
	cr_assert_eq(submit("agent.suspend", "ann", ""), ERR_SYNTAX);
	cr_assert_eq(submit("agent.suspend", "ann", NULL), ERR_SYNTAX);
	cr_assert_eq(state_root(k.state, &after), OK);
	cr_assert(digest_eq(&before, &after) && k.line_count == lines);
}
