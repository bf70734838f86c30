/* cedar_capability: claims by the spelling of expressions, unions and what two have in common. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/judged.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_judge judge(void)
{
	return (struct cedar_judge){ .memory = judged_memory() };
}

static const struct cedar_expr *expr(const char *text)
{
	char *policy = arena_alloc(judged_memory(), 1024);

	(void)snprintf(policy, 1024, "permit(principal, action, resource) when { %s };", text);
	return judged_policies(policy)->policies[0]->conditions[0].body;
}

static struct cedar_claim attr(const char *on, const char *name)
{
	return (struct cedar_claim){ .on = expr(on), .name = str_view(name) };
}

/* Expressions that are spelt alike, and such that differ in one thing. */
static const struct pair {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "principal.a.b", "principal[\"a\"].b", true },
	{ "principal.a", "principal.b", false },
	{ "principal.a", "resource.a", false },
	{ "(principal)", "principal", true },
	{ "1 + 2 == 3", "1+2==3", true },
	{ "1 + 2 == 3", "2 + 1 == 3", false },
	{ "1 < 2", "1 <= 2", false },
	{ "User::\"a\"", "User::\"a\"", true },
	{ "User::\"a\"", "User::\"b\"", false },
	{ "User::\"a\"", "Users::\"a\"", false },
	{ "true", "false", false },
	{ "\"1\"", "1", false },
	{ "{a: 1, b: 2}", "{a: 1, b: 2}", true },
	{ "{a: 1, b: 2}", "{a: 1, c: 2}", false },
	{ "[1, 2]", "[1, 2]", true },
	{ "[1, 2]", "[1]", false },
	{ "principal has a.b", "principal has a.b", true },
	{ "principal has a.b", "principal has a.c", false },
	{ "principal is User", "principal is User", true },
	{ "principal is User", "principal is Group", false },
	{ "principal is User", "principal is User in resource", false },
	{ "\"x\" like \"a*\"", "\"x\" like \"a*\"", true },
	{ "\"x\" like \"a*\"", "\"x\" like \"a*b\"", false },
	{ "\"x\" like \"a*\"", "\"x\" like \"a\\*\"", false },
	{ "ip(\"::1\").isIpv4()", "ip(\"::1\").isIpv4()", true },
	{ "ip(\"::1\").isIpv4()", "ip(\"::1\").isIpv6()", false },
	{ "if true then 1 else 2", "if true then 1 else 3", false },
};

Test(cedar_capability, claims_are_alike_when_they_are_spelt_alike)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct cedar_judge j = judge();
		struct cedar_claim a = attr(pairs[i].a, "x"), b = attr(pairs[i].b, "x");
		struct cedar_caps caps = cedar_caps_one(&j, &a);

		cr_expect_eq(cedar_caps_hold(&j, caps, &b), pairs[i].same, "%s  %s", pairs[i].a,
			     pairs[i].b);
	}
}

Test(cedar_capability, attributes_and_tags_are_two_things)
{
	struct cedar_judge j = judge();
	struct cedar_claim a = attr("principal", "x"), b = attr("principal", "y");
	struct cedar_claim tag = { .on = expr("principal"), .tag = expr("\"x\"") };
	struct cedar_claim other = { .on = expr("principal"), .tag = expr("\"y\"") };
	struct cedar_caps caps = cedar_caps_one(&j, &a), tags = cedar_caps_one(&j, &tag);

	cr_expect_not(cedar_caps_hold(&j, caps, &b));
	cr_expect_not(cedar_caps_hold(&j, caps, &tag));
	cr_expect_not(cedar_caps_hold(&j, tags, &a));
	cr_expect(cedar_caps_hold(&j, tags, &tag));
	cr_expect_not(cedar_caps_hold(&j, tags, &other));
}

Test(cedar_capability, unions_hold_both_and_what_is_common_what_is_in_both)
{
	struct cedar_judge j = judge();
	struct cedar_claim a = attr("principal", "a"), b = attr("principal", "b");
	struct cedar_claim c = attr("principal", "c");
	struct cedar_caps ab = cedar_caps_union(&j, cedar_caps_one(&j, &a), cedar_caps_one(&j, &b));
	struct cedar_caps bc = cedar_caps_union(&j, cedar_caps_one(&j, &b), cedar_caps_one(&j, &c));
	struct cedar_caps none = { NULL, 0 }, all = cedar_caps_union(&j, ab, bc);
	struct cedar_caps common = cedar_caps_common(&j, ab, bc);

	cr_expect(cedar_caps_hold(&j, all, &a) && cedar_caps_hold(&j, all, &c));
	cr_expect(cedar_caps_hold(&j, common, &b));
	cr_expect_not(cedar_caps_hold(&j, common, &a));
	cr_expect_not(cedar_caps_hold(&j, common, &c));
	cr_expect_eq(cedar_caps_common(&j, all, none).count, 0);
	cr_expect_eq(cedar_caps_union(&j, none, ab).first, ab.first, "shared, not copied");
	cr_expect_not(cedar_caps_hold(&j, none, &a));
}

Test(cedar_capability, no_memory_shows_in_the_judge)
{
	struct cedar_claim a = attr("principal", "a");
	struct cedar_judge j = judge();
	struct arena memory;

	arena_init(&memory, 1 << 20);
	j.memory = &memory;
	fail_alloc_at(1);
	(void)cedar_caps_one(&j, &a);
	cr_assert(fail_alloc_was_hit());
	cr_expect_eq(j.err, ERR_MEMORY);
	arena_fini(&memory);
}
