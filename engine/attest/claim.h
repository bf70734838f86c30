/*
 * claim: a TRACE Trust Record as a value tree: its schema, its canonical bytes, its signature. A
 * part of the door of engine/attest.
 */
#ifndef TRAMMEL_ATTEST_CLAIM_H
#define TRAMMEL_ATTEST_CLAIM_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

enum claim_version { CLAIM_V0_2 = 0, CLAIM_V0_1 };

#define CLAIM_LEAST_S INT64_C(1700000000)     /* no record is older than this */
#define CLAIM_NOTHING_MEASURED                                                                   \
	"sha256:0000000000000000000000000000000000000000000000000000000000000000"

struct claim {
	const struct value *record;           /* the members of TRACE */
	const struct value *whole;            /* what is signed; the record itself, or around it */
	bool enveloped;                       /* a RuntimeClaim of cMCP around the record */
};

/* The URI that a record of that version names as its profile. */
const char *claim_profile(enum claim_version v);
/* By a profile; false: it is none that is known here. */
bool claim_version_of(struct str profile, enum claim_version *ret);

/*
 * A record, or a RuntimeClaim (member cmcp_version), of at most LIMIT_RECORD_BYTES. What looks like
 * an envelope and does not say so is refused, so that nobody strips one down to a record. The text
 * outlives `ret`. ERR_LIMIT, ERR_TYPE, ERR_SYNTAX, those of json_read.
 */
enum err claim_read(struct str text, struct arena *a, struct claim *ret,
		    struct note *n) NODISCARD;
/* Likewise of a tree. */
enum err claim_of(const struct value *v, struct claim *ret, struct note *n) NODISCARD;

/*
 * Does the record fit the published schema of that version: closed objects, patterns, words,
 * bounds? ERR_TYPE, ERR_SYNTAX, ERR_UNKNOWN (a member, a word), ERR_RANGE, ERR_NOT_FOUND (a member
 * is missing), with the member's path.
 */
enum err claim_check(const struct value *record, enum claim_version v, struct note *n) NODISCARD;

/* The words of runtime.platform and of policy.enforcement_mode, NULL-ended. */
const char *const *claim_platforms(void);
const char *const *claim_modes(void);
/* "sha256:" and 64, or "sha384:" and 96 lower-case hexadecimal digits. */
bool claim_digest_ok(struct str s);
/* An absolute URI (RFC 3986): a scheme, then something of the characters that a URI may have. */
bool claim_uri_ok(struct str s);

/*
 * Append what the signature covers: the canonical form (RFC 8785) without the outermost member
 * `signature`. ERR_MEMORY, ERR_LIMIT.
 */
enum err claim_preimage(const struct value *whole, struct arena *a, struct buf *b) NODISCARD;
/* SHA-256 of the canonical form, signature included: by this other records name it. */
enum err claim_hash(const struct value *whole, struct digest *ret) NODISCARD;

/*
 * RFC 7638, of keys of the types OKP, EC and RSA; others, and those that lack a member, have none:
 * ERR_TYPE, ERR_MEMORY.
 */
enum err claim_thumbprint(const struct value *jwk, struct digest *ret) NODISCARD;
/*
 * The key that a JWK says: Ed25519, or P-256. Other members are not looked at. ERR_TYPE for other
 * kinds, ERR_SYNTAX.
 */
enum err claim_key(const struct value *jwk, struct jws_key *ret, struct note *n) NODISCARD;
/* The confirmation key `cnf.jwk` of a record; NULL: it has none. */
const struct value *claim_jwk(const struct value *record);

/*
 * Is the member `signature` of the object one by this key over the rest of it? ERR_SIGNATURE,
 * ERR_SYNTAX (it is not there, or not base64url of 64 bytes), ERR_UNSUPPORTED, ERR_MEMORY.
 */
enum err claim_signed_by(const struct value *whole, const struct jws_key *key,
			 struct arena *a) NODISCARD;
/*
 * Append the record, canonical, with `cnf` and `signature` of that key in place of those that it
 * has; other members are as they are. ERR_MEMORY, ERR_LIMIT.
 */
enum err claim_sign(const struct value *record, const struct sign_key *key, struct arena *a,
		    struct buf *b) NODISCARD;

#endif
