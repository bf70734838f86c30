/* recorder: any step can be sought; what a crash leaves is a recording too. */
#include "engine/base/world_sim.h"
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/kit/fail_alloc.h"

#define INTERVAL 8
#define STEPS 50
#define FOLDER "state"

static const struct table_schema tiny[] = { { "counter", 16, 0 } };

/* A state whose history is a function of the step: insert at the first, then count. */
static struct state *tiny_open(void)
{
	struct state *s = NULL;

	cr_assert_eq(state_open(tiny, 1, &s), OK);
	return s;
}

static void tiny_step(struct state *s, uint64_t step, uint64_t salt)
{
	uint64_t row[2] = { step * 1000 + salt, step / 10 };
	uint32_t number;

	state_begin(s);
	if (state_rows(s, 0) == 0)
		cr_assert_eq(state_insert(s, 0, row, &number), OK);
	else
		cr_assert_eq(state_update(s, 0, 0, row), OK);
}

static struct digest tiny_root(uint64_t step, uint64_t salt)
{
	struct state *s = tiny_open();
	struct digest root;

	tiny_step(s, step, salt);
	root = state_root(s);
	state_close(s);
	return root;
}

static struct world *world(void)
{
	struct world *w = sim_open(1, 0);

	cr_assert_not_null(w);
	return w;
}

static struct recorder *opened(struct world *w)
{
	struct recorder *r = NULL;

	cr_assert_eq(recorder_open(w, FOLDER, INTERVAL, &r), OK);
	return r;
}

/* Append steps `from` .. `to` - 1; the first failure. */
static enum err record(struct recorder *r, struct state *s, uint64_t from, uint64_t to,
		       uint64_t salt)
{
	for (uint64_t step = from; step < to; step++) {
		tiny_step(s, step, salt);
		TRY(recorder_append(r, s));
	}
	return OK;
}

static void expect_seek(struct recorder *r, uint64_t step, uint64_t salt)
{
	struct state *s = tiny_open();
	struct digest want = tiny_root(step, salt), got, really;

	cr_assert_eq(recorder_seek(r, step, s, &got), OK, "step %llu", (unsigned long long)step);
	really = state_root(s);
	cr_assert(digest_eq(&got, &want), "step %llu", (unsigned long long)step);
	cr_assert(digest_eq(&really, &want));
	state_close(s);
}

/* A world with a closed recording of `steps` steps. */
static struct world *recorded(uint64_t steps)
{
	struct world *w = world();
	struct recorder *r = opened(w);
	struct state *s = tiny_open();

	cr_assert_eq(record(r, s, 0, steps, 0), OK);
	cr_assert_eq(recorder_close(r), OK);
	state_close(s);
	return w;
}

static void remove_file(struct world *w, const char *path)
{
	cr_assert_eq(world_unlink(w, path), OK);
}

static void flip(struct world *w, const char *path, size_t byte)
{
	struct str seen = sim_peek(w, path);
	char *copy = malloc(seen.len);

	cr_assert_gt(seen.len, byte);
	memcpy(copy, seen.ptr, seen.len);
	copy[byte] ^= 1;
	cr_assert_eq(sim_poke(w, path, str_slice(copy, seen.len)), OK);
	free(copy);
}

Test(recorder, every_step_can_be_sought_while_recording_and_after)
{
	struct world *w = world();
	struct recorder *r = opened(w);
	struct state *s = tiny_open();
	struct digest root;

	cr_assert_eq(recorder_seek(r, 0, s, &root), ERR_NOT_FOUND);
	for (uint64_t step = 0; step < STEPS; step++) {
		cr_assert_eq(recorder_steps(r), step);
		cr_assert_eq(record(r, s, step, step + 1, 0), OK);
		expect_seek(r, step, 0);
		expect_seek(r, step / 2, 0);
	}
	cr_assert_eq(recorder_close(r), OK);
	r = opened(w);
	cr_assert_eq(recorder_steps(r), STEPS);
	for (uint64_t step = 0; step < STEPS; step++)
		expect_seek(r, step, 0);
	cr_assert_eq(recorder_seek(r, STEPS, s, &root), ERR_NOT_FOUND);
	cr_assert_eq(recorder_close(r), OK);
	state_close(s);
	sim_close(w);
}

