/* cedar_index: the answer is the one of trying every policy. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
	cedar_scene_entities(&kit,
			     "[{'uid':{'type':'User','id':'u1'},'parents':[{'type':'Group','id':"
			     "'g1'},{'type':'Group','id':'g2'}]},{'uid':{'type':'Group','id':'g2'"
			     "},'parents':[{'type':'Group','id':'g0'}]},{'uid':{'type':'Action',"
			     "'id':'a1'},'parents':[{'type':'Action','id':'all'}]},{'uid':{"
			     "'type':'File','id':'f1'},'parents':[{'type':'Folder','id':'d1'}]}]");
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_index, .init = start, .fini = stop);

static const char *const principals[] = { "principal",
					  "principal == User::\"u1\"",
					  "principal == User::\"u2\"",
					  "principal is User",
					  "principal is Robot",
					  "principal in Group::\"g0\"",
					  "principal in Group::\"g1\"",
					  "principal in User::\"u1\"",
					  "principal is User in Group::\"g2\"",
					  "principal is Robot in Group::\"g1\"" };
static const char *const actions[] = { "action",
				       "action == Action::\"a1\"",
				       "action == Action::\"a2\"",
				       "action in Action::\"all\"",
				       "action in [Action::\"a2\", Action::\"all\"]",
				       "action in [Action::\"a2\", Action::\"a2\"]",
				       "action in []" };
static const char *const resources[] = { "resource",
					 "resource == File::\"f1\"",
					 "resource is File",
					 "resource in Folder::\"d1\"",
					 "resource in Folder::\"d2\"",
					 "resource is File in File::\"f1\"" };

static unsigned state;

static size_t draw(size_t count)
{
	state = state * 1103515245u + 12345u;
	return (state >> 16) % count;
}

static void write_policies(struct buf *b, size_t count)
{
	buf_clear(b);
	for (size_t i = 0; i < count; i++)
		buf_addf(b, "%s(%s, %s, %s);\n", draw(4) ? "permit" : "forbid",
			 principals[draw(10)], actions[draw(7)], resources[draw(6)]);
	buf_add_byte(b, '\0');
}

static void compare_answers(void)
{
	struct cedar_answer answer = cedar_scene_decide(&kit);
	bool forbidden = false, permitted = false;
	size_t at = 0;

	for (size_t i = 0; i < cedar_count(kit.policies); i++) {
		enum cedar_truth truth;

		cr_assert_eq(cedar_evaluate(kit.policies, i, kit.entities, &kit.request,
					    &kit.memory, &truth, NULL),
			     OK);
		forbidden |= truth == CEDAR_YES && cedar_about(kit.policies, i).forbid;
		permitted |= truth == CEDAR_YES && !cedar_about(kit.policies, i).forbid;
	}
	cr_assert_eq(answer.allow, permitted && !forbidden);
	for (size_t i = 0; i < cedar_count(kit.policies); i++) {
		enum cedar_truth truth;

		cr_assert_eq(cedar_evaluate(kit.policies, i, kit.entities, &kit.request,
					    &kit.memory, &truth, NULL),
			     OK);
		if (truth == CEDAR_YES && cedar_about(kit.policies, i).forbid == forbidden)
			cr_assert(at < answer.reason_count && answer.reasons[at++] == i,
				  "policy %zu", i);
	}
	cr_assert_eq(at, answer.reason_count);
}

Test(cedar_index, random_scopes_give_the_answers_of_trying_all)
{
	static const char *const users[] = { "User::'u1'", "User::'u2'", "Robot::'u1'",
					     "Group::'g2'" };
	static const char *const doings[] = { "Action::'a1'", "Action::'a2'", "Action::'all'" };
	static const char *const things[] = { "File::'f1'", "Folder::'d1'", "File::'f2'" };
	struct buf b;

	buf_init(&b, 1 << 20);
	for (state = 1; state < 40; state++) {
		unsigned seed = state;

		write_policies(&b, 10 + draw(200));
		cedar_scene_policies(&kit, b.ptr);
		for (size_t i = 0; i < 4 * 3 * 3; i++) {
			kit.request.principal = cedar_scene_uid(&kit, users[i % 4]);
			kit.request.action = cedar_scene_uid(&kit, doings[i / 4 % 3]);
			kit.request.resource = cedar_scene_uid(&kit, things[i / 12]);
			compare_answers();
		}
		state = seed;
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
	state = 3;
	write_policies(&b, 60);
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
	buf_fini(&b);
}
