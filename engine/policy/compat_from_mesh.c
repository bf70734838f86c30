/*
 * compat_from_mesh: governance.toolkit/v1 as AGT's Python engine reads it. Rules keep their order
 * and their priorities, so "the highest priority, then the first" stays what it is.
 */
#include "engine/policy/compat_draft.h"

static const char *const document_keys[] = { "apiVersion", "version", "name", "description",
					     "extends", "agent", "agents", "scope", "rules",
					     "default_action", NULL };
static const char *const rule_keys[] = { "name", "description", "stage", "condition", "action",
					 "limit", "approvers", "priority", "enabled", NULL };
static const char *const scopes[] = { "global", "tenant", "organization", "agent", NULL };

/* What AGT ignores may be what the author meant. */
static enum err remark_keys(struct draft *d, const struct value *v, const char *const *known)
{
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const struct value at = { .line = m->line, .column = m->column };
		const char *near = str_nearest(m->key, known);

		if (str_listed(m->key, known))
			continue;
		if (str_is(m->key, "created_at") || str_is(m->key, "updated_at"))
			TRY(draft_remark(d, false, &at, "'%.*s' is left out: nothing is decided by "
					 "it", SHOWN(m->key)));
		else
			TRY(draft_remark(d, false, &at, "AGT's Python engine ignores the key "
					 "'%.*s', and so it is left out%s%s%s", SHOWN(m->key),
					 near ? "; was '" : "", near ? near : "",
					 near ? "' meant?" : ""));
	}
	return OK;
}

/* --- the document --- */

/* A policy is called in rules' identities, so its name holds no slash. */
static enum err take_name(struct draft *d, const struct compat_policy *p)
{
	struct buf b;
	enum err e;

	if (p->name.len == 0 || p->name.len > LIMIT_NAME_BYTES)
		return draft_remark(d, true, p->source, "the name of a policy has 1 to %d bytes",
				    LIMIT_NAME_BYTES);
	d->name = p->name;
	if (!str_has(p->name, STR("/")))
		return OK;
	buf_init(&b, LIMIT_NAME_BYTES);
	for (size_t i = 0; i < p->name.len; i++)
		buf_add_byte(&b, p->name.ptr[i] == '/' ? '-' : p->name.ptr[i]);
	e = draft_text(d, &b, &d->name);
	buf_fini(&b);
	TRY(e);
	return draft_remark(d, false, p->source, "the name holds a '/'; it is '%.*s' now",
			    SHOWN(d->name));
}

/* AGT compares names whole, "*" among `agents` alone means everybody. */
static enum err add_agent(struct draft *d, struct str *list, struct str name, bool star)
{
	bool literal = !(star && str_is(name, "*"));
	struct buf b;
	enum err e;

	if (name.len == 0)
		return OK;
	buf_init(&b, LIMIT_LINE_BYTES);
	if (literal)
		draft_glob(&b, name);
	else
		buf_add(&b, name);
	e = draft_text(d, &b, &list[d->agent_count++]);
	buf_fini(&b);
	TRY(e);
	if (literal && (str_has(name, STR("*")) || str_has(name, STR("?"))))
		return draft_remark(d, false, NULL, "AGT compares agents whole, so '%.*s' is no "
				    "pattern there and stays none here; take the backslash out if "
				    "it was meant to be one", SHOWN(name));
	return OK;
}

static enum err take_agents(struct draft *d, const struct compat_policy *p)
{
	struct str *list = arena_array(d->arena, p->agent_count + 1, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	d->agents = list;
	if (p->agent_count == 0 && (p->agent.len == 0 || str_is(p->agent, "*")))
		return draft_remark(d, false, p->source,
				    "AGT's engine applies this policy to no agent (%s); here, as "
				    "under govern(), it applies to all of them",
				    p->agent.len ? "'*' is no pattern under 'agent'"
						 : "it names none");
	TRY(add_agent(d, list, p->agent, false));
	for (size_t i = 0; i < p->agent_count; i++)
		TRY(add_agent(d, list, p->agents[i], true));
	return OK;
}

static enum err take_scope(struct draft *d, const struct compat_policy *p)
{
	if (str_is(p->scope, "global"))
		return OK;
	if (str_listed(p->scope, scopes)) {
		d->scope = p->scope;
		return OK;
	}
	return draft_remark(d, false, value_get_c(p->source, "scope"),
			    "AGT takes the scope '%.*s' for 'global', and so it is left out",
			    SHOWN(p->scope));
}

/* --- rules --- */

static enum err take_limit(struct draft *d, const struct compat_rule *rule,
			   struct draft_rule *ret)
{
	const struct value *at = value_get_c(rule->source, "limit");
	struct buf b;
	enum err e;

	if (rule->limit.len == 0)
		return OK;
	if (rule->limit_calls > UINT32_MAX)
		return draft_remark(d, true, at, "the limit does not fit 32 bits");
	buf_init(&b, 64);
	MUST(draft_limit(&b, rule->limit_calls, rule->limit_seconds));
	e = draft_text(d, &b, &ret->limit);
	buf_fini(&b);
	TRY(e);
	if (rule->limit_calls == 0)
		return draft_remark(d, false, at, "AGT lets the first call of every window "
				    "through a limit of 0; here it is none");
	return OK;
}

static enum err take_rule(struct draft *d, const struct compat_rule *rule)
{
	struct draft_rule own = {
		.name = rule->name, .stage = rule->stage, .action = rule->action,
		.priority = rule->priority, .disabled = !rule->enabled, .source = rule->source,
	};

	draft_begin(d, rule->name);
	d->after_tool = rule->stage == COMPAT_POST_TOOL;
	if (rule->description.len > 0)
		own.description = rule->description;
	TRY(remark_keys(d, rule->source, rule_keys));
	TRY(compat_mend(d, rule, &own.condition));
	if (!own.condition.ptr)
		return OK;
	TRY(take_limit(d, rule, &own));
	if (rule->action == COMPAT_APPROVAL) {
		own.approvers = rule->approvers;
		own.approver_count = rule->approver_count;
	} else if (rule->approver_count > 0) {
		TRY(draft_remark(d, false, value_get_c(rule->source, "approvers"),
				 "'approvers' are left out: nobody asks them at '%s'",
				 compat_actions[rule->action]));
	}
	if (rule->priority < INT32_MIN || rule->priority > INT32_MAX)
		return draft_remark(d, true, value_get_c(rule->source, "priority"),
				    "the priority does not fit 32 bits");
	return draft_add(d, &own);
}

enum err compat_from_mesh(struct draft *d, const struct compat_policy *policy)
{
	draft_begin(d, STR_NONE);
	d->default_allow = policy->default_allow;
	if (value_get_c(policy->source, "version"))
		d->version = policy->version;
	if (policy->description.len > 0)
		d->description = policy->description;
	TRY(remark_keys(d, policy->source, document_keys));
	TRY(take_name(d, policy));
	TRY(take_agents(d, policy));
	TRY(take_scope(d, policy));
	if (policy->extend_count > 0)
		TRY(draft_remark(d, false, value_get_c(policy->source, "extends"),
				 "the rules of what it extends are written out, as AGT merges "
				 "them; lines below may be of those files"));
	for (size_t i = 0; i < policy->rule_count; i++)
		TRY(take_rule(d, &policy->rules[i]));
	return OK;
}
