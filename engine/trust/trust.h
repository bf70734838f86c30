/*
 * trust: how much an agent is worth, in integers. The door of engine/trust.
 *
 * A score of 0 .. 1000 is the weighted mean of five dimensions. What the gate saw of an agent moves
 * them, time lowers the score, and what befalls one agent may lower those it works with. Formulas,
 * units and the meaning of every term are in docs/formats/trust.md, whose tables the tests read.
 *
 * Promises:
 *   1. Asking changes nothing: a score follows from the row and the time alone, and a time before
 *      the last signal counts as that of the signal.
 *   2. A better signal never gives a lower score; what spreads never raises one.
 *   3. No score leaves this room above the agent's ceiling.
 *   4. What spreads does not depend on the order in which agents met.
 */
#ifndef TRAMMEL_TRUST_H
#define TRAMMEL_TRUST_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

#define TRUST_TOP 1000u
/* Dimensions and exact scores are counted in millionths of a point. */
#define TRUST_POINT 1000000u
#define TRUST_PEERS 16
#define TRUST_TIERS 8
#define TRUST_DEPTH 3
#define TRUST_BOUNDS 256             /* ceilings, minimum: items of one bundle */

enum trust_dimension {
	TRUST_COMPLIANCE = 0,
	TRUST_RESOURCE,
	TRUST_QUALITY,
	TRUST_SECURITY,
	TRUST_COLLABORATION,
	TRUST_DIMENSIONS
};

const char *trust_dimension_name(enum trust_dimension d);

/* id, name, and what it says of each dimension: 0 .. 1000, or -1 for nothing */
#define TRUST_SIGNAL_LIST(X)                                                                     \
	X(TRUST_ALLOWED,   "allowed",   1000,   -1,   -1, 1000,   -1)                            \
	X(TRUST_WARNED,    "warned",    1000,   -1,   -1,  500,   -1)                            \
	X(TRUST_APPROVAL,  "approval",   500,   -1,   -1,   -1,   -1)                            \
	X(TRUST_VIOLATION, "violation",    0,   -1,   -1,    0,   -1)                            \
	X(TRUST_LIMITED,   "limited",     -1,    0,   -1,   -1,   -1)                            \
	X(TRUST_COMPLETED, "completed",   -1,   -1, 1000,   -1,   -1)                            \
	X(TRUST_FAILED,    "failed",      -1,   -1,    0,   -1,   -1)                            \
	X(TRUST_LATENCY,   "latency",     -1,   -1,   -1,   -1,   -1)                            \
	X(TRUST_JOINED,    "joined",      -1,   -1,   -1,   -1, 1000)                            \
	X(TRUST_CLASHED,   "clashed",     -1,   -1,   -1,   -1,    0)                            \
	X(TRUST_INCIDENT,  "incident",    -1,   -1,   -1,   -1,   -1)                            \
	X(TRUST_CONTAGION, "contagion",   -1,   -1,   -1,   -1,   -1)                            \
	X(TRUST_SET,       "set",         -1,   -1,   -1,   -1,   -1)

enum trust_signal {
#define TRUST_SIGNAL_ENUM(id, name, c, r, q, s, w) id,
	TRUST_SIGNAL_LIST(TRUST_SIGNAL_ENUM)
#undef TRUST_SIGNAL_ENUM
	TRUST_SIGNALS
};

const char *trust_signal_name(enum trust_signal s);
/* What the signal says of the dimension, 0 .. 1000; -1: nothing. */
int trust_signal_value(enum trust_signal s, enum trust_dimension d);

struct trust_tier {
	struct str name;
	uint32_t from;               /* points */
};

/* A score for the names that a glob (engine/base/match.h) matches. */
struct trust_bound {
	struct str glob;
	uint32_t score;
};

/* What a bundle says of trust. Borrowed texts live as long as the bundle. */
struct trust_terms {
	uint32_t initial;                             /* points */
	uint32_t weights[TRUST_DIMENSIONS];           /* percent, 100 together */
	struct trust_tier tiers[TRUST_TIERS];         /* highest first, the last from 0 */
	size_t tier_count;
	uint32_t decay_per_hour, decay_floor;         /* points */
	uint32_t latency_ms;                          /* what an action may take */
	uint32_t own;                                 /* points an agent loses at severity 1000 */
	uint32_t share, hop;                          /* percent: to the first, to each further */
	uint32_t depth;                               /* 0 .. TRUST_DEPTH agents away */
	uint32_t violation;                           /* severity of one, 0 .. 1000 */
	bool regime;                                  /* watch what kinds of actions there are */
	const struct trust_bound *ceilings, *minimum; /* by agent; by tool */
	size_t ceiling_count, minimum_count;
};

extern const struct trust_terms trust_terms_default;

#define REGIME_KINDS 8

/* Actions by kind, in the window that fills and before it. */
struct regime {
	struct {
		uint32_t kind;       /* hash of a name; 0: free. The last one is of all others */
		uint16_t recent, baseline;
	} kinds[REGIME_KINDS];
	uint16_t recent, baseline;   /* together */
	uint8_t changed, zero[3];    /* what the last full window said */
};

/* One row of the trust table; little-endian, no padding. `agent` is the key, NUL-padded. */
struct trust_row {
	char agent[LIMIT_NAME_BYTES];
	int64_t at_ns;                           /* of the last signal, the latest so far */
	uint32_t dimensions[TRUST_DIMENSIONS];   /* 0 .. TRUST_TOP points, in millionths */
	uint32_t signals;                        /* set of 1 << trust_signal: the last change */
	struct {
		uint32_t row, count;         /* row number + 1 (0: free), times met */
	} peers[TRUST_PEERS];
	struct regime regime;
};

_Static_assert(sizeof(struct regime) == 8 * REGIME_KINDS + 8, "no padding");
_Static_assert(sizeof(struct trust_row) == LIMIT_NAME_BYTES + 32 + 8 * TRUST_PEERS +
					   sizeof(struct regime), "no padding");

/* score, spread, regime and deed: what is done to rows. */
#include "engine/trust/rows.h"

#endif
