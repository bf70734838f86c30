/* cedar_grammar: what expressions mean, and what is none. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/cedar_kit.h"

#define HEAD         "permit(principal,action,resource) when {"
#define HEAD_COLUMNS ((uint32_t)sizeof(HEAD) - 1)

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)256 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_grammar, .init = open_arena, .fini = close_arena);

static void check(const char *text, const char *expected)
{
	struct str shown = cedar_kit_show(&arena, cedar_kit_expr(&arena, text));

	cr_assert(str_is(shown, expected), "%s: %.*s, expected %s", text, STR_ARG(shown), expected);
}

Test(cedar_grammar, primaries)
{
	check("true", "(t)");
	check("false", "(f)");
	check("0", "(0)");
	check("007", "(7)");
	check("9223372036854775807", "(9223372036854775807)");
	check("\"a\\n\"", "(`a\\0a`)");
	check("principal", "(principal)");
	check("((context))", "(context)");
	check("User::\"a\"", "(`User`:`a`)");
	check("A :: B\n::\"\"", "(`A::B`:``)");
	check("action::\"x\"", "(`action`:`x`)");
	check("[]", "(set)");
	check("[1, \"a\", [true,],]", "(set (1) (`a`) (set (t)))");
	check("{}", "(record)");
	check("{a: 1, \"b c\": {d: 2,}, \"if\": 3, principal: 4,}",
	      "(record (1) (record (2) `d`) (3) (4) `a` `b c` `if` `principal`)");
}

Test(cedar_grammar, members_and_calls)
{
	check("context.a.b[\"c d\"].e", "(. (. (. (. (context) `a`) `b`) `c d`) `e`)");
	check("context[\"if\"]", "(. (context) `if`)");
	check("{a: 1}.a", "(. (record (1) `a`) `a`)");
	check("\"a\".b", "(. (`a`) `b`)");
	check("true.b", "(. (t) `b`)");
	check("5.b", "(. (5) `b`)");
	check("User::\"a\".b", "(. (`User`:`a`) `b`)");
	check("context.contains", "(. (context) `contains`)");
	check("[1].contains(2)", "(call (set (1)) (2) contains)");
	check("context.a.containsAll([1],)", "(call (. (context) `a`) (set (1)) containsAll)");
	check("[].isEmpty().b", "(. (call (set) isEmpty) `b`)");
	check("principal.hasTag(\"a\")", "(call (principal) (`a`) hasTag)");
	check("ip(\"1.2.3.4\").isInRange(ip(context.a))",
	      "(call (call (`1.2.3.4`) ip) (call (. (context) `a`) ip) isInRange)");
	check("datetime(\"2026-01-01\").offset(duration(\"1d\")).toDate()",
	      "(call (call (call (`2026-01-01`) datetime) (call (`1d`) duration) offset) toDate)");
}

/* The language refuses these when they are evaluated; see cedar_tree_call. */
Test(cedar_grammar, extensions_may_be_called_with_any_number_of_arguments)
{
	check("ip()", "(call ip)");
	check("decimal(1, 2)", "(call (1) (2) decimal)");
	check("1.lessThan()", "(call (1) lessThan)");
}

