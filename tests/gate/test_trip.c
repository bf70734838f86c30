/* trip: kills by denials and durations, decided with the action that is one too many, replayed. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;

static void start(const char *keys)
{
	char policy[1024];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "default_action: allow\n"
		       "rules: [{name: no, condition: has(args.bad), action: deny}]\n%s", keys);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(trip, .fini = teardown);

#define ASK(agent, more) "\"agent\":\"" agent "\",\"action\":\"pay\"" more
#define BAD ",\"args\":{\"bad\":1}"
#define IN ",\"session\":\"s\""
#define AT(text) ",\"at\":\"2026-01-02T" text "Z\""
#define NO "rule 'no' of 'kit' (kit.yaml) matched"

static bool halted(enum halt_scope scope, struct str name, uint64_t *fence)
{
	struct halt_row row;
	bool agent = scope == HALT_AGENT;

	if (!halt_stops(k.state, GATE_HALTS, agent ? name : STR_NONE, agent ? STR_NONE : name, 0,
			&row))
		return false;
	*fence = row.fence;
	return row.kind == HALT_KILLED;
}

Test(trip, the_denial_that_is_one_too_many_kills_and_says_so)
{
	struct verdict v;
	uint64_t fence;

	start("kill_on: [{name: breach, denials: 3/minute, kill: agent}]\n");
	session_kit_denied(&k, ASK("ann", BAD), "policy", NO);
	session_kit_denied(&k, ASK("bob", BAD), "policy", NO);
	session_kit_denied(&k, ASK("ann", BAD), "policy", NO);
	session_kit_allowed(&k, ASK("ann", ""));
	cr_assert(!halted(HALT_AGENT, STR("ann"), &fence));
	v = session_kit_ask(&k, ASK("ann", BAD));
	cr_assert_eq(v.decision.reason_count, 2);
	cr_assert(str_is(v.decision.reasons[1],
			 "agent 'ann' is killed for it, by kit/kill_on/breach"));
	cr_assert(halted(HALT_AGENT, STR("ann"), &fence));
	cr_assert_eq(fence, v.entry, "what was allowed before commits no more");
	session_kit_denied(&k, ASK("ann", ""), "standing", "agent 'ann' was killed");
	session_kit_allowed(&k, ASK("bob", ""));
}

Test(trip, denials_count_in_their_window_and_stages)
{
	uint64_t fence;

	start("quotas: [{name: q, tools: [pay], per: agent, rate: 1/day}]\n"
	      "kill_on: [{name: over, stages: [quota], denials: 2/minute, kill: agent}]\n");
	session_kit_denied(&k, ASK("ann", BAD AT("03:04:05")), "policy", NO);
	for (int i = 0; i < 2; i++) {
		struct verdict v = session_kit_ask(
			&k, i ? ASK("ann", AT("03:05:05")) : ASK("ann", AT("03:04:05")));

		cr_assert(str_is(v.decision.stage, "quota"));
		cr_assert(!halted(HALT_AGENT, STR("ann"), &fence));
	}
	(void)session_kit_ask(&k, ASK("ann", AT("03:05:06")));
	cr_assert(halted(HALT_AGENT, STR("ann"), &fence));
}

/* Not for what others send in its name, nor for what comes from outside of a session. */
Test(trip, only_who_may_act_is_killed_for_it)
{
	uint64_t fence;

	start("kill_on:\n  - {name: a, denials: 1/day, kill: agent}\n"
	      "  - {name: s, denials: 1/day, kill: session}\n");
	session_kit_denied(&k, ASK("eve", BAD), "identify", "agent 'eve' is not registered");
	cr_assert(!halted(HALT_AGENT, STR("eve"), &fence));
	session_kit_do(&k, "session.open", "ann", "s", "");
	session_kit_denied(&k, ASK("bob", BAD IN), "session",
			   "agent 'bob' has not joined the session");
	cr_assert(!halted(HALT_SESSION, STR("s"), &fence));
	cr_assert(!halted(HALT_AGENT, STR("bob"), &fence));
	cr_assert_eq(state_rows(k.state, GATE_LIMITS), 0);
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_denied(&k, ASK("ann", BAD IN), "policy", NO);
	cr_assert(halted(HALT_SESSION, STR("s"), &fence) && halted(HALT_AGENT, STR("ann"), &fence));
}

Test(trip, a_session_that_lasts_too_long_is_killed)
{
	uint64_t fence;

	start("kill_on: [{name: late, after: 60, kill: session}]\n");
	session_kit_allowed(&k, ASK("ann", IN AT("03:04:05")));
	session_kit_allowed(&k, ASK("ann", IN AT("03:05:04")));
	session_kit_denied(&k, ASK("ann", IN AT("03:05:05")), "session",
			   "session 's' has lasted longer than 60 seconds");
	cr_assert(halted(HALT_SESSION, STR("s"), &fence));
	session_kit_denied(&k, ASK("bob", IN AT("03:05:06")), "standing",
			   "session 's' was killed");
	session_kit_allowed(&k, ASK("ann", AT("03:05:07")));
}
