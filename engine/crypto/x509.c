/*
 * x509: the doorman of libcrypto. No other file of the engine includes a header of OpenSSL.
 *
 * libcrypto would read openssl.cnf, which the environment names, when it is first used; it is told
 * not to before anything else. A store that is made empty stays so: no root of the system gets in,
 * and a time that is set keeps it from asking the clock.
 *
 * Built without libcrypto (the Makefile asks pkg-config), the second half of this file serves.
 */
#include "engine/crypto/crypto.h"

#ifdef TRAMMEL_LIBCRYPTO

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "engine/base/when.h"

#define COORDINATE_BYTES 32
#define AUTH_LEVEL 2                          /* 112 bits: no SHA-1, no RSA below 2048 */

bool x509_supported(void)
{
	return true;
}

static enum err start(void)
{
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
		return ERR_CRYPTO;
	return OK;
}

/* --- ES256 --- */

/* The key as libcrypto has it; NULL: no point of the curve, or no memory. */
static EVP_PKEY *make_key(const struct p256_key *key)
{
	uint8_t point[1 + sizeof(key->xy)] = { POINT_CONVERSION_UNCOMPRESSED };
	char curve[] = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *made = NULL;

	memcpy(point + 1, key->xy, sizeof(key->xy));
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return made;
}

/* r and s as the DER that libcrypto verifies; the length, 0 on failure. `*der` is to be freed. */
static int write_der(const uint8_t signature[64], uint8_t **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, COORDINATE_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(signature + COORDINATE_BYTES, COORDINATE_BYTES, NULL);
	int len = 0;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL;
		len = i2d_ECDSA_SIG(sig, der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return len > 0 ? len : 0;
}

enum err es256_check(const struct p256_key *key, struct str text, const uint8_t signature[64])
{
	const uint8_t *bytes = (const uint8_t *)(text.ptr ? text.ptr : "");
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *pub;
	uint8_t *der = NULL;
	enum err e = ERR_CRYPTO;
	int len;

	TRY(start());
	pub = make_key(key);
	if (!pub) {
		ERR_clear_error();
		return ERR_TYPE;
	}
	len = write_der(signature, &der);
	ctx = EVP_MD_CTX_new();
	if (len && ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pub) == 1)
		e = EVP_DigestVerify(ctx, der, (size_t)len, bytes, text.len) == 1 ? OK
										  : ERR_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	EVP_PKEY_free(pub);
	ERR_clear_error();
	return e;
}

/* --- reading certificates --- */

static bool is_base64(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '+' && c != '/' && c != '=')
			return false;
	}
	return true;
}

/*
 * The number of certificates in PEM; 0 when there is anything else. Other blocks and text around
 * them are refused, because whoever put them there thinks that they count; headers inside a block,
 * because libcrypto would ask the terminal for the password that they speak of.
 */
static int count_certs(struct str pem)
{
	struct str line, rest = pem;
	bool more = true, inside = false;
	int count = 0;

	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		line = str_trim(more ? line : rest);
		if (!inside && str_is(line, "-----BEGIN CERTIFICATE-----")) {
			inside = true;
		} else if (inside && str_is(line, "-----END CERTIFICATE-----")) {
			inside = false;
			count++;
		} else if (inside ? !is_base64(line) : line.len > 0) {
			return 0;
		}
	}
	return inside ? 0 : count;
}

static enum err read_certs(struct str pem, size_t most_bytes, int most, STACK_OF(X509) *into)
{
	int count = pem.len <= most_bytes ? count_certs(pem) : most + 1;
	enum err e = count == 0 ? ERR_SYNTAX : count > most ? ERR_LIMIT : OK;
	BIO *bio = e == OK ? BIO_new_mem_buf(pem.ptr, (int)pem.len) : NULL;

	if (e == OK && !bio)
		e = ERR_MEMORY;
	for (int i = 0; e == OK && i < count; i++) {
		X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (!cert)
			e = ERR_SYNTAX;
		else if (sk_X509_push(into, cert) <= 0)
			e = ERR_MEMORY;
		if (e != OK)
			X509_free(cert);
	}
	ERR_clear_error();
	BIO_free(bio);
	return e;
}

