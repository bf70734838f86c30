/*
 * cedar_schema: what the names of a schema mean, and the types behind them.
 *
 * A name without `::` that stands in namespace N means N's declaration, else the one outside of all
 * namespaces, else the language's own type; with `::` it is taken as it is. At each step a common
 * type comes before an entity type. So that a name never changes its meaning by what is added
 * elsewhere, a namespace may not declare again what is declared outside of all (RFC 70).
 *
 * Common types are put in where they are used, as pointers to one resolved type; how deep that gets
 * is bounded, so whoever walks a type may recurse. It may still be a graph in which many ways lead
 * to one node: a walk that visits all ways has to count its steps.
 *
 * Sources: docs.cedarpolicy.com/schema; RFC 24 and 70 of cedar-policy/rfcs.
 */
#include <stdlib.h>

#include "engine/cedar/declared.h"

enum progress { UNTOUCHED = 0, UNDER_WAY, RESOLVED };

/* A declaration with its full name. */
struct known {
	const struct cedar_declaration *decl;
	const struct cedar_declared_space *space;
	struct str name;             /* of an action: that of its type */
	/* of a common type */
	enum progress progress;
	const struct cedar_type *type;
	unsigned height;
};

struct table {
	struct map by_name;          /* full name, or key of an action, to its number in `items` */
	struct known *items;
	uint32_t count;
};

struct resolver {
	const struct cedar_declared *declared;
	struct arena *memory;
	struct note *note;
	struct table tables[DECLARES_ACTION + 1];
	struct map action_types, spaces;
	struct cedar_schema *schema;
};

static const char *const kinds[] = { "type", "entity type", "action" };

static const struct cedar_type no_attributes = { .kind = TYPE_RECORD };

static enum err resolve_type(struct resolver *r, const struct cedar_declared_space *space,
			     const struct cedar_declared_type *t, unsigned depth,
			     const struct cedar_type **ret, unsigned *height);

/* Type and id with a NUL between them, which no type holds: the key of an action. */
static enum err action_key(struct resolver *r, struct str type, struct str id, struct str *ret)
{
	char *text = arena_array(r->memory, type.len + 1 + id.len, 1);

	if (!text)
		return ERR_MEMORY;
	memcpy(text, type.ptr, type.len);
	if (id.len)
		memcpy(text + type.len + 1, id.ptr, id.len);
	*ret = str_slice(text, type.len + 1 + id.len);
	return OK;
}

/* --- what is there --- */

/*
 * An action is known by its type and id, so "view" may be an action of two namespaces. The type of
 * a namespace's actions is there as soon as it has one.
 */
static enum err collect_one(struct resolver *r, const struct cedar_declared_space *space,
			    const struct cedar_declaration *decl)
{
	struct table *table = &r->tables[decl->what];
	struct known *known = &table->items[table->count];
	struct str key;
	enum err e;

	*known = (struct known){ .decl = decl, .space = space };
	if (decl->what == DECLARES_ACTION) {
		TRY(cedar_full_name(r->memory, space->name, STR("Action"), &known->name));
		TRY(action_key(r, known->name, decl->name, &key));
		e = map_put(&r->action_types, known->name, 0);
		if (e != OK && e != ERR_DUPLICATE)
			return e;
	} else {
		TRY(cedar_full_name(r->memory, space->name, decl->name, &known->name));
		key = known->name;
	}
	e = map_put(&table->by_name, key, table->count);
	if (e == ERR_DUPLICATE)
		return note_set(r->note, e, decl->place.line, decl->place.column,
				"the %s '%.*s' is declared twice", kinds[decl->what],
				SHOWN(decl->name));
	table->count++;
	return e;
}

/* Counted first, so that what points into the tables stays true. */
static enum err collect(struct resolver *r)
{
	size_t counts[DECLARES_ACTION + 1] = { 0 };
	const struct cedar_declared_space *space;
	const struct cedar_declaration *decl;

