/*
 * export_agt: the log as the reference toolkit (AGT 5.0.0) would have written it: AuditLog.export()
 * or the JSONL of FileAuditSink, chains, roots and HMAC included.
 *
 *   action + outcome -> AuditEntry -> text under its hash -> previous_hash of the next
 *
 * AGT has one record for what a log here keeps as two entries, so actions wait for their outcomes.
 * Whoever reads a record takes it for something that an agent did, so there is none of other
 * entries; and none can say that its time is made up, so these are counted.
 * `entry_id` holds the number of the entry, by which the evidence itself can be found; the chain
 * made here proves no more than AGT's do.
 */
#include "replay/exporting.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/when.h"
#include "replay/pairs.h"

#define HEX_BYTES 64
#define ISO_BYTES 32                           /* with microseconds and "+00:00": exactly that */
#define MEMBERS 25                             /* as many as either form has, at most */
#define TEXT_BYTES (8 * (size_t)LIMIT_BODY_BYTES)

struct agt {
	enum foreign_kind kind;
	struct pairs *pairs;
	struct arena memory;                   /* of one record */
	struct buf text;                       /* under its hash */
	struct foreign_tree tree;
	char previous[HEX_BYTES];              /* hash of the last record; not before the first */
	int64_t last_ns;
};

/* One record: members in any order, canon_python sorts them. */
struct record {
	struct member members[MEMBERS];
	size_t count;
};

static struct value text_or_null(struct str s)
{
	return s.ptr ? value_string(s) : value_null();
}

static void set(struct record *r, const char *key, struct value v)
{
	MUST(r->count < MEMBERS);
	r->members[r->count++] = (struct member){ .key = str_view(key), .value = v };
}

/* datetime.isoformat(): microseconds only when there are any. */
static struct str iso_of(struct arena *a, int64_t ns)
{
	char *room = arena_alloc(a, ISO_BYTES);
	struct buf b;
	size_t len;

	buf_init(&b, WHEN_TEXT_BYTES);
	when_write(&b, ns);
	if (!room || b.err != OK) {
		buf_fini(&b);
		return STR_NONE;
	}
	len = memcmp(b.ptr + 20, "000000", 6) ? 26 : 19;
	memcpy(room, b.ptr, len);
	memcpy(room + len, "+00:00", 6);
	buf_fini(&b);
	return str_slice(room, len + 6);
}

static struct str hex_of(struct arena *a, const struct digest *d)
{
	struct str hex;
	struct buf b;

	buf_init(&b, HEX_BYTES);
	buf_add_hex(&b, d->bytes, sizeof(d->bytes));
	return arena_take(a, &b, &hex) == OK ? hex : STR_NONE;
}

static struct str id_of(struct arena *a, uint64_t seq)
{
	struct str id;
	struct buf b;

	buf_init(&b, 64);
	buf_addf(&b, "audit_%016llx", (unsigned long long)seq);
	return arena_take(a, &b, &id) == OK ? id : STR_NONE;
}

static struct str event_type(const struct entry *e)
{
	return e->decision && e->decision->effect == EFFECT_ALLOW ? STR("tool_invocation")
								  : STR("tool_blocked");
}

static struct str outcome_word(const struct entry *e, const struct entry *outcome)
{
	struct str status = outcome ? value_text(outcome->data, "status") : STR_NONE;

	if (!e->decision || e->decision->effect == EFFECT_DENY)
		return STR("denied");
	if (!outcome)
		return STR("pending");
	return status.ptr ? status : STR("success");
}

/* The arguments where they were asked for. An object always. */
static enum err data_of(struct arena *a, struct str args, struct value *ret)
{
	struct member *wrapped;
	struct value v;

	*ret = (struct value){ .kind = VALUE_OBJECT };
	if (!args.ptr)
		return OK;
	TRY(json_read(args, 1, a, &v, NULL));
	if (v.kind == VALUE_OBJECT) {
		*ret = v;
		return OK;
	}
	wrapped = arena_alloc(a, sizeof(*wrapped));
	if (!wrapped)
		return ERR_MEMORY;
	*wrapped = (struct member){ .key = STR("args"), .value = v };
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { wrapped, 1 } };
	return OK;
}

