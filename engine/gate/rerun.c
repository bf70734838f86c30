/*
 * rerun: recorded entries through the same gate again.
 *
 *   rerun_read    line -> entry, and the bodies to judge, which it names by digest
 *   rerun_play    -> event -> gate_submit -> line'         equal when line' is line
 *
 * Reading asks nothing of the gate, so it may be far ahead of it. The sink hands out the recorded
 * digests of the bodies (those to judge were checked when they were fetched) and keeps the line
 * that comes out instead of writing it anywhere.
 */
#include "engine/gate/inside.h"

#include "engine/base/json.h"

/*
 * The result of an outcome is no input of the gate: its digest is all an entry needs, its body is
 * not fetched. That of an action, which was asked about after the tool, was judged.
 */
static const struct str result_untold = { "", 0 };
/* An entry and the trees of its bodies, which may have any size that a live arena allowed. */
#define STEP_MEMORY (4 * (size_t)LIMIT_ACTION_MEMORY)
/* Arguments so long are made a tree ahead of the gate; longer ones would fill whose arena it is. */
#define AHEAD_BYTES 4096

struct rerun {
	struct gate gate;
	struct gate_bodies bodies;
	const struct bundle *instead;
	struct arena memory;                  /* of one step */
	struct arena bundle_memory[2];        /* the bundle in force, and room for the next */
	unsigned bundle_at;
	struct rerun_input own;               /* what rerun_line reads */
	const struct rerun_input *in;
	struct str line;
	bool trusts_digests;
	struct gate_told told;                /* of the entry, where they are trusted */
};

static enum err give_digest(void *self, struct str text, bool plain, struct digest *ret)
{
	const struct rerun_input *in = ((const struct rerun *)self)->in;

	(void)plain;
	*ret = text.ptr == in->args_text.ptr ? *in->entry.args : *in->entry.result;
	return OK;
}

static enum err keep_line(void *self, uint64_t seq, struct str line)
{
	struct rerun *r = self;

	(void)seq;
	r->line = line;
	return OK;
}

static enum err recall_bundle(struct rerun *r, struct event *e, struct note *n)
{
	struct arena *room = &r->bundle_memory[!r->bundle_at];
	struct bundle *bundle;

	if (!e->args_text.ptr)
		return note_set(n, ERR_TAMPERED, 0, 0,
				"entry %llu changes the policy but names no bundle",
				(unsigned long long)r->in->entry.seq);
	e->bundle = r->instead;
	if (r->instead)
		return OK;
	arena_fini(room);
	arena_init(room, LIMIT_BUNDLE_MEMORY);
	TRY(bundle_unpack(e->args_text, room, &bundle, n));
	e->bundle = bundle;
	return OK;
}

/* The body that the entry names could not be had. */
static enum err no_body(const struct rerun_input *in, struct note *n)
{
	unsigned long long seq = in->entry.seq;
	enum err e = in->body_failed;

	if (e == ERR_MISS)
		return note_set(
			n, e, 0, 0,
			"entry %llu: the body it names is not in the blob store: it was "
			"removed, or the entry was changed, which 'trammel log verify' tells",
			seq);
	if (e == ERR_TAMPERED)
		return note_set(n, e, 0, 0,
				"entry %llu: the body it names was changed in the blob store", seq);
	return e;
}

/* As far as the entry and the bodies that were found say. */
static struct event event_of(const struct rerun_input *in)
{
	const struct entry *entry = &in->entry;

	return (struct event){
		.kind = entry->kind,
		.at_ns = entry->time_ns, .at_synthetic = entry->time_synthetic,
		.agent = entry->agent, .action = entry->action, .resource = entry->resource,
		.session = entry->session, .trace = entry->trace, .data = entry->data,
		.args_text = in->args_text, .result_text = in->result_text,
		.args = in->args,
		.args_body = in->args_body, .result_body = in->result_body,
		.signature = entry->signature,
		.links = entry->links, .link_count = entry->link_count,
	};
}

static enum err recall(struct rerun *r, struct event *ret, struct note *n)
{
	const struct entry *entry = &r->in->entry;
	struct event e = event_of(r->in);

