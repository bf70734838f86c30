/*
 * jwk: Ed25519 keys as JSON Web Keys (RFC 7517, RFC 8037), alone or in a set.
 *
 *   {"crv":"Ed25519","d":"<seed>","kid":"...","kty":"OKP","use":"sig","x":"<public key>"}
 *
 * Members that a reader does not know are ignored, as RFC 7517 section 4 demands; those that claim
 * something that is not checked here (certificates, "crit", halves of other kinds of keys) are
 * refused, because ignoring them would seem to confirm it.
 *
 * What is read may be a private key: a note never quotes a value, and texts with escapes are
 * refused, so that the tree only borrows from the text and no copy of the key is left in an arena.
 */
#include "engine/crypto/crypto.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/crypto/inside.h"

#define KEY_BYTES 32
#define X_CHARS 43                  /* of base64url of 32 bytes */

_Static_assert(KEY_BYTES == SEED_BYTES && KEY_BYTES == PUBLIC_KEY_BYTES, "both halves are alike");

/* --- writing; the members come in the order of RFC 8785 --- */

#define HEAD "{\"crv\":\"Ed25519\""

static void write_tail(struct buf *b, const struct public_key *pub, struct str kid)
{
	char x[X_CHARS];

	if (kid.ptr) {
		buf_add_c(b, ",\"kid\":");
		canon_string(b, kid);
	}
	base64url_encode(x, pub->bytes, KEY_BYTES);
	buf_addf(b, ",\"kty\":\"OKP\",\"use\":\"sig\",\"x\":\"%.*s\"}", X_CHARS, x);
}

void jwk_write_public(struct buf *b, const struct public_key *pub, struct str kid)
{
	buf_add_c(b, HEAD);
	write_tail(b, pub, kid);
}

/* As in PEM the room is taken in one piece before the private half goes in. */
void jwk_write_private(struct buf *b, const struct sign_key *k, struct str kid)
{
	const struct public_key pub = sign_key_public(k);
	const struct str head = STR(HEAD ",\"d\":\"");
	struct buf tail;
	char *dst;

	buf_init(&tail, LIMIT_KEY_BYTES);
	buf_add_byte(&tail, '"');
	write_tail(&tail, &pub, kid);
	dst = tail.err == OK ? buf_grow(b, head.len + X_CHARS + tail.len) : NULL;
	if (dst) {
		memcpy(dst, head.ptr, head.len);
		base64url_encode(dst + head.len, sign_key_seed(k), KEY_BYTES);
		memcpy(dst + head.len + X_CHARS, tail.ptr, tail.len);
	} else if (b->err == OK) {
		b->err = tail.err;
	}
	buf_fini(&tail);
}

struct digest jwk_thumbprint(const struct public_key *pub)
{
	char text[128] = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"";
	size_t len = strlen(text);

	base64url_encode(text + len, pub->bytes, KEY_BYTES);
	memcpy(text + len + X_CHARS, "\"}", 2);
	return sha256(str_slice(text, len + X_CHARS + 2));
}

/* --- reading --- */

/* What says more about the key than is checked here, and why it cannot stay. */
static const struct refused {
	const char *member, *why;
} refused[] = {
	{ "crit", "it says that members must be understood that are not" },
	{ "x5c", "certificates are not checked here" },
	{ "x5t", "certificates are not checked here" },
	{ "x5t#S256", "certificates are not checked here" },
	{ "x5u", "certificates are not checked here" },
	{ "y", "it belongs to a key of another kind" },
	{ "k", "it belongs to a key of another kind" },
	{ "n", "it belongs to a key of another kind" },
	{ "e", "it belongs to a key of another kind" },
};

static enum err refuse(const struct value *at, enum err e, struct note *n, const char *member,
		       const char *expected)
{
	return note_set(n, e, at->line, at->column, "'%s': expected %s", member, expected);
}

