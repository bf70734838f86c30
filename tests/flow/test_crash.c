/*
 * An import is stopped at every operation that changes the disk, in every way a disk can stop it.
 * Whatever happens, the workspace opens again, verifies, replays bit for bit, and holds what it
 * held before, or that and a prefix of the import.
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>

#define SEED 11

/* The workspace before the import: one action, so that there is something to lose. */
static void before_import(struct space_kit *k)
{
	scene_init(k, SEED, SCENE_POLICY);
	scene_submit(k, "{\"agent\":\"support-bot\",\"action\":\"get_order\"}");
}

static enum err import_again(struct space_kit *k, struct note *n)
{
	const struct import_options options = { .format = IMPORT_OPENAI_CHAT };
	struct import_report report;

	/* The same salts every time: the same lines. */
	sim_entropy(k->w, 1);
	return space_kit_import(k, &options, scene_read(k, SCENE_INCIDENT), &report, n);
}

/* The lines of a workspace in which nothing went wrong. */
static struct str whole_log(uint64_t *before, uint64_t *operations, struct space_kit *k)
{
	struct note n = { .line = 0 };

	before_import(k);
	*before = space_kit_verify(k, NULL);
	sim_fail_at(k->w, 0, SIM_NONE);
	cr_assert_eq(import_again(k, &n), OK, "%s", n.text);
	*operations = sim_operations(k->w);
	return sim_peek(k->w, SCENE_SEGMENT);
}

/*
 * Opened for writing, everything is in order again; returns how many entries there are, without the
 * notice that a writer makes of what it recovered.
 */
static uint64_t expect_sound(struct space_kit *k, struct str whole, uint64_t n)
{
	struct replay_report report;
	struct note story = { .line = 0 };
	struct str now;
	uint64_t size;

	cr_assert_eq(scene_reopen(k, &story), OK, "operation %llu: %s: %s", (unsigned long long)n,
		     story.file, story.text);
	size = space_kit_verify(k, NULL);
	cr_assert_eq(space_kit_replay(k, &report, &story), OK, "operation %llu: %s",
		     (unsigned long long)n, story.text);
	cr_assert_eq(report.entries, size);
	now = sim_peek(k->w, SCENE_SEGMENT);
	if (space_kit_entry(k, size - 1).kind == ENTRY_NOTICE)
		now.len -= space_kit_line(k, --size).len + 1;
	cr_assert(str_starts(whole, now), "operation %llu: the log is not a prefix",
		  (unsigned long long)n);
	return size;
}

/* With `torn` the power goes, and that seed decides what of the unsynced survives. */
static void crash_everywhere(bool power_lost, uint64_t torn)
{
	struct space_kit sound;
	uint64_t before, operations, partial = 0, n;
	struct str whole = whole_log(&before, &operations, &sound);

	cr_assert_gt(operations, 10);
	for (n = 1; n <= operations; n++) {
		struct note story = { .line = 0 };
		struct space_kit k;
		uint64_t size;

		before_import(&k);
		sim_fail_at(k.w, n, SIM_CRASH);
		/* A fault in what may fail, such as a cache, leaves the import whole. */
		(void)import_again(&k, &story);
		cr_assert(sim_was_hit(k.w));
		if (torn)
			sim_tear(k.w, torn * 1000 + n);
		else
			sim_reboot(k.w, power_lost);
		size = expect_sound(&k, whole, n);
		cr_assert_geq(size, before);
		partial += size > before;
		scene_fini(&k);
	}
	cr_expect_gt(partial, 0, "some crashes leave entries behind");
	scene_fini(&sound);
}

Test(crash, at_every_operation_leaves_a_prefix_when_the_process_dies)
{
	crash_everywhere(false, 0);
}

Test(crash, at_every_operation_leaves_a_prefix_when_the_power_goes)
{
	crash_everywhere(true, 0);
}

Test(crash, at_every_operation_leaves_a_prefix_when_the_disk_kept_some_of_the_rest)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		crash_everywhere(true, seed);
}

/*
 * The fault is answered, the process lives on and tidies up: all or nothing. Only the very last
 * operation, behind the rename of the checkpoint, comes too late to take anything back.
 */
