/*
 * bodies: does the blob store still hold what the log's entries name?
 *
 * A replay reads the arguments of actions and the bundles, because they are inputs; a result is
 * none. This reads them all, so it also tells when a result was changed or removed. What is gone or
 * lost values has its reason in the log, or it is a finding: which entries of it say so, a first
 * pass finds out. Last comes what lies beside the packs.
 *
 * The other way round a log.redact promises that values are gone. Whether they are, the packs tell.
 */
#include "engine/space/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/json.h"

#define FIELDS_MEMORY ((size_t)1 << 30)

/* What a log.redact says, and what is found of it. */
struct taken {
	struct space_field field;
	struct str text;             /* of the field */
	uint64_t at;                 /* the entry that says it */
	uint64_t first, last, entries;
	struct digest list;          /* of the numbers of its entries */
	struct sha256 seen_list;
	uint64_t seen;               /* entries of its span that lost a value there */
	uint64_t done;               /* and those that have none left, or no body */
};

struct checking {
	struct space *space;
	struct arena arena, kept;    /* one entry; fields */
	uint64_t pruned_before;      /* 0: nothing was pruned */
	struct taken *taken;
	size_t taken_count, taken_room;
	struct buf columns, covered; /* leaves of a field; a byte for each veiled */
	struct space_bodies_found found;
};

static enum err grow_taken(struct checking *c)
{
	size_t room = c->taken_room ? 2 * c->taken_room : 64;
	struct taken *grown;

	if (c->taken_count < c->taken_room)
		return OK;
	grown = realloc(c->taken, room * sizeof(*grown));
	if (!grown)
		return ERR_MEMORY;
	c->taken = grown;
	c->taken_room = room;
	return OK;
}

/* One that no gate can have written explains nothing. */
static enum err note_redaction(struct checking *c, const struct entry *e)
{
	struct space_taken said;
	struct taken t;
	struct str field;

	if (!space_redaction_of(e, &said))
		return OK;
	TRY(arena_copy(&c->kept, value_text(e->data, "field"), &field));
	t = (struct taken){ .text = field, .at = e->seq, .first = said.first, .last = said.last,
			    .entries = said.entries };
	if (space_field_read(field, &t.field, NULL) != OK ||
	    digest_read(value_text(e->data, "list"), &t.list) != OK)
		return OK;
	/* Done again after a crash, it is the same. */
	for (size_t i = 0; i < c->taken_count; i++)
		if (digest_eq(&c->taken[i].list, &t.list) &&
		    c->taken[i].first == t.first && c->taken[i].last == t.last &&
		    c->taken[i].field.count == t.field.count &&
		    space_fields_meet(&c->taken[i].field, &t.field))
			return OK;
	sha256_init(&t.seen_list);
	TRY(grow_taken(c));
	c->taken[c->taken_count++] = t;
	return OK;
}

/* A line begins with its action; those of other controls need not be read. */
static enum err note_control(struct checking *c, struct str line, struct note *n)
{
	bool prune = str_starts(line, STR("{\"action\":\"log.prune\","));
	struct entry e;

	if (!prune && !str_starts(line, STR("{\"action\":\"log.redact\",")))
		return OK;
	arena_rewind(&c->arena, (struct arena_mark){ NULL, 0 });
	TRY(entry_read(line, &c->arena, &e, n));
	if (e.kind != ENTRY_CONTROL)
		return OK;
	if (space_prune_before(&e) > c->pruned_before)
		c->pruned_before = space_prune_before(&e);
	return prune ? OK : note_redaction(c, &e);
}

/* Which leaves under the veil are this redaction's; both go up. */
static void cover(struct checking *c, const struct veil *veil)
{
	const uint32_t *columns = (const uint32_t *)(const void *)c->columns.ptr;
	size_t count = c->columns.len / sizeof(*columns);

	for (size_t i = 0, at = 0; i < count; i++) {
		while (at < veil->count && veil->columns[at] < columns[i])
			at++;
		if (at < veil->count)
			c->covered.ptr[at] = 1;
	}
}

static void count_entry(struct taken *t, uint64_t seq)
{
	char line[24];
	int len = snprintf(line, sizeof(line), "%llu\n", (unsigned long long)seq);

	sha256_add(&t->seen_list, line, (size_t)len);
	t->seen++;
}

