/* cedar_validate: names, application, templates and links, places, limits. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/judged.h"
#include "tests/kit/fail_alloc.h"

static const char schema[] =
	"entity Team in Org; entity Org; entity Color enum [\"red\", \"green\"];"
	"entity User in Team = { age?: Long }; entity Bot in Org;"
	"entity Doc in Folder; entity Folder;"
	"action view, edit in [any] appliesTo { principal: User, resource: Doc };"
	"action run in any appliesTo { principal: Bot, resource: Folder };"
	"action any; action idle;";

static const struct finding {
	const char *policies, *says;
} findings[] = {
	{ "permit(principal, action, resource);", "" },
	{ "permit(principal is User, action == Action::\"view\", resource in Folder::\"f\");", "" },
	{ "permit(principal in Org::\"o\", action in [Action::\"any\"], resource) unless {"
	  " resource is Folder };", "" },
	/* names, in what is never reached too */
	{ "permit(principal == Usr::\"a\", action, resource);",
	  "the schema has no entity type 'Usr'; did you mean 'User'?" },
	{ "permit(principal is Nope, action, resource);", "the schema has no entity type 'Nope'" },
	{ "permit(principal, action == Action::\"vew\", resource);",
	  "the schema has no action Action::\"vew\"; did you mean \"view\"?" },
	{ "permit(principal, action in [Action::\"view\", N::Action::\"view\"], resource);",
	  "the schema has no action N::Action::\"view\"" },
	{ "permit(principal, action, resource) when {\n  true || principal == Gone::\"x\" };",
	  "2:24 the schema has no entity type 'Gone'" },
	{ "permit(principal, action, resource) when { true || principal is Gone };",
	  "has no entity type 'Gone'" },
	{ "permit(principal, action, resource) when { principal == Color::\"re\" };",
	  "the enumeration 'Color' has no \"re\"; did you mean \"red\"?" },
	{ "permit(principal, action, resource) when { Color::\"red\" == Color::\"green\" };",
	  "warning 1:1 the policy holds for no request" },
	/* application */
	{ "permit(principal is Bot, action == Action::\"view\", resource);",
	  "warning 1:1 no action of the schema applies" },
	{ "permit(principal, action == Action::\"idle\", resource);",
	  "warning 1:1 no action of the schema applies" },
	{ "permit(principal in Doc::\"d\", action, resource);", "warning 1:1 no action of the" },
	{ "permit(principal is User in Doc::\"d\", action, resource);", "warning 1:1 no action" },
	{ "permit(principal is User in Org::\"o\", action, resource);", "" },
	{ "permit(principal, action in [], resource);", "warning 1:1 no action of the schema" },
	{ "permit(principal, action in [Action::\"view\"], resource is Folder);", "warning" },
	/* what is found, where, and in which request */
	{ "permit(principal, action, resource) when { principal.age == 1 };",
	  "the attribute 'age' is optional; ask 'has age &&' before it is read (principal User, "
	  "action \"edit\", resource Doc)" },
	{ "permit(principal is User, action, resource) when { principal has age } when {"
	  " principal.age == 1 };", "" },
	{ "permit(principal is User, action, resource) unless { principal has age } when {"
	  " principal.age == 1 };", "is optional" },
	{ "permit(principal is User, action, resource) when { principal is Bot };",
	  "warning 1:1 the policy holds for no request" },
	/* templates */
	{ "permit(principal == ?principal, action, resource in ?resource);", "" },
	{ "permit(principal in ?principal, action, resource) when { principal has age };", "" },
	{ "permit(principal is User in ?principal, action == Action::\"run\", resource);",
	  "warning 1:1 no action" },
	{ "permit(principal == ?principal, action, resource) when { principal.nope };",
	  "has no attribute 'nope'" },
};

Test(cedar_validate, what_is_found)
{
	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
		const struct finding *f = &findings[i];
		const char *says = judged_findings(schema, f->policies, CEDAR_STRICT);

		cr_expect(*f->says ? strstr(says, f->says) != NULL : !*says,
			  "%s\n  says '%s'\n  not  '%s'", f->policies, says, f->says);
	}
}

Test(cedar_validate, findings_name_their_policy_and_only_warnings_are_valid)
{
	struct cedar_policies *p = judged_policies(
		"permit(principal, action, resource);"
		"permit(principal, action, resource) when { false };"
		"permit(principal == ?principal, action, resource) when { 1 };");
	struct cedar_findings found;

	cr_assert_eq(cedar_validate(p, judged_schema(schema), CEDAR_STRICT, judged_memory(),
				    &found),
		     OK);
	cr_expect_not(found.valid);
	cr_assert_eq(found.count, 2);
	cr_expect(found.items[0].warning && found.items[0].policy == 1);
	cr_expect(str_is(found.items[0].id, "policy1") && !found.items[0].of_template);
	cr_expect(found.items[1].of_template && found.items[1].policy == 0);
	p = judged_policies("permit(principal, action, resource) when { false };");
	cr_assert_eq(cedar_validate(p, judged_schema(schema), CEDAR_STRICT, judged_memory(),
				    &found),
		     OK);
	cr_expect(found.valid && found.count == 1);
}

