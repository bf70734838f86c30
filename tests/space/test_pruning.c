/* pruning: old bodies are gone, and everything holds without them. */
#include "engine/space/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

#define DAY_NS INT64_C(86400000000000)
#define BASELINE SPACE_KIT_DIR "/blob/baseline"

static struct steward st;

/* Entries 2 to 11, a day between any two. */
static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
	for (int day = 0; day < 10; day++) {
		char text[128];

		(void)snprintf(text, sizeof(text),
			       "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":%d}}", day);
		sim_advance(st.w, DAY_NS);
		(void)steward_record(&st, text);
	}
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(pruning, .init = setup, .fini = teardown);

/* Older than so many days before the last entry. */
static enum err prune(int days, bool dry_run, struct space_pruned *ret)
{
	struct space *s = space_kit_open(&st.kit);
	const struct space_prune order = {
		.before_ns = gate_totals(space_state(s)).latest_ns - days * DAY_NS,
		.reason = STR("old"), .at_ns = world_now_ns(st.w), .dry_run = dry_run,
	};
	enum err e;

	st.note = (struct note){ .line = 0 };
	e = space_prune(s, &order, ret, &st.note);
	if (e == OK)
		cr_assert_eq(space_close(s, NULL), OK);
	else
		(void)space_abandon(s, NULL);
	return e;
}

static void expect_bodies(uint64_t whole, uint64_t pruned)
{
	struct space_bodies_found found;
	struct space *s;

	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(space_check_bodies(s, &found, &st.note), OK, "%s", st.note.text);
	cr_assert(found.whole == whole && found.pruned == pruned, "%d whole, %d pruned",
		  (int)found.whole, (int)found.pruned);
	cr_assert_eq(space_close(s, NULL), OK);
}

static uint64_t replay_from(void)
{
	struct replay_report report;

	cr_assert_eq(space_kit_replay(&st.kit, &report, &st.note), OK, "%s", st.note.text);
	return report.from;
}

Test(pruning, what_is_old_goes_and_everything_else_stays)
{
	struct space_pruned done;

	cr_assert_eq(prune(5, true, &done), OK);
	cr_assert(done.before == 6 && done.bodies == 4);
	expect_bodies(11, 0);
	cr_assert_eq(prune(5, false, &done), OK, "%s", st.note.text);
	cr_assert(done.before == 6 && done.bodies == 4);
	expect_bodies(7, 4);
	cr_assert_eq(replay_from(), 6);
	cr_assert_eq(steward_expect_sound(&st), 13);
	cr_assert(str_is(space_kit_entry(&st.kit, 12).action, "log.prune"));
	cr_assert_eq(prune(5, false, &done), ERR_NOT_FOUND);
	cr_assert_eq(prune(400, false, &done), ERR_NOT_FOUND);
}

Test(pruning, again_and_again_it_goes_on_from_the_last_one)
{
	struct space_pruned done;

	for (int days = 8; days > 2; days--) {
		cr_assert_eq(prune(days, false, &done), OK, "%s", st.note.text);
		cr_assert(done.bodies == 1, "day %d", days);
		cr_assert_eq(replay_from(), done.before);
		(void)steward_expect_sound(&st);
	}
}

/* The cache is one, also when what it was made from is gone. */
Test(pruning, a_state_that_was_lost_is_made_again_from_the_baseline)
{
	struct space_pruned done;

	cr_assert_eq(prune(2, false, &done), OK);
	cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\"}");
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\"}");
	(void)steward_expect_sound(&st);
}

Test(pruning, a_baseline_that_is_not_the_state_of_the_entry_is_refused)
{
	struct replay_report report;
	struct space_pruned done;
	size_t refused = 0;
	struct str sound;
	char *copy;

	cr_assert_eq(prune(2, false, &done), OK);
	sound = sim_peek(st.w, BASELINE);
	copy = malloc(sound.len);
	memcpy(copy, sound.ptr, sound.len);
	for (size_t i = 0; i < sound.len; i++) {
		copy[i] ^= 1;
		cr_assert_eq(sim_poke(st.w, BASELINE, str_slice(copy, sound.len)), OK);
		refused += space_kit_replay(&st.kit, &report, &st.note) != OK;
		copy[i] ^= 1;
		cr_assert_eq(sim_poke(st.w, BASELINE, str_slice(copy, i)), OK);
		cr_assert_neq(space_kit_replay(&st.kit, &report, &st.note), OK, "cut at %zu", i);
	}
	cr_assert_eq(sim_poke(st.w, BASELINE, str_slice(copy, sound.len)), OK);
	cr_assert_eq(refused, sound.len);
	cr_assert_eq(replay_from(), done.before);
	free(copy);
}

