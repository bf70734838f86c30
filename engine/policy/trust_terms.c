/*
 * trust_terms: the key `trust` of a policy file, how much agents are worth and what that takes.
 *
 *   trust:                               # every key may be left out
 *     initial: 500                       # points, 0 .. 1000
 *     tiers: [{name: known, from: 500}, {name: new, from: 0}]
 *     weights: {compliance: 25, resource: 15, quality: 20, security: 25, collaboration: 15}
 *     decay: {per_hour: 2, floor: 100}
 *     latency_ms: 1000
 *     contagion: {own: 100, share: 30, hop: 50, depth: 2, violation: 0}
 *     regime: false
 *     ceilings: [{agents: ["trial-*"], at_most: 400}]
 *     minimum: [{tools: [refund], tier: known}]
 *
 * docs/formats/trust.md says what each means.
 */
#include "engine/policy/rules.h"

static const char *const keys[] = {
	"initial", "tiers", "weights", "decay", "latency_ms", "contagion", "regime", "ceilings",
	"minimum", NULL,
};

/* A whole number of the range, which stays as it is when the key is not there. */
static enum err read_number(const struct reader *r, const struct value *object, const char *key,
			    uint32_t low, uint32_t high, uint32_t *ret)
{
	const struct value *v = value_get_c(object, key);

	if (!v)
		return OK;
	if (v->kind != VALUE_INT && v->kind != VALUE_BIG)
		return member_wrong(r, v, key, "a whole number");
	if (v->kind == VALUE_BIG || v->integer < low || v->integer > high)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' is beyond its range; expected %u to %u", key, low, high);
	*ret = (uint32_t)v->integer;
	return OK;
}

struct number {
	const char *key;
	uint32_t low, high, *at;
};

/* A mapping that holds some of these `count` numbers and nothing else; *ret NULL: not there. */
static enum err read_numbers(const struct reader *r, const struct value *object, const char *key,
			     const struct number *numbers, size_t count, const struct value **ret)
{
	const char *known[TRUST_DIMENSIONS + 1] = { NULL };
	const struct value *v;

	MUST(count < sizeof(known) / sizeof(known[0]));
	for (size_t i = 0; i < count; i++)
		known[i] = numbers[i].key;
	TRY(member_of(r, object, key, VALUE_OBJECT, "a mapping of keys", &v));
	*ret = v;
	if (!v)
		return OK;
	TRY(members_known(r, v, known, key));
	for (size_t i = 0; i < count; i++)
		TRY(read_number(r, v, numbers[i].key, numbers[i].low, numbers[i].high,
				numbers[i].at));
	return OK;
}

/* Given, they are given whole: one that is left out would make the others mean something else. */
static enum err read_weights(const struct reader *r, const struct value *object,
			     struct trust_terms *t)
{
	struct number numbers[TRUST_DIMENSIONS];
	const struct value *v;
	uint32_t sum = 0;

	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		numbers[d] = (struct number){ trust_dimension_name((enum trust_dimension)d), 0, 100,
					      &t->weights[d] };
	TRY(read_numbers(r, object, "weights", numbers, TRUST_DIMENSIONS, &v));
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++) {
		if (v && !value_get_c(v, numbers[d].key))
			return note_set(r->note, ERR_NOT_FOUND, v->line, v->column,
					"'weights' says nothing of '%s'; expected all five",
					numbers[d].key);
		sum += t->weights[d];
	}
	if (sum != 100)
		return note_set(r->note, ERR_RANGE, v ? v->line : 0, v ? v->column : 0,
				"the weights are percent and make %u together; expected 100", sum);
	return OK;
}

static enum err read_decay(const struct reader *r, const struct value *object,
			   struct trust_terms *t)
{
	const struct number numbers[] = {
		{ "per_hour", 0, TRUST_TOP, &t->decay_per_hour },
		{ "floor", 0, TRUST_TOP, &t->decay_floor },
	};
	const struct value *v;

	return read_numbers(r, object, "decay", numbers, 2, &v);
}

