/*
 * plan: rules in the order of trial, and the trial.
 *
 *   for every rule of the stage, in the order of the bundle's strategy:
 *           its document does not hold for the agent       next
 *           condition true                                 it matches
 *           condition undecidable, the rule denies         it matches, the error is reported
 *           condition undecidable, the rule allows         the error is reported, next
 *   the first match decides, unless it is above a floor
 *   a Cedar policy forbids                                 it decides, whatever allowed before
 *   no rule decided: a Cedar permit; else the strictest default of the applicable documents, that
 *   of Cedar being deny; none applies: deny
 *
 * Every strategy is an order: where denials override, denials are tried first. Orders are total, so
 * nothing depends on the sort. The index leaves out rules that are false for sure and keeps the
 * order of the rest.
 *
 * A floor is a document that others extend. Taken by itself, with what it extends, it too has a
 * first match; when that is stricter than what decided, it decides instead. So whatever a child
 * says, and at whatever priority, it can only tighten what its parent says.
 *
 * What a trial considered follows from the order and the truths of the rules alone, never from what
 * the index left out: considered.c keeps it for the record.
 */
#include "engine/policy/inside.h"

#include <stdlib.h>

#define ERRORS_FIRST_ROOM 4

/* One decision under way. */
struct trial {
	const struct plan *plan;
	struct str agent;
	struct arena *arena;
	struct sight sight;
	struct documents applies;    /* to the agent, parents included */
	struct documents floors;     /* of them, those whose own match is still to come */
	struct considered considered;
	struct str *errors, *erring;
	size_t error_count, error_room;
};

static const char *const stage_names[POLICY_STAGES] = {
	[POLICY_PRE_TOOL] = "pre_tool",
	[POLICY_PRE_INPUT] = "pre_input",
	[POLICY_POST_TOOL] = "post_tool",
	[POLICY_PRE_OUTPUT] = "pre_output",
};

const char *policy_stage_name(enum policy_stage stage)
{
	MUST(stage < POLICY_STAGES);
	return stage_names[stage];
}

bool policy_stage_read(struct str name, enum policy_stage *ret)
{
	for (int i = 0; i < POLICY_STAGES; i++)
		if (str_is(name, stage_names[i])) {
			*ret = (enum policy_stage)i;
			return true;
		}
	return false;
}

/* --- order --- */

/* How strict a rule is that matches. */
enum strictness { STRICT_DENY = 0, STRICT_APPROVAL, STRICT_NONE };

static enum strictness strictness_of(const struct rule *r)
{
	if (r->allows)
		return STRICT_NONE;
	return r->obligations & POLICY_APPROVAL ? STRICT_APPROVAL : STRICT_DENY;
}

/* A rule and what it is sorted by. */
struct ranked {
	const struct rule *rule;
	int32_t rank;                /* smaller is tried earlier, before priority */
};

static int32_t rank_of(const struct plan *p, const struct rule *r)
{
	switch (p->strategy) {
	case STRATEGY_DENY_OVERRIDES:
		return (int32_t)strictness_of(r);
	case STRATEGY_ALLOW_OVERRIDES:
		return -(int32_t)strictness_of(r);
	case STRATEGY_MOST_SPECIFIC:
		return -(int32_t)p->documents[r->document].scope;
	default:
		return 0;
	}
}

static int order_of_trial(const void *left, const void *right)
{
	const struct ranked *x = left, *y = right;
	const struct rule *a = x->rule, *b = y->rule;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->document != b->document)
		return a->document < b->document ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

/* The rules of one stage into its queue. `ranked` is room for all of them. */
static enum err fill_queue(struct plan *p, enum policy_stage stage, struct ranked *ranked,
			   struct arena *memory)
{
	struct queue *q = &p->queues[stage];
	size_t count = 0;

	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++) {
			const struct rule *rule = &p->documents[d].rules[r];

			if (rule->stage == stage)
				ranked[count++] = (struct ranked){ rule, rank_of(p, rule) };
		}
	if (count)
		qsort(ranked, count, sizeof(*ranked), order_of_trial);
	q->rules = arena_array(memory, count, sizeof(struct rule *));
	if (!q->rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		q->rules[i] = ranked[i].rule;
	q->count = (uint32_t)count;
	TRY(considered_prepare(q, p->document_count, memory));
	return rule_index_build(q->rules, q->count, memory, &q->index);
}

/* Rules of a document that nobody extends are for its own agents only. */
static void bind_agents(struct plan *p)
{
	for (size_t d = 0; d < p->document_count; d++) {
		struct document *document = &p->documents[d];
		bool own = document->agents.count > 0 && !plan_has_document(&p->floors, d);

		for (size_t r = 0; r < document->rule_count; r++)
			document->rules[r].agents = own ? &document->agents : NULL;
	}
}

