/* compat_value: what Python thinks of values: truth, equality, order, float() and str(). */
#include "engine/policy/compat_parts.h"

#include <math.h>

#include "engine/base/canon.h"

const struct value *compat_value_at(const struct value *context, struct str path)
{
	struct str name, rest = path;

	while (str_cut(rest, '.', &name, &rest))
		context = value_get(context, name);
	context = value_get(context, rest);
	return context && context->kind == VALUE_NULL ? NULL : context;
}

bool compat_value_truth(const struct value *v)
{
	if (!v)
		return false;
	switch (v->kind) {
	case VALUE_NULL:
		return false;
	case VALUE_BOOL:
		return v->boolean;
	case VALUE_INT:
		return v->integer != 0;
	case VALUE_BIG:
		return true;
	case VALUE_REAL:
		return v->real != 0;
	case VALUE_STRING:
		return v->string.len > 0;
	case VALUE_LIST:
		return v->list.count > 0;
	case VALUE_OBJECT:
		return v->object.count > 0;
	}
	return false;
}

/* Numbers are compared as they are; a boolean is one of them. */
static bool number_of(const struct value *v, struct value *ret)
{
	*ret = v->kind == VALUE_BOOL ? value_int(v->boolean) : *v;
	return value_is_number(ret);
}

/* An integer beside a double, exactly, where value_number_order rounds to decimals. */
static int order_int_real(int64_t i, double d)
{
	int64_t whole;

	if (d >= 0x1p63)
		return -1;
	if (d < -0x1p63)
		return 1;
	whole = (int64_t)d;
	if (i != whole)
		return i < whole ? -1 : 1;
	return (d < (double)whole) - (d > (double)whole);
}

static int order_numbers(const struct value *v, const struct value *w)
{
	if (v->kind == VALUE_INT && w->kind == VALUE_REAL)
		return order_int_real(v->integer, w->real);
	if (v->kind == VALUE_REAL && w->kind == VALUE_INT)
		return -order_int_real(w->integer, v->real);
	return value_number_order(v, w);
}

static bool lists_eq(struct value_list v, struct value_list w)
{
	for (size_t i = 0; v.count == w.count && i < v.count; i++)
		if (!compat_value_eq(&v.items[i], &w.items[i]))
			return false;
	return v.count == w.count;
}

static bool objects_eq(const struct value *v, const struct value *w)
{
	for (size_t i = 0; v->object.count == w->object.count && i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const struct value *other = value_get(w, m->key);

		if (!other || !compat_value_eq(&m->value, other))
			return false;
	}
	return v->object.count == w->object.count;
}

/* Recurses as deep as the trees are, at most LIMIT_TREE_DEPTH. */
bool compat_value_eq(const struct value *v, const struct value *w)
{
	struct value x, y;

	if (number_of(v, &x) && number_of(w, &y))
		return order_numbers(&x, &y) == 0;
	if (v->kind != w->kind)
		return false;
	if (v->kind == VALUE_LIST)
		return lists_eq(v->list, w->list);
	return v->kind == VALUE_OBJECT ? objects_eq(v, w) : value_eq(v, w);
}

/* Lists are ordered by their first unequal items, then by length. */
static bool order_lists(struct value_list v, struct value_list w, int *ret)
{
	for (size_t i = 0; i < v.count && i < w.count; i++)
		if (!compat_value_eq(&v.items[i], &w.items[i]))
			return compat_value_order(&v.items[i], &w.items[i], ret);
	*ret = (v.count > w.count) - (v.count < w.count);
	return true;
}

bool compat_value_order(const struct value *v, const struct value *w, int *ret)
{
	struct value x, y;

	if (number_of(v, &x) && number_of(w, &y)) {
		*ret = order_numbers(&x, &y);
		return true;
	}
	if (v->kind != w->kind)
		return false;
	if (v->kind == VALUE_LIST)
		return order_lists(v->list, w->list, ret);
	/* Code points have the order of their UTF-8. */
	if (v->kind == VALUE_STRING)
		*ret = str_cmp(v->string, w->string);
	return v->kind == VALUE_STRING;
}

enum compat_float compat_value_float(const struct value *v, double *ret)
{
	switch (v->kind) {
	case VALUE_BOOL:
		*ret = v->boolean;
		return COMPAT_FLOAT;
	case VALUE_INT:
		*ret = (double)v->integer;
		return COMPAT_FLOAT;
	case VALUE_REAL:
		*ret = v->real;
		return COMPAT_FLOAT;
	case VALUE_BIG:
		MUST(compat_number_float(v->string, ret));
		return isfinite(*ret) ? COMPAT_FLOAT : COMPAT_FLOAT_OVERFLOWS;
	case VALUE_STRING:
		return compat_number_float(v->string, ret) ? COMPAT_FLOAT : COMPAT_FLOAT_REFUSED;
	default:
		return COMPAT_FLOAT_REFUSED;
	}
}

enum err compat_value_text(struct buf *b, const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		buf_add_c(b, "None");
		break;
	case VALUE_BOOL:
		buf_add_c(b, v->boolean ? "True" : "False");
		break;
	case VALUE_STRING:
		buf_add(b, v->string);
		break;
	case VALUE_LIST:
	case VALUE_OBJECT:
		return ERR_VERSION;
	default:
		canon_python(b, v);
		break;
	}
	return b->err;
}
