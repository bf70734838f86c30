/*
 * jwks: sets of public keys that verify tokens.
 *
 * Which keys of a set count follows from what they are for: a SPIFFE bundle has keys for JWT-SVIDs
 * beside those for certificates, and a key that may sign what agents say of themselves must not
 * speak for a trust domain. So `use` is compared exactly, and a kid that stands there twice is no
 * answer to anything.
 */
#include "engine/crypto/jws.h"

#include "engine/base/json.h"
#include "engine/crypto/inside.h"

#define COORDINATE_BYTES 32

static enum err wrong(const struct value *at, enum err e, struct note *n, const char *member,
		      const char *expected)
{
	return note_set(n, e, at->line, at->column, "'%s': expected %s", member, expected);
}

static enum err read_coordinate(const struct value *jwk, const char *member, uint8_t *dst,
				struct note *n)
{
	const struct value *v = value_get_c(jwk, member);
	size_t len = 0;

	if (v && v->kind == VALUE_STRING &&
	    base64url_read(v->string, dst, COORDINATE_BYTES, &len) == OK &&
	    len == COORDINATE_BYTES)
		return OK;
	return wrong(v ? v : jwk, ERR_SYNTAX, n, member,
		     "43 characters of base64url without padding, which are 32 bytes");
}

/* A key of P-256 (RFC 7518 section 6.2). Whether it is a point of the curve is seen when used. */
static enum err read_p256(const struct value *jwk, struct jws_key *ret, struct note *n)
{
	struct str alg = value_text(jwk, "alg");

	if (alg.ptr && !str_is(alg, "ES256"))
		return wrong(jwk, ERR_TYPE, n, "alg", "\"ES256\", as the curve is P-256");
	TRY(read_coordinate(jwk, "x", ret->ec.xy, n));
	TRY(read_coordinate(jwk, "y", ret->ec.xy + COORDINATE_BYTES, n));
	ret->alg = JWS_ES256;
	return OK;
}

static bool is_kind(const struct value *jwk, const char *kty, const char *crv)
{
	return str_is(value_text(jwk, "kty"), kty) && str_is(value_text(jwk, "crv"), crv);
}

/* The key, and whether it is one for the use. */
static enum err read_one(const struct value *jwk, enum jwks_use use, struct jws_key *ret,
			 bool *wanted, struct note *n)
{
	const struct value *has = value_get_c(jwk, "use"), *kid = value_get_c(jwk, "kid");
	struct jwk ed;

	if (jwk->kind != VALUE_OBJECT)
		return wrong(jwk, ERR_TYPE, n, "keys", "objects, each a key");
	if (value_get_c(jwk, "d"))
		return wrong(jwk, ERR_TYPE, n, "keys", "public halves; this one has a 'd'");
	*wanted = false;
	if (use == JWKS_SVID && !str_is(value_text(jwk, "use"), "jwt-svid"))
		return OK;
	if (use == JWKS_SIG && has && !str_is(value_text(jwk, "use"), "sig"))
		return OK;
	if (kid && (kid->kind != VALUE_STRING || kid->string.len > JWK_KID_BYTES))
		return wrong(kid, ERR_TYPE, n, "kid", "a string of at most 512 bytes");
	ret->kid = kid ? kid->string : STR_NONE;
	if (is_kind(jwk, "EC", "P-256")) {
		*wanted = true;
		return read_p256(jwk, ret, n);
	}
	if (use == JWKS_SVID || !is_kind(jwk, "OKP", "Ed25519"))
		return OK;
	TRY(jwk_read_value(jwk, &ed, n));
	ret->alg = JWS_EDDSA;
	ret->ed = ed.pub;
	*wanted = true;
	return OK;
}

static enum err add(const struct value *jwk, enum jwks_use use, struct jwks *set, struct note *n)
{
	struct jws_key key = { .alg = JWS_EDDSA };
	bool wanted;

	TRY(read_one(jwk, use, &key, &wanted, n));
	if (!wanted)
		return OK;
	for (size_t i = 0; key.kid.ptr && i < set->count; i++)
		if (str_eq(key.kid, set->keys[i].kid))
			return note_set(n, ERR_DUPLICATE, jwk->line, jwk->column,
					"two keys have the kid '%.*s'", STR_ARG(key.kid));
	set->keys[set->count++] = key;
	return OK;
}

static enum err read_set(const struct value *doc, enum jwks_use use, struct arena *a,
			 struct jwks *set, struct note *n)
{
	const struct value *keys = value_get_c(doc, "keys");

	if (keys && keys->kind != VALUE_LIST)
		return wrong(keys, ERR_TYPE, n, "keys", "a list of keys");
	if (keys && keys->list.count > LIMIT_JWKS_KEYS)
		return note_set(n, ERR_LIMIT, keys->line, keys->column,
				"a set has at most %d keys", LIMIT_JWKS_KEYS);
	set->keys = arena_array(a, keys ? keys->list.count : 1, sizeof(*set->keys));
	if (!set->keys)
		return ERR_MEMORY;
	if (!keys)
		return add(doc, use, set, n);
	for (size_t i = 0; i < keys->list.count; i++)
		TRY(add(&keys->list.items[i], use, set, n));
	return OK;
}

enum err jwks_read(struct str text, enum jwks_use use, struct arena *a, struct jwks *ret,
		   struct note *n)
{
	struct jwks set = { .count = 0 };
	struct value doc;

	if (text.len > LIMIT_JWKS_BYTES)
		return note_set(n, ERR_LIMIT, 1, 1, "a set of keys has at most %u bytes",
				LIMIT_JWKS_BYTES);
	TRY(json_read(text, 1, a, &doc, n));
	if (doc.kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, 1, 1, "expected an object: a key, or a set of them");
	TRY(read_set(&doc, use, a, &set, n));
	if (set.count == 0)
		return note_set(n, ERR_NOT_FOUND, 1, 1, "no key of the set is for %s",
				use == JWKS_SVID
					? "JWT-SVIDs: \"use\":\"jwt-svid\", of P-256"
					: "signatures: Ed25519 or P-256, \"use\":\"sig\"");
	*ret = set;
	return OK;
}

const struct jws_key *jwks_find(const struct jwks *set, struct str kid)
{
	for (size_t i = 0; kid.ptr && i < set->count; i++)
		if (set->keys[i].kid.ptr && str_eq(set->keys[i].kid, kid))
			return &set->keys[i];
	return !kid.ptr && set->count == 1 ? &set->keys[0] : NULL;
}
