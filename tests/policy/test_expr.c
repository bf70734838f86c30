/* expr: what a condition may not say, and where the finger points. */
#include <criterion/criterion.h>

#include "engine/policy/inside.h"

static enum err compile(struct str text, struct note *n)
{
	const struct condition *c;
	struct arena a;
	enum err e;

	*n = (struct note){ .column = 0 };
	arena_init(&a, 8 << 20);
	e = condition_compile(text, &a, &c, n);
	arena_fini(&a);
	return e;
}

struct bad_expr {
	const char *text;
	enum err err;
	uint32_t column;
	const char *says;
};

static const struct bad_expr refusals[] = {
	{ "", ERR_SYNTAX, 1, "the condition is empty" },
	{ " \n\t ", ERR_SYNTAX, 5, "the condition is empty" },
	/* other languages */
	{ "args.a && args.b", ERR_SYNTAX, 8, "'&&' is not an operator here; write 'and'" },
	{ "args.a || args.b", ERR_SYNTAX, 8, "write 'or'" },
	{ "!args.a", ERR_SYNTAX, 1, "write 'not'" },
	{ "args.a = 1", ERR_SYNTAX, 8, "write '=='" },
	{ "args.a === 1", ERR_SYNTAX, 8, "write '=='" },
	{ "args.a !== 1", ERR_SYNTAX, 8, "write '!='" },
	{ "args.a <> 1", ERR_SYNTAX, 8, "write '!='" },
	{ "args.a =~ 'x'", ERR_SYNTAX, 8, "write 'matches'" },
	{ "args.a AND args.b", ERR_SYNTAX, 8, "did you mean 'and'?" },
	{ "args.a startswith 'x'", ERR_SYNTAX, 8, "did you mean 'startsWith'?" },
	{ "args.a == True", ERR_UNKNOWN, 11, "did you mean 'true'?" },
	{ "NOT args.a", ERR_UNKNOWN, 1, "did you mean 'not'?" },
	{ "args.a not in [1]", ERR_SYNTAX, 8, "not (a in b)" },
	{ "args.a == 1 # why", ERR_SYNTAX, 13, "'#' means nothing here" },
	{ "len(args.a) > 3", ERR_UNKNOWN, 1, "there is no function 'len'" },
	{ "args.a + 1 > 3", ERR_SYNTAX, 8, "'+' means nothing here" },
	{ "args.user-id == 1", ERR_SYNTAX, 10, "args[\"user-id\"]" },
	{ "args.a == .5", ERR_SYNTAX, 11, "expected a path" },
	/* roots */
	{ "arg.amount > 1", ERR_UNKNOWN, 1, "did you mean 'args'?" },
	{ "user.name == 'x'", ERR_UNKNOWN, 1,
	  "a path begins with agent, action, resource, args, session or, after the tool, result" },
	{ "args.a == pending", ERR_UNKNOWN, 11, "text stands in quotes" },
	{ "has(foo.a)", ERR_UNKNOWN, 5, "a path begins with" },
	{ "action == 'refund'", ERR_TYPE, 1, "like action.type" },
	{ "'bot' in agent", ERR_TYPE, 10, "like agent.id" },
	{ "has(session) and session", ERR_TYPE, 18, "like session.id" },
	/* grammar */
	{ "args.a ==", ERR_TRUNCATED, 10, "the condition ends here" },
	{ "args.a and", ERR_TRUNCATED, 11, "the condition ends here" },
	{ "(args.a", ERR_TRUNCATED, 1, "the '(' here is not closed" },
	{ "args.a)", ERR_SYNTAX, 7, "closes nothing" },
	{ "args.a args.b", ERR_SYNTAX, 8, "expected and, or, a comparison or the end" },
	{ "1 < args.a < 3", ERR_SYNTAX, 12, "do not chain" },
	{ "args.a == args.b == true", ERR_SYNTAX, 18, "do not chain" },
	{ "(args.a) == true", ERR_SYNTAX, 10, "compares paths and literals only" },
	{ "has(args.a) == true", ERR_SYNTAX, 13, "compares paths and literals only" },
	{ "args.a == (1)", ERR_SYNTAX, 11, "expected a path like args.amount or a literal" },
	{ "args. == 1", ERR_SYNTAX, 7, "a name after the '.'" },
	{ "args.a.0 == 1", ERR_SYNTAX, 8, "written [0]" },
	{ "args.a[-1] == 1", ERR_SYNTAX, 8, "an index from 0" },
	{ "args.a[1.5] == 1", ERR_SYNTAX, 8, "an index from 0" },
	{ "args.a[b] == 1", ERR_SYNTAX, 8, "an index from 0" },
	{ "args.a[1 == 1", ERR_SYNTAX, 10, "expected ']'" },
	{ "has args.a", ERR_SYNTAX, 5, "has(args.amount)" },
	{ "has('x')", ERR_SYNTAX, 5, "a path like" },
	{ "has(args.a", ERR_TRUNCATED, 11, "')' after the path of has" },
	{ "and args.a", ERR_SYNTAX, 1, "expected a path" },
	{ "args.a == 1 or", ERR_TRUNCATED, 15, "the condition ends here" },
	{ "not has(agent.sgined)", ERR_UNKNOWN, 9, "did you mean 'agent.signed'?" },
	{ "agent[\"team\"] == 'a'", ERR_UNKNOWN, 1, "'agent' has no such member" },
	{ "agent.id.x == 'a'", ERR_UNKNOWN, 1, "'agent' has no such member" },
	{ "session.calls > 1", ERR_UNKNOWN, 1, "'session' has no such member" },
	{ "has(resource.path)", ERR_UNKNOWN, 5, "'resource' has no such member" },
	/* literals */
	{ "args.a == 'x", ERR_SYNTAX, 11, "not closed" },
	{ "args.a == '\\d'", ERR_SYNTAX, 12, "unknown escape" },
	{ "args.a == '\\u12g4'", ERR_SYNTAX, 12, "four hexadecimal digits" },
	{ "args.a == '\\ud83d'", ERR_ENCODING, 12, "surrogate" },
	{ "args.a == '\\ude00'", ERR_ENCODING, 12, "surrogate" },
	{ "args.a == 'x\ny'", ERR_SYNTAX, 13, "control character" },
	{ "args.a == 01", ERR_SYNTAX, 11, "'01' is not a number" },
	{ "args.a == 1.", ERR_SYNTAX, 11, "is not a number" },
	{ "args.a == 1e999", ERR_RANGE, 11, "too large" },
	{ "args.a == 5x", ERR_SYNTAX, 11, "is not a number" },
	{ "args.a in [1, args.b]", ERR_SYNTAX, 15, "a literal" },
	{ "args.a in [1,]", ERR_SYNTAX, 14, "a literal" },
	{ "args.a in [1 2]", ERR_SYNTAX, 14, "',' or ']'" },
	{ "args.a == {'k': 1, 'k': 2}", ERR_DUPLICATE, 20, "given twice" },
	{ "args.a == {k: 1}", ERR_SYNTAX, 12, "a key in quotes" },
	{ "args.a == {'k' 1}", ERR_SYNTAX, 16, "':'" },
	/* types */
	{ "'x' and true", ERR_TYPE, 1, "type string alone is neither" },
	{ "not 5", ERR_TYPE, 5, "type integer alone is neither" },
	{ "null", ERR_TYPE, 1, "type null alone is neither" },
	{ "1 < 'a'", ERR_TYPE, 1, "has the same answer for every request" },
	{ "1 == 'a'", ERR_TYPE, 1, "has the same answer for every request" },
	{ "args.a < true", ERR_TYPE, 10, "'<' needs numbers or strings" },
	{ "[1] >= args.a", ERR_TYPE, 1, "'>=' needs numbers or strings" },
	{ "'a' in 'abc'", ERR_TYPE, 8, "text contains part" },
	{ "args.a in 5", ERR_TYPE, 11, "a list on its right" },
	{ "5 contains 1", ERR_TYPE, 1, "a list or a string on its left" },
	{ "'abc' contains 1", ERR_TYPE, 16, "a string on its right" },
	{ "args.a startsWith 5", ERR_TYPE, 19, "strings on both sides" },
	{ "5 endsWith args.a", ERR_TYPE, 1, "strings on both sides" },
	{ "args.a matches args.b", ERR_TYPE, 16, "pattern in quotes" },
	{ "args.a matches 5", ERR_TYPE, 16, "strings on both sides" },
	{ "args.a matches '('", ERR_SYNTAX, 16, "in the pattern, at its column" },
};

