#include "engine/gate/gate.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"

static struct arena a;
static struct buf bodies, made;
static struct event e;
static struct intake in;
static struct note n;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	in = (struct intake){ .found = { .arena = &a } };
	buf_init(&bodies, LIMIT_BODY_BYTES);
	buf_init(&made, 2 * LIMIT_ACTION_BYTES);
}

static void teardown(void)
{
	buf_fini(&made);
	buf_fini(&bodies);
	arena_fini(&a);
}

TestSuite(action, .init = setup, .fini = teardown);

static enum err read_bytes(struct str text)
{
	n = (struct note){ .text = "" };
	arena_rewind(&a, (struct arena_mark){ NULL, 0 });
	buf_clear(&bodies);
	in = (struct intake){ .found = { .arena = &a } };
	return action_read(text, GATE_KIT_NOW, &in, &bodies, &e, &n);
}

static void expect_error(const char *text, enum err expected, const char *story)
{
	enum err got = read_bytes(str_view(text));

	cr_assert_eq(got, expected, "%s: %s: %s", text, err_name(got), n.text);
	cr_assert(strstr(n.text, story), "%s: \"%s\" does not say \"%s\"", text, n.text, story);
	cr_assert_eq(n.line, 1);
}

static void expect_ok(const char *text)
{
	enum err got = read_bytes(str_view(text));

	cr_assert_eq(got, OK, "%s: %s: %s", text, err_name(got), n.text);
}

#define SIGNATURE                                                                                \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

Test(action, every_member_arrives_where_it_belongs)
{
	expect_ok(
		"{\"agent\":\"ann\",\"action\":\"pay\",\"resource\":\"db\",\"args\":{\"b\":1,"
		"\"a\":[]},\"session\":\"s\",\"trace\":\"t\",\"at\":\"2026-01-02T04:04:05+01:00\","
		"\"signature\":\"" SIGNATURE "\"}");
	cr_assert_eq(e.kind, ENTRY_ACTION);
	cr_assert(str_is(e.agent, "ann") && str_is(e.action, "pay") && str_is(e.resource, "db"));
	cr_assert(str_is(e.session, "s") && str_is(e.trace, "t"));
	cr_assert(str_is(e.args_text, "{\"a\":[],\"b\":1}"));
	cr_assert_null(e.result_text.ptr);
	cr_assert_eq(e.at_ns, GATE_KIT_NOW);
	cr_assert(!e.at_synthetic && !e.data && e.signature && e.link_count == 0);
}

Test(action, what_is_not_there_is_absent)
{
	expect_ok(" {\"action\":\"pay\", \"agent\":\"ann\"}\n");
	cr_assert_eq(e.at_ns, GATE_KIT_NOW);
	cr_assert(!e.resource.ptr && !e.session.ptr && !e.trace.ptr && !e.args_text.ptr);
	cr_assert(!e.signature && !e.data);
}

Test(action, names_of_the_reference_toolkit_are_understood)
{
	expect_ok("{\"agent_did\":\"did:mesh:1\",\"tool_name\":\"pay\"}");
	cr_assert(str_is(e.agent, "did:mesh:1") && str_is(e.action, "pay"));
	expect_ok("{\"agent_id\":\"ann\",\"action\":{\"type\":\"pay\"}}");
	cr_assert(str_is(e.agent, "ann") && str_is(e.action, "pay") && !e.data);
	expect_ok("{\"agent_id\":\"ann\",\"action\":{\"to\":\"x\",\"type\":\"pay\",\"n\":1}}");
	cr_assert(str_is(value_text(value_get_c(e.data, "attrs"), "to"), "x"));
	cr_assert_null(value_get_c(value_get_c(e.data, "attrs"), "type"));
}

Test(action, each_of_the_two_names_is_needed)
{
	expect_error("{}", ERR_SYNTAX, "'agent' is missing");
	expect_error("{\"action\":\"pay\"}", ERR_SYNTAX, "'agent' is missing");
	expect_error("{\"agent\":\"ann\"}", ERR_SYNTAX, "'action' is missing; expected {");
	expect_error("{\"agent\":\"ann\",\"action\":{\"to\":1}}", ERR_SYNTAX, "without 'type'");
}