Test(recorder, larger_histories_come_back_row_by_row)
{
	struct world *w = world();
	struct dice d = dice_from(21);
	struct state *s = history_open(), *copies[60], *into = history_open();
	struct recorder *r = opened(w);
	struct digest root;

	for (int i = 0; i < 60; i++) {
		history_step(s, &d, 20);
		cr_assert_eq(recorder_append(r, s), OK);
		copies[i] = history_copy(s);
	}
	for (uint64_t i = 0; i < 200; i++) {
		uint64_t step = dice_roll(&d, 60);

		cr_assert_eq(recorder_seek(r, step, into, &root), OK);
		history_expect_equal(into, copies[step]);
	}
	cr_assert_eq(recorder_close(r), OK);
	for (int i = 0; i < 60; i++)
		state_close(copies[i]);
	state_close(into);
	state_close(s);
	sim_close(w);
}

Test(recorder, opening_and_closing_leave_no_trace)
{
	struct world *w = world();
	struct recorder *r = opened(w);
	enum world_kind kind;

	cr_assert_eq(recorder_steps(r), 0);
	cr_assert_eq(recorder_close(r), OK);
	cr_assert_eq(recorder_open_read(w, FOLDER, INTERVAL, &r), OK);
	cr_assert_eq(recorder_close(r), OK);
	cr_assert_eq(world_kind(w, FOLDER, &kind), OK);
	cr_assert_eq(kind, WORLD_NOTHING);
	cr_assert_eq(recorder_close(NULL), OK);
	sim_close(w);
}

Test(recorder, a_reader_seeks_and_takes_no_steps)
{
	struct world *w = recorded(20);
	struct state *s = tiny_open();
	struct recorder *r;

	cr_assert_eq(recorder_open_read(w, FOLDER, INTERVAL, &r), OK);
	expect_seek(r, 19, 0);
	tiny_step(s, 20, 0);
	cr_assert_eq(recorder_append(r, s), ERR_CLOSED);
	cr_assert_eq(recorder_cut(r, 3), ERR_CLOSED);
	cr_assert_eq(recorder_steps(r), 20);
	cr_assert_eq(recorder_close(r), OK);
	state_close(s);
	sim_close(w);
}

Test(recorder, another_interval_is_refused_until_the_folder_is_wiped)
{
	struct world *w = recorded(20);
	struct recorder *r;

	cr_assert_eq(recorder_open(w, FOLDER, INTERVAL + 1, &r), ERR_VERSION);
	cr_assert_eq(recorder_open(w, FOLDER, 0, &r), ERR_RANGE);
	cr_assert_eq(sim_poke(w, FOLDER "/keep.me", STR("mine")), OK);
	cr_assert_eq(recorder_wipe(w, FOLDER), OK);
	cr_assert_eq(recorder_open(w, FOLDER, INTERVAL + 1, &r), OK);
	cr_assert_eq(recorder_steps(r), 0);
	cr_assert_eq(recorder_close(r), OK);
	cr_assert(str_eq(sim_peek(w, FOLDER "/keep.me"), STR("mine")));
	cr_assert_null(sim_peek(w, FOLDER "/00000000.delta").ptr);
	cr_assert_eq(recorder_wipe(w, "nowhere"), OK);
	sim_close(w);
}