Test(cedar_grammar, operators_bind_as_they_should)
{
	check("1 + 2 * 3", "(+ (1) (* (2) (3)))");
	check("(1 + 2) * 3", "(* (+ (1) (2)) (3))");
	check("1 - 2 - 3", "(- (- (1) (2)) (3))");
	check("1 - (2 - 3)", "(- (1) (- (2) (3)))");
	check("1 * 2 * 3", "(* (* (1) (2)) (3))");
	check("1 + 2 < 3 * 4", "(< (+ (1) (2)) (* (3) (4)))");
	check("true || false && true", "(|| (t) (&& (f) (t)))");
	check("(true || false) && true", "(&& (|| (t) (f)) (t))");
	check("!true && false", "(&& (! (t)) (f))");
	check("!(1 == 2)", "(! (== (1) (2)))");
	check("!context.a", "(! (. (context) `a`))");
	check("1 == 2 || 3 != 4", "(|| (== (1) (2)) (!= (3) (4)))");
	check("1 <= 2 && 3 > 4 && 5 >= 6", "(&& (&& (<= (1) (2)) (> (3) (4))) (>= (5) (6)))");
	check("principal in [A::\"b\"]", "(in (principal) (set (`A`:`b`)))");
	check("(1 == 2) == true", "(== (== (1) (2)) (t))");
	check("if true then 1 else 2 + 3", "(if (t) (1) (+ (2) (3)))");
	check("if true then 1 else if false then 2 else 3", "(if (t) (1) (if (f) (2) (3)))");
	check("[if true then 1 else 2]", "(set (if (t) (1) (2)))");
	check("(if true then 1 else 2) + 1", "(+ (if (t) (1) (2)) (1))");
	check("if true || false then 1 else 2 || 3", "(if (|| (t) (f)) (1) (|| (2) (3)))");
}

Test(cedar_grammar, has_like_and_is)
{
	check("context has a", "(has (context) `a`)");
	check("context has \"a b\"", "(has (context) `a b`)");
	check("context has \"a.b\"", "(has (context) `a.b`)");
	check("context has a . b.principal", "(has (context) `a` `b` `principal`)");
	check("context.a has b && true", "(&& (has (. (context) `a`) `b`) (t))");
	check("!(context has a)", "(! (has (context) `a`))");
	check("context.a like \"x*\"", "(like (. (context) `a`) `x` *)");
	check("principal is A::B", "(is (principal) `A::B`)");
	check("principal is action", "(is (principal) `action`)");
	check("principal is User in resource.a", "(is (principal) (. (resource) `a`) `User`)");
	check("principal is User in 1 + 2 && true", "(&& (is (principal) (+ (1) (2)) `User`) (t))");
}

Test(cedar_grammar, minus_belongs_to_an_integer_that_nothing_is_asked_of)
{
	check("-5", "(-5)");
	check("- 5", "(-5)");
	check("-0", "(0)");
	check("-9223372036854775808", "(-9223372036854775808)");
	check("--9223372036854775808", "(neg (-9223372036854775808))");
	check("----1", "(neg (neg (neg (-1))))");
	check("-(5)", "(neg (5))");
	check("-(-5)", "(neg (-5))");
	check("-5.a", "(neg (. (5) `a`))");
	check("-context.a", "(neg (. (context) `a`))");
	check("--context.a", "(neg (neg (. (context) `a`)))");
	check("1-2", "(- (1) (2))");
	check("1--2", "(- (1) (-2))");
	check("2 * -3", "(* (2) (-3))");
	check("!!!!true", "(! (! (! (! (t)))))");
}

Test(cedar_grammar, chains_are_balanced_however_they_are_in_parentheses)
{
	static const char four[] = "(&& (&& (. (context) `a`) (. (context) `b`)) "
				   "(&& (. (context) `c`) (. (context) `d`)))";

	check("context.a && context.b && context.c && context.d", four);
	check("((context.a && context.b) && context.c) && context.d", four);
	check("context.a && (context.b && (context.c && context.d))", four);
	check("true || (false || true)", "(|| (|| (t) (f)) (t))");
	check("true && (false || true) && true", "(&& (&& (t) (|| (f) (t))) (t))");
}

Test(cedar_grammar, places_are_those_of_operators)
{
	const struct cedar_expr *e = cedar_kit_expr(&arena,
						    "\n1 +\n 2 == context.a &&\ttrue && !false");

	cr_assert(e->line == 3 && e->column == 25, "%u:%u", e->line, e->column);
	cr_assert(e->args[1]->op == EXPR_NOT && e->args[1]->column == 28);
	e = e->args[0];
	cr_assert(e->op == EXPR_AND && e->line == 3 && e->column == 17, "%u", e->column);
	e = e->args[0];
	cr_assert(e->op == EXPR_EQ && e->line == 3 && e->column == 4);
	cr_assert(e->args[0]->op == EXPR_ADD && e->args[0]->line == 2 && e->args[0]->column == 3);
	cr_assert(e->args[1]->op == EXPR_GET && e->args[1]->column == 14);
}

