/* shelf: pieces that are missing, stale, damaged or in the making. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/index/stacks.h"

#define SLICE STACKS_INDEX "/00000000-00.sqlite"
#define PAGE 4096

static void compare_opened(struct stacks *k, unsigned questions, struct index_work *work)
{
	struct index *x = stacks_open(k, work);

	stacks_compare_many(k, x, questions);
	index_close(x);
}

Test(shelf, makes_what_is_missing_once)
{
	struct index_work work;
	struct stacks k;

	stacks_init(&k, 2);
	stacks_add(&k, 4095);
	compare_opened(&k, 2, &work);
	cr_assert_eq(work.made_pieces, 0);
	stacks_add(&k, 1);
	compare_opened(&k, 2, &work);
	cr_assert_eq(work.made_pieces, 1);
	cr_assert_eq(work.made_entries, 4096);
	compare_opened(&k, 2, &work);
	cr_assert_eq(work.made_pieces, 0);
	stacks_fini(&k);
}

Test(shelf, gives_slices_up_for_the_piece_of_their_segment)
{
	struct index_work work;
	enum world_kind kind;
	struct stacks k;

	stacks_init(&k, 2);
	stacks_add(&k, 2 * 4096);
	compare_opened(&k, 0, &work);
	stacks_add(&k, LOG_SEGMENT_ENTRIES - 2 * 4096);
	compare_opened(&k, 1, &work);
	cr_assert_eq(work.made_pieces, 1);
	cr_assert_eq(world_kind(k.w, SLICE, &kind), OK);
	cr_assert_eq(kind, WORLD_NOTHING);
	cr_assert_eq(world_kind(k.w, STACKS_INDEX "/00000000.sqlite", &kind), OK);
	cr_assert_eq(kind, WORLD_FILE);
	stacks_fini(&k);
}

Test(shelf, is_made_anew_for_a_log_that_was_replaced)
{
	struct index_work work;
	struct stacks k;

	stacks_init(&k, 2);
	stacks_add(&k, 2 * 4096 + 5);
	compare_opened(&k, 1, &work);
	stacks_replace(&k);
	stacks_add(&k, 4096 + 5);
	compare_opened(&k, 5, &work);
	cr_assert_eq(work.dropped_pieces, 2);
	cr_assert_eq(work.made_pieces, 1);
	stacks_replace(&k);
	stacks_add(&k, 7);
	compare_opened(&k, 5, &work);
	stacks_fini(&k);
}

/* A byte of every page, each at another place of it. */
Test(shelf, answers_rightly_whatever_byte_of_a_piece_was_changed)
{
	struct index_work work;
	struct filter f = filter_any();
	struct buf whole;
	struct stacks k;
	unsigned dropped = 0, pages = 0;

	stacks_init(&k, 3);
	stacks_add(&k, 4096 + 20);
	compare_opened(&k, 0, &work);
	buf_init(&whole, 8 << 20);
	buf_add(&whole, sim_peek(k.w, SLICE));
	cr_assert_eq(whole.len % PAGE, 0);
	f.names[FILTER_AGENT] = STR("?nn");
	f.by_effect = true;
	for (size_t page = 0; page < whole.len / PAGE; page++, pages++) {
		size_t at = page * PAGE + page * 131 % PAGE;
		struct index *x;

		whole.ptr[at] ^= (char)(1 << page % 8);
		cr_assert_eq(sim_poke(k.w, SLICE, buf_view(&whole)), OK);
		x = stacks_open(&k, &work);
		dropped += work.dropped_pieces > 0;
		stacks_compare(&k, x, &f);
		index_close(x);
		whole.ptr[at] ^= (char)(1 << page % 8);
	}
	cr_assert_gt(pages, 50);
	cr_assert_gt(dropped, 2);
	buf_fini(&whole);
	stacks_fini(&k);
}

