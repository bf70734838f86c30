#include "engine/identity/identity.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"

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

/* --- the other forms --- */

/* RFC 8032 section 7.1, test 1, and what the reference toolkit calls that key. */
#define RFC_HEX "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static struct public_key rfc_key(void)
{
	struct public_key key;

	cr_assert_eq(hex_read(STR(RFC_HEX), key.bytes, sizeof(key.bytes)), OK);
	return key;
}

Test(did, a_key_has_an_id)
{
	struct public_key key = rfc_key();

	key_id_write(&b, &key);
	cr_assert(str_is(buf_view(&b), "key-21fe31dfa154a261"), "%.*s", STR_ARG(buf_view(&b)));
	cr_assert_eq(b.len, KEY_ID_BYTES);
}

Test(did, the_mesh_form_follows_from_the_key)
{
	struct public_key key = rfc_key(), other = { { 1 } };
	struct digest d = sha256(str_slice(key.bytes, sizeof(key.bytes)));
	struct buf expected;

	buf_init(&expected, 256);
	buf_add_c(&expected, "did:agentmesh:");
	base58_write(&expected, d.bytes, 20);
	did_mesh_write(&b, &key);
	cr_assert(str_eq(buf_view(&b), buf_view(&expected)));
	cr_assert_eq(did_form(buf_view(&b)), DID_MESH);
	cr_assert(did_is_of(buf_view(&b), &key));
	cr_assert(!did_is_of(buf_view(&b), &other));
	buf_add_byte(&b, '1');
	cr_assert_eq(did_form(buf_view(&b)), DID_NONE);
	cr_assert(!did_is_of(buf_view(&b), &key));
	buf_fini(&expected);
}

Test(did, only_what_follows_from_a_key_names_it)
{
	struct public_key key = rfc_key(), other = { { 1 } };

	did_write(&b, &key);
	cr_assert(did_is_of(buf_view(&b), &key) && !did_is_of(buf_view(&b), &other));
	cr_assert_eq(did_form(buf_view(&b)), DID_KEY);
	cr_assert_eq(did_form(STR("did:mesh:0123456789abcdef0123456789abcdef")), DID_FOREIGN);
	cr_assert(!did_is_of(STR("did:mesh:0123456789abcdef0123456789abcdef"), &key));
}

Test(did, foreign_forms_are_strict)
{
	static const char *const wrong[] = {
		"", "did:mesh:", "did:mesh:not-hex!", "did:mesh:0123456789abcdef0123456789abcde",
		"did:mesh:0123456789abcdef0123456789abcdef0", "DID:mesh:ab", "did:mesh:a b",
		"did:mesh:0123456789ABCDEF0123456789ABCDEF", "did:mesh:../../etc", "did:web:x",
		"did:agentmesh:", "did:agentmesh:3J98t1WpEZ73CNmQvie", "did:agentmesh:0OIl",
		"did:mesh:\xD0\xB0\xD0\xB1",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(did_form(str_view(wrong[i])), DID_NONE, "%s", wrong[i]);
}

#define MULTIBASE "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
#define METHOD EXAMPLE "#" MULTIBASE

/* W3C CCG did:key v0.7, section 7.1: the members of the first example that are written here. */
Test(did, a_document_says_what_the_key_may_do)
{
	static const char *const relations[] = { "assertionMethod", "authentication",
						 "capabilityDelegation", "capabilityInvocation" };
	struct public_key key;
	struct value doc;
	struct arena a;

	arena_init(&a, 1u << 16);
	cr_assert_eq(hex_read(STR(EXAMPLE_HEX), key.bytes, sizeof(key.bytes)), OK);
	did_document_write(&b, &key);
	cr_assert_eq(json_read(buf_view(&b), 1, &a, &doc, NULL), OK);
	cr_assert(str_is(value_text(&doc, "id"), EXAMPLE));
	for (size_t i = 0; i < 4; i++) {
		const struct value *list = value_get_c(&doc, relations[i]);

		cr_assert(list && list->list.count == 1, "%s", relations[i]);
		cr_assert(str_is(list->list.items[0].string, METHOD));
	}
	cr_assert(str_has(buf_view(&b), STR("\"id\":\"" METHOD "\"")));
	cr_assert(str_has(buf_view(&b), STR("\"publicKeyMultibase\":\"" MULTIBASE "\"")));
	cr_assert(str_has(buf_view(&b), STR("\"type\":\"Ed25519VerificationKey2020\"")));
	arena_fini(&a);
}

Test(did, a_document_that_does_not_fit_is_an_error)
{
	struct public_key key = rfc_key();
	struct buf small;

	buf_init(&small, 100);
	did_document_write(&small, &key);
	cr_assert_eq(small.err, ERR_LIMIT);
	buf_fini(&small);
}