Test(action, nothing_is_named_twice_not_even_through_an_alias)
{
	static const char *const agents[] = { "agent", "agent_did", "agent_id" };
	static const char *const tools[] = { "action", "tool_name" };
	char text[128];

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++) {
			(void)snprintf(text, sizeof(text),
				       "{\"%s\":\"a\",\"%s\":\"a\",\"action\":\"p\"}", agents[i],
				       agents[k]);
			expect_error(text, ERR_DUPLICATE, i == k ? "" : "second time");
		}
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++) {
			(void)snprintf(text, sizeof(text),
				       "{\"%s\":\"a\",\"%s\":\"a\",\"agent\":\"p\"}", tools[i],
				       tools[k]);
			expect_error(text, ERR_DUPLICATE, i == k ? "" : "second time");
		}
	expect_error("{\"agent\":\"a\",\"action\":{\"type\":\"p\",\"x\":1,\"x\":1}}", ERR_DUPLICATE,
		     "");
}

Test(action, an_unknown_member_is_refused_with_the_nearest_name)
{
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"arg\":1}", ERR_UNKNOWN,
		     "member 'arg' is not known here; did you mean 'args'?");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"sesion\":1}", ERR_UNKNOWN, "'session'?");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"xyzzy\":1}", ERR_UNKNOWN,
		     "member 'xyzzy' is not known here");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"outcome\":1}", ERR_UNKNOWN, "");
	expect_error("{\"outcome_of\":1,\"agent\":\"a\"}", ERR_UNKNOWN, "");
}

/* Every member with every other type of JSON. */
Test(action, every_member_has_one_type)
{
	static const char *const texts[] = {
		"agent", "agent_did", "agent_id", "resource", "session", "trace", "at",
		"signature", "tool_name",
	};
	static const char *const values[] = { "null", "true", "1", "99999999999999999999", "1.5",
					      "[]", "{}" };
	char text[256];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			bool tool = !strcmp(texts[i], "tool_name");

			(void)snprintf(text, sizeof(text), "{\"%s\":%s%s%s}", texts[i], values[k],
				       tool ? "" : ",\"action\":\"p\"",
				       strncmp(texts[i], "agent", 5) ? ",\"agent\":\"a\"" : "");
			if (tool && !strcmp(values[k], "{}"))
				expect_error(text, ERR_SYNTAX, "without 'type'");
			else
				expect_error(text, ERR_TYPE, "expected");
		}
	}
	expect_error("{\"agent\":\"a\",\"action\":1}", ERR_TYPE, "expected a string");
	expect_error("{\"agent\":\"a\",\"action\":{\"type\":1}}", ERR_TYPE, "action.type");
}

Test(action, arguments_may_be_anything)
{
	static const char *const values[] = { "null", "true", "1", "99999999999999999999", "1.5",
					      "\"\"", "[1]", "{\"a\":{}}" };
	char text[128];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"agent\":\"a\",\"action\":\"p\",\"args\":%s}",
			       values[i]);
		expect_ok(text);
		cr_assert(str_is(e.args_text, values[i]), "%.*s", STR_ARG(e.args_text));
	}
}

/* A document whose member holds `len` times x. */
static enum err read_long(const char *member, size_t len)
{
	buf_clear(&made);
	buf_add_c(&made, strcmp(member, "agent") ? "{\"agent\":\"a\"" : "{\"trace\":\"t\"");
	if (strcmp(member, "action"))
		buf_add_c(&made, ",\"action\":\"p\"");
	buf_addf(&made, ",\"%s\":\"", member);
	memset(buf_grow(&made, len), 'x', len);
	buf_add_c(&made, "\"}");
	cr_assert_eq(made.err, OK);
	return read_bytes(buf_view(&made));
}

Test(action, names_and_resources_have_a_length)
{
	static const struct { const char *member; size_t max; } bounds[] = {
		{ "agent", LIMIT_NAME_BYTES }, { "action", LIMIT_NAME_BYTES },
		{ "session", LIMIT_NAME_BYTES }, { "trace", LIMIT_NAME_BYTES },
		{ "resource", LIMIT_RESOURCE_BYTES },
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		cr_assert_eq(read_long(bounds[i].member, 1), i == 3 ? OK : OK);
		cr_assert_eq(read_long(bounds[i].member, bounds[i].max), OK);
		cr_assert_eq(read_long(bounds[i].member, bounds[i].max + 1), ERR_RANGE);
		cr_assert_eq(read_long(bounds[i].member, 0), ERR_RANGE);
		cr_assert_gt(n.column, 1);
	}
}

