/*
 * sealed: a full segment in compressed form. Bytes are described in docs/formats/log.md.
 *
 *   head | dictionary | sums | frame 0 | frame 1 | ... | table
 *
 * Head and table are skippable frames of zstd (RFC 8878 section 3.1.2), the table is that of zstd's
 * seekable format: `zstd -d -D dictionary` gives the segment back. A frame holds TILE_WIDTH lines,
 * so one entry costs one frame, and a frame is an entry bundle. The dictionary is trained once per
 * log and lies in each of its sealed segments, so that no file depends on another one: evidence
 * must not hang on a small file that somebody may lose.
 *
 * Nothing in here is believed for being well-formed: lines out of a sealed segment are checked by
 * the tree like all others. What is checked here keeps a hostile file from costing more memory than
 * a frame of the longest lines takes.
 */
#ifndef TRAMMEL_SEALED_H
#define TRAMMEL_SEALED_H

#include "engine/audit/inside.h"
#include "engine/state/state.h"

#define SEALED_HEAD_BYTES 56
#define SEALED_FRAMES (LOG_SEGMENT_ENTRIES / TILE_WIDTH)
#define SEALED_FRAME_BYTES ((size_t)TILE_WIDTH * (LIMIT_ENTRY_BYTES + 1)) /* of lines */
#define SEALED_SUMS_BYTES(frames) (8 * (size_t)(frames))
#define SEALED_TABLE_BYTES(frames) (8 + 8 * (size_t)(frames) + 9)

/*
 * Where the frames of a segment begin, packed in the file and raw in the segment; the last rows say
 * where the last frame ends.
 */
struct sealed_table {
	uint32_t entries;            /* lines in the segment */
	size_t frames;
	uint64_t packed_at[SEALED_FRAMES + 1], raw_at[SEALED_FRAMES + 1];
	uint64_t sums[SEALED_FRAMES]; /* sum64 of the packed bytes, from their number */
};

/* A sealed segment that is open, or none (fd < 0). What decoding takes is kept for the next. */
struct sealed {
	struct world *w;
	int fd;
	struct sealed_table table;
	struct squash squash;
	struct buf dictionary, packed;
};

void sealed_init(struct sealed *s, struct world *w);
void sealed_fini(struct sealed *s);
/*
 * ERR_NOT_FOUND; ERR_TAMPERED, and in a note why, unless it is a sealed segment of so many entries
 * as a segment of `p` has.
 */
enum err sealed_open(struct sealed *s, const struct log_place *p, const char *name,
		     struct note *n) NODISCARD;
void sealed_close(struct sealed *s);
/* The lines of a frame, which has table.raw_at[frame + 1] - table.raw_at[frame] bytes of them. */
enum err sealed_frame(struct sealed *s, size_t frame, void *raw, struct note *n) NODISCARD;

/* How many frames a segment of so many entries has. */
size_t sealed_frames(uint64_t entries);
/* Where the first of so many frames begins. */
uint64_t sealed_begin(size_t dictionary_bytes, size_t frames);
uint64_t sealed_sum(struct str packed);
/* What lies before the frames of a file whose frames were written, and what behind. */
void sealed_ends(const struct sealed_table *t, struct str dictionary, struct buf *head,
		 struct buf *table);

#endif
