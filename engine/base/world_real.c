/*
 * world_real: the calls of the table, each a system call with its interruptions and short answers
 * taken care of. POSIX.1-2017, and from Linux flock(2), getrandom(2), openat2(2), statx(2) and
 * sync_file_range(2).
 */
#include "engine/base/world_real.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/limits.h"

/*
 * Linux moves at most this much in one call whatever is asked; asking for less keeps ssize_t safe.
 */
#define PORTION_BYTES ((size_t)1 << 30)

/* Repeat a call that a signal interrupted. */
#define RETRY(result, call)                                                                      \
	do {                                                                                     \
		(result) = (call);                                                               \
	} while ((result) == -1 && errno == EINTR)

static enum err err_of(int number)
{
	switch (number) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return ERR_EXISTS;
	case ENOTDIR:
	case EISDIR:
	case ELOOP:
	case ENXIO:
		return ERR_TYPE;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_ACCESS;
	case ENOSPC:
	case EDQUOT:
		return ERR_NOSPACE;
	case EWOULDBLOCK:
		return ERR_LOCKED;
	case ENAMETOOLONG:
	case EFBIG:
		return ERR_LIMIT;
	case ENOMEM:
		return ERR_MEMORY;
	default:
		return ERR_IO;
	}
}

/* OK, or the error of a call that answered -1. */
static enum err outcome(int result)
{
	return result == -1 ? err_of(errno) : OK;
}

static int64_t real_now_ns(struct world *w)
{
	struct timespec now;

	(void)w;
	MUST(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum err real_entropy(struct world *w, void *buf, size_t len)
{
	unsigned char *at = buf;

	(void)w;
	while (len > 0) {
		ssize_t part;

		RETRY(part, getrandom(at, len < PORTION_BYTES ? len : PORTION_BYTES, 0));
		if (part <= 0)
			return ERR_IO;
		at += part;
		len -= (size_t)part;
	}
	return OK;
}

static const char *real_env(struct world *w, const char *name)
{
	(void)w;
	return getenv(name);
}

static enum err real_close(struct world *w, int fd)
{
	(void)w;
	/* On Linux the descriptor is gone even when close is interrupted: never repeat it. */
	return close(fd) == 0 || errno == EINTR ? OK : err_of(errno);
}

static enum err real_open(struct world *w, const char *path, enum world_open how, int *ret)
{
	static const int modes[] = {
		[WORLD_READ] = O_RDONLY,
		[WORLD_WRITE] = O_RDWR,
		[WORLD_CREATE] = O_RDWR | O_CREAT,
		[WORLD_CREATE_NEW] = O_RDWR | O_CREAT | O_EXCL,
	};
	/* Not blocking, because a pipe that lies where a file should be must not hold us up. */
	int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, fd;
	struct stat st;
	enum err e;

	RETRY(fd, open(path, modes[how] | flags, 0600));
	if (fd == -1)
		return err_of(errno);
	e = outcome(fstat(fd, &st));
	if (e == OK && !S_ISREG(st.st_mode))
		e = ERR_TYPE;
	if (e != OK) {
		(void)real_close(w, fd);
		return e;
	}
	*ret = fd;
	return OK;
}

static enum err real_read(struct world *w, int fd, void *buf, size_t len, size_t *got)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	ssize_t part;

	(void)w;
	/* A parent may have left standard input non-blocking; "nothing yet" is not an error. */
	do {
		RETRY(part, read(fd, buf, len < PORTION_BYTES ? len : PORTION_BYTES));
	} while (part == -1 && errno == EAGAIN && (poll(&input, 1, -1) >= 0 || errno == EINTR));
	if (part == -1)
		return err_of(errno);
	*got = (size_t)part;
	return OK;
}

/* Offsets are signed 64-bit numbers to the system. */
static bool offset_fits(uint64_t at, size_t len)
{
	return at <= INT64_MAX && len <= INT64_MAX - at;
}

static enum err real_read_at(struct world *w, int fd, uint64_t at, void *buf, size_t len,
			     size_t *got)
{
	char *bytes = buf;
	size_t done = 0;

	(void)w;
	while (done < len && offset_fits(at + done, 0)) {
		size_t want = len - done < PORTION_BYTES ? len - done : PORTION_BYTES;
		ssize_t part;

		RETRY(part, pread(fd, bytes + done, want, (off_t)(at + done)));
		if (part == -1)
			return err_of(errno);
		if (part == 0)
			break;
		done += (size_t)part;
	}
	*got = done;
	return OK;
}

static enum err real_write_at(struct world *w, int fd, uint64_t at, const void *buf, size_t len)
{
	const char *bytes = buf;
	size_t done = 0;

	(void)w;
	if (!offset_fits(at, len))
		return ERR_LIMIT;
	while (done < len) {
		size_t want = len - done < PORTION_BYTES ? len - done : PORTION_BYTES;
		ssize_t part;

		RETRY(part, pwrite(fd, bytes + done, want, (off_t)(at + done)));
		if (part <= 0)
			return part == 0 ? ERR_IO : err_of(errno);
		done += (size_t)part;
	}
	return OK;
}

/*
 * The size and nothing else: where somebody has been told a file's times, Linux notes the very next
 * write in its inode, and to make that write durable costs half as much again.
 */
static enum err real_size(struct world *w, int fd, uint64_t *ret)
{
	struct statx st;

	(void)w;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &st) == -1)
		return err_of(errno);
	*ret = st.stx_size;
	return OK;
}

