/*
 * presence: actions in a session that somebody opened are its participants', while it lasts.
 *
 * A session that nobody opened is a name that its sender chose, and any agent may use it, unless
 * the bundle wants sessions.
 *
 * Kills stand in the halts, not in the rows of sessions. Stage "standing" asks for those of the
 * session and the agent; here it is asked of what is above them, which stops what is below. A kill
 * of a session goes down by itself, so that its fence holds for what was under way below it.
 */
#include "engine/gate/inside.h"

/* "session 's' is closing", "agent 'ann' has not joined the session" */
static enum err say_standing(struct weighing *w, struct finding *f)
{
	const struct life_standing *at = &w->standing;
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s '%.*s'%s", at->of_agent ? "agent" : "session", STR_ARG(at->who), at->why);
	return stage_say(w, &b, f);
}

static bool is_killed(const struct weighing *w, enum halt_scope scope, struct str name)
{
	bool agent = scope == HALT_AGENT;
	struct halt_row halt;

	return halt_stops(w->state, GATE_HALTS, agent ? name : STR_NONE, agent ? STR_NONE : name,
			  w->time_ns, &halt) &&
	       halt.scope == scope && halt.kind == HALT_KILLED;
}

/* No session above was killed, and nobody who brought the agent in. */
static void stand_above(const struct weighing *w, struct life_standing *at)
{
	struct participant_row who;
	struct life_row life;
	const void *kept;

	memcpy(&life, state_row(w->state, GATE_LIVES, at->session), sizeof(life));
	while (!at->why && life.parent) {
		kept = state_row(w->state, GATE_LIVES, life.parent - 1);
		memcpy(&life, kept, sizeof(life));
		at->of_agent = false;
		at->who = life_id(kept);
		at->why = is_killed(w, HALT_SESSION, at->who) ? " was killed" : NULL;
	}
	memcpy(&who, state_row(w->state, GATE_PARTICIPANTS, at->participant), sizeof(who));
	while (!at->why && who.parent) {
		kept = state_row(w->state, GATE_PARTICIPANTS, who.parent - 1);
		memcpy(&who, kept, sizeof(who));
		at->of_agent = true;
		at->who = participant_agent(kept);
		at->why = is_killed(w, HALT_AGENT, at->who) ? " was killed" : NULL;
	}
}

enum err presence_weigh(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	bool wanted = w->bundle && bundle_wants_session(w->bundle);
	struct life_row row;
	uint32_t at;

	w->opened = e->session.ptr && life_find(w->state, GATE_LIVES, e->session, &at, &row);
	f->allow = !w->opened && !wanted;
	if (f->allow)
		return trip_overtime(w, f);
	if (!e->session.ptr) {
		f->reason = STR("the policy wants a session, and the action names none");
		return OK;
	}
	life_stand(w->state, GATE_LIVES, GATE_PARTICIPANTS, e->session, e->agent, w->time_ns,
		   &w->standing);
	if (!w->standing.why)
		stand_above(w, &w->standing);
	f->allow = !w->standing.why;
	if (!f->allow)
		return say_standing(w, f);
	TRY(trip_overtime(w, f));
	return !f->allow || row.isolation == ISOLATION_NONE ? OK : isolate_weigh(w, f);
}

/* --- kills --- */

enum err presence_kill(struct state *s, struct str session, int64_t at_ns, uint64_t entry,
		       struct note *why)
{
	uint32_t top, killed = 0;
	struct life_row life;

	TRY(halt_kill(s, GATE_HALTS, HALT_SESSION, session, at_ns, entry, why));
	if (!life_find(s, GATE_LIVES, session, &top, &life))
		return OK;
	/* Rows stand behind those that they are below. */
	for (uint32_t row = top + 1; row < state_rows(s, GATE_LIVES); row++) {
		enum err e;

		if (!fallen_below(s, GATE_LIVES, row, top) || killed == KILLED_MOST)
			continue;
		e = halt_kill(s, GATE_HALTS, HALT_SESSION, life_id(state_row(s, GATE_LIVES, row)),
			      at_ns, entry, NULL);
		if (e != OK && e != ERR_EXISTS)
			return e;
		killed++;
	}
	return OK;
}

enum err presence_count(struct state *s, const struct event *e, const struct weighed *w)
{
	const struct lives l = { s, GATE_LIVES, GATE_PARTICIPANTS };

	if (!w->opened)
		return OK;
	if (w->decision.effect == EFFECT_ALLOW)
		TRY(life_act(&l, w->standing.session, stage_time(s, e)));
	return isolate_count(s, w);
}
