/*
 * gate: one event in, one entry and one verdict out.
 *
 *   event checked -> bodies stored -> weighed -> rows changed, entry line made -> sink
 *                                       |                 |
 *                                       +--- a fault: denied, and the fault is recorded
 *   any other failure: the step is undone, nothing happened, the answer is a denial by "record"
 *
 * A fault is tried once: when the denial itself cannot be made into rows and a line, the event did
 * not happen. The denial of a fault in stage "entry" changes the totals only, because the rows of
 * agent and session may be what could not be changed.
 */
#include "engine/gate/inside.h"

enum err gate_state_open(struct state **ret)
{
	const struct table_schema tables[GATE_TABLES] = {
		[GATE_TOTALS] = { "totals", sizeof(struct totals_row), 0 },
		[GATE_AGENTS] = agent_table(),
		[GATE_SESSIONS] = session_table(),
		[GATE_LIMITS] = limit_table(),
		[GATE_HISTORIES] = history_table(),
		[GATE_TRUST] = score_table(),
		[GATE_DEEDS] = deed_table(),
		[GATE_DEED_SESSIONS] = deed_session_table(),
		[GATE_HALTS] = halt_table(),
		[GATE_QUOTAS] = quota_table(),
		[GATE_ELEVATIONS] = elevation_table(),
		[GATE_SAGAS] = saga_table(),
		[GATE_SAGA_PLANS] = saga_plan_table(),
		[GATE_SAGA_STEPS] = saga_step_table(),
		[GATE_SAGA_KEYS] = saga_key_table(),
		[GATE_SAGA_ATTEMPTS] = saga_attempt_table(),
		[GATE_LIVES] = life_table(),
		[GATE_PARTICIPANTS] = participant_table(),
		[GATE_REVOCATIONS] = revocation_table(),
		[GATE_DELEGATIONS] = delegation_table(),
		[GATE_CREDENTIALS] = credential_table(),
		[GATE_THINGS] = thing_table(),
		[GATE_FLIGHTS] = flight_table(),
		[GATE_DEMOTIONS] = demotion_table(),
		[GATE_CHALLENGES] = challenge_table(),
		[GATE_MEETINGS] = meeting_table(),
		[GATE_TOKEN_USES] = token_use_table(),
	};

	return state_open(tables, GATE_TABLES, ret);
}

struct totals_row gate_totals(const struct state *s)
{
	struct totals_row row = { 0 };

	if (state_rows(s, GATE_TOTALS) > 0)
		memcpy(&row, state_row(s, GATE_TOTALS, 0), sizeof(row));
	return row;
}

void gate_init(struct gate *g, struct state *s, const struct bundle *bundle, struct str origin,
	       uint64_t seq, struct gate_sink sink)
{
	*g = (struct gate){
		.state = s, .bundle = bundle, .origin = origin, .sink = sink, .seq = seq
	};
	buf_init(&g->line, LIMIT_ENTRY_BYTES);
	buf_init(&g->input, LIMIT_ACTION_BYTES);
}

void gate_fini(struct gate *g)
{
	buf_fini(&g->line);
	buf_fini(&g->input);
}

/* What put_fault makes of the event's data. Nothing is in it before. */
struct fault_room {
	struct member fault[2], members[STAGE_DATA_MEMBERS];
	struct value data;
};

/* Everything that one event is on its way to becoming an entry. */
struct passage {
	const struct event *event;
	struct fault_room *room;
	const struct value *data;             /* the event's, or what put_fault made of it */
	struct digest args, result;
	bool has_args, has_result, decided;
	struct decision decision;
	const struct sequence *sequence;      /* of the bundle that decides; NULL: none */
	struct weighed weighed;               /* what it uses up, when it is allowed */
};

/* --- what may pass at all --- */

static bool name_fits(struct str name)
{
	return !name.ptr || agent_name_ok(name);
}

