/*
 * cedar_est_expr: bodies of conditions from JSON. An expression is an object with one member, whose
 * name is the operator: see the tables at the end. What chains, chains as in text.
 *
 * A document nests only so deep (value.h), which bounds the recursion.
 *
 * Source: docs.cedarpolicy.com, "JSON policy format".
 */
#include "engine/cedar/inside.h"

typedef enum err read_fn(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret);

/* --- values --- */

static enum err add_literal(struct cedar_tree *t, struct cedar_expr node,
			    struct cedar_value literal, const struct cedar_expr **ret)
{
	node.op = EXPR_LITERAL;
	node.literal = literal;
	return cedar_tree_add(t, node, NULL, 0, ret);
}

/* A block for the arguments of a node; NULL is no memory. */
static const struct cedar_expr **make_args(struct cedar_tree *t, size_t count)
{
	return arena_array(t->memory, count, sizeof(const struct cedar_expr *));
}

typedef enum err read_item_fn(struct cedar_tree *t, const struct value *v,
			      const struct cedar_expr **ret);

/* A list of items of either kind: expressions, or plain values. */
static enum err read_list(struct cedar_tree *t, const struct value *list, read_item_fn *read,
			  const struct cedar_expr ***ret)
{
	const struct cedar_expr **args;

	if (list->kind != VALUE_LIST)
		return cedar_est_kind(t, list, "a list");
	args = make_args(t, list->list.count);
	if (!args)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		TRY(read(t, &list->list.items[i], &args[i]));
	*ret = args;
	return OK;
}

/* Keys cannot repeat: the reader of JSON refuses that. */
static enum err read_members(struct cedar_tree *t, const struct value *v, read_item_fn *read,
			     struct cedar_expr node, const struct cedar_expr **ret)
{
	const struct cedar_expr **args;
	struct str *names;

	if (v->kind != VALUE_OBJECT)
		return cedar_est_kind(t, v, "an object");
	args = make_args(t, v->object.count);
	names = arena_array(t->memory, v->object.count, sizeof(*names));
	if (!args || !names)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->object.count; i++) {
		TRY(arena_copy(t->memory, v->object.members[i].key, &names[i]));
		TRY(read(t, &v->object.members[i].value, &args[i]));
	}
	node.op = EXPR_RECORD;
	node.names = names;
	node.name_count = (uint32_t)v->object.count;
	return cedar_tree_add(t, node, args, v->object.count, ret);
}

static enum err read_plain(struct cedar_tree *t, const struct value *v,
			   const struct cedar_expr **ret);

/* {"fn": "ip", "arg": "10.0.0.1"}, or "args" with a list: a call, as it is in text. */
static enum err read_extension(struct cedar_tree *t, const struct value *v,
			       const struct cedar_expr **ret)
{
	static const char *const names[] = { "fn", "arg", "args", NULL };
	struct cedar_token fn = { .line = v->line, .column = v->column };
	const struct cedar_expr *one, **args = &one;
	const struct value *found[CEDAR_FIELDS_MOST];
	size_t count = 1;

	TRY(cedar_est_fields(t, v, names, 1, found));
	TRY(cedar_est_text(t, found[0], &fn.text));
	if (!found[1] == !found[2])
		return note_set(t->note, ERR_TYPE, v->line, v->column,
				"expected one of the members \"arg\" and \"args\"");
	if (found[1]) {
		TRY(read_plain(t, found[1], &one));
	} else {
		TRY(read_list(t, found[2], read_plain, &args));
		count = found[2]->list.count;
	}
	/* The one method that makes a value; its receiver is the first argument. */
	return cedar_tree_call(t, fn, str_is(fn.text, "offset"), args, count, ret);
}

