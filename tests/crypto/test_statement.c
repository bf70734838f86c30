/* statement: every field behind its length, so that no two lists of fields have the same bytes. */
#include <criterion/criterion.h>

#include "engine/crypto/statement.h"

static struct buf b;

static void setup(void)
{
	buf_init(&b, 64);
}

static void teardown(void)
{
	buf_fini(&b);
}

TestSuite(statement, .init = setup, .fini = teardown);

Test(statement, fields_stand_behind_their_length)
{
	static const char expected[] = "\0\0\0\3abc\0\0\0\0\0\0\0\2\1\2";

	statement_text(&b, STR("abc"));
	statement_text(&b, STR_NONE);
	statement_bytes(&b, "\1\2", 2);
	cr_assert(str_eq(buf_view(&b), str_slice(expected, sizeof(expected) - 1)));
}

Test(statement, numbers_are_eight_bytes_the_most_significant_first)
{
	static const char expected[] = "\0\0\0\10\1\2\3\4\5\6\7\10";

	statement_number(&b, 0x0102030405060708u);
	cr_assert(str_eq(buf_view(&b), str_slice(expected, sizeof(expected) - 1)));
}
