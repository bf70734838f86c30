/* intent_rules: what tools touch, for whom, and what is refused at load. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

static struct policy_kit k;

static void setup(void)
{
	policy_kit_init(&k);
}

static void teardown(void)
{
	policy_kit_fini(&k);
}

TestSuite(intent_rules, .init = setup, .fini = teardown);

Test(intent_rules, a_rule_says_what_is_done_to_what)
{
	struct bundle *b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD "intents:\n  - {tools: [get_*], intent: read, of: args.id}\n",
		POLICY_KIT_OTHER "intents: [{tools: [x], agents: [a], intent: exclusive}]\n");
	struct member id = { .key = STR("id"), .value = value_int(7) };
	struct value args = { .kind = VALUE_OBJECT, .object = { &id, 1 } };
	const struct value *thing;
	struct str path;

	cr_assert_eq(bundle_intents(b), 2);
	cr_expect(bundle_intent_holds(b, 0, STR("x"), STR("get_a")));
	cr_expect(!bundle_intent_holds(b, 0, STR("x"), STR("put_a")));
	cr_expect(bundle_intent_holds(b, 1, STR("a"), STR("x")));
	cr_expect(!bundle_intent_holds(b, 1, STR("b"), STR("x")));
	cr_expect_eq(bundle_intent(b, 0), INTENT_READ);
	cr_expect_eq(bundle_intent(b, 1), INTENT_EXCLUSIVE);
	cr_assert_eq(bundle_intent_thing(b, 0, &args, &k.memory, &thing, &path), OK);
	cr_expect(thing && thing->integer == 7 && str_is(path, "args.id"));
	cr_assert_eq(bundle_intent_thing(b, 0, NULL, &k.memory, &thing, &path), OK);
	cr_expect(!thing && str_is(path, "args.id"));
	cr_assert_eq(bundle_intent_thing(b, 1, &args, &k.memory, &thing, &path), OK);
	cr_expect(!thing && !path.ptr);
	cr_expect_eq(bundle_intents(policy_kit_load(&k, POLICY_KIT_HEAD "intents: []\n", NULL)), 0);
}

Test(intent_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
	} cases[] = {
		{ "intents: {}\n", "expected a list of rules of intents" },
		{ "intents: [5]\n", "expected a mapping" },
		{ "intents: [{intent: read}]\n", "has no 'tools'" },
		{ "intents: [{tools: [t]}]\n", "has no 'intent'" },
		{ "intents: [{tools: [t], intent: reed}]\n", "did you mean 'read'?" },
		{ "intents: [{tools: [t], intent: read, of: agent.id}]\n", "is no argument" },
		{ "intents: [{tools: [t], intent: read, off: args.x}]\n", "did you mean 'of'?" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		struct policy_file file = { .name = STR("a.yaml") };
		struct note n = { .text = "" };
		struct bundle *b;

		(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", cases[i].keys);
		file.content = str_view(text);
		cr_expect_neq(bundle_load(&file, 1, &k.memory, &b, &n), OK, "%s", cases[i].keys);
		cr_expect(strstr(n.text, cases[i].text), "%s: %s", cases[i].keys, n.text);
		cr_expect_eq(n.line, 3);
	}
}
