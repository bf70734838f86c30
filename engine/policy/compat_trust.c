/*
 * compat_trust: TrustPolicy and PolicyEvaluator. One field, one operator and one value to a rule;
 * here the LOWER priority number goes first, the reverse of the mesh engine. A field that is
 * missing or null makes every condition false, `ne` as well; without any policy everything is
 * allowed.
 */
#include "engine/policy/compat_parts.h"

#include "engine/base/canon.h"

#define PRIORITY_DEFAULT 100
#define TRUST_DEFAULT	 500
#define DEPTH_DEFAULT	 3
#define PATTERN_MAX	 200 /* characters; longer ones match nothing */
#define TEXT_CAP	 ((size_t)64 << 20)

enum operator { EQ, NE, GT, GTE, LT, LTE, IN, NOT_IN, MATCHES };

static const char *const operators[] = { "eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in",
					 "matches", NULL };
static const char *const trust_actions[] = { "deny", "allow", "warn", "require_approval", NULL };

/* --- shape --- */

static enum err invalid(const char **raises, struct note *n, const struct value *at,
			const char *key, const char *expected)
{
	*raises = "ValidationError";
	return note_set(n, ERR_SYNTAX, at->line, at->column, "'%s' should be %s", key, expected);
}

static bool is_text(const struct value *object, const char *key)
{
	return value_text(object, key).ptr != NULL;
}

static bool is_int_or_absent(const struct value *object, const char *key)
{
	const struct value *v = value_get_c(object, key);

	return !v || v->kind == VALUE_INT;
}

static enum err check_rule(const struct value *rule, const char **raises, struct note *n)
{
	const struct value *condition = value_get_c(rule, "condition");
	struct str action = value_text(rule, "action");

	if (rule->kind != VALUE_OBJECT)
		return invalid(raises, n, rule, "rules", "a list of rules");
	if (!is_text(rule, "name"))
		return invalid(raises, n, rule, "name", "a string");
	if (!condition || condition->kind != VALUE_OBJECT)
		return invalid(raises, n, rule, "condition", "a field, an operator and a value");
	if (!is_text(condition, "field"))
		return invalid(raises, n, condition, "field", "a string");
	if (str_index(value_text(condition, "operator"), operators) < 0)
		return invalid(raises, n, condition, "operator",
			       "eq, ne, gt, gte, lt, lte, in, not_in or matches");
	if (!value_get_c(condition, "value"))
		return invalid(raises, n, condition, "value", "there");
	if (value_get_c(rule, "action") && str_index(action, trust_actions) < 0)
		return invalid(raises, n, rule, "action",
			       "allow, deny, warn or require_approval");
	if (!is_int_or_absent(rule, "priority"))
		return invalid(raises, n, rule, "priority", "an integer");
	return OK;
}

static enum err check_defaults(const struct value *d, const char **raises, struct note *n)
{
	const struct value *spaces = value_get_c(d, "allowed_namespaces");

	if (d->kind != VALUE_OBJECT)
		return invalid(raises, n, d, "defaults", "an object");
	if (!is_int_or_absent(d, "min_trust_score"))
		return invalid(raises, n, d, "min_trust_score", "an integer");
	if (!is_int_or_absent(d, "max_delegation_depth"))
		return invalid(raises, n, d, "max_delegation_depth", "an integer");
	if (spaces && spaces->kind != VALUE_LIST)
		return invalid(raises, n, d, "allowed_namespaces", "a list of strings");
	for (size_t i = 0; spaces && i < spaces->list.count; i++)
		if (spaces->list.items[i].kind != VALUE_STRING)
			return invalid(raises, n, d, "allowed_namespaces", "a list of strings");
	return OK;
}

enum err compat_trust_check(const struct value *doc, const char **raises, struct note *n)
{
	const struct value *rules = value_get_c(doc, "rules");
	const struct value *otherwise = value_get_c(doc, "defaults");

	*raises = NULL;
	if (doc->kind != VALUE_OBJECT) {
		*raises = "TypeError";
		return note_set(n, ERR_SYNTAX, doc->line, doc->column,
				"the document is not a mapping");
	}
	if (!is_text(doc, "name"))
		return invalid(raises, n, doc, "name", "a string");
	if (rules && rules->kind != VALUE_LIST)
		return invalid(raises, n, rules, "rules", "a list of rules");
	if (rules && rules->list.count > LIMIT_RULES)
		return note_set(n, ERR_LIMIT, rules->line, rules->column,
				"there are more than %d rules", LIMIT_RULES);
	for (size_t i = 0; rules && i < rules->list.count; i++)
		TRY(check_rule(&rules->list.items[i], raises, n));
	return otherwise ? check_defaults(otherwise, raises, n) : OK;
}

/* --- one condition --- */

static enum err type_error(const char **raises)
{
	*raises = "TypeError";
	return ERR_SYNTAX;
}

