/*
 * bom: the decision bill of materials of one action: what went into the decision and what came of
 * it, each part with the place it was read from. Nothing is computed that was not recorded; what
 * was not recorded is absent, with the reason.
 */
#ifndef TRAMMEL_BOM_H
#define TRAMMEL_BOM_H

#include "engine/audit/note.h"

struct bom {
	struct str entry;            /* line of the action; it was read by entry_read */
	struct str before;           /* likewise the entry before it; ptr NULL: there is none */
	struct str outcome;          /* likewise of its outcome; ptr NULL: none was found */
	uint64_t searched;           /* among so many entries behind the action */
	const struct checkpoint *checkpoint;
	/* the rules of the action's stage in the order of trial; NULL: not known, and why */
	const struct str *rules;
	size_t rule_count;
	const char *no_rules;
};

/*
 * Append it as one JSON object on a line, or as lines for people. ERR_TYPE: the entry is no action;
 * ERR_MEMORY, ERR_LIMIT.
 */
enum err bom_write(const struct bom *bom, bool json, struct arena *a, struct buf *out,
		   struct note *n) NODISCARD;

#endif
