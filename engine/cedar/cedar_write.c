/*
 * cedar_write: policies as Cedar text, in one style: what reads as the same tree is written with
 * the same bytes. Parentheses stand where the tree needs them and nowhere else; comments are not
 * in the tree, so they are not kept. A linked template is written as the policy that it became.
 *
 * A condition stands on one line when it fits, else on lines of its own, where the operands of an
 * outermost && or || get a line each.
 */
#include "engine/cedar/inside.h"

#define LINE_COLUMNS 80

/* How tightly operators bind. An operand that binds less than its place wants is in parentheses. */
enum binding {
	BINDS_EXPR = 0,
	BINDS_OR,
	BINDS_AND,
	BINDS_RELATION,
	BINDS_SUM,
	BINDS_PRODUCT,
	BINDS_UNARY,
	BINDS_MEMBER,
};

static const enum binding bindings[CEDAR_OPS] = {
	[EXPR_LITERAL] = BINDS_MEMBER, [EXPR_VAR] = BINDS_MEMBER,    [EXPR_IF] = BINDS_EXPR,
	[EXPR_AND] = BINDS_AND,        [EXPR_OR] = BINDS_OR,         [EXPR_NOT] = BINDS_UNARY,
	[EXPR_NEG] = BINDS_UNARY,      [EXPR_EQ] = BINDS_RELATION,   [EXPR_NE] = BINDS_RELATION,
	[EXPR_LT] = BINDS_RELATION,    [EXPR_LE] = BINDS_RELATION,   [EXPR_GT] = BINDS_RELATION,
	[EXPR_GE] = BINDS_RELATION,    [EXPR_IN] = BINDS_RELATION,   [EXPR_ADD] = BINDS_SUM,
	[EXPR_SUB] = BINDS_SUM,        [EXPR_MUL] = BINDS_PRODUCT,   [EXPR_GET] = BINDS_MEMBER,
	[EXPR_HAS] = BINDS_RELATION,   [EXPR_LIKE] = BINDS_RELATION, [EXPR_IS] = BINDS_RELATION,
	[EXPR_SET] = BINDS_MEMBER,     [EXPR_RECORD] = BINDS_MEMBER, [EXPR_CALL] = BINDS_MEMBER,
};

/* A negative integer begins with an operator. */
static enum binding binding_of(const struct cedar_expr *e)
{
	bool negative = e->op == EXPR_LITERAL && e->literal.kind == CEDAR_LONG &&
			e->literal.integer < 0;

	return negative ? BINDS_UNARY : bindings[e->op];
}

static void write_expr(struct buf *b, const struct cedar_expr *e, enum binding place);

/* Values of extensions are no literals: they are calls. */
static void write_literal(struct buf *b, const struct cedar_value *v)
{
	switch (v->kind) {
	case CEDAR_BOOL:
		buf_add_c(b, v->boolean ? "true" : "false");
		return;
	case CEDAR_LONG:
		buf_add_i64(b, v->integer);
		return;
	case CEDAR_STRING:
		cedar_string_write(b, v->string);
		return;
	case CEDAR_ENTITY:
		cedar_uid_write(b, &v->uid);
		return;
	default:
		MUST(!"a literal of another kind");
	}
}

/* A name as it is when it may be one, else in quotes. */
static void write_key(struct buf *b, struct str name)
{
	if (cedar_name_ok(name))
		buf_add(b, name);
	else
		cedar_string_write(b, name);
}

/* What stands between brackets and commas, from argument `from` on; records have keys. */
static void write_list(struct buf *b, const struct cedar_expr *e, uint32_t from)
{
	for (uint32_t i = from; i < e->arg_count; i++) {
		if (i > from)
			buf_add_c(b, ", ");
		if (e->op == EXPR_RECORD) {
			write_key(b, e->names[i]);
			buf_add_c(b, ": ");
		}
		write_expr(b, e->args[i], BINDS_EXPR);
	}
}

/* A method's first argument stands before the dot. */
static void write_call(struct buf *b, const struct cedar_expr *e)
{
	bool method = cedar_call_is_method(e->call);

	if (method) {
		write_expr(b, e->args[0], BINDS_MEMBER);
		buf_add_byte(b, '.');
	}
	buf_add_c(b, cedar_call_name(e->call));
	buf_add_byte(b, '(');
	write_list(b, e, method);
	buf_add_byte(b, ')');
}

