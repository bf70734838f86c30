/* saga_plan: what a definition may say, and the words for what it may not. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"

#define SPAN "a time like 500ms, 30s, 5m, 24h or 7d, at most 366d"

static struct arena memory;
static struct note note;
static struct saga_plan *plans;
static size_t count;

static void setup(void)
{
	arena_init(&memory, (size_t)4 << 20);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(saga_plan, .init = setup, .fini = teardown);

/* JSON with ' for ". */
static enum err read_as(const char *saga, const char *text)
{
	char json[8192];
	struct value v;

	cr_assert_lt(strlen(text), sizeof(json));
	for (size_t i = 0; i <= strlen(text); i++)
		json[i] = text[i] == '\'' ? '"' : text[i];
	note = (struct note){ .text = "" };
	cr_assert_eq(json_read(str_view(json), 1, &memory, &v, &note), OK, "%s", note.text);
	return saga_plan_read(&v, str_view(saga), &memory, &plans, &count, &note);
}

static enum err read(const char *text)
{
	return read_as("trip", text);
}

Test(saga_plan, what_is_not_said_has_a_default)
{
	cr_assert_eq(read("[{'name':'a','action':'do'}]"), OK, "%s", note.text);
	cr_assert_eq(count, 1);
	cr_assert(str_is(SAGA_TEXT(plans[0].key), "trip/a"));
	cr_assert_eq(plans[0].timeout_ns, INT64_C(300000000000));
	cr_assert_eq(plans[0].delay_ns, INT64_C(1000000000));
	cr_assert_eq(plans[0].retries, 0);
	cr_assert_eq(plans[0].window_ns, 0);
	cr_assert(!plans[0].undo[0] && !plans[0].read_only);
}

Test(saga_plan, everything_can_be_said)
{
	cr_assert_eq(read("[{'name':'a','action':'do','resource':'über','undo':'un',"
			  "'undo_resource':'ur','undo_within':'7d','timeout':'500ms','retries':100,"
			  "'delay':'0s','key':'mine'},"
			  "{'any':[{'name':'b','action':'do'},{'name':'c','action':'do'}]},"
			  "{'majority':[{'name':'d','action':'do','read_only':true}]},"
			  "{'all':[{'name':'e','action':'do'}]}]"), OK, "%s", note.text);
	cr_assert_eq(count, 5);
	cr_assert_eq(plans[0].timeout_ns, 500000000);
	cr_assert_eq(plans[0].window_ns, 7 * INT64_C(86400000000000));
	cr_assert(str_is(SAGA_TEXT(plans[0].key), "mine"));
	cr_assert(str_is(SAGA_TEXT(plans[0].resource), "über"));
	cr_assert(str_is(SAGA_TEXT(plans[0].undo_resource), "ur"));
	cr_assert(plans[1].group == 1 && plans[2].group == 1 && plans[1].join == SAGA_ANY);
	cr_assert(plans[3].join == SAGA_MAJORITY && plans[3].read_only && plans[4].group == 3);
}

