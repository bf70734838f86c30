/*
 * token_use: tokens that are good once. A part of the door of engine/identity.
 *
 * Who has a token passes for its subject until it ends, so whoever overheard it can bring it again.
 * A verifier that remembers what it took refuses that. Remembered is a digest of who issued it for
 * whom, and under which number (the claims iss, sub and jti), until the token is over by itself;
 * then its row is another's. What cannot be remembered is not taken.
 */
#ifndef TRAMMEL_IDENTITY_TOKEN_USE_H
#define TRAMMEL_IDENTITY_TOKEN_USE_H

#include "engine/base/limits.h"
#include "engine/crypto/crypto.h"
#include "engine/state/state.h"

/* One row of the token_uses table; little-endian, no padding, no key. */
struct token_use_row {
	uint8_t token[DIGEST_BYTES];
	int64_t until_ns;                     /* to then it is remembered */
	uint64_t entry;                       /* of its taking */
};

_Static_assert(sizeof(struct token_use_row) == DIGEST_BYTES + 16, "no padding");

/* The table as the state opens it. */
struct table_schema token_use_table(void);
/*
 * SHA-256 of the statement "trammel/token-use/v1", issuer, subject and id, each behind its length;
 * texts that are absent are empty. ERR_MEMORY.
 */
enum err token_use_digest(struct str issuer, struct str subject, struct str id,
			  struct digest *ret) NODISCARD;
/*
 * Take it at a time, by an entry. ERR_DENIED: it was taken before (REFUSED_REPLAYED), or is over
 * (REFUSED_EXPIRED); ERR_LIMIT: LIMIT_TOKEN_USES are remembered; ERR_MEMORY.
 */
enum err token_use_take(struct state *s, unsigned table, const struct digest *token,
			int64_t until_ns, int64_t at_ns, uint64_t entry,
			struct refusal *r) NODISCARD;

#endif
