/*
 * compat_from_go: rules of the Go engine. The first match decides there as here, so rules keep
 * their order and have no priorities. They have no names: rule-1, rule-2 ...
 *
 * What the author wanted and the engine does not do is written as it was wanted: whole numbers are
 * compared, and a rule that denies and counts calls denies.
 */
#include "engine/policy/compat_draft.h"

#include <stdio.h>

static const struct operator {
	const char *theirs, *ours;
	bool number; /* wants a number beside it */
} operators[] = {
	{ "$gt", ">", true },  { "$gte", ">=", true }, { "$lt", "<", true },
	{ "$lte", "<=", true }, { "$ne", "!=", false }, { "$in", "in", false },
};

static const struct operator *find_operator(struct str name)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (str_is(name, operators[i].theirs))
			return &operators[i];
	return NULL;
}

/* --- conditions --- */

struct writing {
	struct draft *draft;
	struct buf *b;
	bool refused;
	bool whole_numbers; /* an integer stands where AGT compares none */
};

static enum err add_all(struct writing *w, const struct value *conditions);

static enum err refuse(struct writing *w, const struct member *m, const char *why)
{
	const struct value at = { .line = m->line, .column = m->column };

	w->refused = true;
	return draft_remark(w->draft, true, &at, "'%.*s' %s", SHOWN(m->key), why);
}

static bool has_whole_number(const struct value *v)
{
	for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
		if (has_whole_number(&v->list.items[i]))
			return true;
	return v->kind == VALUE_INT || v->kind == VALUE_BIG;
}

static enum err add_operator(struct writing *w, struct str ours, const struct member *m)
{
	const struct operator *op = find_operator(m->key);

	if (!op)
		return refuse(w, m, "is no operator of AGT's, and so the rule never matches there; "
				    "expected $gt, $gte, $lt, $lte, $ne or $in");
	if (op->number && !value_is_number(&m->value))
		return refuse(w, m, "compares with no number, and so the rule never matches there");
	if (str_is(m->key, "$in") && m->value.kind != VALUE_LIST)
		return refuse(w, m, "looks through no list, and so the rule never matches there");
	w->whole_numbers = w->whole_numbers || (!op->number && has_whole_number(&m->value));
	buf_addf(w->b, "%.*s %s ", STR_ARG(ours), op->ours);
	draft_literal(w->b, &m->value);
	return w->b->err;
}

/* One key of the context. Missing is false there, whatever it is compared with. */
static enum err add_key(struct writing *w, const struct member *m)
{
	struct str ours;
	struct buf path;
	enum err e;

	buf_init(&path, LIMIT_CONDITION_BYTES);
	e = draft_path(w->draft, &path, m->key, true);
	if (e == OK)
		e = draft_text(w->draft, &path, &ours);
	buf_fini(&path);
	TRY(e);
	if (m->value.kind == VALUE_OBJECT && m->value.object.count == 0) {
		buf_addf(w->b, "has(%.*s)", STR_ARG(ours));
		return w->b->err;
	}
	TRY(draft_guard(w->draft, w->b, m->key, true));
	if (m->value.kind != VALUE_OBJECT) {
		w->whole_numbers = w->whole_numbers || has_whole_number(&m->value);
		buf_addf(w->b, "%.*s == ", STR_ARG(ours));
		draft_literal(w->b, &m->value);
	}
	for (size_t i = 0; m->value.kind == VALUE_OBJECT && i < m->value.object.count; i++) {
		buf_add_c(w->b, i ? " and " : "");
		TRY(add_operator(w, ours, &m->value.object.members[i]));
	}
	return w->b->err;
}

static enum err add_list(struct writing *w, const struct member *m)
{
	const char *between = str_is(m->key, "$and") ? " and " : " or ";

	if (m->value.kind != VALUE_LIST)
		return refuse(w, m, "holds no list, and so the rule never matches there");
	if (m->value.list.count == 0)
		buf_add_c(w->b, str_is(m->key, "$and") ? "true" : "false");
	for (size_t i = 0; i < m->value.list.count; i++) {
		if (m->value.list.items[i].kind != VALUE_OBJECT)
			return refuse(w, m, "holds what is no mapping");
		buf_addf(w->b, "%s(", i ? between : "");
		TRY(add_all(w, &m->value.list.items[i]));
		buf_add_byte(w->b, ')');
	}
	return w->b->err;
}

