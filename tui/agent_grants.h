/* agent_grants: what an agent was given, for people: delegations and credentials. */
#ifndef TRAMMEL_TUI_AGENT_GRANTS_H
#define TRAMMEL_TUI_AGENT_GRANTS_H

#include "engine/space/space.h"

/*
 * After the last entry, as things stand at that time: with json the members "delegations" and
 * "credentials", else a paragraph for each of which there is any.
 */
enum err agent_grants_show(struct space *s, struct str agent, int64_t at_ns, bool json,
			   struct buf *out, struct note *n) NODISCARD;

#endif
