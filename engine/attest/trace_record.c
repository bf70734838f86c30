/*
 * trace_record: records read, their canonical bytes, and signatures over these.
 *
 *   signature = Ed25519(key, JCS(record without "signature")), base64url without padding
 *
 * The reference library verifies Ed25519 alone. Its specification allows ES256 too, so a key of
 * P-256 is verified here where the build has libcrypto.
 */
#include "engine/attest/trace_record.h"

#include "engine/attest/inside.h"
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"

#define COORDINATE_BYTES 32
#define JWK_CAP 256
#define CANON_CAP (2 * LIMIT_RECORD_BYTES)    /* escapes may be longer than what was read */

/* --- reading --- */

enum err trace_record_of(const struct value *v, struct trace_record *ret, struct note *n)
{
	static const char *const around[] = { "trace", "gateway" };
	const struct value *inner = value_get_c(v, "trace");

	if (v->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, v->line, v->column,
				"found %s, expected a record, which is an object",
				value_kind_name(v->kind));
	if (value_get_c(v, "cmcp_version")) {
		if (!inner || inner->kind != VALUE_OBJECT)
			return note_set(n, ERR_SYNTAX, v->line, v->column,
					"it has 'cmcp_version' but no object 'trace'");
		*ret = (struct trace_record){ inner, v, true };
		return OK;
	}
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
		if (value_get_c(v, around[i]))
			return note_set(n, ERR_SYNTAX, v->line, v->column,
					"it has '%s' but no 'cmcp_version': a part of an envelope "
					"is no record", around[i]);
	*ret = (struct trace_record){ v, v, false };
	return OK;
}

enum err trace_record_read(struct str text, struct arena *a, struct trace_record *ret,
			   struct note *n)
{
	struct value *v = arena_alloc(a, sizeof(*v));

	if (!v)
		return ERR_MEMORY;
	if (text.len > LIMIT_RECORD_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0, "a record has %u bytes at most, this has %zu",
				LIMIT_RECORD_BYTES, text.len);
	TRY(json_read(text, 1, a, v, n));
	return trace_record_of(v, ret, n);
}

/* --- canonical bytes --- */

/* The object without the members of these names (NULL-ended), and with room for one more. */
static enum err without(const struct value *whole, const char *const *names, struct arena *a,
			struct value *ret)
{
	struct member *kept = arena_array(a, whole->object.count + 2, sizeof(*kept));
	size_t count = 0;

	if (!kept)
		return ERR_MEMORY;
	for (size_t i = 0; i < whole->object.count; i++) {
		const struct member *m = &whole->object.members[i];
		bool named = false;

		for (const char *const *name = names; *name; name++)
			named = named || str_is(m->key, *name);
		if (!named)
			kept[count++] = *m;
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { kept, count } };
	return OK;
}

static void append(struct value *object, const char *key, struct value v)
{
	object->object.members[object->object.count++] =
		(struct member){ .key = str_view(key), .value = v };
}

enum err trace_record_without(const struct value *whole, const char *member, struct arena *a,
			      struct buf *b)
{
	const char *const names[] = { member, NULL };
	struct value rest;

	TRY(without(whole, names, a, &rest));
	canon_value(b, &rest);
	return b->err;
}

enum err trace_record_preimage(const struct value *whole, struct arena *a, struct buf *b)
{
	return trace_record_without(whole, "signature", a, b);
}

enum err trace_record_hash(const struct value *whole, struct digest *ret)
{
	struct buf b;
	enum err e;

	buf_init(&b, CANON_CAP);
	canon_value(&b, whole);
	e = b.err;
	if (e == OK)
		*ret = sha256(buf_view(&b));
	buf_fini(&b);
	return e;
}

/* --- keys --- */

const struct value *trace_record_jwk(const struct value *record)
{
	const struct value *jwk = value_get_c(value_get_c(record, "cnf"), "jwk");

	return jwk && jwk->kind == VALUE_OBJECT ? jwk : NULL;
}

enum err trace_record_thumbprint(const struct value *jwk, struct digest *ret)
{
	/* The members that make the key, sorted by name (RFC 7638 section 3.2, RFC 8037). */
	static const struct kind {
		const char *kty;
		const char *members[5];
	} kinds[] = {
		{ "EC", { "crv", "kty", "x", "y", NULL } },
		{ "OKP", { "crv", "kty", "x", NULL } },
		{ "RSA", { "e", "kty", "n", NULL } },
	};
	struct str kty = value_text(jwk, "kty");
	const struct kind *kind = NULL;
	struct buf b;
	enum err e = OK;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_is(kty, kinds[i].kty))
			kind = &kinds[i];
	if (!kind)
		return ERR_TYPE;
	buf_init(&b, CANON_CAP);
	for (size_t i = 0; kind->members[i]; i++) {
		struct str text = value_text(jwk, kind->members[i]);

		if (text.len == 0)
			e = ERR_TYPE;
		buf_addf(&b, "%s\"%s\":", i ? "," : "{", kind->members[i]);
		canon_string(&b, text);
	}
	buf_add_byte(&b, '}');
	if (e == OK)
		e = b.err;
	if (e == OK)
		*ret = sha256(buf_view(&b));
	buf_fini(&b);
	return e;
}

