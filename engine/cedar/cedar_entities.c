/*
 * cedar_entities: entities from JSON, and what evaluation asks of them.
 *
 *   [{"uid": {"type","id"}, "attrs": {..}, "parents": [{"type","id"} ..], "tags": {..}}, ..]
 *
 * Whoever is named, as an entity or as a parent, is a node of `nodes`; hierarchies are sorted
 * numbers of nodes. A parent need not be given itself, then it has no parents of its own.
 *
 * Source of the format: docs.cedarpolicy.com, "Entities and context JSON".
 */
#include "engine/cedar/typing.h"

struct loader {
	const struct cedar_schema *schema;
	struct arena *memory;
	struct note *note;
	struct cedar_entities *made;
	struct cedar_parents *parents;               /* of each entity */
	const struct value **places;                 /* where each stands; NULL: in the schema */
};

/* --- looking up --- */

const struct cedar_entity *cedar_entity_find(const struct cedar_entities *e,
					     const struct cedar_uid *uid)
{
	uint32_t node = cedar_table_find(&e->nodes, 0, uid);

	return node == CEDAR_NOWHERE || !e->given[node] ? NULL : &e->entities[e->given[node] - 1];
}

bool cedar_entity_has_ancestor(const struct cedar_entities *e, const struct cedar_entity *entity,
			       const struct cedar_uid *ancestor)
{
	size_t low = 0, high = entity->ancestor_count;
	uint32_t node;

	if (high == 0)
		return false;
	node = cedar_table_find(&e->nodes, 0, ancestor);
	while (node != CEDAR_NOWHERE && low < high) {
		size_t middle = low + (high - low) / 2;

		if (entity->ancestors[middle] == node)
			return true;
		if (entity->ancestors[middle] < node)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Reflexive, also for entities that nobody gave. */
bool cedar_entity_in(const struct cedar_entities *e, const struct cedar_uid *uid,
		     const struct cedar_uid *ancestor)
{
	const struct cedar_entity *entity;

	if (cedar_uid_eq(uid, ancestor))
		return true;
	entity = cedar_entity_find(e, uid);
	return entity && cedar_entity_has_ancestor(e, entity, ancestor);
}

/* --- one entity --- */

static enum err refuse(const struct loader *l, const struct value *place, enum err e,
		       const struct cedar_uid *uid, const char *why)
{
	return note_set(l->note, e, place->line, place->column, "the entity %.*s::\"%.*s\" %s",
			SHOWN(uid->type), SHOWN(uid->id), why);
}

/* NULL where it is absent, which is as good as empty; or where *e says that it is another thing. */
static const struct value *member(const struct loader *l, const struct value *json,
				  const char *name, enum value_kind kind, enum err *e)
{
	const struct value *found = value_get_c(json, name);

	if (!found || found->kind == kind)
		return found;
	*e = note_set(l->note, ERR_TYPE, found->line, found->column,
		      "found %s, expected %s as \"%s\" of an entity",
		      value_kind_name(found->kind), value_kind_name(kind), name);
	return NULL;
}

/* A record whose members are all of one type; NULL: of any. */
static enum err read_members(const struct loader *l, const struct value *json,
			     const struct cedar_type *type, struct cedar_value *ret)
{
	size_t count = json ? json->object.count : 0;
	struct cedar_attr *attrs = arena_array(l->memory, count, sizeof(*attrs));

	if (!attrs)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const struct member *m = &json->object.members[i];

		TRY(cedar_value_read(&m->value, type, LIMIT_TREE_DEPTH, l->memory, &attrs[i].value,
				     l->note));
		TRY(arena_copy(l->memory, m->key, &attrs[i].name));
	}
	cedar_record_make(attrs, count, ret);
	return OK;
}

/* By the schema's type of the entity, which is NULL without a schema and for actions. */
static enum err read_content(const struct loader *l, const struct value *json,
			     const struct cedar_entity_type *type, struct cedar_entity *ret)
{
	const struct value nothing = {
		.kind = VALUE_OBJECT, .line = json->line, .column = json->column
	};
	enum err e = OK;
	const struct value *attrs = member(l, json, "attrs", VALUE_OBJECT, &e);
	const struct value *tags = member(l, json, "tags", VALUE_OBJECT, &e);

	TRY(e);
	if (type && type->attrs)
		TRY(cedar_value_read(attrs ? attrs : &nothing, type->attrs, LIMIT_TREE_DEPTH,
				     l->memory, &ret->attrs, l->note));
	else
		TRY(read_members(l, attrs, NULL, &ret->attrs));
	if (type && !type->tags && tags && tags->object.count)
		return refuse(l, tags, ERR_TYPE, &ret->uid,
			      "has tags, and the schema declares none for its type");
	return read_members(l, tags, type ? type->tags : NULL, &ret->tags);
}

static enum err read_parents(const struct loader *l, const struct value *json,
			     struct cedar_parents *ret)
{
	enum err e = OK;
	const struct value *list = member(l, json, "parents", VALUE_LIST, &e);
	size_t count = list ? list->list.count : 0;
	struct cedar_uid *uids = arena_array(l->memory, count, sizeof(*uids));

	TRY(e);
	if (!uids)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		TRY(cedar_uid_read_json(&list->list.items[i], l->memory, &uids[i], l->note));
	*ret = (struct cedar_parents){ uids, count };
	return OK;
}

/* Misspelt "parents" would leave an entity out of the groups that a forbid names. */
static enum err check_members(const struct loader *l, const struct value *json)
{
	static const char *const names[] = { "uid", "attrs", "parents", "tags", NULL };

	if (json->kind != VALUE_OBJECT)
		return note_set(l->note, ERR_TYPE, json->line, json->column,
				"found %s, expected an entity: an object with uid, attrs, parents",
				value_kind_name(json->kind));
	for (size_t i = 0; i < json->object.count; i++) {
		const struct member *m = &json->object.members[i];
		const char *near = str_nearest(m->key, names);
		bool known = near && str_is(m->key, near);

		if (!known)
			return note_set(l->note, ERR_UNKNOWN, m->line, m->column,
					"an entity has no member \"%.*s\"%s%s%s", SHOWN(m->key),
					near ? "; is it \"" : "", near ? near : "",
					near ? "\"?" : "");
	}
	if (!value_get_c(json, "uid"))
		return note_set(l->note, ERR_NOT_FOUND, json->line, json->column,
				"the entity has no uid");
	return OK;
}

/* --- what a schema demands --- */

/* An action's own hierarchy is compared when it is closed. */
static enum err check_action(const struct loader *l, const struct value *place,
			     const struct cedar_entity *entity, const struct cedar_parents *parents)
{
	if (l->schema && !cedar_schema_action(l->schema, &entity->uid))
		return refuse(l, place, ERR_UNKNOWN, &entity->uid, "is no action of the schema");
	if (l->schema && (entity->attrs.record.count || entity->tags.record.count))
		return refuse(l, place, ERR_TYPE, &entity->uid,
			      "is an action with attributes, which no schema declares");
	for (size_t i = 0; i < parents->count; i++)
		if (!cedar_is_action_type(parents->uids[i].type))
			return refuse(l, place, ERR_TYPE, &entity->uid,
				      "is an action with a parent that is none");
	return OK;
}

static enum err check_id(const struct loader *l, const struct value *place,
			 const struct cedar_entity_type *type, const struct cedar_uid *uid)
{
	if (type && type->enumeration && !cedar_schema_lists(type->ids, type->id_count, uid->id))
		return refuse(l, place, ERR_UNKNOWN, uid, "is none of those its type enumerates");
	return OK;
}

/*
 * Policies are valid for what the schema says of types; an entity that is otherwise would make them
 * err, and a forbid that errs is skipped.
 */
static enum err check_typed(const struct loader *l, const struct value *place,
			    const struct cedar_entity_type *type,
			    const struct cedar_entity *entity, const struct cedar_parents *parents)
{
	TRY(check_id(l, place, type, &entity->uid));
	for (size_t i = 0; i < parents->count; i++) {
		const struct cedar_uid *parent = &parents->uids[i];

		if (!cedar_schema_lists(type->parents, type->parent_count, parent->type))
			return refuse(l, place, ERR_TYPE, &entity->uid,
				      "has a parent of a type that the schema does not allow");
		TRY(check_id(l, place, cedar_schema_type(l->schema, parent->type), parent));
	}
	return OK;
}

static enum err read_entity(struct loader *l, const struct value *json)
{
	size_t number = l->made->count;
	struct cedar_entity *entity = &l->made->entities[number];
	struct cedar_parents *parents = &l->parents[number];
	const struct cedar_entity_type *type = NULL;

	TRY(check_members(l, json));
	TRY(cedar_uid_read_json(value_get_c(json, "uid"), l->memory, &entity->uid, l->note));
	if (l->schema && !cedar_is_action_type(entity->uid.type)) {
		type = cedar_schema_type(l->schema, entity->uid.type);
		if (!type)
			return refuse(l, json, ERR_UNKNOWN, &entity->uid,
				      "is of a type that the schema does not declare");
	}
	TRY(read_content(l, json, type, entity));
	TRY(read_parents(l, json, parents));
	if (type)
		TRY(check_typed(l, json, type, entity, parents));
	else if (cedar_is_action_type(entity->uid.type))
		TRY(check_action(l, json, entity, parents));
	l->places[number] = json;
	l->made->count++;
	return OK;
}

/* --- all of them --- */

/* Every uid that is named, with doubles, becomes a key. */
static enum err number_nodes(const struct loader *l)
{
	struct cedar_entities *made = l->made;
	size_t count = made->count, at = 0;
	struct cedar_key *keys;

	for (size_t i = 0; i < made->count; i++)
		count += l->parents[i].count;
	keys = arena_array(l->memory, count, sizeof(*keys));
	if (!keys)
		return ERR_MEMORY;
	for (size_t i = 0; i < made->count; i++) {
		keys[at++] = cedar_key(0, made->entities[i].uid);
		for (size_t p = 0; p < l->parents[i].count; p++)
			keys[at++] = cedar_key(0, l->parents[i].uids[p]);
	}
	TRY(cedar_table_build(keys, count, l->memory, &made->nodes));
	made->given = arena_array(l->memory, made->nodes.count, sizeof(*made->given));
	return made->given ? OK : ERR_MEMORY;
}

/* The schema's actions are entities too; those that were given stay as they are. */
static enum err add_actions(struct loader *l)
{
	for (size_t i = 0; l->schema && i < l->schema->action_count; i++) {
		const struct cedar_action *action = &l->schema->actions[i];
		struct cedar_entity *entity = &l->made->entities[l->made->count];
		uint32_t node = cedar_table_find(&l->made->nodes, 0, &action->uid);

		if (node != CEDAR_NOWHERE && l->made->given[node])
			continue;
		entity->uid = action->uid;
		cedar_record_make(NULL, 0, &entity->attrs);
		cedar_record_make(NULL, 0, &entity->tags);
		l->parents[l->made->count] =
			(struct cedar_parents){ action->ancestors, action->ancestor_count };
		l->made->count++;
	}
	return OK;
}

/* Which entity each node is. Two of one uid could differ, and order would decide. */
static enum err mark_given(const struct loader *l)
{
	for (size_t i = 0; i < l->made->count; i++) {
		const struct cedar_uid *uid = &l->made->entities[i].uid;
		uint32_t *given = &l->made->given[cedar_table_find(&l->made->nodes, 0, uid)];

		if (*given)
			return refuse(l, l->places[i], ERR_DUPLICATE, uid, "is given twice");
		*given = (uint32_t)i + 1;
	}
	return OK;
}

static enum err check_actions(const struct loader *l)
{
	for (size_t i = 0; l->schema && i < l->made->count; i++) {
		const struct cedar_entity *entity = &l->made->entities[i];
		const struct cedar_action *action = NULL;
		bool same;

		if (!l->places[i] || !cedar_is_action_type(entity->uid.type))
			continue;
		action = cedar_schema_action(l->schema, &entity->uid);
		same = action && action->ancestor_count == entity->ancestor_count;
		for (size_t a = 0; same && a < action->ancestor_count; a++)
			same = cedar_entity_has_ancestor(l->made, entity, &action->ancestors[a]);
		if (!same)
			return refuse(l, l->places[i], ERR_TYPE, &entity->uid,
				      "stands in other groups of actions than the schema says");
	}
	return OK;
}

static enum err start(struct loader *l, size_t count)
{
	size_t room = count + (l->schema ? l->schema->action_count : 0);

	if (room >= UINT32_MAX)
		return ERR_LIMIT;
	l->made = arena_alloc(l->memory, sizeof(*l->made));
	l->parents = arena_array(l->memory, room, sizeof(*l->parents));
	l->places = arena_array(l->memory, room, sizeof(*l->places));
	if (!l->made || !l->parents || !l->places)
		return ERR_MEMORY;
	l->made->entities = arena_array(l->memory, room, sizeof(*l->made->entities));
	return l->made->entities ? OK : ERR_MEMORY;
}

/* Actions of the schema bring names that were not there before, so nodes are numbered again. */
static enum err finish(struct loader *l)
{
	TRY(number_nodes(l));
	TRY(mark_given(l));
	if (l->schema) {
		TRY(add_actions(l));
		TRY(number_nodes(l));
		TRY(mark_given(l));
	}
	TRY(cedar_hierarchy_close(l->made, l->parents, l->places, l->memory, l->note));
	return check_actions(l);
}

enum err cedar_entities_read(const struct value *list, const struct cedar_schema *s,
			     struct arena *memory, struct cedar_entities **ret, struct note *n)
{
	struct loader l = { .schema = s, .memory = memory, .note = n };

	if (list->kind != VALUE_LIST)
		return note_set(n, ERR_TYPE, list->line, list->column,
				"found %s, expected a list of entities",
				value_kind_name(list->kind));
	TRY(start(&l, list->list.count));
	for (size_t i = 0; i < list->list.count; i++)
		TRY(read_entity(&l, &list->list.items[i]));
	TRY(finish(&l));
	*ret = l.made;
	return OK;
}

struct cedar_entities *cedar_entities_none(struct arena *memory)
{
	return arena_alloc(memory, sizeof(struct cedar_entities));
}
