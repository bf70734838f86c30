#include "engine/space/inside.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

#define PAY "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[1],\"session\":\"s\"}"
#define PAY_MORE "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[2],\"session\":\"s\"}"

static struct steward st;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(catchup, .init = setup, .fini = teardown);

/* `count` actions behind the checkpoint, as kill -9 leaves them. */
static void leave_tail(unsigned count)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	for (unsigned i = 0; i < count; i++)
		cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	space_release(s);
}

Test(catchup, a_tail_is_rerun_accepted_and_noticed)
{
	struct space *s;
	struct entry notice;

	leave_tail(3);
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_recovered(s), 3);
	cr_assert_eq(space_entries(s), 6);
	cr_assert_eq(space_close(s, NULL), OK);
	notice = space_kit_entry(&st.kit, 5);
	cr_assert(notice.kind == ENTRY_NOTICE && notice.time_synthetic);
	cr_assert_eq(value_get_c(notice.data, "recovered")->integer, 3);
	cr_assert_eq(notice.time_ns, space_kit_entry(&st.kit, 4).time_ns);
	cr_assert_eq(steward_expect_sound(&st), 6);
}

/* What was accepted is signed at once: abandoning does not take it back. */
Test(catchup, a_tail_outlives_the_command_that_found_it)
{
	leave_tail(3);
	cr_assert_eq(space_abandon(space_kit_open(&st.kit), NULL), OK);
	cr_assert_eq(space_kit_verify(&st.kit, NULL), 6);
}

/* Killed, accepted, and then the power goes: the bodies must be there as well as the entries. */
Test(catchup, bodies_of_an_accepted_tail_are_durable)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(space_commit(s, false), OK);
	space_release(s);
	sim_reboot(st.w, false);
	s = space_kit_open(&st.kit);
	cr_assert_eq(space_recovered(s), 1);
	space_release(s);
	sim_reboot(st.w, true);
	cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	cr_assert_eq(steward_expect_sound(&st), 4);
}

/* What a power loss makes of a tail: lines without bodies, or no lines any more. */
static void expect_lost(uint64_t recovered, uint64_t lost)
{
	struct space *s = space_kit_open(&st.kit);
	struct entry notice;
	uint64_t seq;

	cr_assert_eq(space_recovered(s), recovered);
	seq = space_entries(s) - 1;
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	notice = space_kit_entry(&st.kit, seq);
	cr_assert_eq(notice.kind, ENTRY_NOTICE);
	cr_assert_eq(value_get_c(notice.data, "recovered")->integer, (int64_t)recovered);
	cr_assert_eq(value_get_c(notice.data, "lost")->integer, (int64_t)lost);
	cr_assert_eq(steward_expect_sound(&st), seq + 1);
}

Test(catchup, a_tail_ends_before_the_first_entry_whose_body_was_lost)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;
	struct str pack;

	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	cr_assert_eq(arena_copy(&st.kit.memory, sim_peek(st.w, STEWARD_PACK), &pack), OK);
	cr_assert_eq(steward_submit(&st, s, PAY_MORE, &v), OK);
	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	space_release(s);
	cr_assert_eq(sim_poke(st.w, STEWARD_PACK, pack), OK);
	expect_lost(1, 2);
}

/* Of the pack's last body only a part reached the disk. */
static void tear_last_body(void)
{
	struct str pack = sim_peek(st.w, STEWARD_PACK), torn;
	char *bytes;

	cr_assert_eq(arena_copy(&st.kit.memory, pack, &torn), OK);
	bytes = arena_alloc(&st.kit.memory, torn.len);
	memcpy(bytes, torn.ptr, torn.len);
	memset(bytes + torn.len - 8, 0, 8);
	cr_assert_eq(sim_poke(st.w, STEWARD_PACK, str_slice(bytes, torn.len)), OK);
}

