/*
 * published: a log copied into static files, by adding to a tree.
 *
 *   tiles of the folder --> right edge of its tree --+
 *   segments of the log --> entries behind it -------+--> tiles, bundles --synced--> checkpoint
 *                                                    \--> root == the log's signed one?
 *
 * The edge must have the root of the published checkpoint before, and that of the log's afterwards:
 * that the one is a prefix of the other is thereby proved by construction, and what was read from
 * the segments is what was signed. When the edge is damaged, or any file is missing, all is made
 * anew from entry 0, and must then pass through the published root. Whole tiles and bundles are
 * looked for, not read: published_verify does that.
 *
 * Nothing that the published checkpoint counts on is written over with anything else: a full tile
 * or bundle is written when it fills, partial ones have their width in the name. So a crash leaves
 * the old checkpoint over a tree that is there. Clients with an older one than that find its
 * partial tiles until the full ones exist, and the full ones from then on.
 */
#include "engine/audit/published.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/audit/inside.h"

#define CHECKPOINT "checkpoint"

struct publishing {
	const struct log_place *log;
	struct log_place folder;
	struct checkpoint from, to;  /* what is published, and what will be */
	struct tiles tree;
	struct buf bundle;
	char seen[LOG_NAME_BYTES];   /* a folder, with its slash: it and those above are folders */
	bool holes;                  /* a file is missing that `from` counts on */
	bool parted;                 /* the entries do not lead to `from` */
};

/* --- the folder --- */

/* Without a checkpoint a folder is ours only if it is empty or holds what a crash leaves. */
static enum err see_free(const struct publishing *p, struct note *n)
{
	struct arena a;
	struct str *names;
	size_t count;
	enum err e;

	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = world_list(p->folder.w, p->folder.folder, &a, &names, &count);
	for (size_t i = 0; e == OK && i < count; i++) {
		if (str_is(names[i], "tile") || str_is(names[i], CHECKPOINT ".new") ||
		    str_starts(names[i], STR(SUCCESSION_FILE)))
			continue;
		e = note_set(n, ERR_EXISTS, 0, 0,
			     "the folder holds other things and no log; give a new or empty one");
		note_file(n, names[i].ptr);
	}
	arena_fini(&a);
	return e;
}

/* What is published already, maybe by a key of before; nothing is a tree of no entries. */
static enum err read_from(struct publishing *p, const struct succession *keys, struct arena *a,
			  struct note *n)
{
	enum world_kind segments;
	struct str text;
	enum err e;

	TRY(log_place_kind(&p->folder, "segment", &segments));
	if (segments != WORLD_NOTHING) {
		note_file(n, "segment");
		return note_set(n, ERR_EXISTS, 0, 0,
				"this is a log itself, which has one writer; give a new folder");
	}
	e = log_checkpoint_by(&p->folder, keys, a, &text, &p->from, n);
	if (e == ERR_NOT_FOUND) {
		if (n)
			*n = (struct note){ .line = 0 };
		p->from = (struct checkpoint){ p->to.origin, 0, sha256(STR_NONE) };
		return see_free(p, n);
	}
	TRY(e);
	if (!str_eq(p->from.origin, p->to.origin))
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "the folder holds the log %.*s, and this one is %.*s",
			     STR_ARG(p->from.origin), STR_ARG(p->to.origin));
	else if (p->from.size > p->to.size)
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "%" PRIu64 " entries are published, and the log's checkpoint signs %"
			     PRIu64 ": the log was set back, or is an older copy",
			     p->from.size, p->to.size);
	if (e != OK)
		note_file(n, CHECKPOINT);
	return e;
}

static bool tree_is(const struct publishing *p, const struct checkpoint *c)
{
	struct digest root;

	tiles_root(&p->tree, &root);
	return p->tree.size == c->size && digest_eq(&root, &c->root);
}

/* --- what lies there --- */

static enum err not_ours(const char *name, struct note *n)
{
	note_file(n, name);
	return note_set(n, ERR_TAMPERED, 0, 0,
			"this is a link or another thing in place of a file of the copy: nothing "
			"is written through it");
}

