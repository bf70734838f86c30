/* watch: every way of being stopped is noticed, and what cannot be told is no permission. */
#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/steward.h"

#define RUN "{\"agent\":\"ann\",\"action\":\"run\",\"args\":[1],\"session\":\"s\"}"
#define OTHER "{\"agent\":\"ann\",\"action\":\"look\",\"args\":[2],\"session\":\"t\"}"
#define NOW (SPACE_KIT_START_NS + INT64_C(1000000000))
#define SECOND INT64_C(1000000000)

static struct steward st;
static struct watch *watch;
static struct note n;
static struct str why;
static uint64_t entry;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
	n = (struct note){ .text = "" };
	entry = steward_record(&st, RUN).entry;
	cr_assert_eq(watch_open(st.w, SPACE_KIT_DIR, entry, &watch, &n), OK, "%s", n.text);
}

static void teardown(void)
{
	watch_close(watch);
	steward_fini(&st);
}

TestSuite(watch, .init = setup, .fini = teardown);

static void order(const char *verb, struct str agent, struct str session, const char *until)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("test")) },
		{ .key = STR("until"), .value = value_string(until ? str_view(until) : STR("")) },
	};
	const struct value data = { .kind = VALUE_OBJECT, .object = { members, until ? 2 : 1 } };
	struct space *s = space_kit_open(&st.kit);

	cr_assert_eq(space_control(s, str_view(verb), agent, session, &data, NOW, &n), OK, "%s",
		     n.text);
	cr_assert_eq(space_close(s, &n), OK);
}

static void expect_goes_on(void)
{
	cr_expect_eq(watch_look(watch, NOW, &why, &n), OK, "%s", n.text);
	cr_expect_null(why.ptr, "%.*s", STR_ARG(why));
}

static void expect_stopped(int64_t now_ns, const char *reason)
{
	cr_expect_eq(watch_look(watch, now_ns, &why, &n), OK, "%s", n.text);
	cr_expect(str_is(why, reason), "%.*s", STR_ARG(why));
}

Test(watch, what_others_do_stops_nothing)
{
	expect_goes_on();
	(void)steward_record(&st, OTHER);
	expect_goes_on();
	order("kill.agent", STR("bob"), STR_NONE, NULL);
	order("kill.session", STR_NONE, STR("t"), NULL);
	expect_goes_on();
}

Test(watch, kills_stop)
{
	order("kill.agent", STR("ann"), STR_NONE, NULL);
	expect_stopped(NOW, "agent 'ann' was killed");
	expect_stopped(NOW, "agent 'ann' was killed");
}

Test(watch, a_kill_of_the_session_stops)
{
	order("kill.session", STR_NONE, STR("s"), NULL);
	expect_stopped(NOW, "session 's' was killed");
}

/* Whoever looks late sees the fence. */
Test(watch, a_kill_that_was_lifted_stops)
{
	order("kill.all", STR_NONE, STR_NONE, NULL);
	order("kill.lift", STR_NONE, STR_NONE, NULL);
	expect_stopped(NOW, "everything was stopped by an operator");
	watch_close(watch);
	cr_assert_eq(watch_open(st.w, SPACE_KIT_DIR, entry, &watch, &n), OK);
	expect_stopped(NOW, "everything was stopped by an operator");
}

Test(watch, a_suspension_stops_and_so_does_one_that_is_over)
{
	order("agent.suspend", STR("ann"), STR_NONE, NULL);
	order("agent.reactivate", STR("ann"), STR_NONE, NULL);
	expect_stopped(NOW, "agent 'ann' is suspended");
}

Test(watch, a_revocation_stops)
{
	order("agent.revoke", STR("ann"), STR_NONE, NULL);
	expect_stopped(NOW, "agent 'ann' is revoked");
}

Test(watch, a_quarantine_stops_until_its_end)
{
	order("quarantine", STR("ann"), STR_NONE, "2026-01-02T03:05:00Z");
	expect_stopped(NOW, "agent 'ann' is in quarantine until 2026-01-02T03:05:00.000000000Z");
	cr_expect_eq(watch_look(watch, NOW + 60 * SECOND, &why, &n), OK);
	cr_expect_null(why.ptr, "time is asked at each look");
}

