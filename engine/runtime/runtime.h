/*
 * runtime: how far an agent may go. The door of engine/runtime.
 *
 * A session is a row of the sessions table, made when an admitted agent, an outcome or a label
 * first names it: how many actions it saw, how many were denied, when it began and was last active.
 *
 * A limit is a row of the limits table, for an agent and a rule that lets it act so many times in a
 * period. A window begins with an action that is counted and lasts one period; the first action
 * after that begins another. A clock that runs back stays in the window, and another period than
 * the row's begins a new one: a policy that says something else starts from nothing.
 */
#ifndef TRAMMEL_RUNTIME_H
#define TRAMMEL_RUNTIME_H

#include "engine/base/limits.h"
#include "engine/runtime/history.h"
#include "engine/state/state.h"

/* One row of the sessions table; little-endian, no padding. `id` is the key, NUL-padded. */
struct session_row {
	char id[LIMIT_NAME_BYTES];
	int64_t began_ns, last_ns;
	uint64_t actions, denials;
};

_Static_assert(sizeof(struct session_row) == LIMIT_NAME_BYTES + 32, "no padding");

/* The sessions table as the state opens it. */
struct table_schema session_table(void);
struct str session_id(const struct session_row *row);
/* The session of that id: its row number and a copy of the row. */
bool session_find(const struct state *s, unsigned table, struct str id, uint32_t *row,
		  struct session_row *ret);
/*
 * Something happened in a session, which is made when it does not exist: so many actions, of which
 * so many were denied. ERR_RANGE for what is no id (1 .. LIMIT_NAME_BYTES bytes without NUL),
 * ERR_LIMIT, ERR_MEMORY.
 */
enum err session_touch(struct state *s, unsigned table, struct str id, int64_t at_ns,
		       unsigned actions, unsigned denials) NODISCARD;

/* The longest name of a rule, "<policy>/<rule>". */
#define RULE_NAME_BYTES (2 * LIMIT_NAME_BYTES + 1)

/* One row of the limits table; little-endian, no padding. The names are the key, NUL-padded. */
struct limit_row {
	char agent[LIMIT_NAME_BYTES];
	char policy[LIMIT_NAME_BYTES], rule[LIMIT_NAME_BYTES];
	int64_t began_ns, period_ns;
	uint64_t count;              /* in the window */
};

_Static_assert(sizeof(struct limit_row) == 3 * LIMIT_NAME_BYTES + 24, "no padding");

/* The limits table as the state opens it. */
struct table_schema limit_table(void);
struct str limit_agent(const struct limit_row *row);
/* "<policy>/<rule>" into `name`; its length. */
size_t limit_rule(const struct limit_row *row, char name[RULE_NAME_BYTES]);
/*
 * How many actions of `agent` were counted under `rule` in the window that `at_ns` falls into, and
 * when it ends; 0 and a window that would begin at `at_ns` when there is none. Names that fit no
 * row count nothing.
 */
uint64_t limit_used(const struct state *s, unsigned table, struct str agent, struct str rule,
		    int64_t period_ns, int64_t at_ns, int64_t *ends_ns);
/*
 * Count one action more. ERR_RANGE for what is no name (1 .. LIMIT_NAME_BYTES bytes without NUL,
 * the rule two of them around its first '/'), ERR_LIMIT, ERR_MEMORY.
 */
enum err limit_charge(struct state *s, unsigned table, struct str agent, struct str rule,
		      int64_t period_ns, int64_t at_ns) NODISCARD;

/* What operators stop. */
#include "engine/runtime/halt.h"
/* How much may be used up. */
#include "engine/runtime/quota.h"
/* How privileged an agent is. */
#include "engine/runtime/ring.h"
/* Who is in a worse ring for now. */
#include "engine/runtime/demotion.h"
/* Steps that are all done, or undone. */
#include "engine/runtime/saga.h"
/* Which sessions somebody opened, and who takes part. */
#include "engine/runtime/session_life.h"
#include "engine/runtime/fallen.h"
/* What they do to the same things. */
#include "engine/runtime/isolation.h"
/* Which commands a text would run. */
#include "engine/runtime/shell.h"

#endif
