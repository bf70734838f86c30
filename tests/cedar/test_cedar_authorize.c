/* cedar_authorize: what many policies come to. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
	cedar_scene_entities(&kit,
			     "[{'uid':{'type':'User','id':'ann'},'parents':[{'type':'G','id':'a'}"
			     "]}]");
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_authorize, .init = start, .fini = stop);

static void check(const char *policies, bool allow, const char *reasons, const char *erring)
{
	struct cedar_answer answer;
	struct buf b;

	cedar_scene_policies(&kit, policies);
	answer = cedar_scene_decide(&kit);
	buf_init(&b, 1024);
	for (size_t i = 0; i < answer.reason_count; i++)
		buf_addf(&b, "%u ", answer.reasons[i]);
	cr_assert(str_is(buf_view(&b), reasons), "%s: reasons %.*s", policies,
		  STR_ARG(buf_view(&b)));
	buf_clear(&b);
	for (size_t i = 0; i < answer.error_count; i++) {
		buf_addf(&b, "%u ", answer.erring[i]);
		cr_assert(answer.errors[i].len);
	}
	cr_assert(str_is(buf_view(&b), erring), "%s: errors %.*s", policies, STR_ARG(buf_view(&b)));
	cr_assert_eq(answer.allow, allow, "%s", policies);
	buf_fini(&b);
}

#define ANY    "(principal, action, resource)"
#define BROKEN " when { context.nothing };"

Test(cedar_authorize, a_permit_allows_and_a_forbid_denies)
{
	check("", false, "", "");
	check("permit" ANY ";", true, "0 ", "");
	check("permit" ANY "; permit" ANY ";", true, "0 1 ", "");
	check("forbid" ANY ";", false, "0 ", "");
	check("permit" ANY "; forbid" ANY "; permit" ANY "; forbid" ANY ";", false, "1 3 ", "");
	check("permit" ANY " when { false };", false, "", "");
	check("permit" ANY " unless { true };", false, "", "");
	check("permit" ANY " when { true } unless { false } when { true };", true, "0 ", "");
	check("permit" ANY " when { true } unless { true };", false, "", "");
}

Test(cedar_authorize, what_errs_is_skipped_and_listed)
{
	check("permit" ANY BROKEN, false, "", "0 ");
	check("forbid" ANY BROKEN "permit" ANY ";", true, "1 ", "0 ");
	check("permit" ANY BROKEN "forbid" ANY "; permit" ANY " when { 1 };", false, "1 ", "0 2 ");
	check("permit" ANY " when { false } when { context.nothing };", false, "", "");
	check("permit" ANY " when { context.nothing } when { false };", false, "", "0 ");
}

Test(cedar_authorize, scopes_decide_before_conditions)
{
	check("permit(principal == User::\"bob\", action, resource)" BROKEN, false, "", "");
	check("permit(principal == User::\"ann\", action, resource);", true, "0 ", "");
	check("permit(principal in G::\"a\", action, resource);", true, "0 ", "");
	check("permit(principal in G::\"b\", action, resource);", false, "", "");
	check("permit(principal is User, action, resource is Photo);", true, "0 ", "");
	check("permit(principal is User in G::\"a\", action, resource);", true, "0 ", "");
	check("permit(principal is G in G::\"a\", action, resource);", false, "", "");
	check("permit(principal, action in [Action::\"edit\", Action::\"view\"], resource);", true,
	      "0 ", "");
	check("permit(principal, action in [], resource);", false, "", "");
	check("permit(principal, action, resource in Photo::\"p1\");", true, "0 ", "");
}

Test(cedar_authorize, a_template_decides_when_it_is_linked)
{
	struct cedar_uid ann = { STR("User"), STR("ann") }, group = { STR("G"), STR("a") };

	check("permit(principal in ?principal, action, resource == ?resource);", false, "", "");
	cr_assert_eq(cedar_link(kit.policies, STR("policy0"), STR("one"), &group,
				&kit.request.resource, &kit.memory, NULL),
		     OK);
	cr_assert(cedar_scene_decide(&kit).allow);
	cr_assert_eq(cedar_link(kit.policies, STR("policy0"), STR("two"), &ann, &ann, &kit.memory,
				NULL),
		     OK);
	cr_assert_eq(cedar_scene_decide(&kit).reason_count, 1);
}

Test(cedar_authorize, one_policy_is_evaluated_by_itself)
{
	enum cedar_truth truth;
	struct str error = STR("old");

	cedar_scene_policies(&kit,
			     "permit" ANY "; permit" ANY BROKEN "forbid" ANY " when { false };");
	cr_assert_eq(cedar_evaluate(kit.policies, 0, kit.entities, &kit.request, &kit.memory,
				    &truth, &error),
		     OK);
	cr_assert(truth == CEDAR_YES && error.ptr == NULL);
	cr_assert_eq(cedar_evaluate(kit.policies, 1, kit.entities, &kit.request, &kit.memory,
				    &truth, &error),
		     OK);
	cr_assert(truth == CEDAR_ERROR && str_has(error, STR("nothing")));
	cr_assert_eq(cedar_evaluate(kit.policies, 2, kit.entities, &kit.request, &kit.memory,
				    &truth, NULL),
		     OK);
	cr_assert_eq(truth, CEDAR_NO);
}

static enum err decide_within(struct arena *a, struct cedar_answer *answer)
{
	return cedar_authorize(kit.policies, kit.entities, &kit.request, a, answer);
}

Test(cedar_authorize, memory_that_ends_allows_nothing)
{
	struct cedar_answer answer = { .allow = false };
	struct arena a;
	enum err e;

	cedar_scene_policies(&kit,
			     "permit" ANY " when { [context, 1].contains(1) && {a: context} == "
			     "{a: context} }; forbid" ANY BROKEN);
	for (size_t cap = 0;; cap += 16) {
		arena_init(&a, cap);
		e = decide_within(&a, &answer);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_not(answer.allow, "an answer was written with %zu bytes", cap);
	}
	cr_assert(answer.allow);
	for (uint64_t n = 1;; n++) {
		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = decide_within(&a, &answer);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
	cr_assert_eq(e, OK);
}
