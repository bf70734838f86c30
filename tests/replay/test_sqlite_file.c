/* Database files as SQLite writes them, and as it never would. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "replay/sqlite_file.h"
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
static const struct sqlite_table table = { "audit_log", columns, 4 };

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

TestSuite(sqlite_file, .init = setup, .fini = teardown);

static enum err count(void *self, int64_t id, const struct sqlite_cell *cells)
{
	(void)self;
	rows++;
	last_id = id;
	bytes_of_args += cells[0].bytes.len;
	return OK;
}

static enum err scan_table(struct str bytes, const struct sqlite_table *t)
{
	struct sqlite_told told;
	enum err e;
	int fd;

	rows = 0;
	bytes_of_args = 0;
	note = (struct note){ .line = 0 };
	cr_assert_eq(sim_poke(w, "db", bytes), OK);
	cr_assert_eq(world_open(w, "db", WORLD_READ, &fd), OK);
	e = sqlite_file_scan(w, fd, t, count, NULL, &told, &note);
	cr_assert_eq(world_close(w, fd), OK);
	return e;
}

static enum err scan(struct str bytes)
{
	return scan_table(bytes, &table);
}

Test(sqlite_file, every_row_is_found_whatever_the_pages_are)
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

Test(sqlite_file, a_row_longer_than_many_pages_is_put_together)
{
	struct str bytes = flight_kit_make(2, 1u << 20, 4096, NULL, &arena);

	cr_assert_eq(scan(bytes), OK, "%s", note.text);
	cr_expect_gt(bytes_of_args, 1u << 20);
	bytes = flight_kit_make(2, 17u << 20, 4096, NULL, &arena);
	cr_expect_eq(scan(bytes), ERR_LIMIT);
}

static enum err see(void *self, int64_t id, const struct sqlite_cell *cells)
{
	struct sqlite_cell *kept = self;

	(void)id;
	for (size_t i = 0; i < 4; i++)
		kept[i] = cells[i];
	return OK;
}

Test(sqlite_file, values_of_every_kind_are_read_and_quoted_names_found)
{
	static const char *const names[] = { "a b", "i", "r", "late", NULL };
	static const struct sqlite_table t = { "kinds", names, 3 };
	static const struct { const char *sql; enum cell_kind kind; int64_t i; double r; } all[] = {
		{ "0", CELL_INT, 0, 0 }, { "1", CELL_INT, 1, 0 }, { "-1", CELL_INT, -1, 0 },
		{ "-129", CELL_INT, -129, 0 }, { "8388607", CELL_INT, 8388607, 0 },
		{ "-8388609", CELL_INT, -8388609, 0 }, { "140737488355327", CELL_INT,
		  140737488355327, 0 }, { "-9223372036854775808", CELL_INT, INT64_MIN, 0 },
		{ "0.5", CELL_REAL, 0, 0.5 }, { "NULL", CELL_NULL, 0, 0 },
		{ "x'00ff'", CELL_BLOB, 0, 0 }, { "''", CELL_TEXT, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct sqlite_cell kept[4] = { { .kind = CELL_BLOB } };
		struct sqlite_told told;
		char sql[512];
		struct str bytes;
		int fd;

		(void)snprintf(sql, sizeof(sql),
			       "CREATE TABLE \"kinds\"([a b], `i` CHECK (i<>7), 'x,y)', \"r\" "
			       "DEFAULT (max(1,2)), UNIQUE(\"r\")); INSERT INTO kinds VALUES(%s,3,"
			       "4,'t'); ALTER TABLE kinds ADD COLUMN late", all[i].sql);
		bytes = flight_kit_make(0, 0, 4096, sql, &arena);
		cr_assert_eq(sim_poke(w, "db", bytes), OK);
		cr_assert_eq(world_open(w, "db", WORLD_READ, &fd), OK);
		cr_assert_eq(sqlite_file_scan(w, fd, &t, see, kept, &told, &note), OK, "%s",
			     note.text);
		cr_assert_eq(world_close(w, fd), OK);
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

Test(sqlite_file, what_cannot_be_read_is_said)
{
	static const struct sqlite_table other = { "others", columns, 1 };
	struct str bytes = flight_kit_make(3, 0, 4096, NULL, &arena);

	cr_expect_eq(scan_table(bytes, &other), ERR_NOT_FOUND);
	cr_expect_eq(scan(STR("")), ERR_TYPE);
	bytes = flight_kit_make(0, 0, 4096, NULL, &arena);
	((char *)(uintptr_t)bytes.ptr)[59] = 2;
	cr_expect_eq(scan(bytes), ERR_TYPE);
	cr_expect(strstr(note.text, "UTF-16"));
}

/* Any byte of any page, and a file cut anywhere: an error or rows, never more. */
Test(sqlite_file, damage_is_an_error_or_other_rows_and_nothing_else, .timeout = 60)
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

Test(sqlite_file, a_page_that_leads_to_itself_ends)
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

Test(sqlite_file, no_memory_is_an_error_and_nothing_else)
{
	struct str bytes = flight_kit_make(20, 3000, 4096, NULL, &arena);

	for (uint64_t n = 1;; n++) {
		enum err e;

		cr_assert_eq(sim_poke(w, "db", bytes), OK);
		fail_alloc_at(n);
		{
			struct sqlite_told told;
			int fd;

			e = world_open(w, "db", WORLD_READ, &fd);
			if (e == OK) {
				e = sqlite_file_scan(w, fd, &table, count, NULL, &told, NULL);
				(void)world_close(w, fd);
			}
		}
		if (!fail_alloc_was_hit())
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
}
