/*
 * vouch: whether an agent is believed: its word, its tokens.
 *
 * The gate's stage "standing" asks the same of who acts. Here nothing is weighed against a policy:
 * an agent that is stopped, revoked, suspended or over vouches for nothing, whatever it may do.
 */
#include "engine/gate/gate.h"

#include "engine/base/when.h"

/* The name behind "/agentmesh/" of the SPIFFE IDs that are given here; ptr NULL: no such one. */
static struct str workload(struct str subject)
{
	const struct str prefix = STR("/agentmesh/");
	struct spiffe id;

	if (spiffe_read(subject, &id) != OK || !str_starts(id.path, prefix))
		return STR_NONE;
	return str_slice(id.path.ptr + prefix.len, id.path.len - prefix.len);
}

static enum err check_status(const struct state *s, const struct agent_row *agent, int64_t at_ns,
			     struct refusal *r)
{
	struct str name = agent_name(agent);
	struct revocation_row revoked;
	struct halt_row halt;

	if (agent->status == AGENT_REVOKED ||
	    revocation_holds(s, GATE_REVOCATIONS, REVOKED_AGENT, name, at_ns, &revoked))
		return refusal_set(r, REFUSED_REVOKED, "agent '%.*s' is revoked", STR_ARG(name));
	if (halt_stops(s, GATE_HALTS, name, STR_NONE, at_ns, &halt))
		return refusal_set(r, REFUSED_STANDING, "agent '%.*s' was stopped by an operator",
				   STR_ARG(name));
	if (agent->status != AGENT_ACTIVE)
		return refusal_set(r, REFUSED_STANDING, "agent '%.*s' is %s", STR_ARG(name),
				   agent_status_name((enum agent_status)agent->status));
	if (agent->expires_ns != 0 && at_ns > agent->expires_ns)
		return refusal_set(r, REFUSED_STANDING, "agent '%.*s' has expired", STR_ARG(name));
	return OK;
}

enum err vouch_agent(const struct state *s, struct str name, int64_t at_ns, struct agent_row *ret,
		     struct refusal *r)
{
	struct revocation_row revoked;
	struct agent_row agent;
	struct public_key key;
	uint32_t at;

	if (!agent_find(s, GATE_AGENTS, name, &at, &agent))
		return refusal_set(r, REFUSED_STRANGER, "agent '%.*s' is not registered here",
				   STR_ARG(name));
	if (!agent.has_key)
		return refusal_set(r, REFUSED_STRANGER, "agent '%.*s' has no key here",
				   STR_ARG(name));
	key = agent_key(&agent);
	if (revocation_holds_key(s, GATE_REVOCATIONS, &key, at_ns, &revoked))
		return refusal_set(r, REFUSED_REVOKED, "the key of agent '%.*s' is revoked",
				   STR_ARG(name));
	TRY(check_status(s, &agent, at_ns, r));
	*ret = agent;
	return OK;
}

enum err vouch_token(const struct state *s, const struct jwt *token, const struct jwt_rules *rules,
		     struct agent_row *ret, struct refusal *r)
{
	struct jws_key key = { .alg = JWS_EDDSA };
	struct jwt_rules own = *rules;
	struct str name = token->subject;
	struct agent_row agent;
	char id[KEY_ID_BYTES];
	struct buf did;
	enum err e;
	uint32_t at;

	if (rules->spiffe_domain.ptr && name.ptr)
		name = workload(name);
	if (!name.ptr || !agent_find(s, GATE_AGENTS, name, &at, &agent) || !agent.has_key)
		return refusal_set(r, REFUSED_STRANGER,
				   "the subject '%.*s' is no agent with a key here",
				   STR_ARG(token->subject));
	key.ed = agent_key(&agent);
	key_id_put(id, &key.ed);
	if (token->jws.kid.ptr && !str_eq(token->jws.kid, str_slice(id, sizeof(id))))
		return refusal_set(r, REFUSED_KEY_UNKNOWN, "'%.*s' is not the key that agent "
				   "'%.*s' has now", STR_ARG(token->jws.kid), STR_ARG(name));
	buf_init(&did, DID_BYTES);
	did_write(&did, &key.ed);
	if (!own.issuer.ptr)
		own.issuer = buf_view(&did);
	e = did.err != OK ? did.err : jwt_check(token, &key, &own, r);
	buf_fini(&did);
	TRY(e);
	return vouch_agent(s, name, rules->now_ns, ret, r);
}
