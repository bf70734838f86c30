/* recall: what conditions see of the past, as the page says, and what becomes of histories. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"
#include "tests/kit/page.h"

#define SECOND INT64_C(1000000000)
#define EVENTS                                                                                     \
	"labels: [{name: secret, tools: [read]}]\n"                                                \
	"events:\n"                                                                                \
	"  - {name: read, tools: [read]}\n"                                                        \
	"  - {name: send, tools: [send]}\n"                                                        \
	"  - {name: look, tools: [look], of: args.id}\n"                                           \
	"  - {name: touch, tools: [read, touch]}\n"                                                \
	"  - {name: odd, tools: [odd], condition: args.id > 5}\n"
#define DENY "rules:\n  - {name: no, condition: has(args.deny), action: deny}\n"
#define ALL "  - {name: all, action: allow, priority: -1}\n"
#define PLAIN GATE_KIT_HEAD DENY ALL
#define FETCHED                                                                                    \
	"{\"agent\":\"ann\",\"action\":\"fetch\",\"session\":\"s\","                    \
	"\"stage\":\"post_tool\",\"result\":{\"origin\":"

static struct gate_kit k;
static int64_t now_ns;

static enum effect act_in(const char *session, const char *tool, const char *args, struct str *rule)
{
	struct event e = { .kind = ENTRY_ACTION, .at_ns = now_ns, .agent = STR("ann"),
			   .action = str_view(tool), .args_text = str_view(args) };
	struct verdict v;

	if (session)
		e.session = str_view(session);
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	if (rule)
		*rule = v.decision.rule;
	return v.effect;
}

static enum effect act(const char *tool, const char *args)
{
	return act_in("s", tool, args, NULL);
}

static enum err approve(const char *session)
{
	struct member reason = { .key = STR("reason"), .value = value_string(STR("seen")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &reason, 1 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = now_ns,
				 .action = STR("session.approve"),
				 .session = session ? str_view(session) : STR_NONE,
				 .data = &data };
	struct verdict v;

	return gate_submit(&k.gate, &e, &k.memory, &v);
}

static void begin(const char *policy)
{
	now_ns = GATE_KIT_NOW;
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
}

static void end(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* The policy of the page, with rules that tell what the condition is. */
static const char *policy_asking(const char *condition)
{
	static _Thread_local char text[2048];

	(void)snprintf(text, sizeof(text),
		       GATE_KIT_HEAD EVENTS DENY "  - {name: t, tools: [ask], action: allow,"
		       " condition: '%s'}\n  - {name: f, tools: [ask], action: allow,"
		       " condition: 'not (%s)'}\n  - {name: e, tools: [ask], action: deny}\n" ALL,
		       condition, condition);
	return text;
}

static char answer_in(const char *session, const char *args)
{
	struct str rule;

	(void)act_in(session, "ask", args, &rule);
	return str_is(rule, "kit/t") ? 'T' : str_is(rule, "kit/f") ? 'F' : 'E';
}

/* One word of the page: something that happened before. */
static void happen(struct str word, const char *policy)
{
	char tool[32], args[64] = "{}";
	struct str name, id;
	uint64_t seconds;

	if (str_is(word, "ok")) {
		cr_assert_eq(approve("s"), OK);
	} else if (str_is(word, "[")) {
		gate_kit_policy(&k, PLAIN);
	} else if (str_is(word, "]")) {
		gate_kit_policy(&k, policy);
	} else if (word.ptr[0] == '+' || word.ptr[0] == '-') {
		cr_assert_eq(str_to_u64(str_slice(word.ptr + 1, word.len - 1), &seconds), OK);
		now_ns += (word.ptr[0] == '+' ? 1 : -1) * (int64_t)seconds * SECOND;
	} else if (word.ptr[0] == '!') {
		cr_assert_eq(str_to_c(str_slice(word.ptr + 1, word.len - 1), tool, 32), OK);
		cr_assert_eq(act(tool, "{\"deny\":1}"), EFFECT_DENY);
	} else {
		if (!str_cut(word, ':', &name, &id))
			name = word;
		else
			(void)snprintf(args, sizeof(args), "{\"id\":%.*s}", STR_ARG(id));
		cr_assert_eq(str_to_c(name, tool, 32), OK);
		cr_assert_eq(act(tool, args), EFFECT_ALLOW, "%s", tool);
	}
}

