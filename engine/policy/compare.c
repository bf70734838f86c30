/*
 * compare: order without rounding (equality is value_eq).
 *
 * A request may say 9007199254740993 and a policy 9007199254740992.0; a comparison by way of
 * doubles would call them equal, and a limit would leak. So integers and reals meet exactly: a real
 * is cut into its integer part, which an int64 or its decimal digits hold without loss, and the
 * rest.
 */
#include "engine/policy/inside.h"

#include <stdio.h>

/* 2^63: reals from here on, in either direction, are beyond any int64. */
#define INT64_EDGE 9223372036854775808.0
/* Digits of the largest double before the point, a sign, a NUL. */
#define REAL_DIGITS 312

bool compare_is_number(const struct value *v)
{
	return v->kind == VALUE_INT || v->kind == VALUE_BIG || v->kind == VALUE_REAL;
}

static int order_ints(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int order_int_real(int64_t a, double b)
{
	int64_t whole;
	double rest;

	if (b >= INT64_EDGE)
		return -1;
	if (b < -INT64_EDGE)
		return 1;
	whole = (int64_t)b;
	rest = b - (double)whole;
	return a != whole ? order_ints(a, whole) : (rest < 0) - (rest > 0);
}

/* Decimal integers without leading zeros. */
static int order_digits(struct str a, struct str b)
{
	bool a_negative = str_starts(a, STR("-")), b_negative = str_starts(b, STR("-"));
	int order;

	if (a_negative != b_negative)
		return a_negative ? -1 : 1;
	if (a.len != b.len)
		order = a.len < b.len ? -1 : 1;
	else
		order = str_cmp(a, b);
	return a_negative ? -order : order;
}

static int sign_of(struct str digits)
{
	return str_starts(digits, STR("-")) ? -1 : 1;
}

/* A big integer lies beyond every int64, so a real within that range is nearer to zero. */
static int order_big_real(struct str a, double b)
{
	char digits[REAL_DIGITS];
	int len;

	if (b < INT64_EDGE && b >= -INT64_EDGE)
		return sign_of(a);
	len = snprintf(digits, sizeof(digits), "%.0f", b);
	MUST(len > 0 && len < REAL_DIGITS);
	return order_digits(a, str_slice(digits, (size_t)len));
}

static int order_numbers(const struct value *a, const struct value *b)
{
	if (a->kind == VALUE_INT && b->kind == VALUE_INT)
		return order_ints(a->integer, b->integer);
	if (a->kind == VALUE_REAL && b->kind == VALUE_REAL)
		return (a->real > b->real) - (a->real < b->real);
	if (a->kind == VALUE_BIG && b->kind == VALUE_BIG)
		return order_digits(a->string, b->string);
	if (a->kind == VALUE_BIG)
		return b->kind == VALUE_INT ? sign_of(a->string)
					    : order_big_real(a->string, b->real);
	if (a->kind == VALUE_INT && b->kind == VALUE_REAL)
		return order_int_real(a->integer, b->real);
	return -order_numbers(b, a);
}

bool compare_order(const struct value *a, const struct value *b, int *ret)
{
	if (a->kind == VALUE_STRING && b->kind == VALUE_STRING)
		*ret = str_cmp(a->string, b->string);
	else if (compare_is_number(a) && compare_is_number(b))
		*ret = order_numbers(a, b);
	else
		return false;
	return true;
}
