/*
 * compat_witness: where the two engines part.
 *
 *   for each rule: requests from its own paths and literals
 *       alone:  does the rule match, and let pass, here as there? mostly yes: next
 *       whole:  do the policies answer alike? then another rule covers for it
 *       else:   a change, with this request as its witness
 *
 * Requests are all combinations of candidates while there are few; else a sample, drawn by a fixed
 * sequence of numbers, so that the same files give the same report. What is found is so; what is
 * not found may still be.
 */
#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/policy/compat_draft.h"

#define CANDIDATES   28      /* values tried at one place */
#define COMBINATIONS 4096    /* requests tried for one rule */
#define WHOLE_BUDGET 2000000 /* rules asked by whole policies, in one import */
#define PER_RULE     6       /* changes told of one rule */
#define SCRATCH	     ((size_t)128 << 20)

struct values {
	struct value items[CANDIDATES];
	size_t count; /* number 0 is "missing" */
};

/* One rule under trial. */
struct trial {
	const struct draft_rule *rule;
	struct bundle *alone;
	struct values at[DRAFT_PATHS + 2]; /* paths, then the tool, then the agent */
	size_t places;
	size_t chosen[DRAFT_PATHS + 2];
	struct str causes[PER_RULE];           /* told already */
	size_t told;
	bool parted;                           /* alone, but not whole */
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

/* --- candidates --- */

static void add(struct values *c, struct value v)
{
	for (size_t i = 1; i < c->count; i++)
		if (c->items[i].kind == v.kind && value_eq(&c->items[i], &v))
			return;
	if (c->count < CANDIDATES)
		c->items[c->count++] = v;
}

static bool is_name(const struct value *v)
{
	return v->kind == VALUE_STRING && v->string.len > 0 && v->string.len <= LIMIT_NAME_BYTES;
}

/* The number, its neighbours, and itself as a text. */
static void add_number(struct values *c, const struct token *t)
{
	const struct value *v = &t->value;

	add(c, *v);
	if (v->kind == VALUE_INT && v->integer > INT64_MIN && v->integer < INT64_MAX) {
		add(c, value_int(v->integer - 1));
		add(c, value_int(v->integer + 1));
	} else if (v->kind == VALUE_REAL) {
		add(c, (struct value){ .kind = VALUE_REAL, .real = v->real - 1 });
		add(c, (struct value){ .kind = VALUE_REAL, .real = v->real + 1 });
	}
	add(c, value_string(t->text));
}

/* Every literal of the condition, then values of every type. */
static enum err collect(struct search *s, struct str condition, struct values *c)
{
	struct lexer lx = { .text = condition, .memory = &s->scratch };
	struct token t = { .kind = TOKEN_WORD };

	*c = (struct values){ .count = 1 };
	while (condition.ptr && t.kind != TOKEN_END) {
		TRY(lexer_next(&lx, &t));
		if (t.kind == TOKEN_STRING)
			add(c, t.value);
		if (t.kind == TOKEN_NUMBER)
			add_number(c, &t);
	}
	if (c->count > CANDIDATES - 7)
		c->count = CANDIDATES - 7;
	add(c, value_bool(true));
	add(c, value_bool(false));
	add(c, value_null());
	add(c, value_int(0));
	add(c, value_string(STR("")));
	add(c, value_string(STR("other")));
	add(c, (struct value){ .kind = VALUE_LIST });
	return OK;
}

/* A name that a glob of ours matches: stars filled, quotes taken off. */
static enum err sample(struct search *s, struct str glob, const char *filling, struct str *ret)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_LINE_BYTES);
	for (size_t i = 0; i < glob.len; i++) {
		if (glob.ptr[i] == '\\' && i + 1 < glob.len)
			buf_add_byte(&b, glob.ptr[++i]);
		else if (glob.ptr[i] == '*')
			buf_add_c(&b, filling);
		else
			buf_add_byte(&b, glob.ptr[i]);
	}
	e = b.err == OK ? arena_copy(&s->scratch, buf_view(&b), ret) : b.err;
	buf_fini(&b);
	return e;
}

static enum err add_samples(struct search *s, const struct str *globs, size_t count,
			    struct values *c)
{
	static const char *const fillings[] = { "x", "" };
	struct value v;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < 2; j++) {
			v.kind = VALUE_STRING;
			TRY(sample(s, globs[i], fillings[j], &v.string));
			if (is_name(&v))
				add(c, v);
		}
	return OK;
}

