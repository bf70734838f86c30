#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/steward.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: other\n"

static struct steward st;
static struct replay_report report;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(player, .init = setup, .fini = teardown);

static struct verdict act(const char *action, const char *session, int amount)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "{\"agent\":\"ann\",\"action\":\"%s\",\"args\":{\"amount\":%d}%s%s%s}",
		       action, amount, session ? ",\"session\":\"" : "", session ? session : "",
		       session ? "\"" : "");
	return steward_record(&st, text);
}

/*
 * A thread that reads ahead changes nothing that can be told: everything below is asked with one
 * and without.
 */
static void expect_same(const struct replay_report *a, const struct replay_report *b)
{
	cr_assert(a->entries == b->entries && a->sessions == b->sessions);
	cr_assert(a->actions == b->actions && a->allowed == b->allowed && a->denied == b->denied);
	cr_assert_arr_eq(a->labels, b->labels, sizeof(a->labels));
	cr_assert_arr_eq(a->flips, b->flips, sizeof(a->flips));
	cr_assert_eq(a->unknown, b->unknown);
	cr_assert(a->misses == b->misses && a->unsigned_entries == b->unsigned_entries);
	cr_assert(digest_eq(&a->root, &b->root) && digest_eq(&a->state, &b->state));
	cr_assert(a->diverged == b->diverged && a->diverged_at == b->diverged_at);
	cr_assert(str_eq(a->recorded_line, b->recorded_line));
	cr_assert(str_eq(a->replayed_line, b->replayed_line));
}

static void expect_same_story(const struct note *a, const struct note *b)
{
	cr_assert_str_eq(a->text, b->text);
	cr_assert_str_eq(a->file, b->file);
	cr_assert(a->line == b->line && a->column == b->column);
}

static enum err strict(void)
{
	struct note alone = { .text = "" };
	struct replay_report before;
	enum err e;

	e = space_kit_replay(&st.kit, &before, &alone);
	st.w->threads = true;
	st.note = (struct note){ .text = "" };
	cr_assert_eq(space_kit_replay(&st.kit, &report, &st.note), e);
	st.w->threads = false;
	expect_same(&report, &before);
	expect_same_story(&st.note, &alone);
	return e;
}

/* --- strict --- */

Test(player, an_untouched_log_is_bit_exact)
{
	(void)act("pay", "s", 1);
	(void)act("look", NULL, 2);
	(void)steward_record(&st, "{\"outcome_of\":2,\"result\":[1]}");
	(void)steward_record(&st, "not a document");
	cr_assert_eq(strict(), OK, "%s", st.note.text);
	cr_assert(!report.diverged && report.misses == 0 && report.unsigned_entries == 0);
	cr_assert_eq(report.entries, 6);
	cr_assert(report.actions == 2 && report.allowed == 2 && report.denied == 0);
	cr_assert_eq(report.sessions, 1);
}

Test(player, its_root_and_state_are_those_of_the_log)
{
	struct verdict v = act("pay", "s", 1);
	struct digest root;

	(void)space_kit_verify(&st.kit, &root);
	cr_assert_eq(strict(), OK);
	cr_assert(digest_eq(&report.root, &root));
	cr_assert(digest_eq(&report.state, &v.state));
}

Test(player, a_change_of_policy_in_the_middle_replays)
{
	(void)act("pay", "s", 1);
	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	(void)act("pay", "s", 1);
	space_kit_policy(&st.kit, SPACE_KIT_ALLOW);
	(void)act("pay", "s", 1);
	cr_assert_eq(strict(), OK, "%s", st.note.text);
	cr_assert(report.actions == 3 && report.allowed == 2 && report.denied == 1);
}

