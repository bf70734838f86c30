/* known_agent: an agent as the state after the last entry has it. */
#ifndef TRAMMEL_TUI_KNOWN_AGENT_H
#define TRAMMEL_TUI_KNOWN_AGENT_H

#include "engine/space/space.h"

/* The state after the last entry; close it. The errors of space_state_at. */
enum err known_state(struct space *s, struct state **ret, struct note *n) NODISCARD;
/* ERR_NOT_FOUND when nobody of that name is registered; the note says who may have been meant. */
enum err known_agent(const struct state *state, struct str name, struct agent_row *ret,
		     struct note *n) NODISCARD;
/* Likewise of the state now, and of an agent without a key; the errors of known_state. */
enum err known_agent_key(struct space *s, struct str name, struct public_key *ret,
			 struct note *n) NODISCARD;

#endif
