/*
 * cedar_index: which policies can hold at all, by their scopes.
 *
 * A scope constrains principal, action and resource; each constraint is a way to file the policy
 * under keys (slot and uid). Every policy is filed once, by the way whose keys have the fewest
 * policies under them; one without a constraint is always tried, `action in []` never. A request
 * asks for the keys it could match:
 *
 *   principal == P     its uid              principal is T    its type
 *   principal in P     its uid and those of all its ancestors          (likewise for the others)
 *
 * So what is left out is only what could not have held. Policies that came after the index was made
 * are all tried; when they are many, it is made again.
 */
#include "engine/cedar/inside.h"

/* This many are tried faster than they are looked up. */
#define FEW_POLICIES 16

enum slot { ALWAYS = 0, P_EQ, P_IN, P_IS, A_EQ, A_IN, R_EQ, R_IN, R_IS };

struct cedar_index {
	struct cedar_table keys;
	const uint32_t *starts;      /* of each key: where its policies begin; and an end */
	const uint32_t *numbers;
	size_t covered;              /* policies that were there when it was made */
	uint32_t slots;              /* a bit for each that has keys */
};

struct way {
	enum slot slot;
	const struct cedar_uid *uids;
	size_t count;
	struct cedar_uid one;
};

struct builder {
	const struct cedar_policies *policies;
	struct arena *memory;
	struct cedar_table keys;
	uint32_t *popular;           /* of each key: policies that could be filed there */
	uint8_t *chosen;             /* of each policy: its way */
};

/* --- filing --- */

static bool place_way(const struct cedar_scope *s, enum slot eq, enum slot in, enum slot is,
		      struct way *ret)
{
	switch (s->op) {
	case SCOPE_ANY:
		return false;
	case SCOPE_EQ:
		*ret = (struct way){ .slot = eq, .count = 1, .one = s->uid };
		return true;
	case SCOPE_IS:
		*ret = (struct way){ .slot = is, .count = 1, .one = { s->type, STR("") } };
		return true;
	case SCOPE_IN:
	case SCOPE_IS_IN:
		*ret = (struct way){ .slot = in, .count = 1, .one = s->uid };
		if (s->listed) {
			ret->uids = s->list;
			ret->count = s->list_count;
		}
		return true;
	}
	return false;
}

static size_t ways_of(const struct cedar_policy *p, struct way ways[3])
{
	size_t count = 0;

	count += place_way(&p->principal, P_EQ, P_IN, P_IS, &ways[count]);
	count += place_way(&p->action, A_EQ, A_IN, ALWAYS, &ways[count]);
	count += place_way(&p->resource, R_EQ, R_IN, R_IS, &ways[count]);
	if (count == 0)
		ways[count++] = (struct way){ .slot = ALWAYS, .count = 1 };
	return count;
}

static const struct cedar_uid *uid_of(const struct way *way, size_t number)
{
	return way->uids ? &way->uids[number] : &way->one;
}

static uint32_t key_of(const struct builder *b, const struct way *way, size_t number)
{
	return cedar_table_find(&b->keys, way->slot, uid_of(way, number));
}

static enum err make_keys(struct builder *b)
{
	size_t count = 0, at = 0;
	struct cedar_key *keys;
	struct way ways[3];

	for (size_t i = 0; i < b->policies->count; i++)
		for (size_t w = ways_of(b->policies->policies[i], ways); w-- > 0;)
			count += ways[w].count;
	keys = arena_array(b->memory, count, sizeof(*keys));
	if (!keys)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++)
		for (size_t w = ways_of(b->policies->policies[i], ways); w-- > 0;)
			for (size_t u = 0; u < ways[w].count; u++)
				keys[at++] = cedar_key(ways[w].slot, *uid_of(&ways[w], u));
	return cedar_table_build(keys, count, b->memory, &b->keys);
}

/* The most policies that stand under one of its keys. */
static uint32_t crowd_of(const struct builder *b, const struct way *way)
{
	uint32_t most = 0;

	for (size_t u = 0; u < way->count; u++) {
		uint32_t here = b->popular[key_of(b, way, u)];

		most = here > most ? here : most;
	}
	return most;
}

static enum err choose_ways(struct builder *b)
{
	struct way ways[3];

	b->popular = arena_array(b->memory, b->keys.count, sizeof(*b->popular));
	b->chosen = arena_array(b->memory, b->policies->count, sizeof(*b->chosen));
	if (!b->popular || !b->chosen)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++)
		for (size_t w = ways_of(b->policies->policies[i], ways); w-- > 0;)
			for (size_t u = 0; u < ways[w].count; u++)
				b->popular[key_of(b, &ways[w], u)]++;
	for (size_t i = 0; i < b->policies->count; i++) {
		size_t count = ways_of(b->policies->policies[i], ways);

		for (size_t w = 1; w < count; w++)
			if (crowd_of(b, &ways[w]) < crowd_of(b, &ways[b->chosen[i]]))
				b->chosen[i] = (uint8_t)w;
	}
	return OK;
}

