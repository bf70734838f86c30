/*
 * redactions: which bodies lose values, and what each of them keeps.
 *
 *   line -> wanted? -> its field? -> body without it -> rerun -+-> same bytes: it does not matter
 *                                                              +-> depends: rerun whole, keep delta
 *   control log.redact, signed -> packs rewritten
 *
 * An outcome is meant when its action is. The very bodies that will be stored are made here first
 * and decided upon, so what a replay will meet was met before anything is lost.
 */
#include "engine/space/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/base/map.h"

#define QUOTED_BYTES 4               /* shorter values stand in every line by chance */
#define KEPT_MEMORY ((size_t)1 << 30)
#define REQUEST_MEMBERS 6

/* A body that loses values. */
struct target {
	struct digest digest;
	bool is_signed;
	struct str change;           /* of its entry's step, when that stands on a value */
};

struct redacting {
	struct space *space;
	const struct space_redaction *order;
	struct space_redacted *report;
	struct space_field field;
	struct state *state;
	struct rerun *rerun;
	struct arena kept, step;     /* changes of targets; one entry */
	struct target *targets;
	size_t count, room;
	struct map by_digest;        /* into targets; its keys are in there */
	uint8_t *meant, *unsure;     /* a bit for each entry: the action is; nobody knows */
	uint64_t entries;
	struct sha256 list;
	struct buf content, columns;
};

/* --- what an entry says of one --- */

static uint64_t number_of(const struct entry *e, const char *key)
{
	const struct value *v = value_get_c(e->data, key);

	return v && v->kind == VALUE_INT && v->integer > 0 ? (uint64_t)v->integer : 0;
}

bool space_redaction_of(const struct entry *e, struct space_taken *ret)
{
	if (e->kind != ENTRY_CONTROL || !str_is(e->action, "log.redact"))
		return false;
	*ret = (struct space_taken){
		.first = number_of(e, "first"), .last = number_of(e, "last"),
		.entries = number_of(e, "entries"), .unknown = number_of(e, "unknown"),
	};
	return true;
}

/* --- the field --- */

/* The leaves of the field that are still there; they borrow from r->columns. */
static enum err find_field(struct redacting *r, const struct body *b, struct arena *a,
			   struct veil *ret)
{
	struct value tree;

	TRY(json_read(b->text, 1, a, &tree, NULL));
	buf_clear(&r->columns);
	space_field_leaves(&r->field, &b->veil, false, &tree, &r->columns);
	*ret = (struct veil){ (const uint32_t *)(const void *)r->columns.ptr,
			      r->columns.len / sizeof(uint32_t) };
	return r->columns.err;
}

/* --- who is meant --- */

static void put(struct member *members, size_t *count, const char *key, struct value v)
{
	members[(*count)++] = (struct member){ .key = str_view(key), .value = v };
}

static enum err put_body(struct redacting *r, struct member *members, size_t *count,
			 const char *key, struct str text)
{
	struct value tree;

	if (!text.ptr)
		return OK;
	TRY(json_read(text, 1, &r->step, &tree, NULL));
	put(members, count, key, tree);
	return OK;
}

/* {"action":{"type"},"agent":{"id"},"args","resource","result","session":{"id"}} */
static enum err is_wanted(struct redacting *r, const struct rerun_input *in, enum truth *ret)
{
	const struct entry *e = &in->entry;
	struct member type = { .key = STR("type"), .value = value_string(e->action) };
	struct member agent = { .key = STR("id"), .value = value_string(e->agent) };
	struct member session = { .key = STR("id"), .value = value_string(e->session) };
	struct value object = { .kind = VALUE_OBJECT };
	struct member members[REQUEST_MEMBERS];
	size_t count = 0;

	*ret = TRUTH_TRUE;
	if (!r->order->wanted)
		return OK;
	*ret = r->order->wanted(r->order->self, e, NULL);
	if (*ret != TRUTH_ERROR || in->body_failed != OK)
		return OK;
	object.object = (struct value_object){ &type, 1 };
	put(members, &count, "action", object);
	object.object = (struct value_object){ &agent, 1 };
	put(members, &count, "agent", object);
	TRY(put_body(r, members, &count, "args", in->args_text));
	if (e->resource.ptr)
		put(members, &count, "resource", value_string(e->resource));
	TRY(put_body(r, members, &count, "result", in->result_text));
	object.object = (struct value_object){ &session, 1 };
	if (e->session.ptr)
		put(members, &count, "session", object);
	object.object = (struct value_object){ members, count };
	*ret = r->order->wanted(r->order->self, e, &object);
	return OK;
}

static bool is_in(const struct redacting *r, const uint8_t *set, uint64_t seq)
{
	return seq < r->entries && set[seq / 8] >> seq % 8 & 1;
}

