/*
 * depends: truths with a value unknown.
 *
 *   args.amount > 100 and args.mail == "a@b.c"        mail is withheld
 *        {false}      and   {true, false, error}   =  {false}: whatever it was
 *
 * A step that compares a withheld value may have any truth, every other one has its own; what a
 * condition may come to then, the tools of this room can tell (trace_sets), and likewise of Cedar
 * policies (cedar_formula_sets). Rules are looked at in the order of trial up to the one that
 * matched: those before it have one truth, or the answer is known. What quotas, commands, paths,
 * intents, the reach of rings and lookbacks read, they read by one path each.
 */
#include "engine/policy/curb_parts.h"
#include "engine/policy/sequence_parts.h"
#include "engine/policy/trace.h"

#define ANY_TRUTH (1u << TRUTH_FALSE | 1u << TRUTH_TRUE | 1u << TRUTH_ERROR)
#define ANY_CEDAR (1u << CEDAR_NO | 1u << CEDAR_YES | 1u << CEDAR_ERROR)

struct looking {
	const struct plan *plan;
	enum policy_stage stage;
	struct str agent, tool;
	const struct value *request;
	const struct ruling *ruling;
	const struct withheld *withheld;
	struct sight sight;
	struct arena *arena;
	struct str found;            /* what looks at it; ptr NULL: nothing yet */
};

static const struct veil *veil_of(const struct looking *l, struct str root)
{
	if (str_is(root, "args"))
		return l->withheld->args;
	return str_is(root, "result") ? l->withheld->result : NULL;
}

static bool is_withheld(struct looking *l, uint32_t slot)
{
	const struct slots *s = &l->plan->slots;
	uint32_t root = slot;

	if (slot == SLOT_REQUEST)
		return false;
	while (s->items[root].parent != SLOT_REQUEST)
		root = s->items[root].parent;
	return veil_covers(veil_of(l, s->items[root].key), slot_look(&l->sight, slot));
}

/* "rule 'policy/name'" */
static enum err tell(struct looking *l, const char *what, struct str name)
{
	const struct str parts[] = { str_view(what), STR(" '"), name, STR("'") };

	return plan_join(l->arena, parts, 4, &l->found);
}

/* --- conditions --- */

/* Whether something is there is not withheld: a leaf that is taken away leaves its place. */
static bool reads_withheld(struct looking *l, const struct step *step)
{
	return step->op != STEP_HAS && ((step->left_slot && is_withheld(l, step->left.slot)) ||
					(step->right_slot && is_withheld(l, step->right.slot)));
}

/* A truth that is an error whatever the value was might still have another story. */
static enum err condition_depends(struct looking *l, const struct condition *c, bool *ret)
{
	uint8_t *leaves = arena_array(l->arena, c->count, 1);
	bool reads = false;
	unsigned set;

	if (!leaves)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < c->count; i++) {
		bool unknown = trace_asks(&c->steps[i]) && reads_withheld(l, &c->steps[i]);

		reads |= unknown;
		if (unknown)
			leaves[i] = ANY_TRUTH;
		else if (trace_asks(&c->steps[i]))
			leaves[i] = (uint8_t)(1u << trace_step(c, i, &l->sight));
	}
	set = reads ? trace_sets(c, leaves) : 0;
	*ret = reads && (set & (set - 1) || set == 1u << TRUTH_ERROR);
	return OK;
}

static enum err look_at_rules(struct looking *l)
{
	const struct queue *q = &l->plan->queues[l->stage];
	uint32_t end = trace_has_floors(l->plan) ? q->count : l->ruling->tried;
	bool depends;

	for (uint32_t i = 0; i < end && i < q->count && !l->found.ptr; i++) {
		const struct rule *rule = q->rules[i];

		if (!rule->condition || !trace_applies(l->plan, rule->document, l->agent))
			continue;
		TRY(condition_depends(l, rule->condition, &depends));
		if (depends)
			TRY(tell(l, "rule", rule->identity));
	}
	return OK;
}

/* Of Cedar policies the same; who reads a part of a path reads what it leads to. */
static bool path_withheld(const struct looking *l, const struct cedar_path *path)
{
	const struct veil *veil = path->count ? veil_of(l, path->names[0]) : NULL;
	const struct value *v = l->request;

	for (size_t i = 0; i < path->count && v && veil; i++) {
		v = value_get(v, path->names[i]);
		if (v && v->kind == VALUE_NULL && veil_covers(veil, v))
			return true;
	}
	return veil_covers(veil, v);
}

static bool clause_withheld(const struct looking *l, const struct cedar_clause *c)
{
	bool found = c->opaque;

	for (size_t i = 0; i < c->path_count && !found; i++)
		found = path_withheld(l, &c->paths[i]);
	return found;
}

