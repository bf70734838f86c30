/*
 * actor: agents that an operator names must be able to act.
 *
 * The same is asked as in stage "standing", for what no policy can change: a misspelt name, or one
 * that is stopped, would leave to nobody what was meant to be done.
 */
#include "engine/gate/inside.h"

/* "agent 'ann' is killed", "everything is killed" */
static enum err refuse_halted(const struct halt_row *halt, struct note *why)
{
	const char *mark = halt->scope == HALT_ALL ? "" : "'";

	return note_set(why, ERR_RANGE, 0, 0, "%s%s%s%.*s%s is %s",
			halt_scope_name((enum halt_scope)halt->scope),
			halt->scope == HALT_ALL ? "" : " ", mark, STR_ARG(halt_name(halt)), mark,
			halt_kind_name((enum halt_kind)halt->kind));
}

enum err actor_find(const struct state *s, struct str agent, struct str session, int64_t at_ns,
		    uint32_t *row, struct note *why)
{
	struct revocation_row revoked;
	struct agent_row found;
	struct halt_row halt;

	TRY(agent_need(s, GATE_AGENTS, agent, row, &found, why));
	if (found.status != AGENT_ACTIVE)
		return note_set(why, ERR_RANGE, 0, 0, "agent '%.*s' is %s", STR_ARG(agent),
				agent_status_name((enum agent_status)found.status));
	if (revocation_holds(s, GATE_REVOCATIONS, REVOKED_AGENT, agent, at_ns, &revoked))
		return note_set(why, ERR_RANGE, 0, 0, "agent '%.*s' is revoked", STR_ARG(agent));
	if (found.expires_ns != 0 && at_ns > found.expires_ns)
		return note_set(why, ERR_RANGE, 0, 0, "agent '%.*s' has expired", STR_ARG(agent));
	if (halt_stops(s, GATE_HALTS, agent, session, at_ns, &halt))
		return refuse_halted(&halt, why);
	return OK;
}

enum err actor_place(const struct state *s, const struct bundle *b, struct str agent,
		     struct str session, int64_t at_ns, struct note *why)
{
	bool wanted = b && bundle_wants_session(b);
	struct life_standing standing;
	struct life_row life;
	uint32_t at;

	if (!session.ptr)
		return wanted ? note_set(why, ERR_RANGE, 0, 0,
					 "the policy wants a session, and none is named") : OK;
	if (!wanted && !life_find(s, GATE_LIVES, session, &at, &life))
		return OK;
	life_stand(s, GATE_LIVES, GATE_PARTICIPANTS, session, agent, at_ns, &standing);
	if (!standing.why)
		return OK;
	return note_set(why, ERR_RANGE, 0, 0, "%s '%.*s'%s",
			standing.of_agent ? "agent" : "session", STR_ARG(standing.who),
			standing.why);
}
