/* jwt: tokens issued and checked; every claim and header that is wrong, by its own reason. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/base/when.h"
#include "engine/identity/identity.h"
#include "tests/kit/cert_kit.h"
#include "tests/kit/fail_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND WHEN_SECOND_NS
#define NOW (INT64_C(1767323045) * SECOND)    /* 2026-01-02T03:04:05Z */
#define CLAIMS "\"aud\":\"store\",\"exp\":1767326645"

static struct sign_key *key;
static struct jws_key pub;
static struct arena memory;
static struct buf b, did;

static void setup(void)
{
	uint8_t seed[SEED_BYTES];

	cr_assert_eq(crypto_start(), OK);
	memset(seed, 1, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &key), OK);
	pub = (struct jws_key){ .alg = JWS_EDDSA, .ed = sign_key_public(key) };
	arena_init(&memory, 1u << 24);
	buf_init(&b, 1u << 16);
	buf_init(&did, DID_BYTES);
	did_write(&did, &pub.ed);
}

static void teardown(void)
{
	buf_fini(&did);
	buf_fini(&b);
	arena_fini(&memory);
	sign_key_close(key);
}

TestSuite(jwt, .init = setup, .fini = teardown);

/* Claims under the header {"alg","typ"}, signed. */
static struct str token_of(const char *typ, const char *claims)
{
	buf_clear(&b);
	jws_write(&b, key, STR_NONE, str_view(typ), str_view(claims));
	cr_assert_eq(b.err, OK);
	return buf_view(&b);
}

static struct jwt_rules rules_of(const char *audience, int64_t now_ns, int64_t skew_ns)
{
	return (struct jwt_rules){ .audience = str_view(audience), .now_ns = now_ns,
				   .skew_ns = skew_ns };
}

static enum refusal_code judge(struct str text, const struct jwt_rules *rules)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct jwt t;
	enum err e = jwt_read(text, &memory, &t, &r);

	if (e == OK)
		e = jwt_check(&t, &pub, rules, &r);
	cr_assert(e == OK || e == ERR_DENIED, "%s", err_name(e));
	cr_assert_eq(e == OK, r.code == REFUSED_NOT);
	cr_assert_eq(e == OK, r.note.text[0] == '\0');
	return r.code;
}

static enum refusal_code judge_claims(const char *claims)
{
	const struct jwt_rules rules = rules_of("store", NOW, 0);

	return judge(token_of("JWT", claims), &rules);
}

Test(jwt, what_is_issued_is_believed)
{
	const struct jwt_order order = {
		.issuer = buf_view(&did), .subject = STR("bot \"7\""), .audience = STR("store"),
		.id = STR("0001"), .issued_ns = NOW + 5, .expires_ns = NOW + 3600 * SECOND + 7,
	};
	struct jwt_rules rules = rules_of("store", NOW, 0);
	struct jwt t;
	struct buf kid;

	buf_init(&kid, KEY_ID_BYTES);
	key_id_write(&kid, &pub.ed);
	cr_assert_eq(jwt_write(&b, &order, key), OK);
	cr_assert_eq(jwt_read(buf_view(&b), &memory, &t, NULL), OK);
	rules.issuer = buf_view(&did);
	cr_assert_eq(jwt_check(&t, &pub, &rules, NULL), OK);
	cr_assert(str_is(t.subject, "bot \"7\"") && str_is(t.id, "0001"));
	cr_assert(str_eq(t.issuer, buf_view(&did)) && str_eq(t.jws.kid, buf_view(&kid)));
	cr_assert(t.issued_ns == NOW && t.begins_ns == NOW);
	cr_assert_eq(t.expires_ns, NOW + 3600 * SECOND);
	buf_fini(&kid);
}

Test(jwt, only_short_lives_are_issued)
{
	struct jwt_order order = { .issuer = STR("i"), .subject = STR("s"), .audience = STR("a"),
				   .id = STR("1"), .issued_ns = NOW,
				   .expires_ns = NOW + LIMIT_TOKEN_LIFE_NS };

	cr_assert_eq(jwt_write(&b, &order, key), OK);
	order.expires_ns += SECOND;
	cr_assert_eq(jwt_write(&b, &order, key), ERR_RANGE);
	order.expires_ns = NOW;
	cr_assert_eq(jwt_write(&b, &order, key), ERR_RANGE);
	order = (struct jwt_order){ .issued_ns = -SECOND, .expires_ns = SECOND };
	cr_assert_eq(jwt_write(&b, &order, key), ERR_RANGE);
}

