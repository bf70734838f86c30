/*
 * curb: what a bundle says besides rules, asked of one action.
 *
 * Curbs look at actions of stage pre_tool alone: a tool call is asked about up to four times and
 * made once.
 *
 * A rate counts what was asked, so an action that any later stage denies is charged too: who asks
 * in vain all day has no right to be asked about. A budget counts what was allowed.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"
#include "engine/trust/trust.h"

#include <stdio.h>

static bool looks(const struct weighing *w)
{
	return w->bundle && stage_moment(w->event->data) == POLICY_PRE_TOOL;
}

/* --- rings --- */

/* What an agent's score makes of its latches; who holds none begins without. */
static uint8_t latches_now(const struct weighing *w, struct str agent)
{
	const struct chain_question q = { w->state, w->bundle, w->time_ns, STR_NONE };
	uint32_t score = chain_score(&q, agent);

	/* What carries the action may have a lower ceiling than the best of what the agent has. */
	if (str_eq(agent, w->event->agent) && w->score < score)
		score = w->score;
	return demotion_next(bundle_demotion(w->bundle),
			     demotion_latches(w->state, GATE_DEMOTIONS, agent), score);
}

/* An agent's own ring, or a better one it is lifted to for now; a worse one by its score. */
static unsigned ring_now(const struct weighing *w, struct str agent, bool known)
{
	const struct public_key *sponsor = bundle_sponsor(w->bundle);
	unsigned ring = bundle_agent_ring(w->bundle, agent, known);
	struct elevation_row lifted;

	if (sponsor && known &&
	    elevation_find(w->state, GATE_ELEVATIONS, agent, sponsor, w->time_ns, &lifted) &&
	    lifted.ring < ring)
		ring = lifted.ring;
	if (w->terms && bundle_demotion(w->bundle)) {
		unsigned lowered = demotion_ring(latches_now(w, agent));

		ring = lowered > ring ? lowered : ring;
	}
	return ring;
}

/* In an opened session nobody is above what it allows, nor above those who brought it in. */
static unsigned ring_in_session(const struct weighing *w, unsigned ring)
{
	struct participant_row row;
	struct agent_row agent;
	uint32_t at = w->standing.participant, place;
	unsigned above;

	if (w->standing.ring > ring)
		ring = w->standing.ring;
	memcpy(&row, state_row(w->state, GATE_PARTICIPANTS, at), sizeof(row));
	while (row.parent) {
		memcpy(&row, state_row(w->state, GATE_PARTICIPANTS, row.parent - 1), sizeof(row));
		above = ring_now(w, participant_agent(&row),
				 agent_find(w->state, GATE_AGENTS, participant_agent(&row), &place,
					    &agent));
		if (above > ring)
			ring = above;
	}
	return ring;
}

/* "agent 'ann' is in ring 3, which may not reach 'prod-db'" */
static enum err say_beyond(struct weighing *w, const struct reach_terms *terms, struct finding *f)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "agent '%.*s' is in ring %u, which may ", STR_ARG(w->event->agent), w->ring);
	if (terms->thing.ptr)
		buf_addf(&b, "not reach '%.*s'", STR_ARG(terms->thing));
	else
		buf_addf(&b, "reach what the policy names, and %.*s names nothing",
			 STR_ARG(terms->of));
	return stage_say(w, &b, f);
}

/* Every bound of the agent's ring lets it reach what the action is about. */
static enum err weigh_reach(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	struct reach_terms terms;

	for (size_t i = 0; f->allow && i < bundle_reaches(w->bundle); i++) {
		if (!bundle_reach_holds(w->bundle, i, w->ring, e->action))
			continue;
		TRY(bundle_reach(w->bundle, i, w->args, e->resource, w->arena, &terms));
		f->allow = terms.may;
	}
	return f->allow ? OK : say_beyond(w, &terms, f);
}

enum err curb_rings(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	unsigned needs;
	struct buf b;

	f->allow = true;
	if (!w->bundle || !bundle_has_rings(w->bundle))
		return OK;
	w->ring = ring_now(w, e->agent, w->known);
	w->demotes = w->known && w->terms && bundle_demotion(w->bundle);
	w->latches = w->demotes ? latches_now(w, e->agent) : 0;
	if (w->opened && !w->standing.why)
		w->ring = ring_in_session(w, w->ring);
	needs = bundle_tool_ring(w->bundle, e->action, e->resource);
	f->allow = !looks(w) || (needs != RING_ROOT && w->ring <= needs);
	if (f->allow)
		return looks(w) ? weigh_reach(w, f) : OK;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "'%.*s' needs ring %u", STR_ARG(e->action), needs);
	if (needs == RING_ROOT)
		buf_add_c(&b, ", which nobody is in");
	else
		buf_addf(&b, "; agent '%.*s' is in ring %u", STR_ARG(e->agent), w->ring);
	return stage_say(w, &b, f);
}

/* --- quotas and budgets --- */

/* Whose it is: ptr NULL when the action names none. */
static enum err subject_of(struct weighing *w, const struct quota *q, struct str *ret)
{
	char ring[8];

