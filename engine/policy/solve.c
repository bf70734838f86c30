/*
 * solve: goals over paths with candidates, and the search.
 *
 *   goal       a rule, as a list of atoms and connectives
 *   atom       one comparison, known by its meaning: it stands in many rules
 *   variable   a path that atoms compare
 *
 * A state of the search gives some variables a candidate. Each goal then has a set of truths that
 * it may still have: an atom with a variable that is not chosen yet has those of all candidates
 * (all three, when they are not exact), and connectives join sets as Kleene joins truths. A goal
 * whose set has nothing that is wanted ends the branch; one whose set holds only that is settled.
 * Variables with exact candidates are chosen first, so that a "no" is found before something
 * inexact could spoil it. A branch that hangs on an inexact variable proves nothing.
 */
#include "engine/policy/solve.h"

#define NO_VAR UINT32_MAX
#define BASE UINT32_MAX    /* a candidate: what the base has there */
#define UNSET (UINT32_MAX - 1)
#define DEPTH_MAX 64       /* variables chosen at a time */
#define VISITS_MAX 20000u  /* states of one search */
#define ALL_TRUTHS 7u
#define GOAL_STACK (CONDITION_STACK + 4)
#define PAIR_SLOTS 3       /* the object and its two members */
#define CROSS_MAX 64       /* candidates lent to the other side of a comparison of two paths */

/* What ties a path to others. */
enum role { ROLE_NONE = 0, ROLE_REGISTERED, ROLE_FACT, ROLE_SESSION };

struct atom {
	struct step step;
	uint32_t left, right;        /* variables; NO_VAR: a literal, or nothing */
	uint8_t *truths;             /* by candidate, where there is one variable only */
	uint32_t next;               /* the next atom of the same variable on the left */
};

struct var {
	uint32_t slot, first;        /* its first atom, by the left or only variable */
	bool exact, is_name;         /* is_name: of the agent, or the tool */
	enum role role;
	struct domain domain;
};

struct node {
	uint8_t op;                  /* STEP_NAMED: the atom; STEP_CONST, NOT, AND, OR */
	bool constant;
	uint32_t atom;
};

struct goal {
	struct node *nodes;
	uint32_t count;
};

struct origin {
	const struct plan *plan;
	uint32_t *slots;             /* its slots, as numbered here */
};

struct solver {
	struct arena *memory;
	struct slots slots;
	struct atom *atoms;
	uint32_t atom_count, atom_room;
	struct var *vars;
	uint32_t var_count, var_room;
	uint32_t *var_of;            /* by slot; grown with the slots */
	uint32_t var_of_room;
	struct goal *goals;
	uint32_t goal_count, goal_room;
	struct origin origins[2];
	size_t origin_count;
	/* two members of an object: how single comparisons are put to the evaluator */
	struct slots pair;
};

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
	uint32_t *settled;           /* by goal: depth at which it was, 0: not yet */
	uint32_t order[DEPTH_MAX];   /* variables in the order they were chosen */
	uint32_t depth;
	unsigned changes, visits;
	bool incomplete;
	struct question *witness;
	enum err err;
};

const char *answer_name(enum answer answer)
{
	static const char *const names[] = { "unknown", "yes", "no" };

	return names[answer];
}

/* --- building --- */

static enum err grow(struct arena *a, void **items, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t wanted = *room ? 2 * *room : 64;
	void *list;

	if (count < *room)
		return OK;
	list = arena_array(a, wanted, size);
	if (!list)
		return ERR_MEMORY;
	if (count)
		memcpy(list, *items, count * size);
	*items = list;
	*room = wanted;
	return OK;
}

enum err solver_open(struct arena *memory, struct solver **ret)
{
	struct solver *s = arena_alloc(memory, sizeof(*s));
	uint32_t ignored;
	enum err e;

	if (!s)
		return ERR_MEMORY;
	s->memory = memory;
	TRY(slot_init(&s->pair, memory));
	e = slot_member(&s->pair, SLOT_REQUEST, STR("a"), &ignored);
	if (e == OK)
		e = slot_member(&s->pair, SLOT_REQUEST, STR("b"), &ignored);
	slot_seal(&s->pair);
	TRY(e);
	TRY(slot_init(&s->slots, memory));
	*ret = s;
	return OK;
}

