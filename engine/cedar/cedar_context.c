/*
 * cedar_context: contexts, from JSON with Cedar's escapes and from the plain JSON of agents.
 *
 * A decision must not depend on whether an action was read as it came or from its canonical form in
 * the log. There 1.0 and 1e2 are written 1 and 100, so here a number without a fraction is a long
 * however it was written.
 */
#include "engine/cedar/inside.h"

#include "engine/base/canon.h"

/* NULL: the schema has no such action. */
static const struct cedar_type *declared(const struct cedar_schema *s,
					 const struct cedar_uid *action)
{
	const struct cedar_action *found = cedar_schema_action(s, action);

	return found ? found->context : NULL;
}

enum err cedar_context_read(const struct value *object, const struct cedar_schema *s,
			    const struct cedar_uid *action, struct arena *a,
			    const struct cedar_value **ret, struct note *n)
{
	const struct cedar_type *type = s && action ? declared(s, action) : NULL;
	struct cedar_value *context = arena_alloc(a, sizeof(*context));

	if (!context)
		return ERR_MEMORY;
	if (s && action && !type)
		return note_set(n, ERR_UNKNOWN, object->line, object->column,
				"the schema has no action `%.*s`", SHOWN(action->id));
	if (object->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, object->line, object->column,
				"found %s, expected an object for the context",
				value_kind_name(object->kind));
	TRY(cedar_value_read(object, type, LIMIT_TREE_DEPTH, a, context, n));
	/* An object may also be an entity or an extension's value in disguise. */
	if (context->kind != CEDAR_RECORD)
		return note_set(n, ERR_TYPE, object->line, object->column,
				"found %s, expected a record for the context",
				cedar_kind_name(context->kind));
	*ret = context;
	return OK;
}

/* --- plain JSON --- */

static enum err take(const struct value *json, unsigned depth, struct arena *a,
		     struct cedar_value *ret);

/*
 * Is the real, as canon writes it, an integer of 64 bits? Its shortest digits decide and not its
 * exact value: 2^62 is written 4611686018427388000, and that is what a replay reads.
 */
static bool is_long(double d, int64_t *ret)
{
	char digits[17];
	int exponent, count;
	uint64_t magnitude = 0;

	if (d == 0) {
		*ret = 0;
		return true;
	}
	count = canon_digits(d, digits, &exponent);
	if (count > exponent || exponent > 19)
		return false;
	for (int i = 0; i < exponent; i++)
		if (__builtin_mul_overflow(magnitude, 10, &magnitude) ||
		    __builtin_add_overflow(magnitude, (uint64_t)(i < count ? digits[i] - '0' : 0),
					   &magnitude))
			return false;
	if (magnitude > (uint64_t)INT64_MAX + (d < 0))
		return false;
	*ret = d < 0 ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

/*
 * Null and fractions are in what agents send, but not in Cedar. They are kept, so that policies
 * which do not read them can decide, and those that do err instead of seeing nothing there.
 */
static enum err take_foreign(const struct value *json, struct arena *a, struct cedar_value *ret)
{
	struct value *copy = arena_alloc(a, sizeof(*copy));

	if (!copy)
		return ERR_MEMORY;
	*ret = (struct cedar_value){ .kind = CEDAR_FOREIGN, .foreign = copy };
	return value_copy(a, json, copy);
}

static enum err take_list(const struct value *json, unsigned depth, struct arena *a,
			  struct cedar_value *ret)
{
	struct cedar_value *items = arena_array(a, json->list.count, sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	for (size_t i = 0; i < json->list.count; i++)
		TRY(take(&json->list.items[i], depth, a, &items[i]));
	cedar_set_make(items, json->list.count, ret);
	return OK;
}

static enum err take_object(const struct value *json, unsigned depth, struct arena *a,
			    struct cedar_value *ret)
{
	struct cedar_attr *attrs = arena_array(a, json->object.count, sizeof(*attrs));

	if (!attrs)
		return ERR_MEMORY;
	for (size_t i = 0; i < json->object.count; i++) {
		TRY(arena_copy(a, json->object.members[i].key, &attrs[i].name));
		TRY(take(&json->object.members[i].value, depth, a, &attrs[i].value));
	}
	cedar_record_make(attrs, json->object.count, ret);
	return OK;
}

static enum err take(const struct value *json, unsigned depth, struct arena *a,
		     struct cedar_value *ret)
{
	int64_t integer;

	if (depth == 0)
		return ERR_LIMIT;
	switch (json->kind) {
	case VALUE_BOOL:
		*ret = (struct cedar_value){ .kind = CEDAR_BOOL, .boolean = json->boolean };
		return OK;
	case VALUE_INT:
		*ret = (struct cedar_value){ .kind = CEDAR_LONG, .integer = json->integer };
		return OK;
	case VALUE_STRING:
		*ret = (struct cedar_value){ .kind = CEDAR_STRING };
		return arena_copy(a, json->string, &ret->string);
	case VALUE_LIST:
		return take_list(json, depth - 1, a, ret);
	case VALUE_OBJECT:
		return take_object(json, depth - 1, a, ret);
	case VALUE_REAL:
		if (!is_long(json->real, &integer))
			break;
		*ret = (struct cedar_value){ .kind = CEDAR_LONG, .integer = integer };
		return OK;
	case VALUE_NULL:
	case VALUE_BIG:
		break;
	}
	return take_foreign(json, a, ret);
}

enum err cedar_context_plain(const struct value *object, struct arena *a,
			     const struct cedar_value **ret)
{
	struct cedar_value *context = arena_alloc(a, sizeof(*context));

	if (!context)
		return ERR_MEMORY;
	if (object->kind != VALUE_OBJECT)
		return ERR_TYPE;
	TRY(take_object(object, LIMIT_TREE_DEPTH, a, context));
	*ret = context;
	return OK;
}
