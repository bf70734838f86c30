/*
 * authority: whether what is asked lies within what the agent has been given.
 *
 *   credential of the action -> rules of capabilities -> one of the agent's chains
 *
 * All of it holds for actions of every stage: who asks may choose the stage, and must not choose
 * his way around his bounds. A chain is walked over rows, whose links were verified when they were
 * recorded; it is as long as the first link allowed, so a walk is bounded.
 */
#include "engine/gate/inside.h"

#include "engine/base/field.h"
#include "engine/base/when.h"
#include "engine/trust/trust.h"

#include <stdio.h>

_Static_assert(DELEGATION_TOP == TRUST_TOP, "a ceiling is a score");

const char *chain_name(enum chain_end end)
{
	static const char *const names[] = {
#define CHAIN_NAME(id, name) [id] = name,
		CHAIN_LIST(CHAIN_NAME)
#undef CHAIN_NAME
	};

	return names[end];
}

/* --- chains --- */

/* Every rule that holds for the agent covers the path. */
static bool policy_covers(const struct bundle *b, struct str agent, struct str request,
			  struct str *bound)
{
	size_t count = b ? bundle_capabilities(b) : 0;

	for (size_t i = 0; i < count; i++) {
		*bound = bundle_capability(b, i, agent);
		if (bound->ptr && !capability_covers(*bound, request))
			return false;
	}
	return true;
}

static bool key_is_revoked(const struct chain_question *q, const struct delegation_row *link)
{
	struct revocation_row ignored;
	struct public_key key;

	memcpy(key.bytes, link->from, sizeof(key.bytes));
	return revocation_holds_key(q->state, GATE_REVOCATIONS, &key, q->at_ns, &ignored);
}

static enum chain_end judge_link(const struct chain_question *q, const struct delegation_row *link,
				 struct refusal *why)
{
	struct str delegator = delegation_delegator(link), bound;
	struct agent_row ignored;

	if (link->revoked)
		return CHAIN_REVOKED;
	if (q->at_ns >= link->expires_ns)
		return CHAIN_EXPIRED;
	if (key_is_revoked(q, link))
		return CHAIN_KEY;
	if (vouch_agent(q->state, delegator, q->at_ns, &ignored, why) != OK)
		return CHAIN_ANCESTOR;
	if (q->request.ptr && (!capability_covers(delegation_may(link), q->request) ||
			       !policy_covers(q->bundle, delegator, q->request, &bound)))
		return CHAIN_SCOPE;
	return CHAIN_HOLDS;
}

void chain_walk(const struct chain_question *q, const struct delegation_row *from,
		struct str meets, struct chain_answer *ret)
{
	struct chain_answer c = { .link = *from, .ceiling = DELEGATION_TOP };

	for (unsigned i = 0; c.end == CHAIN_HOLDS; i++) {
		struct str delegator = delegation_delegator(&c.link);

		c.meets = c.meets || (meets.ptr && str_eq(delegator, meets));
		if (c.link.ceiling < c.ceiling)
			c.ceiling = c.link.ceiling;
		c.end = judge_link(q, &c.link, &c.why);
		if (c.end != CHAIN_HOLDS)
			break;
		/* Who was a root and got a delegation since does not stand for anybody any more. */
		if (!c.link.has_parent) {
			if (delegation_any(q->state, GATE_DELEGATIONS, delegator))
				c.end = CHAIN_BROKEN;
			break;
		}
		if (i >= LIMIT_DELEGATION_DEPTH ||
		    !delegation_find(q->state, GATE_DELEGATIONS, delegator, c.link.parent, &c.link))
			c.end = CHAIN_BROKEN;
	}
	*ret = c;
}

uint32_t chain_score(const struct chain_question *q, struct str agent)
{
	const struct trust_terms *terms = bundle_trust(q->bundle);
	uint32_t score = score_of(terms, q->state, GATE_TRUST, agent, q->at_ns);
	uint32_t at, ceiling = 0;
	struct delegation_row link;
	struct chain_answer c;

	if (!delegation_any(q->state, GATE_DELEGATIONS, agent))
		return score;
	for (unsigned i = 0; delegation_slot(q->state, GATE_DELEGATIONS, agent, i, &at, &link);
	     i++) {
		chain_walk(q, &link, STR_NONE, &c);
		if (c.end == CHAIN_HOLDS && c.ceiling > ceiling)
			ceiling = c.ceiling;
	}
	return score < ceiling ? score : ceiling;
}

enum err chain_policy_allows(const struct bundle *b, struct str delegator, struct str may,
			     struct note *why)
{
	size_t count = b ? bundle_capabilities(b) : 0;

	for (size_t i = 0; i < count; i++) {
		struct str bound = bundle_capability(b, i, delegator);

		if (bound.ptr && !capability_narrows(may, bound))
			return note_set(why, ERR_RANGE, 0, 0,
					"link-wider: the policy leaves agent '%.*s' less: %.*s",
					STR_ARG(delegator), STR_ARG(bound));
	}
	return OK;
}

/* What the policy leaves the agent of a set. */
static enum err bound_by_policy(const struct bundle *b, struct str agent, struct capabilities *set)
{
	size_t count = b ? bundle_capabilities(b) : 0;

	for (size_t i = 0; i < count; i++) {
		struct str bound = bundle_capability(b, i, agent);

		if (bound.ptr)
			TRY(capability_intersect(capability_text(set), bound, set));
	}
	return OK;
}

enum err chain_effective(const struct chain_question *q, const struct delegation_row *from,
			 struct capabilities *ret)
{
	const struct chain_question alive = { q->state, q->bundle, q->at_ns, STR_NONE };
	struct str agent = field_text(from->delegatee);
	struct capabilities set = { .bytes = 0 };
	struct delegation_row link = *from;
	struct chain_answer c;

