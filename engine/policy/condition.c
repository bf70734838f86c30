/*
 * condition: flat steps over a small stack of truth values.
 *
 *   args.a == 1 and not has(args.b)        0 EQ args.a, 1
 *                                          1 SKIP_FALSE -> 5     F and anything is F
 *                                          2 HAS args.b
 *                                          3 NOT
 *                                          4 AND
 *
 * Three truth values (Kleene, Introduction to Metamathematics, section 64): F and E = F, T or E =
 * T, not E = E, so a skip never changes an answer and the order of the operands never matters.
 * Skips lead forward only, so a run takes at most as many turns as there are steps. An undecided
 * value carries the step it came from; where two meet, the first one in the text is kept.
 */
#include "engine/base/canon.h"
#include "engine/policy/sequence_parts.h"

#include <math.h>
#include <stdio.h>

/* From here on canon writes reals with an exponent (ECMA-262 6.1.6.1.20). */
#define WHOLE_REALS_END 1e21
/* A described operand: "args.amount (string)", "the literal (integer)". */
#define OPERAND_BYTES (SLOT_TEXT_BYTES + 32)

struct cell {
	enum truth truth;
	uint32_t where;
};

const char *condition_op_text(enum step_op op)
{
	static const char *const texts[] = {
#define COMPARISON_TEXT(id, text) [id] = text,
		COMPARISON_LIST(COMPARISON_TEXT)
#undef COMPARISON_TEXT
	};

	MUST(op <= STEP_MATCHES);
	return texts[op];
}

enum err condition_add(struct code *c, struct step step, uint32_t *at)
{
	if (c->count == LIMIT_EXPR_NODES)
		return ERR_LIMIT;
	if (step.op <= STEP_NAMED)
		c->depth++;
	else if (step.op == STEP_AND || step.op == STEP_OR)
		c->depth--;
	if (c->depth > CONDITION_STACK)
		return ERR_LIMIT;
	if (at)
		*at = c->count;
	c->steps[c->count++] = step;
	return OK;
}

void condition_land(struct code *c, uint32_t at)
{
	MUST(at < c->count && c->steps[at].op >= STEP_SKIP_FALSE);
	c->steps[at].right.target = c->count;
}

/* --- comparisons that several conditions make --- */

/*
 * Everything the truth of a step depends on, besides the request. A number ends where its mark
 * does, because a pattern that follows may begin with a digit.
 */
static void spell_operand(struct buf *b, bool is_slot, union operand o)
{
	buf_add_byte(b, is_slot ? '$' : '=');
	if (is_slot) {
		buf_add_u64(b, o.slot);
		buf_add_byte(b, '$');
	} else {
		canon_value(b, o.value);
	}
}

static void spell_step(struct buf *b, const struct step *step)
{
	buf_clear(b);
	buf_add_byte(b, (char)('a' + step->op));
	spell_operand(b, step->left_slot, step->left);
	if (step->op == STEP_NAMED) {
		for (size_t i = 0; i < step->right.patterns->count; i++) {
			buf_add_u64(b, step->right.patterns->items[i].text.len);
			buf_add_byte(b, ':');
			buf_add(b, step->right.patterns->items[i].text);
		}
	} else if (step->op == STEP_MATCHES) {
		buf_add(b, step->right.matcher->text);
	} else {
		spell_operand(b, step->right_slot, step->right);
	}
}

static enum err share(struct slots *s, struct buf *b, struct step *step)
{
	struct str kept;
	uint32_t number;

	spell_step(b, step);
	TRY(b->err);
	if (map_get(&s->comparisons, buf_view(b), &number)) {
		struct step *first = s->firsts[number];

		if (!first->shared)
			first->shared = ++s->shared;
		step->shared = first->shared;
		return OK;
	}
	TRY(arena_copy(s->memory, buf_view(b), &kept));
	return slot_first(s, kept, step);
}