	for (space = &r->declared->root; space; space = space->next)
		for (decl = space->first; decl; decl = decl->next)
			counts[decl->what]++;
	for (int what = 0; what <= DECLARES_ACTION; what++) {
		r->tables[what].items = arena_array(r->memory, counts[what], sizeof(struct known));
		if (!r->tables[what].items)
			return ERR_MEMORY;
	}
	for (space = &r->declared->root; space; space = space->next) {
		enum err e = space->name.len ? map_put(&r->spaces, space->name, 0) : OK;

		if (e == ERR_DUPLICATE)
			return note_set(r->note, e, space->place.line, space->place.column,
					"the namespace '%.*s' is declared twice",
					SHOWN(space->name));
		TRY(e);
		for (decl = space->first; decl; decl = decl->next)
			TRY(collect_one(r, space, decl));
	}
	return OK;
}

static bool declares(const struct resolver *r, enum cedar_declares what, struct str key)
{
	uint32_t number;

	return map_get(&r->tables[what].by_name, key, &number);
}

/* Does a declaration in a namespace hide one outside of all? */
static enum err check_shadow(struct resolver *r, const struct known *known)
{
	const struct cedar_declaration *decl = known->decl;
	struct str key = decl->name;
	bool hides;

	if (!known->space->name.len)
		return OK;
	if (decl->what == DECLARES_ACTION) {
		TRY(action_key(r, STR("Action"), decl->name, &key));
		hides = declares(r, DECLARES_ACTION, key);
	} else {
		hides = declares(r, DECLARES_TYPE, key) || declares(r, DECLARES_ENTITY, key);
	}
	if (hides)
		return note_set(
			r->note, ERR_DUPLICATE, decl->place.line, decl->place.column,
			"'%.*s' in the namespace '%.*s' would hide the '%.*s' outside of all "
			"namespaces; rename one of them",
			SHOWN(decl->name), SHOWN(known->space->name), SHOWN(decl->name));
	return OK;
}

static enum err check_shadows(struct resolver *r)
{
	for (int what = 0; what <= DECLARES_ACTION; what++)
		for (uint32_t i = 0; i < r->tables[what].count; i++)
			TRY(check_shadow(r, &r->tables[what].items[i]));
	return OK;
}

/* --- names --- */

/* What a name means; which member counts is in `form`. */
struct meaning {
	enum cedar_declared_form form;       /* COMMON, ENTITY or BUILTIN */
	struct known *common;
	struct str entity;
	enum cedar_type_kind builtin;
};

/*
 * One full name. Types of actions count as entity types here, so that attributes may hold actions;
 * who needs an entity proper asks find_entity.
 */
static bool look_up(struct resolver *r, struct str name, enum cedar_declared_form form,
		    struct meaning *ret)
{
	const struct table *types = &r->tables[DECLARES_TYPE];
	const struct table *entities = &r->tables[DECLARES_ENTITY];
	uint32_t number;

	if (form != DECLARED_ENTITY && map_get(&types->by_name, name, &number)) {
		*ret = (struct meaning){ .form = DECLARED_COMMON, .common = &types->items[number] };
		return true;
	}
	if (form == DECLARED_COMMON)
		return false;
	*ret = (struct meaning){ .form = DECLARED_ENTITY, .entity = name };
	return map_get(&entities->by_name, name, &number) ||
	       map_get(&r->action_types, name, &number);
}

/* The declared name most like what was written. */
static struct str nearest(const struct resolver *r, struct str word, int from, int to)
{
	struct cedar_guess guess;

	cedar_guess_init(&guess, word);
	for (int what = from; what <= to; what++)
		for (uint32_t i = 0; i < r->tables[what].count; i++) {
			const struct known *k = &r->tables[what].items[i];

			cedar_guess_show(&guess, k->decl->name);
			if (what != DECLARES_ACTION)
				cedar_guess_show(&guess, k->name);
		}
	return guess.best;
}

