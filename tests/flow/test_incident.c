/*
 * The main job: a recorded incident is taken through the gate, proved, played again bit for bit,
 * and asked what another policy would have decided. Everything that must not change between
 * machines and keys is a constant here.
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>

#include "engine/base/world_real.h"

#define ENTRIES      52
#define GOLDEN_ROOT  "f332af1c700c29ea753911b968894098e3c2dad1bc65521f213f36548d6384e5"
#define GOLDEN_STATE "3573729ba6f07b65320e51d21c669f2d36040b57dd4c957b97ad30c89561c5a0"

static void expect_hex(const struct digest *d, const char *hex, const char *what)
{
	struct buf b;

	buf_init(&b, 128);
	buf_add_hex(&b, d->bytes, sizeof(d->bytes));
	cr_expect(str_is(buf_view(&b), hex), "the %s is %.*s", what, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(incident, every_call_is_decided_and_recorded)
{
	struct import_report report;
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	report = scene_import(&k, SCENE_INCIDENT);
	cr_expect_eq(report.runs, 6);
	cr_expect_eq(report.entries, ENTRIES);
	cr_expect_eq(report.actions, 22);
	cr_expect_eq(report.allowed, 19);
	cr_expect_eq(report.denied, 3);
	cr_expect_eq(report.outcomes, 22);
	cr_expect_eq(report.labels, 6);
	cr_expect_eq(report.agents, 1);
	cr_expect_eq(report.unparsed, 0);
	cr_expect_eq(report.unlinked, 0);
	cr_expect_eq(space_kit_verify(&k, NULL), ENTRIES);
	scene_fini(&k);
}

/* And the same salts; other salts change digests of bodies, and nothing else. */
Test(incident, the_same_source_gives_the_same_roots_whatever_the_key_and_the_clock)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct replay_report replayed;
		struct note n = { .line = 0 };
		struct digest root;
		struct space_kit k;

		scene_init(&k, seed, SCENE_POLICY);
		sim_advance(k.w, (int64_t)seed * 1000000007);
		sim_entropy(k.w, 1);
		scene_import(&k, SCENE_INCIDENT);
		space_kit_verify(&k, &root);
		cr_assert_eq(space_kit_replay(&k, &replayed, &n), OK, "%s", n.text);
		expect_hex(&root, GOLDEN_ROOT, "root");
		expect_hex(&replayed.root, GOLDEN_ROOT, "root of the replay");
		expect_hex(&replayed.state, GOLDEN_STATE, "state root");
		scene_fini(&k);
	}
}

Test(incident, a_strict_replay_is_bit_exact)
{
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	cr_assert_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
	cr_expect_not(report.diverged);
	cr_expect_eq(report.entries, ENTRIES);
	cr_expect_eq(report.sessions, 6);
	cr_expect_eq(report.actions, 22);
	cr_expect_eq(report.allowed, 19);
	cr_expect_eq(report.denied, 3);
	cr_expect_eq(report.misses, 0);
	cr_expect_eq(report.unsigned_entries, 0);
	scene_fini(&k);
}

Test(incident, a_replay_changes_no_byte_of_the_workspace)
{
	struct scene_files before, after;
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	scene_keep(&k, &before);
	cr_assert_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
	space_kit_verify(&k, NULL);
	scene_keep(&k, &after);
	cr_assert_eq(before.count, after.count);
	for (size_t i = 0; i < before.count; i++) {
		cr_expect_str_eq(before.paths[i], after.paths[i]);
		cr_expect(str_eq(before.contents[i], after.contents[i]), "%s", before.paths[i]);
	}
	scene_fini(&k);
}

/* --- what if --- */

struct flip {
	uint64_t entry;
	enum replay_label label;
	const char *was, *now;
};

struct heard {
	const struct flip *expected;
	size_t expected_count, flips, steps;
};

