/*
 * keyfile: a key as somebody hands it over: PEM or JWK, the private half or only the public one.
 *
 * What a JWK calls its key proves nothing. When that is a DID that follows from a key, it has to be
 * this key: a file that says otherwise was mixed up, or wants to pass for somebody.
 */
#include "engine/identity/naming.h"

static enum err read_pem(struct str text, struct jwk *ret, struct note *n)
{
	struct jwk key = { .key = NULL };

	if (str_starts(text, STR("-----BEGIN PUBLIC KEY"))) {
		TRY(pem_read_public(text, &key.pub, n));
	} else {
		TRY(pem_read_private(text, &key.key, n));
		key.pub = sign_key_public(key.key);
	}
	*ret = key;
	return OK;
}

/* "key-" and 16 digits: so key_id_put calls a key. */
static bool is_key_id(struct str kid)
{
	if (kid.len != KEY_ID_BYTES || !str_starts(kid, STR("key-")))
		return false;
	for (size_t i = 4; i < kid.len; i++)
		if (!memchr("0123456789abcdef", kid.ptr[i], 16))
			return false;
	return true;
}

static bool names_another(struct str kid, const struct public_key *pub)
{
	enum did_form form = did_form(kid);
	char id[KEY_ID_BYTES];

	key_id_put(id, pub);
	if (is_key_id(kid))
		return !str_eq(kid, str_slice(id, sizeof(id)));
	return (form == DID_KEY || form == DID_MESH) && !did_is_of(kid, pub);
}

enum err keyfile_read(struct str text, struct str kid, struct arena *a, struct jwk *ret,
		      struct note *n)
{
	struct jwk key;

	if (str_starts(text, STR("-----BEGIN")) && !kid.ptr)
		return read_pem(text, ret, n);
	TRY(jwk_read(text, kid, a, &key, n));
	if (key.kid.ptr && names_another(key.kid, &key.pub)) {
		sign_key_close(key.key);
		return note_set(n, ERR_TYPE, 1, 1, "the kid names another key than 'x'");
	}
	*ret = key;
	return OK;
}
