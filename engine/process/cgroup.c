/*
 * cgroup: a folder of the kernel's file system cgroup2 (Documentation/admin-guide/cgroup-v2.rst).
 *
 * One can be made where this process's own cgroup was delegated to its user: in a container, under
 * `systemd-run --user --scope`, or as root. What is in it cannot fork its way out, and one write to
 * `cgroup.kill` ends all of it. That is asked for and not assumed: without it, children are kept by
 * other means (process.c).
 */
#include "engine/process/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Where it is mounted alone, and where beside version 1. */
static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

/* A small file of the kernel, NUL-ended; false when it is not there or longer. */
static bool read_small(int folder, const char *name, char *text, size_t room)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd == -1)
		return false;
	got = read(fd, text, room - 1);
	(void)close(fd);
	if (got < 0 || (size_t)got == room - 1)
		return false;
	text[got] = '\0';
	return true;
}

static const char *mount(void)
{
	struct statfs fs;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (statfs(mounts[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return mounts[i];
	return NULL;
}

/* "0::/user.slice": the line of version 2; its path begins with a slash. */
static bool own_path(char text[LIMIT_PATH_BYTES], const char **ret)
{
	char *line, *end;

	if (!read_small(AT_FDCWD, "/proc/self/cgroup", text, LIMIT_PATH_BYTES))
		return false;
	line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (!line)
		return false;
	line = strchr(line, '/');
	end = line ? strchr(line, '\n') : NULL;
	if (!end)
		return false;
	*end = '\0';
	*ret = line;
	return true;
}

bool cgroup_make(const char *name, struct cgroup *ret)
{
	char text[LIMIT_PATH_BYTES];
	const char *top = mount(), *own;
	int len;

	ret->fd = -1;
	if (!top || !own_path(text, &own))
		return false;
	len = snprintf(ret->path, sizeof(ret->path), "%s%s%s%s", top, own,
		       own[1] ? "/" : "", name);
	if (len < 0 || (size_t)len >= sizeof(ret->path) || mkdir(ret->path, 0700) == -1)
		return false;
	ret->fd = open(ret->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->fd == -1 || faccessat(ret->fd, "cgroup.kill", W_OK, 0) == -1) {
		cgroup_drop(ret);
		return false;
	}
	return true;
}

void cgroup_kill(const struct cgroup *c)
{
	int fd = c->fd >= 0 ? openat(c->fd, "cgroup.kill", O_WRONLY | O_CLOEXEC) : -1;
	ssize_t ignored;

	if (fd == -1)
		return;
	/* What it did is seen in cgroup_is_populated. */
	ignored = write(fd, "1", 1);
	(void)ignored;
	(void)close(fd);
}

/* When it cannot be asked it is as good as populated: an end must be certain. */
bool cgroup_is_populated(const struct cgroup *c)
{
	char text[256];

	if (c->fd < 0)
		return false;
	return !read_small(c->fd, "cgroup.events", text, sizeof(text)) ||
	       !strstr(text, "populated 0");
}

void cgroup_drop(struct cgroup *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	(void)rmdir(c->path);
}