/* The folders on the way to a file, as far as they are there. */
static enum err see_folders(struct publishing *p, const char *name, struct note *n)
{
	size_t len = (size_t)(strrchr(name, '/') - name) + 1;

	if (strncmp(p->seen, name, len) == 0)
		return OK;
	TRY(log_place_way(&p->folder, name, n));
	return str_to_c(str_slice(name, len), p->seen, sizeof(p->seen));
}

static enum err see_kind(const struct publishing *p, const char *name, enum world_kind *ret,
			 struct note *n)
{
	TRY(log_place_kind(&p->folder, name, ret));
	return *ret == WORLD_NOTHING || *ret == WORLD_FILE ? OK : not_ours(name, n);
}

static enum err see_file(struct publishing *p, const char *name, bool due, struct note *n)
{
	enum world_kind kind;

	TRY(see_folders(p, name, n));
	TRY(see_kind(p, name, &kind, n));
	p->holes = p->holes || (due && kind == WORLD_NOTHING);
	return OK;
}

/* The tiles of a level, or the bundles, of both trees: none is read, and each is looked for. */
static enum err see_level(struct publishing *p, const char *folder, unsigned level, struct note *n)
{
	uint64_t had = tiles_index(p->from.size, level), end = tiles_index(p->to.size, level);
	unsigned old = tiles_width(p->from.size, level), edge = tiles_width(p->to.size, level);
	char name[LOG_NAME_BYTES];

	for (uint64_t i = 0; i < end; i++) {
		tiles_name_in(folder, i, TILE_WIDTH, name);
		TRY(see_file(p, name, i < had, n));
	}
	if (old) {
		tiles_name_in(folder, had, old, name);
		TRY(see_file(p, name, true, n));
	}
	if (edge) {
		tiles_name_in(folder, end, edge, name);
		TRY(see_file(p, name, false, n));
	}
	return OK;
}

static enum err see_all(struct publishing *p, struct note *n)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		char folder[] = { (char)('0' + level), '\0' };

		TRY(see_level(p, folder, level, n));
	}
	return see_level(p, "entries", 0, n);
}

/* --- writing --- */

static enum err write_tile(void *self, unsigned level, uint64_t index, const struct digest *hashes)
{
	const struct publishing *p = self;

	return tiles_write(&p->folder, level, index, TILE_WIDTH, hashes);
}

/* Written and synced, and its name with it. */
static enum err write_bundle(struct publishing *p, uint64_t index, unsigned width)
{
	char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];
	struct str bytes = buf_view(&p->bundle);
	uint64_t size = 0;
	enum err e;
	int fd;

	TRY(p->bundle.err);
	entry_bundle_name(index, width, name);
	TRY(log_place_path(&p->folder, name, path));
	TRY(log_place_make(&p->folder, name, &fd));
	e = world_write_at(p->folder.w, fd, 0, bytes.ptr, bytes.len);
	if (e == OK)
		e = world_size(p->folder.w, fd, &size);
	if (e == OK && size != bytes.len)
		e = world_truncate(p->folder.w, fd, bytes.len);
	if (e == OK)
		e = world_sync(p->folder.w, fd);
	world_close(p->folder.w, fd);
	buf_clear(&p->bundle);
	return e == OK ? world_sync_parent(p->folder.w, path) : e;
}

static enum err add_line(struct publishing *p, struct str line, const struct digest *leaf,
			 uint64_t index)
{
	entry_bundle_add(&p->bundle, line);
	if (index < p->tree.size) {
		p->parted = !digest_eq(leaf, &p->tree.rows[0][index % TILE_WIDTH]);
		return p->parted ? ERR_TAMPERED : p->bundle.err;
	}
	TRY(tiles_add(&p->tree, leaf, write_tile, p));
	if (p->tree.size % TILE_WIDTH == 0)
		TRY(write_bundle(p, index / TILE_WIDTH, TILE_WIDTH));
	if (p->tree.size == p->from.size)
		p->parted = !tree_is(p, &p->from);
	return p->parted ? ERR_TAMPERED : p->bundle.err;
}

