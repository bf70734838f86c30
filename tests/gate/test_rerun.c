#include "engine/gate/inside.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"
#include "tests/kit/link_kit.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;
static struct state *s;
static struct rerun *r;
static struct note n;

static void setup(void)
{
	struct verdict v;

	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[1.0]}", &v),
		     OK);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":2,\"result\":[2]}", &v), OK);
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: deny\n");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[]}", &v),
		     OK);
	/* A stage that builds a reason, and attributes: these take memory of their own. */
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"eve\",\"action\":{\"type\":\"pay\","
				       "\"x\":1}}", &v), OK);
	cr_assert_eq(gate_state_open(&s), OK);
	n = (struct note){ .text = "" };
}

static void teardown(void)
{
	rerun_close(r);
	state_close(s);
	gate_kit_fini(&k);
}

TestSuite(rerun, .init = setup, .fini = teardown);

static void open_at_start(const struct bundle *instead)
{
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&k), instead, &r, &n),
		     OK);
}

static enum err step(struct str line, struct rerun_step *ret)
{
	return rerun_line(r, line, ret, &n);
}

/* Entries before `until`, which come out as they were. */
static void go_to(size_t until)
{
	struct rerun_step done;

	for (size_t i = 0; i < until; i++) {
		cr_assert_eq(step(k.lines[i], &done), OK, "%s", n.text);
		cr_assert(done.equal);
	}
}

Test(rerun, a_change_of_policy_decides_what_follows_it)
{
	struct rerun_step done;

	open_at_start(NULL);
	go_to(2);
	cr_assert_eq(step(k.lines[2], &done), OK);
	cr_assert(done.equal && done.now.effect == EFFECT_ALLOW);
	cr_assert(done.recorded->seq == 2 && str_eq(done.line, k.lines[2]));
	cr_assert_eq(step(k.lines[3], &done), OK);
	cr_assert_eq(step(k.lines[4], &done), OK);
	cr_assert_eq(step(k.lines[5], &done), OK);
	cr_assert(done.equal && done.now.effect == EFFECT_DENY);
}

Test(rerun, starts_in_the_middle_with_the_bundle_in_force_there)
{
	struct rerun_step done;
	struct rerun *late;

	open_at_start(NULL);
	go_to(5);
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 5, gate_kit_bodies(&k), NULL, &late, &n),
		     OK);
	cr_assert_eq(rerun_line(late, k.lines[5], &done, &n), OK);
	cr_assert(done.equal && done.now.effect == EFFECT_DENY);
	rerun_close(late);
}

Test(rerun, decides_by_another_bundle_instead)
{
	struct rerun_step done;

	open_at_start(k.bundle);
	for (size_t i = 0; i < 6; i++) {
		cr_assert_eq(step(k.lines[i], &done), OK, "%s", n.text);
		if (done.recorded->kind == ENTRY_ACTION)
			cr_assert_eq(done.now.effect, EFFECT_DENY);
	}
}

/* Under a policy that kills the delegator first, the link is refused; that frees nobody. */
Test(rerun, who_was_handed_something_is_bound_when_the_link_would_have_been_refused)
{
	struct rerun_step done = { .now = { .effect = EFFECT_ALLOW } };
	struct verdict v;

	gate_kit_fini(&k);
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	link_kit_agents(&k, "ab");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"a\",\"action\":\"probe\"}", &v), OK);
	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\n"
					  "kill_on: [{name: k, denials: 1/day, kill: agent}]\n"
					  "rules: [{name: r, tools: [probe], action: deny}]\n");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"b\",\"action\":\"drop\"}", &v), OK);
	cr_assert_eq(v.effect, EFFECT_DENY);
	open_at_start(k.bundle);
	for (size_t i = 0; i < k.line_count; i++)
		cr_assert_eq(step(k.lines[i], &done), OK, "%s", n.text);
	cr_assert_eq(done.now.effect, EFFECT_DENY);
	cr_assert(str_is(done.now.decision.stage, "authority"));
}

