/*
 * kill_rules: the key `kill_on` of a policy file: what stops an agent or a session for good.
 *
 *   kill_on:
 *     - {name: breach, stages: [ring, command, path], denials: 5/minute, kill: agent}
 *     - {name: overspent, stages: [quota], denials: 1/day, kill: agent}
 *     - {name: overtime, after: 7200, kill: session}
 */
#include "engine/policy/curb_parts.h"

#define SECOND_NS INT64_C(1000000000)

static const char *const keys[] = {
	"name", "agents", "tools", "stages", "denials", "after", "kill", NULL,
};
static const char *const scopes[] = { "agent", "session", NULL };
/* Of the gate, behind those that say whether the agent may act at all. */
static const char *const stages[] = {
	"trust", "ring", "command", "path", "policy", "limit", "quota", NULL,
};

static enum err missing(const struct reader *r, const struct value *object, const char *key)
{
	return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
			"this item of kill_on has no '%s'; expected {name: breach, denials: "
			"5/minute, kill: agent}", key);
}

static enum err read_stages(const struct reader *r, const struct value *object,
			    struct kill_rule *ret)
{
	const struct value *v;

	TRY(member_strings(r, object, "stages", "which counts nothing", &v));
	for (size_t i = 0; v && i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];
		int at = str_index(item->string, stages);

		if (at < 0)
			return note_set(
				r->note, ERR_UNKNOWN, item->line, item->column,
				"unknown stage '%.*s'; expected trust, ring, command, path, "
				"policy, limit or quota",
				SHOWN(item->string));
		ret->stages |= 1u << at;
	}
	if (!v)
		ret->stages = ~0u;
	return OK;
}

static enum err read_denials(const struct reader *r, const struct value *object,
			     struct kill_rule *ret)
{
	const struct value *v;

	TRY(read_stages(r, object, ret));
	TRY(member_of(r, object, "denials", VALUE_STRING, "a number in a period, like 5/minute",
		      &v));
	if (!v)
		return missing(r, object, "denials");
	if (rate_read(v->string, &ret->terms.denials) != OK || ret->terms.denials.count < 1)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'%.*s' is no number in a period; expected one like 5/minute",
				SHOWN(v->string));
	return OK;
}

/* A session that lasts too long; there is nothing else to count then. */
static enum err read_after(const struct reader *r, const struct value *object,
			   struct kill_rule *ret)
{
	const struct value *v;

	TRY(member_of(r, object, "after", VALUE_INT, "a number of seconds", &v));
	if (v->integer < 1 || v->integer > LIMIT_SESSION_NS / SECOND_NS)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'after' is %lld seconds; expected 1 to %lld",
				(long long)v->integer, (long long)(LIMIT_SESSION_NS / SECOND_NS));
	if (ret->terms.scope != HALT_SESSION || value_get_c(object, "denials") ||
	    value_get_c(object, "stages"))
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'after' belongs to kill: session, and to no denials or stages");
	ret->terms.after_ns = v->integer * SECOND_NS;
	return OK;
}

/* Counted beside limits of rules, under a name that no rule has: those hold no '/'. */
static enum err make_key(const struct reader *r, struct str policy, struct str name,
			 struct str *ret)
{
	return plan_join(r->memory, (const struct str[]){ policy, STR("/kill_on/"), name }, 3, ret);
}

static enum err read_rule(const struct reader *r, const struct value *object, struct str policy,
			  struct kill_rule *ret)
{
	struct str name;
	int scope;

	TRY(members_known(r, object, keys, "item of kill_on"));
	TRY(member_name(r, object, "item of kill_on", false, &name));
	if (name.len > LIMIT_EVENT_NAME_BYTES)
		return note_set(r->note, ERR_LIMIT, object->line, object->column,
				"a name of kill_on has at most %d bytes", LIMIT_EVENT_NAME_BYTES);
	TRY(make_key(r, policy, name, &ret->terms.key));
	TRY(curb_read(r, object, &ret->curb));
	TRY(member_choice(r, object, "kill", scopes, &scope));
	if (scope < 0)
		return missing(r, object, "kill");
	ret->terms.scope = scope == 0 ? HALT_AGENT : HALT_SESSION;
	return value_get_c(object, "after") ? read_after(r, object, ret)
					    : read_denials(r, object, ret);
}

static enum err check_name(const struct reader *r, const struct value *object,
			   const struct kill_rule *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].terms.key, list[count].terms.key))
			return note_set(r->note, ERR_DUPLICATE, object->line, object->column,
					"two items of kill_on have one name");
	return OK;
}

enum err kill_rules_read(const struct reader *r, const struct value *document, struct str name,
			 uint32_t number, struct curbs *ret)
{
	struct kill_rule *rules;
	const struct value *list;

	TRY(curb_list_read(r, document, "kill_on", "a list of mappings", &list));
	if (!list)
		return OK;
	if (list->list.count > LIMIT_KILLS)
		return note_set(r->note, ERR_LIMIT, list->line, list->column,
				"'kill_on' has more than %d items", LIMIT_KILLS);
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		rules[i] = (struct kill_rule){ .document = number };
		TRY(read_rule(r, &list->list.items[i], name, &rules[i]));
		TRY(check_name(r, &list->list.items[i], rules, i));
	}
	ret->kills = rules;
	ret->kill_count = list->list.count;
	return OK;
}

/* --- asking --- */

size_t bundle_kills(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->kill_count : 0;
}

const struct kill_terms *bundle_kill(const struct bundle *b, size_t number, struct str agent,
				     struct str tool)
{
	const struct plan *p = bundle_plan(b);
	const struct kill_rule *rule = &p->curbs->kills[number];

	return curb_holds(p, &rule->curb, rule->document, agent, tool) ? &rule->terms : NULL;
}

bool bundle_kill_counts(const struct bundle *b, size_t number, struct str stage)
{
	const struct kill_rule *rule = &bundle_plan(b)->curbs->kills[number];
	int i = str_index(stage, stages);

	return i >= 0 && (rule->stages >> i & 1);
}
