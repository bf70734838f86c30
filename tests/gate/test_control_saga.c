/*
 * control_saga: whole sagas through the gate, as documents and controls; each test replays its log
 * bit for bit at the end.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"

#define SECOND INT64_C(1000000000)
#define STEPS                                                                                      \
	"[{'name':'flight','action':'book','undo':'cancel','timeout':'30s','retries':1},"          \
	"{'name':'hotel','action':'rent','resource':'h/1','undo':'leave','undo_within':'10m'}]"

static struct gate_kit k;
static int64_t now_ns;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n"
					"rules: [{name: no, tools: [forbidden], action: deny}]\n");
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "bob", NULL);
	now_ns = GATE_KIT_NOW;
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(control_saga, .init = setup, .fini = teardown);

/* JSON with ' for ". */
static struct value json(const char *text)
{
	struct value v;
	struct str copy;
	char own[4096];

	cr_assert_lt(strlen(text), sizeof(own));
	for (size_t i = 0; i <= strlen(text); i++)
		own[i] = text[i] == '\'' ? '"' : text[i];
	cr_assert_eq(arena_copy(&k.memory, str_view(own), &copy), OK);
	cr_assert_eq(json_read(copy, 1, &k.memory, &v, &k.note), OK, "%s", k.note.text);
	return v;
}

static enum err control_in(const char *verb, const char *agent, const char *session,
			   const char *data)
{
	struct value tree = json(data);
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = now_ns, .action = str_view(verb),
		.agent = agent ? str_view(agent) : STR_NONE,
		.session = session ? str_view(session) : STR_NONE, .data = &tree,
	};
	struct verdict v;

	return gate_submit(&k.gate, &e, &k.memory, &v);
}

static enum err control(const char *verb, const char *agent, const char *data)
{
	return control_in(verb, agent, NULL, data);
}

static void begin_trip(void)
{
	cr_assert_eq(control("saga.begin", "ann",
			     "{'reason':'x','saga':'trip','steps':" STEPS "}"), OK, "%s",
		     k.gate.why.text);
}

/* An action; `resource` and `session` may be NULL. */
static struct verdict act_as(const char *agent, const char *tool, const char *resource,
			     const char *link)
{
	char data[512];
	struct value tree;
	struct event e = { .kind = ENTRY_ACTION, .at_ns = now_ns, .agent = str_view(agent),
			   .action = str_view(tool) };
	struct verdict v;

	(void)snprintf(data, sizeof(data), "{'attrs':{%s}}", link);
	tree = json(data);
	e.data = &tree;
	if (resource)
		e.resource = str_view(resource);
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	return v;
}

static struct verdict step(const char *tool, const char *name, bool undo)
{
	char link[256];

	(void)snprintf(link, sizeof(link), "'saga':'trip','step':'%s'%s", name,
		       undo ? ",'undo':true" : "");
	return act_as("ann", tool, strcmp(name, "hotel") == 0 ? "h/1" : NULL, link);
}

static void expect_denied(struct verdict v, const char *reason)
{
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "saga"), "%.*s", STR_ARG(v.decision.stage));
	cr_assert(str_is(v.decision.reasons[0], reason), "%.*s", STR_ARG(v.decision.reasons[0]));
}

/* An outcome document; false when it was recorded as a refusal. */
static bool outcome(uint64_t of, const char *status)
{
	struct verdict v;
	char text[256];

	(void)snprintf(text, sizeof(text), "{\"outcome_of\":%llu%s%s%s}", (unsigned long long)of,
		       status ? ",\"status\":\"" : "", status ? status : "", status ? "\"" : "");
	buf_clear(&k.bodies_text);
	cr_assert_eq(gate_submit_text(&k.gate, str_view(text), now_ns, &k.memory, &k.bodies_text,
				      &v, &k.note), OK);
	return v.effect == EFFECT_ALLOW;
}

static struct saga look(void)
{
	struct saga g;

	cr_assert(saga_find(k.state, &gate_sagas, STR("trip"), now_ns, &g));
	return g;
}

static struct verdict allowed(struct verdict v)
{
	cr_assert_eq(v.effect, EFFECT_ALLOW, "%.*s", STR_ARG(v.decision.reasons[0]));
	return v;
}

