/* runs: one text for one row, and back. */
#include <criterion/criterion.h>

#include "engine/base/runs.h"

static char room[64 * RUN_BYTES];

static struct str told(const char *row)
{
	struct runs r = { .text = room };

	for (; *row; row++)
		runs_add(&r, *row, 1);
	return runs_end(&r);
}

Test(runs, equal_letters_are_one_run)
{
	static const char *const rows[][2] = {
		{ "", "" }, { "f", "f" }, { "ff", "f2" }, { "ft", "ft" },
		{ "fffffffffft", "f10t" }, { "tffe", "tf2e" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		cr_expect(str_is(told(rows[i][0]), rows[i][1]), "%s", rows[i][0]);
}

Test(runs, what_is_added_at_once_is_what_is_added_singly)
{
	struct runs r = { .text = room };

	runs_add(&r, 'f', 0);
	runs_add(&r, 'f', 7);
	runs_add(&r, 't', 0);
	runs_add(&r, 'f', 5);
	runs_add(&r, 'e', UINT32_MAX);
	cr_expect(str_is(runs_end(&r), "f12e4294967295"));
}

Test(runs, are_read_as_they_were_written)
{
	struct str rest = STR("f12et3");
	uint32_t count, total;
	char letter;

	cr_assert(runs_read(rest, "tfe", &total) && total == 16);
	cr_assert(runs_next(&rest, &letter, &count) && letter == 'f' && count == 12);
	cr_assert(runs_next(&rest, &letter, &count) && letter == 'e' && count == 1);
	cr_assert(runs_next(&rest, &letter, &count) && letter == 't' && count == 3);
	cr_assert(!runs_next(&rest, &letter, &count) && rest.len == 0);
	cr_assert(runs_read(STR(""), "tfe", &total) && total == 0);
	cr_assert(runs_read(STR("f4294967295"), "tfe", &total) && total == UINT32_MAX);
}

/* For one row there is one text. */
Test(runs, no_other_text_is_read)
{
	static const char *const wrong[] = {
		"ff", "f1", "f0", "f02", "2f", "f 2", "F2", "fx", "f-2", "f4294967296",
		"f4294967295t", "f99999999999999999999", "f2f3",
	};
	uint32_t total;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_not(runs_read(str_view(wrong[i]), "tfe", &total), "%s", wrong[i]);
	cr_expect_not(runs_read(str_slice("f\0", 2), "tfe", &total));
}
