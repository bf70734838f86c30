/* mask_scan: one text, from one secret to the next. */
#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(true);
}

TestSuite(mask_scan, .init = setup, .fini = masked_fini);

Test(mask_scan, finds_one_secret_after_the_other)
{
	struct str text = STR("password=hunter2 4111111111111111 ann@example.org");
	struct span s;

	cr_assert(scan_next(masked_mask(), text, 0, UINT32_MAX, &s));
	cr_expect(s.begin == 9 && s.end == 16 && str_is(s.kind, "password"));
	cr_assert(scan_next(masked_mask(), text, s.end, UINT32_MAX, &s));
	cr_expect(s.begin == 17 && s.end == 33 && str_is(s.kind, "card"));
	cr_assert(scan_next(masked_mask(), text, s.end, UINT32_MAX, &s));
	cr_expect(s.begin == 34 && s.end == text.len && str_is(s.kind, "email"));
	cr_expect_not(scan_next(masked_mask(), text, s.end, UINT32_MAX, &s));
}

Test(mask_scan, looks_only_for_what_it_is_asked_for)
{
	struct str text = STR("password=hunter2 4111111111111111");
	struct span s;

	cr_assert(scan_next(masked_mask(), text, 0, SEE_SHAPES, &s));
	cr_expect(str_is(s.kind, "card"));
	cr_expect_not(scan_next(masked_mask(), text, 0, SEE(SEE_PEM), &s));
}

Test(mask_scan, takes_any_bytes_of_any_length)
{
	static const char bytes[] = "\0\xff=:\x80--a@[m";
	struct span s;

	for (size_t from = 0; from <= sizeof(bytes); from++)
		for (size_t to = from; to <= sizeof(bytes); to++)
			cr_expect_not(scan_next(masked_mask(), str_slice(bytes + from, to - from),
						0, UINT32_MAX, &s));
	cr_expect_not(scan_next(masked_mask(), STR_NONE, 0, UINT32_MAX, &s));
}

Test(mask_scan, an_edge_is_where_no_word_goes_on)
{
	cr_expect(scan_edge(STR("x"), 0));
	cr_expect(scan_edge(STR(" x"), 1));
	cr_expect(scan_edge(STR("_x"), 1));
	cr_expect(scan_edge(STR("\\nx"), 2));
	cr_expect(scan_edge(STR("%0Ax"), 3));
	cr_expect(scan_edge(STR("\\u000ax"), 6));
	cr_expect_not(scan_edge(STR("nx"), 1));
	cr_expect_not(scan_edge(STR("0Ax"), 2));
	cr_expect_not(scan_edge(STR("u000ax"), 5));
}
