/*
 * proof: C2SP tlog-proof files (c2sp.org/tlog-proof): one decision provable offline.
 *
 * trammel puts the entry line itself in the "extra" line, so one file is enough; extra is not
 * trusted but hashed.
 */
#ifndef TRAMMEL_PROOF_H
#define TRAMMEL_PROOF_H

#include "engine/audit/merkle.h"
#include "engine/audit/note.h"
#include "engine/audit/succession.h"

struct proof {
	struct str extra;            /* decoded, in the arena; ptr NULL: none */
	uint64_t index;
	struct digest hashes[MERKLE_MAX_LEVELS];
	size_t count;
	struct str note;             /* the signed checkpoint, verbatim */
};

/* An empty extra is left out, as the format wants it. */
void proof_write(struct buf *b, const struct proof *p);
/*
 * Takes the file apart; whether the note is one is proof_check's question. `note` borrows from the
 * text. ERR_SYNTAX, ERR_VERSION, ERR_TRUNCATED, ERR_LIMIT (over LIMIT_PROOF_BYTES or
 * MERKLE_MAX_LEVELS hashes), ERR_MEMORY, with the line.
 */
enum err proof_read(struct str text, struct arena *a, struct proof *ret,
		    struct note *n) NODISCARD;
/*
 * `leaf_data` (or, when its ptr is NULL, the extra) is entry `index` of the tree that `keys`
 * signed, whose origin is `origin` (ptr NULL: any). On success gives the checkpoint. ERR_SIGNATURE,
 * ERR_UNKNOWN, ERR_PROOF, ERR_SYNTAX, ERR_LIMIT, ERR_TAMPERED (other origin).
 */
enum err proof_check(const struct proof *p, struct str leaf_data, struct str origin,
		     const struct note_key *keys, size_t key_count, struct checkpoint *ret,
		     struct note *n) NODISCARD;
/* Likewise, signed by the key that the log had then. */
enum err proof_check_by(const struct proof *p, struct str leaf_data, struct str origin,
			const struct succession *keys, struct checkpoint *ret,
			struct note *n) NODISCARD;

#endif
