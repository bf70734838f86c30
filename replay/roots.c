/*
 * roots: the digests of a strict replay, computed behind the gate.
 *
 *   player: decide -> line with the recorded digests -> equal?   the next one
 *                \--> changed rows, what the rules saw
 *                        \-- belt -->  rows of its own -> root, SHA-256 -> those recorded?
 *
 * Hashing is a third of what a recorded entry costs to be made again, and nothing that the gate
 * decides depends on it. So it is done for many entries at a time and by the thread of a belt,
 * whose slots come back with the verdict on what was put into them. An entry is right when its line
 * came out the same and its digests are found right here; the first that is not is the divergence,
 * although the gate is further on by then. What is told about it is as if the replay had ended
 * there.
 */
#include "replay/inside.h"

#include <stdlib.h>

#include "engine/base/belt.h"

#define ENTRIES 128
/* So many that the gate goes on while the reader has the processor that both threads may share. */
#define LOADS 16
/* Of rows, texts and lines in a load, before the last. */
#define LOAD_BYTES (256u << 10)
/* And of the last one: an undone step leaves dirty rows too. */
#define ROWS_BYTES (LOAD_BYTES + 2 * (size_t)LIMIT_STEP_ROWS * (LIMIT_ROW_BYTES + 16))
#define TEXT_BYTES (LOAD_BYTES + (size_t)LIMIT_ACTION_BYTES)

struct job {
	struct roots_entry entry;
	struct digest state, input;           /* as recorded */
	bool has_input;
	size_t rows_end, text_end, line_end;  /* in the load's buffers */
};

struct load {
	struct buf rows, texts, lines;
	struct job jobs[ENTRIES];
	size_t count;
	/* What came of it. */
	enum err failed;                      /* OK, ERR_DIVERGED or why it could not be told */
	size_t bad;                           /* the first that diverges */
	struct digest states[ENTRIES], inputs[ENTRIES];      /* as they come out */
};

struct roots {
	/* The belt's until it ends or has found something. */
	struct state *state;
	bool stopped;
	struct load loads[LOADS];
	/* Of who hands entries over. */
	struct belt *belt;
	struct load *load;
	enum err failed;
	const struct load *found;
};

/* A part of a buffer that ends where the next one begins. */
static struct str part(const struct buf *b, size_t begin, size_t end)
{
	return str_slice(b->ptr + begin, end - begin);
}

static enum err compute(struct roots *r, struct load *l)
{
	struct str trails[ENTRIES], texts[ENTRIES];
	size_t row = 0, text = 0;

	/* The state may still be filled by who opened us, or read by who ended us. */
	if (l->count == 0)
		return OK;
	for (size_t i = 0; i < l->count; i++) {
		trails[i] = part(&l->rows, row, l->jobs[i].rows_end);
		texts[i] = part(&l->texts, text, l->jobs[i].text_end);
		row = l->jobs[i].rows_end;
		text = l->jobs[i].text_end;
	}
	sha256_each(texts, l->count, l->inputs);
	return state_follow(r->state, trails, l->count, l->states);
}

static bool comes_out(const struct load *l, size_t at)
{
	const struct job *job = &l->jobs[at];

	return digest_eq(&l->states[at], &job->state) &&
	       (!job->has_input || digest_eq(&l->inputs[at], &job->input));
}

static bool check_load(void *self, void *slot)
{
	struct roots *r = self;
	struct load *l = slot;

	if (r->stopped)
		return true;
	l->failed = compute(r, l);
	l->bad = 0;
	while (l->failed == OK && l->bad < l->count && comes_out(l, l->bad))
		l->bad++;
	if (l->failed == OK && l->bad < l->count)
		l->failed = ERR_DIVERGED;
	r->stopped = l->failed != OK;
	return true;
}

enum err roots_open(struct world *w, uint64_t seed, struct roots **ret)
{
	struct roots *r = calloc(1, sizeof(*r));
	enum err e;

