/* redactions: values that are gone, and a log that holds all the same. */
#include "engine/space/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

#define POLICY                                                                                   \
	"apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrules:\n"            \
	"  - {name: large, tools: [pay], condition: args.amount > 100, action: deny}\n"

static struct steward st;

/* Entries 2 to 5: two payments, a look-up, and what came of the first payment. */
static void setup(void)
{
	steward_init(&st, POLICY);
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"s\","
				  "\"args\":{\"amount\":50,\"to\":{\"mail\":\"zoe@example.org\","
				  "\"name\":\"zoe\"}}}");
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"t\","
				  "\"args\":"
				  "{\"amount\":500,\"to\":{\"mail\":\"max@example.org\"}}}");
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"look\",\"args\":{\"amount\":500,"
				  "\"items\":[{\"mail\":\"zoe@example.org\"},{\"mail\":1},{}]}}");
	(void)steward_record(&st, "{\"outcome_of\":2,\"result\":{\"mail\":\"zoe@example.org\"}}");
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(redactions, .init = setup, .fini = teardown);

static char heard[512];

static void on_dependent(void *self, uint64_t entry, struct str reader)
{
	size_t len = strlen(heard);

	(void)self;
	(void)snprintf(heard + len, sizeof(heard) - len, "%llu by %.*s;",
		       (unsigned long long)entry, STR_ARG(reader));
}

