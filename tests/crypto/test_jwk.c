/* jwk: the example of RFC 8037, one text for one key, and everything that a reader must refuse. */
#include <criterion/criterion.h>

#include "engine/crypto/inside.h"
#include "tests/kit/fail_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 8037 appendix A: the key, its public half, and its thumbprint (A.3). */
#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define THUMBPRINT "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
#define OTHER_X "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"
#define KEY "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "\""
#define WITH_D KEY ",\"d\":\"" D "\""

static struct arena memory;
static struct buf b;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&memory, 1u << 22);
	buf_init(&b, 4096);
}

static void teardown(void)
{
	buf_fini(&b);
	arena_fini(&memory);
}

TestSuite(jwk, .init = setup, .fini = teardown);

static struct jwk read_ok(const char *text, struct str kid)
{
	struct note n = { .text = "" };
	struct jwk key;

	cr_assert_eq(jwk_read(str_view(text), kid, &memory, &key, &n), OK, "%s: %s", text, n.text);
	return key;
}

/* Refused with a place and a reason that quotes no half of a key; nothing was given back. */
static void expect_refused(const char *text, struct str kid, enum err expected, const char *says)
{
	struct jwk key = { .key = NULL, .kid = STR("untouched") };
	struct note n = { .text = "" };
	enum err e = jwk_read(str_view(text), kid, &memory, &key, &n);

	cr_assert_eq(e, expected, "%s: %s: %s", text, err_name(e), n.text);
	cr_assert(n.line && n.column, "%s", text);
	cr_assert(str_has(str_view(n.text), str_view(says)), "%s: %s", text, n.text);
	cr_assert(!str_has(str_view(n.text), STR("nWGx")), "%s", n.text);
	cr_assert(!key.key && str_is(key.kid, "untouched"));
	cr_assert_eq(jwk_read(str_view(text), kid, &memory, &key, NULL), expected);
}

static void expect_text(const char *expected)
{
	cr_assert_eq(b.err, OK);
	cr_assert(str_is(buf_view(&b), expected), "%.*s", STR_ARG(buf_view(&b)));
}

Test(jwk, the_key_of_rfc_8037_is_read_and_written)
{
	struct jwk key = read_ok("{" WITH_D "}", STR_NONE);
	struct public_key pub = sign_key_public(key.key);
	struct digest print = jwk_thumbprint(&pub);

	cr_assert(!key.kid.ptr);
	cr_assert_arr_eq(pub.bytes, key.pub.bytes, sizeof(pub.bytes));
	jwk_write_public(&b, &pub, STR_NONE);
	expect_text("{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"use\":\"sig\",\"x\":\"" X "\"}");
	buf_clear(&b);
	jwk_write_private(&b, key.key, STR("a\"b"));
	expect_text("{\"crv\":\"Ed25519\",\"d\":\"" D "\",\"kid\":\"a\\\"b\",\"kty\":\"OKP\","
		    "\"use\":\"sig\",\"x\":\"" X "\"}");
	buf_clear(&b);
	base64url_write(&b, print.bytes, sizeof(print.bytes));
	expect_text(THUMBPRINT);
	sign_key_close(key.key);
}

Test(jwk, the_public_half_alone_gives_no_private_key)
{
	struct jwk key = read_ok(" {" KEY ",\"kid\":\"k1\",\"note\":[1,2]} ", STR("k1"));

	cr_assert_null(key.key);
	cr_assert(str_is(key.kid, "k1"));
}

Test(jwk, what_a_key_is_for_is_respected)
{
	static const char *const good[] = {
		"{" KEY ",\"use\":\"sig\"}", "{" KEY ",\"alg\":\"EdDSA\"}",
		"{" KEY ",\"alg\":\"Ed25519\"}", "{" KEY ",\"key_ops\":[\"verify\"]}",
		"{" KEY ",\"key_ops\":[\"sign\",\"verify\"]}",
	};

	for (size_t i = 0; i < COUNT(good); i++)
		cr_assert_null(read_ok(good[i], STR_NONE).key);
	sign_key_close(read_ok("{" WITH_D ",\"key_ops\":[\"sign\"]}", STR_NONE).key);
	expect_refused("{" KEY ",\"use\":\"enc\"}", STR_NONE, ERR_TYPE, "'use': expected \"sig\"");
	expect_refused("{" KEY ",\"use\":1}", STR_NONE, ERR_TYPE, "'use'");
	expect_refused("{" KEY ",\"alg\":\"RS256\"}", STR_NONE, ERR_TYPE, "'alg'");
	expect_refused("{" KEY ",\"key_ops\":[\"sign\"]}", STR_NONE, ERR_TYPE, "verify");
	expect_refused("{" WITH_D ",\"key_ops\":[\"verify\"]}", STR_NONE, ERR_TYPE, "sign");
	expect_refused("{" KEY ",\"key_ops\":[]}", STR_NONE, ERR_TYPE, "verify");
	expect_refused("{" KEY ",\"key_ops\":\"verify\"}", STR_NONE, ERR_TYPE, "a list");
	expect_refused("{" KEY ",\"key_ops\":[\"verify\",\"deriveKey\"]}", STR_NONE, ERR_TYPE,
		       "only");
	expect_refused("{" KEY ",\"key_ops\":[\"verify\",\"verify\"]}", STR_NONE, ERR_DUPLICATE,
		       "once");
}

