/*
 * compat_draft: what all translations need: paths, literals, names, remarks.
 *
 *   theirs (dotted or flat)                       ours
 *   action.type, action, tool_name                action.type
 *   action.X                                      action.X        an attribute
 *   agent.did, agent.id, agent_did, agent_id      agent.id
 *   session.id, session_id                        session.id
 *   resource                                      resource
 *   args, args.X                                  args, args.X
 *   result, result.X                              result, result.X   after the tool
 *   X                                             args.X          everything else
 */
#include "engine/policy/compat_draft.h"

#include "engine/base/canon.h"

#include <stdarg.h>
#include <stdio.h>

static const struct root {
	const char *theirs;
	enum draft_place place;
	const char *ours;
} roots[] = {
	{ "action.type", PLACE_TYPE, "action.type" },
	{ "action", PLACE_TYPE, "action.type" },
	{ "tool_name", PLACE_TYPE, "action.type" },
	{ "agent.did", PLACE_AGENT, "agent.id" },
	{ "agent.id", PLACE_AGENT, "agent.id" },
	{ "agent_did", PLACE_AGENT, "agent.id" },
	{ "agent_id", PLACE_AGENT, "agent.id" },
	{ "session.id", PLACE_SESSION, "session.id" },
	{ "session_id", PLACE_SESSION, "session.id" },
	{ "resource", PLACE_RESOURCE, "resource" },
	{ "args", PLACE_ARGS, "args" },
};

/* Room for one more; what was there is copied to a block twice as large. */
static enum err grow(struct arena *a, void **items, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 16;
	void *grown;

	if (count < *room)
		return OK;
	grown = arena_array(a, more, size);
	if (!grown)
		return ERR_MEMORY;
	if (count)
		memcpy(grown, *items, count * size);
	*items = grown;
	*room = more;
	return OK;
}

enum err draft_remark(struct draft *d, bool refused, const struct value *at, const char *fmt, ...)
{
	struct compat_remark remark = {
		.rule = d->rule, .refused = refused,
		.line = at ? at->line : 0, .column = at ? at->column : 0,
	};
	char text[NOTE_TEXT_BYTES];
	void *items = d->remarks;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)str_tidy(text, sizeof(text));
	TRY(arena_copy(d->arena, str_view(text), &remark.text));
	TRY(grow(d->arena, &items, d->remark_count, &d->remark_room, sizeof(remark)));
	d->remarks = items;
	d->remarks[d->remark_count++] = remark;
	d->refused_count += refused;
	return OK;
}

void draft_begin(struct draft *d, struct str rule)
{
	d->rule = rule;
	d->after_tool = false;
	d->path_count = 0;
}

static bool is_taken(const struct draft *d, struct str name)
{
	for (size_t i = 0; i < d->rule_count; i++)
		if (str_eq(d->rules[i].name, name))
			return true;
	return false;
}

/* Their names may repeat, ours may not: the second of a name gets "-2" behind it. */
static enum err unique_name(struct draft *d, const struct value *at, struct str *name)
{
	struct str given = *name;
	struct buf b;
	enum err e = OK;

	if (!is_taken(d, given))
		return OK;
	buf_init(&b, LIMIT_LINE_BYTES);
	for (unsigned i = 2; is_taken(d, *name) && e == OK; i++) {
		buf_add(&b, given);
		buf_addf(&b, "-%u", i);
		e = draft_text(d, &b, name);
	}
	buf_fini(&b);
	TRY(e);
	return draft_remark(d, false, at, "the name is used twice; this rule is called '%.*s' now",
			    SHOWN(*name));
}

enum err draft_add(struct draft *d, const struct draft_rule *rule)
{
	struct draft_rule own = *rule;
	struct draft_path *paths = arena_array(d->arena, d->path_count, sizeof(*paths));
	void *items = d->rules;

	if (!paths)
		return ERR_MEMORY;
	if (d->path_count)
		memcpy(paths, d->paths, d->path_count * sizeof(*paths));
	own.paths = paths;
	own.path_count = d->path_count;
	if (own.name.len == 0 || own.name.len > LIMIT_NAME_BYTES)
		return draft_remark(d, true, own.source,
				    "the name of a rule has 1 to %d bytes", LIMIT_NAME_BYTES);
	TRY(unique_name(d, own.source, &own.name));
	TRY(grow(d->arena, &items, d->rule_count, &d->rule_room, sizeof(own)));
	d->rules = items;
	d->rules[d->rule_count++] = own;
	return OK;
}

/* --- paths --- */

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return s.len > 0;
}

static void add_segment(struct buf *b, struct str segment)
{
	if (is_name(segment)) {
		buf_add_byte(b, '.');
		buf_add(b, segment);
		return;
	}
	buf_add_byte(b, '[');
	draft_string(b, segment);
	buf_add_byte(b, ']');
}

static const struct root *find_root(struct str theirs)
{
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (str_is(theirs, roots[i].theirs))
			return &roots[i];
	return NULL;
}

bool draft_path_certain(struct str theirs, bool flat)
{
	const struct root *root = flat && str_has(theirs, STR(".")) ? NULL : find_root(theirs);

	return root && (root->place == PLACE_TYPE || root->place == PLACE_AGENT);
}

/* Members that AGT's protocol facets make of a query or a request; flat keys in Go and Rust. */
static const char *facet_root(struct str theirs)
{
	return str_starts(theirs, STR("sql.")) && !str_is(theirs, "sql.query") ? "args.sql"
	       : str_starts(theirs, STR("k8s."))			       ? "args.k8s" : NULL;
}