Test(action, names_have_no_control_characters)
{
	static const char *const members[] = { "agent", "session", "trace" };
	static const char *const bad[] = { "\\u0000", "a\\u0000", "a\\n", "\\u001f", "\\u007f" };
	char text[128];

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 5; k++) {
			(void)snprintf(text, sizeof(text), "{\"%s\":\"%s\",\"action\":\"p\"%s}",
				       members[i], bad[k], i ? ",\"agent\":\"a\"" : "");
			expect_error(text, ERR_RANGE, "without control characters");
		}
	expect_error("{\"agent\":\"a\",\"action\":\"p\\u0000\"}", ERR_RANGE, "'action'");
	/* A resource is a text like any other. */
	expect_ok("{\"agent\":\"a\",\"action\":\"p\",\"resource\":\"a\\u0000\\n\"}");
	cr_assert_eq(e.resource.len, 3);
}

Test(action, bytes_that_are_no_document_are_refused)
{
	cr_assert_eq(read_bytes(STR("")), ERR_TRUNCATED);
	cr_assert_eq(read_bytes(STR("\0")), ERR_SYNTAX);
	cr_assert_eq(read_bytes(STR("{\"agent\":\"\xFF\",\"action\":\"p\"}")), ERR_ENCODING);
	cr_assert_eq(read_bytes(STR("{\"agent\":\"a\",\"action\":\"p\"} {}")), ERR_SYNTAX);
	cr_assert_eq(read_bytes(STR("[]")), ERR_TYPE);
	cr_assert_eq(read_bytes(STR("\"agent\"")), ERR_TYPE);
}

Test(action, times_are_read_strictly)
{
	expect_ok("{\"agent\":\"a\",\"action\":\"p\",\"at\":\"2026-01-02T03:04:04.000000001Z\"}");
	cr_assert_eq(e.at_ns, GATE_KIT_NOW - 999999999);
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"at\":\"\"}", ERR_SYNTAX, "RFC 3339");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"at\":\"2026-01-02\"}", ERR_SYNTAX,
		     "3339");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"at\":\"2026-02-30T00:00:00Z\"}",
		     ERR_SYNTAX, "2026-02-30");
}

Test(action, a_signature_is_64_bytes_and_needs_a_time)
{
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"signature\":\"" SIGNATURE "\"}",
		     ERR_SYNTAX, "needs 'at'");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"signature\":\"AAAA\"}", ERR_SYNTAX,
		     "base64 of 64 bytes");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"signature\":\"AA" SIGNATURE "\"}",
		     ERR_SYNTAX, "base64 of 64 bytes");
	expect_error("{\"agent\":\"a\",\"action\":\"p\",\"signature\":\"\"}", ERR_SYNTAX, "base64");
}

/* {"agent":"a","action":{"type":"p","x":[[...]]}} */
static enum err read_nested(unsigned levels)
{
	buf_clear(&made);
	buf_add_c(&made, "{\"agent\":\"a\",\"action\":{\"type\":\"p\",\"x\":");
	for (unsigned i = 0; i < levels; i++)
		buf_add_byte(&made, '[');
	for (unsigned i = 0; i < levels; i++)
		buf_add_byte(&made, ']');
	buf_add_c(&made, "}}");
	return read_bytes(buf_view(&made));
}

