/* csv: cells as RFC 4180 wants them, and none of them a formula. */
#include "engine/base/csv.h"

#include <criterion/criterion.h>

static void expect(struct str text, const char *cell)
{
	struct buf b;

	buf_init(&b, 256);
	csv_cell(&b, text);
	cr_assert_eq(b.err, OK);
	cr_assert(str_is(buf_view(&b), cell), "%.*s, not %s", STR_ARG(buf_view(&b)), cell);
	buf_fini(&b);
}

Test(csv, quotes_what_would_end_a_cell)
{
	expect(STR(""), "");
	expect(STR_NONE, "");
	expect(STR("plain text"), "plain text");
	expect(STR("a,b"), "\"a,b\"");
	expect(STR("say \"no\""), "\"say \"\"no\"\"\"");
	expect(STR("two\nlines"), "\"two\nlines\"");
	expect(STR(" blank"), "\" blank\"");
}

Test(csv, puts_an_apostrophe_before_what_would_run)
{
	expect(STR("=1+1"), "'=1+1");
	expect(STR("+1"), "'+1");
	expect(STR("-1"), "'-1");
	expect(STR("@sum(1)"), "'@sum(1)");
	expect(STR("\t=1"), "\"'\t=1\"");
	expect(STR("\r=1"), "\"'\r=1\"");
	expect(STR("\xef\xbc\x9d" "1"), "'\xef\xbc\x9d" "1");
	expect(STR("a=1"), "a=1");
}

Test(csv, lets_what_is_in_front_be_taken_away_again)
{
	expect(STR("'=1"), "''=1");
	expect(STR("'it"), "'it");
	expect(STR("'"), "'");
}
