/* cedar_schema_json: the JSON format beside the text it stands for, and what it refuses. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/cedar/judged.h"
#include "tests/kit/fail_alloc.h"

/* In it ' stands for ". */
static const char whole[] =
	"{'N': {'commonTypes': {'Name': {'type': 'String'}},"
	" 'entityTypes': {"
	"  'User': {'memberOfTypes': ['Group'], 'annotations': {'doc': 'x', 'in': null},"
	"   'shape': {'type': 'Record', 'attributes': {"
	"    'name': {'type': 'Name'}, 'age': {'type': 'Long', 'required': false},"
	"    'friend': {'type': 'Entity', 'name': 'User', 'annotations': {}},"
	"    'any': {'type': 'EntityOrCommon', 'name': 'N::Name'},"
	"    'ips': {'type': 'Set', 'element': {'type': 'Extension', 'name': 'ipaddr'}},"
	"    'flag': {'type': 'Boolean'}, 'flag2': {'type': 'Bool'}},"
	"    'additionalAttributes': false},"
	"   'tags': {'type': '__cedar::Long'}},"
	"  'Group': {}, 'Color': {'enum': ['red', 'green']}},"
	" 'actions': {'view': {'memberOf': [{'id': 'read'}, {'id': 'any', 'type': 'N::Action'}],"
	"   'appliesTo': {'principalTypes': ['User'], 'resourceTypes': ['N::Group', 'N::Color'],"
	"    'context': {'type': 'Record', 'attributes': {}}}},"
	"  'read': {}, 'any': {'memberOf': null, 'appliesTo': null}}}}";

static const char same[] =
	"namespace N { type Name = String;"
	" entity User in Group = { name: Name, age?: Long, friend: User, any: N::Name,"
	" ips: Set<ipaddr>, flag: Bool, flag2: Bool } tags Long; entity Group;"
	" entity Color enum [\"red\", \"green\"];"
	" action view in [read, any] appliesTo { principal: User, resource: [Group, Color] };"
	" action read, any; }";

static bool same_type(const struct cedar_type *a, const struct cedar_type *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || a->field_count != b->field_count)
		return false;
	if (a->kind == TYPE_ENTITY)
		return str_eq(a->entity, b->entity);
	if (a->kind == TYPE_SET)
		return same_type(a->element, b->element);
	for (size_t i = 0; i < a->field_count; i++)
		if (!str_eq(a->fields[i].name, b->fields[i].name) ||
		    a->fields[i].optional != b->fields[i].optional ||
		    !same_type(a->fields[i].type, b->fields[i].type))
			return false;
	return true;
}

Test(cedar_schema_json, says_what_the_text_says)
{
	const struct cedar_schema *a = judged_schema_json(whole), *b = judged_schema(same);

	cr_assert_eq(a->type_count, b->type_count);
	cr_assert_eq(a->action_count, b->action_count);
	for (size_t i = 0; i < a->type_count; i++) {
		const struct cedar_entity_type *x = &a->types[i], *y = &b->types[i];

		cr_expect(str_eq(x->name, y->name));
		cr_expect_eq(x->parent_count, y->parent_count);
		cr_expect(same_type(x->attrs, y->attrs), "%.*s", STR_ARG(x->name));
		cr_expect(same_type(x->tags, y->tags), "%.*s", STR_ARG(x->name));
		cr_expect_eq(x->enumeration, y->enumeration);
		cr_expect_eq(x->id_count, y->id_count);
	}
	for (size_t i = 0; i < a->action_count; i++) {
		const struct cedar_action *x = &a->actions[i], *y = &b->actions[i];

		cr_expect(cedar_uid_eq(&x->uid, &y->uid));
		cr_expect_eq(x->ancestor_count, y->ancestor_count);
		cr_expect_eq(x->principal_count, y->principal_count);
		cr_expect_eq(x->resource_count, y->resource_count);
		cr_expect(same_type(x->context, y->context));
	}
}

#define ENTITY(x) "{'': {'actions': {}, 'entityTypes': {'A': " x "}}}"
#define SHAPE(x) ENTITY("{'shape': {'type': 'Record', 'attributes': {'x': " x "}}}")
#define ACTION(x) "{'': {'entityTypes': {'A': {}}, 'actions': {'a': " x "}}}"

