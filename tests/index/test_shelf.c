/* shelf: pieces that are missing, stale, damaged or in the making. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include <sqlite3.h>

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

/* As docs/formats/index.md says it, so that what is forged passes for whole. */
static void seal_page(unsigned char *page, uint64_t number)
{
	struct digest origin = sha256(STR(STACKS_ORIGIN));
	uint64_t salt = 0, h;

	for (unsigned i = 0; i < 8; i++)
		salt |= (uint64_t)origin.bytes[i] << 8 * i;
	h = (salt ^ 0 ^ 4096) ^ (number + 1) * UINT64_C(0x9E3779B97F4A7C15);
	for (unsigned at = 0; at < PAGE - 8; at += 8) {
		uint64_t word = 0;

		for (unsigned i = 0; i < 8; i++)
			word |= (uint64_t)page[at + i] << 8 * i;
		h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
		h ^= h >> 32;
	}
	for (unsigned i = 0; i < 8; i++)
		page[PAGE - 8 + i] = (unsigned char)(h >> 8 * i);
}

/* The piece, changed by a statement and sealed anew. */
static void forge(struct stacks *k, struct str whole, const char *statement)
{
	unsigned char *copy = sqlite3_malloc64(whole.len), *forged;
	sqlite3_int64 len;
	sqlite3 *db;

	memcpy(copy, whole.ptr, whole.len);
	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_deserialize(db, "main", copy, (sqlite3_int64)whole.len,
					 (sqlite3_int64)whole.len,
					 SQLITE_DESERIALIZE_FREEONCLOSE |
						 SQLITE_DESERIALIZE_RESIZEABLE), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK, "%s",
		     sqlite3_errmsg(db));
	forged = sqlite3_serialize(db, "main", &len, 0);
	cr_assert_not_null(forged);
	for (sqlite3_int64 page = 0; page < len / PAGE; page++)
		seal_page(forged + page * PAGE, (uint64_t)page);
	cr_assert_eq(sim_poke(k->w, SLICE, str_slice(forged, (size_t)len)), OK);
	sqlite3_free(forged);
	(void)sqlite3_close(db);
}

static bool is_among(uint64_t seq, const uint64_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == seq)
			return true;
	return false;
}

/* Every answer is right, or, where rows were taken away, part of the right one. */
Test(shelf, is_not_deceived_into_telling_what_the_log_does_not_hold)
{
	static const struct { const char *statement; bool hides; } cases[] = {
		{ "UPDATE piece SET ended=ended+1", false },
		{ "UPDATE piece SET ended=4611686018427387904", false },
		{ "UPDATE mark SET at=at+1", false },
		{ "UPDATE mark SET at=4611686018427387904 WHERE id<4000", false },
		{ "UPDATE mark SET at=-1", false },
		{ "DELETE FROM mark", false },
		{ "INSERT INTO entry SELECT id+4096,time,kind,effect,agent,tool,resource,session,"
		  "trace,rule,stage FROM entry", false },
		{ "UPDATE outcome SET action=action+1", true },
		{ "UPDATE outcome SET action=-1", true },
		{ "UPDATE entry SET agent=1,kind=0,effect=1", true },
		{ "UPDATE entry SET agent='x',time=x'00'", true },
		{ "DELETE FROM entry WHERE id%2", true },
		{ "UPDATE name SET id=id+1", true },
		{ "UPDATE piece SET oldest=0,newest=0", true },
		{ "CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END", false },
		{ "DROP INDEX entry_agent", false },
	};
	uint64_t read[4200], found[4200];
	struct buf whole;
	struct stacks k;

	stacks_init(&k, 3);
	stacks_add(&k, 4096 + 20);
	index_close(stacks_open(&k, &(struct index_work){ .failed = OK }));
	buf_init(&whole, 8 << 20);
	buf_add(&whole, sim_peek(k.w, SLICE));
	forge(&k, buf_view(&whole), "SELECT 1");
	cr_assert(str_eq(sim_peek(k.w, SLICE), buf_view(&whole)), "the page says how pages end");
	for (size_t i = 0; i < 4 * sizeof(cases) / sizeof(*cases); i++) {
		struct search_order order = { .filter = filter_any(), .newest_first = i % 2 };
		struct index_work work;
		struct index *x;
		size_t right, count;

		forge(&k, buf_view(&whole), cases[i / 4].statement);
		order.filter.since_ns = STACKS_START_NS + 99;
		if (i % 4 >= 2) {
			order.filter.names[FILTER_AGENT] = STR("?nn");
			order.filter.outcome = STR("*");
		}
		x = stacks_open(&k, &work);
		cr_assert_eq(index_end(x), k.size);
		right = stacks_read(&k, &order.filter, false, read);
		count = stacks_search(&k, x, &order, 4200, found, NULL);
		cr_assert(count == right || (cases[i / 4].hides && count < right),
			  "%s: %zu of %zu", cases[i / 4].statement, count, right);
		for (size_t j = 0; j < count; j++)
			cr_assert(is_among(found[j], read, right), "%s", cases[i / 4].statement);
		index_close(x);
	}
	buf_fini(&whole);
	stacks_fini(&k);
}

/* The index is made anew from the log. */
static void forget(struct stacks *k)
{
	char path[LIMIT_PATH_BYTES];
	enum world_kind kind;
	struct str *names;
	struct arena a;
	size_t count;

	cr_assert_eq(world_kind(k->w, STACKS_INDEX, &kind), OK);
	if (kind == WORLD_NOTHING)
		return;
	arena_init(&a, LIMIT_FOLDER_BYTES);
	cr_assert_eq(world_list(k->w, STACKS_INDEX, &a, &names, &count), OK);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(world_join(path, sizeof(path), STACKS_INDEX, names[i].ptr), OK);
		cr_assert_eq(world_unlink(k->w, path), OK);
	}
	arena_fini(&a);
}

/* The n-th write, sync or rename fails: the answer is right, and the index whole the next time. */
Test(shelf, answers_rightly_whatever_fails_while_it_is_made)
{
	static const enum sim_fault faults[] = { SIM_EIO, SIM_ENOSPC, SIM_SHORT };
	struct index_work work;
	struct filter f = filter_any();
	struct stacks k;
	uint64_t n = 1;

	f.names[FILTER_AGENT] = STR("ann");
	stacks_init(&k, 3);
	stacks_add(&k, 4096 + 3);
	for (bool hit = true; hit; n++) {
		struct index *x;

		forget(&k);
		sim_fail_at(k.w, n, faults[n % 3]);
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
	}
	cr_assert_gt(n, 20);
	stacks_fini(&k);
}

Test(shelf, survives_a_power_loss_in_the_making)
{
	bool hit = true;

	for (uint64_t n = 1; hit; n += 3) {
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
		hit = sim_was_hit(k.w);
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
