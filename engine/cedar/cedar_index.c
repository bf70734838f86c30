/*
 * cedar_index: which policies can hold at all, by their scopes and conditions.
 *
 * Each way in which a policy demands something (cedar_demand) could file it under keys. It is filed
 * once, by the way whose keys have the fewest policies under them; one without a way is always
 * tried, `action in []` never. Ways with the same subject and the same needs are a group:
 *
 *   group 0   always                                     3 4
 *   group 1   action ==                                  A -> 0 7      B -> 1
 *   group 2   principal in                               G -> 2
 *   group 3   context.tool ==, when context.n is a long  "a" -> 5 8    "b" -> 6
 *
 * A request asks each group for the keys it could match:
 *
 *   principal == P     its uid              principal is T    its type
 *   principal in P     its uid and those of all its ancestors          (likewise for the others)
 *   a path             its value            a path that holds a value  each item of its set
 *   a path like "P*"   its beginning, as long as each prefix of the group
 *   a test             nothing when it is false, else all
 *
 * and where a need is not met, or a path errs, for all policies of the group. So what is left out
 * is only what could neither have held nor have erred. Policies that came after the index was made
 * are all tried; when they are many, it is made again.
 */
#include "engine/cedar/cells.h"

/* This many are tried faster than they are looked up. */
#define FEW_POLICIES 4
/* A request asks every group. */
#define GROUPS_MAX 32
#define SCRATCH_BYTES ((size_t)256 << 20)

struct list {
	uint32_t first, count;       /* among the numbers */
};

struct group {
	enum cedar_subject subject;
	uint32_t cell;
	const struct cedar_need *needs;
	uint32_t need_count;
	struct list all;
	uint64_t lengths;            /* of PATH_STARTS: a bit for each length of a prefix */
};

struct cedar_index {
	struct cedar_table keys;     /* their slot is the group */
	const struct list *lists;    /* of each key */
	const uint32_t *numbers;     /* of policies */
	struct group groups[GROUPS_MAX];
	uint32_t group_count;
	size_t covered;              /* policies that were there when it was made */
};

/* A way, its group found. */
struct filing {
	uint32_t group;
	const struct cedar_uid *values;
	size_t count;
};

struct builder {
	const struct cedar_policies *policies;
	const struct cedar_cells *cells;
	struct arena *memory, *scratch;
	struct cedar_index *index;
	struct filing (*ways)[DEMAND_WAYS];          /* of each policy */
	uint8_t *way_counts;
	const struct filing **chosen;                /* of each policy; NULL: always */
	uint32_t *popular;           /* of each key: policies that could be filed there */
};

/* --- groups --- */

static bool is_group(const struct group *g, const struct cedar_way *way)
{
	return g->subject == way->subject && g->cell == way->cell &&
	       g->need_count == way->need_count &&
	       (way->need_count == 0 ||
		memcmp(g->needs, way->needs, way->need_count * sizeof(*way->needs)) == 0);
}

/* GROUPS_MAX: there is no room for another one, and the way is not used. */
static enum err find_group(struct builder *b, const struct cedar_way *way, uint32_t *ret)
{
	struct cedar_index *x = b->index;
	struct cedar_need *needs;

	for (*ret = 0; *ret < x->group_count; (*ret)++)
		if (is_group(&x->groups[*ret], way))
			return OK;
	if (x->group_count == GROUPS_MAX)
		return OK;
	needs = arena_array(b->memory, way->need_count, sizeof(*needs));
	if (!needs)
		return ERR_MEMORY;
	memcpy(needs, way->needs, way->need_count * sizeof(*needs));
	x->groups[x->group_count++] = (struct group){ .subject = way->subject,
						      .cell = way->cell,
						      .needs = needs,
						      .need_count = way->need_count };
	return OK;
}

static enum err find_ways(struct builder *b)
{
	size_t count = b->policies->count, found;
	struct cedar_way ways[DEMAND_WAYS];