struct refusal {
	const char *text;
	enum err err;
	uint32_t column;
	const char *says;
};

static const struct refusal refusals[] = {
	/* numbers */
	{ "9223372036854775808 == 1", ERR_RANGE, 1,
	  "too large; the largest is 9223372036854775807" },
	{ "-9223372036854775809 == 1", ERR_RANGE, 2, "too large" },
	{ "-(9223372036854775808) == 1", ERR_RANGE, 3, "too large" },
	{ "-9223372036854775808.a", ERR_RANGE, 2, "too large" },
	{ "5 / 2 == 2", ERR_SYNTAX, 3, "there is no '/' in Cedar" },
	{ "5 % 2 == 1", ERR_SYNTAX, 3, "there is no '%' in Cedar" },
	{ "1.5 == 1", ERR_SYNTAX, 3, "found '5'; expected the name of an attribute" },
	{ "+5", ERR_SYNTAX, 1, "found '+'; expected a value" },
	/* chains of comparisons */
	{ "1 == 1 == true", ERR_SYNTAX, 8, "'==' follows another comparison" },
	{ "1 < 2 < 3", ERR_SYNTAX, 7, "do not chain" },
	{ "context has a == true", ERR_SYNTAX, 15, "do not chain" },
	{ "principal is A in B::\"b\" in C::\"c\"", ERR_SYNTAX, 26, "do not chain" },
	{ "1 in 2 is A", ERR_SYNTAX, 8, "'is' follows another" },
	{ "context.a = 1", ERR_SYNTAX, 11, "write '=='" },
	{ "context.a == 1 = 2", ERR_SYNTAX, 16, "write '=='" },
	/* unary */
	{ "!!!!!true", ERR_SYNTAX, 1, "'!' stands 5 times in a row; at most 4" },
	{ "-----1 == -1", ERR_SYNTAX, 1, "'-' stands 5 times" },
	{ "!-1", ERR_SYNTAX, 2, "found '-'; expected a value" },
	{ "-!true", ERR_SYNTAX, 2, "found '!'; expected a value" },
	/* names */
	{ "foo", ERR_UNKNOWN, 1, "there is no variable 'foo'" },
	{ "princpal == 1", ERR_UNKNOWN, 1, "did you mean 'principal'?" },
	{ "A::B == 1", ERR_UNKNOWN, 1, "there is no variable 'A::B'" },
	{ "foo(1)", ERR_UNKNOWN, 1, "there is no function 'foo'" },
	{ "datetim(\"x\")", ERR_UNKNOWN, 1, "did you mean 'datetime'?" },
	{ "A::ip(\"x\")", ERR_UNKNOWN, 1, "there is no function 'A::ip'" },
	{ "principal(1)", ERR_UNKNOWN, 1, "there is no function 'principal'" },
	{ "[1].contain(1)", ERR_UNKNOWN, 5, "did you mean 'contains'?" },
	{ "contains([1], 1)", ERR_TYPE, 1, "is a method; write x.contains(...)" },
	{ "isIpv4(1)", ERR_TYPE, 1, "is a method" },
	{ "\"a\".ip()", ERR_TYPE, 5, "is a function; write ip(...)" },
	{ "[1].contains()", ERR_TYPE, 5, "'contains' takes one argument, found 0" },
	{ "[1].contains(1, 2)", ERR_TYPE, 5, "takes one argument, found 2" },
	{ "[1].isEmpty(1)", ERR_TYPE, 5, "'isEmpty' takes no arguments, found 1" },
	{ "(1)(2)", ERR_SYNTAX, 4, "found '('" },
	{ "ip(\"a\")(1)", ERR_SYNTAX, 8, "found '('" },
	/* reserved words and entities */
	{ "__cedar::A::\"p\" == 1", ERR_SYNTAX, 1, "'__cedar', which is reserved" },
	{ "A::__cedar::\"p\" == 1", ERR_SYNTAX, 4, "'__cedar', which is reserved" },
	{ "if::\"p\" == principal", ERR_SYNTAX, 3, "found '::'; expected a value" },
	{ "then", ERR_SYNTAX, 1, "'then', which is reserved" },
	{ "context.if == 1", ERR_SYNTAX, 9, "stand in brackets, [\"if\"]" },
	{ "context.__cedar == 1", ERR_SYNTAX, 9, "reserved" },
	{ "context has in", ERR_SYNTAX, 13, "reserved" },
	{ "context has a.true", ERR_SYNTAX, 15, "reserved" },
	{ "{if: 1}", ERR_SYNTAX, 2, "reserved" },
	{ "principal is true", ERR_SYNTAX, 14, "reserved" },
	{ "A::{id:\"p\"} == principal", ERR_SYNTAX, 4,
	  "written with its id, like User::\"alice\"" },
	{ "A::1", ERR_SYNTAX, 4, "a name or an id in quotes after '::'" },
	/* strings and attributes */
	{ "\"\\q\" == \"q\"", ERR_SYNTAX, 2, "unknown escape" },
	{ "\"\\*\" == \"q\"", ERR_SYNTAX, 2, "patterns of like only" },
	{ "context[n] == 2", ERR_SYNTAX, 9, "the name of an attribute in quotes" },
	{ "context[\"a\" == 2", ERR_SYNTAX, 13, "expected ']'" },
	{ "context. == 2", ERR_SYNTAX, 10, "found '=='; expected the name of an attribute" },
	{ "context has 5", ERR_SYNTAX, 13, "the name of an attribute" },
	{ "context has (\"a\")", ERR_SYNTAX, 13, "the name of an attribute" },
	{ "context has \"a\".b", ERR_SYNTAX, 16, "found '.'" },
	{ "context has a[\"b\"]", ERR_SYNTAX, 14, "found '['" },
	{ "context.a like context.b", ERR_SYNTAX, 16, "a pattern in quotes" },
	{ "context.a like \"\\q\"", ERR_SYNTAX, 17, "\\*, and a backslash" },
	{ "principal is User::\"a\"", ERR_SYNTAX, 20, "ends in a name" },
	{ "principal is \"User\"", ERR_SYNTAX, 14, "an entity type" },
	/* lists and records */
	{ "{a:1,a:2} == {}", ERR_DUPLICATE, 1, "the key 'a' is given twice" },
	{ "{a:1,\"\\x61\":2} == {}", ERR_DUPLICATE, 1, "the key 'a' is given twice" },
	{ "{a 1}", ERR_SYNTAX, 4, "expected ':' and the value" },
	{ "{1: 1}", ERR_SYNTAX, 2, "a key" },
	{ "{(\"a\"): 1}", ERR_SYNTAX, 2, "a key" },
	{ "{,}", ERR_SYNTAX, 2, "a key" },
	{ "[,]", ERR_SYNTAX, 2, "expected a value" },
	{ "[1,,2]", ERR_SYNTAX, 4, "expected a value" },
	{ "[1 2]", ERR_SYNTAX, 4, "',' or ']'" },
	{ "{a: 1 b: 2}", ERR_SYNTAX, 7, "',' or '}'" },
	{ "ip(1 2)", ERR_SYNTAX, 6, "',' or ')'" },
	/* if, parentheses, slots */
	{ "1 + if true then 1 else 2", ERR_SYNTAX, 5, "stands in parentheses" },
	{ "if true else 1", ERR_SYNTAX, 9, "'then' or an operator" },
	{ "if true then 1", ERR_SYNTAX, 15, "'else' or an operator" },
	{ "if true thn 1 else 2", ERR_SYNTAX, 9, "did you mean 'then'?" },
	{ "()", ERR_SYNTAX, 2, "expected a value" },
	{ "(1", ERR_SYNTAX, 3, "')' or an operator" },
	{ "principal == ?principal", ERR_SYNTAX, 14, "slots stand in the scope only" },
	{ "true &&", ERR_SYNTAX, 8, "expected a value" },
	{ "true and false", ERR_SYNTAX, 6, "'}' or an operator" },
	{ "", ERR_SYNTAX, 1, "expected a value" },
};

