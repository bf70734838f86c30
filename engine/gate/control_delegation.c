/*
 * control_delegation: the verbs agent.delegate and delegation.revoke.
 *
 * A link is verified here, once, before it has any effect: by itself and below its parent (see
 * delegation_check), and in what only the gate can see: that the chain above it is whole and alive
 * and runs in no circle. What the policy leaves the delegator is not asked: it is asked of every
 * action, by the policy of that time, and a link that was refused would leave the delegatee free in
 * a replay under a stricter policy.
 */
#include "engine/gate/inside.h"

/* Does anybody but the delegator have that link? */
static bool is_of_another(const struct state *s, const struct digest *hash)
{
	struct delegation_row row;

	for (uint32_t i = 0; i < state_rows(s, GATE_DELEGATIONS); i++) {
		memcpy(&row, state_row(s, GATE_DELEGATIONS, i), sizeof(row));
		if (memcmp(row.hash, hash->bytes, sizeof(row.hash)) == 0)
			return true;
	}
	return false;
}

/* The link that it stands on, or none. */
static enum err find_parent(const struct state *s, const struct delegation *d,
			    struct delegation_row *parent, struct note *why)
{
	if (!d->has_parent)
		return !delegation_any(s, GATE_DELEGATIONS, d->delegator)
			       ? OK
			       : note_set(why, ERR_RANGE, 0, 0,
					  "link-truncated: agent '%.*s' lives by delegation "
					  "itself, so 'parent' names the link it hands on "
					  "from", STR_ARG(d->delegator));
	if (delegation_find(s, GATE_DELEGATIONS, d->delegator, d->parent.bytes, parent))
		return OK;
	if (is_of_another(s, &d->parent))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-disconnected: 'parent' is not a link to agent '%.*s'",
				STR_ARG(d->delegator));
	return note_set(why, ERR_NOT_FOUND, 0, 0, "link-unknown-parent: no such link is in force");
}

static enum err find_agent(const struct state *s, struct str name, struct agent_row *ret,
			   struct note *why)
{
	uint32_t at;

	if (!agent_find(s, GATE_AGENTS, name, &at, ret))
		return note_set(why, ERR_NOT_FOUND, 0, 0,
				"link-unknown-agent: agent '%.*s' is not registered",
				STR_ARG(name));
	return ret->has_key ? OK
			    : note_set(why, ERR_NOT_FOUND, 0, 0,
				       "link-no-key: agent '%.*s' has no key", STR_ARG(name));
}

/* The chain above, walked as if the link were there already. */
static enum err check_chain(const struct chain_question *q, const struct delegation *d,
			    const struct delegation_row *parent, struct note *why)
{
	struct delegation_row own = { .expires_ns = d->expires_ns, .has_parent = d->has_parent };
	struct chain_answer c;

	memcpy(own.delegator, d->delegator.ptr, d->delegator.len);
	memcpy(own.from, d->from.bytes, sizeof(own.from));
	if (d->has_parent)
		memcpy(own.parent, parent->hash, sizeof(own.parent));
	chain_walk(q, &own, d->delegatee, &c);
	if (c.meets)
		return note_set(why, ERR_RANGE, 0, 0,
				"link-cycle: agent '%.*s' is among those who hand on to it",
				STR_ARG(d->delegatee));
	if (c.end != CHAIN_HOLDS)
		return note_set(why, ERR_RANGE, 0, 0,
				"link-ancestor: what agent '%.*s' hands on is in force no more: "
				"%s", STR_ARG(d->delegator), chain_name(c.end));
	return OK;
}

enum err control_delegate(struct state *s, const struct bundle *b, const struct event *e,
			  struct note *why)
{
	const struct chain_question q = { .state = s, .at_ns = stage_time(s, e) };
	struct delegation_row parent = { .has_parent = 0 };
	struct agent_row from, to;
	struct delegation d;

	(void)b;
	TRY(delegation_read(e->data, e->agent, &d, why));
	TRY(find_agent(s, d.delegator, &from, why));
	TRY(find_agent(s, d.delegatee, &to, why));
	TRY(find_parent(s, &d, &parent, why));
	TRY(delegation_check(&d, &from, &to, d.has_parent ? &parent : NULL, e->log, q.at_ns, why));
	TRY(check_chain(&q, &d, &parent, why));
	return delegation_keep(s, GATE_DELEGATIONS, &d, gate_totals(s).entries, q.at_ns, why);
}

enum err control_delegate_lost(struct state *s, const struct event *e)
{
	struct note ignored;
	struct delegation d;
	struct digest hash;
	struct buf id;
	enum err failed;

	if (delegation_any(s, GATE_DELEGATIONS, e->agent))
		return OK;
	TRY(delegation_read(e->data, e->agent, &d, &ignored));
	TRY(delegation_keep(s, GATE_DELEGATIONS, &d, gate_totals(s).entries, stage_time(s, e),
			    &ignored));
	TRY(delegation_hash(&d, &hash));
	buf_init(&id, DELEGATION_ID_BYTES);
	delegation_id_write(&id, hash.bytes);
	failed = id.err;
	if (failed == OK)
		failed = delegation_revoke(s, GATE_DELEGATIONS, e->agent, buf_view(&id), &ignored);
	buf_fini(&id);
	return failed;
}

enum err control_undelegate(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why)
{
	(void)b;
	return delegation_revoke(s, GATE_DELEGATIONS, e->agent, value_text(e->data, "link"), why);
}