/* The entries behind the tree; those of its last bundle once more, which must be the same. */
static enum err add_lines(struct publishing *p, struct note *n)
{
	uint64_t index = p->tree.size - p->tree.size % TILE_WIDTH;
	struct digest leaves[TILE_WIDTH];
	struct str lines[TILE_WIDTH];
	struct log_reader *r;
	size_t count;
	enum err e;

	TRY(log_reader_open_at(p->log, index, p->to.size, &r, n));
	do {
		e = log_reader_batch(r, lines, TILE_WIDTH, &count, n);
		if (e == OK)
			sha256_leaves(lines, count, leaves);
		for (size_t i = 0; e == OK && i < count; i++)
			e = add_line(p, lines[i], &leaves[i], index++);
	} while (e == OK && count > 0);
	log_reader_close(r);
	if (e == OK && p->bundle.len > 0)
		e = write_bundle(p, index / TILE_WIDTH, (unsigned)(index % TILE_WIDTH));
	return e;
}

/* --- partial tiles that a full one makes superfluous --- */

/* Empty and remove the folder of a tile's partial ones. What fails stays, and means nothing. */
static void sweep_partial(const struct publishing *p, const char *tile)
{
	char folder[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	enum err ignored = OK;
	struct arena a;
	struct str *names;
	size_t count, ending = strlen(".p");

	if (log_place_path(&p->folder, tile, folder) != OK ||
	    strlen(folder) + ending >= sizeof(folder))
		return;
	memcpy(folder + strlen(folder), ".p", ending + 1);
	arena_init(&a, LIMIT_FOLDER_BYTES);
	if (world_list(p->folder.w, folder, &a, &names, &count) == OK) {
		for (size_t i = 0; i < count; i++)
			if (world_join(path, sizeof(path), folder, names[i].ptr) == OK)
				ignored = world_unlink(p->folder.w, path);
		ignored = world_rmdir(p->folder.w, folder);
	}
	(void)ignored;
	arena_fini(&a);
}

/* The tile that was the last of its level, wherever there is a full one now. */
static void sweep(const struct publishing *p)
{
	char name[LOG_NAME_BYTES];

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t index = tiles_index(p->from.size, level);

		if (tiles_width(p->from.size, level) == 0 ||
		    index == tiles_index(p->to.size, level))
			continue;
		tiles_name(level, index, TILE_WIDTH, name);
		sweep_partial(p, name);
		if (level > 0)
			continue;
		entry_bundle_name(index, TILE_WIDTH, name);
		sweep_partial(p, name);
	}
}

/* --- publishing --- */

static enum err other_history(const struct publishing *p, struct note *n)
{
	note_file(n, CHECKPOINT);
	return note_set(n, ERR_TAMPERED, 0, 0,
			"the log's entries do not lead from the %" PRIu64
			" entries published here to the %" PRIu64
			" that it signs: one of the two was changed; verify the log",
			p->from.size, p->to.size);
}

/* Before the checkpoint, as the log itself does it: what is behind that means nothing yet. */
static enum err publish_rotations(struct publishing *p, struct note *n)
{
	char from[LIMIT_PATH_BYTES], to[LIMIT_PATH_BYTES];
	struct str text = STR(""), there = STR("");
	enum world_kind kind;
	struct arena a;
	enum err e;

	TRY(see_kind(p, SUCCESSION_FILE, &kind, n));
	TRY(log_place_path(p->log, SUCCESSION_FILE, from));
	TRY(log_place_path(&p->folder, SUCCESSION_FILE, to));
	arena_init(&a, 2 * (size_t)LIMIT_ROTATIONS_BYTES + LIMIT_NOTE_BYTES);
	e = world_read_file(p->log->w, from, LIMIT_ROTATIONS_BYTES, &a, &text);
	if (e == OK)
		e = world_read_file(p->folder.w, to, LIMIT_ROTATIONS_BYTES, &a, &there);
	if (e == ERR_NOT_FOUND)
		e = OK;
	if (e == OK && !str_eq(text, there))
		e = world_replace_file(p->folder.w, to, text);
	arena_fini(&a);
	return e;
}

