/*
 * sql: SQLite databases over the world. sql.c is the doorman of SQLite.
 *
 * Those of ours are made once and then only read. Each is one plain file. Every page of it ends in
 * a checksum that is salted with what the caller says the file is, so a page that was changed, or
 * is of another file, is an error and not an answer. There is no journal: a database that was not
 * finished is thrown away.
 *
 * Those of others are hostile, and only read; not a byte is written, be it beside them.
 *
 * Errors: ERR_TAMPERED for a file that is no such database or was damaged; ERR_MEMORY; those of
 * the world. Of databases of others also ERR_TYPE (it is none), ERR_LIMIT (a value is longer than
 * LIMIT_LINE_BYTES) and ERR_TRUNCATED (a change was cut short, and its journal lies beside it).
 */
#ifndef TRAMMEL_SQL_H
#define TRAMMEL_SQL_H

#include "engine/base/world.h"

enum sql_mode {
	SQL_READ,
	SQL_MAKE,            /* ERR_EXISTS where there is a file */
	SQL_FOREIGN,         /* of others; what is committed in a -wal file beside it counts */
};

struct sql;
struct sql_query;

/*
 * `path` and the world outlive it. `schema` is what the database consists of, statements with ";"
 * between them: they are run, or compared with what the file holds. SQL_FOREIGN has no use for
 * `salt` and `schema`.
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

/* --- values of any kind --- */

enum cell_kind { CELL_NULL = 0, CELL_INT, CELL_REAL, CELL_TEXT, CELL_BLOB };

struct sql_cell {
	enum cell_kind kind;
	int64_t integer;
	double real;
	struct str bytes;            /* of text (UTF-8, maybe ill-formed) and blob */
};

/* The bytes are borrowed until the next step. ERR_TAMPERED: values are shared beyond reason. */
enum err sql_cell(struct sql_query *q, int column, struct sql_cell *ret) NODISCARD;

/* --- foreign_table: the rows of one plain table of a database of others --- */

#define FOREIGN_TABLE_COLUMNS 32

struct foreign_table {
	const char *name;
	const char *const *columns;  /* NULL-ended, FOREIGN_TABLE_COLUMNS at most; no quotes */
	size_t needed;               /* so many at the front must exist; others may be all NULL */
};

/* One row: the columns that were asked for, in that order. They live until it returns. */
typedef enum err foreign_row(void *self, int64_t rowid, const struct sql_cell *cells);

/*
 * In the order of row ids. Nothing of the schema is run: the table is no view, no virtual one, and
 * none of the columns is computed. ERR_TYPE: it is something else; ERR_NOT_FOUND: there is no such
 * table or column; the errors of `each`. Nobody may write to the database meanwhile.
 */
enum err foreign_table_scan(struct world *w, const char *path, const struct foreign_table *table,
			    foreign_row *each, void *self, struct note *n) NODISCARD;

#endif
