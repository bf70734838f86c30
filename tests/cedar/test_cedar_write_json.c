/* cedar_write_json: the format of the documentation, and it reads as what was written. */
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

TestSuite(cedar_write_json, .init = open_arena, .fini = close_arena);

static struct str written(const struct cedar_policies *set)
{
	struct str s;
	struct buf b;

	buf_init(&b, (size_t)16 << 20);
	cedar_policies_write_json(&b, set);
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&arena, buf_view(&b), &s), OK);
	buf_fini(&b);
	return s;
}

static void check(struct str out, const char *expected)
{
	cr_assert(str_is(out, expected), "%.*s\nexpected\n%s", STR_ARG(out), expected);
}

static void check_expr(const char *text, const char *expected)
{
	char policy[512], json[1024];

	snprintf(policy, sizeof(policy), "permit(principal,action,resource)when{%s};", text);
	snprintf(json, sizeof(json),
		 "{\"staticPolicies\":{\"policy0\":{\"effect\":\"permit\","
		 "\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"},"
		 "\"resource\":{\"op\":\"All\"},"
		 "\"conditions\":[{\"kind\":\"when\",\"body\":%s}],\"annotations\":{}}},"
		 "\"templates\":{},\"templateLinks\":[]}",
		 expected);
	check(written(cedar_kit_policies(&arena, str_view(policy))), json);
}

#define V "{\"Var\":\"principal\"}"

Test(cedar_write_json, expressions)
{
	check_expr("-5", "{\"Value\":-5}");
	check_expr("\"a\\n\"", "{\"Value\":\"a\\n\"}");
	check_expr("N::U::\"a\"", "{\"Value\":{\"__entity\":{\"type\":\"N::U\",\"id\":\"a\"}}}");
	check_expr("principal==true", "{\"==\":{\"left\":" V ",\"right\":{\"Value\":true}}}");
	check_expr("-(5)", "{\"neg\":{\"arg\":{\"Value\":5}}}");
	check_expr("!principal", "{\"!\":{\"arg\":" V "}}");
	check_expr("principal[\"a b\"]", "{\".\":{\"left\":" V ",\"attr\":\"a b\"}}");
	check_expr("principal has a", "{\"has\":{\"left\":" V ",\"attr\":\"a\"}}");
	check_expr("principal has a.b", "{\"has\":{\"left\":" V ",\"attr\":[\"a\",\"b\"]}}");
	check_expr("principal like \"a*\"",
		   "{\"like\":{\"left\":" V ",\"pattern\":[{\"Literal\":\"a\"},\"Wildcard\"]}}");
	check_expr("principal is U", "{\"is\":{\"left\":" V ",\"entity_type\":\"U\"}}");
	check_expr("principal is U in principal",
		   "{\"is\":{\"left\":" V ",\"in\":" V ",\"entity_type\":\"U\"}}");
	check_expr("if principal then 1 else 2",
		   "{\"if-then-else\":{\"if\":" V
		   ",\"then\":{\"Value\":1},\"else\":{\"Value\":2}}}");
	check_expr("[principal,1]", "{\"Set\":[" V ",{\"Value\":1}]}");
	check_expr("{a:principal,\"b c\":1}", "{\"Record\":{\"a\":" V ",\"b c\":{\"Value\":1}}}");
	check_expr("[].isEmpty()", "{\"isEmpty\":{\"arg\":{\"Set\":[]}}}");
	check_expr("principal.contains(1)",
		   "{\"contains\":{\"left\":" V ",\"right\":{\"Value\":1}}}");
	check_expr("ip(\"a\").isIpv4()", "{\"isIpv4\":[{\"ip\":[{\"Value\":\"a\"}]}]}");
}

Test(cedar_write_json, sets_keep_ids_templates_and_links)
{
	struct cedar_policies *set = cedar_kit_policies(
		&arena,
		STR("@a(\"b\")@c forbid(principal is U in ?principal,action in [Action::\"x\"],"
		    "resource == ?resource);"));
	const struct cedar_uid uid = { STR("U"), STR("ann") };

	cr_assert_eq(cedar_link(set, STR("policy0"), STR("l"), &uid, &uid, &arena, NULL), OK);
	check(written(set),
	      "{\"staticPolicies\":{},\"templates\":{\"policy0\":{\"effect\":\"forbid\","
	      "\"principal\":{\"op\":\"is\",\"entity_type\":\"U\",\"in\":{\"slot\":\"?principal\"}}"
	      ","
	      "\"action\":{\"op\":\"in\",\"entities\":[{\"type\":\"Action\",\"id\":\"x\"}]},"
	      "\"resource\":{\"op\":\"==\",\"slot\":\"?resource\"},\"conditions\":[],"
	      "\"annotations\":{\"a\":\"b\",\"c\":\"\"}}},"
	      "\"templateLinks\":[{\"templateId\":\"policy0\",\"newId\":\"l\",\"values\":{"
	      "\"?principal\":{\"type\":\"U\",\"id\":\"ann\"},"
	      "\"?resource\":{\"type\":\"U\",\"id\":\"ann\"}}}]}");
}

static void check_round(const struct cedar_policies *set, unsigned seed)
{
	struct str json = written(set), before = cedar_kit_show_set(&arena, set, true);
	struct str after = cedar_kit_show_set(&arena, cedar_kit_json(&arena, json), true);

	cr_assert(str_eq(before, after), "seed %u:\n%.*s\n%.*s\n%.*s", seed, STR_ARG(json),
		  STR_ARG(before), STR_ARG(after));
}

Test(cedar_write_json, random_sets_read_as_they_were_written)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct arena_mark mark = arena_mark(&arena);

		check_round(cedar_kit_random(&arena, seed), (unsigned)seed);
		arena_rewind(&arena, mark);
	}
}

Test(cedar_write_json, the_policies_of_the_corpus_read_as_they_are_written)
{
	struct str text = cedar_kit_file(&arena, SUITE "corpus_selected.jsonl"), line, rest;
	unsigned tests = 0;

	if (!text.ptr)
		cr_skip_test("skipped: " SUITE "corpus_selected.jsonl is absent");
	for (rest = text; str_cut(rest, '\n', &line, &rest); tests++) {
		struct arena_mark mark = arena_mark(&arena);
		struct value test;

		cr_assert_eq(json_read(line, 1, &arena, &test, NULL), OK);
		check_round(cedar_kit_policies(&arena, value_text(&test, "policies")), tests);
		arena_rewind(&arena, mark);
	}
	cr_assert_eq(tests, 1632);
}
