/* log_keys: a log goes from key to key, and is never without one, whatever happens on the way. */
#include "engine/space/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

#define PEM SPACE_KIT_DIR "/keys/log.pem"
#define NEXT SPACE_KIT_DIR "/keys/log.next.pem"
#define VKEY SPACE_KIT_DIR "/keys/log.vkey"
#define ROTATIONS SPACE_KIT_DIR "/log/rotations"
#define ACTION "{\"agent\":\"ann\",\"action\":\"look\"}"

static struct steward st;
static struct note_key first;         /* what a stranger knows of the log */

static struct str keep(struct str text)
{
	struct str copy;

	cr_assert_eq(arena_copy(&st.kit.memory, text, &copy), OK);
	return copy;
}

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
	cr_assert_eq(note_key_read(str_trim(keep(sim_peek(st.w, VKEY))), &first), OK);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(log_keys, .init = setup, .fini = teardown);

static enum err rotate(void)
{
	struct note_key key;
	struct space *s;
	enum err e;

	st.note = (struct note){ .line = 0 };
	TRY(space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st.note));
	e = space_rotate_log_key(s, STR("yearly"), SPACE_KIT_START_NS, &key, &st.note);
	if (e == OK)
		return space_close(s, &st.note);
	(void)space_abandon(s, NULL);
	return e;
}

static void rotate_well(void)
{
	cr_assert_eq(rotate(), OK, "%s: %s", st.note.file, st.note.text);
}

/* As who knows the first key only. */
static enum err verify_as_stranger(struct log_report *ret)
{
	return log_verify(st.w, SPACE_KIT_DIR "/log", STR(SPACE_KIT_ORIGIN), &first, 1, NULL, ret,
			  &st.note);
}

static size_t expect_sound(void)
{
	struct log_report report;

	(void)steward_expect_sound(&st);
	cr_assert_eq(verify_as_stranger(&report), OK, "%s: %s", st.note.file, st.note.text);
	cr_assert_null(sim_peek(st.w, NEXT).ptr, "a rotation is done or undone");
	return report.rotations;
}

Test(log_keys, the_new_key_signs_and_the_old_one_is_gone)
{
	struct str old = keep(sim_peek(st.w, PEM)), checkpoint;
	struct entry e;
	uint64_t size;

	rotate_well();
	size = space_kit_verify(&st.kit, NULL);
	e = space_kit_entry(&st.kit, size - 1);
	cr_expect(e.kind == ENTRY_CONTROL && str_is(e.action, SUCCESSION_VERB));
	cr_expect(str_is(value_text(e.data, "reason"), "yearly"));
	checkpoint = sim_peek(st.w, SPACE_KIT_DIR "/log/checkpoint");
	cr_expect(str_has(checkpoint, STR(NOTE_DASH)));
	cr_expect(!str_eq(old, sim_peek(st.w, PEM)));
	cr_expect_eq(expect_sound(), 1);
	(void)steward_record(&st, ACTION);
	cr_expect_eq(expect_sound(), 1);
}

Test(log_keys, two_rotations_in_a_row_and_more)
{
	for (size_t i = 1; i <= 5; i++) {
		rotate_well();
		cr_expect_eq(expect_sound(), i);
		if (i % 2)
			(void)steward_record(&st, ACTION);
	}
}

/* One opened workspace goes on with the new key. */
Test(log_keys, the_writer_goes_on)
{
	struct space *s = space_kit_open(&st.kit);
	struct note_key one, two;
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, ACTION, &v), OK);
	cr_assert_eq(space_rotate_log_key(s, STR("a"), SPACE_KIT_START_NS, &one, &st.note), OK);
	cr_assert_eq(steward_submit(&st, s, ACTION, &v), OK);
	cr_assert_eq(space_publish(s), OK);
	cr_assert_eq(space_rotate_log_key(s, STR("b"), SPACE_KIT_START_NS, &two, &st.note), OK);
	cr_assert_eq(space_key(s)->id, two.id);
	cr_assert_neq(one.id, two.id);
	cr_assert_eq(steward_submit(&st, s, ACTION, &v), OK);
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	cr_expect_eq(expect_sound(), 2);
}

Test(log_keys, while_somebody_writes_nothing_is_rotated)
{
	struct space *s = space_kit_open(&st.kit);
	struct str before = keep(sim_peek(st.w, VKEY));

	cr_assert_eq(rotate(), ERR_LOCKED);
	cr_assert(str_eq(sim_peek(st.w, VKEY), before));
	cr_assert_eq(space_close(s, NULL), OK);
	cr_expect_eq(expect_sound(), 0);
}

/* The bytes that only the owner of a private key has. */
static struct str secret_of(struct str pem)
{
	struct str head, rest, body;

