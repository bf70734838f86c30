/* cedar_goal: Cedar policies asked of the solver; yes, no and unknown, each where it belongs. */
#include <criterion/criterion.h>
#include <stdio.h>

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

TestSuite(cedar_goal, .init = start, .fini = stop);

static enum err accept(void *self, const struct question *q, bool *ret)
{
	*(struct question *)self = *q;
	*ret = true;
	return OK;
}

static const struct plan *load(const char *cedar, const char *yaml)
{
	const struct policy_file files[] = { { STR("c.cedar"), str_view(cedar) },
					     { STR("p.yaml"), str_view(yaml) } };
	struct note n = { .line = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(files, yaml ? 2 : 1, &kit.memory, &b, &n), OK, "%s\n%s", n.text,
		     cedar);
	return bundle_plan(b);
}

/* Can the first policy have one of these truths, and the second one (if any) be true? */
static const char *ask(const char *cedar, const char *yaml, enum policy_stage stage,
		       unsigned wanted)
{
	const struct plan *p = load(cedar, yaml);
	struct solve_goal goals[2] = { { 0, wanted }, { 0, 1u << TRUTH_TRUE } };
	size_t count = cedar_rules_count(p->cedar);
	struct question found, witness;
	const struct solve_ask question = {
		.goals = goals, .count = count, .stage = stage, .accept = accept, .self = &found
	};
	struct solver *s;
	enum answer answer;

	cr_assert_eq(solver_open(&kit.memory, &s), OK);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(solver_add_cedar(s, p, i, stage, &goals[i].goal), OK);
	cr_assert_eq(solver_seal(s), OK);
	cr_assert_eq(solver_ask(s, &question, &kit.memory, &answer, &witness), OK);
	return answer_name(answer);
}

#define WHEN(condition) "permit(principal, action, resource) when { " condition " };"

Test(cedar_goal, answers_are_what_the_logic_allows)
{
	static const struct {
		const char *cedar;
		enum truth wanted;
		const char *said;
	} rows[] = {
		{ WHEN("context.args.n < 5 && context.args.n > 3"), TRUTH_TRUE, "yes" },
		{ WHEN("context.args.n < 5 && context.args.n > 4"), TRUTH_TRUE, "no" },
		{ WHEN("context has args && context.args has n && context.args.n == 1"),
		  TRUTH_ERROR, "yes" },
		{ WHEN("context.agent.denials >= 0"), TRUTH_ERROR, "yes" },
		{ WHEN("context.agent.registered || true"), TRUTH_FALSE, "no" },
		{ WHEN("context.agent.registered || true"), TRUTH_ERROR, "no" },
		{ WHEN("principal == Agent::\"a\" && context.agent.id == \"b\""), TRUTH_TRUE,
		  "no" },
		{ WHEN("principal == Agent::\"a\" && context.agent.id like \"?*\""), TRUTH_TRUE,
		  "no" },
		{ WHEN("resource is Tool && context has resource"), TRUTH_TRUE, "no" },
		{ WHEN("resource == Tool::\"x\" && context.action.type != \"x\""), TRUTH_TRUE,
		  "no" },
		{ WHEN("context.args.a + context.args.b > 10"), TRUTH_TRUE, "yes" },
		{ WHEN("context.args.a + 1 > 10 && context.args.a < 9"), TRUTH_TRUE, "unknown" },
		{ WHEN("context.args.a + 1 > 10") "permit(principal, action, resource) "
						  "unless { context.args.a + 1 > 10 };",
		  TRUTH_TRUE, "no" },
		{ WHEN("context == {}"), TRUTH_TRUE, "yes" },
		{ WHEN("context.args.t has y") WHEN("context.args.t.contains(\"x\")"), TRUTH_ERROR,
		  "yes" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(ask(rows[i].cedar, NULL, POLICY_PRE_TOOL, 1u << rows[i].wanted),
				 rows[i].said, "%s", rows[i].cedar);
}

Test(cedar_goal, results_and_stages_are_known)
{
	cr_expect_str_eq(ask(WHEN("context has result"), NULL, POLICY_PRE_TOOL, 2), "no");
	cr_expect_str_eq(ask(WHEN("context has result"), NULL, POLICY_POST_TOOL, 2), "yes");
	cr_expect_str_eq(ask(WHEN("context.stage == \"post_tool\""), NULL, POLICY_PRE_TOOL, 2),
			 "no");
	cr_expect_str_eq(ask(WHEN("context.stage == \"post_tool\""), NULL, POLICY_POST_TOOL, 2),
			 "yes");
}

/* Two agents that stand nowhere could be one resource, where the types are one. */
Test(cedar_goal, strangers_of_one_type_prove_nothing)
{
	static const char mapping[] = POLICY_KIT_HEAD "cedar: {resource: Agent}\n";

	cr_expect_str_eq(ask(WHEN("principal == resource"), NULL, POLICY_PRE_TOOL, 2), "no");
	cr_expect_str_neq(ask(WHEN("principal == resource"), mapping, POLICY_PRE_TOOL, 2), "no");
}
