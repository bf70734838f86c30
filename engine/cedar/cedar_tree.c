/*
 * cedar_tree: nodes of expressions, made here and nowhere else, so that the bounds and the checks
 * hold for policies from text and from JSON alike.
 */
#include "engine/cedar/inside.h"

#define FIRST_ROOM 4

static const struct call {
	const char *name;
	uint32_t args;
	bool method;
} calls[] = {
#define CALL_ROW(id, name, args, method) [id] = { name, args, method },
	CEDAR_CALL_LIST(CALL_ROW)
#undef CALL_ROW
};

static const char *const var_names[] = { "principal", "action", "resource", "context", NULL };

static const char *const op_texts[CEDAR_OPS] = {
	[EXPR_AND] = "&&", [EXPR_OR] = "||", [EXPR_NOT] = "!",   [EXPR_NEG] = "-",
	[EXPR_EQ] = "==",  [EXPR_NE] = "!=", [EXPR_LT] = "<",    [EXPR_LE] = "<=",
	[EXPR_GT] = ">",   [EXPR_GE] = ">=", [EXPR_IN] = "in",   [EXPR_ADD] = "+",
	[EXPR_SUB] = "-",  [EXPR_MUL] = "*", [EXPR_HAS] = "has", [EXPR_LIKE] = "like",
	[EXPR_IS] = "is",
};

const char *cedar_op_text(enum cedar_op op)
{
	return op_texts[op];
}

/* Doubling: all old blocks together are smaller than the last. */
enum err cedar_grow(struct arena *memory, void **items, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : FIRST_ROOM;
	void *grown;

	if (count < *room)
		return OK;
	grown = arena_array(memory, wanted, size);
	if (!grown)
		return ERR_MEMORY;
	if (count)
		memcpy(grown, *items, count * size);
	*items = grown;
	*room = wanted;
	return OK;
}

/* Nodes that a later step drops count as well: it is memory and time that are bounded. */
enum err cedar_tree_add(struct cedar_tree *t, struct cedar_expr node,
			const struct cedar_expr *const *args, size_t count,
			const struct cedar_expr **ret)
{
	const struct cedar_expr **copies;
	struct cedar_expr *made;

	if (++t->nodes > LIMIT_CEDAR_NODES)
		return note_set(t->note, ERR_LIMIT, node.line, node.column,
				"the policies have more than %u expressions; split them into sets",
				LIMIT_CEDAR_NODES);
	node.height = 1;
	for (size_t i = 0; i < count; i++)
		if (args[i]->height >= node.height)
			node.height = args[i]->height + 1;
	if (node.height > LIMIT_CEDAR_DEPTH)
		return note_set(t->note, ERR_LIMIT, node.line, node.column,
				"the expression is nested deeper than %d levels",
				LIMIT_CEDAR_DEPTH);
	made = arena_alloc(t->memory, sizeof(*made));
	copies = arena_array(t->memory, count, sizeof(const struct cedar_expr *));
	if (!made || !copies)
		return ERR_MEMORY;
	if (count)
		memcpy(copies, args, count * sizeof(const struct cedar_expr *));
	node.args = copies;
	node.arg_count = (uint32_t)count;
	*made = node;
	*ret = made;
	return cedar_fold(made, t->memory);
}

/* --- variables --- */

const char *cedar_var_name(enum cedar_var var)
{
	return var_names[var];
}

/* There are four; a name that is none is mostly a forgotten quote or prefix. */
enum err cedar_tree_var(struct cedar_tree *t, struct cedar_token name,
			const struct cedar_expr **ret)
{
	struct cedar_expr node = { .op = EXPR_VAR, .line = name.line, .column = name.column };
	const char *meant = str_nearest(name.text, var_names);
	int found = str_index(name.text, var_names);

	if (found >= 0) {
		node.var = (enum cedar_var)found;
		return cedar_tree_add(t, node, NULL, 0, ret);
	}
	return note_set(t->note, ERR_UNKNOWN, name.line, name.column,
			"there is no variable '%.*s'; there are principal, action, resource and "
			"context%s%s%s",
			SHOWN(name.text), meant ? "; did you mean '" : "", meant ? meant : "",
			meant ? "'?" : "");
}

/* --- chains --- */

static size_t count_operands(const struct cedar_expr *tree, enum cedar_op op)
{
	if (tree->op != op)
		return 1;
	return count_operands(tree->args[0], op) + count_operands(tree->args[1], op);
}

