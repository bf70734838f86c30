/* standing: whether an agent may act at all, as a state machine of three states. */
#include "engine/identity/identity.h"

const char *agent_status_name(enum agent_status status)
{
	static const char *const names[AGENT_STATUSES] = { "active", "suspended", "revoked" };

	MUST(status < AGENT_STATUSES);
	return names[status];
}

/* From the row to the column; nothing leads out of revoked. */
static const bool ways[AGENT_STATUSES][AGENT_STATUSES] = {
	[AGENT_ACTIVE] = { [AGENT_SUSPENDED] = true, [AGENT_REVOKED] = true },
	[AGENT_SUSPENDED] = { [AGENT_ACTIVE] = true, [AGENT_REVOKED] = true },
};

enum err agent_set_status(struct state *s, unsigned table, struct str name, enum agent_status to,
			  struct note *why)
{
	struct agent_row agent;
	uint32_t row;

	TRY(agent_need(s, table, name, &row, &agent, why));
	if (agent.status == to)
		return note_set(why, ERR_EXISTS, 0, 0, "agent '%.*s' is %s already", STR_ARG(name),
				agent_status_name(to));
	if (agent.status >= AGENT_STATUSES || !ways[agent.status][to])
		return note_set(why, ERR_RANGE, 0, 0,
				"agent '%.*s' is revoked, and that is final; register another one",
				STR_ARG(name));
	agent.status = (uint8_t)to;
	return state_update(s, table, row, &agent);
}
