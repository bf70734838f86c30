/* pattern: the cheap cases say what the glob would say. */
#include <criterion/criterion.h>

#include "engine/policy/inside.h"

Test(pattern, agrees_with_the_glob)
{
	static const char *const globs[] = { "a",   "*",    "a*", "*a",	 "?",	"a?c",
					     "\\*", "a\\?", "**", "abc", "\\\\" };
	static const char *const texts[] = { "",   "a", "b",  "abc", "ac", "*",
					     "a?", "?", "\\", "ca",  "aa" };

	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			struct str glob = str_view(globs[i]), text = str_view(texts[k]);
			struct pattern p;
			struct patterns list = { &p, 1 };

			cr_assert_eq(pattern_make(glob, &p), OK);
			cr_expect_eq(pattern_match(&list, text), match_glob(glob, text), "%s, %s",
				     globs[i], texts[k]);
		}
	}
}

Test(pattern, tells_the_cheap_cases_apart)
{
	struct pattern p;

	cr_assert(pattern_make(STR("refund"), &p) == OK && p.kind == PATTERN_EXACT);
	cr_assert(pattern_make(STR("*"), &p) == OK && p.kind == PATTERN_ANY);
	cr_assert(pattern_make(STR("re*"), &p) == OK && p.kind == PATTERN_GLOB);
	cr_assert(pattern_make(STR("\\*"), &p) == OK && p.kind == PATTERN_GLOB);
}

Test(pattern, refuses_nothing_and_a_lone_backslash)
{
	struct pattern p;

	cr_assert_eq(pattern_make(STR(""), &p), ERR_SYNTAX);
	cr_assert_eq(pattern_make(STR("a\\"), &p), ERR_SYNTAX);
	cr_assert_eq(pattern_make(STR("a\\\\\\"), &p), ERR_SYNTAX);
	cr_assert_eq(pattern_make(STR("a\\\\"), &p), OK);
}

Test(pattern, any_of_a_list_is_enough_and_none_of_nothing)
{
	struct pattern items[2];
	struct patterns list = { items, 2 }, empty = { items, 0 };

	cr_assert_eq(pattern_make(STR("get_*"), &items[0]), OK);
	cr_assert_eq(pattern_make(STR("put"), &items[1]), OK);
	cr_assert(pattern_match(&list, STR("put")) && pattern_match(&list, STR("get_x")));
	cr_assert_not(pattern_match(&list, STR("puts")));
	cr_assert_not(pattern_match(&empty, STR("put")));
}
