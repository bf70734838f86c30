/* heir: sagas and holds of who is killed go on with another; each test replays its log. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/session_kit.h"

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n"
		      "intents: [{tools: [put], intent: write, of: args.id}]\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
	gate_kit_agent(&k, "carl", NULL);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(heir, .init = setup, .fini = teardown);

#define STEP(name, tool, undo)                                                                     \
	"{\"name\":\"" name "\",\"action\":\"" tool "\",\"undo\":\"" undo "\"}"

static void begin(const char *saga, const char *agent, const char *session)
{
	char data[512];

	(void)snprintf(data, sizeof(data), ",\"saga\":\"%s\",\"steps\":[%s,%s]", saga,
		       STEP("flight", "book", "cancel"), STEP("hotel", "rent", "leave"));
	session_kit_do(&k, "saga.begin", agent, session, data);
}

/* The action of a step; `session` NULL: in none. */
static struct verdict attempt(const char *agent, const char *session, const char *saga,
			      const char *step, const char *tool)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "\"agent\":\"%s\",\"action\":{\"type\":\"%s\",\"saga\":\"%s\","
		       "\"step\":\"%s\"}%s%s%s", agent, tool, saga, step,
		       session ? ",\"session\":\"" : "", session ? session : "",
		       session ? "\"" : "");
	return session_kit_ask(&k, text);
}

static bool outcome(struct verdict v)
{
	char text[128];

	cr_assert_eq(v.effect, EFFECT_ALLOW, "%.*s", STR_ARG(v.decision.reasons[0]));
	(void)snprintf(text, sizeof(text), "\"outcome_of\":%llu,\"status\":\"ok\"",
		       (unsigned long long)v.entry);
	return session_kit_ask(&k, text).effect == EFFECT_ALLOW;
}

static struct saga look(const char *saga)
{
	struct saga g;

	cr_assert(saga_find(k.state, &gate_sagas, str_view(saga), GATE_KIT_NOW, &g));
	return g;
}

static void expect_saga(const char *saga, enum saga_state state, const char *agent,
			const char *session)
{
	struct saga g = look(saga);

	cr_assert_eq((enum saga_state)g.row.state, state, "%s", saga);
	cr_assert(str_is(SAGA_TEXT(g.row.agent), agent), "%s: %s", saga, g.row.agent);
	cr_assert(str_is(SAGA_TEXT(g.row.session), session), "%s: %s", saga, g.row.session);
}

Test(heir, a_saga_goes_on_with_the_heir_of_its_agent)
{
	struct verdict late;

	begin("trip", "ann", "run");
	begin("tour", "carl", NULL);
	cr_assert(outcome(attempt("ann", "run", "trip", "flight", "book")));
	late = attempt("ann", "run", "trip", "hotel", "rent");
	session_kit_do(&k, "kill.agent", "ann", NULL, ",\"heir\":\"bob\"");
	cr_assert(!outcome(late), "what was in flight is cut off");
	expect_saga("trip", SAGA_RUNNING, "bob", "run");
	expect_saga("tour", SAGA_RUNNING, "carl", "");
	cr_assert_eq((enum saga_step_state)look("trip").steps[1].state, STEP_UNSURE);
	cr_assert(outcome(attempt("bob", "run", "trip", "hotel", "rent")));
	expect_saga("trip", SAGA_COMPLETED, "bob", "run");
}

Test(heir, without_one_the_saga_is_undone)
{
	begin("trip", "ann", NULL);
	cr_assert(outcome(attempt("ann", NULL, "trip", "flight", "book")));
	session_kit_do(&k, "kill.agent", "ann", NULL, "");
	expect_saga("trip", SAGA_COMPENSATING, "ann", "");
}

Test(heir, what_is_over_stays_with_who_did_it)
{
	begin("trip", "ann", NULL);
	cr_assert(outcome(attempt("ann", NULL, "trip", "flight", "book")));
	cr_assert(outcome(attempt("ann", NULL, "trip", "hotel", "rent")));
	session_kit_do(&k, "kill.agent", "ann", NULL, ",\"heir\":\"bob\"");
	expect_saga("trip", SAGA_COMPLETED, "ann", "");
}

