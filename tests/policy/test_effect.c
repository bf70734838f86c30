/* effect: limits and transforms, read strictly and kept in one form. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/inside.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\nrules:\n"

static struct arena memory;
static struct note note;

static void start(void)
{
	arena_init(&memory, 64 << 20);
	note = (struct note){ .column = 0 };
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(effect, .init = start, .fini = stop);

/* The document of one file, or the error. */
static enum err read(const char *text, struct document *ret)
{
	struct slots slots;
	struct value tree;
	enum err e = slot_init(&slots, &memory);

	note = (struct note){ .column = 0 };
	if (e == OK)
		e = rules_declare(str_view(text), STR("p.yaml"), &slots, &memory, &tree, &note);
	if (e == OK)
		e = rules_read(&tree, str_view(text), STR("p.yaml"), 0, LIMIT_RULES, &slots,
			       &memory, ret, &note);
	slot_seal(&slots);
	return e;
}

static struct rule rule_of(const char *keys)
{
	struct document d;
	char text[1024];

	(void)snprintf(text, sizeof(text), HEAD " - name: r\n%s", keys);
	cr_assert_eq(read(text, &d), OK, "%s\n%u:%u: %s", text, note.line, note.column, note.text);
	cr_assert_eq(d.rule_count, 1);
	return d.rules[0];
}

Test(effect, a_limit_is_kept_with_the_rule_that_allows)
{
	static const char *const permits[] = { "allow", "warn", "log" };

	for (size_t i = 0; i < 3; i++) {
		char keys[128];
		struct rule r;

		(void)snprintf(keys, sizeof(keys), "   action: %s\n   limit: 5/hour\n",
			       permits[i]);
		r = rule_of(keys);
		cr_expect(r.allows);
		cr_expect_eq(r.limit.count, 5);
		cr_expect_eq(r.limit.period_ns, INT64_C(3600000000000));
	}
	cr_expect_eq(rule_of("   action: allow\n").limit.period_ns, 0, "no limit");
	cr_expect_gt(rule_of("   action: allow\n   limit: 0/day\n").limit.period_ns, 0);
}

Test(effect, a_rule_has_the_stage_it_names)
{
	cr_expect_eq(rule_of("   action: deny\n").stage, POLICY_PRE_TOOL);
	cr_expect_eq(rule_of("   action: deny\n   stage: pre_tool\n").stage, POLICY_PRE_TOOL);
	cr_expect_eq(rule_of("   action: deny\n   stage: pre_input\n").stage, POLICY_PRE_INPUT);
	cr_expect_eq(rule_of("   action: deny\n   stage: post_tool\n").stage, POLICY_POST_TOOL);
	cr_expect_eq(rule_of("   action: deny\n   stage: pre_output\n").stage, POLICY_PRE_OUTPUT);
}

Test(effect, edits_are_canonical_and_in_the_order_written)
{
	struct rule r = rule_of("   action: transform\n   stage: post_tool\n   transform:\n"
				"    - {path: 'result.rows[0].name', set: {z: [1.0, null], a: x}}\n"
				"    - {path: 'args[\"user-id\"]', remove: true}\n"
				"    - {set: '[removed]', path: result}\n");

	cr_expect(r.allows);
	cr_expect_eq(r.obligations, POLICY_TRANSFORM);
	cr_expect(str_is(r.edits,
			 "[{\"path\":\"result.rows[0].name\",\"set\":{\"a\":\"x\",\"z\":[1,null]}},"
			 "{\"path\":\"args[\\\"user-id\\\"]\"},"
			 "{\"path\":\"result\",\"set\":\"[removed]\"}]"),
		  "%.*s", STR_ARG(r.edits));
}

#define TRANSFORM HEAD " - name: r\n   action: transform\n"

