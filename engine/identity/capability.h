/*
 * capability: what an agent may do, as a set with an algebra. Part of the door of engine/identity;
 * delegations, credentials and policies all go by it. docs/formats/capability.md is its page.
 *
 *   set        = "" | item { "," item }
 *   item       = [ "-" ] segment { ":" segment }         "-": a denial, else a grant
 *   segment    = text [ "*" ] | "*"
 *
 * An action asks for the path of its tool and its resource, "read:orders:7". An item covers a path
 * when each of its segments covers the one in the same place; what the path has beyond them does
 * not matter. So an item covers itself and everything below, and that goes for denials as well. A
 * set covers what one of its grants covers and none of its denials.
 *
 * Promises:
 *   1. A set has one text, the canonical one: two sets that cover the same have the same bytes.
 *   2. Narrowing is inclusion, exactly: capability_narrows(a, b) when b covers whatever a covers.
 *   3. capability_intersect covers what both cover, and nothing else.
 *   4. Everything is bounded; a set that would be larger is an error, never a smaller one.
 */
#ifndef TRAMMEL_IDENTITY_CAPABILITY_H
#define TRAMMEL_IDENTITY_CAPABILITY_H

#include "engine/base/limits.h"
#include "engine/base/value.h"

/* A set as its canonical text. All zero: it covers nothing. */
struct capabilities {
	uint16_t bytes;
	char text[LIMIT_CAPABILITY_BYTES];
};

struct str capability_text(const struct capabilities *set);

/*
 * A set from items with commas between them, in any order. ERR_SYNTAX, ERR_LIMIT with a sentence
 * that names the item, ERR_MEMORY.
 */
enum err capability_read(struct str text, struct capabilities *ret, struct note *why) NODISCARD;
/* Likewise from a list of strings; the note has the place of the item. Also ERR_TYPE. */
enum err capability_read_list(const struct value *list, struct capabilities *ret,
			      struct note *why) NODISCARD;
/* The other way round: canonical text to list, whose strings are borrowed. ERR_MEMORY. */
enum err capability_write_list(struct str set, struct arena *a, struct value *ret) NODISCARD;
/* What both cover. ERR_LIMIT when that takes too many items or bytes, ERR_MEMORY. */
enum err capability_intersect(struct str a, struct str b, struct capabilities *ret) NODISCARD;

/* The functions below take sets as canonical texts. */

#define CAPABILITY_REQUEST_BYTES (LIMIT_NAME_BYTES + 1 + LIMIT_RESOURCE_BYTES)
/* The path that an action asks for; the resource may have ptr NULL. Both are within limits. */
struct str capability_request(struct str action, struct str resource,
			      char room[CAPABILITY_REQUEST_BYTES]);
bool capability_covers(struct str set, struct str request);
/* Is `a` at most `b`? */
bool capability_narrows(struct str a, struct str b);
/*
 * Does every grant say at least how its tools' names begin? A set that grants "*", or "*" of
 * something, is nobody's to hand on.
 */
bool capability_names_tools(struct str set);

#endif
