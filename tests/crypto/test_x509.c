/* x509: ES256 as JWS writes it, and chains of certificates that are made here, right and wrong. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "tests/kit/cert_kit.h"

#define YEAR_NS (INT64_C(31536000) * INT64_C(1000000000))

static struct cert *root, *middle, *leaf;
static struct arena memory;
static struct buf pem, anchors;

static const struct cert_order root_order = { .subject = "root", .constraints = CERT_KIT_CA,
					      .usage = CERT_KIT_CERTIFIES };

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&memory, 1u << 20);
	buf_init(&pem, 1u << 20);
	buf_init(&anchors, 1u << 21);
	if (!x509_supported())
		return;
	root = cert_kit_make(&root_order);
	middle = cert_kit_make(&(struct cert_order){ .subject = "middle", .issuer = root,
						     .constraints = CERT_KIT_CA,
						     .usage = CERT_KIT_CERTIFIES });
	leaf = cert_kit_make(&(struct cert_order){
		.subject = "leaf", .issuer = middle, .constraints = CERT_KIT_LEAF,
		.usage = CERT_KIT_SIGNS, .names = "URI:spiffe://example.org/bot,DNS:bot.example" });
	cert_kit_pem(&pem, leaf);
	cert_kit_pem(&pem, middle);
	cert_kit_pem(&anchors, root);
}

static void teardown(void)
{
	if (x509_supported()) {
		cert_kit_free(leaf);
		cert_kit_free(middle);
		cert_kit_free(root);
	}
	buf_fini(&anchors);
	buf_fini(&pem);
	arena_fini(&memory);
}

TestSuite(x509, .init = setup, .fini = teardown);

/* What a build without libcrypto cannot do is said in one line, by the first test. */
static bool skipped(void)
{
	return !x509_supported();
}

Test(x509, without_libcrypto_everything_is_unsupported)
{
	struct p256_key key = { { 0 } };
	uint8_t signature[64] = { 0 };
	struct refusal r = { .code = REFUSED_NOT };
	struct x509_chain chain;

	if (x509_supported())
		return;
	(void)fprintf(stderr, "x509: skipped, this build has no libcrypto\n");
	cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_UNSUPPORTED);
	cr_assert_eq(x509_verify(STR(""), STR(""), 0, &memory, &chain, &r), ERR_UNSUPPORTED);
	cr_assert(r.note.text[0] && r.code == REFUSED_NOT);
}

/* --- ES256 --- */

Test(x509, a_signature_verifies_and_no_changed_one_does)
{
	struct p256_key key;
	uint8_t signature[64];

	if (skipped())
		return;
	key = cert_kit_key(leaf);
	cert_kit_sign(leaf, STR("text"), signature);
	cr_assert_eq(es256_check(&key, STR("text"), signature), OK);
	cr_assert_eq(es256_check(&key, STR("test"), signature), ERR_SIGNATURE);
	for (size_t i = 0; i < sizeof(signature); i++) {
		signature[i] ^= 1;
		cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_SIGNATURE, "%zu", i);
		signature[i] ^= 1;
	}
	memset(signature, 0, sizeof(signature));
	cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_SIGNATURE);
	memset(signature, 0xFF, sizeof(signature));
	cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_SIGNATURE);
}

Test(x509, what_is_no_point_of_the_curve_is_no_key)
{
	struct p256_key key = { { 0 } };
	uint8_t signature[64] = { 0 };

	if (skipped())
		return;
	cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_TYPE);
	key = cert_kit_key(leaf);
	key.xy[63] ^= 1;
	cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_TYPE);
	memset(key.xy, 0xFF, sizeof(key.xy));
	cr_assert_eq(es256_check(&key, STR("text"), signature), ERR_TYPE);
}

/* --- chains --- */

