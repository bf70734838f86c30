/* json: what is read, what is refused and where, limits, memory, and jansson's opinion. */
#include "engine/base/json.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define MEMORY ((size_t)256 << 20)
/* Of a text, for a message: some texts here have megabytes. */
#define SHOWN(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, MEMORY);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(json, .init = open_arena, .fini = close_arena);

static struct value read_str(struct str text)
{
	struct note n = { .line = 0 };
	struct value v = value_null();
	enum err e = json_read(text, 1, &arena, &v, &n);

	cr_assert_eq(e, OK, "%.*s: %s at %u:%u: %s", SHOWN(text), err_name(e), n.line, n.column,
		     n.text);
	return v;
}

static struct value read(const char *text)
{
	return read_str(str_view(text));
}

static void check_refused_str(struct str text, enum err expected, unsigned line, unsigned column)
{
	struct note n = { .line = 0 };
	struct value v = value_int(42);
	struct arena_mark before = arena_mark(&arena), after;
	enum err e = json_read(text, 1, &arena, &v, &n);

	cr_assert_eq(e, expected, "%.*s: %s (%s), expected %s", SHOWN(text), err_name(e), n.text,
		     err_name(expected));
	cr_assert_eq(n.line, line, "%.*s: line %u (%s)", SHOWN(text), n.line, n.text);
	cr_assert_eq(n.column, column, "%.*s: column %u (%s)", SHOWN(text), n.column, n.text);
	cr_assert(n.text[0] != '\0');
	cr_assert_eq(v.integer, 42, "an output was written by a failure");
	after = arena_mark(&arena);
	cr_assert(before.chunk == after.chunk && before.used == after.used,
		  "a failure left something in the arena");
	cr_assert_eq(json_read(text, 1, &arena, &v, NULL), expected, "the note changes the answer");
}

static void check_refused(const char *text, enum err expected, unsigned line, unsigned column)
{
	check_refused_str(str_view(text), expected, line, column);
}

Test(json, literals_are_read)
{
	cr_assert_eq(read("null").kind, VALUE_NULL);
	cr_assert_eq(read("true").kind, VALUE_BOOL);
	cr_assert_eq(read("true").boolean, true);
	cr_assert_eq(read("false").boolean, false);
	cr_assert_eq(read(" \t\r\n null \n").kind, VALUE_NULL);
	check_refused("nul", ERR_TRUNCATED, 1, 4);
	check_refused("nulL", ERR_SYNTAX, 1, 4);
	check_refused("True", ERR_SYNTAX, 1, 1);
	check_refused("nullnull", ERR_SYNTAX, 1, 5);
	check_refused("NaN", ERR_SYNTAX, 1, 1);
	check_refused("-Infinity", ERR_SYNTAX, 1, 2);
}

static void check_int(const char *text, int64_t expected)
{
	struct value v = read(text);

	cr_assert_eq(v.kind, VALUE_INT, "%s is not an integer", text);
	cr_assert_eq(v.integer, expected, "%s is %lld", text, (long long)v.integer);
}

static void check_big(const char *text)
{
	struct value v = read(text);

	cr_assert_eq(v.kind, VALUE_BIG, "%s is not a big integer", text);
	cr_assert(str_is(v.string, text));
}

Test(json, integers_are_exact)
{
	check_int("0", 0);
	check_int("-1", -1);
	check_int("9007199254740993", INT64_C(9007199254740993));
	check_int("999999999999999999", INT64_C(999999999999999999));
	check_int("9223372036854775807", INT64_MAX);
	check_int("-9223372036854775808", INT64_MIN);
	check_big("9223372036854775808");
	check_big("-9223372036854775809");
	check_big("9999999999999999999");
	check_big("18446744073709551616");
	check_big("100000000000000000000000000000000000000000000000000");
}

static void check_real(const char *text, double expected)
{
	struct value v = read(text);

	cr_assert_eq(v.kind, VALUE_REAL, "%s is not a real", text);
	cr_assert(memcmp(&v.real, &expected, sizeof(expected)) == 0, "%s is %.17g, expected %.17g",
		  text, v.real, expected);
}

