/*
 * inside: what the files of engine/crypto share. Nobody else includes this but their tests.
 */
#ifndef TRAMMEL_CRYPTO_INSIDE_H
#define TRAMMEL_CRYPTO_INSIDE_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

#define SHA256_BLOCK_BYTES 64

/*
 * A core is the compression function of SHA-256 and nothing else: it folds whole blocks into a
 * state of eight words. Blocks need no alignment. What surrounds it (padding, prefixes, lanes) is
 * written once, in sha256.c. The `_with` functions take the core, so that tests can run each.
 */
struct sha256_core {
	const char *name;
	void (*one)(uint32_t h[8], const uint8_t *blocks, size_t count);
	/* Two independent messages, `count` blocks of each. */
	void (*two)(uint32_t ha[8], const uint8_t *a, uint32_t hb[8], const uint8_t *b,
		    size_t count);
	/* As sha256_nodes; NULL: nodes are made of the two above. */
	void (*nodes)(const struct digest *in, size_t count, struct digest *out);
};

/* The state before the first block. */
extern const uint32_t sha256_first[8];

/* SHA-NI, or NULL where the processor does not have it. Asks the processor: slow. */
const struct sha256_core *sha256_ni_core(void);
/* libsodium. */
const struct sha256_core *sign_sha256_core(void);

struct digest sha256_with(const struct sha256_core *c, struct str prefix, struct str text);
void sha256_add_with(const struct sha256_core *c, struct sha256 *s, const void *bytes, size_t len);
void sha256_nodes_with(const struct sha256_core *c, const struct digest *in, size_t count,
		       struct digest *out);
void sha256_each_with(const struct sha256_core *c, struct str prefix, const struct str *texts,
		      size_t count, struct digest *out);
/* Whether a core gives a known digest, through one lane and through two. */
bool sha256_core_works(const struct sha256_core *c);
/* The core that serves this process. */
const struct sha256_core *sha256_core(void);

/* The secret half, inside the key's guarded memory. */
const uint8_t *sign_key_seed(const struct sign_key *k);

/* One key that is a value already; as jwk_read. */
enum err jwk_read_value(const struct value *jwk, struct jwk *ret, struct note *n) NODISCARD;

/* Characters that padded base64 takes, and the same without a buffer, which might move a secret. */
#define BASE64_CHARS(len) (((len) + 2) / 3 * 4)
void base64_encode(char *dst, const uint8_t *bytes, size_t len);
/* Likewise section 5, which takes no padding. */
void base64url_encode(char *dst, const uint8_t *bytes, size_t len);

#endif
