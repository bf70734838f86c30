/* json_hull: a list in its hull, opened; anything else, untouched. */
#include "engine/base/json_hull.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"

static struct json_hull h;
static struct buf out;

static void setup(void)
{
	json_hull_init(&h, STR("entries"), 1000);
	buf_init(&out, 1u << 20);
}

static void teardown(void)
{
	buf_fini(&out);
	json_hull_fini(&h);
}

TestSuite(json_hull, .init = setup, .fini = teardown);

/* Feed `text` in portions of `portion` bytes; what comes out is in `out`. */
static enum err feed(const char *text, size_t portion)
{
	struct str left = str_view(text), piece;

	teardown();
	setup();
	while (left.len > 0) {
		size_t len = left.len < portion ? left.len : portion;
		struct str bytes = str_slice(left.ptr, len);

		left = str_slice(left.ptr + len, left.len - len);
		do {
			TRY(json_hull_next(&h, &bytes, &piece));
			buf_add(&out, piece);
		} while (piece.ptr);
	}
	buf_add(&out, json_hull_end(&h));
	return OK;
}

static void expect(const char *text, const char *list, const char *hull)
{
	for (size_t portion = 1; portion <= 40; portion++) {
		cr_assert_eq(feed(text, portion), OK);
		cr_assert(str_is(buf_view(&out), list), "%s by %zu: %.*s", text, portion,
			  STR_ARG(buf_view(&out)));
		cr_assert(!hull || str_is(buf_view(&h.text), hull), "%s by %zu: %.*s", text,
			  portion, STR_ARG(buf_view(&h.text)));
		cr_assert_eq(h.place == HULL_CLOSED, hull != NULL);
	}
}

Test(json_hull, the_list_comes_out_and_the_rest_stays)
{
	expect("{\"entries\":[1,[2],{\"a\":3}],\"b\":4}", "[1,[2],{\"a\":3}]",
	       "{\"entries\":[],\"b\":4}");
	expect(" {\"a\" : {\"entries\":[0]},\n \"entries\" : [ \"]\\\"]\" ] }\n", "[ \"]\\\"]\" ]",
	       " {\"a\" : {\"entries\":[0]},\n \"entries\" : [] }");
	expect("{\"x\":\"entries\",\"entries\":[]}", "[]", "{\"x\":\"entries\",\"entries\":[]}");
	expect("{\"a\\\\\":\"\\\"\",\"entries\":[1]}", "[1]",
	       "{\"a\\\\\":\"\\\"\",\"entries\":[]}");
}

Test(json_hull, what_is_no_hull_comes_out_as_it_went_in)
{
	static const char *const texts[] = {
		"", " ", "[1,2]", "{\"a\":1}\n{\"entries\":[1]}", "{\"entries\":5}", "1", "x{",
		"{\"entries\" \"a\":[1]}", "{\"Entries\":[1]}", "{\"a\":{\"entries\":[1]}}",
		"{\"x\":\"entries\",\"y\":[1]}", "{\"entries\"::[1]}", "{", "{\"entries\":", "{}",
		"[{\"entries\":[1]}]", "{\"\\u0065ntries\":[1]}", "{\"entries\":{\"a\":[1]}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect(texts[i], texts[i], NULL);
}

Test(json_hull, what_breaks_off_is_left_to_those_who_judge)
{
	cr_assert_eq(feed("{\"entries\":[1,", 100), OK);
	cr_assert(str_is(buf_view(&out), "[1,") && h.place == HULL_LIST);
	cr_assert_eq(feed("{\"entries\":[1},", 100), OK);
	cr_assert(str_is(buf_view(&out), "[1}") && h.place == HULL_BEHIND);
	cr_assert_eq(feed("{\"entries\":[1]", 100), OK);
	cr_assert(str_is(buf_view(&h.text), "{\"entries\":[]") && h.place == HULL_BEHIND);
}

Test(json_hull, says_what_follows_and_where_the_list_was)
{
	cr_assert_eq(feed("{\n\"entries\":\n[1,\n2\n],\n\"a\":1}\n ", 3), OK);
	cr_assert(h.list_line == 3 && h.list_lines == 2 && !h.more);
	cr_assert_eq(feed("{\"entries\":[]} {", 3), OK);
	cr_assert(h.more);
}

Test(json_hull, the_hull_has_a_limit_and_the_list_has_none)
{
	static char text[9000];

	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, "{\"entries\":[", 12);
	memcpy(text + sizeof(text) - 3, "]}", 2);
	cr_assert_eq(feed(text, 7), OK);
	cr_assert_eq(out.len, sizeof(text) - 1 - 11 - 1);
	text[1] = ' ';
	cr_assert_eq(feed(text, 7), ERR_LIMIT);
}

Test(json_hull, reports_every_failing_allocation)
{
	bool hit = true;

	for (uint64_t n = 1; hit; n++) {
		struct str bytes = STR("{\"entries\":[1]}"), piece;
		enum err e;

		teardown();
		setup();
		fail_alloc_at(n);
		do
			e = json_hull_next(&h, &bytes, &piece);
		while (e == OK && piece.ptr);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
	}
}
