/*
 * cedar_change: one policy copied, with one thing in it another.
 *
 *   when { a && b && c }   without b:   when { a && c }        b negated:   when { a && !(b) && c }
 */
#include "engine/cedar/inside.h"

struct list {
	struct cedar_conjunct *items;
	size_t count, room;
};

/* --- conjuncts --- */

static enum err add_conjuncts(struct list *l, const struct cedar_expr *x, size_t condition,
			      struct arena *a)
{
	void *items = l->items;
	struct cedar_conjunct *c;
	struct buf text;

	for (uint32_t i = 0; x->op == EXPR_AND && i < x->arg_count; i++)
		TRY(add_conjuncts(l, x->args[i], condition, a));
	if (x->op == EXPR_AND)
		return OK;
	TRY(cedar_grow(a, &items, l->count, &l->room, sizeof(*l->items)));
	l->items = items;
	c = &l->items[l->count++];
	*c = (struct cedar_conjunct){
		.line = x->line, .column = x->column, .condition = condition, .expr = x
	};
	buf_init(&text, LIMIT_CEDAR_BYTES);
	cedar_expr_write(&text, x);
	return arena_take(a, &text, &c->text);
}

enum err cedar_conjuncts(const struct cedar_policies *p, size_t number, struct arena *a,
			 struct cedar_conjunct **ret, size_t *count)
{
	const struct cedar_policy *policy = p->policies[number];
	struct list l = { .count = 0 };

	for (size_t i = 0; i < policy->condition_count; i++)
		TRY(add_conjuncts(&l, policy->conditions[i].body, i, a));
	*ret = l.items;
	*count = l.count;
	return OK;
}

/* --- conditions --- */

static enum err negate(struct cedar_tree *t, const struct cedar_expr *x,
		       const struct cedar_expr **ret)
{
	return cedar_tree_add(t,
			      (struct cedar_expr){
				      .op = EXPR_NOT, .line = x->line, .column = x->column },
			      &x, 1, ret);
}

/* The condition of a conjunct, changed there; *ret NULL: nothing is left of it. */
static enum err change_body(const struct list *l, size_t conjunct, bool negated, struct arena *a,
			    const struct cedar_expr **ret)
{
	struct cedar_tree tree = { .memory = a };
	struct cedar_chained *kept = arena_array(a, l->count, sizeof(*kept));
	size_t count = 0;

	if (!kept)
		return ERR_MEMORY;
	for (size_t i = 0; i < l->count; i++) {
		const struct cedar_expr *x = l->items[i].expr;

		if (l->items[i].condition != l->items[conjunct].condition ||
		    (i == conjunct && !negated))
			continue;
		if (i == conjunct)
			TRY(negate(&tree, x, &x));
		kept[count++] = (struct cedar_chained){ x, x->line, x->column };
	}
	*ret = count > 0 ? kept[0].expr : NULL;
	return count > 1 ? cedar_tree_chain(&tree, EXPR_AND, kept, count, ret) : OK;
}

static enum err change_conditions(struct cedar_policy *policy, const struct list *l,
				  size_t conjunct, bool negated, struct arena *a)
{
	size_t at = l->items[conjunct].condition, count = 0;
	struct cedar_condition *conditions = arena_array(a, policy->condition_count,
							 sizeof(*conditions));
	const struct cedar_expr *body;

	if (!conditions)
		return ERR_MEMORY;
	TRY(change_body(l, conjunct, negated, a, &body));
	for (size_t i = 0; i < policy->condition_count; i++) {
		if (i == at && !body)
			continue;
		conditions[count] = policy->conditions[i];
		if (i == at)
			conditions[count].body = body;
		count++;
	}
	policy->conditions = conditions;
	policy->condition_count = count;
	return OK;
}

/* --- sets --- */

/* `action in []` holds for no request, and scopes never err. */
static const struct cedar_scope never = { .op = SCOPE_IN, .listed = true };

static enum err change_policy(const struct cedar_policies *p, size_t number, enum cedar_change how,
			      size_t conjunct, struct arena *a, struct cedar_policy *policy)
{
	struct list l = { .count = 0 };

	switch (how) {
	case CEDAR_DELETED:
		policy->action = never;
		return OK;
	case CEDAR_FLIPPED:
		policy->forbid = !policy->forbid;
		return OK;
	default:
		TRY(cedar_conjuncts(p, number, a, &l.items, &l.count));
		MUST(conjunct < l.count);
		return change_conditions(policy, &l, conjunct, how == CEDAR_NEGATED, a);
	}
}

/* The list with the new one in the place of the old one. */
static enum err exchange(const struct cedar_policy ***list, size_t room,
			 const struct cedar_policy *old, const struct cedar_policy *new,
			 struct arena *a)
{
	const struct cedar_policy **copy = arena_array(a, room, sizeof(const void *));

	if (!copy)
		return ERR_MEMORY;
	for (size_t i = 0; i < room; i++)
		copy[i] = (*list)[i] == old ? new : (*list)[i];
	*list = copy;
	return OK;
}

enum err cedar_changed(const struct cedar_policies *p, size_t number, enum cedar_change how,
		       size_t conjunct, struct arena *a, struct cedar_policies **ret)
{
	struct cedar_policy *policy = arena_alloc(a, sizeof(*policy));
	struct cedar_policies *set = arena_alloc(a, sizeof(*set));
	const struct cedar_policy *old;

	MUST(number < p->count && !p->apart);
	if (!policy || !set)
		return ERR_MEMORY;
	old = p->policies[number];
	*policy = *old;
	*set = *p;
	TRY(change_policy(p, number, how, conjunct, a, policy));
	TRY(exchange(&set->policies, p->room, old, policy, a));
	TRY(exchange(&set->all, p->room, old, policy, a));
	TRY(exchange(&set->by_id, p->room, old, policy, a));
	set->apart = number + 1;
	*ret = set;
	return OK;
}
