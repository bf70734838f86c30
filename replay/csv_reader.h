/*
 * csv_reader: records of RFC 4180 out of a stream, one at a time. Of this room alone.
 *
 * Lines end in CRLF or LF; a quoted cell may hold either. Refused are a quote inside a cell that
 * begins with none, bytes behind a closing quote, a record that the stream ends in, and what
 * is not UTF-8.
 */
#ifndef TRAMMEL_CSV_READER_H
#define TRAMMEL_CSV_READER_H

#include "engine/base/world.h"

#define CSV_CELLS_MAX 64

struct csv_reader {
	struct world *world;
	int fd;
	struct buf bytes;            /* read and not used up yet */
	size_t at;
	bool ended;
	uint32_t line, record_line;  /* where it stands; where the record began */
};

void csv_init(struct csv_reader *r, struct world *w, int fd);
void csv_fini(struct csv_reader *r);
/*
 * The cells of the next record, in the arena; `*count` is 0 at the end. ERR_SYNTAX, ERR_TRUNCATED,
 * ERR_ENCODING with line and story; ERR_LIMIT beyond LIMIT_LINE_BYTES or CSV_CELLS_MAX.
 */
enum err csv_next(struct csv_reader *r, struct arena *a, struct str cells[CSV_CELLS_MAX],
		  size_t *count, struct note *n) NODISCARD;

#endif
