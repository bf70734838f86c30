/*
 * stage: the stages an action passes, and how their findings join.
 *
 *   read -> identify -> standing -> authority -> session -> saga -> trust -> ring -> command ->
 *   path -> policy -> limit -> quota
 *
 * Every stage is asked, whatever the others found, so that a decision carries all reasons. The
 * action is allowed only when each of them said so; the first that did not is the one that decided.
 * Limits and quotas are only looked at: what an action uses up is charged when the rows change.
 * A stage that fails (ERR_MEMORY, ERR_LIMIT) denies at once. When the machine itself failed while
 * the event was recorded, the event carries that fault, and the decision is made from it: a replay
 * on a machine with more memory decides the same.
 *
 * Arguments, results and attributes are read from their canonical text, live and in a replay alike.
 * The tree they were sent as may differ from it in what conditions can tell: 1.0 is recorded as 1.
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/when.h"

#include <stdio.h>

static enum err read_tree(struct weighing *w, struct str text, const struct value **ret)
{
	struct value *tree = arena_alloc(w->arena, sizeof(*tree));

	if (!tree)
		return ERR_MEMORY;
	TRY(json_read(text, 1, w->arena, tree, NULL));
	*ret = tree;
	return OK;
}

static enum err read_attrs(struct weighing *w, const struct value *attrs)
{
	struct buf text;

	buf_init(&text, LIMIT_ATTRS_BYTES);
	canon_value(&text, attrs);
	TRY(arena_take(w->arena, &text, &w->attrs_text));
	return read_tree(w, w->attrs_text, &w->attrs);
}

/* What the other stages look at. */
static enum err weigh_read(struct weighing *w, struct finding *f)
{
	const struct value *attrs = stage_attrs(w->event->data);

	w->args = w->event->args;
	if (w->event->args_text.ptr && !w->args)
		TRY(read_tree(w, w->event->args_text, &w->args));
	if (w->event->result_text.ptr)
		TRY(read_tree(w, w->event->result_text, &w->result));
	if (attrs)
		TRY(read_attrs(w, attrs));
	f->allow = true;
	return OK;
}

enum err stage_say(struct weighing *w, struct buf *sentence, struct finding *f)
{
	return arena_take(w->arena, sentence, &f->reason);
}

/* `before` 'agent' `after` */
static enum err say_reason(struct weighing *w, struct finding *f, const char *before,
			   const char *after)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s'%.*s'%s", before, STR_ARG(w->event->agent), after);
	return stage_say(w, &b, f);
}

/* What a signature covers of a body; of one that lost values, as it was kept for that. */
static const struct digest *plain_digest(struct str text, const struct body *redacted,
					 struct digest *room)
{
	if (!text.ptr)
		return NULL;
	if (redacted && redacted->plain)
		return redacted->plain;
	*room = sha256(text);
	return room;
}

/* A signature that cannot be verified any more may have been good or not. */
static bool lost_plain(const struct event *e)
{
	return e->signature && ((e->args_body && !e->args_body->plain) ||
				(e->result_body && !e->result_body->plain));
}

/* Is the signature by the agent's key over this action? */
static enum err check_signature(const struct weighing *w, bool *ret)
{
	const struct event *e = w->event;
	struct digest args, result;
	const struct agent_claim claim = {
		.log = e->log, .agent = e->agent, .action = e->action, .resource = e->resource,
		.session = e->session, .trace = e->trace,
		.args = plain_digest(e->args_text, e->args_body, &args),
		.result = plain_digest(e->result_text, e->result_body, &result),
		.attrs = w->attrs_text,
		.credential = value_text(e->data, "credential"),
		.stage = value_text(e->data, "stage"), .at_ns = e->at_ns,
	};
	struct public_key key;
	struct buf text;
	enum err failed;

	memcpy(key.bytes, w->agent.key, sizeof(key.bytes));
	buf_init(&text, LIMIT_ACTION_BYTES);
	agent_signed_text(&text, &claim);
	failed = text.err;
	if (failed == OK)
		*ret = sign_check(&key, buf_view(&text), e->signature);
	buf_fini(&text);
	return failed;
}

