/* cedar_policies: sets, ids, links, and what is asked of them. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/cedar_kit.h"

static struct arena arena;
static struct note note;

static void open_arena(void)
{
	arena_init(&arena, (size_t)64 << 20);
	note = (struct note){ .line = 0 };
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_policies, .init = open_arena, .fini = close_arena);

#define TEMPLATES                                                                                  \
	"permit(principal == ?principal, action, resource in ?resource) when {context.a};\n"       \
	"@id(\"two\") @b(\"\") forbid(principal is U in ?principal, action, resource);\n"          \
	"@id(\"\") permit(principal, action == Action::\"x\", resource);\n"                        \
	"permit(principal, action in Action::\"x\", resource);\n"

static const struct cedar_uid ann = { { "U", 1 }, { "ann", 3 } };
static const struct cedar_uid box = { { "F", 1 }, { "box", 3 } };

static enum err link(struct cedar_policies *p, const char *from, const char *id,
		     const struct cedar_uid *principal, const struct cedar_uid *resource)
{
	return cedar_link(p, str_view(from), str_view(id), principal, resource, &arena, &note);
}

Test(cedar_policies, a_link_is_a_policy_with_the_slots_filled)
{
	struct cedar_policies *p = cedar_kit_policies(&arena, STR(TEMPLATES));
	const struct cedar_policy *made;

	cr_assert_eq(cedar_count(p), 2);
	cr_assert_eq(link(p, "policy0", "l", &ann, &box), OK);
	cr_assert_eq(link(p, "policy1", "m", &box, NULL), OK);
	cr_assert_eq(cedar_count(p), 4);
	cr_assert_eq(p->template_count, 2);
	made = p->policies[2];
	cr_assert(str_is(made->id, "l") && str_is(made->template_id, "policy0"));
	cr_assert(cedar_uid_eq(&made->principal.uid, &ann) && made->principal.op == SCOPE_EQ);
	cr_assert(cedar_uid_eq(&made->resource.uid, &box) && made->resource.op == SCOPE_IN);
	cr_assert(cedar_uid_eq(&made->slot_principal, &ann));
	cr_assert(cedar_uid_eq(&made->slot_resource, &box));
	cr_assert_eq(made->condition_count, 1);
	made = p->policies[3];
	cr_assert(made->forbid && made->principal.op == SCOPE_IS_IN);
	cr_assert(cedar_uid_eq(&made->principal.uid, &box));
	/* The template is as it was. */
	cr_assert_eq(p->templates[0]->principal.uid.id.ptr, NULL);
}

Test(cedar_policies, a_link_keeps_copies)
{
	struct cedar_policies *p = cedar_kit_policies(&arena, STR(TEMPLATES));
	char id[] = "link", name[] = "ann";
	struct cedar_uid uid = { STR("U"), { name, 3 } };

	cr_assert_eq(link(p, "policy1", id, &uid, NULL), OK);
	memset(id, 'z', 4);
	memset(name, 'z', 3);
	cr_assert(str_is(cedar_about(p, 2).id, "link"));
	cr_assert(str_is(p->policies[2]->principal.uid.id, "ann"));
}

Test(cedar_policies, what_cannot_be_linked_is_refused_and_nothing_is_added)
{
	struct cedar_policies *p = cedar_kit_policies(&arena, STR(TEMPLATES));

	cr_assert_eq(link(p, "policy9", "l", &ann, &box), ERR_NOT_FOUND);
	cr_assert(strstr(note.text, "no template 'policy9'"));
	cr_assert_eq(link(p, "policy2", "l", NULL, NULL), ERR_NOT_FOUND);
	cr_assert_eq(link(p, "policy0", "l", &ann, NULL), ERR_TYPE);
	cr_assert(strstr(note.text, "has the slot ?resource"), "%s", note.text);
	cr_assert_eq(link(p, "policy0", "l", NULL, &box), ERR_TYPE);
	cr_assert(strstr(note.text, "?principal"));
	cr_assert_eq(link(p, "policy1", "l", &ann, &box), ERR_TYPE);
	cr_assert(strstr(note.text, "has no slot ?resource"), "%s", note.text);
	cr_assert_eq(link(p, "policy1", "policy0", &ann, NULL), ERR_DUPLICATE);
	cr_assert_eq(link(p, "policy1", "policy3", &ann, NULL), ERR_DUPLICATE);
	cr_assert(strstr(note.text, "'policy3' is taken"));
	cr_assert_eq(cedar_count(p), 2);
	cr_assert_eq(link(p, "policy1", "l", &ann, NULL), OK);
	cr_assert_eq(link(p, "l", "m", &ann, NULL), ERR_NOT_FOUND);
	cr_assert_eq(link(p, "policy1", "l", &box, NULL), ERR_DUPLICATE);
	cr_assert_eq(cedar_count(p), 3);
}

