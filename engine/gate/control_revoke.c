/*
 * control_revoke: agents and keys that are believed no more.
 *
 *   {"reason"}                  the agent, for good: its status
 *   {"reason","until"}          the agent, for a while
 *   {"key","reason","until"?}   one key, whoever has it; the agent is the one it was found with
 *
 * A key that is revoked signs no action, hands over to no other key, and issues no token.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"

/* "until"; 0 when it is absent. */
static enum err read_until(const struct event *e, int64_t *ret_ns, struct note *why)
{
	*ret_ns = 0;
	if (!value_get_c(e->data, "until"))
		return OK;
	if (when_read(value_text(e->data, "until"), ret_ns) == OK && *ret_ns != 0)
		return OK;
	return note_set(why, ERR_SYNTAX, 0, 0,
			"the end of a revocation is a time like \"2026-01-02T03:04:05Z\"");
}

static enum err read_key(const struct event *e, struct str *ret, struct note *why)
{
	uint8_t bytes[8];

	*ret = value_text(e->data, "key");
	if (!value_get_c(e->data, "key"))
		return OK;
	if (ret->len == KEY_ID_BYTES && str_starts(*ret, STR("key-")) &&
	    hex_read(str_slice(ret->ptr + 4, ret->len - 4), bytes, sizeof(bytes)) == OK)
		return OK;
	return note_set(why, ERR_SYNTAX, 0, 0,
			"'key': expected the id of a key, \"key-\" and 16 hexadecimal digits");
}

enum err control_revoke(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why)
{
	uint64_t entry = gate_totals(s).entries;
	struct agent_row agent;
	int64_t until_ns;
	struct str key;
	uint32_t at;

	(void)b;
	TRY(read_until(e, &until_ns, why));
	TRY(read_key(e, &key, why));
	TRY(agent_need(s, GATE_AGENTS, e->agent, &at, &agent, why));
	if (key.ptr)
		return revocation_add(s, GATE_REVOCATIONS, REVOKED_KEY, key, stage_time(s, e),
				      until_ns, entry, why);
	if (until_ns == 0)
		return agent_set_status(s, GATE_AGENTS, e->agent, AGENT_REVOKED, why);
	if (agent.status == AGENT_REVOKED)
		return note_set(why, ERR_RANGE, 0, 0,
				"agent '%.*s' is revoked for good, which no later end changes",
				STR_ARG(e->agent));
	return revocation_add(s, GATE_REVOCATIONS, REVOKED_AGENT, e->agent, stage_time(s, e),
			      until_ns, entry, why);
}

enum err control_key_stands(const struct state *s, const struct event *e, struct str key_id,
			    struct note *why)
{
	struct revocation_row row;

	if (!revocation_holds(s, GATE_REVOCATIONS, REVOKED_KEY, key_id, stage_time(s, e), &row))
		return OK;
	return note_set(why, ERR_RANGE, 0, 0, "key '%.*s' is revoked and vouches for nothing; "
			"register another agent", STR_ARG(key_id));
}
