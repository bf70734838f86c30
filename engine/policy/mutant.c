/*
 * mutant: the compiled rules with one change, and whether a case notices.
 *
 * A mutant is a copy of the plan in which one rule of one document is another one, put in order
 * again as a loaded plan is. Conditions that are not changed are shared. A rule that can be deleted
 * or flipped without a case failing is a rule that nobody tests, or that decides nothing.
 */
#include "engine/policy/trace.h"

struct hunt {
	const struct plan *plan;
	bool admits_unknown;
	const struct fixture *const *fixtures;
	size_t fixture_count;
	struct arena *scratch;
	void (*survived)(void *self, const struct mutant *m);
	void *self;
	struct mutant_report report;
};

const char *mutation_name(enum mutation how)
{
	static const char *const names[] = { "deleted", "flipped", "negated", "shifted" };

	return names[how];
}

/* The plan with `instead` in the place of rule `at` of document `d`; NULL: without that rule. */
static enum err copy_plan(const struct plan *p, size_t d, size_t at, const struct rule *instead,
			  struct arena *a, struct plan *ret)
{
	struct plan copy = *p;
	const struct document *old = &p->documents[d];
	struct rule *rules = arena_array(a, old->rule_count, sizeof(*rules));
	size_t count = 0;

	copy.documents = arena_array(a, p->document_count, sizeof(*copy.documents));
	if (!copy.documents || !rules)
		return ERR_MEMORY;
	memcpy(copy.documents, p->documents, p->document_count * sizeof(*copy.documents));
	for (size_t i = 0; i < old->rule_count; i++)
		if (i != at || instead)
			rules[count++] = i == at ? *instead : old->rules[i];
	copy.documents[d].rules = rules;
	copy.documents[d].rule_count = count;
	TRY(plan_order(&copy, a));
	*ret = copy;
	return OK;
}

/* Does a case fail under this plan? */
static enum err is_killed(struct hunt *h, const struct plan *p, bool *ret)
{
	*ret = false;
	for (size_t f = 0; f < h->fixture_count; f++)
		for (size_t i = 0; i < h->fixtures[f]->count; i++) {
			const struct fixture_case *c = &h->fixtures[f]->cases[i];
			struct arena_mark mark = arena_mark(h->scratch);
			struct ruling r;

			TRY(trace_decide(p, h->admits_unknown, &c->question, h->scratch, &r));
			*ret = !fixture_holds(c, &r);
			arena_rewind(h->scratch, mark);
			if (*ret)
				return OK;
		}
	return OK;
}

static enum err try_one(struct hunt *h, size_t d, size_t at, const struct rule *instead,
			const struct mutant *m)
{
	struct arena_mark mark = arena_mark(h->scratch);
	struct plan changed;
	bool killed;

	TRY(copy_plan(h->plan, d, at, instead, h->scratch, &changed));
	TRY(is_killed(h, &changed, &killed));
	h->report.tried++;
	h->report.killed += killed;
	if (!killed)
		h->survived(h->self, m);
	arena_rewind(h->scratch, mark);
	return OK;
}

/* The condition with a `not` behind step `at`. Skips land behind a connective, never there. */
static enum err negated(const struct condition *c, uint32_t at, struct arena *a,
			struct condition *ret)
{
	struct step *steps = arena_array(a, (size_t)c->count + 1, sizeof(*steps));

	if (!steps)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < c->count; i++) {
		struct step *step = &steps[i + (i > at)];

		*step = c->steps[i];
		if ((step->op == STEP_SKIP_FALSE || step->op == STEP_SKIP_TRUE) &&
		    step->right.target > at)
			step->right.target++;
	}
	steps[at + 1] = (struct step){ .op = STEP_NOT };
	*ret = (struct condition){ c->slots, steps, c->count + 1 };
	return OK;
}

/* The condition with `op` at step `at`. */
static enum err shifted(const struct condition *c, uint32_t at, uint8_t op, struct arena *a,
			struct condition *ret)
{
	struct step *steps = arena_array(a, c->count, sizeof(*steps));
	const struct step *old = &c->steps[at];

	if (!steps)
		return ERR_MEMORY;
	memcpy(steps, c->steps, c->count * sizeof(*steps));
	/* Built member by member: what else a step knows of itself held for the old one. */
	steps[at] = (struct step){ .op = op,
				   .left_slot = old->left_slot,
				   .right_slot = old->right_slot,
				   .left_column = old->left_column,
				   .right_column = old->right_column,
				   .left = old->left,
				   .right = old->right };
	*ret = (struct condition){ c->slots, steps, c->count };
	return OK;
}

/* The bound that takes in the other side of the edge; the step's own op where there is none. */
static uint8_t shift_of(uint8_t op)
{
	switch (op) {
	case STEP_LT:
		return STEP_LE;
	case STEP_LE:
		return STEP_LT;
	case STEP_GT:
		return STEP_GE;
	case STEP_GE:
		return STEP_GT;
	default:
		return op;
	}
}

static enum err try_clause(struct hunt *h, size_t d, size_t at, uint32_t step)
{
	struct rule changed = h->plan->documents[d].rules[at];
	const struct condition *c = changed.condition;
	struct condition other;
	struct mutant m = { .rule = changed.identity, .how = MUTATION_NEGATE };
	struct buf text;
	enum err e;

	buf_init(&text, 2 * LIMIT_CONDITION_BYTES);
	trace_step_text(&text, c, step);
	m.clause = buf_view(&text);
	m.column = c->steps[step].left_column;
	changed.condition = &other;
	e = text.err;
	if (e == OK)
		e = negated(c, step, h->scratch, &other);
	if (e == OK)
		e = try_one(h, d, at, &changed, &m);
	if (e == OK && shift_of(c->steps[step].op) != c->steps[step].op) {
		m.how = MUTATION_SHIFT;
		e = shifted(c, step, shift_of(c->steps[step].op), h->scratch, &other);
		if (e == OK)
			e = try_one(h, d, at, &changed, &m);
	}
	buf_fini(&text);
	return e;
}

static enum err try_rule(struct hunt *h, size_t d, size_t at)
{
	const struct rule *rule = &h->plan->documents[d].rules[at];
	struct mutant m = { .rule = rule->identity, .how = MUTATION_DELETE };
	struct rule flipped = *rule;

	TRY(try_one(h, d, at, NULL, &m));
	m.how = MUTATION_FLIP;
	flipped.allows = !rule->allows;
	flipped.obligations = 0;
	flipped.approver_count = 0;
	flipped.edits = STR_NONE;
	TRY(try_one(h, d, at, &flipped, &m));
	for (uint32_t step = 0; rule->condition && step < rule->condition->count; step++) {
		struct arena_mark mark = arena_mark(h->scratch);

		if (!trace_asks(&rule->condition->steps[step]))
			continue;
		TRY(try_clause(h, d, at, step));
		arena_rewind(h->scratch, mark);
	}
	return OK;
}

enum err mutant_try(const struct bundle *b, const struct fixture *const *fixtures, size_t count,
		    struct arena *scratch, void (*survived)(void *self, const struct mutant *m),
		    void *self, struct mutant_report *ret)
{
	struct hunt h = { .plan = bundle_plan(b),
			  .admits_unknown = bundle_admits_unknown(b),
			  .fixtures = fixtures,
			  .fixture_count = count,
			  .scratch = scratch,
			  .survived = survived,
			  .self = self };

	for (size_t d = 0; d < h.plan->document_count; d++)
		for (size_t at = 0; at < h.plan->documents[d].rule_count; at++)
			TRY(try_rule(&h, d, at));
	*ret = h.report;
	return OK;
}
