/*
 * did: decentralized identifiers of Ed25519 keys.
 *
 *   did:key:z<base58btc of ED 01 and the key>       W3C CCG did:key v0.7, section 3.1.1
 *   did:agentmesh:<base58btc of 20 bytes>           of the SHA-256 of the key, the first ones
 *   did:mesh:<32 lower-case hexadecimal digits>     somebody else's name, made by chance
 *
 * The first two follow from the key, so whoever has the key can check them. The third says nothing
 * about any key: it is a name like others.
 */
#include "engine/identity/naming.h"

#define CODEC_BYTES 2
static const uint8_t codec[CODEC_BYTES] = { 0xED, 0x01 };
#define KEY_PREFIX STR("did:key:z")
#define MESH_PREFIX STR("did:agentmesh:")
#define MESH_BYTES 20
#define FOREIGN_PREFIX STR("did:mesh:")
#define FOREIGN_BYTES 16

void key_id_put(char id[KEY_ID_BYTES], const struct public_key *key)
{
	struct digest d = sha256(str_slice(key->bytes, sizeof(key->bytes)));

	memcpy(id, "key-", 4);
	for (int i = 4; i < KEY_ID_BYTES; i++)
		id[i] = "0123456789abcdef"[d.bytes[(i - 4) / 2] >> (i % 2 ? 0 : 4) & 15];
}

void key_id_write(struct buf *b, const struct public_key *key)
{
	char id[KEY_ID_BYTES];

	key_id_put(id, key);
	buf_add(b, str_slice(id, sizeof(id)));
}

/* What stands behind `prefix`, which the text begins with. */
static struct str behind(struct str text, struct str prefix)
{
	return str_slice(text.ptr + prefix.len, text.len - prefix.len);
}

/* "z..." */
static void write_multibase(struct buf *b, const struct public_key *key)
{
	uint8_t bytes[CODEC_BYTES + PUBLIC_KEY_BYTES];

	memcpy(bytes, codec, CODEC_BYTES);
	memcpy(bytes + CODEC_BYTES, key->bytes, PUBLIC_KEY_BYTES);
	buf_add_byte(b, 'z');
	base58_write(b, bytes, sizeof(bytes));
}

void did_write(struct buf *b, const struct public_key *key)
{
	buf_add_c(b, "did:key:");
	write_multibase(b, key);
}

enum err did_read(struct str did, struct public_key *ret)
{
	uint8_t bytes[CODEC_BYTES + PUBLIC_KEY_BYTES];
	size_t len;

	if (!str_starts(did, KEY_PREFIX))
		return ERR_SYNTAX;
	if (base58_read(behind(did, KEY_PREFIX), bytes, sizeof(bytes), &len) != OK)
		return ERR_SYNTAX;
	if (len != sizeof(bytes) || memcmp(bytes, codec, CODEC_BYTES) != 0)
		return ERR_SYNTAX;
	memcpy(ret->bytes, bytes + CODEC_BYTES, PUBLIC_KEY_BYTES);
	return OK;
}

void did_mesh_write(struct buf *b, const struct public_key *key)
{
	struct digest d = sha256(str_slice(key->bytes, sizeof(key->bytes)));

	buf_add(b, MESH_PREFIX);
	base58_write(b, d.bytes, MESH_BYTES);
}

static bool read_mesh(struct str did, uint8_t hash[MESH_BYTES])
{
	size_t len;

	return str_starts(did, MESH_PREFIX) &&
	       base58_read(behind(did, MESH_PREFIX), hash, MESH_BYTES, &len) == OK &&
	       len == MESH_BYTES;
}

enum did_form did_form(struct str did)
{
	uint8_t bytes[MESH_BYTES];
	struct public_key key;

	if (did_read(did, &key) == OK)
		return DID_KEY;
	if (read_mesh(did, bytes))
		return DID_MESH;
	if (str_starts(did, FOREIGN_PREFIX) &&
	    hex_read(behind(did, FOREIGN_PREFIX), bytes, FOREIGN_BYTES) == OK)
		return DID_FOREIGN;
	return DID_NONE;
}

bool did_is_of(struct str did, const struct public_key *key)
{
	struct digest d = sha256(str_slice(key->bytes, sizeof(key->bytes)));
	uint8_t hash[MESH_BYTES];
	struct public_key named;

	if (did_read(did, &named) == OK)
		return public_key_eq(&named, key);
	return read_mesh(did, hash) && memcmp(hash, d.bytes, sizeof(hash)) == 0;
}

/* ,"relation":["did:key:z...#z..."] */
static void add_relation(struct buf *b, const char *relation, struct str method)
{
	buf_addf(b, ",\"%s\":[\"%.*s\"]", relation, STR_ARG(method));
}

void did_document_write(struct buf *b, const struct public_key *key)
{
	struct buf did, base, method;

	buf_init(&did, DID_BYTES);
	buf_init(&base, DID_BYTES);
	buf_init(&method, 2 * DID_BYTES);
	did_write(&did, key);
	write_multibase(&base, key);
	buf_addf(&method, "%.*s#%.*s", STR_ARG(buf_view(&did)), STR_ARG(buf_view(&base)));
	buf_add_c(b, "{\"@context\":[\"https://www.w3.org/ns/did/v1\","
		     "\"https://w3id.org/security/suites/ed25519-2020/v1\"],\"alsoKnownAs\":[\"");
	did_mesh_write(b, key);
	buf_add_c(b, "\"]");
	add_relation(b, "assertionMethod", buf_view(&method));
	add_relation(b, "authentication", buf_view(&method));
	add_relation(b, "capabilityDelegation", buf_view(&method));
	add_relation(b, "capabilityInvocation", buf_view(&method));
	buf_addf(b, ",\"id\":\"%.*s\",\"verificationMethod\":[{\"controller\":\"%.*s\","
		    "\"id\":\"%.*s\",\"publicKeyMultibase\":\"%.*s\","
		    "\"type\":\"Ed25519VerificationKey2020\"}]}",
		 STR_ARG(buf_view(&did)), STR_ARG(buf_view(&did)), STR_ARG(buf_view(&method)),
		 STR_ARG(buf_view(&base)));
	if (b->err == OK)
		b->err = did.err != OK ? did.err : base.err != OK ? base.err : method.err;
	buf_fini(&method);
	buf_fini(&base);
	buf_fini(&did);
}
