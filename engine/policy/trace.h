/*
 * trace: one decision taken apart, for the tools of this room. What the evaluator did in passing is
 * done here step by step with the evaluator's own parts; how rules are indexed is the plan's affair
 * and is not looked at.
 */
#ifndef TRAMMEL_TRACE_H
#define TRAMMEL_TRACE_H

#include "engine/policy/inside.h"

/*
 * Does a rule of this document hold for the agent: does its document, or one that extends it,
 * apply?
 */
bool trace_applies(const struct plan *p, uint32_t document, struct str agent);
/* Does some document extend another one? Then parents are asked by themselves, too. */
bool trace_has_floors(const struct plan *p);

enum err trace_sight(const struct plan *p, const struct value *request, struct arena *a,
		     struct sight *ret) NODISCARD;
/* The truth of a rule's condition; true when it has none. */
enum truth trace_rule(const struct rule *rule, struct sight *s);

/* A step that asks something of the request: a comparison, has(), a name among tools. */
bool trace_asks(const struct step *step);
/* The truth of the asking step at `at`, by itself. */
enum truth trace_step(const struct condition *c, uint32_t at, struct sight *s);
/* seen[i]: 0 where step i asks nothing or was skipped, else its truth plus one. */
void trace_walk(const struct condition *c, struct sight *s, uint8_t *seen);
/*
 * The truths that a condition may have when step i has one of leaves[i], a set of 1 << enum truth.
 * Leaves are taken to be independent of each other.
 */
unsigned trace_sets(const struct condition *c, const uint8_t *leaves);
/* All joins of a truth of each set, as Kleene joins them; `settles` as false does for `and`. */
unsigned trace_join(unsigned a, unsigned b, enum truth settles);
unsigned trace_not(unsigned set);
/* "args.amount <= 100", as one would write it; tools are "action.type is one of ...". */
void trace_step_text(struct buf *b, const struct condition *c, uint32_t at);
/* Likewise in the arena, a long one cut. */
enum err trace_clause(const struct condition *c, uint32_t at, struct arena *a,
		      struct str *ret) NODISCARD;

/* question_decide over a plan. */
enum err trace_decide(const struct plan *p, bool admits_unknown, const struct question *q,
		      struct arena *a, struct ruling *ret) NODISCARD;

#endif