static void check_row(const struct page_row *row)
{
	struct str word, rest = row->cells[1];
	char condition[256], policy[2048], is;

	cr_assert_eq(str_to_c(row->cells[0], condition, sizeof(condition)), OK);
	(void)snprintf(policy, sizeof(policy), "%s", policy_asking(condition));
	begin(policy);
	while (rest.len > 0) {
		struct str left = rest;

		if (!str_cut(left, ' ', &word, &rest)) {
			word = left;
			rest = STR_NONE;
		}
		happen(word, policy);
	}
	is = answer_in("s", "{\"id\":7}");
	cr_expect(str_eq(row->cells[2], str_slice(&is, 1)), "%s after '%.*s' is %c", condition,
		  STR_ARG(row->cells[1]), is);
	end();
}

Test(recall, conditions_mean_what_the_documented_table_says)
{
	struct page_row *rows;
	struct arena a;
	size_t count;

	arena_init(&a, 4 << 20);
	count = page_rows("docs/formats/policy.md", "sequences", &a, &rows);
	cr_assert_gt(count, 60);
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
	arena_fini(&a);
}

Test(recall, without_a_session_nothing_can_be_told)
{
	struct entry last;

	begin(policy_asking("once(read)"));
	cr_expect_eq(act_in(NULL, "read", "{}", NULL), EFFECT_ALLOW);
	cr_expect_eq(answer_in(NULL, "{}"), 'E');
	last = gate_kit_last(&k);
	cr_expect(str_is(last.decision->reasons[1], "rule 'kit/t': once(read): the action has no "
						    "session (condition column 1)"),
		  "%.*s", STR_ARG(last.decision->reasons[1]));
	cr_expect_eq(state_rows(k.state, GATE_HISTORIES), 0);
	end();
}

Test(recall, an_undecidable_question_says_what_is_missing)
{
	struct entry last;

	begin(policy_asking("once(look, args.which)"));
	cr_expect_eq(answer_in("s", "{}"), 'E');
	last = gate_kit_last(&k);
	cr_expect(str_is(last.decision->reasons[1], "rule 'kit/t': once(look, args.which): "
						    "args.which is missing (condition column 1)"),
		  "%.*s", STR_ARG(last.decision->reasons[1]));
	end();
	begin(PLAIN);
	(void)act("read", "{}");
	gate_kit_policy(&k, policy_asking("once(read)"));
	cr_expect_eq(answer_in("s", "{}"), 'E');
	last = gate_kit_last(&k);
	cr_expect(str_is(last.decision->reasons[1], "rule 'kit/t': once(read): the session's "
						    "history does not tell (condition column 1)"),
		  "%.*s", STR_ARG(last.decision->reasons[1]));
	end();
}

Test(recall, sessions_do_not_see_each_other)
{
	begin(policy_asking("once(look, args.id)"));
	cr_expect_eq(act_in("s", "look", "{\"id\":7}", NULL), EFFECT_ALLOW);
	cr_expect_eq(answer_in("s", "{\"id\":7}"), 'T');
	cr_expect_eq(answer_in("t", "{\"id\":7}"), 'F');
	end();
}

Test(recall, a_bundle_that_asks_nothing_keeps_nothing)
{
	begin(PLAIN);
	cr_expect_eq(act("read", "{}"), EFFECT_ALLOW);
	cr_expect_eq(approve("s"), OK);
	cr_expect_eq(state_rows(k.state, GATE_HISTORIES), 0);
	end();
}

