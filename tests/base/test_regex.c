/* regex: RE2's syntax in linear time. */
#include <criterion/criterion.h>
#include <regex.h>
#include <stdio.h>

#include "engine/base/limits.h"
#include "engine/base/match.h"
#include "tests/kit/fail_alloc.h"

static struct arena arena;
static struct note note;

static void setup(void)
{
	arena_init(&arena, 64 << 20);
}

static void teardown(void)
{
	arena_fini(&arena);
}

TestSuite(regex, .init = setup, .fini = teardown);

static const struct regex *compiled(struct str pattern)
{
	const struct regex *re = NULL;

	cr_assert_eq(regex_compile(pattern, &arena, &re, &note), OK, "%.*s: %s", STR_ARG(pattern),
		     note.text);
	return re;
}

static bool matches(const char *pattern, const char *text)
{
	return regex_match(compiled(str_view(pattern)), str_view(text));
}

struct row {
	const char *pattern, *yes, *no;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cr_assert(!rows[i].yes || matches(rows[i].pattern, rows[i].yes),
			  "%s should match %s", rows[i].pattern, rows[i].yes);
		cr_assert(!rows[i].no || !matches(rows[i].pattern, rows[i].no),
			  "%s should not match %s", rows[i].pattern, rows[i].no);
	}
}

#define CHECK(...)                                                                               \
	do {                                                                                     \
		static const struct row rows_[] = { __VA_ARGS__ };                               \
		check_rows(rows_, sizeof(rows_) / sizeof(*rows_));                               \
	} while (0)

Test(regex, any_part_of_the_text_may_match)
{
	CHECK({ "", "", NULL }, { "", "abc", NULL }, { "b", "abc", "ac" }, { "^b", "bc", "abc" },
	      { "b$", "ab", "abc" }, { "^$", "", "a" }, { "^abc$", "abc", "abcd" },
	      { "\\Aa\\z", "a", "a\n" }, { "a$", "a", "a\n" }, { "()", "x", NULL });
}

Test(regex, alternatives_and_repetitions)
{
	CHECK({ "^(a|b|cd)$", "cd", "c" }, { "^a|b$", "xb", "xa" }, { "^(a|)$", "", "b" },
	      { "^(|a)b$", "ab", "aab" }, { "^a*$", "aaa", "aab" }, { "^a+$", "a", "" },
	      { "^ab?c$", "ac", "abbc" }, { "^(ab)*$", "abab", "aba" }, { "^(a*)*$", "aa", "b" },
	      { "^(a*|b)*$", "abba", "abc" }, { "^a*?b$", "aab", "aa" }, { "^(a+?)+?$", "aa", "" },
	      { "^a??$", "", "aa" }, { "(^a)*b", "b", "a" },
	      { "^(a|ab)(c|bcd)$", "abcd", "abc d" });
}

Test(regex, counts_expand)
{
	CHECK({ "^a{3}$", "aaa", "aa" }, { "^a{3}$", NULL, "aaaa" }, { "^a{2,}$", "aaaaa", "a" },
	      { "^a{2,4}$", "aaaa", "aaaaa" }, { "^a{2,4}$", "aa", "a" }, { "^a{0}$", "", "a" },
	      { "^a{0,2}$", "aa", "aaa" }, { "^a{0,}$", "", "b" }, { "^a{0,2}$", "", "b" },
	      { "^(ab|c){2}$", "abc", "ab" }, { "^(a{2}){3}$", "aaaaaa", "aaaa" },
	      { "^a{1}$", "a", "aa" }, { "^a{1,}$", "aaa", "" }, { "^(a{0,1}b){2}$", "bab", "aab" },
	      { "a{,3}", "a{,3}", "aaa" }, { "^{$", "{", "" }, { "a{1", "a{1", "a" },
	      { "x{y}", "x{y}", "xy" }, { "^a{2}?$", "aa", "a" });
}

