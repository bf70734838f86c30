/*
 * cedar_hierarchy: who is in whom, closed.
 *
 * Entities are walked to their ends before they are left, on a stack of their own; one that is met
 * again while it is still on the stack closes a circle. When an entity is left its parents are
 * closed already, so its ancestors are they and theirs:
 *
 *   NEW --push--> OPEN --all parents closed--> CLOSED
 */
#include "engine/cedar/inside.h"

#include <stdlib.h>

enum { NEW = 0, OPEN, CLOSED };

struct walk {
	struct cedar_entities *entities;
	const struct cedar_parents *parents;
	struct arena *memory;
	uint8_t *states;             /* of each entity */
	size_t *next;                /* parent of each entity to look at */
	uint32_t *stack;             /* of entities; their depth never passes their number */
	size_t depth;
	uint32_t *stamps;            /* of each node: the last entity it was found for, plus one */
	uint32_t *found;             /* as many as there are nodes */
	size_t found_count;
	uint64_t steps;
};

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static void find_node(struct walk *w, uint32_t entity, uint32_t node)
{
	w->steps++;
	if (w->stamps[node] == entity + 1)
		return;
	w->stamps[node] = entity + 1;
	w->found[w->found_count++] = node;
}

static uint32_t node_of(const struct walk *w, uint32_t entity, size_t parent)
{
	return cedar_table_find(&w->entities->nodes, 0, &w->parents[entity].uids[parent]);
}

static enum err close_one(struct walk *w, uint32_t entity)
{
	struct cedar_entity *all = w->entities->entities;
	uint32_t *ancestors;

	w->found_count = 0;
	for (size_t p = 0; p < w->parents[entity].count; p++) {
		uint32_t node = node_of(w, entity, p), given = w->entities->given[node];
		const struct cedar_entity *above = given ? &all[given - 1] : NULL;

		find_node(w, entity, node);
		for (size_t i = 0; above && i < above->ancestor_count; i++)
			find_node(w, entity, above->ancestors[i]);
		if (w->steps > LIMIT_CEDAR_STEPS)
			return ERR_LIMIT;
	}
	if (w->found_count == 0)
		return OK;
	ancestors = arena_array(w->memory, w->found_count, sizeof(*ancestors));
	if (!ancestors)
		return ERR_MEMORY;
	memcpy(ancestors, w->found, w->found_count * sizeof(*ancestors));
	qsort(ancestors, w->found_count, sizeof(*ancestors), by_number);
	all[entity].ancestors = ancestors;
	all[entity].ancestor_count = w->found_count;
	return OK;
}

static void push(struct walk *w, uint32_t entity)
{
	w->states[entity] = OPEN;
	w->stack[w->depth++] = entity;
}

/* Everything above one entity. `*circle` is an entity that is its own ancestor when it fails. */
static enum err climb(struct walk *w, uint32_t start, uint32_t *circle)
{
	push(w, start);
	while (w->depth) {
		uint32_t entity = w->stack[w->depth - 1], given;

		if (w->next[entity] == w->parents[entity].count) {
			TRY(close_one(w, entity));
			w->states[entity] = CLOSED;
			w->depth--;
			continue;
		}
		given = w->entities->given[node_of(w, entity, w->next[entity]++)];
		if (given && w->states[given - 1] == OPEN) {
			*circle = given - 1;
			return ERR_TYPE;
		}
		if (given && w->states[given - 1] == NEW)
			push(w, given - 1);
	}
	return OK;
}

enum err cedar_hierarchy_close(struct cedar_entities *e, const struct cedar_parents *parents,
			       const struct value *const *places, struct arena *memory,
			       struct note *n)
{
	struct walk w = { .entities = e, .parents = parents, .memory = memory };
	enum err result = OK;
	uint32_t circle = 0;

	w.states = arena_array(memory, e->count, sizeof(*w.states));
	w.next = arena_array(memory, e->count, sizeof(*w.next));
	w.stack = arena_array(memory, e->count, sizeof(*w.stack));
	w.stamps = arena_array(memory, e->nodes.count, sizeof(*w.stamps));
	w.found = arena_array(memory, e->nodes.count, sizeof(*w.found));
	if (!w.states || !w.next || !w.stack || !w.stamps || !w.found)
		return ERR_MEMORY;
	for (uint32_t i = 0; result == OK && i < e->count; i++)
		if (w.states[i] == NEW)
			result = climb(&w, i, &circle);
	if (result == ERR_LIMIT)
		return note_set(n, result, 0, 0,
				"the hierarchy of entities takes more than %u steps to close",
				LIMIT_CEDAR_STEPS);
	if (result == ERR_TYPE) {
		const struct cedar_uid *uid = &e->entities[circle].uid;
		const struct value *place = places[circle];

		return note_set(n, result, place ? place->line : 0, place ? place->column : 0,
				"the entity %.*s::\"%.*s\" is its own ancestor", SHOWN(uid->type),
				SHOWN(uid->id));
	}
	return result;
}