/* What is accepted here stands one level deeper in the entry, which has to be read again. */
Test(action, attributes_nest_only_as_deep_as_an_entry_can_hold)
{
	unsigned deepest = 0;
	struct gate_kit k;
	struct verdict v;

	while (read_nested(deepest + 1) == OK)
		deepest++;
	cr_assert_eq(deepest, LIMIT_DEPTH - 3);
	cr_assert_eq(read_nested(deepest + 1), ERR_LIMIT);
	cr_assert(strstr(n.text, "nests deeper"), "%s", n.text);
	cr_assert_eq(read_nested(deepest), OK);
	buf_add_byte(&made, '\0');
	gate_kit_init(&k, GATE_KIT_HEAD "rules: []\n");
	cr_assert_eq(gate_kit_text(&k, made.ptr, &v), OK);
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_ACTION);
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* {"agent":"a","action":{"type":"p","x":"xx..."}}: attributes of exactly `bytes` */
static enum err read_attrs(size_t bytes)
{
	buf_clear(&made);
	buf_add_c(&made, "{\"agent\":\"a\",\"action\":{\"type\":\"p\",\"x\":\"");
	memset(buf_grow(&made, bytes - 8), 'x', bytes - 8);
	buf_add_c(&made, "\"}}");
	return read_bytes(buf_view(&made));
}

Test(action, attributes_are_bounded_because_they_live_in_the_entry)
{
	cr_assert_eq(read_attrs(LIMIT_ATTRS_BYTES), OK);
	cr_assert_eq(read_attrs(LIMIT_ATTRS_BYTES + 1), ERR_LIMIT);
	cr_assert(strstr(n.text, "belong into 'args'"), "%s", n.text);
}

Test(action, a_document_is_bounded)
{
	size_t rest;

	buf_add_c(&made, "{\"agent\":\"a\",\"action\":\"p\",\"args\":\"");
	rest = LIMIT_ACTION_BYTES - made.len - 2;
	memset(buf_grow(&made, rest), 'x', rest);
	buf_add_c(&made, "\"}");
	cr_assert_eq(read_bytes(buf_view(&made)), OK);
	cr_assert_eq(read_bytes(str_slice(made.ptr, made.len - 1)), ERR_TRUNCATED);
	buf_add_byte(&made, ' ');
	cr_assert_eq(read_bytes(buf_view(&made)), ERR_LIMIT);
}

Test(action, the_stage_is_kept_unless_it_goes_without_saying)
{
	expect_ok("{\"agent\":\"ann\",\"action\":\"pay\",\"stage\":\"pre_tool\"}");
	cr_assert_null(e.data);
	expect_ok("{\"agent\":\"ann\",\"stage\":\"pre_input\",\"action\":\"say\",\"args\":\"hi\"}");
	cr_assert(str_is(value_text(e.data, "stage"), "pre_input"));
	cr_assert(str_is(e.args_text, "\"hi\""));
	expect_ok("{\"agent\":\"ann\",\"action\":{\"type\":\"say\",\"to\":1},"
		  "\"stage\":\"pre_output\"}");
	cr_assert(str_is(value_text(e.data, "stage"), "pre_output"));
	cr_assert_eq(value_get_c(value_get_c(e.data, "attrs"), "to")->integer, 1);
	expect_error("{\"agent\":\"a\",\"action\":\"b\",\"stage\":\"pre-tool\"}", ERR_UNKNOWN,
		     "expected pre_input, pre_tool, post_tool or pre_output; did you mean "
		     "'pre_tool'?");
	expect_error("{\"agent\":\"a\",\"action\":\"b\",\"stage\":null}", ERR_TYPE, "'stage'");
}

/* Bodies come in any order, and the room for them may move when the second arrives. */
Test(action, arguments_and_result_arrive_together)
{
	char filler[4096];

	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	buf_clear(&made);
	buf_addf(&made, "{\"result\":\"%s\",\"agent\":\"a\",\"args\":[1],\"stage\":\"post_tool\","
			"\"action\":\"b\"}", filler);
	cr_assert_eq(read_bytes(buf_view(&made)), OK, "%s", n.text);
	cr_assert(str_is(e.args_text, "[1]"));
	cr_assert_eq(e.result_text.len, sizeof(filler) + 1);
	buf_clear(&made);
	buf_addf(&made, "{\"args\":[1],\"agent\":\"a\",\"result\":\"%s\",\"stage\":\"post_tool\","
			"\"action\":\"b\"}", filler);
	cr_assert_eq(read_bytes(buf_view(&made)), OK, "%s", n.text);
	cr_assert(str_is(e.args_text, "[1]"));
	cr_assert(str_starts(e.result_text, STR("\"xxx")));
}

