/*
 * log: the writer. What it holds in memory is bounded: one batch of lines and the right edge of the
 * tree.
 *
 *   append --> log_pen: batch --flush--> segment --commit--> durable --publish--> checkpoint
 *                         \--> leaves --> tree --> full tiles are written at once, made durable
 *                                                 by publish
 *
 * Lines of the batch become leaves many at a time, two of which are hashed in the time of one.
 *
 *   entries   0 ............ signed_size ............ tree.size ............ tree.size + waiting
 *             | the checkpoint covers | appended since        | leaves not yet, or the tail:
 *                                                               not vouched for
 *
 * There is either a tail or something appended, never both.
 *
 * Invariants: a checkpoint is signed only over entries and tiles that are durable, so at every
 * crash the stored one leads to a tree that is there. Tiles beyond the checkpoint mean nothing and
 * are overwritten. `failed` is set by the first write that fails and never taken back: what the
 * file then holds is known only after opening it again.
 */
#include "engine/audit/inside.h"

#include <inttypes.h>
#include <stdlib.h>

#define CHECKPOINT "checkpoint"
#define SEGMENTS "segment"
#define TILES "tile"

struct log {
	struct log_place place;
	char origin[LIMIT_ORIGIN_BYTES + 1];
	const struct sign_key *key;
	int lock;                /* its descriptor; -1: not held (yet, or paused) */
	struct log_ticket ticket;
	struct log_pen pen;
	bool failed;
	uint64_t signed_size, tail, cut_bytes;
	struct tiles tree;
	/* Lines behind the tree, where the pen holds them. */
	struct str waiting[TILE_WIDTH];
	size_t waiting_count;
};

/* --- shared with the other files of the log --- */

/* One code for each way in which a stored checkpoint can be bad. */
static enum err bad_checkpoint(const struct log_place *p, enum err e, struct note *n)
{
	char first[LOG_NAME_BYTES];
	enum world_kind kind;

	segment_name(p, 0, first);
	switch (e) {
	case ERR_NOT_FOUND:
		if (log_place_kind(p, first, &kind) == OK && kind != WORLD_NOTHING)
			e = note_set(
				n, ERR_TAMPERED, 0, 0,
				"the checkpoint is missing, but there are entries: it was removed");
		else
			(void)note_set(n, e, 0, 0, "there is no log in %s", p->folder);
		break;
	case ERR_LIMIT:
	case ERR_SYNTAX:
	case ERR_ENCODING:
	case ERR_RANGE:
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "this is not a signed checkpoint (c2sp.org/tlog-checkpoint)");
		break;
	case ERR_SIGNATURE:
		(void)note_set(n, e, 0, 0,
			       "the signature does not verify: the checkpoint was changed after it "
			       "was signed");
		break;
	case ERR_UNKNOWN:
		e = note_set(
			n, ERR_SIGNATURE, 0, 0,
			"none of the given keys signed this checkpoint: it is another log's, or "
			"the key is another's");
		break;
	default:
		if (e != ERR_TAMPERED)
			(void)note_set(n, e, 0, 0, "%s", err_text(e));
	}
	note_file(n, CHECKPOINT);
	return e;
}

enum err log_checkpoint_by(const struct log_place *p, const struct succession *keys,
			   struct arena *a, struct str *note_text, struct checkpoint *ret,
			   struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	struct note superseded = { .line = 0 };
	struct checkpoint found;
	struct str stored, text;
	enum err e;
	int fd;

	TRY(log_place_path(p, CHECKPOINT, path));
	e = log_place_open(p, CHECKPOINT, &fd, n);
	if (e == OK) {
		world_close(p->w, fd);
		e = world_read_file(p->w, path, LIMIT_NOTE_BYTES, a, &stored);
	}
	if (e == OK)
		e = succession_open(keys, stored, &text, &found, &superseded);
	if (e != OK)
		e = bad_checkpoint(p, e, n);
	if (superseded.text[0])
		(void)note_set(n, e, 0, 0, "%s", superseded.text);
	TRY(e);
	*note_text = stored;
	*ret = found;
	return OK;
}

enum err log_checkpoint_at(const struct log_place *p, const struct note_key *keys, size_t key_count,
			   struct arena *a, struct str *note_text, struct checkpoint *ret,
			   struct note *n)
{
	struct succession any = succession_of(keys, key_count);