/* "the key of agent 'ann' is revoked until 2026-01-02T03:04:05Z" */
static enum err say_revoked(struct weighing *w, const struct revocation_row *row,
			    const char *what, struct finding *f)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s '%.*s' is revoked", what, STR_ARG(w->event->agent));
	if (row->until_ns) {
		buf_add_c(&b, " until ");
		when_write(&b, row->until_ns);
	}
	return stage_say(w, &b, f);
}

/* The signature is by the agent's key, over this action, and later than the last one. */
static enum err weigh_signature(struct weighing *w, struct finding *f)
{
	const struct public_key key = agent_key(&w->agent);
	struct revocation_row revoked;

	if (!w->known || !w->agent.has_key)
		return say_reason(w, f, "the action is signed but agent ", " has no key here");
	if (revocation_holds_key(w->state, GATE_REVOCATIONS, &key, w->time_ns, &revoked))
		return say_revoked(w, &revoked, "the key of agent", f);
	if (w->event->at_ns <= w->agent.last_signed_ns)
		return say_reason(w, f, "a signed action must be later than the last one of agent ",
				  "");
	if (w->event->signature)
		TRY(check_signature(w, &w->is_signed));
	else
		w->is_signed = conceal_verified(w->event->data, &key);
	if (!w->is_signed)
		return say_reason(w, f, "the signature is not by agent ", " over this action");
	f->allow = true;
	return OK;
}

static enum err weigh_identity(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	uint32_t row;

	w->known = agent_find(w->state, GATE_AGENTS, e->agent, &row, &w->agent);
	if (!w->known && !(w->bundle && bundle_admits_unknown(w->bundle)))
		return say_reason(w, f, "agent ", " is not registered");
	if (e->signature || conceal_withheld(e->data))
		return weigh_signature(w, f);
	if (w->known && w->agent.has_key && w->bundle && bundle_wants_signature(w->bundle))
		return say_reason(w, f, "agent ", " has a key and must sign its actions");
	f->allow = true;
	return OK;
}

/* "session 's' was killed", "agent 'ann' is in quarantine until 2026-01-02T03:04:05Z" */
static enum err say_halt(struct weighing *w, const struct halt_row *halt, struct finding *f)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	if (halt->scope == HALT_ALL)
		buf_add_c(&b, "everything was stopped by an operator");
	else
		buf_addf(&b, "%s '%.*s' %s", halt_scope_name((enum halt_scope)halt->scope),
			 STR_ARG(halt_name(halt)),
			 halt->kind == HALT_KILLED ? "was killed" : "is in quarantine until ");
	if (halt->kind == HALT_QUARANTINED)
		when_write(&b, halt->until_ns);
	return stage_say(w, &b, f);
}

/* The agent's time is up. Senders date their actions, so the time is that of limits. */
static bool has_expired(const struct weighing *w)
{
	return w->agent.expires_ns != 0 &&
	       w->time_ns > w->agent.expires_ns;
}

/* "agent 'ann' has expired at 2026-01-02T03:04:05Z" */
static enum err say_expired(struct weighing *w, struct finding *f)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "agent '%.*s' has expired at ", STR_ARG(w->event->agent));
	when_write(&b, w->agent.expires_ns);
	return stage_say(w, &b, f);
}

/*
 * What an operator stopped does nothing, nor does an agent that was suspended or revoked, or whose
 * time is up, whatever the policy says; nor one for which nobody answers, when the policy wants
 * somebody to.
 */
static enum err weigh_standing(struct weighing *w, struct finding *f)
{
	bool created = w->known && w->agent.origin == AGENT_CREATED;
	bool sponsored = w->known && w->agent.has_sponsor;
	const struct event *e = w->event;
	struct revocation_row revoked;
	struct halt_row halt;
	char is[32];

