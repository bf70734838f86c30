/* log_pen: room for lines to come, which readers see through and no crash turns into anything. */
#include "engine/audit/inside.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"

#define SEGMENT 24
#define FIRST "segment/00000000.jsonl"
#define SECOND "segment/00000001.jsonl"
/* So many commits and there is room, long before a segment is full. */
#define COMMITS 12
#define ROOM (64u << 10)             /* the least */

static struct scribe s;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(log_pen, .init = setup, .fini = teardown);

/* Append entries, each with a commit; how many were acknowledged. */
static uint64_t commit_each(struct log *l, uint64_t from, uint64_t to)
{
	for (; from < to; from++)
		if (scribe_append(&s, l, from, from + 1) != OK || log_commit(l, true) != OK)
			break;
	return from;
}

static struct log *with_room(void)
{
	struct log *l;

	scribe_make(&s, 0);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(commit_each(l, 0, COMMITS), COMMITS);
	cr_assert_gt(scribe_peek(&s, FIRST).len, ROOM);
	return l;
}

/* Bytes up to the last newline. */
static size_t lines_of(const char *name)
{
	struct str text = scribe_peek(&s, name);
	const char *last = memrchr(text.ptr, '\n', text.len);

	return last ? (size_t)(last - text.ptr) + 1 : 0;
}

Test(log_pen, who_commits_once_makes_no_room)
{
	struct log *l;

	scribe_make(&s, 0);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(scribe_append(&s, l, 0, COMMITS), OK);
	cr_assert_eq(log_commit(l, true), OK);
	cr_assert_eq(scribe_peek(&s, FIRST).len, lines_of(FIRST));
	log_abandon(l);
}

Test(log_pen, room_is_nothing_to_who_reads_and_gone_when_done)
{
	struct log_report report;
	struct log *l = with_room();

	cr_assert_eq(log_publish(l), OK);
	cr_assert_gt(scribe_peek(&s, FIRST).len, ROOM);
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	cr_assert_eq(report.entries, COMMITS);
	cr_assert(!report.torn);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_peek(&s, FIRST).len, lines_of(FIRST));
}

Test(log_pen, room_that_a_crash_left_is_cut_off_without_a_word)
{
	struct log *l = with_room();

	log_abandon(l);
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_UNSIGNED);
	cr_assert(!str_has(str_view(n.text), STR("no entry")), "%s", n.text);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(log_tail(l), COMMITS);
	cr_assert_eq(log_cut_bytes(l), 0);
	cr_assert_eq(scribe_peek(&s, FIRST).len, lines_of(FIRST));
	cr_assert_eq(log_cut_tail(l, COMMITS), OK);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

Test(log_pen, a_byte_in_the_room_is_torn)
{
	struct log_report report;
	struct buf text;
	struct log *l = with_room();

	cr_assert_eq(log_publish(l), OK);
	log_abandon(l);
	buf_init(&text, 4u << 20);
	buf_add(&text, scribe_peek(&s, FIRST));
	text.ptr[text.len - 1] = 1;
	scribe_poke(&s, FIRST, buf_view(&text));
	cr_assert_eq(scribe_verify(&s, &report, &n), ERR_UNSIGNED);
	cr_assert(report.torn);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_gt(log_cut_bytes(l), ROOM / 2);
	cr_assert_eq(log_close(l), OK);
	buf_fini(&text);
}

/* A block of a line that never reached the disk; what follows it did. */
Test(log_pen, a_line_with_a_hole_behind_the_checkpoint_is_torn)
{
	struct log_report report;
	struct buf text;
	struct log *l = with_room();

	cr_assert_eq(log_publish(l), OK);
	cr_assert_eq(commit_each(l, COMMITS, COMMITS + 3), COMMITS + 3);
	log_abandon(l);
	buf_init(&text, 4u << 20);
	buf_add(&text, scribe_peek(&s, FIRST));
	memset(strstr(text.ptr, "\"seq\":13"), 0, 5);
	scribe_poke(&s, FIRST, buf_view(&text));
	cr_assert_eq(scribe_verify(&s, &report, &n), ERR_UNSIGNED, "%s", n.text);
	cr_assert(report.torn);
	cr_assert_eq(report.entries, COMMITS + 1);
	memset(strstr(text.ptr, "\"seq\":11"), 0, 5);
	scribe_poke(&s, FIRST, buf_view(&text));
	cr_assert_eq(scribe_verify(&s, &report, &n), ERR_TAMPERED, "that one was signed");
	cr_assert_eq(n.line, COMMITS);
	buf_fini(&text);
}