/* The slots of a plan under the numbers they have here. */
static enum err map_slots(struct solver *s, const struct plan *p, const uint32_t **ret)
{
	struct origin *o = &s->origins[s->origin_count];

	for (size_t i = 0; i < s->origin_count; i++)
		if (s->origins[i].plan == p) {
			*ret = s->origins[i].slots;
			return OK;
		}
	if (s->origin_count == sizeof(s->origins) / sizeof(s->origins[0]))
		return ERR_LIMIT;
	o->plan = p;
	o->slots = arena_array(s->memory, p->slots.count, sizeof(*o->slots));
	if (!o->slots)
		return ERR_MEMORY;
	for (uint32_t i = 1; i < p->slots.count; i++) {
		const struct slot *slot = &p->slots.items[i];
		uint32_t parent = o->slots[slot->parent];

		TRY(slot->by_index
			    ? slot_element(&s->slots, parent, slot->index, &o->slots[i])
			    : slot_member(&s->slots, parent, slot->key, &o->slots[i]));
	}
	s->origin_count++;
	*ret = o->slots;
	return OK;
}

static enum role role_of(const struct solver *s, uint32_t slot, enum domain_kind kind)
{
	const struct slot *last = &s->slots.items[slot];

	if (kind == DOMAIN_FLAG && str_is(last->key, "registered"))
		return ROLE_REGISTERED;
	if (kind == DOMAIN_ORIGIN)
		return ROLE_FACT;
	if (kind == DOMAIN_SESSION_NAME || kind == DOMAIN_MAYBE_OBJECT)
		return ROLE_SESSION;
	if (kind != DOMAIN_COUNT)
		return ROLE_NONE;
	return str_is(s->slots.items[last->parent].key, "session") ? ROLE_SESSION : ROLE_FACT;
}

static enum err var_for(struct solver *s, uint32_t slot, uint32_t *ret)
{
	while (slot >= s->var_of_room) {
		uint32_t room = s->var_of_room ? 2 * s->var_of_room : 64;
		uint32_t *list = arena_array(s->memory, room, sizeof(*list));

		if (!list)
			return ERR_MEMORY;
		for (uint32_t i = 0; i < room; i++)
			list[i] = i < s->var_of_room ? s->var_of[i] : NO_VAR;
		s->var_of = list;
		s->var_of_room = room;
	}
	if (s->var_of[slot] == NO_VAR) {
		struct var *v;

		TRY(grow(s->memory, (void **)&s->vars, s->var_count, &s->var_room,
			 sizeof(*s->vars)));
		v = &s->vars[s->var_count];
		*v = (struct var){ .slot = slot, .first = NO_VAR };
		v->role = role_of(s, slot, domain_kind_of(&s->slots, slot));
		v->is_name = domain_kind_of(&s->slots, slot) == DOMAIN_NAME;
		s->var_of[slot] = s->var_count++;
	}
	*ret = s->var_of[slot];
	return OK;
}

static bool same_patterns(const struct patterns *a, const struct patterns *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->items[i].text, b->items[i].text))
			return false;
	return true;
}

static bool same_step(const struct step *a, const struct step *b)
{
	if (a->op != b->op || a->left_slot != b->left_slot || a->right_slot != b->right_slot)
		return false;
	if (a->left_slot ? a->left.slot != b->left.slot : !value_eq(a->left.value, b->left.value))
		return false;
	switch (a->op) {
	case STEP_HAS:
	case STEP_TRUTH:
		return true;
	case STEP_NAMED:
		return same_patterns(a->right.patterns, b->right.patterns);
	case STEP_MATCHES:
		return str_eq(a->right.matcher->text, b->right.matcher->text);
	default:
		return a->right_slot ? a->right.slot == b->right.slot
				     : value_eq(a->right.value, b->right.value);
	}
}

/* A step whose slots are numbered as here. */
static enum err atom_for(struct solver *s, const struct step *step, uint32_t *ret)
{
	struct atom atom = { .step = *step, .left = NO_VAR, .right = NO_VAR };
	uint32_t only;

