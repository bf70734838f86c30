/*
 * export: the log read from front to back, each entry handed to a format.
 *
 *   lines -> leaves -> Merkle range -----------------------> the signed root, or ERR_TAMPERED
 *        \-> asked for? - yes -> entry, bodies -> format -> out -> sink
 *                        \ no -> subtrees ------> gap ----^
 */
#include "replay/exporting.h"

#include <stdlib.h>

#include "engine/base/little.h"
#include "engine/base/match.h"

#define LINES 128
#define FLUSH_BYTES (256u << 10)
/* An entry and its bodies in whatever spelling: six bytes for one at worst. */
#define OUT_BYTES (16 * (size_t)LIMIT_BODY_BYTES)
#define MEMORY_BYTES (4 * (size_t)LIMIT_ACTION_MEMORY)

/* An outcome names no session: it belongs to that of its action, one of the last so many. */
#define WANTED 4096

struct run {
	struct exporting x;
	const struct export_row *format;
	const struct export_sink *sink;
	struct space *space;
	struct log_reader *reader;
	struct merkle_range range;
	struct subtrees gap;
	uint64_t wanted[WANTED];              /* actions of the sessions that are asked for */
	uint64_t wanted_count;                /* ever; the ring holds the last ones */
};

const struct export_row export_rows[EXPORT_FORMATS] = {
	[EXPORT_JSONL] = { "jsonl", true, NULL, export_jsonl_entry, export_jsonl_gap,
			   export_jsonl_end, NULL },
	[EXPORT_CLOUDEVENTS] = { "cloudevents", true, NULL, export_cloudevents_entry, NULL,
				 export_cloudevents_end, NULL },
	[EXPORT_OTLP] = { "otlp", true, export_otlp_begin, export_otlp_entry, NULL,
			  export_otlp_end, export_otlp_fini },
	[EXPORT_OTLP_TRACES] = { "otlp-traces", true, export_otlp_traces_begin,
				 export_otlp_traces_entry, NULL, export_otlp_traces_end,
				 export_otlp_fini },
	[EXPORT_CSV] = { "csv", false, export_csv_begin, export_csv_entry, NULL, NULL, NULL },
	[EXPORT_AGT_AUDIT] = { "agt-audit", false, export_agt_begin, export_agt_entry, NULL,
			       export_agt_end, export_agt_fini },
	[EXPORT_AGT_FILESINK] = { "agt-filesink", false, export_agt_begin, export_agt_entry, NULL,
				  export_agt_end, export_agt_fini },
};

bool export_format_named(struct str name, enum export_format *ret)
{
	for (unsigned i = 0; i < EXPORT_FORMATS; i++)
		if (str_is(name, export_rows[i].name)) {
			*ret = (enum export_format)i;
			return true;
		}
	return false;
}

const char *export_format_name(enum export_format format)
{
	return export_rows[format].name;
}

bool export_format_tells(enum export_format format)
{
	return export_rows[format].tells;
}

bool export_outcome_of(const struct entry *e, uint64_t *ret)
{
	for (size_t i = 0; i < e->link_count; i++)
		if (str_is(e->links[i].rel, "outcome_of")) {
			*ret = e->links[i].seq;
			return true;
		}
	return false;
}

static void put_names(struct buf *b, const char *key, bool args, bool result)
{
	if (!args && !result)
		return;
	put_key(b, key);
	buf_add_c(b, args ? "[\"args\"" : "[");
	buf_add_c(b, args && result ? "," : "");
	buf_add_c(b, result ? "\"result\"]" : "]");
}

void export_gone(struct buf *b, const struct exported *e)
{
	put_names(b, "gone", e->args.gone, e->result.gone);
}

void export_redacted(struct buf *b, const struct exported *e)
{
	put_names(b, "redacted", e->args.redacted, e->result.redacted);
}

static void put_opening(struct buf *b, const char *key, struct str opening)
{
	if (!opening.ptr)
		return;
	put_key(b, key);
	buf_add_byte(b, '"');
	base64_write(b, opening.ptr, opening.len);
	buf_add_byte(b, '"');
}

