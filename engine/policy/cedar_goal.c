/*
 * cedar_goal: Cedar policies as goals of the solver.
 *
 *   clause                      what it asks                         variables
 *   principal in Team::"a"      an id of the principal's type        agent.id
 *   resource == Order::"7"      an id, or the tool's name without    resource, action.type
 *   context.args.n < 5          a member of the request              args.n
 *   context.args has n          whether it is there, and what holds  args, args.n
 *   context.stage == "..."      nothing: it is known at each stage   none
 *
 * A clause is an atom whose truths come from the Cedar evaluator. Ids that stand nowhere in
 * policies and entities are alike, since nothing in Cedar looks into an id; so the ids that do, and
 * one that does not, are exact, unless two of the mapping's types are one and two strangers could
 * be the same entity. A member that the gate never says (context.past, a fact that agents do not
 * have) is no variable: it is missing.
 */
#include "engine/policy/solve_parts.h"

#define BUCKETS 1024u

_Static_assert((int)CEDAR_NO == (int)TRUTH_FALSE && (int)CEDAR_YES == (int)TRUTH_TRUE &&
		       (int)CEDAR_ERROR == (int)TRUTH_ERROR,
	       "truths of both languages have the same numbers");
_Static_assert(CEDAR_FORMULA_STACK <= CONDITION_STACK + 4, "formulas fit the search's stack");

/* --- what a path is in a request --- */

enum path_kind {
	PATH_NEVER = 0, /* nothing is ever there */
	PATH_FREE,      /* a variable */
	PATH_KNOWN,     /* an object that is always there, or the stage */
	PATH_OPAQUE,    /* an object of facts, looked at as a whole */
};

static enum path_kind path_kind(const struct cedar_path *p, enum policy_stage stage)
{
	static const char *const agent[] = { "id",     "registered", "signed",
					     "origin", "actions",    "denials",
					     "trust",  "tier",       "regime_changed",
					     "ring",   NULL };
	static const char *const session[] = { "id", "actions", "denials", NULL };
	struct str root = p->names[0];

	if (str_is(root, "args") || (str_is(root, "result") && stage == POLICY_POST_TOOL))
		return PATH_FREE;
	if (str_is(root, "resource"))
		return p->count == 1 ? PATH_FREE : PATH_NEVER;
	if (str_is(root, "stage"))
		return p->count == 1 ? PATH_KNOWN : PATH_NEVER;
	if (str_is(root, "agent") || str_is(root, "action") || str_is(root, "session")) {
		bool facts = !str_is(root, "action"), of_agent = str_is(root, "agent");

		if (p->count == 1)
			return p->whole                  ? PATH_OPAQUE
			       : str_is(root, "session") ? PATH_FREE
							 : PATH_KNOWN;
		if (facts && !str_listed(p->names[1], of_agent ? agent : session))
			return PATH_NEVER;
		if (!facts && !str_is(p->names[1], "type"))
			return PATH_FREE;
		return p->count == 2 ? PATH_FREE : PATH_NEVER;
	}
	return PATH_NEVER;
}

/* Does the clause mean something else at another stage? */
static bool is_staged(const struct cedar_clause *c)
{
	for (size_t i = 0; i < c->path_count; i++)
		if (str_is(c->paths[i].names[0], "stage") || str_is(c->paths[i].names[0], "result"))
			return true;
	return c->opaque;
}

/* --- clauses --- */

static enum err add_var(struct solver *s, struct clause *c, const struct str *names, size_t count,
			const struct cedar_path *path)
{
	uint32_t slot = SLOT_REQUEST, var;

	for (size_t i = 0; i < count; i++)
		TRY(slot_member(&s->slots, slot, names[i], &slot));
	TRY(solve_var(s, slot, &var));
	for (uint32_t i = 0; i < c->var_count; i++)
		if (c->vars[i] == var && !c->paths[i] == !path)
			return OK;
	if (c->var_count == CLAUSE_VARS) {
		c->opaque = true;
		return OK;
	}
	c->vars[c->var_count] = var;
	c->paths[c->var_count++] = path;
	return OK;
}

/* The ids of one type that any of the policies here, or their entities, name. */
static enum err known_ids(const struct solver *s, struct str type, struct cedar_ids *ret)
{
	*ret = (struct cedar_ids){ .type = type };
	ret->items = arena_array(s->memory, CEDAR_IDS_MAX, sizeof(*ret->items));
	if (!ret->items)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->world_count; i++)
		cedar_rules_ids(s->worlds[i], ret);
	return OK;
}

