/*
 * quota: how much may be used up. A part of the door of engine/runtime.
 *
 * A rate is a bucket of tokens: it holds at most `burst`, an action takes one, and `count` come
 * back in each period. The level is kept in units of which a token has as many as its period has
 * nanoseconds, so that in each nanosecond exactly `count` units come back: nothing is rounded.
 * A budget is a sum that is spent, for good or until the day (UTC) is over, in millionths.
 *
 * Time that runs back neither fills nor drains. A bucket is full when it is first asked, and keeps
 * its whole tokens when the period changes.
 */
#ifndef TRAMMEL_RUNTIME_QUOTA_H
#define TRAMMEL_RUNTIME_QUOTA_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

/* --- micros: exact decimals of at most six digits behind the point --- */

#define MICROS INT64_C(1000000)

/* "12.5" as 12500000. ERR_SYNTAX, ERR_RANGE (more digits, or beyond int64). */
enum err micros_read(struct str text, int64_t *ret) NODISCARD;
void micros_write(struct buf *b, int64_t micros);

/* --- bucket: the arithmetic of a rate --- */

#define BUCKET_COUNT_MAX 1000000u
#define BUCKET_BURST_MAX 100000u
#define BUCKET_PERIOD_MAX_NS INT64_C(86400000000000)

struct rate {
	uint32_t count, burst;                /* 1 to the bounds above */
	int64_t period_ns;
};

struct bucket {
	int64_t at_ns;                        /* when `level` was true */
	uint64_t level;                       /* units; period_ns of them are a token */
	int64_t period_ns;                    /* 0: never asked */
};

_Static_assert((uint64_t)BUCKET_BURST_MAX * (uint64_t)BUCKET_PERIOD_MAX_NS < INT64_MAX,
	       "a full bucket fits its level");

/* What comes back until that time, or the first filling. */
void bucket_fill(struct bucket *b, const struct rate *r, int64_t at_ns);
/* Take a token out of a filled bucket; false, and nothing is taken, when there is no whole one. */
bool bucket_take(struct bucket *b, const struct rate *r);
/* When a filled bucket has a whole token. */
int64_t bucket_ready(const struct bucket *b, const struct rate *r);

/* --- quota: rows of the quotas table --- */

enum quota_kind { QUOTA_RATE = 0, QUOTA_BUDGET, QUOTA_KINDS };
enum quota_per { QUOTA_AGENT = 0, QUOTA_SESSION, QUOTA_TOOL, QUOTA_RING, QUOTA_PERS };
enum quota_unit { QUOTA_MONEY = 0, QUOTA_TOKENS, QUOTA_CALLS, QUOTA_UNITS };

/* "agent" ...; "money" ... */
const char *quota_per_name(enum quota_per per);
const char *quota_unit_name(enum quota_unit unit);

struct quota {
	struct str policy, name;              /* borrowed; 1 to LIMIT_NAME_BYTES bytes, no NUL */
	enum quota_kind kind;
	enum quota_per per;
	unsigned ring;                        /* of whom it holds; 0: of all */
	struct rate rate;                     /* of a rate */
	enum quota_unit unit;                 /* of a budget, and so the rest */
	int64_t amount;                       /* millionths */
	bool daily;
};

/*
 * One row of the quotas table; little-endian, no padding. Names (NUL-padded), per and kind are the
 * key. Of a rate: the bucket. Of a budget: the beginning of its day or 0, what is spent, and the
 * length of a day or 0.
 */
struct quota_row {
	char policy[LIMIT_NAME_BYTES], name[LIMIT_NAME_BYTES], subject[LIMIT_NAME_BYTES];
	uint8_t per, kind, zero[6];
	int64_t at_ns;
	uint64_t amount;
	int64_t period_ns;
};

_Static_assert(sizeof(struct quota_row) == 3 * LIMIT_NAME_BYTES + 32, "no padding");

/* What of a quota is there for a subject at a time. */
struct quota_view {
	bool enough;
	int64_t used;                         /* of a budget: millionths that are spent */
	bool refills;                         /* there will be more at `refills_ns` */
	int64_t refills_ns;
};

/* The quotas table as the state opens it. */
struct table_schema quota_table(void);
struct str quota_policy(const struct quota_row *row);
struct str quota_name(const struct quota_row *row);
struct str quota_subject(const struct quota_row *row);

/*
 * Is there as much as an action takes: one token of a rate, `cost` millionths of a budget?
 * ERR_RANGE for what is no subject (1 to LIMIT_NAME_BYTES bytes without NUL) and a cost below 1.
 */
enum err quota_look(const struct state *s, unsigned table, const struct quota *q,
		    struct str subject, int64_t at_ns, int64_t cost,
		    struct quota_view *ret) NODISCARD;
/*
 * Take it, as far as it is there: of a rate what is left of a token stays. ERR_RANGE likewise, and
 * for a sum beyond int64; ERR_LIMIT, ERR_MEMORY.
 */
enum err quota_charge(struct state *s, unsigned table, const struct quota *q, struct str subject,
		      int64_t at_ns, int64_t cost) NODISCARD;

#endif