	if (r->in->body_failed != OK)
		return no_body(r->in, n);
	if (entry->result && entry->kind != ENTRY_ACTION)
		e.result_text = result_untold;
	if (entry->kind == ENTRY_POLICY)
		TRY(recall_bundle(r, &e, n));
	*ret = e;
	return OK;
}

enum err gate_bundle_in_force(const struct state *s, struct gate_bodies bodies,
			      struct arena *memory, struct bundle **ret, struct note *n)
{
	const struct digest none = { .bytes = { 0 } };
	const struct totals_row totals = gate_totals(s);
	struct digest policy;
	struct body packed;

	*ret = NULL;
	memcpy(policy.bytes, totals.policy, sizeof(policy.bytes));
	if (digest_eq(&policy, &none))
		return OK;
	TRY(bodies.get(bodies.self, &policy, &packed));
	return bundle_unpack(packed.text, memory, ret, n);
}

/* The one at the start. */
static enum err open_bundle(struct rerun *r, const struct state *s, struct bundle **ret,
			    struct note *n)
{
	enum err e = gate_bundle_in_force(s, r->bodies, &r->bundle_memory[0], ret, n);

	if (e == ERR_MISS || e == ERR_TAMPERED)
		return note_set(n, e, 0, 0, "the bundle in force at entry %llu %s the blob store",
				(unsigned long long)gate_totals(s).entries,
				e == ERR_MISS ? "is not in" : "was changed in");
	return e;
}

enum err rerun_open(struct state *s, struct str origin, uint64_t seq, struct gate_bodies bodies,
		    const struct bundle *instead, struct rerun **ret, struct note *n)
{
	const struct gate_sink sink = { give_digest, keep_line, NULL };
	struct rerun *r = calloc(1, sizeof(*r));
	struct bundle *bundle = NULL;
	enum err e = OK;

	if (!r)
		return ERR_MEMORY;
	arena_init(&r->memory, STEP_MEMORY);
	arena_init(&r->bundle_memory[0], LIMIT_BUNDLE_MEMORY);
	arena_init(&r->bundle_memory[1], LIMIT_BUNDLE_MEMORY);
	r->bodies = bodies;
	r->instead = instead;
	if (!instead)
		e = open_bundle(r, s, &bundle, n);
	gate_init(&r->gate, s, instead ? instead : bundle, origin, seq, sink);
	r->gate.sink.self = r;
	if (e != OK) {
		rerun_close(r);
		return e;
	}
	*ret = r;
	return OK;
}

void rerun_close(struct rerun *r)
{
	if (!r)
		return;
	gate_fini(&r->gate);
	arena_fini(&r->memory);
	arena_fini(&r->bundle_memory[0]);
	arena_fini(&r->bundle_memory[1]);
	free(r);
}

void rerun_trust_digests(struct rerun *r)
{
	r->trusts_digests = true;
}

/* Could a gate have written an entry like this one here? What it decides comes later. */
static enum err check_place(const struct rerun *r, struct note *n)
{
	const struct entry *e = &r->in->entry;
	bool decides = e->kind == ENTRY_ACTION || e->kind == ENTRY_REFUSAL;

	if (e->seq != r->gate.seq || !str_eq(e->log, r->gate.origin))
		return note_set(n, ERR_TAMPERED, 0, 0,
				"entry %llu of log '%.*s' where entry %llu of '%.*s' belongs",
				(unsigned long long)e->seq, STR_ARG(e->log),
				(unsigned long long)r->gate.seq, STR_ARG(r->gate.origin));
	if (decides != (e->decision != NULL))
		return note_set(n, ERR_TAMPERED, 0, 0, "entry %llu: %s %s a decision",
				(unsigned long long)e->seq, entry_kind_name(e->kind),
				decides ? "without" : "with");
	return OK;
}

/* Errors of this machine, and of what the recording lacks, are no one's forgery. */
static bool is_innocent(enum err e)
{
	return e == ERR_MEMORY || e == ERR_MISS || e == ERR_IO || e == ERR_ACCESS ||
	       e == ERR_VERSION || e == ERR_CRYPTO;
}

