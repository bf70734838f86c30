/* What a record claims, as two events. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "replay/hearsay.h"
#include "tests/kit/space_kit.h"

static struct space_kit kit;
static struct import_report report;
static struct note note;
static struct import_options options;
static struct importing im;

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
	report = (struct import_report){ 0 };
	note = (struct note){ .line = 0 };
	options = (struct import_options){ .format = IMPORT_OPENAI_CHAT };
	im = (struct importing){ .space = space_kit_open(&kit), .options = &options,
				 .report = &report, .note = &note };
	arena_init(&im.memory, 1u << 20);
	arena_init(&im.step, LIMIT_ACTION_MEMORY);
	buf_init(&im.args, LIMIT_BODY_BYTES);
	buf_init(&im.result, LIMIT_BODY_BYTES);
}

static void teardown(void)
{
	buf_fini(&im.args);
	buf_fini(&im.result);
	arena_fini(&im.step);
	arena_fini(&im.memory);
	(void)space_close(im.space, NULL);
	space_kit_fini(&kit);
}

TestSuite(hearsay, .init = setup, .fini = teardown);

static struct value read_json(const char *text)
{
	struct value v;

	cr_assert_eq(json_read(str_view(text), 1, &kit.memory, &v, NULL), OK);
	return v;
}

Test(hearsay, an_action_and_its_outcome_are_recorded)
{
	struct value foreign = read_json("{\"z\":1,\"a\":\"b\"}"), at = value_null();
	struct value latency = value_int(7), args = read_json("{\"q\":1}");
	const struct hearsay c = { .agent = STR("ann"), .action = STR("look"), .timed = true,
				 .at_ns = 5, .done_ns = 9, .args = &args, .foreign = &foreign,
				 .status = STR("fine"), .latency = &latency };
	struct entry e;

	cr_assert_eq(hearsay_submit(&im, &c, &at), OK, "%s", note.text);
	cr_assert_eq(space_publish(im.space), OK);
	e = space_kit_entry(&kit, 2);
	cr_expect_eq(e.kind, ENTRY_ACTION);
	cr_expect_eq(e.time_ns, 5);
	e = space_kit_entry(&kit, 3);
	cr_expect_eq(e.kind, ENTRY_OUTCOME);
	cr_expect_eq(e.time_ns, 9);
	cr_expect_eq(e.links[0].seq, 2);
	cr_expect_eq(value_get_c(e.data, "latency_ms")->integer, 7);
	cr_expect(str_is(value_text(e.data, "status"), "fine"));
	cr_expect_eq(value_get_c(value_get_c(e.data, "foreign"), "z")->integer, 1);
}

Test(hearsay, without_an_outcome_there_is_only_the_action)
{
	struct value at = value_null();
	const struct hearsay c = { .agent = STR("ann"), .action = STR("look"), .timed = true,
				 .no_outcome = true };

	cr_assert_eq(hearsay_submit(&im, &c, &at), OK);
	cr_expect_eq(report.actions, 1);
	cr_expect_eq(report.outcomes, 0);
}

Test(hearsay, broken_evidence_is_let_in_only_when_it_was_asked_for)
{
	struct value at = value_null();
	const struct hearsay c = { .agent = STR("ann"), .action = STR("look"), .timed = true };
	struct entry e;

	(void)note_set(&note, ERR_TAMPERED, 3, 1, "entry 3 is wrong");
	cr_expect_eq(hearsay_broken(&im, ERR_TAMPERED), ERR_TAMPERED);
	options.allow_broken = true;
	cr_expect_eq(hearsay_broken(&im, ERR_SYNTAX), ERR_SYNTAX, "that is no evidence at all");
	cr_expect_eq(hearsay_broken(&im, OK), OK);
	cr_expect_eq(report.broken, 0);
	cr_expect_eq(hearsay_broken(&im, ERR_TAMPERED), OK);
	cr_expect_eq(report.broken, 1);
	cr_expect_str_eq(report.first_broken.text, "entry 3 is wrong");
	cr_expect_eq(note.text[0], '\0');
	cr_assert_eq(hearsay_submit(&im, &c, &at), OK);
	cr_assert_eq(hearsay_submit(&im, &c, &at), OK);
	cr_assert_eq(space_publish(im.space), OK);
	e = space_kit_entry(&kit, 3);
	cr_expect(str_is(value_text(value_get_c(e.data, "foreign"), "trammel_chain"), "broken"));
	e = space_kit_entry(&kit, 5);
	cr_expect_null(value_get_c(e.data, "foreign"), "the next one holds");
}

Test(hearsay, names_are_read_strictly)
{
	struct value v = read_json("{\"n\":\"a\",\"null\":null,\"i\":1,\"e\":\"\","
				   "\"c\":\"\\u0001\","
				   "\"t\":\"2026-01-02T03:04:05\",\"b\":\"soon\"}");
	struct str s;
	int64_t ns;

	cr_expect_eq(hearsay_name(&im, &v, "n", &s), OK);
	cr_expect(str_is(s, "a"));
	cr_expect_eq(hearsay_name(&im, &v, "null", &s), OK);
	cr_expect_null(s.ptr);
	cr_expect_eq(hearsay_name(&im, &v, "none", &s), OK);
	cr_expect_null(s.ptr);
	cr_expect_eq(hearsay_name(&im, &v, "i", &s), ERR_TYPE);
	cr_expect_eq(hearsay_name(&im, &v, "e", &s), ERR_RANGE);
	cr_expect_eq(hearsay_name(&im, &v, "c", &s), ERR_RANGE);
	cr_expect_eq(hearsay_resource(&im, &v, "i", &s), ERR_TYPE);
	cr_expect_eq(hearsay_resource(&im, &v, "n", &s), OK);
	cr_expect_eq(hearsay_time(&im, &v, "none", &ns), ERR_SYNTAX);
	cr_expect_eq(hearsay_time(&im, &v, "b", &ns), ERR_SYNTAX);
	cr_expect_eq(hearsay_time(&im, &v, "t", &ns), OK);
	cr_expect_eq(report.finding_count, 1, "it names no zone");
}
