/*
 * cedar_schema_json: schemas as programs write them.
 *
 *   { namespace: { "entityTypes": { name: entity }, "actions": { id: action },
 *                  "commonTypes": { name: type }, "annotations": {..} }, .. }
 *
 *   entity  { "memberOfTypes": [path ..], "shape": type, "tags": type } | { "enum": [id ..] }
 *   action  { "memberOf": [{ "id", "type" } ..], "appliesTo": { "principalTypes": [path ..],
 *             "resourceTypes": [path ..], "context": type } }
 *   type    { "type": "Set", "element": type } | { "type": "Record", "attributes": { name: type } }
 *           | { "type": "Entity" | "EntityOrCommon" | "Extension", "name": path }
 *           | { "type": "String" | "Long" | "Boolean" } | { "type": path of a common type }
 *
 * An attribute's type may say "required": false. Members that are not named here are refused, open
 * records ("additionalAttributes": true) and attributes of actions too, since Cedar does not let
 * them be. Source: docs.cedarpolicy.com/schema/json-schema.html.
 */
#include "engine/cedar/declared.h"

struct reader {
	struct cedar_declared *declared;
	struct arena *memory;
	struct note *note;
};

static const char *const space_members[] = {
	"entityTypes", "actions", "commonTypes", "annotations", NULL,
};
static const char *const entity_members[] = {
	"memberOfTypes", "shape", "tags", "annotations", NULL,
};
static const char *const enum_members[] = { "enum", "annotations", NULL };
static const char *const action_members[] = {
	"memberOf", "appliesTo", "attributes", "annotations", NULL,
};
static const char *const use_members[] = { "principalTypes", "resourceTypes", "context", NULL };
static const char *const group_members[] = { "id", "type", NULL };

/* What may stand beside "type"; `wanted` must. */
static const struct form {
	const char *type, *wanted;
	const char *members[3];
} forms[] = {
	{ "String", NULL, { NULL } },
	{ "Long", NULL, { NULL } },
	{ "Boolean", NULL, { NULL } },
	{ "Set", "element", { "element", NULL } },
	{ "Record", "attributes", { "attributes", "additionalAttributes", NULL } },
	{ "Entity", "name", { "name", NULL } },
	{ "EntityOrCommon", "name", { "name", NULL } },
	{ "Extension", "name", { "name", NULL } },
};

static enum err read_type(struct reader *r, const struct value *v, bool attribute, unsigned depth,
			  struct cedar_declared_type **ret);

static struct cedar_place place_of(const struct value *v)
{
	return (struct cedar_place){ v->line, v->column };
}

/* The one sentence for a value of another kind than the format has there. */
static enum err wrong(struct reader *r, const struct value *v, const char *expected)
{
	return note_set(r->note, ERR_TYPE, v->line, v->column, "found %s; expected %s",
			value_kind_name(v->kind), expected);
}

/* An object with no members but these. */
static enum err check_members(struct reader *r, const struct value *v, const char *what,
			      const char *const *names)
{
	if (v->kind != VALUE_OBJECT)
		return wrong(r, v, what);
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const char *near;

		if (str_listed(m->key, names))
			continue;
		near = str_nearest(m->key, names);
		if (near)
			return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
					"'%.*s' is no member of %s; did you mean '%s'?",
					SHOWN(m->key), what, near);
		return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
				"'%.*s' is no member of %s", SHOWN(m->key), what);
	}
	return OK;
}

/* The member; NULL when it is not there or null. */
static const struct value *member(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind != VALUE_NULL ? m : NULL;
}

static enum err require(struct reader *r, const struct value *v, const char *key,
			enum value_kind kind, const struct value **ret)
{
	*ret = value_get_c(v, key);
	if (!*ret)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"the member '%s' is missing", key);
	if ((*ret)->kind != kind)
		return note_set(r->note, ERR_TYPE, (*ret)->line, (*ret)->column,
				"'%s': expected %s; found %s", key, value_kind_name(kind),
				value_kind_name((*ret)->kind));
	return OK;
}

/* Nothing here asks for annotations, but a schema with wrong ones is no schema. */
static enum err check_annotations(struct reader *r, const struct value *v)
{
	const struct value *notes = value_get_c(v, "annotations");

