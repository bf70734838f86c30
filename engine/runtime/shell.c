/*
 * shell: a command text into simple commands.
 *
 *   list    = { command separator }                     until the text, ")" or "`" ends
 *   command = "(" list ")" | reserved word, go on | { assignment | redirection | word }
 *   word    = runs of plain, '...', "...", \x, $name, ${...}, $(list), `text`
 *
 * Substitutions are read where they stand, so that what closes them is found as a shell finds it.
 */
#include "engine/runtime/shell_parts.h"

#define WORDS_FIRST_ROOM 8

struct cursor {
	struct str text;
	size_t at;
};

static enum err read_list(struct shell *sh, struct cursor *c, char end);

enum err shell_refuse(struct shell *sh, const char *why, struct str what)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_COMMAND_BYTES + 256);
	buf_add_c(&b, why);
	if (what.ptr) {
		buf_add_c(&b, " '");
		buf_add(&b, what.len > 64 ? str_slice(what.ptr, 0) : what);
		buf_add_c(&b, "'");
	}
	e = arena_take(sh->arena, &b, &sh->why);
	return e == OK ? ERR_SYNTAX : e;
}

enum err shell_add_word(struct shell *sh, struct shell_words *words, struct shell_word word)
{
	if (words->count == words->room) {
		size_t room = words->room ? 2 * words->room : WORDS_FIRST_ROOM;
		struct shell_word *grown = arena_array(sh->arena, room, sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		if (words->count)
			memcpy(grown, words->list, words->count * sizeof(*grown));
		words->list = grown;
		words->room = room;
	}
	words->list[words->count++] = word;
	return OK;
}

static char peek(const struct cursor *c, size_t ahead)
{
	return c->at + ahead < c->text.len ? c->text.ptr[c->at + ahead] : '\0';
}

static bool at_end(const struct cursor *c)
{
	return c->at >= c->text.len;
}

static bool is_one_of(char ch, const char *set)
{
	return ch != '\0' && strchr(set, ch) != NULL;
}

static bool is_name(char ch, bool first)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' ||
	       (!first && ch >= '0' && ch <= '9');
}

/* --- words --- */

/* A word on its way: the text without quotes. */
struct wording {
	struct buf text;
	bool any, opaque, quoted;
};

/* `...`: the text between, with the backslashes that quote taken away, is read by itself. */
static enum err read_backticks(struct shell *sh, struct cursor *c, bool in_quotes)
{
	struct buf inner;
	struct str text;

	buf_init(&inner, LIMIT_COMMAND_BYTES);
	for (c->at++; !at_end(c) && peek(c, 0) != '`'; c->at++) {
		if (peek(c, 0) == '\\' &&
		    (is_one_of(peek(c, 1), "`\\$") || (in_quotes && peek(c, 1) == '"')))
			c->at++;
		buf_add_byte(&inner, peek(c, 0));
	}
	TRY(arena_take(sh->arena, &inner, &text));
	if (at_end(c))
		return shell_refuse(sh, "a backtick is not closed", STR_NONE);
	c->at++;
	return shell_read_inner(sh, text);
}

/* ${...}, whose inside may not expand again. */
static enum err read_braces(struct shell *sh, struct cursor *c)
{
	for (c->at += 2; !at_end(c) && peek(c, 0) != '}'; c->at++)
		if (is_one_of(peek(c, 0), "$`'\"\\{"))
			return shell_refuse(sh, "an expansion within ${} cannot be followed",
					    STR_NONE);
	if (at_end(c))
		return shell_refuse(sh, "a ${ is not closed", STR_NONE);
	c->at++;
	return OK;
}

/* What begins with $. */
static enum err read_dollar(struct shell *sh, struct cursor *c, struct wording *w, bool in_quotes)
{
	w->any = true;
	if (peek(c, 1) == '(' && peek(c, 2) == '(')
		return shell_refuse(sh, "arithmetic cannot be followed", STR_NONE);
	if (!in_quotes && is_one_of(peek(c, 1), "'\""))
		return shell_refuse(sh, "a $ before a quote is of another shell", STR_NONE);
	w->opaque = true;
	if (peek(c, 1) == '(') {
		c->at += 2;
		return read_list(sh, c, ')');
	}
	if (peek(c, 1) == '{')
		return read_braces(sh, c);
	if (is_name(peek(c, 1), true)) {
		for (c->at++; is_name(peek(c, 0), false);)
			c->at++;
		return OK;
	}
	c->at += is_one_of(peek(c, 1), "@*#?-$!0123456789") ? 2 : 1;
	buf_add_byte(&w->text, '$');
	return OK;
}

