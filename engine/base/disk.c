/*
 * disk: nodes (files and folders) in one array; folders hold names; names point at nodes. The two
 * views of a folder may point at the same node under different names, or at no longer named ones.
 */
#include "engine/base/disk.h"

#include <stdlib.h>

#include "engine/base/limits.h"

#define FIRST_ROOM 8
#define CLEAN_FROM UINT64_MAX

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

static uint32_t name_index(const struct disk_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i].name, name) == 0)
			return (uint32_t)i;
	return DISK_NONE;
}

static uint32_t node_named(const struct disk_names *names, const char *name)
{
	uint32_t i = name_index(names, name);

	return i == DISK_NONE ? DISK_NONE : names->items[i].node;
}

/* The next component of a path, "" at its end; `path` moves behind it. */
static enum err next_component(const char **path, char name[DISK_NAME_BYTES])
{
	size_t len;

	do {
		*path += strspn(*path, "/");
		len = strcspn(*path, "/");
		if (len >= DISK_NAME_BYTES)
			return ERR_LIMIT;
		memcpy(name, *path, len);
		name[len] = '\0';
		*path += len;
	} while (strcmp(name, ".") == 0);
	return OK;
}

enum err disk_find(const struct disk *d, const char *path, struct disk_place *ret)
{
	struct disk_place at = { .folder = DISK_ROOT, .node = DISK_ROOT };
	char name[DISK_NAME_BYTES];

	if (path[0] == '\0')
		return ERR_NOT_FOUND;
	if (strlen(path) >= LIMIT_PATH_BYTES)
		return ERR_LIMIT;
	for (;;) {
		TRY(next_component(&path, name));
		if (name[0] == '\0')
			break;
		if (at.node == DISK_NONE || strcmp(name, "..") == 0)
			return ERR_NOT_FOUND;
		if (d->nodes[at.node].kind != WORLD_FOLDER)
			return ERR_TYPE;
		at.folder = at.node;
		at.node = node_named(&d->nodes[at.folder].seen_names, name);
		memcpy(at.name, name, sizeof(name));
	}
	*ret = at;
	return OK;
}

enum err disk_find_kind(const struct disk *d, const char *path, enum world_kind kind,
			  struct disk_place *ret)
{
	struct disk_place at;

	TRY(disk_find(d, path, &at));
	if (at.node == DISK_NONE)
		return ERR_NOT_FOUND;
	if (d->nodes[at.node].kind != kind)
		return ERR_TYPE;
	*ret = at;
	return OK;
}

static enum err add_name(struct disk_names *names, const char *name, uint32_t node)
{
	struct disk_entry *items = grown(names->items, &names->room, names->count + 1,
					 sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	names->items = items;
	items[names->count].node = node;
	memcpy(items[names->count++].name, name, DISK_NAME_BYTES);
	return OK;
}

static void remove_name(struct disk_names *names, const char *name)
{
	uint32_t i = name_index(names, name);

	if (i != DISK_NONE)
		names->items[i] = names->items[--names->count];
}

static void free_node(struct disk *d, struct disk_node *n)
{
	d->stored_bytes -= n->seen.len;
	free(n->seen.ptr);
	free(n->durable.ptr);
	free(n->seen_names.items);
	free(n->durable_names.items);
	*n = (struct disk_node){ 0 };
}

/* Put a node on the list of those whose names are still to be followed. */
static void reach(struct disk *d, uint32_t id, uint32_t *todo)
{
	if (d->nodes[id].reached)
		return;
	d->nodes[id].reached = true;
	d->nodes[id].next = *todo;
	*todo = id;
}

void disk_sweep(struct disk *d)
{
	uint32_t todo = DISK_NONE;

	for (size_t i = 0; i < d->node_count; i++)
		d->nodes[i].reached = false;
	reach(d, DISK_ROOT, &todo);
	for (uint32_t i = 0; i < d->node_count; i++)
		if (d->nodes[i].opened > 0)
			reach(d, i, &todo);
	while (todo != DISK_NONE) {
		const struct disk_node *n = &d->nodes[todo];

		todo = n->next;
		for (size_t i = 0; i < n->seen_names.count; i++)
			reach(d, n->seen_names.items[i].node, &todo);
		for (size_t i = 0; i < n->durable_names.count; i++)
			reach(d, n->durable_names.items[i].node, &todo);
	}
	d->free_first = DISK_NONE;
	d->free_count = 0;
	for (uint32_t i = 0; i < d->node_count; i++) {
		if (d->nodes[i].reached)
			continue;
		free_node(d, &d->nodes[i]);
		d->nodes[i].next = d->free_first;
		d->free_first = i;
		d->free_count++;
	}
}

/*
 * A new node that nothing names yet. The sweep runs only when no slot is left, and leaves at least
 * a quarter of them, if need be by growing the array: making and replacing files stays cheap.
 */
static enum err add_node(struct disk *d, enum world_kind kind, uint32_t *ret)
{
	struct disk_node *nodes;
	uint32_t id;

