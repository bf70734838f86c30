/* expr_literal: what a literal may be, and where a wrong one is told. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"

static enum truth truth_of(const char *text, struct note *n)
{
	const struct condition *c;
	struct value request;
	struct arena a;
	enum truth truth;

	*n = (struct note){ .column = 0 };
	arena_init(&a, 8 << 20);
	cr_assert_eq(json_read(STR("{\"args\":{\"a\":[1,{\"k\":\"v\"},null,true]}}"), 1, &a,
			       &request, NULL),
		     OK);
	truth = condition_compile(str_view(text), &a, &c, n) == OK ? condition_eval(c, &request, n)
								   : TRUTH_ERROR;
	arena_fini(&a);
	return truth;
}

Test(expr_literal, every_kind_is_a_value)
{
	static const char *const texts[] = {
		"args.a == [1, {'k': \"v\"}, null, true]",
		"args.a[0] == 1.0",
		"args.a[1] == {'k': 'v'}",
		"args.a[2] == null",
		"args.a[3] == true",
		"args.a[1] != {}",
		"args.a[0] in [[], 1]",
	};
	struct note n;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_expect_eq(truth_of(texts[i], &n), TRUTH_TRUE, "%s: %s", texts[i], n.text);
}

Test(expr_literal, a_wrong_one_is_told_where_it_is)
{
	static const struct {
		const char *text;
		uint32_t column;
	} rows[] = {
		{ "args.a == [1 2]", 14 },
		{ "args.a == [1,]", 14 },
		{ "args.a == {k: 1}", 12 },
		{ "args.a == {'k' 1}", 16 },
		{ "args.a == {'k': 1, 'k': 2}", 20 },
		{ "args.a == [1", 13 },
	};
	struct note n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cr_expect_eq(truth_of(rows[i].text, &n), TRUTH_ERROR);
		cr_expect_eq(n.column, rows[i].column, "%s: %u: %s", rows[i].text, n.column,
			     n.text);
	}
}
