/* cedar_lexer: words and their places, blanks, comments, and what is no word. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/cedar/inside.h"

/* All tokens as kind and text, "w:permit s:( n:1", and the place of the last. */
static enum err words(struct str text, char *shown, size_t size, struct note *n)
{
	static const char kinds[] = "?wnts";
	struct cedar_lexer lx;
	size_t at = 0;
	enum err e;

	*n = (struct note){ .line = 0 };
	e = cedar_lexer_init(&lx, text, n);
	for (shown[0] = '\0'; e == OK;) {
		struct cedar_token t = { .kind = CEDAR_END };

		e = cedar_lexer_next(&lx, &t);
		if (e != OK || t.kind == CEDAR_END)
			break;
		at += (size_t)snprintf(shown + at, size - at, "%s%c:%.*s@%u:%u", at ? " " : "",
				       kinds[t.kind], STR_ARG(t.text), t.line, t.column);
		cr_assert_lt(at, size);
	}
	return e;
}

static void check(struct str text, const char *expected)
{
	char shown[1024];
	struct note n;

	cr_assert_eq(words(text, shown, sizeof(shown), &n), OK, "%.*s: %s", STR_ARG(text), n.text);
	cr_assert_str_eq(shown, expected);
}

Test(cedar_lexer, words_numbers_strings_and_signs_know_their_place)
{
	check(STR(""), "");
	check(STR("permit(a_1, \"x y\");"),
	      "w:permit@1:1 s:(@1:7 w:a_1@1:8 s:,@1:11 t:x y@1:13 s:)@1:18 s:;@1:19");
	check(STR("A::B::\"c\"\n  12 007"),
	      "w:A@1:1 s:::@1:2 w:B@1:4 s:::@1:5 t:c@1:7 n:12@2:3 n:007@2:6");
	check(STR("a==b!=c<=d>=e<f>g&&h||i"),
	      "w:a@1:1 s:==@1:2 w:b@1:4 s:!=@1:5 w:c@1:7 s:<=@1:8 w:d@1:10 s:>=@1:11 w:e@1:13 "
	      "s:<@1:14 w:f@1:15 s:>@1:16 w:g@1:17 s:&&@1:18 w:h@1:20 s:||@1:21 w:i@1:23");
	check(STR("?{}[].+-*/%!=:@"),
	      "s:?@1:1 s:{@1:2 s:}@1:3 s:[@1:4 s:]@1:5 s:.@1:6 s:+@1:7 s:-@1:8 s:*@1:9 s:/@1:10 "
	      "s:%@1:11 s:!=@1:12 s::@1:14 s:@@1:15");
	check(STR("1x"), "n:1@1:1 w:x@1:2");
}

Test(cedar_lexer, strings_are_as_written_and_may_hold_line_feeds)
{
	check(STR("\"\\\"\" \"\\\\\" \"//\""), "t:\\\"@1:1 t:\\\\@1:6 t://@1:11");
	check(STR("\"a\nb\" c"), "t:a\nb@1:1 w:c@2:4");
}

Test(cedar_lexer, comments_end_with_their_line_however_it_ends)
{
	check(STR("// all\na // b\n//c"), "w:a@2:1");
	check(STR("//x\rforbid"), "w:forbid@2:1");
	check(STR("//x\r\nforbid"), "w:forbid@2:1");
	check(STR("a / / b"), "w:a@1:1 s:/@1:3 s:/@1:5 w:b@1:7");
}

Test(cedar_lexer, what_unicode_calls_blank_is_blank)
{
	check(STR("a\t\v\f b"), "w:a@1:1 w:b@1:6");
	check(STR("a\xc2\xa0"
		  "b\xe2\x80\x83"
		  "c\xe3\x80\x80"
		  "d\xe2\x80\xa8"
		  "e\xc2\x85"
		  "f"),
	      "w:a@1:1 w:b@1:4 w:c@1:8 w:d@1:12 w:e@1:16 w:f@1:19");
}

struct refusal {
	struct str text;
	enum err err;
	uint32_t line, column;
	const char *says;
};

