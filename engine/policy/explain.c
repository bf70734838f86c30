/*
 * explain: minimal clauses by leaving out what can be left out, smallest changes by asking the
 * solver for one path, then two, and so on.
 */
#include "engine/policy/contest.h"
#include "engine/policy/reach.h"

#define ALL_TRUTHS 7u
#define CHANGES_MAX 64

/* --- why --- */

static enum err clause_of(const struct condition *c, uint32_t at, enum truth truth,
			  struct arena *a, struct explain_clause *ret)
{
	ret->column = c->steps[at].left_column;
	ret->truth = truth;
	return trace_clause(c, at, a, &ret->text);
}

/* Leave out clause by clause, the last first, as long as the rest settles it. */
static enum err find_clauses(const struct condition *c, struct sight *s, unsigned wanted,
			     struct arena *a, struct explain_rule *ret)
{
	uint8_t leaves[LIMIT_EXPR_NODES];
	struct explain_clause *list;

	list = arena_array(a, c->count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (uint32_t at = 0; at < c->count; at++) {
		const struct step *step = &c->steps[at];

		leaves[at] = ALL_TRUTHS;
		if (trace_asks(step))
			leaves[at] = (uint8_t)(1u << trace_step(c, at, s));
		else if (step->op == STEP_CONST)
			leaves[at] = 1u << (step->right.constant ? TRUTH_TRUE : TRUTH_FALSE);
	}
	for (uint32_t at = c->count; at-- > 0;) {
		uint8_t kept = leaves[at];

		if (!trace_asks(&c->steps[at]))
			continue;
		leaves[at] = ALL_TRUTHS;
		if (trace_sets(c, leaves) & ~wanted)
			leaves[at] = kept;
	}
	for (uint32_t at = 0; at < c->count; at++)
		if (trace_asks(&c->steps[at]) && leaves[at] != ALL_TRUTHS)
			TRY(clause_of(c, at, trace_step(c, at, s), a, &list[ret->clause_count++]));
	ret->clauses = list;
	return OK;
}

static enum err explain_one(const struct plan *p, const struct rule *rule,
			    const struct question *q, struct sight *s, struct arena *a,
			    struct explain_rule *ret)
{
	unsigned matching = 1u << TRUTH_TRUE | (rule->allows ? 0 : 1u << TRUTH_ERROR);

	*ret = (struct explain_rule){ .rule = rule->identity,
				      .allows = rule->allows,
				      .applies = trace_applies(p, rule->document, q->agent) };
	if (!ret->applies)
		return OK;
	ret->truth = trace_rule(rule, s);
	if (!rule->condition)
		return OK;
	return find_clauses(rule->condition, s,
			    matching >> ret->truth & 1 ? matching : ALL_TRUTHS & ~matching, a, ret);
}

enum err explain_question(const struct bundle *b, const struct question *q, struct arena *a,
			  struct explanation *ret)
{
	const struct plan *p = bundle_plan(b);
	const struct queue *queue = &p->queues[q->stage];
	struct explanation e = { .count = 0 };
	struct explain_rule *rules = arena_array(a, queue->count, sizeof(*rules));
	struct sight s;

