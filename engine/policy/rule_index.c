/*
 * rule_index: the rules that may match, found by the texts and numbers in the request.
 *
 *   slot action.type:   "refund" -> 3 9 12     "get_"... -> 4 7     not a string -> 3 4 7 9 12
 *   slot resource:      "order/"... -> 1 8     not a string -> 1 8
 *   the agent:          "ann" -> 13 14
 *   slot args.amount:   a tree of spans over 2 6                    not a number -> 2 6
 *   always              -> 0 5 10 11
 *
 * Every rule stands under one of its keys (rule_key): the texts that fewest others share, else a
 * span of numbers, else under `always`. A request opens one run for each list that applies, and
 * merging the runs by place gives the candidates in the order of trial. A rule that is left out is
 * false whatever else the request holds, so the index never changes a ruling; it only leaves time
 * out of it.
 *
 * The cost of a decision is that of a few look-ups and of the candidates: rules for other tools and
 * other resources cost nothing, whatever their number.
 */
#include "engine/policy/inside.h"

#include <stdlib.h>

#define SCRATCH_BYTES (256u << 20)
/* Texts of all keys of all rules; rules beyond that are always candidates. */
#define PAIRS_MAX (1u << 18)
/* A text that more rules share than this tells less than a span does. */
#define CROWD_MAX 8
/* A text that stands further from its home was chosen to: see map. */
#define LONG_WALK 256

struct run {
	uint32_t first, count;       /* of the places */
};

struct text_run {
	uint64_t hash;
	struct str text;
	struct run run;              /* count 0: an empty cell */
	bool prefix;
};

struct slot_runs {
	uint32_t slot;
	struct run all;              /* for a value that is no string */
	const struct text_run *cells;        /* open addressing, at most half full */
	uint32_t mask;
	uint64_t seed;               /* of their hashes */
	bool exact;                  /* some text is a whole one */
	const uint32_t *lengths;     /* of prefixes, ascending, each once */
	uint32_t length_count;
};

struct slot_spans {
	uint32_t slot;
	struct run all;              /* for a value that is no number */
	struct span_tree tree;
};

struct rule_index {
	const uint32_t *places;
	struct run always;
	const struct slot_runs *slots;
	uint32_t slot_count;
	const struct slot_spans *spans;
	uint32_t span_count;
};

/* A rule under a text of one of its keys. */
struct pair {
	struct key_text key;
	uint32_t slot, place;
	uint32_t crowd;              /* pairs with the same text */
	uint8_t number;              /* of the key in its rule */
};

/* A rule under a span. */
struct spanned {
	uint32_t slot, place;
	struct span span;
};

struct builder {
	struct arena scratch;
	struct arena *memory;
	struct pair *pairs;
	size_t pair_count, pair_room;
	uint32_t rule_count;
	uint8_t *chosen;             /* by place: key number + 1; 0: always */
	uint32_t *places;
	uint32_t place_count;
	struct slot_runs *slots;
	uint32_t slot_count;
	struct spanned *spanned;     /* by place, at first */
	uint32_t spanned_count;
	struct slot_spans *spans;
	uint32_t span_count;
	unsigned runs;               /* that one request may open */
};

/* --- which key a rule stands under --- */

static int by_text(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	int order;

	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	if (a->key.prefix != b->key.prefix)
		return a->key.prefix - b->key.prefix;
	order = str_cmp(a->key.text, b->key.text);
	if (order)
		return order;
	return (a->place > b->place) - (a->place < b->place);
}

static bool same_text(const struct pair *a, const struct pair *b)
{
	return a->slot == b->slot && a->key.prefix == b->key.prefix &&
	       str_eq(a->key.text, b->key.text);
}

static void add_spanned(struct builder *b, uint32_t place, const struct rule_key *keys,
			size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (keys[k].number) {
			b->spanned[b->spanned_count++] =
				(struct spanned){ keys[k].slot, place, keys[k].span };
			return;
		}
}