/* An entry without effect: fences and tokens are numbers of entries, so it counts all the same. */
static enum err skip_entry(struct state *s)
{
	struct totals_row totals = gate_totals(s);
	uint32_t at;

	totals.entries++;
	return state_rows(s, GATE_TOTALS) > 0 ? state_update(s, GATE_TOTALS, 0, &totals)
					      : state_insert(s, GATE_TOTALS, &totals, &at);
}

/* Past the entry, with nothing changed. */
static enum err skip(struct rerun *r)
{
	state_begin(r->gate.state);
	TRY(skip_entry(r->gate.state));
	r->gate.seq++;
	return OK;
}

/* An action that cannot be decided: counted as it was, or where that does not fit, not at all. */
static enum err count_recorded(struct rerun *r)
{
	struct event e = event_of(r->in);
	enum err failed = gate_count_recorded(&r->gate, &e, r->in->entry.decision);

	return failed == OK || failed == ERR_MEMORY ? failed : skip(r);
}

/* What did not happen under other policies changes nothing, and frees nobody either. */
static enum err pass_over(struct rerun *r, const struct event *e)
{
	struct state *s = r->gate.state;
	enum err failed = OK;

	state_begin(s);
	if (e->kind == ENTRY_CONTROL && str_is(e->action, "agent.delegate"))
		failed = control_delegate_lost(s, e);
	else if (e->kind == ENTRY_CONTROL && str_is(e->action, "session.open"))
		failed = session_open_lost(s, e);
	else if (e->kind == ENTRY_CONTROL)
		failed = control_kill_lost(s, e);
	else if (e->kind == ENTRY_AGENT)
		failed = newcomer_lost(s, e);
	if (failed != OK)
		state_undo(s);
	if (failed == ERR_MEMORY)
		return failed;
	return skip(r);
}

static void tell_digests(struct rerun *r)
{
	const struct entry *e = &r->in->entry;

	r->told = (struct gate_told){ &e->state, e->decision ? e->decision->input : NULL };
	r->gate.told = &r->told;
}

/* What a step counts whatever its values are, or the agent's and the session's part of it. */
struct counts {
	struct totals_row totals;
	struct agent_row agent;
	struct session_row session;
	uint64_t registered;                  /* actions of all registered agents */
	bool is_registered;                   /* the agent of the entry */
};

static void look_at_counts(const struct state *s, const struct entry *e, struct counts *ret)
{
	struct agent_row row;
	uint32_t ignored;

	*ret = (struct counts){ .totals = gate_totals(s) };
	ret->is_registered = agent_find(s, GATE_AGENTS, e->agent, &ignored, &ret->agent);
	if (e->session.ptr)
		(void)session_find(s, GATE_SESSIONS, e->session, &ignored, &ret->session);
	/* Somebody who has no row must not have moved that of another. */
	for (uint32_t i = 0; !ret->is_registered && i < state_rows(s, GATE_AGENTS); i++) {
		memcpy(&row, state_row(s, GATE_AGENTS, i), sizeof(row));
		ret->registered += row.actions;
	}
}

/*
 * Does the change that was kept count what the entry says? The root only shows that it is the
 * change of then, and the log's key may have signed another decision over it since. Rule and reason
 * leave no trace in rows.
 */
static bool counts_fit(const struct counts *was, const struct counts *is, const struct event *e,
		       const struct decision *d, const struct digest *policy)
{
	const struct totals_row totals = gate_totals_behind(was->totals, e, d, policy);
	bool denied = d->effect == EFFECT_DENY;
	/* A fault of stage "entry" is in the totals only. */
	bool faulty = str_is(d->stage, STAGE_ENTRY);
	bool in_agent = was->is_registered && !faulty;
	bool in_session = e->session.ptr && !faulty && (was->is_registered || !denied);

	return memcmp(&is->totals, &totals, sizeof(totals)) == 0 &&
	       memcmp(was->totals.policy, policy->bytes, sizeof(was->totals.policy)) == 0 &&
	       is->registered == was->registered && is->is_registered == was->is_registered &&
	       is->agent.actions == was->agent.actions + in_agent &&
	       is->agent.denials == was->agent.denials + (in_agent && denied) &&
	       (!in_agent || is->agent.last_ns == e->at_ns) &&
	       is->session.actions == was->session.actions + in_session &&
	       is->session.denials == was->session.denials + (in_session && denied) &&
	       (!in_session || is->session.last_ns == e->at_ns);
}