Test(jwt, audiences_are_compared_whole)
{
	cr_assert_eq(judge_claims("{" CLAIMS "}"), REFUSED_NOT);
	cr_assert_eq(judge_claims("{\"aud\":[\"x\",\"store\"],\"exp\":1767326645}"), REFUSED_NOT);
	cr_assert_eq(judge_claims("{\"exp\":1767326645}"), REFUSED_AUDIENCE);
	cr_assert_eq(judge_claims("{\"aud\":[],\"exp\":1767326645}"), REFUSED_AUDIENCE);
	cr_assert_eq(judge_claims("{\"aud\":\"stores\",\"exp\":1767326645}"), REFUSED_AUDIENCE);
	cr_assert_eq(judge_claims("{\"aud\":\"Store\",\"exp\":1767326645}"), REFUSED_AUDIENCE);
	cr_assert_eq(judge_claims("{\"aud\":\"\",\"exp\":1767326645}"), REFUSED_AUDIENCE);
	cr_assert_eq(judge_claims("{\"aud\":[\"store\",7],\"exp\":1767326645}"), REFUSED_CLAIMS);
	cr_assert_eq(judge_claims("{\"aud\":{},\"exp\":1767326645}"), REFUSED_CLAIMS);
}

Test(jwt, claims_of_the_wrong_kind_are_refused)
{
	static const char *const claims[] = {
		"[]", "7", "", "{", "{" CLAIMS ",\"iss\":7}", "{" CLAIMS ",\"sub\":[]}",
		"{" CLAIMS ",\"jti\":1}", "{\"aud\":\"store\"}",
		"{\"aud\":\"store\",\"exp\":\"1767326645\"}", "{\"aud\":\"store\",\"exp\":null}",
		"{\"aud\":\"store\",\"exp\":-1}", "{\"aud\":\"store\",\"exp\":99999999999}",
		"{\"aud\":\"store\",\"exp\":1e300}",
		"{\"aud\":\"store\",\"exp\":99999999999999999999}",
		"{" CLAIMS ",\"nbf\":true}", "{" CLAIMS ",\"iat\":\"\"}",
		"{" CLAIMS ",\"iat\":1767326645}", "{" CLAIMS ",\"nbf\":1767326646}",
	};

	for (size_t i = 0; i < COUNT(claims); i++)
		cr_assert_eq(judge_claims(claims[i]), REFUSED_CLAIMS, "%s", claims[i]);
	cr_assert_eq(judge_claims("{" CLAIMS ",\"exp\":1}"), REFUSED_DUPLICATE);
	cr_assert_eq(judge_claims("{" CLAIMS ",\"\\u0061ud\":\"x\"}"), REFUSED_DUPLICATE);
	cr_assert_eq(judge_claims("{" CLAIMS ",\"x\":{\"a\":[1.5]},\"iss\":\"joe\"}"), REFUSED_NOT);
}

/* exp 100, nbf 50, iat 40, asked at times around them with and without skew. */
Test(jwt, times_are_kept_to_the_nanosecond_and_skew_is_bounded)
{
	static const char text[] = "{\"aud\":\"store\",\"exp\":100,\"nbf\":50,\"iat\":40}";
	static const struct {
		int64_t now_ns, skew_ns;
		enum refusal_code code;
	} cases[] = {
		{ 100 * SECOND - 1, 0, REFUSED_NOT },
		{ 100 * SECOND, 0, REFUSED_EXPIRED },
		{ 100 * SECOND, 1, REFUSED_NOT },
		{ 160 * SECOND, 60 * SECOND, REFUSED_EXPIRED },
		{ 160 * SECOND - 1, 60 * SECOND, REFUSED_NOT },
		{ 50 * SECOND, 0, REFUSED_NOT },
		{ 50 * SECOND - 1, 0, REFUSED_EARLY },
		{ 45 * SECOND, 5 * SECOND, REFUSED_NOT },
		{ 45 * SECOND - 1, 5 * SECOND, REFUSED_EARLY },
		{ INT64_MAX, LIMIT_TOKEN_SKEW_NS, REFUSED_EXPIRED },
		{ INT64_MIN, LIMIT_TOKEN_SKEW_NS, REFUSED_EARLY },
	};
	struct jwt_rules rules;

	for (size_t i = 0; i < COUNT(cases); i++) {
		rules = rules_of("store", cases[i].now_ns, cases[i].skew_ns);
		cr_assert_eq(judge(token_of("JWT", text), &rules), cases[i].code, "case %zu", i);
	}
	rules = rules_of("store", 40 * SECOND - 1, 0);
	cr_assert_eq(judge(token_of("JWT", "{\"aud\":\"store\",\"exp\":100,\"iat\":40}"), &rules),
		     REFUSED_FUTURE);
	rules = rules_of("store", 100 * SECOND + SECOND / 4, 0);
	cr_assert_eq(judge(token_of("JWT", "{\"aud\":\"store\",\"exp\":100.5}"), &rules),
		     REFUSED_NOT);
	cr_assert_eq(judge(token_of("JWT", "{\"aud\":\"store\",\"exp\":100.25}"), &rules),
		     REFUSED_EXPIRED);
}

