/*
 * sql: SQLite databases that are made once and then only read, over the world. sql.c is the doorman
 * of SQLite.
 *
 * A database is one plain file. Every page of it ends in a checksum that is salted with what the
 * caller says the file is, so a page that was changed, or is of another file, is an error and not
 * an answer. There is no journal: a database that was not finished is thrown away.
 *
 * Errors: ERR_TAMPERED for a file that is no such database or was damaged; ERR_MEMORY; those of
 * the world.
 */
#ifndef TRAMMEL_SQL_H
#define TRAMMEL_SQL_H

#include "engine/base/world.h"

enum sql_mode { SQL_READ, SQL_MAKE };       /* SQL_MAKE: ERR_EXISTS where there is a file */

struct sql;
struct sql_query;

/*
 * `path` and the world outlive it. `schema` is what the database consists of, statements with ";"
 * between them: they are run, or compared with what the file holds.
 */
enum err sql_open(struct world *w, const char *path, enum sql_mode mode, uint64_t salt,
		  const char *schema, struct sql **ret) NODISCARD;
/* Safe on NULL. Queries are finished before. */
void sql_close(struct sql *s);
/* Statements that answer nothing. */
enum err sql_do(struct sql *s, const char *text) NODISCARD;
/* Everything that was written is durable. */
enum err sql_sync(struct sql *s) NODISCARD;

/* One statement; values come in by ?1, ?2 ... and never as text of it. */
enum err sql_prepare(struct sql *s, struct str text, struct sql_query **ret) NODISCARD;
void sql_finish(struct sql_query *q);
/* Bytes are borrowed until the statement is stepped to its end or reset; ptr NULL binds NULL. */
enum err sql_put_int(struct sql_query *q, int place, int64_t value) NODISCARD;
enum err sql_put_bytes(struct sql_query *q, int place, struct str bytes) NODISCARD;
enum err sql_put_text(struct sql_query *q, int place, struct str text) NODISCARD;
/* The next row, if there is one. */
enum err sql_step(struct sql_query *q, bool *row) NODISCARD;
enum err sql_reset(struct sql_query *q) NODISCARD;
/* Columns of the row, from 0; bytes are borrowed until the next step. */
int64_t sql_int(struct sql_query *q, int column);
struct str sql_bytes(struct sql_query *q, int column);

#endif
