/*
 * cedar_value: Cedar's values, their order, and whether they are of a type.
 *
 * The order is total: by kind, then by content. Sets and records are sorted by it and by name when
 * they are made, so they compare item by item and equality needs no search. Foreign values compare
 * as the JSON they are.
 */
#include "engine/cedar/inside.h"

/* Among this many, looking at each is faster than searching. */
#define FEW_ATTRS 8

const char *cedar_kind_name(enum cedar_kind kind)
{
	static const char *const names[] = {
		[CEDAR_BOOL] = "bool",         [CEDAR_LONG] = "long",
		[CEDAR_STRING] = "string",     [CEDAR_ENTITY] = "entity",
		[CEDAR_SET] = "set",           [CEDAR_RECORD] = "record",
		[CEDAR_DECIMAL] = "decimal",   [CEDAR_DATETIME] = "datetime",
		[CEDAR_DURATION] = "duration", [CEDAR_IP] = "ipaddr",
		[CEDAR_FOREIGN] = "value that Cedar has no type for",
	};

	MUST((size_t)kind < sizeof(names) / sizeof(names[0]));
	return names[kind];
}

/* --- order --- */

static int order_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Family, address, prefix: 10.0.0.1/24 and 10.0.0.0/24 are two values, though one range. */
static int order_ips(const struct cedar_ip *a, const struct cedar_ip *b)
{
	int order = memcmp(a->bytes, b->bytes, sizeof(a->bytes));

	if (a->v6 != b->v6)
		return a->v6 ? 1 : -1;
	return order ? order : order_numbers(a->prefix, b->prefix);
}

/*
 * By number first, which is cheap and all that most sets differ in. Cedar has no order of sets and
 * records; this one only has to be the same everywhere.
 */
static int order_sets(const struct cedar_value *a, const struct cedar_value *b)
{
	int order = 0;

	if (a->set.count != b->set.count)
		return a->set.count < b->set.count ? -1 : 1;
	if (a->set.items == b->set.items)
		return 0;
	for (size_t i = 0; order == 0 && i < a->set.count; i++)
		order = cedar_value_cmp(&a->set.items[i], &b->set.items[i]);
	return order;
}

static int order_records(const struct cedar_value *a, const struct cedar_value *b)
{
	int order = 0;

	if (a->record.count != b->record.count)
		return a->record.count < b->record.count ? -1 : 1;
	if (a->record.attrs == b->record.attrs)
		return 0;
	for (size_t i = 0; order == 0 && i < a->record.count; i++) {
		const struct cedar_attr *left = &a->record.attrs[i], *right = &b->record.attrs[i];

		order = str_cmp(left->name, right->name);
		if (order == 0)
			order = cedar_value_cmp(&left->value, &right->value);
	}
	return order;
}

/* Null before numbers. */
static int order_foreign(const struct value *a, const struct value *b)
{
	if (a->kind == VALUE_NULL || b->kind == VALUE_NULL)
		return order_numbers(a->kind != VALUE_NULL, b->kind != VALUE_NULL);
	return value_number_order(a, b);
}

int cedar_value_cmp(const struct cedar_value *a, const struct cedar_value *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case CEDAR_BOOL:
		return order_numbers(a->boolean, b->boolean);
	case CEDAR_LONG:
	case CEDAR_DECIMAL:
	case CEDAR_DATETIME:
	case CEDAR_DURATION:
		return order_numbers(a->integer, b->integer);
	case CEDAR_STRING:
		return str_cmp(a->string, b->string);
	case CEDAR_ENTITY:
		return cedar_uid_cmp(&a->uid, &b->uid);
	case CEDAR_SET:
		return order_sets(a, b);
	case CEDAR_RECORD:
		return order_records(a, b);
	case CEDAR_IP:
		return order_ips(&a->ip, &b->ip);
	case CEDAR_FOREIGN:
		return order_foreign(a->foreign, b->foreign);
	}
	MUST(!"a kind of Cedar value");
	return 0;
}

