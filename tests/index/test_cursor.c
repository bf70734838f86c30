/* cursor: one text for one place in one answer. */
#include "engine/index/inside.h"

#include <criterion/criterion.h>

Test(cursor, is_read_as_it_was_written)
{
	const struct cursor cases[] = {
		{ 0, 0, 0 }, { 17, 1767323045000000000, UINT64_C(0x0123456789abcdef) },
		{ UINT64_MAX, INT64_MIN, UINT64_MAX }, { 1, -1, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cursor got;
		struct buf b;

		buf_init(&b, CURSOR_BYTES);
		cursor_write(&b, &cases[i]);
		cr_assert_eq(b.err, OK);
		cr_assert_eq(cursor_read(buf_view(&b), &got, NULL), OK, "%.*s",
			     STR_ARG(buf_view(&b)));
		cr_assert_eq(memcmp(&got, &cases[i], sizeof(got)), 0);
		buf_fini(&b);
	}
}

Test(cursor, refuses_every_other_text)
{
	static const char *const texts[] = {
		"", "q1.", "q1.1.2", "q2.1.2.0123456789abcdef", "q1.1.2.0123456789abcde",
		"q1.1.2.0123456789ABCDEF", "q1.01.2.0123456789abcdef", "q1.1.-0.0123456789abcdef",
		"q1.1.02.0123456789abcdef", "q1.-1.2.0123456789abcdef", "q1.1.2.0123456789abcdef ",
		"q1.1.9223372036854775808.0123456789abcdef", "q1..2.0123456789abcdef",
		"q1.18446744073709551616.2.0123456789abcdef",
	};
	struct note n = { .line = 0 };
	struct cursor c;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_assert_eq(cursor_read(str_view(texts[i]), &c, &n), ERR_SYNTAX, "%s", texts[i]);
	cr_assert_not_null(strstr(n.text, "cursor"));
}

Test(cursor, is_bound_to_all_of_the_question)
{
	struct search_order order = { .filter = filter_any() };
	struct cursor c = { .at = 5, .newest_ns = 9 };
	uint64_t tags[16];
	size_t count = 0;

	tags[count++] = cursor_tag(&c, STR("o"), &order);
	tags[count++] = cursor_tag(&c, STR("p"), &order);
	order.filter.names[FILTER_AGENT] = STR("ann");
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter.names[FILTER_AGENT] = STR_NONE;
	order.filter.names[FILTER_TOOL] = STR("ann");
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter = filter_any();
	order.newest_first = true;
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.newest_first = false;
	order.filter.by_kind = true;
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter = filter_any();
	order.filter.by_effect = true;
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter = filter_any();
	order.filter.since_ns = 1;
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter = filter_any();
	order.filter.outcome = STR("ok");
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter = filter_any();
	order.filter.text = STR("ok");
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	order.filter = filter_any();
	c.at = 6;
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	c.at = 5;
	c.newest_ns = 8;
	tags[count++] = cursor_tag(&c, STR("o"), &order);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			cr_assert_neq(tags[i], tags[j], "%zu, %zu", i, j);
}