	if (halt_stops(w->state, GATE_HALTS, e->agent, e->session, w->time_ns, &halt))
		return say_halt(w, &halt, f);
	if (w->known && w->agent.status != AGENT_ACTIVE) {
		(void)snprintf(is, sizeof(is), " is %s",
			       agent_status_name((enum agent_status)w->agent.status));
		return say_reason(w, f, "agent ", is);
	}
	if (revocation_holds(w->state, GATE_REVOCATIONS, REVOKED_AGENT, e->agent, w->time_ns,
			     &revoked))
		return say_revoked(w, &revoked, "agent", f);
	if (w->known && has_expired(w))
		return say_expired(w, f);
	if (!sponsored && newcomer_wants_sponsor(w->bundle, created))
		return say_reason(w, f, "agent ", " has no sponsor, and the policy wants one");
	f->allow = true;
	return OK;
}

/* "action 'pay' needs a score of 700 (trusted); agent 'ann' has 512 (standard)" */
static enum err say_needed(struct weighing *w, uint32_t needed, struct finding *f)
{
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "action '%.*s' needs a score of %u (%.*s); agent '%.*s' has %u (%.*s)",
		 STR_ARG(w->event->action), needed,
		 STR_ARG(score_tier(w->terms, needed)->name), STR_ARG(w->event->agent), w->score,
		 STR_ARG(w->tier->name));
	return stage_say(w, &b, f);
}

/* The score at the event's time, and whether it is enough for the tool. */
static enum err weigh_trust(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	struct trust_row row;
	uint32_t needed, at;

	w->terms = w->bundle ? bundle_trust(w->bundle) : NULL;
	f->allow = true;
	if (!w->terms)
		return OK;
	w->score = score_of(w->terms, w->state, GATE_TRUST, e->agent, w->time_ns);
	if (w->score > w->ceiling)
		w->score = w->ceiling;
	w->tier = score_tier(w->terms, w->score);
	w->regime_changed = score_find(w->state, GATE_TRUST, e->agent, &at, &row) &&
			    row.regime.changed;
	needed = score_needed(w->terms, e->action);
	f->allow = w->score >= needed;
	return f->allow ? OK : say_needed(w, needed, f);
}

/*
 * A member to be filled in. It is made where it stays: to copy what was written a moment ago makes
 * the processor wait.
 */
static struct value *put(struct member *members, size_t *count, struct str key)
{
	struct member *m = &members[(*count)++];

	m->key = key;
	m->line = m->column = m->value.line = m->value.column = 0;
	return &m->value;
}

static void put_text(struct member *members, size_t *count, struct str key, struct str text)
{
	struct value *v = put(members, count, key);

	v->kind = VALUE_STRING;
	v->string = text;
}

static void put_bool(struct member *members, size_t *count, struct str key, bool yes)
{
	struct value *v = put(members, count, key);

	v->kind = VALUE_BOOL;
	v->boolean = yes;
}

