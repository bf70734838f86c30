/*
 * refusal: the one list of reasons for which something that was brought as proof of an identity is
 * not believed. A part of the door of engine/crypto.
 *
 * A refusal is a verdict: what refuses answers ERR_DENIED, fills this in, and gives nothing else
 * back. Every other error means that it could not be looked at. Codes are a contract: programs may
 * compare them, so a code never changes its meaning.
 */
#ifndef TRAMMEL_CRYPTO_REFUSAL_H
#define TRAMMEL_CRYPTO_REFUSAL_H

#include "engine/base/err.h"

#define REFUSAL_LIST(X)                                                                          \
	X(REFUSED_NOT, "")                                                                       \
	/* how a token is written (RFC 7515) */                                                  \
	X(REFUSED_LENGTH, "too-long")                                                            \
	X(REFUSED_FORM, "not-compact")                                                           \
	X(REFUSED_TRUNCATED, "truncated")                                                        \
	X(REFUSED_BASE64, "not-base64url")                                                       \
	X(REFUSED_HEADER, "bad-header")                                                          \
	X(REFUSED_DUPLICATE, "duplicate-member")                                                 \
	X(REFUSED_NONE, "alg-none")                                                              \
	X(REFUSED_ALG, "alg-unsupported")                                                        \
	X(REFUSED_ALG_KEY, "alg-not-of-key")                                                     \
	X(REFUSED_CRIT, "crit")                                                                  \
	X(REFUSED_KEY_IN_HEADER, "key-in-header")                                                \
	X(REFUSED_TYPE, "wrong-typ")                                                             \
	X(REFUSED_KEY_UNKNOWN, "key-unknown")                                                    \
	X(REFUSED_SIGNATURE, "bad-signature")                                                    \
	/* what a token claims (RFC 7519) */                                                     \
	X(REFUSED_CLAIMS, "bad-claims")                                                          \
	X(REFUSED_ISSUER, "wrong-issuer")                                                        \
	X(REFUSED_AUDIENCE, "wrong-audience")                                                    \
	X(REFUSED_EXPIRED, "expired")                                                            \
	X(REFUSED_EARLY, "not-yet-valid")                                                        \
	X(REFUSED_FUTURE, "issued-in-future")                                                    \
	X(REFUSED_SUBJECT, "wrong-subject")                                                      \
	X(REFUSED_DOMAIN, "wrong-trust-domain")                                                  \
	X(REFUSED_REPLAYED, "replayed")                                                          \
	/* certificates (RFC 5280, X509-SVID) */                                                 \
	X(REFUSED_CERTIFICATE, "bad-certificate")                                                \
	X(REFUSED_CHAIN, "no-chain")                                                             \
	X(REFUSED_NAME, "bad-name")                                                              \
	X(REFUSED_CA, "leaf-is-ca")                                                              \
	X(REFUSED_USAGE, "wrong-key-usage")                                                      \
	X(REFUSED_PATH, "path-too-long")                                                         \
	/* who it is, as the registry has it */                                                  \
	X(REFUSED_STRANGER, "not-registered")                                                    \
	X(REFUSED_STANDING, "not-active")                                                        \
	X(REFUSED_REVOKED, "revoked")                                                            \
	/* handshakes */                                                                         \
	X(REFUSED_LOG, "other-log")                                                              \
	X(REFUSED_PARTY, "wrong-party")                                                          \
	X(REFUSED_KEY, "wrong-key")                                                              \
	X(REFUSED_UNASKED, "not-asked")                                                          \
	X(REFUSED_CHANGED, "challenge-changed")                                                  \
	X(REFUSED_NONCE, "nonce-used")                                                           \
	X(REFUSED_EPOCH, "epoch-turned")                                                         \
	X(REFUSED_SCORE, "score-too-low")                                                        \
	X(REFUSED_NEEDS, "capability-missing")

enum refusal_code {
#define REFUSED_ENUM(id, code) id,
	REFUSAL_LIST(REFUSED_ENUM)
#undef REFUSED_ENUM
	REFUSED_CODES
};

struct refusal {
	enum refusal_code code;
	struct note note;            /* the sentence */
};

/* "alg-none" */
const char *refusal_name(enum refusal_code code);
/* Fill in (NULL is allowed: the story is dropped) and answer ERR_DENIED. */
enum err refusal_set(struct refusal *r, enum refusal_code code, const char *fmt,
		     ...) PRINTF_LIKE(3, 4);

#endif