	if (!rules)
		return ERR_MEMORY;
	TRY(question_decide(b, q, a, &e.ruling));
	TRY(trace_sight(p, &q->request, a, &s));
	for (uint32_t i = 0; i < queue->count && i < e.ruling.tried; i++) {
		TRY(explain_one(p, queue->rules[i], q, &s, a, &rules[e.count]));
		rules[e.count].decided = e.ruling.rule.ptr &&
					 str_eq(rules[e.count].rule, e.ruling.rule);
		e.count++;
	}
	e.rules = rules;
	TRY(cedar_explain(b, q, a, &e));
	*ret = e;
	return OK;
}

/* --- what would have to change --- */

struct turning {
	const struct bundle *bundle;
	const struct plan *plan;
	const struct question *base;
	const struct reach *reaches; /* of the queue */
	struct arena *arena;
	bool wanted;              /* the effect looked for */
	bool proved;              /* nothing but "no" was heard */
};

/* Whichever rule does it: what turns the effect around is what is looked for. */
static bool is_turned(void *self, const struct contest *c, const struct ruling *rulings)
{
	const struct turning *t = self;

	(void)c;
	return rulings[0].allow == t->wanted;
}

/* Let the rule at that place, or the default, decide. */
static enum err ask(struct turning *t, uint32_t at, unsigned changes, bool keep_names,
		    bool *found, struct question *ret)
{
	const struct contest c = {
		.sides = { { t->bundle, at } },
		.count = 1,
		.frame = { .stage = t->base->stage,
			   .registered = !bundle_admits_unknown(t->bundle),
			   .base = t->base,
			   .changes = changes,
			   .keep_names = keep_names },
		.accept = is_turned,
		.self = t,
	};
	struct arena_mark mark = arena_mark(t->arena);
	struct ruling ruling;
	enum answer answer;

	TRY(contest_ask(&c, t->arena, &answer, ret, &ruling));
	t->proved = t->proved && answer == ANSWER_NO;
	*found = answer == ANSWER_YES;
	if (!*found)
		arena_rewind(t->arena, mark);
	return OK;
}

static bool default_may_allow(const struct plan *p)
{
	for (size_t d = 0; d < p->document_count && !p->cedar; d++)
		if (p->documents[d].allows)
			return true;
	return false;
}

/* Each rule and Cedar policy with the wanted effect, and at last the default. */
static enum err try_targets(struct turning *t, unsigned changes, bool keep_names, bool *found,
			    struct question *ret)
{
	const struct queue *q = &t->plan->queues[t->base->stage];
	struct str tool = value_text(value_get_c(&t->base->request, "action"), "type");

	*found = false;
	for (uint32_t i = 0; i < q->count && !*found; i++)
		if (q->rules[i]->allows == t->wanted &&
		    (!keep_names || reach_has(&t->reaches[i], t->base->agent, tool)))
			TRY(ask(t, i, changes, keep_names, found, ret));
	for (uint32_t i = q->count + 1; i < contest_places(t->bundle, t->base->stage) && !*found;
	     i++) {
		const struct contest_side side = { t->bundle, i };
		struct cedar_one one;

		if (contest_policy(&side, t->base->stage, &one) && one.forbid != t->wanted)
			TRY(ask(t, i, changes, keep_names, found, ret));
	}
	if (*found || (t->wanted && !default_may_allow(t->plan)))
		return OK;
	return ask(t, q->count, changes, keep_names, found, ret);
}

struct comparing {
	struct arena *arena;
	struct explain_change *list;
	size_t count;
	struct buf path;
};

static enum err compare(struct comparing *c, const struct value *was, const struct value *now,
			unsigned depth);

static bool plain_key(struct str key)
{
	for (size_t i = 0; i < key.len; i++) {
		char k = key.ptr[i];

		if (!((k >= 'a' && k <= 'z') || (k >= 'A' && k <= 'Z') || k == '_' ||
		      (i > 0 && k >= '0' && k <= '9')))
			return false;
	}
	return key.len > 0;
}

static enum err compare_member(struct comparing *c, struct str key, const struct value *was,
			       const struct value *now, unsigned depth)
{
	size_t len = c->path.len;
	enum err e;

	if (plain_key(key))
		buf_addf(&c->path, "%s%.*s", len ? "." : "", STR_ARG(key));
	else
		buf_addf(&c->path, "[\"%.*s\"]", STR_ARG(key));
	e = c->path.err == OK ? compare(c, was, now, depth + 1) : c->path.err;
	c->path.len = len;
	return e;
}

static enum err note_change(struct comparing *c, const struct value *was, const struct value *now)
{
	struct explain_change *change = &c->list[c->count];

