/*
 * world_sim: nodes (files and folders) in one array; folders hold names; names point at nodes.
 *
 *   handle -> node (file)    seen:    bytes the process reads and writes
 *                            durable: bytes a power loss leaves; sync copies the dirty range over
 *             node (folder)  seen, durable: names likewise; sync_folder copies all of them over
 *
 * Invariants: the root is node 0; a view of `seen` never has less room than `durable` has content,
 * because all durable content was seen once and blocks do not shrink, so a reboot cannot run out of
 * memory. Nodes that nothing reaches in either view are swept before the array grows.
 */
#include "engine/base/world_sim.h"

#include <stdlib.h>

#include "engine/base/limits.h"

#define ROOT 0
#define NO_NODE UINT32_MAX
#define NAME_BYTES 256         /* with the NUL, as NAME_MAX of common file systems */
#define FIRST_FD 3
#define FIRST_ROOM 8
#define CLEAN_FROM UINT64_MAX

struct entry {
	char name[NAME_BYTES];
	uint32_t node;
};

struct bytes {
	char *ptr;
	size_t len, room;
};

struct names {
	struct entry *items;
	size_t count, room;
};

struct node {
	enum world_kind kind;            /* WORLD_NOTHING: the slot is free */
	bool reached;                    /* used by the sweep only */
	uint32_t next;                   /* likewise, and in the list of free slots */
	struct bytes seen, durable;      /* of a file */
	uint64_t dirty_from, dirty_to;   /* where `seen` may differ from `durable` up to its length */
	struct names seen_names, durable_names;   /* of a folder */
};

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
	struct node *nodes;
	size_t node_count, node_room;
	uint32_t free_first;             /* list of free slots below node_count */
	size_t free_count;
	struct handle *handles;
	size_t handle_count, handle_room;
	struct setting *settings;
	size_t setting_count, setting_room;
	uint64_t stored, capacity;
	uint64_t operations, fail_at;
	enum sim_fault fault;
	bool hit, crashed;
};

/* Where a path leads: the folder of its last component, that component, and what it names. */
struct place {
	uint32_t folder, node;           /* node NO_NODE: the name is free */
	char name[NAME_BYTES];           /* empty: the path is the root itself */
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

/* The array with room for `want` units, grown by doubling; NULL leaves the old one as it was. */
static void *grown(void *array, size_t *room, size_t want, size_t unit)
{
	size_t more = *room ? *room : FIRST_ROOM;
	void *moved;

	if (array && want <= *room)
		return array;
	if (want > SIZE_MAX / 2 / unit)
		return NULL;
	while (more < want)
		more *= 2;
	moved = realloc(array, more * unit);
	if (moved)
		*room = more;
	return moved;
}

static uint32_t name_index(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i].name, name) == 0)
			return (uint32_t)i;
	return NO_NODE;
}

static uint32_t node_named(const struct names *names, const char *name)
{
	uint32_t i = name_index(names, name);

	return i == NO_NODE ? NO_NODE : names->items[i].node;
}

/* The next component of a path, "" at its end; `path` moves behind it. */
static enum err next_component(const char **path, char name[NAME_BYTES])
{
	size_t len;

	do {
		*path += strspn(*path, "/");
		len = strcspn(*path, "/");
		if (len >= NAME_BYTES)
			return ERR_LIMIT;
		memcpy(name, *path, len);
		name[len] = '\0';
		*path += len;
	} while (strcmp(name, ".") == 0);
	return OK;
}

static enum err find(const struct sim *s, const char *path, struct place *ret)
{
	struct place at = { .folder = ROOT, .node = ROOT };
	char name[NAME_BYTES];

