/* inside: what the files of engine/index share. */
#ifndef TRAMMEL_INDEX_INSIDE_H
#define TRAMMEL_INDEX_INSIDE_H

#include "engine/base/limits.h"
#include "engine/index/index.h"

/* --- probe: a text looked for in others, as ASCII letters of either case --- */

struct probe {
	struct str needle;                    /* folded, 1 to LIMIT_QUERY_BYTES bytes */
	uint16_t skip[256];
};

/* The needle's copy is in the arena. ERR_LIMIT, ERR_RANGE for an empty one; ERR_MEMORY. */
enum err probe_init(struct probe *p, struct str needle, struct arena *a) NODISCARD;
bool probe_hits(const struct probe *p, struct str text);

/* --- filter --- */

/* The filter made ready to be asked of many entries. */
struct sieve {
	struct filter filter;
	struct probe text, raw;               /* `raw`: as the text stands in a line */
};

enum err sieve_init(struct sieve *s, const struct filter *f, struct arena *a) NODISCARD;
/* A look before the line is read: false when it cannot match. */
bool sieve_may_pass(const struct sieve *s, struct str line);
/*
 * Everything but the outcome, which is another entry's. The text may stand in names, reasons,
 * errors and obligations of the decision, and in texts of `data`, but not in digests and names of
 * members.
 */
bool sieve_passes(const struct sieve *s, const struct entry *e);
/* The name of an entry that a filter is about; ptr NULL: it has none. */
struct str filter_name_of(const struct entry *e, enum filter_name name);
/* True for a pattern that only matches itself. */
bool filter_is_plain(struct str pattern);
/* Status and action of an outcome's entry; false for others. */
bool filter_outcome(const struct entry *e, struct str *status, uint64_t *of);

/* --- cursor --- */

uint64_t cursor_tag(const struct cursor *c, struct str origin, const struct search_order *order);

/* --- lines: entries of the log by number --- */

struct lines {
	struct world *w;
	const char *folder;
	struct str origin;
	struct log_reader *reader;            /* NULL, or next to give is `next` */
	uint64_t next;
};

void lines_init(struct lines *l, struct world *w, const char *folder, struct str origin);
void lines_fini(struct lines *l);
/*
 * The line of an entry, borrowed until the next call; ptr NULL behind the end. `spot`, where it or
 * one before it in its segment begins, may be NULL. Asking in the order of the log is cheap.
 */
enum err lines_get(struct lines *l, uint64_t seq, const struct log_spot *spot,
		   struct str *ret) NODISCARD;
/* Read it; ERR_TAMPERED when it is not this entry of this log. */
enum err lines_read(const struct lines *l, uint64_t seq, struct str line, struct arena *a,
		    struct entry *ret, struct note *n) NODISCARD;

/* --- piece: the index of some entries in a row --- */

#define PIECE_SLICE 4096u                     /* entries of a piece of a segment that is not full */
#define PIECE_MARK 16u                        /* of so many entries one has its spot */
#define PIECE_NAME_BYTES 32

_Static_assert(LOG_SEGMENT_ENTRIES % PIECE_SLICE == 0 && PIECE_SLICE % PIECE_MARK == 0,
	       "slices fill segments, and each begins with a mark");

struct span {
	uint64_t first, count;
};

/* What a piece says of itself. */
struct piece_face {
	int64_t oldest_ns, newest_ns;
	struct digest leaf;                   /* of its last entry */
	uint64_t began, ended;                /* bytes into the segment, of all its lines */
};

struct piece;

/* "00000002.sqlite", or "00000002-05.sqlite" for a slice. */
void piece_name(struct span span, char name[PIECE_NAME_BYTES]);
/* The span from a file's name; false when it is none. */
bool piece_span(struct str name, struct span *ret);

/*
 * Make the file at `path`, which must not be there, of entries of the log; durable when it returns.
 * ERR_NOT_FOUND: the log ends before; what was made has to be removed after any error.
 */
enum err piece_make(struct world *w, const char *path, struct lines *lines, struct span span,
		    const struct log_spot *spot, struct note *n) NODISCARD;
/* ERR_TAMPERED when it is not the piece of this span of this log. */
enum err piece_open(struct world *w, const char *path, struct str origin, struct span span,
		    struct piece **ret) NODISCARD;
void piece_close(struct piece *p);
const struct piece_face *piece_face(const struct piece *p);
/* The mark at or before an entry. */
enum err piece_spot(struct piece *p, uint64_t seq, struct log_spot *ret) NODISCARD;
/* Which entries of [from, end) may match? Rows come by piece_next. */
enum err piece_ask(struct piece *p, const struct filter *f, uint64_t from, uint64_t end,
		   bool newest_first) NODISCARD;
/* `*more` false: there is none. Strictly in order, within what was asked for. */
enum err piece_next(struct piece *p, uint64_t *seq, bool *more) NODISCARD;
/* Outcomes of that status: their entries, each with its action, in the order of the log. */
enum err piece_ask_outcomes(struct piece *p, struct str status) NODISCARD;
enum err piece_next_outcome(struct piece *p, uint64_t *seq, uint64_t *of, bool *more) NODISCARD;

/* --- shelf: the pieces of a log, and the log's end --- */

struct shelf_piece {
	struct span span;
	bool gone;                            /* was not to be believed */
};

struct index {
	struct world *w;
	const char *log_folder, *folder;
	struct str origin;
	struct shelf_piece *pieces;           /* by first entry, none within another */
	size_t count, room;
	struct lines lines;
	struct log_spot tail;                 /* near the end of the last piece */
	struct log_spot end;                  /* behind the last whole line */
	int64_t newest_ns;
};

/* The piece that holds an entry; NULL: there is none. */
struct shelf_piece *shelf_find(struct index *x, uint64_t seq);
/* First entry from `seq` on that a piece holds, or index_end. */
uint64_t shelf_gap_end(const struct index *x, uint64_t seq);
/* Behind the last entry before `seq` that a piece holds, or 0. */
uint64_t shelf_gap_begin(const struct index *x, uint64_t seq);
/* Open it, and see that its last line is the log's. ERR_TAMPERED: it has to be dropped. */
enum err shelf_open_piece(struct index *x, const struct shelf_piece *s,
			  struct piece **ret) NODISCARD;
/* Not to be asked again; the file goes, if it may. */
void shelf_drop(struct index *x, struct shelf_piece *s, enum err why);

#endif
