/*
 * compat_number: numbers in texts, as Python's float() and int() read them: blanks around, a sign,
 * decimal digits of any script, single underscores between digits.
 *
 * A double is settled by 767 significant digits at most, so what comes behind the first
 * DIGITS_KEPT only matters as "there was something": one digit 1 stands for all of it.
 */
#include "engine/policy/compat_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_KEPT 800
#define EXPONENT_MAX 100000 /* beyond it, everything is zero or infinite */

/* A decimal under construction: 0.DIGITS * 10^exponent. */
struct decimal {
	char digits[DIGITS_KEPT + 1];
	size_t count, seen; /* kept, read */
	int64_t exponent;
	bool fraction;
};

/* The digit at the start of *rest, taken off; -1 when there is none. */
static int take_digit(struct str *rest)
{
	uint32_t code;
	size_t len = str_utf8_first(*rest, &code);
	int digit = len ? compat_word_digit(code) : -1;

	if (digit >= 0)
		*rest = str_from(*rest, len);
	return digit;
}

static void add_digit(struct decimal *d, int digit)
{
	d->seen++;
	if (!d->fraction && (d->count > 0 || digit > 0))
		d->exponent++;
	if (d->fraction && d->count == 0 && digit == 0)
		d->exponent--;
	if (d->count == 0 && digit == 0)
		return;
	if (d->count < DIGITS_KEPT)
		d->digits[d->count++] = (char)('0' + digit);
	else if (digit > 0)
		d->digits[DIGITS_KEPT] = '1';
}

/* Digits with single underscores between them; false when an underscore stands elsewhere. */
static bool take_digits(struct decimal *d, struct str *rest)
{
	bool after_digit = false;

	for (;;) {
		int digit;

		if (after_digit && rest->len > 0 && rest->ptr[0] == '_') {
			*rest = str_from(*rest, 1);
			after_digit = false;
			digit = take_digit(rest);
			if (digit < 0)
				return false;
		} else {
			digit = take_digit(rest);
			if (digit < 0)
				return true;
		}
		add_digit(d, digit);
		after_digit = true;
	}
}

static bool take_sign(struct str *rest)
{
	bool negative = rest->len > 0 && rest->ptr[0] == '-';

	if (negative || (rest->len > 0 && rest->ptr[0] == '+'))
		*rest = str_from(*rest, 1);
	return negative;
}

/* Whole numbers, saturated at `most`. False when there is no digit. */
static bool take_whole(struct str *rest, uint64_t most, uint64_t *ret)
{
	uint64_t n = 0;
	bool any = false;

	for (int digit; (digit = take_digit(rest)) >= 0; any = true) {
		n = n > (most - (uint64_t)digit) / 10 ? most : n * 10 + (uint64_t)digit;
		if (rest->len > 1 && rest->ptr[0] == '_') {
			struct str behind = str_from(*rest, 1);

			if (take_digit(&behind) >= 0)
				*rest = str_from(*rest, 1);
		}
	}
	*ret = n;
	return any;
}

static bool is_word(struct str s, const char *word)
{
	if (s.len != strlen(word))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((s.ptr[i] | 0x20) != word[i])
			return false;
	return true;
}

/* Without a point, so that no locale can change how strtod reads it. */
static double value_of(struct decimal *d)
{
	char text[DIGITS_KEPT + 32];
	size_t count = d->count;

	if (count == 0)
		return 0;
	if (d->digits[DIGITS_KEPT])
		count = DIGITS_KEPT + 1;
	(void)snprintf(text, sizeof(text), "%.*se%lld", (int)count, d->digits,
		       (long long)(d->exponent - (int64_t)count));
	return strtod(text, NULL);
}

bool compat_number_float(struct str text, double *ret)
{
	struct decimal d = { .count = 0 };
	struct str rest = compat_word_strip(text);
	bool negative = take_sign(&rest);
	double value;

	if (is_word(rest, "inf") || is_word(rest, "infinity")) {
		*ret = negative ? -INFINITY : INFINITY;
		return true;
	}
	if (is_word(rest, "nan")) {
		*ret = NAN;
		return true;
	}
	if (!take_digits(&d, &rest))
		return false;
	if (rest.len > 0 && rest.ptr[0] == '.') {
		d.fraction = true;
		rest = str_from(rest, 1);
		if (!take_digits(&d, &rest))
			return false;
	}
	if (d.seen == 0)
		return false;
	if (rest.len > 0 && (rest.ptr[0] | 0x20) == 'e') {
		uint64_t exponent;
		bool down;

		rest = str_from(rest, 1);
		down = take_sign(&rest);
		if (!take_whole(&rest, EXPONENT_MAX, &exponent))
			return false;
		d.exponent += down ? -(int64_t)exponent : (int64_t)exponent;
	}
	if (rest.len > 0)
		return false;
	value = value_of(&d);
	*ret = negative ? -value : value;
	return true;
}

bool compat_number_int(struct str text, int64_t *ret)
{
	struct str rest = compat_word_strip(text);
	bool negative = take_sign(&rest);
	uint64_t n;

	if (!take_whole(&rest, (uint64_t)INT64_MAX, &n) || rest.len > 0)
		return false;
	*ret = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

size_t compat_number_prefix(struct str s)
{
	struct str rest = s, behind;
	bool any = false;

	while (take_digit(&rest) >= 0)
		any = true;
	if (!any || rest.len == 0 || rest.ptr[0] != '.')
		return any ? s.len - rest.len : 0;
	behind = str_from(rest, 1);
	if (take_digit(&behind) < 0)
		return s.len - rest.len;
	while (take_digit(&behind) >= 0)
		;
	return s.len - behind.len;
}
