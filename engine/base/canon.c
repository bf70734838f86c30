/*
 * canon: one walk over the tree, written in one of three dialects (RFC 8785, and Python's
 * json.dumps with blanks or without).
 *
 * Canonical text is usually made from canonical text, so members are first tried in the order they
 * have; only when that is not the canonical order are their indexes sorted. Numbers share one
 * search for their shortest digits; dialects differ only in where the point and exponent go.
 */
#include "engine/base/canon.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"

#define FEW_MEMBERS 32               /* so many indexes are sorted on the stack */
#define DIGITS_MAX 17                /* enough to tell any two doubles apart */
#define DIGITS_SURE 15               /* any decimal of so many digits survives a normal double */
#define TEN_15 1e15
#define SHORT_SCALES 8               /* decimals are tried with 0 to 7 digits behind the point */

struct dialect {
	struct str comma, colon;
	value_key_order *order;          /* NULL: members stay where they are */
	void (*string)(struct buf *b, struct str s);
	void (*real)(struct buf *b, double d);
	/* writes a plain member in one go; NULL: this dialect has no such way */
	bool (*plain)(struct buf *b, bool first, const struct member *m);
};

/* A number 0.DIGITS * 10^point is written without an exponent when least < point <= most. */
struct notation {
	int least, most;
	int exponent_digits;             /* at least so many */
	const char *whole;               /* put behind a number that has no fraction */
};

/*
 * Strings.
 */

/* The escapes that both dialects know; the letter behind the backslash, or 0. */
static char short_escape(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\t':
		return 't';
	case '\n':
		return 'n';
	case '\f':
		return 'f';
	case '\r':
		return 'r';
	default:
		return 0;
	}
}

static void add_unit(struct buf *b, uint32_t unit)
{
	const unsigned char bytes[2] = { (unsigned char)(unit >> 8), (unsigned char)unit };

	buf_add_c(b, "\\u");
	buf_add_hex(b, bytes, sizeof(bytes));
}

static void add_escape(struct buf *b, unsigned char c)
{
	char letter = short_escape(c);

	if (letter) {
		buf_add_byte(b, '\\');
		buf_add_byte(b, letter);
	} else {
		add_unit(b, c);
	}
}

static void add_units(struct buf *b, uint32_t rune)
{
	if (rune < 0x10000) {
		add_unit(b, rune);
		return;
	}
	add_unit(b, 0xD800 + ((rune - 0x10000) >> 10));
	add_unit(b, 0xDC00 + ((rune - 0x10000) & 0x3FF));
}

/* A string without anything to escape: one copy between two quotes. */
static void add_plain(struct buf *b, struct str s)
{
	char *at = buf_grow(b, s.len + 2);

	if (!at)
		return;
	*at++ = '"';
	if (s.len)
		memcpy(at, s.ptr, s.len);
	at[s.len] = '"';
}

void canon_string(struct buf *b, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t done = 0;

	if (json_plain_len(s) == s.len) {
		add_plain(b, s);
		return;
	}
	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (p[i] >= ' ' && p[i] != '"' && p[i] != '\\')
			continue;
		buf_add(b, str_slice(p + done, i - done));
		add_escape(b, p[i]);
		done = i + 1;
	}
	buf_add(b, str_slice(p + done, s.len - done));
	buf_add_byte(b, '"');
}

