/* expr_literal: the literals of a condition: texts, numbers, words, lists and objects of them. */
#include "engine/policy/expr_parts.h"

#define FIRST_ROOM 8

/* A bigger copy of `items` when it is full. The old one stays until the bundle goes. */
static enum err grow(struct expr *p, void **items, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : FIRST_ROOM;
	void *grown;

	if (count < *room)
		return OK;
	grown = arena_array(p->memory, wanted, size);
	if (!grown)
		return ERR_MEMORY;
	if (count)
		memcpy(grown, *items, count * size);
	*items = grown;
	*room = wanted;
	return OK;
}

/* After an item: true when another one follows, false when the list is closed. */
static enum err next_item(struct expr *p, const char *close, bool *more)
{
	*more = expr_at_sign(p, ",");
	if (!*more && !expr_at_sign(p, close))
		return expr_unexpected(p,
				       str_is(str_view(close), "]") ? "',' or ']'" : "',' or '}'");
	return expr_advance(p);
}

static enum err parse_list(struct expr *p, struct value *ret)
{
	struct value list = { .kind = VALUE_LIST };
	void *items = NULL;
	size_t room = 0;
	bool more = true;

	if (expr_at_sign(p, "]")) {
		more = false;
		TRY(expr_advance(p));
	}
	while (more) {
		TRY(grow(p, &items, list.list.count, &room, sizeof(struct value)));
		list.list.items = items;
		TRY(expr_literal(p, &list.list.items[list.list.count]));
		list.list.count++;
		TRY(next_item(p, "]", &more));
	}
	*ret = list;
	return OK;
}

static enum err parse_member(struct expr *p, struct value *object)
{
	struct member *m = &object->object.members[object->object.count];

	if (p->now.kind != TOKEN_STRING)
		return expr_unexpected(p, "a key in quotes");
	m->key = p->now.value.string;
	if (value_get(object, m->key))
		return note_set(p->note, ERR_DUPLICATE, 0, p->now.column,
				"the key '%.*s' is given twice", SHOWN(m->key));
	TRY(expr_advance(p));
	if (!expr_at_sign(p, ":"))
		return expr_unexpected(p, "':'");
	TRY(expr_advance(p));
	TRY(expr_literal(p, &m->value));
	object->object.count++;
	return OK;
}

static enum err parse_object(struct expr *p, struct value *ret)
{
	struct value object = { .kind = VALUE_OBJECT };
	void *members = NULL;
	size_t room = 0;
	bool more = true;

	if (expr_at_sign(p, "}")) {
		more = false;
		TRY(expr_advance(p));
	}
	while (more) {
		TRY(grow(p, &members, object.object.count, &room, sizeof(struct member)));
		object.object.members = members;
		TRY(parse_member(p, &object));
		TRY(next_item(p, "}", &more));
	}
	*ret = object;
	return OK;
}

bool expr_at_literal(const struct expr *p)
{
	return p->now.kind == TOKEN_STRING || p->now.kind == TOKEN_NUMBER ||
	       expr_at_word(p, "true") || expr_at_word(p, "false") || expr_at_word(p, "null") ||
	       expr_at_sign(p, "[") || expr_at_sign(p, "{");
}

enum err expr_literal(struct expr *p, struct value *ret)
{
	bool list = expr_at_sign(p, "["), object = expr_at_sign(p, "{");

	TRY(expr_spend(p, p->now.column));
	if (!expr_at_literal(p))
		return expr_unexpected(p,
				       "a literal: text in quotes, a number, true, false, null, a "
				       "list or an object");
	if (list || object) {
		TRY(expr_deeper(p, p->now.column));
		TRY(expr_advance(p));
		TRY(list ? parse_list(p, ret) : parse_object(p, ret));
		p->depth--;
		return OK;
	}
	if (p->now.kind != TOKEN_WORD)
		*ret = p->now.value;
	else
		*ret = expr_at_word(p, "null") ? value_null() : value_bool(expr_at_word(p, "true"));
	return expr_advance(p);
}
