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

/* One contest under way. */
struct round {
	const struct contest *c;
	struct arena *arena;
	struct few_goal goals[2 + 2 * CONTEST_RIVALS];
	size_t goal_count;
	const struct rule *rival; /* what decided the last request instead; NULL: nothing */
	size_t rival_side;
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

static void add_goal(struct round *r, size_t side, const struct rule *rule, bool matches)
{
	unsigned matching = contest_matching(rule);

	r->goals[r->goal_count++] = (struct few_goal){
		.plan = bundle_plan(r->c->sides[side].bundle),
		.rule = rule,
		.wanted = matches ? matching : ALL_TRUTHS & ~matching,
	};
}

static bool is_goal(const struct round *r, const struct rule *rule)
{
	for (size_t i = 0; i < r->goal_count; i++)
		if (r->goals[i].rule == rule)
			return true;
	return false;
}

/* The rule before a side's own that decided instead; NULL when something else did. */
static const struct rule *rival_of(const struct round *r, size_t side)
{
	const struct queue *q = queue_of(r->c, side);
	const struct ruling *ruling = &r->rulings[side];
	uint32_t place = ruling->tried - 1;

	if (!ruling->rule.ptr || place >= r->c->sides[side].at ||
	    !str_eq(q->rules[place]->identity, ruling->rule) || is_goal(r, q->rules[place]))
		return NULL;
	return q->rules[place];
}

/* A request at which all goals come out as wanted: the last word, or a rival to be let in. */
static enum err on_request(void *self, const struct question *q, bool *ret)
{
	struct round *r = self;
	const struct contest *c = r->c;

	r->rival = NULL;
	for (size_t i = 0; i < c->count; i++)
		TRY(question_decide(c->sides[i].bundle, q, r->arena, &r->rulings[i]));
	*ret = true;
	if (c->accept(c->self, c, r->rulings))
		return OK;
	for (size_t i = 0; i < c->count && !r->rival; i++) {
		r->rival = rival_of(r, i);
		r->rival_side = i;
	}
	*ret = r->rival != NULL;
	return OK;
}

static enum err ask(struct round *r, enum answer *ret, struct question *witness)
{
	struct solve_ask frame = r->c->frame;

	frame.accept = on_request;
	frame.self = r;
	r->rival = NULL;
	return solve_few(r->goals, r->goal_count, &frame, r->arena, ret, witness);
}

/* The rules that are to decide. */
static void add_own(struct round *r)
{
	const struct contest *c = r->c;

	r->goal_count = 0;
	for (size_t i = 0; i < c->count; i++)
		if (c->sides[i].at < queue_of(c, i)->count)
			add_goal(r, i, queue_of(c, i)->rules[c->sides[i].at], true);
}

/* What several goals exclude together may show only when all of them are asked for. */
static enum err ask_all(struct round *r, enum answer *ret, struct question *witness)
{
	const struct contest *c = r->c;

	add_own(r);
	for (size_t i = 0; i < c->count; i++) {
		if (c->sides[i].at > CONTEST_RIVALS)
			return OK;
		for (uint32_t k = 0; k < c->sides[i].at; k++)
			add_goal(r, i, queue_of(c, i)->rules[k], false);
	}
	return ask(r, ret, witness);
}

static enum err run(struct round *r, enum answer *ret, struct question *witness)
{
	add_own(r);
	for (unsigned round = 0; round <= CONTEST_RIVALS; round++) {
		struct arena_mark mark = arena_mark(r->arena);

		TRY(ask(r, ret, witness));
		if (*ret == ANSWER_UNKNOWN)
			return ask_all(r, ret, witness);
		if (*ret == ANSWER_NO || !r->rival)
			return OK;
		arena_rewind(r->arena, mark);
		add_goal(r, r->rival_side, r->rival, false);
	}
	*ret = ANSWER_UNKNOWN;
	return OK;
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
