/*
 * cedar_validate: what is wrong with a set of policies under a schema.
 *
 *   names        entity types, actions and ids of enumerations that the schema does not declare
 *   application  no action applies to what the scope lets through
 *   types        in each request environment that the schema allows, the scope and the conditions
 *                as one conjunction; once they are known to be false, the rest need not have a type
 *   warning      they are known to be false in every environment
 *
 * A template is judged once. Its slots stand in the scope only, as what a variable is or is in, and
 * whatever type they have, that may be: so they are taken to be of the variable's own type. Of its
 * links only what stands in the slots is judged.
 *
 * A scope that no action applies to was an error before release 4.13 of the reference and is a
 * warning since, because no such policy does harm; here too.
 */
#include <stdarg.h>
#include <stdio.h>

#include "engine/cedar/typing.h"

#define FINDING_BYTES 480
/* Each is compared with the others of its policy. */
#define FINDINGS_MOST 256
#define SCOPES 3

struct validator {
	const struct cedar_schema *schema;
	struct cedar_typing typing;
	struct arena *memory;
	struct cedar_finding *items;
	size_t count, room;
	bool valid;
	enum err err;
	/* the policy under judgement */
	const struct cedar_policy *policy;
	size_t number, first_finding;
	bool template;
	const struct cedar_expr **parts;     /* the scope, then the conditions */
	size_t part_count;
	bool possible;
};

/* --- findings --- */

/* One place, one finding: the first environment in which it shows stands for all. */
static bool is_known(const struct validator *v, uint32_t line, uint32_t column, struct str text)
{
	for (size_t i = v->first_finding; i < v->count; i++) {
		const struct cedar_finding *f = &v->items[i];

		if (f->line == line && f->column == column && (line || str_eq(f->text, text)))
			return true;
	}
	return false;
}

static void add(struct validator *v, bool warning, uint32_t line, uint32_t column,
		struct str text)
{
	void *items = v->items;

	if (v->err == OK)
		v->err = cedar_grow(v->memory, &items, v->count, &v->room, sizeof(*v->items));
	if (v->err != OK)
		return;
	v->items = items;
	v->items[v->count++] = (struct cedar_finding){
		.policy = v->number, .of_template = v->template, .id = v->policy->id,
		.warning = warning, .line = line, .column = column, .text = text,
	};
}

static void PRINTF_LIKE(5, 6) find(struct validator *v, bool warning, uint32_t line,
				   uint32_t column, const char *fmt, ...)
{
	char text[FINDING_BYTES];
	struct str copy;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	str_tidy(text, sizeof(text));
	v->valid = v->valid && warning;
	if (v->err != OK || v->count - v->first_finding == FINDINGS_MOST ||
	    is_known(v, line, column, str_view(text)))
		return;
	v->err = arena_copy(v->memory, str_view(text), &copy);
	add(v, warning, line, column, copy);
}

/* --- names --- */

static void check_type(struct validator *v, struct str type, uint32_t line, uint32_t column)
{
	struct cedar_guess guess;

	if (cedar_is_action_type(type) || cedar_schema_type(v->schema, type))
		return;
	cedar_guess_init(&guess, type);
	for (size_t i = 0; i < v->schema->type_count && guess.shown < CEDAR_GUESSES; i++)
		cedar_guess_show(&guess, v->schema->types[i].name);
	if (guess.best.ptr)
		find(v, false, line, column,
		     "the schema has no entity type '%.*s'; did you mean '%.*s'?", SHOWN(type),
		     SHOWN(guess.best));
	else
		find(v, false, line, column, "the schema has no entity type '%.*s'", SHOWN(type));
}

static void check_action(struct validator *v, const struct cedar_uid *uid, uint32_t line,
			 uint32_t column)
{
	struct cedar_guess guess;

	if (cedar_schema_action(v->schema, uid))
		return;
	cedar_guess_init(&guess, uid->id);
	for (size_t i = 0; i < v->schema->action_count && guess.shown < CEDAR_GUESSES; i++)
		cedar_guess_show(&guess, v->schema->actions[i].uid.id);
	if (guess.best.ptr)
		find(v, false, line, column,
		     "the schema has no action %.*s::\"%.*s\"; did you mean \"%.*s\"?",
		     SHOWN(uid->type), SHOWN(uid->id), SHOWN(guess.best));
	else
		find(v, false, line, column, "the schema has no action %.*s::\"%.*s\"",
		     SHOWN(uid->type), SHOWN(uid->id));
}

