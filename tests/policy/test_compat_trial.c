/* compat_trial: the requests made from a rule, in both worlds. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/policy/compat_trial.h"
#include "tests/kit/compat_kit.h"

static struct arena memory;
static struct draft *draft;
static struct trial *trial;

static void start(void)
{
	arena_init(&memory, 64 << 20);
	draft = arena_alloc(&memory, sizeof(*draft));
	trial = arena_alloc(&memory, sizeof(*trial));
	cr_assert(draft && trial);
	draft->arena = &memory;
	trial->state = 1;
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_trial, .init = start, .fini = stop);

/* A rule with these paths of theirs, ended by NULL. */
static void begin(const char *condition, const char *const *paths, bool flat)
{
	struct draft_rule rule = { .name = STR("r"), .condition = str_view(condition) };
	struct buf b;

	buf_init(&b, 4096);
	draft_begin(draft, rule.name);
	for (; *paths; paths++)
		cr_assert_eq(draft_path(draft, &b, str_view(*paths), flat), OK);
	buf_fini(&b);
	cr_assert_eq(draft_add(draft, &rule), OK);
	cr_assert_eq(compat_trial_begin(trial, draft, draft->rules, &memory), OK);
}

static bool is(const struct value *v, const char *text)
{
	struct buf b;
	bool same;

	buf_init(&b, 4096);
	canon_value(&b, v);
	same = str_is(buf_view(&b), text);
	buf_fini(&b);
	return same;
}

/* Is there a request that is sent as `ours` and whose context is `theirs`? */
static bool makes(const char *ours, const char *theirs)
{
	struct trial t = *trial;

	while (compat_trial_next(&t)) {
		struct value sent, context;

		cr_assert_eq(compat_trial_ours(&t, true, &memory, &sent), OK);
		cr_assert_eq(compat_trial_theirs(&t, false, &memory, &context), OK);
		if (is(&sent, ours) && is(&context, theirs))
			return true;
	}
	return false;
}

Test(compat_trial, literals_have_neighbours_and_other_types)
{
	static const char *const paths[] = { "n", NULL };
	static const char *const values[] = { "499", "500", "501", "\"500\"", "true", "false",
					      "null", "0", "\"\"", "[]", "\"x\"", NULL };
	char ours[128], theirs[64];

	begin("args.n < 500 or args.n == \"x\"", paths, false);
	for (size_t i = 0; values[i]; i++) {
		(void)snprintf(ours, sizeof(ours),
			       "{\"action\":\"other_tool\",\"agent\":\"agent-1\","
			       "\"args\":{\"n\":%s}}", values[i]);
		(void)snprintf(theirs, sizeof(theirs), "{\"n\":%s}", values[i]);
		cr_expect(makes(ours, theirs), "%s", values[i]);
	}
	cr_expect(makes("{\"action\":\"other_tool\",\"agent\":\"agent-1\",\"args\":{}}", "{}"));
}

Test(compat_trial, flat_and_dotted_keys_are_told_apart)
{
	static const char *const paths[] = { "u.v", "sql.verb", NULL };

	begin("args[\"u.v\"] == \"a\"", paths, true);
	cr_expect(makes("{\"action\":\"other_tool\",\"agent\":\"agent-1\","
			"\"args\":{\"sql\":{\"verb\":\"a\"},\"u.v\":\"a\"}}",
			"{\"sql.verb\":\"a\",\"u.v\":\"a\"}"));
}

Test(compat_trial, what_is_in_the_way_of_a_member_stays)
{
	static const char *const paths[] = { "u", "u.v", NULL };

	begin("args.u", paths, false);
	cr_expect(makes("{\"action\":\"other_tool\",\"agent\":\"agent-1\",\"args\":{\"u\":true}}",
			"{\"u\":true}"));
	cr_expect(makes("{\"action\":\"other_tool\",\"agent\":\"agent-1\","
			"\"args\":{\"u\":{\"v\":0}}}", "{\"u\":{\"v\":0}}"));
}

Test(compat_trial, tools_and_agents_are_names_that_fit)
{
	static const struct str tools[] = { STR("a.*"), STR("b\\*") }, agents[] = { STR("x?") };
	struct draft_rule rule = { .tools = tools, .tool_count = 2 };
	unsigned seen = 0;

	draft->agents = agents;
	draft->agent_count = 1;
	cr_assert_eq(compat_trial_begin(trial, draft, &rule, &memory), OK);
	while (compat_trial_next(trial)) {
		struct str tool = compat_trial_tool(trial);

		seen |= str_is(tool, "a.x") ? 1 : str_is(tool, "a.") ? 2 : str_is(tool, "b*") ? 4
			: str_is(tool, "other_tool") ? 8 : 16;
		cr_expect(str_is(compat_trial_agent(trial), "x?"));
	}
	cr_expect_eq(seen, 15);
}

Test(compat_trial, too_many_combinations_are_sampled_alike)
{
	static const char *const paths[] = { "a", "b", "c", "d", "e", NULL };
	struct trial other;
	unsigned count = 0;

	begin("args.a == 1", paths, false);
	other = *trial;
	for (; compat_trial_next(trial); count++) {
		cr_assert(compat_trial_next(&other));
		cr_assert_eq(memcmp(trial->chosen, other.chosen, sizeof(other.chosen)), 0);
	}
	cr_expect_eq(count, 4096);
	cr_expect_not(compat_trial_next(&other));
}
