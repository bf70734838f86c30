/*
 * saga_plan: reading what saga.begin says. Strict like everything that comes from outside: a member
 * that is silently ignored may be the one that mattered.
 *
 *   steps:
 *     - {name: flight, action: book_flight, undo: cancel_flight, undo_within: 24h, retries: 2}
 *     - any: [{name: hotel-a, ...}, {name: hotel-b, ...}]
 */
#include "engine/gate/inside.h"

#define SECOND_NS INT64_C(1000000000)
#define TIMEOUT_NS (300 * SECOND_NS)
#define DELAY_NS SECOND_NS
#define SPAN "a time like 500ms, 30s, 5m, 24h or 7d, at most 366d"

/* The longest number of a span: 366 days in milliseconds take 11 digits. */
#define SPAN_DIGITS 12

static const char *const step_members[] = {
	"action", "delay", "key", "name", "read_only", "resource", "retries", "timeout", "undo",
	"undo_resource", "undo_within", NULL,
};

struct reading {
	struct str saga;
	struct saga_plan *plans;
	size_t count;
	struct note *note;
};

static enum err wrong(const struct reading *r, const struct value *v, const char *key,
		      const char *expected)
{
	return note_set(r->note, ERR_TYPE, v->line, v->column, "'%s' is of type %s; expected %s",
			key, value_kind_name(v->kind), expected);
}

/* --- members --- */

static enum err read_text(const struct reading *r, const struct value *v, const char *key,
			  char *field, size_t bytes)
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, key, "a string");
	if (v->string.len == 0 || v->string.len > bytes ||
	    memchr(v->string.ptr, '\0', v->string.len))
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' has %zu bytes; expected 1 to %zu without NUL", key,
				v->string.len, bytes);
	memcpy(field, v->string.ptr, v->string.len);
	return OK;
}

static enum err read_name(const struct reading *r, const struct value *v, const char *key,
			  char field[LIMIT_NAME_BYTES])
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, key, "a string");
	if (!agent_name_ok(v->string))
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' has %zu bytes; expected 1 to %d bytes without control "
				"characters", key, v->string.len, LIMIT_NAME_BYTES);
	memcpy(field, v->string.ptr, v->string.len);
	return OK;
}

static bool span_of(struct str text, int64_t *ret)
{
	static const struct unit {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "ms", SECOND_NS / 1000 }, { "s", SECOND_NS }, { "m", 60 * SECOND_NS },
		{ "h", 3600 * SECOND_NS }, { "d", 86400 * SECOND_NS },
	};
	size_t digits = 0;
	uint64_t number;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (digits > SPAN_DIGITS || str_to_u64(str_slice(text.ptr, digits), &number) != OK)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_is(str_slice(text.ptr + digits, text.len - digits), units[i].name) &&
		    number <= (uint64_t)(LIMIT_SAGA_SPAN_NS / units[i].ns)) {
			*ret = (int64_t)number * units[i].ns;
			return true;
		}
	return false;
}

static enum err read_span(const struct reading *r, const struct value *v, const char *key,
			  int64_t least_ns, int64_t *ret)
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, key, SPAN);
	if (!span_of(v->string, ret) || *ret < least_ns)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' is '%.*s'; expected " SPAN "%s", key, STR_ARG(v->string),
				least_ns ? ", above zero" : "");
	return OK;
}

static enum err read_retries(const struct reading *r, const struct value *v, uint32_t *ret)
{
	if (v->kind != VALUE_INT || v->integer < 0 || v->integer > LIMIT_SAGA_RETRIES)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'retries' is not a whole number from 0 to %d", LIMIT_SAGA_RETRIES);
	*ret = (uint32_t)v->integer;
	return OK;
}

static enum err read_member(const struct reading *r, const struct member *m, struct saga_plan *plan)
{
	const struct value *v = &m->value;

	if (str_is(m->key, "name"))
		return read_name(r, v, "name", plan->name);
	if (str_is(m->key, "action"))
		return read_name(r, v, "action", plan->action);
	if (str_is(m->key, "undo"))
		return read_name(r, v, "undo", plan->undo);
	if (str_is(m->key, "key"))
		return read_name(r, v, "key", plan->key);
	if (str_is(m->key, "resource"))
		return read_text(r, v, "resource", plan->resource, sizeof(plan->resource));
	if (str_is(m->key, "undo_resource"))
		return read_text(r, v, "undo_resource", plan->undo_resource,
				 sizeof(plan->undo_resource));
	if (str_is(m->key, "timeout"))
		return read_span(r, v, "timeout", 1, &plan->timeout_ns);
	if (str_is(m->key, "delay"))
		return read_span(r, v, "delay", 0, &plan->delay_ns);
	if (str_is(m->key, "undo_within"))
		return read_span(r, v, "undo_within", 1, &plan->window_ns);
	if (str_is(m->key, "retries"))
		return read_retries(r, v, &plan->retries);
	if (v->kind != VALUE_BOOL)
		return wrong(r, v, "read_only", "true or false");
	plan->read_only = v->boolean;
	return OK;
}

/* --- a step --- */

static enum err refuse_unknown(const struct reading *r, const struct value *v)
{
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const char *near = str_nearest(m->key, step_members);

