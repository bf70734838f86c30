/*
 * reach: the keys of a rule (rule_key) that are about agent and tool. Of these alone a key says
 * everything: they are in every request, and are texts.
 */
#include "engine/policy/reach.h"

/* The number of a path of two keys; SLOT_REQUEST when no condition mentions it. */
static uint32_t slot_of(const struct slots *s, const char *root, const char *key)
{
	for (uint32_t i = 1; i < s->count; i++) {
		const struct slot *slot = &s->items[i], *parent = &s->items[slot->parent];

		if (slot->parent != SLOT_REQUEST && parent->parent == SLOT_REQUEST &&
		    !slot->by_index && !parent->by_index && str_is(slot->key, key) &&
		    str_is(parent->key, root))
			return i;
	}
	return SLOT_REQUEST;
}

/* Two keys about the same names: what the shorter list leaves, the other can only narrow. */
static void narrow(struct reach_names *names, const struct rule_key *key)
{
	if (!names->texts || key->text_count < names->count)
		*names = (struct reach_names){ key->texts, key->text_count };
}

static enum err reach_of(const struct rule *rule, uint32_t agent, uint32_t tool, struct arena *a,
			 struct reach *ret)
{
	struct rule_key keys[RULE_KEYS + 1];
	size_t count = 0;

	if (rule->condition)
		TRY(rule_key_find(rule->condition, a, keys, &count));
	TRY(rule_key_agents(rule->agents, a, keys, &count));
	for (size_t i = 0; i < count; i++) {
		if (keys[i].number)
			continue;
		if (keys[i].slot == SLOT_AGENT || keys[i].slot == agent)
			narrow(&ret->agents, &keys[i]);
		else if (keys[i].slot == tool)
			narrow(&ret->tools, &keys[i]);
	}
	return OK;
}

enum err reach_find(const struct plan *p, const struct queue *q, struct arena *a,
		    const struct reach **ret)
{
	uint32_t agent = slot_of(&p->slots, "agent", "id"),
		 tool = slot_of(&p->slots, "action", "type");
	struct reach *list = arena_array(a, q->count, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < q->count; i++)
		TRY(reach_of(q->rules[i], agent, tool, a, &list[i]));
	*ret = list;
	return OK;
}

/* Is there a name that both texts stand for? */
static bool meet(const struct key_text *a, const struct key_text *b)
{
	if (a->prefix && str_starts(b->text, a->text))
		return true;
	if (b->prefix && str_starts(a->text, b->text))
		return true;
	return str_eq(a->text, b->text);
}

static bool names_apart(const struct reach_names *a, const struct reach_names *b)
{
	if (!a->texts || !b->texts)
		return false;
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (meet(&a->texts[i], &b->texts[k]))
				return false;
	return true;
}

bool reach_apart(const struct reach *a, const struct reach *b)
{
	return names_apart(&a->tools, &b->tools) || names_apart(&a->agents, &b->agents);
}

static bool names_have(const struct reach_names *names, struct str name)
{
	const struct key_text one = { name, false };

	return !names_apart(names, &(struct reach_names){ &one, 1 });
}

bool reach_has(const struct reach *r, struct str agent, struct str tool)
{
	return names_have(&r->agents, agent) && names_have(&r->tools, tool);
}
