/*
 * compat_rust: the Rust engine, a profile of typed rules in order.
 *
 *   capability   denied_actions deny; allowed_actions allow; an action that only shares a name
 *                space with either is denied; any other goes on to the next rule
 *   approval     actions that wait for an approval
 *   rate_limit   actions that are counted
 *
 * What no rule speaks of is allowed. The profile's `agent`, priorities and scopes are not looked
 * at; a rule of another type is skipped.
 */
#include "engine/policy/compat_parts.h"

static enum err wrong(struct note *n, const struct value *v, const char *key, const char *expected)
{
	return note_set(n, ERR_TYPE, v->line, v->column, "'%s' is %s here; expected %s", key,
			value_kind_name(v->kind), expected);
}

static enum err check_text(const struct value *object, const char *key, bool needed,
			   struct note *n)
{
	const struct value *v = value_get_c(object, key);

	if (!v && needed)
		return note_set(n, ERR_TYPE, object->line, object->column, "'%s' is missing", key);
	return v && v->kind != VALUE_STRING ? wrong(n, v, key, "a string") : OK;
}

static enum err check_texts(const struct value *object, const char *key, struct note *n)
{
	const struct value *v = value_get_c(object, key);

	if (v && v->kind != VALUE_LIST)
		return wrong(n, v, key, "a list of strings");
	for (size_t i = 0; v && i < v->list.count; i++)
		if (v->list.items[i].kind != VALUE_STRING)
			return wrong(n, &v->list.items[i], key, "strings");
	return OK;
}

/* An integer that u32 holds. */
static enum err check_count(const struct value *object, const char *key, struct note *n)
{
	const struct value *v = value_get_c(object, key);

	if (v && (v->kind != VALUE_INT || v->integer < 0 || v->integer > UINT32_MAX))
		return wrong(n, v, key, "an integer from 0 to 4294967295");
	return OK;
}

/* <digits>[s|m|h] */
static bool is_duration(struct str s)
{
	uint64_t ignored;

	s = compat_word_strip(s);
	if (s.len > 0 && (str_ends(s, STR("s")) || str_ends(s, STR("m")) || str_ends(s, STR("h"))))
		s.len--;
	while (s.len > 1 && s.ptr[0] == '0')
		s = str_from(s, 1);
	return str_to_u64(s, &ignored) == OK;
}

static int64_t integer(const struct value *rule, const char *key)
{
	const struct value *v = value_get_c(rule, key);

	return v && v->kind == VALUE_INT ? v->integer : 0;
}

static enum err check_rule(const struct value *rule, struct note *n)
{
	const struct value *conditions = value_get_c(rule, "conditions");

	if (rule->kind != VALUE_OBJECT)
		return wrong(n, rule, "policies", "a list of mappings");
	TRY(check_text(rule, "name", true, n));
	TRY(check_text(rule, "type", true, n));
	TRY(check_text(rule, "window", false, n));
	TRY(check_text(rule, "scope", false, n));
	TRY(check_texts(rule, "allowed_actions", n));
	TRY(check_texts(rule, "denied_actions", n));
	TRY(check_texts(rule, "actions", n));
	TRY(check_count(rule, "min_approvals", n));
	TRY(check_count(rule, "max_calls", n));
	TRY(check_count(rule, "priority", n));
	if (conditions && conditions->kind != VALUE_OBJECT)
		return wrong(n, conditions, "conditions", "a mapping");
	if (str_is(value_text(rule, "type"), "rate_limit") && integer(rule, "max_calls") > 0 &&
	    !is_duration(value_text(rule, "window")))
		return note_set(n, ERR_RANGE, rule->line, rule->column,
				"'window' of this rule is no duration; expected digits with s, m "
				"or h behind them");
	return OK;
}

enum err compat_rust_check(const struct value *doc, struct note *n)
{
	const struct value *rules = value_get_c(doc, "policies");

	if (doc->kind != VALUE_OBJECT)
		return wrong(n, doc, "the document", "a profile");
	TRY(check_text(doc, "version", true, n));
	TRY(check_text(doc, "agent", true, n));
	if (!rules || rules->kind != VALUE_LIST)
		return wrong(n, rules ? rules : doc, "policies", "a list of rules there");
	if (rules->list.count > LIMIT_RULES)
		return note_set(n, ERR_RANGE, rules->line, rules->column,
				"there are more than %d rules", LIMIT_RULES);
	for (size_t i = 0; i < rules->list.count; i++)
		TRY(check_rule(&rules->list.items[i], n));
	return OK;
}

