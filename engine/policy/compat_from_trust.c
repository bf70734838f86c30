/*
 * compat_from_trust: TrustPolicy. Its lower number goes first and the first match decides, so the
 * rules are written in that order and need no priorities. The defaults, which are checks of their
 * own when no rule matches, become rules at the end, and what passes them is allowed, as there.
 *
 * Every operator is false there when the field is missing or null.
 */
#include "engine/policy/compat_draft.h"

#define PRIORITY_DEFAULT 100

static const struct comparison {
	const char *name, *sign;
} comparisons[] = {
	{ "eq", "==" }, { "ne", "!=" }, { "gt", ">" },	    { "gte", ">=" },
	{ "lt", "<" },	{ "lte", "<=" }, { "in", "in" },    { "not_in", "in" },
	{ "matches", "matches" },
};

static const char *sign_of(struct str operator)
{
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++)
		if (str_is(operator, comparisons[i].name))
			return comparisons[i].sign;
	return "";
}

/* --- conditions --- */

/* re.search with DOTALL, as one literal. */
static void add_pattern(struct buf *b, const struct value *v)
{
	struct buf pattern;

	buf_init(&pattern, LIMIT_CONDITION_BYTES);
	buf_add_c(&pattern, "(?s)");
	if (compat_value_text(&pattern, v) == OK)
		draft_string(b, buf_view(&pattern));
	else if (pattern.err != OK)
		b->err = pattern.err;
	buf_fini(&pattern);
}

/* Members of a list, keys of an object, parts of a text: what `in` looks through. */
static void add_in(struct buf *b, struct str ours, const struct value *v)
{
	if (v->kind == VALUE_STRING) {
		draft_string(b, v->string);
		buf_add_c(b, " contains ");
		buf_add(b, ours);
		return;
	}
	buf_add(b, ours);
	buf_add_c(b, " in ");
	if (v->kind != VALUE_OBJECT) {
		draft_literal(b, v);
		return;
	}
	buf_add_byte(b, '[');
	for (size_t i = 0; i < v->object.count; i++) {
		buf_add_c(b, i ? ", " : "");
		draft_string(b, v->object.members[i].key);
	}
	buf_add_byte(b, ']');
}

static void add_comparison(struct buf *b, struct str operator, struct str ours,
			   const struct value *v)
{
	if (str_is(operator, "not_in"))
		buf_add_c(b, "not (");
	if (str_is(operator, "in") || str_is(operator, "not_in")) {
		add_in(b, ours, v);
		buf_add_c(b, str_is(operator, "in") ? "" : ")");
		return;
	}
	buf_add(b, ours);
	buf_addf(b, " %s ", sign_of(operator));
	if (str_is(operator, "matches"))
		add_pattern(b, v);
	else
		draft_literal(b, v);
}

static enum err add_condition(struct draft *d, const struct value *c, struct buf *b)
{
	struct str operator = value_text(c, "operator"), field = value_text(c, "field"), ours;
	const struct value *v = value_get_c(c, "value");
	bool negative = str_is(operator, "ne") || str_is(operator, "not_in");

	TRY(draft_path(d, b, field, false));
	TRY(draft_text(d, b, &ours));
	if (v->kind == VALUE_NULL && str_is(operator, "eq")) {
		buf_add_c(b, "false");
		return b->err;
	}
	TRY(draft_guard(d, b, field, false));
	/* Null is no value there, so it is not unequal to anything either. */
	if (negative && !draft_path_certain(field, false))
		buf_addf(b, "%.*s != null and ", STR_ARG(ours));
	add_comparison(b, operator, ours, v);
	return b->err;
}

/* ptr NULL: refused, and that remarked. */
static enum err take_condition(struct draft *d, const struct value *c, struct str *ret)
{
	struct note n = { .line = 0 };
	struct str text;
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_CONDITION_BYTES);
	e = add_condition(d, c, &b);
	if (e == OK)
		e = draft_text(d, &b, &text);
	buf_fini(&b);
	if (e == OK)
		e = draft_compiles(d, text, &n);
	if (e == OK)
		*ret = text;
	if (e == OK || e == ERR_MEMORY)
		return e;
	return draft_remark(d, true, c, "the condition cannot be said here: %s",
			    n.text[0] ? n.text : "it is too long");
}

/* --- rules --- */

static int64_t priority_of(const struct value *rule)
{
	const struct value *v = value_get_c(rule, "priority");

	return v && v->kind == VALUE_INT ? v->integer : PRIORITY_DEFAULT;
}

static enum err take_rule(struct draft *d, const struct value *rule)
{
	struct draft_rule own = { .name = value_text(rule, "name"), .source = rule };
	struct str action = value_text(rule, "action");

