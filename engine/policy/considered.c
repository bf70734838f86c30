/*
 * considered: what a trial looked at, and found: the record of a decision.
 *
 *   order of trial   1  2  3  4  5  6  7  8  9
 *   policy           a  b  a  b  b  a  b  a  b        a extends b
 *   truth            f  f  e  f  f  t  f  -  t
 *                    \_____________ ______/  |
 *                    considered "f2ef2t"     floor b, behind the match: "ft"
 *
 * Up to the first match every rule is considered, and behind it those of floors whose own match is
 * still to come: that is what the order and the truths alone say. The index never hands out most of
 * the rules that are false, so only the others leave a mark, and the runs of false ones between
 * them are counted by their places. A rule whose policy is not for the agent is false: for whom it
 * is belongs to what it asks, as its tools do.
 *
 * What it cost is counted as if each of these rules had been asked in full: one for the rule, and
 * one for each comparison that it makes, its tools being one. That is no time, but it is the same
 * wherever and however the bundle is run.
 */
#include "engine/base/runs.h"
#include "engine/policy/inside.h"

#define MARKS_FIRST_ROOM 4

/* --- beforehand --- */

static uint64_t cost_of(const struct rule *rule)
{
	uint64_t cost = 1;

	for (uint32_t i = 0; rule->condition && i < rule->condition->count; i++) {
		uint8_t op = rule->condition->steps[i].op;

		cost += op <= STEP_NAMED && op != STEP_CONST;
	}
	return cost;
}

/* The tallies' arrays lie one behind the other, so that a few blocks hold all of them. */
static enum err fill_tallies(const struct queue *q, struct tally *tallies, size_t documents,
			     struct arena *memory)
{
	uint32_t *places = arena_array(memory, q->count, sizeof(*places));
	uint64_t *costs = arena_array(memory, q->count + documents, sizeof(*costs));
	uint32_t *next = arena_array(memory, documents, sizeof(*next));
	size_t first = 0;

	if (!places || !costs || !next)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < q->count; i++)
		tallies[q->rules[i]->document].count++;
	for (size_t d = 0; d < documents; d++) {
		next[d] = (uint32_t)first;
		tallies[d].places = places + first;
		tallies[d].costs = costs + first + d;
		first += tallies[d].count;
	}
	for (uint32_t i = 0; i < q->count; i++) {
		uint32_t d = q->rules[i]->document, at = next[d]++;

		places[at] = i;
		costs[at + d + 1] = costs[at + d] + cost_of(q->rules[i]);
	}
	return OK;
}

enum err considered_prepare(struct queue *q, size_t documents, struct arena *memory)
{
	struct tally *tallies = arena_array(memory, documents, sizeof(*tallies));
	uint64_t *costs = arena_array(memory, (size_t)q->count + 1, sizeof(*costs));

	if (!tallies || !costs)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < q->count; i++)
		costs[i + 1] = costs[i] + cost_of(q->rules[i]);
	TRY(fill_tallies(q, tallies, documents, memory));
	q->costs = costs;
	q->tallies = tallies;
	return OK;
}

/* --- on the way --- */

enum err considered_floors(struct considered *c, size_t documents)
{
	c->gone = arena_array(c->arena, documents, sizeof(*c->gone));
	return c->gone ? OK : ERR_MEMORY;
}

enum err considered_add(struct considered *c, uint32_t place, enum truth truth)
{
	if (c->mark_count == c->mark_room) {
		size_t room = c->mark_room ? c->mark_room * 2 : MARKS_FIRST_ROOM;
		struct truth_mark *grown = arena_array(c->arena, room, sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		if (c->mark_count)
			memcpy(grown, c->marks, c->mark_count * sizeof(*grown));
		c->marks = grown;
		c->mark_room = room;
	}
	c->marks[c->mark_count++] =
		(struct truth_mark){ place, truth == TRUTH_TRUE ? 't' : 'e' };
	return OK;
}

void considered_end(struct considered *c, size_t document, uint32_t gone)
{
	c->gone[document] = gone;
}

/* --- afterwards --- */

/* How many of the tally's rules stand before `place`. */
static uint32_t before(const struct tally *t, uint32_t place)
{
	uint32_t low = 0, high = t->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->places[middle] < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Room for `marks` marks with false ones around each. */
static enum err open_runs(const struct considered *c, size_t marks, struct runs *ret)
{
	*ret = (struct runs){ .text = arena_alloc(c->arena, (2 * marks + 1) * RUN_BYTES) };
	return ret->text ? OK : ERR_MEMORY;
}

/* Marks up to the first match are of the trial of all documents, the others of floors. */
static enum err tell_trial(const struct considered *c, size_t *marks, struct ruling *ret)
{
	uint32_t at = 0;
	struct runs runs;
	size_t i;

	TRY(open_runs(c, c->mark_count, &runs));
	for (i = 0; i < c->mark_count && c->marks[i].place < c->tried; i++) {
		runs_add(&runs, 'f', c->marks[i].place - at);
		runs_add(&runs, c->marks[i].letter, 1);
		at = c->marks[i].place + 1;
	}
	runs_add(&runs, 'f', c->tried - at);
	*marks = i;
	ret->considered = runs_end(&runs);
	ret->cost += c->queue->costs[c->tried];
	return OK;
}

/* `first` is the first mark behind the match. */
static enum err tell_floor(const struct considered *c, size_t document, size_t first,
			   struct ruling *ret, struct str *considered)
{
	const struct tally *t = &c->queue->tallies[document];
	uint32_t at = before(t, c->tried), end = before(t, c->gone[document]);
	struct runs runs;

	if (at >= end)
		return OK;
	ret->cost += t->costs[end] - t->costs[at];
	TRY(open_runs(c, c->mark_count - first, &runs));
	for (size_t i = first; i < c->mark_count; i++) {
		const struct truth_mark *m = &c->marks[i];
		uint32_t own;

		if (c->queue->rules[m->place]->document != document)
			continue;
		own = before(t, m->place);
		runs_add(&runs, 'f', own - at);
		runs_add(&runs, m->letter, 1);
		at = own + 1;
	}
	runs_add(&runs, 'f', end - at);
	*considered = runs_end(&runs);
	return OK;
}

static enum err tell_floors(const struct considered *c, const struct plan *p, size_t first,
			    struct ruling *ret)
{
	struct floor_trial *floors = arena_array(c->arena, p->document_count, sizeof(*floors));
	size_t count = 0;

	if (!floors)
		return ERR_MEMORY;
	for (size_t d = 0; d < p->document_count; d++) {
		struct str considered = { .len = 0 };

		if (c->gone[d] <= c->tried)
			continue;
		TRY(tell_floor(c, d, first, ret, &considered));
		if (considered.len)
			floors[count++] = (struct floor_trial){ p->documents[d].name, considered };
	}
	ret->floors = floors;
	ret->floor_count = count;
	return OK;
}

enum err considered_tell(const struct considered *c, const struct plan *p, struct ruling *ret)
{
	size_t first;

	TRY(tell_trial(c, &first, ret));
	return c->gone ? tell_floors(c, p, first, ret) : OK;
}
