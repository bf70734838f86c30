/* curb: quotas and budgets of whole actions, charged in rows and replayed. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/gate_kit.h"

static struct gate_kit k;
static struct sign_key *sponsor;

static void start(const char *keys)
{
	char policy[1024];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "%s", keys);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
}

/* Whatever a test did, it is done again bit for bit. */
static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	sign_key_close(sponsor);
	sponsor = NULL;
}

TestSuite(curb, .fini = teardown);

static struct verdict ask(const char *members)
{
	struct verdict v;
	char text[512];

	(void)snprintf(text, sizeof(text), "{%s}", members);
	cr_assert_eq(gate_kit_text(&k, text, &v), OK, "%s", k.note.text);
	return v;
}

static void allowed(const char *members)
{
	struct verdict v = ask(members);

	cr_assert_eq(v.effect, EFFECT_ALLOW, "%s: %.*s", members,
		     STR_ARG(v.decision.reasons[0]));
}

static void denied(const char *members, const char *stage, const char *reason)
{
	struct verdict v = ask(members);

	cr_assert_eq(v.effect, EFFECT_DENY, "%s", members);
	cr_expect(str_is(v.decision.stage, stage), "%s: %.*s", members,
		  STR_ARG(v.decision.stage));
	cr_expect(str_is(v.decision.reasons[0], reason), "%.*s", STR_ARG(v.decision.reasons[0]));
}

#define ANN "\"agent\":\"ann\",\"action\":\"pay\""
#define BOB "\"agent\":\"bob\",\"action\":\"pay\""
#define AT(text) ",\"at\":\"2026-01-02T03:" text "Z\""

Test(curb, a_rate_lets_a_burst_pass_and_then_its_rate)
{
	start("default_action: allow\n"
	      "quotas: [{name: q, tools: [pay], per: agent, rate: 6/minute, burst: 2}]\n");
	allowed(ANN AT("04:05"));
	allowed(ANN AT("04:05"));
	denied(ANN AT("04:05"), "quota",
	       "quota 'kit/q' of agent 'ann' allows 6/minute, 2 at once; used up until "
	       "2026-01-02T03:04:15.000000000Z");
	allowed(BOB AT("04:05"));
	allowed("\"agent\":\"ann\",\"action\":\"look\"" AT("04:05"));
	allowed(ANN AT("04:15"));
	denied(ANN AT("03:00"), "quota",
	       "quota 'kit/q' of agent 'ann' allows 6/minute, 2 at once; used up until "
	       "2026-01-02T03:04:25.000000000Z");
	cr_expect_eq(state_rows(k.state, GATE_QUOTAS), 2);
}

/* A tool call is looked at up to four times and counts once. */
Test(curb, other_stages_than_pre_tool_use_nothing_up)
{
	start("default_action: allow\nquotas: [{name: q, per: agent, rate: 1/day}]\n");
	allowed(ANN ",\"stage\":\"pre_input\"");
	allowed(ANN ",\"stage\":\"post_tool\"");
	cr_expect_eq(state_rows(k.state, GATE_QUOTAS), 0);
	allowed(ANN);
	allowed(ANN ",\"stage\":\"pre_output\"");
	cr_expect_eq(ask(ANN).effect, EFFECT_DENY);
}

Test(curb, what_policy_denies_is_charged_to_rates_and_not_to_budgets)
{
	start("default_action: allow\n"
	      "rules: [{name: r, condition: has(args.bad), action: deny}]\n"
	      "quotas: [{name: q, per: agent, rate: 2/day}]\n"
	      "budgets: [{name: b, per: agent, unit: calls, amount: 1}]\n");
	denied(ANN ",\"args\":{\"bad\":1}", "policy", "rule 'r' of 'kit' (kit.yaml) matched");
	cr_expect_eq(state_rows(k.state, GATE_QUOTAS), 1);
	allowed(ANN);
	cr_expect_eq(state_rows(k.state, GATE_QUOTAS), 2);
	denied(ANN, "quota",
	       "quota 'kit/q' of agent 'ann' allows 2/day, 2 at once; used up until "
	       "2026-01-02T15:04:05.000000000Z");
}