static enum err file_all(struct builder *b, struct cedar_index *index)
{
	uint32_t *starts = arena_array(b->memory, (size_t)b->keys.count + 1, sizeof(*starts));
	uint32_t *next = arena_array(b->memory, b->keys.count, sizeof(*next)), *numbers;
	struct way ways[3];

	if (!starts || !next)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++) {
		const struct way *way = &ways[b->chosen[i]];

		(void)ways_of(b->policies->policies[i], ways);
		for (size_t u = 0; u < way->count; u++)
			starts[key_of(b, way, u) + 1]++;
	}
	for (uint32_t k = 0; k < b->keys.count; k++) {
		next[k] = starts[k];
		starts[k + 1] += starts[k];
	}
	numbers = arena_array(b->memory, starts[b->keys.count], sizeof(*numbers));
	if (!numbers)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++) {
		const struct way *way = &ways[b->chosen[i]];

		(void)ways_of(b->policies->policies[i], ways);
		for (size_t u = 0; u < way->count; u++) {
			numbers[next[key_of(b, way, u)]++] = (uint32_t)i;
			index->slots |= UINT32_C(1) << way->slot;
		}
	}
	index->starts = starts;
	index->numbers = numbers;
	return OK;
}

enum err cedar_index_refresh(struct cedar_policies *p, struct arena *memory)
{
	struct builder b = { .policies = p, .memory = memory };
	size_t covered = p->index ? p->index->covered : 0;
	struct cedar_index *index;

	if (p->count - covered <= FEW_POLICIES + covered / 4)
		return OK;
	index = arena_alloc(memory, sizeof(*index));
	if (!index)
		return ERR_MEMORY;
	TRY(make_keys(&b));
	TRY(choose_ways(&b));
	TRY(file_all(&b, index));
	index->keys = b.keys;
	index->covered = p->count;
	p->index = index;
	return OK;
}

/* --- asking --- */

static void mark(uint64_t *bits, size_t number)
{
	bits[number / 64] |= UINT64_C(1) << (number % 64);
}

static void mark_key(const struct cedar_index *x, enum slot slot, const struct cedar_uid *uid,
		     uint64_t *bits)
{
	uint32_t key;

	if (!(x->slots >> slot & 1))
		return;
	key = cedar_table_find(&x->keys, slot, uid);
	if (key == CEDAR_NOWHERE)
		return;
	for (uint32_t i = x->starts[key]; i < x->starts[key + 1]; i++)
		mark(bits, x->numbers[i]);
}

/* False: it has so many ancestors that trying every policy is less work. */
static bool mark_hierarchy(const struct cedar_index *x, enum slot slot, struct cedar_run *r,
			   enum cedar_var var, uint64_t *bits)
{
	const struct cedar_entity *entity;

	if (!(x->slots >> slot & 1))
		return true;
	mark_key(x, slot, &r->vars[var].uid, bits);
	entity = cedar_eval_entity(r, &r->vars[var]);
	if (!entity)
		return true;
	if (entity->ancestor_count > x->covered)
		return false;
	for (size_t i = 0; i < entity->ancestor_count; i++)
		mark_key(x, slot, &r->entities->nodes.keys[entity->ancestors[i]].uid, bits);
	return true;
}

static void mark_type(const struct cedar_index *x, enum slot slot, const struct cedar_uid *uid,
		      uint64_t *bits)
{
	const struct cedar_uid type = { uid->type, STR("") };

	mark_key(x, slot, &type, bits);
}

void cedar_index_candidates(const struct cedar_policies *p, struct cedar_run *r, uint64_t *bits)
{
	static const struct cedar_uid nobody = { { "", 0 }, { "", 0 } };
	const struct cedar_index *x = p->index;
	const struct cedar_value *vars = r->vars;
	size_t first_tried = x ? x->covered : 0;

	if (x) {
		mark_key(x, ALWAYS, &nobody, bits);
		mark_key(x, P_EQ, &vars[VAR_PRINCIPAL].uid, bits);
		mark_key(x, A_EQ, &vars[VAR_ACTION].uid, bits);
		mark_key(x, R_EQ, &vars[VAR_RESOURCE].uid, bits);
		mark_type(x, P_IS, &vars[VAR_PRINCIPAL].uid, bits);
		mark_type(x, R_IS, &vars[VAR_RESOURCE].uid, bits);
		if (!mark_hierarchy(x, P_IN, r, VAR_PRINCIPAL, bits) ||
		    !mark_hierarchy(x, A_IN, r, VAR_ACTION, bits) ||
		    !mark_hierarchy(x, R_IN, r, VAR_RESOURCE, bits))
			first_tried = 0;
	}
	for (size_t i = first_tried; i < p->count; i++)
		mark(bits, i);
}