	if (step->left_slot)
		TRY(var_for(s, step->left.slot, &atom.left));
	if (step->right_slot)
		TRY(var_for(s, step->right.slot, &atom.right));
	only = atom.left != NO_VAR ? atom.left : atom.right;
	for (uint32_t i = only == NO_VAR ? NO_VAR : s->vars[only].first; i != NO_VAR;
	     i = s->atoms[i].next)
		if (same_step(&s->atoms[i].step, step)) {
			*ret = i;
			return OK;
		}
	TRY(grow(s->memory, (void **)&s->atoms, s->atom_count, &s->atom_room, sizeof(*s->atoms)));
	if (only != NO_VAR) {
		atom.next = s->vars[only].first;
		s->vars[only].first = s->atom_count;
	}
	s->atoms[s->atom_count] = atom;
	*ret = s->atom_count++;
	return OK;
}

/* Built member by member: what else a step knows of itself is the plan's affair. */
static struct step moved(const struct step *step, const uint32_t *slots)
{
	struct step copy = { .op = step->op,
			     .left_slot = step->left_slot,
			     .right_slot = step->right_slot,
			     .left = step->left,
			     .right = step->right };

	if (copy.left_slot)
		copy.left.slot = slots[copy.left.slot];
	if (copy.right_slot)
		copy.right.slot = slots[copy.right.slot];
	return copy;
}

/* "the document holds for the agent", as atoms on agent.id; nothing when it holds for all. */
static enum err add_agents(struct solver *s, const struct plan *p, uint32_t document,
			   struct goal *g)
{
	struct step step = { .op = STEP_NAMED, .left_slot = true };
	uint32_t start = g->count;

	TRY(slot_member(&s->slots, SLOT_REQUEST, STR("agent"), &step.left.slot));
	TRY(slot_member(&s->slots, step.left.slot, STR("id"), &step.left.slot));
	for (uint32_t d = 0; d < p->document_count; d++) {
		const struct document *holder = &p->documents[d];
		struct node *node = &g->nodes[g->count];

		if (d != document && !trace_extends(holder, document))
			continue;
		if (holder->agents.count == 0) {
			g->count = start;
			return OK;
		}
		step.right.patterns = &holder->agents;
		node->op = STEP_NAMED;
		TRY(atom_for(s, &step, &node->atom));
		if (g->count++ > start)
			g->nodes[g->count++].op = STEP_OR;
	}
	return OK;
}

enum err solver_add(struct solver *s, const struct plan *p, const struct rule *rule,
		    uint32_t *goal)
{
	const struct condition *c = rule->condition;
	uint32_t steps = c ? c->count : 0;
	const uint32_t *slots;
	struct goal g = { .count = 0 };
	bool tied;

	TRY(map_slots(s, p, &slots));
	g.nodes = arena_array(s->memory, 2 * p->document_count + steps + 2, sizeof(*g.nodes));
	if (!g.nodes)
		return ERR_MEMORY;
	TRY(add_agents(s, p, rule->document, &g));
	tied = g.count > 0;
	for (uint32_t i = 0; i < steps; i++) {
		struct node *node = &g.nodes[g.count];

		if (c->steps[i].op == STEP_SKIP_FALSE || c->steps[i].op == STEP_SKIP_TRUE)
			continue;
		node->op = trace_asks(&c->steps[i]) ? STEP_NAMED : c->steps[i].op;
		if (node->op == STEP_CONST) {
			node->constant = c->steps[i].right.constant;
		} else if (node->op == STEP_NAMED) {
			struct step step = moved(&c->steps[i], slots);

			TRY(atom_for(s, &step, &node->atom));
		}
		g.count++;
	}
	if (!c) {
		g.nodes[g.count].op = STEP_CONST;
		g.nodes[g.count++].constant = true;
	}
	if (tied)
		g.nodes[g.count++].op = STEP_AND;
	TRY(grow(s->memory, (void **)&s->goals, s->goal_count, &s->goal_room, sizeof(*s->goals)));
	s->goals[s->goal_count] = g;
	*goal = s->goal_count++;
	return OK;
}

/* --- candidates and their truths --- */

