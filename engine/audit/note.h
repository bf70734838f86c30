/*
 * note: C2SP signed-note, tlog-checkpoint and tlog-cosignature (c2sp.org), with Ed25519: keys of
 * type 0x01 sign a text, keys of type 0x04, those of witnesses, sign a text and the time.
 */
#ifndef TRAMMEL_NOTE_H
#define TRAMMEL_NOTE_H

#include "engine/crypto/crypto.h"

/*
 * A verifier key: "<name>+<8 hex of key id>+<base64 of type and public key>". `name` borrows from
 * the text read. The id is the first four bytes, big-endian, of SHA-256(name LF type key).
 */
struct note_key {
	struct str name;
	uint32_t id;
	struct public_key key;
	bool cosigner;                /* type 0x04: speaks for a witness, never for a log */
};

/* ERR_SYNTAX malformed or the id is not the key's, ERR_UNKNOWN a key of another type. */
enum err note_key_read(struct str vkey, struct note_key *ret) NODISCARD;
void note_key_write(struct buf *b, const struct note_key *key);
struct note_key note_key_of(struct str name, const struct public_key *key, bool cosigner);
/* A name a note may carry: not empty, no control characters, no Unicode blanks, no '+', UTF-8. */
bool note_name_ok(struct str name);

struct checkpoint {
	struct str origin;
	uint64_t size;
	struct digest root;
};

/* How a signature line begins: an em dash and a blank. */
#define NOTE_DASH "\xe2\x80\x94 "
/* Text, blank line, one signature line. The text must end in LF and be fit for a note. */
void note_sign(struct buf *b, struct str text, struct str name, const struct sign_key *key);
/* One more signature line over the text of a note, below its others. */
void note_sign_too(struct buf *b, struct str text, struct str name, const struct sign_key *key);
/*
 * One cosignature line over the text of a note, made at `time_s` (POSIX seconds, not negative). It
 * belongs below the note's other signatures.
 */
void note_cosign(struct buf *b, struct str text, struct str name, int64_t time_s,
		 const struct sign_key *key);
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
