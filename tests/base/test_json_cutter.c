/* json_cutter: elements, whatever the portions; lines; ends; caps; memory. */
#include "engine/base/json_cutter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define CAP ((size_t)1 << 16)

/* Everything that came of a stream, as one text: "line:element;" and, last, an error's name. */
static void drain(struct json_cutter *c, struct buf *story, enum err *e, struct note *n)
{
	struct str element;
	uint32_t line;

	while (*e == OK) {
		*e = json_cutter_next(c, &element, &line, n);
		if (*e != OK)
			buf_add_c(story, err_name(*e));
		else if (!element.ptr)
			return;
		else
			buf_addf(story, "%u:%.*s;", line, STR_ARG(element));
	}
}

static bool cut(struct str text, size_t portion, struct buf *story, struct note *n)
{
	struct json_cutter c;
	enum err e = OK;
	bool is_list;

	json_cutter_init(&c, CAP);
	buf_clear(story);
	for (size_t at = 0; at < text.len && e == OK; at += portion) {
		size_t len = text.len - at < portion ? text.len - at : portion;

		cr_assert_eq(json_cutter_feed(&c, str_slice(text.ptr + at, len)), OK);
		drain(&c, story, &e, n);
	}
	if (e == OK) {
		json_cutter_end(&c);
		drain(&c, story, &e, n);
	}
	if (e != OK) {
		struct str element = STR("untouched");
		uint32_t line = 42;

		cr_assert_eq(json_cutter_next(&c, &element, &line, NULL), e, "another error later");
		cr_assert(str_is(element, "untouched") && line == 42);
	}
	is_list = c.is_list;
	json_cutter_fini(&c);
	return is_list;
}

static void check(const char *text, bool is_list, const char *expected)
{
	struct note n = { .line = 0 };
	struct buf story;

	buf_init(&story, CAP);
	for (size_t portion = 1; portion <= strlen(text) + 1; portion++) {
		cr_assert_eq(cut(str_view(text), portion, &story, &n), is_list, "%s", text);
		cr_assert(str_is(buf_view(&story), expected), "%s in portions of %zu: %.*s", text,
			  portion, STR_ARG(buf_view(&story)));
	}
	buf_fini(&story);
}

Test(json_cutter, lines_are_cut)
{
	check("", false, "");
	check(" \n\n ", false, "");
	check("{\"a\":1}\n{\"a\":2}\n", false, "1:{\"a\":1};2:{\"a\":2};");
	check("{\"a\":1}\r\n\r\n{\"a\":2}", false, "1:{\"a\":1};3:{\"a\":2};");
	check("1\n\"x\"\ntrue -2.5e+3", false, "1:1;2:\"x\";3:true;3:-2.5e+3;");
	check("{}\n[1,2]\n[]", false, "1:{};2:[1,2];3:[];");
}

Test(json_cutter, one_document_over_many_lines_is_one_element)
{
	check("{\n \"a\": [1,\n2]\n}\n", false, "1:{\n \"a\": [1,\n2]\n};");
	check("\n\n{\n}\n7", false, "3:{\n};5:7;");
}

Test(json_cutter, a_list_is_cut_into_its_elements)
{
	check("[]", true, "");
	check(" [ ] \n", true, "");
	check("[1,\n{\"a\":[2]} ,\n\n\"x\",[3],null]\n", true,
	      "1:1;2:{\"a\":[2]};4:\"x\";4:[3];4:null;");
}

Test(json_cutter, strings_hide_brackets_and_quotes)
{
	check("{\"a\":\"}]\\\"{[\"}\n\"\\\\\"\n\"[\"", false,
	      "1:{\"a\":\"}]\\\"{[\"};2:\"\\\\\";3:\"[\";");
	check("[\"],[\",\"\\\\\\\"\",\"\xC3\xA9\"]", true,
	      "1:\"],[\";1:\"\\\\\\\"\";1:\"\xC3\xA9\";");
	check("{\"long enough for eight bytes at once\":\"as is \\u0041 this one\"}", false,
	      "1:{\"long enough for eight bytes at once\":\"as is \\u0041 this one\"};");
}

Test(json_cutter, what_is_inside_an_element_is_left_to_the_reader)
{
	check("{]\n{\"a\" 1}\nnope\n", false, "1:{];2:{\"a\" 1};3:nope;");
	check("[01,{1:2}]", true, "1:01;1:{1:2};");
}

Test(json_cutter, bad_separation_is_an_error)
{
	check("{}{}", false, "1:{};ERR_SYNTAX");
	check("1,2", false, "1:1;ERR_SYNTAX");
	check("1\"a\"", false, "1:1;ERR_SYNTAX");
	check("}", false, "ERR_SYNTAX");
	check(",1", false, "ERR_SYNTAX");
	check("[,1]", true, "ERR_SYNTAX");
	check("[1,]", true, "1:1;ERR_SYNTAX");
	check("[1,,2]", true, "1:1;ERR_SYNTAX");
	check("[1 2]", true, "1:1;ERR_SYNTAX");
	check("[1}", true, "1:1;ERR_SYNTAX");
	check("[1]]", true, "1:1;ERR_SYNTAX");
	check("[1]\n[2]", true, "1:1;ERR_SYNTAX");
}