static enum err read_double(struct shell *sh, struct cursor *c, struct wording *w)
{
	w->any = w->quoted = true;
	for (c->at++; !at_end(c) && peek(c, 0) != '"';) {
		char ch = peek(c, 0);

		if (ch == '$') {
			TRY(read_dollar(sh, c, w, true));
		} else if (ch == '`') {
			w->opaque = true;
			TRY(read_backticks(sh, c, true));
		} else if (ch == '\\' && is_one_of(peek(c, 1), "$`\"\\\n")) {
			if (peek(c, 1) != '\n')
				buf_add_byte(&w->text, peek(c, 1));
			c->at += 2;
		} else {
			buf_add_byte(&w->text, ch);
			c->at++;
		}
	}
	if (at_end(c))
		return shell_refuse(sh, "a quote is not closed", STR_NONE);
	c->at++;
	return OK;
}

static enum err read_single(struct shell *sh, struct cursor *c, struct wording *w)
{
	w->any = w->quoted = true;
	for (c->at++; !at_end(c) && peek(c, 0) != '\''; c->at++)
		buf_add_byte(&w->text, peek(c, 0));
	if (at_end(c))
		return shell_refuse(sh, "a quote is not closed", STR_NONE);
	c->at++;
	return OK;
}

static enum err read_part(struct shell *sh, struct cursor *c, struct wording *w)
{
	char ch = peek(c, 0);

	switch (ch) {
	case '\'':
		return read_single(sh, c, w);
	case '"':
		return read_double(sh, c, w);
	case '$':
		return read_dollar(sh, c, w, false);
	case '`':
		w->any = w->opaque = true;
		return read_backticks(sh, c, false);
	case '\\':
		if (c->at + 1 >= c->text.len)
			return shell_refuse(sh, "it ends in a backslash", STR_NONE);
		if (peek(c, 1) != '\n') {
			w->any = w->quoted = true;
			buf_add_byte(&w->text, peek(c, 1));
		}
		c->at += 2;
		return OK;
	default:
		w->any = true;
		buf_add_byte(&w->text, ch);
		c->at++;
		return OK;
	}
}

#define ENDS_WORD " \t\n;&|()<>"

/* *any is false where no word stands. */
static enum err read_word(struct shell *sh, struct cursor *c, struct shell_word *ret, bool *any)
{
	struct wording w = { .any = false };
	enum err e = OK;

	buf_init(&w.text, LIMIT_COMMAND_BYTES);
	while (e == OK && !at_end(c) && !is_one_of(peek(c, 0), ENDS_WORD))
		e = read_part(sh, c, &w);
	*any = w.any;
	*ret = (struct shell_word){ .opaque = w.opaque, .quoted = w.quoted };
	if (e == OK)
		e = w.text.err == OK ? arena_copy(sh->arena, buf_view(&w.text), &ret->text)
				     : w.text.err;
	buf_fini(&w.text);
	return e;
}

/* --- commands --- */

/* Blanks, continued lines and comments. */
static void skip_blanks(struct cursor *c)
{
	for (;;) {
		if (is_one_of(peek(c, 0), " \t"))
			c->at++;
		else if (peek(c, 0) == '\\' && peek(c, 1) == '\n')
			c->at += 2;
		else
			break;
	}
	if (peek(c, 0) == '#')
		while (!at_end(c) && peek(c, 0) != '\n')
			c->at++;
}

/* < > and their like: the word behind is a file. */
static enum err read_redirection(struct shell *sh, struct cursor *c)
{
	struct shell_word file;
	char first = peek(c, 0);
	bool any;

	if (first == '<' && peek(c, 1) == '<')
		return shell_refuse(sh, "a document in the text cannot be followed", STR_NONE);
	c->at++;
	if (peek(c, 0) == '(') {
		c->at++;
		return read_list(sh, c, ')');
	}
	if (is_one_of(peek(c, 0), first == '<' ? "&>" : "&>|"))
		c->at++;
	skip_blanks(c);
	TRY(read_word(sh, c, &file, &any));
	return any ? OK : shell_refuse(sh, "a redirection leads nowhere", STR_NONE);
}

/* Words after which another command begins, and words that end one. */
static const char *const openers[] = {
	"if", "then", "elif", "else", "while", "until", "do", "!", "{", "fi", "done", "}", NULL,
};
static const char *const foreign[] = {
	"case", "esac", "select", "function", "[[", "coproc", NULL,
};

/* `for name in words`: the words are data. */
static enum err skip_for(struct shell *sh, struct cursor *c)
{
	struct shell_word ignored;
	bool any = true;

	while (any) {
		skip_blanks(c);
		TRY(read_word(sh, c, &ignored, &any));
	}
	return OK;
}

