/*
 * capability_rules: the key `capabilities` of a policy file.
 *
 *   capabilities:
 *     - {agents: [planner], may: [search, "db:*", -db:secrets]}
 *
 * Each rule that holds for an agent bounds it, so several only make it less. What the sets mean is
 * the algebra of engine/identity.
 */
#include "engine/policy/curb_parts.h"

static const char *const keys[] = { "agents", "may", NULL };

static enum err read_rule(const struct reader *r, const struct value *object,
			  struct capability_rule *ret)
{
	struct note local, *n = r->note ? r->note : &local;
	const struct value *may;
	enum err e;

	TRY(members_known(r, object, keys, "rule of capabilities"));
	TRY(curb_patterns_read(r, object, "agents", &ret->curb.agents));
	TRY(member_of(r, object, "may", VALUE_LIST, "a list of capabilities; [] for none", &may));
	if (!may)
		return note_set(n, ERR_NOT_FOUND, object->line, object->column,
				"this rule of capabilities has no 'may'; expected {agents: "
				"[planner], may: [search, db:orders]}");
	n->line = 0;
	e = capability_read_list(may, &ret->may, n);
	if (e != OK && n->line == 0) {
		n->line = may->line;
		n->column = may->column;
	}
	return e;
}

enum err capability_rules_read(const struct reader *r, const struct value *document,
			       uint32_t number, struct curbs *ret)
{
	struct capability_rule *rules;
	const struct value *list;

	TRY(curb_list_read(r, document, "capabilities", "a list of rules of capabilities",
		      &list));
	if (!list)
		return OK;
	if (list->list.count > LIMIT_CAPABILITY_RULES)
		return note_set(r->note, ERR_LIMIT, list->line, list->column,
				"a policy has at most %d rules of capabilities",
				LIMIT_CAPABILITY_RULES);
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		rules[i].document = number;
		TRY(read_rule(r, &list->list.items[i], &rules[i]));
	}
	ret->capabilities = rules;
	ret->capability_count = list->list.count;
	return OK;
}

size_t bundle_capabilities(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->capability_count : 0;
}

struct str bundle_capability(const struct bundle *b, size_t number, struct str agent)
{
	const struct plan *p = bundle_plan(b);
	const struct capability_rule *rule = &p->curbs->capabilities[number];

	return curb_holds(p, &rule->curb, rule->document, agent, STR_NONE)
		       ? capability_text(&rule->may)
		       : STR_NONE;
}