/* --- what a certificate says --- */

static enum err read_time(const ASN1_TIME *t, int64_t *ret_ns)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days, seconds, ok;

	if (!epoch)
		return ERR_MEMORY;
	ok = ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	if (!ok)
		return ERR_SYNTAX;
	/* Years beyond what nanoseconds count are as far as they count. */
	if (days > 106751)
		*ret_ns = INT64_MAX;
	else if (days < -106751)
		*ret_ns = INT64_MIN;
	else
		*ret_ns = (days * INT64_C(86400) + seconds) * WHEN_SECOND_NS;
	return OK;
}

/* The URIs among the alternative names; one that holds a NUL is no text that could be compared. */
static enum err read_uris(X509 *cert, struct arena *a, struct x509_cert *ret)
{
	int how = 0;
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, &how, NULL);
	enum err e = !names && how != -1 ? ERR_SYNTAX : OK;

	for (int i = 0; e == OK && names && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		struct str uri;

		if (name->type != GEN_URI)
			continue;
		uri = str_slice(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
				(size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier));
		if (memchr(uri.ptr, '\0', uri.len))
			e = ERR_SYNTAX;
		else if (ret->uri_count++ == 0)
			e = arena_copy(a, uri, &ret->uri);
	}
	GENERAL_NAMES_free(names);
	return e;
}

static enum err read_cert(X509 *cert, struct arena *a, struct x509_cert *ret)
{
	struct x509_cert own = { .uri_count = 0 };
	uint32_t flags = X509_get_extension_flags(cert);
	uint32_t usage = flags & EXFLAG_KUSAGE ? X509_get_key_usage(cert) : 0;
	int at = X509_get_ext_by_NID(cert, NID_key_usage, -1);

	if (flags & EXFLAG_INVALID)
		return ERR_SYNTAX;
	own.is_ca = flags & EXFLAG_CA;
	own.usage = (usage & KU_DIGITAL_SIGNATURE ? X509_SIGNS : 0) |
		    (usage & KU_KEY_CERT_SIGN ? X509_SIGNS_CERTS : 0) |
		    (usage & KU_CRL_SIGN ? X509_SIGNS_LISTS : 0);
	own.usage_critical = at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(cert, at)) == 1;
	TRY(read_time(X509_get0_notBefore(cert), &own.from_ns));
	TRY(read_time(X509_get0_notAfter(cert), &own.until_ns));
	TRY(read_uris(cert, a, &own));
	*ret = own;
	return OK;
}

/* --- building the chain --- */

static enum err explain(int code, struct refusal *r)
{
	const char *text = X509_verify_cert_error_string(code);

	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return refusal_set(r, REFUSED_EXPIRED, "a certificate of the chain has expired");
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return refusal_set(r, REFUSED_EARLY, "a certificate of the chain is not valid yet");
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return refusal_set(r, REFUSED_SIGNATURE,
				   "a certificate is not signed by the one above it");
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
	case X509_V_ERR_CERT_CHAIN_TOO_LONG:
		return refusal_set(r, REFUSED_PATH,
				   "more certificates stand between leaf and bundle "
				   "than may");
	case X509_V_ERR_OUT_OF_MEM:
		return ERR_MEMORY;
	default:
		return refusal_set(r, REFUSED_CHAIN, "no chain leads to the bundle: %s", text);
	}
}

static int64_t to_seconds(int64_t ns)
{
	return ns / WHEN_SECOND_NS - (ns % WHEN_SECOND_NS < 0);
}