		if (!str_listed(m->key, step_members))
			return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
					"a step has no member '%.*s'%s%s%s", STR_ARG(m->key),
					near ? "; did you mean '" : "", near ? near : "",
					near ? "'?" : "");
	}
	return OK;
}

/* What cannot be meant. */
static enum err check_plan(const struct reading *r, const struct value *v,
			   const struct saga_plan *plan)
{
	const char *what = NULL;

	if (!plan->name[0] || !plan->action[0])
		what = plan->name[0] ? "a step needs 'action', the tool that does it"
				     : "a step needs 'name'";
	else if (plan->read_only && plan->undo[0])
		what = "a step that is 'read_only' has nothing to undo";
	else if (!plan->undo[0] && (plan->undo_resource[0] || plan->window_ns))
		what = "'undo_resource' and 'undo_within' belong to 'undo', the tool that undoes "
		       "the step";
	return what ? note_set(r->note, ERR_SYNTAX, v->line, v->column, "%s", what) : OK;
}

/* What a tool does for a step, and what it does to undo another, must not share a key. */
static enum err check_key(const struct reading *r, const struct value *v,
			  const struct saga_plan *plan)
{
	struct str key = SAGA_TEXT(plan->key);

	return !str_ends(key, STR("/undo"))
		       ? OK
		       : note_set(r->note, ERR_RANGE, v->line, v->column,
				  "the key '%.*s' ends in '/undo', as those of compensations do",
				  STR_ARG(key));
}

/* "<saga>/<step>" where the step does not say another. */
static enum err put_key(const struct reading *r, const struct value *v, struct saga_plan *plan)
{
	struct str name = SAGA_TEXT(plan->name);

	if (plan->key[0])
		return check_key(r, v, plan);
	if (r->saga.len + 1 + name.len > sizeof(plan->key))
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%.*s/%.*s' is too long for a key; the step needs a 'key' of 1 to "
				"%d bytes", STR_ARG(r->saga), STR_ARG(name), LIMIT_NAME_BYTES);
	memcpy(plan->key, r->saga.ptr, r->saga.len);
	plan->key[r->saga.len] = '/';
	memcpy(plan->key + r->saga.len + 1, name.ptr, name.len);
	return check_key(r, v, plan);
}

static enum err read_step(struct reading *r, const struct value *v, uint8_t group,
			  enum saga_join join)
{
	struct saga_plan plan = {
		.timeout_ns = TIMEOUT_NS, .delay_ns = DELAY_NS, .group = group,
		.join = (uint8_t)join,
	};

	if (v->kind != VALUE_OBJECT)
		return wrong(r, v, "steps", "objects like {name, action, undo}");
	if (r->count == LIMIT_SAGA_STEPS)
		return note_set(r->note, ERR_LIMIT, v->line, v->column,
				"a saga has at most %d steps", LIMIT_SAGA_STEPS);
	TRY(refuse_unknown(r, v));
	for (size_t i = 0; i < v->object.count; i++)
		TRY(read_member(r, &v->object.members[i], &plan));
	TRY(check_plan(r, v, &plan));
	TRY(put_key(r, v, &plan));
	r->plans[r->count++] = plan;
	return OK;
}

/* --- groups --- */

/* {"any": [...]}: the list, or NULL for what is no group. */
static const struct value *group_of(const struct value *v, enum saga_join *join)
{
	if (v->kind != VALUE_OBJECT || v->object.count != 1)
		return NULL;
	for (int i = 0; i < SAGA_JOINS; i++)
		if (str_is(v->object.members[0].key, saga_join_name((enum saga_join)i))) {
			*join = (enum saga_join)i;
			return &v->object.members[0].value;
		}
	return NULL;
}

static enum err read_group(struct reading *r, const struct value *v, uint8_t group)
{
	enum saga_join join = SAGA_ALL;
	const struct value *list = group_of(v, &join);

	if (!list)
		return read_step(r, v, group, SAGA_ALL);
	if (list->kind != VALUE_LIST || list->list.count == 0)
		return wrong(r, list, saga_join_name(join), "a list of steps, not empty");
	for (size_t i = 0; i < list->list.count; i++)
		TRY(read_step(r, &list->list.items[i], group, join));
	return OK;
}

enum err saga_plan_read(const struct value *list, struct str saga, struct arena *a,
			struct saga_plan **ret, size_t *count, struct note *n)
{
	struct reading r = { .saga = saga, .note = n };

	if (!list || list->kind != VALUE_LIST || list->list.count == 0)
		return note_set(n, ERR_SYNTAX, list ? list->line : 0, list ? list->column : 0,
				"a saga needs 'steps', a list that is not empty");
	r.plans = arena_array(a, LIMIT_SAGA_STEPS, sizeof(*r.plans));
	if (!r.plans)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		if (i == LIMIT_SAGA_STEPS)
			return note_set(n, ERR_LIMIT, list->line, list->column,
					"a saga has at most %d steps", LIMIT_SAGA_STEPS);
		TRY(read_group(&r, &list->list.items[i], (uint8_t)i));
	}
	*ret = r.plans;
	*count = r.count;
	return OK;
}
