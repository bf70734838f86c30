/*
 * cedar_eval: expressions to values.
 *
 * A value is a pointer: to a literal in the tree, into the request or the entities, or to `room`
 * that the caller lends for results which live nowhere else. NULL is an error of the expression,
 * and the run keeps the sentence. Only &&, || and if leave arguments out; all else evaluates every
 * argument, from left to right, before it looks at any.
 *
 * Source of the semantics: docs.cedarpolicy.com, "Operators and functions".
 */
#include "engine/cedar/inside.h"

#include <stdarg.h>

/* Names this near are suggested, among this many, none longer than that. */
#define NEAR_EDITS 2
#define NEAR_NAMES 64
#define NEAR_BYTES 64

/* --- errors --- */

const struct cedar_value *cedar_eval_fail(struct cedar_run *r, const struct cedar_expr *x,
					  const char *fmt, ...)
{
	char text[NOTE_TEXT_BYTES];
	va_list args;
	size_t len;

	/* The caller only wants to know that it failed; sentences cost more than evaluation. */
	if (r->quiet)
		return NULL;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	len = strlen(text);
	if (x->line)
		(void)snprintf(text + len, sizeof(text) - len, " (%u:%u)", x->line, x->column);
	len = str_tidy(text, sizeof(text));
	r->failure = arena_copy(r->arena, str_slice(text, len), &r->error);
	return NULL;
}

static const char *name_of(const struct cedar_value *v)
{
	if (v->kind == CEDAR_FOREIGN)
		return v->foreign->kind == VALUE_NULL ? "null" : "a number that is no long";
	return cedar_kind_name(v->kind);
}

const struct cedar_value *cedar_eval_mismatch(struct cedar_run *r, const struct cedar_expr *x,
					      const char *expected, const struct cedar_value *found)
{
	return cedar_eval_fail(r, x, "expected %s, found %s", expected, name_of(found));
}

const struct cedar_value *cedar_eval_bool(bool b)
{
	static const struct cedar_value values[] = {
		{ .kind = CEDAR_BOOL, .boolean = false },
		{ .kind = CEDAR_BOOL, .boolean = true },
	};

	return &values[b];
}

/* --- work --- */

const struct cedar_value *cedar_run_spent(struct cedar_run *r)
{
	r->failure = ERR_LIMIT;
	return NULL;
}

/* What it takes to sort `count` values that weigh so much together. */
static uint64_t sort_steps(uint64_t weight, uint32_t count)
{
	uint64_t rounds = 0;

	for (uint32_t left = count; left > 1; left /= 2)
		rounds += 2;
	return rounds * weight;
}

/* --- logic --- */

/* The value of an argument that must be a bool. */
static const struct cedar_value *eval_bool(struct cedar_run *r, const struct cedar_expr *x)
{
	struct cedar_value room;
	const struct cedar_value *v = cedar_eval(r, x, &room);

	if (!v)
		return NULL;
	if (v->kind != CEDAR_BOOL)
		return cedar_eval_mismatch(r, x, "bool", v);
	return cedar_eval_bool(v->boolean);
}

/* && stops at the first false, || at the first true; what is behind may err and does not matter. */
static const struct cedar_value *eval_chain(struct cedar_run *r, const struct cedar_expr *x)
{
	const struct cedar_value *v = NULL;

	for (uint32_t i = 0; i < x->arg_count; i++) {
		v = eval_bool(r, x->args[i]);
		if (!v || v->boolean == (x->op == EXPR_OR))
			break;
	}
	return v;
}

static const struct cedar_value *eval_if(struct cedar_run *r, const struct cedar_expr *x,
					 struct cedar_value *room)
{
	const struct cedar_value *v = eval_bool(r, x->args[0]);

	return v ? cedar_eval(r, x->args[v->boolean ? 1 : 2], room) : NULL;
}

/* Texts of different length are not looked at; their weight is at hand. */
static bool equal(struct cedar_run *r, const struct cedar_value *a, const struct cedar_value *b)
{
	if (a->kind == CEDAR_STRING && b->kind == CEDAR_STRING)
		r->work += cedar_text_weight(a->string);
	else if (a->kind >= CEDAR_ENTITY)
		r->work += cedar_eq_steps(a, b);
	return cedar_value_eq(a, b);
}