/* The member, which must be the string `text` where it is there. */
static enum err expect_text(const struct value *jwk, const char *member, const char *text,
			    bool needed, struct note *n)
{
	const struct value *v = value_get_c(jwk, member);

	if (!v && !needed)
		return OK;
	if (!v)
		return note_set(n, ERR_SYNTAX, jwk->line, jwk->column,
				"the key has no '%s'; expected \"%s\"", member, text);
	if (v->kind == VALUE_STRING && str_is(v->string, text))
		return OK;
	return note_set(n, ERR_TYPE, v->line, v->column, "'%s': expected \"%s\"", member, text);
}

static enum err read_half(const struct value *jwk, const char *member, uint8_t bytes[KEY_BYTES],
			  struct note *n)
{
	const struct value *v = value_get_c(jwk, member);
	size_t len;

	if (!v)
		return note_set(n, ERR_SYNTAX, jwk->line, jwk->column, "the key has no '%s'",
				member);
	if (v->kind != VALUE_STRING || v->string.len != X_CHARS ||
	    base64url_read(v->string, bytes, KEY_BYTES, &len) != OK)
		return refuse(v, ERR_SYNTAX, n, member,
			      "43 characters of base64url without padding, which are 32 bytes");
	return OK;
}

/* Of the operations in `key_ops` one must be what the key is for, and none another one. */
static enum err check_ops(const struct value *jwk, const char *needed, struct note *n)
{
	const struct value *ops = value_get_c(jwk, "key_ops");
	bool found = false;

	if (!ops)
		return OK;
	if (ops->kind != VALUE_LIST)
		return refuse(ops, ERR_TYPE, n, "key_ops", "a list of operations");
	for (size_t i = 0; i < ops->list.count; i++) {
		const struct value *op = &ops->list.items[i];

		if (op->kind != VALUE_STRING ||
		    (!str_is(op->string, "sign") && !str_is(op->string, "verify")))
			return refuse(op, ERR_TYPE, n, "key_ops", "\"sign\" and \"verify\" only");
		for (size_t k = 0; k < i; k++)
			if (str_eq(op->string, ops->list.items[k].string))
				return refuse(op, ERR_DUPLICATE, n, "key_ops",
					      "each operation once");
		found |= str_is(op->string, needed);
	}
	if (found)
		return OK;
	return note_set(n, ERR_TYPE, ops->line, ops->column,
			"'key_ops' does not let this key %s, which is what it is wanted for",
			needed);
}

/* RFC 9864 calls the algorithm Ed25519, RFC 8037 EdDSA. */
static enum err check_alg(const struct value *jwk, struct note *n)
{
	const struct value *v = value_get_c(jwk, "alg");

	if (!v || (v->kind == VALUE_STRING &&
		   (str_is(v->string, "EdDSA") || str_is(v->string, "Ed25519"))))
		return OK;
	return refuse(v, ERR_TYPE, n, "alg", "\"EdDSA\" or \"Ed25519\"");
}

static enum err check_claims(const struct value *jwk, bool is_private, struct note *n)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const struct value *v = value_get_c(jwk, refused[i].member);

		if (v)
			return note_set(n, ERR_UNKNOWN, v->line, v->column,
					"'%s' cannot be honoured: %s; remove it",
					refused[i].member, refused[i].why);
	}
	TRY(expect_text(jwk, "kty", "OKP", true, n));
	TRY(expect_text(jwk, "crv", "Ed25519", true, n));
	TRY(expect_text(jwk, "use", "sig", false, n));
	TRY(check_alg(jwk, n));
	return check_ops(jwk, is_private ? "sign" : "verify", n);
}

static enum err read_kid(const struct value *jwk, struct str *ret, struct note *n)
{
	const struct value *v = value_get_c(jwk, "kid");

	*ret = STR_NONE;
	if (!v)
		return OK;
	if (v->kind != VALUE_STRING || v->string.len > JWK_KID_BYTES)
		return refuse(v, ERR_TYPE, n, "kid", "a string of at most 512 bytes");
	*ret = v->string;
	return OK;
}