Test(regex, sets_and_classes)
{
	CHECK({ "^[abc]+$", "cab", "cad" }, { "^[a-c]$", "b", "d" }, { "^[^a-c]$", "d", "b" },
	      { "^[]a]$", "]", "b" }, { "^[^]a]$", "b", "]" }, { "^[a-]$", "-", "b" },
	      { "^[-a]$", "-", "b" }, { "^[\\]x]$", "]", "y" }, { "^[\\d.]+$", "1.2", "1,2" },
	      { "^[^\\d]$", "a", "1" }, { "^[\\D]$", "a", "1" }, { "^[\\W1]$", "1", "2" },
	      { "^[[:alpha:]_]+$", "aZ_", "a1" }, { "^[[:^alpha:]]$", "1", "a" },
	      { "^[[:xdigit:]]+$", "09afAF", "g" }, { "^[[:space:]]$", "\v", "x" },
	      { "^\\s$", "\f", "\v" }, { "^\\S$", "x", " " }, { "^\\d\\D$", "1a", "a1" },
	      { "^\\w\\W$", "_-", "--" }, { "^[a-c-e]$", "-", "d" }, { "^[[:word:]]$", "_", "-" },
	      { "^[a\\x{20ac}]$", "\xE2\x82\xAC", "\xE2\x82\xAD" }, { "^[[a]$", "[", ":" },
	      { "^[\\n\\t]$", "\t", "t" }, { "^[^a]$", "\n", "a" }, { "^[.*$^]$", "$", "a" });
}

Test(regex, dots_lines_and_flags)
{
	CHECK({ "^.$", "x", "\n" }, { "(?s)^.$", "\n", "ab" },
	{ "^a.c$", "a\xE2\x82\xAC" "c", "ac" },
	      { "(?i)^hello$", "HeLLo", "hallo" }, { "(?i)[a-c]x", "Bx", "dx" },
	      { "(?i)^[^a]$", "b", "A" }, { "^(?i:a)b$", "Ab", "AB" },
	      { "^(?i)a(?-i)b$", "Ab", "AB" },
	      { "^((?i)a)b$", "Ab", "AB" }, { "(?i)^\xC3\xA9$", "\xC3\xA9", "\xC3\x89" },
	      { "(?m)^b$", "a\nb\nc", "a\nbc" },
	      { "(?m)b$", "ab", "abc" }, { "(?m)^a", "a\n", "ba" }, { "^b$", "b", "a\nb\nc" },
	      { "(?im-s)^B.", "a\nbx", "b\n" },
	      { "(?i)a|b", "xB", "xc" }, { "^(?P<name>a)(?<x>b)(?:c)$", "abc", "ab" },
	      { "(?i)^[[:^upper:]]$", "1", "a" }, { "(?i)^[[:^lower:]]$", "-", "A" },
	      { "(?i)^[[:upper:]]$", "a", "1" }, { "(?i)^[[:lower:]]$", "A", "1" },
	      { "(?i)[@-[]", "z", "1" }, { "(?i)k", "K", "\xE2\x84\xAA" });
}

Test(regex, word_edges_are_ascii)
{
	CHECK({ "\\bcat\\b", "a cat!", "concat" }, { "^\\b", "a", " " }, { "\\b$", "a", "-" },
	      { "\\Bat", "cat", "at" }, { "^\\B$", "", "a" }, { "a\\b\xC3\xA9", "a\xC3\xA9", NULL },
	      { "\\b", "a", "" }, { "\\bx\\b", "_ x", "_x" });
}

Test(regex, escapes_stand_for_characters)
{
	CHECK({ "^\\.\\*\\[\\]\\\\$", ".*[]\\", "a" }, { "^\\x41\\x{42}\\103$", "ABC", "abc" },
	      { "^\\t\\n\\r\\f\\v\\a$", "\t\n\r\f\v\a", "t" },
	      { "^\\x{1F600}$", "\xF0\x9F\x98\x80", "x" },
	      { "^\\/\\-\\@$", "/-@", NULL }, { "^\\0$", NULL, "0" }, { "]}", "]}", "]" });
	cr_assert(regex_match(compiled(STR("^a\\0b\\x00$")), STR("a\0b\0")));
	cr_assert(regex_match(compiled(STR("^a\0$")), STR("a\0")));
}

Test(regex, stray_bytes_match_dots_and_negations_only)
{
	CHECK({ "^.$", "\xFF", NULL }, { "^[^a]$", "\xC3", NULL },
	{ "^\\W\\D\\S$", "\xFF\xFE\x80", NULL },
	      { "[\\x{0}-\\x{10FFFF}]", NULL, "\xFF" }, { "\xC3\xBF", NULL, "\xFF" },
	      { "^..$", "\xC3\xFF", "\xC3\xA9" });
}