	if (d->free_first == DISK_NONE && d->node_count == d->node_room) {
		if (d->node_count > 0)
			disk_sweep(d);
		if (d->free_count <= d->node_room / 4) {
			nodes = grown(d->nodes, &d->node_room, d->node_count + 1, sizeof(*nodes));
			if (!nodes)
				return ERR_MEMORY;
			d->nodes = nodes;
		}
	}
	id = d->free_first;
	if (id != DISK_NONE) {
		d->free_first = d->nodes[id].next;
		d->free_count--;
	} else {
		id = (uint32_t)d->node_count++;
	}
	d->nodes[id] = (struct disk_node){ .kind = kind, .dirty_from = CLEAN_FROM };
	*ret = id;
	return OK;
}

enum err disk_init(struct disk *d)
{
	uint32_t root;

	*d = (struct disk){ .free_first = DISK_NONE };
	TRY(add_node(d, WORLD_FOLDER, &root));
	MUST(root == DISK_ROOT);
	return OK;
}

void disk_fini(struct disk *d)
{
	for (size_t i = 0; i < d->node_count; i++)
		free_node(d, &d->nodes[i]);
	free(d->nodes);
	*d = (struct disk){ 0 };
}

enum err disk_make(struct disk *d, const struct disk_place *at, enum world_kind kind, uint32_t *ret)
{
	uint32_t id;
	enum err e;

	TRY(add_node(d, kind, &id));
	e = add_name(&d->nodes[at->folder].seen_names, at->name, id);
	if (e != OK) {
		free_node(d, &d->nodes[id]);
		return e;
	}
	*ret = id;
	return OK;
}

void disk_unlink(struct disk *d, const struct disk_place *at)
{
	remove_name(&d->nodes[at->folder].seen_names, at->name);
}

/* Does the path pass through the folder on its way? */
static bool passes(const struct disk *d, const char *path, uint32_t folder)
{
	char name[DISK_NAME_BYTES];
	uint32_t at = DISK_ROOT;

	while (at != folder && next_component(&path, name) == OK && name[0]) {
		at = node_named(&d->nodes[at].seen_names, name);
		if (at == DISK_NONE)
			return false;
	}
	return at == folder;
}

/* May what `old` names take the place that `new` names? The rules of rename(2) on Linux. */
static enum err may_replace(const struct disk *d, const struct disk_place *old, const char *from,
			    const struct disk_place *new, const char *to)
{
	bool folder = d->nodes[old->node].kind == WORLD_FOLDER;

	if (folder && passes(d, to, old->node))
		return ERR_IO;
	if (new->node == DISK_NONE)
		return OK;
	if (passes(d, from, new->node))
		return ERR_EXISTS;
	if (folder != (d->nodes[new->node].kind == WORLD_FOLDER))
		return ERR_TYPE;
	return folder && d->nodes[new->node].seen_names.count > 0 ? ERR_EXISTS : OK;
}

enum err disk_rename(struct disk *d, const char *from, const struct disk_place *old,
		     const char *to, const struct disk_place *new)
{
	struct disk_names *names = &d->nodes[new->folder].seen_names;
	uint32_t i = name_index(names, new->name);

	if (old->node == new->node)
		return OK;
	TRY(may_replace(d, old, from, new, to));
	if (i != DISK_NONE)
		names->items[i].node = old->node;
	else
		TRY(add_name(names, new->name, old->node));
	disk_unlink(d, old);
	return OK;
}

/* Room for `len` bytes in a view. */
static enum err make_room(struct disk_bytes *b, size_t len)
{
	char *ptr = grown(b->ptr, &b->room, len, 1);

	if (!ptr)
		return ERR_MEMORY;
	b->ptr = ptr;
	return OK;
}

static void mark_dirty(struct disk_node *n, uint64_t from, uint64_t to)
{
	if (from < n->dirty_from)
		n->dirty_from = from;
	if (to > n->dirty_to)
		n->dirty_to = to;
}

enum err disk_set_length(struct disk *d, struct disk_node *n, uint64_t len)
{
	size_t old = n->seen.len;

