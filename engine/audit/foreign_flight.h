/*
 * foreign_flight: rows of the reference toolkit's FlightRecorder (AGT 5.0.0, a table of SQLite).
 * Opened by audit.h.
 *
 *   entry_hash     SHA-256 of "previous:trace:time:agent:tool:arguments:pending", made when the row
 *                  was; "genesis" for no previous one, "None" for no arguments
 *   content_hash   SHA-256 of "trace:time:agent:tool:arguments:verdict:reason:result:milliseconds",
 *                  made again each time the row is updated
 *
 * AGT checks the links and the content, never that an entry_hash is the hash of its row; a row
 * without content_hash passes there. Colons are not escaped, and None is spelt like the text.
 */
#ifndef TRAMMEL_FOREIGN_FLIGHT_H
#define TRAMMEL_FOREIGN_FLIGHT_H

#include "engine/crypto/crypto.h"

/* Texts that are NULL in the table have ptr NULL. */
struct foreign_flight {
	struct str trace_id, timestamp, agent_id, tool_name, tool_args;
	struct str policy_verdict, violation_reason, result;
	bool has_ms;
	double ms;                   /* execution_time_ms, finite */
	struct str entry_hash, previous_hash, content_hash;
};

enum flight_fault {
	FLIGHT_LINK = 1,             /* previous_hash is not the entry_hash before it */
	FLIGHT_ENTRY = 2,            /* entry_hash is not the hash of its row */
	FLIGHT_CONTENT = 4,          /* nor is content_hash */
	FLIGHT_UNHASHED = 8          /* there is no content_hash; AGT asks for none */
};

/* The hash of a pending row from what stands behind the first colon; `previous` may be empty. */
struct digest foreign_flight_hash(struct str previous, struct str data);
void foreign_flight_entry_text(struct buf *b, const struct foreign_flight *f);
/* `whole`: milliseconds without a fraction are written as an integer, as a caller may pass them. */
void foreign_flight_content_text(struct buf *b, const struct foreign_flight *f, bool whole);
/*
 * The faults of a row that should follow one with the hash `previous`, ptr NULL for the first. The
 * buffer is for texts. Its errors.
 */
enum err foreign_flight_faults(const struct foreign_flight *f, struct str previous,
			       struct buf *text, unsigned *ret) NODISCARD;

#endif