	return log_checkpoint_by(p, &any, a, note_text, ret, n);
}

enum err log_checkpoint(struct world *w, const char *folder, const struct note_key *keys,
			size_t key_count, struct arena *a, struct str *note_text,
			struct checkpoint *ret, struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(
		&p, log_checkpoint_at(&p, keys, key_count, a, note_text, ret, n), n);
}

/* --- signing --- */

/* With `next` it is signed by both. */
static enum err put_checkpoint(const struct log_place *p, struct str origin,
			       const struct sign_key *key, const struct sign_key *next,
			       uint64_t size, const struct digest *root)
{
	struct checkpoint c = { origin, size, *root };
	char path[LIMIT_PATH_BYTES];
	struct buf text, note;
	enum err e;

	buf_init(&text, LIMIT_NOTE_BYTES);
	buf_init(&note, LIMIT_NOTE_BYTES);
	checkpoint_write(&text, &c);
	e = text.err;
	if (e == OK) {
		note_sign(&note, buf_view(&text), origin, key);
		if (next)
			note_sign_too(&note, buf_view(&text), origin, next);
		e = note.err;
	}
	if (e == OK)
		e = log_place_path(p, CHECKPOINT, path);
	if (e == OK)
		e = world_replace_file(p->w, path, buf_view(&note));
	buf_fini(&note);
	buf_fini(&text);
	return e;
}

/* --- making a log --- */

static enum err make_folder(const struct log_place *p, const char *name)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	TRY(log_place_path(p, name, path));
	e = world_mkdir(p->w, path);
	return e == ERR_EXISTS ? OK : e;
}

/*
 * Under the lock. The checkpoint comes last: without it there is no log yet, and making it may be
 * tried again.
 */
static enum err fill_folder(const struct log_place *p, struct str origin,
			    const struct sign_key *key)
{
	struct digest empty = sha256(STR_NONE);
	enum world_kind checkpoint, segment;
	char first[LOG_NAME_BYTES];

	segment_name(p, 0, first);
	TRY(log_place_kind(p, CHECKPOINT, &checkpoint));
	TRY(log_place_kind(p, first, &segment));
	if (checkpoint != WORLD_NOTHING || segment != WORLD_NOTHING)
		return ERR_EXISTS;
	TRY(make_folder(p, SEGMENTS));
	TRY(make_folder(p, TILES));
	TRY(world_sync_folder(p->w, p->folder));
	TRY(world_sync_parent(p->w, p->folder));
	return put_checkpoint(p, origin, key, NULL, 0, &empty);
}

enum err log_create_at(const struct log_place *p, struct str origin, const struct sign_key *key)
{
	enum err e;
	int lock;

	if (origin.len > LIMIT_ORIGIN_BYTES)
		return ERR_LIMIT;
	if (!note_name_ok(origin))
		return ERR_SYNTAX;
	e = world_mkdir(p->w, p->folder);
	if (e != OK && e != ERR_EXISTS)
		return e;
	TRY(log_place_lock(p, LOG_LOCK, &lock));
	e = fill_folder(p, origin, key);
	world_close(p->w, lock);
	return e;
}

enum err log_create(struct world *w, const char *folder, struct str origin,
		    const struct sign_key *key)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_create_at(&p, origin, key);
}

void log_remove(struct world *w, const char *folder)
{
	static const char *const files[] = { CHECKPOINT, LOG_LOCK };
	static const char *const folders[] = { TILES, SEGMENTS };
	char path[LIMIT_PATH_BYTES];
	enum err ignored = OK;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (world_join(path, sizeof(path), folder, files[i]) == OK)
			ignored = world_unlink(w, path);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (world_join(path, sizeof(path), folder, folders[i]) == OK)
			ignored = world_rmdir(w, path);
	ignored = world_rmdir(w, folder);
	(void)ignored;
}

/* --- opening: the signed prefix --- */

static enum err write_full_tile(void *self, unsigned level, uint64_t index,
				const struct digest *hashes)
{
	return tiles_write(self, level, index, TILE_WIDTH, hashes);
}

/*
 * The tree of the first `size` entries out of the segments; with `write`, their full tiles are
 * written on the way.
 */
