/*
 * diff: two bundles, their rules in pairs.
 *
 *   both come to the same                                    no flip
 *   they are about other agents or tools (reach.h)           no flip
 *   the old one's twin comes first in the new bundle, or     no flip: where they match, the twin
 *   the new one's twin in the old one (twin.h)               matches too, and decides
 *   the rest, so many as there is time for                   contest.h
 */
#include "engine/policy/contest.h"
#include "engine/policy/diff_terms.h"
#include "engine/policy/reach.h"
#include "engine/policy/twin.h"

#define PAIRS_MAX 20000u /* pairs that are asked about */
#define TOLD_MAX  ((size_t)4 << 20) /* pairs of Cedar policies that are remembered */

/* One of the two bundles, at one stage. */
struct side {
	const struct bundle *bundle;
	const struct plan *plan;
	enum policy_stage stage;
	const struct queue *queue;
	const struct reach *reaches;
	const uint32_t *first, *twin; /* by place: in this queue, in that of the other side */
};

struct differing {
	struct side old, now;
	struct arena *scratch;
	enum policy_stage stage;
	const struct diff_hearing *hearing;
	bool floors; /* somewhere a rule behind the first match may decide */
	/* by policies of both sides, the defaults among them: told at an earlier stage; or NULL */
	bool *told;
	size_t told_width;
	uint64_t pairs;
	struct diff_report report;
};

/* What a pair is asked for: a flip of this kind. */
struct wanting {
	enum outcome_change change;
};

static bool is_default(const struct side *s, uint32_t at)
{
	return at == s->queue->count;
}

/* Behind the default. */
static bool is_policy(const struct side *s, uint32_t at, struct cedar_one *ret)
{
	const struct contest_side side = { s->bundle, at };

	return contest_policy(&side, s->stage, ret);
}

static bool is_rule(const struct side *s, uint32_t at)
{
	return at < s->queue->count;
}

static bool default_may_allow(const struct plan *p)
{
	for (size_t d = 0; d < p->document_count && !p->cedar; d++)
		if (p->documents[d].allows)
			return true;
	return false;
}

/* Some document says so, or there may be an agent to whom none applies. */
static bool default_may_deny(const struct plan *p)
{
	bool for_all = false;

	for (size_t d = 0; d < p->document_count; d++) {
		if (!p->documents[d].allows)
			return true;
		for_all = for_all || p->documents[d].agents.count == 0;
	}
	return !for_all || p->cedar;
}

/* What may come of the side's rule at that place; a default may go both ways. The number. */
static size_t outcomes_of(const struct side *s, uint32_t at, struct ruling outcomes[2])
{
	const struct rule *rule;
	struct cedar_one one;
	size_t count = 0;

	memset(outcomes, 0, 2 * sizeof(*outcomes));
	if (is_default(s, at)) {
		if (default_may_deny(s->plan))
			count++;
		if (default_may_allow(s->plan))
			outcomes[count++].allow = true;
		return count;
	}
	if (is_policy(s, at, &one)) {
		outcomes[0].allow = !one.forbid;
		return 1;
	}
	rule = s->queue->rules[at];
	outcomes[0] = (struct ruling){ .allow = rule->allows,
				       .obligations = rule->obligations,
				       .approvers = rule->approvers,
				       .approver_count = rule->approver_count,
				       .edits = rule->edits,
				       .limit = rule->limit };
	return 1;
}

/* The kinds of flips there may be between the two, as a set of 1 << enum outcome_change. */
static unsigned changes_of(const struct differing *d, uint32_t old, uint32_t now)
{
	struct ruling was[2], is[2];
	size_t was_count = outcomes_of(&d->old, old, was), is_count = outcomes_of(&d->now, now, is);
	unsigned set = 0;

	for (size_t i = 0; i < was_count; i++)
		for (size_t k = 0; k < is_count; k++)
			set |= 1u << outcome_compare(&was[i], &is[k]);
	return set & ~(1u << CHANGE_NONE);
}

static bool is_wanted(void *self, const struct contest *c, const struct ruling *rulings)
{
	const struct wanting *w = self;

	return contest_is_won(NULL, c, rulings) &&
	       outcome_compare(&rulings[0], &rulings[1]) == w->change;
}

