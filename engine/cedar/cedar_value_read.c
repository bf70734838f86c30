/*
 * cedar_value_read: values from JSON.
 *
 *   true, 12, "text"             bool, long, string            [..]   set
 *   {"__entity": {"type","id"}}  entity                        {..}   record
 *   {"__extn": {"fn","arg"}}     fn(arg); "args": a list, for offset(datetime, duration)
 *
 * Where a schema declares the type, the escapes around an entity and an extension value may be left
 * out, the text of an extension value alone will do, and what is not of the type is refused. Null
 * and numbers with a fraction have no value in Cedar.
 *
 * Source of the format: docs.cedarpolicy.com, "Entities and context JSON".
 */
#include "engine/cedar/inside.h"

/* Names this near are suggested. */
#define NEAR_EDITS 2

struct reader {
	struct arena *memory;
	struct note *note;
};

static enum err read_value(const struct reader *r, const struct value *json,
			   const struct cedar_type *type, unsigned depth, struct cedar_value *ret);

/* "long", "entity of type `T`" and so on, for messages. */
static void describe(const struct cedar_type *type, char *text, size_t size)
{
	const char *name = cedar_kind_name(cedar_kind_of(type->kind));

	if (type->kind == TYPE_ENTITY)
		(void)snprintf(text, size, "%s of type `%.*s`", name, SHOWN(type->entity));
	else
		(void)snprintf(text, size, "%s", name);
}

static enum err refuse(const struct reader *r, const struct value *json,
		       const struct cedar_type *type, const char *found)
{
	char expected[128];

	describe(type, expected, sizeof(expected));
	return note_set(r->note, ERR_TYPE, json->line, json->column, "found %s, expected %s", found,
			expected);
}

/* The only member of an object, when it has this name. */
static const struct value *escaped(const struct value *json, const char *name)
{
	if (json->kind != VALUE_OBJECT || json->object.count != 1)
		return NULL;
	return value_get_c(json, name);
}

/* --- entities --- */

static enum err read_entity(const struct reader *r, const struct value *json,
			    struct cedar_value *ret)
{
	struct cedar_uid uid;

	TRY(cedar_uid_read_json(json, r->memory, &uid, r->note));
	*ret = (struct cedar_value){ .kind = CEDAR_ENTITY, .uid = uid };
	return OK;
}

/* --- extension values --- */

static enum err construct(const struct reader *r, const struct value *json, enum cedar_call call,
			  struct str text, struct cedar_value *ret)
{
	if (cedar_ext_read(call, text, ret))
		return OK;
	return note_set(r->note, ERR_SYNTAX, json->line, json->column,
			"found \"%.*s\", expected %s", SHOWN(text), cedar_ext_form(call));
}

static enum err offset(const struct reader *r, const struct value *json,
		       const struct cedar_value args[2], struct cedar_value *ret)
{
	int64_t ms;

	if (args[0].kind != CEDAR_DATETIME || args[1].kind != CEDAR_DURATION)
		return note_set(r->note, ERR_TYPE, json->line, json->column,
				"found offset(%s, %s), expected offset(datetime, duration)",
				cedar_kind_name(args[0].kind), cedar_kind_name(args[1].kind));
	if (__builtin_add_overflow(args[0].integer, args[1].integer, &ms))
		return note_set(r->note, ERR_RANGE, json->line, json->column,
				"found a datetime beyond 64 bits of milliseconds");
	*ret = (struct cedar_value){ .kind = CEDAR_DATETIME, .integer = ms };
	return OK;
}

/* {"fn", "arg"} or {"fn", "args"} */
static enum err read_call(const struct reader *r, const struct value *json, unsigned depth,
			  struct cedar_value *ret)
{
	const struct value *arg = value_get_c(json, "arg"), *args = value_get_c(json, "args");
	struct str name = value_text(json, "fn");
	struct cedar_value read[2];
	size_t count = 1;
	enum cedar_call call;

