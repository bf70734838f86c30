/*
 * identity: who is asking. The door of engine/identity.
 *
 * An agent is a row of the agents table: the name that actions give, an Ed25519 key or none
 * (imported from a log that knew no keys), and how it has fared. An agent with a key has DIDs that
 * are derived from the key and certify themselves. The row holds the newest key; the entries that
 * brought it and those before it stay in the log, and so do the signatures that they made.
 *
 * A signed action carries an Ed25519 signature over agent_signed_text. It names the digest of the
 * arguments, not the arguments, so a signature can be checked from the log alone after a body was
 * pruned. A signed action must be later than the agent's last one with a good signature, whatever
 * became of that one, so a captured action cannot be sent twice. Before the first, `last_signed_ns`
 * is 0: what is signed is dated after 1970-01-01T00:00:00Z.
 */
#ifndef TRAMMEL_IDENTITY_H
#define TRAMMEL_IDENTITY_H

#include "engine/base/limits.h"
#include "engine/base/value.h"
#include "engine/state/state.h"

enum agent_origin { AGENT_CREATED = 0, AGENT_IMPORTED };

/*
 *   active --suspend--> suspended --reactivate--> active
 *      |                    |
 *      +------revoke--------+----> revoked, for good
 */
enum agent_status { AGENT_ACTIVE = 0, AGENT_SUSPENDED, AGENT_REVOKED, AGENT_STATUSES };

/* One row of the agents table; little-endian, no padding. `name` is the key, NUL-padded. */
struct agent_row {
	char name[LIMIT_NAME_BYTES];
	uint8_t key[PUBLIC_KEY_BYTES];
	int64_t registered_ns, last_ns, last_signed_ns;
	int64_t expires_ns;                   /* 0: never */
	uint64_t actions, denials;
	uint64_t registered_entry, key_entry; /* where agent and key came from */
	uint64_t key_sequence;                /* rotations so far */
	uint8_t has_key, origin, status, has_sponsor, zero[4];
};

_Static_assert(sizeof(struct agent_row) == LIMIT_NAME_BYTES + PUBLIC_KEY_BYTES + 80, "no padding");

/* The agents table as the state opens it. */
struct table_schema agent_table(void);

/*
 * A name that fits a row: 1 .. LIMIT_NAME_BYTES bytes of UTF-8 without control characters, and
 * without those that show nothing or turn the direction of writing: two names look like two.
 */
bool agent_name_ok(struct str name);
struct str agent_name(const struct agent_row *row);
const char *agent_origin_name(enum agent_origin origin);

/* Of an agent that has one. */
struct public_key agent_key(const struct agent_row *row);

/*
 * Add an agent. `row` tells all of it but the name. ERR_EXISTS, ERR_SYNTAX (name), ERR_RANGE
 * (it expires before it begins), ERR_LIMIT, ERR_MEMORY.
 */
enum err agent_register(struct state *s, unsigned table, struct str name,
			const struct agent_row *row) NODISCARD;
/* The agent of that name: its row number and a copy of the row. False for what is no name. */
bool agent_find(const struct state *s, unsigned table, struct str name, uint32_t *row,
		struct agent_row *ret);

/* Likewise, of one that must be: ERR_NOT_FOUND, and the note says who may have been meant. */
enum err agent_need(const struct state *s, unsigned table, struct str name, uint32_t *row,
		    struct agent_row *ret, struct note *why) NODISCARD;

const char *agent_status_name(enum agent_status status);
/*
 * Bring an agent into another status, as the picture above allows. ERR_NOT_FOUND, ERR_EXISTS (it
 * has that status already), ERR_RANGE (there is no such way), each with a sentence.
 */
enum err agent_set_status(struct state *s, unsigned table, struct str name, enum agent_status to,
			  struct note *why) NODISCARD;

/* --- the next key --- */

struct rotation {
	struct str old_key;                   /* id of the key that is replaced */
	struct public_key next;
	uint64_t sequence;                    /* from 1, one more each time */
	struct signature by_old, by_next;
};

#define ROTATION_BYTES 512
/* What both keys sign; `agent` as it is before. docs/formats/rotation.md has an example. */
void rotation_text(struct buf *b, const struct agent_row *agent, const struct public_key *next,
		   uint64_t sequence);
/* From the data of an agent.rotate control. ERR_SYNTAX, with a sentence. */
enum err rotation_read(const struct value *data, struct rotation *ret, struct note *why) NODISCARD;
/*
 * Give an agent its next key, brought by entry `entry`. ERR_NOT_FOUND (agent, key), ERR_RANGE
 * (revoked, another old key or number), ERR_EXISTS (the same key), ERR_SIGNATURE, with a sentence.
 */
enum err agent_rotate(struct state *s, unsigned table, struct str name, const struct rotation *r,
		      uint64_t entry, struct note *why) NODISCARD;

/* --- what an agent signs --- */

/* What a signature of an action covers; absent members have ptr NULL or are NULL. */
struct agent_claim {
	struct str log;              /* where it is asked: a signature is good in this log only */
	struct str agent, action, resource, session, stage, trace;
	struct str credential;       /* the hash of the secret: "sha256:..." */
	const struct digest *args, *result;
	struct str attrs;            /* canonical JSON of further members of `action` */
	int64_t at_ns;
};

/*
 * "trammel/action/v2\n" and the canonical JSON (RFC 8785) of {"action","agent",
 * "args"?:"sha256:...","at","attrs"?,"credential"?,"log","resource"?,"result"?:"sha256:...",
 * "session"?,"stage"?,"trace"?}; "at" as when_write gives it; a stage that is not pre_tool.
 * An example stands in docs/formats/action.md.
 */
void agent_signed_text(struct buf *b, const struct agent_claim *claim);

/* What keys, agents and the people behind them are called elsewhere. */
#include "engine/identity/naming.h"
/* Who and what is believed no more. */
#include "engine/identity/revocation.h"
/* Who has proved to whom that it is there. */
#include "engine/identity/handshake.h"
/* Tokens and certificates that name somebody. */
#include "engine/identity/jwt.h"
#include "engine/identity/token_use.h"
/* What agents may do, hand on to each other, and prove by a secret. */
#include "engine/identity/capability.h"
#include "engine/identity/credential.h"
#include "engine/identity/delegation.h"

#endif