Test(catchup, a_tail_ends_before_the_first_entry_whose_body_was_torn)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(steward_submit(&st, s, PAY_MORE, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	space_release(s);
	tear_last_body();
	expect_lost(1, 1);
}

/* A result decides nothing, but an entry must not be signed without it. */
Test(catchup, a_tail_ends_before_the_first_entry_whose_result_was_torn)
{
	struct space *s = space_kit_open(&st.kit);
	struct verdict v;

	cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
	cr_assert_eq(steward_submit(&st, s, "{\"outcome_of\":2,\"result\":\"paid\"}", &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	space_release(s);
	tear_last_body();
	expect_lost(1, 1);
}

Test(catchup, a_tail_ends_before_the_first_line_that_is_none)
{
	static const char zeros[] = "\0\0\0\0\n";
	struct str text, whole;
	struct buf b;

	leave_tail(2);
	text = sim_peek(st.w, STEWARD_SEGMENT);
	buf_init(&b, 1u << 20);
	buf_add(&b, text);
	buf_add(&b, str_slice(zeros, sizeof(zeros) - 1));
	cr_assert_eq(arena_copy(&st.kit.memory, buf_view(&b), &whole), OK);
	buf_fini(&b);
	cr_assert_eq(sim_poke(st.w, STEWARD_SEGMENT, whole), OK);
	expect_lost(2, 1);
}

/* More lines than the log holds back are written before any commit; their bodies go first. */
Test(catchup, a_kill_in_a_large_batch_leaves_bodies_for_its_lines)
{
	struct space *s = space_kit_open(&st.kit);
	struct entry notice;
	struct verdict v;
	char text[96];

	for (int i = 0; i < 2 * (int)LIMIT_BATCH_BYTES / 512; i++) {
		(void)snprintf(text, sizeof(text),
			       "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[%d]}", i);
		cr_assert_eq(steward_submit(&st, s, text, &v), OK);
	}
	sim_fail_at(st.w, 1, SIM_CRASH); /* nothing is written any more */
	space_release(s);
	sim_reboot(st.w, false);
	s = space_kit_open(&st.kit);
	cr_assert_gt(space_recovered(s), LIMIT_BATCH_BYTES / 1024);
	notice = space_kit_entry(&st.kit, space_entries(s) - 1);
	cr_assert_eq(value_get_c(notice.data, "lost")->integer, 0);
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
	(void)steward_expect_sound(&st);
}

/* The last line of the segment, edited. The cache is as the true line left it. */
static void edit_tail(const char *from, const char *to)
{
	struct str text = sim_peek(st.w, STEWARD_SEGMENT), whole;
	size_t start = text.len - 1;
	struct buf b;

	while (text.ptr[start - 1] != '\n')
		start--;
	buf_init(&b, 1u << 20);
	buf_add(&b, str_slice(text.ptr, start));
	buf_add(&b, steward_edit(&st, str_slice(text.ptr + start, text.len - start), from, to));
	cr_assert_eq(arena_copy(&st.kit.memory, buf_view(&b), &whole), OK);
	cr_assert_eq(sim_poke(st.w, STEWARD_SEGMENT, whole), OK);
	buf_fini(&b);
}

Test(catchup, a_forged_tail_is_refused)
{
	static const struct { const char *from, *to; } edits[] = {
		{ "\"allowed\":true,\"effect\":\"allow\"",
		  "\"allowed\":false,\"effect\":\"deny\"" },
		{ "no rule matched", "a rule matched" },
		{ "\"stage\":\"policy\"", "\"stage\":\"identify\"" },
		{ "\"state\":\"sha256:", "\"state\":\"sha256:0" },
		{ "\"seq\":4", "\"seq\":5" },
		{ "\"seq\":4", "\"seq\":3" },
		{ SPACE_KIT_ORIGIN, "example.com/git" },
		{ "\"agent\":\"ann\"", "\"agent\":\"bob\"" },
		{ "\"session\":\"s\"", "\"session\":\"t\"" },
		{ "\"kind\":\"action\"", "\"kind\":\"notice\"" },
		{ "{\"action\"", "{ \"action\"" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct str before, after;
		enum err e;

		leave_tail(3);
		edit_tail(edits[i].from, edits[i].to);
		cr_assert_eq(arena_copy(&st.kit.memory, sim_peek(st.w, STEWARD_SEGMENT), &before),
			     OK);
		e = steward_open_error(&st);
		cr_assert_eq(e, ERR_TAMPERED, "%s: %s: %s", edits[i].to, err_name(e),
			     st.note.text);
		cr_assert(st.note.text[0]);
		after = sim_peek(st.w, STEWARD_SEGMENT);
		cr_assert(str_eq(before, after), "a refused tail is left for people to look at");
		teardown();
		setup();
	}
}

/* A state root of the right shape that is another's. */
Test(catchup, a_tail_with_another_state_root_is_refused)
{
	leave_tail(1);
	{
		struct entry first = space_kit_entry(&st.kit, 1),
			     last = space_kit_entry(&st.kit, 2);
		char from[65], to[65];

		for (size_t i = 0; i < sizeof(first.state.bytes); i++) {
			(void)snprintf(from + 2 * i, 3, "%02x", last.state.bytes[i]);
			(void)snprintf(to + 2 * i, 3, "%02x", first.state.bytes[i]);
		}
		edit_tail(from, to);
	}
	cr_assert_eq(steward_open_error(&st), ERR_TAMPERED);
	cr_assert(strstr(st.note.text, "entry 2"), "%s", st.note.text);
}

/* --- the cache --- */

static void expect_cache_is_rebuilt(const char *what, size_t at)
{
	struct space *s = space_kit_open(&st.kit);

	cr_assert_eq(space_entries(s), 8, "%s at %zu", what, at);
	cr_assert_eq(gate_totals(space_state(s)).entries, 8);
	cr_assert_not_null(s->recorder);
	cr_assert_eq(recorder_steps(s->recorder), 8);
	cr_assert_eq(space_close(s, NULL), OK);
}

static size_t list_cache(struct str **names)
{
	size_t count;

	cr_assert_eq(world_list(st.w, SPACE_KIT_DIR "/state", &st.kit.memory, names, &count), OK);
	return count;
}

static void fill(void)
{
	cr_assert_eq(sim_poke(st.w, SPACE_KIT_DIR "/trammel.yaml",
			      STR("format: trammel/workspace/v4\norigin: " SPACE_KIT_ORIGIN
				  "\nsnapshot_interval: 3\n")), OK);
	for (int i = 0; i < 6; i++)
		(void)steward_record(&st, PAY);
}

Test(catchup, the_cache_may_be_deleted)
{
	struct str *names;
	char path[256];
	size_t count;

	fill();
	count = list_cache(&names);
	cr_assert_gt(count, 1);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), SPACE_KIT_DIR "/state/%.*s", STR_ARG(names[i]));
		cr_assert_eq(world_unlink(st.w, path), OK);
		expect_cache_is_rebuilt(path, 0);
	}
	cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	expect_cache_is_rebuilt("all", 0);
	cr_assert_eq(steward_expect_sound(&st), 8);
}

static void damage_file(const char *path)
{
	struct str original, copy;

	cr_assert_eq(arena_copy(&st.kit.memory, sim_peek(st.w, path), &original), OK);
	for (size_t at = 0; at < original.len; at++) {
		cr_assert_eq(sim_poke(st.w, path, str_slice(original.ptr, at)), OK);
		expect_cache_is_rebuilt(path, at);
		cr_assert_eq(arena_copy(&st.memory, original, &copy), OK);
		((char *)(uintptr_t)copy.ptr)[at] ^= 0x41;
		cr_assert_eq(sim_poke(st.w, path, copy), OK);
		expect_cache_is_rebuilt(path, at);
		arena_rewind(&st.memory, (struct arena_mark){ NULL, 0 });
	}
	cr_assert_eq(sim_poke(st.w, path, original), OK);
}

Test(catchup, the_cache_may_be_cut_or_damaged_at_any_byte)
{
	struct str *names;
	char path[256];
	size_t count;

	fill();
	count = list_cache(&names);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), SPACE_KIT_DIR "/state/%.*s", STR_ARG(names[i]));
		if (sim_peek(st.w, path).ptr)
			damage_file(path);
	}
	cr_assert_eq(steward_expect_sound(&st), 8);
}

