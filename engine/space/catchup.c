/*
 * catchup: from the cache of states to the state after a given entry.
 *
 *   0 ........ cached ........ signed ........ end
 *   |  believed  |        re-run, compared       |
 *
 * The cache is believed only where its root is the one that the log's own entry carries, and only
 * up to the signed checkpoint. From there on entries are re-run; each must come out byte for byte
 * as it is recorded, or the log was not written by a gate.
 *
 * Behind the checkpoint a power loss may have kept lines but not the bodies they name, or not the
 * lines themselves. An entry is acknowledged only when both are durable, so from the first such
 * line on nothing was acknowledged: the tail ends before it.
 */
#include "engine/space/inside.h"

enum err space_open_recorder(struct space *s)
{
	const uint32_t interval = s->config.snapshot_interval;
	enum err e = recorder_open(s->world, s->state_path, interval, &s->recorder);

	if (e != OK && e != ERR_MEMORY && recorder_wipe(s->world, s->state_path) == OK)
		e = recorder_open(s->world, s->state_path, interval, &s->recorder);
	if (e != OK)
		s->recorder = NULL;
	return e == ERR_MEMORY ? e : OK;
}

enum err space_count_entries(struct space *s, uint64_t *ret, struct note *n)
{
	struct log_reader *reader;
	struct checkpoint signed_head;
	struct str line = STR(""), ignored;
	struct arena a;
	uint64_t count;
	enum err e;

	arena_init(&a, SPACE_MEMORY);
	e = log_checkpoint(s->world, s->log_path, &s->verifier, 1, &a, &ignored, &signed_head, n);
	count = e == OK ? signed_head.size : 0;
	arena_fini(&a);
	TRY(e);
	TRY(log_reader_open(s->world, s->log_path, count, UINT64_MAX, &reader));
	while (e == OK && line.ptr) {
		e = log_reader_next(reader, &line);
		count += e == OK && line.ptr;
	}
	log_reader_close(reader);
	TRY(e);
	*ret = count;
	return OK;
}

/* A line that no gate can have written was changed, whatever is wrong with it. */
static enum err judge_line(const struct log_reader *reader, enum err e, struct note *n)
{
	if (e == OK || e == ERR_MISS || e == ERR_MEMORY || err_exit(e) == err_exit(ERR_IO))
		return e;
	log_reader_place(reader, log_reader_index(reader) - 1, n);
	return ERR_TAMPERED;
}

/* There is no such line: the log was never that long, or it was cut. */
static enum err no_entry(struct space *s, uint64_t seq, struct note *n)
{
	uint64_t entries;

	TRY(space_count_entries(s, &entries, n));
	if (seq < entries)
		return note_set(n, ERR_TAMPERED, 0, 0, "entry %llu was signed and is gone: the log "
				"was cut", (unsigned long long)seq);
	return note_set(n, ERR_NOT_FOUND, 0, 0, "the log has no entry %llu; they count from 0",
			(unsigned long long)seq);
}

enum err space_recorded_root(struct space *s, uint64_t seq, struct digest *ret,
			     struct note *n)
{
	struct log_reader *reader;
	struct entry entry;
	struct arena a;
	struct str line;
	enum err e;

	TRY(log_reader_open(s->world, s->log_path, seq, seq + 1, &reader));
	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = log_reader_next(reader, &line);
	if (e == OK && !line.ptr)
		e = no_entry(s, seq, n);
	if (e == OK)
		e = judge_line(reader, entry_read(line, &a, &entry, n), n);
	if (e == OK)
		*ret = entry.state;
	arena_fini(&a);
	log_reader_close(reader);
	return e;
}

/*
 * The newest cached state of the first `steps` entries, if the log agrees with it; `*done` entries
 * are in it. When it does not fit, nothing older is trusted either: `*done` is 0, `into` empty.
 */
static enum err seek_cache(struct space *s, struct recorder *cache, uint64_t steps,
			   struct state *into, uint64_t *done, struct note *n)
{
	struct digest cached, recorded;
	uint64_t have = cache ? recorder_steps(cache) : 0;

	*done = 0;
	state_reset(into);
	if (have > steps)
		have = steps;
	if (have == 0)
		return OK;
	TRY(space_recorded_root(s, have - 1, &recorded, n));
	if (recorder_seek(cache, have - 1, into, &cached) != OK)
		return OK;
	if (digest_eq(&cached, &recorded))
		*done = have;
	else
		state_reset(into);
	return OK;
}

/*
 * Likewise, but not in front of what a prune left to begin with: of the entries there the bodies
 * are gone, and nobody can run them again.
 */
static enum err seek_start(struct space *s, struct recorder *cache, uint64_t steps,
			   struct state *into, uint64_t *done, struct note *n)
{
	uint64_t baseline;

	TRY(seek_cache(s, cache, steps, into, done, n));
	TRY(space_baseline(s, &baseline));
	return baseline > *done && baseline <= steps ? space_start(s, into, done, n) : OK;
}

