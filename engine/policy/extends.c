/*
 * extends: the documents behind a document.
 *
 *   team.yaml --extends--> org/base.yaml --extends--> org/floor.yaml
 *   parents(team) = { base, floor }
 *
 * A name is a path of the bundle, seen from the folder of the file that gives it. Each document is
 * walked once: its parents first, then it takes over theirs. What stands on the way from the first
 * document to the one being walked is a chain, and meeting a link of the chain again is a cycle. A
 * chain has no document twice, so the recursion ends with the bundle.
 */
#include "engine/policy/inside.h"

#include <stdio.h>

enum mark { MARK_NEW = 0, MARK_ON_CHAIN, MARK_DONE };

struct walk {
	struct plan *plan;
	struct note *note;
	const char **names;                 /* of all files, NULL-ended, for suggestions */
	size_t *at;                         /* the document that the note is about */
	unsigned depth[LIMIT_POLICY_FILES]; /* of the longest chain behind a document */
	uint16_t chain[LIMIT_POLICY_FILES];
	size_t chain_count;
	uint8_t marks[LIMIT_POLICY_FILES];
};

_Static_assert(LIMIT_POLICY_FILES <= UINT16_MAX, "a chain holds numbers of documents");

/* --- names of files --- */

/* One part of a name: onto the path, or back by a folder. False when it leads out or is empty. */
static bool step(struct buf *path, struct str part)
{
	if (part.len == 0 || str_is(part, "."))
		return false;
	if (!str_is(part, "..")) {
		if (path->len)
			buf_add_byte(path, '/');
		buf_add(path, part);
		return true;
	}
	if (path->len == 0)
		return false;
	while (path->len && path->ptr[path->len - 1] != '/')
		path->len--;
	path->len -= path->len > 0;
	return true;
}

/* `name` as seen from `file`, as a name of the bundle. */
static bool find_path(struct str file, struct str name, struct buf *path)
{
	struct str part, rest = name;
	size_t folder = file.len;

	while (folder && file.ptr[folder - 1] != '/')
		folder--;
	if (folder)
		buf_add(path, str_slice(file.ptr, folder - 1));
	while (str_cut(rest, '/', &part, &rest))
		if (!step(path, part))
			return false;
	return step(path, rest) && path->len > 0;
}

