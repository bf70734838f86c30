/*
 * reach: which agents and tools a rule can be about at all. Most pairs of rules are about others,
 * and are told apart by that without any reasoning.
 */
#ifndef TRAMMEL_REACH_H
#define TRAMMEL_REACH_H

#include "engine/policy/inside.h"

/* Whole names and beginnings of names; texts NULL: any. */
struct reach_names {
	const struct key_text *texts;
	size_t count;
};

/* Outside of its reach a rule is false: neither true nor undecidable. */
struct reach {
	struct reach_names agents, tools;
};

/* The reaches of a queue's rules, in its order, in `a`. */
enum err reach_find(const struct plan *p, const struct queue *q, struct arena *a,
		    const struct reach **ret) NODISCARD;
/* True: no request is in the reach of both. */
bool reach_apart(const struct reach *a, const struct reach *b);
bool reach_has(const struct reach *r, struct str agent, struct str tool);

#endif
