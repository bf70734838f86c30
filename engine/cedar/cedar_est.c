/*
 * cedar_est: policies from JSON, by the same rules as from text. Bodies are cedar_est_expr's.
 *
 *   set    {"staticPolicies": {id: policy}, "templates": {id: policy},
 *           "templateLinks": [{"templateId", "newId", "values": {"?principal": entity}}]}
 *   policy {"effect", "principal", "action", "resource", "conditions": [{"kind", "body"}],
 *           "annotations": {name: text or null}}
 *   scope  {"op": "All"} {"op": "==" or "in", "entity" or "slot"} {"op": "in", "entities": []}
 *          {"op": "is", "entity_type", "in": {"entity" or "slot"}}
 *
 * Members that are not in the format are refused.
 *
 * Source: docs.cedarpolicy.com, "JSON policy format".
 */
#include "engine/cedar/inside.h"

/* --- JSON --- */

enum err cedar_est_kind(struct cedar_tree *t, const struct value *v, const char *expected)
{
	return note_set(t->note, ERR_TYPE, v->line, v->column, "found %s; expected %s",
			value_kind_name(v->kind), expected);
}

/* A missing member is named before an unknown one: the unknown one may be its typo. */
enum err cedar_est_fields(struct cedar_tree *t, const struct value *v, const char *const *names,
			  size_t required, const struct value *found[CEDAR_FIELDS_MOST])
{
	if (v->kind != VALUE_OBJECT)
		return cedar_est_kind(t, v, "an object");
	for (size_t i = 0; names[i]; i++) {
		found[i] = value_get_c(v, names[i]);
		if (!found[i] && i < required)
			return note_set(t->note, ERR_NOT_FOUND, v->line, v->column,
					"the member \"%s\" is missing", names[i]);
	}
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const char *meant;

		if (str_listed(m->key, names))
			continue;
		meant = str_nearest(m->key, names);
		return note_set(t->note, ERR_UNKNOWN, m->line, m->column,
				"the member \"%.*s\" has no place here%s%s%s", SHOWN(m->key),
				meant ? "; did you mean \"" : "", meant ? meant : "",
				meant ? "\"?" : "");
	}
	return OK;
}

/* Copied: strings of a document may borrow from its text. */
enum err cedar_est_text(struct cedar_tree *t, const struct value *v, struct str *ret)
{
	if (v->kind != VALUE_STRING)
		return cedar_est_kind(t, v, "a string");
	return arena_copy(t->memory, v->string, ret);
}

enum err cedar_est_type(struct cedar_tree *t, const struct value *v, struct str *ret)
{
	TRY(cedar_est_text(t, v, ret));
	if (cedar_path_ok(*ret))
		return OK;
	return note_set(t->note, ERR_SYNTAX, v->line, v->column,
			"'%.*s' is not the name of an entity type", SHOWN(*ret));
}

/* --- policies --- */

static enum err read_annotations(struct cedar_tree *t, const struct value *v,
				 struct cedar_policy *policy)
{
	struct cedar_note *notes;

	if (v->kind != VALUE_OBJECT)
		return cedar_est_kind(t, v, "an object of annotations");
	if (v->object.count > LIMIT_CEDAR_ANNOTATIONS)
		return note_set(t->note, ERR_LIMIT, v->line, v->column,
				"a policy has at most %d annotations", LIMIT_CEDAR_ANNOTATIONS);
	notes = arena_array(t->memory, v->object.count, sizeof(*notes));
	if (!notes)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];

		if (!cedar_name_ok(m->key) && !cedar_reserved(m->key))
			return note_set(t->note, ERR_SYNTAX, m->line, m->column,
					"'%.*s' is not the name of an annotation", SHOWN(m->key));
		TRY(arena_copy(t->memory, m->key, &notes[i].key));
		notes[i].value = str_view("");
		if (m->value.kind != VALUE_NULL)
			TRY(cedar_est_text(t, &m->value, &notes[i].value));
	}
	policy->notes = notes;
	policy->note_count = v->object.count;
	return OK;
}

/* In the order of the list, as in text. */
static enum err read_conditions(struct cedar_tree *t, const struct value *v,
				struct cedar_policy *policy)
{
	static const char *const names[] = { "kind", "body", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	struct cedar_condition *conditions;

	if (v->kind != VALUE_LIST)
		return cedar_est_kind(t, v, "a list of conditions");
	conditions = arena_array(t->memory, v->list.count, sizeof(*conditions));
	if (!conditions)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++) {
		struct str kind;

		TRY(cedar_est_fields(t, &v->list.items[i], names, 2, found));
		kind = value_text(&v->list.items[i], "kind");
		conditions[i].unless = str_is(kind, "unless");
		if (!conditions[i].unless && !str_is(kind, "when"))
			return note_set(t->note, ERR_UNKNOWN, found[0]->line, found[0]->column,
					"expected \"when\" or \"unless\"");
		TRY(cedar_est_expr(t, found[1], &conditions[i].body));
	}
	policy->conditions = conditions;
	policy->condition_count = v->list.count;
	return OK;
}

