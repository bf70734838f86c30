/* fields: paths below a body, as a redaction names them. */
#include "engine/space/inside.h"

enum err space_field_read(struct str text, struct space_field *ret, struct note *n)
{
	struct str rest = text, part;
	bool more = true;

	*ret = (struct space_field){ .count = 0 };
	for (size_t i = 0; more; i++) {
		struct str head, tail;

		more = str_cut(rest, '.', &head, &tail);
		part = more ? head : rest;
		rest = tail;
		if (part.len == 0 || i > LIMIT_DEPTH)
			break;
		if (i == 0)
			ret->root = part;
		else
			ret->segments[ret->count++] = part;
		if (!more && (str_is(ret->root, "args") || str_is(ret->root, "result")))
			return OK;
	}
	return note_set(n, ERR_SYNTAX, 0, 0,
			"'%.*s' is no field; expected a path like args.customer.email, or result",
			STR_ARG(text));
}

struct search {
	const struct space_field *field;
	const struct veil *veil;
	bool veiled;
	struct buf *columns;
};

static void add_leaves(const struct search *s, const struct value *v)
{
	if (v->kind == VALUE_LIST && v->list.count > 0) {
		for (size_t i = 0; i < v->list.count; i++)
			add_leaves(s, &v->list.items[i]);
	} else if (v->kind == VALUE_OBJECT && v->object.count > 0) {
		for (size_t i = 0; i < v->object.count; i++)
			add_leaves(s, &v->object.members[i].value);
	} else if (veil_covers(s->veil, v) == s->veiled) {
		buf_add(s->columns, str_slice(&v->column, sizeof(v->column)));
	}
}

/* args.items.email is that of every item. Bounded: a document's depth is. */
static void add_field(const struct search *s, size_t segment, const struct value *v)
{
	const struct space_field *f = s->field;

	if (segment == f->count) {
		add_leaves(s, v);
	} else if (v->kind == VALUE_LIST) {
		for (size_t i = 0; i < v->list.count; i++)
			add_field(s, segment, &v->list.items[i]);
	} else if (value_get(v, f->segments[segment])) {
		add_field(s, segment + 1, value_get(v, f->segments[segment]));
	}
}

void space_field_leaves(const struct space_field *f, const struct veil *veil, bool veiled,
			const struct value *tree, struct buf *columns)
{
	const struct search s = { f, veil, veiled, columns };

	add_field(&s, 0, tree);
}

bool space_fields_meet(const struct space_field *a, const struct space_field *b)
{
	if (!str_eq(a->root, b->root))
		return false;
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (!str_eq(a->segments[i], b->segments[i]))
			return false;
	return true;
}
