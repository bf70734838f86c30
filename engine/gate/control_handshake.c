/*
 * control_handshake: what is asked of other agents, and that they answered.
 *
 *   handshake.ask    {"challenge":{...},"reason"}    by the asking agent; the nonce is in the log
 *   handshake.meet   {"answer":{...},"reason"}       the answer, whole: a replay judges it again
 *
 * A refusal is not recorded, as of any control, and uses nothing up: an answer by somebody who is
 * not asked must not spoil the one that is waited for. Sentences begin with the code of the reason.
 *
 * Challenges go by the time of the control, which an operator's clock gives, and not by the latest
 * that any agent told: agents that date their actions ahead end no challenge.
 */
#include "engine/gate/inside.h"

static enum err tell(const struct refusal *r, enum err e, struct note *why)
{
	if (e != ERR_DENIED)
		return e;
	return note_set(why, e, 0, 0, "%s: %s", refusal_name(r->code), r->note.text);
}

/* An agent that is believed, and whose key is the one that the message names. */
static enum err check_party(const struct state *s, struct str name, const struct public_key *key,
			    int64_t at_ns, struct refusal *r)
{
	struct agent_row agent;

	TRY(vouch_agent(s, name, at_ns, &agent, r));
	if (memcmp(agent.key, key->bytes, sizeof(agent.key)) == 0)
		return OK;
	return refusal_set(r, REFUSED_KEY, "agent '%.*s' has another key here", STR_ARG(name));
}

static enum err check_parties(const struct state *s, const struct event *e,
			      const struct challenge *c, struct refusal *r)
{
	int64_t at_ns = stage_time(s, e);

	if (!str_eq(c->log, e->log))
		return refusal_set(r, REFUSED_LOG, "log '%.*s' has asked; this is '%.*s'",
				   STR_ARG(c->log), STR_ARG(e->log));
	if (!str_eq(c->from, e->agent))
		return refusal_set(r, REFUSED_PARTY, "agent '%.*s' has asked, not '%.*s'",
				   STR_ARG(c->from), STR_ARG(e->agent));
	TRY(check_party(s, c->from, &c->from_key, at_ns, r));
	return check_party(s, c->to, &c->to_key, at_ns, r);
}

static enum err ask(struct state *s, const struct event *e, const struct challenge *c,
		    struct refusal *r)
{
	TRY(check_parties(s, e, c, r));
	TRY(challenge_check(c, r));
	if (c->at_ns - LIMIT_AHEAD_NS > e->at_ns || c->until_ns <= e->at_ns)
		return refusal_set(r, REFUSED_EXPIRED, "the challenge is of another time");
	return handshake_open(s, GATE_CHALLENGES, c, r);
}

enum err control_ask(struct state *s, const struct bundle *b, const struct event *e,
		     struct note *why)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct challenge c;

	(void)b;
	TRY(challenge_read(value_get_c(e->data, "challenge"), &c, why));
	return tell(&r, ask(s, e, &c, &r), why);
}

/* What the asker needs, by what is known here: the score by its own log, the rest as claimed. */
static enum err check_needs(const struct state *s, const struct bundle *b, const struct event *e,
			    const struct reply *a, struct refusal *r)
{
	const struct trust_terms *terms = b ? bundle_trust(b) : NULL;
	const struct chain_question q = { s, b, stage_time(s, e), STR_NONE };
	const struct challenge *c = &a->challenge;
	uint32_t score = 0;

	if (terms)
		score = chain_score(&q, c->to);
	if (score < c->threshold)
		return refusal_set(r, REFUSED_SCORE, "agent '%.*s' has a score of %u%s; needed are "
				   "%u", STR_ARG(c->to), score, terms ? "" : ", as no policy "
				   "keeps trust", c->threshold);
	if (!capability_narrows(capability_text(&c->needs), capability_text(&a->claims)))
		return refusal_set(r, REFUSED_NEEDS, "needed is '%.*s'; claimed is '%.*s'",
				   STR_ARG(capability_text(&c->needs)),
				   STR_ARG(capability_text(&a->claims)));
	return OK;
}

static enum err meet(struct state *s, const struct bundle *b, const struct event *e,
		     const struct reply *a, struct refusal *r)
{
	TRY(check_parties(s, e, &a->challenge, r));
	TRY(reply_check(a, r));
	TRY(check_needs(s, b, e, a, r));
	TRY(handshake_close(s, GATE_CHALLENGES, a, e->log, e->at_ns, r));
	return meeting_keep(s, GATE_MEETINGS, &a->challenge, e->at_ns, gate_totals(s).entries);
}

enum err control_meet(struct state *s, const struct bundle *b, const struct event *e,
		      struct note *why)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct reply a;

	TRY(reply_read(value_get_c(e->data, "answer"), &a, why));
	return tell(&r, meet(s, b, e, &a, &r), why);
}

enum err control_turn(struct state *s, const struct event *e)
{
	if (e->kind == ENTRY_AGENT ||
	    (e->kind == ENTRY_CONTROL && (str_starts(e->action, STR("agent.")) ||
					  str_starts(e->action, STR("delegation.")))))
		return handshake_turn(s, GATE_CHALLENGES);
	return OK;
}