Test(effect, refusals_say_what_is_wrong_and_where)
{
	static const struct {
		const char *text;
		enum err err;
		uint32_t line, column;
		const char *says;
	} rows[] = {
		{ HEAD " - {name: r, action: allow, limit: 10}\n", ERR_TYPE, 4, 36,
		  "like 10/hour" },
		{ HEAD " - {name: r, action: allow, limit: 10/hours}\n", ERR_SYNTAX, 4, 36,
		  "'10/hours' is no limit; expected N/second" },
		{ HEAD " - {name: r, action: allow, limit: 2147483648/day}\n", ERR_RANGE, 4, 36,
		  "beyond its range; expected 0 to 2147483647" },
		{ HEAD " - {name: r, action: deny, limit: 1/day}\n", ERR_SYNTAX, 4, 35,
		  "only to a rule that allows" },
		{ HEAD " - {name: r, action: require_approval, limit: 1/day}\n", ERR_SYNTAX, 4, 47,
		  "only to a rule that allows" },
		{ HEAD " - {name: r, action: transfrm}\n", ERR_UNKNOWN, 4, 22,
		  "did you mean 'transform'?" },
		{ HEAD " - {name: r, action: allow, transform: [{path: args.a, set: 1}]}\n",
		  ERR_SYNTAX, 4, 40, "only to a rule whose action is transform" },
		{ TRANSFORM, ERR_SYNTAX, 4, 4, "a rule that transforms says what" },
		{ TRANSFORM "   transform: []\n", ERR_SYNTAX, 6, 15, "says what" },
		{ TRANSFORM "   transform: {path: args.a}\n", ERR_TYPE, 6, 15, "a list of edits" },
		{ TRANSFORM "   transform: [args.a]\n", ERR_TYPE, 6, 16, "an edit is a mapping" },
		{ TRANSFORM "   transform: [{path: args.a}]\n", ERR_SYNTAX, 6, 16,
		  "this one has neither" },
		{ TRANSFORM "   transform: [{path: args.a, set: 1, remove: true}]\n", ERR_SYNTAX, 6,
		  16, "this one has both" },
		{ TRANSFORM "   transform: [{path: args.a, remove: false}]\n", ERR_TYPE, 6, 39,
		  "'remove' is true where it is given" },
		{ TRANSFORM "   transform: [{set: 1}]\n", ERR_NOT_FOUND, 6, 16,
		  "this edit has no path" },
		{ TRANSFORM "   transform: [{path: 5, set: 1}]\n", ERR_TYPE, 6, 23, "like args" },
		{ TRANSFORM "   transform: [{path: args.a, value: 1}]\n", ERR_UNKNOWN, 6, 31,
		  "unknown key 'value' of a edit; expected path, set or remove" },
		{ TRANSFORM "   transform: [{path: resource, set: x}]\n", ERR_UNKNOWN, 6, 23,
		  "'resource' cannot be transformed" },
		{ TRANSFORM "   transform: [{path: agent.id, set: x}]\n", ERR_UNKNOWN, 6, 23,
		  "'agent' cannot be transformed" },
		{ TRANSFORM "   transform: [{path: args.a b, set: x}]\n", ERR_SYNTAX, 6, 30,
		  "expected the end of the path" },
		{ TRANSFORM "   transform: [{path: 'args.', set: x}]\n", ERR_TRUNCATED, 6, 29,
		  "a name after the '.'" },
		{ TRANSFORM "   transform: [{path: '', set: x}]\n", ERR_TRUNCATED, 6, 24,
		  "a path like args.amount" },
		{ TRANSFORM "   transform: [{path: result.a, set: x}]\n", ERR_UNKNOWN, 6, 23,
		  "there is no result yet in stage pre_tool" },
		{ TRANSFORM "   transform: [{path: args.a, set: 1},\n"
			    "     {path: 'args[\"a\"]', remove: true}]\n",
		  ERR_DUPLICATE, 7, 13, "is edited twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct document d;
		enum err e = read(rows[i].text, &d);

		cr_expect_eq(e, rows[i].err, "%s\n%s (%s)", rows[i].text, err_name(e), note.text);
		cr_expect(note.line == rows[i].line && note.column == rows[i].column,
			  "%s\n%u:%u: %s", rows[i].text, note.line, note.column, note.text);
		cr_expect(strstr(note.text, rows[i].says), "%s\n%s", rows[i].text, note.text);
	}
}

Test(effect, edits_that_no_entry_could_hold_are_refused)
{
	struct document d;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_c(&b, TRANSFORM "   transform: [{path: args.a, set: '");
	for (size_t i = 0; i < LIMIT_EDITS_BYTES - 28; i++)
		buf_add_byte(&b, 'x');
	buf_add_c(&b, "'}]\n");
	buf_add_byte(&b, '\0');
	cr_assert_eq(read(b.ptr, &d), OK, "%s", note.text);
	cr_assert_eq(d.rules[0].edits.len, LIMIT_EDITS_BYTES);
	b.len -= 5;
	buf_add_c(&b, "x'}]\n");
	buf_add_byte(&b, '\0');
	cr_assert_eq(read(b.ptr, &d), ERR_LIMIT);
	cr_assert(strstr(note.text, "more than 8192 bytes"));
	buf_fini(&b);
}
