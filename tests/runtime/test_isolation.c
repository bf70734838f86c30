/* isolation: every anomaly under every level as the page says, and random runs beside a model. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/page.h"

enum { LIVES, PARTICIPANTS, THINGS, FLIGHTS, HALTS };

#define AGENTS 3

static struct state *s;
static struct isolated at;
static struct lives lives;
static uint64_t entry, last_write[AGENTS + 1];    /* one joins late */
static struct note why;

static void start(enum isolation level)
{
	const struct table_schema tables[] = {
		life_table(), participant_table(), thing_table(), flight_table(), halt_table()
	};
	struct life_terms terms = {
		.id = STR("s"), .isolation = level, .room = 5, .lasts_ns = 1000, .ring = 1
	};

	cr_assert_eq(state_open(tables, 5, &s), OK);
	state_begin(s);
	at = (struct isolated){ s, LIVES, PARTICIPANTS, THINGS, FLIGHTS, HALTS };
	lives = (struct lives){ s, LIVES, PARTICIPANTS };
	entry = 0;
	cr_assert_eq(life_open(&lives, &terms, &why), OK);
	for (int i = 0; i < AGENTS; i++)
		cr_assert_eq(life_join(&lives, STR("s"), str_slice(&"abc"[i], 1), STR_NONE, 1, 1,
				       &why), OK);
}

static struct toucher toucher_of(uint32_t who, const struct touch *touch)
{
	return (struct toucher){ 0, who, ++entry, touch, 1 };
}

static struct touch touch_of(enum intent intent, char thing)
{
	return (struct touch){ intent, sha256(str_slice(&thing, 1)) };
}

/* What the gate does with an action; CLASH_NONE: it was allowed. */
static enum clash_kind act(uint32_t who, enum intent intent, char thing)
{
	const struct touch touch = touch_of(intent, thing);
	const struct toucher t = toucher_of(who, &touch);
	struct clash clash;

	isolation_look(&at, &t, &clash);
	if (clash.kind != CLASH_NONE) {
		cr_assert_eq(isolation_forget(s, &at, who), OK);
		return clash.kind;
	}
	cr_assert_eq(isolation_take(s, &at, &t), OK);
	if (intent != INTENT_READ)
		last_write[who] = t.entry;
	return CLASH_NONE;
}

/* --- the table of the page --- */

/* "ar x", "a.", "a!": whether it was refused. */
static bool refuses(struct str step)
{
	uint32_t who = (uint32_t)(step.ptr[0] - 'a');
	char what = step.ptr[1];

	if (what == '.' || what == '!') {
		entry++;
		cr_assert_eq(isolation_end(s, &at, last_write[who], what == '!'), OK);
		return false;
	}
	return act(who, what == 'r' ? INTENT_READ : what == 'w' ? INTENT_WRITE : INTENT_EXCLUSIVE,
		   step.ptr[3]) != CLASH_NONE;
}

static void try_row(const struct page_row *row, enum isolation level)
{
	struct str rest = row->cells[1], step, refused = STR("-");

	start(level);
	while (rest.len) {
		if (!str_cut(rest, ',', &step, &rest)) {
			step = rest;
			rest = STR("");
		}
		if (refuses(str_trim(step)))
			refused = str_trim(step);
	}
	cr_expect(str_eq(refused, row->cells[1 + level]), "%.*s, %s: refused %.*s",
		  STR_ARG(row->cells[0]), isolation_name(level), STR_ARG(refused));
	state_close(s);
}

Test(isolation, each_anomaly_is_refused_where_the_page_says)
{
	struct page_row *rows;
	struct arena a;
	size_t count;

	arena_init(&a, (size_t)4 << 20);
	count = page_rows("docs/formats/session.md", "anomalies", &a, &rows);
	cr_assert_geq(count, 10);
	for (size_t i = 0; i < count; i++)
		for (int level = ISOLATION_READ_COMMITTED; level < ISOLATIONS; level++)
			try_row(&rows[i], (enum isolation)level);
	arena_fini(&a);
}

