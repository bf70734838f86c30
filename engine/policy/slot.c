/*
 * slot: paths as a tree of numbered segments.
 *
 *   0 request -- 1 args -- 2 amount           args.amount, args.items[0] and args.items share
 *                       `- 3 items -- 4 [0]   what they have in common, so a decision walks
 *                                             every segment at most once
 *
 * Invariant: a slot's parent has a smaller number, so no path can loop; a path is at most
 * LIMIT_DEPTH segments long (the parser sees to that), so looking up recurses no deeper than that.
 */
#include "engine/base/canon.h"
#include "engine/policy/inside.h"

#include <stdio.h>

#define FIRST_ROOM 32

/* The mark of a path that was looked up in vain. Only its address matters. */
static const struct value missing;

enum err slot_init(struct slots *s, struct arena *memory)
{
	*s = (struct slots){ .memory = memory, .room = FIRST_ROOM };
	map_init(&s->numbers, 0);
	map_init(&s->comparisons, 0);
	s->items = arena_array(memory, s->room, sizeof(*s->items));
	if (!s->items)
		return ERR_MEMORY;
	s->count = 1;
	return OK;
}

void slot_seal(struct slots *s)
{
	map_fini(&s->numbers);
	map_fini(&s->comparisons);
	s->firsts = NULL;
}

static enum err make_room(struct slots *s)
{
	struct slot *items;

	if (s->count < s->room)
		return OK;
	if (s->count >= LIMIT_PATHS)
		return ERR_LIMIT;
	items = arena_array(s->memory, (size_t)s->room * 2, sizeof(*items));
	if (!items)
		return ERR_MEMORY;
	memcpy(items, s->items, s->count * sizeof(*items));
	s->items = items;
	s->room *= 2;
	return OK;
}

/* `name` spells parent and segment without ambiguity. */
static enum err number_of(struct slots *s, struct str name, struct slot slot, uint32_t *ret)
{
	struct str kept;

	if (map_get(&s->numbers, name, ret))
		return OK;
	TRY(make_room(s));
	TRY(arena_copy(s->memory, name, &kept));
	TRY(map_put(&s->numbers, kept, s->count));
	s->items[s->count] = slot;
	*ret = s->count++;
	return OK;
}

enum err slot_member(struct slots *s, uint32_t parent, struct str key, uint32_t *ret)
{
	struct slot slot = { .parent = parent, .key = key };
	char name[sizeof(parent) + 1 + LIMIT_CONDITION_BYTES];

	if (key.len > LIMIT_CONDITION_BYTES)
		return ERR_LIMIT;
	memcpy(name, &parent, sizeof(parent));
	name[sizeof(parent)] = '.';
	if (key.len)
		memcpy(name + sizeof(parent) + 1, key.ptr, key.len);
	return number_of(s, str_slice(name, sizeof(parent) + 1 + key.len), slot, ret);
}

enum err slot_element(struct slots *s, uint32_t parent, uint64_t index, uint32_t *ret)
{
	struct slot slot = { .parent = parent, .by_index = true, .index = index };
	char name[sizeof(parent) + 1 + sizeof(index)];

	memcpy(name, &parent, sizeof(parent));
	name[sizeof(parent)] = '[';
	memcpy(name + sizeof(parent) + 1, &index, sizeof(index));
	return number_of(s, str_slice(name, sizeof(name)), slot, ret);
}

enum err slot_first(struct slots *s, struct str spelt, struct step *step)
{
	uint32_t count = s->comparisons.count;

	if (count == s->first_room) {
		uint32_t room = count ? count * 2 : FIRST_ROOM;
		struct step **grown = arena_array(s->memory, room, sizeof(struct step *));

		if (!grown)
			return ERR_MEMORY;
		if (count)
			memcpy(grown, s->firsts, count * sizeof(struct step *));
		s->firsts = grown;
		s->first_room = room;
	}
	TRY(map_put(&s->comparisons, spelt, count));
	s->firsts[count] = step;
	return OK;
}

/* Up to this many members, walking beats searching. */
#define FEW_MEMBERS 32

enum order { ORDER_UNKNOWN = 0, ORDER_CANONICAL, ORDER_OTHER };

