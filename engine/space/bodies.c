/*
 * bodies: does the blob store still hold what the log's entries name?
 *
 * A replay reads the arguments of actions and the bundles, because they are inputs; a result is
 * none. This reads them all, so it also tells when a result was changed or removed. What is gone or
 * lost values has its reason in the log, or it is a finding: which entries of it say so, a first
 * pass finds out.
 */
#include "engine/space/inside.h"

#include <stdlib.h>

#define TAKEN_MAX 4096               /* redactions; beyond them their entries are taken together */

struct checking {
	struct space *space;
	struct arena arena;
	uint64_t pruned_before;      /* 0: nothing was pruned */
	struct space_taken taken[TAKEN_MAX];
	size_t taken_count;
	struct space_bodies_found found;
};

/* A line begins with its action; those of other controls need not be read. */
static enum err note_control(struct checking *c, struct str line, struct note *n)
{
	bool prune = str_starts(line, STR("{\"action\":\"log.prune\","));
	struct entry e;
	struct space_taken taken, *last;

	if (!prune && !str_starts(line, STR("{\"action\":\"log.redact\",")))
		return OK;
	arena_rewind(&c->arena, (struct arena_mark){ NULL, 0 });
	TRY(entry_read(line, &c->arena, &e, n));
	if (space_prune_before(&e) > c->pruned_before)
		c->pruned_before = space_prune_before(&e);
	if (!space_redaction_of(&e, &taken))
		return OK;
	if (c->taken_count < TAKEN_MAX) {
		c->taken[c->taken_count++] = taken;
		return OK;
	}
	last = &c->taken[TAKEN_MAX - 1];
	if (taken.first < last->first)
		last->first = taken.first;
	if (taken.last > last->last)
		last->last = taken.last;
	return OK;
}

static bool was_redacted(const struct checking *c, uint64_t seq)
{
	for (size_t i = 0; i < c->taken_count; i++)
		if (seq >= c->taken[i].first && seq <= c->taken[i].last)
			return true;
	return false;
}

static enum err check_body(struct checking *c, const struct entry *e, const char *name,
			   const struct digest *d, struct note *n)
{
	struct body body;
	enum err failed = d ? blob_get(c->space->blobs, d, &body) : OK;

	if (!d)
		return OK;
	if (failed == ERR_MISS && e->kind != ENTRY_POLICY && e->seq < c->pruned_before) {
		c->found.pruned++;
		return OK;
	}
	if (failed == OK && body.form == BODY_REDACTED && !was_redacted(c, e->seq))
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

enum err space_check_bodies(struct space *s, struct space_bodies_found *ret, struct note *n)
{
	struct checking *c = calloc(1, sizeof(*c));
	enum err e;

	if (!c)
		return ERR_MEMORY;
	c->space = s;
	arena_init(&c->arena, LIMIT_ACTION_MEMORY);
	e = each_line(c, note_control, n);
	if (e == OK)
		e = each_line(c, check_line, n);
	if (e == OK)
		*ret = c->found;
	else
		note_file(n, s->blob_path);
	arena_fini(&c->arena);
	free(c);
	return e;
}
