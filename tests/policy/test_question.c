/* question: documents filled up as the gate would, refused with a place, and written back. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\n"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(question, .init = start, .fini = stop);

static enum err ask(const char *text, struct question *q, struct note *n)
{
	struct value v;

	*n = (struct note){ .line = 0 };
	cr_assert_eq(json_read(str_view(text), 1, &memory, &v, NULL), OK, "%s", text);
	return question_read(&v, NULL, &memory, q, n);
}

static struct ruling decide(const char *policy, const char *text)
{
	struct policy_file file = { STR("p.yaml"), str_view(policy) };
	struct question q;
	struct ruling r;
	struct bundle *b;
	struct note n;

	cr_assert_eq(bundle_load(&file, 1, &memory, &b, &n), OK, "%s", n.text);
	cr_assert_eq(ask(text, &q, &n), OK, "%s", n.text);
	cr_assert_eq(question_decide(b, &q, &memory, &r), OK);
	return r;
}

Test(question, absent_facts_are_those_of_a_new_agent_in_a_new_session)
{
	const char *policy = HEAD "rules: [{name: r, action: allow, condition: 'agent.registered "
				  "and not agent.signed and agent.origin == \"created\" and "
				  "agent.actions == 0 and session.denials == 0 and session.id == "
				  "\"s\" and not has(args)'}]\n";

	cr_expect(decide(policy, "{\"agent\":\"a\",\"action\":\"t\",\"session\":\"s\"}").allow);
	cr_expect_not(decide(policy, "{\"agent\":{\"id\":\"a\",\"actions\":1},\"action\":\"t\","
				     "\"session\":\"s\"}")
			      .allow);
}

Test(question, agents_that_are_not_registered_are_denied_before_any_rule)
{
	const char *text = "{\"agent\":{\"id\":\"a\",\"registered\":false},\"action\":\"t\"}";
	struct ruling r = decide(HEAD "default_action: allow\n", text);

	cr_expect_not(r.allow);
	cr_expect(str_is(r.reason, "agent 'a' is not registered"));
	r = decide(HEAD "default_action: allow\nunknown_agents: evaluate\n", text);
	cr_expect(r.allow);
}

Test(question, writes_what_reads_the_same)
{
	static const char *const same[] = {
		"{\"action\":\"t\",\"agent\":\"a\"}",
		"{\"action\":{\"env\":\"prod\",\"type\":\"t\"},\"agent\":\"a\",\"args\":{\"n\":1},"
		"\"resource\":\"r\",\"result\":[1],\"session\":\"s\",\"stage\":\"post_tool\"}",
		"{\"action\":\"t\",\"agent\":{\"id\":\"a\",\"registered\":false,\"signed\":true}}",
		"{\"action\":\"t\",\"agent\":\"a\",\"session\":{\"actions\":3,\"denials\":0,\"id\":"
		"\"s\"}}",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct question q;
		struct note n;
		struct buf b;

		buf_init(&b, 4096);
		cr_assert_eq(ask(same[i], &q, &n), OK, "%s", n.text);
		question_write(&b, &q);
		cr_expect(str_is(buf_view(&b), same[i]), "%.*s", STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
}

Test(question, what_the_gate_could_not_say_is_refused)
{
	static const struct {
		const char *text, *story;
		enum err e;
	} rows[] = {
		{ "[]", "found list; expected an object with agent and action", ERR_TYPE },
		{ "{\"agent\":\"a\"}", "this request has no action", ERR_NOT_FOUND },
		{ "{\"agent\":\"a\",\"action\":\"t\",\"arg\":1}",
		  "unknown member 'arg' of a request; did you mean 'args'?", ERR_UNKNOWN },
		{ "{\"agent\":{\"id\":\"a\",\"sgined\":true},\"action\":\"t\"}",
		  "unknown member 'sgined' of agent; did you mean 'signed'?", ERR_UNKNOWN },
		{ "{\"agent\":{\"id\":\"a\",\"registered\":false,\"actions\":1},\"action\":\"t\"}",
		  "'actions' is not known of an agent that is not registered", ERR_RANGE },
		{ "{\"agent\":{\"id\":\"a\",\"actions\":-1},\"action\":\"t\"}",
		  "'actions' is integer here; expected an integer from 0", ERR_TYPE },
		{ "{\"agent\":{\"id\":\"a\",\"origin\":\"x\"},\"action\":\"t\"}",
		  "unknown origin 'x'; expected created or imported", ERR_UNKNOWN },
		{ "{\"agent\":{},\"action\":\"t\"}", "this agent has no id", ERR_NOT_FOUND },
		{ "{\"agent\":\"a\",\"action\":{}}", "this action has no type", ERR_NOT_FOUND },
		{ "{\"agent\":\"a\",\"action\":\"t\",\"stage\":\"x\"}",
		  "unknown stage; expected pre_input, pre_tool, post_tool or pre_output",
		  ERR_UNKNOWN },
		{ "{\"agent\":\"a\",\"action\":\"t\",\"resource\":1}",
		  "'resource' is integer here; expected a text", ERR_TYPE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct question q;
		struct note n;

		cr_expect_eq(ask(rows[i].text, &q, &n), rows[i].e, "%s", rows[i].text);
		cr_expect_str_eq(n.text, rows[i].story);
	}
}