static enum err real_truncate(struct world *w, int fd, uint64_t size)
{
	int result;

	(void)w;
	if (!offset_fits(size, 0))
		return ERR_LIMIT;
	RETRY(result, ftruncate(fd, (off_t)size));
	return outcome(result);
}

/* What fails here fails again when it is synced, and is told there. */
static void real_push(struct world *w, int fd, uint64_t at, size_t len)
{
	(void)w;
	if (offset_fits(at, len))
		(void)sync_file_range(fd, (off_t)at, (off_t)len, SYNC_FILE_RANGE_WRITE);
}

static enum err real_sync(struct world *w, int fd)
{
	int result;

	(void)w;
	RETRY(result, fdatasync(fd));
	return outcome(result);
}

static enum err real_lock(struct world *w, int fd)
{
	int result;

	(void)w;
	RETRY(result, flock(fd, LOCK_EX | LOCK_NB));
	return outcome(result);
}

static enum err real_rename(struct world *w, const char *from, const char *to)
{
	(void)w;
	return outcome(rename(from, to));
}

static enum err real_unlink(struct world *w, const char *path)
{
	(void)w;
	return outcome(unlink(path));
}

static enum err real_mkdir(struct world *w, const char *path)
{
	(void)w;
	return outcome(mkdir(path, 0700));
}

static enum err real_rmdir(struct world *w, const char *path)
{
	(void)w;
	return outcome(rmdir(path));
}

static enum err open_folder(const char *path, int *ret)
{
	int fd;

	RETRY(fd, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
	if (fd == -1)
		return err_of(errno);
	*ret = fd;
	return OK;
}

static enum err real_sync_folder(struct world *w, const char *path)
{
	int fd, result;
	enum err e;

	TRY(open_folder(path, &fd));
	RETRY(result, fsync(fd));
	e = outcome(result);
	(void)real_close(w, fd);
	return e;
}

static enum err real_kind(struct world *w, const char *path, enum world_kind *ret)
{
	struct stat st;

	(void)w;
	if (lstat(path, &st) == -1) {
		if (errno != ENOENT && errno != ENOTDIR)
			return err_of(errno);
		*ret = WORLD_NOTHING;
		return OK;
	}
	*ret = S_ISREG(st.st_mode) ? WORLD_FILE : S_ISDIR(st.st_mode) ? WORLD_FOLDER : WORLD_OTHER;
	return OK;
}

/* Gather the names, each with its NUL, one after the other. */
static enum err gather_names(DIR *folder, struct buf *text, size_t *count)
{
	const struct dirent *entry;
	size_t found = 0;

	while (errno = 0, (entry = readdir(folder))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		buf_add(text, str_slice(name, strlen(name) + 1));
		if (text->err != OK)
			return text->err;
		found++;
	}
	if (errno != 0)
		return err_of(errno);
	*count = found;
	return OK;
}

static enum err names_into_arena(struct str text, size_t count, struct arena *a, struct str **ret)
{
	struct str *names = arena_array(a, count, sizeof(*names));

	if (!names)
		return ERR_MEMORY;
	TRY(arena_copy(a, text, &text));
	for (size_t i = 0, at = 0; i < count; i++) {
		names[i] = str_view(text.ptr + at);
		at += names[i].len + 1;
	}
	*ret = names;
	return OK;
}

static enum err real_list(struct world *w, const char *path, struct arena *a, struct str **names,
			  size_t *count)
{
	size_t found = 0;
	struct buf text;
	DIR *folder;
	enum err e;
	int fd;

	TRY(open_folder(path, &fd));
	folder = fdopendir(fd);
	if (!folder) {
		e = err_of(errno);
		(void)real_close(w, fd);
		return e;
	}
	buf_init(&text, LIMIT_FOLDER_BYTES);
	e = gather_names(folder, &text, &found);
	if (e == OK)
		e = names_into_arena(buf_view(&text), found, a, names);
	if (e == OK)
		*count = found;
	buf_fini(&text);
	(void)closedir(folder);
	return e;
}

/* --- where a path leads --- */

/*
 * The kernel follows a path, so nothing is compared as text: openat2 goes through no magic link of
 * /proc and, below a root, stays beneath it. What it found is asked of /proc/self/fd, and opened
 * once more from the root without any link: it must be the same file.
 */
static enum err open_path(int folder, const char *path, uint64_t how, int *ret)
{
	struct open_how asked = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS | how
	};
	long fd;

