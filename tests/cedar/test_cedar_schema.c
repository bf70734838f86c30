/* cedar_schema: what names mean, hierarchies closed, and what does not hold together. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/judged.h"

/* The type of the attribute x of the entity type. */
static const struct cedar_type *x_of(const struct cedar_schema *s, const char *type)
{
	const struct cedar_entity_type *t = cedar_schema_type(s, str_view(type));

	cr_assert_not_null(t, "%s", type);
	cr_assert_eq(t->attrs->field_count, 1, "%s", type);
	return t->attrs->fields[0].type;
}

Test(cedar_schema, a_name_means_the_nearest_declaration)
{
	const struct cedar_schema *s = judged_schema(
		"namespace N { type T = Long; entity E = { x: T }; entity F = { x: E };"
		" entity G = { x: R }; entity H = { x: M::T }; entity I = { x: String }; }"
		"namespace M { type T = Bool; entity String; }"
		"entity R;");

	cr_expect_eq(x_of(s, "N::E")->kind, TYPE_LONG);
	cr_expect(str_is(x_of(s, "N::F")->entity, "N::E"));
	cr_expect(str_is(x_of(s, "N::G")->entity, "R"));
	cr_expect_eq(x_of(s, "N::H")->kind, TYPE_BOOL);
	cr_expect_eq(x_of(s, "N::I")->kind, TYPE_STRING, "not that of another namespace");
}

Test(cedar_schema, own_types_hide_those_of_the_language)
{
	const struct cedar_schema *s = judged_schema(
		"namespace N { entity Long; type ipaddr = Bool; entity A = { x: Long };"
		" entity B = { x: __cedar::Long }; entity C = { x: ipaddr };"
		" entity D = { x: __cedar::ipaddr }; entity E = { x: Set<Long> }; }");

	cr_expect(str_is(x_of(s, "N::A")->entity, "N::Long"));
	cr_expect_eq(x_of(s, "N::B")->kind, TYPE_LONG);
	cr_expect_eq(x_of(s, "N::C")->kind, TYPE_BOOL);
	cr_expect_eq(x_of(s, "N::D")->kind, TYPE_IP);
	cr_expect(str_is(x_of(s, "N::E")->element->entity, "N::Long"));
}

Test(cedar_schema, a_common_type_comes_before_an_entity_type)
{
	const struct cedar_schema *s =
		judged_schema("entity T; type T = Long; entity A in T = { x: T };");

	cr_expect_eq(x_of(s, "A")->kind, TYPE_LONG);
	cr_expect(str_is(cedar_schema_type(s, STR("A"))->parents[0], "T"));
}

Test(cedar_schema, common_types_may_stand_for_common_types_in_any_order)
{
	const struct cedar_schema *s = judged_schema("entity E = { x: A }; type A = Set<B>;"
						     "type B = { y?: C }; type C = decimal;");

	cr_expect_eq(x_of(s, "E")->element->fields[0].type->kind, TYPE_DECIMAL);
	cr_expect(x_of(s, "E")->element->fields[0].optional);
}

Test(cedar_schema, the_type_of_actions_is_a_type_of_attributes)
{
	const struct cedar_schema *s = judged_schema(
		"namespace N { entity A = { x: Action }; action a; } action b; "
		"entity B = { x: N::Action };");

	cr_expect(str_is(x_of(s, "N::A")->entity, "N::Action"));
	cr_expect(str_is(x_of(s, "B")->entity, "N::Action"));
}

Test(cedar_schema, entity_types_are_closed_and_may_be_in_themselves)
{
	const struct cedar_schema *s = judged_schema(
		"entity A in [B]; entity B in [C, A]; entity C; entity D in D; entity E;");
	const struct cedar_entity_type *a = cedar_schema_type(s, STR("A"));

	cr_assert_eq(a->parent_count, 3);
	cr_expect(str_is(a->parents[0], "A") && str_is(a->parents[2], "C"));
	cr_expect_eq(cedar_schema_type(s, STR("C"))->parent_count, 0);
	cr_expect_eq(cedar_schema_type(s, STR("D"))->parent_count, 1);
	cr_expect_null(cedar_schema_type(s, STR("F")));
}

Test(cedar_schema, actions_are_closed_over_namespaces)
{
	const struct cedar_schema *s = judged_schema(
		"namespace N { action a in [b]; action b in [M::Action::\"c\", \"d\"]; action d; }"
		"namespace M { action c in Action::\"e\"; } action e;");
	const struct cedar_action *a =
		cedar_schema_action(s, &(struct cedar_uid){ STR("N::Action"), STR("a") });

	cr_assert_eq(a->ancestor_count, 4);
	cr_expect(str_is(a->ancestors[0].type, "Action") && str_is(a->ancestors[0].id, "e"));
	cr_expect(str_is(a->ancestors[1].type, "M::Action"));
	cr_expect(str_is(a->ancestors[3].id, "d"));
	cr_expect_eq(a->context->field_count, 0, "nothing said: an empty record");
}

