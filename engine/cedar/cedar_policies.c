/*
 * cedar_policies: a set of policies and templates, and what may be asked of it.
 *
 * Four lists of one capacity: what decides, what waits to be linked, both as they came, and both
 * sorted by id, where a new id is looked up. A set is bounded (LIMIT_CEDAR_POLICIES), so keeping
 * the last list sorted costs little, whatever the ids are.
 */
#include "engine/cedar/inside.h"

#define FIRST_ROOM 16

enum err cedar_policies_new(struct arena *memory, struct cedar_policies **ret)
{
	struct cedar_policies *set = arena_alloc(memory, sizeof(*set));

	if (!set)
		return ERR_MEMORY;
	*ret = set;
	return OK;
}

/* Where the id is among the sorted ones, or would be. */
static size_t place_of(const struct cedar_policies *p, struct str id)
{
	size_t low = 0, high = p->count + p->template_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(p->by_id[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Policy, template or link of that id; NULL when there is none. */
static const struct cedar_policy *find(const struct cedar_policies *p, struct str id)
{
	size_t at = place_of(p, id);

	if (at == p->count + p->template_count || !str_eq(p->by_id[at]->id, id))
		return NULL;
	return p->by_id[at];
}

/* All four lists grow together, or none does. */
static enum err make_room(struct cedar_policies *p, struct arena *memory)
{
	const struct cedar_policy ***lists[] = { &p->policies, &p->templates, &p->all, &p->by_id };
	size_t room = p->room ? 2 * p->room : FIRST_ROOM;
	const struct cedar_policy **block;

	if (p->count + p->template_count < p->room)
		return OK;
	block = arena_array(memory, room, 4 * sizeof(*block));
	if (!block)
		return ERR_MEMORY;
	for (size_t i = 0; i < 4; i++, block += room) {
		if (p->room)
			memcpy(block, *lists[i], p->room * sizeof(*block));
		*lists[i] = block;
	}
	p->room = room;
	return OK;
}

/* One insertion moves at most LIMIT_CEDAR_POLICIES pointers. */
enum err cedar_policies_add(struct cedar_policies *p, const struct cedar_policy *policy,
			    struct arena *memory, struct note *n)
{
	bool slots = policy->wants_principal || policy->wants_resource;
	bool waits = slots && !policy->template_id.ptr;
	size_t count = p->count + p->template_count, at = place_of(p, policy->id);

	if (find(p, policy->id))
		return note_set(n, ERR_DUPLICATE, policy->line, policy->column,
				"the id '%.*s' is taken by another policy", SHOWN(policy->id));
	if (count == LIMIT_CEDAR_POLICIES)
		return note_set(n, ERR_LIMIT, policy->line, policy->column,
				"a set has at most %d policies", LIMIT_CEDAR_POLICIES);
	TRY(make_room(p, memory));
	memmove(p->by_id + at + 1, p->by_id + at, (count - at) * sizeof(*p->by_id));
	p->by_id[at] = policy;
	p->all[count] = policy;
	if (waits)
		p->templates[p->template_count++] = policy;
	else
		p->policies[p->count++] = policy;
	return OK;
}

/* A slot is filled if and only if the template has it. */
static enum err check_slot(const char *name, bool wanted, bool given, struct str template_id,
			   struct note *n)
{
	if (wanted == given)
		return OK;
	return note_set(n, ERR_TYPE, 0, 0,
			wanted ? "the template '%.*s' has the slot ?%s, and nothing is given for it"
			       : "the template '%.*s' has no slot ?%s",
			SHOWN(template_id), name);
}

static enum err copy_uid(struct arena *memory, const struct cedar_uid *uid, struct cedar_uid *ret)
{
	TRY(arena_copy(memory, uid->type, &ret->type));
	return arena_copy(memory, uid->id, &ret->id);
}

/*
 * The link shares conditions and annotations with its template. Its scope keeps the mark of the
 * slot beside the entity, so that it can be written as a link again.
 */
enum err cedar_link(struct cedar_policies *p, struct str template_id, struct str id,
		    const struct cedar_uid *principal, const struct cedar_uid *resource,
		    struct arena *memory, struct note *n)
{
	const struct cedar_policy *from = find(p, template_id);
	struct cedar_policy *made;

	if (!from || from->template_id.ptr || !(from->wants_principal || from->wants_resource))
		return note_set(n, ERR_NOT_FOUND, 0, 0, "there is no template '%.*s'",
				SHOWN(template_id));
	TRY(check_slot("principal", from->wants_principal, principal != NULL, template_id, n));
	TRY(check_slot("resource", from->wants_resource, resource != NULL, template_id, n));
	made = arena_alloc(memory, sizeof(*made));
	if (!made)
		return ERR_MEMORY;
	*made = *from;
	made->template_id = from->id;
	made->line = made->column = 0;
	TRY(arena_copy(memory, id, &made->id));
	if (principal)
		TRY(copy_uid(memory, principal, &made->slot_principal));
	if (resource)
		TRY(copy_uid(memory, resource, &made->slot_resource));
	made->principal.uid = principal ? made->slot_principal : from->principal.uid;
	made->resource.uid = resource ? made->slot_resource : from->resource.uid;
	TRY(cedar_index_refresh(p, memory));
	return cedar_policies_add(p, made, memory, n);
}

size_t cedar_count(const struct cedar_policies *p)
{
	return p->count;
}

static struct str annotation(const struct cedar_policy *policy, struct str key)
{
	for (size_t i = 0; i < policy->note_count; i++)
		if (str_eq(policy->notes[i].key, key))
			return policy->notes[i].value;
	return STR_NONE;
}

/* An empty @id names nothing. */
static struct cedar_about about(const struct cedar_policy *policy)
{
	struct str name = annotation(policy, STR("id"));

	return (struct cedar_about){
		.id = policy->id,
		.name = name.len ? name : policy->id,
		.forbid = policy->forbid,
		.line = policy->line,
		.column = policy->column,
	};
}

bool cedar_scope_action(const struct cedar_policies *p, size_t number, struct cedar_uid *ret)
{
	const struct cedar_policy *policy;

	MUST(number < p->count);
	policy = p->policies[number];
	if (policy->action.op != SCOPE_EQ)
		return false;
	*ret = policy->action.uid;
	return true;
}

struct cedar_about cedar_about(const struct cedar_policies *p, size_t number)
{
	MUST(number < p->count);
	return about(p->policies[number]);
}

static bool is_linked(const struct cedar_policies *p, const struct cedar_policy *from)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->policies[i]->template_id.ptr &&
		    str_eq(p->policies[i]->template_id, from->id))
			return true;
	return false;
}

bool cedar_unlinked(const struct cedar_policies *p, struct cedar_about *ret)
{
	for (size_t i = 0; i < p->template_count; i++)
		if (!is_linked(p, p->templates[i])) {
			*ret = about(p->templates[i]);
			return true;
		}
	return false;
}
