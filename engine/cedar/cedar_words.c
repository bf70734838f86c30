/*
 * cedar_words: words, and what stands between them.
 *
 * Between two words stand blanks and comments only, so what the lexer passed over is looked through
 * a second time: a comment belongs to the word before it when no line ends between the two, else to
 * the word behind it.
 */
#include "engine/cedar/words.h"

struct reader {
	struct cedar_lexer lexer;
	enum cedar_syntax syntax;
	struct arena *memory;
	struct cedar_word *words;
	size_t count, room;
	struct cedar_remark *remarks;
	size_t remark_count, remark_room;
	uint32_t open; /* the innermost bracket, from 1; 0: none */
	uint32_t breaks;
};

static bool is_one_of(const struct cedar_word *w, const char *const *texts)
{
	for (; w->kind != CEDAR_TEXT && *texts; texts++)
		if (str_is(w->text, *texts))
			return true;
	return false;
}

bool cedar_word_is(const struct cedar_word *w, const char *text)
{
	return w->kind != CEDAR_TEXT && str_is(w->text, text);
}

/* In a schema `<` and `>` stand around a type; in policies they compare. */
bool cedar_word_opens(const struct cedar_word *w, enum cedar_syntax syntax)
{
	static const char *const openers[] = { "(", "[", "{", NULL };

	return is_one_of(w, openers) || (syntax == CEDAR_SCHEMA && cedar_word_is(w, "<"));
}

static bool closes(const struct cedar_word *w, enum cedar_syntax syntax)
{
	static const char *const closers[] = { ")", "]", "}", NULL };

	return is_one_of(w, closers) || (syntax == CEDAR_SCHEMA && cedar_word_is(w, ">"));
}

/* --- comments --- */

static enum err add_remark(struct reader *r, struct str text, bool gap)
{
	void *remarks = r->remarks;

	TRY(cedar_grow(r->memory, &remarks, r->remark_count, &r->remark_room, sizeof(*r->remarks)));
	r->remarks = remarks;
	r->remarks[r->remark_count++] = (struct cedar_remark){ text, gap };
	return OK;
}

static bool is_line_end(struct str text, size_t at)
{
	return text.ptr[at] == '\n' ||
	       (text.ptr[at] == '\r' && (at + 1 == text.len || text.ptr[at + 1] != '\n'));
}

static size_t comment_end(struct str text, size_t at)
{
	while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r')
		at++;
	return at;
}

/* What stands between the word before, if there is one, and `w`. */
static enum err look_between(struct reader *r, struct str between, struct cedar_word *w)
{
	unsigned ends = r->count == 0;

	for (size_t i = 0; i < between.len; i++) {
		size_t end;
		struct str text;

		ends += is_line_end(between, i);
		if (between.ptr[i] != '/')
			continue;
		end = comment_end(between, i);
		text = str_trim(str_slice(between.ptr + i, end - i));
		if (ends == 0) {
			r->words[r->count - 1].behind = text;
			r->breaks++;
		} else {
			TRY(add_remark(r, text, ends > 1));
		}
		ends = 0;
		i = end - 1;
	}
	w->gap = ends > 1;
	w->remarks_end = (uint32_t)r->remark_count;
	w->breaks = r->breaks;
	return OK;
}

/* --- blanks --- */

/* Something that an operator can stand behind. */
static bool is_operand(const struct cedar_word *w)
{
	static const char *const closers[] = { ")", "]", "}", NULL };

	return w->kind == CEDAR_NUMBER || w->kind == CEDAR_TEXT || is_one_of(w, closers) ||
	       (w->kind == CEDAR_WORD &&
		(!cedar_reserved(w->text) || str_is(w->text, "true") || str_is(w->text, "false")));
}

/* A sign of its own operand and no operator between two. */
static bool is_prefix(const struct reader *r, size_t number)
{
	const struct cedar_word *w = &r->words[number];

	return cedar_word_is(w, "!") ||
	       (cedar_word_is(w, "-") && (number == 0 || !is_operand(w - 1)));
}

/* Blanks stand within braces, but not of records in policies. `outer` is what is around them. */
static bool is_block(const struct reader *r, uint32_t outer)
{
	return r->syntax == CEDAR_SCHEMA || outer == 0;
}

/* `permit (` and no call, nor an annotation `@id("x")`. */
static bool blank_before_paren(const struct reader *r, const struct cedar_word *before)
{
	if (r->open == 0)
		return r->count < 2 || !cedar_word_is(before - 1, "@");
	return !is_operand(before);
}

