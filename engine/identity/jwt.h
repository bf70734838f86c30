/*
 * jwt: what is believed of somebody for a while: JSON Web Tokens (RFC 7519), and SVIDs, the
 * documents of SPIFFE. A part of the door of engine/identity.
 *
 * Promises:
 *   1. A token is read, its key is chosen by the reader, then it is checked. Nothing of one that
 *      was only read is true yet.
 *   2. Who checks says for whom the token has to be: there is no check without an audience.
 *   3. Time is an argument. Clocks may differ by LIMIT_TOKEN_SKEW_NS at most.
 *   4. An issuer that is a DID which follows from a key has to be the DID of this key.
 */
#ifndef TRAMMEL_IDENTITY_JWT_H
#define TRAMMEL_IDENTITY_JWT_H

#include "engine/base/value.h"
#include "engine/identity/naming.h"

struct jwt {
	struct jws jws;
	struct str issuer, subject, id;       /* ptr NULL: absent */
	const struct value *audience;         /* a text or a list of texts; NULL: absent */
	const struct value *claims;           /* all of them */
	bool has_expiry, has_begin, has_issue;
	int64_t expires_ns, begins_ns, issued_ns;
};

struct jwt_rules {
	struct str audience;
	struct str issuer;                    /* ptr NULL: any */
	struct str spiffe_domain;             /* ptr NULL: the subject need be no SPIFFE ID */
	int64_t now_ns, skew_ns;
};

/* The text outlives `ret`. ERR_DENIED, ERR_MEMORY. */
enum err jwt_read(struct str text, struct arena *a, struct jwt *ret,
		  struct refusal *r) NODISCARD;
/*
 * By this key, for this audience, at this time. With `spiffe_domain` it is a JWT-SVID (SPIFFE
 * JWT-SVID, sections 2 to 4). As jws_check.
 */
enum err jwt_check(const struct jwt *t, const struct jws_key *key,
		   const struct jwt_rules *rules, struct refusal *r) NODISCARD;

struct jwt_order {
	struct str issuer, subject, audience, id;
	int64_t issued_ns, expires_ns;        /* cut to seconds, which is what tokens count in */
};

/* Signed by Ed25519, the kid being key_id_write's. ERR_RANGE: not within LIMIT_TOKEN_LIFE_NS. */
enum err jwt_write(struct buf *b, const struct jwt_order *order,
		   const struct sign_key *key) NODISCARD;

/* --- X.509-SVIDs (SPIFFE X509-SVID) --- */

struct svid {
	struct str id, domain;                /* in the arena */
	int64_t from_ns, until_ns;            /* of the leaf */
};

/*
 * A leaf with those above it, by the bundle of a trust domain, as x509_verify. With `domain` (ptr
 * NULL: not said) the SPIFFE ID has to be in it; else the bundle must say it by its own names.
 */
enum err svid_verify(struct str pem, struct str bundle, struct str domain, int64_t at_ns,
		     struct arena *a, struct svid *ret, struct refusal *r) NODISCARD;

#endif