static enum err add_pairs(struct builder *b, uint32_t place, const struct rule_key *keys,
			  size_t count)
{
	size_t needed = b->pair_count;

	for (size_t k = 0; k < count; k++)
		needed += keys[k].text_count;
	if (needed > PAIRS_MAX)
		return OK;
	if (needed > b->pair_room) {
		size_t room = needed * 2 < 256 ? 256 : needed * 2;
		struct pair *grown = arena_array(&b->scratch, room, sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		if (b->pair_count)
			memcpy(grown, b->pairs, b->pair_count * sizeof(*grown));
		b->pairs = grown;
		b->pair_room = room;
	}
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < keys[k].text_count; i++)
			b->pairs[b->pair_count++] = (struct pair){
				.key = keys[k].texts[i],
				.slot = keys[k].slot,
				.place = place,
				.number = (uint8_t)k,
			};
	return OK;
}

static enum err find_keys(struct builder *b, const struct rule *const *rules)
{
	b->spanned = arena_array(&b->scratch, b->rule_count, sizeof(*b->spanned));
	if (!b->spanned)
		return ERR_MEMORY;
	for (uint32_t place = 0; place < b->rule_count; place++) {
		const struct rule *rule = rules[place];
		struct rule_key keys[RULE_KEYS + 1];
		size_t count = 0;

		if (rule->condition)
			TRY(rule_key_find(rule->condition, &b->scratch, keys, &count));
		TRY(rule_key_agents(rule->agents, &b->scratch, keys, &count));
		TRY(add_pairs(b, place, keys, count));
		add_spanned(b, place, keys, count);
	}
	return OK;
}

static void count_crowds(struct builder *b)
{
	size_t end;

	if (b->pair_count)
		qsort(b->pairs, b->pair_count, sizeof(*b->pairs), by_text);
	for (size_t i = 0; i < b->pair_count; i = end) {
		for (end = i; end < b->pair_count && same_text(&b->pairs[i], &b->pairs[end]); end++)
			;
		for (size_t k = i; k < end; k++)
			b->pairs[k].crowd = (uint32_t)(end - i);
	}
}

/* The key whose most common text fewest rules share; of equal ones that of the earlier slot. */
static enum err choose_keys(struct builder *b)
{
	uint32_t(*worst)[RULE_KEYS + 1] = arena_array(&b->scratch, b->rule_count, sizeof(*worst));
	bool *spanned = arena_array(&b->scratch, b->rule_count, sizeof(*spanned));

	b->chosen = arena_array(&b->scratch, b->rule_count, 1);
	if (!worst || !spanned || !b->chosen)
		return ERR_MEMORY;
	for (size_t i = 0; i < b->pair_count; i++) {
		const struct pair *p = &b->pairs[i];

		if (p->crowd > worst[p->place][p->number])
			worst[p->place][p->number] = p->crowd;
	}
	for (uint32_t i = 0; i < b->spanned_count; i++)
		spanned[b->spanned[i].place] = true;
	for (size_t i = 0; i < b->pair_count; i++) {
		const struct pair *p = &b->pairs[i];
		uint8_t *now = &b->chosen[p->place];

		if (spanned[p->place] && worst[p->place][p->number] > CROWD_MAX)
			continue;
		if (*now == 0 || worst[p->place][p->number] < worst[p->place][*now - 1])
			*now = (uint8_t)(p->number + 1);
	}
	return OK;
}

static bool is_chosen(const struct builder *b, const struct pair *p)
{
	return b->chosen[p->place] == p->number + 1;
}

static void drop_unchosen(struct builder *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->pair_count; i++)
		if (is_chosen(b, &b->pairs[i]))
			b->pairs[kept++] = b->pairs[i];
	b->pair_count = kept;
}

/* --- the runs --- */

static struct run begin_run(const struct builder *b)
{
	return (struct run){ b->place_count, 0 };
}