static enum err describe(struct agt *g, struct record *r, const struct pair *p,
			 const struct entry *e, const struct entry *outcome)
{
	const struct decision *d = e->decision;
	struct str time = iso_of(&g->memory, e->time_ns), id = id_of(&g->memory, p->seq);
	struct str previous;
	struct value data;

	if (!time.ptr || !id.ptr)
		return ERR_MEMORY;
	TRY(arena_copy(&g->memory, str_slice(g->previous, g->tree.size ? HEX_BYTES : 0),
		       &previous));
	TRY(data_of(&g->memory, p->first.args, &data));
	set(r, "entry_id", value_string(id));
	set(r, "timestamp", value_string(time));
	set(r, "event_type", value_string(event_type(e)));
	set(r, "agent_did", value_string(e->agent.ptr ? e->agent : e->log));
	set(r, "action", value_string(e->action.ptr ? e->action
						    : str_view(entry_kind_name(e->kind))));
	set(r, "resource", text_or_null(e->resource));
	set(r, "target_did", value_null());
	set(r, "data", data);
	set(r, "outcome", value_string(outcome_word(e, outcome)));
	set(r, "policy_decision", text_or_null(d ? str_view(effect_name(d->effect)) : STR_NONE));
	set(r, "matched_rule", text_or_null(d ? d->rule : STR_NONE));
	set(r, "trace_id", text_or_null(e->trace));
	set(r, "session_id", text_or_null(e->session));
	set(r, "sandbox_id", value_null());
	set(r, "environment", value_null());
	set(r, "compute_driver", value_null());
	set(r, "previous_hash", value_string(previous));
	return OK;
}

/* What an AuditEntry has besides; a FileAuditSink drops it. */
static enum err describe_more(struct agt *g, struct record *r, const struct entry *e,
			      const struct entry *outcome)
{
	struct str args = e->args ? hex_of(&g->memory, e->args) : STR_NONE;
	struct str policy = hex_of(&g->memory, &e->policy);
	struct str done = outcome ? iso_of(&g->memory, outcome->time_ns) : STR_NONE;

	if ((e->args && !args.ptr) || !policy.ptr || (outcome && !done.ptr))
		return ERR_MEMORY;
	set(r, "arguments_hash", text_or_null(args));
	set(r, "policy_version", value_string(policy));
	set(r, "approver_did", value_null());
	set(r, "issued_at", r->members[1].value);
	set(r, "completed_at", text_or_null(done));
	return OK;
}

/* Hash, chain and, of a line, HMAC. */
static enum err seal(struct exporting *x, struct record *r)
{
	const struct value v = { .kind = VALUE_OBJECT, .object = { r->members, r->count } };
	struct agt *g = x->own;
	struct digest d, mac;
	struct str hash, signature;

	buf_clear(&g->text);
	foreign_text(&g->text, g->kind, &v);
	TRY(g->text.err);
	d = sha256(buf_view(&g->text));
	hash = hex_of(&g->memory, &d);
	if (!hash.ptr)
		return ERR_MEMORY;
	set(r, foreign_hash_name(g->kind), value_string(hash));
	if (g->kind == FOREIGN_LINE) {
		mac = hmac_sha256(x->options->key, hash);
		signature = hex_of(&g->memory, &mac);
		if (!signature.ptr)
			return ERR_MEMORY;
		set(r, "signature", value_string(signature));
	}
	memcpy(g->previous, hash.ptr, HEX_BYTES);
	foreign_tree_add(&g->tree, &d);
	return OK;
}

static enum err write_record(struct exporting *x, struct record *r)
{
	const struct value v = { .kind = VALUE_OBJECT, .object = { r->members, r->count } };
	struct agt *g = x->own;

	if (g->kind == FOREIGN_ENTRY && g->tree.size > 1)
		buf_add_c(&x->out, ",\n");
	canon_python(&x->out, &v);
	if (g->kind == FOREIGN_LINE)
		buf_add_byte(&x->out, '\n');
	return x->out.err;
}