Test(cedar_policies, about_annotations_and_the_action_of_the_scope)
{
	struct cedar_policies *p = cedar_kit_policies(&arena, STR(TEMPLATES));
	struct cedar_about about;
	struct cedar_uid uid = { STR_NONE, STR_NONE };

	cr_assert_eq(link(p, "policy1", "l", &ann, NULL), OK);
	about = cedar_about(p, 0);
	cr_assert(str_is(about.id, "policy2") && str_is(about.name, "policy2") && !about.forbid);
	cr_assert(about.line == 3 && about.column == 1);
	about = cedar_about(p, 2);
	cr_assert(str_is(about.id, "l") && str_is(about.name, "two") && about.forbid);
	cr_assert(about.line == 0 && about.column == 0);
	cr_assert(cedar_scope_action(p, 0, &uid));
	cr_assert(str_is(uid.type, "Action") && str_is(uid.id, "x"));
	cr_assert(!cedar_scope_action(p, 1, &uid), "what is in an action may be another one");
	cr_assert(!cedar_scope_action(p, 2, &uid));
}

Test(cedar_policies, a_template_is_unlinked_until_a_policy_is_made_from_it)
{
	struct cedar_policies *p = cedar_kit_policies(
		&arena, STR("permit (principal, action, resource);\n"
			    "@id(\"ban\") forbid (principal == ?principal, action, resource);"));
	struct cedar_about about;

	cr_assert(cedar_unlinked(p, &about));
	cr_expect(str_is(about.id, "policy1") && str_is(about.name, "ban") && about.line == 2);
	cr_assert_eq(link(p, "policy1", "l", &ann, NULL), OK);
	cr_expect_not(cedar_unlinked(p, &about));
}

static enum err add(struct cedar_policies *p, const char *id)
{
	struct cedar_policy *policy = arena_alloc(&arena, sizeof(*policy));

	cr_assert_eq(arena_copy(&arena, str_view(id), &policy->id), OK);
	return cedar_policies_add(p, policy, &arena, &note);
}

Test(cedar_policies, ids_are_unique_in_whatever_order_they_come)
{
	struct cedar_policies *p;
	char id[16];

	cr_assert_eq(cedar_policies_new(&arena, &p), OK);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%u", i * 7919 % 1000);
		cr_assert_eq(add(p, id), OK, "%s", id);
	}
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%u", i);
		cr_assert_eq(add(p, id), ERR_DUPLICATE, "%s", id);
		cr_assert(str_is(p->policies[i]->id,
				 (snprintf(id, sizeof(id), "%u", i * 7919 % 1000), id)));
		cr_assert_eq(p->all[i], p->policies[i]);
		cr_assert(i == 0 || str_cmp(p->by_id[i - 1]->id, p->by_id[i]->id) < 0);
	}
	cr_assert_eq(add(p, ""), OK);
	cr_assert_eq(cedar_count(p), 1001);
}

Test(cedar_policies, a_set_is_bounded)
{
	struct cedar_policies *p;
	char id[16];

	cr_assert_eq(cedar_policies_new(&arena, &p), OK);
	for (unsigned i = 0; i < LIMIT_CEDAR_POLICIES; i++) {
		snprintf(id, sizeof(id), "%u", i);
		cr_assert_eq(add(p, id), OK);
	}
	cr_assert_eq(add(p, "one more"), ERR_LIMIT);
	cr_assert(strstr(note.text, "at most 16384 policies"), "%s", note.text);
	cr_assert_eq(cedar_count(p), LIMIT_CEDAR_POLICIES);
}
