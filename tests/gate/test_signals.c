/* signals: what the gate saw moves scores, and nothing else does. Each test ends in a replay. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"

#define RULES                                                                                    \
	"rules:\n"                                                                               \
	"  - {name: no, tools: [drop], action: deny}\n"                                          \
	"  - {name: ask, tools: [pay], action: require_approval}\n"                              \
	"  - {name: odd, tools: [odd], action: warn}\n"                                          \
	"  - {name: few, tools: [few], action: allow, limit: 0/day}\n"                           \
	"  - {name: any, tools: [get, put], action: allow}\n"

static struct gate_kit k;

static void begin(const char *trust)
{
	static char policy[4096];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "%s" RULES, trust);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(signals, .fini = teardown);

static struct verdict act(const char *agent, const char *action, const char *more)
{
	struct verdict v;
	char text[512];

	(void)snprintf(text, sizeof(text), "{\"agent\":\"%s\",\"action\":\"%s\"%s}", agent, action,
		       more);
	cr_assert_eq(gate_kit_text(&k, text, &v), OK, "%s", k.note.text);
	return v;
}

static void expect_row(const char *agent, unsigned signals, uint32_t score)
{
	const struct trust_terms *t = bundle_trust(k.bundle);
	struct trust_row row;
	uint32_t at;

	cr_assert(score_find(k.state, GATE_TRUST, str_view(agent), &at, &row), "%s", agent);
	cr_expect_eq(row.signals, signals, "%s: signals %x", agent, row.signals);
	cr_expect_eq(score_now(t, &row, row.at_ns), score, "%s: %u", agent,
		     score_now(t, &row, row.at_ns));
}

Test(signals, each_decision_says_its_own)
{
	begin("trust: {}\n");
	act("ann", "get", "");
	expect_row("ann", 1u << TRUST_ALLOWED, 525);
	act("ann", "odd", "");
	expect_row("ann", 1u << TRUST_WARNED, 535);
	act("ann", "pay", "");
	expect_row("ann", 1u << TRUST_APPROVAL, 532);
	act("ann", "drop", "");
	expect_row("ann", 1u << TRUST_VIOLATION, 504);
	act("ann", "few", "");
	expect_row("ann", 1u << TRUST_LIMITED, 496);
}

Test(signals, what_no_rule_denies_says_nothing)
{
	begin("trust: {minimum: [{tools: [put], tier: trusted}]}\n");
	act("ann", "unheard-of", "");
	act("ann", "put", "");
	act("eve", "get", "");
	cr_expect_eq(state_rows(k.state, GATE_TRUST), 0);
	cr_expect_eq(state_rows(k.state, GATE_DEEDS), 0);
}

Test(signals, what_is_not_signed_cannot_lower_whom_it_names)
{
	struct verdict v;

	begin("require_signature: true\ntrust: {}\n");
	gate_kit_agent(&k, "cho", &(struct public_key){ .bytes = { 1 } });
	v = act("cho", "drop", "");
	cr_assert(str_is(v.decision.stage, "identify"));
	cr_expect_eq(state_rows(k.state, GATE_TRUST), 0);
}

Test(signals, outcomes_count_for_whose_action_it_was)
{
	struct verdict v;

	begin("trust: {}\n");
	v = act("ann", "get", "");
	act("bob", "get", "");
	cr_assert_eq(v.entry, 3);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":3,\"status\":\"failed\"}", &v), OK);
	expect_row("ann", 1u << TRUST_FAILED, 515);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":3,\"status\":\"ok\",\"latency_ms\":4000}",
				   &v), OK);
	expect_row("ann", 1u << TRUST_COMPLETED | 1u << TRUST_LATENCY, 522);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":3,\"status\":\"so-so\"}", &v), OK);
	expect_row("ann", 1u << TRUST_COMPLETED | 1u << TRUST_LATENCY, 522);
	expect_row("bob", 1u << TRUST_ALLOWED, 525);
}

Test(signals, agents_of_one_session_meet)
{
	begin("trust: {contagion: {violation: 1000}}\n");
	act("ann", "get", ",\"session\":\"s\"");
	act("bob", "get", ",\"session\":\"s\"");
	expect_row("bob", 1u << TRUST_ALLOWED | 1u << TRUST_JOINED, 532);
	act("ann", "drop", ",\"session\":\"s\"");
	expect_row("ann", 1u << TRUST_VIOLATION | 1u << TRUST_CLASHED | 1u << TRUST_INCIDENT, 390);
	expect_row("bob", 1u << TRUST_CONTAGION, 531);
}

Test(signals, conditions_see_score_and_tier)
{
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "trust: {initial: 699}\nrules:\n"
		      "  - {name: high, condition: agent.trust >= 700 and agent.tier == 'trusted', "
		      "action: allow}\n"
		      "  - {name: low, tools: [get], condition: not agent.regime_changed, "
		      "action: allow}\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_expect_eq(act("ann", "pay", "").effect, EFFECT_DENY);
	v = act("ann", "get", "");
	cr_expect(str_is(v.decision.rule, "kit/low"));
	cr_expect_eq(v.decision.trust, 699);
	cr_expect(str_is(v.decision.tier, "standard"));
	v = act("ann", "pay", "");
	cr_expect(str_is(v.decision.rule, "kit/high"));
	cr_expect_eq(gate_kit_last(&k).decision->trust, 714);
	cr_expect(str_is(gate_kit_last(&k).decision->tier, "trusted"));
}

Test(signals, who_is_below_the_minimum_is_denied)
{
	struct verdict v;

	begin("trust: {minimum: [{tools: [put], tier: trusted}]}\n");
	v = act("ann", "put", "");
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect(str_is(v.decision.stage, "trust"));
	cr_expect(str_is(v.decision.reasons[0],
			 "action 'put' needs a score of 700 (trusted); agent 'ann' has 500 "
			 "(standard)"));
	cr_expect_eq(act("ann", "get", "").effect, EFFECT_ALLOW);
}

/* A score counts from the latest time seen: an action that is dated back finds it no higher. */
Test(signals, dating_back_does_not_undo_decay)
{
	const struct event later = {
		.kind = ENTRY_ACTION, .at_ns = GATE_KIT_NOW + INT64_C(295000000000),
		.agent = STR("bob"), .action = STR("get"),
	};
	struct trust_row row;
	struct verdict v;
	uint32_t at;

	begin("trust: {initial: 500, weights: {compliance: 0, resource: 100, quality: 0, security: "
	      "0, collaboration: 0}}\n");
	act("ann", "get", "");
	cr_expect_eq(gate_kit_last(&k).decision->trust, 500);
	cr_assert_eq(gate_submit(&k.gate, &later, &k.memory, &v), OK);
	act("ann", "get", ",\"at\":\"2026-01-01T00:00:00Z\"");
	cr_expect_eq(gate_kit_last(&k).decision->trust, 499);
	cr_assert(score_find(k.state, GATE_TRUST, STR("ann"), &at, &row));
	cr_expect_eq(row.at_ns, GATE_KIT_NOW + INT64_C(295000000000));
}