static int by_agent(const void *left, const void *right)
{
	const struct named_document *a = left, *b = right;
	int order = str_cmp(a->agent, b->agent);

	return order ? order : (a->document > b->document) - (a->document < b->document);
}

/* Documents that are for agents by their whole names can be looked up; the others are tried. */
static bool names_agents(const struct document *d)
{
	for (size_t i = 0; i < d->agents.count; i++)
		if (d->agents.items[i].kind != PATTERN_EXACT)
			return false;
	return d->agents.count > 0;
}

static enum err index_agents(struct plan *p, struct arena *memory)
{
	struct named_document *named;
	size_t count = 0;

	p->tried = (struct documents){ .words = { 0 } };
	for (size_t d = 0; d < p->document_count; d++)
		count += p->documents[d].agents.count;
	named = arena_array(memory, count, sizeof(*named));
	if (!named)
		return ERR_MEMORY;
	count = 0;
	for (uint32_t d = 0; d < p->document_count; d++) {
		const struct patterns *agents = &p->documents[d].agents;

		if (!names_agents(&p->documents[d])) {
			plan_add_document(&p->tried, d);
			continue;
		}
		for (size_t i = 0; i < agents->count; i++)
			named[count++] = (struct named_document){ agents->items[i].text, d };
	}
	if (count)
		qsort(named, count, sizeof(*named), by_agent);
	p->named = named;
	p->named_count = count;
	return OK;
}

enum err plan_order(struct plan *p, struct arena *memory)
{
	struct ranked *ranked;

	p->rule_count = 0;
	for (size_t d = 0; d < p->document_count; d++) {
		p->rule_count += p->documents[d].rule_count;
		for (size_t w = 0; w < DOCUMENT_WORDS; w++)
			p->floors.words[w] |= p->documents[d].parents.words[w];
	}
	bind_agents(p);
	TRY(index_agents(p, memory));
	ranked = arena_array(memory, p->rule_count, sizeof(*ranked));
	if (!ranked)
		return ERR_MEMORY;
	for (int stage = 0; stage < POLICY_STAGES; stage++)
		TRY(fill_queue(p, (enum policy_stage)stage, ranked, memory));
	return OK;
}

enum err plan_join(struct arena *a, const struct str *parts, size_t count, struct str *ret)
{
	size_t len = 0;
	char *text;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	text = arena_alloc(a, len + 1);
	if (!text)
		return ERR_MEMORY;
	*ret = str_slice(text, len);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len)
			memcpy(text, parts[i].ptr, parts[i].len);
		text += parts[i].len;
	}
	return OK;
}

/* --- which documents hold --- */

bool plan_has_document(const struct documents *set, size_t document)
{
	return set->words[document / 64] >> (document % 64) & 1;
}

void plan_add_document(struct documents *set, size_t document)
{
	set->words[document / 64] |= UINT64_C(1) << (document % 64);
}

static void choose(struct trial *t, size_t d)
{
	const struct document *document = &t->plan->documents[d];

	plan_add_document(&t->applies, d);
	for (size_t w = 0; w < DOCUMENT_WORDS; w++)
		t->floors.words[w] |= document->parents.words[w];
}

static void choose_named(struct trial *t)
{
	const struct named_document *named = t->plan->named;
	size_t low = 0, high = t->plan->named_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(named[middle].agent, t->agent) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < t->plan->named_count && str_eq(named[low].agent, t->agent); low++)
		choose(t, named[low].document);
}

static void choose_documents(struct trial *t)
{
	choose_named(t);
	for (size_t w = 0; w < DOCUMENT_WORDS; w++)
		for (uint64_t left = t->plan->tried.words[w]; left; left &= left - 1) {
			size_t d = w * 64 + (size_t)__builtin_ctzll(left);
			const struct patterns *agents = &t->plan->documents[d].agents;

			if (agents->count == 0 || pattern_match(agents, t->agent))
				choose(t, d);
		}
	for (size_t w = 0; w < DOCUMENT_WORDS; w++)
		t->applies.words[w] |= t->floors.words[w];
}

/* --- errors --- */

static enum err make_room(struct trial *t)
{
	size_t room = t->error_room ? t->error_room * 2 : ERRORS_FIRST_ROOM;
	struct str *errors, *erring;

