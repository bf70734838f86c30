/* jws: the examples of RFC 8037 and RFC 7515, one text for one signature, and what is refused. */
#include <criterion/criterion.h>

#include "engine/crypto/inside.h"
#include "tests/kit/fail_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 8037 appendix A.4. */
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define SIGNED "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define SIGNATURE                                                                                \
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
#define TOKEN SIGNED "." SIGNATURE

/* The payload of RFC 7515 appendices A.1 to A.5, and A.3 whole. */
#define JOE                                                                                      \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp" \
	"0cnVlfQ"
#define ES256_TOKEN                                                                              \
	"eyJhbGciOiJFUzI1NiJ9." JOE                                                              \
	".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define ES256_KEY                                                                                \
	"{\"kty\":\"EC\",\"crv\":\"P-256\","                                                     \
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                                 \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"

static struct arena memory;
static struct sign_key *key;
static struct jws_key pub;
static struct buf b;

static void setup(void)
{
	uint8_t seed[SEED_BYTES];

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(hex_read(STR(SEED), seed, sizeof(seed)), OK);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	pub = (struct jws_key){ .alg = JWS_EDDSA, .ed = sign_key_public(key) };
	arena_init(&memory, 1u << 22);
	buf_init(&b, 1u << 16);
}

static void teardown(void)
{
	buf_fini(&b);
	arena_fini(&memory);
	sign_key_close(key);
}

TestSuite(jws, .init = setup, .fini = teardown);

static struct jws read_ok(const char *text)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct jws j;

	cr_assert_eq(jws_read(str_view(text), &memory, &j, &r), OK, "%s: %s", text, r.note.text);
	return j;
}

/* Refused for that reason, with a sentence; nothing was given back. */
static void expect_refused(struct str text, enum refusal_code code)
{
	struct jws j = { .payload = STR("untouched") };
	struct refusal r = { .code = REFUSED_NOT };

	cr_assert_eq(jws_read(text, &memory, &j, &r), ERR_DENIED, "%.*s", STR_ARG(text));
	cr_assert_eq(r.code, code, "%.*s: %s: %s", STR_ARG(text), refusal_name(r.code),
		     r.note.text);
	cr_assert(r.note.text[0]);
	cr_assert(str_is(j.payload, "untouched"));
	cr_assert_eq(jws_read(text, &memory, &j, NULL), ERR_DENIED);
}

/* A token with that header, over "hello", rightly signed. */
static struct str token_with(const char *header)
{
	struct str h = str_view(header);
	struct signature sig;

	buf_clear(&b);
	base64url_write(&b, h.ptr, h.len);
	buf_add_byte(&b, '.');
	base64url_write(&b, "hello", 5);
	sig = sign_make(key, buf_view(&b));
	buf_add_byte(&b, '.');
	base64url_write(&b, sig.bytes, sizeof(sig.bytes));
	cr_assert_eq(b.err, OK);
	return buf_view(&b);
}

Test(jws, the_example_of_rfc_8037_is_written_and_verified)
{
	struct jws j = read_ok(TOKEN);

	jws_write(&b, key, STR_NONE, STR_NONE, STR("Example of Ed25519 signing"));
	cr_assert(str_is(buf_view(&b), TOKEN), "%.*s", STR_ARG(buf_view(&b)));
	cr_assert(str_is(j.payload, "Example of Ed25519 signing"));
	cr_assert(str_is(j.covered, SIGNED) && !j.kid.ptr && !j.typ.ptr);
	cr_assert_eq(jws_check(&j, &pub, NULL), OK);
}

Test(jws, the_examples_of_rfc_7515_are_verified_or_refused)
{
	struct jws j = read_ok(ES256_TOKEN);
	struct jwks set;
	enum err e;

	cr_assert_eq(jwks_read(STR(ES256_KEY), JWKS_SIG, &memory, &set, NULL), OK);
	cr_assert_eq(j.alg, JWS_ES256);
	e = jws_check(&j, &set.keys[0], NULL);
	cr_assert_eq(e, x509_supported() ? OK : ERR_UNSUPPORTED);
	/* A.1 HS256, A.2 RS256 by its header, A.5 unsecured, E: unsecured and critical. */
	expect_refused(STR("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE
			   ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), REFUSED_ALG);
	expect_refused(STR("eyJhbGciOiJSUzI1NiJ9." JOE ".AAAA"), REFUSED_ALG);
	expect_refused(STR("eyJhbGciOiJub25lIn0." JOE "."), REFUSED_NONE);
	expect_refused(STR("eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJ"
			   "TkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0"
			   ".RkFJTA."),
		       REFUSED_NONE);
}

Test(jws, every_bit_of_what_is_signed_and_of_the_signature_counts)
{
	struct str text = STR(TOKEN);
	char copy[sizeof(TOKEN)];

	for (size_t i = 0; i < text.len; i++) {
		struct jws j;

		memcpy(copy, text.ptr, text.len + 1);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		if (jws_read(str_view(copy), &memory, &j, NULL) == OK)
			cr_assert_eq(jws_check(&j, &pub, NULL), ERR_DENIED, "byte %zu", i);
	}
}

