/*
 * curbs: the curbs of all documents, and which of them hold.
 *
 * Each document's are read where they stand. Once the documents know what they extend, all are put
 * into one list, so that a decision walks one array.
 */
#include <stddef.h>

#include "engine/base/canon.h"
#include "engine/policy/curb_parts.h"

/* --- reading --- */

enum err curb_patterns_read(const struct reader *r, const struct value *object, const char *key,
			    struct patterns *ret)
{
	const struct value *v;

	*ret = (struct patterns){ NULL, 0 };
	TRY(member_strings(r, object, key,
			   "so this would hold for nothing; leave the key out to mean all", &v));
	return v ? rules_patterns(r, v->list.items, v->list.count, ret) : OK;
}

enum err curb_read(const struct reader *r, const struct value *object, struct curb *ret)
{
	TRY(curb_patterns_read(r, object, "agents", &ret->agents));
	return curb_patterns_read(r, object, "tools", &ret->tools);
}

enum err curb_list_read(const struct reader *r, const struct value *document, const char *key,
			const char *expected, const struct value **ret)
{
	const struct value *list;

	*ret = NULL;
	TRY(member_of(r, document, key, VALUE_LIST, expected, &list));
	for (size_t i = 0; list && i < list->list.count; i++)
		if (list->list.items[i].kind != VALUE_OBJECT)
			return member_wrong(r, &list->list.items[i], key, "a mapping");
	if (list && list->list.count > 0)
		*ret = list;
	return OK;
}

enum err curb_path_read(const struct reader *r, const struct value *v, const char *key,
			uint32_t *ret)
{
	struct note local, *n = r->note ? r->note : &local;
	uint32_t path = SLOT_REQUEST, root;
	enum err e;

	n->column = 0;
	n->text[0] = '\0';
	e = expr_path(v->string, POLICY_PRE_TOOL, r->slots, r->memory, &path, n);
	if (e != OK) {
		member_place(r, v, key, n);
		return e;
	}
	for (root = path; r->slots->items[root].parent != SLOT_REQUEST;)
		root = r->slots->items[root].parent;
	if (root == path || !str_is(r->slots->items[root].key, "args"))
		return note_set(n, ERR_UNKNOWN, v->line, v->column,
				"'%.*s' is no argument; expected a path like args.amount",
				SHOWN(v->string));
	*ret = path;
	return OK;
}

/* --- all documents --- */

static bool any_trust(const struct plan *p)
{
	for (size_t d = 0; d < p->document_count; d++)
		if (p->documents[d].trust)
			return true;
	return false;
}

/* What only one document may say. */
static enum err join_rings(const struct plan *p, size_t document, struct curbs *all, size_t *at,
			   struct note *n)
{
	const struct ring_rules *own = p->documents[document].curbs->rings;

	if (!own)
		return OK;
	*at = document;
	if (all->rings)
		return note_set(n, ERR_DUPLICATE, own->at->line, own->at->column,
				"'rings' is given in another policy already; a bundle has one");
	all->rings = own;
	if (!own->demotion_at || any_trust(p))
		return OK;
	return note_set(n, ERR_NOT_FOUND, own->demotion_at->line, own->demotion_at->column,
			"'demotion' goes by scores, and no policy of the bundle has 'trust'");
}

/* The lists of a `struct curbs`: where each stands, and what is in it. */
static const struct list {
	size_t items, count, item_bytes;
	size_t most;                          /* in a bundle; 0: as many as the files have */
	const char *name;
} lists[] = {
#define LIST(items, count, most, name)                                                           \
	{ offsetof(struct curbs, items), offsetof(struct curbs, count),                          \
	  sizeof(*((struct curbs *)NULL)->items), most, name }
	LIST(quotas, quota_count, LIMIT_QUOTAS, "quotas and budgets"),
	LIST(commands, command_count, 0, NULL),
	LIST(intents, intent_count, 0, NULL),
	LIST(paths, path_count, 0, NULL),
	LIST(kills, kill_count, 0, NULL),
	LIST(capabilities, capability_count, 0, NULL),
#undef LIST
};

static size_t count_in(const struct curbs *c, const struct list *l)
{
	size_t count;

	memcpy(&count, (const char *)c + l->count, sizeof(count));
	return count;
}

/* One list of all documents' in a row. */
static enum err join_list(const struct plan *p, const struct list *l, struct curbs *all,
			  struct arena *memory, struct note *n)
{
	size_t count = 0, at = 0;
	const void *items;
	char *joined;

	for (size_t d = 0; d < p->document_count; d++)
		count += p->documents[d].curbs ? count_in(p->documents[d].curbs, l) : 0;
	if (l->most && count > l->most)
		return note_set(n, ERR_LIMIT, 0, 0, "the bundle has more than %zu %s", l->most,
				l->name);
	joined = arena_array(memory, count, l->item_bytes);
	if (!joined)
		return ERR_MEMORY;
	for (size_t d = 0; d < p->document_count; d++) {
		const struct curbs *own = p->documents[d].curbs;
		size_t bytes = own ? count_in(own, l) * l->item_bytes : 0;

		if (bytes == 0)
			continue;
		memcpy(&items, (const char *)own + l->items, sizeof(items));
		memcpy(joined + at, items, bytes);
		at += bytes;
	}
	items = joined;
	memcpy((char *)all + l->items, &items, sizeof(items));
	memcpy((char *)all + l->count, &count, sizeof(count));
	return OK;
}

