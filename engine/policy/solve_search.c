/*
 * solve_search: looking for a request that gives goals the truths that are wanted.
 *
 * A state of the search gives some variables a candidate. Each goal then has a set of truths that
 * it may still have: an atom with a variable that is not chosen yet has those of all candidates
 * (all three, when they are not exact), and connectives join sets as Kleene joins truths. A goal
 * whose set has nothing that is wanted ends the branch; one whose set holds only that is settled.
 * Variables with exact candidates are chosen first, so that a "no" is found before something
 * inexact could spoil it. A branch that hangs on an inexact variable proves nothing.
 *
 * Hence a second search where the first one proved nothing: the atoms of inexact variables are
 * taken for free truths, as if nothing tied them together. What is impossible even then, because
 * two goals want the same atom otherwise, is a "no"; what is possible then stays unknown.
 */
#include "engine/policy/solve_parts.h"

#define BASE UINT32_MAX    /* a candidate: what the base has there */
#define UNSET (UINT32_MAX - 1)
#define DEPTH_MAX 64       /* variables chosen at a time */
#define LEVELS_MAX 160     /* choices at a time, free truths among them */
#define VISITS_MAX 20000u  /* states of one search */
#define ALL_TRUTHS 7u
#define GOAL_STACK (CONDITION_STACK + 4)

/* One question being answered. */
struct search {
	struct solver *s;
	const struct solve_ask *ask;
	struct arena *arena;
	uint32_t *chosen;            /* by variable: candidate, BASE or UNSET */
	uint32_t **lists;            /* by variable: candidates that differ for these goals */
	uint32_t *counts;
	uint32_t *relevant;          /* the atoms of these goals */
	uint32_t relevant_count;
	uint8_t *any;                /* by atom of these goals: truths over those candidates */
	uint8_t *base_truths;        /* by atom with one variable */
	const struct value **base_values;
	uint32_t *settled;           /* by goal: level at which it was, 0: not yet */
	uint8_t *fixed;              /* by atom: the truth it was given, plus one; 0: none */
	uint32_t order[DEPTH_MAX];   /* variables in the order they were chosen */
	uint32_t depth, level;
	unsigned changes, visits;
	bool incomplete, free;       /* free: the second search */
	struct question *witness;
	enum err err;
};

/* --- sets of truths --- */

static const struct value *value_at(const struct search *q, uint32_t var)
{
	uint32_t c = q->chosen[var];

	return c == BASE ? q->base_values[var] : q->s->vars[var].domain.values[c];
}

/* Of a clause with any number of variables but one. */
static unsigned clause_set(const struct search *q, const struct clause *c)
{
	const struct value *values[CLAUSE_VARS];

	for (uint32_t i = 0; i < c->var_count; i++) {
		if (q->chosen[c->vars[i]] == UNSET)
			return ALL_TRUTHS;
		values[i] = value_at(q, c->vars[i]);
	}
	return c->opaque ? ALL_TRUTHS : 1u << clause_truth(q->s, c, values);
}

static unsigned atom_set(const struct search *q, uint32_t at)
{
	const struct atom *a = &q->s->atoms[at];
	uint32_t var = a->left != NO_VAR ? a->left : a->right;

	if (q->fixed[at])
		return 1u << (q->fixed[at] - 1);
	if (a->clause && !a->truths)
		return clause_set(q, a->clause);
	if (a->left == a->right && var == NO_VAR)
		return 1u << solve_compare(q->s, a, NULL, NULL);
	if (a->left != NO_VAR && a->right != NO_VAR) {
		if (q->chosen[a->left] == UNSET || q->chosen[a->right] == UNSET)
			return ALL_TRUTHS;
		return 1u << solve_compare(q->s, a, value_at(q, a->left), value_at(q, a->right));
	}
	if (q->chosen[var] == UNSET)
		return q->any[at];
	return 1u << (q->chosen[var] == BASE ? q->base_truths[at] : a->truths[q->chosen[var]]);
}

