/*
 * term_list: what a bundle says besides its rules, as a flat list of terms that can be held against
 * those of another bundle: signatures, quotas, budgets, trust, rings, commands, capabilities,
 * events.
 */
#ifndef TRAMMEL_TERM_LIST_H
#define TRAMMEL_TERM_LIST_H

#include "engine/policy/curb_parts.h"
#include "engine/policy/outcome.h"

enum term_kind {
	TERM_TEXT = 0, /* another text is another thing */
	TERM_NUMBER,
	TERM_RATE, /* at most so many in so long */
	TERM_SET,
	TERM_CAPABILITIES, /* its text is a set of them */
};

struct term {
	struct str what; /* "quota support/calls", the key of the term */
	enum term_kind kind;
	enum outcome_change more;  /* what a higher number, a larger set means */
	enum outcome_change added; /* when only the new bundle has it; its opposite when gone */
	bool detail;               /* of the term before it: looked at when both bundles have it */
	struct str text;           /* what it says, for people */
	struct str meaning;        /* of a text: what is compared; ptr NULL: the text */
	int64_t number;
	struct policy_limit rate;
	const struct str *set;
	size_t set_count;
	/* whom requests about it are by, and its document; NULL: anybody's, or no request's */
	const struct curb *curb;
	uint32_t document;
	bool shown; /* by any request that is allowed, where there is no curb */
};

struct term_list {
	struct term *terms;
	size_t count, room;
	struct map places; /* of terms by what they are about, each in it once */
	struct arena *arena;
	enum err err; /* the first; the list is then useless */
};

/* All terms, always in the same order, in `a`. ERR_MEMORY. The list is closed in any case. */
enum err term_list_open(const struct bundle *b, struct arena *a, struct term_list *ret) NODISCARD;
void term_list_close(struct term_list *l);
/* The term about that; NULL: there is none. */
const struct term *term_list_find(const struct term_list *l, struct str what);

#endif
