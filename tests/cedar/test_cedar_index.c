/* cedar_index: the answer is the one of trying every policy. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/cedar/cells.h"
#include "tests/cedar/cedar_random.h"
#include "tests/kit/cedar_scene.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
	cedar_random_world(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_index, .init = start, .fini = stop);

Test(cedar_index, random_policies_give_the_answers_of_trying_all)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (unsigned seed = 1; seed <= 300; seed++) {
		struct cedar_random r = { .state = seed };
		struct arena_mark mark = arena_mark(&kit.memory);

		cedar_random_policies(&r, &b, 1 + cedar_random_draw(&r, 200));
		cedar_scene_policies(&kit, b.ptr);
		for (int i = 0; i < 12; i++) {
			cedar_random_request(&r, &kit);
			cedar_random_compare(&kit, seed);
		}
		arena_rewind(&kit.memory, mark);
	}
	buf_fini(&b);
}

static size_t candidates(void)
{
	uint64_t bits[16] = { 0 };
	struct cedar_run run;
	size_t count = 0;

	cr_assert_leq(cedar_count(kit.policies), 1024);
	cedar_run_init(&run, kit.entities, &kit.request, &kit.memory);
	cr_assert_eq(cedar_track_begin(&run, kit.policies->cells), OK);
	cedar_index_candidates(kit.policies, &run, bits);
	for (size_t i = 0; i < 16; i++)
		count += (size_t)__builtin_popcountll(bits[i]);
	return count;
}

Test(cedar_index, few_of_many_policies_are_tried)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "permit(principal is User, action == Action::\"a%d\", resource);", i);
	buf_add_byte(&b, '\0');
	cedar_scene_policies(&kit, b.ptr);
	kit.request.action = cedar_scene_uid(&kit, "Action::'a1'");
	kit.request.principal = cedar_scene_uid(&kit, "User::'u1'");
	cr_assert_eq(candidates(), 1);
	buf_clear(&b);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b,
			 "permit(principal in Group::\"g%d\", action == Action::\"a1\", resource);",
			 i);
	buf_add_byte(&b, '\0');
	cedar_scene_policies(&kit, b.ptr);
	cr_assert_eq(candidates(), 3);
	buf_fini(&b);
}

static void load(const char *form, const char *rest)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 200; i++)
		buf_addf(&b, "permit(principal, action, resource) when { %s%d%s };", form, i, rest);
	buf_add_byte(&b, '\0');
	cr_assert_eq(b.err, OK);
	cedar_scene_policies(&kit, b.ptr);
	buf_fini(&b);
}

Test(cedar_index, conditions_leave_policies_out_as_scopes_do)
{
	kit.request.principal = cedar_scene_uid(&kit, "User::'u1'");
	cedar_scene_context(&kit, "{'s':'x7','n':7,'l':['x7','x8','y'],'b':false}");
	load("context.s == \"x", "\"");
	cr_assert_eq(candidates(), 1);
	load("7 == context.n && context.n == ", "");
	cr_assert_eq(candidates(), 1);
	load("context.l.contains(\"x", "\")");
	cr_assert_eq(candidates(), 2);
	load("context.s like \"x", "*\"");
	cr_assert_eq(candidates(), 1);
	load("[\"q\", \"x", "\"].contains(context.s)");
	cr_assert_eq(candidates(), 1);
	load("principal == User::\"u", "\"");
	cr_assert_eq(candidates(), 1);
	load("principal in Group::\"g", "\"");
	cr_assert_eq(candidates(), 3);
	load("context.b && context.n > ", "");
	cr_assert_eq(candidates(), 0);
	load("context.n < 100 && !context.b && context.s == \"x", "\"");
	cr_assert_eq(candidates(), 1);
}

Test(cedar_index, where_a_test_may_err_every_policy_is_tried)
{
	cedar_scene_context(&kit, "{'s':1,'n':'x','l':'x'}");
	load("context.missing == \"x", "\"");
	cr_assert_eq(candidates(), 200);
	load("context.n < 100 && context.s == \"x", "\"");
	cr_assert_eq(candidates(), 200);
	load("context.l.contains(\"x", "\")");
	cr_assert_eq(candidates(), 200);
	load("context.s like \"x", "*\"");
	cr_assert_eq(candidates(), 200);
	load("context.s && context.n > ", "");
	cr_assert_eq(candidates(), 200);
	/* What one test needs to be a long another needs to be a string. */
	cedar_scene_context(&kit, "{'s':'q','n':1}");
	load("context.n < 100 && context.n like \"1\" && context.s == \"x", "\"");
	cr_assert_eq(candidates(), 200);
}

Test(cedar_index, more_groups_than_there_is_room_for_are_tried)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "permit(principal, action, resource) when { context.a%d == 1 };", i);
	buf_add_c(&b, "permit(principal, action, resource) when { context.n == 1 };");
	buf_add_byte(&b, '\0');
	cedar_scene_policies(&kit, b.ptr);
	buf_fini(&b);
	cedar_scene_context(&kit, "{'n':1}");
	cedar_random_compare(&kit, 0);
	cr_assert_eq(cedar_scene_decide(&kit).reason_count, 1);
}

Test(cedar_index, links_after_the_index_are_tried_too)
{
	char id[16], user[16];
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "permit(principal == User::\"x%d\", action, resource);", i);
	buf_add_c(&b, "permit(principal == ?principal, action, resource);");
	buf_add_byte(&b, '\0');
	cedar_scene_policies(&kit, b.ptr);
	for (int i = 0; i < 500; i++) {
		struct cedar_uid uid = { STR("User"), STR_NONE };

		(void)snprintf(id, sizeof(id), "link%d", i);
		(void)snprintf(user, sizeof(user), "u%d", i);
		uid.id = str_view(user);
		cr_assert_eq(cedar_link(kit.policies, STR("policy40"), str_view(id), &uid, NULL,
					&kit.memory, NULL),
			     OK);
		if (i % 50 == 1) {
			kit.request.principal = uid;
			cr_assert_eq(cedar_scene_decide(&kit).reason_count, 1, "%s", user);
		}
	}
	kit.request.principal = cedar_scene_uid(&kit, "User::'u17'");
	cr_assert(cedar_scene_decide(&kit).allow);
	cr_assert_lt(candidates(), 200);
	buf_fini(&b);
}

Test(cedar_index, memory_that_ends_is_an_error)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	cedar_random_policies(&(struct cedar_random){ .state = 3 }, &b, 60);
	cedar_scene_policies(&kit, b.ptr);
	for (size_t cap = 0;; cap += 256) {
		struct cedar_policies copy = *kit.policies;
		struct arena a;
		enum err e;

		copy.index = NULL;
		arena_init(&a, cap);
		e = cedar_index_refresh(&copy, &a);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_null(copy.index);
	}
	for (uint64_t n = 1;; n++) {
		struct cedar_policies copy = *kit.policies;
		struct arena a;
		enum err e;

		copy.index = NULL;
		arena_init(&a, 16 << 20);
		fail_alloc_at(n);
		e = cedar_index_refresh(&copy, &a);
		arena_fini(&a);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_null(copy.index);
	}
	buf_fini(&b);
}