/* What Cedar joins; the arguments lie on the stack, the first one below. */
static uint8_t join_clauses(uint8_t op, const uint8_t *stack)
{
	const unsigned args[3] = { stack[0], stack[1], op == NODE_IF ? stack[2] : 0 };

	return (uint8_t)cedar_node_join(op == NODE_AND  ? CEDAR_NODE_AND
					: op == NODE_OR ? CEDAR_NODE_OR
							: CEDAR_NODE_IF,
					args);
}

static unsigned goal_set(const struct search *q, const struct goal *g)
{
	uint8_t stack[GOAL_STACK];
	size_t top = 0;

	for (uint32_t i = 0; i < g->count; i++) {
		const struct node *node = &g->nodes[i];

		if (node->op >= NODE_AND) {
			top -= node->op == NODE_IF ? 2 : 1;
			stack[top - 1] = join_clauses(node->op, stack + top - 1);
		} else if (node->op == STEP_AND || node->op == STEP_OR) {
			top--;
			stack[top - 1] = (uint8_t)trace_join(
				stack[top - 1], stack[top],
				node->op == STEP_AND ? TRUTH_FALSE : TRUTH_TRUE);
		} else if (node->op == STEP_NOT) {
			stack[top - 1] = (uint8_t)trace_not(stack[top - 1]);
		} else {
			MUST(top < GOAL_STACK);
			stack[top++] = (uint8_t)(node->op == STEP_CONST
							 ? 1u << (node->constant ? TRUTH_TRUE
										 : TRUTH_FALSE)
							 : atom_set(q, node->atom));
		}
	}
	return stack[0];
}

/* --- what goes together --- */

static bool is_object(const struct value *v)
{
	return v && (v->kind == VALUE_OBJECT || v->kind == VALUE_LIST);
}

/* Can the two variables have what they have chosen in one request? */
static bool clash(const struct search *q, uint32_t x, uint32_t y)
{
	const struct var *a = &q->s->vars[x], *b = &q->s->vars[y];
	const struct value *av = value_at(q, x), *bv = value_at(q, y);

	if (a->role == ROLE_REGISTERED && b->role == ROLE_FACT)
		return av->boolean != (bv != NULL);
	if (b->role == ROLE_REGISTERED && a->role == ROLE_FACT)
		return bv->boolean != (av != NULL);
	if (a->role == ROLE_FACT && b->role == ROLE_FACT && !av != !bv)
		return true;
	if (a->role == ROLE_SESSION && b->role == ROLE_SESSION && !av != !bv)
		return true;
	if (a->slot < b->slot && solve_is_below(&q->s->slots, b->slot, a->slot))
		return bv && !is_object(av);
	if (b->slot < a->slot && solve_is_below(&q->s->slots, a->slot, b->slot))
		return av && !is_object(bv);
	return false;
}

static bool fits(const struct search *q, uint32_t var)
{
	for (uint32_t i = 0; i + 1 < q->depth; i++)
		if (clash(q, q->order[i], var))
			return false;
	return true;
}

/* --- the search --- */

/* An unchosen variable that the goal still hangs on; exact ones only, unless `any`. */
static uint32_t open_var(const struct search *q, const struct goal *g, bool inexact)
{
	for (uint32_t i = 0; i < g->count; i++) {
		const struct atom *a = &q->s->atoms[g->nodes[i].atom];
		uint32_t vars[CLAUSE_VARS], count;

		if (g->nodes[i].op != STEP_NAMED)
			continue;
		count = solve_vars(a, vars);
		for (uint32_t k = 0; k < count; k++)
			if (q->chosen[vars[k]] == UNSET && (inexact || q->s->vars[vars[k]].exact))
				return vars[k];
	}
	return NO_VAR;
}

static uint32_t next_var(const struct search *q)
{
	for (int inexact = 0; inexact < (q->free ? 1 : 2); inexact++)
		for (size_t i = 0; i < q->ask->count; i++) {
			uint32_t var;

			if (q->settled[i])
				continue;
			var = open_var(q, &q->s->goals[q->ask->goals[i].goal], inexact);
			if (var != NO_VAR)
				return var;
		}
	return NO_VAR;
}