enum err trace_record_key_id(const struct jws_key *key, char id[TRACE_KEY_ID_BYTES])
{
	struct digest thumbprint = jwk_thumbprint(&key->ed);
	struct buf b;
	enum err e;

	buf_init(&b, JWK_CAP);
	if (key->alg == JWS_ES256) {
		buf_add_c(&b, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
		base64url_write(&b, key->ec.xy, COORDINATE_BYTES);
		buf_add_c(&b, "\",\"y\":\"");
		base64url_write(&b, key->ec.xy + COORDINATE_BYTES, COORDINATE_BYTES);
		buf_add_c(&b, "\"}");
		thumbprint = sha256(buf_view(&b));
	}
	e = b.err;
	buf_clear(&b);
	base64url_write(&b, thumbprint.bytes, sizeof(thumbprint.bytes));
	if (e == OK)
		e = b.err;
	if (e == OK)
		memcpy(id, b.ptr, TRACE_KEY_ID_BYTES);
	buf_fini(&b);
	return e;
}

static enum err read_half(const struct value *jwk, const char *member, uint8_t *dst,
			  struct note *n)
{
	size_t len = 0;

	if (base64url_read(value_text(jwk, member), dst, COORDINATE_BYTES, &len) == OK &&
	    len == COORDINATE_BYTES)
		return OK;
	return note_set(n, ERR_SYNTAX, jwk->line, jwk->column,
			"'cnf.jwk.%s': expected 43 characters of base64url, which are 32 bytes",
			member);
}

enum err trace_record_key(const struct value *jwk, struct jws_key *ret, struct note *n)
{
	struct str kty = value_text(jwk, "kty"), crv = value_text(jwk, "crv");
	struct jws_key key = { .alg = JWS_EDDSA, .kid = value_text(jwk, "kid") };

	if (str_is(kty, "OKP") && str_is(crv, "Ed25519")) {
		TRY(read_half(jwk, "x", key.ed.bytes, n));
	} else if (str_is(kty, "EC") && str_is(crv, "P-256")) {
		key.alg = JWS_ES256;
		TRY(read_half(jwk, "x", key.ec.xy, n));
		TRY(read_half(jwk, "y", key.ec.xy + COORDINATE_BYTES, n));
	} else {
		return note_set(n, ERR_TYPE, jwk->line, jwk->column,
				"'cnf.jwk' is a key of the type '%.*s' and curve '%.*s'; expected "
				"OKP and Ed25519, or EC and P-256", SHOWN(kty), SHOWN(crv));
	}
	*ret = key;
	return OK;
}

/* --- signatures --- */

enum err trace_record_verify(const struct jws_key *key, struct str text, struct str signature)
{
	struct signature sig;
	size_t len = 0;
	enum err e;

	if (base64url_read(signature, sig.bytes, sizeof(sig.bytes), &len) != OK ||
	    len != sizeof(sig.bytes))
		return ERR_SYNTAX;
	if (key->alg == JWS_EDDSA)
		return sign_check(&key->ed, text, &sig) ? OK : ERR_SIGNATURE;
	e = es256_check(&key->ec, text, sig.bytes);
	return e == ERR_TYPE ? ERR_SIGNATURE : e;
}

enum err trace_record_signed_by(const struct value *whole, const struct jws_key *key,
				struct arena *a)
{
	struct buf b;
	enum err e;

	buf_init(&b, CANON_CAP);
	e = trace_record_preimage(whole, a, &b);
	if (e == OK)
		e = trace_record_verify(key, buf_view(&b), value_text(whole, "signature"));
	buf_fini(&b);
	return e;
}

/* {"jwk":{"crv":"Ed25519","kty":"OKP","x":"..."}}, nothing else: as the reference writes it. */
enum err trace_record_cnf(const struct sign_key *key, struct arena *a, struct value *ret)
{
	struct public_key pub = sign_key_public(key);
	struct buf b;
	struct str text;

	buf_init(&b, JWK_CAP);
	buf_add_c(&b, "{\"jwk\":{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"");
	base64url_write(&b, pub.bytes, sizeof(pub.bytes));
	buf_add_c(&b, "\"}}");
	TRY(arena_take(a, &b, &text));
	return json_read(text, 1, a, ret, NULL);
}

enum err trace_record_sign(const struct value *record, const struct sign_key *key, struct arena *a,
			   struct buf *b)
{
	static const char *const ours[] = { "cnf", "signature", NULL };
	struct value made, cnf;
	struct signature sig;
	struct str text;
	struct buf work;
	enum err e;

	TRY(trace_record_cnf(key, a, &cnf));
	TRY(without(record, ours, a, &made));
	append(&made, "cnf", cnf);
	buf_init(&work, CANON_CAP);
	canon_value(&work, &made);
	e = work.err;
	if (e == OK) {
		sig = sign_make(key, buf_view(&work));
		buf_clear(&work);
		base64url_write(&work, sig.bytes, sizeof(sig.bytes));
		e = work.err;
	}
	if (e == OK)
		e = arena_copy(a, buf_view(&work), &text);
	buf_fini(&work);
	TRY(e);
	append(&made, "signature", value_string(text));
	canon_value(b, &made);
	return b->err;
}
