/*
 * jcs: one pass over canonical JSON, with the open lists and objects on a small stack.
 *
 *           +----------- ',' (and, in an object, the next key) -----------+
 *           v                                                             |
 *         value --- scalar or empty container, or '}' ']' ---> after a value ---> end at depth 0
 *           |
 *           +--- '{' key or '[': one deeper, value again
 *
 * Canonical means: no blanks; keys in order of UTF-16 code units, which also makes them unique; in
 * strings only the escapes RFC 8785 section 3.2.2.2 asks for; integers without "-0", other numbers
 * as canon_real prints them. Escapes being unique, two strings are equal when their sources are.
 */
#include "engine/audit/jcs.h"

#include <endian.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)
#define REAL_BYTES 32                 /* the longest text of canon_real has 25 */
#define REAL_MEMORY 4096

struct level {
	bool object;
	const char *key, *key_end;   /* source of the key before the one being read; NULL: none */
};

struct scan {
	const char *begin, *at, *end;
	struct note *n;
	struct level levels[LIMIT_DEPTH];
	unsigned depth;
};

static enum err refuse(struct scan *s, enum err e, const char *expected)
{
	if (e == ERR_SYNTAX && s->at == s->end)
		e = ERR_TRUNCATED;
	return note_set(s->n, e, 1, (uint32_t)(s->at - s->begin + 1),
			"the line is not canonical JSON: %s %s", e == ERR_TRUNCATED ?
			"it ends, expected" : "expected", expected);
}

/*
 * Where the first quote, backslash or control character is, eight bytes at a step. In each term the
 * top bit of the lowest matching byte is right; bits above it may be false and are not looked at.
 */