/* A comparison so long that it cannot be spelt is made each time. */
static enum err share_all(struct slots *s, struct step *steps, uint32_t count)
{
	struct buf b;
	enum err e = OK;

	buf_init(&b, LIMIT_CONDITION_BYTES);
	for (uint32_t i = 0; e == OK && i < count; i++)
		if (steps[i].op <= STEP_MATCHES || steps[i].op == STEP_NAMED)
			e = share(s, &b, &steps[i]);
	if (e == ERR_LIMIT)
		e = OK;
	buf_fini(&b);
	return e;
}

enum err condition_seal(const struct code *c, struct slots *slots, struct arena *memory,
			const struct condition **ret)
{
	struct condition *sealed = arena_alloc(memory, sizeof(*sealed));
	struct step *steps = arena_array(memory, c->count, sizeof(*steps));

	MUST(c->depth == 1);
	if (!sealed || !steps)
		return ERR_MEMORY;
	memcpy(steps, c->steps, c->count * sizeof(*steps));
	TRY(share_all(slots, steps, c->count));
	*sealed = (struct condition){ slots, steps, c->count };
	*ret = sealed;
	return OK;
}

static enum truth truth_of(bool yes)
{
	return yes ? TRUTH_TRUE : TRUTH_FALSE;
}

static const struct value *left_of(const struct step *step, struct sight *s)
{
	return step->left_slot ? slot_look(s, step->left.slot) : step->left.value;
}

static const struct value *right_of(const struct step *step, struct sight *s)
{
	return step->right_slot ? slot_look(s, step->right.slot) : step->right.value;
}

static enum truth ordered(enum step_op op, const struct value *a, const struct value *b)
{
	int order;

	if (!compare_order(a, b, &order))
		return TRUTH_ERROR;
	switch (op) {
	case STEP_LT:
		return truth_of(order < 0);
	case STEP_LE:
		return truth_of(order <= 0);
	case STEP_GT:
		return truth_of(order > 0);
	default:
		return truth_of(order >= 0);
	}
}

static enum truth among(const struct value *needle, const struct value *list)
{
	if (list->kind != VALUE_LIST)
		return TRUTH_ERROR;
	for (size_t i = 0; i < list->list.count; i++)
		if (value_eq(&list->list.items[i], needle))
			return TRUTH_TRUE;
	return TRUTH_FALSE;
}

static enum truth of_strings(enum step_op op, const struct value *a, const struct value *b)
{
	if (a->kind != VALUE_STRING || b->kind != VALUE_STRING)
		return TRUTH_ERROR;
	if (op == STEP_STARTS)
		return truth_of(str_starts(a->string, b->string));
	if (op == STEP_ENDS)
		return truth_of(str_ends(a->string, b->string));
	return truth_of(str_has(a->string, b->string));
}

/* One comparison of two values that are there. */
static enum truth compared(enum step_op op, const struct value *a, const struct value *b)
{
	switch (op) {
	case STEP_EQ:
		return truth_of(value_eq(a, b));
	case STEP_NE:
		return truth_of(!value_eq(a, b));
	case STEP_IN:
		return among(a, b);
	case STEP_CONTAINS:
		return a->kind == VALUE_LIST ? among(b, a) : of_strings(op, a, b);
	case STEP_STARTS:
	case STEP_ENDS:
		return of_strings(op, a, b);
	default:
		return ordered(op, a, b);
	}
}

/* The truth of a step that pushes. */
/* What it takes to look through a value; a member counts as one whatever it is. */
static uint64_t size_of(const struct value *v)
{
	return v->kind == VALUE_STRING ? v->string.len : v->kind == VALUE_LIST ? v->list.count : 1;
}

static enum truth matched(const struct step *step, const struct value *text, struct sight *s)
{
	uint64_t visits = 0;
	bool yes;