static struct contest contest_of(const struct differing *d, uint32_t old, uint32_t now,
				 struct wanting *w)
{
	return (struct contest){
		.sides = { { d->old.bundle, old }, { d->now.bundle, now } },
		.count = 2,
		.frame = { .stage = d->stage,
			   .registered = !bundle_admits_unknown(d->old.bundle) &&
					 !bundle_admits_unknown(d->now.bundle) },
		.accept = is_wanted,
		.self = w,
	};
}

static void report(struct differing *d, enum outcome_change change, const struct ruling *rulings,
		   const struct question *witness)
{
	const struct diff_flip flip = { .change = change,
					.stage = d->stage,
					.was = &rulings[0],
					.now = &rulings[1],
					.witness = witness };

	d->report.flips[change]++;
	d->hearing->flip(d->hearing->self, &flip);
}

/*
 * Whether a pair of Cedar policies, or of one and a default, flips at an earlier stage as well:
 * they are asked at every stage, and it is said once. NULL: of rules and their defaults, which have
 * a stage.
 */
static bool *told_of(const struct differing *d, uint32_t old, uint32_t now)
{
	if (!d->told || is_rule(&d->old, old) || is_rule(&d->now, now) ||
	    (is_default(&d->old, old) && is_default(&d->now, now)))
		return NULL;
	return &d->told[(old - d->old.queue->count) * d->told_width + now - d->now.queue->count];
}

/* Room to remember them, where they are not too many. */
static enum err open_told(struct differing *d, const struct bundle *old, const struct bundle *now)
{
	const struct cedar_rules *was = bundle_plan(old)->cedar, *is = bundle_plan(now)->cedar;
	size_t height = 1 + (was ? cedar_rules_count(was) : 0);

	d->told_width = 1 + (is ? cedar_rules_count(is) : 0);
	if (height * d->told_width > TOLD_MAX || height * d->told_width == 1)
		return OK;
	d->told = arena_array(d->scratch, height * d->told_width, sizeof(*d->told));
	return d->told ? OK : ERR_MEMORY;
}

static enum err ask(struct differing *d, uint32_t old, uint32_t now, enum outcome_change change)
{
	struct wanting w = { change };
	const struct contest c = contest_of(d, old, now, &w);
	struct arena_mark mark = arena_mark(d->scratch);
	struct ruling rulings[2];
	struct question witness;
	enum answer answer;

	TRY(contest_ask(&c, d->scratch, &answer, &witness, rulings));
	if (answer == ANSWER_YES) {
		report(d, change, rulings, &witness);
		if (told_of(d, old, now))
			*told_of(d, old, now) = true;
	}
	d->report.unknown += answer == ANSWER_UNKNOWN;
	arena_rewind(d->scratch, mark);
	return OK;
}

/* Two policies whose scopes ask for different tools are about different requests. */
static bool are_apart(const struct differing *d, uint32_t old, uint32_t now)
{
	struct cedar_one was, is;
	struct cedar_uid from, to;

	if (is_rule(&d->old, old) && is_rule(&d->now, now))
		return reach_apart(&d->old.reaches[old], &d->now.reaches[now]);
	return is_policy(&d->old, old, &was) && is_policy(&d->now, now, &is) &&
	       cedar_scope_action(was.policies, was.number, &from) &&
	       cedar_scope_action(is.policies, is.number, &to) && !str_eq(from.id, to.id);
}

static enum err try_pair(struct differing *d, uint32_t old, uint32_t now)
{
	unsigned changes = changes_of(d, old, now);
	const bool *told = told_of(d, old, now);

	if (!changes || (told && *told) || are_apart(d, old, now))
		return OK;
	if (d->pairs == PAIRS_MAX) {
		d->report.left_out++;
		return OK;
	}
	d->pairs++;
	for (int change = CHANGE_LOOSER; change > CHANGE_NONE; change--)
		if (changes >> change & 1)
			TRY(ask(d, old, now, (enum outcome_change)change));
	return OK;
}

/*
 * Must an earlier rule of the other side match where this one does? Nothing holds of floors; and a
 * forbid overrules what allows, wherever that stands.
 */
static bool is_beaten(const struct differing *d, const struct side *s, uint32_t at,
		      const struct side *other, uint32_t their)
{
	struct cedar_one one;

	if (d->floors || !is_rule(s, at))
		return false;
	if (is_policy(other, their, &one) && one.forbid && s->queue->rules[at]->allows)
		return false;
	return s->first[at] != at || s->twin[at] < their;
}

static enum err try_pairs(struct differing *d)
{
	uint32_t old_count = contest_places(d->old.bundle, d->stage),
		 now_count = contest_places(d->now.bundle, d->stage);

