/*
 * little: numbers in the formats on disk, least significant byte first, at any address. Inline,
 * because checksums take every word of a file through here.
 */
#ifndef TRAMMEL_BASE_LITTLE_H
#define TRAMMEL_BASE_LITTLE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t little_get32(const void *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return le32toh(v);
}

static inline uint64_t little_get64(const void *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return le64toh(v);
}

static inline void little_put32(void *at, uint32_t v)
{
	v = htole32(v);
	memcpy(at, &v, sizeof(v));
}

static inline void little_put64(void *at, uint64_t v)
{
	v = htole64(v);
	memcpy(at, &v, sizeof(v));
}

#endif
