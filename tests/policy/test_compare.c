/* compare: numbers meet as canon writes them, whatever they are written as. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/policy/inside.h"

/* In ascending order; texts in one row are the same number. */
static const char *const rows[][3] = {
	{ "-1e308" },
	{ "-100000000000000000001" },
	{ "-1e20", "-100000000000000000000" },
	{ "-99999999999999999999" },
	{ "-9223372036854776000", "-9223372036854775808.0" },
	{ "-9223372036854775809" },
	{ "-9223372036854775808" },
	{ "-9223372036854775807" },
	{ "-9007199254740993" },
	{ "-9007199254740992", "-9007199254740992.0" },
	{ "-2" },
	{ "-1.5" },
	{ "-1", "-1.0", "-1e0" },
	{ "-5e-324" },
	{ "0", "-0.0", "0e5" },
	{ "5e-324" },
	{ "0.5" },
	{ "1" },
	{ "9007199254740991" },
	{ "9007199254740992", "9007199254740992.0" },
	{ "9007199254740993" },
	{ "9223372036854774784" },
	{ "9223372036854774784.0", "9223372036854775000" },
	{ "9223372036854775807" },
	{ "9223372036854775808" },
	{ "9223372036854775809" },
	{ "9223372036854775808.0", "9223372036854776000" },
	{ "100000000000000000000", "1e20" },
	{ "100000000000000000001" },
	{ "1e308" },
};

static struct value number(struct arena *a, const char *text)
{
	struct value v;

	cr_assert_eq(json_read(str_view(text), 1, a, &v, NULL), OK, "%s", text);
	return v;
}

Test(compare, numbers_have_one_order)
{
	size_t count = sizeof(rows) / sizeof(rows[0]);
	struct arena a;

	arena_init(&a, 16 << 20);
	for (size_t i = 0; i < count * 3; i++) {
		for (size_t k = 0; k < count * 3; k++) {
			const char *left = rows[i / 3][i % 3], *right = rows[k / 3][k % 3];
			struct value l, r;
			int order, expected = (i / 3 > k / 3) - (i / 3 < k / 3);

			if (!left || !right)
				continue;
			l = number(&a, left);
			r = number(&a, right);
			cr_assert(compare_order(&l, &r, &order));
			cr_expect_eq((order > 0) - (order < 0), expected, "%s and %s: %d", left,
				     right, order);
			cr_expect_eq(value_eq(&l, &r), expected == 0, "%s and %s", left, right);
		}
	}
	arena_fini(&a);
}

Test(compare, strings_have_the_order_of_their_bytes)
{
	struct value a = value_string(STR("a")), ab = value_string(STR("ab")),
		     z = value_string(STR("Z"));
	struct value high = value_string(STR("\xc3\xa9"));
	int order;

	cr_assert(compare_order(&a, &ab, &order) && order < 0);
	cr_assert(compare_order(&a, &z, &order) && order > 0);
	cr_assert(compare_order(&high, &ab, &order) && order > 0);
	cr_assert(compare_order(&a, &a, &order) && order == 0);
}

Test(compare, other_types_have_no_order)
{
	struct value values[] = { value_null(),		  value_bool(true),
				  value_int(1),		  value_string(STR("1")),
				  { .kind = VALUE_LIST }, { .kind = VALUE_OBJECT } };
	int order = 42;

	for (size_t i = 0; i < 6; i++)
		for (size_t k = 0; k < 6; k++)
			cr_expect_eq(compare_order(&values[i], &values[k], &order),
				     i == k && (i == 2 || i == 3));
}
