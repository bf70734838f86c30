/* CloudEvents, judged by what their specification demands, as jansson reads them. */
#include <criterion/criterion.h>
#include <jansson.h>

#include "engine/base/when.h"
#include "replay/exporting.h"
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

TestSuite(export_cloudevents, .init = setup, .fini = teardown);

static json_t *event(size_t at)
{
	struct str line = export_kit_line(&kit, at);
	json_t *v = line.ptr ? json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	cr_assert_not_null(v, "event %zu", at);
	return v;
}

static const char *text(const json_t *v, const char *key)
{
	const char *s = json_string_value(json_object_get(v, key));

	return s ? s : "";
}

/* CloudEvents 1.0, section 3: names of attributes, the required ones, types of the others. */
static void expect_valid(json_t *v)
{
	const char *key;
	json_t *member;
	int64_t ns;

	cr_expect_str_eq(text(v, "specversion"), "1.0");
	cr_expect(*text(v, "id") && *text(v, "source") && *text(v, "type"));
	cr_expect_null(strpbrk(text(v, "source"), " :\"<>\\^`{|}+"));
	if (json_object_get(v, "time"))
		cr_expect_eq(when_read(str_view(text(v, "time")), &ns), OK);
	if (json_object_get(v, "subject"))
		cr_expect(*text(v, "subject"));
	cr_expect_str_eq(text(v, "datacontenttype"), "application/json");
	cr_expect(json_object_get(v, "data"));
	json_object_foreach(v, key, member) {
		cr_expect_eq(strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789"), strlen(key));
		cr_expect(json_is_string(member) || !strcmp(key, "data"));
	}
}

Test(export_cloudevents, each_line_is_a_valid_event)
{
	(void)export_kit_all(&kit, EXPORT_CLOUDEVENTS);
	for (size_t i = 0; i <= EXPORT_KIT_ENTRIES; i++) {
		json_t *v = event(i);

		expect_valid(v);
		json_decref(v);
	}
	cr_expect_null(export_kit_line(&kit, EXPORT_KIT_ENTRIES + 1).ptr);
}

Test(export_cloudevents, an_action_says_who_what_when_and_in_which_trace)
{
	json_t *v, *data;
	char *line;

	(void)export_kit_all(&kit, EXPORT_CLOUDEVENTS);
	v = event(1);
	data = json_object_get(v, "data");
	cr_expect_str_eq(text(v, "id"), "1");
	cr_expect_str_eq(text(v, "source"), "example.com/kit");
	cr_expect_str_eq(text(v, "type"), "trammel.action.allow");
	cr_expect_str_eq(text(v, "subject"), "ann");
	cr_expect_str_eq(text(v, "time"), "2026-01-02T03:04:05.500000000Z");
	cr_expect_eq(strncmp(text(v, "traceparent"), "00-" EXPORT_KIT_TRACE "-", 36), 0);
	cr_expect_eq(strlen(text(v, "traceparent")), 55);
	cr_expect_eq(json_integer_value(json_object_get(json_object_get(data, "args"), "q")), 1);
	/* The entry in it is the line: compact and sorted it is the same text again. */
	line = json_dumps(json_object_get(data, "entry"), JSON_COMPACT | JSON_SORT_KEYS);
	cr_expect(str_is(space_kit_line(&kit.space, 1), line));
	free(line);
	json_decref(v);
	v = event(3);
	cr_expect_str_eq(text(v, "type"), "trammel.action.deny");
	json_decref(v);
	v = event(4);
	cr_expect_null(json_object_get(v, "traceparent"), "\"t\" is no W3C trace");
	json_decref(v);
}

Test(export_cloudevents, the_last_one_is_the_checkpoint)
{
	json_t *v, *data;

	(void)export_kit_all(&kit, EXPORT_CLOUDEVENTS);
	v = event(EXPORT_KIT_ENTRIES);
	data = json_object_get(v, "data");
	cr_expect_str_eq(text(v, "type"), "trammel.checkpoint");
	cr_expect_str_eq(text(v, "id"), "checkpoint-8");
	cr_expect(str_eq(kit.report.note, str_view(text(data, "checkpoint"))));
	cr_expect_eq(json_integer_value(json_object_get(data, "size")), EXPORT_KIT_ENTRIES);
	json_decref(v);
}

/* A colon would make a scheme, two slashes a host, a blank no reference at all. */
Test(export_cloudevents, a_source_is_a_reference_whatever_the_log_is_called)
{
	const struct entry entry = { .log = STR("//a:b\xc3\xa9?#[%"), .kind = ENTRY_LABEL };
	const struct exported e = { .entry = &entry, .line = STR("{}") };
	struct export_report report = { 0 };
	struct exporting x = { .report = &report };

	buf_init(&x.out, 4096);
	cr_assert_eq(export_cloudevents_entry(&x, &e), OK);
	cr_expect(str_has(buf_view(&x.out), STR("\"source\":\"%2F/a%3Ab%C3%A9%3F%23%5B%25\"")),
		  "%.*s", STR_ARG(buf_view(&x.out)));
	buf_fini(&x.out);
}
