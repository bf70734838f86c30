/*
 * control_session: the verbs session.open, .join, .leave and .close.
 *
 * Who opens a session answers for it: an agent that is registered, or a person by mail address.
 * What the data says is read strictly: a limit that is misspelt must not look as if it held.
 */
#include "engine/gate/inside.h"

#include "engine/trust/trust.h"

#define SECOND_NS INT64_C(1000000000)
#define LASTS_S 3600                          /* where nothing is said */
#define ROOM 10

static struct lives lives_of(struct state *s)
{
	return (struct lives){ s, GATE_LIVES, GATE_PARTICIPANTS };
}

/* --- the data --- */

static enum err check_members(const struct value *data, const char *const *known, struct note *why)
{
	for (size_t i = 0; i < data->object.count; i++) {
		struct str key = data->object.members[i].key;
		const char *near;

		/* What was masked in any event is told in it. */
		if (str_listed(key, known) || str_is(key, "masked"))
			continue;
		near = str_nearest(key, known);
		return note_set(why, ERR_UNKNOWN, 0, 0, "member '%.*s' is not known here%s%s%s",
				STR_ARG(key), near ? "; did you mean '" : "", near ? near : "",
				near ? "'?" : "");
	}
	return OK;
}

/* A whole number from `least` to `most`, or what holds where it is absent. */
static enum err read_number(const struct value *data, const char *key, int64_t least, int64_t most,
			    int64_t absent, int64_t *ret, struct note *why)
{
	const struct value *v = value_get_c(data, key);

	*ret = v ? v->integer : absent;
	if (!v || (v->kind == VALUE_INT && v->integer >= least && v->integer <= most))
		return OK;
	return note_set(why, ERR_RANGE, 0, 0, "'%s' is a whole number from %lld to %lld", key,
			(long long)least, (long long)most);
}

/* A text, or absent. */
static enum err read_text(const struct value *data, const char *key, struct str *ret,
			  struct note *why)
{
	const struct value *v = value_get_c(data, key);

	*ret = value_text(data, key);
	if (v && (!ret->ptr || ret->len == 0))
		return note_set(why, ERR_TYPE, 0, 0, "'%s' is no text, or empty", key);
	return OK;
}

static enum err read_isolation(const struct value *data, enum isolation *ret, struct note *why)
{
	struct str text;

	*ret = ISOLATION_NONE;
	TRY(read_text(data, "isolation", &text, why));
	if (!text.ptr || isolation_read(text, ret))
		return OK;
	return note_set(why, ERR_UNKNOWN, 0, 0,
			"unknown isolation '%.*s'; expected none, read_committed, snapshot or "
			"serializable", STR_ARG(text));
}

static enum err read_terms(const struct event *e, struct life_terms *ret, struct note *why)
{
	static const char *const known[] = {
		"isolation", "min_score", "parent", "participants", "reason", "ring", "seconds",
		"sponsor", NULL
	};
	int64_t room, seconds, score, ring;

	TRY(check_members(e->data, known, why));
	TRY(read_isolation(e->data, &ret->isolation, why));
	TRY(read_text(e->data, "parent", &ret->parent, why));
	TRY(read_number(e->data, "participants", 1, LIMIT_PARTICIPANTS, ROOM, &room, why));
	TRY(read_number(e->data, "seconds", 1, LIMIT_SESSION_NS / SECOND_NS, LASTS_S, &seconds,
			why));
	TRY(read_number(e->data, "min_score", 0, TRUST_TOP, 0, &score, why));
	TRY(read_number(e->data, "ring", RING_MOST, RING_LEAST, RING_MOST, &ring, why));
	ret->room = (uint32_t)room;
	ret->lasts_ns = seconds * SECOND_NS;
	ret->min_score = (uint32_t)score;
	ret->ring = (unsigned)ring;
	return OK;
}

/* --- who --- */

/* Somebody answers for the session. */
static enum err need_opener(const struct state *s, const struct event *e, uint32_t *ret,
			    struct note *why)
{
	struct str sponsor;
	uint32_t row;

	TRY(read_text(e->data, "sponsor", &sponsor, why));
	if (sponsor.ptr && !sponsor_ok(sponsor))
		return note_set(why, ERR_SYNTAX, 0, 0, "'%.*s' is no mail address",
				STR_ARG(sponsor));
	*ret = 0;
	if (!e->agent.ptr && !sponsor.ptr)
		return note_set(why, ERR_NOT_FOUND, 0, 0,
				"nobody answers for the session; expected --agent NAME, who opens "
				"it, or --sponsor MAIL");
	if (e->agent.ptr) {
		TRY(actor_find(s, e->agent, e->session, stage_time(s, e), &row, why));
		*ret = row + 1;
	}
	return OK;
}