Test(expr, refusals_say_what_is_wrong_and_where)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct bad_expr *r = &refusals[i];
		struct note n;
		enum err e = compile(str_view(r->text), &n);

		cr_expect_eq(e, r->err, "%s: %s (%s)", r->text, err_name(e), n.text);
		cr_expect_eq(n.column, r->column, "%s: column %u (%s)", r->text, n.column, n.text);
		cr_expect(strstr(n.text, r->says), "%s: %s", r->text, n.text);
	}
}

Test(expr, a_stray_byte_is_refused)
{
	struct note n;

	cr_assert_eq(compile(STR("args.a == '\xff'"), &n), ERR_ENCODING);
	cr_assert_eq(compile(STR("args.a\0"), &n), ERR_SYNTAX);
	cr_assert_eq(n.column, 7);
	cr_assert_eq(compile(STR("args.\xc3\xa9 == 1"), &n), ERR_SYNTAX);
	cr_assert_eq(n.column, 6);
}

/* `open` `count` times, then the middle, then `close` as often. */
static enum err nested(const char *open, const char *middle, const char *close, int count,
		       struct note *n)
{
	struct buf b;
	enum err e;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < count; i++)
		buf_add_c(&b, open);
	buf_add_c(&b, middle);
	for (int i = 0; i < count; i++)
		buf_add_c(&b, close);
	e = compile(buf_view(&b), n);
	buf_fini(&b);
	return e;
}