Test(jwk, what_is_not_this_kind_of_key_is_refused)
{
	static const struct { const char *text; enum err e; const char *says; } rows[] = {
		{ "", ERR_TRUNCATED, "" },
		{ "[]", ERR_TYPE, "an object" },
		{ "{}", ERR_SYNTAX, "no 'kty'" },
		{ "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"" X "\"}", ERR_TYPE, "\"OKP\"" },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" X "\"}", ERR_TYPE, "\"Ed25519\"" },
		{ "{\"kty\":\"OKP\",\"x\":\"" X "\"}", ERR_SYNTAX, "no 'crv'" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", ERR_SYNTAX, "no 'x'" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":7}", ERR_SYNTAX, "'x'" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "=\"}", ERR_SYNTAX, "padding" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
		  "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", ERR_SYNTAX, "base64url" },
		/* The last digit holds two bits more than 32 bytes have: not the one text. */
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
		  "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp\"}", ERR_SYNTAX, "base64url" },
		{ "{" KEY ",\"d\":\"AAAA\"}", ERR_SYNTAX, "'d'" },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" OTHER_X "\",\"d\":\"" D "\"}",
		  ERR_TYPE, "which this is not" },
		{ "{" KEY ",\"crit\":[\"exp\"],\"exp\":1}", ERR_UNKNOWN, "'crit'" },
		{ "{" KEY ",\"x5c\":[]}", ERR_UNKNOWN, "certificates" },
		{ "{" KEY ",\"y\":\"" X "\"}", ERR_UNKNOWN, "another kind" },
		{ "{" KEY ",\"x\":\"" OTHER_X "\"}", ERR_DUPLICATE, "" },
		{ "{" KEY ",\"kid\":7}", ERR_TYPE, "'kid'" },
		{ "{" KEY ",\"kid\":\"\\u0041\"}", ERR_SYNTAX, "escapes" },
		{ "{" KEY "}x", ERR_SYNTAX, "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect_refused(rows[i].text, STR_NONE, rows[i].e, rows[i].says);
	expect_refused("{" KEY ",\"kid\":\"a\"}", STR("b"), ERR_NOT_FOUND, "'b'");
}

Test(jwk, of_a_set_the_kid_chooses)
{
	static const char set[] = "{\"keys\":[{" KEY ",\"kid\":\"a\"},{\"kty\":\"OKP\","
				  "\"crv\":\"Ed25519\",\"x\":\"" OTHER_X "\",\"kid\":\"b\"},"
				  "{\"kty\":\"RSA\",\"kid\":\"c\"},{" KEY ",\"kid\":\"d\"},{" KEY
				  ",\"kid\":\"d\"}]}";
	struct jwk a = read_ok(set, STR("a")), other = read_ok(set, STR("b"));

	cr_assert_eq(a.pub.bytes[0], 0xd7);
	cr_assert_eq(other.pub.bytes[0], 0x3d);
	cr_assert(str_is(other.kid, "b"));
	cr_assert(str_is(read_ok("{\"keys\":[{" KEY ",\"kid\":\"a\"}]}", STR_NONE).kid, "a"));
	expect_refused(set, STR_NONE, ERR_SYNTAX, "5 keys");
	expect_refused(set, STR("nope"), ERR_NOT_FOUND, "'nope'");
	expect_refused(set, STR("c"), ERR_TYPE, "OKP");
	expect_refused(set, STR("d"), ERR_DUPLICATE, "2 keys");
	expect_refused("{\"keys\":[]}", STR_NONE, ERR_SYNTAX, "at least one");
	expect_refused("{\"keys\":{\"a\":1}}", STR_NONE, ERR_SYNTAX, "a list");
	expect_refused("{\"keys\":[1]}", STR_NONE, ERR_TYPE, "objects");
}

Test(jwk, a_file_has_a_bound)
{
	struct jwk key;
	struct note n;

	cr_assert_not_null(buf_grow(&b, 1));
	buf_fini(&b);
	buf_init(&b, 1u << 20);
	memset(buf_grow(&b, 65537), ' ', 65537);
	cr_assert_eq(jwk_read(buf_view(&b), STR_NONE, &memory, &key, &n), ERR_LIMIT);
}

Test(jwk, survives_every_failing_allocation)
{
	struct jwk key = { .key = NULL };

	for (uint64_t at = 1;; at++) {
		struct arena a;
		struct buf out;
		enum err e;

		arena_init(&a, 1u << 20);
		buf_init(&out, 4096);
		fail_alloc_at(at);
		e = jwk_read(STR("{" WITH_D "}"), STR_NONE, &a, &key, NULL);
		if (e == OK) {
			jwk_write_private(&out, key.key, STR("k"));
			e = out.err;
		}
		if (fail_alloc_was_hit())
			cr_assert_eq(e, ERR_MEMORY);
		else
			cr_assert_eq(e, OK);
		sign_key_close(key.key);
		key.key = NULL;
		buf_fini(&out);
		arena_fini(&a);
		if (e == OK)
			break;
	}
}
