/*
 * world_sim: the calls of the table over a disk in memory (disk.h).
 *
 *   descriptor -> handle -> node of the disk
 *
 * Every changing call runs the same way: is the world up, does the path lead somewhere, is this the
 * operation that shall fail, and only then the change.
 */
#include "engine/base/world_sim.h"

#include <stdlib.h>

#include "engine/base/disk.h"
#include "engine/base/limits.h"

#define FIRST_FD 3
#define MAX_HANDLES 1024
#define MAX_SETTINGS 64

struct handle {
	bool open, writable, locked;
	uint32_t node;
	uint64_t at;
};

struct setting {
	char *name, *value;
};

struct sim {
	struct world world;
	int64_t now_ns;
	uint64_t entropy_state, fault_state;
	struct disk disk;
	struct handle handles[MAX_HANDLES];
	struct setting settings[MAX_SETTINGS];
	size_t setting_count;
	uint64_t capacity;
	uint64_t operations, fail_at;
	enum sim_fault fault;
	bool hit, crashed;
};

static struct sim *sim_of(struct world *w)
{
	return (struct sim *)w;
}

/* splitmix64 (Steele, Lea, Flood 2014): one step of the stream. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* How long this file may become, up to `want`, within the capacity. */
static uint64_t longest(struct sim *s, const struct disk_node *n, uint64_t want)
{
	uint64_t others;

	if (s->capacity == 0 || want <= n->seen.len)
		return want;
	if (s->disk.stored_bytes - n->seen.len + want > s->capacity)
		disk_sweep(&s->disk);
	others = s->disk.stored_bytes - n->seen.len;
	if (others + n->seen.len >= s->capacity)
		return n->seen.len;
	return want < s->capacity - others ? want : s->capacity - others;
}

/*
 * Every changing call passes here first: counted, and OK unless this is the armed one. The fault
 * stays in s->fault for calls whose failure leaves something behind.
 */
static enum err operation(struct sim *s)
{
	s->operations++;
	if (s->fault == SIM_NONE || s->operations != s->fail_at)
		return OK;
	s->hit = true;
	s->crashed = s->fault == SIM_CRASH;
	return s->fault == SIM_ENOSPC ? ERR_NOSPACE : ERR_IO;
}

static enum err handle_of(struct sim *s, int fd, struct handle **ret)
{
	size_t i = (size_t)fd - FIRST_FD;

	if (s->crashed || fd < FIRST_FD || i >= MAX_HANDLES || !s->handles[i].open)
		return ERR_IO;
	*ret = &s->handles[i];
	return OK;
}

static enum err writable_of(struct sim *s, int fd, struct disk_node **ret)
{
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	if (!h->writable)
		return ERR_IO;
	*ret = &s->disk.nodes[h->node];
	return OK;
}

static int64_t call_now_ns(struct world *w)
{
	return sim_of(w)->now_ns;
}

static enum err call_entropy(struct world *w, void *buf, size_t len)
{
	struct sim *s = sim_of(w);
	unsigned char *out = buf;

	if (s->crashed)
		return ERR_IO;
	while (len > 0) {
		uint64_t word = draw(&s->entropy_state);
		size_t part = len < sizeof(word) ? len : sizeof(word);

		for (size_t i = 0; i < part; i++)
			*out++ = (unsigned char)(word >> 8 * i);
		len -= part;
	}
	return OK;
}

static size_t setting_index(const struct sim *s, const char *name)
{
	size_t i = 0;

	while (i < s->setting_count && strcmp(s->settings[i].name, name) != 0)
		i++;
	return i;
}

static const char *call_env(struct world *w, const char *name)
{
	const struct sim *s = sim_of(w);
	size_t i = setting_index(s, name);

	return i < s->setting_count ? s->settings[i].value : NULL;
}

/* The lowest free descriptor's handle, not yet open. */
static enum err free_handle(const struct sim *s, size_t *ret)
{
	size_t i = 0;

	while (i < MAX_HANDLES && s->handles[i].open)
		i++;
	if (i == MAX_HANDLES)
		return ERR_IO;
	*ret = i;
	return OK;
}

static enum err call_open(struct world *w, const char *path, enum world_open how, int *ret)
{
	struct sim *s = sim_of(w);
	struct disk_place at;
	size_t i;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find(&s->disk, path, &at));
	TRY(free_handle(s, &i));
	if (at.node == DISK_NONE) {
		if (how != WORLD_CREATE && how != WORLD_CREATE_NEW)
			return ERR_NOT_FOUND;
		TRY(operation(s));
		TRY(disk_make(&s->disk, &at, WORLD_FILE, &at.node));
	} else if (how == WORLD_CREATE_NEW) {
		return ERR_EXISTS;
	} else if (s->disk.nodes[at.node].kind != WORLD_FILE) {
		return ERR_TYPE;
	}
	s->handles[i] = (struct handle){
		.open = true, .writable = how != WORLD_READ, .node = at.node,
	};
	s->disk.nodes[at.node].opened++;
	*ret = (int)i + FIRST_FD;
	return OK;
}