static bool is_blank(const struct reader *r, const struct cedar_word *w)
{
	static const char *const behind_none[] = { "(", "[", "{", ".", "::", "@", "?", NULL };
	static const char *const before_none[] = { ",", ";", ".", ")", "]", "}", ":", "::", NULL };
	static const char *const of_schema[] = { "<", ">", "?", NULL };
	const struct cedar_word *before = w - 1;
	bool schema = r->syntax == CEDAR_SCHEMA;

	if (r->count == 0)
		return false;
	if (cedar_word_is(before, "{") && is_block(r, before->mate))
		return !cedar_word_is(w, "}");
	if (cedar_word_is(w, "}") && is_block(r, r->open))
		return true;
	if (is_one_of(w, before_none) || (schema && is_one_of(w, of_schema)))
		return false;
	if (is_one_of(before, behind_none) || is_prefix(r, r->count - 1) ||
	    (schema && cedar_word_is(before, "<")))
		return false;
	if (cedar_word_is(w, "("))
		return blank_before_paren(r, before);
	if (cedar_word_is(w, "["))
		return schema || !is_operand(before);
	return true;
}

/* --- words --- */

/* Until its mate is found, a bracket's is the one around it. */
static enum err pair(struct reader *r, struct cedar_word *w)
{
	if (closes(w, r->syntax)) {
		uint32_t open = r->open;

		/* Who ends a list with a comma wants a line for each of its items. */
		if (r->count > 0 && cedar_word_is(w - 1, ","))
			w->breaks = ++r->breaks;

		if (open == 0)
			return note_set(r->lexer.note, ERR_SYNTAX, r->lexer.line, r->lexer.column,
					"this bracket was not opened");
		r->open = r->words[open - 1].mate;
		w->mate = open - 1;
	} else if (cedar_word_opens(w, r->syntax)) {
		w->mate = r->open;
	}
	return OK;
}

static enum err add_word(struct reader *r, const struct cedar_token *t, size_t from)
{
	void *words = r->words;
	struct cedar_word *w;
	size_t quote = t->kind == CEDAR_TEXT;

	TRY(cedar_grow(r->memory, &words, r->count, &r->room, sizeof(*r->words)));
	r->words = words;
	w = &r->words[r->count];
	*w = (struct cedar_word){ .kind = t->kind,
				  .text = str_slice(t->text.ptr - quote, t->text.len + 2 * quote) };
	TRY(look_between(r,
			 str_slice(r->lexer.text.ptr + from,
				   (size_t)(w->text.ptr - r->lexer.text.ptr) - from),
			 w));
	TRY(pair(r, w));
	w->blank = is_blank(r, w);
	if (r->count > 0)
		w->at = (w - 1)->at + (w - 1)->text.len + w->blank;
	if (closes(w, r->syntax))
		r->words[w->mate].mate = (uint32_t)r->count;
	else if (cedar_word_opens(w, r->syntax))
		r->open = (uint32_t)r->count + 1;
	return OK;
}

enum err cedar_words_read(struct str text, enum cedar_syntax syntax, struct arena *memory,
			  struct cedar_words *ret, struct note *n)
{
	struct reader r = { .syntax = syntax, .memory = memory };
	struct cedar_token t;

	TRY(cedar_lexer_init(&r.lexer, text, n));
	for (;;) {
		size_t from = r.lexer.at;

		TRY(cedar_lexer_next(&r.lexer, &t));
		TRY(add_word(&r, &t, from));
		if (t.kind == CEDAR_END)
			break;
		r.count++;
	}
	if (r.open)
		return note_set(n, ERR_SYNTAX, t.line, t.column, "a bracket is not closed");
	*ret = (struct cedar_words){ r.words, r.count, r.remarks, r.remark_count };
	return OK;
}

/* --- comparing --- */

/* The comments of a text, one after the other. */
struct walk {
	const struct cedar_words *words;
	size_t word;
	uint32_t remark;
};

static struct str next_comment(struct walk *w)
{
	for (; w->word <= w->words->count; w->word++) {
		const struct cedar_word *word = &w->words->items[w->word];

		if (w->remark < word->remarks_end)
			return w->words->remarks[w->remark++].text;
		if (word->behind.ptr) {
			w->word++;
			return word->behind;
		}
	}
	return STR_NONE;
}

bool cedar_words_same(const struct cedar_words *a, const struct cedar_words *b)
{
	struct walk left = { .words = a }, right = { .words = b };

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].kind != b->items[i].kind ||
		    !str_eq(a->items[i].text, b->items[i].text))
			return false;
	for (;;) {
		struct str one = next_comment(&left), other = next_comment(&right);

		if (!one.ptr || !other.ptr)
			return !one.ptr && !other.ptr;
		if (!str_eq(one, other))
			return false;
	}
}
