/*
 * log_check: a log on disk judged, by itself and by what others know of it.
 */
#ifndef TRAMMEL_LOG_CHECK_H
#define TRAMMEL_LOG_CHECK_H

#include "engine/audit/log.h"

/* What a verifier brings along besides the log's keys. All may be absent. */
struct log_demand {
	const struct checkpoint *head;  /* the newest that it knows: the log must continue it */
	const struct note_key *witnesses; /* cosigners, each key once */
	size_t witness_count, quorum;   /* so many of them must have cosigned the checkpoint */
	struct buf *note;               /* gets the checkpoint as it was signed, when all is well */
};

struct log_report {
	struct checkpoint checkpoint;   /* its origin borrows from the caller's */
	size_t cosigned;                /* by so many of the witnesses */
	uint64_t entries, tail_entries, segments, tiles, bytes;
	uint64_t actions, allowed, denied; /* entries that are actions, and how they were decided */
	uint64_t refused;               /* entries that are refusals: documents denied unweighed */
	struct digest root;             /* recomputed */
	size_t rotations;               /* of the log's key, each signed by the one before it */
	struct public_key key;          /* that is in force behind them */
	bool torn;                      /* bytes behind the end that are no entry */
};

/*
 * Recompute everything from the segments: every line canonical, of this origin and in sequence,
 * every tile equal, root and size equal to the signed checkpoint, no other files among the
 * segments. Memory does not grow with the log. One of `keys` is enough that the log once had: its
 * rotations lead from there to the one that must have signed (succession.h). ERR_TAMPERED /
 * ERR_SIGNATURE name the first bad entry, tile or file; ERR_UNSIGNED when all is well but entries
 * or torn bytes follow the checkpoint (the report is filled). `demand` may be NULL; ERR_DENIED: too
 * few have cosigned; ERR_LOCKED: a writer publishes faster than its tiles can be read.
 */
enum err log_verify(struct world *w, const char *folder, struct str origin,
		    const struct note_key *keys, size_t key_count, const struct log_demand *demand,
		    struct log_report *ret, struct note *n) NODISCARD;

/*
 * Have enough of the demand's witnesses cosigned this checkpoint? Gives how many. The log's own
 * signature is not looked at. ERR_DENIED: too few; ERR_SIGNATURE: what bears the name and the key
 * of one of them is no cosignature of this; ERR_SYNTAX.
 */
enum err log_check_quorum(struct str note, const struct log_demand *d, size_t *ret,
			  struct note *n) NODISCARD;

/*
 * Add cosignatures, lines as witnesses answer them, to the stored checkpoint. Lines of other keys
 * are left out, and those that are there already; `*added` says how many were new. The next
 * checkpoint has none again. Takes the lock. ERR_SIGNATURE: a witness did not sign this checkpoint,
 * maybe an older one; ERR_UNKNOWN: no line is of a known witness; ERR_SYNTAX; ERR_LOCKED.
 */
enum err log_cosign(struct world *w, const char *folder, const struct note_key *log_key,
		    const struct note_key *witnesses, size_t witness_count, struct str lines,
		    size_t *added, struct note *n) NODISCARD;

#endif