/* A word stands where a command may begin; *again when one may begin behind it too. */
static enum err take_first(struct shell *sh, struct cursor *c, const struct shell_word *word,
			   bool *again)
{
	*again = false;
	if (peek(c, 0) == '(') {
		c->at++;
		skip_blanks(c);
		if (peek(c, 0) != ')')
			return shell_refuse(sh, "a parenthesis stands where none may", STR_NONE);
		c->at++;
		*again = true;
		return OK;
	}
	if (word->quoted || word->opaque)
		return OK;
	if (str_listed(word->text, foreign))
		return shell_refuse(sh, "a compound command cannot be followed:", word->text);
	*again = str_listed(word->text, openers);
	if (str_is(word->text, "for")) {
		*again = true;
		return skip_for(sh, c);
	}
	return OK;
}

/* Digits right before < or > are its number. */
static bool is_number_of(const struct cursor *c, const struct shell_word *word)
{
	for (size_t i = 0; i < word->text.len; i++)
		if (word->text.ptr[i] < '0' || word->text.ptr[i] > '9')
			return false;
	return word->text.len > 0 && !word->quoted && !word->opaque &&
	       is_one_of(peek(c, 0), "<>");
}

static enum err read_command(struct shell *sh, struct cursor *c)
{
	struct shell_words words = { .count = 0 };
	struct shell_word word;
	bool any, again;

	for (;;) {
		skip_blanks(c);
		if (is_one_of(peek(c, 0), "<>")) {
			TRY(read_redirection(sh, c));
			continue;
		}
		if (peek(c, 0) == '&' && peek(c, 1) == '>') {
			c->at++;
			continue;
		}
		if (peek(c, 0) == '(' && words.count == 0) {
			c->at++;
			TRY(read_list(sh, c, ')'));
			continue;
		}
		TRY(read_word(sh, c, &word, &any));
		if (!any)
			break;
		if (is_number_of(c, &word))
			continue;
		again = false;
		if (words.count == 0)
			TRY(take_first(sh, c, &word, &again));
		if (!again)
			TRY(shell_add_word(sh, &words, word));
	}
	return shell_follow(sh, words.list, words.count);
}

/* Commands until `end` ('\0': the text ends), which is taken. */
static enum err read_list(struct shell *sh, struct cursor *c, char end)
{
	enum err e = OK;

	if (++sh->depth > LIMIT_COMMAND_DEPTH)
		return shell_refuse(sh, "it nests too deep", STR_NONE);
	while (e == OK && !at_end(c) && (end == '\0' || peek(c, 0) != end)) {
		size_t before = c->at;

		e = read_command(sh, c);
		if (e == OK && is_one_of(peek(c, 0), ";&|\n"))
			c->at++;
		else if (e == OK && c->at == before)
			e = shell_refuse(sh, "a parenthesis stands where none may", STR_NONE);
	}
	sh->depth--;
	TRY(e);
	if (end == '\0')
		return OK;
	if (at_end(c))
		return shell_refuse(sh, "a parenthesis is not closed", STR_NONE);
	c->at++;
	return OK;
}

enum err shell_read_inner(struct shell *sh, struct str text)
{
	struct cursor c = { .text = text };

	return read_list(sh, &c, '\0');
}

/* No shell takes a NUL, and a carriage return or an escape is there to be overlooked. */
static bool is_clean(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char ch = (unsigned char)text.ptr[i];

		if ((ch < 0x20 && ch != '\t' && ch != '\n') || ch == 0x7F)
			return false;
	}
	return true;
}

static enum err finish(struct shell *sh, enum err e, struct shell_names *ret, struct str *why)
{
	if (e == OK && sh->names.count == 0)
		e = shell_refuse(sh, "it holds no command", STR_NONE);
	*why = sh->why;
	if (e == OK)
		*ret = sh->names;
	return e;
}

enum err shell_read(struct str text, struct arena *a, struct shell_names *ret, struct str *why)
{
	struct shell sh = { .arena = a };
	enum err e;

	if (text.len > LIMIT_COMMAND_BYTES)
		e = shell_refuse(&sh, "it is too long", STR_NONE);
	else if (!is_clean(text))
		e = shell_refuse(&sh, "it holds a control character", STR_NONE);
	else
		e = shell_read_inner(&sh, text);
	return finish(&sh, e, ret, why);
}

enum err shell_read_argv(const struct str *argv, size_t count, struct arena *a,
			 struct shell_names *ret, struct str *why)
{
	struct shell sh = { .arena = a };
	struct shell_words words = { .count = 0 };
	size_t bytes = 0;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < count; i++) {
		struct shell_word word = { .text = argv[i], .quoted = true };

		bytes += argv[i].len + 1;
		if (bytes > LIMIT_COMMAND_BYTES)
			e = shell_refuse(&sh, "it is too long", STR_NONE);
		else if (!is_clean(argv[i]))
			e = shell_refuse(&sh, "it holds a control character", STR_NONE);
		else
			e = shell_add_word(&sh, &words, word);
	}
	if (e == OK)
		e = shell_follow(&sh, words.list, words.count);
	return finish(&sh, e, ret, why);
}
