/*
 * search: entries that match, batch by batch.
 *
 *   at ---> [ candidates of a piece, or every line of a gap ] ---> read, match, copy ---> hits
 *
 * Candidates of a batch are always read in the order of the log, whatever the order of the answer,
 * because that is how lines are cheap to get. When a piece fails half way, its batch is thrown
 * away, and the piece is a gap from then on.
 */
#include "engine/index/inside.h"

#include <stdlib.h>

#include "engine/base/match.h"

#define BATCH 256                    /* candidates, or lines of a gap */
#define MEMORY ((size_t)512 << 20)   /* a batch of the longest lines, read */

/* An outcome of the status that is wanted. */
struct tie {
	uint64_t of, seq;            /* the action, and the outcome's entry */
};

struct candidate {
	uint64_t seq;
	struct log_spot spot;
	bool placed;                 /* the piece says so; else it was met on a walk */
};

struct search {
	struct index *x;
	struct search_order order;
	struct sieve sieve;
	struct arena memory, batch_memory;
	struct lines lines, outcome_lines;
	uint64_t at;                 /* next to look at; newest first: the one behind it */
	uint64_t given;              /* the same, behind what was given last */
	struct shelf_piece *shelved; /* where `piece` stands */
	struct piece *piece;         /* being asked; NULL: none */
	struct tie *ties;            /* by action */
	size_t tie_count, tie_room;
	struct candidate candidates[BATCH];
	struct hit hits[BATCH];
	uint64_t hit_seqs[BATCH];
	size_t hit_count, hit_next;
};

/* --- outcomes of the status that is wanted --- */

static enum err tie(struct search *s, uint64_t of, uint64_t seq, struct note *n)
{
	if (s->tie_count == LIMIT_QUERY_OUTCOMES)
		return note_set(n, ERR_LIMIT, 0, 0,
				"more than %u outcomes have this status; ask for them with --kind "
				"outcome", LIMIT_QUERY_OUTCOMES);
	if (s->tie_count == s->tie_room) {
		size_t room = s->tie_room ? 2 * s->tie_room : 256;
		struct tie *more = realloc(s->ties, room * sizeof(*more));

		if (!more)
			return ERR_MEMORY;
		s->ties = more;
		s->tie_room = room;
	}
	s->ties[s->tie_count++] = (struct tie){ of, seq };
	return OK;
}

static enum err tie_piece(struct search *s, struct shelf_piece *shelved, struct note *n)
{
	uint64_t seq = 0, of = 0;
	struct piece *p;
	bool more;
	enum err e;

	TRY(shelf_open_piece(s->x, shelved, &p));
	e = piece_ask_outcomes(p, s->order.filter.outcome);
	while (e == OK && (e = piece_next_outcome(p, &seq, &of, &more)) == OK && more)
		e = tie(s, of, seq, n);
	piece_close(p);
	return e;
}

static enum err tie_gap(struct search *s, uint64_t from, uint64_t end, struct note *n)
{
	struct arena_mark mark = arena_mark(&s->batch_memory);
	struct str line, status;
	struct entry entry;
	uint64_t of;

	for (; from < end; from++) {
		TRY(lines_get(&s->lines, from, NULL, &line));
		if (!line.ptr)
			break;
		if (!str_has(line, STR("\"outcome_of\"")))
			continue;
		TRY(lines_read(&s->lines, from, line, &s->batch_memory, &entry, n));
		if (filter_outcome(&entry, &status, &of) &&
		    match_glob(s->order.filter.outcome, status))
			TRY(tie(s, of, from, n));
		arena_rewind(&s->batch_memory, mark);
	}
	return OK;
}

static int by_action(const void *a, const void *b)
{
	const struct tie *one = a, *two = b;

	if (one->of != two->of)
		return one->of < two->of ? -1 : 1;
	return one->seq < two->seq ? -1 : one->seq > two->seq;
}

static enum err tie_all(struct search *s, struct note *n)
{
	uint64_t at = 0, end = index_end(s->x);

