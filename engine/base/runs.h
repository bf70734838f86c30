/*
 * runs: a row of small letters, each run of equal ones as the letter and its length, where that is
 * not 1: "f40t" is forty f and a t. There is one text for one row, and no row is longer than its
 * text would be without counting, so a bound on the row is a bound on the text.
 */
#ifndef TRAMMEL_BASE_RUNS_H
#define TRAMMEL_BASE_RUNS_H

#include "engine/base/str.h"

#define RUN_BYTES 11 /* of one run: a letter and 32 bits */

/* A row in the making. `text` is the caller's, RUN_BYTES for each run there may be. */
struct runs {
	char *text;
	size_t len;
	char letter;
	uint32_t count;
};

/* `count` more of a letter; 0 adds nothing. */
void runs_add(struct runs *r, char letter, uint32_t count);
/* The text so far, in the caller's memory; empty for an empty row. */
struct str runs_end(struct runs *r);

/*
 * Take the first run off `rest`. False where there is none: at the end, which leaves `rest` empty,
 * and before what runs_end would not have written, which is left there.
 */
bool runs_next(struct str *rest, char *letter, uint32_t *count);
/*
 * Is it a row of these letters, at most UINT32_MAX of them, that runs_end would have written? Their
 * number is in *total.
 */
bool runs_read(struct str text, const char *letters, uint32_t *total);

#endif
