/*
 * control_saga: where events meet sagas.
 *
 *   control   saga.begin, saga.compensate, saga.hand_over
 *   action    with the attributes "saga" and "step" (and "undo": true for a compensation): the
 *             stage lets it pass only when it is the attempt that is due, and when it is allowed
 *             the attempt begins; so a step is never done twice, whoever asks
 *   outcome   "ok" or "failed" of such an action ends the attempt
 *
 * The time of all of them is stage_time: timeouts never run back.
 */
#include "engine/gate/inside.h"

#include "engine/base/json.h"

#define PLAN_MEMORY (1u << 20)

const struct saga_tables gate_sagas = {
	.sagas = GATE_SAGAS, .plans = GATE_SAGA_PLANS, .steps = GATE_SAGA_STEPS,
	.keys = GATE_SAGA_KEYS, .attempts = GATE_SAGA_ATTEMPTS, .halts = GATE_HALTS,
};

/* The number of the control's own entry: the state counts every entry there was. */
static uint64_t entry_of(const struct state *s)
{
	return gate_totals(s).entries;
}

/* --- controls --- */

/* Somebody who can do what the saga wants: nothing is begun for, or left to, a misspelt name. */
static enum err check_actor(const struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why)
{
	uint32_t ignored;

	TRY(actor_find(s, e->agent, e->session, stage_time(s, e), &ignored, why));
	return actor_place(s, b, e->agent, e->session, stage_time(s, e), why);
}

static enum err refuse_members(const struct event *e, const char *const *known, struct note *why)
{
	for (size_t i = 0; i < e->data->object.count; i++) {
		const struct member *m = &e->data->object.members[i];
		const char *near = str_nearest(m->key, known);

		if (!str_listed(m->key, known))
			return note_set(why, ERR_UNKNOWN, m->line, m->column,
					"a saga has no member '%.*s'%s%s%s", STR_ARG(m->key),
					near ? "; did you mean '" : "", near ? near : "",
					near ? "'?" : "");
	}
	return OK;
}

static enum err insert(struct state *s, const struct event *e, struct str id, struct arena *a,
		       struct note *why)
{
	struct saga_row row = {
		.entry = entry_of(s), .since = entry_of(s), .began_ns = stage_time(s, e),
		.latest_ns = stage_time(s, e),
	};
	struct saga_plan *plans;
	size_t count;

	TRY(saga_plan_read(value_get_c(e->data, "steps"), id, a, &plans, &count, why));
	memcpy(row.id, id.ptr, id.len);
	memcpy(row.agent, e->agent.ptr, e->agent.len);
	if (e->session.ptr)
		memcpy(row.session, e->session.ptr, e->session.len);
	return saga_insert(s, &gate_sagas, &row, plans, count, why);
}

enum err control_saga_begin(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why)
{
	static const char *const members[] = { "reason", "saga", "steps", NULL };
	struct str id = value_text(e->data, "saga");
	struct arena a;
	enum err failed;

	TRY(refuse_members(e, members, why));
	if (!agent_name_ok(id))
		return note_set(why, ERR_RANGE, 0, 0,
				"'saga' has %zu bytes; expected 1 to %d bytes without control "
				"characters", id.len, LIMIT_NAME_BYTES);
	TRY(check_actor(s, b, e, why));
	arena_init(&a, PLAN_MEMORY);
	failed = insert(s, e, id, &a, why);
	arena_fini(&a);
	return failed;
}

static enum err find(const struct state *s, const struct event *e, struct saga *ret,
		     struct note *why)
{
	struct str id = value_text(e->data, "saga");

	if (saga_find(s, &gate_sagas, id, stage_time(s, e), ret))
		return OK;
	return note_set(why, ERR_NOT_FOUND, 0, 0, "there is no saga '%.*s'", STR_ARG(id));
}

enum err control_saga_compensate(struct state *s, const struct bundle *b, const struct event *e,
				 struct note *why)
{
	struct saga g;

	(void)b;
	TRY(find(s, e, &g, why));
	TRY(saga_compensate(&g, stage_time(s, e), why));
	return saga_keep(s, &gate_sagas, &g);
}

enum err control_saga_hand_over(struct state *s, const struct bundle *b, const struct event *e,
				struct note *why)
{
	struct saga g;

	TRY(find(s, e, &g, why));
	TRY(check_actor(s, b, e, why));
	TRY(saga_hand_over(&g, e->agent, e->session, entry_of(s), stage_time(s, e), why));
	return saga_keep(s, &gate_sagas, &g);
}

/* --- actions --- */

struct link {
	struct str saga, step;
	bool undo;
};

/* What the attributes of a tool call say; false: it is no attempt of anything. */
static bool read_link(const struct value *data, const struct value *attrs, struct link *ret,
		      const char **wrong)
{
	const struct value *undo = value_get_c(attrs, "undo");

	*wrong = NULL;
	if (stage_moment(data) != POLICY_PRE_TOOL || !value_get_c(attrs, "saga"))
		return false;
	*ret = (struct link){
		value_text(attrs, "saga"), value_text(attrs, "step"),
		undo && undo->kind == VALUE_BOOL && undo->boolean,
	};
	if (!ret->saga.ptr || !ret->step.ptr || (undo && undo->kind != VALUE_BOOL))
		*wrong = "an action with the attribute 'saga' names saga and step in two strings, "
			 "and may have 'undo', true or false";
	return true;
}

