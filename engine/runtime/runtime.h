/*
 * runtime: how far an agent may go. The door of engine/runtime.
 *
 * A session is a row of the sessions table, made when an admitted agent, an outcome or a label
 * first names it: how many actions it saw, how many were denied, when it began and was last active.
 */
#ifndef TRAMMEL_RUNTIME_H
#define TRAMMEL_RUNTIME_H

#include "engine/base/limits.h"
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

#endif
