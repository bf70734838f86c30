/* cedar_context: contexts with escapes, and plain ones that refuse nothing. */
#include <criterion/criterion.h>

#include "engine/base/canon.h"
#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_context, .init = start, .fini = stop);

static const struct cedar_value *plain(const char *json)
{
	const struct cedar_value *context;

	cr_assert_eq(cedar_context_plain(cedar_scene_json(&kit, json), &kit.memory, &context), OK,
		     "%s", json);
	return context;
}

static const struct cedar_value *member(const char *json, const char *name)
{
	const struct cedar_value *v = cedar_value_get(plain(json), str_view(name));

	cr_assert(v, "%s of %s", name, json);
	return v;
}

Test(cedar_context, plain_json_has_no_escapes)
{
	const struct cedar_value *v = member("{'a':{'__entity':{'type':'A','id':'b'}}}", "a");

	cr_assert_eq(v->kind, CEDAR_RECORD);
	cr_assert_eq(cedar_value_get(v, STR("__entity"))->kind, CEDAR_RECORD);
}

Test(cedar_context, numbers_without_a_fraction_are_longs_however_written)
{
	static const struct {
		const char *json;
		int64_t expected;
	} cases[] = { { "{'a':1.0}", 1 },
		      { "{'a':-0.0}", 0 },
		      { "{'a':1e2}", 100 },
		      { "{'a':12e17}", INT64_C(1200000000000000000) },
		      { "{'a':-9.223372036854775e18}", INT64_C(-9223372036854775000) } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cedar_value *v = member(cases[i].json, "a");

		cr_assert_eq(v->kind, CEDAR_LONG, "%s", cases[i].json);
		cr_assert_eq(v->integer, cases[i].expected, "%s is %lld", cases[i].json,
			     (long long)v->integer);
	}
}

Test(cedar_context, the_canonical_form_of_a_context_is_the_same_context)
{
	static const char *const texts[] = { "{'a':1.0}",         "{'a':-0.0}",
					     "{'a':1e18}",        "{'a':1e19}",
					     "{'a':1.5}",         "{'a':9223372036854775808}",
					     "{'a':9.3e18}",      "{'a':-9.223372036854775808e18}",
					     "{'a':1e300}",       "{'a':1e-7}",
					     "{'a':[1.0,1,null]}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct cedar_value *before = plain(texts[i]), *after;
		struct value again;
		struct buf b;

		buf_init(&b, 1 << 16);
		canon_value(&b, cedar_scene_json(&kit, texts[i]));
		cr_assert_eq(json_read(buf_view(&b), 1, &kit.memory, &again, NULL), OK);
		cr_assert_eq(cedar_context_plain(&again, &kit.memory, &after), OK);
		cr_assert(cedar_value_eq(before, after), "%s and %.*s", texts[i],
			  STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
}

Test(cedar_context, what_has_no_value_is_there_and_cannot_be_read)
{
	static const struct {
		const char *condition, *outcome;
	} cases[] = {
		{ "context has a", "yes" },
		{ "context has o.b", "yes" },
		{ "context.a == 1", "`a` holds null" },
		{ "context.f == 1", "`f` holds a number that is no long" },
		{ "context.o.b == 1", "`b` holds a number that is no long" },
		{ "context has a.b", "expected record or entity, found null" },
		{ "context.l.contains(1)", "yes" },
		{ "context.l.contains(2)", "no" },
		{ "context.l.isEmpty()", "no" },
		{ "context.l == context.m", "no" },
		{ "context.l == context.l", "yes" },
		{ "context.l == context.n", "yes" },
	};

	kit.request.context = plain("{'a':null,'f':1.5,'o':{'b':99999999999999999999},"
				    "'l':[1,1.5,null],'m':[1,2.5,null],'n':[null,1.50,1.5,1]}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *outcome = cedar_scene_outcome(&kit, cases[i].condition);

		cr_assert(str_starts(str_view(outcome), str_view(cases[i].outcome)), "%s: %s",
			  cases[i].condition, outcome);
	}
}

Test(cedar_context, deep_and_wide_contexts_are_bounded)
{
	struct value list = { .kind = VALUE_LIST }, chain[LIMIT_TREE_DEPTH + 2];
	struct member m = { .key = STR("a") };
	struct value object = { .kind = VALUE_OBJECT, .object = { &m, 1 } };
	const struct cedar_value *context;

	chain[0] = list;
	for (size_t i = 1; i < LIMIT_TREE_DEPTH + 2; i++)
		chain[i] = (struct value){ .kind = VALUE_LIST, .list = { &chain[i - 1], 1 } };
	m.value = chain[LIMIT_TREE_DEPTH - 1];
	cr_assert_eq(cedar_context_plain(&object, &kit.memory, &context), OK);
	m.value = chain[LIMIT_TREE_DEPTH];
	cr_assert_eq(cedar_context_plain(&object, &kit.memory, &context), ERR_LIMIT);
}

Test(cedar_context, a_context_is_an_object)
{
	const struct cedar_value *context;
	struct note n;

	cr_assert_eq(cedar_context_plain(cedar_scene_json(&kit, "[]"), &kit.memory, &context),
		     ERR_TYPE);
	cr_assert_eq(cedar_context_read(cedar_scene_json(&kit, "[]"), NULL, NULL, &kit.memory,
					&context, &n),
		     ERR_TYPE);
	cr_assert_eq(cedar_context_read(cedar_scene_json(&kit, "{'__extn':{'fn':'ip','arg':'::'}}"),
					NULL, NULL, &kit.memory, &context, &n),
		     ERR_TYPE);
	cr_assert(strstr(n.text, "found ipaddr, expected a record"), "%s", n.text);
}

Test(cedar_context, with_a_schema_it_is_read_by_the_actions_type)
{
	struct cedar_schema *s = cedar_scene_schema(&kit,
						    "entity U; action view appliesTo { principal:"
						    " U, resource: U, context: { ip: ipaddr } };");
	const struct cedar_value *context;
	struct cedar_uid other = { STR("Action"), STR("edit") };
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_context_read(cedar_scene_json(&kit, "{'ip':'10.0.0.1'}"), s,
					&kit.request.action, &kit.memory, &context, &n),
		     OK, "%s", n.text);
	cr_assert_eq(cedar_value_get(context, STR("ip"))->kind, CEDAR_IP);
	cr_assert_eq(cedar_context_read(cedar_scene_json(&kit, "{}"), s, &other, &kit.memory,
					&context, &n),
		     ERR_UNKNOWN);
	cr_assert_eq(cedar_context_read(cedar_scene_json(&kit, "{}"), s, &kit.request.action,
					&kit.memory, &context, &n),
		     ERR_NOT_FOUND);
}