static bool names_fit(const struct event *e)
{
	return name_fits(e->agent) && name_fits(e->action) && name_fits(e->session) &&
	       name_fits(e->trace) && e->resource.len <= LIMIT_RESOURCE_BYTES;
}

static bool has_text(const struct value *data, const char *key)
{
	const struct value *v = value_get_c(data, key);

	return v && v->kind == VALUE_STRING;
}

/* What the kind cannot do without. */
static bool is_complete(const struct event *e)
{
	switch (e->kind) {
	case ENTRY_ACTION:
		return e->agent.ptr && e->action.ptr && stage_data_ok(e->data) &&
		       (!e->result_text.ptr || stage_moment(e->data) == POLICY_POST_TOOL);
	case ENTRY_OUTCOME:
		return e->link_count > 0;
	case ENTRY_AGENT:
		return e->agent.ptr && has_text(e->data, "origin");
	case ENTRY_POLICY:
		return e->bundle && e->args_text.ptr;
	case ENTRY_CONTROL:
		return control_complete(e);
	case ENTRY_REFUSAL:
		return has_text(e->data, "text");
	default:
		return true;
	}
}

/*
 * Events come from documents, importers and recorded lines; what is let in here can be recorded and
 * read back. Links lead to earlier entries.
 */
static enum err check_event(const struct gate *g, const struct event *e)
{
	if (!names_fit(e))
		return ERR_RANGE;
	for (size_t i = 0; i < e->link_count; i++)
		if (e->links[i].seq >= g->seq)
			return ERR_RANGE;
	if (e->data && e->data->kind != VALUE_OBJECT)
		return ERR_SYNTAX;
	if (e->data && !value_nests_within(e->data, DATA_DEPTH))
		return ERR_LIMIT;
	return is_complete(e) ? OK : ERR_SYNTAX;
}

static enum err store_bodies(struct gate *g, struct passage *p)
{
	const struct event *e = p->event;
	bool plain = e->kind == ENTRY_POLICY;

	if (e->args_text.ptr)
		TRY(g->sink.body(g->sink.self, e->args_text, plain, &p->args));
	if (e->result_text.ptr)
		TRY(g->sink.body(g->sink.self, e->result_text, plain, &p->result));
	p->has_args = e->args_text.ptr != NULL;
	p->has_result = e->result_text.ptr != NULL;
	return OK;
}

/* --- deciding --- */

/*
 * The machine failed while this action was weighed, or made into rows and a line. Deny it in
 * `stage`, and put the failure into the entry's data as an answer from outside, so that a replay
 * decides the same.
 */
static void put_fault(struct gate *g, struct passage *p, const char *stage, enum err failed)
{
	const struct value *data = p->event->data;
	struct fault_room *room = p->room;
	struct value_object fault = { room->fault, 2 };
	size_t count = 0;

	stage_fault(&p->decision, stage, failed);
	room->fault[0] = (struct member){
		.key = STR("error"), .value = value_string(str_view(err_name(failed)))
	};
	room->fault[1] = (struct member){
		.key = STR("stage"), .value = value_string(str_view(stage))
	};
	for (size_t i = 0; data && i < data->object.count; i++)
		if (!str_is(data->object.members[i].key, "fault"))
			room->members[count++] = data->object.members[i];
	MUST(count < sizeof(room->members) / sizeof(room->members[0]));
	room->members[count++] = (struct member){
		.key = STR("fault"), .value = { .kind = VALUE_OBJECT, .object = fault }
	};
	room->data = (struct value){ .kind = VALUE_OBJECT, .object = { room->members, count } };
	p->data = &room->data;
	g->fault = failed;
}

