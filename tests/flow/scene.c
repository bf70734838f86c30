/* scene: the shipped incident in memory. */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>

#include "engine/base/world_real.h"

#define FILE_CAP ((size_t)256 << 20)
#define SOURCE   "import.json"

void scene_init(struct space_kit *k, uint64_t seed, const char *policy_path)
{
	struct note n = { .line = 0 };
	struct str policy;

	cr_assert_eq(crypto_start(), OK);
	k->w = sim_open(seed, SPACE_KIT_START_NS);
	cr_assert_not_null(k->w);
	arena_init(&k->memory, (size_t)1 << 30);
	policy = scene_read(k, policy_path);
	cr_assert_not_null(policy.ptr, "%s is missing: run from the top of the tree", policy_path);
	cr_assert_eq(space_create(k->w, SPACE_KIT_DIR, STR(SPACE_KIT_ORIGIN), &n), OK, "%s",
		     n.text);
	space_kit_policy(k, policy.ptr);
}

void scene_fini(struct space_kit *k)
{
	space_kit_fini(k);
}

struct str scene_read(struct space_kit *k, const char *path)
{
	struct world real = world_real();
	struct str text = STR_NONE;
	enum err e = world_read_file(&real, path, FILE_CAP, &k->memory, &text);

	cr_assert(e == OK || e == ERR_NOT_FOUND, "%s: %s", path, err_text(e));
	return e == OK ? text : STR_NONE;
}

struct import_report scene_import(struct space_kit *k, const char *path)
{
	const struct import_options options = { .format = IMPORT_OPENAI_CHAT };
	struct str text = scene_read(k, path);
	struct import_report report;
	struct note n = { .line = 0 };
	enum err e;

	cr_assert_not_null(text.ptr, "%s is missing: run from the top of the tree", path);
	e = space_kit_import(k, &options, text, &report, &n);
	cr_assert_eq(e, OK, "%s:%u: %s", n.file, n.line, n.text);
	return report;
}

struct verdict scene_submit(struct space_kit *k, const char *document)
{
	struct intake in = { .found = { .arena = &k->memory } };
	struct space *s = space_kit_open(k);
	struct note n = { .line = 0 };
	struct verdict v;
	struct event e;
	struct buf bodies;

	buf_init(&bodies, LIMIT_BODY_BYTES);
	cr_assert_eq(action_read(str_view(document), world_now_ns(k->w), &in, &bodies, &e, &n),
		     OK, "%s", n.text);
	cr_assert_eq(space_submit(s, &e, &k->memory, &v), OK);
	cr_assert_eq(space_close(s, &n), OK, "%s", n.text);
	buf_fini(&bodies);
	return v;
}

enum err scene_verify(struct space_kit *k, struct log_report *ret, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(space_open(k->w, SPACE_KIT_DIR, SPACE_READ, &s, n));
	e = log_verify(k->w, space_log_folder(s), STR(SPACE_KIT_ORIGIN), space_key(s), 1, NULL, ret,
		       n);
	(void)space_close(s, NULL);
	return e;
}

enum err scene_reopen(struct space_kit *k, struct note *n)
{
	struct space *s;

	TRY(space_open(k->w, SPACE_KIT_DIR, SPACE_WRITE, &s, n));
	return space_close(s, n);
}

/* --- files --- */

static void keep_folder(struct space_kit *k, struct scene_files *files, const char *folder)
{
	char path[LIMIT_PATH_BYTES];
	enum world_kind kind;
	struct str *names, copy;
	size_t count;

	cr_assert_eq(world_list(k->w, folder, &k->memory, &names, &count), OK);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(world_join(path, sizeof(path), folder, names[i].ptr), OK);
		cr_assert_eq(world_kind(k->w, path, &kind), OK);
		if (kind == WORLD_FOLDER) {
			keep_folder(k, files, path);
			continue;
		}
		cr_assert_lt(files->count, SCENE_FILES);
		cr_assert_eq(arena_copy(&k->memory, str_view(path), &copy), OK);
		files->paths[files->count] = copy.ptr;
		cr_assert_eq(arena_copy(&k->memory, sim_peek(k->w, path), &copy), OK);
		files->contents[files->count++] = copy;
	}
}

void scene_keep(struct space_kit *k, struct scene_files *ret)
{
	ret->count = 0;
	keep_folder(k, ret, SPACE_KIT_DIR);
}

static bool is_kept(const struct scene_files *kept, const char *path)
{
	for (size_t i = 0; i < kept->count; i++)
		if (strcmp(kept->paths[i], path) == 0)
			return true;
	return false;
}

void scene_restore(struct space_kit *k, const struct scene_files *kept)
{
	struct arena_mark mark = arena_mark(&k->memory);
	struct scene_files now;

	scene_keep(k, &now);
	for (size_t i = 0; i < now.count; i++)
		if (!is_kept(kept, now.paths[i]))
			cr_assert_eq(world_unlink(k->w, now.paths[i]), OK);
	arena_rewind(&k->memory, mark);
	for (size_t i = 0; i < kept->count; i++)
		cr_assert_eq(sim_poke(k->w, kept->paths[i], kept->contents[i]), OK);
}

void scene_put(struct space_kit *k, const char *path, struct str content)
{
	if (content.ptr)
		cr_assert_eq(sim_poke(k->w, path, content), OK);
	else
		cr_assert_eq(world_unlink(k->w, path), OK);
}
