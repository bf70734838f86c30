/*
 * cedar_format: the one layout of policies and schemas.
 *
 *   @id("big-refund")                        an annotation to a line
 *   permit (                                 in one line when it fits, else a line for each of
 *     principal is Agent,                    the parts between commas
 *     action == Action::"refund",
 *     resource
 *   )
 *   when { context.args.amount < 100 }       a clause to a line when it fits, else a line for
 *   unless {                                 each operand of what binds least in it
 *     context.session.approved ||
 *     principal in Team::"finance"
 *   };
 *
 * Words are printed in their order and none is added or left out, so all there is to decide is
 * where lines end. A part that fits stands in one line, unless a comment stands within; else it is
 * broken where it binds least, and its parts are laid out in the same way. A comment that stood
 * alone gets a line before the word that follows it, behind the operator or comma where that is a
 * word of its own; one that stood behind something ends the line. What comes out depends on words
 * and comments only, and not on how they were laid out before.
 */
#include "engine/cedar/words.h"

/* Bytes of a line, as cedar_write has it; how far a part stands within another. */
#define WIDTH 80
#define STEP  2
/* Comments may settle only when they were laid out once. */
#define ROUNDS_MAX 4

struct page {
	const struct cedar_words *words;
	enum cedar_syntax syntax;
	struct buf *out;
	size_t line;        /* where the line begins in `out` */
	size_t indent;      /* of the line */
	struct str pending; /* a comment that will end the line; ptr NULL: none */
	uint32_t remarks;   /* remarks that are written */
	bool start;         /* nothing stands before in this block */
};

/* --- lines --- */

static bool at_line_start(const struct page *p)
{
	return p->out->len == p->line;
}

static void end_line(struct page *p)
{
	if (p->pending.ptr) {
		buf_add_c(p->out, "  ");
		buf_add(p->out, p->pending);
	}
	p->pending = STR_NONE;
	buf_add_byte(p->out, '\n');
	p->line = p->out->len;
	p->start = false;
}

/* Go on in a line of that indentation. */
static void next_line(struct page *p, size_t indent)
{
	if (!at_line_start(p))
		end_line(p);
	p->indent = indent;
}

/* The line is empty: one empty line before it, but none at the start of a block. */
static void leave_gap(struct page *p)
{
	if (!p->start)
		buf_add_byte(p->out, '\n');
	p->line = p->out->len;
	p->start = true;
}

static void indent_line(struct page *p)
{
	for (size_t i = 0; i < p->indent; i++)
		buf_add_byte(p->out, ' ');
}

/* The remarks before a word that are not written yet, each in a line. */
static void put_remarks(struct page *p, size_t number)
{
	while (p->remarks < p->words->items[number].remarks_end) {
		const struct cedar_remark *remark = &p->words->remarks[p->remarks++];

		next_line(p, p->indent);
		if (remark->gap)
			leave_gap(p);
		indent_line(p);
		buf_add(p->out, remark->text);
		end_line(p);
	}
}

/* May the word stand between another and the comment behind that? What goes on there may. */
static bool may_overtake(const struct cedar_word *w)
{
	static const char *const signs[] = { ",",  ";",   "(",    ")",  "[",  "]", "{",  "}", "&&",
					     "||", "==",  "!=",   "<",  "<=", ">", ">=", "+", "*",
					     "in", "has", "like", "is", ":",  "=", NULL };

	for (size_t i = 0; signs[i] && !w->behind.ptr; i++)
		if (cedar_word_is(w, signs[i]))
			return true;
	return false;
}

/* A word whose remarks go before the next word, unless that would change their order. */
static void put_bare(struct page *p, size_t number)
{
	const struct cedar_word *w = &p->words->items[number];

	if (w->behind.ptr)
		put_remarks(p, number);
	if (p->pending.ptr && !may_overtake(w))
		next_line(p, p->indent);
	if (at_line_start(p))
		indent_line(p);
	else if (w->blank)
		buf_add_byte(p->out, ' ');
	buf_add(p->out, w->text);
	if (w->behind.ptr)
		p->pending = w->behind;
}

static void put(struct page *p, size_t number)
{
	put_remarks(p, number);
	put_bare(p, number);
}

static void put_all(struct page *p, size_t low, size_t high)
{
	for (; low < high; low++)
		put(p, low);
}

/* --- what fits --- */

/*
 * May the words stand in one line? Not with a comment among them, but before the first and behind
 * the last; nor with a list that ends with a comma.
 */
static bool is_quiet(const struct page *p, size_t low, size_t high)
{
	const struct cedar_word *first = &p->words->items[low], *last = &p->words->items[high - 1];

	return first->remarks_end == last->remarks_end && first->breaks == last->breaks;
}

