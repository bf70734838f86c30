/*
 * cedar_clause: policies to formulas, and what formulas come to.
 *
 *   permit(principal == A, action, resource)      principal == A  x  !  y  z  or  and  and
 *   when { !x && (y || z) };                  -->
 *
 * What lies deeper than NESTED_MAX connectives is one clause: the stack of whoever joins truths has
 * an end, and conditions that deep are not written by hand.
 */
#include "engine/cedar/cells.h"

#define NESTED_MAX 40 /* an `if` leaves two waiting at each level */

_Static_assert(2 * NESTED_MAX + 8 <= CEDAR_FORMULA_STACK, "formulas fit the stack");

struct taking {
	struct arena *arena;
	struct cedar_node *nodes;
	struct cedar_clause *clauses;
	size_t node_count, node_room, clause_count, clause_room;
};

/* --- apart --- */

static enum err add_node(struct taking *t, enum cedar_node_op op, size_t clause)
{
	TRY(cedar_grow(t->arena, (void **)&t->nodes, t->node_count, &t->node_room,
		       sizeof(*t->nodes)));
	t->nodes[t->node_count++] = (struct cedar_node){ op, (uint32_t)clause };
	return OK;
}

/* The clause and the node that asks it. */
static enum err add_clause(struct taking *t, struct cedar_clause c, struct buf *text)
{
	TRY(arena_take(t->arena, text, &c.text));
	TRY(cedar_clause_read(&c, t->arena));
	TRY(cedar_grow(t->arena, (void **)&t->clauses, t->clause_count, &t->clause_room,
		       sizeof(*t->clauses)));
	t->clauses[t->clause_count] = c;
	return add_node(t, CEDAR_NODE_ASK, t->clause_count++);
}

static enum err take_expr(struct taking *t, const struct cedar_expr *x)
{
	struct cedar_clause c = { .line = x->line, .column = x->column, .expr = x };
	struct buf text;

	buf_init(&text, LIMIT_CEDAR_BYTES);
	cedar_expr_write(&text, x);
	return add_clause(t, c, &text);
}

static enum err take_body(struct taking *t, const struct cedar_expr *x, unsigned level)
{
	bool joins = x->op == EXPR_AND || x->op == EXPR_OR, chooses = x->op == EXPR_IF;

	if (level == NESTED_MAX || !(joins || chooses || x->op == EXPR_NOT))
		return take_expr(t, x);
	for (uint32_t i = 0; i < x->arg_count; i++) {
		TRY(take_body(t, x->args[i], level + 1));
		if (joins && i > 0)
			TRY(add_node(t, x->op == EXPR_AND ? CEDAR_NODE_AND : CEDAR_NODE_OR, 0));
	}
	return joins ? OK : add_node(t, chooses ? CEDAR_NODE_IF : CEDAR_NODE_NOT, 0);
}

/* Each further part stands behind an `and`. */
static enum err join(struct taking *t, size_t before)
{
	return before > 0 ? add_node(t, CEDAR_NODE_AND, 0) : OK;
}

static enum err take_scope(struct taking *t, enum cedar_var var, const struct cedar_scope *s)
{
	struct cedar_clause c = { .line = s->line, .column = s->column, .scope = s };
	size_t before = t->node_count;
	struct buf text;

	if (s->op == SCOPE_ANY)
		return OK;
	c.principal = var == VAR_PRINCIPAL;
	c.action = var == VAR_ACTION;
	c.resource = var == VAR_RESOURCE;
	buf_init(&text, LIMIT_CEDAR_BYTES);
	cedar_scope_write(&text, var, s);
	TRY(add_clause(t, c, &text));
	return join(t, before);
}

enum err cedar_formula_make(const struct cedar_policies *p, size_t number, struct arena *a,
			    struct cedar_formula *ret)
{
	const struct cedar_policy *policy = p->policies[number];
	struct taking t = { .arena = a };

	TRY(take_scope(&t, VAR_ACTION, &policy->action));
	TRY(take_scope(&t, VAR_PRINCIPAL, &policy->principal));
	TRY(take_scope(&t, VAR_RESOURCE, &policy->resource));
	for (size_t i = 0; i < policy->condition_count; i++) {
		size_t before = t.node_count;

		TRY(take_body(&t, policy->conditions[i].body, 0));
		if (policy->conditions[i].unless)
			TRY(add_node(&t, CEDAR_NODE_NOT, 0));
		TRY(join(&t, before));
	}
	*ret = (struct cedar_formula){ t.nodes, t.node_count, t.clauses, t.clause_count };
	return OK;
}

/* --- together --- */

#define NO    (1u << CEDAR_NO)
#define YES   (1u << CEDAR_YES)
#define ERROR (1u << CEDAR_ERROR)

unsigned cedar_node_join(enum cedar_node_op op, const unsigned args[3])
{
	unsigned first = args[0], set = first & ERROR;

	switch (op) {
	case CEDAR_NODE_NOT:
		return set | (first & YES ? NO : 0) | (first & NO ? YES : 0);
	case CEDAR_NODE_AND:
		return set | (first & NO) | (first & YES ? args[1] : 0);
	case CEDAR_NODE_OR:
		return set | (first & YES) | (first & NO ? args[1] : 0);
	case CEDAR_NODE_IF:
		return set | (first & YES ? args[1] : 0) | (first & NO ? args[2] : 0);
	default:
		return first;
	}
}

unsigned cedar_formula_sets(const struct cedar_formula *f, const uint8_t *leaves)
{
	static const uint8_t taken[] = { [CEDAR_NODE_ASK] = 0,
					 [CEDAR_NODE_NOT] = 1,
					 [CEDAR_NODE_AND] = 2,
					 [CEDAR_NODE_OR] = 2,
					 [CEDAR_NODE_IF] = 3 };
	unsigned stack[CEDAR_FORMULA_STACK] = { YES };
	size_t top = 0;

	for (size_t i = 0; i < f->node_count; i++) {
		const struct cedar_node *node = &f->nodes[i];
		unsigned args[3] = { 0 };

		top -= taken[node->op];
		for (size_t k = 0; k < taken[node->op]; k++)
			args[k] = stack[top + k];
		MUST(top < CEDAR_FORMULA_STACK);
		stack[top++] = node->op == CEDAR_NODE_ASK ? leaves[node->clause]
							  : cedar_node_join(node->op, args);
	}
	return stack[0];
}

/* --- one clause --- */

enum err cedar_clause_truth(const struct cedar_clause *c, const struct cedar_entities *e,
			    const struct cedar_request *r, struct arena *a, enum cedar_truth *ret)
{
	const struct cedar_value *v;
	struct cedar_value room;
	struct cedar_run run;

	cedar_run_init(&run, e, r, a);
	if (c->scope) {
		enum cedar_var var = c->principal ? VAR_PRINCIPAL
				     : c->action  ? VAR_ACTION
						  : VAR_RESOURCE;

		*ret = cedar_scope_holds(&run, var, c->scope) ? CEDAR_YES : CEDAR_NO;
		return OK;
	}
	run.quiet = true;
	v = cedar_eval(&run, c->expr, &room);
	TRY(run.failure);
	*ret = !v || v->kind != CEDAR_BOOL ? CEDAR_ERROR : v->boolean ? CEDAR_YES : CEDAR_NO;
	return OK;
}