static enum err tree_from_segments(struct log *l, uint64_t size, bool write, struct note *n)
{
	struct str lines[TILE_WIDTH];
	struct digest leaves[TILE_WIDTH];
	struct log_reader *r;
	size_t count;
	enum err e;

	tiles_init(&l->tree);
	TRY(log_reader_open_at(&l->place, 0, size, &r, n));
	do {
		e = log_reader_batch(r, lines, TILE_WIDTH, &count, n);
		if (e == OK)
			sha256_leaves(lines, count, leaves);
		for (size_t i = 0; e == OK && i < count; i++)
			e = tiles_add(&l->tree, &leaves[i], write ? write_full_tile : NULL,
				      &l->place);
	} while (e == OK && count > 0);
	log_reader_close(r);
	return e;
}

static bool tree_is(const struct log *l, const struct checkpoint *c)
{
	struct digest root;

	if (l->tree.size != c->size)
		return false;
	tiles_root(&l->tree, &root);
	return digest_eq(&root, &c->root);
}

static enum err open_story(struct note *n, enum err e, const char *name, const char *what)
{
	note_file(n, name);
	return note_set(n, e, 0, 0, "%s: %s", what, err_text(e));
}

/*
 * The tree under the checkpoint out of the segments; the tiles are then written anew. They are not
 * touched before the segments have proved themselves: until then they are what tells which entry
 * was changed.
 */
static enum err rebuild_tree(struct log *l, const struct checkpoint *c, const struct note_key *key,
			     struct note *n)
{
	struct log_report report;
	enum err e;

	TRY(tree_from_segments(l, c->size, false, n));
	if (!tree_is(l, c)) {
		e = log_verify_at(&l->place, str_view(l->origin), key, 1, NULL, &report,
				  n);
		return e != OK ? e
			       : note_set(n, ERR_TAMPERED, 0, 0,
					  "the entries changed while they were read");
	}
	e = tree_from_segments(l, c->size, true, n);
	if (e == OK)
		e = tiles_publish(&l->place, &l->tree, 0);
	if (e != OK)
		e = open_story(n, e, TILES, "the tiles cannot be made anew from the segments");
	return e;
}

/*
 * The tree under the checkpoint: from the tiles on its edge when they lead to the signed root, else
 * from the segments.
 */
static enum err load_tree(struct log *l, const struct checkpoint *c, const struct note_key *key,
			  struct note *n)
{
	enum err e = tiles_load(&l->place, c->size, &l->tree);

	if (e == ERR_MEMORY || (e == OK && tree_is(l, c)))
		return e;
	return rebuild_tree(l, c, key, n);
}

/* --- opening: what follows the checkpoint --- */

/* Cut the segment at `offset` and remove later ones; counts what went. */
static enum err cut_segment(struct log *l, uint64_t number, uint64_t offset)
{
	char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];
	uint64_t size;
	enum err e;
	int fd;

	log_place_segment(number, name);
	TRY(log_place_path(&l->place, name, path));
	e = world_open(l->place.w, path, WORLD_WRITE, &fd);
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e != OK)
		return e;
	e = world_size(l->place.w, fd, &size);
	if (e == OK && size > offset) {
		l->cut_bytes += size - offset;
		e = world_truncate(l->place.w, fd, offset);
		if (e == OK)
			e = world_sync(l->place.w, fd);
	}
	world_close(l->place.w, fd);
	return e;
}

/*
 * Remove every segment behind `number`: lines after a segment that is not full can never be
 * reached.
 */
static enum err remove_later(struct log *l, uint64_t number)
{
	char folder[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES], name[LOG_NAME_BYTES];
	struct arena a;
	struct str *names;
	size_t count;
	bool removed = false;
	enum err e;

	TRY(log_place_path(&l->place, SEGMENTS, folder));
	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = world_list(l->place.w, folder, &a, &names, &count);
	for (size_t i = count; e == OK && i-- > 0;) {
		uint64_t other;
		bool sealed;

		if (!log_place_segment_number(names[i], &other, &sealed) || sealed ||
		    other <= number)
			continue;
		e = cut_segment(l, other, 0);
		log_place_segment(other, name);
		if (e == OK)
			e = log_place_path(&l->place, name, path);
		if (e == OK)
			e = world_unlink(l->place.w, path);
		removed = true;
	}
	if (e == OK && removed)
		e = world_sync_folder(l->place.w, folder);
	arena_fini(&a);
	return e;
}

