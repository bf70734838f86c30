/*
 * gate: one event in, one entry and one verdict out.
 *
 *   bodies stored -> weighed -> rows changed -> root -> entry line -> sink
 *        any failure: the step is undone, nothing happened, the answer is a denial by "record"
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"

enum err gate_state_open(struct state **ret)
{
	const struct table_schema tables[GATE_TABLES] = {
		[GATE_TOTALS] = { "totals", sizeof(struct totals_row), 0 },
		[GATE_AGENTS] = agent_table(),
		[GATE_SESSIONS] = session_table(),
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

void gate_init(struct gate *g, struct state *s, const struct bundle *bundle, struct str origin, uint64_t seq,
	       struct gate_sink sink)
{
	*g = (struct gate){ .state = s, .bundle = bundle, .origin = origin, .sink = sink, .seq = seq };
	buf_init(&g->line, LIMIT_ENTRY_BYTES);
	buf_init(&g->text, LIMIT_ENTRY_BYTES);
}

void gate_fini(struct gate *g)
{
	buf_fini(&g->line);
	buf_fini(&g->text);
}

/* Everything that one event is on its way to becoming an entry. */
struct passage {
	const struct event *event;
	const struct value *data;
	struct digest args, result;
	bool has_args, has_result;
	struct decision decision;
	bool decided;
};

static enum err count_totals(struct state *s, const struct passage *p, const struct digest *policy)
{
	struct totals_row row = gate_totals(s);
	bool denied = p->decided && p->decision.effect == EFFECT_DENY;
	uint32_t at;

	row.entries++;
	row.actions += p->event->kind == ENTRY_ACTION;
	row.denials += denied;
	row.last_ns = p->event->at_ns;
	memcpy(row.policy, policy->bytes, sizeof(row.policy));
	if (state_rows(s, GATE_TOTALS) == 0)
		return state_insert(s, GATE_TOTALS, &row, &at);
	return state_update(s, GATE_TOTALS, 0, &row);
}

/*
 * An agent that is not registered leaves no row, and opens a session only when the bundle admitted it: otherwise
 * anybody could fill the tables.
 */
static enum err count_action(struct state *s, const struct passage *p)
{
	const struct event *e = p->event;
	bool denied = p->decision.effect == EFFECT_DENY;
	struct agent_row agent;
	uint32_t at;
	bool known = agent_find(s, GATE_AGENTS, e->agent, &at, &agent);

	if (known) {
		agent.actions++;
		agent.denials += denied;
		agent.last_ns = e->at_ns;
		if (e->signature && !denied)
			agent.last_signed_ns = e->at_ns;
		TRY(state_update(s, GATE_AGENTS, at, &agent));
	}
	if (e->session.ptr && (known || !denied))
		TRY(session_touch(s, GATE_SESSIONS, e->session, e->at_ns, 1, denied));
	return OK;
}

/* {"key"?, "origin"}: the key is in `data` as a did:key. */
static enum err register_agent(struct state *s, const struct event *e)
{
	struct str did = value_text(e->data, "did"), origin = value_text(e->data, "origin");
	bool imported = str_is(origin, agent_origin_name(AGENT_IMPORTED));
	struct public_key key;

	if (!imported && !str_is(origin, agent_origin_name(AGENT_CREATED)))
		return ERR_SYNTAX;
	if (did.ptr)
		TRY(did_read(did, &key));
	return agent_register(s, GATE_AGENTS, e->agent, did.ptr ? &key : NULL,
			      imported ? AGENT_IMPORTED : AGENT_CREATED, e->at_ns);
}

/* An outcome belongs to an earlier entry. */
static enum err check_links(const struct gate *g, const struct event *e)
{
	for (size_t i = 0; i < e->link_count; i++)
		if (e->links[i].seq >= g->seq)
			return ERR_RANGE;
	return e->kind == ENTRY_OUTCOME && e->link_count == 0 ? ERR_SYNTAX : OK;
}

/* Change the rows. On failure the step has to be undone. */
static enum err change_state(struct gate *g, const struct passage *p)
{
	struct totals_row totals = gate_totals(g->state);
	struct digest policy;

	memcpy(policy.bytes, totals.policy, sizeof(policy.bytes));
	if (p->event->kind == ENTRY_ACTION)
		TRY(count_action(g->state, p));
	else if (p->event->session.ptr)
		TRY(session_touch(g->state, GATE_SESSIONS, p->event->session, p->event->at_ns, 0, 0));
	if (p->event->kind == ENTRY_AGENT)
		TRY(register_agent(g->state, p->event));
	if (p->event->kind == ENTRY_POLICY)
		policy = bundle_digest(p->event->bundle);
	return count_totals(g->state, p, &policy);
}

/* Decide where the kind asks for a decision. Errors become denials here. */
static enum err decide(struct gate *g, struct passage *p, struct arena *a)
{
	const struct event *e = p->event;

	const struct value *text = value_get_c(e->data, "text");

