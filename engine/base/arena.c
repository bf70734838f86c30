/*
 * arena: a list of chunks; `current` is the one being filled, those behind it are kept for reuse.
 *
 *   first -> [full] -> [current, used/size] -> [spare] -> NULL
 *
 * Invariant: chunks behind `current` have used == 0.
 */
#include "engine/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define ALIGN 16
#define CHUNK_BYTES ((size_t)64 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;
	alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t cap_bytes)
{
	*a = (struct arena){ .cap_bytes = cap_bytes };
}

void arena_fini(struct arena *a)
{
	struct arena_chunk *chunk = a->first;

	while (chunk) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	*a = (struct arena){ 0 };
}

/* No mark leads to an empty chunk, nor is one current: marks are set behind something. */
static void drop_empty(struct arena *a)
{
	struct arena_chunk **link = &a->first;

	while (*link) {
		struct arena_chunk *chunk = *link;

		if (chunk->used > 0) {
			link = &chunk->next;
			continue;
		}
		*link = chunk->next;
		a->held_bytes -= sizeof(*chunk) + chunk->size;
		free(chunk);
	}
}

static bool has_room(const struct arena *a, size_t size)
{
	size_t left = a->cap_bytes - a->held_bytes;

	return left >= sizeof(struct arena_chunk) && left - sizeof(struct arena_chunk) >= size;
}

/*
 * A chunk of at least `size` bytes, linked behind `current`. Chunks of earlier rounds that proved
 * too small do not count against the cap.
 */
static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
	size_t want = size > CHUNK_BYTES ? size : CHUNK_BYTES, left;
	struct arena_chunk *chunk;

	if (!has_room(a, size))
		drop_empty(a);
	if (!has_room(a, size))
		return NULL;
	left = a->cap_bytes - a->held_bytes;
	if (left - sizeof(*chunk) < want)
		want = left - sizeof(*chunk);
	chunk = malloc(sizeof(*chunk) + want);
	if (!chunk)
		return NULL;
	*chunk = (struct arena_chunk){ .size = want };
	a->held_bytes += sizeof(*chunk) + want;
	if (a->current) {
		chunk->next = a->current->next;
		a->current->next = chunk;
	} else {
		chunk->next = a->first;
		a->first = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *chunk = a->current ? a->current : a->first;
	size_t rounded;
	void *block;

	if (size > a->cap_bytes || size > SIZE_MAX - ALIGN)
		return NULL;
	rounded = size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	while (chunk && chunk->size - chunk->used < rounded)
		chunk = chunk->next;
	if (!chunk)
		chunk = add_chunk(a, rounded);
	if (!chunk)
		return NULL;
	a->current = chunk;
	block = chunk->bytes + chunk->used;
	chunk->used += rounded;
	return memset(block, 0, rounded);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(a, count * size);
}

enum err arena_copy(struct arena *a, struct str s, struct str *ret)
{
	char *bytes = s.len < SIZE_MAX ? arena_alloc(a, s.len + 1) : NULL;

	if (!bytes)
		return ERR_MEMORY;
	if (s.len)
		memcpy(bytes, s.ptr, s.len);
	*ret = str_slice(bytes, s.len);
	return OK;
}

enum err arena_take(struct arena *a, struct buf *b, struct str *ret)
{
	enum err e = b->err == OK ? arena_copy(a, buf_view(b), ret) : b->err;

	buf_fini(b);
	return e;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->current, a->current ? a->current->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	struct arena_chunk *chunk = mark.chunk ? mark.chunk->next : a->first;

	for (; chunk; chunk = chunk->next)
		chunk->used = 0;
	if (mark.chunk)
		mark.chunk->used = mark.used;
	a->current = mark.chunk;
}