	b->index->group_count = 1;
	b->ways = arena_array(b->scratch, count, sizeof(*b->ways));
	b->way_counts = arena_array(b->scratch, count, sizeof(*b->way_counts));
	if (!b->ways || !b->way_counts)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		TRY(cedar_demand_find(b->policies, b->cells, i, b->scratch, ways, &found));
		for (size_t w = 0; w < found; w++) {
			struct filing f = { .values = ways[w].values, .count = ways[w].count };

			TRY(find_group(b, &ways[w], &f.group));
			if (f.group < GROUPS_MAX)
				b->ways[i][b->way_counts[i]++] = f;
		}
	}
	return OK;
}

/* --- filing --- */

static uint32_t key_of(const struct builder *b, const struct filing *way, size_t number)
{
	return cedar_table_find(&b->index->keys, way->group, &way->values[number]);
}

static enum err make_keys(struct builder *b)
{
	size_t count = 0, at = 0;
	struct cedar_key *keys;

	for (size_t i = 0; i < b->policies->count; i++)
		for (size_t w = 0; w < b->way_counts[i]; w++)
			count += b->ways[i][w].count;
	keys = arena_array(b->memory, count, sizeof(*keys));
	if (!keys)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++)
		for (size_t w = 0; w < b->way_counts[i]; w++)
			for (size_t u = 0; u < b->ways[i][w].count; u++)
				keys[at++] = cedar_key(b->ways[i][w].group,
						       b->ways[i][w].values[u]);
	return cedar_table_build(keys, count, b->memory, &b->index->keys);
}

/* The most policies that stand under one of its keys. */
static uint32_t crowd_of(const struct builder *b, const struct filing *way)
{
	uint32_t most = 0;

	for (size_t u = 0; u < way->count; u++) {
		uint32_t here = b->popular[key_of(b, way, u)];

		most = here > most ? here : most;
	}
	return most;
}

/* Of equal ones the first: the scope, then what needs least. */
static enum err choose_ways(struct builder *b)
{
	b->popular = arena_array(b->scratch, b->index->keys.count, sizeof(*b->popular));
	b->chosen = arena_array(b->scratch, b->policies->count, sizeof(const struct filing *));
	if (!b->popular || !b->chosen)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++)
		for (size_t w = 0; w < b->way_counts[i]; w++)
			for (size_t u = 0; u < b->ways[i][w].count; u++)
				b->popular[key_of(b, &b->ways[i][w], u)]++;
	for (size_t i = 0; i < b->policies->count; i++) {
		uint32_t least = UINT32_MAX;

		for (size_t w = 0; w < b->way_counts[i]; w++) {
			uint32_t crowd = crowd_of(b, &b->ways[i][w]);

			if (crowd < least)
				b->chosen[i] = &b->ways[i][w];
			least = crowd < least ? crowd : least;
		}
	}
	return OK;
}

/* The group's list and those of the keys: how long each will be, or one more in each. */
static void file_one(struct builder *b, struct list *lists, size_t policy, uint32_t *numbers)
{
	const struct filing *way = b->chosen[policy];
	struct group *group = &b->index->groups[way ? way->group : 0];

	if (numbers)
		numbers[group->all.first + group->all.count] = (uint32_t)policy;
	group->all.count++;
	for (size_t u = 0; way && u < way->count; u++) {
		struct list *list = &lists[key_of(b, way, u)];

		if (numbers)
			numbers[list->first + list->count] = (uint32_t)policy;
		list->count++;
		if (group->subject == PATH_STARTS)
			group->lengths |= UINT64_C(1) << way->values[u].id.len;
	}
}

static void place(struct list *list, uint32_t *end)
{
	list->first = *end;
	*end += list->count;
	list->count = 0;
}

static enum err file_all(struct builder *b)
{
	struct cedar_index *x = b->index;
	struct list *lists = arena_array(b->memory, x->keys.count, sizeof(*lists));
	uint32_t *numbers, end = 0;

