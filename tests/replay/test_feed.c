#include "replay/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/fail_thread.h"
#include "tests/kit/steward.h"

static struct steward st;
static struct space *s;
static struct feed *f;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	feed_close(f);
	(void)space_close(s, NULL);
	steward_fini(&st);
}

TestSuite(feed, .init = setup, .fini = teardown);

/* Actions whose arguments are a number and `padding` more bytes. */
static void record(uint64_t count, size_t padding)
{
	struct space *writer = space_kit_open(&st.kit);
	char *text = malloc(padding + 256);
	struct verdict v;

	for (uint64_t i = 0; i < count; i++) {
		(void)snprintf(text, padding + 256,
			       "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[%llu,\"%0*d\"]}",
			       (unsigned long long)i, (int)padding, 0);
		cr_assert_eq(steward_submit(&st, writer, text, &v), OK);
	}
	cr_assert_eq(space_close(writer, NULL), OK);
	free(text);
}

static void open_space(void)
{
	feed_close(f);
	(void)space_close(s, NULL);
	f = NULL;
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
}

/* Begin anew, with a thread of its own or without. */
static void open_feed(bool threads, uint64_t signed_size)
{
	open_space();
	st.w->threads = threads;
	cr_assert_eq(feed_open(s, signed_size, &f), OK);
}

static const struct rerun_input *next(void)
{
	const struct rerun_input *in;

	cr_assert_eq(feed_next(f, &in), OK);
	return in;
}

static void expect_numbers(uint64_t count, size_t padding)
{
	char *text = malloc(padding + 64);

	for (uint64_t i = 0; i < count + 2; i++) {
		const struct rerun_input *in = next();

		cr_assert(in && in->failed == OK && in->body_failed == OK);
		cr_assert_eq(in->entry.seq, i);
		if (i < 2)
			continue;
		(void)snprintf(text, padding + 64, "[%llu,\"%0*d\"]", (unsigned long long)i - 2,
			       (int)padding, 0);
		cr_assert(str_is(in->args_text, text), "entry %d", (int)i);
	}
	cr_assert_null(next());
	cr_assert_null(next());
	free(text);
}

Test(feed, lines_come_in_order_with_their_bodies)
{
	record(1500, 1);
	for (int threads = 0; threads < 2; threads++) {
		open_feed(threads, 0);
		expect_numbers(1500, 1);
	}
}

/* Each of them fills a batch. */
Test(feed, large_bodies_come_like_small_ones)
{
	record(9, 300000);
	for (int threads = 0; threads < 2; threads++) {
		open_feed(threads, 0);
		expect_numbers(9, 300000);
	}
}

/* Actions after the tool, whose results have these many bytes. */
static void record_results(int count, int bytes, int growth)
{
	struct space *writer = space_kit_open(&st.kit);
	char *text = malloc(LIMIT_ACTION_BYTES);
	struct verdict v;

	for (int i = 0; i < count; i++, bytes += growth) {
		(void)snprintf(text, LIMIT_ACTION_BYTES,
			       "{\"agent\":\"ann\",\"action\":\"pay\",\"stage\":\"post_tool\","
			       "\"result\":\"%0*d\"}", bytes - 2, 0);
		cr_assert_eq(steward_submit(&st, writer, text, &v), OK);
	}
	cr_assert_eq(space_close(writer, NULL), OK);
	free(text);
}

static void expect_results(int count, int bytes, int growth)
{
	for (int threads = 0; threads < 2; threads++) {
		open_feed(threads, 0);
		for (int i = 0; i < count + 2; i++) {
			const struct rerun_input *in = next();

			cr_assert_eq(in->failed, OK);
			cr_assert_eq(in->body_failed, OK, "entry %d", i);
			cr_assert(i < 2 || in->result_text.len ==
						   (size_t)(bytes + (i - 2) * growth));
		}
		cr_assert_null(next());
	}
}

/* More of them than a batch has memory for. */
Test(feed, large_results_end_a_batch)
{
	record_results(80, 900000, 0);
	expect_results(80, 900000, 0);
}

/* None of these fits where one of those before it was. */
Test(feed, results_that_grow_do_not_pile_up)
{
	record_results(200, 270000, 2000);
	expect_results(200, 270000, 2000);
}

Test(feed, reads_ahead_by_a_thread_only_where_the_world_allows_it)
{
	record(1, 1);
	open_feed(false, 0);
	cr_assert_eq(fail_thread_made(), 0);
	open_feed(true, 0);
	cr_assert_eq(fail_thread_made(), 1);
	fail_thread(true);
	open_feed(true, 0);
	expect_numbers(1, 1);
}

