/* pattern: lists of globs. Most are plain names or a single star, which need no matcher. */
#include "engine/policy/inside.h"

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/*
 * What is wrong with the character at `at`, NULL when nothing is. A pattern that can match no name,
 * or other names than its writer thinks, would leave a rule that looks as if it were in force.
 */
static const char *wrong_at(struct str text, size_t at)
{
	char c = text.ptr[at];

	if (is_control(c))
		return "holds a control character, which no name does";
	if (c == ' ' && (at == 0 || at + 1 == text.len))
		return "begins or ends with a blank; take it away, or write \\ before it";
	if (memchr("[]{}()|^,", c, 9) || (c == '!' && at == 0))
		return "holds one of []{}()|^, or begins with '!', which have no meaning here; "
		       "list the names one by one, or write \\ before the character itself";
	if (c == '\\' && at + 1 == text.len)
		return "ends in a lone '\\'; write \\\\ for a backslash";
	if (c == '\\' && (is_alnum(text.ptr[at + 1]) || is_control(text.ptr[at + 1])))
		return "has a '\\' before a letter, a digit or a control character; it quotes "
		       "punctuation only, and there are no classes like \\d";
	return NULL;
}

/* One star, at the end, and nothing else that is special. */
static bool is_prefix(struct str text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.ptr[i] == '*' || text.ptr[i] == '?' || text.ptr[i] == '\\')
			return false;
	return text.ptr[text.len - 1] == '*';
}

struct str pattern_prefix(const struct pattern *p)
{
	return str_slice(p->text.ptr, p->text.len - 1);
}

enum err pattern_make(struct str text, struct pattern *ret, const char **why)
{
	enum pattern_kind kind = PATTERN_EXACT;

	*why = text.len ? NULL : "is empty";
	for (size_t i = 0; i < text.len && !*why; i++) {
		char c = text.ptr[i];

		*why = wrong_at(text, i);
		if (c == '*' || c == '?' || c == '\\')
			kind = PATTERN_GLOB;
		i += c == '\\';
	}
	if (*why)
		return ERR_SYNTAX;
	if (str_is(text, "*"))
		kind = PATTERN_ANY;
	else if (kind == PATTERN_GLOB && is_prefix(text))
		kind = PATTERN_PREFIX;
	*ret = (struct pattern){ kind, text };
	return OK;
}

static bool matches(const struct pattern *p, struct str text)
{
	switch (p->kind) {
	case PATTERN_EXACT:
		return str_eq(p->text, text);
	case PATTERN_ANY:
		return true;
	case PATTERN_PREFIX:
		return str_starts(text, pattern_prefix(p));
	default:
		return match_glob(p->text, text);
	}
}

bool pattern_match(const struct patterns *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (matches(&list->items[i], text))
			return true;
	return false;
}
