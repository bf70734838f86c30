/*
 * ring_rules: the key `rings` of a policy file. At most one file of a bundle has it, and it holds
 * for every agent.
 *
 *   rings:
 *     default: 3                        # of registered agents; others are in ring 3
 *     agents:
 *       - {agents: [ops-*], ring: 1}    # the first that matches
 *     tools:
 *       - {tools: [get_*], read_only: true}
 *       - {tools: [refund], reversibility: partial}
 *       - {tools: [deploy], ring: 1}    # not described: as what cannot be undone
 *     resources:
 *       - {resources: [prod-*], ring: 1}
 *     reach:                            # see reach_rules.c
 *       - {ring: 3, resources: [public-*]}
 *     demotion:
 *       - {below: 500, until: 600, ring: 3}
 *     sponsor: did:key:z6Mk...          # whose signature lifts an agent for a while
 */
#include "engine/identity/identity.h"
#include "engine/policy/curb_parts.h"
#include "engine/trust/trust.h"

static const char *const keys[] = {
	"default", "agents", "tools", "resources", "reach", "demotion", "sponsor", NULL,
};
static const char *const agent_keys[] = { "agents", "ring", NULL };
static const char *const tool_keys[] = {
	"tools", "ring", "reversibility", "read_only", "admin", NULL,
};
static const char *const resource_keys[] = { "resources", "ring", NULL };
static const char *const demotion_keys[] = { "below", "until", "ring", NULL };
/* In the order of enum reversibility. */
static const char *const reversibilities[] = { "none", "partial", "full", NULL };

enum err ring_read(const struct reader *r, const struct value *object, const char *key,
		   unsigned most, unsigned absent, unsigned *ret)
{
	const struct value *v;

	TRY(member_of(r, object, key, VALUE_INT, "the number of a ring", &v));
	*ret = absent;
	if (!v)
		return OK;
	if (v->integer < (int64_t)most || v->integer > (int64_t)RING_LEAST)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' is ring %lld; expected %u to 3%s", key,
				(long long)v->integer, most,
				v->integer == 0 ? ": nobody is in ring 0" : "");
	*ret = (unsigned)v->integer;
	return OK;
}

/* By its number, or by what the tool does. */
static enum err read_need(const struct reader *r, const struct value *object, unsigned *ret)
{
	bool read_only, admin, described;
	int reversibility;

	TRY(member_choice(r, object, "reversibility", reversibilities, &reversibility));
	TRY(member_bool(r, object, "read_only", false, &read_only));
	TRY(member_bool(r, object, "admin", false, &admin));
	described = reversibility >= 0 || value_get_c(object, "read_only") ||
		    value_get_c(object, "admin");
	if (described && value_get_c(object, "ring"))
		return note_set(r->note, ERR_DUPLICATE, object->line, object->column,
				"a tool has its 'ring' or says what it does, not both");
	if (admin && read_only)
		return note_set(r->note, ERR_DUPLICATE, object->line, object->column,
				"a tool is 'admin' or 'read_only', not both");
	return ring_read(r, object, "ring", RING_ROOT,
			 ring_required(reversibility < 0 ? REVERSIBLE_NOT
							 : (enum reversibility)reversibility,
				       read_only, admin),
			 ret);
}

/* One of the three lists. */
struct shape {
	const char *key, *owner;              /* the key is also that of the globs in it */
	const char *const *known;
};

static enum err read_item(const struct reader *r, const struct value *item,
			  const struct shape *shape, struct ring_rule *ret)
{
	if (item->kind != VALUE_OBJECT)
		return member_wrong(r, item, shape->key, "a mapping");
	TRY(members_known(r, item, shape->known, shape->owner));
	TRY(curb_patterns_read(r, item, shape->key, &ret->names));
	if (ret->names.count == 0)
		return note_set(r->note, ERR_NOT_FOUND, item->line, item->column,
				"this %s does not say for which %s", shape->owner, shape->key);
	if (shape->known == tool_keys)
		return read_need(r, item, &ret->ring);
	if (!value_get_c(item, "ring"))
		return note_set(r->note, ERR_NOT_FOUND, item->line, item->column,
				"this %s has no 'ring'", shape->owner);
	return ring_read(r, item, "ring", shape->known == agent_keys ? RING_MOST : RING_ROOT, 0,
			 &ret->ring);
}

static enum err read_list(const struct reader *r, const struct value *object,
			  const struct shape *shape, struct ring_list *ret)
{
	struct ring_rule *rules;
	const struct value *list;

	TRY(member_of(r, object, shape->key, VALUE_LIST, "a list of mappings", &list));
	if (!list)
		return OK;
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		TRY(read_item(r, &list->list.items[i], shape, &rules[i]));
	*ret = (struct ring_list){ rules, list->list.count };
	return OK;
}

