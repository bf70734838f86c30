/* histories: the table of what happened in sessions, in the words of the policy in force. */
#ifndef TRAMMEL_TUI_HISTORIES_H
#define TRAMMEL_TUI_HISTORIES_H

#include "engine/gate/gate.h"

/*
 * The bundle in force in this state, in the arena; NULL where there are no histories, none was in
 * force, or its body is gone.
 */
enum err histories_bundle(struct gate_bodies bodies, const struct state *s, struct arena *memory,
			  const struct bundle **ret, struct note *n) NODISCARD;
/* Names that the bundle (NULL: none) does not know are shown as their ids. */
void histories_show(const struct state *s, const struct bundle *b, bool json, struct buf *out);

#endif