Test(action, a_result_belongs_after_the_tool)
{
	expect_ok("{\"agent\":\"a\",\"action\":\"b\",\"result\":null,\"stage\":\"post_tool\"}");
	cr_assert(str_is(e.result_text, "null"));
	expect_error("{\"agent\":\"a\",\"action\":\"b\",\"result\":1}", ERR_SYNTAX,
		     "'result' belongs only to an action of stage post_tool");
	expect_error("{\"agent\":\"a\",\"action\":\"b\",\"result\":1,\"stage\":\"pre_output\"}",
		     ERR_SYNTAX, "'result' belongs only");
}

Test(action, outcomes_are_read)
{
	expect_ok("{\"outcome_of\":3,\"status\":\"ok\",\"result\":{\"b\":1,\"a\":2},"
		  "\"at\":\"2026-01-02T03:04:04Z\"}");
	cr_assert_eq(e.kind, ENTRY_OUTCOME);
	cr_assert(e.link_count == 1 && e.links[0].seq == 3 && str_is(e.links[0].rel, "outcome_of"));
	cr_assert(str_is(value_text(e.data, "status"), "ok"));
	cr_assert(str_is(e.result_text, "{\"a\":2,\"b\":1}"));
	cr_assert_eq(e.at_ns, GATE_KIT_NOW - 1000000000);
	expect_ok("{\"outcome_of\":0}");
	cr_assert(!e.data && !e.result_text.ptr);
	expect_error("{\"outcome_of\":-1}", ERR_TYPE, "'outcome_of'");
	expect_error("{\"outcome_of\":\"1\"}", ERR_TYPE, "'outcome_of'");
	expect_error("{\"outcome_of\":1.5}", ERR_TYPE, "'outcome_of'");
	expect_error("{\"outcome_of\":1,\"status\":1}", ERR_TYPE, "'status'");
	expect_error("{\"outcome_of\":1,\"status\":\"\"}", ERR_RANGE, "'status'");
	expect_error("{\"outcome_of\":1,\"at\":1}", ERR_TYPE, "'at'");
	expect_error("{\"outcome_of\":1,\"resullt\":1}", ERR_UNKNOWN, "'result'?");
}

Test(action, a_refusal_tells_what_was_sent_and_why_it_was_refused)
{
	struct value expected = value_int(7);

	cr_assert_eq(read_bytes(STR("{\"agent")), ERR_TRUNCATED);
	cr_assert_eq(action_refusal(STR("{\"agent"), 5, ERR_TRUNCATED, &n, &in, &e), OK);
	cr_assert(e.kind == ENTRY_REFUSAL && e.at_ns == 5);
	cr_assert(value_eq(value_get_c(e.data, "bytes"), &expected));
	cr_assert(str_is(value_text(e.data, "error"), "ERR_TRUNCATED"));
	cr_assert(str_is(value_text(e.data, "text"), n.text));
	cr_assert(str_starts(value_text(e.data, "sha256"), STR("sha256:")));
}

/* Wherever a secret was put by mistake, the sentence that is recorded does not say it. */
Test(action, a_refusal_tells_no_secret)
{
	static const char *const texts[] = {
		"{\"agent\":\"a\",\"action\":\"b\",\"tcr_secret\":1}",
		"{\"agent\":\"a\",\"action\":\"b\",\"at\":\"tcr_secret\"}",
		"{\"agent\":\"a\",\"action\":\"b\",\"stage\":\"tcr_secret\"}",
		"{\"agent\":\"a\",\"tcr_secret\":1,\"tcr_secret\":2}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_expect_neq(read_bytes(str_view(texts[i])), OK);
		cr_expect_str_eq(n.text, "a credential stands where none belongs; it goes into "
					 "'credential'");
	}
}

Test(action, a_refusal_without_a_story_names_the_error)
{
	n = (struct note){ .text = "" };
	cr_assert_eq(action_refusal(STR("x"), 5, ERR_MEMORY, &n, &in, &e), OK);
	cr_assert(str_is(value_text(e.data, "text"), err_text(ERR_MEMORY)));
	cr_assert_eq(action_refusal(STR("x"), 5, ERR_MEMORY, NULL, &in, &e), OK);
	cr_assert(str_is(value_text(e.data, "text"), err_text(ERR_MEMORY)));
}