/* Only names, and never missing: the tool and the agent are there in every request. */
static void keep_names(struct values *c)
{
	size_t kept = 0;

	for (size_t i = 1; i < c->count; i++)
		if (is_name(&c->items[i]))
			c->items[kept++] = c->items[i];
	c->count = kept;
}

static bool has_place(const struct draft_rule *r, enum draft_place place)
{
	for (size_t i = 0; i < r->path_count; i++)
		if (r->paths[i].place == place)
			return true;
	return false;
}

static enum err prepare(struct search *s, struct trial *t)
{
	const struct draft_rule *r = t->rule;
	struct values literals, *tool = &t->at[r->path_count], *agent = tool + 1;

	TRY(collect(s, r->condition, &literals));
	t->places = r->path_count + 2;
	for (size_t i = 0; i < r->path_count; i++) {
		enum draft_place place = r->paths[i].place;

		t->at[i] = literals;
		if (place == PLACE_TYPE || place == PLACE_AGENT)
			t->at[i].count = 1;
	}
	*tool = (struct values){ .count = 1 };
	TRY(add_samples(s, r->tools, r->tool_count, tool));
	if (has_place(r, PLACE_TYPE))
		for (size_t i = 1; i < literals.count; i++)
			add(tool, literals.items[i]);
	add(tool, value_string(STR("other_tool")));
	keep_names(tool);
	*agent = (struct values){ .count = 1 };
	if (has_place(r, PLACE_AGENT))
		for (size_t i = 1; i < literals.count; i++)
			add(agent, literals.items[i]);
	if (s->d->agent_count == 0 || str_is(s->d->agents[0], "*"))
		add(agent, value_string(STR("agent-1")));
	else
		TRY(add_samples(s, s->d->agents, 1, agent));
	keep_names(agent);
	return OK;
}

/* The value at a place, NULL when it is missing there. */
static const struct value *value_at(const struct trial *t, size_t place)
{
	const struct values *c = &t->at[place];
	bool certain = place >= t->rule->path_count;

	return certain || t->chosen[place] > 0 ? &c->items[t->chosen[place]] : NULL;
}

/* --- requests --- */

/* A member of an object, made when it is not there. */
static enum err member(struct arena *a, struct value *object, struct str key, struct value **ret)
{
	size_t count = object->object.count;
	struct member *members;

	for (size_t i = 0; i < count; i++)
		if (str_eq(object->object.members[i].key, key)) {
			*ret = &object->object.members[i].value;
			return OK;
		}
	members = arena_array(a, count + 1, sizeof(*members));
	if (!members)
		return ERR_MEMORY;
	if (count)
		memcpy(members, object->object.members, count * sizeof(*members));
	members[count] = (struct member){ .key = key };
	object->object.members = members;
	object->object.count = count + 1;
	*ret = &members[count].value;
	return OK;
}

/* Put a value at a dotted path, unless something that is no object is in the way. */
static enum err put(struct arena *a, struct value *object, struct str path, bool flat,
		    struct value v)
{
	struct str key, rest = path;
	struct value *inner;
	bool more = true;

	while (more) {
		struct str left = rest;
		size_t before = object->object.count;

		more = !flat && str_cut(left, '.', &key, &rest);
		TRY(member(a, object, more ? key : left, &inner));
		if (more && object->object.count > before)
			*inner = (struct value){ .kind = VALUE_OBJECT };
		if (!more)
			break;
		if (inner->kind != VALUE_OBJECT)
			return OK;
		object = inner;
	}
	*inner = v;
	return OK;
}

/* As bundle_decide takes it, and (`sent`) as `trammel check` does. */
static enum err build_ours(struct search *s, const struct trial *t, bool sent, struct value *ret)
{
	const struct value *tool = value_at(t, t->rule->path_count);
	const struct value *agent = value_at(t, t->rule->path_count + 1);
	const struct value args = { .kind = VALUE_OBJECT };
	struct arena *a = &s->scratch;
	bool attributes = false;