/* Nobody acts in it any more, so its sagas go on outside of it. */
Test(heir, of_a_session_has_the_sagas_of_all_in_it_and_below)
{
	session_kit_do(&k, "session.open", "ann", "top", "");
	session_kit_do(&k, "session.join", "ann", "top", "");
	session_kit_do(&k, "session.open", "ann", "below", ",\"parent\":\"top\"");
	session_kit_do(&k, "session.join", "carl", "below", "");
	begin("trip", "ann", "top");
	begin("tour", "carl", "below");
	begin("walk", "ann", "apart");
	cr_assert(outcome(attempt("ann", "top", "trip", "flight", "book")));
	session_kit_do(&k, "kill.session", NULL, "top", ",\"heir\":\"bob\"");
	expect_saga("trip", SAGA_RUNNING, "bob", "");
	expect_saga("tour", SAGA_RUNNING, "bob", "");
	expect_saga("walk", SAGA_RUNNING, "ann", "apart");
	cr_assert(outcome(attempt("bob", NULL, "trip", "hotel", "rent")));
	expect_saga("trip", SAGA_COMPLETED, "bob", "");
}

/* A session that nobody opened is a name, and is killed by it. */
Test(heir, of_a_session_that_is_only_a_name)
{
	begin("trip", "ann", "run");
	session_kit_do(&k, "kill.session", NULL, "run", ",\"heir\":\"ann\"");
	expect_saga("trip", SAGA_RUNNING, "ann", "");
	cr_assert(outcome(attempt("ann", NULL, "trip", "flight", "book")));
}

/* The saga turned when the session was killed; its compensations are the heir's. */
Test(heir, does_not_act_in_a_session_that_was_killed_before)
{
	begin("trip", "ann", "run");
	cr_assert(outcome(attempt("ann", "run", "trip", "flight", "book")));
	session_kit_do(&k, "kill.session", NULL, "run", "");
	session_kit_do(&k, "kill.agent", "ann", NULL, ",\"heir\":\"bob\"");
	expect_saga("trip", SAGA_COMPENSATING, "bob", "");
}

Test(heir, of_a_session_has_what_was_being_written_to_compensate)
{
	const struct isolated at = isolate_tables(k.state);
	struct participant_row who;
	struct flight_row flight;

	session_kit_do(&k, "session.open", "ann", "s", ",\"isolation\":\"serializable\"");
	session_kit_do(&k, "session.join", "ann", "s", "");
	session_kit_do(&k, "session.join", "bob", "s", "");
	session_kit_allowed(&k, "\"agent\":\"ann\",\"action\":\"put\",\"session\":\"s\","
				"\"args\":{\"id\":1}");
	session_kit_do(&k, "kill.session", NULL, "s", ",\"heir\":\"bob\"");
	memcpy(&flight, state_row(k.state, GATE_FLIGHTS, 0), sizeof(flight));
	memcpy(&who, state_row(k.state, GATE_PARTICIPANTS, flight.participant), sizeof(who));
	cr_assert(str_is(participant_agent(&who), "bob"));
	cr_assert(flight_waits(&at, &flight));
	cr_assert(!flight_holds(&at, &flight, gate_totals(k.state).entries));
}

Test(heir, is_somebody_who_may_act_or_nothing_happens)
{
	begin("trip", "ann", "run");
	cr_assert_eq(session_kit_control(&k, "kill.agent", "ann", NULL, ",\"heir\":\"ann\"", 0),
		     ERR_RANGE);
	cr_assert_str_eq(k.gate.why.text, "agent 'ann' cannot be its own heir");
	cr_assert_eq(session_kit_control(&k, "kill.session", NULL, "run", ",\"heir\":\"eve\"", 0),
		     ERR_NOT_FOUND);
	cr_assert_eq(session_kit_control(&k, "kill.session", NULL, "run", ",\"heir\":1", 0),
		     ERR_TYPE);
	expect_saga("trip", SAGA_RUNNING, "ann", "run");
	cr_assert_eq(state_rows(k.state, GATE_HALTS), 0);
}

/*
 * Under another policy the heir was killed before. The kill is one all the same, and counts from
 * its entry: what was allowed before it comes too late.
 */