static const char *of_link(struct cedar_uid principal)
{
	struct cedar_policies *p =
		judged_policies("permit(principal in ?principal, action, resource);");
	struct cedar_findings found;

	cr_assert_eq(cedar_link(p, p->templates[0]->id, STR("link"), &principal, NULL,
				judged_memory(), NULL),
		     OK);
	cr_assert_eq(cedar_validate(p, judged_schema(schema), CEDAR_STRICT, judged_memory(),
				    &found),
		     OK);
	cr_expect_leq(found.count, 2);
	cr_expect(!found.count || str_is(found.items[0].id, "link"));
	return found.count ? found.items[0].text.ptr : "";
}

Test(cedar_validate, of_a_link_what_stands_in_its_slots_is_judged)
{
	cr_expect_str_empty(of_link((struct cedar_uid){ STR("Org"), STR("o") }));
	cr_expect(
		strstr(of_link((struct cedar_uid){ STR("Ogr"), STR("o") }), "did you mean 'Org'"));
	cr_expect(
		strstr(of_link((struct cedar_uid){ STR("Folder"), STR("f") }), "no action of the"));
}

Test(cedar_validate, one_place_is_told_once)
{
	const char *says = judged_findings(
		schema, "permit(principal, action, resource) when { principal.x == resource.y };",
		CEDAR_STRICT);

	cr_expect_null(strchr(says, '\n'), "%s", says);
}

Test(cedar_validate, an_empty_set_and_an_empty_schema)
{
	cr_expect_str_empty(judged_findings("", "", CEDAR_STRICT));
	cr_expect(strstr(judged_findings("", "permit(principal, action, resource);", CEDAR_STRICT),
			 "warning 1:1 no action"));
}

/* Many types, many actions, many conditions: more environments than there are steps. */
Test(cedar_validate, work_is_bounded)
{
	enum { TYPES = 300, ACTIONS = 100 };
	char *text = arena_alloc(judged_memory(), 1 << 22), *at = text, *list;
	char *policy = arena_alloc(judged_memory(), 1 << 16), *end = policy;
	struct cedar_findings found;
	size_t list_len;

	for (int i = 0; i < TYPES; i++)
		at += sprintf(at, "entity T%d;", i);
	list = at + sprintf(at, "action first appliesTo { principal: ");
	at = list;
	for (int i = 0; i < TYPES; i++)
		at += sprintf(at, "%sT%d", i ? ", " : "[", i);
	at += sprintf(at, "]");
	list_len = (size_t)(at - list);
	at += sprintf(at, ", resource: %.*s };", (int)list_len, list);
	for (int i = 0; i < ACTIONS; i++)
		at += sprintf(at, "action a%d appliesTo { principal: %.*s, resource: %.*s };", i,
			      (int)list_len, list, (int)list_len, list);
	end += sprintf(end, "permit(principal, action, resource) when { true");
	for (int i = 0; i < 50; i++)
		end += sprintf(end, " && 1 + 1 == 2");
	(void)sprintf(end, " };");
	cr_expect_eq(cedar_validate(judged_policies(policy), judged_schema(text), CEDAR_STRICT,
				    judged_memory(), &found),
		     ERR_LIMIT);
}

Test(cedar_validate, survives_every_failed_allocation)
{
	struct cedar_policies *p = judged_policies(
		"permit(principal in ?principal, action, resource) when { principal has age && "
		"principal.age == 1 || [1, 2].contains(3) };"
		"forbid(principal == Usr::\"x\", action in [Action::\"any\"], resource) unless {"
		" {a: principal has age.x.y} == {a: resource.gone} };");
	struct cedar_schema *s = judged_schema(schema);

	for (uint64_t i = 1;; i++) {
		struct cedar_findings found = { .count = 77 };
		struct arena a;
		bool hit;
		enum err e;

		arena_init(&a, 8 << 20);
		fail_alloc_at(i);
		e = cedar_validate(p, s, CEDAR_STRICT, &a, &found);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		cr_assert(!hit || found.count == 77, "outputs are written on success only");
		arena_fini(&a);
		if (!hit)
			break;
	}
}

/* The same, with every cap of the arena: what does not fit is an error as well. */
Test(cedar_validate, survives_every_cap_of_memory)
{
	struct cedar_policies *p = judged_policies("permit(principal, action, resource) when { "
						   "principal has age && principal.age == 1 };");
	struct cedar_schema *s = judged_schema(schema);
	enum err e = ERR_MEMORY;

	for (size_t cap = 0; e != OK; cap += 64) {
		struct cedar_findings found;
		struct arena a;

		arena_init(&a, cap);
		e = cedar_validate(p, s, CEDAR_STRICT, &a, &found);
		cr_assert(e == OK || e == ERR_MEMORY);
		arena_fini(&a);
	}
}
