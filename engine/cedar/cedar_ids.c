/* cedar_ids: the ids of one type that policies and entities name. */
#include "engine/cedar/inside.h"

static void add(struct cedar_ids *ids, const struct cedar_uid *uid)
{
	if (!str_eq(uid->type, ids->type))
		return;
	for (size_t i = 0; i < ids->count; i++)
		if (str_eq(ids->items[i], uid->id))
			return;
	if (ids->count == CEDAR_IDS_MAX)
		ids->cut = true;
	else
		ids->items[ids->count++] = uid->id;
}

static void add_value(struct cedar_ids *ids, const struct cedar_value *v)
{
	if (v->kind == CEDAR_ENTITY)
		add(ids, &v->uid);
	for (size_t i = 0; v->kind == CEDAR_SET && i < v->set.count; i++)
		add_value(ids, &v->set.items[i]);
	for (size_t i = 0; v->kind == CEDAR_RECORD && i < v->record.count; i++)
		add_value(ids, &v->record.attrs[i].value);
}

static void add_expr(struct cedar_ids *ids, const struct cedar_expr *x)
{
	if (x->op == EXPR_LITERAL)
		add_value(ids, &x->literal);
	for (uint32_t i = 0; i < x->arg_count; i++)
		add_expr(ids, x->args[i]);
}

static void add_scope(struct cedar_ids *ids, const struct cedar_scope *s)
{
	bool one = s->op == SCOPE_EQ || s->op == SCOPE_IS_IN || (s->op == SCOPE_IN && !s->listed);

	if (one)
		add(ids, &s->uid);
	for (size_t i = 0; s->listed && i < s->list_count; i++)
		add(ids, &s->list[i]);
}

void cedar_policies_ids(const struct cedar_policies *p, struct cedar_ids *ids)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct cedar_policy *policy = p->policies[i];

		add_scope(ids, &policy->principal);
		add_scope(ids, &policy->action);
		add_scope(ids, &policy->resource);
		for (size_t c = 0; c < policy->condition_count; c++)
			add_expr(ids, policy->conditions[c].body);
	}
}

/* Parents are nodes of the hierarchy, whether they are given or not. */
void cedar_entities_ids(const struct cedar_entities *e, struct cedar_ids *ids)
{
	for (uint32_t i = 0; i < e->nodes.count; i++)
		add(ids, &e->nodes.keys[i].uid);
	for (size_t i = 0; i < e->count; i++) {
		add_value(ids, &e->entities[i].attrs);
		add_value(ids, &e->entities[i].tags);
	}
}