void export_openings(struct buf *b, const struct exported *e)
{
	if (!e->args.opening.ptr && !e->result.opening.ptr)
		return;
	put_key(b, "openings");
	buf_add_byte(b, '{');
	put_opening(b, "args", e->args.opening);
	put_opening(b, "result", e->result.opening);
	buf_add_byte(b, '}');
}

static enum err flush(struct run *r, size_t at_least)
{
	struct buf *out = &r->x.out;

	TRY(out->err);
	if (out->len <= at_least)
		return OK;
	TRY(r->sink->write(r->sink->self, buf_view(out)));
	buf_clear(out);
	return OK;
}

static bool in_range(const struct export_options *o, uint64_t seq)
{
	return seq >= o->first && seq < o->end;
}

static bool is_wanted(const struct run *r, uint64_t seq)
{
	uint64_t held = r->wanted_count < WANTED ? r->wanted_count : WANTED;

	/* They are in order, so the search may end early. */
	for (uint64_t i = 1; i <= held; i++) {
		uint64_t at = r->wanted[(r->wanted_count - i) % WANTED];

		if (at <= seq)
			return at == seq;
	}
	return false;
}

static bool in_session(struct run *r, const struct entry *e)
{
	struct str session = r->x.options->session;
	uint64_t of;

	if (!session.ptr)
		return true;
	if (!e->session.ptr || !match_glob(session, e->session))
		return !e->session.ptr && export_outcome_of(e, &of) && is_wanted(r, of);
	if (e->kind == ENTRY_ACTION)
		r->wanted[r->wanted_count++ % WANTED] = e->seq;
	return true;
}

static bool asked_for(struct run *r, const struct entry *e)
{
	const struct export_options *o = r->x.options;

	return e->time_ns >= o->since_ns && e->time_ns <= o->until_ns && in_session(r, e);
}

/*
 * Of a salted body its seed; of one that lost values the salts and hashes of its leaves, but not
 * what is kept beside them: the digest of the whole would let one try out what was taken away.
 */
static enum err open_body(struct run *r, const struct body *body, struct exported_body *ret)
{
	size_t head = body->content.len - body->text.len, at = 1;
	const unsigned char *p = (const unsigned char *)body->content.ptr;
	struct str opening;

	ret->redacted = body->form == BODY_REDACTED;
	if (!ret->redacted)
		return arena_copy(&r->x.memory, str_slice(p, head), &ret->opening);
	at += p[0] & 1 ? DIGEST_BYTES : 0;
	at += p[0] & 2 ? 4 + little_get32(p + at) : 0;
	MUST(at <= head);
	/* The byte before takes the flags of nothing. */
	TRY(arena_copy(&r->x.memory, str_slice(p + at - 1, head - at + 1), &opening));
	((char *)(uintptr_t)opening.ptr)[0] = 0;
	ret->opening = opening;
	return OK;
}

/* Bodies that were pruned are gone without harm to the evidence; that they are is exported. */
static enum err fetch(struct run *r, const struct digest *d, struct exported_body *ret)
{
	struct gate_bodies bodies = space_bodies(r->space);
	struct body body;
	enum err e;

	if (!d || !r->x.options->bodies)
		return OK;
	e = bodies.get(bodies.self, d, &body);
	ret->gone = e == ERR_MISS;
	r->x.report->gone += ret->gone;
	if (ret->gone)
		return OK;
	TRY(e);
	if (body.form != BODY_PLAIN)
		TRY(open_body(r, &body, ret));
	r->x.report->redacted += ret->redacted;
	return arena_copy(&r->x.memory, body.text, &ret->text);
}

static enum err hand_over(struct run *r, const struct entry *entry, struct exported *e)
{
	enum err failed;

	e->entry = entry;
	/* The body of a policy is a packed bundle, not what anybody asked for. */
	failed = entry->kind == ENTRY_POLICY ? OK : fetch(r, entry->args, &e->args);
	if (failed == OK)
		failed = fetch(r, entry->result, &e->result);
	if (failed != OK)
		return note_set(r->x.note, failed, 0, 0,
				"entry %llu: a body cannot be read from the blob store: %s",
				(unsigned long long)entry->seq, err_text(failed));
	return r->format->entry(&r->x, e);
}

