/*
 * excused: answers that differ on purpose, as a table of docs/conformance.md excuses them by globs.
 *
 * A row's first cell is a glob over names like "decay: floor score". Where the vectors are those of
 * the tables, a row that excuses nothing fails, so no table outlives its reasons.
 */
#ifndef TRAMMEL_TESTS_EXCUSED_H
#define TRAMMEL_TESTS_EXCUSED_H

#include "engine/base/arena.h"
#include "tests/conformance/suite.h"

#define EXCUSED_MAX 128
#define EXCUSED_PAGE "docs/conformance.md"

struct excused {
	struct str globs[EXCUSED_MAX];
	bool used[EXCUSED_MAX];
	size_t count;
	unsigned answers;            /* that differ */
	struct arena memory;
};

/* The table between the line `begin`, like "<!-- saga -->", and "<!-- end -->". */
void excused_read(struct excused *x, struct suite *s, const char *begin);
/* One answer, the same as the recorded one or excused. */
void excused_answer(struct excused *x, struct suite *s, const char *name, bool same);
/* Every row was needed; says how many answers differ, and gives the memory back. */
void excused_end(struct excused *x, struct suite *s, const char *name);

#endif
