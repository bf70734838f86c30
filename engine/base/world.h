/*
 * world: the one seam to the outside. Clock, entropy, environment and files are reached through
 * this table only.
 *
 * Recording, replaying and fault injection are wrappers of the table: a wrapper changes single
 * answers and passes the rest on, so the code under test never knows which coat it wears. Two
 * coats exist: world_real.h (the machine), world_sim.h (memory, seeded, with faults). Nothing below
 * tui/ opens a file or reads a clock in any other way.
 *
 * Files: paths are NUL-ended, relative ones start at the process's folder. New files are 0600, new
 * folders 0700; the last component is never followed when it is a symbolic link. Only regular files
 * can be opened. Offsets and sizes are in bytes. A write is whole or an error; what a failed write
 * left behind is unknown until the file is read again.
 *
 * Errors of every call on files: ERR_NOT_FOUND, ERR_EXISTS, ERR_TYPE (a folder where a file is
 * needed or the reverse, a link, a pipe), ERR_ACCESS, ERR_NOSPACE, ERR_LOCKED, ERR_LIMIT (a path
 * or an offset is too long), ERR_MEMORY, and ERR_IO for everything else.
 */
#ifndef TRAMMEL_BASE_WORLD_H
#define TRAMMEL_BASE_WORLD_H

#include "engine/base/arena.h"
#include "engine/base/say.h"

enum world_open {
	WORLD_READ = 0,
	WORLD_WRITE = 1,            /* read and write, must exist */
	WORLD_CREATE = 2,           /* read and write, made when missing */
	WORLD_CREATE_NEW = 3,       /* read and write, ERR_EXISTS when there */
};

enum world_kind { WORLD_NOTHING = 0, WORLD_FILE, WORLD_FOLDER, WORLD_OTHER };

struct world;

struct world_calls {
	int64_t (*now_ns)(struct world *w);                      /* UTC, since 1970-01-01 */
	enum err (*entropy)(struct world *w, void *buf, size_t len);
	const char *(*env)(struct world *w, const char *name);   /* NULL when not set */
	enum err (*open)(struct world *w, const char *path, enum world_open how, int *ret);
	enum err (*close)(struct world *w, int fd);
	/*
	 * Sequential; gives what is there, 0 = end. Descriptor 0 is the process's standard input.
	 */
	enum err (*read)(struct world *w, int fd, void *buf, size_t len, size_t *got);
	/* Less than `len` only at the end of the file. */
	enum err (*read_at)(struct world *w, int fd, uint64_t at, void *buf, size_t len,
			    size_t *got);
	enum err (*write_at)(struct world *w, int fd, uint64_t at, const void *buf, size_t len);
	enum err (*size)(struct world *w, int fd, uint64_t *ret);
	enum err (*truncate)(struct world *w, int fd, uint64_t size);
	/*
	 * Begin to move these bytes to the disk, so that a sync soon after has less to wait for.
	 * Promises nothing.
	 */
	void (*push)(struct world *w, int fd, uint64_t at, size_t len);
	enum err (*sync)(struct world *w, int fd);               /* content and size are durable */
	enum err (*lock)(struct world *w, int fd);               /* exclusive, ERR_LOCKED at once */
	enum err (*rename)(struct world *w, const char *from, const char *to);
	enum err (*unlink)(struct world *w, const char *path);
	enum err (*mkdir)(struct world *w, const char *path);    /* ERR_EXISTS when there */
	enum err (*rmdir)(struct world *w, const char *path);    /* ERR_EXISTS: it is not empty */
	enum err (*sync_folder)(struct world *w, const char *path); /* names in it are durable */
	enum err (*kind)(struct world *w, const char *path, enum world_kind *ret);
	/* Names in a folder without "." and "..", NUL-ended, in any order, in the arena. */
	enum err (*list)(struct world *w, const char *path, struct arena *a, struct str **names,
			 size_t *count);
	/*
	 * Where `path` leads, as names below the folder `root`, one '/' between them and none of
	 * them a link, "." or ".."; empty for the root itself. A relative path begins at the root.
	 * Its last name may be missing. ERR_ACCESS: it leads elsewhere.
	 */
	enum err (*resolve)(struct world *w, const char *root, const char *path, struct buf *ret);
};

struct world {
	const struct world_calls *calls;
	const struct say *say;       /* where talk for people goes; NULL: nowhere */
	bool threads;                /* calls on files may come from any thread, also at once */
};

/* One word per call, so that callers read as sentences. Wrappers of the table use them as well. */
int64_t world_now_ns(struct world *w);
enum err world_entropy(struct world *w, void *buf, size_t len) NODISCARD;
const char *world_env(struct world *w, const char *name);
enum err world_open(struct world *w, const char *path, enum world_open how, int *ret) NODISCARD;
enum err world_close(struct world *w, int fd);
enum err world_read(struct world *w, int fd, void *buf, size_t len, size_t *got) NODISCARD;
enum err world_read_at(struct world *w, int fd, uint64_t at, void *buf, size_t len,
		       size_t *got) NODISCARD;
enum err world_write_at(struct world *w, int fd, uint64_t at, const void *buf,
			size_t len) NODISCARD;
enum err world_size(struct world *w, int fd, uint64_t *ret) NODISCARD;
enum err world_truncate(struct world *w, int fd, uint64_t size) NODISCARD;
void world_push(struct world *w, int fd, uint64_t at, size_t len);
enum err world_sync(struct world *w, int fd) NODISCARD;
enum err world_lock(struct world *w, int fd) NODISCARD;
enum err world_rename(struct world *w, const char *from, const char *to) NODISCARD;
enum err world_unlink(struct world *w, const char *path) NODISCARD;
enum err world_mkdir(struct world *w, const char *path) NODISCARD;
enum err world_rmdir(struct world *w, const char *path) NODISCARD;
enum err world_sync_folder(struct world *w, const char *path) NODISCARD;
enum err world_kind(struct world *w, const char *path, enum world_kind *ret) NODISCARD;
/* The names come sorted by bytes, whatever order the coat found them in. */
enum err world_list(struct world *w, const char *path, struct arena *a, struct str **names,
		    size_t *count) NODISCARD;
enum err world_resolve(struct world *w, const char *root, const char *path,
		       struct buf *ret) NODISCARD;

/* Read exactly `len` bytes or ERR_TRUNCATED. */
enum err world_read_exact(struct world *w, int fd, uint64_t at, void *buf, size_t len) NODISCARD;
/* A whole file in the arena, NUL behind it; ERR_LIMIT when larger than `cap_bytes`. */
enum err world_read_file(struct world *w, const char *path, size_t cap_bytes, struct arena *a,
			 struct str *ret) NODISCARD;
/*
 * Replace a file atomically and durably: write "<path>.new", sync, rename over, sync the folder.
 * After an error or a crash the file holds the whole old or the whole new content, and a
 * "<path>.new" may be left that the next call clears away. For one writer at a time.
 */
enum err world_replace_file(struct world *w, const char *path, struct str content) NODISCARD;
/*
 * Make the name `path` durable in the folder that holds it, "." for a path without one. Slashes at
 * its end do not count.
 */
enum err world_sync_parent(struct world *w, const char *path) NODISCARD;
/* "a/b" from "a" and "b" ("b" from "" and "b"); ERR_LIMIT beyond LIMIT_PATH_BYTES with the NUL. */
enum err world_join(char *dst, size_t dst_bytes, const char *folder, const char *name) NODISCARD;

#endif
