/*
 * fuzz_jwt: whatever the bytes are, a token is read or refused with a reason; one that is read and
 * signed again over the same payload is believed by its key and by no other.
 */
#include <stdlib.h>

#include "engine/identity/identity.h"

#define MEMORY_CAP ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sign_key *open_key(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	memset(seed, byte, sizeof(seed));
	MUST(sign_key_open(seed, &key) == OK);
	return key;
}

/* The same claims under a signature of our own. */
static void sign_again(const struct jwt *t, struct arena *a)
{
	struct sign_key *key = open_key(1), *other = open_key(2);
	struct jws_key good = { .alg = JWS_EDDSA, .ed = sign_key_public(key) };
	struct jws_key bad = { .alg = JWS_EDDSA, .ed = sign_key_public(other) };
	struct refusal r = { .code = REFUSED_NOT };
	struct jwt again;
	struct buf b;

	buf_init(&b, 2 * LIMIT_TOKEN_BYTES);
	jws_write(&b, key, t->jws.kid, t->jws.typ, t->jws.payload);
	if (b.err == OK && b.len <= LIMIT_TOKEN_BYTES) {
		MUST(jwt_read(buf_view(&b), a, &again, NULL) == OK);
		MUST(str_eq(again.jws.payload, t->jws.payload));
		MUST(jws_check(&again.jws, &good, NULL) == OK);
		MUST(jws_check(&again.jws, &bad, &r) == ERR_DENIED);
		MUST(r.code == REFUSED_SIGNATURE);
	}
	buf_fini(&b);
	sign_key_close(other);
	sign_key_close(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jws_key nobody = { .alg = JWS_EDDSA };
	const struct jwt_rules rules = { .audience = STR("store"), .now_ns = 1, .skew_ns = 1 };
	struct refusal r = { .code = REFUSED_NOT };
	struct arena a;
	struct jwks set;
	struct jwt t;
	enum err e;

	MUST(crypto_start() == OK);
	arena_init(&a, MEMORY_CAP);
	e = jwt_read(str_slice(data, size), &a, &t, &r);
	if (e == OK) {
		MUST(t.jws.covered.len < size);
		MUST(jwt_check(&t, &nobody, &rules, &r) == ERR_DENIED);
		sign_again(&t, &a);
	}
	MUST(e == ERR_MEMORY || (r.code != REFUSED_NOT && r.note.text[0]));
	/* The same bytes as a set of keys. */
	for (int use = JWKS_SIG; use <= JWKS_SVID; use++)
		if (jwks_read(str_slice(data, size), (enum jwks_use)use, &a, &set, NULL) == OK)
			MUST(set.count > 0 && set.count <= LIMIT_JWKS_KEYS);
	arena_fini(&a);
	return 0;
}
