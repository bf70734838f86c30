/* micros: decimals are read and written exactly, or not at all. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"

Test(micros, decimals_are_exact)
{
	static const struct {
		const char *text;
		int64_t micros;
		const char *again;
	} cases[] = {
		{ "0", 0, "0" },
		{ "1", 1000000, "1" },
		{ "12.50", 12500000, "12.5" },
		{ "-0.000001", -1, "-0.000001" },
		{ "007", 7000000, "7" },
		{ "0.1", 100000, "0.1" },
		{ "9223372036854.775807", INT64_MAX, "9223372036854.775807" },
		{ "-9223372036854.775808", INT64_MIN, "-9223372036854.775808" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;
		int64_t got = 1;

		cr_assert_eq(micros_read(str_view(cases[i].text), &got), OK, "%s", cases[i].text);
		cr_expect_eq(got, cases[i].micros, "%s", cases[i].text);
		buf_init(&b, 64);
		micros_write(&b, got);
		cr_expect(str_is(buf_view(&b), cases[i].again), "%.*s", STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
}

Test(micros, what_is_no_exact_decimal_is_refused)
{
	static const struct {
		const char *text;
		enum err expected;
	} cases[] = {
		{ "", ERR_SYNTAX },	{ "-", ERR_SYNTAX },	     { ".", ERR_SYNTAX },
		{ "1.", ERR_SYNTAX },	{ ".5", ERR_SYNTAX },	     { "1e3", ERR_SYNTAX },
		{ "+1", ERR_SYNTAX },	{ " 1", ERR_SYNTAX },	     { "1 ", ERR_SYNTAX },
		{ "0x10", ERR_SYNTAX }, { "1.2.3", ERR_SYNTAX },     { "nan", ERR_SYNTAX },
		{ "--1", ERR_SYNTAX },	{ "0.0000001", ERR_RANGE },  { "9223372036855", ERR_RANGE },
		{ "9223372036854.775808", ERR_RANGE },
		{ "99999999999999999999999999", ERR_RANGE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t got = 42;

		cr_expect_eq(micros_read(str_view(cases[i].text), &got), cases[i].expected, "%s",
			     cases[i].text);
		cr_expect_eq(got, 42);
	}
}