static void fail_everywhere(enum sim_fault fault)
{
	struct space_kit sound;
	uint64_t before, operations, failed = 0, too_late = 0;
	struct str whole = whole_log(&before, &operations, &sound);

	for (uint64_t n = 1; n <= operations; n++) {
		struct digest old_root, root;
		struct note story = { .line = 0 };
		struct space_kit k;
		enum err e;

		before_import(&k);
		space_kit_verify(&k, &old_root);
		sim_fail_at(k.w, n, fault);
		e = import_again(&k, &story);
		sim_fail_at(k.w, 0, SIM_NONE);
		if (e == OK || str_starts(str_view(story.text), STR("everything is recorded"))) {
			cr_expect_gt(expect_sound(&k, whole, n), before);
			too_late += e != OK;
		} else {
			cr_expect_neq(story.text[0], '\0', "operation %llu fails without a word",
				      (unsigned long long)n);
			cr_expect_eq(expect_sound(&k, whole, n), before, "operation %llu",
				     (unsigned long long)n);
			space_kit_verify(&k, &root);
			cr_expect(digest_eq(&root, &old_root), "operation %llu",
				  (unsigned long long)n);
			/* And the import can be done again. */
			cr_expect_eq(import_again(&k, &story), OK, "operation %llu: %s",
				     (unsigned long long)n, story.text);
			cr_expect(str_eq(sim_peek(k.w, SCENE_SEGMENT), whole));
			failed++;
		}
		scene_fini(&k);
	}
	cr_expect_gt(failed, 0);
	cr_expect_eq(too_late, 1);
	scene_fini(&sound);
}

Test(crash, an_import_that_fails_with_an_error_changes_nothing)
{
	fail_everywhere(SIM_EIO);
}

Test(crash, an_import_that_fails_in_a_short_write_changes_nothing)
{
	fail_everywhere(SIM_SHORT);
}

Test(crash, an_import_that_fills_the_disk_changes_nothing)
{
	fail_everywhere(SIM_ENOSPC);
}

/* A disk that is full stays full: not even tidying up may need room. */
Test(crash, a_full_disk_keeps_the_old_log_readable)
{
	struct space_kit sound;
	uint64_t before, operations;
	struct str whole = whole_log(&before, &operations, &sound);

	for (uint64_t room = 0; room < 60000; room += 1500) {
		struct replay_report report;
		struct note story = { .line = 0 };
		struct scene_files files;
		struct space_kit k;
		uint64_t held = 0;
		enum err e;

		before_import(&k);
		cr_assert_eq(sim_poke(k.w, "source.json", scene_read(&k, SCENE_INCIDENT)), OK);
		scene_keep(&k, &files);
		for (size_t i = 0; i < files.count; i++)
			held += files.contents[i].len;
		held += sim_peek(k.w, "source.json").len;
		sim_set_capacity(k.w, held + room);
		e = import_again(&k, &story);
		cr_assert(e == OK || e == ERR_NOSPACE, "room %llu: %s: %s",
			  (unsigned long long)room, err_name(e), story.text);
		if (e != OK) {
			cr_expect_eq(space_kit_verify(&k, NULL), before, "room %llu",
				     (unsigned long long)room);
			cr_expect_eq(space_kit_replay(&k, &report, &story), OK, "room %llu: %s",
				     (unsigned long long)room, story.text);
		}
		sim_set_capacity(k.w, 0);
		(void)expect_sound(&k, whole, room);
		scene_fini(&k);
	}
	scene_fini(&sound);
}

/* A workspace is there, whole, or it is not a workspace. */
Test(crash, while_a_workspace_is_made_leaves_none_or_a_whole_one)
{
	cr_assert_eq(crypto_start(), OK);
	for (uint64_t torn = 0; torn <= 8; torn++)
	for (uint64_t n = 1;; n++) {
		struct note story = { .line = 0 };
		struct world *w = sim_open(SEED, 0);
		struct space *s;
		bool hit;
		enum err e;

		cr_assert_not_null(w);
		sim_fail_at(w, n, SIM_CRASH);
		e = space_create(w, SPACE_KIT_DIR, STR(SPACE_KIT_ORIGIN), &story);
		hit = sim_was_hit(w);
		if (torn)
			sim_tear(w, torn * 1000 + n);
		else
			sim_reboot(w, true);
		if (!hit)
			cr_assert_eq(e, OK, "%s", story.text);
		e = space_open(w, SPACE_KIT_DIR, SPACE_WRITE, &s, &story);
		cr_assert(e == OK || (hit && e == ERR_NOT_FOUND), "operation %llu: %s: %s",
			  (unsigned long long)n, err_name(e), story.text);
		if (e == OK)
			cr_expect_eq(space_close(s, &story), OK, "%s", story.text);
		sim_close(w);
		if (!hit)
			break;
	}
}
