/* cedar_mapping: the key `cedar` of a policy file. */
#include <criterion/criterion.h>

#include "engine/base/yaml.h"
#include "engine/policy/rules.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 1 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(cedar_mapping, .init = start, .fini = stop);

static enum err read_mapping(const char *text, const struct cedar_mapping **ret, struct note *n)
{
	struct reader r = { .memory = &memory, .note = n };
	const struct value *at;
	struct value tree;

	*n = (struct note){ .column = 0 };
	cr_assert_eq(yaml_read(str_view(text), &memory, &tree, n), OK, "%s", text);
	return cedar_mapping_read(&r, &tree, ret, &at);
}

Test(cedar_mapping, what_is_not_given_has_its_default)
{
	const struct cedar_mapping *m;
	struct note n;

	cr_assert_eq(read_mapping("name: x\n", &m, &n), OK);
	cr_assert_null(m);
	cr_assert_eq(read_mapping("cedar: {principal: 'A::B'}\n", &m, &n), OK);
	cr_assert(str_is(m->principal, "A::B") && str_is(m->action, "Action"));
	cr_assert(str_is(m->resource, "Resource") && str_is(m->tool, "Tool") && !m->error_denies);
	cr_assert_eq(read_mapping("cedar: {action: 'N::Action', resource: R, tool: T, "
				  "error_in_forbid: deny}\n",
				  &m, &n),
		     OK);
	cr_assert(str_is(m->principal, "Agent") && str_is(m->action, "N::Action"));
	cr_assert(str_is(m->resource, "R") && str_is(m->tool, "T") && m->error_denies);
}

Test(cedar_mapping, refuses_what_would_never_hold)
{
	static const struct {
		const char *text;
		enum err e;
		const char *says;
	} rows[] = {
		{ "cedar: [a]\n", ERR_TYPE, "'cedar' is list here; expected a mapping of keys" },
		{ "cedar: {tools: A}\n", ERR_UNKNOWN,
		  "unknown key 'tools' of a cedar mapping; did you mean 'tool'?" },
		{ "cedar: {tool: 7}\n", ERR_TYPE,
		  "'tool' is integer here; expected the name of an entity type" },
		{ "cedar: {tool: ''}\n", ERR_SYNTAX,
		  "'' is no Cedar entity type; expected a name like Agent or Fleet::Agent" },
		{ "cedar: {tool: 'A B'}\n", ERR_SYNTAX,
		  "'A B' is no Cedar entity type; expected a name like Agent or Fleet::Agent" },
		{ "cedar: {tool: 'A::\"x\"'}\n", ERR_SYNTAX,
		  "'A::\"x\"' is no Cedar entity type; expected a name like Agent or "
		  "Fleet::Agent" },
		{ "cedar: {action: 'MyAction'}\n", ERR_SYNTAX,
		  "the type of actions is Action, or ends in ::Action; found 'MyAction'" },
		{ "cedar: {error_in_forbid: yes}\n", ERR_UNKNOWN, "unknown error_in_forbid" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cedar_mapping *m;
		struct note n;

		cr_expect_eq(read_mapping(rows[i].text, &m, &n), rows[i].e, "%s", rows[i].text);
		cr_expect(str_starts(str_view(n.text), str_view(rows[i].says)), "%s", n.text);
	}
}
