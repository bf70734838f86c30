/* handshake: every answer in every state that a challenge can be in, and what is remembered. */
#include <criterion/criterion.h>

#include "engine/base/when.h"
#include "engine/identity/identity.h"
#include "tests/kit/fail_alloc.h"

#define NOW (INT64_C(1767323045) * WHEN_SECOND_NS)    /* 2026-01-02T03:04:05Z */
#define LOG STR("example.org/shop")

enum { CHALLENGES = 0, MEETINGS = 1 };

static struct state *s;
static struct sign_key *asker, *answerer;

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
	const struct table_schema tables[] = { challenge_table(), meeting_table() };

	cr_assert_eq(crypto_start(), OK);
	asker = key_of(1);
	answerer = key_of(2);
	cr_assert_eq(state_open(tables, 2, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
	sign_key_close(answerer);
	sign_key_close(asker);
}

TestSuite(handshake, .init = setup, .fini = teardown);

/* The next challenge, with a nonce of that byte. */
static struct challenge next_challenge(uint8_t nonce)
{
	struct challenge c = { .log = LOG, .from = STR("clerk"), .to = STR("bot"),
			       .from_key = sign_key_public(asker),
			       .to_key = sign_key_public(answerer), .threshold = 500,
			       .at_ns = NOW, .until_ns = NOW + LIMIT_CHALLENGE_NS };

	memset(c.nonce, nonce, sizeof(c.nonce));
	handshake_next(s, CHALLENGES, &c.number, &c.epoch);
	cr_assert_eq(challenge_sign(&c, asker), OK);
	return c;
}

static struct challenge open_one(uint8_t nonce)
{
	struct challenge c = next_challenge(nonce);

	cr_assert_eq(handshake_open(s, CHALLENGES, &c, NULL), OK);
	return c;
}

static struct reply answer_to(const struct challenge *c)
{
	struct reply a = { .challenge = *c, .log = STR("example.com/bots"), .at_ns = NOW + 1 };

	memset(a.nonce, 0xEE, sizeof(a.nonce));
	cr_assert_eq(reply_sign(&a, answerer), OK);
	return a;
}

static enum refusal_code close_at(const struct reply *a, struct str log, int64_t at_ns)
{
	struct refusal r = { .code = REFUSED_NOT };
	enum err e = handshake_close(s, CHALLENGES, a, log, at_ns, &r);

	cr_assert_eq(e, r.code == REFUSED_NOT ? OK : ERR_DENIED, "%s", err_name(e));
	return r.code;
}

/* --- the model: the state a challenge is in, and the answer that comes --- */

enum in { NEVER, OPEN, USED, GIVEN_AWAY, TURNED, OVER, STATES };
enum what { RIGHT, OTHER_LOG, OTHER_NUMBER, OTHER_TEXT, REFLECTED, DATED_BACK, DATED_AHEAD,
	    MESSAGES };

/* What is said when the message is right, by state; and to what is wrong with it, by message. */
static const enum refusal_code by_state[STATES] = {
	[NEVER] = REFUSED_UNASKED, [OPEN] = REFUSED_NOT, [USED] = REFUSED_NONCE,
	[GIVEN_AWAY] = REFUSED_UNASKED, [TURNED] = REFUSED_EPOCH, [OVER] = REFUSED_EXPIRED,
};
static const enum refusal_code by_message[MESSAGES] = {
	[RIGHT] = REFUSED_NOT, [OTHER_LOG] = REFUSED_LOG, [OTHER_NUMBER] = REFUSED_UNASKED,
	[OTHER_TEXT] = REFUSED_CHANGED, [REFLECTED] = REFUSED_NONCE,
	[DATED_BACK] = REFUSED_EARLY, [DATED_AHEAD] = REFUSED_FUTURE,
};

/*
 * Which of the two is told: the log first, then whether it is open, then whether it is the same,
 * then whether it was used, the epoch, the time.
 */
static enum refusal_code expected(enum in state, enum what message)
{
	static const enum refusal_code order[] = {
		REFUSED_LOG, REFUSED_UNASKED, REFUSED_CHANGED, REFUSED_NONCE, REFUSED_EPOCH,
		REFUSED_EXPIRED, REFUSED_EARLY, REFUSED_FUTURE,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (by_state[state] == order[i] || by_message[message] == order[i])
			return order[i];
	return REFUSED_NOT;
}

static struct challenge bring_into(enum in state, int64_t *at_ns)
{
	struct challenge c;
	struct reply a;

	state_reset(s);
	state_begin(s);
	*at_ns = NOW + 2;
	c = state == NEVER ? next_challenge(1) : open_one(1);
	a = answer_to(&c);
	if (state == USED)
		cr_assert_eq(close_at(&a, LOG, *at_ns), REFUSED_NOT);
	for (int i = 0; state == GIVEN_AWAY && i < LIMIT_CHALLENGES; i++)
		(void)open_one(2);
	if (state == TURNED)
		cr_assert_eq(handshake_turn(s, CHALLENGES), OK);
	if (state == OVER)
		*at_ns = c.until_ns;
	return c;
}

/* An answer that both keys have signed, so that only the state can tell what is wrong with it. */
static struct reply make(enum what message, const struct challenge *c)
{
	struct reply a = answer_to(c);

	if (message == OTHER_NUMBER)
		a.challenge.number += 2 * LIMIT_CHALLENGES;
	if (message == OTHER_TEXT)
		a.challenge.threshold = 0;
	if (message == REFLECTED)
		memcpy(a.nonce, c->nonce, sizeof(a.nonce));
	if (message == DATED_BACK)
		a.at_ns = NOW - LIMIT_AHEAD_NS - 1;
	if (message == DATED_AHEAD)
		a.at_ns = NOW + 3 + LIMIT_AHEAD_NS;
	if (message == DATED_AHEAD)
		a.challenge.until_ns = c->until_ns;
	cr_assert_eq(challenge_sign(&a.challenge, asker), OK);
	cr_assert_eq(reply_sign(&a, answerer), OK);
	cr_assert_eq(reply_check(&a, NULL), OK);
	return a;
}

Test(handshake, every_answer_in_every_state_has_its_reason)
{
	unsigned accepted = 0;

	for (int state = 0; state < STATES; state++) {
		for (int message = 0; message < MESSAGES; message++) {
			int64_t at_ns;
			struct challenge c = bring_into((enum in)state, &at_ns);
			struct reply a = make((enum what)message, &c);
			struct digest before, after;
			enum refusal_code code, wanted;

			wanted = expected((enum in)state, (enum what)message);
			/* Five minutes ahead is when the challenge is over, too. */
			if (wanted == REFUSED_FUTURE)
				wanted = REFUSED_EXPIRED;
			before = state_root(s);
			code = close_at(&a, message == OTHER_LOG ? STR("other") : LOG, at_ns);
			after = state_root(s);
			cr_assert_eq(code, wanted, "state %d, message %d: %s", state, message,
				     refusal_name(code));
			/* What is refused changes nothing. */
			cr_assert_eq(digest_eq(&before, &after), code != REFUSED_NOT);
			accepted += code == REFUSED_NOT;
		}
	}
	cr_assert_eq(accepted, 1);
}

Test(handshake, an_answer_from_the_future_waits_for_nobody)
{
	struct challenge c = next_challenge(1);
	struct reply a;

	c.at_ns = NOW + 10;
	c.until_ns = c.at_ns + LIMIT_CHALLENGE_NS;
	cr_assert_eq(challenge_sign(&c, asker), OK);
	cr_assert_eq(handshake_open(s, CHALLENGES, &c, NULL), OK);
	a = answer_to(&c);
	a.at_ns = NOW + 11 + LIMIT_AHEAD_NS - 2;
	cr_assert_eq(reply_sign(&a, answerer), OK);
	cr_assert_eq(close_at(&a, LOG, NOW + 9), REFUSED_EARLY);
	cr_assert_eq(close_at(&a, LOG, NOW + 10), REFUSED_NOT);
}

Test(handshake, what_is_open_is_bounded_and_the_oldest_gives_way)
{
	struct challenge first = open_one(1), second, last;
	struct reply a;

	second = open_one(2);
	for (int i = 0; i < 3 * LIMIT_CHALLENGES; i++)
		last = open_one(3);
	cr_assert_eq(state_rows(s, CHALLENGES), LIMIT_CHALLENGES + 1);
	a = answer_to(&first);
	cr_assert_eq(close_at(&a, LOG, NOW + 2), REFUSED_UNASKED);
	a = answer_to(&second);
	cr_assert_eq(close_at(&a, LOG, NOW + 2), REFUSED_UNASKED);
	a = answer_to(&last);
	cr_assert_eq(close_at(&a, LOG, NOW + 2), REFUSED_NOT);
}

Test(handshake, challenges_are_numbered_without_gaps)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct challenge c = open_one(1), again = c;

	cr_assert_eq(c.number, 1);
	cr_assert_eq(c.epoch, 1);
	cr_assert_eq(handshake_open(s, CHALLENGES, &again, &r), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_CHANGED);
	again = next_challenge(2);
	again.number++;
	cr_assert_eq(handshake_open(s, CHALLENGES, &again, &r), ERR_DENIED);
	again = next_challenge(2);
	cr_assert_eq(handshake_turn(s, CHALLENGES), OK);
	cr_assert_eq(handshake_open(s, CHALLENGES, &again, &r), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_EPOCH);
}

Test(handshake, before_the_first_challenge_nothing_turns)
{
	cr_assert_eq(handshake_turn(s, CHALLENGES), OK);
	cr_assert_eq(state_rows(s, CHALLENGES), 0);
}

/* --- what was found --- */

static bool holds(const struct challenge *c, int64_t at_ns)
{
	struct meeting_row row;

	return meeting_holds(s, MEETINGS, CHALLENGES, c, at_ns, &row);
}

Test(handshake, a_meeting_holds_for_as_much_and_as_long)
{
	struct challenge c = open_one(1), other = c;

	cr_assert(!holds(&c, NOW));
	cr_assert_eq(meeting_keep(s, MEETINGS, &c, NOW, 7), OK);
	cr_assert(holds(&c, NOW) && holds(&c, NOW + LIMIT_MEETING_NS - 1));
	cr_assert(!holds(&c, NOW - 1) && !holds(&c, NOW + LIMIT_MEETING_NS));
	other.threshold++;
	cr_assert(!holds(&other, NOW));
	other = c;
	other.threshold = 0;
	cr_assert(!holds(&other, NOW));
	other = c;
	cr_assert_eq(capability_read(STR("pay"), &other.needs, NULL), OK);
	cr_assert(!holds(&other, NOW));
	other = c;
	other.to_key.bytes[0] ^= 1;
	cr_assert(!holds(&other, NOW));
	other = c;
	other.from = STR("bot");
	other.to = STR("clerk");
	cr_assert(!holds(&other, NOW));
	cr_assert_eq(handshake_turn(s, CHALLENGES), OK);
	cr_assert(!holds(&c, NOW));
}

Test(handshake, two_agents_have_one_meeting)
{
	struct challenge c = open_one(1);

	cr_assert_eq(meeting_keep(s, MEETINGS, &c, NOW, 7), OK);
	cr_assert_eq(meeting_keep(s, MEETINGS, &c, NOW + 5, 8), OK);
	cr_assert_eq(state_rows(s, MEETINGS), 1);
	cr_assert(!holds(&c, NOW) && holds(&c, NOW + 5));
}

Test(handshake, failing_memory_is_an_error)
{
	for (uint64_t n = 1;; n++) {
		struct challenge c;
		struct reply a;
		enum err e;

		state_reset(s);
		state_begin(s);
		c = next_challenge(1);
		a = answer_to(&c);
		fail_alloc_at(n);
		e = handshake_open(s, CHALLENGES, &c, NULL);
		if (e == OK)
			e = handshake_close(s, CHALLENGES, &a, LOG, NOW + 2, NULL);
		if (e == OK)
			e = meeting_keep(s, MEETINGS, &c, NOW, 7);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
