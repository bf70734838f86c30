/* mutant: changes of the rules that cases notice, and those that they do not. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

#define POLICY                                                                                     \
	POLICY_KIT_HEAD                                                                            \
	"rules:\n"                                                                                 \
	"- {name: pay, action: allow, tools: [pay], condition: args.n <= 5}\n"                     \
	"- {name: look, action: log, tools: ['get_*']}\n"

#define EDGE                                                                                       \
	"- {name: edge, agent: a, action: pay, args: {n: 5}, expect: {effect: allow, rule: "       \
	"p/pay}}\n"
#define BEYOND                                                                                     \
	"- {name: beyond, agent: a, action: pay, args: {n: 6}, expect: {effect: deny, rule: "      \
	"null}}\n"
#define LOOK "- {name: look, agent: a, action: get_x, expect: {effect: allow, rule: p/look}}\n"
#define ELSE                                                                                       \
	"- {name: else, agent: a, action: send, args: {n: 5}, expect: {effect: deny, rule: "       \
	"null}}\n"

static struct policy_kit kit;
static char survivors[1024], places[1024];

static void start(void)
{
	policy_kit_init(&kit);
	survivors[0] = '\0';
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(mutant, .init = start, .fini = stop);

static void on_survivor(void *self, const struct mutant *m)
{
	size_t len = strlen(survivors);

	(void)self;
	(void)snprintf(survivors + len, sizeof(survivors) - len, "%.*s %s %.*s\n", STR_ARG(m->rule),
		       mutation_name(m->how), STR_ARG(m->clause));
	len = strlen(places);
	(void)snprintf(places + len, sizeof(places) - len, "%.*s:%u ", STR_ARG(m->file), m->line);
}

static struct mutant_report hunt(const char *cases)
{
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	struct fixture f = policy_kit_fixture(&kit, cases);
	const struct fixture *list = &f;
	struct mutant_report r;

	cr_assert_eq(mutant_try(b, &list, 1, &kit.memory, on_survivor, NULL, &r), OK);
	return r;
}

Test(mutant, none_survives_cases_at_every_edge)
{
	struct mutant_report r = hunt(EDGE BEYOND LOOK ELSE);

	cr_expect_str_eq(survivors, "");
	cr_expect_eq(r.tried, 9);
	cr_expect_eq(r.killed, 9);
}

Test(mutant, a_bound_that_no_case_touches_can_be_shifted)
{
	struct mutant_report r = hunt(
		"- {name: far, agent: a, action: pay, args: {n: 1}, expect: {effect: allow, "
		"rule: p/pay}}\n" BEYOND LOOK ELSE);

	cr_expect_str_eq(survivors, "p/pay shifted args.n <= 5\n");
	cr_expect_eq(r.killed, 8);
}

Test(mutant, a_rule_that_no_case_reaches_can_be_deleted)
{
	(void)hunt(EDGE BEYOND ELSE);
	cr_expect_str_eq(survivors, "p/look deleted \np/look flipped \n");
}

Test(mutant, no_memory_is_an_error)
{
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	struct fixture f = policy_kit_fixture(&kit, EDGE BEYOND LOOK ELSE);
	const struct fixture *list = &f;

	for (uint64_t n = 1;; n++) {
		struct mutant_report r = { .tried = 0 };
		struct arena scratch;
		enum err e;

		arena_init(&scratch, 1 << 20);
		fail_alloc_at(n);
		e = mutant_try(b, &list, 1, &scratch, on_survivor, NULL, &r);
		arena_fini(&scratch);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(r.tried, 0);
	}
}

/* --- defaults and lists --- */

static struct mutant_report hunt_files(const struct policy_file *files, size_t count,
				       const char *cases)
{
	struct fixture f = policy_kit_fixture(&kit, cases);
	const struct fixture *list = &f;
	struct mutant_report r;
	struct bundle *b;
	struct note n = { .line = 0 };

	survivors[0] = '\0';
	cr_assert_eq(bundle_load(files, count, &kit.memory, &b, &n), OK, "%s:%u: %s", n.file,
		     n.line, n.text);
	cr_assert_eq(mutant_try(b, &list, 1, &kit.memory, on_survivor, NULL, &r), OK);
	return r;
}

static struct mutant_report hunt_yaml(const char *policy, const char *cases)
{
	struct policy_file file = { STR("p.yaml"), str_view(policy) };

	return hunt_files(&file, 1, cases);
}

Test(mutant, a_default_that_no_case_meets_can_be_flipped)
{
	(void)hunt(EDGE LOOK "- {name: b, agent: a, action: pay, args: {n: 6}, stage: post_tool, "
			     "expect: {effect: deny, rule: null}}\n");
	cr_expect_null(strstr(survivors, "default"));
	(void)hunt(EDGE LOOK);
	cr_expect(strstr(survivors, "p default flipped \n"), "%s", survivors);
}

#define LIST POLICY_KIT_HEAD "rules: [{name: r, action: allow, tools: [one, two, 'three_*']}]\n"
#define ONE(tool)                                                                                  \
	"- {name: " tool ", agent: a, action: " tool ", expect: {effect: allow, rule: p/r}}\n"