/* What needs no parentheses anywhere. */
static void write_member(struct buf *b, const struct cedar_expr *e)
{
	switch (e->op) {
	case EXPR_LITERAL:
		write_literal(b, &e->literal);
		return;
	case EXPR_VAR:
		buf_add_c(b, cedar_var_name(e->var));
		return;
	case EXPR_GET:
		write_expr(b, e->args[0], BINDS_MEMBER);
		buf_add_c(b, cedar_name_ok(e->name) ? "." : "[");
		write_key(b, e->name);
		buf_add_c(b, cedar_name_ok(e->name) ? "" : "]");
		return;
	case EXPR_CALL:
		write_call(b, e);
		return;
	default:
		MUST(e->op == EXPR_SET || e->op == EXPR_RECORD);
		buf_add_byte(b, e->op == EXPR_SET ? '[' : '{');
		write_list(b, e, 0);
		buf_add_byte(b, e->op == EXPR_SET ? ']' : '}');
	}
}

/* `between` stands between the operands of a chain; it holds the sign. */
static void write_chain(struct buf *b, const struct cedar_expr *e, enum cedar_op op,
			const char *between)
{
	if (e->op != op) {
		write_expr(b, e, op == EXPR_OR ? BINDS_AND : BINDS_RELATION);
		return;
	}
	write_chain(b, e->args[0], op, between);
	buf_add_c(b, between);
	write_chain(b, e->args[1], op, between);
}

/* Both sides bind more than a comparison, since comparisons do not chain. */
static void write_relation(struct buf *b, const struct cedar_expr *e)
{
	write_expr(b, e->args[0], BINDS_SUM);
	buf_addf(b, " %s ", cedar_op_text(e->op));
	switch (e->op) {
	case EXPR_HAS:
		for (uint32_t i = 0; i < e->name_count; i++) {
			buf_add_c(b, i > 0 ? "." : "");
			write_key(b, e->names[i]);
		}
		return;
	case EXPR_LIKE:
		cedar_glob_write(b, e->pattern.runs, e->pattern.count);
		return;
	case EXPR_IS:
		buf_add(b, e->name);
		if (e->arg_count == 2) {
			buf_add_c(b, " in ");
			write_expr(b, e->args[1], BINDS_SUM);
		}
		return;
	default:
		write_expr(b, e->args[1], BINDS_SUM);
	}
}

/* The tree leans left: an operand on the right binds more than the operator. */
static void write_arithmetic(struct buf *b, const struct cedar_expr *e)
{
	enum binding binding = binding_of(e);

	write_expr(b, e->args[0], binding);
	buf_addf(b, " %s ", cedar_op_text(e->op));
	write_expr(b, e->args[1], binding + 1);
}

/* Its parts are whole expressions, so nothing in it is in parentheses. */
static void write_if(struct buf *b, const struct cedar_expr *e)
{
	static const char *const words[] = { "if ", " then ", " else " };

	for (int i = 0; i < 3; i++) {
		buf_add_c(b, words[i]);
		write_expr(b, e->args[i], BINDS_EXPR);
	}
}

/* An integer behind a minus would become its own. */
static void write_unary(struct buf *b, const struct cedar_expr *e)
{
	const struct cedar_expr *arg = e->args[0];
	bool integer = arg->op == EXPR_LITERAL && arg->literal.kind == CEDAR_LONG;

	buf_add_c(b, cedar_op_text(e->op));
	if (integer && e->op == EXPR_NEG) {
		buf_add_byte(b, '(');
		write_expr(b, arg, BINDS_EXPR);
		buf_add_byte(b, ')');
	} else {
		write_expr(b, arg, BINDS_MEMBER);
	}
}

/* In parentheses when the place wants more binding than the expression has. */
static void write_expr(struct buf *b, const struct cedar_expr *e, enum binding place)
{
	enum binding binding = binding_of(e);

	if (binding < place)
		buf_add_byte(b, '(');
	switch (binding) {
	case BINDS_EXPR:
		write_if(b, e);
		break;
	case BINDS_OR:
	case BINDS_AND:
		write_chain(b, e, e->op, e->op == EXPR_OR ? " || " : " && ");
		break;
	case BINDS_RELATION:
		write_relation(b, e);
		break;
	case BINDS_SUM:
	case BINDS_PRODUCT:
		write_arithmetic(b, e);
		break;
	case BINDS_UNARY:
		if (e->op == EXPR_LITERAL)
			write_literal(b, &e->literal);
		else
			write_unary(b, e);
		break;
	case BINDS_MEMBER:
		write_member(b, e);
		break;
	}
	if (binding < place)
		buf_add_byte(b, ')');
}

