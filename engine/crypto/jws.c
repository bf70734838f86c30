/*
 * jws: one signature in compact form, taken apart and put together.
 *
 *   base64url(header) "." base64url(payload) "." base64url(signature)
 *
 * What a header may hold is judged before anything is verified, so a reason names the first thing
 * that is wrong with the text and not only that the signature is. RFC 7515 lets unknown members of
 * a header pass; those that would bring a key, or ask for something that is not done here, do not.
 */
#include "engine/crypto/jws.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/crypto/inside.h"

#define HEADER_CAP 2048u                      /* of one that is written */
#define SIGNATURE_CHARS 86u                   /* base64url of 64 bytes, of each algorithm here */

struct parts {
	struct str header, payload, signature;
};

static enum err cut(struct str text, struct parts *ret, struct refusal *r)
{
	struct str rest;

	if (text.len > LIMIT_TOKEN_BYTES)
		return refusal_set(r, REFUSED_LENGTH, "a token has at most %u bytes; this has %zu",
				   LIMIT_TOKEN_BYTES, text.len);
	if (!str_cut(text, '.', &ret->header, &rest))
		return refusal_set(r, REFUSED_FORM,
				   "expected three parts with dots between them: header, payload, "
				   "signature");
	if (!str_cut(rest, '.', &ret->payload, &ret->signature))
		return refusal_set(r, REFUSED_TRUNCATED,
				   "the token breaks off before its signature");
	if (str_has(ret->signature, STR(".")))
		return refusal_set(r, REFUSED_FORM, "a signed token has three parts, not more");
	return OK;
}

/* `what` of the token, decoded into the arena. */
static enum err decode(struct str part, const char *what, struct arena *a, struct str *ret,
		       struct refusal *r)
{
	size_t len = 0;
	char *dst = arena_alloc(a, part.len);

	if (!dst)
		return ERR_MEMORY;
	if (base64url_read(part, dst, part.len, &len) != OK)
		return refusal_set(r, REFUSED_BASE64,
				   "the %s is not base64url without padding, in its one text",
				   what);
	*ret = str_slice(dst, len);
	return OK;
}

/* --- the header --- */

/* Members that a header must not have. */
static const struct unwanted {
	const char *member;
	enum refusal_code code;
	const char *why;
} unwanted[] = {
	{ "crit", REFUSED_CRIT, "it says that members must be understood that are not" },
	{ "b64", REFUSED_CRIT, "payloads are always base64url" },
	{ "jwk", REFUSED_KEY_IN_HEADER, "who signs does not choose the key to verify with" },
	{ "jku", REFUSED_KEY_IN_HEADER, "no key is fetched" },
	{ "x5u", REFUSED_KEY_IN_HEADER, "no certificate is fetched" },
	{ "x5c", REFUSED_KEY_IN_HEADER, "who signs does not choose the key to verify with" },
	{ "x5t", REFUSED_KEY_IN_HEADER, "it names a certificate that is not looked for" },
	{ "x5t#S256", REFUSED_KEY_IN_HEADER, "it names a certificate that is not looked for" },
	{ "cty", REFUSED_TYPE, "tokens in tokens are not read" },
	{ "enc", REFUSED_TYPE, "it belongs to an encrypted token" },
};