	while (at < end) {
		struct shelf_piece *shelved = shelf_find(s->x, at);
		size_t before = s->tie_count;
		uint64_t next = shelved ? shelved->span.first + shelved->span.count
					: shelf_gap_end(s->x, at);
		enum err e = shelved ? tie_piece(s, shelved, n) : tie_gap(s, at, next, n);

		if (e == ERR_MEMORY || s->tie_count == LIMIT_QUERY_OUTCOMES ||
		    (e != OK && !shelved))
			return e;
		if (e != OK) {
			s->tie_count = before;
			shelf_drop(s->x, shelved, e);
			continue;
		}
		at = next;
	}
	if (s->tie_count > 0)
		qsort(s->ties, s->tie_count, sizeof(*s->ties), by_action);
	return OK;
}

/* Does an action have such an outcome? The outcome's own line says so. */
static enum err check_outcome(struct search *s, uint64_t action, bool *ret, struct note *n)
{
	size_t low = 0, high = s->tie_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->ties[middle].of < action)
			low = middle + 1;
		else
			high = middle;
	}
	for (*ret = false; !*ret && low < s->tie_count && s->ties[low].of == action; low++) {
		struct str line, status = STR_NONE;
		uint64_t of = 0;
		struct entry e;

		TRY(lines_get(&s->outcome_lines, s->ties[low].seq, NULL, &line));
		if (!line.ptr)
			continue;
		TRY(lines_read(&s->outcome_lines, s->ties[low].seq, line, &s->batch_memory, &e, n));
		*ret = filter_outcome(&e, &status, &of) && of == action &&
		       match_glob(s->order.filter.outcome, status);
	}
	return OK;
}

/* --- candidates --- */

static void leave_piece(struct search *s)
{
	piece_close(s->piece);
	s->piece = NULL;
	s->shelved = NULL;
}

/* The part of a span that is still to be looked at. */
static enum err ask(struct search *s)
{
	uint64_t first = s->shelved->span.first, end = first + s->shelved->span.count;
	bool down = s->order.newest_first;

	return piece_ask(s->piece, &s->order.filter, down ? first : s->at, down ? s->at : end,
			 down);
}

static enum err enter_piece(struct search *s, struct shelf_piece *shelved)
{
	if (s->shelved == shelved)
		return OK;
	leave_piece(s);
	s->shelved = shelved;
	TRY(shelf_open_piece(s->x, shelved, &s->piece));
	return ask(s);
}

/* Up to BATCH of them; s->at is behind what was looked at when all goes well. */
static enum err ask_piece(struct search *s, struct shelf_piece *shelved, size_t *count)
{
	uint64_t seq = 0;
	bool more = true;

	*count = 0;
	TRY(enter_piece(s, shelved));
	while (*count < BATCH) {
		struct candidate *c = &s->candidates[*count];

		TRY(piece_next(s->piece, &seq, &more));
		if (!more)
			break;
		*c = (struct candidate){ .seq = seq, .placed = true };
		TRY(piece_spot(s->piece, seq, &c->spot));
		++*count;
	}
	if (more)
		s->at = s->order.newest_first ? seq : seq + 1;
	else
		s->at = shelved->span.first + (s->order.newest_first ? 0 : shelved->span.count);
	return OK;
}

/* Every line of a gap may match. */
static size_t walk_gap(struct search *s)
{
	bool down = s->order.newest_first;
	uint64_t from = s->at, end = s->at;
	size_t count = 0;

	leave_piece(s);
	if (down) {
		from = shelf_gap_begin(s->x, s->at);
		from = end - from > BATCH ? end - BATCH : from;
	} else {
		end = shelf_gap_end(s->x, s->at);
		end = end - from > BATCH ? from + BATCH : end;
	}
	for (uint64_t seq = from; seq < end; seq++)
		s->candidates[count++] = (struct candidate){ .seq = seq };
	s->at = down ? from : end;
	return count;
}

/* --- hits --- */

static enum err try_line(struct search *s, uint64_t seq, struct str line, struct note *n)
{
	struct arena_mark mark = arena_mark(&s->batch_memory);
	struct entry *entry = arena_alloc(&s->batch_memory, sizeof(*entry));
	struct str copy;
	bool passes;

	if (!entry)
		return ERR_MEMORY;
	TRY(arena_copy(&s->batch_memory, line, &copy));
	TRY(lines_read(&s->lines, seq, copy, &s->batch_memory, entry, n));
	passes = sieve_passes(&s->sieve, entry);
	if (passes && s->order.filter.outcome.ptr)
		TRY(check_outcome(s, seq, &passes, n));
	if (!passes) {
		arena_rewind(&s->batch_memory, mark);
		return OK;
	}
	s->hits[s->hit_count] = (struct hit){ copy, entry };
	s->hit_seqs[s->hit_count++] = seq;
	return OK;
}

