/* search: the index changes how long an answer takes, and nothing else. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/index/stacks.h"
#include "tests/kit/fail_alloc.h"

Test(search, finds_what_a_reading_of_every_line_finds)
{
	struct index_work work;
	struct stacks k;
	struct index *x;

	for (uint64_t seed = 1; seed <= 2; seed++) {
		stacks_init(&k, seed);
		stacks_add(&k, 4096 * 2 + 700);
		x = stacks_open(&k, &work);
		cr_assert_eq(work.made_pieces, 2);
		cr_assert_eq(work.failed, OK);
		stacks_compare_many(&k, x, 30);
		index_close(x);
		stacks_fini(&k);
	}
}

Test(search, of_an_empty_log_finds_nothing)
{
	struct filter any = filter_any();
	struct index_work work;
	struct stacks k;
	struct index *x;

	stacks_init(&k, 1);
	x = stacks_open(&k, &work);
	cr_assert_eq(index_end(x), 0);
	stacks_compare(&k, x, &any);
	index_close(x);
	stacks_fini(&k);
}

/* And over sealed ones, whose lines begin elsewhere in the file than the index has noted. */
Test(search, finds_the_same_over_whole_segments)
{
	struct log_seal_report report;
	struct public_key public;
	struct index_work work;
	struct note_key key;
	struct stacks k;
	struct index *x;

	stacks_init(&k, 9);
	public = sign_key_public(k.key);
	key = note_key_of(STR(STACKS_ORIGIN), &public, false);
	stacks_add(&k, LOG_SEGMENT_ENTRIES + 4096 + 30);
	x = stacks_open(&k, &work);
	cr_assert_eq(work.made_entries, LOG_SEGMENT_ENTRIES + 4096);
	cr_assert_eq(work.made_pieces, 2);
	stacks_compare_many(&k, x, 3);
	index_close(x);
	cr_assert_eq(log_seal(k.w, STACKS_LOG, &key, 1, &report, NULL), OK);
	cr_assert_eq(report.sealed, 1);
	x = stacks_open(&k, &work);
	cr_assert_eq(work.made_pieces + work.dropped_pieces, 0);
	stacks_compare_many(&k, x, 2);
	index_close(x);
	stacks_fini(&k);
}

/* Pages of every size, one after the other, are the whole; the log grows between them. */
Test(search, goes_on_at_its_cursor)
{
	struct index_work work;
	struct stacks k;

	stacks_init(&k, 4);
	stacks_add(&k, 5000);
	for (int down = 0; down < 2; down++) {
		struct search_order order = { .filter = filter_any(), .newest_first = down };
		uint64_t *whole = malloc(9000 * sizeof(*whole)), page[9000];
		struct index *x = stacks_open(&k, &work);
		struct cursor c;
		size_t count, at = 0, got = 0;

		order.filter.names[FILTER_AGENT] = STR("?nn");
		count = stacks_read(&k, &order.filter, down, whole);
		cr_assert_gt(count, 300);
		for (size_t size = 1; at < count; size++) {
			got = stacks_search(&k, x, &order, size, page, &c);
			if (got > count - at)
				got = count - at;       /* what came since */
			cr_assert_eq(memcmp(page, whole + at, got * sizeof(*page)), 0);
			at += got;
			order.from = &c;
			index_close(x);
			stacks_add(&k, 10);
			x = stacks_open(&k, &work);
		}
		index_close(x);
		free(whole);
	}
	stacks_fini(&k);
}

Test(search, refuses_the_cursor_of_another_question)
{
	struct search_order order = { .filter = filter_any() };
	struct note n = { .line = 0 };
	struct index_work work;
	struct search *s = NULL;
	struct stacks k;
	struct cursor c;
	struct index *x;
	uint64_t page[4];

	stacks_init(&k, 4);
	stacks_add(&k, 50);
	x = stacks_open(&k, &work);
	cr_assert_eq(stacks_search(&k, x, &order, 4, page, &c), 4);
	order.from = &c;
	order.filter.names[FILTER_AGENT] = STR("ann");
	cr_assert_eq(search_open(x, &order, &s, &n), ERR_RANGE);
	order.filter = filter_any();
	order.newest_first = true;
	cr_assert_eq(search_open(x, &order, &s, &n), ERR_RANGE);
	order.newest_first = false;
	cr_assert_eq(search_open(x, &order, &s, &n), OK);
	search_close(s);
	c.at++;
	cr_assert_eq(search_open(x, &order, &s, &n), ERR_RANGE);
	index_close(x);
	stacks_fini(&k);
}

/* An entry whose line was changed on the disk is told, and not left out. */
Test(search, tells_of_a_line_that_is_no_entry)
{
	struct search_order order = { .filter = filter_any() };
	struct note n = { .line = 0 };
	struct index_work work;
	struct search *s = NULL;
	struct buf edited;
	struct stacks k;
	struct index *x;
	struct hit hit;
	enum err e = OK;

	stacks_init(&k, 4);
	stacks_add(&k, 50);
	buf_init(&edited, 1 << 20);
	buf_add(&edited, sim_peek(k.w, STACKS_LOG "/segment/00000000.jsonl"));
	edited.ptr[0] ^= 1;
	cr_assert_eq(sim_poke(k.w, STACKS_LOG "/segment/00000000.jsonl", buf_view(&edited)), OK);
	buf_fini(&edited);
	x = stacks_open(&k, &work);
	cr_assert_eq(search_open(x, &order, &s, &n), OK);
	do
		e = search_next(s, &hit, &n);
	while (e == OK && hit.line.ptr);
	cr_assert_eq(e, ERR_TAMPERED);
	cr_assert_not_null(strstr(n.text, "entry 0"), "%s", n.text);
	search_close(s);
	index_close(x);
	stacks_fini(&k);
}

/* Whatever allocation fails: an error, or the right answer. */
Test(search, survives_the_failure_of_any_allocation)
{
	struct search_order order = { .filter = filter_any() };
	uint64_t expected;
	struct stacks k;
	uint64_t *read = malloc(5000 * sizeof(*read));

	stacks_init(&k, 6);
	stacks_add(&k, 4096 + 60);
	order.filter.names[FILTER_TOOL] = STR("ref*");
	order.filter.outcome = STR("ok");
	order.filter.text = STR("o");
	expected = stacks_read(&k, &order.filter, false, read);
	for (uint64_t n = 1;; n++) {
		struct index_work work = { .failed = OK };
		struct search *s = NULL;
		struct index *x = NULL;
		struct hit hit;
		uint64_t count = 0;
		enum err e;

		fail_alloc_at(n);
		e = index_open(k.w, STACKS_LOG, STACKS_INDEX, STR(STACKS_ORIGIN), n % 64 == 1,
			       &work, &x, NULL);
		if (e == OK)
			e = search_open(x, &order, &s, NULL);
		while (e == OK && (e = search_next(s, &hit, NULL)) == OK && hit.line.ptr)
			count++;
		search_close(s);
		index_close(x);
		if (!fail_alloc_was_hit() && n % 64 != 1)
			break;
		cr_assert(e == ERR_MEMORY || (e == OK && count == expected), "allocation %llu: %s, "
			  "%llu", (unsigned long long)n, err_name(e), (unsigned long long)count);
	}
	free(read);
	stacks_fini(&k);
}