	*ret = (struct value){ .kind = VALUE_OBJECT };
	for (size_t i = 0; i < t->rule->path_count; i++)
		attributes = attributes ||
			     (t->rule->paths[i].place == PLACE_ATTRIBUTE && value_at(t, i));
	TRY(put(a, ret, sent ? STR("agent") : STR("agent.id"), false, *agent));
	TRY(put(a, ret, sent && !attributes ? STR("action") : STR("action.type"), false, *tool));
	TRY(put(a, ret, STR("args"), false, args));
	for (size_t i = 0; i < t->rule->path_count; i++) {
		const struct draft_path *p = &t->rule->paths[i];
		const struct value *v = value_at(t, i);
		struct value *root;

		if (!v)
			continue;
		if (p->place == PLACE_ARGS || p->place == PLACE_ATTRIBUTE) {
			TRY(member(a, ret, p->place == PLACE_ARGS ? STR("args") : STR("action"),
				   &root));
			if (p->below.len > 0)
				TRY(put(a, root, p->below, p->flat, *v));
		} else if (p->place == PLACE_RESOURCE && is_name(v)) {
			TRY(put(a, ret, STR("resource"), false, *v));
		} else if (p->place == PLACE_SESSION && is_name(v)) {
			TRY(put(a, ret, sent ? STR("session") : STR("session.id"), false, *v));
		}
	}
	return OK;
}

/* Is the value one that both sides can be given at this place? */
static bool can_stand(const struct draft_path *p, const struct value *v)
{
	if (p->place == PLACE_RESOURCE || p->place == PLACE_SESSION)
		return is_name(v);
	return p->place == PLACE_ATTRIBUTE || (p->place == PLACE_ARGS && p->below.len > 0);
}

static enum err build_theirs(struct search *s, const struct trial *t, struct value *ret)
{
	const struct value *tool = value_at(t, t->rule->path_count);
	const struct value *agent = value_at(t, t->rule->path_count + 1);
	struct arena *a = &s->scratch;

	*ret = (struct value){ .kind = VALUE_OBJECT };
	if (s->origin->from == COMPAT_MESH) {
		TRY(put(a, ret, STR("action.type"), false, *tool));
		TRY(put(a, ret, STR("tool_name"), false, *tool));
		TRY(put(a, ret, STR("agent.did"), false, *agent));
	}
	for (size_t i = 0; i < t->rule->path_count; i++) {
		const struct draft_path *p = &t->rule->paths[i];
		const struct value *v = value_at(t, i);

		if (p->place == PLACE_TYPE && !str_is(p->theirs, "action"))
			v = tool;
		else if (p->place == PLACE_AGENT)
			v = agent;
		else if (!v || !can_stand(p, v))
			continue;
		TRY(put(a, ret, p->theirs, p->flat, *v));
	}
	return OK;
}

/* --- both answers --- */