/* A cache that is ahead of the log, or of another life, is not believed. */
Test(catchup, the_cache_of_another_history_is_not_believed)
{
	struct str *names, kept[64];
	struct arena apart;
	struct space *s;
	char path[256];
	size_t count;

	arena_init(&apart, (size_t)16 << 20);
	fill();
	cr_assert_eq(world_list(st.w, SPACE_KIT_DIR "/state", &apart, &names, &count), OK);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), SPACE_KIT_DIR "/state/%.*s", STR_ARG(names[i]));
		cr_assert_eq(arena_copy(&apart, sim_peek(st.w, path), &kept[i]), OK);
	}
	teardown();
	setup();
	space_kit_policy(&st.kit, SPACE_KIT_DENY);
	fill();
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), SPACE_KIT_DIR "/state/%.*s", STR_ARG(names[i]));
		cr_assert_eq(sim_poke(st.w, path, kept[i]), OK);
	}
	s = space_kit_open(&st.kit);
	cr_assert_eq(gate_totals(space_state(s)).denials, 6);
	cr_assert_eq(space_close(s, NULL), OK);
	(void)steward_expect_sound(&st);
	arena_fini(&apart);
}

/* A cache that cannot be written costs time only. */
Test(catchup, a_cache_that_cannot_be_kept_is_done_without)
{
	uint64_t entries = 8;
	struct verdict v;

	fill();
	cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	for (uint64_t at = 1; at < 20; at++) {
		struct space *s;
		enum err e;

		sim_fail_at(st.w, at, SIM_ENOSPC);
		e = space_open(st.w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st.note);
		sim_fail_at(st.w, 0, SIM_NONE);
		/* Some of these faults hit what is not a cache. */
		if (e != OK)
			continue;
		cr_assert_eq(steward_submit(&st, s, PAY, &v), OK);
		cr_assert_eq(space_close(s, NULL), OK);
		entries++;
		cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	}
	cr_assert_gt(entries, 12);
	cr_assert_eq(steward_expect_sound(&st), entries);
}

Test(catchup, the_state_at_every_step_is_known_with_and_without_a_cache)
{
	struct digest roots[8];

	fill();
	for (int pass = 0; pass < 2; pass++) {
		struct space *s;
		struct state *state;
		struct digest root;

		cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
		cr_assert_eq(gate_state_open(&state), OK);
		for (uint64_t i = 0; i < 8; i++) {
			enum err e = space_state_at(s, i, state, &root, &st.note);

			cr_assert_eq(e, OK, "pass %d, step %d: %s: %s", pass, (int)i,
				     err_name(e), st.note.text);
			cr_assert_eq(gate_totals(state).entries, i + 1);
			if (pass == 0)
				roots[i] = root;
			cr_assert(digest_eq(&roots[i], &root));
		}
		cr_assert_eq(space_state_at(s, 8, state, &root, &st.note), ERR_NOT_FOUND);
		state_close(state);
		cr_assert_eq(space_close(s, NULL), OK);
		cr_assert_eq(recorder_wipe(st.w, SPACE_KIT_DIR "/state"), OK);
	}
}
