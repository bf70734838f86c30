/* compare: what has an order. Equality is value_eq. */
#include "engine/policy/inside.h"

bool compare_order(const struct value *a, const struct value *b, int *ret)
{
	if (a->kind == VALUE_STRING && b->kind == VALUE_STRING)
		*ret = str_cmp(a->string, b->string);
	else if (value_is_number(a) && value_is_number(b))
		*ret = value_number_order(a, b);
	else
		return false;
	return true;
}
