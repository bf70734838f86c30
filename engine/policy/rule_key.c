/*
 * rule_key: what a condition cannot be true without.
 *
 *   action.type in ["refund", "pay"] and args.amount > 5      action.type: refund, pay
 *   (resource == "a" or resource startsWith "b/") and ...     resource: a, b/...
 *   args.amount > 5 and args.amount <= 9                      args.amount: 5 to 9
 *
 * Conjunction keeps the keys of both sides: F and anything is F. Disjunction keeps a slot that both
 * sides name, with the texts of both, or the span around both. Negation keeps nothing. A key speaks
 * of strings or of numbers; about a slot that is missing or holds something else it says nothing,
 * since a comparison is then undecidable or has other rules.
 *
 * Spans are of doubles and a step wider than the numbers they stand for: who is outside of one is
 * outside for sure, and who is inside is asked exactly.
 */
#include "engine/policy/inside.h"

#include <math.h>

#define NO_LEAF UINT32_MAX

/* A key in the making: a chain of comparisons of one slot with texts; or a span of numbers. */
struct draft {
	uint32_t slot, first, last;
	size_t texts;
	bool number;
	struct span span;
};

struct drafts {
	struct draft items[RULE_KEYS];
	size_t count;
};

struct search {
	const struct condition *condition;
	uint32_t next[LIMIT_EXPR_NODES];      /* chain of leaves, NO_LEAF at its end */
	struct drafts stack[CONDITION_STACK];
};

static size_t strings_of(const struct value *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->list.count; i++)
		count += list->list.items[i].kind == VALUE_STRING;
	return count;
}

static bool patterns_fit(const struct patterns *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind != PATTERN_EXACT && list->items[i].kind != PATTERN_PREFIX)
			return false;
	return true;
}

/* Does the step compare a slot with texts that are known? How many? */
static bool texts_of(const struct step *step, uint32_t *slot, size_t *count)
{
	const struct value *literal;

	*slot = step->left_slot ? step->left.slot : step->right.slot;
	if (step->op == STEP_NAMED) {
		*count = step->right.patterns->count;
		return patterns_fit(step->right.patterns);
	}
	if (step->op != STEP_EQ && step->op != STEP_IN && step->op != STEP_CONTAINS &&
	    step->op != STEP_STARTS)
		return false;
	if (step->left_slot == step->right_slot)
		return false;
	literal = step->left_slot ? step->right.value : step->left.value;
	if (step->op == STEP_EQ || (step->op == STEP_STARTS && step->left_slot)) {
		*count = 1;
		return literal->kind == VALUE_STRING;
	}
	if (step->op != (step->left_slot ? STEP_IN : STEP_CONTAINS) || literal->kind != VALUE_LIST)
		return false;
	*count = strings_of(literal);
	return true;
}

struct span span_of_number(const struct value *v)
{
	double real = v->kind == VALUE_INT ? (double)v->integer : v->real;

	return (struct span){ nextafter(real, -INFINITY), nextafter(real, INFINITY) };
}

bool span_has_number(const struct value *v)
{
	return v && (v->kind == VALUE_INT || v->kind == VALUE_REAL);
}

/* Does the step compare a slot with a number that is known? */
static bool number_of(const struct step *step, struct draft *d)
{
	const struct value *literal = step->left_slot ? step->right.value : step->left.value;
	enum step_op op = (enum step_op)step->op;
	bool below = op == STEP_LT || op == STEP_LE, above = op == STEP_GT || op == STEP_GE;

	if ((op != STEP_EQ && !below && !above) || step->left_slot == step->right_slot ||
	    !span_has_number(literal))
		return false;
	d->number = true;
	d->slot = step->left_slot ? step->left.slot : step->right.slot;
	d->span = span_of_number(literal);
	if (step->left_slot ? below : above)
		d->span.low = -INFINITY;
	if (step->left_slot ? above : below)
		d->span.high = INFINITY;
	return true;
}

static void add_leaf(struct search *s, uint32_t at, struct drafts *ret)
{
	struct draft d = { .first = at, .last = at };

	ret->count = 0;
	s->next[at] = NO_LEAF;
	if ((texts_of(&s->condition->steps[at], &d.slot, &d.texts) && d.texts <= RULE_KEY_TEXTS) ||
	    number_of(&s->condition->steps[at], &d))
		ret->items[ret->count++] = d;
}

static struct draft *draft_like(struct drafts *d, const struct draft *like)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->items[i].slot == like->slot && d->items[i].number == like->number)
			return &d->items[i];
	return NULL;
}

