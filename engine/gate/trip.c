/*
 * trip: denials and durations at which the bundle kills an agent or a session.
 *
 * It is decided with the action that is one too many: its denial says so, and the kill has that
 * entry as its fence, as if an operator had killed with it. What was allowed before and has no
 * outcome yet commits no more.
 *
 * Denials count where the agent is registered and may act at all: nobody is killed for what others
 * send in its name without its key, and nobody from outside kills a session that was opened.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"

/* How long a session has lasted; as unsigned a difference never overflows. */
static uint64_t age_of(const struct weighing *w, const struct session_row *row)
{
	return w->time_ns > row->began_ns ? (uint64_t)w->time_ns - (uint64_t)row->began_ns : 0;
}

enum err trip_overtime(struct weighing *w, struct finding *f)
{
	size_t count = w->bundle && w->known ? bundle_kills(w->bundle) : 0;
	const struct event *e = w->event;
	struct session_row row;
	uint32_t at;
	struct buf b;

	if (count == 0 || !session_find(w->state, GATE_SESSIONS, e->session, &at, &row))
		return OK;
	for (size_t i = 0; i < count; i++) {
		const struct kill_terms *terms = bundle_kill(w->bundle, i, e->agent, e->action);

		if (!terms || !terms->after_ns || age_of(w, &row) < (uint64_t)terms->after_ns)
			continue;
		f->allow = false;
		w->overtime = terms;
		buf_init(&b, LIMIT_REASONS_BYTES);
		buf_addf(&b, "session '%.*s' has lasted longer than %lld seconds",
			 STR_ARG(e->session), (long long)(terms->after_ns / WHEN_SECOND_NS));
		return stage_say(w, &b, f);
	}
	return OK;
}

/* Another reason behind those there are: "agent 'ann' is killed for it, by kit/kill_on/breach". */
static enum err add_reason(struct weighing *w, const struct trip *trip, struct decision *d)
{
	struct str *list = arena_array(w->arena, d->reason_count + 1, sizeof(*list));
	struct finding said = { .allow = false };
	struct buf b;

	if (!list)
		return ERR_MEMORY;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s '%.*s' is killed for it, by %.*s", halt_scope_name(trip->terms->scope),
		 STR_ARG(trip->subject), STR_ARG(trip->terms->key));
	TRY(stage_say(w, &b, &said));
	memcpy(list, d->reasons, d->reason_count * sizeof(*list));
	list[d->reason_count] = said.reason;
	d->reasons = list;
	d->reason_count++;
	return OK;
}

/* Does this denial count, and is it one too many? False: it is none of this rule's. */
static bool look(const struct weighing *w, size_t number, const struct decision *d,
		 struct trip *ret)
{
	const struct event *e = w->event;
	const struct kill_terms *terms = bundle_kill(w->bundle, number, e->agent, e->action);
	int64_t ends_ns;

	if (!terms)
		return false;
	ret->terms = terms;
	ret->subject = terms->scope == HALT_AGENT ? e->agent : e->session;
	ret->fires = terms == w->overtime;
	if (!ret->subject.ptr || terms->after_ns)
		return ret->fires;
	if (!bundle_kill_counts(w->bundle, number, d->stage))
		return false;
	ret->fires = limit_used(w->state, GATE_LIMITS, ret->subject, terms->key,
				terms->denials.period_ns, w->time_ns, &ends_ns) + 1 >=
		     terms->denials.count;
	return true;
}

enum err trip_weigh(struct weighing *w, struct weighed *done)
{
	size_t count = w->bundle && w->known ? bundle_kills(w->bundle) : 0;
	struct trip *trips;

	if (count == 0 || done->decision.effect == EFFECT_ALLOW)
		return OK;
	trips = arena_array(w->arena, count, sizeof(*trips));
	if (!trips)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		struct trip *trip = &trips[done->trip_count];

		if (!look(w, i, &done->decision, trip))
			continue;
		if (trip->fires)
			TRY(add_reason(w, trip, &done->decision));
		done->trip_count++;
	}
	done->trips = trips;
	return OK;
}

static enum err count_one(struct state *s, const struct event *e, const struct trip *trip,
			  uint64_t seq)
{
	const struct kill_terms *terms = trip->terms;
	enum err e_halt;

	if (!terms->after_ns)
		TRY(limit_charge(s, GATE_LIMITS, trip->subject, terms->key,
				 terms->denials.period_ns, stage_time(s, e)));
	if (!trip->fires)
		return OK;
	if (terms->scope == HALT_SESSION)
		e_halt = presence_kill(s, trip->subject, e->at_ns, seq, NULL);
	else
		e_halt = halt_kill(s, GATE_HALTS, terms->scope, trip->subject, e->at_ns, seq, NULL);
	return e_halt == ERR_EXISTS ? OK : e_halt;
}

enum err trip_count(struct state *s, const struct event *e, const struct weighed *w, uint64_t seq)
{
	for (size_t i = 0; i < w->trip_count; i++)
		TRY(count_one(s, e, &w->trips[i], seq));
	return OK;
}