/* --- numbers --- */

/* There is no positive number to the least of 64 bits. */
static const struct cedar_value *negation(struct cedar_run *r, const struct cedar_expr *x,
					  const struct cedar_value *v, struct cedar_value *room)
{
	if (v->kind != CEDAR_LONG)
		return cedar_eval_mismatch(r, x->args[0], "long", v);
	if (v->integer == INT64_MIN)
		return cedar_eval_fail(r, x, "-(%lld) is beyond 64 bits", (long long)v->integer);
	*room = (struct cedar_value){ .kind = CEDAR_LONG, .integer = -v->integer };
	return room;
}

static const struct cedar_value *arithmetic(struct cedar_run *r, const struct cedar_expr *x,
					    const struct cedar_value *a,
					    const struct cedar_value *b, struct cedar_value *room)
{
	char sign = x->op == EXPR_ADD ? '+' : x->op == EXPR_SUB ? '-' : '*';
	int64_t result;
	bool over;

	if (a->kind != CEDAR_LONG)
		return cedar_eval_mismatch(r, x->args[0], "long", a);
	if (b->kind != CEDAR_LONG)
		return cedar_eval_mismatch(r, x->args[1], "long", b);
	if (x->op == EXPR_ADD)
		over = __builtin_add_overflow(a->integer, b->integer, &result);
	else if (x->op == EXPR_SUB)
		over = __builtin_sub_overflow(a->integer, b->integer, &result);
	else
		over = __builtin_mul_overflow(a->integer, b->integer, &result);
	if (over)
		return cedar_eval_fail(r, x, "%lld %c %lld is beyond 64 bits",
				       (long long)a->integer, sign, (long long)b->integer);
	*room = (struct cedar_value){ .kind = CEDAR_LONG, .integer = result };
	return room;
}

static bool is_ordered(enum cedar_kind kind)
{
	return kind == CEDAR_LONG || kind == CEDAR_DATETIME || kind == CEDAR_DURATION;
}

/* Unlike ==, which any two values have; decimals have methods instead. */
static const struct cedar_value *compare(struct cedar_run *r, const struct cedar_expr *x,
					 const struct cedar_value *a, const struct cedar_value *b)
{
	if (!is_ordered(a->kind) && !is_ordered(b->kind))
		return cedar_eval_mismatch(r, x->args[0], "long, datetime or duration", a);
	if (!is_ordered(a->kind))
		return cedar_eval_mismatch(r, x->args[0], cedar_kind_name(b->kind), a);
	if (a->kind != b->kind)
		return cedar_eval_mismatch(r, x->args[1], cedar_kind_name(a->kind), b);
	switch (x->op) {
	case EXPR_LT:
		return cedar_eval_bool(a->integer < b->integer);
	case EXPR_LE:
		return cedar_eval_bool(a->integer <= b->integer);
	case EXPR_GT:
		return cedar_eval_bool(a->integer > b->integer);
	default:
		return cedar_eval_bool(a->integer >= b->integer);
	}
}

/* --- entities --- */

const struct cedar_entity *cedar_eval_entity(struct cedar_run *r, const struct cedar_value *v)
{
	/* Only the request's three are remembered: they are what policies ask for. */
	for (int i = VAR_PRINCIPAL; i <= VAR_RESOURCE; i++) {
		if (v != &r->vars[i])
			continue;
		if (!r->sought[i])
			r->found[i] = cedar_entity_find(r->entities, &v->uid);
		r->sought[i] = true;
		return r->found[i];
	}
	return cedar_entity_find(r->entities, &v->uid);
}

bool cedar_eval_in(struct cedar_run *r, const struct cedar_value *v, const struct cedar_uid *other)
{
	const struct cedar_entity *entity;

	r->work += 1 + cedar_text_weight(other->type) + cedar_text_weight(other->id);
	if (cedar_uid_eq(&v->uid, other))
		return true;
	entity = cedar_eval_entity(r, v);
	return entity && cedar_entity_has_ancestor(r->entities, entity, other);
}

