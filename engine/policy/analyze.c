/* analyze: questions about rules, put to the solver. */
#include "engine/policy/solve.h"

#define TRUE_ONLY (1u << TRUTH_TRUE)
#define NOT_TRUE  (1u << TRUTH_FALSE | 1u << TRUTH_ERROR)
#define ERROR_ONLY (1u << TRUTH_ERROR)
#define PAIRS_MAX 20000u /* pairs of rules that are asked about */
#define GOALS_MAX 1000000u /* rules before rules, all told, that are asked about */

struct analyzing {
	const struct bundle *bundle;
	const struct plan *plan;
	struct solver *solver;
	struct arena *scratch;
	uint32_t *numbers[POLICY_STAGES]; /* goals of the rules of a queue */
	/* by the same numbers: nothing is known of when it is true, so pairs with it say nothing */
	bool *opaque;
	void (*found)(void *self, const struct analyze_finding *f);
	void *self;
	uint64_t pairs, goals;
	struct analysis report;
};

/* What an answer must show: this rule with one of these truths; or that it decides. */
struct wish {
	const struct analyzing *a;
	const struct rule *rule, *other; /* other may be NULL; then it has the same wanted truth */
	unsigned wanted;
	bool decides;
};

const char *finding_name(enum analyze_kind kind)
{
	static const char *const names[FINDINGS] = { "never", "always", "shadowed", "conflict",
						     "undecidable", "overlap" };

	return names[kind];
}

/* The truths with which a rule matches, and the others. */
static unsigned matching(const struct rule *r)
{
	return r->allows ? TRUE_ONLY : TRUE_ONLY | ERROR_ONLY;
}

static unsigned missing(const struct rule *r)
{
	return r->allows ? NOT_TRUE : 1u << TRUTH_FALSE;
}

static bool has_truth(const struct wish *w, const struct rule *rule, const struct question *q,
		      struct sight *s)
{
	enum truth truth = TRUTH_FALSE;

	if (trace_applies(w->a->plan, rule->document, q->agent))
		truth = trace_rule(rule, s);
	return w->wanted >> truth & 1;
}

static enum err accept(void *self, const struct question *q, bool *ret)
{
	const struct wish *w = self;
	struct ruling r;
	struct sight s;

	TRY(trace_sight(w->a->plan, &q->request, w->a->scratch, &s));
	*ret = has_truth(w, w->rule, q, &s) && (!w->other || has_truth(w, w->other, q, &s));
	if (!*ret || !w->decides)
		return OK;
	TRY(question_decide(w->a->bundle, q, w->a->scratch, &r));
	*ret = r.rule.ptr && str_eq(r.rule, w->rule->identity);
	return OK;
}

static enum err ask(struct analyzing *a, const struct solve_goal *goals, size_t count,
		    struct wish *wish, enum answer *ret, struct question *witness)
{
	const struct solve_ask question = { .goals = goals,
					    .count = count,
					    .stage = wish->rule->stage,
					    .registered = !bundle_admits_unknown(a->bundle),
					    .accept = accept,
					    .self = wish };

	return solver_ask(a->solver, &question, a->scratch, ret, witness);
}

static void report(struct analyzing *a, enum analyze_kind kind, const struct rule *rule,
		   const struct rule *other, bool unknown, const struct question *witness)
{
	const struct analyze_finding f = { .kind = kind,
				   .unknown = unknown,
				   .rule = rule->identity,
				   .other = other ? other->identity : STR_NONE,
				   .witness = witness };

	a->report.findings[kind] += !unknown;
	a->report.unknown += unknown;
	a->found(a->self, &f);
}

static enum err ask_truth(struct analyzing *a, const struct rule *rule, uint32_t number,
			  unsigned wanted, enum answer *ret, struct question *witness)
{
	const struct solve_goal goal = { number, wanted };
	struct wish wish = { .a = a, .rule = rule, .wanted = wanted };

	return ask(a, &goal, 1, &wish, ret, witness);
}

/* The rule by itself. *dead: its condition is never true, so there is no more to say. */
static enum err judge_alone(struct analyzing *a, const struct rule *rule, uint32_t number,
			    bool *dead)
{
	struct question witness;
	enum answer answer;

	*dead = false;
	if (!rule->condition)
		return OK;
	TRY(ask_truth(a, rule, number, TRUE_ONLY, &answer, &witness));
	*dead = answer == ANSWER_NO;
	a->opaque[number] = answer != ANSWER_YES;
	if (answer != ANSWER_YES)
		report(a, FINDING_NEVER, rule, NULL, answer == ANSWER_UNKNOWN, NULL);
	if (*dead)
		return OK;
	TRY(ask_truth(a, rule, number, NOT_TRUE, &answer, &witness));
	if (answer == ANSWER_NO)
		report(a, FINDING_ALWAYS, rule, NULL, false, NULL);
	TRY(ask_truth(a, rule, number, ERROR_ONLY, &answer, &witness));
	if (answer == ANSWER_YES)
		report(a, FINDING_UNDECIDABLE, rule, NULL, false, &witness);
	return OK;
}

/* The one earlier rule that leaves nothing for this one; NULL when it takes several. */
static enum err find_shadow(struct analyzing *a, const struct queue *q, uint32_t at,
			    const uint32_t *numbers, const struct rule **ret)
{
	const struct rule *rule = q->rules[at];

	*ret = NULL;
	for (uint32_t i = 0; i < at && !*ret; i++) {
		const struct solve_goal goals[] = { { numbers[at], matching(rule) },
						    { numbers[i], missing(q->rules[i]) } };
		struct wish wish = { .a = a, .rule = rule, .wanted = matching(rule) };
		struct arena_mark mark = arena_mark(a->scratch);
		struct question witness;
		enum answer answer;

		TRY(ask(a, goals, 2, &wish, &answer, &witness));
		arena_rewind(a->scratch, mark);
		if (answer == ANSWER_NO)
			*ret = q->rules[i];
	}
	return OK;
}

