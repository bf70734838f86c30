/*
 * identity: who is asking. The door of engine/identity.
 *
 * An agent is a row of the agents table: the name that actions give, an Ed25519 key or none
 * (imported from a log that knew no keys), and how it has fared. An agent with a key is also a DID:
 * did:key (W3C CCG did:key v0.7), so the identifier is derived from the key and certifies itself.
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
	uint64_t actions, denials;
	uint8_t has_key, origin, status, zero[5];
};

_Static_assert(sizeof(struct agent_row) == LIMIT_NAME_BYTES + PUBLIC_KEY_BYTES + 48, "no padding");

/* The agents table as the state opens it. */
struct table_schema agent_table(void);

/* A name that fits a row: 1 .. LIMIT_NAME_BYTES bytes of UTF-8 without control characters. */
bool agent_name_ok(struct str name);
struct str agent_name(const struct agent_row *row);
const char *agent_origin_name(enum agent_origin origin);

/*
 * Add an agent; `key` NULL for an agent without one. ERR_EXISTS, ERR_SYNTAX (name), ERR_LIMIT,
 * ERR_MEMORY.
 */
enum err agent_register(struct state *s, unsigned table, struct str name,
			const struct public_key *key, enum agent_origin origin,
			int64_t at_ns) NODISCARD;
/* The agent of that name: its row number and a copy of the row. False for what is no name. */
bool agent_find(const struct state *s, unsigned table, struct str name, uint32_t *row,
		struct agent_row *ret);

const char *agent_status_name(enum agent_status status);
/*
 * Bring an agent into another status, as the picture above allows. ERR_NOT_FOUND, ERR_EXISTS (it
 * has that status already), ERR_RANGE (there is no such way), each with a sentence.
 */
enum err agent_set_status(struct state *s, unsigned table, struct str name, enum agent_status to,
			  struct note *why) NODISCARD;

/* Append "did:key:z..." of a key. */
void did_write(struct buf *b, const struct public_key *key);
/* ERR_SYNTAX unless it is the did:key of an Ed25519 key, in its one canonical text. */
enum err did_read(struct str did, struct public_key *ret) NODISCARD;

/* What a signature of an action covers; absent members have ptr NULL or are NULL. */
struct agent_claim {
	struct str agent, action, resource, session, stage, trace;
	const struct digest *args, *result;
	struct str attrs;            /* canonical JSON of further members of `action` */
	int64_t at_ns;
};

/*
 * "trammel/action/v1\n" and the canonical JSON (RFC 8785) of {"action","agent",
 * "args"?:"sha256:...","at","attrs"?,"resource"?,"result"?:"sha256:...","session"?,"stage"?,
 * "trace"?}; "at" as when_write gives it; a stage that is not pre_tool.
 * An example stands in docs/formats/action.md.
 */
void agent_signed_text(struct buf *b, const struct agent_claim *claim);

#endif