Test(expr, depth_has_a_limit_and_the_limit_is_reached)
{
	struct note n;

	cr_assert_eq(nested("(", "args.a", ")", LIMIT_EXPR_DEPTH, &n), OK, "%s", n.text);
	cr_assert_eq(nested("(", "args.a", ")", LIMIT_EXPR_DEPTH + 1, &n), ERR_LIMIT);
	cr_assert_eq(n.column, LIMIT_EXPR_DEPTH + 1);
	cr_assert_eq(nested("not ", "args.a", "", LIMIT_EXPR_DEPTH + 1, &n), ERR_LIMIT);
	cr_assert_eq(nested("(", "args.a", ")", 4000, &n), ERR_LIMIT);
	cr_assert_eq(nested("(", "", "", 8000, &n), ERR_LIMIT);
	cr_assert_eq(nested("not ", "", "", 2000, &n), ERR_LIMIT);
	cr_assert_eq(nested("[", "", "", 8000, &n), ERR_LIMIT);
	cr_assert_eq(nested("", "args.a == [[[", "", 1, &n), ERR_TRUNCATED);
}

Test(expr, literals_have_a_depth_too)
{
	struct buf b;
	struct note n;

	buf_init(&b, 1 << 16);
	buf_add_c(&b, "args.a == ");
	for (int i = 0; i <= LIMIT_EXPR_DEPTH; i++)
		buf_add_c(&b, "[");
	cr_assert_eq(compile(buf_view(&b), &n), ERR_LIMIT);
	cr_assert_eq(n.column, 11 + LIMIT_EXPR_DEPTH);
	buf_fini(&b);
}

Test(expr, length_parts_and_segments_have_limits)
{
	struct note n;
	struct buf b;

	cr_assert_eq(nested("true or ", "true", "", 250, &n), OK, "%s", n.text);
	cr_assert_eq(nested("true or ", "true", "", 1000, &n), ERR_LIMIT);
	cr_assert(strstr(n.text, "parts"));
	cr_assert_eq(nested(" ", "true", "", LIMIT_CONDITION_BYTES - 4, &n), OK);
	cr_assert_eq(nested(" ", "true", "", LIMIT_CONDITION_BYTES - 3, &n), ERR_LIMIT);
	buf_init(&b, 1 << 16);
	buf_add_c(&b, "args");
	for (int i = 1; i < LIMIT_DEPTH; i++)
		buf_add_c(&b, ".a");
	cr_assert_eq(compile(buf_view(&b), &n), OK);
	buf_add_c(&b, ".a");
	cr_assert_eq(compile(buf_view(&b), &n), ERR_LIMIT);
	buf_fini(&b);
}

Test(expr, what_is_closed_no_longer_counts_as_depth)
{
	struct note n;

	cr_assert_eq(nested("not true and ", "true", "", LIMIT_EXPR_DEPTH + 9, &n), OK, "%s",
		     n.text);
	cr_assert_eq(nested("(true) and ", "true", "", LIMIT_EXPR_DEPTH + 9, &n), OK, "%s", n.text);
	cr_assert_eq(nested("args.a == [] or ", "true", "", LIMIT_EXPR_DEPTH + 9, &n), OK, "%s",
		     n.text);
}
