/*
 * analyze: questions about rules, put to the solver: about one rule, about whether it ever decides
 * (contest.h), about two rules. Of two, most are told apart by whom they are about (reach.h); of
 * those that are left a number is asked about, and the rest is counted, not passed over.
 */
#include "engine/policy/contest.h"
#include "engine/policy/reach.h"

#define TRUE_ONLY (1u << TRUTH_TRUE)
#define NOT_TRUE  (1u << TRUTH_FALSE | 1u << TRUTH_ERROR)
#define ERROR_ONLY (1u << TRUTH_ERROR)
#define ALL_TRUTHS (TRUE_ONLY | NOT_TRUE)
#define PAIRS_MAX 20000u /* pairs of rules that are asked about */
#define SHADOWS_MAX 1000u /* earlier rules that are asked whether they alone shadow one */

struct analyzing {
	const struct bundle *bundle;
	const struct plan *plan;
	struct arena *scratch;
	const struct queue *queue;       /* of the stage that is looked at */
	const struct reach *reaches;     /* of its rules */
	/* likewise: nothing is known of when it is true, so pairs with it say nothing */
	bool *opaque;
	void (*found)(void *self, const struct analyze_finding *f);
	void *self;
	uint64_t pairs;
	struct analysis report;
};

/* What an answer must show: these rules with one of these truths. */
struct wish {
	const struct analyzing *a;
	const struct rule *rule, *other; /* other may be NULL */
	unsigned wanted;
};

const char *finding_name(enum analyze_kind kind)
{
	static const char *const names[FINDINGS] = { "never", "always", "shadowed", "conflict",
						     "undecidable", "overlap" };

	return names[kind];
}

static enum err has_truth(const struct wish *w, const struct rule *rule, const struct question *q,
			  bool *ret)
{
	enum truth truth = TRUTH_FALSE;
	struct sight s;

	TRY(trace_sight(w->a->plan, &q->request, w->a->scratch, &s));
	if (trace_applies(w->a->plan, rule->document, q->agent))
		truth = trace_rule(rule, &s);
	*ret = w->wanted >> truth & 1;
	return OK;
}

static enum err accept(void *self, const struct question *q, bool *ret)
{
	const struct wish *w = self;

	TRY(has_truth(w, w->rule, q, ret));
	return *ret && w->other ? has_truth(w, w->other, q, ret) : OK;
}

static struct solve_ask frame_of(const struct analyzing *a, const struct rule *rule)
{
	return (struct solve_ask){ .stage = rule->stage,
				   .registered = !bundle_admits_unknown(a->bundle) };
}

/* Both goals, or the first when the second has no plan. */
static enum err ask(struct analyzing *a, struct few_goal first, struct few_goal second,
		    struct wish *wish, enum answer *ret, struct question *witness)
{
	const struct few_goal goals[] = { first, second };
	struct solve_ask frame = frame_of(a, wish->rule);

	wish->a = a;
	frame.accept = accept;
	frame.self = wish;
	return solve_few(goals, second.plan ? 2 : 1, &frame, a->scratch, ret, witness);
}

static struct few_goal goal(const struct analyzing *a, const struct rule *rule, unsigned wanted)
{
	return (struct few_goal){ a->plan, rule, wanted, 0 };
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

static enum err ask_truth(struct analyzing *a, const struct rule *rule, unsigned wanted,
			  enum answer *ret, struct question *witness)
{
	struct wish wish = { .rule = rule, .wanted = wanted };

	return ask(a, goal(a, rule, wanted), (struct few_goal){ .plan = NULL }, &wish, ret,
		   witness);
}

/* The rule by itself. *dead: its condition is never true, so there is no more to say. */
static enum err judge_alone(struct analyzing *a, uint32_t at, bool *dead)
{
	const struct rule *rule = a->queue->rules[at];
	struct question witness;
	enum answer answer;

