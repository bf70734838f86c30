/*
 * arena: a capped bump allocator. Memory has a bracket: mark, work, rewind.
 *
 * Blocks are 16-byte aligned and zeroed. Rewinding keeps the chunks for the next round, so a
 * steady loop stops asking the system for memory. There is no way to free one block. Not for use
 * by two threads at once.
 */
#ifndef TRAMMEL_BASE_ARENA_H
#define TRAMMEL_BASE_ARENA_H

#include "engine/base/str.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *first, *current;
	size_t held_bytes, cap_bytes;
};

struct arena_mark {
	struct arena_chunk *chunk;
	size_t used;
};

/* At most `cap_bytes` are ever taken from the system, chunk headers included. Takes nothing yet. */
void arena_init(struct arena *a, size_t cap_bytes);
void arena_fini(struct arena *a);

/*
 * NULL when the cap or the system says no: the caller answers ERR_MEMORY. size 0 is a valid,
 * unique block.
 */
void *arena_alloc(struct arena *a, size_t size) NODISCARD;
/* count * size, checked for overflow. */
void *arena_array(struct arena *a, size_t count, size_t size) NODISCARD;
/* A copy with a NUL behind it (not counted in len). */
enum err arena_copy(struct arena *a, struct str s, struct str *ret) NODISCARD;
/* Likewise of what a buffer holds, or the buffer's own error. The buffer is ended either way. */
enum err arena_take(struct arena *a, struct buf *b, struct str *ret) NODISCARD;

struct arena_mark arena_mark(const struct arena *a);
/* Everything allocated since the mark is gone. Marks rewind in reverse order of being set. */
void arena_rewind(struct arena *a, struct arena_mark mark);

#endif