Test(log_pen, a_full_segment_has_no_room_behind_it)
{
	struct buf text;
	struct log *l = with_room();

	cr_assert_eq(commit_each(l, COMMITS, SEGMENT), SEGMENT);
	cr_assert_gt(scribe_peek(&s, FIRST).len, ROOM, "the last of all may have");
	cr_assert_eq(log_publish(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	cr_assert_eq(commit_each(l, SEGMENT, SEGMENT + 1), SEGMENT + 1);
	cr_assert_eq(scribe_peek(&s, FIRST).len, lines_of(FIRST));
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	buf_init(&text, 4u << 20);
	buf_add(&text, scribe_peek(&s, FIRST));
	buf_add_byte(&text, 0);
	scribe_poke(&s, FIRST, buf_view(&text));
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED, "there is a segment behind it");
	cr_assert_str_eq(n.file, FIRST);
	buf_fini(&text);
}

Test(log_pen, without_space_for_room_lines_go_on)
{
	struct log *l;

	scribe_make(&s, 0);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	sim_set_capacity(s.w, 50000);
	cr_assert_eq(commit_each(l, 0, SEGMENT), SEGMENT);
	cr_assert_eq(scribe_peek(&s, FIRST).len, lines_of(FIRST));
	sim_set_capacity(s.w, 0);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
}

static struct { unsigned count; uint64_t at; size_t len; } pushed;

static void count_push(struct world *w, int fd, uint64_t at, size_t len)
{
	(void)w;
	(void)fd;
	pushed.count++;
	pushed.at = at;
	pushed.len = len;
}

Test(log_pen, a_large_batch_is_on_its_way_to_the_disk_before_it_is_synced)
{
	struct world_calls calls = *s.w->calls;
	const struct world_calls *plain = s.w->calls;
	struct log *l;
	size_t first;

	scribe_fini(&s);
	scribe_init(&s, LOG_SEGMENT_ENTRIES);
	scribe_make(&s, 0);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	calls.push = count_push;
	s.w->calls = &calls;
	cr_assert_eq(commit_each(l, 0, 1), 1);
	cr_assert_eq(scribe_append(&s, l, 1, 200), OK);
	cr_assert_eq(log_commit(l, false), OK);
	cr_assert_eq(pushed.count, 0, "a small one, and one that is not synced");
	first = scribe_peek(&s, FIRST).len;
	cr_assert_eq(scribe_append(&s, l, 200, 400), OK);
	cr_assert_eq(log_commit(l, true), OK);
	cr_assert_eq(pushed.count, 1);
	cr_assert_eq(pushed.at, first);
	cr_assert_eq(pushed.len, scribe_peek(&s, FIRST).len - first);
	s.w->calls = plain;
	cr_assert_eq(log_close(l), OK);
}

/* --- what fails on the way --- */

/* Everything acknowledged is there, and the log goes on. */
static void expect_kept(uint64_t acknowledged, uint64_t when)
{
	struct log *l;
	enum err e = scribe_open(&s, &l, &n);

	cr_assert_eq(e, OK, "%d: %s: %s", (int)when, n.file, n.text);
	cr_assert_geq(log_size(l), acknowledged, "%d", (int)when);
	cr_assert_eq(log_cut_tail(l, acknowledged - log_signed_size(l)), OK);
	cr_assert_eq(commit_each(l, acknowledged, SEGMENT + 20), SEGMENT + 20);
	cr_assert_eq(log_close(l), OK);
	e = scribe_verify(&s, NULL, &n);
	cr_assert_eq(e, OK, "%d: %s: %s", (int)when, n.file, n.text);
}

static uint64_t write_until(uint64_t fail_at, enum sim_fault fault, bool *hit)
{
	uint64_t done;
	struct log *l;

	teardown();
	setup();
	scribe_make(&s, 0);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	sim_fail_at(s.w, fail_at, fault);
	done = commit_each(l, 0, SEGMENT + 10);
	*hit = sim_was_hit(s.w);
	log_abandon(l);
	sim_fail_at(s.w, 0, SIM_NONE);
	return done;
}

static void fail_each(enum sim_fault fault, bool power_lost)
{
	bool hit = true;

	for (uint64_t i = 1; hit; i++) {
		uint64_t done = write_until(i, fault, &hit);

		if (fault == SIM_CRASH)
			sim_reboot(s.w, power_lost);
		expect_kept(done, i);
	}
}

Test(log_pen, no_failure_and_no_crash_loses_what_was_acknowledged)
{
	fail_each(SIM_EIO, false);
	fail_each(SIM_ENOSPC, false);
	fail_each(SIM_SHORT, false);
	fail_each(SIM_CRASH, false);
	fail_each(SIM_CRASH, true);
}

Test(log_pen, no_torn_power_loss_does)
{
	for (uint64_t seed = 1; seed < 150; seed++) {
		bool hit;
		uint64_t done = write_until(seed % 90 + 1, SIM_CRASH, &hit);

		sim_tear(s.w, seed);
		expect_kept(done, seed);
	}
}
