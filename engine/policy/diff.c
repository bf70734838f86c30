/* diff: two bundles, their rules in pairs, and the solver. */
#include "engine/policy/solve.h"

#define ALL_TRUTHS 7u
#define PAIRS_MAX 20000u   /* pairs that are asked about */

/* One of the two bundles, at one stage. */
struct side {
	const struct bundle *bundle;
	const struct plan *plan;
	const struct queue *queue;
	uint32_t *numbers;         /* goals of the queue */
};

struct differing {
	struct side old, now;
	struct solver *solver;
	struct arena *scratch;
	struct solve_goal *goals;
	enum policy_stage stage;
	void (*found)(void *self, const struct diff_flip *f);
	void *self;
	uint64_t pairs;
	struct diff_report report;
};

/* A pair: places in the queues; the queue's count stands for the default. */
struct pairing {
	const struct differing *d;
	uint32_t old, now;
	struct ruling was, is; /* of the request accepted last */
};

static bool is_default(const struct side *s, uint32_t at)
{
	return at == s->queue->count;
}

static bool default_may_allow(const struct plan *p)
{
	for (size_t d = 0; d < p->document_count; d++)
		if (p->documents[d].allows)
			return true;
	return false;
}

/* Some document says so, or there may be an agent to whom none applies. */
static bool default_may_deny(const struct plan *p)
{
	bool for_all = false;

	for (size_t d = 0; d < p->document_count; d++) {
		if (!p->documents[d].allows)
			return true;
		for_all = for_all || p->documents[d].agents.count == 0;
	}
	return !for_all || p->cedar;
}

static bool may_allow(const struct side *s, uint32_t at)
{
	return is_default(s, at) ? default_may_allow(s->plan) : s->queue->rules[at]->allows;
}

static bool may_deny(const struct side *s, uint32_t at)
{
	return is_default(s, at) ? default_may_deny(s->plan) : !s->queue->rules[at]->allows;
}

static bool decides(const struct side *s, uint32_t at, const struct ruling *r)
{
	if (is_default(s, at))
		return r->rule.ptr == NULL;
	return r->rule.ptr && str_eq(r->rule, s->queue->rules[at]->identity);
}

static enum err accept(void *self, const struct question *q, bool *ret)
{
	struct pairing *p = self;
	const struct differing *d = p->d;

	TRY(question_decide(d->old.bundle, q, d->scratch, &p->was));
	TRY(question_decide(d->now.bundle, q, d->scratch, &p->is));
	*ret = p->was.allow != p->is.allow && decides(&d->old, p->old, &p->was) &&
	       decides(&d->now, p->now, &p->is);
	return OK;
}

static unsigned missing(const struct rule *r)
{
	return 1u << TRUTH_FALSE | (r->allows ? 1u << TRUTH_ERROR : 0);
}

/* Goals that say that the rule at `at` decides, appended. */
static size_t add_goals(struct solve_goal *goals, size_t count, const struct side *s, uint32_t at)
{
	if (!is_default(s, at))
		goals[count++] = (struct solve_goal){
			s->numbers[at], ALL_TRUTHS & ~missing(s->queue->rules[at])
		};
	for (uint32_t i = 0; i < at; i++)
		goals[count++] =
			(struct solve_goal){ s->numbers[i], missing(s->queue->rules[i]) };
	return count;
}

static enum err ask(struct differing *d, size_t count, struct pairing *p,
		    enum err (*check)(void *self, const struct question *q, bool *ret),
		    enum answer *ret, struct question *witness)
{
	const struct solve_ask question = {
		.goals = d->goals,
		.count = count,
		.stage = d->stage,
		.registered = !bundle_admits_unknown(d->old.bundle) &&
			      !bundle_admits_unknown(d->now.bundle),
		.accept = check,
		.self = p,
	};

	return solver_ask(d->solver, &question, d->scratch, ret, witness);
}

static enum err accept_any(void *self, const struct question *q, bool *ret)
{
	(void)self;
	(void)q;
	*ret = true;
	return OK;
}

/* Can both rules match one request at all? Most pairs cannot, and that is cheap to see. */
static enum err can_meet(struct differing *d, struct pairing *p, bool *ret)
{
	const struct rule *old, *now;
	struct question witness;
	enum answer answer;

