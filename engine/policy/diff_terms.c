/*
 * diff_terms: the terms of two bundles (term_list), those of one name held against each other. For
 * a term about certain agents and tools a request of theirs is shown that one of the bundles lets
 * through as far as rules go: it is what the term is about.
 */
#include "engine/policy/diff_terms.h"

#include "engine/policy/contest.h"
#include "engine/policy/term_list.h"

#define WITNESSES_MAX 64u /* rules that are tried for a request */

struct differing {
	const struct bundle *old, *now;
	struct arena *scratch;
	const struct diff_hearing *hearing;
	uint64_t *counts;
};

static enum outcome_change opposite(enum outcome_change c)
{
	return c == CHANGE_LOOSER ? CHANGE_TIGHTER : c == CHANGE_TIGHTER ? CHANGE_LOOSER : c;
}

static struct str meaning_of(const struct term *t)
{
	return t->meaning.ptr ? t->meaning : t->text;
}

/* What became of a term; one of the two may be NULL. */
static enum outcome_change compare(const struct term *was, const struct term *now)
{
	if (!was || !now) {
		const struct term *only = was ? was : now;

		if (only->detail)
			return CHANGE_NONE;
		return was ? opposite(only->added) : only->added;
	}
	switch (now->kind) {
	case TERM_NUMBER:
		if (was->number == now->number)
			return CHANGE_NONE;
		return now->number > was->number ? now->more : opposite(now->more);
	case TERM_RATE:
		return outcome_compare_limits(&was->rate, &now->rate);
	case TERM_SET:
		return outcome_compare_sets(was->set, was->set_count, now->set, now->set_count,
					    now->more);
	case TERM_CAPABILITIES:
		if (str_eq(was->text, now->text))
			return CHANGE_NONE;
		if (capability_narrows(now->text, was->text))
			return CHANGE_TIGHTER;
		return capability_narrows(was->text, now->text) ? CHANGE_LOOSER : CHANGE_OTHER;
	default:
		return str_eq(meaning_of(was), meaning_of(now)) ? CHANGE_NONE : CHANGE_OTHER;
	}
}

/* --- a request that a term is about --- */

/* A name that one of the patterns matches; `any` where there are none. */
static enum err name_in(const struct patterns *list, struct str any, struct arena *a,
			struct value *ret)
{
	struct str name = any;

	if (list->count)
		TRY(sample_glob(&list->items[0], a, &name));
	*ret = value_string(name);
	return OK;
}

/* The plainest request of an agent and a tool that the term is about. */
static enum err base_of(const struct plan *p, const struct term *t, struct arena *a,
			struct question *ret)
{
	static const struct patterns none = { NULL, 0 };
	const struct patterns *agents = t->curb ? &t->curb->agents : &none;
	struct value agent, tool;
	struct witness_change changes[2] = { { .value = &agent }, { .value = &tool } };
	struct slots slots;
	enum err e;

	if (t->curb && agents->count == 0)
		agents = &p->documents[t->document].agents;
	TRY(name_in(agents, STR("some-agent"), a, &agent));
	TRY(name_in(t->curb ? &t->curb->tools : &none, STR("some_tool"), a, &tool));
	TRY(slot_init(&slots, a));
	e = slot_member(&slots, SLOT_REQUEST, STR("agent"), &changes[0].slot);
	if (e == OK)
		e = slot_member(&slots, changes[0].slot, STR("id"), &changes[0].slot);
	if (e == OK)
		e = slot_member(&slots, SLOT_REQUEST, STR("action"), &changes[1].slot);
	if (e == OK)
		e = slot_member(&slots, changes[1].slot, STR("type"), &changes[1].slot);
	slot_seal(&slots);
	TRY(e);
	return witness_make(&slots, NULL, POLICY_PRE_TOOL, changes, 2, a, ret);
}

static bool is_allowed(void *self, const struct contest *c, const struct ruling *rulings)
{
	(void)self;
	(void)c;
	return rulings[0].allow;
}

static enum err find_witness(const struct bundle *b, const struct term *t, struct arena *a,
			     struct question *ret, bool *found)
{
	const struct plan *p = bundle_plan(b);
	const struct queue *q = &p->queues[POLICY_PRE_TOOL];
	struct question base;
	unsigned tried = 0;

	*found = false;
	if (!t->curb && !t->shown)
		return OK;
	TRY(base_of(p, t, a, &base));
	for (uint32_t at = 0; at <= q->count && tried < WITNESSES_MAX; at++) {
		const struct contest c = { .sides = { { b, at } },
					   .count = 1,
					   .frame = { .registered = true,
						      .base = &base,
						      .changes = UINT_MAX,
						      .keep_names = t->curb != NULL },
					   .accept = is_allowed };
		struct ruling ruling;
		enum answer answer;

		if (at < q->count && !q->rules[at]->allows)
			continue;
		tried++;
		TRY(contest_ask(&c, a, &answer, ret, &ruling));
		*found = answer == ANSWER_YES;
		if (*found)
			return OK;
	}
	return OK;
}

/* --- terms in pairs --- */

static enum err report(struct differing *d, const struct term *was, const struct term *now,
		       enum outcome_change change)
{
	const struct term *about = now ? now : was;
	struct arena_mark mark = arena_mark(d->scratch);
	struct diff_term term = { .change = change,
				  .what = about->what,
				  .was = was ? was->text : STR_NONE,
				  .now = now ? now->text : STR_NONE };
	struct question witness;
	bool found;

	TRY(find_witness(now ? d->now : d->old, about, d->scratch, &witness, &found));
	if (found)
		term.witness = &witness;
	d->counts[change]++;
	d->hearing->term(d->hearing->self, &term);
	arena_rewind(d->scratch, mark);
	return OK;
}

static enum err compare_lists(struct differing *d, const struct term_list *old,
			      const struct term_list *now)
{
	for (size_t i = 0; i < old->count; i++) {
		const struct term *was = &old->terms[i], *is = term_list_find(now, was->what);
		enum outcome_change change = compare(was, is);

		if (change != CHANGE_NONE)
			TRY(report(d, was, is, change));
	}
	for (size_t i = 0; i < now->count; i++) {
		const struct term *is = &now->terms[i];
		enum outcome_change change = compare(NULL, is);

		if (change != CHANGE_NONE && !term_list_find(old, is->what))
			TRY(report(d, NULL, is, change));
	}
	return OK;
}

enum err diff_terms(const struct bundle *old, const struct bundle *now, struct arena *scratch,
		    const struct diff_hearing *hearing, uint64_t *counts)
{
	struct differing d = { old, now, scratch, hearing, counts };
	struct arena_mark mark = arena_mark(scratch);
	struct term_list was, is;
	enum err e = term_list_open(old, scratch, &was), other = term_list_open(now, scratch, &is);

	if (e == OK)
		e = other;
	if (e == OK)
		e = compare_lists(&d, &was, &is);
	term_list_close(&is);
	term_list_close(&was);
	arena_rewind(scratch, mark);
	return e;
}