/* `actual in expected` */
static enum err is_in(const struct value *actual, const struct value *expected, bool *ret,
		      const char **raises)
{
	*ret = false;
	switch (expected->kind) {
	case VALUE_LIST:
		for (size_t i = 0; i < expected->list.count && !*ret; i++)
			*ret = compat_value_eq(actual, &expected->list.items[i]);
		return OK;
	case VALUE_STRING:
		if (actual->kind != VALUE_STRING)
			return type_error(raises);
		*ret = str_has(expected->string, actual->string);
		return OK;
	case VALUE_OBJECT:
		if (actual->kind == VALUE_LIST || actual->kind == VALUE_OBJECT)
			return type_error(raises);
		*ret = actual->kind == VALUE_STRING && value_get(expected, actual->string);
		return OK;
	default:
		return type_error(raises);
	}
}

/* Python has these and RE2 does not, so "does not compile" says nothing about them. */
static bool is_beyond_us(struct str pattern)
{
	static const char *const signs[] = { "(?=", "(?!", "(?<", "(?>", "(?(", "(?P=", "(?#",
					     "*+", "++", "?+", "\\Z", "\\u", "\\U", "\\N", NULL };

	for (size_t i = 0; signs[i]; i++)
		if (str_has(pattern, str_view(signs[i])))
			return true;
	for (size_t i = 1; i < pattern.len; i++)
		if (pattern.ptr[i - 1] == '\\' && pattern.ptr[i] >= '1' && pattern.ptr[i] <= '9')
			return true;
	return false;
}

static bool is_refused(struct str pattern)
{
	size_t characters = 0;

	for (size_t i = 0; i < pattern.len; i++)
		characters += ((unsigned char)pattern.ptr[i] & 0xC0) != 0x80;
	return characters > PATTERN_MAX || str_has(pattern, STR("{")) ||
	       str_has(pattern, STR("(+")) || str_has(pattern, STR("(.*)*")) ||
	       str_has(pattern, STR("(.+)+"));
}

/* re.search with DOTALL. A pattern that does not compile matches nothing. */
static enum err is_match(struct str pattern, struct str text, struct arena *a, bool *ret)
{
	const struct str parts[] = { STR("(?s)"), pattern };
	const struct regex *re;
	struct str flagged;
	enum err e;

	*ret = false;
	if (is_refused(pattern))
		return OK;
	TRY(plan_join(a, parts, 2, &flagged));
	e = regex_compile(flagged, a, &re, NULL);
	if (e == ERR_MEMORY || e == ERR_LIMIT)
		return e;
	if (e != OK)
		return is_beyond_us(pattern) ? ERR_VERSION : OK;
	*ret = regex_match(re, text);
	return OK;
}

static enum err matches(const struct value *actual, const struct value *expected, struct arena *a,
			bool *ret)
{
	struct buf pattern, text;
	enum err e;

	buf_init(&pattern, TEXT_CAP);
	buf_init(&text, TEXT_CAP);
	e = compat_value_text(&pattern, expected);
	if (e == OK)
		e = compat_value_text(&text, actual);
	if (e == OK)
		e = is_match(buf_view(&pattern), buf_view(&text), a, ret);
	buf_fini(&text);
	buf_fini(&pattern);
	return e;
}

enum err compat_trust_match(const struct value *condition, const struct value *context,
			    struct arena *a, bool *ret, const char **raises)
{
	const struct value *actual = compat_value_at(context, value_text(condition, "field"));
	const struct value *expected = value_get_c(condition, "value");
	enum operator op = (enum operator)str_index(value_text(condition, "operator"), operators);
	int order = 0;

	*raises = NULL;
	*ret = false;
	if (!actual)
		return OK;
	if (op == EQ || op == NE) {
		*ret = compat_value_eq(actual, expected) == (op == EQ);
		return OK;
	}
	if (op == IN || op == NOT_IN) {
		TRY(is_in(actual, expected, ret, raises));
		*ret = *ret == (op == IN);
		return OK;
	}
	if (op == MATCHES)
		return matches(actual, expected, a, ret);
	if (!compat_value_order(actual, expected, &order))
		return type_error(raises);
	*ret = op == GT ? order > 0 : op == GTE ? order >= 0 : op == LT ? order < 0 : order <= 0;
	return OK;
}

/* --- the evaluator --- */

static int64_t integer(const struct value *object, const char *key, int64_t absent)
{
	const struct value *v = value_get_c(object, key);

	return v && v->kind == VALUE_INT ? v->integer : absent;
}

static enum err join(struct arena *a, const struct str *parts, size_t count, struct str *ret)
{
	return plan_join(a, parts, count, ret);
}

static enum err decide_by(const struct value *doc, const struct value *rule, struct arena *a,
			  struct compat_decision *ret)
{
	struct str name = value_text(rule, "name"), policy = value_text(doc, "name");
	struct str word = value_text(rule, "action"), says = value_text(rule, "description");
	int action = word.ptr ? str_index(word, trust_actions) : COMPAT_DENY;
	struct str shown = says.len ? says : str_view(trust_actions[action]);
	const struct str parts[] = { STR("Rule '"), name, STR("' matched in policy '"), policy,
				     STR("': "), shown };

