/* known_agent: the rows of the last step, made for one look-up. */
#include "tui/known_agent.h"

static enum err find(struct space *s, struct state *state, struct str name, struct agent_row *ret,
		     struct note *n)
{
	struct digest ignored;
	uint64_t entries;
	uint32_t at;

	TRY(space_count_entries(s, &entries, n));
	if (entries > 0)
		TRY(space_state_at(s, entries - 1, state, &ignored, n));
	if (agent_find(state, GATE_AGENTS, name, &at, ret))
		return OK;
	return note_set(n, ERR_NOT_FOUND, 0, 0,
			"agent '%.*s' is not registered; see: trammel agent list", STR_ARG(name));
}

enum err known_agent(struct space *s, struct str name, struct agent_row *ret, struct note *n)
{
	struct state *state;
	enum err e;

	TRY(gate_state_open(&state));
	e = find(s, state, name, ret, n);
	state_close(state);
	return e;
}

enum err known_agent_key(struct space *s, struct str name, struct public_key *ret, struct note *n)
{
	struct agent_row row;

	TRY(known_agent(s, name, &row, n));
	if (!row.has_key)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "agent '%.*s' has no key", STR_ARG(name));
	*ret = agent_key(&row);
	return OK;
}
