/*
 * str: borrowed byte slices and capped text builders.
 *
 * A `struct str` never owns its bytes and need not end in NUL. A `struct buf` owns one heap block
 * that grows up to `cap` bytes and never beyond; the first failure is sticky, so a sequence of
 * appends is checked once, at the end.
 */
#ifndef TRAMMEL_BASE_STR_H
#define TRAMMEL_BASE_STR_H

#include <limits.h>
#include <string.h>

#include "engine/base/err.h"

struct str {
	const char *ptr;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })
/* For printf: printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) ((s).len < INT_MAX ? (int)(s).len : INT_MAX), (s).ptr ? (s).ptr : ""

/* The slices and comparisons below are on every path, so they are inline. */
static inline struct str str_slice(const void *ptr, size_t len)
{
	return (struct str){ ptr, len };
}

/* View of a C string; NULL gives the empty slice. */
static inline struct str str_view(const char *text)
{
	return str_slice(text, text ? strlen(text) : 0);
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (b.len == 0 || (*a.ptr == *b.ptr && memcmp(a.ptr, b.ptr, b.len) == 0));
}

static inline bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_view(text));
}

/* Byte order, shorter first on a tie: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_has(struct str s, struct str part);
/* Without leading and trailing blanks, tabs, CR and LF. */
struct str str_trim(struct str s);
/* True, and the text before / after the first `sep`, when there is one. */
bool str_cut(struct str s, char sep, struct str *before, struct str *after);
/*
 * Decimal digits only, no sign, no leading zero but "0" itself: the one strict reader of sizes and
 * indexes.
 */
enum err str_to_u64(struct str s, uint64_t *ret) NODISCARD;
/* Valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF)? */
bool str_utf8_ok(struct str s);
/* Length of the longest valid start of `s`: where the first bad byte is. */
size_t str_utf8_prefix(struct str s);
/*
 * How many bytes the character at the start of `s` takes, and its code point; 0 when `s` is empty
 * or does not start with well-formed UTF-8 (nothing is written then).
 */
size_t str_utf8_first(struct str s, uint32_t *ret);
/* The character `code`, at most U+10FFFF, as UTF-8: one to four bytes; how many. */
size_t str_utf8_put(char *dst, uint32_t code);
/*
 * Make formatted text fit for a terminal and a JSON string, in place: at most `size` - 2 bytes, cut
 * between characters; control characters and bytes that are not UTF-8 become '?'. `size` is that of
 * the buffer the text was formatted into, so the byte behind the cut is known. Returns the length.
 */
size_t str_tidy(char *text, size_t size);
/* Copy as a C string into `dst`; ERR_LIMIT when it does not fit, ERR_SYNTAX when it holds a NUL. */
enum err str_to_c(struct str s, char *dst, size_t dst_bytes) NODISCARD;
/*
 * Edit distance (insert, delete, replace, swap of neighbours), capped at `max` + 1: for
 * suggestions on a typo.
 */
unsigned str_distance(struct str a, struct str b, unsigned max);
/* Is it one of `names` (NULL-ended)? And which of them, or -1. */
bool str_listed(struct str s, const char *const *names);
int str_index(struct str s, const char *const *names);
/* The name in `names` (NULL-ended) nearest to `s`, or NULL when none is near enough to suggest. */
const char *str_nearest(struct str s, const char *const *names);

struct buf {
	char *ptr;
	size_t len, room, cap;
	enum err err;          /* OK, ERR_LIMIT or ERR_MEMORY; sticky */
};

void buf_init(struct buf *b, size_t cap_bytes);
void buf_fini(struct buf *b);
/* Forget the content and the error; keep the block. */
void buf_clear(struct buf *b);
void buf_add_c(struct buf *b, const char *text);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_add_i64(struct buf *b, int64_t v);
void buf_add_hex(struct buf *b, const void *bytes, size_t len);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* As buf_grow, which calls it where the block there is does not do. */
char *buf_grow_block(struct buf *b, size_t len);

/* `len` bytes (0 is allowed) at the end for the caller to fill, or NULL (the error is set). */
static inline char *buf_grow(struct buf *b, size_t len)
{
	char *at;

	/* The room never exceeds the cap, so what fits it is allowed. */
	if (!b->ptr || b->err != OK || b->room - b->len < len)
		return buf_grow_block(b, len);
	at = b->ptr + b->len;
	b->len += len;
	return at;
}

/* Here, and not in str.c, because of most texts the length is known where they are added. */
static inline void buf_add(struct buf *b, struct str s)
{
	char *at = s.len > 0 ? buf_grow(b, s.len) : NULL;

	if (at)
		memcpy(at, s.ptr, s.len);
}

static inline void buf_add_byte(struct buf *b, char c)
{
	char *at = buf_grow(b, 1);

	if (at)
		*at = c;
}

static inline struct str buf_view(const struct buf *b)
{
	return str_slice(b->ptr, b->len);
}

#endif
