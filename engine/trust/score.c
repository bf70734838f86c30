/*
 * score: five dimensions in, one number out.
 *
 *   score = mean of what is left of the dimensions, weighted
 *   left  = the lower of dimension and ceiling, less what time took since the last signal
 *
 * Whatever changes a row settles it first: its dimensions become what is left of them. So time is
 * charged once, by signals, however often somebody asks in between. Everything acts on each
 * dimension by itself and never turns the order of two around; hence of two agents with the same
 * past, the one with the better signal stays ahead. All sums fit 64 bits: dimensions are below
 * 2^30, weights at most 100, and time is capped before it is multiplied.
 */
#include "engine/base/field.h"
#include "engine/base/match.h"
#include "engine/trust/trust.h"

#define TOP (TRUST_TOP * TRUST_POINT)
/* A signal moves a dimension by a tenth of the way to what it says. */
#define KEPT 9u
#define OF 10u
/* Nanoseconds in which a decay of one point an hour takes one millionth. */
#define NS_PER_MILLIONTH 3600000u

#define NAME_OF_TIER(text) { "" text, sizeof(text) - 1 }

const struct trust_terms trust_terms_default = {
	.initial = 500,
	.weights = { 25, 15, 20, 25, 15 },
	.tiers = {
		{ NAME_OF_TIER("verified_partner"), 900 },
		{ NAME_OF_TIER("trusted"), 700 },
		{ NAME_OF_TIER("standard"), 500 },
		{ NAME_OF_TIER("probationary"), 300 },
		{ NAME_OF_TIER("untrusted"), 0 },
	},
	.tier_count = 5,
	.decay_per_hour = 2, .decay_floor = 100,
	.latency_ms = 1000,
	.own = 100, .share = 30, .hop = 50, .depth = 2,
};

static const struct {
	const char *name;
	int16_t values[TRUST_DIMENSIONS];
} signals[TRUST_SIGNALS] = {
#define TRUST_SIGNAL_ROW(id, name, c, r, q, s, w) [id] = { name, { c, r, q, s, w } },
	TRUST_SIGNAL_LIST(TRUST_SIGNAL_ROW)
#undef TRUST_SIGNAL_ROW
};

_Static_assert(TRUST_SIGNALS <= 32, "a row has 32 bits for them");

const char *trust_dimension_name(enum trust_dimension d)
{
	static const char *const names[TRUST_DIMENSIONS] = {
		"compliance", "resource", "quality", "security", "collaboration",
	};

	MUST(d < TRUST_DIMENSIONS);
	return names[d];
}

const char *trust_signal_name(enum trust_signal s)
{
	MUST(s < TRUST_SIGNALS);
	return signals[s].name;
}

int trust_signal_value(enum trust_signal s, enum trust_dimension d)
{
	MUST(s < TRUST_SIGNALS && d < TRUST_DIMENSIONS);
	return signals[s].values[d];
}

/* --- rows --- */

struct table_schema score_table(void)
{
	return (struct table_schema){ "trust", sizeof(struct trust_row), LIMIT_NAME_BYTES };
}

struct str score_agent(const struct trust_row *row)
{
	return field_text(row->agent);
}

bool score_find(const struct state *s, unsigned table, struct str agent, uint32_t *row,
		struct trust_row *ret)
{
	char key[LIMIT_NAME_BYTES];
	uint32_t found;

	if (!field_put(key, agent) || !state_find(s, table, key, &found))
		return false;
	memcpy(ret, state_row(s, table, found), sizeof(*ret));
	*row = found;
	return true;
}

static void fill(struct trust_row *row, uint32_t points)
{
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		row->dimensions[d] = points * TRUST_POINT;
}

void score_begin(const struct trust_terms *t, struct str agent, int64_t at_ns,
		 struct trust_row *ret)
{
	MUST(agent.len > 0 && agent.len <= LIMIT_NAME_BYTES);
	*ret = (struct trust_row){ .at_ns = at_ns };
	memcpy(ret->agent, agent.ptr, agent.len);
	fill(ret, t->initial);
}

/* --- the score --- */

uint32_t score_ceiling(const struct trust_terms *t, struct str agent)
{
	uint32_t lowest = TRUST_TOP;

	for (size_t i = 0; i < t->ceiling_count; i++)
		if (t->ceilings[i].score < lowest && match_glob(t->ceilings[i].glob, agent))
			lowest = t->ceilings[i].score;
	return lowest;
}

uint32_t score_needed(const struct trust_terms *t, struct str tool)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < t->minimum_count; i++)
		if (t->minimum[i].score > highest && match_glob(t->minimum[i].glob, tool))
			highest = t->minimum[i].score;
	return highest;
}

