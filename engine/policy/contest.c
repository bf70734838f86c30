/*
 * contest: rivals are let in until the rules win, or cannot.
 *
 *   ask the rules and the rivals so far --- no ------> no
 *        ^                |       \------- unknown --> all before them at once, if they are few
 *        |               yes
 *        |                v
 *        +-- a rival   the evaluator -- as wanted ---> yes
 */
#include "engine/policy/contest.h"

#define ALL_TRUTHS 7u
#define TRUE_ONLY  (1u << TRUTH_TRUE)
#define TRIES_MAX  32 /* requests that are looked at before rivals are let in */

/* The rules themselves, and as many before each as all are asked about at once. */
#define GOALS_MAX (2 + 2 * CONTEST_RIVALS)

/* One contest under way. */
struct round {
	const struct contest *c;
	struct arena *arena;
	struct few_goal goals[GOALS_MAX];
	size_t goal_count;
	/* what decided instead, to be let in; they lie behind the goals, which they become */
	size_t rival_count;
	unsigned tries;
	bool won, spoiled; /* spoiled: something decided that is no rival */
	bool closed;       /* no more are let in */
	bool lossy;        /* a rival was let in that might match and not be in the way */
	struct ruling rulings[2];
};

unsigned contest_matching(const struct rule *rule)
{
	return 1u << TRUTH_TRUE | (rule->allows ? 0 : 1u << TRUTH_ERROR);
}

static const struct queue *queue_of(const struct contest *c, size_t side)
{
	return &bundle_plan(c->sides[side].bundle)->queues[c->frame.stage];
}

uint32_t contest_places(const struct bundle *b, enum policy_stage stage)
{
	const struct plan *p = bundle_plan(b);

	return p->queues[stage].count + 1 + (p->cedar ? (uint32_t)cedar_rules_count(p->cedar) : 0);
}

bool contest_policy(const struct contest_side *s, enum policy_stage stage, struct cedar_one *ret)
{
	uint32_t rules = bundle_plan(s->bundle)->queues[stage].count;

	if (s->at <= rules)
		return false;
	cedar_rules_policy(bundle_plan(s->bundle)->cedar, s->at - rules - 1, ret);
	return true;
}

bool contest_decides(const struct contest *c, size_t side, const struct ruling *r)
{
	const struct queue *q = queue_of(c, side);
	uint32_t at = c->sides[side].at;
	struct cedar_one one;

	if (contest_policy(&c->sides[side], c->frame.stage, &one))
		return r->rule.ptr && str_eq(r->rule, one.identity);
	if (at == q->count)
		return r->rule.ptr == NULL;
	return r->rule.ptr && str_eq(r->rule, q->rules[at]->identity);
}

bool contest_is_won(void *self, const struct contest *c, const struct ruling *rulings)
{
	(void)self;
	for (size_t i = 0; i < c->count; i++)
		if (!contest_decides(c, i, &rulings[i]))
			return false;
	return true;
}

/* The truths of a Cedar policy with which it permits or forbids. */
static unsigned holding(const struct plan *p, const struct cedar_one *one)
{
	bool errs = one->forbid && cedar_rules_mapping(p->cedar)->error_denies;

	return 1u << TRUTH_TRUE | (errs ? 1u << TRUTH_ERROR : 0);
}

/* That what stands at the place matches, or that it does not. */
static struct few_goal goal_at(const struct contest *c, size_t side, uint32_t at, bool matches)
{
	const struct contest_side s = { c->sides[side].bundle, at };
	struct few_goal goal = { .plan = bundle_plan(s.bundle) };
	struct cedar_one one;

	if (contest_policy(&s, c->frame.stage, &one)) {
		goal.policy = at - queue_of(c, side)->count - 1;
		goal.wanted = holding(goal.plan, &one);
	} else {
		goal.rule = queue_of(c, side)->rules[at];
		goal.wanted = contest_matching(goal.rule);
	}
	goal.wanted = matches ? goal.wanted : ALL_TRUTHS & ~goal.wanted;
	return goal;
}

static bool same_goal(const struct few_goal *a, const struct few_goal *b)
{
	return a->plan == b->plan && a->rule == b->rule && a->policy == b->policy;
}

static bool is_known(const struct round *r, const struct few_goal *goal)
{
	for (size_t i = 0; i < r->goal_count + r->rival_count; i++)
		if (same_goal(&r->goals[i], goal))
			return true;
	return false;
}

/* The place of what decided; the count of places when it is the default. */
static uint32_t place_of(const struct contest *c, size_t side, const struct ruling *ruling)
{
	const struct bundle *b = c->sides[side].bundle;
	uint32_t count = contest_places(b, c->frame.stage);
	uint32_t rules = queue_of(c, side)->count, tried = ruling->tried - 1;

	if (!ruling->rule.ptr)
		return count;
	if (tried < rules && str_eq(queue_of(c, side)->rules[tried]->identity, ruling->rule))
		return tried;
	for (uint32_t at = rules + 1; at < count; at++) {
		const struct contest_side s = { b, at };
		struct cedar_one one;

		if (contest_policy(&s, c->frame.stage, &one) && str_eq(one.identity, ruling->rule))
			return at;
	}
	return count;
}

