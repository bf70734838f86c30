/*
 * trace_record: a TRACE Trust Record as a value tree: its canonical bytes, its key, its signature.
 * A part of the door of engine/attest.
 */
#ifndef TRAMMEL_ATTEST_TRACE_RECORD_H
#define TRAMMEL_ATTEST_TRACE_RECORD_H

#include "engine/attest/trace_schema.h"
#include "engine/crypto/crypto.h"

struct trace_record {
	const struct value *record;           /* the members of TRACE */
	const struct value *whole;            /* what is signed; the record itself, or around it */
	bool enveloped;                       /* a RuntimeClaim of cMCP around the record */
};

/*
 * A record, or a RuntimeClaim (member cmcp_version), of at most LIMIT_RECORD_BYTES. What looks like
 * an envelope and does not say so is refused, so that nobody strips one down to a record. The text
 * outlives `ret`. ERR_LIMIT, ERR_TYPE, ERR_SYNTAX, those of json_read.
 */
enum err trace_record_read(struct str text, struct arena *a, struct trace_record *ret,
			   struct note *n) NODISCARD;
/* Likewise of a tree. */
enum err trace_record_of(const struct value *v, struct trace_record *ret, struct note *n) NODISCARD;

/*
 * Append what the signature covers: the canonical form (RFC 8785) without the outermost member
 * `signature`. ERR_MEMORY, ERR_LIMIT.
 */
enum err trace_record_preimage(const struct value *whole, struct arena *a, struct buf *b) NODISCARD;
/* SHA-256 of the canonical form, signature included: by this other records name it. */
enum err trace_record_hash(const struct value *whole, struct digest *ret) NODISCARD;

/*
 * RFC 7638, of keys of the types OKP, EC and RSA; others, and those that lack a member, have none:
 * ERR_TYPE, ERR_MEMORY.
 */
enum err trace_record_thumbprint(const struct value *jwk, struct digest *ret) NODISCARD;
/*
 * The key that a JWK says: Ed25519, or P-256. Other members are not looked at. ERR_TYPE for other
 * kinds, ERR_SYNTAX.
 */
enum err trace_record_key(const struct value *jwk, struct jws_key *ret, struct note *n) NODISCARD;
/* The confirmation key `cnf.jwk` of a record; NULL: it has none. */
const struct value *trace_record_jwk(const struct value *record);

/*
 * Is the member `signature` of the object one by this key over the rest of it? ERR_SIGNATURE,
 * ERR_SYNTAX (it is not there, or not base64url of 64 bytes), ERR_UNSUPPORTED, ERR_MEMORY.
 */
enum err trace_record_signed_by(const struct value *whole, const struct jws_key *key,
				struct arena *a) NODISCARD;
/*
 * Append the record, canonical, with `cnf` and `signature` of that key in place of those that it
 * has; other members are as they are. ERR_MEMORY, ERR_LIMIT.
 */
enum err trace_record_sign(const struct value *record, const struct sign_key *key, struct arena *a,
			   struct buf *b) NODISCARD;

#endif
