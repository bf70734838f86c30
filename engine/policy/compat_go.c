/*
 * compat_go: the Go engine. Rules in order, the first match decides, deny without one. An action
 * is `*`, `ns.*` or itself. Conditions are a mapping, all of which must hold, over a flat context:
 * a dotted key is one key.
 *
 * Two traps are kept. valuesEqual has no case for integers, so a whole number in a document equals
 * nothing. And a rule with max_calls allows, whatever its effect says.
 */
#include "engine/policy/compat_parts.h"

static enum err wrong(struct note *n, const struct value *v, const char *key, const char *expected)
{
	return note_set(n, ERR_TYPE, v->line, v->column, "'%s' is %s here; expected %s", key,
			value_kind_name(v->kind), expected);
}

static enum err check_kind(const struct value *rule, const char *key, enum value_kind kind,
			   const char *expected, struct note *n)
{
	const struct value *v = value_get_c(rule, key);

	if (v && v->kind != VALUE_NULL && v->kind != kind)
		return wrong(n, v, key, expected);
	return OK;
}

static enum err check_rule(const struct value *rule, struct note *n)
{
	const struct value *approvers;

	if (rule->kind != VALUE_OBJECT)
		return wrong(n, rule, "rules", "a list of mappings");
	TRY(check_kind(rule, "action", VALUE_STRING, "a string", n));
	TRY(check_kind(rule, "effect", VALUE_STRING, "a string", n));
	TRY(check_kind(rule, "conditions", VALUE_OBJECT, "a mapping", n));
	TRY(check_kind(rule, "priority", VALUE_INT, "an integer", n));
	TRY(check_kind(rule, "scope", VALUE_STRING, "a string", n));
	TRY(check_kind(rule, "max_calls", VALUE_INT, "an integer", n));
	TRY(check_kind(rule, "window", VALUE_STRING, "a string", n));
	TRY(check_kind(rule, "min_approvals", VALUE_INT, "an integer", n));
	TRY(check_kind(rule, "approvers", VALUE_LIST, "a list of strings", n));
	approvers = value_get_c(rule, "approvers");
	for (size_t i = 0; approvers && approvers->kind == VALUE_LIST &&
			   i < approvers->list.count; i++)
		if (approvers->list.items[i].kind != VALUE_STRING)
			return wrong(n, &approvers->list.items[i], "approvers", "strings");
	return OK;
}

enum err compat_go_check(const struct value *doc, struct note *n)
{
	const struct value *rules = value_get_c(doc, "rules");

	if (doc->kind != VALUE_OBJECT)
		return wrong(n, doc, "the document", "a mapping with 'rules'");
	if (!rules || rules->kind == VALUE_NULL)
		return OK;
	if (rules->kind != VALUE_LIST)
		return wrong(n, rules, "rules", "a list");
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
	if (str_ends(pattern, STR(".*")))
		return str_starts(action, str_slice(pattern.ptr, pattern.len - 1));
	return str_eq(pattern, action);
}

/* valuesEqual: `expected` is the document's, `actual` the context's, whose numbers are doubles. */
static bool equal(const struct value *expected, const struct value *actual)
{
	double number;

	switch (expected->kind) {
	case VALUE_STRING:
		return actual->kind == VALUE_STRING && str_eq(expected->string, actual->string);
	case VALUE_BOOL:
		return actual->kind == VALUE_BOOL && expected->boolean == actual->boolean;
	case VALUE_REAL:
		return value_is_number(actual) &&
		       compat_value_float(actual, &number) == COMPAT_FLOAT &&
		       number == expected->real;
	default:
		return false;
	}
}

static bool is_one_of(const struct value *list, const struct value *actual)
{
	for (size_t i = 0; list->kind == VALUE_LIST && i < list->list.count; i++)
		if (equal(&list->list.items[i], actual))
			return true;
	return false;
}

static bool in_order(struct str op, const struct value *expected, const struct value *actual)
{
	double left, right;

	if (!value_is_number(expected) || !value_is_number(actual) ||
	    compat_value_float(actual, &left) != COMPAT_FLOAT ||
	    compat_value_float(expected, &right) != COMPAT_FLOAT)
		return false;
	if (str_is(op, "$gt"))
		return left > right;
	if (str_is(op, "$gte"))
		return left >= right;
	return str_is(op, "$lt") ? left < right : str_is(op, "$lte") && left <= right;
}

static bool compares(const struct value *ops, const struct value *actual)
{
	for (size_t i = 0; i < ops->object.count; i++) {
		const struct member *m = &ops->object.members[i];
		bool one;

		if (str_is(m->key, "$ne"))
			one = !equal(&m->value, actual);
		else if (str_is(m->key, "$in"))
			one = is_one_of(&m->value, actual);
		else
			one = in_order(m->key, &m->value, actual);
		if (!one)
			return false;
	}
	return true;
}

static bool holds(const struct value *conditions, const struct value *context);

/* $and, $or: whether all, or any, of a list of mappings hold. Another shape: false. */
static bool holds_list(const struct value *list, const struct value *context, bool all)
{
	bool answer = all;

	if (list->kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < list->list.count; i++)
		if (list->list.items[i].kind != VALUE_OBJECT)
			return false;
	for (size_t i = 0; i < list->list.count && answer == all; i++)
		answer = holds(&list->list.items[i], context);
	return answer;
}

/* Recurses along the document, at most LIMIT_DEPTH deep. */
static bool holds(const struct value *conditions, const struct value *context)
{
	for (size_t i = 0; i < conditions->object.count; i++) {
		const struct member *m = &conditions->object.members[i];
		const struct value *expected = &m->value, *actual;
		bool one;

		if (str_is(m->key, "$and") || str_is(m->key, "$or")) {
			one = holds_list(expected, context, str_is(m->key, "$and"));
		} else if (str_is(m->key, "$not")) {
			one = expected->kind == VALUE_OBJECT && !holds(expected, context);
		} else {
			actual = value_get(context, m->key);
			one = actual && (expected->kind == VALUE_OBJECT
						 ? compares(expected, actual)
						 : equal(expected, actual));
		}
		if (!one)
			return false;
	}
	return true;
}

static int64_t integer(const struct value *rule, const char *key)
{
	const struct value *v = value_get_c(rule, key);

	return v && v->kind == VALUE_INT ? v->integer : 0;
}

static void decide_by(const struct value *rule, struct compat_decision *ret)
{
	struct str effect = value_text(rule, "effect");

	*ret = (struct compat_decision){ .source = rule, .reason = effect };
	if (integer(rule, "max_calls") > 0)
		ret->action = COMPAT_ALLOW;
	else if (integer(rule, "min_approvals") > 0 || str_is(effect, "requires_approval") ||
		 str_is(effect, "review"))
		ret->action = COMPAT_APPROVAL;
	else if (str_is(effect, "allow"))
		ret->action = COMPAT_ALLOW;
	ret->allowed = ret->action == COMPAT_ALLOW;
}

void compat_go_decide(const struct value *doc, struct str action, const struct value *context,
		      struct compat_decision *ret)
{
	const struct value *rules = value_get_c(doc, "rules");

	*ret = (struct compat_decision){ .reason = STR("no rule matched") };
	for (size_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->list.count; i++) {
		const struct value *rule = &rules->list.items[i];
		const struct value *conditions = value_get_c(rule, "conditions");

		if (!matches_action(value_text(rule, "action"), action) ||
		    (conditions && conditions->kind == VALUE_OBJECT &&
		     !holds(conditions, context)))
			continue;
		decide_by(rule, ret);
		return;
	}
}