	if (path[0] == '\0')
		return ERR_NOT_FOUND;
	if (strlen(path) >= LIMIT_PATH_BYTES)
		return ERR_LIMIT;
	for (;;) {
		TRY(next_component(&path, name));
		if (name[0] == '\0')
			break;
		if (at.node == NO_NODE || strcmp(name, "..") == 0)
			return ERR_NOT_FOUND;
		if (s->nodes[at.node].kind != WORLD_FOLDER)
			return ERR_TYPE;
		at.folder = at.node;
		at.node = node_named(&s->nodes[at.folder].seen_names, name);
		memcpy(at.name, name, sizeof(name));
	}
	*ret = at;
	return OK;
}

/* As find, for paths that must name something of this kind. */
static enum err find_kind(const struct sim *s, const char *path, enum world_kind kind,
			  struct place *ret)
{
	struct place at;

	TRY(find(s, path, &at));
	if (at.node == NO_NODE)
		return ERR_NOT_FOUND;
	if (s->nodes[at.node].kind != kind)
		return ERR_TYPE;
	*ret = at;
	return OK;
}

static enum err add_name(struct names *names, const char *name, uint32_t node)
{
	struct entry *items = grown(names->items, &names->room, names->count + 1, sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	names->items = items;
	items[names->count].node = node;
	memcpy(items[names->count++].name, name, NAME_BYTES);
	return OK;
}

static void remove_name(struct names *names, const char *name)
{
	uint32_t i = name_index(names, name);

	if (i != NO_NODE)
		names->items[i] = names->items[--names->count];
}

static void free_node(struct sim *s, struct node *n)
{
	s->stored -= n->seen.len;
	free(n->seen.ptr);
	free(n->durable.ptr);
	free(n->seen_names.items);
	free(n->durable_names.items);
	*n = (struct node){ 0 };
}

/* Put a node on the list of those whose names are still to be followed. */
static void reach(struct sim *s, uint32_t id, uint32_t *todo)
{
	if (s->nodes[id].reached)
		return;
	s->nodes[id].reached = true;
	s->nodes[id].next = *todo;
	*todo = id;
}

/* Free what neither view nor an open descriptor reaches. */
static void sweep(struct sim *s)
{
	uint32_t todo = NO_NODE;

	for (size_t i = 0; i < s->node_count; i++)
		s->nodes[i].reached = false;
	reach(s, ROOT, &todo);
	for (size_t i = 0; i < s->handle_count; i++)
		if (s->handles[i].open)
			reach(s, s->handles[i].node, &todo);
	while (todo != NO_NODE) {
		const struct node *n = &s->nodes[todo];

		todo = n->next;
		for (size_t i = 0; i < n->seen_names.count; i++)
			reach(s, n->seen_names.items[i].node, &todo);
		for (size_t i = 0; i < n->durable_names.count; i++)
			reach(s, n->durable_names.items[i].node, &todo);
	}
	s->free_first = NO_NODE;
	s->free_count = 0;
	for (uint32_t i = 0; i < s->node_count; i++) {
		if (s->nodes[i].reached)
			continue;
		free_node(s, &s->nodes[i]);
		s->nodes[i].next = s->free_first;
		s->free_first = i;
		s->free_count++;
	}
}

/*
 * A new node that nothing names yet. The sweep runs only when no slot is left, and leaves at least
 * a quarter of them, if need be by growing the array: making and replacing files stays cheap.
 */
static enum err add_node(struct sim *s, enum world_kind kind, uint32_t *ret)
{
	size_t want = s->node_count + 1;
	struct node *nodes;
	uint32_t id;

	if (s->free_first == NO_NODE && s->node_count == s->node_room && s->node_count > 0)
		sweep(s);
	if (s->free_first != NO_NODE && s->free_count >= s->node_room / 4)
		want = 0;
	nodes = grown(s->nodes, &s->node_room, want, sizeof(*nodes));
	if (!nodes || s->node_count >= NO_NODE)
		return ERR_MEMORY;
	s->nodes = nodes;
	id = s->free_first;
	if (id != NO_NODE) {
		s->free_first = nodes[id].next;
		s->free_count--;
	} else {
		id = (uint32_t)s->node_count++;
	}
	nodes[id] = (struct node){ .kind = kind, .dirty_from = CLEAN_FROM };
	*ret = id;
	return OK;
}

/* A new node under the name that `at` found free. */
static enum err make(struct sim *s, const struct place *at, enum world_kind kind, uint32_t *ret)
{
	uint32_t id;
	enum err e;

