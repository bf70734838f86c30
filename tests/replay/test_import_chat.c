/* Runs in the shape of chat completions: every form of source, and what becomes of each message. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/space_kit.h"

static struct space_kit kit;
static struct import_report report;
static struct note note;

static const struct import_options chat = { .format = IMPORT_OPENAI_CHAT };

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&kit);
}

TestSuite(import_chat, .init = setup, .fini = teardown);

#define CALL(id, name, args)                                                                       \
	"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"" id "\",\"type\":\"function\","        \
	"\"function\":{\"name\":\"" name "\",\"arguments\":" args "}}]}"
#define ANSWER(id, text) "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"" text "\"}"
#define USER "{\"role\":\"user\",\"content\":\"please\"}"

/* One run of one call with its answer. */
#define MESSAGES "[" USER "," CALL("c1", "look", "\"{\\\"q\\\": 1}\"") "," ANSWER("c1", "found") "]"
#define RUN "{\"messages\":" MESSAGES "}"

static enum err import(const char *text)
{
	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &chat, str_view(text), &report, &note);
}

static void import_ok(const char *text)
{
	enum err e = import(text);

	cr_assert_eq(e, OK, "%s: %u:%u: %s", err_name(e), note.line, note.column, note.text);
}

static void expect_replays(void)
{
	struct replay_report replayed;
	struct note n = { .line = 0 };
	enum err e = space_kit_replay(&kit, &replayed, &n);

	cr_expect_eq(e, OK, "%s: %s", err_name(e), n.text);
	cr_expect_eq(replayed.entries, space_kit_verify(&kit, NULL));
}

static void expect_counts(unsigned runs, unsigned actions, unsigned outcomes)
{
	cr_expect_eq(report.runs, runs, "%u runs", (unsigned)report.runs);
	cr_expect_eq(report.actions, actions, "%u actions", (unsigned)report.actions);
	cr_expect_eq(report.outcomes, outcomes, "%u outcomes", (unsigned)report.outcomes);
	expect_replays();
}

/* Refused, and the workspace, which held one run, is as it was. */
static void expect_refused(const char *text, enum err expected, const char *words)
{
	uint64_t before;
	enum err e;

	import_ok(RUN);
	before = space_kit_verify(&kit, NULL);
	e = import(text);
	cr_expect_eq(e, expected, "%s instead of %s: %s", err_name(e), err_name(expected),
		     note.text);
	cr_expect(strstr(note.text, words), "'%s' does not say '%s'", note.text, words);
	cr_expect_eq(space_kit_verify(&kit, NULL), before);
	expect_replays();
}

/* --- forms of a source --- */

Test(import_chat, one_run)
{
	import_ok(RUN);
	expect_counts(1, 1, 1);
}

Test(import_chat, a_run_under_its_older_name)
{
	import_ok("{\"traj\":" MESSAGES "}");
	expect_counts(1, 1, 1);
}

Test(import_chat, a_list_of_runs)
{
	import_ok("[" RUN ",\n" RUN "," RUN "]");
	expect_counts(3, 3, 3);
}

Test(import_chat, lines_of_runs)
{
	import_ok(RUN "\n" RUN "\n\n" RUN "\n");
	expect_counts(3, 3, 3);
}

Test(import_chat, lines_of_lists_of_messages)
{
	import_ok("[" MESSAGES "," MESSAGES "]");
	expect_counts(2, 2, 2);
}

Test(import_chat, bare_messages_are_one_run)
{
	import_ok(USER "\n" CALL("c1", "look", "\"{}\"") "\n" ANSWER("c1", "found") "\n");
	expect_counts(1, 1, 1);
	import_ok(MESSAGES);
	expect_counts(1, 1, 1);
}

Test(import_chat, ids_of_bare_messages_live_as_long_as_the_stream)
{
	char text[32768];
	size_t len = 0;

	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					CALL("c%d", "look", "\"{}\"") "\n", i);
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ANSWER("c%d", "yes") "\n",
					i);
	import_ok(text);
	expect_counts(1, 100, 100);
	cr_expect_eq(report.unlinked, 0);
}