static enum err judge_action(struct redacting *r, const struct rerun_input *in)
{
	uint64_t seq = in->entry.seq;
	enum truth wanted;

	TRY(is_wanted(r, in, &wanted));
	if (wanted == TRUTH_TRUE)
		r->meant[seq / 8] |= (uint8_t)(1u << seq % 8);
	else if (wanted == TRUTH_ERROR && in->body_failed != OK)
		r->unsure[seq / 8] |= (uint8_t)(1u << seq % 8);
	return OK;
}

/* An action by itself, an outcome by the action it is of; other entries have no fields. */
static enum err is_target(struct redacting *r, const struct rerun_input *in, bool *ret,
			  struct note *n)
{
	const struct entry *e = &in->entry;
	bool has = str_is(r->field.root, "args") ? e->args != NULL : e->result != NULL;

	*ret = false;
	if (e->kind == ENTRY_OUTCOME) {
		*ret = has && e->link_count > 0 && is_in(r, r->meant, e->links[0].seq);
		if (!has || e->link_count == 0 || !is_in(r, r->unsure, e->links[0].seq))
			return OK;
		return note_set(n, ERR_MISS, 0, 0,
				"entry %llu is the outcome of entry %llu, whose arguments were "
				"pruned, so a condition cannot tell whether it is meant",
				(unsigned long long)e->seq, (unsigned long long)e->links[0].seq);
	}
	if (e->kind != ENTRY_ACTION || in->body_failed != OK)
		return OK;
	TRY(judge_action(r, in));
	*ret = has && is_in(r, r->meant, e->seq);
	return OK;
}

/* --- one entry --- */

static enum err keep_target(struct redacting *r, const struct target *t)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 64;
		struct target *grown = realloc(r->targets, room * sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		r->targets = grown;
		r->room = room;
	}
	r->targets[r->count++] = *t;
	return OK;
}

/* Evidence is not rewritten: a value that stands in the line itself stays there. */
static void look_for_quotes(struct redacting *r, const struct entry *e, struct str line,
			    const struct body *b, const struct veil *hide)
{
	for (size_t i = 0; i < hide->count; i++) {
		size_t at = hide->columns[i] - 1;
		struct str leaf;

		if (!body_leaf(b->text, &at, &leaf) || leaf.ptr[0] != '"' ||
		    leaf.len < QUOTED_BYTES + 2 ||
		    !str_has(line, str_slice(leaf.ptr + 1, leaf.len - 2)))
			continue;
		r->report->quoted++;
		if (r->order->quotes)
			r->order->quotes(r->order->self, e->seq);
		return;
	}
}

static void count_target(struct redacting *r, uint64_t seq)
{
	char line[24];
	int len = snprintf(line, sizeof(line), "%llu\n", (unsigned long long)seq);

	sha256_add(&r->list, line, (size_t)len);
	if (r->report->entries++ == 0)
		r->report->first = seq;
	r->report->last = seq;
}

/* The decision again, whole, and how it changed the rows. */
static enum err keep_change(struct redacting *r, const struct rerun_input *in, struct target *t,
			    struct note *n)
{
	struct rerun_step step;
	struct str delta, reader;

	TRY(arena_copy(&r->step, rerun_unknown(r->rerun), &reader));
	TRY(rerun_play(r->rerun, in, &step, n));
	if (!step.equal)
		return ERR_DIVERGED;
	TRY(state_delta(r->state, &delta));
	TRY(arena_copy(&r->kept, delta, &t->change));
	r->report->dependent++;
	if (r->order->depends)
		r->order->depends(r->order->self, in->entry.seq, reader);
	return OK;
}

/* Decide by what will be left. */
static enum err decide_without(struct redacting *r, const struct rerun_input *in,
			       const struct body *left, struct target *t, struct note *n)
{
	struct rerun_input without = *in;
	struct rerun_step step;
	enum err e;

	if (str_is(r->field.root, "args")) {
		without.args_text = left->text;
		without.args_body = left;
		without.args = NULL;
	} else {
		without.result_text = left->text;
		without.result_body = left;
	}
	e = rerun_play(r->rerun, &without, &step, n);
	if (e == ERR_MISS && rerun_unknown(r->rerun).ptr)
		return keep_change(r, in, t, n);
	TRY(e);
	return step.equal ? OK : ERR_DIVERGED;
}

static enum err take_target(struct redacting *r, const struct rerun_input *in, bool *played,
			    struct note *n)
{
	const struct entry *e = &in->entry;
	const struct digest *d = str_is(r->field.root, "args") ? e->args : e->result;
	struct target t = { .digest = *d, .is_signed = e->signature != NULL };
	struct body body, left;
	struct digest plain;
	struct body_keep keep = { NULL, STR_NONE };
	struct veil hide;
	struct buf columns;
	enum err failed = blob_get(r->space->blobs, d, &body);