Test(rerun, a_session_that_would_not_have_been_opened_takes_no_action)
{
	struct rerun_step done = { .now = { .effect = EFFECT_ALLOW } };
	struct verdict v;

	gate_kit_fini(&k);
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	link_kit_agents(&k, "ab");
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"a\",\"action\":\"probe\"}", &v), OK);
	session_kit_do(&k, "session.open", "a", "s", "");
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\n"
					  "kill_on: [{name: k, denials: 1/day, kill: agent}]\n"
					  "rules: [{name: r, tools: [probe], action: deny}]\n");
	session_kit_denied(&k, "\"agent\":\"b\",\"action\":\"x\",\"session\":\"s\"", "session",
			   "agent 'b' has not joined the session");
	open_at_start(k.bundle);
	for (size_t i = 0; i < k.line_count; i++)
		cr_assert_eq(step(k.lines[i], &done), OK, "%s", n.text);
	cr_assert_eq(done.now.effect, EFFECT_DENY);
	cr_assert(str_is(done.now.decision.reasons[0], "session 's' is closed"));
}

Test(rerun, a_missing_body_is_a_miss_and_can_be_passed)
{
	struct rerun_step done;
	struct entry passed;

	for (size_t i = 0; i < k.body_count; i++)
		if (str_is(k.bodies[i], "[1]"))
			k.bodies[i] = STR("gone");
	open_at_start(NULL);
	go_to(2);
	cr_assert_eq(step(k.lines[2], &done), ERR_MISS);
	cr_assert(n.text[0]);
	cr_assert_eq(rerun_pass(r, &passed), OK);
	cr_assert_eq(passed.seq, 2);
	/* Agents and sessions are counted as they were, so what follows stands on the same. */
	cr_assert_eq(step(k.lines[3], &done), OK);
	cr_assert(done.equal);
}

/* The result of an action was judged, so a replay needs it; that of an outcome was not. */
Test(rerun, the_result_of_an_action_is_an_input)
{
	static struct gate_kit kit;
	struct rerun_step done;
	struct state *again;
	struct verdict v;
	struct rerun *second;

	gate_kit_init(&kit, GATE_KIT_HEAD "unknown_agents: evaluate\nrules:\n"
			    "  - {name: r, stage: post_tool, condition: result.ok == args.ok, "
			    "action: allow}\n");
	cr_assert_eq(gate_kit_text(&kit, "{\"agent\":\"a\",\"action\":\"b\",\"args\":{\"ok\":1},"
					 "\"stage\":\"post_tool\",\"result\":{\"ok\":1.0,\"n\":2}}",
				   &v),
		     OK);
	cr_assert_eq(v.effect, EFFECT_ALLOW, "%s", kit.note.text);
	cr_assert_eq(gate_kit_text(&kit, "{\"outcome_of\":1,\"result\":[7]}", &v), OK);
	gate_kit_replay(&kit);
	for (size_t i = 0; i < kit.body_count; i++)
		if (str_is(kit.bodies[i], "[7]"))
			kit.bodies[i] = STR("gone");
	gate_kit_replay(&kit);
	kit.bodies[2] = STR("gone");
	cr_assert_eq(gate_state_open(&again), OK);
	cr_assert_eq(rerun_open(again, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&kit), NULL,
				&second, &n), OK);
	cr_assert_eq(rerun_line(second, kit.lines[0], &done, &n), OK, "%s", n.text);
	cr_assert_eq(rerun_line(second, kit.lines[1], &done, &n), ERR_MISS);
	rerun_close(second);
	state_close(again);
	gate_kit_fini(&kit);
}

Test(rerun, a_missing_bundle_is_a_miss)
{
	struct rerun *late = NULL;

	open_at_start(NULL);
	go_to(5);
	k.body_count = 0;
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 5, gate_kit_bodies(&k), NULL, &late, &n),
		     ERR_MISS);
	cr_assert_null(late);
}

static struct str edited(size_t line, const char *from, const char *to)
{
	struct str text = k.lines[line], copy;
	struct buf b;
	size_t at = 0;