/* False when a goal cannot be reached any more. *open: some are not settled. */
static bool look(struct search *q, bool *open)
{
	*open = false;
	for (size_t i = 0; i < q->ask->count; i++) {
		const struct solve_goal *g = &q->ask->goals[i];
		unsigned set;

		if (q->settled[i])
			continue;
		set = goal_set(q, &q->s->goals[g->goal]);
		if (!(set & g->wanted))
			return false;
		if (set & ~g->wanted)
			*open = true;
		else
			q->settled[i] = q->level + 1;
	}
	return true;
}

static void unsettle(struct search *q)
{
	for (size_t i = 0; i < q->ask->count; i++)
		if (q->settled[i] > q->level)
			q->settled[i] = 0;
}

/* Make the request and show it to whoever asked. */
static bool show(struct search *q)
{
	struct witness_change changes[DEPTH_MAX];
	struct arena_mark mark = arena_mark(q->arena);
	struct question found;
	bool accepted = false;

	for (uint32_t i = 0; i < q->depth; i++)
		changes[i] = (struct witness_change){ q->s->vars[q->order[i]].slot,
						      value_at(q, q->order[i]) };
	q->err = witness_make(&q->s->slots, q->ask->base, q->ask->stage, changes, q->depth,
			      q->arena, &found);
	if (q->err == OK)
		q->err = q->ask->accept(q->ask->self, &found, &accepted);
	if (q->err != OK || !accepted) {
		arena_rewind(q->arena, mark);
		q->incomplete = q->incomplete || q->err != OK || !q->ask->trial;
		return false;
	}
	*q->witness = found;
	return true;
}

/* What is there, by kind as far as other paths depend on it. */
static unsigned shape(const struct value *v)
{
	return !v ? 0 : is_object(v) ? 1 : 2;
}

/* Do these goals see no difference between two candidates of a path? */
static bool are_alike(const struct search *q, uint32_t var, uint32_t x, uint32_t y)
{
	const struct domain *domain = &q->s->vars[var].domain;

	if (shape(domain->values[x]) != shape(domain->values[y]))
		return false;
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &q->s->atoms[q->relevant[i]];

		if (solve_asks_of(a, var) && (!a->truths || a->truths[x] != a->truths[y]))
			return false;
	}
	return true;
}

/* Goals that are not asked for here may tell candidates apart: path by path the others like it. */
static bool show_alike(struct search *q)
{
	for (uint32_t i = 0; i < q->depth; i++) {
		uint32_t var = q->order[i], chosen = q->chosen[var];
		bool found = false;

		for (uint32_t c = 0; chosen != BASE && !found && q->err == OK &&
				     c < q->s->vars[var].domain.count;
		     c++) {
			if (c == chosen || !are_alike(q, var, chosen, c))
				continue;
			q->chosen[var] = c;
			found = show(q);
		}
		q->chosen[var] = chosen;
		if (found)
			return true;
	}
	return false;
}

/* Everything is settled. */
static bool offer(struct search *q)
{
	return show(q) || (q->ask->trial && q->err == OK && show_alike(q));
}

static bool search(struct search *q);

static bool try_candidate(struct search *q, uint32_t var, uint32_t candidate)
{
	bool changes = q->ask->base && candidate != BASE, found = false;

	if (changes && q->changes == q->ask->changes)
		return false;
	q->chosen[var] = candidate;
	q->order[q->depth++] = var;
	q->level++;
	q->changes += changes;
	if (fits(q, var))
		found = search(q);
	q->changes -= changes;
	q->level--;
	q->depth--;
	unsettle(q);
	q->chosen[var] = UNSET;
	return found;
}

/* An atom without a truth that a goal still hangs on. */
static uint32_t next_atom(const struct search *q)
{
	for (size_t i = 0; i < q->ask->count; i++) {
		const struct goal *g = &q->s->goals[q->ask->goals[i].goal];

		for (uint32_t k = 0; !q->settled[i] && k < g->count; k++) {
			unsigned set = g->nodes[k].op == STEP_NAMED ? atom_set(q, g->nodes[k].atom)
								    : 0;

			if (set & (set - 1))
				return g->nodes[k].atom;
		}
	}
	return NO_VAR;
}

