/* cedar_change: what a change leaves as it was, and what it makes another. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"
#include "tests/cedar/cedar_random.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_change, .init = start, .fini = stop);

#define ANY "(principal, action, resource)"

static struct cedar_policies *changed(const char *policies, size_t number, enum cedar_change how,
				      size_t conjunct)
{
	struct cedar_policies *set;

	cedar_scene_policies(&kit, policies);
	cr_assert_eq(cedar_changed(kit.policies, number, how, conjunct, &kit.memory, &set), OK);
	return set;
}

/* The one policy, changed, as Cedar writes it. */
static void check(const char *policy, enum cedar_change how, size_t conjunct, const char *expected)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	cedar_policies_write(&b, changed(policy, 0, how, conjunct));
	cr_expect(str_is(buf_view(&b), expected), "%s: %.*s", policy, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(cedar_change, conjuncts_are_those_of_all_conditions)
{
	struct cedar_conjunct *c;
	size_t count;

	cedar_scene_policies(&kit, "permit" ANY "\nwhen { context.a && (context.b && !context.c) }"
				   "\nunless { context.d || context.e && context.f };");
	cr_assert_eq(cedar_conjuncts(kit.policies, 0, &kit.memory, &c, &count), OK);
	cr_assert_eq(count, 4);
	cr_expect(str_is(c[0].text, "context.a") && c[0].condition == 0 && c[0].line == 2);
	cr_expect(str_is(c[2].text, "!context.c") && c[2].condition == 0);
	cr_expect(str_is(c[3].text, "context.d || context.e && context.f"));
	cr_expect(c[3].condition == 1 && c[3].line == 3);
	cedar_scene_policies(&kit, "permit" ANY ";");
	cr_assert_eq(cedar_conjuncts(kit.policies, 0, &kit.memory, &c, &count), OK);
	cr_assert_eq(count, 0);
}

#define HEAD  "permit (principal, action, resource)"
#define THREE HEAD " when { context.a && context.b && context.c } unless { context.d };"

Test(cedar_change, conjuncts_are_dropped_and_negated)
{
	check(THREE, CEDAR_DROPPED, 1,
	      HEAD "\nwhen { context.a && context.c }\nunless { context.d };\n");
	check(THREE, CEDAR_DROPPED, 3, HEAD "\nwhen { context.a && context.b && context.c };\n");
	check(HEAD " when { context.a };", CEDAR_DROPPED, 0, HEAD ";\n");
	check(HEAD " when { context.a && context.b };", CEDAR_DROPPED, 0,
	      HEAD "\nwhen { context.b };\n");
	check(THREE, CEDAR_NEGATED, 0,
	      HEAD "\nwhen { !context.a && context.b && context.c }\nunless { context.d };\n");
	check(THREE, CEDAR_NEGATED, 3,
	      HEAD "\nwhen { context.a && context.b && context.c }\nunless { !context.d };\n");
	check(HEAD " when { 1 == 2 || true };", CEDAR_NEGATED, 0,
	      HEAD "\nwhen { !(1 == 2 || true) };\n");
}

Test(cedar_change, effects_are_flipped)
{
	check(HEAD ";", CEDAR_FLIPPED, 0, "forbid (principal, action, resource);\n");
	check("forbid (principal, action, resource);", CEDAR_FLIPPED, 0, HEAD ";\n");
}

static struct cedar_answer decide(const struct cedar_policies *set)
{
	struct cedar_answer answer;

	cr_assert_eq(cedar_authorize(set, kit.entities, &kit.request, &kit.memory, &answer), OK);
	return answer;
}

Test(cedar_change, others_stay_what_they_are)
{
	static const char policies[] = "permit" ANY ";forbid" ANY ";permit" ANY ";permit" ANY
				       ";permit" ANY ";permit" ANY ";";
	struct cedar_policies *set = changed(policies, 1, CEDAR_DELETED, 0);
	struct cedar_answer answer = decide(set);

	cr_assert(answer.allow && answer.reason_count == 5);
	cr_expect_eq(answer.reasons[1], 2, "numbers stay");
	cr_expect_not(decide(kit.policies).allow, "the old set is as it was");
	answer = decide(changed(policies, 1, CEDAR_FLIPPED, 0));
	cr_expect(answer.allow && answer.reason_count == 6);
}

/* A policy that is deleted does not err either. */
Test(cedar_change, what_is_deleted_does_not_err)
{
	struct cedar_policies *set = changed("permit" ANY " when { context.nothing };", 0,
					     CEDAR_DELETED, 0);

	cr_expect_eq(decide(kit.policies).error_count, 1);
	cr_expect_eq(decide(set).error_count, 0);
}

/* The index files a policy by what it no longer asks for. */
Test(cedar_change, what_the_index_would_leave_out_is_tried)
{
	struct cedar_policies *set;
	struct buf b;

	buf_init(&b, 1 << 16);
	for (int i = 0; i < 8; i++)
		buf_addf(&b, "permit" ANY " when { context.tool == \"t%d\" };", i);
	buf_add_byte(&b, '\0');
	set = changed(b.ptr, 5, CEDAR_NEGATED, 0);
	cedar_scene_context(&kit, "{'tool':'other'}");
	cr_expect_not(decide(kit.policies).allow);
	cr_expect(decide(set).allow);
	cedar_scene_context(&kit, "{'tool':'t5'}");
	cr_expect(decide(kit.policies).allow);
	cr_expect_not(decide(set).allow);
	buf_fini(&b);
}

/* With the index and the cells of the old set, a changed one says what its policies say alone. */
Test(cedar_change, changed_sets_answer_as_each_of_their_policies)
{
	for (unsigned seed = 1; seed <= 60; seed++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		struct cedar_random r = { seed };
		struct cedar_conjunct *conjuncts;
		enum cedar_change how;
		size_t count, at;
		struct buf b;

		buf_init(&b, 1 << 20);
		cedar_random_world(&kit);
		cedar_random_policies(&r, &b, 12);
		cedar_scene_policies(&kit, b.ptr);
		at = cedar_random_draw(&r, 12);
		cr_assert_eq(cedar_conjuncts(kit.policies, at, &kit.memory, &conjuncts, &count),
			     OK);
		how = (enum cedar_change)cedar_random_draw(&r, count ? 4 : 2);
		cr_assert_eq(cedar_changed(kit.policies, at, how,
					   count ? cedar_random_draw(&r, count) : 0, &kit.memory,
					   &kit.policies),
			     OK);
		for (int i = 0; i < 20; i++) {
			cedar_random_request(&r, &kit);
			cedar_random_compare(&kit, seed);
		}
		buf_fini(&b);
		arena_rewind(&kit.memory, mark);
	}
}

Test(cedar_change, no_memory_is_an_error)
{
	struct cedar_policies *set = NULL;

	cedar_scene_policies(&kit, THREE);
	for (size_t cap = 0;; cap += 32) {
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = cedar_changed(kit.policies, 0, CEDAR_NEGATED, 2, &a, &set);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_null(set);
	}
	for (uint64_t n = 1;; n++) {
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = cedar_changed(kit.policies, 0, CEDAR_DROPPED, 2, &a, &set);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
}
