/*
 * sqlite_file: the rows of one table of an SQLite 3 database, read from the file as it lies there.
 * Of this room alone.
 *
 * SQLite itself is not asked: of a file from outside nothing is needed but one table from front to
 * back, and that is a few hundred lines that can be shown to stay within the file. No schema is
 * run, no index is believed, no journal and no -wal file is read, nothing is written. Every page is
 * visited once at most, texts are bounded, trees are as deep as SQLite's at most.
 *
 * Source: sqlite.org/fileformat2.html, sections 1.3, 1.5, 1.6, 2.1, 2.3.
 */
#ifndef TRAMMEL_SQLITE_FILE_H
#define TRAMMEL_SQLITE_FILE_H

#include "engine/base/arena.h"
#include "engine/base/world.h"

enum cell_kind { CELL_NULL = 0, CELL_INT, CELL_REAL, CELL_TEXT, CELL_BLOB };

struct sqlite_cell {
	enum cell_kind kind;
	int64_t integer;
	double real;
	struct str bytes;            /* of text (UTF-8, maybe ill-formed) and blob */
};

#define CELLS_MAX 32

/* One row: the columns that were asked for, in that order. They live until it returns. */
typedef enum err sqlite_row(void *self, int64_t rowid, const struct sqlite_cell *cells);

struct sqlite_table {
	const char *name;
	const char *const *columns;  /* NULL-ended, at most CELLS_MAX */
	size_t needed;               /* so many at the front must exist; others may be all NULL */
};

struct sqlite_told {
	bool wal;                    /* written in WAL mode: more may be in a -wal file */
};

/*
 * `fd` is read at any place; it must not change meanwhile. ERR_TYPE: this is no SQLite database, or
 * a kind of table or text that is not read here; ERR_NOT_FOUND: it has no such table or column;
 * ERR_TAMPERED: it is malformed; ERR_LIMIT; the errors of `each`.
 */
enum err sqlite_file_scan(struct world *w, int fd, const struct sqlite_table *table,
			  sqlite_row *each, void *self, struct sqlite_told *told,
			  struct note *n) NODISCARD;

#endif
