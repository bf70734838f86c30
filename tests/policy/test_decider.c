/* decider: for each place a request is found for which it decides, or none is where none can be. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/decider.h"
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

TestSuite(decider, .init = start, .fini = stop);

struct trying {
	const struct bundle *bundle;
	const struct deciders *deciders;
	uint32_t at;
};

static enum err accept(void *self, const struct question *q, bool *ret)
{
	const struct trying *t = self;
	struct ruling r;

	TRY(question_decide(t->bundle, q, &kit.memory, &r));
	*ret = decider_decided(t->deciders, t->at, &r);
	return OK;
}

/* "yes no ...": whether each place can decide; by the ways that prove something. */
static const char *who(const char *cedar, const char *yaml)
{
	static char said[256];
	const struct policy_file files[] = { { STR("c.cedar"), str_view(cedar) },
					     { STR("p.yaml"), str_view(yaml) } };
	struct solve_goal goals[32];
	struct deciders d;
	struct bundle *b;
	struct solver *s;

	said[0] = '\0';
	cr_assert_eq(bundle_load(files, 2, &kit.memory, &b, NULL), OK);
	cr_assert_eq(solver_open(&kit.memory, &s), OK);
	cr_assert_eq(deciders_add(s, bundle_plan(b), POLICY_PRE_TOOL, &kit.memory, &d), OK);
	cr_assert_eq(solver_seal(s), OK);
	for (uint32_t at = 0; at < deciders_count(&d); at++) {
		struct trying t = { b, &d, at };
		enum answer found = ANSWER_NO;

		for (uint32_t way = 0; way < decider_ways(&d, at); way++) {
			struct solve_ask ask = { .goals = goals, .accept = accept, .self = &t };
			struct question witness;
			enum answer answer;

			ask.count = decider_goals(&d, at, way, goals);
			cr_assert_leq(ask.count, deciders_count(&d));
			cr_assert_eq(solver_ask(s, &ask, &kit.memory, &answer, &witness), OK);
			if (answer == ANSWER_YES ||
			    (found == ANSWER_NO && decider_proves(&d, at, way)))
				found = answer;
			if (found == ANSWER_YES)
				break;
		}
		(void)snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s ",
			       answer_name(found));
	}
	return said;
}

#define ANY      "(principal, action, resource)"
#define OF(tool) "(principal, action == Action::\"" tool "\", resource)"

Test(decider, everybody_decides_where_nobody_is_before_him)
{
	cr_expect_str_eq(who("permit" ANY ";", POLICY_KIT_HEAD), "yes no ");
	cr_expect_str_eq(who("permit" OF("a") "; forbid" OF("b") ";", POLICY_KIT_HEAD),
			 "yes yes yes ");
	cr_expect_str_eq(who("permit" OF("a") "; forbid" OF("a") "; permit" OF("a") ";",
			     POLICY_KIT_HEAD),
			 "no yes no yes ");
	cr_expect_str_eq(who("forbid" OF("a") "; forbid" OF("a") ";", POLICY_KIT_HEAD),
			 "yes no yes ");
}

Test(decider, rules_go_before_permits_and_forbids_before_rules_that_allow)
{
	cr_expect_str_eq(who("permit" OF("a") "; forbid" OF("b") ";",
			     POLICY_KIT_HEAD "rules:\n- {name: r, action: allow, tools: [a, b]}\n"),
			 "yes no yes yes ");
	cr_expect_str_eq(who("forbid" OF("a") ";",
			     POLICY_KIT_HEAD "rules:\n- {name: r, action: allow, tools: [a]}\n"),
			 "no yes yes ");
	cr_expect_str_eq(who("forbid" OF("a") ";",
			     POLICY_KIT_HEAD "rules:\n- {name: r, action: deny, tools: ['*']}\n"),
			 "yes unknown no ");
	/* A denial behind a rule that allows: the forbid decides where both match. */
	cr_expect_str_eq(who("forbid" OF("a") ";",
			     POLICY_KIT_HEAD "rules:\n- {name: r, action: allow, tools: [a]}\n"
					     "- {name: s, action: deny}\n"),
			 "no yes yes no ");
}

Test(decider, forbids_that_err_come_behind_those_that_hold)
{
	static const char head[] = POLICY_KIT_HEAD "cedar: {error_in_forbid: deny}\n";

	cr_expect_str_eq(who("forbid" OF("a") " when { 1 }; forbid" OF("a") ";", head),
			 "no yes yes ");
	cr_expect_str_eq(who("forbid" OF("a") " when { 1 }; forbid" OF("a") " when { 2 };", head),
			 "yes no yes ");
	cr_expect_str_eq(who("forbid" OF("a") " when { 1 }; permit" ANY ";", POLICY_KIT_HEAD),
			 "no yes no ");
}
