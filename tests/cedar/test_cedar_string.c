/* cedar_string: escapes read and written, patterns of like. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/cedar_kit.h"

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)16 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_string, .init = open_arena, .fini = close_arena);

static void check_means(struct str written, struct str expected)
{
	struct str s = STR_NONE;
	size_t bad = 99;

	cr_assert_eq(cedar_unescape(written, &arena, &s, &bad), OK, "%.*s: bad at %zu",
		     STR_ARG(written), bad);
	cr_assert(str_eq(s, expected), "%.*s: '%.*s'", STR_ARG(written), STR_ARG(s));
}

static void check_bad(struct str written, size_t at)
{
	struct str s = STR_NONE;
	size_t bad = 99;

	cr_assert_eq(cedar_unescape(written, &arena, &s, &bad), ERR_SYNTAX, "%.*s",
		     STR_ARG(written));
	cr_assert_eq(bad, at, "%.*s: bad at %zu", STR_ARG(written), bad);
	cr_assert_eq(s.ptr, NULL);
}

Test(cedar_string, escapes_mean_what_they_say)
{
	check_means(STR(""), STR(""));
	check_means(STR("plain \xc3\xa9"), STR("plain \xc3\xa9"));
	check_means(STR("\\n\\r\\t\\\\\\0\\'\\\""), STR("\n\r\t\\\0'\""));
	check_means(STR("\\x41\\x7f\\x7F\\x00"), STR("A\x7f\x7f\0"));
	check_means(STR("\\u{41}\\u{e9}\\u{20AC}\\u{1F600}"),
		    STR("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	check_means(STR("\\u{00_00_41}\\u{10FFFF}"), STR("A\xf4\x8f\xbf\xbf"));
	check_means(STR("a\nb"), STR("a\nb"));
	check_means(STR("*"), STR("*"));
}

Test(cedar_string, other_escapes_are_errors)
{
	check_bad(STR("ab\\q"), 2);
	check_bad(STR("\\"), 0);
	check_bad(STR("\\*"), 0);
	check_bad(STR("\\x80"), 0);
	check_bad(STR("\\x4"), 0);
	check_bad(STR("\\x4g"), 0);
	check_bad(STR("\\u41"), 0);
	check_bad(STR("\\u{}"), 0);
	check_bad(STR("\\u{_41}"), 0);
	check_bad(STR("\\u{41"), 0);
	check_bad(STR("\\u{0000041}"), 0);
	check_bad(STR("\\u{110000}"), 0);
	check_bad(STR("\\u{D800}"), 0);
	check_bad(STR("\\u{dfff}"), 0);
	check_bad(STR("\\u{4g}"), 0);
	check_bad(STR("\\\n  x"), 0);
	check_bad(STR("a\r\nb"), 1);
}

Test(cedar_string, the_note_points_at_the_escape)
{
	const struct cedar_token t = {
		.kind = CEDAR_TEXT, .text = STR("a\nbc\\q"), .line = 7, .column = 20
	};
	const struct cedar_token star = {
		.kind = CEDAR_TEXT, .text = STR("\\*"), .line = 7, .column = 20
	};
	struct note n = { .line = 0 };
	struct str s;

	cr_assert_eq(cedar_token_string(&t, &arena, &s, &n), ERR_SYNTAX);
	cr_assert(n.line == 8 && n.column == 3, "%u:%u", n.line, n.column);
	cr_assert(strstr(n.text, "unknown escape"), "%s", n.text);
	cr_assert_eq(cedar_token_string(&star, &arena, &s, &n), ERR_SYNTAX);
	cr_assert(n.line == 7 && n.column == 21, "%u:%u", n.line, n.column);
	cr_assert(strstr(n.text, "patterns of like only"), "%s", n.text);
}

static void check_glob(const char *pattern, const char *runs)
{
	char text[256];

	snprintf(text, sizeof(text), "context.a like \"%s\"", pattern);
	cr_assert_str_eq(cedar_kit_show(&arena, cedar_kit_expr(&arena, text)).ptr, runs);
}

Test(cedar_string, patterns_are_runs_of_text_and_stars)
{
	check_glob("", "(like (. (context) `a`))");
	check_glob("*", "(like (. (context) `a`) *)");
	check_glob("***", "(like (. (context) `a`) *)");
	check_glob("a*b", "(like (. (context) `a`) `a` * `b`)");
	check_glob("*a\\*\\**", "(like (. (context) `a`) * `a**` *)");
	check_glob("\\\\*\\n", "(like (. (context) `a`) `\\5c` * `\\0a`)");
	check_glob("a\\x2ab", "(like (. (context) `a`) `a` * `b`)");
	check_glob("\\u{2a}*", "(like (. (context) `a`) *)");
}

static void check_written(struct str s, const char *expected)
{
	struct buf b;

	buf_init(&b, 1024);
	cedar_string_write(&b, s);
	cr_assert(str_is(buf_view(&b), expected), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(cedar_string, what_a_reader_would_not_see_is_written_as_an_escape)
{
	check_written(STR(""), "\"\"");
	check_written(STR("it's *\xc3\xa9\xf0\x9f\x98\x80*"),
		      "\"it's *\xc3\xa9\xf0\x9f\x98\x80*\"");
	check_written(STR("\n\r\t\0\\\""), "\"\\n\\r\\t\\0\\\\\\\"\"");
	check_written(STR("\x01\x1f\x7f\xc2\x80\xc2\xa0"),
		      "\"\\u{1}\\u{1f}\\u{7f}\\u{80}\\u{a0}\"");
	check_written(STR("a\xe2\x80\xae"
			  "b\xe2\x80\x8b"
			  "c\xef\xbb\xbf"),
		      "\"a\\u{202e}b\\u{200b}c\\u{feff}\"");
}

Test(cedar_string, every_character_is_written_so_that_it_reads_as_itself)
{
	for (uint32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 0x3B) {
		char escape[32];
		struct str s = STR_NONE, again = STR_NONE;
		struct arena_mark mark = arena_mark(&arena);
		struct buf b;
		size_t bad;

		if (code >= 0xD800 && code <= 0xDFFF)
			continue;
		snprintf(escape, sizeof(escape), "\\u{%X}", code);
		cr_assert_eq(cedar_unescape(str_view(escape), &arena, &s, &bad), OK);
		buf_init(&b, 64);
		cedar_string_write(&b, s);
		cr_assert_eq(cedar_unescape(str_slice(b.ptr + 1, b.len - 2), &arena, &again, &bad),
			     OK, "%x", code);
		cr_assert(str_eq(s, again), "%x", code);
		buf_fini(&b);
		arena_rewind(&arena, mark);
	}
}

Test(cedar_string, no_memory_is_an_error)
{
	const struct cedar_token t = { .kind = CEDAR_TEXT, .text = STR("a*b") };
	const struct cedar_glob *runs = NULL;
	struct str s = STR_NONE;
	struct arena none;
	size_t count, bad;

	arena_init(&none, 1);
	cr_assert_eq(cedar_unescape(STR("a"), &none, &s, &bad), ERR_MEMORY);
	cr_assert_eq(cedar_token_glob(&t, &none, &runs, &count, NULL), ERR_MEMORY);
	cr_assert(!s.ptr && !runs);
	arena_fini(&none);
}
