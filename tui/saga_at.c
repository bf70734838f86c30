/* saga_at: sagas read from the state, and shown to people and programs. */
#include "tui/saga_at.h"

#include "engine/base/when.h"
#include "tui/recorded.h"

/* --- reading --- */

void saga_at_init(struct saga_at *s)
{
	*s = (struct saga_at){ .space = NULL };
}

void saga_at_close(struct saga_at *s)
{
	state_close(s->state);
	(void)space_close(s->space, NULL);
}

enum err saga_at_open(const struct invocation *in, struct saga_at *ret, struct note *n)
{
	uint64_t entries, step = 0;
	struct digest root;
	struct totals_row totals;

	if (given(in, OPT_AT))
		TRY(recorded_index(in->values[OPT_AT], &step, n));
	TRY(space_open(in->world, dir_of(in), SPACE_READ, &ret->space, n));
	TRY(gate_state_open(&ret->state));
	TRY(space_count_entries(ret->space, &entries, n));
	if (!given(in, OPT_AT) && entries > 0)
		step = entries - 1;
	if (given(in, OPT_AT) || entries > 0)
		TRY(space_state_at(ret->space, step, ret->state, &root, n));
	totals = gate_totals(ret->state);
	ret->now_ns = given(in, OPT_AT) ? totals.latest_ns : world_now_ns(in->world);
	if (totals.entries > 0 && totals.latest_ns > ret->now_ns)
		ret->now_ns = totals.latest_ns;
	return OK;
}

enum err saga_at_find(const struct saga_at *s, const char *id, struct saga *ret, struct note *n)
{
	if (saga_find(s->state, &gate_sagas, str_view(id), s->now_ns, ret))
		return OK;
	return note_set(n, ERR_NOT_FOUND, 0, 0, "there is no saga '%s'; see: trammel saga list",
			id);
}

/* --- showing --- */

static struct str state_of(const struct saga *g)
{
	return str_view(saga_state_name((enum saga_state)g->row.state));
}

static struct str step_of(const struct saga *g, unsigned i)
{
	return str_view(saga_step_name((enum saga_step_state)g->steps[i].state));
}

static struct str cause_of(const struct saga *g)
{
	return str_view(saga_cause_name((enum saga_cause)g->row.cause));
}

/* null where there is none */
static struct str or_none(struct str text)
{
	return text.len ? text : STR_NONE;
}

static void add_head_json(const struct saga *g, struct buf *b)
{
	buf_add_byte(b, '{');
	json_text(b, "saga", SAGA_TEXT(g->row.id));
	json_text(b, "state", state_of(g));
	json_text(b, "agent", SAGA_TEXT(g->row.agent));
	json_text(b, "session", or_none(SAGA_TEXT(g->row.session)));
}

static void add_step_json(const struct saga *g, unsigned i, struct buf *b)
{
	const struct saga_plan *plan = g->plans[i];
	const struct saga_step *step = &g->steps[i];

	buf_addf(b, "%s{", i ? "," : "");
	json_text(b, "name", SAGA_TEXT(plan->name));
	json_text(b, "state", step_of(g, i));
	json_number(b, "group", plan->group + 1u);
	json_text(b, "join", str_view(saga_join_name((enum saga_join)plan->join)));
	json_text(b, "action", SAGA_TEXT(plan->action));
	json_text(b, "undo", or_none(SAGA_TEXT(plan->undo)));
	json_text(b, "key", SAGA_TEXT(plan->key));
	json_number(b, "attempts", step->attempts);
	json_number(b, "undos", step->undos);
	if (step->attempts)
		json_number(b, "entry", step->entry);
	if (step->order)
		json_time(b, "done", step->done_ns);
	if (step->open)
		json_text(b, "open", str_view(saga_open_name((enum saga_open)step->open)));
	buf_add_byte(b, '}');
}

