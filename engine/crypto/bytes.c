/*
 * bytes: how bytes are written down as text, and read back strictly.
 *
 * Every reader first walks the text and only then writes, so a refused text leaves `dst` alone.
 * base64 carries secrets too (the seed in a PEM file), so its digits are computed with masks: no
 * table is indexed, and no branch taken, by a secret. hex writes digests and key ids, base58 names
 * public keys: both may look up. Three digests stand in every entry, so hex goes by lanes of 16
 * digits (vectors as gcc and clang have them on every machine) and by a table for the rest.
 *
 * Sources: RFC 4648; draft-msporny-base58-03.
 */
#include "engine/crypto/crypto.h"

#include "engine/crypto/inside.h"

/* What the two alphabets of base64 do not share. */
struct alphabet {
	char c62, c63;
	bool padded;
};

static const struct alphabet standard = { '+', '/', true }, url = { '-', '_', false };

/* The longest text of BASE58_BYTES bytes: 64 * log(256) / log(58) = 87.4 digits. */
#define BASE58_CHARS 88

static const char base58_digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* All ones when low <= c <= high, else zero. Small numbers only. */
static int within(int c, int low, int high)
{
	return ~((c - low) >> 8 | (high - c) >> 8);
}

/* 1 + the value of each digit, so that everything else is 0. */
static const uint8_t hex_values[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

#define LANES 16

typedef uint8_t lanes __attribute__((vector_size(LANES)));
typedef uint16_t lane_pairs __attribute__((vector_size(LANES)));
typedef uint8_t half_lanes __attribute__((vector_size(LANES / 2)));

/* The values of 16 digits; `good` keeps its bits where they are digits. */
static lanes hex_lanes(const uint8_t *from, lanes *good)
{
	lanes c, is_number, is_letter;

	memcpy(&c, from, sizeof(c));
	is_number = (lanes)((lanes)(c - '0') < 10);
	is_letter = (lanes)((lanes)(c - 'a') < 6);
	*good &= is_number | is_letter;
	return (is_number & (lanes)(c - '0')) | (is_letter & (lanes)(c - 'a' + 10));
}

/* Two values to a byte, the first one high. */
static void join_lanes(lanes values, uint8_t *to)
{
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	lane_pairs pair = (lane_pairs)values;
	half_lanes bytes;

	pair = (big ? pair >> 4 | pair : pair << 4 | pair >> 8) & 0xFF;
	bytes = __builtin_convertvector(pair, half_lanes);
	memcpy(to, &bytes, sizeof(bytes));
}

static bool hex_ok(const uint8_t *from, size_t len)
{
	lanes good = ~(lanes){ 0 };
	unsigned rest = 1;
	uint64_t all[2];
	size_t i = 0;

	for (; len - i >= LANES; i += LANES)
		(void)hex_lanes(from + i, &good);
	for (; i < len; i++)
		rest &= hex_values[from[i]] != 0;
	memcpy(all, &good, sizeof(all));
	return (all[0] & all[1]) == UINT64_MAX && rest;
}

enum err hex_read(struct str text, void *dst, size_t dst_len)
{
	const uint8_t *from = (const uint8_t *)text.ptr;
	uint8_t *bytes = dst;
	lanes ignored = { 0 };
	size_t i = 0;

	if (text.len % 2 != 0 || text.len / 2 != dst_len || !hex_ok(from, text.len))
		return ERR_SYNTAX;
	for (; dst_len - i >= LANES / 2; i += LANES / 2)
		join_lanes(hex_lanes(from + 2 * i, &ignored), bytes + i);
	for (; i < dst_len; i++)
		bytes[i] = (uint8_t)((hex_values[from[2 * i]] - 1) << 4 |
				     (hex_values[from[2 * i + 1]] - 1));
	return OK;
}

/* v = 0..63; exactly one of the five masks is set. */
static char base64_char(const struct alphabet *a, int v)
{
	return (char)((within(v, 0, 25) & (v + 'A')) | (within(v, 26, 51) & (v - 26 + 'a')) |
		      (within(v, 52, 61) & (v - 52 + '0')) | (within(v, 62, 62) & a->c62) |
		      (within(v, 63, 63) & a->c63));
}

/* The value of a digit, or -1. */
static int base64_value(const struct alphabet *a, char c)
{
	int upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z'), digit = within(c, '0', '9');
	int is62 = within(c, a->c62, a->c62), is63 = within(c, a->c63, a->c63);

	return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) |
	       (is62 & 62) | (is63 & 63) | ~(upper | lower | digit | is62 | is63);
}

/* Digits without padding: 2 for a last single byte, 3 for a last pair. */
static size_t base64_digits(size_t len)
{
	return len / 3 * 4 + (len % 3 ? len % 3 + 1 : 0);
}

/* base64_digits(len) characters at dst; bits beyond the last byte are zero. */
static void put_base64(const struct alphabet *a, char *dst, const uint8_t *bytes, size_t len)
{
	unsigned held = 0, held_bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = (held << 8 | bytes[i]) & 0xFFFF;
		for (held_bits += 8; held_bits >= 6; held_bits -= 6)
			*dst++ = base64_char(a, held >> (held_bits - 6) & 63);
	}
	if (held_bits)
		*dst = base64_char(a, held << (6 - held_bits) & 63);
}

void base64_encode(char *dst, const uint8_t *bytes, size_t len)
{
	size_t digits = base64_digits(len);

	put_base64(&standard, dst, bytes, len);
	memset(dst + digits, '=', BASE64_CHARS(len) - digits);
}