static void add_place(struct builder *b, struct run *run, uint32_t place)
{
	if (run->count && b->places[b->place_count - 1] == place)
		return;
	b->places[b->place_count++] = place;
	run->count++;
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* All rules under any text of the slot. */
static void add_all(struct builder *b, struct slot_runs *s, const struct pair *pairs, size_t count)
{
	uint32_t kept = 0, *list = b->places + b->place_count;

	for (size_t i = 0; i < count; i++)
		list[i] = pairs[i].place;
	qsort(list, count, sizeof(*list), by_number);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || list[kept - 1] != list[i])
			list[kept++] = list[i];
	s->all = (struct run){ b->place_count, kept };
	b->place_count += kept;
}

/* Prefixes and whole texts share the cells. */
static uint64_t hash_of(const struct slot_runs *s, struct str text, bool prefix)
{
	return map_hash(text, s->seed + prefix);
}

/* False when the text would stand too far from its home. */
static bool put_cell(struct text_run *cells, uint32_t mask, struct text_run put)
{
	uint32_t walk = 0;

	while (cells[(put.hash + walk) & mask].run.count)
		if (++walk > LONG_WALK)
			return false;
	cells[(put.hash + walk) & mask] = put;
	return true;
}

/* Put all texts in their cells; under another seed each time they do not spread. */
static void spread(struct slot_runs *s, const struct text_run *texts, size_t count,
		   struct text_run *cells)
{
	for (size_t i = 0; i < count;) {
		struct text_run put = texts[i++];

		put.hash = hash_of(s, put.text, put.prefix);
		if (put_cell(cells, s->mask, put))
			continue;
		s->seed = map_hash(STR("another seed"), s->seed);
		memset(cells, 0, ((size_t)s->mask + 1) * sizeof(*cells));
		i = 0;
	}
}

/* How many different texts the slot has, and how many lengths of prefixes. */
static size_t count_texts(const struct pair *pairs, size_t count, uint32_t *lengths, size_t *ret)
{
	size_t texts = 0;

	*ret = 0;
	for (size_t i = 0; i < count; i++) {
		if (i && same_text(&pairs[i - 1], &pairs[i]))
			continue;
		texts++;
		if (pairs[i].key.prefix)
			lengths[(*ret)++] = (uint32_t)pairs[i].key.text.len;
	}
	qsort(lengths, *ret, sizeof(*lengths), by_number);
	texts += texts == 0;
	for (size_t i = 0, kept = 0, found = *ret; i < found; i++) {
		if (kept == 0 || lengths[kept - 1] != lengths[i])
			lengths[kept++] = lengths[i];
		*ret = kept;
	}
	return texts;
}

static enum err fill_cells(struct builder *b, struct slot_runs *s, const struct pair *pairs,
			   size_t count, size_t texts)
{
	struct text_run *cells, *list = arena_array(&b->scratch, texts, sizeof(*list));
	size_t end, filled = 0;
	uint32_t room = 2;

	while (room < texts * 2)
		room *= 2;
	cells = arena_array(b->memory, room, sizeof(*cells));
	if (!cells || !list)
		return ERR_MEMORY;
	s->cells = cells;
	s->mask = room - 1;
	for (size_t i = 0; i < count; i = end) {
		struct text_run text = { .text = pairs[i].key.text, .run = begin_run(b) };

		text.prefix = pairs[i].key.prefix;
		for (end = i; end < count && same_text(&pairs[i], &pairs[end]); end++)
			add_place(b, &text.run, pairs[end].place);
		s->exact |= !text.prefix;
		list[filled++] = text;
	}
	spread(s, list, filled, cells);
	return OK;
}

/* False in *taken when a request could open more runs than there is room for. */
static enum err add_slot(struct builder *b, const struct pair *pairs, size_t count, bool *taken)
{
	struct slot_runs s = { .slot = pairs[0].slot };
	uint32_t *lengths = arena_array(&b->scratch, count, sizeof(*lengths)), *kept;
	size_t length_count, texts;

