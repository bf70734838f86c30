/* foreign_log: lines judged by the checkpoint that they came with, and repeated. */
#include "replay/foreign_log.h"

static const char no_signature[] =
	"who signed its checkpoint (without --vkey its signature is not checked)";
static const char one_of_many[] =
	"that its owner signed no other history, and no longer one ('trammel log verify' with "
	"--heads or --witness can tell)";
static const char is_part[] =
	"that these are entries of the log that the checkpoint is of (some are missing, and their "
	"hashes too; 'trammel log prove' proves one)";
static const char unopened[] =
	"that arguments and results are those that were recorded (there is nothing here to open "
	"their commitments with)";
static const char absent[] =
	"what was decided by arguments that are not in it (export with --bodies)";
static const char redacted[] =
	"what was decided by values that were taken out of it (they are null now)";

/* --- pairs --- */

static enum err read_body(struct foreign_log *f, struct str text, struct value *room,
			  const struct value **ret)
{
	*ret = NULL;
	if (!text.ptr)
		return OK;
	TRY(json_read(text, 1, &f->memory, room, f->im->note));
	*ret = room;
	return OK;
}

static struct value text_value(struct str s)
{
	return s.ptr ? value_string(s) : value_null();
}

/* What the other log said of it: enough to find the entry there, and to see what it decided. */
static enum err facts_of(struct foreign_log *f, const struct pair *p, const struct entry *e,
			 const struct entry *outcome, struct value *ret)
{
	const struct decision *d = e->decision;
	struct member *m = arena_array(&f->memory, 9, sizeof(*m));
	struct str leaf, policy;
	struct buf hex;
	size_t count = 0;

	if (!m)
		return ERR_MEMORY;
	buf_init(&hex, 256);
	buf_add_hex(&hex, p->first.leaf.bytes, DIGEST_BYTES);
	digest_write(&hex, &e->policy);
	TRY(arena_take(&f->memory, &hex, &leaf));
	policy = str_slice(leaf.ptr + 2 * DIGEST_BYTES, leaf.len - 2 * DIGEST_BYTES);
	leaf.len = 2 * DIGEST_BYTES;
	m[count++] = (struct member){ .key = STR("leaf"), .value = value_string(leaf) };
	m[count++] = (struct member){ .key = STR("log"), .value = value_string(e->log) };
	m[count++] = (struct member){ .key = STR("policy"), .value = value_string(policy) };
	m[count++] = (struct member){ .key = STR("seq"), .value = value_int((int64_t)e->seq) };
	if (outcome)
		m[count++] = (struct member){ .key = STR("outcome_seq"),
					      .value = value_int((int64_t)outcome->seq) };
	if (d) {
		m[count++] = (struct member){ .key = STR("effect"),
					      .value = value_string(str_view(
						      effect_name(d->effect))) };
		m[count++] = (struct member){ .key = STR("stage"), .value = text_value(d->stage) };
	}
	if (d && d->rule.ptr)
		m[count++] = (struct member){ .key = STR("rule"), .value = text_value(d->rule) };
	if (d && d->reason_count)
		m[count++] = (struct member){ .key = STR("reason"),
					      .value = text_value(d->reasons[0]) };
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { m, count } };
	return OK;
}

static enum err take_pair(void *self, const struct pair *p)
{
	static const struct value nowhere = { .kind = VALUE_NULL };
	struct foreign_log *f = self;
	struct entry e, outcome, *done = p->outcome.line.ptr ? &outcome : NULL;
	struct value args, result, foreign;
	struct hearsay h = { .timed = true, .foreign = &foreign };

	arena_rewind(&f->memory, (struct arena_mark){ NULL, 0 });
	TRY(entry_parse(p->first.line, &f->memory, &e, f->im->note));
	if (done)
		TRY(entry_parse(p->outcome.line, &f->memory, done, f->im->note));
	TRY(read_body(f, p->first.args, &args, &h.args));
	TRY(read_body(f, p->outcome.result, &result, &h.result));
	TRY(facts_of(f, p, &e, done, &foreign));
	h.agent = e.agent;
	h.action = e.action;
	h.resource = e.resource;
	h.session = e.session;
	h.trace = e.trace;
	h.at_ns = e.time_ns;
	h.synthetic = e.time_synthetic;
	h.attrs = value_get_c(e.data, "attrs");
	if (done) {
		h.done_ns = done->time_ns;
		h.status = value_text(done->data, "status");
		h.latency = value_get_c(done->data, "latency_ms");
	} else if (e.decision && e.decision->effect == EFFECT_DENY) {
		h.status = STR("denied");
	}
	return hearsay_submit(f->im, &h, &nowhere);
}

/* Nothing more belongs to the entry that is held. */
static enum err settle(struct foreign_log *f)
{
	const struct pair_half half = { .line = f->line, .args = f->args, .result = f->result,
					.leaf = f->leaf };
	const struct entry *e = &f->held;
	bool found = false;
	uint64_t of;

