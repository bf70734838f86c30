/*
 * delegation: what one agent hands on to another. Part of the door of engine/identity; the bytes
 * and the reason codes are in docs/formats/delegation.md.
 *
 *   root --link--> agent --link--> agent ...      each link signed by who hands on, over all of it,
 *                                                 and over the hash of the link it stands on
 *
 * A link is verified once, when it is recorded: by signature, against the agents it names, and
 * against the link above it, which was verified before. From then on a row makes it effective, and
 * the chain is walked over rows. An agent to which something was handed on once lives by that from
 * then on: when nothing of it is left, it may do nothing.
 *
 * Every refusal begins with a code of its own, "link-expired: ...".
 */
#ifndef TRAMMEL_IDENTITY_DELEGATION_H
#define TRAMMEL_IDENTITY_DELEGATION_H

#include "engine/crypto/crypto.h"
#include "engine/identity/capability.h"
#include "engine/state/state.h"

struct agent_row;

/* A ceiling that lowers no score: the top of the scale of trust. */
#define DELEGATION_TOP 1000u

/* A link as it is signed and handed in. */
struct delegation {
	struct str log, delegator, delegatee;
	struct public_key from, to;           /* of the two */
	struct capabilities may;
	int64_t issued_ns, expires_ns;        /* not effective any more at the latter */
	uint32_t ceiling;                     /* of the delegatee's trust, in points */
	uint32_t depth;                       /* links that may follow one upon the other */
	bool has_parent;                      /* no: the delegator acts on its own authority */
	struct digest parent;                 /* hash of the link to the delegator */
	struct signature signature;           /* by `from` */
};

/* One row of the delegations table; little-endian, no padding. Delegatee and slot are the key. */
struct delegation_row {
	char delegatee[LIMIT_NAME_BYTES];
	uint8_t slot, zero[7];
	char delegator[LIMIT_NAME_BYTES];
	uint8_t from[PUBLIC_KEY_BYTES];       /* the key that signed it */
	uint8_t hash[DIGEST_BYTES], parent[DIGEST_BYTES];
	int64_t issued_ns, expires_ns;
	int64_t after_ns;                     /* latest issue of revoked links it held; 0: none */
	uint64_t entry;                       /* that recorded it */
	uint32_t ceiling;
	uint16_t depth, may_bytes;
	uint8_t has_parent, revoked, more_zero[6];
	char may[LIMIT_CAPABILITY_BYTES];
};

_Static_assert(sizeof(struct delegation_row) ==
		       2 * LIMIT_NAME_BYTES + PUBLIC_KEY_BYTES + 2 * DIGEST_BYTES + 56 +
			       LIMIT_CAPABILITY_BYTES,
	       "no padding");

/* The delegations table as the state opens it. */
struct table_schema delegation_table(void);

#define DELEGATION_BYTES 2048
/* What is signed. */
void delegation_text(struct buf *b, const struct delegation *d);
/* SHA-256 of it, by which the links below name it. ERR_MEMORY. */
enum err delegation_hash(const struct delegation *d, struct digest *ret) NODISCARD;
#define DELEGATION_ID_BYTES 21
/* "link-" and the first 16 hexadecimal digits of the hash. */
void delegation_id_write(struct buf *b, const uint8_t hash[DIGEST_BYTES]);

/* From the data of a control about `delegatee`; its texts are borrowed. ERR_SYNTAX, "why" says. */
enum err delegation_read(const struct value *data, struct str delegatee, struct delegation *ret,
			 struct note *why) NODISCARD;
/* The other way round: what delegation_read reads, in the arena or borrowed. ERR_MEMORY. */
enum err delegation_write(const struct delegation *d, struct str reason, struct arena *a,
			  struct value *ret) NODISCARD;
/*
 * Is the link in order by itself, between these two agents, below `parent` (NULL: none), in a log
 * of that origin at that time? ERR_RANGE, ERR_SIGNATURE, ERR_MEMORY.
 */
enum err delegation_check(const struct delegation *d, const struct agent_row *from,
			  const struct agent_row *to, const struct delegation_row *parent,
			  struct str log, int64_t at_ns, struct note *why) NODISCARD;
/*
 * Make a checked link effective: in the first slot that is free, or whose link has expired or was
 * revoked. ERR_EXISTS (it was recorded before, or may have been), ERR_LIMIT, ERR_MEMORY.
 */
enum err delegation_keep(struct state *s, unsigned table, const struct delegation *d,
			 uint64_t entry, int64_t at_ns, struct note *why) NODISCARD;
/* By the id of a link of that delegatee. ERR_NOT_FOUND, ERR_EXISTS (it is revoked already). */
enum err delegation_revoke(struct state *s, unsigned table, struct str delegatee, struct str id,
			   struct note *why) NODISCARD;

/* The link in that slot, from 0; slots are filled without gaps. False when there is none. */
bool delegation_slot(const struct state *s, unsigned table, struct str delegatee, unsigned slot,
		     uint32_t *at, struct delegation_row *ret);
/* A link of that delegatee by its hash. */
bool delegation_find(const struct state *s, unsigned table, struct str delegatee,
		     const uint8_t hash[DIGEST_BYTES], struct delegation_row *ret);
/* Does the agent live by delegation? */
bool delegation_any(const struct state *s, unsigned table, struct str agent);
struct str delegation_delegator(const struct delegation_row *row);
struct str delegation_may(const struct delegation_row *row);

#endif
