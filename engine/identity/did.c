/*
 * did: did:key identifiers of Ed25519 keys. The multibase text is "z" and base58btc of the
 * multicodec ed25519-pub (varint 0xED 0x01) in front of the 32 key bytes (W3C CCG did:key v0.7,
 * section 3.1.1).
 */
#include "engine/identity/identity.h"

#define CODEC_BYTES 2
static const uint8_t codec[CODEC_BYTES] = { 0xED, 0x01 };
#define PREFIX STR("did:key:z")

void did_write(struct buf *b, const struct public_key *key)
{
	uint8_t bytes[CODEC_BYTES + PUBLIC_KEY_BYTES];

	memcpy(bytes, codec, CODEC_BYTES);
	memcpy(bytes + CODEC_BYTES, key->bytes, PUBLIC_KEY_BYTES);
	buf_add(b, PREFIX);
	base58_write(b, bytes, sizeof(bytes));
}

enum err did_read(struct str did, struct public_key *ret)
{
	uint8_t bytes[CODEC_BYTES + PUBLIC_KEY_BYTES];
	struct str text;
	size_t len;

	if (!str_starts(did, PREFIX))
		return ERR_SYNTAX;
	text = str_slice(did.ptr + PREFIX.len, did.len - PREFIX.len);
	if (base58_read(text, bytes, sizeof(bytes), &len) != OK)
		return ERR_SYNTAX;
	if (len != sizeof(bytes) || memcmp(bytes, codec, CODEC_BYTES) != 0)
		return ERR_SYNTAX;
	memcpy(ret->bytes, bytes + CODEC_BYTES, PUBLIC_KEY_BYTES);
	return OK;
}