static void put_count(struct member *members, size_t *count, struct str key, uint64_t n)
{
	struct value *v = put(members, count, key);

	v->kind = VALUE_INT;
	v->integer = n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static void fill_object(struct value *v, struct member *members, size_t count)
{
	v->kind = VALUE_OBJECT;
	v->object = (struct value_object){ members, count };
}

/* action.type and the further members, whose number is the sender's choice. */
static enum err fill_action(struct weighing *w, struct value *v)
{
	size_t count = 0, extra = w->attrs ? w->attrs->object.count : 0;
	struct member *members = arena_array(w->arena, extra + 1, sizeof(*members));

	if (!members)
		return ERR_MEMORY;
	put_text(members, &count, STR("type"), w->event->action);
	for (size_t i = 0; i < extra; i++)
		members[count++] = w->attrs->object.members[i];
	fill_object(v, members, count);
	return OK;
}

/* In the order of their names, in which they are written for the digest. */
static void fill_agent(const struct weighing *w, struct member members[10], struct value *v)
{
	size_t count = 0;

	if (w->known) {
		put_count(members, &count, STR("actions"), w->agent.actions);
		put_count(members, &count, STR("denials"), w->agent.denials);
	}
	put_text(members, &count, STR("id"), w->event->agent);
	if (w->known)
		put_text(members, &count, STR("origin"),
			 str_view(agent_origin_name(w->agent.origin)));
	if (w->terms)
		put_bool(members, &count, STR("regime_changed"), w->regime_changed);
	put_bool(members, &count, STR("registered"), w->known);
	if (bundle_has_rings(w->bundle))
		put_count(members, &count, STR("ring"), w->ring);
	put_bool(members, &count, STR("signed"), w->is_signed);
	if (w->terms) {
		put_text(members, &count, STR("tier"), w->tier->name);
		put_count(members, &count, STR("trust"), w->score);
	}
	fill_object(v, members, count);
}

/* What the session saw before this action. */
static void fill_session(const struct weighing *w, struct member members[3], struct value *v)
{
	struct session_row seen;
	size_t count = 0;
	uint32_t row;
	bool known = session_find(w->state, GATE_SESSIONS, w->event->session, &row, &seen);

	put_count(members, &count, STR("actions"), known ? seen.actions : 0);
	put_count(members, &count, STR("denials"), known ? seen.denials : 0);
	put_text(members, &count, STR("id"), w->event->session);
	fill_object(v, members, count);
}

static enum err keep_input(struct weighing *w, const struct seen *seen)
{
	w->input = arena_alloc(w->arena, sizeof(*w->input));
	return w->input ? input_write(w, seen, w->input_text) : ERR_MEMORY;
}

/* Room for the members of a request that are made here. */
struct scene {
	struct member agent[10], session[3], root[7];
	struct seen seen;
	struct value request;
};

static struct value *put_made(struct scene *s, size_t *count, struct str key,
			      const struct value **seen)
{
	struct value *v = put(s->root, count, key);

	*seen = v;
	return v;
}

/* Members of the request that are not there are missing, not null. */
static enum err make_request(struct weighing *w, struct scene *s)
{
	const struct event *e = w->event;
	size_t count = 0;

	s->seen = (struct seen){ .session = NULL };
	s->request = (struct value){ .kind = VALUE_NULL };
	fill_agent(w, s->agent, put_made(s, &count, STR("agent"), &s->seen.agent));
	TRY(fill_action(w, put_made(s, &count, STR("action"), &s->seen.action)));
	if (e->resource.ptr)
		put_text(s->root, &count, STR("resource"), e->resource);
	if (w->args)
		*put(s->root, &count, STR("args")) = *w->args;
	if (e->session.ptr)
		fill_session(w, s->session,
			     put_made(s, &count, STR("session"), &s->seen.session));
	if (w->result)
		*put(s->root, &count, STR("result")) = *w->result;
	fill_object(&s->request, s->root, count);
	if (bundle_sequence(w->bundle) && e->session.ptr) {
		TRY(recall_answers(w->state, bundle_sequence(w->bundle), e, &s->request, w->arena,
				   put_made(s, &count, STR("past"), &s->seen.past)));
		fill_object(&s->request, s->root, count);
	}
	return OK;
}

/* Of a body that lost values: does anything of the bundle look at one of them? */
static enum err find_dependence(struct weighing *w, const struct value *request)
{
	const struct event *e = w->event;
	const struct withheld withheld = {
		e->args_body ? &e->args_body->veil : NULL,
		e->result_body ? &e->result_body->veil : NULL,
	};

	if (!e->args_body && !e->result_body)
		return OK;
	TRY(bundle_depends(w->bundle, stage_moment(e->data), e->agent, request, &w->ruling,
			   &withheld, w->arena, &w->depends));
	if (!w->depends.ptr && lost_plain(e))
		w->depends = STR("the signature");
	return OK;
}

static enum err weigh_policy(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	struct scene scene;

	if (!w->bundle) {
		f->reason = STR("no policy is in force");
		return OK;
	}
	TRY(make_request(w, &scene));
	TRY(keep_input(w, &scene.seen));
	TRY(bundle_decide(w->bundle, stage_moment(e->data), e->agent, &scene.request, w->arena,
			  &w->ruling));
	TRY(find_dependence(w, &scene.request));
	f->allow = w->ruling.allow;
	f->reason = w->ruling.reason;
	if (!f->allow || !e->session.ptr)
		return OK;
	return bundle_happening(w->bundle, stage_moment(e->data), &scene.request, w->arena,
				&w->happening);
}

/* "rule 'p/r' allows agent 'ann' 5/hour, which are used up until 2026-01-02T04:04:05Z" */
static enum err say_limit(struct weighing *w, int64_t ends_ns, struct finding *f)
{
	const struct policy_limit *limit = &w->ruling.limit;
	struct buf b;

	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "rule '%.*s' allows agent '%.*s' ", STR_ARG(w->ruling.rule),
		 STR_ARG(w->event->agent));
	rate_write(&b, limit);
	if (limit->count > 0) {
		buf_add_c(&b, ", which are used up until ");
		when_write(&b, ends_ns);
	}
	return stage_say(w, &b, f);
}