	if (c->count == CHANGES_MAX)
		return OK;
	c->count++;
	*change = (struct explain_change){ .was = was, .now = now };
	return arena_copy(c->arena, buf_view(&c->path), &change->path);
}

/* Objects member by member; everything else as a whole. Bounded by the depth of requests. */
static enum err compare(struct comparing *c, const struct value *was, const struct value *now,
			unsigned depth)
{
	if (was && now && value_eq(was, now))
		return OK;
	if (!was || !now || was->kind != VALUE_OBJECT || now->kind != VALUE_OBJECT ||
	    depth >= LIMIT_TREE_DEPTH)
		return note_change(c, was, now);
	for (size_t i = 0; i < was->object.count; i++) {
		const struct member *m = &was->object.members[i];

		TRY(compare_member(c, m->key, &m->value, value_get(now, m->key), depth));
	}
	for (size_t i = 0; i < now->object.count; i++) {
		const struct member *m = &now->object.members[i];

		if (!value_get(was, m->key))
			TRY(compare_member(c, m->key, NULL, &m->value, depth));
	}
	return OK;
}

static enum err list_changes(const struct question *was, struct arena *a, struct explain_flip *ret)
{
	struct comparing c = { .arena = a };
	enum err e;

	c.list = arena_array(a, CHANGES_MAX, sizeof(*c.list));
	if (!c.list)
		return ERR_MEMORY;
	buf_init(&c.path, LIMIT_LINE_BYTES);
	e = compare(&c, &was->request, &ret->question.request, 0);
	buf_fini(&c.path);
	ret->changes = c.list;
	ret->change_count = c.count;
	return e;
}

/* An agent that is not registered is denied before any rule: what follows is about one that is. */
static enum err registered_base(const struct bundle *b, const struct question *q, struct arena *a,
				struct question *ret)
{
	const struct value *agent = value_get_c(&q->request, "agent");
	const struct value *flag = value_get_c(agent, "registered"), yes = value_bool(true);
	struct slots slots;
	uint32_t slot;
	enum err e;

	*ret = *q;
	if (bundle_admits_unknown(b) || !flag || flag->kind != VALUE_BOOL || flag->boolean)
		return OK;
	TRY(slot_init(&slots, a));
	e = slot_member(&slots, SLOT_REQUEST, STR("agent"), &slot);
	if (e == OK)
		e = slot_member(&slots, slot, STR("registered"), &slot);
	slot_seal(&slots);
	TRY(e);
	return witness_make(&slots, q, q->stage, &(struct witness_change){ slot, &yes }, 1, a, ret);
}

/* Few changes first; agent and tool are touched only when nothing else helps. */
static enum err turn(struct turning *t, bool *found, struct question *ret)
{
	for (unsigned changes = 1; changes <= EXPLAIN_CHANGES && !*found; changes++)
		TRY(try_targets(t, changes, true, found, ret));
	for (unsigned changes = 1; changes <= EXPLAIN_CHANGES && !*found; changes++)
		TRY(try_targets(t, changes, false, found, ret));
	t->proved = true;
	if (!*found)
		TRY(try_targets(t, UINT_MAX, false, found, ret));
	return OK;
}

enum err explain_flip(const struct bundle *b, const struct question *q, struct arena *memory,
		      struct explain_flip *ret)
{
	struct turning t = { .bundle = b, .plan = bundle_plan(b), .arena = memory };
	struct explain_flip flip = { .hope = HOPE_UNKNOWN };
	struct question base;
	struct ruling now;
	bool found = false;

	TRY(question_decide(b, q, memory, &now));
	t.wanted = !now.allow;
	TRY(registered_base(b, q, memory, &base));
	t.base = &base;
	flip.question = base;
	TRY(question_decide(b, &base, memory, &now));
	found = now.allow == t.wanted;
	if (!found) {
		TRY(reach_find(t.plan, &t.plan->queues[base.stage], memory, &t.reaches));
		TRY(turn(&t, &found, &flip.question));
	}
	if (found) {
		flip.hope = HOPE_FOUND;
		TRY(question_decide(b, &flip.question, memory, &flip.ruling));
		TRY(list_changes(q, memory, &flip));
	} else if (t.proved && !trace_has_floors(t.plan)) {
		flip.hope = HOPE_NONE;
	}
	*ret = flip;
	return OK;
}
