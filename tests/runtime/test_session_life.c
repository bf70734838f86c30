/* session_life: every event in every state, as the page says; children, room. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/page.h"

#define END 1000

static struct state *s;
static struct lives l;
static struct note why;

static void setup(void)
{
	const struct table_schema tables[] = { life_table(), participant_table() };

	cr_assert_eq(state_open(tables, 2, &s), OK);
	state_begin(s);
	l = (struct lives){ s, 0, 1 };
	why = (struct note){ .column = 0 };
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(session_life, .init = setup, .fini = teardown);

static struct life_terms terms_of(const char *id)
{
	return (struct life_terms){
		.id = str_view(id), .room = 3, .lasts_ns = END, .ring = 1, .at_ns = 0
	};
}

static void open_session(const char *id)
{
	struct life_terms terms = terms_of(id);

	cr_assert_eq(life_open(&l, &terms, &why), OK, "%s", why.text);
}

static enum err join(const char *id, const char *agent)
{
	return life_join(&l, str_view(id), str_view(agent), STR_NONE, 1, 1, &why);
}

static struct life_row row_of(const char *id)
{
	struct life_row row;
	uint32_t at;

	cr_assert(life_find(s, 0, str_view(id), &at, &row));
	return row;
}

static bool may_act(const char *id, const char *agent, int64_t at_ns)
{
	struct life_standing standing;

	life_stand(s, 0, 1, str_view(id), str_view(agent), at_ns, &standing);
	return !standing.why;
}

/* --- the table of the page, tried on rows --- */

/* A session in that state with one participant, ann, or nobody where the event wants it. */
static void prepare(enum life_state state, enum life_event event)
{
	bool nobody = event == LIFE_CLOSE_EMPTY, two = event == LIFE_LEAVE;

	if (state == LIFE_NONE)
		return;
	open_session("s");
	cr_assert_eq(join("s", "ann"), OK);
	if (two)
		cr_assert_eq(join("s", "bob"), OK);
	if (state == LIFE_ACTIVE)
		cr_assert_eq(life_act(&l, 0, 1), OK);
	if (state == LIFE_OPEN || state == LIFE_ACTIVE) {
		if (nobody)
			cr_assert_eq(life_leave(&l, STR("s"), STR("ann"), 1, &why), OK);
		return;
	}
	cr_assert_eq(life_close(&l, STR("s"), 1, &why), OK);
	if (state == LIFE_CLOSED)
		cr_assert_eq(life_close(&l, STR("s"), 1, &why), OK);
}

static bool happen(enum life_event event)
{
	struct life_terms terms = terms_of("s");

	switch (event) {
	case LIFE_BEGIN:
		return life_open(&l, &terms, &why) == OK;
	case LIFE_JOIN:
		return join("s", "eve") == OK;
	case LIFE_LEAVE:
	case LIFE_LEAVE_LAST:
		return life_leave(&l, STR("s"), STR("ann"), 2, &why) == OK;
	case LIFE_ACT:
		return may_act("s", "ann", 2) && life_act(&l, 0, 2) == OK;
	default:
		return life_close(&l, STR("s"), 2, &why) == OK;
	}
}

static bool listed(const struct page_row *rows, size_t count, enum life_state from,
		   enum life_event event, struct str *to)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(rows[i].cells[0], life_state_name(from)) &&
		    str_is(rows[i].cells[1], life_event_name(event))) {
			*to = rows[i].cells[2];
			return true;
		}
	return false;
}

/* In closing, ways that need somebody or nobody there cannot be told apart once all have left. */
static bool can_be(enum life_state state, enum life_event event)
{
	return !(event == LIFE_CLOSE_EMPTY && state == LIFE_CLOSING);
}

Test(session_life, every_event_in_every_state_does_what_the_page_says)
{
	struct page_row *rows;
	struct arena a;
	size_t count, ways = 0;

	arena_init(&a, (size_t)4 << 20);
	count = page_rows("docs/formats/session.md", "life", &a, &rows);
	for (int i = 0; i < LIFE_STATES * LIFE_EVENTS; i++) {
		enum life_state from = (enum life_state)(i / LIFE_EVENTS), to;
		enum life_event event = (enum life_event)(i % LIFE_EVENTS);
		struct str said = STR_NONE;
		bool way = listed(rows, count, from, event, &said);

		ways += way;
		cr_assert_eq(life_way(from, event, &to), way, "%s %s", life_state_name(from),
			     life_event_name(event));
		if (!can_be(from, event))
			continue;
		teardown();
		setup();
		prepare(from, event);
		cr_assert_eq(happen(event), way, "%s %s", life_state_name(from),
			     life_event_name(event));
		if (way)
			cr_assert(str_is(said, life_state_name(row_of("s").state)), "%s %s",
				  life_state_name(from), life_event_name(event));
		else if (from != LIFE_NONE)
			cr_assert_eq(row_of("s").state, from);
	}
	cr_assert_eq(ways, count, "the page lists a way that is none");
	arena_fini(&a);
}

/* Every run of five events: whoever reaches closed stays there. */
Test(session_life, nothing_leads_out_of_closed)
{
	for (int event = 0; event < LIFE_EVENTS; event++) {
		enum life_state to;

		cr_assert(!life_way(LIFE_CLOSED, (enum life_event)event, &to));
	}
	open_session("s");
	cr_assert(!may_act("s", "ann", 1));
	cr_assert_eq(join("s", "ann"), OK);
	cr_assert(may_act("s", "ann", END - 1));
	cr_assert(!may_act("s", "ann", END), "its time is up");
	cr_assert_eq(life_close(&l, STR("s"), END, &why), ERR_RANGE);
	cr_assert_str_eq(why.text,
			 "session 's' is closed, for its time is up; nothing can close it");
	cr_assert_eq(life_leave(&l, STR("s"), STR("ann"), END, &why), ERR_RANGE);
}

