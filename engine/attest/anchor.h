/*
 * anchor: that a signed record is in a batch of a TRACE registry (trace-spec, Registry Anchor
 * Format v1). A part of the door of engine/attest.
 *
 * It proves that these very bytes, signature included, were in the batch; neither that the
 * signature holds nor that what is said is so. Who says that the entry is the registry's is not
 * asked here.
 */
#ifndef TRAMMEL_ATTEST_ANCHOR_H
#define TRAMMEL_ATTEST_ANCHOR_H

#include "engine/attest/finding.h"
#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

/*
 * SHA-256 of a zero byte and the record in the registry's own canonical form, which is not that of
 * signatures: keys by code point, everything outside ASCII escaped. ERR_TYPE: it holds a number
 * with a fraction, which has no form there; ERR_MEMORY, ERR_LIMIT.
 */
enum err anchor_leaf(const struct value *whole, struct digest *ret) NODISCARD;

/*
 * Judge `{"proof": {"leaf_index", "audit_path"}, "entry": {"ts", "merkle_root", "leaf_count",
 * "producer", "batch_id"}}`, the proof of a producer and the line of the registry. ERR_TYPE,
 * ERR_LIMIT: it has not that form; ERR_MEMORY.
 */
enum err anchor_judge(const struct value *whole, const struct value *anchor, struct findings *f,
		      struct note *n) NODISCARD;

#endif
