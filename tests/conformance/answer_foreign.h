/*
 * answer_foreign: what we say to recorded cases of the toolkit's other logs: its flight recorder,
 * its libraries, its deltas and its events.
 */
#ifndef TRAMMEL_TESTS_ANSWER_FOREIGN_H
#define TRAMMEL_TESTS_ANSWER_FOREIGN_H

#include "engine/base/value.h"

/*
 * Do we answer as was recorded? False: otherwise, or the case is about something that is not here.
 * `file` is the stem of the vector's file. Memory of `a` is the caller's to take back.
 */
bool answer_foreign(struct str file, struct str name, const struct value *given,
		    const struct value *expect, struct arena *a);

#endif