/* What was kept of the step when a value was redacted that its decision stood on. */
static const struct str *kept_change(const struct rerun_input *in)
{
	if (in->args_body && in->args_body->change.ptr)
		return &in->args_body->change;
	return in->result_body && in->result_body->change.ptr ? &in->result_body->change : NULL;
}

/*
 * Nobody can decide it any more. The entry says what was decided, and that the change that was kept
 * is the one of then shows the root: what comes out of it is that of the entry or a divergence.
 */
static enum err take_recorded(struct rerun *r, const struct event *event, struct rerun_step *step,
			      struct note *n)
{
	const struct entry *e = &r->in->entry;
	const struct str *change = kept_change(r->in);
	struct counts was, is;
	enum err failed;

	step->unknown = r->gate.depends;
	/* The rows of a what-if are others: a change of those recorded need not fit them. */
	if (r->instead)
		return count_recorded(r);
	if (!change)
		return note_set(n, ERR_MISS, 0, 0,
				"entry %llu: %.*s looks at a value that was redacted",
				(unsigned long long)e->seq, STR_ARG(step->unknown));
	look_at_counts(r->gate.state, e, &was);
	failed = state_apply(r->gate.state, *change);
	if (failed != OK)
		return failed == ERR_MEMORY ? failed : ERR_TAMPERED;
	look_at_counts(r->gate.state, e, &is);
	if (!counts_fit(&was, &is, event, e->decision, &e->policy))
		return note_set(n, ERR_TAMPERED, 0, 0,
				"entry %llu: the change that was kept of it is not one of what it "
				"says was decided, of whom and when",
				(unsigned long long)e->seq);
	step->now = (struct verdict){
		.effect = e->decision->effect, .entry = e->seq, .decision = *e->decision,
		.policy = e->policy, .state = e->state,
	};
	if (!r->trusts_digests)
		step->now.state = state_root(r->gate.state);
	r->gate.seq++;
	step->line = r->in->line;
	step->equal = digest_eq(&step->now.state, &e->state);
	return OK;
}

static enum err rerun_entry(struct rerun *r, struct rerun_step *step, struct note *n)
{
	struct verdict *now = &step->now;
	struct event event;
	enum err e;

	TRY(check_place(r, n));
	TRY(recall(r, &event, n));
	if (r->trusts_digests)
		tell_digests(r);
	e = gate_submit(&r->gate, &event, &r->memory, now);
	if (e == ERR_MISS && r->gate.depends.ptr)
		return take_recorded(r, &event, step, n);
	/* Under other policies what an operator changed, or what came of a step, may not fit. */
	if (e != OK && r->instead && r->gate.why.text[0])
		return pass_over(r, &event);
	/* A fault that the entry does not hold is ours. */
	if (e == OK && r->gate.fault == ERR_MEMORY)
		return ERR_MEMORY;
	if (e != OK && !is_innocent(e))
		return note_set(n, e, 0, 0, "entry %llu: no gate can have accepted this event: %s",
				(unsigned long long)r->in->entry.seq,
				r->gate.why.text[0] ? r->gate.why.text : err_text(e));
	TRY(e);
	if (event.kind == ENTRY_POLICY && !r->instead)
		r->bundle_at = !r->bundle_at;
	step->line = r->line;
	step->input = now->decision.input ? buf_view(&r->gate.input) : STR_NONE;
	step->equal = str_eq(r->line, r->in->line);
	return OK;
}

