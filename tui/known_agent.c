/* known_agent: the rows of the last step, made for one look-up. */
#include "tui/known_agent.h"

static enum err seek(struct space *s, struct state *state, struct note *n)
{
	struct digest ignored;
	uint64_t entries;

	TRY(space_count_entries(s, &entries, n));
	return entries > 0 ? space_state_at(s, entries - 1, state, &ignored, n) : OK;
}

enum err known_state(struct space *s, struct state **ret, struct note *n)
{
	struct state *state;
	enum err e;

	TRY(gate_state_open(&state));
	e = seek(s, state, n);
	if (e == OK)
		*ret = state;
	else
		state_close(state);
	return e;
}

enum err known_agent_key(struct space *s, struct str name, struct public_key *ret, struct note *n)
{
	struct agent_row row;
	struct state *state;
	uint32_t at;
	enum err e;

	TRY(known_state(s, &state, n));
	e = agent_need(state, GATE_AGENTS, name, &at, &row, n);
	state_close(state);
	TRY(e);
	if (!row.has_key)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "agent '%.*s' has no key", STR_ARG(name));
	*ret = agent_key(&row);
	return OK;
}
