/*
 * match: globs by one walk with one place to come back to. When a mismatch follows a star, the star
 * takes one character more; an earlier star need not, because a longer run there could be left to
 * the later star as well.
 */
#include "engine/base/match.h"

static size_t character(struct str text, size_t at)
{
	uint32_t code;
	size_t len = str_utf8_first(str_slice(text.ptr + at, text.len - at), &code);

	return len ? len : 1;
}

bool match_glob(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = 0, star_end = 0;
	bool has_star = false;

	while (t < text.len || p < pattern.len) {
		char c = p < pattern.len ? pattern.ptr[p] : '\0';
		bool quoted = c == '\\' && p + 1 < pattern.len;

		if (p < pattern.len && c == '*') {
			has_star = true;
			star = ++p;
			star_end = t;
			continue;
		}
		if (p < pattern.len && t < text.len) {
			if (c == '?') {
				p++;
				t += character(text, t);
				continue;
			}
			if (pattern.ptr[p + quoted] == text.ptr[t]) {
				p += 1 + quoted;
				t++;
				continue;
			}
		}
		if (!has_star || star_end == text.len)
			return false;
		star_end += character(text, star_end);
		p = star;
		t = star_end;
	}
	return true;
}