	*played = false;
	if (failed == ERR_MISS)
		return OK;
	TRY(failed);
	TRY(find_field(r, &body, &r->step, &hide));
	if (hide.count == 0 || body.form == BODY_PLAIN)
		return OK;
	count_target(r, e->seq);
	look_for_quotes(r, e, in->line, &body, &hide);
	plain = sha256(body.text);
	if (t.is_signed && !body.plain)
		keep.plain = &plain;
	buf_clear(&r->content);
	TRY(body_redact(&body, &hide, &keep, &r->content));
	if (e->kind == ENTRY_ACTION) {
		buf_init(&columns, LIMIT_BODY_BYTES);
		failed = body_open(BODY_REDACTED, buf_view(&r->content), d, &columns, &left);
		if (failed == OK)
			failed = decide_without(r, in, &left, &t, n);
		buf_fini(&columns);
		*played = true;
		TRY(failed);
	}
	return keep_target(r, &t);
}

/* The log may be anybody's: an entry's own number is believed when it is that of its place. */
static enum err read_line(struct redacting *r, uint64_t seq, struct str line,
			  struct rerun_input *ret, struct note *n)
{
	arena_rewind(&r->step, (struct arena_mark){ NULL, 0 });
	rerun_read(space_bodies(r->space), line, &r->step, ret, n);
	if (ret->failed != OK || ret->entry.seq == seq)
		return OK;
	return note_set(n, ERR_TAMPERED, 0, 0,
			"this is entry %llu of the log, and says that it is %llu",
			(unsigned long long)seq, (unsigned long long)ret->entry.seq);
}

/* In front of what can be decided again: an action whose outcome may stand behind. */
static enum err take_pruned(struct redacting *r, uint64_t seq, struct str line, struct note *n)
{
	struct rerun_input in;

	TRY(read_line(r, seq, line, &in, n));
	return in.failed == OK && in.entry.kind == ENTRY_ACTION ? judge_action(r, &in) : OK;
}

static enum err take_line(struct redacting *r, uint64_t seq, struct str line, struct note *n)
{
	struct rerun_input in;
	struct rerun_step step;
	bool meant = false, played = false;

	TRY(read_line(r, seq, line, &in, n));
	if (in.failed == OK)
		TRY(is_target(r, &in, &meant, n));
	if (meant)
		TRY(take_target(r, &in, &played, n));
	if (played)
		return OK;
	TRY(rerun_play(r->rerun, &in, &step, n));
	return step.equal ? OK : ERR_DIVERGED;
}

/* --- all of them --- */

static enum err each_line(struct redacting *r, uint64_t from, uint64_t to,
			  enum err (*take)(struct redacting *r, uint64_t seq, struct str line,
					   struct note *n), struct note *n)
{
	struct log_reader *reader;
	struct str line;
	enum err e;

	TRY(log_reader_open(r->space->world, r->space->log_path, from, to, &reader));
	do {
		e = log_reader_next(reader, &line);
		if (e == OK && line.ptr)
			e = take(r, log_reader_index(reader) - 1, line, n);
		if (e != OK)
			log_reader_place(reader, log_reader_index(reader) - 1, n);
	} while (e == OK && line.ptr);
	log_reader_close(reader);
	return e;
}

static enum err find_targets(struct redacting *r, struct note *n)
{
	uint64_t from, reach;
	enum err e;

	TRY(space_start(r->space, r->state, &from, n));
	reach = from > LIMIT_OUTCOME_ENTRIES ? from - LIMIT_OUTCOME_ENTRIES : 0;
	TRY(each_line(r, reach, from, take_pruned, n));
	TRY(rerun_open(r->state, r->space->config.origin, from, space_bodies(r->space), NULL,
		       &r->rerun, n));
	e = each_line(r, from, r->entries, take_line, n);
	if (e == ERR_DIVERGED)
		return note_set(n, e, n ? n->line : 0, 0,
				"the entry does not come out as it is recorded, so nothing was "
				"redacted; 'trammel replay' shows both");
	return e;
}

static enum err record(struct redacting *r, struct note *n)
{
	const struct space_redaction *o = r->order;
	struct digest list;
	struct buf text;
	struct member members[7];
	struct value data = { .kind = VALUE_OBJECT };
	size_t count = 0;
	enum err e;

