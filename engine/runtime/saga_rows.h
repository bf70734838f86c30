/* saga_rows: sagas in the tables of a state. A part of the door of engine/runtime: see saga.h. */
#ifndef TRAMMEL_RUNTIME_SAGA_ROWS_H
#define TRAMMEL_RUNTIME_SAGA_ROWS_H

#include "engine/runtime/saga.h"

/* The numbers of the tables; `halts` is that of halt.h. */
struct saga_tables {
	unsigned sagas, plans, steps, keys, attempts, halts;
};

struct table_schema saga_table(void);
struct table_schema saga_plan_table(void);
struct table_schema saga_step_table(void);
struct table_schema saga_key_table(void);
struct table_schema saga_attempt_table(void);

/* A NUL-padded text of a row. */
struct str saga_text(const char *field, size_t bytes);
#define SAGA_TEXT(field) saga_text((field), sizeof(field))

/*
 * Make the rows of a saga that begins: `plans` in order, `row` with id, agent, session, entry and
 * time. ERR_EXISTS with a sentence: the id, or the key of a step, is another's; ERR_DUPLICATE: two
 * steps have one name or one key; ERR_LIMIT, ERR_MEMORY.
 */
enum err saga_insert(struct state *s, const struct saga_tables *t, const struct saga_row *row,
		     const struct saga_plan *plans, size_t count, struct note *why) NODISCARD;

/*
 * The saga of that id as it is at `now_ns`: what time and kills did to it since is applied to the
 * copy, not to the rows. False: there is none. Valid until a row of a plan is inserted.
 */
bool saga_find(const struct state *s, const struct saga_tables *t, struct str id, int64_t now_ns,
	       struct saga *ret);
/* Likewise by row number, which must exist. */
void saga_load(const struct state *s, const struct saga_tables *t, uint32_t row, int64_t now_ns,
	     struct saga *ret);
/* The step of that name; its number. */
bool saga_step_find(const struct saga *g, struct str name, unsigned *ret);
/* Which attempt the action of that entry was, if it was one. */
bool saga_attempt_find(const struct state *s, const struct saga_tables *t, uint64_t entry,
		       struct saga_attempt *ret);

/* Write what was changed. ERR_LIMIT, ERR_MEMORY. */
enum err saga_keep(struct state *s, const struct saga_tables *t, const struct saga *g) NODISCARD;
enum err saga_keep_attempt(struct state *s, const struct saga_tables *t, const struct saga *g,
			   unsigned step, bool undo) NODISCARD;

#endif
