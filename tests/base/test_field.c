#include "engine/base/field.h"

#include <criterion/criterion.h>

Test(field, a_name_is_put_and_read_again)
{
	char field[LIMIT_NAME_BYTES], longest[LIMIT_NAME_BYTES];

	memset(field, 'x', sizeof(field));
	cr_assert(field_put(field, STR("ann")));
	cr_assert(str_is(field_text(field), "ann"));
	for (size_t i = 3; i < sizeof(field); i++)
		cr_assert_eq(field[i], '\0');
	memset(longest, 'y', sizeof(longest));
	cr_assert(field_put(field, str_slice(longest, sizeof(longest))));
	cr_assert(str_eq(field_text(field), str_slice(longest, sizeof(longest))));
}

Test(field, what_is_no_name_changes_nothing)
{
	char field[LIMIT_NAME_BYTES], longer[LIMIT_NAME_BYTES + 1];

	memset(longer, 'y', sizeof(longer));
	cr_assert(field_put(field, STR("ann")));
	cr_assert(!field_put(field, STR("")));
	cr_assert(!field_put(field, STR_NONE));
	cr_assert(!field_put(field, str_slice(longer, sizeof(longer))));
	cr_assert(!field_put(field, str_slice("bob\0", 4)), "it would be bob's field");
	cr_assert(!field_put(field, str_slice("b\0b", 3)));
	cr_assert(str_is(field_text(field), "ann"));
}
