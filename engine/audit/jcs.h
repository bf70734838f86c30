/*
 * jcs: is this text canonical JSON (RFC 8785 as canon.h writes it)? Answered in one pass, without
 * building anything: what jcs_check accepts, json_read reads and canon_value writes back unchanged,
 * save for the bounds of json_read on numbers. For the files of engine/audit only.
 */
#ifndef TRAMMEL_JCS_H
#define TRAMMEL_JCS_H

#include "engine/base/str.h"

/* A member of the outermost object to be picked up on the way. */
struct jcs_pick {
	struct str key;
	struct str source;           /* the value as written; ptr NULL: there is no such member */
};

/*
 * ERR_SYNTAX, ERR_ENCODING, ERR_DUPLICATE, ERR_TRUNCATED, ERR_LIMIT (nested deeper than
 * LIMIT_DEPTH), ERR_MEMORY, with the column. The sources borrow from `text`.
 */
enum err jcs_check(struct str text, struct jcs_pick *picks, size_t pick_count,
		   struct note *n) NODISCARD;

#endif
