/* lint: one policy for each thing it says, and silence about a good one. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/policy_kit.h"

static struct policy_kit kit;
static char said[4096];

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(lint, .init = start, .fini = stop);

static void on_lint(void *self, const struct lint *l)
{
	size_t len = strlen(said);

	(void)self;
	(void)snprintf(said + len, sizeof(said) - len, "%.*s:%u:%u %s %.*s\n", STR_ARG(l->file),
		       l->line, l->column, lint_name(l->kind), STR_ARG(l->text));
}

static struct lint_report lint(const char *rest, const char *other)
{
	struct lint_report r;
	char text[2048];

	(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", rest);
	said[0] = '\0';
	cr_assert_eq(lint_bundle(policy_kit_load(&kit, text, other), &kit.memory, &kit.memory,
				 on_lint, NULL, &r),
		     OK);
	return r;
}

Test(lint, says_each_thing_at_its_place)
{
	static const struct {
		const char *rest, *said;
	} rows[] = {
		{ "rules:\n- {name: a, action: allow, tools: [x]}\n", "" },
		{ "rules:\n- {name: a, action: deny, tools: [x]}\n",
		  "a.yaml:4:3 description a rule that denies has no description; who is denied "
		  "will ask why\n" },
		{ "rules:\n- {name: a, action: allow, enabled: false}\n",
		  "a.yaml:4:37 disabled this rule is not enabled and decides nothing\n" },
		{ "default_action: allow\nrules: []\n",
		  "a.yaml:3:17 open everything that no rule speaks of is allowed\n"
		  "a.yaml:1:1 empty this policy has no rules\n" },
		{ "rules:\n- {name: a, action: allow, tools: ['get_*', get_x]}\n",
		  "a.yaml:4:45 covered 'get_x' adds nothing to 'get_*'\n" },
		{ "rules:\n- {name: a, action: allow, tools: [b, b]}\n",
		  "a.yaml:4:39 covered 'b' adds nothing to 'b'\n" },
		{ "rules:\n- {name: Big Pay, action: allow, tools: [x]}\n",
		  "a.yaml:4:10 name names are easier to find in lower case with hyphens\n" },
		{ "rules:\n- {name: a, description: d, action: require_approval}\n",
		  "a.yaml:4:3 approvers it does not say who may approve\n" },
		{ "rules:\n- {name: a, action: allow, tools: [a], condition: args.amount > 1 and "
		  "args.amount < 5}\n"
		  "- {name: b, action: allow, tools: [b], condition: args.amout < 5}\n",
		  "a.yaml:5:51 typo args.amout is mentioned once; did you mean args.amount?\n" },
		{ "rules:\n- {name: a, action: allow, tools: [a], condition: args.amount > 1}\n"
		  "- {name: b, action: allow, tools: [b], condition: args.amout < 5}\n",
		  "a.yaml:5:51 typo args.amout is mentioned once; did you mean args.amount?\n" },
		{ "rules:\n- {name: a, action: allow, tools: [a], condition: args.n > 1 and "
		  "args.n < 1}\n",
		  "a.yaml:4:3 never the condition is true of no request\n" },
		{ "rules:\n- {name: a, action: allow}\n- {name: b, action: allow, tools: [b]}\n",
		  "a.yaml:5:3 unreachable it never decides, it comes behind p/a\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)lint(rows[i].rest, NULL);
		cr_expect_str_eq(said, rows[i].said);
	}
}

Test(lint, a_tie_is_between_files)
{
	const char *other = POLICY_KIT_OTHER
		"rules:\n- {name: b, description: d, action: deny, condition: args.n < 5}\n";
	struct lint_report r =
		lint("rules:\n- {name: a, action: allow, condition: args.n > 3}\n", other);

	cr_expect_str_eq(said, "a.yaml:4:3 tie only file names decide between it and q/b\n");
	cr_expect(r.warnings == 1 && r.remarks == 0);
	(void)lint("rules:\n- {name: a, action: allow, condition: args.n > 3, priority: 1}\n",
		   other);
	cr_expect_str_eq(said, "");
}
