/*
 * fuzz_csv_reader: any bytes as a table, cut into records.
 *
 * What it gives can be written again with every cell quoted, and reads as the same cells.
 */
#include "engine/base/limits.h"
#include "engine/base/world_sim.h"
#include "replay/csv_reader.h"

#define CAP ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void quote(struct buf *b, struct str cell)
{
	buf_add_byte(b, '"');
	for (size_t i = 0; i < cell.len; i++) {
		buf_add_c(b, cell.ptr[i] == '"' ? "\"" : "");
		buf_add_byte(b, cell.ptr[i]);
	}
	buf_add_byte(b, '"');
}

static enum err read_all(struct world *w, struct str text, struct buf *b)
{
	struct str cells[CSV_CELLS_MAX];
	struct note n = { .line = 0 };
	struct csv_reader r;
	struct arena a;
	size_t count = 1;
	enum err e = OK;
	int fd;

	arena_init(&a, CAP);
	MUST(sim_poke(w, "f", text) == OK && world_open(w, "f", WORLD_READ, &fd) == OK);
	csv_init(&r, w, fd);
	while (e == OK && count > 0) {
		arena_rewind(&a, (struct arena_mark){ NULL, 0 });
		e = csv_next(&r, &a, cells, &count, &n);
		for (size_t i = 0; e == OK && i < count; i++) {
			buf_add_c(b, i ? "," : "");
			quote(b, cells[i]);
		}
		buf_add_c(b, e == OK && count ? "\r\n" : "");
	}
	MUST(e == OK || n.text[0]);
	csv_fini(&r);
	arena_fini(&a);
	MUST(world_close(w, fd) == OK);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = sim_open(1, 0);
	struct buf once, twice;

	MUST(w != NULL);
	buf_init(&once, CAP);
	buf_init(&twice, CAP);
	if (read_all(w, str_slice(data, size), &once) == OK) {
		MUST(read_all(w, buf_view(&once), &twice) == OK);
		MUST(str_eq(buf_view(&once), buf_view(&twice)));
	}
	buf_fini(&twice);
	buf_fini(&once);
	sim_close(w);
	return 0;
}
