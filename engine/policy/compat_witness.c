/*
 * compat_witness: where the two engines part.
 *
 *   for each rule: requests from its own paths and literals
 *       alone:  does the rule match, and let pass, here as there? mostly yes: next
 *       whole:  do the policies answer alike? then another rule covers for it
 *       else:   a change, with this request as its witness
 *
 * What is found is so; what is not found may still be.
 */
#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/policy/compat_trial.h"

#define WHOLE_BUDGET 2000000 /* rules asked by whole policies, in one import */
#define PER_RULE     6       /* changes told of one rule */
#define SCRATCH	     ((size_t)128 << 20)

/* One rule under trial, and what is known of it. */
struct suspect {
	struct trial trial;
	struct bundle *alone;
	struct str causes[PER_RULE]; /* told already */
	size_t told;
	bool parted;                 /* alone, but not whole */
	bool unasked;                /* the budget for whole policies was used up */
};

struct search {
	struct draft *d;
	const struct draft_origin *origin;
	struct compat_policy everybody; /* of the mesh engine, applying to every agent */
	struct bundle *whole;
	struct arena scratch;
	struct compat_change *changes;
	size_t change_count, change_room, looser_count;
	uint64_t requests, whole_left;
	bool told_of_agents;
};

/* What an engine says of a request. */
struct outcome {
	bool matched, allowed, undecided;
	enum compat_action action;
	const char *raises;
	struct str rule, reason;
	const struct value *source; /* of theirs: the rule that decided */
};

/* --- both answers --- */

static enum err ask_ours(struct search *s, const struct bundle *b, const struct trial *t,
			 const struct value *request, struct outcome *ret)
{
	static const enum policy_stage stages[COMPAT_STAGES] = {
		[COMPAT_PRE_TOOL] = POLICY_PRE_TOOL, [COMPAT_PRE_INPUT] = POLICY_PRE_INPUT,
		[COMPAT_POST_TOOL] = POLICY_POST_TOOL, [COMPAT_PRE_OUTPUT] = POLICY_PRE_OUTPUT,
	};
	struct str agent = compat_trial_agent(t);
	struct ruling r;

	TRY(bundle_decide(b, stages[t->rule->stage], agent, request, &s->scratch, &r));
	*ret = (struct outcome){
		.matched = r.rule.ptr != NULL, .allowed = r.allow, .rule = r.rule,
		.undecided = r.error_count > 0,
		.reason = r.error_count > 0 ? r.errors[0] : STR_NONE,
		.action = r.obligations & POLICY_APPROVAL ? COMPAT_APPROVAL
			  : r.obligations & POLICY_WARN   ? COMPAT_WARN
			  : r.obligations & POLICY_LOG    ? COMPAT_LOG
			  : r.allow			  ? COMPAT_ALLOW : COMPAT_DENY,
	};
	return OK;
}

/* The document with this one rule, or all of it. */
static enum err ask_theirs(struct search *s, const struct trial *t, bool alone,
			   const struct value *context, struct outcome *ret)
{
	struct value doc, list, rule;
	struct member one = { .line = 0 };
	struct compat_window window;
	struct compat_windows windows = { &window, 0, 1 };
	struct compat_decision d = { .allowed = false };
	struct compat_policy policy = s->everybody;
	struct str agent = compat_trial_agent(t);
	struct str tool = compat_trial_tool(t);
	const char *raises = NULL;
	const struct value *whole = s->origin->doc, *given = whole;
	bool rust = s->origin->from == COMPAT_RUST;
	enum err e = OK;

	if (alone && s->origin->from != COMPAT_MESH) {
		rule = *t->rule->source;
		list = (struct value){ .kind = VALUE_LIST, .list = { &rule, 1 } };
		doc = (struct value){ .kind = VALUE_OBJECT };
		one.key = rust ? STR("policies") : STR("rules");
		one.value = list;
		doc.object.members = &one;
		doc.object.count = 1;
		given = &doc;
	}
	for (size_t i = 0; alone && i < s->everybody.rule_count; i++)
		if (s->everybody.rules[i].source == t->rule->source) {
			policy.rules = &s->everybody.rules[i];
			policy.rule_count = 1;
		}
	if (s->origin->from == COMPAT_MESH)
		e = compat_mesh_decide(&policy, 1, s->origin->strategy, agent, context,
				       t->rule->stage, 0, &windows, &s->scratch, &d);
	else if (s->origin->from == COMPAT_TRUST)
		e = compat_trust_decide(&given, 1, context, &s->scratch, &d, &raises);
	else if (rust)
		compat_rust_decide(given, tool, context, &d);
	else
		compat_go_decide(given, tool, context, &d);
	if (e != OK && !raises)
		return e;
	*ret = (struct outcome){
		.matched = !raises && d.source != NULL, .allowed = !raises && d.allowed,
		.action = d.action, .raises = raises, .source = d.source,
	};
	/* One of their rules may be several of ours, told apart by what they do. */
	if (alone && ret->matched)
		ret->matched = (d.source == t->rule->source || given == &doc) &&
			       d.action == t->rule->action;
	return OK;
}

