/* pattern: lists of globs. Most are plain names or a single star, which need no matcher. */
#include "engine/policy/inside.h"

enum err pattern_make(struct str text, struct pattern *ret)
{
	enum pattern_kind kind = PATTERN_EXACT;

	if (text.len == 0)
		return ERR_SYNTAX;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '*' || c == '?' || c == '\\')
			kind = PATTERN_GLOB;
		if (c == '\\' && ++i == text.len)
			return ERR_SYNTAX;
	}
	if (str_is(text, "*"))
		kind = PATTERN_ANY;
	*ret = (struct pattern){ kind, text };
	return OK;
}

bool pattern_match(const struct patterns *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct pattern *p = &list->items[i];

		if (p->kind == PATTERN_ANY)
			return true;
		if (p->kind == PATTERN_EXACT ? str_eq(p->text, text) : match_glob(p->text, text))
			return true;
	}
	return false;
}
