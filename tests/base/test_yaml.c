/* yaml: one document as a value tree, nothing that surprises. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/base/limits.h"
#include "engine/base/yaml.h"
#include "tests/kit/fail_alloc.h"

static struct arena arena;
static struct note note;

static void setup(void)
{
	arena_init(&arena, 256 << 20);
}

static void teardown(void)
{
	arena_fini(&arena);
}

TestSuite(yaml, .init = setup, .fini = teardown);

static struct value read_ok(const char *text)
{
	struct value v = { 0 };

	note = (struct note){ 0 };
	cr_assert_eq(yaml_read(str_view(text), &arena, &v, &note), OK, "%s: %u:%u %s", text,
		     note.line, note.column, note.text);
	return v;
}

static void refused(struct str text, enum err e, uint32_t line, uint32_t column)
{
	struct value v = { .kind = VALUE_BOOL };

	note = (struct note){ 0 };
	cr_assert_eq(yaml_read(text, &arena, &v, &note), e, "%.*s: %s", STR_ARG(text), note.text);
	cr_assert(note.line == line && note.column == column, "%.*s: at %u:%u %s", STR_ARG(text),
		  note.line, note.column, note.text);
	cr_assert_gt(strlen(note.text), 10);
	cr_assert_eq(v.kind, VALUE_BOOL);
}

static const struct value *member(const struct value *v, const char *key)
{
	for (size_t i = 0; v->kind == VALUE_OBJECT && i < v->object.count; i++)
		if (str_is(v->object.members[i].key, key))
			return &v->object.members[i].value;
	cr_assert_fail("no member %s", key);
	return NULL;
}

Test(yaml, a_policy_becomes_a_tree_with_places)
{
	struct value v = read_ok("# comment\n"
				 "name: first\n"
				 "rules:\n"
				 "  - tool: shell\n"
				 "    limit: 10\n"
				 "  - [a, 'b', \"c\\td\"]\n"
				 "on: { yes: no }\n");
	const struct value *rules = member(&v, "rules");
	const struct value *inner;

	cr_assert(v.kind == VALUE_OBJECT && v.object.count == 3);
	cr_assert(str_is(member(&v, "name")->string, "first"));
	cr_assert(v.object.members[1].line == 3 && v.object.members[1].column == 1);
	cr_assert(rules->kind == VALUE_LIST && rules->list.count == 2);
	cr_assert(rules->line == 4 && rules->column == 3);
	cr_assert_eq(member(&rules->list.items[0], "limit")->integer, 10);
	cr_assert(member(&rules->list.items[0], "limit")->line == 5);
	cr_assert(member(&rules->list.items[0], "limit")->column == 12);
	inner = &rules->list.items[1];
	cr_assert(inner->kind == VALUE_LIST && inner->list.count == 3);
	cr_assert(str_is(inner->list.items[2].string, "c\td"));
	cr_assert(str_is(member(member(&v, "on"), "yes")->string, "no"));
}

Test(yaml, columns_count_characters)
{
	struct value v = read_ok("\xC3\xA9\xE2\x82\xAC: x\n");

	cr_assert_eq(v.object.members[0].value.column, 5);
	refused(STR("\xC3\xA9: [\xC3\xA9, &a x]"), ERR_SYNTAX, 1, 8);
}

Test(yaml, scalars_resolve_by_the_core_schema)
{
	static const struct { const char *text; int64_t integer; } ints[] = {
		{ "0", 0 }, { "-0", 0 }, { "+12", 12 }, { "-19", -19 }, { "0o17", 15 },
		{ "0x1F", 31 }, { "0xfF", 255 }, { "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN }, { "0x7fffffffffffffff", INT64_MAX },
	};
	static const struct { const char *text; double real; } reals[] = {
		{ "1.5", 1.5 }, { "-.5", -.5 }, { "1.", 1 }, { "1e3", 1000 }, { "+1.5E-2", .015 },
		{ "0.1", .1 }, { "1e-400", 0 },
		{ "123456789012345678901234567890.0", 1.2345678901234568e29 },
	};
	static const char *const strings[] = {
		"yes", "no", "on", "off", "y", "n", "nULL", "tRue", "1_000", "0b1", "0o8", "0xg",
		"0x", "0o", "-0x1", "1e", "e1", ".", "-a", "+", "1.2.3", "12:30:45", "2001-01-01",
		"1 2", "--1", "inf", "nan", "-.e1", ".e1", "=", "'12'", "\"true\"", "''",
		"\"~\"", "\".inf\"", NULL
	};
	static const char *const bigs[][2] = {
		{ "9223372036854775808", "9223372036854775808" },
		{ "-9223372036854775809", "-9223372036854775809" },
		{ "+18446744073709551616", "18446744073709551616" },
	};

	for (size_t i = 0; i < sizeof(ints) / sizeof(*ints); i++) {
		struct value v = read_ok(ints[i].text);

		cr_assert(v.kind == VALUE_INT && v.integer == ints[i].integer, "%s", ints[i].text);
	}
	for (size_t i = 0; i < sizeof(reals) / sizeof(*reals); i++) {
		struct value v = read_ok(reals[i].text);

		cr_assert(v.kind == VALUE_REAL && v.real == reals[i].real, "%s", reals[i].text);
	}
	for (size_t i = 0; strings[i]; i++)
		cr_assert_eq(read_ok(strings[i]).kind, VALUE_STRING, "%s", strings[i]);
	for (size_t i = 0; i < 3; i++) {
		struct value v = read_ok(bigs[i][0]);

		cr_assert(v.kind == VALUE_BIG && str_is(v.string, bigs[i][1]), "%s", bigs[i][0]);
	}
	cr_assert(read_ok("True").boolean && read_ok("TRUE").boolean && read_ok("true").boolean);
	cr_assert(read_ok("False").kind == VALUE_BOOL && !read_ok("FALSE").boolean);
	cr_assert(read_ok("~").kind == VALUE_NULL && read_ok("Null").kind == VALUE_NULL);
	cr_assert_eq(member(&(struct value[1]){ read_ok("a:") }[0], "a")->kind, VALUE_NULL);
}

Test(yaml, numbers_that_nothing_holds_are_refused)
{
	refused(STR("a: .inf"), ERR_RANGE, 1, 4);
	refused(STR("-.INF"), ERR_RANGE, 1, 1);
	refused(STR("- .NaN"), ERR_RANGE, 1, 3);
	refused(STR("1e400"), ERR_RANGE, 1, 1);
	refused(STR("0x8000000000000000"), ERR_RANGE, 1, 1);
	refused(STR("0o7777777777777777777777777"), ERR_RANGE, 1, 1);
	refused(STR("a: 010"), ERR_SYNTAX, 1, 4);
	refused(STR("-00018446744073709551616"), ERR_SYNTAX, 1, 1);
	cr_assert_eq(read_ok("00.5").kind, VALUE_REAL);
}

Test(yaml, empty_documents_are_null)
{
	cr_assert_eq(read_ok("").kind, VALUE_NULL);
	cr_assert_eq(read_ok("# only a comment\n").kind, VALUE_NULL);
	cr_assert_eq(read_ok("---\n...\n").kind, VALUE_NULL);
	cr_assert_eq(read_ok("\xEF\xBB\xBF").kind, VALUE_NULL);
	cr_assert(read_ok("[]").kind == VALUE_LIST && read_ok("{}").kind == VALUE_OBJECT);
}

Test(yaml, block_scalars_are_text)
{
	struct value v = read_ok("a: |\n  12\n  x\nb: >-\n  one\n  two\n");

	cr_assert(str_is(member(&v, "a")->string, "12\nx\n"));
	cr_assert(str_is(member(&v, "b")->string, "one two"));
	cr_assert_eq(read_ok("|\n true\n").kind, VALUE_STRING);
}

Test(yaml, keys_are_always_text)
{
	struct value v = read_ok("1: a\ntrue: b\n'': c\n\"<<\": d\n~: e\n? long\n: f\n");

	cr_assert_eq(v.object.count, 6);
	cr_assert(str_is(member(&v, "1")->string, "a") && str_is(member(&v, "true")->string, "b"));
	cr_assert(str_is(member(&v, "")->string, "c") && str_is(member(&v, "~")->string, "e"));
	refused(STR("1: a\n1: b"), ERR_DUPLICATE, 2, 1);
}

Test(yaml, what_could_surprise_is_refused_where_it_stands)
{
	refused(STR("a: &x 1\nb: *x\n"), ERR_SYNTAX, 1, 4);
	refused(STR("b: *x\n"), ERR_SYNTAX, 1, 4);
	refused(STR("&x [1]\n"), ERR_SYNTAX, 1, 1);
	refused(STR("a: &x {}\n"), ERR_SYNTAX, 1, 4);
	refused(STR("&k a: 1\n"), ERR_SYNTAX, 1, 1);
	refused(STR("a: !!str 1\n"), ERR_SYNTAX, 1, 4);
	refused(STR("a: ! 1\n"), ERR_SYNTAX, 1, 4);
	refused(STR("\xC3\xA9: ! '1'\n"), ERR_SYNTAX, 1, 4);
	refused(STR("a: !x [1]\n"), ERR_SYNTAX, 1, 4);
	refused(STR("!!map {}\n"), ERR_SYNTAX, 1, 1);
	refused(STR("x: 1\n<<: {a: 1}\n"), ERR_SYNTAX, 2, 1);
	refused(STR("[a, b]: c\n"), ERR_SYNTAX, 1, 1);
	refused(STR("? {a: b}\n: c\n"), ERR_SYNTAX, 1, 3);
	refused(STR("x: {{a: b}}\n"), ERR_SYNTAX, 1, 5);
	refused(STR("a: 1\n: 2\n"), ERR_SYNTAX, 2, 1);
	refused(STR("a: 1\n--- \nb: 2\n"), ERR_SYNTAX, 2, 1);
	refused(STR("---\n---\n"), ERR_SYNTAX, 2, 1);
	refused(STR("%TAG ! tag:x,2000:\n---\na: 1\n"), ERR_SYNTAX, 1, 1);
	refused(STR("%YAML 1.1\n---\na: 1\n"), ERR_VERSION, 1, 1);
	cr_assert_eq(read_ok("%YAML 1.2\n---\na: 1\n").kind, VALUE_OBJECT);
	cr_assert(str_is(member(&(struct value[1]){ read_ok("a: x!y *b &c") }[0], "a")->string,
			 "x!y *b &c"));
}

/* libyaml ends a line at each of the first four, and what follows would be no comment any more. */
Test(yaml, nothing_hides_in_a_comment_or_in_a_name)
{
	refused(STR("a: 1 # x\rb: 2\n"), ERR_SYNTAX, 1, 9);
	refused(STR("a: 1 # x\xC2\x85" "b: 2\n"), ERR_SYNTAX, 1, 9);
	refused(STR("\xC3\xA9: 1\n# \xE2\x80\xA8" "b: 2\n"), ERR_SYNTAX, 2, 3);
	refused(STR("# \xE2\x80\xA9" "b: 2\n"), ERR_SYNTAX, 1, 3);
	refused(STR("a: r\xE2\x80\x8Bm\n"), ERR_SYNTAX, 1, 5);
	refused(STR("a: '\xE2\x80\xAEmr'\n"), ERR_SYNTAX, 1, 5);
	refused(STR("a: x\xEF\xBB\xBF\n"), ERR_SYNTAX, 1, 5);
	refused(STR("a: x\xF3\xA0\x81\xA1\n"), ERR_SYNTAX, 1, 5);
	refused(STR("a: x\r"), ERR_SYNTAX, 1, 5);
	cr_assert(str_is(member(&(struct value[1]){ read_ok("# x\r\na: \"r\\u200Bm\"\r\n") }[0],
				"a")->string, "r\xE2\x80\x8Bm"));
	cr_assert_eq(read_ok("a: \xC2\xA0\xE2\x9A\xA0\xEF\xB8\x8F\n").object.count, 1);
}

