/*
 * coverage: which rules decided or matched, and which clauses were seen true and false.
 *
 * A policy of Cedar is a formula over clauses (cedar_clause.h). Which of them were asked is found
 * from the top down, once the truth of each part is known:
 *
 *   action == A && principal in G && !(x || y)     y was asked when the rest before it held and x
 *                                                  was false
 */
#include "engine/policy/trace.h"

_Static_assert((int)CEDAR_NO == (int)TRUTH_FALSE && (int)CEDAR_YES == (int)TRUTH_TRUE &&
		       (int)CEDAR_ERROR == (int)TRUTH_ERROR,
	       "what is seen of a clause is told in one way");

static enum err open_rule(const struct plan *p, const struct rule *rule, struct arena *a,
			  struct coverage_rule *ret)
{
	const struct condition *c = rule->condition;

	ret->rule = rule->identity;
	ret->file = p->documents[rule->document].file;
	ret->line = rule->line;
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

static enum err open_cedar(const struct cedar_one *one, struct arena *a, struct coverage_rule *ret)
{
	struct cedar_formula *f = arena_alloc(a, sizeof(*f));

	if (!f)
		return ERR_MEMORY;
	TRY(cedar_formula_make(one->policies, one->number, a, f));
	*ret = (struct coverage_rule){
		.rule = one->identity,
		.file = one->file,
		.line = one->line,
		.clauses = arena_array(a, f->clause_count, sizeof(*ret->clauses)),
		.clause_count = f->clause_count,
		.formula = f,
	};
	if (!ret->clauses)
		return ERR_MEMORY;
	for (size_t i = 0; i < f->clause_count; i++) {
		const struct cedar_clause *clause = &f->clauses[i];

		ret->clauses[i] = (struct coverage_clause){ .text = clause->text,
							    .line = clause->line,
							    .column = clause->column };
	}
	return OK;
}

enum err coverage_open(const struct bundle *b, struct arena *a, struct coverage *ret)
{
	const struct plan *p = bundle_plan(b);
	size_t policies = p->cedar ? cedar_rules_count(p->cedar) : 0;
	struct coverage c = { .rules = arena_array(a, p->rule_count + policies, sizeof(*c.rules)) };

	if (!c.rules)
		return ERR_MEMORY;
	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++)
			TRY(open_rule(p, &p->documents[d].rules[r], a, &c.rules[c.count++]));
	for (size_t i = 0; i < policies; i++) {
		struct cedar_one one;

		cedar_rules_policy(p->cedar, i, &one);
		TRY(open_cedar(&one, a, &c.rules[c.count++]));
	}
	*ret = c;
	return OK;
}

static void add_clauses(struct coverage_rule *c, const struct condition *condition, struct sight *s)
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

/* --- Cedar --- */

/* A node of a formula in one request. */
struct part {
	uint32_t args[3]; /* nodes */
	enum cedar_truth truth;
	bool asked;
};

static enum cedar_truth truth_in(unsigned set)
{
	return set & 1u << CEDAR_ERROR ? CEDAR_ERROR : set & 1u << CEDAR_YES ? CEDAR_YES : CEDAR_NO;
}

static size_t arg_count(enum cedar_node_op op)
{
	static const uint8_t counts[] = { [CEDAR_NODE_ASK] = 0,
					  [CEDAR_NODE_NOT] = 1,
					  [CEDAR_NODE_AND] = 2,
					  [CEDAR_NODE_OR] = 2,
					  [CEDAR_NODE_IF] = 3 };

	return counts[op];
}

/* The truth of each node, clauses included; what stands before a node is known then. */
static enum err find_truths(const struct cedar_formula *f, const struct cedar_rules *rules,
			    const struct cedar_request *request, struct arena *scratch,
			    struct part *parts)
{
	uint32_t stack[CEDAR_FORMULA_STACK];
	size_t top = 0;

	for (size_t i = 0; i < f->node_count; i++) {
		enum cedar_node_op op = f->nodes[i].op;
		unsigned sets[3] = { 0 };

		top -= arg_count(op);
		for (size_t k = 0; k < arg_count(op); k++) {
			parts[i].args[k] = stack[top + k];
			sets[k] = 1u << parts[stack[top + k]].truth;
		}
		if (op == CEDAR_NODE_ASK)
			TRY(cedar_clause_truth(&f->clauses[f->nodes[i].clause],
					       cedar_rules_entities(rules), request, scratch,
					       &parts[i].truth));
		else
			parts[i].truth = truth_in(cedar_node_join(op, sets));
		MUST(top < CEDAR_FORMULA_STACK);
		stack[top++] = (uint32_t)i;
	}
	return OK;
}

/* A node that was asked asks the first of its arguments, and others by what that says. */
static void ask_args(enum cedar_node_op op, const struct part *node, struct part *parts)
{
	enum cedar_truth first = op == CEDAR_NODE_ASK ? CEDAR_NO : parts[node->args[0]].truth;

	if (!node->asked || op == CEDAR_NODE_ASK)
		return;
	parts[node->args[0]].asked = true;
	if (op == CEDAR_NODE_AND || op == CEDAR_NODE_IF)
		parts[node->args[1]].asked = first == CEDAR_YES;
	if (op == CEDAR_NODE_OR)
		parts[node->args[1]].asked = first == CEDAR_NO;
	if (op == CEDAR_NODE_IF)
		parts[node->args[2]].asked = first == CEDAR_NO;
}

/* A policy without scope and conditions has no nodes, and always holds. */
static enum err add_policy(struct coverage_rule *c, const struct cedar_rules *rules,
			   const struct cedar_request *request, const struct ruling *r,
			   struct arena *scratch)
{
	const struct cedar_formula *f = c->formula;
	struct part *parts = arena_array(scratch, f->node_count, sizeof(*parts));

	if (!parts)
		return ERR_MEMORY;
	TRY(find_truths(f, rules, request, scratch, parts));
	if (f->node_count > 0)
		parts[f->node_count - 1].asked = true;
	for (size_t i = f->node_count; i-- > 0;) {
		ask_args(f->nodes[i].op, &parts[i], parts);
		if (parts[i].asked && f->nodes[i].op == CEDAR_NODE_ASK)
			c->clauses[f->nodes[i].clause].seen |= 1u << parts[i].truth;
	}
	c->matched += f->node_count == 0 || parts[f->node_count - 1].truth == CEDAR_YES;
	c->decided += r->rule.ptr && str_eq(r->rule, c->rule);
	return OK;
}

static enum err add_cedar(struct coverage_rule *policies, const struct plan *p,
			  const struct question *q, const struct ruling *r, struct arena *scratch)
{
	struct cedar_request request;

	TRY(cedar_rules_request(p->cedar, q->stage, q->agent, &q->request, scratch, &request));
	for (size_t i = 0; i < cedar_rules_count(p->cedar); i++)
		TRY(add_policy(&policies[i], p->cedar, &request, r, scratch));
	return OK;
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
	return p->cedar ? add_cedar(&c->rules[at], p, q, r, scratch) : OK;
}
