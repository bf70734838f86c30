/*
 * squash: doorman of zstd (RFC 8878), for what is stored compressed. What zstd works with is kept
 * from call to call, because making it costs more than packing something small.
 */
#ifndef TRAMMEL_SQUASH_H
#define TRAMMEL_SQUASH_H

#include "engine/base/str.h"

struct squash {
	void *packer, *unpacker;     /* made when first needed */
};

void squash_init(struct squash *s);
void squash_fini(struct squash *s);
/*
 * From now on pack, or unpack, with a dictionary (RFC 8878 section 5), which is copied; an empty
 * one is none. Frames do not name it: who packs with one says elsewhere which. ERR_MEMORY;
 * ERR_TAMPERED: these bytes are no dictionary.
 */
enum err squash_packs_with(struct squash *s, struct str dictionary) NODISCARD;
enum err squash_unpacks_with(struct squash *s, struct str dictionary) NODISCARD;
/*
 * Append a dictionary of at most `cap_bytes` for what is like the samples, which lie one behind the
 * other. Nothing is appended where there are too few to learn from. ERR_MEMORY.
 */
enum err squash_train(struct str samples, const size_t *sizes, unsigned count, size_t cap_bytes,
		      struct buf *out) NODISCARD;
/*
 * One frame of level 1 with content size and checksum, appended to `out`, which is as before on
 * failure. The bytes do not depend on what was packed before. ERR_LIMIT, ERR_MEMORY.
 */
enum err squash_pack(struct squash *s, struct str raw, struct buf *out) NODISCARD;
/* Exactly one frame. ERR_TAMPERED on damage, ERR_LIMIT when the raw size is beyond `cap_bytes`. */
enum err squash_unpack(struct squash *s, struct str packed, size_t cap_bytes,
		       struct buf *out) NODISCARD;
/*
 * Exactly one frame, whose content has exactly `raw_bytes`, at least one. ERR_TAMPERED, ERR_MEMORY.
 */
enum err squash_unpack_at(struct squash *s, struct str packed, void *raw,
			  size_t raw_bytes) NODISCARD;

#endif