/* The agent is worth what the session wants of those who join. */
static enum err check_score(const struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why)
{
	const struct trust_terms *terms = b ? bundle_trust(b) : NULL;
	const struct chain_question q = { s, b, stage_time(s, e), STR_NONE };
	struct life_row row;
	uint32_t at, score;

	if (!life_find(s, GATE_LIVES, e->session, &at, &row) || row.min_score == 0)
		return OK;
	if (!terms)
		return note_set(why, ERR_NOT_FOUND, 0, 0,
				"the session wants a score of %u, and the policies keep no trust",
				row.min_score);
	score = chain_score(&q, e->agent);
	if (score >= row.min_score)
		return OK;
	return note_set(why, ERR_RANGE, 0, 0,
			"the session wants a score of %u; agent '%.*s' has %u", row.min_score,
			STR_ARG(e->agent), score);
}

/* Neither under a name that was killed nor below one. */
static enum err need_unkilled(const struct state *s, struct str session, int64_t at_ns,
			      struct note *why)
{
	struct halt_row halt;

	if (!session.ptr || !halt_stops(s, GATE_HALTS, STR_NONE, session, at_ns, &halt) ||
	    halt.scope != HALT_SESSION)
		return OK;
	return note_set(why, ERR_RANGE, 0, 0, "session '%.*s' is killed, and that is final",
			STR_ARG(session));
}

/* --- the verbs --- */

enum err session_open_control(struct state *s, const struct bundle *b, const struct event *e,
			      struct note *why)
{
	const struct lives l = lives_of(s);
	struct life_terms terms = { .id = e->session, .at_ns = stage_time(s, e) };
	struct session_row seen;
	struct life_row life;
	uint32_t at;

	(void)b;
	TRY(read_terms(e, &terms, why));
	TRY(need_opener(s, e, &terms.initiator, why));
	TRY(need_unkilled(s, e->session, terms.at_ns, why));
	TRY(need_unkilled(s, terms.parent, terms.at_ns, why));
	/* What was done under that name before, by anybody, would look as if it belonged to it. */
	if (!life_find(s, GATE_LIVES, e->session, &at, &life) &&
	    session_find(s, GATE_SESSIONS, e->session, &at, &seen) && seen.actions > 0)
		return note_set(why, ERR_EXISTS, 0, 0,
				"session '%.*s' has acted already without being opened; expected a "
				"new name", STR_ARG(e->session));
	return life_open(&l, &terms, why);
}

enum err session_open_lost(struct state *s, const struct event *e)
{
	const struct lives l = lives_of(s);
	struct life_terms terms = { .id = e->session, .at_ns = stage_time(s, e) };
	struct note ignored;

	TRY(read_terms(e, &terms, &ignored));
	terms.parent = STR_NONE;
	TRY(life_open(&l, &terms, &ignored));
	return life_close(&l, e->session, terms.at_ns, &ignored);
}

enum err session_join_control(struct state *s, const struct bundle *b, const struct event *e,
			      struct note *why)
{
	static const char *const known[] = { "by", "reason", "ring", NULL };
	const struct lives l = lives_of(s);
	struct str by;
	uint32_t row;
	int64_t ring;

	TRY(check_members(e->data, known, why));
	TRY(read_text(e->data, "by", &by, why));
	TRY(read_number(e->data, "ring", RING_MOST, RING_LEAST, RING_MOST, &ring, why));
	TRY(actor_find(s, e->agent, e->session, stage_time(s, e), &row, why));
	TRY(check_score(s, b, e, why));
	return life_join(&l, e->session, e->agent, by, (unsigned)ring, stage_time(s, e), why);
}

enum err session_leave_control(struct state *s, const struct bundle *b, const struct event *e,
			       struct note *why)
{
	static const char *const known[] = { "reason", NULL };
	const struct lives l = lives_of(s);

	(void)b;
	TRY(check_members(e->data, known, why));
	return life_leave(&l, e->session, e->agent, stage_time(s, e), why);
}

enum err session_close_control(struct state *s, const struct bundle *b, const struct event *e,
			       struct note *why)
{
	static const char *const known[] = { "reason", NULL };
	const struct lives l = lives_of(s);

	(void)b;
	TRY(check_members(e->data, known, why));
	return life_close(&l, e->session, stage_time(s, e), why);
}