	RETRY(fd, syscall(SYS_openat2, folder, path, &asked, sizeof(asked)));
	if (fd == -1)
		return errno == EXDEV || errno == ELOOP ? ERR_ACCESS : err_of(errno);
	*ret = (int)fd;
	return OK;
}

static enum err name_of(int fd, char name[LIMIT_PATH_BYTES])
{
	char link[32];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, name, LIMIT_PATH_BYTES);
	if (len == -1)
		return err_of(errno);
	if (len == LIMIT_PATH_BYTES)
		return ERR_LIMIT;
	name[len] = '\0';
	return OK;
}

/* The file is the one that these names below the root lead to, none of them a link. */
static enum err check_same(int root, const char *names, int fd)
{
	struct stat a, b;
	enum err e;
	int again;

	TRY(open_path(root, names[0] ? names : ".", RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, &again));
	e = outcome(fstat(fd, &a));
	if (e == OK)
		e = outcome(fstat(again, &b));
	(void)close(again);
	if (e == OK && (a.st_dev != b.st_dev || a.st_ino != b.st_ino))
		e = ERR_ACCESS;
	return e;
}

/* The names of an open file below an open root. */
static enum err names_below(int root, int fd, struct buf *ret)
{
	char top[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];
	const char *rest = name;
	size_t len;

	TRY(name_of(root, top));
	TRY(name_of(fd, name));
	len = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(name, top, len) != 0 || (name[len] != '/' && name[len] != '\0'))
		return ERR_ACCESS;
	rest += len;
	rest += *rest == '/';
	TRY(check_same(root, rest, fd));
	buf_add_c(ret, rest);
	return ret->err;
}

/* From the root, or from the top of the file system for an absolute path. */
static enum err open_there(int root, const char *path, int *ret)
{
	return path[0] == '/' ? open_path(AT_FDCWD, path, 0, ret)
			      : open_path(root, path, RESOLVE_BENEATH, ret);
}

/* The last name is not there: the folder that would hold it is, and no link of that name. */
static enum err resolve_missing(int root, const char *path, struct buf *ret)
{
	char folder[LIMIT_PATH_BYTES];
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	struct stat st;
	enum err e;
	int fd;

	if (*last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return ERR_NOT_FOUND;
	memcpy(folder, path, len);
	memcpy(folder + len, ".", 2);
	TRY(open_there(root, folder, &fd));
	e = names_below(root, fd, ret);
	if (e == OK && fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) != -1)
		e = ERR_TYPE;
	else if (e == OK && errno != ENOENT)
		e = err_of(errno);
	(void)close(fd);
	TRY(e);
	if (ret->len > 0)
		buf_add_byte(ret, '/');
	buf_add_c(ret, last);
	return ret->err;
}

static enum err real_resolve(struct world *w, const char *root, const char *path, struct buf *ret)
{
	int top, fd;
	enum err e;

	if (strlen(path) > LIMIT_PATH_BYTES - 2)
		return ERR_LIMIT;
	if (*path == '\0')
		return ERR_NOT_FOUND;
	TRY(open_path(AT_FDCWD, root, 0, &top));
	e = open_there(top, path, &fd);
	if (e == OK) {
		e = names_below(top, fd, ret);
		(void)real_close(w, fd);
	} else if (e == ERR_NOT_FOUND) {
		e = resolve_missing(top, path, ret);
	}
	(void)real_close(w, top);
	return e;
}

static const struct world_calls calls = {
	.now_ns = real_now_ns,
	.entropy = real_entropy,
	.env = real_env,
	.open = real_open,
	.close = real_close,
	.read = real_read,
	.read_at = real_read_at,
	.write_at = real_write_at,
	.size = real_size,
	.truncate = real_truncate,
	.push = real_push,
	.sync = real_sync,
	.lock = real_lock,
	.rename = real_rename,
	.unlink = real_unlink,
	.mkdir = real_mkdir,
	.rmdir = real_rmdir,
	.sync_folder = real_sync_folder,
	.kind = real_kind,
	.list = real_list,
	.resolve = real_resolve,
};

struct world world_real(void)
{
	return (struct world){ .calls = &calls, .threads = true };
}
