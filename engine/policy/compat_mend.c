/*
 * compat_mend: a condition of the mesh engine in our language.
 *
 * The text is split as AGT splits it. A part that AGT understands whole is written so that it keeps
 * AGT's answers, but for a missing value that holds:
 *
 *   AGT                       here                            a missing value
 *   p == 'x'                  has(p) and p == "x"             false, as there
 *   p in ['x', 'y']           has(p) and p in ["x", "y"]      false, as there
 *   p                         has(p) and p                    false, as there
 *   p > 5  (0 > 5 is false)   has(p) and p > 5                false, as there
 *   p < 5  (0 < 5 is true)    p < 5                           undecidable: against the agent
 *   p != 'x'                  p != "x"                        undecidable: against the agent
 *
 * A part that AGT does not understand, and takes for false or half of it, is read by our own
 * grammar, with paths respelt: then it means what it says, and that is remarked. Where parts make
 * no sense alone (a literal was torn, a parenthesis spans them) the whole text is read so. What our
 * grammar does not read either is refused: nobody knows what it was meant to be.
 */
#include "engine/policy/compat_draft.h"

struct mending {
	struct draft *draft;
	const struct compat_rule *rule;
	bool foreign;              /* some part means here what it does not mean there */
	struct note why;           /* why our grammar refuses it */
};

static const char *const operators[] = { "and", "or", "not", "has", "in", "contains", "startsWith",
					 "endsWith", "matches", "true", "false", "null", NULL };

/* --- parts that AGT understands --- */

/* The digits as JSON writes them: ASCII, without leading zeros. */
static void add_number(struct buf *b, struct str digits)
{
	uint32_t code;
	bool leading = true;

	for (size_t at = 0, len; at < digits.len; at += len) {
		bool last;
		int digit;

		len = str_utf8_first(str_from(digits, at), &code);
		MUST(len > 0);
		digit = compat_word_digit(code);
		last = at + len == digits.len || digits.ptr[at + len] == '.';
		if (digit == 0 && leading && !last)
			continue;
		leading = false;
		buf_add_byte(b, digit < 0 ? '.' : (char)('0' + digit));
	}
}

static void add_items(struct buf *b, struct str items)
{
	const char *comma = "";
	struct str item;

	buf_add_byte(b, '[');
	while (compat_condition_item(&items, &item)) {
		buf_add_c(b, comma);
		draft_string(b, item);
		comma = ", ";
	}
	buf_add_byte(b, ']');
}

/* Is the comparison false when the value is missing, which is 0 there? */
static bool false_when_missing(const struct compat_atom *atom)
{
	return atom->form != COMPAT_NE &&
	       !(atom->form == COMPAT_ORDER && compat_condition_holds(atom, NULL));
}

static enum err add_atom(struct mending *m, const struct compat_atom *atom, struct buf *b)
{
	struct draft *d = m->draft;

	/* A member called `true` is what AGT looks for, and nobody means. */
	if (atom->form == COMPAT_BARE && str_listed(atom->path, operators)) {
		m->foreign = true;
		buf_add(b, atom->path);
		return b->err;
	}
	if (false_when_missing(atom))
		TRY(draft_guard(d, b, atom->path, false));
	TRY(draft_path(d, b, atom->path, false));
	if (atom->form == COMPAT_EQ || atom->form == COMPAT_NE) {
		buf_add_c(b, atom->form == COMPAT_EQ ? " == " : " != ");
		draft_string(b, atom->literal);
	} else if (atom->form == COMPAT_IN) {
		buf_add_c(b, " in ");
		add_items(b, atom->literal);
	} else if (atom->form == COMPAT_ORDER) {
		buf_addf(b, " %s ", atom->op);
		add_number(b, atom->literal);
	}
	return b->err;
}

/* --- parts that only our grammar understands --- */

/* The words of a path, joined: from its first word, which is in *t, to the token behind it. */
static enum err read_path(struct lexer *lx, struct token *t, struct str *ret)
{
	const char *start = t->text.ptr, *end = start + t->text.len;
	struct lexer saved;

	for (;;) {
		TRY(lexer_next(lx, t));
		if (t->kind != TOKEN_SIGN || !str_is(t->text, ".") || t->text.ptr != end)
			break;
		saved = *lx;
		TRY(lexer_next(lx, t));
		if (t->kind != TOKEN_WORD || t->text.ptr != end + 1) {
			*lx = saved;
			break;
		}
		end = t->text.ptr + t->text.len;
	}
	*ret = str_slice(start, (size_t)(end - start));
	return OK;
}

/* No negation in it: then a comparison that is false makes nothing true. */
static enum err is_positive(struct mending *m, struct str text, bool *ret)
{
	static const char *const negations[] = { "not", "!=", "has" };
	struct lexer lx = { .text = text, .memory = m->draft->arena, .note = &m->why };
	struct token t = { .kind = TOKEN_WORD };

	*ret = true;
	while (t.kind != TOKEN_END) {
		TRY(lexer_next(&lx, &t));
		for (size_t i = 0; i < 3 && t.kind != TOKEN_STRING; i++)
			*ret = *ret && !str_is(t.text, negations[i]);
	}
	return OK;
}

/* What may stand before a comparison, and behind the path it begins with to be guarded. */
static bool begins(const struct token *before)
{
	return before->kind == TOKEN_END || str_is(before->text, "(") ||
	       str_is(before->text, "and") || str_is(before->text, "or");
}

static bool is_guarded(const struct token *behind)
{
	return !str_is(behind->text, "<") && !str_is(behind->text, "<=") &&
	       !str_is(behind->text, "[");
}

/*
 * The text as it stands, but its paths as we spell them, and guarded as AGT's forms are: false when
 * the value is missing, which it was there.
 */