/* What was left out ends here. */
static void close_gap(struct run *r, uint64_t next)
{
	if (r->format->gap && r->gap.end > r->gap.first)
		r->format->gap(&r->x, r->gap.first, r->gap.end, r->gap.roots, r->gap.count);
	subtree_begin(&r->gap, next);
}

static enum err take_line(struct run *r, struct str line, const struct digest *leaf)
{
	struct exported e = { .line = line, .leaf = *leaf };
	const struct export_options *o = r->x.options;
	uint64_t seq = r->range.size;
	struct entry entry;

	merkle_add(&r->range, leaf);
	if (in_range(o, seq)) {
		enum err failed;

		arena_rewind(&r->x.memory, (struct arena_mark){ NULL, 0 });
		failed = entry_parse(line, &r->x.memory, &entry, r->x.note);
		if (failed != OK) {
			log_reader_place(r->reader, seq, r->x.note);
			return failed;
		}
	}
	if (!in_range(o, seq) || !asked_for(r, &entry)) {
		subtree_add(&r->gap, leaf);
		return OK;
	}
	close_gap(r, seq + 1);
	r->x.report->entries++;
	TRY(hand_over(r, &entry, &e));
	return flush(r, FLUSH_BYTES);
}

static enum err take_lines(struct run *r)
{
	struct str lines[LINES];
	struct digest leaves[LINES];
	size_t count;

	do {
		TRY(log_reader_batch(r->reader, lines, LINES, &count, r->x.note));
		sha256_leaves(lines, count, leaves);
		for (size_t i = 0; i < count; i++)
			TRY(take_line(r, lines[i], &leaves[i]));
	} while (count > 0);
	return OK;
}

static enum err compare_root(struct run *r)
{
	const struct checkpoint *c = &r->x.report->checkpoint;
	struct digest root;

	merkle_root(&r->range, &root);
	if (r->range.size == c->size && digest_eq(&root, &c->root))
		return OK;
	return note_set(r->x.note, ERR_TAMPERED, 0, 0,
			"the entries do not lead to the signed root, so this is no export; "
			"'trammel log verify' names what was changed");
}

static enum err read_log(struct run *r)
{
	TRY(log_reader_open(space_world(r->space), space_log_folder(r->space), 0,
			    r->x.report->checkpoint.size, &r->reader));
	if (r->format->begin)
		TRY(r->format->begin(&r->x));
	TRY(take_lines(r));
	TRY(compare_root(r));
	close_gap(r, r->range.size);
	if (r->format->end)
		TRY(r->format->end(&r->x));
	return flush(r, 0);
}

static enum err read_checkpoint(struct run *r, struct arena *a)
{
	struct export_report *report = r->x.report;
	uint64_t all;

	TRY(log_checkpoint(space_world(r->space), space_log_folder(r->space), space_key(r->space),
			   1, a, &report->note, &report->checkpoint, r->x.note));
	TRY(space_count_entries(r->space, &all, r->x.note));
	report->unsigned_entries = all > report->checkpoint.size ? all - report->checkpoint.size
								 : 0;
	return OK;
}

static enum err run(struct run *r, struct arena *a)
{
	enum err e;

	buf_init(&r->x.out, OUT_BYTES);
	arena_init(&r->x.memory, MEMORY_BYTES);
	merkle_init(&r->range);
	subtree_begin(&r->gap, 0);
	e = read_checkpoint(r, a);
	if (e == OK)
		e = read_log(r);
	if (r->format->fini)
		r->format->fini(&r->x);
	log_reader_close(r->reader);
	arena_fini(&r->x.memory);
	buf_fini(&r->x.out);
	return e;
}

enum err export_run(struct space *s, const struct export_options *options,
		    const struct export_sink *sink, struct arena *a, struct export_report *ret,
		    struct note *n)
{
	struct run *r = calloc(1, sizeof(*r));
	enum err e = ERR_MEMORY;

	*ret = (struct export_report){ 0 };
	if (r) {
		r->space = s;
		r->sink = sink;
		r->format = &export_rows[options->format];
		r->x = (struct exporting){ .options = options, .report = ret, .note = n,
					   .whole = a };
		e = run(r, a);
	}
	free(r);
	if (e != OK && n && n->text[0] == '\0')
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	return e;
}