static enum err verify(X509 *leaf, STACK_OF(X509) * others, STACK_OF(X509) * anchors, int64_t at_ns,
		       X509_STORE_CTX *ctx, struct refusal *r)
{
	X509_VERIFY_PARAM *param;

	if (!X509_STORE_CTX_init(ctx, NULL, leaf, others))
		return ERR_MEMORY;
	X509_STORE_CTX_set0_trusted_stack(ctx, anchors);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)to_seconds(at_ns));
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_depth(param, LIMIT_CHAIN_CERTS - 2);
	/* What is believed need not be self-signed: RFC 5280 section 6.1.1 (d). */
	if (!X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN))
		return ERR_CRYPTO;
	if (X509_verify_cert(ctx) == 1)
		return OK;
	return explain(X509_STORE_CTX_get_error(ctx), r);
}

static enum err gather(X509_STORE_CTX *ctx, struct arena *a, struct x509_chain *ret,
		       struct refusal *r)
{
	STACK_OF(X509) *certs = X509_STORE_CTX_get0_chain(ctx);
	struct x509_chain chain = { .count = 0 };

	for (int i = 0; i < sk_X509_num(certs); i++) {
		enum err e = ERR_LIMIT;

		if (chain.count < LIMIT_CHAIN_CERTS)
			e = read_cert(sk_X509_value(certs, i), a, &chain.certs[chain.count++]);
		if (e == ERR_SYNTAX)
			return refusal_set(r, REFUSED_CERTIFICATE,
					   "certificate %d of the chain is malformed", i + 1);
		TRY(e);
	}
	*ret = chain;
	return OK;
}

/* Everything libcrypto made for one verification. */
struct work {
	STACK_OF(X509) * certs, *anchors;
	X509_STORE_CTX *ctx;
};

static enum err read_both(struct work *w, struct str pem, struct str anchors, struct refusal *r)
{
	enum err e = read_certs(anchors, LIMIT_JWKS_BYTES, LIMIT_JWKS_KEYS, w->anchors);

	if (e == ERR_MEMORY)
		return e;
	if (e != OK)
		return note_set(r ? &r->note : NULL, e, 0, 0,
				"the bundle: expected certificates in PEM and nothing else, at "
				"most %d", LIMIT_JWKS_KEYS);
	e = read_certs(pem, LIMIT_CHAIN_BYTES, LIMIT_CHAIN_CERTS, w->certs);
	if (e == ERR_MEMORY || e == OK)
		return e;
	return refusal_set(r, REFUSED_CERTIFICATE,
			   "expected a certificate in PEM and those above it, at most %d, and "
			   "nothing else", LIMIT_CHAIN_CERTS);
}

enum err x509_verify(struct str pem, struct str anchors, int64_t at_ns, struct arena *a,
		     struct x509_chain *ret, struct refusal *r)
{
	struct work w = { .certs = NULL };
	enum err e;

	TRY(start());
	w = (struct work){ sk_X509_new_null(), sk_X509_new_null(), X509_STORE_CTX_new() };
	e = w.certs && w.anchors && w.ctx ? OK : ERR_MEMORY;
	if (e == OK)
		e = read_both(&w, pem, anchors, r);
	if (e == OK)
		e = verify(sk_X509_value(w.certs, 0), w.certs, w.anchors, at_ns, w.ctx, r);
	if (e == OK)
		e = gather(w.ctx, a, ret, r);
	X509_STORE_CTX_free(w.ctx);
	sk_X509_pop_free(w.certs, X509_free);
	sk_X509_pop_free(w.anchors, X509_free);
	ERR_clear_error();
	return e;
}

#else

bool x509_supported(void)
{
	return false;
}

enum err es256_check(const struct p256_key *key, struct str text, const uint8_t signature[64])
{
	(void)key;
	(void)text;
	(void)signature;
	return ERR_UNSUPPORTED;
}

enum err x509_verify(struct str pem, struct str anchors, int64_t at_ns, struct arena *a,
		     struct x509_chain *ret, struct refusal *r)
{
	(void)pem;
	(void)anchors;
	(void)at_ns;
	(void)a;
	(void)ret;
	return note_set(r ? &r->note : NULL, ERR_UNSUPPORTED, 0, 0,
			"this build has no libcrypto; install libssl-dev and build again");
}

#endif
