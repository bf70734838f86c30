/* compat_go: the Go engine's answers, as its source has them. */
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

TestSuite(compat_go, .init = start, .fini = stop);

static enum compat_action decide(const char *rules, const char *action, const char *context)
{
	char text[1024];
	struct value doc, c = compat_kit_json(&memory, context);
	struct compat_decision d;
	struct note n = { .text = "" };

	(void)snprintf(text, sizeof(text), "rules: [%s]", rules);
	doc = compat_kit_yaml(&memory, text);
	cr_assert_eq(compat_go_check(&doc, &n), OK, "%s", n.text);
	compat_go_decide(&doc, str_view(action), &c, &d);
	cr_expect_eq(d.allowed, d.action == COMPAT_ALLOW);
	return d.action;
}

/* Does a rule with these conditions match? */
static bool holds(const char *conditions, const char *context)
{
	char rule[512];

	(void)snprintf(rule, sizeof(rule), "{action: x, effect: allow, conditions: %s}",
		       conditions);
	return decide(rule, "x", context) == COMPAT_ALLOW;
}

Test(compat_go, actions_are_stars_name_spaces_or_themselves)
{
	static const char rule[] = "{action: 'data.*', effect: allow}";

	cr_expect_eq(decide(rule, "data.read", "{}"), COMPAT_ALLOW);
	cr_expect_eq(decide(rule, "data", "{}"), COMPAT_DENY);
	cr_expect_eq(decide(rule, "database.x", "{}"), COMPAT_DENY);
	cr_expect_eq(decide("{action: '*', effect: allow}", "any", "{}"), COMPAT_ALLOW);
	cr_expect_eq(decide("{action: 'da*', effect: allow}", "data", "{}"), COMPAT_DENY);
	cr_expect_eq(decide("{effect: allow}", "x", "{}"), COMPAT_DENY);
}

Test(compat_go, a_whole_number_equals_nothing)
{
	cr_expect_not(holds("{n: 5}", "{\"n\":5}"));
	cr_expect(holds("{n: 5.0}", "{\"n\":5}"));
	cr_expect(holds("{n: {$ne: 5}}", "{\"n\":5}"));
	cr_expect_not(holds("{n: {$in: [5]}}", "{\"n\":5}"));
	cr_expect(holds("{n: {$gte: 5}}", "{\"n\":5}"));
	cr_expect_not(holds("{n: {$gt: 5}}", "{\"n\":\"6\"}"));
}

Test(compat_go, missing_keys_and_unknown_operators_do_not_match)
{
	cr_expect_not(holds("{n: {$lt: 5}}", "{}"));
	cr_expect_not(holds("{n: {$ne: x}}", "{}"));
	cr_expect_not(holds("{n: {$regex: x}}", "{\"n\":\"x\"}"));
	cr_expect_not(holds("{n: null}", "{\"n\":null}"));
	cr_expect(holds("{n: {}}", "{\"n\":null}"), "no operator refuses it");
	cr_expect(holds("{a.b: x}", "{\"a.b\":\"x\"}"), "a dotted key is one key");
	cr_expect_not(holds("{a.b: x}", "{\"a\":{\"b\":\"x\"}}"));
}

Test(compat_go, connectives_take_lists_of_mappings)
{
	cr_expect(holds("{$or: [{a: x}, {b: x}]}", "{\"b\":\"x\"}"));
	cr_expect_not(holds("{$or: []}", "{}"));
	cr_expect(holds("{$and: []}", "{}"));
	cr_expect_not(holds("{$and: [{a: x}, 5]}", "{\"a\":\"x\"}"));
	cr_expect(holds("{$not: {a: x}}", "{}"), "not of a missing key is true");
	cr_expect_not(holds("{$not: [{a: x}]}", "{}"));
}

Test(compat_go, counting_allows_whatever_the_effect)
{
	cr_expect_eq(decide("{action: x, effect: deny, max_calls: 5}", "x", "{}"), COMPAT_ALLOW);
	cr_expect_eq(decide("{action: x, effect: allow, min_approvals: 1}", "x", "{}"),
		     COMPAT_APPROVAL);
	cr_expect_eq(decide("{action: x, effect: Allow}", "x", "{}"), COMPAT_DENY);
	cr_expect_eq(decide("{action: x, effect: deny}, {action: x, effect: allow, priority: 9}",
			    "x", "{}"), COMPAT_DENY, "the first decides");
}

Test(compat_go, another_shape_is_refused_with_its_place)
{
	static const char *const bad[] = { "[]", "rules: {}", "rules: [5]",
					   "rules: [{action: 5}]", "rules: [{conditions: []}]",
					   "rules: [{approvers: [5]}]", NULL };

	for (size_t i = 0; bad[i]; i++) {
		struct value doc = compat_kit_yaml(&memory, bad[i]);
		struct note n = { .text = "" };

		cr_expect_eq(compat_go_check(&doc, &n), ERR_TYPE, "%s", bad[i]);
		cr_expect_eq(n.line, 1, "%s", bad[i]);
	}
}
