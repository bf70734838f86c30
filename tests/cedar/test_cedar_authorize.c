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

/* --- work --- */

#define TEXTS      200
#define TEXT_BYTES 1000

/* A set of long texts, each unlike all others in its first bytes, so that to look is cheap. */
static void add_texts(struct buf *b, const char *name, const char *before, const char *behind)
{
	buf_addf(b, "'%s':[", name);
	for (int i = 0; i < TEXTS; i++) {
		buf_addf(b, "%s%s'%s%04d", i ? "," : "", before, name, i);
		for (int k = 0; k < TEXT_BYTES; k++)
			buf_add_byte(b, 'x');
		buf_addf(b, "'%s", behind);
	}
	buf_add_c(b, "],");
}

static void heavy_context(void)
{
	struct buf b;

	buf_init(&b, 4 << 20);
	buf_add_byte(&b, '{');
	add_texts(&b, "a", "", "");
	add_texts(&b, "b", "", "");
	add_texts(&b, "many", "{'__entity':{'type':'G','id':", "}}");
	buf_add_c(&b, "'long':'");
	for (int i = 0; i < 400000; i++)
		buf_add_byte(&b, 'x');
	buf_add_c(&b, "'}");
	buf_add_byte(&b, '\0');
	cr_assert_eq(b.err, OK);
	cedar_scene_context(&kit, b.ptr);
	buf_fini(&b);
}

/* `count` policies of one condition, in which # is the number of the policy: none is shared. */
static void heavy_policies(const char *condition, size_t count)
{
	struct buf b;

	buf_init(&b, 4 << 20);
	for (size_t i = 0; i < count; i++) {
		buf_add_c(&b, "permit" ANY " when { ");
		for (const char *at = condition; *at; at++)
			if (*at == '#')
				buf_add_u64(&b, i);
			else
				buf_add_byte(&b, *at);
		buf_add_c(&b, " };\n");
	}
	buf_add_byte(&b, '\0');
	cr_assert_eq(b.err, OK);
	cedar_scene_policies(&kit, b.ptr);
	buf_fini(&b);
}

/* With cells and index, or each policy as it is written. */
static enum err decide_by(bool written, struct cedar_answer *answer)
{
	struct cedar_policies set = *kit.policies;
	struct arena a;
	enum err e;

	if (written) {
		set.cells = NULL;
		set.index = NULL;
	}
	arena_init(&a, 64 << 20);
	e = cedar_authorize(&set, kit.entities, &kit.request, &a, answer);
	arena_fini(&a);
	return e;
}

/* Each of them looks at much, and at something of its own. */
#define OWN(value) "(if context has \"z#\" then 0 else " value ")"

static const struct {
	const char *condition;
	size_t fit; /* so many do not reach the limit; three times as many do */
} heavy[] = {
	{ OWN("context.a") ".containsAll(context.a)", 900 },
	{ OWN("context.a") ".containsAny(context.b)", 900 },
	{ OWN("context.a") ".contains(context.long)", 300 },
	{ OWN("context.a") " == context.a", 5000 },
	{ OWN("context.a") " != context.a", 5000 },
	{ "[" OWN("context.a") ", context.b, #] == 1", 1500 },
	{ "{a: " OWN("context.a") ", b: context.b} == 1", 1000 },
	{ "principal in " OWN("context.many"), 5000 },
	{ OWN("context.long") " like \"*y*\"", 4000 },
	{ "decimal(" OWN("context.long") ") == 1", 2000 },
	{ "principal.hasTag(" OWN("context.long") ")", 4000 },
};

Test(cedar_authorize, work_is_bounded_on_every_path)
{
	heavy_context();
	for (size_t i = 0; i < sizeof(heavy) / sizeof(heavy[0]); i++) {
		struct cedar_answer fast = { .allow = false }, plain = { .allow = false };

		heavy_policies(heavy[i].condition, heavy[i].fit);
		cr_expect_eq(decide_by(false, &fast), OK, "%s", heavy[i].condition);
		cr_expect_eq(decide_by(true, &plain), OK, "%s", heavy[i].condition);
		cr_expect(fast.allow == plain.allow && fast.reason_count == plain.reason_count &&
				  fast.error_count == plain.error_count,
			  "%s", heavy[i].condition);
		heavy_policies(heavy[i].condition, 3 * heavy[i].fit);
		fast.allow = plain.allow = false;
		cr_expect_eq(decide_by(false, &fast), ERR_LIMIT, "%s", heavy[i].condition);
		cr_expect_eq(decide_by(true, &plain), ERR_LIMIT, "%s", heavy[i].condition);
		cr_expect_not(fast.allow || plain.allow);
	}
}

/* Expressions alone are steps, too: links multiply them. */
Test(cedar_authorize, each_expression_is_a_step)
{
	struct cedar_answer answer;

	heavy_policies("context has z# || !(context has y#)", 1);
	answer = cedar_scene_decide(&kit);
	cr_assert_eq(answer.work, 6, "%llu", (unsigned long long)answer.work);
	heavy_policies("context has z# || !(context has y#)", 10);
	cr_assert_eq(decide_by(true, &answer), OK);
	cr_assert_eq(answer.work, 60, "%llu", (unsigned long long)answer.work);
}

/* One policy by itself is bounded as well, wherever it ends. */
Test(cedar_authorize, work_of_one_policy_is_bounded)
{
	enum cedar_truth truth = CEDAR_NO;
	struct buf b;

	heavy_context();
	buf_init(&b, 1 << 20);
	buf_add_c(&b, "permit" ANY " when { true");
	for (int i = 0; i < 3000; i++)
		buf_add_c(&b, " && context.a.containsAll(context.a)");
	buf_add_c(&b, " };");
	buf_add_byte(&b, '\0');
	cedar_scene_policies(&kit, b.ptr);
	buf_fini(&b);
	cr_assert_eq(cedar_evaluate(kit.policies, 0, kit.entities, &kit.request, &kit.memory,
				    &truth, NULL),
		     ERR_LIMIT);
	cr_assert_eq(truth, CEDAR_NO);
}
