/* compat_mesh: candidates and windows. All strategies are in the suite agt-policy. */
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

TestSuite(compat_mesh, .init = start, .fini = stop);

#define NS INT64_C(1000000000)

static struct compat_policy load(const char *yaml)
{
	struct value *doc = arena_alloc(&memory, sizeof(*doc));
	struct compat_policy p;
	const char *raises;
	struct note n;

	cr_assert(doc);
	*doc = compat_kit_yaml(&memory, yaml);
	cr_assert_eq(compat_document_load(doc, &memory, &p, &raises, &n), OK, "%s", n.text);
	return p;
}

static struct compat_decision decide(const struct compat_policy *p, size_t count, const char *agent,
				     int64_t now_ns, struct compat_windows *w)
{
	struct value context = compat_kit_json(&memory, "{\"x\":true}");
	struct compat_decision d;

	cr_assert_eq(compat_mesh_decide(p, count, COMPAT_PRIORITY_FIRST_MATCH, str_view(agent),
					&context, COMPAT_PRE_TOOL, now_ns, w, &memory, &d), OK);
	return d;
}

Test(compat_mesh, warn_and_log_do_not_allow)
{
	struct compat_policy p = load("{name: p, agents: [a], default_action: allow, "
				      "rules: [{name: r, condition: x, action: warn}]}");
	struct compat_decision d = decide(&p, 1, "a", 0, NULL);

	cr_expect_not(d.allowed);
	cr_expect_eq(d.action, COMPAT_WARN);
	cr_expect(str_is(d.reason, "Rule r matched"));
	cr_expect_eq(d.source, p.rules[0].source);
	d = decide(&p, 1, "b", 0, NULL);
	cr_expect_not(d.allowed, "the default is not asked of others");
	cr_expect(str_is(d.reason, "No policies loaded (deny by default)"));
}

Test(compat_mesh, a_window_is_fixed_and_its_end_still_inside)
{
	struct compat_policy p = load("{name: p, agents: ['*'], rules: "
				      "[{name: r, condition: x, action: allow, limit: 1/minute}]}");
	struct compat_window items[2];
	struct compat_windows w = { items, 0, 2 };

	cr_expect(decide(&p, 1, "a", 0, &w).allowed);
	cr_expect(decide(&p, 1, "b", 0, &w).allowed, "agents have windows of their own");
	cr_expect(decide(&p, 1, "a", 60 * NS, &w).rate_limited);
	cr_expect(decide(&p, 1, "a", 60 * NS + 1, &w).allowed);
	cr_expect(decide(&p, 1, "a", 60 * NS + 2, &w).rate_limited);
}

Test(compat_mesh, no_room_for_a_window_is_an_error)
{
	struct compat_policy p = load("{name: p, agents: ['*'], rules: "
				      "[{name: r, condition: x, action: allow, limit: 1/minute}]}");
	struct value context = compat_kit_json(&memory, "{\"x\":1}");
	struct compat_windows w = { .room = 0 };
	struct compat_decision d;

	cr_expect_eq(compat_mesh_decide(&p, 1, COMPAT_DENY_OVERRIDES, STR("a"), &context,
					COMPAT_PRE_TOOL, 0, &w, &memory, &d), ERR_LIMIT);
}

Test(compat_mesh, a_limit_is_that_of_the_first_rule_of_its_name)
{
	struct compat_policy p = load("{name: p, agents: ['*'], rules: "
				      "[{name: r, condition: no, limit: 0/day, enabled: false}, "
				      "{name: r, condition: x, action: allow}]}");
	struct compat_window items[1];
	struct compat_windows w = { items, 0, 1 };

	cr_expect(decide(&p, 1, "a", 0, &w).allowed);
	cr_expect(decide(&p, 1, "a", 0, &w).rate_limited);
}

Test(compat_mesh, a_name_loaded_again_keeps_its_place)
{
	struct compat_policy p[] = { load("{name: p, agents: ['*'], default_action: deny}"),
				     load("{name: q, agents: ['*'], default_action: deny}"),
				     load("{name: p, agents: ['*'], default_action: allow}") };

	cr_expect(decide(p, 3, "a", 0, NULL).allowed);
	cr_expect_not(decide(p, 2, "a", 0, NULL).allowed);
}
