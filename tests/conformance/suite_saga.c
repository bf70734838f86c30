/*
 * suite_saga: sagas beside those of the reference toolkit's hypervisor, run and recorded case by
 * case.
 *
 *   hypervisor/{saga,saga_transitions,reversibility_registry}.json
 *
 * Each answer of a case is called "FILE: CASE WHAT". It is the same as ours, or a row of the table
 * "saga" in docs/conformance.md lists it, by a glob, with the reason. A row that excuses nothing
 * fails, so the table cannot outlive its reasons.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/runtime/runtime.h"
#include "tests/conformance/excused.h"

#define STEPS 8
#define SECOND INT64_C(1000000000)
#define TIMEOUT (SECOND / 50)

struct trial {
	struct suite *s;
	struct excused *known;
	const char *file;
	const struct value *given, *expect;
	struct str name;
};

static void answer(const struct trial *t, const char *what, bool same)
{
	char name[256];

	(void)snprintf(name, sizeof(name), "%s: %.*s %s", t->file, STR_ARG(t->name), what);
	excused_answer(t->known, t->s, name, same);
}

static bool is_true(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_BOOL && m->boolean;
}

static int64_t number(const struct value *v, const char *key, int64_t absent)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_INT ? m->integer : absent;
}

/* --- their words --- */

/* Ours by their name; "" for states that they have not. */
static const char *their_step(enum saga_step_state state)
{
	switch (state) {
	case STEP_WAITING:
	case STEP_UNSURE:
		return "pending";
	case STEP_RUNNING:
	case STEP_RERUNNING:
		return "executing";
	case STEP_UNDOING:
		return "compensating";
	case STEP_UNDONE:
		return "compensated";
	case STEP_OPEN:
		return "compensation_failed";
	case STEP_OWED:
	case STEP_DOUBTED:
	case STEP_SKIPPED:
		return "";
	default:
		return saga_step_name(state);
	}
}

/* Their "failed" is what no saga of theirs ever becomes. */
static const char *their_saga(enum saga_state state)
{
	return state == SAGA_ROLLED_BACK ? "failed" : saga_state_name(state);
}

/* --- saga_transitions --- */

/* Is there a way from one state to one of theirs, through states that only we have? */
static bool leads(enum saga_step_state from, struct str to, unsigned hops)
{
	enum saga_step_state next;

	for (int e = 0; hops > 0 && e < STEP_EVENTS; e++)
		for (int again = 0; again < 2; again++) {
			if (!saga_way(from, (enum saga_event)e, again, &next))
				continue;
			if (str_is(to, their_step(next)) ||
			    (!*their_step(next) && leads(next, to, hops - 1)))
				return true;
		}
	return false;
}

static void try_transition(const struct trial *t)
{
	struct str from = value_text(t->given, "from"), to = value_text(t->given, "to");
	bool ours = false;

	if (str_is(value_text(t->given, "machine"), "step")) {
		for (int s = 0; s < STEP_STATES; s++)
			if (str_is(from, their_step((enum saga_step_state)s)))
				ours |= leads((enum saga_step_state)s, to, 3);
	} else {
		for (int a = 0; a < SAGA_STATES; a++)
			for (int b = 0; b < SAGA_STATES; b++)
				if (str_is(from, their_saga((enum saga_state)a)) &&
				    str_is(to, their_saga((enum saga_state)b)))
					ours |= saga_leads((enum saga_state)a, (enum saga_state)b);
	}
	answer(t, "allowed", ours == is_true(t->expect, "allowed"));
}

/* --- saga --- */

/*
 * A saga as its executor sees it; what it was told is kept as they keep it. Theirs have no end but
 * by a call "complete"; ours get one more step, which that call does.
 */
struct play {
	struct saga g;
	struct saga_plan plans[STEPS];
	const struct value *steps;
	int64_t now;
	uint64_t entry;
	unsigned attempts[STEPS];
	struct buf order, sleeps;
};

static void set_up(struct play *p, const struct value *steps)
{
	*p = (struct play){ .steps = steps };
	p->g.row.steps = (uint32_t)steps->list.count + 1;
	p->plans[steps->list.count] = (struct saga_plan){
		.timeout_ns = TIMEOUT, .group = (uint8_t)steps->list.count,
	};
	p->g.plans[steps->list.count] = &p->plans[steps->list.count];
	for (unsigned i = 0; i < steps->list.count; i++) {
		const struct value *step = &steps->list.items[i];
		struct saga_plan *plan = &p->plans[i];
		int64_t retries = number(step, "retries", 0);

		*plan = (struct saga_plan){
			.timeout_ns = TIMEOUT, .delay_ns = SECOND, .group = (uint8_t)i,
			.retries = retries < 0 ? 0 : (uint32_t)retries,
		};
		memcpy(plan->name, value_text(step, "action").ptr, value_text(step, "action").len);
		plan->undo[0] = value_get_c(step, "undo") ? 'u' : '\0';
		p->g.plans[i] = plan;
	}
	buf_init(&p->order, 4096);
	buf_init(&p->sleeps, 4096);
}