/* --- calls --- */

Test(import_chat, a_call_is_an_action_of_its_run)
{
	struct entry action, outcome;

	import_ok(RUN);
	action = space_kit_entry(&kit, 2);
	outcome = space_kit_entry(&kit, 3);
	cr_expect_eq(action.kind, ENTRY_ACTION);
	cr_expect(str_is(action.agent, "agent"));
	cr_expect(str_is(action.action, "look"));
	cr_expect(str_is(action.session, "run-000000"));
	cr_expect(str_is(space_kit_body(&kit, action.args), "{\"q\":1}"));
	cr_expect_eq(outcome.kind, ENTRY_OUTCOME);
	cr_expect_eq(outcome.links[0].seq, 2);
	cr_expect(str_is(space_kit_body(&kit, outcome.result), "\"found\""));
}

Test(import_chat, the_older_function_call_form)
{
	import_ok("[{\"role\":\"assistant\",\"function_call\":{\"name\":\"look\",\"arguments\":\"{}"
		  "\"}},"
		  "{\"role\":\"function\",\"name\":\"look\",\"content\":\"found\"}]");
	expect_counts(1, 1, 1);
	cr_expect_eq(space_kit_entry(&kit, 3).links[0].seq, 2);
}

Test(import_chat, arguments_that_are_not_json_are_kept_as_text)
{
	import_ok("{\"messages\":[" CALL("c1", "look", "\"{oops\"") "]}");
	cr_expect_eq(report.unparsed, 1);
	cr_expect(str_is(space_kit_body(&kit, space_kit_entry(&kit, 2).args), "\"{oops\""));
	expect_counts(1, 1, 0);
}

Test(import_chat, arguments_may_be_an_object_already)
{
	import_ok("{\"messages\":[" CALL("c1", "look", "{\"b\":2,\"a\":1}") "]}");
	cr_expect_eq(report.unparsed, 0);
	cr_expect(str_is(space_kit_body(&kit, space_kit_entry(&kit, 2).args), "{\"a\":1,\"b\":2}"));
}

Test(import_chat, a_result_of_no_call_is_counted_and_not_recorded)
{
	import_ok("{\"messages\":[" CALL("c1", "look", "\"{}\"") "," ANSWER("c9", "lost") ","
		  ANSWER("c1", "found") "]}");
	cr_expect_eq(report.unlinked, 1);
	expect_counts(1, 1, 1);
}

Test(import_chat, a_call_of_one_run_is_not_known_in_the_next)
{
	import_ok(RUN "\n{\"messages\":[" ANSWER("c1", "late") "]}");
	cr_expect_eq(report.unlinked, 1);
	expect_counts(2, 1, 1);
}

Test(import_chat, an_id_that_comes_back_names_the_newer_call)
{
	import_ok("{\"messages\":[" CALL("c1", "look", "\"{}\"") "," CALL("c1", "buy", "\"{}\"") ","
		  ANSWER("c1", "done") "]}");
	cr_expect_eq(space_kit_entry(&kit, 4).links[0].seq, 3);
	expect_counts(1, 2, 1);
}

/* --- what stands beside the messages --- */

Test(import_chat, what_a_run_says_of_itself_becomes_a_label)
{
	struct entry label;

	import_ok("{\"id\":\"r7\",\"reward\":0.5,\"task_id\":3,\"messages\":" MESSAGES "}");
	cr_expect_eq(report.labels, 1);
	label = space_kit_entry(&kit, 4);
	cr_expect_eq(label.kind, ENTRY_LABEL);
	cr_expect(str_is(label.session, "run-000000"));
	cr_expect(str_is(value_text(label.data, "id"), "r7"));
	cr_expect_eq(value_get_c(label.data, "reward")->real, 0.5);
	cr_expect_eq(value_get_c(label.data, "task_id")->integer, 3);
	expect_replays();
}