Test(json, reals_are_rounded_correctly)
{
	check_real("-0", -0.0);
	check_real("0.0", 0.0);
	check_real("-0.0e5", -0.0);
	check_real("1.5", 1.5);
	check_real("1e2", 100);
	check_real("1E+2", 100);
	check_real("25e-1", 2.5);
	check_real("0.1", 0.1);
	check_real("1e22", 1e22);
	check_real("1e23", 1e23);
	check_real("9007199254740993.0", 9007199254740992.0);
	check_real("9007199254740993.0000000000000000000000000000001", 9007199254740994.0);
	check_real("123456789012345678901234567890.0", 123456789012345678901234567890.0);
	check_real("2.2250738585072011e-308", 0x0.fffffffffffffp-1022);
	check_real("2.2250738585072012e-308", 0x1p-1022);
	check_real("4.9406564584124654e-324", 0x1p-1074);
	check_real("2.4703282292062327e-324", 0.0);
	check_real("2.4703282292062328e-324", 0x1p-1074);
	check_real("1.7976931348623157e308", 0x1.fffffffffffffp1023);
	check_real("1e-400", 0.0);
	check_real("1e-99999999999999999999", 0.0);
	check_real("-1e-99999999999999999999", -0.0);
	check_real("0e99999999999999999999", 0.0);
	check_real("0.000000000000000000000000000000000000000001e42", 1.0);
	check_refused("1e309", ERR_RANGE, 1, 1);
	check_refused(" -1.8e308", ERR_RANGE, 1, 2);
	check_refused("1e99999999999999999999", ERR_RANGE, 1, 1);
	/* Half way between the largest double and the next power of two. */
	check_refused("1797693134862315807937289714053034150799341327100378269361737789804449"
		      "6829276475094664901797758720709633028641669288791094655554785194040263"
		      "0657488671505820681908902000708383676273854845817711531764475730270069"
		      "8555713669596228429148198608349364752927190741684443655107043427115596"
		      "99508093042880177904174497792.0", ERR_RANGE, 1, 1);
	check_real("1797693134862315807937289714053034150799341327100378269361737789804449"
		   "6829276475094664901797758720709633028641669288791094655554785194040263"
		   "0657488671505820681908902000708383676273854845817711531764475730270069"
		   "8555713669596228429148198608349364752927190741684443655107043427115596"
		   "99508093042880177904174497791.0", 0x1.fffffffffffffp1023);
}

/* Exactly half way between two doubles, then zeros, then one more digit: only that one decides. */
Test(json, a_digit_behind_thousands_decides_the_rounding)
{
	const char *half = "1.00000000000000011102230246251565404236316680908203125";
	char text[4000];

	(void)snprintf(text, sizeof(text), "%s%03000d", half, 0);
	check_real(text, 1.0);
	(void)snprintf(text, sizeof(text), "%s%03000d1", half, 0);
	check_real(text, 0x1.0000000000001p0);
	(void)snprintf(text, sizeof(text), "%s%03000d1e-2", half, 0);
	check_real(text, 0.01 * 0x1.0000000000001p0);
	(void)snprintf(text, sizeof(text), "0.%03000d1e3001", 0);
	check_real(text, 1.0);
	(void)snprintf(text, sizeof(text), "1%03000d.0e-3000", 0);
	check_real(text, 1.0);
}

Test(json, numbers_follow_the_grammar)
{
	check_refused("01", ERR_SYNTAX, 1, 1);
	check_refused("-01", ERR_SYNTAX, 1, 2);
	check_refused("00.5", ERR_SYNTAX, 1, 1);
	check_refused("+1", ERR_SYNTAX, 1, 1);
	check_refused(".5", ERR_SYNTAX, 1, 1);
	check_refused("-", ERR_TRUNCATED, 1, 2);
	check_refused("1.", ERR_TRUNCATED, 1, 3);
	check_refused("1.e5", ERR_SYNTAX, 1, 3);
	check_refused("1e", ERR_TRUNCATED, 1, 3);
	check_refused("1e+", ERR_TRUNCATED, 1, 4);
	check_refused("1e+x", ERR_SYNTAX, 1, 4);
	check_refused("0x10", ERR_SYNTAX, 1, 2);
	check_refused("1_000", ERR_SYNTAX, 1, 2);
}