static enum err unknown(struct resolver *r, const char *what, struct str word, struct str near,
			struct cedar_place place)
{
	if (near.ptr)
		return note_set(r->note, ERR_UNKNOWN, place.line, place.column,
				"the %s '%.*s' is not declared; did you mean '%.*s'?", what,
				SHOWN(word), SHOWN(near));
	return note_set(r->note, ERR_UNKNOWN, place.line, place.column,
			"the %s '%.*s' is not declared", what, SHOWN(word));
}

static enum err unknown_type(struct resolver *r, struct str path, enum cedar_declared_form form,
			     struct cedar_place place)
{
	bool entity = form == DECLARED_ENTITY, common = form == DECLARED_COMMON;
	struct str near = nearest(r, path, entity ? DECLARES_ENTITY : DECLARES_TYPE,
				  common ? DECLARES_TYPE : DECLARES_ENTITY);

	return unknown(r, entity ? "entity type" : "type", path, near, place);
}

/*
 * What a name means where it stands. The language's own types come last, and not at all to a name
 * that an entity type outside of namespaces has taken: that one is then meant, even where only a
 * common type would do.
 */
static enum err find(struct resolver *r, const struct cedar_declared_space *space, struct str path,
		     enum cedar_declared_form form, struct cedar_place place, struct meaning *ret)
{
	bool qualified = str_has(path, STR("::"));
	struct str own = path, root = path;

	*ret = (struct meaning){ .form = DECLARED_BUILTIN };
	if (qualified && form != DECLARED_ENTITY && str_starts(path, STR("__cedar::")) &&
	    cedar_builtin_type(str_slice(path.ptr + 9, path.len - 9), &ret->builtin))
		return OK;
	if (!qualified)
		TRY(cedar_full_name(r->memory, space->name, path, &own));
	if (look_up(r, own, form, ret) || look_up(r, root, form, ret))
		return OK;
	*ret = (struct meaning){ .form = DECLARED_BUILTIN };
	if (form != DECLARED_ENTITY && !declares(r, DECLARES_ENTITY, path) &&
	    cedar_builtin_type(path, &ret->builtin))
		return OK;
	return unknown_type(r, path, form, place);
}

/* --- types --- */

static enum err new_type(struct resolver *r, struct cedar_type type, const struct cedar_type **ret)
{
	struct cedar_type *copy = arena_alloc(r->memory, sizeof(*copy));

	if (!copy)
		return ERR_MEMORY;
	*copy = type;
	*ret = copy;
	return OK;
}

/* Once for each: the places that use it share one type. */
static enum err resolve_common(struct resolver *r, struct known *common, unsigned depth,
			       struct cedar_place place)
{
	if (common->progress == UNDER_WAY)
		return note_set(r->note, ERR_SYNTAX, place.line, place.column,
				"the type '%.*s' is made of itself", SHOWN(common->name));
	if (common->progress == RESOLVED)
		return OK;
	common->progress = UNDER_WAY;
	TRY(resolve_type(r, common->space, common->decl->type, depth, &common->type,
			 &common->height));
	common->progress = RESOLVED;
	return OK;
}

static enum err resolve_name(struct resolver *r, const struct cedar_declared_space *space,
			     const struct cedar_declared_type *t, unsigned depth,
			     const struct cedar_type **ret, unsigned *height)
{
	struct meaning meaning;

	*height = 0;
	TRY(find(r, space, t->path, t->form, t->place, &meaning));
	if (meaning.form == DECLARED_BUILTIN)
		return new_type(r, (struct cedar_type){ .kind = meaning.builtin }, ret);
	if (meaning.form == DECLARED_ENTITY)
		return new_type(r, (struct cedar_type){ .kind = TYPE_ENTITY,
							.entity = meaning.entity },
				ret);
	TRY(resolve_common(r, meaning.common, depth, t->place));
	*ret = meaning.common->type;
	*height = meaning.common->height;
	return OK;
}

static int by_field_name(const void *a, const void *b)
{
	return str_cmp(((const struct cedar_field *)a)->name,
		       ((const struct cedar_field *)b)->name);
}