	TRY(add_node(s, kind, &id));
	e = add_name(&s->nodes[at->folder].seen_names, at->name, id);
	if (e != OK) {
		free_node(s, &s->nodes[id]);
		return e;
	}
	*ret = id;
	return OK;
}

/* Room for `len` bytes in a view. */
static enum err make_room(struct bytes *b, size_t len)
{
	char *ptr = grown(b->ptr, &b->room, len, 1);

	if (!ptr)
		return ERR_MEMORY;
	b->ptr = ptr;
	return OK;
}

static void mark_dirty(struct node *n, uint64_t from, uint64_t to)
{
	if (from < n->dirty_from)
		n->dirty_from = from;
	if (to > n->dirty_to)
		n->dirty_to = to;
}

/* Set the length the process sees; new bytes are zero. */
static enum err set_length(struct sim *s, struct node *n, uint64_t len)
{
	size_t old = n->seen.len;

	if (len > SIZE_MAX / 2)
		return ERR_MEMORY;
	TRY(make_room(&n->seen, (size_t)len));
	if (len > old)
		memset(n->seen.ptr + old, 0, (size_t)len - old);
	mark_dirty(n, len < old ? len : old, len);
	s->stored = s->stored - old + len;
	n->seen.len = (size_t)len;
	return OK;
}

/* How long this file may become within the capacity. */
static uint64_t longest(struct sim *s, const struct node *n)
{
	if (s->capacity == 0)
		return UINT64_MAX;
	if (s->stored >= s->capacity)
		sweep(s);
	if (s->stored >= s->capacity)
		return n->seen.len;
	return n->seen.len + (s->capacity - s->stored);
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

	if (s->crashed || fd < FIRST_FD || i >= s->handle_count || !s->handles[i].open)
		return ERR_IO;
	*ret = &s->handles[i];
	return OK;
}

static enum err writable_of(struct sim *s, int fd, struct node **ret)
{
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	if (!h->writable)
		return ERR_IO;
	*ret = &s->nodes[h->node];
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
static enum err free_handle(struct sim *s, size_t *ret)
{
	struct handle *handles;
	size_t i = 0;

	while (i < s->handle_count && s->handles[i].open)
		i++;
	handles = grown(s->handles, &s->handle_room, i + 1, sizeof(*handles));
	if (!handles)
		return ERR_MEMORY;
	s->handles = handles;
	handles[i] = (struct handle){ 0 };
	if (i == s->handle_count)
		s->handle_count++;
	*ret = i;
	return OK;
}

static enum err call_open(struct world *w, const char *path, enum world_open how, int *ret)
{
	struct sim *s = sim_of(w);
	struct place at;
	size_t i;

	if (s->crashed)
		return ERR_IO;
	TRY(find(s, path, &at));
	TRY(free_handle(s, &i));
	if (at.node == NO_NODE) {
		if (how != WORLD_CREATE && how != WORLD_CREATE_NEW)
			return ERR_NOT_FOUND;
		TRY(operation(s));
		TRY(make(s, &at, WORLD_FILE, &at.node));
	} else if (how == WORLD_CREATE_NEW) {
		return ERR_EXISTS;
	} else if (s->nodes[at.node].kind != WORLD_FILE) {
		return ERR_TYPE;
	}
	s->handles[i] = (struct handle){
		.open = true, .writable = how != WORLD_READ, .node = at.node,
	};
	*ret = (int)i + FIRST_FD;
	return OK;
}

static enum err call_close(struct world *w, int fd)
{
	struct handle *h;