/* Is it by whom, with what and on what the saga wants it? */
static enum err check_fit(const struct event *e, const struct saga *g, unsigned step, bool undo,
			  struct note *why)
{
	const struct saga_plan *plan = g->plans[step];
	struct str tool = undo ? SAGA_TEXT(plan->undo) : SAGA_TEXT(plan->action);
	struct str resource = undo ? SAGA_TEXT(plan->undo_resource) : SAGA_TEXT(plan->resource);
	struct str agent = SAGA_TEXT(g->row.agent), session = SAGA_TEXT(g->row.session);

	if (!str_eq(agent, e->agent))
		return note_set(why, ERR_DENIED, 0, 0, "agent '%.*s' acts for saga '%.*s', not "
				"'%.*s'", STR_ARG(agent), STR_ARG(SAGA_TEXT(g->row.id)),
				STR_ARG(e->agent));
	if (session.len && !(e->session.ptr && str_eq(session, e->session)))
		return note_set(why, ERR_DENIED, 0, 0, "saga '%.*s' belongs to session '%.*s'",
				STR_ARG(SAGA_TEXT(g->row.id)), STR_ARG(session));
	if (!str_eq(tool, e->action))
		return note_set(why, ERR_DENIED, 0, 0, "step '%.*s' of saga '%.*s' is %s by "
				"'%.*s', not '%.*s'", STR_ARG(SAGA_TEXT(plan->name)),
				STR_ARG(SAGA_TEXT(g->row.id)), undo ? "undone" : "done",
				STR_ARG(tool), STR_ARG(e->action));
	if (resource.len && !(e->resource.ptr && str_eq(resource, e->resource)))
		return note_set(why, ERR_DENIED, 0, 0, "step '%.*s' of saga '%.*s' is for resource "
				"'%.*s'", STR_ARG(SAGA_TEXT(plan->name)),
				STR_ARG(SAGA_TEXT(g->row.id)), STR_ARG(resource));
	return OK;
}

/* The attempt that the action is, in its saga as it is now. */
static enum err find_attempt(const struct state *s, const struct event *e, const struct link *l,
			     struct saga *g, unsigned *step, struct note *why)
{
	int64_t now_ns = stage_time(s, e);

	if (!saga_find(s, &gate_sagas, l->saga, now_ns, g))
		return note_set(why, ERR_NOT_FOUND, 0, 0, "there is no saga '%.*s'",
				STR_ARG(l->saga));
	if (!saga_step_find(g, l->step, step))
		return note_set(why, ERR_NOT_FOUND, 0, 0, "saga '%.*s' has no step '%.*s'",
				STR_ARG(l->saga), STR_ARG(l->step));
	TRY(saga_check(g, *step, l->undo, now_ns, why));
	return check_fit(e, g, *step, l->undo, why);
}

static enum err weigh_attempt(struct weighing *w, const struct link *link, const char *wrong,
			      struct finding *f)
{
	struct note why = { .text = "" };
	struct saga g;
	unsigned step;
	struct buf b;

	if (!wrong)
		f->allow = find_attempt(w->state, w->event, link, &g, &step, &why) == OK;
	if (f->allow)
		return OK;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_add_c(&b, wrong ? wrong : why.text);
	return stage_say(w, &b, f);
}

/* Nearly all actions name no saga, and cost nothing here. */
enum err control_saga_weigh(struct weighing *w, struct finding *f)
{
	const char *wrong;
	struct link link;

	f->allow = !read_link(w->event->data, w->attrs, &link, &wrong);
	return f->allow ? OK : weigh_attempt(w, &link, wrong, f);
}

enum err control_saga_action(struct state *s, const struct event *e, uint64_t seq)
{
	struct note why;
	const char *wrong;
	struct link link;
	struct saga g;
	unsigned step;

	if (!read_link(e->data, stage_attrs(e->data), &link, &wrong))
		return OK;
	if (wrong)
		return ERR_SYNTAX;
	TRY(find_attempt(s, e, &link, &g, &step, &why));
	saga_begin(&g, step, link.undo, seq, stage_time(s, e));
	TRY(saga_keep(s, &gate_sagas, &g));
	return saga_keep_attempt(s, &gate_sagas, &g, step, link.undo);
}

/* --- outcomes --- */

static enum err end_attempt(struct state *s, const struct event *e,
			    const struct saga_attempt *attempt, struct note *why)
{
	struct str status = value_text(e->data, "status");
	bool ok = str_is(status, "ok");
	struct saga g;

	saga_load(s, &gate_sagas, attempt->saga, stage_time(s, e), &g);
	if (!ok && !str_is(status, "failed"))
		return note_set(why, ERR_SYNTAX, 0, 0,
				"entry %llu is an attempt of step '%.*s' of saga '%.*s', whose "
				"outcome has 'status' ok, or failed when nothing was done",
				(unsigned long long)attempt->entry,
				STR_ARG(SAGA_TEXT(g.plans[attempt->step]->name)),
				STR_ARG(SAGA_TEXT(g.row.id)));
	TRY(saga_end(&g, attempt, ok, stage_time(s, e), why));
	return saga_keep(s, &gate_sagas, &g);
}

enum err control_saga_outcome(struct state *s, const struct event *e, struct note *why)
{
	struct saga_attempt attempt;

	for (size_t i = 0; i < e->link_count; i++)
		if (str_is(e->links[i].rel, "outcome_of") &&
		    saga_attempt_find(s, &gate_sagas, e->links[i].seq, &attempt))
			TRY(end_attempt(s, e, &attempt, why));
	return OK;
}
