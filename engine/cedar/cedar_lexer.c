/*
 * cedar_lexer: the words of policies and schemas, each with its line and column.
 *
 * Keywords are words: the parsers tell them apart by where they stand. Blank is what Unicode calls
 * blank, and a comment ends at a line feed or a carriage return, whichever comes first, so no
 * editor shows as comment what is a policy. A string's escapes are cedar_string's business.
 *
 * Source: docs.cedarpolicy.com, "Grammar".
 */
#include "engine/cedar/inside.h"

#define NOT_HERE(text, instead) { text, "'" text "' means nothing in Cedar; write '" instead "'" }

/* Longer signs first. `wrong` NULL: a sign of the language. */
static const struct sign {
	const char *text, *wrong;
} signs[] = {
	NOT_HERE("===", "=="), NOT_HERE("!==", "!="),
	{ "::", NULL }, { "==", NULL }, { "!=", NULL }, { "<=", NULL }, { ">=", NULL },
	{ "&&", NULL }, { "||", NULL },
	{ "@", NULL }, { ".", NULL }, { ",", NULL }, { ";", NULL }, { ":", NULL }, { "(", NULL },
	{ ")", NULL }, { "{", NULL }, { "}", NULL }, { "[", NULL }, { "]", NULL }, { "<", NULL },
	{ ">", NULL }, { "+", NULL }, { "-", NULL }, { "*", NULL }, { "/", NULL }, { "%", NULL },
	{ "!", NULL }, { "=", NULL }, { "?", NULL },
	NOT_HERE("&", "&&"), NOT_HERE("|", "||"), NOT_HERE("#", "//"),
};

/* What no name may be called. */
static const char *const reserved[] = {
	"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar", NULL,
};