static enum err ask_ours(struct search *s, const struct bundle *b, const struct trial *t,
			 const struct value *request, struct outcome *ret)
{
	static const enum policy_stage stages[COMPAT_STAGES] = {
		[COMPAT_PRE_TOOL] = POLICY_PRE_TOOL, [COMPAT_PRE_INPUT] = POLICY_PRE_INPUT,
		[COMPAT_POST_TOOL] = POLICY_POST_TOOL, [COMPAT_PRE_OUTPUT] = POLICY_PRE_OUTPUT,
	};
	struct str agent = value_at(t, t->rule->path_count + 1)->string;
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
	struct value doc, list, *only, rule;
	struct compat_window window;
	struct compat_windows windows = { &window, 0, 1 };
	struct compat_decision d = { .allowed = false };
	struct compat_policy policy = s->everybody;
	struct str agent = value_at(t, t->rule->path_count + 1)->string;
	struct str tool = value_at(t, t->rule->path_count)->string;
	const char *raises = NULL;
	const struct value *whole = s->origin->doc, *given = whole;
	bool rust = s->origin->from == COMPAT_RUST;
	enum err e = OK;

	if (alone && s->origin->from != COMPAT_MESH) {
		rule = *t->rule->source;
		list = (struct value){ .kind = VALUE_LIST, .list = { &rule, 1 } };
		doc = (struct value){ .kind = VALUE_OBJECT };
		TRY(member(&s->scratch, &doc, rust ? STR("policies") : STR("rules"), &only));
		*only = list;
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

	TRY(build_ours(s, t, true, &request));
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
static enum err judge_whole(struct search *s, struct trial *t, const struct value *request,
			    const struct value *context, const struct outcome *before,
			    const struct outcome *after)
{
	struct outcome theirs, ours;
	struct compat_change change = {
		.rule = t->rule->name,
		.line = t->rule->source ? t->rule->source->line : 0,
		.column = t->rule->source ? t->rule->source->column : 0,
	};
	struct str why;
	enum err e;

	TRY(cause(s, before, after, &why));
	for (size_t i = 0; i < t->told; i++)
		if (str_eq(t->causes[i], why))
			return OK;
	t->parted = true;
	if (s->whole_left < s->d->rule_count + 1)
		return OK;
	s->whole_left -= s->d->rule_count + 1;
	e = ask_theirs(s, t, false, context, &theirs);
	if (e != OK)
		return e == ERR_VERSION ? OK : e;
	TRY(ask_ours(s, s->whole, t, request, &ours));
	if (same(&theirs, &ours) || !is_the_cause(s, t, before, after, &theirs, &ours))
		return OK;
	t->causes[t->told++] = why;
	change.why = why;
	return add_change(s, t, change, &theirs, &ours);
}

/* Their engine applies the policy to nobody, so that every rule that allows is looser. */
static enum err judge_agents(struct search *s, struct trial *t, const struct outcome *after)
{
	const struct outcome nobody = { .action = COMPAT_DENY };
	const struct compat_policy *p = s->origin->policy;
	const struct compat_change change = {
		.why = STR("AGT's engine applies the policy to no agent"),
	};

	if (s->told_of_agents || s->origin->from != COMPAT_MESH || p->agent_count > 0 ||
	    (p->agent.len > 0 && !str_is(p->agent, "*")) || !after->allowed)
		return OK;
	s->told_of_agents = true;
	return add_change(s, t, change, &nobody, after);
}

/* A request that our rebuilt engine cannot answer (ERR_VERSION) says nothing of theirs. */
static enum err try_request(struct search *s, struct trial *t)
{
	struct arena_mark mark = arena_mark(&s->scratch);
	struct outcome before, after;
	struct value request, context;
	enum err e;

	TRY(build_ours(s, t, false, &request));
	TRY(build_theirs(s, t, &context));
	e = ask_theirs(s, t, true, &context, &before);
	if (e == ERR_VERSION) {
		arena_rewind(&s->scratch, mark);
		return OK;
	}
	TRY(e);
	TRY(ask_ours(s, t->alone, t, &request, &after));
	s->requests++;
	TRY(judge_agents(s, t, &after));
	/* A rule that matches on neither side speaks of a default, which is not its own. */
	if (before.matched != after.matched || before.raises ||
	    (before.matched && !same(&before, &after)))
		TRY(judge_whole(s, t, &request, &context, &before, &after));
	arena_rewind(&s->scratch, mark);
	return OK;
}

/* --- all combinations, or a sample of them --- */

static uint64_t combinations(const struct trial *t)
{
	uint64_t product = 1;

	for (size_t i = 0; i < t->places && product <= COMBINATIONS; i++)
		product *= t->at[i].count;
	return product;
}

/* The n-th combination, least place first. */
static void choose(struct trial *t, uint64_t n)
{
	for (size_t i = 0; i < t->places; i++) {
		t->chosen[i] = (size_t)(n % t->at[i].count);
		n /= t->at[i].count;
	}
}

/* Knuth's MMIX generator: a fixed sequence is all that is wanted of it. */
static void draw(struct trial *t, uint64_t *state)
{
	for (size_t i = 0; i < t->places; i++) {
		*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		t->chosen[i] = (size_t)((*state >> 33) % t->at[i].count);
	}
}

static enum err try_all(struct search *s, struct trial *t)
{
	uint64_t count = combinations(t), state = 1;
	bool all = count <= COMBINATIONS;

	for (uint64_t n = 0; n < (all ? count : COMBINATIONS) && t->told < PER_RULE; n++) {
		if (all)
			choose(t, n);
		else
			draw(t, &state);
		TRY(try_request(s, t));
	}
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
	struct trial t = { .rule = rule };
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_YAML_BYTES);
	compat_write(s->d, rule, &b);
	e = b.err == OK ? load(s, buf_view(&b), &t.alone, n) : b.err;
	buf_fini(&b);
	TRY(e);
	TRY(prepare(s, &t));
	TRY(try_all(s, &t));
	arena_rewind(&s->scratch, mark);
	draft_begin(s->d, rule->name);
	if (t.parted && t.told == 0)
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
