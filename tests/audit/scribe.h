/*
 * scribe: a simulated world with a log in it, for the tests of the log's files. Segments are short.
 */
#ifndef TRAMMEL_TESTS_SCRIBE_H
#define TRAMMEL_TESTS_SCRIBE_H

#include "engine/audit/entry.h"
#include "engine/audit/inside.h"
#include "engine/base/world_sim.h"

#define SCRIBE_ORIGIN "example.com/log"

struct scribe {
	struct world *w;
	struct sign_key *key;
	struct note_key known;
	struct log_place place;
	struct buf line;
};

/* The log's folder is "log"; the log itself is not made yet. */
void scribe_init(struct scribe *s, uint64_t segment_entries);
void scribe_fini(struct scribe *s);
/* The line of entry `seq`, always the same bytes; borrowed until the next call. */
struct str scribe_line(struct scribe *s, uint64_t seq);
/* The root of the first `size` entries by definition, from no file. */
struct digest scribe_root(struct scribe *s, uint64_t size);
/* Make the log, append `count` entries and publish. */
void scribe_make(struct scribe *s, uint64_t count);
/* Append entries `from` (inclusive) to `to` (exclusive) to an open log. */
enum err scribe_append(struct scribe *s, struct log *l, uint64_t from, uint64_t to);
enum err scribe_open(struct scribe *s, struct log **ret, struct note *n);
enum err scribe_verify(struct scribe *s, struct log_report *ret, struct note *n);
/*
 * A writer beside: before a file is opened whose path has `at` in it, entries `from` to `to` are
 * published, once. Whether it came to that; nobody writes any more then.
 */
void scribe_meddle(struct scribe *s, const char *at, uint64_t from, uint64_t to);
bool scribe_meddled(struct scribe *s);
/* Content of a file of the log, and a way to replace it. `name` is below the log's folder. */
struct str scribe_peek(struct scribe *s, const char *name);
void scribe_poke(struct scribe *s, const char *name, struct str content);
void scribe_remove(struct scribe *s, const char *name);
bool scribe_has(struct scribe *s, const char *name);
/* All files of the log but the lock, names below its folder, in `a`. */
size_t scribe_files(struct scribe *s, struct arena *a, struct str *names, size_t room);

#endif
