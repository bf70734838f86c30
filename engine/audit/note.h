/*
 * note: C2SP signed-note and tlog-checkpoint (c2sp.org/signed-note, c2sp.org/tlog-checkpoint),
 * Ed25519 (type 0x01).
 */
#ifndef TRAMMEL_NOTE_H
#define TRAMMEL_NOTE_H

#include "engine/crypto/crypto.h"

/*
 * A verifier key: "<name>+<8 hex of key id>+<base64 of 0x01 and the public key>". `name` borrows
 * from the text read.
 */
struct note_key {
	struct str name;
	uint32_t id;
	struct public_key key;
};

/* ERR_SYNTAX malformed or the id is not the key's, ERR_UNKNOWN a key of another type. */
enum err note_key_read(struct str vkey, struct note_key *ret) NODISCARD;
void note_key_write(struct buf *b, struct str name, const struct public_key *key);
/* First four bytes of SHA-256(name LF 0x01 key), big-endian. */
uint32_t note_key_id(struct str name, const struct public_key *key);
/* A name a note may carry: not empty, no control characters, no Unicode blanks, no '+', UTF-8. */
bool note_name_ok(struct str name);

struct checkpoint {
	struct str origin;
	uint64_t size;
	struct digest root;
};

/* Text, blank line, one signature line. The text must end in LF and be fit for a note. */
void note_sign(struct buf *b, struct str text, struct str name, const struct sign_key *key);
/*
 * Open a note: at least one signature of a known key verifies and no known key's signature fails;
 * unknown keys are ignored. ERR_SYNTAX malformed, ERR_LIMIT longer than LIMIT_NOTE_BYTES or more
 * than LIMIT_NOTE_SIGNATURES, ERR_SIGNATURE a known key fails, ERR_UNKNOWN no known key signed.
 * `text` borrows.
 */
enum err note_open(struct str note, const struct note_key *keys, size_t key_count,
		   struct str *text) NODISCARD;

/* The note text: three lines. */
void checkpoint_write(struct buf *b, const struct checkpoint *c);
/* Extension lines are allowed and ignored. `origin` borrows. ERR_SYNTAX. */
enum err checkpoint_read(struct str text, struct checkpoint *ret) NODISCARD;

#endif