/* The evaluator's word on one comparison of these values; NULL: missing. */
static enum truth ask_evaluator(const struct solver *s, const struct atom *a,
				const struct value *left, const struct value *right)
{
	struct member members[2];
	struct value request = { .kind = VALUE_OBJECT, .object = { members, 0 } };
	struct step step = a->step;
	const struct condition one = { &s->pair, &step, 1 };

	const struct value *seen[PAIR_SLOTS] = { NULL };
	uint8_t known[1] = { 0 };
	struct sight sight = { &s->pair, &request, seen, known, NULL };
	uint32_t where;

	MUST(s->pair.count == PAIR_SLOTS && step.shared == 0);
	if (step.left_slot)
		step.left.slot = 1;
	if (step.right_slot)
		step.right.slot = 2;
	if (step.left_slot && left) {
		members[request.object.count].key = STR("a");
		members[request.object.count++].value = *left;
	}
	if (step.right_slot && right) {
		members[request.object.count].key = STR("b");
		members[request.object.count++].value = *right;
	}
	return condition_run(&one, &sight, &where);
}

static enum truth single(const struct solver *s, const struct atom *a, const struct value *v)
{
	return ask_evaluator(s, a, a->left != NO_VAR ? v : NULL, a->right != NO_VAR ? v : NULL);
}

static bool is_below(const struct slots *slots, uint32_t slot, uint32_t above)
{
	while (slot > above)
		slot = slots->items[slot].parent;
	return slot == above;
}

static bool asks_of(const struct atom *a, uint32_t var)
{
	return a->left == var || a->right == var;
}

/* A path that is compared as a whole and by its members: candidates see only one of the two. */
static bool is_mixed(const struct solver *s, uint32_t var)
{
	uint32_t slot = s->vars[var].slot;
	bool whole = false;

	for (uint32_t i = 0; i < s->atom_count; i++)
		whole = whole || (s->atoms[i].step.op != STEP_HAS && asks_of(&s->atoms[i], var));
	for (uint32_t i = 0; whole && i < s->var_count; i++)
		if (s->vars[i].slot != slot && is_below(&s->slots, s->vars[i].slot, slot))
			return true;
	return false;
}

/* Literals that paths on the other side of a comparison are compared with. */
static size_t gather_further(const struct solver *s, uint32_t var, const struct value **list)
{
	size_t count = 0;

	for (uint32_t i = 0; i < s->atom_count; i++) {
		const struct atom *a = &s->atoms[i];
		uint32_t other = a->left == var ? a->right : a->left;

		if (a->left == NO_VAR || a->right == NO_VAR || !asks_of(a, var))
			continue;
		for (uint32_t k = 0; k < s->atom_count && count < CROSS_MAX; k++) {
			const struct atom *b = &s->atoms[k];

			if (b->left == other && b->right == NO_VAR && b->step.op <= STEP_GE)
				list[count++] = b->step.right.value;
		}
	}
	return count;
}

static enum err fill_var(struct solver *s, uint32_t var)
{
	struct var *v = &s->vars[var];
	const struct step **steps = arena_array(s->memory, s->atom_count, sizeof(*steps));
	const struct value *further[CROSS_MAX];
	size_t count = 0, further_count = gather_further(s, var, further);

	if (!steps)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->atom_count; i++)
		if (asks_of(&s->atoms[i], var))
			steps[count++] = &s->atoms[i].step;
	TRY(domain_fill(domain_kind_of(&s->slots, v->slot), v->slot, steps, count, further,
			further_count, s->memory, &v->domain));
	v->exact = v->domain.exact && !is_mixed(s, var);
	return OK;
}

static enum err fill_truths(struct solver *s, struct atom *a)
{
	const struct var *v = &s->vars[a->left != NO_VAR ? a->left : a->right];

	a->truths = arena_array(s->memory, v->domain.count, 1);
	if (!a->truths)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->domain.count; i++)
		a->truths[i] = (uint8_t)single(s, a, v->domain.values[i]);
	return OK;
}

/* agent.registered decides which facts there are, so it is a variable when one of them is. */
static enum err add_registered(struct solver *s)
{
	uint32_t slot, ignored;