	if (args && args->kind == VALUE_LIST && !arg) {
		arg = args->list.items;
		count = args->list.count;
	}
	if (!name.ptr || !arg || count < 1 || count > 2)
		return note_set(r->note, ERR_TYPE, json->line, json->column,
				"expected {\"fn\": \"..\", \"arg\": \"..\"} behind __extn");
	for (size_t i = 0; i < count; i++)
		TRY(read_value(r, &arg[i], NULL, depth, &read[i]));
	if (str_is(name, "offset") && count == 2)
		return offset(r, json, read, ret);
	for (call = CALL_IP; call <= CALL_DURATION; call++)
		if (count == 1 && str_is(name, cedar_call_name(call)))
			break;
	if (call > CALL_DURATION)
		return note_set(r->note, ERR_UNKNOWN, json->line, json->column,
				"found the function `%.*s`, expected ip, decimal, datetime or "
				"duration with one argument",
				SHOWN(name));
	if (read[0].kind != CEDAR_STRING)
		return note_set(r->note, ERR_TYPE, arg->line, arg->column,
				"found %s, expected a string for %s()",
				cedar_kind_name(read[0].kind), cedar_call_name(call));
	return construct(r, arg, call, read[0].string, ret);
}

static enum cedar_call constructor_of(enum cedar_type_kind kind)
{
	switch (kind) {
	case TYPE_IP:
		return CALL_IP;
	case TYPE_DECIMAL:
		return CALL_DECIMAL;
	case TYPE_DATETIME:
		return CALL_DATETIME;
	case TYPE_DURATION:
		return CALL_DURATION;
	default:
		return CEDAR_CALLS;
	}
}

/* By type: the escape, what stands in the escape, or the text alone. */
static enum err read_extension(const struct reader *r, const struct value *json,
			       enum cedar_call call, unsigned depth, struct cedar_value *ret)
{
	const struct value *inner = escaped(json, "__extn");

	if (json->kind == VALUE_STRING)
		return construct(r, json, call, json->string, ret);
	return read_call(r, inner ? inner : json, depth, ret);
}

/* --- sets and records --- */

