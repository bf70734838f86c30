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

/* The first registered name that was probably meant. */
static bool find_near(const struct state *state, struct str name, char ret[LIMIT_NAME_BYTES + 1])
{
	const char *const names[] = { ret, NULL };

	for (uint32_t i = 0; i < state_rows(state, GATE_AGENTS); i++) {
		struct agent_row row;
		struct str known;

		memcpy(&row, state_row(state, GATE_AGENTS, i), sizeof(row));
		known = agent_name(&row);
		memcpy(ret, known.ptr, known.len);
		ret[known.len] = '\0';
		if (str_nearest(name, names))
			return true;
	}
	return false;
}

enum err known_agent(const struct state *state, struct str name, struct agent_row *ret,
		     struct note *n)
{
	char near[LIMIT_NAME_BYTES + 1];
	uint32_t at;

	if (agent_find(state, GATE_AGENTS, name, &at, ret))
		return OK;
	if (find_near(state, name, near))
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s' is not registered; did you mean '%s'?",
				STR_ARG(name), near);
	return note_set(n, ERR_NOT_FOUND, 0, 0,
			"agent '%.*s' is not registered; see: trammel agent list", STR_ARG(name));
}

enum err known_agent_key(struct space *s, struct str name, struct public_key *ret, struct note *n)
{
	struct agent_row row;
	struct state *state;
	enum err e;

	TRY(known_state(s, &state, n));
	e = known_agent(state, name, &row, n);
	state_close(state);
	TRY(e);
	if (!row.has_key)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "agent '%.*s' has no key", STR_ARG(name));
	*ret = agent_key(&row);
	return OK;
}
