/* bucket: tokens that come back, counted without rounding. */
#include "engine/runtime/runtime.h"

static uint64_t full(const struct rate *r)
{
	return (uint64_t)r->burst * (uint64_t)r->period_ns;
}

void bucket_fill(struct bucket *b, const struct rate *r, int64_t at_ns)
{
	unsigned __int128 back;
	uint64_t missing;

	if (b->period_ns == 0) {
		*b = (struct bucket){ at_ns, full(r), r->period_ns };
		return;
	}
	if (b->period_ns != r->period_ns) {
		uint64_t tokens = b->level / (uint64_t)b->period_ns;

		b->level = tokens < r->burst ? tokens * (uint64_t)r->period_ns : full(r);
		b->period_ns = r->period_ns;
	}
	if (b->level > full(r))
		b->level = full(r);
	if (at_ns <= b->at_ns)
		return;
	/* A difference as unsigned never overflows, nor does the product of two words. */
	back = (unsigned __int128)((uint64_t)at_ns - (uint64_t)b->at_ns) * r->count;
	missing = full(r) - b->level;
	b->level = back > missing ? full(r) : b->level + (uint64_t)back;
	b->at_ns = at_ns;
}

bool bucket_take(struct bucket *b, const struct rate *r)
{
	if (b->level < (uint64_t)r->period_ns)
		return false;
	b->level -= (uint64_t)r->period_ns;
	return true;
}

int64_t bucket_ready(const struct bucket *b, const struct rate *r)
{
	uint64_t missing, wait;

	if (b->level >= (uint64_t)r->period_ns)
		return b->at_ns;
	missing = (uint64_t)r->period_ns - b->level;
	wait = (missing + r->count - 1) / r->count;
	return b->at_ns > INT64_MAX - (int64_t)wait ? INT64_MAX : b->at_ns + (int64_t)wait;
}