	for (uint32_t i = 0; i < s->var_count; i++)
		if (s->vars[i].role == ROLE_FACT) {
			TRY(slot_member(&s->slots, SLOT_REQUEST, STR("agent"), &slot));
			TRY(slot_member(&s->slots, slot, STR("registered"), &slot));
			return var_for(s, slot, &ignored);
		}
	return OK;
}

enum err solver_seal(struct solver *s)
{
	enum err e = add_registered(s);

	slot_seal(&s->slots);
	for (uint32_t i = 0; e == OK && i < s->var_count; i++)
		e = fill_var(s, i);
	for (uint32_t i = 0; e == OK && i < s->atom_count; i++)
		if (s->atoms[i].left == NO_VAR || s->atoms[i].right == NO_VAR)
			if (s->atoms[i].left != s->atoms[i].right)
				e = fill_truths(s, &s->atoms[i]);
	return e;
}

/* --- sets of truths --- */

static const struct value *value_at(const struct search *q, uint32_t var)
{
	uint32_t c = q->chosen[var];

	return c == BASE ? q->base_values[var] : q->s->vars[var].domain.values[c];
}

static unsigned atom_set(const struct search *q, uint32_t at)
{
	const struct atom *a = &q->s->atoms[at];
	uint32_t var = a->left != NO_VAR ? a->left : a->right;

	if (a->left == a->right && var == NO_VAR)
		return 1u << ask_evaluator(q->s, a, NULL, NULL);
	if (a->left != NO_VAR && a->right != NO_VAR) {
		if (q->chosen[a->left] == UNSET || q->chosen[a->right] == UNSET)
			return ALL_TRUTHS;
		return 1u << ask_evaluator(q->s, a, value_at(q, a->left), value_at(q, a->right));
	}
	if (q->chosen[var] == UNSET)
		return q->any[at];
	return 1u << (q->chosen[var] == BASE ? q->base_truths[at] : a->truths[q->chosen[var]]);
}

static unsigned goal_set(const struct search *q, const struct goal *g)
{
	uint8_t stack[GOAL_STACK];
	size_t top = 0;

	for (uint32_t i = 0; i < g->count; i++) {
		const struct node *node = &g->nodes[i];

		if (node->op == STEP_AND || node->op == STEP_OR) {
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
	if (a->slot < b->slot && is_below(&q->s->slots, b->slot, a->slot))
		return bv && !is_object(av);
	if (b->slot < a->slot && is_below(&q->s->slots, a->slot, b->slot))
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
		const uint32_t vars[] = { a->left, a->right };

		if (g->nodes[i].op != STEP_NAMED)
			continue;
		for (size_t k = 0; k < 2; k++)
			if (vars[k] != NO_VAR && q->chosen[vars[k]] == UNSET &&
			    (inexact || q->s->vars[vars[k]].exact))
				return vars[k];
	}
	return NO_VAR;
}

static uint32_t next_var(const struct search *q)
{
	for (int inexact = 0; inexact < 2; inexact++)
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
			q->settled[i] = q->depth + 1;
	}
	return true;
}

static void unsettle(struct search *q)
{
	for (size_t i = 0; i < q->ask->count; i++)
		if (q->settled[i] > q->depth)
			q->settled[i] = 0;
}

/* Everything is settled: make the request and show it to whoever asked. */
static bool offer(struct search *q)
{
	struct witness_change changes[DEPTH_MAX];
	struct question found;

	for (uint32_t i = 0; i < q->depth; i++)
		changes[i] = (struct witness_change){ q->s->vars[q->order[i]].slot,
						      value_at(q, q->order[i]) };
	q->err = witness_make(&q->s->slots, q->ask->base, q->ask->stage, changes, q->depth,
			      q->arena, &found);
	if (q->err != OK || !q->ask->accept(q->ask->self, &found)) {
		q->incomplete = true;
		return false;
	}
	*q->witness = found;
	return true;
}

static bool search(struct search *q);

static bool try_candidate(struct search *q, uint32_t var, uint32_t candidate)
{
	bool changes = q->ask->base && candidate != BASE, found = false;

	if (changes && q->changes == q->ask->changes)
		return false;
	q->chosen[var] = candidate;
	q->order[q->depth++] = var;
	q->changes += changes;
	if (fits(q, var))
		found = search(q);
	q->changes -= changes;
	q->depth--;
	unsettle(q);
	q->chosen[var] = UNSET;
	return found;
}

