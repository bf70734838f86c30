/* lexer: words, columns and values. What it refuses is in test_expr, where a user would meet it. */
#include <criterion/criterion.h>

#include "engine/policy/inside.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 1 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(lexer, .init = start, .fini = stop);

static struct token only(const char *text)
{
	struct note n = { .column = 0 };
	struct lexer lx = { str_view(text), 0, &memory, &n };
	struct token t, end;

	cr_assert_eq(lexer_next(&lx, &t), OK, "%s: %s", text, n.text);
	cr_assert_eq(lexer_next(&lx, &end), OK, "%s: %s", text, n.text);
	cr_assert_eq(end.kind, TOKEN_END, "%s", text);
	return t;
}

Test(lexer, cuts_words_and_counts_columns)
{
	static const struct {
		const char *text;
		uint32_t column;
	} expected[] = {
		{ "args", 1 }, { ".", 5 },   { "a_1", 6 }, { ">=", 9 }, { "-2.5e+3", 11 },
		{ "and", 19 }, { "(", 25 },  { "in", 26 }, { "[", 28 }, { "'x'", 29 },
		{ "]", 32 },   { "==", 33 }, { ")", 36 },  { "", 38 },
	};
	struct note n;
	struct lexer lx = { STR("args.a_1>=-2.5e+3 and\n\t (in['x']== ) "), 0, &memory, &n };
	struct token t;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		cr_assert_eq(lexer_next(&lx, &t), OK);
		cr_expect(str_is(t.text, expected[i].text), "%.*s", STR_ARG(t.text));
		cr_expect_eq(t.column, expected[i].column, "'%s': %u", expected[i].text, t.column);
	}
	cr_assert_eq(t.kind, TOKEN_END);
}

Test(lexer, numbers_keep_every_digit)
{
	cr_assert_eq(only("9223372036854775807").value.integer, INT64_MAX);
	cr_assert_eq(only("-9223372036854775808").value.integer, INT64_MIN);
	cr_assert_eq(only("9223372036854775808").value.kind, VALUE_BIG);
	cr_assert(str_is(only("9223372036854775808").value.string, "9223372036854775808"));
	cr_assert_eq(only("1.0").value.kind, VALUE_REAL);
	cr_assert_eq(only("-25E-2").value.real, -0.25);
}

Test(lexer, strings_stand_in_either_quote)
{
	cr_assert(str_is(only("'a\"b'").value.string, "a\"b"));
	cr_assert(str_is(only("\"a'b\"").value.string, "a'b"));
	cr_assert(str_is(only("''").value.string, ""));
	cr_assert(str_is(only("'\\\\\\'\\\"\\n\\t'").value.string, "\\'\"\n\t"));
	cr_assert(str_is(only("'\\u0041\\u00e9\\u20AC\\ud83d\\ude00'").value.string, "A\xc3\xa9\xe2"
										     "\x82\xac\xf0"
										     "\x9f\x98"
										     "\x80"));
	cr_assert(str_eq(only("'\\u0000'").value.string, str_slice("\0", 1)));
}

Test(lexer, many_strings_cost_what_they_hold)
{
	static char text[LIMIT_CONDITION_BYTES];
	struct note n;
	struct lexer lx = { str_slice(text, sizeof(text)), 0, &memory, &n };
	struct token t = { .kind = TOKEN_WORD };

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "'a\\n' "[i % 6];
	memset(text + sizeof(text) / 6 * 6, ' ', sizeof(text) % 6);
	for (size_t i = 0; t.kind != TOKEN_END; i++) {
		cr_assert_eq(lexer_next(&lx, &t), OK, "string %zu", i);
		cr_assert(t.kind == TOKEN_END || str_is(t.value.string, "a\n"));
	}
	cr_expect_lt(memory.held_bytes, 20 * sizeof(text));
}
