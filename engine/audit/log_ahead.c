/*
 * log_ahead: whole segments verified by two threads, every other one each.
 *
 *   segment  0     2     4   ...  by who asks        --+--> sums, in the order of the segments
 *               1     3     5 ... by a thread of ours --+
 *
 * A segment can be taken by itself: its lines say which they are, and its leaves make up whole
 * tiles. So a sum is all there is to know of one that is as it should be. Of another one nothing is
 * told but that it is: who asks takes it line by line then, and finds the first fault in it.
 */
#include "engine/audit/inside.h"

#include <stdlib.h>

#include "engine/base/belt.h"

#define SLOTS 2

/* What one thread works with. */
struct worker {
	const struct log_place *place;
	struct str origin;
	const struct succession *keys;
	uint64_t next, end;          /* segments: every other one from `next` on */
	struct digest leaves[TILE_WIDTH], stored[TILE_WIDTH];
};

struct log_ahead {
	struct worker own, other;
	struct log_sum sum, slots[SLOTS];
	struct belt *belt;
	uint64_t turn;               /* the segment that is asked for next */
};

static bool is_listed(const struct worker *k, struct log_sum *s, struct str line, uint64_t seq)
{
	struct digest leaf = sha256_prefixed(0, line);

	s->turns++;
	return succession_has(k->keys, seq, &leaf);
}

/* Lines as they should be, from entry `index` on? Their leaves are as many. */
static bool add_lines(struct worker *k, struct log_sum *s, const struct str *lines, size_t count,
		      uint64_t index)
{
	for (size_t i = 0; i < count; i++) {
		struct glance seen;

		if (entry_glance(lines[i], &seen, NULL) != OK || !str_eq(seen.log, k->origin) ||
		    seen.seq != index + i || (seen.turn && !is_listed(k, s, lines[i], seen.seq)))
			return false;
		s->bytes += lines[i].len + 1;
		s->actions += seen.action;
		s->allowed += seen.action && seen.allowed;
		s->refused += seen.refusal;
	}
	sha256_leaves(lines, count, &k->leaves[index % TILE_WIDTH]);
	return true;
}

/* The stored tile of these leaves is as it should be? */
static bool add_tile(struct worker *k, struct log_sum *s, uint64_t tile)
{
	if (tiles_read(k->place, 0, tile, TILE_WIDTH, k->stored, NULL) != OK ||
	    memcmp(k->stored, k->leaves, sizeof(k->leaves)) != 0)
		return false;
	tiles_leaves_root(k->leaves, &s->roots[s->tiles++]);
	return true;
}

static bool add_entries(struct worker *k, struct log_sum *s, struct log_reader *r, uint64_t end)
{
	struct str lines[TILE_WIDTH];
	uint64_t index;
	size_t count;

	while ((index = log_reader_index(r)) < end) {
		size_t room = TILE_WIDTH - index % TILE_WIDTH;

		if (log_reader_batch(r, lines, room, &count, NULL) != OK || count == 0 ||
		    !add_lines(k, s, lines, count, index))
			return false;
		if ((index + count) % TILE_WIDTH == 0 && !add_tile(k, s, index / TILE_WIDTH))
			return false;
	}
	/* Going on says whether anything lies behind the last line. */
	return log_reader_batch(r, lines, 1, &count, NULL) == OK;
}

static void sum_segment(struct worker *k, struct log_sum *s)
{
	uint64_t first = k->next * k->place->segment_entries;
	struct log_reader *r;

	s->good = false;
	s->bytes = s->actions = s->allowed = s->refused = 0;
	s->tiles = s->turns = 0;
	if (log_reader_open_at(k->place, first, UINT64_MAX, &r, NULL) == OK) {
		s->good = add_entries(k, s, r, first + k->place->segment_entries);
		log_reader_close(r);
	}
	k->next += 2;
}

static bool fill(void *self, void *slot)
{
	struct worker *k = self;

	sum_segment(k, slot);
	return k->next < k->end;
}

enum err log_ahead_open(const struct log_place *p, struct str origin,
			const struct succession *keys, uint64_t first, uint64_t end,
			struct log_ahead **ret)
{
	struct log_ahead *a;
	enum err e;

	MUST(first + 1 < end && p->segment_entries % TILE_WIDTH == 0);
	a = malloc(sizeof(*a));
	if (!a)
		return ERR_MEMORY;
	a->own = (struct worker){ .place = p, .origin = origin, .keys = keys, .next = first,
				  .end = end };
	a->other = a->own;
	a->other.next = first + 1;
	e = belt_open(&(struct belt_plan){ fill, &a->other, a->slots, sizeof(*a->slots), SLOTS,
					   p->w->threads }, &a->belt);
	if (e != OK) {
		free(a);
		return e;
	}
	a->turn = first;
	*ret = a;
	return OK;
}

const struct log_sum *log_ahead_next(struct log_ahead *a)
{
	if (a->turn == a->own.end)
		return NULL;
	if (a->turn++ != a->own.next)
		return belt_next(a->belt);
	sum_segment(&a->own, &a->sum);
	return &a->sum;
}

void log_ahead_close(struct log_ahead *a)
{
	if (a)
		belt_close(a->belt);
	free(a);
}