Test(regex, refused_patterns_say_where)
{
	static const struct { const char *pattern; enum err e; uint32_t column; } rows[] = {
		{ "a**", ERR_SYNTAX, 3 }, { "*a", ERR_SYNTAX, 1 }, { "a|*", ERR_SYNTAX, 3 },
		{ "(", ERR_SYNTAX, 1 }, { "a)", ERR_SYNTAX, 2 }, { "a(b", ERR_SYNTAX, 2 },
		{ "[a", ERR_SYNTAX, 1 }, { "[]", ERR_SYNTAX, 1 }, { "[a-", ERR_SYNTAX, 1 },
		{ "[z-a]", ERR_SYNTAX, 2 }, { "[a-\\d]", ERR_SYNTAX, 4 },
		{ "[[:nope:]]", ERR_SYNTAX, 2 },
		{ "ab\\", ERR_SYNTAX, 3 }, { "\\pL", ERR_SYNTAX, 1 }, { "(a)\\1", ERR_SYNTAX, 4 },
		{ "\\8", ERR_SYNTAX, 1 }, { "\\q", ERR_SYNTAX, 1 }, { "\\x4", ERR_SYNTAX, 1 },
		{ "\\x{110000}", ERR_SYNTAX, 1 }, { "\\x{}", ERR_SYNTAX, 1 },
		{ "\\x{41", ERR_SYNTAX, 1 },
		{ "a{2,1}", ERR_SYNTAX, 2 }, { "a{1001}", ERR_SYNTAX, 2 },
		{ "a{1,99999999999}", ERR_SYNTAX, 2 },
		{ "(?=a)", ERR_SYNTAX, 3 }, { "(?!a)", ERR_SYNTAX, 3 }, { "(?<=a)", ERR_SYNTAX, 4 },
		{ "(?x)a", ERR_SYNTAX, 3 }, { "(?)", ERR_SYNTAX, 3 }, { "(?i-)a", ERR_SYNTAX, 5 },
		{ "(?i)*", ERR_SYNTAX, 5 }, { "(?P<n", ERR_SYNTAX, 6 }, { "(?i", ERR_SYNTAX, 4 },
		{ "a{2}{3}", ERR_SYNTAX, 5 }, { "a*??", ERR_SYNTAX, 4 }, { "\\Qa", ERR_SYNTAX, 1 },
		{ "ab\xFF", ERR_ENCODING, 3 }, { "(a{100}){100}", ERR_LIMIT, 12 },
		{ "\\\xC3\xA9", ERR_SYNTAX, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct regex *re = NULL;

		note = (struct note){ 0 };
		cr_assert_eq(regex_compile(str_view(rows[i].pattern), &arena, &re, &note),
			     rows[i].e, "%s: %s", rows[i].pattern, note.text);
		cr_assert(!re && note.line == 1 && strlen(note.text) > 10);
		if (rows[i].e != ERR_LIMIT)
			cr_assert_eq(note.column, rows[i].column, "%s: %u", rows[i].pattern,
				     note.column);
	}
}

Test(regex, sizes_and_depths_have_limits)
{
	char pattern[LIMIT_REGEX_BYTES + 1];
	const struct regex *re;

	memset(pattern, 'a', sizeof(pattern));
	cr_assert_eq(regex_compile(str_slice(pattern, LIMIT_REGEX_BYTES + 1), &arena, &re, NULL),
		     ERR_LIMIT);
	cr_assert_eq(regex_compile(str_slice(pattern, LIMIT_REGEX_BYTES), &arena, &re, NULL),
		     ERR_LIMIT, "one state more for the match");
	cr_assert_eq(regex_states(compiled(str_slice(pattern, LIMIT_REGEX_BYTES - 1))),
		     LIMIT_REGEX_STATES);
	memset(pattern, '(', sizeof(pattern));
	cr_assert_eq(regex_compile(str_slice(pattern, LIMIT_REGEX_BYTES), &arena, &re, NULL),
		     ERR_LIMIT);
	memset(pattern + LIMIT_DEPTH, ')', LIMIT_DEPTH);
	cr_assert_eq(regex_compile(str_slice(pattern, 2 * LIMIT_DEPTH), &arena, &re, NULL), OK);
	memset(pattern, '|', sizeof(pattern));
	(void)compiled(str_slice(pattern, 400));
	re = compiled(STR("((((((){1000}){1000}){1000}){1000}){1000})"));
	cr_assert_eq(regex_states(re), 1, "nothing, repeated, is nothing");
}

Test(regex, the_sets_of_any_pattern_fit)
{
	static const char *const units[] = {
		"\\w", "\\S", "a", "[:^punct:]", "@-z", "\\D", "\xC3\xA9",
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		char pattern[LIMIT_REGEX_BYTES + 16] = "(?i)[";
		size_t len = strlen(units[i]), at = 5;

		for (; at + len + 1 <= LIMIT_REGEX_BYTES; at += len)
			memcpy(pattern + at, units[i], len);
		pattern[at++] = ']';
		(void)compiled(str_slice(pattern, at));
	}
}

/* Steps, not time: the work is bounded by states times positions whatever the pattern. */
Test(regex, work_is_linear_in_the_text)
{
	static const char *const patterns[] = {
		"(a*)*b", "(a|aa)+$x", "(a|a)*b", "a*a*a*a*a*a*a*b", "((a+)+)+b",
		"(a?){200}a{200}b",
		"(.*)(.*)(.*)b", "([a-z]+)+$x", "(^a*)*b", "(a|b|ab)*bc", "((|a)+)+b",
	};
	static char text[100000];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		const struct regex *re = compiled(str_view(patterns[i]));
		size_t len = i == 5 ? 20000 : sizeof(text);
		uint64_t visits = 0;

		cr_assert_not(regex_match_counted(re, str_slice(text, len), &visits));
		cr_assert_leq(visits, regex_states(re) * (len + 1), "%s", patterns[i]);
		cr_assert_gt(visits, len);
	}
	cr_assert(regex_match(compiled(STR("(a|aa)+$")), str_slice(text, sizeof(text))));
}