/* The decimal digits of a number at the end of `room`; how many. */
static size_t decimal_of(uint64_t n, char room[20])
{
	size_t at = 20;

	do {
		room[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return 20 - at;
}

/* A member's value where it is one plain piece of text: see canon_plain. */
struct piece {
	struct str text;
	bool quoted, negative;
	char digits[20];
};

static bool is_piece(const struct value *v, struct piece *p)
{
	size_t len;

	p->quoted = p->negative = false;
	switch (v->kind) {
	case VALUE_BOOL:
		p->text = v->boolean ? STR("true") : STR("false");
		return true;
	case VALUE_INT:
		p->negative = v->integer < 0;
		len = decimal_of(p->negative ? 0 - (uint64_t)v->integer : (uint64_t)v->integer,
				 p->digits);
		p->text = str_slice(p->digits + 20 - len, len);
		return true;
	case VALUE_STRING:
		p->quoted = true;
		p->text = v->string;
		return v->string.len > 0 && json_plain_len(v->string) == v->string.len;
	default:
		return false;
	}
}

/*
 * Nearly all members are a plain name with a number, a word or a plain text: those are written in
 * one go. False: the member is another, and nothing was written.
 */
static bool canon_plain(struct buf *b, bool first, const struct member *m)
{
	struct piece p;
	char *at;

	if (m->key.len == 0 || json_plain_len(m->key) != m->key.len || !is_piece(&m->value, &p))
		return false;
	at = buf_grow(b, !first + m->key.len + 3 + p.negative + 2 * (size_t)p.quoted + p.text.len);
	if (!at)
		return true;
	if (!first)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, m->key.ptr, m->key.len);
	at += m->key.len;
	*at++ = '"';
	*at++ = ':';
	if (p.negative)
		*at++ = '-';
	if (p.quoted)
		*at++ = '"';
	memcpy(at, p.text.ptr, p.text.len);
	if (p.quoted)
		at[p.text.len] = '"';
	return true;
}

/* CPython's encode_basestring_ascii (Modules/_json.c) also escapes DEL, which JSON does not ask. */
static size_t python_plain_len(struct str s)
{
	size_t len = json_plain_len(s);
	const char *del = len ? memchr(s.ptr, 0x7F, len) : NULL;

	return del ? (size_t)(del - s.ptr) : len;
}

static void python_string(struct buf *b, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;

	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.len;) {
		struct str rest = str_slice(p + i, s.len - i);
		size_t len = python_plain_len(rest);

		if (len > 0) {
			buf_add(b, str_slice(p + i, len));
		} else if (p[i] < 0x80) {
			add_escape(b, p[i]);
			len = 1;
		} else {
			uint32_t rune;

			len = str_utf8_first(rest, &rune);
			MUST(len > 0);
			add_units(b, rune);
		}
		i += len;
	}
	buf_add_byte(b, '"');
}

/*
 * UTF-8 sorts like code points, and UTF-16 differs from it in one thing: surrogates (D800-DFFF),
 * the first units of everything beyond U+FFFF, come before U+E000-U+FFFF. In UTF-8 that is lead
 * bytes F0-F4 before EE and EF. Behind equal lead bytes both orders agree.
 */
int canon_key_cmp(struct str a, struct str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len, i = 0;
	unsigned char x, y;

	while (i < shorter && a.ptr[i] == b.ptr[i])
		i++;
	if (i == shorter)
		return (a.len > b.len) - (a.len < b.len);
	x = (unsigned char)a.ptr[i];
	y = (unsigned char)b.ptr[i];
	if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0))
		return x >= 0xF0 ? -1 : 1;
	return x < y ? -1 : 1;
}

/*
 * Numbers.
 */

/* Digits of m without trailing zeros; the number of digits, and how many m has in all. */
static int digits_of(uint64_t m, char digits[DIGITS_MAX], int *all)
{
	char text[20];
	int len = 0, count;

	for (; m; m /= 10)
		text[len++] = (char)('0' + m % 10);
	*all = len;
	for (count = 0; count < len; count++)
		digits[count] = text[len - 1 - count];
	while (count > 0 && digits[count - 1] == '0')
		count--;
	return count;
}

/*
 * Most numbers people write have few digits: is d some m / 10^k? Both are exact doubles below
 * 10^15 and 10^22, so the quotient rounds once, as reading the decimal does. A decimal of at most
 * 15 digits that reads as d is the only one of that length, so it is the shortest.
 */
static int short_digits(double d, char digits[DIGITS_MAX], int *exponent)
{
	double scale = 1;

	for (int k = 0; k < SHORT_SCALES; k++, scale *= 10) {
		uint64_t m;
		int all, count;

		if (d * scale >= TEN_15)
			break;
		m = (uint64_t)(d * scale + 0.5);
		if (m == 0 || (double)m / scale != d)
			continue;
		count = digits_of(m, digits, &all);
		*exponent = all - k;
		return count;
	}
	return 0;
}

/* Does 0.DIGITS * 10^exponent read as d? Written as an integer, so that no locale has a say. */
static bool reads_as(const char *digits, int count, int exponent, double d)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%.*se%d", count, digits, exponent - count);
	return strtod(text, NULL) == d;
}