/* A condition: what the entry says by itself does not count. */
static enum truth only_session_s(void *self, const struct entry *e, const struct value *request)
{
	(void)self;
	if (!request)
		return TRUTH_ERROR;
	cr_assert(str_eq(e->agent, value_get_c(value_get_c(request, "agent"), "id")->string));
	return e->session.ptr && str_is(e->session, "s") ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum err redact(const char *field, bool force, bool only_s, struct space_redacted *ret)
{
	const struct space_redaction order = {
		.field = str_view(field), .wanted = only_s ? only_session_s : NULL,
		.depends = on_dependent, .force = force, .reason = STR("asked for"),
		.at_ns = SPACE_KIT_START_NS,
	};
	struct space *s = space_kit_open(&st.kit);
	enum err e;

	heard[0] = '\0';
	st.note = (struct note){ .line = 0 };
	e = space_redact(s, &order, ret, &st.note);
	if (e == OK)
		cr_assert_eq(space_close(s, NULL), OK);
	else
		(void)space_abandon(s, NULL);
	return e;
}

/* In no file of the workspace. */
static bool is_anywhere(const char *text)
{
	struct arena a;
	struct str *names;
	size_t count;
	bool found = false;

	arena_init(&a, 1u << 20);
	cr_assert_eq(world_list(st.w, SPACE_KIT_DIR "/blob", &a, &names, &count), OK);
	for (size_t i = 0; i < count; i++) {
		char path[256];

		(void)snprintf(path, sizeof(path), SPACE_KIT_DIR "/blob/%.*s", STR_ARG(names[i]));
		found |= str_has(sim_peek(st.w, path), str_view(text));
	}
	arena_fini(&a);
	return found || str_has(sim_peek(st.w, STEWARD_SEGMENT), str_view(text));
}

static struct str args_of(uint64_t seq)
{
	return space_kit_body(&st.kit, space_kit_entry(&st.kit, seq).args);
}

static uint64_t unknown_steps(void)
{
	struct replay_report report;

	cr_assert_eq(space_kit_replay(&st.kit, &report, &st.note), OK, "%s", st.note.text);
	return report.unknown;
}

Test(redactions, what_no_decision_stands_on_goes_without_a_trace)
{
	struct space_redacted done;

	cr_assert(is_anywhere("zoe@example.org"));
	cr_assert_eq(redact("args.to.mail", false, false, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 2 && done.first == 2 && done.last == 3 && done.dependent == 0);
	cr_assert(str_is(args_of(2), "{\"amount\":50,\"to\":{\"mail\":null,\"name\":\"zoe\"}}"));
	cr_assert(!is_anywhere("max@example.org"));
	cr_assert_eq(steward_expect_sound(&st), 7);
	cr_assert_eq(unknown_steps(), 0);
	cr_assert(str_is(space_kit_entry(&st.kit, 6).action, "log.redact"));
}

Test(redactions, lists_are_gone_through_and_outcomes_go_with_their_actions)
{
	struct space_redacted done;

	cr_assert_eq(redact("args.items.mail", false, false, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 1);
	cr_assert(str_is(args_of(4), "{\"amount\":500,\"items\":[{\"mail\":null},"
				     "{\"mail\":null},{}]}"));
	cr_assert_eq(redact("result", false, true, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 1 && done.first == 5);
	cr_assert_eq(redact("args.to", false, true, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 1 && done.first == 2);
	cr_assert(!is_anywhere("zoe@example.org") && is_anywhere("max@example.org"));
	(void)steward_expect_sound(&st);
}

Test(redactions, what_a_decision_stands_on_is_refused_and_nothing_is_changed)
{
	struct space_redacted done;
	struct str before = sim_peek(st.w, STEWARD_SEGMENT), kept;

	cr_assert_eq(arena_copy(&st.kit.memory, before, &kept), OK);
	cr_assert_eq(redact("args.amount", false, false, &done), ERR_DENIED);
	cr_assert(done.entries == 3 && done.dependent == 2);
	cr_assert_str_eq(heard, "2 by rule 'p/large';3 by rule 'p/large';");
	cr_assert(str_eq(sim_peek(st.w, STEWARD_SEGMENT), kept));
	cr_assert(str_has(args_of(2), STR("50")));
}

Test(redactions, forced_they_are_unknown_steps_of_an_exact_replay)
{
	struct space_redacted done;

	cr_assert_eq(redact("args.amount", true, false, &done), OK, "%s", st.note.text);
	cr_assert_eq(done.dependent, 2);
	cr_assert_eq(unknown_steps(), 2);
	cr_assert_eq(steward_expect_sound(&st), 7);
	/* And what is left can go as well. */
	cr_assert_eq(redact("args", false, false, &done), OK, "%s", st.note.text);
	cr_assert_eq(done.entries, 3);
	cr_assert_eq(unknown_steps(), 2);
	(void)steward_expect_sound(&st);
	/* The state can be had again from nothing. */
	cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"look\"}");
	(void)steward_expect_sound(&st);
}

Test(redactions, a_what_if_cannot_know_them_either)
{
	const struct replay_plan plan = { .instead = NULL };
	struct space_redacted done;
	struct replay_report report;
	struct replay_plan what_if = plan;
	struct bundle *bundle;
	struct space *s;

	cr_assert_eq(redact("args.amount", true, false, &done), OK);
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(space_load_bundle(st.w, SPACE_KIT_DIR "/policies", &st.kit.memory, &bundle,
				       &st.note), OK);
	what_if.instead = bundle;
	cr_assert_eq(replay_run(s, &what_if, &st.kit.memory, &report, &st.note), OK, "%s",
		     st.note.text);
	cr_assert(report.unknown == 2 && report.labels[REPLAY_UNKNOWN] == 2);
	cr_assert_eq(report.labels[REPLAY_EXACT], 1);
	cr_assert_eq(space_close(s, NULL), OK);
}

Test(redactions, a_value_that_is_not_there_is_nothing_to_redact)
{
	struct space_redacted done;

	cr_assert_eq(redact("args.iban", false, false, &done), ERR_NOT_FOUND);
	cr_assert_eq(redact("args.to.mail", false, false, &done), OK);
	cr_assert_eq(redact("args.to.mail", false, false, &done), ERR_NOT_FOUND);
	cr_assert_eq(redact("mail", false, false, &done), ERR_SYNTAX);
	cr_assert_eq(redact("args..mail", false, false, &done), ERR_SYNTAX);
	cr_assert_eq(redact("", false, false, &done), ERR_SYNTAX);
}

Test(redactions, a_body_that_lost_values_without_a_record_is_told)
{
	struct space_bodies_found found;
	struct space_redacted done;
	struct space *s;

	cr_assert_eq(redact("args.to.mail", false, false, &done), OK);
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(space_check_bodies(s, &found, &st.note), OK, "%s", st.note.text);
	cr_assert(found.redacted == 2 && found.whole == 3 && found.pruned == 0);
	cr_assert_eq(space_close(s, NULL), OK);
	steward_forge(&st, 6, "\"first\":2", "\"first\":3");
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(space_check_bodies(s, &found, &st.note), ERR_TAMPERED);
	cr_assert(str_has(str_view(st.note.text), STR("entry 2")), "%s", st.note.text);
	cr_assert_eq(space_close(s, NULL), OK);
}

Test(redactions, an_entry_that_is_not_at_its_place_is_tampering)
{
	struct space_redacted done;

	steward_forge(&st, 4, "\"seq\":4", "\"seq\":4000000000000");
	cr_assert_eq(redact("args.to.mail", false, false, &done), ERR_TAMPERED);
	cr_assert(str_has(str_view(st.note.text), STR("this is entry 4")), "%s", st.note.text);
	cr_assert(is_anywhere("zoe@example.org"));
}

/* No gate writes that, but whoever has the log's key. */
Test(redactions, one_body_of_two_entries_is_redacted_once)
{
	struct space_redacted done;
	struct buf own, other;

	buf_init(&own, 128);
	buf_init(&other, 128);
	(void)steward_record(&st, "{\"outcome_of\":4,\"result\":{\"mail\":\"zoe@example.org\"}}");
	digest_write(&other, space_kit_entry(&st.kit, 5).result);
	digest_write(&own, space_kit_entry(&st.kit, 6).result);
	buf_add_byte(&other, '\0');
	buf_add_byte(&own, '\0');
	steward_forge(&st, 6, own.ptr, other.ptr);
	cr_assert_eq(redact("result", false, false, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 2 && done.first == 5);
	cr_assert(str_is(space_kit_body(&st.kit, space_kit_entry(&st.kit, 6).result),
			 "{\"mail\":null}"));
	(void)steward_expect_sound(&st);
	buf_fini(&other);
	buf_fini(&own);
}

/* Two bytes of an agent's are 37 then: nobody makes a body that cannot be redacted. */
Test(redactions, a_body_of_nothing_but_values_goes_as_well)
{
	struct space_redacted done;
	struct buf text;

	buf_init(&text, LIMIT_ACTION_BYTES);
	buf_add_c(&text, "{\"agent\":\"ann\",\"action\":\"look\",\"args\":{\"l\":[1");
	while (text.len < LIMIT_ACTION_BYTES - 8)
		buf_add_c(&text, ",1");
	buf_add_c(&text, "]}}");
	buf_add(&text, str_slice("", 1));
	cr_assert_eq(text.err, OK);
	(void)steward_record(&st, text.ptr);
	buf_fini(&text);
	cr_assert_eq(redact("args.l", false, false, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 1 && done.first == 6);
	cr_assert(str_starts(args_of(6), STR("{\"l\":[null,null,")));
	(void)steward_expect_sound(&st);
}

/* Entry 6 is pruned, and the prune is entry 8. */
Test(redactions, an_outcome_is_meant_with_an_action_that_was_pruned)
{
	struct space_prune order = { .reason = STR("old"), .at_ns = SPACE_KIT_START_NS };
	struct space_redacted done;
	struct space_pruned pruned;
	struct space *s;

	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"look\",\"session\":\"s\","
				  "\"args\":{\"a\":1}}");
	sim_advance(st.w, INT64_C(1000000000));
	order.before_ns = world_now_ns(st.w);
	(void)steward_record(&st, "{\"outcome_of\":6,\"result\":\"kim@example.org\"}");
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_prune(s, &order, &pruned, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(pruned.before, 7);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_assert_eq(redact("result", false, true, &done), ERR_MISS);
	cr_assert(str_has(str_view(st.note.text), STR("the outcome of entry 6")), "%s",
		  st.note.text);
	cr_assert_eq(redact("result", false, false, &done), OK, "%s", st.note.text);
	cr_assert(done.entries == 1 && done.first == 7);
	cr_assert(!is_anywhere("kim@example.org"));
	(void)steward_expect_sound(&st);
}

static enum truth but_entry_3(void *self, const struct entry *e, const struct value *request)
{
	(void)self;
	(void)request;
	return e->seq == 3 ? TRUTH_FALSE : TRUTH_TRUE;
}

static enum err check_forged(const char *from, const char *to)
{
	struct space_bodies_found found;
	struct space *s;
	enum err e;

	steward_forge(&st, 6, from, to);
	st.note = (struct note){ .text = "" };
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, NULL), OK);
	e = space_check_bodies(s, &found, &st.note);
	cr_assert_eq(space_close(s, NULL), OK);
	return e;
}

/* Entry 3 lies between those that were redacted, and its value is taken without a word. */
Test(redactions, an_entry_that_no_list_names_is_told)
{
	struct space_redaction order = { .field = STR("args.amount"), .wanted = but_entry_3,
					 .force = true, .reason = STR("r"),
					 .at_ns = SPACE_KIT_START_NS };
	struct space *s = space_kit_open(&st.kit);
	struct space_redacted done;

	cr_assert_eq(space_redact(s, &order, &done, &st.note), OK, "%s", st.note.text);
	cr_assert(done.entries == 2 && done.first == 2 && done.last == 4);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_assert_eq(check_forged("\"reason\":\"r\"", "\"reason\":\"s\""), OK, "%s", st.note.text);
	cr_assert_eq(check_forged("args.amount", "args.to"), ERR_TAMPERED);
	cr_assert(str_has(str_view(st.note.text), STR("entry 2")), "%s", st.note.text);
	cr_assert_eq(check_forged("args.to", "args.amount"), OK);
	cr_assert_eq(redact("args.amount", true, false, &done), OK);
	cr_assert_eq(done.first, 3);
	cr_assert_eq(check_forged("\"reason\":\"s\"", "\"reason\":\"r\""), OK, "both explain it");
	steward_forge(&st, 7, "args.amount", "args.to");
	cr_assert_eq(check_forged("\"reason\":\"r\"", "\"reason\":\"s\""), ERR_TAMPERED);
	cr_assert(str_has(str_view(st.note.text), STR("3 have lost")), "%s", st.note.text);
	cr_assert_eq(check_forged("\"entries\":2", "\"entries\":3"), ERR_TAMPERED);
}

static uint64_t unfinished[4];       /* entry, first, last, left: of the last that was told */

static void on_unfinished(void *self, const struct space_unfinished *u)
{
	size_t *count = self;

	unfinished[0] = u->entry;
	unfinished[1] = u->first;
	unfinished[2] = u->last;
	unfinished[3] = u->left;
	(*count)++;
}

static size_t count_unfinished(void)
{
	struct space *s;
	size_t count = 0;

	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, NULL), OK);
	cr_assert_eq(space_find_unfinished(s, on_unfinished, &count, &st.note), OK, "%s",
		     st.note.text);
	cr_assert_eq(space_close(s, NULL), OK);
	return count;
}

/* As a crash between the announcement and the packs leaves it. */
static void undo_packs(struct str pack)
{
	cr_assert_eq(world_replace_file(st.w, STEWARD_PACK, pack), OK);
}

static struct str pack_now(void)
{
	struct str kept;

	cr_assert_eq(arena_copy(&st.kit.memory, sim_peek(st.w, STEWARD_PACK), &kept), OK);
	return kept;
}

Test(redactions, one_that_did_not_end_is_told_until_it_did)
{
	struct str whole = pack_now();
	struct space_redacted done;

	cr_assert_eq(count_unfinished(), 0);
	cr_assert_eq(redact("args.to.mail", false, true, &done), OK, "%s", st.note.text);
	cr_assert_eq(count_unfinished(), 0);
	undo_packs(whole);
	cr_assert_eq(count_unfinished(), 1);
	cr_assert(unfinished[0] == 6 && unfinished[1] == 2 && unfinished[2] == 2 &&
		  unfinished[3] == 1);
	/* Another order does not end it. */
	cr_assert_eq(redact("result", false, false, &done), OK);
	cr_assert_eq(count_unfinished(), 1);
	cr_assert_eq(redact("args.to.mail", false, true, &done), OK);
	cr_assert_eq(count_unfinished(), 0);
	(void)steward_expect_sound(&st);
}

/* A part of the field is gone by another's order: that does not make this one done. */
Test(redactions, what_another_took_does_not_end_one)
{
	struct space_redacted done;
	struct str pack;

	cr_assert_eq(redact("args.to.mail", false, false, &done), OK);
	pack = pack_now();
	cr_assert_eq(redact("args.to", false, false, &done), OK);
	cr_assert_eq(done.entries, 1);
	cr_assert_eq(count_unfinished(), 0);
	cr_assert_eq(redact("args", true, false, &done), OK);
	cr_assert_eq(count_unfinished(), 0);
	undo_packs(pack);
	cr_assert_eq(count_unfinished(), 2);
	cr_assert(unfinished[0] == 8 && unfinished[3] == 3);
}

/* What was pruned has no value left. */
Test(redactions, one_whose_bodies_were_pruned_since_is_done)
{
	struct space_prune order = { .reason = STR("old"), .at_ns = SPACE_KIT_START_NS };
	struct str whole = pack_now();
	struct space_redacted done;
	struct space_pruned pruned;
	struct space *s;

	cr_assert_eq(redact("args.to.mail", false, false, &done), OK);
	undo_packs(whole);
	cr_assert_eq(count_unfinished(), 1);
	sim_advance(st.w, INT64_C(1000000000));
	order.before_ns = world_now_ns(st.w);
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_prune(s, &order, &pruned, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_assert_eq(count_unfinished(), 0);
}

/*
 * Each write, sync and rename of it fails, or is the last before a power loss; `torn`: of what was
 * not synced then, some is there.
 */
static void fail_everywhere(enum sim_fault fault, bool torn)
{
	size_t told = 0;

	for (uint64_t at = 1;; at++) {
		struct space_redacted done;
		enum err e = OK;
		struct space *s;
		bool hit, announced;

		teardown();
		setup();
		s = space_kit_open(&st.kit);
		sim_fail_at(st.w, at, fault);
		e = space_redact(s, &(struct space_redaction){
			.field = STR("args.amount"), .force = true, .reason = STR("r"),
			.at_ns = SPACE_KIT_START_NS }, &done, &st.note);
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
			cr_assert_gt(told, 0);
			return;
		}
		announced = str_has(sim_peek(st.w, STEWARD_SEGMENT), STR("\"log.redact\""));
		cr_assert_eq(count_unfinished(), announced && is_anywhere(":500"),
			     "operation %d", (int)at);
		told += count_unfinished();
		(void)steward_expect_sound(&st);
		e = redact("args.amount", true, false, &done);
		cr_assert_eq(count_unfinished(), 0);
		cr_assert(e == OK || e == ERR_NOT_FOUND, "operation %d: %s", (int)at, st.note.text);
		cr_assert(!is_anywhere(":500"), "operation %d", (int)at);
		(void)steward_expect_sound(&st);
	}
}

Test(redactions, an_error_anywhere_leaves_a_sound_log_and_can_be_made_good)
{
	fail_everywhere(SIM_EIO, false);
	fail_everywhere(SIM_ENOSPC, false);
	fail_everywhere(SIM_SHORT, false);
}

Test(redactions, a_power_loss_anywhere_leaves_a_sound_log_and_can_be_made_good)
{
	fail_everywhere(SIM_CRASH, false);
	fail_everywhere(SIM_CRASH, true);
}
