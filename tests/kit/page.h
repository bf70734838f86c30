/*
 * page: tables of a documentation page as input of a test, so that what the page says is what the
 * program does. A table begins behind the line <!-- NAME --> and ends at the next comment; its rows
 * are those whose first cell stands in backquotes.
 */
#ifndef TRAMMEL_TESTS_PAGE_H
#define TRAMMEL_TESTS_PAGE_H

#include "engine/base/arena.h"

#define PAGE_CELLS 6

struct page_row {
	struct str cells[PAGE_CELLS];         /* trimmed, without backquotes */
	size_t count;
};

/* All rows, in the arena; the test fails when there are none. */
size_t page_rows(const char *path, const char *name, struct arena *a, struct page_row **ret);

#endif