	if (!f->holds)
		return OK;
	f->holds = false;
	if (e->kind == ENTRY_ACTION) {
		if (e->args && !f->args.ptr)
			import_finding(f->im, absent);
		return pairs_add(f->pairs, e->seq,
				 e->decision && e->decision->effect == EFFECT_ALLOW, &half);
	}
	if (e->kind == ENTRY_OUTCOME && export_outcome_of(e, &of))
		TRY(pairs_outcome(f->pairs, of, &half, &found));
	f->im->report->passed_over += !found;
	return OK;
}

/* --- what comes --- */

enum err foreign_log_open(struct foreign_log *f, struct importing *im, bool tells_gaps)
{
	*f = (struct foreign_log){ .im = im, .whole = true, .tells_gaps = tells_gaps };
	subtree_begin(&f->all, 0);
	arena_init(&f->held_memory, 4 * (size_t)LIMIT_ACTION_MEMORY);
	arena_init(&f->memory, 8 * (size_t)LIMIT_ACTION_MEMORY);
	buf_init(&f->opened, 2 * (size_t)LIMIT_BODY_BYTES);
	buf_init(&f->columns, 2 * (size_t)LIMIT_BODY_BYTES);
	return pairs_open(take_pair, f, &f->pairs);
}

void foreign_log_close(struct foreign_log *f)
{
	pairs_close(f->pairs);
	buf_fini(&f->columns);
	buf_fini(&f->opened);
	arena_fini(&f->memory);
	arena_fini(&f->held_memory);
}

static enum err wrong(struct foreign_log *f, uint32_t line, uint64_t seq, const char *story)
{
	return note_set(f->im->note, ERR_TAMPERED, line, 1, "entry %llu %s",
			(unsigned long long)seq, story);
}

/* Its place among the others; a missing one is told by a gap, or by nobody. */
static enum err place(struct foreign_log *f, const struct entry *e, uint32_t line)
{
	bool first = f->origin_len == 0;

	if (first) {
		MUST(e->log.len <= sizeof(f->origin));
		memcpy(f->origin, e->log.ptr, e->log.len);
		f->origin_len = e->log.len;
	}
	if (!str_eq(e->log, str_slice(f->origin, f->origin_len)))
		return hearsay_broken(f->im, wrong(f, line, e->seq, "is of another log"));
	if (e->seq < f->next_seq)
		return hearsay_broken(f->im, wrong(f, line, e->seq,
						   "is there twice, or not in its place"));
	if (f->tells_gaps && f->whole && e->seq != f->all.end) {
		f->whole = false;
		return hearsay_broken(f->im, wrong(f, line, e->seq,
						   "comes where another one is missing"));
	}
	f->whole = f->whole && e->seq == f->all.end;
	return OK;
}

enum err foreign_log_entry(struct foreign_log *f, struct str text, uint32_t line)
{
	enum err e;

	TRY(settle(f));
	if (f->signed_off)
		return note_set(f->im->note, ERR_SYNTAX, line, 1,
				"an entry behind the checkpoint; import each export by itself");
	arena_rewind(&f->held_memory, (struct arena_mark){ NULL, 0 });
	TRY(arena_copy(&f->held_memory, text, &f->line));
	e = entry_read(f->line, &f->held_memory, &f->held, f->im->note);
	if (e != OK) {
		if (f->im->note)
			f->im->note->line = line;
		return e;
	}
	TRY(place(f, &f->held, line));
	f->leaf = sha256_prefixed(0, f->line);
	if (f->whole)
		subtree_add(&f->all, &f->leaf);
	f->next_seq = f->held.seq + 1;
	f->entries++;
	f->args = f->result = STR_NONE;
	f->holds = true;
	return OK;
}

/* Does the body open the commitment? */
static enum err open_body(struct foreign_log *f, const struct digest *d, struct str text,
			  struct str opening, bool *holds)
{
	size_t room = opening.len / 4 * 3 + 3, len;
	struct body body;
	char *bytes;
	enum err e;

	*holds = false;
	buf_clear(&f->opened);
	bytes = buf_grow(&f->opened, room);
	if (!bytes)
		return f->opened.err;
	if (base64_read(opening, bytes, room, &len) != OK)
		return OK;
	f->opened.len = len;
	buf_add(&f->opened, text);
	TRY(f->opened.err);
	buf_clear(&f->columns);
	e = body_open(len == BODY_SALT_BYTES ? BODY_SALTED : BODY_REDACTED,
		      buf_view(&f->opened), d, &f->columns, &body);
	if (e == OK && body.form == BODY_REDACTED && body.veil.count)
		import_finding(f->im, redacted);
	*holds = e == OK;
	return e == ERR_TAMPERED ? OK : e;
}

enum err foreign_log_body(struct foreign_log *f, bool result, struct str text, struct str opening,
			  const struct value *v)
{
	const struct digest *d = result ? f->held.result : f->held.args;
	bool holds = false;

	if (!f->holds || !d)
		return note_set(f->im->note, ERR_SYNTAX, v->line, v->column,
				"a body that no entry before it names");
	if (!opening.ptr)
		import_finding(f->im, unopened);
	else
		TRY(open_body(f, d, text, opening, &holds));
	if (opening.ptr && !holds) {
		(void)note_set(f->im->note, ERR_TAMPERED, v->line, v->column,
			       "entry %llu has other %s than it commits to",
			       (unsigned long long)f->held.seq, result ? "results" : "arguments");
		TRY(hearsay_broken(f->im, ERR_TAMPERED));
	}
	return arena_copy(&f->held_memory, text, result ? &f->result : &f->args);
}