Test(control_saga, steps_that_all_commit_complete_it)
{
	struct verdict v;

	begin_trip();
	v = allowed(step("book", "flight", false));
	cr_assert(outcome(v.entry, "ok"));
	v = allowed(step("rent", "hotel", false));
	cr_assert(outcome(v.entry, "ok"));
	cr_assert_eq(look().row.state, SAGA_COMPLETED);
	expect_denied(step("cancel", "flight", true),
		      "saga 'trip' is completed, and that is its end");
	cr_assert_eq(control("saga.compensate", NULL, "{'reason':'x','saga':'trip'}"), ERR_RANGE);
	cr_assert_str_eq(k.gate.why.text, "saga 'trip' is completed, and that is its end");
}

Test(control_saga, what_was_done_is_undone_when_a_step_fails)
{
	struct verdict v;

	begin_trip();
	cr_assert(outcome(allowed(step("book", "flight", false)).entry, "ok"));
	cr_assert(outcome(allowed(step("rent", "hotel", false)).entry, "failed"));
	cr_assert_eq(look().row.state, SAGA_COMPENSATING);
	expect_denied(step("rent", "hotel", false),
		      "step 'hotel' of saga 'trip' is failed; it is not begun now");
	v = allowed(step("cancel", "flight", true));
	expect_denied(step("cancel", "flight", true),
		      "step 'flight' of saga 'trip' is undoing; it is not undone now");
	cr_assert(outcome(v.entry, "ok"));
	cr_assert_eq(look().row.state, SAGA_ROLLED_BACK);
}

/* A step is not done twice, nor by somebody else, nor with another tool. */
Test(control_saga, an_action_must_be_the_attempt_that_is_due)
{
	begin_trip();
	expect_denied(step("rent", "hotel", false),
		      "step 'hotel' of saga 'trip' comes after 'flight', which is waiting");
	expect_denied(step("cancel", "flight", true),
		      "step 'flight' of saga 'trip' is waiting; it is not undone now");
	expect_denied(act_as("bob", "book", NULL, "'saga':'trip','step':'flight'"),
		      "agent 'ann' acts for saga 'trip', not 'bob'");
	expect_denied(act_as("ann", "rent", NULL, "'saga':'trip','step':'flight'"),
		      "step 'flight' of saga 'trip' is done by 'book', not 'rent'");
	expect_denied(act_as("ann", "book", NULL, "'saga':'tripp','step':'flight'"),
		      "there is no saga 'tripp'");
	expect_denied(act_as("ann", "book", NULL, "'saga':'trip','step':'fight'"),
		      "saga 'trip' has no step 'fight'");
	expect_denied(act_as("ann", "book", NULL, "'saga':'trip'"),
		      "an action with the attribute 'saga' names saga and step in two strings, and "
		      "may have 'undo', true or false");
	expect_denied(act_as("ann", "book", NULL, "'saga':'trip','step':'flight','undo':1"),
		      "an action with the attribute 'saga' names saga and step in two strings, and "
		      "may have 'undo', true or false");
	allowed(step("book", "flight", false));
	expect_denied(step("book", "flight", false),
		      "step 'flight' of saga 'trip' is running; it is not begun now");
	cr_assert(outcome(gate_totals(k.state).entries - 2, "ok"));
	expect_denied(act_as("ann", "rent", "h/2", "'saga':'trip','step':'hotel'"),
		      "step 'hotel' of saga 'trip' is for resource 'h/1'");
	expect_denied(act_as("ann", "rent", NULL, "'saga':'trip','step':'hotel'"),
		      "step 'hotel' of saga 'trip' is for resource 'h/1'");
}

Test(control_saga, what_the_policy_denies_has_not_begun)
{
	struct verdict v;

	cr_assert_eq(control("saga.begin", "ann", "{'reason':'x','saga':'trip','steps':"
			     "[{'name':'flight','action':'forbidden'}]}"), OK);
	v = step("forbidden", "flight", false);
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "policy"));
	cr_assert_eq(look().steps[0].state, STEP_WAITING);
	cr_assert_eq(look().steps[0].attempts, 0);
}

/* Only tool calls are attempts: what is asked before and after them is not. */
Test(control_saga, other_stages_are_no_attempts)
{
	struct value tree = json("{'attrs':{'saga':'trip','step':'flight'},'stage':'pre_input'}");
	struct event e = { .kind = ENTRY_ACTION, .at_ns = now_ns, .agent = STR("ann"),
			   .action = STR("book"), .data = &tree };
	struct verdict v;

	begin_trip();
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	cr_assert_eq(look().steps[0].state, STEP_WAITING);
}