/* Nothing is recorded when a time is up. */
Test(watch, the_end_of_an_agent_stops)
{
	const struct space_newcomer who = { .name = STR("bob"), .sponsor = STR("a@b"),
					    .expires_ns = NOW + SECOND };
	struct space *s = space_kit_open(&st.kit);
	struct space_key ignored;

	cr_assert_eq(space_create_agent(s, &who, NOW, &ignored, &n), OK);
	cr_assert_eq(space_close(s, &n), OK);
	entry = steward_record(&st, "{\"agent\":\"bob\",\"action\":\"run\"}").entry;
	watch_close(watch);
	cr_assert_eq(watch_open(st.w, SPACE_KIT_DIR, entry, &watch, &n), OK);
	expect_goes_on();
	expect_stopped(NOW + 2 * SECOND,
		       "agent 'bob' has expired at 2026-01-02T03:04:07.000000000Z");
}

Test(watch, the_end_of_an_opened_session_stops)
{
	struct member members[] = {
		{ .key = STR("reason"), .value = value_string(STR("test")) },
		{ .key = STR("seconds"), .value = value_int(10) },
	};
	const struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	const struct value only = { .kind = VALUE_OBJECT, .object = { members, 1 } };
	struct space *s = space_kit_open(&st.kit);

	cr_assert_eq(space_control(s, STR("session.open"), STR("ann"), STR("o"), &data, NOW, &n),
		     OK, "%s", n.text);
	cr_assert_eq(space_control(s, STR("session.join"), STR("ann"), STR("o"), &only, NOW, &n),
		     OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
	entry = steward_record(&st, "{\"agent\":\"ann\",\"action\":\"run\",\"session\":\"o\"}")
			.entry;
	watch_close(watch);
	cr_assert_eq(watch_open(st.w, SPACE_KIT_DIR, entry, &watch, &n), OK);
	expect_goes_on();
	cr_expect_eq(watch_look(watch, NOW + 20 * SECOND, &why, &n), OK);
	cr_expect(str_starts(why, STR("session 'o' ")), "%.*s", STR_ARG(why));
}

/* What a writer takes back before it was signed is as if it had not been. */
Test(watch, entries_that_are_taken_back_are_forgotten)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	for (int i = 0; i < 5; i++)
		cr_assert_eq(steward_submit(&st, s, OTHER, &v), OK);
	cr_assert_eq(space_commit(s, false), OK);
	expect_goes_on();
	cr_assert_eq(space_abandon(s, &n), OK);
	order("kill.agent", STR("ann"), STR_NONE, NULL);
	expect_stopped(NOW, "agent 'ann' was killed");
}

Test(watch, sees_what_is_not_signed_yet)
{
	const struct value reason = value_string(STR("test"));
	struct member member = { .key = STR("reason"), .value = reason };
	const struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct space *s = space_kit_open(&st.kit);

	cr_assert_eq(space_control(s, STR("kill.agent"), STR("ann"), STR_NONE, &data, NOW, &n),
		     OK);
	cr_assert_eq(space_commit(s, true), OK);
	expect_stopped(NOW, "agent 'ann' was killed");
	cr_assert_eq(space_close(s, &n), OK);
}

/* A writer that goes on and on makes room, and its file does not grow with its lines. */
Test(watch, sees_what_is_written_into_room)
{
	const struct value reason = value_string(STR("test"));
	struct member member = { .key = STR("reason"), .value = reason };
	const struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	for (int i = 0; i < 12; i++) {
		cr_assert_eq(steward_submit(&st, s, OTHER, &v), OK);
		cr_assert_eq(space_commit(s, true), OK);
		expect_goes_on();
		expect_goes_on();
	}
	cr_assert_eq(space_control(s, STR("kill.agent"), STR("ann"), STR_NONE, &data, NOW, &n),
		     OK);
	cr_assert_eq(space_commit(s, true), OK);
	expect_stopped(NOW, "agent 'ann' was killed");
	cr_assert_eq(space_close(s, &n), OK);
}