Test(json_cutter, an_early_end_is_an_error)
{
	check("{\"a\":", false, "ERR_TRUNCATED");
	check("\"abc", false, "ERR_TRUNCATED");
	check("\"abc\\", false, "ERR_TRUNCATED");
	check("\"abc\\\"", false, "ERR_TRUNCATED");
	check("[", true, "ERR_TRUNCATED");
	check("[1", true, "1:1;ERR_TRUNCATED");
	check("[1,", true, "1:1;ERR_TRUNCATED");
	check("[[1]", true, "1:[1];ERR_TRUNCATED");
	check("[[1", true, "ERR_TRUNCATED");
}

Test(json_cutter, errors_name_line_and_column_whatever_the_portions)
{
	struct str text = STR("[{\"a\":\n1},\n  2 x]");
	struct note n = { .line = 0 };
	struct buf story;

	buf_init(&story, CAP);
	for (size_t portion = 1; portion <= text.len; portion++) {
		(void)cut(text, portion, &story, &n);
		cr_assert_eq(n.line, 3);
		cr_assert_eq(n.column, 5, "%u", n.column);
		cr_assert(n.text[0]);
	}
	buf_fini(&story);
}

Test(json_cutter, an_element_over_the_cap_is_an_error)
{
	static const char *const texts[] = {
		"\n{1,2}\n[3]", "\n\"abcde\"\n", "\n123456 7", "\n[[[[[[[",
	};
	struct str element;
	uint32_t line;

	for (size_t i = 0; i < 4; i++) {
		struct note n = { .line = 0 };
		struct json_cutter c;

		json_cutter_init(&c, 4);
		cr_assert_eq(json_cutter_feed(&c, str_view(texts[i])), OK);
		cr_assert_eq(json_cutter_next(&c, &element, &line, &n), ERR_LIMIT, "%s", texts[i]);
		cr_assert_eq(n.line, 2);
		cr_assert_eq(json_cutter_next(&c, &element, &line, &n), ERR_LIMIT, "%s", texts[i]);
		json_cutter_fini(&c);
	}
}

Test(json_cutter, an_element_of_exactly_the_cap_passes)
{
	struct json_cutter c;
	struct str element;
	uint32_t line;

	json_cutter_init(&c, 4);
	cr_assert_eq(json_cutter_feed(&c, STR("[12]\n\n1234\n\"ab\"")), OK);
	json_cutter_end(&c);
	cr_assert_eq(json_cutter_next(&c, &element, &line, NULL), OK);
	cr_assert(str_is(element, "12") && c.is_list);
	json_cutter_fini(&c);
	json_cutter_init(&c, 4);
	cr_assert_eq(json_cutter_feed(&c, STR("{12}\n\n1234\n\"ab\"")), OK);
	json_cutter_end(&c);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(json_cutter_next(&c, &element, &line, NULL), OK);
		cr_assert_eq(element.len, 4);
	}
	cr_assert_eq(json_cutter_next(&c, &element, &line, NULL), OK);
	cr_assert_null(element.ptr);
	json_cutter_fini(&c);
}

Test(json_cutter, a_long_stream_is_held_only_in_part)
{
	struct json_cutter c;
	struct str element;
	uint32_t line;
	unsigned count = 0;

	json_cutter_init(&c, 100);
	for (int i = 0; i < 20000; i++) {
		cr_assert_eq(json_cutter_feed(&c, STR("{\"name\":\"value\"}\n{\"na")), OK);
		cr_assert_eq(json_cutter_feed(&c, STR("me\":\"value\"}\n")), OK);
		while (json_cutter_next(&c, &element, &line, NULL) == OK && element.ptr)
			count++;
		cr_assert_leq(c.held.room, 256);
	}
	cr_assert_eq(count, 40000);
	cr_assert_eq(line, 40000);
	json_cutter_fini(&c);
}

Test(json_cutter, bytes_nobody_takes_out_are_bounded)
{
	struct json_cutter c;
	char *blanks = malloc(LIMIT_LINE_BYTES);
	enum err e;

	memset(blanks, ' ', LIMIT_LINE_BYTES);
	json_cutter_init(&c, 1);
	cr_assert_eq(json_cutter_feed(&c, str_slice(blanks, LIMIT_LINE_BYTES)), OK);
	e = json_cutter_feed(&c, str_slice(blanks, 2));
	cr_assert_eq(e, ERR_LIMIT);
	json_cutter_fini(&c);
	free(blanks);
}

Test(json_cutter, no_memory_is_an_error)
{
	struct json_cutter c;
	enum err e;

	json_cutter_init(&c, CAP);
	fail_alloc_at(1);
	e = json_cutter_feed(&c, STR("{}"));
	cr_assert(fail_alloc_was_hit());
	cr_assert_eq(e, ERR_MEMORY);
	json_cutter_fini(&c);
}
