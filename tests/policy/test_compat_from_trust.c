/* compat_from_trust: TrustPolicy documents. */
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

TestSuite(compat_from_trust, .init = start, .fini = stop);

Test(compat_from_trust, lower_numbers_are_written_first)
{
	struct compat_report r = compat_kit_import(
		&memory, COMPAT_TRUST,
		"name: t\n"
		"rules:\n"
		"- {name: c, condition: {field: x, operator: eq, value: 1}}\n"
		"- {name: b, condition: {field: x, operator: eq, value: 1}, priority: 100}\n"
		"- {name: a, condition: {field: x, operator: gt, value: 1}, priority: -5}\n");
	const char *a = memmem(r.text.ptr, r.text.len, "name: a", 7);
	const char *b = memmem(r.text.ptr, r.text.len, "name: b", 7);
	const char *c = memmem(r.text.ptr, r.text.len, "name: c", 7);

	cr_assert(a && b && c);
	cr_expect(a < c && c < b);
	cr_expect_not(str_has(r.text, STR("priority")));
	cr_expect(compat_kit_has(&r, "default_action: allow"));
	cr_expect(compat_kit_remarked(&r, false, "kept as 'default_action: allow'"));
}

Test(compat_from_trust, each_operator_has_its_words)
{
	static const struct {
		const char *operator, *value, *condition;
	} rows[] = {
		{ "eq", "[1, a]", "has(args.f) and args.f == [1, \"a\"]" },
		{ "eq", "null", "false" },
		{ "ne", "x", "has(args.f) and args.f != null and args.f != \"x\"" },
		{ "gte", "1.5", "has(args.f) and args.f >= 1.5" },
		{ "lt", "b", "has(args.f) and args.f < \"b\"" },
		{ "in", "[a, 2]", "has(args.f) and args.f in [\"a\", 2]" },
		{ "in", "abc", "has(args.f) and \"abc\" contains args.f" },
		{ "in", "{k: 1}", "has(args.f) and args.f in [\"k\"]" },
		{ "not_in", "[a]", "has(args.f) and args.f != null and not (args.f in [\"a\"])" },
		{ "matches", "'^\\d+'", "has(args.f) and args.f matches \"(?s)^\\\\d+\"" },
	};
	char text[512], line[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct compat_report r;

		(void)snprintf(text, sizeof(text),
			       "{name: t, rules: [{name: r, condition: {field: f, operator: %s, "
			       "value: %s}}]}", rows[i].operator, rows[i].value);
		(void)snprintf(line, sizeof(line), "condition: '%s'", rows[i].condition);
		r = compat_kit_import(&memory, COMPAT_TRUST, text);
		if (strcmp(rows[i].condition, "false") != 0)
			cr_expect(compat_kit_has(&r, line), "%s\n%.*s", line, STR_ARG(r.text));
		else
			cr_expect(compat_kit_has(&r, "condition: 'false'"));
	}
}

Test(compat_from_trust, an_order_that_is_none_is_refused)
{
	struct compat_report r = compat_kit_import(
		&memory, COMPAT_TRUST,
		"{name: t, rules: [{name: r, condition: {field: f, operator: gt, value: [1]}}]}");

	cr_expect_null(r.text.ptr);
	cr_expect(compat_kit_remarked(&r, true, "cannot be said here"));
}

Test(compat_from_trust, defaults_become_rules)
{
	struct compat_report r = compat_kit_import(
		&memory, COMPAT_TRUST,
		"{name: t, defaults: {min_trust_score: 7, allowed_namespaces: [a], "
		"require_handshake: true}}");

	cr_expect(compat_kit_has(
		&r, "condition: 'has(args.trust_score) and args.trust_score < 7'"));
	cr_expect(compat_kit_has(
		&r, "condition: 'has(args.delegation_depth) and args.delegation_depth > 3'"));
	cr_expect(str_has(r.text, STR("not (args.agent.namespace in [null, \"\", \"a\"])")));
	cr_expect(compat_kit_remarked(&r, false, "'require_handshake' is left out"));
}