static enum err publish(struct publishing *p, struct str note, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	uint64_t since;
	enum err e;

	TRY(see_all(p, n));
	e = tiles_load(&p->folder, p->from.size, &p->tree);
	if (e == ERR_MEMORY)
		return e;
	if (e != OK || p->holes || !tree_is(p, &p->from))
		tiles_init(&p->tree);
	since = p->tree.size;
	e = since < p->to.size ? add_lines(p, n) : OK;
	if (p->parted || (e == OK && !tree_is(p, &p->to)))
		return other_history(p, n);
	TRY(e);
	TRY(tiles_publish(&p->folder, &p->tree, since));
	TRY(publish_rotations(p, n));
	TRY(log_place_path(&p->folder, CHECKPOINT, path));
	TRY(world_replace_file(p->folder.w, path, note));
	sweep(p);
	return OK;
}

static enum err publish_locked(struct publishing *p, const struct note_key *keys,
			       size_t key_count, struct note *n)
{
	struct arena to, from;
	struct note story = { .line = 0 };
	struct succession known;
	struct str note;
	enum err e;

	arena_init(&to, LOG_CHECKPOINT_ARENA + SUCCESSION_MEMORY);
	arena_init(&from, LOG_CHECKPOINT_ARENA);
	e = log_succession_at(p->log, keys, key_count, &to, &known, n);
	if (e == OK)
		e = log_checkpoint_by(p->log, &known, &to, &note, &p->to, n);
	(void)log_place_told(p->log, e, n);
	if (e == OK) {
		e = world_mkdir(p->folder.w, p->folder.folder);
		if (e == OK)
			e = world_sync_parent(p->folder.w, p->folder.folder);
		e = e == ERR_EXISTS ? OK : e;
		if (e != OK)
			(void)note_set(&story, e, 0, 0, "the folder cannot be made: %s",
				       err_text(e));
		if (e == OK)
			e = read_from(p, &known, &from, &story);
		if (e == OK)
			e = publish(p, note, &story);
		if (e != OK && n)
			*n = story;
		(void)log_place_told(&p->folder, e, n);
	}
	arena_fini(&from);
	arena_fini(&to);
	return e;
}

enum err published_update_at(const struct log_place *log, const char *folder,
			     const struct note_key *keys, size_t key_count,
			     struct published_report *ret, struct note *n)
{
	struct publishing *p = calloc(1, sizeof(*p));
	enum err e;
	int lock;

	if (!p)
		return ERR_MEMORY;
	p->log = log;
	e = log_place_init(&p->folder, log->w, folder);
	if (e == OK)
		e = log_place_lock(log, LOG_UPKEEP, &lock);
	if (e == ERR_LOCKED)
		(void)note_set(n, e, 0, 0, "another process seals or publishes this log");
	if (e == OK) {
		buf_init(&p->bundle, ENTRY_BUNDLE_BYTES);
		e = publish_locked(p, keys, key_count, n);
		buf_fini(&p->bundle);
		world_close(log->w, lock);
	}
	if (e == OK)
		*ret = (struct published_report){ p->to.size, p->from.size };
	free(p);
	return e;
}

enum err published_update(struct world *w, const char *folder, const char *log_folder,
			  const struct note_key *keys, size_t key_count,
			  struct published_report *ret, struct note *n)
{
	struct log_place log;

	TRY(log_place_init(&log, w, log_folder));
	return published_update_at(&log, folder, keys, key_count, ret, n);
}

/* --- reading --- */

enum err published_verify(struct world *w, const char *folder, struct str origin,
			  const struct note_key *keys, size_t key_count,
			  const struct log_demand *demand, struct log_report *ret,
			  struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	p.published = true;
	p.segment_entries = TILE_WIDTH;
	return log_place_told(&p, log_verify_at(&p, origin, keys, key_count, demand, ret, n), n);
}
