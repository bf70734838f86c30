/*
 * control: what operators change, by verb. A control is an event like any other, so it stands in
 * the log with its reason, and a replay applies it again.
 *
 * A verb that cannot be applied (no such agent, no such way) did not happen: nothing is recorded,
 * and the sentence says why. docs/formats/control.md lists the verbs for their users.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"

#define SESSION_APPROVE "session.approve"
#define KILL_AGENT "kill.agent"
#define KILL_SESSION "kill.session"

static enum err suspend(struct state *s, const struct bundle *b, const struct event *e,
		    struct note *why)
{
	(void)b;
	return agent_set_status(s, GATE_AGENTS, e->agent, AGENT_SUSPENDED, why);
}

static enum err reactivate(struct state *s, const struct bundle *b, const struct event *e,
		       struct note *why)
{
	(void)b;
	return agent_set_status(s, GATE_AGENTS, e->agent, AGENT_ACTIVE, why);
}

/* There is something to approve: naming a session is enough to make one, so it must have acted. */
static enum err approve(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why)
{
	struct session_row session;
	uint32_t at;

	(void)b;
	if (session_find(s, GATE_SESSIONS, e->session, &at, &session) && session.actions > 0)
		return OK;
	return note_set(why, ERR_NOT_FOUND, 0, 0, "no action of session '%.*s' is recorded",
			STR_ARG(e->session));
}

/* The number of the control's own entry: the state counts every entry there was. */
static uint64_t entry_of(const struct state *s)
{
	return gate_totals(s).entries;
}

static enum err kill_agent(struct state *s, const struct bundle *b, const struct event *e,
			   struct note *why)
{
	const struct fallen fallen = { .agent = e->agent };

	(void)b;
	TRY(heir_take(s, e, &fallen, why));
	return halt_kill(s, GATE_HALTS, HALT_AGENT, e->agent, e->at_ns, entry_of(s), why);
}

static enum err kill_session(struct state *s, const struct bundle *b, const struct event *e,
			     struct note *why)
{
	const struct fallen fallen = { .session = e->session };

	(void)b;
	TRY(heir_take(s, e, &fallen, why));
	return presence_kill(s, e->session, e->at_ns, entry_of(s), why);
}

static enum err kill_all(struct state *s, const struct bundle *b, const struct event *e,
			 struct note *why)
{
	(void)b;
	return halt_kill(s, GATE_HALTS, HALT_ALL, STR(""), e->at_ns, entry_of(s), why);
}

static enum err kill_lift(struct state *s, const struct bundle *b, const struct event *e,
			  struct note *why)
{
	(void)b;
	return halt_lift(s, GATE_HALTS, e->at_ns, why);
}

/* By the latest time seen, as actions are judged: see stage_time. */
static enum err quarantine(struct state *s, const struct bundle *b, const struct event *e,
			   struct note *why)
{
	int64_t until_ns;

	(void)b;
	if (when_read(value_text(e->data, "until"), &until_ns) != OK)
		return note_set(why, ERR_SYNTAX, 0, 0,
				"the end of a quarantine is a time like \"2026-01-02T03:04:05Z\"");
	return halt_quarantine(s, GATE_HALTS, e->agent, stage_time(s, e), until_ns, why);
}

static enum err release(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why)
{
	(void)b;
	return halt_release(s, GATE_HALTS, e->agent, stage_time(s, e), why);
}

static enum err rotate(struct state *s, const struct bundle *b, const struct event *e,
		       struct note *why)
{
	struct rotation r;

	(void)b;
	TRY(rotation_read(e->data, &r, why));
	TRY(control_key_stands(s, e, r.old_key, why));
	return agent_rotate(s, GATE_AGENTS, e->agent, &r, entry_of(s), why);
}

/* The sponsor named in the data signed just this; that it counts, the bundle says. */
static enum err check_attestation(const struct event *e, unsigned ring, int64_t until_ns,
				  struct public_key *sponsor, struct note *why)
{
	struct signature sig;
	struct buf text;
	size_t len = 0;
	bool good;
	enum err failed;

	if (did_read(value_text(e->data, "sponsor"), sponsor) != OK ||
	    base64_read(value_text(e->data, "attestation"), sig.bytes, sizeof(sig.bytes), &len) !=
		    OK ||
	    len != sizeof(sig.bytes))
		return note_set(why, ERR_SYNTAX, 0, 0,
				"an elevation names a sponsor by its did:key and has an "
				"attestation, the base64 of 64 bytes");
	buf_init(&text, LIMIT_ACTION_BYTES);
	elevation_text(&text, e->log, e->agent, ring, until_ns);
	failed = text.err;
	good = failed == OK && sign_check(sponsor, buf_view(&text), &sig);
	buf_fini(&text);
	if (failed == OK && !good)
		failed = note_set(why, ERR_SIGNATURE, 0, 0,
				  "the attestation is not by the sponsor over this agent, ring and "
				  "time");
	return failed;
}

static enum err elevate(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why)
{
	const struct value *ring = value_get_c(e->data, "ring");
	struct public_key sponsor;
	struct agent_row agent;
	int64_t until_ns;
	uint32_t row;

	(void)b;
	if (!ring || ring->kind != VALUE_INT || ring->integer < 0 || ring->integer > RING_LEAST ||
	    when_read(value_text(e->data, "until"), &until_ns) != OK)
		return note_set(why, ERR_SYNTAX, 0, 0,
				"an elevation says to which ring and until when, a time like "
				"\"2026-01-02T03:04:05Z\"");
	TRY(agent_need(s, GATE_AGENTS, e->agent, &row, &agent, why));
	TRY(check_attestation(e, (unsigned)ring->integer, until_ns, &sponsor, why));
	return elevation_begin(s, GATE_ELEVATIONS, e->agent, (unsigned)ring->integer, &sponsor,
			       stage_time(s, e), until_ns, why);
}