Test(feed, its_heads_are_those_of_the_log)
{
	struct digest before, root;
	struct feed_heads heads;

	record(200, 1);
	(void)space_kit_verify(&st.kit, &before);
	record(100, 1);
	(void)space_kit_verify(&st.kit, &root);
	for (int threads = 0; threads < 2; threads++) {
		open_feed(threads, 202);
		while (next())
			;
		feed_heads(f, &heads);
		cr_assert_eq(heads.entries, 302);
		cr_assert(digest_eq(&heads.signed_root, &before));
		cr_assert(digest_eq(&heads.root, &root));
	}
}

Test(feed, nothing_comes_behind_a_line_that_is_no_entry)
{
	struct str text;

	record(20, 1);
	text = sim_peek(st.w, STEWARD_SEGMENT);
	text = steward_edit(&st, text, "\"seq\":7", "\"seq\":{");
	cr_assert_eq(sim_poke(st.w, STEWARD_SEGMENT, text), OK);
	for (int threads = 0; threads < 2; threads++) {
		const struct rerun_input *in;

		open_feed(threads, 0);
		for (int i = 0; i < 7; i++)
			cr_assert_eq(next()->failed, OK);
		in = next();
		cr_assert_eq(in->failed, ERR_SYNTAX);
		cr_assert(in->why->column > 0 && in->why->text[0]);
		cr_assert_null(next());
	}
}

Test(feed, a_body_that_is_gone_is_told_with_its_line)
{
	record(3, 1);
	cr_assert_eq(world_unlink(st.w, STEWARD_PACK), OK);
	for (int threads = 0; threads < 2; threads++) {
		open_feed(threads, 0);
		cr_assert_eq(next()->body_failed, ERR_MISS);
		cr_assert_eq(next()->body_failed, OK);
		cr_assert_eq(next()->body_failed, ERR_MISS);
		cr_assert_eq(next()->entry.seq, 3);
	}
}

Test(feed, may_be_closed_anywhere)
{
	record(1500, 1);
	for (int taken = 0; taken < 1500; taken += 211) {
		open_feed(true, 0);
		for (int i = 0; i < taken; i++)
			cr_assert_not_null(next());
	}
	feed_close(NULL);
}

/* --- a disk that fails --- */

static const struct world_calls *all_calls;
static uint64_t reads_left;

static enum err read_or_fail(struct world *w, int fd, uint64_t at, void *buf, size_t len,
			     size_t *got)
{
	if (reads_left == 0)
		return ERR_IO;
	reads_left--;
	return all_calls->read_at(w, fd, at, buf, len, got);
}

/* How far a feed comes over a disk that fails behind `reads` reads, and how it ends. */
static enum err run_down(bool threads, uint64_t reads, uint64_t *lines)
{
	const struct rerun_input *in;
	enum err e;

	open_space();
	reads_left = reads;
	st.w->threads = threads;
	cr_assert_eq(feed_open(s, 0, &f), OK);
	for (*lines = 0;; ++*lines) {
		e = feed_next(f, &in);
		if (e == OK && in)
			e = in->failed != OK ? in->failed : in->body_failed;
		if (e != OK || !in)
			break;
	}
	feed_close(f);
	f = NULL;
	reads_left = UINT64_MAX;
	return e;
}

Test(feed, a_disk_that_fails_is_told_at_the_same_line)
{
	struct world_calls calls = *st.w->calls;
	uint64_t lines[2], reads = 0;
	enum err e;

	record(600, 1);
	record(4, 300000);
	reads_left = UINT64_MAX;
	all_calls = st.w->calls;
	calls.read_at = read_or_fail;
	st.w->calls = &calls;
	do {
		e = run_down(false, reads, &lines[0]);
		cr_assert_eq(run_down(true, reads, &lines[1]), e);
		cr_assert_eq(lines[0], lines[1], "%d reads", (int)reads);
		cr_assert(e == OK || e == ERR_IO || e == ERR_TAMPERED, "%s", err_name(e));
		reads++;
	} while (e != OK);
	cr_assert_eq(lines[0], 606);
	cr_assert_gt(reads, 5);
	st.w->calls = all_calls;
}

Test(feed, failing_allocations_end_it)
{
	record(3, 1);
	open_space();
	for (int threads = 0; threads < 2; threads++)
		for (uint64_t at = 1;; at++) {
			const struct rerun_input *in = NULL;
			enum err e;

			st.w->threads = threads;
			fail_alloc_at(at);
			e = feed_open(s, 0, &f);
			do {
				if (e == OK)
					e = feed_next(f, &in);
				if (e == OK && in)
					e = in->failed != OK ? in->failed : in->body_failed;
			} while (e == OK && in);
			feed_close(f);
			f = NULL;
			if (!fail_alloc_was_hit()) {
				cr_assert_eq(e, OK);
				break;
			}
			cr_assert_eq(e, ERR_MEMORY);
		}
}
