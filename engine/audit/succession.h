/*
 * succession: the keys of a log, one behind the other.
 *
 *   entries       0 ............. r ............. s ........
 *   signed by     | first key     | second        | third
 *                                 ^ the entry log.rotate_key, signed by the first and the second
 *
 * A checkpoint is signed by the key that is in force behind its last entry, and by no other; only
 * the one that ends with a rotation by the key before it, too. Old and new key both vouch for a
 * rotation, so who trusts one key of a log can follow to all others, back and forth.
 *
 * The entries are in the log like all others; those lines alone also stand in its file `rotations`.
 */
#ifndef TRAMMEL_SUCCESSION_H
#define TRAMMEL_SUCCESSION_H

#include "engine/audit/entry.h"
#include "engine/audit/note.h"
#include "engine/base/limits.h"

struct log;

/* --- one rotation --- */

#define SUCCESSION_VERB "log.rotate_key"      /* of the control that records it */
#define SUCCESSION_BEGIN "{\"action\":\"" SUCCESSION_VERB "\","    /* of its line */
#define SUCCESSION_TEXT_BYTES 512

struct key_turn {
	struct public_key old, next;
	uint64_t sequence;                    /* from 1, one more each time */
};

/* What both keys sign: docs/formats/rotation.md. `at_ns` is the time of the entry. */
void succession_text(struct buf *b, struct str log, const struct key_turn *turn, int64_t at_ns);
/*
 * From the data of the control. Both signatures are checked; whether the old key was the log's is
 * not known here. ERR_SYNTAX, ERR_EXISTS (the same key), ERR_SIGNATURE, with a sentence.
 */
enum err succession_turn(struct str log, const struct value *data, int64_t at_ns,
			 struct key_turn *ret, struct note *why) NODISCARD;
/* Is it the line of such an entry? What is in it is not looked at. */
bool succession_turns(struct str line);

/* --- all of them --- */

struct succession {
	const struct note_key *keys;          /* all of one name, the log's */
	/* Of each the least size of a checkpoint that it signs; NULL: any key signs any. */
	const uint64_t *from;
	const struct digest *leaves;          /* of the entries that brought them, but the first */
	size_t count;
};

/* Of keys about which no more is known: each may sign. Borrows. */
struct succession succession_of(const struct note_key *keys, size_t count);
/*
 * From the lines of the rotations, each with its LF; an empty text leaves the trusted keys alone.
 * One of those must be among the log's. Arrays are in the arena; names borrow from `trusted`.
 * ERR_TAMPERED (no rotation, or not the next one), ERR_SIGNATURE (not by these keys, or by none
 * that is trusted), ERR_LIMIT, ERR_MEMORY, with the line.
 */
enum err succession_read(struct str text, const struct note_key *trusted, size_t trusted_count,
			 struct arena *a, struct succession *ret, struct note *n) NODISCARD;
/*
 * Open a checkpoint: as note_open, and it is signed by the key in force at its size (ERR_SIGNATURE
 * with a sentence when only others signed it). Both borrow from the note.
 */
enum err succession_open(const struct succession *s, struct str note, struct str *text,
			 struct checkpoint *ret, struct note *n) NODISCARD;
/* Is the entry of that number, with this leaf hash, a rotation of it? */
bool succession_has(const struct succession *s, uint64_t seq, const struct digest *leaf);
/* How many of its rotations are under a checkpoint of that size? */
size_t succession_under(const struct succession *s, uint64_t size);

/* --- of a log on disk --- */

#define SUCCESSION_FILE "rotations"
#define LIMIT_ROTATIONS_BYTES (LIMIT_LOG_KEYS * 4096u)
/* Of an arena: that file, and what is read from it. */
#define SUCCESSION_MEMORY ((size_t)LIMIT_ROTATIONS_BYTES + ((size_t)1 << 20))
/*
 * By the file of the log, or published copy, in that folder; without one there was no rotation.
 * What is behind the checkpoint there means nothing yet.
 */
enum err log_succession(struct world *w, const char *folder, const struct note_key *trusted,
			size_t trusted_count, struct arena *a, struct succession *ret,
			struct note *n) NODISCARD;
/*
 * Make that file anew from the entries before `end`; where there is no rotation, there is no file
 * afterwards. Takes a pass over the log. For its one writer. The lines go to `ret`.
 */
enum err log_list_rotations(struct world *w, const char *folder, uint64_t end, struct buf *ret,
			    struct note *n) NODISCARD;
/*
 * As log_publish, signed by the log's key and by `next`, which is its key from then on and outlives
 * the handle. ERR_EXISTS: there is nothing new to sign.
 */
enum err log_hand_over(struct log *l, const struct sign_key *next) NODISCARD;

#endif
