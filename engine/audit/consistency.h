/*
 * consistency: that one head of a log continues another, provable offline.
 *
 * The file is a request to a witness (c2sp.org/tlog-witness): the old size, the hashes, and the
 * later checkpoint as it was signed. Whoever holds the earlier one checks it with no more than the
 * log's keys.
 */
#ifndef TRAMMEL_CONSISTENCY_H
#define TRAMMEL_CONSISTENCY_H

#include "engine/audit/succession.h"
#include "engine/audit/tlog_witness.h"

/* Does it begin as such a file, rather than as a tlog-proof? */
bool consistency_begins(struct str text);
/*
 * The file that leads from `old` entries to `later`, a signed checkpoint of the log on disk; ptr
 * NULL: to the one stored there. A head of another history has no proof. `key` is the log's.
 * ERR_RANGE (sizes fall, or exceed the stored checkpoint's), ERR_PROOF (another history),
 * ERR_TAMPERED, ERR_SIGNATURE, ERR_UNKNOWN (no key of the log signed it), ERR_SYNTAX.
 */
enum err consistency_prove(struct world *w, const char *folder, uint64_t old, struct str later,
			   const struct note_key *key, struct buf *out, struct note *n) NODISCARD;
/*
 * Are the entries that `held`, a signed checkpoint, covers the first of those under the file's?
 * Gives both, borrowing from the texts. ERR_SYNTAX, ERR_LIMIT, ERR_SIGNATURE, ERR_UNKNOWN (no key
 * of the log signed one of them), ERR_RANGE (the proof starts elsewhere), ERR_PROOF.
 */
enum err consistency_check(struct str file, struct str held, const struct succession *keys,
			   struct checkpoint *was, struct checkpoint *now,
			   struct note *n) NODISCARD;

#endif