	*dead = false;
	if (!rule->condition)
		return OK;
	TRY(ask_truth(a, rule, TRUE_ONLY, &answer, &witness));
	*dead = answer == ANSWER_NO;
	a->opaque[at] = answer != ANSWER_YES;
	if (answer != ANSWER_YES)
		report(a, FINDING_NEVER, rule, NULL, answer == ANSWER_UNKNOWN, NULL);
	if (*dead)
		return OK;
	TRY(ask_truth(a, rule, NOT_TRUE, &answer, &witness));
	if (answer == ANSWER_NO)
		report(a, FINDING_ALWAYS, rule, NULL, false, NULL);
	TRY(ask_truth(a, rule, ERROR_ONLY, &answer, &witness));
	if (answer == ANSWER_YES)
		report(a, FINDING_UNDECIDABLE, rule, NULL, false, &witness);
	return OK;
}

/* Does the earlier rule match wherever the later one does? */
static enum err is_shadow(struct analyzing *a, const struct rule *rule,
			  const struct rule *earlier, bool *ret)
{
	struct wish wish = { .rule = rule, .wanted = contest_matching(rule) };
	struct arena_mark mark = arena_mark(a->scratch);
	struct question witness;
	enum answer answer;

	TRY(ask(a, goal(a, rule, contest_matching(rule)),
		goal(a, earlier, ALL_TRUTHS & ~contest_matching(earlier)), &wish, &answer,
		&witness));
	arena_rewind(a->scratch, mark);
	*ret = answer == ANSWER_NO;
	return OK;
}

/*
 * The one earlier rule that leaves nothing for this one; NULL when it takes several. It matches
 * every request that this one does, one that is known above all.
 */
static enum err find_shadow(struct analyzing *a, uint32_t at, const struct rule **ret)
{
	const struct rule *rule = a->queue->rules[at], *earlier;
	struct question sample;
	struct sight sight;
	enum answer answer;
	unsigned asked = 0;

	*ret = NULL;
	TRY(ask_truth(a, rule, contest_matching(rule), &answer, &sample));
	if (answer == ANSWER_YES)
		TRY(trace_sight(a->plan, &sample.request, a->scratch, &sight));
	for (uint32_t i = 0; i < at && asked < SHADOWS_MAX; i++) {
		bool shadow;

		earlier = a->queue->rules[i];
		if (reach_apart(&a->reaches[i], &a->reaches[at]))
			continue;
		if (answer == ANSWER_YES &&
		    !(trace_applies(a->plan, earlier->document, sample.agent) &&
		      contest_matching(earlier) >> trace_rule(earlier, &sight) & 1))
			continue;
		asked++;
		TRY(is_shadow(a, rule, earlier, &shadow));
		if (shadow) {
			*ret = earlier;
			return OK;
		}
	}
	return OK;
}

/* The Cedar forbid that holds wherever a rule matches that allows; its name in a rule's place. */
static enum err find_forbid(struct analyzing *a, const struct rule *rule, struct rule *ret)
{
	const struct cedar_rules *cedar = rule->allows ? a->plan->cedar : NULL;
	size_t count = cedar ? cedar_rules_count(cedar) : 0;

	for (size_t i = 0; i < count && i < SHADOWS_MAX && !ret->identity.ptr; i++) {
		struct few_goal holds = { a->plan, NULL, 0, i };
		struct wish wish = { .rule = rule, .wanted = contest_matching(rule) };
		struct arena_mark mark = arena_mark(a->scratch);
		struct question witness;
		struct cedar_one one;
		enum answer answer;

		cedar_rules_policy(cedar, i, &one);
		holds.wanted = cedar_rules_mapping(cedar)->error_denies ? 1u << TRUTH_FALSE
									: NOT_TRUE;
		if (!one.forbid)
			continue;
		TRY(ask(a, goal(a, rule, wish.wanted), holds, &wish, &answer, &witness));
		arena_rewind(a->scratch, mark);
		if (answer == ANSWER_NO)
			ret->identity = one.identity;
	}
	return OK;
}

/*
 * Can the rule decide? It must match where none before it does. Where documents extend others a
 * rule behind the first match may decide too, so nothing is proved there.
 */
static enum err judge_place(struct analyzing *a, uint32_t at, bool *shadowed)
{
	const struct rule *rule = a->queue->rules[at], *shadow = NULL;
	struct rule forbid = { .identity = STR_NONE };
	const struct contest c = { .sides = { { a->bundle, at } },
				   .count = 1,
				   .frame = frame_of(a, rule),
				   .accept = contest_is_won };
	struct question witness;
	struct ruling ruling;
	enum answer answer;

