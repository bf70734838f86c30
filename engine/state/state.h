/*
 * state: the delta engine. The door of engine/state.
 *
 * All mutable governance state lives in typed tables of fixed-size rows. Rows are numbered from 0 in order of insertion and
 * are never removed. Every change belongs to a step; a step's changes are row diffs:
 *
 *   state_begin -> state_insert / state_update ... -> state_delta + state_root -> state_begin ...
 *                                                  \-> state_undo (the step never happened)
 *
 * A diff holds the exclusive-or of old and new bytes, so a delta is its own inverse: state_apply goes forward,
 * state_revert backward, and both refuse a delta that does not fit. Row bytes are little-endian structs without padding.
 * The root is a Merkle root over rows, updated in O(changed rows * log rows); its formula and all encodings are in
 * docs/formats/state.md. Not for use by two threads at once.
 */
#ifndef TRAMMEL_STATE_H
#define TRAMMEL_STATE_H

#include "engine/crypto/crypto.h"

struct state;

struct table_schema {
	const char *name;
	uint32_t row_bytes;          /* 1 .. LIMIT_ROW_BYTES */
};

enum err state_open(const struct table_schema *tables, size_t count, struct state **ret) NODISCARD;
void state_close(struct state *s);
/* Empty again, without changing the schema. */
void state_reset(struct state *s);

uint32_t state_rows(const struct state *s, unsigned table);
/* The row's bytes; valid until the next change of the same table. The row must exist. */
const void *state_row(const struct state *s, unsigned table, uint32_t row);

/* Start a step; what the last one changed is kept. */
void state_begin(struct state *s);
/* ERR_LIMIT, ERR_MEMORY; on failure the step is as before the call. */
enum err state_insert(struct state *s, unsigned table, const void *row, uint32_t *ret) NODISCARD;
enum err state_update(struct state *s, unsigned table, uint32_t row, const void *bytes) NODISCARD;
/* Take the whole step back. Cannot fail. */
void state_undo(struct state *s);
/* The encoded delta of the step so far (borrowed until the next change or begin). ERR_LIMIT, ERR_MEMORY. */
enum err state_delta(struct state *s, struct str *ret) NODISCARD;
/* Digest of everything in the tables. ERR_MEMORY. */
enum err state_root(struct state *s, struct digest *ret) NODISCARD;

/* Whole or not at all; hostile bytes are refused. Both begin and end a step of their own. ERR_SYNTAX, ERR_RANGE ... */
enum err state_apply(struct state *s, struct str delta) NODISCARD;
enum err state_revert(struct state *s, struct str delta) NODISCARD;

/* The full image, zstd-compressed, with schema and root inside; restoring checks both (ERR_VERSION, ERR_TAMPERED). */
enum err state_snapshot(struct state *s, struct buf *out) NODISCARD;
enum err state_restore(struct state *s, struct str image) NODISCARD;

/*
 * recorder: the deltas and snapshots of a run on disk, so that the state after any step is one snapshot and less than
 * `interval` deltas away. Step n is the state after log entry n; "after step 0" means after the first entry. The folder is a
 * cache: it can be deleted and rebuilt from the log, so nothing in it is synced, and whatever is damaged reads as absent.
 */
struct recorder;

enum err recorder_open(struct world *w, const char *folder, uint32_t interval, struct recorder **ret) NODISCARD;
/* Writes what is buffered. Safe on NULL. */
enum err recorder_close(struct recorder *r);
/* Number of steps recorded whole: the next one to append. */
uint64_t recorder_steps(const struct recorder *r);
/* Record the current step of `s` as step number recorder_steps(). */
enum err recorder_append(struct recorder *r, struct state *s) NODISCARD;
/* Forget steps from `step` on. */
enum err recorder_cut(struct recorder *r, uint64_t steps) NODISCARD;
/*
 * Bring `s` to the state after step `step` and give its recorded root, which was checked. ERR_NOT_FOUND when it is
 * not recorded, ERR_TAMPERED when the recording does not fit together.
 */
enum err recorder_seek(struct recorder *r, uint64_t step, struct state *s, struct digest *root) NODISCARD;
enum err recorder_flush(struct recorder *r) NODISCARD;

/* squash: doorman of zstd, for everything small that is stored compressed. Level 1, content size in the frame. */
enum err squash_pack(struct str raw, struct buf *out) NODISCARD;
/* ERR_TAMPERED on damage, ERR_LIMIT when the raw size is beyond `cap_bytes`. */
enum err squash_unpack(struct str packed, size_t cap_bytes, struct buf *out) NODISCARD;

#endif