/* Strings and entities are what conditions compare most, and to be unlike is cheaper to see. */
bool cedar_value_eq(const struct cedar_value *a, const struct cedar_value *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == CEDAR_STRING)
		return str_eq(a->string, b->string);
	if (a->kind == CEDAR_ENTITY)
		return cedar_uid_eq(&a->uid, &b->uid);
	return cedar_value_cmp(a, b) == 0;
}

/* --- weights --- */

uint64_t cedar_value_weight(const struct cedar_value *v)
{
	switch (v->kind) {
	case CEDAR_STRING:
		return 1 + cedar_text_weight(v->string);
	case CEDAR_ENTITY:
		return 1 + cedar_text_weight(v->uid.type) + cedar_text_weight(v->uid.id);
	case CEDAR_SET:
		return v->set.weight;
	case CEDAR_RECORD:
		return v->record.weight;
	default:
		return 1;
	}
}

/* Values of different kind or number are told apart at once; else the lighter one is looked at. */
uint64_t cedar_eq_steps(const struct cedar_value *a, const struct cedar_value *b)
{
	uint64_t left, right;

	if (a->kind != b->kind)
		return 1;
	if (a->kind == CEDAR_SET && a->set.count != b->set.count)
		return 1;
	if (a->kind == CEDAR_RECORD && a->record.count != b->record.count)
		return 1;
	left = cedar_value_weight(a);
	right = cedar_value_weight(b);
	return left < right ? left : right;
}

/* A search looks at as many items as the number of items has bits. */
uint64_t cedar_has_steps(const struct cedar_value *set, const struct cedar_value *item)
{
	unsigned bits = set->set.count ? 64 - (unsigned)__builtin_clzll(set->set.count) : 1;

	return bits * cedar_value_weight(item);
}

/* --- sets and records --- */