/* Do the words fit the line, with `tail` bytes behind them? */
static bool fits(const struct page *p, size_t low, size_t high, size_t tail)
{
	const struct cedar_word *first = &p->words->items[low], *last = &p->words->items[high - 1];
	size_t column = at_line_start(p) ? p->indent : p->out->len - p->line + first->blank;
	size_t width = last->at + last->text.len - first->at;

	return is_quiet(p, low, high) && column + width + tail <= WIDTH;
}

/* --- expressions --- */

/* How tightly operators bind, those that bind least first. */
enum level { LEVEL_OR = 0, LEVEL_AND, LEVEL_RELATION, LEVEL_SUM, LEVEL_PRODUCT, LEVELS };

static const char *const operators[LEVELS][12] = {
	[LEVEL_OR] = { "||" },
	[LEVEL_AND] = { "&&" },
	[LEVEL_RELATION] = { "==", "!=", "<", "<=", ">", ">=", "in", "has", "like", "is" },
	[LEVEL_SUM] = { "+", "-" },
	[LEVEL_PRODUCT] = { "*" },
};

static void put_expr(struct page *p, size_t low, size_t high, size_t indent, size_t tail);
static void put_parts(struct page *p, size_t low, size_t high, size_t tail);

static const struct cedar_word *word(const struct page *p, size_t number)
{
	return &p->words->items[number];
}

/* The word behind this one, or behind the bracket that this one opens. */
static size_t after(const struct page *p, size_t number)
{
	return cedar_word_opens(word(p, number), p->syntax) ? word(p, number)->mate + (size_t)1
							    : number + 1;
}

/* A sign before its operand is no operator: it stands first, or behind another. */
static bool is_operator(const struct page *p, size_t low, size_t number, enum level level)
{
	const struct cedar_word *w = word(p, number);

	if (number == low || w->kind == CEDAR_TEXT || w->kind == CEDAR_NUMBER)
		return false;
	if (cedar_word_is(w, "-") && !p->words->items[number + 1].blank)
		return false;
	return str_listed(w->text, operators[level]);
}

/* The first operator of the level between the two, outside of brackets; `high`: none. */
static size_t find_operator(const struct page *p, size_t low, size_t high, enum level level)
{
	for (size_t i = low; i < high; i = after(p, i))
		if (is_operator(p, low, i, level))
			return i;
	return high;
}

/* What binds least; LEVELS when there is no operator. */
static enum level level_of(const struct page *p, size_t low, size_t high)
{
	unsigned level = 0;

	while (level < LEVELS && find_operator(p, low, high, (enum level)level) == high)
		level++;
	return (enum level)level;
}

/* Deeper than the line, unless the lines that go on are already. */
static size_t deeper(const struct page *p, size_t indent)
{
	return indent > p->indent ? indent : p->indent + STEP;
}

/* Operands, each in a line, the operator at its end. Those of && and || stand below each other. */
static void put_chain(struct page *p, size_t low, size_t high, enum level level, size_t indent,
		      size_t tail)
{
	if (level > LEVEL_AND)
		indent = deeper(p, indent);
	for (size_t i = low; i < high; i = after(p, i)) {
		if (!is_operator(p, low, i, level))
			continue;
		put_expr(p, low, i, indent + STEP, 1 + word(p, i)->text.len);
		put_bare(p, i);
		next_line(p, indent);
		low = i + 1;
	}
	put_expr(p, low, high, indent + STEP, tail);
}

/* The right side stays in the line when it fits or has brackets to break. */
static void put_relation(struct page *p, size_t low, size_t high, size_t indent, size_t tail)
{
	size_t at = find_operator(p, low, high, LEVEL_RELATION), right = at + 1;
	bool brackets = word(p, high - 1)->mate >= right, comment;

	put_expr(p, low, at, indent + STEP, 1 + word(p, at)->text.len);
	put_bare(p, at);
	comment = p->pending.ptr || p->remarks < word(p, right)->remarks_end;
	if (comment || (!brackets && !fits(p, right, high, tail)))
		next_line(p, deeper(p, indent));
	put_expr(p, right, high, deeper(p, indent), tail);
}

/* `text`, a word of the `if` at `low`; those of an `if` within are others. `high`: none. */
static size_t find_branch(const struct page *p, size_t low, size_t high, const char *text)
{
	size_t depth = 0;

	for (size_t i = low; i < high; i = after(p, i)) {
		if (cedar_word_is(word(p, i), "if"))
			depth++;
		else if (depth == 1 && cedar_word_is(word(p, i), text))
			return i;
		else if (cedar_word_is(word(p, i), "else"))
			depth--;
	}
	return high;
}