/* Signed anew by the log's own key, so that nothing but the replay can tell. */
Test(player, a_forged_and_signed_decision_diverges_at_its_entry)
{
	static const struct { const char *from, *to; } edits[] = {
		{ "\"allowed\":true,\"effect\":\"allow\"",
		  "\"allowed\":false,\"effect\":\"deny\"" },
		{ "no rule matched", "some rule matched" },
		{ "\"session\":\"s\"", "\"session\":\"z\"" },
		{ "\"agent\":\"ann\"", "\"agent\":\"eve\"" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct str was, forged;
		enum err e;

		(void)act("pay", "s", 1);
		(void)act("pay", "s", 1);
		(void)act("pay", "s", 1);
		was = space_kit_line(&st.kit, 3);
		steward_forge(&st, 3, edits[i].from, edits[i].to);
		forged = space_kit_line(&st.kit, 3);
		e = strict();
		cr_assert_eq(e, ERR_DIVERGED, "%s: %s", edits[i].to, err_name(e));
		cr_assert(report.diverged && report.diverged_at == 3);
		cr_assert_eq(report.entries, 4);
		cr_assert(str_eq(report.recorded_line, forged));
		cr_assert(!str_eq(report.replayed_line, forged));
		cr_assert(strstr(st.note.text, "entry 3"), "%s", st.note.text);
		cr_assert(strstr(st.note.file, "00000000.jsonl") && st.note.line == 4);
		if (i < 2)
			cr_assert(str_eq(report.replayed_line, was));
		teardown();
		setup();
	}
}

/* What rules see has its digest in the entry, and so cannot be changed alone. */
Test(player, a_forged_and_signed_input_comes_out_differently)
{
	(void)act("pay", "s", 1);
	steward_forge(&st, 2, "\"action\":\"pay\"", "\"action\":\"pray\"");
	cr_assert_eq(strict(), ERR_DIVERGED, "%s", st.note.text);
}

/* "NAME":"sha256:" and the first digit, as it stands in an entry, and with another digit. */
static void forge_digest(uint64_t seq, const char *name)
{
	struct str line = space_kit_line(&st.kit, seq);
	char from[64], to[64];
	const char *at;
	int len;

	len = snprintf(from, sizeof(from), "\"%s\":\"sha256:", name);
	at = memmem(line.ptr, line.len, from, (size_t)len);
	cr_assert_not_null(at);
	from[len] = at[len];
	from[len + 1] = '\0';
	(void)snprintf(to, sizeof(to), "%s", from);
	to[len] = at[len] == '0' ? '1' : '0';
	steward_forge(&st, seq, from, to);
}

/* Digests are compared behind the gate: the first that is wrong counts, whatever came after it. */
Test(player, a_forged_and_signed_digest_is_the_divergence_although_the_gate_went_on)
{
	static const char *const names[] = { "state", "input" };

	for (size_t i = 0; i < 2; i++) {
		struct str was, forged;

		for (int n = 0; n < 300; n++)
			(void)act("pay", "s", n);
		was = space_kit_line(&st.kit, 20);
		forge_digest(20, names[i]);
		steward_forge(&st, 290, "no rule matched", "some rule matched");
		forged = space_kit_line(&st.kit, 20);
		cr_assert_eq(strict(), ERR_DIVERGED, "%s", st.note.text);
		cr_assert_eq(report.diverged_at, 20);
		cr_assert(report.entries == 21 && report.actions == 18 && report.allowed == 18);
		cr_assert(str_eq(report.recorded_line, forged));
		cr_assert(str_eq(report.replayed_line, was));
		cr_assert(strstr(st.note.text, "entry 20 "), "%s", st.note.text);
		cr_assert_eq(st.note.line, 21);
		teardown();
		setup();
	}
}

#define TRACED "{\"agent\":\"ann\",\"action\":\"pay\",\"trace\":\"t1\"}"

/* What nobody looks at is played as it stands: that it was said is what the log's key vouches for,
 * and nothing else could. */
Test(player, a_forged_and_signed_trace_is_played_as_it_stands)
{
	(void)steward_record(&st, TRACED);
	steward_forge(&st, 2, "\"trace\":\"t1\"", "\"trace\":\"t2\"");
	cr_assert_eq(strict(), OK, "%s", st.note.text);
}

Test(player, an_edit_without_the_key_is_tampering)
{
	struct str text;

	(void)steward_record(&st, TRACED);
	text = steward_edit(&st, sim_peek(st.w, STEWARD_SEGMENT), "\"trace\":\"t1\"",
			    "\"trace\":\"t2\"");
	cr_assert_eq(sim_poke(st.w, STEWARD_SEGMENT, text), OK);
	cr_assert_eq(strict(), ERR_TAMPERED);
	cr_assert(st.note.text[0]);
}

Test(player, a_log_that_was_cut_is_tampered)
{
	struct str text;

	(void)act("pay", "s", 1);
	text = sim_peek(st.w, STEWARD_SEGMENT);
	text.len -= 1;
	cr_assert_eq(arena_copy(&st.kit.memory, text, &text), OK);
	cr_assert_eq(sim_poke(st.w, STEWARD_SEGMENT, text), OK);
	cr_assert_eq(strict(), ERR_TAMPERED);
}

Test(player, a_checkpoint_by_another_key_is_no_evidence)
{
	static const uint8_t seed[SEED_BYTES] = { 4 };
	struct sign_key *other;
	struct public_key pub;
	struct note_key key;
	struct buf b;

	cr_assert_eq(sign_key_open(seed, &other), OK);
	pub = sign_key_public(other);
	key = note_key_of(STR(SPACE_KIT_ORIGIN), &pub, false);
	buf_init(&b, 4096);
	note_key_write(&b, &key);
	cr_assert_eq(sim_poke(st.w, SPACE_KIT_DIR "/keys/log.vkey", buf_view(&b)), OK);
	cr_assert_eq(strict(), ERR_SIGNATURE);
	buf_fini(&b);
	sign_key_close(other);
}

Test(player, entries_behind_the_checkpoint_are_played_and_counted)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	cr_assert_eq(strict(), OK, "%s", st.note.text);
	cr_assert(report.unsigned_entries == 1 && report.entries == 3);
	cr_assert_eq(space_close(s, NULL), OK);
}

