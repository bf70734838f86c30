/* answer_kill: what becomes of the steps of those who are killed, beside what was recorded. */
#ifndef TRAMMEL_TESTS_ANSWER_KILL_H
#define TRAMMEL_TESTS_ANSWER_KILL_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

/*
 * Play the kills of a case. A step in flight is one of a saga, a substitute is the heir that an
 * operator would name: the first of the session that was not killed in it. True when each kill
 * stops its agent and fences it off, and each step goes to whom it goes to there, or is undone.
 */
bool answer_kill(const struct value *given, const struct value *expect, struct arena *a);

#endif
