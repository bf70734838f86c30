/* answer_valid: what may be said of sessions, participants and steps, beside what was recorded. */
#ifndef TRAMMEL_TESTS_ANSWER_VALID_H
#define TRAMMEL_TESTS_ANSWER_VALID_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

/*
 * Say it to a gate of our own: a session_config opens a session, a participant is registered, joins
 * or gets a score, an action is a step of a saga. True when it is taken here as it is there.
 */
bool answer_valid(const struct value *given, const struct value *expect, struct arena *a);

#endif
