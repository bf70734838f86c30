/*
 * lexer: the words of a condition, each with its column.
 *
 * Words and keywords are the same thing here; the parser tells them apart by where they stand, so
 * `args.in` is a path. Numbers are JSON's, read by the reader of JSON. Strings stand between '..'
 * or "..", with the escapes \\ \' \" \n \t \uXXXX. Signs that other languages use get an error that
 * says what to write instead.
 */
#include "engine/base/json.h"
#include "engine/policy/inside.h"

#define REPLACED(text, instead) { text, "'" text "' is not an operator here; write " instead }

/* Longer signs first, so that `==` is not read as two. `wrong` NULL: a sign of the language. */
static const struct sign {
	const char *text, *wrong;
} signs[] = {
	REPLACED("===", "'=='"), REPLACED("!==", "'!='"),
	{ "==", NULL }, { "!=", NULL }, { "<=", NULL }, { ">=", NULL },
	REPLACED("&&", "'and'"), REPLACED("||", "'or'"), REPLACED("=~", "'matches'"),
	REPLACED("<>", "'!='"), REPLACED("=<", "'<='"), REPLACED("=>", "'>='"),
	{ "(", NULL }, { ")", NULL }, { "[", NULL }, { "]", NULL }, { "{", NULL }, { "}", NULL },
	{ ",", NULL }, { ".", NULL }, { ":", NULL }, { "<", NULL }, { ">", NULL },
	REPLACED("!", "'not'"), REPLACED("=", "'=='"), REPLACED("&", "'and'"),
	REPLACED("|", "'or'"), REPLACED("~", "'matches'"),
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The byte `ahead` of the reading place; 0 behind the end, which is no byte of any word. */
static char peek(const struct lexer *lx, size_t ahead)
{
	return lx->text.len - lx->at > ahead ? lx->text.ptr[lx->at + ahead] : '\0';
}

static enum err fail(struct lexer *lx, enum err e, size_t at, const char *text)
{
	return note_set(lx->note, e, 0, (uint32_t)at + 1, "%s", text);
}

static enum err read_number(struct lexer *lx, struct token *t)
{
	size_t start = lx->at;
	struct value value;
	enum err e;

	lx->at++;
	for (;; lx->at++) {
		char c = peek(lx, 0), before = lx->text.ptr[lx->at - 1];
		bool exponent_sign = (c == '+' || c == '-') && (before == 'e' || before == 'E');

		if (!is_digit(c) && !is_letter(c) && c != '.' && !exponent_sign)
			break;
	}
	t->kind = TOKEN_NUMBER;
	t->text = str_slice(lx->text.ptr + start, lx->at - start);
	e = json_read(t->text, 1, lx->memory, &value, NULL);
	if (e == ERR_MEMORY)
		return e;
	if (e == ERR_RANGE || e == ERR_LIMIT)
		return note_set(lx->note, ERR_RANGE, 0, t->column,
				"the number %.*s is too large; the largest is about 1.8e308",
				SHOWN(t->text));
	if (e != OK)
		return note_set(lx->note, ERR_SYNTAX, 0, t->column,
				"'%.*s' is not a number; expected digits as JSON writes them, like "
				"10, -3 or 2.5",
				SHOWN(t->text));
	t->value = value;
	return OK;
}

/* Four hexadecimal digits at `at`, or -1. */
static int32_t hex4(const struct lexer *lx, size_t at)
{
	int32_t code = 0;

	if (lx->text.len < 4 || at > lx->text.len - 4)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		char c = lx->text.ptr[i];

		if (is_digit(c))
			code = code * 16 + (c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			code = code * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return code;
}

/* \uXXXX, or a pair of them for what lies beyond U+FFFF; the reading place is on the `u`. */
static enum err read_unicode(struct lexer *lx, char *dst, size_t *len)
{
	size_t backslash = lx->at - 1;
	int32_t code = hex4(lx, lx->at + 1), low;

	if (code < 0)
		return fail(lx, ERR_SYNTAX, backslash,
			    "\\u takes four hexadecimal digits, like \\u00e9");
	lx->at += 5;
	if (code >= 0xD800 && code <= 0xDFFF) {
		low = peek(lx, 0) == '\\' && peek(lx, 1) == 'u' ? hex4(lx, lx->at + 2) : -1;
		if (code >= 0xDC00 || low < 0xDC00 || low > 0xDFFF)
			return fail(lx, ERR_ENCODING, backslash,
				    "half of a surrogate pair is no character; write both halves, "
				    "like \\ud83d\\ude00");
		lx->at += 6;
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	}
	*len += str_utf8_put(dst + *len, (uint32_t)code);
	return OK;
}

static enum err read_escape(struct lexer *lx, char *dst, size_t *len)
{
	char c = peek(lx, 1);

	lx->at++;
	if (c == 'u')
		return read_unicode(lx, dst, len);
	if (c != '\\' && c != '\'' && c != '"' && c != 'n' && c != 't')
		return fail(lx, ERR_SYNTAX, lx->at - 1,
			    "unknown escape; there are \\\\ \\' \\\" \\n \\t \\uXXXX, and a "
			    "backslash itself is written \\\\");
	dst[(*len)++] = c == 'n' ? '\n' : c == 't' ? '\t' : c;
	lx->at++;
	return OK;
}

/* How many bytes stand before the closing quote, or the end where there is none. */
static size_t bytes_to_quote(const struct lexer *lx, char quote)
{
	size_t at = lx->at + 1;

	while (at < lx->text.len && lx->text.ptr[at] != quote)
		at += lx->text.ptr[at] == '\\' ? 2 : 1;
	return (at < lx->text.len ? at : lx->text.len) - lx->at - 1;
}

/* No escape is shorter than what it stands for, so what is written is room enough. */
static enum err read_string(struct lexer *lx, struct token *t)
{
	char quote = peek(lx, 0), *dst;
	size_t start = lx->at, len = 0;

	dst = arena_alloc(lx->memory, bytes_to_quote(lx, quote));
	if (!dst)
		return ERR_MEMORY;
	for (lx->at++;;) {
		char c = peek(lx, 0);

		if (lx->at == lx->text.len)
			return fail(lx, ERR_SYNTAX, start,
				    "the string that starts here is not closed");
		if (c == quote)
			break;
		if (c == '\\') {
			TRY(read_escape(lx, dst, &len));
			continue;
		}
		if ((unsigned char)c < 0x20 || c == 0x7F)
			return fail(lx, ERR_SYNTAX, lx->at,
				    "a control character in a string; write it as an escape, like "
				    "\\n, \\t or \\u0007");
		dst[len++] = c;
		lx->at++;
	}
	lx->at++;
	t->kind = TOKEN_STRING;
	t->text = str_slice(lx->text.ptr + start, lx->at - start);
	t->value = value_string(str_slice(dst, len));
	return OK;
}

static enum err read_sign(struct lexer *lx, struct token *t)
{
	struct str rest = str_slice(lx->text.ptr + lx->at, lx->text.len - lx->at);

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct str sign = str_view(signs[i].text);

		if (!str_starts(rest, sign))
			continue;
		if (signs[i].wrong)
			return fail(lx, ERR_SYNTAX, lx->at, signs[i].wrong);
		t->kind = TOKEN_SIGN;
		t->text = str_slice(rest.ptr, sign.len);
		lx->at += sign.len;
		return OK;
	}
	if ((unsigned char)rest.ptr[0] >= 0x80)
		return fail(lx, ERR_SYNTAX, lx->at,
			    "names outside ASCII stand in brackets, args[\"\\u00e9t\\u00e9\"], and "
			    "text stands in quotes");
	if ((unsigned char)rest.ptr[0] < 0x20 || rest.ptr[0] == 0x7F)
		return fail(lx, ERR_SYNTAX, lx->at,
			    "a control character; only blanks, tabs and line ends may stand "
			    "between words");
	return note_set(lx->note, ERR_SYNTAX, 0, t->column,
			"'%c' means nothing here; names with such characters stand in brackets, "
			"args[\"user-id\"]",
			rest.ptr[0]);
}

static enum err next(struct lexer *lx, bool hyphens, struct token *ret)
{
	struct token t = { .kind = TOKEN_END };
	size_t start;
	char c;

	while (peek(lx, 0) == ' ' || peek(lx, 0) == '\t' || peek(lx, 0) == '\n' ||
	       peek(lx, 0) == '\r')
		lx->at++;
	start = lx->at;
	t.column = (uint32_t)start + 1;
	t.text = str_slice(lx->text.ptr + start, 0);
	c = peek(lx, 0);
	if (is_letter(c)) {
		while (is_letter(peek(lx, 0)) || is_digit(peek(lx, 0)) ||
		       (hyphens && peek(lx, 0) == '-'))
			lx->at++;
		t.kind = TOKEN_WORD;
		t.text = str_slice(lx->text.ptr + start, lx->at - start);
		if (peek(lx, 0) == '-' && is_letter(peek(lx, 1)))
			return fail(lx, ERR_SYNTAX, lx->at,
				    "there is no arithmetic; a name with '-' stands in brackets, "
				    "args[\"user-id\"]");
	} else if (is_digit(c) || (c == '-' && is_digit(peek(lx, 1)))) {
		TRY(read_number(lx, &t));
	} else if (c == '\'' || c == '"') {
		TRY(read_string(lx, &t));
	} else if (start < lx->text.len) {
		TRY(read_sign(lx, &t));
	}
	*ret = t;
	return OK;
}

enum err lexer_next(struct lexer *lx, struct token *ret)
{
	return next(lx, false, ret);
}

enum err lexer_name(struct lexer *lx, struct token *ret)
{
	return next(lx, true, ret);
}
