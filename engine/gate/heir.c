/*
 * heir: who goes on with what a kill cuts off.
 *
 * A kill may name another agent. What the killed one had begun is that agent's from the entry of
 * the kill on: sagas that are not over, which so are not turned but go on, and the holds of writes
 * in sessions. Without an heir nothing goes on: sagas turn, and are undone by whoever takes them.
 *
 * It happens before the kill itself is put into the rows, while it can be told what was alive; both
 * are one step. What is beyond the bounds stays where it was, as if nobody had been named.
 */
#include "engine/gate/inside.h"

/*
 * Sagas in one kill. All that it changes is one delta: a saga takes some 1,600 bytes of it at most,
 * a write that is handed over 130, a session below 180.
 */
#define HEIR_SAGAS 128u

_Static_assert(HANDED_MAX * 130u + HEIR_SAGAS * 1600u + KILLED_MOST * 180u < LIMIT_DELTA_BYTES,
	       "a kill is one delta");

/* The session in which the heir can act for it; ptr NULL: none. */
static struct str session_left(const struct state *s, const struct event *e,
			       const struct fallen *fallen, const struct saga_row *row)
{
	struct str session = SAGA_TEXT(row->session);
	struct halt_row halt;

	if (!fallen->agent.ptr || session.len == 0 ||
	    (halt_stops(s, GATE_HALTS, STR_NONE, session, stage_time(s, e), &halt) &&
	     halt.scope == HALT_SESSION))
		return STR_NONE;
	return session;
}

static enum err hand_sagas(struct state *s, const struct event *e, const struct fallen *fallen,
			   struct str heir)
{
	uint64_t entry = gate_totals(s).entries;
	unsigned handed = 0;
	struct saga_row row;
	struct note ignored;
	struct saga g;

	for (uint32_t i = 0; i < state_rows(s, GATE_SAGAS) && handed < HEIR_SAGAS; i++) {
		memcpy(&row, state_row(s, GATE_SAGAS, i), sizeof(row));
		if (!fallen_has(s, GATE_LIVES, fallen, SAGA_TEXT(row.agent),
				SAGA_TEXT(row.session)))
			continue;
		saga_load(s, &gate_sagas, i, stage_time(s, e), &g);
		if (saga_over(&g))
			continue;
		TRY(saga_hand_over(&g, heir, session_left(s, e, fallen, &row), entry,
				   stage_time(s, e), &ignored));
		TRY(saga_keep(s, &gate_sagas, &g));
		handed++;
	}
	return OK;
}

enum err heir_take(struct state *s, const struct event *e, const struct fallen *fallen,
		   struct note *why)
{
	const struct value *heir = value_get_c(e->data, "heir");
	const struct isolated at = isolate_tables(s);
	uint32_t ignored;

	if (!heir)
		return OK;
	if (heir->kind != VALUE_STRING)
		return note_set(why, ERR_TYPE, 0, 0, "'heir' is the name of an agent");
	if (fallen->agent.ptr && str_eq(heir->string, fallen->agent))
		return note_set(why, ERR_RANGE, 0, 0, "agent '%.*s' cannot be its own heir",
				STR_ARG(heir->string));
	TRY(actor_find(s, heir->string, STR_NONE, stage_time(s, e), &ignored, why));
	TRY(isolation_hand_over(s, &at, fallen, heir->string, &ignored));
	return hand_sagas(s, e, fallen, heir->string);
}