static const struct refusal refusals[] = {
	{ { "a \"b", 4 }, ERR_TRUNCATED, 1, 3, "not closed" },
	{ { "\"b\\\"", 4 }, ERR_TRUNCATED, 1, 1, "not closed" },
	{ { "\"\\", 2 }, ERR_TRUNCATED, 1, 1, "not closed" },
	{ { "a & b", 5 }, ERR_SYNTAX, 1, 3, "write '&&'" },
	{ { "a | b", 5 }, ERR_SYNTAX, 1, 3, "write '||'" },
	{ { "a === b", 7 }, ERR_SYNTAX, 1, 3, "write '=='" },
	{ { "a !== b", 7 }, ERR_SYNTAX, 1, 3, "write '!='" },
	{ { "\n # no", 6 }, ERR_SYNTAX, 2, 2, "write '//'" },
	{ { "'a'", 3 }, ERR_SYNTAX, 1, 1, "double quotes" },
	{ { "a $ b", 5 }, ERR_SYNTAX, 1, 3, "'$' means nothing here" },
	{ { "\xc3\xa9t\xc3\xa9", 5 }, ERR_SYNTAX, 1, 1, "'\xc3\xa9' means nothing here" },
	{ { "a\0b", 3 }, ERR_SYNTAX, 1, 2, "control character (code 0)" },
	{ { "\xef\xbb\xbfpermit", 9 }, ERR_SYNTAX, 1, 1, "means nothing here" },
	{ { "a\n//\xff", 5 }, ERR_ENCODING, 2, 3, "not UTF-8" },
	{ { "18446744073709551616", 20 }, ERR_RANGE, 1, 1, "too large" },
	{ { "99999999999999999999999", 23 }, ERR_RANGE, 1, 1, "too large" },
};

Test(cedar_lexer, refusals_say_what_and_where)
{
	char shown[256];
	struct note n;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		enum err e = words(r->text, shown, sizeof(shown), &n);

		cr_assert_eq(e, r->err, "%.*s: %s", STR_ARG(r->text), err_name(e));
		cr_assert(n.line == r->line && n.column == r->column, "%.*s: %u:%u: %s",
			  STR_ARG(r->text), n.line, n.column, n.text);
		cr_assert(strstr(n.text, r->says), "%.*s: %s", STR_ARG(r->text), n.text);
	}
}

Test(cedar_lexer, the_largest_number_is_read)
{
	struct cedar_lexer lx;
	struct cedar_token t;

	cr_assert_eq(cedar_lexer_init(&lx, STR("18446744073709551615"), NULL), OK);
	cr_assert_eq(cedar_lexer_next(&lx, &t), OK);
	cr_assert_eq(t.number, UINT64_MAX);
}

Test(cedar_lexer, a_text_beyond_the_limit_is_refused)
{
	struct cedar_lexer lx;
	struct note n = { .line = 0 };
	char *text = calloc(1, LIMIT_CEDAR_BYTES + 1);

	memset(text, ' ', LIMIT_CEDAR_BYTES + 1);
	cr_assert_eq(cedar_lexer_init(&lx, str_slice(text, LIMIT_CEDAR_BYTES), &n), OK);
	cr_assert_eq(cedar_lexer_init(&lx, str_slice(text, LIMIT_CEDAR_BYTES + 1), &n), ERR_LIMIT);
	cr_assert(strstr(n.text, "16777217 bytes"));
	free(text);
}

Test(cedar_lexer, names_and_paths)
{
	cr_assert(cedar_name_ok(STR("a")));
	cr_assert(cedar_name_ok(STR("_A9")));
	cr_assert(cedar_name_ok(STR("principal")));
	cr_assert(cedar_name_ok(STR("__cedarx")));
	cr_assert(!cedar_name_ok(STR("")));
	cr_assert(!cedar_name_ok(STR("9a")));
	cr_assert(!cedar_name_ok(STR("a b")));
	cr_assert(!cedar_name_ok(STR("if")));
	cr_assert(!cedar_name_ok(STR("__cedar")));
	cr_assert(cedar_path_ok(STR("A")));
	cr_assert(cedar_path_ok(STR("A::b::C1")));
	cr_assert(!cedar_path_ok(STR("")));
	cr_assert(!cedar_path_ok(STR("A::")));
	cr_assert(!cedar_path_ok(STR("::A")));
	cr_assert(!cedar_path_ok(STR("A:B")));
	cr_assert(!cedar_path_ok(STR("A:::B")));
	cr_assert(!cedar_path_ok(STR("A::::B")));
	cr_assert(!cedar_path_ok(STR("A::in")));
	cr_assert(!cedar_path_ok(STR("A :: B")));
}
