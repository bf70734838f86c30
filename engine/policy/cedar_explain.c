/*
 * cedar_explain: which Cedar policies an answer stands on, and which of their clauses settle them.
 *
 * As for rules, clause by clause is left out, the last first, as long as the rest settles whether
 * the policy matches. A policy that errs and is skipped is settled as one that does not match.
 */
#include "engine/policy/trace.h"

#define ALL_TRUTHS 7u
#define TRUE_ONLY  (1u << TRUTH_TRUE)
#define ERROR_ONLY (1u << TRUTH_ERROR)

struct explaining {
	const struct cedar_rules *rules;
	struct cedar_request request;
	struct arena *arena;
};

static unsigned matching(const struct explaining *x, bool forbid)
{
	return TRUE_ONLY |
	       (forbid && cedar_rules_mapping(x->rules)->error_denies ? ERROR_ONLY : 0);
}

/* The truths of the clauses; then those that settle it are left, and ALL_TRUTHS for the rest. */
static enum err settle(const struct explaining *x, const struct cedar_formula *f, unsigned wanted,
		       uint8_t *truths, uint8_t *leaves)
{
	const struct cedar_entities *entities = cedar_rules_entities(x->rules);

	for (size_t i = 0; i < f->clause_count; i++) {
		enum cedar_truth truth;

		TRY(cedar_clause_truth(&f->clauses[i], entities, &x->request, x->arena, &truth));
		truths[i] = (uint8_t)truth;
		leaves[i] = (uint8_t)(1u << truth);
	}
	for (size_t i = f->clause_count; i-- > 0;) {
		uint8_t kept = leaves[i];

		leaves[i] = ALL_TRUTHS;
		if (cedar_formula_sets(f, leaves) & ~wanted)
			leaves[i] = kept;
	}
	return OK;
}

static enum err list_clauses(const struct explaining *x, const struct cedar_formula *f,
			     unsigned wanted, struct explain_policy *ret)
{
	uint8_t *truths = arena_array(x->arena, f->clause_count, 1),
		*leaves = arena_array(x->arena, f->clause_count, 1);
	struct explain_clause *list = arena_array(x->arena, f->clause_count, sizeof(*list));

	if (!truths || !leaves || !list)
		return ERR_MEMORY;
	TRY(settle(x, f, wanted, truths, leaves));
	for (size_t i = 0; i < f->clause_count; i++) {
		if (leaves[i] == ALL_TRUTHS)
			continue;
		ret->remote = ret->remote || (f->clauses[i].scope && truths[i] == TRUTH_FALSE);
		list[ret->clause_count++] = (struct explain_clause){
			.text = f->clauses[i].text,
			.line = f->clauses[i].line,
			.column = f->clauses[i].column,
			.truth = (enum truth)truths[i],
		};
	}
	ret->clauses = list;
	return OK;
}

static enum err explain_one(const struct explaining *x, const struct cedar_one *one,
			    struct explain_policy *ret)
{
	struct cedar_formula f;
	enum cedar_truth truth;
	unsigned wanted;

	TRY(cedar_evaluate(one->policies, one->number, cedar_rules_entities(x->rules), &x->request,
			   x->arena, &truth, NULL));
	*ret = (struct explain_policy){ .policy = one->identity,
					.file = one->file,
					.line = one->line,
					.column = one->column,
					.forbid = one->forbid,
					.truth = (enum truth)truth };
	wanted = matching(x, one->forbid);
	ret->determines = wanted >> truth & 1;
	TRY(cedar_formula_make(one->policies, one->number, x->arena, &f));
	return list_clauses(x, &f, ret->determines ? wanted : ALL_TRUTHS & ~wanted, ret);
}

/* Policies are asked of agents who may ask, where no rule denies. */
static bool is_asked(const struct bundle *b, const struct question *q, const struct explanation *e)
{
	const struct value *flag = value_get_c(value_get_c(&q->request, "agent"), "registered");

	if (!bundle_plan(b)->cedar ||
	    (flag && flag->kind == VALUE_BOOL && !flag->boolean && !bundle_admits_unknown(b)))
		return false;
	for (size_t i = 0; i < e->count; i++)
		if (e->rules[i].decided && !e->rules[i].allows)
			return false;
	return true;
}

/* A permit counts for nothing where something forbids, or where a rule decides. */
static void weigh(const struct explanation *e, struct explain_policy *list, size_t count)
{
	bool settled = false;

	for (size_t i = 0; i < e->count; i++)
		settled = settled || e->rules[i].decided;
	for (size_t i = 0; i < count; i++)
		settled = settled || (list[i].forbid && list[i].determines);
	for (size_t i = 0; i < count; i++)
		list[i].determines = list[i].determines && (list[i].forbid || !settled);
}

enum err cedar_explain(const struct bundle *b, const struct question *q, struct arena *a,
		       struct explanation *e)
{
	const struct plan *p = bundle_plan(b);
	struct explaining x = { .rules = p->cedar, .arena = a };
	struct explain_policy *list;
	size_t count;

	if (!is_asked(b, q, e))
		return OK;
	count = cedar_rules_count(x.rules);
	list = arena_array(a, count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	TRY(cedar_rules_request(x.rules, q->stage, q->agent, &q->request, a, &x.request));
	for (size_t i = 0; i < count; i++) {
		struct cedar_one one;

		cedar_rules_policy(x.rules, i, &one);
		TRY(explain_one(&x, &one, &list[i]));
	}
	weigh(e, list, count);
	e->policies = list;
	e->policy_count = count;
	return OK;
}
