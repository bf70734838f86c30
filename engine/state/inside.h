/*
 * inside: what the files of engine/state share, and nobody else includes.
 *
 * A table is one block of rows with four books beside it, all of them grown together, so that only
 * growing asks for memory and everything that must not fail (undo, root) has its room already:
 *
 *   bytes    row 0 | row 1 | ... | row rows-1 | room
 *   changed  which rows of before this step were overwritten in it, with their old bytes in `old`
 *   dirty    which rows changed since the hash tree was last brought up to date
 *   nodes    the hash tree in heap order: parent of x is x / 2, row r is leaf nodes[room + r],
 *            the top is nodes[1]
 *   slots    row numbers by hash of their key
 */
#ifndef TRAMMEL_STATE_INSIDE_H
#define TRAMMEL_STATE_INSIDE_H

#include "engine/base/limits.h"
#include "engine/base/little.h"
#include "engine/state/state.h"

struct table {
	uint32_t row_bytes, key_bytes;
	uint32_t schema_at, schema_len;    /* its part of the state's schema */
	uint32_t rows, room;               /* room is 0 or a power of two */
	uint8_t *bytes;
	uint64_t *slots;                   /* see find.c: 2 * room of them when key_bytes > 0 */

	/*
	 * The step. Row r was overwritten when mark[r] < changed_count and changed[mark[r]] == r;
	 * then its bytes of before the step are at old + mark[r] * row_bytes. Stale marks fail that
	 * test, so a new step need not clear them. Rows from rows_before on were inserted in this
	 * step and are not in `changed`.
	 */
	uint32_t rows_before, changed_count, changed_room;
	uint32_t *mark, *changed, *order;  /* order: sorted scratch of the delta encoder */
	uint8_t *old;

	/*
	 * The tree. A row is listed in `dirty` once: its bit says so. Listed rows may have been cut
	 * off since.
	 */
	uint32_t dirty_count;
	uint32_t *dirty;
	uint64_t *dirty_bits;
	struct digest *nodes;
};

/*
 * The encoder writes a row before it knows whether the delta stays within its limit: room for one
 * more of the largest.
 */
#define DELTA_ROW_MAX_BYTES (2 * LIMIT_ROW_BYTES + 64)
#define DELTA_BUFFER_BYTES (LIMIT_DELTA_BYTES + DELTA_ROW_MAX_BYTES)

_Static_assert(SIZE_MAX >= LIMIT_STATE_BYTES, "the largest state can be addressed");

/* u32 table count; then per table u8 name length, name, u32 row bytes, u32 key bytes. */
#define SCHEMA_MAX_BYTES (4 + LIMIT_TABLES * (1 + LIMIT_TABLE_NAME_BYTES + 4 + 4))

struct state {
	struct table tables[LIMIT_TABLES];
	unsigned table_count;
	uint32_t step_rows;                /* rows changed in this step */
	uint64_t seed;                     /* of the key hashes */
	uint64_t held_bytes;               /* by all tables; at most LIMIT_STATE_BYTES */
	uint8_t schema[SCHEMA_MAX_BYTES];
	size_t schema_len;
	struct buf delta;
	struct digest root;
	struct arena scratch;              /* of state_follow, while it runs */
	bool delta_ready, root_ready;      /* whether the two above are those of the present rows */
	bool trailed;                      /* who follows has the trees */
};

/* --- table.c --- */

static inline uint8_t *table_row(const struct table *t, uint32_t row)
{
	return t->bytes + (size_t)row * t->row_bytes;
}

/*
 * Append a row, not counted against the step's limit. ERR_EXISTS, ERR_LIMIT, ERR_MEMORY: nothing
 * was appended.
 */
enum err table_push(struct state *s, struct table *t, const void *row) NODISCARD;
/* Drop the rows from `rows` on. */
void table_cut(struct state *s, struct table *t, uint32_t rows);
/* An empty state of the same schema. */
enum err table_twin(const struct state *s, struct state **ret) NODISCARD;
/* Let the two states trade their contents. */
void table_trade(struct state *a, struct state *b);
/* Ascending, in place. */
void table_sort(uint32_t *rows, size_t count);

/* --- find.c, for tables with a key --- */

bool find_has(const struct state *s, const struct table *t, const void *key);
/* `row` is the last row and its key is not there yet; there is room for it. */
void find_add(struct state *s, struct table *t, uint32_t row);
/* `row` is the last one that was added and not dropped yet. */
void find_drop(struct state *s, struct table *t, uint32_t row);
/* Fill the slots, which hold anything, from the rows. */
void find_rebuild(struct state *s, struct table *t);

/* --- root.c --- */

#define BATCH_NODES 16

/* Nodes whose children are known, waiting to be hashed together. */
struct batch {
	size_t count;
	struct digest from[2 * BATCH_NODES], *to[BATCH_NODES];
};

/* A table's way up: `count` heap indexes of a level of `width` nodes, of which `used` exist. */
struct climb {
	struct table *t;
	uint32_t *list, count, width, used;
};

/* What a table adds to the root: the node is over all rows, if there are any. */
struct top {
	uint32_t rows;
	struct digest node;
};

#define ROOT_TAG "trammel/state/v2\n"
#define ROOT_TEXT_BYTES (sizeof(ROOT_TAG) + SCHEMA_MAX_BYTES + LIMIT_TABLES * (4 + DIGEST_BYTES))

/* How many dirty rows exist, which t->dirty then lists in order; nothing is dirty afterwards. */
uint32_t root_take_dirty(struct table *t);
/* One level up; what has to be hashed for that waits in the batch. */
void root_climb(struct climb *c, struct batch *b);
/* Hash all but the last `keep` (0 or 1) waiting nodes. */
void root_flush(struct batch *b, size_t keep);
/* The tables as they are; the trees are up to date. */
void root_tops(const struct state *s, struct top tops[LIMIT_TABLES]);
/* What the root is the digest of. */
struct str root_text(const struct state *s, const struct top tops[LIMIT_TABLES],
		     uint8_t text[ROOT_TEXT_BYTES]);

/* --- snapshot.c --- */

/* Bytes of all rows, uncompressed. */
uint64_t snapshot_raw_bytes(const struct state *s);
/*
 * Read an image into an empty state; on failure the state holds rubbish and is only good for
 * closing or resetting.
 */
enum err snapshot_fill(struct state *fresh, struct str image) NODISCARD;

#endif
