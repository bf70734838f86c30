/*
 * recorded_flips: the actions of a recording, decided by two bundles from the same inputs, and what
 * came out otherwise, grouped by what decided.
 */
#ifndef TRAMMEL_RECORDED_FLIPS_H
#define TRAMMEL_RECORDED_FLIPS_H

#include "tui/given_policy.h"

/* Actions with a flip between the same two: what decided before and what decides now. */
struct recorded_flip {
	enum outcome_change change;
	struct ruling was, now;          /* what they came to, and the rule */
	struct str was_stage, now_stage; /* of the gate */
	uint64_t count, entry;           /* the first entry */
};

struct recorded_flips {
	struct recorded_flip *list; /* the loosest first */
	size_t count;
	uint64_t actions, undecided; /* undecided: a body or a value is gone */
	uint64_t flips[CHANGES];     /* actions */
};

/* Of the workspace at that path; everything in `memory`. */
enum err recorded_flips_find(const struct invocation *in, const char *path,
			     const struct bundle *old, const struct bundle *now,
			     struct arena *memory, struct recorded_flips *ret,
			     struct note *n) NODISCARD;

#endif
