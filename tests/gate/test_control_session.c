/* control_session: what the verbs need, and that a no changes nothing. */
#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\ntrust: {initial: 500}\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(control_session, .init = setup, .fini = teardown);

/* It did not happen, and says why. */
static void refused(const char *verb, const char *agent, const char *data, const char *sentence)
{
	size_t lines = k.line_count;
	struct digest before, after;

	before = state_root(k.state);
	cr_assert_neq(session_kit_control(&k, verb, agent, "s", data, 0), OK, "%s", data);
	cr_assert_str_eq(k.gate.why.text, sentence);
	after = state_root(k.state);
	cr_assert(digest_eq(&before, &after) && k.line_count == lines);
}

Test(control_session, somebody_answers_for_what_is_opened)
{
	refused("session.open", NULL, "",
		"nobody answers for the session; expected --agent NAME, who opens it, or "
		"--sponsor MAIL");
	refused("session.open", "eve", "",
		"agent 'eve' is not registered; see: trammel agent list");
	refused("session.open", NULL, ",\"sponsor\":\"ann\"", "'ann' is no mail address");
	session_kit_do(&k, "session.open", NULL, "s", ",\"sponsor\":\"ann@example.org\"");
	refused("session.open", "ann", "", "session 's' was opened already");
	session_kit_do(&k, "agent.suspend", "bob", NULL, "");
	refused("session.join", "bob", "", "agent 'bob' is suspended");
}

Test(control_session, what_is_misspelt_or_out_of_range_is_refused)
{
	refused("session.open", "ann", ",\"second\":5",
		"member 'second' is not known here; did you mean 'seconds'?");
	refused("session.open", "ann", ",\"seconds\":0",
		"'seconds' is a whole number from 1 to 604800");
	refused("session.open", "ann", ",\"seconds\":604801",
		"'seconds' is a whole number from 1 to 604800");
	refused("session.open", "ann", ",\"participants\":\"3\"",
		"'participants' is a whole number from 1 to 1000");
	refused("session.open", "ann", ",\"ring\":0", "'ring' is a whole number from 1 to 3");
	refused("session.open", "ann", ",\"min_score\":1001",
		"'min_score' is a whole number from 0 to 1000");
	refused("session.open", "ann", ",\"isolation\":\"strong\"",
		"unknown isolation 'strong'; expected none, read_committed, snapshot or "
		"serializable");
	refused("session.open", "ann", ",\"isolation\":3", "'isolation' is no text, or empty");
	refused("session.open", "ann", ",\"parent\":\"nobody\"", "nobody opened session 'nobody'");
	refused("session.open", "ann", ",\"isolation\":\"snapshot\",\"participants\":33",
		"a session with isolation has 32 participants at most; expected no more, not 33");
	refused("session.close", NULL, "", "nobody opened session 's'");
	session_kit_do(&k, "session.open", "ann", "s", "");
	refused("session.join", "ann", ",\"rings\":1",
		"member 'rings' is not known here; did you mean 'ring'?");
	refused("session.leave", "ann", "", "agent 'ann' is not in session 's'");
}

Test(control_session, who_joins_is_worth_what_the_session_wants)
{
	session_kit_do(&k, "session.open", "ann", "s", ",\"min_score\":600");
	refused("session.join", "ann", "",
		"the session wants a score of 600; agent 'ann' has 500");
	session_kit_do(&k, "trust.set", "ann", NULL, ",\"score\":600");
	session_kit_do(&k, "session.join", "ann", "s", "");
}

Test(control_session, who_is_revoked_for_a_while_neither_opens_nor_joins)
{
	session_kit_do(&k, "session.open", "ann", "s", "");
	session_kit_do(&k, "agent.revoke", "bob", NULL, ",\"until\":\"2026-01-03T00:00:00Z\"");
	refused("session.join", "bob", "", "agent 'bob' is revoked");
	cr_assert_eq(session_kit_control(&k, "session.open", "bob", "t", "", 0), ERR_RANGE);
}

Test(control_session, what_was_stopped_or_used_is_not_opened)
{
	session_kit_allowed(&k, "\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"s\"");
	refused("session.open", "ann", "",
		"session 's' has acted already without being opened; expected a new name");
	session_kit_do(&k, "kill.session", NULL, "t", "");
	cr_assert_eq(session_kit_control(&k, "session.open", NULL, "t",
					 ",\"sponsor\":\"a@example.org\"", 0), ERR_RANGE);
	cr_assert_str_eq(k.gate.why.text, "session 't' is killed, and that is final");
	session_kit_do(&k, "kill.agent", "bob", NULL, "");
	session_kit_do(&k, "session.open", "ann", "u", "");
	cr_assert_eq(session_kit_control(&k, "session.join", "bob", "u", "", 0), ERR_RANGE);
	cr_assert_str_eq(k.gate.why.text, "agent 'bob' is killed");
}
