/*
 * A real benchmark: 200 conversations of gpt-4o with the tools of an airline (tau-bench). They
 * stand beside the tree; where they do not, there is nothing to test.
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>

#include "engine/base/world_real.h"

#define RUNS "../shared/data/tau-bench/gpt-4o-airline.json"
#define POLICY                                                                                     \
	"apiVersion: governance.toolkit/v1\nname: airline\ndefault_action: allow\nrules:\n"        \
	"  - {name: money, tools: [send_certificate], action: require_approval,"                   \
	" approvers: [ops]}\n"                                                                     \
	"  - {name: many, condition: session.actions > 15, action: deny}\n"

static struct str runs(struct space_kit *k)
{
	struct str text;

	space_kit_init(k, POLICY);
	text = scene_read(k, RUNS);
	if (!text.ptr) {
		space_kit_fini(k);
		cr_skip_test("no " RUNS);
	}
	return text;
}

static struct import_report import_all(struct space_kit *k, struct str text)
{
	const struct import_options options = { .format = IMPORT_OPENAI_CHAT };
	struct note n = { .line = 0 };
	struct import_report report;
	enum err e = space_kit_import(k, &options, text, &report, &n);

	cr_assert_eq(e, OK, "%s:%u: %s", n.file, n.line, n.text);
	return report;
}

Test(airline, every_run_is_imported_verified_and_replayed_bit_for_bit)
{
	struct import_report report;
	struct replay_report replayed;
	struct log_report verified;
	struct note n = { .line = 0 };
	struct space_kit k;
	struct str text = runs(&k);

	report = import_all(&k, text);
	cr_expect_eq(report.runs, 200);
	cr_expect_eq(report.actions, 1164);
	cr_expect_eq(report.outcomes, 1164);
	cr_expect_eq(report.unlinked, 0);
	cr_expect_gt(report.denied, 0);
	cr_expect_eq(report.allowed + report.denied, report.actions);
	cr_assert_eq(scene_verify(&k, &verified, &n), OK, "%s", n.text);
	cr_expect_eq(verified.entries, report.entries);
	cr_assert_eq(space_kit_replay(&k, &replayed, &n), OK, "%s", n.text);
	cr_expect_eq(replayed.entries, report.entries);
	cr_expect_eq(replayed.sessions, 200);
	cr_expect_eq(replayed.actions, report.actions);
	cr_expect_eq(replayed.allowed, report.allowed);
	cr_expect_eq(replayed.denied, report.denied);
	cr_expect(digest_eq(&replayed.root, &verified.root));
	space_kit_fini(&k);
}

Test(airline, entries_are_proved_with_nothing_but_the_key)
{
	struct note n = { .line = 0 };
	struct space_kit k;
	struct str text = runs(&k);
	uint64_t entries = import_all(&k, text).entries;
	struct note_key key;
	struct space *s;
	struct buf b;

	cr_assert_eq(note_key_read(str_trim(sim_peek(k.w, SPACE_KIT_DIR "/keys/log.vkey")), &key),
		     OK);
	cr_assert_eq(space_open(k.w, SPACE_KIT_DIR, SPACE_READ, &s, &n), OK);
	buf_init(&b, LIMIT_PROOF_BYTES);
	for (uint64_t i = 0; i < entries; i += 100) {
		struct arena_mark mark = arena_mark(&k.memory);
		struct checkpoint c;
		struct proof p;

		buf_clear(&b);
		cr_assert_eq(log_prove(k.w, space_log_folder(s), i, &key, 1, &b, &n), OK, "%s",
			     n.text);
		cr_assert_eq(proof_read(buf_view(&b), &k.memory, &p, &n), OK, "%s", n.text);
		cr_assert_eq(proof_check(&p, STR_NONE, STR(SPACE_KIT_ORIGIN), &key, 1, &c, &n), OK,
			     "%s", n.text);
		cr_expect_eq(p.index, i);
		cr_expect_eq(c.size, entries);
		cr_expect(str_eq(p.extra, space_kit_line(&k, i)));
		arena_rewind(&k.memory, mark);
	}
	cr_expect_neq(log_prove(k.w, space_log_folder(s), entries, &key, 1, &b, &n), OK);
	buf_fini(&b);
	(void)space_close(s, NULL);
	space_kit_fini(&k);
}

/*
 * Counted apart from trammel, by a script over the runs alone: of 69 cancellations two are of a
 * reservation whose details nobody asked for in the same run before, in runs 141 and 150; all 8
 * certificates come after a look-up, and nobody cancels more than five times.
 */
