/* compat_word: the edges of the tables, as CPython 3.11 says. */
#include <criterion/criterion.h>

#include "engine/policy/compat_parts.h"

Test(compat_word, words_are_letters_digits_and_the_underscore_of_any_script)
{
	static const uint32_t words[] = { '0', 'z', 'A', '_', 0xAA, 0xB2, 0xB5, 0xC0, 0x3B1,
					  0x661, 0x4E00, 0x1D7FF, 0x2B738 };
	static const uint32_t others[] = { ' ', '-', '.', 0x60, 0x7B, 0xA0, 0xA9, 0xAB, 0xD7, 0xF7,
					   0x2028, 0x300, 0x1F600, 0x10FFFF };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		cr_expect(compat_word_is(words[i]), "U+%04X", words[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		cr_expect_not(compat_word_is(others[i]), "U+%04X", others[i]);
}

Test(compat_word, digits_have_their_value)
{
	cr_expect_eq(compat_word_digit('7'), 7);
	cr_expect_eq(compat_word_digit(0x0663), 3);
	cr_expect_eq(compat_word_digit(0x1D7FF), 9);
	cr_expect_eq(compat_word_digit(0x00B2), -1, "superscript two is a word and no digit");
	cr_expect_eq(compat_word_digit('a'), -1);
}

Test(compat_word, strip_takes_every_blank_of_both_ends)
{
	struct str s = compat_word_strip(STR("\xc2\xa0\t\x1c a b\xe3\x80\x80\n"));

	cr_expect(str_is(s, "a b"), "'%.*s'", STR_ARG(s));
	cr_expect_eq(compat_word_strip(STR(" \n")).len, 0);
	cr_expect_eq(compat_word_strip(STR_NONE).len, 0);
	cr_expect_not(compat_word_space(0x200B), "no width, and no blank");
}

Test(compat_word, a_path_ends_before_a_dot_that_leads_nowhere)
{
	cr_expect_eq(compat_word_path(STR("a.b.c == 1")), 5);
	cr_expect_eq(compat_word_path(STR("a..b")), 1);
	cr_expect_eq(compat_word_path(STR("a.")), 1);
	cr_expect_eq(compat_word_path(STR(".a")), 0);
	cr_expect_eq(compat_word_path(STR("na\xc3\xafve-x")), 6);
}
