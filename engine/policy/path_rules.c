/*
 * path_rules: the key `paths` of a policy file: below which folders an argument must lead.
 *
 *   paths:
 *     - {tools: [read_file], of: args.path, below: [/srv/data, /srv/out]}
 *     - {tools: [write_file], of: args.path, below: [/srv/out]}
 */
#include "engine/policy/curb_parts.h"

static const char *const keys[] = { "agents", "tools", "of", "below", NULL };

static bool folder_ok(struct str root)
{
	struct str rest, name;

	if (!str_starts(root, STR("/")) || root.len > LIMIT_RESOURCE_BYTES ||
	    memchr(root.ptr, '\0', root.len))
		return false;
	rest = str_slice(root.ptr + 1, root.len - 1);
	while (rest.len > 0 || root.ptr[root.len - 1] == '/') {
		if (root.len == 1)
			return true;
		if (!str_cut(rest, '/', &name, &rest)) {
			name = rest;
			rest = STR("");
		}
		if (name.len == 0 || str_is(name, ".") || str_is(name, ".."))
			return false;
	}
	return true;
}

enum err curb_folders_read(const struct reader *r, const struct value *object, const char *key,
			   const char *if_none, const struct str **ret, size_t *count)
{
	const struct value *v;
	struct str *list;

	*ret = NULL;
	*count = 0;
	TRY(member_strings(r, object, key, if_none, &v));
	if (!v)
		return OK;
	list = arena_array(r->memory, v->list.count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];

		if (!folder_ok(item->string))
			return note_set(r->note, ERR_SYNTAX, item->line, item->column,
					"'%.*s' is no folder; expected an absolute path without "
					"'.', '..' or a slash at its end", SHOWN(item->string));
		list[i] = item->string;
	}
	*ret = list;
	*count = v->list.count;
	return OK;
}

static enum err read_roots(const struct reader *r, const struct value *object,
			   struct path_rule *ret)
{
	TRY(curb_folders_read(r, object, "below", "which allows nothing", &ret->roots,
			      &ret->root_count));
	if (ret->roots)
		return OK;
	return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
			"this rule of paths has no 'below'; expected {tools: [read_file], "
			"of: args.path, below: [/srv/data]}");
}

static enum err read_rule(const struct reader *r, const struct value *object,
			  struct path_rule *ret)
{
	const struct value *of;

	TRY(members_known(r, object, keys, "rule of paths"));
	TRY(curb_read(r, object, &ret->curb));
	TRY(member_of(r, object, "of", VALUE_STRING, "a path like args.path", &of));
	if (!of || !ret->curb.tools.count)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this rule of paths has no '%s'; expected {tools: [read_file], "
				"of: args.path, below: [/srv/data]}", of ? "tools" : "of");
	TRY(curb_path_read(r, of, "of", &ret->path));
	return read_roots(r, object, ret);
}

enum err path_rules_read(const struct reader *r, const struct value *document, uint32_t number,
			 struct curbs *ret)
{
	struct path_rule *rules;
	const struct value *list;

	TRY(curb_list_read(r, document, "paths", "a list of rules of paths", &list));
	if (!list)
		return OK;
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		rules[i] = (struct path_rule){ .document = number };
		TRY(read_rule(r, &list->list.items[i], &rules[i]));
	}
	ret->paths = rules;
	ret->path_count = list->list.count;
	return OK;
}

/* --- asking --- */

size_t bundle_paths(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->path_count : 0;
}

bool bundle_path_holds(const struct bundle *b, size_t number, struct str agent, struct str tool)
{
	const struct plan *p = bundle_plan(b);
	const struct path_rule *rule = &p->curbs->paths[number];

	return curb_holds(p, &rule->curb, rule->document, agent, tool);
}

enum err bundle_path(const struct bundle *b, size_t number, const struct value *args,
		     struct arena *a, struct path_terms *ret)
{
	const struct plan *p = bundle_plan(b);
	const struct path_rule *rule = &p->curbs->paths[number];

	ret->value = curb_argument(p, rule->path, args);
	ret->roots = rule->roots;
	ret->root_count = rule->root_count;
	return curb_path_name(p, rule->path, a, &ret->of);
}
