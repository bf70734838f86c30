/*
 * log_cosign: what witnesses answered, put below the stored checkpoint. A cosignature is of one
 * checkpoint; the next one starts without.
 */
#include "engine/audit/inside.h"

#include "engine/base/limits.h"

struct cosigning {
	const struct note_key *witnesses;
	size_t count;
	struct str stored, text; /* the note as it is on disk, and what it signs */
	struct buf note;         /* the note as it will be */
	size_t known, added;
};

/* One signature line with its LF. */
static enum err add_line(struct cosigning *c, struct str line, struct note *n)
{
	struct str ignored;
	struct buf alone;
	enum err e = OK;

	buf_init(&alone, LIMIT_NOTE_BYTES);
	buf_add(&alone, c->text);
	buf_add_byte(&alone, '\n');
	buf_add(&alone, line);
	if (alone.err != OK)
		e = alone.err;
	for (size_t i = 0; e == OK && i < c->count; i++) {
		const struct note_key *w = &c->witnesses[i];

		e = note_open(buf_view(&alone), w, 1, &ignored);
		if (e == ERR_UNKNOWN) {
			e = OK;
			continue;
		}
		if (e == ERR_SIGNATURE)
			e = note_set(n, e, 0, 0,
				     "the cosignature of %.*s is not of this checkpoint, maybe of "
				     "an older one",
				     STR_ARG(w->name));
		if (e != OK)
			break;
		c->known++;
		if (note_open(buf_view(&c->note), w, 1, &ignored) == ERR_UNKNOWN) {
			buf_add(&c->note, line);
			c->added++;
		}
		break;
	}
	buf_fini(&alone);
	return e;
}

static enum err add_lines(struct cosigning *c, struct str lines, struct note *n)
{
	struct str line, rest = lines;

	for (uint32_t number = 1; rest.len > 0; number++) {
		const char *begin = rest.ptr;
		enum err e = ERR_SYNTAX;

		if (str_cut(rest, '\n', &line, &rest))
			e = add_line(c, str_slice(begin, (size_t)(rest.ptr - begin)), n);
		if (e == ERR_SYNTAX)
			return note_set(n, e, number, 1,
					"expected a signature line as a witness answers it");
		TRY(e);
	}
	if (c->known > 0)
		return OK;
	return note_set(n, ERR_UNKNOWN, 0, 0, "no line is of a known witness");
}

static enum err cosign_locked(const struct log_place *p, const struct note_key *log_key,
			      struct cosigning *c, struct str lines, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	struct checkpoint checkpoint;
	struct arena a;
	enum err e;

	arena_init(&a, LOG_CHECKPOINT_ARENA);
	buf_init(&c->note, LIMIT_NOTE_BYTES);
	e = log_checkpoint_at(p, log_key, 1, &a, &c->stored, &checkpoint, n);
	if (e == OK)
		e = note_open(c->stored, log_key, 1, &c->text);
	if (e == OK) {
		buf_add(&c->note, c->stored);
		e = add_lines(c, lines, n);
	}
	if (e == OK)
		e = c->note.err;
	/* What no verifier could open any more must not be stored. */
	if (e == OK)
		e = note_open(buf_view(&c->note), log_key, 1, &c->text);
	if (e == OK && c->added > 0)
		e = log_place_path(p, "checkpoint", path);
	if (e == OK && c->added > 0)
		e = world_replace_file(p->w, path, buf_view(&c->note));
	buf_fini(&c->note);
	arena_fini(&a);
	return e;
}

enum err log_cosign(struct world *w, const char *folder, const struct note_key *log_key,
		    const struct note_key *witnesses, size_t witness_count, struct str lines,
		    size_t *added, struct note *n)
{
	struct cosigning c = { .witnesses = witnesses, .count = witness_count };
	struct log_place p;
	enum err e;
	int lock;

	TRY(log_place_init(&p, w, folder));
	e = log_place_lock(&p, LOG_LOCK, &lock);
	if (e == ERR_LOCKED)
		return note_set(n, e, 0, 0, "another process is writing to this log");
	TRY(e);
	e = cosign_locked(&p, log_key, &c, lines, n);
	world_close(w, lock);
	if (e == OK)
		*added = c.added;
	return log_place_told(&p, e, n);
}
