/*
 * saga_move: every event in every state that small sagas can reach, and what must hold in all of
 * them. The page docs/formats/saga.md is an input: its table is the machine's.
 */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "engine/base/map.h"
#include "engine/runtime/runtime.h"
#include "tests/kit/page.h"

#define PAGE "docs/formats/saga.md"
#define TIMEOUT 10
#define STEPS_MAX 3

/* --- the page --- */

static enum saga_step_state state_of(struct str name)
{
	for (int i = 0; i < STEP_STATES; i++)
		if (str_is(name, saga_step_name((enum saga_step_state)i)))
			return (enum saga_step_state)i;
	cr_assert_fail("no state '%.*s'", STR_ARG(name));
	return STEP_WAITING;
}

/* What the page says of a pair; "" when it does not list it. */
static struct str told(const struct page_row *rows, size_t count, int from, int event)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(rows[i].cells[0], saga_step_name((enum saga_step_state)from)) &&
		    str_is(rows[i].cells[1], saga_event_name((enum saga_event)event)))
			return rows[i].cells[2];
	return STR("");
}

Test(saga_move, steps_move_as_the_page_says_and_in_no_other_way)
{
	struct page_row *rows;
	struct arena a;
	size_t count, seen = 0;

	arena_init(&a, (size_t)4 << 20);
	count = page_rows(PAGE, "steps", &a, &rows);
	for (int from = 0; from < STEP_STATES; from++)
		for (int event = 0; event < STEP_EVENTS; event++) {
			struct str to = told(rows, count, from, event), again, over;
			enum saga_step_state ret;

			if (!str_cut(to, '/', &again, &over))
				again = over = to;
			for (int left = 0; left < 2; left++) {
				bool is = saga_way((enum saga_step_state)from,
						   (enum saga_event)event, left, &ret);
				struct str want = str_trim(left ? again : over);

				cr_expect_eq(is, to.len > 0, "%s %s", saga_step_name(from),
					     saga_event_name(event));
				if (is && to.len)
					cr_expect_eq(ret, state_of(want), "%s %s",
						     saga_step_name(from), saga_event_name(event));
			}
			seen += to.len > 0;
		}
	cr_assert_eq(seen, count, "the page tells a pair that does not exist");
	arena_fini(&a);
}

Test(saga_move, sagas_move_as_the_page_says_and_in_no_other_way)
{
	struct page_row *rows;
	struct arena a;
	size_t count, leads = 0;

	arena_init(&a, (size_t)4 << 20);
	count = page_rows(PAGE, "sagas", &a, &rows);
	for (int from = 0; from < SAGA_STATES; from++)
		for (int to = 0; to < SAGA_STATES; to++) {
			bool listed = false;

			for (size_t i = 0; i < count; i++)
				listed |= str_is(rows[i].cells[0], saga_state_name(from)) &&
					  str_is(rows[i].cells[1], saga_state_name(to));
			cr_expect_eq(saga_leads(from, to), listed, "%s to %s",
				     saga_state_name(from), saga_state_name(to));
			leads += listed;
		}
	cr_assert_eq(leads, count);
	arena_fini(&a);
}

/* --- small sagas --- */

/* What a step of a small saga is: undo 'u', none '-', read only 'r'. */
struct shape {
	const char *name;
	struct { char undo; uint8_t group, join, retries; int64_t window; } steps[STEPS_MAX];
	unsigned count;
};

