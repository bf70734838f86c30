/*
 * x509: P-256 signatures, and chains of X.509 certificates (RFC 5280). A part of the door of
 * engine/crypto; x509.c is the doorman of OpenSSL's libcrypto.
 *
 * libcrypto is optional: in a build without it every function here answers ERR_UNSUPPORTED.
 *
 * Promises:
 *   1. Nothing from outside but the arguments: no file, no network, no clock, no environment, no
 *      store of roots that the system may have, no openssl.cnf.
 *   2. What a chain may be used for is the caller's to judge: here it is signatures, names that
 *      chain up, validity at the given time, basic constraints, path length, name constraints, and
 *      extensions that must be understood.
 */
#ifndef TRAMMEL_CRYPTO_X509_H
#define TRAMMEL_CRYPTO_X509_H

#include "engine/base/arena.h"
#include "engine/base/limits.h"
#include "engine/crypto/refusal.h"

/* Is libcrypto in this build? */
bool x509_supported(void);

/* A point of P-256: x and y, 32 bytes each, big-endian. */
struct p256_key { uint8_t xy[64]; };

/*
 * ECDSA with P-256 and SHA-256; the signature is r and s, 32 bytes each (RFC 7518 section 3.4).
 * ERR_SIGNATURE, ERR_TYPE (the key is no point of the curve), ERR_CRYPTO, ERR_UNSUPPORTED.
 */
enum err es256_check(const struct p256_key *key, struct str text,
		     const uint8_t signature[64]) NODISCARD;

/* Bits of the keyUsage extension that SVIDs speak of (RFC 5280 section 4.2.1.3). */
#define X509_SIGNS 1u
#define X509_SIGNS_CERTS 2u
#define X509_SIGNS_LISTS 4u

struct x509_cert {
	struct str uri;                       /* the first URI among the alternative names */
	size_t uri_count;
	int64_t from_ns, until_ns;            /* as libcrypto counts: the end is not valid */
	unsigned usage;
	bool is_ca, usage_critical;
};

struct x509_chain {
	struct x509_cert certs[LIMIT_CHAIN_CERTS];    /* the leaf first, what is believed last */
	size_t count;
};

/*
 * `pem` holds the leaf and maybe certificates above it, `anchors` those that are believed; both are
 * nothing but certificates in PEM. Instants are cut to seconds, which is what certificates count
 * in. ERR_DENIED, ERR_MEMORY, ERR_CRYPTO, ERR_UNSUPPORTED; of `anchors`, which is the verifier's
 * own, ERR_SYNTAX and ERR_LIMIT, with a note.
 */
enum err x509_verify(struct str pem, struct str anchors, int64_t at_ns, struct arena *a,
		     struct x509_chain *ret, struct refusal *r) NODISCARD;

#endif