	if (text->kind != VALUE_STRING)
		return TRUTH_ERROR;
	yes = regex_match_counted(step->right.matcher->regex, text->string, &visits);
	s->work += visits;
	return truth_of(yes);
}

static enum truth leaf(const struct step *step, struct sight *s)
{
	const struct value *left, *right;

	if (step->op == STEP_CONST)
		return truth_of(step->right.constant);
	left = left_of(step, s);
	if (step->op == STEP_HAS)
		return truth_of(left != NULL);
	if (!left)
		return TRUTH_ERROR;
	switch (step->op) {
	case STEP_TRUTH:
		return left->kind == VALUE_BOOL ? truth_of(left->boolean) : TRUTH_ERROR;
	case STEP_NAMED:
		return left->kind == VALUE_STRING
			       ? truth_of(pattern_match(step->right.patterns, left->string))
			       : TRUTH_ERROR;
	case STEP_MATCHES:
		return matched(step, left, s);
	default:
		right = right_of(step, s);
		if (right)
			s->work += size_of(left) + size_of(right);
		return right ? compared(step->op, left, right) : TRUTH_ERROR;
	}
}

/* A comparison that stands in several places is made once. */
static enum truth leaf_once(const struct step *step, struct sight *s)
{
	uint8_t *known = &s->known[step->shared];

	if (!step->shared)
		return leaf(step, s);
	if (!*known)
		*known = (uint8_t)(leaf(step, s) + 1);
	return (enum truth)(*known - 1);
}

/* `settled` decides alone (F for and, T for or); else an undecided side leaves all undecided. */
static struct cell join(struct cell a, struct cell b, enum truth settled)
{
	if (a.truth == settled || b.truth == settled)
		return (struct cell){ settled, 0 };
	return a.truth == TRUTH_ERROR ? a : b;
}

enum truth condition_run(const struct condition *c, struct sight *s, uint32_t *where)
{
	struct cell stack[CONDITION_STACK];
	struct cell *top = stack; /* one above the highest */

	for (uint32_t at = 0; at < c->count; at++) {
		const struct step *step = &c->steps[at];

		switch (step->op) {
		case STEP_NOT:
			if (top[-1].truth != TRUTH_ERROR)
				top[-1].truth = truth_of(top[-1].truth == TRUTH_FALSE);
			break;
		case STEP_AND:
		case STEP_OR:
			top--;
			top[-1] = join(top[-1], top[0],
				       step->op == STEP_AND ? TRUTH_FALSE : TRUTH_TRUE);
			break;
		case STEP_SKIP_FALSE:
		case STEP_SKIP_TRUE:
			if (top[-1].truth ==
			    (step->op == STEP_SKIP_FALSE ? TRUTH_FALSE : TRUTH_TRUE))
				at = step->right.target - 1;
			break;
		default:
			*top++ = (struct cell){ leaf_once(step, s), at };
		}
	}
	MUST(top == stack + 1);
	*where = stack[0].where;
	return stack[0].truth;
}

/* 1.0 is recorded as 1, and who reads the record must be told the same story. */
static const char *kind_name(const struct value *v)
{
	bool whole = v->kind == VALUE_REAL && fabs(v->real) < WHOLE_REALS_END &&
		     v->real == trunc(v->real);

	return value_kind_name(whole ? VALUE_INT : v->kind);
}

static void describe(const struct sight *s, bool is_slot, union operand o, const struct value *v,
		     char *text)
{
	char path[SLOT_TEXT_BYTES] = "the literal";

	if (is_slot)
		slot_text(s->slots, o.slot, path);
	(void)snprintf(text, OPERAND_BYTES, "%s (%s)", path, kind_name(v));
}

static void explain_missing(struct sight *s, uint32_t slot, uint32_t column, struct note *n)
{
	char path[SLOT_TEXT_BYTES];

	if (sequence_explain(s, slot, column, n))
		return;
	slot_text(s->slots, slot, path);
	(void)note_set(n, ERR_NOT_FOUND, 0, column, "%s is missing", path);
}

