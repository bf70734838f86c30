/*
 * fuzz_sqlite_file: any bytes as a database from outside.
 *
 * Whatever the pages say, the scan ends, stays within the file, and answers with rows or an error
 * that tells its story.
 */
#include "engine/base/world_sim.h"
#include "replay/sqlite_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const columns[] = { "trace_id", "tool_args", "execution_time_ms", NULL };
static const struct sqlite_table table = { "audit_log", columns, 1 };

/* Every byte of a text is there to be read. */
static enum err see(void *self, int64_t id, const struct sqlite_cell *cells)
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
	struct sqlite_told told;
	unsigned sum = 0;
	enum err e;
	int fd;

	MUST(w && sim_poke(w, "db", str_slice(data, size)) == OK);
	MUST(world_open(w, "db", WORLD_READ, &fd) == OK);
	e = sqlite_file_scan(w, fd, &table, see, &sum, &told, &n);
	MUST(e == OK || n.text[0]);
	MUST(world_close(w, fd) == OK);
	sim_close(w);
	return 0;
}