/* --- policies --- */

/* What a scope compares with. */
static void write_place(struct buf *b, const struct cedar_scope *s, const char *name, bool linked)
{
	if (s->slot && !linked)
		buf_addf(b, "?%s", name);
	else
		cedar_uid_write(b, &s->uid);
}

/* `linked`: slots are written as what fills them. */
static void write_scope(struct buf *b, const struct cedar_scope *s, const char *name, bool linked)
{
	buf_add_c(b, name);
	switch (s->op) {
	case SCOPE_ANY:
		return;
	case SCOPE_EQ:
		buf_add_c(b, " == ");
		break;
	case SCOPE_IN:
		buf_add_c(b, " in ");
		break;
	case SCOPE_IS:
	case SCOPE_IS_IN:
		buf_add_c(b, " is ");
		buf_add(b, s->type);
		if (s->op == SCOPE_IS)
			return;
		buf_add_c(b, " in ");
		break;
	}
	if (!s->listed) {
		write_place(b, s, name, linked);
		return;
	}
	buf_add_byte(b, '[');
	for (size_t i = 0; i < s->list_count; i++) {
		buf_add_c(b, i > 0 ? ", " : "");
		cedar_uid_write(b, &s->list[i]);
	}
	buf_add_byte(b, ']');
}

void cedar_expr_write(struct buf *b, const struct cedar_expr *e)
{
	write_expr(b, e, BINDS_EXPR);
}

void cedar_scope_write(struct buf *b, enum cedar_var var, const struct cedar_scope *s)
{
	write_scope(b, s, cedar_var_name(var), true);
}

/* Nothing to ask for: one line. Else a line for each part. */
static void write_head(struct buf *b, const struct cedar_policy *p)
{
	bool any = p->principal.op == SCOPE_ANY && p->action.op == SCOPE_ANY &&
		   p->resource.op == SCOPE_ANY;
	const char *between = any ? ", " : ",\n  ";

	for (size_t i = 0; i < p->note_count; i++) {
		buf_add_byte(b, '@');
		buf_add(b, p->notes[i].key);
		if (p->notes[i].value.len) {
			buf_add_byte(b, '(');
			cedar_string_write(b, p->notes[i].value);
			buf_add_byte(b, ')');
		}
		buf_add_byte(b, '\n');
	}
	buf_add_c(b, p->forbid ? "forbid (" : "permit (");
	buf_add_c(b, any ? "" : "\n  ");
	write_scope(b, &p->principal, "principal", p->template_id.ptr);
	buf_add_c(b, between);
	write_scope(b, &p->action, "action", p->template_id.ptr);
	buf_add_c(b, between);
	write_scope(b, &p->resource, "resource", p->template_id.ptr);
	buf_add_c(b, any ? ")" : "\n)");
}

/* Written on one line first; when that is too long, it is taken back and broken. */
static void write_condition(struct buf *b, const struct cedar_condition *c)
{
	const char *word = c->unless ? "unless" : "when";
	bool chain = c->body->op == EXPR_AND || c->body->op == EXPR_OR;
	size_t start = b->len;

	buf_addf(b, "\n%s { ", word);
	write_expr(b, c->body, BINDS_EXPR);
	buf_add_c(b, " }");
	/* One more for the semicolon; the line feed counts for it. */
	if (b->err != OK || b->len - start <= LINE_COLUMNS)
		return;
	b->len = start;
	buf_addf(b, "\n%s {\n  ", word);
	if (chain)
		write_chain(b, c->body, c->body->op,
			    c->body->op == EXPR_AND ? " &&\n  " : " ||\n  ");
	else
		write_expr(b, c->body, BINDS_EXPR);
	buf_add_c(b, "\n}");
}

/* In the order in which they came, so that ids, which are places, are the same when read again. */
void cedar_policies_write(struct buf *b, const struct cedar_policies *p)
{
	for (size_t i = 0; i < p->count + p->template_count; i++) {
		const struct cedar_policy *policy = p->all[i];

		buf_add_c(b, i > 0 ? "\n" : "");
		write_head(b, policy);
		for (size_t c = 0; c < policy->condition_count; c++)
			write_condition(b, &policy->conditions[c]);
		buf_add_c(b, ";\n");
	}
}