Test(json, doubles_printed_with_17_digits_read_back)
{
	uint64_t seed = UINT64_C(0x2545F4914F6CDD1D), x = seed;
	char text[64];

	for (int i = 0; i < 200000; i++) {
		struct arena_mark mark = arena_mark(&arena);
		double d;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&d, &x, sizeof(d));
		if (!isfinite(d))
			continue;
		(void)snprintf(text, sizeof(text), i % 2 ? "%.16e" : "%.9e", d);
		check_real(text, strtod(text, NULL));
		(void)snprintf(text, sizeof(text), "%.*f", (int)(x % 20), (double)(int64_t)x / 1e9);
		if (strchr(text, '.'))
			check_real(text, strtod(text, NULL));
		arena_rewind(&arena, mark);
	}
}

static void check_text(const char *text, struct str expected)
{
	struct value v = read(text);

	cr_assert_eq(v.kind, VALUE_STRING);
	cr_assert(str_eq(v.string, expected), "%s is read as %.*s", text, STR_ARG(v.string));
}

Test(json, strings_without_escapes_borrow_from_the_text)
{
	const char *text = "[\"plain\", \"h\xC3\xB6her\", \"\", \"more than eight bytes\"]";
	struct value v = read(text);

	cr_assert_eq(v.list.count, 4);
	for (size_t i = 0; i < 4; i++)
		cr_assert(v.list.items[i].string.ptr > text &&
			  v.list.items[i].string.ptr < text + strlen(text));
	cr_assert(str_is(v.list.items[1].string, "h\xC3\xB6her"));
	cr_assert_eq(v.list.items[2].string.len, 0);
}