static enum err read_contagion(const struct reader *r, const struct value *object,
			       struct trust_terms *t)
{
	const struct number numbers[] = {
		{ "own", 0, TRUST_TOP, &t->own },
		{ "share", 0, 100, &t->share },
		{ "hop", 0, 100, &t->hop },
		{ "depth", 0, TRUST_DEPTH, &t->depth },
		{ "violation", 0, TRUST_TOP, &t->violation },
	};
	const struct value *v;

	return read_numbers(r, object, "contagion", numbers, 5, &v);
}

/* --- tiers --- */

static enum err read_tier(const struct reader *r, const struct value *item, struct trust_terms *t)
{
	static const char *const known[] = { "name", "from", NULL };
	struct trust_tier *tier = &t->tiers[t->tier_count];

	if (item->kind != VALUE_OBJECT)
		return member_wrong(r, item, "tiers", "a list of {name, from}");
	TRY(members_known(r, item, known, "tier"));
	TRY(member_name(r, item, "tier", true, &tier->name));
	if (!value_get_c(item, "from"))
		return note_set(r->note, ERR_NOT_FOUND, item->line, item->column,
				"the tier '%.*s' does not say from which score it is; expected "
				"the key 'from'",
				SHOWN(tier->name));
	TRY(read_number(r, item, "from", 0, TRUST_TOP, &tier->from));
	for (size_t i = 0; i < t->tier_count; i++)
		if (str_eq(t->tiers[i].name, tier->name))
			return note_set(r->note, ERR_DUPLICATE, item->line, item->column,
					"the tier '%.*s' is given twice", SHOWN(tier->name));
	if (t->tier_count && tier->from >= tier[-1].from)
		return note_set(r->note, ERR_RANGE, item->line, item->column,
				"tiers are listed from the highest down; '%.*s' is not below "
				"the one before",
				SHOWN(tier->name));
	t->tier_count++;
	return OK;
}

/* Every score has a tier, so the last one begins at 0. */
static enum err read_tiers(const struct reader *r, const struct value *object,
			   struct trust_terms *t)
{
	const struct value *v;

	TRY(member_of(r, object, "tiers", VALUE_LIST, "a list of {name, from}", &v));
	if (!v)
		return OK;
	if (v->list.count < 1 || v->list.count > TRUST_TIERS)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"there are %zu tiers; expected 1 to %d", v->list.count,
				TRUST_TIERS);
	t->tier_count = 0;
	for (size_t i = 0; i < v->list.count; i++)
		TRY(read_tier(r, &v->list.items[i], t));
	if (t->tiers[t->tier_count - 1].from != 0)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"the last tier begins at 0, so that every score has one");
	return OK;
}

/* --- scores for names --- */

/* One bound for each glob of a list of `{names: [globs], ...}` whose scores `score_at` reads. */
typedef enum err bound_score(const struct reader *r, const struct value *item,
			     const struct trust_terms *t, uint32_t *ret);

struct bound_kind {
	const char *key, *names, *score;
	bound_score *read;
};

static enum err add_bound(const struct reader *r, const struct value *glob, uint32_t score,
			  struct trust_bound *ret)
{
	struct pattern ignored;
	const char *why;

	if (pattern_make(glob->string, &ignored, &why) != OK)
		return note_set(r->note, ERR_SYNTAX, glob->line, glob->column,
				"the pattern '%.*s' %s", SHOWN(glob->string), why);
	*ret = (struct trust_bound){ glob->string, score };
	return OK;
}

static enum err read_bound(const struct reader *r, const struct value *item,
			   const struct bound_kind *kind, const struct trust_terms *t,
			   struct trust_bound **list, size_t *count)
{
	const char *const known[] = { kind->names, kind->score, NULL };
	struct trust_bound *own;
	const struct value *globs;
	uint32_t score = 0;

