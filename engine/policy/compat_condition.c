/*
 * compat_condition: a condition of the mesh engine, as PolicyRule.evaluate takes it apart.
 *
 *   text --split at " or "--> parts --split at " and "--> parts --one of five forms--> true, false
 *
 * Splitting knows nothing of quotes, so a literal with " or " inside is torn; parts are stripped
 * only when something was split. Forms are matched at the start, so what stands behind them is
 * ignored; what has no form is false. After both splits no part can hold a separator again, so the
 * depth limit of the toolkit is never reached and nothing recurses here.
 *
 * An exception means "match", whatever the rule does. One can be provoked: float() of an integer
 * beyond 1.8e308.
 */
#include "engine/policy/compat_parts.h"

#define TEXT_MAX 2000 /* characters */

enum answer { NO = 0, YES, RAISED };

bool compat_condition_split(struct str *rest, struct str separator, struct str *part)
{
	const char *at = rest->len ? memmem(rest->ptr, rest->len, separator.ptr, separator.len)
				   : NULL;
	size_t len = at ? (size_t)(at - rest->ptr) : rest->len;

	*part = str_slice(rest->ptr, len);
	*rest = str_from(*rest, at ? len + separator.len : len);
	return at != NULL;
}

bool compat_condition_item(struct str *rest, struct str *item)
{
	struct str part, left = *rest;

	while (left.len > 0) {
		if (!str_cut(left, ',', &part, &left)) {
			part = left;
			left.len = 0;
		}
		part = compat_word_strip(part);
		if (part.len == 0)
			continue;
		while (part.len > 0 && (*part.ptr == '\'' || *part.ptr == '"'))
			part = str_from(part, 1);
		while (part.len > 0 && (part.ptr[part.len - 1] == '\'' ||
					part.ptr[part.len - 1] == '"'))
			part.len--;
		*rest = left;
		*item = part;
		return true;
	}
	return false;
}

/* --- the forms: each gets what is behind the path, and takes it all or nothing --- */

/* \s* OP \s* QUOTE TEXT QUOTE, where either quote will do and the text holds none. */
static bool takes_quoted(struct str s, const char *op, struct compat_atom *atom)
{
	size_t at = 0;

	s = str_from(s, compat_word_spaces(s));
	if (!str_starts(s, str_view(op)))
		return false;
	s = str_from(s, 2);
	s = str_from(s, compat_word_spaces(s));
	if (s.len == 0 || (*s.ptr != '\'' && *s.ptr != '"'))
		return false;
	s = str_from(s, 1);
	while (at < s.len && s.ptr[at] != '\'' && s.ptr[at] != '"')
		at++;
	if (at == 0 || at == s.len)
		return false;
	atom->literal = str_slice(s.ptr, at);
	atom->ignored = str_from(s, at + 1);
	return true;
}

/* \s+ in \s+ [ ITEMS ] */
static bool takes_list(struct str s, struct compat_atom *atom)
{
	size_t blanks = compat_word_spaces(s);

	s = str_from(s, blanks);
	if (blanks == 0 || !str_starts(s, STR("in")))
		return false;
	s = str_from(s, 2);
	blanks = compat_word_spaces(s);
	s = str_from(s, blanks);
	if (blanks == 0 || s.len == 0 || *s.ptr != '[')
		return false;
	return str_cut(str_from(s, 1), ']', &atom->literal, &atom->ignored);
}

/* \s* (>=|<=|>|<) \s* DIGITS */
static bool takes_order(struct str s, struct compat_atom *atom)
{
	size_t len;

	s = str_from(s, compat_word_spaces(s));
	if (s.len == 0 || (*s.ptr != '<' && *s.ptr != '>'))
		return false;
	len = s.len > 1 && s.ptr[1] == '=' ? 2 : 1;
	memcpy(atom->op, s.ptr, len);
	s = str_from(s, len);
	s = str_from(s, compat_word_spaces(s));
	len = compat_number_prefix(s);
	atom->literal = str_slice(s.ptr, len);
	atom->ignored = str_from(s, len);
	return len > 0;
}