static const struct shape shapes[] = {
	{ "two in a row", { { 'u', 0, SAGA_ALL, 1, 0 }, { 'u', 1, SAGA_ALL, 0, 0 } }, 2 },
	{ "three in a row", { { 'u', 0, SAGA_ALL, 0, 0 }, { 'u', 1, SAGA_ALL, 0, 0 },
			      { 'u', 2, SAGA_ALL, 0, 0 } }, 3 },
	{ "windows", { { 'u', 0, SAGA_ALL, 0, 15 }, { 'u', 1, SAGA_ALL, 1, 25 },
		       { '-', 2, SAGA_ALL, 0, 0 } }, 3 },
	{ "nothing to undo", { { 'r', 0, SAGA_ALL, 0, 0 }, { '-', 1, SAGA_ALL, 0, 0 },
			       { 'u', 2, SAGA_ALL, 0, 0 } }, 3 },
	{ "all at once", { { 'u', 0, SAGA_ALL, 0, 0 }, { 'u', 0, SAGA_ALL, 1, 0 },
			   { 'u', 1, SAGA_ALL, 0, 0 } }, 3 },
	{ "any", { { 'u', 0, SAGA_ANY, 0, 0 }, { 'u', 0, SAGA_ANY, 1, 15 },
		   { 'u', 1, SAGA_ALL, 0, 0 } }, 3 },
	{ "any, not to be undone", { { '-', 0, SAGA_ANY, 0, 0 }, { 'r', 0, SAGA_ANY, 0, 0 },
				     { 'u', 1, SAGA_ALL, 0, 0 } }, 3 },
	{ "majority", { { 'u', 0, SAGA_MAJORITY, 0, 0 }, { 'u', 0, SAGA_MAJORITY, 1, 0 },
			{ '-', 0, SAGA_MAJORITY, 0, 0 } }, 3 },
};

struct walk {
	const struct shape *shape;
	struct saga_plan plans[STEPS_MAX];
	struct map seen;
	struct arena memory;
	uint64_t ends[SAGA_STATES], events, refused;
};

/* One point: the saga, the time, and whether its agent was killed. */
struct point {
	struct saga g;
	int64_t now;
	bool killed;
};

/* All that the future depends on; times count from now. */
struct face {
	uint8_t state, killed;
	struct { uint8_t state, open, failures, order; int32_t until, due; } steps[STEPS_MAX];
};

_Static_assert(sizeof(struct face) == 2 + 2 + STEPS_MAX * 12, "two bytes of padding");

static struct point start(struct walk *w, const struct shape *shape)
{
	struct point p = { .now = 1000 };

	memset(w, 0, sizeof(*w));
	w->shape = shape;
	map_init(&w->seen, 1);
	arena_init(&w->memory, (size_t)256 << 20);
	p.g.row = (struct saga_row){ .id = "s", .agent = "ann", .steps = shape->count };
	for (unsigned i = 0; i < shape->count; i++) {
		struct saga_plan *plan = &w->plans[i];

		plan->name[0] = (char)('a' + i);
		plan->undo[0] = shape->steps[i].undo == 'u' ? 'u' : '\0';
		plan->read_only = shape->steps[i].undo == 'r';
		plan->group = shape->steps[i].group;
		plan->join = shape->steps[i].join;
		plan->retries = shape->steps[i].retries;
		plan->window_ns = shape->steps[i].window;
		plan->timeout_ns = TIMEOUT;
		plan->delay_ns = 3;
		p.g.plans[i] = plan;
	}
	return p;
}

static int32_t from_now(int64_t ns, int64_t now)
{
	return ns == INT64_MAX ? INT32_MAX : ns < now ? 0 : (int32_t)(ns - now);
}

/* New? Then it is remembered. */
static bool remember(struct walk *w, const struct point *p)
{
	struct face face = { .state = p->g.row.state, .killed = p->killed };
	struct str key;

	for (unsigned i = 0; i < p->g.row.steps; i++) {
		const struct saga_step *s = &p->g.steps[i];
		bool flies = s->state == STEP_RUNNING || s->state == STEP_RERUNNING ||
			     s->state == STEP_UNDOING;
		bool waits = s->state == STEP_WAITING || s->state == STEP_UNSURE;

		face.steps[i].state = s->state;
		face.steps[i].open = s->open;
		face.steps[i].failures = (uint8_t)s->failures;
		face.steps[i].order = (uint8_t)s->order;
		if (flies || s->state == STEP_OWED)
			face.steps[i].until = from_now(s->until_ns, p->now);
		if (waits || s->state == STEP_OWED)
			face.steps[i].due = from_now(s->due_ns, p->now);
		/* The window of what may still be owed. */
		if (s->state == STEP_COMMITTED || s->state == STEP_DOUBTED || flies)
			face.steps[i].due = from_now(s->done_ns + p->g.plans[i]->window_ns, p->now);
	}
	if (map_get(&w->seen, str_slice(&face, sizeof(face)), &(uint32_t){ 0 }))
		return false;
	cr_assert_eq(arena_copy(&w->memory, str_slice(&face, sizeof(face)), &key), OK);
	cr_assert_eq(map_put(&w->seen, key, 0), OK);
	return true;
}