Test(control_saga, an_outcome_says_ok_or_failed_and_comes_once)
{
	uint64_t entry;

	begin_trip();
	entry = allowed(step("book", "flight", false)).entry;
	cr_assert(!outcome(entry, NULL));
	cr_assert_str_eq(k.note.text, "entry 4 is an attempt of step 'flight' of saga 'trip', "
			 "whose outcome has 'status' ok, or failed when nothing was done");
	cr_assert(!outcome(entry, "maybe"));
	cr_assert(outcome(entry, "ok"));
	cr_assert(!outcome(entry, "ok"));
	cr_assert_str_eq(k.note.text, "entry 4 was an attempt of step 'flight' of saga 'trip' that "
			 "is not waited for any more: the step is committed");
	cr_assert(!outcome(entry, "failed"));
	cr_assert_eq(look().steps[0].state, STEP_COMMITTED);
}

Test(control_saga, time_ends_attempts_and_a_late_ok_counts_no_more)
{
	uint64_t first, second;

	begin_trip();
	first = allowed(step("book", "flight", false)).entry;
	now_ns += 30 * SECOND;
	cr_assert_eq(look().steps[0].state, STEP_UNSURE);
	expect_denied(step("book", "flight", false),
		      "step 'flight' of saga 'trip' is tried again from "
		      "2026-01-02T03:04:36.000000000Z");
	cr_assert(!outcome(first, "ok"));
	now_ns += SECOND;
	second = allowed(step("book", "flight", false)).entry;
	cr_assert(!outcome(first, "ok"), "it is the second that counts");
	cr_assert(outcome(second, "ok"));
	cr_assert_eq(look().steps[0].attempts, 2);
	cr_assert_eq(look().steps[0].state, STEP_COMMITTED);
}

Test(control_saga, a_window_that_is_over_is_said_and_left_open)
{
	begin_trip();
	cr_assert(outcome(allowed(step("book", "flight", false)).entry, "ok"));
	allowed(step("rent", "hotel", false));
	now_ns += 301 * SECOND;
	cr_assert_eq(look().steps[1].state, STEP_OWED, "in doubt, so it is to be undone");
	now_ns += 600 * SECOND;
	cr_assert_eq(look().steps[1].state, STEP_OPEN);
	cr_assert_eq(look().steps[1].open, OPEN_LATE);
	expect_denied(step("leave", "hotel", true),
		      "step 'hotel' of saga 'trip' is open; it is not undone now");
	cr_assert(outcome(allowed(step("cancel", "flight", true)).entry, "ok"));
	cr_assert_eq(look().row.state, SAGA_ESCALATED);
}

Test(control_saga, nothing_commits_after_a_kill_and_another_agent_undoes)
{
	uint64_t entry;

	begin_trip();
	cr_assert(outcome(allowed(step("book", "flight", false)).entry, "ok"));
	entry = allowed(step("rent", "hotel", false)).entry;
	cr_assert_eq(control("kill.agent", "ann", "{'reason':'x'}"), OK);
	cr_assert(!outcome(entry, "ok"));
	cr_assert_eq(look().row.state, SAGA_COMPENSATING);
	cr_assert_eq(look().row.cause, SAGA_KILLED);
	cr_assert(str_is(step("leave", "hotel", true).decision.stage, "standing"));
	cr_assert_eq(control("saga.hand_over", "ann", "{'reason':'x','saga':'trip'}"), ERR_RANGE);
	cr_assert_str_eq(k.gate.why.text, "agent 'ann' is killed");
	cr_assert_eq(control("saga.hand_over", "bob", "{'reason':'x','saga':'trip'}"), OK);
	expect_denied(act_as("bob", "cancel", NULL, "'saga':'trip','step':'flight','undo':true"),
		      "step 'flight' of saga 'trip' is undone after 'hotel': what was done last "
		      "comes first");
	entry = allowed(act_as("bob", "leave", NULL,
			       "'saga':'trip','step':'hotel','undo':true")).entry;
	cr_assert(outcome(entry, "ok"));
	entry = allowed(act_as("bob", "cancel", NULL,
			       "'saga':'trip','step':'flight','undo':true")).entry;
	cr_assert(outcome(entry, "ok"));
	cr_assert_eq(look().row.state, SAGA_ROLLED_BACK);
}

Test(control_saga, a_saga_that_is_handed_over_goes_on_without_the_first)
{
	uint64_t entry;

	begin_trip();
	entry = allowed(step("book", "flight", false)).entry;
	cr_assert_eq(control_in("saga.hand_over", "bob", "run", "{'reason':'x','saga':'trip'}"),
		     OK);
	cr_assert(!outcome(entry, "ok"), "he is not waited for");
	expect_denied(act_as("bob", "book", NULL, "'saga':'trip','step':'flight'"),
		      "saga 'trip' belongs to session 'run'");
	cr_assert_eq(look().steps[0].state, STEP_UNSURE);
}