	while (at < text.len && !str_starts(str_slice(text.ptr + at, text.len - at),
					    str_view(from)))
		at++;
	cr_assert_lt(at, text.len, "entry %zu has no %s", line, from);
	buf_init(&b, 1u << 20);
	buf_add(&b, str_slice(text.ptr, at));
	buf_add_c(&b, to);
	at += strlen(from);
	buf_add(&b, str_slice(text.ptr + at, text.len - at));
	cr_assert_eq(arena_copy(&k.memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}

Test(rerun, what_was_read_far_ahead_plays_alike)
{
	struct rerun_input in[GATE_KIT_ROOM];
	struct rerun_step done;

	for (size_t i = 0; i < k.line_count; i++)
		rerun_read(gate_kit_bodies(&k), k.lines[i], &k.memory, &in[i], &n);
	open_at_start(NULL);
	for (size_t i = 0; i < k.line_count; i++) {
		cr_assert_eq(rerun_play(r, &in[i], &done, &n), OK, "%s", n.text);
		cr_assert(done.equal && done.recorded->seq == i);
	}
}

/* The place of an entry is asked before its body is, whenever that was fetched. */
Test(rerun, a_failure_of_reading_waits_for_its_turn)
{
	static const struct {
		const char *from, *to;
		enum err expected;
		const char *story;
	} edits[] = {
		{ "\"seq\":2", "\"seq\":3", ERR_TAMPERED, "entry 3 of log" },
		{ "\"seq\":2", "\"seq\":2", ERR_MISS, "entry 2: the body" },
		{ "\"seq\":2", "\"seq\":-2", ERR_TAMPERED, "member \"seq\"" },
	};
	struct rerun_input in;
	struct rerun_step done;

	for (size_t i = 0; i < k.body_count; i++)
		if (str_is(k.bodies[i], "[1]"))
			k.bodies[i] = STR("gone");
	open_at_start(NULL);
	go_to(2);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct note ahead = { .text = "" };

		n = (struct note){ .text = "" };
		rerun_read(gate_kit_bodies(&k), edited(2, edits[i].from, edits[i].to), &k.memory,
			   &in, &ahead);
		cr_assert_eq(rerun_play(r, &in, &done, &n), edits[i].expected);
		cr_assert_not_null(strstr(n.text, edits[i].story), "%s", n.text);
	}
}

Test(rerun, what_no_gate_writes_is_tampering)
{
	static const struct { size_t line; const char *from, *to; } edits[] = {
		{ 2, "\"seq\":2", "\"seq\":3" },
		{ 2, GATE_KIT_ORIGIN, "example.com/other" },
		{ 2, "\"agent\":\"ann\"", "\"agent\":\"\"" },
		{ 2, "\"agent\":\"ann\"", "\"agent\":\"ann\\u0000\"" },
		{ 2, "\"agent\":\"ann\",", "" },
		{ 2, "\"decision\"", "\"data\":{\"attrs\":5},\"decision\"" },
		{ 2, "\"decision\"", "\"data\":{\"attrs\":{\"type\":\"x\"}},\"decision\"" },
		{ 2, "\"decision\"", "\"data\":{\"fault\":{}},\"decision\"" },
		{ 2, "\"kind\":\"action\"", "\"kind\":\"notice\"" },
		{ 2, "\"kind\":\"action\"", "\"kind\":\"refusal\"" },
		{ 2, "{", "[" },
	};
	struct rerun_step done;

	open_at_start(NULL);
	go_to(2);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct str line = edited(edits[i].line, edits[i].from, edits[i].to);
		enum err e = step(line, &done);

		cr_assert_eq(e, ERR_TAMPERED, "%.*s: %s", STR_ARG(line), err_name(e));
	}
	/* None of them left a trace. */
	cr_assert_eq(step(k.lines[2], &done), OK);
	cr_assert(done.equal);
}

Test(rerun, another_version_is_not_tampering)
{
	struct rerun_step done;

	open_at_start(NULL);
	go_to(2);
	cr_assert_eq(step(edited(2, "\"v\":3", "\"v\":2"), &done), ERR_VERSION);
}

Test(rerun, an_edited_entry_comes_out_as_it_was_decided)
{
	static const struct { const char *from, *to; } edits[] = {
		{ "\"allowed\":true,\"effect\":\"allow\"",
		  "\"allowed\":false,\"effect\":\"deny\"" },
		{ "\"stage\":\"policy\"", "\"stage\":\"identify\"" },
		{ "\"kind\":\"action\"", "\"kind\" :\"action\"" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct rerun_step done;

		open_at_start(NULL);
		go_to(2);
		cr_assert_eq(step(edited(2, edits[i].from, edits[i].to), &done), OK);
		cr_assert(!done.equal);
		cr_assert(str_eq(done.line, k.lines[2]));
		rerun_close(r);
		r = NULL;
		state_reset(s);
	}
}

/* Entry 3, which was denied for an amount of 500; how it changed the rows. */
static struct str deny_for_its_amount(void)
{
	struct rerun_step done;
	struct str delta, copy;
	struct verdict v;

	gate_kit_fini(&k);
	gate_kit_init(&k, GATE_KIT_HEAD
		      "default_action: allow\nunknown_agents: evaluate\nrules:\n"
		      "  - {name: large, tools: [pay], condition: args.amount > 100, "
		      "action: deny}\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\","
				       "\"session\":\"s\",\"args\":{\"amount\":500}}", &v),
		     OK);
	cr_assert_eq(v.effect, EFFECT_DENY);
	open_at_start(NULL);
	go_to(3);
	cr_assert_eq(step(k.lines[3], &done), OK);
	cr_assert_eq(state_delta(s, &delta), OK);
	cr_assert_eq(arena_copy(&k.memory, delta, &copy), OK);
	return copy;
}

