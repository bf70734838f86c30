/*
 * json_hull: opens a document that is one long list in a hull, {..., "entries": [ ... ], ...}, so
 * that it can be read from a stream without being held whole.
 *
 *   bytes -> json_hull_next -> pieces -> json_cutter      the list, brackets and all
 *                   \-> hull                              the document with that list emptied
 *
 * A stream that begins with anything else comes out as it went in. Only boundaries are found here:
 * the elements and the hull are judged by json_read, and a member that is there twice is there
 * twice in the hull.
 */
#ifndef TRAMMEL_BASE_JSON_HULL_H
#define TRAMMEL_BASE_JSON_HULL_H

#include "engine/base/str.h"

enum json_hull_place {
	HULL_FRESH = 0,              /* nothing but white space was seen */
	HULL_BEFORE,                 /* inside an object, whose list may come */
	HULL_LIST,
	HULL_BEHIND,                 /* inside the object, behind the list */
	HULL_CLOSED,                 /* behind the object */
	HULL_NONE,                   /* the stream is something else */
};

struct json_hull {
	struct str member;           /* the name of the list, borrowed */
	struct buf text;             /* the hull, or what was held back so far */
	enum json_hull_place place;
	uint64_t depth;
	bool in_string, escaped;
	size_t string_at;            /* in `text`: of the last string of the object itself */
	bool named, colon;           /* that string is the member's name; a colon followed */
	bool more;                   /* something follows the object */
	uint32_t list_line, list_lines;  /* the line where the list starts, lines that end in it */
};

/* `cap_bytes` bounds the hull, or what comes before it is known that there is none. */
void json_hull_init(struct json_hull *h, struct str member, size_t cap_bytes);
void json_hull_fini(struct json_hull *h);
/*
 * Cut the next piece for the cutter off the front of `bytes`; ptr NULL when these are used up. It
 * is borrowed from them or, until the next call, from `h`. ERR_LIMIT, ERR_MEMORY.
 */
enum err json_hull_next(struct json_hull *h, struct str *bytes, struct str *piece) NODISCARD;
/* No more bytes come: what was held back and is no hull, or ptr NULL. */
struct str json_hull_end(struct json_hull *h);

#endif