	sha256_done(&r->list, &list);
	buf_init(&text, 128);
	digest_write(&text, &list);
	put(members, &count, "entries", value_int((int64_t)r->report->entries));
	put(members, &count, "field", value_string(o->field));
	put(members, &count, "first", value_int((int64_t)r->report->first));
	put(members, &count, "last", value_int((int64_t)r->report->last));
	put(members, &count, "list", value_string(buf_view(&text)));
	put(members, &count, "reason", value_string(o->reason));
	if (r->report->dependent > 0)
		put(members, &count, "unknown", value_int((int64_t)r->report->dependent));
	data.object = (struct value_object){ members, count };
	e = text.err != OK ? text.err
			   : space_control(r->space, STR("log.redact"), STR_NONE, STR_NONE, &data,
					   o->at_ns, n);
	buf_fini(&text);
	return e == OK ? space_publish(r->space) : e;
}

static enum err choose_fate(void *self, const struct digest *d, enum body_form form,
			    enum blob_fate *ret)
{
	const struct redacting *r = self;
	uint32_t ignored;

	if (form != BODY_PLAIN && map_get(&r->by_digest, str_slice(d, DIGEST_BYTES), &ignored))
		*ret = BLOB_REDACT;
	return OK;
}

static enum err redact_body(void *self, const struct digest *d, const struct body *b,
			    struct buf *out)
{
	struct redacting *r = self;
	struct body_keep keep = { NULL, STR_NONE };
	struct digest plain;
	struct veil hide;
	uint32_t at;

	MUST(map_get(&r->by_digest, str_slice(d, DIGEST_BYTES), &at));
	arena_rewind(&r->step, (struct arena_mark){ NULL, 0 });
	TRY(find_field(r, b, &r->step, &hide));
	plain = sha256(b->text);
	if (r->targets[at].is_signed && !b->plain)
		keep.plain = &plain;
	keep.change = r->targets[at].change;
	return body_redact(b, &hide, &keep, out);
}

/* Two entries with one digest are nothing a gate writes, and no reason to keep the values. */
static enum err list_targets(struct redacting *r)
{
	for (size_t i = 0; i < r->count; i++) {
		enum err e = map_put(&r->by_digest,
				     str_slice(&r->targets[i].digest, DIGEST_BYTES), (uint32_t)i);

		if (e != OK && e != ERR_DUPLICATE)
			return e;
	}
	return OK;
}

static enum err redact(struct redacting *r, struct note *n)
{
	const struct blob_edit edit = { choose_fate, redact_body, r };
	const struct space_redacted *report = r->report;
	uint64_t ignored;
	enum err e;

	TRY(find_targets(r, n));
	if (report->entries == 0)
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"no entry that is meant has a value at %.*s",
				STR_ARG(r->order->field));
	if (report->dependent > 0 && !r->order->force)
		return note_set(n, ERR_DENIED, 0, 0,
				"%llu of the decisions %s on %.*s; with --force a replay calls "
				"%s unknown", (unsigned long long)report->dependent,
				report->dependent == 1 ? "stands" : "stand",
				STR_ARG(r->order->field), report->dependent == 1 ? "it" : "them");
	if (r->order->dry_run)
		return OK;
	TRY(list_targets(r));
	TRY(record(r, n));
	e = blob_rewrite(r->space->blobs, &edit, &ignored);
	if (e == OK)
		return OK;
	return note_set(n, e, 0, 0,
			"the log says that values were redacted, and not all of them are gone: %s; "
			"give the same order again", err_text(e));
}

enum err space_redact(struct space *s, const struct space_redaction *order,
		      struct space_redacted *ret, struct note *n)
{
	struct redacting r = { .space = s, .order = order, .report = ret };
	enum err e;

	*ret = (struct space_redacted){ 0 };
	TRY(space_field_read(order->field, &r.field, n));
	arena_init(&r.kept, KEPT_MEMORY);
	arena_init(&r.step, 4 * (size_t)LIMIT_ACTION_MEMORY);
	buf_init(&r.content, LIMIT_REDACTED_BYTES);
	buf_init(&r.columns, LIMIT_BODY_BYTES);
	map_init(&r.by_digest, 0);
	sha256_init(&r.list);
	r.entries = space_entries(s);
	r.meant = calloc(r.entries / 8 + 1, 1);
	r.unsure = calloc(r.entries / 8 + 1, 1);
	e = r.meant && r.unsure ? gate_state_open(&r.state) : ERR_MEMORY;
	if (e == OK)
		e = redact(&r, n);
	rerun_close(r.rerun);
	state_close(r.state);
	free(r.unsure);
	free(r.meant);
	free(r.targets);
	map_fini(&r.by_digest);
	buf_fini(&r.columns);
	buf_fini(&r.content);
	arena_fini(&r.step);
	arena_fini(&r.kept);
	return e;
}