Test(airline, nobody_cancels_what_was_not_looked_up_before)
{
	static const char *const breaking[] = { "run-000141", "run-000150" };
	struct import_report report;
	struct replay_report replayed;
	struct note n = { .line = 0 };
	size_t found = 0, cancellations = 0;
	struct space_kit k;
	struct str text;

	scene_init(&k, 1, "datasets/policies/look-first.yaml");
	text = scene_read(&k, RUNS);
	if (!text.ptr) {
		scene_fini(&k);
		cr_skip_test("no " RUNS);
	}
	report = import_all(&k, text);
	cr_expect_eq(report.actions, 1164);
	cr_expect_eq(report.denied, 2);
	for (uint64_t i = 0; i < report.entries; i++) {
		struct arena_mark mark = arena_mark(&k.memory);
		struct entry e;

		cr_assert_eq(entry_read(space_kit_line(&k, i), &k.memory, &e, &n), OK);
		cancellations += e.kind == ENTRY_ACTION && str_is(e.action, "cancel_reservation");
		if (e.decision && e.decision->effect == EFFECT_DENY) {
			cr_assert_lt(found, 2);
			cr_expect(str_is(e.session, breaking[found++]), "%.*s",
				  STR_ARG(e.session));
			cr_expect(str_is(e.decision->rule, "look-first/cancel-what-was-seen"));
		}
		arena_rewind(&k.memory, mark);
	}
	cr_expect_eq(found, 2);
	cr_expect_eq(cancellations, 69);
	cr_assert_eq(space_kit_replay(&k, &replayed, &n), OK, "%s", n.text);
	cr_expect_eq(replayed.denied, 2);
	scene_fini(&k);
}

Test(airline, asked_afterwards_the_same_two_would_have_been_denied)
{
	struct replay_plan plan = { .on_step = NULL };
	struct world real = world_real();
	struct replay_report report;
	struct note n = { .line = 0 };
	struct arena bundle_memory;
	struct bundle *bundle;
	struct space_kit k;
	struct space *s;

	import_all(&k, runs(&k));
	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	cr_assert_eq(space_load_bundle(&real, "datasets/policies/look-first.yaml", &bundle_memory,
				       &bundle, &n), OK, "%s", n.text);
	plan.instead = bundle;
	cr_assert_eq(space_open(k.w, SPACE_KIT_DIR, SPACE_READ, &s, &n), OK);
	cr_assert_eq(replay_run(s, &plan, &k.memory, &report, &n), OK, "%s", n.text);
	cr_expect_eq(report.actions, 1164);
	cr_expect_eq(report.denied, 2);
	cr_expect_eq(report.flips[REPLAY_TIGHTER], 2);
	(void)space_close(s, NULL);
	arena_fini(&bundle_memory);
	space_kit_fini(&k);
}

Test(airline, two_imports_have_one_root)
{
	struct digest root[2];

	for (int i = 0; i < 2; i++) {
		struct space_kit k;
		struct str text = runs(&k);

		sim_advance(k.w, i * INT64_C(86400) * 1000000000);
		import_all(&k, text);
		space_kit_verify(&k, &root[i]);
		space_kit_fini(&k);
	}
	cr_expect(digest_eq(&root[0], &root[1]));
}
