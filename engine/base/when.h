/*
 * when: instants as 64-bit nanoseconds since 1970-01-01T00:00:00Z, and their one text form.
 *
 * Text out is RFC 3339 UTC with exactly nine digits and "Z" (2026-01-02T03:04:05.000000000Z), so
 * equal instants have equal bytes. Text in is RFC 3339 with "Z" or an offset and up to nine digits
 * of a second; "T" and "Z" in either case. Every instant of int64_t has its text: from 1677-09-21
 * to 2262-04-11. Leap seconds (":60") are refused. No locale, no time zone database.
 */
#ifndef TRAMMEL_BASE_WHEN_H
#define TRAMMEL_BASE_WHEN_H

#include "engine/base/str.h"

#define WHEN_TEXT_BYTES 30                     /* without a NUL */
#define WHEN_SECOND_NS INT64_C(1000000000)

/* ERR_SYNTAX; ERR_RANGE for dates and times that do not exist or do not fit. */
enum err when_read(struct str text, int64_t *ret_ns) NODISCARD;
void when_write(struct buf *b, int64_t ns);

#endif