Test(jwt, tokens_of_another_type_are_refused)
{
	struct jwt_rules rules = rules_of("store", NOW, 0);
	static const char claims[] = "{" CLAIMS ",\"sub\":\"spiffe://example.org/bot\"}";

	cr_assert_eq(judge(token_of(NULL, claims), &rules), REFUSED_NOT);
	cr_assert_eq(judge(token_of("JOSE", claims), &rules), REFUSED_TYPE);
	cr_assert_eq(judge(token_of("at+jwt", claims), &rules), REFUSED_TYPE);
	cr_assert_eq(judge(token_of("jwt", claims), &rules), REFUSED_TYPE);
	rules.spiffe_domain = STR("example.org");
	cr_assert_eq(judge(token_of("JOSE", claims), &rules), REFUSED_NOT);
	cr_assert_eq(judge(token_of("at+jwt", claims), &rules), REFUSED_TYPE);
}

Test(jwt, an_issuer_is_the_one_expected_and_the_key_s_own_did)
{
	struct jwt_rules rules = rules_of("store", NOW, 0);
	char claims[256];
	struct public_key other = pub.ed;
	struct buf text;

	rules.issuer = STR("joe");
	cr_assert_eq(judge(token_of("JWT", "{" CLAIMS ",\"iss\":\"joe\"}"), &rules), REFUSED_NOT);
	cr_assert_eq(judge(token_of("JWT", "{" CLAIMS ",\"iss\":\"jo\"}"), &rules), REFUSED_ISSUER);
	cr_assert_eq(judge(token_of("JWT", "{" CLAIMS "}"), &rules), REFUSED_ISSUER);
	rules.issuer = STR_NONE;
	other.bytes[0] ^= 1;
	for (int mesh = 0; mesh < 2; mesh++) {
		buf_init(&text, DID_BYTES);
		(mesh ? did_mesh_write : did_write)(&text, &other);
		(void)snprintf(claims, sizeof(claims), "{" CLAIMS ",\"iss\":\"%.*s\"}",
			       STR_ARG(buf_view(&text)));
		cr_assert_eq(judge(token_of("JWT", claims), &rules), REFUSED_ISSUER);
		buf_clear(&text);
		(mesh ? did_mesh_write : did_write)(&text, &pub.ed);
		(void)snprintf(claims, sizeof(claims), "{" CLAIMS ",\"iss\":\"%.*s\"}",
			       STR_ARG(buf_view(&text)));
		cr_assert_eq(judge(token_of("JWT", claims), &rules), REFUSED_NOT);
		buf_fini(&text);
	}
}