Test(recall, values_are_told_apart_until_there_are_too_many)
{
	char args[32];

	begin(policy_asking("once(look, args.id)"));
	for (int i = 0; i < LIMIT_KEYS; i++) {
		(void)snprintf(args, sizeof(args), "{\"id\":%d}", i);
		cr_assert_eq(act("look", args), EFFECT_ALLOW);
	}
	cr_expect_eq(answer_in("s", "{\"id\":0}"), 'T');
	cr_expect_eq(answer_in("s", "{\"id\":32}"), 'F', "full, and nothing is lost yet");
	cr_assert_eq(act("look", "{\"id\":5}"), EFFECT_ALLOW);
	cr_expect_eq(answer_in("s", "{\"id\":32}"), 'F', "nor by what is known already");
	cr_assert_eq(act("look", "{\"id\":32}"), EFFECT_ALLOW);
	cr_expect_eq(answer_in("s", "{\"id\":31}"), 'T');
	cr_expect_eq(answer_in("s", "{\"id\":32}"), 'E');
	cr_expect_eq(answer_in("s", "{\"id\":99}"), 'E');
	end();
}

Test(recall, one_value_of_two_events_is_not_the_same)
{
	begin(GATE_KIT_HEAD "events:\n  - {name: a, tools: [a], of: args.id}\n"
			    "  - {name: b, tools: [b], of: args.id}\nrules:\n"
			    "  - {name: t, tools: [ask], condition: 'once(b, args.id)',"
			    " action: allow}\n  - {name: all, tools: [a, b], action: allow}\n");
	cr_expect_eq(act("a", "{\"id\":1}"), EFFECT_ALLOW);
	cr_expect_eq(act("ask", "{\"id\":1}"), EFFECT_DENY);
	cr_expect_eq(act("b", "{\"id\":1}"), EFFECT_ALLOW);
	cr_expect_eq(act("ask", "{\"id\":1}"), EFFECT_ALLOW);
	end();
}

Test(recall, an_event_of_a_stage_happens_there_and_sees_the_result)
{
	struct verdict v;

	begin(GATE_KIT_HEAD
	      "labels: [{name: untrusted, stage: post_tool, tools: [fetch],"
	      " condition: 'result.origin != \"intranet\"'}]\nrules:\n"
	      "  - {name: pay, tools: [pay], condition: 'labelled(\"untrusted\")', action: deny}\n"
	      "  - {name: all, action: allow}\n"
	      "  - {name: after, stage: post_tool, action: allow}\n");
	cr_expect_eq(act("fetch", "{}"), EFFECT_ALLOW);
	cr_expect_eq(act("pay", "{}"), EFFECT_ALLOW);
	cr_assert_eq(gate_kit_text(&k, FETCHED "\"intranet\"}}", &v), OK);
	cr_expect_eq(act("pay", "{}"), EFFECT_ALLOW);
	cr_assert_eq(gate_kit_text(&k, FETCHED "\"web\"}}", &v), OK);
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	cr_expect_eq(act("pay", "{}"), EFFECT_DENY);
	end();
}

Test(recall, what_a_limit_or_the_standing_of_an_agent_denies_did_not_happen)
{
	struct member reason = { .key = STR("reason"), .value = value_string(STR("odd")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &reason, 1 } };
	struct event suspend = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .agent = STR("bob"),
				 .action = STR("agent.suspend"), .data = &data };
	struct verdict v;

	begin(GATE_KIT_HEAD "events: [{name: pay, tools: [pay]}]\nrules:\n"
			    "  - {name: pay, tools: [pay], action: allow, limit: 1/day}\n"
			    "  - {name: ask, tools: [ask], condition: count(pay) == 1,"
			    " action: allow}\n");
	gate_kit_agent(&k, "bob", NULL);
	cr_assert_eq(gate_submit(&k.gate, &suspend, &k.memory, &v), OK);
	cr_expect_eq(act("pay", "{}"), EFFECT_ALLOW);
	cr_expect_eq(act("pay", "{}"), EFFECT_DENY);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"bob\",\"action\":\"pay\",\"session\":\"s\"}",
				   &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect_eq(act("ask", "{}"), EFFECT_ALLOW);
	end();
}

