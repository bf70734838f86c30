/* compat_number: float() and int() of texts, as CPython 3.11 answers. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/policy/compat_parts.h"

Test(compat_number, float_takes_what_python_takes)
{
	static const struct {
		const char *text;
		double value;
	} good[] = {
		{ "42", 42 }, { " 4_2 ", 42 }, { "+.5", .5 }, { "5.", 5 }, { "-1e3", -1000 },
		{ "1_0.2_5e-0_1", 1.025 }, { "\xd9\xa3", 3 }, { "000", 0 }, { "0.001", 0.001 },
		{ "9007199254740993", 9007199254740992.0 }, { "1e400", INFINITY },
		{ "-InFinity", -INFINITY }, { "1e-400", 0 }, { "0.1", 0.1 },
		{ "1.7976931348623158e308", 0x1.fffffffffffffp1023 },
		{ "1.7976931348623159e308", INFINITY },
	};
	static const char *const bad[] = { "", " ", "x", "1x", "_1", "1_", "1__0", "1e", "e1", ".",
					   "0x10", "1 2", "--1", "1._5", "nanx", NULL };
	double value;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		cr_assert(compat_number_float(str_view(good[i].text), &value), "%s", good[i].text);
		cr_expect(value == good[i].value, "%s: %g", good[i].text, value);
	}
	for (size_t i = 0; bad[i]; i++)
		cr_expect_not(compat_number_float(str_view(bad[i]), &value), "'%s'", bad[i]);
	cr_expect(compat_number_float(STR("nan"), &value) && isnan(value));
}

/* 2^53 + 1 is between two doubles; a digit far behind tips it over. */
Test(compat_number, the_last_of_a_thousand_digits_counts)
{
	char text[1100] = "9007199254740993.";
	size_t len = strlen(text);
	double value;

	memset(text + len, '0', 1000);
	cr_assert(compat_number_float(str_view(text), &value));
	cr_expect_eq(value, 9007199254740992.0);
	text[len + 999] = '1';
	cr_assert(compat_number_float(str_view(text), &value));
	cr_expect_eq(value, 9007199254740994.0);
}

Test(compat_number, int_takes_signs_and_underscores_and_saturates)
{
	int64_t n;

	cr_expect(compat_number_int(STR(" +1_000 "), &n) && n == 1000);
	cr_expect(compat_number_int(STR("-0"), &n) && n == 0);
	cr_expect(compat_number_int(STR("99999999999999999999"), &n) && n == INT64_MAX);
	cr_expect(compat_number_int(STR("9223372036854775806"), &n) && n == INT64_MAX - 1);
	cr_expect_not(compat_number_int(STR("1.0"), &n));
	cr_expect_not(compat_number_int(STR("1e3"), &n));
	cr_expect_not(compat_number_int(STR("_1"), &n));
	cr_expect_not(compat_number_int(STR(""), &n));
}

Test(compat_number, a_prefix_takes_a_fraction_only_with_digits)
{
	cr_expect_eq(compat_number_prefix(STR("12.5x")), 4);
	cr_expect_eq(compat_number_prefix(STR("12.x")), 2);
	cr_expect_eq(compat_number_prefix(STR("1_000")), 1);
	cr_expect_eq(compat_number_prefix(STR("-1")), 0);
}