void base64url_encode(char *dst, const uint8_t *bytes, size_t len)
{
	put_base64(&url, dst, bytes, len);
}

/*
 * Any bad digit makes `bad` negative, and so does a set bit that no byte takes: 4 bits are left
 * over of two digits, 2 bits of three. A fourth kind of ending, one digit, is no byte at all.
 * A '=' that is not padding is a bad digit.
 */
static enum err get_base64(const struct alphabet *a, struct str text, uint8_t *dst, size_t room,
			   size_t *len)
{
	size_t digits = text.len, bytes, at = 0;
	unsigned held = 0, held_bits = 0;
	int bad = 0;

	if (a->padded) {
		if (text.len % 4 != 0)
			return ERR_SYNTAX;
		for (int i = 0; i < 2 && digits && text.ptr[digits - 1] == '='; i++)
			digits--;
	}
	if (digits % 4 == 1)
		return ERR_SYNTAX;
	for (size_t i = 0; i < digits; i++)
		bad |= base64_value(a, text.ptr[i]);
	if (digits % 4 == 2)
		bad |= -(base64_value(a, text.ptr[digits - 1]) & 15);
	else if (digits % 4 == 3)
		bad |= -(base64_value(a, text.ptr[digits - 1]) & 3);
	if (bad < 0)
		return ERR_SYNTAX;
	bytes = digits / 4 * 3 + (digits % 4 ? digits % 4 - 1 : 0);
	if (bytes > room)
		return ERR_LIMIT;
	for (size_t i = 0; i < digits; i++) {
		held = (held << 6 | (unsigned)base64_value(a, text.ptr[i])) & 0xFFFF;
		held_bits += 6;
		if (held_bits >= 8) {
			held_bits -= 8;
			dst[at++] = (uint8_t)(held >> held_bits);
		}
	}
	*len = bytes;
	return OK;
}

void base64_write(struct buf *b, const void *bytes, size_t len)
{
	char *dst = len ? buf_grow(b, BASE64_CHARS(len)) : NULL;

	if (dst)
		base64_encode(dst, bytes, len);
}

enum err base64_read(struct str text, void *dst, size_t room, size_t *len)
{
	return get_base64(&standard, text, dst, room, len);
}

void base64url_write(struct buf *b, const void *bytes, size_t len)
{
	char *dst = len ? buf_grow(b, base64_digits(len)) : NULL;

	if (dst)
		base64url_encode(dst, bytes, len);
}

enum err base64url_read(struct str text, void *dst, size_t room, size_t *len)
{
	return get_base64(&url, text, dst, room, len);
}

/*
 * Both ways of base58 are long multiplication in a number of the other base, least significant
 * digit first: number = number * from + carry. Returns how many digits the number has now.
 */
static size_t shift_in(uint8_t *number, size_t used, unsigned from, unsigned to, unsigned carry)
{
	size_t i = 0;

	for (; i < used || carry; i++) {
		if (i < used)
			carry += number[i] * from;
		number[i] = (uint8_t)(carry % to);
		carry /= to;
	}
	return i;
}

/* Leading zero bytes are leading '1's: they carry no value but must come back. */
void base58_write(struct buf *b, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint8_t digits[BASE58_CHARS];
	size_t zeros = 0, used = 0;
	char *dst;

	MUST(len <= BASE58_BYTES);
	while (zeros < len && p[zeros] == 0)
		zeros++;
	for (size_t i = zeros; i < len; i++)
		used = shift_in(digits, used, 256, 58, p[i]);
	dst = len ? buf_grow(b, zeros + used) : NULL;
	if (!dst)
		return;
	memset(dst, base58_digits[0], zeros);
	for (size_t i = 0; i < used; i++)
		dst[zeros + i] = base58_digits[digits[used - 1 - i]];
}

/* The length is bounded before the first multiplication: hostile texts cost no more than keys. */
enum err base58_read(struct str text, void *dst, size_t room, size_t *len)
{
	uint8_t number[BASE58_CHARS], *bytes = dst;
	size_t zeros = 0, used = 0;

	if (text.len > BASE58_CHARS)
		return ERR_LIMIT;
	while (zeros < text.len && text.ptr[zeros] == base58_digits[0])
		zeros++;
	for (size_t i = zeros; i < text.len; i++) {
		const char *digit = text.ptr[i] ? strchr(base58_digits, text.ptr[i]) : NULL;

		if (!digit)
			return ERR_SYNTAX;
		used = shift_in(number, used, 58, 256, (unsigned)(digit - base58_digits));
	}
	if (zeros + used > BASE58_BYTES || zeros + used > room)
		return ERR_LIMIT;
	if (zeros)
		memset(bytes, 0, zeros);
	for (size_t i = 0; i < used; i++)
		bytes[zeros + i] = number[used - 1 - i];
	*len = zeros + used;
	return OK;
}

void digest_write(struct buf *b, const struct digest *d)
{
	buf_add_c(b, "sha256:");
	buf_add_hex(b, d->bytes, sizeof(d->bytes));
}

enum err digest_copy(const struct digest *d, struct arena *a, struct str *ret)
{
	struct buf b;

	buf_init(&b, sizeof("sha256:") + 2 * DIGEST_BYTES);
	digest_write(&b, d);
	return arena_take(a, &b, ret);
}

enum err digest_read(struct str text, struct digest *ret)
{
	const struct str scheme = STR("sha256:");

	if (!str_starts(text, scheme))
		return ERR_SYNTAX;
	return hex_read(str_slice(text.ptr + scheme.len, text.len - scheme.len), ret->bytes,
			sizeof(ret->bytes));
}