static enum err cut_after(struct log *l, uint64_t number, uint64_t offset)
{
	TRY(remove_later(l, number));
	TRY(cut_segment(l, number, offset));
	log_pen_stand(&l->pen, number, offset);
	return OK;
}

/*
 * Are the segments there that the checkpoint counts on? Only that they are files; the last one is
 * read by the caller.
 */
static enum err segments_exist(const struct log *l, uint64_t size, struct note *n)
{
	struct segment segment;
	enum err e = OK;

	segment_init(&segment, &l->place);
	for (uint64_t i = 0; e == OK && i * l->place.segment_entries < size; i++) {
		char name[LOG_NAME_BYTES];

		e = segment_open(&segment, i, n);
		segment_close(&segment);
		if (e != ERR_NOT_FOUND)
			continue;
		segment_name(&l->place, i, name);
		note_file(n, name);
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "the segment is missing, but the checkpoint signs %" PRIu64 " entries",
			     size);
	}
	segment_fini(&segment);
	return e;
}

/*
 * Only signed entries are sealed, so none of them has to be cut off: a sealed segment behind the
 * checkpoint says that this is not the newest one.
 */
static enum err sealed_are_signed(const struct log *l, uint64_t size, struct note *n)
{
	char folder[LIMIT_PATH_BYTES], name[LOG_NAME_BYTES];
	struct arena a;
	struct str *names;
	size_t count;
	enum err e;

	TRY(log_place_path(&l->place, SEGMENTS, folder));
	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = world_list(l->place.w, folder, &a, &names, &count);
	for (size_t i = 0; e == OK && i < count; i++) {
		uint64_t number;
		bool sealed;

		if (!log_place_segment_number(names[i], &number, &sealed) || !sealed ||
		    number < size / l->place.segment_entries)
			continue;
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "the segment is sealed, which is done to signed entries only, but the "
			     "checkpoint signs %" PRIu64 ": it was set back to an older one",
			     size);
		log_place_sealed(number, name);
		note_file(n, name);
	}
	arena_fini(&a);
	return e;
}

/* Is this, by the tiles, the line of the last signed entry? */
static bool last_line_is(const struct log *l, const struct checkpoint *c, struct str line)
{
	struct digest leaf = sha256_prefixed(0, line);
	struct tiles_cache cache;

	tiles_cache_init(&cache, &l->place, c->size);
	return tiles_cache_leads(&cache, &leaf, c->size - 1, &c->root);
}

/*
 * Count the whole lines behind the checkpoint, cut off what follows them, and stand ready to append
 * there. On the way stands the last signed line: it carries the state that a gate goes on from, so
 * it is not left to `verify`, as the lines before it are.
 */
static enum err find_tail(struct log *l, const struct checkpoint *c, const struct note_key *key,
			  struct note *n)
{
	uint64_t last = c->size ? c->size - 1 : 0, found, number, offset;
	struct str lines[TILE_WIDTH];
	struct log_reader *r;
	bool judged = c->size == 0, torn;
	size_t count;
	enum err e;

	TRY(segments_exist(l, c->size, n));
	TRY(sealed_are_signed(l, c->size, n));
	TRY(log_reader_open_at(&l->place, last, UINT64_MAX, &r, n));
	do {
		e = log_reader_batch(r, lines, TILE_WIDTH, &count, n);
		if (e == OK && count > 0 && !judged && !last_line_is(l, c, lines[0]))
			e = rebuild_tree(l, c, key, n);
		judged = true;
	} while (e == OK && count > 0);
	found = log_reader_index(r);
	log_reader_spot(r, &number, &offset);
	torn = log_reader_torn(r);
	log_reader_close(r);
	if (e != OK)
		return e;
	if (found < l->signed_size) {
		log_place_entry(&l->place, found, n);
		return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
				"the log was cut: the checkpoint signs %" PRIu64
				" entries, but whole lines end after %" PRIu64,
				l->signed_size, found);
	}
	l->pen.unsynced = last / l->place.segment_entries;
	l->tail = found - l->signed_size;
	TRY(cut_after(l, number, offset));
	/* What was cut off may have been room, of which nothing is to be told. */
	l->cut_bytes = torn ? l->cut_bytes : 0;
	return OK;
}

