/* cedar_format: one layout, the same policies, every comment kept. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/cedar/words.h"
#include "tests/cedar/cedar_kit.h"
#include "tests/kit/fail_alloc.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, (size_t)256 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(cedar_format, .init = start, .fini = stop);

/* In the arena. Asserts that to lay it out again changes nothing. */
static struct str laid_out(struct str text, enum cedar_syntax syntax, const char *what)
{
	struct note n = { .line = 0 };
	struct buf once, twice;
	struct str ret;

	buf_init(&once, 64 << 20);
	buf_init(&twice, 64 << 20);
	cr_assert_eq(cedar_format(text, syntax, &memory, &once, &n), OK, "%s: %u:%u: %s", what,
		     n.line, n.column, n.text);
	cr_assert_eq(cedar_format(buf_view(&once), syntax, &memory, &twice, &n), OK, "%s", what);
	cr_expect(str_eq(buf_view(&once), buf_view(&twice)), "%s:\n%.*s", what,
		  STR_ARG(buf_view(&twice)));
	cr_assert_eq(arena_copy(&memory, buf_view(&once), &ret), OK);
	buf_fini(&twice);
	buf_fini(&once);
	return ret;
}

static void check(const char *text, const char *expected)
{
	struct str got = laid_out(str_view(text), CEDAR_POLICIES, text);

	cr_expect(str_is(got, expected), "%.*s", STR_ARG(got));
}

static void check_schema(const char *text, const char *expected)
{
	struct str got = laid_out(str_view(text), CEDAR_SCHEMA, text);

	cr_expect(str_is(got, expected), "%.*s", STR_ARG(got));
}

#define ANY "permit (principal, action, resource)"

Test(cedar_format, a_clause_to_a_line)
{
	check("", "");
	check("permit(principal,action,resource);", ANY ";\n");
	check("@id(\"a\") @b permit(principal,action,resource)when{true}unless{false};"
	      "forbid(principal,action,resource);",
	      "@id(\"a\")\n@b\n" ANY "\nwhen { true }\nunless { false };\n\n"
	      "forbid (principal, action, resource);\n");
}

Test(cedar_format, a_head_that_does_not_fit_is_broken)
{
	check("permit(principal in Team::\"editors\",action in [Action::\"doc.read\", "
	      "Action::\"doc.write\"],resource);",
	      "permit (\n  principal in Team::\"editors\",\n"
	      "  action in [Action::\"doc.read\", Action::\"doc.write\"],\n  resource\n);\n");
}

/* Four of them do not fit one line, nor do three. */
#define A "context.aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "context.bbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "context.cccccccccccccccccccccccccccc"

Test(cedar_format, what_binds_least_is_broken_first)
{
	check(ANY " when {" A "&&" B "&&" C "};",
	      ANY "\nwhen {\n  " A " &&\n  " B " &&\n  " C "\n};\n");
	check(ANY " when {" A "||" B "&&" C "+ -1==-(2)};",
	      ANY "\nwhen {\n  " A " ||\n  " B " &&\n    " C " + -1 == -(2)\n};\n");
	check(ANY " when {!(" A "||" B "||" C ")};",
	      ANY "\nwhen {\n  !(\n    " A " ||\n    " B " ||\n    " C "\n  )\n};\n");
	check(ANY " when {" A ".aaaaaaaaaaa==" B "};",
	      ANY "\nwhen {\n  " A ".aaaaaaaaaaa ==\n    " B "\n};\n");
	check(ANY " when {principal in [A::\"" A "\",B::\"" B "\"]};",
	      ANY "\nwhen {\n  principal in [\n    A::\"" A "\",\n    B::\"" B "\"\n  ]\n};\n");
	check(ANY " when {[\"" A "\",\"b\"].contains(" B ".x.y)};",
	      ANY "\nwhen {\n  [\"" A "\", \"b\"].contains(\n    " B ".x.y\n  )\n};\n");
	check(ANY " when {if " A " then " B " else if true then " C " else " A "};",
	      ANY "\nwhen {\n  if " A "\n  then " B "\n  else if true\n  then " C "\n  else " A
		  "\n};\n");
	check(ANY " when {{a:" A ",\"b\":[" B "]}==context};",
	      ANY "\nwhen {\n  {\n    a: " A ",\n    \"b\": [" B "]\n  } == context\n};\n");
}