Test(json, escapes_are_undone)
{
	check_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", STR("\"\\/\b\f\n\r\t"));
	check_text("\"a\\u0000b\"", STR("a\0b"));
	check_text("\"\\u0041\\u00e9\\u20AC\\ud83d\\ude02\"",
		   STR("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x82"));
	check_text("\"\\uFFFF\\uD800\\uDC00\\udbff\\udfff\"",
		   STR("\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
	check_text("\"\\u007f\\u0080\\u07ff\\u0800\"", STR("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80"));
	check_text("\"\xC3\xA9\\n\xE2\x82\xAC\"", STR("\xC3\xA9\n\xE2\x82\xAC"));
	check_text("\"\\\\u0041\"", STR("\\u0041"));
}

Test(json, bad_strings_are_refused_at_the_byte)
{
	check_refused("\"abc", ERR_TRUNCATED, 1, 5);
	check_refused("\"abc\\\"", ERR_TRUNCATED, 1, 7);
	check_refused("\"\\", ERR_TRUNCATED, 1, 3);
	check_refused("\"\\u12", ERR_TRUNCATED, 1, 6);
	check_refused("\"\\u12\"", ERR_SYNTAX, 1, 6);
	check_refused("\"\\u12g4\"", ERR_SYNTAX, 1, 6);
	check_refused("\"\\x41\"", ERR_SYNTAX, 1, 3);
	check_refused("\"\\N\"", ERR_SYNTAX, 1, 3);
	check_refused("\"a\tb\"", ERR_SYNTAX, 1, 3);
	check_refused("\"a\nb\"", ERR_SYNTAX, 1, 3);
	check_refused("'a'", ERR_SYNTAX, 1, 1);
	check_refused_str(STR("\"a\0b\""), ERR_SYNTAX, 1, 3);
	check_refused_str(STR("\"\\\0\""), ERR_SYNTAX, 1, 3);
	check_refused("\"\\ud800\"", ERR_ENCODING, 1, 2);
	check_refused("\"x\\udc00\"", ERR_ENCODING, 1, 3);
	check_refused("\"\\ud800\\u0041\"", ERR_ENCODING, 1, 2);
	check_refused("\"\\ud800\\ud800\"", ERR_ENCODING, 1, 2);
	check_refused("\"\\ud800\\n\"", ERR_ENCODING, 1, 2);
}

Test(json, invalid_utf8_is_refused_at_the_byte)
{
	check_refused("\"a\xFF\"", ERR_ENCODING, 1, 3);
	check_refused("\"\x80\"", ERR_ENCODING, 1, 2);
	check_refused("\"\xC0\xAF\"", ERR_ENCODING, 1, 2);
	check_refused("\"\xE0\x80\xAF\"", ERR_ENCODING, 1, 2);
	check_refused("\"\xED\xA0\x80\"", ERR_ENCODING, 1, 2);
	check_refused("\"\xF4\x90\x80\x80\"", ERR_ENCODING, 1, 2);
	check_refused("\"\xE2\x82\"", ERR_ENCODING, 1, 2);
	check_refused("\"\xE2\x82", ERR_ENCODING, 1, 2);
	check_refused("\"12345678\xC3\"", ERR_ENCODING, 1, 10);
	check_refused("\xEF\xBB\xBF{}", ERR_SYNTAX, 1, 1);
}

/* Each byte at each place of a long string: the eight-byte scan against the rule for one byte. */
Test(json, every_byte_at_every_place_of_a_string_is_judged_alike)
{
	struct value v;
	char text[32];

	for (size_t len = 1; len < 20; len++)
		for (size_t at = 0; at < len; at++)
			for (int c = 0; c < 256; c++) {
				bool plain = c >= ' ' && c < 0x80 && c != '"' && c != '\\';
				struct arena_mark mark = arena_mark(&arena);
				enum err e;

				memset(text, 'a', sizeof(text));
				text[0] = text[len + 1] = '"';
				text[at + 1] = (char)c;
				e = json_read(str_slice(text, len + 2), 1, &arena, &v, NULL);
				cr_assert_eq(e == OK, plain, "byte %d at %zu of %zu", c, at, len);
				cr_assert(!plain || v.string.len == len);
				arena_rewind(&arena, mark);
			}
}

Test(json, lists_and_objects_keep_their_order)
{
	struct value v = read(" { \"b\" : [ 1 , 2 , [ ] ] , \"a\" : { } , \"\" : null } ");

	cr_assert_eq(v.kind, VALUE_OBJECT);
	cr_assert_eq(v.object.count, 3);
	cr_assert(str_is(v.object.members[0].key, "b"));
	cr_assert(str_is(v.object.members[1].key, "a"));
	cr_assert(str_is(v.object.members[2].key, ""));
	cr_assert_eq(v.object.members[0].value.list.count, 3);
	cr_assert_eq(v.object.members[0].value.list.items[1].integer, 2);
	cr_assert_eq(v.object.members[0].value.list.items[2].list.count, 0);
	cr_assert_eq(v.object.members[1].value.object.count, 0);
}

Test(json, every_node_knows_its_place)
{
	struct str text = STR("{\r\n  \"a\": [1,\n2, \"x\"],\n\t\"b\": {}}");
	struct value v;
	struct note n;

	cr_assert_eq(json_read(text, 7, &arena, &v, &n), OK);
	cr_assert(v.line == 7 && v.column == 1);
	cr_assert(v.object.members[0].line == 8 && v.object.members[0].column == 3);
	cr_assert(v.object.members[0].value.line == 8 && v.object.members[0].value.column == 8);
	cr_assert(v.object.members[0].value.list.items[0].line == 8 &&
		  v.object.members[0].value.list.items[0].column == 9);
	cr_assert(v.object.members[0].value.list.items[1].line == 9 &&
		  v.object.members[0].value.list.items[1].column == 1);
	cr_assert(v.object.members[0].value.list.items[2].column == 4);
	cr_assert(v.object.members[1].line == 10 && v.object.members[1].column == 2);
	cr_assert(v.object.members[1].value.column == 7);
}

Test(json, structure_follows_the_grammar)
{
	check_refused("", ERR_TRUNCATED, 1, 1);
	check_refused("  \n ", ERR_TRUNCATED, 2, 2);
	check_refused("[", ERR_TRUNCATED, 1, 2);
	check_refused("[1", ERR_TRUNCATED, 1, 3);
	check_refused("[1,", ERR_TRUNCATED, 1, 4);
	check_refused("[1,]", ERR_SYNTAX, 1, 4);
	check_refused("[,1]", ERR_SYNTAX, 1, 2);
	check_refused("[1 2]", ERR_SYNTAX, 1, 4);
	check_refused("[1}", ERR_SYNTAX, 1, 3);
	check_refused("]", ERR_SYNTAX, 1, 1);
	check_refused("{", ERR_TRUNCATED, 1, 2);
	check_refused("{\"a\"", ERR_TRUNCATED, 1, 5);
	check_refused("{\"a\":", ERR_TRUNCATED, 1, 6);
	check_refused("{\"a\":1", ERR_TRUNCATED, 1, 7);
	check_refused("{\"a\":1,", ERR_TRUNCATED, 1, 8);
	check_refused("{\"a\":1,}", ERR_SYNTAX, 1, 8);
	check_refused("{\"a\" 1}", ERR_SYNTAX, 1, 6);
	check_refused("{\"a\":1 \"b\":2}", ERR_SYNTAX, 1, 8);
	check_refused("{a:1}", ERR_SYNTAX, 1, 2);
	check_refused("{1:1}", ERR_SYNTAX, 1, 2);
	check_refused("{\"a\":1]", ERR_SYNTAX, 1, 7);
	check_refused("1 2", ERR_SYNTAX, 1, 3);
	check_refused("{} {}", ERR_SYNTAX, 1, 4);
	check_refused("[1] // no", ERR_SYNTAX, 1, 5);
	check_refused("\f1", ERR_SYNTAX, 1, 1);
	check_refused_str(STR("1\0"), ERR_SYNTAX, 1, 2);
	check_refused("[1,\n\n  x]", ERR_SYNTAX, 3, 3);
}

Test(json, duplicate_names_are_refused_after_unescaping)
{
	check_refused("{\"a\":1,\"a\":1}", ERR_DUPLICATE, 1, 8);
	check_refused("{\"b\":1,\"a\":1,\n \"b\":1}", ERR_DUPLICATE, 2, 2);
	check_refused("{\"a\":1,\"\\u0061\":1}", ERR_DUPLICATE, 1, 8);
	check_refused("[{\"\":1,\"\":1}]", ERR_DUPLICATE, 1, 8);
	cr_assert_eq(read("{\"a\":{\"a\":1},\"A\":1,\"aa\":1}").object.count, 3);
}

typedef size_t name_order(size_t i, size_t count);

/* {"k<order(0)>":0,...} with `count` names. */
static struct str many_names(char *text, size_t room, size_t count, name_order *order)
{
	size_t len = 0;

	text[len++] = '{';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, room - len, "%s\"k%zu\":0", i ? "," : "",
					order(i, count));
	text[len++] = '}';
	return str_slice(text, len);
}

