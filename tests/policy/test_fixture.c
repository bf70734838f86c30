/* fixture: cases are read strictly, and hold only when effect and rule are as expected. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/yaml.h"
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

TestSuite(fixture, .init = start, .fini = stop);

#define ASK "- {name: c, agent: a, action: t, expect: "

Test(fixture, holds_only_when_effect_and_rule_are_right)
{
	struct bundle *b = policy_kit_load(
		&kit, POLICY_KIT_HEAD "rules: [{name: r, action: warn, tools: [t]}]\n", NULL);
	struct ruling r = policy_kit_decide(&kit, b, "{\"agent\":\"a\",\"action\":\"t\"}");
	static const struct {
		const char *expect;
		bool holds;
	} rows[] = {
		{ "{effect: allow, rule: p/r}}", true },
		{ "{effect: deny, rule: p/r}}", false },
		{ "{effect: allow, rule: p/s}}", false },
		{ "{effect: allow, rule: null}}", false },
		{ "{effect: allow, rule: p/r, obligations: [warn]}}", true },
		{ "{effect: allow, rule: p/r, obligations: []}}", false },
		{ "{effect: allow, rule: p/r, obligations: [warn, log]}}", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		struct fixture f;

		(void)snprintf(text, sizeof(text), ASK "%s\n", rows[i].expect);
		f = policy_kit_fixture(&kit, text);
		cr_assert_eq(f.count, 1);
		cr_expect_eq(fixture_holds(&f.cases[0], &r), rows[i].holds, "%s", text);
	}
}

Test(fixture, refuses_what_would_check_nothing)
{
	static const struct {
		const char *text, *story;
		enum err e;
	} rows[] = {
		{ "a: 1\n", "found object; expected a list of cases", ERR_TYPE },
		{ "- {agent: a, action: t}\n",
		  "this case has no name; expected a text under 'name'", ERR_NOT_FOUND },
		{ "- {name: c, agent: a, action: t}\n",
		  "this case expects nothing; expected expect: {effect: allow or deny, rule: ...}",
		  ERR_NOT_FOUND },
		{ ASK "{effect: allow}}\n",
		  "which rule is to decide? expected rule: <policy>/<rule>, or rule: null for the "
		  "default",
		  ERR_NOT_FOUND },
		{ ASK "{effect: allow, rule: r}}\n",
		  "'rule' must be <policy>/<rule>, or null for the default", ERR_TYPE },
		{ ASK "{effect: block, rule: null}}\n", "expected effect: allow or effect: deny",
		  ERR_UNKNOWN },
		{ ASK "{efect: deny, rule: null}}\n",
		  "unknown expectation 'efect'; did you mean 'effect'?", ERR_UNKNOWN },
		{ ASK "{effect: deny, rule: null, obligations: [warning]}}\n",
		  "unknown obligation; expected log, require_approval, transform or warn",
		  ERR_UNKNOWN },
		{ ASK "{effect: deny, rule: null}}\n" ASK "{effect: deny, rule: null}}\n",
		  "two cases are called 'c'", ERR_DUPLICATE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note n = { .line = 0 };
		struct fixture f;
		struct value v;

		cr_assert_eq(yaml_read(str_view(rows[i].text), &kit.memory, &v, &n), OK);
		cr_expect_eq(fixture_read(&v, &kit.memory, &f, &n), rows[i].e, "%s", rows[i].text);
		cr_expect_str_eq(n.text, rows[i].story);
		cr_expect(n.line > 0);
	}
}
