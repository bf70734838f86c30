/*
 * compat_from_rust: a profile of the Rust engine. Its first match decides, so order stays order.
 * A capability is up to three rules, in the order in which it asks: what it denies, what it allows,
 * and what shares a name space with either. What no rule speaks of is allowed, as there.
 */
#include "engine/policy/compat_draft.h"

/* Globs of one draft rule. */
struct globs {
	struct str *items;
	size_t count;
};

/* `*`, `ns.*` and `prefix*` are prefixes there; anything else is a name. */
static enum err add_glob(struct draft *d, struct globs *g, struct str pattern, bool prefix)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_LINE_BYTES);
	draft_glob(&b, pattern);
	buf_add_c(&b, prefix ? "*" : "");
	e = draft_text(d, &b, &g->items[g->count]);
	buf_fini(&b);
	g->count++;
	return e;
}

static enum err take_globs(struct draft *d, const struct value *list, struct globs *g)
{
	*g = (struct globs){ .count = 0 };
	g->items = arena_array(d->arena, list ? list->list.count : 0, sizeof(*g->items));
	if (!g->items)
		return ERR_MEMORY;
	for (size_t i = 0; list && i < list->list.count; i++) {
		struct str s = list->list.items[i].string;
		bool prefix = str_ends(s, STR("*"));

		TRY(add_glob(d, g, prefix ? str_slice(s.ptr, s.len - 1) : s, prefix));
	}
	return OK;
}

/* Prefixes of the name spaces of what is denied ("shell:*": shell) and allowed ("a.b": a). */
static enum err take_spaces(struct draft *d, const struct value *denied,
			    const struct value *allowed, struct globs *g)
{
	size_t count = (denied ? denied->list.count : 0) + allowed->list.count;

	*g = (struct globs){ .count = 0 };
	g->items = arena_array(d->arena, count, sizeof(*g->items));
	if (!g->items)
		return ERR_MEMORY;
	for (size_t i = 0; denied && i < denied->list.count; i++) {
		struct str s = denied->list.items[i].string;

		while (s.len > 0 && s.ptr[s.len - 1] == '*')
			s.len--;
		while (s.len > 0 && s.ptr[s.len - 1] == ':')
			s.len--;
		TRY(add_glob(d, g, s, true));
	}
	for (size_t i = 0; i < allowed->list.count; i++) {
		struct str s = allowed->list.items[i].string, space, rest;

		TRY(add_glob(d, g, str_cut(s, '.', &space, &rest) ? space : s, true));
	}
	return OK;
}

/* All members must be equal, or in the list. Missing is false there. */
static enum err add_conditions(struct draft *d, const struct value *v, struct buf *b)
{
	for (size_t i = 0; v && i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];

		buf_add_c(b, i ? " and " : "");
		TRY(draft_guard(d, b, m->key, true));
		TRY(draft_path(d, b, m->key, true));
		buf_add_c(b, m->value.kind == VALUE_LIST ? " in " : " == ");
		draft_literal(b, &m->value);
	}
	return b->err;
}

static enum err take_conditions(struct draft *d, const struct value *v, struct str *ret, bool *ok)
{
	struct note n = { .line = 0 };
	struct buf b;
	enum err e;

	*ok = true;
	*ret = STR_NONE;
	if (!v || v->object.count == 0)
		return OK;
	buf_init(&b, LIMIT_CONDITION_BYTES);
	e = add_conditions(d, v, &b);
	if (e == OK)
		e = draft_text(d, &b, ret);
	buf_fini(&b);
	if (e == OK)
		e = draft_compiles(d, *ret, &n);
	if (e == OK || e == ERR_MEMORY)
		return e;
	*ok = false;
	return draft_remark(d, true, v, "the conditions cannot be said here: %s",
			    n.text[0] ? n.text : "they are too long");
}

/* A rule for these tools, called as the profile calls it with `suffix` behind. */
static enum err add_rule(struct draft *d, const struct draft_rule *base, const char *suffix,
			 enum compat_action action, const struct globs *g)
{
	struct draft_rule own = *base;
	struct buf b;
	enum err e;

	if (g->count == 0)
		return OK;
	buf_init(&b, LIMIT_LINE_BYTES);
	buf_add(&b, base->name);
	buf_add_c(&b, suffix);
	e = draft_text(d, &b, &own.name);
	buf_fini(&b);
	TRY(e);
	own.action = action;
	own.tools = g->items;
	own.tool_count = g->count;
	return draft_add(d, &own);
}

