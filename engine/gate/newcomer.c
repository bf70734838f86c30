/*
 * newcomer: agents that are registered, and who among them needs somebody to answer for it.
 *
 *   require_sponsor   needs a sponsor, to be created and to act
 *   true              everybody, imported and unregistered agents too
 *   absent            who was created here
 *   false             nobody
 *
 * An imported agent is registered without one whatever the policy says: what it did elsewhere it
 * has done. Where everybody needs a sponsor its actions are denied.
 */
#include "engine/gate/inside.h"

#include "engine/base/when.h"

bool newcomer_wants_sponsor(const struct bundle *b, bool created)
{
	return b ? bundle_wants_sponsor(b, created) : created;
}

static bool is_text_or_absent(const struct value *v)
{
	return !v || v->kind == VALUE_STRING;
}

/*
 * {"did"?, "expires"?, "origin", "sponsor"?}: the key, when there is one, is in `data` as a
 * did:key, and the time as entries write times.
 */
static enum err read_row(const struct state *s, const struct event *e, struct agent_row *ret)
{
	const struct value *did = value_get_c(e->data, "did");
	const struct value *expires = value_get_c(e->data, "expires");
	const struct value *sponsor = value_get_c(e->data, "sponsor");
	struct str origin = value_text(e->data, "origin");
	struct agent_row row = { .registered_ns = e->at_ns, .has_key = did != NULL,
				 .has_sponsor = sponsor != NULL };
	struct public_key key = { { 0 } };

	if (str_is(origin, agent_origin_name(AGENT_IMPORTED)))
		row.origin = AGENT_IMPORTED;
	else if (!str_is(origin, agent_origin_name(AGENT_CREATED)))
		return ERR_SYNTAX;
	if (!is_text_or_absent(did) || !is_text_or_absent(expires) || !is_text_or_absent(sponsor))
		return ERR_SYNTAX;
	if (did)
		TRY(did_read(did->string, &key));
	if (sponsor && !sponsor_ok(sponsor->string))
		return ERR_SYNTAX;
	if (expires)
		TRY(when_read(expires->string, &row.expires_ns));
	if (expires && row.expires_ns == 0)
		return ERR_RANGE;
	memcpy(row.key, key.bytes, sizeof(row.key));
	row.registered_entry = row.key_entry = gate_totals(s).entries;
	*ret = row;
	return OK;
}

/* Only where no policy insists there is a second way on. */
static enum err refuse_unanswered(const struct bundle *b, const struct event *e, struct note *why)
{
	bool insists = newcomer_wants_sponsor(b, false);

	return note_set(why, ERR_NOT_FOUND, 0, 0,
			"agent '%.*s' has no sponsor; expected --sponsor MAIL, a person who "
			"answers for it%s",
			STR_ARG(e->agent),
			insists ? ": the policy says 'require_sponsor: true'"
				: ", or 'require_sponsor: false' in the policy");
}

enum err newcomer_register(struct state *s, const struct bundle *b, const struct event *e,
			   struct note *why)
{
	struct agent_row row;

	TRY(read_row(s, e, &row));
	if (!row.has_sponsor && row.origin == AGENT_CREATED && newcomer_wants_sponsor(b, true))
		return refuse_unanswered(b, e, why);
	return agent_register(s, GATE_AGENTS, e->agent, &row);
}

enum err newcomer_lost(struct state *s, const struct event *e)
{
	struct agent_row row;

	TRY(read_row(s, e, &row));
	return agent_register(s, GATE_AGENTS, e->agent, &row);
}