static enum err add_one(struct writing *w, const struct member *m)
{
	if (str_is(m->key, "$and") || str_is(m->key, "$or")) {
		buf_add_byte(w->b, '(');
		TRY(add_list(w, m));
		buf_add_byte(w->b, ')');
		return w->b->err;
	}
	if (!str_is(m->key, "$not"))
		return add_key(w, m);
	if (m->value.kind != VALUE_OBJECT)
		return refuse(w, m, "holds no mapping, and so the rule never matches there");
	buf_add_c(w->b, "not (");
	TRY(add_all(w, &m->value));
	buf_add_byte(w->b, ')');
	return w->b->err;
}

/* Recurses along the document, at most LIMIT_DEPTH deep. */
static enum err add_all(struct writing *w, const struct value *conditions)
{
	for (size_t i = 0; i < conditions->object.count && !w->refused; i++) {
		buf_add_c(w->b, i ? " and " : "");
		TRY(add_one(w, &conditions->object.members[i]));
	}
	if (conditions->object.count == 0)
		buf_add_c(w->b, "true");
	return w->b->err;
}

static enum err take_conditions(struct draft *d, const struct value *v, struct draft_rule *own,
				bool *ok)
{
	struct writing w = { .draft = d };
	struct note n = { .line = 0 };
	struct buf b;
	enum err e;

	*ok = true;
	if (!v || v->kind != VALUE_OBJECT || v->object.count == 0)
		return OK;
	buf_init(&b, LIMIT_CONDITION_BYTES);
	w.b = &b;
	e = add_all(&w, v);
	if (e == OK)
		e = draft_text(d, &b, &own->condition);
	buf_fini(&b);
	*ok = !w.refused;
	if (e == OK && *ok)
		e = draft_compiles(d, own->condition, &n);
	if (e == ERR_MEMORY || w.refused)
		return e;
	if (e != OK) {
		*ok = false;
		return draft_remark(d, true, v, "the conditions cannot be said here: %s",
				    n.text[0] ? n.text : "they are too long");
	}
	if (w.whole_numbers)
		return draft_remark(d, false, v, "AGT's == finds no whole number equal to "
				    "anything; here they are compared");
	return OK;
}

/* --- effects and limits --- */

/* time.ParseDuration of one number and one unit: "60s", "1m", "24h". */
static bool read_window(struct str s, int64_t *seconds)
{
	uint64_t n;

	if (s.len < 2 || str_to_u64(str_slice(s.ptr, s.len - 1), &n) != OK || n > 1000000)
		return false;
	*seconds = (int64_t)n * (s.ptr[s.len - 1] == 'h' ? 3600 : s.ptr[s.len - 1] == 'm' ? 60 : 1);
	return strchr("hms", s.ptr[s.len - 1]) != NULL;
}

static enum err take_limit(struct draft *d, const struct value *rule, int64_t calls,
			   struct draft_rule *own)
{
	struct str window = value_text(rule, "window");
	int64_t seconds = 60;
	struct buf b;
	enum err e;

	if (!read_window(window, &seconds))
		TRY(draft_remark(d, false, rule, "the window '%.*s' is one minute to AGT, and so "
				 "it is here", SHOWN(window)));
	buf_init(&b, 64);
	if (draft_limit(&b, calls, seconds))
		e = draft_text(d, &b, &own->limit);
	else
		e = draft_remark(d, true, rule, "a window of %lld seconds cannot be said here; "
				 "there are second, minute, hour and day", (long long)seconds);
	buf_fini(&b);
	return e;
}

static int64_t integer(const struct value *rule, const char *key)
{
	const struct value *v = value_get_c(rule, key);

	return v && v->kind == VALUE_INT ? v->integer : 0;
}

static enum err take_effect(struct draft *d, const struct value *rule, struct draft_rule *own)
{
	struct str effect = value_text(rule, "effect");
	int64_t calls = integer(rule, "max_calls"), approvals = integer(rule, "min_approvals");