static void show_json(const struct saga *g, struct buf *b)
{
	add_head_json(g, b);
	json_number(b, "entry", g->row.entry);
	json_time(b, "began", g->row.began_ns);
	json_time(b, "latest", g->row.latest_ns);
	if (g->row.cause)
		json_text(b, "turned_by", cause_of(g));
	if (g->row.cause == SAGA_SHORT)
		json_text(b, "turned_by_step", SAGA_TEXT(g->plans[g->row.cause_step]->name));
	json_key(b, "steps");
	buf_add_byte(b, '[');
	for (unsigned i = 0; i < g->row.steps; i++)
		add_step_json(g, i, b);
	buf_add_c(b, "]}\n");
}

static void add_cause(const struct saga *g, struct buf *b)
{
	if (g->row.cause == SAGA_SHORT)
		buf_addf(b, "  turned because of step %.*s\n",
			 STR_ARG(SAGA_TEXT(g->plans[g->row.cause_step]->name)));
	if (g->row.cause == SAGA_ASKED)
		buf_add_c(b, "  turned because somebody asked for it\n");
	if (g->row.cause == SAGA_KILLED)
		buf_add_c(b, "  turned because who acted for it was killed\n");
}

/* "  flight        committed  book_flight, entry 5" */
static void add_step(const struct saga *g, unsigned i, struct buf *b)
{
	const struct saga_plan *plan = g->plans[i];
	const struct saga_step *step = &g->steps[i];

	buf_addf(b, "  %-16.*s %-10.*s %.*s", STR_ARG(SAGA_TEXT(plan->name)),
		 STR_ARG(step_of(g, i)), STR_ARG(SAGA_TEXT(plan->action)));
	if (plan->join != SAGA_ALL)
		buf_addf(b, ", %s of group %u", saga_join_name((enum saga_join)plan->join),
			 plan->group + 1u);
	if (plan->undo[0])
		buf_addf(b, ", undone by %.*s", STR_ARG(SAGA_TEXT(plan->undo)));
	if (step->attempts)
		buf_addf(b, ", entry %llu", (unsigned long long)step->entry);
	if (step->open)
		buf_addf(b, ": left open, %s", saga_open_name((enum saga_open)step->open));
	buf_add_byte(b, '\n');
}

void saga_at_show(const struct invocation *in, const struct saga *g, struct buf *b)
{
	if (json_wanted(in)) {
		show_json(g, b);
		return;
	}
	saga_at_list(in, g, b);
	buf_addf(b, "  begun by entry %llu at ", (unsigned long long)g->row.entry);
	when_write(b, g->row.began_ns);
	buf_add_c(b, ", last changed at ");
	when_write(b, g->row.latest_ns);
	buf_add_byte(b, '\n');
	add_cause(g, b);
	for (unsigned i = 0; i < g->row.steps; i++)
		add_step(g, i, b);
}

void saga_at_list(const struct invocation *in, const struct saga *g, struct buf *b)
{
	struct str session = SAGA_TEXT(g->row.session);

	if (json_wanted(in)) {
		add_head_json(g, b);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%.*s: %.*s, agent %.*s", STR_ARG(SAGA_TEXT(g->row.id)), STR_ARG(state_of(g)),
		 STR_ARG(SAGA_TEXT(g->row.agent)));
	if (session.len)
		buf_addf(b, ", session %.*s", STR_ARG(session));
	buf_add_byte(b, '\n');
}

/* --- what is due --- */

static bool is_undo(const struct saga_due *d)
{
	return d->kind == DUE_UNDO || d->kind == DUE_UNDO_OUTCOME;
}

static bool is_action(const struct saga_due *d)
{
	return d->kind == DUE_STEP || d->kind == DUE_UNDO;
}

/* The document to send, but for its arguments. */
static void add_document(const struct saga *g, const struct saga_due *d, struct buf *b)
{
	const struct saga_plan *plan = g->plans[d->step];
	struct str resource = is_undo(d) ? SAGA_TEXT(plan->undo_resource)
					 : SAGA_TEXT(plan->resource);
	struct str session = SAGA_TEXT(g->row.session);

	buf_add_byte(b, '{');
	json_text(b, "agent", SAGA_TEXT(g->row.agent));
	json_key(b, "action");
	buf_add_byte(b, '{');
	json_text(b, "type", is_undo(d) ? SAGA_TEXT(plan->undo) : SAGA_TEXT(plan->action));
	json_text(b, "saga", SAGA_TEXT(g->row.id));
	json_text(b, "step", SAGA_TEXT(plan->name));
	if (is_undo(d))
		json_bool(b, "undo", true);
	buf_add_byte(b, '}');
	if (resource.len)
		json_text(b, "resource", resource);
	if (session.len)
		json_text(b, "session", session);
	buf_add_byte(b, '}');
}

