/*
 * world: the words over the table, and the few calls composed of them.
 *
 * world_replace_file goes through these steps; a crash between any two leaves a whole file:
 *
 *   unlink path.new   create path.new   write   sync   rename over path   sync_folder
 *   |<--------------- the old content is in place --------------->|<- the new content ->|
 */
#include "engine/base/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/limits.h"

#define NEW_SUFFIX ".new"

int64_t world_now_ns(struct world *w)
{
	return w->calls->now_ns(w);
}

enum err world_entropy(struct world *w, void *buf, size_t len)
{
	return w->calls->entropy(w, buf, len);
}

const char *world_env(struct world *w, const char *name)
{
	return w->calls->env(w, name);
}

enum err world_open(struct world *w, const char *path, enum world_open how, int *ret)
{
	return w->calls->open(w, path, how, ret);
}

enum err world_close(struct world *w, int fd)
{
	return w->calls->close(w, fd);
}

enum err world_read(struct world *w, int fd, void *buf, size_t len, size_t *got)
{
	return w->calls->read(w, fd, buf, len, got);
}

enum err world_read_at(struct world *w, int fd, uint64_t at, void *buf, size_t len, size_t *got)
{
	return w->calls->read_at(w, fd, at, buf, len, got);
}

enum err world_write_at(struct world *w, int fd, uint64_t at, const void *buf, size_t len)
{
	return w->calls->write_at(w, fd, at, buf, len);
}

enum err world_size(struct world *w, int fd, uint64_t *ret)
{
	return w->calls->size(w, fd, ret);
}

enum err world_truncate(struct world *w, int fd, uint64_t size)
{
	return w->calls->truncate(w, fd, size);
}

void world_push(struct world *w, int fd, uint64_t at, size_t len)
{
	w->calls->push(w, fd, at, len);
}

enum err world_sync(struct world *w, int fd)
{
	return w->calls->sync(w, fd);
}

enum err world_lock(struct world *w, int fd)
{
	return w->calls->lock(w, fd);
}

enum err world_rename(struct world *w, const char *from, const char *to)
{
	return w->calls->rename(w, from, to);
}

enum err world_unlink(struct world *w, const char *path)
{
	return w->calls->unlink(w, path);
}

enum err world_mkdir(struct world *w, const char *path)
{
	return w->calls->mkdir(w, path);
}

enum err world_rmdir(struct world *w, const char *path)
{
	return w->calls->rmdir(w, path);
}

enum err world_sync_folder(struct world *w, const char *path)
{
	return w->calls->sync_folder(w, path);
}

enum err world_kind(struct world *w, const char *path, enum world_kind *ret)
{
	return w->calls->kind(w, path, ret);
}

enum err world_resolve(struct world *w, const char *root, const char *path, struct buf *ret)
{
	return w->calls->resolve(w, root, path, ret);
}

static int by_bytes(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return str_cmp(*x, *y);
}

enum err world_list(struct world *w, const char *path, struct arena *a, struct str **names,
		    size_t *count)
{
	struct arena_mark mark = arena_mark(a);
	struct str *found = NULL;
	size_t found_count = 0;
	enum err e = w->calls->list(w, path, a, &found, &found_count);

	if (e != OK) {
		arena_rewind(a, mark);
		return e;
	}
	if (found_count > 1)
		qsort(found, found_count, sizeof(*found), by_bytes);
	*names = found;
	*count = found_count;
	return OK;
}

enum err world_read_exact(struct world *w, int fd, uint64_t at, void *buf, size_t len)
{
	size_t got = 0;

	TRY(world_read_at(w, fd, at, buf, len, &got));
	return got == len ? OK : ERR_TRUNCATED;
}

/* The part of world_read_file between open and close. */
static enum err read_open_file(struct world *w, int fd, size_t cap_bytes, struct arena *a,
			       struct str *ret)
{
	uint64_t size = 0;
	char *bytes;

	TRY(world_size(w, fd, &size));
	if (size > cap_bytes || size >= SIZE_MAX)
		return ERR_LIMIT;
	bytes = arena_alloc(a, (size_t)size + 1);
	if (!bytes)
		return ERR_MEMORY;
	TRY(world_read_exact(w, fd, 0, bytes, (size_t)size));
	*ret = str_slice(bytes, (size_t)size);
	return OK;
}

enum err world_read_file(struct world *w, const char *path, size_t cap_bytes, struct arena *a,
			 struct str *ret)
{
	struct arena_mark mark = arena_mark(a);
	enum err e;
	int fd;

	TRY(world_open(w, path, WORLD_READ, &fd));
	e = read_open_file(w, fd, cap_bytes, a, ret);
	(void)world_close(w, fd);
	if (e != OK)
		arena_rewind(a, mark);
	return e;
}

/* Create the file with this content, durable except for its name. */
static enum err write_new_file(struct world *w, const char *path, struct str content)
{
	enum err e, closed;
	int fd;

	e = world_unlink(w, path);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(world_open(w, path, WORLD_CREATE_NEW, &fd));
	e = world_write_at(w, fd, 0, content.ptr, content.len);
	if (e == OK)
		e = world_sync(w, fd);
	closed = world_close(w, fd);
	return e == OK ? closed : e;
}

enum err world_replace_file(struct world *w, const char *path, struct str content)
{
	char fresh[LIMIT_PATH_BYTES];
	enum err e;
	int len = snprintf(fresh, sizeof(fresh), "%s" NEW_SUFFIX, path);

	if (len < 0 || (size_t)len >= sizeof(fresh))
		return ERR_LIMIT;
	e = write_new_file(w, fresh, content);
	if (e == OK)
		e = world_rename(w, fresh, path);
	if (e != OK) {
		/* The first error is the story; a leftover is cleared away by the next call. */
		enum err ignored = world_unlink(w, fresh);

		(void)ignored;
		return e;
	}
	return world_sync_parent(w, path);
}

enum err world_sync_parent(struct world *w, const char *path)
{
	char folder[LIMIT_PATH_BYTES];
	size_t len = strlen(path);

	if (len >= sizeof(folder))
		return ERR_LIMIT;
	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0)
		return world_sync_folder(w, ".");
	while (len > 1 && path[len - 1] == '/')
		len--;
	memcpy(folder, path, len);
	folder[len] = '\0';
	return world_sync_folder(w, folder);
}

enum err world_join(char *dst, size_t dst_bytes, const char *folder, const char *name)
{
	size_t folder_len = strlen(folder), name_len = strlen(name);
	bool slash = folder_len > 0 && folder[folder_len - 1] != '/';
	size_t room = dst_bytes < LIMIT_PATH_BYTES ? dst_bytes : LIMIT_PATH_BYTES;

	if (folder_len >= room || name_len >= room || folder_len + slash + name_len >= room)
		return ERR_LIMIT;
	memcpy(dst, folder, folder_len);
	if (slash)
		dst[folder_len] = '/';
	memcpy(dst + folder_len + slash, name, name_len + 1);
	return OK;
}
