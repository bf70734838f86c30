#include <criterion/criterion.h>

#include "engine/audit/jcs.h"
#include "engine/base/arena.h"
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

static enum err check(const char *text)
{
	return jcs_check(str_view(text), NULL, 0, NULL);
}

Test(jcs, canonical_texts_are_accepted)
{
	static const char *const texts[] = {
		"null", "true", "false", "0", "-1", "9007199254740993",
		"123456789012345678901234567890",
		"0.5", "-0.001", "1e+21", "1e-7", "1.5e+300", "5e-324", "\"\"", "\"a/b\"",
		"\"\x7f\"",
		"\"\\b\\t\\n\\f\\r\\\"\\\\\\u0000\\u001f\"", "\"\xf0\x9f\x98\x80 \xc3\xa9\"", "[]",
		"{}",
		"[[],{},[0]]", "{\"\":0,\"a\":{\"a\":1,\"b\":2},\"aa\":[]}",
		"\"01234567\\n89abcdef\"",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_assert_eq(check(texts[i]), OK, "%s", texts[i]);
}

Test(jcs, other_ways_to_write_the_same_are_refused)
{
	static const char *const texts[] = {
		" 0", "0 ", "0\n", "[ ]", "[0, 1]", "{\"a\": 0}", "-0", "00", "01", "-01", "+1",
		".5",
		"1.", "1.0", "0.50", "1e21", "1E+21", "1e+020", "100e-2", "1e400", "-0.0",
		"0.0000001",
		"\"\\/\"", "\"\\u0041\"", "\"\\u000A\"", "\"\\u000a\"", "\"\\u001F\"",
		"\"\\u00e9\"",
		"\"\\u0020\"", "\"\t\"", "\"\\x\"", "tru", "nul", "True", "'a'", "[0,]", "[,0]",
		"{,}",
		"{\"a\":0,}", "{a:0}", "{\"a\"}", "[0}", "{\"a\":0]", "]", "[0]]", "00]",
		"\"a\"\"b\"", "-",
		"{\"a\":0\"b\":1}", "[0 1]", "[1-2]", "1-2", "1e", "1e+", "--1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_assert_neq(check(texts[i]), OK, "%s", texts[i]);
}

Test(jcs, names_are_in_order_of_utf_16_and_unique)
{
	cr_assert_eq(check("{\"a\":0,\"b\":0}"), OK);
	cr_assert_eq(check("{\"b\":0,\"a\":0}"), ERR_SYNTAX);
	cr_assert_eq(check("{\"a\":0,\"a\":0}"), ERR_DUPLICATE);
	cr_assert_eq(check("{\"a\":0,\"\":0}"), ERR_SYNTAX);
	cr_assert_eq(check("{\"aa\":0,\"a\":0}"), ERR_SYNTAX);
	/* An escape sorts as the character it stands for: LF, then !, then ", then \, then ]. */
	cr_assert_eq(check("{\"\\n\":0,\"!\":0,\"\\\"\":0,\"\\\\\":0,\"]\":0}"), OK);
	cr_assert_eq(check("{\"!\":0,\"\\n\":0}"), ERR_SYNTAX);
	cr_assert_eq(check("{\"\\u0001\":0,\"\\b\":0,\"\\u000b\":0,\"\\f\":0,\"\\u0010\":0}"), OK);
	cr_assert_eq(check("{\"\\u0010\":0,\"\\u000f\":0}"), ERR_SYNTAX);
	/* U+1F600 is D83D DE00 in UTF-16, before U+E000 and U+FFFD, after U+D7FF. */
	cr_assert_eq(check("{\"\xed\x9f\xbf\":0,\"\xf0\x9f\x98\x80\":0,"
			   "\"\xee\x80\x80\":0,\"\xef\xbf\xbd\":0}"), OK);
	cr_assert_eq(check("{\"\xef\xbf\xbd\":0,\"\xf0\x9f\x98\x80\":0}"), ERR_SYNTAX);
	/* Order is asked for in each object by itself. */
	cr_assert_eq(check("[{\"b\":{\"a\":0}},{\"a\":0}]"), OK);
}

Test(jcs, errors_say_what_and_where)
{
	static const struct { const char *text; enum err want; uint32_t column; } cases[] = {
		{ "", ERR_TRUNCATED, 1 }, { "[", ERR_TRUNCATED, 2 }, { "{", ERR_TRUNCATED, 2 },
		{ "{\"a\"", ERR_TRUNCATED, 5 }, { "{\"a\":", ERR_TRUNCATED, 6 },
		{ "\"a", ERR_TRUNCATED, 3 },
		{ "[0", ERR_TRUNCATED, 3 }, { "[0,", ERR_TRUNCATED, 4 }, { "[0 ]", ERR_SYNTAX, 3 },
		{ "{\"a\" :0}", ERR_SYNTAX, 5 }, { "[\"a\x01\"]", ERR_SYNTAX, 4 },
		{ "\"\xff\"", ERR_ENCODING, 3 }, { "\"\xed\xa0\x80\"", ERR_ENCODING, 5 },
		{ "\"01234567\xff\"", ERR_ENCODING, 11 }, { "[0]x", ERR_SYNTAX, 4 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct note n = { .line = 0 };
		enum err e = jcs_check(str_view(cases[i].text), NULL, 0, &n);

		cr_assert_eq(e, cases[i].want, "%s: %s", cases[i].text, err_name(e));
		cr_assert_eq(n.column, cases[i].column, "%s: %u", cases[i].text, n.column);
		cr_assert_neq(n.text[0], '\0');
	}
}

Test(jcs, nesting_is_bounded_as_in_the_reader)
{
	char text[2 * LIMIT_DEPTH + 3];
	struct arena a;
	struct value v;

	arena_init(&a, 1u << 20);
	for (size_t depth = LIMIT_DEPTH - 1; depth <= LIMIT_DEPTH + 1; depth++) {
		struct str s = str_slice(text, 2 * depth);

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		cr_assert_eq(jcs_check(s, NULL, 0, NULL), depth > LIMIT_DEPTH ? ERR_LIMIT : OK);
		cr_assert_eq(json_read(s, 1, &a, &v, NULL), depth > LIMIT_DEPTH ? ERR_LIMIT : OK);
	}
	arena_fini(&a);
}

Test(jcs, picks_are_the_sources_of_members_at_the_top)
{
	struct jcs_pick picks[] = {
		{ STR("z"), STR("old") }, { STR("a"), STR_NONE }, { STR("list"), STR_NONE },
		{ STR("none"), STR("old") }, { STR(""), STR_NONE },
	};

	cr_assert_eq(jcs_check(STR("{\"\":{},\"a\":-17,\"list\":[{\"z\":0},[]],\"z\":\"\\n\"}"),
			       picks, 5, NULL),
		     OK);
	cr_assert(str_is(picks[0].source, "\"\\n\""));
	cr_assert(str_is(picks[1].source, "-17"));
	cr_assert(str_is(picks[2].source, "[{\"z\":0},[]]"));
	cr_assert_null(picks[3].source.ptr);
	cr_assert(str_is(picks[4].source, "{}"));
	cr_assert_eq(jcs_check(STR("[{\"a\":1}]"), picks, 5, NULL), OK);
	cr_assert_null(picks[1].source.ptr, "an object inside a list is not at the top");
}

/* --- against the reader and the writer, on random documents --- */

static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void add_random_string(struct buf *b)
{
	static const char *const parts[] = {
		"a", "b", "plain text", "\\n", "\\u0001", "\\\"", "\\\\", "\xc3\xa9",
		"\xf0\x9f\x98\x80",
		"\xef\xbf\xbd", "\\u00e9", "\\/",
	};

	buf_add_byte(b, '"');
	for (uint64_t n = next_random() % 4; n > 0; n--)
		buf_add_c(b, parts[next_random() % (sizeof(parts) / sizeof(*parts))]);
	buf_add_byte(b, '"');
}

static void add_random_value(struct buf *b, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "0", "-1", "-0", "1.5", "1.50", "1e+21", "1e21",
		"18446744073709551617",
	};
	uint64_t kind = next_random() % (depth > 0 ? 4 : 2), count = next_random() % 4;

	if (kind == 0) {
		buf_add_c(b, scalars[next_random() % (sizeof(scalars) / sizeof(*scalars))]);
	} else if (kind == 1) {
		add_random_string(b);
	} else {
		buf_add_byte(b, kind == 2 ? '[' : '{');
		for (uint64_t i = 0; i < count; i++) {
			if (i)
				buf_add_byte(b, ',');
			if (kind == 3) {
				add_random_string(b);
				buf_add_byte(b, ':');
			}
			add_random_value(b, depth - 1);
		}
		buf_add_byte(b, kind == 2 ? ']' : '}');
	}
}

Test(jcs, agrees_with_reading_and_writing_on_random_documents)
{
	unsigned accepted = 0, refused = 0;
	struct buf text, again;
	struct arena a;

	random_state = 0x5eed2026;
	cr_log_info("seed %llx", (unsigned long long)random_state);
	arena_init(&a, 16u << 20);
	buf_init(&text, 1u << 20);
	buf_init(&again, 1u << 20);
	for (int i = 0; i < 20000; i++) {
		struct arena_mark mark = arena_mark(&a);
		struct value v;

		buf_clear(&text);
		buf_clear(&again);
		add_random_value(&text, 4);
		if (json_read(buf_view(&text), 1, &a, &v, NULL) == OK) {
			bool same;

			canon_value(&again, &v);
			same = str_eq(buf_view(&text), buf_view(&again));
			cr_assert_eq(jcs_check(buf_view(&text), NULL, 0, NULL) == OK, same, "%.*s",
				     STR_ARG(buf_view(&text)));
			cr_assert_eq(jcs_check(buf_view(&again), NULL, 0, NULL), OK, "%.*s",
				     STR_ARG(buf_view(&again)));
			accepted += same;
			refused += !same;
		} else {
			cr_assert_neq(jcs_check(buf_view(&text), NULL, 0, NULL), OK);
		}
		arena_rewind(&a, mark);
	}
	cr_assert(accepted > 1000 && refused > 1000, "%u accepted, %u refused", accepted, refused);
	buf_fini(&text);
	buf_fini(&again);
	arena_fini(&a);
}

Test(jcs, a_failed_allocation_is_not_a_verdict)
{
	for (uint64_t n = 1; ; n++) {
		enum err e;

		fail_alloc_at(n);
		e = check("[0.5,1e+21]");
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