Test(heir, who_cannot_act_in_a_what_if_frees_nobody)
{
	const struct policy_file file = { STR("p.yaml"), STR(GATE_KIT_HEAD
		"rules: [{name: no, tools: [odd], action: deny}, {name: all, action: allow}]\n"
		"kill_on: [{name: k, denials: 1/day, kill: agent}]\n") };
	struct bundle *stricter;
	struct rerun_step played;
	struct halt_row halt;
	struct state *s;
	struct rerun *r;

	session_kit_allowed(&k, "\"agent\":\"bob\",\"action\":\"odd\"");
	session_kit_do(&k, "kill.agent", "ann", NULL, ",\"heir\":\"bob\"");
	cr_assert_eq(bundle_load(&file, 1, &k.bundle_memory, &stricter, &k.note), OK, "%s",
		     k.note.text);
	cr_assert_eq(gate_state_open(&s), OK);
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&k), stricter, &r,
				&k.note), OK);
	for (size_t i = 0; i < k.line_count; i++)
		cr_assert_eq(rerun_line(r, k.lines[i], &played, &k.note), OK, "%s", k.note.text);
	cr_assert(halt_stops(s, GATE_HALTS, STR("ann"), STR_NONE, GATE_KIT_NOW, &halt));
	cr_assert_eq(halt.fence, k.line_count - 1);
	cr_assert_eq(gate_totals(s).entries, k.line_count);
	rerun_close(r);
	state_close(s);
}

/* Else the kill itself could not be recorded, and nobody would be killed. */
Test(heir, as_much_as_one_kill_hands_over_fits_its_delta)
{
	struct str delta;
	char name[LIMIT_NAME_BYTES + 1], data[4096], id[8];
	size_t at = 0;

	memset(name, 'n', LIMIT_NAME_BYTES);
	name[LIMIT_NAME_BYTES] = '\0';
	gate_kit_agent(&k, name, NULL);
	for (int i = 0; i < 32; i++)
		at += (size_t)snprintf(data + at, sizeof(data) - at,
				       "%s{\"name\":\"%d\",\"action\":\"t\"}", i ? "," : "", i);
	for (int i = 0; i < 130; i++) {
		char text[sizeof(data) + 64];

		(void)snprintf(id, sizeof(id), "g%d", i);
		(void)snprintf(text, sizeof(text), ",\"saga\":\"%s\",\"steps\":[{\"all\":[%s]}]",
			       id, data);
		session_kit_do(&k, "saga.begin", "ann", name, text);
	}
	for (int i = 0; i < 32; i++) {
		char step[8];

		(void)snprintf(step, sizeof(step), "%d", i);
		(void)attempt("ann", name, "g0", step, "t");
	}
	session_kit_do(&k, "kill.agent", "ann", NULL, ",\"heir\":\"bob\"");
	cr_assert_eq(state_delta(k.state, &delta), OK);
	expect_saga("g0", SAGA_RUNNING, "bob", name);
	expect_saga("g127", SAGA_RUNNING, "bob", name);
	expect_saga("g128", SAGA_ROLLED_BACK, "ann", name);
}

/* A kill that could not be recorded has handed nothing over, and one that was has killed. */
Test(heir, survives_every_failing_allocation)
{
	struct member members[] = {
		{ .key = STR("heir"), .value = value_string(STR("bob")) },
		{ .key = STR("reason"), .value = value_string(STR("x")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .data = &data,
				 .agent = STR("ann"), .action = STR("kill.agent") };

	begin("trip", "ann", "run");
	for (uint64_t n = 1;; n++) {
		struct verdict v;
		enum err failed;

		fail_alloc_at(n);
		failed = gate_submit(&k.gate, &e, &k.memory, &v);
		(void)fail_alloc_was_hit();
		if (failed == OK)
			break;
		cr_assert_eq(failed, ERR_MEMORY);
		expect_saga("trip", SAGA_RUNNING, "ann", "run");
		cr_assert_eq(state_rows(k.state, GATE_HALTS), 0);
	}
	expect_saga("trip", SAGA_RUNNING, "bob", "run");
	cr_assert_eq(state_rows(k.state, GATE_HALTS), 1);
}
