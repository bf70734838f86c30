/* cedar_explain: the policies an answer stands on, and no more clauses than it takes. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"
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

TestSuite(cedar_explain, .init = start, .fini = stop);

static struct bundle *load(const char *cedar, const char *yaml)
{
	const struct policy_file files[] = { { STR("c.cedar"), str_view(cedar) },
					     { STR("p.yaml"), str_view(yaml) } };
	struct note n = { .line = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(files, yaml ? 2 : 1, &kit.memory, &b, &n), OK, "%s", n.text);
	return b;
}

/* "policy0*: clause; clause | policy1: ..."; the star: it determines; "..." about others. */
static const char *explained(const char *cedar, const char *yaml, const char *request)
{
	static char said[1024];
	struct question q = policy_kit_ask(&kit, request);
	struct explanation e;

	said[0] = '\0';
	cr_assert_eq(explain_question(load(cedar, yaml), &q, &kit.memory, &e), OK);
	for (size_t i = 0; i < e.policy_count; i++) {
		const struct explain_policy *p = &e.policies[i];
		size_t len = strlen(said);

		(void)snprintf(said + len, sizeof(said) - len, "%s%.*s:%u%s%s", i ? " | " : "",
			       STR_ARG(p->policy), p->line, p->determines ? "*" : "",
			       p->remote ? "..." : "");
		for (size_t k = 0; k < p->clause_count; k++) {
			len = strlen(said);
			(void)snprintf(said + len, sizeof(said) - len, " [%.*s]%u",
				       STR_ARG(p->clauses[k].text), p->clauses[k].truth);
		}
	}
	return said;
}

#define WHEN(condition) "(principal, action, resource) when { " condition " };\n"
#define PAY             "{\"agent\":\"a\",\"action\":\"pay\",\"args\":{\"n\":5,\"m\":1}}"

Test(cedar_explain, clauses_that_settle_nothing_are_left_out)
{
	static const struct {
		const char *cedar, *said;
	} rows[] = {
		{ "permit(principal, action, resource);", "c.cedar/policy0:1*" },
		{ "permit" WHEN("context.args.n == 5 || context.args.m == 1"),
		  "c.cedar/policy0:1* [context.args.n == 5]1" },
		{ "permit" WHEN("context.args.n == 4 && context.args.m == 2"),
		  "c.cedar/policy0:1 [context.args.n == 4]0" },
		{ "permit" WHEN("if context.args.n == 5 then context.args.m == 1 else context.x"),
		  "c.cedar/policy0:1* [context.args.n == 5]1 [context.args.m == 1]1" },
		{ "permit(principal == Agent::\"b\", action, resource) when { context.args.n == 4 "
		  "};",
		  "c.cedar/policy0:1... [principal == Agent::\"b\"]0" },
		{ "permit" WHEN("context.x || true"), "c.cedar/policy0:1 [context.x]2" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(explained(rows[i].cedar, NULL, PAY), rows[i].said, "%s",
				 rows[i].cedar);
}

Test(cedar_explain, a_permit_determines_nothing_beside_a_forbid_or_a_rule)
{
	static const char both[] = "permit(principal, action, resource);\n"
				   "forbid" WHEN("context.args.n == 5");

	cr_expect_str_eq(explained(both, NULL, PAY),
			 "c.cedar/policy0:1 | c.cedar/policy1:2* [context.args.n == 5]1");
	cr_expect_str_eq(explained("permit(principal, action, resource);",
				   POLICY_KIT_HEAD "rules:\n- {name: r, action: allow}\n", PAY),
			 "c.cedar/policy0:1");
}

Test(cedar_explain, where_a_rule_denies_nobody_is_asked)
{
	cr_expect_str_eq(explained("permit(principal, action, resource);",
				   POLICY_KIT_HEAD "rules:\n- {name: r, action: deny}\n", PAY),
			 "");
	cr_expect_str_eq(
		explained("permit(principal, action, resource);", NULL,
			  "{\"agent\":{\"id\":\"a\",\"registered\":false},\"action\":\"x\"}"),
		"");
}

Test(cedar_explain, an_error_forbids_where_the_bundle_says_so)
{
	static const char mapping[] = POLICY_KIT_HEAD "cedar: {error_in_forbid: deny}\n";
	static const char forbid[] = "forbid" WHEN("context.x == 1");

	cr_expect_str_eq(explained(forbid, NULL, PAY), "c.cedar/policy0:1 [context.x == 1]2");
	cr_expect_str_eq(explained(forbid, mapping, PAY), "c.cedar/policy0:1* [context.x == 1]2");
}

Test(cedar_explain, no_memory_is_an_error)
{
	struct question q = policy_kit_ask(&kit, PAY);
	struct bundle *b = load("permit" WHEN("context.args.n == 5 && !(context has x)"), NULL);

	for (uint64_t n = 1;; n++) {
		struct explanation e;
		struct arena memory;
		enum err failed;

		arena_init(&memory, (size_t)1 << 20);
		fail_alloc_at(n);
		failed = explain_question(b, &q, &memory, &e);
		arena_fini(&memory);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(failed, ERR_MEMORY);
	}
}
