/* cedar_words: comments beside their words, brackets paired, blanks where they belong. */
#include <criterion/criterion.h>

#include "engine/cedar/words.h"
#include "tests/kit/fail_alloc.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(cedar_words, .init = start, .fini = stop);

static struct cedar_words read_words(const char *text, enum cedar_syntax syntax)
{
	struct cedar_words w;
	struct note n = { .line = 0 };

	cr_assert_eq(cedar_words_read(str_view(text), syntax, &memory, &w, &n), OK, "%u:%u: %s",
		     n.line, n.column, n.text);
	return w;
}

/* The words as they stand in one line. */
static void check_blanks(const char *text, enum cedar_syntax syntax, const char *expected)
{
	struct cedar_words w = read_words(text, syntax);
	struct buf b;

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < w.count; i++) {
		buf_add_c(&b, w.items[i].blank ? " " : "");
		cr_assert_eq(w.items[i].at, b.len, "%s: word %zu", text, i);
		buf_add(&b, w.items[i].text);
	}
	cr_expect(str_is(buf_view(&b), expected), "%s: %.*s", text, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(cedar_words, blanks_stand_where_they_belong)
{
	static const char *const rows[][2] = {
		{ "@id ( \"a b\" )permit(principal,action,resource)when{true};",
		  "@id(\"a b\") permit (principal, action, resource) when { true };" },
		{ "@plain permit(a)unless{- 1<-(2)-3-- 4*-a.b};",
		  "@plain permit (a) unless { -1 < -(2) - 3 - -4 * -a.b };" },
		{ "x{! a&&!(b)||f ( a , [ 1 ] )[ \"k\" ].c.d(1)};",
		  "x { !a && !(b) || f(a, [1])[\"k\"].c.d(1) };" },
		{ "x{{ a : 1 , \"b\" : { } } has c};", "x { {a: 1, \"b\": {}} has c };" },
		{ "x{if(a)then[1]else A :: B :: \"c\"};",
		  "x { if (a) then [1] else A::B::\"c\" };" },
		{ "x(principal == ? principal,a in[b])", "x (principal == ?principal, a in [b])" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_blanks(rows[i][0], CEDAR_POLICIES, rows[i][1]);
	check_blanks(
		"namespace A::B{entity C,D in[E]={a ? : Set < Set<Long> >,b:{ }}tags F;}",
		CEDAR_SCHEMA,
		"namespace A::B { entity C, D in [E] = { a?: Set<Set<Long>>, b: {} } tags F; }");
	check_blanks("@doc(\"x\")entity A enum[\"a\"];", CEDAR_SCHEMA,
		     "@doc(\"x\") entity A enum [\"a\"];");
}

Test(cedar_words, comments_are_beside_their_words)
{
	struct cedar_words w = read_words("\n\n// one  \n\n\n  // two\na // behind\r // three\r\n"
					  "b \"// none\" //four",
					  CEDAR_POLICIES);

	cr_assert_eq(w.count, 3);
	cr_assert_eq(w.remark_count, 3);
	cr_expect(str_is(w.remarks[0].text, "// one") && w.remarks[0].gap);
	cr_expect(str_is(w.remarks[1].text, "// two") && w.remarks[1].gap);
	cr_expect(str_is(w.remarks[2].text, "// three") && !w.remarks[2].gap);
	cr_expect_eq(w.items[0].remarks_end, 2);
	cr_expect(str_is(w.items[0].behind, "// behind"));
	cr_expect_eq(w.items[1].remarks_end, 3);
	cr_expect_eq(w.items[1].breaks, 1);
	cr_expect(str_is(w.items[2].behind, "//four"));
	cr_expect_eq(w.items[3].kind, CEDAR_END);
}

Test(cedar_words, a_blank_line_is_seen)
{
	struct cedar_words w = read_words("a\nb\n\nc\n// c\n\nd", CEDAR_POLICIES);

	cr_expect(!w.items[1].gap && w.items[2].gap && w.items[3].gap);
	cr_expect_not(w.remarks[0].gap);
}

Test(cedar_words, brackets_find_their_mates)
{
	struct cedar_words w = read_words("a(b[{}],())", CEDAR_POLICIES);
	struct cedar_words list = read_words("[a,[b,]]", CEDAR_POLICIES);
	struct note n;

	cr_expect_eq(w.items[1].mate, 10);
	cr_expect_eq(w.items[10].mate, 1);
	cr_expect_eq(w.items[3].mate, 6);
	cr_expect_eq(w.items[4].mate, 5);
	cr_expect_eq(w.items[9].mate, 8);
	cr_expect_eq(list.items[5].breaks, 0);
	cr_expect_eq(list.items[6].breaks, 1, "a final comma keeps the list broken");
	cr_expect_eq(cedar_words_read(STR("a)"), CEDAR_POLICIES, &memory, &w, &n), ERR_SYNTAX);
	cr_expect_eq(cedar_words_read(STR("a("), CEDAR_POLICIES, &memory, &w, &n), ERR_SYNTAX);
	cr_expect_eq(cedar_words_read(STR("a < b"), CEDAR_SCHEMA, &memory, &w, &n), ERR_SYNTAX);
	cr_expect_eq(cedar_words_read(STR("a < b"), CEDAR_POLICIES, &memory, &w, &n), OK);
}

Test(cedar_words, the_same_words_and_comments_are_the_same)
{
	struct cedar_words w = read_words("a // x\n// y\nb", CEDAR_POLICIES);
	static const struct {
		const char *text;
		bool same;
	} rows[] = {
		{ "a// x\n\n  // y\n\nb", true },  { "// x\na b // y", true },
		{ "a // y\n// x\nb", false },      { "a // x\nb", false },
		{ "a // x\n// y\nb // z", false }, { "a // x\n// y\nc", false },
		{ "a // x\n// y\nb b", false },    { "a // x\n// y\n\"b\"", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cedar_words other = read_words(rows[i].text, CEDAR_POLICIES);

		cr_expect_eq(cedar_words_same(&w, &other), rows[i].same, "%s", rows[i].text);
	}
}

Test(cedar_words, no_memory_is_an_error)
{
	for (size_t cap = 0;; cap += 64) {
		struct cedar_words w;
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = cedar_words_read(STR("// a\nb(c)// d\n// e"), CEDAR_POLICIES, &a, &w, NULL);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
}