/* Decide where the kind asks for a decision. Errors become denials here. */
static void decide(struct gate *g, struct passage *p, struct arena *a)
{
	const struct event *e = p->event;
	enum err failed;

	p->decided = e->kind == ENTRY_ACTION || e->kind == ENTRY_REFUSAL;
	if (e->kind == ENTRY_REFUSAL)
		stage_deny(&p->decision, STAGE_READ, &value_get_c(e->data, "text")->string);
	if (e->kind != ENTRY_ACTION)
		return;
	failed = gate_weigh(g->state, g->bundle, e, p->has_args ? &p->args : NULL,
			    p->has_result ? &p->result : NULL, a, &g->input, &p->weighed);
	p->decision = p->weighed.decision;
	if (failed != OK)
		put_fault(g, p, p->decision.stage.ptr, failed);
}

/* --- changing the rows --- */

static bool is_denied(const struct passage *p)
{
	return p->decided && p->decision.effect == EFFECT_DENY;
}

/* Who is not let in does not say what time it is: limits of others go by the latest. */
static bool tells_time(const struct decision *d)
{
	return !d || d->effect != EFFECT_DENY || !str_is(d->stage, STAGE_IDENTIFY);
}

struct totals_row gate_totals_behind(struct totals_row row, const struct event *e,
				     const struct decision *d, const struct digest *policy)
{
	row.entries++;
	row.actions += e->kind == ENTRY_ACTION;
	row.denials += e->kind == ENTRY_ACTION && d->effect == EFFECT_DENY;
	if (row.entries == 1 || (e->at_ns > row.latest_ns && tells_time(d)))
		row.latest_ns = e->at_ns;
	row.last_ns = e->at_ns;
	memcpy(row.policy, policy->bytes, sizeof(row.policy));
	return row;
}

static enum err count_totals(struct state *s, const struct passage *p, const struct digest *policy)
{
	const struct totals_row row = gate_totals_behind(
		gate_totals(s), p->event, p->decided ? &p->decision : NULL, policy);
	uint32_t at;

	if (state_rows(s, GATE_TOTALS) == 0)
		return state_insert(s, GATE_TOTALS, &row, &at);
	return state_update(s, GATE_TOTALS, 0, &row);
}

/*
 * A signature was good when "identify" did not deny. It is used up then, whatever the policy said:
 * what was denied today must not be sent again tomorrow by whoever overheard it. A fault says
 * nothing of the signature.
 */
static bool uses_signature(const struct passage *p)
{
	bool is_signed = p->event->signature || conceal_withheld(p->data);

	return is_signed && !value_get_c(p->data, "fault") &&
	       !str_is(p->decision.stage, STAGE_IDENTIFY);
}

/*
 * An agent that is not registered leaves no row, and opens a session only when the bundle admitted
 * it: otherwise anybody could fill the tables.
 */
static enum err count_action(struct state *s, const struct passage *p, uint64_t seq)
{
	const struct event *e = p->event;
	struct agent_row agent;
	uint32_t at;
	bool known = agent_find(s, GATE_AGENTS, e->agent, &at, &agent);

	if (known) {
		agent.actions++;
		agent.denials += is_denied(p);
		agent.last_ns = e->at_ns;
		if (uses_signature(p))
			agent.last_signed_ns = e->at_ns;
		TRY(state_update(s, GATE_AGENTS, at, &agent));
	}
	if (e->session.ptr && (known || !is_denied(p)))
		TRY(session_touch(s, GATE_SESSIONS, e->session, e->at_ns, 1, is_denied(p)));
	if (p->weighed.limit.period_ns && !is_denied(p))
		TRY(limit_charge(s, GATE_LIMITS, e->agent, p->decision.rule,
				 p->weighed.limit.period_ns, stage_time(s, e)));
	if (p->weighed.happening && !is_denied(p))
		TRY(recall_action(s, p->sequence, e, p->weighed.happening));
	if (!is_denied(p))
		TRY(control_saga_action(s, e, seq));
	TRY(presence_count(s, e, &p->weighed));
	if (p->weighed.demotes)
		TRY(demotion_keep(s, GATE_DEMOTIONS, e->agent, p->weighed.latches,
				  stage_time(s, e)));
	TRY(trip_count(s, e, &p->weighed, seq));
	return curb_charge(s, e, &p->weighed);
}

