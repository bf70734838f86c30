/* log_turn: writers come one after the other, and know whether another was there in between. */
#include "engine/audit/inside.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"

#define SEGMENT 24
/* More commits than it takes until a pen makes room. */
#define COMMITS 12

static struct scribe s;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	scribe_make(&s, 3);
	n = (struct note){ .line = 0 };
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(log_turn, .init = setup, .fini = teardown);

static struct log *open_log(void)
{
	struct log *l;

	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	return l;
}

static void commit_each(struct log *l, uint64_t from, uint64_t to)
{
	for (; from < to; from++) {
		cr_assert_eq(scribe_append(&s, l, from, from + 1), OK);
		cr_assert_eq(log_commit(l, true), OK);
	}
}

static void expect_whole(uint64_t size)
{
	struct digest root = scribe_root(&s, size);
	struct log_report report;

	cr_expect_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	cr_expect_eq(report.entries, size);
	cr_expect(digest_eq(&report.root, &root));
}

Test(log_turn, who_pauses_has_published)
{
	struct log *l = open_log();

	commit_each(l, 3, 3 + COMMITS);
	cr_expect_eq(log_pause(l), OK);
	expect_whole(3 + COMMITS);
	cr_expect_null(memchr(scribe_peek(&s, "segment/00000000.jsonl").ptr, '\0',
			      scribe_peek(&s, "segment/00000000.jsonl").len), "no room is left");
	cr_expect_eq(log_close(l), OK);
	expect_whole(3 + COMMITS);
}

Test(log_turn, a_paused_log_takes_nothing)
{
	struct log *l = open_log();

	cr_expect_eq(log_pause(l), OK);
	cr_expect_eq(scribe_append(&s, l, 3, 4), ERR_CLOSED);
	cr_expect_eq(log_commit(l, true), ERR_CLOSED);
	cr_expect_eq(log_publish(l), ERR_CLOSED);
	cr_expect_eq(log_pause(l), ERR_CLOSED);
	cr_expect_eq(log_close(l), OK);
	expect_whole(3);
}

Test(log_turn, where_nobody_came_it_goes_on)
{
	struct log *l = open_log();
	bool same = false;

	for (uint64_t at = 3; at < 3 * SEGMENT; at += 5) {
		cr_assert_eq(scribe_append(&s, l, at, at + 5), OK);
		cr_assert_eq(log_pause(l), OK);
		expect_whole(at + 5);
		cr_assert_eq(log_resume(l, &same), OK);
		cr_assert(same);
	}
	cr_expect_eq(log_close(l), OK);
	expect_whole(3 * SEGMENT + 1);
}

/* Whatever the other did, even nothing, or took all of it back. */
Test(log_turn, another_writer_is_noticed)
{
	for (uint64_t entries = 0; entries < 2; entries++) {
		struct log *l = open_log(), *other;
		uint64_t size = log_size(l);
		bool same = true;

		cr_assert_eq(log_pause(l), OK);
		other = open_log();
		cr_assert_eq(scribe_append(&s, other, size, size + entries), OK);
		cr_expect_eq(log_resume(l, &same), ERR_LOCKED);
		cr_assert_eq(log_close(other), OK);
		cr_expect_eq(log_resume(l, &same), OK);
		cr_expect_not(same);
		other = open_log();
		cr_expect_eq(log_close(other), OK, "it holds no lock");
		cr_expect_eq(log_close(l), OK);
		expect_whole(size + entries);
	}
}

/* Each pauses for the other: the ticket of one is not that of the other. */
Test(log_turn, two_that_pause_are_told_apart)
{
	struct log *first = open_log(), *second;
	bool same = true;

	cr_assert_eq(log_pause(first), OK);
	second = open_log();
	cr_assert_eq(log_pause(second), OK);
	cr_expect_eq(log_resume(first, &same), OK);
	cr_expect_not(same);
	cr_expect_eq(log_resume(second, &same), OK);
	cr_expect(same);
	cr_expect_eq(log_close(second), OK);
	cr_expect_eq(log_close(first), OK);
}

Test(log_turn, the_queue_has_one_first)
{
	int place, other;

	cr_expect_not(log_awaited(s.w, s.place.folder));
	cr_expect_not(scribe_has(&s, "waiting"), "who asks makes no file");
	cr_expect_eq(log_queue(s.w, s.place.folder, &place), OK);
	cr_expect(log_awaited(s.w, s.place.folder));
	cr_expect_eq(log_queue(s.w, s.place.folder, &other), ERR_LOCKED);
	world_close(s.w, place);
	cr_expect_not(log_awaited(s.w, s.place.folder));
	cr_expect_eq(log_queue(s.w, s.place.folder, &place), OK, "asking has taken no place");
	world_close(s.w, place);
	cr_expect_eq(log_queue(s.w, "nowhere", &place), ERR_NOT_FOUND);
	expect_whole(3);
}

/* A pause that fails closes the log; one whose ticket fails is never resumed as the same. */
Test(log_turn, every_failing_operation_leaves_a_sound_log)
{
	bool hit = true, without_ticket = false;

	for (uint64_t at = 1; hit; at++) {
		struct log *l = open_log();
		uint64_t size = log_size(l);
		bool same = false;
		enum err e;

		cr_assert_eq(scribe_append(&s, l, size, size + 1), OK);
		cr_assert_eq(log_commit(l, true), OK);
		sim_fail_at(s.w, at, SIM_ENOSPC);
		e = log_pause(l);
		hit = sim_was_hit(s.w);
		sim_fail_at(s.w, 0, SIM_NONE);
		cr_expect(e == OK || hit);
		if (e == OK) {
			cr_expect_eq(log_resume(l, &same), OK);
			without_ticket = without_ticket || (hit && !same);
		}
		log_abandon(l);
		l = open_log();
		cr_assert_eq(log_size(l), size + 1);
		if (log_tail(l) > 0)
			cr_assert_eq(log_cut_tail(l, log_tail(l)), OK);
		cr_expect_eq(log_close(l), OK);
		expect_whole(size + 1);
	}
	cr_expect(without_ticket);
}