/* Both operands are there, so the comparison does not take their types. */
static void explain_types(const struct sight *s, const struct step *step, const struct value *a,
			  const struct value *b, struct note *n)
{
	const char *op = condition_op_text(step->op);
	char left[OPERAND_BYTES], right[OPERAND_BYTES];
	bool text_left = a->kind == VALUE_STRING;

	describe(s, step->left_slot, step->left, a, left);
	describe(s, step->right_slot, step->right, b, right);
	if (step->op == STEP_IN)
		(void)note_set(n, ERR_TYPE, 0, step->right_column,
			       "'in' needs a list on its right, not %s", right);
	else if (step->op == STEP_CONTAINS && !text_left)
		(void)note_set(n, ERR_TYPE, 0, step->left_column,
			       "'contains' needs a list or a string on its left, not %s", left);
	else if (step->op == STEP_CONTAINS)
		(void)note_set(n, ERR_TYPE, 0, step->right_column,
			       "'contains' finds only a string in %s, not %s", left, right);
	else if (step->op == STEP_STARTS || step->op == STEP_ENDS)
		(void)note_set(n, ERR_TYPE, 0, text_left ? step->right_column : step->left_column,
			       "'%s' needs strings on both sides, not %s", op,
			       text_left ? right : left);
	else
		(void)note_set(n, ERR_TYPE, 0, step->left_column, "'%s' has no order for %s and %s",
			       op, left, right);
}

void condition_explain(const struct condition *c, struct sight *s, uint32_t where, struct note *n)
{
	const struct step *step = &c->steps[where];
	const struct value *left = left_of(step, s), *right;
	char text[OPERAND_BYTES];

	if (!left) {
		explain_missing(s, step->left.slot, step->left_column, n);
		return;
	}
	if (step->op == STEP_TRUTH || step->op == STEP_NAMED || step->op == STEP_MATCHES) {
		describe(s, step->left_slot, step->left, left, text);
		(void)note_set(n, ERR_TYPE, 0, step->left_column, "%s is not a %s", text,
			       step->op == STEP_TRUTH ? "boolean" : "string");
		return;
	}
	right = right_of(step, s);
	if (right)
		explain_types(s, step, left, right, n);
	else
		explain_missing(s, step->right.slot, step->right_column, n);
}

enum err condition_compile(struct str text, struct arena *a, const struct condition **ret,
			   struct note *n)
{
	struct slots *slots = arena_alloc(a, sizeof(*slots));
	struct code code = { .count = 0 };
	struct str kept;
	enum err e;

	if (!slots)
		return ERR_MEMORY;
	TRY(arena_copy(a, text, &kept));
	e = slot_init(slots, a);
	if (e == OK)
		e = sequence_init(slots, a, &slots->sequence);
	if (e == OK) {
		slots->sequence->declaring = false;
		slots->sequence->open = true;
	}
	if (e == OK)
		e = expr_parse(kept, POLICY_POST_TOOL, slots, &code, a, n);
	if (e == OK)
		e = condition_seal(&code, slots, a, ret);
	slot_seal(slots);
	return e;
}

/* Every path of one condition cost the parser a node, so they fit beside the request itself. */
enum truth condition_eval(const struct condition *c, const struct value *request, struct note *n)
{
	const struct value *seen[LIMIT_EXPR_NODES + 1] = { NULL };
	uint8_t known[LIMIT_EXPR_NODES + 1] = { 0 };
	struct sight sight = { c->slots, request, seen, known, NULL, 0 };
	enum truth truth;
	uint32_t where;

	MUST(c->slots->count <= LIMIT_EXPR_NODES + 1 && c->slots->shared <= LIMIT_EXPR_NODES);
	truth = condition_run(c, &sight, &where);
	if (truth == TRUTH_ERROR)
		condition_explain(c, &sight, where, n);
	return truth;
}
