/* compat_rust: the Rust engine's answers, as its source has them. */
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

TestSuite(compat_rust, .init = start, .fini = stop);

static struct value profile(const char *rules)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "{version: '1', agent: a, policies: [%s]}", rules);
	return compat_kit_yaml(&memory, text);
}

static enum compat_action decide(const char *rules, const char *action, const char *context)
{
	struct value doc = profile(rules), c = compat_kit_json(&memory, context);
	struct compat_decision d;
	struct note n = { .text = "" };

	cr_assert_eq(compat_rust_check(&doc, &n), OK, "%s", n.text);
	compat_rust_decide(&doc, str_view(action), &c, &d);
	cr_expect_eq(d.allowed, d.action == COMPAT_ALLOW);
	return d.action;
}

#define GATE                                                                                       \
	"{name: g, type: capability, allowed_actions: [data.read], denied_actions: ['shell:*']}"

Test(compat_rust, a_capability_denies_its_name_spaces_and_no_more)
{
	cr_expect_eq(decide(GATE, "data.read", "{}"), COMPAT_ALLOW);
	cr_expect_eq(decide(GATE, "shell:ls", "{}"), COMPAT_DENY);
	cr_expect_eq(decide(GATE, "data.write", "{}"), COMPAT_DENY);
	cr_expect_eq(decide(GATE, "database", "{}"), COMPAT_DENY, "the name space is a prefix");
	cr_expect_eq(decide(GATE, "shell", "{}"), COMPAT_DENY);
	cr_expect_eq(decide(GATE, "admin.delete", "{}"), COMPAT_ALLOW, "out of scope");
}

Test(compat_rust, what_no_rule_speaks_of_is_allowed)
{
	cr_expect_eq(decide("", "x", "{}"), COMPAT_ALLOW);
	cr_expect_eq(decide("{name: r, type: capabilty, denied_actions: [x]}", "x", "{}"),
		     COMPAT_ALLOW, "a misspelt type is skipped");
	cr_expect_eq(decide("{name: r, type: approval, actions: ['d.*']}", "d.x", "{}"),
		     COMPAT_APPROVAL);
	cr_expect_eq(decide("{name: r, type: rate_limit, actions: [x], max_calls: 0},"
			    "{name: s, type: capability, denied_actions: [x]}", "x", "{}"),
		     COMPAT_DENY, "no calls: no rule");
}

Test(compat_rust, conditions_are_equal_or_in_a_list)
{
	static const char rule[] = "{name: r, type: capability, denied_actions: ['*'], "
				   "conditions: {env: [prod, 5], n: 1}}";

	cr_expect_eq(decide(rule, "x", "{\"env\":\"prod\",\"n\":1}"), COMPAT_DENY);
	cr_expect_eq(decide(rule, "x", "{\"env\":5,\"n\":1}"), COMPAT_DENY);
	cr_expect_eq(decide(rule, "x", "{\"env\":\"prod\",\"n\":1.0}"), COMPAT_ALLOW,
		     "an integer is no double");
	cr_expect_eq(decide(rule, "x", "{\"n\":1}"), COMPAT_ALLOW);
}

Test(compat_rust, a_profile_is_checked_when_it_loads)
{
	static const char *const bad[] = {
		"5", "{name: r}", "{name: r, type: approval, actions: x}",
		"{name: r, type: approval, min_approvals: -1}",
		"{name: r, type: approval, conditions: []}",
		"{name: r, type: rate_limit, max_calls: 1, window: 5x}",
		"{name: r, type: rate_limit, max_calls: 1}", NULL,
	};
	struct value none = compat_kit_yaml(&memory, "{version: '1', agent: a}");
	struct note n = { .text = "" };

	for (size_t i = 0; bad[i]; i++) {
		struct value doc = profile(bad[i]);

		cr_expect_neq(compat_rust_check(&doc, &n), OK, "%s", bad[i]);
	}
	cr_expect_eq(compat_rust_check(&none, &n), ERR_TYPE);
}
