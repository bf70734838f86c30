/*
 * intent_rules: the key `intents` of a policy file: what tools do to which things.
 *
 *   intents:
 *     - {tools: [get_*], intent: read, of: args.id}
 *     - {tools: [migrate], intent: exclusive}        # of what `resource` names
 */
#include "engine/policy/curb_parts.h"

static const char *const keys[] = { "agents", "tools", "intent", "of", NULL };
/* In the order of enum intent. */
static const char *const intents[] = { "read", "write", "exclusive", NULL };

static enum err read_rule(const struct reader *r, const struct value *object,
			  struct intent_rule *ret)
{
	const struct value *of;
	int choice;

	TRY(members_known(r, object, keys, "rule of intents"));
	TRY(curb_read(r, object, &ret->curb));
	TRY(member_choice(r, object, "intent", intents, &choice));
	if (choice < 0 || !ret->curb.tools.count)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this rule of intents has no '%s'; expected {tools: [get_*], "
				"intent: read, of: args.id}", choice < 0 ? "intent" : "tools");
	ret->intent = (enum intent)choice;
	ret->path = SLOT_REQUEST;
	TRY(member_of(r, object, "of", VALUE_STRING, "a path like args.id", &of));
	return of ? curb_path_read(r, of, "of", &ret->path) : OK;
}

enum err intent_rules_read(const struct reader *r, const struct value *document, uint32_t number,
			   struct curbs *ret)
{
	struct intent_rule *rules;
	const struct value *list;

	TRY(curb_list_read(r, document, "intents", "a list of rules of intents", &list));
	if (!list)
		return OK;
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		rules[i] = (struct intent_rule){ .document = number };
		TRY(read_rule(r, &list->list.items[i], &rules[i]));
	}
	ret->intents = rules;
	ret->intent_count = list->list.count;
	return OK;
}

/* --- asking --- */

size_t bundle_intents(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->intent_count : 0;
}

bool bundle_intent_holds(const struct bundle *b, size_t number, struct str agent, struct str tool)
{
	const struct plan *p = bundle_plan(b);
	const struct intent_rule *rule = &p->curbs->intents[number];

	return curb_holds(p, &rule->curb, rule->document, agent, tool);
}

enum intent bundle_intent(const struct bundle *b, size_t number)
{
	return bundle_plan(b)->curbs->intents[number].intent;
}

enum err bundle_intent_thing(const struct bundle *b, size_t number, const struct value *args,
			     struct arena *a, const struct value **ret, struct str *path)
{
	const struct plan *p = bundle_plan(b);
	const struct intent_rule *rule = &p->curbs->intents[number];

	*ret = NULL;
	*path = STR_NONE;
	if (rule->path == SLOT_REQUEST)
		return OK;
	*ret = curb_argument(p, rule->path, args);
	return curb_path_name(p, rule->path, a, path);
}