/* What is left of a body that lost values, and what its entry needs besides. */
static enum err copy_redacted(struct arena *a, const struct body *b, struct str text,
			      const struct body **ret)
{
	struct body *copy = arena_alloc(a, sizeof(*copy));
	uint32_t *columns = arena_array(a, b->veil.count, sizeof(*columns));
	struct str plain = STR_NONE;

	if (!copy || !columns)
		return ERR_MEMORY;
	*copy = (struct body){ .form = b->form, .text = text, .veil = { columns, b->veil.count } };
	if (b->veil.count)
		memcpy(columns, b->veil.columns, b->veil.count * sizeof(*columns));
	if (b->change.ptr)
		TRY(arena_copy(a, b->change, &copy->change));
	if (b->plain)
		TRY(arena_copy(a, str_slice(b->plain->bytes, DIGEST_BYTES), &plain));
	copy->plain = (const struct digest *)(const void *)plain.ptr;
	*ret = copy;
	return OK;
}

/* A body is the store's until the next one is asked for. */
static enum err fetch_body(struct gate_bodies bodies, const struct digest *d, struct arena *a,
			   struct str *text, const struct body **redacted)
{
	struct body body;

	TRY(bodies.get(bodies.self, d, &body));
	TRY(arena_copy(a, body.text, text));
	return body.form == BODY_REDACTED ? copy_redacted(a, &body, *text, redacted) : OK;
}

/* The tree of the arguments; what fails here, the gate finds by itself and records. */
static void read_ahead(struct arena *a, struct rerun_input *ret)
{
	struct arena_mark before = arena_mark(a);
	struct value *tree;

	if (ret->entry.kind != ENTRY_ACTION || !ret->args_text.ptr ||
	    ret->args_text.len > AHEAD_BYTES)
		return;
	tree = arena_alloc(a, sizeof(*tree));
	if (tree && json_read(ret->args_text, 1, a, tree, NULL) == OK)
		ret->args = tree;
	else
		arena_rewind(a, before);
}

void rerun_read(struct gate_bodies bodies, struct str line, struct arena *a,
		struct rerun_input *ret, struct note *n)
{
	ret->line = line;
	ret->why = n;
	ret->args = NULL;
	ret->args_text = ret->result_text = STR_NONE;
	ret->args_body = ret->result_body = NULL;
	ret->body_failed = OK;
	ret->failed = entry_parse(line, a, &ret->entry, n);
	if (ret->failed == OK && ret->entry.args)
		ret->body_failed = fetch_body(bodies, ret->entry.args, a, &ret->args_text,
					      &ret->args_body);
	if (ret->failed == OK && ret->body_failed == OK && ret->entry.result &&
	    ret->entry.kind == ENTRY_ACTION)
		ret->body_failed = fetch_body(bodies, ret->entry.result, a, &ret->result_text,
					      &ret->result_body);
	if (ret->failed == OK && ret->body_failed == OK)
		read_ahead(a, ret);
}

static enum err play(struct rerun *r, const struct rerun_input *in, struct rerun_step *ret,
		     struct note *n)
{
	struct rerun_step step = { .recorded = &in->entry };
	enum err e = in->failed;

	r->in = in;
	if (e != OK && n && in->why && in->why != n)
		*n = *in->why;
	if (e == OK)
		e = rerun_entry(r, &step, n);
	if (e != OK)
		return is_innocent(e) ? e : ERR_TAMPERED;
	*ret = step;
	return OK;
}

enum err rerun_play(struct rerun *r, const struct rerun_input *in, struct rerun_step *ret,
		    struct note *n)
{
	arena_rewind(&r->memory, (struct arena_mark){ NULL, 0 });
	return play(r, in, ret, n);
}

enum err rerun_line(struct rerun *r, struct str line, struct rerun_step *ret, struct note *n)
{
	arena_rewind(&r->memory, (struct arena_mark){ NULL, 0 });
	rerun_read(r->bodies, line, &r->memory, &r->own, n);
	return play(r, &r->own, ret, n);
}

enum err rerun_pass(struct rerun *r, struct entry *recorded)
{
	*recorded = r->in->entry;
	return recorded->kind == ENTRY_ACTION ? count_recorded(r) : skip(r);
}

struct str rerun_unknown(const struct rerun *r)
{
	return r->gate.depends;
}