static enum err check_bodies(void)
{
	struct space_bodies_found found;
	struct space *s;
	enum err e;

	st.note = (struct note){ .line = 0 };
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	e = space_check_bodies(s, &found, &st.note);
	cr_assert_eq(space_close(s, NULL), OK);
	return e;
}

Test(pruning, a_baseline_that_was_changed_or_taken_away_is_told_with_the_bodies)
{
	struct space_pruned done;

	cr_assert_eq(prune(2, false, &done), OK);
	cr_assert_eq(check_bodies(), OK, "%s", st.note.text);
	cr_assert_eq(sim_poke(st.w, BASELINE, steward_edit(&st, sim_peek(st.w, BASELINE),
							   "TRMBASE2", "TRMBASE3")), OK);
	cr_assert_eq(check_bodies(), ERR_TAMPERED);
	cr_assert_str_eq(st.note.file, BASELINE);
	cr_assert_eq(world_unlink(st.w, BASELINE), OK);
	cr_assert_eq(check_bodies(), ERR_MISS);
}

Test(pruning, a_dry_run_changes_no_file)
{
	struct str before[2];
	struct space_pruned done;
	struct space *s = space_kit_open(&st.kit);
	const struct space_prune order = { .before_ns = INT64_MAX, .reason = STR("old"),
					   .dry_run = true };
	struct str *names;
	size_t count[2];

	for (int i = 0; i < 2; i++) {
		if (i > 0)
			cr_assert_eq(space_prune(s, &order, &done, &st.note), OK);
		cr_assert_eq(world_list(st.w, SPACE_KIT_DIR "/blob", &st.kit.memory, &names,
					&count[i]), OK);
		cr_assert_eq(arena_copy(&st.kit.memory, sim_peek(st.w, STEWARD_PACK),
					&before[i]), OK);
	}
	cr_assert(done.bodies == 10 && done.before == 12);
	cr_assert_eq(count[0], count[1]);
	cr_assert(str_eq(before[0], before[1]));
	cr_assert_eq(space_close(s, NULL), OK);
}

/* As after a prune that dropped nothing more once its state was kept. */
Test(pruning, the_baseline_never_goes_back)
{
	struct space_pruned done;
	struct str pack, copy;

	pack = sim_peek(st.w, STEWARD_PACK);
	cr_assert_eq(arena_copy(&st.kit.memory, pack, &copy), OK);
	cr_assert_eq(prune(2, false, &done), OK);
	cr_assert_eq(done.before, 9);
	cr_assert_eq(sim_poke(st.w, STEWARD_PACK, copy), OK);
	cr_assert_eq(prune(5, false, &done), OK, "%s", st.note.text);
	cr_assert(done.before == 6 && done.bodies == 4);
	cr_assert_eq(replay_from(), 9);
	(void)steward_expect_sound(&st);
}

static void fail_everywhere(enum sim_fault fault, bool torn)
{
	for (uint64_t at = 1;; at++) {
		struct space_pruned done;
		struct space *s;
		enum err e;
		bool hit;

		teardown();
		setup();
		s = space_kit_open(&st.kit);
		sim_fail_at(st.w, at, fault);
		e = space_prune(s, &(struct space_prune){
			.before_ns = SPACE_KIT_START_NS + 5 * DAY_NS, .reason = STR("old"),
			.at_ns = world_now_ns(st.w) }, &done, &st.note);
		hit = sim_was_hit(st.w);
		if (fault != SIM_CRASH || !hit)
			sim_fail_at(st.w, 0, SIM_NONE);
		(void)space_abandon(s, NULL);
		if (fault == SIM_CRASH && hit && torn)
			sim_tear(st.w, at);
		else if (fault == SIM_CRASH && hit)
			sim_reboot(st.w, true);
		if (!hit) {
			cr_assert_eq(e, OK);
			return;
		}
		(void)steward_expect_sound(&st);
		e = prune(5, false, &done);
		cr_assert(e == OK || e == ERR_NOT_FOUND, "operation %d: %s", (int)at,
			  st.note.text);
		expect_bodies(7, 4);
		(void)steward_expect_sound(&st);
	}
}

Test(pruning, an_error_anywhere_leaves_a_sound_log_and_can_be_made_good)
{
	fail_everywhere(SIM_EIO, false);
	fail_everywhere(SIM_ENOSPC, false);
	fail_everywhere(SIM_SHORT, false);
}

Test(pruning, a_power_loss_anywhere_leaves_a_sound_log_and_can_be_made_good)
{
	fail_everywhere(SIM_CRASH, false);
	fail_everywhere(SIM_CRASH, true);
}
