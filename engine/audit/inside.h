/*
 * inside: what the files of the log share. A log has a place (folder and geometry), its tree has
 * tiles, and its segments are read by one reader; writer, verifier and prover are built of these
 * three.
 *
 * The `_at` functions are the public ones with the place given, so that tests can work with short
 * segments; the geometry of a log is not stored anywhere, it is part of the format.
 */
#ifndef TRAMMEL_AUDIT_INSIDE_H
#define TRAMMEL_AUDIT_INSIDE_H

#include "engine/audit/entry.h"
#include "engine/audit/log_check.h"
#include "engine/audit/log_seal.h"
#include "engine/audit/log_turn.h"
#include "engine/audit/published.h"
#include "engine/audit/succession.h"
#include "engine/audit/tlog_tiles.h"
#include "engine/base/limits.h"

/* --- log_place: where things are --- */
#define LOG_CHECKPOINT_ARENA (LIMIT_NOTE_BYTES + (64u << 10))    /* for log_checkpoint_at */
#define LOG_PUBLISH_ROUNDS 64        /* a writer that outruns this many readings of small files */

struct log_place {
	struct world *w;
	uint64_t segment_entries;    /* LOG_SEGMENT_ENTRIES, but in tests and where published */
	bool published;              /* entries lie in bundles, not in segments, and there are */
	uint64_t size;               /* so many of them */
	char folder[LIMIT_PATH_BYTES];
};

enum err log_place_init(struct log_place *p, struct world *w, const char *folder) NODISCARD;
/* The whole path of a name such as "checkpoint" or "tile/0/000". */
enum err log_place_path(const struct log_place *p, const char *name,
			char path[LIMIT_PATH_BYTES]) NODISCARD;
void log_place_segment(uint64_t number, char name[LOG_NAME_BYTES]);
void log_place_sealed(uint64_t number, char name[LOG_NAME_BYTES]);
/*
 * The number of a segment from its file name without folder, and whether that is the name of a
 * sealed one; false when it is no such name.
 */
bool log_place_segment_number(struct str name, uint64_t *ret, bool *sealed);
/*
 * Passes `e` on. Inside, notes name files below the log's folder; who called from outside is told
 * the whole path.
 */
enum err log_place_told(const struct log_place *p, enum err e, struct note *n);
/* Segment and line of an entry. */
void log_place_entry(const struct log_place *p, uint64_t index, struct note *n);
enum err log_place_kind(const struct log_place *p, const char *name,
			enum world_kind *ret) NODISCARD;
/* Open for reading; what is there but is not a plain file is ERR_TAMPERED, with a note. */
enum err log_place_open(const struct log_place *p, const char *name, int *ret,
			struct note *n) NODISCARD;
/* ERR_TAMPERED, with a note: of the folders on the way to a file one is a link, or no folder. */
enum err log_place_way(const struct log_place *p, const char *name, struct note *n) NODISCARD;
/*
 * Open for writing, made with its folders when missing; a folder that is new is durable.
 * ERR_TAMPERED as above.
 */
enum err log_place_make(const struct log_place *p, const char *name, int *ret) NODISCARD;
/* Hold the log until the descriptor is closed. ERR_LOCKED, ERR_NOT_FOUND. */
#define LOG_LOCK "lock"              /* for writing */
#define LOG_UPKEEP "upkeep"          /* for sealing and publishing, which go on beside a writer */
enum err log_place_lock(const struct log_place *p, const char *name, int *ret) NODISCARD;

/* --- log_turn: what a writer who lets go leaves in the file of the lock --- */
struct log_ticket {
	bool left;
	unsigned char bytes[16];
};

/* The lock is held as descriptor `lock`. */
void log_ticket_leave(const struct log_place *p, int lock, struct log_ticket *ret);
/* Nobody's ticket holds any more. */
enum err log_ticket_void(const struct log_place *p, int lock) NODISCARD;
bool log_ticket_holds(const struct log_place *p, int lock, const struct log_ticket *ticket);

