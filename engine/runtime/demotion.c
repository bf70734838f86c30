/* demotion: rows of the demotions table, made when the first latch of an agent is set. */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

struct table_schema demotion_table(void)
{
	return (struct table_schema){ "demotions", sizeof(struct demotion_row), LIMIT_NAME_BYTES };
}

static bool find(const struct state *s, unsigned table, struct str agent,
		 struct demotion_row *ret, uint32_t *at, bool *known)
{
	struct demotion_row row = { .latches = 0 };

	if (!field_put(row.agent, agent))
		return false;
	*known = state_find(s, table, &row, at);
	if (*known)
		memcpy(&row, state_row(s, table, *at), sizeof(row));
	*ret = row;
	return true;
}

uint8_t demotion_latches(const struct state *s, unsigned table, struct str agent)
{
	struct demotion_row row;
	uint32_t at;
	bool known;

	return state_rows(s, table) > 0 && find(s, table, agent, &row, &at, &known) ? row.latches
										    : 0;
}

uint8_t demotion_next(const struct demotion_rules *rules, uint8_t latches, uint32_t score)
{
	uint8_t next = 0;

	for (unsigned r = RING_MOST + 1; r <= RING_LEAST; r++) {
		const struct demotion_rule *rule = &rules->ring[r];
		unsigned bit = 1u << r;

		if (score < rule->below || (score < rule->until && latches & bit))
			next |= (uint8_t)bit;
	}
	return next;
}

unsigned demotion_ring(uint8_t latches)
{
	for (unsigned r = RING_LEAST; r > RING_MOST; r--)
		if (latches >> r & 1)
			return r;
	return RING_MOST;
}

enum err demotion_keep(struct state *s, unsigned table, struct str agent, uint8_t latches,
		       int64_t at_ns)
{
	struct demotion_row row;
	uint32_t at;
	bool known;

	if (!find(s, table, agent, &row, &at, &known))
		return ERR_RANGE;
	if (row.latches == latches)
		return OK;
	row.latches = latches;
	row.since_ns = at_ns;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}
