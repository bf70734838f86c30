/* turns: who lets others in goes on where they stopped, as if the workspace were opened anew. */
#include "engine/space/inside.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/steward.h"

#define PAY "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[1],\"session\":\"s\"}"
#define PAY_MORE "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[2],\"session\":\"t\"}"

static struct steward st;
static struct space *s;
static struct verdict v;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
	s = space_kit_open(&st.kit);
	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	cr_assert_eq(space_pause(s), OK);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(turns, .init = setup, .fini = teardown);

static void resume(void)
{
	cr_assert_eq(space_resume(&s, &st.note), OK, "%s", st.note.text);
}

static void expect_closes(uint64_t entries)
{
	cr_expect_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	cr_expect_eq(steward_expect_sound(&st), entries);
}

static void suspend(void)
{
	struct member why = { .key = STR("reason"), .value = value_string(STR("test")) };
	const struct value data = { .kind = VALUE_OBJECT, .object = { &why, 1 } };
	struct space *other = space_kit_open(&st.kit);

	cr_assert_eq(space_control(other, STR("agent.suspend"), STR("ann"), STR_NONE, &data,
				   world_now_ns(st.w), &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_close(other, &st.note), OK);
}

/* What a handle knows that was opened just now is what `s` knows. */
static void expect_as_opened_anew(void)
{
	struct digest here, there;
	struct space *fresh;

	here = state_root((struct state *)(uintptr_t)space_state(s));
	cr_assert_eq(space_pause(s), OK);
	fresh = space_kit_open(&st.kit);
	there = state_root((struct state *)(uintptr_t)space_state(fresh));
	cr_expect(digest_eq(&here, &there));
	cr_expect_eq(space_entries(fresh), space_entries(s));
	cr_assert_eq(space_close(fresh, NULL), OK);
	resume();
}

Test(turns, what_was_submitted_is_signed_when_it_pauses)
{
	cr_expect_eq(space_kit_verify(&st.kit, NULL), 3);
	expect_closes(3);
}

Test(turns, where_nobody_came_the_handle_goes_on)
{
	const struct space *before = s;

	for (unsigned i = 0; i < 5; i++) {
		resume();
		cr_expect_eq(s, before);
		cr_assert_eq(steward_submit(&st, s, PAY_MORE, &v), OK);
		cr_expect_eq(v.effect, EFFECT_ALLOW);
		cr_assert_eq(space_pause(s), OK);
	}
	resume();
	expect_as_opened_anew();
	expect_closes(8);
}

Test(turns, an_order_in_between_holds_for_the_next_action)
{
	suspend();
	resume();
	cr_expect_eq(space_entries(s), 4);
	expect_as_opened_anew();
	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect_eq(v.entry, 4);
	expect_as_opened_anew();
	expect_closes(5);
}

Test(turns, while_another_writes_it_stays_paused)
{
	struct space *other = space_kit_open(&st.kit), *before = s;

	cr_expect_eq(space_resume(&s, &st.note), ERR_LOCKED);
	cr_expect(str_has(str_view(st.note.text), STR("another process is writing")));
	cr_expect_eq(s, before);
	cr_assert_eq(steward_submit(&st, other, PAY_MORE, &v), OK);
	cr_assert_eq(space_close(other, NULL), OK);
	resume();
	cr_expect_eq(space_entries(s), 4);
	expect_closes(4);
}

Test(turns, it_is_closed_without_the_lock)
{
	struct space *other = space_kit_open(&st.kit);

	cr_expect_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(steward_submit(&st, other, PAY_MORE, &v), OK);
	s = other;
	expect_closes(4);
}

/* What lies behind the checkpoint is of a writer who was killed, and the next one judges it. */
Test(turns, who_abandons_a_paused_one_takes_nothing_of_others_back)
{
	struct space *other = space_kit_open(&st.kit);

	cr_assert_eq(steward_submit(&st, other, PAY_MORE, &v), OK);
	cr_assert_eq(space_commit(other, true), OK);
	space_release(other);
	cr_expect_eq(space_abandon(s, &st.note), OK, "%s", st.note.text);
	s = space_kit_open(&st.kit);
	cr_expect_eq(space_recovered(s), 1);
	expect_closes(5);
}

/* The bodies of what was taken back lie in the pack, and no entry is there. */
Test(turns, what_another_took_back_is_not_there)
{
	struct space *other = space_kit_open(&st.kit);

	cr_assert_eq(steward_submit(&st, other, PAY_MORE, &v), OK);
	cr_assert_eq(space_hand_over(other, false), OK);
	cr_assert_eq(space_abandon(other, NULL), OK);
	resume();
	cr_expect_eq(space_entries(s), 3);
	cr_assert_eq(steward_submit(&st, s, PAY_MORE, &v), OK);
	expect_as_opened_anew();
	expect_closes(4);
}

/* Killed behind its commit: what it left is judged and noticed, as by any writer. */
Test(turns, what_another_left_behind_is_accepted)
{
	struct space *other = space_kit_open(&st.kit);

	cr_assert_eq(steward_submit(&st, other, PAY_MORE, &v), OK);
	cr_assert_eq(space_commit(other, true), OK);
	space_release(other);
	resume();
	cr_expect_eq(space_recovered(s), 1);
	cr_expect_eq(space_entries(s), 5, "and the notice of it");
	expect_as_opened_anew();
	expect_closes(5);
}

/* The policy that another put into force is not taken back by who still has the old one. */
Test(turns, another_policy_holds_from_then_on)
{
	struct space *other;

	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	other = space_kit_open(&st.kit);
	cr_assert_eq(steward_submit(&st, other, PAY, &v), OK);
	cr_assert_eq(space_close(other, NULL), OK);
	resume();
	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	expect_closes(6);
}

Test(turns, who_waits_is_seen)
{
	int place;

	cr_expect_not(space_awaited(s));
	cr_assert_eq(space_queue(st.w, SPACE_KIT_DIR, &place), OK);
	cr_expect(space_awaited(s));
	world_close(st.w, place);
	cr_expect_not(space_awaited(s));
	cr_expect_eq(space_queue(st.w, "nowhere", &place), ERR_NOT_FOUND);
	expect_closes(3);
}

Test(turns, without_memory_it_stays_paused)
{
	bool hit = true;

	suspend();
	for (uint64_t at = 1; hit; at++) {
		struct space *before = s;
		enum err e;

		fail_alloc_at(at);
		e = space_resume(&s, &st.note);
		hit = fail_alloc_was_hit();
		if (e == OK)
			break;
		cr_assert_eq(s, before);
		cr_assert(s->paused);
	}
	expect_closes(4);
}