	if (!lists)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++)
		file_one(b, lists, i, NULL);
	for (uint32_t g = 0; g < x->group_count; g++)
		place(&x->groups[g].all, &end);
	for (uint32_t k = 0; k < x->keys.count; k++)
		place(&lists[k], &end);
	numbers = arena_array(b->memory, end, sizeof(*numbers));
	if (!numbers)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->policies->count; i++)
		file_one(b, lists, i, numbers);
	x->lists = lists;
	x->numbers = numbers;
	x->covered = b->policies->count;
	return OK;
}

static enum err build(struct builder *b)
{
	TRY(find_ways(b));
	TRY(make_keys(b));
	TRY(choose_ways(b));
	return file_all(b);
}

enum err cedar_index_refresh(struct cedar_policies *p, struct arena *memory)
{
	size_t covered = p->index ? p->index->covered : 0;
	struct cedar_cells *cells;
	struct cedar_index *index;
	struct arena scratch;
	enum err e;

	if (p->count - covered <= FEW_POLICIES + covered / 4)
		return OK;
	cells = arena_alloc(memory, sizeof(*cells));
	index = arena_alloc(memory, sizeof(*index));
	if (!cells || !index)
		return ERR_MEMORY;
	TRY(cedar_cells_make(p, memory, cells));
	arena_init(&scratch, SCRATCH_BYTES);
	e = build(&(struct builder){ .policies = p,
				     .cells = cells,
				     .memory = memory,
				     .scratch = &scratch,
				     .index = index });
	arena_fini(&scratch);
	TRY(e);
	p->cells = cells;
	p->index = index;
	return OK;
}

/* --- asking --- */

static void mark_list(const struct cedar_index *x, struct list list, uint64_t *bits)
{
	for (uint32_t i = list.first; i < list.first + list.count; i++)
		bits[x->numbers[i] / 64] |= UINT64_C(1) << (x->numbers[i] % 64);
}

static void mark_key(const struct cedar_index *x, uint32_t group, struct cedar_run *r,
		     const struct cedar_uid *uid, uint64_t *bits)
{
	uint32_t key = cedar_table_find(&x->keys, group, uid);

	r->work += 1 + cedar_text_weight(uid->type) + cedar_text_weight(uid->id);
	if (key != CEDAR_NOWHERE)
		mark_list(x, x->lists[key], bits);
}

/* False: it has so many ancestors that trying every policy is less work. */
static bool mark_hierarchy(const struct cedar_index *x, uint32_t group, struct cedar_run *r,
			   enum cedar_var var, uint64_t *bits)
{
	const struct cedar_entity *entity;

	mark_key(x, group, r, &r->vars[var].uid, bits);
	entity = cedar_eval_entity(r, &r->vars[var]);
	if (!entity)
		return true;
	if (entity->ancestor_count > x->covered)
		return false;
	for (size_t i = 0; i < entity->ancestor_count; i++)
		mark_key(x, group, r, &r->entities->nodes.keys[entity->ancestors[i]].uid, bits);
	return true;
}

/* False: the path errs. */
static bool mark_value(const struct cedar_index *x, uint32_t group, struct cedar_run *r,
		       uint64_t *bits)
{
	struct cedar_value room;
	const struct cedar_value *v = cedar_cell_value(r, x->groups[group].cell, &room);
	struct cedar_uid uid;

	if (v && cedar_demand_value(v, &uid))
		mark_key(x, group, r, &uid, bits);
	return v;
}

/* False: the path errs or is no set, or it is such a large one. */
static bool mark_items(const struct cedar_index *x, uint32_t group, struct cedar_run *r,
		       uint64_t *bits)
{
	struct cedar_value room;
	const struct cedar_value *v = cedar_cell_value(r, x->groups[group].cell, &room);
	struct cedar_uid uid;

	if (!v || v->kind != CEDAR_SET || v->set.count > x->covered)
		return false;
	for (size_t i = 0; i < v->set.count; i++)
		if (cedar_demand_value(&v->set.items[i], &uid))
			mark_key(x, group, r, &uid, bits);
	return true;
}