/* Two strangers of one type could be the same entity. */
static bool types_differ(const struct cedar_rules *r)
{
	const struct cedar_mapping *m = cedar_rules_mapping(r);
	const struct str types[] = { m->principal, m->action, m->resource, m->tool };

	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(types[i], types[k]))
				return false;
	return true;
}

/* A resource may be a tool in disguise; which one, matters only where tools are told apart. */
static enum err tells_tools(const struct cedar_rules *r, struct arena *a, bool *ret)
{
	struct cedar_ids ids = { .type = cedar_rules_mapping(r)->tool };
	struct arena_mark mark = arena_mark(a);

	ids.items = arena_array(a, CEDAR_IDS_MAX, sizeof(*ids.items));
	if (!ids.items)
		return ERR_MEMORY;
	cedar_rules_ids(r, &ids);
	*ret = ids.count > 0 || !types_differ(r);
	arena_rewind(a, mark);
	return OK;
}

static enum err add_entities(struct solver *s, struct clause *c)
{
	static const struct str agent[] = { { "agent", 5 }, { "id", 2 } },
				action[] = { { "action", 6 }, { "type", 4 } },
				resource[] = { { "resource", 8 } };

	if (c->text->principal)
		TRY(add_var(s, c, agent, 2, NULL));
	if (c->text->resource)
		TRY(add_var(s, c, resource, 1, NULL));
	if (c->text->action ||
	    (c->text->resource && s->tells_tools[s->worlds[0] == c->rules ? 0 : 1]))
		TRY(add_var(s, c, action, 2, NULL));
	return OK;
}

static enum err fill_clause(struct solver *s, struct clause *c)
{
	TRY(add_entities(s, c));
	for (size_t i = 0; i < c->text->path_count; i++) {
		const struct cedar_path *p = &c->text->paths[i];
		enum path_kind kind = path_kind(p, c->stage);

		c->opaque = c->opaque || kind == PATH_OPAQUE;
		if (kind == PATH_FREE)
			TRY(add_var(s, c, p->names, p->count, p));
	}
	return OK;
}

/* Alike are those whose entities, schema and mapping are: the first of them stands for all. */
static enum err world_of(struct solver *s, const struct cedar_rules *rules, uint32_t *ret)
{
	for (uint32_t i = 0; i < s->world_count; i++)
		if (s->worlds[i] == rules) {
			*ret = i > 0 && cedar_rules_same_world(s->worlds[0], rules) ? 0 : i;
			return OK;
		}
	if (s->world_count == sizeof(s->worlds) / sizeof(s->worlds[0]))
		return ERR_LIMIT;
	TRY(tells_tools(rules, s->memory, &s->tells_tools[s->world_count]));
	s->worlds[s->world_count++] = rules;
	return world_of(s, rules, ret);
}

static uint32_t hash_of(struct str text)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.ptr[i]) * 16777619u;
	return hash % BUCKETS;
}

static bool same_clause(const struct clause *a, const struct clause *b)
{
	return str_eq(a->text->text, b->text->text) && a->world == b->world &&
	       a->staged == b->staged && (!a->staged || a->stage == b->stage);
}

/* The atom of a clause, new or known. */
static enum err atom_of(struct solver *s, const struct clause *wanted, uint32_t *ret)
{
	uint32_t *first = &s->clause_first[hash_of(wanted->text->text)];
	struct atom atom = { .left = NO_VAR, .right = NO_VAR, .step.op = STEP_CONST };
	struct clause *c;

	for (uint32_t i = *first; i; i = s->clauses[i - 1].next)
		if (same_clause(&s->clauses[i - 1], wanted)) {
			*ret = s->clauses[i - 1].atom;
			return OK;
		}
	s->clauses = solve_grow(s->memory, s->clauses, s->clause_count, &s->clause_room,
				sizeof(*s->clauses));
	c = arena_alloc(s->memory, sizeof(*c));
	if (!s->clauses || !c)
		return ERR_MEMORY;
	*c = *wanted;
	TRY(fill_clause(s, c));
	atom.clause = c;
	if (c->var_count == 1 && !c->opaque)
		atom.left = c->vars[0];
	TRY(solve_add_atom(s, &atom, &c->atom));
	c->next = *first;
	s->clauses[s->clause_count++] = *c;
	*first = s->clause_count;
	*ret = c->atom;
	return OK;
}