	if (!r)
		return ERR_MEMORY;
	for (size_t i = 0; i < LOADS; i++) {
		buf_init(&r->loads[i].rows, ROWS_BYTES);
		buf_init(&r->loads[i].texts, TEXT_BYTES);
		buf_init(&r->loads[i].lines, TEXT_BYTES);
	}
	e = gate_state_open(&r->state);
	if (e == OK) {
		state_seed(r->state, seed);
		e = belt_open(&(struct belt_plan){ check_load, r, r->loads, sizeof(*r->loads),
						   LOADS, w->threads }, &r->belt);
	}
	if (e != OK) {
		roots_close(r);
		return e;
	}
	r->load = belt_next(r->belt);
	*ret = r;
	return OK;
}

void roots_close(struct roots *r)
{
	if (!r)
		return;
	belt_close(r->belt);
	state_close(r->state);
	for (size_t i = 0; i < LOADS; i++) {
		buf_fini(&r->loads[i].rows);
		buf_fini(&r->loads[i].texts);
		buf_fini(&r->loads[i].lines);
	}
	free(r);
}

/* Give the load to the belt and look at what came of an earlier one, which is the next load. */
static enum err turn(struct roots *r)
{
	struct load *l;

	if (r->failed != OK)
		return r->failed;
	l = r->load = belt_next(r->belt);
	r->failed = l->failed;
	if (l->failed == ERR_DIVERGED)
		r->found = l;
	if (l->failed != OK)
		return l->failed;
	l->count = 0;
	buf_clear(&l->rows);
	buf_clear(&l->texts);
	buf_clear(&l->lines);
	return OK;
}

static bool is_full(const struct load *l)
{
	return l->count == ENTRIES || l->rows.len + l->texts.len + l->lines.len >= LOAD_BYTES;
}

enum err roots_add(struct roots *r, struct state *s, const struct rerun_step *step,
		   const struct roots_entry *entry)
{
	const struct decision *d = step->recorded->decision;
	struct load *l;
	struct job *job;

	if (r->failed != OK)
		return r->failed;
	l = r->load;
	job = &l->jobs[l->count++];
	*job = (struct job){ .entry = *entry, .state = step->recorded->state };
	job->has_input = step->input.ptr && d && d->input;
	if (job->has_input) {
		job->input = *d->input;
		buf_add(&l->texts, step->input);
	}
	buf_add(&l->lines, step->line);
	r->failed = state_trail(s, &l->rows);
	job->rows_end = l->rows.len;
	job->text_end = l->texts.len;
	job->line_end = l->lines.len;
	if (r->failed == OK)
		r->failed = l->texts.err != OK ? l->texts.err : l->lines.err;
	return r->failed == OK && is_full(l) ? turn(r) : r->failed;
}

enum err roots_end(struct roots *r)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < LOADS; i++)
		e = turn(r);
	/* After a failure there may be loads on the way, which nobody waits for. */
	belt_close(r->belt);
	r->belt = NULL;
	return e;
}

struct state *roots_state(struct roots *r)
{
	return r->state;
}

/* The entry as it would have been written. */
static enum err replayed_line(const struct load *l, struct str recorded, struct arena *a,
			      struct str *ret)
{
	struct decision decision;
	struct entry entry;
	struct buf line;

	TRY(entry_parse(recorded, a, &entry, NULL));
	entry.state = l->states[l->bad];
	if (l->jobs[l->bad].has_input) {
		decision = *entry.decision;
		decision.input = &l->inputs[l->bad];
		entry.decision = &decision;
	}
	buf_init(&line, LIMIT_ENTRY_BYTES);
	entry_write(&line, &entry);
	return arena_take(a, &line, ret);
}

enum err roots_divergence(const struct roots *r, struct arena *a, struct roots_divergence *ret)
{
	const struct load *l = r->found;
	size_t bad = l->bad;

	ret->entry = l->jobs[bad].entry;
	ret->state = l->states[bad];
	TRY(arena_copy(a, part(&l->lines, bad > 0 ? l->jobs[bad - 1].line_end : 0,
			       l->jobs[bad].line_end), &ret->recorded));
	return replayed_line(l, ret->recorded, a, &ret->replayed);
}
