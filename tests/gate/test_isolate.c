/* isolate: intents of a bundle in whole actions and outcomes, replayed bit for bit. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/gate/inside.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;

#define INTENTS_TEXT                                                                             \
	"intents:\n  - {tools: [get], intent: read, of: args.id}\n"                              \
	"  - {tools: [put, copy], intent: write, of: args.id}\n"                                  \
	"  - {tools: [copy], intent: read, of: args.from}\n"                                      \
	"  - {tools: [migrate], intent: exclusive}\n"

static void start(const char *level)
{
	char data[64];

	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n"
		      "rules: [{name: no, condition: has(args.bad), action: deny}]\n"
		      INTENTS_TEXT);
	(void)snprintf(data, sizeof(data), ",\"isolation\":\"%s\"", level);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
	session_kit_do(&k, "session.open", "ann", "s", data);
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_do(&k, "session.join", "bob", "s", "");
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(isolate, .fini = teardown);

#define DO(agent, action, id)                                                                    \
	"\"agent\":\"" agent "\",\"action\":\"" action                                          \
	"\",\"session\":\"s\",\"args\":{\"id\":" id "}"
#define NEWER                                                                                    \
	"what the action touches was changed since the agent began; begin anew by reading again"
#define PREMISE                                                                                  \
	"what the agent read before was changed since, or is being; begin anew by reading again"

static void outcome(uint64_t of, const char *more)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "\"outcome_of\":%llu%s", (unsigned long long)of, more);
	(void)session_kit_ask(&k, text);
}

Test(isolate, write_skew_is_refused_before_it_happens)
{
	uint64_t first;

	start("serializable");
	session_kit_allowed(&k, DO("ann", "get", "1"));
	session_kit_allowed(&k, DO("ann", "get", "2"));
	session_kit_allowed(&k, DO("bob", "get", "1"));
	session_kit_allowed(&k, DO("bob", "get", "2"));
	first = session_kit_ask(&k, DO("ann", "put", "1")).entry;
	session_kit_denied(&k, DO("bob", "put", "2"), "session", PREMISE);
	outcome(first, "");
	session_kit_denied(&k, DO("ann", "put", "[\"not\",\"bad\"],\"bad\":1"), "policy",
			   "rule 'no' of 'kit' (kit.yaml) matched");
	session_kit_allowed(&k, DO("bob", "put", "2"));
}

Test(isolate, a_read_is_repeatable_under_snapshot)
{
	uint64_t put;

	start("snapshot");
	session_kit_allowed(&k, DO("ann", "get", "\"x\""));
	put = session_kit_ask(&k, DO("bob", "put", "\"x\"")).entry;
	session_kit_denied(&k, DO("ann", "get", "\"x\""), "session",
			   "what the action touches is being written by bob");
	outcome(put, ",\"status\":\"ok\"");
	session_kit_allowed(&k, DO("ann", "get", "\"x\""));
	session_kit_allowed(&k, DO("ann", "get", "\"y\""));
	outcome(session_kit_ask(&k, DO("bob", "put", "\"y\"")).entry, "");
	session_kit_denied(&k, DO("ann", "get", "\"y\""), "session", NEWER);
}

/* 1.0 is recorded as 1, and so are things named. */
Test(isolate, things_are_one_when_they_are_recorded_alike)
{
	start("read_committed");
	session_kit_allowed(&k, DO("ann", "put", "1.0"));
	session_kit_denied(&k, DO("bob", "put", "1"), "session",
			   "what the action touches is being written by ann");
	session_kit_allowed(&k, DO("bob", "put", "\"1\""));
	session_kit_denied(&k, "\"agent\":\"ann\",\"action\":\"put\",\"session\":\"s\"", "session",
			   "the action touches args.id, which is missing");
	session_kit_denied(&k, "\"agent\":\"ann\",\"action\":\"migrate\",\"session\":\"s\"",
			   "session", "the action touches its resource, which is missing");
	session_kit_allowed(&k, "\"agent\":\"ann\",\"action\":\"migrate\",\"session\":\"s\","
				"\"resource\":\"db\"");
	session_kit_denied(&k, "\"agent\":\"bob\",\"action\":\"migrate\",\"session\":\"s\","
			   "\"resource\":\"db\"", "session",
			   "what the action touches is being written by ann");
}

/* A call is asked about four times and made once; elsewhere nothing is kept apart. */
Test(isolate, only_calls_in_isolated_sessions_touch_anything)
{
	start("serializable");
	session_kit_allowed(&k, DO("ann", "put", "1") ",\"stage\":\"pre_output\"");
	session_kit_allowed(&k, "\"agent\":\"ann\",\"action\":\"put\",\"session\":\"other\"");
	cr_assert_eq(state_rows(k.state, GATE_THINGS), 0);
	session_kit_denied(&k, DO("ann", "put", "1,\"bad\":1"), "policy",
			   "rule 'no' of 'kit' (kit.yaml) matched");
	cr_assert_eq(state_rows(k.state, GATE_THINGS), 0, "what is denied holds nothing");
	session_kit_allowed(&k, DO("ann", "copy", "1,\"from\":2"));
	cr_assert_eq(state_rows(k.state, GATE_THINGS), 2);
	session_kit_denied(&k, DO("bob", "get", "2"), "session",
			   "what the action touches is being written by ann");
}

Test(isolate, a_killed_agent_leaves_its_work_to_its_heir)
{
	start("serializable");
	gate_kit_agent(&k, "carl", NULL);
	session_kit_do(&k, "session.join", "carl", "s", "");
	session_kit_allowed(&k, DO("ann", "put", "1"));
	cr_assert_eq(session_kit_control(&k, "kill.agent", "ann", NULL, ",\"heir\":\"ann\"", 0),
		     ERR_RANGE);
	cr_assert_eq(session_kit_control(&k, "kill.agent", "ann", NULL, ",\"heir\":\"eve\"", 0),
		     ERR_NOT_FOUND);
	cr_assert_str_eq(k.gate.why.text, "agent 'eve' is not registered; see: trammel agent list");
	cr_assert_eq(session_kit_control(&k, "kill.agent", "ann", NULL, ",\"heir\":1", 0),
		     ERR_TYPE);
	session_kit_do(&k, "kill.agent", "ann", NULL, ",\"heir\":\"bob\"");
	session_kit_denied(&k, DO("carl", "put", "1"), "session",
			   "what the action touches is being written by bob");
	outcome(session_kit_ask(&k, DO("bob", "put", "1")).entry, "");
	session_kit_allowed(&k, DO("carl", "put", "1"));
}