/* if, then and else begin lines below each other; `else if` goes on at the same indentation. */
static void put_if(struct page *p, size_t low, size_t high, size_t indent, size_t tail)
{
	size_t then = find_branch(p, low, high, "then");
	size_t other = find_branch(p, low, high, "else");

	put(p, low);
	put_expr(p, low + 1, then, indent + 2 * STEP, 0);
	next_line(p, indent);
	put(p, then);
	put_expr(p, then + 1, other, indent + 2 * STEP, 0);
	next_line(p, indent);
	put(p, other);
	if (cedar_word_is(word(p, other + 1), "if"))
		put_expr(p, other + 1, high, indent, tail);
	else
		put_expr(p, other + 1, high, indent + 2 * STEP, tail);
}

/* `indent` is where lines go on that the expression has besides the one it begins in. */
static void put_expr(struct page *p, size_t low, size_t high, size_t indent, size_t tail)
{
	enum level level;

	if (low >= high)
		return;
	put_remarks(p, low);
	if (fits(p, low, high, tail)) {
		put_all(p, low, high);
		return;
	}
	if (cedar_word_is(word(p, low), "if")) {
		put_if(p, low, high, indent, tail);
		return;
	}
	level = level_of(p, low, high);
	if (level == LEVELS)
		put_parts(p, low, high, tail);
	else if (level == LEVEL_RELATION)
		put_relation(p, low, high, indent, tail);
	else
		put_chain(p, low, high, level, indent, tail);
}

/* --- brackets --- */

/* What stands between two commas. Behind `key:` of a record stands an expression. */
static void put_item(struct page *p, size_t low, size_t high, size_t indent)
{
	if (low == high)
		return;
	put_remarks(p, low);
	if (p->syntax == CEDAR_SCHEMA) {
		put_parts(p, low, high, 1);
		return;
	}
	if (low + 2 < high && cedar_word_is(word(p, low + 1), ":")) {
		put_all(p, low, low + 2);
		low += 2;
	}
	put_expr(p, low, high, indent, 1);
}

/* Each of the items between two brackets in a line. One alone goes on where it began. */
static void break_group(struct page *p, size_t open)
{
	size_t close = word(p, open)->mate, low = open + 1, outer = p->indent;
	size_t inner = outer + STEP;

	put_bare(p, open);
	next_line(p, inner);
	p->start = true;
	for (size_t i = low; i < close; i = after(p, i)) {
		if (!cedar_word_is(word(p, i), ","))
			continue;
		put_item(p, low, i, inner + STEP);
		put_bare(p, i);
		next_line(p, inner);
		low = i + 1;
	}
	put_item(p, low, close, low == open + 1 ? inner : inner + STEP);
	put_remarks(p, close);
	next_line(p, outer);
	put(p, close);
}

/* What stands in one line with a bracket that closes: up to the next one that opens. */
static size_t tail_of(const struct page *p, size_t close, size_t high, size_t tail)
{
	size_t end = close + 1;

	while (end < high && !cedar_word_opens(word(p, end), p->syntax))
		end++;
	tail = end < high ? 1 : tail;
	return word(p, end - 1)->at + word(p, end - 1)->text.len + tail - word(p, close)->at - 1;
}

/* Words one behind the other; brackets are broken where they do not fit. */
static void put_parts(struct page *p, size_t low, size_t high, size_t tail)
{
	for (size_t i = low; i < high; i = after(p, i)) {
		size_t end = after(p, i);

		if (end == i + 1 || end == i + 2 ||
		    fits(p, i, end, tail_of(p, end - 1, high, tail)))
			put_all(p, i, end);
		else
			break_group(p, i);
	}
}

/* --- policies --- */

/* Remarks before a policy or a declaration; they are told apart from it by the gap it had. */
static void begin(struct page *p, size_t at)
{
	put_remarks(p, at);
	if (word(p, at)->gap)
		leave_gap(p);
}

/* @name, @name("text") ..., each in a line; where they end. */
static size_t put_annotations(struct page *p, size_t at)
{
	while (cedar_word_is(word(p, at), "@")) {
		size_t end = at + 2;

		if (cedar_word_is(word(p, end), "("))
			end = after(p, end);
		put_all(p, at, end);
		next_line(p, p->indent);
		at = end;
	}
	return at;
}

/* From the annotations to the semicolon; where the next one begins. */
static size_t put_policy(struct page *p, size_t at)
{
	at = put_annotations(p, at);
	/* The head, and behind it the clauses: a word and a bracket each. */
	while (!cedar_word_is(word(p, at), ";")) {
		next_line(p, 0);
		put(p, at);
		put_parts(p, at + 1, after(p, at + 1), 1);
		at = after(p, at + 1);
	}
	put(p, at);
	next_line(p, 0);
	return at + 1;
}

