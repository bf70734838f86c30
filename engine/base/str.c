/* str: slices and capped builders. */
#include "engine/base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST_BYTES 256
#define DISTANCE_MAX_LEN 48

int str_cmp(struct str a, struct str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_slice(s.ptr, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	if (suffix.len == 0)
		return true;
	return s.len >= suffix.len
	       && memcmp(s.ptr + (s.len - suffix.len), suffix.ptr, suffix.len) == 0;
}

bool str_has(struct str s, struct str part)
{
	return part.len == 0 || (s.len >= part.len && memmem(s.ptr, s.len, part.ptr, part.len));
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len > 0 && blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool str_cut(struct str s, char sep, struct str *before, struct str *after)
{
	const char *at = s.len ? memchr(s.ptr, sep, s.len) : NULL;

	if (!at)
		return false;
	*before = str_slice(s.ptr, (size_t)(at - s.ptr));
	*after = str_slice(at + 1, s.len - before->len - 1);
	return true;
}

enum err str_to_u64(struct str s, uint64_t *ret)
{
	uint64_t value = 0;

	if (s.len == 0 || (s.len > 1 && s.ptr[0] == '0'))
		return ERR_SYNTAX;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';

		if (digit > 9)
			return ERR_SYNTAX;
		if (value > (UINT64_MAX - digit) / 10)
			return ERR_RANGE;
		value = value * 10 + digit;
	}
	*ret = value;
	return OK;
}

/* Length of the well-formed sequence at `p` (RFC 3629, table of section 4), or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		len = 2;
	else if (p[0] >= 0xE0 && p[0] <= 0xEF)
		len = 3;
	else if (p[0] >= 0xF0 && p[0] <= 0xF4)
		len = 4;
	else
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (left < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

bool str_utf8_ok(struct str s)
{
	return str_utf8_prefix(s) == s.len;
}

size_t str_utf8_prefix(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t i = 0, len;

	for (; i < s.len; i += len) {
		len = p[i] < 0x80 ? 1 : utf8_sequence(p + i, s.len - i);
		if (len == 0)
			break;
	}
	return i;
}

size_t str_utf8_first(struct str s, uint32_t *ret)
{
	static const unsigned char first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t len = s.len ? utf8_sequence(p, s.len) : 0;
	uint32_t code;

	if (len == 0)
		return 0;
	code = p[0] & first_bits[len];
	for (size_t i = 1; i < len; i++)
		code = code << 6 | (p[i] & 0x3F);
	*ret = code;
	return len;
}

size_t str_utf8_put(char *dst, uint32_t code)
{
	static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		dst[i] = (char)(0x80 | (code & 0x3F));
	dst[0] = (char)(lead[len] | code);
	return len;
}

size_t str_tidy(char *text, size_t size)
{
	size_t len = strlen(text), cut = size - 2, back = 0;

	if (len > cut) {
		/* Garbage may be all continuation bytes; a character never has more than three. */
		while (back < 3 && back < cut && ((unsigned char)text[cut - back] & 0xC0) == 0x80)
			back++;
		len = cut - back;
		text[len] = '\0';
	}
	for (size_t at = 0; at < len;) {
		uint32_t code = 0;
		size_t step = str_utf8_first(str_slice(text + at, len - at), &code);

		if (step == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0))
			memset(text + at, '?', step ? step : 1);
		at += step ? step : 1;
	}
	return len;
}

enum err str_to_c(struct str s, char *dst, size_t dst_bytes)
{
	if (s.len >= dst_bytes)
		return ERR_LIMIT;
	if (s.len && memchr(s.ptr, '\0', s.len))
		return ERR_SYNTAX;
	if (s.len)
		memcpy(dst, s.ptr, s.len);
	dst[s.len] = '\0';
	return OK;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment over three rolling rows. */
unsigned str_distance(struct str a, struct str b, unsigned max)
{
	unsigned rows[3][DISTANCE_MAX_LEN + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.len > DISTANCE_MAX_LEN || b.len > DISTANCE_MAX_LEN)
		return max + 1;
	for (unsigned j = 0; j <= b.len; j++)
		above[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned cost = a.ptr[i - 1] != b.ptr[j - 1];

			row[j] = least(above[j - 1] + cost, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2]
			    && a.ptr[i - 2] == b.ptr[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return least(above[b.len], max + 1);
}

int str_index(struct str s, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (str_is(s, names[i]))
			return i;
	return -1;
}

bool str_listed(struct str s, const char *const *names)
{
	return str_index(s, names) >= 0;
}

const char *str_nearest(struct str s, const char *const *names)
{
	const char *best = NULL;
	unsigned best_distance = s.len < 4 ? 2 : 3;

	for (; *names; names++) {
		unsigned distance = str_distance(s, str_view(*names), best_distance);

		if (distance < best_distance) {
			best_distance = distance;
			best = *names;
		}
	}
	return best;
}

void buf_init(struct buf *b, size_t cap_bytes)
{
	*b = (struct buf){ .cap = cap_bytes };
}

void buf_fini(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->err = OK;
}

/* The block has one byte more than `room`, for the NUL that vsnprintf insists on. */
static bool make_room(struct buf *b, size_t len)
{
	size_t room = b->room ? b->room : BUF_FIRST_BYTES;
	char *grown;

	if (b->err != OK)
		return false;
	if (b->cap - b->len < len) {
		b->err = ERR_LIMIT;
		return false;
	}
	while (room < b->cap && room - b->len < len)
		room = room > b->cap / 2 ? b->cap : room * 2;
	if (room > b->cap)
		room = b->cap;
	grown = room < SIZE_MAX ? realloc(b->ptr, room + 1) : NULL;
	if (!grown) {
		b->err = ERR_MEMORY;
		return false;
	}
	b->ptr = grown;
	b->room = room;
	return true;
}

char *buf_grow_block(struct buf *b, size_t len)
{
	return make_room(b, len) ? buf_grow(b, len) : NULL;
}

void buf_add_c(struct buf *b, const char *text)
{
	buf_add(b, str_view(text));
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, str_slice(digits + at, sizeof(digits) - at));
}

void buf_add_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_add_byte(b, '-');
	buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

typedef unsigned char lanes __attribute__((vector_size(16)));

/* The digits of 16 bytes; every entry has three digests, so this is done by vectors. */
static void put_hex_16(const unsigned char *from, char *to)
{
	lanes bytes, high, low, digits[2];

	memcpy(&bytes, from, sizeof(bytes));
	high = bytes >> 4;
	low = bytes & 15;
	high += '0' + ((lanes)(high > 9) & ('a' - '0' - 10));
	low += '0' + ((lanes)(low > 9) & ('a' - '0' - 10));
	digits[0] = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
					    22, 7, 23);
	digits[1] = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
					    14, 30, 15, 31);
	memcpy(to, digits, sizeof(digits));
}

void buf_add_hex(struct buf *b, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	char *at = buf_grow(b, len <= SIZE_MAX / 2 ? len * 2 : SIZE_MAX);

	if (!at)
		return;
	for (; len >= sizeof(lanes);
	     len -= sizeof(lanes), p += sizeof(lanes), at += 2 * sizeof(lanes))
		put_hex_16(p, at);
	for (; len > 0; len--, p++) {
		*at++ = digits[*p >> 4];
		*at++ = digits[*p & 15];
	}
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	char *at;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	MUST(len >= 0);
	at = buf_grow(b, (size_t)len);
	if (!at)
		return;
	va_start(args, fmt);
	(void)vsnprintf(at, (size_t)len + 1, fmt, args);
	va_end(args);
}