/* An entity that a policy names. Ids are known of actions and of enumerations only. */
static void check_entity(struct validator *v, const struct cedar_uid *uid, uint32_t line,
			 uint32_t column)
{
	const struct cedar_entity_type *type = cedar_schema_type(v->schema, uid->type);
	struct cedar_guess guess;

	if (cedar_is_action_type(uid->type)) {
		check_action(v, uid, line, column);
		return;
	}
	check_type(v, uid->type, line, column);
	if (!type || !type->enumeration || cedar_schema_lists(type->ids, type->id_count, uid->id))
		return;
	cedar_guess_init(&guess, uid->id);
	for (size_t i = 0; i < type->id_count && guess.shown < CEDAR_GUESSES; i++)
		cedar_guess_show(&guess, type->ids[i]);
	if (guess.best.ptr)
		find(v, false, line, column,
		     "the enumeration '%.*s' has no \"%.*s\"; did you mean \"%.*s\"?",
		     SHOWN(uid->type), SHOWN(uid->id), SHOWN(guess.best));
	else
		find(v, false, line, column, "the enumeration '%.*s' has no \"%.*s\"",
		     SHOWN(uid->type), SHOWN(uid->id));
}

/* What is never reached has to be declared all the same. */
static void check_names(struct validator *v, const struct cedar_expr *e)
{
	if (!cedar_step(&v->typing.judge, 1))
		return;
	if (e->op == EXPR_LITERAL && e->literal.kind == CEDAR_ENTITY)
		check_entity(v, &e->literal.uid, e->line, e->column);
	if (e->op == EXPR_IS)
		check_type(v, e->name, e->line, e->column);
	for (uint32_t i = 0; i < e->arg_count; i++)
		check_names(v, e->args[i]);
}

/* --- application --- */

/* Could an entity of the type be what the scope wants? `slot` NULL where it stands open. */
static bool scope_lets_type(struct validator *v, const struct cedar_scope *scope,
			    const struct cedar_uid *slot, struct str type)
{
	struct cedar_judge *j = &v->typing.judge;
	bool open = scope->slot && !slot;
	const struct cedar_uid *uid = scope->slot ? slot : &scope->uid;

	switch (scope->op) {
	case SCOPE_EQ:
		return open || str_eq(uid->type, type);
	case SCOPE_IN:
		return open || cedar_type_in(j, type, uid->type);
	case SCOPE_IS:
		return str_eq(scope->type, type);
	case SCOPE_IS_IN:
		return str_eq(scope->type, type) && (open || cedar_type_in(j, type, uid->type));
	default:
		return true;
	}
}

/* Of the action all is known: it is one of the list, or in one of it. */
static bool scope_lets_action(struct validator *v, const struct cedar_scope *scope,
			      const struct cedar_action *action)
{
	const struct cedar_uid *list = scope->listed ? scope->list : &scope->uid;
	size_t count = scope->listed ? scope->list_count : 1;

	if (scope->op == SCOPE_ANY)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (cedar_uid_eq(&list[i], &action->uid))
			return true;
		if (!cedar_step(&v->typing.judge, action->ancestor_count + 1))
			return false;
		for (size_t k = 0; scope->op == SCOPE_IN && k < action->ancestor_count; k++)
			if (cedar_uid_eq(&list[i], &action->ancestors[k]))
				return true;
	}
	return false;
}

static bool lets_any(struct validator *v, const struct cedar_scope *scope,
		     const struct cedar_uid *slot, const struct str *types, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (cedar_step(&v->typing.judge, 1) && scope_lets_type(v, scope, slot, types[i]))
			return true;
	return false;
}

/* Slots: of a link what stands in them; NULL for a template, where anything may. */
static void check_application(struct validator *v, const struct cedar_uid *principal,
			      const struct cedar_uid *resource)
{
	const struct cedar_policy *p = v->policy;

	for (size_t i = 0; i < v->schema->action_count; i++) {
		const struct cedar_action *action = &v->schema->actions[i];

		if (scope_lets_action(v, &p->action, action) &&
		    lets_any(v, &p->principal, principal, action->principals,
			     action->principal_count) &&
		    lets_any(v, &p->resource, resource, action->resources, action->resource_count))
			return;
	}
	find(v, true, p->line, p->column,
	     "no action of the schema applies to the principals, actions and resources of this "
	     "scope together");
}

/* --- the conjunction --- */

