/*
 * flight_kit: databases as the toolkit's FlightRecorder makes them, by SQLite itself.
 */
#ifndef TRAMMEL_TESTS_FLIGHT_KIT_H
#define TRAMMEL_TESTS_FLIGHT_KIT_H

#include "engine/base/arena.h"

/*
 * A database of such pages with so many rows, after `edit` (SQL, may be NULL), as bytes in the
 * arena. Row i is of
 * agent "agent-<i mod 3>", its verdicts are allowed, blocked, error and pending in turn; arguments
 * have `pad` bytes more. Asserts that it works.
 */
struct str flight_kit_make(unsigned rows, size_t pad, unsigned page_bytes, const char *edit,
			   struct arena *a);

/*
 * One in WAL mode, as it lies on the disk while it is being written: rows from `before` on are in
 * the log beside it.
 */
struct str flight_kit_make_wal(unsigned before, unsigned rows, struct str *wal, struct arena *a);

#endif