/* One of the roots under which anything may be named. */
static const char *free_root(struct draft_path *p, bool after_tool)
{
	p->below = p->theirs;
	p->below_flat = p->flat && !facet_root(p->theirs);
	if (!p->flat && str_starts(p->theirs, STR("action."))) {
		p->place = PLACE_ATTRIBUTE;
		p->below = str_from(p->theirs, strlen("action."));
		return "action";
	}
	if (!p->flat && after_tool && str_starts(p->theirs, STR("result."))) {
		p->place = PLACE_RESULT;
		p->below = str_from(p->theirs, strlen("result."));
		return "result";
	}
	if (!p->flat && str_starts(p->theirs, STR("args.")))
		p->below = str_from(p->theirs, strlen("args."));
	return "args";
}

/* Where it is, and what follows the root there. */
static void locate(struct draft_path *p, bool after_tool, struct buf *b)
{
	const struct root *root = p->flat && str_has(p->theirs, STR(".")) ? NULL
									  : find_root(p->theirs);
	struct str segment, rest;
	bool more = true;

	if (root) {
		p->place = root->place;
		buf_add_c(b, root->ours);
		return;
	}
	if (after_tool && str_is(p->theirs, "result")) {
		p->place = PLACE_RESULT;
		buf_add_c(b, "result");
		return;
	}
	buf_add_c(b, free_root(p, after_tool));
	rest = p->below;
	while (more) {
		struct str left = rest;

		more = !p->below_flat && str_cut(left, '.', &segment, &rest);
		add_segment(b, more ? segment : left);
	}
}

enum err draft_path(struct draft *d, struct buf *b, struct str theirs, bool flat)
{
	struct draft_path p = { .theirs = theirs, .flat = flat };
	struct buf ours;
	enum err e;

	for (size_t i = 0; i < d->path_count; i++)
		if (str_eq(d->paths[i].theirs, theirs)) {
			buf_add(b, d->paths[i].ours);
			return b->err;
		}
	if (d->path_count == DRAFT_PATHS)
		return ERR_LIMIT;
	buf_init(&ours, LIMIT_CONDITION_BYTES);
	locate(&p, d->after_tool, &ours);
	e = draft_text(d, &ours, &p.ours);
	buf_fini(&ours);
	TRY(e);
	d->paths[d->path_count++] = p;
	buf_add(b, p.ours);
	return b->err;
}

enum err draft_guard(struct draft *d, struct buf *b, struct str theirs, bool flat)
{
	const char *root = facet_root(theirs);

	if (draft_path_certain(theirs, flat))
		return OK;
	buf_add_c(b, "has(");
	if (root)
		buf_add_c(b, root);
	else
		TRY(draft_path(d, b, theirs, flat));
	buf_add_c(b, ") and ");
	if (!root)
		return b->err;
	return draft_remark(d, false, NULL, "AGT derives '%.*s' from the request; nothing does "
			    "here, so send it: without it, but with '%s', the rule is undecided",
			    SHOWN(theirs), root);
}

/* --- literals --- */

void draft_string(struct buf *b, struct str s)
{
	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			buf_addf(b, "\\u%04x", c);
		else
			buf_add_byte(b, (char)c);
	}
	buf_add_byte(b, '"');
}

/* Recurses as deep as the tree is, at most LIMIT_TREE_DEPTH. */
void draft_literal(struct buf *b, const struct value *v)
{
	switch (v->kind) {
	case VALUE_STRING:
		draft_string(b, v->string);
		break;
	case VALUE_LIST:
		buf_add_byte(b, '[');
		for (size_t i = 0; i < v->list.count; i++) {
			buf_add_c(b, i ? ", " : "");
			draft_literal(b, &v->list.items[i]);
		}
		buf_add_byte(b, ']');
		break;
	case VALUE_OBJECT:
		buf_add_byte(b, '{');
		for (size_t i = 0; i < v->object.count; i++) {
			buf_add_c(b, i ? ", " : "");
			draft_string(b, v->object.members[i].key);
			buf_add_c(b, ": ");
			draft_literal(b, &v->object.members[i].value);
		}
		buf_add_byte(b, '}');
		break;
	default:
		canon_value(b, v);
	}
}

void draft_glob(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (memchr("*?\\[]{}()|^,!", s.ptr[i], 13))
			buf_add_byte(b, '\\');
		buf_add_byte(b, s.ptr[i]);
	}
}

bool draft_limit(struct buf *b, int64_t calls, int64_t seconds)
{
	const char *period = seconds == 1       ? "second"
			     : seconds == 60    ? "minute"
			     : seconds == 3600  ? "hour"
			     : seconds == 86400 ? "day" : NULL;

	if (period)
		buf_addf(b, "%lld/%s", (long long)calls, period);
	return period != NULL;
}

enum err draft_text(struct draft *d, struct buf *b, struct str *ret)
{
	enum err e = b->err;

	if (e == OK)
		e = arena_copy(d->arena, buf_view(b), ret);
	buf_clear(b);
	return e;
}

enum err draft_compiles(struct draft *d, struct str condition, struct note *n)
{
	const struct condition *compiled;

	*n = (struct note){ .line = 0 };
	return condition_compile(condition, d->arena, &compiled, n);
}
