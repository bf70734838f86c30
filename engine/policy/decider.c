/* decider: who decides, as goals. */
#include "engine/policy/decider.h"

#define FALSE_ONLY (1u << TRUTH_FALSE)
#define TRUE_ONLY  (1u << TRUTH_TRUE)
#define ERROR_ONLY (1u << TRUTH_ERROR)
#define ALL_TRUTHS 7u

static enum err add_policies(struct solver *s, enum policy_stage stage, struct arena *memory,
			     uint32_t *goals, struct deciders *d)
{
	struct cedar_one *list = arena_array(memory, d->policy_count, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < d->policy_count; i++) {
		cedar_rules_policy(d->plan->cedar, i, &list[i]);
		TRY(solver_add_cedar(s, d->plan, i, stage, &goals[i]));
	}
	d->policies = list;
	return OK;
}

enum err deciders_add(struct solver *s, const struct plan *p, enum policy_stage stage,
		      struct arena *memory, struct deciders *ret)
{
	struct deciders d = { .plan = p, .queue = &p->queues[stage] };
	uint32_t *goals;

	d.rule_count = d.queue->count;
	if (p->cedar) {
		d.policy_count = (uint32_t)cedar_rules_count(p->cedar);
		d.error_denies = cedar_rules_mapping(p->cedar)->error_denies;
	}
	goals = arena_array(memory, d.rule_count + d.policy_count, sizeof(*goals));
	if (!goals)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < d.rule_count; i++) {
		TRY(solver_add(s, p, d.queue->rules[i], &goals[i]));
		d.denials = d.denials || !d.queue->rules[i]->allows;
	}
	TRY(add_policies(s, stage, memory, goals + d.rule_count, &d));
	d.goals = goals;
	*ret = d;
	return OK;
}

/* --- who --- */

uint32_t deciders_count(const struct deciders *d)
{
	return d->rule_count + d->policy_count + 1;
}

static const struct rule *rule_at(const struct deciders *d, uint32_t at)
{
	return at < d->rule_count ? d->queue->rules[at] : NULL;
}

const struct cedar_one *decider_policy(const struct deciders *d, uint32_t at)
{
	bool is = at >= d->rule_count && at - d->rule_count < d->policy_count;

	return is ? &d->policies[at - d->rule_count] : NULL;
}

struct str decider_identity(const struct deciders *d, uint32_t at)
{
	const struct cedar_one *policy = decider_policy(d, at);

	return policy ? policy->identity : rule_at(d, at) ? rule_at(d, at)->identity : STR_NONE;
}

/* Beside Cedar policies nothing is allowed by default. */
bool decider_may_allow(const struct deciders *d, uint32_t at)
{
	const struct cedar_one *policy = decider_policy(d, at);

	if (policy || rule_at(d, at))
		return policy ? !policy->forbid : rule_at(d, at)->allows;
	for (size_t i = 0; i < d->plan->document_count && !d->plan->cedar; i++)
		if (d->plan->documents[i].allows)
			return true;
	return false;
}

/* The default denies where some document says so, or where none applies. */
bool decider_may_deny(const struct deciders *d, uint32_t at)
{
	const struct cedar_one *policy = decider_policy(d, at);
	bool for_all = false;

	if (policy || rule_at(d, at))
		return policy ? policy->forbid : !rule_at(d, at)->allows;
	for (size_t i = 0; i < d->plan->document_count; i++) {
		if (!d->plan->documents[i].allows)
			return true;
		for_all = for_all || d->plan->documents[i].agents.count == 0;
	}
	return !for_all || d->plan->cedar;
}

bool decider_decided(const struct deciders *d, uint32_t at, const struct ruling *r)
{
	struct str identity = decider_identity(d, at);

	return identity.ptr ? r->rule.ptr && str_eq(r->rule, identity) : !r->rule.ptr;
}

unsigned decider_matching(const struct deciders *d, uint32_t at)
{
	const struct cedar_one *policy = decider_policy(d, at);
	bool errs = policy ? policy->forbid && d->error_denies : !rule_at(d, at)->allows;

	return TRUE_ONLY | (errs ? ERROR_ONLY : 0);
}

/* --- how --- */

static bool is_forbid(const struct deciders *d, uint32_t at)
{
	const struct cedar_one *policy = decider_policy(d, at);

	return policy && policy->forbid;
}

/* Ways of a forbid: holding or erring, each where no denial matches, then whatever rules say. */
uint32_t decider_ways(const struct deciders *d, uint32_t at)
{
	if (!is_forbid(d, at))
		return 1;
	return (d->error_denies ? 2 : 1) * (d->denials ? 2 : 1);
}

static bool errs_in(const struct deciders *d, uint32_t way)
{
	return way >= (d->denials ? 2u : 1u);
}

bool decider_proves(const struct deciders *d, uint32_t at, uint32_t way)
{
	return !is_forbid(d, at) || !d->denials || way % 2 == 1;
}

static size_t want(const struct deciders *d, struct solve_goal *goals, size_t count, uint32_t at,
		   unsigned wanted)
{
	goals[count] = (struct solve_goal){ d->goals[at], wanted };
	return count + 1;
}

/* None of the policies that forbid, or that permit, does so; those up to `end`. */
static size_t want_silent(const struct deciders *d, struct solve_goal *goals, size_t count,
			  bool forbid, uint32_t end)
{
	for (uint32_t i = d->rule_count; i < end; i++)
		if (decider_policy(d, i)->forbid == forbid)
			count = want(d, goals, count, i, ALL_TRUTHS & ~decider_matching(d, i));
	return count;
}

/*
 * The first forbid decides, file by file; within a file one that holds goes before those that err.
 */
static size_t want_forbid(const struct deciders *d, uint32_t at, uint32_t way,
			  struct solve_goal *goals)
{
	const struct cedar_one *self = decider_policy(d, at);
	bool errs = errs_in(d, way);
	size_t count = want(d, goals, 0, at, errs ? ERROR_ONLY : TRUE_ONLY);

	for (uint32_t i = d->rule_count; i + 1 < deciders_count(d); i++) {
		const struct cedar_one *other = decider_policy(d, i);

		if (!other->forbid || i == at || other->set > self->set)
			continue;
		if (other->set < self->set)
			count = want(d, goals, count, i, ALL_TRUTHS & ~decider_matching(d, i));
		else if (i < at)
			count = want(d, goals, count, i,
				     errs ? FALSE_ONLY : FALSE_ONLY | ERROR_ONLY);
		else if (errs)
			count = want(d, goals, count, i, FALSE_ONLY | ERROR_ONLY);
	}
	for (uint32_t i = 0; i < d->rule_count && !decider_proves(d, at, way); i++)
		if (!rule_at(d, i)->allows)
			count = want(d, goals, count, i, FALSE_ONLY);
	return count;
}

size_t decider_goals(const struct deciders *d, uint32_t at, uint32_t way, struct solve_goal *goals)
{
	const struct cedar_one *policy = decider_policy(d, at);
	uint32_t all = deciders_count(d) - 1;
	size_t count = 0;

	if (policy && policy->forbid)
		return want_forbid(d, at, way, goals);
	if (at < all)
		count = want(d, goals, 0, at, decider_matching(d, at));
	for (uint32_t i = 0; i < d->rule_count && i < at; i++)
		count = want(d, goals, count, i, ALL_TRUTHS & ~decider_matching(d, i));
	if (policy || at == all)
		count = want_silent(d, goals, count, false, at);
	if (policy || at == all || rule_at(d, at)->allows)
		count = want_silent(d, goals, count, true, all);
	return count;
}
