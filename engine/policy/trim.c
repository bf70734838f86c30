/* trim: plans with the first rules only, and a request for each rule. */
#include "engine/policy/solve.h"

struct trimmed {
	struct plan plan;
	bool admits_unknown;
};

/* The place of a rule among all, stage by stage. */
static size_t place_of(const struct plan *p, const struct rule *rule)
{
	size_t place = 0;

	for (int stage = 0; stage < POLICY_STAGES; stage++)
		for (uint32_t i = 0; i < p->queues[stage].count; i++, place++)
			if (p->queues[stage].rules[i] == rule)
				return place;
	return place;
}

enum err trim_open(const struct bundle *b, size_t rules, struct arena *memory,
		   const struct trimmed **ret)
{
	const struct plan *p = bundle_plan(b);
	struct trimmed *t = arena_alloc(memory, sizeof(*t));
	struct document *documents = arena_array(memory, p->document_count, sizeof(*documents));

	if (!t || !documents)
		return ERR_MEMORY;
	*t = (struct trimmed){ *p, bundle_admits_unknown(b) };
	t->plan.documents = documents;
	for (size_t d = 0; d < p->document_count; d++) {
		const struct document *old = &p->documents[d];
		struct rule *kept = arena_array(memory, old->rule_count, sizeof(*kept));

		if (!kept)
			return ERR_MEMORY;
		documents[d] = *old;
		documents[d].rules = kept;
		documents[d].rule_count = 0;
		for (size_t r = 0; r < old->rule_count; r++)
			if (rules >= p->rule_count || place_of(p, &old->rules[r]) < rules)
				kept[documents[d].rule_count++] = old->rules[r];
	}
	TRY(plan_order(&t->plan, memory));
	*ret = t;
	return OK;
}

size_t trim_rules(const struct trimmed *t)
{
	return t->plan.rule_count;
}

enum err trim_decide(const struct trimmed *t, const struct question *q, struct arena *a,
		     struct ruling *ret)
{
	return trace_decide(&t->plan, t->admits_unknown, q, a, ret);
}

/* A rule, for which the evaluator has to confirm that it holds. */
struct holding {
	const struct plan *plan;
	const struct rule *rule;
	struct arena *scratch;
};

static enum err accept(void *self, const struct question *q, bool *ret)
{
	const struct holding *h = self;
	struct sight s;

	TRY(trace_sight(h->plan, &q->request, h->scratch, &s));
	*ret = trace_rule(h->rule, &s) == TRUTH_TRUE;
	return OK;
}

static enum err ask_rule(struct solver *s, const struct plan *p, const struct rule *rule,
			 uint32_t goal, bool registered, struct arena *memory,
			 void (*found)(void *self, const struct question *q), void *self)
{
	struct holding h = { p, rule, memory };
	const struct solve_goal wanted = { goal, 1u << TRUTH_TRUE };
	const struct solve_ask ask = { .goals = &wanted,
				       .count = 1,
				       .stage = rule->stage,
				       .registered = registered,
				       .accept = accept,
				       .self = &h };
	struct question witness;
	enum answer answer;

	TRY(solver_ask(s, &ask, memory, &answer, &witness));
	if (answer == ANSWER_YES)
		found(self, &witness);
	return OK;
}

enum err trim_requests(const struct bundle *b, struct arena *memory, struct arena *scratch,
		       void (*found)(void *self, const struct question *q), void *self)
{
	const struct plan *p = bundle_plan(b);
	uint32_t *goals = arena_array(scratch, p->rule_count, sizeof(*goals)), at = 0;
	struct solver *s;
	enum err e = OK, sealed;

	if (!goals)
		return ERR_MEMORY;
	TRY(solver_open(scratch, &s));
	for (size_t d = 0; e == OK && d < p->document_count; d++)
		for (size_t r = 0; e == OK && r < p->documents[d].rule_count; r++)
			e = solver_add(s, p, &p->documents[d].rules[r], &goals[at++]);
	sealed = solver_seal(s);
	TRY(e);
	TRY(sealed);
	at = 0;
	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++)
			TRY(ask_rule(s, p, &p->documents[d].rules[r], goals[at++],
				     !bundle_admits_unknown(b), memory, found, self));
	return OK;
}
