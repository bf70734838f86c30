/* control_handshake: two agents of one registry meet; who may not, is refused by its reason. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/when.h"
#include "engine/gate/inside.h"
#include "tests/kit/gate_kit.h"

#define NOW GATE_KIT_NOW
#define SECOND WHEN_SECOND_NS

static struct gate_kit k;
static struct sign_key *asker, *answerer;
static struct arena memory;

static struct sign_key *key_of(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *made;

	memset(seed, byte, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &made), OK);
	return made;
}

static void setup(void)
{
	struct public_key a, b;

	cr_assert_eq(crypto_start(), OK);
	asker = key_of(1);
	answerer = key_of(2);
	a = sign_key_public(asker);
	b = sign_key_public(answerer);
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "clerk", &a);
	gate_kit_agent(&k, "bot", &b);
	arena_init(&memory, 1u << 24);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	arena_fini(&memory);
	sign_key_close(answerer);
	sign_key_close(asker);
}

TestSuite(control_handshake, .init = setup, .fini = teardown);

static enum err submit(const char *verb, struct str agent, const char *member,
		       const struct value *message, int64_t at_ns)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("test")) },
		{ .key = str_view(member), .value = message ? *message : value_null() },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, message ? 2 : 1 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = at_ns, .action = str_view(verb),
				 .agent = agent, .data = &data };
	uint64_t before = k.gate.seq;
	struct verdict v;
	enum err failed = gate_submit(&k.gate, &e, &memory, &v);

	cr_assert_eq(k.gate.seq, before + (failed == OK));
	return failed;
}

static struct value message_of(const struct challenge *c, const struct reply *a)
{
	struct note n = { .text = "" };
	struct str text;
	struct value v;
	struct buf b;

	buf_init(&b, 1u << 16);
	if (a)
		reply_write(&b, a);
	else
		challenge_write(&b, c);
	cr_assert_eq(arena_copy(&memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	cr_assert_eq(json_read(text, 1, &memory, &v, &n), OK, "%s", n.text);
	return v;
}

static struct challenge make_challenge(void)
{
	struct challenge c = { .log = STR(GATE_KIT_ORIGIN), .from = STR("clerk"),
			       .to = STR("bot"), .from_key = sign_key_public(asker),
			       .to_key = sign_key_public(answerer), .at_ns = NOW,
			       .until_ns = NOW + LIMIT_CHALLENGE_NS };

	handshake_next(k.state, GATE_CHALLENGES, &c.number, &c.epoch);
	return c;
}

static enum err ask(struct challenge *c)
{
	struct value v;

	cr_assert_eq(challenge_sign(c, asker), OK);
	v = message_of(c, NULL);
	return submit("handshake.ask", STR("clerk"), "challenge", &v, NOW);
}

static enum err meet_as(struct str agent, const struct challenge *c, const char *claims,
			int64_t at_ns)
{
	struct reply a = { .challenge = *c, .log = STR("example.com/bots"), .nonce = { 5 },
			    .at_ns = at_ns };
	struct value v;

	if (*claims)
		cr_assert_eq(capability_read(str_view(claims), &a.claims, NULL), OK);
	cr_assert_eq(reply_sign(&a, answerer), OK);
	v = message_of(NULL, &a);
	return submit("handshake.meet", agent, "answer", &v, at_ns);
}

static enum err meet(const struct challenge *c, const char *claims, int64_t at_ns)
{
	return meet_as(STR("clerk"), c, claims, at_ns);
}

/* The sentence begins with the code. */
static void expect_code(enum err e, const char *code)
{
	cr_assert_eq(e, ERR_DENIED, "%s: %s", err_name(e), k.gate.why.text);
	cr_assert(str_starts(str_view(k.gate.why.text), str_view(code)), "%s", k.gate.why.text);
	cr_assert_eq(k.gate.why.text[strlen(code)], ':');
}

static bool has_met(const struct challenge *c, int64_t at_ns)
{
	struct meeting_row row;

	return meeting_holds(k.state, GATE_MEETINGS, GATE_CHALLENGES, c, at_ns, &row);
}

Test(control_handshake, who_is_asked_answers_and_that_is_recorded)
{
	struct challenge c = make_challenge();

	cr_assert_eq(ask(&c), OK);
	cr_assert(!has_met(&c, NOW));
	cr_assert_eq(meet(&c, "", NOW + SECOND), OK);
	cr_assert(has_met(&c, NOW + SECOND));
	expect_code(meet(&c, "", NOW + 2 * SECOND), "nonce-used");
}

