/* cedar_schema_text: what the syntax allows, what it refuses, and where the finger points. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/judged.h"
#include "tests/kit/fail_alloc.h"

static const char whole[] =
	"// a comment\n"
	"@doc(\"of the schema\") namespace Shop::Web {\n"
	"  type Name = String;\n"
	"  @a @b(\"c\") entity User, Robot in [Group] = {\n"
	"    name: Name, @why(\"x\") age?: __cedar::Long,\n"
	"    \"two words\": Set<Set<Bool>>, at: { ip: ipaddr, \"if\"?: decimal, },\n"
	"  } tags Set<String>;\n"
	"  entity Group in Group {};\n"
	"  entity Color enum [\"red\", \"g\\u{72}een\"];\n"
	"  action view, \"view all\" in [read, Shop::Web::Action::\"any\"] appliesTo {\n"
	"    resource: Group, principal: [User, Robot], context: { since: datetime, },\n"
	"  };\n"
	"  action read, any;\n"
	"}\n"
	"entity entity, type in [];\n"
	"entity in_front = { enum: entity };\n"
	"action appliesTo in action appliesTo { principal: type, resource: [entity,  type] };\n"
	"action action attributes {};\n";

Test(cedar_schema_text, all_of_the_syntax)
{
	const struct cedar_schema *s = judged_schema(whole);
	const struct cedar_entity_type *user = cedar_schema_type(s, STR("Shop::Web::User"));
	const struct cedar_action *view = cedar_schema_action(
		s, &(struct cedar_uid){ STR("Shop::Web::Action"), STR("view all") });

	cr_assert_eq(s->type_count, 7);
	cr_assert_eq(s->action_count, 6);
	cr_assert_not_null(user);
	cr_assert_eq(user->parent_count, 1);
	cr_expect(str_is(user->parents[0], "Shop::Web::Group"));
	cr_assert_eq(user->attrs->field_count, 4);
	cr_expect(str_is(user->attrs->fields[0].name, "age"));
	cr_expect(user->attrs->fields[0].optional);
	cr_expect(str_is(user->attrs->fields[3].name, "two words"));
	cr_expect_eq(user->attrs->fields[3].type->element->element->kind, TYPE_BOOL);
	cr_expect_eq(user->tags->element->kind, TYPE_STRING);
	cr_expect(cedar_schema_type(s, STR("Shop::Web::Robot"))->attrs->field_count == 4);
	cr_expect(str_is(cedar_schema_type(s, STR("Shop::Web::Color"))->ids[0], "green"),
		  "sorted");
	cr_assert_not_null(view);
	cr_assert_eq(view->ancestor_count, 2);
	cr_assert_eq(view->principal_count, 2);
	cr_expect(str_is(view->principals[0], "Shop::Web::Robot"), "sorted");
	cr_expect_eq(view->context->fields[0].type->kind, TYPE_DATETIME);
}

static const struct refusal {
	const char *text, *says;
} refusals[] = {
	{ "entity", "1:7 the schema ends here; expected the name of an entity type" },
	{ "entity User", "1:12 the schema ends here; expected ';' after the entity type" },
	{ "entity User\nentity Group;", "2:1 found 'entity'; expected ';' after the entity type" },
	{ "entity if;", "1:8 'if' is reserved" },
	{ "entity __cedar;", "1:8 '__cedar' is reserved" },
	{ "entity A in [A;", "1:15 found ';'; expected ',' or ']'" },
	{ "entity A = Long;", "1:12 found 'Long'; expected '{'" },
	{ "entity A = { x Long };", "1:16 found 'Long'; expected ':'" },
	{ "entity A = { x: };", "1:17 found '}'; expected a type" },
	{ "entity A = { x: Set<Long };", "1:26 found '}'; expected '>'" },
	{ "entity A = { x: A:: };", "1:21 found '}'; expected a name after '::'" },
	{ "entity A = { 1: Long };", "1:14 found '1'; expected the name of an attribute" },
	{ "entity A = { in: Long };",
	  "1:14 'in' is reserved; as the name of an attribute it stands in quotes, \"in\"" },
	{ "entity A = { x: Long y: Long };", "1:22 found 'y'; expected ',' or '}'" },
	{ "entity A enum [];", "1:16 found ']'; expected an id in quotes" },
	{ "entity A enum [a];", "1:16 found 'a'; expected an id in quotes" },
	{ "entity A enum [\"a\"] in [A];", "1:21 found 'in'; expected ';'" },
	{ "entity A = { \"\\q\": Long };", "1:15 unknown escape" },
	{ "entiti A;",
	  "1:1 found 'entiti'; expected entity, action or type; did you mean 'entity'?" },
	{ "\"x\"", "1:1 found \"x\"; expected entity, action or type" },
	{ "namespace N { entity A;", "1:24 the schema ends here; expected '}'" },
	{ "namespace N { namespace M {} }", "1:15 found 'namespace'; expected entity" },
	{ "namespace N {} namespace N {}", "1:26 the namespace 'N' is declared twice" },
	{ "namespace __cedar::x {}", "1:11 the namespace __cedar is the language's own" },
	{ "@a @a entity A;", "1:4 the annotation '@a' is given twice" },
	{ "@a(b) entity A;", "1:4 found 'b'; expected a text in quotes" },
	{ "@ entity A;", "1:10 found 'A'" },
	{ "action;", "1:7 found ';'; expected a name" },
	{ "action a in [];", "1:14 found ']'; expected the name of an action" },
	{ "action a in A::B;", "1:17 found ';'; expected '::' and the action's id in quotes" },
	{ "action a appliesTo {};", "1:20 what the action applies to lacks principal" },
	{ "entity A; action a appliesTo { principal: A };", "lacks resource" },
	{ "action a appliesTo { principal: [] };",
	  "1:34 found ']'; expected the name of an entity" },
	{ "action a appliesTo { princpal: A };", "did you mean 'principal'?" },
	{ "entity A; action a appliesTo { principal: A, principal: A };",
	  "1:46 'principal' is given twice" },
	{ "entity A; action a appliesTo { context: {}, context: {} };",
	  "'context' is given twice" },
	{ "action a appliesTo { context: Set<Long> };", "1:34 found '<'" },
	{ "action a attributes { x: Long };", "1:23 found 'x'; expected '}'" },
	{ "type T = Long", "1:14 the schema ends here; expected ';'" },
	{ "type Set = Long;", "1:6 'Set' is a type of the language" },
	{ "type T = \"x\";", "1:10 found \"x\"; expected a type" },
	{ "entity A; $", "1:11 '$' means nothing here" },
};

Test(cedar_schema_text, refusals_say_what_is_wrong_and_where)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *says = judged_refusal(refusals[i].text);

		cr_expect(*says && strstr(says, refusals[i].says), "%s\n  says '%s'\n  not  '%s'",
			  refusals[i].text, says, refusals[i].says);
	}
}

static char *nested(const char *open, const char *inner, const char *close, int depth)
{
	char *text = arena_alloc(judged_memory(), 1 << 16), *at = text;

	at += sprintf(at, "type T = ");
	for (int i = 0; i < depth; i++)
		at += sprintf(at, "%s", open);
	at += sprintf(at, "%s", inner);
	for (int i = 0; i < depth; i++)
		at += sprintf(at, "%s", close);
	(void)sprintf(at, ";");
	return text;
}

Test(cedar_schema_text, depth_is_bounded)
{
	cr_expect_str_empty(judged_refusal(nested("Set<", "Long", ">", 60)));
	cr_expect(strstr(judged_refusal(nested("Set<", "Long", ">", 70)),
			 "1:266 types nested deeper than 64"));
	cr_expect(
		strstr(judged_refusal(nested("{a:", "Long", "}", 5000)), "nested deeper than 64"));
	cr_expect(strstr(judged_refusal(nested("a::", "a", "", 5000)), "more than 64 words"));
}

Test(cedar_schema_text, annotations_of_one_place_are_bounded)
{
	char *text = arena_alloc(judged_memory(), 1 << 16), *at = text;

	for (int i = 0; i < 2000; i++)
		at += sprintf(at, "@a%d ", i);
	(void)sprintf(at, "entity A;");
	cr_expect(strstr(judged_refusal(text), "more than 256 annotations"));
}

Test(cedar_schema_text, bytes_that_are_not_utf8_are_refused)
{
	cr_expect(strstr(judged_refusal("entity A;\n// \xff\n"), "2:4 this is not UTF-8"));
}

Test(cedar_schema_text, survives_every_failed_allocation)
{
	for (uint64_t i = 1;; i++) {
		struct cedar_schema *s = NULL;
		struct arena a;
		bool hit;
		enum err e;

		arena_init(&a, 8 << 20);
		fail_alloc_at(i);
		e = cedar_schema_read(str_view(whole), &a, &s, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		cr_assert_eq(s == NULL, hit, "nothing is given back");
		arena_fini(&a);
		if (!hit)
			break;
	}
}