Test(jws, headers_are_judged_each_with_its_reason)
{
	static const struct {
		const char *header;
		enum refusal_code code;
	} cases[] = {
		{ "{\"alg\":\"none\"}", REFUSED_NONE },
		{ "{\"alg\":\"nOnE\"}", REFUSED_NONE },
		{ "{\"alg\":\"HS256\"}", REFUSED_ALG },
		{ "{\"alg\":\"ES384\"}", REFUSED_ALG },
		{ "{\"alg\":\"eddsa\"}", REFUSED_ALG },
		{ "{\"alg\":7}", REFUSED_HEADER },
		{ "{}", REFUSED_HEADER },
		{ "[]", REFUSED_HEADER },
		{ "{\"alg\":\"EdDSA\"", REFUSED_HEADER },
		{ "{\"alg\":\"EdDSA\"} x", REFUSED_HEADER },
		{ "{\"alg\":\"EdDSA\",\"alg\":\"none\"}", REFUSED_DUPLICATE },
		{ "{\"alg\":\"EdDSA\",\"a\":1,\"\\u0061\":2}", REFUSED_DUPLICATE },
		{ "{\"alg\":\"EdDSA\",\"crit\":[\"exp\"],\"exp\":1}", REFUSED_CRIT },
		{ "{\"alg\":\"EdDSA\",\"crit\":[]}", REFUSED_CRIT },
		{ "{\"alg\":\"EdDSA\",\"b64\":false}", REFUSED_CRIT },
		{ "{\"alg\":\"EdDSA\",\"jwk\":{}}", REFUSED_KEY_IN_HEADER },
		{ "{\"alg\":\"EdDSA\",\"jku\":\"https://example.com\"}", REFUSED_KEY_IN_HEADER },
		{ "{\"alg\":\"EdDSA\",\"x5u\":\"https://example.com\"}", REFUSED_KEY_IN_HEADER },
		{ "{\"alg\":\"EdDSA\",\"x5c\":[]}", REFUSED_KEY_IN_HEADER },
		{ "{\"alg\":\"EdDSA\",\"x5t\":\"A\"}", REFUSED_KEY_IN_HEADER },
		{ "{\"alg\":\"EdDSA\",\"x5t#S256\":\"A\"}", REFUSED_KEY_IN_HEADER },
		{ "{\"alg\":\"EdDSA\",\"cty\":\"JWT\"}", REFUSED_TYPE },
		{ "{\"alg\":\"EdDSA\",\"enc\":\"A128GCM\"}", REFUSED_TYPE },
		{ "{\"alg\":\"EdDSA\",\"kid\":7}", REFUSED_HEADER },
		{ "{\"alg\":\"EdDSA\",\"typ\":null}", REFUSED_HEADER },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_refused(token_with(cases[i].header), cases[i].code);
}

Test(jws, members_that_are_not_known_pass)
{
	struct str text = token_with("{\"alg\":\"Ed25519\",\"kid\":\"k\",\"typ\":\"JWT\","
				     "\"a\":{}}");
	struct jws j;

	cr_assert_eq(jws_read(text, &memory, &j, NULL), OK);
	cr_assert(str_is(j.kid, "k") && str_is(j.typ, "JWT") && str_is(j.payload, "hello"));
	cr_assert_eq(jws_check(&j, &pub, NULL), OK);
}

Test(jws, what_is_not_compact_is_refused)
{
	static const struct {
		const char *text;
		enum refusal_code code;
	} cases[] = {
		{ "", REFUSED_FORM },
		{ SIGNED, REFUSED_TRUNCATED },
		{ TOKEN ".", REFUSED_FORM },
		{ TOKEN ".AAAA", REFUSED_FORM },
		{ "{\"payload\":\"\"}", REFUSED_FORM },
		{ TOKEN "=", REFUSED_BASE64 },
		{ TOKEN "\n", REFUSED_BASE64 },
		{ " " TOKEN, REFUSED_BASE64 },
		{ "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmd." SIGNATURE,
		  REFUSED_BASE64 },                /* bits that no byte takes */
		{ "eyJhbGciOiJFZERTQSJ9.RXh/." SIGNATURE, REFUSED_BASE64 },
		{ SIGNED ".", REFUSED_TRUNCATED },
		{ SIGNED ".AAAA", REFUSED_TRUNCATED },
		{ TOKEN "AAAA", REFUSED_SIGNATURE },
		{ ".." , REFUSED_HEADER },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_refused(str_view(cases[i].text), cases[i].code);
}

Test(jws, a_token_is_bounded)
{
	static char text[LIMIT_TOKEN_BYTES + 1];

	memset(text, 'A', sizeof(text));
	expect_refused(str_slice(text, sizeof(text)), REFUSED_LENGTH);
	expect_refused(str_slice(text, sizeof(text) - 1), REFUSED_FORM);
}

Test(jws, which_algorithm_it_is_the_key_says)
{
	struct jws ed = read_ok(TOKEN), ec = read_ok(ES256_TOKEN);
	struct refusal r = { .code = REFUSED_NOT };
	struct jws_key other = { .alg = JWS_ES256 };

	cr_assert_eq(jws_check(&ed, &other, &r), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_ALG_KEY);
	r.code = REFUSED_NOT;
	cr_assert_eq(jws_check(&ec, &pub, &r), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_ALG_KEY);
	pub.ed.bytes[0] ^= 1;
	cr_assert_eq(jws_check(&ed, &pub, &r), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_SIGNATURE);
	if (x509_supported()) {
		cr_assert_eq(jws_check(&ec, &other, &r), ERR_DENIED);      /* no point */
		cr_assert_eq(r.code, REFUSED_SIGNATURE);
	}
}

Test(jws, every_failing_allocation_is_an_error)
{
	for (uint64_t n = 1;; n++) {
		struct jws j = { .payload = STR("untouched") };
		struct arena a;
		enum err e;

		arena_init(&a, 1u << 20);
		fail_alloc_at(n);
		e = jws_read(STR(TOKEN), &a, &j, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			arena_fini(&a);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert(str_is(j.payload, "untouched"));
		arena_fini(&a);
	}
}
