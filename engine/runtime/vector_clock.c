/* vector_clock: component by component; a slot that nobody has counts 0. */
#include "engine/runtime/runtime.h"

bool clock_within(const struct vector_clock *a, const struct vector_clock *b)
{
	for (unsigned i = 0; i < CLOCK_SLOTS; i++)
		if (a->at[i] > b->at[i])
			return false;
	return true;
}

bool clock_concurrent(const struct vector_clock *a, const struct vector_clock *b)
{
	return !clock_within(a, b) && !clock_within(b, a);
}

void clock_merge(struct vector_clock *into, const struct vector_clock *from)
{
	for (unsigned i = 0; i < CLOCK_SLOTS; i++)
		if (from->at[i] > into->at[i])
			into->at[i] = from->at[i];
}

bool clock_tick(struct vector_clock *c, uint32_t slot)
{
	if (slot >= CLOCK_SLOTS || c->at[slot] == UINT32_MAX)
		return false;
	c->at[slot]++;
	return true;
}
