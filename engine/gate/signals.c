/*
 * signals: what an entry says about how much an agent is worth.
 *
 *   action   allowed, warned, approval, violation or limited; joined or clashed after another agent
 *   outcome  completed or failed, and latency
 *
 * What "identify", "standing" or "authority" denied says nothing: whoever can send in an agent's
 * name without its key must not be able to lower it. Nor does "trust": who is below a minimum may
 * ask.
 */
#include "engine/gate/inside.h"

#include "engine/trust/trust.h"

struct hearing {
	struct state *state;
	const struct trust_terms *terms;
	const struct event *event;
	const struct decision *decision;
	uint64_t seq;
	int64_t at_ns;
};

static bool obliges(const struct decision *d, const char *type)
{
	for (size_t i = 0; i < d->obligation_count; i++)
		if (str_is(d->obligations[i].type, type))
			return true;
	return false;
}

/* TRUST_SIGNALS: none. */
static enum trust_signal signal_of(const struct decision *d)
{
	if (d->effect == EFFECT_ALLOW)
		return obliges(d, "warn") ? TRUST_WARNED : TRUST_ALLOWED;
	if (str_is(d->stage, STAGE_LIMIT))
		return TRUST_LIMITED;
	if (!str_is(d->stage, STAGE_POLICY) || !d->rule.ptr)
		return TRUST_SIGNALS;
	return obliges(d, "require_approval") ? TRUST_APPROVAL : TRUST_VIOLATION;
}

/* The agent's row, made when there is none yet. */
static enum err find_row(const struct hearing *h, struct str agent, uint32_t *at)
{
	struct trust_row row;

	if (score_find(h->state, GATE_TRUST, agent, at, &row))
		return OK;
	score_begin(h->terms, agent, h->at_ns, &row);
	return state_insert(h->state, GATE_TRUST, &row, at);
}

static void read_row(const struct hearing *h, uint32_t at, struct trust_row *ret)
{
	memcpy(ret, state_row(h->state, GATE_TRUST, at), sizeof(*ret));
	ret->signals = 0;
}

/* Who acted before it in the session, or the agent itself; the two have met. */
static enum err meet(const struct hearing *h, uint32_t at, uint32_t *before)
{
	*before = at;
	if (!h->event->session.ptr)
		return OK;
	TRY(deed_in_session(h->state, GATE_DEED_SESSIONS, h->event->session, at, before));
	return *before == at ? OK : spread_meet(h->state, GATE_TRUST, at, *before);
}

static enum err hear_action(const struct hearing *h)
{
	enum trust_signal signal = signal_of(h->decision);
	struct trust_row row;
	struct agent_row agent;
	uint32_t at, before;

	if (signal == TRUST_SIGNALS ||
	    !agent_find(h->state, GATE_AGENTS, h->event->agent, &at, &agent))
		return OK;
	TRY(find_row(h, h->event->agent, &at));
	TRY(deed_put(h->state, GATE_DEEDS, h->seq, at));
	TRY(meet(h, at, &before));
	read_row(h, at, &row);
	score_signal(h->terms, &row, signal, h->at_ns);
	if (before != at && h->decision->effect == EFFECT_ALLOW)
		score_signal(h->terms, &row, TRUST_JOINED, h->at_ns);
	if (before != at && signal == TRUST_VIOLATION)
		score_signal(h->terms, &row, TRUST_CLASHED, h->at_ns);
	if (h->terms->regime)
		regime_count(&row.regime, h->event->action);
	TRY(state_update(h->state, GATE_TRUST, at, &row));
	if (signal == TRUST_VIOLATION && h->terms->violation)
		return spread_incident(h->terms, h->state, GATE_TRUST, at, h->terms->violation,
				       h->at_ns);
	return OK;
}

static enum err hear_outcome(const struct hearing *h)
{
	const struct value *took = value_get_c(h->event->data, "latency_ms");
	struct str status = value_text(h->event->data, "status");
	bool failed = str_is(status, "failed"), ok = str_is(status, "ok");
	bool timed = took && took->kind == VALUE_INT && took->integer >= 0;
	struct trust_row row;
	uint32_t at;

	if ((!failed && !ok && !timed) ||
	    !deed_find(h->state, GATE_DEEDS, h->event->links[0].seq, &at))
		return OK;
	read_row(h, at, &row);
	if (ok || failed)
		score_signal(h->terms, &row, ok ? TRUST_COMPLETED : TRUST_FAILED, h->at_ns);
	if (timed)
		score_measure(h->terms, &row, TRUST_LATENCY, TRUST_RESOURCE,
			      score_ratio(h->terms->latency_ms, (uint64_t)took->integer),
			      h->at_ns);
	return state_update(h->state, GATE_TRUST, at, &row);
}

enum err signals_apply(struct state *s, const struct bundle *bundle, const struct event *e,
		       const struct value *data, const struct decision *decision, uint64_t seq)
{
	const struct trust_terms *terms = bundle ? bundle_trust(bundle) : NULL;
	const struct hearing h = { s, terms, e, decision, seq, stage_time(s, e) };

	if (!terms || value_get_c(data, "fault"))
		return OK;
	if (e->kind == ENTRY_ACTION)
		return hear_action(&h);
	if (e->kind == ENTRY_OUTCOME && str_is(e->links[0].rel, "outcome_of"))
		return hear_outcome(&h);
	return OK;
}

/* --- what operators do --- */

static enum err find_terms(const struct bundle *b, const struct trust_terms **ret, struct note *why)
{
	*ret = b ? bundle_trust(b) : NULL;
	if (*ret)
		return OK;
	return note_set(why, ERR_NOT_FOUND, 0, 0,
			"the policies keep no trust; a policy with the key 'trust' does");
}

static uint32_t number_of(const struct event *e, const char *key)
{
	return (uint32_t)value_get_c(e->data, key)->integer;
}

static enum err open_hearing(struct state *s, const struct bundle *b, const struct event *e,
			     struct hearing *ret, uint32_t *at, struct note *why)
{
	struct agent_row agent;

	*ret = (struct hearing){ .state = s, .event = e, .at_ns = stage_time(s, e) };
	TRY(find_terms(b, &ret->terms, why));
	TRY(agent_need(s, GATE_AGENTS, e->agent, at, &agent, why));
	return find_row(ret, e->agent, at);
}

enum err signals_set(struct state *s, const struct bundle *b, const struct event *e,
		     struct note *why)
{
	struct trust_row row;
	struct hearing h;
	uint32_t at, ceiling;

	TRY(open_hearing(s, b, e, &h, &at, why));
	ceiling = score_ceiling(h.terms, e->agent);
	if (number_of(e, "score") > ceiling)
		return note_set(why, ERR_RANGE, 0, 0,
				"agent '%.*s' has a ceiling of %u; it cannot be given %u",
				STR_ARG(e->agent), ceiling, number_of(e, "score"));
	read_row(&h, at, &row);
	score_set(h.terms, &row, number_of(e, "score"), h.at_ns);
	return state_update(s, GATE_TRUST, at, &row);
}

enum err signals_incident(struct state *s, const struct bundle *b, const struct event *e,
			  struct note *why)
{
	struct trust_row row;
	struct hearing h;
	uint32_t at;

	TRY(open_hearing(s, b, e, &h, &at, why));
	read_row(&h, at, &row);
	TRY(state_update(s, GATE_TRUST, at, &row));
	return spread_incident(h.terms, s, GATE_TRUST, at, number_of(e, "severity"), h.at_ns);
}