static const struct cedar_value *is_in(struct cedar_run *r, const struct cedar_expr *x,
				       const struct cedar_value *a, const struct cedar_value *b)
{
	bool found = false;

	if (a->kind != CEDAR_ENTITY)
		return cedar_eval_mismatch(r, x->args[0], "entity", a);
	if (b->kind == CEDAR_ENTITY)
		return cedar_eval_bool(cedar_eval_in(r, a, &b->uid));
	if (b->kind != CEDAR_SET)
		return cedar_eval_mismatch(r, x->args[1], "entity or set of entities", b);
	r->work += b->set.count;
	for (size_t i = 0; i < b->set.count; i++)
		if (b->set.items[i].kind != CEDAR_ENTITY)
			return cedar_eval_mismatch(r, x->args[1], "entities in the set",
						   &b->set.items[i]);
	for (size_t i = 0; !found && i < b->set.count; i++)
		found = cedar_eval_in(r, a, &b->set.items[i].uid);
	return cedar_eval_bool(found);
}

static const struct cedar_value *is_type(struct cedar_run *r, const struct cedar_expr *x,
					 const struct cedar_value *v)
{
	if (v->kind != CEDAR_ENTITY)
		return cedar_eval_mismatch(r, x->args[0], "entity", v);
	return cedar_eval_bool(str_eq(v->uid.type, x->name));
}

/* `is T in e` asks for e only when the type is right. */
static const struct cedar_value *eval_is(struct cedar_run *r, const struct cedar_expr *x)
{
	struct cedar_value left, right;
	const struct cedar_value *v = cedar_eval(r, x->args[0], &left), *other, *typed;

	typed = v ? is_type(r, x, v) : NULL;
	if (!typed || !typed->boolean || x->arg_count == 1)
		return typed;
	other = cedar_eval(r, x->args[1], &right);
	return other ? is_in(r, x, v, other) : NULL;
}

/* --- attributes --- */

/* Which attribute may have been meant by a name that is not there. */
static struct str nearest(struct cedar_run *r, const struct cedar_value *record, struct str name)
{
	for (size_t i = 0; i < record->record.count && i < NEAR_NAMES; i++) {
		struct str other = record->record.attrs[i].name;

		if (name.len > NEAR_BYTES || other.len > NEAR_BYTES)
			continue;
		r->work += name.len * other.len / 8;
		if (str_distance(other, name, NEAR_EDITS) <= NEAR_EDITS)
			return other;
	}
	return STR_NONE;
}

static const struct cedar_value *missing(struct cedar_run *r, const struct cedar_expr *x,
					 const struct cedar_value *owner,
					 const struct cedar_value *record, struct str name)
{
	struct str near = r->quiet ? STR_NONE : nearest(r, record, name);
	const char *before = near.ptr ? "; is it `" : "", *behind = near.ptr ? "`?" : "";

	if (owner->kind == CEDAR_ENTITY)
		return cedar_eval_fail(r, x,
				       "the entity %.*s::\"%.*s\" has no attribute `%.*s`%s%.*s%s",
				       SHOWN(owner->uid.type), SHOWN(owner->uid.id), SHOWN(name),
				       before, SHOWN(near), behind);
	return cedar_eval_fail(r, x, "the record has no attribute `%.*s`%s%.*s%s", SHOWN(name),
			       before, SHOWN(near), behind);
}

/*
 * The record that holds the attributes of a record or an entity. NULL and `*absent`: an entity that
 * is not known, which `has` takes for one without attributes and all else for an error.
 */
static const struct cedar_value *attributes(struct cedar_run *r, const struct cedar_expr *x,
					    const struct cedar_value *v, bool *absent)
{
	const struct cedar_entity *entity;

	*absent = false;
	if (v->kind == CEDAR_RECORD)
		return v;
	if (v->kind != CEDAR_ENTITY)
		return cedar_eval_mismatch(r, x->args[0], "record or entity", v);
	entity = cedar_eval_entity(r, v);
	*absent = !entity;
	return entity ? &entity->attrs : NULL;
}

/* Foreign values may be there and be compared within what holds them; read they cannot be. */
static const struct cedar_value *get(struct cedar_run *r, const struct cedar_expr *x,
				     const struct cedar_value *v)
{
	const struct cedar_value *record, *found;
	bool absent;

	r->work += cedar_text_weight(x->name);
	record = attributes(r, x, v, &absent);
	if (absent)
		return cedar_eval_fail(r, x, "there is no entity %.*s::\"%.*s\" to read `%.*s` of",
				       SHOWN(v->uid.type), SHOWN(v->uid.id), SHOWN(x->name));
	if (!record)
		return NULL;
	found = cedar_value_get(record, x->name);
	if (!found)
		return missing(r, x, v, record, x->name);
	if (found->kind == CEDAR_FOREIGN)
		return cedar_eval_fail(r, x, "`%.*s` holds %s, which has no value in Cedar",
				       SHOWN(x->name), name_of(found));
	return found;
}

