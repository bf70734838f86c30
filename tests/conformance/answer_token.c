/* answer_token: tokens, revocations and handshakes as the identity vectors ask for them. */
#include "tests/conformance/answer.h"
#include "tests/conformance/dropped.h"

#include "engine/base/json.h"
#include "engine/base/when.h"

#define NOW (INT64_C(1767323045) * WHEN_SECOND_NS)    /* 2026-01-02T03:04:05Z */
#define LOG STR("example.com/agents")

static struct sign_key *key_of(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	memset(seed, byte, sizeof(seed));
	MUST(sign_key_open(seed, &key) == OK);
	return key;
}

/* Seconds, maybe with a fraction. */
static int64_t seconds(const struct value *v)
{
	if (v && v->kind == VALUE_REAL)
		return (int64_t)(v->real * (double)WHEN_SECOND_NS);
	return v && v->kind == VALUE_INT ? v->integer * WHEN_SECOND_NS : 0;
}

/* --- spiffe.json: SVIDs --- */

/* Is a JWT-SVID of that life, signed by `by`, believed by the first key? */
static bool svid_valid(struct one *c, const struct sign_key *by, int64_t life_ns, int64_t now_ns)
{
	const struct jwt_order order = {
		.issuer = STR("spire"), .subject = STR("spiffe://agentmesh.local/agentmesh/bot"),
		.audience = STR("store"), .id = STR("1"), .issued_ns = NOW,
		.expires_ns = NOW + life_ns,
	};
	const struct jwt_rules rules = { .audience = STR("store"), .now_ns = now_ns,
					 .spiffe_domain = STR("agentmesh.local") };
	struct sign_key *key = key_of(1);
	struct jws_key pub = { .alg = JWS_EDDSA, .ed = sign_key_public(key) };
	struct jwt t;
	struct buf b;
	bool valid;

	buf_init(&b, LIMIT_TOKEN_BYTES);
	valid = jwt_write(&b, &order, by) == OK &&
		jwt_read(buf_view(&b), c->arena, &t, NULL) == OK &&
		jwt_check(&t, &pub, &rules, NULL) == OK;
	buf_fini(&b);
	sign_key_close(key);
	return valid;
}

void answer_svid(struct one *c)
{
	const struct value *hours = value_get_c(c->given, "ttl_h");
	struct sign_key *right = key_of(1), *forger = key_of(2);

	if (hours) {
		answer_put_bool(c, "valid",
				svid_valid(c, right, 3600 * seconds(hours),
					   NOW + seconds(value_get_c(c->given, "now_offset"))));
	} else {
		answer_put_bool(c, "genuine", svid_valid(c, right, 3600 * WHEN_SECOND_NS, NOW));
		answer_put_bool(c, "forged_no_cert_wrong_path_huge_ttl",
				svid_valid(c, forger, 3600 * WHEN_SECOND_NS, NOW));
	}
	sign_key_close(forger);
	sign_key_close(right);
}

/* --- a gate with two agents --- */

struct stage {
	struct gate gate;
	struct state *state;
	struct sign_key *asker, *answerer;
	struct one *c;
};

static void add_agent(struct stage *st, const char *name, const struct sign_key *key)
{
	struct public_key pub = sign_key_public(key);
	struct buf did;

	buf_init(&did, DID_BYTES);
	did_write(&did, &pub);
	{
		struct member members[] = {
			{ .key = STR("did"), .value = value_string(buf_view(&did)) },
			{ .key = STR("origin"), .value = value_string(STR("created")) },
			{ .key = STR("sponsor"), .value = value_string(STR("a@example.org")) },
		};
		struct value data = { .kind = VALUE_OBJECT, .object = { members, 3 } };
		const struct event e = { .kind = ENTRY_AGENT, .at_ns = NOW,
					 .agent = str_view(name), .data = &data };
		struct verdict v;

		MUST(gate_submit(&st->gate, &e, st->c->arena, &v) == OK);
	}
	buf_fini(&did);
}

