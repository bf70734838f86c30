/*
 * witness: a request made of values at paths.
 *
 * Trees do not change in place: each change copies what lies on its path. Changes go from short
 * paths to long ones, so that an object is there before its members.
 */
#include "engine/policy/solve.h"

#define PATH_MAX_SEGMENTS LIMIT_DEPTH

struct path {
	const struct slot *segments[PATH_MAX_SEGMENTS];
	size_t count;
};

static bool path_of(const struct slots *slots, uint32_t slot, struct path *ret)
{
	size_t count = 0;

	for (uint32_t at = slot; at != SLOT_REQUEST; at = slots->items[at].parent)
		count++;
	if (count > PATH_MAX_SEGMENTS)
		return false;
	ret->count = count;
	for (; slot != SLOT_REQUEST; slot = slots->items[slot].parent)
		ret->segments[--count] = &slots->items[slot];
	return true;
}

static enum err put(struct arena *a, const struct value *old, const struct path *p, size_t at,
		    const struct value *leaf, struct value *ret);

/* A copy of the object with the member changed, added, or (leaf NULL, at the end) taken away. */
static enum err put_member(struct arena *a, const struct value *old, const struct path *p,
			   size_t at, const struct value *leaf, struct value *ret)
{
	size_t count = old && old->kind == VALUE_OBJECT ? old->object.count : 0, kept = 0;
	struct member *list = arena_array(a, count + 1, sizeof(*list));
	const struct value *below = value_get(old, p->segments[at]->key);
	bool remove = !leaf && (at + 1 == p->count || !below);

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (!str_eq(old->object.members[i].key, p->segments[at]->key))
			list[kept++] = old->object.members[i];
	if (!remove) {
		list[kept].key = p->segments[at]->key;
		TRY(put(a, below, p, at + 1, leaf, &list[kept++].value));
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { list, kept } };
	return OK;
}

/* Likewise of a list; missing means that it ends before, and gaps are null. */
static enum err put_element(struct arena *a, const struct value *old, const struct path *p,
			    size_t at, const struct value *leaf, struct value *ret)
{
	size_t count = old && old->kind == VALUE_LIST ? old->list.count : 0;
	uint64_t index = p->segments[at]->index;
	struct value *list;

	if (index >= LIMIT_EXPR_NODES)
		return ERR_LIMIT;
	if (!leaf && (at + 1 == p->count || index >= count))
		count = count < index ? count : (size_t)index;
	else if (index >= count)
		count = (size_t)index + 1;
	list = arena_array(a, count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		list[i] = old && old->kind == VALUE_LIST && i < old->list.count
				  ? old->list.items[i]
				  : value_null();
	if (index < count)
		TRY(put(a, &list[index], p, at + 1, leaf, &list[index]));
	*ret = (struct value){ .kind = VALUE_LIST, .list = { list, count } };
	return OK;
}

static enum err put(struct arena *a, const struct value *old, const struct path *p, size_t at,
		    const struct value *leaf, struct value *ret)
{
	bool object = old && (old->kind == VALUE_OBJECT || old->kind == VALUE_LIST);

	if (at == p->count) {
		/* An object stands for its being there; what it holds has paths of its own. */
		bool there = leaf->kind == VALUE_OBJECT && leaf->object.count == 0 && object;

		*ret = there ? *old : *leaf;
		return OK;
	}
	if (!leaf && !(object && (old->kind == VALUE_LIST) == p->segments[at]->by_index)) {
		*ret = old ? *old : value_null();
		return OK;
	}
	return p->segments[at]->by_index ? put_element(a, old, p, at, leaf, ret)
					 : put_member(a, old, p, at, leaf, ret);
}

/* "agent.id" as a path, by keys. */
static enum err put_fact(struct arena *a, const char *root, const char *key,
			 const struct value *leaf, struct value *request)
{
	const struct slot segments[] = { { .key = str_view(root) }, { .key = str_view(key) } };
	const struct path p = { { &segments[0], &segments[1] }, 2 };

	return put(a, request, &p, 0, leaf, request);
}

/* A fact that is missing, or that is there though it should not be. */
static enum err settle_fact(struct arena *a, const char *root, const char *key, bool there,
			    struct value plain, struct value *request)
{
	bool is = value_get_c(value_get_c(request, root), key) != NULL;

	if (is == there)
		return OK;
	return put_fact(a, root, key, there ? &plain : NULL, request);
}

/* Facts of an agent go with its registration, those of a session and its past with the session. */
static enum err settle(struct arena *a, struct value *request)
{
	const struct value *flag = value_get_c(value_get_c(request, "agent"), "registered");
	bool registered = !flag || flag->kind != VALUE_BOOL || flag->boolean;
	bool session = value_get_c(request, "session") || value_get_c(request, "past");

	TRY(settle_fact(a, "agent", "registered", true, value_bool(true), request));
	TRY(settle_fact(a, "agent", "signed", true, value_bool(false), request));
	TRY(settle_fact(a, "agent", "origin", registered, value_string(STR("created")), request));
	TRY(settle_fact(a, "agent", "actions", registered, value_int(0), request));
	TRY(settle_fact(a, "agent", "denials", registered, value_int(0), request));
	if (!session)
		return OK;
	TRY(settle_fact(a, "session", "id", true, value_string(STR("some-session")), request));
	TRY(settle_fact(a, "session", "actions", true, value_int(0), request));
	return settle_fact(a, "session", "denials", true, value_int(0), request);
}

static enum err apply(const struct slots *slots, const struct witness_change *c, struct arena *a,
		      struct value *request)
{
	struct path p;

	if (!path_of(slots, c->slot, &p))
		return ERR_LIMIT;
	/* A session of which a fact is missing is missing as a whole. */
	if (!c->value && p.count > 0 && str_is(p.segments[0]->key, "session"))
		p.count = 1;
	return put(a, request, &p, 0, c->value, request);
}

enum err witness_put(const struct slots *slots, const struct value *base,
		     const struct witness_change *changes, size_t count, struct arena *a,
		     struct value *ret)
{
	struct value request = { .kind = VALUE_OBJECT };
	const struct value agent = value_string(STR("some-agent")),
			   tool = value_string(STR("some_tool"));
	uint32_t last = 0;

	if (base) {
		request = *base;
	} else {
		TRY(put_fact(a, "agent", "id", &agent, &request));
		TRY(put_fact(a, "action", "type", &tool, &request));
	}
	/* In the order of slots: a parent has a smaller number than its members. */
	for (size_t done = 0; done < count; done++) {
		const struct witness_change *next = NULL;

		for (size_t i = 0; i < count; i++)
			if (changes[i].slot > last && (!next || changes[i].slot < next->slot))
				next = &changes[i];
		if (!next)
			break;
		last = next->slot;
		TRY(apply(slots, next, a, &request));
	}
	*ret = request;
	return OK;
}

enum err witness_make(const struct slots *slots, const struct question *base,
		      enum policy_stage stage, const struct witness_change *changes, size_t count,
		      struct arena *a, struct question *ret)
{
	struct value request;

	TRY(witness_put(slots, base ? &base->request : NULL, changes, count, a, &request));
	TRY(settle(a, &request));
	*ret = (struct question){ .stage = stage, .request = request };
	ret->agent = value_text(value_get_c(&request, "agent"), "id");
	return OK;
}
