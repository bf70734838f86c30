/*
 * log_succession: the file of a log that repeats its rotations, so that nobody has to read the
 * whole log for its keys.
 *
 * Whoever verifies the log holds it against the entries; whoever has only this file and a key of
 * the log needs no more, because the lines are signed by the keys themselves.
 */
#include "engine/audit/inside.h"
#include "engine/audit/succession.h"

enum err log_succession_at(const struct log_place *p, const struct note_key *trusted,
			   size_t trusted_count, struct arena *a, struct succession *ret,
			   struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	struct str text = STR("");
	enum world_kind kind;
	enum err e;
	int fd;

	TRY(log_place_path(p, SUCCESSION_FILE, path));
	TRY(log_place_kind(p, SUCCESSION_FILE, &kind));
	if (kind == WORLD_NOTHING) {
		*ret = succession_of(trusted, trusted_count);
		return OK;
	}
	TRY(log_place_open(p, SUCCESSION_FILE, &fd, n));
	world_close(p->w, fd);
	e = world_read_file(p->w, path, LIMIT_ROTATIONS_BYTES, a, &text);
	if (e == OK)
		e = succession_read(text, trusted, trusted_count, a, ret, n);
	if (e != OK && n && n->text[0] == '\0')
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	if (e != OK)
		note_file(n, SUCCESSION_FILE);
	return e;
}

enum err log_succession(struct world *w, const char *folder, const struct note_key *trusted,
			size_t trusted_count, struct arena *a, struct succession *ret,
			struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(&p, log_succession_at(&p, trusted, trusted_count, a, ret, n), n);
}

/* The lines of all rotations before entry `end`. */
static enum err collect(const struct log_place *p, uint64_t end, struct buf *ret, struct note *n)
{
	struct str lines[TILE_WIDTH];
	struct log_reader *r;
	size_t count;
	enum err e;

	TRY(log_reader_open_at(p, 0, end, &r, n));
	do {
		e = log_reader_batch(r, lines, TILE_WIDTH, &count, n);
		for (size_t i = 0; e == OK && i < count; i++) {
			if (!succession_turns(lines[i]))
				continue;
			buf_add(ret, lines[i]);
			buf_add_byte(ret, '\n');
			e = ret->err;
		}
	} while (e == OK && count > 0);
	log_reader_close(r);
	return e;
}

/* Without rotations there is no file: one that a crash left behind says what never came to be. */
static enum err remove_list(struct world *w, const char *path)
{
	enum err e = world_unlink(w, path);

	if (e == ERR_NOT_FOUND)
		return OK;
	return e == OK ? world_sync_parent(w, path) : e;
}

enum err log_list_rotations_at(const struct log_place *p, uint64_t end, struct buf *ret,
			       struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	buf_clear(ret);
	TRY(log_place_path(p, SUCCESSION_FILE, path));
	TRY(collect(p, end, ret, n));
	e = ret->len > 0 ? world_replace_file(p->w, path, buf_view(ret)) : remove_list(p->w, path);
	if (e == OK)
		return OK;
	note_file(n, SUCCESSION_FILE);
	return note_set(n, e, 0, 0, "it cannot be written: %s", err_text(e));
}

enum err log_list_rotations(struct world *w, const char *folder, uint64_t end, struct buf *ret,
			    struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(&p, log_list_rotations_at(&p, end, ret, n), n);
}
