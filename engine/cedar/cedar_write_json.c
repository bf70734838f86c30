/*
 * cedar_write_json: a policy set as JSON, in the format that cedar_est reads. Everything is
 * written that is in the set, ids, templates and links included, so it reads as the same set.
 *
 * Source: docs.cedarpolicy.com, "JSON policy format".
 */
#include "engine/base/canon.h"
#include "engine/cedar/inside.h"

static void write_expr(struct buf *b, const struct cedar_expr *e);

/* Without the escape: only values inside of "Value" need it. */
static void write_uid(struct buf *b, const struct cedar_uid *uid)
{
	buf_add_c(b, "{\"type\":");
	canon_string(b, uid->type);
	buf_add_c(b, ",\"id\":");
	canon_string(b, uid->id);
	buf_add_byte(b, '}');
}

/* {"Value": ..}, with the escape for an entity. */
static void write_literal(struct buf *b, const struct cedar_value *v)
{
	buf_add_c(b, "{\"Value\":");
	switch (v->kind) {
	case CEDAR_BOOL:
		buf_add_c(b, v->boolean ? "true" : "false");
		break;
	case CEDAR_LONG:
		buf_add_i64(b, v->integer);
		break;
	case CEDAR_STRING:
		canon_string(b, v->string);
		break;
	case CEDAR_ENTITY:
		buf_add_c(b, "{\"__entity\":");
		write_uid(b, &v->uid);
		buf_add_byte(b, '}');
		break;
	default:
		MUST(!"a literal of another kind");
	}
	buf_add_byte(b, '}');
}

/* Members of that name, in order: {"left":..,"right":..} */
static void write_args(struct buf *b, const struct cedar_expr *e, const char *const *names)
{
	buf_add_byte(b, '{');
	for (uint32_t i = 0; i < e->arg_count; i++) {
		buf_addf(b, "%s\"%s\":", i > 0 ? "," : "", names[i]);
		write_expr(b, e->args[i]);
	}
}

/* Arguments as a list: sets, and calls of extensions. */
static void write_list(struct buf *b, const struct cedar_expr *e)
{
	buf_add_byte(b, '[');
	for (uint32_t i = 0; i < e->arg_count; i++) {
		buf_add_c(b, i > 0 ? "," : "");
		write_expr(b, e->args[i]);
	}
	buf_add_byte(b, ']');
}

/* Keys keep their order, which canonical JSON would not; their meaning has none. */
static void write_record(struct buf *b, const struct cedar_expr *e)
{
	buf_add_byte(b, '{');
	for (uint32_t i = 0; i < e->arg_count; i++) {
		buf_add_c(b, i > 0 ? "," : "");
		canon_string(b, e->names[i]);
		buf_add_byte(b, ':');
		write_expr(b, e->args[i]);
	}
	buf_add_byte(b, '}');
}

/* One name is a string, several are a list. */
static void write_names(struct buf *b, const struct cedar_expr *e)
{
	buf_add_c(b, e->name_count > 1 ? "[" : "");
	for (uint32_t i = 0; i < e->name_count; i++) {
		buf_add_c(b, i > 0 ? "," : "");
		canon_string(b, e->names[i]);
	}
	buf_add_c(b, e->name_count > 1 ? "]" : "");
}

/* Runs as they are; there are never two of a kind in a row. */
static void write_pattern(struct buf *b, const struct cedar_expr *e)
{
	buf_add_byte(b, '[');
	for (size_t i = 0; i < e->pattern.count; i++) {
		buf_add_c(b, i > 0 ? "," : "");
		if (e->pattern.runs[i].star) {
			buf_add_c(b, "\"Wildcard\"");
			continue;
		}
		buf_add_c(b, "{\"Literal\":");
		canon_string(b, e->pattern.runs[i].text);
		buf_add_byte(b, '}');
	}
	buf_add_byte(b, ']');
}

/* Methods of the language have named arguments, those of extensions a list. */
static void write_call(struct buf *b, const struct cedar_expr *e)
{
	static const char *const one[] = { "arg" }, *const two[] = { "left", "right" };

	buf_addf(b, "{\"%s\":", cedar_call_name(e->call));
	if (cedar_call_is_core(e->call)) {
		write_args(b, e, e->arg_count == 1 ? one : two);
		buf_add_byte(b, '}');
	} else {
		write_list(b, e);
	}
	buf_add_byte(b, '}');
}

/* {"OPERATOR":{"left":..,"right":.., ...}} */
static void write_operator(struct buf *b, const struct cedar_expr *e)
{
	static const char *const one[] = { "arg" }, *const two[] = { "left", "right" };
	static const char *const is[] = { "left", "in" };
	static const char *const three[] = { "if", "then", "else" };
	const char *name = e->op == EXPR_IF    ? "if-then-else"
			   : e->op == EXPR_NEG ? "neg"
			   : e->op == EXPR_GET ? "."
					       : cedar_op_text(e->op);

	buf_addf(b, "{\"%s\":", name);
	if (e->op == EXPR_IF)
		write_args(b, e, three);
	else if (e->op == EXPR_NOT || e->op == EXPR_NEG)
		write_args(b, e, one);
	else
		write_args(b, e, e->op == EXPR_IS ? is : two);
	if (e->op == EXPR_GET || e->op == EXPR_HAS)
		buf_add_c(b, ",\"attr\":");
	if (e->op == EXPR_GET)
		canon_string(b, e->name);
	if (e->op == EXPR_HAS)
		write_names(b, e);
	if (e->op == EXPR_LIKE) {
		buf_add_c(b, ",\"pattern\":");
		write_pattern(b, e);
	}
	if (e->op == EXPR_IS) {
		buf_add_c(b, ",\"entity_type\":");
		canon_string(b, e->name);
	}
	buf_add_c(b, "}}");
}