	if (t->error_count < t->error_room)
		return OK;
	errors = arena_array(t->arena, room, sizeof(*errors));
	erring = arena_array(t->arena, room, sizeof(*erring));
	if (!errors || !erring)
		return ERR_MEMORY;
	if (t->error_count) {
		memcpy(errors, t->errors, t->error_count * sizeof(*errors));
		memcpy(erring, t->erring, t->error_count * sizeof(*erring));
	}
	t->errors = errors;
	t->erring = erring;
	t->error_room = room;
	return OK;
}

/* "rule 'airline/refund': args.amount is missing (condition column 12)" */
static enum err report(struct trial *t, const struct rule *rule, uint32_t where)
{
	struct note why = { .column = 0 };
	char digits[10];
	size_t at = sizeof(digits);
	struct str parts[7] = { STR("rule '"), rule->identity, STR("': ") };

	condition_explain(rule->condition, &t->sight, where, &why);
	for (uint32_t left = why.column; left; left /= 10)
		digits[--at] = (char)('0' + left % 10);
	parts[3] = str_view(why.text);
	parts[4] = why.column ? STR(" (condition column ") : STR(" (tools");
	parts[5] = str_slice(digits + at, sizeof(digits) - at);
	parts[6] = STR(")");
	TRY(make_room(t));
	TRY(plan_join(t->arena, parts, 7, &t->errors[t->error_count]));
	t->erring[t->error_count] = rule->identity;
	t->error_count++;
	return OK;
}

/* --- trial --- */

/* What decides so far. */
struct match {
	const struct rule *rule;     /* NULL: nothing yet */
	uint32_t place;
	bool undecided;
};

static bool any(const struct documents *set)
{
	uint64_t all = 0;

	for (size_t w = 0; w < DOCUMENT_WORDS; w++)
		all |= set->words[w];
	return all != 0;
}

/*
 * The first match of each floor that the document is, or that extends it. A floor that is open has
 * all that it extends open, too, so a rule is of any open floor just when its own document is one.
 */
static void meet_floors(struct trial *t, size_t document, uint32_t gone)
{
	for (size_t d = 0; d < t->plan->document_count; d++) {
		if (!plan_has_document(&t->floors, d) ||
		    (d != document && !plan_has_document(&t->plan->documents[d].parents, document)))
			continue;
		t->floors.words[d / 64] &= ~(UINT64_C(1) << (d % 64));
		considered_end(&t->considered, d, gone);
	}
}

/*
 * The truth of a rule of the right stage; undecidable ones are reported. ERR_LIMIT once more was
 * looked at than a decision may: counted, not timed, so a replay stops at the same rule.
 */
static enum err ask(struct trial *t, const struct rule *rule, enum truth *ret)
{
	uint32_t where;

	*ret = TRUTH_TRUE;
	if (rule->condition)
		*ret = condition_run(rule->condition, &t->sight, &where);
	if (t->sight.work > LIMIT_DECISION_WORK)
		return ERR_LIMIT;
	return *ret == TRUTH_ERROR ? report(t, rule, where) : OK;
}

/* A rule matches: it decides when it is the first, or when it is a floor and stricter. */
static void take(struct trial *t, const struct match *match, struct match *ret)
{
	bool floor = plan_has_document(&t->floors, match->rule->document);

	if (!ret->rule)
		t->considered.tried = match->place + 1;
	if (floor)
		meet_floors(t, match->rule->document, match->place + 1);
	if (!ret->rule ||
	    (floor && strictness_of(match->rule) < strictness_of(ret->rule)))
		*ret = *match;
}

/* Floors whose own match did not come went on as far as the trial. */
static void end_floors(struct trial *t, uint32_t gone)
{
	for (size_t d = 0; d < t->plan->document_count; d++)
		if (plan_has_document(&t->floors, d))
			considered_end(&t->considered, d, gone);
}

static enum err try_rules(struct trial *t, const struct queue *q, struct match *ret)
{
	bool floors = any(&t->floors);
	struct contenders candidates;
	uint32_t place, gone = q->count;

	if (floors)
		TRY(considered_floors(&t->considered, t->plan->document_count));
	rule_index_open(q->index, t->agent, &t->sight, &candidates);
	while (rule_index_next(&candidates, &place)) {
		const struct rule *rule = q->rules[place];
		enum truth truth;

		if (!plan_has_document(&t->applies, rule->document))
			continue;
		if (ret->rule && !plan_has_document(&t->floors, rule->document))
			continue;
		TRY(ask(t, rule, &truth));
		if (truth == TRUTH_FALSE)
			continue;
		TRY(considered_add(&t->considered, place, truth));
		if (truth == TRUTH_ERROR && rule->allows)
			continue;
		take(t, &(struct match){ rule, place, truth == TRUTH_ERROR }, ret);
		if (!floors || strictness_of(ret->rule) == STRICT_DENY || !any(&t->floors)) {
			gone = place + 1;
			break;
		}
	}
	if (floors)
		end_floors(t, gone);
	return OK;
}