	if (!notes)
		return OK;
	if (notes->kind != VALUE_OBJECT)
		return wrong(r, notes, "an object of annotations");
	for (size_t i = 0; i < notes->object.count; i++) {
		const struct member *m = &notes->object.members[i];
		const struct value *text = &m->value;

		if (!cedar_name_ok(m->key) && !cedar_reserved(m->key))
			return note_set(r->note, ERR_SYNTAX, m->line, m->column,
					"'%.*s' is no name of an annotation", SHOWN(m->key));
		if (text->kind != VALUE_STRING && text->kind != VALUE_NULL)
			return wrong(r, text, "the annotation's text");
	}
	return OK;
}

/* Names of the language's own types are the only paths that begin with a reserved word. */
static enum err read_path(struct reader *r, struct str text, struct cedar_place place,
			  struct str *ret)
{
	struct str rest = str_starts(text, STR("__cedar::"))
				  ? str_slice(text.ptr + 9, text.len - 9)
				  : text;

	if (!cedar_path_ok(rest))
		return note_set(r->note, ERR_SYNTAX, place.line, place.column,
				"'%.*s' is no name; expected a name like Ns::Name", SHOWN(text));
	return arena_copy(r->memory, text, ret);
}

static enum err read_name(struct reader *r, struct str text, struct cedar_place place,
			  struct str *ret)
{
	if (!cedar_name_ok(text))
		return note_set(
			r->note, ERR_SYNTAX, place.line, place.column,
			"'%.*s' is no name; names are of letters, digits and _, and no word "
			"of the language",
			SHOWN(text));
	return arena_copy(r->memory, text, ret);
}

/* --- lists of names --- */

typedef enum err mention_reader(struct reader *r, const struct value *v, struct cedar_mention *m);

static enum err entity_mention(struct reader *r, const struct value *v, struct cedar_mention *m)
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, "the name of an entity type");
	return read_path(r, v->string, m->place, &m->path);
}

static enum err id_mention(struct reader *r, const struct value *v, struct cedar_mention *m)
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, "an id");
	return arena_copy(r->memory, v->string, &m->id);
}

/* The type of the group's action may be left out, and is then that of the own namespace. */
static enum err group_mention(struct reader *r, const struct value *v, struct cedar_mention *m)
{
	const struct value *id, *type;

	TRY(check_members(r, v, "an action's group", group_members));
	TRY(require(r, v, "id", VALUE_STRING, &id));
	TRY(arena_copy(r->memory, id->string, &m->id));
	type = member(v, "type");
	return type ? entity_mention(r, type, m) : OK;
}

/* `list` NULL: none. */
static enum err read_list(struct reader *r, const struct value *list, mention_reader *one,
			  struct cedar_mention **ret)
{
	struct cedar_mention **end = ret;

	if (!list)
		return OK;
	if (list->kind != VALUE_LIST)
		return wrong(r, list, "a list");
	for (size_t i = 0; i < list->list.count; i++) {
		const struct value *v = &list->list.items[i];
		struct cedar_mention *m = arena_alloc(r->memory, sizeof(*m));

		if (!m)
			return ERR_MEMORY;
		m->place = place_of(v);
		TRY(one(r, v, m));
		*end = m;
		end = &m->next;
	}
	return OK;
}

/* --- types --- */

/* The members that go with the value of "type"; a common type's name goes with none. */
static enum err check_form(struct reader *r, const struct value *v, struct str type, bool attribute)
{
	const char *names[8] = { "type" };
	const char *what = attribute ? "the type of an attribute" : "a type";
	size_t count = 1;

	if (attribute) {
		names[count++] = "required";
		names[count++] = "annotations";
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!str_is(type, forms[i].type))
			continue;
		for (const char *const *m = forms[i].members; *m; m++)
			names[count++] = *m;
		if (forms[i].wanted && !value_get_c(v, forms[i].wanted))
			return note_set(r->note, ERR_SYNTAX, v->line, v->column,
					"%s lacks its '%s'", forms[i].type, forms[i].wanted);
	}
	return check_members(r, v, what, names);
}

/* The type of an attribute has "required" and "annotations" among its own members. */
static enum err read_field(struct reader *r, const struct member *m, unsigned depth,
			   struct cedar_declared_field *field)
{
	const struct value *required = value_get_c(&m->value, "required");

	field->place = (struct cedar_place){ m->line, m->column };
	if (required && required->kind != VALUE_BOOL)
		return wrong(r, required, "true or false");
	field->optional = required && !required->boolean;
	TRY(arena_copy(r->memory, m->key, &field->name));
	TRY(read_type(r, &m->value, true, depth, &field->type));
	return check_annotations(r, &m->value);
}