/* The nearest decimal of `count` digits. The byte between the first and second is the locale's. */
static void nearest_digits(double d, int count, char digits[DIGITS_MAX], int *exponent)
{
	char text[48];
	int len = snprintf(text, sizeof(text), "%.*e", count - 1, d), kept = 0, at;

	MUST(len > 0 && len < (int)sizeof(text));
	for (at = 0; kept < count; at++)
		if (text[at] >= '0' && text[at] <= '9')
			digits[kept++] = text[at];
	*exponent = (int)strtol(text + at + 1, NULL, 10) + 1;
}

/* Add one in the last place. */
static void next_digits(char digits[DIGITS_MAX], int count, int *exponent)
{
	int at = count - 1;

	while (at >= 0 && digits[at] == '9')
		digits[at--] = '0';
	if (at >= 0) {
		digits[at]++;
		return;
	}
	digits[0] = '1';
	++*exponent;
}

/*
 * Steele and White's question, asked of libc's exact conversions: the fewest digits that read back.
 * The nearest decimal of that length is the answer but for one case: below a power of two doubles
 * lie half as far apart, so the nearest decimal may lie under d and miss it, while the next one,
 * further off but above, still reads as d (2^-44 is 5.684341886080802e-14).
 */
int canon_digits(double d, char digits[17], int *exponent)
{
	int found, count;

	MUST(isfinite(d) && d != 0);
	d = fabs(d);
	found = short_digits(d, digits, exponent);
	if (found)
		return found;
	for (count = d < DBL_MIN ? 1 : DIGITS_SURE; count <= DIGITS_MAX; count++) {
		nearest_digits(d, count, digits, exponent);
		if (count == DIGITS_MAX || reads_as(digits, count, *exponent, d))
			break;
		next_digits(digits, count, exponent);
		if (reads_as(digits, count, *exponent, d))
			break;
	}
	while (digits[count - 1] == '0')
		count--;
	return count;
}

static void add_zeros(struct buf *b, int count)
{
	while (count-- > 0)
		buf_add_byte(b, '0');
}

static void add_exponent(struct buf *b, int exponent, int least_digits)
{
	unsigned size = exponent < 0 ? (unsigned)-exponent : (unsigned)exponent;

	buf_add_byte(b, 'e');
	buf_add_byte(b, exponent < 0 ? '-' : '+');
	add_zeros(b, least_digits - (size < 10 ? 1 : size < 100 ? 2 : 3));
	buf_add_u64(b, size);
}

/* Write a number that is not zero. */
static void add_real(struct buf *b, double d, const struct notation *how)
{
	char digits[DIGITS_MAX];
	int point, count = canon_digits(d, digits, &point);

	if (d < 0)
		buf_add_byte(b, '-');
	if (point <= how->least || point > how->most) {
		buf_add_byte(b, digits[0]);
		if (count > 1)
			buf_add_byte(b, '.');
		buf_add(b, str_slice(digits + 1, (size_t)count - 1));
		add_exponent(b, point - 1, how->exponent_digits);
	} else if (point <= 0) {
		buf_add_c(b, "0.");
		add_zeros(b, -point);
		buf_add(b, str_slice(digits, (size_t)count));
	} else if (count <= point) {
		buf_add(b, str_slice(digits, (size_t)count));
		add_zeros(b, point - count);
		buf_add_c(b, how->whole);
	} else {
		buf_add(b, str_slice(digits, (size_t)point));
		buf_add_byte(b, '.');
		buf_add(b, str_slice(digits + point, (size_t)(count - point)));
	}
}

void canon_real(struct buf *b, double d)
{
	static const struct notation ecmascript = { -6, 21, 1, "" };

	if (d == 0)
		buf_add_byte(b, '0');
	else
		add_real(b, d, &ecmascript);
}

/* CPython's float_repr: format_float_short() with format code 'r' (Python/pystrtod.c). */
static void python_real(struct buf *b, double d)
{
	static const struct notation repr = { -4, 16, 2, ".0" };

	if (d == 0)
		buf_add_c(b, signbit(d) ? "-0.0" : "0.0");
	else
		add_real(b, d, &repr);
}

