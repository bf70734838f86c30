/* mask_beside: names that stand beside their values. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_beside, .init = setup, .fini = masked_fini);

static struct value tree(const char *json)
{
	struct value v;

	cr_assert_eq(json_read(str_view(json), 1, masked_arena(), &v, NULL), OK);
	return v;
}

/* Of the second of three items, behind `before`. */
static bool says(const char *before)
{
	struct value v = tree("[1,\"x\",2]");

	return beside_item(masked_mask(), &v.list, 1, str_view(before)).ptr != NULL;
}

Test(mask_beside, only_a_whole_option_says_what_follows)
{
	cr_expect(says("--password") && says("-token") && says("--db.api-key"));
	cr_expect_not(says("--password=x"));
	cr_expect_not(says("--my password"));
	cr_expect_not(says("-"));
	cr_expect_not(says("--host"));
	cr_expect_not(says("password"));
	cr_expect_not(
		says("--0123456789012345678901234567890123456789012345678901234567-password"));
}

Test(mask_beside, what_was_no_text_says_nothing)
{
	struct value v = tree("[1,\"x\"]");

	cr_expect_null(beside_item(masked_mask(), &v.list, 1, STR_NONE).ptr);
	cr_expect_not(beside_is_login(STR_NONE));
}

Test(mask_beside, two_texts_are_a_pair)
{
	struct value two = tree("[\"Cookie\",\"x\"]"), number = tree("[\"token\",53]");
	const char *prose = "I have looked at all of the places there are and lost my new password";

	cr_expect(str_is(beside_item(masked_mask(), &two.list, 1, STR("Cookie")), "cookie"));
	cr_expect_null(beside_item(masked_mask(), &two.list, 1, STR("Host")).ptr);
	cr_expect_null(beside_item(masked_mask(), &two.list, 1, str_view(prose)).ptr);
	cr_expect_null(beside_item(masked_mask(), &number.list, 1, STR("token")).ptr);
}

Test(mask_beside, a_member_tells_the_name_of_another)
{
	struct value secret = tree("{\"value\":1,\"KEY\":\"a\",\"Name\":\"db_password\"}");
	struct value none = tree("{\"names\":\"password\",\"name\":[\"password\"]}");

	cr_expect(str_is(beside_members(masked_mask(), &secret.object), "password"));
	cr_expect_null(beside_members(masked_mask(), &none.object).ptr);
	cr_expect(beside_is_value(STR("Value")) && beside_is_value(STR("val")));
	cr_expect_not(beside_is_value(STR("values")) || beside_is_value(STR("va")));
}