/*
 * Take the first `keep` entries of the tail into the tree and drop the others. Those kept may not
 * be durable yet.
 */
static enum err settle(struct log *l, uint64_t keep)
{
	uint64_t before = l->signed_size ? l->signed_size - 1 : 0;
	uint64_t end = l->signed_size + keep, number, offset;
	struct log_reader *r;
	struct str line = STR_NONE;
	enum err e;

	TRY(log_reader_open_at(&l->place, before, end, &r, NULL));
	while (log_reader_index(r) < end) {
		struct digest leaf;

		e = log_reader_next(r, &line);
		if (e == OK && !line.ptr)
			e = ERR_TRUNCATED;
		if (e != OK)
			goto out;
		if (log_reader_index(r) <= l->signed_size)
			continue;
		leaf = sha256_prefixed(0, line);
		e = tiles_add(&l->tree, &leaf, write_full_tile, &l->place);
		if (e != OK)
			goto out;
	}
	log_reader_spot(r, &number, &offset);
	e = cut_after(l, number, offset);
	if (e != OK)
		goto out;
	l->pen.dirty = l->pen.new_names = keep > 0;
	l->tail = 0;
out:
	log_reader_close(r);
	return e;
}

static enum err open_locked(struct log *l, struct note *n)
{
	struct public_key public = sign_key_public(l->key);
	struct note_key key = note_key_of(str_view(l->origin), &public, false);
	struct checkpoint c;
	struct str text;
	struct arena a;
	enum err e;

	arena_init(&a, LOG_CHECKPOINT_ARENA);
	e = log_checkpoint_at(&l->place, &key, 1, &a, &text, &c, n);
	if (e == OK && !str_is(c.origin, l->origin)) {
		e = note_set(n, ERR_TAMPERED, 0, 0, "this is the checkpoint of %.*s, not of %s",
			     STR_ARG(c.origin), l->origin);
		note_file(n, CHECKPOINT);
	}
	if (e == OK) {
		l->signed_size = c.size;
		e = load_tree(l, &c, &key, n);
	}
	if (e == OK)
		e = find_tail(l, &c, &key, n);
	arena_fini(&a);
	return e;
}

/* Close the descriptors and give the memory back. */
static void release(struct log *l)
{
	log_pen_fini(&l->pen);
	if (l->lock >= 0)
		world_close(l->place.w, l->lock);
	free(l);
}

enum err log_open_at(const struct log_place *p, struct str origin, const struct sign_key *key,
		     struct log **ret, struct note *n)
{
	struct log *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return ERR_MEMORY;
	l->place = *p;
	l->key = key;
	l->lock = -1;
	e = log_pen_init(&l->pen, &l->place);
	if (e == OK)
		e = str_to_c(origin, l->origin, sizeof(l->origin));
	if (e == OK) {
		e = log_place_lock(p, LOG_LOCK, &l->lock);
		if (e == OK)
			e = log_ticket_void(p, l->lock);
		if (e == ERR_LOCKED)
			(void)note_set(n, e, 0, 0, "another process is writing to this log");
		else if (e == ERR_NOT_FOUND)
			(void)note_set(n, e, 0, 0, "there is no log in %s", p->folder);
		else if (e != OK)
			e = open_story(n, e, LOG_LOCK, "the lock cannot be taken");
	}
	if (e == OK)
		e = open_locked(l, n);
	if (e != OK) {
		release(l);
		return e;
	}
	*ret = l;
	return OK;
}

enum err log_open(struct world *w, const char *folder, struct str origin,
		  const struct sign_key *key, struct log **ret, struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(&p, log_open_at(&p, origin, key, ret, n), n);
}

enum err log_close(struct log *l)
{
	enum err e = OK;

	if (!l)
		return OK;
	if (l->failed)
		e = ERR_CLOSED;
	else if (l->tail == 0 && l->lock >= 0)
		e = log_publish(l);
	if (e == OK)
		e = log_pen_trim(&l->pen);
	release(l);
	return e;
}

void log_abandon(struct log *l)
{
	release(l);
}

uint64_t log_size(const struct log *l)
{
	return l->tree.size + l->waiting_count + l->tail;
}

uint64_t log_signed_size(const struct log *l)
{
	return l->signed_size;
}

uint64_t log_tail(const struct log *l)
{
	return l->tail;
}

