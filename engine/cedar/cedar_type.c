/*
 * cedar_type: what types have in common.
 *
 * In strict mode two types join when they are the same but for what is known of truths; permissive
 * mode lets records lose attributes and entities be of one of several types.
 *
 * A type may be a graph in which many ways lead to one node (see inside.h), and comparing two walks
 * all ways: each step is counted.
 */
#include <stdio.h>

#include "engine/cedar/typing.h"

bool cedar_step(struct cedar_judge *j, uint64_t count)
{
	j->steps += count;
	if (j->err == OK && j->steps > LIMIT_CEDAR_STEPS)
		j->err = ERR_LIMIT;
	return j->err == OK;
}

/* Memory, or NULL with the judge's error set. */
static void *get(struct cedar_judge *j, size_t count, size_t size)
{
	void *block = j->err == OK ? arena_array(j->memory, count, size) : NULL;

	if (!block && j->err == OK)
		j->err = ERR_MEMORY;
	return block;
}

const struct cedar_type *cedar_type_bool(enum cedar_only only)
{
	static const struct cedar_type types[] = {
		[ONLY_ANY] = { .kind = TYPE_BOOL },
		[ONLY_FALSE] = { .kind = TYPE_BOOL, .only = ONLY_FALSE },
		[ONLY_TRUE] = { .kind = TYPE_BOOL, .only = ONLY_TRUE },
	};

	return &types[only];
}

/* Types without parts are one object each, so that to compare pointers is mostly enough. */
const struct cedar_type *cedar_type_plain(enum cedar_type_kind kind)
{
	static const struct cedar_type types[] = {
		[TYPE_BOOL] = { .kind = TYPE_BOOL },
		[TYPE_LONG] = { .kind = TYPE_LONG },
		[TYPE_STRING] = { .kind = TYPE_STRING },
		[TYPE_DECIMAL] = { .kind = TYPE_DECIMAL },
		[TYPE_DATETIME] = { .kind = TYPE_DATETIME },
		[TYPE_DURATION] = { .kind = TYPE_DURATION },
		[TYPE_IP] = { .kind = TYPE_IP },
	};

	return &types[kind];
}

static const struct cedar_type *new_type(struct cedar_judge *j, struct cedar_type type)
{
	struct cedar_type *copy = get(j, 1, sizeof(*copy));

	if (copy)
		*copy = type;
	return copy;
}

const struct cedar_type *cedar_type_entity(struct cedar_judge *j, struct str name)
{
	return new_type(j, (struct cedar_type){ .kind = TYPE_ENTITY, .entity = name });
}

const struct str *cedar_type_entities(const struct cedar_type *t, size_t *count)
{
	*count = t->entities ? t->entity_count : 1;
	return t->entities ? t->entities : &t->entity;
}

