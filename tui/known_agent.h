/* known_agent: an agent as the state after the last entry has it. */
#ifndef TRAMMEL_TUI_KNOWN_AGENT_H
#define TRAMMEL_TUI_KNOWN_AGENT_H

#include "engine/space/space.h"

/* The state after the last entry; close it. The errors of space_state_at. */
enum err known_state(struct space *s, struct state **ret, struct note *n) NODISCARD;
/* The errors of known_state and of agent_need; ERR_NOT_FOUND also of an agent without a key. */
enum err known_agent_key(struct space *s, struct str name, struct public_key *ret,
			 struct note *n) NODISCARD;

#endif
