/*
 * compat_trial: requests made from one rule, to ask both sides the same.
 */
#ifndef TRAMMEL_POLICY_COMPAT_TRIAL_H
#define TRAMMEL_POLICY_COMPAT_TRIAL_H

#include "engine/policy/compat_draft.h"

#define TRIAL_CANDIDATES 28 /* values tried at one place */

struct trial_values {
	struct value items[TRIAL_CANDIDATES];
	size_t count; /* number 0 is "missing", but of the tool and the agent */
};

/* Zeroed but for `state`, which starts the sample. */
struct trial {
	const struct draft_rule *rule;
	struct trial_values at[DRAFT_PATHS + 2]; /* paths, then the tool, then the agent */
	size_t places;
	size_t chosen[DRAFT_PATHS + 2];
	uint64_t tried, most, state;
};

/* Candidates live in `a`, the rule outlives the trial. */
enum err compat_trial_begin(struct trial *t, const struct draft *d, const struct draft_rule *r,
			    struct arena *a) NODISCARD;
/* Choose the next request; false when there is none left. */
bool compat_trial_next(struct trial *t);
/* What was chosen. */
struct str compat_trial_tool(const struct trial *t);
struct str compat_trial_agent(const struct trial *t);
/* As bundle_decide takes it, or (`sent`) as `trammel policy check` reads it. */
enum err compat_trial_ours(const struct trial *t, bool sent, struct arena *a,
			   struct value *ret) NODISCARD;
/* The context of their engine; the mesh engine is told the tool and the agent in it. */
enum err compat_trial_theirs(const struct trial *t, bool mesh, struct arena *a,
			     struct value *ret) NODISCARD;

#endif
