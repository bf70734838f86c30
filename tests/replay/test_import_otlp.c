/* Spans and records of any producer; those of ours are tried with foreign_log. */
#include <criterion/criterion.h>

#include "tests/kit/export_kit.h"

#define TEXT(key, value) "{\"key\":\"" key "\",\"value\":{\"stringValue\":\"" value "\"}}"
#define SPAN(start, attributes, more)                                                            \
	"{\"resourceSpans\":[{\"resource\":{\"attributes\":[" TEXT("service.name", "shop") "]},"  \
	"\"scopeSpans\":[{\"spans\":[{\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\","         \
	"\"spanId\":\"00f067aa0ba902b7\",\"name\":\"execute_tool pay\",\"startTimeUnixNano\":"    \
	start ",\"endTimeUnixNano\":\"1767323046000000000\",\"attributes\":[" attributes "],"     \
	"\"droppedAttributesCount\":0" more "}]}]}]}\n"

static struct space_kit kit;
static struct import_report report;
static struct note note;

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&kit);
}

TestSuite(import_otlp, .init = setup, .fini = teardown);

static enum err import(struct str text)
{
	const struct import_options options = { .format = IMPORT_OTLP };

	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &options, text, &report, &note);
}

Test(import_otlp, a_span_of_a_tool_is_an_action_whoever_made_it)
{
	struct entry e;

	cr_assert_eq(import(STR(SPAN("\"1767323045000000000\"",
				     TEXT("gen_ai.tool.name", "pay") "," TEXT("gen_ai.agent.id",
									     "ann") ","
				     TEXT("gen_ai.conversation.id", "c1") ","
				     TEXT("gen_ai.tool.call.arguments", "{\\\"n\\\":1}") ","
				     TEXT("gen_ai.tool.call.result", "done") ","
				     TEXT("error.type", "timeout"), ""))), OK, "%s", note.text);
	e = space_kit_entry(&kit, 2);
	cr_expect(str_is(e.agent, "ann") && str_is(e.action, "pay") && str_is(e.session, "c1"));
	cr_expect(str_is(e.trace, EXPORT_KIT_TRACE));
	cr_expect_eq(e.time_ns, SPACE_KIT_START_NS);
	cr_expect(str_is(space_kit_body(&kit, e.args), "{\"n\":1}"));
	e = space_kit_entry(&kit, 3);
	cr_expect_eq(e.time_ns, SPACE_KIT_START_NS + 1000000000);
	cr_expect(str_is(value_text(e.data, "status"), "timeout"));
	cr_expect(str_is(space_kit_body(&kit, e.result), "\"done\""));
	cr_expect(str_is(value_text(value_get_c(e.data, "foreign"), "spanId"),
			 "00f067aa0ba902b7"));
}

Test(import_otlp, numbers_may_be_numbers_and_times_may_be_missing)
{
	struct entry e;

	cr_assert_eq(import(STR(SPAN("1767323045000000000", TEXT("gen_ai.tool.name", "a"),
				     ",\"status\":{\"code\":2}")
				SPAN("\"0\"", TEXT("gen_ai.tool.name", "b"), ""))), OK, "%s",
		     note.text);
	e = space_kit_entry(&kit, 2);
	cr_expect_eq(e.time_ns, SPACE_KIT_START_NS);
	cr_expect(str_is(e.agent, "shop"), "nobody else is named");
	e = space_kit_entry(&kit, 3);
	cr_expect(str_is(value_text(e.data, "status"), "error"));
	e = space_kit_entry(&kit, 4);
	cr_expect(e.time_synthetic);
}

Test(import_otlp, other_records_are_passed_over_and_counted)
{
	cr_assert_eq(import(STR(SPAN("\"1\"", TEXT("gen_ai.operation.name", "chat"), "")
				"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":"
				"{\"stringValue\":\"hello\"}}]}]}],\"unknown\":[]}")), OK);
	cr_expect_eq(report.passed_over, 2);
	cr_expect_eq(report.actions, 0);
}

Test(import_otlp, what_is_no_request_is_an_error_with_its_place)
{
	static const struct { const char *text; enum err e; const char *story; } bad[] = {
		{ "", ERR_TRUNCATED, "no record" },
		{ "{}", ERR_SYNTAX, "no request of OTLP" },
		{ "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[7]}]}]}", ERR_TYPE,
		  "expected a span" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(import(str_view(bad[i].text)), bad[i].e, "%s", bad[i].text);
		cr_expect(strstr(note.text, bad[i].story), "%s", note.text);
	}
}