/* What time takes, in millionths; at most all there is. Differences as unsigned never overflow. */
static uint32_t decay(const struct trust_terms *t, const struct trust_row *row, int64_t at_ns)
{
	const uint64_t longest = (uint64_t)TOP * NS_PER_MILLIONTH;
	uint64_t elapsed, taken;

	if (at_ns <= row->at_ns)
		return 0;
	elapsed = (uint64_t)at_ns - (uint64_t)row->at_ns;
	taken = (elapsed < longest ? elapsed : longest) * t->decay_per_hour / NS_PER_MILLIONTH;
	return taken < TOP ? (uint32_t)taken : TOP;
}

/* What is left of a dimension, all in millionths. */
static uint32_t left_of(uint32_t dimension, uint32_t ceiling, uint32_t floor, uint32_t taken)
{
	uint32_t base = dimension < ceiling ? dimension : ceiling;

	if (base <= floor)
		return base;
	return taken < base - floor ? base - taken : floor;
}

static uint32_t ceiling_of(const struct trust_terms *t, const struct trust_row *row)
{
	return t->ceiling_count ? score_ceiling(t, score_agent(row)) * TRUST_POINT : TOP;
}

uint32_t score_exact(const struct trust_terms *t, const struct trust_row *row, int64_t at_ns)
{
	uint32_t ceiling = ceiling_of(t, row), taken = decay(t, row, at_ns);
	uint64_t sum = 0;

	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		sum += (uint64_t)t->weights[d] * left_of(row->dimensions[d], ceiling,
							  t->decay_floor * TRUST_POINT, taken);
	return (uint32_t)(sum / 100);
}

uint32_t score_now(const struct trust_terms *t, const struct trust_row *row, int64_t at_ns)
{
	return score_exact(t, row, at_ns) / TRUST_POINT;
}

uint32_t score_of(const struct trust_terms *t, const struct state *s, unsigned table,
		  struct str agent, int64_t at_ns)
{
	uint32_t ceiling = score_ceiling(t, agent), at;
	struct trust_row row;

	if (score_find(s, table, agent, &at, &row))
		return score_now(t, &row, at_ns);
	return t->initial < ceiling ? t->initial : ceiling;
}

const struct trust_tier *score_tier(const struct trust_terms *t, uint32_t points)
{
	size_t i = 0;

	while (i + 1 < t->tier_count && points < t->tiers[i].from)
		i++;
	return &t->tiers[i];
}

/* --- what changes it --- */

void score_settle(const struct trust_terms *t, struct trust_row *row, int64_t at_ns)
{
	uint32_t ceiling = ceiling_of(t, row), taken = decay(t, row, at_ns);

	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		row->dimensions[d] = left_of(row->dimensions[d], ceiling,
					     t->decay_floor * TRUST_POINT, taken);
	if (at_ns > row->at_ns)
		row->at_ns = at_ns;
}

/* The way that is left is rounded down, so a dimension arrives, from either side. */
static uint32_t moved(uint32_t from, uint32_t to)
{
	if (to >= from)
		return to - (uint32_t)((uint64_t)(to - from) * KEPT / OF);
	return to + (uint32_t)((uint64_t)(from - to) * KEPT / OF);
}

void score_signal(const struct trust_terms *t, struct trust_row *row, enum trust_signal signal,
		  int64_t at_ns)
{
	score_settle(t, row, at_ns);
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		if (signals[signal].values[d] >= 0)
			row->dimensions[d] =
				moved(row->dimensions[d],
				      (uint32_t)signals[signal].values[d] * TRUST_POINT);
	row->signals |= 1u << signal;
}

void score_measure(const struct trust_terms *t, struct trust_row *row, enum trust_signal signal,
		   enum trust_dimension d, uint32_t value, int64_t at_ns)
{
	MUST(value <= TRUST_TOP);
	score_settle(t, row, at_ns);
	row->dimensions[d] = moved(row->dimensions[d], value * TRUST_POINT);
	row->signals |= 1u << signal;
}

uint32_t score_ratio(uint32_t budget, uint64_t used)
{
	return used <= budget ? TRUST_TOP : (uint32_t)((uint64_t)budget * TRUST_TOP / used);
}

void score_lower(const struct trust_terms *t, struct trust_row *row, enum trust_signal signal,
		 uint32_t millionths, int64_t at_ns)
{
	score_settle(t, row, at_ns);
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		row->dimensions[d] -= millionths < row->dimensions[d] ? millionths
								      : row->dimensions[d];
	row->signals |= 1u << signal;
}

void score_set(const struct trust_terms *t, struct trust_row *row, uint32_t points, int64_t at_ns)
{
	MUST(points <= TRUST_TOP);
	score_settle(t, row, at_ns);
	fill(row, points);
	row->signals |= 1u << TRUST_SET;
}