static size_t backwards(size_t i, size_t count)
{
	return count - i;
}

static size_t shuffled(size_t i, size_t count)
{
	return i * 7919 % count;
}

static size_t shuffled_with_a_twin(size_t i, size_t count)
{
	return shuffled(i == count - 3 ? 5 : i, count);
}

Test(json, objects_of_a_hundred_thousand_names_are_quick)
{
	size_t room = 4u << 20, count = 100000;
	char *text = malloc(room);

	cr_assert_eq(read_str(many_names(text, room, count, backwards)).object.count, count);
	cr_assert_eq(read_str(many_names(text, room, count, shuffled)).object.count, count);
	free(text);
}

Test(json, a_twin_is_found_in_objects_of_any_size)
{
	size_t room = 1u << 20;
	char *text = malloc(room);

	for (size_t count = 9; count < 3000; count = count * 2 + 1) {
		struct str twins = many_names(text, room, count, shuffled_with_a_twin);
		struct value v;
		struct note n;

		cr_assert_eq(json_read(twins, 1, &arena, &v, &n), ERR_DUPLICATE, "%zu", count);
		cr_assert(strstr(n.text, "given twice"));
	}
	free(text);
}

static void check_first_twin(const char *first, const char *second)
{
	struct buf b;
	struct value v;
	struct note n;

	buf_init(&b, 1u << 16);
	buf_add_c(&b, "{");
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "\"n%02d\":0,\n", 40 - i);
	buf_addf(&b, "\"%s\":0,\"%s\":0,\n\"%s\":0,\n\"%s\":0}", first, second, first, second);
	cr_assert_eq(json_read(buf_view(&b), 1, &arena, &v, &n), ERR_DUPLICATE);
	cr_assert_eq(n.line, 42, "line %u", n.line);
	cr_assert_eq(n.column, 1);
	buf_fini(&b);
}

