/* sum: word by word. */
#include "engine/base/sum.h"

#include "engine/base/little.h"

static uint64_t step(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
	return h ^ h >> 32;
}

uint64_t sum64(uint64_t from, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	unsigned char last[8] = { 0 };

	for (; len >= sizeof(last); at += sizeof(last), len -= sizeof(last))
		from = step(from, little_get64(at));
	if (len == 0)
		return from;
	memcpy(last, at, len);
	return step(from, little_get64(last));
}
