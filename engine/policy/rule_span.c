/*
 * rule_span: rules under spans of numbers, in the order of trial.
 *
 *   places     0        3        4        9          args.n < 5, args.n > 2, args.n == 7, ...
 *   spans   [..5]    [2..]    [7..7]   [1..4]
 *   above      [..]               [1..7]             the span around both
 *   root                 [..]
 *
 * A walk goes to the next leaf whose span meets the number, past every subtree whose span does not.
 */
#include "engine/policy/inside.h"

#include <math.h>

static const struct span nothing = { INFINITY, -INFINITY };

enum err span_tree_build(const struct span *spans, const uint32_t *places, uint32_t count,
			 struct arena *memory, struct span_tree *ret)
{
	struct span_tree t = { .count = count, .leaves = 1 };
	struct span *nodes;
	uint32_t *own;

	while (t.leaves < count)
		t.leaves *= 2;
	nodes = arena_array(memory, 2 * (size_t)t.leaves, sizeof(*nodes));
	own = arena_array(memory, count, sizeof(*own));
	if (!nodes || !own)
		return ERR_MEMORY;
	if (count)
		memcpy(own, places, count * sizeof(*own));
	for (uint32_t i = 0; i < t.leaves; i++)
		nodes[t.leaves + i] = i < count ? spans[i] : nothing;
	for (uint32_t i = t.leaves - 1; i > 0; i--) {
		nodes[i].low = fmin(nodes[2 * i].low, nodes[2 * i + 1].low);
		nodes[i].high = fmax(nodes[2 * i].high, nodes[2 * i + 1].high);
	}
	t.nodes = nodes;
	t.places = own;
	*ret = t;
	return OK;
}

static bool meets(const struct span *a, const struct span *b)
{
	return a->low <= b->high && b->low <= a->high;
}

/* The first leaf from `leaf` on that meets the number. */
static uint32_t find_from(const struct span_tree *t, struct span number, uint32_t leaf)
{
	uint32_t node = t->leaves + leaf;

	if (leaf >= t->count)
		return t->count;
	for (;;) {
		if (!meets(&t->nodes[node], &number)) {
			while (node & 1)             /* nothing to the right below this parent */
				node /= 2;
			if (node == 0)
				return t->count;
			node++;
		} else if (node >= t->leaves) {
			return node - t->leaves;
		} else {
			node *= 2;
		}
	}
}

void span_walk_open(const struct span_tree *tree, struct span number, struct span_walk *ret)
{
	*ret = (struct span_walk){ tree, number, find_from(tree, number, 0) };
}

void span_walk_on(struct span_walk *w)
{
	w->at = find_from(w->tree, w->number, w->at + 1);
}