Test(cedar_grammar, refusals_say_what_is_wrong_and_where)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		char text[256];
		struct note n;
		enum err e;

		snprintf(text, sizeof(text), HEAD "%s};", r->text);
		e = cedar_kit_refused(&arena, str_view(text), &n);
		cr_assert_eq(e, r->err, "%s: %s, %s", r->text, err_name(e), n.text);
		cr_assert(n.line == 1 && n.column == HEAD_COLUMNS + r->column, "%s: %u:%d: %s",
			  r->text, n.line, (int)(n.column - HEAD_COLUMNS), n.text);
		cr_assert(strstr(n.text, r->says), "%s: %s", r->text, n.text);
	}
}

/* `count` times `open`, then `inside`, then as often `close`. */
static struct str nested(const char *open, const char *inside, const char *close, unsigned count)
{
	struct str s;
	struct buf b;

	buf_init(&b, 1 << 24);
	buf_add_c(&b, HEAD);
	for (unsigned i = 0; i < count; i++)
		buf_add_c(&b, open);
	buf_add_c(&b, inside);
	for (unsigned i = 0; i < count; i++)
		buf_add_c(&b, close);
	buf_add_c(&b, "};");
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&arena, buf_view(&b), &s), OK);
	buf_fini(&b);
	return s;
}