/* A world that answers nothing but reads of files. */
Test(player, nothing_live_is_asked)
{
	struct world_calls calls = *st.w->calls;
	const struct world_calls *all = st.w->calls;

	(void)act("pay", "s", 1);
	calls.now_ns = NULL;
	calls.entropy = NULL;
	calls.env = NULL;
	calls.write_at = NULL;
	calls.truncate = NULL;
	calls.rename = NULL;
	calls.unlink = NULL;
	calls.mkdir = NULL;
	calls.rmdir = NULL;
	calls.lock = NULL;
	st.w->calls = &calls;
	cr_assert_eq(strict(), OK, "%s", st.note.text);
	st.w->calls = all;
}

/* --- misses --- */

Test(player, a_body_that_is_gone_is_a_miss)
{
	(void)act("pay", "s", 1);
	cr_assert_eq(world_unlink(st.w, STEWARD_PACK), OK);
	cr_assert_eq(strict(), ERR_MISS);
	cr_assert(report.misses == 1 && !report.diverged);
	cr_assert_eq(report.entries, 1);
	cr_assert(strstr(st.note.text, "entry 0"), "%s", st.note.text);
}

Test(player, a_body_that_was_changed_is_tampering)
{
	struct str pack, copy;

	(void)act("pay", "s", 1);
	pack = sim_peek(st.w, STEWARD_PACK);
	copy = steward_edit(&st, pack, "{\"amount\":1}", "{\"amount\":2}");
	cr_assert_eq(sim_poke(st.w, STEWARD_PACK, copy), OK);
	cr_assert_neq(strict(), OK);
	cr_assert(!report.diverged);
}

