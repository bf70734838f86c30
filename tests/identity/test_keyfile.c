/* keyfile: whatever text a key is handed over in, it is the key, and a kid proves nothing. */
#include <criterion/criterion.h>

#include "engine/identity/identity.h"

#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define KEY "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "\""

static struct arena memory;
static struct sign_key *key;
static struct public_key pub;
static struct buf b;

static void setup(void)
{
	static const uint8_t seed[SEED_BYTES] = { 4 };

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	pub = sign_key_public(key);
	arena_init(&memory, 1u << 20);
	buf_init(&b, 4096);
}

static void teardown(void)
{
	buf_fini(&b);
	arena_fini(&memory);
	sign_key_close(key);
}

TestSuite(keyfile, .init = setup, .fini = teardown);

static void expect_key(bool is_private)
{
	struct note n = { .text = "" };
	struct jwk got;

	cr_assert_eq(keyfile_read(buf_view(&b), STR_NONE, &memory, &got, &n), OK, "%s", n.text);
	cr_assert_arr_eq(got.pub.bytes, pub.bytes, sizeof(pub.bytes));
	cr_assert_eq(got.key != NULL, is_private);
	sign_key_close(got.key);
	buf_clear(&b);
}

Test(keyfile, all_four_texts_give_the_key)
{
	pem_write_public(&b, &pub);
	expect_key(false);
	pem_write_private(&b, key);
	expect_key(true);
	jwk_write_public(&b, &pub, STR_NONE);
	expect_key(false);
	jwk_write_private(&b, key, STR("any name"));
	expect_key(true);
}

static enum err read_text(const char *kid)
{
	struct note n = { .text = "" };
	struct jwk got = { .key = NULL };
	enum err e = keyfile_read(buf_view(&b), kid ? str_view(kid) : STR_NONE, &memory, &got, &n);

	cr_assert(e == OK || (n.text[0] && !got.key));
	sign_key_close(got.key);
	return e;
}

Test(keyfile, a_kid_that_is_the_did_of_another_key_is_refused)
{
	struct buf did;

	buf_init(&did, DID_BYTES);
	did_write(&did, &pub);
	jwk_write_private(&b, key, buf_view(&did));
	cr_assert_eq(read_text(NULL), OK);
	buf_clear(&b);
	buf_addf(&b, KEY ",\"kid\":\"%.*s\"}", STR_ARG(buf_view(&did)));
	cr_assert_eq(read_text(NULL), ERR_TYPE);
	buf_clear(&did);
	did_mesh_write(&did, &pub);
	buf_clear(&b);
	buf_addf(&b, KEY ",\"kid\":\"%.*s\"}", STR_ARG(buf_view(&did)));
	cr_assert_eq(read_text(NULL), ERR_TYPE);
	buf_clear(&b);
	buf_add_c(&b, KEY ",\"kid\":\"did:mesh:abababababababababababababababab\"}");
	cr_assert_eq(read_text(NULL), OK);
	buf_fini(&did);
}

Test(keyfile, a_kid_that_is_the_id_of_another_key_is_refused)
{
	char id[KEY_ID_BYTES];

	key_id_put(id, &pub);
	jwk_write_private(&b, key, str_slice(id, sizeof(id)));
	cr_assert_eq(read_text(NULL), OK);
	buf_clear(&b);
	buf_addf(&b, KEY ",\"kid\":\"%.*s\"}", (int)sizeof(id), id);
	cr_assert_eq(read_text(NULL), ERR_TYPE);
	buf_clear(&b);
	buf_add_c(&b, KEY ",\"kid\":\"key-0123456789ABCDEF\"}");
	cr_assert_eq(read_text(NULL), OK, "that is no id of a key");
}

Test(keyfile, what_is_no_key_is_refused)
{
	static const char *const wrong[] = { "", "ssh-ed25519 AAAA", "{}", "-----BEGIN RSA",
					     "-----BEGIN PUBLIC KEY-----\n" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		buf_clear(&b);
		buf_add_c(&b, wrong[i]);
		cr_expect_neq(read_text(NULL), OK, "%s", wrong[i]);
	}
	/* A kid chooses among JWKs; PEM has none. */
	buf_clear(&b);
	pem_write_public(&b, &pub);
	cr_expect_neq(read_text("a"), OK);
}