/* A score of `least` to 1000 points. */
static enum err read_score(const struct reader *r, const struct value *object, const char *key,
			   int64_t least, uint32_t *ret)
{
	const struct value *v;

	TRY(member_of(r, object, key, VALUE_INT, "a score", &v));
	if (!v)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this demotion has no '%s'; expected {below: 500, until: 600, "
				"ring: 3}", key);
	if (v->integer < least || v->integer > (int64_t)TRUST_TOP)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' is %lld; expected %lld to %u", key, (long long)v->integer,
				(long long)least, TRUST_TOP);
	*ret = (uint32_t)v->integer;
	return OK;
}

static enum err read_demotion(const struct reader *r, const struct value *item,
			      struct demotion_rules *ret)
{
	struct demotion_rule *rule;
	unsigned ring;

	if (item->kind != VALUE_OBJECT)
		return member_wrong(r, item, "demotion", "a mapping");
	TRY(members_known(r, item, demotion_keys, "demotion"));
	TRY(ring_read(r, item, "ring", RING_MOST + 1, RING_ROOT, &ring));
	if (ring == RING_ROOT)
		return note_set(r->note, ERR_NOT_FOUND, item->line, item->column,
				"this demotion has no 'ring'");
	rule = &ret->ring[ring];
	if (rule->below)
		return note_set(r->note, ERR_DUPLICATE, item->line, item->column,
				"ring %u has its demotion already", ring);
	TRY(read_score(r, item, "below", 1, &rule->below));
	return read_score(r, item, "until", (int64_t)rule->below + 1, &rule->until);
}

static enum err read_demotions(const struct reader *r, const struct value *object,
			       struct ring_rules *ret)
{
	const struct value *list;

	TRY(member_of(r, object, "demotion", VALUE_LIST, "a list of mappings", &list));
	for (size_t i = 0; list && i < list->list.count; i++)
		TRY(read_demotion(r, &list->list.items[i], &ret->demotion));
	ret->demotion_at = list && list->list.count > 0 ? list : NULL;
	return OK;
}

static enum err read_sponsor(const struct reader *r, const struct value *object,
			     struct ring_rules *ret)
{
	const struct value *v;

	TRY(member_of(r, object, "sponsor", VALUE_STRING, "a did:key", &v));
	ret->has_sponsor = v != NULL;
	if (v && did_read(v->string, &ret->sponsor) != OK)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'%.*s' is no did:key of an Ed25519 key", SHOWN(v->string));
	return OK;
}

enum err ring_rules_read(const struct reader *r, const struct value *document,
			 struct curbs *ret)
{
	static const struct shape agents = { "agents", "ring of agents", agent_keys };
	static const struct shape tools = { "tools", "ring of tools", tool_keys };
	static const struct shape resources = { "resources", "ring of resources", resource_keys };
	const struct value *object;
	struct ring_rules *rings;

	TRY(member_of(r, document, "rings", VALUE_OBJECT, "a mapping of keys", &object));
	if (!object)
		return OK;
	TRY(members_known(r, object, keys, "mapping of rings"));
	rings = arena_alloc(r->memory, sizeof(*rings));
	if (!rings)
		return ERR_MEMORY;
	*rings = (struct ring_rules){ .at = object };
	TRY(ring_read(r, object, "default", RING_MOST, RING_LEAST, &rings->otherwise));
	TRY(read_list(r, object, &agents, &rings->agents));
	TRY(read_list(r, object, &tools, &rings->tools));
	TRY(read_list(r, object, &resources, &rings->resources));
	TRY(reach_rules_read(r, object, rings));
	TRY(read_demotions(r, object, rings));
	TRY(read_sponsor(r, object, rings));
	ret->rings = rings;
	return OK;
}

/* --- asking --- */

/* The ring of the first rule that names it. */
static unsigned ring_of(const struct ring_list *list, struct str name, unsigned otherwise)
{
	for (size_t i = 0; i < list->count; i++)
		if (pattern_match(&list->rules[i].names, name))
			return list->rules[i].ring;
	return otherwise;
}

static const struct ring_rules *rings_of(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->rings : NULL;
}

bool bundle_has_rings(const struct bundle *b)
{
	return rings_of(b) != NULL;
}

unsigned bundle_agent_ring(const struct bundle *b, struct str agent, bool registered)
{
	const struct ring_rules *rings = rings_of(b);

	return registered ? ring_of(&rings->agents, agent, rings->otherwise) : RING_LEAST;
}

unsigned bundle_tool_ring(const struct bundle *b, struct str tool, struct str resource)
{
	const struct ring_rules *rings = rings_of(b);
	unsigned needs = ring_of(&rings->tools, tool, ring_required(REVERSIBLE_NOT, false, false));
	unsigned there = RING_LEAST;

	if (resource.ptr)
		there = ring_of(&rings->resources, resource, RING_LEAST);
	return there < needs ? there : needs;
}

const struct public_key *bundle_sponsor(const struct bundle *b)
{
	const struct ring_rules *rings = rings_of(b);

	return rings && rings->has_sponsor ? &rings->sponsor : NULL;
}

const struct demotion_rules *bundle_demotion(const struct bundle *b)
{
	const struct ring_rules *rings = rings_of(b);

	return rings && rings->demotion_at ? &rings->demotion : NULL;
}