Test(isolation, intents_go_beside_each_other_as_the_page_says)
{
	struct page_row *rows;
	struct arena a;
	size_t count;

	arena_init(&a, (size_t)4 << 20);
	count = page_rows("docs/formats/session.md", "intents", &a, &rows);
	cr_assert_eq(count, INTENTS);
	for (int held = 0; held < INTENTS; held++)
		for (int asked = 0; asked < INTENTS; asked++) {
			cr_assert(str_is(rows[held].cells[0], intent_name((enum intent)held)));
			cr_assert_eq(intent_fits((enum intent)held, (enum intent)asked),
				     str_is(rows[held].cells[1 + asked], "yes"));
		}
	arena_fini(&a);
}

/* --- random runs beside a model that knows the order of writes --- */

#define KINDS 3

/* Numbers of writes; 0: none. `read` is what each reader saw, 0 before: it did not. */
static struct model {
	unsigned writes, decided[KINDS], landed[KINDS], before[KINDS];
	struct { bool known; unsigned version; } read[AGENTS][KINDS];
	int writing[AGENTS];                          /* a thing, or -1 */
} m;

static uint64_t seed;

static unsigned pick(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* Everything that was built on is as the writes decided before left it. */
static void check_premises(uint32_t who)
{
	for (int t = 0; t < KINDS; t++)
		if (m.read[who][t].known)
			cr_assert_eq(m.read[who][t].version, m.decided[t], "a premise was stale");
}

static void model_act(uint32_t who, enum intent intent, unsigned thing, enum isolation level)
{
	bool allowed = act(who, intent, (char)('x' + thing)) == CLASH_NONE;

	if (allowed && intent == INTENT_READ) {
		cr_assert(m.decided[thing] == m.landed[thing] || m.writing[who] == (int)thing,
			  "a dirty read");
		if (m.read[who][thing].known && level >= ISOLATION_SNAPSHOT)
			cr_assert_eq(m.read[who][thing].version, m.landed[thing]);
		m.read[who][thing].known = m.writing[who] != (int)thing;
		m.read[who][thing].version = m.landed[thing];
		return;
	}
	if (allowed && level == ISOLATION_SERIALIZABLE)
		check_premises(who);
	memset(m.read[who], 0, sizeof(m.read[who]));
	if (!allowed)
		return;
	cr_assert_eq(m.decided[thing], m.landed[thing], "a dirty write");
	m.before[thing] = m.decided[thing];
	m.decided[thing] = ++m.writes;
	m.writing[who] = (int)thing;
}

static void model_end(uint32_t who, bool failed)
{
	int thing = m.writing[who];

	cr_assert_eq(isolation_end(s, &at, last_write[who], failed), OK);
	if (failed)
		m.decided[thing] = m.before[thing];
	m.landed[thing] = m.decided[thing];
	m.writing[who] = -1;
}

Test(isolation, random_runs_do_what_a_serial_order_could_have_done)
{
	unsigned allowed = 0;

	for (unsigned run = 0; run < 3 * 400; run++) {
		enum isolation level = (enum isolation)(1 + run % 3);

		seed = run;
		start(level);
		memset(&m, 0, sizeof(m));
		for (int i = 0; i < AGENTS; i++)
			m.writing[i] = -1;
		for (int step = 0; step < 40; step++) {
			uint32_t who = pick(AGENTS);
			unsigned what = pick(6), thing = pick(KINDS);

			/* One write of an agent at a time keeps the model small. */
			if (m.writing[who] >= 0 && what > 2)
				model_end(who, what == 3);
			else if (m.writing[who] < 0 || what < 2)
				model_act(who, what < 3 || m.writing[who] >= 0 ? INTENT_READ
					       : what < 5		       ? INTENT_WRITE
									       : INTENT_EXCLUSIVE,
					  thing, level);
		}
		allowed += m.writes;
		state_close(s);
	}
	cr_assert_gt(allowed, 1200, "hardly anything was allowed");
}

/* --- what ends a hold --- */

Test(isolation, a_hold_ends_when_its_holder_leaves_or_is_killed_or_takes_too_long)
{
	start(ISOLATION_SERIALIZABLE);
	cr_assert_eq(act(0, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(act(1, INTENT_WRITE, 'x'), CLASH_HELD);
	cr_assert_eq(life_leave(&lives, STR("s"), STR("a"), 2, &why), OK);
	cr_assert_eq(act(1, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(act(2, INTENT_WRITE, 'x'), CLASH_HELD);
	cr_assert_eq(halt_kill(s, HALTS, HALT_AGENT, STR("b"), 3, ++entry, &why), OK);
	cr_assert_eq(act(2, INTENT_WRITE, 'x'), CLASH_NONE);
	entry += FLIGHT_ENTRIES - 2;
	cr_assert_eq(life_join(&lives, STR("s"), STR("d"), STR_NONE, 1, 1, &why), OK);
	cr_assert_eq(act(3, INTENT_WRITE, 'x'), CLASH_HELD);
	cr_assert_eq(act(3, INTENT_WRITE, 'x'), CLASH_NONE);
	state_close(s);
}

/* Its outcome is told all the same: the thing is another one now. */
Test(isolation, a_write_that_nobody_waited_for_makes_a_version)
{
	start(ISOLATION_SNAPSHOT);
	cr_assert_eq(act(0, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(life_leave(&lives, STR("s"), STR("a"), 2, &why), OK);
	cr_assert_eq(act(1, INTENT_READ, 'x'), CLASH_NONE);
	cr_assert_eq(isolation_end(s, &at, last_write[0], false), OK);
	cr_assert_eq(act(1, INTENT_READ, 'x'), CLASH_NEWER);
	cr_assert_eq(act(1, INTENT_READ, 'x'), CLASH_NONE);
	state_close(s);
}

Test(isolation, an_action_has_one_outcome_and_others_have_none)
{
	start(ISOLATION_SNAPSHOT);
	cr_assert_eq(isolation_end(s, &at, 5, false), OK);
	cr_assert_eq(act(0, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(isolation_end(s, &at, last_write[0] + FLIGHT_ENTRIES, false), OK);
	cr_assert_eq(act(1, INTENT_READ, 'x'), CLASH_HELD);
	cr_assert_eq(isolation_end(s, &at, last_write[0], false), OK);
	cr_assert_eq(act(1, INTENT_READ, 'x'), CLASH_NONE);
	cr_assert_eq(isolation_end(s, &at, last_write[0], false), OK);
	cr_assert_eq(act(1, INTENT_READ, 'x'), CLASH_NONE, "a second outcome commits nothing");
	state_close(s);
}

Test(isolation, what_is_remembered_has_a_bound)
{
	start(ISOLATION_SNAPSHOT);
	for (int i = 0; i < PARTICIPANT_READS; i++)
		cr_assert_eq(act(0, INTENT_READ, (char)i), CLASH_NONE);
	cr_assert_eq(act(0, INTENT_READ, 'z'), CLASH_MANY);
	cr_assert_eq(act(0, INTENT_READ, 'z'), CLASH_NONE, "it began anew");
	state_close(s);
}

/* --- handing over --- */

Test(isolation, the_heir_holds_what_the_killed_one_held)
{
	const struct fallen a = { .agent = STR("a") }, c = { .agent = STR("c") };
	uint32_t count;

	start(ISOLATION_SERIALIZABLE);
	cr_assert_eq(act(0, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(isolation_hand_over(s, &at, &a, STR("b"), &count), OK);
	cr_assert_eq(count, 1);
	cr_assert_eq(halt_kill(s, HALTS, HALT_AGENT, STR("a"), 3, ++entry, &why), OK);
	cr_assert_eq(act(2, INTENT_WRITE, 'x'), CLASH_HELD);
	cr_assert_eq(act(1, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(isolation_end(s, &at, last_write[0], false), OK, "that one is the heir's");
	cr_assert_eq(act(2, INTENT_WRITE, 'x'), CLASH_HELD);
	cr_assert_eq(isolation_end(s, &at, last_write[1], false), OK);
	cr_assert_eq(act(2, INTENT_WRITE, 'x'), CLASH_NONE);
	cr_assert_eq(isolation_hand_over(s, &at, &c, STR("nobody"), &count), OK);
	cr_assert_eq(count, 0);
	state_close(s);
}

Test(isolation, survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		const struct touch touch = touch_of(INTENT_WRITE, 'x');
		struct toucher t;
		enum err e;

		start(ISOLATION_SERIALIZABLE);
		t = toucher_of(0, &touch);
		fail_alloc_at(n);
		e = isolation_take(s, &at, &t);
		if (e == OK)
			e = isolation_end(s, &at, t.entry, false);
		state_close(s);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