	*ret = (struct compat_decision){
		.allowed = action == COMPAT_ALLOW, .action = (enum compat_action)action,
		.rule = name, .policy = policy, .source = rule,
	};
	return join(a, parts, 6, &ret->reason);
}

static enum err deny(struct arena *a, const char *before, const struct value *v, const char *middle,
		     const int64_t *bound, struct compat_decision *ret)
{
	struct buf b;
	enum err e;

	buf_init(&b, TEXT_CAP);
	buf_add_c(&b, before);
	e = compat_value_text(&b, v);
	buf_add_c(&b, middle);
	if (bound)
		buf_add_i64(&b, *bound);
	e = e == OK ? b.err : e;
	*ret = (struct compat_decision){ .action = COMPAT_DENY };
	if (e == OK)
		e = arena_copy(a, buf_view(&b), &ret->reason);
	buf_fini(&b);
	return e;
}

/* Is the member there, and on the wrong side of the bound? */
static enum err is_beyond(const struct value *v, int64_t bound, int side, bool *ret,
			  const char **raises)
{
	const struct value limit = value_int(bound);
	int order = 0;

	*ret = false;
	if (!v)
		return OK;
	if (!compat_value_order(v, &limit, &order))
		return type_error(raises);
	*ret = order * side > 0;
	return OK;
}

/* Whether the namespace is one of those that are allowed: all of them where "*" is. */
static bool is_allowed(const struct value *space, const struct value *allowed)
{
	bool found = !allowed || !compat_value_truth(space);

	for (size_t i = 0; !found && i < allowed->list.count; i++)
		found = str_is(allowed->list.items[i].string, "*") ||
			compat_value_eq(space, &allowed->list.items[i]);
	return found;
}

static enum err apply_defaults(const struct value *d, const struct value *context, struct arena *a,
			       struct compat_decision *ret, const char **raises)
{
	const struct value *score = compat_value_at(context, STR("trust_score"));
	const struct value *depth = compat_value_at(context, STR("delegation_depth"));
	const struct value *agent = compat_value_at(context, STR("agent")), *space;
	int64_t least = integer(d, "min_trust_score", TRUST_DEFAULT);
	int64_t most = integer(d, "max_delegation_depth", DEPTH_DEFAULT);
	bool beyond;

	TRY(is_beyond(score, least, -1, &beyond, raises));
	if (beyond)
		return deny(a, "Trust score ", score, " below minimum ", &least, ret);
	TRY(is_beyond(depth, most, 1, &beyond, raises));
	if (beyond)
		return deny(a, "Delegation depth ", depth, " exceeds maximum ", &most, ret);
	space = agent && agent->kind == VALUE_OBJECT
			? compat_value_at(agent, STR("namespace"))
			: compat_value_at(context, STR("agent_namespace"));
	if (!is_allowed(space, value_get_c(d, "allowed_namespaces")))
		return deny(a, "Namespace '", space, "' not in allowed namespaces", NULL, ret);
	*ret = (struct compat_decision){
		.allowed = true, .action = COMPAT_ALLOW,
		.reason = STR("No rules matched; defaults passed"),
	};
	return OK;
}

/* The next rule in order of trial behind priority `*at` and place `*place`; NULL at the end. */
static const struct value *next_rule(const struct value *const *docs, size_t count, int64_t *at,
				     size_t *place, const struct value **doc)
{
	const struct value *best = NULL;
	int64_t best_priority = 0;
	size_t number = 0, best_number = 0;

	for (size_t i = 0; i < count; i++) {
		const struct value *rules = value_get_c(docs[i], "rules");

		for (size_t j = 0; rules && j < rules->list.count; j++, number++) {
			const struct value *rule = &rules->list.items[j];
			int64_t priority = integer(rule, "priority", PRIORITY_DEFAULT);

			if (priority < *at || (priority == *at && number < *place))
				continue;
			if (best && priority >= best_priority)
				continue;
			best = rule;
			best_priority = priority;
			best_number = number;
			*doc = docs[i];
		}
	}
	*at = best_priority;
	*place = best_number + 1;
	return best;
}

enum err compat_trust_decide(const struct value *const *docs, size_t count,
			     const struct value *context, struct arena *a,
			     struct compat_decision *ret, const char **raises)
{
	const struct value *rule, *doc = NULL;
	int64_t priority = INT64_MIN;
	size_t place = 0;

	*raises = NULL;
	while ((rule = next_rule(docs, count, &priority, &place, &doc)) != NULL) {
		bool match;

		TRY(compat_trust_match(value_get_c(rule, "condition"), context, a, &match,
				       raises));
		if (match)
			return decide_by(doc, rule, a, ret);
	}
	if (count > 0)
		return apply_defaults(value_get_c(docs[0], "defaults"), context, a, ret, raises);
	*ret = (struct compat_decision){
		.allowed = true, .action = COMPAT_ALLOW,
		.reason = STR("No policies loaded; default allow"),
	};
	return OK;
}
