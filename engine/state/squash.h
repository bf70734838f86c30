/*
 * squash: doorman of zstd, for everything small that is stored compressed. What zstd works with is
 * kept from call to call, because making it costs more than packing something small.
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
 * One frame of level 1 with content size and checksum, appended to `out`, which is as before on
 * failure. The bytes do not depend on what was packed before. ERR_LIMIT, ERR_MEMORY.
 */
enum err squash_pack(struct squash *s, struct str raw, struct buf *out) NODISCARD;
/* Exactly one frame. ERR_TAMPERED on damage, ERR_LIMIT when the raw size is beyond `cap_bytes`. */
enum err squash_unpack(struct squash *s, struct str packed, size_t cap_bytes,
		       struct buf *out) NODISCARD;

#endif