static const struct cedar_expr *new_expr(struct validator *v, struct cedar_expr e,
					 const struct cedar_expr *a, const struct cedar_expr *b)
{
	const struct cedar_expr **args = arena_array(v->memory, 2, sizeof(*args));
	struct cedar_expr *copy = arena_alloc(v->memory, sizeof(*copy));

	if (!copy || !args || v->err != OK) {
		v->err = v->err == OK ? ERR_MEMORY : v->err;
		return NULL;
	}
	args[0] = a;
	args[1] = b;
	*copy = e;
	if (a) {
		copy->args = args;
		copy->arg_count = b ? 2 : 1;
	}
	return copy;
}

static const struct cedar_expr *entity_expr(struct validator *v, const struct cedar_scope *scope,
					    struct cedar_uid uid)
{
	return new_expr(v,
			(struct cedar_expr){ .op = EXPR_LITERAL, .line = scope->line,
					     .column = scope->column,
					     .literal = { .kind = CEDAR_ENTITY, .uid = uid } },
			NULL, NULL);
}

/* The list of `action in [..]`. */
static const struct cedar_expr *list_expr(struct validator *v, const struct cedar_scope *scope)
{
	const struct cedar_expr **args = arena_array(v->memory, scope->list_count, sizeof(*args));
	struct cedar_expr *copy = arena_alloc(v->memory, sizeof(*copy));

	if (!copy || !args) {
		v->err = ERR_MEMORY;
		return NULL;
	}
	for (size_t i = 0; i < scope->list_count; i++)
		args[i] = entity_expr(v, scope, scope->list[i]);
	*copy = (struct cedar_expr){ .op = EXPR_SET, .line = scope->line, .column = scope->column,
				     .args = args, .arg_count = (uint32_t)scope->list_count };
	return copy;
}

/* What a scope says, as the expression that it is short for. NULL: the error is set. */
static const struct cedar_expr *scope_expr(struct validator *v, const struct cedar_scope *scope,
					   enum cedar_var var)
{
	static const enum cedar_op ops[] = {
		[SCOPE_ANY] = EXPR_LITERAL, [SCOPE_EQ] = EXPR_EQ, [SCOPE_IN] = EXPR_IN,
		[SCOPE_IS] = EXPR_IS, [SCOPE_IS_IN] = EXPR_IS,
	};
	struct cedar_expr e = { .op = ops[scope->op], .line = scope->line,
				.column = scope->column };
	struct cedar_expr own = { .op = EXPR_VAR, .line = scope->line, .column = scope->column,
				  .var = var };
	struct cedar_expr slot = { .op = EXPR_SLOT, .line = scope->line, .column = scope->column,
				   .var = var };
	const struct cedar_expr *right = NULL;

	if (scope->op == SCOPE_ANY) {
		e.literal = (struct cedar_value){ .kind = CEDAR_BOOL, .boolean = true };
		return new_expr(v, e, NULL, NULL);
	}
	if (scope->op == SCOPE_IS || scope->op == SCOPE_IS_IN)
		e.name = scope->type;
	if (scope->slot)
		right = new_expr(v, slot, NULL, NULL);
	else if (scope->listed)
		right = list_expr(v, scope);
	else if (scope->op != SCOPE_IS)
		right = entity_expr(v, scope, scope->uid);
	return new_expr(v, e, new_expr(v, own, NULL, NULL), right);
}

/* Made once for all environments: the scope in front, so that what it rules out is never judged. */
static bool make_parts(struct validator *v)
{
	const struct cedar_policy *p = v->policy;
	const struct cedar_expr **parts = arena_array(v->memory, SCOPES + p->condition_count,
						      sizeof(*parts));

	if (!parts) {
		v->err = ERR_MEMORY;
		return false;
	}
	parts[0] = scope_expr(v, &p->principal, VAR_PRINCIPAL);
	parts[1] = scope_expr(v, &p->action, VAR_ACTION);
	parts[2] = scope_expr(v, &p->resource, VAR_RESOURCE);
	for (size_t i = 0; i < p->condition_count; i++) {
		const struct cedar_expr *body = p->conditions[i].body;
		struct cedar_expr not = { .op = EXPR_NOT, .line = body->line,
					  .column = body->column };

		parts[SCOPES + i] = p->conditions[i].unless ? new_expr(v, not, body, NULL) : body;
	}
	v->parts = parts;
	v->part_count = SCOPES + p->condition_count;
	return v->err == OK;
}

/* --- environments --- */

