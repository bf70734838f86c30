/*
 * witnessing: the folder of a witness, who keeps the newest head of every log it knows and cosigns
 * what continues it (c2sp.org/tlog-witness). It belongs to somebody else than the logs do.
 *
 *   <folder>/key.pem         the witness's private key
 *   <folder>/witness.vkey    its verifier key, to be given to those who verify logs
 *   <folder>/logs            verifier keys of the logs it knows, one a line; of a log that has got
 *                            another one all of them, and the last counts
 *   <folder>/heads           the checkpoint it cosigned last of each, see engine/audit/heads.h
 *   <folder>/lock            held while it answers
 */
#ifndef TRAMMEL_WITNESSING_H
#define TRAMMEL_WITNESSING_H

#include "engine/audit/audit.h"

/*
 * Make the folder, which must be missing, and is again when this fails. `name` is the witness's,
 * fit for a note. The verifier key goes to `vkey`. ERR_EXISTS, ERR_SYNTAX.
 */
enum err witnessing_create(struct world *w, const char *folder, struct str name, struct buf *vkey,
			   struct note *n) NODISCARD;
/* From now on the log with this verifier key is known. ERR_EXISTS: its name is already. */
enum err witnessing_add_log(struct world *w, const char *folder, const struct note_key *log,
			    struct note *n) NODISCARD;
/*
 * A log that is known has got other keys, as `rotations`, its file of that name, proves: from now
 * on its checkpoints are to be signed by the last of them, which goes to `key`; names borrow from
 * `memory`. ERR_NOT_FOUND: it is not known, ERR_EXISTS: its last key is known already; errors of
 * succession_read.
 */
enum err witnessing_follow(struct world *w, const char *folder, struct str rotations,
			   struct arena *memory, struct note_key *key, struct note *n) NODISCARD;
/*
 * Answer a request: one signature line, given only when the new head is durable. The same request
 * may come again. Errors as of witness_judge, by file and line where it is malformed;
 * ERR_NOT_FOUND also for a log that is not known; ERR_LOCKED.
 */
enum err witnessing_answer(struct world *w, const char *folder, struct str request, int64_t time_s,
			   struct buf *line, struct note *n) NODISCARD;

#endif