	switch (q->per) {
	case QUOTA_SESSION:
		*ret = w->event->session;
		return OK;
	case QUOTA_TOOL:
		*ret = w->event->action;
		return OK;
	case QUOTA_RING:
		(void)snprintf(ring, sizeof(ring), "%u", w->ring);
		return arena_copy(w->arena, str_view(ring), ret);
	default:
		*ret = w->event->agent;
		return OK;
	}
}

static void begin_sentence(struct buf *b, const struct quota *q, struct str subject)
{
	buf_init(b, LIMIT_REASONS_BYTES);
	buf_addf(b, "%s '%.*s/%.*s'", q->kind == QUOTA_RATE ? "quota" : "budget",
		 STR_ARG(q->policy), STR_ARG(q->name));
	if (subject.ptr)
		buf_addf(b, " of %s '%.*s'", quota_per_name(q->per), STR_ARG(subject));
}

static enum err say_no_subject(struct weighing *w, const struct quota *q, struct finding *f)
{
	struct buf b;

	begin_sentence(&b, q, STR_NONE);
	buf_addf(&b, " counts by %s, and the action names none", quota_per_name(q->per));
	return stage_say(w, &b, f);
}

/* Why it cannot be known what the action takes. */
static enum err say_no_cost(struct weighing *w, const struct quota *q, struct str subject,
			    struct str path, enum err e, struct finding *f)
{
	struct buf b;

	begin_sentence(&b, q, subject);
	buf_addf(&b, " takes %.*s, which is %s", STR_ARG(path),
		 e == ERR_NOT_FOUND ? "missing"
		 : e == ERR_RANGE ? "not above zero, too large, or has more than six decimals"
				  : "no exact decimal");
	return stage_say(w, &b, f);
}

static void add_refill(struct buf *b, const char *word, const struct quota_view *view)
{
	if (!view->refills)
		return;
	buf_add_c(b, word);
	when_write(b, view->refills_ns);
}

/* "quota 'p/api' of agent 'ann' allows 5/minute, 5 at once; used up until ..." */
static enum err say_used(struct weighing *w, const struct charge *c, const struct quota_view *view,
			 struct finding *f)
{
	const struct quota *q = c->quota;
	const struct policy_limit rate = { q->rate.count, q->rate.period_ns };
	struct buf b;

	begin_sentence(&b, q, c->subject);
	if (q->kind == QUOTA_RATE) {
		buf_add_c(&b, " allows ");
		rate_write(&b, &rate);
		buf_addf(&b, ", %u at once; used up", q->rate.burst);
		add_refill(&b, " until ", view);
		return stage_say(w, &b, f);
	}
	buf_add_c(&b, " allows ");
	micros_write(&b, q->amount);
	buf_addf(&b, " %s, of which ", quota_unit_name(q->unit));
	micros_write(&b, view->used);
	buf_add_c(&b, " are used; this action takes ");
	micros_write(&b, c->cost);
	add_refill(&b, "; it begins anew at ", view);
	return stage_say(w, &b, f);
}

/* One of them; the first that denies says why. */
static enum err weigh_one(struct weighing *w, size_t number, const struct quota *q, int64_t at_ns,
			  struct finding *f)
{
	struct charge c = { .quota = q };
	struct quota_view view;
	struct finding own = { .allow = false };
	struct str path;
	enum err e;

	TRY(subject_of(w, q, &c.subject));
	e = c.subject.ptr ? bundle_quota_cost(w->bundle, number, w->args, w->arena, &c.cost, &path)
			  : OK;
	if (e == ERR_MEMORY)
		return e;
	if (!c.subject.ptr) {
		TRY(say_no_subject(w, q, &own));
	} else if (e != OK) {
		TRY(say_no_cost(w, q, c.subject, path, e, &own));
	} else {
		TRY(quota_look(w->state, GATE_QUOTAS, q, c.subject, at_ns, c.cost, &view));
		own.allow = view.enough;
		if (!view.enough)
			TRY(say_used(w, &c, &view, &own));
		w->charges[w->charge_count++] = c;
	}
	if (f->allow && !own.allow)
		*f = own;
	return OK;
}

enum err curb_quotas(struct weighing *w, struct finding *f)
{
	int64_t at_ns = w->time_ns;
	size_t count = looks(w) ? bundle_quotas(w->bundle) : 0;

	f->allow = true;
	if (count == 0)
		return OK;
	w->charges = arena_array(w->arena, count, sizeof(*w->charges));
	if (!w->charges)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const struct quota *q =
			bundle_quota(w->bundle, i, w->event->agent, w->event->action);

		if (q && (!q->ring || q->ring == w->ring))
			TRY(weigh_one(w, i, q, at_ns, f));
	}
	return OK;
}

enum err curb_charge(struct state *s, const struct event *e, const struct weighed *w)
{
	bool denied = w->decision.effect == EFFECT_DENY;
	int64_t at_ns = stage_time(s, e);

	for (size_t i = 0; i < w->charge_count; i++) {
		const struct charge *c = &w->charges[i];

		if (c->quota->kind == QUOTA_RATE || !denied)
			TRY(quota_charge(s, GATE_QUOTAS, c->quota, c->subject, at_ns, c->cost));
	}
	return OK;
}
