/*
 * cedar_string: what stands between the quotes, read and written.
 *
 * Escapes: \n \r \t \\ \0 \' \" \xHH up to 7F, \u{1 to 6 hexadecimal digits}; in a pattern of
 * `like` also \*, the star itself. No escape is shorter than what it stands for, so the bytes of
 * what is written are room enough for what is meant.
 *
 * Source: docs.cedarpolicy.com, "Grammar" and "Operators", like.
 */
#include "engine/cedar/inside.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xHH at the start of `s`: its length, 0 when it is none. */
static size_t read_hex(struct str s, uint32_t *code)
{
	int high, low;

	if (s.len < 4)
		return 0;
	high = hex_digit(s.ptr[2]);
	low = hex_digit(s.ptr[3]);
	if (high < 0 || high > 7 || low < 0)
		return 0;
	*code = (uint32_t)(high * 16 + low);
	return 4;
}

/* \u{H..}, likewise. Digits may be set apart by _, which neither counts nor comes first. */
static size_t read_unicode(struct str s, uint32_t *code)
{
	unsigned digits = 0;
	uint32_t sum = 0;
	size_t i = 3;

	if (s.len < 5 || s.ptr[2] != '{')
		return 0;
	for (; i < s.len && s.ptr[i] != '}'; i++) {
		int digit = hex_digit(s.ptr[i]);

		if (s.ptr[i] == '_' && digits > 0)
			continue;
		if (digit < 0 || ++digits > 6)
			return 0;
		sum = sum * 16 + (uint32_t)digit;
	}
	if (i == s.len || digits == 0 || sum > 0x10FFFF || (sum >= 0xD800 && sum <= 0xDFFF))
		return 0;
	*code = sum;
	return i + 1;
}

/* The escape at the start of `s`, which is a backslash: its length, 0 when there is none such. */
static size_t read_escape(struct str s, uint32_t *code)
{
	static const char names[] = "nrt0\\'\"", means[] = "\n\r\t\0\\'\"";
	const char *at;

	if (s.len < 2)
		return 0;
	if (s.ptr[1] == 'x')
		return read_hex(s, code);
	if (s.ptr[1] == 'u')
		return read_unicode(s, code);
	at = memchr(names, s.ptr[1], sizeof(names) - 1);
	if (!at)
		return 0;
	*code = (unsigned char)means[at - names];
	return 2;
}

/*
 * One piece of what is written: an escape or a byte. Its length, 0 when it is wrong; `dst` gets
 * what it means.
 */
static size_t read_piece(struct str rest, char *dst, size_t *len)
{
	uint32_t code;
	size_t taken;

	if (rest.ptr[0] != '\\') {
		/* A raw carriage return comes and goes with the editor, so it means nothing. */
		if (rest.ptr[0] == '\r')
			return 0;
		dst[(*len)++] = rest.ptr[0];
		return 1;
	}
	taken = read_escape(rest, &code);
	if (taken > 0)
		*len += str_utf8_put(dst + *len, code);
	return taken;
}

enum err cedar_unescape(struct str written, struct arena *memory, struct str *ret, size_t *bad)
{
	char *dst = arena_alloc(memory, written.len);
	size_t len = 0;

	if (!dst)
		return ERR_MEMORY;
	for (size_t i = 0; i < written.len;) {
		struct str rest = str_slice(written.ptr + i, written.len - i);
		size_t taken = read_piece(rest, dst, &len);

		if (taken == 0) {
			*bad = i;
			return ERR_SYNTAX;
		}
		i += taken;
	}
	*ret = str_slice(dst, len);
	return OK;
}

/* Where byte `at` of a string stands that was written at `t`: strings may hold line feeds. */
static void place_in(const struct cedar_token *t, size_t at, uint32_t *line, uint32_t *column)
{
	*line = t->line;
	*column = t->column + 1;
	for (size_t i = 0; i < at; i++) {
		bool line_end = t->text.ptr[i] == '\n';

		*line += line_end;
		*column = line_end ? 1 : *column + 1;
	}
}

static enum err bad_escape(const struct cedar_token *t, size_t at, bool pattern, struct note *n)
{
	uint32_t line, column;