/* Or anybody could use up what is another's by asking in his name. */
Test(curb, who_is_not_the_agent_or_is_stopped_uses_nothing_up)
{
	struct member reason = { .key = STR("reason"), .value = value_string(STR("x")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &reason, 1 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = STR("agent.suspend"),
		.agent = STR("ann"), .data = &data,
	};
	struct verdict v;

	start("default_action: allow\nquotas: [{name: q, per: tool, rate: 1/day}]\n");
	cr_expect_eq(ask("\"agent\":\"eve\",\"action\":\"pay\"").effect, EFFECT_DENY);
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	cr_expect_eq(ask(ANN).effect, EFFECT_DENY);
	cr_expect_eq(state_rows(k.state, GATE_QUOTAS), 0);
	allowed(BOB);
	cr_expect_eq(ask(BOB).effect, EFFECT_DENY);
}

Test(curb, a_budget_is_spent_exactly)
{
	start("default_action: allow\nbudgets: [{name: b, tools: [pay], per: agent, unit: money, "
	      "amount: 1, of: args.amount, window: day}]\n");
	for (int i = 0; i < 10; i++)
		allowed(ANN ",\"args\":{\"amount\":0.1}");
	denied(ANN ",\"args\":{\"amount\":0.000001}", "quota",
	       "budget 'kit/b' of agent 'ann' allows 1 money, of which 1 are used; this action "
	       "takes 0.000001; it begins anew at 2026-01-03T00:00:00.000000000Z");
	denied(ANN, "quota", "budget 'kit/b' of agent 'ann' takes args.amount, which is missing");
	denied(BOB ",\"args\":{\"amount\":-1}", "quota",
	       "budget 'kit/b' of agent 'bob' takes args.amount, which is not above zero, too "
	       "large, or has more than six decimals");
	denied(BOB ",\"args\":{\"amount\":[1]}", "quota",
	       "budget 'kit/b' of agent 'bob' takes args.amount, which is no exact decimal");
	allowed(BOB ",\"args\":{\"amount\":\"1.00\"}");
}

Test(curb, without_a_session_what_counts_by_session_denies)
{
	start("default_action: allow\nquotas: [{name: q, per: session, rate: 1/day}]\n");
	denied(ANN, "quota", "quota 'kit/q' counts by session, and the action names none");
	allowed(ANN ",\"session\":\"s\"");
	cr_expect_eq(ask(BOB ",\"session\":\"s\"").effect, EFFECT_DENY);
	allowed(BOB ",\"session\":\"t\"");
}

/* No sequence of 200 actions, however dated, gets more than rate and burst allow. */
Test(curb, no_order_of_times_gets_more_than_the_rate)
{
	unsigned random = 7, got = 0;
	int64_t last = 0;

	start("default_action: allow\nquotas: [{name: q, per: agent, rate: 1/second, burst: 3}]\n");
	for (int i = 0; i < 200; i++) {
		char members[128];
		int second;

		random = random * 1103515245u + 12345u;
		second = (int)(random >> 16) % 50;
		(void)snprintf(members, sizeof(members), ANN ",\"at\":\"2026-01-02T03:04:%02dZ\"",
			       second);
		got += ask(members).effect == EFFECT_ALLOW;
		last = second > last ? second : last;
	}
	cr_expect_leq(got, 3 + (unsigned)last);
	cr_expect_geq(got, 3);
}

/* --- rings --- */

#define RINGS                                                                                    \
	"default_action: allow\nrings:\n"                                                        \
	"  agents: [{agents: [bob], ring: 2}]\n"                                                  \
	"  tools: [{tools: [look], read_only: true}, {tools: [wipe], admin: true}]\n"

static char rings_policy[1024];

static void start_rings(const char *more)
{
	static const uint8_t seed[SEED_BYTES] = { 9 };
	struct public_key key;
	struct buf did;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &sponsor), OK);
	key = sign_key_public(sponsor);
	buf_init(&did, 256);
	did_write(&did, &key);
	(void)snprintf(rings_policy, sizeof(rings_policy), RINGS "  sponsor: %.*s\n%s",
		       STR_ARG(buf_view(&did)), more);
	buf_fini(&did);
	start(rings_policy);
}

/* An elevation of `agent` signed for `signed_for`, in that log. */
static enum err lift_in(const char *log, const char *agent, const char *signed_for, int ring)
{
	struct public_key key = sign_key_public(sponsor);
	struct buf text, did, b64;
	struct signature sig;
	struct verdict v;
	enum err e;

