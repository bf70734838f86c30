/*
 * mutant: the compiled rules with one change, and whether a case notices.
 *
 * A mutant is a copy of the plan in which one rule of one document is another one, put in order
 * again as a loaded plan is; or in which one document has the other default, or one policy of Cedar
 * is another. What is not changed is shared. A rule that can be deleted
 * or flipped without a case failing is a rule that nobody tests, or that decides nothing.
 */
#include "engine/policy/trace.h"

struct hunt {
	const struct plan *plan;
	bool admits_unknown;
	bool cedar; /* it is a policy of Cedar that is changed */
	const struct fixture *const *fixtures;
	size_t fixture_count;
	struct arena *scratch;
	void (*survived)(void *self, const struct mutant *m);
	void *self;
	struct mutant_report report;
};

const char *mutation_name(enum mutation how)
{
	static const char *const names[] = { "deleted", "flipped", "negated",
					     "shifted", "without", "default flipped" };

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

static bool errs(const struct ruling *r, struct str identity)
{
	for (size_t i = 0; i < r->error_count; i++)
		if (str_eq(r->erring[i], identity))
			return true;
	return false;
}

/* Does the changed policy of Cedar err where it did not? That is reported wherever it decides. */
static enum err is_error_new(struct hunt *h, const struct ruling *r, const struct mutant *m,
			     const struct fixture_case *c, bool *ret)
{
	struct ruling before;

	*ret = false;
	if (!h->cedar || !errs(r, m->rule))
		return OK;
	TRY(trace_decide(h->plan, h->admits_unknown, &c->question, h->scratch, &before));
	*ret = !errs(&before, m->rule);
	return OK;
}

/* Does a case fail under this plan, or err? */
static enum err is_killed(struct hunt *h, const struct plan *p, const struct mutant *m, bool *ret)
{
	*ret = false;
	for (size_t f = 0; f < h->fixture_count; f++)
		for (size_t i = 0; i < h->fixtures[f]->count; i++) {
			const struct fixture_case *c = &h->fixtures[f]->cases[i];
			struct arena_mark mark = arena_mark(h->scratch);
			struct ruling r;

			TRY(trace_decide(p, h->admits_unknown, &c->question, h->scratch, &r));
			*ret = !fixture_holds(c, &r);
			if (!*ret)
				TRY(is_error_new(h, &r, m, c, ret));
			arena_rewind(h->scratch, mark);
			if (*ret)
				return OK;
		}
	return OK;
}

static enum err try_plan(struct hunt *h, const struct plan *changed, const struct mutant *m)
{
	bool killed;

	TRY(is_killed(h, changed, m, &killed));
	h->report.tried++;
	h->report.killed += killed;
	if (!killed)
		h->survived(h->self, m);
	return OK;
}

static enum err try_one(struct hunt *h, size_t d, size_t at, const struct rule *instead,
			const struct mutant *m)
{
	struct arena_mark mark = arena_mark(h->scratch);
	struct plan changed;

	TRY(copy_plan(h->plan, d, at, instead, h->scratch, &changed));
	TRY(try_plan(h, &changed, m));
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

/* The condition with `op` and `right` at step `at`. */
static enum err exchanged(const struct condition *c, uint32_t at, uint8_t op, union operand right,
			  struct arena *a, struct condition *ret)
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
				   .right = right };
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

static struct mutant mutant_of(const struct hunt *h, const struct rule *rule, enum mutation how)
{
	return (struct mutant){ .rule = rule->identity,
				.file = h->plan->documents[rule->document].file,
				.line = rule->line,
				.how = how };
}

static enum err try_clause(struct hunt *h, size_t d, size_t at, uint32_t step)
{
	struct rule changed = h->plan->documents[d].rules[at];
	const struct condition *c = changed.condition;
	struct condition other;
	struct mutant m = mutant_of(h, &changed, MUTATION_NEGATE);
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
		e = exchanged(c, step, shift_of(c->steps[step].op), c->steps[step].right,
			      h->scratch, &other);
		if (e == OK)
			e = try_one(h, d, at, &changed, &m);
	}
	buf_fini(&text);
	return e;
}

/* A list of names with more than one, without each of them. */
static enum err try_patterns(struct hunt *h, size_t d, size_t at, uint32_t step)
{
	struct rule changed = h->plan->documents[d].rules[at];
	const struct condition *c = changed.condition;
	const struct patterns *all = c->steps[step].right.patterns;
	struct mutant m = mutant_of(h, &changed, MUTATION_DROP);

