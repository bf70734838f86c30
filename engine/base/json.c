/*
 * json: a recursive-descent reader, one function per production of RFC 8259, in one pass.
 *
 *   value   = list / object / string / number / literal   (told apart by their first byte)
 *   list    = "[" [ value *( "," value ) ] "]"
 *   object  = "{" [ string ":" value *( "," string ":" value ) ] "}"
 *
 * How many elements a container has is known only at its end. Until then they wait on a stack
 * (`waiting`) which starts as a small array inside the reader; at the closing bracket they move
 * into one exact array in the arena:
 *
 *   [1, {"a": 2, "b": 3   |  waiting: [..], 1, {..}, a:2, b:3    (`first` of the object is 3)
 *   [1, {"a": 2, "b": 3}  |  waiting: [..], 1, {..}              its members left for the arena
 *
 * A value is read into its place there, which is known by its index, because the stack may move
 * while it grows. The document itself has place 0.
 *
 * Invariants: line_start <= at <= end; recursion is as deep as the text nests, at most LIMIT_DEPTH;
 * line breaks can only stand between tokens, so `line` moves only in peek_beyond_space().
 */
#include "engine/base/json.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/limits.h"

#define NOTHING (-1)                 /* what peek() answers at the end of the text */
#define WAITING_FIRST 48             /* elements that wait without asking for memory */
#define FEW_MEMBERS 12               /* up to this many keys are compared pair by pair */
#define SHOWN_BYTES 48               /* of a key, in a message */

#define INT_DIGITS 19                /* any number of so many digits fits uint64_t */
#define MANTISSA_MAX (UINT64_C(1) << 53)
#define TEN_POWER_MAX 22             /* the last power of ten that a double holds exactly */
#define EXPONENT_MAX 100000000       /* more than the digits of any text make up for */
/* A double's fate is settled by its first 768 digits and whether anything but zeros follows. */
#define DECISIVE_DIGITS 768
#define REAL_TEXT_BYTES (DECISIVE_DIGITS + 16)

_Static_assert(EXPONENT_MAX > 2 * LIMIT_LINE_BYTES, "digits cannot outweigh a saturated exponent");

typedef unsigned char byte;
typedef signed char lanes __attribute__((vector_size(16)));
typedef signed char half_lanes __attribute__((vector_size(8)));

struct reader {
	const byte *at, *end, *line_start;
	uint32_t line;
	unsigned depth;
	size_t nodes;
	struct arena *arena;
	struct note *note;
	struct member *waiting;          /* `few`, or a block of the heap once that is full */
	size_t waiting_count, waiting_room;
	struct member few[WAITING_FIRST];
};

static uint32_t column_of(const struct reader *r, const byte *p)
{
	return (uint32_t)(p - r->line_start) + 1;
}

/* The error for what stands at `p`, where `expected` should. */
static enum err unexpected(const struct reader *r, const byte *p, const char *expected)
{
	uint32_t column = column_of(r, p);

