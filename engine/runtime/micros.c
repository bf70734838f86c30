/* micros: decimals of at most six digits behind the point, exactly. */
#include "engine/runtime/runtime.h"

#define DIGITS 6

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One digit more of a number below zero, whose range holds every int64. */
static bool shift_in(int64_t *n, int digit)
{
	if (*n < (INT64_MIN + digit) / 10)
		return false;
	*n = *n * 10 - digit;
	return true;
}

enum err micros_read(struct str text, int64_t *ret)
{
	bool negative = text.len > 0 && text.ptr[0] == '-', fits = true;
	size_t at = negative, whole = 0, behind = 0;
	int64_t n = 0;

	for (; at < text.len && is_digit(text.ptr[at]); at++, whole++)
		fits = fits && shift_in(&n, text.ptr[at] - '0');
	if (at < text.len && text.ptr[at] == '.')
		for (at++; at < text.len && is_digit(text.ptr[at]); at++, behind++)
			fits = fits && behind < DIGITS && shift_in(&n, text.ptr[at] - '0');
	if (at < text.len || whole == 0 || (behind == 0 && text.ptr[text.len - 1] == '.'))
		return ERR_SYNTAX;
	for (; behind < DIGITS; behind++)
		fits = fits && shift_in(&n, 0);
	if (!fits || (!negative && n == INT64_MIN))
		return ERR_RANGE;
	*ret = negative ? n : -n;
	return OK;
}

/* Without zeros at the end. */
void micros_write(struct buf *b, int64_t micros)
{
	uint64_t size = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
	uint64_t rest = size % (uint64_t)MICROS;
	char digits[DIGITS];
	size_t len = 0;

	if (micros < 0)
		buf_add_byte(b, '-');
	buf_add_u64(b, size / (uint64_t)MICROS);
	for (int i = DIGITS - 1; i >= 0; i--, rest /= 10) {
		digits[i] = (char)('0' + rest % 10);
		if (digits[i] != '0' && len == 0)
			len = (size_t)i + 1;
	}
	if (len > 0) {
		buf_add_byte(b, '.');
		buf_add(b, str_slice(digits, len));
	}
}