/* Must what stands at the place not match, for a side's own to decide? */
static bool is_before(const struct contest *c, size_t side, uint32_t at)
{
	const struct contest_side other = { c->sides[side].bundle, at };
	uint32_t rules = queue_of(c, side)->count, own = c->sides[side].at;
	struct cedar_one mine, its;
	bool is_policy = contest_policy(&c->sides[side], c->frame.stage, &mine);

	if (at == rules || at == own)
		return false;
	if (!contest_policy(&other, c->frame.stage, &its))
		return is_policy ? !mine.forbid : at < own;
	if (is_policy && its.forbid == mine.forbid)
		return at < own && (!mine.forbid || its.set < mine.set ||
				    holding(bundle_plan(other.bundle), &its) == TRUE_ONLY);
	return its.forbid ? own >= rules || queue_of(c, side)->rules[own]->allows : own == rules;
}

/*
 * May it stand in the way without having to? A rule that denies may match behind one that allows;
 * and of two forbids of a file one that holds goes before one that errs, wherever they stand.
 */
static bool is_in_the_way(const struct contest *c, size_t side, uint32_t at)
{
	const struct contest_side other = { c->sides[side].bundle, at };
	const struct queue *q = queue_of(c, side);
	struct cedar_one mine, its;

	if (!contest_policy(&c->sides[side], c->frame.stage, &mine) || !mine.forbid)
		return false;
	if (at < q->count)
		return !q->rules[at]->allows;
	return contest_policy(&other, c->frame.stage, &its) && its.forbid && its.set == mine.set;
}

/*
 * Note what decided instead of a side's own; false when that says nothing about what to let in:
 * then the own one did not match after all, which an opaque clause can hide.
 */
static bool note_rival(struct round *r, size_t side)
{
	const struct contest *c = r->c;
	uint32_t at = place_of(c, side, &r->rulings[side]);
	struct few_goal goal;
	bool before;

	if (at == contest_places(c->sides[side].bundle, c->frame.stage))
		return false;
	before = is_before(c, side, at);
	if (!before && !is_in_the_way(c, side, at))
		return false;
	goal = goal_at(c, side, at, false);
	if (is_known(r, &goal))
		return r->rival_count > 0;
	if (r->goal_count + r->rival_count == GOALS_MAX)
		return false;
	r->goals[r->goal_count + r->rival_count++] = goal;
	r->lossy = r->lossy || !before;
	return true;
}

/* A request at which all goals come out as wanted: the last word, or a rival to be let in. */
static enum err on_request(void *self, const struct question *q, bool *ret)
{
	struct round *r = self;
	const struct contest *c = r->c;
	bool met = false;

	for (size_t i = 0; i < c->count; i++)
		TRY(question_decide(c->sides[i].bundle, q, r->arena, &r->rulings[i]));
	r->won = c->accept(c->self, c, r->rulings);
	*ret = r->won;
	if (r->won || r->closed)
		return OK;
	for (size_t i = 0; i < c->count; i++)
		met = note_rival(r, i) || met;
	r->spoiled = r->spoiled || !met;
	*ret = ++r->tries == TRIES_MAX;
	return OK;
}

static enum err ask(struct round *r, enum answer *ret, struct question *witness)
{
	struct solve_ask frame = r->c->frame;

	frame.accept = on_request;
	frame.self = r;
	frame.trial = !r->closed;
	r->rival_count = 0;
	r->tries = 0;
	r->won = r->spoiled = false;
	return solve_few(r->goals, r->goal_count, &frame, r->arena, ret, witness);
}

static void add_own(struct round *r)
{
	const struct contest *c = r->c;

	r->goal_count = 0;
	r->lossy = false;
	for (size_t i = 0; i < c->count; i++)
		if (c->sides[i].at != queue_of(c, i)->count)
			r->goals[r->goal_count++] = goal_at(c, i, c->sides[i].at, true);
}

/* What several goals exclude together may show only when all of them are asked for. */
static enum err ask_all(struct round *r, enum answer *ret, struct question *witness)
{
	const struct contest *c = r->c;

	*ret = ANSWER_UNKNOWN;
	add_own(r);
	r->closed = true;
	for (size_t i = 0; i < c->count; i++) {
		uint32_t places = contest_places(c->sides[i].bundle, c->frame.stage);
		size_t most = r->goal_count + CONTEST_RIVALS;

		for (uint32_t k = 0; k < places; k++) {
			if (!is_before(c, i, k))
				continue;
			if (r->goal_count == most)
				return OK;
			r->goals[r->goal_count++] = goal_at(c, i, k, false);
		}
	}
	return ask(r, ret, witness);
}

static enum err run(struct round *r, enum answer *ret, struct question *witness)
{
	add_own(r);
	for (;;) {
		struct arena_mark mark = arena_mark(r->arena);

		TRY(ask(r, ret, witness));
		if (r->won || (*ret == ANSWER_NO && !r->rival_count && !r->spoiled && !r->lossy))
			return OK;
		if (!r->rival_count ||
		    r->goal_count + r->rival_count > r->c->count + CONTEST_RIVALS)
			return ask_all(r, ret, witness);
		arena_rewind(r->arena, mark);
		r->goal_count += r->rival_count;
	}
}

enum err contest_ask(const struct contest *c, struct arena *a, enum answer *ret,
		     struct question *witness, struct ruling *rulings)
{
	struct round *r = arena_alloc(a, sizeof(*r));
	struct question found;
	enum answer answer;

	if (!r)
		return ERR_MEMORY;
	r->c = c;
	r->arena = a;
	TRY(run(r, &answer, &found));
	*ret = answer;
	if (answer != ANSWER_YES)
		return OK;
	*witness = found;
	memcpy(rulings, r->rulings, c->count * sizeof(*rulings));
	return OK;
}