	*ret = true;
	if (is_default(&d->old, p->old) || is_default(&d->now, p->now))
		return OK;
	old = d->old.queue->rules[p->old];
	now = d->now.queue->rules[p->now];
	d->goals[0] = (struct solve_goal){ d->old.numbers[p->old], ALL_TRUTHS & ~missing(old) };
	d->goals[1] = (struct solve_goal){ d->now.numbers[p->now], ALL_TRUTHS & ~missing(now) };
	TRY(ask(d, 2, p, accept_any, &answer, &witness));
	*ret = answer != ANSWER_NO;
	return OK;
}

static void report(struct differing *d, const struct pairing *p, const struct question *witness)
{
	const struct diff_flip flip = { .looser = p->is.allow,
					.stage = d->stage,
					.was = p->was.rule,
					.now = p->is.rule,
					.witness = witness };

	d->report.looser += flip.looser;
	d->report.tighter += !flip.looser;
	d->found(d->self, &flip);
}

static enum err try_pair(struct differing *d, uint32_t old, uint32_t now)
{
	struct pairing p = { .d = d, .old = old, .now = now };
	struct question witness;
	enum answer answer;
	size_t count;
	bool meet;

	if (!(may_allow(&d->old, old) && may_deny(&d->now, now)) &&
	    !(may_deny(&d->old, old) && may_allow(&d->now, now)))
		return OK;
	if (d->pairs++ >= PAIRS_MAX) {
		d->report.cut = true;
		return OK;
	}
	TRY(can_meet(d, &p, &meet));
	if (!meet)
		return OK;
	count = add_goals(d->goals, 0, &d->old, old);
	count = add_goals(d->goals, count, &d->now, now);
	TRY(ask(d, count, &p, accept, &answer, &witness));
	if (answer == ANSWER_YES)
		report(d, &p, &witness);
	d->report.unknown += answer == ANSWER_UNKNOWN;
	return OK;
}

/* Agents that are not registered: only one of the two bundles lets its rules decide about them. */
static enum err try_strangers(struct differing *d)
{
	bool before = bundle_admits_unknown(d->old.bundle);
	const struct side *open = before ? &d->old : &d->now;
	struct pairing p = { .d = d, .old = d->old.queue->count, .now = d->now.queue->count };
	struct member facts[2] = { { .key = STR("id") }, { .key = STR("registered") } },
		      roots[2] = { { .key = STR("agent") }, { .key = STR("action") } },
		      type = { .key = STR("type") };
	struct question base = { .stage = d->stage, .agent = STR("some-agent") }, witness;
	enum answer answer = ANSWER_NO;

	facts[0].value = value_string(base.agent);
	facts[1].value = value_bool(false);
	type.value = value_string(STR("some_tool"));
	roots[0].value = (struct value){ .kind = VALUE_OBJECT, .object = { facts, 2 } };
	roots[1].value = (struct value){ .kind = VALUE_OBJECT, .object = { &type, 1 } };
	base.request = (struct value){ .kind = VALUE_OBJECT, .object = { roots, 2 } };
	for (uint32_t i = 0; i <= open->queue->count && answer != ANSWER_YES; i++) {
		const struct solve_ask question = { .goals = d->goals,
						    .count = add_goals(d->goals, 0, open, i),
						    .stage = d->stage,
						    .base = &base,
						    .changes = UINT_MAX,
						    .accept = accept,
						    .self = &p };

		*(before ? &p.old : &p.now) = i;
		if (may_allow(open, i))
			TRY(solver_ask(d->solver, &question, d->scratch, &answer, &witness));
		d->report.unknown += answer == ANSWER_UNKNOWN;
	}
	if (answer == ANSWER_YES)
		report(d, &p, &witness);
	return OK;
}

static enum err try_stage(struct differing *d)
{
	d->goals = arena_array(d->scratch, d->old.queue->count + d->now.queue->count + 2,
			       sizeof(*d->goals));
	if (!d->goals)
		return ERR_MEMORY;
	for (uint32_t old = 0; old <= d->old.queue->count; old++)
		for (uint32_t now = 0; now <= d->now.queue->count; now++) {
			struct arena_mark mark = arena_mark(d->scratch);

			TRY(try_pair(d, old, now));
			arena_rewind(d->scratch, mark);
		}
	if (bundle_admits_unknown(d->old.bundle) != bundle_admits_unknown(d->now.bundle))
		TRY(try_strangers(d));
	return OK;
}