/* "none" in any case: who writes "None" hopes for somebody who compares otherwise. */
static bool is_none(struct str alg)
{
	if (alg.len != 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		if ((alg.ptr[i] | 0x20) != "none"[i])
			return false;
	return true;
}

static enum err read_alg(const struct value *header, enum jws_alg *ret, struct refusal *r)
{
	struct str alg = value_text(header, "alg");

	if (!alg.ptr)
		return refusal_set(r, REFUSED_HEADER, "the header has no 'alg'");
	if (is_none(alg))
		return refusal_set(r, REFUSED_NONE,
				   "the token is not signed, so it proves nothing");
	if (str_is(alg, "EdDSA") || str_is(alg, "Ed25519"))
		*ret = JWS_EDDSA;
	else if (str_is(alg, "ES256"))
		*ret = JWS_ES256;
	else
		return refusal_set(r, REFUSED_ALG, "'alg' is '%.*s'; expected EdDSA or ES256",
				   STR_ARG(alg));
	return OK;
}

/* A member that is a short text, where it is there. */
static enum err read_text(const struct value *header, const char *key, struct str *ret,
			  struct refusal *r)
{
	*ret = value_text(header, key);
	if (value_get_c(header, key) && (!ret->ptr || ret->len > JWK_KID_BYTES))
		return refusal_set(r, REFUSED_HEADER, "'%s': expected a text of at most %d bytes",
				   key, JWK_KID_BYTES);
	return OK;
}

static enum err read_header(struct str text, struct arena *a, struct jws *j, struct refusal *r)
{
	struct note n = { .text = "" };
	struct value header;
	enum err e = json_read(text, 1, a, &header, &n);

	if (e == ERR_MEMORY)
		return e;
	if (e == ERR_DUPLICATE)
		return refusal_set(r, REFUSED_DUPLICATE, "the header: %s", n.text);
	if (e != OK)
		return refusal_set(r, REFUSED_HEADER, "the header is no JSON: %s", n.text);
	if (header.kind != VALUE_OBJECT)
		return refusal_set(r, REFUSED_HEADER, "the header is no object");
	TRY(read_alg(&header, &j->alg, r));
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		if (value_get_c(&header, unwanted[i].member))
			return refusal_set(r, unwanted[i].code, "the header has '%s': %s",
					   unwanted[i].member, unwanted[i].why);
	TRY(read_text(&header, "kid", &j->kid, r));
	TRY(read_text(&header, "typ", &j->typ, r));
	j->has_more = header.object.count > 1u + (j->kid.ptr != NULL) + (j->typ.ptr != NULL);
	return OK;
}

enum err jws_read(struct str text, struct arena *a, struct jws *ret, struct refusal *r)
{
	struct jws j = { .alg = JWS_EDDSA };
	struct str header, signature;
	struct parts parts;

	TRY(cut(text, &parts, r));
	TRY(decode(parts.header, "header", a, &header, r));
	TRY(read_header(header, a, &j, r));
	TRY(decode(parts.payload, "payload", a, &j.payload, r));
	if (parts.signature.len < SIGNATURE_CHARS)
		return refusal_set(r, REFUSED_TRUNCATED, "the signature breaks off");
	TRY(decode(parts.signature, "signature", a, &signature, r));
	if (signature.len != sizeof(j.signature))
		return refusal_set(r, REFUSED_SIGNATURE,
				   "the signature has %zu bytes; expected %zu", signature.len,
				   sizeof(j.signature));
	memcpy(j.signature, signature.ptr, sizeof(j.signature));
	j.covered = str_slice(text.ptr, parts.header.len + 1 + parts.payload.len);
	*ret = j;
	return OK;
}

/* --- verifying and signing --- */

enum err jws_check(const struct jws *j, const struct jws_key *key, struct refusal *r)
{
	struct signature sig;
	enum err e;

	if (j->alg != key->alg)
		return refusal_set(r, REFUSED_ALG_KEY, "the header says %s, and the key is for %s",
				   j->alg == JWS_ES256 ? "ES256" : "EdDSA",
				   key->alg == JWS_ES256 ? "ES256" : "EdDSA");
	memcpy(sig.bytes, j->signature, sizeof(sig.bytes));
	if (j->alg == JWS_ES256)
		e = es256_check(&key->ec, j->covered, j->signature);
	else
		e = sign_check(&key->ed, j->covered, &sig) ? OK : ERR_SIGNATURE;
	if (e == ERR_SIGNATURE || e == ERR_TYPE)
		return refusal_set(r, REFUSED_SIGNATURE,
				   "the signature is not by the key over this");
	return e;
}

static void add_member(struct buf *b, const char *key, struct str text)
{
	if (!text.ptr)
		return;
	buf_addf(b, ",\"%s\":", key);
	canon_string(b, text);
}

void jws_write(struct buf *b, const struct sign_key *key, struct str kid, struct str typ,
	       struct str payload)
{
	size_t start = b->len;
	struct signature sig;
	struct buf header;

	buf_init(&header, HEADER_CAP);
	buf_add_c(&header, "{\"alg\":\"EdDSA\"");
	add_member(&header, "kid", kid);
	add_member(&header, "typ", typ);
	buf_add_byte(&header, '}');
	if (header.err == OK)
		base64url_write(b, header.ptr, header.len);
	else if (b->err == OK)
		b->err = header.err;
	buf_fini(&header);
	buf_add_byte(b, '.');
	base64url_write(b, payload.ptr, payload.len);
	if (b->err != OK)
		return;
	sig = sign_make(key, str_slice(b->ptr + start, b->len - start));
	buf_add_byte(b, '.');
	base64url_write(b, sig.bytes, sizeof(sig.bytes));
}