/* True when a request was found and accepted. */
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
		return offer(q);
	var = next_var(q);
	if (var == NO_VAR || q->depth == DEPTH_MAX) {
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

/* What is there, by kind as far as other paths depend on it. */
static unsigned shape(const struct value *v)
{
	return !v ? 0 : is_object(v) ? 1 : 2;
}

/* Do two candidates differ in anything that these goals ask, or in shape? */
static bool differ(const struct search *q, uint32_t var, uint32_t x, uint32_t y)
{
	const struct domain *d = &q->s->vars[var].domain;

	if (shape(d->values[x]) != shape(d->values[y]))
		return true;
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &q->s->atoms[q->relevant[i]];

		if (asks_of(a, var) && (!a->truths || a->truths[x] != a->truths[y]))
			return true;
	}
	return false;
}

/* The same for candidates that do not differ; mostly another one for those that do. */
static uint64_t print_of(const struct search *q, uint32_t var, uint32_t candidate)
{
	uint64_t print = shape(q->s->vars[var].domain.values[candidate]);

	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &q->s->atoms[q->relevant[i]];

		if (asks_of(a, var))
			print = print * UINT64_C(0x9E3779B97F4A7C15) +
				(a->truths ? a->truths[candidate] : candidate) + 1;
	}
	return print;
}

/* Candidates that behave alike are one. */
static enum err list_candidates(struct search *q, uint32_t var)
{
	const struct var *v = &q->s->vars[var];
	uint32_t *list = arena_array(q->arena, v->domain.count, sizeof(*list));
	uint64_t *prints = arena_array(q->arena, v->domain.count, sizeof(*prints));

	if (!list || !prints)
		return ERR_MEMORY;
	for (uint32_t c = 0; c < v->domain.count; c++) {
		uint64_t print = print_of(q, var, c);
		bool fresh = true;

		if (v->role == ROLE_REGISTERED && q->ask->registered &&
		    !v->domain.values[c]->boolean)
			continue;
		for (uint32_t i = 0; i < q->counts[var] && fresh; i++)
			fresh = prints[i] != print || differ(q, var, list[i], c);
		if (!fresh)
			continue;
		prints[q->counts[var]] = print;
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
	const struct solver *s = q->s;
	struct sight sight = { .slots = &s->slots, .request = &q->ask->base->request };

	sight.seen = arena_array(q->arena, s->slots.count, sizeof(*sight.seen));
	if (!sight.seen)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->var_count; i++)
		q->base_values[i] = slot_look(&sight, s->vars[i].slot);
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &s->atoms[q->relevant[i]];

		if (a->truths)
			q->base_truths[q->relevant[i]] = (uint8_t)single(
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

	q->chosen = arena_array(q->arena, s->var_count, sizeof(*q->chosen));
	q->lists = arena_array(q->arena, s->var_count, sizeof(*q->lists));
	q->counts = arena_array(q->arena, s->var_count, sizeof(*q->counts));
	q->base_values = arena_array(q->arena, s->var_count, sizeof(*q->base_values));
	q->relevant = arena_array(q->arena, s->atom_count, sizeof(*q->relevant));
	q->any = arena_array(q->arena, s->atom_count, 1);
	q->base_truths = arena_array(q->arena, s->atom_count, 1);
	q->settled = arena_array(q->arena, q->ask->count, sizeof(*q->settled));
	if (!q->chosen || !q->lists || !q->counts || !q->base_values || !q->any || !q->relevant ||
	    !q->base_truths || !q->settled)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->var_count; i++)
		q->chosen[i] = UNSET;
	gather_relevant(q);
	if (q->ask->base)
		TRY(take_base(q));
	for (uint32_t i = 0; i < q->relevant_count; i++) {
		const struct atom *a = &s->atoms[q->relevant[i]];

		if (a->left != NO_VAR && !q->lists[a->left])
			TRY(list_candidates(q, a->left));
		if (a->right != NO_VAR && !q->lists[a->right])
			TRY(list_candidates(q, a->right));
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
	return q.err;
}