/* It compares each such line with all before; here the first is refused before it sees any. */
Test(yaml, tag_lines_never_reach_libyaml)
{
	refused(STR("# x\n%TAG ! a\n%TAG ! a\n---\na: 1\n"), ERR_SYNTAX, 2, 1);
}

Test(yaml, an_alias_bomb_does_not_go_off)
{
	struct str bomb = STR("a: &a [x,x,x,x,x,x,x,x,x]\n"
			      "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			      "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n");

	refused(bomb, ERR_SYNTAX, 1, 4);
	cr_assert_lt(arena.held_bytes, 1 << 20);
}

Test(yaml, a_star_that_was_not_quoted_is_told_how_to_be)
{
	refused(STR("tools: [*]\n"), ERR_SYNTAX, 1, 9);
	cr_assert(strstr(note.text, "\"*\""), "%s", note.text);
	refused(STR("a: 1\ntools:\n  - *\n"), ERR_SYNTAX, 3, 5);
	cr_assert(strstr(note.text, "\"*\""), "%s", note.text);
	refused(STR("tools: [*_x]\n"), ERR_SYNTAX, 1, 9);
	cr_assert(strstr(note.text, "quote"), "%s", note.text);
}

Test(yaml, duplicate_keys_are_refused_at_any_level)
{
	refused(STR("a: 1\nb: 2\na: 3\n"), ERR_DUPLICATE, 3, 1);
	refused(STR("a: 1\n'a': 3\n"), ERR_DUPLICATE, 2, 1);
	refused(STR("x:\n  - {k: 1, j: 2, \"\\x6b\": 3}\n"), ERR_DUPLICATE, 2, 18);
	refused(STR("b: 1\na: 1\na: 2\nb: 2\n"), ERR_DUPLICATE, 3, 1);
	cr_assert_eq(read_ok("a: {a: 1}\nb: {a: 1}").object.count, 2);
}

Test(yaml, broken_text_is_placed)
{
	refused(STR("a:\n\t- b\n"), ERR_SYNTAX, 2, 1);
	refused(STR("a: [1, 2\n"), ERR_SYNTAX, 2, 1);
	refused(STR("a: b: c\n"), ERR_SYNTAX, 1, 5);
	refused(STR("a: \"x\n"), ERR_SYNTAX, 2, 1);
	refused(STR("a: @x\n"), ERR_SYNTAX, 1, 4);
}

Test(yaml, other_encodings_are_refused)
{
	refused(STR("a: 1\nb: \xFF\n"), ERR_ENCODING, 2, 4);
	refused(STR("\xC3\xA9\xC3"), ERR_ENCODING, 1, 2);
	refused(STR("\xED\xA0\x80"), ERR_ENCODING, 1, 1);
	refused(STR("\xFF\xFE" "a\0:\0"), ERR_ENCODING, 1, 1);
	refused(STR("a\0:\0 \0b\0"), ERR_SYNTAX, 1, 2);
	refused(STR("a: b\n\xC3\xA9\x07"), ERR_SYNTAX, 2, 2);
	cr_assert_eq(read_ok("\xEF\xBB\xBF" "a: 1").object.members[0].column, 1);
}

Test(yaml, depth_and_size_have_limits)
{
	char text[LIMIT_DEPTH + 2];
	struct str big;
	char *bytes = arena_alloc(&arena, LIMIT_YAML_BYTES + 1);

	memset(text, '[', sizeof(text));
	text[LIMIT_DEPTH] = ']';
	refused(str_slice(text, LIMIT_DEPTH + 1), ERR_SYNTAX, 2, 1);
	text[LIMIT_DEPTH] = '[';
	refused(str_slice(text, LIMIT_DEPTH + 1), ERR_LIMIT, 1, LIMIT_DEPTH + 1);
	memset(bytes, '[', LIMIT_YAML_BYTES);
	refused(str_slice(bytes, LIMIT_YAML_BYTES), ERR_LIMIT, 1, LIMIT_DEPTH + 1);
	memset(bytes, 'x', LIMIT_YAML_BYTES + 1);
	big = str_slice(bytes, LIMIT_YAML_BYTES);
	cr_assert_eq(yaml_read(big, &arena, &(struct value){ 0 }, NULL), OK);
	cr_assert_eq(yaml_read(str_slice(bytes, big.len + 1), &arena, &(struct value){ 0 }, NULL),
		     ERR_LIMIT);
}

Test(yaml, the_largest_documents_are_read_in_a_moment)
{
	static const char *const units[] = {
		"- \n", "[],", "-1,", "a,", "? a\n", "'',", "{},", "\"\\0\",",
	};
	char *bytes = arena_alloc(&arena, LIMIT_YAML_BYTES + 1);
	struct arena_mark mark = arena_mark(&arena);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t len = strlen(units[i]), at = 0;
		bool flow = units[i][len - 1] == ',';
		struct value v;
		enum err e;

		if (flow)
			bytes[at++] = '[';
		for (; at + len < LIMIT_YAML_BYTES; at += len)
			memcpy(bytes + at, units[i], len);
		if (flow)
			bytes[at++] = ']';
		e = yaml_read(str_slice(bytes, at), &arena, &v, &note);
		cr_assert(e == OK || e == ERR_DUPLICATE, "%s: %s %s", units[i], err_name(e),
			  note.text);
		arena_rewind(&arena, mark);
	}
}

Test(yaml, survives_every_failing_allocation)
{
	struct str text = STR("a: [1, 2.5, x, 99999999999999999999]\nb: {c: d, e: [f]}\n");
	struct arena_mark mark = arena_mark(&arena);

	for (uint64_t n = 1; ; n++) {
		struct value v = { .kind = VALUE_BOOL };
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = yaml_read(text, &a, &v, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			arena_fini(&a);
			break;
		}
		cr_assert(e == ERR_MEMORY && v.kind == VALUE_BOOL);
		arena_fini(&a);
	}
	for (size_t cap = 0; ; cap += 64) {
		struct value v = { .kind = VALUE_BOOL };
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = yaml_read(text, &a, &v, NULL);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert(e == ERR_MEMORY && v.kind == VALUE_BOOL);
	}
	refused(STR("a: [x, y, &z]"), ERR_SYNTAX, 1, 11);
	cr_assert_eq(arena_mark(&arena).used, mark.used, "a refused text leaves no memory behind");
}