Test(mutant, a_tool_that_no_case_uses_can_be_left_out)
{
	struct mutant_report r = hunt_yaml(LIST, ONE("one") ONE("three_x") ELSE);

	cr_expect_str_eq(survivors, "p/r without two\n");
	cr_expect_eq(r.tried, 7);
	(void)hunt_yaml(LIST, ONE("one") ONE("two") ONE("three_x") ELSE);
	cr_expect_str_eq(survivors, "");
}

/* A parent that denies, another document for all, Cedar: each denies whatever a document says. */
Test(mutant, a_default_that_cannot_matter_is_not_changed)
{
	static const char child[] = "apiVersion: governance.toolkit/v1\nname: c\nextends: p.yaml\n"
				    "agents: [a]\n";
	const struct policy_file files[] = {
		{ STR("c.yaml"), str_view(child) },
		{ STR("p.yaml"), STR(POLICY_KIT_HEAD "agents: [b]\n") },
		{ STR("q.yaml"), STR("apiVersion: governance.toolkit/v1\nname: q\n") },
		{ STR("x.cedar"), STR("permit(principal, action, resource);") },
	};
	struct mutant_report r = hunt_files(files, 2, ELSE);

	cr_expect_eq(r.tried, 1);
	cr_expect_str_eq(survivors, "p default flipped \n", "no case of b");
	r = hunt_files(files, 3, ELSE);
	cr_expect_eq(r.tried, 1);
	cr_expect_str_eq(survivors, "q default flipped \n", "c and p deny a");
	r = hunt_files(files + 2, 2,
		       "- {name: x, agent: a, action: t, expect: {effect: allow, rule: "
		       "x.cedar/policy0}}\n");
	cr_expect_eq(r.tried, 2, "of Cedar: deleted and flipped");
	cr_expect_eq(r.killed, 2);
}

/* --- Cedar --- */

#define CEDAR                                                                                      \
	"@id(\"pay\") permit(principal, action == Action::\"pay\", resource)\n"                    \
	"when { context.args has n && context.args.n <= 5 }\n"                                     \
	"unless { context.args has dry };\n"                                                       \
	"@id(\"no\") forbid(principal, action, resource in Box::\"x\");"
#define PAY(name, args, effect, rule)                                                              \
	"- {name: " name ", agent: a, action: pay, args: {" args "}, resource: r, expect: "        \
	"{effect: " effect ", rule: " rule "}}\n"

static struct mutant_report hunt_cedar(const char *cedar, const char *cases)
{
	struct policy_file file = { STR("c.cedar"), str_view(cedar) };

	return hunt_files(&file, 1, cases);
}

Test(mutant, policies_of_cedar_are_changed_as_rules_are)
{
	struct mutant_report r = hunt_cedar(CEDAR,
					    PAY("small", "n: 5", "allow", "c.cedar/pay")
						    PAY("large", "n: 6", "deny", "null")
							    PAY("none", "m: 1", "deny", "null"));

	cr_expect_eq(r.tried, 2 + 2 * 3 + 2);
	cr_expect_str_eq(survivors, "c.cedar/pay without context.args has dry\n"
				    "c.cedar/no deleted \nc.cedar/no flipped \n");
	(void)hunt_cedar(CEDAR, PAY("small", "n: 5", "allow", "c.cedar/pay"));
	cr_expect_str_eq(survivors, "c.cedar/pay without context.args has n\n"
				    "c.cedar/pay without context.args.n <= 5\n"
				    "c.cedar/pay without context.args has dry\n"
				    "c.cedar/no deleted \nc.cedar/no flipped \n");
}

/* Without `has n` the policy errs where n is missing: it holds as little as before, and yet. */
Test(mutant, an_error_that_was_none_is_noticed)
{
	static const char policy[] = "permit(principal, action, resource) when { context.args has "
				     "n && context.args.n == 1 };";

	(void)hunt_cedar(policy, PAY("one", "n: 1", "allow", "c.cedar/policy0"));
	cr_expect(strstr(survivors, "without context.args has n\n"), "%s", survivors);
	(void)hunt_cedar(policy, PAY("one", "n: 1", "allow", "c.cedar/policy0")
					 PAY("none", "m: 1", "deny", "null"));
	cr_expect_null(strstr(survivors, "without context.args has n\n"), "%s", survivors);
}

Test(mutant, survivors_tell_their_places)
{
	cr_assert_eq(hunt_cedar(CEDAR, "[]").killed, 0);
	cr_expect(strstr(places, "c.cedar:1 c.cedar:1 c.cedar:2"), "%s", places);
	cr_expect(strstr(places, "c.cedar:3 c.cedar:3 c.cedar:4 c.cedar:4"), "%s", places);
}

Test(mutant, no_memory_for_cedar_is_an_error)
{
	struct policy_file file = { STR("c.cedar"), STR(CEDAR) };
	struct fixture f = policy_kit_fixture(&kit, PAY("small", "n: 5", "allow", "c.cedar/pay"));
	const struct fixture *list = &f;
	struct bundle *b;

	cr_assert_eq(bundle_load(&file, 1, &kit.memory, &b, NULL), OK);
	for (uint64_t n = 1;; n++) {
		struct mutant_report r = { .tried = 0 };
		struct arena scratch;
		enum err e;

		arena_init(&scratch, 1 << 20);
		fail_alloc_at(n);
		e = mutant_try(b, &list, 1, &scratch, on_survivor, NULL, &r);
		arena_fini(&scratch);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
}
