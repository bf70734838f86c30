/*
 * reach_rules: the key `reach` of `rings`: which resources agents may reach in which ring.
 *
 *   reach:
 *     - {ring: 3, resources: [tmp-*, public-*]}
 *     - {ring: 2, tools: [fetch], of: args.url, resources: [example-*]}
 *
 * A rule bounds its ring and those of less privilege, so that no ring reaches what a better one may
 * not. All that hold must let the action pass. What names nothing reaches what cannot be told.
 */
#include "engine/policy/curb_parts.h"

static const char *const keys[] = { "ring", "tools", "of", "resources", NULL };

static enum err read_rule(const struct reader *r, const struct value *item,
			  struct reach_rule *ret)
{
	const struct value *of;

	if (item->kind != VALUE_OBJECT)
		return member_wrong(r, item, "reach", "a mapping");
	TRY(members_known(r, item, keys, "rule of reach"));
	TRY(curb_patterns_read(r, item, "tools", &ret->tools));
	TRY(curb_patterns_read(r, item, "resources", &ret->resources));
	if (ret->resources.count == 0 || !value_get_c(item, "ring"))
		return note_set(r->note, ERR_NOT_FOUND, item->line, item->column,
				"this rule of reach has no '%s'; expected {ring: 3, resources: "
				"[public-*]}", ret->resources.count ? "ring" : "resources");
	TRY(ring_read(r, item, "ring", RING_MOST, RING_LEAST, &ret->ring));
	TRY(member_of(r, item, "of", VALUE_STRING, "a path like args.url", &of));
	ret->path = SLOT_REQUEST;
	return of ? curb_path_read(r, of, "of", &ret->path) : OK;
}

enum err reach_rules_read(const struct reader *r, const struct value *rings,
			  struct ring_rules *ret)
{
	struct reach_rule *rules;
	const struct value *list;

	TRY(member_of(r, rings, "reach", VALUE_LIST, "a list of mappings", &list));
	if (!list)
		return OK;
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		TRY(read_rule(r, &list->list.items[i], &rules[i]));
	ret->reach = rules;
	ret->reach_count = list->list.count;
	return OK;
}

/* --- asking --- */

size_t bundle_reaches(const struct bundle *b)
{
	return bundle_plan(b)->curbs->rings->reach_count;
}

bool bundle_reach_holds(const struct bundle *b, size_t number, unsigned ring, struct str tool)
{
	const struct reach_rule *rule = &bundle_plan(b)->curbs->rings->reach[number];

	return ring >= rule->ring &&
	       (rule->tools.count == 0 || pattern_match(&rule->tools, tool));
}

enum err bundle_reach(const struct bundle *b, size_t number, const struct value *args,
		      struct str resource, struct arena *a, struct reach_terms *ret)
{
	const struct plan *p = bundle_plan(b);
	const struct reach_rule *rule = &p->curbs->rings->reach[number];
	const struct value *v;

	*ret = (struct reach_terms){ .of = STR("resource"), .thing = resource };
	if (rule->path != SLOT_REQUEST) {
		v = curb_argument(p, rule->path, args);
		ret->thing = v && v->kind == VALUE_STRING ? v->string : STR_NONE;
		TRY(curb_path_name(p, rule->path, a, &ret->of));
	}
	ret->may = ret->thing.ptr && pattern_match(&rule->resources, ret->thing);
	return OK;
}
