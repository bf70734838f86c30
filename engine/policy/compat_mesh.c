/*
 * compat_mesh: PolicyEngine.evaluate. Not first match: every rule that matches is a candidate, and
 * a strategy chooses one. Candidates stand in the order of loading, and every choice takes the
 * first of the highest, which is what Python's stable sorts do.
 */
#include "engine/policy/compat_parts.h"

#define NS_PER_S INT64_C(1000000000)

struct candidate {
	const struct compat_policy *policy;
	const struct compat_rule *rule;
};

struct matches {
	struct candidate *items;
	size_t count;
};

static bool applies(const struct compat_policy *p, struct str agent)
{
	if (p->agent.len > 0 && str_eq(p->agent, agent))
		return true;
	for (size_t i = 0; i < p->agent_count; i++)
		if (str_eq(p->agents[i], agent) || str_is(p->agents[i], "*"))
			return true;
	return false;
}

/* Loading a name again replaces the policy in its place. */
static const struct compat_policy *in_place(const struct compat_policy *policies, size_t count,
					    size_t place)
{
	const struct compat_policy *last = &policies[place];

	for (size_t i = 0; i < place; i++)
		if (str_eq(policies[i].name, last->name))
			return NULL;
	for (size_t i = place + 1; i < count; i++)
		if (str_eq(policies[i].name, last->name))
			last = &policies[i];
	return last;
}

static int rank(struct str scope)
{
	static const char *const scopes[] = { "tenant", "organization", "agent" };

	for (int i = 0; i < 3; i++)
		if (str_is(scope, scopes[i]))
			return i + 1;
	return 0;
}

/* The first of the highest priority, among all or among those that do `only`; NULL: none does. */
static const struct candidate *highest(const struct matches *c, const enum compat_action *only)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < c->count; i++)
		if ((!only || c->items[i].rule->action == *only) &&
		    (!best || c->items[i].rule->priority > best->rule->priority))
			best = &c->items[i];
	return best;
}

static const struct candidate *most_specific(const struct matches *c)
{
	const struct candidate *best = &c->items[0];

	for (size_t i = 1; i < c->count; i++) {
		int order = rank(c->items[i].policy->scope) - rank(best->policy->scope);

		if (order > 0 ||
		    (order == 0 && c->items[i].rule->priority > best->rule->priority))
			best = &c->items[i];
	}
	return best;
}

static const struct candidate *resolve(const struct matches *c, enum compat_strategy strategy)
{
	static const enum compat_action deny = COMPAT_DENY, allow = COMPAT_ALLOW;
	const struct candidate *winner = NULL;

	if (strategy == COMPAT_MOST_SPECIFIC_WINS)
		return most_specific(c);
	if (strategy == COMPAT_DENY_OVERRIDES)
		winner = highest(c, &deny);
	if (strategy == COMPAT_ALLOW_OVERRIDES)
		winner = highest(c, &allow);
	return winner ? winner : highest(c, NULL);
}

/* The limit that counts is that of the first rule of this name, enabled or not, of any stage. */
static const struct compat_rule *limited_rule(const struct candidate *winner)
{
	const struct compat_policy *p = winner->policy;

	for (size_t i = 0; i < p->rule_count; i++)
		if (str_eq(p->rules[i].name, winner->rule->name))
			return p->rules[i].limit.len > 0 ? &p->rules[i] : NULL;
	return NULL;
}

static enum err find_window(struct compat_windows *w, const struct candidate *winner,
			    struct str agent, struct compat_window **ret)
{
	struct compat_window *window;

	for (size_t i = 0; i < w->count; i++) {
		window = &w->items[i];
		if (str_eq(window->agent, agent) &&
		    str_eq(window->policy, winner->policy->name) &&
		    str_eq(window->rule, winner->rule->name)) {
			*ret = window;
			return OK;
		}
	}
	if (w->count == w->room)
		return ERR_LIMIT;
	window = &w->items[w->count++];
	*window = (struct compat_window){ agent, winner->policy->name, winner->rule->name, 0, 0,
					  false };
	*ret = window;
	return OK;
}

/*
 * Count one call; *over when the window is used up, and the call does not count. Without an open
 * window nothing is compared, so the first call passes even at "0/day".
 */
static void count_call(struct compat_window *w, const struct compat_rule *rule, int64_t now_ns,
		       bool *over)
{
	if (w->open && now_ns > w->reset_ns)
		w->open = false;
	*over = w->open && w->count >= rule->limit_calls;
	if (*over)
		return;
	if (!w->open) {
		w->open = true;
		w->count = 0;
		w->reset_ns = now_ns + rule->limit_seconds * NS_PER_S;
	}
	w->count++;
}

static enum err join(struct arena *a, const char *before, struct str name, const char *after,
		     struct str *ret)
{
	const struct str parts[] = { str_view(before), name, str_view(after) };

	return plan_join(a, parts, 3, ret);
}

static enum err decide_by(const struct candidate *winner, struct str agent, int64_t now_ns,
			  struct compat_windows *windows, struct arena *a,
			  struct compat_decision *ret)
{
	const struct compat_rule *rule = winner->rule, *limited = limited_rule(winner);
	struct compat_decision d = {
		.allowed = rule->action == COMPAT_ALLOW, .action = rule->action,
		.rule = rule->name, .policy = winner->policy->name,
		.reason = rule->description, .approvers = rule->approvers,
		.approver_count = rule->approver_count, .source = rule->source,
	};

	if (limited) {
		struct compat_window *window;

		TRY(find_window(windows, winner, agent, &window));
		count_call(window, limited, now_ns, &d.rate_limited);
	}
	if (d.rate_limited) {
		d.allowed = false;
		d.action = COMPAT_DENY;
		d.approver_count = 0;
		TRY(join(a, "Rate limited: ", limited->limit, "", &d.reason));
	} else if (d.reason.len == 0) {
		TRY(join(a, "Rule ", rule->name, " matched", &d.reason));
	}
	*ret = d;
	return OK;
}

static void collect(const struct compat_policy *p, const struct value *context,
		    enum compat_stage stage, struct matches *c)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct compat_rule *rule = &p->rules[i];

		if (rule->stage == stage && rule->enabled &&
		    compat_condition_match(rule->condition, context))
			c->items[c->count++] = (struct candidate){ p, rule };
	}
}

enum err compat_mesh_decide(const struct compat_policy *policies, size_t count,
			    enum compat_strategy strategy, struct str agent,
			    const struct value *context, enum compat_stage stage, int64_t now_ns,
			    struct compat_windows *windows, struct arena *a,
			    struct compat_decision *ret)
{
	const struct compat_policy *first = NULL;
	struct matches c = { .count = 0 };
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += policies[i].rule_count;
	c.items = arena_array(a, room, sizeof(*c.items));
	if (!c.items)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const struct compat_policy *p = in_place(policies, count, i);

		if (!p || !applies(p, agent))
			continue;
		first = first ? first : p;
		collect(p, context, stage, &c);
	}
	if (c.count > 0)
		return decide_by(resolve(&c, strategy), agent, now_ns, windows, a, ret);
	*ret = (struct compat_decision){
		.allowed = first && first->default_allow,
		.action = first && first->default_allow ? COMPAT_ALLOW : COMPAT_DENY,
		.reason = first ? STR("No matching rules, using default")
				: STR("No policies loaded (deny by default)"),
	};
	return OK;
}
