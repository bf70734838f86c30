/* saga_rows: what a state keeps of sagas, and what time and kills did to them before a look. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

#define TIMEOUT 10

static const struct saga_tables tables = {
	.sagas = 0, .plans = 1, .steps = 2, .keys = 3, .attempts = 4, .halts = 5,
};

static struct state *s;
static struct note why;

static void setup(void)
{
	const struct table_schema schema[] = {
		saga_table(), saga_plan_table(), saga_step_table(), saga_key_table(),
		saga_attempt_table(), halt_table(),
	};

	cr_assert_eq(state_open(schema, 6, &s), OK);
	state_begin(s);
	why = (struct note){ .text = "" };
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(saga_rows, .init = setup, .fini = teardown);

static struct saga_plan plan_of(const char *name, const char *key)
{
	struct saga_plan p = { .action = "do", .undo = "undo", .timeout_ns = TIMEOUT };

	memcpy(p.name, name, strlen(name));
	memcpy(p.key, key, strlen(key));
	return p;
}

static enum err insert(const char *id, struct saga_plan a, struct saga_plan b)
{
	struct saga_row row = { .agent = "ann", .session = "run", .entry = 3, .since = 3 };
	struct saga_plan plans[2] = { a, b };

	plans[1].group = 1;
	memcpy(row.id, id, strlen(id));
	return saga_insert(s, &tables, &row, plans, 2, &why);
}

static struct saga find(int64_t now_ns)
{
	struct saga g;

	cr_assert(saga_find(s, &tables, STR("trip"), now_ns, &g));
	return g;
}

static void begin_trip(void)
{
	cr_assert_eq(insert("trip", plan_of("a", "k1"), plan_of("b", "k2")), OK);
}

Test(saga_rows, a_saga_is_found_by_its_id_and_its_steps_by_their_names)
{
	struct saga g;
	unsigned step = 9;

	begin_trip();
	cr_assert_eq(insert("tour", plan_of("a", "k3"), plan_of("b", "k4")), OK);
	cr_assert(saga_find(s, &tables, STR("tour"), 0, &g));
	cr_assert_eq(g.row.first, 2);
	cr_assert(str_is(SAGA_TEXT(g.plans[1]->key), "k4"));
	cr_assert(saga_step_find(&g, STR("b"), &step) && step == 1);
	cr_assert(!saga_step_find(&g, STR("c"), &step));
	cr_assert(!saga_find(s, &tables, STR("trips"), 0, &g));
	cr_assert(!saga_find(s, &tables, STR(""), 0, &g));
	cr_assert(!saga_find(s, &tables, str_slice("trip\0x", 6), 0, &g));
}

/* The same key twice has one effect: the second is refused, whosever it is. */
Test(saga_rows, ids_and_keys_are_taken_once)
{
	begin_trip();
	cr_assert_eq(insert("trip", plan_of("a", "k5"), plan_of("b", "k6")), ERR_EXISTS);
	cr_assert_eq(insert("tour", plan_of("a", "k5"), plan_of("b", "k1")), ERR_EXISTS);
	cr_assert_str_eq(why.text, "the key 'k1' is that of a step of saga 'trip' already");
	state_undo(s);
	begin_trip();
	cr_assert_eq(insert("tour", plan_of("a", "k5"), plan_of("b", "k5")), ERR_DUPLICATE);
	cr_assert_str_eq(why.text, "two steps have the key 'k5'");
	cr_assert_eq(insert("tour", plan_of("a", "k5"), plan_of("a", "k6")), ERR_DUPLICATE);
	cr_assert_str_eq(why.text, "two steps have the name 'a'");
	cr_assert_eq(state_rows(s, tables.sagas), 1);
}

static void run(struct saga *g, unsigned step, uint64_t entry, int64_t now_ns)
{
	cr_assert_eq(saga_check(g, step, false, now_ns, &why), OK, "%s", why.text);
	saga_begin(g, step, false, entry, now_ns);
	cr_assert_eq(saga_keep(s, &tables, g), OK);
	cr_assert_eq(saga_keep_attempt(s, &tables, g, step, false), OK);
}