	TRY(handle_of(sim_of(w), fd, &h));
	*h = (struct handle){ 0 };
	return OK;
}

static enum err call_read_at(struct world *w, int fd, uint64_t at, void *buf, size_t len,
			     size_t *got)
{
	struct sim *s = sim_of(w);
	const struct bytes *seen;
	struct handle *h;
	size_t left;

	TRY(handle_of(s, fd, &h));
	seen = &s->nodes[h->node].seen;
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
	struct node *n;
	uint64_t most;
	enum err e;

	TRY(writable_of(s, fd, &n));
	if (at > INT64_MAX || len > INT64_MAX - at)
		return ERR_LIMIT;
	e = operation(s);
	if (e != OK)
		len = s->fault == SIM_EIO || len == 0 ? 0 : (size_t)(draw(&s->fault_state) % len);
	most = longest(s, n);
	if (at + len > most) {
		len = at < most ? (size_t)(most - at) : 0;
		if (e == OK)
			e = ERR_NOSPACE;
	}
	if (len == 0)
		return e;
	if (at + len > n->seen.len)
		TRY(set_length(s, n, at + len));
	memcpy(n->seen.ptr + at, buf, len);
	mark_dirty(n, at, at + len);
	return e;
}

static enum err call_size(struct world *w, int fd, uint64_t *ret)
{
	struct sim *s = sim_of(w);
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	*ret = s->nodes[h->node].seen.len;
	return OK;
}

static enum err call_truncate(struct world *w, int fd, uint64_t size)
{
	struct sim *s = sim_of(w);
	struct node *n;

	TRY(writable_of(s, fd, &n));
	if (size > INT64_MAX)
		return ERR_LIMIT;
	TRY(operation(s));
	if (size > n->seen.len && size > longest(s, n))
		return ERR_NOSPACE;
	return set_length(s, n, size);
}

static enum err call_sync(struct world *w, int fd)
{
	struct sim *s = sim_of(w);
	struct handle *h;
	struct node *n;
	uint64_t to;

	TRY(handle_of(s, fd, &h));
	TRY(operation(s));
	n = &s->nodes[h->node];
	TRY(make_room(&n->durable, n->seen.len));
	to = n->dirty_to < n->seen.len ? n->dirty_to : n->seen.len;
	if (n->dirty_from < to)
		memcpy(n->durable.ptr + n->dirty_from, n->seen.ptr + n->dirty_from,
		       (size_t)(to - n->dirty_from));
	n->durable.len = n->seen.len;
	n->dirty_from = CLEAN_FROM;
	n->dirty_to = 0;
	return OK;
}

static enum err call_lock(struct world *w, int fd)
{
	struct sim *s = sim_of(w);
	struct handle *h;

	TRY(handle_of(s, fd, &h));
	for (size_t i = 0; i < s->handle_count; i++)
		if (&s->handles[i] != h && s->handles[i].locked && s->handles[i].node == h->node)
			return ERR_LOCKED;
	h->locked = true;
	return OK;
}

/* Does the path pass through the folder on its way? */
static bool passes(const struct sim *s, const char *path, uint32_t folder)
{
	char name[NAME_BYTES];
	uint32_t at = ROOT;

	while (at != folder && next_component(&path, name) == OK && name[0]) {
		at = node_named(&s->nodes[at].seen_names, name);
		if (at == NO_NODE)
			return false;
	}
	return at == folder;
}

/* May what `old` names take the place that `new` names? The rules of rename(2) on Linux. */
static enum err may_replace(const struct sim *s, const struct place *old, const char *from,
			    const struct place *new, const char *to)
{
	bool folder = s->nodes[old->node].kind == WORLD_FOLDER;

	if (folder && passes(s, to, old->node))
		return ERR_IO;
	if (new->node == NO_NODE)
		return OK;
	if (passes(s, from, new->node))
		return ERR_EXISTS;
	if (folder != (s->nodes[new->node].kind == WORLD_FOLDER))
		return ERR_TYPE;
	return folder && s->nodes[new->node].seen_names.count > 0 ? ERR_EXISTS : OK;
}

static enum err call_rename(struct world *w, const char *from, const char *to)
{
	struct sim *s = sim_of(w);
	struct place old, new;
	struct names *names;
	uint32_t i;

