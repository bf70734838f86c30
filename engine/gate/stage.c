/*
 * stage: the stages an action passes, and how their findings join.
 *
 *   identify -> policy
 *
 * Every stage is asked, whatever the others found, so that a decision carries all reasons. The action is allowed only
 * when each of them said so; the first that did not is the one that decided. A stage that fails (ERR_MEMORY, ERR_LIMIT)
 * denies. When the machine itself failed while the event was recorded, the event carries that fault, and the stage answers from it:
 * a replay on a machine with more memory decides the same.
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"

struct weighing {
	const struct state *state;
	const struct bundle *bundle;
	const struct event *event;
	const struct digest *args;
	struct arena *arena;
	uint32_t agent_row;
	struct agent_row agent;
	bool known, is_signed;
};

struct finding {
	bool allow;
	struct str reason;                    /* ptr NULL: nothing to say */
	struct ruling ruling;                 /* of the policy stage */
};

/* `before` 'agent' `after` */
static enum err say_reason(struct weighing *w, struct finding *f, const char *before, const char *after)
{
	struct str agent = w->event->agent;
	struct buf b;
	enum err e;

	buf_init(&b, 4096);
	buf_addf(&b, "%s'%.*s'%s", before, STR_ARG(agent), after);
	e = b.err == OK ? arena_copy(w->arena, buf_view(&b), &f->reason) : b.err;
	buf_fini(&b);
	return e;
}

/* The signature, when there is one, is by the agent's key, over this action, and later than the last one. */
static enum err weigh_signature(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	const struct value *attrs = event_attrs(e);
	struct agent_claim claim = { .agent = e->agent, .action = e->action, .resource = e->resource,
				     .session = e->session, .trace = e->trace, .args = w->args, .at_ns = e->at_ns };
	struct public_key key;
	struct buf text, attrs_text;
	bool good;

	if (!w->known || !w->agent.has_key)
		return say_reason(w, f, "the action is signed but agent ", " has no key here");
	if (e->at_ns <= w->agent.last_signed_ns)
		return say_reason(w, f, "a signed action must be later than the last one of agent ", "");
	buf_init(&text, LIMIT_ACTION_BYTES);
	buf_init(&attrs_text, LIMIT_ACTION_BYTES);
	if (attrs) {
		canon_value(&attrs_text, attrs);
		claim.attrs = buf_view(&attrs_text);
	}
	agent_signed_text(&text, &claim);
	memcpy(key.bytes, w->agent.key, sizeof(key.bytes));
	good = text.err == OK && attrs_text.err == OK && sign_check(&key, buf_view(&text), e->signature);
	buf_fini(&text);
	buf_fini(&attrs_text);
	if (!good)
		return say_reason(w, f, "the signature is not by agent ", " over this action");
	w->is_signed = true;
	f->allow = true;
	return OK;
}

static enum err weigh_identity(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;

	w->known = agent_find(w->state, GATE_AGENTS, e->agent, &w->agent_row, &w->agent);
	if (!w->known && !(w->bundle && bundle_admits_unknown(w->bundle)))
		return say_reason(w, f, "agent ", " is not registered");
	if (e->signature)
		return weigh_signature(w, f);
	if (w->known && w->agent.has_key && w->bundle && bundle_wants_signature(w->bundle))
		return say_reason(w, f, "agent ", " has a key and must sign its actions");
	f->allow = true;
	return OK;
}

static void put(struct member *m, size_t *count, const char *key, struct value v)
{
	m[(*count)++] = (struct member){ .key = str_view(key), .value = v };
}

static struct value object_of(struct member *members, size_t count)
{
	return (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
}

static struct value counted(uint64_t n)
{
	return value_int(n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

/* action.type and the further members, whose number is the sender's choice. */
static enum err action_value(struct weighing *w, struct value *ret)
{
	const struct value *attrs = event_attrs(w->event);
	size_t count = 0, extra = attrs ? attrs->object.count : 0;
	struct member *members = arena_array(w->arena, extra + 1, sizeof(*members));

	if (!members)
		return ERR_MEMORY;
	put(members, &count, "type", value_string(w->event->action));
	for (size_t i = 0; i < extra; i++)
		members[count++] = attrs->object.members[i];
	*ret = object_of(members, count);
	return OK;
}

/* What conditions see. Members that are not there are missing, not null. */
static enum err weigh_policy(struct weighing *w, struct finding *f)
{
	const struct event *e = w->event;
	struct member agent[6], session[3], root[5];
	size_t agents = 0, sessions = 0, roots = 0;
	struct session_row seen = { 0 };
	struct value action, request;
	uint32_t row;

	if (!w->bundle) {
		f->reason = STR("no policy is in force");
		return OK;
	}
	TRY(action_value(w, &action));
	put(agent, &agents, "id", value_string(e->agent));
	put(agent, &agents, "registered", value_bool(w->known));
	put(agent, &agents, "signed", value_bool(w->is_signed));
	if (w->known) {
		put(agent, &agents, "origin", value_string(str_view(agent_origin_name(w->agent.origin))));
		put(agent, &agents, "actions", counted(w->agent.actions));
		put(agent, &agents, "denials", counted(w->agent.denials));
	}
	put(root, &roots, "agent", object_of(agent, agents));
	put(root, &roots, "action", action);
	if (e->resource.ptr)
		put(root, &roots, "resource", value_string(e->resource));
	if (e->args)
		put(root, &roots, "args", *e->args);
	if (e->session.ptr) {
		(void)session_find(w->state, GATE_SESSIONS, e->session, &row, &seen);
		put(session, &sessions, "id", value_string(e->session));
		put(session, &sessions, "actions", counted(seen.actions));
		put(session, &sessions, "denials", counted(seen.denials));
		put(root, &roots, "session", object_of(session, sessions));
	}
	request = object_of(root, roots);
	TRY(bundle_decide(w->bundle, e->agent, &request, w->arena, &f->ruling));
	f->allow = f->ruling.allow;
	f->reason = f->ruling.reason;
	return OK;
}

static const struct stage {
	const char *name;
	enum err (*weigh)(struct weighing *w, struct finding *f);
} stages[] = {
	{ "identify", weigh_identity },
	{ "policy", weigh_policy },
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))
#define STAGE_POLICY (STAGES - 1)

void decision_deny(struct decision *d, const char *stage, const struct str *reason)
{
	*d = (struct decision){ .effect = EFFECT_DENY, .stage = str_view(stage), .reasons = reason, .reason_count = 1 };
}

const struct value *event_attrs(const struct event *e)
{
	return value_get_c(e->data, "attrs");
}

static size_t count_obligations(unsigned set)
{
	return !!(set & POLICY_WARN) + !!(set & POLICY_LOG) + !!(set & POLICY_APPROVAL);
}

/* In the order of their names, as the entry wants them. */
static enum err list_obligations(struct arena *a, const struct ruling *r, struct decision *d)
{
	size_t count = count_obligations(r->obligations), at = 0;
	struct obligation *list;