static enum err call_close(struct world *w, int fd)
{
	struct sim *s = sim_of(w);
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	s->disk.nodes[h->node].opened--;
	*h = (struct handle){ 0 };
	return OK;
}

static enum err call_read_at(struct world *w, int fd, uint64_t at, void *buf, size_t len,
			     size_t *got)
{
	struct sim *s = sim_of(w);
	const struct disk_bytes *seen;
	struct handle *h;
	size_t left;

	TRY(handle_of(s, fd, &h));
	seen = &s->disk.nodes[h->node].seen;
	left = at < seen->len ? seen->len - (size_t)at : 0;
	if (len > left)
		len = left;
	if (len > 0)
		memcpy(buf, seen->ptr + at, len);
	*got = len;
	return OK;
}

static enum err call_read(struct world *w, int fd, void *buf, size_t len, size_t *got)
{
	struct handle *h;
	size_t part = 0;

	TRY(handle_of(sim_of(w), fd, &h));
	TRY(call_read_at(w, fd, h->at, buf, len, &part));
	h->at += part;
	*got = part;
	return OK;
}

static enum err call_write_at(struct world *w, int fd, uint64_t at, const void *buf, size_t len)
{
	struct sim *s = sim_of(w);
	struct disk_node *n;
	uint64_t most;
	enum err e;

	TRY(writable_of(s, fd, &n));
	if (at > INT64_MAX || len > INT64_MAX - at)
		return ERR_LIMIT;
	e = operation(s);
	if (e != OK)
		len = s->fault == SIM_EIO || len == 0 ? 0 : (size_t)(draw(&s->fault_state) % len);
	most = longest(s, n, at + len);
	if (at + len > most) {
		len = at < most ? (size_t)(most - at) : 0;
		e = e == OK ? ERR_NOSPACE : e;
	}
	if (len == 0)
		return e;
	if (at + len > n->seen.len)
		TRY(disk_set_length(&s->disk, n, at + len));
	disk_write(n, at, buf, len);
	return e;
}

static enum err call_size(struct world *w, int fd, uint64_t *ret)
{
	struct sim *s = sim_of(w);
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	*ret = s->disk.nodes[h->node].seen.len;
	return OK;
}

static enum err call_truncate(struct world *w, int fd, uint64_t size)
{
	struct sim *s = sim_of(w);
	struct disk_node *n;

	TRY(writable_of(s, fd, &n));
	if (size > INT64_MAX)
		return ERR_LIMIT;
	TRY(operation(s));
	if (size > longest(s, n, size))
		return ERR_NOSPACE;
	return disk_set_length(&s->disk, n, size);
}

/* Which bytes a torn disk keeps of those that are not synced is chance already. */
static void call_push(struct world *w, int fd, uint64_t at, size_t len)
{
	(void)w;
	(void)fd;
	(void)at;
	(void)len;
}

static enum err call_sync(struct world *w, int fd)
{
	struct sim *s = sim_of(w);
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	TRY(operation(s));
	return disk_sync(&s->disk.nodes[h->node]);
}

static enum err call_lock(struct world *w, int fd)
{
	struct sim *s = sim_of(w);
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	for (size_t i = 0; i < MAX_HANDLES; i++)
		if (&s->handles[i] != h && s->handles[i].locked && s->handles[i].node == h->node)
			return ERR_LOCKED;
	h->locked = true;
	return OK;
}

static enum err call_rename(struct world *w, const char *from, const char *to)
{
	struct sim *s = sim_of(w);
	struct disk_place old, new;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find(&s->disk, from, &old));
	TRY(disk_find(&s->disk, to, &new));
	if (old.node == DISK_NONE)
		return ERR_NOT_FOUND;
	if (!old.name[0] || !new.name[0])
		return ERR_IO;
	TRY(operation(s));
	return disk_rename(&s->disk, from, &old, to, &new);
}

static enum err call_unlink(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	struct disk_place at;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find_kind(&s->disk, path, WORLD_FILE, &at));
	TRY(operation(s));
	disk_unlink(&s->disk, &at);
	return OK;
}

static enum err call_mkdir(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	struct disk_place at;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find(&s->disk, path, &at));
	if (at.node != DISK_NONE)
		return ERR_EXISTS;
	TRY(operation(s));
	return disk_make(&s->disk, &at, WORLD_FOLDER, &at.node);
}

