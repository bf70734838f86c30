/* halt: every event in every state, and no commit after a kill. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

static struct state *s;
static struct note why;

static void setup(void)
{
	const struct table_schema table = halt_table();

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	why = (struct note){ .column = 0 };
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(halt, .init = setup, .fini = teardown);

/* --- a model: what operators did, kept as plain facts --- */

enum move { KILL_AGENT, KILL_SESSION, KILL_ALL, LIFT, QUARANTINE, RELEASE, ACT, COMMIT, MOVES };

/* Entry numbers of the last kills; 0: none. Entries are the times as well. */
struct facts {
	uint64_t agent, session, all;
	bool stopped;                         /* everything, now */
	int64_t quarantined_until;
};

#define QUARANTINE_LASTS 2

static struct facts facts;
static uint64_t decided;                      /* the last action that was allowed; 0: none */

static enum err expect_of(enum move m, uint64_t now)
{
	bool quarantined = !facts.agent && (int64_t)now < facts.quarantined_until;

	switch (m) {
	case KILL_AGENT:
		return facts.agent ? ERR_EXISTS : OK;
	case KILL_SESSION:
		return facts.session ? ERR_EXISTS : OK;
	case KILL_ALL:
		return facts.stopped ? ERR_EXISTS : OK;
	case LIFT:
		return facts.stopped ? OK : ERR_NOT_FOUND;
	case QUARANTINE:
		return facts.agent ? ERR_RANGE : OK;
	case RELEASE:
		return facts.agent ? ERR_RANGE : quarantined ? OK : ERR_NOT_FOUND;
	default:
		return OK;
	}
}

static void remember(enum move m, uint64_t now)
{
	switch (m) {
	case KILL_AGENT:
		facts.agent = now;
		break;
	case KILL_SESSION:
		facts.session = now;
		break;
	case KILL_ALL:
		facts.all = now;
		facts.stopped = true;
		break;
	case LIFT:
		facts.stopped = false;
		break;
	case QUARANTINE:
		facts.quarantined_until = (int64_t)now + QUARANTINE_LASTS;
		break;
	case RELEASE:
		facts.quarantined_until = 0;
		break;
	default:
		break;
	}
}

static enum err change(enum move m, uint64_t entry)
{
	int64_t now = (int64_t)entry;

	switch (m) {
	case KILL_AGENT:
		return halt_kill(s, 0, HALT_AGENT, STR("ann"), now, entry, &why);
	case KILL_SESSION:
		return halt_kill(s, 0, HALT_SESSION, STR("run"), now, entry, &why);
	case KILL_ALL:
		return halt_kill(s, 0, HALT_ALL, STR(""), now, entry, &why);
	case LIFT:
		return halt_lift(s, 0, now, &why);
	case QUARANTINE:
		return halt_quarantine(s, 0, STR("ann"), now, now + QUARANTINE_LASTS, &why);
	default:
		return halt_release(s, 0, STR("ann"), now, &why);
	}
}

static bool fenced_off(uint64_t of)
{
	return of < facts.agent || of < facts.session || of < facts.all;
}

static void make(enum move m, uint64_t now)
{
	bool free = !facts.stopped && !facts.agent && !facts.session &&
		    (int64_t)now >= facts.quarantined_until;
	struct halt_row row;

	if (m == ACT) {
		cr_assert_eq(halt_stops(s, 0, STR("ann"), STR("run"), (int64_t)now, &row), !free);
		decided = free ? now : decided;
	} else if (m == COMMIT) {
		cr_assert_eq(halt_fences(s, 0, STR("ann"), STR("run"), decided, &row),
			     fenced_off(decided));
	} else {
		enum err expected = expect_of(m, now);

		cr_assert_eq(change(m, now), expected, "move %d", m);
		if (expected == OK)
			remember(m, now);
	}
}

#define LENGTH 6

/* Every run of six moves: 262,144 of them pass through every state by every way. */
Test(halt, every_event_in_every_state_does_what_the_facts_say)
{
	unsigned runs = 1, kinds = 0, after_kill = 0;

	for (int i = 0; i < LENGTH; i++)
		runs *= MOVES;
	for (unsigned run = 0; run < runs; run++) {
		unsigned left = run;

		state_reset(s);
		state_begin(s);
		facts = (struct facts){ .stopped = false };
		decided = 1;
		for (uint64_t now = 2; now < 2 + LENGTH; now++, left /= MOVES)
			make((enum move)(left % MOVES), now);
		kinds |= 1u << (facts.stopped + 2 * !!facts.agent + 4 * !!facts.session);
		after_kill += fenced_off(decided);
	}
	cr_assert_eq(kinds, 0xFF, "all eight sets of what is killed were met");
	cr_assert_gt(after_kill, 0);
}