/* Whether the rule that allows has one more action to give. */
static enum err weigh_limit(struct weighing *w, struct finding *f)
{
	const struct ruling *r = &w->ruling;
	int64_t ends_ns = 0;

	f->allow = !r->allow || r->limit.period_ns == 0 ||
		   limit_used(w->state, GATE_LIMITS, w->event->agent, r->rule, r->limit.period_ns,
			      w->time_ns, &ends_ns) < r->limit.count;
	return f->allow ? OK : say_limit(w, ends_ns, f);
}

enum place {
	READ_AT = 0,
	IDENTIFY_AT,
	STANDING_AT,
	AUTHORITY_AT,
	SESSION_AT,
	SAGA_AT,
	TRUST_AT,
	RING_AT,
	COMMAND_AT,
	PATH_AT,
	POLICY_AT,
	LIMIT_AT,
	QUOTA_AT,
	STAGES
};

static const struct stage {
	const char *name;
	enum err (*weigh)(struct weighing *w, struct finding *f);
} stages[STAGES] = {
	[READ_AT] = { STAGE_READ, weigh_read },
	[IDENTIFY_AT] = { STAGE_IDENTIFY, weigh_identity },
	[STANDING_AT] = { STAGE_STANDING, weigh_standing },
	[AUTHORITY_AT] = { STAGE_AUTHORITY, authority_weigh },
	[SESSION_AT] = { STAGE_SESSION, presence_weigh },
	[SAGA_AT] = { STAGE_SAGA, control_saga_weigh },
	[TRUST_AT] = { STAGE_TRUST, weigh_trust },
	[RING_AT] = { STAGE_RING, curb_rings },
	[COMMAND_AT] = { STAGE_COMMAND, program_weigh },
	[PATH_AT] = { STAGE_PATH, path_weigh },
	[POLICY_AT] = { STAGE_POLICY, weigh_policy },
	[LIMIT_AT] = { STAGE_LIMIT, weigh_limit },
	[QUOTA_AT] = { STAGE_QUOTA, curb_quotas },
};

void stage_deny(struct decision *d, const char *stage, const struct str *reason)
{
	*d = (struct decision){
		.effect = EFFECT_DENY, .stage = str_view(stage),
		.reasons = reason, .reason_count = 1,
	};
}

/* The sentences are constant, because there may be no memory to build one. */
void stage_fault(struct decision *d, const char *stage, enum err e)
{
	static const struct str memory = { "the stage ran out of memory", 27 };
	static const struct str limit = { "the stage reached a limit", 25 };
	static const struct str other = { "the stage failed", 16 };

	stage_deny(d, stage, e == ERR_MEMORY ? &memory : e == ERR_LIMIT ? &limit : &other);
}

