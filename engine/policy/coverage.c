/* coverage: which rules decided or matched, and which clauses were seen true and false. */
#include "engine/policy/trace.h"

static enum err open_rule(const struct rule *rule, struct arena *a, struct coverage_rule *ret)
{
	const struct condition *c = rule->condition;

	ret->rule = rule->identity;
	if (!c)
		return OK;
	ret->clauses = arena_array(a, c->count, sizeof(*ret->clauses));
	if (!ret->clauses)
		return ERR_MEMORY;
	for (uint32_t at = 0; at < c->count; at++) {
		struct coverage_clause *clause = &ret->clauses[ret->clause_count];

		if (!trace_asks(&c->steps[at]))
			continue;
		TRY(trace_clause(c, at, a, &clause->text));
		clause->column = c->steps[at].left_column;
		ret->clause_count++;
	}
	return OK;
}

enum err coverage_open(const struct bundle *b, struct arena *a, struct coverage *ret)
{
	const struct plan *p = bundle_plan(b);
	struct coverage c = { .rules = arena_array(a, p->rule_count, sizeof(*c.rules)),
			      .cedar = p->cedar != NULL };

	if (!c.rules)
		return ERR_MEMORY;
	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++)
			TRY(open_rule(&p->documents[d].rules[r], a, &c.rules[c.count++]));
	*ret = c;
	return OK;
}

static void add_clauses(struct coverage_rule *c, const struct condition *condition,
			struct sight *s)
{
	uint8_t seen[LIMIT_EXPR_NODES];
	size_t clause = 0;

	trace_walk(condition, s, seen);
	for (uint32_t at = 0; at < condition->count; at++) {
		if (!trace_asks(&condition->steps[at]))
			continue;
		if (seen[at])
			c->clauses[clause].seen |= 1u << (seen[at] - 1);
		clause++;
	}
}

enum err coverage_add(struct coverage *c, const struct bundle *b, const struct question *q,
		      const struct ruling *r, struct arena *scratch)
{
	const struct plan *p = bundle_plan(b);
	struct sight s;
	size_t at = 0;

	TRY(trace_sight(p, &q->request, scratch, &s));
	for (size_t d = 0; d < p->document_count; d++) {
		bool applies = trace_applies(p, (uint32_t)d, q->agent);

		for (size_t i = 0; i < p->documents[d].rule_count; i++, at++) {
			const struct rule *rule = &p->documents[d].rules[i];
			enum truth truth;

			if (!applies || rule->stage != q->stage)
				continue;
			truth = trace_rule(rule, &s);
			c->rules[at].matched += truth == TRUTH_TRUE ||
						(truth == TRUTH_ERROR && !rule->allows);
			c->rules[at].decided += r->rule.ptr && str_eq(r->rule, rule->identity);
			if (rule->condition)
				add_clauses(&c->rules[at], rule->condition, &s);
		}
	}
	return OK;
}
