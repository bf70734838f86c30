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

/* A question that outlives what it was made of. */
static enum err keep(const struct question *q, struct arena *memory, struct question *ret)
{
	struct question kept = { .stage = q->stage };

	TRY(value_copy(memory, &q->request, &kept.request));
	kept.agent = value_text(value_get_c(&kept.request, "agent"), "id");
	*ret = kept;
	return OK;
}

static enum err ask_rule(const struct plan *p, const struct rule *rule, bool registered,
			 struct arena *memory, struct arena *scratch,
			 void (*found)(void *self, const struct question *q), void *self)
{
	struct holding h = { p, rule, scratch };
	const struct few_goal goal = { p, rule, 1u << TRUTH_TRUE, 0 };
	const struct solve_ask frame = { .stage = rule->stage,
					 .registered = registered,
					 .accept = accept,
					 .self = &h };
	struct question witness;
	enum answer answer;

	TRY(solve_few(&goal, 1, &frame, scratch, &answer, &witness));
	if (answer != ANSWER_YES)
		return OK;
	TRY(keep(&witness, memory, &witness));
	found(self, &witness);
	return OK;
}

enum err trim_requests(const struct bundle *b, struct arena *memory, struct arena *scratch,
		       void (*found)(void *self, const struct question *q), void *self)
{
	const struct plan *p = bundle_plan(b);
	bool registered = !bundle_admits_unknown(b);

	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++) {
			struct arena_mark mark = arena_mark(scratch);

			TRY(ask_rule(p, &p->documents[d].rules[r], registered, memory, scratch,
				     found, self));
			arena_rewind(scratch, mark);
		}
	return OK;
}
