#include "engine/audit/inside.h"

#include <criterion/criterion.h>

static struct buf b;

static void setup(void)
{
	buf_init(&b, 1u << 20);
}

static void teardown(void)
{
	buf_fini(&b);
}

TestSuite(entry_bundle, .init = setup, .fini = teardown);

Test(entry_bundle, it_lies_beside_the_tiles_of_level_0)
{
	char name[LOG_NAME_BYTES];

	entry_bundle_name(1234067, TILE_WIDTH, name);
	cr_assert_str_eq(name, "tile/entries/x001/x234/067");
	entry_bundle_name(0, 17, name);
	cr_assert_str_eq(name, "tile/entries/000.p/17");
}

Test(entry_bundle, an_entry_stands_behind_its_length)
{
	static char longest[LIMIT_ENTRY_BYTES];
	struct str rest, line;

	memset(longest, 'x', sizeof(longest));
	entry_bundle_add(&b, STR("ab"));
	entry_bundle_add(&b, STR(""));
	entry_bundle_add(&b, str_slice(longest, sizeof(longest)));
	cr_assert_eq(b.len, 4 + 2 + 2 + sizeof(longest));
	cr_assert_arr_eq(b.ptr, "\0\2ab\0\0\xff\xff", 8);
	rest = buf_view(&b);
	cr_assert_eq(entry_bundle_next(&rest, &line), OK);
	cr_assert(str_is(line, "ab"));
	cr_assert_eq(entry_bundle_next(&rest, &line), OK);
	cr_assert_eq(line.len, 0);
	cr_assert_eq(entry_bundle_next(&rest, &line), OK);
	cr_assert(str_eq(line, str_slice(longest, sizeof(longest))));
	cr_assert_eq(entry_bundle_next(&rest, &line), ERR_TRUNCATED);
}

Test(entry_bundle, a_cut_entry_is_none)
{
	entry_bundle_add(&b, STR("abc"));
	for (size_t len = 0; len < b.len; len++) {
		struct str rest = str_slice(b.ptr, len), line;

		cr_assert_eq(entry_bundle_next(&rest, &line), ERR_TRUNCATED);
		cr_assert_eq(rest.len, len);
	}
}