static enum err change_rows(struct gate *g, const struct passage *p)
{
	const struct event *e = p->event;
	struct state *s = g->state;

	if (p->decided && str_is(p->decision.stage, STAGE_ENTRY))
		return OK;
	TRY(signals_apply(s, g->bundle, e, p->data, &p->decision, g->seq));
	if (e->kind == ENTRY_ACTION)
		return count_action(s, p, g->seq);
	if (e->kind == ENTRY_OUTCOME)
		TRY(control_saga_outcome(s, e, &g->why));
	if (e->session.ptr)
		TRY(session_touch(s, GATE_SESSIONS, e->session, e->at_ns, 0, 0));
	if (e->kind == ENTRY_OUTCOME)
		TRY(isolate_end(s, e));
	TRY(control_turn(s, e));
	if (e->kind == ENTRY_CONTROL)
		TRY(control_apply(s, g->bundle, e, &g->why));
	if (control_approves(e) && p->sequence)
		return recall_approval(s, p->sequence, e);
	return e->kind == ENTRY_AGENT ? newcomer_register(s, g->bundle, e, &g->why) : OK;
}

/* --- the entry --- */

static void write_line(struct gate *g, const struct passage *p, const struct verdict *v)
{
	const struct event *e = p->event;
	const struct entry entry = {
		.log = g->origin, .seq = g->seq,
		.time_ns = e->at_ns, .time_synthetic = e->at_synthetic,
		.kind = e->kind, .agent = e->agent, .action = e->action, .resource = e->resource,
		.session = e->session, .trace = e->trace,
		.args = p->has_args ? &p->args : NULL, .result = p->has_result ? &p->result : NULL,
		.signature = e->signature, .data = p->data,
		.decision = p->decided ? &p->decision : NULL,
		.links = e->links, .link_count = e->link_count,
		.policy = v->policy, .state = v->state,
	};

	buf_clear(&g->line);
	entry_write(&g->line, &entry);
}

/* The root over the rows and the digest of what the rules saw, computed together or told. */
static void fill_digests(const struct gate *g, const struct passage *p, struct verdict *v)
{
	static const struct digest none;
	struct digest *input = p->weighed.input;

	if (g->told) {
		v->state = *g->told->state;
		if (input)
			*input = g->told->input ? *g->told->input : none;
	} else if (input) {
		v->state = state_root_beside(g->state, buf_view(&g->input), input);
	} else {
		v->state = state_root(g->state);
	}
}

/* Begin a step and change the rows; who fails undoes it. */
static enum err change_state(struct gate *g, const struct passage *p, const struct digest *policy)
{
	state_begin(g->state);
	TRY(change_rows(g, p));
	return count_totals(g->state, p, policy);
}

/* Rows and line of what was decided, as one step; on failure there is no step. */
static enum err make_entry(struct gate *g, const struct passage *p, struct verdict *v)
{
	const struct totals_row totals = gate_totals(g->state);
	enum err failed;

	memcpy(v->policy.bytes, totals.policy, sizeof(totals.policy));
	if (p->event->kind == ENTRY_POLICY)
		v->policy = bundle_digest(p->event->bundle);
	failed = change_state(g, p, &v->policy);
	if (failed == OK) {
		fill_digests(g, p, v);
		write_line(g, p, v);
		failed = g->line.err;
	}
	if (failed != OK)
		state_undo(g->state);
	return failed;
}

/* --- in order --- */

void gate_refuse(struct verdict *ret, uint64_t seq)
{
	static const struct str not_recorded = { "the event could not be recorded", 31 };

	*ret = (struct verdict){ .entry = seq };
	stage_deny(&ret->decision, STAGE_RECORD, &not_recorded);
}

