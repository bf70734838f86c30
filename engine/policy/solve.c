/*
 * solve: what a solver is made of. Rules become goals over atoms, atoms share variables, variables
 * get their candidates, and the truth of every atom for every candidate is asked of the evaluator
 * once. solve_search.c does the rest.
 */
#include "engine/policy/solve_parts.h"

#define PAIR_SLOTS 3       /* the object and its two members */
#define CROSS_MAX 64       /* candidates lent to the other side of a comparison of two paths */

const char *answer_name(enum answer answer)
{
	static const char *const names[] = { "unknown", "yes", "no" };

	return names[answer];
}

/* --- building --- */

void *solve_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t wanted = *room ? 2 * *room : 64;
	void *list;

	if (count < *room)
		return items;
	list = arena_array(a, wanted, size);
	if (!list)
		return NULL;
	if (count)
		memcpy(list, items, count * size);
	*room = wanted;
	return list;
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

/* Where the slots of a plan are numbered as here, as far as rules have asked for them. */
static enum err origin_of(struct solver *s, const struct plan *p, const struct origin **ret)
{
	struct origin *o = &s->origins[s->origin_count];

	for (size_t i = 0; i < s->origin_count; i++)
		if (s->origins[i].plan == p) {
			*ret = &s->origins[i];
			return OK;
		}
	if (s->origin_count == sizeof(s->origins) / sizeof(s->origins[0]))
		return ERR_LIMIT;
	o->plan = p;
	o->slots = arena_array(s->memory, p->slots.count, sizeof(*o->slots));
	if (!o->slots)
		return ERR_MEMORY;
	s->origin_count++;
	*ret = o;
	return OK;
}

/* Number the path of a plan's slot here, from the root down: a plan has many more than a rule. */
static enum err map_slot(struct solver *s, const struct origin *o, uint32_t *slot)
{
	const struct slot *items = o->plan->slots.items;

	while (*slot != SLOT_REQUEST && !o->slots[*slot]) {
		uint32_t top = *slot;

		while (items[top].parent != SLOT_REQUEST && !o->slots[items[top].parent])
			top = items[top].parent;
		TRY(items[top].by_index
			    ? slot_element(&s->slots, o->slots[items[top].parent],
					   items[top].index, &o->slots[top])
			    : slot_member(&s->slots, o->slots[items[top].parent], items[top].key,
					  &o->slots[top]));
	}
	*slot = o->slots[*slot];
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

enum err solve_var(struct solver *s, uint32_t slot, uint32_t *ret)
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

		s->vars = solve_grow(s->memory, s->vars, s->var_count, &s->var_room,
				     sizeof(*s->vars));
		if (!s->vars)
			return ERR_MEMORY;
		v = &s->vars[s->var_count];
		*v = (struct var){ .slot = slot, .first = NO_VAR };
		v->role = role_of(s, slot, domain_kind_of(&s->slots, slot));
		v->is_name = domain_kind_of(&s->slots, slot) == DOMAIN_NAME;
		s->var_of[slot] = s->var_count++;
	}
	*ret = s->var_of[slot];
	return OK;
}

enum err solve_add_atom(struct solver *s, const struct atom *atom, uint32_t *ret)
{
	s->atoms =
		solve_grow(s->memory, s->atoms, s->atom_count, &s->atom_room, sizeof(*s->atoms));
	if (!s->atoms)
		return ERR_MEMORY;
	s->atoms[s->atom_count] = *atom;
	*ret = s->atom_count++;
	return OK;
}

enum err solve_add_goal(struct solver *s, const struct goal *goal, uint32_t *ret)
{
	s->goals = solve_grow(s->memory, s->goals, s->goal_count, &s->goal_room, sizeof(*s->goals));
	if (!s->goals)
		return ERR_MEMORY;
	s->goals[s->goal_count] = *goal;
	*ret = s->goal_count++;
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
		TRY(solve_var(s, step->left.slot, &atom.left));
	if (step->right_slot)
		TRY(solve_var(s, step->right.slot, &atom.right));
	only = atom.left != NO_VAR ? atom.left : atom.right;
	for (uint32_t i = only == NO_VAR ? NO_VAR : s->vars[only].first; i != NO_VAR;
	     i = s->atoms[i].next)
		if (same_step(&s->atoms[i].step, step)) {
			*ret = i;
			return OK;
		}
	if (only != NO_VAR) {
		atom.next = s->vars[only].first;
		s->vars[only].first = s->atom_count;
	}
	return solve_add_atom(s, &atom, ret);
}

/* Built member by member: what else a step knows of itself is the plan's affair. */
static enum err moved(struct solver *s, const struct origin *o, const struct step *step,
		      struct step *ret)
{
	struct step copy = { .op = step->op,
			     .left_slot = step->left_slot,
			     .right_slot = step->right_slot,
			     .left = step->left,
			     .right = step->right };