static void write_expr(struct buf *b, const struct cedar_expr *e)
{
	switch (e->op) {
	case EXPR_LITERAL:
		write_literal(b, &e->literal);
		return;
	case EXPR_VAR:
		buf_addf(b, "{\"Var\":\"%s\"}", cedar_var_name(e->var));
		return;
	case EXPR_CALL:
		write_call(b, e);
		return;
	case EXPR_SET:
	case EXPR_RECORD:
		buf_add_c(b, e->op == EXPR_SET ? "{\"Set\":" : "{\"Record\":");
		if (e->op == EXPR_SET)
			write_list(b, e);
		else
			write_record(b, e);
		buf_add_byte(b, '}');
		return;
	default:
		write_operator(b, e);
	}
}

/* --- policies --- */

static void write_place(struct buf *b, const struct cedar_scope *s, const char *name)
{
	if (s->slot) {
		buf_addf(b, "\"slot\":\"?%s\"", name);
		return;
	}
	buf_add_c(b, "\"entity\":");
	write_uid(b, &s->uid);
}

/* A list of one action stays a list: both forms mean the same, and this one was written. */
static void write_scope(struct buf *b, const struct cedar_scope *s, const char *name)
{
	static const char *const ops[] = {
		[SCOPE_ANY] = "All", [SCOPE_EQ] = "==",    [SCOPE_IN] = "in",
		[SCOPE_IS] = "is",   [SCOPE_IS_IN] = "is",
	};

	buf_addf(b, "\"%s\":{\"op\":\"%s\"", name, ops[s->op]);
	if (s->op == SCOPE_IS || s->op == SCOPE_IS_IN) {
		buf_add_c(b, ",\"entity_type\":");
		canon_string(b, s->type);
	}
	if (s->op == SCOPE_IS_IN) {
		buf_add_c(b, ",\"in\":{");
		write_place(b, s, name);
		buf_add_byte(b, '}');
	} else if (s->listed) {
		buf_add_c(b, ",\"entities\":[");
		for (size_t i = 0; i < s->list_count; i++) {
			buf_add_c(b, i > 0 ? "," : "");
			write_uid(b, &s->list[i]);
		}
		buf_add_byte(b, ']');
	} else if (s->op == SCOPE_EQ || s->op == SCOPE_IN) {
		buf_add_byte(b, ',');
		write_place(b, s, name);
	}
	buf_add_c(b, "},");
}

/* An annotation without a value is written with the empty one, which means the same. */
static void write_policy(struct buf *b, const struct cedar_policy *p)
{
	buf_addf(b, "{\"effect\":\"%s\",", p->forbid ? "forbid" : "permit");
	write_scope(b, &p->principal, "principal");
	write_scope(b, &p->action, "action");
	write_scope(b, &p->resource, "resource");
	buf_add_c(b, "\"conditions\":[");
	for (size_t i = 0; i < p->condition_count; i++) {
		buf_addf(b, "%s{\"kind\":\"%s\",\"body\":", i > 0 ? "," : "",
			 p->conditions[i].unless ? "unless" : "when");
		write_expr(b, p->conditions[i].body);
		buf_add_byte(b, '}');
	}
	buf_add_c(b, "],\"annotations\":{");
	for (size_t i = 0; i < p->note_count; i++) {
		buf_add_c(b, i > 0 ? "," : "");
		canon_string(b, p->notes[i].key);
		buf_add_byte(b, ':');
		canon_string(b, p->notes[i].value);
	}
	buf_add_c(b, "}}");
}

/* Slots of a template are filled all or not at all. */
static void write_link(struct buf *b, const struct cedar_policy *p)
{
	buf_add_c(b, "{\"templateId\":");
	canon_string(b, p->template_id);
	buf_add_c(b, ",\"newId\":");
	canon_string(b, p->id);
	buf_add_c(b, ",\"values\":{");
	if (p->wants_principal) {
		buf_add_c(b, "\"?principal\":");
		write_uid(b, &p->slot_principal);
	}
	buf_add_c(b, p->wants_principal && p->wants_resource ? "," : "");
	if (p->wants_resource) {
		buf_add_c(b, "\"?resource\":");
		write_uid(b, &p->slot_resource);
	}
	buf_add_c(b, "}}");
}

/* Those of `list` that are links, or that are not. */
static void write_some(struct buf *b, const struct cedar_policy *const *list, size_t count,
		       bool links)
{
	const char *between = "";

	for (size_t i = 0; i < count; i++) {
		if ((list[i]->template_id.ptr != NULL) != links)
			continue;
		buf_add_c(b, between);
		between = ",";
		if (links) {
			write_link(b, list[i]);
			continue;
		}
		canon_string(b, list[i]->id);
		buf_add_byte(b, ':');
		write_policy(b, list[i]);
	}
}

/* Chains are written as the balanced trees that they are, which keeps documents shallow. */
void cedar_policies_write_json(struct buf *b, const struct cedar_policies *p)
{
	buf_add_c(b, "{\"staticPolicies\":{");
	write_some(b, p->policies, p->count, false);
	buf_add_c(b, "},\"templates\":{");
	write_some(b, p->templates, p->template_count, false);
	buf_add_c(b, "},\"templateLinks\":[");
	write_some(b, p->policies, p->count, true);
	buf_add_c(b, "]}");
}