Test(json, the_twin_that_comes_first_in_the_text_is_reported)
{
	check_first_twin("a", "z");
	check_first_twin("z", "a");
}

Test(json, a_message_cannot_steer_a_terminal)
{
	struct str text = STR("{\"\\u001b[2J\xC2\x9B\":1,\"\\u001b[2J\xC2\x9B\":1}");
	struct value v;
	struct note n;

	cr_assert_eq(json_read(text, 1, &arena, &v, &n), ERR_DUPLICATE);
	for (const char *p = n.text; *p; p++)
		cr_assert(*p >= ' ' && *p <= '~');
	cr_assert_eq(json_read(STR("\x1B"), 1, &arena, &v, &n), ERR_SYNTAX);
	cr_assert(strstr(n.text, "0x1B"));
}

static size_t nested(char *text, size_t depth)
{
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return 2 * depth;
}

Test(json, nesting_is_bounded)
{
	char text[4 * LIMIT_DEPTH];

	(void)read_str(str_slice(text, nested(text, LIMIT_DEPTH)));
	check_refused_str(str_slice(text, nested(text, LIMIT_DEPTH + 1)), ERR_LIMIT, 1,
			  LIMIT_DEPTH + 1);
	memset(text, '[', sizeof(text));
	check_refused_str(str_slice(text, sizeof(text)), ERR_LIMIT, 1, LIMIT_DEPTH + 1);
	/* Depth is left again: brothers do not add up. */
	(void)read("[[[]],[[]],{\"a\":[]},[[[]]]]");
}

Test(json, the_number_of_values_is_bounded)
{
	size_t len = 2 * (size_t)LIMIT_NODES + 1;
	char *text = malloc(len);

	/* The list itself is one value. */
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? '1' : ',';
	text[0] = '[';
	text[len - 3] = ']';
	text[len - 2] = text[len - 1] = ' ';
	cr_assert_eq(read_str(str_slice(text, len)).list.count, LIMIT_NODES - 1);
	text[len - 3] = ',';
	text[len - 2] = '1';
	text[len - 1] = ']';
	check_refused_str(str_slice(text, len), ERR_LIMIT, 1, (unsigned)len - 1);
	free(text);
}

Test(json, the_length_is_bounded)
{
	size_t len = LIMIT_LINE_BYTES + 1;
	char *text = malloc(len);

	memset(text, ' ', len);
	text[0] = '1';
	(void)read_str(str_slice(text, len - 1));
	check_refused_str(str_slice(text, len), ERR_LIMIT, 1, 1);
	free(text);
}

static const char *const rich =
	"{\"b\":[1,2.5,\"\\u00e9\\n\",[],{\"x\":null}],\"a\":123456789012345678901234567890,"
	"\"k01\":0,\"k02\":0,\"k03\":0,\"k04\":0,\"k05\":0,\"k06\":0,\"k07\":0,\"k08\":0,\"k09\":0,"
	"\"k10\":0,\"k11\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
	"0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}";

Test(json, every_failed_allocation_is_survived)
{
	uint64_t n = 1;

	for (;; n++) {
		struct value v = value_int(42);
		struct note note = { .line = 0 };
		struct arena a;
		enum err e;

		arena_init(&a, MEMORY);
		fail_alloc_at(n);
		e = json_read(str_view(rich), 1, &a, &v, &note);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			arena_fini(&a);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
		cr_assert_eq(v.integer, 42);
		cr_assert(note.text[0]);
		arena_fini(&a);
	}
	cr_assert_gt(n, 3, "the document is not rich enough: %llu", (unsigned long long)n);
}

Test(json, an_arena_without_room_is_an_error)
{
	for (size_t cap = 0; cap < 4096; cap += 64) {
		struct value v = value_int(42);
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = json_read(str_view(rich), 1, &a, &v, NULL);
		cr_assert(e == OK || (e == ERR_MEMORY && v.integer == 42));
		arena_fini(&a);
	}
}

Test(json, plain_bytes_are_counted)
{
	cr_assert_eq(json_plain_len(STR_NONE), 0);
	cr_assert_eq(json_plain_len(STR("abc")), 3);
	cr_assert_eq(json_plain_len(STR("abcdefghijklmnop\x7Fq")), 18);
	cr_assert_eq(json_plain_len(STR("abcdefghijkl\"")), 12);
	cr_assert_eq(json_plain_len(STR("abcdefghijklmnop\xC3\xA9")), 16);
	cr_assert_eq(json_plain_len(STR("\\")), 0);
}

