/*
 * grants: what agents are given: delegations, signed with the delegator's key from keys/agents/,
 * and credentials, whose secrets are made here. A part of the door of engine/space.
 */
#ifndef TRAMMEL_SPACE_GRANTS_H
#define TRAMMEL_SPACE_GRANTS_H

#include "engine/space/space.h"

struct space_delegation {
	struct str from, to, reason;
	struct capabilities may;
	int64_t expires_ns;
	uint32_t depth;
	bool has_ceiling;                     /* no: the one that the delegator has */
	uint32_t ceiling;
};

/*
 * Make, sign and record a link. A delegator that lives by delegation hands on from the first of its
 * links that is wide enough. ERR_NOT_FOUND (the key is not here), ERR_RANGE (the policy does not
 * leave the delegator that), and what the control says.
 */
enum err space_delegate(struct space *s, const struct space_delegation *d, int64_t at_ns,
			struct digest *ret, struct note *n) NODISCARD;

/* A new secret. Show it once, then wipe it: only its hash is kept. */
struct space_secret {
	char text[CREDENTIAL_SECRET_BYTES];
	struct digest hash;
};

enum err space_issue_credential(struct space *s, struct str agent, const struct capabilities *may,
				int64_t expires_ns, struct str reason, int64_t at_ns,
				struct space_secret *ret, struct note *n) NODISCARD;
/* The next secret of that credential; the old one is good until `until_ns`. */
enum err space_rotate_credential(struct space *s, struct str id, int64_t expires_ns,
				 int64_t until_ns, struct str reason, int64_t at_ns,
				 struct space_secret *ret, struct note *n) NODISCARD;
enum err space_revoke_credential(struct space *s, struct str id, struct str reason, int64_t at_ns,
				 struct note *n) NODISCARD;

#endif