	*shadowed = false;
	TRY(contest_ask(&c, a->scratch, &answer, &witness, &ruling));
	if (answer == ANSWER_YES)
		return OK;
	if (answer == ANSWER_NO && !trace_has_floors(a->plan)) {
		*shadowed = true;
		TRY(find_shadow(a, at, &shadow));
		TRY(shadow ? OK : find_forbid(a, rule, &forbid));
		shadow = forbid.identity.ptr ? &forbid : shadow;
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

static enum err judge_pair(struct analyzing *a, uint32_t before, uint32_t at)
{
	const struct rule *rule = a->queue->rules[at], *other = a->queue->rules[before];
	struct wish wish = { .rule = other, .other = rule, .wanted = TRUE_ONLY };
	struct arena_mark mark = arena_mark(a->scratch);
	struct question witness;
	enum answer answer;

	TRY(ask(a, goal(a, other, TRUE_ONLY), goal(a, rule, TRUE_ONLY), &wish, &answer,
		&witness));
	if (answer != ANSWER_NO)
		report(a, FINDING_CONFLICT, other, rule, answer == ANSWER_UNKNOWN,
		       answer == ANSWER_YES ? &witness : NULL);
	arena_rewind(a->scratch, mark);
	return OK;
}

/* The rules before this one that only their place orders. */
static enum err judge_pairs(struct analyzing *a, uint32_t at)
{
	for (uint32_t i = 0; i < at && !a->opaque[at]; i++) {
		if (a->opaque[i] || !same_rank(a->plan, a->queue->rules[at], a->queue->rules[i]) ||
		    reach_apart(&a->reaches[i], &a->reaches[at]))
			continue;
		if (a->pairs == PAIRS_MAX) {
			a->report.left_out++;
			continue;
		}
		a->pairs++;
		TRY(judge_pair(a, i, at));
	}
	return OK;
}

static enum err judge_queue(struct analyzing *a, enum policy_stage stage)
{
	a->queue = &a->plan->queues[stage];
	TRY(reach_find(a->plan, a->queue, a->scratch, &a->reaches));
	a->opaque = arena_array(a->scratch, a->queue->count, sizeof(*a->opaque));
	if (!a->opaque)
		return ERR_MEMORY;
	for (uint32_t at = 0; at < a->queue->count; at++) {
		struct arena_mark mark = arena_mark(a->scratch);
		bool dead;

		a->report.rules++;
		TRY(judge_alone(a, at, &dead));
		if (!dead)
			TRY(judge_place(a, at, &dead));
		if (!dead)
			TRY(judge_pairs(a, at));
		arena_rewind(a->scratch, mark);
	}
	return OK;
}

enum err analyze_bundle(const struct bundle *b, struct arena *scratch,
			void (*found)(void *self, const struct analyze_finding *f), void *self,
			struct analysis *ret)
{
	struct analyzing a = { .bundle = b,
			       .plan = bundle_plan(b),
			       .scratch = scratch,
			       .found = found,
			       .self = self };

	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		struct arena_mark mark = arena_mark(scratch);

		TRY(judge_queue(&a, (enum policy_stage)stage));
		arena_rewind(scratch, mark);
	}
	TRY(cedar_analyze(b, scratch, found, self, &a.report));
	*ret = a.report;
	return OK;
}
