/*
 * cmd_token: trammel token issue NAME --audience A, trammel token verify FILE --audience A
 *
 * What is believed is judged by the rooms below; here is only where the pieces come from: the key
 * from keys/agents/, the state from the log, the set from a file, the time from the clock.
 */
#include "engine/base/when.h"
#include "tui/given_policy.h"
#include "tui/known_agent.h"
#include "tui/operator.h"
#include "tui/print.h"
#include "tui/verdict_of.h"

#define OUT_CAP    ((size_t)64 << 10)
#define MEMORY_CAP ((size_t)64 << 20)
#define LIFE_NS    (900 * WHEN_SECOND_NS)
#define SKEW_NS    (60 * WHEN_SECOND_NS)      /* between the clocks of issuer and verifier */
#define ID_BYTES   16
#define TOKEN_START "eyJ"                     /* {" in base64url: how the head of each begins */

/* --- issue --- */

static enum err read_expiry(const struct invocation *in, int64_t now_ns, int64_t *ret_ns,
			    struct note *n)
{
	const char *text = in->values[OPT_EXPIRES];

	*ret_ns = now_ns + LIFE_NS;
	if (!text)
		return OK;
	if (when_read(str_view(text), ret_ns) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"--expires is '%s'; expected a time like 2027-01-31T00:00:00Z",
				text);
	if (*ret_ns <= now_ns || *ret_ns - now_ns > LIMIT_TOKEN_LIFE_NS)
		return note_set(n, ERR_RANGE, 0, 0,
				"a token lasts a day at most, and its end lies ahead; --expires "
				"is '%s'", text);
	return OK;
}

/* The agent's name, or its SPIFFE ID. */
static enum err write_subject(const struct invocation *in, struct space *s, struct buf *b,
			      struct note *n)
{
	const struct str segments[] = { STR("agentmesh"), str_view(in->args[0]) };
	struct str domain;

	if (!given(in, OPT_SVID)) {
		buf_add(b, segments[1]);
		return b->err;
	}
	TRY(trust_domain_of(in, s, &domain, n));
	if (spiffe_write(b, domain, segments, 2) == OK)
		return OK;
	return note_set(n, ERR_SYNTAX, 0, 0,
			"agent '%s' has no SPIFFE ID: its name is not of letters, digits, '.', "
			"'-', '_'", in->args[0]);
}

/* The texts of one token, and the token. */
struct making {
	struct buf subject, issuer, id, token;
	int64_t expires_ns;
};

static enum err sign(const struct invocation *in, struct space *s, const struct agent_row *agent,
		     int64_t now_ns, struct making *m, struct note *n)
{
	struct public_key pub = agent_key(agent);
	uint8_t id[ID_BYTES];
	struct jwt_order order = { .audience = str_view(in->values[OPT_AUDIENCE]),
				   .issued_ns = now_ns, .expires_ns = m->expires_ns };
	struct sign_key *key;
	enum err e;

	TRY(write_subject(in, s, &m->subject, n));
	TRY(world_entropy(in->world, id, sizeof(id)));
	buf_add_hex(&m->id, id, sizeof(id));
	did_write(&m->issuer, &pub);
	TRY(m->issuer.err);
	TRY(m->id.err);
	order.issuer = buf_view(&m->issuer);
	order.subject = buf_view(&m->subject);
	order.id = buf_view(&m->id);
	TRY(space_open_agent_key(s, &pub, &key, n));
	e = jwt_write(&m->token, &order, key);
	sign_key_close(key);
	return e;
}

static enum err make(const struct invocation *in, struct making *m, struct note *n)
{
	int64_t now_ns = world_now_ns(in->world);
	struct refusal r = { .code = REFUSED_NOT };
	struct agent_row agent;
	struct state *state;
	struct space *s;
	enum err e;

	TRY(read_expiry(in, now_ns, &m->expires_ns, n));
	TRY(space_open(in->world, dir_of(in), SPACE_READ, &s, n));
	e = known_state(s, &state, n);
	if (e == OK) {
		e = vouch_agent(state, str_view(in->args[0]), now_ns, &agent, &r);
		if (e != OK)
			*n = r.note;
		state_close(state);
	}
	if (e == OK)
		e = sign(in, s, &agent, now_ns, m, n);
	(void)space_close(s, NULL);
	return e;
}