/* --- what must hold --- */

static bool is_one_of(uint8_t state, const enum saga_step_state *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (state == list[i])
			return true;
	return false;
}

static void expect_end(const struct walk *w, const struct saga *g)
{
	static const enum saga_step_state done[] = { STEP_COMMITTED, STEP_FAILED, STEP_SKIPPED,
						     STEP_UNDONE };
	static const enum saga_step_state back[] = { STEP_FAILED, STEP_SKIPPED, STEP_UNDONE };
	unsigned open = 0, committed = 0;

	for (unsigned i = 0; i < g->row.steps; i++) {
		uint8_t s = g->steps[i].state;

		open += s == STEP_OPEN;
		committed += s == STEP_COMMITTED;
		cr_assert_eq(s == STEP_OPEN, g->steps[i].open != OPEN_NOT);
		if (g->row.state == SAGA_COMPLETED)
			cr_assert(is_one_of(s, done, 4), "%s: %s", w->shape->name,
				  saga_step_name(s));
		if (g->row.state == SAGA_ROLLED_BACK)
			cr_assert(is_one_of(s, back, 3), "%s: %s", w->shape->name,
				  saga_step_name(s));
	}
	cr_assert_eq(g->row.state == SAGA_ESCALATED, open > 0);
	if (g->row.state == SAGA_COMPLETED)
		cr_assert_gt(committed, 0);
}

/* From one state of a step to another in one event: ends are ends, commits have their place. */
static void expect_step(const struct point *before, const struct point *after, unsigned i)
{
	uint8_t from = before->g.steps[i].state, to = after->g.steps[i].state;

	if (from == STEP_FAILED || from == STEP_SKIPPED || from == STEP_UNDONE || from == STEP_OPEN)
		cr_assert_eq(to, from, "%s is no end", saga_step_name(from));
	if (from == STEP_RUNNING || from == STEP_RERUNNING)
		cr_assert_neq(to, STEP_SKIPPED, "it was begun");
	if (to == STEP_COMMITTED && from != to)
		cr_assert_not(after->killed, "a commit after a kill");
	if (before->killed)
		cr_assert(to != STEP_RUNNING && to != STEP_RERUNNING && to != STEP_WAITING &&
			  to != STEP_UNSURE);
	if (after->g.row.state == SAGA_COMPENSATING)
		cr_assert(to != STEP_COMMITTED && to != STEP_WAITING && to != STEP_UNSURE);
}

/* What is undone now was done after all else that is still to be undone. */
static void expect_order(const struct saga *g, unsigned undone)
{
	for (unsigned i = 0; i < g->row.steps; i++) {
		uint8_t s = g->steps[i].state;

		if (g->row.state == SAGA_COMPENSATING && i != undone)
			cr_assert(s != STEP_UNDOING && s != STEP_RUNNING && s != STEP_RERUNNING);
		if (s == STEP_OWED)
			cr_assert_lt(g->steps[i].order, g->steps[undone].order);
	}
}

static void expect_same(const struct saga *a, const struct saga *b)
{
	cr_assert_eq(memcmp(&a->row, &b->row, sizeof(a->row)), 0);
	cr_assert_eq(memcmp(a->steps, b->steps, sizeof(a->steps)), 0);
}

/* Looking in between changes nothing. */
static void expect_lazy(const struct point *p)
{
	for (int64_t ahead = 1; ahead < 3 * TIMEOUT; ahead += 4) {
		struct saga once = p->g, twice = p->g;

		saga_settle(&once, p->now + 100);
		saga_settle(&twice, p->now + ahead);
		saga_settle(&twice, p->now + 100);
		expect_same(&once, &twice);
	}
}

/* --- the walk --- */

static void visit(struct walk *w, const struct point *p);

static void go(struct walk *w, const struct point *before, const struct point *after)
{
	w->events++;
	cr_assert_geq(after->g.row.latest_ns, before->g.row.latest_ns, "time runs back");
	cr_assert(!saga_over(&before->g), "%s: a path out of %s", w->shape->name,
		  saga_state_name(before->g.row.state));
	for (unsigned i = 0; i < before->g.row.steps; i++)
		expect_step(before, after, i);
	visit(w, after);
}