static enum err read_and_refuse(struct str text)
{
	struct intake own = { .mask = NULL };
	struct arena fresh;
	struct buf body;
	struct event ignored;
	enum err got;

	arena_init(&fresh, LIMIT_ACTION_MEMORY);
	buf_init(&body, LIMIT_BODY_BYTES);
	own.found.arena = &fresh;
	got = action_read(text, 1, &own, &body, &ignored, &n);
	if (got == ERR_TRUNCATED)
		got = action_refusal(text, 1, got, &n, &own, &ignored);
	buf_fini(&body);
	arena_fini(&fresh);
	return got;
}

Test(action, reading_survives_every_failing_allocation)
{
	static const char *const texts[] = {
		"{\"agent\":\"a\\n\",\"action\":{\"type\":\"p\",\"x\":[1]},\"args\":{\"a\":\"\\n\"}"
		","
		"\"at\":\"2026-01-02T03:04:05Z\",\"signature\":\"" SIGNATURE "\"",
		"{\"agent\":\"a\",\"action\":{\"type\":\"p\",\"x\":[1]},\"args\":{\"a\":\"\\n\"}}",
		"{\"outcome_of\":1,\"result\":[1],\"status\":\"ok\"}",
	};

	for (size_t i = 0; i < 3; i++)
		for (uint64_t at = 1;; at++) {
			enum err got;
			bool hit;

			fail_alloc_at(at);
			got = read_and_refuse(str_view(texts[i]));
			hit = fail_alloc_was_hit();
			cr_assert_eq(got, hit ? ERR_MEMORY : OK, "%s at %d: %s", texts[i],
				     (int)at, err_name(got));
			if (!hit)
				break;
		}
}

/* Now is 03:04:05: what is signed for later would shut the agent out until then. */
Test(action, a_time_is_at_most_five_minutes_off_the_clock)
{
	expect_ok("{\"outcome_of\":1,\"at\":\"2026-01-02T03:09:05Z\"}");
	expect_ok("{\"agent\":\"a\",\"action\":\"b\",\"at\":\"2026-01-02T02:59:05Z\"}");
	expect_error("{\"agent\":\"a\",\"action\":\"b\","
		     "\"at\":\"2026-01-02T02:59:04.999999999Z\"}", ERR_RANGE,
		     "more than 5 minutes behind the clock here");
	expect_error("{\"agent\":\"a\",\"action\":\"b\","
		     "\"at\":\"2026-01-02T03:09:05.000000001Z\"}", ERR_RANGE,
		     "more than 5 minutes ahead of the clock");
	expect_error("{\"outcome_of\":1,\"at\":\"2262-01-01T00:00:00Z\"}", ERR_RANGE,
		     "'at' is 2262-01-01T00:00:00Z, more than 5 minutes ahead of the clock here");
}

/* Else windows of limits that lie ahead could be used up at once, by everybody's clock. */
Test(action, who_does_not_sign_is_not_in_the_future)
{
	expect_ok("{\"agent\":\"a\",\"action\":\"b\",\"at\":\"2026-01-02T03:09:05Z\"}");
	cr_expect_eq(e.at_ns, GATE_KIT_NOW);
	expect_ok("{\"outcome_of\":1,\"at\":\"2026-01-02T03:09:05Z\"}");
	cr_expect_eq(e.at_ns, GATE_KIT_NOW);
	expect_ok("{\"agent\":\"a\",\"action\":\"b\",\"at\":\"2026-01-02T03:04:04Z\"}");
	cr_expect_eq(e.at_ns, GATE_KIT_NOW - INT64_C(1000000000));
}

/* No sum of a time and a clock overflows. */
Test(action, a_clock_that_is_far_off_refuses_as_any_other)
{
	static const char text[] = "{\"agent\":\"a\",\"action\":\"b\","
				   "\"at\":\"2026-01-02T03:04:05Z\"}";

	cr_expect_eq(action_read(str_view(text), INT64_MAX, &in, &bodies, &e, &n), ERR_RANGE);
	cr_expect_eq(action_read(str_view(text), INT64_MIN, &in, &bodies, &e, &n), ERR_RANGE);
}