	for (uint32_t old = 0; old < old_count; old++)
		for (uint32_t now = 0; now < now_count; now++)
			if (!is_beaten(d, &d->old, old, &d->now, now) &&
			    !is_beaten(d, &d->now, now, &d->old, old))
				TRY(try_pair(d, old, now));
	return OK;
}

/* A request by an agent that is not registered. */
static void stranger(const struct differing *d, struct member members[5], struct question *ret)
{
	*ret = (struct question){ .stage = d->stage, .agent = STR("some-agent") };
	members[0] = (struct member){ .key = STR("id"), .value = value_string(ret->agent) };
	members[1] = (struct member){ .key = STR("registered"), .value = value_bool(false) };
	members[2] = (struct member){ .key = STR("type"), .value = value_string(STR("some_tool")) };
	members[3] = (struct member){ .key = STR("agent") };
	members[3].value = (struct value){ .kind = VALUE_OBJECT, .object = { members, 2 } };
	members[4] = (struct member){ .key = STR("action") };
	members[4].value = (struct value){ .kind = VALUE_OBJECT, .object = { &members[2], 1 } };
	ret->request = (struct value){ .kind = VALUE_OBJECT, .object = { &members[3], 2 } };
}

/*
 * Agents that are not registered: only one of the two bundles lets its rules decide about them, in
 * the other they are denied before any. One flip is enough.
 */
static enum err try_strangers(struct differing *d)
{
	bool before = bundle_admits_unknown(d->old.bundle);
	const struct side *open = before ? &d->old : &d->now;
	struct wanting w = { before ? CHANGE_TIGHTER : CHANGE_LOOSER };
	struct member members[5];
	struct question base, witness;
	struct ruling rulings[2];
	struct cedar_one one;

	stranger(d, members, &base);
	for (uint32_t i = 0; i < contest_places(open->bundle, d->stage); i++) {
		struct contest c = contest_of(d, before ? i : d->old.queue->count,
					      before ? d->now.queue->count : i, &w);
		enum answer answer;

		if ((is_rule(open, i) && !open->queue->rules[i]->allows) ||
		    (is_policy(open, i, &one) && one.forbid))
			continue;
		c.frame.base = &base;
		c.frame.changes = UINT_MAX;
		TRY(contest_ask(&c, d->scratch, &answer, &witness, rulings));
		d->report.unknown += answer == ANSWER_UNKNOWN;
		if (answer == ANSWER_YES) {
			report(d, w.change, rulings, &witness);
			return OK;
		}
	}
	return OK;
}

static enum err open_side(struct differing *d, struct side *s, const struct bundle *b,
			  const struct bundle *other)
{
	const struct plan *p = bundle_plan(b);
	const struct queue *q = &p->queues[d->stage], *in = &bundle_plan(other)->queues[d->stage];

	*s = (struct side){ .bundle = b, .plan = p, .stage = d->stage, .queue = q };
	TRY(reach_find(p, q, d->scratch, &s->reaches));
	TRY(twin_find(p, q, p, q, d->scratch, &s->first));
	return twin_find(p, q, bundle_plan(other), in, d->scratch, &s->twin);
}

static enum err run_stage(struct differing *d, const struct bundle *old, const struct bundle *now)
{
	struct arena_mark mark = arena_mark(d->scratch);

	TRY(open_side(d, &d->old, old, now));
	TRY(open_side(d, &d->now, now, old));
	TRY(try_pairs(d));
	if (bundle_admits_unknown(old) != bundle_admits_unknown(now))
		TRY(try_strangers(d));
	arena_rewind(d->scratch, mark);
	return OK;
}

enum err diff_bundles(const struct bundle *old, const struct bundle *now, struct arena *scratch,
		      const struct diff_hearing *hearing, struct diff_report *ret)
{
	struct differing d = { .scratch = scratch, .hearing = hearing };

	d.floors = trace_has_floors(bundle_plan(old)) || trace_has_floors(bundle_plan(now));
	d.report.extends = d.floors;
	TRY(open_told(&d, old, now));
	for (int stage = 0; stage < POLICY_STAGES; stage++) {
		d.stage = (enum policy_stage)stage;
		TRY(run_stage(&d, old, now));
	}
	TRY(diff_terms(old, now, scratch, hearing, d.report.terms));
	*ret = d.report;
	return OK;
}
