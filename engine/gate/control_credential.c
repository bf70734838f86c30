/*
 * control_credential: the verbs credential.issue, credential.rotate and credential.revoke. The data
 * holds the hash of a secret, never the secret.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"

static enum err read_time(const struct event *e, const char *key, int64_t *ret, struct note *why)
{
	if (when_read(value_text(e->data, key), ret) == OK)
		return OK;
	return note_set(why, ERR_SYNTAX, 0, 0,
			"'%s': expected a time like \"2026-01-02T03:04:05Z\"", key);
}

/* What every new credential has. */
static enum err begin_row(const struct state *s, const struct event *e,
			  struct credential_row *ret, struct note *why)
{
	struct credential_row row = { .entry = gate_totals(s).entries,
				      .issued_ns = stage_time(s, e) };
	struct agent_row agent;
	struct digest hash;
	uint32_t at;

	TRY(agent_need(s, GATE_AGENTS, e->agent, &at, &agent, why));
	if (agent.status == AGENT_REVOKED)
		return note_set(why, ERR_RANGE, 0, 0,
				"agent '%.*s' is revoked, and that is final", STR_ARG(e->agent));
	if (digest_read(value_text(e->data, "credential"), &hash) != OK)
		return note_set(why, ERR_SYNTAX, 0, 0,
				"'credential': expected the hash of a secret, sha256:...");
	TRY(read_time(e, "expires", &row.ends_ns, why));
	memcpy(row.hash, hash.bytes, sizeof(row.hash));
	memcpy(row.agent, e->agent.ptr, e->agent.len);
	*ret = row;
	return OK;
}

enum err control_credential_issue(struct state *s, const struct bundle *b, const struct event *e,
				  struct note *why)
{
	struct credential_row row;
	struct capabilities may;

	(void)b;
	TRY(begin_row(s, e, &row, why));
	TRY(capability_read_list(value_get_c(e->data, "capabilities"), &may, why));
	row.may_bytes = may.bytes;
	memcpy(row.may, may.text, may.bytes);
	return credential_issue(s, GATE_CREDENTIALS, &row, why);
}

enum err control_credential_rotate(struct state *s, const struct bundle *b, const struct event *e,
				   struct note *why)
{
	struct credential_row row;
	int64_t until_ns;

	(void)b;
	TRY(begin_row(s, e, &row, why));
	TRY(read_time(e, "until", &until_ns, why));
	return credential_rotate(s, GATE_CREDENTIALS, value_text(e->data, "id"), until_ns, &row,
				 why);
}

enum err control_credential_revoke(struct state *s, const struct bundle *b, const struct event *e,
				   struct note *why)
{
	(void)b;
	return credential_revoke(s, GATE_CREDENTIALS, e->agent, value_text(e->data, "id"), why);
}