	if (copy.left_slot)
		TRY(map_slot(s, o, &copy.left.slot));
	if (copy.right_slot)
		TRY(map_slot(s, o, &copy.right.slot));
	*ret = copy;
	return OK;
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

		if (d != document && !plan_has_document(&holder->parents, document))
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
	const struct origin *o;
	struct goal g = { .count = 0 };
	bool tied;

	TRY(origin_of(s, p, &o));
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
			struct step step;

			TRY(moved(s, o, &c->steps[i], &step));
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
	return solve_add_goal(s, &g, goal);
}

/* --- candidates and their truths --- */

enum truth solve_compare(const struct solver *s, const struct atom *a,
				const struct value *left, const struct value *right)
{
	struct member members[2];
	struct value request = { .kind = VALUE_OBJECT, .object = { members, 0 } };
	struct step step = a->step;
	const struct condition one = { &s->pair, &step, 1 };

	const struct value *seen[PAIR_SLOTS] = { NULL };
	uint8_t known[1] = { 0 };
	struct sight sight = { &s->pair, &request, seen, known, NULL, 0 };
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

enum truth solve_truth(struct solver *s, const struct atom *a, const struct value *v)
{
	if (a->clause)
		return clause_truth(s, a->clause, &v);
	return solve_compare(s, a, a->left != NO_VAR ? v : NULL, a->right != NO_VAR ? v : NULL);
}

bool solve_is_below(const struct slots *slots, uint32_t slot, uint32_t above)
{
	while (slot > above)
		slot = slots->items[slot].parent;
	return slot == above;
}

uint32_t solve_vars(const struct atom *a, uint32_t vars[CLAUSE_VARS])
{
	uint32_t count = 0;

	if (a->clause) {
		memcpy(vars, a->clause->vars, sizeof(a->clause->vars));
		return a->clause->var_count;
	}
	if (a->left != NO_VAR)
		vars[count++] = a->left;
	if (a->right != NO_VAR)
		vars[count++] = a->right;
	return count;
}

bool solve_asks_of(const struct atom *a, uint32_t var)
{
	uint32_t vars[CLAUSE_VARS], count = solve_vars(a, vars);
	bool asks = false;

	for (uint32_t i = 0; i < count; i++)
		asks = asks || vars[i] == var;
	return asks;
}

/* A path that is compared as a whole and by its members: candidates see only one of the two. */
static bool is_mixed(const struct solver *s, uint32_t var, bool whole)
{
	uint32_t slot = s->vars[var].slot;

	for (uint32_t i = 0; i < s->atom_count; i++)
		whole = whole || (!s->atoms[i].clause && s->atoms[i].step.op != STEP_HAS &&
				  solve_asks_of(&s->atoms[i], var));
	for (uint32_t i = 0; whole && i < s->var_count; i++)
		if (s->vars[i].slot != slot && solve_is_below(&s->slots, s->vars[i].slot, slot))
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

		if (a->left == NO_VAR || a->right == NO_VAR || !solve_asks_of(a, var))
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
	const struct value **further;
	const struct step **steps;
	size_t count = 0, further_count;
	struct met met;

	TRY(clause_meets(s, var, &met));
	steps = arena_array(s->memory, s->atom_count + met.step_count, sizeof(*steps));
	further = arena_array(s->memory, CROSS_MAX + met.value_count, sizeof(*further));
	if (!steps || !further)
		return ERR_MEMORY;
	for (size_t i = 0; i < met.step_count; i++)
		steps[count++] = met.steps[i];
	for (uint32_t i = 0; i < s->atom_count; i++)
		if (!s->atoms[i].clause && solve_asks_of(&s->atoms[i], var))
			steps[count++] = &s->atoms[i].step;
	further_count = gather_further(s, var, further);
	for (size_t i = 0; i < met.value_count; i++)
		further[further_count++] = met.values[i];
	TRY(domain_fill(domain_kind_of(&s->slots, v->slot), v->slot, steps, count, further,
			further_count, s->memory, &v->domain));
	v->exact = v->domain.exact && met.exact && !is_mixed(s, var, met.whole);
	return OK;
}

static enum err fill_truths(struct solver *s, struct atom *a)
{
	const struct var *v = &s->vars[a->left != NO_VAR ? a->left : a->right];

	a->truths = arena_array(s->memory, v->domain.count, 1);
	if (!a->truths)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->domain.count; i++)
		a->truths[i] = (uint8_t)solve_truth(s, a, v->domain.values[i]);
	return s->failed;
}

/* agent.registered decides which facts there are, so it is a variable when one of them is. */
static enum err add_registered(struct solver *s)
{
	uint32_t slot, ignored;

	for (uint32_t i = 0; i < s->var_count; i++)
		if (s->vars[i].role == ROLE_FACT) {
			TRY(slot_member(&s->slots, SLOT_REQUEST, STR("agent"), &slot));
			TRY(slot_member(&s->slots, slot, STR("registered"), &slot));
			return solve_var(s, slot, &ignored);
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