/* --- tiles: the tree on disk (c2sp.org/tlog-tiles) --- */
/*
 * The tiles on the right edge of a tree: rows[L] holds the hashes of the one tile of level L that
 * is not full yet. That is all that is needed to append, and all of the root: the compact range in
 * units of tiles.
 */
struct tiles {
	uint64_t size;
	struct digest rows[TILE_LEVELS][TILE_WIDTH];
};

/* Hears of every tile as it fills, lower levels first. */
typedef enum err (*tiles_full)(void *self, unsigned level, uint64_t index,
			       const struct digest *hashes);

void tiles_init(struct tiles *t);
/* `full` may be NULL. Its failure is passed on and leaves the tree unfit for use. */
enum err tiles_add(struct tiles *t, const struct digest *leaf, tiles_full full,
		   void *self) NODISCARD;
/* A whole tile of leaves by its root, to a tree of whole tiles. `full` hears of higher ones. */
enum err tiles_add_tile(struct tiles *t, const struct digest *root, tiles_full full,
			void *self) NODISCARD;
void tiles_leaves_root(const struct digest leaves[TILE_WIDTH], struct digest *ret);
void tiles_root(const struct tiles *t, struct digest *ret);
/* Exactly this tile. ERR_NOT_FOUND, ERR_TAMPERED when it is no plain file or not of its size. */
enum err tiles_read(const struct log_place *p, unsigned level, uint64_t index, unsigned width,
		    struct digest *hashes, struct note *n) NODISCARD;
/* Written, not synced; folders are made as needed. */
enum err tiles_write(const struct log_place *p, unsigned level, uint64_t index, unsigned width,
		     const struct digest *hashes) NODISCARD;
/* Right edge of a tree of `size` leaves from its tiles; the caller compares the root. */
enum err tiles_load(const struct log_place *p, uint64_t size, struct tiles *t) NODISCARD;
/*
 * Write the partial tiles of `t` and make every tile durable that a tree of `from` leaves did not
 * have.
 */
enum err tiles_publish(const struct log_place *p, const struct tiles *t, uint64_t from) NODISCARD;
/*
 * Remove the partial tiles of a tree of `from` leaves that one of `to` leaves does without. What
 * fails stays.
 */
void tiles_sweep(const struct log_place *p, uint64_t from, uint64_t to);

/* Nodes out of stored tiles, one tile per level held. */
struct tiles_cache {
	const struct log_place *place;
	uint64_t size;               /* of the tree whose tiles are meant */
	const struct tiles *edge;    /* its partial tiles where they are in memory, or NULL */
	bool held[TILE_LEVELS];
	uint64_t index[TILE_LEVELS];
	struct digest hashes[TILE_LEVELS][TILE_WIDTH];
};

void tiles_cache_init(struct tiles_cache *c, const struct log_place *p, uint64_t size);
/* The right edge of that tree, as loaded at once with its checkpoint; borrowed. */
void tiles_cache_edge(struct tiles_cache *c, const struct tiles *edge);
enum err tiles_cache_node(struct tiles_cache *c, unsigned level, uint64_t index,
			  struct digest *ret) NODISCARD;
/* Does this leaf, as entry `index`, lead to the root by stored tiles only? */
bool tiles_cache_leads(struct tiles_cache *c, const struct digest *leaf, uint64_t index,
		       const struct digest *root);

/* --- log_segment: the one door to lines, in whatever form they lie --- */
struct sealed;

/*
 * A segment as the lines it holds, each with its LF, whether it is plain, sealed, or (in a
 * published log) an entry bundle. With fd < 0 and nothing `whole` none is open.
 */
struct segment {
	const struct log_place *place;
	uint64_t number;
	int fd;                      /* of a plain one */
	bool whole;                  /* sealed or a bundle: all of its lines are there */
	struct sealed *sealed;       /* NULL until there was one; kept for the next */
	struct buf held;             /* lines of one frame, or of the bundle */
	uint64_t held_at;            /* where they begin in the segment */
};

