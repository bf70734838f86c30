/* fields: what is a path, what lies below it, and which paths can mean the same value. */
#include "engine/space/inside.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"

static struct space_field field(const char *text)
{
	struct space_field f;

	cr_assert_eq(space_field_read(str_view(text), &f, NULL), OK, "%s", text);
	return f;
}

static bool meet(const char *a, const char *b)
{
	struct space_field f = field(a), g = field(b);

	return space_fields_meet(&f, &g);
}

Test(fields, what_is_no_path_below_a_body_is_refused)
{
	static const char *const wrong[] = { "", "mail", "args.", ".args", "args..mail",
					     "agent.id" };
	struct space_field f;
	struct note n = { .text = "" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_eq(space_field_read(str_view(wrong[i]), &f, &n), ERR_SYNTAX, "%s",
			     wrong[i]);
	cr_expect_str_eq(n.text, "'agent.id' is no field; expected a path like "
				 "args.customer.email, or result");
	cr_expect_eq(field("args.a.b").count, 2);
}

Test(fields, paths_meet_when_one_goes_on_where_the_other_ends)
{
	cr_expect(meet("args", "args.a.b") && meet("args.a.b", "args.a") && meet("args", "args"));
	cr_expect(!meet("args", "result") && !meet("args.a", "args.b"));
}

/* Columns count from 1. */
Test(fields, leaves_are_found_in_lists_and_told_by_the_veil)
{
	const uint32_t under[] = { 12 };
	const struct veil veil = { under, 1 };
	const uint32_t *columns;
	struct space_field f = field("args.a.b");
	struct value tree;
	struct arena a;
	struct buf b;

	arena_init(&a, 1u << 20);
	buf_init(&b, 256);
	cr_assert_eq(json_read(STR("{\"a\":[{\"b\":null},{\"b\":[2]},{\"c\":3}]}"), 1, &a, &tree,
			       NULL), OK);
	space_field_leaves(&f, &(struct veil){ NULL, 0 }, false, &tree, &b);
	cr_assert_eq(b.len, 2 * sizeof(*columns));
	columns = (const uint32_t *)(const void *)b.ptr;
	cr_assert(columns[0] == 12 && columns[1] == 24, "%d %d", (int)columns[0],
		  (int)columns[1]);
	buf_clear(&b);
	space_field_leaves(&f, &veil, true, &tree, &b);
	cr_assert_eq(b.len, sizeof(*columns));
	cr_assert_eq(*(const uint32_t *)(const void *)b.ptr, 12);
	buf_fini(&b);
	arena_fini(&a);
}
