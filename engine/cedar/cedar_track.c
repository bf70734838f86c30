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

static const struct cedar_value *find(struct cedar_run *r, const struct cedar_cell *c,
				      struct cedar_value *room);

/* Most cells are at hand, so this part is inline. */
static inline const struct cedar_value *value_of(struct cedar_run *r, uint32_t cell,
						 struct cedar_value *room)
{
	const struct cedar_cell *c = &r->cells->cells[cell];
	const struct cedar_value *v = c->value;

	if (v)
		return v;
	if (c->memory)
		v = r->outcomes[c->memory - 1];
	if (!v)
		return find(r, c, room);
	return v == &nothing ? NULL : v;
}

const struct cedar_value *cedar_cell_value(struct cedar_run *r, uint32_t cell,
					   struct cedar_value *room)
{
	return value_of(r, cell, room);
}

/* Where a bool must stand: all else errs. */
static enum cedar_truth truth_of(struct cedar_run *r, uint32_t cell)
{
	struct cedar_value room;
	const struct cedar_value *v = value_of(r, cell, &room);

	if (!v || v->kind != CEDAR_BOOL)
		return CEDAR_ERROR;
	return v->boolean ? CEDAR_YES : CEDAR_NO;
}

static const struct cedar_value *truth_value(enum cedar_truth truth)
{
	return truth == CEDAR_ERROR ? NULL : cedar_eval_bool(truth == CEDAR_YES);
}

/* `last` is the truth behind which nothing is looked at. */
static const struct cedar_value *chain(struct cedar_run *r, const struct cedar_cell *c,
				       enum cedar_truth last)
{
	enum cedar_truth first = truth_of(r, c->args[0]);

	if (first == last || first == CEDAR_ERROR)
		return truth_value(first);
	return truth_value(truth_of(r, c->args[1]));
}

static const struct cedar_value *choose(struct cedar_run *r, const struct cedar_cell *c,
					struct cedar_value *room)
{
	enum cedar_truth which = truth_of(r, c->args[0]);

	if (which == CEDAR_ERROR)
		return NULL;
	return value_of(r, c->args[which == CEDAR_YES ? 1 : 2], room);
}

static const struct cedar_value *invert(struct cedar_run *r, const struct cedar_cell *c)
{
	enum cedar_truth truth = truth_of(r, c->args[0]);

	return truth == CEDAR_ERROR ? NULL : cedar_eval_bool(truth == CEDAR_NO);
}

static const struct cedar_value *apply(struct cedar_run *r, const struct cedar_cell *c,
				       uint32_t count, struct cedar_value *room)
{
	const struct cedar_value *args[2] = { NULL, NULL };
	struct cedar_value rooms[2];

	for (uint32_t i = 0; i < count; i++) {
		args[i] = value_of(r, c->args[i], &rooms[i]);
		if (!args[i])
			return NULL;
	}
	return cedar_apply(r, c->op, c->expr, args, room);
}

/* A wrong number of arguments errs before any of them is looked at. */
static const struct cedar_value *call(struct cedar_run *r, const struct cedar_cell *c,
				      struct cedar_value *room)
{
	if (c->expr->arg_count != cedar_call_args(c->expr->call))
		return NULL;
	return apply(r, c, c->expr->arg_count, room);
}

static const struct cedar_value *compute(struct cedar_run *r, const struct cedar_cell *c,
					 struct cedar_value *room)
{
	switch (c->op) {
	case EXPR_VAR:
		return cedar_eval_var(r, c->expr);
	case EXPR_AND:
		return chain(r, c, CEDAR_NO);
	case EXPR_OR:
		return chain(r, c, CEDAR_YES);
	case EXPR_NOT:
		return invert(r, c);
	case EXPR_IF:
		return choose(r, c, room);
	case EXPR_NEG:
	case EXPR_GET:
	case EXPR_HAS:
	case EXPR_LIKE:
	case EXPR_IS:
		return apply(r, c, 1, room);
	case EXPR_CALL:
		return call(r, c, room);
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

static const struct cedar_value *find(struct cedar_run *r, const struct cedar_cell *c,
				      struct cedar_value *room)
{
	const struct cedar_value *v;

	if (++r->work > LIMIT_DECISION_WORK)
		return cedar_run_spent(r);
	v = compute(r, c, room);
	if (!c->memory)
		return v;
	if (v == room)
		v = keep(r, v);
	r->outcomes[c->memory - 1] = v ? v : &nothing;
	return v;
}

/* No sentence is made of an error here: the policy as it is written knows the place. */
enum cedar_truth cedar_track_follow(struct cedar_run *r, size_t policy)
{
	const struct cedar_track *t = &r->cells->tracks[policy];
	const uint32_t *tests = r->cells->tests + t->first;
	enum cedar_truth truth = CEDAR_YES;

	r->quiet = true;
	for (uint32_t i = 0; i < t->count && truth == CEDAR_YES; i++)
		truth = truth_of(r, tests[i]);
	r->quiet = false;
	return truth;
}