/* Fields are sorted, so that records are compared and searched however they are written. */
static enum err resolve_record(struct resolver *r, const struct cedar_declared_space *space,
			       const struct cedar_declared_type *t, unsigned depth,
			       const struct cedar_type **ret, unsigned *height)
{
	struct cedar_field *fields = arena_array(r->memory, t->field_count, sizeof(*fields));
	const struct cedar_declared_field *f = t->fields;
	unsigned below;

	if (!fields)
		return ERR_MEMORY;
	for (size_t i = 0; i < t->field_count; i++, f = f->next) {
		fields[i] = (struct cedar_field){ .name = f->name, .optional = f->optional };
		TRY(resolve_type(r, space, f->type, depth, &fields[i].type, &below));
		*height = below > *height ? below : *height;
	}
	if (t->field_count)
		qsort(fields, t->field_count, sizeof(*fields), by_field_name);
	for (size_t i = 1; i < t->field_count; i++)
		if (str_eq(fields[i - 1].name, fields[i].name))
			return note_set(r->note, ERR_DUPLICATE, t->place.line, t->place.column,
					"the attribute '%.*s' of this record is declared twice",
					SHOWN(fields[i].name));
	return new_type(r, (struct cedar_type){ .kind = TYPE_RECORD, .fields = fields,
						.field_count = t->field_count },
			ret);
}

/* `height`: levels of sets and records; a name is as high as what it stands for. */
static enum err resolve_type(struct resolver *r, const struct cedar_declared_space *space,
			     const struct cedar_declared_type *t, unsigned depth,
			     const struct cedar_type **ret, unsigned *height)
{
	struct cedar_type set = { .kind = TYPE_SET };
	unsigned below = 0;

	if (depth >= 2 * LIMIT_EXPR_DEPTH)
		return note_set(r->note, ERR_LIMIT, t->place.line, t->place.column,
				"types nested deeper than %d levels", LIMIT_EXPR_DEPTH);
	switch (t->form) {
	case DECLARED_BUILTIN:
		TRY(new_type(r, (struct cedar_type){ .kind = t->kind }, ret));
		break;
	case DECLARED_SET:
		TRY(resolve_type(r, space, t->element, depth + 1, &set.element, &below));
		TRY(new_type(r, set, ret));
		break;
	case DECLARED_RECORD:
		TRY(resolve_record(r, space, t, depth + 1, ret, &below));
		break;
	default:
		TRY(resolve_name(r, space, t, depth + 1, ret, &below));
	}
	*height = below + (t->form == DECLARED_SET || t->form == DECLARED_RECORD);
	if (*height > LIMIT_EXPR_DEPTH)
		return note_set(r->note, ERR_LIMIT, t->place.line, t->place.column,
				"types nested deeper than %d levels", LIMIT_EXPR_DEPTH);
	return OK;
}

/* A shape or a context: a record, the empty one when nothing is said. */
static enum err resolve_attributes(struct resolver *r, const struct cedar_declared_space *space,
				   const struct cedar_declared_type *t, const char *whose,
				   const struct cedar_type **ret)
{
	unsigned height;

	*ret = &no_attributes;
	if (!t)
		return OK;
	TRY(resolve_type(r, space, t, 0, ret, &height));
	if ((*ret)->kind != TYPE_RECORD)
		return note_set(r->note, ERR_TYPE, t->place.line, t->place.column,
				"%s is a record; found another type", whose);
	return OK;
}

/* --- hierarchies --- */

struct edges {
	struct cedar_graph graph;
	uint32_t *first, *targets;
};

static size_t mentions_count(const struct cedar_mention *m)
{
	size_t count = 0;

	for (; m; m = m->next)
		count++;
	return count;
}

/* Room for all that parents mention; the targets are filled in as the mentions are looked up. */
static enum err edges_new(struct resolver *r, const struct table *table, struct edges *ret)
{
	size_t count = 0;

