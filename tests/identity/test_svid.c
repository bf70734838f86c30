/* svid: certificates made here, each with one thing wrong that SPIFFE does not allow. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/identity/identity.h"
#include "tests/kit/cert_kit.h"

static struct cert *root;
static struct arena memory;
static struct buf pem, bundle;

static void make_root(const char *names)
{
	if (root)
		cert_kit_free(root);
	root = cert_kit_make(&(struct cert_order){ .subject = "root", .names = names,
						   .constraints = CERT_KIT_CA,
						   .usage = CERT_KIT_CERTIFIES });
	buf_clear(&bundle);
	cert_kit_pem(&bundle, root);
}

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&memory, 1u << 20);
	buf_init(&pem, 1u << 20);
	buf_init(&bundle, 1u << 20);
	if (x509_supported())
		make_root("URI:spiffe://example.org");
}

static void teardown(void)
{
	if (root)
		cert_kit_free(root);
	buf_fini(&bundle);
	buf_fini(&pem);
	arena_fini(&memory);
}

TestSuite(svid, .init = setup, .fini = teardown);

/* The verdict about a leaf by that root, for that trust domain or any. */
static enum refusal_code judge(const char *names, const char *constraints, const char *usage,
			       struct str domain)
{
	struct cert *leaf = cert_kit_make(&(struct cert_order){ .subject = "leaf", .issuer = root,
								.names = names, .usage = usage,
								.constraints = constraints });
	struct refusal r = { .code = REFUSED_NOT };
	struct svid svid = { .id = STR("untouched") };
	enum err e;

	buf_clear(&pem);
	cert_kit_pem(&pem, leaf);
	cert_kit_free(leaf);
	e = svid_verify(buf_view(&pem), buf_view(&bundle), domain, CERT_KIT_NOW, &memory, &svid,
			&r);
	cr_assert(e == OK || (e == ERR_DENIED && r.note.text[0]), "%s", err_name(e));
	cr_assert_eq(e == OK, r.code == REFUSED_NOT);
	cr_assert_eq(e == OK, !str_is(svid.id, "untouched"));
	return r.code;
}

static enum refusal_code judge_name(const char *names)
{
	return judge(names, CERT_KIT_LEAF, CERT_KIT_SIGNS, STR_NONE);
}

#define BOT "URI:spiffe://example.org/bot"

Test(svid, a_right_one_gives_its_name)
{
	struct cert *leaf;
	struct svid svid;

	if (!x509_supported()) {
		(void)fprintf(stderr, "svid: skipped, this build has no libcrypto\n");
		return;
	}
	leaf = cert_kit_make(&(struct cert_order){ .subject = "leaf", .issuer = root,
						   .names = BOT ",DNS:bot.example",
						   .usage = CERT_KIT_SIGNS,
						   .constraints = CERT_KIT_LEAF });
	cert_kit_pem(&pem, leaf);
	cert_kit_free(leaf);
	cr_assert_eq(svid_verify(buf_view(&pem), buf_view(&bundle), STR("example.org"),
				 CERT_KIT_NOW, &memory, &svid, NULL), OK);
	cr_assert(str_is(svid.id, "spiffe://example.org/bot"));
	cr_assert(str_is(svid.domain, "example.org"));
	cr_assert_eq(svid.from_ns, CERT_KIT_FROM * 1000000000);
	cr_assert_eq(svid.until_ns, CERT_KIT_UNTIL * 1000000000);
}

Test(svid, a_leaf_has_one_uri_and_that_is_a_spiffe_id_with_a_path)
{
	if (!x509_supported())
		return;
	cr_assert_eq(judge_name(BOT), REFUSED_NOT);
	cr_assert_eq(judge_name(NULL), REFUSED_NAME);
	cr_assert_eq(judge_name("DNS:bot.example"), REFUSED_NAME);
	cr_assert_eq(judge_name(BOT ",URI:spiffe://example.org/other"), REFUSED_NAME);
	cr_assert_eq(judge_name(BOT ",URI:https://example.org/"), REFUSED_NAME);
	cr_assert_eq(judge_name("URI:https://example.org/bot"), REFUSED_NAME);
	cr_assert_eq(judge_name("URI:spiffe://example.org"), REFUSED_NAME);
	cr_assert_eq(judge_name("URI:spiffe://example.org/"), REFUSED_NAME);
	cr_assert_eq(judge_name("URI:spiffe://Example.org/bot"), REFUSED_NAME);
	cr_assert_eq(judge_name("URI:spiffe://example.org/../bot"), REFUSED_NAME);
}

Test(svid, a_leaf_signs_and_certifies_nobody)
{
	if (!x509_supported())
		return;
	cr_assert_eq(judge(BOT, CERT_KIT_CA, CERT_KIT_SIGNS, STR_NONE), REFUSED_CA);
	cr_assert_eq(judge(BOT, CERT_KIT_CA, CERT_KIT_CERTIFIES, STR_NONE), REFUSED_CA);
	cr_assert_eq(judge(BOT, NULL, CERT_KIT_SIGNS, STR_NONE), REFUSED_NOT);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, NULL, STR_NONE), REFUSED_USAGE);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, "digitalSignature", STR_NONE), REFUSED_USAGE);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, "critical,keyAgreement", STR_NONE), REFUSED_USAGE);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, CERT_KIT_SIGNS ",cRLSign", STR_NONE),
		     REFUSED_USAGE);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, CERT_KIT_SIGNS ",keyAgreement", STR_NONE),
		     REFUSED_NOT);
}

Test(svid, a_bundle_speaks_for_its_own_trust_domain)
{
	if (!x509_supported())
		return;
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, CERT_KIT_SIGNS, STR("example.com")),
		     REFUSED_DOMAIN);
	cr_assert_eq(judge_name("URI:spiffe://example.com/bot"), REFUSED_DOMAIN);
	make_root("URI:spiffe://example.org/root");
	cr_assert_eq(judge_name(BOT), REFUSED_NAME);
	make_root("URI:spiffe://example.org,URI:spiffe://example.com");
	cr_assert_eq(judge_name(BOT), REFUSED_NAME);
	/* Without a name of its own somebody has to say for whom it speaks. */
	make_root(NULL);
	cr_assert_eq(judge_name(BOT), REFUSED_DOMAIN);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, CERT_KIT_SIGNS, STR("example.org")), REFUSED_NOT);
}

Test(svid, a_leaf_in_the_bundle_proves_nothing)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct svid svid;

	if (!x509_supported())
		return;
	cr_assert_eq(judge_name(BOT), REFUSED_NOT);
	cr_assert_eq(svid_verify(buf_view(&pem), buf_view(&pem), STR("example.org"), CERT_KIT_NOW,
				 &memory, &svid, &r), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_CHAIN);
}

Test(svid, a_signer_without_the_right_certifies_nobody)
{
	if (!x509_supported())
		return;
	cert_kit_free(root);
	root = cert_kit_make(&(struct cert_order){ .subject = "root", .constraints = CERT_KIT_CA });
	buf_clear(&bundle);
	cert_kit_pem(&bundle, root);
	cr_assert_eq(judge(BOT, CERT_KIT_LEAF, CERT_KIT_SIGNS, STR("example.org")), REFUSED_USAGE);
}