static enum err call_rmdir(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	struct disk_place at;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find_kind(&s->disk, path, WORLD_FOLDER, &at));
	if (!at.name[0])
		return ERR_IO;
	if (s->disk.nodes[at.node].seen_names.count > 0)
		return ERR_EXISTS;
	TRY(operation(s));
	disk_unlink(&s->disk, &at);
	return OK;
}

static enum err call_sync_folder(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	struct disk_place at;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find_kind(&s->disk, path, WORLD_FOLDER, &at));
	TRY(operation(s));
	return disk_sync_names(&s->disk.nodes[at.node]);
}

static enum err call_kind(struct world *w, const char *path, enum world_kind *ret)
{
	const struct sim *s = sim_of(w);
	struct disk_place at;
	enum err e;

	if (s->crashed)
		return ERR_IO;
	e = disk_find(&s->disk, path, &at);
	if (e == ERR_NOT_FOUND || e == ERR_TYPE || (e == OK && at.node == DISK_NONE)) {
		*ret = WORLD_NOTHING;
		return OK;
	}
	if (e == OK)
		*ret = s->disk.nodes[at.node].kind;
	return e;
}

static enum err call_list(struct world *w, const char *path, struct arena *a, struct str **names,
			  size_t *count)
{
	const struct sim *s = sim_of(w);
	const struct disk_names *seen;
	struct str *list;
	struct disk_place at;

	if (s->crashed)
		return ERR_IO;
	TRY(disk_find_kind(&s->disk, path, WORLD_FOLDER, &at));
	seen = &s->disk.nodes[at.node].seen_names;
	list = arena_array(a, seen->count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < seen->count; i++)
		TRY(arena_copy(a, str_view(seen->items[i].name), &list[i]));
	*names = list;
	*count = seen->count;
	return OK;
}

/* One name less; what it leaves must be a folder, or the path leads nowhere. */
static enum err go_up(const struct sim *s, struct buf *whole, size_t kept)
{
	struct disk_place at;

	if (whole->len <= kept)
		return ERR_ACCESS;
	buf_add_byte(whole, '\0');
	TRY(whole->err);
	TRY(disk_find_kind(&s->disk, whole->ptr, WORLD_FOLDER, &at));
	while (whole->ptr[whole->len - 1] != '/')
		whole->len--;
	whole->len--;
	return OK;
}

/* Add the names of a path to `whole`; ".." takes one away, but none of the first `kept` bytes. */
static enum err follow(const struct sim *s, struct str path, size_t kept, struct buf *whole)
{
	struct str name;

	while (path.len > 0) {
		if (!str_cut(path, '/', &name, &path)) {
			name = path;
			path = STR("");
		}
		if (name.len == 0 || str_is(name, "."))
			continue;
		if (str_is(name, "..")) {
			TRY(go_up(s, whole, kept));
			continue;
		}
		buf_add_byte(whole, '/');
		buf_add(whole, name);
	}
	return whole->err;
}

static bool is_below(struct str whole, struct str top)
{
	return str_starts(whole, top) && (whole.len == top.len || whole.ptr[top.len] == '/');
}

/* There are no links here, so a path is where its names lead. */
static enum err resolve_names(const struct sim *s, struct str path, struct buf *top,
			      struct buf *whole, struct buf *ret)
{
	bool absolute = path.ptr[0] == '/';
	struct disk_place at;

	if (!absolute)
		buf_add(whole, buf_view(top));
	TRY(follow(s, path, absolute ? 0 : top->len, whole));
	if (!is_below(buf_view(whole), buf_view(top)))
		return ERR_ACCESS;
	buf_add_byte(whole, '\0');
	TRY(whole->err);
	TRY(disk_find(&s->disk, whole->ptr, &at));
	if (whole->len > top->len + 1)
		buf_add_c(ret, whole->ptr + top->len + 1);
	return ret->err;
}

static enum err call_resolve(struct world *w, const char *root, const char *path, struct buf *ret)
{
	const struct sim *s = sim_of(w);
	struct buf top, whole;
	enum err e;

	if (s->crashed)
		return ERR_IO;
	if (*path == '\0')
		return ERR_NOT_FOUND;
	buf_init(&top, LIMIT_PATH_BYTES);
	buf_init(&whole, LIMIT_PATH_BYTES);
	e = follow(s, str_view(root), 0, &top);
	if (e == OK)
		e = resolve_names(s, str_view(path), &top, &whole, ret);
	buf_fini(&whole);
	buf_fini(&top);
	return e;
}

