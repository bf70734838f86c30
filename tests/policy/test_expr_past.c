/* expr_past: the forms of questions about the past, and what is wrong with others. */
#include <criterion/criterion.h>

#include "engine/policy/policy.h"

static enum err compiled(const char *text, struct note *n)
{
	const struct condition *c;
	struct arena a;
	enum err e;

	*n = (struct note){ .column = 0 };
	arena_init(&a, 8 << 20);
	e = condition_compile(str_view(text), &a, &c, n);
	arena_fini(&a);
	return e;
}

Test(expr_past, each_form_is_read)
{
	static const char *const texts[] = {
		"once(looked-up)",
		"once(looked-up, args.id)",
		"once(paid within \"10m\")",
		"since(a, b-c)",
		"before(a, b)",
		"labelled(\"x y\")",
		"count(a) > 2",
		"count(a within \"1h\") <= 3",
		"not once( a ) and args.count == 1",
	};
	struct note n;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_expect_eq(compiled(texts[i], &n), OK, "%s: %s", texts[i], n.text);
}

Test(expr_past, others_are_refused_where_they_go_wrong)
{
	static const struct {
		const char *text;
		uint32_t column;
	} rows[] = {
		{ "once", 5 },         { "once()", 6 },
		{ "once(a", 7 },       { "since(a)", 8 },
		{ "once(a, 'b')", 9 }, { "once(a within 10)", 15 },
		{ "labelled(x)", 10 }, { "since(a, b within \"1h\")", 12 },
	};
	struct note n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cr_expect_neq(compiled(rows[i].text, &n), OK, "%s", rows[i].text);
		cr_expect_eq(n.column, rows[i].column, "%s: %u: %s", rows[i].text, n.column,
			     n.text);
	}
}