static enum err read_set(const struct reader *r, const struct value *json,
			 const struct cedar_type *element, unsigned depth, struct cedar_value *ret)
{
	struct cedar_value *items = arena_array(r->memory, json->list.count, sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	for (size_t i = 0; i < json->list.count; i++)
		TRY(read_value(r, &json->list.items[i], element, depth, &items[i]));
	cedar_set_make(items, json->list.count, ret);
	return OK;
}

static const struct cedar_field *field_of(const struct cedar_type *type, struct str name)
{
	size_t low = 0, high = type->field_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(type->fields[middle].name, name);

		if (order == 0)
			return &type->fields[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static enum err refuse_attribute(const struct reader *r, const struct member *m,
				 const struct cedar_type *type)
{
	struct str near = STR_NONE;

	for (size_t i = 0; i < type->field_count && !near.ptr; i++)
		if (str_distance(m->key, type->fields[i].name, NEAR_EDITS) <= NEAR_EDITS)
			near = type->fields[i].name;
	return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
			"the schema has no attribute `%.*s` here%s%.*s%s", SHOWN(m->key),
			near.ptr ? "; is it `" : "", SHOWN(near), near.ptr ? "`?" : "");
}

static enum err check_required(const struct reader *r, const struct value *json,
			       const struct cedar_value *record, const struct cedar_type *type)
{
	for (size_t i = 0; i < type->field_count; i++)
		if (!type->fields[i].optional &&
		    !cedar_value_get(record, type->fields[i].name))
			return note_set(r->note, ERR_NOT_FOUND, json->line, json->column,
					"the attribute `%.*s` is missing",
					SHOWN(type->fields[i].name));
	return OK;
}

static enum err read_record(const struct reader *r, const struct value *json,
			    const struct cedar_type *type, unsigned depth, struct cedar_value *ret)
{
	struct cedar_attr *attrs = arena_array(r->memory, json->object.count, sizeof(*attrs));

	if (!attrs)
		return ERR_MEMORY;
	for (size_t i = 0; i < json->object.count; i++) {
		const struct member *m = &json->object.members[i];
		const struct cedar_field *field = type ? field_of(type, m->key) : NULL;

		if (type && !field)
			return refuse_attribute(r, m, type);
		TRY(read_value(r, &m->value, field ? field->type : NULL, depth, &attrs[i].value));
		TRY(arena_copy(r->memory, m->key, &attrs[i].name));
	}
	cedar_record_make(attrs, json->object.count, ret);
	return type ? check_required(r, json, ret, type) : OK;
}

/* --- anything --- */

static enum err read_object(const struct reader *r, const struct value *json,
			    const struct cedar_type *type, unsigned depth, struct cedar_value *ret)
{
	const struct value *call = escaped(json, "__extn");

	if (type && type->kind == TYPE_RECORD)
		return read_record(r, json, type, depth, ret);
	if (call)
		return read_call(r, call, depth, ret);
	if (escaped(json, "__entity"))
		return read_entity(r, json, ret);
	if (escaped(json, "__expr"))
		return note_set(r->note, ERR_UNKNOWN, json->line, json->column,
				"found the escape __expr, which Cedar has given up; expected "
				"__entity or __extn");
	return read_record(r, json, NULL, depth, ret);
}

/* What the JSON says; `type` steers it and is not yet enforced at this level. */
static enum err read_json(const struct reader *r, const struct value *json,
			  const struct cedar_type *type, unsigned depth, struct cedar_value *ret)
{
	switch (json->kind) {
	case VALUE_BOOL:
		*ret = (struct cedar_value){ .kind = CEDAR_BOOL, .boolean = json->boolean };
		return OK;
	case VALUE_INT:
		*ret = (struct cedar_value){ .kind = CEDAR_LONG, .integer = json->integer };
		return OK;
	case VALUE_STRING:
		*ret = (struct cedar_value){ .kind = CEDAR_STRING };
		return arena_copy(r->memory, json->string, &ret->string);
	case VALUE_LIST:
		return read_set(r, json, type && type->kind == TYPE_SET ? type->element : NULL,
				depth - 1, ret);
	case VALUE_OBJECT:
		return read_object(r, json, type, depth - 1, ret);
	case VALUE_BIG:
		return note_set(r->note, ERR_RANGE, json->line, json->column,
				"found an integer beyond 64 bits");
	case VALUE_NULL:
	case VALUE_REAL:
		break;
	}
	return note_set(r->note, ERR_TYPE, json->line, json->column,
			"found %s, which has no value in Cedar",
			json->kind == VALUE_NULL ? "null" : "a number with a fraction or exponent");
}

static enum err read_value(const struct reader *r, const struct value *json,
			   const struct cedar_type *type, unsigned depth, struct cedar_value *ret)
{
	enum cedar_call call = type ? constructor_of(type->kind) : CEDAR_CALLS;
	struct cedar_value v;

	if (depth == 0)
		return note_set(r->note, ERR_LIMIT, json->line, json->column,
				"the value is nested too deep");
	if (type && type->kind == TYPE_ENTITY && json->kind == VALUE_OBJECT)
		TRY(read_entity(r, json, &v));
	else if (call != CEDAR_CALLS &&
		 (json->kind == VALUE_STRING || json->kind == VALUE_OBJECT))
		TRY(read_extension(r, json, call, depth - 1, &v));
	else
		TRY(read_json(r, json, type, depth, &v));
	if (type && v.kind != cedar_kind_of(type->kind))
		return refuse(r, json, type, cedar_kind_name(v.kind));
	if (type && type->kind == TYPE_ENTITY && !str_eq(v.uid.type, type->entity))
		return refuse(r, json, type, "an entity of another type");
	*ret = v;
	return OK;
}

enum err cedar_value_read(const struct value *json, const struct cedar_type *type, unsigned depth,
			  struct arena *memory, struct cedar_value *ret, struct note *n)
{
	const struct reader r = { memory, n };

	return read_value(&r, json, type, depth, ret);
}
