/*
 * vouch: whether an agent is believed: its word, its tokens. A part of the door of engine/gate.
 */
#ifndef TRAMMEL_GATE_VOUCH_H
#define TRAMMEL_GATE_VOUCH_H

#include "engine/gate/gate.h"

/* Registered, with a key; neither it nor the key revoked, stopped or over. ERR_DENIED. */
enum err vouch_agent(const struct state *s, struct str name, int64_t at_ns, struct agent_row *ret,
		     struct refusal *r) NODISCARD;
/*
 * A token that the agent it speaks of signed with the key it has now. An issuer that the rules do
 * not name has to be that key's did:key. As jwt_check.
 */
enum err vouch_token(const struct state *s, const struct jwt *token, const struct jwt_rules *rules,
		     struct agent_row *ret, struct refusal *r) NODISCARD;
/*
 * May what was allowed go on, an action of entry `of` by that agent in that session (ptr NULL:
 * none)? The stages "standing" and "session" are asked as if it acted again now, without a policy;
 * and what was killed since stops it, lifted or not. `*why` says what stops it; ptr NULL: nothing.
 * ERR_MEMORY, ERR_LIMIT.
 */
enum err gate_goes_on(const struct state *s, struct str agent, struct str session, uint64_t of,
		      int64_t now_ns, struct arena *a, struct str *why) NODISCARD;

#endif