	for (uint32_t i = 0; i < table->count; i++)
		count += mentions_count(table->items[i].decl->parents);
	ret->first = arena_array(r->memory, (size_t)table->count + 1, sizeof(uint32_t));
	ret->targets = arena_array(r->memory, count, sizeof(uint32_t));
	if (!ret->first || !ret->targets)
		return ERR_MEMORY;
	ret->graph = (struct cedar_graph){ table->count, ret->first, ret->targets };
	return OK;
}

static enum err close_edges(struct resolver *r, const struct edges *edges,
			    struct cedar_reach **ret)
{
	enum err e;

	*ret = arena_array(r->memory, edges->graph.count, sizeof(**ret));
	if (!*ret)
		return ERR_MEMORY;
	e = cedar_graph_close(&edges->graph, r->memory, *ret);
	if (e == ERR_LIMIT)
		return note_set(r->note, e, 0, 0, "the schema's hierarchies are too large");
	return e;
}

/* The number of an entity type that is mentioned. Actions are no entity types here. */
static enum err find_entity(struct resolver *r, const struct cedar_declared_space *space,
			    const struct cedar_mention *m, uint32_t *ret)
{
	struct meaning meaning;

	TRY(find(r, space, m->path, DECLARED_ENTITY, m->place, &meaning));
	if (!map_get(&r->tables[DECLARES_ENTITY].by_name, meaning.entity, ret))
		return note_set(r->note, ERR_TYPE, m->place.line, m->place.column,
				"'%.*s' is a type of actions; expected one of other entities",
				SHOWN(m->path));
	return OK;
}