Test(cedar_format, comments_stay_with_what_they_are_about)
{
	check("// file\n\n\n// policy\n@id(\"a\")// id\npermit( // head\nprincipal, // who\n"
	      "action,resource) // any\nwhen{ // why\n  // first\ncontext.a // a\n// second\n"
	      "&& context.b\n// last\n} // end\n; // semi\n// tail\n\n// more",
	      "// file\n\n// policy\n@id(\"a\")  // id\npermit (  // head\n  principal,  // who\n"
	      "  action,\n  resource\n)  // any\nwhen {  // why\n  // first\n"
	      "  context.a &&  // a\n  // second\n  context.b\n  // last\n}  // end\n"
	      ";  // semi\n// tail\n\n// more\n");
	check("// only", "// only\n");
	check(ANY "when{context.a || // x\ncontext.b};",
	      ANY "\nwhen {\n  context.a ||  // x\n  context.b\n};\n");
	check(ANY "when{context.a\n// x\n|| // y\ncontext.b};",
	      ANY "\nwhen {\n  context.a\n  // x\n  ||  // y\n  context.b\n};\n");
	check(ANY "when{context // x\n.a // y\n// z\n== 1};",
	      ANY "\nwhen {\n  context  // x\n  .a ==  // y\n    // z\n    1\n};\n");
}

Test(cedar_format, schemas)
{
	check_schema(
		"namespace A { // in\n\n\n// b\nentity B in[C]={ a:Long , b ?:Set<Long>};\n\n"
		"@doc(\"c\")entity C{x:{y:Bool,},};}action b,\"c d\" appliesTo{principal:[A::B]"
		",resource:A::C};",
		"namespace A {  // in\n  // b\n  entity B in [C] = { a: Long, b?: Set<Long> };\n"
		"\n  @doc(\"c\")\n  entity C {\n    x: {\n      y: Bool,\n    },\n  };\n}\n"
		"action b, \"c d\" appliesTo { principal: [A::B], resource: A::C };\n");
	check_schema("entity A enum [\"" A "\", \"" B "\"];",
		     "entity A enum [\n  \"" A "\",\n  \"" B "\"\n];\n");
	check_schema("action \"" A "\", \"" B "\";", "action \"" A "\",\n  \"" B "\";\n");
}

Test(cedar_format, what_cannot_be_read_has_no_layout)
{
	struct note n = { .line = 0 };
	struct buf b;

	buf_init(&b, 1 << 16);
	cr_expect_eq(cedar_format(STR("\npermit(principal)"), CEDAR_POLICIES, &memory, &b, &n),
		     ERR_SYNTAX);
	cr_expect(n.line == 2 && b.len == 0);
	cr_expect_neq(cedar_format(STR("entity A in [B];"), CEDAR_SCHEMA, &memory, &b, &n), OK);
	buf_fini(&b);
}

/* --- properties --- */

static void compare(struct str text, const char *what)
{
	struct str after = laid_out(text, CEDAR_POLICIES, what);
	struct cedar_policies *one = cedar_kit_policies(&memory, text);
	struct cedar_policies *other = cedar_kit_policies(&memory, after);

	cr_expect(str_eq(cedar_kit_show_set(&memory, one, true),
			 cedar_kit_show_set(&memory, other, true)),
		  "%s", what);
}

Test(cedar_format, policies_by_chance_are_the_same_afterwards)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct arena_mark mark = arena_mark(&memory);
		struct buf b;
		char what[32];

		buf_init(&b, 1 << 20);
		cedar_policies_write(&b, cedar_kit_random(&memory, seed));
		cr_assert_eq(b.err, OK);
		(void)snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
		compare(buf_view(&b), what);
		buf_fini(&b);
		arena_rewind(&memory, mark);
	}
}