/* Both hold: the tighter one, or what the spans share. */
static void tighten(struct draft *mine, const struct draft *other)
{
	if (mine->number) {
		mine->span.low = fmax(mine->span.low, other->span.low);
		mine->span.high = fmin(mine->span.high, other->span.high);
	} else if (other->texts < mine->texts) {
		*mine = *other;
	}
}

static void conjoin(struct drafts *a, const struct drafts *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct draft *mine = draft_like(a, &b->items[i]);

		if (mine)
			tighten(mine, &b->items[i]);
		else if (a->count < RULE_KEYS)
			a->items[a->count++] = b->items[i];
	}
}

static void disjoin(struct search *s, struct drafts *a, struct drafts *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->count; i++) {
		struct draft d = a->items[i];
		const struct draft *other = draft_like(b, &d);

		if (!other || d.texts + other->texts > RULE_KEY_TEXTS)
			continue;
		if (d.number) {
			d.span.low = fmin(d.span.low, other->span.low);
			d.span.high = fmax(d.span.high, other->span.high);
		} else {
			s->next[d.last] = other->first;
			d.last = other->last;
			d.texts += other->texts;
		}
		a->items[kept++] = d;
	}
	a->count = kept;
}

static size_t collect_patterns(const struct patterns *list, struct key_text *texts)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct pattern *p = &list->items[i];
		bool prefix = p->kind == PATTERN_PREFIX;

		texts[i] = (struct key_text){ prefix ? pattern_prefix(p) : p->text, prefix };
	}
	return list->count;
}

static size_t collect_leaf(const struct step *step, struct key_text *texts)
{
	const struct value *literal = step->left_slot ? step->right.value : step->left.value;
	size_t count = 0;

	if (step->op == STEP_NAMED)
		return collect_patterns(step->right.patterns, texts);
	if (literal->kind == VALUE_STRING) {
		texts[0] = (struct key_text){ literal->string, step->op == STEP_STARTS };
		return 1;
	}
	for (size_t i = 0; i < literal->list.count; i++)
		if (literal->list.items[i].kind == VALUE_STRING)
			texts[count++] = (struct key_text){ literal->list.items[i].string, false };
	return count;
}

static enum err collect(const struct search *s, const struct draft *d, struct arena *scratch,
			struct rule_key *ret)
{
	struct key_text *texts = arena_array(scratch, d->texts, sizeof(*texts));
	size_t count = 0;

	*ret = (struct rule_key){ .slot = d->slot, .number = d->number, .span = d->span };
	if (d->number)
		return OK;
	if (!texts)
		return ERR_MEMORY;
	for (uint32_t at = d->first; at != NO_LEAF; at = s->next[at])
		count += collect_leaf(&s->condition->steps[at], texts + count);
	ret->texts = texts;
	ret->text_count = count;
	return OK;
}

enum err rule_key_find(const struct condition *c, struct arena *scratch,
		   struct rule_key keys[RULE_KEYS], size_t *count)
{
	struct search s = { .condition = c };
	size_t depth = 0;

	for (uint32_t at = 0; at < c->count; at++) {
		switch (c->steps[at].op) {
		case STEP_NOT:
			s.stack[depth - 1].count = 0;
			break;
		case STEP_AND:
			depth--;
			conjoin(&s.stack[depth - 1], &s.stack[depth]);
			break;
		case STEP_OR:
			depth--;
			disjoin(&s, &s.stack[depth - 1], &s.stack[depth]);
			break;
		case STEP_SKIP_FALSE:
		case STEP_SKIP_TRUE:
			break;
		default:
			add_leaf(&s, at, &s.stack[depth++]);
		}
	}
	for (size_t i = 0; i < s.stack[0].count; i++)
		TRY(collect(&s, &s.stack[0].items[i], scratch, &keys[i]));
	*count = s.stack[0].count;
	return OK;
}

enum err rule_key_agents(const struct patterns *agents, struct arena *scratch,
			 struct rule_key *keys, size_t *count)
{
	struct key_text *texts;

	if (!agents || agents->count > RULE_KEY_TEXTS || !patterns_fit(agents))
		return OK;
	texts = arena_array(scratch, agents->count, sizeof(*texts));
	if (!texts)
		return ERR_MEMORY;
	keys[(*count)++] = (struct rule_key){
		.slot = SLOT_AGENT, .texts = texts, .text_count = collect_patterns(agents, texts)
	};
	return OK;
}
