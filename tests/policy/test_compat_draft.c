/* compat_draft: paths, literals and names. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/compat_draft.h"
#include "tests/kit/compat_kit.h"

static struct arena memory;
static struct draft *draft;
static struct buf text;

static void start(void)
{
	arena_init(&memory, 1 << 20);
	buf_init(&text, 1 << 16);
	draft = arena_alloc(&memory, sizeof(*draft));
	cr_assert(draft);
	draft->arena = &memory;
}

static void stop(void)
{
	buf_fini(&text);
	arena_fini(&memory);
}

TestSuite(compat_draft, .init = start, .fini = stop);

static struct str ours(const char *theirs, bool flat)
{
	struct str s;

	draft_begin(draft, STR_NONE);
	cr_assert_eq(draft_path(draft, &text, str_view(theirs), flat), OK);
	cr_assert_eq(draft_text(draft, &text, &s), OK);
	return s;
}

Test(compat_draft, roots_that_are_known_go_where_they_belong)
{
	static const char *const pairs[][2] = {
		{ "action.type", "action.type" }, { "tool_name", "action.type" },
		{ "action", "action.type" },      { "action.n", "action.n" },
		{ "agent.did", "agent.id" },      { "agent_id", "agent.id" },
		{ "agent.namespace", "args.agent.namespace" },
		{ "session_id", "session.id" },   { "session.age", "args.session.age" },
		{ "resource", "resource" },       { "resource.owner", "args.resource.owner" },
		{ "args", "args" },               { "args.x", "args.x" },
		{ "data.contains_pii", "args.data.contains_pii" },
		{ "a.0.b", "args.a[\"0\"].b" },   { "na\xc3\xafve.x", "args[\"na\xc3\xafve\"].x" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		cr_expect(str_is(ours(pairs[i][0], false), pairs[i][1]), "%s: %.*s", pairs[i][0],
			  STR_ARG(ours(pairs[i][0], false)));
	cr_expect(str_is(ours("u.v", true), "args[\"u.v\"]"), "flat: one key");
	cr_expect(str_is(ours("sql.verb", true), "args.sql.verb"), "but derived ones are members");
	cr_expect(str_is(ours("action.type", true), "args[\"action.type\"]"));
	cr_expect(str_is(ours("agent_id", true), "agent.id"));
	cr_expect(draft_path_certain(STR("tool_name"), false));
	cr_expect_not(draft_path_certain(STR("session_id"), false));
}

Test(compat_draft, literals_are_read_back_as_they_were)
{
	static const char json[] = "[\"a\\\"\\\\\\u0007\\n'\",-1.5,true,null,{\"k\":[]}]";
	struct value v = compat_kit_json(&memory, json);
	struct note n;
	struct str s;

	buf_add_c(&text, "args.x == ");
	draft_literal(&text, &v);
	cr_assert_eq(draft_text(draft, &text, &s), OK);
	cr_expect(str_is(s, "args.x == [\"a\\\"\\\\\\u0007\\u000a'\", -1.5, true, null, "
			    "{\"k\": []}]"), "%.*s", STR_ARG(s));
	cr_expect_eq(draft_compiles(draft, s, &n), OK, "%s", n.text);
}

Test(compat_draft, a_name_that_is_taken_is_counted_on)
{
	const struct draft_rule rule = { .name = STR("r"), .condition = STR("true") };

	for (int i = 0; i < 3; i++) {
		draft_begin(draft, rule.name);
		cr_assert_eq(draft_add(draft, &rule), OK);
	}
	cr_expect(str_is(draft->rules[0].name, "r"));
	cr_expect(str_is(draft->rules[1].name, "r-2"));
	cr_expect(str_is(draft->rules[2].name, "r-3"));
	cr_expect_eq(draft->remark_count, 2);
}

Test(compat_draft, too_many_paths_are_a_limit)
{
	struct str copy;
	char name[16];
	enum err e = OK;

	for (int i = 0; i <= DRAFT_PATHS && e == OK; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		cr_assert_eq(arena_copy(&memory, str_view(name), &copy), OK);
		e = draft_path(draft, &text, copy, false);
		cr_expect_eq(e == OK, i < DRAFT_PATHS);
	}
	cr_expect_eq(e, ERR_LIMIT);
}

Test(compat_draft, globs_match_exactly_the_text)
{
	draft_glob(&text, STR("did:mesh:*[a]!"));
	buf_add_byte(&text, '\0');
	cr_expect_str_eq(text.ptr, "did:mesh:\\*\\[a\\]\\!");
}
