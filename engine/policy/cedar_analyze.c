/*
 * cedar_analyze: what the Cedar policies of a bundle say of each other, and of the rules beside
 * them. Every stage asks the same policies, so what holds of a policy has to hold at each stage; a
 * request that shows something is one of any stage.
 *
 *   never, always, undecidable   of the policy by itself
 *   shadowed                     it never decides: a forbid, an earlier one like it, or rules do
 *   overlap                      a permit and a forbid hold at once, and the forbid counts
 */
#include "engine/policy/decider.h"

#define FALSE_ONLY (1u << TRUTH_FALSE)
#define TRUE_ONLY  (1u << TRUTH_TRUE)
#define ERROR_ONLY (1u << TRUTH_ERROR)
#define ALL_TRUTHS 7u
#define PAIRS_MAX  20000u   /* pairs of policies that are asked about */
#define GOALS_MAX  1000000u /* policies beside policies, all told, that are asked about */

/* What is known of a policy by itself. */
enum standing { ALIVE = 0, DEAD, OBSCURE };

struct judging {
	const struct bundle *bundle;
	const struct plan *plan;
	struct solver *solver;
	struct arena *scratch;
	struct deciders stages[POLICY_STAGES];
	bool used[POLICY_STAGES];
	struct solve_goal *goals;
	uint8_t *standings; /* of each policy */
	void (*found)(void *self, const struct analyze_finding *f);
	void *self;
	uint64_t pairs, asked;
	struct analysis *report;
};

/* What an answer must show: these policies with these truths; or that the first one decides. */
struct wish {
	const struct judging *j;
	uint32_t policies[2];
	unsigned wanted[2];
	size_t count;
	const struct deciders *decides; /* NULL: it need not */
};

static const struct cedar_one *policy_at(const struct judging *j, uint32_t number)
{
	return &j->stages[POLICY_PRE_TOOL].policies[number];
}

/* Its place among those who decide. */
static uint32_t place_of(const struct deciders *d, uint32_t number)
{
	return d->rule_count + number;
}

/* --- asking --- */

static enum err accept(void *self, const struct question *q, bool *ret)
{
	const struct wish *w = self;
	const struct cedar_rules *rules = w->j->plan->cedar;
	struct cedar_request request;
	struct ruling ruling;

	*ret = true;
	TRY(cedar_rules_request(rules, q->stage, q->agent, &q->request, w->j->scratch, &request));
	for (size_t i = 0; i < w->count && *ret; i++) {
		const struct cedar_one *one = policy_at(w->j, w->policies[i]);
		enum cedar_truth truth;

		TRY(cedar_evaluate(one->policies, one->number, cedar_rules_entities(rules),
				   &request, w->j->scratch, &truth, NULL));
		*ret = w->wanted[i] >> truth & 1;
	}
	if (!*ret || !w->decides)
		return OK;
	TRY(question_decide(w->j->bundle, q, w->j->scratch, &ruling));
	*ret = decider_decided(w->decides, place_of(w->decides, w->policies[0]), &ruling);
	return OK;
}

static enum err ask(const struct judging *j, int stage, size_t count, struct wish *wish,
		    enum answer *ret, struct question *witness)
{
	const struct solve_ask question = { .goals = j->goals,
					    .count = count,
					    .stage = (enum policy_stage)stage,
					    .registered = !bundle_admits_unknown(j->bundle),
					    .accept = accept,
					    .self = wish };

	return solver_ask(j->solver, &question, j->scratch, ret, witness);
}

/* At any stage: yes where one says so, no where all do. */
static enum err ask_truths(const struct judging *j, struct wish *wish, enum answer *ret,
			   struct question *witness)
{
	*ret = ANSWER_NO;
	wish->j = j;
	for (int stage = 0; stage < POLICY_STAGES && *ret != ANSWER_YES; stage++) {
		const struct deciders *d = &j->stages[stage];
		enum answer answer;

		if (!j->used[stage])
			continue;
		for (size_t i = 0; i < wish->count; i++)
			j->goals[i] = (struct solve_goal){ d->goals[place_of(d, wish->policies[i])],
							   wish->wanted[i] };
		TRY(ask(j, stage, wish->count, wish, &answer, witness));
		if (answer != ANSWER_NO)
			*ret = answer;
	}
	return OK;
}