Test(recorder, missing_and_damaged_images_are_gone_around)
{
	struct world *w = recorded(STEPS);
	struct recorder *r = opened(w);

	remove_file(w, FOLDER "/00000003.snap");
	flip(w, FOLDER "/00000002.snap", 40);
	flip(w, FOLDER "/00000006.snap", sim_peek(w, FOLDER "/00000006.snap").len - 1);
	for (uint64_t step = 0; step < STEPS; step++)
		expect_seek(r, step, 0);
	for (int i = 1; i <= 6; i++) {
		char path[] = FOLDER "/0000000?.snap";
		enum err e;

		path[sizeof(FOLDER) + 7] = (char)('0' + i);
		e = world_unlink(w, path);
		cr_assert(e == OK || e == ERR_NOT_FOUND);
	}
	for (uint64_t step = 0; step < STEPS; step++)
		expect_seek(r, step, 0);
	cr_assert_eq(recorder_close(r), OK);
	sim_close(w);
}

Test(recorder, an_image_of_another_history_is_not_used)
{
	struct world *w = recorded(STEPS);
	struct state *s = tiny_open();
	struct recorder *r = opened(w);
	struct buf other;

	tiny_step(s, 15, 999);
	buf_init(&other, 1 << 16);
	cr_assert_eq(state_snapshot(s, &other), OK);
	cr_assert_eq(sim_poke(w, FOLDER "/00000002.snap", buf_view(&other)), OK);
	expect_seek(r, 17, 0);
	cr_assert_eq(recorder_close(r), OK);
	buf_fini(&other);
	state_close(s);
	sim_close(w);
}

Test(recorder, damage_reads_as_absent_or_as_tampering_never_as_another_state)
{
	struct world *w = recorded(20);
	size_t len = sim_peek(w, FOLDER "/00000001.delta").len;

	for (size_t byte = 0; byte < len; byte++) {
		struct recorder *r = opened(w);
		struct state *s = tiny_open();
		struct digest root, want;

		flip(w, FOLDER "/00000001.delta", byte);
		for (uint64_t step = 8; step < 20; step++) {
			enum err e = recorder_seek(r, step, s, &root);

			want = tiny_root(step, 0);
			cr_assert(e == ERR_NOT_FOUND || e == ERR_TAMPERED || e == ERR_VERSION ||
				  (e == OK && digest_eq(&root, &want)));
			cr_assert(step < 16 || e == OK, "an image stands before step 16");
		}
		flip(w, FOLDER "/00000001.delta", byte);
		cr_assert_eq(recorder_close(r), OK);
		state_close(s);
	}
	sim_close(w);
}

Test(recorder, a_torn_tail_is_ignored_and_written_over)
{
	for (size_t cut = 1; ; cut++) {
		struct world *w = recorded(13);
		struct str torn = sim_peek(w, FOLDER "/00000001.delta");
		struct state *s = tiny_open();
		struct recorder *r;
		struct digest root;
		uint64_t have;

		if (cut >= torn.len) {
			state_close(s);
			sim_close(w);
			break;
		}
		torn.len -= cut;
		cr_assert_eq(sim_poke(w, FOLDER "/00000001.delta", torn), OK);
		r = opened(w);
		have = recorder_steps(r);
		cr_assert(have >= 8 && have < 13);
		cr_assert_eq(recorder_seek(r, have - 1, s, &root), OK);
		cr_assert_eq(record(r, s, have, 30, 5), OK);
		cr_assert_eq(recorder_close(r), OK);
		r = opened(w);
		cr_assert_eq(recorder_steps(r), 30);
		for (uint64_t step = 0; step < 30; step++)
			expect_seek(r, step, step < have ? 0 : 5);
		cr_assert_eq(recorder_close(r), OK);
		state_close(s);
		sim_close(w);
	}
}