static enum err respell(struct mending *m, struct str text, struct buf *b)
{
	struct lexer lx = { .text = text, .memory = m->draft->arena, .note = &m->why };
	struct token t, before = { .kind = TOKEN_END };
	size_t copied = 0, at;
	bool positive;
	struct str path;

	TRY(is_positive(m, text, &positive));
	TRY(lexer_next(&lx, &t));
	while (t.kind != TOKEN_END) {
		if (t.kind != TOKEN_WORD || str_listed(t.text, operators)) {
			before = t;
			TRY(lexer_next(&lx, &t));
			continue;
		}
		at = (size_t)(t.text.ptr - text.ptr);
		TRY(read_path(&lx, &t, &path));
		buf_add(b, str_slice(text.ptr + copied, at - copied));
		if (positive && begins(&before) && is_guarded(&t))
			TRY(draft_guard(m->draft, b, path, false));
		TRY(draft_path(m->draft, b, path, false));
		copied = at + path.len;
		before = (struct token){ .kind = TOKEN_WORD };
	}
	buf_add(b, str_from(text, copied));
	return b->err;
}

/* Whether our grammar reads the text; then it is appended. The paths of a failure are forgotten. */
static enum err try_ours(struct mending *m, struct str text, struct buf *b, bool *ret)
{
	size_t paths = m->draft->path_count, len = b->len;
	struct str whole;
	enum err e;

	m->why = (struct note){ .line = 0 };
	e = respell(m, text, b);
	if (e == OK) {
		whole = str_from(buf_view(b), len);
		e = arena_copy(m->draft->arena, whole, &whole);
	}
	if (e == OK)
		e = draft_compiles(m->draft, whole, &m->why);
	*ret = e == OK;
	if (e == OK || e == ERR_MEMORY)
		return e;
	if (b->err != OK)
		return b->err;
	b->len = len;
	m->draft->path_count = paths;
	return OK;
}

/* --- the whole --- */

static bool is_whole(const struct compat_atom *atom)
{
	return atom->form != COMPAT_NEVER && compat_word_strip(atom->ignored).len == 0;
}

/* One part. *ok is false when neither AGT nor our grammar reads it whole. */
static enum err add_part(struct mending *m, struct str part, bool alone, struct buf *b, bool *ok)
{
	struct compat_atom atom;

	compat_condition_atom(part, &atom);
	if (is_whole(&atom)) {
		*ok = true;
		return add_atom(m, &atom, b);
	}
	m->foreign = true;
	buf_add_c(b, alone ? "" : "(");
	TRY(try_ours(m, part, b, ok));
	buf_add_c(b, alone ? "" : ")");
	return b->err;
}

/* The parts between " and ", or between " or " and those between " and ". */
static enum err add_parts(struct mending *m, struct str text, struct buf *b, bool *ok)
{
	bool alone = !str_has(text, STR(" or ")) && !str_has(text, STR(" and "));
	bool more = true;

	*ok = true;
	while (more && *ok) {
		struct str group, part;
		bool more_parts = true;

		more = compat_condition_split(&text, STR(" or "), &group);
		while (more_parts && *ok) {
			more_parts = compat_condition_split(&group, STR(" and "), &part);
			part = compat_word_strip(part);
			TRY(add_part(m, part, alone, b, ok));
			buf_add_c(b, more_parts ? " and " : "");
		}
		buf_add_c(b, more ? " or " : "");
	}
	return b->err;
}

/* What AGT makes of a text that we do not take over as AGT reads it. */
static const char *their_reading(struct str text)
{
	struct compat_atom atom;

	if (str_has(text, STR(" or ")) || str_has(text, STR(" and ")))
		return "AGT tears it at every ' or ' and ' and ', quoted or not";
	compat_condition_atom(text, &atom);
	return atom.form == COMPAT_NEVER ? "to AGT it is never true"
					 : "AGT looks at its beginning only";
}

static enum err refuse(struct mending *m)
{
	const struct value *at = value_get_c(m->rule->source, "condition");

	return draft_remark(m->draft, true, at,
			    "the condition says nothing certain: %s, and here %s; write what is "
			    "meant",
			    their_reading(m->rule->condition),
			    m->why.text[0] ? m->why.text : "it cannot be read");
}

static enum err mend(struct mending *m, struct buf *b, struct str *ret)
{
	const struct value *at = value_get_c(m->rule->source, "condition");
	struct str text = compat_word_strip(m->rule->condition);
	struct note n;
	enum err e;
	bool ok;

	TRY(add_parts(m, text, b, &ok));
	if (!ok) {
		buf_clear(b);
		m->draft->path_count = 0;
		TRY(try_ours(m, text, b, &ok));
	}
	if (!ok)
		return refuse(m);
	TRY(draft_text(m->draft, b, ret));
	e = draft_compiles(m->draft, *ret, &n);
	if (e == ERR_MEMORY)
		return e;
	if (e != OK) {
		m->why = n;
		*ret = STR_NONE;
		return refuse(m);
	}
	if (!m->foreign)
		return OK;
	return draft_remark(m->draft, false, at, "%s; here it means what it says: %.*s",
			    their_reading(m->rule->condition), SHOWN(*ret));
}

enum err compat_mend(struct draft *d, const struct compat_rule *rule, struct str *ret)
{
	struct mending m = { .draft = d, .rule = rule };
	struct str result = STR_NONE;
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_CONDITION_BYTES);
	e = mend(&m, &b, &result);
	buf_fini(&b);
	if (e == ERR_LIMIT)
		e = draft_remark(d, true, rule->source,
				 "the condition is longer than %d bytes here, or names more than "
				 "%d places", LIMIT_CONDITION_BYTES, DRAFT_PATHS);
	if (e == OK)
		*ret = result;
	return e;
}