static enum err take_capability(struct draft *d, const struct value *rule,
				const struct draft_rule *base)
{
	const struct value *denied = value_get_c(rule, "denied_actions");
	const struct value *allowed = value_get_c(rule, "allowed_actions");
	struct globs g;

	TRY(take_globs(d, denied, &g));
	TRY(add_rule(d, base, "", COMPAT_DENY, &g));
	if (!allowed || allowed->list.count == 0)
		return OK;
	TRY(take_globs(d, allowed, &g));
	TRY(add_rule(d, base, "-allowed", COMPAT_ALLOW, &g));
	TRY(take_spaces(d, denied, allowed, &g));
	return add_rule(d, base, "-space", COMPAT_DENY, &g);
}

static bool read_window(struct str s, int64_t *seconds)
{
	uint64_t n;
	int64_t unit = 1;

	s = compat_word_strip(s);
	if (s.len > 0 && strchr("smh", s.ptr[s.len - 1])) {
		unit = s.ptr[s.len - 1] == 'h' ? 3600 : s.ptr[s.len - 1] == 'm' ? 60 : 1;
		s.len--;
	}
	if (str_to_u64(s, &n) != OK || n > 1000000)
		return false;
	*seconds = (int64_t)n * unit;
	return true;
}

static enum err take_rate(struct draft *d, const struct value *rule, struct draft_rule *base,
			  const struct globs *g)
{
	const struct value *calls = value_get_c(rule, "max_calls");
	int64_t seconds = 0;
	struct buf b;
	enum err e;

	if (!calls || calls->integer == 0)
		return draft_remark(d, false, rule, "without 'max_calls' AGT skips the rule; it is "
				    "left out");
	buf_init(&b, 64);
	if (read_window(value_text(rule, "window"), &seconds) &&
	    draft_limit(&b, calls->integer, seconds))
		e = draft_text(d, &b, &base->limit);
	else
		e = draft_remark(d, true, rule, "a window of %lld seconds cannot be said here; "
				 "there are second, minute, hour and day", (long long)seconds);
	buf_fini(&b);
	TRY(e);
	if (!base->limit.ptr)
		return OK;
	TRY(draft_remark(d, false, rule, "AGT counts the calls of all agents together; here each "
			 "agent has its own count"));
	return add_rule(d, base, "", COMPAT_ALLOW, g);
}

static enum err take_rule(struct draft *d, const struct value *rule)
{
	static const char *const types[] = { "capability", "approval", "rate_limit", NULL };
	struct draft_rule base = { .name = value_text(rule, "name"), .source = rule };
	struct str type = value_text(rule, "type");
	const char *near = str_nearest(type, types);
	struct globs g;
	bool ok;

	draft_begin(d, base.name);
	if (value_get_c(rule, "priority") || value_get_c(rule, "scope"))
		TRY(draft_remark(d, false, rule, "'priority' and 'scope' are left out: AGT tries "
				 "rules in their order"));
	TRY(take_conditions(d, value_get_c(rule, "conditions"), &base.condition, &ok));
	if (!ok)
		return OK;
	TRY(take_globs(d, value_get_c(rule, "actions"), &g));
	if (str_is(type, "capability"))
		return take_capability(d, rule, &base);
	if (str_is(type, "approval"))
		return add_rule(d, &base, "", COMPAT_APPROVAL, &g);
	if (str_is(type, "rate_limit"))
		return take_rate(d, rule, &base, &g);
	return draft_remark(d, true, rule, "AGT skips rules of the type '%.*s'; expected "
			    "capability, approval or rate_limit%s%s%s", SHOWN(type),
			    near ? "; was '" : "", near ? near : "", near ? "' meant?" : "");
}

enum err compat_from_rust(struct draft *d, const struct value *doc)
{
	const struct value *rules = value_get_c(doc, "policies");

	draft_begin(d, STR_NONE);
	d->name = STR("agt-rust");
	d->version = value_text(doc, "version");
	d->default_allow = true;
	TRY(draft_remark(d, false, value_get_c(doc, "agent"), "AGT applies the profile to every "
			 "agent, not only to '%.*s'; so does the policy",
			 SHOWN(value_text(doc, "agent"))));
	TRY(draft_remark(d, false, NULL, "AGT allows what no rule speaks of; that is kept as "
			 "'default_action: allow'"));
	for (size_t i = 0; i < rules->list.count; i++)
		TRY(take_rule(d, &rules->list.items[i]));
	return OK;
}