static enum err read_record(struct reader *r, const struct value *v, unsigned depth,
			    struct cedar_declared_type *type)
{
	const struct value *open = value_get_c(v, "additionalAttributes"), *attributes;
	struct cedar_declared_field **end = &type->fields;

	TRY(require(r, v, "attributes", VALUE_OBJECT, &attributes));
	if (open && (open->kind != VALUE_BOOL || open->boolean))
		return note_set(r->note, ERR_SYNTAX, open->line, open->column,
				"records with attributes that are not declared are not in Cedar; "
				"expected false");
	type->form = DECLARED_RECORD;
	type->field_count = attributes->object.count;
	for (size_t i = 0; i < type->field_count; i++) {
		struct cedar_declared_field *field = arena_alloc(r->memory, sizeof(*field));

		if (!field)
			return ERR_MEMORY;
		TRY(read_field(r, &attributes->object.members[i], depth, field));
		*end = field;
		end = &field->next;
	}
	return OK;
}

/* Entity, EntityOrCommon, Extension. */
static enum err read_named(struct reader *r, const struct value *v, struct str form,
			   struct cedar_declared_type *type)
{
	const struct value *name;

	TRY(require(r, v, "name", VALUE_STRING, &name));
	type->place = place_of(name);
	if (!str_is(form, "Extension")) {
		type->form = str_is(form, "Entity") ? DECLARED_ENTITY : DECLARED_NAME;
		return read_path(r, name->string, type->place, &type->path);
	}
	type->form = DECLARED_BUILTIN;
	if (!cedar_builtin_type(name->string, &type->kind) || type->kind < TYPE_DECIMAL)
		return note_set(r->note, ERR_UNKNOWN, name->line, name->column,
				"there is no extension type '%.*s'; expected ipaddr, decimal, "
				"datetime or duration",
				SHOWN(name->string));
	return OK;
}

static enum err read_any_type(struct reader *r, const struct value *v, bool attribute,
			      unsigned depth, struct cedar_declared_type *type)
{
	const struct value *word;
	struct str form;

	if (v->kind != VALUE_OBJECT)
		return wrong(r, v, "a type, like {\"type\": \"String\"}");
	TRY(require(r, v, "type", VALUE_STRING, &word));
	form = word->string;
	TRY(check_form(r, v, form, attribute));
	type->place = place_of(word);
	type->form = DECLARED_BUILTIN;
	if (str_is(form, "Record"))
		return read_record(r, v, depth, type);
	if (str_is(form, "Entity") || str_is(form, "EntityOrCommon") || str_is(form, "Extension"))
		return read_named(r, v, form, type);
	if (str_is(form, "Boolean"))
		type->kind = TYPE_BOOL;
	else if (str_is(form, "Long"))
		type->kind = TYPE_LONG;
	else if (str_is(form, "String"))
		type->kind = TYPE_STRING;
	else
		type->form = str_is(form, "Set") ? DECLARED_SET : DECLARED_COMMON;
	if (type->form == DECLARED_SET)
		return read_type(r, value_get_c(v, "element"), false, depth, &type->element);
	if (type->form == DECLARED_COMMON)
		return read_path(r, form, type->place, &type->path);
	return OK;
}

static enum err read_type(struct reader *r, const struct value *v, bool attribute, unsigned depth,
			  struct cedar_declared_type **ret)
{
	struct cedar_declared_type *type = arena_alloc(r->memory, sizeof(*type));

	if (!type)
		return ERR_MEMORY;
	if (depth >= LIMIT_EXPR_DEPTH)
		return note_set(r->note, ERR_LIMIT, v->line, v->column,
				"types nested deeper than %d levels", LIMIT_EXPR_DEPTH);
	TRY(read_any_type(r, v, attribute, depth + 1, type));
	*ret = type;
	return OK;
}

/* --- declarations --- */

static enum err read_common(struct reader *r, const struct member *m, struct cedar_declaration *d)
{
	d->what = DECLARES_TYPE;
	/* A common type may carry annotations beside its members, as an attribute does. */
	TRY(read_type(r, &m->value, true, 0, &d->type));
	return check_annotations(r, &m->value);
}

static enum err read_entity(struct reader *r, const struct member *m, struct cedar_declaration *d)
{
	const struct value *v = &m->value, *ids = value_get_c(v, "enum");
	const struct value *shape = value_get_c(v, "shape"), *tags = value_get_c(v, "tags");