/* The first number of levels that is refused, by the bound that is to be seen. */
static void check_depth(const char *open, const char *inside, const char *close, unsigned levels)
{
	struct note n;

	(void)cedar_kit_policies(&arena, nested(open, inside, close, levels));
	cr_assert_eq(cedar_kit_refused(&arena, nested(open, inside, close, levels + 1), &n),
		     ERR_LIMIT);
	cr_assert(strstr(n.text, "nested deeper than 256 levels"), "%s", n.text);
	cr_assert_eq(cedar_kit_refused(&arena, nested(open, inside, close, 100000), &n), ERR_LIMIT);
}

Test(cedar_grammar, depth_is_bounded)
{
	check_depth("(", "1", ")", LIMIT_CEDAR_DEPTH - 1);
	check_depth("[", "", "]", LIMIT_CEDAR_DEPTH);
	check_depth("[", "1", "]", LIMIT_CEDAR_DEPTH - 1);
	check_depth("{a:", "1", "}", LIMIT_CEDAR_DEPTH - 1);
	check_depth("ip(", "1", ")", LIMIT_CEDAR_DEPTH - 1);
	check_depth("", "1", "+1", LIMIT_CEDAR_DEPTH - 1);
	check_depth("", "context", ".a", LIMIT_CEDAR_DEPTH - 1);
	check_depth("if true then 1 else ", "1", "", LIMIT_CEDAR_DEPTH - 1);
}

Test(cedar_grammar, a_long_chain_is_not_deep)
{
	struct cedar_policies *set = cedar_kit_policies(&arena,
							nested("", "true", " && true || context.a",
							       20000));
	const struct cedar_expr *e = set->policies[0]->conditions[0].body;

	cr_assert_eq(e->op, EXPR_OR);
	cr_assert_leq(e->height, 18, "%u", e->height);
}

Test(cedar_grammar, the_number_of_expressions_is_bounded)
{
	struct note n;

	cr_assert_eq(cedar_kit_refused(&arena, nested("", "1 == [1", ",1", LIMIT_CEDAR_NODES), &n),
		     ERR_LIMIT);
	cr_assert(strstr(n.text, "more than 1048576 expressions"), "%s", n.text);
}
