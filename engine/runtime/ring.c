/* ring: what a tool needs, and rows of the elevations table. */
#include "engine/runtime/runtime.h"

#include "engine/base/canon.h"
#include "engine/base/field.h"
#include "engine/base/when.h"

unsigned ring_required(enum reversibility reversibility, bool read_only, bool admin)
{
	if (admin)
		return RING_ROOT;
	if (read_only)
		return RING_LEAST;
	return reversibility == REVERSIBLE_NOT ? 1 : 2;
}

struct table_schema elevation_table(void)
{
	return (struct table_schema){ "elevations", sizeof(struct elevation_row),
				      LIMIT_NAME_BYTES };
}

struct str elevation_agent(const struct elevation_row *row)
{
	return field_text(row->agent);
}

void elevation_text(struct buf *b, struct str log, struct str agent, unsigned ring,
		    int64_t until_ns)
{
	buf_add_c(b, "trammel/elevation/v2\n{\"agent\":");
	canon_string(b, agent);
	buf_add_c(b, ",\"log\":");
	canon_string(b, log);
	buf_addf(b, ",\"ring\":%u,\"until\":\"", ring);
	when_write(b, until_ns);
	buf_add_c(b, "\"}");
}

/* The row of that agent, or a new one; false for what is no name. */
static bool find(const struct state *s, unsigned table, struct str agent,
		 struct elevation_row *ret, uint32_t *at, bool *known)
{
	struct elevation_row row = { .ring = 0 };

	if (!field_put(row.agent, agent))
		return false;
	*known = state_find(s, table, &row, at);
	if (*known)
		memcpy(&row, state_row(s, table, *at), sizeof(row));
	*ret = row;
	return true;
}

/* Differences as unsigned never overflow. */
static bool too_long(int64_t at_ns, int64_t until_ns)
{
	return (uint64_t)until_ns - (uint64_t)at_ns > (uint64_t)LIMIT_ELEVATION_NS;
}

enum err elevation_begin(struct state *s, unsigned table, struct str agent, unsigned ring,
			 const struct public_key *sponsor, int64_t at_ns, int64_t until_ns,
			 struct note *why)
{
	struct elevation_row row;
	uint32_t at;
	bool known;

	if (ring < RING_MOST || ring >= RING_LEAST)
		return note_set(why, ERR_RANGE, 0, 0,
				"nobody is lifted to ring %u; expected 1 or 2%s", ring,
				ring == RING_ROOT ? ": what needs ring 0 does not pass the gate"
						  : "");
	if (until_ns <= at_ns || too_long(at_ns, until_ns))
		return note_set(why, ERR_RANGE, 0, 0,
				"an elevation ends within an hour, and not before it begins");
	if (!find(s, table, agent, &row, &at, &known))
		return note_set(why, ERR_RANGE, 0, 0, "expected a name of 1 to %d bytes",
				LIMIT_NAME_BYTES);
	if (at_ns < row.until_ns)
		return note_set(why, ERR_EXISTS, 0, 0, "agent '%.*s' is lifted to ring %u already",
				STR_ARG(agent), row.ring);
	memcpy(row.sponsor, sponsor->bytes, sizeof(row.sponsor));
	row.ring = (uint8_t)ring;
	row.since_ns = at_ns;
	row.until_ns = until_ns;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}

enum err elevation_end(struct state *s, unsigned table, struct str agent, int64_t at_ns,
		       struct note *why)
{
	struct elevation_row row;
	uint32_t at;
	bool known;

	if (!find(s, table, agent, &row, &at, &known) || !known || at_ns >= row.until_ns)
		return note_set(why, ERR_NOT_FOUND, 0, 0, "agent '%.*s' is not lifted",
				STR_ARG(agent));
	row.until_ns = 0;
	return state_update(s, table, at, &row);
}

bool elevation_find(const struct state *s, unsigned table, struct str agent,
		    const struct public_key *sponsor, int64_t at_ns, struct elevation_row *ret)
{
	uint32_t at;
	bool known;

	return state_rows(s, table) > 0 && find(s, table, agent, ret, &at, &known) && known &&
	       at_ns < ret->until_ns &&
	       memcmp(ret->sponsor, sponsor->bytes, sizeof(ret->sponsor)) == 0;
}
