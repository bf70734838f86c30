/* trace: one decision taken apart. */
#include "engine/policy/trace.h"

#include "engine/base/canon.h"

/* A clause shown; longer ones are cut. */
#define CLAUSE_BYTES 512

static bool document_applies(const struct document *d, struct str agent)
{
	return d->agents.count == 0 || pattern_match(&d->agents, agent);
}

bool trace_applies(const struct plan *p, uint32_t document, struct str agent)
{
	if (document_applies(&p->documents[document], agent))
		return true;
	for (size_t d = 0; d < p->document_count; d++)
		if (plan_has_document(&p->documents[d].parents, document) &&
		    document_applies(&p->documents[d], agent))
			return true;
	return false;
}

bool trace_has_floors(const struct plan *p)
{
	for (size_t w = 0; w < DOCUMENT_WORDS; w++)
		if (p->floors.words[w])
			return true;
	return false;
}

enum err trace_sight(const struct plan *p, const struct value *request, struct arena *a,
		     struct sight *ret)
{
	struct sight s = { .slots = &p->slots, .request = request };

	s.seen = arena_array(a, p->slots.count, sizeof(*s.seen));
	s.known = arena_array(a, p->slots.shared + 1, 1);
	s.order = arena_array(a, p->slots.count, 1);
	if (!s.seen || !s.known || !s.order)
		return ERR_MEMORY;
	*ret = s;
	return OK;
}

enum truth trace_rule(const struct rule *rule, struct sight *s)
{
	uint32_t where;

	return rule->condition ? condition_run(rule->condition, s, &where) : TRUTH_TRUE;
}

bool trace_asks(const struct step *step)
{
	return step->op <= STEP_NAMED && step->op != STEP_CONST;
}

enum truth trace_step(const struct condition *c, uint32_t at, struct sight *s)
{
	const struct condition one = { c->slots, &c->steps[at], 1 };
	uint32_t where;

	return condition_run(&one, s, &where);
}

static enum truth joined(enum truth a, enum truth b, enum truth settles)
{
	if (a == settles || b == settles)
		return settles;
	return a == TRUTH_ERROR ? a : b;
}

void trace_walk(const struct condition *c, struct sight *s, uint8_t *seen)
{
	enum truth stack[CONDITION_STACK];
	size_t top = 0;

	memset(seen, 0, c->count);
	for (uint32_t at = 0; at < c->count; at++) {
		const struct step *step = &c->steps[at];

		switch (step->op) {
		case STEP_NOT:
			if (stack[top - 1] != TRUTH_ERROR)
				stack[top - 1] = stack[top - 1] == TRUTH_FALSE ? TRUTH_TRUE
									       : TRUTH_FALSE;
			break;
		case STEP_AND:
		case STEP_OR:
			top--;
			stack[top - 1] = joined(stack[top - 1], stack[top],
						step->op == STEP_AND ? TRUTH_FALSE : TRUTH_TRUE);
			break;
		case STEP_SKIP_FALSE:
		case STEP_SKIP_TRUE:
			if (stack[top - 1] ==
			    (step->op == STEP_SKIP_FALSE ? TRUTH_FALSE : TRUTH_TRUE))
				at = step->right.target - 1;
			break;
		default:
			stack[top] = trace_step(c, at, s);
			if (trace_asks(step))
				seen[at] = (uint8_t)(1 + stack[top]);
			top++;
		}
	}
}

unsigned trace_not(unsigned set)
{
	return (set & 1u << TRUTH_ERROR) | (set & 1u << TRUTH_TRUE ? 1u << TRUTH_FALSE : 0) |
	       (set & 1u << TRUTH_FALSE ? 1u << TRUTH_TRUE : 0);
}

unsigned trace_join(unsigned a, unsigned b, enum truth settles)
{
	unsigned s = 1u << settles, error = 1u << TRUTH_ERROR, set = 0,
		 other = 1u << (settles == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE);

	if ((a | b) & s)
		set |= s;
	if (a & other && b & other)
		set |= other;
	if ((a & error && b & (error | other)) || (b & error && a & other))
		set |= error;
	return set;
}

unsigned trace_sets(const struct condition *c, const uint8_t *leaves)
{
	unsigned stack[CONDITION_STACK];
	size_t top = 0;

	for (uint32_t at = 0; at < c->count; at++) {
		switch (c->steps[at].op) {
		case STEP_NOT:
			stack[top - 1] = trace_not(stack[top - 1]);
			break;
		case STEP_AND:
		case STEP_OR:
			top--;
			stack[top - 1] = trace_join(
				stack[top - 1], stack[top],
				c->steps[at].op == STEP_AND ? TRUTH_FALSE : TRUTH_TRUE);
			break;
		case STEP_SKIP_FALSE:
		case STEP_SKIP_TRUE:
			break;
		default:
			stack[top++] = leaves[at];
		}
	}
	return stack[0];
}

static void add_operand(struct buf *b, const struct slots *slots, bool is_slot, union operand o)
{
	char text[SLOT_TEXT_BYTES];

	if (is_slot) {
		slot_text(slots, o.slot, text);
		buf_add_c(b, text);
	} else {
		canon_value(b, o.value);
	}
}

void trace_step_text(struct buf *b, const struct condition *c, uint32_t at)
{
	const struct step *step = &c->steps[at];
	char path[SLOT_TEXT_BYTES];

	if (step->op == STEP_HAS || step->op == STEP_NAMED || step->op == STEP_TRUTH)
		slot_text(c->slots, step->left.slot, path);
	if (step->op == STEP_HAS) {
		buf_addf(b, "has(%s)", path);
	} else if (step->op == STEP_TRUTH) {
		buf_add_c(b, path);
	} else if (step->op == STEP_NAMED) {
		buf_addf(b, "%s is one of", path);
		for (size_t i = 0; i < step->right.patterns->count; i++)
			buf_addf(b, "%s %.*s", i ? "," : "",
				 STR_ARG(step->right.patterns->items[i].text));
	} else if (step->op == STEP_CONST) {
		buf_add_c(b, step->right.constant ? "true" : "false");
	} else {
		add_operand(b, c->slots, step->left_slot, step->left);
		buf_addf(b, " %s ", condition_op_text(step->op));
		if (step->op == STEP_MATCHES)
			canon_string(b, step->right.matcher->text);
		else
			add_operand(b, c->slots, step->right_slot, step->right);
	}
}

enum err trace_clause(const struct condition *c, uint32_t at, struct arena *a, struct str *ret)
{
	struct buf text;
	enum err e;

	buf_init(&text, 2 * LIMIT_CONDITION_BYTES);
	trace_step_text(&text, c, at);
	e = text.err;
	if (e == OK && text.len > CLAUSE_BYTES)
		text.len = str_utf8_prefix(str_slice(text.ptr, CLAUSE_BYTES));
	if (e == OK)
		e = arena_copy(a, buf_view(&text), ret);
	buf_fini(&text);
	return e;
}

enum err trace_decide(const struct plan *p, bool admits_unknown, const struct question *q,
		      struct arena *a, struct ruling *ret)
{
	const struct value *agent = value_get_c(&q->request, "agent");
	const struct value *registered = value_get_c(agent, "registered");
	const struct str parts[] = { STR("agent '"), q->agent, STR("' is not registered") };

	if (admits_unknown || !registered || registered->kind != VALUE_BOOL || registered->boolean)
		return plan_decide(p, q->stage, q->agent, &q->request, a, ret);
	*ret = (struct ruling){ .allow = false };
	return plan_join(a, parts, 3, &ret->reason);
}