	if (item->kind != VALUE_OBJECT)
		return member_wrong(r, item, kind->key, "a list of mappings");
	TRY(members_known(r, item, known, kind->key));
	TRY(member_strings(r, item, kind->names, "which means nobody", &globs));
	if (!globs || !value_get_c(item, kind->score))
		return note_set(r->note, ERR_NOT_FOUND, item->line, item->column,
				"an item of '%s' needs '%s' and '%s'", kind->key, kind->names,
				kind->score);
	TRY(kind->read(r, item, t, &score));
	own = arena_array(r->memory, *count + globs->list.count, sizeof(*own));
	if (!own)
		return ERR_MEMORY;
	if (*count)
		memcpy(own, *list, *count * sizeof(*own));
	for (size_t i = 0; i < globs->list.count; i++)
		TRY(add_bound(r, &globs->list.items[i], score, &own[*count + i]));
	*list = own;
	*count += globs->list.count;
	return OK;
}

static enum err read_bounds(const struct reader *r, const struct value *object,
			    const struct bound_kind *kind, const struct trust_terms *t,
			    const struct trust_bound **ret, size_t *ret_count)
{
	struct trust_bound *list = NULL;
	const struct value *v;
	size_t count = 0;

	TRY(member_of(r, object, kind->key, VALUE_LIST, "a list of mappings", &v));
	if (v && v->list.count > TRUST_BOUNDS)
		return note_set(r->note, ERR_LIMIT, v->line, v->column,
				"'%s' has %zu items; expected at most %d", kind->key, v->list.count,
				TRUST_BOUNDS);
	for (size_t i = 0; v && i < v->list.count; i++)
		TRY(read_bound(r, &v->list.items[i], kind, t, &list, &count));
	*ret = list;
	*ret_count = count;
	return OK;
}

static enum err read_at_most(const struct reader *r, const struct value *item,
			     const struct trust_terms *t, uint32_t *ret)
{
	(void)t;
	return read_number(r, item, "at_most", 0, TRUST_TOP, ret);
}

static enum err read_from_tier(const struct reader *r, const struct value *item,
			       const struct trust_terms *t, uint32_t *ret)
{
	const char *names[TRUST_TIERS + 1] = { NULL };
	char texts[TRUST_TIERS][LIMIT_NAME_BYTES + 1];
	int choice;

	for (size_t i = 0; i < t->tier_count; i++) {
		TRY(str_to_c(t->tiers[i].name, texts[i], sizeof(texts[i])));
		names[i] = texts[i];
	}
	TRY(member_choice(r, item, "tier", names, &choice));
	MUST(choice >= 0);
	*ret = t->tiers[choice].from;
	return OK;
}

enum err trust_terms_read(const struct reader *r, const struct value *document,
			  const struct trust_terms **ret, const struct value **at)
{
	static const struct bound_kind ceilings = { "ceilings", "agents", "at_most", read_at_most };
	static const struct bound_kind minimum = { "minimum", "tools", "tier", read_from_tier };
	const struct value *object;
	struct trust_terms *t;

	*ret = NULL;
	TRY(member_of(r, document, "trust", VALUE_OBJECT, "a mapping of keys; write {} for what "
		      "goes without saying", &object));
	*at = object;
	if (!object)
		return OK;
	TRY(members_known(r, object, keys, "trust mapping"));
	t = arena_alloc(r->memory, sizeof(*t));
	if (!t)
		return ERR_MEMORY;
	*t = trust_terms_default;
	TRY(read_number(r, object, "initial", 0, TRUST_TOP, &t->initial));
	TRY(read_number(r, object, "latency_ms", 1, 86400000, &t->latency_ms));
	TRY(read_tiers(r, object, t));
	TRY(read_weights(r, object, t));
	TRY(read_decay(r, object, t));
	TRY(read_contagion(r, object, t));
	TRY(member_bool(r, object, "regime", false, &t->regime));
	TRY(read_bounds(r, object, &ceilings, t, &t->ceilings, &t->ceiling_count));
	TRY(read_bounds(r, object, &minimum, t, &t->minimum, &t->minimum_count));
	*ret = t;
	return OK;
}
