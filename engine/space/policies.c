/*
 * policies: every policy file below a folder, in order of their names. Other files are left alone
 * (a README, a test), as is what begins with a dot; folders are entered. What is neither, a link
 * for example, is refused, whatever its name, since it may lead to a folder of policies: a policy
 * that would be passed over must not look as if it were in force.
 */
#include "engine/space/inside.h"

#define DEPTH_MAX 8
#define TEXT_MEMORY (LIMIT_BUNDLE_BYTES + (8u << 20))

struct gathering {
	struct world *world;
	struct arena *texts;
	struct policy_file *files;
	size_t count;
	struct note *note;
};

static enum err add_file(struct gathering *g, const char *path, const char *name)
{
	struct policy_file *file = &g->files[g->count];
	enum err e;

	if (g->count == LIMIT_POLICY_FILES)
		return note_set(g->note, ERR_LIMIT, 0, 0, "more than %d policy files",
				LIMIT_POLICY_FILES);
	TRY(arena_copy(g->texts, str_view(name), &file->name));
	e = world_read_file(g->world, path, LIMIT_YAML_BYTES, g->texts, &file->content);
	if (e != OK)
		note_file(g->note, path);
	if (e == ERR_LIMIT)
		return note_set(g->note, e, 0, 0, "a policy file has at most %u bytes",
				LIMIT_YAML_BYTES);
	if (e != OK)
		return note_set(g->note, e, 0, 0, "this cannot be read: %s", err_text(e));
	g->count++;
	return OK;
}

static enum err gather(struct gathering *g, const char *folder, const char *prefix, int depth);

/* One thing in a folder; `name` is how it is called in the bundle. */
static enum err gather_one(struct gathering *g, const char *path, const char *name, int depth)
{
	char prefix[LIMIT_PATH_BYTES];
	enum world_kind kind;

	TRY(world_kind(g->world, path, &kind));
	if (kind == WORLD_FOLDER) {
		TRY(world_join(prefix, sizeof(prefix), name, ""));
		return gather(g, path, prefix, depth + 1);
	}
	if (kind == WORLD_FILE)
		return policy_file_named(str_view(name)) ? add_file(g, path, name) : OK;
	note_file(g->note, path);
	return note_set(g->note, ERR_TYPE, 0, 0,
			"neither a plain file nor a folder; policies behind a link would not be "
			"in force");
}

/* `prefix` is "" or "sub/": how the files of this folder are named in the bundle. */
static enum err gather(struct gathering *g, const char *folder, const char *prefix, int depth)
{
	char path[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];
	struct str *names;
	size_t count;

	if (depth > DEPTH_MAX)
		return note_set(g->note, ERR_LIMIT, 0, 0,
				"folders of policies are nested deeper than %d", DEPTH_MAX);
	TRY(world_list(g->world, folder, g->texts, &names, &count));
	for (size_t i = 0; i < count; i++) {
		if (names[i].ptr[0] == '.')
			continue;
		TRY(world_join(path, sizeof(path), folder, names[i].ptr));
		if (snprintf(name, sizeof(name), "%s%s", prefix, names[i].ptr) >= (int)sizeof(name))
			return ERR_LIMIT;
		TRY(gather_one(g, path, name, depth));
	}
	return OK;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The loader names files as the bundle does; the user knows them by their path. */
static void name_whole_path(struct note *n, const char *dir, bool is_file)
{
	char path[LIMIT_PATH_BYTES];

	if (!n || !n->file[0] || n->file[0] == '/' ||
	    str_starts(str_view(n->file), str_view(dir)))
		return;
	if (is_file ? str_to_c(str_view(dir), path, sizeof(path)) == OK
		    : world_join(path, sizeof(path), dir, n->file) == OK)
		(void)snprintf(n->file, sizeof(n->file), "%.*s", (int)sizeof(n->file) - 1, path);
}

enum err space_load_bundle(struct world *w, const char *dir, struct arena *memory,
			   struct bundle **ret, struct note *n)
{
	struct arena texts;
	struct gathering g = { .world = w, .texts = &texts, .note = n };
	enum world_kind kind = WORLD_FOLDER;
	enum err e;

	arena_init(&texts, TEXT_MEMORY);
	g.files = arena_array(&texts, LIMIT_POLICY_FILES, sizeof(*g.files));
	e = g.files ? world_kind(w, dir, &kind) : ERR_MEMORY;
	if (e == OK && kind == WORLD_NOTHING)
		e = note_set(n, ERR_NOT_FOUND, 0, 0, "there is no such file or folder of policies");
	if (e == OK)
		e = kind == WORLD_FILE ? add_file(&g, dir, last_name(dir))
				       : gather(&g, dir, "", 0);
	if (e == OK && g.count == 0)
		e = note_set(n, ERR_NOT_FOUND, 0, 0,
			     "no *.yaml, *.yml or *.cedar file here; without a policy nothing "
			     "can be decided");
	if (e == OK)
		e = bundle_load(g.files, g.count, memory, ret, n);
	if (e != OK)
		name_whole_path(n, dir, kind == WORLD_FILE);
	if (e != OK && n && n->text[0] == '\0')
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	if (e != OK)
		note_file(n, dir);
	arena_fini(&texts);
	return e;
}
