/* veil: which leaves of a document are withheld. */
#include "engine/base/veil.h"

static bool has_column(const struct veil *v, uint32_t column)
{
	size_t low = 0, high = v->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (v->columns[middle] == column)
			return true;
		if (v->columns[middle] < column)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* As deep as documents nest, which their reader bounds. */
bool veil_covers(const struct veil *v, const struct value *value)
{
	bool covers = false;

	if (!v || !value || v->count == 0)
		return false;
	switch (value->kind) {
	case VALUE_LIST:
		for (size_t i = 0; i < value->list.count && !covers; i++)
			covers = veil_covers(v, &value->list.items[i]);
		return covers;
	case VALUE_OBJECT:
		for (size_t i = 0; i < value->object.count && !covers; i++)
			covers = veil_covers(v, &value->object.members[i].value);
		return covers;
	default:
		return value->kind == VALUE_NULL && has_column(v, value->column);
	}
}
