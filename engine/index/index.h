/*
 * index: the log asked. The door of engine/index.
 *
 *   log     |  segment 0  |  segment 1  |      segment 2, not full     |
 *   index   |   a piece   |   a piece   | slice | slice |  no piece yet |
 *   search  |  rows say which lines to read     | every line is read    |
 *
 * The index proposes, the log disposes: a piece only says which entries may match. Their lines are
 * read from the log and matched, and where there is no piece, or none that can be believed, every
 * line is. So an answer never holds what the log does not, and whether there is an index changes
 * how long an answer takes. What only a whole piece can hide: an entry that it ought to propose. A
 * piece is bound to its last line's leaf hash, and its pages have checksums, so a log that was cut,
 * replaced or grown anew and a file that was damaged lead to another piece; against somebody who
 * forges a piece on purpose, take it away: it holds nothing that the log does not.
 *
 * census.h counts what happened, for reports.
 *
 * A piece is one SQLite database, written once, by whoever asks first and finds it missing: nobody
 * who appends to the log waits for it, and readers of pieces take no lock. Bytes are described in
 * docs/formats/index.md.
 */
#ifndef TRAMMEL_INDEX_H
#define TRAMMEL_INDEX_H

#include "engine/audit/audit.h"
#include "engine/index/census.h"

/* --- filters --- */

enum filter_name {
	FILTER_AGENT, FILTER_TOOL, FILTER_RESOURCE, FILTER_SESSION, FILTER_TRACE, FILTER_RULE,
	FILTER_STAGE, FILTER_NAMES
};

/* What is wanted of an entry; all of it must hold. A zeroed one wants nothing but `until_ns`. */
struct filter {
	struct str names[FILTER_NAMES];       /* patterns (base/match.h); ptr NULL: any, or none */
	bool by_kind, by_effect;
	enum entry_kind kind;
	enum effect effect;                   /* of its decision */
	int64_t since_ns, until_ns;           /* both included */
	struct str outcome;                   /* an action whose outcome has this status */
	struct str text;                      /* stands in a text of it; see filter_matches */
};

/* Wants nothing: every entry matches. */
struct filter filter_any(void);

/* --- the index of a log --- */

struct index;

/* What bringing it up to date did. */
struct index_work {
	uint64_t made_entries, made_pieces, dropped_pieces;
	enum err failed;                      /* OK: it is up to date */
	struct note why;                      /* it is not */
};

/*
 * Opened for asking. Where pieces are missing they are made, unless another process is about it or
 * it cannot be done: then `work->failed` says why, and answers take longer. `anew`: every piece is
 * made again, and ERR_LOCKED is an error. The world and the paths outlive it; `origin` too.
 */
enum err index_open(struct world *w, const char *log_folder, const char *index_folder,
		    struct str origin, bool anew, struct index_work *work, struct index **ret,
		    struct note *n) NODISCARD;
/* Safe on NULL. */
void index_close(struct index *x);

/* Whole entries of the log, those behind the checkpoint included. */
uint64_t index_end(const struct index *x);
/* Time of the last entry; 0 when there is none. */
int64_t index_newest_ns(const struct index *x);
/* Look for entries that came since. */
enum err index_refresh(struct index *x, struct note *n) NODISCARD;

/* --- cursors --- */

/*
 * Where to go on. Bound to log, filter and order, so it is refused for another question; it stays
 * good while the log grows.
 */
struct cursor {
	uint64_t at;                 /* next entry to look at, or the one behind it, newest first */
	int64_t newest_ns;           /* what relative times were counted from */
	uint64_t tag;
};

#define CURSOR_BYTES 64
/* "q1." and three numbers. ERR_SYNTAX. */
enum err cursor_read(struct str text, struct cursor *ret, struct note *n) NODISCARD;
void cursor_write(struct buf *b, const struct cursor *c);

/* --- searches --- */

struct search;

struct search_order {
	struct filter filter;                 /* its texts outlive the search */
	bool newest_first;
	int64_t newest_ns;                    /* for the cursor; else 0 */
	const struct cursor *from;            /* NULL: from the start, or the end */
};

struct hit {
	struct str line;                      /* as it stands in the log */
	const struct entry *entry;            /* the same, read */
};

/* Opens nothing for long: the index outlives it. ERR_RANGE: the cursor is of another question. */
enum err search_open(struct index *x, const struct search_order *order, struct search **ret,
		     struct note *n) NODISCARD;
/* Safe on NULL. */
void search_close(struct search *s);
/*
 * The next entry that matches, in the order of the log or against it; line.ptr NULL at the end.
 * Borrowed until the next call. ERR_TAMPERED names an entry of the log that is none.
 */
enum err search_next(struct search *s, struct hit *ret, struct note *n) NODISCARD;
/* Goes on behind what was given last. */
struct cursor search_cursor(const struct search *s);

#endif
