/* compat_value: Python's truth, equality, order and texts. */
#include <criterion/criterion.h>

#include "engine/policy/compat_parts.h"
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

TestSuite(compat_value, .init = start, .fini = stop);

static struct value of(const char *text)
{
	return compat_kit_json(&memory, text);
}

Test(compat_value, truth_is_not_being_empty)
{
	static const char *const yes[] = { "true", "1", "-0.5", "\"0\"", "[0]", "{\"a\":null}",
					   "100000000000000000000", NULL };
	static const char *const no[] = { "null", "false", "0", "0.0", "\"\"", "[]", "{}", NULL };

	for (size_t i = 0; yes[i]; i++) {
		struct value v = of(yes[i]);

		cr_expect(compat_value_truth(&v), "%s", yes[i]);
	}
	for (size_t i = 0; no[i]; i++) {
		struct value v = of(no[i]);

		cr_expect_not(compat_value_truth(&v), "%s", no[i]);
	}
	cr_expect_not(compat_value_truth(NULL));
}

static bool eq(const char *a, const char *b)
{
	struct value x = of(a), y = of(b);

	return compat_value_eq(&x, &y);
}

Test(compat_value, true_is_one_and_integers_are_exact)
{
	cr_expect(eq("true", "1.0"));
	cr_expect(eq("[1,{\"a\":false}]", "[true,{\"a\":0}]"));
	cr_expect_not(eq("1", "\"1\""));
	cr_expect_not(eq("null", "0"));
	cr_expect_not(eq("9007199254740993", "9007199254740992.0"));
	cr_expect_not(eq("{\"a\":1}", "{\"b\":1}"));
	cr_expect_not(eq("[1]", "[1,2]"));
}

static int order(const char *a, const char *b)
{
	struct value x = of(a), y = of(b);
	int result = 0;

	return compat_value_order(&x, &y, &result) ? (result > 0) - (result < 0) : 9;
}

Test(compat_value, order_raises_between_types)
{
	cr_expect_eq(order("true", "0.5"), 1);
	cr_expect_eq(order("9007199254740993", "9007199254740992.0"), 1);
	cr_expect_eq(order("-1e300", "-9223372036854775808"), -1);
	cr_expect_eq(order("\"Z\"", "\"a\""), -1);
	cr_expect_eq(order("[1,\"x\"]", "[1.0,\"y\"]"), -1);
	cr_expect_eq(order("[1]", "[1,0]"), -1);
	cr_expect_eq(order("[1,\"x\"]", "[1,2]"), 9);
	cr_expect_eq(order("1", "\"1\""), 9);
	cr_expect_eq(order("null", "null"), 9);
	cr_expect_eq(order("{}", "{}"), 9);
}

static struct str text_of(const char *json, enum err expected)
{
	struct value v = of(json);
	struct str s = STR_NONE;
	struct buf b;

	buf_init(&b, 1024);
	cr_expect_eq(compat_value_text(&b, &v), expected);
	cr_assert_eq(arena_copy(&memory, buf_view(&b), &s), OK);
	buf_fini(&b);
	return s;
}

Test(compat_value, texts_are_those_of_str)
{
	cr_expect(str_is(text_of("true", OK), "True"));
	cr_expect(str_is(text_of("null", OK), "None"));
	cr_expect(str_is(text_of("1e16", OK), "1e+16"));
	cr_expect(str_is(text_of("450.0", OK), "450.0"));
	cr_expect(str_is(text_of("\"a\\nb\"", OK), "a\nb"));
	cr_expect_eq(text_of("[1]", ERR_VERSION).len, 0);
}

Test(compat_value, paths_lead_through_objects_only)
{
	struct value v = of("{\"a\":{\"b\":{\"c\":1}},\"l\":[1],\"n\":null,\"a.b\":2}");

	cr_expect_eq(compat_value_at(&v, STR("a.b.c"))->integer, 1);
	cr_expect_null(compat_value_at(&v, STR("a.b.c.d")));
	cr_expect_null(compat_value_at(&v, STR("l.0")));
	cr_expect_null(compat_value_at(&v, STR("n")), "None, as if it were missing");
}

Test(compat_value, float_of_a_huge_integer_overflows)
{
	struct value v = of("5");
	struct value object = of("{}");
	char digits[320] = "1";
	double d;

	memset(digits + 1, '0', 318);
	cr_expect_eq(compat_value_float(&v, &d), COMPAT_FLOAT);
	cr_expect_eq(compat_value_float(&object, &d), COMPAT_FLOAT_REFUSED);
	v = of(digits);
	cr_expect_eq(compat_value_float(&v, &d), COMPAT_FLOAT_OVERFLOWS);
}
