/* Two at once: the second writer is refused, readers see whole entries while one is at work. */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>

Test(writers, are_alone)
{
	struct note n = { .line = 0 };
	struct space *first, *second = NULL;
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	first = space_kit_open(&k);
	cr_expect_eq(space_open(k.w, SPACE_KIT_DIR, SPACE_WRITE, &second, &n), ERR_LOCKED);
	cr_expect_null(second);
	cr_expect(str_has(str_view(n.text), STR("another process is writing")), "%s", n.text);
	cr_expect(str_starts(str_view(n.file), STR(SPACE_KIT_DIR)), "%s", n.file);
	cr_expect_eq(space_close(first, NULL), OK);
	cr_expect_eq(scene_reopen(&k, &n), OK, "the lock goes with its holder: %s", n.text);
	scene_fini(&k);
}

Test(writers, that_were_refused_change_nothing)
{
	const struct import_options options = { .format = IMPORT_OPENAI_CHAT };
	struct scene_files before, after;
	struct import_report report;
	struct note n = { .line = 0 };
	struct space *first;
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	first = space_kit_open(&k);
	scene_keep(&k, &before);
	cr_expect_eq(space_kit_import(&k, &options, scene_read(&k, SCENE_INCIDENT), &report, &n),
		     ERR_LOCKED);
	scene_keep(&k, &after);
	cr_assert_eq(before.count, after.count);
	for (size_t i = 0; i < before.count; i++)
		cr_expect(str_eq(before.contents[i], after.contents[i]), "%s", before.paths[i]);
	cr_expect_eq(space_close(first, NULL), OK);
	scene_fini(&k);
}

Test(writers, do_not_keep_readers_out)
{
	struct replay_report replayed;
	struct log_report report;
	struct note n = { .line = 0 };
	struct verdict v;
	struct intake in = { .mask = NULL };
	struct event e;
	struct space *s;
	struct buf bodies;
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	s = space_kit_open(&k);
	cr_expect_eq(scene_verify(&k, &report, &n), OK, "%s", n.text);
	cr_expect_eq(space_kit_replay(&k, &replayed, &n), OK, "%s", n.text);

	/* What was committed but not signed yet is seen, and said to be unsigned. */
	buf_init(&bodies, LIMIT_BODY_BYTES);
	in.found.arena = &k.memory;
	cr_assert_eq(action_read(STR("{\"agent\":\"support-bot\",\"action\":\"get_order\"}"),
				 SPACE_KIT_START_NS, &in, &bodies, &e, &n),
		     OK, "%s", n.text);
	cr_assert_eq(space_submit(s, &e, &k.memory, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	cr_expect_eq(scene_verify(&k, &report, &n), ERR_UNSIGNED);
	cr_expect_eq(report.tail_entries, 1);
	cr_expect_eq(space_kit_replay(&k, &replayed, &n), OK, "%s", n.text);
	cr_expect_eq(replayed.unsigned_entries, 1);
	cr_expect_eq(replayed.entries, 53);

	cr_expect_eq(space_close(s, NULL), OK);
	cr_expect_eq(scene_verify(&k, &report, &n), OK, "%s", n.text);
	cr_expect_eq(report.entries, 53);
	buf_fini(&bodies);
	scene_fini(&k);
}