static bool try_truths(struct search *q, uint32_t atom)
{
	unsigned set = atom_set(q, atom);
	bool found = false;

	for (unsigned truth = TRUTH_FALSE; truth <= TRUTH_ERROR && !found; truth++) {
		if (!(set >> truth & 1))
			continue;
		q->fixed[atom] = (uint8_t)(truth + 1);
		q->level++;
		found = search(q);
		q->level--;
		unsettle(q);
		q->fixed[atom] = 0;
	}
	return found;
}

/* True when a request was found and accepted; in the second search, when one is not excluded. */
static bool search(struct search *q)
{
	bool open;
	uint32_t var;

	if (++q->visits > VISITS_MAX || q->err != OK) {
		q->incomplete = true;
		return false;
	}
	if (!look(q, &open))
		return false;
	if (!open)
		return q->free || offer(q);
	var = next_var(q);
	if (q->free && var == NO_VAR) {
		uint32_t atom = next_atom(q);

		return atom == NO_VAR || q->level == LEVELS_MAX || try_truths(q, atom);
	}
	/* Only what is opaque is left, and whoever asked may know better. */
	if (var == NO_VAR)
		return offer(q);
	if (q->depth == DEPTH_MAX || q->level == LEVELS_MAX) {
		q->incomplete = true;
		return false;
	}
	if (q->ask->base && try_candidate(q, var, BASE))
		return true;
	if (q->ask->base && q->ask->keep_names && q->s->vars[var].is_name)
		return false;
	for (uint32_t i = 0; i < q->counts[var]; i++)
		if (try_candidate(q, var, q->lists[var][i]))
			return true;
	if (!q->s->vars[var].exact)
		q->incomplete = true;
	return false;
}

/* --- one question --- */

/* The atoms of these goals that ask of one variable, and what its candidates look like to them. */
struct lineup {
	const struct domain *domain;
	const struct atom **atoms;
	uint32_t atom_count;
	uint64_t *prints;            /* by candidate: alike for those that do not differ */
};

/* Atom by atom, since the truths of one atom lie side by side. */
static enum err line_up(struct search *q, uint32_t var, struct lineup *ret)
{
	struct lineup l = { .domain = &q->s->vars[var].domain };

	l.atoms = arena_array(q->arena, q->relevant_count, sizeof(*l.atoms));
	l.prints = arena_array(q->arena, l.domain->count, sizeof(*l.prints));
	if (!l.atoms || !l.prints)
		return ERR_MEMORY;
	for (size_t c = 0; c < l.domain->count; c++)
		l.prints[c] = shape(l.domain->values[c]);
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &q->s->atoms[q->relevant[i]];

		if (!solve_asks_of(a, var))
			continue;
		l.atoms[l.atom_count++] = a;
		for (size_t c = 0; c < l.domain->count; c++)
			l.prints[c] = l.prints[c] * UINT64_C(0x9E3779B97F4A7C15) +
				      (a->truths ? a->truths[c] : c) + 1;
	}
	*ret = l;
	return OK;
}

/* Do two candidates differ in anything that is asked, or in shape? */
static bool differ(const struct lineup *l, uint32_t x, uint32_t y)
{
	if (l->prints[x] != l->prints[y] ||
	    shape(l->domain->values[x]) != shape(l->domain->values[y]))
		return true;
	for (uint32_t i = 0; i < l->atom_count; i++)
		if (!l->atoms[i]->truths || l->atoms[i]->truths[x] != l->atoms[i]->truths[y])
			return true;
	return false;
}

/* What is so of agents that are not registered only. */
static bool is_strange(const struct var *v, const struct value *candidate)
{
	if (v->role == ROLE_REGISTERED)
		return !candidate->boolean;
	return v->role == ROLE_FACT && !candidate;
}

/* Candidates that behave alike are one. */
static enum err list_candidates(struct search *q, uint32_t var)
{
	const struct var *v = &q->s->vars[var];
	uint32_t *list = arena_array(q->arena, v->domain.count, sizeof(*list));
	struct lineup l;

	if (!list)
		return ERR_MEMORY;
	TRY(line_up(q, var, &l));
	for (uint32_t c = 0; c < v->domain.count; c++) {
		bool fresh = true;

		if (q->ask->registered && is_strange(v, v->domain.values[c]))
			continue;
		for (uint32_t i = 0; i < q->counts[var] && fresh; i++)
			fresh = differ(&l, list[i], c);
		if (fresh)
			list[q->counts[var]++] = c;
	}
	q->lists[var] = list;
	return OK;
}