static enum err lower(struct state *s, const struct bundle *b, const struct event *e,
		      struct note *why)
{
	(void)b;
	return elevation_end(s, GATE_ELEVATIONS, e->agent, stage_time(s, e), why);
}

/* What a verb needs besides. */
#define NEEDS_AGENT 1u
#define NEEDS_SESSION 2u
#define NEEDS_SCORE 4u
#define NEEDS_SEVERITY 8u
#define NEEDS_UNTIL 16u
#define NEEDS_SAGA 32u

static const struct control {
	const char *verb;
	unsigned needs;
	enum err (*apply)(struct state *s, const struct bundle *b, const struct event *e,
			  struct note *why);
} controls[] = {
	{ "agent.suspend", NEEDS_AGENT, suspend },
	{ "agent.reactivate", NEEDS_AGENT, reactivate },
	{ "agent.revoke", NEEDS_AGENT, control_revoke },
	{ "agent.rotate", NEEDS_AGENT, rotate },
	{ SESSION_APPROVE, NEEDS_SESSION, approve },
	{ "trust.incident", NEEDS_AGENT | NEEDS_SEVERITY, signals_incident },
	{ "trust.set", NEEDS_AGENT | NEEDS_SCORE, signals_set },
	{ KILL_AGENT, NEEDS_AGENT, kill_agent },
	{ KILL_SESSION, NEEDS_SESSION, kill_session },
	{ "kill.all", 0, kill_all },
	{ "kill.lift", 0, kill_lift },
	{ "quarantine", NEEDS_AGENT | NEEDS_UNTIL, quarantine },
	{ "release", NEEDS_AGENT, release },
	{ "elevate", NEEDS_AGENT | NEEDS_UNTIL, elevate },
	{ "lower", NEEDS_AGENT, lower },
	{ "handshake.ask", NEEDS_AGENT, control_ask },
	{ "handshake.meet", NEEDS_AGENT, control_meet },
	{ "saga.begin", NEEDS_AGENT | NEEDS_SAGA, control_saga_begin },
	{ "saga.compensate", NEEDS_SAGA, control_saga_compensate },
	{ "saga.hand_over", NEEDS_AGENT | NEEDS_SAGA, control_saga_hand_over },
	{ "session.open", NEEDS_SESSION, session_open_control },
	{ "session.join", NEEDS_SESSION | NEEDS_AGENT, session_join_control },
	{ "session.leave", NEEDS_SESSION | NEEDS_AGENT, session_leave_control },
	{ "session.close", NEEDS_SESSION, session_close_control },
	{ "agent.delegate", NEEDS_AGENT, control_delegate },
	{ "delegation.revoke", NEEDS_AGENT, control_undelegate },
	{ "credential.issue", NEEDS_AGENT, control_credential_issue },
	{ "credential.rotate", NEEDS_AGENT, control_credential_rotate },
	{ "credential.revoke", NEEDS_AGENT, control_credential_revoke },
	{ "log.redact", 0, control_redact },
	{ "log.prune", 0, control_prune },
	{ SUCCESSION_VERB, 0, control_rotate_key },
	{ "token.take", 0, control_token_take },
};

static const struct control *find(struct str verb)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (str_is(verb, controls[i].verb))
			return &controls[i];
	return NULL;
}

/* A whole number, 0 .. TRUST_TOP. */
static bool has_points(const struct event *e, const char *key)
{
	const struct value *v = value_get_c(e->data, key);

	return v && v->kind == VALUE_INT && v->integer >= 0 && v->integer <= (int64_t)TRUST_TOP;
}

bool control_complete(const struct event *e)
{
	const struct control *c = find(e->action);

	return c && (e->agent.ptr || !(c->needs & NEEDS_AGENT)) &&
	       (e->session.ptr || !(c->needs & NEEDS_SESSION)) &&
	       (!(c->needs & NEEDS_SCORE) || has_points(e, "score")) &&
	       (!(c->needs & NEEDS_SEVERITY) || has_points(e, "severity")) &&
	       (value_text(e->data, "until").ptr || !(c->needs & NEEDS_UNTIL)) &&
	       (value_text(e->data, "saga").ptr || !(c->needs & NEEDS_SAGA)) &&
	       value_text(e->data, "reason").len > 0;
}

bool control_approves(const struct event *e)
{
	return e->kind == ENTRY_CONTROL && str_is(e->action, SESSION_APPROVE);
}

/* The kill by itself, whoever was to go on; nothing of any other control. */
enum err control_kill_lost(struct state *s, const struct event *e)
{
	struct note ignored;
	enum err failed = OK;

	if (str_is(e->action, KILL_AGENT))
		failed = halt_kill(s, GATE_HALTS, HALT_AGENT, e->agent, e->at_ns, entry_of(s),
				   &ignored);
	if (str_is(e->action, KILL_SESSION))
		failed = presence_kill(s, e->session, e->at_ns, entry_of(s), &ignored);
	return failed;
}

enum err control_apply(struct state *s, const struct bundle *b, const struct event *e,
		       struct note *why)
{
	const struct control *c = find(e->action);

	MUST(c);
	return c->apply(s, b, e, why);
}
