/*
 * sign: the doorman of libsodium. No other file of the engine includes sodium.h.
 *
 * A key is one block of sodium_malloc: locked against swapping, left out of core dumps, between
 * guard pages, and read-only once it is filled. libsodium keeps the seed and the public key side
 * by side in what it calls the secret key, so the seed is not stored twice.
 */
#include "engine/crypto/crypto.h"

#include <sodium.h>

#include "engine/crypto/inside.h"

struct sign_key {
	uint8_t secret[crypto_sign_SECRETKEYBYTES];      /* seed || public key */
	struct public_key pub;
};

_Static_assert(crypto_sign_SEEDBYTES == SEED_BYTES, "a seed of RFC 8032");
_Static_assert(crypto_sign_PUBLICKEYBYTES == PUBLIC_KEY_BYTES, "a public key of RFC 8032");
_Static_assert(crypto_sign_BYTES == SIGNATURE_BYTES, "a signature of RFC 8032");

/* libsodium may hand an empty text to memcpy: give it an address. */
static const uint8_t *bytes_of(struct str text)
{
	return (const uint8_t *)(text.ptr ? text.ptr : "");
}

/*
 * libsodium exports no compression function, but the fields of its state are public and a state
 * that has seen whole blocks only holds nothing back: `state` is then the chaining value.
 * crypto_start proves it with a known digest.
 */
static void one(uint32_t h[8], const uint8_t *blocks, size_t count)
{
	crypto_hash_sha256_state s = { .count = 0 };

	memcpy(s.state, h, sizeof(s.state));
	(void)crypto_hash_sha256_update(&s, blocks, (unsigned long long)count * SHA256_BLOCK_BYTES);
	memcpy(h, s.state, sizeof(s.state));
}

static void two(uint32_t ha[8], const uint8_t *a, uint32_t hb[8], const uint8_t *b, size_t count)
{
	one(ha, a, count);
	one(hb, b, count);
}

const struct sha256_core *sign_sha256_core(void)
{
	static const struct sha256_core core = { "libsodium", one, two, NULL };

	return &core;
}

enum err crypto_start(void)
{
	if (sodium_init() < 0 || !sha256_core_works(sha256_core()))
		return ERR_CRYPTO;
	return OK;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void crypto_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

void crypto_wipe_text(struct str text)
{
	/* A view is read-only; that the bytes behind it are not is the caller's word. */
	if (text.ptr)
		sodium_memzero((void *)(uintptr_t)text.ptr, text.len);
}

void crypto_wipe_buf(struct buf *b)
{
	if (b->ptr)
		sodium_memzero(b->ptr, b->room);
	buf_fini(b);
}

enum err sign_key_open(const uint8_t seed[SEED_BYTES], struct sign_key **ret)
{
	struct sign_key *k = sodium_malloc(sizeof(*k));
	int bad;

	if (!k)
		return ERR_MEMORY;
	bad = crypto_sign_seed_keypair(k->pub.bytes, k->secret, seed);
	MUST(!bad);
	/* Where pages cannot be protected the key still works: the answer does not matter. */
	(void)sodium_mprotect_readonly(k);
	*ret = k;
	return OK;
}

enum err sign_key_make(struct world *w, struct sign_key **ret)
{
	uint8_t seed[SEED_BYTES];
	enum err e = world_entropy(w, seed, sizeof(seed));

	if (e == OK)
		e = sign_key_open(seed, ret);
	crypto_wipe(seed, sizeof(seed));
	return e;
}

void sign_key_close(struct sign_key *k)
{
	sodium_free(k);
}

const uint8_t *sign_key_seed(const struct sign_key *k)
{
	return k->secret;
}

struct public_key sign_key_public(const struct sign_key *k)
{
	return k->pub;
}

struct signature sign_make(const struct sign_key *k, struct str text)
{
	struct signature sig;
	int bad = crypto_sign_detached(sig.bytes, NULL, bytes_of(text), text.len, k->secret);

	MUST(!bad);
	return sig;
}

bool sign_check(const struct public_key *pub, struct str text, const struct signature *sig)
{
	return crypto_sign_verify_detached(sig->bytes, bytes_of(text), text.len, pub->bytes) == 0;
}
