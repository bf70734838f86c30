/* cedar_est: policies and sets from JSON. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "tests/cedar/cedar_kit.h"
#include "tests/kit/fail_alloc.h"

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)64 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_est, .init = open_arena, .fini = close_arena);

#define ALL           "{\"op\":\"All\"}"
#define UID(type, id) "{\"type\":\"" type "\",\"id\":\"" id "\"}"
#define POLICY(principal, action, resource)                                                        \
	"{\"effect\":\"permit\",\"principal\":" principal ",\"action\":" action                    \
	",\"resource\":" resource ",\"conditions\":[]}"
#define PRINCIPAL(principal) POLICY(principal, ALL, ALL)
#define ACTION(action)       POLICY(ALL, action, ALL)
#define GROUP                UID("G", "g")
#define OTHER_ACTION         UID("B::Action", "")
#define ANY                  PRINCIPAL(ALL)
#define SLOTTED              PRINCIPAL("{\"op\":\"==\",\"slot\":\"?principal\"}")

/* JSON and text must give the same policy. */
static void check_same(const char *json, const char *text)
{
	const struct cedar_policies *a = cedar_kit_json(&arena, str_view(json));
	const struct cedar_policies *b = cedar_kit_policies(&arena, str_view(text));
	struct str left = cedar_kit_show_set(&arena, a, true);
	struct str right = cedar_kit_show_set(&arena, b, true);

	cr_assert(str_eq(left, right), "%s\n%.*s\n%.*s", json, STR_ARG(left), STR_ARG(right));
}

Test(cedar_est, a_policy_is_the_one_of_its_text)
{
	check_same(PRINCIPAL(ALL), "permit(principal,action,resource);");
	check_same(PRINCIPAL("{\"op\":\"all\"}"), "permit(principal,action,resource);");
	check_same(
		"{\"effect\":\"forbid\",\"principal\":" ALL ",\"action\":" ALL ",\"resource\":" ALL
		",\"conditions\":[{\"kind\":\"when\",\"body\":{\"Value\":true}},"
		"{\"kind\":\"unless\",\"body\":{\"Value\":1}}],"
		"\"annotations\":{\"id\":\"a\\n\",\"if\":null,\"b\":\"\"}}",
		"@id(\"a\\n\") @if @b forbid(principal,action,resource) when {true} unless {1};");
}

Test(cedar_est, scopes)
{
	check_same(PRINCIPAL("{\"op\":\"==\",\"entity\":" UID("N::U", "a") "}"),
		   "permit(principal == N::U::\"a\",action,resource);");
	check_same(PRINCIPAL("{\"op\":\"in\",\"entity\":{\"__entity\":" UID("U", "a") "}}"),
		   "permit(principal in U::\"a\",action,resource);");
	check_same(PRINCIPAL("{\"op\":\"is\",\"entity_type\":\"N::U\"}"),
		   "permit(principal is N::U,action,resource);");
	check_same(PRINCIPAL("{\"op\":\"is\",\"entity_type\":\"U\",\"in\":{\"entity\":" GROUP "}}"),
		   "permit(principal is U in G::\"g\",action,resource);");
	check_same(ACTION("{\"op\":\"==\",\"entity\":" UID("Action", "a") "}"),
		   "permit(principal,action == Action::\"a\",resource);");
	check_same(ACTION("{\"op\":\"in\",\"entity\":" UID("Action", "a") "}"),
		   "permit(principal,action in Action::\"a\",resource);");
	check_same(ACTION("{\"op\":\"in\",\"entities\":[" UID("Action", "a") "," OTHER_ACTION "]}"),
		   "permit(principal,action in [Action::\"a\",B::Action::\"\"],resource);");
	check_same(ACTION("{\"op\":\"in\",\"entities\":[]}"),
		   "permit(principal,action in [],resource);");
	check_same(POLICY("{\"op\":\"in\",\"slot\":\"?principal\"}", ALL,
			  "{\"op\":\"is\",\"entity_type\":\"F\",\"in\":{\"slot\":\"?resource\"}}"),
		   "permit(principal in ?principal,action,resource is F in ?resource);");
}