/* --- one by one --- */

Test(halt, a_kill_is_final_and_a_global_one_is_lifted)
{
	struct halt_row row;

	cr_assert_eq(halt_kill(s, 0, HALT_AGENT, STR("ann"), 5, 7, &why), OK);
	cr_assert_eq(halt_release(s, 0, STR("ann"), 6, &why), ERR_RANGE);
	cr_assert_str_eq(why.text, "agent 'ann' is killed, and that is final");
	cr_assert_eq(halt_kill(s, 0, HALT_AGENT, STR("ann"), 6, 8, &why), ERR_EXISTS);
	cr_assert_str_eq(why.text, "agent 'ann' is killed already");
	cr_assert_eq(halt_lift(s, 0, 6, &why), ERR_NOT_FOUND);
	cr_assert_str_eq(why.text, "there is no global kill to lift");
	cr_assert_eq(halt_kill(s, 0, HALT_ALL, STR(""), 9, 9, &why), OK);
	cr_assert(halt_stops(s, 0, STR("bob"), STR_NONE, 10, &row) && row.scope == HALT_ALL);
	cr_assert_eq(halt_lift(s, 0, 11, &why), OK);
	cr_assert(!halt_stops(s, 0, STR("bob"), STR_NONE, 12, &row));
	cr_assert(halt_stops(s, 0, STR("ann"), STR_NONE, 12, &row) && row.fence == 7);
	cr_assert(halt_fences(s, 0, STR("bob"), STR_NONE, 8, &row), "the fence stays");
	cr_assert(!halt_fences(s, 0, STR("bob"), STR_NONE, 9, &row));
	cr_assert_eq(halt_fence(s, 0), 9);
}

Test(halt, a_quarantine_ends_at_its_time_and_may_be_moved)
{
	struct halt_row row;

	cr_assert_eq(halt_quarantine(s, 0, STR("ann"), 5, 5, &why), ERR_RANGE);
	cr_assert_eq(halt_quarantine(s, 0, STR("ann"), 5, 10, &why), OK);
	cr_assert(halt_stops(s, 0, STR("ann"), STR_NONE, 9, &row) && row.until_ns == 10);
	cr_assert(!halt_stops(s, 0, STR("ann"), STR_NONE, 10, &row));
	cr_assert_eq(halt_release(s, 0, STR("ann"), 10, &why), ERR_NOT_FOUND);
	cr_assert_eq(halt_quarantine(s, 0, STR("ann"), 6, INT64_MAX, &why), OK);
	cr_assert(halt_stops(s, 0, STR("ann"), STR_NONE, INT64_MAX - 1, &row));
	cr_assert(!halt_fences(s, 0, STR("ann"), STR_NONE, 0, &row), "it raises no fence");
	cr_assert_eq(state_rows(s, 0), 1);
}

Test(halt, an_agent_and_a_session_of_one_name_are_two)
{
	struct halt_row row;

	cr_assert_eq(halt_kill(s, 0, HALT_SESSION, STR("x"), 1, 1, &why), OK);
	cr_assert(!halt_stops(s, 0, STR("x"), STR_NONE, 2, &row));
	cr_assert(!halt_stops(s, 0, STR("x"), STR("y"), 2, &row));
	cr_assert(halt_stops(s, 0, STR("y"), STR("x"), 2, &row) && row.scope == HALT_SESSION);
	cr_assert(str_is(halt_name(&row), "x"));
}

Test(halt, what_is_no_name_is_refused)
{
	char longest[LIMIT_NAME_BYTES + 1];
	struct str bad[] = { STR(""), STR("a\0"), str_slice(longest, sizeof(longest)) };

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(halt_kill(s, 0, HALT_AGENT, bad[i], 1, 1, &why), ERR_RANGE);
	cr_expect_eq(halt_kill(s, 0, HALT_ALL, STR("x"), 1, 1, &why), ERR_RANGE);
	cr_expect_eq(state_rows(s, 0), 0);
	cr_expect_eq(halt_kill(s, 0, HALT_AGENT, str_slice(longest, LIMIT_NAME_BYTES), 1, 1, &why),
		     OK);
}

Test(halt, a_kill_survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(i);
		e = halt_kill(s, 0, HALT_AGENT, STR("ann"), 1, 1, &why);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(state_rows(s, 0), 0);
	}
}
