/*
 * spread: who works with whom, and what an incident costs those around.
 *
 *   effect on the agent itself        own * severity / 1000
 *   on an agent k + 1 away            effect k away * passed * min(times met, 100) / 100
 *                                     where `passed` is `share` for k = 0 and `hop` beyond
 *
 * Each agent loses the largest effect that reaches it over at most `depth` steps, once. Steps are
 * taken by distance, from all agents of one distance together, so neither the order in which agents
 * met nor that of the rows matters.
 */
#include <stdlib.h>

#include "engine/trust/trust.h"

#define FAMILIAR 100u
/* 1 + 16 + 16^2 + 16^3: what TRUST_DEPTH steps can reach. */
#define REACH (1 + TRUST_PEERS * (1 + TRUST_PEERS * (1 + TRUST_PEERS)))

_Static_assert(TRUST_DEPTH == 3, "REACH has as many terms");
_Static_assert(REACH <= LIMIT_STEP_ROWS, "an incident is one step");

static void read_row(const struct state *s, unsigned table, uint32_t at, struct trust_row *ret)
{
	memcpy(ret, state_row(s, table, at), sizeof(*ret));
}

/* The peer, a free place, or the one met least; the first of them. */
static unsigned place_for(const struct trust_row *row, uint32_t peer)
{
	unsigned best = 0;

	for (unsigned i = 0; i < TRUST_PEERS; i++) {
		if (row->peers[i].row == peer + 1)
			return i;
		if (row->peers[i].count < row->peers[best].count)
			best = i;
	}
	return best;
}

static enum err remember(struct state *s, unsigned table, uint32_t at, uint32_t peer)
{
	struct trust_row row;
	unsigned i;

	read_row(s, table, at, &row);
	i = place_for(&row, peer);
	if (row.peers[i].row != peer + 1)
		row.peers[i].count = 0;
	row.peers[i].row = peer + 1;
	row.peers[i].count += row.peers[i].count < UINT32_MAX;
	return state_update(s, table, at, &row);
}

enum err spread_meet(struct state *s, unsigned table, uint32_t a, uint32_t b)
{
	MUST(a != b);
	TRY(remember(s, table, a, b));
	return remember(s, table, b, a);
}

/* Agents and what reaches them, in millionths of a point. */
struct circle {
	struct {
		uint32_t row, effect;
	} agents[REACH];
	size_t count;
};

/* The larger of what is known and this. */
static void reach(struct circle *c, uint32_t row, uint32_t effect)
{
	size_t i = 0;

	while (i < c->count && c->agents[i].row != row)
		i++;
	MUST(i < REACH);
	if (i == c->count)
		c->agents[c->count++].effect = 0;
	c->agents[i].row = row;
	if (effect > c->agents[i].effect)
		c->agents[i].effect = effect;
}

static void take_step(const struct state *s, unsigned table, const struct circle *from,
		      uint32_t passed, struct circle *to)
{
	struct trust_row row;

	to->count = 0;
	for (size_t i = 0; i < from->count; i++) {
		read_row(s, table, from->agents[i].row, &row);
		for (unsigned p = 0; p < TRUST_PEERS; p++) {
			uint32_t times = row.peers[p].count;
			uint64_t effect = (uint64_t)from->agents[i].effect * passed / 100 *
					  (times < FAMILIAR ? times : FAMILIAR) / FAMILIAR;

			if (row.peers[p].row && effect > 0)
				reach(to, row.peers[p].row - 1, (uint32_t)effect);
		}
	}
}

static enum err charge(const struct trust_terms *t, struct state *s, unsigned table,
		       const struct circle *all, int64_t at_ns)
{
	struct trust_row row;

	for (size_t i = 0; i < all->count; i++) {
		read_row(s, table, all->agents[i].row, &row);
		if (i > 0)
			row.signals = 0;
		score_lower(t, &row, i ? TRUST_CONTAGION : TRUST_INCIDENT, all->agents[i].effect,
			    at_ns);
		TRY(state_update(s, table, all->agents[i].row, &row));
	}
	return OK;
}

enum err spread_incident(const struct trust_terms *t, struct state *s, unsigned table, uint32_t row,
			 uint32_t severity, int64_t at_ns)
{
	struct circle *all = calloc(3, sizeof(*all)), *here, *next;
	enum err e;

	MUST(severity <= TRUST_TOP);
	if (!all)
		return ERR_MEMORY;
	here = &all[1];
	next = &all[2];
	reach(all, row, t->own * TRUST_POINT / TRUST_TOP * severity);
	reach(here, row, all->agents[0].effect);
	for (uint32_t k = 0; k < t->depth && here->count; k++) {
		struct circle *last = here;

		take_step(s, table, here, k ? t->hop : t->share, next);
		for (size_t i = 0; i < next->count; i++)
			reach(all, next->agents[i].row, next->agents[i].effect);
		here = next;
		next = last;
	}
	e = charge(t, s, table, all, at_ns);
	free(all);
	return e;
}
