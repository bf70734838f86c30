/*
 * transcript: the part of a log that a record commits to: the entries of one session. A part of the
 * door of engine/attest.
 *
 *   hash = SHA-256("trammel/transcript/v1\n" || line "\n" || line "\n" ...)
 *
 * over the lines of all entries that have this session, in the order of the log, byte for byte as
 * they are in it, so whoever has the lines needs nothing but sha256sum. Each line is a leaf of the
 * log's tree, so each of them can be proved by itself as well.
 *
 * Read is what the checkpoint covers, and the root of it is computed on the way: a record speaks of
 * nothing that the log's own key has not signed.
 */
#ifndef TRAMMEL_ATTEST_TRANSCRIPT_H
#define TRAMMEL_ATTEST_TRANSCRIPT_H

#include "engine/attest/finding.h"
#include "engine/audit/audit.h"

#define TRANSCRIPT_AGENTS 64
#define TRANSCRIPT_POLICIES 256

struct transcript {
	struct digest hash;
	uint64_t entries;                     /* of the session; 0: there is no such session */
	uint64_t calls;                       /* tool calls that were decided, however */
	uint64_t last;                        /* the newest of its entries */
	int64_t newest_ns;
	struct str agents[TRANSCRIPT_AGENTS]; /* who acted, in the order of their first action */
	size_t agent_count;
	struct digest policies[TRANSCRIPT_POLICIES];   /* that decided, likewise */
	size_t policy_count;
	bool imported;                        /* an entry says that it came from another log */
};

/*
 * Of the entries under `checkpoint`. ERR_TAMPERED: they do not lead to its root; ERR_LIMIT: more
 * agents or policies than above; ERR_MEMORY, the errors of log_reader_next and entry_read.
 */
enum err transcript_take(struct world *w, const char *log_folder,
			 const struct checkpoint *checkpoint, struct str session, struct arena *a,
			 struct transcript *ret, struct note *n) NODISCARD;

/*
 * What policy.bundle_hash is: the digest of the one policy that decided, or, of several, SHA-256 of
 * "trammel/policies/v1\n" and their digests as text, each with a newline. ERR_MEMORY.
 */
enum err transcript_policy(const struct transcript *t, struct digest *ret) NODISCARD;

/* Which entries: the session's, of the first `size` of a log, whose root was this one. */
struct transcript_place {
	struct str origin, session;
	uint64_t size;
	struct digest root;
};

#define TRANSCRIPT_URI_BYTES 2048
/* "trammel:ORIGIN?session=SESSION&size=N&root=HEX", percent-encoded. The buffer's errors. */
void transcript_place_write(struct buf *b, const struct transcript_place *p);
/* ERR_SYNTAX: it is no such URI, or not as it would be written here; ERR_MEMORY. */
enum err transcript_place_read(struct str uri, struct arena *a,
			       struct transcript_place *ret) NODISCARD;

/*
 * Judge what a record says of its transcript and policies by what the log says: FINDING_LOG_HASH,
 * FINDING_LOG_CALLS, FINDING_LOG_POLICY. ERR_MEMORY.
 */
enum err transcript_judge(const struct value *record, const struct transcript *t,
			  struct findings *f) NODISCARD;

#endif
