/* err: the list, notes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <string.h>

#include "engine/base/str.h"

Test(err, every_code_has_a_name_a_sentence_and_two_statuses)
{
	for (int e = OK; e < ERR_COUNT; e++) {
		cr_assert(e == OK || strncmp(err_name(e), "ERR_", 4) == 0);
		cr_assert_gt(strlen(err_text(e)), 6);
		cr_assert(err_exit(e) >= (e == OK ? 0 : 1) && err_exit(e) <= 7);
		cr_assert(err_http(e) >= 200 && err_http(e) < 600);
	}
	cr_assert_str_eq(err_name(OK), "OK");
	cr_assert_eq(err_exit(OK), 0);
	cr_assert_eq(err_exit(ERR_DENIED), 1);
	cr_assert_eq(err_exit(ERR_TAMPERED), 4);
	cr_assert_eq(err_http(ERR_DENIED), 403);
}

Test(err, a_code_that_is_not_in_the_list_is_an_own_mistake, .signal = SIGABRT)
{
	(void)err_text((enum err)ERR_COUNT);
}

Test(err, a_note_holds_the_place_and_the_story)
{
	struct note n = { 0 };

	cr_assert_eq(note_set(&n, ERR_TYPE, 3, 7, "found %s", "a list"), ERR_TYPE);
	cr_assert_eq(n.line, 3);
	cr_assert_eq(n.column, 7);
	cr_assert_str_eq(n.text, "found a list");
	cr_assert_str_eq(n.file, "");
}

Test(err, without_a_note_the_story_is_dropped)
{
	cr_assert_eq(note_set(NULL, ERR_RANGE, 1, 1, "x"), ERR_RANGE);
	note_file(NULL, "x");
}

Test(err, a_note_can_be_told_again_in_its_own_words)
{
	struct note n = { 0 };

	(void)note_set(&n, ERR_TYPE, 1, 2, "inner");
	(void)note_set(&n, ERR_TYPE, n.line, n.column, "rule 4: %s", n.text);
	cr_assert_str_eq(n.text, "rule 4: inner");
}

Test(err, the_first_file_name_stays)
{
	struct note n = { 0 };

	note_file(&n, "a.yaml");
	note_file(&n, "b.yaml");
	cr_assert_str_eq(n.file, "a.yaml");
}

Test(err, text_that_does_not_fit_is_cut_between_characters)
{
	/* U+20AC takes three bytes; shift the text so that the cut falls on each of them. */
	for (size_t shift = 0; shift < 3; shift++) {
		char text[3 * NOTE_TEXT_BYTES + 1];
		struct note n = { 0 };
		size_t len = shift;

		memset(text, 'x', shift);
		for (; len + 3 < sizeof(text); len += 3)
			memcpy(text + len, "\xE2\x82\xAC", 3);
		text[len] = '\0';
		(void)note_set(&n, ERR_TYPE, 1, 1, "%s", text);
		note_file(&n, text);
		cr_assert_eq(strlen(n.text), shift + (NOTE_TEXT_BYTES - 1 - shift) / 3 * 3);
		cr_assert_eq(strlen(n.file), shift + (NOTE_FILE_BYTES - 1 - shift) / 3 * 3);
		cr_assert(str_utf8_ok(str_view(n.text)));
		cr_assert(str_utf8_ok(str_view(n.file)));
		cr_assert_eq(strncmp(n.text, text, strlen(n.text)), 0);
	}
}

Test(err, hostile_bytes_do_not_reach_the_terminal)
{
	struct note n = { 0 };

	(void)note_set(&n, ERR_TYPE, 1, 1, "a\x1B[31mb\nc\x7F\xC2\x9B" "d\xFF\xC3\xA9");
	cr_assert_str_eq(n.text, "a?[31mb?c???d?\xC3\xA9");
}