bool cedar_reserved(struct str word)
{
	return str_listed(word, reserved);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The same words the lexer makes, for names that come from JSON. */
bool cedar_name_ok(struct str word)
{
	if (word.len == 0 || !is_letter(word.ptr[0]) || cedar_reserved(word))
		return false;
	for (size_t i = 1; i < word.len; i++)
		if (!is_letter(word.ptr[i]) && !is_digit(word.ptr[i]))
			return false;
	return true;
}

/* Between two `::` stands a name; blanks are for text, where the parser leaves them out. */
bool cedar_path_ok(struct str path)
{
	for (size_t start = 0, i = 0;; i++) {
		bool colons = i + 1 < path.len && path.ptr[i] == ':' && path.ptr[i + 1] == ':';

		if (i < path.len && !colons)
			continue;
		if (!cedar_name_ok(str_slice(path.ptr + start, i - start)))
			return false;
		if (i == path.len)
			return true;
		start = ++i + 1;
	}
}

/* The property White_Space of Unicode, beyond ASCII. */
static bool is_wide_blank(uint32_t c)
{
	return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* The byte `ahead` of the reading place; 0 behind the end, which is no byte of any word. */
static char peek(const struct cedar_lexer *lx, size_t ahead)
{
	return lx->text.len - lx->at > ahead ? lx->text.ptr[lx->at + ahead] : '\0';
}

/* Pass `count` bytes. CR LF is one end of a line. */
static void pass(struct cedar_lexer *lx, size_t count)
{
	for (; count > 0; count--) {
		char c = peek(lx, 0);
		bool line_end = c == '\n' || (c == '\r' && peek(lx, 1) != '\n');

		lx->at++;
		lx->line += line_end;
		lx->column = line_end ? 1 : lx->column + 1;
	}
}

/* How many bytes of blank are at the reading place. */
static size_t blank_bytes(const struct cedar_lexer *lx)
{
	char c = peek(lx, 0);
	uint32_t code = 0;
	size_t len;

	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	if ((unsigned char)c < 0x80)
		return 0;
	len = str_utf8_first(str_slice(lx->text.ptr + lx->at, lx->text.len - lx->at), &code);
	return is_wide_blank(code) ? len : 0;
}

/* Blanks and comments in any order. */
static void skip_blanks(struct cedar_lexer *lx)
{
	for (;;) {
		size_t blank = blank_bytes(lx);

		if (blank > 0) {
			pass(lx, blank);
		} else if (peek(lx, 0) == '/' && peek(lx, 1) == '/') {
			while (lx->at < lx->text.len && peek(lx, 0) != '\n' && peek(lx, 0) != '\r')
				pass(lx, 1);
		} else {
			return;
		}
	}
}

/* Signs are operators, so a number is digits; that it fits 63 bits is the parser's business. */
static enum err read_number(struct cedar_lexer *lx, struct cedar_token *t)
{
	size_t start = lx->at;
	uint64_t number = 0;
	bool fits = true;

	for (; is_digit(peek(lx, 0)); pass(lx, 1)) {
		uint64_t digit = (uint64_t)(peek(lx, 0) - '0');

		fits = fits && number <= (UINT64_MAX - digit) / 10;
		number = number * 10 + digit;
	}
	t->kind = CEDAR_NUMBER;
	t->text = str_slice(lx->text.ptr + start, lx->at - start);
	t->number = number;
	if (!fits)
		return note_set(lx->note, ERR_RANGE, t->line, t->column,
				"the integer %.*s is too large; the largest is 9223372036854775807",
				SHOWN(t->text));
	return OK;
}

/* Only as far as to find the end: a backslash takes the next byte with it, whatever it is. */
static enum err read_string(struct cedar_lexer *lx, struct cedar_token *t)
{
	size_t start = lx->at + 1;

	for (pass(lx, 1); peek(lx, 0) != '"'; pass(lx, 1)) {
		if (peek(lx, 0) == '\\')
			pass(lx, 1);
		if (lx->at >= lx->text.len)
			return note_set(lx->note, ERR_TRUNCATED, t->line, t->column,
					"the string that starts here is not closed");
	}
	t->kind = CEDAR_TEXT;
	t->text = str_slice(lx->text.ptr + start, lx->at - start);
	pass(lx, 1);
	return OK;
}

/* The first sign of the table that fits; what fits none gets the reason people look for. */
static enum err read_sign(struct cedar_lexer *lx, struct cedar_token *t)
{
	struct str rest = str_slice(lx->text.ptr + lx->at, lx->text.len - lx->at);
	uint32_t code = 0;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct str sign = str_view(signs[i].text);

		if (!str_starts(rest, sign))
			continue;
		if (signs[i].wrong)
			return note_set(lx->note, ERR_SYNTAX, t->line, t->column, "%s",
					signs[i].wrong);
		t->kind = CEDAR_SIGN;
		t->text = str_slice(rest.ptr, sign.len);
		pass(lx, sign.len);
		return OK;
	}
	if (rest.ptr[0] == '\'')
		return note_set(lx->note, ERR_SYNTAX, t->line, t->column,
				"strings stand between double quotes");
	if (str_utf8_first(rest, &code) <= 1 && (code < 0x20 || code == 0x7F))
		return note_set(lx->note, ERR_SYNTAX, t->line, t->column,
				"a control character (code %u) between words", (unsigned)code);
	return note_set(lx->note, ERR_SYNTAX, t->line, t->column,
			"'%.*s' means nothing here; names are of ASCII letters, digits and _, and "
			"other text stands in quotes",
			(int)str_utf8_first(rest, &code), rest.ptr);
}

/* All of the text is checked once, so that everything cut out of it is UTF-8 as well. */
enum err cedar_lexer_init(struct cedar_lexer *lx, struct str text, struct note *n)
{
	/* An empty buffer has no place at all, and nothing may be added to that. */
	struct cedar_lexer fresh = {
		.text = text.ptr ? text : STR(""), .line = 1, .column = 1, .note = n
	};
	size_t good = str_utf8_prefix(text);

	if (text.len > LIMIT_CEDAR_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0, "the text has %zu bytes; at most %u are read",
				text.len, LIMIT_CEDAR_BYTES);
	if (good < text.len) {
		*lx = fresh;
		pass(lx, good);
		return note_set(n, ERR_ENCODING, lx->line, lx->column, "this is not UTF-8");
	}
	*lx = fresh;
	return OK;
}

enum err cedar_lexer_next(struct cedar_lexer *lx, struct cedar_token *ret)
{
	struct cedar_token t = { .kind = CEDAR_END };
	size_t start;

	skip_blanks(lx);
	start = lx->at;
	t.line = lx->line;
	t.column = lx->column;
	t.text = str_slice(lx->text.ptr + start, 0);
	if (is_letter(peek(lx, 0))) {
		while (is_letter(peek(lx, 0)) || is_digit(peek(lx, 0)))
			pass(lx, 1);
		t.kind = CEDAR_WORD;
		t.text = str_slice(lx->text.ptr + start, lx->at - start);
	} else if (is_digit(peek(lx, 0))) {
		TRY(read_number(lx, &t));
	} else if (peek(lx, 0) == '"') {
		TRY(read_string(lx, &t));
	} else if (start < lx->text.len) {
		TRY(read_sign(lx, &t));
	}
	*ret = t;
	return OK;
}
