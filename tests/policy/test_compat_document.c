/* compat_document: what loads, as what, and which exception stands where something does not. */
#include <criterion/criterion.h>

#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 1 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_document, .init = start, .fini = stop);

static const char *raises(const char *yaml)
{
	struct value doc = compat_kit_yaml(&memory, yaml);
	struct compat_policy p;
	struct note n = { .text = "" };
	const char *exception = NULL;
	enum err e = compat_document_load(&doc, &memory, &p, &exception, &n);

	cr_expect_eq(e == OK, exception == NULL, "%s", yaml);
	cr_expect_eq(e == OK, n.text[0] == '\0', "%s", yaml);
	return exception ? exception : "";
}

Test(compat_document, the_first_fault_names_the_exception)
{
	cr_expect_str_eq(raises("[]"), "AttributeError");
	cr_expect_str_eq(raises(""), "AttributeError");
	cr_expect_str_eq(raises("rules: []"), "ValidationError");
	cr_expect_str_eq(raises("apiVersion: v2\nrules: 5"), "ValueError");
	cr_expect_str_eq(raises("apiVersion: [x]\nname: p"), "TypeError");
	cr_expect_str_eq(raises("name: p\nrules:\n"), "TypeError");
	cr_expect_str_eq(raises("name: p\nrules: ''\n"), "");
	cr_expect_str_eq(raises("rules: [{name: r, condition: x, action: block}]"),
			 "ValidationError");
	cr_expect_str_eq(raises("name: p\nrules: [{name: r, condition: x, limit: 10}]"),
			 "ValidationError");
	cr_expect_str_eq(raises("name: p\nversion: 1.0"), "ValidationError");
	cr_expect_str_eq(raises("name: p\nagents: '*'"), "ValidationError");
	cr_expect_str_eq(raises("name: p\ndefault_action: warn"), "ValidationError");
}

Test(compat_document, types_are_coerced_as_pydantic_does)
{
	struct value doc = compat_kit_yaml(
		&memory,
		"name: p\n"
		"rules:\n"
		"- {name: a, condition: x, priority: '7.0', enabled: 'OFF', effect: allow}\n"
		"- {name: a, condition: x, priority: 7.0, enabled: 1, stage: post_tool,\n"
		"   limit: ' +1_0 / Day ', approvers: [o], action: log}\n");
	struct compat_policy p;
	const char *exception;
	struct note n;

	cr_assert_eq(compat_document_load(&doc, &memory, &p, &exception, &n), OK, "%s", n.text);
	cr_assert_eq(p.rule_count, 2);
	cr_expect_eq(p.rules[0].priority, 7);
	cr_expect_not(p.rules[0].enabled);
	cr_expect_eq(p.rules[0].action, COMPAT_DENY, "an unknown key changes nothing");
	cr_expect_eq(p.rules[1].priority, 7);
	cr_expect(p.rules[1].enabled);
	cr_expect_eq(p.rules[1].stage, COMPAT_POST_TOOL);
	cr_expect_eq(p.rules[1].action, COMPAT_LOG);
	cr_expect_eq(p.rules[1].limit_calls, 10);
	cr_expect_eq(p.rules[1].limit_seconds, 86400);
	cr_expect_str_eq(raises("name: p\nrules: [{name: r, condition: x, priority: 7.5}]"),
			 "ValidationError");
	cr_expect_str_eq(raises("name: p\nrules: [{name: r, condition: x, enabled: 2}]"),
			 "ValidationError");
}

Test(compat_document, limits_are_two_parts)
{
	static const char *const bad[] = { "", "/", "1", "1/", "/hour", "1/hour/", "-1/hour",
					   "1/week", "1.0/day", "1/hours", NULL };
	int64_t calls, seconds;

	cr_expect(compat_document_limit(STR("0/second"), &calls, &seconds) && calls == 0 &&
		  seconds == 1);
	for (size_t i = 0; bad[i]; i++)
		cr_expect_not(compat_document_limit(str_view(bad[i]), &calls, &seconds), "%s",
			      bad[i]);
}

Test(compat_document, validation_complains_of_all_at_once)
{
	struct value doc = compat_kit_yaml(&memory, "apiVersion: 5\n"
						    "default_action: [x]\n"
						    "rules: [5, {action: true}]\n");
	struct buf b;

	buf_init(&b, 4096);
	compat_document_validate(&doc, &b);
	buf_add_byte(&b, '\0');
	cr_expect_str_eq(b.ptr, "Unknown apiVersion: '5'\n"
				"Missing required field: 'name'\n"
				"Rule 0: must be a mapping\n"
				"Rule 1: missing required field 'name'\n"
				"Rule 1: missing required field 'condition'\n"
				"Rule 1 ('?'): invalid action 'True'\n"
				"Invalid default_action: '...', must be 'allow' or 'deny'\n");
	buf_fini(&b);
}