Test(jwt, an_svid_names_a_workload_of_the_trust_domain)
{
	static const struct {
		const char *claims;
		enum refusal_code code;
	} cases[] = {
		{ "{" CLAIMS ",\"sub\":\"spiffe://example.org/bot\"}", REFUSED_NOT },
		{ "{" CLAIMS "}", REFUSED_SUBJECT },
		{ "{" CLAIMS ",\"sub\":\"bot\"}", REFUSED_SUBJECT },
		{ "{" CLAIMS ",\"sub\":\"spiffe://example.org\"}", REFUSED_SUBJECT },
		{ "{" CLAIMS ",\"sub\":\"spiffe://example.org/\"}", REFUSED_SUBJECT },
		{ "{" CLAIMS ",\"sub\":\"spiffe://example.org/../bot\"}", REFUSED_SUBJECT },
		{ "{" CLAIMS ",\"sub\":\"spiffe://example.org/bot?x\"}", REFUSED_SUBJECT },
		{ "{" CLAIMS ",\"sub\":\"spiffe://example.com/bot\"}", REFUSED_DOMAIN },
		{ "{\"aud\":\"store\",\"sub\":\"spiffe://example.org/bot\"}", REFUSED_CLAIMS },
		{ "{\"exp\":1767326645,\"sub\":\"spiffe://example.org/bot\"}", REFUSED_AUDIENCE },
	};
	struct jwt_rules rules = rules_of("store", NOW, 0);

	rules.spiffe_domain = STR("example.org");
	for (size_t i = 0; i < COUNT(cases); i++)
		cr_assert_eq(judge(token_of("JWT", cases[i].claims), &rules), cases[i].code, "%s",
			     cases[i].claims);
}

Test(jwt, the_header_of_an_svid_says_nothing_else)
{
	static const char header[] = "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"x\":1}";
	static const char claims[] = "{" CLAIMS ",\"sub\":\"spiffe://example.org/bot\"}";
	struct jwt_rules rules = rules_of("store", NOW, 0);
	struct signature sig;

	base64url_write(&b, header, sizeof(header) - 1);
	buf_add_byte(&b, '.');
	base64url_write(&b, claims, sizeof(claims) - 1);
	sig = sign_make(key, buf_view(&b));
	buf_add_byte(&b, '.');
	base64url_write(&b, sig.bytes, sizeof(sig.bytes));
	cr_assert_eq(judge(buf_view(&b), &rules), REFUSED_NOT);
	rules.spiffe_domain = STR("example.org");
	cr_assert_eq(judge(buf_view(&b), &rules), REFUSED_HEADER);
}

Test(jwt, es256_is_verified_where_libcrypto_is)
{
	const struct jwt_rules rules = rules_of("store", NOW, 0);
	struct str header = STR("{\"alg\":\"ES256\"}"), claims = STR("{" CLAIMS "}");
	uint8_t signature[JWS_SIGNATURE_BYTES] = { 0 };
	struct cert *signer;

	base64url_write(&b, header.ptr, header.len);
	buf_add_byte(&b, '.');
	base64url_write(&b, claims.ptr, claims.len);
	pub.alg = JWS_ES256;
	if (x509_supported()) {
		signer = cert_kit_make(&(struct cert_order){ .subject = "signer" });
		pub.ec = cert_kit_key(signer);
		cert_kit_sign(signer, buf_view(&b), signature);
		cert_kit_free(signer);
	}
	buf_add_byte(&b, '.');
	base64url_write(&b, signature, sizeof(signature));
	if (x509_supported()) {
		cr_assert_eq(judge(buf_view(&b), &rules), REFUSED_NOT);
		pub = (struct jws_key){ .alg = JWS_EDDSA, .ed = pub.ed };
		cr_assert_eq(judge(buf_view(&b), &rules), REFUSED_ALG_KEY);
	} else {
		struct jwt t;

		cr_assert_eq(jwt_read(buf_view(&b), &memory, &t, NULL), OK);
		cr_assert_eq(jwt_check(&t, &pub, &rules, NULL), ERR_UNSUPPORTED);
	}
}

Test(jwt, every_failing_allocation_is_an_error)
{
	struct str text = token_of("JWT", "{" CLAIMS ",\"x\":{\"a\":[1,2]}}");
	struct buf again;

	for (uint64_t n = 1;; n++) {
		struct arena a;
		struct jwt t;
		enum err e;

		arena_init(&a, 1u << 20);
		fail_alloc_at(n);
		e = jwt_read(text, &a, &t, NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
	for (uint64_t n = 1;; n++) {
		const struct jwt_order order = { .issuer = STR("i"), .subject = STR("s"),
						 .audience = STR("a"), .id = STR("1"),
						 .issued_ns = NOW, .expires_ns = NOW + SECOND };
		enum err e;

		buf_init(&again, 1u << 16);
		fail_alloc_at(n);
		e = jwt_write(&again, &order, key);
		buf_fini(&again);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
