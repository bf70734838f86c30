/*
 * cedar_analyze: what the Cedar policies of a bundle say of each other, and of the rules beside
 * them. Every stage asks the same policies, so what holds of a policy has to hold at each stage; a
 * request that shows something is one of any stage.
 *
 *   never, always, undecidable   of the policy by itself
 *   shadowed                     it never decides: a forbid, an earlier one like it, or rules do
 *   overlap                      a permit and a forbid hold at once, and the forbid counts
 */
#include "engine/policy/contest.h"

#define FALSE_ONLY  (1u << TRUTH_FALSE)
#define TRUE_ONLY   (1u << TRUTH_TRUE)
#define ERROR_ONLY  (1u << TRUTH_ERROR)
#define ALL_TRUTHS  7u
#define PAIRS_MAX  20000u   /* pairs of policies that are asked about */
#define SHADOWS_MAX 1000u /* policies that are asked whether they alone shadow one */

/* What is known of a policy by itself. */
enum standing { ALIVE = 0, DEAD, OBSCURE };

struct judging {
	const struct bundle *bundle;
	const struct plan *plan;
	struct arena *scratch;
	const struct cedar_one *policies;
	uint32_t count;
	bool used[POLICY_STAGES];    /* the others are like one of these */
	uint8_t *standings;          /* of each policy */
	void (*found)(void *self, const struct analyze_finding *f);
	void *self;
	uint64_t pairs;
	struct analysis *report;
};

/* What an answer must show: one policy or two with these truths. */
struct wish {
	const struct judging *j;
	uint32_t policies[2];
	unsigned wanted[2];
	size_t count;
};

/* The truths with which it permits or forbids. */
static unsigned matching(const struct judging *j, uint32_t number)
{
	bool errs = j->policies[number].forbid && cedar_rules_mapping(j->plan->cedar)->error_denies;

	return TRUE_ONLY | (errs ? ERROR_ONLY : 0);
}

/* --- asking --- */

static enum err accept(void *self, const struct question *q, bool *ret)
{
	const struct wish *w = self;
	const struct cedar_rules *rules = w->j->plan->cedar;
	struct cedar_request request;

	*ret = true;
	TRY(cedar_rules_request(rules, q->stage, q->agent, &q->request, w->j->scratch, &request));
	for (size_t i = 0; i < w->count && *ret; i++) {
		const struct cedar_one *one = &w->j->policies[w->policies[i]];
		enum cedar_truth truth;

		TRY(cedar_evaluate(one->policies, one->number, cedar_rules_entities(rules),
				   &request, w->j->scratch, &truth, NULL));
		*ret = w->wanted[i] >> truth & 1;
	}
	return OK;
}

static struct solve_ask frame_of(const struct judging *j, int stage)
{
	return (struct solve_ask){ .stage = (enum policy_stage)stage,
				   .registered = !bundle_admits_unknown(j->bundle) };
}

/* At any stage: yes where one says so, no where all do. */
static enum err ask_truths(const struct judging *j, struct wish *wish, enum answer *ret,
			   struct question *witness)
{
	struct few_goal goals[2];

	*ret = ANSWER_NO;
	wish->j = j;
	for (size_t i = 0; i < wish->count; i++)
		goals[i] = (struct few_goal){ j->plan, NULL, wish->wanted[i], wish->policies[i] };
	for (int stage = 0; stage < POLICY_STAGES && *ret != ANSWER_YES; stage++) {
		struct solve_ask frame = frame_of(j, stage);
		enum answer answer = ANSWER_NO;

		frame.accept = accept;
		frame.self = wish;
		if (j->used[stage])
			TRY(solve_few(goals, wish->count, &frame, j->scratch, &answer, witness));
		if (answer != ANSWER_NO)
			*ret = answer;
	}
	return OK;
}

static enum err ask_decides(const struct judging *j, uint32_t number, enum answer *ret)
{
	*ret = ANSWER_NO;
	for (int stage = 0; stage < POLICY_STAGES && *ret != ANSWER_YES; stage++) {
		const struct contest c = {
			.sides = { { j->bundle, j->plan->queues[stage].count + 1 + number } },
			.count = 1,
			.frame = frame_of(j, stage),
			.accept = contest_is_won,
		};
		enum answer answer = ANSWER_NO;
		struct question witness;
		struct ruling ruling;

		if (j->used[stage])
			TRY(contest_ask(&c, j->scratch, &answer, &witness, &ruling));
		if (answer != ANSWER_NO)
			*ret = answer;
	}
	return OK;
}