Test(import_chat, an_option_names_the_agent_before_the_run_does)
{
	struct import_options options = chat;
	const char *text = "{\"agent\":\"smith\",\"messages\":" MESSAGES "}";

	import_ok(text);
	cr_expect(str_is(space_kit_entry(&kit, 1).agent, "smith"));
	options.agent = STR("jones");
	cr_assert_eq(space_kit_import(&kit, &options, str_view(text), &report, &note), OK);
	cr_expect_eq(report.agents, 1);
	cr_expect(str_is(space_kit_entry(&kit, 5).agent, "jones"));
}

Test(import_chat, a_message_may_have_its_own_time)
{
	struct entry first, second;

	import_ok(
		"{\"messages\":[{\"role\":\"assistant\",\"timestamp\":\"2025-02-03T04:05:06Z\","
		"\"tool_calls\":"
		"[{\"id\":\"c1\",\"function\":{\"name\":\"look\"}}]},{\"role\":\"assistant\","
		"\"created\":1738555507,"
		"\"tool_calls\":[{\"function\":{\"name\":\"look\"}}]}," ANSWER("c1", "found") "]}");
	first = space_kit_entry(&kit, 2);
	second = space_kit_entry(&kit, 3);
	cr_expect(!first.time_synthetic && !second.time_synthetic);
	cr_expect_eq(second.time_ns - first.time_ns, 1000000000);
	cr_expect(space_kit_entry(&kit, 4).time_synthetic);
	cr_expect_eq(report.synthetic_times, 1);
}

/* A time to come would hold the windows of limits shut until it comes. */
Test(import_chat, what_has_not_happened_is_refused)
{
	expect_refused("{\"messages\":[{\"role\":\"assistant\",\"timestamp\":"
		       "\"2099-01-01T00:00:00Z\",\"tool_calls\":[{\"id\":\"c1\","
		       "\"function\":{\"name\":\"look\"}}]}]}",
		       ERR_RANGE, "is ahead of the clock");
}

/* --- determinism and failure --- */

Test(import_chat, the_same_source_gives_the_same_root)
{
	struct digest first, second;

	import_ok("[" RUN "," RUN "]");
	(void)space_kit_verify(&kit, &first);
	space_kit_fini(&kit);
	space_kit_init(&kit, SPACE_KIT_ALLOW);
	import_ok(RUN "\n" RUN "\n");
	(void)space_kit_verify(&kit, &second);
	cr_expect(digest_eq(&first, &second));
}

Test(import_chat, malformed_json_in_the_third_run_takes_the_first_two_back)
{
	expect_refused(RUN "\n" RUN "\n{\"messages\":oops}\n", ERR_SYNTAX, "");
	cr_expect_eq(note.line, 3);
}

Test(import_chat, a_source_that_ends_too_early_is_taken_back)
{
	expect_refused("[" RUN "," RUN, ERR_TRUNCATED, "");
	expect_refused("", ERR_TRUNCATED, "no run");
}

Test(import_chat, messages_of_the_wrong_shape_are_refused_with_their_place)
{
	expect_refused("{\"a\":1}", ERR_TYPE, "expected a run");
	expect_refused("{\"messages\":{}}", ERR_TYPE, "list of messages");
	expect_refused("{\"messages\":[{}]}", ERR_TYPE, "with a role");
	expect_refused("{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":{}}]}", ERR_TYPE,
		       "tool calls");
	expect_refused("{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[1]}]}", ERR_TYPE,
		       "tool call");
	expect_refused("{\"messages\":[{\"role\":\"assistant\",\"function_call\":{}}]}", ERR_TYPE,
		       "name");
	expect_refused("{\"messages\":[" CALL("c1", "", "\"{}\"") "]}", ERR_RANGE, "tool's name");
	cr_expect_eq(note.line, 1);
}
