/* cedar_write: one style, and what is written reads as what was written. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "tests/cedar/cedar_kit.h"

#define SUITE "../shared/vectors/policy/cedar/"
#define SEEDS 3000

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)256 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_write, .init = open_arena, .fini = close_arena);

static struct str written(const struct cedar_policies *set)
{
	struct str s;
	struct buf b;

	buf_init(&b, (size_t)16 << 20);
	cedar_policies_write(&b, set);
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&arena, buf_view(&b), &s), OK);
	buf_fini(&b);
	return s;
}

/* Read, write: the expected text; read that, write: the same again. */
static void check(const char *text, const char *expected)
{
	struct str once = written(cedar_kit_policies(&arena, str_view(text)));
	struct str twice = written(cedar_kit_policies(&arena, once));

	cr_assert(str_is(once, expected), "%.*s\nexpected\n%s", STR_ARG(once), expected);
	cr_assert(str_eq(once, twice));
}

static void check_expr(const char *text, const char *expected)
{
	char before[512], after[512];

	snprintf(before, sizeof(before), "permit(principal,action,resource)when{%s};", text);
	snprintf(after, sizeof(after), "permit (principal, action, resource)\nwhen { %s };\n",
		 expected);
	check(before, after);
}

Test(cedar_write, policies_have_one_style)
{
	check("", "");
	check("permit(principal,action,resource);forbid(principal,action,resource,)when{true};",
	      "permit (principal, action, resource);\n"
	      "\n"
	      "forbid (principal, action, resource)\nwhen { true };\n");
	check("@id(\"a\\u{41}\")@if@b(\"\")permit(principal==U::\"a\",action "
	      "in[Action::\"x\",Action::"
	      "\"y\",],resource is F in G::\"g\")when{true}unless{false};",
	      "@id(\"aA\")\n@if\n@b\n"
	      "permit (\n"
	      "  principal == U::\"a\",\n"
	      "  action in [Action::\"x\", Action::\"y\"],\n"
	      "  resource is F in G::\"g\"\n"
	      ")\n"
	      "when { true }\n"
	      "unless { false };\n");
	check("permit(principal in ?principal,action==Action::\"x\",resource is F in ?resource);"
	      "permit(principal is U,action in Action::\"x\",resource);",
	      "permit (\n  principal in ?principal,\n  action == Action::\"x\",\n"
	      "  resource is F in ?resource\n);\n"
	      "\n"
	      "permit (\n  principal is U,\n  action in Action::\"x\",\n  resource\n);\n");
}

Test(cedar_write, parentheses_stand_where_they_must)
{
	check_expr("((1))", "1");
	check_expr("(1+2)*3", "(1 + 2) * 3");
	check_expr("1+(2*3)", "1 + 2 * 3");
	check_expr("(1-2)-3", "1 - 2 - 3");
	check_expr("1-(2-3)", "1 - (2 - 3)");
	check_expr("1*(2*3)", "1 * (2 * 3)");
	check_expr("(true&&false)||true", "true && false || true");
	check_expr("true&&(false||true)", "true && (false || true)");
	check_expr("(true&&false)&&(true&&false)", "true && false && true && false");
	check_expr("!(true&&false)", "!(true && false)");
	check_expr("!(context.a)", "!context.a");
	check_expr("!!true", "!(!true)");
	check_expr("(1==2)==(3==4)", "(1 == 2) == (3 == 4)");
	check_expr("(context has a)&&!(context has b)", "context has a && !(context has b)");
	check_expr("(if true then 1 else 2)+1", "(if true then 1 else 2) + 1");
	check_expr("if true then (if false then 1 else 2) else 3",
		   "if true then if false then 1 else 2 else 3");
	check_expr("[(if true then 1 else 2)]", "[if true then 1 else 2]");
	check_expr("true||(if true then true else false)",
		   "true || (if true then true else false)");
	check_expr("(1+2).lessThan(3)", "(1 + 2).lessThan(3)");
	check_expr("principal is U in (resource.a+1)", "principal is U in resource.a + 1");
	check_expr("(principal in resource) in action", "(principal in resource) in action");
}

Test(cedar_write, minus_keeps_its_meaning)
{
	check_expr("-5", "-5");
	check_expr("-(5)", "-(5)");
	check_expr("--5", "-(-5)");
	check_expr("-(-(5))", "-(-(5))");
	check_expr("(-5).a", "(-5).a");
	check_expr("-5.a", "-5.a");
	check_expr("1- -5", "1 - -5");
	check_expr("(-5)*(-5)", "-5 * -5");
	check_expr("-context.a", "-context.a");
	check_expr("-9223372036854775808==1", "-9223372036854775808 == 1");
}