/* What a scope compares with: {"entity"} or {"slot"}. Either may be NULL. */
static enum err read_place(struct cedar_tree *t, const struct value *at, const char *slot,
			   const struct value *entity, const struct value *slot_value,
			   struct cedar_scope *scope)
{
	struct str written = value_text(at, "slot");

	if (!entity == !slot_value)
		return note_set(t->note, ERR_TYPE, at->line, at->column,
				"expected one of the members \"entity\" and \"slot\"");
	if (entity)
		return cedar_uid_read_json(entity, t->memory, &scope->uid, t->note);
	if (!slot)
		return note_set(t->note, ERR_SYNTAX, slot_value->line, slot_value->column,
				"an action is no slot");
	if (!written.ptr || written.len == 0 || *written.ptr != '?' ||
	    !str_is(str_slice(written.ptr + 1, written.len - 1), slot))
		return note_set(t->note, ERR_SYNTAX, slot_value->line, slot_value->column,
				"the slot of this place is \"?%s\"", slot);
	scope->slot = true;
	return OK;
}

/* The list may be empty and then matches no action. */
static enum err read_action_list(struct cedar_tree *t, const struct value *v,
				 struct cedar_scope *scope)
{
	struct cedar_uid *list;

	if (v->kind != VALUE_LIST)
		return cedar_est_kind(t, v, "a list of actions");
	list = arena_array(t->memory, v->list.count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];

		TRY(cedar_uid_read_json(item, t->memory, &list[i], t->note));
		TRY(cedar_action_ok(list[i], item->line, item->column, t->note));
	}
	scope->listed = true;
	scope->list = list;
	scope->list_count = v->list.count;
	return OK;
}

enum { OP, ENTITY, SLOT, ENTITIES, TYPE, IN };

/* One action or several; never a slot. */
static enum err read_action(struct cedar_tree *t, const struct value *v,
			    const struct value *const *found, struct cedar_scope *scope)
{
	if (found[ENTITIES])
		return read_action_list(t, found[ENTITIES], scope);
	TRY(read_place(t, v, NULL, found[ENTITY], found[SLOT], scope));
	return cedar_action_ok(scope->uid, found[ENTITY]->line, found[ENTITY]->column, t->note);
}

/* {"op": "is"} has a type, and maybe a place inside of "in". */
static enum err read_is_scope(struct cedar_tree *t, const char *slot,
			      const struct value *const *found, struct cedar_scope *scope)
{
	static const char *const names[] = { "entity", "slot", NULL };
	const struct value *place[CEDAR_FIELDS_MOST];

	TRY(cedar_est_type(t, found[TYPE], &scope->type));
	if (!found[IN])
		return OK;
	scope->op = SCOPE_IS_IN;
	TRY(cedar_est_fields(t, found[IN], names, 0, place));
	return read_place(t, found[IN], slot, place[0], place[1], scope);
}

/* `slot` is the variable's name, which is the slot's; NULL: the action. */
static enum err read_scope(struct cedar_tree *t, const struct value *v, const char *slot,
			   struct cedar_scope *ret)
{
	static const char *const names[] = { "op",          "entity", "slot", "entities",
					     "entity_type", "in",     NULL };
	struct cedar_scope scope = { .line = v->line, .column = v->column };
	const struct value *found[CEDAR_FIELDS_MOST];
	struct str op;
	bool all, list, place, is;

	TRY(cedar_est_fields(t, v, names, 1, found));
	op = value_text(v, "op");
	all = str_is(op, "All") || str_is(op, "all");
	is = str_is(op, "is") && slot;
	place = str_is(op, "==") || str_is(op, "in");
	list = str_is(op, "in") && !slot && found[ENTITIES] && !found[ENTITY] && !found[SLOT];
	if (!all && !is && !place)
		return note_set(t->note, ERR_UNKNOWN, found[OP]->line, found[OP]->column,
				"expected the operator All, ==%s",
				slot ? ", in or is" : " or in: an action has no other");
	if ((found[ENTITIES] && !list) || (!place && (found[ENTITY] || found[SLOT])) ||
	    is != !!found[TYPE] || (!is && found[IN]))
		return note_set(t->note, ERR_TYPE, v->line, v->column,
				"these members do not belong to the operator \"%.*s\"", SHOWN(op));
	scope.op = all ? SCOPE_ANY : is ? SCOPE_IS : str_is(op, "in") ? SCOPE_IN : SCOPE_EQ;
	if (is)
		TRY(read_is_scope(t, slot, found, &scope));
	else if (place && !slot)
		TRY(read_action(t, v, found, &scope));
	else if (place)
		TRY(read_place(t, v, slot, found[ENTITY], found[SLOT], &scope));
	*ret = scope;
	return OK;
}

