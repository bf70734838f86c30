/* OTLP/JSON, judged by the protocol's rules for JSON, as jansson reads it. */
#include <criterion/criterion.h>
#include <jansson.h>

#include "tests/kit/export_kit.h"

static struct export_kit kit;

static void setup(void)
{
	export_kit_init(&kit);
}

static void teardown(void)
{
	export_kit_fini(&kit);
}

TestSuite(export_otlp, .init = setup, .fini = teardown);

static json_t *request(size_t at)
{
	struct str line = export_kit_line(&kit, at);
	json_t *v = line.ptr ? json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	cr_assert_not_null(v);
	return v;
}

static json_t *item(json_t *v, const char *key, size_t at)
{
	return json_array_get(json_object_get(v, key), at);
}

/* The value of an attribute as text; "" when there is none. */
static const char *attribute(json_t *owner, const char *key)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(owner, "attributes"), i, one) {
		json_t *v = json_object_get(one, "value");

		if (strcmp(json_string_value(json_object_get(one, "key")), key) != 0)
			continue;
		if (json_object_get(v, "boolValue"))
			return json_is_true(json_object_get(v, "boolValue")) ? "true" : "false";
		if (json_object_get(v, "intValue"))
			return json_string_value(json_object_get(v, "intValue"));
		return json_string_value(json_object_get(v, "stringValue"));
	}
	return "";
}

static bool is_hex(json_t *v, size_t digits)
{
	const char *s = json_string_value(v);

	return s && strlen(s) == digits && strspn(s, "0123456789abcdef") == digits &&
	       strspn(s, "0") != digits;
}

static void expect_attributes(json_t *owner)
{
	json_t *list = json_object_get(owner, "attributes"), *one, *other;
	size_t i, j;

	json_array_foreach(list, i, one) {
		json_t *v = json_object_get(one, "value");

		cr_expect_eq(json_object_size(one), 2);
		cr_expect_eq(json_object_size(v), 1, "one of the kinds of AnyValue");
		if (json_object_get(v, "intValue"))
			cr_expect(json_is_string(json_object_get(v, "intValue")));
		json_array_foreach(list, j, other)
			cr_expect(i == j || !json_equal(json_object_get(one, "key"),
							json_object_get(other, "key")));
	}
}

static void expect_resource(json_t *resource)
{
	expect_attributes(resource);
	cr_expect_str_eq(attribute(resource, "service.name"), "trammel");
	cr_expect_str_eq(attribute(resource, "trammel.log.origin"), "example.com/kit");
	cr_expect_str_eq(attribute(resource, "trammel.log.size"), "8");
	cr_expect(str_eq(kit.report.note, str_view(attribute(resource,
							     "trammel.log.checkpoint"))));
}

Test(export_otlp, each_entry_is_a_log_record_whose_body_is_its_line)
{
	json_t *v, *logs, *records, *one;
	size_t i;

	(void)export_kit_all(&kit, EXPORT_OTLP);
	v = request(0);
	logs = item(v, "resourceLogs", 0);
	expect_resource(json_object_get(logs, "resource"));
	records = json_object_get(item(logs, "scopeLogs", 0), "logRecords");
	cr_assert_eq(json_array_size(records), EXPORT_KIT_ENTRIES);
	json_array_foreach(records, i, one) {
		expect_attributes(one);
		cr_expect(is_hex(json_object_get(one, "traceId"), 32));
		cr_expect(is_hex(json_object_get(one, "spanId"), 16));
		cr_expect(json_is_string(json_object_get(one, "timeUnixNano")));
		cr_expect(json_is_integer(json_object_get(one, "severityNumber")));
		cr_expect(str_is(space_kit_line(&kit.space, i),
				 json_string_value(json_object_get(json_object_get(one, "body"),
								   "stringValue"))));
	}
	one = json_array_get(records, 3);
	cr_expect_eq(json_integer_value(json_object_get(one, "severityNumber")), 13);
	cr_expect_str_eq(attribute(one, "trammel.decision.effect"), "deny");
	one = json_array_get(records, 1);
	cr_expect_str_eq(json_string_value(json_object_get(one, "timeUnixNano")),
			 "1767323045500000000");
	cr_expect_str_eq(json_string_value(json_object_get(one, "traceId")), EXPORT_KIT_TRACE);
	cr_expect_str_eq(attribute(one, "gen_ai.operation.name"), "execute_tool");
	cr_expect_str_eq(attribute(one, "gen_ai.tool.call.arguments"), "{\"q\":1}");
	cr_expect(json_equal(json_object_get(one, "spanId"),
			     json_object_get(json_array_get(records, 2), "spanId")),
		  "an outcome belongs to the span of its action");
	json_decref(v);
}

