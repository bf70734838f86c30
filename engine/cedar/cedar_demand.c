/*
 * cedar_demand: what a policy cannot hold without, of its scope and of its conditions.
 *
 *   permit (principal, action == A, resource)              action == A
 *     when { context.amount < 10 &&
 *            ["a", "b"].contains(context.tool) &&          context.tool is "a" or "b",
 *                                                             when context.amount is a long
 *            principal in G };                             principal in G,
 *                                                             when that, and context.tool is there
 *
 * Tests are taken in their order. A test that is false ends the policy only when none before it
 * errs, so a way by a test names what those before it need to have a truth. At the first test of
 * which that cannot be said simply (sums may overflow, calls may be wrong) the walk ends.
 */
#include "engine/cedar/cells.h"

/* Values of one way, and cells looked at for one policy. */
#define VALUES_MAX 64
#define STEPS_MAX 512
/* A test that so many share is a way by itself: when it is false, none of them holds. */
#define MANY_USES 8

#define KIND(kind) (UINT32_C(1) << (kind))
#define ANY_KIND UINT32_MAX
#define ORDERED (KIND(CEDAR_LONG) | KIND(CEDAR_DATETIME) | KIND(CEDAR_DURATION))

struct search {
	const struct cedar_cells *cells;
	struct arena *memory;
	struct cedar_way *ways;
	size_t way_count;
	struct cedar_need needs[DEMAND_NEEDS];       /* of the tests passed so far */
	uint32_t need_count;
	unsigned steps;
};

/* A way in the making. */
struct draft {
	enum cedar_subject subject;
	uint32_t cell;
	struct cedar_uid values[VALUES_MAX];
	size_t count;
};

static const struct cedar_cell *cell_at(const struct search *s, uint32_t number)
{
	return &s->cells->cells[number];
}

/* Types are never empty and never begin with a digit, so kinds do not meet. */
bool cedar_demand_value(const struct cedar_value *v, struct cedar_uid *ret)
{
	switch (v->kind) {
	case CEDAR_BOOL:
		*ret = (struct cedar_uid){ STR("0"), v->boolean ? STR("t") : STR("f") };
		return true;
	case CEDAR_LONG:
		*ret = (struct cedar_uid){ STR("1"), str_slice(&v->integer, sizeof(v->integer)) };
		return true;
	case CEDAR_STRING:
		*ret = (struct cedar_uid){ STR(""), v->string };
		return true;
	case CEDAR_ENTITY:
		*ret = v->uid;
		return true;
	default:
		return false;
	}
}

/* --- needs --- */

/* A path that is needed twice must do for both; when it cannot, the need is never met. */
static bool add_need(struct search *s, uint32_t cell, uint32_t kinds)
{
	for (uint32_t i = 0; i < s->need_count; i++)
		if (s->needs[i].cell == cell) {
			s->needs[i].kinds &= kinds;
			return true;
		}
	if (s->need_count == DEMAND_NEEDS)
		return false;
	s->needs[s->need_count++] = (struct cedar_need){ cell, kinds };
	return true;
}

static bool has_value(struct search *s, uint32_t number, uint32_t kinds);

static bool have_values(struct search *s, const struct cedar_cell *c, uint32_t first,
			uint32_t second)
{
	return has_value(s, c->args[0], first) && has_value(s, c->args[1], second);
}

/* Values of one kind have an order: that of the side that never changes, else longs. */
static bool has_order(struct search *s, const struct cedar_cell *c)
{
	const struct cedar_value *left = cell_at(s, c->args[0])->value,
				 *right = cell_at(s, c->args[1])->value;
	uint32_t kind = KIND(left ? left->kind : right ? right->kind : CEDAR_LONG);

	return (kind & ORDERED) && have_values(s, c, kind, kind);
}

/* In an entity, or in a set of entities that never changes. */
static bool has_membership(struct search *s, const struct cedar_cell *c)
{
	const struct cedar_value *other = cell_at(s, c->args[1])->value;

	if (!other || other->kind != CEDAR_SET)
		return have_values(s, c, KIND(CEDAR_ENTITY), KIND(CEDAR_ENTITY));
	for (size_t i = 0; i < other->set.count; i++)
		if (other->set.items[i].kind != CEDAR_ENTITY)
			return false;
	return has_value(s, c->args[0], KIND(CEDAR_ENTITY));
}

/* The methods that have a truth whenever their arguments are of their kinds. */
static bool has_answer(struct search *s, const struct cedar_cell *c)
{
	switch (c->expr->call) {
	case CALL_CONTAINS:
		return have_values(s, c, KIND(CEDAR_SET), ANY_KIND);
	case CALL_CONTAINS_ALL:
	case CALL_CONTAINS_ANY:
		return have_values(s, c, KIND(CEDAR_SET), KIND(CEDAR_SET));
	case CALL_IS_EMPTY:
		return has_value(s, c->args[0], KIND(CEDAR_SET));
	case CALL_HAS_TAG:
		return have_values(s, c, KIND(CEDAR_ENTITY), KIND(CEDAR_STRING));
	default:
		return false;
	}
}