/* A policy without conditions says so with an empty list, so all five members are required. */
static enum err read_policy(struct cedar_tree *t, const struct value *v, struct str id,
			    const struct cedar_policy **ret)
{
	static const char *const names[] = { "effect",     "principal",   "action", "resource",
					     "conditions", "annotations", NULL };
	struct cedar_policy *policy = arena_alloc(t->memory, sizeof(*policy));
	const struct value *found[CEDAR_FIELDS_MOST];
	struct str effect;

	if (!policy)
		return ERR_MEMORY;
	TRY(arena_copy(t->memory, id, &policy->id));
	policy->line = v->line;
	policy->column = v->column;
	TRY(cedar_est_fields(t, v, names, 5, found));
	effect = value_text(v, "effect");
	policy->forbid = str_is(effect, "forbid");
	if (!policy->forbid && !str_is(effect, "permit"))
		return note_set(t->note, ERR_UNKNOWN, found[0]->line, found[0]->column,
				"expected the effect \"permit\" or \"forbid\"");
	TRY(read_scope(t, found[1], "principal", &policy->principal));
	TRY(read_scope(t, found[2], NULL, &policy->action));
	TRY(read_scope(t, found[3], "resource", &policy->resource));
	TRY(read_conditions(t, found[4], policy));
	if (found[5])
		TRY(read_annotations(t, found[5], policy));
	policy->wants_principal = policy->principal.slot;
	policy->wants_resource = policy->resource.slot;
	*ret = policy;
	return OK;
}

/* --- sets --- */

/* The policies of one member of the set; all have slots, or none has. */
static enum err read_policies(struct cedar_tree *t, const struct value *v, bool templates,
			      struct cedar_policies *set)
{
	if (v->kind != VALUE_OBJECT)
		return cedar_est_kind(t, v, "an object of policies by id");
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const struct cedar_policy *policy = NULL;

		TRY(read_policy(t, &m->value, m->key, &policy));
		if ((policy->wants_principal || policy->wants_resource) != templates)
			return note_set(t->note, ERR_TYPE, m->line, m->column,
					templates ? "the template '%.*s' has no slot"
						  : "the policy '%.*s' has a slot; it belongs to "
						    "\"templates\"",
					SHOWN(m->key));
		TRY(cedar_policies_add(set, policy, t->memory, t->note));
	}
	return OK;
}

/* cedar_link knows no places; the link's own is put where it left none. */
static enum err read_link(struct cedar_tree *t, const struct value *v, struct cedar_policies *set)
{
	static const char *const names[] = { "templateId", "newId", "values", NULL };
	static const char *const slots[] = { "?principal", "?resource", NULL };
	const struct value *found[CEDAR_FIELDS_MOST], *values[CEDAR_FIELDS_MOST];
	struct cedar_uid uids[2];
	struct str template_id, id;
	enum err e;

	TRY(cedar_est_fields(t, v, names, 3, found));
	TRY(cedar_est_text(t, found[0], &template_id));
	TRY(cedar_est_text(t, found[1], &id));
	TRY(cedar_est_fields(t, found[2], slots, 0, values));
	for (int i = 0; i < 2; i++)
		if (values[i])
			TRY(cedar_uid_read_json(values[i], t->memory, &uids[i], t->note));
	e = cedar_link(set, template_id, id, values[0] ? &uids[0] : NULL,
		       values[1] ? &uids[1] : NULL, t->memory, t->note);
	if (e != OK && t->note && t->note->line == 0) {
		t->note->line = v->line;
		t->note->column = v->column;
	}
	return e;
}

/* A policy by itself is told from a set by its effect. Links come last: they need the templates. */
static enum err read_all(struct cedar_tree *t, const struct value *v, struct cedar_policies *set)
{
	static const char *const names[] = { "staticPolicies", "templates", "templateLinks", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_policy *policy = NULL;

	if (value_get_c(v, "effect")) {
		TRY(read_policy(t, v, STR("policy0"), &policy));
		return cedar_policies_add(set, policy, t->memory, t->note);
	}
	TRY(cedar_est_fields(t, v, names, 1, found));
	TRY(read_policies(t, found[0], false, set));
	if (found[1])
		TRY(read_policies(t, found[1], true, set));
	if (!found[2])
		return OK;
	if (found[2]->kind != VALUE_LIST)
		return cedar_est_kind(t, found[2], "a list of links");
	for (size_t i = 0; i < found[2]->list.count; i++)
		TRY(read_link(t, &found[2]->list.items[i], set));
	return OK;
}

enum err cedar_policies_read_json(const struct value *set, struct arena *memory,
				  struct cedar_policies **ret, struct note *n)
{
	struct cedar_tree t = { .memory = memory, .note = n };
	struct arena_mark before = arena_mark(memory);
	struct cedar_policies *made;
	enum err e = cedar_policies_new(memory, &made);

	if (e == OK)
		e = read_all(&t, set, made);
	if (e == OK)
		e = cedar_index_refresh(made, memory);
	if (e == OK)
		*ret = made;
	else
		arena_rewind(memory, before);
	return e;
}
