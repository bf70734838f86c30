/* cedar_entities: reading them, with and without a schema, and finding them. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"
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

TestSuite(cedar_entities, .init = start, .fini = stop);

static const struct cedar_entity *find(const char *uid)
{
	struct cedar_uid wanted = cedar_scene_uid(&kit, uid);

	return cedar_entity_find(kit.entities, &wanted);
}

static void refuse(const char *json, const struct cedar_schema *s, enum err expected,
		   const char *part)
{
	struct cedar_entities *e = NULL;
	struct note n = { .column = 0 };
	enum err got = cedar_entities_read(cedar_scene_json(&kit, json), s, &kit.memory, &e, &n);

	cr_assert_eq(got, expected, "%s: %s: %s", json, err_name(got), n.text);
	cr_assert(str_has(str_view(n.text), str_view(part)), "%s: %s", json, n.text);
	cr_assert(n.line == 1 && n.column > 0, "%s has no place", n.text);
	cr_assert_null(e);
}

static void accept(const char *json, const struct cedar_schema *s)
{
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_entities_read(cedar_scene_json(&kit, json), s, &kit.memory,
					 &kit.entities, &n),
		     OK, "%s: %u: %s", json, n.column, n.text);
}

Test(cedar_entities, attributes_tags_and_parents_are_read)
{
	const struct cedar_entity *ann;

	cedar_scene_entities(&kit,
			     "[{'uid':{'__entity':{'type':'User','id':'ann'}},'attrs':{'age':30,"
			     "'ip':{'__extn':{'fn':'ip','arg':'::1'}}},'parents':[{'type':'G',"
			     "'id':'g'}],'tags':{'t':'v'}}]");
	ann = find("User::'ann'");
	cr_assert(ann);
	cr_assert_eq(cedar_value_get(&ann->attrs, STR("age"))->integer, 30);
	cr_assert_eq(cedar_value_get(&ann->attrs, STR("ip"))->kind, CEDAR_IP);
	cr_assert(str_is(cedar_value_get(&ann->tags, STR("t"))->string, "v"));
	cr_assert_eq(ann->ancestor_count, 1);
	cr_assert_null(find("G::'g'"), "a parent that is only named is no entity");
	cr_assert_null(find("User::'bob'"));
}

Test(cedar_entities, none_and_an_empty_list_have_nobody)
{
	cr_assert_null(find("User::'ann'"));
	accept("[]", NULL);
	cr_assert_null(find("User::'ann'"));
}

/* {"__entity": ..} among the attributes is an attribute. */
Test(cedar_entities, attributes_are_no_escape)
{
	accept("[{'uid':{'type':'U','id':'a'},'attrs':{'__entity':{'type':'U','id':'b'}}}]", NULL);
	cr_assert_eq(find("U::'a'")->attrs.record.count, 1);
}

Test(cedar_entities, what_is_malformed_is_refused)
{
	refuse("{}", NULL, ERR_TYPE, "list of entities");
	refuse("[1]", NULL, ERR_TYPE, "found integer, expected an entity");
	refuse("[{}]", NULL, ERR_NOT_FOUND, "no uid");
	refuse("[{'uid':'a'}]", NULL, ERR_TYPE, "found string");
	refuse("[{'uid':{'type':'U','id':'a'},'parent':[]}]", NULL, ERR_UNKNOWN,
	       "is it \"parents\"");
	refuse("[{'uid':{'type':'U','id':'a'},'parents':{}}]", NULL, ERR_TYPE, "expected list");
	refuse("[{'uid':{'type':'U','id':'a'},'attrs':[]}]", NULL, ERR_TYPE, "expected object");
	refuse("[{'uid':{'type':'U','id':'a'},'tags':7}]", NULL, ERR_TYPE, "expected object");
	refuse("[{'uid':{'type':'U','id':'a'},'attrs':{'x':null}}]", NULL, ERR_TYPE, "null");
	refuse("[{'uid':{'type':'1','id':'a'}}]", NULL, ERR_SYNTAX, "'1'");
	refuse("[{'uid':{'type':'U','id':'a'}},{'uid':{'type':'U','id':'a'}}]", NULL, ERR_DUPLICATE,
	       "given twice");
	refuse("[{'uid':{'type':'Action','id':'a'},'parents':[{'type':'G','id':'x'}]}]", NULL,
	       ERR_TYPE, "a parent that is none");
}