static uint64_t stops_in(uint64_t word)
{
	uint64_t quote = word ^ ONES * '"', slash = word ^ ONES * '\\';

	return (((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) |
		((word - ONES * 0x20) & ~word)) & HIGHS;
}

/*
 * Moves over plain characters. `*high` gathers their bits, so that ASCII needs no UTF-8 check; bits
 * of up to seven bytes beyond come along, and at worst a check is made for nothing.
 */
static const char *skip_plain(const char *p, const char *end, uint64_t *high)
{
	uint64_t word, stops;

	while (end - p >= 8) {
		memcpy(&word, p, sizeof(word));
		word = le64toh(word);
		*high |= word;
		stops = stops_in(word);
		if (stops)
			return p + __builtin_ctzll(stops) / 8;
		p += 8;
	}
	for (; p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++)
		*high |= (unsigned char)*p;
	return p;
}

/* An escape RFC 8785 writes: \b \t \n \f \r \" \\ and \u00xx for the other control characters. */
static size_t escape_bytes(const char *p, const char *end)
{
	static const char lower[] = "0123456789abcdef";

	if (end - p < 2)
		return 0;
	if (memchr("btnfr\"\\", p[1], 7))
		return 2;
	if (end - p < 6 || memcmp(p, "\\u00", 4) != 0 || (p[4] != '0' && p[4] != '1'))
		return 0;
	if (!memchr(lower, p[5], 16))
		return 0;
	if (p[4] == '0' && memchr("89acd", p[5], 5))
		return 0;                    /* these five have short escapes */
	return 6;
}

/* From quote to quote: what lies between is the string with its escapes unresolved. */
static enum err scan_string(struct scan *s)
{
	const char *begin = s->at + 1, *p = begin;
	uint64_t high = 0;

	if (s->at == s->end || *s->at != '"')
		return refuse(s, ERR_SYNTAX, "a string");
	while ((p = skip_plain(p, s->end, &high)) < s->end && *p != '"') {
		size_t len = *p == '\\' ? escape_bytes(p, s->end) : 0;

		s->at = p;
		if (len == 0)
			return refuse(s, ERR_SYNTAX, "the shortest escape of a character");
		p += len;
	}
	s->at = p;
	if (p == s->end)
		return refuse(s, ERR_SYNTAX, "the end of a string");
	if (high & HIGHS && !str_utf8_ok(str_slice(begin, (size_t)(p - begin))))
		return refuse(s, ERR_ENCODING, "valid UTF-8 in the string before this column");
	s->at++;
	return OK;
}

static bool is_digit(const struct scan *s)
{
	return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

/* Rare in the log, so it may be slow: read the number and write it again. */
static enum err check_real(struct scan *s, struct str source)
{
	struct value value;
	struct arena memory;
	struct buf text;
	enum err e;

	arena_init(&memory, REAL_MEMORY);
	buf_init(&text, REAL_BYTES);
	e = json_read(source, 1, &memory, &value, NULL);
	if (e == OK && value.kind == VALUE_REAL)
		canon_real(&text, value.real);
	if (e == ERR_MEMORY || text.err == ERR_MEMORY)
		e = ERR_MEMORY;
	else if (e != OK || !str_eq(buf_view(&text), source))
		e = refuse(s, ERR_SYNTAX, "a number as RFC 8785 writes it before this column");
	buf_fini(&text);
	arena_fini(&memory);
	return e;
}

static enum err scan_number(struct scan *s)
{
	const char *begin = s->at, *first;

	if (*s->at == '-')
		s->at++;
	for (first = s->at; is_digit(s); s->at++)
		;
	if (s->at == first)
		return refuse(s, ERR_SYNTAX, "a value");
	if (s->at < s->end && memchr(".eE", *s->at, 3)) {
		while (is_digit(s) || (s->at < s->end && memchr(".eE+-", *s->at, 5)))
			s->at++;
		return check_real(s, str_slice(begin, (size_t)(s->at - begin)));
	}
	if (*first == '0' && (s->at - first > 1 || first != begin))
		return refuse(s, ERR_SYNTAX, "an integer as RFC 8785 writes it before this column");
	return OK;
}

static enum err scan_word(struct scan *s, struct str word)
{
	if (!str_starts(str_slice(s->at, (size_t)(s->end - s->at)), word))
		return refuse(s, ERR_SYNTAX, "a value");
	s->at += word.len;
	return OK;
}

/* The next character of a checked source, as a number that sorts like its UTF-16 code units. */
static uint32_t next_rank(const char **source)
{
	static const char names[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
	const unsigned char *p = (const unsigned char *)*source;
	uint32_t c = p[0];
	size_t len = 1;

	if (c == '\\' && p[1] == 'u') {
		c = p[4] == '1' ? 16 : 0;
		c += p[5] <= '9' ? p[5] - 0x30u : p[5] - 0x57u;     /* '0', 'a' - 10 */
		len = 6;
	} else if (c == '\\') {
		c = (unsigned char)meant[strchr(names, p[1]) - names];
		len = 2;
	} else if (c >= 0xf0) {
		c = (c & 0x07) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
		len = 4;
	} else if (c >= 0xe0) {
		c = (c & 0x0f) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		len = 3;
	} else if (c >= 0x80) {
		c = (c & 0x1f) << 6 | (p[1] & 0x3fu);
		len = 2;
	}
	*source += len;
	/* Surrogates (D800..DFFF) stand for U+10000 and up: these sort before U+E000..U+FFFF. */
	return c >= 0xe000 && c <= 0xffff ? c + 0x110000 : c;
}

static bool plain(char c)
{
	return (unsigned char)c < 0x80 && c != '\\';
}

/* Order of two keys by their sources. */
static int key_cmp(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end && b < b_end) {
		uint32_t left = plain(*a) ? (uint32_t)*a++ : next_rank(&a);
		uint32_t right = plain(*b) ? (uint32_t)*b++ : next_rank(&b);

		if (left != right)
			return left < right ? -1 : 1;
	}
	return a < a_end ? 1 : b < b_end ? -1 : 0;
}

/* The key at hand, its colon, and its place after the key before it. */
static enum err scan_key(struct scan *s)
{
	struct level *top = &s->levels[s->depth - 1];
	const char *begin = s->at + 1, *end;
	int order = -1;

	TRY(scan_string(s));
	end = s->at - 1;
	if (top->key)
		order = key_cmp(top->key, top->key_end, begin, end);
	if (order == 0)
		return refuse(s, ERR_DUPLICATE, "a name only once in an object");
	if (order > 0)
		return refuse(s, ERR_SYNTAX, "names in the order of RFC 8785");
	if (s->at == s->end || *s->at != ':')
		return refuse(s, ERR_SYNTAX, "':'");
	s->at++;
	top->key = begin;
	top->key_end = end;
	return OK;
}

/* Open a container. `*more` when a value follows (in an object, after the key just read). */
static enum err scan_open(struct scan *s, bool *more)
{
	bool object = *s->at == '{';

	if (s->depth == LIMIT_DEPTH)
		return refuse(s, ERR_LIMIT, "less nesting");
	s->levels[s->depth++] = (struct level){ .object = object };
	s->at++;
	*more = s->at == s->end || *s->at != (object ? '}' : ']');
	return *more && object ? scan_key(s) : OK;
}

/* `*more` when a container was opened and its first value follows. */
static enum err scan_value(struct scan *s, bool *more)
{
	*more = false;
	if (s->at == s->end)
		return refuse(s, ERR_SYNTAX, "a value");
	switch (*s->at) {
	case '"':
		return scan_string(s);
	case '{':
	case '[':
		return scan_open(s, more);
	case 't':
		return scan_word(s, STR("true"));
	case 'f':
		return scan_word(s, STR("false"));
	case 'n':
		return scan_word(s, STR("null"));
	default:
		return scan_number(s);
	}
}

/* After a value: close what ends here. `*more` when a comma (and key) was read instead. */
static enum err scan_after(struct scan *s, bool *more)
{
	struct level *top = &s->levels[s->depth - 1];

	*more = s->at < s->end && *s->at == ',';
	if (*more) {
		s->at++;
		return top->object ? scan_key(s) : OK;
	}
	if (s->at == s->end || *s->at != (top->object ? '}' : ']'))
		return refuse(s, ERR_SYNTAX, top->object ? "',' or '}'" : "',' or ']'");
	s->at++;
	s->depth--;
	return OK;
}

static struct jcs_pick *find_pick(const struct scan *s, struct jcs_pick *picks, size_t count)
{
	struct str key;

	if (s->depth != 1 || !s->levels[0].object)
		return NULL;
	key = str_slice(s->levels[0].key, (size_t)(s->levels[0].key_end - s->levels[0].key));
	for (size_t i = 0; i < count; i++)
		if (str_eq(picks[i].key, key))
			return &picks[i];
	return NULL;
}

enum err jcs_check(struct str text, struct jcs_pick *picks, size_t pick_count, struct note *n)
{
	struct str given = text.len ? text : STR("");
	struct jcs_pick *pick = NULL;
	bool more = true;
	struct scan s;

	s.begin = s.at = given.ptr;          /* the levels stay unset until they are opened */
	s.end = given.ptr + given.len;
	s.n = n;
	s.depth = 0;
	for (size_t i = 0; i < pick_count; i++)
		picks[i].source = STR_NONE;
	while (more) {
		if (!pick && (pick = find_pick(&s, picks, pick_count)))
			pick->source.ptr = s.at;
		TRY(scan_value(&s, &more));
		while (!more && s.depth > 0) {
			if (pick && s.depth == 1) {
				pick->source.len = (size_t)(s.at - pick->source.ptr);
				pick = NULL;
			}
			TRY(scan_after(&s, &more));
		}
	}
	return s.at == s.end ? OK : refuse(&s, ERR_SYNTAX, "the end of the line");
}
