/*
 * twin: rules of two bundles that match the same requests, told by what they say. A rule of the one
 * and its twin in the other match together, whatever they are called and wherever they stand; so
 * most pairs of rules of two bundles that are much alike need no reasoning.
 */
#ifndef TRAMMEL_TWIN_H
#define TRAMMEL_TWIN_H

#include "engine/policy/inside.h"

/*
 * For each rule of `of` the place of the first rule of `in` that matches the same requests, or the
 * count of `in`. Queues are of the plans beside them; one plan may be both.
 */
enum err twin_find(const struct plan *p, const struct queue *of, const struct plan *other,
		   const struct queue *in, struct arena *a, const uint32_t **ret) NODISCARD;

/* Append what a condition says, the text that twins share; nothing for NULL. Not for people. */
void twin_write(struct buf *b, const struct condition *c);

#endif