/* Equal trees, jansson's beside ours. Objects of jansson know no order. */
static bool same(const struct value *v, const json_t *j)
{
	switch (v->kind) {
	case VALUE_NULL:
		return json_is_null(j);
	case VALUE_BOOL:
		return json_is_boolean(j) && json_is_true(j) == v->boolean;
	case VALUE_INT:
		return json_is_integer(j) && json_integer_value(j) == v->integer;
	case VALUE_REAL:
		return (json_is_real(j) && json_real_value(j) == v->real) ||
		       (json_is_integer(j) && v->real == 0 && json_integer_value(j) == 0);
	case VALUE_STRING:
		return json_is_string(j) &&
		       str_eq(v->string, str_slice(json_string_value(j), json_string_length(j)));
	case VALUE_LIST:
		if (!json_is_array(j) || json_array_size(j) != v->list.count)
			return false;
		for (size_t i = 0; i < v->list.count; i++)
			if (!same(&v->list.items[i], json_array_get(j, i)))
				return false;
		return true;
	case VALUE_OBJECT:
		if (!json_is_object(j) || json_object_size(j) != v->object.count)
			return false;
		for (size_t i = 0; i < v->object.count; i++) {
			const struct member *m = &v->object.members[i];

			if (!same(&m->value, json_object_getn(j, m->key.ptr, m->key.len)))
				return false;
		}
		return true;
	default:
		return false;
	}
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void add_random(struct buf *b, uint64_t *x, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "false", "0", "-1", "12.5", "1e3", "-0.25E-2", "9007199254740993",
		"\"\"", "\"a\\u0000b\"", "\"\\ud83d\\ude02\"", "\"\xC3\xA9\"", "\"\\\\\\\"\"",
	};
	uint64_t kind = next_random(x) % 6, count = next_random(x) % 5;

	if (kind < 3 || depth == 0) {
		buf_add_c(b, scalars[next_random(x) % (sizeof(scalars) / sizeof(scalars[0]))]);
		return;
	}
	buf_add_byte(b, kind == 3 ? '[' : '{');
	for (uint64_t i = 0; i < count; i++) {
		buf_add_c(b, i ? (next_random(x) % 2 ? "," : " , ") : "");
		if (kind != 3)
			buf_addf(b, "\"%c%u\" :", (char)('a' + next_random(x) % 4),
				 (unsigned)(next_random(x) % 16));
		add_random(b, x, depth - 1);
	}
	buf_add_byte(b, kind == 3 ? ']' : '}');
}

Test(json, jansson_agrees_on_random_documents)
{
	uint64_t seed = UINT64_C(0xDA3E39CB94B95BDB), x = seed;
	static const char marks[] = "\"{}[],:0aeE+-.\\ \n\x80\x01";
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	unsigned accepted = 0, refused = 0;
	struct buf b;

	buf_init(&b, 1u << 20);
	for (int i = 0; i < 20000; i++) {
		struct arena_mark mark = arena_mark(&arena);
		struct value v;
		json_t *j;
		enum err e;

		buf_clear(&b);
		add_random(&b, &x, 4);
		if (i % 3 == 0)
			b.ptr[next_random(&x) % b.len] =
				marks[next_random(&x) % (sizeof(marks) - 1)];
		e = json_read(buf_view(&b), 1, &arena, &v, NULL);
		j = json_loadb(b.ptr, b.len, flags, NULL);
		cr_assert_eq(e == OK, j != NULL, "seed %llx: %.*s: %s", (unsigned long long)seed,
			     STR_ARG(buf_view(&b)), err_name(e));
		cr_assert(e != OK || same(&v, j), "seed %llx: %.*s", (unsigned long long)seed,
			  STR_ARG(buf_view(&b)));
		accepted += e == OK;
		refused += e != OK;
		json_decref(j);
		arena_rewind(&arena, mark);
	}
	cr_assert(accepted > 1000 && refused > 1000, "%u accepted, %u refused", accepted, refused);
	buf_fini(&b);
}