Test(saga_rows, what_is_kept_is_found_again_and_attempts_by_their_entries)
{
	struct saga_attempt attempt;
	struct saga g;

	begin_trip();
	g = find(1);
	run(&g, 0, 7, 1);
	g = find(2);
	cr_assert_eq(g.steps[0].state, STEP_RUNNING);
	cr_assert_eq(g.steps[0].until_ns, 1 + TIMEOUT);
	cr_assert(saga_attempt_find(s, &tables, 7, &attempt));
	cr_assert(attempt.saga == 0 && attempt.step == 0 && !attempt.undo);
	cr_assert(!saga_attempt_find(s, &tables, 8, &attempt));
}

/* A look applies what is due to its copy; the rows stay until something happens. */
Test(saga_rows, time_passes_in_the_eye_of_who_looks)
{
	struct saga g;

	begin_trip();
	g = find(1);
	run(&g, 0, 7, 1);
	g = find(1 + TIMEOUT);
	cr_assert_eq(g.row.state, SAGA_COMPENSATING);
	cr_assert_eq(g.steps[0].state, STEP_OWED);
	cr_assert_eq(g.row.latest_ns, 1 + TIMEOUT);
	g = find(1000);
	cr_assert_eq(g.row.latest_ns, 1 + TIMEOUT, "at its own time");
	g = find(TIMEOUT);
	cr_assert_eq(g.row.state, SAGA_RUNNING);
}

static void kill_it(enum halt_scope scope, const char *name, int64_t at_ns, uint64_t entry)
{
	cr_assert_eq(halt_kill(s, tables.halts, scope, str_view(name), at_ns, entry, &why), OK);
}

Test(saga_rows, a_kill_of_agent_session_or_all_turns_what_began_before)
{
	static const struct {
		enum halt_scope scope;
		const char *name;
		uint64_t entry;
		bool turns;
	} cases[] = {
		{ HALT_AGENT, "ann", 8, true }, { HALT_SESSION, "run", 8, true },
		{ HALT_ALL, "", 8, true }, { HALT_AGENT, "bob", 8, false },
		{ HALT_AGENT, "ann", 2, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct saga g;

		begin_trip();
		g = find(1);
		run(&g, 0, 7, 1);
		kill_it(cases[i].scope, cases[i].name, 5, cases[i].entry);
		g = find(6);
		cr_expect_eq(g.row.state, cases[i].turns ? SAGA_COMPENSATING : SAGA_RUNNING);
		cr_expect_eq(g.steps[0].state, cases[i].turns ? STEP_OWED : STEP_RUNNING);
		cr_expect_eq(g.row.since, cases[i].turns ? cases[i].entry : 3);
		if (cases[i].turns)
			cr_expect_eq(g.row.latest_ns, 5);
		state_undo(s);
	}
}

Test(saga_rows, whoever_took_over_is_not_stopped_by_the_kill_of_another)
{
	struct saga g;

	begin_trip();
	kill_it(HALT_AGENT, "ann", 5, 8);
	cr_assert_eq(find(7).row.state, SAGA_ROLLED_BACK, "nothing was done, so nothing is owed");
	state_undo(s);
	begin_trip();
	g = find(1);
	run(&g, 0, 7, 1);
	kill_it(HALT_AGENT, "ann", 5, 8);
	kill_it(HALT_SESSION, "run", 6, 9);
	cr_assert_eq(find(7).row.since, 9, "the later of two kills");
	state_undo(s);
	begin_trip();
	g = find(1);
	cr_assert_eq(saga_hand_over(&g, STR("bob"), STR(""), 10, 1, &why), OK);
	cr_assert_eq(saga_keep(s, &tables, &g), OK);
	kill_it(HALT_AGENT, "ann", 5, 11);
	g = find(7);
	cr_assert_eq(g.row.state, SAGA_RUNNING);
	cr_assert(str_is(SAGA_TEXT(g.row.agent), "bob"));
}

Test(saga_rows, beginning_survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		enum err e;

		state_begin(s);
		fail_alloc_at(n);
		e = insert("trip", plan_of("a", "k1"), plan_of("b", "k2"));
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
		state_undo(s);
		cr_assert_eq(state_rows(s, tables.sagas), 0);
		teardown();
		setup();
	}
}