	if (c->steps[step].op != STEP_NAMED || all->count < 2)
		return OK;
	changed.condition = NULL;
	for (size_t i = 0; i < all->count; i++) {
		struct pattern *kept = arena_array(h->scratch, all->count, sizeof(*kept));
		struct patterns fewer = { kept, all->count - 1 };
		struct condition other;

		if (!kept)
			return ERR_MEMORY;
		for (size_t k = 0; k < fewer.count; k++)
			kept[k] = all->items[k + (k >= i)];
		m.clause = all->items[i].text;
		TRY(exchanged(c, step, STEP_NAMED, (union operand){ .patterns = &fewer },
			      h->scratch, &other));
		changed.condition = &other;
		TRY(try_one(h, d, at, &changed, &m));
	}
	return OK;
}

/* Does `other` hold for every agent of the document? */
static bool holds_too(const struct plan *p, size_t d, size_t other)
{
	return plan_has_document(&p->documents[d].parents, other) ||
	       p->documents[other].agents.count == 0;
}

/* Cedar denies by default whatever a document says, and so does another one that holds as well. */
static bool default_matters(const struct plan *p, size_t d)
{
	bool matters = !p->cedar;

	for (size_t other = 0; other < p->document_count; other++)
		if (other != d && holds_too(p, d, other))
			matters = matters && p->documents[other].allows;
	return matters;
}

static enum err try_default(struct hunt *h, size_t d)
{
	const struct document *old = &h->plan->documents[d];
	struct arena_mark mark = arena_mark(h->scratch);
	struct mutant m = {
		.rule = old->name, .file = old->file, .line = old->line, .how = MUTATION_DEFAULT
	};
	struct plan changed = *h->plan;

	changed.documents = arena_array(h->scratch, changed.document_count, sizeof(*old));
	if (!changed.documents)
		return ERR_MEMORY;
	memcpy(changed.documents, h->plan->documents, changed.document_count * sizeof(*old));
	changed.documents[d].allows = !old->allows;
	TRY(plan_order(&changed, h->scratch));
	TRY(try_plan(h, &changed, &m));
	arena_rewind(h->scratch, mark);
	return OK;
}

static enum err try_rule(struct hunt *h, size_t d, size_t at)
{
	const struct rule *rule = &h->plan->documents[d].rules[at];
	struct mutant m = mutant_of(h, rule, MUTATION_DELETE);
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
		TRY(try_patterns(h, d, at, step));
		arena_rewind(h->scratch, mark);
	}
	return OK;
}

/* --- Cedar --- */

static enum err try_change(struct hunt *h, size_t number, enum cedar_change how, size_t conjunct,
			   const struct mutant *m)
{
	struct arena_mark mark = arena_mark(h->scratch);
	struct plan changed = *h->plan;

	TRY(cedar_rules_changed(h->plan->cedar, number, how, conjunct, h->scratch, &changed.cedar));
	TRY(try_plan(h, &changed, m));
	arena_rewind(h->scratch, mark);
	return OK;
}

static enum err try_policy(struct hunt *h, size_t number)
{
	struct cedar_conjunct *conjuncts;
	struct cedar_one one;
	struct mutant m;
	size_t count;

	cedar_rules_policy(h->plan->cedar, number, &one);
	m = (struct mutant){ .rule = one.identity, .file = one.file, .line = one.line };
	TRY(try_change(h, number, CEDAR_DELETED, 0, &m));
	m.how = MUTATION_FLIP;
	TRY(try_change(h, number, CEDAR_FLIPPED, 0, &m));
	TRY(cedar_conjuncts(one.policies, one.number, h->scratch, &conjuncts, &count));
	for (size_t i = 0; i < count; i++) {
		m.clause = conjuncts[i].text;
		m.line = conjuncts[i].line;
		m.column = conjuncts[i].column;
		m.how = MUTATION_DROP;
		TRY(try_change(h, number, CEDAR_DROPPED, i, &m));
		m.how = MUTATION_NEGATE;
		TRY(try_change(h, number, CEDAR_NEGATED, i, &m));
	}
	return OK;
}

static enum err try_cedar(struct hunt *h)
{
	h->cedar = true;
	for (size_t i = 0; i < cedar_rules_count(h->plan->cedar); i++) {
		struct arena_mark mark = arena_mark(h->scratch);

		TRY(try_policy(h, i));
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

	for (size_t d = 0; d < h.plan->document_count; d++) {
		for (size_t at = 0; at < h.plan->documents[d].rule_count; at++)
			TRY(try_rule(&h, d, at));
		if (default_matters(h.plan, d))
			TRY(try_default(&h, d));
	}
	if (h.plan->cedar)
		TRY(try_cedar(&h));
	*ret = h.report;
	return OK;
}
