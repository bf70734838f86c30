/*
 * blob: bodies by digest. Bytes are described in docs/formats/blob.md.
 *
 *   <folder>/00000000.pack     records, one after the other; the highest number is the open pack
 *   <folder>/00000000.index    of a sealed pack: digests in order, and where their records are
 *
 * Bodies are appended to packs in the order in which entries first refer to them, so replaying a
 * log reads packs from front to back and memory stays bounded. A pack is sealed at LIMIT_PACK_BYTES
 * or LIMIT_PACK_RECORDS. Bodies are stored as they are or compressed by zstd, whichever is shorter;
 * a plain one once per pack, and of salted ones no two are alike. What is read back is hashed
 * again: a body that is not that of its digest is ERR_TAMPERED. A missing body is ERR_MISS: it may
 * have been pruned, and proofs still hold. Packs may be removed from the front by hand. One writer
 * at a time: the log's lock guards both.
 */
#ifndef TRAMMEL_BLOB_H
#define TRAMMEL_BLOB_H

#include "engine/audit/body.h"
#include "engine/base/world.h"

struct blob_store;

/*
 * `write` false: reading only, no files are made, and a folder that is not there is empty. A torn
 * record at the end of the open pack is cut off (writer) or ignored (reader).
 */
enum err blob_open(struct world *w, const char *folder, bool write, struct blob_store **ret,
		   struct note *n) NODISCARD;
/* Commits without syncing. Safe on NULL. */
enum err blob_close(struct blob_store *b);
/*
 * Buffered; the digest is SHA-256 of the body. ERR_LIMIT over LIMIT_BODY_BYTES (nothing changed);
 * after a failed write ERR_CLOSED.
 */
enum err blob_put(struct blob_store *b, struct str body, struct digest *ret) NODISCARD;
/*
 * Likewise canonical JSON with a fresh seed; the digest is the commitment (body.h). The seed counts
 * as a part of the body.
 */
enum err blob_put_salted(struct blob_store *b, struct str body, const struct body_seed *seed,
			 struct digest *ret) NODISCARD;
/* With `sync`, all bodies put so far are durable; without, they are handed to the system only. */
enum err blob_commit(struct blob_store *b, bool sync) NODISCARD;
/*
 * Rewriting: what shall become of each record. Redacting is told the body, and appends content of
 * BODY_REDACTED to `out`.
 */
enum blob_fate { BLOB_KEEP = 0, BLOB_DROP, BLOB_REDACT };

struct blob_edit {
	enum err (*fate)(void *self, const struct digest *d, enum body_form form,
			 enum blob_fate *ret);
	enum err (*redact)(void *self, const struct digest *d, const struct body *b,
			   struct buf *out);
	void *self;
};

/*
 * Go over all bodies, pack by pack; what was put before is durable then, and what was dropped or
 * redacted is in no file of the folder any more. After an error or a crash some packs are done and
 * some are not: do it again. `changed` counts records. ERR_TAMPERED: a pack is damaged.
 */
enum err blob_rewrite(struct blob_store *b, const struct blob_edit *edit,
		      uint64_t *changed) NODISCARD;
/* How many records that would change; no file does. ERR_TAMPERED: a pack is damaged. */
enum err blob_survey(struct blob_store *b, const struct blob_edit *edit,
		     uint64_t *changed) NODISCARD;
/* The indexes that are there are whole. ERR_TAMPERED names the first that is not. */
enum err blob_judge_indexes(struct blob_store *b, struct note *n) NODISCARD;
/* The body, borrowed until the next call. ERR_MISS, ERR_TAMPERED. */
enum err blob_get(struct blob_store *b, const struct digest *d, struct body *ret) NODISCARD;

#endif