/* The conjunction in the environment of v->typing. */
static void judge_parts(struct validator *v)
{
	struct cedar_typing *t = &v->typing;
	struct cedar_caps held = { NULL, 0 };
	struct cedar_typed typed;

	t->text = STR_NONE;
	for (size_t i = 0; i < v->part_count; i++) {
		if (!cedar_expect(t, v->parts[i], held, TYPE_BOOL, &typed)) {
			v->possible = true;
			if (t->judge.err == OK && t->text.ptr)
				find(v, false, t->line, t->column,
				     "%.*s (principal %.*s, action \"%.*s\", resource %.*s)",
				     STR_ARG(t->text), SHOWN(t->vars[VAR_PRINCIPAL]->entity),
				     SHOWN(t->action->uid.id),
				     SHOWN(t->vars[VAR_RESOURCE]->entity));
			return;
		}
		if (typed.type->only == ONLY_FALSE)
			return;
		held = cedar_caps_union(&t->judge, held, typed.caps);
	}
	v->possible = true;
}

/* In one environment; what is made on the way is dropped, unless something was found. */
static void judge_types(struct validator *v, const struct cedar_action *action,
			struct str principal, struct str resource)
{
	struct arena_mark mark = arena_mark(v->memory);
	struct cedar_typing *t = &v->typing;
	size_t count = v->count;

	t->action = action;
	t->vars[VAR_PRINCIPAL] = cedar_type_entity(&t->judge, principal);
	t->vars[VAR_ACTION] = cedar_type_entity(&t->judge, action->uid.type);
	t->vars[VAR_RESOURCE] = cedar_type_entity(&t->judge, resource);
	t->vars[VAR_CONTEXT] = action->context;
	if (cedar_step(&t->judge, 1))
		judge_parts(v);
	if (v->err == OK)
		v->err = t->judge.err;
	if (v->err == OK && v->count == count)
		arena_rewind(v->memory, mark);
}

/* Every request that the schema allows is of one of these. */
static void judge_environments(struct validator *v)
{
	for (size_t a = 0; a < v->schema->action_count; a++) {
		const struct cedar_action *action = &v->schema->actions[a];

		for (size_t p = 0; p < action->principal_count; p++)
			for (size_t r = 0; r < action->resource_count && v->err == OK; r++)
				judge_types(v, action, action->principals[p],
					    action->resources[r]);
	}
}

/* --- policies --- */

static void start(struct validator *v, const struct cedar_policy *p, size_t number, bool template)
{
	v->policy = p;
	v->number = number;
	v->template = template;
	v->first_finding = v->count;
	v->possible = false;
}

static void validate_policy(struct validator *v)
{
	if (!make_parts(v))
		return;
	for (size_t i = 0; i < v->part_count; i++)
		check_names(v, v->parts[i]);
	check_application(v, NULL, NULL);
	judge_environments(v);
	if (v->err == OK)
		v->err = v->typing.judge.err;
	if (v->err == OK && !v->possible)
		find(v, true, v->policy->line, v->policy->column,
		     "the policy holds for no request that the schema allows");
}

/* Its template was judged for slots of any type, so only what cannot be is left to find. */
static void validate_link(struct validator *v)
{
	const struct cedar_policy *p = v->policy;
	bool by_principal = p->wants_principal, by_resource = p->wants_resource;

	if (by_principal)
		check_type(v, p->slot_principal.type, p->line, p->column);
	if (by_resource)
		check_type(v, p->slot_resource.type, p->line, p->column);
	check_application(v, by_principal ? &p->slot_principal : NULL,
			  by_resource ? &p->slot_resource : NULL);
	if (v->err == OK)
		v->err = v->typing.judge.err;
}

enum err cedar_validate(const struct cedar_policies *p, const struct cedar_schema *s,
			enum cedar_mode mode, struct arena *a, struct cedar_findings *ret)
{
	struct validator v = { .schema = s, .memory = a, .valid = true };

	v.typing.judge = (struct cedar_judge){ .schema = s, .memory = a,
					       .strict = mode == CEDAR_STRICT };
	for (size_t i = 0; i < p->count && v.err == OK; i++) {
		start(&v, p->policies[i], i, false);
		if (p->policies[i]->template_id.ptr)
			validate_link(&v);
		else
			validate_policy(&v);
	}
	for (size_t i = 0; i < p->template_count && v.err == OK; i++) {
		start(&v, p->templates[i], i, true);
		validate_policy(&v);
	}
	if (v.err == OK)
		*ret = (struct cedar_findings){ v.items, v.count, v.valid };
	return v.err;
}