void segment_init(struct segment *s, const struct log_place *p);
void segment_fini(struct segment *s);
/* The file that holds a segment or would, for reading and for messages. */
void segment_name(const struct log_place *p, uint64_t number, char name[LOG_NAME_BYTES]);
/* Is there a sealed one, whether it counts or not? */
bool segment_is_sealed(const struct log_place *p, uint64_t number);
/* A plain segment goes before a sealed one. ERR_NOT_FOUND, ERR_TAMPERED. */
enum err segment_open(struct segment *s, uint64_t number, struct note *n) NODISCARD;
bool segment_is_open(const struct segment *s);
void segment_close(struct segment *s);
/* Bytes from `at` on; 0 of them only at the end. */
enum err segment_read(struct segment *s, uint64_t at, char *bytes, size_t room, size_t *got,
		      struct note *n) NODISCARD;
/*
 * The nearest line up to `line` of which it is known where it begins, counted from 0 like `*at`.
 */
uint64_t segment_near(const struct segment *s, uint64_t line, uint64_t *at);
/* How many lines from this one on lie in one piece? */
uint64_t segment_piece(const struct segment *s, uint64_t line);
/* Does this line begin here, as far as is known? */
bool segment_fits(const struct segment *s, uint64_t line, uint64_t at);

/* --- log_reader --- */
enum err log_reader_open_at(const struct log_place *p, uint64_t from, uint64_t end,
			    struct log_reader **ret, struct note *n) NODISCARD;

/* --- log_ahead: whole segments verified, two at a time --- */
struct log_sum {
	bool good;                   /* every line and every tile of leaves is as it should be */
	uint64_t bytes, actions, allowed, refused;
	size_t tiles, turns;         /* rotations of the log's key, all of which it lists */
	struct digest roots[LOG_SEGMENT_ENTRIES / TILE_WIDTH];   /* of these tiles */
};

struct log_ahead;

/* Segments from `first` to `end`, at least two, of whole tiles. All outlives the handle. */
enum err log_ahead_open(const struct log_place *p, struct str origin,
			const struct succession *keys, uint64_t first, uint64_t end,
			struct log_ahead **ret) NODISCARD;
/* The next segment's, the caller's until the next call; NULL behind the last. */
const struct log_sum *log_ahead_next(struct log_ahead *a);
/* Safe on NULL. */
void log_ahead_close(struct log_ahead *a);

/* --- log_pen: lines into segments --- */
struct log_pen {
	const struct log_place *place;
	int fd;                      /* of the segment being written; -1: not open */
	uint64_t number, offset;     /* of that segment, and where its next line goes */
	uint64_t end;                /* of its file: `offset`, or behind it where there is room */
	uint64_t unsynced;           /* the first segment that may hold bytes not durable yet */
	unsigned commits;            /* that synced; counted until there are enough for room */
	uint64_t written;            /* bytes of lines in its life, by which room is measured */
	bool dirty, new_names;       /* bytes, names handed to the system since the last sync */
	struct buf pending;
};

/* ERR_MEMORY; log_pen_fini is due in any case. */
enum err log_pen_init(struct log_pen *p, const struct log_place *place) NODISCARD;
/* What was not committed is lost; room stays, as after a crash. */
void log_pen_fini(struct log_pen *p);
/* The next line goes there, where the segment ends. */
void log_pen_stand(struct log_pen *p, uint64_t number, uint64_t offset);
/* Do the lines it holds leave it before one of `len` bytes, entry `index`, is added? */
bool log_pen_full(const struct log_pen *p, uint64_t index, size_t len);
/* The line of entry `index`, the one behind the last; `held` lies in the pen while it does. */
enum err log_pen_add(struct log_pen *p, uint64_t index, struct str line,
		     struct str *held) NODISCARD;
/*
 * All lines go to the system, with `push` also on their way to the disk. They lie in the pen until
 * the next one is added.
 */
enum err log_pen_flush(struct log_pen *p, bool push) NODISCARD;
/* What went to the system is durable. */
enum err log_pen_sync(struct log_pen *p) NODISCARD;
/* Take the room back, not durably. */
enum err log_pen_trim(struct log_pen *p) NODISCARD;