/* --- judging --- */

static void report(struct judging *j, enum analyze_kind kind, uint32_t number,
		   const struct cedar_one *other, bool unknown, const struct question *witness)
{
	const struct cedar_one *one = &j->policies[number];
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
	const struct cedar_one *one = &j->policies[number];
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
static enum err find_shadow(const struct judging *j, uint32_t number,
			    const struct cedar_one **ret)
{
	const struct cedar_one *one = &j->policies[number];
	unsigned asked = 0;

	*ret = NULL;
	for (int forbids = 1; forbids >= one->forbid && !*ret; forbids--)
		for (uint32_t i = 0; i < j->count && !*ret && asked < SHADOWS_MAX; i++) {
			const struct cedar_one *other = &j->policies[i];
			struct wish wish = { .policies = { number, i }, .count = 2 };
			struct arena_mark mark = arena_mark(j->scratch);
			struct question witness;
			enum answer answer;

			if (other->forbid != forbids || i == number ||
			    (other->forbid == one->forbid && i > number))
				continue;
			asked++;
			wish.wanted[0] = matching(j, number);
			wish.wanted[1] = ALL_TRUTHS & ~matching(j, i);
			TRY(ask_truths(j, &wish, &answer, &witness));
			arena_rewind(j->scratch, mark);
			if (answer == ANSWER_NO)
				*ret = other;
		}
	return OK;
}

static enum err judge_place(struct judging *j, uint32_t number)
{
	const struct cedar_one *shadow;
	enum answer answer;

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
	    j->policies[permit].forbid || !j->policies[forbid].forbid)
		return OK;
	if (j->pairs++ >= PAIRS_MAX) {
		j->report->left_out++;
		return OK;
	}
	TRY(ask_truths(j, &wish, &answer, &witness));
	if (answer != ANSWER_NO)
		report(j, FINDING_OVERLAP, permit, &j->policies[forbid], answer == ANSWER_UNKNOWN,
		       answer == ANSWER_YES ? &witness : NULL);
	return OK;
}

/* Two whose scopes ask for different tools hold of no request together. */
static bool are_apart(const struct cedar_one *a, const struct cedar_one *b)
{
	struct cedar_uid from, to;

	return cedar_scope_action(a->policies, a->number, &from) &&
	       cedar_scope_action(b->policies, b->number, &to) && !cedar_uid_eq(&from, &to);
}

static enum err judge_all(struct judging *j)
{
	struct arena_mark mark = arena_mark(j->scratch);

	for (uint32_t i = 0; i < j->count; i++) {
		TRY(judge_alone(j, i));
		if (j->standings[i] != DEAD || matching(j, i) & ERROR_ONLY)
			TRY(judge_place(j, i));
		arena_rewind(j->scratch, mark);
	}
	for (uint32_t i = 0; i < j->count; i++)
		for (uint32_t k = 0; k < j->count; k++) {
			if (!are_apart(&j->policies[i], &j->policies[k]))
				TRY(judge_pair(j, i, k));
			arena_rewind(j->scratch, mark);
		}
	return OK;
}

/* Stages without rules are alike where no policy asks which stage it is. */
static enum err choose_stages(struct judging *j)
{
	struct arena_mark mark = arena_mark(j->scratch);
	bool empty = false, told;

	TRY(cedar_tells_stages(j->plan->cedar, j->scratch, &told));
	arena_rewind(j->scratch, mark);
	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		bool has_rules = j->plan->queues[stage].count > 0;

		j->used[stage] = stage == POLICY_PRE_TOOL || has_rules || !empty || told;
		empty = empty || !has_rules;
	}
	return OK;
}

static enum err list_policies(struct judging *j)
{
	struct cedar_one *list = arena_array(j->scratch, j->count, sizeof(*list));

	j->standings = arena_array(j->scratch, j->count, 1);
	if (!list || !j->standings)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < j->count; i++)
		cedar_rules_policy(j->plan->cedar, i, &list[i]);
	j->policies = list;
	return OK;
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

	if (!j.plan->cedar)
		return OK;
	j.count = (uint32_t)cedar_rules_count(j.plan->cedar);
	report->policies = j.count;
	TRY(list_policies(&j));
	TRY(choose_stages(&j));
	return judge_all(&j);
}
