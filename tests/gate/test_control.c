/* control: what operators change is recorded and replayed; what cannot be applied did not happen.
 */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/when.h"
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

	before = state_root(k.state);
	cr_assert_eq(submit("agent.suspend", "bob", "x"), ERR_NOT_FOUND);
	cr_assert_str_eq(k.gate.why.text, "agent 'bob' is not registered; see: trammel agent list");
	cr_assert_eq(submit("agent.promote", "ann", "x"), ERR_SYNTAX);
	cr_assert_eq(submit("agent.suspend", NULL, "x"), ERR_SYNTAX);
	cr_assert_eq(submit("agent.suspend", "ann", ""), ERR_SYNTAX);
	cr_assert_eq(submit("agent.suspend", "ann", NULL), ERR_SYNTAX);
	after = state_root(k.state);
	cr_assert(digest_eq(&before, &after) && k.line_count == lines);
}

/* --- rotations --- */

static struct sign_key *first, *second, *third;

static struct sign_key *key_of(uint8_t byte)
{
	const uint8_t seed[SEED_BYTES] = { byte };
	struct sign_key *key;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	return key;
}

static void start_keys(void)
{
	struct public_key pub;

	setup();
	first = key_of(1);
	second = key_of(2);
	third = key_of(3);
	pub = sign_key_public(first);
	gate_kit_agent(&k, "bot", &pub);
}

static void end_keys(void)
{
	teardown();
	sign_key_close(first);
	sign_key_close(second);
	sign_key_close(third);
}

TestSuite(control_rotate, .init = start_keys, .fini = end_keys);

static struct agent_row bot(void)
{
	struct agent_row row;
	uint32_t at;

	cr_assert(agent_find(k.state, GATE_AGENTS, STR("bot"), &at, &row));
	return row;
}

static struct str base64_of(const struct sign_key *key, struct str text)
{
	struct signature sig = sign_make(key, text);
	struct str kept;
	struct buf b;

	buf_init(&b, 256);
	base64_write(&b, sig.bytes, sizeof(sig.bytes));
	cr_assert_eq(arena_copy(&k.memory, buf_view(&b), &kept), OK);
	buf_fini(&b);
	return kept;
}

/* From the agent's key, as `from` would sign it, to `to`, as `by` would sign it. */
static enum err rotate(const struct sign_key *from, const struct sign_key *to,
		       const struct sign_key *by, int64_t sequence)
{
	struct public_key pub = sign_key_public(to);
	struct agent_row agent = bot();
	struct public_key now = agent_key(&agent);
	struct member members[6];
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 6 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .agent = STR("bot"),
				 .action = STR("agent.rotate"), .data = &data };
	struct buf text, did, id;
	struct verdict v;
	enum err failed;

	buf_init(&text, ROTATION_BYTES);
	buf_init(&did, DID_BYTES);
	buf_init(&id, KEY_ID_BYTES);
	rotation_text(&text, &agent, &pub, (uint64_t)sequence);
	did_write(&did, &pub);
	key_id_write(&id, &now);
	members[0] = (struct member){ .key = STR("new_did"),
				      .value = value_string(buf_view(&did)) };
	members[1] = (struct member){ .key = STR("new_signature"),
				      .value = value_string(base64_of(by, buf_view(&text))) };
	members[2] = (struct member){ .key = STR("old_key"),
				      .value = value_string(buf_view(&id)) };
	members[3] = (struct member){ .key = STR("old_signature"),
				      .value = value_string(base64_of(from, buf_view(&text))) };
	members[4] = (struct member){ .key = STR("reason"), .value = value_string(STR("r")) };
	members[5] = (struct member){ .key = STR("sequence"), .value = value_int(sequence) };
	failed = gate_submit(&k.gate, &e, &k.memory, &v);
	buf_fini(&id);
	buf_fini(&did);
	buf_fini(&text);
	return failed;
}

/* An action of the agent, `later` seconds after GATE_KIT_NOW. */
static enum effect act_signed(const struct sign_key *key, int later)
{
	const struct agent_claim claim = { .log = STR(GATE_KIT_ORIGIN), .agent = STR("bot"),
					   .action = STR("pay"),
					   .at_ns = GATE_KIT_NOW + later * WHEN_SECOND_NS };
	struct signature sig;
	struct event e = { .kind = ENTRY_ACTION, .at_ns = claim.at_ns, .agent = claim.agent,
			   .action = claim.action, .signature = &sig };
	struct verdict v;
	struct buf b;

	buf_init(&b, 4096);
	agent_signed_text(&b, &claim);
	sig = sign_make(key, buf_view(&b));
	buf_fini(&b);
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	return v.effect;
}

Test(control_rotate, the_new_key_signs_from_then_on_and_the_old_one_no_more)
{
	cr_assert_eq(act_signed(first, 1), EFFECT_ALLOW);
	cr_assert_eq(act_signed(second, 2), EFFECT_DENY);
	cr_assert_eq(rotate(first, second, second, 1), OK, "%s", k.gate.why.text);
	cr_assert_eq(act_signed(first, 3), EFFECT_DENY);
	cr_assert_eq(act_signed(second, 4), EFFECT_ALLOW);
	cr_assert_eq(rotate(second, third, third, 2), OK, "%s", k.gate.why.text);
	cr_assert_eq(bot().key_sequence, 2);
	/* The entry that brought it: policy, ann, bot, four actions, a rotation before. */
	cr_assert_eq(bot().key_entry, k.line_count - 1);
	cr_assert_eq(bot().registered_entry, 2);
}

/* A second that was used before the rotation is used after it too. */
Test(control_rotate, a_rotation_does_not_let_old_times_be_used_again)
{
	cr_assert_eq(act_signed(first, 5), EFFECT_ALLOW);
	cr_assert_eq(rotate(first, second, second, 1), OK);
	cr_assert_eq(act_signed(second, 5), EFFECT_DENY);
	cr_assert_eq(act_signed(second, 6), EFFECT_ALLOW);
}

Test(control_rotate, what_is_forged_is_not_recorded)
{
	size_t lines = k.line_count;
	struct digest before, after;

	before = state_root(k.state);
	cr_assert_eq(rotate(third, second, second, 1), ERR_SIGNATURE);
	cr_assert_eq(rotate(first, second, third, 1), ERR_SIGNATURE);
	cr_assert_eq(rotate(second, second, second, 1), ERR_SIGNATURE);
	cr_assert_eq(rotate(first, second, second, 2), ERR_RANGE);
	cr_assert_eq(rotate(first, second, second, 0), ERR_SYNTAX);
	cr_assert_eq(rotate(first, first, first, 1), ERR_EXISTS);
	cr_assert_eq(submit("agent.rotate", "bot", "no statement"), ERR_SYNTAX);
	cr_assert_eq(submit("agent.rotate", "ann", "no key"), ERR_SYNTAX);
	after = state_root(k.state);
	cr_assert(digest_eq(&before, &after) && k.line_count == lines);
}