static const struct world_calls calls = {
	.now_ns = call_now_ns,
	.entropy = call_entropy,
	.env = call_env,
	.open = call_open,
	.close = call_close,
	.read = call_read,
	.read_at = call_read_at,
	.write_at = call_write_at,
	.size = call_size,
	.truncate = call_truncate,
	.push = call_push,
	.sync = call_sync,
	.lock = call_lock,
	.rename = call_rename,
	.unlink = call_unlink,
	.mkdir = call_mkdir,
	.rmdir = call_rmdir,
	.sync_folder = call_sync_folder,
	.kind = call_kind,
	.list = call_list,
	.resolve = call_resolve,
};

struct world *sim_open(uint64_t seed, int64_t start_ns)
{
	struct sim *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->world.calls = &calls;
	s->now_ns = start_ns;
	/* Two streams, so that a fault does not change the entropy that the program sees. */
	s->fault_state = seed;
	s->entropy_state = draw(&s->fault_state);
	if (disk_init(&s->disk) != OK) {
		free(s);
		return NULL;
	}
	return &s->world;
}

void sim_close(struct world *w)
{
	struct sim *s = sim_of(w);

	if (!s)
		return;
	disk_fini(&s->disk);
	for (size_t i = 0; i < s->setting_count; i++) {
		free(s->settings[i].name);
		free(s->settings[i].value);
	}
	free(s);
}

void sim_entropy(struct world *w, uint64_t seed)
{
	struct sim *s = sim_of(w);

	s->entropy_state = draw(&seed);
}

void sim_advance(struct world *w, int64_t ns)
{
	sim_of(w)->now_ns += ns;
}

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

enum err sim_set_env(struct world *w, const char *name, const char *value)
{
	struct sim *s = sim_of(w);
	size_t i = setting_index(s, name);
	struct setting fresh = { 0 };

	if (value) {
		if (i == MAX_SETTINGS)
			return ERR_LIMIT;
		fresh = (struct setting){ copy_text(name), copy_text(value) };
		if (!fresh.name || !fresh.value) {
			free(fresh.name);
			free(fresh.value);
			return ERR_MEMORY;
		}
	}
	if (i < s->setting_count) {
		free(s->settings[i].name);
		free(s->settings[i].value);
		s->settings[i] = s->settings[--s->setting_count];
	}
	if (value)
		s->settings[s->setting_count++] = fresh;
	return OK;
}

void sim_fail_at(struct world *w, uint64_t n, enum sim_fault fault)
{
	struct sim *s = sim_of(w);

	s->operations = 0;
	s->hit = false;
	s->fail_at = n;
	s->fault = n ? fault : SIM_NONE;
}

uint64_t sim_operations(const struct world *w)
{
	return ((const struct sim *)w)->operations;
}

bool sim_was_hit(const struct world *w)
{
	return ((const struct sim *)w)->hit;
}

/* The process is gone, and with it its descriptors, locks and the fault. */
static void end_process(struct sim *s)
{
	s->crashed = false;
	s->fault = SIM_NONE;
	for (size_t i = 0; i < MAX_HANDLES; i++) {
		if (s->handles[i].open)
			s->disk.nodes[s->handles[i].node].opened--;
		s->handles[i] = (struct handle){ 0 };
	}
}

void sim_reboot(struct world *w, bool power_lost)
{
	struct sim *s = sim_of(w);

	end_process(s);
	if (power_lost)
		disk_power_loss(&s->disk);
	disk_sweep(&s->disk);
}

void sim_tear(struct world *w, uint64_t seed)
{
	struct sim *s = sim_of(w);

	end_process(s);
	disk_tear(&s->disk, draw, &seed);
	disk_sweep(&s->disk);
}

struct str sim_peek(const struct world *w, const char *path)
{
	const struct sim *s = (const struct sim *)w;
	const struct disk_bytes *seen;
	struct disk_place at;

	if (disk_find_kind(&s->disk, path, WORLD_FILE, &at) != OK)
		return STR_NONE;
	seen = &s->disk.nodes[at.node].seen;
	return str_slice(seen->len ? seen->ptr : "", seen->len);
}

enum err sim_poke(struct world *w, const char *path, struct str content)
{
	struct sim *s = sim_of(w);
	struct disk_place at;

	TRY(disk_find(&s->disk, path, &at));
	if (at.node == DISK_NONE)
		TRY(disk_make(&s->disk, &at, WORLD_FILE, &at.node));
	if (s->disk.nodes[at.node].kind != WORLD_FILE)
		return ERR_TYPE;
	return disk_force(&s->disk, &at, content);
}

void sim_set_capacity(struct world *w, uint64_t bytes)
{
	sim_of(w)->capacity = bytes;
}
