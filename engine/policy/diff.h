/*
 * diff: requests that two bundles decide otherwise, found by reasoning. Rules are paired, one that
 * decides in the old bundle and one in the new, the default being one of them; for each pair that
 * comes to something else (outcome.h) a request is looked for, and the evaluator has the last word
 * on it. What a bundle says besides rules is compared by what it says (diff_terms).
 */
#ifndef TRAMMEL_DIFF_H
#define TRAMMEL_DIFF_H

#include "engine/policy/outcome.h"

struct diff_flip {
	enum outcome_change change; /* not CHANGE_NONE */
	enum policy_stage stage;
	const struct ruling *was, *now;
	const struct question *witness;
};

/* A quota, a tier, a ring ...: what both bundles say of it. */
struct diff_term {
	enum outcome_change change;     /* not CHANGE_NONE */
	struct str what;                /* "quota support/calls" */
	struct str was, now;            /* ptr NULL: the bundle has none */
	const struct question *witness; /* a request that it is about; NULL: none was found */
};

struct diff_hearing {
	void (*flip)(void *self, const struct diff_flip *f);
	void (*term)(void *self, const struct diff_term *t);
	void *self;
};

struct diff_report {
	uint64_t flips[CHANGES]; /* pairs of rules with a flip between them */
	uint64_t terms[CHANGES];
	uint64_t unknown;  /* pairs for which none was found and none excluded */
	uint64_t left_out; /* pairs that were not looked at, there are too many */
	bool extends;      /* documents that extend others are not reasoned about in full */
};

/* `hearing` hears of each; what it is given lives for the call. */
enum err diff_bundles(const struct bundle *old, const struct bundle *now, struct arena *scratch,
		      const struct diff_hearing *hearing, struct diff_report *ret) NODISCARD;

#endif