static unsigned union_of(const struct search *q, const struct atom *a, uint32_t at)
{
	uint32_t var = a->left != NO_VAR ? a->left : a->right;
	unsigned set = q->ask->base ? 1u << q->base_truths[at] : 0;

	if (!a->truths || !q->s->vars[var].exact)
		return ALL_TRUTHS;
	for (uint32_t i = 0; i < q->counts[var]; i++)
		set |= 1u << a->truths[q->lists[var][i]];
	return set;
}

static enum err take_base(struct search *q)
{
	struct solver *s = q->s;
	struct sight sight = { .slots = &s->slots, .request = &q->ask->base->request };

	sight.seen = arena_array(q->arena, s->slots.count, sizeof(*sight.seen));
	if (!sight.seen)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->var_count; i++)
		q->base_values[i] = slot_look(&sight, s->vars[i].slot);
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &s->atoms[q->relevant[i]];

		if (a->truths)
			q->base_truths[q->relevant[i]] = (uint8_t)solve_truth(
				s, a, q->base_values[a->left != NO_VAR ? a->left : a->right]);
	}
	return OK;
}

static void gather_relevant(struct search *q)
{
	for (size_t g = 0; g < q->ask->count; g++) {
		const struct goal *goal = &q->s->goals[q->ask->goals[g].goal];

		for (uint32_t i = 0; i < goal->count; i++) {
			uint32_t atom = goal->nodes[i].atom;

			if (goal->nodes[i].op != STEP_NAMED || q->any[atom])
				continue;
			q->any[atom] = ALL_TRUTHS;
			q->relevant[q->relevant_count++] = atom;
		}
	}
}

static enum err prepare(struct search *q)
{
	const struct solver *s = q->s;
	uint32_t vars[CLAUSE_VARS];

	q->chosen = arena_array(q->arena, s->var_count, sizeof(*q->chosen));
	q->lists = arena_array(q->arena, s->var_count, sizeof(*q->lists));
	q->counts = arena_array(q->arena, s->var_count, sizeof(*q->counts));
	q->base_values = arena_array(q->arena, s->var_count, sizeof(*q->base_values));
	q->relevant = arena_array(q->arena, s->atom_count, sizeof(*q->relevant));
	q->any = arena_array(q->arena, s->atom_count, 1);
	q->base_truths = arena_array(q->arena, s->atom_count, 1);
	q->fixed = arena_array(q->arena, s->atom_count, 1);
	q->settled = arena_array(q->arena, q->ask->count, sizeof(*q->settled));
	if (!q->chosen || !q->lists || !q->counts || !q->base_values || !q->any || !q->relevant ||
	    !q->base_truths || !q->fixed || !q->settled)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->var_count; i++)
		q->chosen[i] = UNSET;
	gather_relevant(q);
	if (q->ask->base)
		TRY(take_base(q));
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &s->atoms[q->relevant[i]];

		for (uint32_t k = solve_vars(a, vars); k-- > 0;)
			if (!q->lists[vars[k]])
				TRY(list_candidates(q, vars[k]));
	}
	for (uint32_t i = 0; i < q->relevant_count; i++)
		q->any[q->relevant[i]] = (uint8_t)union_of(q, &s->atoms[q->relevant[i]],
							   q->relevant[i]);
	return OK;
}

enum err solver_ask(struct solver *s, const struct solve_ask *ask, struct arena *a,
		    enum answer *ret, struct question *witness)
{
	struct search q = { .s = s, .ask = ask, .arena = a, .witness = witness };

	TRY(prepare(&q));
	*ret = search(&q) ? ANSWER_YES : q.incomplete ? ANSWER_UNKNOWN : ANSWER_NO;
	if (*ret == ANSWER_UNKNOWN && q.err == OK) {
		q.free = true;
		q.incomplete = false;
		q.visits = 0;
		unsettle(&q);
		if (!search(&q) && !q.incomplete)
			*ret = ANSWER_NO;
	}
	return q.err == OK ? s->failed : q.err;
}