/* A fault replayed: the machine failed, not the agent. */
Test(signals, a_fault_says_nothing_of_the_agent)
{
	struct member fault[] = { { .key = STR("error"), .value = value_string(STR("ERR_MEMORY")) },
				  { .key = STR("stage"), .value = value_string(STR("limit")) } };
	struct member member = { .key = STR("fault"),
				 .value = { .kind = VALUE_OBJECT, .object = { fault, 2 } } };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	const struct event e = {
		.kind = ENTRY_ACTION, .at_ns = GATE_KIT_NOW, .agent = STR("ann"),
		.action = STR("get"), .data = &data,
	};
	struct verdict v;

	begin("trust: {}\n");
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	cr_expect(str_is(v.decision.stage, "limit"));
	cr_expect_eq(state_rows(k.state, GATE_TRUST), 0);
}

Test(signals, a_used_up_quota_is_no_violation)
{
	begin("trust: {}\nquotas: [{name: q, per: agent, rate: 1/hour, burst: 1}]\n");
	act("ann", "get", "");
	cr_expect(str_is(act("ann", "get", "").decision.stage, "quota"));
	expect_row("ann", 1u << TRUST_ALLOWED, 525);
}

static enum err control(const char *verb, const char *key, int64_t points)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("x")) },
		{ .key = str_view(key), .value = value_int(points) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = str_view(verb),
		.agent = STR("ann"), .data = &data,
	};
	struct verdict v;

	return gate_submit(&k.gate, &e, &k.memory, &v);
}

Test(signals, operators_set_scores_below_the_ceiling)
{
	begin("trust: {ceilings: [{agents: ['a*'], at_most: 400}]}\n");
	cr_expect_eq(control("trust.set", "score", 401), ERR_RANGE);
	cr_expect_str_eq(k.gate.why.text, "agent 'ann' has a ceiling of 400; it cannot be given "
					  "401");
	cr_expect_eq(control("trust.set", "score", 1001), ERR_SYNTAX);
	cr_expect_eq(control("trust.set", "score", -1), ERR_SYNTAX);
	cr_expect_eq(control("trust.set", "severity", 1), ERR_SYNTAX);
	cr_assert_eq(control("trust.set", "score", 400), OK);
	expect_row("ann", 1u << TRUST_SET, 400);
	cr_assert_eq(control("trust.incident", "severity", 500), OK);
	expect_row("ann", 1u << TRUST_INCIDENT, 350);
	cr_expect_eq(control("trust.incident", "severity", 1001), ERR_SYNTAX);
}

Test(signals, a_bundle_without_trust_keeps_no_rows)
{
	begin("");
	act("ann", "get", ",\"session\":\"s\"");
	act("ann", "drop", ",\"session\":\"s\"");
	cr_expect_null(gate_kit_last(&k).decision->tier.ptr);
	cr_expect_eq(control("trust.set", "score", 400), ERR_NOT_FOUND);
	cr_expect_str_eq(k.gate.why.text,
			 "the policies keep no trust; a policy with the key 'trust' does");
	cr_expect_eq(state_rows(k.state, GATE_TRUST) + state_rows(k.state, GATE_DEEDS) +
		     state_rows(k.state, GATE_DEED_SESSIONS), 0);
}

Test(signals, a_changed_regime_is_recorded_and_denies_nothing)
{
	begin("trust: {regime: true}\n");
	for (unsigned i = 0; i < 96; i++)
		act("ann", "get", "");
	for (unsigned i = 0; i < 33; i++)
		cr_expect_eq(act("ann", "put", "").effect, EFFECT_ALLOW);
	cr_expect(gate_kit_last(&k).decision->regime_changed);
}

/* What a failing allocation denies is recorded as a fault, moves no score and replays the same. */
Test(signals, survive_every_failing_allocation)
{
	begin("trust: {contagion: {violation: 1000}}\n");
	act("ann", "get", ",\"session\":\"s\"");
	for (uint64_t i = 1;; i++) {
		struct verdict v;
		enum err e;

		arena_fini(&k.memory);
		arena_init(&k.memory, (size_t)64 << 20);
		fail_alloc_at(i);
		e = gate_kit_text(&k, "{\"agent\":\"bob\",\"action\":\"drop\",\"session\":\"s\"}",
				  &v);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(v.effect, EFFECT_DENY);
	}
}
