/*
 * bom: the decision bill of materials of one action: what went into the decision and what came of
 * it, each part with the place it was read from. Nothing is computed that was not recorded; what
 * was not recorded is absent, with the reason.
 */
#ifndef TRAMMEL_BOM_H
#define TRAMMEL_BOM_H

#include "engine/audit/note.h"

/* What a rule or a Cedar policy is called. */
struct bom_rule {
	struct str name, policy;     /* policy: whose rule it is; not of Cedar */
	bool forbid;                 /* of Cedar: what it says when it holds */
};

struct bom {
	struct str entry;            /* line of the action; it was read by entry_read */
	struct str before;           /* likewise the entry before it; ptr NULL: there is none */
	struct str outcome;          /* likewise of its outcome; ptr NULL: none was found */
	uint64_t searched;           /* among so many entries behind the action */
	const struct checkpoint *checkpoint;
	/* whose truths the entry holds, by place; NULL: not known, and why */
	const struct bom_rule *rules;        /* of the action's stage, in the order of trial */
	size_t rule_count;
	const struct bom_rule *cedar;        /* Cedar policies, in the order of the bundle */
	size_t cedar_count;
	const char *no_names;
};

/*
 * Append it as one JSON object on a line, or as lines for people. ERR_TYPE: the entry is no action;
 * ERR_MEMORY, ERR_LIMIT.
 */
enum err bom_write(const struct bom *bom, bool json, struct arena *a, struct buf *out,
		   struct note *n) NODISCARD;

#endif