Test(control_handshake, a_challenge_is_by_its_asker_in_its_log)
{
	struct challenge c = make_challenge();
	struct value v;

	c.log = STR("example.com/other");
	expect_code(ask(&c), "other-log");
	c = make_challenge();
	cr_assert_eq(challenge_sign(&c, asker), OK);
	v = message_of(&c, NULL);
	expect_code(submit("handshake.ask", STR("bot"), "challenge", &v, NOW), "wrong-party");
	c.signature.bytes[0] ^= 1;
	v = message_of(&c, NULL);
	expect_code(submit("handshake.ask", STR("clerk"), "challenge", &v, NOW), "bad-signature");
	c = make_challenge();
	c.to_key = c.from_key;
	expect_code(ask(&c), "wrong-key");
	c = make_challenge();
	c.to = STR("nobody");
	expect_code(ask(&c), "not-registered");
	c = make_challenge();
	c.number++;
	expect_code(ask(&c), "challenge-changed");
	c = make_challenge();
	c.epoch++;
	expect_code(ask(&c), "epoch-turned");
	c = make_challenge();
	c.at_ns -= 2 * LIMIT_CHALLENGE_NS;
	c.until_ns -= 2 * LIMIT_CHALLENGE_NS;
	expect_code(ask(&c), "expired");
	cr_assert_eq(submit("handshake.ask", STR("clerk"), "challenge", NULL, NOW), ERR_SYNTAX);
	cr_assert_eq(state_rows(k.state, GATE_CHALLENGES), 0);
}

Test(control_handshake, nobody_is_met_without_being_asked)
{
	struct challenge c = make_challenge();

	cr_assert_eq(challenge_sign(&c, asker), OK);
	expect_code(meet(&c, "", NOW), "not-asked");
	cr_assert_eq(ask(&c), OK);
	expect_code(meet_as(STR("bot"), &c, "", NOW), "wrong-party");
	expect_code(meet(&c, "", NOW + LIMIT_CHALLENGE_NS), "expired");
	/* Nothing of that has used the challenge up. */
	cr_assert_eq(submit("handshake.meet", STR("clerk"), "answer", NULL, NOW), ERR_SYNTAX);
	cr_assert_eq(meet(&c, "", NOW + LIMIT_CHALLENGE_NS - 1), OK);
}

static void control(const char *verb, const char *agent)
{
	cr_assert_eq(submit(verb, str_view(agent), "", NULL, NOW), OK, "%s", k.gate.why.text);
}

Test(control_handshake, what_happens_to_agents_meanwhile_counts)
{
	static const char *const changes[] = { "agent.suspend", "agent.reactivate" };
	struct challenge c;

	for (size_t i = 0; i < 2; i++) {
		c = make_challenge();
		if (i == 0)
			cr_assert_eq(ask(&c), OK);
		control(changes[i], "bot");
		if (i == 0)
			expect_code(meet(&c, "", NOW), "not-active");
		else
			expect_code(meet(&c, "", NOW), "bad-signature");
	}
	c = make_challenge();
	cr_assert_eq(c.epoch, 3);
	cr_assert_eq(ask(&c), OK);
	cr_assert_eq(meet(&c, "", NOW), OK);
	cr_assert(has_met(&c, NOW));
	control("agent.revoke", "bot");
	cr_assert(!has_met(&c, NOW));
	expect_code(meet(&c, "", NOW), "revoked");
}

Test(control_handshake, a_change_of_anybody_turns_the_epoch)
{
	struct challenge c = make_challenge();

	cr_assert_eq(ask(&c), OK);
	gate_kit_agent(&k, "other", NULL);
	expect_code(meet(&c, "", NOW), "epoch-turned");
	c = make_challenge();
	cr_assert_eq(ask(&c), OK);
	cr_assert_eq(meet(&c, "", NOW), OK);
	control("agent.suspend", "other");
	cr_assert(!has_met(&c, NOW));
}

Test(control_handshake, what_is_needed_must_be_claimed)
{
	struct challenge c = make_challenge();

	cr_assert_eq(capability_read(STR("order:create"), &c.needs, NULL), OK);
	cr_assert_eq(ask(&c), OK);
	expect_code(meet(&c, "", NOW), "capability-missing");
	expect_code(meet(&c, "order:delete", NOW), "capability-missing");
	cr_assert_eq(meet(&c, "order:*", NOW), OK);
}

Test(control_handshake, a_threshold_is_by_the_score_here)
{
	struct challenge c = make_challenge();

	c.threshold = 1;
	cr_assert_eq(ask(&c), OK);
	expect_code(meet(&c, "", NOW), "score-too-low");
}

#define TRUST_POLICY GATE_KIT_HEAD "default_action: allow\ntrust:\n  initial: 600\n"

Test(control_handshake, a_score_that_is_high_enough_is_enough)
{
	struct challenge c;

	gate_kit_policy(&k, TRUST_POLICY);
	c = make_challenge();
	c.threshold = 601;
	cr_assert_eq(ask(&c), OK);
	expect_code(meet(&c, "", NOW), "score-too-low");
	c = make_challenge();
	c.threshold = 600;
	cr_assert_eq(ask(&c), OK);
	cr_assert_eq(meet(&c, "", NOW), OK);
}