static uint64_t x_state;

static size_t draw(size_t n)
{
	x_state ^= x_state << 13;
	x_state ^= x_state >> 7;
	x_state ^= x_state << 17;
	return x_state / 16 % n;
}

/* A small pattern of the syntax that POSIX and RE2 share. */
static void make_pattern(struct buf *b, int depth)
{
	static const char *const atoms[] = {
		"a", "b", "c", ".", "[ab]", "[^a]", "[b-c]", "a", "b",
	};
	static const char *const marks[] = {
		"", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}",
	};
	size_t pieces = 1 + draw(3);

	for (size_t i = 0; i < pieces; i++) {
		if (i > 0 && draw(4) == 0)
			buf_add_byte(b, '|');
		if (depth > 0 && draw(3) == 0) {
			buf_add_byte(b, '(');
			make_pattern(b, depth - 1);
			buf_add_byte(b, ')');
		} else {
			buf_add_c(b, atoms[draw(9)]);
		}
		buf_add_c(b, marks[draw(11)]);
	}
}

static void make_text(char text[13])
{
	size_t len = draw(12);

	for (size_t i = 0; i < len; i++)
		text[i] = "abcd"[draw(4)];
	text[len] = '\0';
}

Test(regex, random_patterns_agree_with_posix)
{
	int yes = 0, no = 0;

	x_state = 0x5DEECE66D;
	for (int i = 0; i < 10000; i++) {
		const struct regex *re;
		struct buf b;
		regex_t posix;
		char text[13];

		buf_init(&b, 10000);
		buf_addf(&b, "%s(", draw(2) ? "^" : "");
		make_pattern(&b, 2);
		buf_addf(&b, ")%s%c", draw(2) ? "$" : "", '\0');
		cr_assert_eq(regcomp(&posix, b.ptr, REG_EXTENDED | REG_NOSUB), 0);
		re = compiled(str_view(b.ptr));
		for (int k = 0; k < 10; k++) {
			bool expected;

			make_text(text);
			expected = regexec(&posix, text, 0, NULL, 0) == 0;
			cr_assert_eq(regex_match(re, str_view(text)), expected, "%s on '%s'",
				     b.ptr, text);
			yes += expected;
			no += !expected;
		}
		regfree(&posix);
		buf_fini(&b);
		arena_rewind(&arena, (struct arena_mark){ 0 });
	}
	cr_assert(yes > 10000 && no > 10000, "%d %d", yes, no);
}

/*
 * A naive backtracking matcher over a tree of its own, for what POSIX lacks. A node is matched by
 * calling `then` with every place it can end at.
 */
struct tree {
	char kind;               /* c . ^ $ b B, or | & * ?: alternatives, sequence, repetitions */
	char letter;
	struct tree *left, *right;
};

struct rest {
	const struct tree *node;
	const struct rest *next;
	size_t not_at;           /* a repetition must have moved on from here */
};