enum err foreign_log_gap(struct foreign_log *f, const struct value *gap)
{
	const struct value *first = value_get_c(gap, "first"), *next = value_get_c(gap, "next"),
			   *hashes = value_get_c(gap, "hashes");
	struct digest d;
	uint64_t end;
	size_t used = 0;
	bool begins;

	TRY(settle(f));
	if (!first || first->kind != VALUE_INT || !next || next->kind != VALUE_INT || !hashes ||
	    hashes->kind != VALUE_LIST || first->integer < 0 || next->integer <= first->integer)
		return note_set(f->im->note, ERR_SYNTAX, gap->line, gap->column,
				"no gap; expected {\"first\",\"hashes\",\"next\"}");
	end = (uint64_t)next->integer;
	if (!f->whole)
		return OK;
	begins = f->all.end == (uint64_t)first->integer;
	while (begins && f->all.end < end && used < hashes->list.count) {
		const struct value *h = &hashes->list.items[used++];

		if (h->kind != VALUE_STRING || hex_read(h->string, d.bytes, DIGEST_BYTES) != OK ||
		    !subtree_put(&f->all, subtree_level(f->all.end, end), &d))
			return note_set(f->im->note, ERR_SYNTAX, h->line, h->column,
					"expected a hash of 64 lower hex digits");
	}
	if (begins && f->all.end == end && used == hashes->list.count) {
		f->next_seq = end;
		return OK;
	}
	f->whole = false;
	(void)note_set(f->im->note, ERR_TAMPERED, gap->line, gap->column,
		       "the gap does not begin where the entries end, or has other hashes than "
		       "its entries make");
	return hearsay_broken(f->im, ERR_TAMPERED);
}

/* --- the end --- */

static enum err open_note(struct foreign_log *f, struct str note, struct checkpoint *ret)
{
	const struct succession *keys = f->im->options->log_keys;
	const char *end;
	struct note ignored;
	struct str text;
	enum err e;

	if (keys) {
		import_finding(f->im, one_of_many);
		e = succession_open(keys, note, &text, ret, &ignored);
		return e == ERR_UNKNOWN ? ERR_SIGNATURE : e;
	}
	import_finding(f->im, no_signature);
	for (end = note.ptr; end + 1 < note.ptr + note.len; end++)
		if (end[0] == '\n' && end[1] == '\n')
			return checkpoint_read(str_slice(note.ptr, (size_t)(end - note.ptr) + 1),
					       ret);
	return ERR_SYNTAX;
}

static enum err compare(struct foreign_log *f, const struct checkpoint *c, const struct value *v)
{
	struct digest root;

	if (f->origin_len && !str_eq(c->origin, str_slice(f->origin, f->origin_len)))
		return note_set(f->im->note, ERR_TAMPERED, v->line, v->column,
				"the checkpoint is of another log, %.*s", STR_ARG(c->origin));
	if (f->next_seq > c->size)
		return note_set(f->im->note, ERR_TAMPERED, v->line, v->column,
				"the checkpoint signs %llu entries, and there are more",
				(unsigned long long)c->size);
	if (!f->whole || f->all.end != c->size) {
		if (f->tells_gaps)
			return note_set(f->im->note, ERR_TAMPERED, v->line, v->column,
					"the checkpoint signs %llu entries, and the last ones are "
					"missing", (unsigned long long)c->size);
		import_finding(f->im, is_part);
		return OK;
	}
	subtree_root(&f->all, &root);
	if (digest_eq(&root, &c->root))
		return OK;
	return note_set(f->im->note, ERR_TAMPERED, v->line, v->column,
			"the entries lead to another root than the checkpoint's: one of them was "
			"changed");
}

enum err foreign_log_checkpoint(struct foreign_log *f, const struct value *note)
{
	struct checkpoint c;
	enum err e;

	TRY(settle(f));
	if (!note || note->kind != VALUE_STRING)
		return note_set(f->im->note, ERR_SYNTAX, note ? note->line : 0,
				note ? note->column : 0, "'checkpoint' is no signed note");
	f->signed_off = true;
	e = open_note(f, note->string, &c);
	if (e != OK)
		e = note_set(f->im->note, e, note->line, note->column, "the checkpoint is %s",
			     e == ERR_SIGNATURE ? "not signed with the key of --vkey"
						: "no signed note");
	else
		e = compare(f, &c, note);
	return hearsay_broken(f->im, e);
}

enum err foreign_log_end(struct foreign_log *f)
{
	TRY(settle(f));
	if (f->origin_len && !f->signed_off)
		return note_set(f->im->note, ERR_TRUNCATED, 0, 0,
				"there are entries and no checkpoint behind them: the export was "
				"cut off");
	f->im->report->foreign_entries += f->entries;
	return pairs_end(f->pairs);
}