/* Like a type: in the own namespace first. Ids are any text, so only the type is a path. */
static enum err find_action(struct resolver *r, const struct cedar_declared_space *space,
			    const struct cedar_mention *m, uint32_t *ret)
{
	const struct table *actions = &r->tables[DECLARES_ACTION];
	struct str path = m->path.ptr ? m->path : STR("Action"), own = path, key;

	if (!str_has(path, STR("::")))
		TRY(cedar_full_name(r->memory, space->name, path, &own));
	TRY(action_key(r, own, m->id, &key));
	if (map_get(&actions->by_name, key, ret))
		return OK;
	TRY(action_key(r, path, m->id, &key));
	if (map_get(&actions->by_name, key, ret))
		return OK;
	return unknown(r, "action", m->id, nearest(r, m->id, DECLARES_ACTION, DECLARES_ACTION),
		       m->place);
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* --- entity types --- */

static enum err entity_parents(struct resolver *r, const struct cedar_reach *reach,
			       struct cedar_entity_type *type)
{
	struct str *parents = arena_array(r->memory, reach->count, sizeof(*parents));

	if (!parents)
		return ERR_MEMORY;
	for (size_t i = 0; i < reach->count; i++)
		parents[i] = r->tables[DECLARES_ENTITY].items[reach->nodes[i]].name;
	if (reach->count)
		qsort(parents, reach->count, sizeof(*parents), by_bytes);
	type->parents = parents;
	type->parent_count = reach->count;
	return OK;
}

/* Sorted, because each entity that is given and each that a policy names is sought among them. */
static enum err entity_ids(struct resolver *r, const struct cedar_declaration *decl,
			   struct cedar_entity_type *type)
{
	size_t count = mentions_count(decl->ids), at = 0;
	struct str *ids = arena_array(r->memory, count, sizeof(*ids));

	if (!ids)
		return ERR_MEMORY;
	for (const struct cedar_mention *m = decl->ids; m; m = m->next)
		ids[at++] = m->id;
	if (count)
		qsort(ids, count, sizeof(*ids), by_bytes);
	type->enumeration = decl->enumeration;
	type->ids = ids;
	type->id_count = count;
	return OK;
}

static enum err make_entity(struct resolver *r, const struct known *known,
			    const struct cedar_reach *reach, struct cedar_entity_type *type)
{
	const struct cedar_declaration *decl = known->decl;
	unsigned height;

	type->name = known->name;
	TRY(resolve_attributes(r, known->space, decl->type, "the shape of an entity type",
			       &type->attrs));
	if (decl->tags)
		TRY(resolve_type(r, known->space, decl->tags, 0, &type->tags, &height));
	TRY(entity_parents(r, reach, type));
	return entity_ids(r, decl, type);
}

static int by_type_name(const void *a, const void *b)
{
	return str_cmp(((const struct cedar_entity_type *)a)->name,
		       ((const struct cedar_entity_type *)b)->name);
}

static enum err make_entities(struct resolver *r)
{
	const struct table *table = &r->tables[DECLARES_ENTITY];
	struct cedar_entity_type *types = arena_array(r->memory, table->count, sizeof(*types));
	struct cedar_reach *reach;
	struct edges edges;
	uint32_t edge = 0;

	if (!types)
		return ERR_MEMORY;
	TRY(edges_new(r, table, &edges));
	for (uint32_t i = 0; i < table->count; i++) {
		const struct known *known = &table->items[i];

		for (const struct cedar_mention *m = known->decl->parents; m; m = m->next)
			TRY(find_entity(r, known->space, m, &edges.targets[edge++]));
		edges.first[i + 1] = edge;
	}
	TRY(close_edges(r, &edges, &reach));
	for (uint32_t i = 0; i < table->count; i++)
		TRY(make_entity(r, &table->items[i], &reach[i], &types[i]));
	if (table->count)
		qsort(types, table->count, sizeof(*types), by_type_name);
	r->schema->types = types;
	r->schema->type_count = table->count;
	return OK;
}

/* --- actions --- */

static struct cedar_uid action_uid(const struct known *known)
{
	return (struct cedar_uid){ known->name, known->decl->name };
}

static int by_uid(const void *a, const void *b)
{
	return cedar_uid_cmp(a, b);
}

/* Types that an action applies to, sorted, each once. */
static enum err action_types(struct resolver *r, const struct known *known,
			     const struct cedar_mention *m, const struct str **ret,
			     size_t *ret_count)
{
	size_t count = mentions_count(m), kept = 0;
	struct str *types = arena_array(r->memory, count, sizeof(*types));
	uint32_t number;

	if (!types)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++, m = m->next) {
		TRY(find_entity(r, known->space, m, &number));
		types[i] = r->tables[DECLARES_ENTITY].items[number].name;
	}
	if (count)
		qsort(types, count, sizeof(*types), by_bytes);
	for (size_t i = 0; i < count; i++)
		if (!kept || !str_eq(types[kept - 1], types[i]))
			types[kept++] = types[i];
	*ret = types;
	*ret_count = kept;
	return OK;
}

/* Entity types may be in each other in circles; for actions that would make groups of no sense. */
static enum err action_ancestors(struct resolver *r, const struct known *known,
				 const struct cedar_reach *reach, struct cedar_action *action)
{
	const struct known *all = r->tables[DECLARES_ACTION].items;
	struct cedar_uid *ancestors = arena_array(r->memory, reach->count, sizeof(*ancestors));

	if (!ancestors)
		return ERR_MEMORY;
	for (size_t i = 0; i < reach->count; i++) {
		ancestors[i] = action_uid(&all[reach->nodes[i]]);
		if (&all[reach->nodes[i]] == known)
			return note_set(r->note, ERR_SYNTAX, known->decl->place.line,
					known->decl->place.column,
					"the action '%.*s' is in itself, over its groups",
					SHOWN(known->decl->name));
	}
	if (reach->count)
		qsort(ancestors, reach->count, sizeof(*ancestors), by_uid);
	action->ancestors = ancestors;
	action->ancestor_count = reach->count;
	return OK;
}

