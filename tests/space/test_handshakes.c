/* handshakes: two workspaces in one simulated world meet, and what is not here is refused. */
#include <criterion/criterion.h>

#include "tests/kit/space_kit.h"

#define NOW (SPACE_KIT_START_NS + INT64_C(1000000000))

static struct space_kit k;
static struct arena memory;
static struct buf ask, answer;
static struct note n;

/* Both agents live in this workspace, and their keys with them. */
static void setup(void)
{
	const struct space_newcomer clerk = { .name = STR("clerk"), .sponsor = STR("a@b") },
				    bot = { .name = STR("bot"), .sponsor = STR("a@b") };
	struct space_key ignored;
	struct space *s;

	space_kit_init(&k, SPACE_KIT_ALLOW);
	arena_init(&memory, 1u << 24);
	buf_init(&ask, 1u << 16);
	buf_init(&answer, 1u << 16);
	n = (struct note){ .text = "" };
	s = space_kit_open(&k);
	cr_assert_eq(space_create_agent(s, &clerk, NOW, &ignored, &n), OK, "%s", n.text);
	cr_assert_eq(space_create_agent(s, &bot, NOW, &ignored, &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK, "%s", n.text);
}

static void teardown(void)
{
	buf_fini(&answer);
	buf_fini(&ask);
	arena_fini(&memory);
	space_kit_fini(&k);
}

TestSuite(handshakes, .init = setup, .fini = teardown);

static struct space_question question(const char *needs)
{
	struct space_question q = { .from = STR("clerk"), .to = STR("bot") };

	cr_assert_eq(capability_read(str_view(needs), &q.needs, NULL), OK);
	return q;
}

Test(handshakes, ask_answer_and_meet)
{
	struct space_question q = question("pay"), other = question("*:x");
	struct capabilities claims = q.needs;
	struct replay_report report;
	struct meeting_row row;
	struct reply met;
	struct space *s = space_kit_open(&k);

	cr_assert(!space_has_met(space_state(s), &q, NOW, &row));
	cr_assert_eq(space_ask(s, &q, STR("why"), NOW, &ask, &n), OK, "%s", n.text);
	cr_assert_eq(space_answer(s, space_state(s), buf_view(&ask), &claims, NOW, &answer, &n),
		     OK, "%s", n.text);
	cr_assert_eq(space_meet(s, buf_view(&answer), STR("why"), NOW, &memory, &met, &n), OK,
		     "%s", n.text);
	cr_assert(str_is(met.challenge.to, "bot") && str_is(met.log, SPACE_KIT_ORIGIN));
	cr_assert(space_has_met(space_state(s), &q, NOW, &row));
	cr_assert(!space_has_met(space_state(s), &other, NOW, &row));
	cr_assert_eq(row.entry + 1, space_entries(s));
	cr_assert_eq(space_meet(s, buf_view(&answer), STR("why"), NOW, &memory, &met, &n),
		     ERR_DENIED);
	cr_assert(str_starts(str_view(n.text), STR("nonce-used: ")));
	cr_assert_eq(space_close(s, &n), OK, "%s", n.text);
	cr_assert_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
}

Test(handshakes, what_is_refused_is_not_recorded)
{
	struct space_question nobody = { .from = STR("clerk"), .to = STR("nobody") };
	struct space_question q = question("pay");
	const struct capabilities none = { .bytes = 0 };
	struct reply met;
	struct space *s = space_kit_open(&k);
	uint64_t before = space_entries(s);

	cr_assert_eq(space_ask(s, &nobody, STR("why"), NOW, &ask, &n), ERR_DENIED);
	cr_assert(str_starts(str_view(n.text), STR("not-registered: ")) && ask.len == 0);
	cr_assert_eq(space_meet(s, STR("{}"), STR("why"), NOW, &memory, &met, &n), ERR_SYNTAX);
	cr_assert_eq(space_meet(s, STR("{"), STR("why"), NOW, &memory, &met, &n), ERR_TRUNCATED);
	cr_assert_eq(space_entries(s), before);
	cr_assert_eq(space_ask(s, &q, STR("why"), NOW, &ask, &n), OK, "%s", n.text);
	cr_assert_eq(space_answer(s, space_state(s), buf_view(&ask), &none, NOW, &answer, &n), OK);
	cr_assert_eq(space_meet(s, buf_view(&answer), STR("why"), NOW, &memory, &met, &n),
		     ERR_DENIED);
	cr_assert(str_starts(str_view(n.text), STR("capability-missing: ")));
	cr_assert_eq(space_abandon(s, &n), OK);
}

Test(handshakes, a_challenge_is_answered_in_its_time_only)
{
	struct space_question q = question("pay");
	struct space *s = space_kit_open(&k);

	cr_assert_eq(space_ask(s, &q, STR("why"), NOW, &ask, &n), OK, "%s", n.text);
	cr_assert_eq(space_answer(s, space_state(s), buf_view(&ask), &q.needs,
				  NOW + LIMIT_CHALLENGE_NS, &answer, &n), ERR_DENIED);
	cr_assert(str_starts(str_view(n.text), STR("expired: ")));
	cr_assert_eq(space_answer(s, space_state(s), buf_view(&ask), &q.needs,
				  NOW - LIMIT_AHEAD_NS, &answer, &n), ERR_DENIED);
	cr_assert(str_starts(str_view(n.text), STR("not-yet-valid: ")));
	cr_assert_eq(answer.len, 0);
	cr_assert_eq(space_abandon(s, &n), OK);
}

Test(handshakes, messages_are_bounded)
{
	struct reply met;
	struct space *s = space_kit_open(&k);

	while (ask.len <= (16u << 10))
		buf_add_byte(&ask, ' ');
	cr_assert_eq(space_meet(s, buf_view(&ask), STR("why"), NOW, &memory, &met, &n), ERR_LIMIT);
	cr_assert_eq(space_abandon(s, &n), OK);
}