/* The cache failed: go on without it. */
void space_drop_recorder(struct space *s)
{
	say_warn(s->world->say, "%s cannot be written; the next command rebuilds it from the log",
		 s->state_path);
	(void)recorder_close(s->recorder);
	s->recorder = NULL;
}

void space_record_step(struct space *s, struct state *after)
{
	if (s->recorder && recorder_append(s->recorder, after) != OK)
		space_drop_recorder(s);
}

/* A body that never became durable is missing, or there only in part. */
static enum err find_body(struct space *s, const struct digest *d, bool *lost)
{
	struct body ignored;
	enum err e = d && !*lost ? blob_get(s->blobs, d, &ignored) : OK;

	*lost = *lost || e == ERR_MISS || e == ERR_TAMPERED;
	return *lost ? OK : e;
}

/*
 * Did a line of the tail, or a body it names, never become durable? A result counts as well, though
 * nothing is decided from it: it would be missed as soon as the line is signed. So does a rotation
 * of the log's key, whose last step is the checkpoint that is not there (log_keys.c).
 */
static enum err was_lost(struct space *s, struct str line, bool *ret)
{
	struct glance seen;
	struct entry entry;
	struct arena a;
	bool lost = false;
	enum err e;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = entry_parse(line, &a, &entry, NULL);
	if (e == OK) {
		lost = succession_turns(line);
		e = find_body(s, entry.args, &lost);
		if (e == OK)
			e = find_body(s, entry.result, &lost);
	} else if (e != ERR_MEMORY) {
		/* Whole, but no entry: that is for the gate to judge. */
		lost = entry_glance(line, &seen, NULL) != OK;
		e = OK;
	}
	arena_fini(&a);
	*ret = lost;
	return e;
}

/* `*done` counts the entries that are in `into`. */
static enum err rerun_lines(struct space *s, struct log_reader *reader, struct rerun *r,
			    struct state *into, uint64_t *done, struct note *n)
{
	const bool accepting = into == s->state;
	struct rerun_step step;
	bool lost = false;
	struct str line;

	for (;; ++*done) {
		TRY(log_reader_next(reader, &line));
		if (line.ptr && accepting && *done >= log_signed_size(s->log))
			TRY(was_lost(s, line, &lost));
		if (!line.ptr || lost)
			return OK;
		TRY(judge_line(reader, rerun_line(r, line, &step, n), n));
		if (!step.equal) {
			log_reader_place(reader, log_reader_index(reader) - 1, n);
			return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
					"entry %llu is not what the gate decides from its own "
					"inputs; 'trammel replay' shows both",
					(unsigned long long)step.recorded->seq);
		}
		if (accepting)
			space_record_step(s, into);
	}
}

/*
 * Entries from `*done` to `steps` onto `into`; into the cache too when that is the space's state.
 * `*done` is `steps` then, or where a tail turned out to be lost.
 */
static enum err run_forward(struct space *s, uint64_t *done, uint64_t steps, struct state *into,
			    struct note *n)
{
	struct log_reader *reader;
	struct rerun *r;
	enum err e;

	if (*done == steps)
		return OK;
	TRY(log_reader_open(s->world, s->log_path, *done, steps, &reader));
	e = rerun_open(into, s->config.origin, *done, space_bodies(s), NULL, &r, n);
	if (e == OK) {
		e = rerun_lines(s, reader, r, into, done, n);
		rerun_close(r);
	}
	log_reader_close(reader);
	return e;
}

enum err space_catch_up(struct space *s, struct note *n)
{
	uint64_t done, known = log_signed_size(s->log);

	TRY(seek_start(s, s->recorder, known, s->state, &done, n));
	if (done < known)
		say_info(s->world->say, "%s lacks entries from %llu on; they are re-run",
			 s->state_path, (unsigned long long)done);
	if (s->recorder && recorder_cut(s->recorder, done) != OK)
		space_drop_recorder(s);
	/* Its steps count from the first entry: behind a prune a lost cache stays lost. */
	if (s->recorder && recorder_steps(s->recorder) < done) {
		(void)recorder_close(s->recorder);
		s->recorder = NULL;
	}
	TRY(run_forward(s, &done, log_size(s->log), s->state, n));
	s->recovered = done - known;
	s->lost = log_size(s->log) - done;
	return OK;
}

enum err space_state_at(struct space *s, uint64_t step, struct state *into, struct digest *root,
			struct note *n)
{
	struct recorder *cache = s->recorder;
	struct digest recorded, now;
	uint64_t done;
	enum err e;

	TRY(space_recorded_root(s, step, &recorded, n));
	if (!cache && recorder_open_read(s->world, s->state_path, s->config.snapshot_interval,
					 &cache) != OK)
		cache = NULL;
	e = seek_start(s, cache, step + 1, into, &done, n);
	if (e == OK)
		e = run_forward(s, &done, step + 1, into, n);
	if (cache != s->recorder)
		(void)recorder_close(cache);
	TRY(e);
	now = state_root(into);
	if (!digest_eq(&recorded, &now))
		return note_set(n, ERR_TAMPERED, 0, 0, "the state after entry %llu does not have "
				"the root that the entry carries", (unsigned long long)step);
	*root = now;
	return OK;
}
