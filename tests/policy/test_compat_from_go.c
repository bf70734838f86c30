/* compat_from_go: rules of the Go engine. */
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

TestSuite(compat_from_go, .init = start, .fini = stop);

static struct compat_report import(const char *rule)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "rules: [%s]", rule);
	return compat_kit_import(&memory, COMPAT_GO, text);
}

Test(compat_from_go, conditions_keep_their_shape)
{
	struct compat_report r = import("{action: 'a.*', effect: allow, conditions: {"
					"x: {$gt: 1, $lte: 5.5}, 'u.v': y, "
					"$or: [{a: true}, {$not: {b: z}}]}}");

	cr_expect(compat_kit_has(&r, "tools: ['a.*']"));
	cr_expect(compat_kit_has(
		&r, "condition: 'has(args.x) and args.x > 1 and args.x <= 5.5 and "
		    "has(args[\"u.v\"]) and args[\"u.v\"] == \"y\" and "
		    "((has(args.a) and args.a == true) or "
		    "(not (has(args.b) and args.b == \"z\")))'"), "%.*s", STR_ARG(r.text));
	cr_expect_eq(r.change_count, 0);
}

Test(compat_from_go, whole_numbers_are_compared_and_that_is_a_change)
{
	struct compat_report r = import("{action: pay, effect: allow, conditions: {n: 5}}");
	const struct compat_change *c = compat_kit_change(
		&r, "{\"action\":\"pay\",\"agent\":\"agent-1\",\"args\":{\"n\":5}}");

	cr_assert(c);
	cr_expect(c->looser);
	cr_expect(compat_kit_remarked(&r, false, "no whole number"));
}

Test(compat_from_go, limits_need_a_period_that_there_is)
{
	struct compat_report r = import("{action: x, effect: allow, max_calls: 3, window: 1h}");

	cr_expect(compat_kit_has(&r, "limit: '3/hour'"));
	r = import("{action: x, effect: allow, max_calls: 3, window: 60m}");
	cr_expect(compat_kit_has(&r, "limit: '3/hour'"));
	r = import("{action: x, effect: allow, max_calls: 3, window: soon}");
	cr_expect(compat_kit_has(&r, "limit: '3/minute'"));
	cr_expect(compat_kit_remarked(&r, false, "one minute to AGT"));
	r = import("{action: x, effect: allow, max_calls: 3, window: 5m}");
	cr_expect(compat_kit_remarked(&r, true, "300 seconds"));
}

Test(compat_from_go, a_rule_that_denies_and_counts_denies)
{
	struct compat_report r = import("{action: x, effect: deny, max_calls: 3, window: 1m},"
					"{action: '*', effect: allow}");
	const struct compat_change *c =
		compat_kit_change(&r, "{\"action\":\"x\",\"agent\":\"agent-1\",\"args\":{}}");

	cr_assert(c);
	cr_expect(str_is(c->before, "allow") && str_is(c->after, "deny"));
}

Test(compat_from_go, what_never_matches_is_refused_or_left_out)
{
	static const char *const bad[] = {
		"{x: {$regex: y}}", "{x: {y: z}}", "{x: {$gt: y}}", "{x: {$in: y}}",
		"{$or: {x: y}}", "{$and: [5]}", "{$not: [x]}", NULL,
	};
	struct compat_report r = import("{effect: allow}, {action: x, effect: allow}");
	char rule[256];

	cr_expect_eq(r.rule_count, 1);
	cr_expect(compat_kit_remarked(&r, false, "names no action"));
	for (size_t i = 0; bad[i]; i++) {
		(void)snprintf(rule, sizeof(rule), "{action: x, effect: deny, conditions: %s}",
			       bad[i]);
		r = import(rule);
		cr_expect_eq(r.refused_count, 1, "%s", bad[i]);
		cr_expect_null(r.text.ptr);
	}
}

Test(compat_from_go, a_file_of_another_kind_is_not_an_empty_policy)
{
	struct compat_report r = import("{name: r, condition: x, action: deny}");

	cr_expect(compat_kit_remarked(&r, true, "agt-mesh or agt-trust"));
	cr_expect_null(r.text.ptr);
}

Test(compat_from_go, what_the_toolkit_derives_is_missed_when_its_source_is_there)
{
	struct compat_report r =
		import("{action: '*', effect: deny, conditions: {sql.verb: DROP}}");

	cr_expect(compat_kit_has(&r, "condition: 'has(args.sql) and args.sql.verb == \"DROP\"'"));
	cr_expect(compat_kit_remarked(&r, false, "AGT derives 'sql.verb'"));
}