static bool find_document(const struct plan *p, struct str file, size_t *ret)
{
	size_t low = 0, high = p->document_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(file, p->documents[middle].file);

		if (order == 0) {
			*ret = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static enum err find_parent(const struct walk *w, size_t child, const struct value *v, size_t *ret)
{
	const struct document *d = &w->plan->documents[child];
	const char *near;
	struct buf path;
	enum err e = OK;
	bool within;

	buf_init(&path, LIMIT_PATH_BYTES);
	within = find_path(d->file, v->string, &path);
	if (path.err != OK) {
		e = path.err;
	} else if (!within) {
		e = note_set(w->note, ERR_SYNTAX, v->line, v->column,
			     "'%.*s' is no path within the bundle; expected the name of a policy "
			     "file, seen from the folder of this one",
			     SHOWN(v->string));
	} else if (str_ends(v->string, STR(".cedar"))) {
		e = note_set(w->note, ERR_UNKNOWN, v->line, v->column,
			     "'%.*s' cannot be extended; Cedar policies hold for everybody",
			     SHOWN(v->string));
	} else if (!find_document(w->plan, buf_view(&path), ret)) {
		near = str_nearest(buf_view(&path), w->names);
		e = note_set(w->note, ERR_NOT_FOUND, v->line, v->column,
			     "there is no file '%.*s' in the bundle%s%s%s", SHOWN(buf_view(&path)),
			     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	buf_fini(&path);
	return e;
}

/* --- the walk --- */

/* "a.yaml -> b.yaml -> a.yaml" */
static enum err refuse_cycle(const struct walk *w, size_t again, const struct value *v)
{
	char text[NOTE_TEXT_BYTES];
	size_t i = 0, len = 0;

	while (w->chain[i] != again)
		i++;
	for (; i < w->chain_count && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s -> ",
					SHOWN(w->plan->documents[w->chain[i]].file));
	return note_set(w->note, ERR_SYNTAX, v->line, v->column,
			"'extends' leads in a circle: %s%.*s", text,
			SHOWN(w->plan->documents[again].file));
}

static enum err visit(struct walk *w, size_t number);

/* The document takes over a parent and all that is behind it. */
static enum err take_parent(struct walk *w, size_t number, const struct value *v,
			    struct documents *direct)
{
	struct document *d = &w->plan->documents[number];
	size_t parent = 0;

	*w->at = number;
	TRY(find_parent(w, number, v, &parent));
	if (w->marks[parent] == MARK_ON_CHAIN)
		return refuse_cycle(w, parent, v);
	if (plan_has_document(direct, parent))
		return note_set(w->note, ERR_DUPLICATE, v->line, v->column,
				"'%.*s' is extended twice", SHOWN(v->string));
	plan_add_document(direct, parent);
	TRY(visit(w, parent));
	*w->at = number;
	if (w->depth[parent] + 1 > w->depth[number])
		w->depth[number] = w->depth[parent] + 1;
	if (w->depth[number] > LIMIT_EXTENDS_DEPTH)
		return note_set(w->note, ERR_LIMIT, v->line, v->column,
				"more than %d documents extend each other in a row",
				LIMIT_EXTENDS_DEPTH);
	plan_add_document(&d->parents, parent);
	for (size_t i = 0; i < DOCUMENT_WORDS; i++)
		d->parents.words[i] |= w->plan->documents[parent].parents.words[i];
	return OK;
}

static enum err visit(struct walk *w, size_t number)
{
	const struct document *d = &w->plan->documents[number];
	struct documents direct = { { 0 } };

	if (w->marks[number] == MARK_DONE)
		return OK;
	w->marks[number] = MARK_ON_CHAIN;
	w->chain[w->chain_count++] = (uint16_t)number;
	for (size_t i = 0; i < d->extend_count; i++)
		TRY(take_parent(w, number, &d->extends[i], &direct));
	w->chain_count--;
	w->marks[number] = MARK_DONE;
	return OK;
}

/* --- floors keep their order of trial --- */

/*
 * Could the bundle's strategy let an allowing rule of this floor go before a denying one that it
 * tries first by itself? Not where the floor, or what it extends, asks for the strategy.
 */
static bool loosens(const struct plan *p, size_t floor)
{
	const struct document *d = &p->documents[floor];
	bool scopes_differ = false, says = d->strategy == p->strategy;

	for (size_t i = 0; i < p->document_count; i++)
		if (plan_has_document(&d->parents, i)) {
			scopes_differ |= p->documents[i].scope != d->scope;
			says |= p->documents[i].strategy == p->strategy;
		}
	return !says && (p->strategy == STRATEGY_ALLOW_OVERRIDES ||
			 (p->strategy == STRATEGY_MOST_SPECIFIC && scopes_differ));
}

/* Otherwise a child would get round its parent's denials by another order of the parent's rules. */
static enum err check_floors(struct walk *w)
{
	const struct plan *p = w->plan;
	const struct value *v;
	size_t says = 0;

	while (says < p->document_count && !p->documents[says].strategy_at)
		says++;
	for (size_t child = 0; says < p->document_count && child < p->document_count; child++)
		for (size_t floor = 0; floor < p->document_count; floor++) {
			if (!plan_has_document(&p->documents[child].parents, floor) ||
			    !loosens(p, floor))
				continue;
			v = p->documents[says].strategy_at;
			*w->at = says;
			return note_set(w->note, ERR_SYNTAX, v->line, v->column,
					"'%.*s' here could loosen %.*s, which is extended and does "
					"not say so itself; expected conflict_resolution there too",
					SHOWN(v->string), SHOWN(p->documents[floor].file));
		}
	return OK;
}

enum err extends_resolve(struct plan *p, struct arena *memory, size_t *at, struct note *n)
{
	struct walk *w = arena_alloc(memory, sizeof(*w));

	if (!w)
		return ERR_MEMORY;
	*w = (struct walk){ .plan = p, .note = n, .at = at };
	w->names = arena_array(memory, p->document_count + 1, sizeof(*w->names));
	if (!w->names)
		return ERR_MEMORY;
	for (size_t i = 0; i < p->document_count; i++)
		w->names[i] = p->documents[i].file.ptr;
	for (size_t i = 0; i < p->document_count; i++)
		TRY(visit(w, i));
	return check_floors(w);
}