Test(saga_plan, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *text, *says;
		unsigned column;
	} cases[] = {
		{ "[]", "a saga needs 'steps', a list that is not empty", 1 },
		{ "[1]", "'steps' is of type integer; expected objects like {name, action, undo}",
		  2 },
		{ "[{'name':'a'}]", "a step needs 'action', the tool that does it", 2 },
		{ "[{'action':'a'}]", "a step needs 'name'", 2 },
		{ "[{'name':'a','actoin':'do'}]",
		  "a step has no member 'actoin'; did you mean 'action'?", 14 },
		{ "[{'name':7,'action':'do'}]", "'name' is of type integer; expected a string",
		  10 },
		{ "[{'name':'','action':'do'}]", "'name' has 0 bytes; expected 1 to 128 bytes "
		  "without control characters", 10 },
		{ "[{'name':'a','action':'do','resource':''}]",
		  "'resource' has 0 bytes; expected 1 to 192 without NUL", 39 },
		{ "[{'name':'a','action':'do','timeout':'0s'}]",
		  "'timeout' is '0s'; expected " SPAN ", above zero", 38 },
		{ "[{'name':'a','action':'do','delay':'367d'}]",
		  "'delay' is '367d'; expected " SPAN, 36 },
		{ "[{'name':'a','action':'do','delay':'-1s'}]",
		  "'delay' is '-1s'; expected " SPAN, 36 },
		{ "[{'name':'a','action':'do','delay':5}]",
		  "'delay' is of type integer; expected " SPAN, 36 },
		{ "[{'name':'a','action':'do','retries':-1}]",
		  "'retries' is not a whole number from 0 to 100", 38 },
		{ "[{'name':'a','action':'do','retries':101}]",
		  "'retries' is not a whole number from 0 to 100", 38 },
		{ "[{'name':'a','action':'do','read_only':'yes'}]",
		  "'read_only' is of type string; expected true or false", 40 },
		{ "[{'name':'a','action':'do','read_only':true,'undo':'un'}]",
		  "a step that is 'read_only' has nothing to undo", 2 },
		{ "[{'name':'a','action':'do','undo_within':'1h'}]", "'undo_resource' and "
		  "'undo_within' belong to 'undo', the tool that undoes the step", 2 },
		{ "[{'name':'a','action':'do','key':'k/undo'}]",
		  "the key 'k/undo' ends in '/undo', as those of compensations do", 2 },
		{ "[{'name':'undo','action':'do'}]",
		  "the key 'trip/undo' ends in '/undo', as those of compensations do", 2 },
		{ "[{'any':[]}]", "'any' is of type list; expected a list of steps, not empty", 9 },
		{ "[{'any':{}}]", "'any' is of type object; expected a list of steps, not empty",
		  9 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_neq(read(cases[i].text), OK, "%s", cases[i].text);
		cr_expect_str_eq(note.text, cases[i].says);
		cr_expect_eq(note.column, cases[i].column, "%s: column %u", cases[i].text,
			     note.column);
	}
}

Test(saga_plan, spans_have_five_units_and_one_bound)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "1ms", 1 }, { "2s", 2000 }, { "3m", 180000 }, { "4h", 14400000 },
		{ "366d", INT64_C(31622400000) }, { "31622400000ms", INT64_C(31622400000) },
		{ "31622400001ms", -1 }, { "1", -1 }, { "s", -1 }, { "1 s", -1 }, { "1w", -1 },
		{ "01s", -1 }, { "99999999999999999999s", -1 }, { "", -1 },
	};
	char text[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       "[{'name':'a','action':'do','timeout':'%s'}]", cases[i].text);
		cr_expect_eq(read(text) == OK, cases[i].ms > 0, "%s", cases[i].text);
		if (cases[i].ms > 0)
			cr_expect_eq(plans[0].timeout_ns, cases[i].ms * 1000000);
	}
}

Test(saga_plan, a_saga_has_a_most_of_steps_and_a_key_a_longest)
{
	char text[4096] = "[", id[129] = "";

	for (int i = 0; i <= LIMIT_SAGA_STEPS; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "%s{'name':'s%d','action':'do'}", i ? "," : "", i);
	memcpy(text + strlen(text), "]", 2);
	cr_expect_eq(read(text), ERR_LIMIT);
	cr_expect_str_eq(note.text, "a saga has at most 32 steps");
	memset(id, 'x', 127);
	cr_expect_eq(read_as(id, "[{'name':'a','action':'do'}]"), ERR_RANGE);
	cr_expect_eq(read_as(id, "[{'name':'a','action':'do','key':'k'}]"), OK);
}

Test(saga_plan, reading_survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		struct value step, v = { .kind = VALUE_LIST, .list = { &step, 1 } };
		struct member members[] = {
			{ .key = STR("name"), .value = value_string(STR("a")) },
			{ .key = STR("action"), .value = value_string(STR("do")) },
		};
		enum err e;

		step = (struct value){ .kind = VALUE_OBJECT, .object = { members, 2 } };
		arena_fini(&memory);
		arena_init(&memory, (size_t)4 << 20);
		fail_alloc_at(n);
		e = saga_plan_read(&v, STR("s"), &memory, &plans, &count, &note);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(e, OK);
			break;
		}
		cr_expect_eq(e, ERR_MEMORY);
	}
}