/* Everybody has the toolkit's score of 500. */
static void stage_init(struct stage *st, struct one *c)
{
	static const char text[] = "apiVersion: governance.toolkit/v1\nname: p\n"
				   "default_action: allow\ntrust:\n  initial: 500\n";
	const struct policy_file file = { STR("p.yaml"), str_view(text) };
	const struct gate_sink nowhere = dropped_sink();
	struct bundle *bundle;

	st->c = c;
	st->asker = key_of(1);
	st->answerer = key_of(2);
	MUST(bundle_load(&file, 1, c->arena, &bundle, NULL) == OK);
	MUST(gate_state_open(&st->state) == OK);
	gate_init(&st->gate, st->state, bundle, LOG, 0, nowhere);
	add_agent(st, "clerk", st->asker);
	add_agent(st, "bot", st->answerer);
}

static void stage_fini(struct stage *st)
{
	gate_fini(&st->gate);
	state_close(st->state);
	sign_key_close(st->answerer);
	sign_key_close(st->asker);
}

/* One control about an agent; `key` NULL: no further member. */
static bool control(struct stage *st, const char *verb, const char *agent, const char *key,
		    const struct value *message, int64_t at_ns)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("case")) },
		{ .key = str_view(key), .value = message ? *message : value_null() },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, key ? 2 : 1 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = at_ns, .action = str_view(verb),
				 .agent = str_view(agent), .data = &data };
	struct verdict v;

	return gate_submit(&st->gate, &e, st->c->arena, &v) == OK;
}

/* --- revocation.json --- */

static bool revoke(struct stage *st, int64_t life_ns)
{
	struct value until;
	struct buf b;
	bool done;

	buf_init(&b, WHEN_TEXT_BYTES);
	when_write(&b, NOW + life_ns);
	until = value_string(buf_view(&b));
	done = control(st, "agent.revoke", "bot", life_ns ? "until" : NULL, &until, NOW);
	buf_fini(&b);
	return done;
}

static bool is_revoked(const struct stage *st, int64_t at_ns)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct agent_row row;

	return vouch_agent(st->state, STR("bot"), at_ns, &row, &r) == ERR_DENIED &&
	       r.code == REFUSED_REVOKED;
}

void answer_revocation(struct one *c)
{
	const struct value *life = value_get_c(c->given, "ttl");
	int64_t at_ns = NOW + seconds(value_get_c(c->given, "now_offset"));
	struct stage st;

	stage_init(&st, c);
	if (life) {
		(void)revoke(&st, seconds(life));
		answer_put_raw(c, "left", is_revoked(&st, at_ns) ? STR("1") : STR("0"));
	}
	if (value_get_c(c->given, "ops")) {
		(void)revoke(&st, 0);
		(void)revoke(&st, WHEN_SECOND_NS);
		at_ns = NOW + 2 * WHEN_SECOND_NS;
	}
	answer_put_bool(c, "revoked", is_revoked(&st, at_ns));
	answer_put_bool(c, "unrevoke", control(&st, "agent.unrevoke", "bot", NULL, NULL, NOW) ||
				       control(&st, "agent.reactivate", "bot", NULL, NULL, NOW));
	stage_fini(&st);
}

/* --- handshake.json --- */

/* What a case does to the conversation, by its name. */
static bool is(const struct one *c, const char *name)
{
	return str_is(str_view(c->name), name);
}

static struct value message_of(struct stage *st, const struct challenge *ask,
			       const struct reply *a)
{
	struct str text;
	struct value v;
	struct buf b;

	buf_init(&b, 1u << 16);
	if (a)
		reply_write(&b, a);
	else
		challenge_write(&b, ask);
	/* A claim beside what is signed: the context of a user. */
	if (a && is(st->c, "verify-unsigned-user-context-accepted")) {
		b.len--;
		buf_add_c(&b, ",\"user_context\":{\"user_id\":\"root\"}}");
	}
	MUST(b.err == OK && arena_copy(st->c->arena, buf_view(&b), &text) == OK);
	MUST(json_read(text, 1, st->c->arena, &v, NULL) == OK);
	buf_fini(&b);
	return v;
}

static struct challenge challenge_of(struct stage *st, uint32_t threshold, struct str needs)
{
	struct challenge ask = {
		.log = LOG, .from = STR("clerk"), .to = STR("bot"), .threshold = threshold,
		.from_key = sign_key_public(st->asker), .to_key = sign_key_public(st->answerer),
		.at_ns = NOW, .until_ns = NOW + 30 * WHEN_SECOND_NS,
	};

