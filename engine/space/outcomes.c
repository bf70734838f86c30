/*
 * outcomes: which action may still get an outcome.
 *
 *   entries   0 ....... from ============ end      in the ring: known
 *                 <---- read from the log when an outcome asks for an older one
 *
 * The gate cannot tell, for it reads no log; so this is asked at the edge, where documents come in,
 * and a no is recorded as a refusal. Who sends no outcomes pays nothing: the ring is made for the
 * first one. Going back reads each entry once however many outcomes ask, because an outcome that is
 * met marks its action even where the action itself was not read yet.
 */
#include "engine/space/inside.h"

#include <stdlib.h>

#define ALLOWED 1u
#define CLOSED 2u
#define RING LIMIT_OUTCOME_ENTRIES

_Static_assert(RING % 4 == 0, "four entries to a byte");

static unsigned shift_of(uint64_t seq)
{
	return 2 * (unsigned)(seq % 4);
}

static void mark(struct outcomes *o, uint64_t seq, unsigned what)
{
	o->bits[seq % RING / 4] |= (uint8_t)(what << shift_of(seq));
}

static bool is(const struct outcomes *o, uint64_t seq, unsigned what)
{
	return o->bits[seq % RING / 4] >> shift_of(seq) & what;
}

/* The slot is another entry's from here on: that of the one a ring further back. */
static void forget(struct outcomes *o, uint64_t seq)
{
	o->bits[seq % RING / 4] &= (uint8_t)~((ALLOWED | CLOSED) << shift_of(seq));
}

static bool in_reach(const struct outcomes *o, uint64_t seq)
{
	return seq < o->end && o->end - seq <= RING;
}

static enum err note_outcome(struct outcomes *o, struct str line)
{
	struct entry entry;
	struct arena a;
	enum err e;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = entry_parse(line, &a, &entry, NULL);
	for (size_t i = 0; e == OK && i < entry.link_count; i++)
		if (str_is(entry.links[i].rel, "outcome_of") && in_reach(o, entry.links[i].seq))
			mark(o, entry.links[i].seq, CLOSED);
	arena_fini(&a);
	return e;
}

static enum err note_line(struct outcomes *o, uint64_t seq, struct str line)
{
	struct glance seen;

	TRY(entry_glance(line, &seen, NULL));
	if (!seen.action)
		return note_outcome(o, line);
	if (seen.allowed)
		mark(o, seq, ALLOWED);
	return OK;
}

enum err space_follow_outcomes(struct space *s, uint64_t seq, struct str line)
{
	struct outcomes *o = &s->outcomes;

	if (!o->bits)
		return OK;
	forget(o, seq);
	o->end = seq + 1;
	if (o->end - o->from > RING)
		o->from = o->end - RING;
	return note_line(o, seq, line);
}

/* Read entries `from` to o->from; what was not written yet is handed over first. */
static enum err go_back(struct space *s, uint64_t from)
{
	struct outcomes *o = &s->outcomes;
	struct log_reader *reader;
	struct str line = STR_NONE;
	enum err e = OK;

	TRY(space_hand_over(s, false));
	TRY(log_reader_open(s->world, s->log_path, from, o->from, &reader));
	for (uint64_t seq = from; e == OK && seq < o->from; seq++) {
		e = log_reader_next(reader, &line);
		if (e == OK)
			e = line.ptr ? note_line(o, seq, line) : ERR_TAMPERED;
	}
	log_reader_close(reader);
	TRY(e);
	o->from = from;
	return OK;
}

static enum err know(struct space *s, uint64_t seq)
{
	struct outcomes *o = &s->outcomes;

	if (!o->bits) {
		o->bits = calloc(RING / 4, 1);
		o->from = o->end = s->gate.seq;
	}
	if (!o->bits)
		return ERR_MEMORY;
	return seq < o->from ? go_back(s, seq) : OK;
}

/* Who was killed since the action was allowed does not commit it. */
static enum err check_fence(struct space *s, uint64_t of, struct str line, struct note *n)
{
	struct halt_row halt;
	struct entry entry;
	struct arena a;
	enum err e;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = entry_parse(line, &a, &entry, NULL);
	if (e == OK && halt_fences(s->state, GATE_HALTS, entry.agent, entry.session, of, &halt))
		e = note_set(n, ERR_DENIED, 1, 1, "'outcome_of' names entry %llu, which was "
			     "fenced off when entry %llu killed %s%s%.*s",
			     (unsigned long long)of, (unsigned long long)halt.fence,
			     halt_scope_name((enum halt_scope)halt.scope),
			     halt.scope == HALT_ALL ? "" : " ", STR_ARG(halt_name(&halt)));
	arena_fini(&a);
	return e;
}

/* Costs nothing but where something was killed since. */
static enum err pass_fence(struct space *s, uint64_t of, struct note *n)
{
	struct log_reader *reader;
	struct str line = STR_NONE;
	enum err e;

	if (of >= halt_fence(s->state, GATE_HALTS))
		return OK;
	TRY(space_hand_over(s, false));
	TRY(log_reader_open(s->world, s->log_path, of, of + 1, &reader));
	e = log_reader_next(reader, &line);
	if (e == OK)
		e = line.ptr ? check_fence(s, of, line, n) : ERR_TAMPERED;
	log_reader_close(reader);
	return e;
}

enum err space_outcome(void *self, uint64_t of, struct note *n)
{
	struct space *s = self;
	unsigned long long entry = of;

	if (of >= s->gate.seq)
		return ERR_RANGE;
	if (s->gate.seq - of > RING)
		return note_set(n, ERR_LIMIT, 1, 1, "'outcome_of' names entry %llu, more than %u "
				"entries back", entry, RING);
	TRY(know(s, of));
	if (!is(&s->outcomes, of, ALLOWED))
		return note_set(n, ERR_RANGE, 1, 1, "'outcome_of' names entry %llu, which is not "
				"an action that was allowed", entry);
	if (is(&s->outcomes, of, CLOSED))
		return note_set(n, ERR_EXISTS, 1, 1, "'outcome_of' names entry %llu, which has "
				"its outcome already", entry);
	return pass_fence(s, of, n);
}