	buf_init(&text, 512);
	buf_init(&did, 256);
	buf_init(&b64, 256);
	elevation_text(&text, str_view(log), str_view(signed_for), (unsigned)ring,
		       GATE_KIT_NOW + INT64_C(60000000000));
	sig = sign_make(sponsor, buf_view(&text));
	base64_write(&b64, sig.bytes, sizeof(sig.bytes));
	did_write(&did, &key);
	{
		struct member members[] = {
			{ .key = STR("attestation"), .value = value_string(buf_view(&b64)) },
			{ .key = STR("reason"), .value = value_string(STR("incident")) },
			{ .key = STR("ring"), .value = value_int(ring) },
			{ .key = STR("sponsor"), .value = value_string(buf_view(&did)) },
			{ .key = STR("until"), .value = value_string(STR("2026-01-02T03:05:05Z")) },
		};
		struct value data = { .kind = VALUE_OBJECT, .object = { members, 5 } };
		const struct event event = {
			.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = STR("elevate"),
			.agent = str_view(agent), .data = &data,
		};

		e = gate_submit(&k.gate, &event, &k.memory, &v);
	}
	buf_fini(&text);
	buf_fini(&did);
	buf_fini(&b64);
	return e;
}

static enum err lift(const char *agent, const char *signed_for, int ring)
{
	return lift_in(GATE_KIT_ORIGIN, agent, signed_for, ring);
}

Test(curb, a_tool_is_for_those_in_its_ring)
{
	start_rings("");
	allowed("\"agent\":\"ann\",\"action\":\"look\"");
	denied(ANN, "ring", "'pay' needs ring 1; agent 'ann' is in ring 3");
	denied(BOB, "ring", "'pay' needs ring 1; agent 'bob' is in ring 2");
	denied("\"agent\":\"ann\",\"action\":\"wipe\"", "ring",
	       "'wipe' needs ring 0, which nobody is in");
	allowed(ANN ",\"stage\":\"pre_input\"");
}

Test(curb, a_sponsor_lifts_an_agent_for_a_while)
{
	start_rings("");
	cr_assert_eq(lift("ann", "bob", 1), ERR_SIGNATURE);
	cr_assert_eq(lift_in("example.com/other", "ann", "ann", 1), ERR_SIGNATURE);
	cr_assert_eq(lift("eve", "eve", 1), ERR_NOT_FOUND);
	cr_assert_eq(lift("ann", "ann", 0), ERR_RANGE);
	cr_assert_eq(lift("ann", "ann", 1), OK);
	cr_assert_eq(lift("ann", "ann", 1), ERR_EXISTS);
	allowed(ANN AT("05:04"));
	denied("\"agent\":\"ann\",\"action\":\"wipe\"", "ring",
	       "'wipe' needs ring 0, which nobody is in");
	denied(ANN AT("05:05"), "ring", "'pay' needs ring 1; agent 'ann' is in ring 3");
}

/* Another sponsor in the policy, and what the last one signed is nothing. */
Test(curb, an_elevation_counts_while_its_sponsor_does)
{
	start_rings("");
	cr_assert_eq(lift("ann", "ann", 1), OK);
	allowed(ANN);
	gate_kit_policy(&k, GATE_KIT_HEAD RINGS);
	denied(ANN, "ring", "'pay' needs ring 1; agent 'ann' is in ring 3");
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\n");
	allowed(ANN);
}

Test(curb, conditions_see_the_ring)
{
	start_rings("rules: [{name: r, condition: agent.ring > 2, action: deny}]\n"
		    "quotas: [{name: q, per: ring, rate: 1/day}]\n");
	cr_expect_eq(ask("\"agent\":\"ann\",\"action\":\"look\"").effect, EFFECT_DENY);
	allowed("\"agent\":\"bob\",\"action\":\"look\"");
	denied("\"agent\":\"bob\",\"action\":\"look\"", "quota",
	       "quota 'kit/q' of ring '2' allows 1/day, 1 at once; used up until "
	       "2026-01-03T03:04:05.000000000Z");
}

/* --- commands --- */

#define RUN(json) "\"agent\":\"ann\",\"action\":\"run\",\"args\":{\"c\":" json "}"

Test(curb, every_command_that_would_run_is_judged)
{
	start("default_action: allow\n"
	      "commands: [{tools: [run], of: args.c, deny: [curl], allow: [ls, env, curl]}]\n");
	allowed(RUN("\"ls -l | ls\""));
	allowed(RUN("[\"env\",\"ls\",\"; curl\"]"));
	denied(RUN("\"env curl x\""), "command", "the command 'curl' is denied");
	denied(RUN("\"ls; wget\""), "command", "the command 'wget' is not among those allowed");
	denied(RUN("\"$x\""), "command",
	       "what would run cannot be told: it hides which command runs: ''");
	denied(RUN("5"), "command", "the command is neither a text nor a list of texts");
	denied(RUN("[1]"), "command", "the command is neither a text nor a list of texts");
	denied("\"agent\":\"ann\",\"action\":\"run\"", "command", "the command is missing");
	allowed(ANN);
}

