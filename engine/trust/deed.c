/*
 * deed: whose action an outcome is about, and who acted last in a session.
 *
 * An outcome names an entry and no agent, and the gate reads no log. So the last DEEDS entries that
 * were actions are remembered, entry n in slot n modulo DEEDS; what is older moves no score.
 */
#include "engine/trust/trust.h"

#include "engine/base/field.h"

#define DEEDS 65536u

struct deed_row {
	uint32_t slot, row;          /* the key; row number in the trust table */
	uint64_t seq;
};

struct session_deed_row {
	char session[LIMIT_NAME_BYTES];
	uint32_t row, zero;
};

_Static_assert(sizeof(struct deed_row) == 16, "no padding");
_Static_assert(sizeof(struct session_deed_row) == LIMIT_NAME_BYTES + 8, "no padding");

struct table_schema deed_table(void)
{
	return (struct table_schema){ "deeds", sizeof(struct deed_row), sizeof(uint32_t) };
}

struct table_schema deed_session_table(void)
{
	return (struct table_schema){ "deed_sessions", sizeof(struct session_deed_row),
				      LIMIT_NAME_BYTES };
}

enum err deed_put(struct state *s, unsigned table, uint64_t seq, uint32_t row)
{
	const struct deed_row deed = { .slot = (uint32_t)(seq % DEEDS), .row = row, .seq = seq };
	uint32_t at;

	if (state_find(s, table, &deed.slot, &at))
		return state_update(s, table, at, &deed);
	return state_insert(s, table, &deed, &at);
}

bool deed_find(const struct state *s, unsigned table, uint64_t seq, uint32_t *ret)
{
	uint32_t slot = (uint32_t)(seq % DEEDS), at;
	struct deed_row deed;

	if (!state_find(s, table, &slot, &at))
		return false;
	memcpy(&deed, state_row(s, table, at), sizeof(deed));
	if (deed.seq != seq)
		return false;
	*ret = deed.row;
	return true;
}

enum err deed_in_session(struct state *s, unsigned table, struct str session, uint32_t row,
			 uint32_t *before)
{
	struct session_deed_row last = { .row = row };
	uint32_t at;

	if (!field_put(last.session, session))
		return ERR_RANGE;
	*before = row;
	if (!state_find(s, table, last.session, &at))
		return state_insert(s, table, &last, &at);
	memcpy(&last, state_row(s, table, at), sizeof(last));
	*before = last.row;
	last.row = row;
	return *before == row ? OK : state_update(s, table, at, &last);
}