static uint8_t op_of(enum cedar_node_op op)
{
	static const uint8_t ops[] = { [CEDAR_NODE_ASK] = STEP_NAMED,
				       [CEDAR_NODE_NOT] = STEP_NOT,
				       [CEDAR_NODE_AND] = NODE_AND,
				       [CEDAR_NODE_OR] = NODE_OR,
				       [CEDAR_NODE_IF] = NODE_IF };

	return ops[op];
}

enum err solver_add_cedar(struct solver *s, const struct plan *p, size_t number,
			  enum policy_stage stage, uint32_t *goal)
{
	struct clause wanted = { .rules = p->cedar, .stage = stage };
	struct goal g = { .count = 0 };
	struct cedar_formula f;
	struct cedar_one one;

	if (!s->clause_first)
		s->clause_first = arena_array(s->memory, BUCKETS, sizeof(*s->clause_first));
	if (!s->clause_first)
		return ERR_MEMORY;
	TRY(world_of(s, p->cedar, &wanted.world));
	cedar_rules_policy(p->cedar, number, &one);
	TRY(cedar_formula_make(one.policies, one.number, s->memory, &f));
	g.nodes = arena_array(s->memory, f.node_count + 1, sizeof(*g.nodes));
	if (!g.nodes)
		return ERR_MEMORY;
	for (size_t i = 0; i < f.node_count; i++) {
		struct node *node = &g.nodes[g.count++];

		node->op = op_of(f.nodes[i].op);
		wanted.text = &f.clauses[f.nodes[i].clause];
		wanted.staged = is_staged(wanted.text);
		wanted.opaque = wanted.text->opaque;
		if (node->op == STEP_NAMED)
			TRY(atom_of(s, &wanted, &node->atom));
	}
	if (g.count == 0)
		g.nodes[g.count++] = (struct node){ .op = STEP_CONST, .constant = true };
	return solve_add_goal(s, &g, goal);
}

enum err cedar_tells_stages(const struct cedar_rules *r, struct arena *a, bool *ret)
{
	*ret = false;
	for (size_t i = 0; i < cedar_rules_count(r) && !*ret; i++) {
		struct cedar_formula f;
		struct cedar_one one;

		cedar_rules_policy(r, i, &one);
		TRY(cedar_formula_make(one.policies, one.number, a, &f));
		for (size_t k = 0; k < f.clause_count; k++)
			*ret = *ret || is_staged(&f.clauses[k]);
	}
	return OK;
}

/* --- candidates --- */

static const enum step_op meet_ops[] = {
	[CEDAR_MEETS_VALUE] = STEP_EQ,         [CEDAR_MEETS_ORDER] = STEP_LT,
	[CEDAR_MEETS_ELEMENT] = STEP_CONTAINS, [CEDAR_MEETS_START] = STEP_STARTS,
	[CEDAR_MEETS_END] = STEP_ENDS,         [CEDAR_MEETS_PART] = STEP_CONTAINS,
	[CEDAR_MEETS_GLOB] = STEP_NAMED,       [CEDAR_MEETS_SAMPLE] = STEP_EQ,
};

/* As a step of the YAML dialect that tells the same values apart. */
static enum err meet_step(const struct solver *s, uint32_t slot, const struct cedar_meet *m,
			  struct met *ret)
{
	struct step *step = arena_alloc(s->memory, sizeof(*step));

	if (!step)
		return ERR_MEMORY;
	*step = (struct step){ .op = (uint8_t)meet_ops[m->kind], .left_slot = true };
	step->left.slot = slot;
	step->right.value = &m->value;
	if (m->kind == CEDAR_MEETS_GLOB) {
		struct pattern *glob = arena_alloc(s->memory, sizeof(*glob));
		struct patterns *list = arena_alloc(s->memory, sizeof(*list));

		if (!glob || !list)
			return ERR_MEMORY;
		*glob = (struct pattern){ PATTERN_GLOB, m->value.string };
		*list = (struct patterns){ glob, 1 };
		step->right.patterns = list;
	}
	ret->steps[ret->step_count++] = step;
	return OK;
}

/* The ids that an entity's name may have: of a tool, those of actions and of tools. */
static enum err meet_ids(const struct solver *s, uint32_t var, struct met *ret)
{
	const struct slot *slot = &s->slots.items[s->vars[var].slot];
	struct cedar_ids ids[2];