/* What the tool does at its n-th call: the last word holds for the rest. */
static struct str word_of(const struct value *step, const char *key, unsigned n)
{
	const struct value *plan = value_get_c(step, key);

	if (plan && plan->kind == VALUE_STRING)
		return plan->string;
	if (!plan || plan->list.count == 0)
		return STR("ok");
	return plan->list.items[n < plan->list.count ? n : plan->list.count - 1].string;
}

static void attempt(struct play *p, unsigned i, bool undo, struct str word)
{
	struct saga_attempt a = { .entry = ++p->entry, .step = (uint8_t)i, .undo = undo };
	struct note why;

	saga_begin(&p->g, i, undo, p->entry, p->now);
	if (str_is(word, "timeout")) {
		p->now = p->g.steps[i].until_ns;
		saga_settle(&p->g, p->now);
	} else {
		MUST(saga_end(&p->g, &a, str_is(word, "ok"), p->now, &why) == OK);
	}
}

/* Until the step is over one way or the other; how many calls, and whether all went well. */
static unsigned execute(struct play *p, unsigned i, bool *ok)
{
	struct note why;
	unsigned calls = 0;

	while (saga_check(&p->g, i, false, p->now, &why) == OK) {
		attempt(p, i, false, word_of(&p->steps->list.items[i], "plan", p->attempts[i]++));
		calls++;
		if (p->g.steps[i].state != STEP_WAITING && p->g.steps[i].state != STEP_UNSURE)
			break;
		buf_addf(&p->sleeps, "%lld ",
			 (long long)((p->g.steps[i].due_ns - p->now) / SECOND));
		p->now = p->g.steps[i].due_ns;
	}
	*ok = calls > 0 && p->g.steps[i].state == STEP_COMMITTED;
	return calls;
}

static bool find_undo(struct play *p, struct saga_due *ret)
{
	struct saga_due list[LIMIT_SAGA_STEPS];
	size_t count = saga_due(&p->g, list);

	for (size_t i = 0; i < count; i++)
		if (list[i].kind == DUE_UNDO) {
			*ret = list[i];
			return true;
		}
	return false;
}

/* Everything that is owed; false: it was refused. */
static bool compensate(struct play *p)
{
	struct saga_due due;
	struct note why;

	if (p->g.row.state == SAGA_RUNNING)
		MUST(saga_compensate(&p->g, p->now, &why) == OK);
	else if (saga_over(&p->g))
		return false;
	while (find_undo(p, &due)) {
		if (due.at_ns > p->now)
			p->now = due.at_ns;
		if (p->g.steps[due.step].undos == 0)
			buf_addf(&p->order, "%.*s ", STR_ARG(SAGA_TEXT(p->plans[due.step].name)));
		attempt(p, due.step, true, word_of(&p->steps->list.items[due.step], "comp", 0));
	}
	return true;
}

/* Their list as we wrote ours. */
static bool same_list(const struct buf *ours, const struct value *theirs)
{
	struct buf b;
	bool same;

	buf_init(&b, 4096);
	for (size_t i = 0; i < theirs->list.count; i++) {
		const struct value *v = &theirs->list.items[i];

		if (v->kind == VALUE_STRING)
			buf_addf(&b, "%.*s ", STR_ARG(v->string));
		else
			buf_addf(&b, "%lld ", v->kind == VALUE_INT ? (long long)v->integer
								   : (long long)v->real);
	}
	same = str_eq(buf_view(&b), buf_view(ours));
	buf_fini(&b);
	return same;
}

/* One operation; the same number of calls and the same end? */
static bool run_op(struct play *p, const struct value *op, const struct value *result)
{
	bool failed = value_get_c(result, "error") != NULL, ok;
	unsigned calls, last = p->g.row.steps - 1;
	struct str what = op->list.items[0].string;
	struct note why;

	if (str_is(what, "compensate"))
		return compensate(p) == !failed;
	if (str_is(what, "complete")) {
		ok = saga_check(&p->g, last, false, p->now, &why) == OK;
		if (ok)
			attempt(p, last, false, STR("ok"));
		return ok == !failed;
	}
	calls = execute(p, (unsigned)op->list.items[1].integer, &ok);
	return ok == !failed && calls == (unsigned)number(result, "calls", 0);
}

