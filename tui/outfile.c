/* outfile: written beside, synced, renamed, and the folder synced. */
#include "tui/outfile.h"

#include <stdio.h>

static enum err failed(struct note *n, enum err e, const char *path, const char *story)
{
	note_file(n, path);
	return note_set(n, e, 0, 0, "%s", story);
}

/* What cannot even be removed stays under a name that says what it is. */
static void drop(struct outfile *f)
{
	enum err ignored = world_unlink(f->world, f->part);

	(void)ignored;
}

enum err outfile_open(struct outfile *f, struct world *w, const char *path, struct note *n)
{
	enum world_kind kind;
	enum err e;

	*f = (struct outfile){ .world = w, .path = path };
	e = world_kind(w, path, &kind);
	if (e == OK && kind != WORLD_NOTHING)
		return failed(n, ERR_EXISTS, path,
			      "it is there already and is not replaced; name a new file");
	if (e == OK && (size_t)snprintf(f->part, sizeof(f->part), "%s.part", path) >=
			       sizeof(f->part))
		e = ERR_LIMIT;
	if (e == OK)
		e = world_open(w, f->part, WORLD_CREATE_NEW, &f->fd);
	if (e == ERR_EXISTS)
		return failed(n, e, f->part,
			      "it is left of a run that was cut short, or of one that goes on; "
			      "remove it if nothing writes it");
	if (e == ERR_NOT_FOUND)
		return failed(n, e, path, "the folder that it is to be made in is not there");
	return e == OK ? OK : failed(n, e, path, err_text(e));
}

enum err outfile_write(void *self, struct str bytes)
{
	struct outfile *f = self;

	TRY(world_write_at(f->world, f->fd, f->at, bytes.ptr, bytes.len));
	f->at += bytes.len;
	return OK;
}

enum err outfile_close(struct outfile *f, struct note *n)
{
	enum err e = world_sync(f->world, f->fd), closed = world_close(f->world, f->fd);

	e = e == OK ? closed : e;
	if (e == OK)
		e = world_rename(f->world, f->part, f->path);
	if (e == OK)
		return world_sync_parent(f->world, f->path);
	drop(f);
	return failed(n, e, f->path, err_text(e));
}

void outfile_abandon(struct outfile *f)
{
	(void)world_close(f->world, f->fd);
	drop(f);
}