/* False: the path errs or is no string. */
static bool mark_prefixes(const struct cedar_index *x, uint32_t group, struct cedar_run *r,
			  uint64_t *bits)
{
	struct cedar_value room;
	const struct cedar_value *v = cedar_cell_value(r, x->groups[group].cell, &room);
	struct cedar_uid prefix = { STR(""), STR("") };

	if (!v || v->kind != CEDAR_STRING)
		return false;
	for (uint64_t left = x->groups[group].lengths; left; left &= left - 1) {
		size_t len = (size_t)__builtin_ctzll(left);

		prefix.id = str_slice(v->string.ptr, len);
		if (len <= v->string.len)
			mark_key(x, group, r, &prefix, bits);
	}
	return true;
}

/* False: it holds or errs. */
static bool is_false(const struct cedar_index *x, uint32_t group, struct cedar_run *r)
{
	struct cedar_value room;
	const struct cedar_value *v = cedar_cell_value(r, x->groups[group].cell, &room);

	return v && v->kind == CEDAR_BOOL && !v->boolean;
}

static bool are_met(struct cedar_run *r, const struct group *g)
{
	for (uint32_t i = 0; i < g->need_count; i++) {
		struct cedar_value room;
		const struct cedar_value *v = cedar_cell_value(r, g->needs[i].cell, &room);

		if (!v || !(g->needs[i].kinds >> v->kind & 1))
			return false;
	}
	return true;
}

/* False: all of the group have to be tried. */
static bool mark_group(const struct cedar_index *x, uint32_t group, struct cedar_run *r,
		       uint64_t *bits)
{
	static const enum cedar_var vars[] = { [P_EQ] = VAR_PRINCIPAL, [P_IN] = VAR_PRINCIPAL,
					       [P_IS] = VAR_PRINCIPAL, [A_EQ] = VAR_ACTION,
					       [A_IN] = VAR_ACTION,    [R_EQ] = VAR_RESOURCE,
					       [R_IN] = VAR_RESOURCE,  [R_IS] = VAR_RESOURCE };
	const struct group *g = &x->groups[group];
	struct cedar_uid type = { STR(""), STR("") };

	if (!are_met(r, g))
		return false;
	switch (g->subject) {
	case P_EQ:
	case A_EQ:
	case R_EQ:
		mark_key(x, group, r, &r->vars[vars[g->subject]].uid, bits);
		return true;
	case P_IS:
	case R_IS:
		type.type = r->vars[vars[g->subject]].uid.type;
		mark_key(x, group, r, &type, bits);
		return true;
	case P_IN:
	case A_IN:
	case R_IN:
		return mark_hierarchy(x, group, r, vars[g->subject], bits);
	case PATH_IS:
		return mark_value(x, group, r, bits);
	case PATH_HOLDS:
		return mark_items(x, group, r, bits);
	case PATH_STARTS:
		return mark_prefixes(x, group, r, bits);
	case TEST_HOLDS:
		return is_false(x, group, r);
	default:
		return false;
	}
}

void cedar_index_candidates(const struct cedar_policies *p, struct cedar_run *r, uint64_t *bits)
{
	const struct cedar_index *x = p->index;

	r->quiet = true;
	for (uint32_t g = 0; x && g < x->group_count; g++)
		if (x->groups[g].all.count && !mark_group(x, g, r, bits))
			mark_list(x, x->groups[g].all, bits);
	r->quiet = false;
	if (p->apart)
		bits[(p->apart - 1) / 64] |= UINT64_C(1) << ((p->apart - 1) % 64);
	for (size_t i = x ? x->covered : 0; i < p->count; i++)
		bits[i / 64] |= UINT64_C(1) << (i % 64);
}