static void try_saga(const struct trial *t)
{
	const struct value *ops = value_get_c(t->given, "ops");
	const struct value *results = value_get_c(t->expect, "results");
	const struct value *steps = value_get_c(t->expect, "steps");
	bool same = true;
	struct play p;

	set_up(&p, value_get_c(t->given, "steps"));
	for (size_t i = 0; i < ops->list.count; i++)
		same &= run_op(&p, &ops->list.items[i], &results->list.items[i]);
	answer(t, "results", same);
	answer(t, "state", str_is(value_text(t->expect, "saga_state"),
				  saga_state_name((enum saga_state)p.g.row.state)));
	answer(t, "order", same_list(&p.order, value_get_c(t->expect, "compensation_order")));
	answer(t, "sleeps", same_list(&p.sleeps, value_get_c(t->expect, "retry_sleeps")));
	same = true;
	for (unsigned i = 0; i < steps->list.count; i++) {
		enum saga_step_state ours = (enum saga_step_state)p.g.steps[i].state;

		same &= str_is(value_text(&steps->list.items[i], "state"),
			       ours == STEP_SKIPPED ? "pending" : their_step(ours));
	}
	answer(t, "steps", same);
	buf_fini(&p.order);
	buf_fini(&p.sleeps);
}

/* --- reversibility_registry --- */

/* A step that was done, in a saga that turned. */
static bool can_be_undone(bool has_undo, bool read_only)
{
	const struct saga_plan plan = {
		.undo = { has_undo ? 'u' : '\0' }, .read_only = read_only, .timeout_ns = TIMEOUT,
	};
	const struct saga_plan next = { .name = "next", .group = 1, .timeout_ns = TIMEOUT };
	struct saga g = { .row = { .steps = 2 }, .plans = { &plan, &next } };
	const struct saga_attempt a = { .entry = 1 };
	struct note why;

	saga_begin(&g, 0, false, 1, 0);
	MUST(saga_end(&g, &a, true, 0, &why) == OK);
	MUST(saga_compensate(&g, 0, &why) == OK);
	return g.row.state != SAGA_ESCALATED;
}

static void try_reversibility(const struct trial *t)
{
	const struct value *undo = value_get_c(t->expect, "undo_api");
	const struct value *has = value_get_c(t->expect, "has_non_reversible");
	bool full = str_is(value_text(t->given, "reversibility"), "full");
	bool ours = can_be_undone(full || (undo && undo->kind == VALUE_STRING),
				  is_true(t->given, "is_read_only"));

	if (value_get_c(t->expect, "reversible"))
		answer(t, "reversible", ours == is_true(t->expect, "reversible"));
	/* Of several: one that cannot be undone is among them. */
	if (has && value_get_c(t->expect, "count"))
		ours = can_be_undone(true, false) && can_be_undone(false, false);
	if (has)
		answer(t, "has_non_reversible", ours == !has->boolean);
	if (value_get_c(t->expect, "risk"))
		answer(t, "risk", false);
}

/* --- the files --- */

static const struct row {
	const char *file;
	void (*run)(const struct trial *t);
} tries[] = {
	{ "saga", try_saga },
	{ "saga_transitions", try_transition },
	{ "reversibility_registry", try_reversibility },
};

/* For visit, which is handed nothing. */
static struct excused known;

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &tries[0].file, sizeof(tries[0]),
			      sizeof(tries) / sizeof(tries[0]));
	struct trial t = { .s = s, .known = &known };
	const struct value *cases;
	struct value tree;

	/* The folder holds vectors of other suites as well. */
	if (kind < 0)
		return;
	if (json_read(text, 1, a, &tree, NULL) != OK || !(cases = value_get_c(&tree, "cases"))) {
		suite_check(s, false, path, "cannot be read");
		return;
	}
	t.file = tries[kind].file;
	for (size_t i = 0; i < cases->list.count; i++) {
		t.given = value_get_c(&cases->list.items[i], "given");
		t.expect = value_get_c(&cases->list.items[i], "expect");
		t.name = value_text(&cases->list.items[i], "name");
		tries[kind].run(&t);
	}
}

void suite_saga(struct suite *s)
{
	excused_read(&known, s, "<!-- saga -->");
	suite_each_file(s, "hypervisor", visit);
	excused_end(&known, s, "saga");
}