Test(shelf, believes_no_piece_that_is_cut_empty_or_of_another_span)
{
	struct index_work work;
	struct buf whole;
	struct stacks k;

	stacks_init(&k, 3);
	stacks_add(&k, 2 * 4096 + 20);
	compare_opened(&k, 0, &work);
	buf_init(&whole, 8 << 20);
	buf_add(&whole, sim_peek(k.w, SLICE));
	for (size_t cut = 0; cut < whole.len; cut += whole.len / 7) {
		cr_assert_eq(sim_poke(k.w, SLICE, str_slice(whole.ptr, cut)), OK);
		compare_opened(&k, 2, &work);
	}
	cr_assert_eq(sim_poke(k.w, STACKS_INDEX "/00000000-01.sqlite", buf_view(&whole)), OK);
	compare_opened(&k, 4, &work);
	cr_assert_eq(work.dropped_pieces, 1);
	cr_assert_eq(sim_poke(k.w, SLICE, STR("no database at all, but a text")), OK);
	compare_opened(&k, 4, &work);
	cr_assert_eq(sim_poke(k.w, STACKS_INDEX "/stranger", STR("left alone")), OK);
	compare_opened(&k, 1, &work);
	cr_assert(str_is(sim_peek(k.w, STACKS_INDEX "/stranger"), "left alone"));
	buf_fini(&whole);
	stacks_fini(&k);
}

/* The n-th write, sync or rename fails: the answer is right, and the index whole the next time. */
Test(shelf, answers_rightly_whatever_fails_while_it_is_made)
{
	static const enum sim_fault faults[] = { SIM_EIO, SIM_ENOSPC, SIM_SHORT };
	struct index_work work;
	struct filter f = filter_any();

	f.names[FILTER_AGENT] = STR("ann");
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		uint64_t n = 1;

		for (bool hit = true; hit; n += 1 + n / 8) {
			struct stacks k;
			struct index *x;

			stacks_init(&k, 3);
			stacks_add(&k, 4096 + 3);
			sim_fail_at(k.w, n, faults[i]);
			x = stacks_open(&k, &work);
			hit = sim_was_hit(k.w);
			cr_assert(!hit || work.failed != OK || work.made_pieces == 1);
			sim_fail_at(k.w, 0, SIM_NONE);
			stacks_compare(&k, x, &f);
			index_close(x);
			x = stacks_open(&k, &work);
			cr_assert_eq(work.failed, OK);
			stacks_compare(&k, x, &f);
			index_close(x);
			stacks_fini(&k);
		}
		cr_assert_gt(n, 20);
	}
}

Test(shelf, survives_a_power_loss_in_the_making)
{
	for (uint64_t n = 1; n < 200; n += 1 + n / 4) {
		struct index_work work;
		struct stacks k;

		stacks_init(&k, 3);
		stacks_add(&k, 4096 + 3);
		sim_fail_at(k.w, n, SIM_CRASH);
		{
			struct index *x = NULL;

			if (index_open(k.w, STACKS_LOG, STACKS_INDEX, STR(STACKS_ORIGIN), false,
				       &work, &x, NULL) == OK)
				index_close(x);
		}
		sim_tear(k.w, n);
		compare_opened(&k, 2, &work);
		cr_assert_eq(work.failed, OK);
		stacks_fini(&k);
	}
}

Test(shelf, waits_for_nobody_who_holds_the_lock)
{
	struct index_work work;
	struct index *x = NULL;
	struct stacks k;
	int fd;

	stacks_init(&k, 2);
	stacks_add(&k, 4096 + 9);
	cr_assert_eq(world_mkdir(k.w, STACKS_INDEX), OK);
	cr_assert_eq(world_open(k.w, STACKS_INDEX "/lock", WORLD_CREATE, &fd), OK);
	cr_assert_eq(world_lock(k.w, fd), OK);
	compare_opened(&k, 4, &work);
	cr_assert_eq(work.failed, ERR_LOCKED);
	cr_assert_eq(index_open(k.w, STACKS_LOG, STACKS_INDEX, STR(STACKS_ORIGIN), true, &work, &x,
				NULL), ERR_LOCKED);
	(void)world_close(k.w, fd);
	compare_opened(&k, 1, &work);
	cr_assert_eq(work.made_pieces, 1);
	stacks_fini(&k);
}

Test(shelf, sees_what_came_since)
{
	struct index_work work;
	struct stacks k;
	struct index *x;

	stacks_init(&k, 2);
	stacks_add(&k, 10);
	x = stacks_open(&k, &work);
	stacks_add(&k, 5000);
	cr_assert_eq(index_end(x), 10);
	cr_assert_eq(index_refresh(x, NULL), OK);
	cr_assert_eq(index_end(x), 5010);
	stacks_compare_many(&k, x, 3);
	index_close(x);
	stacks_fini(&k);
}