uint64_t log_cut_bytes(const struct log *l)
{
	return l->cut_bytes;
}

void log_root(const struct log *l, struct digest *ret)
{
	tiles_root(&l->tree, ret);
}

/* May the handle be written to? */
static enum err ready(const struct log *l)
{
	if (l->failed || l->lock < 0)
		return ERR_CLOSED;
	return l->tail ? ERR_UNSIGNED : OK;
}

/* The one place where a failure closes the handle. */
static enum err fail(struct log *l, enum err e)
{
	l->failed = l->failed || e != OK;
	return e;
}

enum err log_cut_tail(struct log *l, uint64_t keep)
{
	if (l->failed)
		return ERR_CLOSED;
	if (keep > l->tail)
		return ERR_RANGE;
	return l->tail ? fail(l, settle(l, keep)) : OK;
}

/* --- appending --- */

/* The tree takes the lines that wait for it. */
static enum err grow_tree(struct log *l)
{
	struct digest leaves[TILE_WIDTH];

	sha256_leaves(l->waiting, l->waiting_count, leaves);
	for (size_t i = 0; i < l->waiting_count; i++)
		TRY(tiles_add(&l->tree, &leaves[i], write_full_tile, &l->place));
	l->waiting_count = 0;
	return OK;
}

static enum err append(struct log *l, struct str line)
{
	if (l->waiting_count == TILE_WIDTH || log_pen_full(&l->pen, log_size(l), line.len))
		TRY(grow_tree(l));
	TRY(log_pen_add(&l->pen, log_size(l), line, &l->waiting[l->waiting_count]));
	l->waiting_count++;
	return OK;
}

enum err log_append(struct log *l, struct str line)
{
	TRY(ready(l));
	if (line.len > LIMIT_ENTRY_BYTES)
		return ERR_LIMIT;
	if (line.len == 0 || memchr(line.ptr, '\n', line.len))
		return ERR_SYNTAX;
	return fail(l, append(l, line));
}

/* --- committing --- */

/* The tree grows while the disk is at work on the lines. */
static enum err commit(struct log *l, bool sync)
{
	TRY(log_pen_flush(&l->pen, sync));
	TRY(grow_tree(l));
	return sync ? log_pen_sync(&l->pen) : OK;
}

enum err log_commit(struct log *l, bool sync)
{
	TRY(ready(l));
	return fail(l, commit(l, sync));
}

static enum err publish(struct log *l, const struct sign_key *next)
{
	struct digest root;

	TRY(commit(l, true));
	if (l->tree.size == l->signed_size)
		return OK;
	TRY(tiles_publish(&l->place, &l->tree, l->signed_size));
	tiles_root(&l->tree, &root);
	TRY(put_checkpoint(&l->place, str_view(l->origin), l->key, next, l->tree.size, &root));
	tiles_sweep(&l->place, l->signed_size, l->tree.size);
	l->signed_size = l->tree.size;
	return OK;
}

enum err log_publish(struct log *l)
{
	TRY(ready(l));
	return fail(l, publish(l, NULL));
}

enum err log_hand_over(struct log *l, const struct sign_key *next)
{
	TRY(ready(l));
	if (log_size(l) == l->signed_size)
		return ERR_EXISTS;
	TRY(fail(l, publish(l, next)));
	l->key = next;
	return OK;
}

/* --- turns --- */

/* On disk all is as after closing. Room is for who commits again and again without a pause. */
static enum err let_go(struct log *l)
{
	TRY(publish(l, NULL));
	TRY(log_pen_trim(&l->pen));
	l->pen.commits = 0;
	log_ticket_leave(&l->place, l->lock, &l->ticket);
	world_close(l->place.w, l->lock);
	l->lock = -1;
	return OK;
}

enum err log_pause(struct log *l)
{
	TRY(ready(l));
	return fail(l, let_go(l));
}

enum err log_resume(struct log *l, bool *same)
{
	int lock;

	MUST(l->lock < 0);
	if (l->failed)
		return ERR_CLOSED;
	TRY(log_place_lock(&l->place, LOG_LOCK, &lock));
	*same = log_ticket_holds(&l->place, lock, &l->ticket);
	if (*same)
		l->lock = lock;
	else
		world_close(l->place.w, lock);
	return OK;
}
