/* control: what operators change is recorded and replayed; what cannot be applied did not happen.
 */
#include <stdio.h>

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

static enum err submit_until(const char *verb, const char *agent, const char *until)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("odd")) },
		{ .key = STR("until"), .value = value_string(str_view(until)) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = str_view(verb),
		.agent = str_view(agent), .data = &data,
	};
	struct verdict v;

	return gate_submit(&k.gate, &e, &k.memory, &v);
}

static struct verdict act_at(const char *at, const char *session)
{
	struct verdict v;
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "{\"agent\":\"ann\",\"action\":\"pay\",\"at\":\"%s\","
		       "\"session\":\"%s\"}", at, session);
	cr_assert_eq(gate_kit_text(&k, text, &v), OK);
	return v;
}

static void expect_stopped(struct verdict v, const char *reason)
{
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "standing"));
	cr_assert(str_is(v.decision.reasons[0], reason), "%.*s", STR_ARG(v.decision.reasons[0]));
}

Test(control, a_killed_agent_stays_killed)
{
	cr_assert_eq(submit("kill.agent", "ann", "odd calls"), OK);
	expect_stopped(act(), "agent 'ann' was killed");
	cr_assert_eq(submit("release", "ann", "please"), ERR_RANGE);
	cr_assert_str_eq(k.gate.why.text, "agent 'ann' is killed, and that is final");
	cr_assert_eq(submit("kill.agent", "nobody-here", "may act all the same"), OK);
}

Test(control, a_killed_session_is_over_for_everybody)
{
	struct member reason = { .key = STR("reason"), .value = value_string(STR("x")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &reason, 1 } };
	struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = STR("kill.session"),
		.session = STR("s1"), .data = &data,
	};
	struct verdict v;

	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	expect_stopped(act_at("2026-01-02T03:04:05Z", "s1"), "session 's1' was killed");
	cr_assert_eq(act_at("2026-01-02T03:04:05Z", "s2").effect, EFFECT_ALLOW);
	e.session = STR_NONE;
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), ERR_SYNTAX);
}

Test(control, everything_is_stopped_until_it_is_lifted)
{
	cr_assert_eq(submit("kill.lift", NULL, "x"), ERR_NOT_FOUND);
	cr_assert_eq(submit("kill.all", NULL, "fire"), OK);
	expect_stopped(act(), "everything was stopped by an operator");
	cr_assert_eq(submit("kill.lift", NULL, "put out"), OK);
	cr_assert_eq(act().effect, EFFECT_ALLOW);
}

/* Whoever dates an action back does not find a quarantine that is over, nor one that is to come. */
Test(control, a_quarantine_ends_by_the_time_of_events)
{
	cr_assert_eq(submit("quarantine", "ann", "x"), ERR_SYNTAX, "it has no end");
	cr_assert_eq(submit_until("quarantine", "ann", "tomorrow"), ERR_SYNTAX);
	cr_assert_eq(submit_until("quarantine", "ann", "2026-01-02T03:04:05Z"), ERR_RANGE);
	cr_assert_eq(submit_until("quarantine", "ann", "2026-01-02T03:05:05Z"), OK);
	expect_stopped(act_at("2026-01-02T03:05:04Z", "s"),
		       "agent 'ann' is in quarantine until 2026-01-02T03:05:05.000000000Z");
	cr_assert_eq(act_at("2026-01-02T03:05:05Z", "s").effect, EFFECT_ALLOW);
	cr_assert_eq(act_at("2026-01-02T03:04:30Z", "s").effect, EFFECT_ALLOW);
	cr_assert_eq(submit("release", "ann", "x"), ERR_NOT_FOUND);
	cr_assert_eq(submit_until("quarantine", "ann", "2026-01-02T04:05:05Z"), OK);
	expect_stopped(act(), "agent 'ann' is in quarantine until 2026-01-02T04:05:05.000000000Z");
	cr_assert_eq(submit("release", "ann", "explained"), OK);
	cr_assert_eq(act().effect, EFFECT_ALLOW);
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