/* The sign of a node stands before the first operand on its right. */
static size_t put_operands(struct cedar_chained link, enum cedar_op op, struct cedar_chained *to)
{
	const struct cedar_expr *tree = link.expr;
	size_t left;

	if (tree->op != op) {
		*to = link;
		return 1;
	}
	left = put_operands((struct cedar_chained){ tree->args[0], link.line, link.column }, op,
			    to);
	return left +
	       put_operands((struct cedar_chained){ tree->args[1], tree->line, tree->column }, op,
			    to + left);
}

/* Recursion halves the chain. */
static enum err balance(struct cedar_tree *t, enum cedar_op op, const struct cedar_chained *items,
			size_t count, const struct cedar_expr **ret)
{
	size_t half = count - count / 2;
	const struct cedar_expr *sides[2];
	struct cedar_expr node = { .op = op };

	if (count == 1) {
		*ret = items[0].expr;
		return OK;
	}
	TRY(balance(t, op, items, half, &sides[0]));
	TRY(balance(t, op, items + half, count - half, &sides[1]));
	node.line = items[half].line;
	node.column = items[half].column;
	return cedar_tree_add(t, node, sides, 2, ret);
}

/* Operands are taken apart first, so nested chains of one sign become one. */
enum err cedar_tree_chain(struct cedar_tree *t, enum cedar_op op, const struct cedar_chained *items,
			  size_t count, const struct cedar_expr **ret)
{
	struct cedar_chained *flat;
	size_t flat_count = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		flat_count += count_operands(items[i].expr, op);
	flat = arena_array(t->memory, flat_count, sizeof(*flat));
	if (!flat)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		at += put_operands(items[i], op, flat + at);
	return balance(t, op, flat, flat_count, ret);
}

/* --- calls --- */

const char *cedar_call_name(enum cedar_call call)
{
	return calls[call].name;
}

bool cedar_call_is_method(enum cedar_call call)
{
	return calls[call].method;
}

uint32_t cedar_call_args(enum cedar_call call)
{
	return calls[call].args;
}

bool cedar_call_is_core(enum cedar_call call)
{
	return call >= CALL_CONTAINS && call <= CALL_HAS_TAG;
}

/* Methods are suggested for methods, functions for functions. */
static enum err unknown_call(struct cedar_tree *t, const struct cedar_token *name, bool method)
{
	const char *names[CEDAR_CALLS + 1], *meant;
	size_t count = 0;

	for (size_t i = 0; i < CEDAR_CALLS; i++)
		if (calls[i].method == method)
			names[count++] = calls[i].name;
	names[count] = NULL;
	meant = str_nearest(name->text, names);
	return note_set(t->note, ERR_UNKNOWN, name->line, name->column,
			"there is no %s '%.*s'%s%s%s", method ? "method" : "function",
			SHOWN(name->text), meant ? "; did you mean '" : "", meant ? meant : "",
			meant ? "'?" : "");
}

/*
 * The language leaves it to evaluation whether the arguments of an extension's functions are as
 * many as they should be; those of the rest, which are all methods, are counted here.
 */
enum err cedar_tree_call(struct cedar_tree *t, struct cedar_token name, bool method,
			 const struct cedar_expr *const *args, size_t count,
			 const struct cedar_expr **ret)
{
	struct cedar_expr node = { .op = EXPR_CALL, .line = name.line, .column = name.column };
	size_t i = 0;

	while (i < CEDAR_CALLS && !str_is(name.text, calls[i].name))
		i++;
	if (i == CEDAR_CALLS)
		return unknown_call(t, &name, method);
	if (calls[i].method != method)
		return note_set(t->note, ERR_TYPE, name.line, name.column,
				calls[i].method ? "'%s' is a method; write x.%s(...)"
						: "'%s' is a function; write %s(...)",
				calls[i].name, calls[i].name);
	if (cedar_call_is_core((enum cedar_call)i) && count != calls[i].args)
		return note_set(t->note, ERR_TYPE, name.line, name.column,
				"'%s' takes %s, found %zu", calls[i].name,
				calls[i].args == 1 ? "no arguments" : "one argument", count - 1);
	node.call = (enum cedar_call)i;
	return cedar_tree_add(t, node, args, count, ret);
}

/* By a map, so that a record of a million keys costs no more than its length. */
enum err cedar_names_unique(const struct str *names, size_t count, size_t *twice)
{
	struct map seen;
	enum err e = OK;

	map_init(&seen, 0);
	for (size_t i = 0; i < count && e == OK; i++) {
		e = map_put(&seen, names[i], (uint32_t)i);
		*twice = i;
	}
	map_fini(&seen);
	return e;
}
