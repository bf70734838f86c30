/*
 * tlog_tiles: where the hashes of a tree lie, and its entries where it is published
 * (c2sp.org/tlog-tiles).
 */
#ifndef TRAMMEL_TLOG_TILES_H
#define TRAMMEL_TLOG_TILES_H

#include "engine/base/limits.h"
#include "engine/base/str.h"

#define LOG_NAME_BYTES 96            /* the longest name below a log's folder, with its NUL */
#define TILE_WIDTH 256u
#define TILE_GROUP 1000u             /* tiles to a folder: names have three digits */
#define TILE_LEVELS 8u               /* 256^8 leaves: every size that 64 bits count */

/* Hashes in the unfinished tile of a level in a tree of `size`, 0..255, and that tile's number. */
unsigned tiles_width(uint64_t size, unsigned level);
uint64_t tiles_index(uint64_t size, unsigned level);
/* "tile/<L>/<N>", and with ".p/<W>" when it is not full. */
void tiles_name(unsigned level, uint64_t index, unsigned width, char name[LOG_NAME_BYTES]);
/* The same for what lies beside the levels. */
void tiles_name_in(const char *folder, uint64_t index, unsigned width, char name[LOG_NAME_BYTES]);

/* An entry bundle: each entry behind its length, 16 bits, the first byte the most significant. */
#define ENTRY_BUNDLE_BYTES ((size_t)TILE_WIDTH * (LIMIT_ENTRY_BYTES + 2))

/* "tile/entries/<N>", with ".p/<W>" likewise. */
void entry_bundle_name(uint64_t index, unsigned width, char name[LOG_NAME_BYTES]);
void entry_bundle_add(struct buf *bundle, struct str line);
/* The next entry of a bundle, cut off its front. ERR_TRUNCATED: there is none that is whole. */
enum err entry_bundle_next(struct str *bundle, struct str *line) NODISCARD;

#endif