static enum err take_pair(void *self, const struct pair *p)
{
	struct exporting *x = self;
	struct agt *g = x->own;
	struct record r = { .count = 0 };
	struct entry first, outcome, *done = p->outcome.line.ptr ? &outcome : NULL;

	arena_rewind(&g->memory, (struct arena_mark){ NULL, 0 });
	TRY(entry_parse(p->first.line, &g->memory, &first, x->note));
	if (done)
		TRY(entry_parse(p->outcome.line, &g->memory, done, x->note));
	TRY(describe(g, &r, p, &first, done));
	if (g->kind == FOREIGN_ENTRY)
		TRY(describe_more(g, &r, &first, done));
	TRY(seal(x, &r));
	if (g->last_ns < first.time_ns || g->tree.size == 1)
		g->last_ns = first.time_ns;
	return write_record(x, &r);
}

enum err export_agt_begin(struct exporting *x)
{
	struct agt *g = arena_alloc(x->whole, sizeof(*g));

	x->own = g;
	if (!g)
		return ERR_MEMORY;
	g->kind = x->options->format == EXPORT_AGT_AUDIT ? FOREIGN_ENTRY : FOREIGN_LINE;
	arena_init(&g->memory, 4 * (size_t)LIMIT_ACTION_MEMORY);
	buf_init(&g->text, TEXT_BYTES);
	if (g->kind == FOREIGN_LINE && !x->options->key.ptr)
		return note_set(x->note, ERR_USAGE, 0, 0,
				"FileAuditSink signs each line; name the file that holds the HMAC "
				"key with --key-file");
	if (g->kind == FOREIGN_ENTRY)
		buf_add_c(&x->out, "{\"entries\": [");
	return pairs_open(take_pair, x, &g->pairs);
}

enum err export_agt_entry(struct exporting *x, const struct exported *e)
{
	const struct pair_half half = { e->line, e->args.text, e->result.text, e->args.gone,
					e->result.gone, e->leaf };
	const struct entry *entry = e->entry;
	struct agt *g = x->own;
	bool found = false, waits;
	uint64_t of;

	if (entry->kind == ENTRY_OUTCOME && export_outcome_of(entry, &of)) {
		TRY(pairs_outcome(g->pairs, of, &half, &found));
		x->report->written += found;
	}
	if (entry->kind != ENTRY_ACTION)
		return OK;
	x->report->written++;
	x->report->untold_clocks += entry->time_synthetic;
	waits = entry->decision && entry->decision->effect == EFFECT_ALLOW;
	return pairs_add(g->pairs, entry->seq, waits, &half);
}

/* AGT writes the members around the list in another order; who reads JSON does not notice. */
static enum err close_document(struct exporting *x)
{
	struct agt *g = x->own;
	struct str at = iso_of(&g->memory, g->last_ns);
	struct buf *b = &x->out;
	struct digest root;

	if (!at.ptr)
		return ERR_MEMORY;
	buf_addf(b, "], \"entry_count\": %llu, \"exported_at\": \"%.*s\"",
		 (unsigned long long)g->tree.size, STR_ARG(at));
	for (int i = 0; i < 2; i++) {
		buf_addf(b, ", \"%s\": ", i ? "merkle_root" : "chain_root");
		if (!foreign_tree_root(&g->tree, FOREIGN_GROWN, &root)) {
			buf_add_c(b, "null");
			continue;
		}
		buf_add_byte(b, '"');
		buf_add_hex(b, root.bytes, sizeof(root.bytes));
		buf_add_byte(b, '"');
	}
	buf_add_c(b, "}\n");
	return b->err;
}

enum err export_agt_end(struct exporting *x)
{
	struct agt *g = x->own;

	TRY(pairs_end(g->pairs));
	return g->kind == FOREIGN_ENTRY ? close_document(x) : x->out.err;
}

void export_agt_fini(struct exporting *x)
{
	struct agt *g = x->own;

	if (!g)
		return;
	pairs_close(g->pairs);
	buf_fini(&g->text);
	arena_fini(&g->memory);
}
