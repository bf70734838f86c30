/*
 * log_seal: full segments put into compressed form. Bytes are described in docs/formats/log.md.
 *
 * Sealing never happens by itself: it takes a quarter of a second for a segment, an append has
 * microseconds, and when a machine has time to spare only its owner knows. It may go on beside
 * a writer, because it touches nothing but full segments under the checkpoint, which no writer
 * writes to any more.
 */
#ifndef TRAMMEL_LOG_SEAL_H
#define TRAMMEL_LOG_SEAL_H

#include "engine/audit/log.h"

struct log_seal_report {
	uint64_t sealed, before;     /* segments sealed now, and those that were already */
	uint64_t raw_bytes, packed_bytes;    /* of those sealed now */
};

/*
 * Replace every full segment under the checkpoint by a sealed one. A plain segment is removed only
 * after the sealed one is durable under its name and each of its entries, read back, was found in
 * the signed tree. A crash leaves some sealed, perhaps one in both forms; the next call goes on.
 * ERR_TAMPERED: the entries are not the signed ones, or the tiles are not; that segment stays.
 * ERR_LOCKED: another process seals or publishes, or a writer publishes faster than can be read.
 */
enum err log_seal(struct world *w, const char *folder, const struct note_key *keys,
		  size_t key_count, struct log_seal_report *ret, struct note *n) NODISCARD;

#endif