int cmd_token_issue(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct making m;
	struct buf b;
	enum err e;

	if (!given(in, OPT_AUDIENCE) || !in->values[OPT_AUDIENCE][0])
		return missing_option(in, "a token is for somebody: expected --audience NAME");
	buf_init(&m.subject, SPIFFE_BYTES);
	buf_init(&m.issuer, DID_BYTES);
	buf_init(&m.id, 2 * ID_BYTES);
	buf_init(&m.token, LIMIT_TOKEN_BYTES);
	buf_init(&b, OUT_CAP);
	e = make(in, &m, &n);
	if (e == OK && json_wanted(in)) {
		buf_add_byte(&b, '{');
		json_text(&b, "token", buf_view(&m.token));
		json_text(&b, "subject", buf_view(&m.subject));
		json_text(&b, "id", buf_view(&m.id));
		json_time(&b, "expires", m.expires_ns / WHEN_SECOND_NS * WHEN_SECOND_NS);
		buf_add_c(&b, "}\n");
	} else if (e == OK) {
		buf_addf(&b, "%.*s\n", STR_ARG(buf_view(&m.token)));
	}
	if (e == OK)
		e = print_out(&b, &n);
	if (e == OK && given(in, OPT_SVID))
		print_talk("trammel: signed with Ed25519, which the JWT-SVID standard does not "
			   "list; verifiers other than trammel may refuse it");
	buf_fini(&b);
	buf_fini(&m.token);
	buf_fini(&m.id);
	buf_fini(&m.issuer);
	buf_fini(&m.subject);
	return e == OK ? 0 : print_error(in, e, &n);
}

/* --- verify --- */

struct checking {
	const struct invocation *in;
	struct arena *memory;
	struct jwt token;
	struct jwt_rules rules;
	struct refusal *refusal;
	struct note *note;
};

/* By keys of a file, which say nothing of who has them but their kid. */
static enum err by_set(struct checking *c)
{
	const char *file = c->in->values[OPT_JWKS];
	const struct jws_key *key;
	struct jwks set;
	struct str text;
	enum err e;

	TRY(given_text(c->in, file, c->memory, &text, c->note));
	e = jwks_read(text, given(c->in, OPT_SVID) ? JWKS_SVID : JWKS_SIG, c->memory, &set,
		      c->note);
	if (e != OK) {
		note_file(c->note, file);
		return e;
	}
	key = jwks_find(&set, c->token.jws.kid);
	if (!key && c->token.jws.kid.ptr)
		return refusal_set(c->refusal, REFUSED_KEY_UNKNOWN, "no key of '%s' has the kid "
				   "'%.*s'", file, STR_ARG(c->token.jws.kid));
	if (!key)
		return refusal_set(c->refusal, REFUSED_KEY_UNKNOWN, "the token does not say which "
				   "key of '%s' it is by", file);
	e = jwt_check(&c->token, key, &c->rules, c->refusal);
	if (e == ERR_UNSUPPORTED)
		return note_set(c->note, e, 0, 0, "the token is by ES256, and this build has no "
				"libcrypto; install libssl-dev and build again");
	return e;
}

/* By the agent that it speaks of. */
static enum err by_space(struct checking *c, struct space *s)
{
	struct agent_row agent;
	struct state *state;
	enum err e;

	TRY(known_state(s, &state, c->note));
	e = vouch_token(state, &c->token, &c->rules, &agent, c->refusal);
	state_close(state);
	return e;
}

/* {"expires", "reason", "token"}: remembered for as long as it might be believed. */
static enum err take(struct checking *c, struct space *s)
{
	const struct jwt *t = &c->token;
	struct member members[3];
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 3 } };
	struct digest token;
	struct buf until, digest;
	enum err e;

	if (!t->id.ptr || t->id.len == 0)
		return refusal_set(c->refusal, REFUSED_CLAIMS, "the token has no 'jti', so nobody "
				   "can tell whether it was taken before");
	TRY(token_use_digest(t->issuer, t->subject, t->id, &token));
	buf_init(&until, WHEN_TEXT_BYTES);
	buf_init(&digest, 2 * DIGEST_BYTES + 16);
	when_write(&until, t->expires_ns > INT64_MAX - c->rules.skew_ns
				   ? INT64_MAX
				   : t->expires_ns + c->rules.skew_ns);
	digest_write(&digest, &token);
	members[0] = (struct member){ .key = STR("expires"),
				      .value = value_string(buf_view(&until)) };
	members[1] = (struct member){ .key = STR("reason"),
				      .value = value_string(operator_reason(c->in)) };
	members[2] = (struct member){ .key = STR("token"),
				      .value = value_string(buf_view(&digest)) };
	e = until.err != OK ? until.err : digest.err;
	if (e == OK)
		e = space_control(s, STR("token.take"), STR_NONE, STR_NONE, &data, c->rules.now_ns,
				  c->note);
	if (e == ERR_DENIED)
		e = refusal_set(c->refusal, REFUSED_REPLAYED, "the token was taken before, and is "
				"good once");
	buf_fini(&digest);
	buf_fini(&until);
	return e;
}