static enum err make_action(struct resolver *r, const struct known *known,
			    const struct cedar_reach *reach, struct cedar_action *action)
{
	const struct cedar_declaration *decl = known->decl;

	action->uid = action_uid(known);
	TRY(action_ancestors(r, known, reach, action));
	TRY(action_types(r, known, decl->principals, &action->principals,
			 &action->principal_count));
	TRY(action_types(r, known, decl->resources, &action->resources, &action->resource_count));
	return resolve_attributes(r, known->space, decl->type, "the context of an action",
				  &action->context);
}

static int by_action(const void *a, const void *b)
{
	return cedar_uid_cmp(&((const struct cedar_action *)a)->uid,
			     &((const struct cedar_action *)b)->uid);
}

static enum err make_actions(struct resolver *r)
{
	const struct table *table = &r->tables[DECLARES_ACTION];
	struct cedar_action *actions = arena_array(r->memory, table->count, sizeof(*actions));
	struct cedar_reach *reach;
	struct edges edges;
	uint32_t edge = 0;

	if (!actions)
		return ERR_MEMORY;
	TRY(edges_new(r, table, &edges));
	for (uint32_t i = 0; i < table->count; i++) {
		const struct known *known = &table->items[i];

		for (const struct cedar_mention *m = known->decl->parents; m; m = m->next)
			TRY(find_action(r, known->space, m, &edges.targets[edge++]));
		edges.first[i + 1] = edge;
	}
	TRY(close_edges(r, &edges, &reach));
	for (uint32_t i = 0; i < table->count; i++)
		TRY(make_action(r, &table->items[i], &reach[i], &actions[i]));
	if (table->count)
		qsort(actions, table->count, sizeof(*actions), by_action);
	r->schema->actions = actions;
	r->schema->action_count = table->count;
	return OK;
}

/* --- the door --- */

static enum err resolve_all(struct resolver *r)
{
	struct table *types = &r->tables[DECLARES_TYPE];

	TRY(collect(r));
	TRY(check_shadows(r));
	/* Those that nothing uses have to be right as well. */
	for (uint32_t i = 0; i < types->count; i++)
		TRY(resolve_common(r, &types->items[i], 0, types->items[i].decl->place));
	TRY(make_entities(r));
	return make_actions(r);
}

enum err cedar_schema_resolve(const struct cedar_declared *d, struct cedar_schema **ret)
{
	struct resolver r = { .declared = d, .memory = d->memory, .note = d->note };
	enum err e;

	r.schema = arena_alloc(d->memory, sizeof(*r.schema));
	if (!r.schema)
		return ERR_MEMORY;
	for (int what = 0; what <= DECLARES_ACTION; what++)
		map_init(&r.tables[what].by_name, 0);
	map_init(&r.action_types, 0);
	map_init(&r.spaces, 0);
	e = resolve_all(&r);
	for (int what = 0; what <= DECLARES_ACTION; what++)
		map_fini(&r.tables[what].by_name);
	map_fini(&r.action_types);
	map_fini(&r.spaces);
	if (e == OK)
		*ret = r.schema;
	return e;
}

const struct cedar_entity_type *cedar_schema_type(const struct cedar_schema *s, struct str name)
{
	struct cedar_entity_type key = { .name = name };

	return s->type_count ? bsearch(&key, s->types, s->type_count, sizeof(key), by_type_name)
			     : NULL;
}

bool cedar_schema_lists(const struct str *sorted, size_t count, struct str name)
{
	return count && bsearch(&name, sorted, count, sizeof(name), by_bytes);
}

const struct cedar_action *cedar_schema_action(const struct cedar_schema *s,
					       const struct cedar_uid *uid)
{
	struct cedar_action key = { .uid = *uid };

	return s->action_count
		       ? bsearch(&key, s->actions, s->action_count, sizeof(key), by_action)
		       : NULL;
}

bool cedar_schema_declares(const struct cedar_schema *s, struct str type)
{
	for (size_t i = 0; i < s->action_count; i++)
		if (str_eq(s->actions[i].uid.type, type))
			return true;
	return cedar_schema_type(s, type) != NULL;
}