	if (len > SIZE_MAX / 2)
		return ERR_MEMORY;
	TRY(make_room(&n->seen, (size_t)len));
	if (len > old)
		memset(n->seen.ptr + old, 0, (size_t)len - old);
	mark_dirty(n, len < old ? len : old, len);
	d->stored_bytes = d->stored_bytes - old + len;
	n->seen.len = (size_t)len;
	return OK;
}

void disk_write(struct disk_node *n, uint64_t at, const void *bytes, size_t len)
{
	MUST(at <= n->seen.len && len <= n->seen.len - at);
	if (len == 0)
		return;
	memcpy(n->seen.ptr + at, bytes, len);
	mark_dirty(n, at, at + len);
}

enum err disk_sync(struct disk_node *n)
{
	uint64_t to = n->dirty_to < n->seen.len ? n->dirty_to : n->seen.len;

	TRY(make_room(&n->durable, n->seen.len));
	if (n->dirty_from < to)
		memcpy(n->durable.ptr + n->dirty_from, n->seen.ptr + n->dirty_from,
		       (size_t)(to - n->dirty_from));
	n->durable.len = n->seen.len;
	n->dirty_from = CLEAN_FROM;
	n->dirty_to = 0;
	return OK;
}

enum err disk_sync_names(struct disk_node *n)
{
	struct disk_names *durable = &n->durable_names;
	const struct disk_names *seen = &n->seen_names;
	struct disk_entry *items = grown(durable->items, &durable->room, seen->count,
					 sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	durable->items = items;
	durable->count = seen->count;
	if (seen->count > 0)
		memcpy(items, seen->items, seen->count * sizeof(*items));
	return OK;
}

enum err disk_force(struct disk *d, const struct disk_place *at, struct str content)
{
	struct disk_names *seen = &d->nodes[at->folder].seen_names;
	struct disk_names *durable = &d->nodes[at->folder].durable_names;
	struct disk_node *n = &d->nodes[at->node];
	struct disk_entry *items = grown(seen->items, &seen->room, durable->count + 1,
					 sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	seen->items = items;
	remove_name(durable, at->name);
	TRY(add_name(durable, at->name, at->node));
	TRY(disk_set_length(d, n, content.len));
	disk_write(n, 0, content.ptr, content.len);
	return disk_sync(n);
}

/* Make one node's seen view equal to its durable one. The room is there: see the invariants. */
static void forget_unsynced(struct disk *d, struct disk_node *n)
{
	d->stored_bytes = d->stored_bytes - n->seen.len + n->durable.len;
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

void disk_power_loss(struct disk *d)
{
	for (size_t i = 0; i < d->node_count; i++)
		forget_unsynced(d, &d->nodes[i]);
}

/* Blocks reach the disk in any order; small ones, so that a test's few bytes fall into several. */
#define TORN_BLOCK_BYTES 64

enum survival { NOTHING, EVERYTHING, PREFIX, BLOCKS, SURVIVALS };

/* What was written between two places did not reach the disk. */
static void lose_bytes(struct disk_node *n, size_t from, size_t to)
{
	size_t there = n->durable.len < to ? n->durable.len : to;

	if (from < there)
		memcpy(n->seen.ptr + from, n->durable.ptr + from, there - from);
	else
		there = from;
	if (there < to)
		memset(n->seen.ptr + there, 0, to - there);
}

static size_t torn_length(const struct disk_node *n, uint64_t drawn)
{
	size_t a = n->seen.len, b = n->durable.len;

	return a < b ? a + drawn % (b - a + 1) : b + drawn % (a - b + 1);
}

static void tear_file(struct disk *d, struct disk_node *n, uint64_t (*draw)(uint64_t *state),
		      uint64_t *state)
{
	enum survival what = (enum survival)(draw(state) % SURVIVALS);
	size_t len = torn_length(n, draw(state)), from, to;

	if (what == NOTHING) {
		forget_unsynced(d, n);
		return;
	}
	if (what == EVERYTHING)
		len = n->seen.len;
	/* Bytes behind a cut that did not reach the disk are still there. */
	if (len > n->seen.len)
		lose_bytes(n, n->seen.len, len);
	from = n->dirty_from < len ? (size_t)n->dirty_from : len;
	for (; what == BLOCKS && from < len; from = to) {
		to = (from / TORN_BLOCK_BYTES + 1) * TORN_BLOCK_BYTES;
		to = to < len ? to : len;
		if (draw(state) % 2)
			lose_bytes(n, from, to);
	}
	d->stored_bytes = d->stored_bytes - n->seen.len + len;
	n->seen.len = len;
	mark_dirty(n, 0, len);
	MUST(disk_sync(n) == OK);
}

void disk_tear(struct disk *d, uint64_t (*draw)(uint64_t *state), uint64_t *state)
{
	for (size_t i = 0; i < d->node_count; i++) {
		struct disk_node *n = &d->nodes[i];

		if (n->kind == WORLD_FILE)
			tear_file(d, n, draw, state);
		else if (n->kind == WORLD_FOLDER && draw(state) % 2)
			MUST(disk_sync_names(n) == OK);
		else
			forget_unsynced(d, n);
	}
}