const struct cedar_value *cedar_value_get(const struct cedar_value *record, struct str name)
{
	const struct cedar_attr *attrs = record->record.attrs;
	size_t low = 0, high = record->record.count;

	MUST(record->kind == CEDAR_RECORD);
	for (; high <= FEW_ATTRS && low < high; low++)
		if (str_eq(attrs[low].name, name))
			return &attrs[low].value;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(attrs[middle].name, name);

		if (order == 0)
			return &attrs[middle].value;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool cedar_set_has(const struct cedar_value *set, const struct cedar_value *item)
{
	size_t low = 0, high = set->set.count;

	MUST(set->kind == CEDAR_SET);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = cedar_value_cmp(&set->set.items[middle], item);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Heap sort: in place, without memory of its own, n log n whatever the items are. */
struct heap {
	char *items;
	size_t size;                 /* of an item: a value or an attribute */
	int (*order)(const void *a, const void *b);
};

static void swap(const struct heap *h, size_t a, size_t b)
{
	char kept[sizeof(struct cedar_attr)];

	memcpy(kept, h->items + a * h->size, h->size);
	memcpy(h->items + a * h->size, h->items + b * h->size, h->size);
	memcpy(h->items + b * h->size, kept, h->size);
}

static bool is_less(const struct heap *h, size_t a, size_t b)
{
	return h->order(h->items + a * h->size, h->items + b * h->size) < 0;
}

static void sink(const struct heap *h, size_t at, size_t end)
{
	for (size_t child = 2 * at + 1; child < end; child = 2 * at + 1) {
		if (child + 1 < end && is_less(h, child, child + 1))
			child++;
		if (!is_less(h, at, child))
			break;
		swap(h, at, child);
		at = child;
	}
}

static void sort(const struct heap *h, size_t count)
{
	for (size_t i = count / 2; i > 0; i--)
		sink(h, i - 1, count);
	for (size_t last = count; last-- > 1;) {
		swap(h, 0, last);
		sink(h, 0, last);
	}
}

static int by_value(const void *a, const void *b)
{
	return cedar_value_cmp(a, b);
}

/* A set has each value once, and equal ones are neighbours now. */
void cedar_set_make(struct cedar_value *items, size_t count, struct cedar_value *ret)
{
	size_t kept = count > 0;
	uint64_t weight = 1;

	sort(&(struct heap){ (char *)items, sizeof(*items), by_value }, count);
	for (size_t i = 1; i < count; i++)
		if (cedar_value_cmp(&items[i], &items[kept - 1]) != 0)
			items[kept++] = items[i];
	for (size_t i = 0; i < kept; i++)
		weight += cedar_value_weight(&items[i]);
	*ret = (struct cedar_value){ .kind = CEDAR_SET, .set = { items, kept, weight } };
}

static int by_name(const void *a, const void *b)
{
	const struct cedar_attr *left = a, *right = b;

	return str_cmp(left->name, right->name);
}

/* Names from canonical JSON come in order, as nearly all do; to look costs less than to sort. */
void cedar_record_make(struct cedar_attr *attrs, size_t count, struct cedar_value *ret)
{
	uint64_t weight = 1;

	for (size_t i = 1; i < count; i++) {
		if (by_name(&attrs[i - 1], &attrs[i]) > 0) {
			sort(&(struct heap){ (char *)attrs, sizeof(*attrs), by_name }, count);
			break;
		}
	}
	for (size_t i = 0; i < count; i++)
		weight += cedar_text_weight(attrs[i].name) + cedar_value_weight(&attrs[i].value);
	*ret = (struct cedar_value){ .kind = CEDAR_RECORD, .record = { attrs, count, weight } };
}

/* --- types --- */

static bool is_optional(const struct cedar_type *type, size_t missing)
{
	return type->fields[missing].optional;
}

/*
 * Fields and attributes are both sorted, so one walk sees every field that is not optional meet its
 * attribute, and every attribute a field.
 */
static bool record_fits(const struct cedar_value *v, const struct cedar_type *type)
{
	size_t field = 0;

	for (size_t i = 0; i < v->record.count; i++, field++) {
		const struct cedar_attr *attr = &v->record.attrs[i];

		while (field < type->field_count &&
		       !str_eq(type->fields[field].name, attr->name) && is_optional(type, field))
			field++;
		if (field == type->field_count ||
		    !str_eq(type->fields[field].name, attr->name) ||
		    !cedar_value_fits(&attr->value, type->fields[field].type))
			return false;
	}
	for (; field < type->field_count; field++)
		if (!is_optional(type, field))
			return false;
	return true;
}

static bool set_fits(const struct cedar_value *v, const struct cedar_type *type)
{
	for (size_t i = 0; i < v->set.count; i++)
		if (!cedar_value_fits(&v->set.items[i], type->element))
			return false;
	return true;
}

/* A type of a schema says nothing of which truth a bool is (`only`), and need not be open. */
bool cedar_value_fits(const struct cedar_value *v, const struct cedar_type *type)
{
	if (v->kind != cedar_kind_of(type->kind))
		return false;
	switch (type->kind) {
	case TYPE_ENTITY:
		return str_eq(v->uid.type, type->entity);
	case TYPE_SET:
		return set_fits(v, type);
	case TYPE_RECORD:
		return record_fits(v, type);
	default:
		return true;
	}
}

enum cedar_kind cedar_kind_of(enum cedar_type_kind kind)
{
	static const enum cedar_kind kinds[] = {
		[TYPE_BOOL] = CEDAR_BOOL,         [TYPE_LONG] = CEDAR_LONG,
		[TYPE_STRING] = CEDAR_STRING,     [TYPE_ENTITY] = CEDAR_ENTITY,
		[TYPE_SET] = CEDAR_SET,           [TYPE_RECORD] = CEDAR_RECORD,
		[TYPE_DECIMAL] = CEDAR_DECIMAL,   [TYPE_DATETIME] = CEDAR_DATETIME,
		[TYPE_DURATION] = CEDAR_DURATION, [TYPE_IP] = CEDAR_IP,
	};

	MUST((size_t)kind < sizeof(kinds) / sizeof(kinds[0]));
	return kinds[kind];
}
