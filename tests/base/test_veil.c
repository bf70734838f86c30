#include "engine/base/veil.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"

static struct arena a;
static struct value doc;

static void setup(void)
{
	arena_init(&a, 1u << 20);
	cr_assert_eq(json_read(STR("{\"a\":null,\"b\":[1,{\"c\":null}],\"d\":null}"), 1, &a, &doc,
			       NULL), OK);
}

static void teardown(void)
{
	arena_fini(&a);
}

TestSuite(veil, .init = setup, .fini = teardown);

Test(veil, covers_a_leaf_and_all_that_it_is_in)
{
	const uint32_t columns[] = { 23 };
	const struct veil v = { columns, 1 };

	cr_assert_eq(value_get_c(&value_get_c(&doc, "b")->list.items[1], "c")->column, 23);
	cr_assert(veil_covers(&v, &doc));
	cr_assert(veil_covers(&v, value_get_c(&doc, "b")));
	cr_assert(!veil_covers(&v, value_get_c(&doc, "a")));
	cr_assert(!veil_covers(&v, value_get_c(&doc, "d")));
	cr_assert(!veil_covers(&v, &value_get_c(&doc, "b")->list.items[0]));
}

Test(veil, finds_each_of_many_columns)
{
	const uint32_t columns[] = { 6, 23, 34 };

	for (size_t count = 0; count <= 3; count++) {
		const struct veil v = { columns, count };

		cr_assert_eq(veil_covers(&v, value_get_c(&doc, "a")), count > 0);
		cr_assert_eq(veil_covers(&v, value_get_c(&doc, "b")), count > 1);
		cr_assert_eq(veil_covers(&v, value_get_c(&doc, "d")), count > 2);
	}
}

Test(veil, nothing_is_covered_by_none)
{
	const struct veil none = { NULL, 0 };

	cr_assert(!veil_covers(NULL, &doc) && !veil_covers(&none, &doc));
	cr_assert(!veil_covers(&none, NULL));
}
