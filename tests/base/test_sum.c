#include "engine/base/sum.h"

#include <string.h>

#include <criterion/criterion.h>

/* As the page says it, by hand. */
Test(sum, is_the_formula)
{
	static const unsigned char bytes[] = { 1, 0, 0, 0, 0, 0, 0, 0, 2 };
	uint64_t h = UINT64_C(5);

	h = (h ^ 1) * UINT64_C(0xFF51AFD7ED558CCD);
	h ^= h >> 32;
	cr_expect_eq(sum64(5, bytes, 8), h);
	h = (h ^ 2) * UINT64_C(0xFF51AFD7ED558CCD);
	h ^= h >> 32;
	cr_expect_eq(sum64(5, bytes, 9), h);
	cr_expect_eq(sum64(sum64(5, bytes, 8), bytes + 8, 1), h, "in pieces of words");
	cr_expect_eq(sum64(5, bytes, 0), 5);
}

Test(sum, tells_every_flipped_bit)
{
	unsigned char bytes[61];
	uint64_t sound;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37);
	sound = sum64(sizeof(bytes), bytes, sizeof(bytes));
	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		cr_expect_neq(sum64(sizeof(bytes), bytes, sizeof(bytes)), sound, "bit %zu", bit);
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}