/* e has a.b.c: e has a && e.a has b && e.a.b has c */
static const struct cedar_value *has(struct cedar_run *r, const struct cedar_expr *x,
				     const struct cedar_value *v)
{
	const struct cedar_value *record;
	bool absent;

	for (uint32_t i = 0; i < x->name_count; i++) {
		r->work += 1 + cedar_text_weight(x->names[i]);
		record = attributes(r, x, v, &absent);
		if (!record)
			return absent ? cedar_eval_bool(false) : NULL;
		v = cedar_value_get(record, x->names[i]);
		if (!v)
			return cedar_eval_bool(false);
	}
	return cedar_eval_bool(true);
}

/* --- like --- */

/*
 * Runs of text between stars are found one after the other, each as far left as it goes; the first
 * must begin the text and the last must end it when no star stands outside of them. No character
 * of UTF-8 begins within another, so bytes will do.
 */
static bool matches(const struct cedar_glob *runs, size_t count, struct str text)
{
	bool anchored = true;

	for (size_t i = 0; i < count; i++) {
		struct str run = runs[i].text;
		const char *at = text.ptr;

		if (runs[i].star) {
			anchored = false;
			continue;
		}
		if (i + 1 == count && !anchored)
			return str_ends(text, run);
		if (anchored && !str_starts(text, run))
			return false;
		if (!anchored && run.len)
			at = text.len ? memmem(text.ptr, text.len, run.ptr, run.len) : NULL;
		if (!anchored && run.len && !at)
			return false;
		if (run.len)
			text = str_slice(at + run.len,
					 text.len - (size_t)(at - text.ptr) - run.len);
		anchored = true;
	}
	return !anchored || text.len == 0;
}

static const struct cedar_value *like(struct cedar_run *r, const struct cedar_expr *x,
				      const struct cedar_value *v)
{
	if (v->kind != CEDAR_STRING)
		return cedar_eval_mismatch(r, x->args[0], "string", v);
	r->work += cedar_text_weight(v->string);
	return cedar_eval_bool(matches(x->pattern.runs, x->pattern.count, v->string));
}

/* --- sets and records --- */

static const struct cedar_value *eval_set(struct cedar_run *r, const struct cedar_expr *x,
					  struct cedar_value *room)
{
	struct cedar_value *items = arena_array(r->arena, x->arg_count, sizeof(*items)), item;

	if (!items) {
		r->failure = ERR_MEMORY;
		return NULL;
	}
	for (uint32_t i = 0; i < x->arg_count; i++) {
		const struct cedar_value *v = cedar_eval(r, x->args[i], &item);

		if (!v)
			return NULL;
		items[i] = *v;
	}
	cedar_set_make(items, x->arg_count, room);
	r->work += sort_steps(room->set.weight, x->arg_count);
	return room;
}

static const struct cedar_value *eval_record(struct cedar_run *r, const struct cedar_expr *x,
					     struct cedar_value *room)
{
	struct cedar_attr *attrs = arena_array(r->arena, x->arg_count, sizeof(*attrs));
	struct cedar_value item;

	if (!attrs) {
		r->failure = ERR_MEMORY;
		return NULL;
	}
	for (uint32_t i = 0; i < x->arg_count; i++) {
		const struct cedar_value *v = cedar_eval(r, x->args[i], &item);

		if (!v)
			return NULL;
		attrs[i] = (struct cedar_attr){ x->names[i], *v };
	}
	cedar_record_make(attrs, x->arg_count, room);
	r->work += sort_steps(room->record.weight, x->arg_count);
	return room;
}

/* --- everything --- */

const struct cedar_value *cedar_apply(struct cedar_run *r, enum cedar_op op,
				      const struct cedar_expr *x,
				      const struct cedar_value *const args[2],
				      struct cedar_value *room)
{
	const struct cedar_value *a = args[0], *b = args[1];