	if (count == 0)
		return OK;
	list = arena_array(a, count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	if (r->obligations & POLICY_LOG)
		list[at++] = (struct obligation){ .type = STR("log"), .rule = r->rule };
	if (r->obligations & POLICY_APPROVAL)
		list[at++] = (struct obligation){ STR("require_approval"), r->rule, r->approvers, r->approver_count };
	if (r->obligations & POLICY_WARN)
		list[at++] = (struct obligation){ .type = STR("warn"), .rule = r->rule };
	d->obligations = list;
	d->obligation_count = at;
	return OK;
}

/* Worst effect, first denying stage, all reasons with the deciding one first. */
static enum err join(struct arena *a, const struct finding *findings, struct decision *ret)
{
	const struct ruling *ruling = &findings[STAGE_POLICY].ruling;
	struct decision d = { .effect = EFFECT_ALLOW };
	struct str *reasons = arena_array(a, STAGES + ruling->error_count, sizeof(*reasons));
	size_t decider = STAGE_POLICY, count = 0;

	if (!reasons)
		return ERR_MEMORY;
	for (size_t i = STAGES; i-- > 0;)
		if (!findings[i].allow) {
			d.effect = EFFECT_DENY;
			decider = i;
		}
	if (findings[decider].reason.ptr)
		reasons[count++] = findings[decider].reason;
	for (size_t i = 0; i < STAGES; i++)
		if (i != decider && !findings[i].allow && findings[i].reason.ptr)
			reasons[count++] = findings[i].reason;
	for (size_t i = 0; i < ruling->error_count; i++)
		reasons[count++] = ruling->errors[i];
	if (decider == STAGE_POLICY) {
		d.rule = ruling->rule;
		TRY(list_obligations(a, ruling, &d));
	}
	d.stage = str_view(stages[decider].name);
	d.reasons = reasons;
	d.reason_count = count;
	*ret = d;
	return OK;
}

/* The sentences are constant, because there may be no memory to build one. */
void decision_fault(struct decision *d, const char *stage, enum err e)
{
	static const struct str memory = { "the stage ran out of memory", 27 };
	static const struct str limit = { "the stage reached a limit", 25 };
	static const struct str other = { "the stage failed", 16 };

	decision_deny(d, stage, e == ERR_MEMORY ? &memory : e == ERR_LIMIT ? &limit : &other);
}

static enum err fail_stage(const char *stage, enum err e, struct decision *ret)
{
	decision_fault(ret, stage, e);
	return e;
}

/* A fault that was recorded with the event: its stage and error, or false. */
static bool recorded_fault(const struct event *e, const char **stage, enum err *error)
{
	const struct value *fault = value_get_c(e->data, "fault");
	struct str name = value_text(fault, "stage"), code = value_text(fault, "error");

	*stage = STAGE_STATE;
	for (size_t i = 0; i < STAGES; i++)
		if (str_is(name, stages[i].name))
			*stage = stages[i].name;
	*error = str_is(code, "ERR_MEMORY") ? ERR_MEMORY : str_is(code, "ERR_LIMIT") ? ERR_LIMIT : ERR_IO;
	return fault != NULL;
}

enum err gate_weigh(const struct state *s, const struct bundle *bundle, const struct event *e, const struct digest *args,
		    struct arena *a, struct decision *ret)
{
	struct weighing w = { .state = s, .bundle = bundle, .event = e, .args = args, .arena = a };
	struct finding findings[STAGES] = { { 0 } };
	const char *stage;
	enum err failed;

	if (recorded_fault(e, &stage, &failed)) {
		(void)fail_stage(stage, failed, ret);
		return OK;
	}
	for (size_t i = 0; i < STAGES; i++) {
		failed = stages[i].weigh(&w, &findings[i]);
		if (failed != OK)
			return fail_stage(stages[i].name, failed, ret);
	}
	failed = join(a, findings, ret);
	return failed == OK ? OK : fail_stage(stages[STAGE_POLICY].name, failed, ret);
}