enum err gate_submit(struct gate *g, const struct event *event, struct arena *a,
		     struct verdict *ret)
{
	struct event own = *event;
	const struct event *e = &own;
	struct fault_room room;
	struct passage p = {
		.event = e, .room = &room, .data = e->data,
		.sequence = g->bundle ? bundle_sequence(g->bundle) : NULL,
	};
	struct verdict v = { .entry = g->seq };
	enum err failed;

	own.log = g->origin;
	gate_refuse(ret, g->seq);
	g->fault = OK;
	g->why = (struct note){ .column = 0 };
	g->depends = STR_NONE;
	TRY(check_event(g, e));
	TRY(store_bodies(g, &p));
	decide(g, &p, a);
	g->depends = p.weighed.depends;
	if (g->depends.ptr)
		return ERR_MISS;
	failed = make_entry(g, &p, &v);
	if (failed != OK && e->kind == ENTRY_ACTION) {
		put_fault(g, &p, STAGE_ENTRY, failed);
		failed = make_entry(g, &p, &v);
	}
	TRY(failed);
	failed = g->sink.entry(g->sink.self, g->seq, buf_view(&g->line));
	if (failed != OK) {
		state_undo(g->state);
		return failed;
	}
	if (e->kind == ENTRY_POLICY)
		g->bundle = e->bundle;
	g->seq++;
	v.decision = p.decision;
	v.effect = p.decided ? p.decision.effect : EFFECT_ALLOW;
	v.masked = value_get_c(p.data, "masked");
	*ret = v;
	return OK;
}

enum err gate_count_recorded(struct gate *g, const struct event *e, const struct decision *d)
{
	const struct passage p = { .event = e, .data = e->data, .decided = true, .decision = *d };
	const struct totals_row totals = gate_totals(g->state);
	struct digest policy;
	enum err failed;

	TRY(check_event(g, e));
	memcpy(policy.bytes, totals.policy, sizeof(policy.bytes));
	failed = change_state(g, &p, &policy);
	if (failed != OK)
		state_undo(g->state);
	else
		g->seq++;
	return failed;
}

enum err gate_take(struct gate *g, const struct event *e, struct arena *a, struct verdict *ret)
{
	struct event own;

	gate_refuse(ret, g->seq);
	if (!g->mask)
		return gate_submit(g, e, a, ret);
	TRY(conceal_event(g->mask, e, a, &own));
	return gate_submit(g, &own, a, ret);
}

enum err gate_submit_text(struct gate *g, struct str text, int64_t now_ns, struct arena *a,
			  struct buf *bodies, struct verdict *ret, struct note *n)
{
	struct intake in = { .mask = g->mask, .found = { .arena = a } };
	struct note why = { .text = "" };
	struct event event;
	enum err failed;

	gate_refuse(ret, g->seq);
	g->why = (struct note){ .column = 0 };
	failed = action_read(text, now_ns, &in, bodies, &event, &why);
	if (failed == OK && in.plain)
		failed = conceal_signature(g, in.plain, &event, a);
	if (failed == OK)
		failed = conceal_tell(&in.found, &event);
	if (failed == OK && event.kind == ENTRY_OUTCOME && g->outcome)
		failed = g->outcome(g->sink.self, event.links[0].seq, &why);
	if (failed == OK && event.kind == ENTRY_ACTION)
		failed = path_ask(g, &event, a);
	if (failed == OK && event.kind == ENTRY_ACTION)
		failed = program_ask(g, &event, a);
	if (failed == OK)
		failed = gate_submit(g, &event, a, ret);
	if (failed == OK)
		return OK;
	if (why.text[0] == '\0' && g->why.text[0])
		why = g->why;
	if (why.text[0] == '\0')
		(void)note_set(&why, failed, 1, 1, "%s",
			       failed == ERR_RANGE ? "'outcome_of' names no earlier entry"
						   : err_text(failed));
	TRY(action_refusal(text, now_ns, failed, &why, &in, &event));
	TRY(gate_submit(g, &event, a, ret));
	if (n)
		*n = why;
	return OK;
}