Test(cedar_est, a_set_has_policies_templates_and_links)
{
	const struct cedar_policies *p = cedar_kit_json(
		&arena,
		STR("{\"templateLinks\":[{\"newId\":\"l\",\"templateId\":\"t\",\"values\":{"
		    "\"?principal\":{\"__entity\":" GROUP "}}}],\"staticPolicies\":{\"a b\":" ANY
		    ",\"\":" ANY "},\"templates\":{\"t\":" SLOTTED "}}"));

	cr_assert(cedar_count(p) == 3 && p->template_count == 1);
	cr_assert(str_is(cedar_about(p, 0).id, "a b") && str_is(cedar_about(p, 1).id, ""));
	cr_assert(str_is(cedar_about(p, 2).id, "l"));
	cr_assert(str_is(p->policies[2]->template_id, "t"));
	cr_assert(str_is(p->policies[2]->principal.uid.id, "g"));
	cr_assert_eq(cedar_about(p, 0).line, 1);
	cr_assert_gt(cedar_about(p, 0).column, 100);
	cr_assert_eq(cedar_count(cedar_kit_json(&arena, STR("{\"staticPolicies\":{}}"))), 0);
}

struct refusal {
	const char *text;
	enum err err;
	const char *says;
};

#define SET(policies, templates, links)                                                            \
	"{\"staticPolicies\":{" policies "},\"templates\":{" templates                             \
	"},\"templateLinks\":[" links "]}"
#define LINK(template, id, values)                                                                 \
	"{\"templateId\":\"" template "\",\"newId\":\"" id "\",\"values\":{" values "}}"
#define CONDITIONS(list)                                                                           \
	"{\"effect\":\"permit\",\"principal\":" ALL ",\"action\":" ALL ",\"resource\":" ALL        \
	",\"conditions\":" list "}"

