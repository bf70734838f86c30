/*
 * credential: short-lived, scoped secrets. Part of the door of engine/identity; see
 * docs/formats/credential.md.
 *
 *   active --rotate--> rotated     the old secret is good for the overlap that was stated
 *      |                  |
 *      +-----revoke-------+----> revoked, for good          active and rotated ones end by time
 *
 * Only a hash of the secret is ever kept, recorded or shown: SHA-256 of a line of its own and the
 * secret, so a hash taken for another purpose is of no use here. The first 8 bytes of the hash are
 * the credential's name and find its row; the rest is compared in constant time.
 */
#ifndef TRAMMEL_IDENTITY_CREDENTIAL_H
#define TRAMMEL_IDENTITY_CREDENTIAL_H

#include "engine/crypto/crypto.h"
#include "engine/identity/capability.h"
#include "engine/state/state.h"

enum credential_status {
	CREDENTIAL_ACTIVE = 0, CREDENTIAL_ROTATED, CREDENTIAL_REVOKED, CREDENTIAL_STATUSES
};

/* One row of the credentials table; little-endian, no padding. The first 8 bytes are the key. */
struct credential_row {
	uint8_t hash[DIGEST_BYTES];
	char agent[LIMIT_NAME_BYTES];
	int64_t issued_ns, ends_ns;           /* not good any more at the latter */
	uint64_t entry;                       /* that issued it */
	uint8_t after[8];                     /* the one it was rotated from; zeros: none */
	uint8_t status, zero;
	uint16_t may_bytes, rotations;
	uint8_t more_zero[2];
	char may[LIMIT_CAPABILITY_BYTES];
};

_Static_assert(sizeof(struct credential_row) ==
		       DIGEST_BYTES + LIMIT_NAME_BYTES + 40 + LIMIT_CAPABILITY_BYTES,
	       "no padding");

/* The credentials table as the state opens it. */
struct table_schema credential_table(void);
struct str credential_agent(const struct credential_row *row);
struct str credential_may(const struct credential_row *row);
const char *credential_status_name(enum credential_status status);

/* What every secret begins with. */
#define CREDENTIAL_PREFIX "tcr_"
#define CREDENTIAL_SECRET_BYTES 47
/* "tcr_" and 43 characters of base64url: 32 bytes of the world's entropy. Wipe it. */
enum err credential_make(struct world *w, char secret[CREDENTIAL_SECRET_BYTES]) NODISCARD;
/* SHA-256 of "trammel/credential/v1", a line feed, and the secret. */
struct digest credential_hash(struct str secret);
#define CREDENTIAL_ID_BYTES 21
/* "cred-" and the first 16 hexadecimal digits of the hash. */
void credential_id_write(struct buf *b, const uint8_t hash[DIGEST_BYTES]);

/*
 * Each of these changes rows, or says in the note why it cannot: ERR_EXISTS, ERR_NOT_FOUND,
 * ERR_RANGE; ERR_LIMIT, ERR_MEMORY. `row` tells all of a new credential but rotations and status.
 */
enum err credential_issue(struct state *s, unsigned table, const struct credential_row *row,
			  struct note *why) NODISCARD;
/*
 * The next secret of credential `id` of that agent, which keeps its scope. The old one is good
 * until `until_ns`, but never longer than it was.
 */
enum err credential_rotate(struct state *s, unsigned table, struct str id, int64_t until_ns,
			   const struct credential_row *next, struct note *why) NODISCARD;
enum err credential_revoke(struct state *s, unsigned table, struct str agent, struct str id,
			   struct note *why) NODISCARD;

/* The credential with that hash; false when there is none. */
bool credential_find(const struct state *s, unsigned table, const struct digest *hash,
		     struct credential_row *ret);
/* By its id; `at` is its row. */
bool credential_named(const struct state *s, unsigned table, struct str id, uint32_t *at,
		      struct credential_row *ret);

#endif