static void expect_refused(enum refusal_code code, int64_t at_ns)
{
	struct x509_chain chain = { .count = 77 };
	struct refusal r = { .code = REFUSED_NOT };
	enum err e = x509_verify(buf_view(&pem), buf_view(&anchors), at_ns, &memory, &chain, &r);

	cr_assert_eq(e, ERR_DENIED, "%s: %s", err_name(e), r.note.text);
	cr_assert_eq(r.code, code, "%s: %s", refusal_name(r.code), r.note.text);
	cr_assert(r.note.text[0] && chain.count == 77);
}

Test(x509, a_chain_is_followed_to_the_bundle)
{
	struct x509_chain chain;

	if (skipped())
		return;
	cr_assert_eq(x509_verify(buf_view(&pem), buf_view(&anchors), CERT_KIT_NOW, &memory, &chain,
				 NULL), OK);
	cr_assert_eq(chain.count, 3);
	cr_assert(!chain.certs[0].is_ca && chain.certs[1].is_ca && chain.certs[2].is_ca);
	cr_assert_eq(chain.certs[0].uri_count, 1);
	cr_assert(str_is(chain.certs[0].uri, "spiffe://example.org/bot"));
	cr_assert_eq(chain.certs[0].usage, X509_SIGNS);
	cr_assert(chain.certs[0].usage_critical);
	cr_assert_eq(chain.certs[1].usage, X509_SIGNS_CERTS | X509_SIGNS_LISTS);
	cr_assert_eq(chain.certs[0].from_ns, CERT_KIT_FROM * 1000000000);
	cr_assert_eq(chain.certs[0].until_ns, CERT_KIT_UNTIL * 1000000000);
}

Test(x509, an_anchor_need_not_be_self_signed)
{
	struct x509_chain chain;

	if (skipped())
		return;
	buf_clear(&anchors);
	cert_kit_pem(&anchors, middle);
	cr_assert_eq(x509_verify(buf_view(&pem), buf_view(&anchors), CERT_KIT_NOW, &memory, &chain,
				 NULL), OK);
	cr_assert_eq(chain.count, 2);
}

Test(x509, validity_is_to_the_second_and_by_the_given_time)
{
	const int64_t from = CERT_KIT_FROM * 1000000000, until = CERT_KIT_UNTIL * 1000000000;
	struct x509_chain chain;

	if (skipped())
		return;
	cr_assert_eq(x509_verify(buf_view(&pem), buf_view(&anchors), from, &memory, &chain, NULL),
		     OK);
	cr_assert_eq(x509_verify(buf_view(&pem), buf_view(&anchors), until - 1, &memory, &chain,
				 NULL), OK);
	expect_refused(REFUSED_EARLY, from - 1);
	expect_refused(REFUSED_EXPIRED, until);
	expect_refused(REFUSED_EXPIRED, CERT_KIT_NOW + 30 * YEAR_NS);
	expect_refused(REFUSED_EARLY, -YEAR_NS);
	expect_refused(REFUSED_EARLY, INT64_MIN);
	expect_refused(REFUSED_EXPIRED, INT64_MAX);
}

Test(x509, another_root_of_the_same_name_signs_nothing)
{
	struct cert *other;

	if (skipped())
		return;
	other = cert_kit_make(&root_order);
	buf_clear(&anchors);
	cert_kit_pem(&anchors, other);
	expect_refused(REFUSED_SIGNATURE, CERT_KIT_NOW);
	cert_kit_free(other);
}

Test(x509, a_chain_with_a_gap_leads_nowhere)
{
	if (skipped())
		return;
	buf_clear(&pem);
	cert_kit_pem(&pem, leaf);
	expect_refused(REFUSED_CHAIN, CERT_KIT_NOW);
}

Test(x509, a_leaf_certifies_nobody)
{
	struct cert *below;

	if (skipped())
		return;
	below = cert_kit_make(&(struct cert_order){ .subject = "below", .issuer = leaf,
						    .constraints = CERT_KIT_LEAF,
						    .usage = CERT_KIT_SIGNS });
	buf_clear(&pem);
	cert_kit_pem(&pem, below);
	cert_kit_pem(&pem, leaf);
	cert_kit_pem(&pem, middle);
	expect_refused(REFUSED_CHAIN, CERT_KIT_NOW);
	cert_kit_free(below);
}

