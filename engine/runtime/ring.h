/*
 * ring: how privileged an agent is, 0 (most) to 3 (least). A part of the door of engine/runtime.
 *
 * A tool needs a ring; an agent may use it when its own ring is that or a smaller one. Nobody is in
 * ring 0 and no elevation leads there: what needs it does not pass the gate. An elevation lifts one
 * agent for a while, on the word of a sponsor who signed it, and counts only as long as the bundle
 * names that sponsor.
 */
#ifndef TRAMMEL_RUNTIME_RING_H
#define TRAMMEL_RUNTIME_RING_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

#define RING_ROOT 0u
#define RING_MOST 1u                          /* that an agent may be in */
#define RING_LEAST 3u

enum reversibility { REVERSIBLE_NOT = 0, REVERSIBLE_PARTLY, REVERSIBLE_FULLY, REVERSIBILITIES };

/* The ring a tool needs by what it does: 0 admin, 3 read-only, 1 what cannot be undone, else 2. */
unsigned ring_required(enum reversibility reversibility, bool read_only, bool admin);

/* One row of the elevations table; little-endian, no padding. `agent` is the key, NUL-padded. */
struct elevation_row {
	char agent[LIMIT_NAME_BYTES];
	uint8_t sponsor[PUBLIC_KEY_BYTES];
	uint8_t ring, zero[7];
	int64_t since_ns, until_ns;           /* until_ns 0: it was ended */
};

_Static_assert(sizeof(struct elevation_row) == LIMIT_NAME_BYTES + PUBLIC_KEY_BYTES + 24,
	       "no padding");

/* The elevations table as the state opens it. */
struct table_schema elevation_table(void);
struct str elevation_agent(const struct elevation_row *row);

/*
 * What a sponsor signs: "trammel/elevation/v2", a line feed, and the canonical JSON (RFC 8785) of
 * {"agent","log","ring","until"}: it lifts nobody of that name elsewhere.
 */
void elevation_text(struct buf *b, struct str log, struct str agent, unsigned ring,
		    int64_t until_ns);
/*
 * Lift an agent; that the sponsor signed it was checked. ERR_RANGE (a ring other than 1 and 2, a
 * time that is past or more than LIMIT_ELEVATION_NS ahead, no name), ERR_EXISTS (it is lifted),
 * each with a sentence; ERR_LIMIT, ERR_MEMORY.
 */
enum err elevation_begin(struct state *s, unsigned table, struct str agent, unsigned ring,
			 const struct public_key *sponsor, int64_t at_ns, int64_t until_ns,
			 struct note *why) NODISCARD;
/* ERR_NOT_FOUND when it is not lifted. */
enum err elevation_end(struct state *s, unsigned table, struct str agent, int64_t at_ns,
		       struct note *why) NODISCARD;
/* The agent's elevation by that sponsor at that time; false when there is none. */
bool elevation_find(const struct state *s, unsigned table, struct str agent,
		    const struct public_key *sponsor, int64_t at_ns, struct elevation_row *ret);

#endif