/* Lists of types in one place are unsorted and mostly short; who compares two counts the steps. */
static bool name_is_in(struct str name, const struct str *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

/* Entities of disjoint types are never equal, whatever the mode: == between them is just false. */
bool cedar_type_disjoint(const struct cedar_type *a, const struct cedar_type *b)
{
	size_t a_count, b_count;
	const struct str *a_names, *b_names;

	if (a->kind != TYPE_ENTITY || b->kind != TYPE_ENTITY)
		return false;
	a_names = cedar_type_entities(a, &a_count);
	b_names = cedar_type_entities(b, &b_count);
	for (size_t i = 0; i < a_count; i++)
		if (name_is_in(a_names[i], b_names, b_count))
			return false;
	return true;
}

/* --- subtypes --- */

static bool is_subtype(struct cedar_judge *j, const struct cedar_type *a,
		       const struct cedar_type *b);

static const struct cedar_field *field_of(const struct cedar_type *record, struct str name)
{
	size_t low = 0, high = record->field_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(record->fields[middle].name, name);

		if (order == 0)
			return &record->fields[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Strict: the same types; permissive: some of them. */
static bool entity_is_subtype(struct cedar_judge *j, const struct cedar_type *a,
			      const struct cedar_type *b)
{
	size_t a_count, b_count;
	const struct str *a_names = cedar_type_entities(a, &a_count);
	const struct str *b_names = cedar_type_entities(b, &b_count);

	if (!cedar_step(j, a_count * b_count) || (j->strict && a_count != b_count))
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!name_is_in(a_names[i], b_names, b_count))
			return false;
	return true;
}

/* Every field of `b` is one of `a`; without width, and in strict mode, the other way round too. */
static bool record_is_subtype(struct cedar_judge *j, const struct cedar_type *a,
			      const struct cedar_type *b)
{
	bool width = b->open && !j->strict;

	if ((a->open && !b->open) || (!width && a->field_count != b->field_count))
		return false;
	for (size_t i = 0; i < b->field_count; i++) {
		const struct cedar_field *own = field_of(a, b->fields[i].name);

		if (!own || (own->optional && !b->fields[i].optional) ||
		    (j->strict && own->optional != b->fields[i].optional) ||
		    !is_subtype(j, own->type, b->fields[i].type))
			return false;
	}
	return true;
}

/* Can a value of `a` stand where one of `b` is wanted? One pointer is one type, seen at once. */
static bool is_subtype(struct cedar_judge *j, const struct cedar_type *a,
		       const struct cedar_type *b)
{
	if (!cedar_step(j, 1))
		return false;
	if (a == b || !a)
		return true;
	if (!b || a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TYPE_BOOL:
		return b->only == ONLY_ANY || a->only == b->only;
	case TYPE_SET:
		return is_subtype(j, a->element, b->element);
	case TYPE_RECORD:
		return record_is_subtype(j, a, b);
	case TYPE_ENTITY:
		return entity_is_subtype(j, a, b);
	default:
		return true;
	}
}

/* --- joins --- */

static bool join_entities(struct cedar_judge *j, const struct cedar_type *a,
			  const struct cedar_type *b, const struct cedar_type **ret)
{
	size_t a_count, b_count, count;
	const struct str *a_names = cedar_type_entities(a, &a_count);
	const struct str *b_names = cedar_type_entities(b, &b_count);
	struct str *names;

	/* As subtypes of each other they would be joined already. */
	if (j->strict || !cedar_step(j, a_count * b_count))
		return false;
	names = get(j, a_count + b_count, sizeof(*names));
	if (!names)
		return false;
	memcpy(names, a_names, a_count * sizeof(*names));
	count = a_count;
	for (size_t i = 0; i < b_count; i++)
		if (!name_is_in(b_names[i], a_names, a_count))
			names[count++] = b_names[i];
	*ret = new_type(j, (struct cedar_type){ .kind = TYPE_ENTITY, .entities = names,
						.entity_count = count });
	return *ret != NULL;
}

/* False: they do not join; a field of a permissive record is then left out. */
static bool join_fields(struct cedar_judge *j, const struct cedar_field *a,
			const struct cedar_field *b, struct cedar_field *ret)
{
	*ret = (struct cedar_field){ .name = a->name, .optional = a->optional || b->optional };
	if (j->strict && a->optional != b->optional)
		return false;
	return cedar_type_join(j, a->type, b->type, &ret->type);
}

/* Permissive records keep what both have and are open then: the rest may be there. */
static bool join_records(struct cedar_judge *j, const struct cedar_type *a,
			 const struct cedar_type *b, const struct cedar_type **ret)
{
	struct cedar_field *fields = get(j, a->field_count, sizeof(*fields));
	size_t count = 0;

	if (!fields || (j->strict && a->field_count != b->field_count))
		return false;
	for (size_t i = 0; i < a->field_count; i++) {
		const struct cedar_field *other = field_of(b, a->fields[i].name);

		if (other && join_fields(j, &a->fields[i], other, &fields[count]))
			count++;
		else if (j->strict || j->err != OK)
			return false;
	}
	*ret = new_type(j, (struct cedar_type){
				   .kind = TYPE_RECORD, .fields = fields, .field_count = count,
				   .open = a->open || b->open || count != a->field_count ||
					   count != b->field_count });
	return *ret != NULL;
}

/*
 * The narrower of two that nest is told by the wider one. NULL is the type of no value, that of an
 * empty set's items, and a subtype of all.
 */
bool cedar_type_join(struct cedar_judge *j, const struct cedar_type *a, const struct cedar_type *b,
		     const struct cedar_type **ret)
{
	const struct cedar_type *element;

	*ret = b;
	if (is_subtype(j, a, b))
		return true;
	*ret = a;
	if (is_subtype(j, b, a))
		return true;
	if (j->err != OK || a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TYPE_BOOL:
		*ret = cedar_type_bool(ONLY_ANY);
		return true;
	case TYPE_SET:
		if (!cedar_type_join(j, a->element, b->element, &element))
			return false;
		*ret = new_type(j, (struct cedar_type){ .kind = TYPE_SET, .element = element });
		return *ret != NULL;
	case TYPE_RECORD:
		return join_records(j, a, b, ret);
	case TYPE_ENTITY:
		return join_entities(j, a, b, ret);
	default:
		return false;
	}
}

/* --- attributes and tags --- */

/* Attributes of a type that the schema declares; actions have none. */
static const struct cedar_field *entity_field(const struct cedar_judge *j, struct str type,
					      struct str name)
{
	const struct cedar_entity_type *declared = cedar_schema_type(j->schema, type);

	return declared ? field_of(declared->attrs, name) : NULL;
}

/* What several types have in common is their permissive join, in either mode. */
static bool join_attrs(struct cedar_judge *j, const struct str *types, size_t count,
		       struct str name, struct cedar_field *ret)
{
	struct cedar_field joined = { .name = name };
	bool strict = j->strict, good = true;

	j->strict = false;
	for (size_t i = 0; i < count && good; i++) {
		const struct cedar_field *field = entity_field(j, types[i], name);
		struct cedar_field before = joined;

		good = field && (i == 0 || join_fields(j, &before, field, &joined));
		if (good && i == 0)
			joined = *field;
	}
	j->strict = strict;
	*ret = joined;
	return good;
}

bool cedar_type_attr(struct cedar_judge *j, const struct cedar_type *t, struct str name,
		     struct cedar_field *ret)
{
	const struct cedar_field *field;
	const struct str *types;
	size_t count;

	if (t->kind == TYPE_RECORD) {
		field = field_of(t, name);
		if (field)
			*ret = *field;
		return field != NULL;
	}
	types = cedar_type_entities(t, &count);
	return join_attrs(j, types, count, name, ret);
}

/* `has` of what no value can have is false, and then what it guards is not judged. */
bool cedar_type_may_have(const struct cedar_judge *j, const struct cedar_type *t, struct str name)
{
	const struct str *names;
	size_t count;

	if (t->kind == TYPE_RECORD)
		return t->open || field_of(t, name);
	names = cedar_type_entities(t, &count);
	for (size_t i = 0; i < count; i++)
		if (entity_field(j, names[i], name))
			return true;
	return false;
}

/* Types without tags are left out: hasTag is false of their entities, so getTag is not reached. */
bool cedar_type_tags(struct cedar_judge *j, const struct cedar_type *t,
		     const struct cedar_type **ret)
{
	const struct cedar_type *tags = NULL;
	size_t count;
	const struct str *names = cedar_type_entities(t, &count);

	for (size_t i = 0; i < count; i++) {
		const struct cedar_entity_type *declared = cedar_schema_type(j->schema, names[i]);

		if (!declared || !declared->tags)
			continue;
		if (!cedar_type_join(j, tags, declared->tags, &tags))
			return false;
	}
	*ret = tags;
	return true;
}

/* --- names --- */

bool cedar_is_action_type(struct str type)
{
	return str_is(type, "Action") || str_ends(type, STR("::Action"));
}

/* Types of actions have no declared hierarchy; their actions have. */
static bool some_action_in(struct cedar_judge *j, struct str type, struct str ancestor)
{
	for (size_t i = 0; i < j->schema->action_count; i++) {
		const struct cedar_action *action = &j->schema->actions[i];

		if (!str_eq(action->uid.type, type) || !cedar_step(j, action->ancestor_count))
			continue;
		for (size_t k = 0; k < action->ancestor_count; k++)
			if (str_eq(action->ancestors[k].type, ancestor))
				return true;
	}
	return false;
}

bool cedar_type_in(struct cedar_judge *j, struct str type, struct str ancestor)
{
	const struct cedar_entity_type *declared;

	if (str_eq(type, ancestor))
		return true;
	if (cedar_is_action_type(type))
		return some_action_in(j, type, ancestor);
	declared = cedar_schema_type(j->schema, type);
	return declared && cedar_step(j, 1) &&
	       cedar_schema_lists(declared->parents, declared->parent_count, ancestor);
}

/* Two levels of sets are enough to see what is wrong; of several entity types the first. */
void cedar_type_show(const struct cedar_type *t, char dst[CEDAR_TYPE_SHOWN])
{
	static const char *const names[] = {
		[TYPE_BOOL] = "Bool", [TYPE_LONG] = "Long", [TYPE_STRING] = "String",
		[TYPE_ENTITY] = "", [TYPE_SET] = "Set<..>", [TYPE_RECORD] = "record",
		[TYPE_DECIMAL] = "decimal", [TYPE_DATETIME] = "datetime",
		[TYPE_DURATION] = "duration", [TYPE_IP] = "ipaddr",
	};
	static const char opening[] = "Set<Set<", closing[] = ">>";
	struct str name;
	int sets = 0;
	size_t count;

	for (; t && t->kind == TYPE_SET && sets < 2; sets++)
		t = t->element;
	name = str_view(t ? names[t->kind] : "");
	if (t && t->kind == TYPE_ENTITY)
		name = *cedar_type_entities(t, &count);
	(void)snprintf(dst, CEDAR_TYPE_SHOWN, "%.*s%.*s%.*s", 4 * sets, opening, SHOWN(name), sets,
		       closing);
}
