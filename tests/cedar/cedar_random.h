/*
 * cedar_random: policies and requests by chance, of a small world in which much matches, much is
 * missing and much is of a wrong type, so that every way to hold, to fail and to err is met.
 */
#ifndef TRAMMEL_TESTS_CEDAR_RANDOM_H
#define TRAMMEL_TESTS_CEDAR_RANDOM_H

#include "tests/kit/cedar_scene.h"

struct cedar_random {
	unsigned state;
};

size_t cedar_random_draw(struct cedar_random *r, size_t count);
/* The entities of the small world. */
void cedar_random_world(struct cedar_scene *k);
/* An expression that should be a bool, and now and then is none. */
void cedar_random_condition(struct cedar_random *r, struct buf *b, unsigned depth);
/* Policies with any scopes and up to two conditions; NUL at the end. */
void cedar_random_policies(struct cedar_random *r, struct buf *b, size_t count);
void cedar_random_request(struct cedar_random *r, struct cedar_scene *k);
/*
 * The answer of all policies together is what each says by itself: decision, reasons, what errs,
 * and its sentences. `seed` is for the message.
 */
void cedar_random_compare(struct cedar_scene *k, unsigned seed);

#endif