static enum err open_side(struct differing *d, const struct bundle *b, struct arena *memory,
			  struct side *s)
{
	s->bundle = b;
	s->plan = bundle_plan(b);
	s->queue = &s->plan->queues[d->stage];
	s->numbers = arena_array(memory, s->queue->count, sizeof(*s->numbers));
	if (!s->numbers)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->queue->count; i++)
		TRY(solver_add(d->solver, s->plan, s->queue->rules[i], &s->numbers[i]));
	return OK;
}

static enum err run_stage(struct differing *d, const struct bundle *old, const struct bundle *now,
			  struct arena *memory)
{
	struct arena_mark mark = arena_mark(memory), scratch = arena_mark(d->scratch);
	enum err e, sealed;

	TRY(solver_open(memory, &d->solver));
	e = open_side(d, old, memory, &d->old);
	if (e == OK)
		e = open_side(d, now, memory, &d->now);
	sealed = solver_seal(d->solver);
	TRY(e);
	TRY(sealed);
	TRY(try_stage(d));
	arena_rewind(d->scratch, scratch);
	arena_rewind(memory, mark);
	return OK;
}

/* --- what is not compared --- */

static bool says_more(const struct rule *r)
{
	return r->obligations || r->limit.period_ns || r->edits.len || r->approver_count;
}

static bool says_the_same(const struct rule *a, const struct rule *b)
{
	if (a->obligations != b->obligations || a->limit.period_ns != b->limit.period_ns ||
	    a->limit.count != b->limit.count || !str_eq(a->edits, b->edits) ||
	    a->approver_count != b->approver_count)
		return false;
	for (size_t i = 0; i < a->approver_count; i++)
		if (!str_eq(a->approvers[i], b->approvers[i]))
			return false;
	return true;
}

static const struct rule *find_rule(const struct queue *q, struct str identity)
{
	for (uint32_t i = 0; i < q->count; i++)
		if (str_eq(q->rules[i]->identity, identity))
			return q->rules[i];
	return NULL;
}

/* Every rule of one that does more than allow or deny does the same in the other. */
static bool covered_by(const struct plan *one, const struct plan *other)
{
	for (int stage = 0; stage < POLICY_STAGES; stage++)
		for (uint32_t i = 0; i < one->queues[stage].count; i++) {
			const struct rule *r = one->queues[stage].rules[i], *twin;

			if (!says_more(r))
				continue;
			twin = find_rule(&other->queues[stage], r->identity);
			if (!twin || !says_the_same(r, twin))
				return false;
		}
	return true;
}

static bool keeps_more(const struct bundle *b)
{
	return bundle_plan(b)->curbs || bundle_plan(b)->sequence || bundle_trust(b);
}

static bool differ_besides(const struct bundle *old, const struct bundle *now)
{
	return keeps_more(old) || keeps_more(now) ||
	       bundle_wants_signature(old) != bundle_wants_signature(now) ||
	       bundle_wants_sponsor(old) != bundle_wants_sponsor(now) ||
	       bundle_wants_session(old) != bundle_wants_session(now) ||
	       bundle_wants_credential(old) != bundle_wants_credential(now) ||
	       !covered_by(bundle_plan(old), bundle_plan(now)) ||
	       !covered_by(bundle_plan(now), bundle_plan(old));
}

enum err diff_bundles(const struct bundle *old, const struct bundle *now, struct arena *memory,
		      struct arena *scratch,
		      void (*found)(void *self, const struct diff_flip *f), void *self,
		      struct diff_report *ret)
{
	struct differing d = { .scratch = scratch, .found = found, .self = self };

	d.report.cedar = bundle_plan(old)->cedar || bundle_plan(now)->cedar;
	d.report.extends = trace_has_floors(bundle_plan(old)) || trace_has_floors(bundle_plan(now));
	d.report.besides = differ_besides(old, now);
	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		d.stage = (enum policy_stage)stage;
		TRY(run_stage(&d, old, now, memory));
	}
	*ret = d.report;
	return OK;
}