static enum err ask_decides(const struct judging *j, uint32_t number, enum answer *ret)
{
	struct question witness;

	*ret = ANSWER_NO;
	for (int stage = 0; stage < POLICY_STAGES && *ret != ANSWER_YES; stage++) {
		const struct deciders *d = &j->stages[stage];
		struct wish wish = { .j = j, .policies = { number }, .decides = d };
		uint32_t at = place_of(d, number);

		for (uint32_t way = 0; j->used[stage] && way < decider_ways(d, at); way++) {
			size_t count = decider_goals(d, at, way, j->goals);
			enum answer answer;

			TRY(ask(j, stage, count, &wish, &answer, &witness));
			if (answer == ANSWER_YES)
				*ret = answer;
			if (*ret == ANSWER_YES)
				return OK;
			if (answer == ANSWER_UNKNOWN && decider_proves(d, at, way))
				*ret = answer;
		}
	}
	return OK;
}

/* --- judging --- */

static void report(struct judging *j, enum analyze_kind kind, uint32_t number,
		   const struct cedar_one *other, bool unknown, const struct question *witness)
{
	const struct cedar_one *one = policy_at(j, number);
	const struct analyze_finding f = { .kind = kind,
					   .unknown = unknown,
					   .rule = one->identity,
					   .other = other ? other->identity : STR_NONE,
					   .file = one->file,
					   .line = one->line,
					   .column = one->column,
					   .witness = witness };

	j->report->findings[kind] += !unknown;
	j->report->unknown += unknown;
	j->found(j->self, &f);
}

static enum err ask_alone(const struct judging *j, uint32_t number, unsigned wanted,
			  enum answer *ret, struct question *witness)
{
	struct wish wish = { .policies = { number }, .wanted = { wanted }, .count = 1 };

	return ask_truths(j, &wish, ret, witness);
}

static enum err judge_alone(struct judging *j, uint32_t number)
{
	struct cedar_formula f;
	const struct cedar_one *one = policy_at(j, number);
	struct question witness;
	enum answer answer;

	TRY(cedar_formula_make(one->policies, one->number, j->scratch, &f));
	if (f.node_count == 0)
		return OK;
	TRY(ask_alone(j, number, TRUE_ONLY, &answer, &witness));
	if (answer != ANSWER_YES) {
		j->standings[number] = answer == ANSWER_NO ? DEAD : OBSCURE;
		report(j, FINDING_NEVER, number, NULL, answer == ANSWER_UNKNOWN, NULL);
	} else {
		TRY(ask_alone(j, number, FALSE_ONLY | ERROR_ONLY, &answer, &witness));
		if (answer == ANSWER_NO)
			report(j, FINDING_ALWAYS, number, NULL, false, NULL);
	}
	TRY(ask_alone(j, number, ERROR_ONLY, &answer, &witness));
	if (answer == ANSWER_YES)
		report(j, FINDING_UNDECIDABLE, number, NULL, false, &witness);
	return OK;
}

/* The one policy that leaves nothing for this one: a forbid, or an earlier one of its kind. */
static enum err find_shadow(const struct judging *j, uint32_t number, const struct cedar_one **ret)
{
	const struct deciders *d = &j->stages[POLICY_PRE_TOOL];
	const struct cedar_one *one = policy_at(j, number);

	*ret = NULL;
	for (int forbids = 1; forbids >= one->forbid && !*ret; forbids--)
		for (uint32_t i = 0; i < d->policy_count && !*ret; i++) {
			const struct cedar_one *other = policy_at(j, i);
			struct wish wish = { .policies = { number, i }, .count = 2 };
			struct question witness;
			enum answer answer;

			if (other->forbid != forbids || i == number ||
			    (other->forbid == one->forbid && i > number))
				continue;
			wish.wanted[0] = decider_matching(d, place_of(d, number));
			wish.wanted[1] = ALL_TRUTHS & ~decider_matching(d, place_of(d, i));
			TRY(ask_truths(j, &wish, &answer, &witness));
			if (answer == ANSWER_NO)
				*ret = other;
		}
	return OK;
}

