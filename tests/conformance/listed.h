/*
 * listed: answers that differ on purpose, as a table of docs/conformance.md lists them.
 *
 * A row names a file of vectors, a case and an expected member; the last two may end in '*'. Every
 * member that a case expects is an answer: ours is the same, or a row says why not. Where the
 * vectors are those of the tables, a row that explains nothing is a failure as well.
 */
#ifndef TRAMMEL_TESTS_LISTED_H
#define TRAMMEL_TESTS_LISTED_H

#include "engine/base/value.h"
#include "tests/conformance/suite.h"

#define LISTED_MAX 128

struct listed {
	struct listed_row {
		struct str file, name, member;
		bool used;
	} rows[LISTED_MAX];
	size_t count;
};

/* The table behind the line `begin`; its texts live in the arena. */
void listed_read(struct listed *l, struct suite *s, const char *begin, struct arena *a);
/* Compare what a case expects with our answers, the text of an object. */
void listed_compare(struct listed *l, struct suite *s, const char *file, const char *name,
		    const struct value *expect, struct str ours, struct arena *a);
/* Every row was needed. */
void listed_end(const struct listed *l, struct suite *s);

#endif
