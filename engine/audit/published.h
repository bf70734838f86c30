/*
 * published: a copy of a log as static files, for any web server to offer and any client of
 * c2sp.org/tlog-tiles to read.
 *
 *   <folder>/checkpoint                     as the log's
 *   <folder>/tile/<L>/<N>[.p/<W>]           hashes
 *   <folder>/tile/entries/<N>[.p/<W>]       entry bundles
 *   <folder>/rotations                      as the log's, where it has any
 */
#ifndef TRAMMEL_PUBLISHED_H
#define TRAMMEL_PUBLISHED_H

#include "engine/audit/log_check.h"

struct published_report {
	uint64_t size;               /* entries that are published now */
	uint64_t before;             /* entries that were already, and were left as they are */
};

/*
 * Bring the folder up to the log's checkpoint; it is made when missing. Entries are read anew and
 * must lead from the checkpoint published before to the log's, so a folder is never set back and
 * never holds two histories; the checkpoint is replaced last. Partial tiles stay until the full one
 * is there. When the right edge is damaged or a file is missing, all is written anew; content that
 * was changed elsewhere is not noticed, which is what published_verify is for.
 *
 * ERR_TAMPERED: the entries do not lead there, or the folder is ahead of the log, or holds another
 * log or history, or a link in place of a file or folder; ERR_SIGNATURE; ERR_EXISTS: the folder
 * holds other things and no checkpoint; ERR_LOCKED: another process seals or publishes. One log is
 * published to a folder.
 */
enum err published_update(struct world *w, const char *folder, const char *log_folder,
			  const struct note_key *keys, size_t key_count,
			  struct published_report *ret, struct note *n) NODISCARD;
/* As log_verify, for a published folder; there is never a tail. */
enum err published_verify(struct world *w, const char *folder, struct str origin,
			  const struct note_key *keys, size_t key_count,
			  const struct log_demand *demand, struct log_report *ret,
			  struct note *n) NODISCARD;

#endif