static enum err judge_place(struct judging *j, uint32_t number)
{
	const struct cedar_one *shadow;
	enum answer answer;

	j->asked += j->stages[POLICY_PRE_TOOL].policy_count;
	if (j->asked > GOALS_MAX) {
		j->report->left_out++;
		return OK;
	}
	TRY(ask_decides(j, number, &answer));
	if (answer == ANSWER_YES)
		return OK;
	if (answer == ANSWER_UNKNOWN) {
		/* Where nothing is known of when it holds, this goes without saying. */
		if (j->standings[number] != OBSCURE)
			report(j, FINDING_SHADOWED, number, NULL, true, NULL);
		return OK;
	}
	j->standings[number] = DEAD;
	TRY(find_shadow(j, number, &shadow));
	report(j, FINDING_SHADOWED, number, shadow, false, NULL);
	return OK;
}

static enum err judge_pair(struct judging *j, uint32_t permit, uint32_t forbid)
{
	struct wish wish = { .policies = { permit, forbid },
			     .wanted = { TRUE_ONLY, TRUE_ONLY },
			     .count = 2 };
	struct question witness;
	enum answer answer;

	if (j->standings[permit] != ALIVE || j->standings[forbid] != ALIVE ||
	    policy_at(j, permit)->forbid || !policy_at(j, forbid)->forbid)
		return OK;
	if (j->pairs++ >= PAIRS_MAX) {
		j->report->left_out++;
		return OK;
	}
	TRY(ask_truths(j, &wish, &answer, &witness));
	if (answer != ANSWER_NO)
		report(j, FINDING_OVERLAP, permit, policy_at(j, forbid), answer == ANSWER_UNKNOWN,
		       answer == ANSWER_YES ? &witness : NULL);
	return OK;
}

static enum err judge_all(struct judging *j)
{
	uint32_t count = j->stages[POLICY_PRE_TOOL].policy_count;
	struct arena_mark mark = arena_mark(j->scratch);

	for (uint32_t i = 0; i < count; i++) {
		const struct deciders *d = &j->stages[POLICY_PRE_TOOL];
		bool may_err = decider_matching(d, place_of(d, i)) & ERROR_ONLY;

		TRY(judge_alone(j, i));
		if (j->standings[i] != DEAD || may_err)
			TRY(judge_place(j, i));
		arena_rewind(j->scratch, mark);
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < count; k++) {
			TRY(judge_pair(j, i, k));
			arena_rewind(j->scratch, mark);
		}
	return OK;
}

/* Stages without rules are alike where no policy asks which stage it is. */
static void choose_stages(struct judging *j)
{
	bool empty = false;

	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		bool has_rules = j->stages[stage].rule_count > 0;

		j->used[stage] = stage == POLICY_PRE_TOOL || has_rules || !empty ||
				 solver_tells_stages(j->solver);
		empty = empty || !has_rules;
	}
}

static enum err open(struct judging *j, struct arena *memory)
{
	uint32_t most = 0;

	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		TRY(deciders_add(j->solver, j->plan, (enum policy_stage)stage, memory,
				 &j->stages[stage]));
		if (deciders_count(&j->stages[stage]) > most)
			most = deciders_count(&j->stages[stage]);
	}
	/* A question about one policy's truth and another's takes two. */
	j->goals = arena_array(memory, most + 2, sizeof(*j->goals));
	j->standings = arena_array(memory, most, 1);
	return j->goals && j->standings ? OK : ERR_MEMORY;
}

enum err cedar_analyze(const struct bundle *b, struct arena *scratch,
		       void (*found)(void *self, const struct analyze_finding *f), void *self,
		       struct analysis *report)
{
	struct judging j = { .bundle = b,
			     .plan = bundle_plan(b),
			     .scratch = scratch,
			     .found = found,
			     .self = self,
			     .report = report };
	enum err e, sealed;

	if (!j.plan->cedar)
		return OK;
	report->policies = cedar_rules_count(j.plan->cedar);
	TRY(solver_open(scratch, &j.solver));
	e = open(&j, scratch);
	sealed = solver_seal(j.solver);
	TRY(e);
	TRY(sealed);
	choose_stages(&j);
	return judge_all(&j);
}
