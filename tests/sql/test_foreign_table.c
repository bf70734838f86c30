/* foreign_table: database files as SQLite writes them, and as it never would. */
#include <stdio.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "engine/base/world_sim.h"
#include "engine/sql/sql.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/flight_kit.h"

static struct world *w;
static struct arena arena;
static struct note note;

/* What the rows added up to. */
static unsigned rows;
static int64_t last_id;
static size_t bytes_of_args;

static const char *const columns[] = { "tool_args", "trace_id", "execution_time_ms",
				       "content_hash", NULL };
static const struct foreign_table table = { "audit_log", columns, 4 };

static void setup(void)
{
	w = sim_open(1, 0);
	arena_init(&arena, (size_t)1 << 30);
}

static void teardown(void)
{
	arena_fini(&arena);
	sim_close(w);
}

TestSuite(foreign_table, .init = setup, .fini = teardown);

static enum err count(void *self, int64_t id, const struct sql_cell *cells)
{
	(void)self;
	rows++;
	last_id = id;
	bytes_of_args += cells[0].bytes.len;
	return OK;
}

static enum err scan_table(struct str bytes, const struct foreign_table *t)
{
	rows = 0;
	bytes_of_args = 0;
	note = (struct note){ .line = 0 };
	cr_assert_eq(sim_poke(w, "db", bytes), OK);
	return foreign_table_scan(w, "db", t, count, NULL, &note);
}

static enum err scan(struct str bytes)
{
	return scan_table(bytes, &table);
}

Test(foreign_table, every_row_is_found_whatever_the_pages_are)
{
	static const unsigned pages[] = { 512, 1024, 4096, 65536 };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		for (size_t pad = 0; pad < 3000; pad += 700) {
			struct str bytes = flight_kit_make(300, pad, pages[i], NULL, &arena);

			cr_assert_eq(((const unsigned char *)bytes.ptr)[16],
				     pages[i] / 256 % 256, "so it was made");
			cr_assert_eq(scan(bytes), OK, "%u: %s", pages[i], note.text);
			cr_expect_eq(rows, 300);
			cr_expect_eq(last_id, 300);
			cr_expect_geq(bytes_of_args, 225 * pad);
		}
	cr_assert_eq(scan(flight_kit_make(300, 900, 512, "DELETE FROM audit_log WHERE id%3=0",
					  &arena)), OK);
	cr_expect_eq(rows, 200);
	cr_expect_eq(last_id, 299);
}

Test(foreign_table, a_row_longer_than_many_pages_is_put_together)
{
	struct str bytes = flight_kit_make(2, 1u << 20, 4096, NULL, &arena);

	cr_assert_eq(scan(bytes), OK, "%s", note.text);
	cr_expect_gt(bytes_of_args, 1u << 20);
	bytes = flight_kit_make(2, 17u << 20, 4096, NULL, &arena);
	cr_expect_eq(scan(bytes), ERR_LIMIT);
}

static enum err see(void *self, int64_t id, const struct sql_cell *cells)
{
	struct sql_cell *kept = self;

	(void)id;
	for (size_t i = 0; i < 4; i++)
		kept[i] = cells[i];
	return OK;
}