static enum err check(struct checking *c)
{
	bool once = given(c->in, OPT_ONCE);
	struct space *s = NULL;
	enum err e = OK;

	if (once)
		TRY(operator_open(c->in, &s, c->note));
	else if (!given(c->in, OPT_JWKS))
		TRY(space_open(c->in->world, dir_of(c->in), SPACE_READ, &s, c->note));
	if (given(c->in, OPT_SVID))
		e = trust_domain_of(c->in, s, &c->rules.spiffe_domain, c->note);
	if (e == OK)
		e = given(c->in, OPT_JWKS) ? by_set(c) : by_space(c, s);
	if (e == OK && once)
		e = take(c, s);
	return space_finish(s, e, c->note);
}

static enum err verify(struct checking *c)
{
	const char *file = c->in->args[0];
	struct str text;
	enum err e = given_text(c->in, file, c->memory, &text, c->note);

	/* "$(cat token)": what lets its bearer in is not repeated in a message. */
	if (e != OK && str_starts(str_view(file), STR(TOKEN_START))) {
		*c->note = (struct note){ .text = "" };
		return note_set(c->note, ERR_USAGE, 0, 0,
				"this is a token; expected the FILE that holds it, or '-' for "
				"standard input");
	}
	TRY(e);
	TRY(jwt_read(str_trim(text), c->memory, &c->token, c->refusal));
	return check(c);
}

static void say_token(const struct checking *c, struct buf *b)
{
	const struct jwt *t = &c->token;

	if (json_wanted(c->in)) {
		buf_add_c(b, "{\"valid\":true");
		json_text(b, "subject", t->subject);
		json_text(b, "issuer", t->issuer);
		json_text(b, "audience", c->rules.audience);
		json_text(b, "id", t->id);
		json_text(b, "kid", t->jws.kid);
		json_time(b, "expires", t->expires_ns);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "valid: '%.*s' for '%.*s' until ", STR_ARG(t->subject),
		 STR_ARG(c->rules.audience));
	when_write(b, t->expires_ns);
	buf_addf(b, "\n  issuer %.*s\n", STR_ARG(t->issuer.ptr ? t->issuer : STR("none")));
}

int cmd_token_verify(const struct invocation *in)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct note n = { .text = "" };
	struct checking c = { .in = in, .refusal = &r, .note = &n };
	struct arena a;
	struct buf b;
	enum err e;

	if (!given(in, OPT_AUDIENCE) || !in->values[OPT_AUDIENCE][0])
		return missing_option(in, "a token is for somebody: expected --audience NAME");
	c.rules = (struct jwt_rules){ .audience = str_view(in->values[OPT_AUDIENCE]),
				      .skew_ns = SKEW_NS };
	if (given(in, OPT_ONCE) && given(in, OPT_TIME))
		return missing_option(in, "--once goes by the clock: leave --time out");
	if (given(in, OPT_ISSUER))
		c.rules.issuer = str_view(in->values[OPT_ISSUER]);
	arena_init(&a, MEMORY_CAP);
	buf_init(&b, OUT_CAP);
	c.memory = &a;
	e = time_of(in, &c.rules.now_ns, &n);
	if (e == OK)
		e = verify(&c);
	if (e == OK)
		say_token(&c, &b);
	e = print_verdict(in, e, &r, &b, &n);
	buf_fini(&b);
	arena_fini(&a);
	return e == OK ? 0 : e == ERR_DENIED ? err_exit(e) : print_error(in, e, &n);
}