Test(recorder, a_damaged_last_record_does_not_count)
{
	struct world *w = recorded(12);
	size_t before = sim_peek(w, FOLDER "/00000001.delta").len, len;
	struct state *s = tiny_open();
	struct recorder *r = opened(w);
	struct digest root;

	cr_assert_eq(recorder_seek(r, 11, s, &root), OK);
	cr_assert_eq(record(r, s, 12, 13, 0), OK);
	cr_assert_eq(recorder_close(r), OK);
	len = sim_peek(w, FOLDER "/00000001.delta").len;
	for (size_t byte = before; byte < len; byte++) {
		flip(w, FOLDER "/00000001.delta", byte);
		r = opened(w);
		cr_assert_eq(recorder_steps(r), 12);
		cr_assert_eq(recorder_close(r), OK);
		flip(w, FOLDER "/00000001.delta", byte);
	}
	state_close(s);
	sim_close(w);
}

Test(recorder, a_file_in_the_wrong_place_reads_as_absent)
{
	struct world *w = recorded(20);
	struct recorder *r;

	cr_assert_eq(sim_poke(w, FOLDER "/00000007.delta", sim_peek(w, FOLDER "/00000001.delta")),
		     OK);
	r = opened(w);
	cr_assert_eq(recorder_steps(r), 20);
	expect_seek(r, 19, 0);
	cr_assert_eq(recorder_close(r), OK);
	sim_close(w);
}

Test(recorder, deltas_of_another_history_do_not_fit)
{
	struct world *w = recorded(30), *foreign = world();
	struct recorder *r = opened(foreign);
	struct state *s = tiny_open();
	struct digest root, want = tiny_root(3, 3), now;

	cr_assert_eq(record(r, s, 0, 13, 0), OK);
	cr_assert_eq(record(r, s, 13, 30, 5), OK);
	cr_assert_eq(recorder_close(r), OK);
	cr_assert_eq(sim_poke(w, FOLDER "/00000001.delta",
			      sim_peek(foreign, FOLDER "/00000001.delta")),
		     OK);
	remove_file(w, FOLDER "/00000002.snap");
	r = opened(w);
	tiny_step(s, 3, 3);
	cr_assert_eq(recorder_seek(r, 17, s, &root), ERR_TAMPERED);
	now = state_root(s);
	cr_assert(digest_eq(&now, &want), "a failed seek changes nothing");
	expect_seek(r, 25, 0);
	cr_assert_eq(recorder_close(r), OK);
	state_close(s);
	sim_close(foreign);
	sim_close(w);
}

Test(recorder, what_is_cut_is_forgotten_and_another_history_may_follow)
{
	for (uint64_t keep = 0; keep <= 34; keep++)
		for (int reopen = 0; reopen < 2; reopen++) {
			struct world *w = recorded(33);
			struct recorder *r = opened(w);
			struct state *s = tiny_open();
			struct digest root;
			uint64_t left = keep < 33 ? keep : 33;

			cr_assert_eq(recorder_cut(r, keep), OK);
			cr_assert_eq(recorder_steps(r), left);
			if (reopen) {
				cr_assert_eq(recorder_close(r), OK);
				r = opened(w);
				cr_assert_eq(recorder_steps(r), left);
			}
			cr_assert_eq(recorder_seek(r, left, s, &root), ERR_NOT_FOUND);
			if (left > 0)
				cr_assert_eq(recorder_seek(r, left - 1, s, &root), OK);
			cr_assert_eq(record(r, s, left, 45, 3), OK);
			for (uint64_t step = 0; step < 45; step++)
				expect_seek(r, step, step < left ? 0 : 3);
			cr_assert_eq(recorder_close(r), OK);
			state_close(s);
			sim_close(w);
		}
}

Test(recorder, a_cut_of_steps_that_are_still_buffered_forgets_them)
{
	struct world *w = world();
	struct recorder *r = opened(w);
	struct state *s = tiny_open();
	struct digest root;

	cr_assert_eq(record(r, s, 0, 5, 0), OK);
	cr_assert_eq(recorder_cut(r, 2), OK);
	cr_assert_eq(recorder_seek(r, 1, s, &root), OK);
	cr_assert_eq(record(r, s, 2, 4, 6), OK);
	expect_seek(r, 1, 0);
	expect_seek(r, 3, 6);
	cr_assert_eq(recorder_close(r), OK);
	state_close(s);
	sim_close(w);
}

