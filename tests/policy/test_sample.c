/* sample: what comes out matches, for the patterns that policies hold. */
#include <criterion/criterion.h>

#include "engine/policy/solve.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(sample, .init = start, .fini = stop);

static bool finds(const char *pattern)
{
	struct matcher m = { .text = str_view(pattern) };
	struct str text = STR_NONE;

	cr_assert_eq(regex_compile(m.text, &memory, &m.regex, NULL), OK, "%s", pattern);
	for (unsigned seed = 0; !text.ptr && seed < SAMPLE_SEEDS; seed++)
		cr_assert_eq(sample_regex(&m, seed, &memory, &text), OK);
	return text.ptr && regex_match(m.regex, text);
}

Test(sample, finds_texts_for_the_patterns_of_policies)
{
	static const char *const patterns[] = {
		"^rm .*$",		  "^[a-z]+$",		"^\\d{4}-\\d\\d-\\d\\d$",
		"(?i)drop table",	  "^(EUR|USD|GBP)$",	"[^a-z]x",
		"\\bsudo\\b",		  "^/etc/(passwd|shadow)", "^(ab){3}c?$",
		"(?:a|b(c|d))+e",	  "[[:digit:]]?",	"^[A-Z]{2}[0-9]{6,8}$",
		"@(example\\.org|corp\\.example)$", "^$",
		"(?i)(?:^|/)(?:id_(?:rsa|dsa)|secrets?)(?:[^a-z0-9]|$)",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		cr_expect(finds(patterns[i]), "%s", patterns[i]);
}

Test(sample, what_cannot_be_matched_is_not_made_up)
{
	cr_expect_not(finds("a^b"));
	cr_expect_not(finds("[^\\x00-\\x{10FFFF}]"));
}

Test(sample, globs_match_their_samples)
{
	static const char *const globs[] = { "get_*", "*_order", "a?c", "a\\*b", "*" };

	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		struct patterns list;
		struct pattern p;
		const char *why;
		struct str text;

		cr_assert_eq(pattern_make(str_view(globs[i]), &p, &why), OK);
		cr_assert_eq(sample_glob(&p, &memory, &text), OK);
		list = (struct patterns){ &p, 1 };
		cr_expect(pattern_match(&list, text), "%s", globs[i]);
	}
}