	p->decided = e->kind == ENTRY_ACTION || e->kind == ENTRY_REFUSAL;
	if (e->kind == ENTRY_REFUSAL && (!text || text->kind != VALUE_STRING))
		return ERR_SYNTAX;
	if (e->kind == ENTRY_REFUSAL)
		decision_deny(&p->decision, STAGE_READ, &text->string);
	if (e->kind != ENTRY_ACTION)
		return OK;
	return gate_weigh(g->state, g->bundle, e, p->has_args ? &p->args : NULL, a, &p->decision);
}

/*
 * The machine failed while this action was weighed or its rows changed. Deny it in `stage`, and put the failure into the
 * entry's data as an answer from outside, so that a replay decides the same. `slots` is where the data is built.
 */
static void put_fault(struct passage *p, const char *stage, enum err failed, struct member slots[4], struct value *data)
{
	const struct value *attrs = event_attrs(p->event);
	size_t count = 0;

	slots[2] = (struct member){ .key = STR("error"), .value = value_string(str_view(err_name(failed))) };
	slots[3] = (struct member){ .key = STR("stage"), .value = value_string(str_view(stage)) };
	if (attrs)
		slots[count++] = (struct member){ .key = STR("attrs"), .value = *attrs };
	slots[count].key = STR("fault");
	slots[count++].value = (struct value){ .kind = VALUE_OBJECT, .object = { &slots[2], 2 } };
	*data = (struct value){ .kind = VALUE_OBJECT, .object = { slots, count } };
	p->data = data;
}

/* Weigh and change the rows; what the machine fails at is a denial with the fault recorded. */
static enum err weigh_and_change(struct gate *g, struct passage *p, struct arena *a, struct member slots[4],
				 struct value *data)
{
	enum err failed = decide(g, p, a);

	if (failed != OK && p->event->kind != ENTRY_ACTION)
		return failed;
	if (failed != OK)
		put_fault(p, p->decision.stage.ptr, failed, slots, data);
	failed = change_state(g, p);
	if (failed == OK || p->event->kind != ENTRY_ACTION)
		return failed;
	state_undo(g->state);
	state_begin(g->state);
	decision_fault(&p->decision, STAGE_STATE, failed);
	put_fault(p, STAGE_STATE, failed, slots, data);
	return change_state(g, p);
}

static enum err store_bodies(struct gate *g, struct passage *p)
{
	const struct event *e = p->event;

	if (e->args_text.ptr)
		TRY(g->sink.body(g->sink.self, e->args_text, &p->args));
	if (e->result_text.ptr)
		TRY(g->sink.body(g->sink.self, e->result_text, &p->result));
	p->has_args = e->args_text.ptr != NULL;
	p->has_result = e->result_text.ptr != NULL;
	return OK;
}

static enum err write_entry(struct gate *g, const struct passage *p, struct verdict *v)
{
	const struct event *e = p->event;
	const struct totals_row totals = gate_totals(g->state);
	struct entry entry = {
		.log = g->origin, .seq = g->seq, .time_ns = e->at_ns, .time_synthetic = e->at_synthetic,
		.kind = e->kind, .agent = e->agent, .action = e->action, .resource = e->resource,
		.session = e->session, .trace = e->trace, .args = p->has_args ? &p->args : NULL,
		.result = p->has_result ? &p->result : NULL, .signature = e->signature, .data = p->data,
		.decision = p->decided ? &p->decision : NULL, .links = e->links, .link_count = e->link_count,
	};

	memcpy(entry.policy.bytes, totals.policy, sizeof(entry.policy.bytes));
	TRY(state_root(g->state, &entry.state));
	buf_clear(&g->line);
	entry_write(&g->line, &entry);
	TRY(g->line.err);
	TRY(g->sink.entry(g->sink.self, g->seq, buf_view(&g->line)));
	v->policy = entry.policy;
	v->state = entry.state;
	return OK;
}

void gate_refuse(struct verdict *ret, uint64_t seq)
{
	static const struct str not_recorded = { "the event could not be recorded", 31 };

	*ret = (struct verdict){ .entry = seq };
	decision_deny(&ret->decision, STAGE_RECORD, &not_recorded);
}

enum err gate_submit(struct gate *g, const struct event *e, struct arena *a, struct verdict *ret)
{
	struct passage p = { .event = e, .data = e->data };
	struct verdict v = { .entry = g->seq };
	struct member slots[4] = { { .line = 0 } };
	struct value data;
	enum err failed;

	gate_refuse(ret, g->seq);
	state_begin(g->state);
	failed = check_links(g, e);
	if (failed == OK)
		failed = store_bodies(g, &p);
	if (failed == OK)
		failed = weigh_and_change(g, &p, a, slots, &data);
	if (failed == OK)
		failed = write_entry(g, &p, &v);
	if (failed != OK) {
		state_undo(g->state);
		return failed;
	}
	if (e->kind == ENTRY_POLICY)
		g->bundle = e->bundle;
	g->seq++;
	v.decision = p.decision;
	v.effect = p.decided ? p.decision.effect : EFFECT_ALLOW;
	*ret = v;
	return OK;
}
