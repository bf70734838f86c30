/* compat_from_rust: profiles of the Rust engine. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 16 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_from_rust, .init = start, .fini = stop);

static struct compat_report import(const char *rules)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "{version: '1', agent: a, policies: [%s]}", rules);
	return compat_kit_import(&memory, COMPAT_RUST, text);
}

Test(compat_from_rust, a_capability_is_three_rules_that_change_nothing)
{
	struct compat_report r = import("{name: g, type: capability, allowed_actions: [data.read], "
					"denied_actions: ['shell:*', 'x[1]']}");

	cr_expect_eq(r.rule_count, 3);
	cr_expect(compat_kit_has(&r, "tools: ['shell:*', 'x\\[1\\]']"));
	cr_expect(compat_kit_has(&r, "- name: g-allowed"));
	cr_expect(compat_kit_has(&r, "tools: ['shell*', 'x\\[1\\]*', 'data*']"));
	cr_expect(compat_kit_has(&r, "default_action: allow"));
	cr_expect_eq(r.change_count, 0);
	cr_expect_gt(r.request_count, 5);
}

Test(compat_from_rust, conditions_and_limits_are_carried)
{
	struct compat_report r = import("{name: a, type: approval, actions: ['*'], "
					"conditions: {env: [prod, 5], n: 1}},"
					"{name: l, type: rate_limit, actions: [x], max_calls: 2, "
					"window: 24h, priority: 3}");

	cr_expect(compat_kit_has(&r, "condition: 'has(args.env) and args.env in [\"prod\", 5] and "
				     "has(args.n) and args.n == 1'"));
	cr_expect(compat_kit_remarked(&r, true, "86400 seconds") ||
		  compat_kit_has(&r, "limit: '2/day'"));
	cr_expect(compat_kit_remarked(&r, false, "calls of all agents together"));
	cr_expect(compat_kit_remarked(&r, false, "'priority' and 'scope' are left out"));
}

Test(compat_from_rust, a_type_that_is_skipped_there_is_refused)
{
	struct compat_report r = import("{name: r, type: capabilty, denied_actions: [x]}");

	cr_expect(compat_kit_remarked(&r, true, "was 'capability' meant?"));
	r = import("{name: r, type: rate_limit, actions: [x], max_calls: 5, window: 90s}");
	cr_expect(compat_kit_remarked(&r, true, "90 seconds"));
	r = import("{name: r, type: rate_limit, actions: [x]}");
	cr_expect(compat_kit_remarked(&r, false, "AGT skips the rule"));
	cr_expect_eq(r.rule_count, 0);
}