/* The root cannot tell: it is that of the change. */
Test(rerun, a_kept_change_must_be_that_of_what_is_recorded)
{
	static const struct { const char *from, *to; enum err expected; } edits[] = {
		{ "\"v\"", "\"v\"", OK },
		{ "\"allowed\":false,\"considered\":\"t\",\"cost\":3,\"effect\":\"deny\"",
		  "\"allowed\":true,\"considered\":\"t\",\"cost\":3,\"effect\":\"allow\"",
		  ERR_TAMPERED },
		{ "\"agent\":\"ann\"", "\"agent\":\"bob\"", ERR_TAMPERED },
		{ "\"agent\":\"ann\"", "\"agent\":\"eve\"", ERR_TAMPERED },
		{ "\"session\":\"s\"", "\"session\":\"t\"", ERR_TAMPERED },
		{ "\"time\":\"2026", "\"time\":\"2027", ERR_TAMPERED },
		{ "\"stage\":\"policy\"", "\"stage\":\"entry\"", ERR_TAMPERED },
	};
	const uint32_t column = 1 + (uint32_t)strlen("{\"amount\":");
	const struct body left = {
		.form = BODY_REDACTED, .text = STR("{\"amount\":null}"), .veil = { &column, 1 },
		.change = deny_for_its_amount(),
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct rerun_input in;
		struct rerun_step done;
		enum err e;

		rerun_close(r);
		state_reset(s);
		open_at_start(NULL);
		go_to(3);
		rerun_read(gate_kit_bodies(&k), edited(3, edits[i].from, edits[i].to), &k.memory,
			   &in, &n);
		in.args_text = left.text;
		in.args_body = &left;
		in.args = NULL;
		e = rerun_play(r, &in, &done, &n);
		cr_assert_eq(e, edits[i].expected, "%s: %s, %s", edits[i].to, err_name(e), n.text);
		if (e == OK)
			cr_assert(done.equal && done.unknown.ptr);
		else
			cr_assert(strstr(n.text, "entry 3: the change that was kept"));
	}
}

Test(rerun, without_a_decision_there_is_nothing_to_compare)
{
	const char *from = strstr(k.lines[2].ptr, "\"decision\"");
	const char *to = strstr(from, "\"kind\"");
	struct rerun_step done;
	struct buf b;

	buf_init(&b, 1u << 20);
	buf_add(&b, str_slice(k.lines[2].ptr, (size_t)(from - k.lines[2].ptr)));
	buf_add(&b, str_slice(to, k.lines[2].len - (size_t)(to - k.lines[2].ptr)));
	open_at_start(k.bundle);
	for (size_t i = 0; i < 2; i++)
		cr_assert_eq(step(k.lines[i], &done), OK);
	cr_assert_eq(step(buf_view(&b), &done), ERR_TAMPERED);
	buf_fini(&b);
}

/*
 * This machine's want of memory is an error, and never another decision. Each try has a state of
 * its own: one that was used before has its memory already.
 */
Test(rerun, failing_allocations_never_look_like_a_divergence)
{
	for (uint64_t at = 1;; at++) {
		struct rerun *run = NULL;
		struct rerun_step done;
		struct state *fresh;
		bool hit, equal = true;
		enum err e;

		cr_assert_eq(gate_state_open(&fresh), OK);
		fail_alloc_at(at);
		e = rerun_open(fresh, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&k), NULL, &run, &n);
		for (size_t i = 0; e == OK && i < k.line_count; i++) {
			e = rerun_line(run, k.lines[i], &done, &n);
			equal = equal && (e != OK || done.equal);
		}
		hit = fail_alloc_was_hit();
		rerun_close(run);
		state_close(fresh);
		cr_assert(equal, "at %d", (int)at);
		cr_assert_eq(e, hit ? ERR_MEMORY : OK, "at %d: %s", (int)at, err_name(e));
		if (!hit)
			break;
	}
}
