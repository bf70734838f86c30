/* jwks: which keys of a set count, and sets that are refused whole. */
#include <criterion/criterion.h>

#include "engine/crypto/inside.h"

#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "\""
#define EC                                                                                       \
	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define SET(keys) "{\"keys\":[" keys "]}"

static struct arena memory;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&memory, 1u << 24);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(jwks, .init = setup, .fini = teardown);

static struct jwks read_ok(const char *text, enum jwks_use use)
{
	struct note n = { .text = "" };
	struct jwks set;

	cr_assert_eq(jwks_read(str_view(text), use, &memory, &set, &n), OK, "%s: %s", text, n.text);
	return set;
}

static void expect_error(const char *text, enum jwks_use use, enum err expected)
{
	struct note n = { .text = "" };
	struct jwks set = { .count = 77 };
	enum err e = jwks_read(str_view(text), use, &memory, &set, &n);

	cr_assert_eq(e, expected, "%s: %s: %s", text, err_name(e), n.text);
	cr_assert(n.text[0] && set.count == 77);
}

Test(jwks, keys_are_found_by_their_kid)
{
	struct jwks set = read_ok(SET("{" ED ",\"kid\":\"a\"},{" EC ",\"kid\":\"b\"},{" ED "}"),
				  JWKS_SIG);

	cr_assert_eq(set.count, 3);
	cr_assert_eq(jwks_find(&set, STR("a")), &set.keys[0]);
	cr_assert_eq(jwks_find(&set, STR("b"))->alg, JWS_ES256);
	cr_assert_null(jwks_find(&set, STR("c")));
	cr_assert_null(jwks_find(&set, STR("")));
	cr_assert_null(jwks_find(&set, STR_NONE));
	set = read_ok("{" ED ",\"kid\":\"a\"}", JWKS_SIG);
	cr_assert_eq(jwks_find(&set, STR_NONE), &set.keys[0]);
}

Test(jwks, only_keys_for_the_use_count)
{
	static const char mixed[] = SET("{\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQAB\"},"
					"{\"kty\":\"oct\",\"use\":\"sig\",\"k\":\"AA\"},"
					"{" EC ",\"use\":\"x509-svid\",\"x5c\":[\"AA\"]},"
					"{" EC ",\"use\":\"jwt-svid\",\"kid\":\"svid\"},"
					"{" ED ",\"use\":\"jwt-svid\",\"kid\":\"ed\"},"
					"{" EC ",\"use\":\"enc\",\"kid\":\"enc\"},"
					"{" ED ",\"use\":\"sig\",\"kid\":\"sig\"}");
	struct jwks set = read_ok(mixed, JWKS_SVID);

	cr_assert_eq(set.count, 1);
	cr_assert(str_is(set.keys[0].kid, "svid"));
	set = read_ok(mixed, JWKS_SIG);
	cr_assert_eq(set.count, 1);
	cr_assert(str_is(set.keys[0].kid, "sig"));
	/* What agents sign with must not speak for a trust domain. */
	expect_error(SET("{" ED ",\"use\":\"sig\"},{" EC "}"), JWKS_SVID, ERR_NOT_FOUND);
}

Test(jwks, sets_that_cannot_be_meant_are_refused)
{
	expect_error("", JWKS_SIG, ERR_TRUNCATED);
	expect_error("[]", JWKS_SIG, ERR_TYPE);
	expect_error(SET(""), JWKS_SIG, ERR_NOT_FOUND);
	expect_error("{\"keys\":{}}", JWKS_SIG, ERR_TYPE);
	expect_error(SET("7"), JWKS_SIG, ERR_TYPE);
	expect_error(SET("{" ED ",\"d\":\"" X "\"}"), JWKS_SIG, ERR_TYPE);
	expect_error(SET("{" EC ",\"use\":\"jwt-svid\",\"d\":\"" X "\"}"), JWKS_SVID, ERR_TYPE);
	expect_error(SET("{" ED ",\"kid\":\"a\"},{" EC ",\"kid\":\"a\"}"), JWKS_SIG,
		     ERR_DUPLICATE);
	expect_error(SET("{" ED ",\"kid\":7}"), JWKS_SIG, ERR_TYPE);
	expect_error(SET("{" ED ",\"x5c\":[]}"), JWKS_SIG, ERR_UNKNOWN);
	expect_error(SET("{" EC ",\"alg\":\"ES384\"}"), JWKS_SIG, ERR_TYPE);
	expect_error(SET("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\"}"), JWKS_SIG,
		     ERR_SYNTAX);
	expect_error(SET("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "=\",\"y\":\"" X "\"}"),
		     JWKS_SIG, ERR_SYNTAX);
}

Test(jwks, a_set_is_bounded)
{
	struct buf b;
	struct jwks set;

	buf_init(&b, 1u << 24);
	buf_add_c(&b, "{\"keys\":[");
	for (int i = 0; i <= LIMIT_JWKS_KEYS; i++)
		buf_addf(&b, "%s{" ED ",\"kid\":\"%d\"}", i ? "," : "", i);
	buf_add_c(&b, "]}");
	cr_assert_eq(jwks_read(buf_view(&b), JWKS_SIG, &memory, &set, NULL), ERR_LIMIT);
	while (b.len <= LIMIT_JWKS_BYTES)
		buf_add_byte(&b, ' ');
	cr_assert_eq(jwks_read(buf_view(&b), JWKS_SIG, &memory, &set, NULL), ERR_LIMIT);
	buf_fini(&b);
}