static const struct refusal {
	const char *json, *says;
} refusals[] = {
	{ "[]", "1:1 found list; expected a schema" },
	{ "{'': {}}", "1:6 the member 'entityTypes' is missing" },
	{ "{'': {'entityTypes': {}}}", "the member 'actions' is missing" },
	{ "{'': {'entityTypes': {}, 'actions': []}}", "'actions': expected object; found list" },
	{ "{'': {'entityTypes': {}, 'actions': {}, 'x': 1}}", "'x' is no member of a namespace" },
	{ "{'': {'entitytypes': {}, 'actions': {}}}", "did you mean 'entityTypes'?" },
	{ "{'a-b': {'entityTypes': {}, 'actions': {}}}", "1:2 'a-b' is no name" },
	{ "{'__cedar': {'entityTypes': {}, 'actions': {}}}", "__cedar is the language's own" },
	{ "{'': {'entityTypes': {'a b': {}}, 'actions': {}}}", "1:23 'a b' is no name" },
	{ "{'': {'entityTypes': {'Action': {}}, 'actions': {}}}", "Action is the type of actions" },
	{ ENTITY("[]"), "found list; expected an entity type" },
	{ ENTITY("{'memberOfType': []}"), "did you mean 'memberOfTypes'?" },
	{ ENTITY("{'memberOfTypes': [1]}"), "found integer; expected the name of an entity type" },
	{ ENTITY("{'memberOfTypes': 'A'}"), "found string; expected a list" },
	{ ENTITY("{'enum': []}"), "expected at least one id" },
	{ ENTITY("{'enum': [1]}"), "found integer; expected an id" },
	{ ENTITY("{'enum': ['a'], 'shape': {}}"), "'shape' is no member of an entity type" },
	{ ENTITY("{'annotations': {'a b': ''}}"), "'a b' is no name of an annotation" },
	{ ENTITY("{'annotations': {'a': 1}}"), "expected the annotation's text" },
	{ ENTITY("{'shape': {'type': 'Long'}}"), "the shape of an entity type is a record" },
	{ ENTITY("{'shape': {'type': 'Record'}}"), "Record lacks its 'attributes'" },
	{ ENTITY("{'tags': null}"), "found null; expected a type" },
	{ SHAPE("'Long'"), "found string; expected a type" },
	{ SHAPE("{}"), "the member 'type' is missing" },
	{ SHAPE("{'type': 1}"), "'type': expected string; found integer" },
	{ SHAPE("{'type': 'Long', 'element': {'type': 'Long'}}"), "'element' is no member of" },
	{ SHAPE("{'type': 'Set'}"), "Set lacks its 'element'" },
	{ SHAPE("{'type': 'Set', 'element': {'type': 'Long', 'required': true}}"),
	  "'required' is no member of a type" },
	{ SHAPE("{'type': 'Entity'}"), "Entity lacks its 'name'" },
	{ SHAPE("{'type': 'Entity', 'name': 'Long'}"), "the entity type 'Long' is not declared" },
	{ SHAPE("{'type': 'Entity', 'name': 'B'}"), "the entity type 'B' is not declared" },
	{ SHAPE("{'type': 'A'}"), "the type 'A' is not declared" },
	{ SHAPE("{'type': 'Extension', 'name': 'ip'}"), "there is no extension type 'ip'" },
	{ SHAPE("{'type': 'Extension', 'name': 'Long'}"), "there is no extension type 'Long'" },
	{ SHAPE("{'type': 'Long', 'required': 1}"), "found integer; expected true or false" },
	{ SHAPE("{'type': 'Record', 'attributes': {}, 'additionalAttributes': true}"),
	  "records with attributes that are not declared" },
	{ SHAPE("{'type': 'a-b'}"), "'a-b' is no name" },
	{ ACTION("{'attributes': {'a': {'type': 'Long'}}}"), "actions have no attributes" },
	{ ACTION("{'memberOf': [{}]}"), "the member 'id' is missing" },
	{ ACTION("{'memberOf': [{'id': 'b'}]}"), "the action 'b' is not declared" },
	{ ACTION("{'appliesTo': {}}"), "the member 'principalTypes' is missing" },
	{ ACTION("{'appliesTo': {'principalTypes': ['A']}}"), "'resourceTypes' is missing" },
	{ ACTION("{'appliesTo': {'principalTypes': ['A'], 'resourceTypes': ['A'],"
		 " 'context': {'type': 'Long'}}}"),
	  "the context of an action is a record" },
};

Test(cedar_schema_json, refusals_say_what_is_wrong)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *says = judged_refusal_json(refusals[i].json);

		cr_expect(*says && strstr(says, refusals[i].says), "%s\n  says '%s'\n  not  '%s'",
			  refusals[i].json, says, refusals[i].says);
	}
}

Test(cedar_schema_json, an_action_may_apply_to_nothing)
{
	const struct cedar_schema *s = judged_schema_json(
		ACTION("{'appliesTo': {'principalTypes': [], 'resourceTypes': ['A', 'A']}}"));

	cr_expect_eq(s->actions[0].principal_count, 0);
	cr_expect_eq(s->actions[0].resource_count, 1, "each type once");
}

Test(cedar_schema_json, survives_every_failed_allocation)
{
	struct arena text, a;
	struct value v;
	struct str copy;

	arena_init(&text, 8 << 20);
	cr_assert_eq(arena_copy(&text, str_view(whole), &copy), OK);
	for (size_t i = 0; i < copy.len; i++)
		if (copy.ptr[i] == '\'')
			((char *)(uintptr_t)copy.ptr)[i] = '"';
	cr_assert_eq(json_read(copy, 1, &text, &v, NULL), OK);
	for (uint64_t i = 1;; i++) {
		struct cedar_schema *s = NULL;
		bool hit;
		enum err e;

		arena_init(&a, 8 << 20);
		fail_alloc_at(i);
		e = cedar_schema_read_json(&v, &a, &s, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		arena_fini(&a);
		if (!hit)
			break;
	}
	arena_fini(&text);
}