/*
 * Whatever is said to be recorded after a fault can be sought, has the right root, and can be gone
 * on from.
 */
static void expect_sound(struct world *w, uint64_t salt_from, uint64_t salt)
{
	struct recorder *r = opened(w);
	struct state *s = tiny_open();
	struct digest root;
	uint64_t have = recorder_steps(r);

	for (uint64_t step = 0; step < have; step++)
		expect_seek(r, step, step < salt_from ? 0 : salt);
	if (have > 0)
		cr_assert_eq(recorder_seek(r, have - 1, s, &root), OK);
	cr_assert_eq(record(r, s, have, STEPS + 9, salt), OK);
	for (uint64_t step = have; step < STEPS + 9; step++)
		expect_seek(r, step, salt);
	cr_assert_eq(recorder_close(r), OK);
	state_close(s);
}

/* At least the steps that the writer counted to the end are there. */
static void expect_steps(struct world *w, uint64_t said)
{
	struct recorder *r = opened(w);

	cr_assert_geq(recorder_steps(r), said);
	cr_assert_eq(recorder_close(r), OK);
}

Test(recorder, a_fault_at_any_operation_leaves_a_sound_recording)
{
	static const enum sim_fault faults[] = { SIM_CRASH, SIM_EIO, SIM_ENOSPC, SIM_SHORT };

	for (int how = 0; how < 8; how++)
		for (uint64_t n = 1; ; n++) {
			struct world *w = world();
			struct recorder *r = opened(w);
			struct state *s = tiny_open();
			enum err e, closed;
			uint64_t said;
			bool hit;

			sim_fail_at(w, n, faults[how % 4]);
			e = record(r, s, 0, STEPS, 0);
			if (e != OK) {
				tiny_step(s, 0, 0);
				cr_assert_eq(recorder_append(r, s), ERR_CLOSED);
			}
			said = recorder_steps(r);
			closed = recorder_close(r);
			hit = sim_was_hit(w);
			cr_assert_eq(hit, e != OK || closed != OK);
			sim_reboot(w, how >= 4);
			if (e != OK && how < 4)
				expect_steps(w, said);
			expect_sound(w, STEPS + 9, 0);
			state_close(s);
			sim_close(w);
			if (!hit)
				break;
		}
}

Test(recorder, a_crash_at_any_operation_of_a_cut_leaves_a_sound_recording)
{
	for (uint64_t n = 1; ; n++) {
		struct world *w = recorded(33);
		struct recorder *r = opened(w);
		bool hit;
		enum err e;

		sim_fail_at(w, n, SIM_CRASH);
		e = recorder_cut(r, 11);
		hit = sim_was_hit(w);
		cr_assert_eq(hit, e != OK);
		(void)recorder_close(r);
		sim_reboot(w, false);
		r = opened(w);
		cr_assert_geq(recorder_steps(r), 11);
		for (uint64_t step = 0; step < recorder_steps(r); step++)
			expect_seek(r, step, 0);
		cr_assert_eq(recorder_close(r), OK);
		expect_sound(w, STEPS + 9, 0);
		sim_close(w);
		if (!hit)
			break;
	}
}

