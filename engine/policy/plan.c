/*
 * plan: rules in the order of trial, and the trial.
 *
 *   for every rule, by priority (higher first), file name, place in the file:
 *           its document does not apply to the agent       next
 *           condition true                                 this rule decides
 *           condition undecidable, the rule denies         this rule decides, the error is reported
 *           condition undecidable, the rule allows         the error is reported, next
 *   no rule decided: the strictest default of the applicable documents; none applies: deny
 *
 * That order is total, so nothing depends on the sort. A later index over rules only has to leave
 * out rules whose condition is false for sure, and to keep the order of the rest.
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
	uint64_t applies[(LIMIT_POLICY_FILES + 63) / 64]; /* bit per document */
	struct str *errors;
	size_t error_count, error_room;
};

static int order_of_trial(const void *left, const void *right)
{
	const struct rule *a = *(const struct rule *const *)left,
			  *b = *(const struct rule *const *)right;

	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->document != b->document)
		return a->document < b->document ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

enum err plan_order(struct plan *p, struct arena *memory)
{
	size_t count = 0;

	for (size_t d = 0; d < p->document_count; d++)
		count += p->documents[d].rule_count;
	p->rules = arena_array(memory, count, sizeof(struct rule *));
	if (!p->rules)
		return ERR_MEMORY;
	p->rule_count = 0;
	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++)
			p->rules[p->rule_count++] = &p->documents[d].rules[r];
	if (count)
		qsort(p->rules, count, sizeof(struct rule *), order_of_trial);
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

static bool applies(const struct trial *t, size_t document)
{
	return t->applies[document / 64] >> (document % 64) & 1;
}

static void choose_documents(struct trial *t)
{
	for (size_t d = 0; d < t->plan->document_count; d++) {
		const struct patterns *agents = &t->plan->documents[d].agents;

		if (agents->count == 0 || pattern_match(agents, t->agent))
			t->applies[d / 64] |= UINT64_C(1) << (d % 64);
	}
}

static enum err make_room(struct trial *t)
{
	size_t room = t->error_room ? t->error_room * 2 : ERRORS_FIRST_ROOM;
	struct str *errors;

	if (t->error_count < t->error_room)
		return OK;
	errors = arena_array(t->arena, room, sizeof(*errors));
	if (!errors)
		return ERR_MEMORY;
	if (t->error_count)
		memcpy(errors, t->errors, t->error_count * sizeof(*errors));
	t->errors = errors;
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
	t->error_count++;
	return OK;
}

/* The first rule that decides, NULL when none does. */
static enum err try_rules(struct trial *t, const struct rule **ret, bool *undecided)
{
	for (size_t r = 0; r < t->plan->rule_count; r++) {
		const struct rule *rule = t->plan->rules[r];
		enum truth truth = TRUTH_TRUE;
		uint32_t where;

		if (!applies(t, rule->document))
			continue;
		if (rule->condition)
			truth = condition_run(rule->condition, &t->sight, &where);
		if (truth == TRUTH_FALSE)
			continue;
		if (truth == TRUTH_ERROR)
			TRY(report(t, rule, where));
		if (truth == TRUTH_ERROR && rule->allows)
			continue;
		*undecided = truth == TRUTH_ERROR;
		*ret = rule;
		return OK;
	}
	*ret = NULL;
	return OK;
}

/* The first applicable document that denies; else the first that applies; else NULL. */
static const struct document *strictest(const struct trial *t)
{
	const struct document *found = NULL;

	for (size_t d = 0; d < t->plan->document_count; d++) {
		const struct document *document = &t->plan->documents[d];

		if (!applies(t, d))
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

	if (!document)
		return plan_join(t->arena, parts, 3, &ret->reason);
	ret->allow = document->allows;
	ret->reason = document->fell_through;
	return OK;
}

enum err plan_decide(const struct plan *p, struct str agent, const struct value *request,
		     struct arena *a, struct ruling *ret)
{
	struct trial t = {
		.plan = p, .agent = agent, .arena = a, .sight = { &p->slots, request, NULL }
	};
	struct ruling ruling = { .allow = false };
	const struct rule *rule;
	bool undecided;

	t.sight.seen = arena_array(a, p->slots.count, sizeof(*t.sight.seen));
	if (!t.sight.seen)
		return ERR_MEMORY;
	choose_documents(&t);
	TRY(try_rules(&t, &rule, &undecided));
	if (rule) {
		ruling.allow = rule->allows;
		ruling.obligations = rule->obligations;
		ruling.rule = rule->identity;
		ruling.approvers = rule->approvers;
		ruling.approver_count = rule->approver_count;
		ruling.reason = undecided ? rule->undecided : rule->matched;
	} else {
		TRY(fall_through(&t, &ruling));
	}
	ruling.errors = t.errors;
	ruling.error_count = t.error_count;
	*ret = ruling;
	return OK;
}