static enum order order_of(struct value_object o)
{
	for (size_t i = 1; i < o.count; i++)
		if (canon_key_cmp(o.members[i - 1].key, o.members[i].key) >= 0)
			return ORDER_OTHER;
	return ORDER_CANONICAL;
}

static const struct value *search(struct value_object o, struct str key)
{
	size_t low = 0, high = o.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = canon_key_cmp(key, o.members[middle].key);

		if (order == 0)
			return &o.members[middle].value;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/*
 * What is recorded has its members in canonical order, which is found out once for each large
 * object: with many paths below it, walking would cost paths times members.
 */
static const struct value *look_member(struct sight *s, const struct value *parent,
				       const struct slot *slot)
{
	uint8_t *order = s->order ? &s->order[slot->parent] : NULL;

	if (!order || !parent || parent->kind != VALUE_OBJECT ||
	    parent->object.count <= FEW_MEMBERS)
		return value_get(parent, slot->key);
	if (*order == ORDER_UNKNOWN)
		*order = order_of(parent->object);
	return *order == ORDER_CANONICAL ? search(parent->object, slot->key)
					 : value_get(parent, slot->key);
}

static const struct value *look_below(struct sight *s, const struct value *parent,
				      const struct slot *slot)
{
	if (!slot->by_index)
		return look_member(s, parent, slot);
	if (!parent || parent->kind != VALUE_LIST || slot->index >= parent->list.count)
		return NULL;
	return &parent->list.items[slot->index];
}

const struct value *slot_look(struct sight *s, uint32_t number)
{
	const struct value *found = s->seen[number];

	if (!found) {
		const struct slot *slot = &s->slots->items[number];

		if (number == SLOT_REQUEST)
			found = s->request;
		else
			found = look_below(s, slot_look(s, slot->parent), slot);
		if (!found)
			found = &missing;
		s->seen[number] = found;
	}
	return found == &missing ? NULL : found;
}

const struct value *slot_find(const struct slots *s, const struct value *request, uint32_t number)
{
	struct sight once = { .slots = s };
	uint32_t path[LIMIT_DEPTH];
	size_t count = 0;

	for (; number != SLOT_REQUEST; number = s->items[number].parent) {
		MUST(count < LIMIT_DEPTH);
		path[count++] = number;
	}
	while (request && count > 0)
		request = look_below(&once, request, &s->items[path[--count]]);
	return request;
}

static bool plain_word(struct str key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && !(i > 0 && c >= '0' && c <= '9'))
			return false;
	}
	return key.len > 0;
}

/* A segment at the end of `text`. Returns the new length; what does not fit is cut. */
static size_t add_segment(char *text, size_t len, const struct slot *slot, bool first)
{
	size_t room = SLOT_TEXT_BYTES - len;
	int wrote;

	if (slot->by_index)
		wrote = snprintf(text + len, room, "[%llu]", (unsigned long long)slot->index);
	else if (plain_word(slot->key))
		wrote = snprintf(text + len, room, "%s%.*s", first ? "" : ".", SHOWN(slot->key));
	else
		wrote = snprintf(text + len, room, "[\"%.*s\"]", SHOWN(slot->key));
	MUST(wrote >= 0);
	return (size_t)wrote < room ? len + (size_t)wrote : SLOT_TEXT_BYTES - 1;
}

/* What a lookback asks is written as it is: once(looked-up). */
static size_t add_question(char *text, struct str question)
{
	size_t len = question.len < SLOT_TEXT_BYTES ? question.len : SLOT_TEXT_BYTES - 1;

	memcpy(text, question.ptr, len);
	text[len] = '\0';
	return len;
}

void slot_text(const struct slots *s, uint32_t number, char text[SLOT_TEXT_BYTES])
{
	uint32_t path[LIMIT_DEPTH];
	size_t count = 0, len = 0;

	for (; number != SLOT_REQUEST && count < LIMIT_DEPTH; number = s->items[number].parent)
		path[count++] = number;
	text[0] = '\0';
	if (count == 2 && str_is(s->items[path[1]].key, "past"))
		len = add_question(text, s->items[path[0]].key);
	else
		for (size_t i = count; i-- > 0;)
			len = add_segment(text, len, &s->items[path[i]], i + 1 == count);
	while (len > 0 && !str_utf8_ok(str_slice(text, len)))
		text[--len] = '\0';
}