Test(recall, names_keep_their_history_in_another_bundle_and_another_order)
{
	begin(GATE_KIT_HEAD "events:\n  - {name: x, tools: [x]}\n  - {name: y, tools: [y]}\n" DENY
	      ALL);
	cr_expect_eq(act("x", "{}"), EFFECT_ALLOW);
	cr_expect_eq(act("x", "{}"), EFFECT_ALLOW);
	gate_kit_policy(&k, GATE_KIT_HEAD
			"events:\n  - {name: z, tools: [z]}\n  - {name: y, tools: [other]}\n"
			"  - {name: x, tools: [x]}\nrules:\n"
			"  - {name: a, tools: [a], condition: count(x) == 2, action: allow}\n"
			"  - {name: b, tools: [b], condition: not once(y), action: allow}\n"
			"  - {name: c, tools: [c], condition: not once(z), action: allow}\n"
			"  - {name: z, tools: [z], action: allow}\n"
			"  - {name: d, tools: [d], condition: 'since(z, x)', action: allow}\n");
	cr_expect_eq(act("a", "{}"), EFFECT_ALLOW);
	cr_expect_eq(act("b", "{}"), EFFECT_ALLOW, "y was watched all the time");
	cr_expect_eq(act("c", "{}"), EFFECT_DENY, "z was not");
	cr_expect_eq(act("z", "{}"), EFFECT_ALLOW);
	cr_expect_eq(act("d", "{}"), EFFECT_ALLOW);
	end();
}

Test(recall, an_approval_needs_a_session_that_has_acted)
{
	size_t lines;

	begin(policy_asking("once(approved)"));
	lines = k.line_count;
	cr_expect_eq(approve("s"), ERR_NOT_FOUND);
	cr_expect_str_eq(k.gate.why.text, "no action of session 's' is recorded");
	cr_expect_eq(approve(NULL), ERR_SYNTAX);
	cr_expect_eq(k.line_count, lines);
	cr_expect_eq(state_rows(k.state, GATE_SESSIONS), 0);
	cr_expect_eq(act("read", "{\"deny\":1}"), EFFECT_DENY);
	cr_expect_eq(approve("s"), OK, "a denied action may be what it is about");
	cr_expect_eq(answer_in("s", "{}"), 'T');
	end();
}

/* Whether every allocation went well. */
static bool try_with_fault(uint64_t n)
{
	struct digest before, after;
	struct verdict v;
	struct arena a;
	bool hit;
	enum err e;
	const struct event event = { .kind = ENTRY_ACTION, .at_ns = now_ns, .agent = STR("ann"),
				     .action = STR("look"), .session = STR("s"),
				     .args_text = STR("{\"id\":7}") };

	begin(policy_asking("once(look, args.id)"));
	arena_init(&a, LIMIT_ACTION_MEMORY);
	before = state_root(k.state);
	fail_alloc_at(n);
	e = gate_submit(&k.gate, &event, &a, &v);
	hit = fail_alloc_was_hit();
	after = state_root(k.state);
	cr_assert_eq(v.effect, hit ? EFFECT_DENY : EFFECT_ALLOW);
	cr_assert(e == OK || digest_eq(&before, &after));
	cr_assert_eq(state_rows(k.state, GATE_HISTORIES), hit ? 0 : 1);
	arena_fini(&a);
	end();
	return !hit;
}

Test(recall, no_failing_allocation_makes_a_past)
{
	uint64_t n = 1;

	while (!try_with_fault(n))
		n++;
	cr_assert_gt(n, 4);
}
