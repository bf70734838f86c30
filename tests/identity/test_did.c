#include "engine/identity/identity.h"

#include <criterion/criterion.h>

static struct buf b;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	buf_init(&b, 4096);
}

static void teardown(void)
{
	buf_fini(&b);
}

TestSuite(did, .init = setup, .fini = teardown);

/* W3C CCG did:key v0.7, section 7.1 (Ed25519), the first example, and its key. */
#define EXAMPLE "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
#define EXAMPLE_HEX "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"

Test(did, is_the_published_text_of_a_published_key)
{
	struct public_key key, again;

	cr_assert_eq(hex_read(STR(EXAMPLE_HEX), key.bytes, sizeof(key.bytes)), OK);
	did_write(&b, &key);
	cr_assert(str_is(buf_view(&b), EXAMPLE), "%.*s", STR_ARG(buf_view(&b)));
	cr_assert_eq(did_read(buf_view(&b), &again), OK);
	cr_assert_arr_eq(again.bytes, key.bytes, sizeof(key.bytes));
}

Test(did, reads_back_what_it_wrote_for_every_kind_of_key)
{
	struct public_key key, again;

	for (unsigned i = 0; i < 256; i++) {
		memset(key.bytes, (int)i, sizeof(key.bytes));
		key.bytes[31] ^= (uint8_t)(i * 7);
		buf_clear(&b);
		did_write(&b, &key);
		cr_assert_eq(did_read(buf_view(&b), &again), OK);
		cr_assert_arr_eq(again.bytes, key.bytes, sizeof(key.bytes));
	}
}

Test(did, refuses_everything_else_and_leaves_the_key_alone)
{
	static const char *const wrong[] = {
		"", "did", "did:key:", "did:key:z", "did:web:example.com",
		"did:key:u6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
		" " EXAMPLE, EXAMPLE " ", EXAMPLE "1", "DID:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLV",
		"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW0",
		"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW",
		"did:key:z16MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
		/* X25519 and secp256k1, from the same page */
		"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
		"did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
	};
	struct public_key key = { { 1, 2, 3 } };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert_eq(did_read(str_view(wrong[i]), &key), ERR_SYNTAX, "%s", wrong[i]);
		cr_assert_eq(key.bytes[2], 3);
	}
	/* One key byte too few, and one too many. */
	for (size_t len = 33; len < 36; len++) {
		uint8_t bytes[35] = { 0xED, 0x01, 5 };

		buf_clear(&b);
		buf_add_c(&b, "did:key:z");
		base58_write(&b, bytes, len);
		cr_assert_eq(did_read(buf_view(&b), &key), len == 34 ? OK : ERR_SYNTAX);
	}
	for (size_t len = 0; len < sizeof(EXAMPLE) - 1; len++)
		cr_assert_eq(did_read(str_slice(EXAMPLE, len), &key), ERR_SYNTAX);
	buf_clear(&b);
	memset(buf_grow(&b, 4000), 'z', 4000);
	memcpy(b.ptr, "did:key:", 8);
	cr_assert_eq(did_read(buf_view(&b), &key), ERR_SYNTAX);
}