	chain_walk(&alive, from, STR_NONE, &c);
	if (c.end == CHAIN_HOLDS)
		TRY(capability_read(delegation_may(from), &set, NULL));
	TRY(bound_by_policy(q->bundle, agent, &set));
	for (bool more = c.end == CHAIN_HOLDS; more;) {
		TRY(capability_intersect(capability_text(&set), delegation_may(&link), &set));
		TRY(bound_by_policy(q->bundle, delegation_delegator(&link), &set));
		more = link.has_parent &&
		       delegation_find(q->state, GATE_DELEGATIONS, delegation_delegator(&link),
				       link.parent, &link);
	}
	*ret = set;
	return OK;
}

/* --- the stage --- */

static enum err say(struct weighing *w, struct finding *f, struct buf *b)
{
	f->allow = false;
	return stage_say(w, b, f);
}

/* "link-0123456789abcdef from agent 'ann'" */
static void add_link(struct buf *b, const struct delegation_row *link)
{
	delegation_id_write(b, link->hash);
	buf_addf(b, " from agent '%.*s'", STR_ARG(delegation_delegator(link)));
}

static enum err say_chain(struct weighing *w, const struct chain_answer *c, struct str request,
			  struct finding *f)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s: ", chain_name(c->end));
	add_link(&b, &c->link);
	switch (c->end) {
	case CHAIN_REVOKED:
		buf_add_c(&b, " was revoked");
		break;
	case CHAIN_EXPIRED:
		buf_add_c(&b, " ended at ");
		when_write(&b, c->link.expires_ns);
		break;
	case CHAIN_KEY:
		buf_add_c(&b, " was signed with a key that is revoked");
		break;
	case CHAIN_ANCESTOR:
		buf_addf(&b, ": %s", c->why.note.text);
		break;
	case CHAIN_BROKEN:
		buf_add_c(&b, ", who has not got that to hand on any more");
		break;
	default:
		buf_addf(&b, " does not cover '%.*s'", STR_ARG(request));
		break;
	}
	return say(w, f, &b);
}

/* One chain is enough; of those that carry it, the one with the highest ceiling counts. */
static enum err weigh_chains(struct weighing *w, struct str request, struct finding *f)
{
	const struct chain_question q = { w->state, w->bundle, w->time_ns, request };
	struct chain_answer c, latest = { .end = CHAIN_HOLDS };
	struct delegation_row link;
	bool holds = false;
	uint32_t at, ceiling = 0;
	uint64_t entry = 0;

	for (unsigned i = 0; delegation_slot(w->state, GATE_DELEGATIONS, w->event->agent, i, &at,
					     &link); i++) {
		chain_walk(&q, &link, STR_NONE, &c);
		if (c.end == CHAIN_HOLDS) {
			holds = true;
			ceiling = c.ceiling > ceiling ? c.ceiling : ceiling;
		} else if (latest.end == CHAIN_HOLDS || link.entry > entry) {
			latest = c;
			entry = link.entry;
		}
	}
	if (!holds)
		return say_chain(w, &latest, request, f);
	w->ceiling = ceiling;
	return OK;
}

static enum err weigh_rules(struct weighing *w, struct str request, struct finding *f)
{
	struct str bound;
	struct buf b;

	if (policy_covers(w->bundle, w->event->agent, request, &bound))
		return OK;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "capability-scope: '%.*s' is not among what the policy lets agent '%.*s' do: "
		     "%.*s", STR_ARG(request), STR_ARG(w->event->agent),
		 STR_ARG(bound.len ? bound : STR("nothing")));
	return say(w, f, &b);
}

static enum err say_credential(struct weighing *w, struct finding *f, const char *text,
			       const struct credential_row *row)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_add_c(&b, text);
	if (row)
		credential_id_write(&b, row->hash);
	return say(w, f, &b);
}

static enum err weigh_credential(struct weighing *w, struct str request, struct finding *f)
{
	struct str text = value_text(w->event->data, "credential");
	struct credential_row row;
	struct digest hash;

	if (!text.ptr && (!w->bundle || !bundle_wants_credential(w->bundle)))
		return OK;
	if (!text.ptr)
		return say_credential(w, f, "credential-missing: the policy wants one", NULL);
	if (digest_read(text, &hash) != OK ||
	    !credential_find(w->state, GATE_CREDENTIALS, &hash, &row))
		return say_credential(w, f, "credential-unknown: nobody has this one", NULL);
	if (!str_eq(credential_agent(&row), w->event->agent))
		return say_credential(w, f, "credential-other-agent: not this agent's: ", &row);
	if (row.status == CREDENTIAL_REVOKED)
		return say_credential(w, f, "credential-revoked: ", &row);
	if (w->time_ns >= row.ends_ns)
		return say_credential(w, f, row.status == CREDENTIAL_ROTATED
						    ? "credential-rotated: there is a newer one "
						      "than "
						    : "credential-expired: ", &row);
	if (!capability_covers(credential_may(&row), request))
		return say_credential(w, f, "credential-scope: what is asked is beyond ", &row);
	return OK;
}

enum err authority_weigh(struct weighing *w, struct finding *f)
{
	char room[CAPABILITY_REQUEST_BYTES];
	struct str request = capability_request(w->event->action, w->event->resource, room);

	f->allow = true;
	w->ceiling = DELEGATION_TOP;
	TRY(weigh_credential(w, request, f));
	if (f->allow)
		TRY(weigh_rules(w, request, f));
	if (!f->allow || !delegation_any(w->state, GATE_DELEGATIONS, w->event->agent))
		return OK;
	return weigh_chains(w, request, f);
}