	if (str_is(effect, "allow"))
		own->action = COMPAT_ALLOW;
	else if (str_is(effect, "requires_approval") || str_is(effect, "review"))
		own->action = COMPAT_APPROVAL;
	else if (!str_is(effect, "deny"))
		TRY(draft_remark(d, false, rule, "the effect '%.*s' does not allow there; here "
				 "the rule denies", SHOWN(effect)));
	if (approvals > 0 && calls <= 0)
		own->action = COMPAT_APPROVAL;
	if (approvals > 1)
		TRY(draft_remark(d, false, rule, "that %lld approvals are needed is left out: one "
				 "approval settles it here", (long long)approvals));
	return calls > 0 && own->action == COMPAT_ALLOW ? take_limit(d, rule, calls, own) : OK;
}

static enum err take_approvers(struct draft *d, const struct value *rule, struct draft_rule *own)
{
	const struct value *v = value_get_c(rule, "approvers");
	size_t count = v && v->kind == VALUE_LIST ? v->list.count : 0;
	struct str *names = arena_array(d->arena, count, sizeof(*names));

	if (!names)
		return ERR_MEMORY;
	if (count > 0 && own->action != COMPAT_APPROVAL)
		return draft_remark(d, false, v, "'approvers' are left out: nobody asks them");
	for (size_t i = 0; i < count; i++)
		names[i] = v->list.items[i].string;
	own->approvers = names;
	own->approver_count = count;
	return OK;
}

/* `*` is every tool; `ns.*` is a glob as it stands; anything else is a name. */
static enum err take_action(struct draft *d, struct str action, struct draft_rule *own)
{
	bool space = str_ends(action, STR(".*"));
	struct str *tool = arena_alloc(d->arena, sizeof(*tool));
	struct buf b;
	enum err e;

	if (!tool)
		return ERR_MEMORY;
	if (str_is(action, "*"))
		return OK;
	buf_init(&b, LIMIT_LINE_BYTES);
	draft_glob(&b, space ? str_slice(action.ptr, action.len - 1) : action);
	buf_add_c(&b, space ? "*" : "");
	e = draft_text(d, &b, tool);
	buf_fini(&b);
	own->tools = tool;
	own->tool_count = 1;
	return e;
}

static enum err take_rule(struct draft *d, const struct value *rule, size_t number)
{
	struct draft_rule own = { .source = rule };
	char name[32];
	bool ok;

	(void)snprintf(name, sizeof(name), "rule-%zu", number + 1);
	TRY(arena_copy(d->arena, str_view(name), &own.name));
	draft_begin(d, own.name);
	if (value_text(rule, "action").len == 0)
		return draft_remark(d, false, rule, "the rule names no action and never matches; "
				    "it is left out");
	if (value_get_c(rule, "priority") || value_get_c(rule, "scope"))
		TRY(draft_remark(d, false, rule, "'priority' and 'scope' are left out: AGT tries "
				 "rules in their order"));
	TRY(take_action(d, value_text(rule, "action"), &own));
	TRY(take_conditions(d, value_get_c(rule, "conditions"), &own, &ok));
	TRY(take_effect(d, rule, &own));
	TRY(take_approvers(d, rule, &own));
	return ok ? draft_add(d, &own) : OK;
}

/* The toolkit loads any file that has `rules`; a file of another kind would become an empty one. */
static bool is_of_another_kind(const struct value *rules)
{
	for (size_t i = 0; i < rules->list.count; i++)
		if (value_text(&rules->list.items[i], "action").len > 0 &&
		    !value_get_c(&rules->list.items[i], "condition"))
			return false;
	return rules->list.count > 0;
}

enum err compat_from_go(struct draft *d, const struct value *doc)
{
	const struct value *rules = value_get_c(doc, "rules");

	draft_begin(d, STR_NONE);
	d->name = STR("agt-go");
	if (rules && rules->kind == VALUE_LIST && is_of_another_kind(rules))
		return draft_remark(d, true, rules, "no rule here is one of the Go engine; rules "
				    "with a 'condition' are of agt-mesh or agt-trust");
	for (size_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->list.count; i++)
		TRY(take_rule(d, &rules->list.items[i], i));
	return OK;
}
