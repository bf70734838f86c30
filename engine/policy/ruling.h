/*
 * ruling: what one decision of a bundle says, and the record of it: the truth of each rule that was
 * considered. The record follows from the order of the rules and their truths alone, so every
 * evaluator makes the same one; docs/formats/entry.md tells how it is read.
 */
#ifndef TRAMMEL_POLICY_RULING_H
#define TRAMMEL_POLICY_RULING_H

#include "engine/base/str.h"

enum policy_obligation {
	POLICY_WARN = 1,
	POLICY_LOG = 2,
	POLICY_APPROVAL = 4,
	POLICY_TRANSFORM = 8,
};

/* At most `count` actions of one agent under one rule in `period_ns`; 0: never. */
struct policy_limit {
	uint32_t count;
	int64_t period_ns;    /* 0: no limit at all */
};

/*
 * What was tried of a policy that others extend, behind the rule that matched first of all: its
 * rules there, in the order of trial.
 */
struct floor_trial {
	struct str policy;    /* its name */
	struct str considered; /* as of a ruling */
};

/* Append "10/hour", as a policy says it. The limit must be one. */
void rate_write(struct buf *b, const struct policy_limit *limit);

struct ruling {
	bool allow;           /* false unless a rule or a default says so without doubt */
	unsigned obligations; /* set of policy_obligation */
	struct str rule;      /* "<document>/<rule>" that decided; ptr NULL: the default */
	uint32_t tried;       /* its place in the order of trial, from 1; all rules: the default */
	uint32_t line;        /* of the Cedar policy that did, in its file; 0: none, or a link */
	const struct str *approvers;
	size_t approver_count;
	struct str edits;     /* of a transform: canonical JSON, [{"path","set"} | {"path"}] */
	struct policy_limit limit;
	struct str reason;    /* one sentence, in the bundle or the arena */
	/* conditions that could not be decided, in order of trial: "rule 'x/y': ..." */
	const struct str *errors;
	const struct str *erring;     /* the rules they belong to: "x/y" */
	size_t error_count;
	/*
	 * The truth of each rule that was considered, as runs of t (true), f (false, or its policy
	 * is not for the agent) and e (could not be decided): those of the stage in the order of
	 * trial, up to the first match; then floors; then all Cedar policies, where they were asked
	 */
	struct str considered, cedar;
	const struct floor_trial *floors;
	size_t floor_count;
	/* how many rules, comparisons written in them, and Cedar policies these are */
	uint64_t cost;
};

#endif