	if (s->crashed)
		return ERR_IO;
	TRY(find(s, from, &old));
	TRY(find(s, to, &new));
	if (old.node == NO_NODE)
		return ERR_NOT_FOUND;
	if (!old.name[0] || !new.name[0])
		return ERR_IO;
	TRY(operation(s));
	if (old.node == new.node)
		return OK;
	TRY(may_replace(s, &old, from, &new, to));
	names = &s->nodes[new.folder].seen_names;
	i = name_index(names, new.name);
	if (i != NO_NODE)
		names->items[i].node = old.node;
	else
		TRY(add_name(names, new.name, old.node));
	remove_name(&s->nodes[old.folder].seen_names, old.name);
	return OK;
}

static enum err call_unlink(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	struct place at;

	if (s->crashed)
		return ERR_IO;
	TRY(find_kind(s, path, WORLD_FILE, &at));
	TRY(operation(s));
	remove_name(&s->nodes[at.folder].seen_names, at.name);
	return OK;
}

static enum err call_mkdir(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	struct place at;

	if (s->crashed)
		return ERR_IO;
	TRY(find(s, path, &at));
	if (at.node != NO_NODE)
		return ERR_EXISTS;
	TRY(operation(s));
	return make(s, &at, WORLD_FOLDER, &at.node);
}

static enum err call_sync_folder(struct world *w, const char *path)
{
	struct sim *s = sim_of(w);
	const struct names *seen;
	struct names *durable;
	struct entry *items;
	struct place at;

	if (s->crashed)
		return ERR_IO;
	TRY(find_kind(s, path, WORLD_FOLDER, &at));
	TRY(operation(s));
	seen = &s->nodes[at.node].seen_names;
	durable = &s->nodes[at.node].durable_names;
	items = grown(durable->items, &durable->room, seen->count, sizeof(*items));
	if (!items)
		return ERR_MEMORY;
	durable->items = items;
	durable->count = seen->count;
	if (seen->count > 0)
		memcpy(items, seen->items, seen->count * sizeof(*items));
	return OK;
}

static enum err call_kind(struct world *w, const char *path, enum world_kind *ret)
{
	const struct sim *s = sim_of(w);
	struct place at;
	enum err e;

	if (s->crashed)
		return ERR_IO;
	e = find(s, path, &at);
	if (e == ERR_NOT_FOUND || e == ERR_TYPE || (e == OK && at.node == NO_NODE)) {
		*ret = WORLD_NOTHING;
		return OK;
	}
	if (e == OK)
		*ret = s->nodes[at.node].kind;
	return e;
}

static enum err call_list(struct world *w, const char *path, struct arena *a, struct str **names,
			  size_t *count)
{
	const struct sim *s = sim_of(w);
	const struct names *seen;
	struct str *list;
	struct place at;

	if (s->crashed)
		return ERR_IO;
	TRY(find_kind(s, path, WORLD_FOLDER, &at));
	seen = &s->nodes[at.node].seen_names;
	list = arena_array(a, seen->count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < seen->count; i++)
		TRY(arena_copy(a, str_view(seen->items[i].name), &list[i]));
	*names = list;
	*count = seen->count;
	return OK;
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
	.sync = call_sync,
	.lock = call_lock,
	.rename = call_rename,
	.unlink = call_unlink,
	.mkdir = call_mkdir,
	.sync_folder = call_sync_folder,
	.kind = call_kind,
	.list = call_list,
};

struct world *sim_open(uint64_t seed, int64_t start_ns)
{
	struct sim *s = calloc(1, sizeof(*s));
	uint32_t root;

