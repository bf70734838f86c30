/*
 * key_text: Ed25519 keys as texts that people keep in files. Included by crypto.h, the door.
 *
 * A text is at most LIMIT_KEY_BYTES long. Of what may be private nothing is ever quoted.
 */
#ifndef TRAMMEL_CRYPTO_KEY_TEXT_H
#define TRAMMEL_CRYPTO_KEY_TEXT_H

#include "engine/crypto/crypto.h"

/*
 * --- PEM of Ed25519 keys: PKCS#8 (RFC 8410 section 7) and SubjectPublicKeyInfo (section 4) ---
 * Exactly one key in three lines that end in LF or CRLF; of DER only the one plain encoding.
 * ERR_SYNTAX malformed, ERR_TRUNCATED, ERR_TYPE another kind of key; the note has the line.
 */

/* Give it a fresh buffer, and end it with crypto_wipe_buf. */
void pem_write_private(struct buf *b, const struct sign_key *k);
/* Into a file, as world_replace_file, whose errors it has. */
enum err pem_write_file(struct world *w, const char *path, const struct sign_key *k) NODISCARD;
void pem_write_public(struct buf *b, const struct public_key *pub);
/* Also ERR_MEMORY. The text is the caller's to wipe. */
enum err pem_read_private(struct str text, struct sign_key **ret, struct note *n) NODISCARD;
/* Likewise, and the text, whose bytes are yours, is wiped whether it held a key or not. */
enum err pem_take_private(struct str text, struct sign_key **ret, struct note *n) NODISCARD;
enum err pem_read_public(struct str text, struct public_key *ret, struct note *n) NODISCARD;

/* --- JWK of Ed25519 keys (RFC 7517, RFC 8037), alone or in a set; `kid` may have ptr NULL --- */
void jwk_write_public(struct buf *b, const struct public_key *pub, struct str kid);
/* As pem_write_private. */
void jwk_write_private(struct buf *b, const struct sign_key *k, struct str kid);
/* RFC 7638. */
struct digest jwk_thumbprint(const struct public_key *pub);

#define JWK_KID_BYTES 512
struct jwk {
	struct public_key pub;
	struct sign_key *key;        /* NULL: only the public half was there; else yours to close */
	struct str kid;              /* what the file calls it, proving nothing; ptr NULL: absent */
};
/*
 * Of a set the key of that kid; ptr NULL: of one only. ERR_SYNTAX, ERR_TYPE (another kind or use,
 * `d` not of `x`), ERR_UNKNOWN (a claim that is not checked), ERR_NOT_FOUND, ERR_DUPLICATE (kids),
 * those of json_read. The text outlives `ret`, and is the caller's to wipe.
 */
enum err jwk_read(struct str text, struct str kid, struct arena *a, struct jwk *ret,
		  struct note *n) NODISCARD;

#endif