/* Seen half written, it is looked at until it is whole. */
Test(watch, sees_the_end_of_a_line_that_it_saw_begin)
{
	static const char zeros[1024];
	uint64_t size, end;
	struct str line;
	int fd;

	expect_goes_on();
	cr_assert_eq(world_open(st.w, STEWARD_SEGMENT, WORLD_WRITE, &fd), OK);
	cr_assert_eq(world_size(st.w, fd, &size), OK);
	order("kill.agent", STR("ann"), STR_NONE, NULL);
	cr_assert_eq(world_size(st.w, fd, &end), OK);
	line = space_kit_line(&st.kit, entry + 1);
	cr_assert_eq(world_write_at(st.w, fd, size + 9, zeros, end - size - 9), OK);
	expect_goes_on();
	expect_goes_on();
	cr_assert_eq(world_write_at(st.w, fd, size, line.ptr, line.len), OK);
	cr_assert_eq(world_write_at(st.w, fd, end - 1, "\n", 1), OK);
	cr_assert_eq(world_close(st.w, fd), OK);
	expect_stopped(NOW, "agent 'ann' was killed");
}

static void expect_unknown(enum err e, const char *story)
{
	for (int i = 0; i < 2; i++) {
		n = (struct note){ .text = "" };
		cr_expect_eq(watch_look(watch, NOW, &why, &n), e, "%s", n.text);
		cr_expect(str_has(str_view(n.text), str_view(story)), "%s", n.text);
	}
}

Test(watch, a_log_that_is_gone_is_an_error)
{
	cr_assert_eq(world_rename(st.w, SPACE_KIT_DIR "/log", "elsewhere"), OK);
	expect_unknown(ERR_TAMPERED, "entry 2 is not in the log any more");
	cr_assert_eq(world_rename(st.w, "elsewhere", SPACE_KIT_DIR "/log"), OK);
	expect_goes_on();
}

Test(watch, a_log_that_was_cut_is_an_error)
{
	int fd;

	cr_assert_eq(world_open(st.w, STEWARD_SEGMENT, WORLD_WRITE, &fd), OK);
	cr_assert_eq(world_truncate(st.w, fd, 10), OK);
	cr_assert_eq(world_close(st.w, fd), OK);
	expect_unknown(ERR_TAMPERED, "entry 2 is not in the log any more");
}

Test(watch, another_action_in_its_place_is_an_error)
{
	steward_forge(&st, entry, "\"session\":\"s\"", "\"session\":\"x\"");
	expect_unknown(ERR_TAMPERED, "entry 2 is not what it was");
}

/* A line of before once more: well-formed, and no gate would have put it there. */
Test(watch, an_entry_that_no_gate_has_written_is_an_error)
{
	struct str line = space_kit_line(&st.kit, entry);
	uint64_t size;
	int fd;

	cr_assert_eq(world_open(st.w, STEWARD_SEGMENT, WORLD_WRITE, &fd), OK);
	cr_assert_eq(world_size(st.w, fd, &size), OK);
	cr_assert_eq(world_write_at(st.w, fd, size, line.ptr, line.len), OK);
	cr_assert_eq(world_write_at(st.w, fd, size + line.len, "\n", 1), OK);
	cr_assert_eq(world_close(st.w, fd), OK);
	expect_unknown(ERR_TAMPERED, "entry 2 of log");
}

Test(watch, memory_that_is_missing_is_an_error_and_no_end)
{
	bool hit = true;

	for (uint64_t i = 1; hit; i++) {
		(void)steward_record(&st, OTHER);
		fail_alloc_at(i);
		if (watch_look(watch, NOW, &why, &n) == OK)
			cr_expect_null(why.ptr);
		hit = fail_alloc_was_hit();
	}
	expect_goes_on();
}

Test(watch, memory_that_is_missing_opens_nothing)
{
	struct watch *other;
	bool hit = true;

	for (uint64_t i = 1; hit; i++) {
		enum err e;

		fail_alloc_at(i);
		e = watch_open(st.w, SPACE_KIT_DIR, entry, &other, &n);
		hit = fail_alloc_was_hit();
		cr_expect(e == OK || (hit && e == ERR_MEMORY), "%s at %llu", err_name(e),
			  (unsigned long long)i);
		if (e == OK)
			watch_close(other);
	}
}