	cr_assert(str_cut(pem, '\n', &head, &rest) && str_cut(rest, '\n', &body, &rest));
	return str_slice(body.ptr + 24, body.len - 24);
}

/*
 * A crash at each operation in turn. Before the checkpoint is replaced the old key has the log,
 * behind it the new one; a stranger follows in any case.
 */
static void crash_everywhere(bool power_lost, uint64_t torn)
{
	uint64_t old = 0, new = 0;
	bool hit = true;

	for (uint64_t at = 1; hit; at++) {
		struct str secret, story;
		size_t rotations;

		rotate_well();
		(void)steward_record(&st, ACTION);
		secret = secret_of(keep(sim_peek(st.w, PEM)));
		sim_fail_at(st.w, at, SIM_CRASH);
		(void)rotate();
		hit = sim_was_hit(st.w);
		if (torn)
			sim_tear(st.w, torn * 1000 + at);
		else
			sim_reboot(st.w, power_lost);
		rotations = expect_sound();
		(void)steward_record(&st, ACTION);
		cr_assert_eq(expect_sound(), rotations);
		story = sim_peek(st.w, PEM);
		cr_assert(rotations == 1 || rotations == 2, "operation %d", (int)at);
		cr_assert_eq(str_has(story, secret), rotations == 1, "operation %d", (int)at);
		old += rotations == 1;
		new += rotations == 2;
		/* And again, from where that left it. */
		rotate_well();
		cr_assert_eq(expect_sound(), rotations + 1, "operation %d", (int)at);
		teardown();
		setup();
	}
	cr_expect_gt(old, 5);
	cr_expect_gt(new, 5);
}

Test(log_keys, a_process_that_dies_leaves_the_one_key_or_the_other)
{
	crash_everywhere(false, 0);
}

Test(log_keys, a_power_loss_leaves_the_one_key_or_the_other)
{
	crash_everywhere(true, 0);
}

Test(log_keys, a_torn_disk_leaves_the_one_key_or_the_other)
{
	for (uint64_t seed = 1; seed <= 3; seed++)
		crash_everywhere(true, seed);
}

/* And a crash while that is put in order. */
Test(log_keys, a_crash_while_a_crash_is_mended)
{
	uint64_t operations;

	sim_fail_at(st.w, 0, SIM_NONE);
	rotate_well();
	operations = sim_operations(st.w);
	for (uint64_t first_at = 1; first_at <= operations; first_at++) {
		for (uint64_t at = 1; at <= 8; at++) {
			size_t rotations;
			struct space *s;

			teardown();
			setup();
			sim_fail_at(st.w, first_at, SIM_CRASH);
			(void)rotate();
			sim_reboot(st.w, true);
			sim_fail_at(st.w, at, SIM_CRASH);
			if (space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st.note) == OK)
				(void)space_abandon(s, NULL);
			sim_reboot(st.w, at % 2);
			rotations = expect_sound();
			cr_assert_leq(rotations, 1, "operations %d, %d", (int)first_at, (int)at);
		}
	}
}

/* A fault is answered: whatever became of it, the workspace goes on, and another one works. */
static void fail_everywhere(enum sim_fault fault)
{
	bool hit = true;
	uint64_t failed = 0;

	for (uint64_t at = 1; hit; at++) {
		size_t rotations;
		enum err e;

		sim_fail_at(st.w, at, fault);
		e = rotate();
		hit = sim_was_hit(st.w);
		sim_fail_at(st.w, 0, SIM_NONE);
		failed += e != OK;
		cr_assert(e == OK || st.note.text[0], "operation %d fails without a word",
			  (int)at);
		rotations = expect_sound();
		cr_assert(e != OK || rotations == 1);
		rotate_well();
		cr_assert_eq(expect_sound(), rotations + 1);
		teardown();
		setup();
	}
	cr_expect_gt(failed, 5);
}

Test(log_keys, a_rotation_that_fails_can_be_done_again)
{
	fail_everywhere(SIM_EIO);
	fail_everywhere(SIM_SHORT);
	fail_everywhere(SIM_ENOSPC);
}

Test(log_keys, between_both_keys_readers_go_on)
{
	struct log_report report;
	struct note_key now;
	bool hit = true;

	for (uint64_t at = 1; hit; at++) {
		struct space *s;
		enum err e;

		sim_fail_at(st.w, at, SIM_CRASH);
		(void)rotate();
		hit = sim_was_hit(st.w);
		sim_reboot(st.w, true);
		st.note = (struct note){ .line = 0 };
		cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
		now = *space_key(s);
		e = log_verify(st.w, space_log_folder(s), STR(SPACE_KIT_ORIGIN), &now, 1, NULL,
			       &report, &st.note);
		cr_assert(e == OK || e == ERR_UNSIGNED, "operation %d: %s: %s", (int)at,
			  st.note.file, st.note.text);
		e = verify_as_stranger(&report);
		cr_assert(e == OK || e == ERR_UNSIGNED, "operation %d: %s: %s", (int)at,
			  st.note.file, st.note.text);
		(void)space_close(s, NULL);
		teardown();
		setup();
	}
}

