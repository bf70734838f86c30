/*
 * state: the delta engine. The door of engine/state.
 *
 * All mutable governance state lives in typed tables of fixed-size rows. Rows are numbered from 0
 * in order of insertion and are never removed. A table may have a key: the first bytes of its rows,
 * unique and never changed. Every change belongs to a step; a step's changes are row diffs:
 *
 *   state_begin -> state_insert / state_update ... -> state_delta + state_root -> state_begin ...
 *                                                  \-> state_undo (the step never happened)
 *
 * A diff holds the exclusive-or of old and new bytes, so a delta is its own inverse: state_apply
 * goes forward, state_revert backward, and both refuse a delta that does not fit. One change has
 * exactly one encoding. Row bytes are little-endian structs without padding; their addresses have
 * the alignment of malloc where row_bytes is a multiple of it. The root is a Merkle root over rows,
 * updated in O(changed rows * log rows). The root's formula and all encodings are in
 * docs/formats/state.md. Memory grows with rows, never with steps. Not for use by two threads at
 * once.
 */
#ifndef TRAMMEL_STATE_H
#define TRAMMEL_STATE_H

#include "engine/crypto/crypto.h"

struct state;

struct table_schema {
	const char *name;            /* 1 .. LIMIT_TABLE_NAME_BYTES, copied */
	uint32_t row_bytes;          /* 1 .. LIMIT_ROW_BYTES */
	uint32_t key_bytes;          /* 0 (no key) .. row_bytes */
};

/* ERR_LIMIT (sizes, number of tables), ERR_DUPLICATE (names), ERR_MEMORY. */
enum err state_open(const struct table_schema *tables, size_t count, struct state **ret) NODISCARD;
/* Safe on NULL. */
void state_close(struct state *s);
/* Empty again, without changing the schema. */
void state_reset(struct state *s);
/*
 * Spread keys over their hash table by this seed (0 at first). Nothing that can be seen depends on
 * it but time: give entropy where strangers choose keys, so that they cannot choose ones that
 * collide.
 */
void state_seed(struct state *s, uint64_t seed);

uint32_t state_rows(const struct state *s, unsigned table);
/* The row's bytes; valid until the next change of the same table. The row must exist. */
const void *state_row(const struct state *s, unsigned table, uint32_t row);
/* The row with this key (key_bytes long), if there is one. The table must have a key. */
bool state_find(const struct state *s, unsigned table, const void *key, uint32_t *ret);

/* Start a step; what the last one changed is kept. */
void state_begin(struct state *s);
/*
 * The bytes must not lie inside the state. An update must not change the key. ERR_EXISTS (the key),
 * ERR_LIMIT, ERR_MEMORY; on failure the step is as before the call.
 */
enum err state_insert(struct state *s, unsigned table, const void *row, uint32_t *ret) NODISCARD;
enum err state_update(struct state *s, unsigned table, uint32_t row, const void *bytes) NODISCARD;
/* Take the whole step back. Cannot fail. */
void state_undo(struct state *s);
/* The encoded delta of the step, borrowed until the next change or begin. ERR_LIMIT, ERR_MEMORY. */
enum err state_delta(struct state *s, struct str *ret) NODISCARD;
/* Digest of everything in the tables. Takes no memory and always answers OK. */
enum err state_root(struct state *s, struct digest *ret) NODISCARD;
/* And the SHA-256 of a text, hashed on the way for less than alone. */
enum err state_root_beside(struct state *s, struct str text, struct digest *of_text,
			   struct digest *ret) NODISCARD;

/*
 * Roots that somebody else computes: a trail tells the rows that changed since the last one, as
 * they are now, and following it brings another state of the same tables, empty at first, to the
 * same rows and so to the same root. One thread can leave a trail and another follow it. From the
 * first trail on the state that leaves it has no root of its own and must not be asked for one.
 * Trails are followed one after the other, `roots[i]` is that behind the i-th; many at once cost
 * less. A trail is only good in the process that made it. ERR_LIMIT, ERR_MEMORY; after a failure
 * neither state is good for anything but closing.
 */
enum err state_trail(struct state *s, struct buf *out) NODISCARD;
enum err state_follow(struct state *s, const struct str *trails, size_t count,
		      struct digest *roots) NODISCARD;

/*
 * Whole or not at all; hostile bytes are refused. Both keep what the step before changed, and are a
 * step of their own that is over when they return. ERR_SYNTAX (not the encoding of a change),
 * ERR_RANGE and ERR_EXISTS (not of this state), ERR_LIMIT, ERR_MEMORY.
 */
enum err state_apply(struct state *s, struct str delta) NODISCARD;
enum err state_revert(struct state *s, struct str delta) NODISCARD;

/* Append the full image: rows squashed in chunks, with schema and root. ERR_LIMIT, ERR_MEMORY. */
enum err state_snapshot(struct state *s, struct buf *out) NODISCARD;
/*
 * Replace the whole state by an image's; on failure it is as before. ERR_VERSION (of the format, or
 * another schema), ERR_TAMPERED (damage, or rows that do not have the root), ERR_MEMORY.
 */
enum err state_restore(struct state *s, struct str image) NODISCARD;

/*
 * recorder: the deltas and snapshots of a run on disk, so that the state after any step is one
 * snapshot and a bounded number of deltas away: less than `interval` while the rows take less than
 * 64 bytes per step since the last snapshot, and less than their size by that measure when they are
 * more. Step n is the state after log entry n; "after step 0" means after the first entry. The
 * folder is a cache: it can be deleted and rebuilt from the log, so nothing in it is synced (but by
 * recorder_cut), and whatever is damaged reads as absent. One writer at a time, which the caller
 * sees to.
 */
struct recorder;

/*
 * Touches nothing before the first append. ERR_VERSION: recorded with another interval or format;
 * wipe and rebuild.
 */
enum err recorder_open(struct world *w, const char *folder, uint32_t interval,
		       struct recorder **ret) NODISCARD;
/* Likewise, for seeking only; another process may be recording. */
enum err recorder_open_read(struct world *w, const char *folder, uint32_t interval,
			    struct recorder **ret) NODISCARD;
/* Writes what is buffered. Safe on NULL. */
enum err recorder_close(struct recorder *r);
/* Number of steps recorded whole: the next one to append. */
uint64_t recorder_steps(const struct recorder *r);
/*
 * Record the current step of `s` as step number recorder_steps(). ERR_MEMORY and ERR_LIMIT leave
 * everything as it was; after a failed write the recorder takes no more steps (ERR_CLOSED) and
 * counts only those that were written.
 */
enum err recorder_append(struct recorder *r, struct state *s) NODISCARD;
/* Forget step `steps` and all later ones, durably. */
enum err recorder_cut(struct recorder *r, uint64_t steps) NODISCARD;
/*
 * Bring `s` to the state after step `step` and give its recorded root, which was checked; on
 * failure `s` is as before. ERR_NOT_FOUND when it is not recorded (any more), ERR_TAMPERED when the
 * recording does not fit together.
 */
enum err recorder_seek(struct recorder *r, uint64_t step, struct state *s,
		       struct digest *root) NODISCARD;
/* Hand what is buffered to the system. */
enum err recorder_flush(struct recorder *r) NODISCARD;
/* Remove all of a recorder's files; the folder stays. */
enum err recorder_wipe(struct world *w, const char *folder) NODISCARD;

/* The doorman of zstd. */
#include "engine/state/squash.h"

#endif
