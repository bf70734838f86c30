/*
 * control: what operators change, by verb. A control is an event like any other, so it stands in
 * the log with its reason, and a replay applies it again.
 *
 * A verb that cannot be applied (no such agent, no such way) did not happen: nothing is recorded,
 * and the sentence says why. docs/formats/control.md lists the verbs for their users.
 */
#include "engine/gate/inside.h"

static enum err suspend(struct state *s, const struct event *e, struct note *why)
{
	return agent_set_status(s, GATE_AGENTS, e->agent, AGENT_SUSPENDED, why);
}

static enum err reactivate(struct state *s, const struct event *e, struct note *why)
{
	return agent_set_status(s, GATE_AGENTS, e->agent, AGENT_ACTIVE, why);
}

static enum err revoke(struct state *s, const struct event *e, struct note *why)
{
	return agent_set_status(s, GATE_AGENTS, e->agent, AGENT_REVOKED, why);
}

static enum err rotate(struct state *s, const struct event *e, struct note *why)
{
	struct rotation r;

	TRY(rotation_read(e->data, &r, why));
	return agent_rotate(s, GATE_AGENTS, e->agent, &r, gate_totals(s).entries, why);
}

/* What a verb needs besides. */
#define NEEDS_AGENT 1u
#define NEEDS_SESSION 2u

static const struct control {
	const char *verb;
	unsigned needs;
	enum err (*apply)(struct state *s, const struct event *e, struct note *why);
} controls[] = {
	{ "agent.suspend", NEEDS_AGENT, suspend },
	{ "agent.reactivate", NEEDS_AGENT, reactivate },
	{ "agent.revoke", NEEDS_AGENT, revoke },
	{ "agent.rotate", NEEDS_AGENT, rotate },
};

static const struct control *find(struct str verb)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (str_is(verb, controls[i].verb))
			return &controls[i];
	return NULL;
}

bool control_complete(const struct event *e)
{
	const struct control *c = find(e->action);

	return c && (e->agent.ptr || !(c->needs & NEEDS_AGENT)) &&
	       (e->session.ptr || !(c->needs & NEEDS_SESSION)) &&
	       value_text(e->data, "reason").len > 0;
}

enum err control_apply(struct state *s, const struct event *e, struct note *why)
{
	const struct control *c = find(e->action);

	MUST(c);
	return c->apply(s, e, why);
}
