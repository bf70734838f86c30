/* cert_kit: keys, certificates and signatures by libcrypto. */
#include "tests/kit/cert_kit.h"

#ifdef TRAMMEL_LIBCRYPTO

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct cert {
	X509 *x509;
	EVP_PKEY *key;
};

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *text)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	if (!text)
		return;
	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
	MUST(ext && X509_add_ext(x509, ext, -1) == 1);
	X509_EXTENSION_free(ext);
}

struct cert *cert_kit_make(const struct cert_order *order)
{
	static long serial;
	struct cert *c = malloc(sizeof(*c));
	X509 *issuer;
	X509_NAME *name;

	MUST(c);
	c->key = EVP_EC_gen("P-256");
	c->x509 = X509_new();
	MUST(c->key && c->x509);
	issuer = order->issuer ? order->issuer->x509 : c->x509;
	MUST(X509_set_version(c->x509, 2) && X509_set_pubkey(c->x509, c->key));
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(c->x509), ++serial));
	MUST(ASN1_TIME_set(X509_getm_notBefore(c->x509),
			   order->from_s ? order->from_s : CERT_KIT_FROM));
	MUST(ASN1_TIME_set(X509_getm_notAfter(c->x509),
			   order->until_s ? order->until_s : CERT_KIT_UNTIL));
	name = X509_get_subject_name(c->x509);
	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					(const unsigned char *)order->subject, -1, -1, 0));
	MUST(X509_set_issuer_name(c->x509, X509_get_subject_name(issuer)));
	add_extension(c->x509, issuer, NID_basic_constraints, order->constraints);
	add_extension(c->x509, issuer, NID_key_usage, order->usage);
	add_extension(c->x509, issuer, NID_subject_alt_name, order->names);
	add_extension(c->x509, issuer, NID_name_constraints, order->name_constraints);
	MUST(X509_sign(c->x509, order->issuer ? order->issuer->key : c->key, EVP_sha256()));
	return c;
}

void cert_kit_free(struct cert *c)
{
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	free(c);
}

void cert_kit_pem(struct buf *b, const struct cert *c)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	MUST(bio && PEM_write_bio_X509(bio, c->x509) == 1);
	len = BIO_get_mem_data(bio, &text);
	buf_add(b, str_slice(text, (size_t)len));
	BIO_free(bio);
}

struct p256_key cert_kit_key(const struct cert *c)
{
	struct p256_key key;
	uint8_t point[65];
	size_t len;

	MUST(EVP_PKEY_get_octet_string_param(c->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					     &len) == 1 && len == sizeof(point));
	memcpy(key.xy, point + 1, sizeof(key.xy));
	return key;
}

void cert_kit_sign(const struct cert *c, struct str text, uint8_t signature[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128];
	const uint8_t *at = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	MUST(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, c->key) == 1);
	MUST(EVP_DigestSign(ctx, der, &len, (const uint8_t *)text.ptr, text.len) == 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	MUST(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, 32) == 32 &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + 32, 32) == 32);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

#else

struct cert *cert_kit_make(const struct cert_order *order)
{
	(void)order;
	must_fail("there is libcrypto", __FILE__, __LINE__);
}

void cert_kit_free(struct cert *c)
{
	(void)c;
}

void cert_kit_pem(struct buf *b, const struct cert *c)
{
	(void)b;
	(void)c;
}

struct p256_key cert_kit_key(const struct cert *c)
{
	(void)c;
	must_fail("there is libcrypto", __FILE__, __LINE__);
}

void cert_kit_sign(const struct cert *c, struct str text, uint8_t signature[64])
{
	(void)c;
	(void)text;
	(void)signature;
}

#endif