	if (!lengths)
		return ERR_MEMORY;
	texts = count_texts(pairs, count, lengths, &length_count);
	*taken = b->runs + 1 + length_count <= CONTENDER_RUNS;
	if (!*taken)
		return OK;
	kept = arena_array(b->memory, length_count, sizeof(*kept));
	if (!kept)
		return ERR_MEMORY;
	if (length_count)
		memcpy(kept, lengths, length_count * sizeof(*kept));
	s.lengths = kept;
	s.length_count = (uint32_t)length_count;
	add_all(b, &s, pairs, count);
	TRY(fill_cells(b, &s, pairs, count, texts));
	b->slots[b->slot_count++] = s;
	b->runs += 1 + (unsigned)length_count;
	return OK;
}

/* Slots by number; where there is no room left for one, its rules are always candidates. */
static enum err add_slots(struct builder *b)
{
	size_t end;

	for (size_t i = 0; i < b->pair_count; i = end) {
		bool taken;

		for (end = i; end < b->pair_count && b->pairs[end].slot == b->pairs[i].slot; end++)
			;
		TRY(add_slot(b, &b->pairs[i], end - i, &taken));
		for (size_t k = i; !taken && k < end; k++)
			b->chosen[b->pairs[k].place] = 0;
	}
	return OK;
}

/* --- spans --- */

#define SPANNED UINT8_MAX

static int by_slot(const void *left, const void *right)
{
	const struct spanned *a = left, *b = right;

	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

/* Rules that no text was chosen for, because none tells them from enough others. */
static void keep_unchosen(struct builder *b)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < b->spanned_count; i++)
		if (!b->chosen[b->spanned[i].place])
			b->spanned[kept++] = b->spanned[i];
	b->spanned_count = kept;
	if (kept)
		qsort(b->spanned, kept, sizeof(*b->spanned), by_slot);
}

static enum err add_tree(struct builder *b, const struct spanned *list, uint32_t count)
{
	struct slot_spans s = { .slot = list[0].slot, .all = begin_run(b) };
	struct span *spans = arena_array(&b->scratch, count, sizeof(*spans));

	if (!spans)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < count; i++) {
		spans[i] = list[i].span;
		b->chosen[list[i].place] = SPANNED;
		add_place(b, &s.all, list[i].place);
	}
	TRY(span_tree_build(spans, b->places + s.all.first, count, b->memory, &s.tree));
	b->spans[b->span_count++] = s;
	b->runs++;
	return OK;
}

static enum err add_trees(struct builder *b)
{
	uint32_t end;

	keep_unchosen(b);
	b->spans = arena_array(b->memory, CONTENDER_WALKS, sizeof(*b->spans));
	if (!b->spans)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < b->spanned_count; i = end) {
		for (end = i; end < b->spanned_count && b->spanned[end].slot == b->spanned[i].slot;
		     end++)
			;
		if (b->span_count < CONTENDER_WALKS && b->runs < CONTENDER_RUNS)
			TRY(add_tree(b, &b->spanned[i], end - i));
	}
	return OK;
}

static enum err build(struct builder *b, const struct rule *const *rules,
		      const struct rule_index **ret)
{
	struct rule_index *index = arena_alloc(b->memory, sizeof(*index));

	TRY(find_keys(b, rules));
	count_crowds(b);
	TRY(choose_keys(b));
	drop_unchosen(b);
	b->places = arena_array(b->memory, 2 * (size_t)b->rule_count + 2 * b->pair_count,
				sizeof(*b->places));
	b->slots = arena_array(b->memory, CONTENDER_RUNS, sizeof(*b->slots));
	if (!index || !b->places || !b->slots)
		return ERR_MEMORY;
	b->runs = 1;
	TRY(add_slots(b));
	TRY(add_trees(b));
	index->always = begin_run(b);
	for (uint32_t place = 0; place < b->rule_count; place++)
		if (!b->chosen[place])
			add_place(b, &index->always, place);
	index->places = b->places;
	index->slots = b->slots;
	index->slot_count = b->slot_count;
	index->spans = b->spans;
	index->span_count = b->span_count;
	*ret = index;
	return OK;
}