Test(recorder, a_large_state_is_not_written_over_and_over)
{
	struct world *w = world();
	const struct table_schema wide[] = { { "wide", 1024, 0 } };
	struct recorder *r = opened(w);
	struct state *s = NULL, *into = NULL;
	struct digest root, want;
	uint8_t row[1024] = { 0 };
	uint32_t number;
	size_t images = 0;
	char path[] = FOLDER "/0000000?.snap";

	cr_assert_eq(state_open(wide, 1, &s), OK);
	cr_assert_eq(state_open(wide, 1, &into), OK);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(state_insert(s, 0, row, &number), OK);
	for (int step = 0; step < 72; step++) {
		if (step > 0)
			state_begin(s);
		row[0]++;
		cr_assert_eq(state_update(s, 0, 0, row), OK);
		cr_assert_eq(recorder_append(r, s), OK);
	}
	want = state_root(s);
	for (int i = 1; i <= 9; i++) {
		path[sizeof(FOLDER) + 7] = (char)('0' + i);
		images += sim_peek(w, path).ptr != NULL;
	}
	cr_assert_eq(images, 2, "2048 bytes weigh 32 steps");
	cr_assert_eq(recorder_seek(r, 71, into, &root), OK);
	cr_assert(digest_eq(&root, &want));
	cr_assert_eq(recorder_close(r), OK);
	state_close(into);
	state_close(s);
	sim_close(w);
}

Test(recorder, without_memory_the_same_step_can_be_appended_again)
{
	for (uint64_t n = 1; ; n++) {
		struct world *w = world();
		struct recorder *r = opened(w);
		struct state *s = tiny_open();
		bool hit = false;

		for (uint64_t step = 0; step < 20; step++) {
			enum err e;

			tiny_step(s, step, 0);
			if (!hit)
				fail_alloc_at(n);
			e = recorder_append(r, s);
			hit = hit || fail_alloc_was_hit();
			if (e == ERR_MEMORY && recorder_steps(r) == step)
				e = recorder_append(r, s);
			/*
			 * Memory that the simulated disk lacked is a failed write: the recorder is
			 * closed.
			 */
			if (e != OK)
				break;
			cr_assert_eq(recorder_steps(r), step + 1);
		}
		fail_alloc_at(0);
		(void)recorder_close(r);
		expect_sound(w, STEPS + 9, 0);
		state_close(s);
		sim_close(w);
		if (!hit)
			break;
	}
}

Test(recorder, a_first_record_without_memory_leaves_no_head_behind)
{
	const struct table_schema wide[] = { { "wide", 1024, 0 } };
	uint8_t row[1024];
	uint32_t number;

	memset(row, 0xA5, sizeof(row));
	for (uint64_t n = 1; ; n++) {
		struct world *w = world();
		struct recorder *r = opened(w);
		struct state *s = NULL;
		struct str delta;
		bool hit;

		cr_assert_eq(state_open(wide, 1, &s), OK);
		cr_assert_eq(state_insert(s, 0, row, &number), OK);
		cr_assert_eq(state_delta(s, &delta), OK);
		fail_alloc_at(n);
		cr_assert_eq(recorder_append(r, s), n <= 2 ? ERR_MEMORY : OK);
		hit = fail_alloc_was_hit();
		if (hit)
			cr_assert_eq(recorder_append(r, s), OK);
		cr_assert_eq(recorder_close(r), OK);
		r = opened(w);
		cr_assert_eq(recorder_steps(r), 1);
		cr_assert_eq(recorder_close(r), OK);
		state_close(s);
		sim_close(w);
		if (!hit)
			break;
	}
}

Test(recorder, opening_and_seeking_without_memory_change_nothing)
{
	struct world *w = recorded(30);

	for (uint64_t n = 1; ; n++) {
		struct recorder *r = NULL;
		struct state *s = tiny_open();
		struct digest root, want;
		bool hit;
		enum err e;

		tiny_step(s, 4, 4);
		want = tiny_root(4, 4);
		fail_alloc_at(n);
		e = recorder_open(w, FOLDER, INTERVAL, &r);
		if (e == OK)
			e = recorder_seek(r, 28, s, &root);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		if (hit) {
			root = state_root(s);
			cr_assert(digest_eq(&root, &want));
		}
		cr_assert_eq(recorder_close(r), OK);
		state_close(s);
		if (!hit)
			break;
	}
	sim_close(w);
}