/* What "Value" holds: JSON with Cedar's escapes. */
static enum err read_plain(struct cedar_tree *t, const struct value *v,
			   const struct cedar_expr **ret)
{
	struct cedar_expr node = { .line = v->line, .column = v->column };
	struct cedar_value literal = { .kind = CEDAR_BOOL };
	const struct cedar_expr **args;

	switch (v->kind) {
	case VALUE_BOOL:
		literal.boolean = v->boolean;
		return add_literal(t, node, literal, ret);
	case VALUE_INT:
		literal = (struct cedar_value){ .kind = CEDAR_LONG, .integer = v->integer };
		return add_literal(t, node, literal, ret);
	case VALUE_STRING:
		literal.kind = CEDAR_STRING;
		TRY(cedar_est_text(t, v, &literal.string));
		return add_literal(t, node, literal, ret);
	case VALUE_LIST:
		TRY(read_list(t, v, read_plain, &args));
		node.op = EXPR_SET;
		return cedar_tree_add(t, node, args, v->list.count, ret);
	case VALUE_OBJECT:
		break;
	case VALUE_BIG:
		return note_set(t->note, ERR_RANGE, v->line, v->column,
				"the integer %.*s does not fit 64 bits", SHOWN(v->string));
	case VALUE_NULL:
	case VALUE_REAL:
		return cedar_est_kind(t, v, "what Cedar has values for: no null and no fractions");
	}
	if (v->object.count == 1 && value_get_c(v, "__extn"))
		return read_extension(t, value_get_c(v, "__extn"), ret);
	if (v->object.count != 1 || !value_get_c(v, "__entity"))
		return read_members(t, v, read_plain, node, ret);
	literal.kind = CEDAR_ENTITY;
	TRY(cedar_uid_read_json(v, t->memory, &literal.uid, t->note));
	return add_literal(t, node, literal, ret);
}

/* --- operators --- */

static enum err read_value(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			   const struct cedar_expr **ret)
{
	(void)node;
	return read_plain(t, body, ret);
}

/* By the same names as in text. */
static enum err read_var(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	struct cedar_token name = { .line = node.line, .column = node.column };

	if (body->kind != VALUE_STRING)
		return cedar_est_kind(t, body, "the name of a variable");
	name.text = body->string;
	return cedar_tree_var(t, name, ret);
}

/* The format has room for it, the language has not. */
static enum err read_slot(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			  const struct cedar_expr **ret)
{
	(void)node;
	(void)ret;
	return note_set(t->note, ERR_SYNTAX, body->line, body->column,
			"slots stand in the scope only; here it is principal or resource");
}

