/* presence: who acts in a session that was opened, and that everything replays. */
#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;

static void start(const char *policy)
{
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
}

static void setup(void)
{
	start(GATE_KIT_HEAD "default_action: allow\n");
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(presence, .init = setup, .fini = teardown);

#define ANN "\"agent\":\"ann\",\"action\":\"pay\""
#define BOB "\"agent\":\"bob\",\"action\":\"pay\""
#define IN ",\"session\":\"s\""
#define AT(text) ",\"at\":\"2026-01-02T" text "Z\""

static void open_with(const char *data)
{
	session_kit_do(&k, "session.open", "ann", "s", data);
}

static enum life_state state_now(void)
{
	struct life_row row;
	uint32_t at;

	cr_assert(life_find(k.state, GATE_LIVES, STR("s"), &at, &row));
	return (enum life_state)row.state;
}

Test(presence, a_session_takes_its_participants_only_and_only_while_it_lasts)
{
	session_kit_allowed(&k, BOB ",\"session\":\"other\"");
	open_with("");
	session_kit_denied(&k, ANN IN, "session", "agent 'ann' has not joined the session");
	cr_assert_eq(state_now(), LIFE_OPEN);
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_allowed(&k, ANN IN);
	cr_assert_eq(state_now(), LIFE_ACTIVE);
	session_kit_denied(&k, BOB IN, "session", "agent 'bob' has not joined the session");
	session_kit_do(&k, "session.close", NULL, "s", "");
	session_kit_denied(&k, ANN IN, "session", "session 's' is closing");
	session_kit_do(&k, "session.leave", "ann", "s", "");
	session_kit_denied(&k, ANN IN, "session", "session 's' is closed");
	session_kit_allowed(&k, ANN);
}

Test(presence, time_closes_a_session_by_itself)
{
	open_with(",\"seconds\":60");
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_allowed(&k, ANN IN AT("03:05:04"));
	session_kit_denied(&k, ANN IN AT("03:05:05"), "session",
			   "session 's' is over, for its time is up");
	session_kit_denied(&k, ANN IN AT("03:04:05"), "session",
			   "session 's' is over, for its time is up");
}

/* What only asks in vain makes no session active, and uses nothing of it up. */
Test(presence, what_is_denied_opens_nothing)
{
	gate_kit_fini(&k);
	start(GATE_KIT_HEAD "default_action: deny\n"
	      "quotas: [{name: q, per: session, rate: 1/day}]\n");
	open_with("");
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_denied(&k, BOB IN, "session", "agent 'bob' has not joined the session");
	cr_assert_eq(state_rows(k.state, GATE_QUOTAS), 0);
	session_kit_denied(&k, ANN IN, "policy", "no rule matched; default of 'kit' is deny");
	cr_assert_eq(state_now(), LIFE_OPEN);
}

Test(presence, a_policy_can_want_sessions_that_were_opened)
{
	gate_kit_fini(&k);
	start(GATE_KIT_HEAD "default_action: allow\nrequire_session: true\n");
	session_kit_denied(&k, ANN, "session",
			   "the policy wants a session, and the action names none");
	session_kit_denied(&k, ANN IN, "session", "session 's' was not opened by anybody");
	session_kit_do(&k, "session.open", "ann", "t", "");
	session_kit_do(&k, "session.join", "ann", "t", "");
	session_kit_allowed(&k, ANN ",\"session\":\"t\"");
}

static uint64_t fence_of(const char *session)
{
	struct halt_row halt;

	cr_assert(halt_stops(k.state, GATE_HALTS, STR_NONE, str_view(session), 0, &halt), "%s",
		  session);
	return halt.fence;
}

/* A kill goes down with its fence, and stops nothing beside it. */
Test(presence, what_is_below_a_killed_session_takes_no_action)
{
	struct verdict v;

	open_with("");
	session_kit_do(&k, "session.open", "ann", "other", "");
	session_kit_do(&k, "session.join", "ann", "other", "");
	session_kit_do(&k, "session.open", "ann", "child", ",\"parent\":\"s\"");
	session_kit_do(&k, "session.open", "ann", "grandchild", ",\"parent\":\"child\"");
	session_kit_do(&k, "session.join", "ann", "grandchild", "");
	session_kit_allowed(&k, ANN ",\"session\":\"grandchild\"");
	v = session_kit_ask(&k, ANN ",\"session\":\"grandchild\"");
	session_kit_do(&k, "kill.session", NULL, "s", "");
	session_kit_denied(&k, ANN ",\"session\":\"grandchild\"", "standing",
			   "session 'grandchild' was killed");
	cr_assert_gt(fence_of("grandchild"), v.entry, "what it was allowed commits no more");
	cr_assert_eq(fence_of("grandchild"), fence_of("s"));
	session_kit_allowed(&k, ANN ",\"session\":\"other\"");
	cr_assert_eq(session_kit_control(&k, "session.open", "ann", "late",
					 ",\"parent\":\"s\"", 0),
		     ERR_RANGE, "nothing is opened below it any more");
}

Test(presence, who_was_brought_in_by_a_killed_agent_does_not_act)
{
	open_with("");
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_do(&k, "session.join", "bob", "s", ",\"by\":\"ann\"");
	session_kit_allowed(&k, BOB IN);
	session_kit_do(&k, "kill.agent", "ann", NULL, "");
	session_kit_denied(&k, BOB IN, "session", "agent 'ann' was killed");
	session_kit_allowed(&k, BOB);
}

/* --- rings --- */

#define RINGS                                                                                    \
	GATE_KIT_HEAD "default_action: allow\nrings:\n  default: 1\n"                            \
	"  agents: [{agents: [bob], ring: 2}]\n"                                                 \
	"  tools: [{tools: [pay], ring: 1}, {tools: [look], ring: 3}]\n"

#define CARL "\"agent\":\"carl\",\"action\":\"pay\""

Test(presence, a_child_is_in_no_better_ring_than_who_brought_it_in)
{
	gate_kit_fini(&k);
	start(RINGS);
	gate_kit_agent(&k, "carl", NULL);
	open_with("");
	session_kit_do(&k, "session.join", "bob", "s", "");
	session_kit_do(&k, "session.join", "carl", "s", ",\"by\":\"bob\"");
	session_kit_allowed(&k, CARL);
	session_kit_denied(&k, CARL IN, "ring", "'pay' needs ring 1; agent 'carl' is in ring 2");
	session_kit_do(&k, "session.join", "ann", "s", ",\"ring\":3");
	session_kit_denied(&k, ANN IN, "ring", "'pay' needs ring 1; agent 'ann' is in ring 3");
	session_kit_do(&k, "session.leave", "bob", "s", "");
	session_kit_denied(&k, CARL IN, "session", "agent 'bob' has left the session");
}

Test(presence, a_child_session_is_in_no_better_ring_than_its_parent)
{
	gate_kit_fini(&k);
	start(RINGS);
	open_with(",\"ring\":2");
	session_kit_do(&k, "session.open", "ann", "child", ",\"parent\":\"s\"");
	session_kit_do(&k, "session.join", "ann", "child", "");
	session_kit_denied(&k, ANN ",\"session\":\"child\"", "ring",
			   "'pay' needs ring 1; agent 'ann' is in ring 2");
	session_kit_do(&k, "session.close", NULL, "s", "");
	session_kit_denied(&k, ANN ",\"session\":\"child\"", "session", "session 's' is closed");
}