static const struct refusal refusals[] = {
	/* sets */
	{ "[]", ERR_TYPE, "found list; expected an object" },
	{ "{}", ERR_NOT_FOUND, "\"staticPolicies\" is missing" },
	{ "{\"staticPolicies\":[]}", ERR_TYPE, "policies by id" },
	{ "{\"staticPolicies\":{},\"template\":{}}", ERR_UNKNOWN, "did you mean \"templates\"?" },
	{ SET("\"a\":1", "", ""), ERR_TYPE, "expected an object" },
	{ SET("\"a\":" SLOTTED, "", ""), ERR_TYPE, "it belongs to \"templates\"" },
	{ SET("", "\"a\":" PRINCIPAL(ALL), ""), ERR_TYPE, "'a' has no slot" },
	{ SET("\"a\":" PRINCIPAL(ALL), "\"a\":" SLOTTED, ""), ERR_DUPLICATE, "'a' is taken" },
	{ "{\"staticPolicies\":{},\"templateLinks\":{}}", ERR_TYPE, "a list of links" },
	{ SET("", "", "1"), ERR_TYPE, "an object" },
	{ SET("", "", "{}"), ERR_NOT_FOUND, "\"templateId\" is missing" },
	{ SET("", "", LINK("t", "l", "")), ERR_NOT_FOUND, "no template 't'" },
	{ SET("", "\"t\":" SLOTTED, LINK("t", "l", "")), ERR_TYPE, "nothing is given" },
	{ SET("", "\"t\":" SLOTTED, LINK("t", "t", "\"?principal\":" UID("U", "a"))), ERR_DUPLICATE,
	  "'t' is taken" },
	{ SET("", "\"t\":" SLOTTED, LINK("t", "l", "\"?principl\":" UID("U", "a"))), ERR_UNKNOWN,
	  "did you mean \"?principal\"?" },
	{ SET("", "\"t\":" SLOTTED, LINK("t", "l", "\"?principal\":\"U\"")), ERR_TYPE,
	  "expected an entity" },
	/* policies */
	{ "{\"effect\":\"allow\"}", ERR_NOT_FOUND, "\"principal\" is missing" },
	{ "{\"effect\":\"allow\",\"principal\":1,\"action\":1,\"resource\":1,\"conditions\":1}",
	  ERR_UNKNOWN, "\"permit\" or \"forbid\"" },
	{ "{\"effect\":\"permit\",\"principal\":1,\"action\":1,\"resource\":1,\"condition\":1}",
	  ERR_NOT_FOUND, "\"conditions\" is missing" },
	{ "{\"effect\":\"permit\",\"principal\":1,\"action\":1,\"resource\":1,\"conditions\":1,"
	  "\"annotation\":{}}",
	  ERR_UNKNOWN, "did you mean \"annotations\"?" },
	{ CONDITIONS("{}"), ERR_TYPE, "a list of conditions" },
	{ CONDITIONS("[1]"), ERR_TYPE, "an object" },
	{ CONDITIONS("[{\"kind\":\"when\"}]"), ERR_NOT_FOUND, "\"body\" is missing" },
	{ CONDITIONS("[{\"kind\":\"if\",\"body\":{\"Value\":1}}]"), ERR_UNKNOWN, "\"unless\"" },
	{ CONDITIONS("[{\"kind\":1,\"body\":{\"Value\":1}}]"), ERR_UNKNOWN, "\"unless\"" },
	{ CONDITIONS("[],\"annotations\":[]"), ERR_TYPE, "an object of annotations" },
	{ CONDITIONS("[],\"annotations\":{\"a b\":\"\"}"), ERR_SYNTAX, "not the name of an annot" },
	{ CONDITIONS("[],\"annotations\":{\"a\":1}"), ERR_TYPE, "a string" },
	/* scopes */
	{ PRINCIPAL("1"), ERR_TYPE, "an object" },
	{ PRINCIPAL("{}"), ERR_NOT_FOUND, "\"op\" is missing" },
	{ PRINCIPAL("{\"op\":\"!=\"}"), ERR_UNKNOWN, "All, ==, in or is" },
	{ PRINCIPAL("{\"op\":1}"), ERR_UNKNOWN, "All, ==, in or is" },
	{ PRINCIPAL("{\"op\":\"==\"}"), ERR_TYPE, "\"entity\" and \"slot\"" },
	{ PRINCIPAL("{\"op\":\"==\",\"entity\":" UID("U", "a") ",\"slot\":\"?principal\"}"),
	  ERR_TYPE, "\"entity\" and \"slot\"" },
	{ PRINCIPAL("{\"op\":\"==\",\"slot\":\"?resource\"}"), ERR_SYNTAX, "\"?principal\"" },
	{ PRINCIPAL("{\"op\":\"==\",\"slot\":\"principal\"}"), ERR_SYNTAX, "\"?principal\"" },
	{ PRINCIPAL("{\"op\":\"==\",\"slot\":\"\"}"), ERR_SYNTAX, "\"?principal\"" },
	{ PRINCIPAL("{\"op\":\"==\",\"slot\":1}"), ERR_SYNTAX, "\"?principal\"" },
	{ PRINCIPAL("{\"op\":\"==\",\"entity\":\"a\"}"), ERR_TYPE, "expected an entity" },
	{ PRINCIPAL("{\"op\":\"==\",\"entity\":" UID("1", "a") "}"), ERR_SYNTAX, "entity type" },
	{ PRINCIPAL("{\"op\":\"All\",\"entity\":" UID("U", "a") "}"), ERR_TYPE, "do not belong" },
	{ PRINCIPAL("{\"op\":\"in\",\"entities\":[]}"), ERR_TYPE, "do not belong" },
	{ PRINCIPAL("{\"op\":\"is\"}"), ERR_TYPE, "do not belong" },
	{ PRINCIPAL("{\"op\":\"is\",\"entity_type\":\"a b\"}"), ERR_SYNTAX, "entity type" },
	{ PRINCIPAL("{\"op\":\"is\",\"entity_type\":1}"), ERR_TYPE, "a string" },
	{ PRINCIPAL("{\"op\":\"is\",\"entity_type\":\"U\",\"entity\":" UID("U", "a") "}"), ERR_TYPE,
	  "do not belong" },
	{ PRINCIPAL("{\"op\":\"is\",\"entity_type\":\"U\",\"in\":{}}"), ERR_TYPE, "\"slot\"" },
	{ PRINCIPAL("{\"op\":\"is\",\"entity_type\":\"U\",\"in\":{\"x\":1}}"), ERR_UNKNOWN,
	  "\"x\"" },
	{ PRINCIPAL("{\"op\":\"All\",\"ops\":1}"), ERR_UNKNOWN, "did you mean \"op\"?" },
	{ ACTION("{\"op\":\"is\",\"entity_type\":\"Action\"}"), ERR_UNKNOWN,
	  "an action has no other" },
	{ ACTION("{\"op\":\"==\",\"slot\":\"?action\"}"), ERR_SYNTAX, "no slot" },
	{ ACTION("{\"op\":\"==\",\"entity\":" UID("U", "a") "}"), ERR_TYPE, "not U" },
	{ ACTION("{\"op\":\"==\",\"entities\":[]}"), ERR_TYPE, "do not belong" },
	{ ACTION("{\"op\":\"in\",\"entities\":{}}"), ERR_TYPE, "a list of actions" },
	{ ACTION("{\"op\":\"in\",\"entities\":[" UID("U", "a") "]}"), ERR_TYPE, "not U" },
	{ ACTION("{\"op\":\"in\",\"entities\":[],\"entity\":" UID("Action", "a") "}"), ERR_TYPE,
	  "do not belong" },
};

