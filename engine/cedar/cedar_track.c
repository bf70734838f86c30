/*
 * cedar_track: cells to values, and policies along their tests.
 *
 * A cell that several ask for is computed once: `outcomes` holds a pointer to its value, or to
 * `nothing` when it errs. What && || and if leave out is left out here too, so a cell is computed
 * only where the expression would be evaluated.
 */
#include "engine/cedar/cells.h"

/* The outcome of a cell that errs. */
static const struct cedar_value nothing;

enum err cedar_track_begin(struct cedar_run *r, const struct cedar_cells *cells)
{
	if (!cells)
		return OK;
	r->outcomes = arena_array(r->arena, cells->memories, sizeof(*r->outcomes));
	if (!r->outcomes)
		return ERR_MEMORY;
	r->cells = cells;
	return OK;
}

static const struct cedar_value *truth_of(struct cedar_run *r, uint32_t cell)
{
	struct cedar_value room;
	const struct cedar_value *v = cedar_cell_value(r, cell, &room);

	return v && v->kind == CEDAR_BOOL ? cedar_eval_bool(v->boolean) : NULL;
}

static const struct cedar_value *chain(struct cedar_run *r, const struct cedar_cell *c)
{
	const struct cedar_value *v = truth_of(r, c->args[0]);

	if (!v || v->boolean == (c->op == EXPR_OR))
		return v;
	return truth_of(r, c->args[1]);
}

static const struct cedar_value *apply(struct cedar_run *r, const struct cedar_cell *c,
				       uint32_t count, struct cedar_value *room)
{
	const struct cedar_value *args[2] = { NULL, NULL };
	struct cedar_value rooms[2];

	for (uint32_t i = 0; i < count; i++) {
		args[i] = cedar_cell_value(r, c->args[i], &rooms[i]);
		if (!args[i])
			return NULL;
	}
	return cedar_apply(r, c->op, c->expr, args, room);
}

static const struct cedar_value *compute(struct cedar_run *r, const struct cedar_cell *c,
					 struct cedar_value *room)
{
	const struct cedar_value *v;

	switch (c->op) {
	case EXPR_VAR:
		return cedar_eval_var(r, c->expr);
	case EXPR_AND:
	case EXPR_OR:
		return chain(r, c);
	case EXPR_NOT:
		v = truth_of(r, c->args[0]);
		return v ? cedar_eval_bool(!v->boolean) : NULL;
	case EXPR_IF:
		v = truth_of(r, c->args[0]);
		return v ? cedar_cell_value(r, c->args[v->boolean ? 1 : 2], room) : NULL;
	case EXPR_NEG:
	case EXPR_GET:
	case EXPR_HAS:
	case EXPR_LIKE:
	case EXPR_IS:
		return apply(r, c, 1, room);
	case EXPR_CALL:
		if (c->expr->arg_count == cedar_call_args(c->expr->call))
			return apply(r, c, c->expr->arg_count, room);
		return NULL;
	case EXPR_LITERAL:
	case EXPR_SLOT:
	case EXPR_SET:
	case EXPR_RECORD:
		return cedar_eval(r, c->expr, room);
	default:
		return apply(r, c, 2, room);
	}
}

/* A value that was computed lies in the caller's room, which ends before the decision does. */
static const struct cedar_value *keep(struct cedar_run *r, const struct cedar_value *v)
{
	struct cedar_value *kept = arena_alloc(r->arena, sizeof(*kept));

	if (!kept) {
		r->failure = ERR_MEMORY;
		return NULL;
	}
	*kept = *v;
	return kept;
}

const struct cedar_value *cedar_cell_value(struct cedar_run *r, uint32_t cell,
					   struct cedar_value *room)
{
	const struct cedar_cell *c = &r->cells->cells[cell];
	const struct cedar_value **outcome, *v;

	if (c->value)
		return c->value;
	if (!c->memory)
		return compute(r, c, room);
	outcome = &r->outcomes[c->memory - 1];
	if (!*outcome) {
		v = compute(r, c, room);
		if (v == room)
			v = keep(r, v);
		*outcome = v ? v : &nothing;
	}
	return *outcome == &nothing ? NULL : *outcome;
}

enum cedar_truth cedar_track_follow(struct cedar_run *r, size_t policy)
{
	const struct cedar_track *t = &r->cells->tracks[policy];
	const uint32_t *tests = r->cells->tests + t->first;
	enum cedar_truth result = CEDAR_YES;

	r->quiet = true;
	for (uint32_t i = 0; i < t->count && result == CEDAR_YES; i++) {
		const struct cedar_value *v = truth_of(r, tests[i]);

		if (!v)
			result = CEDAR_ERROR;
		else if (!v->boolean)
			result = CEDAR_NO;
	}
	r->quiet = false;
	return result;
}
