/*
 * revocation: agents and keys that are believed no more, for a while or for good. A part of the
 * door of engine/identity.
 *
 *                for a while                        for good
 *   free ----------------------> until a time  any ----------> for good, which nothing undoes
 *     ^                            |   |    ^
 *     +------- at that time -------+   +----+ for longer; never for shorter
 *
 * That an agent is revoked for good is its status (agent.h says so in its row); what is revoked for
 * a while, and keys, have rows here. Nothing ends a revocation before its time: what may come back
 * at will is suspended or quarantined. A key is named by its id, so it need not be anybody's now.
 */
#ifndef TRAMMEL_IDENTITY_REVOCATION_H
#define TRAMMEL_IDENTITY_REVOCATION_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

enum revocation_of { REVOKED_AGENT = 0, REVOKED_KEY };

/* One row of the table; little-endian, no padding. Name (NUL-padded) and `of` are the key. */
struct revocation_row {
	char name[LIMIT_NAME_BYTES];          /* of the agent, or the id of the key */
	uint8_t of, zero[7];
	int64_t since_ns, until_ns;           /* until_ns 0: for good */
	uint64_t entry;                       /* that brought the row to what it is */
};

_Static_assert(sizeof(struct revocation_row) == LIMIT_NAME_BYTES + 32, "no padding");

struct table_schema revocation_table(void);
struct str revocation_name(const struct revocation_row *row);

/*
 * Add to the list, or make longer what stands there. `until_ns` 0: for good. ERR_RANGE (no such
 * name, no time ahead), ERR_EXISTS (revoked for as long already), ERR_LIMIT, ERR_MEMORY.
 */
enum err revocation_add(struct state *s, unsigned table, enum revocation_of of, struct str name,
			int64_t at_ns, int64_t until_ns, uint64_t entry,
			struct note *why) NODISCARD;
/* Is it revoked at that time? One look-up. At `until_ns` it is not any more. */
bool revocation_holds(const struct state *s, unsigned table, enum revocation_of of,
		      struct str name, int64_t at_ns, struct revocation_row *ret);
/* Likewise of a key. */
bool revocation_holds_key(const struct state *s, unsigned table, const struct public_key *key,
			  int64_t at_ns, struct revocation_row *ret);
/* Is the row in force at that time? */
bool revocation_in_force(const struct revocation_row *row, int64_t at_ns);

#endif
