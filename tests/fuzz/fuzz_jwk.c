/*
 * fuzz_jwk: whatever the bytes are, a key that is read is written as a JWK that gives the same key
 * again, its two halves belong together, and a refusal gives nothing and quotes no key.
 */
#include <stdlib.h>

#include "engine/identity/identity.h"

#define MEMORY_CAP ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(const struct jwk *key, struct arena *a)
{
	struct public_key pub;
	struct jwk again;
	struct buf b;

	buf_init(&b, 1u << 16);
	if (key->key) {
		pub = sign_key_public(key->key);
		MUST(memcmp(pub.bytes, key->pub.bytes, sizeof(pub.bytes)) == 0);
		jwk_write_private(&b, key->key, STR_NONE);
	} else {
		jwk_write_public(&b, &key->pub, STR_NONE);
	}
	MUST(b.err == OK);
	MUST(keyfile_read(buf_view(&b), STR_NONE, a, &again, NULL) == OK);
	MUST(memcmp(again.pub.bytes, key->pub.bytes, sizeof(again.pub.bytes)) == 0);
	MUST(!again.key == !key->key);
	sign_key_close(again.key);
	buf_fini(&b);
}

/* The first line chooses the kid when it begins with '?'. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_slice(data, size), kid = STR_NONE, line;
	struct jwk key = { .key = NULL };
	struct note n = { .text = "" };
	struct arena a;

	MUST(crypto_start() == OK);
	arena_init(&a, MEMORY_CAP);
	if (str_starts(text, STR("?")) && str_cut(text, '\n', &line, &text))
		kid = str_slice(line.ptr + 1, line.len - 1);
	if (keyfile_read(text, kid, &a, &key, &n) == OK) {
		MUST(key.kid.len <= JWK_KID_BYTES);
		expect_same(&key, &a);
		sign_key_close(key.key);
	} else {
		MUST(!key.key && n.text[0]);
	}
	arena_fini(&a);
	return 0;
}