static bool matches_action(struct str pattern, struct str action)
{
	if (str_is(pattern, "*"))
		return true;
	if (str_ends(pattern, STR(".*")) || str_ends(pattern, STR("*")))
		return str_starts(action, str_slice(pattern.ptr, pattern.len - 1));
	return str_eq(pattern, action);
}

static bool matches_any(const struct value *rule, const char *key, struct str action)
{
	const struct value *list = value_get_c(rule, key);

	for (size_t i = 0; list && i < list->list.count; i++)
		if (matches_action(list->list.items[i].string, action))
			return true;
	return false;
}

/* serde_yaml's ==: an integer is no double. */
static bool equal(const struct value *expected, const struct value *actual)
{
	return expected->kind == actual->kind && value_eq(expected, actual);
}

static bool holds(const struct value *conditions, const struct value *context)
{
	for (size_t i = 0; conditions && i < conditions->object.count; i++) {
		const struct member *m = &conditions->object.members[i];
		const struct value *actual = value_get(context, m->key);
		bool found = false;

		if (!actual)
			return false;
		if (m->value.kind != VALUE_LIST)
			found = equal(&m->value, actual);
		else
			for (size_t j = 0; j < m->value.list.count && !found; j++)
				found = equal(&m->value.list.items[j], actual);
		if (!found)
			return false;
	}
	return true;
}

static struct str without_last(struct str s, char c)
{
	while (s.len > 0 && s.ptr[s.len - 1] == c)
		s.len--;
	return s;
}

/* In the name space of something denied ("shell:*": shell) or allowed ("data.read": data). */
static bool in_scope(const struct value *rule, struct str action)
{
	const struct value *denied = value_get_c(rule, "denied_actions");
	const struct value *allowed = value_get_c(rule, "allowed_actions");
	struct str space, rest;

	for (size_t i = 0; denied && i < denied->list.count; i++) {
		space = without_last(without_last(denied->list.items[i].string, '*'), ':');
		if (str_starts(action, space))
			return true;
	}
	for (size_t i = 0; allowed && i < allowed->list.count; i++) {
		if (!str_cut(allowed->list.items[i].string, '.', &space, &rest))
			space = allowed->list.items[i].string;
		if (str_starts(action, space))
			return true;
	}
	return false;
}

/* True when the rule decides. */
static bool decides(const struct value *rule, struct str action, struct compat_decision *d)
{
	struct str type = value_text(rule, "type");
	const struct value *allowed = value_get_c(rule, "allowed_actions");

	if (str_is(type, "capability")) {
		d->action = COMPAT_DENY;
		if (matches_any(rule, "denied_actions", action))
			return true;
		if (!allowed || allowed->list.count == 0)
			return false;
		if (!matches_any(rule, "allowed_actions", action))
			return in_scope(rule, action);
		d->action = COMPAT_ALLOW;
		return true;
	}
	d->action = str_is(type, "approval") ? COMPAT_APPROVAL : COMPAT_ALLOW;
	if (str_is(type, "approval") ||
	    (str_is(type, "rate_limit") && integer(rule, "max_calls") > 0))
		return matches_any(rule, "actions", action);
	return false;
}

void compat_rust_decide(const struct value *doc, struct str action, const struct value *context,
			struct compat_decision *ret)
{
	const struct value *rules = value_get_c(doc, "policies");
	struct compat_decision d = { .allowed = false };

	for (size_t i = 0; i < rules->list.count; i++) {
		const struct value *rule = &rules->list.items[i];

		if (!holds(value_get_c(rule, "conditions"), context) || !decides(rule, action, &d))
			continue;
		d.allowed = d.action == COMPAT_ALLOW;
		d.rule = value_text(rule, "name");
		d.source = rule;
		*ret = d;
		return;
	}
	*ret = (struct compat_decision){
		.allowed = true, .action = COMPAT_ALLOW, .reason = STR("no rule matched"),
	};
}