static const struct refusal {
	const char *text, *says;
} refusals[] = {
	{ "entity A; entity A;", "1:18 the entity type 'A' is declared twice" },
	{ "entity A, A;", "1:11 the entity type 'A' is declared twice" },
	{ "type T = Long; type T = Long;", "1:21 the type 'T' is declared twice" },
	{ "action a; action \"a\";", "1:18 the action 'a' is declared twice" },
	{ "entity A = { x: Long, x: Long };", "1:12 the attribute 'x' of this record is declared" },
	{ "entity A; namespace N { entity A; }", "1:32 'A' in the namespace 'N' would hide" },
	{ "entity A; namespace N { type A = Long; }", "1:30 'A' in the namespace 'N' would hide" },
	{ "type A = Long; namespace N { entity A; }", "would hide the 'A' outside of all" },
	{ "action a; namespace N { action a; }", "1:32 'a' in the namespace 'N' would hide" },
	{ "type A = Set<A>;", "1:14 the type 'A' is made of itself" },
	{ "type A = { x: B }; type B = Set<A>;", "is made of itself" },
	{ "type A = B; type B = A; ", "is made of itself" },
	{ "type A = Lng;", "1:10 the type 'Lng' is not declared" },
	{ "entity User; type A = Usr;",
	  "1:23 the type 'Usr' is not declared; did you mean 'User'?" },
	{ "namespace N { entity A; } entity B in A;", "1:39 the entity type 'A' is not declared" },
	{ "entity A in Long;", "1:13 the entity type 'Long' is not declared" },
	{ "type T = Long; entity A in T;", "1:28 the entity type 'T' is not declared" },
	{ "entity A in Action; action a;", "1:13 'Action' is a type of actions" },
	{ "entity A; action a appliesTo { principal: Action, resource: A };",
	  "1:43 'Action' is a type of actions" },
	{ "entity A = { x: __cedar::Int };", "1:17 the type '__cedar::Int' is not declared" },
	{ "entity A = { x: Action };", "1:17 the type 'Action' is not declared" },
	{ "entity A; action a appliesTo { principal: A, resource: A, context: A };",
	  "1:68 the type 'A' is not declared" },
	{ "entity A; action a appliesTo { principal: A, resource: A, context: Long };",
	  "1:68 the context of an action is a record" },
	{ "entity Long; entity A; action a appliesTo { principal: A, resource: A, context: Long };",
	  "the type 'Long' is not declared" },
	{ "action view in read; action red;",
	  "1:16 the action 'read' is not declared; did you mean 'red'?" },
	{ "action a in N::Action::\"b\"; action b;", "1:13 the action 'b' is not declared" },
	{ "action a in a;", "1:8 the action 'a' is in itself" },
	{ "action a in b; action b in c; action c in b;", "is in itself, over its groups" },
};

Test(cedar_schema, refusals_say_what_does_not_hold_together)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *says = judged_refusal(refusals[i].text);

		cr_expect(*says && strstr(says, refusals[i].says), "%s\n  says '%s'\n  not  '%s'",
			  refusals[i].text, says, refusals[i].says);
	}
}

/* T0 = Set<T1>, T1 = Set<T2> ...: as deep as it looks shallow. */
static const char *chain(int links, bool upwards)
{
	char *text = arena_alloc(judged_memory(), 1 << 18), *at = text;

	for (int i = 0; i < links; i++) {
		int k = upwards ? i : links - 1 - i;

		at += k + 1 < links ? sprintf(at, "type T%d = Set<T%d>;", k, k + 1)
				    : sprintf(at, "type T%d = Long;", k);
	}
	return text;
}

Test(cedar_schema, depth_through_names_is_bounded)
{
	cr_expect_str_empty(judged_refusal(chain(60, true)));
	cr_expect_str_empty(judged_refusal(chain(60, false)));
	cr_expect(strstr(judged_refusal(chain(70, false)), "nested deeper"));
	cr_expect(strstr(judged_refusal(chain(5000, true)), "nested deeper"));
}

/* 2^60 ways from the first type to the last: shared, not copied. */
Test(cedar_schema, common_types_are_shared)
{
	char *text = arena_alloc(judged_memory(), 1 << 16), *at = text;

	for (int i = 0; i < 60; i++)
		at += sprintf(at, "type T%d = { a: T%d, b: T%d };", i, i + 1, i + 1);
	(void)sprintf(at, "type T60 = Long; entity E = { x: T0 };");
	cr_expect_str_empty(judged_refusal(text));
}

Test(cedar_schema, an_empty_schema_declares_nothing)
{
	const struct cedar_schema *s = judged_schema(" // nothing\n");

	cr_expect_null(cedar_schema_type(s, STR("A")));
	cr_expect_null(cedar_schema_action(s, &(struct cedar_uid){ STR("Action"), STR("a") }));
}

Test(cedar_schema, types_of_entities_and_of_actions_are_declared)
{
	const struct cedar_schema *s =
		judged_schema("namespace N { entity A; action a; } entity B;");

	cr_expect(cedar_schema_declares(s, STR("N::A")) && cedar_schema_declares(s, STR("B")));
	cr_expect(cedar_schema_declares(s, STR("N::Action")));
	cr_expect_not(cedar_schema_declares(s, STR("A")));
	cr_expect_not(cedar_schema_declares(s, STR("Action")));
}
