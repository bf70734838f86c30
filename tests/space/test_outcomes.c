/* outcomes: each belongs to an action that was allowed, and an action has one. */
#include "engine/space/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/steward.h"

#define PAY "{\"agent\":\"ann\",\"action\":\"pay\"}"
#define EVE "{\"agent\":\"eve\",\"action\":\"pay\"}"

static struct steward st;
static struct space *s;

/* Entries 0 and 1 are the policy and ann. */
static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
	s = space_kit_open(&st.kit);
}

static void teardown(void)
{
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	(void)steward_expect_sound(&st);
	steward_fini(&st);
}

TestSuite(outcomes, .init = setup, .fini = teardown);

static void open_again(void)
{
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	s = space_kit_open(&st.kit);
}

static uint64_t record(const char *text)
{
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, text, &v), OK);
	return v.entry;
}

/* An outcome of `of` comes: taken when `refused` is NULL, else recorded as a refusal saying so. */
static void outcome(uint64_t of, const char *refused)
{
	struct verdict v;
	char text[64];

	(void)snprintf(text, sizeof(text), "{\"outcome_of\":%llu}", (unsigned long long)of);
	cr_assert_eq(steward_submit(&st, s, text, &v), OK);
	cr_expect_eq(v.effect, refused ? EFFECT_DENY : EFFECT_ALLOW, "of %d", (int)of);
	cr_expect_eq(str_is(v.decision.stage, "read"), refused != NULL);
	cr_expect(!refused || strstr(st.note.text, refused), "of %d: %s", (int)of, st.note.text);
}

Test(outcomes, belong_to_an_action_that_was_allowed)
{
	uint64_t paid = record(PAY), denied = record(EVE), unread = record("{");

	outcome(0, "not an action that was allowed");
	outcome(1, "not an action that was allowed");
	outcome(denied, "not an action that was allowed");
	outcome(unread, "not an action that was allowed");
	outcome(99, "no earlier entry");
	outcome(paid, NULL);
	outcome(paid + 1, "not an action that was allowed");
}

Test(outcomes, come_once)
{
	uint64_t first = record(PAY), second = record(PAY), third;

	outcome(second, NULL);
	outcome(second, "has its outcome already");
	outcome(first, NULL);
	third = record(PAY);
	outcome(third, NULL);
	outcome(third, "has its outcome already");
	outcome(first, "has its outcome already");
}

static void kill_now(const char *verb, const char *agent, const char *session)
{
	struct member reason = { .key = STR("reason"), .value = value_string(STR("x")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &reason, 1 } };

	cr_assert_eq(space_control(s, str_view(verb), agent ? str_view(agent) : STR_NONE,
				   session ? str_view(session) : STR_NONE, &data,
				   SPACE_KIT_START_NS, &st.note), OK, "%s", st.note.text);
}

#define IN_RUN "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"run\"}"

/* Also by a writer that opens the log later, when the action is read from disk. */
Test(outcomes, of_what_was_killed_since_are_refused)
{
	uint64_t first = record(IN_RUN), second = record(PAY), third, fourth;

	kill_now("kill.session", NULL, "run");
	outcome(first, "fenced off when entry 4 killed session run");
	outcome(second, NULL);
	third = record(PAY);
	kill_now("kill.all", NULL, NULL);
	outcome(third, "killed everything");
	kill_now("kill.lift", NULL, NULL);
	outcome(third, "killed everything");
	fourth = record(PAY);
	outcome(fourth, NULL);
	fourth = record(PAY);
	kill_now("kill.agent", "ann", NULL);
	open_again();
	outcome(fourth, "killed agent ann");
}

Test(outcomes, of_what_an_earlier_writer_recorded_are_known_too)
{
	uint64_t first = record(PAY), second = record(PAY), third = record(EVE);

	outcome(second, NULL);
	open_again();
	outcome(second, "has its outcome already");
	outcome(first, NULL);
	open_again();
	outcome(third, "not an action that was allowed");
	outcome(second, "has its outcome already");
	outcome(first, "has its outcome already");
}

/* An outcome that was met on the way back counts for an action read later, further back. */
Test(outcomes, met_while_going_back_are_not_forgotten)
{
	uint64_t first = record(PAY), second = record(PAY);

	outcome(first, NULL);
	outcome(second, NULL);
	record(PAY);
	open_again();
	outcome(second, "has its outcome already");
	outcome(first, "has its outcome already");
}

Test(outcomes, reach_only_so_far_back)
{
	uint64_t paid = record(PAY);

	outcome(paid, NULL);
	/* As if so many entries had passed: a log of four million lines says nothing else. */
	s->gate.seq += LIMIT_OUTCOME_ENTRIES;
	cr_expect_eq(space_outcome(s, paid, &st.note), ERR_LIMIT);
	cr_expect_str_eq(st.note.text, "'outcome_of' names entry 2, more than 4194304 entries "
				       "back");
	s->gate.seq -= LIMIT_OUTCOME_ENTRIES;
}

/* The slots of the ring are used again, and nothing shines through. */
Test(outcomes, of_a_ring_ago_do_not_count)
{
	uint64_t paid = record(PAY), later = paid + LIMIT_OUTCOME_ENTRIES;
	struct str line = space_kit_line(&st.kit, 0);

	outcome(paid, NULL);
	open_again();
	outcome(paid, "has its outcome already");
	cr_expect_eq(space_follow_outcomes(s, later - 1, line), OK);
	cr_expect_eq(space_follow_outcomes(s, later, line), OK);
	cr_expect_eq(s->outcomes.from, paid + 1);
	cr_expect_eq(s->outcomes.end, later + 1);
	s->gate.seq += LIMIT_OUTCOME_ENTRIES;
	cr_expect_eq(space_outcome(s, later, &st.note), ERR_RANGE);
	s->gate.seq -= LIMIT_OUTCOME_ENTRIES;
	open_again();
}

Test(outcomes, survive_every_failing_allocation)
{
	uint64_t paid = record(PAY);
	bool hit = true;

	for (uint64_t n = 1; hit; n++) {
		enum err e;

		open_again();
		st.note = (struct note){ .line = 0 };
		fail_alloc_at(n);
		e = space_outcome(s, paid, &st.note);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK, "at %d: %s", (int)n, err_name(e));
	}
}
