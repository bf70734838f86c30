/*
 * feed: a log from front to back, each line with all that its turn will need.
 *
 *   log -> line -> leaf -> Merkle range
 *             \--> entry -> body -> batch  --- belt --->  feed_next, one line after the other
 *
 * All of this asks nothing of the gate, so it is done ahead of it. Lines are taken many at a time
 * because their hashes then share lanes. A batch owns what is in it; it is closed early where
 * bodies are large, so that memory is bounded, and behind a line that is no entry, because nobody
 * goes on from there. What went wrong is told where it lies: a line's failure with the line, the
 * log's behind the last whole line.
 */
#include "replay/inside.h"

#include <stdlib.h>

#include "engine/base/belt.h"

#define LINES 256
#define BATCHES 4
/* Of lines and bodies in a batch, before the last. Trees of lines take 40 times that at worst. */
#define BATCH_BYTES (256u << 10)
#define BATCH_MEMORY ((size_t)LIMIT_ACTION_MEMORY)

_Static_assert(BATCH_MEMORY > 48 * (size_t)BATCH_BYTES + 2 * (size_t)LIMIT_BODY_BYTES,
	       "a batch has room for its lines and the bodies of the last one");

struct batch {
	struct arena memory;
	struct rerun_input inputs[LINES];
	size_t count;
	enum err failed;                      /* what came behind them */
	struct note note;                     /* of an input that failed, which is the last one */
};

struct feed {
	/* The belt's, until it has ended. */
	struct log_reader *reader;
	struct gate_bodies bodies;
	struct merkle_range range;
	uint64_t signed_size;
	struct digest signed_root;
	struct str lines[LINES];              /* read and hashed, not in a batch yet: */
	size_t first, count;
	struct batch batches[BATCHES];
	/* Of who asks for the next line. */
	struct belt *belt;
	const struct batch *batch;
	size_t given;
};

static enum err read_lines(struct feed *f)
{
	struct digest leaves[LINES];

	f->first = 0;
	TRY(log_reader_batch(f->reader, f->lines, LINES, &f->count, NULL));
	sha256_leaves(f->lines, f->count, leaves);
	for (size_t i = 0; i < f->count; i++) {
		merkle_add(&f->range, &leaves[i]);
		if (f->range.size == f->signed_size)
			merkle_root(&f->range, &f->signed_root);
	}
	return OK;
}

/* A copy of the next line; ptr NULL behind the last. */
static enum err next_line(struct feed *f, struct arena *a, struct str *ret)
{
	*ret = STR_NONE;
	if (f->first == f->count)
		TRY(read_lines(f));
	return f->first < f->count ? arena_copy(a, f->lines[f->first++], ret) : OK;
}

static bool fill_batch(void *self, void *slot)
{
	struct feed *f = self;
	struct batch *b = slot;
	size_t bytes = 0;
	struct str line;

	arena_rewind(&b->memory, (struct arena_mark){ NULL, 0 });
	b->count = 0;
	while (b->count < LINES && bytes < BATCH_BYTES) {
		struct rerun_input *in = &b->inputs[b->count];

		b->failed = next_line(f, &b->memory, &line);
		if (b->failed != OK || !line.ptr)
			return false;
		rerun_read(f->bodies, line, &b->memory, in, &b->note);
		b->count++;
		if (in->failed != OK)
			return false;
		bytes += line.len + in->args_text.len + in->result_text.len;
	}
	return true;
}

enum err feed_open(struct space *s, uint64_t signed_size, struct feed **ret)
{
	struct world *w = space_world(s);
	struct feed *f = calloc(1, sizeof(*f));
	enum err e;

	if (!f)
		return ERR_MEMORY;
	f->bodies = space_bodies(s);
	f->signed_size = signed_size;
	merkle_init(&f->range);
	merkle_root(&f->range, &f->signed_root);
	for (size_t i = 0; i < BATCHES; i++)
		arena_init(&f->batches[i].memory, BATCH_MEMORY);
	e = log_reader_open(w, space_log_folder(s), 0, UINT64_MAX, &f->reader);
	if (e == OK)
		e = belt_open(&(struct belt_plan){ fill_batch, f, f->batches, sizeof(*f->batches),
						   BATCHES, w->threads }, &f->belt);
	if (e != OK) {
		feed_close(f);
		return e;
	}
	*ret = f;
	return OK;
}

void feed_close(struct feed *f)
{
	if (!f)
		return;
	belt_close(f->belt);
	log_reader_close(f->reader);
	for (size_t i = 0; i < BATCHES; i++)
		arena_fini(&f->batches[i].memory);
	free(f);
}

enum err feed_next(struct feed *f, const struct rerun_input **ret)
{
	while (!f->batch || f->given == f->batch->count) {
		if (f->batch && f->batch->failed != OK)
			return f->batch->failed;
		f->batch = belt_next(f->belt);
		f->given = 0;
		if (!f->batch) {
			*ret = NULL;
			return OK;
		}
	}
	*ret = &f->batch->inputs[f->given++];
	return OK;
}

void feed_heads(const struct feed *f, struct feed_heads *ret)
{
	ret->entries = f->range.size;
	ret->signed_root = f->signed_root;
	merkle_root(&f->range, &ret->root);
}

void feed_place(const struct feed *f, uint64_t entry, struct note *n)
{
	log_reader_place(f->reader, entry, n);
}