static void add_due_json(const struct saga *g, const struct saga_due *d, bool now, struct buf *b)
{
	const struct saga_plan *plan = g->plans[d->step];
	struct buf key;

	buf_init(&key, LIMIT_NAME_BYTES + 8);
	buf_addf(&key, "%.*s%s", STR_ARG(SAGA_TEXT(plan->key)), is_undo(d) ? "/undo" : "");
	buf_add_byte(b, '{');
	json_text(b, "due", is_action(d) ? is_undo(d) ? STR("undo") : STR("step") : STR("outcome"));
	json_text(b, "step", SAGA_TEXT(plan->name));
	json_text(b, "key", buf_view(&key));
	if (is_action(d)) {
		json_bool(b, "now", now);
		if (!now)
			json_time(b, "at", d->at_ns);
	} else {
		json_number(b, "outcome_of", g->steps[d->step].entry);
	}
	if (d->until_ns < INT64_MAX)
		json_time(b, "until", d->until_ns);
	if (is_action(d)) {
		json_key(b, "document");
		add_document(g, d, b);
	}
	buf_add_byte(b, '}');
	buf_fini(&key);
}

static void add_due(const struct saga *g, const struct saga_due *d, bool now, struct buf *b)
{
	const struct saga_plan *plan = g->plans[d->step];

	if (!is_action(d)) {
		buf_addf(b, "  outcome of entry %llu, which %s step %.*s",
			 (unsigned long long)g->steps[d->step].entry,
			 is_undo(d) ? "undoes" : "does", STR_ARG(SAGA_TEXT(plan->name)));
	} else {
		buf_addf(b, "  %s %.*s: ", is_undo(d) ? "undo" : "step",
			 STR_ARG(SAGA_TEXT(plan->name)));
		add_document(g, d, b);
	}
	if (is_action(d) && !now) {
		buf_add_c(b, ", from ");
		when_write(b, d->at_ns);
	}
	if (d->until_ns < INT64_MAX) {
		buf_add_c(b, ", until ");
		when_write(b, d->until_ns);
	}
	buf_addf(b, "\n    key %.*s%s\n", STR_ARG(SAGA_TEXT(plan->key)), is_undo(d) ? "/undo" : "");
}

/* Nobody acts for it as it is. */
static bool is_stopped(const struct saga_at *s, const struct saga *g, struct halt_row *halt)
{
	struct str session = SAGA_TEXT(g->row.session);

	return !saga_over(g) &&
	       halt_stops(s->state, GATE_HALTS, SAGA_TEXT(g->row.agent), or_none(session),
			  s->now_ns, halt);
}

void saga_at_next(const struct invocation *in, const struct saga_at *s, const struct saga *g,
		  struct buf *b)
{
	struct saga_due list[LIMIT_SAGA_STEPS];
	size_t count = saga_due(g, list);
	struct halt_row halt;
	bool stopped = is_stopped(s, g, &halt);

	if (json_wanted(in)) {
		add_head_json(g, b);
		json_bool(b, "stopped", stopped);
		json_key(b, "due");
		buf_add_byte(b, '[');
	} else {
		saga_at_list(in, g, b);
	}
	for (size_t i = 0; i < count; i++) {
		bool now = saga_due_now(&list[i], s->now_ns);

		buf_add_c(b, json_wanted(in) && i ? "," : "");
		(json_wanted(in) ? add_due_json : add_due)(g, &list[i], now, b);
	}
	if (json_wanted(in))
		buf_add_c(b, "]}\n");
	else if (saga_over(g))
		buf_add_c(b, "  nothing is due any more\n");
	else if (stopped)
		buf_addf(b, "  %s is %s; see: trammel saga hand-over\n",
			 halt_scope_name((enum halt_scope)halt.scope),
			 halt_kind_name((enum halt_kind)halt.kind));
}