Test(x509, a_path_length_is_kept)
{
	struct cert *strict, *between, *end;

	if (skipped())
		return;
	strict = cert_kit_make(&(struct cert_order){ .subject = "strict",
						     .constraints = CERT_KIT_CA ",pathlen:0",
						     .usage = CERT_KIT_CERTIFIES });
	between = cert_kit_make(&(struct cert_order){ .subject = "between", .issuer = strict,
						      .constraints = CERT_KIT_CA,
						      .usage = CERT_KIT_CERTIFIES });
	end = cert_kit_make(&(struct cert_order){ .subject = "end", .issuer = between,
						  .constraints = CERT_KIT_LEAF,
						  .usage = CERT_KIT_SIGNS });
	buf_clear(&pem);
	buf_clear(&anchors);
	cert_kit_pem(&pem, end);
	cert_kit_pem(&pem, between);
	cert_kit_pem(&anchors, strict);
	expect_refused(REFUSED_PATH, CERT_KIT_NOW);
	cert_kit_free(end);
	cert_kit_free(between);
	cert_kit_free(strict);
}

Test(x509, constraints_on_names_are_kept)
{
	struct cert *narrow, *end;

	if (skipped())
		return;
	narrow = cert_kit_make(&(struct cert_order){
		.subject = "narrow", .constraints = CERT_KIT_CA, .usage = CERT_KIT_CERTIFIES,
		.name_constraints = "critical,permitted;URI:other.example" });
	end = cert_kit_make(&(struct cert_order){
		.subject = "end", .issuer = narrow, .constraints = CERT_KIT_LEAF,
		.usage = CERT_KIT_SIGNS, .names = "URI:spiffe://example.org/bot" });
	buf_clear(&pem);
	buf_clear(&anchors);
	cert_kit_pem(&pem, end);
	cert_kit_pem(&anchors, narrow);
	expect_refused(REFUSED_CHAIN, CERT_KIT_NOW);
	cert_kit_free(end);
	cert_kit_free(narrow);
}

Test(x509, what_is_not_only_certificates_is_refused)
{
	static const char *const texts[] = {
		"", "hello", "-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
		"DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n"
		"-----END CERTIFICATE-----\n",
	};
	struct x509_chain chain;
	struct note *n;
	struct refusal r = { .code = REFUSED_NOT };

	if (skipped())
		return;
	n = &r.note;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cr_assert_eq(x509_verify(buf_view(&pem), str_view(texts[i]), CERT_KIT_NOW, &memory,
					 &chain, &r), ERR_SYNTAX, "%s", texts[i]);
		cr_assert(n->text[0] && r.code == REFUSED_NOT);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buf_clear(&pem);
		buf_add_c(&pem, texts[i]);
		expect_refused(REFUSED_CERTIFICATE, CERT_KIT_NOW);
	}
	buf_clear(&pem);
	cert_kit_pem(&pem, leaf);
	cert_kit_pem(&pem, middle);
	buf_add_c(&pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	expect_refused(REFUSED_CERTIFICATE, CERT_KIT_NOW);
}

Test(x509, chains_and_bundles_are_bounded)
{
	struct x509_chain chain;

	if (skipped())
		return;
	for (int i = 0; i < LIMIT_CHAIN_CERTS; i++)
		cert_kit_pem(&pem, middle);
	expect_refused(REFUSED_CERTIFICATE, CERT_KIT_NOW);
	while (anchors.len <= LIMIT_JWKS_BYTES)
		cert_kit_pem(&anchors, root);
	cr_assert_eq(x509_verify(buf_view(&pem), buf_view(&anchors), CERT_KIT_NOW, &memory, &chain,
				 NULL), ERR_LIMIT);
}
