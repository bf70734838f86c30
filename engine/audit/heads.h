/*
 * heads: what a verifier knows of logs: of each the newest checkpoint it has seen, as it was
 * signed. Whoever holds one notices when a log is cut, set back or rewritten, also by the owner of
 * its key.
 *
 * The file is signed notes, one behind the other, at most one for an origin. It belongs to the
 * verifier and must lie where the log's owner cannot write.
 */
#ifndef TRAMMEL_HEADS_H
#define TRAMMEL_HEADS_H

#include "engine/audit/succession.h"

/* Signed checkpoints, verbatim. Arrays and texts are in the caller's arena. */
struct heads {
	struct str *notes;
	struct str *origins;
	size_t count;
};

/*
 * Take a file of notes apart; an empty text holds none. Signatures are not looked at: heads_find
 * does. ERR_SYNTAX, ERR_EXISTS (an origin twice), ERR_LIMIT (over LIMIT_HEADS), ERR_MEMORY.
 */
enum err heads_read(struct str text, struct arena *a, struct heads *ret, struct note *n) NODISCARD;
/*
 * The head of the log with these keys, their name being the origin. ERR_NOT_FOUND; ERR_SIGNATURE
 * when none of them signed it that was in force then.
 */
enum err heads_find(const struct heads *h, const struct succession *keys, struct checkpoint *ret,
		    struct note *n) NODISCARD;
/* The file with this note, a checkpoint of `origin`, in place of the one it had, or at the end. */
void heads_write(struct buf *b, const struct heads *h, struct str origin, struct str note);

#endif