Test(session_life, who_left_has_left_and_room_is_counted_now)
{
	open_session("s");
	for (const char *const *name = (const char *const[]){ "a", "b", "c", NULL }; *name; name++)
		cr_assert_eq(join("s", *name), OK);
	cr_assert_eq(join("s", "a"), ERR_EXISTS);
	cr_assert_eq(join("s", "d"), ERR_RANGE);
	cr_assert_str_eq(why.text, "session 's' has no room for another participant");
	cr_assert_eq(life_leave(&l, STR("s"), STR("b"), 2, &why), OK);
	cr_assert_eq(life_leave(&l, STR("s"), STR("b"), 2, &why), ERR_NOT_FOUND);
	cr_assert_eq(join("s", "b"), ERR_EXISTS);
	cr_assert_str_eq(why.text, "agent 'b' left session 's' already");
	cr_assert_eq(join("s", "d"), OK);
	cr_assert_eq(row_of("s").joined, 4);
	cr_assert_eq(row_of("s").present, 3);
	cr_assert_eq(join("nobody", "d"), ERR_NOT_FOUND);
}

Test(session_life, an_isolated_session_never_gives_a_slot_twice)
{
	struct life_terms terms = terms_of("s");
	char name[8];

	terms.isolation = ISOLATION_SNAPSHOT;
	terms.room = CLOCK_SLOTS + 1;
	cr_assert_eq(life_open(&l, &terms, &why), ERR_RANGE);
	terms.room = 1;
	cr_assert_eq(life_open(&l, &terms, &why), OK);
	for (int i = 0; i < CLOCK_SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "a%d", i);
		cr_assert_eq(join("s", name), OK);
		cr_assert_eq(life_leave(&l, STR("s"), str_view(name), 2, &why), OK);
	}
	cr_assert_eq(join("s", "late"), ERR_RANGE);
}

/* --- children --- */

static enum err open_below(const char *id, const char *parent, unsigned ring, int64_t lasts)
{
	struct life_terms terms = terms_of(id);

	terms.parent = str_view(parent);
	terms.ring = ring;
	terms.lasts_ns = lasts;
	return life_open(&l, &terms, &why);
}

Test(session_life, a_child_is_never_better_than_its_parent)
{
	struct life_terms terms = terms_of("top");
	struct life_standing standing;

	terms.ring = 2;
	cr_assert_eq(life_open(&l, &terms, &why), OK);
	cr_assert_eq(open_below("child", "top", 1, END * 2), OK);
	cr_assert_eq(row_of("child").ring, 2);
	cr_assert_eq(row_of("child").until_ns, END);
	cr_assert_eq(join("child", "ann"), OK);
	life_stand(s, 0, 1, STR("child"), STR("ann"), 2, &standing);
	cr_assert(!standing.why && standing.ring == 2);
	cr_assert_eq(life_close(&l, STR("top"), 3, &why), OK);
	life_stand(s, 0, 1, STR("child"), STR("ann"), 4, &standing);
	cr_assert(standing.why && str_is(standing.who, "top") && !standing.of_agent);
	cr_assert_eq(open_below("late", "top", 1, 1), ERR_RANGE);
	cr_assert_eq(open_below("lost", "nobody", 1, 1), ERR_NOT_FOUND);
}

Test(session_life, who_was_brought_in_leaves_with_the_one_who_did)
{
	struct life_standing standing;

	open_session("s");
	cr_assert_eq(life_join(&l, STR("s"), STR("ann"), STR_NONE, 2, 1, &why), OK);
	cr_assert_eq(life_join(&l, STR("s"), STR("bob"), STR("eve"), 1, 1, &why), ERR_NOT_FOUND);
	cr_assert_eq(life_join(&l, STR("s"), STR("bob"), STR("ann"), 1, 1, &why), OK);
	life_stand(s, 0, 1, STR("s"), STR("bob"), 2, &standing);
	cr_assert(!standing.why && standing.ring == 2);
	cr_assert_eq(life_leave(&l, STR("s"), STR("ann"), 3, &why), OK);
	life_stand(s, 0, 1, STR("s"), STR("bob"), 4, &standing);
	cr_assert(standing.why && standing.of_agent && str_is(standing.who, "ann"));
	cr_assert(!may_act("s", "carl", 4));
}

Test(session_life, what_is_below_what_has_a_bound)
{
	char id[8], parent[8] = "s0";

	open_session("s0");
	for (int i = 1; i < LIMIT_SESSION_DEPTH; i++) {
		(void)snprintf(id, sizeof(id), "s%d", i);
		cr_assert_eq(open_below(id, parent, 1, END), OK);
		memcpy(parent, id, sizeof(id));
	}
	cr_assert_eq(open_below("deep", parent, 1, END), ERR_LIMIT);
}

Test(session_life, what_cannot_be_told_is_refused)
{
	struct life_terms terms = terms_of("s");
	char longest[LIMIT_NAME_BYTES + 1];

	memset(longest, 'x', sizeof(longest));
	terms.at_ns = INT64_MAX;
	cr_assert_eq(life_open(&l, &terms, &why), ERR_RANGE);
	terms.at_ns = 0;
	terms.id = str_slice(longest, sizeof(longest));
	cr_assert_eq(life_open(&l, &terms, &why), ERR_RANGE);
	terms.id = STR("");
	cr_assert_eq(life_open(&l, &terms, &why), ERR_RANGE);
	cr_assert_eq(state_rows(s, 0), 0);
}

Test(session_life, survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		struct life_terms terms = terms_of("s");
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(n);
		e = life_open(&l, &terms, &why);
		if (e == OK)
			e = join("s", "ann");
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