	switch (op) {
	case EXPR_NEG:
		return negation(r, x, a, room);
	case EXPR_EQ:
	case EXPR_NE:
		return cedar_eval_bool(equal(r, a, b) == (op == EXPR_EQ));
	case EXPR_IN:
		return is_in(r, x, a, b);
	case EXPR_ADD:
	case EXPR_SUB:
	case EXPR_MUL:
		return arithmetic(r, x, a, b, room);
	case EXPR_GET:
		return get(r, x, a);
	case EXPR_HAS:
		return has(r, x, a);
	case EXPR_LIKE:
		return like(r, x, a);
	case EXPR_IS:
		return is_type(r, x, a);
	case EXPR_CALL:
		return cedar_eval_call(r, x, args, room);
	default:
		return compare(r, x, a, b);
	}
}

static const struct cedar_value *eval_all(struct cedar_run *r, const struct cedar_expr *x,
					  struct cedar_value *room)
{
	const struct cedar_value *args[2] = { NULL, NULL };
	struct cedar_value rooms[2];

	if (x->op == EXPR_CALL && x->arg_count != cedar_call_args(x->call))
		return cedar_eval_fail(r, x, "%s: found %u arguments, expected %u",
				       cedar_call_name(x->call), x->arg_count,
				       cedar_call_args(x->call));
	for (uint32_t i = 0; i < x->arg_count; i++) {
		args[i] = cedar_eval(r, x->args[i], &rooms[i]);
		if (!args[i])
			return NULL;
	}
	return cedar_apply(r, x->op, x, args, room);
}

const struct cedar_value *cedar_eval_var(struct cedar_run *r, const struct cedar_expr *x)
{
	return x->var == VAR_CONTEXT ? r->request->context : &r->vars[x->var];
}

const struct cedar_value *cedar_eval(struct cedar_run *r, const struct cedar_expr *x,
				     struct cedar_value *room)
{
	if (x->constant)
		return x->constant;
	if (x->op == EXPR_LITERAL)
		return &x->literal;
	if (x->op == EXPR_VAR)
		return cedar_eval_var(r, x);
	if (++r->work > LIMIT_DECISION_WORK)
		return cedar_run_spent(r);
	switch (x->op) {
	case EXPR_SLOT:
		return cedar_eval_fail(r, x, "a slot stands in a condition");
	case EXPR_IF:
		return eval_if(r, x, room);
	case EXPR_AND:
	case EXPR_OR:
		return eval_chain(r, x);
	case EXPR_NOT: {
		const struct cedar_value *v = eval_bool(r, x->args[0]);

		return v ? cedar_eval_bool(!v->boolean) : NULL;
	}
	case EXPR_IS:
		return eval_is(r, x);
	case EXPR_SET:
		return eval_set(r, x, room);
	case EXPR_RECORD:
		return eval_record(r, x, room);
	default:
		return eval_all(r, x, room);
	}
}

/* --- constants --- */

/* Of the request or the entities; also what is not worth folding, since it is cheap as it is. */
static bool depends(const struct cedar_expr *x)
{
	if (x->op != EXPR_SET && x->op != EXPR_RECORD && x->op != EXPR_CALL)
		return true;
	if (x->op == EXPR_CALL && (x->call == CALL_GET_TAG || x->call == CALL_HAS_TAG))
		return true;
	for (uint32_t i = 0; i < x->arg_count; i++)
		if (x->args[i]->op != EXPR_LITERAL && !x->args[i]->constant)
			return true;
	return false;
}

enum err cedar_fold(struct cedar_expr *x, struct arena *memory)
{
	struct cedar_run r = { .arena = memory };
	struct arena_mark mark = arena_mark(memory);
	struct cedar_value room, *kept;
	const struct cedar_value *v;

	if (depends(x))
		return OK;
	v = cedar_eval(&r, x, &room);
	if (r.failure != OK)
		return r.failure;
	/* What errs must err when it is reached, and only then: it stays as it is. */
	if (!v) {
		arena_rewind(memory, mark);
		return OK;
	}
	kept = arena_alloc(memory, sizeof(*kept));
	if (!kept)
		return ERR_MEMORY;
	*kept = *v;
	x->constant = kept;
	return OK;
}