	handshake_next(st->state, GATE_CHALLENGES, &ask.number, &ask.epoch);
	if (needs.len)
		MUST(capability_read(needs, &ask.needs, NULL) == OK);
	MUST(challenge_sign(&ask, st->asker) == OK);
	return ask;
}

static void spoil(const struct one *c, struct reply *a, struct stage *st)
{
	if (is(c, "verify-wrong-did"))
		a->challenge.to = STR("ccc");
	if (is(c, "verify-pubkey-mismatch"))
		a->challenge.to_key = a->challenge.from_key;
	if (is(c, "verify-challenge-mismatch"))
		a->challenge.number++;
	if (is(c, "verify-fresh-mismatch"))
		a->challenge.nonce[0] ^= 1;
	MUST(challenge_sign(&a->challenge, st->asker) == OK);
	MUST(reply_sign(a, st->answerer) == OK);
	if (is(c, "verify-sig-bad"))
		a->signature.bytes[0] ^= 1;
}

static bool verifies(struct one *c)
{
	const struct value *needs = value_get_c(c->given, "required_capabilities");
	const struct value *score = value_get_c(c->given, "required_score");
	int64_t at_ns = NOW + seconds(value_get_c(c->given, "now_offset_s"));
	struct challenge ask;
	struct reply a;
	struct stage st;
	struct value v;
	bool met;

	stage_init(&st, c);
	ask = challenge_of(&st, (uint32_t)score->integer,
			   needs->kind == VALUE_LIST ? needs->list.items[0].string : STR(""));
	v = message_of(&st, &ask, NULL);
	MUST(control(&st, "handshake.ask", "clerk", "challenge", &v, NOW));
	if (is(c, "verify-suspended"))
		MUST(control(&st, "agent.suspend", "bot", NULL, NULL, NOW));
	a = (struct reply){ .challenge = ask, .log = LOG, .nonce = { 7 }, .at_ns = NOW };
	MUST(capability_read(is(c, "verify-wildcard-cap-not-honoured") ? STR("read:*")
								       : STR("read:data"),
			     &a.claims, NULL) == OK);
	spoil(c, &a, &st);
	v = message_of(&st, NULL, &a);
	met = control(&st, "handshake.meet", "clerk", "answer", &v, at_ns);
	stage_fini(&st);
	return met;
}

static bool holds(const struct stage *st, const struct challenge *ask)
{
	struct meeting_row row;

	return meeting_holds(st->state, GATE_MEETINGS, GATE_CHALLENGES, ask, NOW, &row);
}

/* Met for 300; then 900 and more is asked for; then the other is revoked; then once more. */
static void answer_cache(struct one *c)
{
	struct challenge ask, more;
	struct reply a;
	struct stage st;
	struct value v;
	bool found[4];

	stage_init(&st, c);
	ask = challenge_of(&st, 300, STR(""));
	v = message_of(&st, &ask, NULL);
	MUST(control(&st, "handshake.ask", "clerk", "challenge", &v, NOW));
	a = (struct reply){ .challenge = ask, .log = LOG, .nonce = { 7 }, .at_ns = NOW };
	MUST(reply_sign(&a, st.answerer) == OK);
	v = message_of(&st, NULL, &a);
	found[0] = control(&st, "handshake.meet", "clerk", "answer", &v, NOW) && holds(&st, &ask);
	more = challenge_of(&st, 900, STR("admin:*"));
	found[1] = holds(&st, &more);
	MUST(control(&st, "agent.revoke", "bot", NULL, NULL, NOW));
	found[2] = holds(&st, &ask);
	ask = challenge_of(&st, 300, STR(""));
	v = message_of(&st, &ask, NULL);
	found[3] = control(&st, "handshake.ask", "clerk", "challenge", &v, NOW);
	for (int twice = 0; twice < 2; twice++) {
		answer_put_key(c, twice ? "verified" : "safe_result");
		for (int i = 0; i < 4; i++)
			buf_addf(&c->ours, "%c%s", i ? ',' : '[', found[i] ? "true" : "false");
		buf_add_byte(&c->ours, ']');
	}
	stage_fini(&st);
}

void answer_handshake(struct one *c)
{
	if (value_get_c(c->given, "steps"))
		answer_cache(c);
	else if (value_get_c(c->given, "required_score"))
		answer_put_bool(c, "valid", verifies(c));
}
