/*
 * cedar_graph: which types and actions lie above which, over any number of steps.
 *
 * A search from every node with a stack of its own, so neither depth nor cycles of a hostile schema
 * matter; the edges walked are counted against LIMIT_CEDAR_STEPS.
 */
#include "engine/cedar/declared.h"

struct search {
	const struct cedar_graph *graph;
	uint32_t *stack;
	uint32_t *seen_by;           /* the number of the search that saw the node, from 1 */
	uint64_t steps;
};

/* All that `from` reaches is marked with from + 1; how many that are. */
static enum err walk(struct search *s, uint32_t from, uint32_t *ret)
{
	const struct cedar_graph *g = s->graph;
	uint32_t depth = 0, reached = 0;

	s->stack[depth++] = from;
	while (depth) {
		uint32_t node = s->stack[--depth];

		s->steps += g->first[node + 1] - g->first[node] + 1;
		if (s->steps > LIMIT_CEDAR_STEPS)
			return ERR_LIMIT;
		for (uint32_t i = g->first[node]; i < g->first[node + 1]; i++) {
			uint32_t target = g->targets[i];

			if (s->seen_by[target] == from + 1)
				continue;
			s->seen_by[target] = from + 1;
			reached++;
			s->stack[depth++] = target;
		}
	}
	*ret = reached;
	return OK;
}

enum err cedar_graph_close(const struct cedar_graph *g, struct arena *memory,
			   struct cedar_reach *ret)
{
	struct search s = { .graph = g };

	/* A node is on the stack at most once per search, and `from` maybe once more. */
	s.stack = arena_array(memory, (size_t)g->count + 1, sizeof(*s.stack));
	s.seen_by = arena_array(memory, g->count, sizeof(*s.seen_by));
	if (!s.stack || !s.seen_by)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < g->count; i++) {
		uint32_t reached, *nodes;
		size_t at = 0;

		TRY(walk(&s, i, &reached));
		s.steps += reached ? g->count : 0;
		nodes = arena_array(memory, reached, sizeof(*nodes));
		if (!nodes)
			return ERR_MEMORY;
		for (uint32_t k = 0; k < g->count && at < reached; k++)
			if (s.seen_by[k] == i + 1)
				nodes[at++] = k;
		ret[i] = (struct cedar_reach){ nodes, reached };
	}
	return OK;
}