	for (uint32_t i = 0; i < s->world_count; i++) {
		const struct cedar_mapping *m = cedar_rules_mapping(s->worlds[i]);
		bool tool = str_is(slot->key, "type");
		const struct value **values;

		TRY(known_ids(s,
			      tool                      ? m->action
			      : str_is(slot->key, "id") ? m->principal
							: m->resource,
			      &ids[0]));
		TRY(known_ids(s, m->tool, &ids[1]));
		ids[1].count = tool ? ids[1].count : 0;
		ret->exact = ret->exact && !ids[0].cut && !(tool && ids[1].cut) &&
			     types_differ(s->worlds[i]);
		values = arena_array(s->memory, ret->value_count + ids[0].count + ids[1].count,
				     sizeof(*values));
		if (!values)
			return ERR_MEMORY;
		if (ret->value_count)
			memcpy(values, ret->values, ret->value_count * sizeof(*values));
		for (size_t k = 0; k < ids[0].count + ids[1].count; k++) {
			struct value *v = arena_alloc(s->memory, sizeof(*v));

			if (!v)
				return ERR_MEMORY;
			*v = value_string(k < ids[0].count ? ids[0].items[k]
							   : ids[1].items[k - ids[0].count]);
			values[ret->value_count++] = v;
		}
		ret->values = values;
	}
	return OK;
}

/* The path by which a clause knows the variable; *entity: as the name of an entity, too. */
static const struct cedar_path *asked_by(const struct clause *c, uint32_t var, bool *entity)
{
	const struct cedar_path *path = NULL;

	for (uint32_t i = 0; i < c->var_count; i++) {
		if (c->vars[i] == var && c->paths[i])
			path = c->paths[i];
		else if (c->vars[i] == var)
			*entity = true;
	}
	return path;
}

static bool asked_by_steps(const struct solver *s, uint32_t var)
{
	for (uint32_t i = 0; i < s->atom_count; i++)
		if (!s->atoms[i].clause && solve_asks_of(&s->atoms[i], var))
			return true;
	return false;
}

enum err clause_meets(const struct solver *s, uint32_t var, struct met *ret)
{
	struct str read_as = STR_NONE;
	bool entity = false, other = false;
	size_t room = 0;

	*ret = (struct met){ .exact = true };
	for (uint32_t i = 0; i < s->clause_count; i++) {
		const struct cedar_path *p = asked_by(&s->clauses[i], var, &entity);

		room += p ? p->meet_count : 0;
	}
	ret->steps = arena_array(s->memory, room, sizeof(*ret->steps));
	if (!ret->steps)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < s->clause_count; i++) {
		const struct cedar_path *p = asked_by(&s->clauses[i], var, &entity);

		for (size_t k = 0; p && k < p->meet_count; k++)
			TRY(meet_step(s, s->vars[var].slot, &p->meets[k], ret));
		ret->exact = ret->exact && (!p || p->exact);
		if (!p || !p->whole)
			continue;
		other = other || (ret->whole && !str_eq(p->read_as, read_as));
		read_as = p->read_as;
		ret->whole = true;
	}
	if (read_as.ptr || other)
		ret->exact = ret->exact && !other && !entity && !asked_by_steps(s, var);
	return entity ? meet_ids(s, var, ret) : OK;
}

/* --- truths --- */

static enum err ask_evaluator(struct solver *s, const struct clause *c,
			      const struct value *const *values, enum cedar_truth *ret)
{
	struct witness_change changes[CLAUSE_VARS];
	struct cedar_request cedar;
	struct value request;

	for (uint32_t i = 0; i < c->var_count; i++)
		changes[i] = (struct witness_change){ s->vars[c->vars[i]].slot, values[i] };
	TRY(witness_put(&s->slots, NULL, changes, c->var_count, s->memory, &request));
	TRY(cedar_rules_request(c->rules, c->stage,
				value_text(value_get_c(&request, "agent"), "id"), &request,
				s->memory, &cedar));
	return cedar_clause_truth(c->text, cedar_rules_entities(c->rules), &cedar, s->memory, ret);
}

enum truth clause_truth(struct solver *s, const struct clause *c, const struct value *const *values)
{
	struct arena_mark mark = arena_mark(s->memory);
	enum cedar_truth truth = CEDAR_ERROR;
	enum err e = ask_evaluator(s, c, values, &truth);

	arena_rewind(s->memory, mark);
	if (s->failed == OK)
		s->failed = e;
	return (enum truth)truth;
}