static bool has_truth(struct search *s, const struct cedar_cell *c)
{
	switch (c->op) {
	case EXPR_AND:
	case EXPR_OR:
		return have_values(s, c, KIND(CEDAR_BOOL), KIND(CEDAR_BOOL));
	case EXPR_NOT:
		return has_value(s, c->args[0], KIND(CEDAR_BOOL));
	case EXPR_EQ:
	case EXPR_NE:
		return have_values(s, c, ANY_KIND, ANY_KIND);
	case EXPR_LT:
	case EXPR_LE:
	case EXPR_GT:
	case EXPR_GE:
		return has_order(s, c);
	case EXPR_IN:
		return has_membership(s, c);
	case EXPR_HAS:
		return c->expr->name_count == 1 &&
		       has_value(s, c->args[0], KIND(CEDAR_RECORD) | KIND(CEDAR_ENTITY));
	case EXPR_LIKE:
		return has_value(s, c->args[0], KIND(CEDAR_STRING));
	case EXPR_IS:
		return has_value(s, c->args[0], KIND(CEDAR_ENTITY));
	case EXPR_CALL:
		return has_answer(s, c);
	default:
		return false;
	}
}

/* Does the cell have a value of one of the kinds, given the needs, some of which it adds? */
static bool has_value(struct search *s, uint32_t number, uint32_t kinds)
{
	const struct cedar_cell *c = cell_at(s, number);

	if (++s->steps > STEPS_MAX)
		return false;
	if (c->value)
		return kinds & KIND(c->value->kind);
	if (c->op == EXPR_VAR)
		return kinds & KIND(c->expr->var == VAR_CONTEXT ? CEDAR_RECORD : CEDAR_ENTITY);
	if (c->op == EXPR_GET)
		return add_need(s, number, kinds);
	return (kinds & KIND(CEDAR_BOOL)) && has_truth(s, c);
}

/* --- ways --- */

/* All values of a way are of one subject: `a == 1 || b == 2` is none. */
static bool add_value(struct draft *d, enum cedar_subject subject, uint32_t cell,
		      const struct cedar_uid *value)
{
	if (d->count == VALUES_MAX ||
	    (d->count > 0 && (d->subject != subject || d->cell != cell)))
		return false;
	d->subject = subject;
	d->cell = cell;
	d->values[d->count++] = *value;
	return true;
}

/* The subject is one of the variables, by `of_var`, or a path; ALWAYS: neither. */
static enum cedar_subject subject_of(const struct search *s, uint32_t number,
				     const enum cedar_subject of_var[3], enum cedar_subject of_path)
{
	const struct cedar_cell *c = cell_at(s, number);

	if (c->op == EXPR_VAR)
		return c->expr->var == VAR_CONTEXT ? ALWAYS : of_var[c->expr->var];
	return c->op == EXPR_GET ? of_path : ALWAYS;
}

static const enum cedar_subject equal[] = { P_EQ, A_EQ, R_EQ };
static const enum cedar_subject within[] = { P_IN, A_IN, R_IN };
static const enum cedar_subject typed[] = { P_IS, ALWAYS, R_IS };
static const enum cedar_subject none[] = { ALWAYS, ALWAYS, ALWAYS };

/* Variables are filed by number of the subject alone, paths by their cell too. */
static bool add_fact(const struct search *s, struct draft *d, uint32_t subject,
		     const enum cedar_subject of_var[3], enum cedar_subject of_path,
		     const struct cedar_value *value)
{
	enum cedar_subject kind = subject_of(s, subject, of_var, of_path);
	struct cedar_uid uid;

	if (kind == ALWAYS || !value || !cedar_demand_value(value, &uid))
		return false;
	if (kind < PATH_IS && value->kind != CEDAR_ENTITY)
		return false;
	return add_value(d, kind, kind < PATH_IS ? 0 : subject, &uid);
}

/* The subject is, or is in, one of the set's items. */
static bool add_facts(const struct search *s, struct draft *d, uint32_t subject,
		      const enum cedar_subject of_var[3], enum cedar_subject of_path,
		      const struct cedar_value *set)
{
	for (size_t i = 0; i < set->set.count; i++)
		if (!add_fact(s, d, subject, of_var, of_path, &set->set.items[i]))
			return false;
	return set->set.count > 0;
}

static bool add_membership(const struct search *s, struct draft *d, const struct cedar_cell *c)
{
	const struct cedar_value *other = cell_at(s, c->args[1])->value;

	if (other && other->kind == CEDAR_SET)
		return add_facts(s, d, c->args[0], within, ALWAYS, other);
	return add_fact(s, d, c->args[0], within, ALWAYS, other);
}

/* A known set that contains the subject, or the other way round. */
static bool add_contained(const struct search *s, struct draft *d, const struct cedar_cell *c)
{
	const struct cedar_value *set = cell_at(s, c->args[0])->value;

	if (set && set->kind == CEDAR_SET)
		return add_facts(s, d, c->args[1], equal, PATH_IS, set);
	return add_fact(s, d, c->args[0], none, PATH_HOLDS, cell_at(s, c->args[1])->value);
}