/*
 * Trees.
 */

static void write_value(struct buf *b, const struct value *v, const struct dialect *how,
			unsigned depth);

static void write_list(struct buf *b, struct value_list list, const struct dialect *how,
		       unsigned depth)
{
	buf_add_byte(b, '[');
	for (size_t i = 0; i < list.count && b->err == OK; i++) {
		if (i > 0)
			buf_add(b, how->comma);
		write_value(b, &list.items[i], how, depth);
	}
	buf_add_byte(b, ']');
}

/* Members in the given order of indexes; NULL is the order they have. */
static void write_members(struct buf *b, struct value_object object, const uint32_t *order,
			  const struct dialect *how, unsigned depth)
{
	buf_add_byte(b, '{');
	for (size_t i = 0; i < object.count && b->err == OK; i++) {
		const struct member *m = &object.members[order ? order[i] : i];

		if (how->plain && how->plain(b, i == 0, m))
			continue;
		if (i > 0)
			buf_add(b, how->comma);
		how->string(b, m->key);
		buf_add(b, how->colon);
		write_value(b, &m->value, how, depth);
	}
	buf_add_byte(b, '}');
}

static bool in_order(struct value_object object, value_key_order *cmp)
{
	for (size_t i = 1; i < object.count; i++)
		if (cmp(object.members[i - 1].key, object.members[i].key) >= 0)
			return false;
	return true;
}

static void write_object(struct buf *b, struct value_object object, const struct dialect *how,
			 unsigned depth)
{
	uint32_t few[FEW_MEMBERS], *order = few;

	if (!how->order || in_order(object, how->order)) {
		write_members(b, object, NULL, how, depth);
		return;
	}
	if (object.count > FEW_MEMBERS)
		order = calloc(object.count, sizeof(*order));
	if (!order) {
		b->err = ERR_MEMORY;
		return;
	}
	value_sort(object.members, object.count, how->order, order);
	write_members(b, object, order, how, depth);
	if (order != few)
		free(order);
}

static void write_value(struct buf *b, const struct value *v, const struct dialect *how,
			unsigned depth)
{
	if (depth > LIMIT_TREE_DEPTH && b->err == OK)
		b->err = ERR_LIMIT;
	if (b->err != OK)
		return;
	switch (v->kind) {
	case VALUE_NULL:
		buf_add_c(b, "null");
		break;
	case VALUE_BOOL:
		buf_add_c(b, v->boolean ? "true" : "false");
		break;
	case VALUE_INT:
		buf_add_i64(b, v->integer);
		break;
	case VALUE_BIG:
		buf_add(b, v->string);
		break;
	case VALUE_REAL:
		how->real(b, v->real);
		break;
	case VALUE_STRING:
		how->string(b, v->string);
		break;
	case VALUE_LIST:
		write_list(b, v->list, how, depth + 1);
		break;
	case VALUE_OBJECT:
		write_object(b, v->object, how, depth + 1);
		break;
	}
}

void canon_value(struct buf *b, const struct value *v)
{
	static const struct dialect jcs = {
		{ ",", 1 }, { ":", 1 }, canon_key_cmp, canon_string, canon_real, canon_plain,
	};

	write_value(b, v, &jcs, 0);
}

void canon_python(struct buf *b, const struct value *v)
{
	static const struct dialect python = {
		{ ", ", 2 }, { ": ", 2 }, str_cmp, python_string, python_real, NULL,
	};

	write_value(b, v, &python, 0);
}

void canon_python_compact(struct buf *b, const struct value *v)
{
	static const struct dialect python = {
		{ ",", 1 }, { ":", 1 }, str_cmp, canon_string, python_real, NULL,
	};

	write_value(b, v, &python, 0);
}

void canon_stringify(struct buf *b, const struct value *v)
{
	static const struct dialect script = {
		{ ",", 1 }, { ":", 1 }, NULL, canon_string, canon_real, NULL,
	};

	write_value(b, v, &script, 0);
}

void canon_ascii(struct buf *b, const struct value *v)
{
	static const struct dialect ascii = {
		{ ",", 1 }, { ":", 1 }, str_cmp, python_string, python_real, NULL,
	};

	write_value(b, v, &ascii, 0);
}