/* A comment behind every word, or before every word, is still there afterwards. */
Test(cedar_format, comments_anywhere_are_kept)
{
	for (uint64_t seed = 1; seed <= 120; seed++) {
		struct arena_mark mark = arena_mark(&memory);
		struct cedar_words words;
		struct buf text, noted;
		char what[32];

		buf_init(&text, 1 << 20);
		buf_init(&noted, 1 << 20);
		cedar_policies_write(&text, cedar_kit_random(&memory, seed));
		cr_assert_eq(cedar_words_read(buf_view(&text), CEDAR_POLICIES, &memory, &words,
					      NULL),
			     OK);
		for (size_t i = 0; i < words.count; i++) {
			struct str word = words.items[i].text;

			/* `?` and its name are one. */
			if (str_is(word, "?") || (i && str_is(words.items[i - 1].text, "?"))) {
				buf_add(&noted, word);
				continue;
			}
			switch ((seed * 7 + i * i) % 5) {
			case 0:
				buf_addf(&noted, "%.*s // c%zu\n", STR_ARG(word), i);
				break;
			case 1:
				buf_addf(&noted, "\n// c%zu\n%.*s ", i, STR_ARG(word));
				break;
			default:
				buf_addf(&noted, "%.*s ", STR_ARG(word));
			}
		}
		cr_assert_eq(noted.err, OK);
		(void)snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
		compare(buf_view(&noted), what);
		buf_fini(&noted);
		buf_fini(&text);
		arena_rewind(&memory, mark);
	}
}

Test(cedar_format, memory_that_ends_writes_nothing)
{
	struct str text = STR("// a\npermit(principal,action,resource)when{true};");

	for (size_t cap = 0;; cap += 256) {
		struct arena a;
		struct buf b;
		enum err e;

		arena_init(&a, cap);
		buf_init(&b, 1 << 16);
		e = cedar_format(text, CEDAR_POLICIES, &a, &b, NULL);
		cr_assert(e == OK ? b.len > 0 : e == ERR_MEMORY && b.len == 0);
		buf_fini(&b);
		arena_fini(&a);
		if (e == OK)
			break;
	}
	for (uint64_t i = 1;; i++) {
		struct arena a;
		struct buf b;
		enum err e;

		arena_init(&a, 1 << 20);
		buf_init(&b, 1 << 16);
		fail_alloc_at(i);
		e = cedar_format(text, CEDAR_POLICIES, &a, &b, NULL);
		cr_assert(e == OK || (e == ERR_MEMORY && b.len == 0));
		buf_fini(&b);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
	}
}

/* --- the published policies --- */

#define SHARED "../shared/vectors/policy/cedar/"

Test(cedar_format, published_files_are_the_same_afterwards)
{
	static const char *const policies[] = {
		"ip/policies_1",
		"ip/policies_2",
		"ip/policies_3",
		"multi/policies_1",
		"multi/policies_2",
		"multi/policies_3",
		"multi/policies_4",
		"multi/policies_5",
		"decimal/policies_1",
		"decimal/policies_2",
		"example_use_cases/policies_1a",
		"example_use_cases/policies_2a",
		"example_use_cases/policies_2b",
		"example_use_cases/policies_2c",
		"example_use_cases/policies_3a",
		"example_use_cases/policies_3b",
		"example_use_cases/policies_3c",
		"example_use_cases/policies_4a",
		"example_use_cases/policies_4d",
		"example_use_cases/policies_4e",
		"example_use_cases/policies_4f",
		"example_use_cases/policies_5b",
	};
	static const char *const schemas[] = { "sandbox_a/schema", "sandbox_b/schema",
					       "sandbox_b/schema_exts" };
	char path[256];
	struct str text;

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		(void)snprintf(path, sizeof(path), SHARED "tests/%s.cedar", policies[i]);
		text = cedar_kit_file(&memory, path);
		if (!text.ptr)
			cr_skip_test("skipped: " SHARED "tests is absent");
		compare(text, path);
	}
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		(void)snprintf(path, sizeof(path), SHARED "sample-data/%s.cedarschema", schemas[i]);
		text = cedar_kit_file(&memory, path);
		(void)laid_out(text, CEDAR_SCHEMA, path);
	}
}

Test(cedar_format, the_policies_of_the_corpus_are_the_same_afterwards)
{
	struct str text = cedar_kit_file(&memory, SHARED "corpus_selected.jsonl"), line, rest;
	unsigned tests = 0;

	if (!text.ptr)
		cr_skip_test("skipped: " SHARED "corpus_selected.jsonl is absent");
	for (rest = text; str_cut(rest, '\n', &line, &rest); tests++) {
		struct arena_mark mark = arena_mark(&memory);
		struct value test;
		char what[32];

		(void)snprintf(what, sizeof(what), "line %u", tests + 1);
		cr_assert_eq(json_read(line, 1, &memory, &test, NULL), OK);
		compare(value_text(&test, "policies"), what);
		(void)laid_out(value_text(&test, "schema"), CEDAR_SCHEMA, what);
		arena_rewind(&memory, mark);
	}
	cr_assert_eq(tests, 1632);
}