	if (p == r->end)
		return note_set(r->note, ERR_TRUNCATED, r->line, column,
				"the text ends where %s was expected", expected);
	if (*p > ' ' && *p < 0x7F)
		return note_set(r->note, ERR_SYNTAX, r->line, column, "found '%c', expected %s", *p,
				expected);
	if (r->end - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		return note_set(r->note, ERR_SYNTAX, r->line, column,
				"found a byte order mark, expected %s; save without the mark",
				expected);
	return note_set(r->note, ERR_SYNTAX, r->line, column, "found byte 0x%02X, expected %s", *p,
			expected);
}

static enum err fail_at(const struct reader *r, const byte *p, enum err e, const char *text)
{
	return note_set(r->note, e, r->line, column_of(r, p), "%s", text);
}

static enum err no_memory(const struct reader *r)
{
	return fail_at(r, r->at, ERR_MEMORY, "no memory is left for this document");
}

/* The next byte that is not white space, without consuming it; NOTHING at the end. */
static int peek_beyond_space(struct reader *r)
{
	for (; r->at < r->end; r->at++) {
		byte c = *r->at;

		if (c > ' ')
			return c;
		if (c == '\n') {
			r->line++;
			r->line_start = r->at + 1;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			return c;
		}
	}
	return NOTHING;
}

/* The same; in canonical text there is no white space. */
static inline int peek(struct reader *r)
{
	return r->at < r->end && *r->at > ' ' ? *r->at : peek_beyond_space(r);
}

/*
 * Strings: scan_string() finds the closing quote and judges everything before it, unescape() then
 * has nothing left to refuse. Most strings have no escapes and are borrowed as they stand.
 *
 * How many of the 16 bytes at `p` are plain (ASCII from blank on, but no quote and no backslash),
 * counted up to the first that is not. As signed bytes, all that is not ASCII is below the blank.
 */
static unsigned plain_of_16(const byte *p)
{
	lanes c, stops;
	uint64_t half[2];

	memcpy(&c, p, sizeof(c));
	stops = (c < ' ') | (c == '"') | (c == '\\');
	memcpy(half, &stops, sizeof(half));
	if (half[0])
		return (unsigned)__builtin_ctzll(le64toh(half[0])) / 8;
	return half[1] ? 8 + (unsigned)__builtin_ctzll(le64toh(half[1])) / 8 : 16;
}

/* The same of 8. */
static unsigned plain_of_8(const byte *p)
{
	half_lanes c, stops;
	uint64_t all;

	memcpy(&c, p, sizeof(c));
	stops = (c < ' ') | (c == '"') | (c == '\\');
	memcpy(&all, &stops, sizeof(all));
	return all ? (unsigned)__builtin_ctzll(le64toh(all)) / 8 : 8;
}

static const byte *skip_plain(const byte *p, const byte *end)
{
	while (end - p >= 16) {
		unsigned plain = plain_of_16(p);

		p += plain;
		if (plain < 16)
			return p;
	}
	if (end - p >= 8) {
		unsigned plain = plain_of_8(p);

		p += plain;
		if (plain < 8)
			return p;
	}
	while (p < end && *p >= ' ' && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

static int hex_digit(byte c)
{
	byte lower = c | 0x20;

	if (c >= '0' && c <= '9')
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The UTF-16 code unit written "\uXXXX" at `p`, or -1 when there is no such thing. */
static int32_t unit_at(const byte *p, const byte *end)
{
	int32_t unit = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static bool is_high(int32_t unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int32_t unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Judge the escape at `*p`, which is a backslash, and step over it. */
static enum err scan_escape(const struct reader *r, const byte **p)
{
	const byte *start = *p, *at = start + 1;
	int32_t unit;

	if (at == r->end || *at == '\0' || !strchr("\"\\/bfnrtu", *at))
		return unexpected(r, at, "one of \" \\ / b f n r t u after a backslash");
	*p = start + 2;
	if (*at != 'u')
		return OK;
	unit = unit_at(start, r->end);
	if (unit < 0) {
		while (++at < r->end && hex_digit(*at) >= 0)
			;
		return unexpected(r, at, "four hexadecimal digits after \\u");
	}
	*p = start + (is_high(unit) ? 12 : 6);
	if (is_low(unit) || (is_high(unit) && !is_low(unit_at(start + 6, r->end))))
		return fail_at(r, start, ERR_ENCODING,
			       "half of a surrogate pair, expected \\uD800-\\uDBFF "
			       "followed by \\uDC00-\\uDFFF");
	return OK;
}

static enum err scan_string(struct reader *r, struct str *raw, bool *escaped)
{
	const byte *start = r->at + 1, *p = start;

	*escaped = false;
	for (;;) {
		p = skip_plain(p, r->end);
		if (p == r->end)
			return unexpected(r, p, "the closing quote of a string");
		if (*p == '"')
			break;
		if (*p == '\\') {
			*escaped = true;
			TRY(scan_escape(r, &p));
		} else if (*p < ' ') {
			return unexpected(r, p, "a control character written as \\n or \\u000A");
		} else {
			uint32_t code;
			size_t len = str_utf8_first(str_slice(p, (size_t)(r->end - p)), &code);

			if (len == 0)
				return fail_at(r, p, ERR_ENCODING,
					       "not valid UTF-8; save the text as UTF-8");
			p += len;
		}
	}
	r->at = p + 1;
	*raw = str_slice(start, (size_t)(p - start));
	return OK;
}

/*
 * Write what the escape at `p` stands for; scan_escape() has judged it. Returns the byte behind it.
 */
static const byte *put_escape(const byte *p, const byte *end, char **to)
{
	static const char names[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const char *name = strchr(names, p[1]);
	int32_t unit;

	if (p[1] != 'u') {
		*(*to)++ = name ? meanings[name - names] : (char)p[1];
		return p + 2;
	}
	unit = unit_at(p, end);
	if (!is_high(unit)) {
		*to += str_utf8_put(*to, (uint32_t)unit);
		return p + 6;
	}
	*to += str_utf8_put(*to, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) +
				 (uint32_t)(unit_at(p + 6, end) - 0xDC00));
	return p + 12;
}

/* No escape is shorter than what it stands for, so the raw length is room enough. */
static enum err unescape(struct reader *r, struct str raw, struct str *ret)
{
	const byte *p = (const byte *)raw.ptr, *end = p + raw.len;
	char *text = arena_alloc(r->arena, raw.len), *to = text;

	if (!text)
		return no_memory(r);
	while (p < end) {
		if (*p == '\\')
			p = put_escape(p, end, &to);
		else
			*to++ = (char)*p++;
	}
	*ret = str_slice(text, (size_t)(to - text));
	return OK;
}

/* Not inline, so that its locals cost plain strings nothing. */
static __attribute__((noinline)) enum err read_odd_string(struct reader *r, struct str *ret)
{
	struct str raw;
	bool escaped;

	TRY(scan_string(r, &raw, &escaped));
	if (escaped)
		return unescape(r, raw, ret);
	*ret = raw;
	return OK;
}

/* Most strings are plain to their end, and need none of the above. */
static enum err read_string(struct reader *r, struct str *ret)
{
	const byte *start = r->at + 1, *end = skip_plain(start, r->end);

	if (end == r->end || *end != '"')
		return read_odd_string(r, ret);
	*ret = str_slice(start, (size_t)(end - start));
	r->at = end + 1;
	return OK;
}

/*
 * Numbers. The digits of an integer are its value up to 64 bits, and are kept beyond. Reals are
 * rounded correctly: a mantissa of at most 53 bits and a small power of ten are both exact doubles,
 * so one operation rounds once (Clinger, "How to Read Floating Point Numbers Accurately", PLDI
 * 1990); everything else goes to strtod() as digits and exponent, without a decimal point, the one
 * thing in which locales could differ.
 */
struct number {
	struct str whole, fraction;      /* digits before and behind the point */
	uint64_t mantissa;               /* of all digits; meaningless beyond INT_DIGITS of them */
	int64_t exponent;                /* as written, saturated at EXPONENT_MAX */
	bool negative, real;
};

static bool is_digit(const struct reader *r, const byte *p)
{
	return p < r->end && *p >= '0' && *p <= '9';
}

static enum err scan_digits(struct reader *r, struct number *n, struct str *ret)
{
	const byte *start = r->at, *p = start;
	uint64_t mantissa = n->mantissa;

	for (; is_digit(r, p); p++)
		mantissa = mantissa * 10 + (uint64_t)(*p - '0');
	if (p == start)
		return unexpected(r, p, "a digit");
	n->mantissa = mantissa;
	*ret = str_slice(start, (size_t)(p - start));
	r->at = p;
	return OK;
}

static enum err scan_exponent(struct reader *r, struct number *n)
{
	bool negative = r->at < r->end && *r->at == '-';

	if (r->at < r->end && (*r->at == '-' || *r->at == '+'))
		r->at++;
	if (!is_digit(r, r->at))
		return unexpected(r, r->at, "a digit of the exponent");
	for (; is_digit(r, r->at); r->at++)
		if (n->exponent < EXPONENT_MAX)
			n->exponent = n->exponent * 10 + (*r->at - '0');
	if (negative)
		n->exponent = -n->exponent;
	return OK;
}

static enum err scan_number(struct reader *r, struct number *n)
{
	*n = (struct number){ .negative = *r->at == '-' };
	r->at += n->negative;
	TRY(scan_digits(r, n, &n->whole));
	if (n->whole.len > 1 && n->whole.ptr[0] == '0')
		return fail_at(r, (const byte *)n->whole.ptr, ERR_SYNTAX,
			       "a number with leading zeros, expected none before another digit");
	if (r->at < r->end && *r->at == '.') {
		n->real = true;
		r->at++;
		TRY(scan_digits(r, n, &n->fraction));
	}
	if (r->at < r->end && (*r->at | 0x20) == 'e') {
		n->real = true;
		r->at++;
		TRY(scan_exponent(r, n));
	}
	return OK;
}

/* A number's digits from the first that is not 0, cut after the decisive ones. */
struct digits {
	char text[REAL_TEXT_BYTES];
	size_t len;
	int64_t scale;                   /* the power of ten they are to be taken times */
	bool more;                       /* not everything that was cut off was 0 */
};

static void add_digits(struct digits *d, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (d->len == 0 && c == '0')
			continue;
		if (d->len < DECISIVE_DIGITS) {
			d->text[d->len++] = c;
		} else {
			d->more |= c != '0';
			d->scale++;
		}
	}
}

static double real_by_strtod(const struct number *n)
{
	struct digits d;

	d.len = 0;
	d.scale = n->exponent - (int64_t)n->fraction.len;
	d.more = false;
	add_digits(&d, n->whole);
	add_digits(&d, n->fraction);
	if (d.len == 0)
		return 0.0;
	if (d.more) {
		d.text[d.len++] = '1';
		d.scale--;
	}
	(void)snprintf(d.text + d.len, sizeof(d.text) - d.len, "e%lld", (long long)d.scale);
	return strtod(d.text, NULL);
}

static double real_of(const struct number *n)
{
	static const double tens[TEN_POWER_MAX + 1] = {
		1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	};
	int64_t scale = n->exponent - (int64_t)n->fraction.len;
	bool exact = n->whole.len + n->fraction.len <= INT_DIGITS && n->mantissa <= MANTISSA_MAX;

	if (exact && scale >= 0 && scale <= TEN_POWER_MAX)
		return (double)n->mantissa * tens[scale];
	if (exact && scale < 0 && scale >= -TEN_POWER_MAX)
		return (double)n->mantissa / tens[-scale];
	return real_by_strtod(n);
}

/* Not inline, so that its locals cost the other kinds of values nothing. */
static __attribute__((noinline)) enum err read_number(struct reader *r, struct value *ret)
{
	const byte *start = r->at;
	struct number n;

	TRY(scan_number(r, &n));
	/* Zero has no sign among the integers, so "-0" is a real. */
	if (n.real || (n.negative && n.whole.ptr[0] == '0')) {
		double d = real_of(&n);

		if (isinf(d))
			return fail_at(r, start, ERR_RANGE,
				       "a number beyond the range of doubles, about 1.8e308");
		ret->kind = VALUE_REAL;
		ret->real = n.negative ? -d : d;
	} else if (n.whole.len <= INT_DIGITS && n.mantissa <= (uint64_t)INT64_MAX + n.negative) {
		ret->kind = VALUE_INT;
		ret->integer = (int64_t)(n.negative ? 0 - n.mantissa : n.mantissa);
	} else {
		ret->kind = VALUE_BIG;
		ret->string = str_slice(start, (size_t)(r->at - start));
	}
	return OK;
}

/* The first growth moves the waiting elements out of the reader into the heap. */
static enum err grow_waiting(struct reader *r)
{
	bool first = r->waiting == r->few;
	size_t room = r->waiting_room * 2;
	struct member *grown = realloc(first ? NULL : r->waiting, room * sizeof(*grown));

	if (!grown)
		return no_memory(r);
	if (first)
		memcpy(grown, r->few, sizeof(r->few));
	r->waiting = grown;
	r->waiting_room = room;
	return OK;
}

/* Have a place for one more element. */
static enum err need_place(struct reader *r)
{
	return r->waiting_count < r->waiting_room ? OK : grow_waiting(r);
}

/* Step over an opening bracket. */
static enum err go_deeper(struct reader *r)
{
	if (r->depth == LIMIT_DEPTH)
		return note_set(r->note, ERR_LIMIT, r->line, column_of(r, r->at),
				"nested deeper than %d levels", LIMIT_DEPTH);
	r->depth++;
	r->at++;
	return OK;
}

/* Step over the closing bracket of a container whose elements wait from `first` on. */
static void go_up(struct reader *r, size_t first)
{
	r->at++;
	r->depth--;
	r->waiting_count = first;
}

static enum err keep_list(struct reader *r, size_t first, size_t at)
{
	size_t count = r->waiting_count - first;
	struct value *items = NULL, *ret = &r->waiting[at].value;

	if (count) {
		items = arena_array(r->arena, count, sizeof(*items));
		if (!items)
			return no_memory(r);
	}
	for (size_t i = 0; i < count; i++)
		items[i] = r->waiting[first + i].value;
	go_up(r, first);
	ret->kind = VALUE_LIST;
	ret->list = (struct value_list){ items, count };
	return OK;
}

/* Bytes outside printable ASCII show as '?', so that no message can steer a terminal. */
static enum err given_twice(const struct reader *r, const struct member *first,
			    const struct member *again)
{
	size_t len = again->key.len < SHOWN_BYTES ? again->key.len : SHOWN_BYTES;
	char shown[SHOWN_BYTES];

	for (size_t i = 0; i < len; i++) {
		char c = again->key.ptr[i];

		shown[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	return note_set(r->note, ERR_DUPLICATE, again->line, again->column,
			"the name \"%.*s\" is given twice, first on line %u, column %u; keep one",
			(int)len, shown, (unsigned)first->line, (unsigned)first->column);
}

/* First bytes mostly decide. */
static bool comes_before(struct str a, struct str b)
{
	if (a.len && b.len && *a.ptr != *b.ptr)
		return (byte)*a.ptr < (byte)*b.ptr;
	return str_cmp(a, b) < 0;
}

static bool ascending(const struct member *m, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!comes_before(m[i - 1].key, m[i].key))
			return false;
	return true;
}

static enum err compare_pairs(const struct reader *r, const struct member *m, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(m[j].key, m[i].key))
				return given_twice(r, &m[j], &m[i]);
	return OK;
}

/* Sorted, equal keys are neighbours. The one that repeats first in the text is reported. */
static enum err compare_neighbours(const struct reader *r, const struct member *m, size_t count)
{
	uint32_t *order = calloc(count, sizeof(*order));
	const struct member *first = NULL, *again = NULL;

	if (!order)
		return no_memory(r);
	value_sort(m, count, str_cmp, order);
	for (size_t i = 1; i < count; i++) {
		const struct member *a = &m[order[i - 1]], *b = &m[order[i]];

		if ((!again || b < again) && str_eq(a->key, b->key)) {
			first = a;
			again = b;
		}
	}
	free(order);
	return again ? given_twice(r, first, again) : OK;
}

/*
 * Canonical text has its keys in order, and one walk proves them distinct. A hash map would be no
 * faster for the large objects, and a fixed hash could be fed keys that collide; sorting is n log n
 * for any keys at all.
 */
static enum err refuse_duplicates(const struct reader *r, const struct member *m, size_t count)
{
	if (ascending(m, count))
		return OK;
	return count <= FEW_MEMBERS ? compare_pairs(r, m, count) : compare_neighbours(r, m, count);
}

static enum err keep_object(struct reader *r, size_t first, size_t at)
{
	size_t count = r->waiting_count - first;
	struct value *ret = &r->waiting[at].value;
	struct member *members = NULL;

	if (count) {
		TRY(refuse_duplicates(r, r->waiting + first, count));
		members = arena_array(r->arena, count, sizeof(*members));
		if (!members)
			return no_memory(r);
		memcpy(members, r->waiting + first, count * sizeof(*members));
	}
	go_up(r, first);
	ret->kind = VALUE_OBJECT;
	ret->object = (struct value_object){ members, count };
	return OK;
}

static enum err read_value(struct reader *r, size_t at);

static enum err read_list(struct reader *r, size_t at)
{
	size_t first = r->waiting_count;
	int next;

	TRY(go_deeper(r));
	if (peek(r) == ']')
		return keep_list(r, first, at);
	for (;;) {
		TRY(need_place(r));
		TRY(read_value(r, r->waiting_count++));
		next = peek(r);
		if (next == ']')
			return keep_list(r, first, at);
		if (next != ',')
			return unexpected(r, r->at, "',' or ']' after an element");
		r->at++;
	}
}

static enum err read_member(struct reader *r, size_t at)
{
	struct member *m = &r->waiting[at];

	if (peek(r) != '"')
		return unexpected(r, r->at, "a name in double quotes");
	m->line = r->line;
	m->column = column_of(r, r->at);
	TRY(read_string(r, &m->key));
	if (peek(r) != ':')
		return unexpected(r, r->at, "':' after a name");
	r->at++;
	return read_value(r, at);
}

static enum err read_object(struct reader *r, size_t at)
{
	size_t first = r->waiting_count;
	int next;

	TRY(go_deeper(r));
	if (peek(r) == '}')
		return keep_object(r, first, at);
	for (;;) {
		TRY(need_place(r));
		TRY(read_member(r, r->waiting_count++));
		next = peek(r);
		if (next == '}')
			return keep_object(r, first, at);
		if (next != ',')
			return unexpected(r, r->at, "',' or '}' after a member");
		r->at++;
	}
}

static enum err read_literal(struct reader *r, const char *name, struct value made,
			     struct value *ret)
{
	const byte *p = r->at;

	for (; *name; name++, p++)
		if (p == r->end || *p != (byte)*name)
			return unexpected(r, p, "the rest of true, false or null");
	r->at = p;
	ret->kind = made.kind;
	ret->boolean = made.boolean;
	return OK;
}

static enum err read_value(struct reader *r, size_t at)
{
	struct value *ret = &r->waiting[at].value;
	int next = peek(r);

	*ret = (struct value){ .line = r->line, .column = column_of(r, r->at) };
	if (r->nodes++ == LIMIT_NODES)
		return note_set(r->note, ERR_LIMIT, ret->line, ret->column,
				"more than %u values in one document", LIMIT_NODES);
	switch (next) {
	case '{':
		return read_object(r, at);
	case '[':
		return read_list(r, at);
	case '"':
		ret->kind = VALUE_STRING;
		return read_string(r, &ret->string);
	case 't':
		return read_literal(r, "true", value_bool(true), ret);
	case 'f':
		return read_literal(r, "false", value_bool(false), ret);
	case 'n':
		return read_literal(r, "null", value_null(), ret);
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return read_number(r, ret);
	default:
		return unexpected(r, r->at, "a value");
	}
}

static enum err read_document(struct reader *r)
{
	TRY(read_value(r, 0));
	if (peek(r) != NOTHING)
		return unexpected(r, r->at, "nothing more after the value");
	return OK;
}

enum err json_read(struct str text, uint32_t first_line, struct arena *a, struct value *ret,
		   struct note *n)
{
	struct arena_mark mark = arena_mark(a);
	struct reader r;
	enum err e;

	if (text.len > LIMIT_LINE_BYTES)
		return note_set(n, ERR_LIMIT, first_line, 1, "%zu bytes, expected at most %u",
				text.len, LIMIT_LINE_BYTES);
	r.at = r.line_start = (const byte *)(text.ptr ? text.ptr : "");
	r.end = r.at + text.len;
	r.line = first_line;
	r.depth = 0;
	r.nodes = 0;
	r.arena = a;
	r.note = n;
	r.waiting = r.few;
	r.waiting_count = 1;
	r.waiting_room = WAITING_FIRST;
	e = read_document(&r);
	if (e == OK)
		*ret = r.waiting[0].value;
	else
		arena_rewind(a, mark);
	if (r.waiting != r.few)
		free(r.waiting);
	return e;
}

size_t json_plain_len(struct str s)
{
	const byte *start = (const byte *)s.ptr;

	return s.len ? (size_t)(skip_plain(start, start + s.len) - start) : 0;
}