/* The first applicable document that denies; else the first that applies; else NULL. */
static const struct document *strictest(const struct trial *t)
{
	const struct document *found = NULL;

	for (size_t d = 0; d < t->plan->document_count; d++) {
		const struct document *document = &t->plan->documents[d];

		if (!plan_has_document(&t->applies, d))
			continue;
		if (!document->allows)
			return document;
		if (!found)
			found = document;
	}
	return found;
}

static enum err fall_through(struct trial *t, struct ruling *ret)
{
	const struct document *document = strictest(t);
	const struct str parts[] = { STR("no policy applies to agent '"), t->agent, STR("'") };

	if (t->plan->cedar && (!document || document->allows)) {
		ret->reason = STR("no rule matched, and no Cedar policy permits");
		return OK;
	}
	if (!document)
		return plan_join(t->arena, parts, 3, &ret->reason);
	ret->allow = document->allows;
	ret->reason = document->fell_through;
	return OK;
}

static void rule_decides(const struct match *m, struct ruling *ret)
{
	const struct rule *rule = m->rule;

	ret->allow = rule->allows;
	ret->obligations = rule->obligations;
	ret->rule = rule->identity;
	ret->tried = m->place + 1;
	ret->approvers = rule->approvers;
	ret->approver_count = rule->approver_count;
	ret->edits = rule->edits;
	ret->limit = rule->limit;
	ret->reason = m->undecided ? rule->undecided : rule->matched;
}

/* What Cedar says goes into `t` (errors) and, when it decides, into the ruling. */
static enum err ask_cedar(struct trial *t, enum policy_stage stage, const struct match *match,
			  struct ruling *ret, bool *decided)
{
	struct cedar_ruling cedar;

	TRY(cedar_rules_decide(t->plan->cedar, stage, t->agent, t->sight.request, t->arena,
			       &cedar));
	t->sight.work += cedar.work;
	if (t->sight.work > LIMIT_DECISION_WORK)
		return ERR_LIMIT;
	for (size_t i = 0; i < cedar.error_count; i++) {
		TRY(make_room(t));
		t->errors[t->error_count] = cedar.errors[i];
		t->erring[t->error_count++] = cedar.erring[i];
	}
	ret->cedar = cedar.considered;
	ret->cost = cedar_rules_count(t->plan->cedar);
	*decided = cedar.kind == CEDAR_FORBIDS || (cedar.kind == CEDAR_PERMITS && !match->rule);
	if (*decided) {
		ret->allow = cedar.kind == CEDAR_PERMITS;
		ret->rule = cedar.rule;
		ret->line = cedar.line;
		ret->reason = cedar.reason;
	}
	return OK;
}

/* A rule that denies has nothing to fear from Cedar, and is not asked about there. */
static bool cedar_matters(const struct plan *p, const struct match *match)
{
	return p->cedar && (!match->rule || strictness_of(match->rule) != STRICT_DENY);
}

enum err plan_decide(const struct plan *p, enum policy_stage stage, struct str agent,
		     const struct value *request, struct arena *a, struct ruling *ret)
{
	const struct queue *q = &p->queues[stage];
	struct trial t = {
		.plan = p,
		.agent = agent,
		.arena = a,
		.sight = { .slots = &p->slots, .request = request },
		.considered = { .queue = q, .arena = a, .tried = q->count },
	};
	struct ruling ruling = { .tried = q->count };
	struct match match = { .rule = NULL };
	bool decided = false;

	t.sight.seen = arena_array(a, p->slots.count, sizeof(*t.sight.seen));
	t.sight.known = arena_array(a, p->slots.shared + 1, 1);
	t.sight.order = arena_array(a, p->slots.count, 1);
	if (!t.sight.seen || !t.sight.known || !t.sight.order)
		return ERR_MEMORY;
	choose_documents(&t);
	TRY(try_rules(&t, q, &match));
	if (cedar_matters(p, &match))
		TRY(ask_cedar(&t, stage, &match, &ruling, &decided));
	if (!decided && match.rule)
		rule_decides(&match, &ruling);
	else if (!decided)
		TRY(fall_through(&t, &ruling));
	ruling.errors = t.errors;
	ruling.erring = t.erring;
	ruling.error_count = t.error_count;
	TRY(considered_tell(&t.considered, p, &ruling));
	*ret = ruling;
	return OK;
}
