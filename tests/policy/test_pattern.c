/* pattern: the cheap cases say what the glob would say. */
#include <criterion/criterion.h>

#include "engine/policy/inside.h"

static enum err make(struct str text, struct pattern *ret)
{
	const char *why = "nothing was said";
	enum err e = pattern_make(text, ret, &why);

	cr_assert_eq(e == OK, why == NULL, "%.*s: %s", STR_ARG(text), why ? why : "");
	return e;
}

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

			cr_assert_eq(make(glob, &p), OK);
			cr_expect_eq(pattern_match(&list, text), match_glob(glob, text), "%s, %s",
				     globs[i], texts[k]);
		}
	}
}

Test(pattern, tells_the_cheap_cases_apart)
{
	struct pattern p;

	cr_assert(make(STR("refund"), &p) == OK && p.kind == PATTERN_EXACT);
	cr_assert(make(STR("*"), &p) == OK && p.kind == PATTERN_ANY);
	cr_assert(make(STR("re*"), &p) == OK && p.kind == PATTERN_PREFIX);
	cr_assert(str_is(pattern_prefix(&p), "re"));
	cr_assert(make(STR("r?*"), &p) == OK && p.kind == PATTERN_GLOB);
	cr_assert(make(STR("re\\*"), &p) == OK && p.kind == PATTERN_GLOB);
	cr_assert(make(STR("*re*"), &p) == OK && p.kind == PATTERN_GLOB);
	cr_assert(make(STR("\\*"), &p) == OK && p.kind == PATTERN_GLOB);
}

Test(pattern, refuses_nothing_and_a_lone_backslash)
{
	struct pattern p;

	cr_assert_eq(make(STR(""), &p), ERR_SYNTAX);
	cr_assert_eq(make(STR("a\\"), &p), ERR_SYNTAX);
	cr_assert_eq(make(STR("a\\\\\\"), &p), ERR_SYNTAX);
	cr_assert_eq(make(STR("a\\\\"), &p), OK);
}

Test(pattern, refuses_what_other_globs_and_expressions_mean_something_by)
{
	static const char *const refused[] = {
		"[a-z]*", "{rm,mv}", "rm|mv", "rm,mv", "^rm", "Bash(rm:*)", "!rm", "rm ", " rm",
		"rm\\d", "rm\\w+", "rm\n", "\x7F", "rm\\\n"
	};
	static const char *const taken[] = { "a b",     "rm!",   "$search", "a.b:c/d@e-f_g+h#i%j~k",
					     "\\[a\\]", "\\!rm", "rm\\ ",   "r\xC3\xA9" };
	struct pattern p;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		cr_expect_eq(make(str_view(refused[i]), &p), ERR_SYNTAX, "%s", refused[i]);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		cr_expect_eq(make(str_view(taken[i]), &p), OK, "%s", taken[i]);
	cr_assert_eq(make(str_slice("r\0m", 3), &p), ERR_SYNTAX);
}

Test(pattern, any_of_a_list_is_enough_and_none_of_nothing)
{
	struct pattern items[2];
	struct patterns list = { items, 2 }, empty = { items, 0 };

	cr_assert_eq(make(STR("get_*"), &items[0]), OK);
	cr_assert_eq(make(STR("put"), &items[1]), OK);
	cr_assert(pattern_match(&list, STR("put")) && pattern_match(&list, STR("get_x")));
	cr_assert_not(pattern_match(&list, STR("puts")));
	cr_assert_not(pattern_match(&empty, STR("put")));
}
