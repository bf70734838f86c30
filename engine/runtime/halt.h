/*
 * halt: what operators stop. A part of the door of engine/runtime.
 *
 *                 quarantine                      kill
 *   free  ------------------> quarantined   any -------> killed, for good
 *     ^                            |                       |
 *     +--- release, or its time ---+          lift: only where everything was killed -> free
 *
 * An agent, a session or everything is stopped; only agents are quarantined. What never was stopped
 * has no row. A name need not be registered: who may act without being known can be stopped so.
 *
 * The fence is a number that a kill raises: the entry that recorded it. An action's entry is its
 * token, and one below the fence of its agent, of its session or of everything commits no more,
 * whether or not the kill was lifted since.
 */
#ifndef TRAMMEL_RUNTIME_HALT_H
#define TRAMMEL_RUNTIME_HALT_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

enum halt_scope { HALT_ALL = 0, HALT_AGENT, HALT_SESSION, HALT_SCOPES };
enum halt_kind { HALT_FREE = 0, HALT_QUARANTINED, HALT_KILLED, HALT_KINDS };

/* One row of the halts table; little-endian, no padding. Name (NUL-padded), scope are the key. */
struct halt_row {
	char name[LIMIT_NAME_BYTES];          /* empty: everything */
	uint8_t scope, kind, zero[6];
	int64_t since_ns, until_ns;           /* until_ns: of a quarantine, else 0 */
	uint64_t fence;                       /* entry of the last kill; 0: none */
};

_Static_assert(sizeof(struct halt_row) == LIMIT_NAME_BYTES + 32, "no padding");

/* The halts table as the state opens it. */
struct table_schema halt_table(void);
struct str halt_name(const struct halt_row *row);
/* "everything", "agent", "session"; "free", "quarantined", "killed". */
const char *halt_scope_name(enum halt_scope scope);
const char *halt_kind_name(enum halt_kind kind);

/*
 * Each of these changes one row, or says in the note why it cannot be: ERR_EXISTS (it is so
 * already), ERR_NOT_FOUND (there is nothing to end), ERR_RANGE (there is no such way, no such name,
 * no time ahead), ERR_LIMIT, ERR_MEMORY. `name` is empty for HALT_ALL; `entry` is that of the kill.
 */
enum err halt_kill(struct state *s, unsigned table, enum halt_scope scope, struct str name,
		   int64_t at_ns, uint64_t entry, struct note *why) NODISCARD;
enum err halt_lift(struct state *s, unsigned table, int64_t at_ns, struct note *why) NODISCARD;
/* A second quarantine sets another end. */
enum err halt_quarantine(struct state *s, unsigned table, struct str agent, int64_t at_ns,
			 int64_t until_ns, struct note *why) NODISCARD;
enum err halt_release(struct state *s, unsigned table, struct str agent, int64_t at_ns,
		      struct note *why) NODISCARD;

/* What stops an action at that time; `session` may have ptr NULL. False: nothing does. */
bool halt_stops(const struct state *s, unsigned table, struct str agent, struct str session,
		int64_t at_ns, struct halt_row *ret);
/* The highest fence of all: an action of that entry or a later one is below none. */
uint64_t halt_fence(const struct state *s, unsigned table);
/* What was killed after the action of entry `of` was decided. False: it may commit. */
bool halt_fences(const struct state *s, unsigned table, struct str agent, struct str session,
		 uint64_t of, struct halt_row *ret);

#endif