/* Behind a state of its own the entry in front of it would not be looked at. */
Test(player, a_forged_decision_does_not_hide_behind_a_baseline_that_no_prune_left)
{
	struct space_pruned done;
	struct space *s;

	(void)act("pay", "s", 1);
	(void)act("pay", "s", 2);
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_prune(s, &(struct space_prune){ .before_ns = INT64_MAX,
				 .reason = STR("r"), .at_ns = SPACE_KIT_START_NS }, &done,
				 &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_assert_eq(strict(), OK, "%s", st.note.text);
	steward_forge(&st, 2, "no rule matched", "some rule matched");
	cr_assert_eq(strict(), OK, "what was pruned is behind it");
	steward_forge(&st, 4, "\"before\":4", "\"before\":2");
	cr_assert_eq(strict(), ERR_TAMPERED);
	cr_assert(str_has(str_view(st.note.text), STR("begin at entry 4")), "%s", st.note.text);
}

/* --- lost values --- */

/* Entry 2 is allowed and 3 is denied by their amounts, which are gone then, as entry 5 says. */
static void record_and_redact(void)
{
	const struct space_redaction order = { .field = STR("args.amount"), .force = true,
					       .reason = STR("r"), .at_ns = SPACE_KIT_START_NS };
	struct space_redacted done;
	struct space *s;

	teardown();
	steward_init(&st, HEAD "default_action: allow\nrules:\n  - {name: large, tools: [pay], "
			  "condition: args.amount > 100, action: deny}\n");
	(void)act("pay", "s", 50);
	(void)act("pay", "t", 500);
	(void)act("look", NULL, 500);
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_redact(s, &order, &done, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_assert_eq(strict(), OK, "%s", st.note.text);
	cr_assert(report.unknown == 2 && report.allowed == 2 && report.denied == 1);
}

Test(player, a_forged_and_signed_decision_does_not_hide_behind_a_lost_value)
{
	static const struct { const char *from, *to; } edits[] = {
		{ "\"allowed\":false,\"considered\":\"t\",\"cost\":3,\"effect\":\"deny\"",
		  "\"allowed\":true,\"considered\":\"t\",\"cost\":3,\"effect\":\"allow\"" },
		{ "\"agent\":\"ann\"", "\"agent\":\"eve\"" },
		{ "\"session\":\"t\"", "\"session\":\"s\"" },
		{ "\"time\":\"20", "\"time\":\"19" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		record_and_redact();
		steward_forge(&st, 3, edits[i].from, edits[i].to);
		cr_assert_eq(strict(), ERR_TAMPERED, "%s", edits[i].to);
		cr_assert(strstr(st.note.text, "entry 3: the change"), "%s", st.note.text);
	}
	record_and_redact();
	forge_digest(3, "policy");
	cr_assert_eq(strict(), ERR_TAMPERED);
	cr_assert(strstr(st.note.text, "entry 3: the change"), "%s", st.note.text);
}

/* As if bodies were replaced by somebody who can write to blob/ and not to the log. */
Test(player, a_lost_value_that_no_redaction_announces_is_tampering)
{
	static const struct { const char *from, *to, *story; } edits[] = {
		{ "\"first\":2", "\"first\":3", "entry 2 stands on lost values" },
		{ "\"last\":4", "\"last\":2", "entry 3 stands on lost values" },
		{ ",\"unknown\":2", "", "entry 2 stands on lost values" },
		{ "\"unknown\":2", "\"unknown\":1", "announce only 1" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		record_and_redact();
		steward_forge(&st, 5, edits[i].from, edits[i].to);
		cr_assert_eq(strict(), ERR_TAMPERED, "%s", edits[i].to);
		cr_assert(strstr(st.note.text, edits[i].story), "%s", st.note.text);
	}
}

/* --- what if --- */

struct seen {
	struct { uint64_t seq; enum replay_label label; enum replay_flip flip; } steps[64];
	size_t count;
};

static void keep_step(void *self, const struct replay_step *step)
{
	struct seen *seen = self;

	cr_assert_lt(seen->count, 64);
	seen->steps[seen->count].seq = step->recorded->seq;
	seen->steps[seen->count].label = step->label;
	seen->steps[seen->count++].flip = step->flip;
}

static void expect_step(const struct seen *seen, size_t i, uint64_t seq, enum replay_label label,
			enum replay_flip flip)
{
	cr_assert_lt(i, seen->count);
	cr_assert_eq(seen->steps[i].seq, seq, "step %zu is entry %d", i, (int)seen->steps[i].seq);
	cr_assert_eq(seen->steps[i].label, label, "step %zu is %s", i,
		     replay_label_name(seen->steps[i].label));
	cr_assert_eq(seen->steps[i].flip, flip, "step %zu is %s", i,
		     replay_flip_name(seen->steps[i].flip));
}

static struct bundle *bundle_of(const char *policy)
{
	const struct policy_file file = { STR("other.yaml"), str_view(policy) };
	struct bundle *bundle;

	cr_assert_eq(bundle_load(&file, 1, &st.kit.memory, &bundle, &st.note), OK, "%s",
		     st.note.text);
	return bundle;
}

static enum err decide_by(const struct bundle *bundle, struct seen *seen,
			  struct replay_report *ret, struct note *n)
{
	struct replay_plan plan = { .instead = bundle, .on_step = keep_step, .self = seen };
	struct space *s;
	enum err e;

	*seen = (struct seen){ .count = 0 };
	*n = (struct note){ .text = "" };
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, n), OK);
	e = replay_run(s, &plan, &st.kit.memory, ret, n);
	(void)space_close(s, NULL);
	return e;
}

static enum err what_if(const char *policy, struct seen *seen)
{
	const struct bundle *bundle = bundle_of(policy);
	static struct seen seen_before;
	struct replay_report before;
	struct note alone;
	enum err e;

	e = decide_by(bundle, &seen_before, &before, &alone);
	st.w->threads = true;
	cr_assert_eq(decide_by(bundle, seen, &report, &st.note), e);
	st.w->threads = false;
	expect_same(&report, &before);
	expect_same_story(&st.note, &alone);
	cr_assert_eq(seen->count, seen_before.count);
	for (size_t i = 0; i < seen->count; i++)
		expect_step(seen, i, seen_before.steps[i].seq, seen_before.steps[i].label,
			    seen_before.steps[i].flip);
	return e;
}

Test(player, the_same_policy_changes_nothing)
{
	struct seen seen;

	(void)act("pay", "s", 1);
	(void)act("pay", NULL, 1);
	cr_assert_eq(what_if(SPACE_KIT_ALLOW, &seen), OK, "%s", st.note.text);
	cr_assert_eq(seen.count, 2);
	expect_step(&seen, 0, 2, REPLAY_EXACT, REPLAY_SAME);
	expect_step(&seen, 1, 3, REPLAY_EXACT, REPLAY_SAME);
	cr_assert(report.labels[REPLAY_EXACT] == 2 && report.flips[REPLAY_SAME] == 2);
}

Test(player, a_flip_leaves_the_rest_of_its_session_unknown)
{
	struct seen seen;

	(void)act("pay", "a", 1);       /* 2 */
	(void)act("pay", "a", 100);     /* 3: flips */
	(void)act("look", "a", 1);      /* 4: after the flip */
	(void)act("pay", "a", 100);     /* 5: after the flip, and flips itself */
	(void)act("look", "b", 1);      /* 6: another session */
	(void)act("pay", NULL, 100);    /* 7: no session; flips */
	(void)act("look", NULL, 1);     /* 8: no session is not one session */
	cr_assert_eq(what_if(HEAD "default_action: allow\nrules:\n"
			     "  - {name: big, condition: args.amount > 50, action: deny}\n",
			     &seen), OK, "%s", st.note.text);
	cr_assert_eq(seen.count, 7);
	expect_step(&seen, 0, 2, REPLAY_EXACT, REPLAY_SAME);
	expect_step(&seen, 1, 3, REPLAY_REDECIDED, REPLAY_TIGHTER);
	expect_step(&seen, 2, 4, REPLAY_UNKNOWN, REPLAY_SAME);
	expect_step(&seen, 3, 5, REPLAY_UNKNOWN, REPLAY_TIGHTER);
	expect_step(&seen, 4, 6, REPLAY_EXACT, REPLAY_SAME);
	expect_step(&seen, 5, 7, REPLAY_REDECIDED, REPLAY_TIGHTER);
	expect_step(&seen, 6, 8, REPLAY_EXACT, REPLAY_SAME);
	cr_assert(report.actions == 7 && report.allowed == 4 && report.denied == 3);
	cr_assert(report.labels[REPLAY_EXACT] == 3 && report.labels[REPLAY_REDECIDED] == 2);
	cr_assert(report.labels[REPLAY_UNKNOWN] == 2 && report.flips[REPLAY_TIGHTER] == 3);
	cr_assert_eq(report.flips[REPLAY_LOOSER], 0);
}

Test(player, what_was_denied_can_become_looser)
{
	struct seen seen;

	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	(void)act("pay", "a", 1);
	(void)act("pay", "a", 1);
	cr_assert_eq(what_if(SPACE_KIT_ALLOW, &seen), OK);
	expect_step(&seen, 0, 3, REPLAY_REDECIDED, REPLAY_LOOSER);
	expect_step(&seen, 1, 4, REPLAY_UNKNOWN, REPLAY_LOOSER);
}

/* The agent is told of an approval it may wait for, or of a warning: it might go on otherwise. */
Test(player, another_obligation_is_decided_otherwise_without_a_flip)
{
	struct seen seen;

	(void)act("pay", "a", 1);
	(void)act("pay", "a", 1);
	cr_assert_eq(what_if(HEAD "rules:\n  - {name: w, action: warn}\n", &seen), OK);
	expect_step(&seen, 0, 2, REPLAY_REDECIDED, REPLAY_SAME);
	expect_step(&seen, 1, 3, REPLAY_UNKNOWN, REPLAY_SAME);
}

/* Edits are what the agent's call becomes: other edits are another answer. */
Test(player, other_edits_are_decided_otherwise)
{
	static const char before[] = HEAD "rules:\n  - {name: t, action: transform, transform: "
					  "[{path: args.a, set: 1}]}\n";
	static const char after[] = HEAD "rules:\n  - {name: t, action: transform, transform: "
					 "[{path: args.a, set: 2}]}\n";
	struct seen seen;

	space_kit_policy(&st.kit, before);
	(void)act("pay", "a", 1);
	(void)act("pay", "b", 1);
	cr_assert_eq(what_if(before, &seen), OK);
	expect_step(&seen, 0, 3, REPLAY_EXACT, REPLAY_SAME);
	cr_assert_eq(what_if(after, &seen), OK);
	expect_step(&seen, 0, 3, REPLAY_REDECIDED, REPLAY_SAME);
	expect_step(&seen, 1, 4, REPLAY_REDECIDED, REPLAY_SAME);
}

/* Limits of the policy that is asked about count in its own state, whatever was used up then. */
Test(player, limits_count_in_the_state_of_the_question)
{
	static const char limited[] = HEAD "rules:\n  - {name: l, action: allow, limit: 2/day}\n";
	struct seen seen;

	for (int i = 0; i < 4; i++)
		(void)act("pay", "a", 1);
	cr_assert_eq(what_if(limited, &seen), OK);
	expect_step(&seen, 0, 2, REPLAY_REDECIDED, REPLAY_SAME);
	expect_step(&seen, 1, 3, REPLAY_UNKNOWN, REPLAY_SAME);
	expect_step(&seen, 2, 4, REPLAY_UNKNOWN, REPLAY_TIGHTER);
	expect_step(&seen, 3, 5, REPLAY_UNKNOWN, REPLAY_TIGHTER);
}

/* Who is told the same by another rule with other words is told the same. */
Test(player, another_rule_with_the_same_answer_is_exact)
{
	struct seen seen;

	(void)act("pay", "a", 1);
	cr_assert_eq(what_if(HEAD "rules:\n  - {name: everything, action: allow}\n", &seen), OK);
	expect_step(&seen, 0, 2, REPLAY_EXACT, REPLAY_SAME);
}

Test(player, recorded_changes_of_policy_are_passed_over)
{
	struct seen seen;

	(void)act("pay", "a", 1);
	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	(void)act("pay", "b", 1);
	cr_assert_eq(what_if(SPACE_KIT_ALLOW, &seen), OK);
	expect_step(&seen, 0, 2, REPLAY_EXACT, REPLAY_SAME);
	expect_step(&seen, 1, 4, REPLAY_REDECIDED, REPLAY_LOOSER);
}

Test(player, without_its_body_an_action_is_unknown_and_so_is_what_follows)
{
	struct seen seen;

	(void)act("pay", "a", 1);
	(void)act("pay", "b", 1);
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"a\"}");
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"c\"}");
	cr_assert_eq(world_unlink(st.w, STEWARD_PACK), OK);
	cr_assert_eq(what_if(SPACE_KIT_ALLOW, &seen), ERR_MISS);
	cr_assert_eq(seen.count, 4);
	expect_step(&seen, 0, 2, REPLAY_UNKNOWN, REPLAY_UNDECIDED);
	expect_step(&seen, 1, 3, REPLAY_UNKNOWN, REPLAY_UNDECIDED);
	expect_step(&seen, 2, 4, REPLAY_UNKNOWN, REPLAY_SAME);
	expect_step(&seen, 3, 5, REPLAY_EXACT, REPLAY_SAME);
	cr_assert(report.actions == 4 && report.allowed == 2 && report.denied == 0);
	cr_assert(report.flips[REPLAY_SAME] == 2 && report.flips[REPLAY_UNDECIDED] == 2);
	cr_assert_eq(report.misses, 3);
}

