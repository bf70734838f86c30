/*
 * naming: what keys, agents and the people behind them are called elsewhere: key ids, DIDs, SPIFFE
 * IDs, mail addresses. Part of the door of engine/identity.
 *
 * Promises:
 *   1. One text for one thing; readers refuse every other, and bound what they read.
 *   2. What is derived from a key can be checked against the key. A name that is not is never taken
 *      for one.
 */
#ifndef TRAMMEL_IDENTITY_NAMING_H
#define TRAMMEL_IDENTITY_NAMING_H

#include "engine/crypto/crypto.h"

/* --- keys --- */

/* "key-" and the first 16 hexadecimal digits of SHA-256 of the key. */
#define KEY_ID_BYTES 20
void key_id_write(struct buf *b, const struct public_key *key);
/* Likewise, not ended by a NUL; it cannot fail. */
void key_id_put(char id[KEY_ID_BYTES], const struct public_key *key);

#define DID_BYTES 64                          /* room for any that is written here */
/* "did:key:z..." */
void did_write(struct buf *b, const struct public_key *key);
/* ERR_SYNTAX unless it is the did:key of an Ed25519 key, in its one canonical text. */
enum err did_read(struct str did, struct public_key *ret) NODISCARD;
/* "did:agentmesh:..." */
void did_mesh_write(struct buf *b, const struct public_key *key);
/* A W3C DID document (DID core 1.0, did:key v0.7) as one canonical JSON object. */
void did_document_write(struct buf *b, const struct public_key *key);

enum did_form { DID_NONE = 0, DID_KEY, DID_MESH, DID_FOREIGN };
/* What kind of DID it is, in its one canonical text; DID_NONE: none that is known here. */
enum did_form did_form(struct str did);
/* Whether it names this key. A foreign DID names no key, whatever is written beside it. */
bool did_is_of(struct str did, const struct public_key *key);

/*
 * A key in PEM or JWK, whichever the text is; `kid` chooses from a set of JWKs, see jwk_read. Also
 * ERR_TYPE when its kid is the DID of another key. `ret->key` is the caller's to close.
 */
enum err keyfile_read(struct str text, struct str kid, struct arena *a, struct jwk *ret,
		      struct note *n) NODISCARD;

/* --- SPIFFE IDs (SPIFFE-ID 2.1 to 2.3), strictly --- */

#define SPIFFE_BYTES 2048
#define SPIFFE_DOMAIN_BYTES 255

struct spiffe {
	struct str domain, path;              /* of the text; a path is empty or begins with "/" */
};

bool spiffe_domain_ok(struct str domain);
/* ERR_SYNTAX, ERR_LIMIT. */
enum err spiffe_read(struct str text, struct spiffe *ret) NODISCARD;
/* "spiffe://domain/segment/..."; writes nothing on ERR_SYNTAX and ERR_LIMIT. */
enum err spiffe_write(struct buf *b, struct str domain, const struct str *segments,
		      size_t count) NODISCARD;

/* --- sponsors --- */

#define SPONSOR_BYTES 254                     /* RFC 5321 section 4.5.3.1.3, without the "<>" */
/* Has it the form of a mail address (dot-atom of RFC 5322 at a host name)? Nobody was asked. */
bool sponsor_ok(struct str mail);

#endif