	draft_begin(d, own.name);
	for (int i = 0; i < COMPAT_ACTIONS; i++)
		if (str_is(action, compat_actions[i]))
			own.action = (enum compat_action)i;
	own.description = value_text(rule, "description");
	TRY(take_condition(d, value_get_c(rule, "condition"), &own.condition));
	return own.condition.ptr ? draft_add(d, &own) : OK;
}

/* Insertion keeps equal numbers in their order. */
static void sort(const struct value **rules, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct value *rule = rules[i];
		size_t at = i;

		for (; at > 0 && priority_of(rules[at - 1]) > priority_of(rule); at--)
			rules[at] = rules[at - 1];
		rules[at] = rule;
	}
}

static enum err take_rules(struct draft *d, const struct value *list)
{
	const struct value **rules;
	size_t count = list ? list->list.count : 0;

	rules = arena_array(d->arena, count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		rules[i] = &list->list.items[i];
	sort(rules, count);
	for (size_t i = 0; i < count; i++)
		TRY(take_rule(d, rules[i]));
	return OK;
}

/* --- defaults --- */

static enum err add_default(struct draft *d, const char *name, struct buf *b)
{
	struct draft_rule own = { .name = str_view(name), .action = COMPAT_DENY };

	TRY(draft_text(d, b, &own.condition));
	return draft_add(d, &own);
}

static enum err add_bound(struct draft *d, const char *name, const char *field, const char *sign,
			  int64_t bound, struct buf *b)
{
	struct str ours;

	draft_begin(d, str_view(name));
	TRY(draft_path(d, b, str_view(field), false));
	TRY(draft_text(d, b, &ours));
	buf_addf(b, "has(%.*s) and %.*s %s %lld", STR_ARG(ours), STR_ARG(ours), sign,
		 (long long)bound);
	return add_default(d, name, b);
}

static enum err add_spaces(struct draft *d, const struct value *allowed, struct buf *b)
{
	static const char *const name = "allowed-namespaces";
	struct str nested, plain;

	for (size_t i = 0; i < allowed->list.count; i++)
		if (str_is(allowed->list.items[i].string, "*"))
			return OK;
	draft_begin(d, str_view(name));
	TRY(draft_path(d, b, STR("agent.namespace"), false));
	TRY(draft_text(d, b, &nested));
	TRY(draft_path(d, b, STR("agent_namespace"), false));
	TRY(draft_text(d, b, &plain));
	/* An agent without a name space passes; the flat spelling counts where no agent is. */
	for (int i = 0; i < 2; i++) {
		struct str ours = i ? plain : nested;

		buf_addf(b, "%shas(%.*s) and not (%.*s in ",
			 i ? " or not has(args.agent) and " : "", STR_ARG(ours), STR_ARG(ours));
		buf_add_c(b, "[null, \"\"");
		for (size_t j = 0; j < allowed->list.count; j++) {
			buf_add_c(b, ", ");
			draft_literal(b, &allowed->list.items[j]);
		}
		buf_add_c(b, "])");
	}
	return add_default(d, name, b);
}

static int64_t integer(const struct value *object, const char *key, int64_t absent)
{
	const struct value *v = value_get_c(object, key);

	return v && v->kind == VALUE_INT ? v->integer : absent;
}

static enum err take_defaults(struct draft *d, const struct value *defaults, struct buf *b)
{
	const struct value *allowed = value_get_c(defaults, "allowed_namespaces");

	TRY(add_bound(d, "minimum-trust-score", "trust_score", "<",
		      integer(defaults, "min_trust_score", 500), b));
	TRY(add_bound(d, "maximum-delegation-depth", "delegation_depth", ">",
		      integer(defaults, "max_delegation_depth", 3), b));
	if (allowed)
		TRY(add_spaces(d, allowed, b));
	draft_begin(d, STR_NONE);
	if (value_get_c(defaults, "require_handshake"))
		TRY(draft_remark(d, false, value_get_c(defaults, "require_handshake"),
				 "'require_handshake' is left out: AGT's evaluator does not look "
				 "at it"));
	return draft_remark(d, false, NULL, "AGT allows what no rule and no default denies; that "
			    "is kept as 'default_action: allow'");
}

enum err compat_from_trust(struct draft *d, const struct value *doc)
{
	struct buf b;
	enum err e;

	draft_begin(d, STR_NONE);
	d->name = value_text(doc, "name");
	d->description = value_text(doc, "description");
	d->version = value_text(doc, "version");
	d->default_allow = true;
	if (d->name.len == 0 || d->name.len > LIMIT_NAME_BYTES || str_has(d->name, STR("/")))
		return draft_remark(d, true, value_get_c(doc, "name"),
				    "the name of a policy has 1 to %d bytes and no '/'",
				    LIMIT_NAME_BYTES);
	TRY(take_rules(d, value_get_c(doc, "rules")));
	buf_init(&b, LIMIT_CONDITION_BYTES);
	e = take_defaults(d, value_get_c(doc, "defaults"), &b);
	buf_fini(&b);
	return e;
}
