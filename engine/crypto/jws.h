/*
 * jws: JSON Web Signatures in compact form (RFC 7515), and the keys that verify them. A part of the
 * door of engine/crypto.
 *
 * Promises:
 *   1. Two algorithms and no others: EdDSA with Ed25519 (RFC 8037; RFC 9864 calls it Ed25519), and
 *      ES256 (RFC 7518 section 3.4) where the build has libcrypto. Which of them a signature has to
 *      be is what the key says, never the header alone.
 *   2. No key is taken from a header, and nothing is fetched.
 *   3. One text for one signature: base64url is canonical, members do not repeat.
 */
#ifndef TRAMMEL_CRYPTO_JWS_H
#define TRAMMEL_CRYPTO_JWS_H

#include "engine/crypto/crypto.h"
#include "engine/crypto/refusal.h"
#include "engine/crypto/x509.h"

enum jws_alg { JWS_EDDSA = 0, JWS_ES256 };

#define JWS_SIGNATURE_BYTES 64                /* of both algorithms */

struct jws {
	enum jws_alg alg;
	struct str kid, typ;                  /* ptr NULL: absent */
	bool has_more;                        /* members that were passed over */
	struct str covered;                   /* what is signed, in the text */
	struct str payload;                   /* decoded */
	uint8_t signature[JWS_SIGNATURE_BYTES];
};

struct jws_key {
	enum jws_alg alg;
	struct str kid;                       /* ptr NULL: it has none */
	struct public_key ed;                 /* of JWS_EDDSA */
	struct p256_key ec;                   /* of JWS_ES256 */
};

/* Take the text apart; nothing is verified. The text outlives `ret`. ERR_DENIED, ERR_MEMORY. */
enum err jws_read(struct str text, struct arena *a, struct jws *ret,
		  struct refusal *r) NODISCARD;
/* ERR_DENIED, and ERR_UNSUPPORTED for ES256 in a build without libcrypto. */
enum err jws_check(const struct jws *j, const struct jws_key *key, struct refusal *r) NODISCARD;
/* {"alg":"EdDSA","kid"?,"typ"?} and the payload, signed; absent texts have ptr NULL. */
void jws_write(struct buf *b, const struct sign_key *key, struct str kid, struct str typ,
	       struct str payload);

/* --- sets of keys that verify (RFC 7517 section 5) --- */

struct jwks {
	struct jws_key *keys;
	size_t count;
};

/*
 * What the keys of a set are for. JWKS_SIG: keys without "use" too. JWKS_SVID: a SPIFFE bundle
 * (SPIFFE Trust Domain and Bundle, section 4), of which the keys for JWT-SVIDs are taken; the
 * standard's algorithms do not have EdDSA among them.
 */
enum jwks_use { JWKS_SIG = 0, JWKS_SVID };

/*
 * A set, or a single key. Keys of other kinds and uses are passed over, as RFC 7517 demands; a
 * private half is an error, and so is a set that has no key for the use. ERR_SYNTAX, ERR_TYPE,
 * ERR_UNKNOWN, ERR_DUPLICATE (kids), ERR_LIMIT, ERR_NOT_FOUND, those of json_read.
 */
enum err jwks_read(struct str text, enum jwks_use use, struct arena *a, struct jwks *ret,
		   struct note *n) NODISCARD;
/* The key of that kid; without a kid (ptr NULL) the only one. NULL: there is none. */
const struct jws_key *jwks_find(const struct jwks *set, struct str kid);

#endif
