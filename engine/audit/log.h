/*
 * log: the evidence log on disk. Bytes are described in docs/formats/log.md.
 *
 *   <folder>/checkpoint                   signed note: origin, size, root
 *   <folder>/segment/00000000.jsonl       entries, LOG_SEGMENT_ENTRIES each, one per line
 *   <folder>/tile/<L>/<N>[.p/<W>]         C2SP tlog-tiles: hashes, 256 to a tile
 *   <folder>/lock                         held by the one writer
 *
 * Promises:
 *   1. log_commit with `sync` returns OK only when the entries are durable; an entry is
 *      acknowledged only after it.
 *   2. After a crash at any point the log opens again with every acknowledged entry, and at most a
 *      tail of lines more, of which one may be torn.
 *   3. The checkpoint covers a prefix; entries beyond it are a tail that the next writer re-checks
 *      (through the gate) before it signs.
 *   4. After a failed write the handle is closed for appending (ERR_CLOSED): nothing is
 *      acknowledged on a guess.
 *   5. Memory does not grow with the log.
 *
 * The key and the world outlive the handle. A handle is used by one thread at a time.
 */
#ifndef TRAMMEL_LOG_H
#define TRAMMEL_LOG_H

#include "engine/audit/merkle.h"
#include "engine/audit/note.h"
#include "engine/base/world.h"

#define LOG_SEGMENT_ENTRIES 65536u

struct log;

/*
 * Make the folder, its empty sub-folders and a signed checkpoint of size 0. ERR_EXISTS where there
 * is a checkpoint or a segment; what an interrupted log_create left is completed. ERR_SYNTAX: the
 * origin is no name for a note.
 */
enum err log_create(struct world *w, const char *folder, struct str origin,
		    const struct sign_key *key) NODISCARD;

/* Take away the empty log that a log_create left, whole or in part, as far as it goes. */
void log_remove(struct world *w, const char *folder);

/*
 * Open for writing (takes the lock). The signed prefix is trusted after its root was rebuilt from
 * tiles (or, where tiles are missing or wrong, from segments; the tiles are then written anew) and
 * found equal to the checkpoint. What follows the last whole line is cut off. ERR_TAMPERED and
 * ERR_SIGNATURE name what does not fit; ERR_LOCKED; ERR_NOT_FOUND.
 */
enum err log_open(struct world *w, const char *folder, struct str origin,
		  const struct sign_key *key, struct log **ret, struct note *n) NODISCARD;
/* Publishes when nothing speaks against it and releases the lock. Safe on NULL. */
enum err log_close(struct log *l);
/*
 * Release without publishing: what was appended since the checkpoint stays on disk as far as it
 * got there, as after a crash, and is a tail when the log is opened again.
 */
void log_abandon(struct log *l);

uint64_t log_size(const struct log *l);         /* entries, appended ones and the tail included */
uint64_t log_signed_size(const struct log *l);  /* entries under the checkpoint */
uint64_t log_cut_bytes(const struct log *l);    /* bytes of torn lines that were cut off so far */
/* Root over all entries committed, but those of a tail not accepted yet. */
void log_root(const struct log *l, struct digest *ret);

/*
 * Lines that follow the checkpoint and no one has vouched for; after a power loss one of them may
 * be only in part what was written: nothing from there on was acknowledged. While there are any,
 * append, commit and publish answer ERR_UNSIGNED: the caller judges them (log_reader_open from
 * log_signed_size) and keeps all, or the first `keep`. What is not kept is removed from disk.
 */
uint64_t log_tail(const struct log *l);
enum err log_cut_tail(struct log *l, uint64_t keep) NODISCARD;

/*
 * Buffer one line (without newline). ERR_LIMIT over LIMIT_ENTRY_BYTES, ERR_SYNTAX when empty or
 * with a newline inside: nothing has changed. After any other failure the handle is closed.
 */
enum err log_append(struct log *l, struct str line) NODISCARD;
/* Group commit: all appended so far is durable. `sync` false: handed to the system only. */
enum err log_commit(struct log *l, bool sync) NODISCARD;
/* Commit, write tiles, sign and replace the checkpoint. */
enum err log_publish(struct log *l) NODISCARD;

/* --- reading; needs no lock and no key --- */
struct log_reader;

/* Lines from entry `from` on, before entry `end`; UINT64_MAX: all whole lines there are. */
enum err log_reader_open(struct world *w, const char *folder, uint64_t from, uint64_t end,
			 struct log_reader **ret) NODISCARD;
/* Where an entry begins: so many bytes of lines, each with its newline, into its segment. */
struct log_spot { uint64_t entry, offset; };
/*
 * Go on with entry `from`, by way of one at or before it in its segment, for who remembers where
 * that begins. By a wrong spot come other lines or none. After an error it can only be closed.
 */
enum err log_reader_seek(struct log_reader *r, const struct log_spot *spot, uint64_t from,
			 struct note *n) NODISCARD;
void log_reader_close(struct log_reader *r);
/*
 * The next line without newline (borrowed until the next call); ptr NULL at the end. ERR_TAMPERED:
 * a segment is not a plain file, or holds more lines than a segment does.
 */
enum err log_reader_next(struct log_reader *r, struct str *line) NODISCARD;
/* Up to `room` lines at once, at least one unless at the end; borrowed until the next call. */
enum err log_reader_batch(struct log_reader *r, struct str *lines, size_t room, size_t *count,
			  struct note *n) NODISCARD;
/* Number of the entry that would come next. */
uint64_t log_reader_index(const struct log_reader *r);
/* Where in which segment that one begins. */
void log_reader_spot(const struct log_reader *r, uint64_t *segment, uint64_t *offset);
/* At the end: do bytes without a newline, or more than an entry may have, follow? */
bool log_reader_torn(const struct log_reader *r);
/* File and line of an entry, for messages. */
void log_reader_place(const struct log_reader *r, uint64_t entry, struct note *n);

/*
 * What changes when an entry comes: a digest of the checkpoint, of the size of the segment that the
 * next entry will be in, and of the byte where it will begin; `next` is that spot. Room made for
 * lines is there before them, so the size alone says little. A line that is only begun changes it
 * once: see log_reader_torn. ERR_NOT_FOUND: there is no log any more.
 */
enum err log_pulse(struct world *w, const char *folder, const struct log_spot *next,
		   struct digest *ret) NODISCARD;

/*
 * The checkpoint as stored, and what it says. Both borrow from the arena. ERR_SIGNATURE also when
 * none of the keys signed; ERR_TAMPERED when it is malformed, or missing where there are entries.
 */
enum err log_checkpoint(struct world *w, const char *folder, const struct note_key *keys,
			size_t key_count, struct arena *a, struct str *note_text,
			struct checkpoint *ret, struct note *n) NODISCARD;

/*
 * Inclusion proof of one entry under the stored checkpoint as a tlog-proof file, the entry line as
 * extra. Checked before it is given out. ERR_RANGE, ERR_TAMPERED.
 */
enum err log_prove(struct world *w, const char *folder, uint64_t index,
		   const struct note_key *keys, size_t key_count, struct buf *out,
		   struct note *n) NODISCARD;
/*
 * Consistency proof between two sizes, both at most the checkpoint's, checked against its root.
 * `proof` has room for MERKLE_MAX_LEVELS. ERR_RANGE, ERR_TAMPERED.
 */
enum err log_prove_consistency(struct world *w, const char *folder, uint64_t size1,
			       uint64_t size2, const struct note_key *keys, size_t key_count,
			       struct digest *proof, size_t *count, struct note *n) NODISCARD;

#endif
