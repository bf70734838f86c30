/*
 * value: looking into trees, comparing and copying them.
 *
 * Members keep the order of the text, so an object has no index: a look-up walks its members, which
 * for the objects of real events is faster than any index would be. The one place where two large
 * objects meet is value_eq; there a hostile order of keys would make walking quadratic, so large
 * objects are sorted first.
 */
#include "engine/base/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/canon.h"
#include "engine/base/limits.h"

/* Up to this many members, walking beats sorting. */
#define FEW_MEMBERS 16
/* 2^53: reals from here on are integers, and not every integer is a real. */
#define TWO_53 9007199254740992.0
/* Sign, the 309 digits of the largest double, NUL. */
#define NUMBER_BYTES 311

const char *value_kind_name(enum value_kind kind)
{
	switch (kind) {
	case VALUE_NULL:
		return "null";
	case VALUE_BOOL:
		return "boolean";
	case VALUE_INT:
	case VALUE_BIG:
		return "integer";
	case VALUE_REAL:
		return "number";
	case VALUE_STRING:
		return "string";
	case VALUE_LIST:
		return "list";
	case VALUE_OBJECT:
		return "object";
	}
	MUST(!"a kind of value");
	return NULL;
}

const struct value *value_get(const struct value *v, struct str key)
{
	if (!v || v->kind != VALUE_OBJECT)
		return NULL;
	for (size_t i = 0; i < v->object.count; i++)
		if (str_eq(v->object.members[i].key, key))
			return &v->object.members[i].value;
	return NULL;
}

const struct value *value_get_c(const struct value *v, const char *key)
{
	return v ? value_get(v, str_view(key)) : NULL;
}

struct str value_text(const struct value *v, const char *key)
{
	const struct value *member = value_get_c(v, key);

	return member && member->kind == VALUE_STRING ? member->string : STR_NONE;
}

bool value_is_number(const struct value *v)
{
	return v->kind == VALUE_INT || v->kind == VALUE_BIG || v->kind == VALUE_REAL;
}

static int order_ints(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int order_reals(double a, double b)
{
	return (a > b) - (a < b);
}

/* Decimal integers without leading zeros. */
static int order_digits(struct str a, struct str b)
{
	bool a_negative = str_starts(a, STR("-")), b_negative = str_starts(b, STR("-"));
	int order;

	if (a_negative != b_negative)
		return a_negative ? -1 : 1;
	if (a.len != b.len)
		order = a.len < b.len ? -1 : 1;
	else
		order = order_ints(str_cmp(a, b), 0);
	return a_negative ? -order : order;
}

/* An integer as its digits, written into `text` where it has none. */
static struct str digits_of(const struct value *v, char text[NUMBER_BYTES])
{
	int len;

	if (v->kind == VALUE_BIG)
		return v->string;
	len = snprintf(text, NUMBER_BYTES, "%lld", (long long)v->integer);
	MUST(len > 0 && len < NUMBER_BYTES);
	return str_slice(text, (size_t)len);
}

/* The integer that the shortest digits of a real from 2^53 on spell, zeros put behind. */
static struct str spelled(double d, char text[NUMBER_BYTES])
{
	char digits[17];
	int len, count = canon_digits(d, digits, &len);
	size_t negative = d < 0;

	MUST(count <= len && (size_t)len + negative < NUMBER_BYTES);
	text[0] = '-';
	memset(text + negative, '0', (size_t)len);
	memcpy(text + negative, digits, (size_t)count);
	return str_slice(text, (size_t)len + negative);
}

static int order_integer_real(const struct value *a, double b)
{
	char left[NUMBER_BYTES], right[NUMBER_BYTES];
	int64_t whole;

	if (fabs(b) >= TWO_53)
		return order_digits(digits_of(a, left), spelled(b, right));
	if (a->kind == VALUE_BIG)
		return str_starts(a->string, STR("-")) ? -1 : 1;
	whole = (int64_t)b;
	return a->integer != whole ? order_ints(a->integer, whole) : order_reals((double)whole, b);
}

int value_number_order(const struct value *a, const struct value *b)
{
	char left[NUMBER_BYTES], right[NUMBER_BYTES];

	if (a->kind == VALUE_REAL)
		return b->kind == VALUE_REAL ? order_reals(a->real, b->real)
					     : -order_integer_real(b, a->real);
	if (b->kind == VALUE_REAL)
		return order_integer_real(a, b->real);
	if (a->kind == VALUE_INT && b->kind == VALUE_INT)
		return order_ints(a->integer, b->integer);
	return order_digits(digits_of(a, left), digits_of(b, right));
}

static bool values_eq(const struct value *a, const struct value *b, unsigned depth);

static bool lists_eq(struct value_list a, struct value_list b, unsigned depth)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count; i++)
		if (!values_eq(&a.items[i], &b.items[i], depth))
			return false;
	return true;
}

/* The members a[left[i]] and b[right[i]] pair up; NULL stands for the order of the text. */
static bool paired_eq(const struct member *a, const uint32_t *left, const struct member *b,
		      const uint32_t *right, size_t count, unsigned depth)
{
	for (size_t i = 0; i < count; i++) {
		const struct member *one = &a[left ? left[i] : i];
		const struct member *other = &b[right ? right[i] : i];

		if (!str_eq(one->key, other->key) || !values_eq(&one->value, &other->value, depth))
			return false;
	}
	return true;
}

static bool searched_eq(struct value_object a, const struct value *b, unsigned depth)
{
	for (size_t i = 0; i < a.count; i++) {
		const struct value *other = value_get(b, a.members[i].key);

		if (!other || !values_eq(&a.members[i].value, other, depth))
			return false;
	}
	return true;
}

