/*
 * foreign_log: entries of another log of trammel's, in whatever format they come. Of this room
 * alone.
 *
 *   entry (body, opening)  --> leaf --> subtrees --> the root in the checkpoint, or ERR_TAMPERED
 *   gap                         \-> action + outcome --> hearsay
 *
 * An entry is held until the next thing comes, because its bodies come behind it.
 */
#ifndef TRAMMEL_FOREIGN_LOG_H
#define TRAMMEL_FOREIGN_LOG_H

#include "replay/exporting.h"
#include "replay/hearsay.h"
#include "replay/pairs.h"

struct foreign_log {
	struct importing *im;
	struct pairs *pairs;
	struct subtrees all;                   /* everything so far, while it is whole */
	bool whole;                            /* nothing is missing without a hash of it */
	bool tells_gaps, signed_off;           /* the format does; the checkpoint has come */
	char origin[LIMIT_ORIGIN_BYTES];
	size_t origin_len;                     /* 0: no entry has come */
	uint64_t next_seq, entries;
	struct arena held_memory, memory;      /* of the entry that is held; of one pair */
	struct entry held;
	bool holds;
	struct str line, args, result;         /* of the one that is held */
	struct digest leaf;
	struct buf opened, columns;
};

/* `tells_gaps`: an entry that is missing is an error unless foreign_log_gap said so. */
enum err foreign_log_open(struct foreign_log *f, struct importing *im, bool tells_gaps) NODISCARD;
void foreign_log_close(struct foreign_log *f);

/* The line of an entry, which begins at `line` of the source. */
enum err foreign_log_entry(struct foreign_log *f, struct str text, uint32_t line) NODISCARD;
/*
 * A body of the entry that came last, as canonical JSON; `opening` is base64 (docs/formats/
 * export.md), or ptr NULL where the format has none. `v` is where it stands.
 */
enum err foreign_log_body(struct foreign_log *f, bool result, struct str text, struct str opening,
			  const struct value *v) NODISCARD;
/* {"first","hashes","next"} */
enum err foreign_log_gap(struct foreign_log *f, const struct value *gap) NODISCARD;
/* A signed note. Nothing may come behind it. */
enum err foreign_log_checkpoint(struct foreign_log *f, const struct value *note) NODISCARD;
/* ERR_TRUNCATED: entries have come and no checkpoint. */
enum err foreign_log_end(struct foreign_log *f) NODISCARD;

#endif
