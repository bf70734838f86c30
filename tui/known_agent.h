/* known_agent: an agent as the state after the last entry has it. */
#ifndef TRAMMEL_TUI_KNOWN_AGENT_H
#define TRAMMEL_TUI_KNOWN_AGENT_H

#include "engine/space/space.h"

/* ERR_NOT_FOUND when nobody of that name is registered; the errors of space_state_at. */
enum err known_agent(struct space *s, struct str name, struct agent_row *ret,
		     struct note *n) NODISCARD;
/* Likewise, and of an agent without a key ERR_NOT_FOUND. */
enum err known_agent_key(struct space *s, struct str name, struct public_key *ret,
			 struct note *n) NODISCARD;

#endif
