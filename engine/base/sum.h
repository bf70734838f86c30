/*
 * sum: a checksum against damage, not against somebody: whoever changes bytes can make it fit.
 *
 * Over the words w of the bytes (8 of them, the least significant first, the last one filled up
 * with zeros), modulo 2^64:
 *
 *   h = (h XOR w) * 0xFF51AFD7ED558CCD;  h = h XOR (h >> 32)
 *
 * Every step is one to one, so contents of one length that differ in a single word have two sums.
 */
#ifndef TRAMMEL_BASE_SUM_H
#define TRAMMEL_BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

/* Going on from `from`, which may be a salt, the length, or the sum of what came before. */
uint64_t sum64(uint64_t from, const void *bytes, size_t len);

#endif