Test(export_otlp, each_action_is_a_span_as_long_as_it_took)
{
	json_t *v, *spans, *one;

	(void)export_kit_all(&kit, EXPORT_OTLP_TRACES);
	v = request(0);
	expect_resource(json_object_get(item(v, "resourceSpans", 0), "resource"));
	spans = json_object_get(item(item(v, "resourceSpans", 0), "scopeSpans", 0), "spans");
	cr_assert_eq(json_array_size(spans), 4);
	one = json_array_get(spans, 0);
	expect_attributes(one);
	cr_expect_str_eq(json_string_value(json_object_get(one, "name")), "execute_tool look");
	cr_expect_eq(json_integer_value(json_object_get(one, "kind")), 1);
	cr_expect_str_eq(json_string_value(json_object_get(one, "startTimeUnixNano")),
			 "1767323045500000000");
	cr_expect_str_eq(json_string_value(json_object_get(one, "endTimeUnixNano")),
			 "1767323045505000000");
	cr_expect_str_eq(attribute(one, "gen_ai.tool.call.result"), "[1,2.5]");
	cr_expect_str_eq(attribute(one, "gen_ai.conversation.id"), "s1");
	cr_expect_null(json_object_get(json_object_get(one, "status"), "code"));
	cr_expect_str_eq(json_string_value(json_object_get(item(one, "events", 0), "name")),
			 "trammel.decision");
	one = json_array_get(spans, 1);
	cr_expect_eq(json_integer_value(json_object_get(json_object_get(one, "status"), "code")),
		     2);
	cr_expect_str_eq(attribute(one, "error.type"), "denied");
	one = json_array_get(spans, 2);
	cr_expect_str_eq(attribute(one, "error.type"), "error", "what the tool said");
	cr_expect_str_eq(json_string_value(json_object_get(one, "endTimeUnixNano")),
			 "1767323046000000000");
	one = json_array_get(spans, 3);
	cr_expect_str_eq(json_string_value(json_object_get(one, "endTimeUnixNano")),
			 json_string_value(json_object_get(one, "startTimeUnixNano")));
	cr_expect_eq(kit.report.written, 6, "four actions and two outcomes");
	json_decref(v);
}

Test(export_otlp, a_line_holds_so_many_records_and_no_more)
{
	struct space *s = space_kit_open(&kit.space);
	json_t *v;

	for (unsigned i = 0; i < 600; i++) {
		const struct event e = { .kind = ENTRY_LABEL, .session = STR("s"),
					 .at_ns = SPACE_KIT_START_NS };
		struct arena_mark mark = arena_mark(&kit.space.memory);
		struct verdict verdict;

		cr_assert_eq(space_submit(s, &e, &kit.space.memory, &verdict), OK);
		arena_rewind(&kit.space.memory, mark);
	}
	cr_assert_eq(space_close(s, NULL), OK);
	(void)export_kit_all(&kit, EXPORT_OTLP);
	v = request(2);
	cr_expect_eq(json_array_size(json_object_get(item(item(v, "resourceLogs", 0), "scopeLogs",
							  0), "logRecords")), 608 - 512);
	cr_expect_null(export_kit_line(&kit, 3).ptr);
	json_decref(v);
}

Test(export_otlp, nothing_asked_for_still_says_of_which_log)
{
	struct export_options options = EXPORT_ALL;
	json_t *v;

	options.format = EXPORT_OTLP_TRACES;
	options.end = 0;
	cr_assert_eq(export_kit_run(&kit, &options), OK);
	v = request(0);
	expect_resource(json_object_get(item(v, "resourceSpans", 0), "resource"));
	json_decref(v);
}
