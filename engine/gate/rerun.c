/*
 * rerun: recorded entries through the same gate again.
 *
 *   line -> entry -> event (bodies fetched by digest) -> gate_submit -> line' ; equal when line' is line
 *
 * The sink hands out the recorded digests of the bodies (the arguments were checked against theirs when they were
 * fetched) and keeps the line that comes out instead of writing it anywhere.
 */
#include "engine/gate/inside.h"

#include "engine/base/json.h"

/* A result is no input of the gate: its digest is all that an entry needs, so its body is not fetched. */
static const struct str result_untold = { "", 0 };

struct rerun {
	struct gate gate;
	struct gate_bodies bodies;
	const struct bundle *instead;
	struct arena memory;                  /* of one step */
	struct arena bundle_memory[2];        /* the bundle in force, and room for the next */
	unsigned bundle_at;
	struct entry entry;
	const char *args_at;
	struct str line;
};

static enum err give_digest(void *self, struct str text, struct digest *ret)
{
	const struct rerun *r = self;

	*ret = text.ptr == r->args_at ? *r->entry.args : *r->entry.result;
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
	enum err failed;

	if (!e->args_text.ptr)
		return note_set(n, ERR_TAMPERED, 0, 0, "entry %llu changes the policy but names no bundle",
				(unsigned long long)r->entry.seq);
	e->bundle = r->instead;
	if (r->instead)
		return OK;
	arena_fini(room);
	arena_init(room, LIMIT_BUNDLE_MEMORY);
	failed = bundle_unpack(e->args_text, room, &bundle, n);
	if (failed != OK)
		return failed;
	e->bundle = bundle;
	return OK;
}

/* A body that an entry names could not be had. */
static enum err no_body(const struct rerun *r, enum err e, struct note *n)
{
	unsigned long long seq = r->entry.seq;

	if (e == ERR_MISS)
		return note_set(n, e, 0, 0, "entry %llu: the body it names is not in the blob store: it was removed, or "
				"the entry was changed, which 'trammel log verify' tells", seq);
	if (e == ERR_TAMPERED)
		return note_set(n, e, 0, 0, "entry %llu: the body it names was changed in the blob store", seq);
	return e;
}

static enum err recall(struct rerun *r, struct event *ret, struct note *n)
{
	const struct entry *entry = &r->entry;
	struct event e = {
		.kind = entry->kind, .at_ns = entry->time_ns, .at_synthetic = entry->time_synthetic,
		.agent = entry->agent, .action = entry->action, .resource = entry->resource,
		.session = entry->session, .trace = entry->trace, .data = entry->data,
		.signature = entry->signature, .links = entry->links, .link_count = entry->link_count,
	};
	struct value *args;
	enum err failed = entry->args ? r->bodies.get(r->bodies.self, entry->args, &e.args_text) : OK;

	if (failed != OK)
		return no_body(r, failed, n);
	r->args_at = e.args_text.ptr;
	if (entry->result)
		e.result_text = result_untold;
	if (entry->kind == ENTRY_POLICY)
		TRY(recall_bundle(r, &e, n));
	if (entry->kind == ENTRY_ACTION && entry->args) {
		args = arena_alloc(&r->memory, sizeof(*args));
		if (!args)
			return ERR_MEMORY;
		TRY(json_read(e.args_text, 1, &r->memory, args, n));
		e.args = args;
	}
	*ret = e;
	return OK;
}

enum err rerun_open(struct state *s, struct str origin, uint64_t seq, struct gate_bodies bodies,
		    const struct bundle *instead, struct rerun **ret, struct note *n)
{
	const struct gate_sink sink = { give_digest, keep_line, NULL };
	struct totals_row totals = gate_totals(s);
	struct digest policy;
	struct bundle *bundle = NULL;
	struct rerun *r = calloc(1, sizeof(*r));
	struct str packed;
	enum err e = OK;

	if (!r)
		return ERR_MEMORY;
	arena_init(&r->memory, LIMIT_ACTION_MEMORY);
	arena_init(&r->bundle_memory[0], LIMIT_BUNDLE_MEMORY);
	arena_init(&r->bundle_memory[1], LIMIT_BUNDLE_MEMORY);
	r->bodies = bodies;
	r->instead = instead;
	memcpy(policy.bytes, totals.policy, sizeof(policy.bytes));
	if (!instead && totals.entries > 0 && !digest_eq(&policy, &(struct digest){ { 0 } })) {
		e = bodies.get(bodies.self, &policy, &packed);
		if (e == OK)
			e = bundle_unpack(packed, &r->bundle_memory[0], &bundle, n);
	}
	gate_init(&r->gate, s, instead ? instead : bundle, origin, seq, sink);
	r->gate.sink.self = r;
	if (e != OK) {
		rerun_close(r);
		if (e == ERR_MISS || e == ERR_TAMPERED)
			(void)note_set(n, e, 0, 0, "the bundle in force at entry %llu %s the blob store",
				       (unsigned long long)seq, e == ERR_MISS ? "is not in" : "was changed in");
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

enum err rerun_line(struct rerun *r, struct str line, struct rerun_step *ret, struct note *n)
{
	struct event event;
	struct verdict now;
	enum err failed;

	arena_rewind(&r->memory, (struct arena_mark){ NULL, 0 });
	TRY(entry_parse(line, &r->memory, &r->entry, n));
	if (r->entry.seq != r->gate.seq || !str_eq(r->entry.log, r->gate.origin))
		return note_set(n, ERR_TAMPERED, 0, 0, "entry %llu of log '%.*s' where entry %llu of '%.*s' belongs",
				(unsigned long long)r->entry.seq, STR_ARG(r->entry.log),
				(unsigned long long)r->gate.seq, STR_ARG(r->gate.origin));
	TRY(recall(r, &event, n));
	failed = gate_submit(&r->gate, &event, &r->memory, &now);
	if (failed == ERR_MEMORY || failed == ERR_CRYPTO)
		return failed;
	if (failed != OK)
		return note_set(n, ERR_TAMPERED, 0, 0, "entry %llu: no gate can have accepted this event: %s",
				(unsigned long long)r->entry.seq, err_text(failed));
	if (event.kind == ENTRY_POLICY && !r->instead)
		r->bundle_at = !r->bundle_at;
	*ret = (struct rerun_step){ .recorded = r->entry, .now = now, .line = r->line, .equal = str_eq(r->line, line) };
	return OK;
}

void rerun_pass(struct rerun *r, struct entry *recorded)
{
	*recorded = r->entry;
	r->gate.seq++;
}

const struct bundle *rerun_bundle(const struct rerun *r)
{
	return r->gate.bundle;
}