static void hear(void *self, const struct replay_step *step)
{
	struct heard *h = self;
	const struct flip *f = &h->expected[h->flips];

	h->steps++;
	if (step->flip == REPLAY_SAME)
		return;
	cr_assert_lt(h->flips, h->expected_count, "entry %llu flips, which was not expected",
		     (unsigned long long)step->recorded->seq);
	h->flips++;
	cr_expect_eq(step->recorded->seq, f->entry);
	cr_expect_eq(step->flip, REPLAY_TIGHTER);
	cr_expect_eq(step->label, f->label, "entry %llu", (unsigned long long)f->entry);
	cr_expect(str_is(step->recorded->decision->rule, f->was));
	cr_expect(str_is(step->now->decision.rule, f->now));
	cr_expect_eq(step->recorded->decision->effect, EFFECT_ALLOW);
	cr_expect_eq(step->now->effect, EFFECT_DENY);
}

static enum err what_if(struct space_kit *k, const char *policy_path, struct heard *h,
			struct replay_report *ret, struct note *n)
{
	struct replay_plan plan = { .on_step = hear, .self = h };
	struct world real = world_real();
	struct arena bundle_memory;
	struct bundle *bundle;
	struct space *s;
	enum err e;

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	cr_assert_eq(space_load_bundle(&real, policy_path, &bundle_memory, &bundle, n), OK);
	plan.instead = bundle;
	cr_assert_eq(space_open(k->w, SPACE_KIT_DIR, SPACE_READ, &s, n), OK);
	e = replay_run(s, &plan, &k->memory, ret, n);
	(void)space_close(s, NULL);
	arena_fini(&bundle_memory);
	return e;
}

Test(incident, the_policy_after_the_incident_would_have_stopped_exactly_these)
{
	/* All in one session: behind its first flip the agent might have done otherwise. */
	static const struct flip expected[] = {
		{ 25, REPLAY_REDECIDED, "support/refund", "support/large-refund" },
		{ 27, REPLAY_UNKNOWN, "support/refund", "support/large-refund" },
		{ 35, REPLAY_UNKNOWN, "support/refund", "support/large-refund" },
		{ 39, REPLAY_UNKNOWN, "support/refund", "support/many-actions" },
	};
	struct heard heard = { .expected = expected, .expected_count = 4 };
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	cr_assert_eq(what_if(&k, SCENE_STRICTER, &heard, &report, &n), OK, "%s", n.text);
	cr_expect_eq(heard.flips, 4);
	cr_expect_eq(heard.steps, 22);
	cr_expect_eq(report.flips[REPLAY_SAME], 18);
	cr_expect_eq(report.flips[REPLAY_LOOSER], 0);
	cr_expect_eq(report.flips[REPLAY_TIGHTER], 4);
	cr_expect_eq(report.labels[REPLAY_EXACT], 10);
	cr_expect_eq(report.labels[REPLAY_REDECIDED], 4);
	cr_expect_eq(report.labels[REPLAY_UNKNOWN], 8);
	cr_expect_eq(report.allowed, 15);
	cr_expect_eq(report.denied, 7);
	scene_fini(&k);
}

Test(incident, the_policy_of_the_incident_itself_flips_nothing)
{
	struct heard heard = { .expected_count = 0 };
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	cr_assert_eq(what_if(&k, SCENE_POLICY, &heard, &report, &n), OK, "%s", n.text);
	cr_expect_eq(heard.steps, 22);
	cr_expect_eq(report.labels[REPLAY_EXACT], 22);
	cr_expect_eq(report.flips[REPLAY_SAME], 22);
	scene_fini(&k);
}

Test(incident, imported_again_it_goes_behind_what_is_there)
{
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	cr_expect_eq(scene_import(&k, SCENE_INCIDENT).agents, 0);
	/* No second policy entry and no second agent. */
	cr_expect_eq(space_kit_verify(&k, NULL), 2 * ENTRIES - 2);
	cr_assert_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
	cr_expect_eq(report.actions, 44);
	scene_fini(&k);
}