static const char schema[] = "entity User in [Group] { age: Long, ip?: ipaddr } tags String;"
			     "entity Group; entity Color enum [\"red\", \"blue\"];"
			     "entity Shirt in [Color];"
			     "action all; action view in [all] appliesTo { principal: User,"
			     " resource: User };";

Test(cedar_entities, with_a_schema_values_are_read_by_type_and_actions_are_there)
{
	const struct cedar_schema *s = cedar_scene_schema(&kit, schema);

	accept("[{'uid':{'type':'User','id':'a'},'attrs':{'age':1,'ip':'::1'},'tags':{'x':'y'},"
	       "'parents':[{'type':'Group','id':'g'}]},{'uid':{'type':'Color','id':'red'}}]",
	       s);
	cr_assert_eq(cedar_value_get(&find("User::'a'")->attrs, STR("ip"))->kind, CEDAR_IP);
	cr_assert(find("Action::'view'"));
	cr_assert_eq(find("Action::'view'")->ancestor_count, 1);
	/* An action may be given as well, when it is as declared. */
	accept("[{'uid':{'type':'Action','id':'view'},'parents':[{'type':'Action','id':'all'}]}]",
	       s);
	cr_assert_eq(find("Action::'view'")->ancestor_count, 1);
}

Test(cedar_entities, what_a_schema_does_not_declare_is_refused)
{
	const struct cedar_schema *s = cedar_scene_schema(&kit, schema);

	refuse("[{'uid':{'type':'Usr','id':'a'}}]", s, ERR_UNKNOWN, "does not declare");
	refuse("[{'uid':{'type':'User','id':'a'}}]", s, ERR_NOT_FOUND, "age");
	refuse("[{'uid':{'type':'User','id':'a'},'attrs':{'age':'1'}}]", s, ERR_TYPE,
	       "found string, expected long");
	refuse("[{'uid':{'type':'User','id':'a'},'attrs':{'age':1,'size':1}}]", s, ERR_UNKNOWN,
	       "size");
	refuse("[{'uid':{'type':'User','id':'a'},'attrs':{'age':1},'tags':{'x':1}}]", s, ERR_TYPE,
	       "found long, expected string");
	refuse("[{'uid':{'type':'Group','id':'a'},'tags':{'x':'1'}}]", s, ERR_TYPE, "has tags");
	refuse("[{'uid':{'type':'User','id':'a'},'attrs':{'age':1},'parents':[{'type':'User','id':"
	       "'b'}]}]",
	       s, ERR_TYPE, "does not allow");
	refuse("[{'uid':{'type':'Color','id':'pink'}}]", s, ERR_UNKNOWN, "enumerates");
	refuse("[{'uid':{'type':'Shirt','id':'a'},'parents':[{'type':'Color','id':'pink'}]}]", s,
	       ERR_UNKNOWN, "enumerates");
	refuse("[{'uid':{'type':'Action','id':'edit'}}]", s, ERR_UNKNOWN, "no action");
	refuse("[{'uid':{'type':'Action','id':'all'},'attrs':{'a':1}}]", s, ERR_TYPE, "attributes");
	refuse("[{'uid':{'type':'Action','id':'view'}}]", s, ERR_TYPE, "other groups");
	refuse("[{'uid':{'type':'Action','id':'all'},'parents':[{'type':'Action','id':'view'}]}]",
	       s, ERR_TYPE, "its own ancestor");
}

Test(cedar_entities, memory_that_ends_is_an_error_wherever_it_ends)
{
	const struct value *json = cedar_scene_json(
		&kit, "[{'uid':{'type':'U','id':'a'},'attrs':{'x':[1,'t']},'tags':{'y':1},"
		      "'parents':[{'type':'U','id':'b'}]},{'uid':{'type':'U','id':'b'},'parents':["
		      "{'type':'U','id':'c'}]}]");

	for (size_t cap = 0;; cap += 48) {
		struct cedar_entities *e = NULL;
		struct arena a;
		enum err got;

		arena_init(&a, cap);
		got = cedar_entities_read(json, NULL, &a, &e, NULL);
		arena_fini(&a);
		if (got == OK)
			break;
		cr_assert_eq(got, ERR_MEMORY, "with %zu bytes: %s", cap, err_name(got));
		cr_assert_null(e);
	}
	for (uint64_t n = 1;; n++) {
		struct cedar_entities *e;
		struct arena a;
		enum err got;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		got = cedar_entities_read(json, NULL, &a, &e, NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(got, ERR_MEMORY);
	}
}
