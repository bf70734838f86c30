/*
 * tlog_witness: what a log asks of a witness, and when a witness may say yes
 * (c2sp.org/tlog-witness, the body of add-checkpoint).
 *
 * A witness keeps the newest head of each log it knows and cosigns only what continues it, so of a
 * log that shows two faces one is cosigned at most.
 */
#ifndef TRAMMEL_TLOG_WITNESS_H
#define TRAMMEL_TLOG_WITNESS_H

#include "engine/audit/merkle.h"
#include "engine/audit/note.h"

struct witness_request {
	uint64_t old;                /* size that the witness is taken to know */
	struct digest proof[MERKLE_MAX_LEVELS];
	size_t count;
	struct str note;             /* the signed checkpoint, verbatim; borrowed */
};

void witness_request_write(struct buf *b, const struct witness_request *r);
/* ERR_SYNTAX, ERR_LIMIT (over 63 hashes, as the format says), with the line. */
enum err witness_request_read(struct str text, struct witness_request *ret,
			      struct note *n) NODISCARD;
/*
 * May the checkpoint be cosigned? `key` is the log's, `held` the head the witness cosigned last
 * (size 0: none). The status of the protocol is in brackets. OK [200] gives the checkpoint and,
 * borrowed from the request, its text. ERR_SIGNATURE [403] malformed, or not signed by the key;
 * ERR_NOT_FOUND [404] of another log; ERR_RANGE [400] `old` is above its size; ERR_EXISTS [409]
 * `old` is not the size held, or the size is and the root is not; ERR_PROOF [422]; ERR_MEMORY.
 */
enum err witness_judge(const struct witness_request *r, const struct note_key *key,
		       const struct checkpoint *held, struct checkpoint *ret, struct str *text,
		       struct note *n) NODISCARD;

#endif