/* A ring that nobody is in has nothing to count. */
static enum err check_pers(const struct plan *p, const struct curbs *all, size_t *at,
			   struct note *n)
{
	for (size_t i = 0; !all->rings && i < all->quota_count; i++) {
		const struct quota_rule *rule = &all->quotas[i];

		if (rule->quota.per != QUOTA_RING && !rule->quota.ring)
			continue;
		*at = rule->document;
		return note_set(n, ERR_NOT_FOUND, p->documents[*at].line,
				p->documents[*at].column,
				"'%.*s' counts by ring, and no policy of the bundle has 'rings'",
				SHOWN(rule->quota.name));
	}
	return OK;
}

enum err curbs_join(struct plan *p, struct arena *memory, size_t *at, struct note *n)
{
	struct curbs *all;
	bool any = false;

	for (size_t d = 0; d < p->document_count; d++)
		any |= p->documents[d].curbs != NULL;
	if (!any)
		return OK;
	all = arena_alloc(memory, sizeof(*all));
	if (!all)
		return ERR_MEMORY;
	*all = (struct curbs){ .quota_count = 0 };
	for (size_t d = 0; d < p->document_count; d++)
		if (p->documents[d].curbs)
			TRY(join_rings(p, d, all, at, n));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		TRY(join_list(p, &lists[i], all, memory, n));
	TRY(check_pers(p, all, at, n));
	p->curbs = all;
	return OK;
}

/* --- asking --- */

static bool among(const struct patterns *list, struct str text)
{
	return list->count == 0 || pattern_match(list, text);
}

/* Whether the document's rules hold for the agent, by itself or through one that extends it. */
static bool document_holds(const struct plan *p, uint32_t number, struct str agent)
{
	if (among(&p->documents[number].agents, agent))
		return true;
	for (size_t d = 0; d < p->document_count; d++)
		if (p->documents[d].parents.words[number / 64] >> (number % 64) & 1 &&
		    among(&p->documents[d].agents, agent))
			return true;
	return false;
}

bool curb_holds(const struct plan *p, const struct curb *curb, uint32_t document,
		struct str agent, struct str tool)
{
	return among(&curb->tools, tool) && among(&curb->agents, agent) &&
	       document_holds(p, document, agent);
}

size_t bundle_quotas(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->quota_count : 0;
}

const struct quota *bundle_quota(const struct bundle *b, size_t number, struct str agent,
				 struct str tool)
{
	const struct plan *p = bundle_plan(b);
	const struct quota_rule *rule = &p->curbs->quotas[number];

	return curb_holds(p, &rule->curb, rule->document, agent, tool) ? &rule->quota : NULL;
}

const struct value *curb_argument(const struct plan *p, uint32_t path, const struct value *args)
{
	struct member member = { .key = STR("args") };
	struct value request = { .kind = VALUE_OBJECT, .object = { &member, 1 } };

	if (!args)
		return NULL;
	member.value = *args;
	return slot_find(&p->slots, &request, path);
}

/* Numbers are taken as canonical JSON writes them, as the evidence has them. */
static enum err micros_of(const struct value *v, int64_t *ret)
{
	struct buf text;
	enum err e;

	if (v->kind == VALUE_STRING)
		return micros_read(v->string, ret);
	if (v->kind != VALUE_INT && v->kind != VALUE_BIG && v->kind != VALUE_REAL)
		return ERR_TYPE;
	buf_init(&text, LIMIT_ACTION_BYTES);
	canon_value(&text, v);
	e = text.err == OK ? micros_read(buf_view(&text), ret) : text.err;
	buf_fini(&text);
	return e;
}

enum err curb_path_name(const struct plan *p, uint32_t path, struct arena *a, struct str *ret)
{
	char text[SLOT_TEXT_BYTES];

	slot_text(&p->slots, path, text);
	return arena_copy(a, str_view(text), ret);
}

enum err bundle_quota_cost(const struct bundle *b, size_t number, const struct value *args,
			   struct arena *a, int64_t *ret, struct str *path)
{
	const struct plan *p = bundle_plan(b);
	const struct quota_rule *rule = &p->curbs->quotas[number];
	const struct value *v;
	int64_t cost = MICROS;
	enum err e;

	*path = STR_NONE;
	if (rule->quota.kind == QUOTA_RATE)
		cost = 1;
	if (rule->path != SLOT_REQUEST) {
		TRY(curb_path_name(p, rule->path, a, path));
		v = curb_argument(p, rule->path, args);
		if (!v)
			return ERR_NOT_FOUND;
		e = micros_of(v, &cost);
		if (e == ERR_MEMORY)
			return e;
		if (e != OK)
			return e == ERR_RANGE ? e : ERR_TYPE;
	}
	if (cost < 1)
		return ERR_RANGE;
	*ret = cost;
	return OK;
}