#define SECOND HEAD "default_action: allow\nrules:\n" \
		    "  - {name: second, condition: session.actions >= 1, action: deny}\n" \
		    "  - {name: big, tools: [pay], condition: args.amount > 50, action: deny}\n"
#define BARE "{\"agent\":\"ann\",\"action\":\"look\",\"session\":\"a\"}"

Test(player, without_its_body_an_action_happened_all_the_same)
{
	struct seen seen;

	(void)act("pay", "a", 1);
	(void)steward_record(&st, BARE);
	cr_assert_eq(world_unlink(st.w, STEWARD_PACK), OK);
	cr_assert_eq(what_if(SECOND, &seen), ERR_MISS);
	expect_step(&seen, 0, 2, REPLAY_UNKNOWN, REPLAY_UNDECIDED);
	expect_step(&seen, 1, 3, REPLAY_UNKNOWN, REPLAY_TIGHTER);
}

static void redact_amounts(void)
{
	const struct space_redaction order = {
		.field = STR("args.amount"), .force = true, .reason = STR("asked for"),
		.at_ns = SPACE_KIT_START_NS,
	};
	struct space *s = space_kit_open(&st.kit);
	struct space_redacted done;

	cr_assert_eq(space_redact(s, &order, &done, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_close(s, NULL), OK);
}

/* What was denied then is counted as denied, too. */
Test(player, what_stands_on_a_redacted_value_happened_all_the_same)
{
	static const char recorded[] = HEAD "default_action: allow\nrules:\n"
		"  - {name: big, tools: [pay], condition: args.amount > 50, action: deny}\n";
	static const char denied[] = HEAD "default_action: allow\nrules:\n"
		"  - {name: once, condition: session.denials >= 1, action: deny}\n"
		"  - {name: big, tools: [pay], condition: args.amount > 50, action: deny}\n";
	struct seen seen;

	space_kit_policy(&st.kit, recorded);
	(void)act("pay", "a", 100);     /* 3 */
	(void)steward_record(&st, BARE);
	(void)act("pay", "b", 1);       /* 5 */
	redact_amounts();
	cr_assert_eq(what_if(denied, &seen), OK, "%s", st.note.text);
	expect_step(&seen, 0, 3, REPLAY_UNKNOWN, REPLAY_UNDECIDED);
	expect_step(&seen, 1, 4, REPLAY_UNKNOWN, REPLAY_TIGHTER);
	expect_step(&seen, 2, 5, REPLAY_UNKNOWN, REPLAY_UNDECIDED);
	cr_assert(report.actions == 3 && report.allowed == 0 && report.denied == 1);
	cr_assert(report.unknown == 2 && report.flips[REPLAY_UNDECIDED] == 2);
	cr_assert_eq(what_if(SECOND, &seen), OK);
	expect_step(&seen, 1, 4, REPLAY_UNKNOWN, REPLAY_TIGHTER);
}

Test(player, a_divergence_in_a_digest_tells_the_unknown_steps_before_it)
{
	space_kit_policy(&st.kit, SECOND);
	(void)act("pay", "a", 100);
	(void)act("pay", "b", 1);
	(void)steward_record(&st, BARE);
	redact_amounts();
	forge_digest(5, "state");
	cr_assert_eq(strict(), ERR_DIVERGED);
	cr_assert(report.diverged_at == 5 && report.actions == 2 && report.unknown == 2);
}

Test(player, a_what_if_of_a_tampered_log_says_so)
{
	struct seen seen;

	(void)act("pay", "s", 1);
	cr_assert_eq(sim_poke(st.w, STEWARD_SEGMENT,
			      steward_edit(&st, sim_peek(st.w, STEWARD_SEGMENT), "\"pay\"",
					   "\"pray\"")), OK);
	cr_assert_eq(what_if(SPACE_KIT_ALLOW, &seen), ERR_TAMPERED);
}

/* --- memory --- */

Test(player, failing_allocations_are_errors_and_never_a_divergence)
{
	(void)act("pay", "s", 1);
	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	(void)act("pay", "s", 1);
	(void)steward_record(&st, "{\"agent\":\"eve\",\"action\":{\"type\":\"pay\",\"x\":1}}");
	for (int mode = 0; mode < 4; mode++) {
		const struct replay_plan plan = {
			.instead = mode % 2 ? bundle_of(SPACE_KIT_DENY) : NULL
		};

		st.w->threads = mode / 2;
		for (uint64_t at = 1;; at++) {
			struct space *s;
			struct arena a;
			bool hit;
			enum err e;

			cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
			arena_init(&a, 1u << 20);
			fail_alloc_at(at);
			e = replay_run(s, &plan, &a, &report, NULL);
			hit = fail_alloc_was_hit();
			arena_fini(&a);
			cr_assert_eq(space_close(s, NULL), OK);
			cr_assert_eq(e, hit ? ERR_MEMORY : OK, "at %d: %s", (int)at, err_name(e));
			cr_assert(!report.diverged);
			if (!hit)
				break;
		}
	}
}
