/*
 * watch: the state, kept at the end of a log that somebody else writes.
 *
 *   look --- pulse as before -----------------------------------> ask the state
 *     |                                                               ^
 *     +--- the line read last stands where it stood: re-run what ----+
 *     |    comes behind it, and ask after each entry                 |
 *     +--- anything else: begin anew, at the end ---------------------+
 *
 * Entries may vanish again, when a writer takes back what it could not make durable. That line has
 * the root of the state in it: while it stands, the state is the log's, however the log came there.
 * What does not fit is looked at once more from the beginning; what does not fit then is an error.
 */
#include "engine/space/inside.h"

#include <stdlib.h>

struct watch {
	struct world *world;
	char dir[LIMIT_PATH_BYTES];
	uint64_t entry;
	struct digest line;                   /* of that entry; `known` */
	struct str agent, session;            /* whose it is */
	bool known;
	struct space *space;
	struct state *state;                  /* after the entries before `next` */
	struct rerun *rerun;
	struct log_spot next;
	struct digest last;                   /* of the line before `next` */
	struct digest pulse;                  /* of the log when it was looked at */
	struct arena memory, moment;          /* of the names; of one look */
};

/* That no log has. */
static const struct digest no_pulse = { .bytes = { 0 } };

/* --- at the beginning --- */

/* Where the entry begins that the reader would give next. */
static struct log_spot spot_of(const struct log_reader *r)
{
	struct log_spot spot = { .entry = log_reader_index(r) };
	uint64_t ignored;

	log_reader_spot(r, &ignored, &spot.offset);
	return spot;
}

/* The line of one entry, in the arena of the moment; and where the one behind it begins. */
static enum err read_line(struct watch *w, uint64_t seq, struct str *ret, struct log_spot *behind,
			  struct note *n)
{
	struct log_reader *reader;
	struct str line;
	enum err e;

	TRY(log_reader_open(w->world, w->space->log_path, seq, seq + 1, &reader));
	e = log_reader_next(reader, &line);
	if (e == OK && !line.ptr)
		e = note_set(n, ERR_TAMPERED, 0, 0, "entry %llu is not in the log any more",
			     (unsigned long long)seq);
	if (e == OK)
		e = arena_copy(&w->moment, line, ret);
	*behind = spot_of(reader);
	log_reader_close(reader);
	return e;
}

/* Whose action it is; ptr NULL stays what it is. */
static enum err keep_name(struct watch *w, struct str name, struct str *ret)
{
	*ret = STR_NONE;
	return name.ptr ? arena_copy(&w->memory, name, ret) : OK;
}

/* The entry is the one that it was the first time. */
static enum err check_entry(struct watch *w, struct note *n)
{
	struct log_spot ignored;
	struct entry entry;
	struct digest now;
	struct str line;

	TRY(read_line(w, w->entry, &line, &ignored, n));
	now = sha256(line);
	if (w->known && !digest_eq(&now, &w->line))
		return note_set(n, ERR_TAMPERED, 0, 0, "entry %llu is not what it was",
				(unsigned long long)w->entry);
	if (w->known)
		return OK;
	TRY(entry_parse(line, &w->moment, &entry, n));
	TRY(keep_name(w, entry.agent, &w->agent));
	TRY(keep_name(w, entry.session, &w->session));
	w->line = now;
	w->known = true;
	return OK;
}

static void forget(struct watch *w)
{
	rerun_close(w->rerun);
	w->rerun = NULL;
	state_close(w->state);
	w->state = NULL;
	(void)space_close(w->space, NULL);
	w->space = NULL;
}

/* Sessions are named by strangers: see open_state in space.c. */
static enum err make_state(struct watch *w)
{
	uint64_t seed;

	TRY(world_entropy(w->world, &seed, sizeof(seed)));
	TRY(gate_state_open(&w->state));
	state_seed(w->state, seed);
	return OK;
}