/* --- the public calls with the place given --- */
enum err log_create_at(const struct log_place *p, struct str origin,
		       const struct sign_key *key) NODISCARD;
enum err log_open_at(const struct log_place *p, struct str origin, const struct sign_key *key,
		     struct log **ret, struct note *n) NODISCARD;
enum err log_checkpoint_at(const struct log_place *p, const struct note_key *keys, size_t key_count,
			   struct arena *a, struct str *note_text, struct checkpoint *ret,
			   struct note *n) NODISCARD;
/* Signed by the key that is in force at its size. */
enum err log_checkpoint_by(const struct log_place *p, const struct succession *keys,
			   struct arena *a, struct str *note_text, struct checkpoint *ret,
			   struct note *n) NODISCARD;
enum err log_succession_at(const struct log_place *p, const struct note_key *trusted,
			   size_t trusted_count, struct arena *a, struct succession *ret,
			   struct note *n) NODISCARD;
enum err log_list_rotations_at(const struct log_place *p, uint64_t end, struct buf *ret,
			       struct note *n) NODISCARD;
enum err log_seal_at(const struct log_place *p, const struct note_key *keys, size_t key_count,
		     struct log_seal_report *ret, struct note *n) NODISCARD;
enum err published_update_at(const struct log_place *log, const char *folder,
			     const struct note_key *keys, size_t key_count,
			     struct published_report *ret, struct note *n) NODISCARD;
enum err log_verify_at(const struct log_place *p, struct str origin, const struct note_key *keys,
		       size_t key_count, const struct log_demand *demand, struct log_report *ret,
		       struct note *n) NODISCARD;
enum err log_prove_at(const struct log_place *p, uint64_t index, const struct note_key *keys,
		      size_t key_count, struct buf *out, struct note *n) NODISCARD;
enum err log_prove_consistency_at(const struct log_place *p, uint64_t size1, uint64_t size2,
				  const struct note_key *keys, size_t key_count,
				  struct digest *proof, size_t *count, struct note *n) NODISCARD;

/* --- window: pieces of packs in memory --- */
#define WINDOWS 2

struct window {
	uint64_t file, at;           /* where its bytes are from */
	uint64_t last_end;           /* where the last read through it ended */
	struct buf bytes;
};

struct windows {
	struct world *w;
	struct window window[WINDOWS];
	unsigned last;               /* the one used last */
};

void windows_init(struct windows *v, struct world *w);
void windows_fini(struct windows *v);
/* What was read may have changed since. */
void windows_forget(struct windows *v);
/*
 * `len` (at most LIMIT_REDACTED_BYTES) bytes of file number `file`, which is open as `fd`; borrowed
 * until the next call. ERR_TRUNCATED when the file ends before.
 */
enum err windows_read(struct windows *v, uint64_t file, int fd, uint64_t at, size_t len,
		      const unsigned char **ret) NODISCARD;
/*
 * The bytes behind the last read through window `i`: what is likely to be asked for next. NULL
 * unless they are of this file and in memory.
 */
const unsigned char *windows_behind(const struct windows *v, unsigned i, uint64_t file, size_t len,
				    uint64_t *at);

/* --- blob --- */
struct blob_shape {
	uint64_t pack_bytes;         /* LIMIT_PACK_BYTES and LIMIT_PACK_RECORDS, but in tests */
	uint32_t pack_records;
};

struct blob_store;
enum err blob_open_shaped(struct world *w, const char *folder, bool write, struct blob_shape shape,
			  struct blob_store **ret, struct note *n) NODISCARD;

/* --- entry: two readers of a line of bounded size --- */
/* By tables: every entry there is, and every fault has a story. */
enum err entry_table_read(struct str line, struct arena *a, struct entry *ret,
			  struct note *n) NODISCARD;
/*
 * Quickly: lines as they usually are. ERR_UNKNOWN for others, which says nothing of them. Places in
 * `data` count from its start.
 */
enum err entry_line_read(struct str line, struct arena *a, struct entry *ret) NODISCARD;

#endif