Test(cedar_write, names_stand_in_quotes_only_when_they_must)
{
	check_expr("context[\"a\"][\"if\"][\"a b\"]", "context.a[\"if\"][\"a b\"]");
	check_expr("context has \"a\"", "context has a");
	check_expr("context has \"if\"", "context has \"if\"");
	check_expr("context has a.b", "context has a.b");
	check_expr("{\"a\":1,\"a b\":2,\"in\":3}", "{a: 1, \"a b\": 2, \"in\": 3}");
	check_expr("context.a like\"*\\*\\\\\\n\"", "context.a like \"*\\*\\\\\\n\"");
	check_expr("N :: U :: \"\\u{41}\\\"\"", "N::U::\"A\\\"\"");
	check_expr("[ 1 , ip( \"a\" ) . isIpv4 ( ) , ] . contains ( { } , )",
		   "[1, ip(\"a\").isIpv4()].contains({})");
}

Test(cedar_write, long_conditions_break_at_their_chain)
{
	check("permit(principal,action,resource) when {context.alpha == \"0123456789\" && "
	      "context.beta == \"0123456789\" && (context.gamma || context.delta)};",
	      "permit (principal, action, resource)\n"
	      "when {\n"
	      "  context.alpha == \"0123456789\" &&\n"
	      "  context.beta == \"0123456789\" &&\n"
	      "  (context.gamma || context.delta)\n"
	      "};\n");
	check("permit(principal,action,resource) when {context.alpha == "
	      "\"0123456789012345678901234567890123456789012345678901234567890123456789\"};",
	      "permit (principal, action, resource)\n"
	      "when {\n"
	      "  context.alpha == "
	      "\"0123456789012345678901234567890123456789012345678901234567890123456789\"\n"
	      "};\n");
}

Test(cedar_write, a_line_of_eighty_columns_is_not_broken)
{
	/* "when { " and " };" are ten. */
	char text[256], line[256];

	for (int columns = 79; columns <= 81; columns++) {
		snprintf(text, sizeof(text), "permit(principal,action,resource)when{\"%0*d\"};",
			 columns - 12, 0);
		snprintf(line, sizeof(line),
			 columns <= 80
				 ? "permit (principal, action, resource)\nwhen { \"%0*d\" };\n"
				 : "permit (principal, action, resource)\n"
				   "when {\n  \"%0*d\"\n};\n",
			 columns - 12, 0);
		check(text, line);
	}
}

Test(cedar_write, a_link_is_written_as_the_policy_that_it_became)
{
	struct cedar_policies *set =
		cedar_kit_policies(&arena, STR("permit(principal == ?principal,action,resource);"));
	const struct cedar_uid uid = { STR("U"), STR("ann") };

	cr_assert_eq(cedar_link(set, STR("policy0"), STR("l"), &uid, NULL, &arena, NULL), OK);
	cr_assert(str_is(written(set), "permit (\n  principal == ?principal,\n  action,\n"
				       "  resource\n);\n\n"
				       "permit (\n  principal == U::\"ann\",\n  action,\n"
				       "  resource\n);\n"));
}

Test(cedar_write, a_full_buffer_says_so)
{
	const struct cedar_policies *set = cedar_kit_policies(
		&arena, STR("permit(principal,action,resource) when {context.a && context.b};"));

	for (size_t cap = 1; cap < 70; cap++) {
		struct buf b;

		buf_init(&b, cap);
		cedar_policies_write(&b, set);
		cr_assert_eq(b.err, ERR_LIMIT, "%zu", cap);
		buf_fini(&b);
	}
}

static struct str shown(const struct cedar_policies *set)
{
	return cedar_kit_show_set(&arena, set, false);
}

/* Links come last and are written as policies, so what is read begins with what was written. */
Test(cedar_write, random_sets_read_as_they_were_written)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct arena_mark mark = arena_mark(&arena);
		const struct cedar_policies *set = cedar_kit_random(&arena, seed), *again;
		struct str text = written(set);

		again = cedar_kit_policies(&arena, text);
		cr_assert(str_starts(shown(again), shown(set)), "seed %u:\n%.*s\n%.*s",
			  (unsigned)seed, STR_ARG(text), STR_ARG(shown(set)));
		cr_assert_eq(again->count + again->template_count,
			     set->count + set->template_count);
		cr_assert(str_eq(text, written(again)), "seed %u:\n%.*s", (unsigned)seed,
			  STR_ARG(text));
		arena_rewind(&arena, mark);
	}
}

Test(cedar_write, the_policies_of_the_corpus_read_as_they_are_written)
{
	struct str text = cedar_kit_file(&arena, SUITE "corpus_selected.jsonl"), line, rest;
	unsigned tests = 0;

	if (!text.ptr)
		cr_skip_test("skipped: " SUITE "corpus_selected.jsonl is absent");
	for (rest = text; str_cut(rest, '\n', &line, &rest); tests++) {
		struct arena_mark mark = arena_mark(&arena);
		const struct cedar_policies *set;
		struct value test;
		struct str out;

		cr_assert_eq(json_read(line, 1, &arena, &test, NULL), OK);
		set = cedar_kit_policies(&arena, value_text(&test, "policies"));
		out = written(set);
		cr_assert(str_eq(shown(set), shown(cedar_kit_policies(&arena, out))), "%.*s",
			  STR_ARG(out));
		arena_rewind(&arena, mark);
	}
	cr_assert_eq(tests, 1632);
}