int64_t stage_time(const struct state *s, const struct event *e)
{
	struct totals_row totals = gate_totals(s);

	return totals.entries > 0 && totals.latest_ns > e->at_ns ? totals.latest_ns : e->at_ns;
}

/* --- what an action's data says --- */

const struct value *stage_attrs(const struct value *data)
{
	return value_get_c(data, "attrs");
}

enum policy_stage stage_moment(const struct value *data)
{
	enum policy_stage stage = POLICY_PRE_TOOL;

	if (data)
		(void)policy_stage_read(value_text(data, "stage"), &stage);
	return stage;
}

/* One that says something: what goes without saying is not recorded. */
static bool moment_ok(const struct value *moment)
{
	enum policy_stage stage;

	return moment->kind == VALUE_STRING && policy_stage_read(moment->string, &stage) &&
	       stage != POLICY_PRE_TOOL;
}

/* "type" among them would hide the name that was recorded. */
static bool attrs_ok(const struct value *attrs)
{
	return attrs->kind == VALUE_OBJECT && attrs->object.count > 0 &&
	       !value_get_c(attrs, "type");
}

/* What was hashed when it came in: never a secret. */
static bool hash_ok(const struct value *credential)
{
	struct digest ignored;

	return credential->kind == VALUE_STRING && digest_read(credential->string, &ignored) == OK;
}

/* Where the machine failed, as put_fault writes it; NULL for what it does not write. */
static const char *fault_stage(const struct value *fault)
{
	struct str name = value_text(fault, "stage");

	if (fault->kind != VALUE_OBJECT || fault->object.count != 2 ||
	    !value_text(fault, "error").ptr)
		return NULL;
	for (size_t i = 0; i < STAGES; i++)
		if (str_is(name, stages[i].name))
			return stages[i].name;
	return str_is(name, STAGE_ENTRY) ? STAGE_ENTRY : NULL;
}

static enum err fault_error(const struct value *fault)
{
	struct str name = value_text(fault, "error");

	for (unsigned e = OK + 1; e < ERR_COUNT; e++)
		if (str_is(name, err_name((enum err)e)))
			return (enum err)e;
	return OK;
}

bool stage_data_ok(const struct value *data)
{
	const struct value *attrs = value_get_c(data, "attrs"), *fault = value_get_c(data, "fault");
	const struct value *moment = value_get_c(data, "stage");
	const struct value *paths = value_get_c(data, "paths");
	const struct value *credential = value_get_c(data, "credential");
	const struct value *masked = value_get_c(data, "masked");
	const struct value *programs = value_get_c(data, "programs");
	const struct value *signature = conceal_withheld(data);

	if (!data)
		return true;
	if (data->kind != VALUE_OBJECT || data->object.count == 0 ||
	    data->object.count != (size_t)!!attrs + !!fault + !!moment + !!credential +
				   !!paths + !!masked + !!programs + !!signature)
		return false;
	return (!attrs || attrs_ok(attrs)) && (!moment || moment_ok(moment)) &&
	       (!credential || hash_ok(credential)) &&
	       (!paths || path_answers_ok(paths)) &&
	       (!programs || program_answers_ok(programs)) &&
	       (!masked || conceal_masked_ok(masked)) &&
	       (!signature || conceal_withheld_ok(signature)) &&
	       (!fault || (fault_stage(fault) && fault_error(fault) != OK));
}

/* --- joining --- */

/* "5/hour" as an obligation, so that whoever enforces it knows how much there is. */
static enum err oblige_limit(struct arena *a, const struct ruling *r, struct obligation *o)
{
	struct buf b;

	*o = (struct obligation){ .type = STR("rate_limit"), .rule = r->rule };
	buf_init(&b, 64);
	rate_write(&b, &r->limit);
	return arena_take(a, &b, &o->limit);
}

#define OBLIGATIONS 5

/* In the order of their names, as the entry wants them. */
static enum err list_obligations(struct arena *a, const struct ruling *r, struct decision *d)
{
	struct obligation *list;
	size_t at = 0;