static bool same_key_order(struct value_object a, struct value_object b)
{
	for (size_t i = 0; i < a.count; i++)
		if (!str_eq(a.members[i].key, b.members[i].key))
			return false;
	return true;
}

/*
 * Keys do not repeat, so equal counts and every key of `a` found in `b` mean the same set of keys.
 */
static bool objects_eq(struct value_object a, const struct value *other, unsigned depth)
{
	struct value_object b = other->object;
	uint32_t *order;
	bool same;

	if (a.count != b.count)
		return false;
	if (same_key_order(a, b))
		return paired_eq(a.members, NULL, b.members, NULL, a.count, depth);
	/* Without memory for two orders the answer is the same, only slower. */
	order = a.count > FEW_MEMBERS ? calloc(a.count, 2 * sizeof(*order)) : NULL;
	if (!order)
		return searched_eq(a, other, depth);
	value_sort(a.members, a.count, str_cmp, order);
	value_sort(b.members, b.count, str_cmp, order + a.count);
	same = paired_eq(a.members, order, b.members, order + a.count, a.count, depth);
	free(order);
	return same;
}

static bool values_eq(const struct value *a, const struct value *b, unsigned depth)
{
	MUST(depth <= LIMIT_TREE_DEPTH);
	if (value_is_number(a) && value_is_number(b))
		return value_number_order(a, b) == 0;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_BOOL:
		return a->boolean == b->boolean;
	case VALUE_STRING:
		return str_eq(a->string, b->string);
	case VALUE_LIST:
		return lists_eq(a->list, b->list, depth + 1);
	case VALUE_OBJECT:
		return objects_eq(a->object, b, depth + 1);
	default:
		return true;
	}
}

bool value_eq(const struct value *a, const struct value *b)
{
	return values_eq(a, b, 0);
}

bool value_nests_within(const struct value *v, unsigned levels)
{
	size_t count = v->kind == VALUE_LIST ? v->list.count : 0;

	if (v->kind == VALUE_OBJECT)
		count = v->object.count;
	else if (v->kind != VALUE_LIST)
		return true;
	for (size_t i = 0; levels > 0 && i < count; i++)
		if (!value_nests_within(v->kind == VALUE_LIST ? &v->list.items[i]
							      : &v->object.members[i].value,
					levels - 1))
			return false;
	return levels > 0;
}

/*
 * Does member x come before member y? Indexes decide between equal keys, which makes the sort
 * stable.
 */
static bool before(const struct member *members, value_key_order *cmp, uint32_t x, uint32_t y)
{
	int order = cmp(members[x].key, members[y].key);

	return order ? order < 0 : x < y;
}

/* Let order[at] sink until no child of it comes later: the step of heapsort. */
static void sink(const struct member *members, value_key_order *cmp, uint32_t *order, size_t at,
		 size_t count)
{
	uint32_t sinking = order[at];

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && before(members, cmp, order[child], order[child + 1]))
			child++;
		if (!before(members, cmp, sinking, order[child]))
			break;
		order[at] = order[child];
	}
	order[at] = sinking;
}

static void insertion_sort(const struct member *members, size_t count, value_key_order *cmp,
			   uint32_t *order)
{
	for (size_t i = 1; i < count; i++) {
		uint32_t moving = order[i];
		size_t at = i;

		for (; at > 0 && before(members, cmp, moving, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = moving;
	}
}

void value_sort(const struct member *members, size_t count, value_key_order *cmp, uint32_t *order)
{
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	if (count <= FEW_MEMBERS) {
		insertion_sort(members, count, cmp, order);
		return;
	}
	for (size_t i = count / 2; i > 0; i--)
		sink(members, cmp, order, i - 1, count);
	for (size_t last = count - 1; last > 0; last--) {
		uint32_t latest = order[0];

		order[0] = order[last];
		order[last] = latest;
		sink(members, cmp, order, 0, last);
	}
}

static enum err copy(struct arena *a, const struct value *v, unsigned depth, struct value *ret);

static enum err copy_list(struct arena *a, struct value_list list, unsigned depth,
			  struct value_list *ret)
{
	struct value *items = arena_array(a, list.count, sizeof(*items));

	if (!items)
		return ERR_MEMORY;
	for (size_t i = 0; i < list.count; i++)
		TRY(copy(a, &list.items[i], depth, &items[i]));
	*ret = (struct value_list){ items, list.count };
	return OK;
}

static enum err copy_object(struct arena *a, struct value_object object, unsigned depth,
			    struct value_object *ret)
{
	struct member *members = arena_array(a, object.count, sizeof(*members));

	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < object.count; i++) {
		members[i] = object.members[i];
		TRY(arena_copy(a, object.members[i].key, &members[i].key));
		TRY(copy(a, &object.members[i].value, depth, &members[i].value));
	}
	*ret = (struct value_object){ members, object.count };
	return OK;
}

static enum err copy(struct arena *a, const struct value *v, unsigned depth, struct value *ret)
{
	struct value made = *v;

	if (depth > LIMIT_TREE_DEPTH)
		return ERR_LIMIT;
	switch (v->kind) {
	case VALUE_BIG:
	case VALUE_STRING:
		TRY(arena_copy(a, v->string, &made.string));
		break;
	case VALUE_LIST:
		TRY(copy_list(a, v->list, depth + 1, &made.list));
		break;
	case VALUE_OBJECT:
		TRY(copy_object(a, v->object, depth + 1, &made.object));
		break;
	default:
		break;
	}
	*ret = made;
	return OK;
}

enum err value_copy(struct arena *a, const struct value *v, struct value *ret)
{
	struct arena_mark mark = arena_mark(a);
	enum err e = copy(a, v, 0, ret);

	if (e != OK)
		arena_rewind(a, mark);
	return e;
}
