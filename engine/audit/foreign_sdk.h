/*
 * foreign_sdk: the audit chains of the reference toolkit's other libraries (AGT 5.0.0), which are
 * lists of entries in JSON. Opened by audit.h.
 *
 *   library        hash is SHA-256 of                                     first previous hash
 *   Go             0x01, then five texts, each behind its length in       ""
 *                  four big-endian bytes: time, agent, action,
 *                  decision, previous hash
 *   Rust           seq|time|agent|action|decision|previous hash           ""
 *   .NET           the same; the time with seven digits of a second       ""
 *   TypeScript     JSON.stringify of timestamp, agentId, action,          64 zeros
 *                  decision, previousHash, skillAuditMetadata
 *   its service    JSON.stringify of id, timestamp, action, agent_did,    "genesis"
 *                  details, previous_hash
 *
 * What stands between bars can be moved over a bar unseen: "a|b" by "c" hashes like "a" by "b|c".
 */
#ifndef TRAMMEL_FOREIGN_SDK_H
#define TRAMMEL_FOREIGN_SDK_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

enum foreign_sdk { SDK_GO = 0, SDK_RUST, SDK_DOTNET, SDK_TYPESCRIPT, SDK_SERVICE, SDKS };

/* What a library calls the parts of its entries; NULL: it has none. */
struct foreign_sdk_names {
	const char *library, *agent, *action, *decision, *hash, *previous, *genesis;
};

const struct foreign_sdk_names *foreign_sdk_names(enum foreign_sdk sdk);

/* Is it shaped like one? ERR_TYPE, ERR_SYNTAX with the place. */
enum err foreign_sdk_check(enum foreign_sdk sdk, const struct value *v, struct note *n) NODISCARD;
/* Append the bytes under the hash of what foreign_sdk_check accepted; Go's are no text. */
void foreign_sdk_text(struct buf *b, enum foreign_sdk sdk, const struct value *v);

#endif