/*
 * Can the rule decide? It must match where none before it does. Where documents extend others a
 * rule behind the first match may decide too, so nothing is proved there.
 */
static enum err judge_place(struct analyzing *a, const struct queue *q, uint32_t at,
			    const uint32_t *numbers, bool *shadowed)
{
	const struct rule *rule = q->rules[at], *shadow = NULL;
	struct solve_goal *goals = arena_array(a->scratch, at + 1, sizeof(*goals));
	struct wish wish = { .a = a, .rule = rule, .wanted = matching(rule), .decides = true };
	struct question witness;
	enum answer answer;

	*shadowed = false;
	if (!goals)
		return ERR_MEMORY;
	a->goals += at;
	if (a->goals > GOALS_MAX) {
		a->report.cut = true;
		return OK;
	}
	goals[0] = (struct solve_goal){ numbers[at], matching(rule) };
	for (uint32_t i = 0; i < at; i++)
		goals[i + 1] = (struct solve_goal){ numbers[i], missing(q->rules[i]) };
	TRY(ask(a, goals, at + 1, &wish, &answer, &witness));
	if (answer == ANSWER_YES)
		return OK;
	if (answer == ANSWER_NO && !trace_has_floors(a->plan)) {
		*shadowed = true;
		TRY(find_shadow(a, q, at, numbers, &shadow));
		report(a, FINDING_SHADOWED, rule, shadow, false, NULL);
	} else {
		report(a, FINDING_SHADOWED, rule, NULL, true, NULL);
	}
	return OK;
}

/* Does nothing but file and place order the two? What a parent denies, no child allows. */
static bool same_rank(const struct plan *p, const struct rule *x, const struct rule *y)
{
	const struct rule *allows = x->allows ? x : y, *denies = x->allows ? y : x;

	if (x->priority != y->priority || x->allows == y->allows ||
	    plan_has_document(&p->documents[allows->document].parents, denies->document))
		return false;
	if (p->strategy == STRATEGY_MOST_SPECIFIC)
		return p->documents[x->document].scope == p->documents[y->document].scope;
	return p->strategy != STRATEGY_DENY_OVERRIDES && p->strategy != STRATEGY_ALLOW_OVERRIDES;
}

static enum err judge_pairs(struct analyzing *a, const struct queue *q, uint32_t at,
			    const uint32_t *numbers)
{
	for (uint32_t i = 0; i < at; i++) {
		const struct rule *rule = q->rules[at], *other = q->rules[i];
		const struct solve_goal goals[] = { { numbers[i], TRUE_ONLY },
						    { numbers[at], TRUE_ONLY } };
		struct wish wish = { .a = a, .rule = other, .other = rule, .wanted = TRUE_ONLY };
		struct arena_mark mark = arena_mark(a->scratch);
		struct question witness;
		enum answer answer;

		if (!same_rank(a->plan, rule, other) || a->opaque[numbers[i]] ||
		    a->opaque[numbers[at]])
			continue;
		if (a->pairs++ >= PAIRS_MAX) {
			a->report.cut = true;
			return OK;
		}
		TRY(ask(a, goals, 2, &wish, &answer, &witness));
		if (answer != ANSWER_NO)
			report(a, FINDING_CONFLICT, other, rule, answer == ANSWER_UNKNOWN,
			       answer == ANSWER_YES ? &witness : NULL);
		arena_rewind(a->scratch, mark);
	}
	return OK;
}

static enum err judge_queue(struct analyzing *a, enum policy_stage stage)
{
	const struct queue *q = &a->plan->queues[stage];

	for (uint32_t at = 0; at < q->count; at++) {
		struct arena_mark mark = arena_mark(a->scratch);
		bool dead;

		a->report.rules++;
		TRY(judge_alone(a, q->rules[at], a->numbers[stage][at], &dead));
		if (!dead)
			TRY(judge_place(a, q, at, a->numbers[stage], &dead));
		if (!dead)
			TRY(judge_pairs(a, q, at, a->numbers[stage]));
		arena_rewind(a->scratch, mark);
	}
	return OK;
}

static enum err add_rules(struct analyzing *a, struct arena *memory)
{
	a->opaque = arena_array(memory, a->plan->rule_count, sizeof(*a->opaque));
	if (!a->opaque)
		return ERR_MEMORY;
	TRY(solver_open(memory, &a->solver));
	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		const struct queue *q = &a->plan->queues[stage];

		a->numbers[stage] = arena_array(memory, q->count, sizeof(uint32_t));
		if (!a->numbers[stage])
			return ERR_MEMORY;
		for (uint32_t i = 0; i < q->count; i++)
			TRY(solver_add(a->solver, a->plan, q->rules[i], &a->numbers[stage][i]));
	}
	return OK;
}

enum err analyze_bundle(const struct bundle *b, struct arena *memory, struct arena *scratch,
			void (*found)(void *self, const struct analyze_finding *f), void *self,
			struct analysis *ret)
{
	struct analyzing a = { .bundle = b,
			       .plan = bundle_plan(b),
			       .scratch = scratch,
			       .found = found,
			       .self = self };
	enum err e = add_rules(&a, memory), sealed;

	if (!a.solver)
		return e;
	sealed = solver_seal(a.solver);
	TRY(e);
	TRY(sealed);
	for (int stage = 0; stage < POLICY_STAGES; stage++)
		TRY(judge_queue(&a, (enum policy_stage)stage));
	TRY(cedar_analyze(b, memory, scratch, found, self, &a.report));
	*ret = a.report;
	return OK;
}