static bool add_type(const struct search *s, struct draft *d, const struct cedar_cell *c)
{
	const struct cedar_uid type = { c->expr->name, STR("") };
	enum cedar_subject kind = subject_of(s, c->args[0], typed, ALWAYS);

	return kind != ALWAYS && add_value(d, kind, 0, &type);
}

/* Cut within a character it is still a beginning, and lengths fit a word of 64 bits. */
static bool add_prefix(const struct search *s, struct draft *d, const struct cedar_cell *c)
{
	const struct cedar_glob *first = c->expr->pattern.runs;
	struct cedar_uid prefix = { STR(""), STR("") };

	if (c->expr->pattern.count == 0 || first->star || first->text.len == 0 ||
	    cell_at(s, c->args[0])->op != EXPR_GET)
		return false;
	prefix.id = str_slice(first->text.ptr, first->text.len < DEMAND_PREFIX ? first->text.len
									      : DEMAND_PREFIX);
	return add_value(d, PATH_STARTS, c->args[0], &prefix);
}

/* True: the cell is false, or errs by itself, unless the draft's subject is one of its values. */
static bool draft_way(struct search *s, struct draft *d, uint32_t number)
{
	const struct cedar_cell *c = cell_at(s, number);
	uint32_t left;

	if (++s->steps > STEPS_MAX || c->value)
		return false;
	switch (c->op) {
	case EXPR_OR:
		return draft_way(s, d, c->args[0]) && draft_way(s, d, c->args[1]);
	case EXPR_EQ:
		left = cell_at(s, c->args[0])->value ? 1 : 0;
		return add_fact(s, d, c->args[left], equal, PATH_IS,
				cell_at(s, c->args[!left])->value);
	case EXPR_IN:
		return add_membership(s, d, c);
	case EXPR_IS:
		return add_type(s, d, c);
	case EXPR_LIKE:
		return add_prefix(s, d, c);
	case EXPR_CALL:
		return c->expr->call == CALL_CONTAINS && add_contained(s, d, c);
	default:
		return false;
	}
}

static enum err add_way(struct search *s, enum cedar_subject subject, uint32_t cell,
			const struct cedar_uid *values, size_t count)
{
	struct cedar_way *way = &s->ways[s->way_count];
	struct cedar_uid *copy = arena_array(s->memory, count, sizeof(*copy));

	if (!copy)
		return ERR_MEMORY;
	if (count)
		memcpy(copy, values, count * sizeof(*copy));
	*way = (struct cedar_way){ .subject = subject,
				   .cell = cell,
				   .need_count = s->need_count,
				   .values = copy,
				   .count = count };
	memcpy(way->needs, s->needs, sizeof(way->needs));
	s->way_count++;
	return OK;
}

/* Scopes are asked before all conditions and never err, so they need nothing. */
static enum err add_scope(struct search *s, const struct cedar_scope *scope, enum cedar_var var)
{
	const struct cedar_uid type = { scope->type, STR("") };

	switch (scope->op) {
	case SCOPE_ANY:
		return OK;
	case SCOPE_EQ:
		return add_way(s, equal[var], 0, &scope->uid, 1);
	case SCOPE_IS:
		return add_way(s, typed[var], 0, &type, 1);
	case SCOPE_IN:
	case SCOPE_IS_IN:
		if (scope->listed)
			return add_way(s, within[var], 0, scope->list, scope->list_count);
		return add_way(s, within[var], 0, &scope->uid, 1);
	}
	return OK;
}

enum err cedar_demand_find(const struct cedar_policies *p, const struct cedar_cells *cells,
			   size_t policy, struct arena *memory, struct cedar_way *ways,
			   size_t *count)
{
	struct search s = { .cells = cells, .memory = memory, .ways = ways };
	const struct cedar_track *t = &cells->tracks[policy];
	const struct cedar_policy *one = p->policies[policy];
	struct cedar_uid yes;

	(void)cedar_demand_value(cedar_eval_bool(true), &yes);
	TRY(add_scope(&s, &one->principal, VAR_PRINCIPAL));
	TRY(add_scope(&s, &one->action, VAR_ACTION));
	TRY(add_scope(&s, &one->resource, VAR_RESOURCE));
	for (uint32_t i = 0; i < t->count && s.way_count < DEMAND_WAYS; i++) {
		struct draft d = { .subject = ALWAYS };
		uint32_t test = cells->tests[t->first + i];

		if (draft_way(&s, &d, test))
			TRY(add_way(&s, d.subject, d.cell, d.values, d.count));
		else if (cell_at(&s, test)->uses >= MANY_USES)
			TRY(add_way(&s, TEST_HOLDS, test, &yes, 1));
		if (!has_value(&s, test, KIND(CEDAR_BOOL)))
			break;
	}
	*count = s.way_count;
	return OK;
}