static void refuse(struct walk *w, const struct point *before, const struct point *after,
		   const struct note *why)
{
	w->refused++;
	cr_assert_neq(why->text[0], '\0', "a refusal without a word");
	expect_same(&before->g, &after->g);
}

static void try_attempt(struct walk *w, const struct point *p, unsigned i, bool undo)
{
	struct note why = { .text = "" };
	struct point next = *p;

	if (saga_check(&next.g, i, undo, next.now, &why) != OK) {
		refuse(w, p, &next, &why);
		return;
	}
	saga_begin(&next.g, i, undo, 1 + next.g.steps[i].attempts + next.g.steps[i].undos,
		   next.now);
	if (undo)
		expect_order(&next.g, i);
	go(w, p, &next);
}

/* The outcome of the last attempt, and of the one before it. */
static void try_outcome(struct walk *w, const struct point *p, unsigned i, bool ok, bool stale)
{
	struct saga_attempt attempt = { .entry = p->g.steps[i].entry - stale, .step = (uint8_t)i };
	struct note why = { .text = "" };
	struct point next = *p;

	if (saga_end(&next.g, &attempt, ok, next.now, &why) != OK) {
		refuse(w, p, &next, &why);
		return;
	}
	cr_assert_not(stale, "an outcome of an attempt that is over counts");
	go(w, p, &next);
}

static void try_wish(struct walk *w, const struct point *p, bool hand_over)
{
	struct note why = { .text = "" };
	struct point next = *p;
	enum err e = hand_over ? saga_hand_over(&next.g, STR("bob"), STR(""), 9, next.now, &why)
			       : saga_compensate(&next.g, next.now, &why);

	if (e != OK)
		refuse(w, p, &next, &why);
	else
		go(w, p, &next);
}

static void try_kill(struct walk *w, const struct point *p)
{
	struct point next = *p;

	next.killed = true;
	saga_kill(&next.g, 9, next.now);
	if (saga_over(&p->g))
		expect_same(&p->g, &next.g);
	else
		go(w, p, &next);
}

static void let_time_pass(struct walk *w, const struct point *p)
{
	for (int64_t ahead = 3; ahead <= 2 * TIMEOUT; ahead += 3 + ahead) {
		struct point next = *p;

		next.now += ahead;
		saga_settle(&next.g, next.now);
		if (saga_over(&p->g))
			expect_same(&p->g, &next.g);
		else
			go(w, p, &next);
	}
}

/* Nobody is left waiting: what is not over has something due, or in flight. */
static void expect_due(const struct point *p)
{
	struct saga_due list[LIMIT_SAGA_STEPS];
	size_t count = saga_due(&p->g, list);
	struct note why;

	cr_assert_eq(count == 0, saga_over(&p->g));
	for (size_t i = 0; i < count; i++)
		if (saga_due_now(&list[i], p->now))
			cr_assert_eq(saga_check(&p->g, list[i].step, list[i].kind == DUE_UNDO,
						p->now, &why), OK);
}

static void visit(struct walk *w, const struct point *p)
{
	if (!remember(w, p))
		return;
	if (saga_over(&p->g)) {
		w->ends[p->g.row.state]++;
		expect_end(w, &p->g);
	}
	expect_due(p);
	expect_lazy(p);
	for (unsigned i = 0; i < p->g.row.steps; i++) {
		try_attempt(w, p, i, false);
		try_attempt(w, p, i, true);
		for (int way = 0; way < 4; way++)
			try_outcome(w, p, i, way & 1, way & 2);
	}
	try_wish(w, p, false);
	try_wish(w, p, true);
	try_kill(w, p);
	let_time_pass(w, p);
}

Test(saga_move, every_event_in_every_state_of_small_sagas)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct walk w;
		struct point p = start(&w, &shapes[i]);

		visit(&w, &p);
		cr_log_info("%s: %u states, %llu events, %llu refused", w.shape->name,
			    w.seen.count, (unsigned long long)w.events,
			    (unsigned long long)w.refused);
		cr_expect_gt(w.ends[SAGA_COMPLETED], 0, "%s", w.shape->name);
		cr_expect_gt(w.ends[SAGA_ROLLED_BACK], 0, "%s", w.shape->name);
		cr_expect_gt(w.ends[SAGA_ESCALATED], 0, "%s", w.shape->name);
		map_fini(&w.seen);
		arena_fini(&w.memory);
	}
}
