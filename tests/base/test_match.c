/* match: globs. */
#include <criterion/criterion.h>

#include "engine/base/match.h"

static bool glob(const char *pattern, const char *text)
{
	return match_glob(str_view(pattern), str_view(text));
}

Test(match, a_glob_covers_the_whole_text)
{
	cr_assert(glob("", "") && !glob("", "a") && !glob("a", ""));
	cr_assert(glob("abc", "abc") && !glob("abc", "abcd") && !glob("abc", "xabc"));
	cr_assert(match_glob(STR_NONE, STR_NONE) && match_glob(STR("*"), STR_NONE));
}

Test(match, a_star_is_any_run)
{
	cr_assert(glob("*", "") && glob("**", "abc") && glob("a*", "a") && glob("a*c", "abbbc"));
	cr_assert(glob("*.txt", "a.b.txt") && !glob("*.txt", "a.txt.b"));
	cr_assert(glob("*ab*ab", "abxab") && !glob("*ab*ab", "ab") && glob("a*b*c", "a/b\nbc"));
	cr_assert(!glob("a*b", "a") && !glob("a*b*", "ac"));
}

Test(match, a_question_mark_is_one_character)
{
	cr_assert(glob("?", "a") && glob("?", "\xE2\x82\xAC"));
	cr_assert(!glob("?", "") && !glob("?", "ab"));
	cr_assert(!glob("*??", "\xE2\x82\xAC"), "a star does not cut characters");
	cr_assert(glob("??", "\xFF\xC3") && glob("*?x", "\xC3\xA9x"));
}

Test(match, a_backslash_quotes)
{
	cr_assert(glob("\\*", "*") && !glob("\\*", "a") && glob("\\?\\\\", "?\\"));
	cr_assert(glob("a\\", "a\\") && glob("\\a", "a") && !glob("\\*a", "xa"));
}

static bool naive(const char *p, const char *t)
{
	if (*p == '\0')
		return *t == '\0';
	if (*p == '*')
		return naive(p + 1, t) || (*t && naive(p, t + 1));
	if (*p == '?')
		return *t && naive(p + 1, t + 1);
	if (*p == '\\' && p[1])
		p++;
	return *p == *t && naive(p + 1, t + 1);
}

Test(match, random_globs_agree_with_a_naive_matcher)
{
	uint64_t x = 88172645463325252u;
	int matches = 0;

	for (int i = 0; i < 200000; i++) {
		char pattern[8], text[8];

		for (size_t k = 0; k < 7; k++) {
			x ^= x << 13; x ^= x >> 7; x ^= x << 17;
			pattern[k] = "ab*?\\*a"[x % 7];
			text[k] = "ab*\\abb"[x / 7 % 7];
		}
		pattern[x / 49 % 8] = text[x / 392 % 8] = '\0';
		pattern[7] = text[7] = '\0';
		cr_assert_eq(glob(pattern, text), naive(pattern, text), "'%s' '%s'", pattern, text);
		matches += glob(pattern, text);
	}
	cr_assert_gt(matches, 1000);
}

Test(match, many_stars_do_not_stall)
{
	static char text[100001];
	char pattern[128];

	memset(text, 'a', sizeof(text) - 1);
	for (size_t i = 0; i < 120; i += 2)
		memcpy(pattern + i, "*a", 2);
	memcpy(pattern + 120, "*b", 3);
	cr_assert_not(glob(pattern, text));
}