enum err rule_index_build(const struct rule *const *rules, uint32_t count, struct arena *memory,
			  const struct rule_index **ret)
{
	struct builder b = { .memory = memory, .rule_count = count };
	enum err e;

	arena_init(&b.scratch, SCRATCH_BYTES);
	e = build(&b, rules, ret);
	arena_fini(&b.scratch);
	return e;
}

/* --- the candidates of one request --- */

static void open_run(const struct rule_index *index, struct run run, struct contenders *c)
{
	if (run.count == 0)
		return;
	c->at[c->count] = index->places + run.first;
	c->end[c->count] = c->at[c->count] + run.count;
	c->count++;
}

static void open_text(const struct rule_index *index, const struct slot_runs *s, struct str text,
		      bool prefix, struct contenders *c)
{
	uint64_t hash = hash_of(s, text, prefix);

	for (uint32_t at = (uint32_t)hash & s->mask; s->cells[at].run.count;
	     at = (at + 1) & s->mask) {
		const struct text_run *cell = &s->cells[at];

		if (cell->hash == hash && cell->prefix == prefix && str_eq(cell->text, text)) {
			open_run(index, cell->run, c);
			return;
		}
	}
}

static void open_slot(const struct rule_index *index, const struct slot_runs *s,
		      const struct value *v, struct contenders *c)
{
	if (!v || v->kind != VALUE_STRING) {
		open_run(index, s->all, c);
		return;
	}
	if (s->exact)
		open_text(index, s, v->string, false, c);
	for (uint32_t i = 0; i < s->length_count && s->lengths[i] <= v->string.len; i++)
		open_text(index, s, str_slice(v->string.ptr, s->lengths[i]), true, c);
}

static void open_spans(const struct rule_index *index, const struct slot_spans *s,
		       const struct value *v, struct contenders *c)
{
	struct span_walk *walk = &c->walks[c->walk_count];

	if (!span_has_number(v)) {
		open_run(index, s->all, c);
		return;
	}
	span_walk_open(&s->tree, span_of_number(v), walk);
	c->walk_count += walk->at < s->tree.count;
}

void rule_index_open(const struct rule_index *index, struct str agent, struct sight *s,
		     struct contenders *ret)
{
	const struct value asking = { .kind = VALUE_STRING, .string = agent };

	ret->count = ret->walk_count = 0;
	open_run(index, index->always, ret);
	for (uint32_t i = 0; i < index->slot_count; i++)
		open_slot(index, &index->slots[i],
			  index->slots[i].slot == SLOT_AGENT ? &asking
							     : slot_look(s, index->slots[i].slot),
			  ret);
	for (uint32_t i = 0; i < index->span_count; i++)
		open_spans(index, &index->spans[i], slot_look(s, index->spans[i].slot), ret);
}

static void pass_runs(struct contenders *c, uint32_t place)
{
	for (unsigned i = 0; i < c->count;) {
		if (*c->at[i] == place && ++c->at[i] == c->end[i]) {
			c->count--;
			c->at[i] = c->at[c->count];
			c->end[i] = c->end[c->count];
		} else {
			i++;
		}
	}
}

static uint32_t place_of(const struct span_walk *w)
{
	return w->tree->places[w->at];
}

static void pass_walks(struct contenders *c, uint32_t place)
{
	for (unsigned i = 0; i < c->walk_count; i++) {
		struct span_walk *w = &c->walks[i];

		if (place_of(w) != place)
			continue;
		span_walk_on(w);
		if (w->at == w->tree->count)
			*w = c->walks[--c->walk_count];
		return;              /* a rule stands under one span */
	}
}

bool rule_index_next(struct contenders *c, uint32_t *place)
{
	uint32_t least = UINT32_MAX;

	for (unsigned i = 0; i < c->count; i++)
		if (*c->at[i] < least)
			least = *c->at[i];
	for (unsigned i = 0; i < c->walk_count; i++)
		if (place_of(&c->walks[i]) < least)
			least = place_of(&c->walks[i]);
	pass_runs(c, least);
	pass_walks(c, least);
	*place = least;
	return least != UINT32_MAX;
}