/* The state at the end of the log as it is now, from the cache. */
static enum err begin(struct watch *w, struct note *n)
{
	struct digest ignored;
	struct str line;
	uint64_t count;

	forget(w);
	TRY(space_open(w->world, w->dir, SPACE_READ, &w->space, n));
	TRY(check_entry(w, n));
	TRY(space_count_entries(w->space, &count, n));
	/* What comes while this goes on is read at the next look. */
	w->pulse = no_pulse;
	TRY(make_state(w));
	TRY(space_state_at(w->space, count - 1, w->state, &ignored, n));
	TRY(read_line(w, count - 1, &line, &w->next, n));
	w->last = sha256(line);
	return rerun_open(w->state, w->space->config.origin, count, space_bodies(w->space), NULL,
			  &w->rerun, n);
}

enum err watch_open(struct world *world, const char *dir, uint64_t entry, struct watch **ret,
		    struct note *n)
{
	struct watch *w = calloc(1, sizeof(*w));
	enum err e;

	if (!w)
		return ERR_MEMORY;
	w->world = world;
	w->entry = entry;
	arena_init(&w->memory, LIMIT_ACTION_MEMORY);
	arena_init(&w->moment, LIMIT_ACTION_MEMORY);
	e = str_to_c(str_view(dir), w->dir, sizeof(w->dir));
	if (e == OK)
		e = begin(w, n);
	if (e != OK) {
		watch_close(w);
		return e;
	}
	*ret = w;
	return OK;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	forget(w);
	arena_fini(&w->moment);
	arena_fini(&w->memory);
	free(w);
}

/* --- going on --- */

static enum err ask(struct watch *w, int64_t now_ns, struct str *why)
{
	return gate_goes_on(w->state, w->agent, w->session, w->entry, now_ns, &w->moment, why);
}

static enum err take(struct watch *w, struct str line, struct note *n)
{
	struct rerun_step step;

	TRY(rerun_line(w->rerun, line, &step, n));
	if (!step.equal)
		return ERR_TAMPERED;
	w->last = sha256(line);
	return OK;
}

/* Entries behind the last, until one stops it. */
static enum err follow(struct watch *w, struct log_reader *reader, int64_t now_ns,
		       struct str *why, struct note *n)
{
	struct digest last;
	struct str line;

	TRY(log_reader_next(reader, &line));
	if (!line.ptr)
		return ERR_DIVERGED;
	last = sha256(line);
	if (!digest_eq(&last, &w->last))
		return ERR_DIVERGED;
	for (;;) {
		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			return OK;
		TRY(take(w, line, n));
		w->next = spot_of(reader);
		TRY(ask(w, now_ns, why));
		if (why->ptr)
			return OK;
	}
}

static enum err catch_up(struct watch *w, int64_t now_ns, struct str *why, struct note *n)
{
	const char *folder = w->space->log_path;
	struct log_reader *reader;
	struct digest pulse;
	enum err e;

	TRY(log_pulse(w->world, folder, &w->next, &pulse));
	if (digest_eq(&pulse, &w->pulse))
		return OK;
	TRY(log_reader_open(w->world, folder, w->next.entry - 1, UINT64_MAX, &reader));
	e = follow(w, reader, now_ns, why, n);
	/* Of a line that is only begun no pulse tells when it is whole. */
	w->pulse = log_reader_torn(reader) ? no_pulse : pulse;
	log_reader_close(reader);
	return e;
}

enum err watch_look(struct watch *w, int64_t now_ns, struct str *why, struct note *n)
{
	enum err e;

	*why = STR_NONE;
	arena_rewind(&w->moment, (struct arena_mark){ NULL, 0 });
	e = w->rerun ? catch_up(w, now_ns, why, n) : ERR_CLOSED;
	if (e != OK && n)
		*n = (struct note){ .line = 0 };
	if (e != OK)
		e = begin(w, n);
	if (e == OK && !why->ptr)
		e = ask(w, now_ns, why);
	if (e != OK && n && n->text[0] == '\0')
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	return e;
}