/* Is each value that is gone at or below the field of a redaction that this entry is among? */
static enum err find_reasons(struct checking *c, uint64_t seq, const char *root,
			     const struct body *b, bool *ret)
{
	struct value tree;
	char *covered;

	TRY(json_read(b->text, 1, &c->arena, &tree, NULL));
	buf_clear(&c->covered);
	covered = buf_grow(&c->covered, b->veil.count);
	if (!covered)
		return c->covered.err;
	memset(covered, 0, b->veil.count);
	for (size_t i = 0; i < c->taken_count; i++) {
		struct taken *t = &c->taken[i];

		if (seq < t->first || seq > t->last || !str_is(t->field.root, root))
			continue;
		buf_clear(&c->columns);
		space_field_leaves(&t->field, &b->veil, true, &tree, &c->columns);
		TRY(c->columns.err);
		if (c->columns.len > 0)
			count_entry(t, seq);
		cover(c, &b->veil);
	}
	*ret = memchr(covered, 0, b->veil.count) == NULL;
	return OK;
}

static enum err check_body(struct checking *c, const struct entry *e, const char *name,
			   const struct digest *d, struct note *n)
{
	struct body body;
	bool explained = true;
	enum err failed = d ? blob_get(c->space->blobs, d, &body) : OK;

	if (!d)
		return OK;
	if (failed == ERR_MISS && e->kind != ENTRY_POLICY && e->seq < c->pruned_before) {
		c->found.pruned++;
		return OK;
	}
	if (failed == OK && body.form == BODY_REDACTED && body.veil.count > 0)
		TRY(find_reasons(c, e->seq, d == e->args ? "args" : "result", &body, &explained));
	if (!explained)
		return note_set(n, ERR_TAMPERED, 0, 0,
				"entry %llu: its %s lost values, and no entry of the log says that "
				"they were redacted", (unsigned long long)e->seq, name);
	if (failed == OK && body.form == BODY_REDACTED)
		c->found.redacted++;
	else
		c->found.whole += failed == OK;
	if (failed != ERR_MISS && failed != ERR_TAMPERED)
		return failed;
	return note_set(n, failed, 0, 0, "entry %llu: its %s %s", (unsigned long long)e->seq, name,
			failed == ERR_MISS ? "are not in the blob store"
					   : "were changed in the blob store");
}

static enum err check_line(struct checking *c, struct str line, struct note *n)
{
	struct entry entry;

	arena_rewind(&c->arena, (struct arena_mark){ NULL, 0 });
	TRY(entry_read(line, &c->arena, &entry, n));
	TRY(check_body(c, &entry, "arguments", entry.args, n));
	return check_body(c, &entry, "results", entry.result, n);
}

/* --- is what was announced done? --- */

/* Has the body lost all that it had in the field? */
static enum err count_done(struct checking *c, struct taken *t, const struct body *b)
{
	struct value tree;
	size_t veiled;

	if (b->form != BODY_REDACTED)
		return OK;
	TRY(json_read(b->text, 1, &c->arena, &tree, NULL));
	buf_clear(&c->columns);
	space_field_leaves(&t->field, &b->veil, true, &tree, &c->columns);
	veiled = c->columns.len;
	space_field_leaves(&t->field, &b->veil, false, &tree, &c->columns);
	t->done += veiled > 0 && c->columns.len == veiled;
	return c->columns.err;
}

/* A body that is not there has no value left; why it is not is another finding. */
static enum err count_line(struct checking *c, struct str line, struct note *n)
{
	struct entry entry;

	arena_rewind(&c->arena, (struct arena_mark){ NULL, 0 });
	TRY(entry_read(line, &c->arena, &entry, n));
	for (size_t i = 0; i < c->taken_count; i++) {
		struct taken *t = &c->taken[i];
		const struct digest *d =
			str_is(t->field.root, "args") ? entry.args : entry.result;
		struct body body;
		enum err e;

		if (!d || entry.kind == ENTRY_POLICY || entry.seq < t->first ||
		    entry.seq > t->last)
			continue;
		e = blob_get(c->space->blobs, d, &body);
		if (e == ERR_MISS || e == ERR_TAMPERED)
			t->done++;
		else
			TRY(e);
		if (e == OK)
			TRY(count_done(c, t, &body));
	}
	return OK;
}

static enum err each_line(struct checking *c,
			  enum err (*visit)(struct checking *c, struct str line, struct note *n),
			  struct note *n)
{
	struct space *s = c->space;
	struct log_reader *reader;
	struct str line;
	enum err e;