Test(control_saga, a_definition_is_read_strictly)
{
	cr_assert_eq(control("saga.begin", NULL, "{'reason':'x','saga':'trip','steps':" STEPS "}"),
		     ERR_SYNTAX);
	cr_assert_eq(control("saga.begin", "ann", "{'reason':'x','steps':" STEPS "}"), ERR_SYNTAX);
	cr_assert_eq(control("saga.begin", "ann", "{'reason':'x','saga':'trip'}"), ERR_SYNTAX);
	cr_assert_str_eq(k.gate.why.text, "a saga needs 'steps', a list that is not empty");
	cr_assert_eq(control("saga.begin", "ann",
			     "{'reason':'x','saga':'trip','step':1,'steps':" STEPS "}"),
		     ERR_UNKNOWN);
	cr_assert_str_eq(k.gate.why.text, "a saga has no member 'step'; did you mean 'steps'?");
	cr_assert_eq(control("saga.begin", "ann", "{'reason':'x','saga':'','steps':" STEPS "}"),
		     ERR_RANGE);
	begin_trip();
	cr_assert_eq(control("saga.begin", "ann",
			     "{'reason':'x','saga':'trip','steps':" STEPS "}"), ERR_EXISTS);
	cr_assert_eq(control("saga.compensate", NULL, "{'reason':'x','saga':'trap'}"),
		     ERR_NOT_FOUND);
	cr_assert_str_eq(k.gate.why.text, "there is no saga 'trap'");
	cr_assert_eq(state_rows(k.state, GATE_SAGAS), 1);
}

static enum err no_such_entry(void *self, uint64_t of, struct note *n)
{
	(void)self;
	(void)of;
	(void)n;
	return ERR_RANGE;
}

/* What was wrong with one event is not said of the next. */
Test(control_saga, a_refusal_tells_its_own_story)
{
	cr_assert_neq(control("saga.compensate", NULL, "{'reason':'x','saga':'trap'}"), OK);
	k.gate.outcome = no_such_entry;
	cr_assert(!outcome(1, "ok"));
	cr_assert_str_eq(k.note.text, "'outcome_of' names no earlier entry");
}

/* An attempt that could not be recorded has not begun, and one that has is recorded. */
Test(control_saga, attempts_survive_every_failing_allocation)
{
	struct value tree = json("{'attrs':{'saga':'trip','step':'flight'}}");
	const struct event e = { .kind = ENTRY_ACTION, .at_ns = now_ns, .agent = STR("ann"),
				 .action = STR("book"), .data = &tree };
	uint64_t n = 1;

	begin_trip();
	for (bool begun = false; !begun; n++) {
		struct verdict v;
		enum err failed;

		fail_alloc_at(n);
		failed = gate_submit(&k.gate, &e, &k.memory, &v);
		(void)fail_alloc_was_hit();
		cr_assert(failed == OK || failed == ERR_MEMORY);
		begun = failed == OK && v.effect == EFFECT_ALLOW;
		cr_assert_eq(look().steps[0].state, begun ? STEP_RUNNING : STEP_WAITING);
	}
	cr_expect_gt(n, 2);
	cr_assert(outcome(gate_totals(k.state).entries - 1, "ok"));
}

/* What would have been under other policies need not fit what operators did then. */
Test(control_saga, a_what_if_passes_over_what_does_not_fit)
{
	const struct policy_file file = { STR("p.yaml"),
		STR(GATE_KIT_HEAD "rules:\n  - {name: all, action: allow}\n") };
	struct bundle *looser;
	struct rerun_step played;
	struct state *s;
	struct rerun *r;

	cr_assert_eq(control("saga.begin", "ann", "{'reason':'x','saga':'trip','steps':"
			     "[{'name':'a','action':'forbidden','timeout':'1s'}]}"), OK);
	(void)step("forbidden", "a", false);
	now_ns += 60 * SECOND;
	cr_assert_eq(control("saga.compensate", NULL, "{'reason':'x','saga':'trip'}"), OK);
	cr_assert_eq(bundle_load(&file, 1, &k.bundle_memory, &looser, &k.note), OK);
	cr_assert_eq(gate_state_open(&s), OK);
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&k), looser, &r,
				&k.note), OK);
	for (size_t i = 0; i < k.line_count; i++)
		cr_assert_eq(rerun_line(r, k.lines[i], &played, &k.note), OK, "%s", k.note.text);
	rerun_close(r);
	state_close(s);
}