	place_in(t, at, &line, &column);
	if (t->text.ptr[at] == '\r')
		return note_set(n, ERR_SYNTAX, line, column,
				"a raw carriage return in a string; write \\r");
	if (t->text.ptr[at + 1] == '*' && !pattern)
		return note_set(n, ERR_SYNTAX, line, column,
				"'\\*' stands in patterns of like only; elsewhere a star is '*'");
	return note_set(n, ERR_SYNTAX, line, column,
			"unknown escape; there are \\n \\r \\t \\\\ \\0 \\' \\\" \\x41 "
			"\\u{1F600}%s, and a backslash itself is \\\\",
			pattern ? " \\*" : "");
}

enum err cedar_token_string(const struct cedar_token *t, struct arena *memory, struct str *ret,
			    struct note *n)
{
	size_t bad = 0;
	enum err e = cedar_unescape(t->text, memory, ret, &bad);

	return e == ERR_SYNTAX ? bad_escape(t, bad, false, n) : e;
}

/* How many runs the pattern has at most: each star, and each escape that is one, adds two. */
static size_t runs_at_most(struct str written)
{
	size_t stars = 0;

	for (size_t i = 0; i < written.len; i++)
		stars += written.ptr[i] == '*' || written.ptr[i] == '\\';
	return 2 * stars + 1;
}

/* Only \* is the character: a star that is written by its code is a star like any other. */
enum err cedar_token_glob(const struct cedar_token *t, struct arena *memory,
			  const struct cedar_glob **ret, size_t *ret_count, struct note *n)
{
	struct cedar_glob *runs = arena_array(memory, runs_at_most(t->text), sizeof(*runs));
	char *dst = arena_alloc(memory, t->text.len);
	size_t len = 0, count = 0;

	if (!runs || !dst)
		return ERR_MEMORY;
	for (size_t i = 0, start; i < t->text.len;) {
		struct str rest = str_slice(t->text.ptr + i, t->text.len - i);
		bool quoted = rest.len > 1 && rest.ptr[0] == '\\' && rest.ptr[1] == '*';
		size_t taken = 2;
		bool star;

		start = len;
		if (quoted)
			dst[len++] = '*';
		else
			taken = read_piece(rest, dst, &len);
		if (taken == 0)
			return bad_escape(t, i, true, n);
		i += taken;
		star = !quoted && len == start + 1 && dst[start] == '*';
		if (star)
			len = start;
		if (count > 0 && runs[count - 1].star == star)
			runs[count - 1].text.len += len - start;
		else
			runs[count++] = (struct cedar_glob){
				star, star ? STR_NONE : str_slice(dst + start, len - start)
			};
	}
	*ret = runs;
	*ret_count = count;
	return OK;
}

/*
 * What a reader of the text would not see, or would see elsewhere: controls, blanks that are not
 * the blank, joiners and marks of direction. Written as escapes, nothing hides in a policy.
 */
static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || c == 0x61C || c == 0x1680 ||
	       c == 0x180E || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
	       (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF ||
	       (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

static void write_text(struct buf *b, struct str s, bool pattern)
{
	static const char means[] = "\n\r\t\0\\\"", names[] = "nrt0\\\"";

	for (size_t i = 0, len; i < s.len; i += len) {
		struct str rest = str_slice(s.ptr + i, s.len - i);
		const char *at = memchr(means, rest.ptr[0], sizeof(means) - 1);
		uint32_t code = 0;

		len = str_utf8_first(rest, &code);
		MUST(len > 0);
		if (at || (pattern && rest.ptr[0] == '*')) {
			buf_add_byte(b, '\\');
			buf_add_byte(b, at ? names[at - means] : '*');
		} else if (is_hidden(code)) {
			buf_addf(b, "\\u{%x}", (unsigned)code);
		} else {
			buf_add(b, str_slice(rest.ptr, len));
		}
	}
}

void cedar_string_write(struct buf *b, struct str s)
{
	buf_add_byte(b, '"');
	write_text(b, s, false);
	buf_add_byte(b, '"');
}

void cedar_glob_write(struct buf *b, const struct cedar_glob *runs, size_t count)
{
	buf_add_byte(b, '"');
	for (size_t i = 0; i < count; i++) {
		if (runs[i].star)
			buf_add_byte(b, '*');
		else
			write_text(b, runs[i].text, true);
	}
	buf_add_byte(b, '"');
}