static bool word_at(struct str s, size_t at)
{
	return at < s.len && (s.ptr[at] == 'a' || s.ptr[at] == 'b');
}

static bool walk(const struct rest *r, struct str s, size_t at)
{
	const struct tree *t;
	struct rest then;
	bool edge;

	if (!r)
		return true;
	t = r->node;
	if (r->not_at == at)
		return false;
	switch (t->kind) {
	case 'c':
		return at < s.len && s.ptr[at] == t->letter && walk(r->next, s, at + 1);
	case '.':
		return at < s.len && s.ptr[at] != '\n' && walk(r->next, s, at + 1);
	case '^':
		return at == 0 && walk(r->next, s, at);
	case '$':
		return at == s.len && walk(r->next, s, at);
	case 'b': case 'B':
		edge = word_at(s, at) != (at > 0 && word_at(s, at - 1));
		return edge == (t->kind == 'b') && walk(r->next, s, at);
	case '|':
		return walk(&(struct rest){ t->left, r->next, SIZE_MAX }, s, at)
		       || walk(&(struct rest){ t->right, r->next, SIZE_MAX }, s, at);
	case '&':
		then = (struct rest){ t->right, r->next, SIZE_MAX };
		return walk(&(struct rest){ t->left, &then, SIZE_MAX }, s, at);
	case '?':
		return walk(r->next, s, at)
		       || walk(&(struct rest){ t->left, r->next, SIZE_MAX }, s, at);
	default:
		then = (struct rest){ t, r->next, at };
		return walk(r->next, s, at)
		       || walk(&(struct rest){ t->left, &then, SIZE_MAX }, s, at);
	}
}

static struct tree *make_tree(struct buf *b, int depth)
{
	static const char leaves[] = "ccccc.^$bB";
	struct tree *t = arena_alloc(&arena, sizeof(*t));

	t->kind = depth > 0 ? "c|&*?&"[draw(6)] : leaves[draw(10)];
	buf_add_c(b, "(?:");
	switch (t->kind) {
	case 'c':
		t->letter = "ab \n"[draw(4)];
		buf_add_byte(b, t->letter);
		break;
	case 'b': case 'B':
		buf_add_byte(b, '\\');
		buf_add_byte(b, t->kind);
		break;
	case '|': case '&':
		t->left = make_tree(b, depth - 1);
		if (t->kind == '|')
			buf_add_byte(b, '|');
		t->right = make_tree(b, depth - 1);
		break;
	case '*': case '?':
		t->left = make_tree(b, depth - 1);
		buf_add_byte(b, t->kind);
		break;
	default:
		buf_add_byte(b, t->kind);
	}
	buf_add_byte(b, ')');
	return t;
}

Test(regex, random_patterns_agree_with_a_naive_backtracker)
{
	int yes = 0, no = 0;

	x_state = 0x123456789;
	for (int i = 0; i < 20000; i++) {
		const struct regex *re;
		struct tree *tree;
		struct buf b;

		buf_init(&b, 10000);
		tree = make_tree(&b, 4);
		re = compiled(buf_view(&b));
		for (int k = 0; k < 10; k++) {
			struct rest all = { tree, NULL, SIZE_MAX };
			bool expected = false;
			char text[8];
			size_t len = draw(8);
			struct str s = str_slice(text, len);

			for (size_t c = 0; c < len; c++)
				text[c] = "aab \n"[draw(5)];
			for (size_t from = 0; from <= len && !expected; from++)
				expected = walk(&all, s, from);
			cr_assert_eq(regex_match(re, s), expected, "%.*s on '%.*s'",
				     STR_ARG(buf_view(&b)), STR_ARG(s));
			yes += expected;
			no += !expected;
		}
		buf_fini(&b);
		arena_rewind(&arena, (struct arena_mark){ 0 });
	}
	cr_assert(yes > 20000 && no > 20000, "%d %d", yes, no);
}

Test(regex, compiling_survives_every_failing_allocation)
{
	for (size_t cap = 0; ; cap += 16) {
		const struct regex *re = NULL;
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = regex_compile(STR("^[a-z]+(x|y){2,3}$"), &a, &re, NULL);
		cr_assert(e == OK ? re != NULL : e == ERR_MEMORY && !re);
		arena_fini(&a);
		if (e == OK)
			break;
	}
	for (uint64_t n = 1; ; n++) {
		const struct regex *re = NULL;
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = regex_compile(STR("a|b"), &a, &re, NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert(e == ERR_MEMORY && !re);
	}
}