void compat_condition_atom(struct str text, struct compat_atom *ret)
{
	size_t len = compat_word_path(text);
	struct str behind = str_from(text, len);
	struct compat_atom atom = { .path = str_slice(text.ptr, len) };

	if (len == 0)
		atom.form = COMPAT_NEVER;
	else if (takes_quoted(behind, "==", &atom))
		atom.form = COMPAT_EQ;
	else if (takes_quoted(behind, "!=", &atom))
		atom.form = COMPAT_NE;
	else if (takes_list(behind, &atom))
		atom.form = COMPAT_IN;
	else if (takes_order(behind, &atom))
		atom.form = COMPAT_ORDER;
	else if (behind.len == 0 || str_is(behind, "\n")) /* `$` matches before a last line feed */
		atom.form = COMPAT_BARE;
	*ret = atom;
}

/* --- evaluation --- */

static bool is_text(const struct value *v, struct str text)
{
	return v && v->kind == VALUE_STRING && str_eq(v->string, text);
}

static bool in_list(const struct value *v, struct str items)
{
	struct str item;

	while (compat_condition_item(&items, &item))
		if (is_text(v, item))
			return true;
	return false;
}

/* None counts as 0, and what float() does not take is in no order. */
static enum answer in_order(const struct value *v, const struct compat_atom *atom)
{
	double left = 0, right;
	enum compat_float f = v ? compat_value_float(v, &left) : COMPAT_FLOAT;
	bool or_equal = atom->op[1] == '=';

	MUST(compat_number_float(atom->literal, &right));
	if (f != COMPAT_FLOAT)
		return f == COMPAT_FLOAT_OVERFLOWS ? RAISED : NO;
	if (atom->op[0] == '<')
		return or_equal ? left <= right : left < right;
	return or_equal ? left >= right : left > right;
}

static enum answer eval_form(const struct compat_atom *atom, const struct value *v)
{
	switch (atom->form) {
	case COMPAT_NEVER:
		return NO;
	case COMPAT_EQ:
		return is_text(v, atom->literal);
	case COMPAT_NE:
		return !is_text(v, atom->literal);
	case COMPAT_IN:
		return in_list(v, atom->literal);
	case COMPAT_ORDER:
		return in_order(v, atom);
	case COMPAT_BARE:
		return compat_value_truth(v);
	}
	return NO;
}

bool compat_condition_holds(const struct compat_atom *atom, const struct value *v)
{
	return eval_form(atom, v) != NO;
}

static enum answer eval_atom(struct str text, const struct value *context)
{
	struct compat_atom atom;

	compat_condition_atom(text, &atom);
	return eval_form(&atom, atom.path.len ? compat_value_at(context, atom.path) : NULL);
}

/* all(): the first that is not true ends it. */
static enum answer eval_and(struct str text, const struct value *context)
{
	bool split = str_has(text, STR(" and "));
	enum answer answer = YES;
	struct str part;
	bool more = true;

	while (more && answer == YES) {
		more = compat_condition_split(&text, STR(" and "), &part);
		answer = eval_atom(split ? compat_word_strip(part) : part, context);
	}
	return answer;
}

/* any(): the first that is not false ends it. */
static enum answer eval_or(struct str text, const struct value *context)
{
	bool split = str_has(text, STR(" or "));
	enum answer answer = NO;
	struct str part;
	bool more = true;

	while (more && answer == NO) {
		more = compat_condition_split(&text, STR(" or "), &part);
		answer = eval_and(split ? compat_word_strip(part) : part, context);
	}
	return answer;
}

static size_t count_characters(struct str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++)
		count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return count;
}

bool compat_condition_match(struct str text, const struct value *context)
{
	if (count_characters(text) > TEXT_MAX)
		return false;
	return eval_or(text, context) != NO;
}
