/*
 * contest: rivals are let in until the rules win, or cannot.
 *
 *   ask the rules and the rivals so far: some requests
 *        ^                v
 *        |          the evaluator -- as wanted -------> yes
 *        +-- new rivals --+
 *                         +-- none: there is no other -> no
 *                         +-- unknown ----------------> all before them at once, if they are few
 */
#include "engine/policy/contest.h"

#define ALL_TRUTHS 7u
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

bool contest_decides(const struct contest *c, size_t side, const struct ruling *r)
{
	const struct queue *q = queue_of(c, side);
	uint32_t at = c->sides[side].at;

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

static struct few_goal goal_of(const struct round *r, size_t side, const struct rule *rule,
			       bool matches)
{
	unsigned matching = contest_matching(rule);

	return (struct few_goal){ .plan = bundle_plan(r->c->sides[side].bundle),
				  .rule = rule,
				  .wanted = matches ? matching : ALL_TRUTHS & ~matching };
}

static bool is_known(const struct round *r, const struct rule *rule)
{
	for (size_t i = 0; i < r->goal_count + r->rival_count; i++)
		if (r->goals[i].rule == rule)
			return true;
	return false;
}

/* Note the rule before a side's own that decided instead; false when something else did. */
static bool note_rival(struct round *r, size_t side)
{
	const struct queue *q = queue_of(r->c, side);
	const struct ruling *ruling = &r->rulings[side];
	uint32_t place = ruling->tried - 1;

	if (!ruling->rule.ptr || place >= r->c->sides[side].at ||
	    !str_eq(q->rules[place]->identity, ruling->rule))
		return false;
	if (is_known(r, q->rules[place]))
		return r->rival_count > 0;
	if (r->goal_count + r->rival_count == GOALS_MAX)
		return false;
	r->goals[r->goal_count + r->rival_count++] = goal_of(r, side, q->rules[place], false);
	return true;
}

/* A request at which all goals come out as wanted. The search goes on until `ret`. */
static enum err on_request(void *self, const struct question *q, bool *ret)
{
	struct round *r = self;
	const struct contest *c = r->c;
	bool met = false;

	for (size_t i = 0; i < c->count; i++)
		TRY(question_decide(c->sides[i].bundle, q, r->arena, &r->rulings[i]));
	r->won = c->accept(c->self, c, r->rulings);
	*ret = r->won;
	if (r->won)
		return OK;
	for (size_t i = 0; i < c->count; i++)
		met = note_rival(r, i) || met;
	r->spoiled = r->spoiled || !met;
	*ret = ++r->tries == TRIES_MAX;
	return OK;
}

static enum err ask(struct round *r, bool trial, enum answer *ret, struct question *witness)
{
	struct solve_ask frame = r->c->frame;

	frame.accept = on_request;
	frame.self = r;
	frame.trial = trial;
	r->rival_count = 0;
	r->tries = 0;
	r->won = r->spoiled = false;
	return solve_few(r->goals, r->goal_count, &frame, r->arena, ret, witness);
}

/* The rules that are to decide. */
static void add_own(struct round *r)
{
	const struct contest *c = r->c;

	r->goal_count = 0;
	for (size_t i = 0; i < c->count; i++)
		if (c->sides[i].at < queue_of(c, i)->count)
			r->goals[r->goal_count++] = goal_of(r, i,
							    queue_of(c, i)->rules[c->sides[i].at],
							    true);
}

/* What several goals exclude together may show only when all of them are asked for. */
static enum err ask_all(struct round *r, enum answer *ret, struct question *witness)
{
	const struct contest *c = r->c;

	*ret = ANSWER_UNKNOWN;
	add_own(r);
	for (size_t i = 0; i < c->count; i++) {
		if (c->sides[i].at > CONTEST_RIVALS)
			return OK;
		for (uint32_t k = 0; k < c->sides[i].at; k++)
			r->goals[r->goal_count++] = goal_of(r, i, queue_of(c, i)->rules[k], false);
	}
	return ask(r, false, ret, witness);
}

static enum err run(struct round *r, enum answer *ret, struct question *witness)
{
	add_own(r);
	for (;;) {
		struct arena_mark mark = arena_mark(r->arena);

		TRY(ask(r, true, ret, witness));
		if (r->won || (*ret == ANSWER_NO && !r->rival_count && !r->spoiled))
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