	TRY(log_reader_open(s->world, s->log_path, 0, UINT64_MAX, &reader));
	do {
		e = log_reader_next(reader, &line);
		if (e == OK && line.ptr)
			e = visit(c, line, n);
	} while (e == OK && line.ptr);
	log_reader_close(reader);
	return e;
}

/*
 * Of each redaction the log tells how many entries it took values from, and the digest of their
 * list. Where it shares its span with no other that can mean the same values, and nothing of it was
 * pruned, the list must be that of what was found; else there are not more than all of them say.
 * Fewer are a redaction that did not end.
 */
static enum err check_list(struct checking *c, struct taken *t, struct note *n)
{
	uint64_t most = 0;
	struct digest list;
	size_t others = 0;

	for (size_t i = 0; i < c->taken_count; i++) {
		const struct taken *o = &c->taken[i];

		if (o->first > t->last || t->first > o->last ||
		    !space_fields_meet(&o->field, &t->field))
			continue;
		most += o->entries;
		others += o != t;
	}
	sha256_done(&t->seen_list, &list);
	if (t->seen <= most && (others > 0 || t->seen < t->entries ||
				t->first < c->pruned_before || digest_eq(&list, &t->list)))
		return OK;
	return note_set(n, ERR_TAMPERED, 0, 0,
			"of entries %llu to %llu, %llu have lost values of the field of a "
			"log.redact, and they are not the ones that it lists",
			(unsigned long long)t->first, (unsigned long long)t->last,
			(unsigned long long)t->seen);
}

static enum err check_lists(struct checking *c, struct note *n)
{
	for (size_t i = 0; i < c->taken_count; i++)
		TRY(check_list(c, &c->taken[i], n));
	return OK;
}

/* Beside the packs lies the state that replays begin with, once bodies were pruned. */
static enum err check_baseline(struct checking *c, struct note *n)
{
	struct state *state;
	uint64_t from;
	enum err e = space_baseline(c->space, &from);

	if (e == OK && from == 0 && c->found.pruned > 0)
		return note_set(n, ERR_MISS, 0, 0,
				"bodies were pruned, and the file 'baseline' is gone: no replay "
				"can begin behind them");
	if (e == OK && from == 0)
		return OK;
	TRY(gate_state_open(&state));
	e = space_start(c->space, state, &from, n);
	state_close(state);
	return e;
}

static void init(struct checking *c, struct space *s)
{
	c->space = s;
	arena_init(&c->arena, 4 * (size_t)LIMIT_ACTION_MEMORY);
	arena_init(&c->kept, FIELDS_MEMORY);
	buf_init(&c->columns, LIMIT_BODY_BYTES);
	buf_init(&c->covered, LIMIT_BODY_BYTES);
}

static void fini(struct checking *c)
{
	buf_fini(&c->covered);
	buf_fini(&c->columns);
	arena_fini(&c->kept);
	arena_fini(&c->arena);
	free(c->taken);
	free(c);
}

enum err space_check_bodies(struct space *s, struct space_bodies_found *ret, struct note *n)
{
	struct checking *c = calloc(1, sizeof(*c));
	enum err e;

	if (!c)
		return ERR_MEMORY;
	init(c, s);
	e = each_line(c, note_control, n);
	if (e == OK)
		e = each_line(c, check_line, n);
	if (e == OK)
		e = check_lists(c, n);
	if (e == OK)
		e = check_baseline(c, n);
	if (e == OK)
		e = blob_judge_indexes(s->blobs, n);
	if (e == OK)
		*ret = c->found;
	else
		note_file(n, s->blob_path);
	fini(c);
	return e;
}

enum err space_find_unfinished(struct space *s, space_hears_unfinished *hears, void *self,
			       struct note *n)
{
	struct checking *c = calloc(1, sizeof(*c));
	enum err e;

	if (!c)
		return ERR_MEMORY;
	init(c, s);
	e = each_line(c, note_control, n);
	if (e == OK && c->taken_count > 0)
		e = each_line(c, count_line, n);
	for (size_t i = 0; e == OK && i < c->taken_count; i++) {
		const struct taken *t = &c->taken[i];
		const struct space_unfinished u = { .entry = t->at, .field = t->text,
						    .first = t->first, .last = t->last,
						    .entries = t->entries,
						    .left = t->entries - t->done };

		if (t->done < t->entries)
			hears(self, &u);
	}
	fini(c);
	return e;
}
