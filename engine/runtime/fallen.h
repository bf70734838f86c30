/*
 * fallen: what a kill stops: an agent wherever it acts, or a session and those opened below it. A
 * part of the door of engine/runtime.
 */
#ifndef TRAMMEL_RUNTIME_FALLEN_H
#define TRAMMEL_RUNTIME_FALLEN_H

#include "engine/runtime/session_life.h"

struct fallen {
	struct str agent, session;            /* agent.ptr NULL: whoever is in `session` */
};

/* Was one session opened below the other, at whatever depth? Both are rows of the lives table. */
bool fallen_below(const struct state *s, unsigned lives, uint32_t row, uint32_t top);
/* Does the kill stop that agent in that session (ptr NULL or empty: none)? */
bool fallen_has(const struct state *s, unsigned lives, const struct fallen *fallen,
		struct str agent, struct str session);

#endif