/* In the order of the log. A candidate that is not in the log means that its piece is wrong. */
static enum err try_candidates(struct search *s, size_t count, struct note *n)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = s->order.newest_first && s->candidates[0].placed ? count - 1 - i : i;
		const struct candidate *c = &s->candidates[at];
		struct str line;

		TRY(lines_get(&s->lines, c->seq, c->placed ? &c->spot : &s->x->tail, &line));
		if (!line.ptr && c->placed)
			return ERR_TAMPERED;
		if (line.ptr && sieve_may_pass(&s->sieve, line))
			TRY(try_line(s, c->seq, line, n));
	}
	return OK;
}

static bool at_end(const struct search *s)
{
	return s->order.newest_first ? s->at == 0 : s->at >= index_end(s->x);
}

static enum err fill(struct search *s, struct note *n)
{
	uint64_t before = s->at;
	uint64_t looked = s->order.newest_first ? before - 1 : before;
	struct shelf_piece *shelved = shelf_find(s->x, looked);
	size_t count = 0;
	enum err e = OK;

	s->hit_count = s->hit_next = 0;
	arena_rewind(&s->batch_memory, (struct arena_mark){ NULL, 0 });
	if (shelved)
		e = ask_piece(s, shelved, &count);
	else
		count = walk_gap(s);
	if (e == OK)
		e = try_candidates(s, count, shelved ? NULL : n);
	if (e == OK || !shelved || e == ERR_MEMORY)
		return e;
	leave_piece(s);
	lines_fini(&s->lines);
	shelf_drop(s->x, shelved, e);
	s->at = before;
	s->hit_count = 0;
	return OK;
}

enum err search_next(struct search *s, struct hit *ret, struct note *n)
{
	size_t i;

	while (s->hit_next == s->hit_count) {
		if (at_end(s)) {
			s->given = s->at;
			*ret = (struct hit){ STR_NONE, NULL };
			return OK;
		}
		TRY(fill(s, n));
	}
	i = s->order.newest_first ? s->hit_count - 1 - s->hit_next : s->hit_next;
	s->hit_next++;
	s->given = s->hit_seqs[i] + !s->order.newest_first;
	*ret = s->hits[i];
	return OK;
}

/* --- opening --- */

static enum err open_search(struct search *s, const struct search_order *order, struct note *n)
{
	const struct cursor *from = order->from;
	bool down = order->newest_first;

	TRY(sieve_init(&s->sieve, &order->filter, &s->memory));
	s->at = down ? index_end(s->x) : 0;
	if (from && cursor_tag(from, s->x->origin, order) != from->tag)
		return note_set(n, ERR_RANGE, 0, 0,
				"this cursor is of another question: it goes on only with the "
				"filters, the order and the log that it was printed for");
	if (from && from->at > index_end(s->x))
		return note_set(n, ERR_RANGE, 0, 0,
				"this cursor is at entry %llu, and the log has %llu",
				(unsigned long long)from->at,
				(unsigned long long)index_end(s->x));
	if (from)
		s->at = from->at;
	s->given = s->at;
	return order->filter.outcome.ptr ? tie_all(s, n) : OK;
}

enum err search_open(struct index *x, const struct search_order *order, struct search **ret,
		     struct note *n)
{
	struct search *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return ERR_MEMORY;
	s->x = x;
	s->order = *order;
	arena_init(&s->memory, LIMIT_QUERY_BYTES * 16);
	arena_init(&s->batch_memory, MEMORY);
	lines_init(&s->lines, x->w, x->log_folder, x->origin);
	lines_init(&s->outcome_lines, x->w, x->log_folder, x->origin);
	e = open_search(s, order, n);
	if (e != OK) {
		search_close(s);
		return e;
	}
	*ret = s;
	return OK;
}

void search_close(struct search *s)
{
	if (!s)
		return;
	leave_piece(s);
	lines_fini(&s->lines);
	lines_fini(&s->outcome_lines);
	arena_fini(&s->memory);
	arena_fini(&s->batch_memory);
	free(s->ties);
	free(s);
}

struct cursor search_cursor(const struct search *s)
{
	struct cursor c = { .at = s->given, .newest_ns = s->order.newest_ns };

	c.tag = cursor_tag(&c, s->x->origin, &s->order);
	return c;
}