static void put_policies(struct page *p)
{
	for (size_t at = 0; at < p->words->count;) {
		if (at > 0)
			leave_gap(p);
		begin(p, at);
		at = put_policy(p, at);
	}
}

/* --- schemas --- */

/* The last of the words that go on with a name: up to a comma, a bracket or the end. */
static size_t piece_end(const struct page *p, size_t at)
{
	while (!cedar_word_is(word(p, at), ",") && !cedar_word_is(word(p, at), ";") &&
	       !cedar_word_opens(word(p, at), p->syntax))
		at++;
	return at;
}

/* Up to the semicolon; where the next one begins. */
static size_t put_declaration(struct page *p, size_t at)
{
	size_t indent = p->indent;

	for (; !cedar_word_is(word(p, at), ";"); at = after(p, at)) {
		const struct cedar_word *w = word(p, at);

		if (cedar_word_opens(w, p->syntax))
			put_parts(p, at, after(p, at), 1);
		else if (cedar_word_is(w, ",") && !fits(p, at, piece_end(p, at + 1), 1)) {
			put_bare(p, at);
			next_line(p, indent + STEP);
		} else {
			put(p, at);
		}
	}
	put(p, at);
	next_line(p, indent);
	return at + 1;
}

static void put_declarations(struct page *p, size_t at, size_t end);

/* namespace A::B { declarations } */
static size_t put_namespace(struct page *p, size_t at)
{
	size_t close;

	for (; !cedar_word_is(word(p, at), "{"); at++)
		put(p, at);
	close = word(p, at)->mate;
	put_bare(p, at);
	next_line(p, STEP);
	p->start = true;
	put_declarations(p, at + 1, close);
	put_remarks(p, close);
	next_line(p, 0);
	put(p, close);
	next_line(p, 0);
	return close + 1;
}

static void put_declarations(struct page *p, size_t at, size_t end)
{
	while (at < end) {
		begin(p, at);
		at = put_annotations(p, at);
		if (p->indent == 0 && cedar_word_is(word(p, at), "namespace"))
			at = put_namespace(p, at);
		else
			at = put_declaration(p, at);
	}
}

/* --- all --- */

static enum err lay_out(const struct cedar_words *words, enum cedar_syntax syntax, struct buf *out)
{
	struct page p = { .words = words, .syntax = syntax, .out = out, .start = true };

	buf_clear(out);
	if (syntax == CEDAR_SCHEMA)
		put_declarations(&p, 0, words->count);
	else
		put_policies(&p);
	put_remarks(&p, words->count);
	return out->err;
}

/* What cannot be read has no layout; and who is asked for one hears what is wrong. */
static enum err check(struct str text, enum cedar_syntax syntax, struct arena *memory,
		      struct note *n)
{
	struct cedar_policies *policies;
	struct cedar_schema *schema;

	if (syntax == CEDAR_SCHEMA)
		return cedar_schema_read(text, memory, &schema, n);
	return cedar_policies_read(text, memory, &policies, n);
}

/* Until nothing changes any more. `out` and `last` are the caller's to end. */
static enum err settle(const struct cedar_words *words, enum cedar_syntax syntax,
		       struct arena *memory, struct buf *out, struct buf *last, struct note *n)
{
	struct arena_mark mark = arena_mark(memory);
	struct cedar_words now = *words;
	bool same = false;

	for (int round = 0; !same && round < ROUNDS_MAX; round++) {
		TRY(lay_out(&now, syntax, out));
		same = round > 0 && str_eq(buf_view(out), buf_view(last));
		if (same)
			break;
		buf_clear(last);
		buf_add(last, buf_view(out));
		TRY(last->err);
		arena_rewind(memory, mark);
		TRY(cedar_words_read(buf_view(last), syntax, memory, &now, n));
	}
	if (!same || !cedar_words_same(words, &now))
		return note_set(n, ERR_UNKNOWN, 0, 0,
				"its comments find no place to stay; the file is left as it is");
	return OK;
}

enum err cedar_format(struct str text, enum cedar_syntax syntax, struct arena *memory,
		      struct buf *out, struct note *n)
{
	struct arena_mark mark = arena_mark(memory);
	struct cedar_words words;
	struct buf once, last;
	enum err e;

	e = check(text, syntax, memory, n);
	arena_rewind(memory, mark);
	TRY(e);
	TRY(cedar_words_read(text, syntax, memory, &words, n));
	buf_init(&once, out->cap);
	buf_init(&last, out->cap);
	e = settle(&words, syntax, memory, &once, &last, n);
	if (e == OK) {
		buf_add(out, buf_view(&once));
		e = out->err;
	}
	buf_fini(&last);
	buf_fini(&once);
	return e;
}
