/*
 * stacks: logs of random entries in a simulated world, and questions asked of them twice: through
 * the index, and by reading every line with code of its own.
 */
#ifndef TRAMMEL_TESTS_STACKS_H
#define TRAMMEL_TESTS_STACKS_H

#include "engine/base/world_sim.h"
#include "engine/index/index.h"

#define STACKS_ORIGIN "example.com/stacks"
#define STACKS_LOG "log"
#define STACKS_INDEX "index"
#define STACKS_START_NS INT64_C(1767323045000000000)

struct stacks {
	struct world *w;
	struct sign_key *key;
	uint64_t size, random;
};

void stacks_init(struct stacks *k, uint64_t seed);
void stacks_fini(struct stacks *k);
/* A number below `bound`. */
uint64_t stacks_draw(struct stacks *k, uint64_t bound);
/* Append so many entries and publish. */
void stacks_add(struct stacks *k, uint64_t count);
/* Take the log away and begin another one. */
void stacks_replace(struct stacks *k);

/* Opened; asserts that it works. */
struct index *stacks_open(struct stacks *k, struct index_work *work);
/* A question whose texts occur in these logs, or nearly. */
struct filter stacks_filter(struct stacks *k);
/* What a question finds by reading every line; the caller's `ret` has room for the whole log. */
size_t stacks_read(struct stacks *k, const struct filter *f, bool newest_first, uint64_t *ret);
/* What it finds through the index; asserts that every line is the log's. */
size_t stacks_search(struct stacks *k, struct index *x, const struct search_order *order,
		     size_t limit, uint64_t *ret, struct cursor *behind);
/* Assert that both are the same, for this question in both orders. */
void stacks_compare(struct stacks *k, struct index *x, const struct filter *f);
/* Likewise for that many random questions. */
void stacks_compare_many(struct stacks *k, struct index *x, unsigned questions);

#endif