/* --- demotion --- */

static void set_score(int points)
{
	struct member m[2] = {
		{ .key = STR("reason"), .value = value_string(STR("x")) },
		{ .key = STR("score"), .value = value_int(points) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { m, 2 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = STR("trust.set"),
		.agent = STR("ann"), .data = &data,
	};
	struct verdict v;

	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
}

#define DEMOTION                                                                                 \
	"default_action: allow\ntrust: {initial: 800}\nrings:\n  default: 1\n"                    \
	"  demotion: [{below: 500, until: 600, ring: 3}]\n"                                      \
	"  tools: [{tools: [look], read_only: true}]\n"

Test(curb, who_lost_its_score_is_in_a_worse_ring_until_it_has_more_than_that)
{
	start(DEMOTION);
	allowed(ANN);
	set_score(550);
	allowed(ANN);
	cr_assert_eq(state_rows(k.state, GATE_DEMOTIONS), 0);
	set_score(499);
	denied(ANN, "ring", "'pay' needs ring 1; agent 'ann' is in ring 3");
	allowed("\"agent\":\"ann\",\"action\":\"look\"");
	set_score(599);
	denied(ANN, "ring", "'pay' needs ring 1; agent 'ann' is in ring 3");
	set_score(700);
	allowed(ANN);
	set_score(550);
	allowed(ANN);
	allowed(BOB);
	cr_assert_eq(state_rows(k.state, GATE_DEMOTIONS), 1);
}

/* --- reach --- */

#define REACH                                                                                      \
	"default_action: allow\nrings:\n  agents: [{agents: [ann], ring: 2}]\n"                    \
	"  tools: [{tools: ['*'], read_only: true}]\n  reach:\n"                                  \
	"    - {ring: 2, resources: ['data/*']}\n"                                                 \
	"    - {ring: 3, tools: [pay], of: args.to, resources: [bank]}\n"

Test(curb, a_ring_reaches_what_its_bounds_let_through)
{
	start(REACH);
	allowed(ANN ",\"resource\":\"data/x\"");
	denied(ANN ",\"resource\":\"prod/x\"", "ring",
	       "agent 'ann' is in ring 2, which may not reach 'prod/x'");
	denied(ANN, "ring",
	       "agent 'ann' is in ring 2, which may reach what the policy names, and resource "
	       "names nothing");
	denied(BOB ",\"resource\":\"data/x\"", "ring",
	       "agent 'bob' is in ring 3, which may reach what the policy names, and args.to "
	       "names nothing");
	denied(BOB ",\"resource\":\"data/x\",\"args\":{\"to\":\"thief\"}", "ring",
	       "agent 'bob' is in ring 3, which may not reach 'thief'");
	denied(BOB ",\"resource\":\"prod/x\",\"args\":{\"to\":\"bank\"}", "ring",
	       "agent 'bob' is in ring 3, which may not reach 'prod/x'");
	allowed(BOB ",\"resource\":\"data/x\",\"args\":{\"to\":\"bank\"}");
	allowed(BOB ",\"stage\":\"pre_input\"");
}

/* Each agent has a bucket of its own, of the size that its ring has. */
Test(curb, a_quota_of_a_ring_holds_for_each_agent_in_it)
{
	start("default_action: allow\nrings:\n  agents: [{agents: [ann], ring: 2}]\n"
	      "  tools: [{tools: ['*'], read_only: true}]\n"
	      "quotas:\n  - {name: two, ring: 2, per: agent, rate: 2/day}\n"
	      "  - {name: three, ring: 3, per: agent, rate: 1/day}\n");
	gate_kit_agent(&k, "carl", NULL);
	allowed(ANN);
	allowed(ANN);
	denied(ANN, "quota",
	       "quota 'kit/two' of agent 'ann' allows 2/day, 2 at once; used up until "
	       "2026-01-02T15:04:05.000000000Z");
	allowed(BOB);
	denied(BOB, "quota",
	       "quota 'kit/three' of agent 'bob' allows 1/day, 1 at once; used up until "
	       "2026-01-03T03:04:05.000000000Z");
	allowed("\"agent\":\"carl\",\"action\":\"pay\"");
}
