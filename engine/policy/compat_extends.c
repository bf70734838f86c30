/*
 * compat_extends: Policy.from_yaml_file, parents first.
 *
 *   parents' rules, each name once (the first of it) + own rules, but those named as a parent's
 *   deny that allow or log
 *
 * Everything else of a parent is dropped: default, agents, scope. Paths lie below the folder of the
 * document that names them; there are no links here, so comparing their parts is enough.
 */
#include "engine/policy/compat_parts.h"

#include "engine/base/map.h"
#include "engine/base/yaml.h"

#define LOADS_MAX 1024 /* a document may extend another along many paths */

struct chain {
	const struct chain *up;
	struct str name;
	unsigned depth;
};

struct loading {
	const struct compat_files *files;
	struct arena *arena;
	const char **raises;
	struct note *note;
	unsigned loads;
};

static enum err load(struct loading *l, struct str name, const struct chain *up,
		     struct compat_policy *ret);

static enum err raise(struct loading *l, const char *exception, const char *what, struct str name)
{
	*l->raises = exception;
	return note_set(l->note, ERR_SYNTAX, 0, 0,
			"the reference toolkit raises %s: '%.*s' %s", exception, SHOWN(name), what);
}

/* The folder of a file, with its slash. */
static struct str folder_of(struct str name)
{
	while (name.len > 0 && name.ptr[name.len - 1] != '/')
		name.len--;
	return name;
}

/*
 * `ref` from `folder`, without empty, "." and ".." parts. False when it leads out of the folder or
 * to the folder itself.
 */
static bool below(struct str folder, struct str ref, struct buf *path)
{
	struct str part, rest = ref;
	bool more = true;

	if (str_starts(ref, STR("/")))
		return false;
	buf_add(path, folder);
	while (more) {
		struct str left = rest;

		more = str_cut(left, '/', &part, &rest);
		part = more ? part : left;
		if (part.len == 0 || str_is(part, "."))
			continue;
		if (!str_is(part, "..")) {
			buf_add(path, part);
			buf_add_byte(path, '/');
			continue;
		}
		if (path->len <= folder.len)
			return false;
		path->len--;
		path->len = folder_of(buf_view(path)).len;
	}
	if (path->len <= folder.len)
		return false;
	path->len--;
	return true;
}

/* The parents' rules, each name once. */
struct merged {
	struct compat_rule *items;
	size_t count, room;
	struct map names;
};

static enum err add_rule(struct loading *l, struct merged *m, const struct compat_rule *rule)
{
	if (m->count == LIMIT_RULES)
		return note_set(l->note, ERR_LIMIT, 0, 0,
				"with all that it extends, the policy has more than %d rules",
				LIMIT_RULES);
	if (m->count == m->room) {
		size_t room = m->room ? m->room * 2 : 16;
		struct compat_rule *grown = arena_array(l->arena, room, sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		if (m->count)
			memcpy(grown, m->items, m->count * sizeof(*grown));
		m->items = grown;
		m->room = room;
	}
	m->items[m->count++] = *rule;
	return OK;
}

static enum err take_parent(struct loading *l, struct str ref, const struct chain *self,
			    struct merged *m)
{
	struct compat_policy parent;
	struct buf path;
	struct str name = STR_NONE;
	bool inside;
	enum err e;

	buf_init(&path, LIMIT_PATH_BYTES);
	inside = below(folder_of(self->name), ref, &path);
	TRY(arena_take(l->arena, &path, &name));
	if (!inside)
		return raise(l, "ValueError", "is not below the folder of the policy", ref);
	TRY(load(l, name, self, &parent));
	for (size_t i = 0; i < parent.rule_count; i++) {
		e = map_put(&m->names, parent.rules[i].name, (uint32_t)m->count);
		if (e == ERR_DUPLICATE)
			continue;
		TRY(e);
		TRY(add_rule(l, m, &parent.rules[i]));
	}
	return OK;
}

/* A parent's deny is in the way of an allow or a log of its name, and of nothing else. */
static bool is_dropped(const struct merged *m, size_t parents, const struct compat_rule *rule)
{
	if (rule->action != COMPAT_ALLOW && rule->action != COMPAT_LOG)
		return false;
	for (size_t i = 0; i < parents; i++)
		if (m->items[i].action == COMPAT_DENY && str_eq(m->items[i].name, rule->name))
			return true;
	return false;
}

static enum err merge(struct loading *l, const struct chain *self, struct compat_policy *policy)
{
	struct merged m = { .count = 0 };
	enum err e = OK;
	size_t parents;

	map_init(&m.names, 0);
	for (size_t i = 0; i < policy->extend_count && e == OK; i++)
		e = take_parent(l, policy->extends[i], self, &m);
	parents = m.count;
	for (size_t i = 0; i < policy->rule_count && e == OK; i++)
		if (!is_dropped(&m, parents, &policy->rules[i]))
			e = add_rule(l, &m, &policy->rules[i]);
	map_fini(&m.names);
	policy->rules = m.items;
	policy->rule_count = m.count;
	return e;
}

/* Recurses along `extends`, at most LIMIT_DEPTH deep; a cycle is found before. */
static enum err load(struct loading *l, struct str name, const struct chain *up,
		     struct compat_policy *ret)
{
	const struct chain self = { up, name, up ? up->depth + 1 : 0 };
	struct compat_policy policy;
	struct value *doc;
	struct str text;
	enum err e;

	for (const struct chain *c = up; c; c = c->up)
		if (str_eq(c->name, name))
			return raise(l, "ValueError", "extends itself, maybe over others", name);
	if (self.depth >= LIMIT_DEPTH || ++l->loads > LOADS_MAX)
		return note_set(l->note, ERR_LIMIT, 0, 0,
				"'extends' leads over more than %d policies", LIMIT_DEPTH);
	e = l->files->read(l->files->self, name, l->arena, &text, l->note);
	if (e == ERR_NOT_FOUND && up)
		return raise(l, "FileNotFoundError", "is not there", name);
	TRY(e);
	doc = arena_alloc(l->arena, sizeof(*doc));
	if (!doc)
		return ERR_MEMORY;
	TRY(yaml_read(text, l->arena, doc, l->note));
	TRY(compat_document_load(doc, l->arena, &policy, l->raises, l->note));
	if (policy.extend_count > 0)
		TRY(merge(l, &self, &policy));
	*ret = policy;
	return OK;
}

enum err compat_extends_load(const struct compat_files *files, struct str name, struct arena *a,
			     struct compat_policy *ret, const char **raises, struct note *n)
{
	struct loading l = { files, a, raises, n, 0 };

	*raises = NULL;
	return load(&l, name, NULL, ret);
}