Test(cedar_est, refusals_say_what_is_wrong)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct note n;
		enum err e = cedar_kit_refused_json(&arena, str_view(r->text), &n);

		cr_assert_eq(e, r->err, "%s: %s, %s", r->text, err_name(e), n.text);
		cr_assert(strstr(n.text, r->says), "%s: %s", r->text, n.text);
		cr_assert(n.line == 1 && n.column >= 1 && n.column <= strlen(r->text), "%s",
			  r->text);
	}
}

Test(cedar_est, annotations_are_bounded)
{
	struct note n;
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_add_c(&b, "{\"effect\":\"permit\",\"principal\":" ALL ",\"action\":" ALL
		      ",\"resource\":" ALL ",\"conditions\":[],\"annotations\":{\"b\":\"\"");
	for (unsigned i = 0; i < LIMIT_CEDAR_ANNOTATIONS; i++)
		buf_addf(&b, ",\"a%u\":null", i);
	buf_add_c(&b, "}}");
	cr_assert_eq(cedar_kit_refused_json(&arena, buf_view(&b), &n), ERR_LIMIT);
	cr_assert(strstr(n.text, "at most 256 annotations"), "%s", n.text);
	buf_fini(&b);
}

Test(cedar_est, a_full_arena_is_an_error_wherever_it_is_hit)
{
	const struct str text = STR(SET("\"a\":" CONDITIONS("[{\"kind\":\"when\",\"body\":{\"Set\":"
							    "[{\"Value\":[1,\"a\"]}]}}]"),
					"\"t\":" SLOTTED,
					LINK("t", "l", "\"?principal\":" UID("U", "a"))));
	enum err e = ERR_MEMORY;
	struct value v;

	cr_assert_eq(json_read(text, 1, &arena, &v, NULL), OK);
	for (size_t cap = 64; e == ERR_MEMORY; cap += 16) {
		struct cedar_policies *set = NULL;
		struct arena a;

		arena_init(&a, cap);
		e = cedar_policies_read_json(&v, &a, &set, NULL);
		cr_assert(e == OK || (e == ERR_MEMORY && !set), "%s", err_name(e));
		arena_fini(&a);
		cr_assert_lt(cap, 1 << 20);
	}
}

Test(cedar_est, every_allocation_may_fail)
{
	const struct str text = STR(CONDITIONS("[{\"kind\":\"when\",\"body\":{\"Record\":{\"a\":"
					       "{\"Value\":{\"b\":1}}}}}]"));
	struct value v;

	cr_assert_eq(json_read(text, 1, &arena, &v, NULL), OK);
	for (uint64_t n = 1;; n++) {
		struct cedar_policies *set = NULL;
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = cedar_policies_read_json(&v, &a, &set, NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert(e == ERR_MEMORY && !set, "%s", err_name(e));
	}
}