	d->what = DECLARES_ENTITY;
	d->enumeration = ids != NULL;
	TRY(check_members(r, v, "an entity type", ids ? enum_members : entity_members));
	TRY(check_annotations(r, v));
	if (ids) {
		TRY(read_list(r, ids, id_mention, &d->ids));
		return d->ids ? OK : wrong(r, ids, "at least one id");
	}
	TRY(read_list(r, value_get_c(v, "memberOfTypes"), entity_mention, &d->parents));
	if (shape)
		TRY(read_type(r, shape, false, 0, &d->type));
	return tags ? read_type(r, tags, false, 0, &d->tags) : OK;
}

/* Both lists have to be there, and may be empty: an action may apply to nothing. */
static enum err read_uses(struct reader *r, const struct value *v, struct cedar_declaration *d)
{
	const struct value *context = value_get_c(v, "context"), *principals, *resources;

	TRY(check_members(r, v, "what an action applies to", use_members));
	TRY(require(r, v, "principalTypes", VALUE_LIST, &principals));
	TRY(require(r, v, "resourceTypes", VALUE_LIST, &resources));
	TRY(read_list(r, principals, entity_mention, &d->principals));
	TRY(read_list(r, resources, entity_mention, &d->resources));
	return context ? read_type(r, context, false, 0, &d->type) : OK;
}

static enum err read_action(struct reader *r, const struct member *m, struct cedar_declaration *d)
{
	const struct value *v = &m->value, *uses = member(v, "appliesTo");
	const struct value *attributes = member(v, "attributes");

	d->what = DECLARES_ACTION;
	TRY(check_members(r, v, "an action", action_members));
	TRY(check_annotations(r, v));
	if (attributes && (attributes->kind != VALUE_OBJECT || attributes->object.count))
		return note_set(r->note, ERR_SYNTAX, attributes->line, attributes->column,
				"actions have no attributes");
	TRY(read_list(r, member(v, "memberOf"), group_mention, &d->parents));
	return uses ? read_uses(r, uses, d) : OK;
}

typedef enum err declaration_reader(struct reader *r, const struct member *m,
				    struct cedar_declaration *d);

/* Entity types, actions or common types: an object from names to what they are. */
static enum err read_section(struct reader *r, const struct value *v,
			     struct cedar_declared_space *space, declaration_reader *one)
{
	if (v->kind != VALUE_OBJECT)
		return wrong(r, v, "an object of declarations");
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		struct cedar_declaration d = { .place = { m->line, m->column } };

		TRY(one(r, m, &d));
		/* The id of an action may be any text. */
		if (d.what == DECLARES_ACTION)
			TRY(arena_copy(r->memory, m->key, &d.name));
		else
			TRY(read_name(r, m->key, d.place, &d.name));
		TRY(cedar_declare(r->declared, space, &d));
	}
	return OK;
}

/* The empty key stands for what is in no namespace. */
static enum err read_space(struct reader *r, const struct member *m)
{
	struct cedar_declared_space *space = &r->declared->root;
	const struct value *v = &m->value, *entities, *actions;
	const struct value *commons = value_get_c(v, "commonTypes");
	struct cedar_place place = { m->line, m->column };
	struct str name;

	if (m->key.len) {
		if (!str_is(m->key, "__cedar"))
			TRY(read_path(r, m->key, place, &name));
		else
			name = m->key;
		TRY(cedar_declare_space(r->declared, name, place, &space));
	}
	TRY(check_members(r, v, "a namespace", space_members));
	TRY(check_annotations(r, v));
	TRY(require(r, v, "entityTypes", VALUE_OBJECT, &entities));
	TRY(require(r, v, "actions", VALUE_OBJECT, &actions));
	if (commons)
		TRY(read_section(r, commons, space, read_common));
	TRY(read_section(r, entities, space, read_entity));
	return read_section(r, actions, space, read_action);
}

enum err cedar_schema_read_json(const struct value *schema, struct arena *memory,
				struct cedar_schema **ret, struct note *n)
{
	struct cedar_declared declared;
	struct reader r = { &declared, memory, n };

	cedar_declared_init(&declared, memory, n);
	if (schema->kind != VALUE_OBJECT)
		return wrong(&r, schema,
			     "a schema, {\"\": {\"entityTypes\": {}, \"actions\": {}}}");
	for (size_t i = 0; i < schema->object.count; i++)
		TRY(read_space(&r, &schema->object.members[i]));
	return cedar_schema_resolve(&declared, ret);
}
