/* handshakes: challenges asked, answered and met. */
#include "engine/space/inside.h"

#include "engine/base/json.h"

#define MESSAGE_BYTES (16u << 10)             /* of JSON; what is read may have blanks */

static enum err tell(const struct refusal *r, enum err e, struct note *n)
{
	if (e != ERR_DENIED)
		return e;
	return note_set(n, e, 0, 0, "%s: %s", refusal_name(r->code), r->note.text);
}

static enum err find_party(const struct state *state, struct str name, int64_t at_ns,
			   struct public_key *ret, struct note *n)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct agent_row row;

	TRY(tell(&r, vouch_agent(state, name, at_ns, &row, &r), n));
	*ret = agent_key(&row);
	return OK;
}

bool space_has_met(const struct state *state, const struct space_question *q, int64_t at_ns,
		   struct meeting_row *ret)
{
	struct challenge c = { .from = q->from, .to = q->to, .threshold = q->threshold,
			       .needs = q->needs };

	return find_party(state, q->from, at_ns, &c.from_key, NULL) == OK &&
	       find_party(state, q->to, at_ns, &c.to_key, NULL) == OK &&
	       meeting_holds(state, GATE_MEETINGS, GATE_CHALLENGES, &c, at_ns, ret);
}

/* --- asking --- */

static enum err fill_challenge(struct space *s, const struct space_question *q, int64_t at_ns,
			       struct challenge *c, struct note *n)
{
	struct sign_key *key;
	enum err e;

	*c = (struct challenge){ .log = s->config.origin, .from = q->from, .to = q->to,
				 .threshold = q->threshold, .needs = q->needs, .at_ns = at_ns,
				 .until_ns = at_ns + LIMIT_CHALLENGE_NS };
	TRY(find_party(s->state, q->from, at_ns, &c->from_key, n));
	TRY(find_party(s->state, q->to, at_ns, &c->to_key, n));
	handshake_next(s->state, GATE_CHALLENGES, &c->number, &c->epoch);
	TRY(world_entropy(s->world, c->nonce, sizeof(c->nonce)));
	TRY(space_open_agent_key(s, &c->from_key, &key, n));
	e = challenge_sign(c, key);
	sign_key_close(key);
	return e;
}

/* The message as a member of a control's data. */
static enum err submit(struct space *s, const char *verb, struct str agent, const char *member,
		       const struct value *message, struct str reason, int64_t at_ns,
		       struct note *n)
{
	struct member members[] = {
		{ .key = str_view(member), .value = *message },
		{ .key = STR("reason"), .value = value_string(reason) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };

	return space_control(s, str_view(verb), agent, STR_NONE, &data, at_ns, n);
}

enum err space_ask(struct space *s, const struct space_question *q, struct str reason,
		   int64_t at_ns, struct buf *ret, struct note *n)
{
	struct value message;
	struct challenge c;
	struct arena a;
	struct buf text;
	enum err e;

	TRY(fill_challenge(s, q, at_ns, &c, n));
	buf_init(&text, MESSAGE_BYTES);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	challenge_write(&text, &c);
	e = text.err;
	if (e == OK)
		e = json_read(buf_view(&text), 1, &a, &message, n);
	if (e == OK)
		e = submit(s, "handshake.ask", q->from, "challenge", &message, reason, at_ns, n);
	if (e == OK) {
		buf_add(ret, buf_view(&text));
		e = ret->err;
	}
	arena_fini(&a);
	buf_fini(&text);
	return e;
}

/* --- answering --- */

static enum err read_message(struct str text, struct arena *a, struct value *ret, struct note *n)
{
	if (text.len > MESSAGE_BYTES)
		return note_set(n, ERR_LIMIT, 1, 1, "a message of a handshake has at most %u "
				"bytes", MESSAGE_BYTES);
	return json_read(text, 1, a, ret, n);
}

/* The one who asks and the one who is asked are those that are known here by these names. */
static enum err check_challenge(const struct state *state, const struct challenge *c,
				int64_t at_ns, struct note *n)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct public_key from, to;

	TRY(find_party(state, c->from, at_ns, &from, n));
	TRY(find_party(state, c->to, at_ns, &to, n));
	if (!public_key_eq(&from, &c->from_key) || !public_key_eq(&to, &c->to_key)) {
		(void)refusal_set(&r, REFUSED_KEY, "'%.*s' or '%.*s' has another key here",
				  STR_ARG(c->from), STR_ARG(c->to));
		return tell(&r, ERR_DENIED, n);
	}
	TRY(tell(&r, challenge_check(c, &r), n));
	if (at_ns < c->until_ns && at_ns > c->at_ns - LIMIT_AHEAD_NS)
		return OK;
	(void)refusal_set(&r, at_ns < c->until_ns ? REFUSED_EARLY : REFUSED_EXPIRED,
			  "the challenge is of another time");
	return tell(&r, ERR_DENIED, n);
}

static enum err make_answer(struct space *s, const struct state *state, struct str text,
			    struct arena *memory, struct reply *a, struct note *n)
{
	struct sign_key *key;
	struct value message;
	enum err e;

	TRY(read_message(text, memory, &message, n));
	TRY(challenge_read(&message, &a->challenge, n));
	TRY(check_challenge(state, &a->challenge, a->at_ns, n));
	TRY(world_entropy(s->world, a->nonce, sizeof(a->nonce)));
	TRY(space_open_agent_key(s, &a->challenge.to_key, &key, n));
	e = reply_sign(a, key);
	sign_key_close(key);
	return e;
}

enum err space_answer(struct space *s, const struct state *state, struct str text,
		      const struct capabilities *claims, int64_t at_ns, struct buf *ret,
		      struct note *n)
{
	struct reply a = { .log = s->config.origin, .claims = *claims, .at_ns = at_ns };
	struct arena memory;
	enum err e;

	arena_init(&memory, LIMIT_ACTION_MEMORY);
	e = make_answer(s, state, text, &memory, &a, n);
	if (e == OK) {
		reply_write(ret, &a);
		e = ret->err;
	}
	arena_fini(&memory);
	return e;
}

/* --- meeting --- */

enum err space_meet(struct space *s, struct str text, struct str reason, int64_t at_ns,
		    struct arena *a, struct reply *ret, struct note *n)
{
	struct value message;
	struct reply own;

	TRY(read_message(text, a, &message, n));
	TRY(reply_read(&message, &own, n));
	TRY(submit(s, "handshake.meet", own.challenge.from, "answer", &message, reason, at_ns, n));
	*ret = own;
	return OK;
}