	if (!r->obligations && r->limit.period_ns == 0)
		return OK;
	list = arena_array(a, OBLIGATIONS, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	if (r->obligations & POLICY_LOG)
		list[at++] = (struct obligation){ .type = STR("log"), .rule = r->rule };
	if (r->limit.period_ns)
		TRY(oblige_limit(a, r, &list[at++]));
	if (r->obligations & POLICY_APPROVAL)
		list[at++] = (struct obligation){
			.type = STR("require_approval"), .rule = r->rule,
			.approvers = r->approvers, .approver_count = r->approver_count
		};
	if (r->obligations & POLICY_TRANSFORM)
		list[at++] = (struct obligation){
			.type = STR("transform"), .rule = r->rule, .edits = r->edits
		};
	if (r->obligations & POLICY_WARN)
		list[at++] = (struct obligation){ .type = STR("warn"), .rule = r->rule };
	d->obligations = list;
	d->obligation_count = at;
	return OK;
}

/* The rules that could not be decided, as many as an entry can be sure to hold. */
static void list_errors(const struct ruling *r, struct decision *d)
{
	size_t bytes = 0, count = 0;

	while (count < r->error_count && r->erring[count].len <= LIMIT_ERRORS_BYTES - bytes)
		bytes += r->erring[count++].len;
	d->errors = r->erring;
	d->error_count = count;
}

static enum err list_floors(struct arena *a, const struct ruling *r, struct decision *d)
{
	struct decision_floor *list = arena_array(a, r->floor_count, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < r->floor_count; i++)
		list[i] = (struct decision_floor){ r->floors[i].considered, r->floors[i].policy };
	d->floors = list;
	d->floor_count = r->floor_count;
	return OK;
}

/* Keeps the first sentences, counts the others: a decision has to fit into its entry. */
struct reasons {
	struct str *list;
	size_t count, bytes, left_out;
};

static void add_reason(struct reasons *r, struct str reason)
{
	if (!reason.ptr)
		return;
	if (r->left_out > 0 || reason.len > LIMIT_REASONS_BYTES - r->bytes) {
		r->left_out++;
		return;
	}
	r->bytes += reason.len;
	r->list[r->count++] = reason;
}

static enum err end_reasons(struct arena *a, struct reasons *r)
{
	struct buf b;

	if (r->left_out == 0)
		return OK;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "reasons left out for their length: %zu", r->left_out);
	TRY(arena_take(a, &b, &r->list[r->count]));
	r->count++;
	return OK;
}

/* The first stage that did not allow; the last one when all did. */
static size_t find_decider(const struct finding *findings)
{
	for (size_t i = 0; i < STAGES; i++)
		if (!findings[i].allow)
			return i;
	return POLICY_AT;
}

/* All reasons with the deciding one first. */
static enum err join_reasons(const struct weighing *w, const struct finding *findings,
			     size_t decider, struct decision *d)
{
	const struct ruling *ruling = &w->ruling;
	struct reasons r = { .count = 0 };

	r.list = arena_array(w->arena, STAGES + ruling->error_count + 1, sizeof(*r.list));
	if (!r.list)
		return ERR_MEMORY;
	add_reason(&r, findings[decider].reason);
	for (size_t i = 0; i < STAGES; i++)
		if (i != decider && !findings[i].allow)
			add_reason(&r, findings[i].reason);
	for (size_t i = 0; i < ruling->error_count; i++)
		add_reason(&r, ruling->errors[i]);
	TRY(end_reasons(w->arena, &r));
	d->reasons = r.list;
	d->reason_count = r.count;
	return OK;
}

