#include "engine/policy/depends.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: deny\n"

static struct arena memory, a;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&a, LIMIT_ACTION_MEMORY);
}

static void teardown(void)
{
	arena_fini(&a);
	arena_fini(&memory);
}

TestSuite(depends, .init = setup, .fini = teardown);

/* A session is there, so that lookbacks are asked. */
static const char request_text[] =
	"{\"action\":{\"type\":\"pay\"},\"agent\":{\"id\":\"ann\",\"registered\":true},"
	"\"args\":{\"amount\":5,\"mail\":null,\"to\":{\"iban\":null,\"name\":\"x\"}},"
	"\"session\":{\"id\":\"s\"}}";

/* The two nulls of the arguments are what was withheld. Empty: nothing depends on them. */
static struct str reader_in(const struct policy_file *files, size_t count,
			    enum policy_stage stage)
{
	struct withheld withheld = { NULL, NULL };
	struct bundle *b;
	struct ruling ruling;
	struct value request;
	uint32_t columns[2];
	struct veil veil = { columns, 2 };
	const struct value *args;
	struct note n = { .text = "" };
	struct str found;

	cr_assert_eq(bundle_load(files, count, &memory, &b, &n), OK, "%s", n.text);
	cr_assert_eq(json_read(str_view(request_text), 1, &a, &request, NULL), OK);
	args = value_get_c(&request, "args");
	columns[0] = value_get_c(args, "mail")->column;
	columns[1] = value_get_c(value_get_c(args, "to"), "iban")->column;
	withheld.args = &veil;
	cr_assert_eq(bundle_decide(b, stage, STR("ann"), &request, &a, &ruling), OK);
	cr_assert_eq(bundle_depends(b, stage, STR("ann"), &request, &ruling, &withheld, &a,
				    &found), OK);
	return found.ptr ? found : STR("");
}

static struct str reader_of(const char *rest)
{
	char text[4096];
	struct policy_file file = { STR("p.yaml"), STR_NONE };

	(void)snprintf(text, sizeof(text), HEAD "%s", rest);
	file.content = str_view(text);
	return reader_in(&file, 1, POLICY_PRE_TOOL);
}

static const struct rules {
	const char *text, *reader;
} rules[] = {
	{ "rules:\n  - {name: r, condition: args.amount > 3, action: allow}\n", "" },
	{ "rules:\n  - {name: r, condition: 'args.mail == \"m\"', action: allow}\n",
	  "rule 'p/r'" },
	{ "rules:\n  - {name: r, condition: has(args.mail), action: allow}\n", "" },
	{ "rules:\n  - {name: r, tools: [refund], condition: 'args.mail == \"m\"', action: deny}\n",
	  "" },
	{ "rules:\n"
	  "  - {name: r, condition: 'args.amount > 9 and args.mail == \"m\"', action: deny}\n",
	  "" },
	{ "rules:\n"
	  "  - {name: r, condition: 'args.amount > 3 and args.mail == \"m\"', action: deny}\n",
	  "rule 'p/r'" },
	{ "rules:\n"
	  "  - {name: r, condition: 'args.amount > 3 or args.mail == \"m\"', action: allow}\n",
	  "" },
	{ "rules:\n  - {name: a, condition: args.amount > 3, action: allow}\n"
	  "  - {name: b, condition: 'args.mail == \"m\"', action: deny}\n", "" },
	{ "rules:\n  - {name: a, condition: args.amount > 9, action: allow}\n"
	  "  - {name: b, condition: 'not (args.to.iban startsWith \"DE\")', action: deny}\n",
	  "rule 'p/b'" },
	{ "rules:\n  - {name: r, condition: 'args.to == args.to', action: allow}\n",
	  "rule 'p/r'" },
	{ "rules: []\nbudgets:\n  - {name: b, tools: [pay], per: agent, unit: money, "
	  "amount: 5, of: args.mail, window: day}\n", "budget 'b'" },
	{ "rules: []\npaths:\n  - {tools: [pay], of: args.mail, below: [/srv]}\n",
	  "paths of policy 'p'" },
	{ "rules: []\ncommands:\n  - {tools: [pay], of: args.mail, deny: [rm]}\n",
	  "commands of policy 'p'" },
	{ "rules: []\ncommands:\n  - {tools: [sh], of: args.mail, deny: [rm]}\n", "" },
	{ "rules: []\nrings: {reach: [{ring: 3, of: args.mail, resources: [x]}]}\n",
	  "reach of 'rings'" },
	{ "rules: []\nrings: {reach: [{ring: 3, tools: [sh], of: args.mail, resources: [x]}]}\n",
	  "" },
	{ "rules: []\nrings: {reach: [{ring: 3, resources: [x]}]}\n", "" },
	{ "rules: []\nevents:\n  - {name: e, tools: [pay], of: args.mail}\n",
	  "event or label 'e'" },
	{ "rules: []\nlabels:\n  - {name: l, tools: [pay], condition: 'args.mail == \"m\"'}\n",
	  "event or label 'l'" },
	{ "events:\n  - {name: e, tools: [pay], of: args.amount}\nrules:\n"
	  "  - {name: r, condition: 'once(e, args.mail)', action: deny}\n",
	  "lookback 'once(e, args.mail)'" },
};

Test(depends, a_decision_stands_on_what_could_have_changed_it)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct str reader = reader_of(rules[i].text);

		cr_expect(str_is(reader, rules[i].reader), "%s: %.*s", rules[i].text,
			  STR_ARG(reader));
	}
}

static const struct rules cedar[] = {
	{ "permit (principal, action, resource) when { context.args.amount > 3 };", "" },
	{ "permit (principal, action, resource) when { context.args.mail == \"m\" };",
	  "Cedar policy 'p.cedar/policy0'" },
	{ "permit (principal, action, resource) when { context.args.amount > 9 && "
	  "context.args.mail == \"m\" };", "" },
	/* Cautious: what asks whether it is there is taken to look at it. */
	{ "permit (principal, action, resource) when { context.args.to has iban };",
	  "Cedar policy 'p.cedar/policy0'" },
	{ "permit (principal, action == Action::\"other\", resource) when "
	  "{ context.args.mail == \"m\" };", "" },
};

Test(depends, cedar_policies_are_looked_at_clause_by_clause)
{
	for (size_t i = 0; i < sizeof(cedar) / sizeof(cedar[0]); i++) {
		const struct policy_file file = { STR("p.cedar"), str_view(cedar[i].text) };
		struct str reader = reader_in(&file, 1, POLICY_PRE_TOOL);

		cr_expect(str_is(reader, cedar[i].reader), "%s: %.*s", cedar[i].text,
			  STR_ARG(reader));
	}
}