static enum err look_at_policy(struct looking *l, const struct cedar_one *one,
			       const struct cedar_request *request)
{
	const struct cedar_entities *entities = cedar_rules_entities(l->plan->cedar);
	struct cedar_formula f;
	enum cedar_truth truth;
	bool reads = false;
	uint8_t *leaves;
	unsigned set;

	TRY(cedar_formula_make(one->policies, one->number, l->arena, &f));
	leaves = arena_array(l->arena, f.clause_count, 1);
	if (!leaves)
		return ERR_MEMORY;
	for (size_t i = 0; i < f.clause_count; i++) {
		leaves[i] = ANY_CEDAR;
		reads |= clause_withheld(l, &f.clauses[i]);
		if (clause_withheld(l, &f.clauses[i]))
			continue;
		TRY(cedar_clause_truth(&f.clauses[i], entities, request, l->arena, &truth));
		leaves[i] = (uint8_t)(1u << truth);
	}
	set = reads ? cedar_formula_sets(&f, leaves) : 0;
	if (!reads || (!(set & (set - 1)) && set != 1u << CEDAR_ERROR))
		return OK;
	return tell(l, "Cedar policy", one->identity);
}

static enum err look_at_cedar(struct looking *l)
{
	struct cedar_request request;
	struct cedar_one one;
	size_t count;

	if (!l->plan->cedar || !l->ruling->cedar.ptr || l->found.ptr)
		return OK;
	count = cedar_rules_count(l->plan->cedar);
	TRY(cedar_rules_request(l->plan->cedar, l->stage, l->agent, l->request, l->arena,
				&request));
	for (size_t i = 0; i < count && !l->found.ptr; i++) {
		cedar_rules_policy(l->plan->cedar, i, &one);
		TRY(look_at_policy(l, &one, &request));
	}
	return OK;
}

/* --- what reads by a path --- */

/* One that holds for this call and reads a path that is withheld. */
static enum err look_at_curb(struct looking *l, const struct curb *curb, uint32_t document,
			     uint32_t path, const char *what, struct str name)
{
	if (l->found.ptr || !is_withheld(l, path) ||
	    !curb_holds(l->plan, curb, document, l->agent, l->tool))
		return OK;
	return tell(l, what, name);
}

static enum err look_at_curbs(struct looking *l)
{
	const struct curbs *c = l->plan->curbs;
	const struct document *documents = l->plan->documents;

	for (size_t i = 0; c && i < c->quota_count; i++)
		TRY(look_at_curb(l, &c->quotas[i].curb, c->quotas[i].document, c->quotas[i].path,
				 "budget", c->quotas[i].quota.name));
	for (size_t i = 0; c && i < c->command_count; i++)
		TRY(look_at_curb(l, &c->commands[i].curb, c->commands[i].document,
				 c->commands[i].path, "commands of policy",
				 documents[c->commands[i].document].name));
	for (size_t i = 0; c && i < c->path_count; i++)
		TRY(look_at_curb(l, &c->paths[i].curb, c->paths[i].document, c->paths[i].path,
				 "paths of policy", documents[c->paths[i].document].name));
	for (size_t i = 0; c && i < c->intent_count; i++)
		TRY(look_at_curb(l, &c->intents[i].curb, c->intents[i].document,
				 c->intents[i].path, "intents of policy",
				 documents[c->intents[i].document].name));
	return OK;
}

/* Cautious: in which ring the agent was, the request need not say. */
static enum err look_at_reach(struct looking *l)
{
	const struct ring_rules *rings = l->plan->curbs ? l->plan->curbs->rings : NULL;

	for (size_t i = 0; rings && i < rings->reach_count && !l->found.ptr; i++) {
		const struct reach_rule *rule = &rings->reach[i];
		bool holds = rule->tools.count == 0 || pattern_match(&rule->tools, l->tool);

		if (holds && is_withheld(l, rule->path))
			TRY(tell(l, "reach of", STR("rings")));
	}
	return OK;
}

static enum err look_at_declared(struct looking *l, const struct declared *d)
{
	bool depends = false;

	if (l->found.ptr || d->stage != l->stage)
		return OK;
	if (d->when)
		TRY(condition_depends(l, d->when, &depends));
	if (depends || is_withheld(l, d->key))
		return tell(l, "event or label", str_view(d->name));
	return OK;
}

/* What the action is asked about the past by, and what it leaves there for others to ask. */
static enum err look_at_sequence(struct looking *l)
{
	const struct sequence *q = l->plan->sequence;

	if (!q || !value_get_c(l->request, "session"))
		return OK;
	for (size_t i = 0; i < q->lookback_count && !l->found.ptr; i++)
		if (q->lookbacks[i].form == LOOKBACK_KEY && is_withheld(l, q->lookbacks[i].key))
			TRY(tell(l, "lookback", q->lookbacks[i].text));
	for (size_t i = 0; i < q->names.event_count; i++)
		TRY(look_at_declared(l, &q->events[i]));
	for (size_t i = 0; i < q->names.label_count; i++)
		TRY(look_at_declared(l, &q->labels[i]));
	return OK;
}

enum err bundle_depends(const struct bundle *b, enum policy_stage stage, struct str agent,
			const struct value *request, const struct ruling *ruling,
			const struct withheld *withheld, struct arena *a, struct str *ret)
{
	struct looking l = {
		.plan = bundle_plan(b), .stage = stage, .agent = agent,
		.tool = value_text(value_get_c(request, "action"), "type"),
		.request = request, .ruling = ruling, .withheld = withheld, .arena = a,
	};

	TRY(trace_sight(l.plan, request, a, &l.sight));
	TRY(look_at_rules(&l));
	TRY(look_at_cedar(&l));
	TRY(look_at_curbs(&l));
	TRY(look_at_reach(&l));
	TRY(look_at_sequence(&l));
	*ret = l.found;
	return OK;
}