/* The rule when it decided or was used up; what comes with it when policy had the last word. */
static enum err join(struct weighing *w, const struct finding *findings,
		     struct weighed *ret)
{
	size_t decider = find_decider(findings);
	struct weighed done = {
		.decision = {
			.effect = findings[decider].allow ? EFFECT_ALLOW : EFFECT_DENY,
			.stage = str_view(stages[decider].name),
			.considered = w->ruling.considered, .cedar = w->ruling.cedar,
			.cost = w->ruling.cost, .input = w->input,
			.trust = w->score, .tier = w->tier ? w->tier->name : STR_NONE,
			.regime_changed = w->regime_changed,
		},
		.input = w->input,
		.depends = w->depends,
	};

	TRY(join_reasons(w, findings, decider, &done.decision));
	TRY(list_floors(w->arena, &w->ruling, &done.decision));
	list_errors(&w->ruling, &done.decision);
	if (decider == POLICY_AT || decider == LIMIT_AT)
		done.decision.rule = w->ruling.rule;
	/* Whoever is not the agent, or may not act at all, uses nothing of anybody's up. */
	if (decider > SESSION_AT) {
		done.charges = w->charges;
		done.charge_count = w->charge_count;
	}
	done.demotes = w->demotes;
	done.latches = w->latches;
	if (w->opened && !w->standing.why) {
		done.opened = true;
		done.standing = w->standing;
		done.touches = w->touches;
		done.touch_count = w->touch_count;
		done.clashes = w->clashes && decider == SESSION_AT;
	}
	if (decider == POLICY_AT) {
		TRY(list_obligations(w->arena, &w->ruling, &done.decision));
		done.limit = w->ruling.limit;
		done.happening = w->happening;
	}
	TRY(trip_weigh(w, &done));
	*ret = done;
	return OK;
}

enum err gate_weigh(const struct state *s, const struct bundle *bundle, const struct event *e,
		    const struct digest *args, const struct digest *result, struct arena *a,
		    struct buf *input, struct weighed *ret)
{
	struct weighing w = {
		.state = s, .bundle = bundle, .event = e, .time_ns = stage_time(s, e),
		.args_digest = args, .result_digest = result, .arena = a, .input_text = input
	};
	const struct value *fault = value_get_c(e->data, "fault");
	struct finding findings[STAGES] = { { .allow = false } };
	enum err failed;

	*ret = (struct weighed){ .limit = { .count = 0 } };
	if (fault) {
		stage_fault(&ret->decision, fault_stage(fault), fault_error(fault));
		return OK;
	}
	for (size_t i = 0; i < STAGES; i++) {
		failed = stages[i].weigh(&w, &findings[i]);
		if (failed != OK) {
			stage_fault(&ret->decision, stages[i].name, failed);
			return failed;
		}
	}
	failed = join(&w, findings, ret);
	if (failed != OK)
		stage_fault(&ret->decision, STAGE_POLICY, failed);
	return failed;
}

/* A kill that was lifted stops what was under way all the same. */
static enum err say_fence(struct weighing *w, uint64_t of, struct finding *f)
{
	const struct event *e = w->event;
	struct halt_row halt;

	f->allow = !halt_fences(w->state, GATE_HALTS, e->agent, e->session, of, &halt);
	halt.kind = HALT_KILLED;
	return f->allow ? OK : say_halt(w, &halt, f);
}

enum err gate_goes_on(const struct state *s, struct str agent, struct str session, uint64_t of,
		      int64_t now_ns, struct arena *a, struct str *why)
{
	const struct event e = { .agent = agent, .session = session, .at_ns = now_ns };
	struct weighing w = {
		.state = s, .event = &e, .time_ns = stage_time(s, &e), .arena = a
	};
	struct finding fence = { .allow = false }, standing = fence, presence = fence;
	uint32_t row;

	w.known = agent_find(s, GATE_AGENTS, agent, &row, &w.agent);
	TRY(say_fence(&w, of, &fence));
	TRY(weigh_standing(&w, &standing));
	TRY(presence_weigh(&w, &presence));
	*why = !fence.allow      ? fence.reason
	       : !standing.allow ? standing.reason
	       : !presence.allow ? presence.reason
				 : STR_NONE;
	return OK;
}