Test(foreign_table, values_of_every_kind_are_read_and_quoted_names_found)
{
	static const char *const names[] = { "a b", "i", "r", "late", NULL };
	static const struct foreign_table t = { "kinds", names, 3 };
	static const struct { const char *sql; enum cell_kind kind; int64_t i; double r; } all[] = {
		{ "0", CELL_INT, 0, 0 }, { "1", CELL_INT, 1, 0 }, { "-1", CELL_INT, -1, 0 },
		{ "-129", CELL_INT, -129, 0 }, { "8388607", CELL_INT, 8388607, 0 },
		{ "-8388609", CELL_INT, -8388609, 0 }, { "140737488355327", CELL_INT,
		  140737488355327, 0 }, { "-9223372036854775808", CELL_INT, INT64_MIN, 0 },
		{ "0.5", CELL_REAL, 0, 0.5 }, { "NULL", CELL_NULL, 0, 0 },
		{ "x'00ff'", CELL_BLOB, 0, 0 }, { "''", CELL_TEXT, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct sql_cell kept[4] = { { .kind = CELL_BLOB } };
		char sql[512];
		struct str bytes;

		(void)snprintf(sql, sizeof(sql),
			       "CREATE TABLE \"kinds\"([a b], `i` CHECK (i<>7), 'x,y)', \"r\" "
			       "DEFAULT (max(1,2)), UNIQUE(\"r\")); INSERT INTO kinds VALUES(%s,3,"
			       "4,'t'); ALTER TABLE kinds ADD COLUMN late", all[i].sql);
		bytes = flight_kit_make(0, 0, 4096, sql, &arena);
		cr_assert_eq(sim_poke(w, "db", bytes), OK);
		cr_assert_eq(foreign_table_scan(w, "db", &t, see, kept, &note), OK, "%s",
			     note.text);
		cr_expect_eq(kept[0].kind, all[i].kind, "%s", all[i].sql);
		if (all[i].kind == CELL_INT)
			cr_expect_eq(kept[0].integer, all[i].i, "%s", all[i].sql);
		if (all[i].kind == CELL_REAL)
			cr_expect_eq(kept[0].real, all[i].r);
		cr_expect_eq(kept[1].integer, 3);
		cr_expect_eq(kept[2].kind, CELL_TEXT);
		cr_expect_eq(kept[3].kind, CELL_NULL, "a column that is younger than the row");
	}
}

/* A database that these statements make. */
static struct str made_by(const char *sql)
{
	sqlite3_int64 size = 0;
	unsigned char *bytes;
	struct str copy;
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	bytes = sqlite3_serialize(db, "main", &size, 0);
	cr_assert_eq(arena_copy(&arena, str_slice(bytes, (size_t)size), &copy), OK);
	sqlite3_free(bytes);
	(void)sqlite3_close(db);
	return copy;
}

Test(foreign_table, what_is_no_plain_table_is_refused)
{
	static const char *const names[] = { "a", "b", NULL };
	static const struct foreign_table t = { "t", names, 1 };
	static const struct { const char *sql; enum err e; const char *story; } all[] = {
		{ "CREATE TABLE T(A, b); INSERT INTO t VALUES(1,2)", OK, "" },
		{ "PRAGMA encoding='UTF-16'; CREATE TABLE t(a); INSERT INTO t VALUES('x')",
		  OK, "" },
		{ "CREATE TABLE u(a); CREATE TRIGGER t AFTER INSERT ON u BEGIN SELECT 1; END",
		  ERR_NOT_FOUND, "no table 't'" },
		{ "CREATE TABLE t(b)", ERR_NOT_FOUND, "no column 'a'" },
		{ "CREATE TABLE u(a); CREATE VIEW t AS SELECT a FROM u", ERR_TYPE, "not a plain" },
		{ "CREATE VIRTUAL TABLE t USING fts5(a)", ERR_TYPE, "not a plain" },
		{ "CREATE TABLE t(b, a AS (hex(b)))", ERR_TYPE, "'a' of table 't' is computed" },
		{ "CREATE TABLE t(b, a AS (hex(b)) STORED)", ERR_TYPE, "is computed" },
		{ "CREATE TABLE t(a, _ROWID_)", ERR_TYPE, "hides its row ids" },
		{ "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID", ERR_TYPE, "has no row ids" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		cr_expect_eq(scan_table(made_by(all[i].sql), &t), all[i].e, "%s: %s", all[i].sql,
			     note.text);
		cr_expect(strstr(note.text, all[i].story), "%s: %s", all[i].sql, note.text);
	}
	cr_expect_eq(scan(STR("")), ERR_NOT_FOUND);
	cr_expect_eq(scan(STR("SQLite format 2")), ERR_TYPE);
	cr_expect_eq(foreign_table_scan(w, "none", &t, count, NULL, &note), ERR_NOT_FOUND);
}

Test(foreign_table, rows_in_the_log_beside_it_are_read_and_nothing_is_written)
{
	struct str wal, bytes = flight_kit_make_wal(2, 7, &wal, &arena), *names;
	size_t files;

	cr_assert_eq(sim_poke(w, "db-wal", wal), OK);
	cr_assert_eq(scan(bytes), OK, "%s", note.text);
	cr_expect_eq(rows, 7);
	cr_expect_eq(last_id, 7);
	cr_expect(str_eq(sim_peek(w, "db"), bytes) && str_eq(sim_peek(w, "db-wal"), wal));
	cr_assert_eq(world_list(w, ".", &arena, &names, &files), OK);
	cr_expect_eq(files, 2);
	/* A log ends where its checksums do. */
	cr_assert_eq(sim_poke(w, "db-wal", str_slice(wal.ptr, wal.len - 1)), OK);
	cr_assert_eq(scan(bytes), OK);
	cr_expect_eq(rows, 6);
	cr_assert_eq(world_unlink(w, "db-wal"), OK);
	cr_assert_eq(scan(bytes), OK, "%s", note.text);
	cr_expect_eq(rows, 2);
}

Test(foreign_table, a_change_that_was_cut_short_is_refused)
{
	char journal[512] = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
	struct str bytes = flight_kit_make(3, 0, 4096, NULL, &arena);

	cr_assert_eq(sim_poke(w, "db-journal", str_slice(journal, sizeof(journal))), OK);
	cr_expect_eq(scan(bytes), ERR_TRUNCATED);
	cr_expect(strstr(note.text, "-journal"), "%s", note.text);
	journal[0] = '\0';
	cr_assert_eq(sim_poke(w, "db-journal", str_slice(journal, sizeof(journal))), OK);
	cr_expect_eq(scan(bytes), OK, "it is over: %s", note.text);
	cr_expect_eq(rows, 3);
}

/* A few bytes for each row make 60,000 of them. */
Test(foreign_table, a_small_file_does_not_say_a_lot)
{
	struct str bytes = flight_kit_make(3000, 0, 4096, "UPDATE audit_log SET content_hash=NULL",
					   &arena), small;
	static const char *const names[] = { "a", "late", NULL };
	static const struct foreign_table t = { "t", names, 2 };

	cr_assert_eq(scan(bytes), OK, "%s", note.text);
	small = made_by("CREATE TABLE t(a); WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 "
			"FROM r LIMIT 9999) INSERT INTO t SELECT i FROM r; PRAGMA "
			"writable_schema=1; UPDATE sqlite_schema SET sql='CREATE TABLE t(a,late "
			"DEFAULT ''' || "
			"hex(zeroblob(30000)) || ''')'");
	cr_expect_eq(scan_table(small, &t), ERR_TAMPERED);
	cr_expect_lt(rows, 100);
}

Test(foreign_table, rows_out_of_order_are_an_error)
{
	struct str bytes = flight_kit_make(2, 0, 4096, NULL, &arena);
	unsigned char *page = (unsigned char *)(uintptr_t)bytes.ptr + 4096, cell[2];

	cr_assert_eq(page[0], 13);
	cr_assert_eq(page[4], 2);
	memcpy(cell, page + 8, 2);
	memcpy(page + 8, page + 10, 2);
	memcpy(page + 10, cell, 2);
	cr_expect_eq(scan(bytes), ERR_TAMPERED);
	cr_expect(strstr(note.text, "row 1 follows row 2"), "%s", note.text);
}

/* Any byte of any page, and a file cut anywhere: an error or rows, never more. */
Test(foreign_table, damage_is_an_error_or_other_rows_and_nothing_else)
{
	struct str bytes = flight_kit_make(60, 100, 512, NULL, &arena);
	char *p = (char *)(uintptr_t)bytes.ptr;
	unsigned seed = 1;

	for (unsigned i = 0; i < 4000; i++) {
		size_t at = (seed = seed * 1103515245 + 12345) % bytes.len;
		char was = p[at];
		enum err e;

		p[at] = (char)(seed >> 16);
		e = scan(bytes);
		cr_assert(e == OK || e == ERR_TAMPERED || e == ERR_LIMIT || e == ERR_TYPE ||
			  e == ERR_NOT_FOUND, "%s", err_name(e));
		cr_assert(rows <= 4096, "%u", rows);
		p[at] = was;
	}
	for (size_t len = 0; len < bytes.len; len += 97) {
		enum err e = scan(str_slice(p, len));

		cr_assert(e == ERR_TYPE || e == ERR_TAMPERED || e == ERR_NOT_FOUND);
	}
}

Test(foreign_table, a_page_that_leads_to_itself_ends)
{
	struct str bytes = flight_kit_make(60, 100, 512, NULL, &arena);
	unsigned char *p = (unsigned char *)(uintptr_t)bytes.ptr;

	/* The first interior page of the file: its right-most child becomes itself. */
	for (size_t page = 1; page * 512 < bytes.len; page++)
		if (p[page * 512] == 5) {
			p[page * 512 + 8] = p[page * 512 + 9] = 0;
			p[page * 512 + 10] = (unsigned char)((page + 1) >> 8);
			p[page * 512 + 11] = (unsigned char)(page + 1);
			break;
		}
	cr_expect_eq(scan(bytes), ERR_TAMPERED);
}

Test(foreign_table, no_memory_is_an_error_and_nothing_else)
{
	struct str bytes = flight_kit_make(20, 3000, 4096, NULL, &arena);

	cr_assert_eq(sim_poke(w, "db", bytes), OK);
	for (uint64_t n = 1;; n++) {
		enum err e;

		fail_alloc_at(n);
		e = foreign_table_scan(w, "db", &table, count, NULL, NULL);
		if (!fail_alloc_was_hit())
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
}

/* SQLite takes memory of its own; each test is a process of its own, and so is the limit. */
Test(foreign_table, says_so_when_sqlite_has_no_memory)
{
	struct str wal, bytes = flight_kit_make_wal(2, 7, &wal, &arena);
	unsigned refused = 0;
	enum err e = ERR_MEMORY;

	cr_assert_eq(sim_poke(w, "db-wal", wal), OK);
	for (sqlite3_int64 limit = 1000; e != OK; limit += 1000) {
		cr_assert_lt(limit, 10000000);
		(void)sqlite3_hard_heap_limit64(sqlite3_memory_used() + limit);
		e = scan(bytes);
		cr_assert(e == OK || e == ERR_MEMORY, "%s", err_name(e));
		refused += e != OK;
	}
	cr_assert_eq(rows, 7);
	cr_assert_gt(refused, 5);
}
