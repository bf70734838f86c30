/*
 * foreign_table: a table looked up, checked to be plain, and read from front to back.
 *
 *   sqlite_schema -> CREATE TABLE ... -> columns -> SELECT them, by row id -> each row
 *
 * SQLite reads the pages, and is only ever asked what needs nothing but pages: an index may differ
 * from its table, and whatever is computed may be computed by what the file says.
 */
#include "engine/sql/sql.h"

#include "engine/base/limits.h"

#define SELECT_BYTES 4096
#define ROWID "_rowid_"

struct columns {
	const struct foreign_table *table;
	size_t count;
	bool found[FOREIGN_TABLE_COLUMNS];
};

static enum err tell(struct note *n, enum err e)
{
	switch (e) {
	case ERR_TYPE:
		return note_set(n, e, 0, 0, "this is not an SQLite 3 database");
	case ERR_TAMPERED:
		return note_set(n, e, 0, 0, "the database is malformed");
	case ERR_TRUNCATED:
		return note_set(n, e, 0, 0,
				"a change of the database was cut short, and the -journal file "
				"beside it has to be rolled back; let what wrote it open it once");
	case ERR_MEMORY:             /* SQLite says so of some texts that have no end, too */
		return note_set(n, e, 0, 0,
				"the database is malformed, or needs more memory than there is");
	case ERR_LIMIT:
		return note_set(n, e, 0, 0,
				"a row of the database is too long; at most %u bytes are read",
				LIMIT_LINE_BYTES);
	default:
		return e;
	}
}

/* Names are ASCII and small letters in `b`; to SQLite either case is the same. */
static bool same_name(struct str a, const char *b)
{
	if (a.len != strlen(b))
		return false;
	for (size_t i = 0; i < a.len; i++) {
		char c = a.ptr[i] >= 'A' && a.ptr[i] <= 'Z' ? (char)(a.ptr[i] + 32) : a.ptr[i];

		if (c != b[i])
			return false;
	}
	return true;
}

/* What a view or a virtual table is made by begins otherwise, and SQLite checks the name in it. */
static enum err check_plain(struct sql *s, const char *name, struct note *n)
{
	static const char ask[] = "SELECT sql FROM sqlite_schema WHERE type IN ('table','view') "
				  "AND name=?1 COLLATE NOCASE";
	struct sql_cell made_by = { .kind = CELL_NULL };
	struct sql_query *q;
	bool found = false, plain;
	enum err e;

	TRY(tell(n, sql_prepare(s, str_view(ask), &q)));
	e = sql_put_text(q, 1, str_view(name));
	if (e == OK)
		e = sql_step(q, &found);
	if (e == OK && found)
		e = sql_cell(q, 0, &made_by);
	plain = str_starts(made_by.bytes, STR("CREATE TABLE "));
	sql_finish(q);
	TRY(tell(n, e));
	if (!found)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "the database has no table '%s'", name);
	return plain ? OK : note_set(n, ERR_TYPE, 0, 0, "'%s' is not a plain table", name);
}

static enum err check_column(struct columns *c, struct str name, bool computed, struct note *n)
{
	if (same_name(name, ROWID))
		return note_set(n, ERR_TYPE, 0, 0, "table '%s' hides its row ids", c->table->name);
	for (size_t i = 0; i < c->count; i++) {
		if (!same_name(name, c->table->columns[i]))
			continue;
		if (computed)
			return note_set(n, ERR_TYPE, 0, 0,
					"column '%s' of table '%s' is computed, not recorded",
					c->table->columns[i], c->table->name);
		c->found[i] = true;
	}
	return OK;
}

static enum err each_column(struct columns *c, struct sql_query *q, struct note *n)
{
	enum { NAME = 1, HIDDEN = 6 };
	struct sql_cell name;
	bool row;

	for (;;) {
		TRY(tell(n, sql_step(q, &row)));
		if (!row)
			return OK;
		TRY(tell(n, sql_cell(q, NAME, &name)));
		TRY(check_column(c, name.bytes, sql_int(q, HIDDEN) != 0, n));
	}
}

static enum err find_columns(struct sql *s, struct columns *c, struct buf *text, struct note *n)
{
	struct sql_query *q;
	enum err e;

	buf_clear(text);
	buf_addf(text, "PRAGMA table_xinfo(\"%s\")", c->table->name);
	TRY(text->err);
	TRY(tell(n, sql_prepare(s, buf_view(text), &q)));
	e = each_column(c, q, n);
	sql_finish(q);
	TRY(e);
	for (size_t i = 0; i < c->table->needed; i++)
		if (!c->found[i])
			return note_set(n, ERR_NOT_FOUND, 0, 0, "table '%s' has no column '%s'",
					c->table->name, c->table->columns[i]);
	return OK;
}

static enum err each_row(const struct columns *c, struct sql_query *q, foreign_row *each,
			 void *self, struct note *n)
{
	struct sql_cell cells[FOREIGN_TABLE_COLUMNS];
	bool row, first = true;
	int64_t last = 0;

	for (;; first = false) {
		TRY(tell(n, sql_step(q, &row)));
		if (!row)
			return OK;
		if (!first && sql_int(q, 0) <= last)
			return note_set(n, ERR_TAMPERED, 0, 0,
					"the database is malformed: row %lld follows row %lld",
					(long long)sql_int(q, 0), (long long)last);
		last = sql_int(q, 0);
		for (size_t i = 0; i < c->count; i++)
			TRY(tell(n, sql_cell(q, (int)i + 1, &cells[i])));
		TRY(each(self, last, cells));
	}
}

/* All that it names was found before, but for ROWID. */
static enum err select_rows(struct sql *s, const struct columns *c, struct buf *text,
			    struct sql_query **ret, struct note *n)
{
	enum err e;

	buf_clear(text);
	buf_add_c(text, "SELECT " ROWID);
	for (size_t i = 0; i < c->count; i++)
		if (c->found[i])
			buf_addf(text, ",\"%s\"", c->table->columns[i]);
		else
			buf_add_c(text, ",NULL");
	buf_addf(text, " FROM \"%s\" NOT INDEXED ORDER BY " ROWID, c->table->name);
	TRY(text->err);
	e = sql_prepare(s, buf_view(text), ret);
	return e == ERR_TAMPERED ? note_set(n, ERR_TYPE, 0, 0, "table '%s' has no row ids",
					    c->table->name) : e;
}

static enum err scan(struct sql *s, const struct foreign_table *table, struct buf *text,
		     foreign_row *each, void *self, struct note *n)
{
	struct columns c = { .table = table };
	struct sql_query *q;
	enum err e;

	while (table->columns[c.count])
		c.count++;
	MUST(c.count <= FOREIGN_TABLE_COLUMNS && table->needed <= c.count);
	TRY(check_plain(s, table->name, n));
	TRY(find_columns(s, &c, text, n));
	TRY(select_rows(s, &c, text, &q, n));
	e = each_row(&c, q, each, self, n);
	sql_finish(q);
	return e;
}

enum err foreign_table_scan(struct world *w, const char *path, const struct foreign_table *table,
			    foreign_row *each, void *self, struct note *n)
{
	struct buf text;
	struct sql *s;
	enum err e;

	TRY(tell(n, sql_open(w, path, SQL_FOREIGN, 0, NULL, &s)));
	buf_init(&text, SELECT_BYTES);
	e = scan(s, table, &text, each, self, n);
	buf_fini(&text);
	sql_close(s);
	return e;
}
