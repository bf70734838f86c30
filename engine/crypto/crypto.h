/*
 * crypto: hashes, signatures and how keys and bytes are written down. The door of engine/crypto.
 *
 * Promises:
 *   1. SHA-256 gives the same bytes on every machine; SHA-NI is used where the processor has it,
 *      libsodium otherwise.
 *   2. Secret keys live in locked, guarded memory (sodium_malloc) that is wiped on close; only
 *      pem_write_private and jwk_write_private write one down, and no note ever quotes one.
 *   3. Comparisons of secrets take constant time.
 *   4. Every decoder is strict: one text for one value, everything else is refused. The one
 *      liberty is that a PEM line may end in CRLF.
 *
 * Call crypto_start once before anything else; it is idempotent. Everything here may be used by
 * many threads at once, as long as each object is closed by one of them after the others are done.
 */
#ifndef TRAMMEL_CRYPTO_H
#define TRAMMEL_CRYPTO_H

#include "engine/base/arena.h"
#include "engine/base/world.h"

#define DIGEST_BYTES 32
#define PUBLIC_KEY_BYTES 32
#define SIGNATURE_BYTES 64
#define SEED_BYTES 32

struct digest { uint8_t bytes[DIGEST_BYTES]; };
struct public_key { uint8_t bytes[PUBLIC_KEY_BYTES]; };
struct signature { uint8_t bytes[SIGNATURE_BYTES]; };

/* ERR_CRYPTO when libsodium cannot start or SHA-256 fails its self-test. */
enum err crypto_start(void) NODISCARD;

/* --- SHA-256 (FIPS 180-4) --- */
struct sha256 {
	uint32_t h[8];
	uint64_t total_bytes;
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len);
/* The state is used up: init it again before the next message. */
void sha256_done(struct sha256 *s, struct digest *ret);
struct digest sha256(struct str text);
/* SHA-256(prefix || text): the leaf hash of RFC 6962 with prefix 0x00. */
struct digest sha256_prefixed(uint8_t prefix, struct str text);
/* `count` tree nodes at once: out[i] = SHA-256(0x01 || in[2i] || in[2i+1]); out may be in. */
void sha256_nodes(const struct digest *in, size_t count, struct digest *out);
/*
 * `count` independent texts, or leaves, at once: out[i] = SHA-256(texts[i]), SHA-256(0x00 || ...).
 * A lane whose text has ended takes the next one, so lengths need not agree. Hand over many.
 */
void sha256_each(const struct str *texts, size_t count, struct digest *out);
void sha256_leaves(const struct str *texts, size_t count, struct digest *out);
/* Likewise texts that fit a block, each made in one of its own: fill it, then end it. */
#define SHA256_SHORT_BYTES 55
struct sha256_short { uint8_t block[64]; };
void sha256_short_end(struct sha256_short *s, size_t len);
void sha256_shorts(const struct sha256_short *texts, size_t count, struct digest *out);
const char *sha256_kernel(void);              /* which core serves: "sha-ni" or "libsodium" */
/* RFC 2104. Its own copies of the key are wiped. */
struct digest hmac_sha256(struct str key, struct str text);

/* Not constant time: for public digests. */
static inline bool digest_eq(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}
/* Likewise. */
static inline bool public_key_eq(const struct public_key *a, const struct public_key *b)
{
	return memcmp(a->bytes, b->bytes, PUBLIC_KEY_BYTES) == 0;
}
/* Constant time in the content; the length is public. */
bool crypto_equal(const void *a, const void *b, size_t len);
/* Zeroes that the optimiser may not take away. */
void crypto_wipe(void *bytes, size_t len);
/* Likewise a text whose bytes are yours, such as a file in your arena; ptr NULL: nothing. */
void crypto_wipe_text(struct str text);
/* The end of a buffer that held a secret: all its room is wiped, then given back. */
void crypto_wipe_buf(struct buf *b);

/* --- Ed25519 (RFC 8032) --- */
struct sign_key;

/* From a 32-byte seed, which stays the caller's to wipe. ERR_MEMORY. */
enum err sign_key_open(const uint8_t seed[SEED_BYTES], struct sign_key **ret) NODISCARD;
/* From the world's entropy; its errors, ERR_MEMORY. A world that records would keep the seed. */
enum err sign_key_make(struct world *w, struct sign_key **ret) NODISCARD;
/* Wipes the key. NULL is allowed. */
void sign_key_close(struct sign_key *k);
struct public_key sign_key_public(const struct sign_key *k);
struct signature sign_make(const struct sign_key *k, struct str text);
/* Strict: small-order points, non-canonical points and S >= L do not verify. */
bool sign_check(const struct public_key *pub, struct str text, const struct signature *sig);

/*
 * --- texts of bytes ---
 * Writers append; failures are the buffer's. Readers answer ERR_SYNTAX, or ERR_LIMIT when the
 * bytes do not fit `room`; `dst` and `len` change on success only.
 */

/* Exactly dst_len bytes, lower case; any other length is ERR_SYNTAX. The writer: buf_add_hex. */
enum err hex_read(struct str text, void *dst, size_t dst_len) NODISCARD;
/* RFC 4648 section 4, padded; unused bits must be zero (section 3.5), no blanks. */
void base64_write(struct buf *b, const void *bytes, size_t len);
enum err base64_read(struct str text, void *dst, size_t room, size_t *len) NODISCARD;
/* Section 5, never padded. */
void base64url_write(struct buf *b, const void *bytes, size_t len);
enum err base64url_read(struct str text, void *dst, size_t room, size_t *len) NODISCARD;
/*
 * The Bitcoin alphabet (draft-msporny-base58-03). Conversion is quadratic, so both ways stop at
 * BASE58_BYTES: the writer's caller must know its length, the reader answers ERR_LIMIT.
 */
#define BASE58_BYTES 64
void base58_write(struct buf *b, const void *bytes, size_t len);
enum err base58_read(struct str text, void *dst, size_t room, size_t *len) NODISCARD;
/* "sha256:" and 64 lower hex digits. */
void digest_write(struct buf *b, const struct digest *d);
/* Likewise into the arena; ERR_MEMORY. */
enum err digest_copy(const struct digest *d, struct arena *a, struct str *ret) NODISCARD;
enum err digest_read(struct str text, struct digest *ret) NODISCARD;

#include "engine/crypto/key_text.h"
#include "engine/crypto/jws.h"
#include "engine/crypto/statement.h"

#endif