/* "x" is not believed when "d" says otherwise: signatures would never verify. */
static enum err open_private(const struct value *jwk, const struct public_key *pub,
			     struct sign_key **ret, struct note *n)
{
	const struct value *d = value_get_c(jwk, "d");
	uint8_t seed[KEY_BYTES];
	struct public_key made;
	struct sign_key *k;
	enum err e = read_half(jwk, "d", seed, n);

	if (e == OK)
		e = sign_key_open(seed, &k);
	crypto_wipe(seed, sizeof(seed));
	TRY(e);
	made = sign_key_public(k);
	if (memcmp(made.bytes, pub->bytes, sizeof(made.bytes)) == 0) {
		*ret = k;
		return OK;
	}
	sign_key_close(k);
	return refuse(d, ERR_TYPE, n, "d", "the private half of 'x', which this is not");
}

enum err jwk_read_value(const struct value *jwk, struct jwk *ret, struct note *n)
{
	bool is_private = value_get_c(jwk, "d") != NULL;
	struct jwk key = { .key = NULL };

	TRY(check_claims(jwk, is_private, n));
	TRY(read_kid(jwk, &key.kid, n));
	TRY(read_half(jwk, "x", key.pub.bytes, n));
	if (is_private)
		TRY(open_private(jwk, &key.pub, &key.key, n));
	*ret = key;
	return OK;
}

/* --- choosing --- */

/* The one key of that kid; the only one when no kid is asked for. */
static enum err choose(const struct value *keys, struct str kid, const struct value **ret,
		       struct note *n)
{
	const struct value *found = NULL;
	size_t count = 0;

	if (keys->kind != VALUE_LIST || keys->list.count == 0)
		return refuse(keys, ERR_SYNTAX, n, "keys", "a list of at least one key");
	for (size_t i = 0; i < keys->list.count; i++) {
		const struct value *jwk = &keys->list.items[i];

		if (jwk->kind != VALUE_OBJECT)
			return refuse(jwk, ERR_TYPE, n, "keys", "objects, each a key");
		if (kid.ptr && !str_eq(value_text(jwk, "kid"), kid))
			continue;
		found = jwk;
		count++;
	}
	if (count == 1) {
		*ret = found;
		return OK;
	}
	if (!kid.ptr)
		return note_set(n, ERR_SYNTAX, keys->line, keys->column,
				"the set has %zu keys; say which with its kid", count);
	return note_set(n, count ? ERR_DUPLICATE : ERR_NOT_FOUND, keys->line, keys->column,
			"%zu keys of the set have the kid '%.*s'; expected one", count,
			STR_ARG(kid));
}

enum err jwk_read(struct str text, struct str kid, struct arena *a, struct jwk *ret,
		  struct note *n)
{
	const struct value *jwk, *keys;
	struct value doc;

	if (text.len > LIMIT_KEY_BYTES)
		return note_set(n, ERR_LIMIT, 1, 1, "a file of keys has at most %u bytes",
				LIMIT_KEY_BYTES);
	if (text.len && memchr(text.ptr, '\\', text.len))
		return note_set(n, ERR_SYNTAX, 1, 1, "a file of keys is read without escapes; "
				"write its characters as they are");
	TRY(json_read(text, 1, a, &doc, n));
	if (doc.kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, 1, 1, "expected an object: a key, or a set of them");
	jwk = &doc;
	keys = value_get_c(&doc, "keys");
	if (keys)
		TRY(choose(keys, kid, &jwk, n));
	else if (kid.ptr && !str_eq(value_text(jwk, "kid"), kid))
		return note_set(n, ERR_NOT_FOUND, 1, 1, "the key has another kid than '%.*s'",
				STR_ARG(kid));
	return jwk_read_value(jwk, ret, n);
}
