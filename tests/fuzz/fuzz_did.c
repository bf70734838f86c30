/*
 * fuzz_did: a DID that is taken for one that follows from a key is, byte for byte, what is written
 * of that key; a foreign one names no key; and the sponsor's grammar bounds what it takes.
 */
#include <stdlib.h>

#include "engine/identity/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_own(struct str did, struct buf *b)
{
	struct public_key key;

	MUST(did_read(did, &key) == OK && did_is_of(did, &key));
	did_write(b, &key);
	MUST(b->err == OK && str_eq(buf_view(b), did));
	buf_clear(b);
	did_mesh_write(b, &key);
	MUST(b->err == OK && did_form(buf_view(b)) == DID_MESH && did_is_of(buf_view(b), &key));
	buf_clear(b);
	key_id_write(b, &key);
	MUST(b->err == OK && b->len == KEY_ID_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct public_key some = { { 1, 2, 3 } };
	struct str text = str_slice(data, size);
	struct buf b;

	MUST(crypto_start() == OK);
	buf_init(&b, DID_BYTES);
	switch (did_form(text)) {
	case DID_KEY:
		expect_own(text, &b);
		break;
	case DID_MESH:
		MUST(text.len <= DID_BYTES);
		break;
	case DID_FOREIGN:
		MUST(text.len == 41 && !did_is_of(text, &some));
		break;
	case DID_NONE:
		MUST(!did_is_of(text, &some));
		break;
	}
	if (sponsor_ok(text))
		MUST(text.len <= SPONSOR_BYTES && str_utf8_ok(text) && str_has(text, STR("@")));
	buf_fini(&b);
	return 0;
}
