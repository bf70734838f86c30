/*
 * record: what the files of the suite `trace` share: suite_trace.c, which has the cases recorded by
 * running the reference, and suite_trace_spec.c, which has the examples and schemas of the
 * specification.
 */
#ifndef TRAMMEL_TESTS_RECORD_H
#define TRAMMEL_TESTS_RECORD_H

#include "engine/base/canon.h"
#include "engine/base/limits.h"
#include "tests/conformance/excused.h"

/* Read JSON; false: it is none. */
bool record_text(struct str text, struct arena *a, struct value *ret);
/* The canonical text, in the arena. */
struct str record_canonical(const struct value *v, struct arena *a);
/* One answer, called "FILE: CASE WHAT": the same as theirs, or excused. */
void record_answer(struct suite *s, const char *file, const char *name, const char *what,
		   bool same);

/* A file of JSON that is no list of cases; one of another kind; what all of them were. */
void record_spec_file(struct suite *s, struct str file, const struct value *v, struct arena *a);
void record_spec_other(struct suite *s, struct str file, struct str text);
void record_spec_end(struct suite *s);

#endif