/*
 * The checkpoint that hands over is signed by the old key, too. That one laid down as the next one
 * must not get the log back, nor the new one be overwritten.
 */
Test(log_keys, a_key_of_before_is_not_the_next_one)
{
	struct str old = keep(sim_peek(st.w, PEM)), now, vkey;

	rotate_well();
	now = keep(sim_peek(st.w, PEM));
	vkey = keep(sim_peek(st.w, VKEY));
	cr_assert_eq(sim_poke(st.w, NEXT, old), OK);
	cr_expect_eq(expect_sound(), 1);
	cr_expect(str_eq(sim_peek(st.w, PEM), now));
	cr_expect(str_eq(sim_peek(st.w, VKEY), vkey));
	(void)steward_record(&st, ACTION);
	cr_expect_eq(expect_sound(), 1);
}

/* What tells which is which may be gone: then nothing is thrown away. */
Test(log_keys, without_the_list_no_key_is_taken_for_the_next_one)
{
	struct str old = keep(sim_peek(st.w, PEM)), now;
	struct space *s;

	rotate_well();
	now = keep(sim_peek(st.w, PEM));
	cr_assert_eq(sim_poke(st.w, NEXT, old), OK);
	cr_assert_eq(world_unlink(st.w, ROTATIONS), OK);
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st.note), ERR_TAMPERED);
	cr_expect(str_has(str_view(st.note.text), STR("it is missing")), "%s", st.note.text);
	cr_expect(str_eq(sim_peek(st.w, PEM), now));
	cr_expect(str_eq(sim_peek(st.w, NEXT), old));
}

/* Somebody writes the line of a rotation behind the checkpoint: it is cut off, not signed. */
Test(log_keys, a_rotation_that_no_checkpoint_covers_is_none)
{
	struct str rotated, checkpoint = keep(sim_peek(st.w, SPACE_KIT_DIR "/log/checkpoint"));
	struct str pem = keep(sim_peek(st.w, PEM)), vkey = keep(sim_peek(st.w, VKEY));

	rotate_well();
	rotated = keep(sim_peek(st.w, STEWARD_SEGMENT));
	cr_assert(str_has(rotated, STR(SUCCESSION_VERB)));
	cr_assert_eq(sim_poke(st.w, SPACE_KIT_DIR "/log/checkpoint", checkpoint), OK);
	cr_assert_eq(sim_poke(st.w, PEM, pem), OK);
	cr_assert_eq(sim_poke(st.w, VKEY, vkey), OK);
	cr_assert_eq(world_unlink(st.w, ROTATIONS), OK);
	cr_expect_eq(expect_sound(), 0);
	cr_expect(!str_has(sim_peek(st.w, STEWARD_SEGMENT), STR(SUCCESSION_VERB)));
}

Test(log_keys, a_list_that_was_lost_is_there_again_after_the_next_rotation)
{
	struct log_report report;

	rotate_well();
	cr_assert_eq(world_unlink(st.w, ROTATIONS), OK);
	cr_assert_eq(verify_as_stranger(&report), ERR_TAMPERED);
	rotate_well();
	cr_expect_eq(expect_sound(), 2);
}

Test(log_keys, an_agents_action_of_that_name_is_no_rotation)
{
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"" SUCCESSION_VERB "\","
			     "\"kind\":\"control\"}");
	cr_expect_eq(expect_sound(), 0);
	rotate_well();
	cr_expect_eq(expect_sound(), 1);
}

Test(log_keys, bodies_are_pruned_and_redacted_across_rotations)
{
	struct space_pruned pruned;
	struct space_redacted redacted;
	struct space *s;

	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":1}}");
	rotate_well();
	sim_advance(st.w, INT64_C(86400000000000));
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":2}}");
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_redact(s, &(struct space_redaction){
		.field = STR("args.n"), .reason = STR("r"), .at_ns = world_now_ns(st.w) },
		&redacted, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_prune(s, &(struct space_prune){
		.before_ns = gate_totals(space_state(s)).latest_ns, .reason = STR("old"),
		.at_ns = world_now_ns(st.w) }, &pruned, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_close(s, &st.note), OK);
	rotate_well();
	cr_expect_eq(expect_sound(), 2);
}
