/*
 * foreign: the audit formats of the reference toolkit (AGT, microsoft/agent-governance-toolkit
 * 5.0.0), byte for byte: AuditEntry chains of AuditLog, and lines of FileAuditSink.
 *
 * Pure functions over value trees. Some say what the toolkit itself says, its defects included;
 * they have `agt` in their names and serve comparison. The others say what is so. Where both part:
 *
 *   question                         AGT                            trammel
 *   does the chain hold?             links and hashes alone         its root and its count as well
 *   is a proof of so many entries?   any path that ends in the      as long as the tree is high, on
 *                                    root; every other word than    the side the index says, whole
 *                                    "right" is left; any length    hashes, empty places empty
 *   a file with a member twice       the last one counts            refused by json.h
 *   NaN and Infinity in `data`       written bare, and hashed       refused by json.h: not JSON
 *
 * Hashed is a text: Python's json.dumps(sort_keys=True) of the members that count (canon_python).
 * Nine of an AuditEntry, fourteen of a line of FileAuditSink; all others can be changed unseen.
 */
#ifndef TRAMMEL_FOREIGN_H
#define TRAMMEL_FOREIGN_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

enum foreign_kind { FOREIGN_ENTRY = 0, FOREIGN_LINE };

/* The member with the hash: "entry_hash" or "content_hash". */
const char *foreign_hash_name(enum foreign_kind kind);

/*
 * Is it shaped like one? Every member that AGT writes has its type; what AGT gives a default may be
 * missing. Other members are not looked at. ERR_TYPE, ERR_SYNTAX with the place.
 */
enum err foreign_check(enum foreign_kind kind, const struct value *v, struct note *n) NODISCARD;

/* What one of them is wrong in, as bits. */
enum foreign_fault {
	FOREIGN_HASH = 1,            /* its own hash is not that of its text */
	FOREIGN_BROKEN = 2,          /* previous_hash is not the hash before it */
	FOREIGN_UNSIGNED = 4,        /* the HMAC is not by this key over this text */
};

/*
 * Append the text under the hash of what foreign_check accepted. AuditEntry hashes isoformat() of
 * its time, and JSON dumps of it spell that time in two more ways ("...Z" by pydantic, a blank for
 * the "T" by str()), which lead back to it here.
 */
void foreign_text(struct buf *b, enum foreign_kind kind, const struct value *v);
/*
 * The faults of one, which should follow one with the hash `previous` ("" for the first). `key` of
 * the HMAC: NULL, signatures are not looked at. `text` is left with the text under the hash. The
 * buffer's errors.
 */
enum err foreign_faults(enum foreign_kind kind, const struct value *v, struct str previous,
			const struct str *key, struct buf *text, unsigned *ret) NODISCARD;

/* What AGT says of them, in its words; of an AuditEntry only the first. Hashes are not escaped. */
void foreign_agt_words(struct buf *b, enum foreign_kind kind, uint64_t index,
		       const struct value *v, struct str previous, unsigned faults);
/*
 * verify_chain of an AuditLog (its first fault), HashChainVerifier of FileAuditSink (all, joined by
 * "; "). Valid when nothing was appended to `says`. The buffers' errors.
 */
enum err foreign_agt_verify(enum foreign_kind kind, struct value_list all, const struct str *key,
			    struct buf *says) NODISCARD;

/*
 * The instant of a timestamp in any of the three spellings. `naive`: it names no zone and is taken
 * for UTC. when_read's errors.
 */
enum err foreign_when(struct str timestamp, int64_t *ret_ns, bool *naive) NODISCARD;

/*
 * --- MerkleAuditChain ---
 *
 * A leaf is the entry's hash itself, a node the SHA-256 of the 128 hex digits of its children. The
 * tree is filled up to a power of two with 64 zeros, and AGT has two ideas of what is above them:
 * a tree that grew entry by entry keeps zeros in every empty node, and export() publishes its root;
 * _rebuild_tree hashes them upwards. Kept are only the roots of full subtrees: O(log n).
 */
enum foreign_padding { FOREIGN_GROWN = 0, FOREIGN_REBUILT };

#define FOREIGN_LEVELS 64
struct foreign_tree {
	uint64_t size;               /* zero it to begin */
	struct digest full[FOREIGN_LEVELS];
};

void foreign_tree_add(struct foreign_tree *t, const struct digest *entry_hash);
/* False: there is no root without entries. */
bool foreign_tree_root(const struct foreign_tree *t, enum foreign_padding padding,
		       struct digest *ret);

/*
 * A proof is a list of [hash, "left" or "right"] from the leaf up. `agt` answers as verify_proof of
 * AGT does, over texts; foreign_proof_check for entry `index` of a grown tree of `size`: ERR_PROOF,
 * ERR_RANGE for an index that is not in it.
 */
bool foreign_agt_proof(struct str entry_hash, const struct value *proof, struct str root);
enum err foreign_proof_check(struct str entry_hash, const struct value *proof, struct str root,
			     uint64_t index, uint64_t size) NODISCARD;

/* --- AuditLog.query --- */
struct foreign_filter {
	struct str agent_did, event_type, outcome;     /* empty: any */
	struct str start_time, end_time;               /* inclusive; empty: any */
	int64_t limit; /* as Python's [-limit:]: 0 is all, -5 all but the first five */
};

/*
 * The indexes of what AGT's query gives, in order; room for all in `indexes`. ERR_TYPE where Python
 * would refuse to compare a time with a zone to one without; when_read's errors.
 */
enum err foreign_agt_query(struct value_list all, const struct foreign_filter *f,
			   uint32_t *indexes, size_t *count) NODISCARD;

#endif
