/* witness: requests are changed at a path, and stay what the gate could say. */
#include <criterion/criterion.h>

#include "engine/policy/solve.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(witness, .init = start, .fini = stop);

/* The base with one path of a condition changed. */
static struct str change(const char *base, const char *path, const struct value *v)
{
	const struct condition *c;
	struct witness_change one;
	struct question q, changed;
	char text[128] = "has(";

	strcat(strcat(text, path), ")");
	cr_assert_eq(condition_compile(str_view(text), &kit.memory, &c, NULL), OK);
	one = (struct witness_change){ c->steps[0].left.slot, v };
	if (base)
		q = policy_kit_ask(&kit, base);
	cr_assert_eq(witness_make(c->slots, base ? &q : NULL, POLICY_PRE_TOOL, &one, 1,
				  &kit.memory, &changed),
		     OK);
	return policy_kit_text(&kit, &changed);
}

#define PLAIN "{\"action\":\"some_tool\",\"agent\":\"some-agent\""

Test(witness, members_are_made_changed_and_taken_away)
{
	const struct value five = value_int(5), no = value_bool(false);
	static const struct value empty = { .kind = VALUE_OBJECT };
	const char *base = "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"n\":1,\"m\":[1,2,3]}}";

	cr_expect(str_is(change(NULL, "args.n", &five), PLAIN ",\"args\":{\"n\":5}}"));
	cr_expect(str_is(change(NULL, "args.a.b", &five), PLAIN ",\"args\":{\"a\":{\"b\":5}}}"));
	cr_expect(str_is(change(NULL, "args.a[1]", &five),
			 PLAIN ",\"args\":{\"a\":[null,5]}}"));
	cr_expect(str_is(change(NULL, "args.n", NULL), PLAIN "}"));
	cr_expect(str_is(change(base, "args.n", NULL),
			 "{\"action\":\"t\",\"agent\":\"a\",\"args\":{\"m\":[1,2,3]}}"));
	cr_expect(str_is(change(base, "args.m[1]", NULL),
			 "{\"action\":\"t\",\"agent\":\"a\",\"args\":{\"m\":[1],\"n\":1}}"));
	cr_expect(str_is(change(base, "args", &empty),
			 "{\"action\":\"t\",\"agent\":\"a\",\"args\":{\"m\":[1,2,3],\"n\":1}}"));
	cr_expect(
		str_is(change(NULL, "agent.registered", &no),
		       "{\"action\":\"some_tool\",\"agent\":{\"id\":\"some-agent\",\"registered\":"
		       "false,\"signed\":false}}"));
}

Test(witness, a_session_is_there_as_a_whole_or_not_at_all)
{
	const struct value two = value_int(2);
	const char *base = "{\"agent\":\"a\",\"action\":\"t\",\"session\":\"s\"}";

	cr_expect(str_is(change(NULL, "session.actions", &two),
			 PLAIN ",\"session\":{\"actions\":2,\"denials\":0,\"id\":"
			       "\"some-session\"}}"));
	cr_expect(str_is(change(base, "session.denials", NULL),
			 "{\"action\":\"t\",\"agent\":\"a\"}"));
}
