/*
 * cert_kit: certificates made on the spot, each as right or as wrong as a test wants it.
 *
 * Keys are of P-256. In a build without libcrypto nothing can be made: ask x509_supported first.
 */
#ifndef TRAMMEL_TESTS_CERT_KIT_H
#define TRAMMEL_TESTS_CERT_KIT_H

#include "engine/crypto/crypto.h"

#define CERT_KIT_FROM INT64_C(1767225600)     /* 2026-01-01T00:00:00Z */
#define CERT_KIT_UNTIL INT64_C(1798761600)    /* 2027-01-01T00:00:00Z */
#define CERT_KIT_NOW (INT64_C(1780000000) * INT64_C(1000000000))

struct cert;

/* Extensions as OpenSSL's configuration writes them; NULL: not there. */
struct cert_order {
	const char *subject;                  /* its common name */
	const struct cert *issuer;            /* NULL: itself */
	const char *names, *constraints, *usage, *name_constraints;
	int64_t from_s, until_s;              /* 0: CERT_KIT_FROM and CERT_KIT_UNTIL */
};

#define CERT_KIT_CA "critical,CA:TRUE"
#define CERT_KIT_LEAF "critical,CA:FALSE"
#define CERT_KIT_CERTIFIES "critical,keyCertSign,cRLSign"
#define CERT_KIT_SIGNS "critical,digitalSignature"

struct cert *cert_kit_make(const struct cert_order *order);
void cert_kit_free(struct cert *c);
/* Append it in PEM. */
void cert_kit_pem(struct buf *b, const struct cert *c);
/* The key, and an ES256 signature by it over the text. */
struct p256_key cert_kit_key(const struct cert *c);
void cert_kit_sign(const struct cert *c, struct str text, uint8_t signature[64]);

#endif