/* One argument; the operator is in the node. */
static enum err read_one(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	static const char *const names[] = { "arg", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_expr *arg;

	TRY(cedar_est_fields(t, body, names, 1, found));
	TRY(cedar_est_expr(t, found[0], &arg));
	return cedar_tree_add(t, node, &arg, 1, ret);
}

static enum err read_not(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	node.op = EXPR_NOT;
	return read_one(t, body, node, ret);
}

static enum err read_neg(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	node.op = EXPR_NEG;
	return read_one(t, body, node, ret);
}

/* "attr" may be any text: what is no name is written in brackets. */
static enum err read_get(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	static const char *const names[] = { "left", "attr", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_expr *left;

	TRY(cedar_est_fields(t, body, names, 2, found));
	TRY(cedar_est_expr(t, found[0], &left));
	TRY(cedar_est_text(t, found[1], &node.name));
	node.op = EXPR_GET;
	return cedar_tree_add(t, node, &left, 1, ret);
}

/* Several names are a.b.c, which text can say of names only. */
static enum err read_names(struct cedar_tree *t, const struct value *attr, struct cedar_expr *node)
{
	const struct value *items = attr->kind == VALUE_LIST ? attr->list.items : attr;
	size_t count = attr->kind == VALUE_LIST ? attr->list.count : 1;
	struct str *names = arena_array(t->memory, count, sizeof(*names));

	if (!names)
		return ERR_MEMORY;
	if (count == 0)
		return note_set(t->note, ERR_TYPE, attr->line, attr->column,
				"expected the names of attributes, one at least");
	for (size_t i = 0; i < count; i++) {
		TRY(cedar_est_text(t, &items[i], &names[i]));
		if (count > 1 && !cedar_name_ok(names[i]))
			return note_set(t->note, ERR_SYNTAX, items[i].line, items[i].column,
					"'%.*s' is no name; in a list of attributes all are",
					SHOWN(names[i]));
	}
	node->names = names;
	node->name_count = (uint32_t)count;
	return OK;
}

static enum err read_has(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	static const char *const names[] = { "left", "attr", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_expr *left;

	TRY(cedar_est_fields(t, body, names, 2, found));
	TRY(cedar_est_expr(t, found[0], &left));
	TRY(read_names(t, found[1], &node));
	node.op = EXPR_HAS;
	return cedar_tree_add(t, node, &left, 1, ret);
}

static size_t literal_bytes(const struct value *list)
{
	size_t bytes = 0;

	for (size_t i = 0; i < list->list.count; i++)
		bytes += value_text(&list->list.items[i], "Literal").len;
	return bytes;
}

/*
 * Literals that stand together are one run, and so are stars: a pattern has one form. Writers give
 * each character a literal of its own, so all of them go into one block, where neighbours touch.
 */
static enum err read_pattern(struct cedar_tree *t, const struct value *list,
			     struct cedar_expr *node)
{
	struct cedar_glob *runs;
	size_t count = 0;
	char *text;

	if (list->kind != VALUE_LIST)
		return cedar_est_kind(t, list, "a list of \"Wildcard\" and {\"Literal\": \"...\"}");
	runs = arena_array(t->memory, list->list.count, sizeof(*runs));
	text = arena_alloc(t->memory, literal_bytes(list) + 1);
	if (!runs || !text)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		const struct value *item = &list->list.items[i];
		struct str literal = value_text(item, "Literal");
		bool star = item->kind == VALUE_STRING && str_is(item->string, "Wildcard");
		struct cedar_glob *last = count ? &runs[count - 1] : NULL;

		if (!star && (!literal.ptr || item->object.count != 1))
			return note_set(t->note, ERR_TYPE, item->line, item->column,
					"expected \"Wildcard\" or {\"Literal\": \"...\"}");
		if (!star && literal.len == 0)
			continue;
		if (!last || last->star != star)
			runs[count++] = (struct cedar_glob){ .star = star,
							     .text = str_slice(text, literal.len) };
		else
			last->text.len += literal.len;
		if (literal.len)
			memcpy(text, literal.ptr, literal.len);
		text += literal.len;
	}
	node->pattern.runs = runs;
	node->pattern.count = count;
	return OK;
}

static enum err read_like(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			  const struct cedar_expr **ret)
{
	static const char *const names[] = { "left", "pattern", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_expr *left;

	TRY(cedar_est_fields(t, body, names, 2, found));
	TRY(cedar_est_expr(t, found[0], &left));
	TRY(read_pattern(t, found[1], &node));
	node.op = EXPR_LIKE;
	return cedar_tree_add(t, node, &left, 1, ret);
}

/* With "in" it has two arguments, as in text: `e is T in g` tests the type before the group. */
static enum err read_is(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			const struct cedar_expr **ret)
{
	static const char *const names[] = { "left", "entity_type", "in", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_expr *args[2];

	TRY(cedar_est_fields(t, body, names, 2, found));
	TRY(cedar_est_expr(t, found[0], &args[0]));
	TRY(cedar_est_type(t, found[1], &node.name));
	if (found[2])
		TRY(cedar_est_expr(t, found[2], &args[1]));
	node.op = EXPR_IS;
	return cedar_tree_add(t, node, args, found[2] ? 2 : 1, ret);
}

static enum err read_if(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			const struct cedar_expr **ret)
{
	static const char *const names[] = { "if", "then", "else", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];
	const struct cedar_expr *args[3];

	TRY(cedar_est_fields(t, body, names, 3, found));
	for (int i = 0; i < 3; i++)
		TRY(cedar_est_expr(t, found[i], &args[i]));
	node.op = EXPR_IF;
	return cedar_tree_add(t, node, args, 3, ret);
}

static enum err read_set(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	const struct cedar_expr **args = NULL;

	TRY(read_list(t, body, cedar_est_expr, &args));
	node.op = EXPR_SET;
	return cedar_tree_add(t, node, args, body->list.count, ret);
}

static enum err read_record(struct cedar_tree *t, const struct value *body, struct cedar_expr node,
			    const struct cedar_expr **ret)
{
	return read_members(t, body, cedar_est_expr, node, ret);
}

/* Order of the members does not matter; order of the arguments does. */
static enum err read_two(struct cedar_tree *t, const struct value *body,
			 const struct cedar_expr *args[2])
{
	static const char *const names[] = { "left", "right", NULL };
	const struct value *found[CEDAR_FIELDS_MOST];

	TRY(cedar_est_fields(t, body, names, 2, found));
	TRY(cedar_est_expr(t, found[0], &args[0]));
	return cedar_est_expr(t, found[1], &args[1]);
}

/* && and || of any nesting become the chain that the text would have been. */
static enum err read_binary(struct cedar_tree *t, const struct value *body, enum cedar_op op,
			    struct cedar_expr node, const struct cedar_expr **ret)
{
	struct cedar_chained items[2] = { { .line = 0 }, { NULL, node.line, node.column } };
	const struct cedar_expr *args[2];

	TRY(read_two(t, body, args));
	if (op == EXPR_AND || op == EXPR_OR) {
		items[0].expr = args[0];
		items[1].expr = args[1];
		return cedar_tree_chain(t, op, items, 2, ret);
	}
	node.op = op;
	return cedar_tree_add(t, node, args, 2, ret);
}

/* Methods of the language have "left" and "right" or "arg"; those of extensions a list. */
static enum err read_call(struct cedar_tree *t, const struct value *body, enum cedar_call call,
			  const struct member *m, const struct cedar_expr **ret)
{
	const struct cedar_token name = { .text = m->key, .line = m->line, .column = m->column };
	struct cedar_expr node = { .op = EXPR_CALL, .line = m->line, .column = m->column };
	const struct cedar_expr *two[2], **args = two;

	node.call = call;
	if (call == CALL_IS_EMPTY)
		return read_one(t, body, node, ret);
	if (cedar_call_is_core(call)) {
		TRY(read_two(t, body, two));
		return cedar_tree_call(t, name, true, args, 2, ret);
	}
	TRY(read_list(t, body, cedar_est_expr, &args));
	if (cedar_call_is_method(call) && body->list.count == 0)
		return note_set(t->note, ERR_TYPE, body->line, body->column,
				"a method has its receiver as its first argument");
	return cedar_tree_call(t, name, cedar_call_is_method(call), args, body->list.count, ret);
}

static const struct reader {
	const char *name;
	read_fn *read;
} readers[] = {
	{ "Value", read_value }, { "Var", read_var }, { "Slot", read_slot }, { "!", read_not },
	{ "neg", read_neg }, { ".", read_get }, { "has", read_has }, { "like", read_like },
	{ "is", read_is }, { "if-then-else", read_if }, { "Set", read_set },
	{ "Record", read_record },
};
static const enum cedar_op binaries[] = {
	EXPR_AND, EXPR_OR, EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE, EXPR_IN, EXPR_ADD,
	EXPR_SUB, EXPR_MUL,
};

/*
 * Operators first, then methods and functions; no name is in two of the tables. They are short, and
 * policies are read once, so the tables are walked.
 */
enum err cedar_est_expr(struct cedar_tree *t, const struct value *v, const struct cedar_expr **ret)
{
	const struct member *m;
	struct cedar_expr node = { .line = v->line, .column = v->column };

	if (v->kind != VALUE_OBJECT || v->object.count != 1)
		return note_set(t->note, ERR_TYPE, v->line, v->column,
				"found %s; expected an expression, an object with one member",
				v->kind == VALUE_OBJECT ? "none or several members"
							: value_kind_name(v->kind));
	m = v->object.members;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (str_is(m->key, readers[i].name))
			return readers[i].read(t, &m->value, node, ret);
	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++)
		if (str_is(m->key, cedar_op_text(binaries[i])))
			return read_binary(t, &m->value, binaries[i], node, ret);
	for (int i = 0; i < CEDAR_CALLS; i++)
		if (str_is(m->key, cedar_call_name((enum cedar_call)i)))
			return read_call(t, &m->value, (enum cedar_call)i, m, ret);
	return note_set(t->note, ERR_UNKNOWN, m->line, m->column,
			"there is no operator, function or method \"%.*s\"", SHOWN(m->key));
}