	if (!s)
		return NULL;
	s->world.calls = &calls;
	s->now_ns = start_ns;
	s->free_first = NO_NODE;
	/* Two streams, so that a fault does not change the entropy that the program sees. */
	s->fault_state = seed;
	s->entropy_state = draw(&s->fault_state);
	if (add_node(s, WORLD_FOLDER, &root) != OK) {
		free(s);
		return NULL;
	}
	MUST(root == ROOT);
	return &s->world;
}

void sim_close(struct world *w)
{
	struct sim *s = sim_of(w);

	if (!s)
		return;
	for (size_t i = 0; i < s->node_count; i++)
		free_node(s, &s->nodes[i]);
	for (size_t i = 0; i < s->setting_count; i++) {
		free(s->settings[i].name);
		free(s->settings[i].value);
	}
	free(s->nodes);
	free(s->handles);
	free(s->settings);
	free(s);
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
	bool known = i < s->setting_count;
	struct setting fresh = { 0 };
	struct setting *settings;

	if (value) {
		settings = grown(s->settings, &s->setting_room, i + 1, sizeof(*settings));
		if (!settings)
			return ERR_MEMORY;
		s->settings = settings;
		fresh = (struct setting){ copy_text(name), copy_text(value) };
		if (!fresh.name || !fresh.value) {
			free(fresh.name);
			free(fresh.value);
			return ERR_MEMORY;
		}
	}
	if (known) {
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

/* Make one node's seen view equal to its durable one. The room is there: see the invariants. */
static void forget_unsynced(struct sim *s, struct node *n)
{
	s->stored = s->stored - n->seen.len + n->durable.len;
	MUST(n->seen.room >= n->durable.len && n->seen_names.room >= n->durable_names.count);
	n->seen.len = n->durable.len;
	if (n->durable.len > 0)
		memcpy(n->seen.ptr, n->durable.ptr, n->durable.len);
	n->dirty_from = CLEAN_FROM;
	n->dirty_to = 0;
	n->seen_names.count = n->durable_names.count;
	if (n->durable_names.count > 0)
		memcpy(n->seen_names.items, n->durable_names.items,
		       n->durable_names.count * sizeof(*n->durable_names.items));
}

void sim_reboot(struct world *w, bool power_lost)
{
	struct sim *s = sim_of(w);

	s->crashed = false;
	s->fault = SIM_NONE;
	s->handle_count = 0;
	for (size_t i = 0; power_lost && i < s->node_count; i++)
		forget_unsynced(s, &s->nodes[i]);
	sweep(s);
}

struct str sim_peek(const struct world *w, const char *path)
{
	const struct sim *s = (const struct sim *)w;
	const struct bytes *seen;
	struct place at;

	if (find_kind(s, path, WORLD_FILE, &at) != OK)
		return STR_NONE;
	seen = &s->nodes[at.node].seen;
	return str_slice(seen->len ? seen->ptr : "", seen->len);
}

enum err sim_poke(struct world *w, const char *path, struct str content)
{
	struct sim *s = sim_of(w);
	struct entry *items;
	struct names *seen, *durable;
	struct place at;
	struct node *n;

	TRY(find(s, path, &at));
	if (at.node == NO_NODE)
		TRY(make(s, &at, WORLD_FILE, &at.node));
	n = &s->nodes[at.node];
	if (n->kind != WORLD_FILE)
		return ERR_TYPE;
	seen = &s->nodes[at.folder].seen_names;
	durable = &s->nodes[at.folder].durable_names;
	items = grown(seen->items, &seen->room, durable->count + 1, sizeof(*items));
	if (!items)
		return ERR_MEMORY;
	seen->items = items;
	remove_name(durable, at.name);
	TRY(add_name(durable, at.name, at.node));
	TRY(make_room(&n->durable, content.len));
	TRY(set_length(s, n, content.len));
	if (content.len > 0) {
		memcpy(n->seen.ptr, content.ptr, content.len);
		memcpy(n->durable.ptr, content.ptr, content.len);
	}
	n->durable.len = content.len;
	n->dirty_from = CLEAN_FROM;
	n->dirty_to = 0;
	return OK;
}

void sim_set_capacity(struct world *w, uint64_t bytes)
{
	sim_of(w)->capacity = bytes;
}
