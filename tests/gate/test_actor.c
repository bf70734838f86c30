/* actor: whom an operator may name, and where. */
#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(actor, .init = setup, .fini = teardown);

static void expect(const char *agent, const char *session, const char *reason)
{
	struct note why = { .text = "" };
	uint32_t row;
	enum err e = actor_find(k.state, str_view(agent), session ? str_view(session) : STR_NONE,
				GATE_KIT_NOW, &row, &why);

	cr_assert_eq(e == OK, reason == NULL, "%s", why.text);
	if (reason)
		cr_assert_str_eq(why.text, reason);
}

Test(actor, acts_when_it_is_registered_and_nothing_stops_it)
{
	expect("ann", NULL, NULL);
	expect("ann", "run", NULL);
	expect("anna", NULL, "agent 'anna' is not registered; did you mean 'ann'?");
	session_kit_do(&k, "agent.suspend", "ann", NULL, "");
	expect("ann", NULL, "agent 'ann' is suspended");
	session_kit_do(&k, "quarantine", "bob", NULL, ",\"until\":\"2026-01-02T03:04:06Z\"");
	expect("bob", NULL, "agent 'bob' is quarantined");
	session_kit_do(&k, "release", "bob", NULL, "");
	session_kit_do(&k, "kill.session", NULL, "run", "");
	expect("bob", "other", NULL);
	expect("bob", "run", "session 'run' is killed");
	session_kit_do(&k, "agent.revoke", "bob", NULL, ",\"until\":\"2026-01-02T03:04:06Z\"");
	expect("bob", NULL, "agent 'bob' is revoked");
}

Test(actor, nobody_acts_when_everything_is_stopped)
{
	session_kit_do(&k, "kill.all", NULL, NULL, "");
	expect("ann", NULL, "everything is killed");
}

static void expect_place(const char *session, const char *reason)
{
	struct note why = { .text = "" };
	enum err e = actor_place(k.state, k.bundle, STR("ann"),
				 session ? str_view(session) : STR_NONE, GATE_KIT_NOW, &why);

	cr_assert_eq(e == OK, reason == NULL, "%s", why.text);
	if (reason)
		cr_assert_str_eq(why.text, reason);
}

Test(actor, stands_in_an_opened_session_only_when_it_joined)
{
	session_kit_do(&k, "session.open", "bob", "run", "");
	expect_place(NULL, NULL);
	expect_place("any", NULL);
	expect_place("run", "agent 'ann' has not joined the session");
	session_kit_do(&k, "session.join", "ann", "run", "");
	expect_place("run", NULL);
	session_kit_do(&k, "session.close", NULL, "run", "");
	expect_place("run", "session 'run' is closing");
}

Test(actor, stands_nowhere_else_when_the_policy_wants_sessions)
{
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\nrequire_session: true\n");
	expect_place(NULL, "the policy wants a session, and none is named");
	expect_place("any", "session 'any' was not opened by anybody");
}
