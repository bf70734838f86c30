/* compat_trust: shape, regular expressions, defaults. Operators are in the suite agt-policy. */
#include <criterion/criterion.h>
#include <stdio.h>

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

TestSuite(compat_trust, .init = start, .fini = stop);

static enum err match(const char *operator, const char *value, const char *context, bool *ret)
{
	struct value c = compat_kit_json(&memory, context), condition;
	const char *raises;
	char text[512];

	(void)snprintf(text, sizeof(text), "{\"field\":\"f\",\"operator\":\"%s\",\"value\":%s}",
		       operator, value);
	condition = compat_kit_json(&memory, text);
	return compat_trust_match(&condition, &c, &memory, ret, &raises);
}

Test(compat_trust, a_dangerous_pattern_matches_nothing)
{
	bool m = true;

	cr_expect(match("matches", "\"x.y\"", "{\"f\":\"x\\ny\"}", &m) == OK && m, "DOTALL");
	cr_expect(match("matches", "\"a{1}\"", "{\"f\":\"a\"}", &m) == OK && !m);
	cr_expect(match("matches", "\"(\"", "{\"f\":\"(\"}", &m) == OK && !m);
	cr_expect(match("matches", "true", "{\"f\":true}", &m) == OK && m, "True and True");
	cr_expect_eq(match("matches", "\"(?=a)\"", "{\"f\":\"a\"}", &m), ERR_VERSION,
		     "Python has it, RE2 has not: no answer rather than a wrong one");
	cr_expect_eq(match("matches", "\"(a)\\\\1\"", "{\"f\":\"aa\"}", &m), ERR_VERSION);
}

Test(compat_trust, in_looks_through_lists_texts_and_keys)
{
	bool m = false;

	cr_expect(match("in", "[1]", "{\"f\":true}", &m) == OK && m);
	cr_expect(match("in", "{\"a\":1}", "{\"f\":\"a\"}", &m) == OK && m);
	cr_expect(match("not_in", "\"abc\"", "{\"f\":\"bc\"}", &m) == OK && !m);
	cr_expect_eq(match("in", "\"abc\"", "{\"f\":1}", &m), ERR_SYNTAX);
	cr_expect_eq(match("in", "5", "{\"f\":1}", &m), ERR_SYNTAX);
	cr_expect_eq(match("in", "{\"a\":1}", "{\"f\":[]}", &m), ERR_SYNTAX);
}

Test(compat_trust, shape_is_checked_before_anything_is_asked)
{
	static const char *const bad[] = {
		"[]", "{rules: []}", "{name: p, rules: {}}", "{name: p, rules: [5]}",
		"{name: p, rules: [{name: r}]}",
		"{name: p, rules: [{name: r, condition: {field: f, operator: like, value: 1}}]}",
		"{name: p, rules: [{name: r, condition: {field: f, operator: eq}}]}",
		"{name: p, rules: [{name: r, action: log, "
		"condition: {field: f, operator: eq, value: 1}}]}",
		"{name: p, defaults: 5}", "{name: p, defaults: {allowed_namespaces: [5]}}",
		"{name: p, defaults: {min_trust_score: x}}", NULL,
	};
	const char *raises;

	for (size_t i = 0; bad[i]; i++) {
		struct value doc = compat_kit_yaml(&memory, bad[i]);
		struct note n = { .text = "" };

		cr_expect_eq(compat_trust_check(&doc, &raises, &n), ERR_SYNTAX, "%s", bad[i]);
		cr_expect(raises && n.text[0], "%s", bad[i]);
	}
}

static struct compat_decision decide(const char *yaml, const char *context)
{
	struct value doc = compat_kit_yaml(&memory, yaml), c = compat_kit_json(&memory, context);
	const struct value *list = &doc;
	struct compat_decision d = { .allowed = false };
	const char *raises;
	struct note n;

	cr_assert_eq(compat_trust_check(&doc, &raises, &n), OK);
	cr_assert_eq(compat_trust_decide(&list, 1, &c, &memory, &d, &raises), OK);
	return d;
}

Test(compat_trust, name_spaces_are_checked_last)
{
	static const char policy[] = "{name: t, defaults: {allowed_namespaces: [a, b]}}";

	cr_expect(decide(policy, "{}").allowed);
	cr_expect(decide(policy, "{\"agent\":{\"namespace\":\"b\"}}").allowed);
	cr_expect_not(decide(policy, "{\"agent_namespace\":\"c\"}").allowed);
	cr_expect(decide(policy, "{\"agent\":{},\"agent_namespace\":\"c\"}").allowed,
		  "the flat spelling counts only where there is no agent");
	cr_expect(str_is(decide(policy, "{\"agent\":{\"namespace\":\"c\"}}").reason,
			 "Namespace 'c' not in allowed namespaces"));
}

Test(compat_trust, the_lowest_number_goes_first)
{
	struct compat_decision d = decide(
		"{name: t, rules: ["
		"{name: late, condition: {field: f, operator: eq, value: 1}, action: allow},"
		"{name: early, condition: {field: f, operator: eq, value: 1}, priority: -1,"
		" description: why}]}",
		"{\"f\":1}");

	cr_expect(str_is(d.rule, "early"));
	cr_expect(str_is(d.reason, "Rule 'early' matched in policy 't': why"));
}
