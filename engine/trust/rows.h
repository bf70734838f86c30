/* rows: what is done to rows of trust. Opened by trust.h. */
#ifndef TRAMMEL_TRUST_ROWS_H
#define TRAMMEL_TRUST_ROWS_H

#include "engine/trust/trust.h"

/* --- score: one agent's --- */

/* The trust table as the state opens it. */
struct table_schema score_table(void);
struct str score_agent(const struct trust_row *row);
/* The row of that agent: its number and a copy. False for what is no name. */
bool score_find(const struct state *s, unsigned table, struct str agent, uint32_t *row,
		struct trust_row *ret);
/* A row as it is before the first signal. The name fits a row. */
void score_begin(const struct trust_terms *t, struct str agent, int64_t at_ns,
		 struct trust_row *ret);
/* The highest score of agents of that name, in points. */
uint32_t score_ceiling(const struct trust_terms *t, struct str agent);
/* The least score that agents need for that tool, in points. */
uint32_t score_needed(const struct trust_terms *t, struct str tool);
/* The score at that time in millionths of a point; and in whole points, rounded down. */
uint32_t score_exact(const struct trust_terms *t, const struct trust_row *row, int64_t at_ns);
uint32_t score_now(const struct trust_terms *t, const struct trust_row *row, int64_t at_ns);
/* The score of an agent that may have no row (then: what agents begin with). */
uint32_t score_of(const struct trust_terms *t, const struct state *s, unsigned table,
		  struct str agent, int64_t at_ns);
const struct trust_tier *score_tier(const struct trust_terms *t, uint32_t points);

/* Charge what time took since the last signal; what follows does this by itself. */
void score_settle(const struct trust_terms *t, struct trust_row *row, int64_t at_ns);
/* Take a signal in. `signals` of the row gain it; clear them before the first of an entry. */
void score_signal(const struct trust_terms *t, struct trust_row *row, enum trust_signal signal,
		  int64_t at_ns);
/* Likewise one that was measured: it says this `value`, 0 .. TRUST_TOP, of one dimension. */
void score_measure(const struct trust_terms *t, struct trust_row *row, enum trust_signal signal,
		   enum trust_dimension d, uint32_t value, int64_t at_ns);
/* What a use of `used` is worth where `budget` is allowed: budget / used, 0 .. 1000. */
uint32_t score_ratio(uint32_t budget, uint64_t used);
/* Take so many millionths of a point from each dimension, not below 0. */
void score_lower(const struct trust_terms *t, struct trust_row *row, enum trust_signal signal,
		 uint32_t millionths, int64_t at_ns);
/* All dimensions to this score, 0 .. TRUST_TOP points. */
void score_set(const struct trust_terms *t, struct trust_row *row, uint32_t points, int64_t at_ns);

/* --- spread: who works with whom, and what that costs --- */

/* Two different rows of the table met once more; each remembers the TRUST_PEERS it met most. */
enum err spread_meet(struct state *s, unsigned table, uint32_t a, uint32_t b) NODISCARD;
/*
 * Something of this severity (0 .. 1000) befell the agent of a row: it and those around it lose
 * what docs/formats/trust.md says. ERR_LIMIT, ERR_MEMORY; the step may be half done then.
 */
enum err spread_incident(const struct trust_terms *t, struct state *s, unsigned table, uint32_t row,
			 uint32_t severity, int64_t at_ns) NODISCARD;

/* --- regime: does the agent do other things than before? --- */

/* Count one action; at the end of a window `changed` says what the test found. */
void regime_count(struct regime *r, struct str action);

/* --- deed: whose action an outcome is about, and who acted last in a session --- */

struct table_schema deed_table(void);
struct table_schema deed_session_table(void);
/* Entry `seq` is an action of the agent of that row of the trust table. */
enum err deed_put(struct state *s, unsigned table, uint64_t seq, uint32_t row) NODISCARD;
/* The row; false when the action is not remembered. */
bool deed_find(const struct state *s, unsigned table, uint64_t seq, uint32_t *ret);
/* The agent of that row acts in a session; *before is who did last, or `row` itself. */
enum err deed_in_session(struct state *s, unsigned table, struct str session, uint32_t row,
			 uint32_t *before) NODISCARD;

#endif