/* --- findings --- */

static enum err outcome_text(struct search *s, const struct outcome *o, struct str *ret)
{
	char text[64];

	if (o->raises)
		(void)snprintf(text, sizeof(text), "raises %s", o->raises);
	else if (!o->allowed && (o->action == COMPAT_WARN || o->action == COMPAT_LOG))
		(void)snprintf(text, sizeof(text), "%s (not allowed)", compat_actions[o->action]);
	else
		(void)snprintf(text, sizeof(text), "%s", compat_actions[o->action]);
	return arena_copy(s->d->arena, str_view(text), ret);
}

static enum err sent_text(struct search *s, const struct trial *t, struct str *ret)
{
	struct value request;
	struct buf b;
	enum err e;

	TRY(compat_trial_ours(t, true, &s->scratch, &request));
	buf_init(&b, LIMIT_LINE_BYTES);
	canon_value(&b, &request);
	e = draft_text(s->d, &b, ret);
	buf_fini(&b);
	return e;
}

static enum err add_change(struct search *s, const struct trial *t, struct compat_change change,
			   const struct outcome *before, const struct outcome *after)
{
	if (s->change_count == s->change_room) {
		size_t room = s->change_room ? s->change_room * 2 : 16;
		struct compat_change *grown = arena_array(s->d->arena, room, sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		if (s->change_count)
			memcpy(grown, s->changes, s->change_count * sizeof(*grown));
		s->changes = grown;
		s->change_room = room;
	}
	TRY(outcome_text(s, before, &change.before));
	TRY(outcome_text(s, after, &change.after));
	TRY(sent_text(s, t, &change.request));
	change.looser = !before->allowed && after->allowed;
	s->looser_count += change.looser;
	s->changes[s->change_count++] = change;
	return OK;
}

/* What made the difference, in words that are the same for the same cause. */
static enum err cause(struct search *s, const struct outcome *before, const struct outcome *after,
		      struct str *ret)
{
	static const char place[] = " (condition column ";
	struct str reason = after->reason;
	const char *start, *end;
	char text[NOTE_TEXT_BYTES];

	/* "rule 'p/r': args.n is missing (condition column 1)": the middle says it. */
	start = reason.len ? memmem(reason.ptr, reason.len, "': ", 3) : NULL;
	if (start)
		reason = str_from(reason, (size_t)(start - reason.ptr) + 3);
	end = reason.len ? memmem(reason.ptr, reason.len, place, sizeof(place) - 1) : NULL;
	if (end)
		reason.len = (size_t)(end - reason.ptr);
	if (after->undecided)
		(void)snprintf(text, sizeof(text), "%s; here it cannot be decided: %.*s",
			       before->raises ? "AGT raises there"
			       : before->matched ? "the rule matches there"
						 : "the rule does not match there",
			       STR_ARG(reason));
	else if (before->matched != after->matched)
		(void)snprintf(text, sizeof(text), "the rule matches %s",
			       after->matched ? "here and not there" : "there and not here");
	else
		(void)snprintf(text, sizeof(text), "AGT does not let pass what it answers with "
			       "'%s'; here it passes, with that obligation",
			       compat_actions[before->action]);
	return arena_copy(s->d->arena, str_view(text), ret);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->allowed == b->allowed && a->action == b->action && !a->raises;
}

/* Is this rule what decides, on the side where it matches? */
static bool is_the_cause(const struct search *s, const struct trial *t,
			 const struct outcome *before, const struct outcome *after,
			 const struct outcome *theirs, const struct outcome *ours)
{
	struct str identity = ours->rule, suffix = t->rule->name;
	bool decides_here = str_starts(identity, s->d->name) &&
			    identity.len == s->d->name.len + 1 + suffix.len &&
			    str_ends(identity, suffix);
	bool decides_there = theirs->source == t->rule->source || theirs->raises;

	if (before->matched && after->matched)
		return decides_here && decides_there;
	return after->matched ? decides_here : decides_there;
}

/* Alone they part; do the policies? */
static enum err judge_whole(struct search *s, struct suspect *p, const struct value *request,
			    const struct value *context, const struct outcome *before,
			    const struct outcome *after)
{
	struct outcome theirs, ours;
	struct compat_change change = {
		.rule = p->trial.rule->name,
		.line = p->trial.rule->source ? p->trial.rule->source->line : 0,
		.column = p->trial.rule->source ? p->trial.rule->source->column : 0,
	};
	struct str why;
	enum err e;

	TRY(cause(s, before, after, &why));
	for (size_t i = 0; i < p->told; i++)
		if (str_eq(p->causes[i], why))
			return OK;
	p->parted = true;
	if (s->whole_left < s->d->rule_count + 1) {
		p->unasked = true;
		return OK;
	}
	s->whole_left -= s->d->rule_count + 1;
	e = ask_theirs(s, &p->trial, false, context, &theirs);
	if (e != OK)
		return e == ERR_VERSION ? OK : e;
	TRY(ask_ours(s, s->whole, &p->trial, request, &ours));
	if (same(&theirs, &ours) || !is_the_cause(s, &p->trial, before, after, &theirs, &ours))
		return OK;
	p->causes[p->told++] = why;
	change.why = why;
	return add_change(s, &p->trial, change, &theirs, &ours);
}

/* Their engine applies the policy to nobody, so that every rule that allows is looser. */
static enum err judge_agents(struct search *s, struct suspect *p, const struct outcome *after)
{
	const struct outcome nobody = { .action = COMPAT_DENY };
	const struct compat_policy *policy = s->origin->policy;
	const struct compat_change change = {
		.why = STR("AGT's engine applies the policy to no agent"),
	};

	if (s->told_of_agents || s->origin->from != COMPAT_MESH || policy->agent_count > 0 ||
	    (policy->agent.len > 0 && !str_is(policy->agent, "*")) || !after->allowed)
		return OK;
	s->told_of_agents = true;
	return add_change(s, &p->trial, change, &nobody, after);
}

/* A request that our rebuilt engine cannot answer (ERR_VERSION) says nothing of theirs. */
static enum err try_request(struct search *s, struct suspect *p)
{
	struct arena_mark mark = arena_mark(&s->scratch);
	struct outcome before, after;
	struct value request, context;
	enum err e;

	TRY(compat_trial_ours(&p->trial, false, &s->scratch, &request));
	TRY(compat_trial_theirs(&p->trial, s->origin->from == COMPAT_MESH, &s->scratch,
				&context));
	e = ask_theirs(s, &p->trial, true, &context, &before);
	if (e == ERR_VERSION) {
		arena_rewind(&s->scratch, mark);
		return OK;
	}
	TRY(e);
	TRY(ask_ours(s, p->alone, &p->trial, &request, &after));
	s->requests++;
	TRY(judge_agents(s, p, &after));
	/* A rule that matches on neither side speaks of a default, which is not its own. */
	if (before.matched != after.matched || before.raises ||
	    (before.matched && !same(&before, &after)))
		TRY(judge_whole(s, p, &request, &context, &before, &after));
	arena_rewind(&s->scratch, mark);
	return OK;
}

static enum err load(struct search *s, struct str text, struct bundle **ret, struct note *n)
{
	const struct policy_file file = { STR("policy.yaml"), text };

	return bundle_load(&file, 1, &s->scratch, ret, n);
}

static enum err try_rule(struct search *s, const struct draft_rule *rule, struct note *n)
{
	struct arena_mark mark = arena_mark(&s->scratch);
	struct suspect p = { .trial = { .state = 1 } };
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_YAML_BYTES);
	compat_write(s->d, rule, &b);
	e = b.err == OK ? load(s, buf_view(&b), &p.alone, n) : b.err;
	buf_fini(&b);
	TRY(e);
	TRY(compat_trial_begin(&p.trial, s->d, rule, &s->scratch));
	while (p.told < PER_RULE && compat_trial_next(&p.trial))
		TRY(try_request(s, &p));
	arena_rewind(&s->scratch, mark);
	draft_begin(s->d, rule->name);
	if (p.unasked && p.told == 0)
		return draft_remark(s->d, false, rule->source,
				    "the rule alone answers otherwise; whether the policy does was "
				    "not asked, because it is large");
	if (p.parted && p.told == 0)
		return draft_remark(s->d, false, rule->source,
				    "the rule alone answers otherwise, but no request was found "
				    "for which the policy does");
	return OK;
}

enum err compat_witness(struct draft *d, const struct draft_origin *origin, struct str text,
			struct compat_report *ret, struct note *n)
{
	static const struct str star = STR("*");
	struct search s = { .d = d, .origin = origin, .whole_left = WHOLE_BUDGET };
	enum err e;

	if (origin->from == COMPAT_MESH) {
		s.everybody = *origin->policy;
		if (d->agent_count == 0) {
			s.everybody.agents = &star;
			s.everybody.agent_count = 1;
		}
	}
	arena_init(&s.scratch, SCRATCH);
	e = load(&s, text, &s.whole, n);
	for (size_t i = 0; i < d->rule_count && e == OK; i++)
		if (!d->rules[i].disabled && d->rules[i].source)
			e = try_rule(&s, &d->rules[i], n);
	arena_fini(&s.scratch);
	ret->changes = s.changes;
	ret->change_count = s.change_count;
	ret->looser_count = s.looser_count;
	ret->request_count = s.requests;
	return e;
}
