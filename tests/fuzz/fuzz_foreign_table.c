/*
 * fuzz_foreign_table: any bytes as a database from outside, and any as the log beside it.
 *
 *   length of the database, four bytes, little end first | database | -wal file, or nothing
 *
 * Whatever the pages say, the scan ends, stays within the files, writes nothing, and answers with
 * rows or an error that tells its story.
 */
#include "engine/base/little.h"
#include "engine/base/world_sim.h"
#include "engine/sql/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const columns[] = { "trace_id", "tool_args", "execution_time_ms", NULL };
static const struct foreign_table table = { "audit_log", columns, 1 };

/* Every byte of a text is there to be read. */
static enum err see(void *self, int64_t id, const struct sql_cell *cells)
{
	unsigned *sum = self;

	(void)id;
	for (size_t i = 0; i < 3; i++)
		for (size_t at = 0; at < cells[i].bytes.len; at++)
			*sum += (unsigned char)cells[i].bytes.ptr[at];
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = sim_open(1, 0);
	struct note n = { .line = 0 };
	struct str db, wal = STR_NONE;
	unsigned sum = 0;
	enum err e;

	MUST(w);
	if (size < 4)
		goto out;
	db = str_slice(data + 4, size - 4);
	if (little_get32(data) < db.len) {
		wal = str_slice(db.ptr + little_get32(data), db.len - little_get32(data));
		db.len = little_get32(data);
		MUST(sim_poke(w, "db-wal", wal) == OK);
	}
	MUST(sim_poke(w, "db", db) == OK);
	e = foreign_table_scan(w, "db", &table, see, &sum, &n);
	MUST(e == OK || n.text[0]);
	MUST(str_eq(sim_peek(w, "db"), db) && (!wal.ptr || str_eq(sim_peek(w, "db-wal"), wal)));
out:
	sim_close(w);
	return 0;
}
